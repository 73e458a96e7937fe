"""The chapter on road safety: the council's quarters beside the national files of collisions and casualties."""

import pandas as pd

from hcsp_assess.assessment.findings import Finding, Findings
from hcsp_assess.assessment.wording.absent import absent, as_reported, nothing_received
from hcsp_assess.assessment.wording.road_safety import describe_national, describe_no_national
from hcsp_assess.edition.returns import EditionReturns
from hcsp_assess.errors import InputError
from hcsp_assess.report.tables import Table
from hcsp_assess.sources.road_safety import (
    SEVERITIES,
    RoadCasualties,
    casualties_by_month,
    compare_with_council,
    find_national_files,
    read_road_casualties,
)

RETURNS = ("road_casualties", "council_collisions")


def read_national(returns: EditionReturns) -> RoadCasualties | None:
    """Read the national files of the area; None where there are none."""
    files = find_national_files(returns.project.root)
    return read_road_casualties(*files, district=returns.area.district_code) if any(files) else None


def findings_national(national: RoadCasualties | None) -> Findings:
    """Say how many casualties the national files hold, and what became of every row; or that they did not come."""
    if national is None:
        return Findings((describe_no_national(),))
    return Findings((describe_national(national),))


def table_national(national: RoadCasualties | None) -> Table | Finding:
    """Show casualties by year and severity, from the national files."""
    if national is None:
        return absent("road_no_national")
    frame = pd.DataFrame({"Year": [str(year) for year in national.years]})
    for severity in SEVERITIES.values():
        monthly = casualties_by_month(national, (severity,))
        sums = monthly.groupby(pd.PeriodIndex(monthly.index).year).sum()
        frame[severity.capitalize()] = [int(sums.get(year, 0)) for year in national.years]
    notes = ("Forces changed how they grade injuries at different times: more then count as serious.",)
    return Table(frame, "Road casualties by year and severity, national files", "road-national", notes)


def table_compared(returns: EditionReturns, national: RoadCasualties | None) -> Table | Finding:
    """Show the council's quarters beside the national files'."""
    combined = returns.combined("road_casualties")
    if national is None or combined.rows.empty:
        return absent("road_not_compared")
    try:
        frame = compare_with_council(casualties_by_month(national), combined.rows)
    except InputError as error:
        return as_reported("road_not_compared", str(error))
    frame.columns = pd.Index(["Quarter", "National files", "Council", "Difference"])
    caption = "Killed or seriously injured: the council's quarters beside the national files"
    return Table(frame, caption, "road-compared", (), combined.simulated)


def table_collisions(returns: EditionReturns) -> Table | Finding:
    """Show collisions that the council recorded, by hour of the day and part of the week."""
    combined = returns.combined("council_collisions")
    rows = combined.rows.dropna(subset=["date", "time"])
    if rows.empty:
        return nothing_received("collisions_no_table", returns.day)
    hours = rows["time"].str[:2].astype(int)
    bands = pd.cut(hours, [0, 6, 12, 18, 24], right=False, labels=["00 to 06", "06 to 12", "12 to 18", "18 to 24"])
    week = rows["date"].dt.dayofweek.ge(5).map({True: "Saturday and Sunday", False: "Monday to Friday"})
    counts = pd.crosstab(bands, week).rename_axis(index=None, columns=None).reset_index(names="Hours")
    counts["Hours"] = counts["Hours"].astype(str)
    caption = f"Collisions with casualties by time, {len(rows):,} collisions, {returns.area.name}"
    return Table(counts, caption, "road-collisions", (), combined.simulated)
