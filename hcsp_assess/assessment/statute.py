"""Does the report hold what the law asks of it? Each section is tagged; a letter without anything is named.

The law's items are reviewed data (`definitions/statute.toml`), and only a summary of the law; docs/statute.md. Wales
has Regulations of its own, and what the strategies of a partnership are for depends on the year of the edition.
"""

import datetime
import tomllib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources

import pandas as pd

from hcsp_assess.errors import InputError
from hcsp_assess.sources.texts import Signed, TextFolder, place, signed_of, text_of

ASSESSMENT, PLAN = "6", "11"
ENGLAND = "England"
COLUMNS = ("Letter", "What is asked, in summary", "Where it is answered")
#: A reason of fewer characters than this says nothing.
REASON_FROM = 20
#: Where a letter points whose chapters have nothing to show.
NOT_COVERED = "See “What this edition does not cover”"


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


@dataclass(frozen=True)
class StrategySubject:
    """One thing that a partnership must have a strategy for, under section 6 of the Crime and Disorder Act 1998.

    Attributes
    ----------
    short, asks : str
        A heading, and what is asked, in summary: never to be printed as the law's own words.
    since : datetime.date or None
        First day on which it was in force; None for what was there before any edition.
    chapters : tuple of str
        Notebooks that answer it.
    """

    key: str
    short: str
    asks: str
    since: datetime.date | None
    chapters: tuple[str, ...]


def requirements(regulation: str = ASSESSMENT, country: str = ENGLAND) -> tuple[Requirement, ...]:
    """What a regulation asks for in a country, in its order; `InputError` for one that is not in the definitions."""
    found = _statute(country).get(regulation)
    if found is None:
        known = ", ".join(_statute(country))
        raise InputError(f"definitions/statute.toml has no regulation {regulation!r}; it has {known}")
    return found


def notice(country: str = ENGLAND) -> str:
    """What is printed under the list wherever it is shown; Wales has Regulations of its own."""
    return str(_law(country)["notice"])


def instrument(country: str = ENGLAND) -> str:
    """The Regulations of a country, such as "SI 2007/1830"."""
    return str(_law(country)["instrument"])


def county_notice() -> str:
    """What is printed on a county's page about the law: that there is a county agreement, and where to check."""
    county: Mapping[str, str] = _definitions()["county"]  # type: ignore[assignment]
    return county["notice"]


def strategy_subjects(day: datetime.date) -> tuple[StrategySubject, ...]:
    """What a partnership must have a strategy for on a day.

    Parameters
    ----------
    day : datetime.date
        For an edition, the last day of its period.

    Examples
    --------
    >>> [subject.key for subject in strategy_subjects(datetime.date(2012, 12, 31))]
    ['crime_and_disorder', 'substance_misuse', 'reoffending']
    >>> strategy_subjects(datetime.date(2025, 12, 31))[-1].short
    'Serious violence'
    """
    return tuple(item for item in _subjects() if item.since is None or item.since <= day)


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
        One entry for each chapter; a chapter without tags answers none.
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
        where = place(texts, "nothing_to_report.toml", "statement", number, entry)
        regulation = text_of(where, entry, "regulation", ASSESSMENT)
        letter, because = text_of(where, entry, "letter"), text_of(where, entry, "because")
        check_letters(where, [letter], regulation)
        if len(because) < REASON_FROM:
            told = "complete the sentence: nothing to report because ..."
            raise InputError(f"{where}: {because!r} is no reason; {told}")
        found.append(NothingToReport(letter, because, signed_of(where, entry, file.get("signed")), regulation))
    return tuple(found)


def draft_letters(texts: TextFolder) -> tuple[str, ...]:
    """Return the letters on which an edition has statements that are still drafts."""
    entries = texts.drafts.read("nothing_to_report.toml").get("nothing", [])
    return tuple(str(entry.get("letter", "")) for entry in entries)


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
    country: str = ENGLAND,
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
    country : str
        "England" or "Wales".

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
    return [item.letter for item in requirements(regulation, country) if item.letter not in answered]


