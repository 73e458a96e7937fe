"""The sentence of a trend: message first, then its size, the other questions asked, and what was left out."""

from collections.abc import Collection
from typing import Any

import numpy as np
import pandas as pd

from hcsp_assess.assessment.findings import Finding
from hcsp_assess.assessment.wording.trend_words import (
    first_month_name,
    last_year_moved,
    listed_months,
    month_name,
    rose,
    say_most,
    say_size,
    say_span,
    say_totals,
    say_two_years,
    signed,
    smallest_seen,
    trend_evidence,
    years_of,
)
from hcsp_assess.assessment.wording.words import is_many, listed, lower_first, say_percent, upper_first
from hcsp_assess.trends.count_series import CRIMES_NEEDED, MONTHS_NEEDED
from hcsp_assess.trends.model import TURN_YEARS
from hcsp_assess.trends.results import Question, Trend
from hcsp_assess.trends.trend_figures import plain_rates
from hcsp_assess.trends.verdicts import CONFIRMING_LEVELS, STABLE_WITHIN

STRENGTH = {
    "confirmed": "Two different methods agree on the trend.",
    "probable": "Probable: the main method finds the trend, and the second does not confirm it.",
}
TOO_SHORT_TO_CONFIRM = (
    f"Probable: a record of under {CONFIRMING_LEVELS[0][0] // 12} years is too short to confirm a trend."
)
MAY_BE_LUCK = "that may be luck"
MODEL = "Model: counts by month or quarter with season, length of month, and ups and downs that last. Ranges: 95%."
#: A last year that moved by more than this per cent is part of the sentence, whatever the trend.
MOVED = 5.0
SHARPLY = 25.0
#: Years after a rise or fall are called level where each is within this per cent of their mean.
LEVEL_WITHIN = 7.5


def describe_trend(trend: Trend, name: str, unit: str = "offences") -> Finding:
    """Say how a series has moved: its trend, the last year beside it, the other questions asked, and every caveat.

    Parameters
    ----------
    name : str
        What is counted, as it begins a sentence: "Shoplifting".
    unit : str
        What the counts are: "offences", "incidents", "attendances", "people".

    Returns
    -------
    Finding
        Its sentence leads with the trend in the past tense; counts stand beside percentages; "no clear trend" and "too
        little data" are said plainly. Every number in it is in its evidence.
    """
    said = {
        "rising": _moved,
        "falling": _moved,
        "higher": _changed_lately,
        "lower": _changed_lately,
        "stable": _level,
        "unclear": _unclear,
        "too little data": _too_little,
        "no longer recorded": _ended,
        "not assessed": _ended,
    }[trend.verdict](trend, name, unit)
    message = " ".join(part for part in (_began(trend, name, unit), said) if part)
    parts = [message, *_other_questions(trend), _set_aside_within(trend)]
    caveats = [*_shifts(trend), _set_aside(trend)]
    if trend.caveat and trend.last_12_months.direction:
        caveats.insert(0, f"{upper_first(trend.caveat)}.")
    key = name.lower().replace(" ", "_")
    sentence = " ".join(part for part in parts if part)
    said_too = tuple(text for text in caveats if text)
    return Finding(
        key,
        sentence,
        trend_evidence(trend),
        caveats=said_too,
        message=message,
        method=_method(trend),
        measure=name,
        period=f"{trend.first_month} to {trend.last_month}",
    )


def was(name: str) -> str:
    """ "was" or "were", as the name of a series asks for."""
    return "were" if is_many(name) else "was"


def say_all(finding: Finding) -> str:
    """A finding's sentence with every caveat that is not yet in it: for a terminal, or a file."""
    return " ".join([finding.sentence, *(text for text in finding.caveats if text not in finding.sentence)])


