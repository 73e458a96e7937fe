"""Charts of monthly series: one series, its decomposition, small multiples of many."""

import math
from collections.abc import Mapping
from textwrap import fill
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator, StrMethodFormatter

from hcsp_assess.errors import InputError
from hcsp_assess.report.charts import COLOURS, Chart, Heading, draw_chart
from hcsp_assess.trends.decomposition import Decomposition


def plot_months(axes: Axes, values: pd.Series, *, colour: str = "main", label: str = "", style: str = "-") -> None:
    """Draw a monthly series; months without a value leave a gap, and a month between two gaps is a dot."""
    numbers = values.astype(float)
    positions = _positions(values.index)
    axes.plot(positions, numbers.to_numpy(), style, color=COLOURS[colour], label=label or None)
    known = numbers.notna().to_numpy()
    alone = known & ~np.r_[False, known[:-1]] & ~np.r_[known[1:], False]
    axes.plot(positions[alone], numbers.to_numpy()[alone], "o", markersize=3, color=COLOURS[colour])


def set_month_axis(axes: Axes, index: pd.Index, *, narrow: bool, from_zero: bool = True) -> None:
    """Put years under the axis, at each January, as many as fit; counts start at zero."""
    positions = _positions(index)
    months = pd.PeriodIndex(index)
    axes.set_xlim(positions[0] - 0.5, positions[-1] + 0.5)
    if len(months) <= 18:
        step = 3 if narrow else 2
        axes.set_xticks(
            positions[::step], [month.strftime("%b\n%Y" if i == 0 else "%b") for i, month in enumerate(months)][::step]
        )
    else:
        januaries = [position for position, month in zip(positions, months, strict=True) if month.month == 1]
        years = [str(month.year) for month in months if month.month == 1]
        step = math.ceil(len(years) / (5 if narrow else 11))
        axes.set_xticks(januaries[::step], years[::step])
    axes.yaxis.set_major_formatter(StrMethodFormatter("{x:,.0f}"))
    axes.yaxis.set_major_locator(MaxNLocator(4 if narrow else 5, integer=True))
    if from_zero:
        top = axes.get_ylim()[1]
        axes.set_ylim(0, top if top > 0 else 1)


def mark_gaps(axes: Axes, values: pd.Series) -> None:
    """Shade the months that nobody published, so that a gap is seen as one."""
    missing, positions = values.isna().to_numpy(), _positions(values.index)
    edges = np.flatnonzero(np.diff(np.r_[False, missing, False].astype(int)))
    for first, after in edges.reshape(-1, 2):
        axes.axvspan(positions[first] - 0.5, positions[after - 1] + 0.5, color=COLOURS["grid"], alpha=0.45, linewidth=0)


def chart_months(
    values: pd.Series,
    heading: Heading,
    *,
    unit: str = "Records",
) -> Chart:
    """Chart one monthly series as published, gaps shaded.

    Parameters
    ----------
    values : pandas.Series
        Counts on a monthly PeriodIndex, NA where nothing was published.
    unit : str
        What is counted; heads the column of the data table.
    """

    def draw(figure: Figure, narrow: bool) -> None:
        axes = figure.add_subplot()
        mark_gaps(axes, values)
        plot_months(axes, values)
        set_month_axis(axes, values.index, narrow=narrow)

    known = values.dropna()
    data = pd.DataFrame({"Month": [month_name(month) for month in known.index], unit: known.to_numpy()})
    alt = f"Line chart. {heading.title}. {describe_months(values)}"
    return draw_chart(
        draw,
        heading,
        alt=alt,
        data=data,
        height=3.0,
    )


def describe_months(values: pd.Series) -> str:
    """Say a monthly series in words: its span, its lowest and highest month, and its gaps."""
    known = values.dropna()
    if known.empty:
        return f"No month from {month_name(values.index[0])} to {month_name(values.index[-1])} was published."
    low, high = (known.index[int(place)] for place in (known.argmin(), known.argmax()))
    gaps = int(values.isna().sum())
    text = (
        f"{month_name(values.index[0])} to {month_name(values.index[-1])}: lowest {known.min():,.0f} in "
        f"{month_name(low)}, highest {known.max():,.0f} in {month_name(high)}."
    )
    return text + (f" {gaps} months were not published and are shaded." if gaps else "")


def month_name(month: Any) -> str:
    """A month as a reader says it: "March 2025"."""
    return str(month.strftime("%B %Y"))


