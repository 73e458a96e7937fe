"""The chapter on education: exclusions from school, and what the plan does with young people."""

import pandas as pd

from hcsp_assess.assessment.equality import count_groups
from hcsp_assess.assessment.findings import Finding
from hcsp_assess.chapters.returns import Returns, disclose, nothing_came
from hcsp_assess.report.disclosed import Disclosed

RETURNS = ("council_exclusions",)


def table_exclusions(returns: Returns) -> Disclosed | Finding:
    """Show exclusions in the year by reason and kind."""
    gathered = returns.partners.gathered("council_exclusions")
    wanted = {str(quarter) for quarter in returns.partners.quarters}
    rows = gathered.rows[gathered.rows["quarter"].isin(wanted)]
    if rows.empty:
        return Finding("exclusions_no_table", nothing_came(returns))
    parts = {str(name): count_groups(part, "reason", "exclusions") for name, part in rows.groupby("kind")}
    counts = pd.DataFrame({name: each[0] for name, each in parts.items()}).astype("Int64").rename_axis(index=None)
    marks = pd.DataFrame({name: each[1] for name, each in parts.items()}).reindex_like(counts)
    absent = counts.isna() & marks.isna()
    return disclose(
        counts,
        rule=gathered.definition.disclosure,
        key="exclusions-by-reason",
        caption=f"Exclusions from school by reason, {returns.opened.edition.span.words}, {returns.opened.area.name}",
        label="Reason",
        marks=marks.mask(absent, "z").replace("", "x"),
        simulated=gathered.simulated,
    )
