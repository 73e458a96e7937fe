"""The chapter on road safety: the council's quarters beside the national files of collisions and casualties."""

import pandas as pd

from hcsp_assess.assessment.findings import Finding, Findings
from hcsp_assess.assessment.wording.absent import as_reported
from hcsp_assess.assessment.wording.road_safety import describe_national
from hcsp_assess.assessment.wording.words import say_months
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


def read_national(returns: EditionReturns) -> RoadCasualties | None:
    """Read the national files of the area; None where there are none."""
    files = find_national_files(returns.project.root)
    return read_road_casualties(*files, district=returns.area.figures_code) if any(files) else None


def findings_national(national: RoadCasualties | None) -> Findings:
    """Say how many casualties the national files hold; nothing where they are not held."""
    return Findings((describe_national(national),) if national is not None else ())


def table_national(national: RoadCasualties | None) -> Table | Findings:
    """Show casualties by year and severity, from the national files."""
    if national is None:
        return Findings(())
    frame = pd.DataFrame({"Year": [str(year) for year in national.years]})
    for severity in SEVERITIES.values():
        monthly = casualties_by_month(national, (severity,))
        sums = monthly.groupby(pd.PeriodIndex(monthly.index).year).sum()
        frame[severity.capitalize()] = [int(sums.get(year, 0)) for year in national.years]
    notes = ("Police forces changed how they grade injuries at different times. More then count as serious.",)
    return Table(frame, "Road casualties by year and severity, national files", "road-national", notes)


def table_compared(returns: EditionReturns, national: RoadCasualties | None) -> Table | Finding | Findings:
    """Show the council's quarters beside the national files'."""
    combined = returns.combined("road_casualties")
    if national is None or combined.rows.empty:
        return Findings(())
    try:
        frame = compare_with_council(casualties_by_month(national), combined.rows)
    except InputError as error:
        return as_reported("road_not_compared", str(error))
    frame.columns = pd.Index(["Quarter", "National files", "Council", "Difference"])
    caption = "Killed or seriously injured: the council's quarters beside the national files"
    return Table(frame, caption, "road-compared", (), combined.simulated)


def table_collisions(returns: EditionReturns) -> Table | Findings:
    """Show collisions that the council recorded, by hour of the day and part of the week."""
    combined = returns.combined("council_collisions")
    rows = combined.rows.dropna(subset=["date", "time"])
    if rows.empty:
        return Findings(())
    hours = rows["time"].str[:2].astype(int)
    bands = pd.cut(
        hours,
        [0, 6, 12, 18, 24],
        right=False,
        labels=["Midnight to 6am", "6am to noon", "Noon to 6pm", "6pm to midnight"],
    )
    week = rows["date"].dt.dayofweek.ge(5).map({True: "Saturday and Sunday", False: "Monday to Friday"})
    counts = pd.crosstab(bands, week).rename_axis(index=None, columns=None).reset_index(names="Time")
    counts["Time"] = counts["Time"].astype(str)
    months = say_months(rows["date"].min(), rows["date"].max())
    caption = f"Collisions in which people were hurt, by time: {len(rows):,} recorded by the council, {months}"
    return Table(counts, caption, "road-collisions", (), combined.simulated)
