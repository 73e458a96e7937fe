"""The chapter on alcohol and drugs: assaults, admissions, ambulance calls, treatment, and offences with the marker."""

import pandas as pd

from hcsp_assess.assessment.equality import count_groups
from hcsp_assess.assessment.findings import Finding
from hcsp_assess.chapters.returns import Returns, disclose, nothing_came
from hcsp_assess.report.disclosed import Disclosed

RETURNS = (
    *("ae_assaults", "alcohol_admissions", "ambulance_calls", "health_admissions", "treatment_exits"),
    "force_extract",
)


def table_assault_places(returns: Returns) -> Disclosed | Finding:
    """Show where people were assaulted who attended accident and emergency, and whether alcohol played a part."""
    gathered = returns.partners.gathered("ae_assaults")
    rows = _assessed(gathered.rows, returns)
    if rows.empty:
        return Finding("assault_places_no_table", nothing_came(returns))
    words = rows["alcohol"].astype("object").map({True: "Alcohol involved", False: "Not involved"})
    rows = rows.assign(involved=words.where(words.notna(), "Not known"))
    counts, marks = _cross(rows, "place", "involved", "attendances")
    return disclose(
        counts,
        rule=gathered.definition.disclosure,
        key="assault-places",
        caption=f"Attendances after assault by place, {_period(returns)}, {returns.opened.area.name}",
        label="Place",
        marks=marks,
        simulated=gathered.simulated,
    )


def table_admissions(returns: Returns) -> Disclosed | Finding:
    """Show hospital admissions by outward postcode, the finest place that health data may be shown for."""
    gathered = returns.partners.gathered("health_admissions")
    rows = _assessed(gathered.rows, returns)
    if rows.empty:
        return Finding("admissions_no_table", nothing_came(returns))
    counts, marks = _cross(rows, "outward_postcode", "icd10_block", "admissions")
    return disclose(
        counts,
        rule=gathered.definition.disclosure,
        key="admissions-by-postcode",
        caption=f"Hospital admissions by outward postcode and cause, {_period(returns)}",
        label="Outward postcode",
        marks=marks,
        notes=("Outward postcodes do not fit small areas or the county's border, and are not drawn on a map.",),
        simulated=gathered.simulated,
    )


def _assessed(rows: pd.DataFrame, returns: Returns) -> pd.DataFrame:
    """Rows of the year assessed."""
    span = returns.opened.edition.span
    return rows[(rows["month"] >= span.first) & (rows["month"] <= span.last)] if len(rows) else rows


def _period(returns: Returns) -> str:
    return returns.opened.edition.span.words


def _cross(rows: pd.DataFrame, down: str, across: str, count: str) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Sums by two columns, and why one is missing: suppressed by the sender, or not sent."""
    parts = {str(name): count_groups(part, down, count) for name, part in rows.groupby(across, sort=True)}
    counts = pd.DataFrame({name: each[0] for name, each in parts.items()}).astype("Int64")
    marks = pd.DataFrame({name: each[1] for name, each in parts.items()}).reindex_like(counts)
    return counts.rename_axis(index=None), marks.fillna("x").mask(counts.isna() & (marks == ""), "x")
