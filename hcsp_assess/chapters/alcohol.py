"""The chapter on alcohol and drugs: assaults, admissions, ambulance calls, treatment, and offences with the marker."""

from hcsp_assess.assessment.findings import Finding
from hcsp_assess.assessment.wording.absent import nothing_received
from hcsp_assess.chapters.shared.partner_series import Shown, disclose
from hcsp_assess.edition.returns import EditionReturns, cross_counts
from hcsp_assess.report.two_audiences import Disclosed

RETURNS = (
    *("ae_assaults", "alcohol_admissions", "ambulance_calls", "health_admissions", "treatment_exits"),
    "force_extract",
)


def table_assault_places(returns: EditionReturns) -> Disclosed | Finding:
    """Show where people were assaulted who attended accident and emergency, and whether alcohol played a part."""
    combined = returns.combined("ae_assaults")
    rows = returns.in_year(combined.rows)
    if rows.empty:
        return nothing_received("assault_places_no_table", returns.day)
    words = rows["alcohol"].astype("object").map({True: "Alcohol involved", False: "Not involved"})
    rows = rows.assign(involved=words.where(words.notna(), "Not known"))
    counts, marks = cross_counts(rows, "place", "involved", "attendances")
    return disclose(
        counts,
        combined,
        Shown(
            key="assault-places",
            caption=f"Attendances after assault by place, {returns.edition.span.words}, {returns.area.name}",
            label="Place",
        ),
        marks=marks,
    )


def table_admissions(returns: EditionReturns) -> Disclosed | Finding:
    """Show hospital admissions by outward postcode, the finest place that health data may be shown for."""
    combined = returns.combined("health_admissions")
    rows = returns.in_year(combined.rows)
    if rows.empty:
        return nothing_received("admissions_no_table", returns.day)
    counts, marks = cross_counts(rows, "outward_postcode", "icd10_block", "admissions")
    return disclose(
        counts,
        combined,
        Shown(
            key="admissions-by-postcode",
            caption=f"Hospital admissions by outward postcode and cause, {returns.edition.span.words}",
            label="Outward postcode",
            notes=("Outward postcodes do not fit small areas or the county's border, and are not drawn on a map.",),
        ),
        marks=marks,
    )
