"""Charts of the season: a heat map of months by years, and one year laid over another.

Drawn with seaborn in the style of all our charts. seaborn takes a while to import, so that only a drawing does it.
"""

from textwrap import fill
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.colors import ListedColormap
from matplotlib.figure import Figure
from matplotlib.patches import PathPatch, Rectangle
from matplotlib.path import Path
from matplotlib.ticker import MaxNLocator, StrMethodFormatter

from hcsp_assess.errors import InputError
from hcsp_assess.report.charts import COLOURS, Chart, Heading, draw_chart
from hcsp_assess.report.map_numbers import TEXT
from hcsp_assess.report.maps import (
    EDGES,
    HATCH,
    LINE,
    MOST_CLASSES,
    PLAIN,
    SEQUENTIAL,
    Classes,
    choose_breaks,
    class_by_breaks,
)
from hcsp_assess.trends.year_grid import YearGrid, YearsCompared, compare_latest

ROWS_WITH_COUNTS = 14  # years up to which counts are written into the cells of the wide drawing
ROW, TALL_ROW, AROUND = 0.2, 0.27, 1.15  # inches: a year without and with counts; names of months and the legend
NOT_HELD = "not held"


def chart_months_by_years(grid: YearGrid, heading: Heading, *, unit: str = "offences") -> Chart:
    """Chart counts as a heat map: a row for each year, a column for each month or quarter, darker for more.

    Parameters
    ----------
    grid : YearGrid
        From `trends.year_grid.year_grid`. Months within the series that are not held are hatched.
    unit : str
        What is counted; heads the legend.

    Raises
    ------
    InputError
        If no month is held.
    """
    classes = _classes(grid)
    years = len(grid.counts)
    counted = years <= ROWS_WITH_COUNTS and float(grid.held.max()) < 100_000

    def draw(figure: Figure, narrow: bool) -> None:
        axes = figure.add_subplot()
        _paint_cells(axes, grid, classes, counted=counted and (not narrow or grid.per_year == 4))
        _hatch_gaps(axes, grid)
        _name_cells(axes, grid, narrow=narrow)
        _legend(
            figure,
            classes,
            f"{unit.capitalize()} a {grid.part}",
            gaps=bool(grid.not_held.to_numpy().any()),
            narrow=narrow,
        )

    height = AROUND + years * (TALL_ROW if counted else ROW)
    return draw_chart(
        draw, heading, alt=_describe_cells(grid, heading.title), data=table_of(grid),
        height=height, narrow_height=height + 0.55,
    )  # fmt: skip


def chart_years_over_each_other(grid: YearGrid, heading: Heading, *, unit: str = "offences") -> Chart:
    """Chart each year as a line over its months: the latest bold, the one it is compared with dashed, others grey.

    Parameters
    ----------
    grid : YearGrid
        From `trends.year_grid.year_grid`.
    unit : str
        What is counted, for the text alternative.

    Raises
    ------
    InputError
        If no month is held.
    """
    _check(grid)
    compared = compare_latest(grid)

    def draw(figure: Figure, narrow: bool) -> None:
        axes = figure.add_subplot()
        _plot_years(axes, grid, compared)
        axes.set_xticks(range(grid.per_year), _part_names(grid, narrow=narrow))
        axes.set(xlabel="", ylabel="", xlim=(-0.3, grid.per_year - 0.7))
        axes.set_ylim(0, float(grid.held.max()) * 1.08 or 1)
        axes.yaxis.set_major_formatter(StrMethodFormatter("{x:,.0f}"))
        axes.yaxis.set_major_locator(MaxNLocator(4 if narrow else 5, integer=True))
        _label_years(axes, grid, compared)

    alt = f"Line chart with a line for each of {len(grid.years_held)} years. {heading.title}. "
    alt += f"{_describe_year(grid, grid.years_held[-1])}, in {unit}."
    return draw_chart(draw, heading, alt=alt, data=table_of(grid), height=3.4, narrow_height=3.4)


def table_of(grid: YearGrid) -> pd.DataFrame:
    """Return the counts by year and month as the table under a chart; what is outside the series is blank."""
    _check(grid)
    counts = grid.counts.astype("Int64")
    inside = grid.inside.to_numpy()
    shown = counts if inside.all() else counts.astype(object).where(grid.inside, "")
    total = counts.sum(axis=1, min_count=grid.per_year).astype("Int64")
    frame = shown.assign(**{"Whole year": total}).rename_axis("Year").reset_index()
    frame.columns = pd.Index([str(name) for name in frame.columns])
    return frame


