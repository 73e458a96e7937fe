"""Sentences about official recorded crime: its level and change, beside similar areas, and its harm."""

from collections.abc import Mapping, Sequence
from typing import Any

from hcsp_assess.assessment.findings import Direction, Finding
from hcsp_assess.assessment.wording.words import listed, lower_first, say_percent
from hcsp_assess.places.harm_shares import HarmShares
from hcsp_assess.places.ranking import LEAST_OF_TWO, Change, Ranking

#: Differences from similar areas that are named in one sentence, each way.
NAMED = 3
POSITIONS = {"higher": "higher than", "lower": "lower than", "similar": "about the same as"}


def describe_official_level(
    place: str, year: str, before: str, change: Change | None, *, count: int, direction: Direction
) -> Finding:
    """Say how much crime the police recorded by the official count, and how that changed.

    Parameters
    ----------
    place, year, before : str
        Name of the partnership, and the two years in words; `before` is "" where no earlier year is held.
    change : Change or None
        Between the two years.
    count : int
        Crimes of the newer year.
    """
    if change is None or not before:
        return Finding("official_level", f"Police recorded {count:,} crimes in {place} in {year}.", {"count": count})
    size = abs(change.count - change.before)
    more = "more" if change.count > change.before else "fewer"
    evidence: dict[str, Any] = {
        "count": change.count,
        "count_before": change.before,
        "difference": size,
        "percent": change.percent,
        "low": change.low,
        "high": change.high,
    }
    sentence = (
        f"Police recorded {change.count:,} crimes in {place} in {year}, "
        f"{size:,} {more} ({say_percent(change.percent)}) than in {before} ({change.before:,})."
    )
    if not change.clear:
        sentence += " A difference of this size is within the usual ups and downs."
    certainty = (
        f"Allowing for the usual ups and downs of a year, the lasting change is likely to be {_range(change)}. "
        "Official count, excluding fraud."
    )
    return Finding("official_level", sentence, evidence, certainty, direction=direction)


def describe_rate(place: str, year: str, ranking: Ranking, *, country: float, people: int, people_from: str) -> Finding:
    """Say the rate, the rank among similar areas and its range, and the national rate."""
    evidence: dict[str, Any] = {
        "rate": ranking.rate,
        "median": ranking.median,
        "country": country,
        "rank": ranking.rank,
        "of": ranking.of,
        "low": ranking.low,
        "high": ranking.high,
        "per": 1000,
        "people": people,
        "ratio": ranking.ratio,
    }
    sentence = (
        f"{place} had {ranking.rate:.1f} recorded crimes per 1,000 residents in {year}. "
        f"That is {POSITIONS[ranking.position]} the middle of its similar areas ({ranking.median:.1f}), "
        f"and {'lower than' if ranking.rate < country else 'higher than'} England and Wales ({country:.1f}). "
        f"By rate it is {ordinal(ranking.rank)} of {ranking.of}, counting from the highest."
    )
    certainty = (
        f"Its true place is likely to be between {ordinal(ranking.low)} and {ordinal(ranking.high)}. "
        f"Residents: {people:,} ({people_from})."
    )
    caveat = "Forces record crime differently. A difference between areas is a question to ask, not a verdict."
    return Finding("official_rate", sentence, evidence, certainty, (caveat,))


