"""The chapter on education: exclusions from school, by kind and reason."""

from hcsp_assess.assessment.findings import Findings
from hcsp_assess.chapters.shared.partner_series import Shown
from hcsp_assess.chapters.shared.same_records import disclose_beside_quarters
from hcsp_assess.disclosure import TOTAL
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
    kinds = {"Fixed-term": ("exclusions_fixed_term",), "Permanent": ("exclusions_permanent",)}
    every = tuple(key for kind, keys in kinds.items() if kind in counts.columns for key in keys)
    return disclose_beside_quarters(
        counts,
        combined,
        Shown(
            key="exclusions-by-reason",
            caption=f"Exclusions from school by reason, {returns.edition.span.spoken}, {returns.area.name}",
            label="Reason",
        ),
        returns,
        kinds | {TOTAL: every},
        marks=marks,
    )
