"""Sentences about outcomes: what happened after crimes were recorded, by type, against before, and what is left out."""

from collections.abc import Mapping, Sequence

import pandas as pd

from hcsp_assess.assessment.findings import Finding
from hcsp_assess.assessment.outcomes import HeldBack, Share, ShareChange
from hcsp_assess.assessment.wording.coverage import say_months
from hcsp_assess.assessment.wording.levels import say_kind
from hcsp_assess.assessment.wording.words import listed
from hcsp_assess.periods import Span
from hcsp_assess.subject.outcomes import month_rule

LEAST_CRIMES = 100  # of a crime type, so that it can be named as highest or lowest
NAMED = 3  # crime types that are named at each end
WHAT = {
    "charged": "led to a charge or summons",
    "out_of_court": "were dealt with out of court",
    "evidential": "ended because evidence was lacking or the victim did not support action",
    "no_suspect": "were closed with no suspect identified",
    "other_decision": "ended with another decision",
    "not_known": "have no known outcome",
}
AS_PUBLISHED = (
    "Outcomes are as published when the files were downloaded; later decisions are not in them. A charge includes "
    "cases that went on to court: results of court have not been published since 2019."
)
BETWEEN_YEARS = (
    "How crimes and outcomes are recorded has changed too, so this does not measure how well cases are investigated."
)


def describe_outcomes(shares: Mapping[str, Share], months: pd.PeriodIndex, span: Span) -> Finding:
    """Say what share of the year's crimes led to a charge, and how the others ended."""
    charged = shares["charged"]
    evidence: dict[str, object] = {"crimes": charged.whole, "months": len(months), "confidence": 95}
    for group, share in shares.items():
        evidence |= {
            f"{group}_count": share.part,
            f"{group}_percent": 100 * share.interval.value,
            f"{group}_low": 100 * share.interval.low,
            f"{group}_high": 100 * share.interval.high,
        }
    known = charged.whole - shares["not_known"].part
    evidence["charged_percent_of_known"] = 100 * charged.part / known if known else float("nan")
    message = (
        f"Of {charged.whole:,} crimes recorded in {say_period(months, span)}, {say_share(charged)} {WHAT['charged']} "
        f"and {say_share(shares['out_of_court'])} {WHAT['out_of_court']}."
    )
    sentence = (
        f"{message} {say_share(shares['no_suspect'])} {WHAT['no_suspect']}, and {say_share(shares['evidential'])} "
        f"{WHAT['evidential']}."
    )
    certainty = f"The share charged or summonsed is likely between {_limits(charged)}."
    unknown = f"{say_share(shares['not_known'])} {WHAT['not_known']} and count as not charged."
    method = f"95% intervals that allow for how much months differ. {AS_PUBLISHED}"
    return Finding(
        "outcomes",
        sentence,
        evidence,
        certainty,
        (unknown,),
        message=message,
        method=method,
        measure="Outcomes of crime",
    )


def describe_types(charged: Mapping[str, Share], overall: Share) -> Finding:
    """Say which crime types most and least often lead to a charge, of those with enough crimes."""
    enough = {label: share for label, share in charged.items() if share.whole >= LEAST_CRIMES}
    above = [label for label, share in enough.items() if share.interval.low > overall.interval.high]
    below = [label for label, share in enough.items() if share.interval.high < overall.interval.low]
    evidence: dict[str, object] = {"overall_percent": 100 * overall.interval.value, "least_crimes": LEAST_CRIMES}
    evidence |= {f"percent of {label}": 100 * share.interval.value for label, share in enough.items()}
    parts = [
        f"{word} for {listed([_named(label, enough[label]) for label in _ordered(labels, enough, most=most)[:NAMED]])}."
        for word, labels, most in (
            ("A charge or summons followed most often", above, True),
            ("It followed least often", below, False),
        )
        if labels
    ]
    sentence = " ".join([*parts, f"For all crime it was {say_share(overall)}."])
    if not parts:
        sentence = "No crime type clearly differs from all crime in how often a charge or summons followed."
    elif not above:
        sentence = sentence.replace("It followed least", "A charge or summons followed least", 1)
    method = (
        f"Named are crime types with {LEAST_CRIMES} crimes or more whose likely range does not overlap that of all "
        "crime."
    )
    return Finding("outcomes_types", sentence, evidence, method=method)


