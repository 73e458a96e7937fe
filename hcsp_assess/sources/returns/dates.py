"""Read dates, months and quarters in the many ways that partners write them."""

import datetime as dt
import re
from difflib import SequenceMatcher
from functools import lru_cache
from typing import Final

import pandas as pd

from hcsp_assess.errors import InputError
from hcsp_assess.periods import FIRST_YEAR, LAST_YEAR, FinancialYear, Quarter, parse_financial_year

FIRST_SERIAL, LAST_SERIAL = 29_312, 65_745  # 1 April 1980 and 31 December 2079 in Excel's count from 1900
MACINTOSH_DAYS: Final = 1_462  # between the two counts of Excel
_MONTHS: Final = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_FULL: Final = (
    *("january", "february", "march", "april", "may", "june"),
    *("july", "august", "september", "october", "november", "december"),
)
_MONTH = r"((?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*)\.?"
_YEAR = r"'?(\d{4}|\d{2})"
DAY_MONTH_YEAR: Final = re.compile(r"(\d{1,2})[./\- ](\d{1,2})[./\- ](\d{4}|\d{2})(?:[ t]+\d{1,2}:\d{2}.*)?")
_YEAR_MONTH_DAY = re.compile(r"(\d{4})[-/](\d{1,2})[-/](\d{1,2})(?:[ t]+\d{1,2}:\d{2}.*)?")
_DAY_NAME_YEAR = re.compile(
    r"(?:(?:[a-z]+day|mon|tues?|weds?|thu|thurs?|fri|sat|sun|dydd [a-z]+),?\s+)?"
    rf"(\d{{1,2}})(?:st|nd|rd|th)?[\s\-/.]*{_MONTH}[\s\-/.,]*{_YEAR}"
)
_NAME_YEAR = re.compile(rf"{_MONTH}[\s\-/,]*{_YEAR}")
_YEAR_NAME = re.compile(rf"(\d{{4}})[\s\-/]*{_MONTH}")
_YEAR_MONTH = re.compile(r"(\d{4})[-/](\d{1,2})")
_MONTH_YEAR = re.compile(r"(\d{1,2})/(\d{4})")
_YEAR_MONTH_DAY_TOGETHER = re.compile(r"((?:19|20)\d\d)(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])")
_TO = r"\s*(?:-|–|—|/|to|until|i)\s*"
_TWO_MONTHS = rf"{_MONTH}\s*(?:{_YEAR})?{_TO}{_MONTH}"
_THREE_MONTHS = re.compile(rf"{_TWO_MONTHS}\s*{_YEAR}")
_MONTHS_AND_YEAR = re.compile(rf"{_TWO_MONTHS}\s*{_YEAR}(?![\d/–-])")
_EACH_MONTH = re.compile(rf"{_MONTH}\s*[/,\s]\s*{_MONTH}\s*[/,\s]\s*{_MONTH}\s*{_YEAR}")
_ENDING = re.compile(r"(?:(?:quarter|qtr|three months|3 months|chwarter)\s*(?:ending|ended|end|to)|q/?e)\s*:?\s*(.+)")
_QUARTER_WORD = r"(?:quarter|qtr|chwarter|ch|q)"
_ORDINALS: Final = ("first", "second", "third", "fourth"), ("cyntaf", "ail", "trydydd", "pedwerydd")
_WHICH: Final = {
    word: number
    for words in (("one", "two", "three", "four"), *_ORDINALS)
    for number, word in enumerate(words, start=1)
}
_NUMBERED = re.compile(
    rf"(?<![^\W_]){_QUARTER_WORD}\.?\s*([1-4]|one|two|three|four)(?![\da-z])|\b([1-4])(?:st|nd|rd|th)\s*{_QUARTER_WORD}\b|"
    rf"\b(first|second|third|fourth|ail|trydydd|pedwerydd)\s+{_QUARTER_WORD}\b|\b{_QUARTER_WORD}\s+(cyntaf)\b"
)
_FINANCIAL = re.compile(
    r"(?:\b(?:fy|financial year|blwyddyn ariannol)\s*:?\s*|(?<![\d/-]))"
    r"('?(?:\d{4}|\d{2})\s*[-/–_]\s*'?(?:\d{4}|\d{2}))(?![\d/-])"
)
_BETWEEN = re.compile(r"[\s,:;|_.\-–—()\[\]]*(?:of|o)?[\s,:;|_.\-–—()\[\]]*")
_PROVISIONAL = re.compile(r"\s*[\[(](?:p|r|provisional|revised)[\])]$|(?<=\d)\s+[pr]$|\s*\[(?:notes? ?)?\d{1,2}\]")
_BETWEEN_DAYS = re.compile(r"\s+(?:to|until|i|-)\s+|\s*[–—]\s*|(?<=\d{4})-(?=\d{1,2}/)")
_WELSH_FULL: Final = "ionawr chwefror mawrth ebrill mai mehefin gorffennaf awst medi hydref tachwedd rhagfyr"
_WELSH_SHORT: Final = "ion chwe maw ebr mai meh gor aws med hyd tach rhag"
_WELSH: Final = {
    **dict(zip(_WELSH_SHORT.split(), _MONTHS, strict=True)),
    **dict(zip(_WELSH_FULL.split(), _FULL, strict=True)),
    "chwef": "feb",
    "gorff": "jul",
}
_WELSH_MONTH = re.compile(rf"\b(?:{'|'.join(sorted(_WELSH, key=len, reverse=True))})\b")


