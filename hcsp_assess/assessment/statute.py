"""Does the report hold what the law asks of it? Each section is tagged; a letter without anything is named.

The law's items are reviewed data (`definitions/statute.toml`), and only a summary of the law; docs/statute.md.
"""

import tomllib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources

import pandas as pd

from hcsp_assess.errors import InputError
from hcsp_assess.sources.texts import Signed, TextFolder, signed_of, text_of

ASSESSMENT, PLAN = "6", "11"
#: A reason of fewer characters than this says nothing.
REASON_FROM = 20


@dataclass(frozen=True)
class Requirement:
    """One thing that the law asks for, in summary.

    Attributes
    ----------
    regulation, letter : str
        "6" and "a". The items of regulation 11 have names in place of letters.
    short, asks : str
        A heading, and what is asked, as commonly summarised: never to be printed as the law's own words.
    """

    regulation: str
    letter: str
    short: str
    asks: str


@dataclass(frozen=True)
class NothingToReport:
    """A signed and dated statement that there is nothing to report under a letter, and why.

    Attributes
    ----------
    because : str
        Completes "nothing to report because ...".
    """

    letter: str
    because: str
    signed: Signed
    regulation: str = ASSESSMENT


def requirements(regulation: str = ASSESSMENT) -> tuple[Requirement, ...]:
    """What a regulation asks for, in its order; `InputError` for one that is not in the definitions."""
    found = _statute().get(regulation)
    if found is None:
        raise InputError(f"definitions/statute.toml has no regulation {regulation!r}; it has {', '.join(_statute())}")
    return found


def notice() -> str:
    """What must stand beside the list wherever it is printed."""
    return str(_definitions()["notice"])


def letters_of(chapters: Sequence[str], given: Mapping[str, Sequence[str]] | None = None) -> dict[str, tuple[str, ...]]:
    """The letters of regulation 6 that each chapter answers.

    Parameters
    ----------
    chapters : sequence of str
        Names of notebooks.
    given : mapping of str to sequence of str, optional
        Letters that an edition's definition file gives to a chapter; they win over `[letters]` in statute.toml.

    Returns
    -------
    dict of str to tuple of str
        One entry for each chapter; a chapter that nobody tagged answers none.
    """
    standard: Mapping[str, Sequence[str]] = _definitions()["letters"]  # type: ignore[assignment]
    return {name: tuple((given or {}).get(name, standard.get(name, ()))) for name in chapters}


def parse_statements(texts: TextFolder) -> tuple[NothingToReport, ...]:
    """Parse an edition's statements of "nothing to report because ...", from `nothing_to_report.toml`.

    Raises
    ------
    InputError
        If a statement has no letter that the law has, no reason, no role or no date.
    """
    file = texts.read("nothing_to_report.toml")
    found = []
    for number, entry in enumerate(file.get("nothing", []), start=1):
        where = f"{texts.name}/nothing_to_report.toml, statement {number}"
        regulation = text_of(where, entry, "regulation", ASSESSMENT)
        letter, because = text_of(where, entry, "letter"), text_of(where, entry, "because")
        check_letters(where, [letter], regulation)
        if len(because) < REASON_FROM:
            told = "complete the sentence: nothing to report because ..."
            raise InputError(f"{where}: {because!r} is no reason; {told}")
        found.append(NothingToReport(letter, because, signed_of(where, entry, file.get("signed")), regulation))
    return tuple(found)


def check_letters(where: str, letters: Sequence[str], regulation: str = ASSESSMENT) -> None:
    """Refuse a letter that the regulation does not have; `where` names file and entry."""
    known = [item.letter for item in requirements(regulation)]
    for letter in letters:
        if letter not in known:
            raise InputError(f"{where} has the letter {letter!r}; regulation {regulation} has {', '.join(known)}")


def check_statute(
    chapters: Mapping[str, Sequence[str]],
    statements: Sequence[NothingToReport] = (),
    *,
    empty: Collection[str] = (),
    regulation: str = ASSESSMENT,
) -> list[str]:
    """List the letters under which the report has nothing.

    Parameters
    ----------
    chapters : mapping of str to sequence of str
        Each chapter with the letters that it answers.
    statements : sequence of NothingToReport
        Each counts for its letter.
    empty : collection of str
        Chapters that turned out to show nothing (see `shows_something`); they answer no letter.

    Returns
    -------
    list of str
        Missing letters, in the order of the law; empty when all are answered.

    Raises
    ------
    InputError
        If a chapter claims a letter that there is not.
    """
    for name, letters in chapters.items():
        check_letters(f"chapter {name}", letters, regulation)
    answered = {letter for name, letters in chapters.items() if name not in empty for letter in letters}
    answered |= {item.letter for item in statements if item.regulation == regulation}
    return [item.letter for item in requirements(regulation) if item.letter not in answered]


def require_statute(
    chapters: Mapping[str, Sequence[str]],
    statements: Sequence[NothingToReport] = (),
    *,
    empty: Collection[str] = (),
    regulation: str = ASSESSMENT,
) -> None:
    """Refuse a report that has nothing under a letter; arguments as in `check_statute`.

    Raises
    ------
    InputError
        Naming every letter that is missing, what it asks for, and the two ways to fix it.
    """
    missing = check_statute(chapters, statements, empty=empty, regulation=regulation)
    if not missing:
        return
    asked = {item.letter: item.asks for item in requirements(regulation)}
    named = "; ".join(f"({letter}) {asked[letter]}" for letter in missing)
    hollow = sorted(set(empty) & set(chapters))
    shown = f" Chapters that show nothing: {', '.join(hollow)}." if hollow else ""
    raise InputError(
        f"the report has nothing under regulation {regulation} {named}.{shown} Tag a chapter with the letter in the "
        f"edition's definition file, or state in nothing_to_report.toml why there is nothing to report."
    )


def statute_table(
    chapters: Mapping[str, Sequence[str]],
    statements: Sequence[NothingToReport] = (),
    *,
    titles: Mapping[str, str] | None = None,
    regulation: str = ASSESSMENT,
) -> pd.DataFrame:
    """Where each letter is answered: "Letter", "What is asked, in summary", "Where it is answered"."""
    rows = []
    for item in requirements(regulation):
        names = [(titles or {}).get(name, name) for name, letters in chapters.items() if item.letter in letters]
        said = [
            f"Nothing to report because {statement.because} ({statement.signed.words})"
            for statement in statements
            if statement.letter == item.letter and statement.regulation == regulation
        ]
        where = ". ".join([", ".join(names), *said] if names else said) or "nowhere"
        name = f"({item.letter}) {item.short}" if regulation == ASSESSMENT else item.short
        rows.append((name, item.asks, where))
    return pd.DataFrame(rows, columns=["Letter", "What is asked, in summary", "Where it is answered"])


@cache
def _definitions() -> dict[str, object]:
    file = resources.files("hcsp_assess") / "definitions" / "statute.toml"
    return tomllib.loads(file.read_text(encoding="utf-8"))


@cache
def _statute() -> dict[str, tuple[Requirement, ...]]:
    regulations: list[dict[str, object]] = _definitions()["regulation"]  # type: ignore[assignment]
    return {
        str(entry["number"]): tuple(
            Requirement(str(entry["number"]), item["letter"], item["short"], item["asks"])
            for item in entry["item"]  # type: ignore[attr-defined]
        )
        for entry in regulations
    }
