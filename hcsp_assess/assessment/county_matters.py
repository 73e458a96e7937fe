"""What a partnership brings to the attention of its county's strategy group: reviewed text, each with its evidence."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from hcsp_assess.assessment.statute import ASSESSMENT, ENGLAND, NothingToReport, requirements
from hcsp_assess.errors import InputError, did_you_mean
from hcsp_assess.sources.texts import (
    Signed,
    TextFolder,
    check_unique,
    place,
    place_of_kind,
    signed_of,
    text_of,
    texts_of,
)
from hcsp_assess.subject.county_themes import check_theme

FILE = "county_matters.toml"
#: The letter of the law's list that matters for the county answer, in summary.
LETTER = "g"
#: Chapters that can show them: the first of these that an edition has.
SHOWN_IN = ("priorities", "summary")


@dataclass(frozen=True)
class Matter:
    """Something that the partnership asks the county's strategy group to look at.

    Attributes
    ----------
    key, theme : str
        Its name in the edition, and its subject: a key of `subject.county_themes`.
    text, because : str
        The matter in a sentence, and why it is one for the county.
    findings : tuple of str
        Keys of the edition's findings that it rests on; at least one.
    """

    key: str
    theme: str
    text: str
    because: str
    findings: tuple[str, ...]
    signed: Signed


def parse_matters(texts: TextFolder, known: Collection[str] | None = None) -> tuple[Matter, ...]:
    """Parse an edition's matters for the county from `county_matters.toml`; nothing where there is no such file.

    Parameters
    ----------
    known : collection of str, optional
        Keys of the edition's findings; those that a matter rests on are checked against them.

    Raises
    ------
    InputError
        If a matter has no key, subject, text, reason, role or date, its subject is not in the list, it names no
        finding, or it names one that the edition does not have (with the nearest).
    """
    file = texts.read(FILE)
    found = []
    for number, entry in enumerate(file.get("matter", []), start=1):
        where = place(texts, FILE, "matter", number, entry)
        key, theme, text, because = (text_of(where, entry, name) for name in ("key", "theme", "text", "because"))
        check_theme(where, theme)
        findings = texts_of(where, entry, "findings")
        _check_findings(where, findings, known)
        found.append(Matter(key, theme, text, because, findings, signed_of(where, entry, file.get("signed"))))
    check_unique(f"{texts.name}/{FILE}", [item.key for item in found])
    return tuple(found)


def check_matters(
    texts: TextFolder, chapters: Collection[str], statements: Sequence[NothingToReport], country: str = ENGLAND
) -> tuple[Matter, ...]:
    """Parse an edition's matters, and refuse those that it cannot report.

    Parameters
    ----------
    chapters : collection of str
        Notebooks of the edition.
    statements : sequence of NothingToReport
        Its statements that there is nothing to report.
    country : str
        "England" or "Wales".

    Raises
    ------
    InputError
        If the country has no county strategy groups, the edition also states that there is nothing to report to one,
        or no chapter of it can show them; and as `parse_matters`.
    """
    found, where = parse_matters(texts), place_of_kind(texts, "county-matters")
    if not found:
        return ()
    if LETTER not in {item.letter for item in requirements(country=country)}:
        raise InputError(f"{where}: an area in {country} has no county strategy group. Remove the matters")
    if any(item.letter == LETTER and item.regulation == ASSESSMENT for item in statements):
        raise InputError(
            f"{where} has matters for the county, and {place_of_kind(texts, 'nothing-to-report')} states that there "
            f"are none (letter {LETTER}): remove that statement, or the matters"
        )
    if not set(SHOWN_IN) & set(chapters):
        raise InputError(
            f"{where} has matters for the county, and the edition has no chapter that shows them: add the chapter "
            f"{' or '.join(SHOWN_IN)} to its definition"
        )
    return found


def chapter_of_matters(chapters: Collection[str]) -> str:
    """Return the chapter of an edition that shows its matters for the county; "" if it has none that can.

    Examples
    --------
    >>> chapter_of_matters(("summary", "comparison")), chapter_of_matters(("summary", "priorities"))
    ('summary', 'priorities')
    """
    return next((name for name in SHOWN_IN if name in chapters), "")


def with_matters(letters: Mapping[str, tuple[str, ...]], matters: Sequence[Matter]) -> dict[str, tuple[str, ...]]:
    """Return the letters of each chapter, with that of matters for the county where the edition has any.

    Examples
    --------
    >>> with_matters({"priorities": ("d",)}, ())
    {'priorities': ('d',)}
    """
    shown = chapter_of_matters(letters) if matters else ""
    return {name: (*own, LETTER) if name == shown and LETTER not in own else own for name, own in letters.items()}


def _check_findings(where: str, findings: Sequence[str], known: Collection[str] | None) -> None:
    if not findings:
        raise InputError(f'{where} rests on no finding: write findings = ["..."] with a key of findings.json')
    for key in findings if known is not None else ():
        if key not in (known or ()):
            near = did_you_mean(key, known or ()) or " Their keys are in findings.json of the last report."
            raise InputError(f"{where} rests on the finding {key!r}, which this edition does not have.{near}")