def _check(grid: YearGrid) -> None:
    if not grid.years_held:
        raise InputError(f"the series has no {grid.part} with a count: there is nothing to draw")


def _classes(grid: YearGrid) -> Classes:
    _check(grid)
    known = grid.held
    few = sorted(known.unique())
    return class_by_breaks(known, few[1:] if len(few) <= MOST_CLASSES else choose_breaks(known), whole=True)


def _paint_cells(axes: Axes, grid: YearGrid, classes: Classes, *, counted: bool) -> None:
    """Each month held in the colour of its class, with its count where it can be read."""
    import seaborn as sns

    number = pd.DataFrame(
        classes.of.reindex(grid.cells).to_numpy(dtype=float).reshape(grid.counts.shape),
        grid.counts.index,
        grid.counts.columns,
    )
    written = grid.counts.map(lambda count: "" if np.isnan(count) else f"{count:,.0f}")
    figure = axes.get_figure()
    engine = figure.get_layout_engine()  # type: ignore[union-attr]
    figure.set_layout_engine(None)  # type: ignore[union-attr]  # seaborn draws once by itself: no need to place for that
    sns.heatmap(
        number, ax=axes, mask=number.isna(), cbar=False, annot=written if counted else None, fmt="",
        annot_kws={"fontsize": 8.5}, cmap=ListedColormap(list(classes.colours)), vmin=-0.5,
        vmax=len(classes.colours) - 0.5, linewidths=0.8, linecolor=LINE, xticklabels=False, yticklabels=False,
    )  # fmt: skip
    figure.set_layout_engine(engine)  # type: ignore[union-attr]
    for text in axes.texts:  # seaborn writes white on a light blue, which is hard to read
        across, down = text.get_position()
        colour = classes.colours[int(number.to_numpy()[int(down), int(across)])]
        text.set_color(TEXT if colour in SEQUENTIAL[:2] else LINE)


def _hatch_gaps(axes: Axes, grid: YearGrid) -> None:
    """Months within the series that are not held; what is before its first and after its last month stays empty.

    All are one path: a browser that prints makes one picture of the hatching for each path.
    """
    cells = [
        Path([(x, y), (x + 1, y), (x + 1, y + 1), (x, y + 1), (x, y)], closed=True)
        for y, x in np.argwhere(grid.not_held.to_numpy())
    ]
    if cells:
        axes.add_patch(PathPatch(Path.make_compound_path(*cells), **_gap_look()))


def _gap_look() -> dict[str, Any]:
    return {"facecolor": PLAIN, "edgecolor": EDGES, "hatch": HATCH, "linewidth": 0.3}


def _name_cells(axes: Axes, grid: YearGrid, *, narrow: bool) -> None:
    axes.set_xticks(np.arange(grid.per_year) + 0.5, _part_names(grid, narrow=narrow), rotation=0)
    axes.set_yticks(np.arange(len(grid.counts)) + 0.5, [str(year) for year in grid.counts.index], rotation=0)
    axes.tick_params(length=0, labeltop=True, labelbottom=False)
    axes.set(xlabel="", ylabel="")
    axes.grid(visible=False)
    axes.spines[:].set_visible(False)


def _part_names(grid: YearGrid, *, narrow: bool) -> list[str]:
    """Names of the columns: on a telephone the first letter of a month, and a quarter in two lines."""
    if not narrow:
        return list(grid.short_names)
    return [name[0] if grid.per_year == 12 else name.replace("–", "–\n") for name in grid.short_names]


def _legend(figure: Figure, classes: Classes, what: str, *, gaps: bool, narrow: bool) -> None:
    edge: dict[str, Any] = {"edgecolor": EDGES, "linewidth": 0.6}
    handles = [
        Rectangle((0, 0), 1, 1, facecolor=colour, label=label, **edge)
        for colour, label in zip(classes.colours, classes.labels, strict=True)
    ]
    if gaps:
        handles.append(Rectangle((0, 0), 1, 1, label=NOT_HELD, **_gap_look()))
    legend = figure.legend(
        handles=handles, title=fill(what, 40), loc="outside lower left", ncols=2 if narrow else len(handles),
        alignment="left", handlelength=1.3, handleheight=1.0, columnspacing=1.2, borderpad=0,
    )  # fmt: skip
    legend.get_title().set_fontweight("bold")