def require_statute(
    chapters: Mapping[str, Sequence[str]],
    statements: Sequence[NothingToReport] = (),
    *,
    empty: Collection[str] = (),
    regulation: str = ASSESSMENT,
    country: str = ENGLAND,
    drafts: Collection[str] = (),
) -> None:
    """Refuse a report that has nothing under a letter; arguments as in `check_statute`.

    Parameters
    ----------
    drafts : collection of str
        Letters of statements that are still drafts (`draft_letters`), to be named.

    Raises
    ------
    InputError
        Naming every letter that is missing, what it asks for, and the two ways to fix it.
    """
    missing = check_statute(chapters, statements, empty=empty, regulation=regulation, country=country)
    if not missing:
        return
    asked = {item.letter: item.asks for item in requirements(regulation)}
    named = "; ".join(f"({letter}) {asked[letter]}" for letter in missing)
    hollow = sorted(set(empty) & set(chapters))
    shown = f" Chapters that show nothing: {', '.join(hollow)}." if hollow else ""
    unready = sorted(set(drafts) & set(missing))
    shown += f" Drafts do not count: the statement on ({'), ('.join(unready)}) is not reviewed yet." if unready else ""
    raise InputError(
        f"the report has nothing under regulation {regulation} {named}.{shown} Tag a chapter with the letter in the "
        f"edition's definition file, or state in the folder nothing-to-report why there is nothing to report "
        f"(docs/texts.md)."
    )


def statute_table(
    chapters: Mapping[str, Sequence[str]],
    statements: Sequence[NothingToReport] = (),
    *,
    titles: Mapping[str, str] | None = None,
    regulation: str = ASSESSMENT,
    left_out: Mapping[str, Sequence[str]] | None = None,
    country: str = ENGLAND,
) -> pd.DataFrame:
    """Where each letter is answered: "Letter", "What is asked, in summary", "Where it is answered".

    Parameters
    ----------
    left_out : mapping of str to sequence of str, optional
        Chapters that the report leaves out, with the letters that they would answer: a letter that no other chapter
        answers points to the table of what the edition does not cover.
    """
    missing = {letter for letters in (left_out or {}).values() for letter in letters}
    rows = []
    for item in requirements(regulation, country):
        names = [(titles or {}).get(name, name) for name, letters in chapters.items() if item.letter in letters]
        said = [
            f"Nothing to report because {statement.because} ({statement.signed.words})"
            for statement in statements
            if statement.letter == item.letter and statement.regulation == regulation
        ]
        if not names and item.letter in missing and "intake" in chapters:
            said.append(NOT_COVERED)
        where = ". ".join([", ".join(names), *said] if names else said) or "nowhere"
        name = f"({item.letter}) {item.short}" if regulation == ASSESSMENT else item.short
        rows.append((name, item.asks, where))
    return pd.DataFrame(rows, columns=list(COLUMNS))


def strategy_table(
    chapters: Collection[str], day: datetime.date, *, titles: Mapping[str, str] | None = None
) -> pd.DataFrame:
    """Where each subject of a strategy is answered on a day, in the columns of `statute_table`.

    Parameters
    ----------
    chapters : collection of str
        Notebooks of the edition.
    day : datetime.date
        Last day of the edition's period.

    Notes
    -----
    A subject without a chapter is named as not covered and does not stop a report: the law asks for a strategy on it,
    and the assessment can say in its list of what it does not cover who holds the figures.
    """
    rows = []
    for item in strategy_subjects(day):
        names = [(titles or {}).get(name, name) for name in item.chapters if name in chapters]
        rows.append((f"Strategy: {item.short}", item.asks, ", ".join(names) or "not covered in this edition"))
    return pd.DataFrame(rows, columns=list(COLUMNS))


@cache
def _definitions() -> dict[str, object]:
    file = resources.files("hcsp_assess") / "definitions" / "statute.toml"
    return tomllib.loads(file.read_text(encoding="utf-8"))


@cache
def _statute(country: str) -> dict[str, tuple[Requirement, ...]]:
    regulations: list[dict[str, object]] = _definitions()["regulation"]  # type: ignore[assignment]
    return {
        str(entry["number"]): tuple(
            Requirement(str(entry["number"]), item["letter"], item["short"], _asks(item, country))
            for item in entry["item"]  # type: ignore[attr-defined]
            if country not in item.get("not_in", ())
        )
        for entry in regulations
    }


def _asks(item: Mapping[str, str], country: str) -> str:
    """What an item asks, in the words of the country's own Regulations where those are known to differ."""
    return item.get(f"asks_in_{country.lower()}", item["asks"])


def _law(country: str) -> Mapping[str, str]:
    laws: Mapping[str, Mapping[str, str]] = _definitions()["law"]  # type: ignore[assignment]
    if country not in laws:
        raise InputError(f"definitions/statute.toml has no law of {country!r}; it has {', '.join(laws)}")
    return laws[country]


@cache
def _subjects() -> tuple[StrategySubject, ...]:
    entries: list[dict[str, object]] = _definitions()["strategy"]  # type: ignore[assignment]
    return tuple(
        StrategySubject(
            key=str(entry["key"]),
            short=str(entry["short"]),
            asks=str(entry["asks"]),
            since=entry.get("since"),  # type: ignore[arg-type]
            chapters=tuple(entry["chapters"]),  # type: ignore[arg-type]
        )
        for entry in entries
    )
