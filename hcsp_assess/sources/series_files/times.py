"""Read a column of months or quarters as a whole, so that the column settles ambiguous dates.

Whether 04/05/2019 is of April or May, 2011-12 a month or a financial year, and 43556 a date, one cell cannot say.
"""

import datetime as dt
import re
from collections.abc import Sequence
from typing import Final

from hcsp_assess.errors import InputError
from hcsp_assess.sources.returns.dates import DAY_MONTH_YEAR, MACINTOSH_DAYS, month_number, whole_year
from hcsp_assess.sources.returns.definitions import normalise
from hcsp_assess.sources.series_files.labels import Label, label_of

FIRST_SERIAL, LAST_SERIAL = 20_000, 80_000  # October 1954 and January 2119 in Excel's count of days from 1900
_TIME_WORDS: Final = frozenset(
    {"month", "months", "date", "period", "quarter", "quarters", "qtr", "time", "year", "yr", "fy", "yearmonth", "mth"}
)
_SERIAL = re.compile(r"\d{5}(?:\.\d+)?")
_DECIMAL_YEAR = re.compile(r"(?:1[89]|20)\d{2}(?:\.\d+)?")
_CALENDAR_QUARTER = re.compile(r"(?:\d{4}[\s-]*)?(?:q|qtr|quarter)[\s-]*[1-4](?:[\s,-]+\d{4})?")
_QUARTERS: Final = ("January to March", "April to June", "July to September", "October to December")
_SHORT: Final = (
    (re.compile(r"(\d{2})[-\s]([a-z]{3,9})"), "year first"),
    (re.compile(r"(\d{2})[-/](\d{2})"), "month first"),
    (re.compile(r"(\d{2})[-/](\d{2})"), "year first"),
)


def is_time_heading(heading: str) -> bool:
    """Return whether a heading names a column of time: "Month", "Quarter ending", "Date (month)"."""
    words = normalise(heading).split()
    return bool(words) and (words[0] in _TIME_WORDS or words[-1] in _TIME_WORDS)


def read_labels(
    texts: Sequence[str], *, heading: str = "", starts_1904: bool = False
) -> tuple[list[Label | None], tuple[str, ...]]:
    """Return the time that each text of a column (or heading row) means, and notes on how it was decided.

    Raises
    ------
    InputError
        If some dates can only be day first and others only month first.
    """
    lower = [text.casefold() for text in texts]
    filled = [text for text in lower if text]
    for special in (_serials, _decimal_years, _short_forms):
        found = special(lower, heading, starts_1904)
        if found is not None:
            return found
    by_heading = _numbers_under(heading, filled)
    if by_heading is not None:
        return [by_heading.get(text) for text in lower], ()
    month_first, notes = _order_of_dates(filled)
    notes += _calendar_quarters(filled)
    spans = _are_financial_years(filled)
    return [label_of(text, month_first=month_first, spans=spans) if text else None for text in lower], notes


def _numeric(texts: Sequence[str]) -> list[str]:
    return [text for text in texts if text[:1].isdecimal()]


def _serials(
    texts: Sequence[str], heading: str, starts_1904: bool
) -> tuple[list[Label | None], tuple[str, ...]] | None:
    """Return dates from Excel's serial numbers, where every number of the column may be one."""
    numbers = [text for text in _numeric(texts) if _SERIAL.fullmatch(text)]
    numbers = [text for text in numbers if FIRST_SERIAL <= float(text) <= LAST_SERIAL]
    if not numbers or len(numbers) < 0.6 * len(_numeric(texts)):
        return None
    if heading and not is_time_heading(heading) and len(set(numbers)) < 3:
        return None
    first = dt.date(1899, 12, 30) + dt.timedelta(days=MACINTOSH_DAYS if starts_1904 else 0)
    days = {text: first + dt.timedelta(days=int(float(text))) for text in numbers}
    labels = [
        Label("month", days[text].year, days[text].month, days[text].day) if text in days else label_of(text)
        for text in texts
    ]
    example = f"{numbers[0]} is {_said(days[numbers[0]])}"
    return labels, (f"dates written as Excel's serial numbers were read as dates: {example}",)


