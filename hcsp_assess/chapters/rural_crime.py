"""The chapter on rural crime: by place, with the definition, its LSOAs and what the market towns change."""

import pandas as pd

from hcsp_assess.assessment.findings import Findings
from hcsp_assess.assessment.wording.then_and_now import say_against
from hcsp_assess.assessment.wording.trends import say_certainty
from hcsp_assess.edition.rural import RURAL, finding_rural_share, rural_and_urban
from hcsp_assess.edition.series import Verdicts
from hcsp_assess.edition.then_and_now import compare_edition
from hcsp_assess.report.tables import Table

DEFINITIONS = {
    "rural_crime": ("Rural areas", "rural"),
    "rural_crime_without_market_towns": ("Rural areas without market towns", "rural without market towns"),
    "rural_crime_with_market_towns": ("Rural areas and all market towns", "rural and market towns"),
}


def findings_share(verdicts: Verdicts) -> Findings:
    """Say first which share of residents and of crime is rural; nothing where that is not known."""
    said = finding_rural_share(verdicts)
    return Findings((said,) if said is not None else ())


def table_rates(verdicts: Verdicts) -> Table | Findings:
    """Show residents, recorded crime and the rate of rural and of urban places."""
    places, opened = rural_and_urban(verdicts), verdicts.opened
    if places is None:
        return Findings(())
    frame = pd.DataFrame(
        {
            "Place": list(places.index),
            "Residents": places["people"].astype("Int64").to_numpy(),
            "Crimes": places["crimes"].astype("Int64").to_numpy(),
            "% of crime": (100 * places["crimes"] / places["crimes"].sum()).round(0).astype("Int64").to_numpy(),
            "Crimes per 1,000 residents": places["rate"].round(0).astype("Int64").to_numpy(),
        }
    )
    caption = f"Recorded crime in rural and urban {opened.area.name}, {opened.edition.span.name}"
    return Table(frame, caption, "rural-rates", simulated=opened.simulated)


def findings_level(verdicts: Verdicts) -> Findings:
    """Say the level beside the year before, where no trend says it."""
    return Findings((verdicts.level(RURAL),) if RURAL in compare_edition(verdicts).found else ())


def table_readings(verdicts: Verdicts) -> Table:
    """Show the three definitions of "rural" side by side: small areas, records and trend."""
    area, compared = verdicts.opened.area, compare_edition(verdicts).found
    rows = [
        {
            "Definition": label,
            "Small areas": len(area.lsoas_in(place)),  # type: ignore[arg-type]
            "Crimes": _in_year(verdicts, key),
            "How it moved": say_against(compared[key]) if key in compared else say_certainty(verdicts.trends[key]),
        }
        for key, (label, place) in DEFINITIONS.items()
    ]
    caption = f"Recorded crime by three definitions of rural, {area.name}, {verdicts.opened.edition.span.name}"
    note = f"{area.classification}; the same small areas in all years. We use the first definition."
    return Table(pd.DataFrame(rows), caption, "rural-readings", (note,), verdicts.opened.simulated)


def table_share(verdicts: Verdicts) -> Table:
    """Show rural and urban recorded crime by calendar year, over the months published in each."""
    rural, urban = verdicts.series["rural_crime"].counts, verdicts.series["urban_crime"].counts
    frame = pd.DataFrame({"rural": rural, "urban": urban}).dropna()
    years = pd.PeriodIndex(frame.index).year
    sums, months = frame.groupby(years).sum(), frame.groupby(years).size()
    table = pd.DataFrame(
        {
            "Year": sums.index.astype(str),
            "Months held": months.astype("Int64").to_numpy(),
            "Rural": sums["rural"].astype("Int64").to_numpy(),
            "Urban": sums["urban"].astype("Int64").to_numpy(),
            "Rural, % of both": (100 * sums["rural"] / sums.sum(axis=1)).astype(float).round(1).to_numpy(),
        }
    )
    caption = f"Recorded crime in rural and urban {verdicts.opened.area.name}, by calendar year"
    folded = "Rural share of crime, year by year"
    return Table(table, caption, "rural-share", simulated=verdicts.opened.simulated, folded=folded)


def table_lsoas(verdicts: Verdicts) -> Table:
    """List every LSOA with its class, its town, and its records in the year assessed, busiest rural ones first."""
    opened = verdicts.opened
    counts = opened.counts("lsoa").reindex(opened.edition.span.months).sum()
    rows = [
        {
            "Small area": f"{place.name} ({place.code})",
            "Ward": place.ward_name,
            "Class": "rural" if place.rural else "urban",
            "Market town": place.market_town or "none",
            "Recorded crime": int(counts[place.code]),
        }
        for place in opened.area.small_areas
    ]
    frame = pd.DataFrame(rows).sort_values(["Class", "Recorded crime", "Small area"], ascending=[True, False, True])
    caption = f"Every small area of {opened.area.name}, rural or urban, with its crimes in {opened.edition.span.name}"
    note = "Crimes are placed at anonymous map points, which can be kilometres from where they happened."
    folded = f"Which small areas are rural: all {len(frame)}"
    return Table(frame, caption, "rural-lsoas", (note,), opened.simulated, folded)


def _in_year(verdicts: Verdicts, key: str) -> int:
    return int(verdicts.series[key].counts.reindex(verdicts.opened.edition.span.months).sum())