def describe_differences(place: str, rankings: Mapping[str, Ranking], labels: Mapping[str, str]) -> Finding:
    """Name the offences of which there are more, and fewer, than in similar areas."""
    higher = sorted((g for g in rankings if rankings[g].position == "higher"), key=lambda g: _distance(rankings[g]))
    lower = sorted((g for g in rankings if rankings[g].position == "lower"), key=lambda g: _distance(rankings[g]))
    same = len(rankings) - len(higher) - len(lower)
    evidence: dict[str, Any] = {"groups": len(rankings), "higher": len(higher), "lower": len(lower), "same": same}
    parts = [f"{place} was compared with similar areas on {len(rankings)} kinds of offence."]
    for word, keys in (("Higher", higher), ("Lower", lower)):
        if keys:
            evidence |= {f"{word.lower()}_{n}": _shown(rankings[g].ratio) for n, g in enumerate(keys[:NAMED])}
            named = listed([f"{lower_first(labels[g])} ({_percent_from(rankings[g].ratio)})" for g in keys[:NAMED]])
            more = f", and {len(keys) - NAMED} more" if len(keys) > NAMED else ""
            parts.append(f"{word} than the middle of them: {named}{more}.")
    parts.append(f"About the same: {same}." if higher or lower else "None is clearly different.")
    certainty = "Percentages are of the rate per 1,000 residents, against the middle of the similar areas."
    return Finding("official_differences", " ".join(parts), evidence, certainty)


def describe_common_change(place: str, year: str, before: str, change: Change, common: Mapping[str, float]) -> Finding:
    """Say whether the change was shared by similar areas, the force and the country."""
    evidence: dict[str, Any] = {"own": change.percent} | {f"{name}_change": value for name, value in common.items()}
    similar, country = common["similar"], common["country"]
    others = f"{_moved(similar)} by {say_percent(similar)} in the middle of its similar areas, and "
    others += "" if _moved(similar) == _moved(country) else f"{_moved(country)} "
    others += f"by {say_percent(country)} in England and Wales"
    sentence = (
        f"Recorded crime in {place} {_moved(change.percent)} by {say_percent(change.percent)} between {before} and "
        f"{year}. It {others}."
    )
    return Finding("official_common_change", sentence, evidence)


def describe_moved(
    place: str, year: str, before: str, changes: Mapping[str, Change], labels: Mapping[str, str], word: Direction
) -> Finding:
    """Name the offences that clearly rose, or fell, between two official years, the largest change in number first."""
    up = word == "rising"
    moved = [g for g, c in changes.items() if c.clear and (c.percent > 0) == up]
    moved.sort(key=lambda g: -abs(changes[g].count - changes[g].before))
    evidence: dict[str, Any] = {"groups": len(changes), word: len(moved)}
    for number, group in enumerate(moved):
        evidence |= {f"now_{number}": changes[group].count, f"before_{number}": changes[group].before}
    key = f"official_{word}"
    if not moved:
        return Finding(key, *_none_moved(place, f"between {before} and {year}", changes, labels, up=up), direction="")
    named = "; ".join(
        f"{lower_first(labels[g])} ({changes[g].before:,} to {changes[g].count:,})" for g in moved[: 2 * NAMED]
    )
    more = f"; and {len(moved) - 2 * NAMED} more" if len(moved) > 2 * NAMED else ""
    sentence = f"{'Rose' if up else 'Fell'} between {before} and {year}: {named}{more}."
    certainty = f"Clear beyond the usual ups and downs: {len(moved)} of {len(changes)} kinds of offence."
    return Finding(key, sentence, evidence, certainty, direction=word)


def describe_harm_shares(place: str, shares: HarmShares) -> Finding:
    """Say which groups carry half of the harm, and how small a part of recorded crime they are."""
    evidence: dict[str, Any] = {
        "groups": len(shares.top),
        "percent_of_crime": shares.top_crime,
        "percent_of_harm": shares.top_harm,
        "low": shares.top_low,
        "high": shares.top_high,
        "crimes": shares.crimes,
        "not_weighed": shares.not_weighed,
    }
    names = listed([lower_first(name) for name in shares.top])
    sentence = (
        f"{shares.top_crime:.0f}% of recorded crimes in {place} are {names}. They carry {shares.top_harm:.0f}% of the "
        "harm, by the prison sentences that courts give."
    )
    certainty = f"Likely range {shares.top_low:.0f}% to {shares.top_high:.0f}%. Weights: {shares.method}."
    caveats = ["Drug and weapon offences depend on police activity as well as on harm."]
    if shares.not_weighed:
        caveats.append(f"{shares.not_weighed:,} crimes have no weight and are left out.")
    return Finding("official_harm", sentence, evidence, certainty, tuple(caveats))


