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
    reasons_table,
    require_plan,
    themes_table,
    work_plan_table,
)
from hcsp_assess.assessment.statute import PLAN, notice, parse_statements, requirements
from hcsp_assess.assessment.wording.plan import describe_progress, describe_vision
from hcsp_assess.chapters.where.hotspots import say_hotspots
from hcsp_assess.edition.findings import EditionFindings
from hcsp_assess.edition.hotspots import find_all
from hcsp_assess.edition.places import open_places
from hcsp_assess.edition.rural import finding_rural_share
from hcsp_assess.errors import InputError
from hcsp_assess.report.tables import Table
from hcsp_assess.subject.own_governance import own_governance

#: Abbreviations of the strategy that a table writes out at first use.
WRITTEN_OUT = {
    r"\bMARAC\b": "the multi-agency risk assessment conference (MARAC)",
    r"\bHALC\b": "Herefordshire Association of Local Councils",
    r"\bCCG\b": "Clinical Commissioning Group",
}


def open_plan(known: EditionFindings) -> Plan:
    """Read the edition's plan, and refuse one that lacks what regulation 11 asks for (in summary).

    Raises
    ------
    InputError
        If the edition has no published priorities, its plan cannot be read, or something is missing from it.
    """
    if known.published is None:
        raise InputError(f"edition {known.opened.edition.key} has no published priorities: leave its plan chapter out")
    own = own_governance(known.opened.area)
    plan = parse_plan(known.texts, known.published.priorities, known.published.work_plan, own)
    require_plan(plan, parse_statements(known.texts))
    return plan


def finding_progress(known: EditionFindings, plan: Plan) -> Finding:
    """Say how far last year's plan was carried out."""
    return describe_progress(plan, known.performances)


def table_actions(plan: Plan) -> Table:
    """Show progress by action; `table_evidence` has what shows it."""
    caption = f"Actions of the plan for {_year(plan.previous_year)}, and how far they got"
    frame = actions_table(plan)[["Action", "Priority", "Status"]]
    frame["Action"] = frame["Action"].str.split(":").str[0]
    return Table(frame, caption, "plan-actions")


def table_measures(known: EditionFindings, plan: Plan) -> Table:
    """Show progress by measure; the performance overview says why each is rated so."""
    caption = f"Measures of the plan for {_year(plan.previous_year)}, with their rating"
    frame = measures_table(plan, known.performances)[["Measure", "Status"]].replace(
        {"Measure": WRITTEN_OUT}, regex=True
    )
    return Table(frame, caption, "plan-measures")


def table_evidence(plan: Plan) -> Table:
    """Show what the strategy says of each action."""
    frame = actions_table(plan)[["Action", "Evidence", "Source"]]
    return Table(frame, f"What the strategy says of each action, {_year(plan.previous_year)}", "plan-evidence")


def table_priorities(plan: Plan) -> Table:
    """Show the priorities with co-ordinator and partners; their objectives are in the work plan."""
    frame = priorities_table(plan).drop(columns="Objective").replace({"Key partners": WRITTEN_OUT}, regex=True)
    return Table(frame, f"Priorities for {_year(plan.year)}", "plan-priorities")


def table_themes(known: EditionFindings, plan: Plan) -> Table:
    """Show the cross-cutting themes and the monitor list, each beside what the data say."""
    simulated = known.opened.simulated
    caption = f"Cross-cutting themes and what is monitored, {_year(plan.year)}"
    return Table(themes_table(plan, _findings(known)), caption, "plan-themes", simulated=simulated)


def table_why(plan: Plan) -> Table:
    """Show why each theme is cross-cutting or monitored."""
    return Table(reasons_table(plan), f"Why these themes, {_year(plan.year)}", "plan-why")


def table_work_plan(plan: Plan) -> Table:
    """Show what each priority is to achieve and how that is measured; `table_steps` has objectives and steps."""
    frame = work_plan_table(plan)[["Priority", "Outcome", "Measures"]]
    return Table(frame, f"Work plan for {_year(plan.year)}: outcomes and measures", "plan-work")


def table_steps(plan: Plan) -> Table:
    """Show the objectives of the work plan, and the steps towards them."""
    frame = work_plan_table(plan)[["Priority", "Objective", "Description"]]
    return Table(frame, f"Work plan for {_year(plan.year)}: objectives and steps", "plan-steps")


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
        "steps": "Work plan, objectives and steps",
        "resources": "Resources and engagement",
        "measures": "Work plan, measures; measures of last year's plan",
        "engagement": "Resources and engagement",
    }
    rows = [(item.short, item.asks, where[item.letter]) for item in requirements(PLAN)]
    frame = pd.DataFrame(rows, columns=["Contents", "What is asked, in summary", "Where it is in this chapter"])
    return Table(frame, f"What a partnership plan holds, {_year(plan.year)}", "plan-contents", (notice(),))


def _findings(known: EditionFindings) -> dict[str, Finding]:
    """Every finding that a theme may name, those of rural areas and of hotspots too."""
    more = []
    if known.opened.has_records:
        rural = finding_rural_share(known.verdicts)
        more = [*([rural] if rural is not None else []), say_hotspots(find_all(open_places(known.opened)))]
    return {item.key: item for item in (*known.everything, *more)}


def _year(year: str) -> str:
    return year.replace("-", "/")
