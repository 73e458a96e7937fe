"""The chapter on outcomes: what happened after crimes were recorded, by crime type and against an earlier spell."""

from collections.abc import Mapping

import pandas as pd

from hcsp_assess.assessment.findings import Finding, Findings
from hcsp_assess.assessment.outcomes import Share
from hcsp_assess.assessment.wording.coverage import say_months
from hcsp_assess.assessment.wording.outcomes import (
    say_percentage,
    say_period,
    say_range,
    say_share,
)
from hcsp_assess.chapters.shared.folded import Folded
from hcsp_assess.chapters.shared.headings import heading_of
from hcsp_assess.disclosure import TOTAL, Gated, pass_gate
from hcsp_assess.edition.opened import OpenEdition
from hcsp_assess.edition.outcome_findings import (
    EditionOutcomes,
    find_outcomes,
    finding_held_back,
    finding_outcomes,
    findings_more,
    holds_back,
)
from hcsp_assess.report.charts import Chart
from hcsp_assess.report.share_charts import chart_parts
from hcsp_assess.report.tables import Table
from hcsp_assess.subject.crime_types import RECORDED_CRIME, series
from hcsp_assess.subject.outcomes import compared_groups

RULE = "open"
COLOURS = {
    "charged": "main",
    "out_of_court": "second",
    "other_decision": "fourth",
    "evidential": "third",
    "no_suspect": "quiet",
    "not_known": "grid",
}
#: Headings of the table's columns; the chart has the groups' own labels.
SHORT = {
    "charged": "Charged or summonsed",
    "out_of_court": "Out of court",
    "other_decision": "Another decision",
    "evidential": "Evidential difficulties",
    "no_suspect": "No suspect",
    "not_known": "Not known",
}


def findings_of(opened: OpenEdition) -> Findings | Finding:
    """Say what happened after crimes were recorded, in the chapter's order."""
    found = find_outcomes(opened)
    if found is None:
        return finding_outcomes(opened)
    recent = (finding_held_back(found),) if holds_back(found) else ()
    return Findings((finding_outcomes(opened), *findings_more(found), *recent))


def panel_months(opened: OpenEdition) -> Folded:
    """Which months could be judged, in a closed panel; said openly by `findings_of` where one is held back."""
    found = find_outcomes(opened)
    shown = (finding_held_back(found),) if found is not None and not holds_back(found) else ()
    return Folded("Which months could be judged", shown)


def chart_by_type(opened: OpenEdition) -> Chart | Findings:
    """Chart how crimes of each type ended, the types with most charges first."""
    found = find_outcomes(opened)
    if found is None:
        return Findings(())
    counts = _gate(found).counts
    shares = 100 * counts[list(COLOURS)].astype(float).div(counts[TOTAL].astype(float), axis="index")
    labels = {group.key: group.label for group in compared_groups()}
    order = shares.drop(index=RECORDED_CRIME).sort_values("charged", ascending=False, kind="stable").index
    shares = shares.loc[[RECORDED_CRIME, *order]]
    shown = shares.rename(columns=labels)
    shown.index = pd.Index([f"{series(key).label} ({counts.loc[key, TOTAL]:,})" for key in shares.index])
    every = {key: 100 * share.interval.value for key, share in found.shares[RECORDED_CRIME].items()}
    title = (
        f"{say_percentage(every['charged'])} of crimes led to a charge; most others lacked evidence or a suspect"
        if every["evidential"] + every["no_suspect"] > 50
        else f"{say_percentage(every['charged'])} of crimes led to a charge or summons"
    )
    first = "; ".join(f"{labels[key].lower()} {say_percentage(every[key])}" for key in COLOURS)
    subtitle = f"Per cent of crimes recorded in {_when(found)}, {opened.area.name}; in brackets the number of crimes"
    return chart_parts(
        shown,
        heading_of(opened, "outcomes-by-type", title, subtitle),
        {labels[key]: role for key, role in COLOURS.items()},
        alt=f"Bars of a hundred per cent by crime type. All recorded crime: {first}. The table has every figure.",
    )


def table_by_type(opened: OpenEdition) -> Table | Findings:
    """Show for each crime type how many crimes ended in which way, with the likely range of the share charged."""
    found = find_outcomes(opened)
    if found is None:
        return Findings(())
    gate = _gate(found)
    lines = [_line(key, found.shares[key], gate) for key in gate.counts.index]
    caption = f"What happened after crimes were recorded, by crime type, {_when(found)}, {opened.area.name}"
    notes = (
        "Likely range: of the share charged or summonsed, allowing for how much it varies from month to month.",
        *(f"{SHORT[group.key]}: {group.note}" for group in compared_groups() if group.note),
        *gate.notes,
    )
    folded = "Every crime type: how crimes ended, with likely ranges"
    return Table(pd.DataFrame(lines), caption, "outcomes-types", notes, opened.simulated, folded)


def table_change(opened: OpenEdition) -> Table | Findings:
    """Show the share of each outcome against the earlier spell, in a closed panel."""
    found = find_outcomes(opened)
    if found is None or not found.changes:
        return Findings(())
    then, now = say_months(list(found.spell)), _when(found)
    lines = [
        {
            "Outcome": group.label,
            then: say_share(found.changes[group.key].before),
            now: say_share(found.changes[group.key].now),
            "Difference in points": _points(found.changes[group.key].difference),
            "Likely range": f"{_points(found.changes[group.key].low)} to {_points(found.changes[group.key].high)}",
        }
        for group in compared_groups()
    ]
    crimes = {"Outcome": "Crimes", then: f"{found.changes['charged'].before.whole:,}"}
    crimes |= {now: f"{found.changes['charged'].now.whole:,}", "Difference in points": "", "Likely range": ""}
    caption = f"Outcomes of all recorded crime, {now} beside {then}, {opened.area.name}"
    notes = ("Rules of recording changed between the two.",)
    folded = f"Every outcome beside {then}"
    return Table(pd.DataFrame([*lines, crimes]), caption, "outcomes-change", notes, opened.simulated, folded)


def _gate(found: EditionOutcomes) -> Gated:
    counts = found.counts.loc[list(found.shares), list(COLOURS)]
    return pass_gate(counts, rule=RULE, table="Outcomes by crime type", add_down=False)


def _when(found: EditionOutcomes) -> str:
    return say_period(found.months, found.opened.edition.span)


def _line(key: str, found: Mapping[str, Share], gate: Gated) -> dict[str, object]:
    line: dict[str, object] = {"Crime type": series(key).label, "Crimes": gate.frame.loc[key, TOTAL]}
    for group, heading in SHORT.items():
        symbol = str(gate.symbols.loc[key, group])
        line[heading] = symbol or say_share(found[group])
        if group == "charged":
            line["Likely range"] = symbol or say_range(found[group])
    return line


def _points(difference: float) -> str:
    return f"{100 * difference:+.1f}".replace("-", "−")