def say_certainty(trend: Trend) -> str:
    """The trend in a few words for a table or a title: "rose"; "probably rose"; "no clear trend"."""
    likely, latest = _likely(trend), " in the last 12 months"
    words = {
        "rising": f"{likely}rose{' over the last three years' if trend.follows == 'last 36 months' else ''}",
        "falling": f"{likely}fell{' over the last three years' if trend.follows == 'last 36 months' else ''}",
        "higher": f"{_before_the_last_year(trend)}{likely}higher{latest}",
        "lower": f"{_before_the_last_year(trend)}{likely}lower{latest}",
        "stable": "level",
        "unclear": "no clear trend",
        "not assessed": "nothing recorded lately",
    }
    return words.get(trend.verdict, trend.verdict)


def say_title(trend: Trend, name: str) -> str:
    """The trend as the title of a chart: "Shoplifting rose over the ten years to March 2023"."""
    last = "in the last 12 months"
    if trend.verdict in ("rising", "falling"):
        recent = f"over the three years to {month_name(trend.last_month)}"
        when = recent if trend.follows == "last 36 months" else say_span(trend)
        return f"{name} {_likely(trend)}{rose(trend.verdict == 'rising')} {when}"
    titles = {
        "higher": f"{name} {was(name)} {_before_the_last_year(trend)}{_likely(trend)}higher {last}",
        "lower": f"{name} {was(name)} {_before_the_last_year(trend)}{_likely(trend)}lower {last}",
        "stable": f"{name} {was(name)} level {say_span(trend)}",
        "unclear": f"{name} had no clear trend {say_span(trend)}",
        "too little data": f"{name} {'have' if is_many(name) else 'has'} too few months to show a trend",
    }
    return titles.get(trend.verdict) or _ended(trend, name, "").split(". ")[0]


def say_change(trend: Trend) -> tuple[str, str]:
    """Size and likely range of the question that decided the word, for a table; "-" where nothing was asked."""
    question = trend.deciding
    if not question.was_asked:
        return "-", "-"
    per = " a year" if question is not trend.last_12_months else ""
    return f"{signed(question.percent)}{per}", f"{signed(question.low)} to {signed(question.high)}"


def _likely(trend: Trend) -> str:
    """ "probably ", where one method finds a trend and no second one confirms it."""
    return "probably " if trend.strength == "probable" else ""


def _before_the_last_year(trend: Trend) -> str:
    return "level, then " if _was_level(trend) else ""


def _was_level(trend: Trend) -> bool:
    question = trend.long_run
    return question.was_asked and question.low_90 > -STABLE_WITHIN and question.high_90 < STABLE_WITHIN


def _moved(trend: Trend, name: str, unit: str) -> str:
    up = trend.verdict == "rising"
    size, likely = say_size(trend.deciding), _likely(trend)
    if trend.follows == "last 36 months":
        when = f"over the three years to {month_name(trend.last_month)}"
        return f"{name} {likely}{rose(up)} {when}, by {size}. {_before_turn(trend, up)}{_contrary(trend, unit, up)}"
    return f"{name} {likely}{rose(up)} {say_span(trend)}, by {size}. {_contrary(trend, unit, up)}"


def _before_turn(trend: Trend, up: bool) -> str:
    """What the yearly totals did before the last three years, where that was the other way."""
    years = trend.years
    if len(years) < 5 or min(years[0].published, years[-4].published) < trend.per_year:
        return ""
    first, last = years[0], years[-4]
    if (last.total < first.total) != up or abs(last.total - first.total) <= MOVED / 100 * first.total:
        return ""
    to = f"{last.total:,} in the year to {month_name(last.last)}"
    return f"Before that it {rose(not up)}, from {first.total:,} in the year to {month_name(first.last)} to {to}. "


def _contrary(trend: Trend, unit: str, up: bool) -> str:
    """The last two years; where the last one went the other way by more than 5%, that comes first."""
    moved = last_year_moved(trend)
    if moved is None or abs(moved) <= MOVED or (moved > 0) == up:
        return say_totals(trend, unit)
    way = "fewer" if moved < 0 else "more"
    return f"In the last 12 months, though, there were {say_percent(moved)} {way}: {say_two_years(trend, unit)}."


