"""The chapter on rural crime: by place, with the definition, its LSOAs and what the market towns change."""

import pandas as pd

from hcsp_assess.assessment.wording.then_and_now import say_against
from hcsp_assess.assessment.wording.trends import say_certainty
from hcsp_assess.edition.series import Verdicts
from hcsp_assess.edition.then_and_now import compare_edition
from hcsp_assess.report.tables import Table

READINGS = ("rural_crime", "rural_crime_without_market_towns", "rural_crime_with_market_towns")


def table_readings(verdicts: Verdicts) -> Table:
    """Show the three readings of "rural" side by side: LSOAs, records and verdict."""
    places = {"rural_crime": "rural", "rural_crime_without_market_towns": "rural without market towns",
              "rural_crime_with_market_towns": "rural and market towns"}  # fmt: skip
    area, compared = verdicts.opened.area, compare_edition(verdicts).found
    rows = [
        {
            "Reading": verdicts.series[key].label,
            "LSOAs": len(area.lsoas_in(places[key])),  # type: ignore[arg-type]
            "Year assessed": _in_year(verdicts, key),
            "How it moved": say_against(compared[key]) if key in compared else say_certainty(verdicts.trends[key]),
        }
        for key in READINGS
    ]
    caption = f"Recorded crime in rural {area.name} by three readings of rural, {verdicts.opened.edition.span.words}"
    note = f"Classification: {area.classification}; {len(area.small_areas)} LSOAs of 2011, held fixed over all years."
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
    caption = f"Recorded crime in rural and urban LSOAs of {verdicts.opened.area.name}, by calendar year"
    return Table(table, caption, "rural-share", simulated=verdicts.opened.simulated)


def table_lsoas(verdicts: Verdicts) -> Table:
    """List every LSOA with its class, its town, and its records in the year assessed, busiest rural ones first."""
    opened = verdicts.opened
    counts = opened.counts("lsoa").reindex(opened.edition.span.months).sum()
    rows = [
        {
            "LSOA": f"{place.name} ({place.code})",
            "Ward": place.ward_name,
            "Class": "rural" if place.rural else "urban",
            "Market town": place.market_town or "none",
            "Recorded crime": int(counts[place.code]),
        }
        for place in opened.area.small_areas
    ]
    frame = pd.DataFrame(rows).sort_values(["Class", "Recorded crime", "LSOA"], ascending=[True, False, True])
    caption = f"Every LSOA of {opened.area.name}: rural or urban, and recorded crime in {opened.edition.span.words}"
    note = "A record is given to the LSOA of its anonymised map point, which in sparse areas can lie kilometres away."
    folded = f"Which LSOAs count as rural: all {len(frame)} listed"
    return Table(frame, caption, "rural-lsoas", (note,), opened.simulated, folded)


def _in_year(verdicts: Verdicts, key: str) -> int:
    return int(verdicts.series[key].counts.reindex(verdicts.opened.edition.span.months).sum())
