"""Sentences about serious violence, violence against women and girls, and hate crime."""

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from hcsp_assess.assessment.findings import Direction, Finding
from hcsp_assess.assessment.serious_violence import SeriousViolence
from hcsp_assess.assessment.wording.words import (
    PERCENT_FROM,
    listed,
    lower_first,
    quoted,
    say_percent,
    upper_first,
)
from hcsp_assess.disclosure import DisclosureRule, published
from hcsp_assess.places.ranking import Change, Ranking

POSITIONS = {"higher": "above", "lower": "below", "similar": "close to"}


def describe_serious_violence(place: str, year: str, counts: Mapping[str, int], everything: int) -> Finding:
    """Say how much serious violence was recorded, by kind, the most frequent first.

    Parameters
    ----------
    counts : mapping of str to int
        Offences by the name of their kind.
    everything : int
        All recorded crime of the year.
    """
    total = sum(counts.values())
    share = 100 * total / everything
    kinds = sorted(counts, key=lambda name: -counts[name])
    named = listed([f"{lower_first(name)} ({counts[name]:,})" for name in kinds])
    message = f"Police recorded {total:,} serious violent offences in {place} in {year}, {share:.0f}% of all crime."
    evidence: dict[str, Any] = {"count": total, "everything": everything, "percent": share}
    evidence |= {f"count_{number}": counts[name] for number, name in enumerate(kinds)}
    return Finding(
        "serious_violence",
        f"{message} They were {named}.",
        evidence,
        message=message,
        measure="official serious violence",
        period=year,
    )


def describe_definition(definition: SeriousViolence, labels: Mapping[str, str]) -> Finding:
    """Say what counts as serious violence here: the partnership's own words, or that it is a working definition."""
    named = listed([lower_first(labels[key]) for key in definition.offences])
    if definition.signed is not None:
        sentence = f"The partnership's definition of serious violence: {quoted(definition.text, definition.signed)}"
        return Finding(
            "serious_violence_definition",
            sentence,
            certainty=f"{definition.signed.words}. Counted here: {named}.",
        )
    message = f"This chapter counts {named}."
    sentence = f"{message} That is a working definition: each partnership sets its own, and the figures will follow it."
    return Finding("serious_violence_definition", sentence, message=message)


def describe_kinds_changed(
    key: str, year: str, before: str, changes: Mapping[str, Change], labels: Mapping[str, str]
) -> Finding | None:
    """Say which kinds clearly rose or fell between two years, and which did not; None where none can be compared.

    Parameters
    ----------
    key : str
        Name of the finding.
    changes : mapping of str to Change
        By kind. Kinds with few offences are called unchanged only in so far as no change is clear.
    """
    if not changes:
        return None
    clear = [group for group, change in changes.items() if change.clear]
    rest = [lower_first(labels[group]) for group in changes if group not in clear]
    told = [_moved(labels[group], changes[group]) for group in clear]
    parts = [f"{'; '.join(told)}, between {before} and {year}."] if told else []
    if rest:
        usual = "within the usual ups and downs"
        moved = [_between(labels[group], changes[group]) for group in changes if group not in clear]
        if told:
            parts.append(f"{upper_first(listed(rest))} {'are' if len(rest) > 1 else 'is'} {usual}.")
        else:
            parts.append(f"{upper_first('; '.join(moved))} since {before}: {usual}.")
    evidence: dict[str, Any] = {"kinds": len(changes), "clear": len(clear)}
    for number, group in enumerate(changes):
        change = changes[group]
        evidence |= {f"now_{number}": change.count, f"before_{number}": change.before, f"low_{number}": change.low}
        evidence |= {f"percent_{number}": abs(change.percent), f"high_{number}": change.high}
    certainty = " ".join(_likely(labels[group], changes[group]) for group in clear)
    return Finding(key, " ".join(parts), evidence, certainty, direction=_direction(changes), message=parts[0])


def describe_kinds_similar(
    key: str, place: str, rankings: Mapping[str, Ranking], labels: Mapping[str, str]
) -> Finding | None:
    """Say where each kind is beside the middle of similar areas; None where none can be compared."""
    if not rankings:
        return None
    evidence: dict[str, Any] = {"kinds": len(rankings)}
    parts = []
    for word in ("higher", "similar", "lower"):
        groups = [group for group in rankings if rankings[group].position == word]
        if groups:
            named = [f"{lower_first(labels[g])} ({_rate(rankings[g].rate)} against {_rate(rankings[g].median)})"
                     for g in groups]  # fmt: skip
            parts.append(f"{POSITIONS[word]} similar areas on {listed(named)}")
    for number, ranking in enumerate(rankings.values()):
        evidence |= {f"rate_{number}": ranking.rate, f"median_{number}": ranking.median}
    sentence = f"{place} is {'; and '.join(parts)}."
    return Finding(key, sentence, evidence, "Offences per 1,000 residents, against the middle of the similar areas.")