def to_date(value: object, *, starts_1904: bool = False) -> dt.date | None:
    """Return a day, or None where the value names no day from April 1980 to the end of 2079.

    Text is read day first, as in Britain: 01/04/2011 is 1 April. A number is a serial number of Excel.
    """
    if isinstance(value, dt.datetime):
        return _in_range(value.date())
    if isinstance(value, dt.date):
        return _in_range(value)
    serial = _serial(value, starts_1904=starts_1904)
    if serial is not None:
        return dt.date(1899, 12, 30) + dt.timedelta(days=serial)
    text = _plain(value)
    together = _YEAR_MONTH_DAY_TOGETHER.fullmatch(text)
    parts = (together[1], together[2], together[3]) if together else day_parts(text)
    return None if parts is None else _day(*parts)


def to_month(value: object, *, starts_1904: bool = False) -> pd.Period | None:
    """Return a month from "April 2011", "Apr-11", "2011-04", "04/2011" or any day in it; None for anything else."""
    day = to_date(value, starts_1904=starts_1904)
    if day is None:
        parts = month_parts(_plain(value))
        day = None if parts is None else _day(*parts, "1")
    return None if day is None else pd.Period(year=day.year, month=day.month, freq="M")


def to_quarter(value: object, *, starts_1904: bool = False) -> Quarter | None:
    """Return a quarter of the financial year, or None if the value names none.

    Read are "Q1 11/12", "2011/12 Quarter 1", "FY11/12 Q1", "Quarter 1 (Apr-Jun) 2011-12", "Apr-Jun 2011", "quarter
    ending June 2011", Welsh "Chwarter 1 2011/12", and the first or last day of a quarter. "Q1 2011" is not: it may be
    of the calendar year. Nor is another day: it may be a month. Nor "Q1 (Jan-Mar) 11/12", which contradicts itself.
    """
    text = _PROVISIONAL.sub("", _plain(value))
    if match := _THREE_MONTHS.fullmatch(text):
        return _from_three_months(match[1], match[2], match[3], match[4])
    if match := _EACH_MONTH.fullmatch(text):
        quarter = _from_three_months(match[1], None, match[3], match[4])
        middle = None if quarter is None else (quarter.span.first + 1).month
        return quarter if middle == month_number(match[2]) else None
    if match := _ENDING.fullmatch(text):
        return _from_its_end(match[1])
    if len(days := _BETWEEN_DAYS.split(text)) == 2 and (quarter := _from_two_days(*days)):
        return quarter
    if quarter := _from_its_parts(text):
        return quarter
    day = to_date(value, starts_1904=starts_1904)
    return None if day is None else _from_its_first_or_last_day(day)


def quarter_number(text: str) -> int | None:
    """Return the number of a quarter from a text without a year: "Q1", "Quarter 1 (Apr-Jun)", "Apr-Jun"; else None.

    Quarters are of the financial year. A number and months that contradict each other are neither.
    """
    lower = _PROVISIONAL.sub("", _plain(text))
    number, rest = _numbered(lower)
    months, rest = _months_within(rest)
    if _BETWEEN.fullmatch(rest) is None or (number and months and number != months):
        return None
    return number or months