def _plot_years(axes: Axes, grid: YearGrid, compared: YearsCompared | None) -> None:
    """Every year's line; months between two gaps are dots, and no line is drawn across a gap."""
    import seaborn as sns

    counts = grid.counts.loc[grid.years_held].to_numpy()
    long = pd.DataFrame({"year": np.repeat(grid.years_held, grid.per_year), "count": counts.ravel()})
    long["at"] = np.tile(np.arange(grid.per_year), len(grid.years_held))
    long["spell"] = long["year"] + " " + long["count"].isna().cumsum().astype(str)
    known = long.dropna()
    looks = {year: _look(year, grid, compared) for year in grid.years_held}
    for order, (colour, width, style) in enumerate(dict.fromkeys(looks.values()), start=2):  # the latest year on top
        mine = known[known["year"].map(looks) == (colour, width, style)]
        sns.lineplot(
            mine, x="at", y="count", units="spell", estimator=None, ax=axes, legend=False, color=COLOURS[colour],
            linewidth=width, linestyle=style, zorder=order, sort=False,
        )  # fmt: skip
        alone = mine[mine.groupby("spell")["at"].transform("size") == 1]
        axes.plot(alone["at"], alone["count"], "o", markersize=3.5, color=COLOURS[colour], zorder=order)


def _look(year: str, grid: YearGrid, compared: YearsCompared | None) -> tuple[str, float, str]:
    """Colour, width and style of a year's line."""
    if year == grid.years_held[-1]:
        return "main", 3.0, "-"
    if compared is not None and year == compared.earlier:
        return "fourth", 1.8, "--"
    return "quiet", 0.8, "-"


def _label_years(axes: Axes, grid: YearGrid, compared: YearsCompared | None) -> None:
    """Name the latest year, and the one it is compared with, at the end of their lines, and say above what is grey."""
    latest, earlier = grid.years_held[-1], compared.earlier if compared else ""
    others = [year for year in grid.years_held if year not in (latest, earlier)]
    said = [f"Dashed: {earlier}"] if earlier else []
    if others:
        said.append(
            f"{'grey' if said else 'Grey'}: {others[0] if len(others) == 1 else f'{others[0]} to {others[-1]}'}"
        )
    axes.set_title("; ".join(said), fontsize=9, fontweight="normal", color=COLOURS["ink"])
    ends = {latest: grid.counts.loc[latest].dropna()}
    if earlier and grid.counts.loc[earlier].notna().iloc[-1]:
        ends[earlier] = grid.counts.loc[earlier].dropna()
    half = 0.0375 * axes.get_ylim()[1]
    heights = {year: max(float(line.to_numpy()[-1]), half) for year, line in ends.items()}
    if len(heights) == 2 and abs(heights[latest] - heights[earlier]) < 2 * half:
        middle, way = max(sum(heights.values()) / 2, 2 * half), 1 if heights[latest] >= heights[earlier] else -1
        heights = {latest: middle + way * half, earlier: middle - way * half}
    for year, line in ends.items():
        colour, weight = (COLOURS["main"], "bold") if year == latest else (COLOURS["ink"], "normal")
        at: Any = {"xytext": (6, 0), "textcoords": "offset points", "annotation_clip": False}
        place = (grid.counts.columns.get_loc(line.index[-1]), heights[year])
        axes.annotate(year, place, va="center", color=colour, fontweight=weight, **at)


def _describe_cells(grid: YearGrid, title: str) -> str:
    """The heat map in words: what it shows, its highest and its lowest cell, and what is not held."""
    known = grid.held
    (high, top), (low, least) = ((known.idxmax(), known.max()), (known.idxmin(), known.min()))
    gaps = int(grid.not_held.to_numpy().sum())
    missing = f" {gaps} {grid.part}s are not held and are hatched." if gaps else ""
    return (
        f"Heat map of {len(grid.counts)} years by {grid.part}. {title}. Highest: {top:,.0f} in {_cell(high)}; lowest: "
        f"{least:,.0f} in {_cell(low)}.{missing}"
    )


def _cell(where: Any) -> str:
    year, part = where
    return f"{part} of {year}"


def _describe_year(grid: YearGrid, year: str) -> str:
    line = grid.counts.loc[year].dropna()
    first, last = line.index[0], line.index[-1]
    return f"{year} ran from {line.iloc[0]:,.0f} in {first} to {line.iloc[-1]:,.0f} in {last}"
