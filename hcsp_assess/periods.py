"""Read and print financial years, quarters and spans of months.

A financial year runs from April to March; its first quarter is April to June, so "Q4 11/12" is January to March 2012.
"""

import re
from dataclasses import dataclass
from functools import total_ordering

import pandas as pd

from hcsp_assess.errors import InputError

FIRST_YEAR, LAST_YEAR = 1980, 2079  # what two digits can tell apart: "80/81" is 1980-81, "79/80" is 2079-80

_YEAR = r"(?P<start>\d{4}|\d{2})\s*[-/\u2010-\u2015]\s*(?P<end>\d{4}|\d{2})"
_QUARTER = r"[Qq](?P<number>\d+)"
_MONTHS = re.compile(r"(?P<first>\d{4}-\d{2})\s*(?:to|\.\.)\s*(?P<last>\d{4}-\d{2})")


@dataclass(frozen=True, order=True)
class FinancialYear:
    """April to March.

    Attributes
    ----------
    start : int
        Calendar year in which it begins: 2011 for 2011-12. From 1980 to 2079.
    """

    start: int

    def __post_init__(self) -> None:
        if not FIRST_YEAR <= self.start <= LAST_YEAR:
            raise InputError(f"a financial year starts between {FIRST_YEAR} and {LAST_YEAR}, not in {self.start}")

    def __str__(self) -> str:
        return f"{self.start}-{(self.start + 1) % 100:02d}"

    @property
    def short(self) -> str:
        """The year as the strategy prints it: "11/12"."""
        return f"{self.start % 100:02d}/{(self.start + 1) % 100:02d}"

    @property
    def span(self) -> "Span":
        """April to March, as months."""
        return Span(pd.Period(year=self.start, month=4, freq="M"), pd.Period(year=self.start + 1, month=3, freq="M"))

    @property
    def months(self) -> pd.PeriodIndex:
        """The twelve months."""
        return self.span.months

    @property
    def quarters(self) -> tuple["Quarter", "Quarter", "Quarter", "Quarter"]:
        """The four quarters, April to June first."""
        return Quarter(self, 1), Quarter(self, 2), Quarter(self, 3), Quarter(self, 4)

    @property
    def previous(self) -> "FinancialYear":
        """The year before."""
        return FinancialYear(self.start - 1)

    @classmethod
    def of(cls, month: pd.Period) -> "FinancialYear":
        """Return the year in which a month is: 2011-12 for March 2012."""
        return cls(month.year - (month.month < 4))