def to_financial_year(value: object) -> FinancialYear | None:
    """Return a financial year from "2011-12", "11/12", "FY11/12" or "year ending March 2012"; None for anything else.

    None for a date: Excel turns 11/12 into one.
    """
    if not isinstance(value, str):
        return None
    text = _PROVISIONAL.sub("", _plain(value))
    if match := re.fullmatch(rf"(?:financial )?year (?:ending|ended|to)(?: 31)? mar(?:ch)? {_YEAR}", text):
        return _year_or_none(f"{whole_year(match[1]) - 1}-{whole_year(match[1])}")
    if match := re.fullmatch(rf"apr(?:il)? {_YEAR}{_TO}mar(?:ch)? {_YEAR}", text):
        return _year_or_none(f"{whole_year(match[1])}-{whole_year(match[2])}")
    match = _FINANCIAL.fullmatch(text) or re.fullmatch(r"(\d{4} (?:to|i) \d{4})", text)
    return None if match is None else _year_or_none(re.sub(r"\s*(?:to|i|_)\s*", "-", match[1]))


def day_parts(text: str, *, month_first: bool = False) -> tuple[str, str, str] | None:
    """Return year, month and day as written in a lower-case text, whether or not there is such a day.

    Years of two digits stay so. Numbers alone are read day first, or month first on demand.
    """
    if match := _YEAR_MONTH_DAY.fullmatch(text):
        return match[1], match[2], match[3]
    if match := DAY_MONTH_YEAR.fullmatch(text):
        return (match[3], match[1], match[2]) if month_first else (match[3], match[2], match[1])
    if (match := _DAY_NAME_YEAR.fullmatch(text)) and (month := month_number(match[2])):
        return match[3], str(month), match[1]
    return None


def month_parts(text: str) -> tuple[str, str] | None:
    """Return year and month as written in a lower-case text: "april 2011", "apr-11", "2011 apr", "2011-04"."""
    if (match := _NAME_YEAR.fullmatch(text)) and (month := month_number(match[1])):
        return match[2], str(month)
    if (match := _YEAR_NAME.fullmatch(text)) and (month := month_number(match[2])):
        return match[1], str(month)
    if match := _YEAR_MONTH.fullmatch(text):
        return match[1], match[2]
    if match := _MONTH_YEAR.fullmatch(text):
        return match[2], match[1]
    return None


@lru_cache(maxsize=4096)
def month_number(word: str) -> int | None:
    """Return the month that a lower-case word names: "apr", "sept", "april", also misspelt ("febuary"); else None."""
    known = _MONTHS.index(word[:3]) if word[:3] in _MONTHS else None
    if known is None:
        return None
    full = _FULL[known]
    like = full.startswith(word) or word == "sept" or SequenceMatcher(None, word, full).ratio() > 0.8
    return known + 1 if like else None


def whole_year(text: str) -> int:
    """Return a year from four digits, or from two of the years 1980 to 2079."""
    return int(text) if len(text) != 2 else int(text) + (1900 if int(text) >= FIRST_YEAR % 100 else 2000)


def to_time(value: object) -> str | None:
    """Return a time of day as "HH:MM" from a time, "9:05", "21.30", "2130", "9.05pm" or a fraction of a day."""
    if isinstance(value, (dt.time, dt.datetime)):
        return value.strftime("%H:%M")
    if isinstance(value, float) and 0 <= value < 1:
        minutes = round(value * 1440) % 1440
        return f"{minutes // 60:02d}:{minutes % 60:02d}"
    match = re.fullmatch(r"(\d{1,2})[:.]?(\d{2})(?:[:.]\d{2})?\s*(am|pm)?", _plain(value))
    if not match:
        return None
    hour, minute = int(match[1]), int(match[2])
    if match[3]:
        hour = hour % 12 + (12 if match[3] == "pm" else 0)
    return f"{hour:02d}:{minute:02d}" if hour < 24 and minute < 60 else None


