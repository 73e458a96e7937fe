"""Read one cell: a value, a suppressed figure, a blank, or something not understood."""

import datetime as dt
import math
import re
import unicodedata
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Final, Literal

from hcsp_assess.sources.returns.dates import to_date, to_financial_year, to_month, to_quarter, to_time
from hcsp_assess.sources.returns.definitions import Column, in_welsh, normalise
from hcsp_assess.sources.returns.grid import UNSAVED

Status = Literal["given", "suppressed", "missing", "not applicable"]
MISSING: Final = frozenset(
    {"", ".", "..", "...", "-", "--", "–", "—", "n/a", "na", "n.a.", "n/k", "nk", "not known", "not available", "null"}
    | {"no data", "tbc", "tba", "nil return", "none given", "not recorded", "not collected", "[x]", "#n/a", "missing"}
)
_GAPS_AMONG_NUMBERS: Final = frozenset(
    {"[u]", "[w]", "[e]", "[f]", "[p]", "[r]", "[b]", "[ns]", "[:]", ":", "x", "u", "w", "unknown"}
)
_LOW: Final = frozenset({"[low]", "[k]", "low", "k", "~", "negligible"})  # some, but they round to none
ERROR: Final = re.compile(
    r"#(?:DIV/0!|N/A|NAME\?|NULL!|NUM!|REF!|VALUE!|SPILL!|CALC!|FIELD!|BLOCKED!|UNKNOWN!|CONNECT!|BUSY!|PYTHON!|####*)"
    r"|Err:\d{3}",
    re.IGNORECASE,
)
NOT_APPLICABLE: Final = frozenset({"[z]", "not applicable"})
SUPPRESSED: Final = frozenset({"*", "**", "[c]", "suppressed", "s", "c", "small number"})
YES: Final = frozenset({"yes", "y", "true", "1", "x", "✓", "✔", "ie", "oes", "ydy", "ydw"})
NO: Final = frozenset({"no", "n", "false", "0", "na", "nac oes", "nac ydy", "nage"})
_BELOW = re.compile(r"(?:<|less than|fewer than|under|below)\s*(\d{1,9})")
_AT_MOST = re.compile(r"(?:≤|<=|up to)\s*(\d{1,9})|[01]\s*(?:-|–|to)\s*(\d)|(\d{1,9}) or (?:fewer|less|under)")
_NUMBER = re.compile(r"[-−+]?(?:\d{1,3}(?:[, ]\d{3})+|\d+)(?:\.\d+)?")
_MARK: Final = r"\[(?:[prbefuw](?:[, ]+[prbefuw])*|low|notes? ?\d+(?:[, ]+\d+)*|\d{1,2})\]"
_MARK_BEFORE = re.compile(rf"{_MARK}\s*(?=\d)")
_SUPERSCRIPTS = re.compile("[\N{SUPERSCRIPT ONE}\N{SUPERSCRIPT TWO}\N{SUPERSCRIPT THREE}\u2070\u2074-\u2079]+")
_PER_CENT = re.compile(r"\s*(?:%|per ?cent|pc|y cant)$")
_MARKS = re.compile(
    rf"(?:\s*(?:{_MARK}|\((?:p|r|e|f|provisional|revised|estimated?|forecast)\)"
    r"|(?<=[\w\s])(?:provisional|revised|estimated?|forecast)))+$|(?<=\d)\s*(?:[*†‡]+|[prefub])$"
)
_FORECAST = re.compile(r"\[f\]|\(f\)|(?<=\d)\s*f$|forecast")
FORMULA_ERROR: Final = "is a formula without a result"
_OUTWARD = re.compile(r"[A-Z]{1,2}\d[A-Z\d]?")
LARGEST_COUNT: Final = 10**9  # above any count of people or events in the United Kingdom
LSOA: Final = re.compile(r"[EW]01\d{6}")


@dataclass(frozen=True)
class Reading:
    """What was understood of a cell.

    Attributes
    ----------
    value : object
        The value in the column's type; None unless the status is "given".
    status : str
        "given", "suppressed", "missing" or "not applicable".
    below : int or None
        The figure that a suppressed one is below: 5 for "<5"; None where the partner didn't say.
    problem : str
        Why it can't be understood, or "".
    remark : str
        What to say of a value all the same: "marked as a forecast".
    """

    value: object = None
    status: Status = "given"
    below: int | None = None
    problem: str = ""
    remark: str = ""


def read_value(value: object, column: Column, *, starts_1904: bool = False) -> Reading:
    """Read one cell as the type of its column.

    "-" is a gap, never a zero. "<5" is a suppressed figure: not zero and not missing.
    """
    text = plain(value)
    lower = _in_brackets(text.casefold())
    if column.type == "choice" and normalise(text) in choices(column):
        return Reading(choices(column)[normalise(text)])
    if lower in MISSING:
        return Reading(status="missing")
    if lower in NOT_APPLICABLE:
        return Reading(status="not applicable")
    if is_error(text):
        return Reading(problem=FORMULA_ERROR)
    if column.is_number:
        return _number(value, text, column)
    if column.type in ("date", "month", "quarter", "financial_year", "time"):
        return _when(value, text, column, starts_1904=starts_1904)
    return _word(text, column)


def is_error(text: str) -> bool:
    """Return whether a cell holds what a spreadsheet shows of a formula without a result: #DIV/0!, Err:502."""
    return text == UNSAVED or (text[:1] in "#Ee" and ERROR.fullmatch(text) is not None)


