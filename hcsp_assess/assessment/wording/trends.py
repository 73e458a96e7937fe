"""The sentence of a trend verdict, of exceedances and of a forecast: message first, size and certainty after."""

import math
from collections.abc import Collection
from typing import Any

import numpy as np
import pandas as pd

from hcsp_assess.assessment.findings import Finding
from hcsp_assess.assessment.wording.words import lower_first, say_percent
from hcsp_assess.trends.exceedance import Exceedances
from hcsp_assess.trends.forecast import Forecast
from hcsp_assess.trends.trend_figures import CRIMES_NEEDED, MONTHS_NEEDED
from hcsp_assess.trends.verdicts import STABLE_WITHIN, Question, Trend

CERTAINTY = {
    "confirmed": "Confirmed: two different methods agree.",
    "probable": "Probable: the main method says so; the second method does not confirm it.",
}


def describe_trend(trend: Trend, name: str, unit: str = "offences") -> Finding:
    """Say the verdict on a series.

    Parameters
    ----------
    name : str
        What is counted, as it begins a sentence: "Shoplifting".
    unit : str
        "offences" or "incidents".

    Returns
    -------
    Finding
        Its sentence leads with the verdict; counts stand beside percentages; "no clear trend" and "too little data" are
        said plainly. Every number in it is in its evidence.
    """
    sentence = {
        "rising": _moving,
        "falling": _moving,
        "stable": _stable,
        "unclear": _unclear,
        "too little data": _too_little,
    }[trend.verdict](trend, name, unit)
    caveats = [_latest(trend), *_shifts(trend), _set_aside(trend)]
    certainty = " ".join(part for part in (CERTAINTY.get(trend.strength, ""), _tested(trend)) if part)
    key = name.lower().replace(" ", "_")
    return Finding(key, sentence, _evidence(trend), certainty, tuple(text for text in caveats if text))


def describe_exceedances(found: Exceedances, name: str) -> Finding:
    """Say whether any of the latest months is higher than the same season of earlier years allows."""
    months = found.months
    high = months[months["exceeds"].fillna(value=False).astype(bool)]
    looked = int(months["exceeds"].notna().sum())
    evidence: dict[str, object] = {"months_looked_at": looked, "false_alarm_rate": 100 * found.false_alarm_rate}
    certainty = f"Method: {found.method}."
    key = f"{name.lower().replace(' ', '_')}_latest"
    if not looked:
        return Finding(key, f"{name}: we hold none of the latest months in full.", evidence, certainty)
    if high.empty:
        told = f"none of the latest {looked} months is higher than its season allows"
        return Finding(key, f"{name}: {told}.", evidence, certainty)
    for number, (month, row) in enumerate(high.iterrows()):
        evidence |= {f"observed_{number}": row["observed"], f"upper_{number}": row["upper"]}
        evidence |= {f"year_{number}": _month(month).year}
    said = "; ".join(
        f"{_month(month).strftime('%B %Y')} ({row['observed']:,.0f}, where up to {row['upper']:,.0f} is ordinary)"
        for month, row in high.iterrows()
    )
    return Finding(key, f"{name}: higher than the season allows in {said}.", evidence, certainty)


def describe_forecast(forecast: Forecast, name: str, unit: str = "offences") -> Finding:
    """Say how many are to be expected in the coming year, or why that is not said."""
    key = f"{name.lower().replace(' ', '_')}_forecast"
    if not forecast.usable:
        return Finding(key, f"No forecast is given for {lower_first(name)}: {forecast.reason.rstrip('.')}.")
    evidence = {
        "total": forecast.total,
        "total_low": forecast.total_low,
        "total_high": forecast.total_high,
        "confidence": 100 * forecast.confidence,
        "months": len(forecast.months),
    }
    sentence = (
        f"{name}: about {forecast.total:,.0f} {unit} are to be expected in the next {len(forecast.months)} months, "
        f"if what has been goes on ({forecast.total_low:,.0f} to {forecast.total_high:,.0f})."
    )
    certainty = f"{100 * forecast.confidence:.0f}% interval; {forecast.reason}."
    return Finding(key, sentence, evidence, certainty)