def _serial(value: object, *, starts_1904: bool) -> int | None:
    if isinstance(value, bool):
        return None
    text = str(value).strip()
    if not re.fullmatch(r"\d{5}(\.\d+)?", text):
        return None
    days = int(float(text)) + (MACINTOSH_DAYS if starts_1904 else 0)
    return days if FIRST_SERIAL <= days <= LAST_SERIAL else None


def _year_or_none(text: str) -> FinancialYear | None:
    try:
        return parse_financial_year(text)
    except InputError:
        return None


def _numbered(text: str) -> tuple[int | None, str]:
    """Return the number of a quarter in a lower-case text, and the text without it."""
    match = _NUMBERED.search(text)
    if match is None:
        return None, text
    said = next(filter(None, match.groups()))
    return _WHICH.get(said) or int(said), text[: match.start()] + text[match.end() :]


def _months_within(text: str) -> tuple[int | None, str]:
    """Return the quarter whose first and last month a lower-case text names, and the text without them."""
    match = re.search(_TWO_MONTHS, text)
    first, last = (None, None) if match is None else (month_number(match[1]), month_number(match[3]))
    if match is None or match[2] or first is None or last is None or (last - first) % 12 != 2 or first % 3 != 1:
        return None, text
    return (first - 4) % 12 // 3 + 1, text[: match.start()] + text[match.end() :]


def _from_its_parts(text: str) -> Quarter | None:
    """Return a quarter from its number or months and the financial year, in any order, if nothing else is there."""
    if three := _MONTHS_AND_YEAR.search(text):
        quarter = _from_three_months(three[1], three[2], three[3], three[4])
        return quarter if quarter == _from_its_parts(text[: three.start()] + text[three.end() :]) else None
    match = _FINANCIAL.search(text)
    if match is None:
        return None
    year = _year_or_none(re.sub("[–_]", "-", match[1].replace("'", "")))
    number = quarter_number(text[: match.start()] + " " + text[match.end() :])
    return None if year is None or number is None else Quarter(year, number)


def _from_two_days(first: str, last: str) -> Quarter | None:
    """Return the quarter from a first to a last day: "1 April 2025 to 30 June 2025"; the first may have no year."""
    end = to_date(last)
    begin = None if end is None else to_date(first) or to_date(f"{first} {end.year}")
    if end is None or begin is None:
        return None
    quarter = Quarter.of(pd.Period(year=end.year, month=end.month, freq="M"))
    ends = quarter.span.first.start_time.date(), quarter.span.last.end_time.date()
    return quarter if ends == (begin, end) else None


def _from_its_end(text: str) -> Quarter | None:
    month = to_month(text)
    quarter = None if month is None else Quarter.of(month)
    return quarter if quarter is not None and quarter.span.last == month else None


def _from_three_months(first: str, first_year: str | None, last: str, last_year: str) -> Quarter | None:
    months = month_number(first), month_number(last)
    end = None if None in months else _day(last_year, str(months[1]), "1")
    if end is None:
        return None
    quarter = Quarter.of(pd.Period(year=end.year, month=end.month, freq="M"))
    begin = quarter.span.first
    complete = quarter.span.last.month == end.month and begin.month == months[0]
    return quarter if complete and (first_year is None or int(first_year) % 100 == begin.year % 100) else None


def _from_its_first_or_last_day(day: dt.date) -> Quarter | None:
    quarter = Quarter.of(pd.Period(year=day.year, month=day.month, freq="M"))
    ends = quarter.span.first.start_time.date(), quarter.span.last.end_time.date()
    return quarter if day in ends else None


def _plain(value: object) -> str:
    text = " ".join(str(value).split()).casefold() if isinstance(value, (str, int, float)) else ""
    return text if text[:1].isdigit() and text.isascii() and not any(map(str.isalpha, text)) else _in_english(text)


@lru_cache(maxsize=4096)
def _in_english(text: str) -> str:
    return _WELSH_MONTH.sub(lambda match: _WELSH[match[0]], text)


def _day(year: str, month: str, day: str) -> dt.date | None:
    try:
        return _in_range(dt.date(whole_year(year), int(month), int(day)))
    except ValueError:
        return None


def _in_range(day: dt.date) -> dt.date | None:
    return day if FIRST_YEAR <= day.year <= LAST_YEAR and day >= dt.date(FIRST_YEAR, 4, 1) else None
