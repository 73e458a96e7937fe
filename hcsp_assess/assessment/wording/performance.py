"""The sentence of an indicator: the year so far, the year before, how sure we are, and what the target leaves."""

import math
from collections.abc import Sequence

from hcsp_assess.assessment.findings import Direction, Finding
from hcsp_assess.assessment.performance import MARGIN_PERCENT, Change, Performance, TargetStatus
from hcsp_assess.assessment.review_notes import ReviewNote
from hcsp_assess.assessment.wording.words import lower_first, say_percent
from hcsp_assess.periods import Quarter, Span

#: Numbers below this are said to swing from year to year.
SMALL = 100
CANNOT_TEST = "The number of {what} was not published, so we cannot say whether that is a real change."
NORMAL = "Quarterly figures normally move by this much, so {size} {word} may not last."
BY_CHANCE = "No clear change."
CERTAINTY_WORDS = {
    "clear": "clear change",
    "doubtful": "not yet proof",
    "no clear change": "no clear change",
    "cannot be tested": "not known",
}


def describe_performance(item: Performance, *, own: bool = False) -> Finding:
    """Say where an indicator is in its year.

    Parameters
    ----------
    own : bool
        Whether it is a partnership's own definition, rather than that of a published strategy.
    """
    name, key = item.indicator.name, f"performance_{item.indicator.key}"
    year = f"{item.year.start}/{(item.year.start + 1) % 100:02d}"
    if item.latest is None:
        gap = item.indicator.gap.rstrip(".")
        reason = f" {'The partnership' if own else 'The strategy'} says: “{gap}”." if gap else ""
        sentence = f"We do not have a figure for {lower_first(name)} in {year}.{reason}"
        return Finding(key, sentence, {}, measure=item.indicator.measure, period=year)
    evidence: dict[str, object] = {"latest": item.latest.value, "latest_quarter": item.latest.quarter.number}
    standing = _standing(item, evidence)
    parts = [standing, _target(item, evidence) or ("No target is set." if own else "The strategy sets no target.")]
    quarters = item.year_to_date.quarters if item.year_to_date else (item.latest.quarter,)
    return Finding(
        key,
        " ".join(part for part in parts if part),
        evidence,
        _certainty(item),
        direction=_direction(item),
        method=_method(item),
        measure=item.indicator.measure,
        period=_span(quarters).spoken,
        message=standing,
    )


def describe_note(note: ReviewNote) -> Finding:
    """Show a review note with what it rests on."""
    return Finding(note.key, note.sentence, {}, f"Evidence: {'; '.join(note.evidence)}")


def describe_rating_rule(margin_percent: float = MARGIN_PERCENT, *, own: bool = False) -> str:
    """Say the rule of the rating in words, for a published strategy or for a partnership's own indicators."""
    where = "it is not stated" if own else "the strategy does not say"
    return (
        f"On track: the target is met if the rest of the year is like last year's. At risk: missed by up to "
        f"{margin_percent:g}%. Off track: missed by more. Not rated: no target or figure, or {where} whether higher or "
        "lower is better."
    )


def title_of_quarters(items: Sequence[Performance]) -> str:
    """Say what a chart of indicators by quarter shows: how many were lower, and how many higher, than a year before."""
    moved = [item.year_to_date.direction for item in items if item.year_to_date]
    counts = [(moved.count(word), word) for word in ("lower", "higher") if word in moved]
    told = " and ".join(f"{number} {'was' if number == 1 else 'were'} {word}" for number, word in counts)
    return (
        f"Of {len(moved)} indicators, {told} than a year earlier" if told else "No indicator changed on a year earlier"
    )


def _certainty(item: Performance) -> str:
    """How sure the change is, in one sentence; "" where it is clear or nothing is compared."""
    change = item.year_to_date
    if change is None or change.certainty == "clear":
        return ""
    if change.certainty == "cannot be tested":
        _, _, after = item.indicator.says.partition("{value} of ")
        return CANNOT_TEST.format(what=after.split(" ")[0] or "people")
    if change.certainty == "no clear change":
        return BY_CHANCE
    if change.value >= SMALL:
        return NORMAL.format(size=say_percent(change.percent), word=_more_or_fewer(change))
    better = {"lower": "lower", "higher": "higher"}.get(item.indicator.polarity)
    feeling = "" if better is None else "encouraging, but " if change.direction == better else "worth watching, but "
    return f"Numbers this small swing from year to year: {feeling}not yet proof."


