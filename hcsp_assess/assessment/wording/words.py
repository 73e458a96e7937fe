"""What sentences share: percentages, counts that may be published, days, lists, quotations."""

import datetime
import re
from collections.abc import Sequence

from hcsp_assess.periods import Span, parse_quarter
from hcsp_assess.sources.texts import Signed

#: Counts below this are compared in numbers alone: of few, a percentage says more than is known.
PERCENT_FROM = 50


#: A change in per cent that is too small for one decimal place, and how it is said.
TOO_SMALL, UNDER = 0.05, "under 0.1%"


def say_percent(change: float) -> str:
    """A change in per cent, rounded once, without a sign: 12%, 3.4%, under 0.1%."""
    size = abs(change)
    if size < TOO_SMALL:
        return UNDER
    return f"{size:.1f}%" if size < 9.95 else f"{size:,.0f}%"


def say_signed(change: float) -> str:
    """A whole number with its sign: +6, −14."""
    return f"{change:+.0f}".replace("-", "−")


def say_day(day: datetime.date) -> str:
    """A day in words: 1 April 2013."""
    return f"{day.day} {day:%B %Y}"


def say_months(first: datetime.date, last: datetime.date) -> str:
    """A span of months: January 2012 to March 2013."""
    return f"{first:%B} {first.year} to {last:%B} {last.year}"


def say_quarters(period: str) -> str:
    """Quarters of financial years as months: "Q1 12/13 to Q3 12/13" is "April to December 2012".

    Parameters
    ----------
    period : str
        Quarters, single or as a run with " to ", separated by commas, as the register of returns names them.
    """
    runs = [[parse_quarter(name).span for name in run.split(" to ")] for run in period.split(", ")]
    return listed([Span(run[0].first, run[-1].last).spoken for run in runs])


def quoted(text: str, signed: Signed) -> str:
    """A reviewed text, in quotation marks where it is word for word from its source."""
    return f"“{text}”" if signed.origin == "quoted" else text


def listed(items: Sequence[str]) -> str:
    """Names as a list in words: a, b and c."""
    return f"{', '.join(items[:-1])} and {items[-1]}" if len(items) > 1 else items[0]


def upper_first(text: str) -> str:
    """A text as it is at the start of a sentence."""
    return text[:1].upper() + text[1:]


def lower_first(text: str) -> str:
    """A name as it is within a sentence; one that begins with letters such as MARAC is left."""
    return text if text[1:2].isupper() else text[:1].lower() + text[1:]


def is_many(name: str) -> bool:
    """Whether a name takes "are" and not "is": "Drug offences" do, "Recorded crime in rural areas" does not."""
    head = re.split(r" (?:in|of|from|with|without|to|by|on|at|for|against)\b|[,(:]", name)[0].rstrip()
    return head.endswith("s") and not head.endswith("ss")
