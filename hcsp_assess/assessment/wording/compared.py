"""Sentences on two places, or two periods, compared in the explorer: the figures first, then how sure it is."""

from collections.abc import Sequence

import pandas as pd

from hcsp_assess.assessment.findings import Finding
from hcsp_assess.assessment.wording.levels import METHOD, NOT_SURE, say_between
from hcsp_assess.assessment.wording.then_and_now import say_changes
from hcsp_assess.assessment.wording.words import PERCENT_FROM, say_percent
from hcsp_assess.periods import Span
from hcsp_assess.places.two_places import TwoPlaces
from hcsp_assess.subject.recording_changes import RecordingChange
from hcsp_assess.trends.then_and_now import Spell, ThenAndNow

WHO_NOT_WHY = "This says where more is recorded for the number of residents, not why."
METHOD_OF_PERIODS = (
    "95% interval that allows for how much months, and whole years, usually differ; one comparison alone."
)
FEW_RATE = 9.95  # per 1,000: below this a rate has a decimal


def say_span_of(months: pd.PeriodIndex) -> str:
    """Months or quarters in words: "January to June 2025", "2025", "March 2024 to February 2025".

    Examples
    --------
    >>> say_span_of(pd.period_range("2025-01", "2025-12", freq="M")), say_span_of(pd.PeriodIndex(["2025-03"], freq="M"))
    ('2025', 'March 2025')
    """
    first, last = months[0].asfreq("M", how="start"), months[-1].asfreq("M", how="end")
    whole = first.month == 1 and last.month == 12
    if whole:
        return str(first.year) if first.year == last.year else f"{first.year} to {last.year}"
    return Span(first, last).spoken


def describe_two_places(found: TwoPlaces, label: str, names: tuple[str, str], when: str) -> Finding:
    """Say which of two places has the higher rate of a kind of crime, and how sure that is.

    Parameters
    ----------
    label : str
        What is counted, without the place: "Burglary".
    names : tuple of str
        The places, as they end a sentence.
    when : str
        The months compared, as they follow "in".
    """
    evidence: dict[str, object] = {
        "first_count": found.counts[0], "second_count": found.counts[1], "months": found.months,
        "first_rate": found.rates[0], "second_rate": found.rates[1], "per": 1000,
    }  # fmt: skip
    rates = f"{say_rate(found.rates[0])} a year for every 1,000 residents in {names[0]}"
    start = f"{label}: {rates}, {say_rate(found.rates[1])} in {names[1]} ({when})"
    key, result = "two_places", found.comparison
    if result is None:
        sentence = f"{start}. We do not say which is higher, because {found.refused}."
        return Finding(key, sentence, evidence, caveats=(WHO_NOT_WHY,), message=f"{start}.", measure=label)
    percent = 100 * (result.rate_ratio - 1)
    low, high = 100 * (result.low - 1), 100 * (result.high - 1)
    evidence |= {"percent": percent, "low": low, "high": high, "confidence": 95}
    end = f". {NOT_SURE}"
    if found.clear:
        end = f". That is {say_percent(percent)} {'higher' if percent > 0 else 'lower'} in {names[0]}."
    return Finding(
        key, f"{start}{end}", evidence, _likely_places(low, high), (WHO_NOT_WHY,),
        message=f"{start}{end}" if found.clear else f"{start}.", method=METHOD, measure=label,
    )  # fmt: skip


def say_two_places(found: TwoPlaces, label: str, names: tuple[str, str]) -> str:
    """The title of their chart: which place has more for its residents."""
    if not found.clear:
        return f"{label}: no clear difference between {names[0]} and {names[1]}"
    more, less = names if found.rates[0] > found.rates[1] else names[::-1]
    return f"{label}: a higher rate in {more} than in {less}"


def describe_places_by_count(
    counts: tuple[int, int], label: str, names: tuple[str, str], when: str, why: str
) -> Finding:
    """Give the records of two places that have no rate, with the reason why they are not compared."""
    evidence = {"first_count": counts[0], "second_count": counts[1]}
    start = f"{label}: {counts[0]:,} records in {names[0]}, {counts[1]:,} in {names[1]} ({when})."
    return Finding("two_places", f"{start} {why}", evidence, message=start, measure=label)