def _method(item: Performance) -> str:
    """How the change was tested, for a panel on methods."""
    change = item.year_to_date
    if change is None:
        return ""
    tested = "" if math.isnan(change.p_value) else f", p = {change.p_value:.3f}"
    return " ".join(part for part in (f"{change.method[:1].upper()}{change.method[1:]}{tested}.", item.warning) if part)


def _direction(item: Performance) -> Direction:
    """Which way an indicator went on the year before; a change in doubt, or that cannot be tested, says nothing."""
    change = item.year_to_date
    if change is None or change.certainty in ("cannot be tested", "doubtful"):
        return "cannot tell"
    if change.certainty == "no clear change":
        return "no clear change"
    return "rising" if change.direction == "higher" else "falling"


def _standing(item: Performance, evidence: dict[str, object]) -> str:
    change, percent = item.year_to_date, item.indicator.unit == "percent"
    says = item.indicator.says or f"{item.indicator.name}: {{value}}"
    if change is None:
        assert item.latest is not None  # noqa: S101 - the caller has looked
        when = item.latest.quarter.span.between
        return f"{says.format(value=item.latest.printed)} {when}. We have no figure for a year earlier."
    evidence |= {
        "value": change.value,
        "value_before": change.value_before,
        "difference": abs(change.difference),
        "percent": abs(change.percent),
        "quarters": len(change.quarters),
    }
    value = f"{change.value:g}%" if percent else f"{change.value:,.0f}"
    return f"{says.format(value=value)} {_span(change.quarters).between}, {_moved(change, percent=percent)}."


def _moved(change: Change, *, percent: bool) -> str:
    before = f"{change.value_before:g}%" if percent else f"{change.value_before:,.0f}"
    if change.direction == "same":
        return "the same as a year earlier"
    if percent:
        return f"{abs(change.difference):g} percentage points {change.direction} than a year earlier ({before})"
    size = f"{abs(change.difference):,.0f}" if change.value_before < SMALL else say_percent(change.percent)
    return f"{size} {_more_or_fewer(change)} than a year earlier ({before})"


def _more_or_fewer(change: Change) -> str:
    return "more" if change.direction == "higher" else "fewer"


def _span(quarters: tuple[Quarter, ...]) -> Span:
    return Span(quarters[0].span.first, quarters[-1].span.last)


def _target(item: Performance, evidence: dict[str, object]) -> str:
    status = item.target
    if status is None:
        return ""
    if status.value is None or item.indicator.unit == "percent" or status.headroom is None:
        evidence["target"] = status.value if status.value is not None else status.target.printed
        return f"The target is {status.target.printed}."
    evidence |= {"target": status.value, "headroom": abs(status.headroom), "left": len(status.quarters_left)}
    lower = item.indicator.polarity != "higher"
    if not status.quarters_left:
        met = (status.headroom >= 0) == lower or not status.headroom
        return f"The target for the year, {status.value:,.0f}, was {'met' if met else 'missed'}."
    return _left(status, evidence, lower=lower)


def _left(status: TargetStatus, evidence: dict[str, object], *, lower: bool) -> str:
    """What the quarters left may bring, or must, for the target to be met."""
    assert status.value is not None and status.headroom is not None  # noqa: S101 - the caller has looked
    if (status.headroom < 0) == lower and status.headroom:
        passed = f"{abs(status.headroom):,.0f}"
        return f"That is already {passed} above the year's target of {status.value:,.0f}."
    brought = ""
    if status.same_quarters_last_year is not None:
        evidence["brought"] = status.same_quarters_last_year
        brought = f"; the same months a year earlier had {status.same_quarters_last_year:,.0f}"
    months, most = _span(status.quarters_left).spoken, "at most" if lower else "at least"
    left = "That leaves room for" if lower else "To meet it takes another"
    rest = f"{left} {abs(status.headroom):,.0f} in {months}{brought}."
    return f"The target for the year is {most} {status.value:,.0f}. {rest}"