def describe_no_decomposition(key: str, name: str, missing: int, months: int) -> Finding:
    """Say why trend and season of a series are not drawn."""
    why = f"{missing} of {months} months are not held in full, and filling them would be invention"
    return Finding(f"{key}_trend", f"{name}: trend and season cannot be told apart, because {why}.")


def describe_no_latest(key: str, name: str) -> Finding:
    """Say why the latest months of a series are not compared with what their season allows."""
    why = "we hold too few months of earlier years to say what their season allows"
    return Finding(f"{key}_whether", f"{name}: whether the latest months are unusual cannot be told, because {why}.")


def describe_no_limits(key: str, name: str, missing: int, months: int) -> Finding:
    """Say why a series has no control chart."""
    why = f"{missing} of {months} months are not held in full"
    return Finding(f"{key}_limits", f"{name}: limits of ordinary variation cannot be drawn, because {why}.")


def say_certainty(trend: Trend) -> str:
    """The verdict in one or two words: "rising, confirmed"; "no clear trend"."""
    if trend.verdict == "unclear":
        return "no clear trend"
    return f"{trend.verdict}, {trend.strength}" if trend.strength else trend.verdict


def _moving(trend: Trend, name: str, unit: str) -> str:
    word = trend.verdict.capitalize()
    if trend.follows == "last 36 months":
        return f"{word}: {lower_first(name)}, {_turn(trend)}. {_totals(trend, unit)}."
    return f"{word}: {lower_first(name)}, {_size(trend.long_run)} {_span(trend)}. {_totals(trend, unit)}."


def _turn(trend: Trend) -> str:
    """What was before the last 36 months, and what has been since."""
    since = f"{_size(trend.last_36_months)} since {(trend.last_month - 35).strftime('%B %Y')}"
    if trend.long_run.direction and trend.long_run.direction != trend.last_36_months.direction:
        before = "fell" if trend.long_run.direction < 0 else "rose"
        return f"{since}, though over the whole record it {before}"
    return since


def _size(question: Question) -> str:
    way = "up" if question.percent > 0 else "down"
    low, high = sorted((abs(question.low), abs(question.high)))
    return f"{way} by {say_percent(question.percent)} a year ({say_percent(low)} to {say_percent(high)})"


def _stable(trend: Trend, name: str, unit: str) -> str:
    within = f"any trend {_span(trend)} is within {STABLE_WITHIN:.0f}% a year"
    return f"Stable: {lower_first(name)}, {within}. {_totals(trend, unit)}."


def _unclear(trend: Trend, name: str, unit: str) -> str:
    low, high = trend.long_run.low, trend.long_run.high
    allow = f"the data allow anything from {_signed(low)} to {_signed(high)} a year"
    return f"No clear trend: {lower_first(name)}, {allow} {_span(trend)}. {_totals(trend, unit)}."


def _too_little(trend: Trend, name: str, unit: str) -> str:
    have = f"we hold {trend.months_published} months with {trend.total:,} {unit}"
    need = f"a verdict needs {MONTHS_NEEDED} months and {CRIMES_NEEDED} {unit}"
    return f"Too little data to say whether there is a trend: {lower_first(name)}, {have}, and {need}."


def _totals(trend: Trend, unit: str) -> str:
    now = f"{trend.last_12_total:,} {unit} in the last {_months(trend.last_12_published)}"
    if not trend.previous_12_published:
        return now
    before = f"{trend.previous_12_total:,} in the {_months(trend.previous_12_published)} before"
    return f"{now}, {before}"


def _months(published: int) -> str:
    return "12 months" if published == 12 else f"12 months ({published} published)"


def _span(trend: Trend) -> str:
    return f"from {trend.first_month.strftime('%B %Y')} to {trend.last_month.strftime('%B %Y')}"


def _signed(change: float) -> str:
    if math.isinf(change):
        return "any rise"
    return f"{'+' if change > 0 else '−' if change < 0 else ''}{say_percent(change)}"


def _month(label: Any) -> pd.Period:
    """A label of a monthly index as the month that it is."""
    return pd.Period(label, "M")


