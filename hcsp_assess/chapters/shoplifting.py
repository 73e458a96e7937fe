"""The chapter on shoplifting: where it is concentrated, and why residents are the wrong base for it."""

import pandas as pd

from hcsp_assess.assessment.findings import Finding
from hcsp_assess.assessment.wording.shoplifting import describe_concentration, describe_first
from hcsp_assess.edition.series import Verdicts
from hcsp_assess.places.concentration import measure_concentration
from hcsp_assess.report.tables import Table
from hcsp_assess.subject.crime_types import series

SHOPLIFTING = "shoplifting"
SHOWN = 10


def say_span(verdicts: Verdicts) -> Finding:
    """Say from when shoplifting has a series of its own."""
    return describe_first(series(SHOPLIFTING).first, simulated=verdicts.opened.simulated)


def say_concentration(verdicts: Verdicts) -> Finding:
    """Say how much of the year's shoplifting a few small areas hold."""
    counts = _by_lsoa(verdicts)
    found = measure_concentration(counts, top=(5,))
    name = verdicts.opened.area.lsoa_names()[str(counts.idxmax())]
    said = describe_concentration(found, name, float(100 * counts.max() / counts.sum()))
    return said.marked(simulated=verdicts.opened.simulated)


def table_places(verdicts: Verdicts) -> Table:
    """Show the LSOAs with most shoplifting in the year assessed."""
    counts = _by_lsoa(verdicts).sort_values(ascending=False, kind="stable").head(SHOWN)
    names, total = verdicts.opened.area.lsoa_names(), int(_by_lsoa(verdicts).sum())
    places = {place.code: place for place in verdicts.opened.area.small_areas}
    frame = pd.DataFrame(
        {
            "LSOA": [f"{names[code]} ({code})" for code in counts.index],
            "Ward": [places[code].ward_name for code in counts.index],
            "Offences": counts.astype("Int64").to_numpy(),
            "% of all": (100 * counts / total).astype(float).round(1).to_numpy(),
        }
    )
    caption = f"The {SHOWN} LSOAs with most recorded shoplifting, {verdicts.opened.edition.span.words}"
    note = (
        "Counts, not rates: shops are the base of shoplifting, and open data do not say how many there are. A rate per "
        "resident would rank town centres first for having few residents."
    )
    return Table(frame, caption, "shoplifting-places", (note,), verdicts.opened.simulated)


def _by_lsoa(verdicts: Verdicts) -> pd.Series:
    opened = verdicts.opened
    return opened.counts("lsoa", measure=SHOPLIFTING).reindex(opened.edition.span.months).sum().astype(int)
