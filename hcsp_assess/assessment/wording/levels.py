"""The sentence of a level: how much was recorded, beside the year before; message first, counts beside percentages."""

from collections.abc import Sequence
from dataclasses import replace

import pandas as pd

from hcsp_assess.assessment.findings import Finding
from hcsp_assess.assessment.levels import Level
from hcsp_assess.assessment.wording.coverage import say_months
from hcsp_assess.assessment.wording.trend_words import rose, say_span, years_named
from hcsp_assess.assessment.wording.words import PERCENT_FROM, is_many, lower_first, say_percent
from hcsp_assess.periods import Span
from hcsp_assess.trends.rates import CountComparison
from hcsp_assess.trends.results import Trend

NOT_SURE = "That difference is too small to be sure of."
METHOD = "95% interval of the ratio of two counts, widened for how much the series varies from month to month."
TOTAL, RECORDED_IN = "Total recorded crime", "Recorded crime in "
#: Crime types whose published name is not what a reader would say.
SPOKEN = {"Public order": "public order offences", "Drugs": "drug offences"}
MOST_SAID = 1000.0  # per cent, from which the far end of a range says nothing more


def describe_level(level: Level, unit: str = "records", notes: Sequence[str] = ()) -> Finding:
    """Say how many records of a kind there were, and how that compares with the same months a year earlier.

    Parameters
    ----------
    notes : sequence of str
        What is said after it: which forces or months are left out; see `wording.coverage`.
    """
    key = level.label.lower().replace(" ", "_")
    result, year = level.comparison, say_year(level.span)
    evidence: dict[str, object] = {
        "count": level.count,
        "months_published": level.months_published,
        "months_in_period": level.months_in_period,
        **_years_of(level.span),
    }
    if notes:
        evidence["notes"] = " ".join(notes)  # their numbers are in the sentence
    start = f"Police recorded {say_counted(level.count, level.label, unit)} in {_when(level, year)}"
    if result is None:
        sentence = f"{start}. We hold none of the same months of the year before, so the two years cannot be compared."
        return Finding(
            key,
            " ".join([sentence, *notes]),
            evidence,
            caveats=tuple(notes),
            measure=level.label,
            period=str(level.span),
        )
    low, high = 100 * (result.low - 1), 100 * (result.high - 1)
    evidence |= {
        "count_compared": result.count,
        "count_before": result.count_before,
        "difference": abs(result.count - result.count_before),
        "percent": _percent(result),
        "months_compared": level.months_compared,
        "low": low,
        "high": high,
        "confidence": 95,
    }
    sentence = f"{start}{_against_before(level, result, _noun(level.label, unit))}"
    return Finding(
        key,
        " ".join([sentence, *notes]),
        evidence,
        _interval(low, high, clear=_is_clear(result)),
        tuple(notes),
        message=sentence,
        method=METHOD,
        measure=level.label,
        period=str(level.span),
    )


def _when(level: Level, year: str) -> str:
    """The year; where months of it are not held, how many are."""
    if level.months_published == level.months_in_period:
        return year
    months = "one month" if level.months_published == 1 else f"{level.months_published} months"
    return f"the {months} of {year} that we hold in full"


def beside_trend(finding: Finding, level: Level, trend: Trend) -> Finding:
    """Add which way a series went over more years, where the year alone does not show it.

    Parameters
    ----------
    finding : Finding
        The sentence of the level.
    level : Level
        What it is about.
    trend : Trend
        Of the same series: a rise or fall is said where the two years do not clearly go the same way.
    """
    if trend.verdict not in ("rising", "falling"):
        return finding
    up, result = trend.verdict == "rising", level.comparison
    if result is not None and _is_clear(result) and (result.rate_ratio > 1) == up:
        return finding
    likely = "probably " if trend.strength == "probable" else ""
    moved = f"{lower_first(level.label)} {likely}{rose(up)} {say_span(trend)}"
    longer = f"{moved}, by about {say_percent(trend.deciding.percent)} a year."
    if NOT_SURE in finding.sentence:
        both = f"{NOT_SURE.rstrip('.')} by itself, but {longer}"
        sentence = finding.sentence.replace(NOT_SURE, both)
    else:
        sentence = f"{finding.sentence} Over a longer time, {longer}"
    evidence = {**finding.evidence, **years_named(trend), "trend_percent": trend.deciding.percent}
    return replace(finding, sentence=sentence, message=finding.message.replace(f" {NOT_SURE}", ""), evidence=evidence)


