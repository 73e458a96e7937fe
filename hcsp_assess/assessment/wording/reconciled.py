"""Sentences that explain why two figures, or two words, for one measure differ: a year and a trend, two sources."""

from hcsp_assess.assessment.findings import Finding
from hcsp_assess.assessment.wording.words import say_percent
from hcsp_assess.periods import Span

MOVED = {"rising": "rose", "falling": "fell", "stable": "was level"}


def say_longer_run(trend: Finding) -> str:
    """Say what the trend of a measure is, beside its change on the year before.

    Examples
    --------
    >>> say_longer_run(Finding("x", "X fell.", {"long_run_percent": -3.9}, direction="falling"))
    'Over the longer run it fell, by about 3.9% a year.'
    """
    if trend.direction == "no clear change":
        return "Over the longer run there is no clear trend."
    if trend.direction not in MOVED:
        return "We hold too few months to say which way it goes over the longer run."
    if "spells" in trend.evidence:
        word = {"rising": "higher", "falling": "lower"}.get(trend.direction, "level")
        return f"Compared with the earliest months that we hold, it is {word}."
    percent = float(trend.evidence.get("long_run_percent", "nan"))
    fits = percent > 0 if trend.direction == "rising" else percent < 0
    size = f", by about {say_percent(abs(percent))} a year" if fits and trend.direction != "stable" else ""
    return f"Over the longer run it {MOVED[trend.direction]}{size}."


def say_official(official: Finding, period: str, *, same_year: bool = False) -> str:
    """Say the official count and which way it went, beside that of street-level files.

    Parameters
    ----------
    same_year : bool
        Whether both are of the same twelve months: then they differ because they are counted differently.

    Examples
    --------
    >>> found = Finding("x", "X.", {"count": 9659, "percent": -13.3}, direction="falling")
    >>> say_official(found, "the year to June 2025")
    'The official count, which has more months to compare, fell by 13% to 9,659 in the year to June 2025.'
    """
    why = "which is counted a little differently" if same_year else "which has more months to compare"
    start = f"The official count, {why},"
    count, percent = official.evidence["count"], official.evidence.get("percent")
    if official.direction in ("rising", "falling") and isinstance(percent, float):
        return f"{start} {MOVED[official.direction]} by {say_percent(abs(percent))} to {count:,} in {period}."
    return f"{start} is {count:,} in {period}, no clear change."


def say_as_published(published: Finding, span: Span, own: int | None) -> str:
    """Say the figure that a strategy published, beside simulated records of the same measure.

    Parameters
    ----------
    span : Span
        The months of the published figure.
    own : int or None
        Simulated records of those months; None where not every month has some.

    Examples
    --------
    >>> from hcsp_assess.periods import parse_span
    >>> found = Finding("x", "X.", {"value": 7000.0}, direction="no clear change")
    >>> say_as_published(found, parse_span("2012-04 to 2012-12"), 7000)
    'The published figure for April 2012 to December 2012 is 7,000, no clear change. The simulated records agree.'
    """
    value = float(published.evidence["value"])
    word = ", no clear change" if published.direction == "no clear change" else ""
    if published.direction in ("rising", "falling"):
        word = f", and it {MOVED[published.direction]}"
    said = f"The published figure for {span.words} is {value:,.0f}{word}"
    if own is None:
        return f"{said}."
    return f"{said}. The simulated records {'agree' if own == round(value) else f'have {own:,}'}."