def _decimal_years(
    texts: Sequence[str], _heading: str, _starts_1904: bool
) -> tuple[list[Label | None], tuple[str, ...]] | None:
    """Return months or quarters from decimal years: 2019.25 is April 2019, where the others are twelfths too."""
    numbers = _numeric(texts)
    if len(numbers) < 3 or not all(_DECIMAL_YEAR.fullmatch(text) for text in numbers):
        return None
    twelfths = {text: float(text) * 12 for text in numbers}
    if any(abs(value - round(value)) > 0.06 for value in twelfths.values()) or not any("." in t for t in numbers):
        return None
    months = {text: divmod(round(value), 12) for text, value in twelfths.items()}
    if all(month % 3 == 0 for _, month in months.values()):
        return [Label("quarter", months[t][0], months[t][1] // 3 + 1) if t in months else None for t in texts], (
            "years with decimals were read as quarters: 2019.25 is April to June 2019",
        )
    labels = [Label("month", months[t][0], months[t][1] + 1) if t in months else None for t in texts]
    return labels, ("years with decimals were read as months: 2019.25 is April 2019",)


def _short_forms(
    texts: Sequence[str], _heading: str, _starts_1904: bool
) -> tuple[list[Label | None], tuple[str, ...]] | None:
    """Return months from "19-Apr" (which Excel makes of "Apr-19"), "04/19" or "19-04", where they are in sequence."""
    numbers = _numeric(texts)
    for form, order in _SHORT:
        labels = {text: _short(match, order) for text in numbers if (match := form.fullmatch(text))}
        months = [label for label in labels.values() if label is not None]
        if len(months) < 3 or len(months) < len(set(numbers)):
            continue
        ordinals = sorted({label.ordinal for label in months})
        if ordinals[-1] - ordinals[0] == len(ordinals) - 1:
            example = months[0]
            note = f"{numbers[0]} was read as {example.year}-{example.number:02d}, since these are then months in a row"
            return [labels.get(text) for text in texts], (note,)
    return None


def _short(match: re.Match[str], order: str) -> Label | None:
    year, month = (match[1], match[2]) if order == "year first" else (match[2], match[1])
    number = int(month) if month.isdecimal() else month_number(month)
    return Label("month", whole_year(year), number) if number and 1 <= number <= 12 else None


def _numbers_under(heading: str, filled: Sequence[str]) -> dict[str, Label] | None:
    """Return what bare numbers say under "Month" (1 to 12), "Quarter" (1 to 4) or "Year"."""
    words = set(normalise(heading).split())
    numbers = set(_numeric(filled))
    if not numbers or not all(text.isdecimal() and len(text) <= 4 for text in numbers):
        return None
    values = {text: int(text) for text in numbers}
    if words & {"month", "mth"} and all(1 <= value <= 12 for value in values.values()):
        return {text: Label("month name", 0, value) for text, value in values.items()}
    if words & {"quarter", "qtr"} and all(1 <= value <= 4 for value in values.values()):
        return {text: Label("quarter number", 0, value) for text, value in values.items()}
    return None


def _calendar_quarters(filled: Sequence[str]) -> tuple[str, ...]:
    """Return the note that "Q1 2019" is of the calendar year: without a second year nothing says financial year."""
    for text in filled:
        if _CALENDAR_QUARTER.fullmatch(text) and (label := label_of(text)) is not None and label.kind == "quarter":
            first = f"{_QUARTERS[label.number - 1]} {label.year}"
            return (f"quarters with one year are of the calendar year: {text.upper()} is {first}",)
    return ()


def _order_of_dates(filled: Sequence[str]) -> tuple[bool, tuple[str, ...]]:
    """Decide whether dates such as 04/05/2019 have the month first, from all of the column."""
    dates = [(text, int(m[1]), int(m[2]), m[3]) for text in filled if (m := DAY_MONTH_YEAR.fullmatch(text))]
    if not dates:
        return False, ()
    firsts, seconds = [date[1] for date in dates], [date[2] for date in dates]
    if max(firsts) > 12 and max(seconds) > 12:
        one, other = next(d[0] for d in dates if d[1] > 12), next(d[0] for d in dates if d[2] > 12)
        raise InputError(
            f"dates are written in two different orders: {one} has the day first, {other} the month: "
            "write all of them as 2019-04-01"
        )
    alone = len(set(seconds)) == 1 and len(set(firsts)) > 1 and len({date[3] for date in dates}) > 1
    month_first = max(seconds) > 12 or (max(firsts) <= 12 and alone)
    example = next((date for date in dates if date[1] != date[2]), dates[0])
    label = label_of(example[0], month_first=month_first)
    if label is None:
        return month_first, ()
    order = "month first" if month_first else "day first"
    said = _said(dt.date(label.year, label.number, label.day)) if label.day else example[0]
    return month_first, (f"dates were read {order}: {example[0]} is {said}",)


def _are_financial_years(filled: Sequence[str]) -> bool:
    """Return whether 2011-12 and similar are financial years: where all of them can be, and not all are of one year."""
    written = {text for text in filled if re.fullmatch(r"\d{4}[-/]\d{2}", text)}
    if len(written) < 2 and not any("/" in text for text in written):
        return False
    found = [label_of(text, spans=True) for text in written]
    return bool(found) and all(label is not None and label.kind == "financial year" for label in found)


def _said(day: dt.date) -> str:
    return f"{day.day} {day.strftime('%B %Y')}"
