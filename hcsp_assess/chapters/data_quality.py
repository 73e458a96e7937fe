"""The chapter on the data themselves: what arrived, what is missing, what was set aside."""

import pandas as pd
from matplotlib.collections import PatchCollection
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from hcsp_assess.chapters.shared.headings import heading_of
from hcsp_assess.edition.coverage import held_by_year
from hcsp_assess.edition.opened import OpenEdition
from hcsp_assess.edition.quality import check_data, no_location_by_year, rows_by_fate
from hcsp_assess.report.charts import COLOURS, Chart, draw_chart
from hcsp_assess.report.tables import Table


def table_checks(opened: OpenEdition) -> Table:
    """Show each check of the data with what it means."""
    frame = pd.DataFrame([vars(check) for check in check_data(opened)]).set_axis(
        ["Check", "Result", "What it means"], axis=1
    )
    return Table(
        frame, f"Checks of the street-level data of {opened.area.name}", "data-checks", simulated=opened.simulated
    )


def table_rows(opened: OpenEdition) -> Table:
    """Show what became of every row received."""
    caption = f"Rows of all files, and what became of them; {len(opened.table.account):,} files"
    return Table(rows_by_fate(opened), caption, "data-rows", simulated=opened.simulated)


def table_no_location(opened: OpenEdition) -> Table:
    """Show the share of records that cannot be given to any district."""
    caption = f"Records of {opened.area.force_name} without a location, by calendar year"
    return Table(no_location_by_year(opened), caption, "data-no-location", simulated=opened.simulated)


def chart_coverage(opened: OpenEdition) -> Chart:
    """Chart which months were published: a square for each month, filled where a file arrived."""
    months = opened.table.months(opened.area.force)
    years = list(range(months[0].year, max(months[-1].year, opened.edition.span.last.year) + 1))
    held, assessed = set(months), set(opened.edition.span.months)

    squares = [
        _square(month.month, row, filled=month in held, outlined=month in assessed)
        for row, year in enumerate(years)
        for month in pd.period_range(f"{year}-01", periods=12, freq="M")
    ]

    def draw(figure: Figure, narrow: bool) -> None:
        axes = figure.add_subplot()
        drawn = PatchCollection(squares, match_original=True, joinstyle="miter")
        axes.add_collection(drawn, autolim=False)
        axes.set_xlim(0.5, 12.5)
        axes.set_ylim(len(years) - 0.4, -0.6)
        axes.set_yticks(range(len(years)), [str(year) for year in years])
        axes.set_xticks(range(1, 13), list("JFMAMJJASOND"))
        axes.grid(visible=False)
        axes.spines[:].set_visible(False)
        axes.tick_params(length=0)

    missing = [str(month) for month in opened.edition.span.months if month not in months]
    title = f"{len(months)} months of street-level files arrived"
    told = f"not published in the year assessed: {', '.join(missing)}" if missing else "all of the year assessed"
    table = held_by_year(months, opened.edition.span.last)
    rows = "; ".join(f"{row.Year}: {row[2]} of 12" for row in table.itertuples())
    return draw_chart(
        draw,
        heading_of(
            opened,
            "data-coverage",
            title,
            f"Filled: published by {opened.area.force_name}; outlined in orange: the year assessed ({told})",
        ),
        alt=f"Grid of months by year, filled where the month was published. {title}; {told}. By year: {rows}.",
        data=table,
        height=0.36 + 0.3 * len(years),
    )


def _square(x: float, y: float, *, filled: bool, outlined: bool) -> Rectangle:
    face = COLOURS["main"] if filled else "none"
    edge, width = (COLOURS["fourth"], 2.2) if outlined else (COLOURS["quiet"], 0.6)
    return Rectangle((x - 0.38, y - 0.38), 0.76, 0.76, facecolor=face, edgecolor=edge, linewidth=width)
