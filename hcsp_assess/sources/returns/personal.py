"""Find personal data before a return is read, and refuse the file without repeating them.

Two kinds of evidence: headings that ask for personal data ("Date of birth", "Victim name"), and values that look like
it whatever the heading says. The rules would rather stop a good file than let a name through: the message says which
cell, and the sender can fix it in a minute. They cannot find everything: a name without a title in a sentence passes.
"""

import datetime as dt
import re
import tomllib
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from typing import Final

from hcsp_assess.errors import InputError
from hcsp_assess.sources.returns.dates import to_date
from hcsp_assess.sources.returns.definitions import normalise
from hcsp_assess.sources.returns.sheets import Sheet, Value, address
from hcsp_assess.sources.returns.values import plain

OLDEST_EVENT_YEARS: Final = 5  # a date more years older than the newest period of the file is taken for a date of birth
LONGEST_HEADING: Final = 40  # a longer text is a sentence about the data, not a heading
HEADED_ROWS: Final = 20  # rows searched for headings in a sheet that has no table of the return


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
        Where, from 0.
    """

    kind: str
    sheet: int
    row: int
    column: int


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
    """

    last_heading: int
    headings: dict[int, str]
    defined: frozenset[int]
    dated: frozenset[int]
    newest: int


_PEOPLE = (
    "victim|offender|suspect|client|patient|child|childs|person|subject|perpetrator|service user|user|pupil|student|"
    "officer|mother|father|parent|carer|complainant|witness|defendant|resident|tenant|caller|nominal|aggrieved|respondent"
)
_HEADINGS: Final = {
    "an e-mail address": r"(?:home |work |contact )?e ?mails?(?: address(?:es)?)?",
    "a telephone number": r"(?:home |work |contact |mobile )?(?:telephone|phone|mobile|tel)(?: numbers?| no)?|"
    r"contact (?:number|no|details)",
    "a date of birth": r".*\b(?:dob|d o b|birth ?dates?|dates? of birth|born|birthdays?)\b.*",
    "an address": r"(?:.*\b)?(?:home|full|street|postal|current|last|previous) address(?:es)?\b.*|"
    r"(?:.*\b)?address(?:es)?(?: line)?(?: \d)?|(?:house|flat|property) (?:number|no|name)|full post ?codes?",
    "an NHS number": r".*\bnhs (?:number|no|num|id)\b.*",
    "a custody or police number": r".*\bcustody (?:record |ref(?:erence)? )?(?:numbers?|no|id|ref(?:erence)?)\b.*|"
    r"pnc(?: ?id| number| no)?|cro(?: number| no)|prison(?:er)? (?:number|no)|(?:national insurance|ni) (?:number|no)",
    "a name of a person": r".*\b(?:surnames?|forenames?|first names?|last names?|full names?|middle names?|"
    rf"maiden names?|given names?|initials|alias(?:es)?|aka)\b.*|names?|(?:.*\b)?(?:{_PEOPLE})(?: ?s)? names?\b.*|"
    rf"names? of (?:the )?(?:{_PEOPLE})\b.*",
}
_HEADING_RULES: Final = {kind: re.compile(pattern) for kind, pattern in _HEADINGS.items()}

