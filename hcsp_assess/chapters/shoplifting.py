"""The chapter on shoplifting: where it is concentrated, and why residents are the wrong base for it."""

import pandas as pd

from hcsp_assess.assessment.findings import Finding, Findings
from hcsp_assess.assessment.wording.shoplifting import describe_concentration, describe_first
from hcsp_assess.chapters.shared.folded import Folded
from hcsp_assess.edition.series import Verdicts
from hcsp_assess.edition.then_and_now import compare_edition
from hcsp_assess.places.concentration import measure_concentration
from hcsp_assess.report.tables import Table
from hcsp_assess.subject.crime_types import series

SHOPLIFTING = "shoplifting"
SHOWN = 10


def say_span(verdicts: Verdicts) -> Finding:
    """Say from when shoplifting has a series of its own."""
    simulated = verdicts.opened.simulated
    return describe_first(series(SHOPLIFTING).first, simulated=simulated).marked(simulated=simulated)


def findings_level(verdicts: Verdicts) -> Findings:
    """Say the level beside the year before, where no trend says it."""
    return Findings((verdicts.level(SHOPLIFTING),) if SHOPLIFTING in compare_edition(verdicts).found else ())


def panel_span(verdicts: Verdicts) -> Folded:
    """Since when shoplifting has had a series of its own, in a closed panel."""
    return Folded("Since when shoplifting has been counted by itself", (say_span(verdicts),))


def say_concentration(verdicts: Verdicts) -> Finding:
    """Say how much of the year's shoplifting a few small areas hold."""
    counts = _by_lsoa(verdicts)
    found = measure_concentration(counts, top=(5,))
    place = next(item for item in verdicts.opened.area.small_areas if item.code == str(counts.idxmax()))
    said = describe_concentration(found, f"{place.ward_name} ward", float(100 * counts.max() / counts.sum()))
    return said.marked(simulated=verdicts.opened.simulated)


def table_places(verdicts: Verdicts) -> Table:
    """Show the LSOAs with most shoplifting in the year assessed."""
    counts = _by_lsoa(verdicts).sort_values(ascending=False, kind="stable").head(SHOWN)
    names, total = verdicts.opened.area.lsoa_names(), int(_by_lsoa(verdicts).sum())
    places = {place.code: place for place in verdicts.opened.area.small_areas}
    frame = pd.DataFrame(
        {
            "Small area": [f"{names[code]} ({code})" for code in counts.index],
            "Ward": [places[code].ward_name for code in counts.index],
            "Offences": counts.astype("Int64").to_numpy(),
            "% of all": (100 * counts / total).astype(float).round(1).to_numpy(),
        }
    )
    caption = f"The {SHOWN} small areas with most recorded shoplifting, {verdicts.opened.edition.span.name}"
    note = "These are counts: shoplifting depends on how many shops there are, and not on how many people live nearby."
    folded = f"The {SHOWN} small areas with most shoplifting"
    return Table(frame, caption, "shoplifting-places", (note,), verdicts.opened.simulated, folded)


def _by_lsoa(verdicts: Verdicts) -> pd.Series:
    opened = verdicts.opened
    return opened.counts("lsoa", measure=SHOPLIFTING).reindex(opened.edition.span.months).sum().astype(int)
