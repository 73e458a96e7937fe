"""Read months and quarters from text: "Sept-19", "Q1 10/11", "Apr-Jun 2019", "2019 APR", "April"."""

import datetime as dt
import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, Literal

from hcsp_assess.errors import InputError
from hcsp_assess.periods import parse_financial_year
from hcsp_assess.sources.returns.dates import day_parts, month_number, month_parts, whole_year
from hcsp_assess.sources.returns.values import without_marks

Kind = Literal["month", "quarter", "year", "financial year", "month name", "quarter number", "three months"]
_DASHES: Final = str.maketrans("_‐‑‒–—―−", "-" * 8)
_NAME_SPAN = re.compile(r"([a-z]{3,9})\.?[\s-]+(\d{2,4}/\d{2,4})")
FULL: Final = ("month", "quarter")
_FINANCIAL = re.compile(r"\b(?:financial year|fin\.? year|f/y|fy)(?=[\s\d:'-]|$)[\s:'-]*")
_CALENDAR = re.compile(r"\b(?:calendar year|cy|year)(?=[\s\d:]|$)[\s:]*")
_LEADING = re.compile(r"^(?:(?:month|m/e|date|period)\s*)?(?:ending|ended|beginning|commencing|of|to)\s+|^month:?\s+")
_QUARTER_TO = re.compile(r"(?:(?:quarter|qtr|q/?e|3 months|three months)\s*)(?:ending|ended|to|end)?\s*[:\-]?\s+(.+)")
_NUMBERED = re.compile(r"(?:quarter|qtr|q)\.?[\s\-]*([1-4])(?!\d)|([1-4])(?:st|nd|rd|th)?\s*(?:quarter|qtr|q)\b")
_WORD = r"([a-z]{3,9})\.?"
_THREE_MONTHS = re.compile(
    rf"(?:(\d[\d/–-]+)[\s:,]+)?{_WORD}[\s']*(\d{{4}}|\d{{2}})?\s*(?:-|–|/|to)\s*{_WORD}[\s,'-]*(\d[\d/–-]*)?"
)
_YEAR_M = re.compile(r"(\d{4})\s*m\s*(\d{1,2})|(\d{4})\s+(\d{1,2})")
_MONTH_YEAR = re.compile(r"(\d{1,2})[-.]\s?(\d{4})")
_SPAN = re.compile(r"\d{2,4}\s*[-/–]\s*\d{2,4}")


@dataclass(frozen=True)
class Label:
    """A month or a quarter, or a part of one that another column or heading completes.

    Attributes
    ----------
    kind : str
        "month" and "quarter" are complete. "year" and "financial year" have a year alone; "month name", "quarter
        number" ("Q1") and "three months" ("Apr-Jun") have no year.
    year : int
        Calendar year, or the year in which the financial year begins; 0 where there is none.
    number : int
        Month from 1 to 12, or quarter from 1 to 4: of the calendar year, but for a "quarter number".
    day : int
        Day of the month, where the text is a date.
    """

    kind: Kind
    year: int = 0
    number: int = 0
    day: int = 0

    @property
    def is_full(self) -> bool:
        """Whether it is a month or a quarter, with its year."""
        return self.kind in FULL

    @property
    def ordinal(self) -> int:
        """Months or quarters since the year 0, of a complete label."""
        return self.year * (12 if self.kind == "month" else 4) + self.number - 1


@lru_cache(maxsize=200_000)
def label_of(text: str, *, month_first: bool = False, spans: bool = False) -> Label | None:
    """Return what month, quarter or part of one a lower-case text says, or None if it says something else.

    Parameters
    ----------
    month_first : bool
        Whether 04/01/2019 is 1 April, as in the United States.
    spans : bool
        Whether 2011-12 is a financial year instead of December 2011.

    Examples
    --------
    >>> label_of("sept-19"), label_of("q1 10/11")
    (Label(kind='month', year=2019, number=9, day=0), Label(kind='quarter', year=2010, number=2, day=0))
    """
    text = without_marks(text).strip(" .:;,").translate(_DASHES)
    if not text or len(text) > 60:
        return None
    if text.isdecimal():
        return _from_digits(text)
    if not any(mark.isdecimal() for mark in text):
        return _without_year(text)
    return (
        _span(text, wanted=spans)
        or _month(_LEADING.sub("", text), month_first=month_first)
        or _quarter(text)
        or _span(_FINANCIAL.sub("", text), wanted=True)
    )


def combined(labels: tuple[Label, ...]) -> Label | None:
    """Return the month or quarter that parts say together ("2019/20" and "Jan" are January 2020), or None."""
    full = [label for label in labels if label.is_full]
    if full:
        return full[0] if len({(label.kind, label.ordinal) for label in full}) == 1 else None
    years = [label for label in labels if label.kind in ("year", "financial year")]
    parts = [label for label in labels if label not in years]
    if len(years) != 1 or len(parts) != 1:
        return None
    return _completed(years[0], parts[0])