_NOT_A_HOUSE = (
    "metres?|meters?|yards?|miles?|km|mph|m|incidents?|calls?|complaints?|reports?|residents?|people|persons?|near|from|"
    "of|on|at|the|in|and|cars?|vehicles?|times?|minutes?|mins?|hours?|days?|weeks?|months?|years?|cases?|crimes?|offences?|"
    "signs?|concerns?|per|cent|homes|houses|shops|am|pm"
)
_NUMBERED = rf"(?<![\d/.])\b(?!(?:19|20)\d\d\b)\d{{1,4}}[A-Za-z]?,?\s+(?:(?!(?i:{_NOT_A_HOUSE})\b)"
_ADDRESS = re.compile(
    # "Way", "Court", "Close" and the like are ordinary words too: with those, every word must begin with a capital
    rf"{_NUMBERED}[A-Za-z'’.]+\s+){{1,3}}(?i:street|st|road|rd|lane|ln|avenue|ave|crescent|terrace|gardens|mews|cottages)\b|"
    rf"{_NUMBERED}[A-Z][A-Za-z'’.]*\s+){{1,3}}(?:Close|Drive|Place|Court|Grove|Row|Square|Walk|Rise|Orchard|Way|View|Hill|"
    r"Meadows?|Villas|Flats|Park|Green|CLOSE|DRIVE|PLACE|COURT|GROVE|ROW|SQUARE|WALK|RISE|WAY|VIEW|HILL)\b|"
    r"(?i:\b(?:flat|apartment|apt)\s+\d{1,4}[a-z]?\b)"
)
_AREAS = (
    "AB|AL|B|BA|BB|BD|BH|BL|BN|BR|BS|BT|CA|CB|CF|CH|CM|CO|CR|CT|CV|CW|DA|DD|DE|DG|DH|DL|DN|DT|DY|E|EC|EH|EN|EX|FK|FY|G|GL|GU|"
    "GY|HA|HD|HG|HP|HR|HS|HU|HX|IG|IM|IP|IV|JE|KA|KT|KW|KY|L|LA|LD|LE|LL|LN|LS|LU|M|ME|MK|ML|N|NE|NG|NN|NP|NR|NW|OL|OX|PA|"
    "PE|PH|PL|PO|PR|RG|RH|RM|S|SA|SE|SG|SK|SL|SM|SN|SO|SP|SR|SS|ST|SW|SY|TA|TD|TF|TN|TQ|TR|TS|TW|UB|W|WA|WC|WD|WF|WN|WR|WS|"
    "WV|YO|ZE"
)
_POSTCODE = re.compile(rf"\b(?:{_AREAS})\d[A-Z\d]?\s*\d[ABD-HJLNP-UW-Z]{{2}}\b", re.IGNORECASE)
_EMAIL = re.compile(r"[\w.+'-]+@[\w-]+\.[\w.-]+")
_PHONE = re.compile(
    r"(?<![\d.+])(?:\+44[\s-]?(?:\(0\))?[\s-]?|\(?0)(?:\d{9,10}|\d{4}\)?[\s-]\d{5,6}|\d{4}\)?[\s-]\d{3}[\s-]\d{3}|"
    r"\d{3}\)?[\s-]\d{3}[\s-]\d{4}|\d{2}\)?[\s-]\d{4}[\s-]\d{4})(?![\d.])"
)
_TEN_DIGITS = re.compile(r"(?<![\d./-])(\d{3})([ -]?)(\d{3})\2(\d{4})(?![\d/.-])")
_POLICE_NUMBER = re.compile(
    r"\b(?!Q\d/)(?=[A-Z0-9]*[A-Z])[A-Z0-9]{2,4}/\d{3,6}/\d{2,4}\b"  # custody record
    r"|\b(?:19|20)?\d{2}/\d{1,7}[A-Z]\b"  # Police National Computer
    r"|\b[A-Z]\d{4}[A-Z]{2}\b"  # prison
    r"|\b[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z]\s?\d{2}\s?\d{2}\s?\d{2}\s?[A-D]\b"  # National Insurance
)
_TITLED = re.compile(
    r"\b(?:Mr|Mrs|Miss|Ms|Mx|Master|Dr|Rev|Revd|Cllr|MR|MRS|MISS|DR|CLLR|PC|PCSO|Sgt|Insp)\.?\s+"
    r"(?!(?:Office|Teams|Excel|Word|Access|World|Selfridge)\b)(?:[A-Z]\.?\s*){0,3}[A-Z][A-Za-z'’-]+"
)
_WORDS: Final = tomllib.loads(
    (resources.files("hcsp_assess") / "definitions" / "personal_data.toml").read_text("utf-8")
)
GIVEN_NAMES: Final = frozenset(_WORDS["given_names"].split())
_NOT_SURNAMES: Final = frozenset(_WORDS["not_surnames"].split())
_EVENT = re.compile(
    r"\b(?:dates?|received|closed|opened|reported|recorded|start|end|from|to|when|updated|created|resolved|completed|"
    r"week|month|period|quarter)\b",
    re.IGNORECASE,
)
_WRITTEN_DATE = re.compile(
    r"(?<!\d)(?:0?[1-9]|[12]\d|3[01])[./-](?:0?[1-9]|1[0-2])[./-]((?:19|20)\d\d)(?!\d)"
    r"|(?<!\d)((?:19|20)\d\d)-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])(?!\d)"
)
_WORD = r"[A-Z][A-Za-z'’-]+"
_FORENAME_FIRST = re.compile(rf"({_WORD})(?:\s+[A-Z]\.?|\s+{_WORD})?\s+({_WORD})")
_SURNAME_FIRST = re.compile(rf"{_WORD}(?:[\s-]{_WORD})?,\s*({_WORD})(?:\s+[A-Z]\.?|\s+{_WORD})?")