def describe_women_and_girls(
    place: str, year: str, counts: Mapping[str, int], parted: Mapping[str, pd.Period], before: str
) -> Finding:
    """Say how many of the offences were recorded of which most victims are women and girls.

    Parameters
    ----------
    counts : mapping of str to int
        Offences by the name of their kind.
    parted : mapping of str to pandas.Period
        Kinds that cannot be compared with the earlier year, and the month in which their recording changed.
    before : str
        The earlier year in words.
    """
    named = listed([f"{count:,} {_offences(name)}" for name, count in counts.items()])
    evidence: dict[str, Any] = {f"count_{number}": count for number, count in enumerate(counts.values())}
    sentence = f"Police recorded {named} in {place} in {year}."
    caveats = ["The counts include victims of either sex. Many offences of these kinds are never reported."]
    caveats += [
        f"{name} cannot be compared with {before}: the rules for recording it changed in {month.strftime('%B %Y')}."
        for name, month in parted.items()
    ]
    return Finding("violence_against_women_and_girls", sentence, evidence, caveats=tuple(caveats), period=year)


def describe_hate_crime(
    strands: Mapping[str, int], hidden: Sequence[str], period: str, rule: DisclosureRule
) -> Finding:
    """Say how many hate crimes were recorded and what most were about, in numbers that may be published.

    Parameters
    ----------
    strands : mapping of str to int
        Hate crimes by strand; a crime with two strands counts under both.
    hidden : sequence of str
        Strands of which the sender hid a part.
    period : str
        Months or quarters in words.
    """
    shown = {name: published(count, rule) for name, count in strands.items() if count >= max(rule.minimum, 1)}
    few = [lower_first(name) for name, count in strands.items() if 0 < count < rule.minimum]
    few += [lower_first(name) for name in hidden]
    if not shown:
        return Finding("hate_crime", f"Police recorded too few hate crimes in {period} to publish a number.")
    order = sorted(shown, key=lambda name: -shown[name])
    named = listed([f"{lower_first(name)} ({shown[name]:,})" for name in order])
    rest = f" A few more were about {listed(few)}." if few else ""
    sentence = f"Hate crimes recorded by the police in {period}, by what they were about: {named}.{rest}"
    evidence = {f"count_{number}": shown[name] for number, name in enumerate(order)}
    caveat = "A crime about two things counts under both. Numbers are rounded to protect people."
    return Finding("hate_crime", sentence, evidence, caveats=(caveat,), measure="hate crime", period=period)


def title_of_kinds(place: str, rankings: Mapping[str, Ranking], labels: Mapping[str, str]) -> str:
    """The message of the chart of kinds beside similar areas."""
    higher = [lower_first(labels[group]) for group, item in rankings.items() if item.position == "higher"]
    lower = [lower_first(labels[group]) for group, item in rankings.items() if item.position == "lower"]
    if not higher and not lower:
        return f"Serious violence in {place} is close to that of similar areas"
    parts = [f"{word} on {listed(names)}" for word, names in (("higher", higher), ("lower", lower)) if names]
    return f"Beside similar areas, {place} is {' and '.join(parts)}"


def _moved(label: str, change: Change) -> str:
    verb = "rose" if change.count > change.before else "fell"
    size = f" by {say_percent(change.percent)}" if change.before >= PERCENT_FROM else ""
    return f"{label} {verb}{size}, from {change.before:,} to {change.count:,}"


def _between(label: str, change: Change) -> str:
    verb = "rose" if change.count > change.before else "fell" if change.count < change.before else "stayed"
    return f"{lower_first(label)} {verb} from {change.before:,} to {change.count:,}"


def _likely(label: str, change: Change) -> str:
    """The likely size of a clear change, the smaller first."""
    near, far = sorted((change.low, change.high), key=abs)
    verb = "rise" if change.percent > 0 else "fall"
    return f"The lasting {verb} in {lower_first(label)} is likely to be between {abs(near):.0f}% and {abs(far):.0f}%."


def _direction(changes: Mapping[str, Change]) -> Direction:
    """Which way the kinds point, where all that are clear agree."""
    clear = {"rising" if change.percent > 0 else "falling" for change in changes.values() if change.clear}
    if not clear:
        return "no clear change"
    return "" if len(clear) > 1 else "rising" if clear == {"rising"} else "falling"


def _offences(name: str) -> str:
    """A kind after its number: 535 sexual offences, 1,363 offences of stalking and harassment."""
    return lower_first(name) if name.endswith("offences") else f"offences of {lower_first(name)}"


def _rate(value: float) -> str:
    return f"{value:.1f}" if value >= 0.95 else f"{value:.2f}"


def kinds_in_words(keys: Sequence[str], labels: Mapping[str, str]) -> str:
    """Kinds of offence as a list in words."""
    return listed([lower_first(labels[key]) for key in keys])
