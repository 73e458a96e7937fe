"""The chapter on education: exclusions from school, by kind and reason."""

from hcsp_assess.assessment.findings import Findings
from hcsp_assess.chapters.shared.partner_series import Shown, disclose
from hcsp_assess.edition.returns import EditionReturns, cross_counts
from hcsp_assess.report.two_audiences import Disclosed


def table_exclusions(returns: EditionReturns) -> Disclosed | Findings:
    """Show exclusions in the year by reason and kind."""
    combined = returns.combined("council_exclusions")
    wanted = {str(quarter) for quarter in returns.quarters}
    rows = combined.rows[combined.rows["quarter"].isin(wanted)]
    if rows.empty:
        return Findings(())
    counts, marks = cross_counts(rows, "reason", "kind", "exclusions", absent="z")
    return disclose(
        counts,
        combined,
        Shown(
            key="exclusions-by-reason",
            caption=f"Exclusions from school by reason, {returns.edition.span.spoken}, {returns.area.name}",
            label="Reason",
        ),
        marks=marks,
    )