def describe_change(changes: Mapping[str, ShareChange], spell: pd.PeriodIndex) -> Finding:
    """Compare the share charged with that of an earlier spell."""
    change, unknown = changes["charged"], changes["not_known"]
    points = 100 * abs(change.difference)
    when = say_months(list(spell))
    evidence = {
        "percent": 100 * change.now.interval.value, "percent_before": 100 * change.before.interval.value,
        "points": points, "low": 100 * change.low, "high": 100 * change.high,
        "crimes_before": change.before.whole, "unknown_percent": 100 * unknown.now.interval.value,
        "unknown_percent_before": 100 * unknown.before.interval.value, "confidence": 95,
    }  # fmt: skip
    moved = "up from" if change.difference > 0 else "down from"
    shares = f"{say_share(change.now)}, {moved} {say_share(change.before)} in {when}"
    if change.clear:
        word = "larger" if change.difference > 0 else "smaller"
        low, high = sorted((100 * abs(change.low), 100 * abs(change.high)))
        sentence = (
            f"A {word} share of crimes led to a charge or summons than before: {shares}. The true difference is likely "
            f"to be between {low:.0f} and {high:.0f} percentage points."
        )
    else:
        sentence = f"The share of crimes that led to a charge or summons did not clearly change: {shares}."
    caveat = (
        f"{say_share(unknown.now)} of crimes have no known outcome now, and {say_share(unknown.before)} had none then."
    )
    method = "95% interval that allows for how much months differ within each of the two periods."
    return Finding("outcomes_change", sentence, evidence, caveats=(BETWEEN_YEARS, caveat), method=method)


def describe_held_back(held: Sequence[HeldBack], months: pd.PeriodIndex, span: Span) -> Finding:
    """Say which months are held back, and why."""
    rule = month_rule()
    own = [month for month in held if month.month >= span.first]
    evidence: dict[str, object] = {
        "months_judged": len(months), "months_held_back": len(own), "months_in_period": len(span.months),
        "limit_under_investigation": rule.under_investigation, "limit_open": rule.open,
    }  # fmt: skip
    if own:
        sentence = f"{_say_held(own)}."
    elif len(months) == len(span.months):
        sentence = f"All {len(months)} months of {span.name} are old enough to judge."
    else:
        sentence = f"All {len(months)} months that we hold of {span.name} are old enough to judge."
    earlier = [month for month in held if month.month < span.first]
    caveats = (f"In earlier years, {_say_held(earlier)}.",) if earlier else ()
    method = (
        f"A month is left out while {rule.under_investigation:.0f}% or more of its crimes are under investigation, or "
        f"{rule.open:.0f}% or more have no outcome at all."
    )
    return Finding("outcomes_held_back", sentence, evidence, caveats=caveats, method=method)


def describe_unjudged(held: Sequence[HeldBack], span: Span) -> Finding:
    """Say that no month of the period can be judged yet."""
    sentence = f"It is too early to say what happened after the crimes of {span.name} were recorded. {_say_held(held)}."
    rule = month_rule()
    evidence = {"months": len(held), "limit": rule.under_investigation, "limit_open": rule.open}
    return Finding("outcomes", sentence, evidence)


def say_share(share: Share) -> str:
    """A share as printed: 10%, or 3.2% where it is below five."""
    return say_percentage(100 * share.interval.value)


def say_percentage(value: float) -> str:
    """A percentage as printed: whole from five per cent, with one decimal below; none is 0%."""
    if value == 0:
        return "0%"
    return f"{value:.0f}%" if value >= 5 else f"{value:.1f}%"


def say_range(share: Share) -> str:
    """The likely range of a share as printed."""
    return f"{100 * share.interval.low:.1f}% to {100 * share.interval.high:.1f}%"


def say_period(months: pd.PeriodIndex, span: Span) -> str:
    """The months that are judged: the whole period by its name, a part of it in words."""
    if len(months) == len(span.months):
        return span.name
    return say_months(list(months))


def _say_held(held: Sequence[HeldBack]) -> str:
    recent = [month.month for month in held if month.why == "too recent"]
    unknown = [month.month for month in held if month.why == "too little known"]
    said = []
    if recent:
        were = "was" if len(recent) == 1 else "were"
        said.append(f"{say_months(recent)} {were} too recent when the files were downloaded")
    if unknown:
        have = "has" if len(unknown) == 1 else "have"
        said.append(f"{say_months(unknown)} {have} too few published outcomes")
    return "; ".join(said)


def _limits(share: Share) -> str:
    return say_range(share).replace(" to ", " and ")


def _named(label: str, share: Share) -> str:
    return f"{say_kind(label)} ({say_share(share)})"


def _ordered(labels: Sequence[str], shares: Mapping[str, Share], *, most: bool) -> list[str]:
    return sorted(labels, key=lambda label: shares[label].interval.value, reverse=most)