def _set_aside(trend: Trend) -> str:
    if not trend.months_set_aside:
        return ""
    listed = ", ".join(f"{item.month.strftime('%B %Y')} ({item.count:,})" for item in trend.months_set_aside)
    return f"Set aside as far out of line, and not used for the verdict: {listed}."


def _shifts(trend: Trend) -> list[str]:
    """The known changes that are held apart from the trend, each with its size."""
    said = []
    for number, shift in enumerate(trend.shifts, start=1):
        size = f"{_signed(shift.percent)} ({_signed(shift.low)} to {_signed(shift.high)})"
        if shift.end is None:
            what = f"the change of recording of {shift.start.strftime('%B %Y')}"
        else:
            what = f"the {shift.name} ({shift.start.strftime('%B %Y')} to {shift.end.strftime('%B %Y')})"
        said.append(f"Not part of the trend, marked {number}: {what}, level {size}.")
    return said


def _latest(trend: Trend) -> str:
    """The level of the last 12 months, said beside the verdict where it stands out."""
    latest = trend.last_12_months
    if trend.verdict == "too little data" or latest.adjusted_p_value > trend.level or not latest.direction:
        return ""
    way = "above" if latest.percent > 0 else "below"
    low, high = sorted((abs(latest.low), abs(latest.high)))
    size = f"{say_percent(latest.percent)} (between {say_percent(low)} and {say_percent(high)})"
    caveat = f" Mind: {trend.caveat}." if trend.caveat else ""
    return f"The level of the last 12 months is {size} {way} what season and trend before lead one to expect.{caveat}"


def _tested(trend: Trend) -> str:
    if trend.verdict == "too little data":
        return ""
    family = (
        f"{trend.series_tested} series were looked at together"
        if trend.series_tested > 1
        else "one series was looked at"
    )
    p_value = (
        trend.last_36_months.adjusted_p_value if trend.follows == "last 36 months" else trend.long_run.adjusted_p_value
    )
    return f"Adjusted p-value {_say_p(p_value)}; {family}."


def _say_p(p_value: float) -> str:
    return "under 0.001" if p_value < 0.001 else f"{p_value:.3f}"


def _evidence(trend: Trend) -> dict[str, object]:
    questions = {
        "long_run": trend.long_run,
        "last_36_months": trend.last_36_months,
        "last_12_months": trend.last_12_months,
    }
    evidence: dict[str, object] = {
        f"{name}_{part}": getattr(question, part)
        for name, question in questions.items()
        for part in ("percent", "low", "high", "p_value", "adjusted_p_value")
    }
    evidence = {name: value for name, value in evidence.items() if np.isfinite(float(str(value)))}
    since = trend.last_month - 35
    return evidence | {
        "first_year": trend.first_month.year,
        "last_year": trend.last_month.year,
        "since_year": since.year,
        "total": trend.total,
        "months_published": trend.months_published,
        "months_used": trend.months_used,
        "last_12_total": trend.last_12_total,
        "last_12_published": trend.last_12_published,
        "previous_12_total": trend.previous_12_total,
        "previous_12_published": trend.previous_12_published,
        "months": 12,
        "months_needed": MONTHS_NEEDED,
        "crimes_needed": CRIMES_NEEDED,
        "stable_within": STABLE_WITHIN,
        "series_tested": trend.series_tested,
    }


def describe_too_little(number: int, trends: Collection[Trend]) -> Finding:
    """Say of how many series there is too little data for a verdict, and what a verdict needs."""
    most, every = max(trend.months_published for trend in trends), len(trends)
    sentence = (
        f"Too little data to say whether there is a trend in {number} of {every} series: we hold at most {most} "
        f"months in full, and a verdict needs {MONTHS_NEEDED} with {CRIMES_NEEDED} offences. What can be told of each "
        "is its level:"
    )
    evidence = {"series": number, "all": every, "months": most, "needed": MONTHS_NEEDED, "crimes": CRIMES_NEEDED}
    return Finding("too_little_data", sentence, evidence)


def describe_no_shift(tested: int) -> Finding:
    """Say that no series has a sudden change of level."""
    sentence = f"No sudden change of level stands out in the {tested} series that could be tested."
    return Finding("level_shifts", sentence, {"series": tested})
