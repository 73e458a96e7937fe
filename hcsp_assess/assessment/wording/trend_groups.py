"""Sentences about many trends at once: what rose, what fell, and what shows no clear trend."""

from collections.abc import Mapping, Sequence

from hcsp_assess.assessment.findings import Direction, Finding
from hcsp_assess.assessment.wording.levels import TOTAL, say_kind
from hcsp_assess.assessment.wording.trend_words import say_span, years_named
from hcsp_assess.assessment.wording.words import listed, say_percent, upper_first
from hcsp_assess.trends.results import NOT_TESTED, Trend

WORDS: dict[str, tuple[str, ...]] = {
    "rose": ("rising", "higher"),
    "fell": ("falling", "lower"),
    "level": ("stable",),
    "unclear": ("unclear",),
    "too few": NOT_TESTED,
}
NAMED = 4  # series in a sentence after the first
IN_TITLE = 2  # series that a title names each way


def describe_moves(trends: Mapping[str, Trend]) -> tuple[Finding, ...]:
    """Say which series rose, which fell, and which did neither: one sentence for each.

    Parameters
    ----------
    trends : mapping of str to Trend
        By the name of the series for readers.
    """
    found = [_moved(trends, way) for way in ("rose", "fell")]
    return tuple(item for item in (*found, _rest(trends)) if item is not None)


def say_moves(trends: Mapping[str, Trend]) -> str:
    """The title of a chart of many series: what rose and what fell, those that moved most."""
    parts = []
    for way in ("rose", "fell"):
        every = _of(trends, way)
        names = ([name for name in every if "," not in name and " in " not in name] or list(every))[:IN_TITLE]
        if names:
            parts.append(f"{listed([say_kind(name) for name in names])} {_likely(trends, names)}{way}")
    return upper_first("; ".join(parts)) if parts else "No series clearly rose or fell"


def _moved(trends: Mapping[str, Trend], way: str) -> Finding | None:
    names = _of(trends, way)
    direction: Direction = "rising" if way == "rose" else "falling"
    key = f"crime_{direction}"
    if not names:
        return Finding(key, f"No series clearly {way}.", {"series": len(trends)})
    evidence: dict[str, object] = {"series": len(trends), way: len(names)}
    first, *others = names
    for number, name in enumerate(names):
        evidence |= years_named(trends[name]) | {f"percent_{number}": trends[name].deciding.percent}
    lead = trends[first]
    spans = {say_span(trends[name]) for name in names}
    whole = spans.pop() if len(spans) == 1 else "over the years that we hold"
    recent = "over the last three years" if lead.follows == "last 36 months" else whole
    size = f"{recent}, by about {say_percent(lead.deciding.percent)} a year"
    if lead.verdict in ("higher", "lower"):
        size = f"by {say_percent(lead.deciding.percent)} in the last 12 months"
    sentence = f"{upper_first(say_kind(first))} {_likely(trends, [first])}{way} {size}."
    if others:
        more = [f"{len(others) - NAMED} more"] if len(others) > NAMED else []
        evidence |= {"more": len(others) - NAMED}
        listed_others = listed([f"{say_kind(name)} ({_size(trends[name])})" for name in others[:NAMED]] + more)
        sentence += f" So did {listed_others}."
    return Finding(key, sentence, evidence, direction=direction)


def _rest(trends: Mapping[str, Trend]) -> Finding | None:
    said = []
    for way, words in (("level", "Level"), ("unclear", "No clear trend"), ("too few", "Too few months to say")):
        names = _of(trends, way)
        if names:
            said.append(f"{words}: {listed([say_kind(name) for name in names])}.")
    return Finding("crime_steady", " ".join(said), {"series": len(trends)}) if said else None


def _of(trends: Mapping[str, Trend], way: str) -> Sequence[str]:
    """Names of the series that went a way: total recorded crime, then those that moved most."""
    names = [name for name, trend in trends.items() if trend.verdict in WORDS[way]]
    if way not in ("rose", "fell"):
        return names
    return sorted(names, key=lambda name: (name != TOTAL, -abs(trends[name].deciding.percent)))


def _likely(trends: Mapping[str, Trend], names: Sequence[str]) -> str:
    return "probably " if any(trends[name].strength == "probable" for name in names) else ""


def _size(trend: Trend) -> str:
    percent = say_percent(trend.deciding.percent)
    if trend.verdict in ("higher", "lower"):
        return f"{percent} in the last 12 months"
    return f"{percent} over each of the last three years" if trend.follows == "last 36 months" else percent
