"""The chapter on the plan: last year's progress, priorities, work plan, horizon scan, governance, duties, reviews."""

import pandas as pd

from hcsp_assess.assessment.findings import Finding
from hcsp_assess.assessment.plan import (
    Plan,
    actions_table,
    drivers_table,
    entries_table,
    measures_table,
    parse_plan,
    priorities_table,
    require_plan,
    themes_table,
    work_plan_table,
)
from hcsp_assess.assessment.statute import PLAN, notice, parse_statements, requirements
from hcsp_assess.assessment.wording.plan import describe_progress, describe_vision
from hcsp_assess.edition.findings import EditionFindings
from hcsp_assess.errors import InputError
from hcsp_assess.report.tables import Table


def open_plan(known: EditionFindings) -> Plan:
    """Read the edition's plan, and refuse one that lacks what regulation 11 asks for (in summary).

    Raises
    ------
    InputError
        If the edition has no published priorities, its plan cannot be read, or something is missing from it.
    """
    if known.published is None:
        raise InputError(f"edition {known.opened.edition.key} has no published priorities: leave its plan chapter out")
    plan = parse_plan(known.texts, known.published.priorities, known.published.work_plan)
    require_plan(plan, parse_statements(known.texts))
    return plan


def finding_progress(known: EditionFindings, plan: Plan) -> Finding:
    """Say how far last year's plan was carried out."""
    return describe_progress(plan, known.performances)


def table_actions(plan: Plan) -> Table:
    """Show progress by action."""
    caption = f"Actions of the plan for {_year(plan.previous_year)}, and how far they came"
    return Table(actions_table(plan), caption, "plan-actions")


def table_measures(known: EditionFindings, plan: Plan) -> Table:
    """Show progress by measure."""
    caption = f"Measures of the plan for {_year(plan.previous_year)}, with their rating"
    return Table(measures_table(plan, known.performances), caption, "plan-measures")


def table_priorities(plan: Plan) -> Table:
    """Show the priorities with objective, co-ordinator and partners."""
    return Table(priorities_table(plan), f"Priorities for {_year(plan.year)}", "plan-priorities")


def table_themes(known: EditionFindings, plan: Plan) -> Table:
    """Show the cross-cutting themes and the monitor list."""
    simulated = known.opened.simulated
    caption = f"Cross-cutting themes and what is monitored, {_year(plan.year)}"
    return Table(themes_table(plan, known.by_key), caption, "plan-themes", simulated=simulated)


def table_work_plan(plan: Plan) -> Table:
    """Show the work plan."""
    return Table(work_plan_table(plan), f"Work plan for {_year(plan.year)}", "plan-work")


def table_drivers(plan: Plan) -> Table:
    """Show the horizon scan."""
    caption = "What will affect the partnership, under the seven headings of a horizon scan"
    return Table(drivers_table(plan), caption, "plan-drivers")


def finding_vision(plan: Plan) -> Finding:
    """Say what the strategy is for and for which years."""
    return describe_vision(plan)


def table_governance(plan: Plan) -> Table:
    """Show who sits on the body that carries out the partnership's duties."""
    members = [(name, "member") for name in plan.governance["members"]]
    authorities = [(name, "responsible authority") for name in plan.governance["responsible_authorities"]]
    frame = pd.DataFrame(members + authorities, columns=["Body", "Part"])
    caption = f"{plan.governance['body']}: members, and the responsible authorities"
    return Table(frame, caption, "plan-governance", (f"Source: {plan.governance['source']}.",))


def table_duties(plan: Plan) -> Table:
    """Show the partnership's duties, as the strategy summarises them."""
    frame = entries_table(plan.duties, {"what": "Duty", "how": "What is done", "law": "Where it comes from"})
    notes = ("As the strategy summarises them, not the law's own words: check legislation.gov.uk.",)
    return Table(frame, "Duties of the partnership", "plan-duties", notes)


def table_reviews(plan: Plan) -> Table:
    """Show when assessment, plan and strategy are reviewed."""
    return Table(entries_table(plan.reviews, {"what": "Document", "when": "When"}), "Reviews", "plan-reviews")


def table_resources(plan: Plan) -> Table:
    """Show resources and community engagement."""
    frame = entries_table((*plan.resources, *plan.engagement), {"what": "What", "how": "How"})
    return Table(frame, "Resources, and how the community is engaged", "plan-resources")


def table_contents(plan: Plan) -> Table:
    """Show where the plan answers what regulation 11 asks for, in summary."""
    where = {
        "strategy": "Vision and horizon scan",
        "priorities": "Priorities",
        "steps": "Work plan, descriptions",
        "resources": "Resources and engagement",
        "measures": "Work plan, measures; measures of last year's plan",
        "engagement": "Resources and engagement",
    }
    rows = [(item.short, item.asks, where[item.letter]) for item in requirements(PLAN)]
    frame = pd.DataFrame(rows, columns=["Contents", "What is asked, in summary", "Where it stands in this chapter"])
    return Table(frame, f"What a partnership plan holds, {_year(plan.year)}", "plan-contents", (notice(),))


def _year(year: str) -> str:
    return year.replace("-", "/")
