"""Sentences about the plan: what it is for, and how far last year's was carried out."""

from collections.abc import Sequence
from typing import get_args

from hcsp_assess.assessment.findings import Finding
from hcsp_assess.assessment.performance import Performance
from hcsp_assess.assessment.plan import Plan
from hcsp_assess.assessment.wording.words import listed
from hcsp_assess.sources.text_sheet_kinds import Status


def describe_progress(plan: Plan, performances: Sequence[Performance]) -> Finding:
    """Say how far last year's plan was carried out, by action and by measure."""
    counts = {status: sum(item.status == status for item in plan.actions) for status in get_args(Status)}
    ratings = [item.rated.rating for item in performances]
    rated = {word: ratings.count(word) for word in ("on track", "at risk", "off track", "not rated")}
    said = [f"{number} {'is' if number == 1 else 'are'} {status}" for status, number in counts.items() if number]
    measured = [f"{number} {'is' if number == 1 else 'are'} {word}" for word, number in rated.items() if number]
    evidence: dict[str, object] = {"actions": len(plan.actions), "measures": len(performances)}
    evidence |= {f"actions_{key.replace(' ', '_')}": value for key, value in counts.items()}
    evidence |= {f"measures_{key.replace(' ', '_')}": value for key, value in rated.items()}
    start, end = plan.previous_year.split("-")
    evidence |= {"start": int(start), "end": int(end)}
    actions = (
        f"Of {len(plan.actions)} actions in the plan for {start}/{end}, {listed(said) if said else 'none is recorded'}."
    )
    measures = f"Of {len(performances)} measures, {listed(measured)}." if measured else "No measures are recorded."
    return Finding("plan_progress", f"{actions} {measures}", evidence)


def describe_vision(plan: Plan) -> Finding:
    """Say what the strategy is for and for which years."""
    strategy = plan.strategy
    return Finding("plan_vision", strategy["vision"] + ".", {}, f"{strategy['years']}. {strategy['source']}.")