def chart_decomposition(parts: Decomposition, heading: Heading) -> Chart:
    """Chart a decomposition in three panels: observed with its trend, season, remainder; filled months are marked."""
    factor = parts.scale == "log"
    panels = {
        "Season" + (" (times)" if factor else ""): parts.season,
        "Remainder" + (" (times)" if factor else ""): parts.remainder,
    }

    def draw(figure: Figure, narrow: bool) -> None:
        top, *others = figure.subplots(3, 1, sharex=True, height_ratios=[2, 1, 1])
        mark_gaps(top, parts.observed)
        plot_months(top, parts.observed, colour="quiet", label="As recorded")
        plot_months(top, parts.trend, label="Trend")
        if parts.months_filled.size:
            dots: Any = {"markersize": 2.5, "markerfacecolor": "none", "color": COLOURS["fourth"]}
            top.plot(_positions(parts.filled.index), parts.filled.to_numpy(), "o", label="Filled to draw", **dots)
        top.set_title("As recorded, and the trend")
        top.legend(loc="lower left", ncols=1 if narrow else 3)
        set_month_axis(top, parts.observed.index, narrow=narrow)
        for axes, (name, part) in zip(others, panels.items(), strict=True):
            axes.axhline(1 if factor else 0, color=COLOURS["quiet"], linewidth=0.8)
            plot_months(axes, part, style="-" if name.startswith("Season") else ".")
            axes.set_title(name)
            axes.yaxis.set_major_locator(MaxNLocator(3))

    data = pd.DataFrame(
        {
            "Month": [month_name(month) for month in parts.observed.index],
            "As recorded": parts.observed.round().astype("Int64").to_numpy(),
            "Trend": parts.trend.round(1).to_numpy(),
            **{name: part.round(2).map("{:.2f}".format).to_numpy() for name, part in panels.items()},
        }
    )
    alt = f"Three panels. {heading.title}. {describe_decomposition(parts)} {describe_months(parts.observed)}"
    return draw_chart(
        draw,
        heading,
        alt=alt,
        data=data,
        height=5.6,
    )


def chart_small_multiples(
    series: Mapping[str, pd.Series],
    heading: Heading,
    *,
    words: Mapping[str, str] | None = None,
) -> Chart:
    """Chart many monthly series side by side, each on its own scale from zero.

    Parameters
    ----------
    series : mapping of str to pandas.Series
        Monthly counts by name, on one PeriodIndex.
    words : mapping of str to str, optional
        A word for each series, such as its verdict, printed after its name.

    Raises
    ------
    InputError
        If there is no series.
    """
    if not series:
        raise InputError(f"chart {heading.key!r} has no series to draw")
    said = {name: f"{name}: {words[name]}" if words and words.get(name) else name for name in series}

    def draw(figure: Figure, narrow: bool) -> None:
        columns = 1 if narrow else 3
        grid = figure.subplots(math.ceil(len(series) / columns), columns, squeeze=False).flatten()
        for axes, (name, values) in zip(grid, series.items(), strict=False):
            mark_gaps(axes, values)
            plot_months(axes, values)
            axes.set_title(fill(said[name], 44 if narrow else 27), fontsize=8.5)
            set_month_axis(axes, values.index, narrow=True)
            axes.tick_params(labelsize=8)
        for axes in grid[len(series) :]:
            axes.set_axis_off()

    data = pd.DataFrame(dict(series)).dropna(how="all")
    data.insert(0, "Month", [month_name(month) for month in data.index])
    alt = f"{len(series)} small line charts, one for each series. {heading.title}. {'; '.join(said.values())}."
    rows = math.ceil(len(series) / 3)
    return draw_chart(
        draw, heading, alt=alt, data=data,
        height=1.55 * rows, narrow_height=1.45 * len(series),
    )  # fmt: skip


def describe_decomposition(parts: Decomposition) -> str:
    """Say a decomposition in words: where its trend begins and ends, its season, and how strong both are."""
    peak, low = _season_peak(parts.season)
    return (
        f"The trend runs from {parts.trend.iloc[0]:,.0f} to {parts.trend.iloc[-1]:,.0f} a month; the season is highest "
        f"in {peak} and lowest in {low}; on a scale of 0 to 1 the trend's strength is {parts.strength_of_trend:.2f} "
        f"and the season's {parts.strength_of_season:.2f}."
    )


def _season_peak(season: pd.Series) -> tuple[str, str]:
    by_month = season.groupby(pd.PeriodIndex(season.index).month).mean()
    names = [pd.Period(f"2001-{number:02d}", "M").strftime("%B") for number in (by_month.idxmax(), by_month.idxmin())]
    return names[0], names[1]


def _positions(index: pd.Index) -> np.ndarray:
    return np.array([month.ordinal for month in pd.PeriodIndex(index)])
