"""Words that the sentences of trends share: time, size, the last two years, months left out; and their numbers."""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from hcsp_assess.assessment.wording.words import listed, say_percent
from hcsp_assess.trends.count_series import CRIMES_NEEDED, MONTHS_NEEDED
from hcsp_assess.trends.results import MonthSetAside, Question, Trend
from hcsp_assess.trends.verdicts import STABLE_WITHIN

NUMBERS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")


def rose(up: bool) -> str:
    """ "rose" or "fell"."""
    return "rose" if up else "fell"


def say_size(question: Question) -> str:
    """Size of a change a year with its likely range."""
    low, high = sorted((abs(question.low), abs(question.high)))
    return f"about {say_percent(question.percent)} a year (likely between {say_percent(low)} and {say_percent(high)})"


def say_totals(trend: Trend, unit: str) -> str:
    """The last two years in a sentence of their own."""
    if not trend.previous_12_published:
        last = _twelve_months(trend, trend.last_12_published)
        return f"There were {trend.last_12_total:,} {unit} in the last {last}."
    return f"There were {say_two_years(trend, unit)}."


def say_two_years(trend: Trend, unit: str) -> str:
    """The last 12 months and the 12 before, as far as they are held."""
    now, before = trend.last_12_total, trend.previous_12_total
    whole = trend.last_12_published == trend.previous_12_published == trend.per_year
    way = {1: "up from ", -1: "down from "}.get((now > before) - (now < before), "") if whole else ""
    last = f"{now:,} {unit} in the last {_twelve_months(trend, trend.last_12_published)}"
    return f"{last}, {way}{before:,} in the {_twelve_months(trend, trend.previous_12_published)} before"


def _twelve_months(trend: Trend, published: int) -> str:
    if published == trend.per_year:
        return "12 months"
    held = f"{published} of them held" if trend.per_year == 12 else f"{published} of the 4 quarters held"
    return f"12 months ({held})"


def last_year_moved(trend: Trend) -> float | None:
    """Per cent between the last 12 months and the 12 before, where both are held in full."""
    whole = trend.last_12_published == trend.previous_12_published == trend.per_year
    if not whole or not trend.previous_12_total:
        return None
    return 100 * (trend.last_12_total / trend.previous_12_total - 1)


def say_span(trend: Trend) -> str:
    """The time that a trend is about: "over the six years to March 2023", "between May 2010 and January 2024"."""
    months = (trend.last_month.ordinal - trend.first_month.ordinal + 1) * 12 // trend.per_year
    if months % 12:
        return f"between {first_month_name(trend.first_month)} and {month_name(trend.last_month)}"
    return f"over the {years_of(trend)} to {month_name(trend.last_month)}"


def years_of(trend: Trend) -> str:
    """ "six years", or "166 months" where years are not whole."""
    months = (trend.last_month.ordinal - trend.first_month.ordinal + 1) * 12 // trend.per_year
    years, rest = divmod(months, 12)
    if rest:
        return f"{months} months"
    return f"{NUMBERS[years] if years < len(NUMBERS) else years} years"


def month_name(period: Any) -> str:
    """The last month of a month or quarter: "March 2023"."""
    name: str = period.asfreq("M", "E").strftime("%B %Y")
    return name


def first_month_name(period: Any) -> str:
    """The first month of a month or quarter: "January 2023"."""
    name: str = period.asfreq("M", "S").strftime("%B %Y")
    return name


def period_name(period: pd.Period) -> str:
    """A month, or a quarter by its months: "January to March 2023"."""
    first, last = first_month_name(period), month_name(period)
    return last if first == last else f"{first.split()[0]} to {last}"


def signed(change: float) -> str:
    """A change in per cent with its sign, rounded once."""
    if math.isinf(change):
        return "any rise"
    return f"{'+' if change > 0 else '−' if change < 0 else ''}{say_percent(change)}"


def say_most(change: float) -> str:
    """The far end of a range, which may have none."""
    return "any amount" if math.isinf(change) else say_percent(change)


def listed_months(items: Sequence[MonthSetAside]) -> str:
    """Months with their counts; a run of months together."""
    runs: list[list[MonthSetAside]] = []
    for item in items:
        if runs and item.month.ordinal == runs[-1][-1].month.ordinal + 1:
            runs[-1].append(item)
        else:
            runs.append([item])
    return listed([_said_run(run) for run in runs])


def _said_run(run: Sequence[MonthSetAside]) -> str:
    if len(run) == 1:
        return f"{period_name(run[0].month)} ({run[0].count:,})"
    counts = sum(item.count for item in run)
    return f"{first_month_name(run[0].month)} to {month_name(run[-1].month)} ({counts:,} in all)"


def years_named(trend: Trend) -> dict[str, object]:
    """Every year and number of years that a sentence may name."""
    named = [trend.first_month, trend.last_month, trend.began, trend.ended]
    named += [item.month for item in trend.months_set_aside] + [year.last for year in trend.years]
    evidence: dict[str, object] = {}
    for number, period in enumerate(each for each in named if each is not None):
        evidence |= {f"year_{number}": _year_of(period), f"year_from_{number}": _year_of(period, "S")}
        evidence[f"year_after_{number}"] = _year_of(period + 1, "S")
    months = (trend.last_month.ordinal - trend.first_month.ordinal + 1) * 12 // trend.per_year
    return evidence | {"months": months, "years": months // 12}


def _year_of(period: Any, end: str = "E") -> int:
    return int(period.asfreq("M", end).year)


def trend_evidence(trend: Trend) -> dict[str, object]:
    """Every number that the sentence of a trend may hold."""
    evidence: dict[str, object] = {
        f"{name}_{part}": getattr(question, part)
        for name, question in trend.questions.items()
        for part in ("percent", "low", "high", "p_value", "adjusted_p_value")
    }
    evidence = {name: value for name, value in evidence.items() if np.isfinite(float(str(value)))}
    for number, item in enumerate(trend.months_set_aside):
        evidence[f"set_aside_{number}"] = item.count
    runs = np.cumsum([0, *(item.count for item in trend.months_set_aside)])
    for first in range(len(runs)):
        for last in range(first + 2, len(runs)):
            evidence[f"set_aside_{first}_{last}"] = int(runs[last] - runs[first])
    for number, year in enumerate(trend.years):
        evidence[f"total_{number}"] = year.total
    moved = last_year_moved(trend)
    latest = trend.last_12_months
    evidence |= {"last_12_moved": moved} if moved is not None else {}
    evidence |= {"smallest_seen": smallest_seen(latest)} if latest.was_asked and latest.low > -100 else {}
    return (
        evidence
        | years_named(trend)
        | {
            "total": trend.total,
            "months_published": trend.months_published,
            "months_used": trend.months_used,
            "last_12_total": trend.last_12_total,
            "last_12_published": trend.last_12_published,
            "previous_12_total": trend.previous_12_total,
            "previous_12_published": trend.previous_12_published,
            "twelve": 12,
            "per_year": trend.per_year,
            "months_needed": MONTHS_NEEDED * trend.per_year // 12,
            "crimes_needed": CRIMES_NEEDED,
            "stable_within": STABLE_WITHIN,
            "series_tested": trend.series_tested,
        }
    )


def smallest_seen(question: Question) -> float:
    """The rise, in per cent, that would be found four times in five, from the width of the interval."""
    half = (math.log1p(question.high / 100) - math.log1p(question.low / 100)) / 2
    return 100 * math.expm1(half * (1.96 + 0.84) / 1.96)