def refuse_personal_file_name(file: str) -> None:
    """Stop where the name of a file looks like personal data; `PersonalDataError` doesn't repeat it."""
    if _looks_like(re.sub(r"[_.]+", " ", file.rsplit(".", 1)[0])):
        raise PersonalDataError(
            "the name of a file from the sender looks like personal data, so the file was not read. Rename it, and "
            "check its contents."
        )


def refuse_personal_data(sheets: tuple[Sheet, ...], known: dict[int, KnownTable], *, file: str) -> None:
    """Stop where any cell of any sheet, or the name of a sheet, holds personal data.

    Parameters
    ----------
    known : dict
        The table of a sheet, by number of the sheet, where one was found.
    file : str
        For the message.

    Raises
    ------
    PersonalDataError
        It names the sheet, column, cell and kind, and never repeats a value.
    """
    finding = find_personal_data(sheets, known)
    if finding is None:
        return
    cell = address(finding.row, finding.column)
    heading = known[finding.sheet].headings.get(finding.column, "") if finding.sheet in known else ""
    shown = repr(heading) if heading and not _looks_like(heading) else cell.rstrip("0123456789")
    raise PersonalDataError(
        f"{file}: column {shown} (cell {cell}{_sheet_said(sheets, finding.sheet)}) looks like {finding.kind}. Returns "
        "must not contain personal data, so the file was not read and no copy was kept. Delete it, and ask the sender "
        "for a file without it."
    )


def _sheet_said(sheets: tuple[Sheet, ...], number: int) -> str:
    name = sheets[number].name
    if not name:
        return ""
    return f" of sheet {number + 1}" if _looks_like(name) else f" of sheet {name!r}"


def find_personal_data(sheets: tuple[Sheet, ...], known: dict[int, KnownTable]) -> Finding | None:
    """Return the first place where personal data were found, or None. A sheet's own name counts as its cell A1."""
    for number, sheet in enumerate(sheets):
        if kind := _looks_like(sheet.name):
            return Finding(kind, number, 0, 0)
        for column in range(sheet.width):
            found = _in_column(sheet, column, known.get(number))
            if found is not None:
                return Finding(found[0], number, found[1], column)
    return None


def is_nhs_number(digits: str) -> bool:
    """Return whether ten digits pass the NHS number's check: weights 10 to 2, eleven minus the remainder modulo 11.

    Source: NHS Data Model and Dictionary, NHS number. One random number of ten digits in eleven passes too.
    """
    if not re.fullmatch(r"\d{10}", digits) or len(set(digits)) == 1:
        return False
    check = 11 - sum(int(digit) * weight for digit, weight in zip(digits, range(10, 1, -1), strict=False)) % 11
    return check % 11 == int(digits[9]) and check != 10


