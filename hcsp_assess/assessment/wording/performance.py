"""The sentence of an indicator: where it is, against when, how sure, and what the target leaves."""

from hcsp_assess.assessment.findings import Finding
from hcsp_assess.assessment.performance import MARGIN_PERCENT, Change, Performance, TargetStatus
from hcsp_assess.assessment.review_notes import ReviewNote
from hcsp_assess.assessment.wording.words import say_percent

CERTAINTY = {
    "clear": "The change is clear.",
    "doubtful": "Whether this is a real change is in doubt: the figures vary more than the test for it assumes.",
    "no clear change": "This is no clear change: chance alone brings differences of that size.",
    "cannot be tested": "Whether this is a real change cannot be tested: no base was published.",
}


def describe_performance(item: Performance) -> Finding:
    """Say where an indicator is in its year."""
    name, key = item.indicator.name, f"performance_{item.indicator.key}"
    if item.latest is None:
        gap = item.indicator.gap.rstrip(".")
        reason = f" The strategy says: “{gap}”." if gap else ""
        return Finding(key, f"{name}: no figure for {item.year.short}.{reason}")
    evidence: dict[str, object] = {
        "year_start": item.year.start,
        "year": item.year.start % 100,
        "latest": item.latest.value,
    }
    evidence["year_end"] = item.year.start % 100 + 1
    evidence["latest_quarter"] = item.latest.quarter.number
    parts = [_standing(item, evidence), _target(item.target, item.indicator.unit == "percent", evidence)]
    certainty = CERTAINTY[item.year_to_date.certainty] if item.year_to_date else ""
    caveats = (item.warning,) if item.warning else ()
    return Finding(key, f"{name}: {' '.join(part for part in parts if part)}", evidence, certainty, caveats)


def describe_note(note: ReviewNote) -> Finding:
    """Show a review note with what it rests on."""
    return Finding(note.key, note.sentence, {}, f"Evidence: {'; '.join(note.evidence)}")


def describe_rating_rule(margin_percent: float = MARGIN_PERCENT) -> str:
    """Say the rule of the rating in words."""
    return (
        "Numbers: the year so far plus what the same remaining quarters brought last year meets the target (on track), "
        f"misses it by up to {margin_percent:g}% (at risk) or by more (off track). Percentages: the same of the latest "
        "figure. Not rated: no target, no figures, or it is not stated which way is better."
    )


def _standing(item: Performance, evidence: dict[str, object]) -> str:
    change, percent = item.year_to_date, item.indicator.unit == "percent"
    if change is None:
        assert item.latest is not None  # noqa: S101 - the caller has looked
        return f"{item.latest.printed} in {item.latest.quarter}; nothing of the year before to compare with."
    evidence |= {
        "value": change.value,
        "value_before": change.value_before,
        "difference": abs(change.difference),
        "percent": change.percent,
        "quarters": len(change.quarters),
        "last_quarter": change.quarters[-1].number,
        "before_year": change.quarters_before[-1].year.start % 100,
        "before_year_end": change.quarters_before[-1].year.start % 100 + 1,
    }
    if percent:
        points = f"{abs(change.difference):g} percentage points {change.direction}"
        moved = "the same as" if change.direction == "same" else f"{points} than"
        before = f"{change.quarters_before[-1]} ({change.value_before:g}%)"
        return f"{change.value:g}% in {change.quarters[-1]}, {moved} in {before}."
    before = f"the same quarters of the year before ({change.value_before:,.0f})"
    return f"{change.value:,.0f} in {_quarters(change)}, {_moved(change)} {before}."


def _quarters(change: Change) -> str:
    if len(change.quarters) == 1:
        return str(change.quarters[0])
    return f"the first {len(change.quarters)} quarters of {change.quarters[0].year.short}"


def _moved(change: Change) -> str:
    if change.direction == "same":
        return "the same as in"
    return f"{say_percent(change.percent)} {change.direction} than in"


def _target(status: TargetStatus | None, percent: bool, evidence: dict[str, object]) -> str:
    if status is None:
        return "No target is stated."
    if status.value is None or percent or status.headroom is None:
        evidence["target"] = status.value if status.value is not None else status.target.printed
        return f"Target: {status.target.printed}."
    evidence |= {"target": status.value, "headroom": status.headroom, "left": len(status.quarters_left)}
    rest = f"the {len(status.quarters_left)} quarters left" if len(status.quarters_left) > 1 else "the quarter left"
    if not status.quarters_left:
        return f"Target: {status.value:,.0f}, {'met' if status.headroom >= 0 else 'missed'}."
    brought = ""
    if status.same_quarters_last_year is not None:
        evidence["brought"] = status.same_quarters_last_year
        brought = f" (a year earlier: {status.same_quarters_last_year:,.0f})"
    if status.headroom < 0:
        return f"The target of {status.value:,.0f} is already passed by {-status.headroom:,.0f}."
    return f"The target of {status.value:,.0f} is met if {rest} brings no more than {status.headroom:,.0f}{brought}."