def describe_two_counts(place: str, year: str, official: int, street: int, months: str) -> Finding:
    """Reconcile the official count and that of the street-level files, once."""
    sentence = (
        f"Two counts of crime are used. The official count is {official:,} crimes in {place} in {year}; it serves for "
        f"levels and comparison. Street-level files have {street:,} for {months}; they serve for months and places."
    )
    both = {"force_street": 89970, "force_official": 87285, "percent": 100 * (89970 / 87285 - 1)}
    caveat = (
        "Street-level counts are a little higher: 89,970 against 87,285 (3.1% more) for West Mercia in the year to "
        "March 2022."
    )
    return Finding("official_two_counts", sentence, {"official": official, "street": street} | both, "", (caveat,))


def describe_similar(
    names: Sequence[str], wider: Sequence[str], left_out: Sequence[str], listed_by: str = ""
) -> Finding:
    """Say who the similar areas are, by whose list, and whose figures serve for those that have none of their own."""
    evidence: dict[str, Any] = {"areas": len(names), "wider": len(wider), "left_out": len(left_out)}
    all_named = listed(list(names))
    if listed_by:
        sentence = f"Similar areas are the {len(names)} of the list {listed_by}: {all_named}."
        caveats = []
    else:
        sentence = (
            f"Similar areas are the {len(names)} that the Office for National Statistics finds most alike: {all_named}."
        )
        caveats = ["Alike in people, work and health, not in crime. It is not the police's most similar group."]
    if wider:
        caveats.append("Areas in brackets share a partnership with others; its figures are used for them.")
    if left_out:
        caveats.append(f"No figures: {listed(list(left_out))}.")
    return Finding("official_similar", sentence, evidence, "", tuple(caveats))


def ordinal(number: int) -> str:
    """A rank in words: 1st, 2nd, 11th, 23rd.

    Examples
    --------
    >>> [ordinal(n) for n in (1, 2, 3, 11, 21)]
    ['1st', '2nd', '3rd', '11th', '21st']
    """
    ending = "th" if 10 <= number % 100 <= 20 else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{ending}"


def _none_moved(
    place: str, when: str, changes: Mapping[str, Change], labels: Mapping[str, str], *, up: bool
) -> tuple[str, dict[str, Any]]:
    """Say that no kind of offence clearly moved one way, and which moved most in number all the same."""
    enough = {group: item for group, item in changes.items() if item.count + item.before >= LEAST_OF_TWO}
    evidence: dict[str, Any] = {"groups": len(enough)}
    rose, largest = ("rose", "largest rise") if up else ("fell", "largest fall")
    sentence = f"None of {len(enough)} kinds of offence clearly {rose} in {place} {when}."
    sign = 1 if up else -1
    most = max(enough, key=lambda group: sign * (enough[group].count - enough[group].before), default="")
    if most and sign * (enough[most].count - enough[most].before) > 0:
        item = enough[most]
        evidence |= {"now_0": item.count, "before_0": item.before}
        sentence += (
            f" The {largest} was in {lower_first(labels[most])} ({item.before:,} to {item.count:,}), within the usual "
            "ups and downs."
        )
    return sentence, evidence


def _moved(percent: float) -> str:
    return "rose" if percent > 0 else "fell"


def _range(change: Change) -> str:
    ends = [f"{'a fall' if value < 0 else 'a rise'} of {say_percent(value)}" for value in (change.low, change.high)]
    return f"between {ends[0]} and {ends[1]}"


def _shown(ratio: float) -> float:
    return ratio if ratio >= 2 else 100 * (ratio - 1)


def _percent_from(ratio: float) -> str:
    if ratio >= 2:
        return f"{ratio:.1f} times"
    return f"{say_percent(100 * (ratio - 1))} {'more' if ratio > 1 else 'less'}"


def _distance(ranking: Ranking) -> float:
    """By how many offences a place differs from the middle of the others, the largest first."""
    return -abs(ranking.rate - ranking.median)