def _changed_lately(trend: Trend, name: str, unit: str) -> str:
    latest, up = trend.last_12_months, trend.verdict == "higher"
    sharply = f"{_likely(trend)}{'sharply ' if abs(latest.percent) > SHARPLY else ''}"
    way = "above" if up else "below"
    low, high = sorted((abs(latest.low), abs(latest.high)))
    likely = f"likely between {say_percent(low)} and {say_percent(high)}"
    size = f"{say_percent(latest.percent)} {way} the level before ({likely})"
    start = f"{name} {was(name)} {sharply}{trend.verdict} in the 12 months to {month_name(trend.last_month)}"
    if _was_level(trend):
        start = f"{name} {was(name)} level {say_span(trend)} but {sharply}{trend.verdict} in the last 12 months"
    moved = last_year_moved(trend)
    if moved is None:
        return f"{start}: {trend.last_12_total:,} {unit}, {size}."
    than = f"{say_percent(moved)} {'more' if moved > 0 else 'fewer'} than in the 12 months before"
    return f"{start}: {trend.last_12_total:,} {unit}, {size} and {than} ({trend.previous_12_total:,})."


def _level(trend: Trend, name: str, unit: str) -> str:
    start = f"{name} {was(name)} level {say_span(trend)}: any trend was within {STABLE_WITHIN:.0f}% a year."
    moved = last_year_moved(trend)
    if moved is None or abs(moved) <= MOVED:
        return f"{start} {say_totals(trend, unit)}"
    way = "more" if moved > 0 else "fewer"
    usual = f"The last 12 months had {say_percent(moved)} {way}, which is within usual variation"
    return f"{start} {usual}: {say_two_years(trend, unit)}."


def _unclear(trend: Trend, name: str, unit: str) -> str:
    question, span = trend.deciding, say_span(trend)
    if question is trend.last_12_months:
        return _only_last_year(trend, name, unit)
    if trend.reason == "counts":
        start = f"There is no clear trend in {lower_first(name)} {span}: yearly totals do not bear one out."
    elif trend.reason == "turned":
        turned = "fell" if trend.long_run.percent > 0 else "rose"
        start = (
            f"{name} {rose(trend.long_run.percent > 0)} {span} as a whole but {turned} lately: the trend is unclear."
        )
    elif trend.reason == "family":
        low, high = sorted((abs(question.low), abs(question.high)))
        way = "risen" if question.percent > 0 else "fallen"
        start = (
            f"{name} may have {way} {span}, by {say_percent(low)} to "
            f"{say_percent(high)} a year, but {MAY_BE_LUCK}: there is no clear trend."
        )
    elif _was_level(trend):
        start = f"{name} had no steady rise or fall {span}: any trend was within {STABLE_WITHIN:.0f}% a year."
    else:
        start = f"There is no clear trend in {lower_first(name)} {span}: {_could_be(question)}."
    moved = last_year_moved(trend)
    if moved is None or abs(moved) <= MOVED:
        return f"{start} {_course(trend)}{say_totals(trend, unit)}"
    than = f"{say_percent(moved)} {'more' if moved > 0 else 'fewer'} than in the 12 months before"
    year = f"There were {trend.last_12_total:,} {unit} in the last 12 months, {than} ({trend.previous_12_total:,})."
    return f"{start} {_course(trend)}{year}"


def _could_be(question: Question) -> str:
    return f"it could have fallen by {say_percent(question.low)} a year or risen by {say_most(question.high)}"


def _only_last_year(trend: Trend, name: str, unit: str) -> str:
    """What two years of data can say, and what they could have shown."""
    latest = trend.last_12_months
    start = f"{name}: {say_two_years(trend, unit)}"
    if not trend.previous_12_total:
        start = f"{name}: {trend.last_12_total:,} {unit} in the last 12 months"
    seen = smallest_seen(latest)
    could = f"the true change could be anything from {signed(latest.low)} to {signed(latest.high)}"
    whole = trend.months_published == len(trend.fit.observed)
    held = years_of(trend) if whole else f"{trend.months_published} {'months' if trend.per_year == 12 else 'quarters'}"
    return (
        f"{start}. That is no clear change: {could}. With {held} of data, a change of under about {seen:.0f}% could "
        "not have been seen."
    )