def describe_two_periods(
    found: ThenAndNow, label: str, unit: str, months: tuple[pd.PeriodIndex, pd.PeriodIndex],
    changes: Sequence[RecordingChange] = (),
) -> Finding:  # fmt: skip
    """Say how a period compares with an earlier one, and how sure that is.

    Parameters
    ----------
    found : ThenAndNow
        From `trends.then_and_now.compare_spells` with `against`: one spell, or the reason for having none.
    months : tuple of pandas.PeriodIndex
        The later period and the earlier one, as chosen.
    changes : sequence of RecordingChange
        Those between the two that may explain a difference.
    """
    later, earlier = (say_span_of(each) for each in months)
    if not found.spells:
        reason = (
            found.not_compared[0]
            .reason.replace("the year assessed", later)
            .replace("its calendar", "the same calendar")
        )
        return Finding(
            "two_periods", f"{label}: {later} and {earlier} cannot be compared, because {reason}.", measure=label
        )
    spell = found.spells[0]
    start = (
        f"{label}: {spell.assessed_count:,} {unit} in {later}, {_against(spell, earlier)}{_same_months(spell, months)}"
    )
    end = f" {NOT_SURE}" if not spell.clear else ""
    said = [f"{start}.{end}", *([say_changes(changes)] if changes else [])]
    return Finding(
        "two_periods", " ".join(said), _evidence(spell), _likely_change(spell),
        message=f"{start}.", method=METHOD_OF_PERIODS, measure=label,
        direction="no clear change" if not spell.clear else "rising" if spell.direction > 0 else "falling",
    )  # fmt: skip


def say_two_periods(found: ThenAndNow, label: str, months: tuple[pd.PeriodIndex, pd.PeriodIndex]) -> str:
    """The title of their chart."""
    later, earlier = (say_span_of(each) for each in months)
    if not found.spells or not found.spells[0].clear:
        return f"{label}: no clear difference between {later} and {earlier}"
    return f"{label}: {'more' if found.spells[0].direction > 0 else 'less'} in {later} than in {earlier}"


def say_rate(rate: float) -> str:
    """A rate as it is said: 4.5, 78.

    Examples
    --------
    >>> say_rate(4.52), say_rate(1234.5)
    ('4.5', '1,234')
    """
    return f"{rate:.1f}" if rate < FEW_RATE else f"{rate:,.0f}"


def _against(spell: Spell, earlier: str) -> str:
    if spell.months_compared != spell.assessed_months:
        rates = f"{say_rate(spell.assessed_per_month)} a month, {say_rate(spell.per_month)} a month"
        return f"{rates} in {earlier}"
    difference = spell.assessed_count - spell.count
    if not difference:
        return f"as many as in {earlier}"
    share = f" ({say_percent(100 * difference / spell.count)})" if spell.count >= PERCENT_FROM else ""
    return f"{abs(difference):,} {'more' if difference > 0 else 'fewer'}{share} than in {earlier} ({spell.count:,})"


def _same_months(spell: Spell, months: tuple[pd.PeriodIndex, pd.PeriodIndex]) -> str:
    """What is compared, where it is not every month of both."""
    if spell.assessed_months == len(months[0]) and spell.months_compared == len(months[1]):
        return ""
    part = "month" if months[0].freqstr == "M" else "quarter"
    return f", in the {spell.assessed_months} calendar {part}s that we hold for both"


def _likely_places(low: float, high: float) -> str:
    ends = [f"{abs(end):,.0f}% {'lower' if end < 0 else 'higher'}" for end in (low, high)]
    if (low < 0) == (high < 0):
        ends[0] = ends[0].split()[0]
    return f"The true difference is likely to be between {ends[0]} and {ends[1]}."


def _likely_change(spell: Spell) -> str:
    if spell.low < 0 < spell.high:
        said = say_between(spell.low, spell.high)
        return f"Months and years differ anyway: the true change could be anything from {said}."
    small, large = sorted((abs(spell.low), abs(spell.high)))
    moved = "rise" if spell.low > 0 else "fall"
    return f"The true change is likely to be a {moved} of between {small:.0f}% and {large:.0f}%."


def _evidence(spell: Spell) -> dict[str, object]:
    return {
        "count": spell.assessed_count, "count_before": spell.count, "per_month": spell.assessed_per_month,
        "per_month_before": spell.per_month, "percent": spell.percent, "low": spell.low, "high": spell.high,
        "months_compared": spell.assessed_months,
    }  # fmt: skip