@dataclass(frozen=True, order=True)
class Quarter:
    """Three months of a financial year.

    Attributes
    ----------
    number : int
        1 for April to June, to 4 for January to March.
    """

    year: FinancialYear
    number: int

    def __post_init__(self) -> None:
        if self.number not in (1, 2, 3, 4):
            raise InputError(f"a financial year has quarters Q1 (April to June) to Q4, not Q{self.number}")

    def __str__(self) -> str:
        return f"Q{self.number} {self.year.short}"

    @property
    def label(self) -> str:
        """Its months, for a table or chart: "Apr–Jun 2012"."""
        first, last = self.span.first, self.span.last
        return f"{first.strftime('%b')}–{last.strftime('%b %Y')}"

    @property
    def span(self) -> "Span":
        """The quarter's first to its last month."""
        first = self.year.span.first + 3 * (self.number - 1)
        return Span(first, first + 2)

    @property
    def months(self) -> pd.PeriodIndex:
        """The three months."""
        return self.span.months

    @property
    def year_before(self) -> "Quarter":
        """The same months a year earlier."""
        return Quarter(self.year.previous, self.number)

    @classmethod
    def of(cls, month: pd.Period) -> "Quarter":
        """Return the quarter in which a month is: Q4 11/12 for March 2012."""
        return cls(FinancialYear.of(month), (month.month - 4) % 12 // 3 + 1)

    def __add__(self, quarters: int) -> "Quarter":
        """Return the quarter so many quarters later (earlier where negative)."""
        year, number = divmod(4 * self.year.start + self.number - 1 + quarters, 4)
        return Quarter(FinancialYear(year), number + 1)


@total_ordering
@dataclass(frozen=True)
class Span:
    """From one month to another, both included.

    Attributes
    ----------
    first, last : pandas.Period
        Months (freq "M").
    """

    first: pd.Period
    last: pd.Period

    def __post_init__(self) -> None:
        if self.last < self.first:
            raise InputError(f"the months end before they begin: {self.first} to {self.last}")

    def __str__(self) -> str:
        return f"{self.first} to {self.last}"

    def __lt__(self, other: "Span") -> bool:
        return (self.first, self.last) < (other.first, other.last)

    @property
    def months(self) -> pd.PeriodIndex:
        """Every month of it."""
        return pd.period_range(self.first, self.last, freq="M")

    @property
    def name(self) -> str:
        """The shortest name: "2011-12", "2025", "Q4 11/12", else in words, "July 2011 to June 2012"."""
        year = FinancialYear.of(self.first)
        quarter = Quarter.of(self.first)
        if self == year.span:
            return str(year)
        if self == quarter.span:
            return str(quarter)
        if self.first.month == 1 and self.last == self.first + 11:
            return str(self.first.year)
        return self.words

    @property
    def words(self) -> str:
        """The months in words: "April 2011 to March 2012"; one month alone is "April 2011"."""
        first, last = (month.strftime("%B %Y") for month in (self.first, self.last))
        return first if first == last else f"{first} to {last}"

    @property
    def spoken(self) -> str:
        """The months as a sentence has them, a year named once: "April to December 2012"."""
        if self.first.year != self.last.year or self.first == self.last:
            return self.words
        return f"{self.first.strftime('%B')} to {self.last.strftime('%B %Y')}"

    @property
    def between(self) -> str:
        """When, within a sentence: "between April and December 2012", "in April 2012"."""
        if self.first == self.last:
            return f"in {self.words}"
        return f"between {self.spoken.replace(' to ', ' and ')}"

    @property
    def year_before(self) -> "Span":
        """The same months a year earlier."""
        return Span(self.first - 12, self.last - 12)


def parse_financial_year(text: str) -> FinancialYear:
    """Read "2011-12", "2011/12", "2011-2012" or "11/12".

    Raises
    ------
    InputError
        If the text is none of these, or the second year does not follow the first.
    """
    match = re.fullmatch(_YEAR, text.strip())
    if not match:
        raise InputError(f"{text!r} is not a financial year: write 2011-12, 2011/12 or 11/12")
    return _year(text, match)


def parse_quarter(text: str) -> Quarter:
    """Read "Q4 11/12", "Q4 2011-12" or "2011/12 Q4": a quarter of the financial year, Q1 from April.

    Raises
    ------
    InputError
        If the text is none of these.
    """
    match = re.fullmatch(rf"{_QUARTER}\s+{_YEAR}", text.strip()) or re.fullmatch(rf"{_YEAR}\s+{_QUARTER}", text.strip())
    if not match or match["number"] not in {"1", "2", "3", "4"}:
        raise InputError(f"{text!r} is not a quarter of a financial year: write Q4 11/12 or Q4 2011-12, from Q1 to Q4")
    return Quarter(_year(text, match), int(match["number"]))


def parse_calendar_quarter(text: str) -> Span:
    """Read "2025 Q3" as July to September 2025; a quarter of the financial year, as "Q2 25/26", is read too.

    Raises
    ------
    InputError
        If the text is neither.

    Examples
    --------
    >>> parse_calendar_quarter("2025 Q3").words, parse_calendar_quarter("Q2 25/26").words
    ('July 2025 to September 2025', 'July 2025 to September 2025')
    """
    text = text.strip()
    match = re.fullmatch(r"(\d{4})\s*-?\s*[Qq]([1-4])", text) or re.fullmatch(r"[Qq]([1-4])\s+(\d{4})", text)
    if match:
        year, number = (match[1], match[2]) if len(match[1]) == 4 else (match[2], match[1])
        first = parse_month(f"{year}-{3 * int(number) - 2:02d}")
        return Span(first, first + 2)
    try:
        return parse_quarter(text).span
    except InputError as error:
        raise InputError(
            f"{text!r} is not a quarter: write 2025 Q3 for July to September 2025, "
            "or Q2 25/26 for the second quarter of a financial year"
        ) from error


def parse_span(text: str) -> Span:
    """Read a financial year ("2011-12"), a calendar year ("2025"), a quarter ("Q4 11/12") or "2011-07 to 2012-06".

    "2011-12" is the financial year: December 2011 alone is written "2011-12 to 2011-12".

    Raises
    ------
    InputError
        If the text is none of these, or the months are out of order.
    """
    text = text.strip()
    if match := _MONTHS.fullmatch(text):
        return Span(parse_month(match["first"]), parse_month(match["last"]))
    if re.fullmatch(r"\d{4}", text):
        return Span(parse_month(f"{text}-01"), parse_month(f"{text}-12"))
    if re.fullmatch(_YEAR, text):
        return parse_financial_year(text).span
    if re.search(_QUARTER, text):
        return parse_quarter(text).span
    raise InputError(
        f"{text!r} is not a period: write a financial year (2011-12), a calendar year (2025), a quarter (Q4 11/12) "
        "or two months (2011-07 to 2012-06)"
    )


def parse_month(text: str) -> pd.Period:
    """Read "2012-04" as a month; `InputError` for anything else."""
    match = re.fullmatch(r"(\d{4})-(0[1-9]|1[0-2])", text.strip())
    if not match or not f"{FIRST_YEAR}-04" <= match[0] <= f"{LAST_YEAR}-12":
        raise InputError(f"{text!r} is not a month: write 2012-04, from {FIRST_YEAR}-04 to {LAST_YEAR}-12")
    return pd.Period(year=int(match[1]), month=int(match[2]), freq="M")


def months_of(texts: "pd.Series[str]") -> pd.PeriodIndex:
    """Return the month of each text, such as "2012-04"; each different text is read once, however often it occurs.

    Parameters
    ----------
    texts : pandas.Series of str
        Months as year and month; a missing one stays missing.

    Raises
    ------
    ValueError
        If a text is not a date.

    Examples
    --------
    >>> months_of(pd.Series(["2012-04", "2012-05", "2012-04"])).astype(str).tolist()
    ['2012-04', '2012-05', '2012-04']
    """
    places, different = pd.factorize(texts)
    return pd.PeriodIndex(pd.Series(pd.PeriodIndex(different, freq="M")).reindex(places))


def _year(text: str, match: re.Match[str]) -> FinancialYear:
    """Return the year that two matched numbers name, where the second follows the first."""
    start, end = match["start"], match["end"]
    first = int(start) if len(start) == 4 else int(start) + (1900 if int(start) >= FIRST_YEAR % 100 else 2000)
    follows = int(end) == (first + 1 if len(end) == 4 else (first + 1) % 100)
    if not follows:
        raise InputError(f"{text!r} is not a financial year: {end} does not follow {start}")
    return FinancialYear(first)