def _course(trend: Trend) -> str:
    """Where plain yearly totals moved and have been level since, in words; "" where they did not."""
    years = trend.years
    if len(years) < 6 or any(year.published < trend.per_year for year in years):
        return ""
    totals = np.array([year.total for year in years], dtype=float)
    since = next((k for k in range(1, len(totals) - 2) if _is_level(totals[k:])), None)
    if since is None or _is_level(totals):
        return ""
    turn = int(totals[:since].argmax() if totals[since - 1] > totals[since:].mean() else totals[:since].argmin())
    before, level = totals[turn], totals[since:]
    if not before or abs(level.mean() / before - 1) < 2 * LEVEL_WITHIN / 100:
        return ""
    moved = "fell" if before > level.mean() else "rose"
    return (
        f"The yearly total {moved} from {before:,.0f} in the year to {month_name(years[turn].last)} to "
        f"{totals[since]:,.0f} in the year to {month_name(years[since].last)}, and has been level since. "
    )


def _is_level(totals: Any) -> bool:
    mean = totals.mean()
    return bool(mean > 0 and (np.abs(totals / mean - 1) <= LEVEL_WITHIN / 100).all())


def _too_little(trend: Trend, name: str, unit: str) -> str:
    periods = "months" if trend.per_year == 12 else "quarters"
    need = MONTHS_NEEDED * trend.per_year // 12
    held = f"one {periods.removesuffix('s')}" if trend.months_published == 1 else f"{trend.months_published} {periods}"
    have = f"we hold {held} with {trend.total:,} {unit}"
    takes = f"it takes {need} {periods} and {CRIMES_NEEDED} {unit}"
    return f"{name}: {have}, too few to say whether there is a trend ({takes})."


def _ended(trend: Trend, name: str, unit: str) -> str:
    last = month_name(trend.ended)
    if trend.verdict == "no longer recorded":
        return f"{name} {was(name)} no longer recorded after {last}, so there is no trend to assess."
    since = first_month_name(pd.Period(trend.ended) + 1)
    why = "Recording or reporting may have stopped, so we assess no trend"
    last_year = f"There were {trend.last_12_total:,} {unit} in the last 12 months."
    return f"{name} {'have' if is_many(name) else 'has'} not been recorded since {since}. {why}. {last_year}"


def _began(trend: Trend, name: str, unit: str) -> str:
    return f"{name} {was(name)} first recorded in {first_month_name(trend.began)}." if trend.began is not None else ""


def _other_questions(trend: Trend) -> list[str]:
    """What was asked beside the question that decided the word, each in a sentence of its own."""
    if not trend.tested:
        return []
    said = []
    recent, latest, deciding = trend.last_36_months, trend.last_12_months, trend.deciding
    if trend.long_run.was_asked and deciding is not trend.long_run and trend.verdict not in ("higher", "lower"):
        low, high = signed(trend.long_run.low), signed(trend.long_run.high)
        said.append(f"Over the whole record the change was between {low} and {high} a year.")
    also_recent = recent.was_asked and deciding is not recent
    also_latest = latest.was_asked and deciding is not latest
    if also_recent and also_latest and not recent.direction and not latest.direction:
        return [*said, "Neither the last three years nor the last 12 months show a clear change by themselves."]
    return [*said, *([_recent(trend)] if also_recent else []), *([_latest(trend)] if also_latest else [])]


def _recent(trend: Trend) -> str:
    """The last 36 months beside the trend; no direction where yearly totals do not bear it out."""
    recent = trend.last_36_months
    if recent.direction and plain_rates(trend).contradict_recent(recent.direction, TURN_YEARS):
        totals = listed([f"{year.total:,}" for year in trend.years[-TURN_YEARS:]])
        return f"The last three years had {totals}: no clear direction."
    way = "rise" if recent.percent > 0 else "fall"
    if recent.direction and recent.adjusted_p_value <= trend.level:
        return f"The last three years alone show a {way} of {say_size(recent)}."
    if recent.direction:
        low, high = sorted((abs(recent.low), abs(recent.high)))
        size = f"{say_percent(low)} to {say_percent(high)} a year"
        return f"The last three years alone suggest a {way} of {size}, but {MAY_BE_LUCK}."
    return "The last three years alone show no clear direction."


