"""The chapter on education: exclusions from school, by kind and reason."""

from hcsp_assess.assessment.findings import Finding
from hcsp_assess.assessment.wording.absent import nothing_received
from hcsp_assess.chapters.shared.partner_series import Returns, cross_counts, disclose
from hcsp_assess.report.two_audiences import Disclosed

RETURNS = ("council_exclusions",)


def table_exclusions(returns: Returns) -> Disclosed | Finding:
    """Show exclusions in the year by reason and kind."""
    gathered = returns.partners.gathered("council_exclusions")
    wanted = {str(quarter) for quarter in returns.partners.quarters}
    rows = gathered.rows[gathered.rows["quarter"].isin(wanted)]
    if rows.empty:
        return nothing_received("exclusions_no_table", returns.partners.day)
    counts, marks = cross_counts(rows, "reason", "kind", "exclusions", absent="z")
    return disclose(
        counts,
        rule=gathered.definition.disclosure,
        key="exclusions-by-reason",
        caption=f"Exclusions from school by reason, {returns.opened.edition.span.words}, {returns.opened.area.name}",
        label="Reason",
        marks=marks,
        simulated=gathered.simulated,
    )
