"""What chapters show of a force's extract of offences: which share carries a marker, and how sure that share is."""

from hcsp_assess.assessment.findings import Finding, Findings
from hcsp_assess.assessment.markers import MARKERS, marker_share
from hcsp_assess.assessment.wording.markers import describe_marker
from hcsp_assess.assessment.wording.words import say_months
from hcsp_assess.chapters.shared.partner_series import Shown, disclose
from hcsp_assess.chapters.shared.same_records import (
    EXTRACT,
    MARKED,
    VIOLENCE,
    as_disclosed,
    count_marker,
    gates_of_extract,
)
from hcsp_assess.disclosure import disclosure_rule
from hcsp_assess.edition.returns import EditionReturns
from hcsp_assess.report.two_audiences import Disclosed


def finding_marker(returns: EditionReturns, marker: str, group: str = VIOLENCE) -> Finding | Findings:
    """Say which share of a group of offences carries a marker, over all that the extract holds.

    Parameters
    ----------
    marker : str
        A key of `assessment.markers.MARKERS`.
    group : str
        Offence group.
    """
    combined = returns.combined(EXTRACT)
    if not (combined.rows["offence_group"] == group).any():
        return Findings(())
    rule, dates = disclosure_rule(combined.definition.disclosure), combined.rows["date"]
    result = marker_share(combined.rows, marker, group=group)
    found = describe_marker(result, group, rule, dates.min(), dates.max())
    if not found.evidence:
        return found
    return found.marked(simulated=combined.simulated).traced(returns.sources(EXTRACT))


def table_marker(returns: EditionReturns, marker: str) -> Disclosed | Findings:
    """Show offences with and without a marker, by group of offence, and those without an answer; closed."""
    combined = returns.combined(EXTRACT)
    rows = combined.rows
    if rows.empty:
        return Findings(())
    counts = count_marker(rows, marker)
    months = say_months(rows["date"].min(), rows["date"].max())
    folded = f"Offences with {MARKERS[marker]}"
    caption = f"{folded}, {months}, {returns.area.name}"
    shown = Shown(key=f"marker-{marker.replace('_', '-')}", caption=caption, label="Offence", folded=folded)
    if marker not in MARKED:
        return disclose(counts, combined, shown)
    return as_disclosed(gates_of_extract(returns)[marker], counts, combined, shown)
