"""Sentences about stop and search: how often, why, what was found, who, and what is known of earlier years."""

from collections.abc import Sequence

import pandas as pd

from hcsp_assess.assessment.findings import Finding
from hcsp_assess.assessment.stops import METHOD, GroupRate, Searches
from hcsp_assess.assessment.wording.outcomes import say_percentage, say_period
from hcsp_assess.assessment.wording.words import lower_first
from hcsp_assess.periods import Span
from hcsp_assess.subject.stops import NOT_KNOWN, EarlierYear, reference_groups
from hcsp_assess.trends.rates import Interval

LEAST = 10  # searches of a group, so that it can be named as searched more often than another
LIMITS = (
    "Searches are counted where they took place and residents where they live, so visitors are in one and not in the "
    "other. One person may be searched several times. Locations are approximate."
)
FOR_RESIDENTS = "Each group's searches are for each 1,000 of its residents."
NOT_WHY = "A difference between groups shows who is searched more often. It does not show why."


def describe_searches(found: Searches, months: pd.PeriodIndex, span: Span, area: str, no_location: int) -> Finding:
    """Say how many searches there were, and how many for each 1,000 residents."""
    evidence: dict[str, object] = {
        "searches": found.people, "vehicles": found.vehicles, "months": found.months, "per": 1000,
        "rate": found.rate.value, "low": found.rate.low, "high": found.rate.high, "no_location": no_location,
    }  # fmt: skip
    a_year = "" if found.months == 12 else " a year"
    sentence = (
        f"Police searched people {found.people:,} times in {area} in {say_period(months, span)}: "
        f"{found.rate.value:.1f} searches for each 1,000 residents{a_year}."
    )
    apart = (f"{found.vehicles:,} searches of vehicles alone are not counted here.",) if found.vehicles else ()
    nowhere = (_say_nowhere(no_location),) if no_location else ()
    certainty = f"Likely between {found.rate.low:.1f} and {found.rate.high:.1f} for each 1,000 residents."
    return Finding("stops", sentence, evidence, certainty, (*apart, *nowhere, LIMITS))


def describe_found(found: Searches) -> Finding:
    """Say in how many searches something was found, and how many led to action."""
    evidence: dict[str, object] = {"known": found.found_known, "searches": found.people}
    said = []
    for name, interval, words in (
        ("found", found.found, "ended with a result linked to what the officer was looking for"),
        ("acted", found.acted, "led to an arrest or another result"),
    ):
        if interval is not None:
            evidence |= {f"{name}_{part}": 100 * getattr(interval, part) for part in ("value", "low", "high")}
            said.append(f"{_percent(interval)} {words} (likely range {_limits(interval)})")
    if not said:
        return Finding("stops_found", "The files do not give the results of these searches.", evidence)
    missing = found.people - found.found_known
    caveats = (f"For {missing:,} searches the link is not recorded; they are left out.",) if missing else ()
    return Finding(
        "stops_found",
        f"Of the searches, {', and '.join(said)}.",
        evidence,
        caveats=caveats,
        method="95% intervals by Wilson's method.",
    )


def describe_groups(rates: Sequence[GroupRate]) -> Finding:
    """Say which groups were searched clearly more, or less, often than the group that they are compared with."""
    clear = [
        item for item in rates
        if item.ratio and item.searches >= LEAST and not item.ratio.low <= 1 <= item.ratio.high
        and item.characteristic != "Ethnicity as the person said"
    ]  # fmt: skip
    evidence: dict[str, object] = {"least": LEAST, "groups_compared": sum(item.ratio is not None for item in rates)}
    for item in clear:
        if item.ratio:
            evidence |= {f"{item.characteristic}: {item.group}": item.ratio.rate_ratio}
    caveats = (*_unknown(rates), NOT_WHY)
    if not any(item.ratio for item in rates):
        sentence = (
            "This edition has no numbers of residents by ethnicity, age and sex, so rates are not given by group."
        )
        return Finding("stops_groups", sentence, evidence, "", caveats)
    if not clear:
        sentence = "No group was clearly searched more or less often, for its number of residents, than those compared."
        return Finding("stops_groups", sentence, evidence, caveats=caveats, method=f"Method: {METHOD}.")
    said = ". ".join(_times(item)[:1].upper() + _times(item)[1:] for item in clear)
    return Finding("stops_groups", f"{said}.", evidence, FOR_RESIDENTS, caveats, method=f"Method: {METHOD}.")


def describe_earlier(years: Sequence[EarlierYear], area: str, limits: str) -> Finding:
    """Say how many searches of people recorded as White and Black there were in earlier years."""
    known = [year for year in years if year.white is not None]
    white = [year.white for year in known if year.white is not None]
    black = [year.black for year in known if year.black is not None]
    evidence: dict[str, object] = {
        "first": known[0].year, "last": known[-1].year,
        "white_low": min(white), "white_high": max(white), "white_last": white[-1],
    }  # fmt: skip
    sentence = (
        f"From {known[0].year} to {known[-1].year}, police searched people recorded as White between {min(white):,} "
        f"and {max(white):,} times a year in {area}"
    )
    few = ""
    if black:
        evidence |= {"black_low": min(black), "black_high": max(black)}
        sentence += f". They searched people recorded as Black between {min(black):,} and {max(black):,} times a year"
        few = "Searches of people recorded as Black are too few to compare as rates. " if max(black) < 30 else ""
    newer = f"This edition has no searches after {known[-1].year}."
    return Finding("stops_earlier", f"{sentence}.", evidence, f"{few}{newer}", method=limits)


def _say_nowhere(count: int) -> str:
    if count == 1:
        return "1 search of the force has no location; it may be in the area."
    return f"{count:,} searches of the force have no location; some of them may be in the area."


def _times(item: GroupRate) -> str:
    ratio = item.ratio
    if ratio is None:
        return ""
    key = "age" if item.characteristic == "Age" else "sex" if item.characteristic == "Sex" else "ethnicity"
    people = {"age": f"people aged {item.group}", "sex": f"{lower_first(item.group)}s"}.get(
        key, f"people recorded as {item.group}"
    )
    other = {"age": "people aged over 34", "sex": f"{lower_first(reference_groups()['sex'])}s"}.get(
        key, f"people recorded as {reference_groups()['ethnicity']}"
    )
    return (
        f"{people} were searched {ratio.rate_ratio:.1f} times as often as {other} (likely range {ratio.low:.1f} to "
        f"{ratio.high:.1f})"
    )


def _unknown(rates: Sequence[GroupRate]) -> tuple[str, ...]:
    """Of how many searches each characteristic is not known."""
    said = []
    for title in dict.fromkeys(item.characteristic for item in rates):
        mine = [item for item in rates if item.characteristic == title]
        total = sum(item.searches for item in mine)
        unknown = sum(item.searches for item in mine if item.group == NOT_KNOWN)
        if unknown:
            said.append(f"{lower_first(title)} {say_percentage(100 * unknown / total)}")
    return (f"Not known: {'; '.join(said)}.",) if said else ()


def _percent(interval: Interval) -> str:
    return say_percentage(100 * interval.value)


def _limits(interval: Interval) -> str:
    return f"{say_percentage(100 * interval.low)} to {say_percentage(100 * interval.high)}"
