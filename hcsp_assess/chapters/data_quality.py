"""The chapter on the data themselves: what arrived, what is missing, what was set aside."""

import pandas as pd
from matplotlib.collections import PatchCollection
from matplotlib.figure import Figure
from matplotlib.patches import Patch, Rectangle

from hcsp_assess.assessment.findings import Findings
from hcsp_assess.assessment.wording.coverage import (
    describe_held,
    describe_left_out,
    describe_no_location,
    describe_rows,
)
from hcsp_assess.chapters.shared.headings import heading_of
from hcsp_assess.edition.coverage import HELD, INCOMPLETE, NEVER
from hcsp_assess.edition.no_location import no_location_by_month
from hcsp_assess.edition.opened import OpenEdition
from hcsp_assess.edition.quality import check_data, no_location_by_year, rows_by_fate
from hcsp_assess.edition.series import coverage_notes
from hcsp_assess.report.charts import COLOURS, Chart, draw_chart
from hcsp_assess.report.tables import Table


def findings_data(opened: OpenEdition) -> Findings:
    """Say what is held, what became of the records received, and which share has no location."""
    coverage, span, rows = opened.coverage, opened.edition.span, opened.rows
    status = coverage.status[coverage.home]
    year = status.reindex(span.months)
    years = no_location_by_year(opened)
    kept, lost = int(years["Records kept"].sum()), int(years["Without a location"].sum())
    held = (int((year == HELD).sum()), len(span.months)), (int((status == HELD).sum()), len(status))
    first, never = pd.PeriodIndex(status.index)[0], int((status == NEVER).sum())
    said = [
        describe_held(held[0], span, held[1], first, never, simulated=opened.simulated),
        describe_rows(rows["in"], rows["duplicates"], rows["set aside"]),
        describe_no_location(100 * lost / max(kept, 1), dict(zip(years["Year"], years["Per cent"], strict=True))),
        *describe_left_out(coverage_notes(opened, history=True)),
    ]
    return Findings(tuple(item.marked(simulated=opened.simulated) for item in said))


def table_checks(opened: OpenEdition) -> Table:
    """Show each check of the data with what it means, in a closed panel."""
    frame = pd.DataFrame([vars(check) for check in check_data(opened)]).set_axis(
        ["Check", "Result", "What it means"], axis=1
    )
    caption = f"Checks of the street-level data of {opened.area.name}"
    return Table(frame, caption, "data-checks", simulated=opened.simulated, folded=f"Every check: {len(frame)}")


def table_rows(opened: OpenEdition) -> Table:
    """Show what became of every record received, in a closed panel."""
    caption = f"Records received in {len(opened.table.account):,} files, and what became of them"
    folded = "What became of every record"
    return Table(rows_by_fate(opened), caption, "data-rows", simulated=opened.simulated, folded=folded)


def table_forces(opened: OpenEdition) -> Table:
    """Show how many months of each force are held, incomplete, not held and never published, in a closed panel."""
    notes = (
        "Incomplete: the file holds far fewer records than its force usually publishes, or ends within a record. Not "
        "held: published, or thought to be, and not in our files. Never published: on the reviewed list of known gaps.",
    )
    caption = f"Months of street-level files by police force and year, {opened.area.name}"
    folded = "Months held, by police force and year"
    return Table(opened.coverage.by_year(), caption, "data-forces", notes, opened.simulated, folded)


def table_no_location(opened: OpenEdition) -> Table:
    """Show the share of records that cannot be given to any district, in a closed panel."""
    caption = f"Records of {opened.area.force_name} without a location, by calendar year"
    folded = "Records without a location, year by year"
    name = "data-no-location"
    return Table(no_location_by_year(opened), caption, name, simulated=opened.simulated, folded=folded)


def table_no_location_months(opened: OpenEdition) -> Table:
    """Show by month within which bounds records without a location leave the area's count."""
    found = no_location_by_month(opened)
    frame = pd.DataFrame(
        {
            "Month": found.index.astype(str),
            "Without a location": found["unlocated"].astype("Int64").to_numpy(),
            "Per cent": found["percent"].round(1).to_numpy(),
            "At least": found["lowest"].astype("Int64").to_numpy(),
            "Likely": found["likely"].astype("Int64").to_numpy(),
            "At most": found["highest"].astype("Int64").to_numpy(),
        }
    )
    notes = (
        f"At least: records located in {opened.area.name}, which is what this report counts. Likely: with the share of "
        "unlocated records that it has of located ones. At most: as if every unlocated record of the force were here.",
    )
    caption = f"Records of {opened.area.force_name} without a location by month, and what they leave open"
    name = "data-no-location-months"
    return Table(frame, caption, name, notes, opened.simulated, folded="Records without a location, month by month")


def chart_coverage(opened: OpenEdition) -> Chart:
    """Chart which months of the area's own force are held: a square for each month, filled where it is complete."""
    coverage, span = opened.coverage, opened.edition.span
    status = coverage.status[coverage.home]
    years = sorted({month.year for month in status.index})
    assessed = set(span.months)
    squares = [
        patch
        for month, kind in zip(pd.PeriodIndex(status.index), status, strict=True)
        for patch in _square(month.month, years.index(month.year), kind, outlined=month in assessed)
    ]

    def draw(figure: Figure, narrow: bool) -> None:
        axes = figure.add_subplot()
        axes.add_collection(PatchCollection(squares, match_original=True, joinstyle="miter"), autolim=False)
        for month in status.index[status == NEVER]:
            axes.text(month.month, years.index(month.year), "×", ha="center", va="center", color=COLOURS["quiet"])
        axes.set_xlim(0.5, 12.5)
        axes.set_ylim(len(years) - 0.4, -0.6)
        axes.set_yticks(range(len(years)), [str(year) for year in years])
        axes.set_xticks(range(1, 13), list("JFMAMJJASOND"))
        axes.grid(visible=False)
        axes.spines[:].set_visible(False)
        axes.tick_params(length=0)

    held, every = int((status == HELD).sum()), len(status)
    title = f"We hold {held} of {every} months of {opened.area.force_name} files"
    table = coverage.home_by_year()
    rows = "; ".join(f"{row.Year}: {row[2]} of 12" for row in table.itertuples())
    extra = "; half filled: incomplete" if (status == INCOMPLETE).any() else ""
    extra += "; ×: never published" if (status == NEVER).any() else ""
    key = f"Filled: held in full{extra}; outlined in orange: the year assessed"
    return draw_chart(
        draw,
        heading_of(opened, "data-coverage", title, key),
        alt=f"Grid of months by year, filled where the month is held in full. {title}. By year: {rows}.",
        data=table,
        height=0.36 + 0.3 * len(years),
    )


def _square(x: float, y: float, kind: str, *, outlined: bool) -> list[Patch]:
    edge, width = (COLOURS["fourth"], 2.2) if outlined else (COLOURS["quiet"], 0.6)
    face = COLOURS["main"] if kind == HELD else "none"
    drawn: list[Patch] = [Rectangle((x - 0.38, y - 0.38), 0.76, 0.76, facecolor=face, edgecolor=edge, linewidth=width)]
    if kind == INCOMPLETE:
        drawn.append(Rectangle((x - 0.38, y), 0.76, 0.38, facecolor=COLOURS["main"], edgecolor="none"))
    return drawn
