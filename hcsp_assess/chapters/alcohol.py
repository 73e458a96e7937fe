"""The chapter on alcohol and drugs: assaults, admissions, ambulance calls, treatment, and offences with the marker."""

from hcsp_assess.assessment.findings import Findings
from hcsp_assess.chapters.shared.partner_series import Shown, disclose
from hcsp_assess.chapters.shared.same_records import disclose_beside_quarters
from hcsp_assess.disclosure import TOTAL
from hcsp_assess.edition.returns import EditionReturns, cross_counts
from hcsp_assess.report.two_audiences import Disclosed


def table_assault_places(returns: EditionReturns) -> Disclosed | Findings:
    """Show where people were assaulted who attended accident and emergency, and whether alcohol played a part."""
    combined = returns.combined("ae_assaults")
    rows = returns.in_year(combined.rows)
    if rows.empty:
        return Findings(())
    words = rows["alcohol"].astype("object").map({True: "Alcohol involved", False: "Not involved"})
    rows = rows.assign(involved=words.where(words.notna(), "Not known"))
    counts, marks = cross_counts(rows, "place", "involved", "attendances")
    return disclose_beside_quarters(
        counts,
        combined,
        Shown(
            key="assault-places",
            caption=f"A&E attendances after an assault, by place, {returns.span.spoken}, {returns.area.name}",
            label="Place",
        ),
        returns,
        {"Alcohol involved": ("ae_assaults_alcohol",), TOTAL: ("ae_assaults",)},
        marks=marks,
    )


def table_admissions(returns: EditionReturns) -> Disclosed | Findings:
    """Show hospital admissions by outward postcode, the finest place that health data may be shown for."""
    combined = returns.combined("health_admissions")
    rows = returns.in_year(combined.rows)
    if rows.empty:
        return Findings(())
    counts, marks = cross_counts(rows, "outward_postcode", "icd10_block", "admissions")
    return disclose(
        counts,
        combined,
        Shown(
            key="admissions-by-postcode",
            caption=f"Hospital admissions by postcode district and cause, {returns.edition.span.spoken}",
            label="Postcode district",
            notes=("Postcode districts cross the county's border.",),
            folded="Hospital admissions by postcode district",
        ),
        marks=marks,
    )
