"""Anti-social behaviour case reviews: the four counts that the relevant bodies publish every year."""

import pandas as pd

from hcsp_assess.assessment.findings import Findings
from hcsp_assess.edition.returns import EditionReturns
from hcsp_assess.report.tables import Table

RETURN = "case_reviews"
YEARS = 3  # newest that are shown
COUNTS = {
    "applications": "Applications",
    "below_threshold": "Threshold not met",
    "reviews": "Reviews carried out",
    "with_recommendations": "Reviews with recommendations",
}


def table_case_reviews(returns: EditionReturns) -> Table | Findings:
    """Show applications for a case review and what came of them, by year; nothing where no return is held."""
    combined = returns.combined(RETURN)
    if combined.rows.empty:
        return Findings(())
    rows = combined.rows.sort_values("year").tail(YEARS)
    frame = pd.DataFrame({"Year": rows["year"].str.replace("-", "/"), **{COUNTS[name]: rows[name] for name in COUNTS}})
    caption = f"Anti-social behaviour case reviews (the community trigger), {returns.area.name}"
    note = "A review looks at how complaints were dealt with, where the person who complained is not satisfied."
    return Table(frame.reset_index(drop=True), caption, "case-reviews", (note,), combined.simulated)
