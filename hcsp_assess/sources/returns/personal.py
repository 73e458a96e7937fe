"""Find personal data before a return is read, and refuse the file without repeating them.

Two kinds of evidence: headings that ask for personal data ("Date of birth", "Victim name"), and values that look like
it whatever the heading says. What a column means decides how strictly: a column of streets holds streets, a column of
references holds numbers, a choice of the definition is what it says. Cover sheets may name a contact, as guidance on
official statistics asks. Only columns of the definition are ever copied; everything else in the file is looked at all
the same, because the file is kept and passed on whole. A refusal that is wrong has a reviewed way
out (`personal_review`).
"""

import datetime as dt
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Final

from hcsp_assess.errors import InputError
from hcsp_assess.sources.returns.dates import to_date
from hcsp_assess.sources.returns.definitions import normalise
from hcsp_assess.sources.returns.personal_columns import (
    ANY,
    LONGEST_HEADING,
    Meaning,
    asked_for,
    may_be_exact,
    meaning_of,
)
from hcsp_assess.sources.returns.personal_covers import CONTACT_KINDS, may_be_cover, without_contact
from hcsp_assess.sources.returns.personal_lists import reviewed
from hcsp_assess.sources.returns.personal_names import names_a_person
from hcsp_assess.sources.returns.personal_patterns import (
    HAS_DIGIT,
    NUMBER_RULES,
    REFERENCE_RULES,
    RULES_WITHOUT_DIGITS,
    VALUE_RULES,
    is_nhs_number,
    ten_digits,
    written_year,
)
from hcsp_assess.sources.returns.sheets import Sheet, Value, address
from hcsp_assess.sources.returns.values import plain
from hcsp_assess.sources.returns.workbook_facts import Fact

OLDEST_EVENT_YEARS: Final = 5  # a date more years older than the newest period of the file is taken for a date of birth
HEADED_ROWS: Final = 20  # rows searched for headings in a sheet that has no table of the return
LONGEST_PART: Final = 20_000  # characters of one cell that are examined at a time


class PersonalDataError(InputError):
    """A return holds personal data: it was not read, and nothing from it may be kept."""


@dataclass(frozen=True)
class Finding:
    """Where personal data were found; never what they were.

    Attributes
    ----------
    kind : str
        "a name of a person", "a date of birth", "an address", ...
    sheet, row, column : int
        Where, from 0; -1 where it is in no cell.
    where : str
        What is no cell, in words: "a comment (cell B2)".
    """

    kind: str
    sheet: int
    row: int
    column: int
    where: str = ""


@dataclass(frozen=True)
class KnownTable:
    """A sheet's table before any of its values is used.

    Attributes
    ----------
    last_heading : int
        Lowest row of its heading, from 0.
    headings : dict
        Heading by column.
    defined : frozenset of int
        Columns that the return's definition has.
    dated : frozenset of int
        Those of them that hold dates or periods.
    newest : int
        Calendar year of the newest date or period in them; 0 for none.
    choices : dict
        Allowed words of a choice, normalised, by column.
    numbers : frozenset of int
        Columns of counts, numbers and percentages.
    """

    last_heading: int
    headings: dict[int, str]
    defined: frozenset[int]
    dated: frozenset[int]
    newest: int
    choices: dict[int, frozenset[str]] = field(default_factory=dict)
    numbers: frozenset[int] = frozenset()


_EVENT = re.compile(
    r"\b(?:dates?|received|closed|opened|reported|recorded|start|end|from|to|when|updated|created|resolved|completed|"
    r"week|month|period|quarter|since|act|regulations?|published|as at|version|census|order|statute|law)\b",
    re.IGNORECASE,
)
_FILE_NAME: Final = (
    "the name of a file from the sender looks like personal data, so the file was not read. Rename it, and "
    "check its contents."
)


def refuse_personal_file_name(file: str) -> None:
    """Stop where the name of a file looks like personal data; `PersonalDataError` doesn't repeat it."""
    if personal_file_name(file):
        raise PersonalDataError(_FILE_NAME)