def plain(value: object) -> str:
    """Return a cell's text without odd spaces and invisible characters; "" for an empty one."""
    if value is None:
        return ""
    if isinstance(value, dt.datetime):
        return value.date().isoformat() if value.time() == dt.time() else value.isoformat(" ")
    return _plain_text(str(value))


@lru_cache(maxsize=65_536)  # the same days, places and words come often
def _plain_text(value: str) -> str:
    if value.isascii():
        return " ".join(value.split())
    text = _SUPERSCRIPTS.sub(lambda match: f" [{match[0]}]", value)  # a note's number: 12¹ is not 121
    text = unicodedata.normalize("NFKC", text).replace("\u200b", "").replace("\ufeff", "")
    return " ".join(text.split())


def without_marks(text: str) -> str:
    """Return a lower-case text without marks of provisional, revised or explained figures: "24p", "24 [r]", "24*"."""
    return _MARKS.sub("", text)


def _in_brackets(text: str) -> str:
    """Return a text without spaces inside its brackets: "[ c ]" is "[c]"."""
    return text.replace("[ ", "[").replace(" ]", "]")


def _number(value: object, text: str, column: Column) -> Reading:
    marked = _in_brackets(text.casefold())
    if marked in _GAPS_AMONG_NUMBERS:
        return Reading(status="missing")
    if marked == "z":
        return Reading(status="not applicable")
    lower = re.sub(r"^['’](?=\d)", "", without_marks(_MARK_BEFORE.sub("", marked, count=1)))
    if lower in SUPPRESSED or marked in _LOW:
        return Reading(status="suppressed")
    if match := _BELOW.fullmatch(lower):
        return Reading(status="suppressed", below=int(match[1]))
    if match := _AT_MOST.fullmatch(lower):
        return Reading(status="suppressed", below=int(match[1] or match[2] or match[3]) + 1)
    if isinstance(value, (bool, dt.date, dt.time)):
        return Reading(problem="is not a number")
    bare = _PER_CENT.sub("", lower)
    signed = bare != lower
    if not _NUMBER.fullmatch(bare) and not isinstance(value, float):
        return Reading(problem="is not a number")
    number = value if isinstance(value, float) else float(re.sub(r"[, ]", "", bare.replace("−", "-")))
    if not math.isfinite(number):
        return Reading(problem="is not a number")
    reading = _checked(number, column, signed=signed)
    forecast = lower != marked and not reading.problem and _FORECAST.search(marked)
    return replace(reading, remark="marked as a forecast") if forecast else reading


def _checked(number: float, column: Column, *, signed: bool) -> Reading:
    if column.type == "percent":
        if not signed and 0 < number < 1:
            return Reading(problem="may be a share or a percentage: write 38%, not 0.38")
        if not 0 <= number <= 100:
            return Reading(problem="is not between 0% and 100%")
        return Reading(number)
    if signed:
        return Reading(problem=f"is a percentage where a {column.type} is expected")
    if column.type == "count" and (number < 0 or not number.is_integer()):
        return Reading(problem="is not a whole number from 0")
    if column.type == "count" and number > LARGEST_COUNT:
        return Reading(problem="is too large for a count")
    if column.minimum is not None and number < column.minimum:
        return Reading(problem=f"is below {column.minimum:g}")
    if column.maximum is not None and number > column.maximum:
        return Reading(problem=f"is above {column.maximum:g}")
    return Reading(int(number) if column.type == "count" else number)


def _when(value: object, text: str, column: Column, *, starts_1904: bool) -> Reading:
    raw = text if isinstance(value, str) else value
    if column.type == "date":
        day = to_date(raw, starts_1904=starts_1904)
        return Reading(day) if day else Reading(problem="is not a date: write 2011-04-01 or 01/04/2011")
    if column.type == "month":
        month = to_month(raw, starts_1904=starts_1904)
        return Reading(month) if month is not None else Reading(problem="is not a month: write 2011-04 or April 2011")
    if column.type == "quarter":
        quarter = to_quarter(raw, starts_1904=starts_1904)
        return Reading(str(quarter)) if quarter else Reading(problem="is not a quarter: write Q1 11/12")
    if column.type == "financial_year":
        year = to_financial_year(raw)
        return Reading(str(year)) if year else Reading(problem="is not a financial year: write 2011-12 as text")
    time = to_time(raw)
    return Reading(time) if time else Reading(problem="is not a time of day: write 21:30")


def _word(text: str, column: Column) -> Reading:
    if column.type == "yes_no":
        lower = text.casefold()
        if lower in YES or lower in NO:
            return Reading(lower in YES)
        return Reading(problem="is neither yes nor no")
    if column.type == "choice":
        return Reading(problem=f"is not one of: {'; '.join(column.allowed)}")
    if column.type == "outward_postcode":
        code = text.upper().replace(" ", "")
        return Reading(code) if _OUTWARD.fullmatch(code) else Reading(problem="is not the first half of a postcode")
    if column.type == "lsoa":
        code = text.upper()
        return Reading(code) if LSOA.fullmatch(code) else Reading(problem="is not an LSOA code such as E01013986")
    return Reading(text)


@lru_cache(maxsize=256)
def choices(column: Column) -> dict[str, str]:
    """Return the allowed value by every word that means it: "18-30" means "18 to 30", "65+" means "65 and over"."""
    known = {normalise(value.replace(" to ", " ").replace(" and over", "")): value for value in column.allowed}
    known |= {normalise(value): value for value in column.allowed}
    known |= {normalise(said): meant for said, meant in column.synonyms}
    welsh = {said: value for text, value in known.items() for said in in_welsh("values").get(text, ())}
    return welsh | known