def say_counted(count: int | str, label: str, unit: str = "offences") -> str:
    """A number of records with what they are, within a sentence.

    Examples
    --------
    >>> say_counted(9978, "Total recorded crime")
    '9,978 crimes'
    >>> say_counted(3372, "Recorded crime in rural areas")
    '3,372 crimes in rural areas'
    >>> say_counted(4727, "Violence and sexual offences")
    '4,727 violence and sexual offences'
    >>> say_counted(1968, "Anti-social behaviour", "incidents")
    '1,968 incidents of anti-social behaviour'
    """
    number = count if isinstance(count, str) else f"{count:,}"
    if label == TOTAL:
        return f"{number} crimes"
    if label.startswith(RECORDED_IN):
        return f"{number} crimes in {label.removeprefix(RECORDED_IN)}"
    if say_kind(label).endswith("offences") and (label in SPOKEN or is_many(label)):
        return f"{number} {say_kind(label)}"
    return f"{number} {unit} of {lower_first(label)}"


def say_kind(label: str) -> str:
    """A crime type as it is named within a sentence: "public order offences", "burglary"."""
    return SPOKEN.get(label, lower_first(label))


def say_level_title(level: Level, unit: str = "offences") -> str:
    """The title of a chart of one series by month: the year beside the year before, and whether they clearly differ."""
    counted, result = say_counted(level.count, level.label, unit), level.comparison
    start = f"Police recorded {counted} in {say_year(level.span)}"
    if result is None or level.months_compared < level.months_in_period:
        return start
    moved = "up from" if result.count > result.count_before else "down from"
    close = "" if _is_clear(result) else ": too close to call"
    return f"{start}, {moved} {result.count_before:,} the year before{close}"


def say_year(span: Span) -> str:
    """A period assessed as it follows "in": a whole year by its name, anything else by its months."""
    return span.words if span.name.startswith("Q") else span.name


def say_compared(months: Sequence[pd.Period]) -> str:
    """Months that two years are compared over; without their year, where they are all of one.

    Examples
    --------
    >>> say_compared(pd.period_range("2025-01", "2025-04", freq="M"))
    'January to April'
    """
    years = {month.year for month in months}
    said = say_months(months)
    return said.replace(f" {years.pop()}", "") if len(years) == 1 else said


def say_between(low: float, high: float) -> str:
    """A likely change as its two ends: "a 28% fall to an 11% rise".

    Examples
    --------
    >>> say_between(-28.2, 11.1)
    'a 28% fall to an 11% rise'
    """
    return f"{_move(low)} to {_move(high)}"


def _move(percent: float) -> str:
    if percent > MOST_SAID:
        return "a rise of any size"
    size = f"{abs(percent):.0f}"
    article = "an" if size.startswith("8") or size in ("11", "18") else "a"
    if size == "0":
        return "no change"
    return f"{article} {size}% {'rise' if percent > 0 else 'fall'}"


def _against_before(level: Level, result: CountComparison, noun: str) -> str:
    difference = result.count - result.count_before
    percent = f" ({say_percent(_percent(result))})" if result.count_before >= PERCENT_FROM else ""
    more = f"{abs(difference):,} {'more' if difference > 0 else 'fewer'}{percent}"
    moved = "down from" if difference < 0 else "up from" if difference else "the same as"
    before = say_year(level.span.year_before)
    if level.months_compared == level.months_published:
        whole = level.months_compared == level.months_in_period
        when = "the year before" if whole else f"in the same months of {before}"
        if _is_clear(result):
            return f": {more} than {when} ({result.count_before:,})."
        if not difference:
            return f", as {'in ' if whole else ''}{when}."
        return f", {moved} {result.count_before:,} {when}. {NOT_SURE}"
    months = say_compared(level.compared)
    start = f". Only {months} can be compared with {before}: {result.count:,} {noun}"
    if _is_clear(result):
        return f"{start}, which is {more} than in those months of {before} ({result.count_before:,})."
    return f"{start}, {moved} {result.count_before:,}. {NOT_SURE}" if difference else f"{start} in both years."


def _noun(label: str, unit: str) -> str:
    return "crimes" if label == TOTAL or label.startswith(RECORDED_IN) else unit


def _is_clear(result: CountComparison) -> bool:
    return not result.low <= 1 <= result.high


def _percent(result: CountComparison) -> float:
    """The change that a reader can work out from the two counts."""
    return 100 * (result.count / result.count_before - 1) if result.count_before else float("nan")


def _interval(low: float, high: float, *, clear: bool) -> str:
    if not clear:
        return f"Monthly figures jump about: the true change could be anything from {say_between(low, high)}."
    small, large = sorted((abs(low), abs(high)))
    size = f"of between {small:.0f}% and {large:.0f}%" if large < MOST_SAID else f"of at least {small:.0f}%"
    return f"The true change is likely to be a {'rise' if low > 0 else 'fall'} {size}."


def _years_of(span: Span) -> dict[str, object]:
    return {
        "year_first": span.first.year,
        "year_last": span.last.year,
        "year_short": span.last.year % 100,
        "before_first": span.first.year - 1,
        "before_last": span.last.year - 1,
        "before_short": span.last.year % 100 - 1,
    }