def personal_file_name(file: str, *, newest: int = 0) -> bool:
    """Return whether the name of a file looks like personal data.

    Parameters
    ----------
    newest : int
        Calendar year of the newest period in the file, with which a date in its name is compared; 0 where not known.

    Examples
    --------
    >>> personal_file_name("marac_john_smith.xlsx"), personal_file_name("marac_2012-13_Q1.xlsx")
    (True, False)
    """
    said = (_stem(file), re.sub(r"[_]+|%20", " ", _stem(file)), _as_text(file), _as_number(file), _without_ends(file))
    looks = any(looks_personal(text) or _nhs_alone(text) for text in dict.fromkeys(said))
    return looks or _born_before(_as_text(file), newest) or _born_before(_stem(file), newest)


def _stem(file: str) -> str:
    return file.rsplit(".", 1)[0]


def _as_text(file: str) -> str:
    """The name of a file as words: "JohnSmith_dob-12-03-1974.csv" is "John Smith dob-12-03-1974"."""
    apart = re.sub(r"(?<=[a-zà-ÿ])(?=[A-ZÀ-Þ])", " ", _stem(file))
    words = re.sub(r"[_+]+|(?<!\d)\.|\.(?!\d)|%20", " ", apart)
    return re.sub(r"(?<=[^\W\d])-(?=[^\W\d])|\s-+\s|\s+", " ", words).strip()


def _without_ends(file: str) -> str:
    """The name of a file without words such as "returns" and years around it: "returns_XHU 419_2012" is "XHU 419"."""
    around = reviewed("around_names")
    said = re.sub(r"[_+]+|%20", " ", _stem(file)).split()
    while said and (said[0].casefold() in around or re.fullmatch(r"(?:19|20)\d\d", said[0])):
        said = said[1:]
    while said and (said[-1].casefold() in around or re.fullmatch(r"(?:19|20)\d\d", said[-1])):
        said = said[:-1]
    return " ".join(said)


def _as_number(file: str) -> str:
    """The name of a file with the strokes that a file's name cannot have: "22CP_1234_11" is "22CP/1234/11"."""
    return re.sub(r"(?<=[A-Za-z\d])[_-](?=\d)", "/", _stem(file))


def refuse_personal_data(
    sheets: tuple[Sheet, ...], known: dict[int, KnownTable], *, file: str, facts: tuple[Fact, ...] = ()
) -> None:
    """Stop where any cell of any sheet, the name of a sheet, or a text outside the cells holds personal data.

    Parameters
    ----------
    known : dict
        The table of a sheet, by number of the sheet, where one was found.
    file : str
        For the message.
    facts : tuple of Fact
        Texts outside the cells (`workbook_facts`).

    Raises
    ------
    PersonalDataError
        It names the sheet, column, cell and kind, and never repeats a value.
    """
    newest = max((table.newest for table in known.values()), default=0)
    if personal_file_name(file, newest=newest):
        raise PersonalDataError(_FILE_NAME)
    finding = find_personal_data(sheets, known, facts)
    if finding is not None:
        raise PersonalDataError(
            f"{file}: {describe(finding, sheets, known)}. Returns must not contain personal data, so the file was not "
            "read and no copy was kept. Delete it, and ask the sender for a file without it."
        )


def describe(finding: Finding, sheets: tuple[Sheet, ...], known: dict[int, KnownTable]) -> str:
    """Return where something was found and what it looks like, in words that never repeat it."""
    said = _sheet_said(sheets, finding.sheet)
    if finding.where:
        return f"{finding.where}{said} looks like {finding.kind}"
    cell = address(finding.row, finding.column)
    heading = known[finding.sheet].headings.get(finding.column, "") if finding.sheet in known else ""
    shown = repr(heading) if heading and not looks_personal(heading) else cell.rstrip("0123456789")
    return f"column {shown} (cell {cell}{said}) looks like {finding.kind}"


def _sheet_said(sheets: tuple[Sheet, ...], number: int) -> str:
    name = sheets[number].name if 0 <= number < len(sheets) else ""
    if not name:
        return ""
    return f" of sheet {number + 1}" if looks_personal(name) else f" of sheet {name!r}"


