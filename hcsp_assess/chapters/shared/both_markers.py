"""What chapters show of offences with two markers: alcohol-related domestic abuse as one share."""

from hcsp_assess.assessment.findings import Findings
from hcsp_assess.assessment.markers import marker_share
from hcsp_assess.assessment.wording.both_markers import describe_both_markers
from hcsp_assess.assessment.wording.words import say_months
from hcsp_assess.chapters.shared.same_records import EXTRACT, VIOLENCE
from hcsp_assess.disclosure import disclosure_rule
from hcsp_assess.edition.returns import EditionReturns


def findings_both_markers(returns: EditionReturns, first: str, second: str, group: str = VIOLENCE) -> Findings:
    """Say which share of offences with one marker carries another too; nothing where no extract is held.

    Parameters
    ----------
    first, second : str
        Keys of `assessment.markers.MARKERS`: of the offences with `first`, the share with `second`.
    group : str
        Offence group.
    """
    combined = returns.combined(EXTRACT)
    rows = combined.rows
    if rows.empty:
        return Findings(())
    marked = rows[(rows["offence_group"] == group) & rows[first].astype("boolean").fillna(value=False)]
    if marked.empty:
        return Findings(())
    rule = disclosure_rule(combined.definition.disclosure)
    months = say_months(rows["date"].min(), rows["date"].max())
    found = describe_both_markers(marker_share(marked, second), first, group, rule, months)
    if found is None:
        return Findings(())
    return Findings((found.marked(simulated=combined.simulated).traced(returns.sources(EXTRACT)),))