def _latest(trend: Trend) -> str:
    """The level of the last 12 months beside what season and earlier years lead one to expect."""
    latest = trend.last_12_months
    low, high = sorted((abs(latest.low), abs(latest.high)))
    way = "above" if latest.percent > 0 else "below"
    if latest.direction and plain_rates(trend).contradict_average(latest.direction):
        return "A model and the plain totals of the last 12 months do not agree, so we claim no change in them."
    if latest.direction and latest.adjusted_p_value <= trend.level:
        size = f"{say_percent(latest.percent)} (likely between {say_percent(low)} and {say_percent(high)})"
        return f"The last 12 months were {size} {way} the average of the years before."
    if latest.direction:
        likely = f"{say_percent(low)} to {say_percent(high)} {way} the average of the years before"
        return f"The last 12 months were {likely}, but {MAY_BE_LUCK}."
    return "The last 12 months alone show no clear change."


def _set_aside_within(trend: Trend) -> str:
    """The months left out that a reader would add up: those of the last two years, and all where there are few."""
    near = [item for item in trend.months_set_aside if item.month > trend.last_month - 2 * trend.per_year]
    shown = list(trend.months_set_aside) if len(trend.months_set_aside) <= 3 else near
    if not trend.tested or not shown:
        return ""
    return f"This leaves out {listed_months(shown)}, far out of line with the rest."


def _set_aside(trend: Trend) -> str:
    if len(trend.months_set_aside) <= 3 or not trend.tested:
        return ""
    return f"Far out of line and left out of the trend: {listed_months(trend.months_set_aside)}."


def _shifts(trend: Trend) -> list[str]:
    """The known changes that are held apart from the trend, each with its size."""
    said = []
    for number, shift in enumerate(trend.shifts, start=1):
        size = f"{signed(shift.percent)} (likely {signed(shift.low)} to {signed(shift.high)})"
        if shift.end is None:
            what = f"the change of recording of {first_month_name(shift.start)}"
        else:
            what = f"the {shift.name} ({first_month_name(shift.start)} to {month_name(shift.end)})"
        said.append(f"Not part of the trend, marked {number} in the chart: {what}, which moved the level by {size}.")
    return said


def _method(trend: Trend) -> str:
    """How the trend was found and how firm it is, with the ranges that the sentence leaves out."""
    if not trend.tested:
        return ""
    months = (trend.last_month.ordinal - trend.first_month.ordinal + 1) * 12 // trend.per_year
    strength = STRENGTH.get(trend.strength, "")
    if trend.strength == "probable" and months < CONFIRMING_LEVELS[0][0]:
        strength = TOO_SHORT_TO_CONFIRM
    asked = (("Last three years", trend.last_36_months, " a year"), ("Last 12 months", trend.last_12_months, ""))
    ranges = [
        f"{what}: {signed(question.low)} to {signed(question.high)}{per}."
        for what, question, per in asked
        if question.was_asked and question is not trend.deciding
    ]
    together = f"{trend.series_tested} series were looked at together." if trend.series_tested > 1 else ""
    return " ".join(part for part in (strength, MODEL, together, *ranges) if part)


def describe_too_little(number: int, trends: Collection[Trend]) -> Finding:
    """Say of how many series there is too little data for a trend, and what a trend needs."""
    most, every = max(trend.months_published for trend in trends), len(trends)
    sentence = (
        f"We hold at most {most} months in full, and a trend needs {MONTHS_NEEDED} with {CRIMES_NEEDED} offences. So "
        f"for {number} of {every} series we can say only how much was recorded:"
    )
    evidence = {"series": number, "all": every, "months": most, "needed": MONTHS_NEEDED, "crimes": CRIMES_NEEDED}
    return Finding("too_little_data", sentence, evidence)


def describe_no_shift(tested: int) -> Finding:
    """Say that no series has a sudden change of level."""
    sentence = f"We looked for a sudden jump that stayed in {tested} series, and found none."
    return Finding("level_shifts", sentence, {"series": tested})