def find_personal_data(
    sheets: tuple[Sheet, ...], known: dict[int, KnownTable], facts: tuple[Fact, ...] = ()
) -> Finding | None:
    """Return the first place where personal data were found, or None. A sheet's own name counts as its cell A1."""
    return next(all_findings(sheets, known, facts), None)


def all_findings(
    sheets: tuple[Sheet, ...], known: dict[int, KnownTable], facts: tuple[Fact, ...] = ()
) -> Iterator[Finding]:
    """Return every place where personal data were found: by sheet and column, then outside the cells."""
    covers = {number for number, sheet in enumerate(sheets) if number not in known and may_be_cover(sheet)}
    for number, sheet in enumerate(sheets):
        if kind := looks_personal(re.sub(r"[_.]+", " ", sheet.name)):
            yield Finding(kind, number, 0, 0)
        cells = (
            (kind, row, column)
            for column in sheet.filled
            for kind, row in _in_column(sheet, column, known.get(number), cover=number in covers)
        )
        left = without_contact(sheet, list(cells)) if number in covers else cells
        yield from (Finding(kind, number, row, column) for kind, row, column in left)
    newest = max((table.newest for table in known.values()), default=0)
    for fact in facts:
        kind = looks_personal(fact.text) or _nhs_alone(fact.text)
        kind = kind or ("a date of birth" if _born_before(fact.text, newest) else "")
        if kind and not (fact.sheet in covers and fact.where.startswith("a link") and kind in CONTACT_KINDS):
            yield Finding(kind, fact.sheet, -1, -1, fact.where)


def _in_column(sheet: Sheet, column: int, table: KnownTable | None, *, cover: bool) -> Iterator[tuple[str, int]]:
    texts = [(row, plain(value)) for row, value in sheet.filled.get(column, [])]
    filled = [(row, text) for row, text in texts if text]
    last = HEADED_ROWS if table is None else table.last_heading
    asked = _asked_for_below(sheet, filled, last, table, cover=cover)
    if asked is not None:
        yield asked
    meaning = _meaning(sheet, column, table, filled)
    judged: dict[tuple[str, bool], str] = {}
    for row, text in filled:
        data = table is None or row > table.last_heading
        if (text, data) not in judged:
            judged[text, data] = _in_cell(text, meaning if data else ANY)
        if judged[text, data]:
            yield judged[text, data], row
    yield from _nhs_without_spaces(filled)
    yield from _births(sheet, column, table)


def _asked_for_below(
    sheet: Sheet, filled: list[tuple[int, str]], last: int, table: KnownTable | None, *, cover: bool
) -> tuple[str, int] | None:
    """The first value below a heading that asks for personal data."""
    for row, text in filled:
        if row > last:
            return None
        kind = asked_for(text) if _heads_a_table(sheet, row) else ""
        if not kind or (cover and sheet.width == 1 and kind in CONTACT_KINDS):
            continue
        below = [(other, value) for other, value in filled if other > (row if table is None else last)]
        if kind == "an exact place":
            below = [(other, value) for other, value in below if may_be_exact(value)]
        if below:
            return kind, below[0][0]
    return None


def _meaning(sheet: Sheet, column: int, table: KnownTable | None, filled: list[tuple[int, str]]) -> Meaning:
    if table is None:
        heading = next((text for row, text in filled if row <= HEADED_ROWS and _heads_a_table(sheet, row)), "")
        return meaning_of(heading)
    choices = table.choices.get(column, frozenset())
    return meaning_of(table.headings.get(column, ""), numbers=column in table.numbers, choices=choices)


def _heads_a_table(sheet: Sheet, row: int) -> bool:
    """Return whether a row has two texts or more: a heading is beside others, a word in a list may not."""
    return sum(isinstance(value, str) and bool(plain(value)) for value in sheet.rows[row]) >= 2 or sheet.width == 1


def _in_cell(text: str, meaning: Meaning) -> str:
    if meaning.numbers and re.fullmatch(r"[-−+£]?[\d.,]+%?", text):
        return ""
    if meaning.choices and normalise(text) in meaning.choices:
        return ""
    return looks_personal(text, places=meaning.places, references=meaning.references)