def financial_quarter(start: int, number: int) -> Label:
    """Return a quarter of a financial year, Q1 from April, as the calendar quarter it is."""
    return Label("quarter", start + (number == 4), number % 4 + 1)


def _completed(year: Label, part: Label) -> Label:
    financial = year.kind == "financial year"
    if part.kind == "quarter number":
        return financial_quarter(year.year, part.number) if financial else Label("quarter", year.year, part.number)
    kind: Kind = "month" if part.kind == "month name" else "quarter"
    early = part.number < (4 if kind == "month" else 2)
    return Label(kind, year.year + (financial and early), part.number)


def _from_digits(text: str) -> Label | None:
    if len(text) == 4 and 1900 <= int(text) < 2100:
        return Label("year", int(text))
    if len(text) == 6 and 1900 <= int(text[:4]) < 2300 and 1 <= int(text[4:]) <= 12:
        return Label("month", int(text[:4]), int(text[4:]))
    if len(text) == 8 and 1900 <= int(text[:4]) < 2300:
        return _date(text[:4], text[4:6], text[6:])
    return None


def _without_year(text: str) -> Label | None:
    if number := month_number(text.rstrip(".")):
        return Label("month name", 0, number)
    if match := _THREE_MONTHS.fullmatch(text):
        return _three_months(None, match[2], None, match[4], None)
    return None


def _month(text: str, *, month_first: bool) -> Label | None:
    if parts := day_parts(text, month_first=month_first):
        return _date(*parts)
    found = month_parts(text)
    if (
        (match := _NAME_SPAN.fullmatch(text))
        and (number := month_number(match[1]))
        and (year := _span(match[2], wanted=True))
    ):
        return _completed(year, Label("month name", 0, number))
    if found is None and (match := _YEAR_M.fullmatch(text)):
        found = match[1] or match[3], match[2] or match[4]
    if found is None and (match := _MONTH_YEAR.fullmatch(text)):
        found = match[2], match[1]
    if found is None or not 1 <= int(found[1]) <= 12:
        return None
    return Label("month", whole_year(found[0]), int(found[1]))


def _date(year: str, month: str, day: str) -> Label | None:
    try:
        date = dt.date(whole_year(year), int(month), int(day))
    except ValueError:
        return None
    return Label("month", date.year, date.month, date.day)


def _quarter(text: str) -> Label | None:
    if (match := _THREE_MONTHS.fullmatch(text)) and (found := _three_months(*match.groups())):
        return found
    if match := _QUARTER_TO.fullmatch(text):
        last = _month(match[1], month_first=False)
        if last is not None:
            return Label("quarter", last.year, last.number // 3) if last.number % 3 == 0 else None
    bare = re.sub(r"\([^)]*[a-z]{3}[^)]*\)|\[[^\]]*\]", " ", text)
    financial = bool(_FINANCIAL.search(bare))
    bare = _CALENDAR.sub(" ", _FINANCIAL.sub(" ", bare))
    match = _NUMBERED.search(bare)
    if match is None:
        return None
    number = int(match[1] or match[2])
    within = re.search(r"\(([^)]*)\)", text)
    named = _without_year(within[1].strip()) if within else None
    months = named if named and named.kind == "three months" else None
    year = (bare[: match.start()] + " " + bare[match.end() :]).strip(" ,-/:–'of")
    if not year:
        return months or Label("quarter number", 0, number)
    if re.fullmatch(r"\d{4}|\d{2}", year):
        if months:
            return Label("quarter", whole_year(year), months.number)
        return None if financial else Label("quarter", whole_year(year), number)
    start = _span(year, wanted=True)
    return None if start is None else financial_quarter(start.year, number)


def _three_months(before: str | None, first: str, first_year: str | None, last: str, after: str | None) -> Label | None:
    begin, end = month_number(first), month_number(last)
    if begin is None or end is None or end != begin + 2 or begin % 3 != 1:
        return None
    part = Label("three months", 0, end // 3)
    written = before or after
    if not written:
        return part if first_year is None else None
    year = Label("year", whole_year(written)) if re.fullmatch(r"\d{4}|\d{2}", written) else _span(written, wanted=True)
    if year is None or (first_year is not None and whole_year(first_year) != year.year):
        return None
    return _completed(year, part)


def _span(text: str, *, wanted: bool) -> Label | None:
    """Return a financial year; where it may as well be a month (2011-12) only on demand."""
    text = text.strip()
    if not _SPAN.fullmatch(text) or (not wanted and _month(text, month_first=False)):
        return None
    try:
        return Label("financial year", parse_financial_year(text.replace("–", "-")).start)
    except InputError:
        return None
