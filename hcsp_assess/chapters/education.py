"""The chapter on education: exclusions from school, by kind and reason."""

from hcsp_assess.assessment.findings import Finding
from hcsp_assess.assessment.wording.absent import nothing_received
from hcsp_assess.chapters.shared.partner_series import Shown, disclose
from hcsp_assess.edition.returns import EditionReturns, cross_counts
from hcsp_assess.report.two_audiences import Disclosed

RETURNS = ("council_exclusions",)


def table_exclusions(returns: EditionReturns) -> Disclosed | Finding:
    """Show exclusions in the year by reason and kind."""
    combined = returns.combined("council_exclusions")
    wanted = {str(quarter) for quarter in returns.quarters}
    rows = combined.rows[combined.rows["quarter"].isin(wanted)]
    if rows.empty:
        return nothing_received("exclusions_no_table", returns.day)
    counts, marks = cross_counts(rows, "reason", "kind", "exclusions", absent="z")
    return disclose(
        counts,
        combined,
        Shown(
            key="exclusions-by-reason",
            caption=f"Exclusions from school by reason, {returns.edition.span.words}, {returns.area.name}",
            label="Reason",
        ),
        marks=marks,
    )
