"""Sentences about official recorded crime: its level and change, beside similar areas, and its harm."""

from collections.abc import Mapping, Sequence
from typing import Any

from hcsp_assess.assessment.findings import Direction, Finding
from hcsp_assess.assessment.wording.then_and_now import changes_evidence, say_changes
from hcsp_assess.assessment.wording.words import listed, lower_first, say_percent, upper_first
from hcsp_assess.places.harm_shares import HarmShares
from hcsp_assess.places.ranking import LEAST_OF_TWO, Change, Ranking
from hcsp_assess.subject.recording_changes import RecordingChange

#: Offences of the earlier year from which a change is given in per cent.
PERCENT_FROM = 50
#: Differences from similar areas that are named in one sentence, each way.
NAMED, IN_TITLE = 3, 2
METHOD = "95% intervals that allow for chance and for how much partnerships move between years. Fraud is not counted."
POSITIONS = {"higher": "higher than", "lower": "lower than", "similar": "about the same as"}


def describe_official_level(
    place: str,
    year: str,
    before: str,
    change: Change | None,
    *,
    count: int,
    direction: Direction,
    recording: Sequence[RecordingChange] = (),
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
    recording : sequence of RecordingChange
        Changes of recording between the two years.
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
    differs = f"{size:,} {more} ({say_percent(change.percent)}) than in {before} ({change.before:,})"
    message = f"Police recorded {change.count:,} crimes in {place} in {year}. That is "
    message += f"{differs}." if size else f"the same number as in {before}."
    close = [] if change.clear or not size else ["A difference of this size is within the usual ups and downs."]
    certainty = f"The lasting change is likely to be {_range(change)}."
    evidence |= changes_evidence(recording)
    caveats = (say_changes(recording),) if recording else ()
    return Finding(
        "official_level",
        " ".join([message, *close]),
        evidence,
        certainty,
        caveats,
        direction=direction,
        message=message,
        method=METHOD,
        measure="Total recorded crime, official count",
        population=place,
        period=year,
    )


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
    country_word = "lower than in" if ranking.rate < country else "higher than in"
    message = f"{place} had {ranking.rate:.1f} recorded crimes for each 1,000 residents in {year}."
    sentence = (
        f"{message} That is {POSITIONS[ranking.position]} the middle of its similar areas ({ranking.median:.1f}), and "
        f"{country_word} England and Wales ({country:.1f}). It is {ordinal(ranking.rank)} of {ranking.of}, counting "
        "from the highest."
    )
    certainty = f"Its true place is likely to be between {ordinal(ranking.low)} and {ordinal(ranking.high)}."
    caveat = "Forces record crime differently, so a difference between areas is a question to ask, not proof."
    return Finding(
        "official_rate",
        sentence,
        evidence,
        certainty,
        (caveat,),
        message=message,
        method=f"Residents: {people:,} ({people_from}). Range of the rank: 95%.",
        measure="Recorded crime per 1,000 residents, official count",
        population=place,
        period=year,
    )


def describe_differences(place: str, rankings: Mapping[str, Ranking], labels: Mapping[str, str]) -> Finding:
    """Name the offences of which there are more, and fewer, than in similar areas."""
    higher = sorted((g for g in rankings if rankings[g].position == "higher"), key=lambda g: _distance(rankings[g]))
    lower = sorted((g for g in rankings if rankings[g].position == "lower"), key=lambda g: _distance(rankings[g]))
    same = len(rankings) - len(higher) - len(lower)
    evidence: dict[str, Any] = {"groups": len(rankings), "higher": len(higher), "lower": len(lower), "same": same}
    parts = []
    for word, keys in (("higher", higher), ("lower", lower)):
        if keys:
            evidence |= {f"{word}_{n}": _shown(rankings[g].ratio) for n, g in enumerate(keys[:NAMED])}
            named = listed([f"{lower_first(labels[g])} ({_percent_from(rankings[g].ratio)})" for g in keys[:NAMED]])
            more = f", and {len(keys) - NAMED} more" if len(keys) > NAMED else ""
            evidence |= {f"{word}_more": max(0, len(keys) - NAMED)}
            parts.append(f"Clearly {word} than in similar areas, for each resident: {named}{more}.")
    rest = f"The other {same} kinds of offence do not differ clearly." if same else ""
    if not parts:
        rest = f"{place} does not differ clearly from similar areas on any of {len(rankings)} kinds of offence."
    method = "Percentages are of the rate per 1,000 residents, against the middle of the similar areas."
    return Finding("official_differences", " ".join(part for part in (*parts, rest) if part), evidence, method=method)


def say_differences(rankings: Mapping[str, Ranking], labels: Mapping[str, str]) -> str:
    """The title of a chart of offences beside similar areas: which are clearly higher and lower, at most two each."""
    parts = []
    for position in ("higher", "lower"):
        keys = sorted((g for g in rankings if rankings[g].position == position), key=lambda g: _distance(rankings[g]))
        named = listed([lower_first(labels[g]) for g in keys[:IN_TITLE]]) if keys else "no kind of offence"
        parts.append(f"{named} {'are' if keys else 'is'} clearly {position} than in similar areas")
    first, second = parts if "no kind" not in parts[0] else parts[::-1]
    return upper_first(f"{first}; {second.replace(' than in similar areas', '')}")


def describe_common_change(place: str, year: str, before: str, change: Change, common: Mapping[str, float]) -> Finding:
    """Say whether the change was shared by similar areas, the force and the country."""
    evidence: dict[str, Any] = {"own": change.percent} | {f"{name}_change": value for name, value in common.items()}
    similar, country = common["similar"], common["country"]
    also = _moved_by(country)
    if _moved(similar) == _moved(country):
        also = also.removeprefix(f"{_moved(country)} ")
    others = f"It {_moved_by(similar)} in the middle of its similar areas and {also} in England and Wales."
    own = f"Recorded crime {_moved_by(change.percent)} in {place}"
    sentence = f"{own} between {before} and {year}. {others}"
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
        return Finding(key, *_none_moved(f"since {before}", changes, labels, up=up), direction="")
    named = "; ".join(
        f"{lower_first(labels[g])} (from {changes[g].before:,} to {changes[g].count:,})" for g in moved[: 2 * NAMED]
    )
    more = f"; and {len(moved) - 2 * NAMED} more" if len(moved) > 2 * NAMED else ""
    evidence |= {"more": len(moved) - 2 * NAMED} if more else {}
    sentence = f"Clearly {'rose' if up else 'fell'} since {before}: {named}{more}."
    return Finding(key, sentence, evidence, direction=word, method=METHOD)


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
    subject = names if len(shares.top) > 1 else f"offences of {names}"
    sentence = (
        f"{upper_first(subject)} are {shares.top_crime:.0f}% of recorded crimes in {place}, but "
        f"{shares.top_harm:.0f}% of the harm. Harm is measured by the prison sentences that courts give."
    )
    certainty = f"The likely range is {shares.top_low:.0f}% to {shares.top_high:.0f}% of the harm."
    caveats = ["Numbers of drug and weapon offences depend on police activity as well as on harm."]
    if shares.not_weighed:
        caveats.append(f"{shares.not_weighed:,} crimes have no weight and are left out.")
    return Finding(
        "official_harm", sentence, evidence, certainty, tuple(caveats), method=f"Weights: {shares.method}. Range: 95%."
    )


def describe_two_counts(place: str, year: str, official: int, street: int, months: str) -> Finding:
    """Reconcile the official count and that of the street-level files, once."""
    sentence = (
        f"This chapter uses the official count ({official:,} crimes in {place} in {year}). Chapters on months and "
        f"places use street-level records ({street:,} for {months}), which run a little higher."
    )
    both = {"force_street": 89970, "force_official": 87285, "percent": 100 * (89970 / 87285 - 1)}
    method = "Street-level records were 3.1% more than the official count where we compared them for a whole force."
    return Finding("official_two_counts", sentence, {"official": official, "street": street} | both, method=method)


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
        sentence = f"The Office for National Statistics (ONS) finds these {len(names)} areas most alike: {all_named}."
        caveats = ["They are alike in people, work and health. The police's most similar group is another list."]
    if wider:
        caveats.append("Areas in brackets share a partnership with others; its figures are used for them.")
    if left_out:
        caveats.append(f"No figures: {listed(list(left_out))}.")
    return Finding("official_similar", sentence, evidence, "", tuple(caveats))


def say_change(change: Change | None, *, differently: bool = False) -> str:
    """A change since an earlier year as a table has it.

    Examples
    --------
    >>> say_change(None), say_change(None, differently=True)
    ('too few', 'counted differently')
    """
    if differently:
        return "counted differently"
    if change is None or change.before < PERCENT_FROM:
        return "too few"
    return f"{change.percent:+.0f}%".replace("-", "−")


def say_rate(value: float) -> str:
    """A rate with as many decimals as it needs.

    Examples
    --------
    >>> [say_rate(value) for value in (50.93, 0.14, 0.012)]
    ['50.9', '0.14', '0.01']
    """
    return f"{value:.1f}" if value >= 0.95 else f"{value:.2f}"


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
    when: str, changes: Mapping[str, Change], labels: Mapping[str, str], *, up: bool
) -> tuple[str, dict[str, Any]]:
    """Say that no kind of offence clearly moved one way, and which moved most in number all the same."""
    enough = {group: item for group, item in changes.items() if item.count + item.before >= LEAST_OF_TWO}
    evidence: dict[str, Any] = {"groups": len(enough)}
    rose, largest = ("rose", "largest rise") if up else ("fell", "largest fall")
    sentence = f"No kind of offence clearly {rose} {when}."
    sign = 1 if up else -1
    most = max(enough, key=lambda group: sign * (enough[group].count - enough[group].before), default="")
    if most and sign * (enough[most].count - enough[most].before) > 0:
        item = enough[most]
        evidence |= {"now_0": item.count, "before_0": item.before}
        sentence += (
            f" The {largest} was in {lower_first(labels[most])} (from {item.before:,} to {item.count:,}), within the "
            "usual ups and downs."
        )
    return sentence, evidence


def _moved(percent: float) -> str:
    return "rose" if percent > 0 else "fell" if percent < 0 else "did not change"


def _moved_by(percent: float) -> str:
    return f"{_moved(percent)} by {say_percent(percent)}" if percent else _moved(percent)


def _range(change: Change) -> str:
    ends = [f"{'a fall' if value < 0 else 'a rise'} of {say_percent(value)}" for value in (change.low, change.high)]
    return f"between {ends[0]} and {ends[1]}"


def _shown(ratio: float) -> float:
    return ratio if ratio >= 2 else 100 * (ratio - 1)


def _percent_from(ratio: float) -> str:
    return f"{ratio:.1f} times as many" if ratio >= 2 else f"by {say_percent(100 * (ratio - 1))}"


def _distance(ranking: Ranking) -> float:
    """By how many offences a place differs from the middle of the others, the largest first."""
    return -abs(ranking.rate - ranking.median)