def looks_personal(text: str, *, places: bool = False, references: bool = False) -> str:
    """Return the kind of personal data that a text looks like, or "".

    Parameters
    ----------
    places, references : bool
        Whether it is from a column of places, or of references of cases.

    Examples
    --------
    >>> looks_personal("Sarah Example"), looks_personal("Amber Wharf")
    ('a name of a person', '')
    >>> looks_personal("22CP/1234/11"), looks_personal("22CP/1234/11", references=True)
    ('a custody or police number', '')
    """
    for start in range(0, max(len(text), 1), LONGEST_PART):
        part = text[max(start - 200, 0) : start + LONGEST_PART]
        kind = _by_form(part, references=references)
        if not kind and names_a_person(part, places=places):
            kind = "a name of a person"
        if kind:
            return kind
    return ""


def _by_form(text: str, *, references: bool) -> str:
    """The kind of number, contact or place that a text looks like, or ""; most need a digit in the text."""
    digits = HAS_DIGIT.search(text) is not None
    left_out = REFERENCE_RULES if references else frozenset()
    for kind, rule in VALUE_RULES.items():
        if (digits or kind in RULES_WITHOUT_DIGITS) and kind not in left_out and rule(text):
            return kind
    if references or not digits:
        return ""
    return next((kind for kind, rule in NUMBER_RULES.items() if rule(text)), "")


def _nhs_alone(text: str) -> str:
    return "an NHS number" if any(is_nhs_number(digits) for digits in ten_digits(text)) else ""


def _nhs_without_spaces(filled: list[tuple[int, str]]) -> Iterator[tuple[str, int]]:
    """Find ten-digit numbers of which at least half pass the check: by chance one in eleven does."""
    tens = [(row, digits) for row, text in filled for digits in ten_digits(text)]
    valid = [row for row, digits in tens if is_nhs_number(digits)]
    if valid and 2 * len(valid) >= len(tens):
        yield from (("an NHS number", row) for row in valid)


def _births(sheet: Sheet, column: int, table: KnownTable | None) -> Iterator[tuple[str, int]]:
    """Find full dates that may be of birth, outside the columns that are defined as dates.

    A date is taken for one of birth where it is over five years older than the newest period of the return, or is
    in a column that the return does not have and whose heading speaks of no event. Above the heading only a date by
    itself counts: a title may cite an Act.
    """
    first = 0 if table is None else table.last_heading + 1
    newest = table.newest if table is not None else 0
    cells = sheet.filled.get(column, [])
    for row, value in cells:
        if row >= first:
            break
        above = value.year if isinstance(value, (dt.datetime, dt.date)) else 0
        if (newest and 0 < above < newest - OLDEST_EVENT_YEARS) or _born_before(plain(value), newest):
            yield "a date of birth", row
    if table is not None and column in table.dated:
        return
    years = {row: year for row, value in cells if row >= first and (year := _full_date(value, newest))}
    newest = newest or max(years.values(), default=0)
    strange = table is not None and column not in table.defined and not _EVENT.search(table.headings.get(column, ""))
    for row, year in years.items():
        if year < newest - OLDEST_EVENT_YEARS or (strange and not _EVENT.search(plain(sheet.at(row, column)))):
            yield "a date of birth", row


def _born_before(text: str, newest: int) -> bool:
    """Whether a short text that speaks of no event holds a date far older than the newest period; False without one."""
    if not newest or len(text) > 2 * LONGEST_HEADING or _EVENT.search(text):
        return False
    year = _written_year(text, newest)
    return year is not None and year < newest - OLDEST_EVENT_YEARS


def _full_date(value: Value, newest: int) -> int | None:
    """Return the year of a full date in a cell, also one before 1980 or inside text, or None."""
    if isinstance(value, (dt.datetime, dt.date)):
        return value.year
    return _written_year(value, newest) if isinstance(value, str) else None


@lru_cache(maxsize=50_000)
def _written_year(value: str, newest: int) -> int | None:
    day = None if value.strip().isdigit() or len(value) > LONGEST_HEADING else to_date(value)
    return day.year if day is not None else written_year(value[:LONGEST_PART], newest=newest)