def _in_column(sheet: Sheet, column: int, table: KnownTable | None) -> tuple[str, int] | None:
    texts = [(row, plain(sheet.at(row, column))) for row in range(len(sheet.rows))]
    filled = [(row, text) for row, text in texts if text]
    last = HEADED_ROWS if table is None else table.last_heading
    for row, text in filled:
        if row > last:
            break
        kind = _asked_for(text) if _heads_a_table(sheet, row) else ""
        below = [other for other, _ in filled if other > (row if table is None else last)]
        if kind and below:
            return kind, below[0]
    judged: dict[str, str] = {}
    for row, text in filled:
        if text not in judged:
            judged[text] = _looks_like(text)
        if judged[text]:
            return judged[text], row
    return _nhs_without_spaces(filled) or _births(sheet, column, table)


def _asked_for(text: str) -> str:
    heading = normalise(text)
    if len(heading) > LONGEST_HEADING:
        return ""
    return next((kind for kind, rule in _HEADING_RULES.items() if rule.fullmatch(heading)), "")


def _heads_a_table(sheet: Sheet, row: int) -> bool:
    """Return whether a row has two texts or more: a heading is beside others, a word in a list may not."""
    return sum(isinstance(value, str) and bool(plain(value)) for value in sheet.rows[row]) >= 2 or sheet.width == 1


def _looks_like(text: str) -> str:
    return next((kind for kind, rule in _VALUE_RULES.items() if rule(text)), "")


def _spaced_nhs(text: str) -> bool:
    return any(m[2] and is_nhs_number(m[1] + m[3] + m[4]) for m in _TEN_DIGITS.finditer(text))


def _named(text: str) -> bool:
    if _TITLED.search(text):
        return True
    if (match := _FORENAME_FIRST.fullmatch(text)) and match[1].casefold() in GIVEN_NAMES:
        return match[2].casefold() not in _NOT_SURNAMES
    match = _SURNAME_FIRST.fullmatch(text)
    return match is not None and match[1].casefold() in GIVEN_NAMES


_VALUE_RULES: Final[dict[str, Callable[[str], bool]]] = {
    "an e-mail address": lambda text: bool(_EMAIL.search(text)),
    "a full postcode": lambda text: bool(_POSTCODE.search(text)),
    "an NHS number": _spaced_nhs,
    "a telephone number": lambda text: bool(_PHONE.search(text)),
    "a custody or police number": lambda text: bool(_POLICE_NUMBER.search(text)),
    "an address": lambda text: bool(_ADDRESS.search(text)),
    "a name of a person": _named,
}


def _nhs_without_spaces(filled: list[tuple[int, str]]) -> tuple[str, int] | None:
    """Find ten-digit numbers of which at least half pass the check: by chance one in eleven does."""
    tens = [(row, match[1] + match[3] + match[4]) for row, text in filled for match in _TEN_DIGITS.finditer(text)]
    valid = [row for row, digits in tens if is_nhs_number(digits)]
    return ("an NHS number", valid[0]) if valid and 2 * len(valid) >= len(tens) else None


def _births(sheet: Sheet, column: int, table: KnownTable | None) -> tuple[str, int] | None:
    """Find full dates that may be of birth, outside the columns that are defined as dates.

    A date is taken for one of birth where it is over five years older than the newest period of the return, or is
    in a column that the return does not have and whose heading speaks of no event.
    """
    if table is not None and column in table.dated:
        return None
    first = 0 if table is None else table.last_heading + 1
    years = {row: year for row in range(first, len(sheet.rows)) if (year := _full_date(sheet.at(row, column)))}
    newest = table.newest if table is not None and table.newest else max(years.values(), default=0)
    strange = table is not None and column not in table.defined and not _EVENT.search(table.headings.get(column, ""))
    for row, year in years.items():
        if year < newest - OLDEST_EVENT_YEARS or strange:
            return "a date of birth", row
    return None


def _full_date(value: Value) -> int | None:
    """Return the year of a full date in a cell, also one before 1980 or inside text, or None."""
    if isinstance(value, (dt.datetime, dt.date)):
        return value.year
    return _written_year(value) if isinstance(value, str) else None


@lru_cache(maxsize=50_000)
def _written_year(value: str) -> int | None:
    day = None if value.strip().isdigit() else to_date(value)
    if day is not None:
        return day.year
    match = _WRITTEN_DATE.search(value)
    return int(match[1] or match[2]) if match else None
