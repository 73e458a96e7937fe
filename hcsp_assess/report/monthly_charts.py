"""Charts of monthly and quarterly series: one series, its decomposition, small multiples of many."""

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import PathPatch
from matplotlib.path import Path
from matplotlib.ticker import MaxNLocator, StrMethodFormatter
from matplotlib.transforms import Transform

from hcsp_assess.errors import InputError
from hcsp_assess.report.charts import COLOURS, Chart, Heading, draw_chart
from hcsp_assess.report.panels import Panel, Sizes, draw_panels
from hcsp_assess.trends.decomposition import Decomposition
from hcsp_assess.trends.monthly import periods_per_year
from hcsp_assess.trends.year_grid import first_months, part_of_year

#: How months without a value are shaded.
GAP: dict[str, Any] = {"color": COLOURS["grid"], "alpha": 0.45, "linewidth": 0}


#: Titles of the lower panels of a decomposition, by the columns of its table.
_PANELS = {
    "Season": "Usual pattern over the year",
    "Remainder": "What is left",
    "Season (times)": "Usual pattern over the year (1 = as the trend)",
    "Remainder (times)": "What is left (1 = nothing unusual)",
}


def plot_months(axes: Axes, values: pd.Series, *, colour: str = "main", label: str = "", style: str = "-") -> None:
    """Draw a monthly series; months without a value leave a gap, and a month between two gaps is a dot."""
    numbers, positions = values.astype(float).to_numpy(), month_positions(values.index)
    axes.plot(positions, numbers, style, color=COLOURS[colour], label=label or None)
    alone = _alone(numbers)
    if alone.any():
        axes.plot(positions[alone], numbers[alone], "o", markersize=3, color=COLOURS[colour])


def set_month_axis(axes: Axes, index: pd.Index, *, narrow: bool, from_zero: bool = True) -> None:
    """Put years under the axis, at each January, as many as fit; counts start at zero."""
    positions = month_positions(index)
    axes.set_xlim(positions[0] - 0.5, positions[-1] + 0.5)
    axes.set_xticks(*month_ticks(index, narrow=narrow))
    axes.yaxis.set_major_formatter(StrMethodFormatter("{x:,.0f}"))
    axes.yaxis.set_major_locator(MaxNLocator(4 if narrow else 5, integer=True))
    if from_zero:
        top = axes.get_ylim()[1]
        axes.set_ylim(0, top if top > 0 else 1)


def mark_gaps(axes: Axes, values: pd.Series) -> None:
    """Shade the months that are not held, so that a gap is seen as one."""
    for first, last in _gaps(values):
        axes.axvspan(first, last, **GAP)


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
        Counts on a monthly PeriodIndex, NA where nothing is held.
    unit : str
        What is counted; heads the column of the data table.
    """

    def draw(figure: Figure, narrow: bool) -> None:
        panel = _panel("", values, narrow=narrow, most=4 if narrow else 5)
        draw_panels(figure, [panel], columns=1, sizes=Sizes(across=9.5, up=9.5))

    known = values.dropna()
    column = part_name(values.index).capitalize()
    data = pd.DataFrame({column: [month_name(month) for month in known.index], unit: known.to_numpy()})
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
        first, last = (month_name(values.index[place]) for place in (0, -1))
        return f"No {part_name(values.index)} from {first} to {last} is held."
    low, high = (known.index[int(place)] for place in (known.argmin(), known.argmax()))
    gaps = int(values.isna().sum())
    text = (
        f"{month_name(values.index[0])} to {month_name(values.index[-1])}: lowest {known.min():,.0f} in "
        f"{month_name(low)}, highest {known.max():,.0f} in {month_name(high)}."
    )
    if gaps == 1:
        return f"{text} 1 {part_name(values.index)} is not held and is shaded."
    return text + (f" {gaps} {part_name(values.index)}s are not held and are shaded." if gaps else "")


def month_name(month: Any) -> str:
    """A month or quarter as a reader says it: "March 2025", "January to March 2025"."""
    first, last = month.asfreq("M", how="start"), month.asfreq("M", how="end")
    start = "" if first == last else f"{first.strftime('%B' if first.year == last.year else '%B %Y')} to "
    return f"{start}{last.strftime('%B %Y')}"


def part_name(index: pd.Index) -> str:
    """What the values of a series are of: "month" or "quarter"."""
    return part_of_year(periods_per_year(index))


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
            top.plot(month_positions(parts.filled.index), parts.filled.to_numpy(), "o", label="Filled to draw", **dots)
        top.set_title("As recorded, and the trend")
        top.legend(loc="lower left", ncols=1 if narrow else 3)
        set_month_axis(top, parts.observed.index, narrow=narrow)
        for axes, (name, part) in zip(others, panels.items(), strict=True):
            axes.axhline(1 if factor else 0, color=COLOURS["quiet"], linewidth=0.8)
            plot_months(axes, part, style="-" if name.startswith("Season") else ".")
            axes.set_title(_PANELS[name])
            axes.yaxis.set_major_locator(MaxNLocator(3))

    data = pd.DataFrame(
        {
            part_name(parts.observed.index).capitalize(): [month_name(month) for month in parts.observed.index],
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

    panels = [_panel(said[name], values) for name, values in series.items()]

    def draw(figure: Figure, narrow: bool) -> None:
        draw_panels(figure, panels, columns=1 if narrow else 3)

    data = pd.DataFrame(dict(series)).dropna(how="all")
    data.insert(0, part_name(data.index).capitalize(), [month_name(month) for month in data.index])
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
        f"The trend runs from {parts.trend.iloc[0]:,.0f} to {parts.trend.iloc[-1]:,.0f} a "
        f"{part_name(parts.season.index)}; the drawn season is highest in {peak} and lowest in {low}; on a scale of 0 "
        f"to 1 the trend's strength is {parts.strength_of_trend:.2f} and the season's {parts.strength_of_season:.2f}."
    )


def _season_peak(season: pd.Series) -> tuple[str, str]:
    """The months or quarters in which the season is highest and lowest on average."""
    names = [month_name(month).rsplit(" ", 1)[0] for month in season.index]
    by_part = season.groupby(names).mean()
    return str(by_part.idxmax()), str(by_part.idxmin())


def month_positions(index: pd.Index) -> np.ndarray:
    """Place of each month or quarter on the axis of a chart: the number of them since 1970."""
    return pd.PeriodIndex(index).asi8


def month_ticks(index: pd.Index, *, narrow: bool) -> tuple[list[int], list[str]]:
    """Where ticks of the axis are and what they say: some months by name, or years where they begin, as many as fit."""
    months, positions = first_months(index), month_positions(index)
    yearly = periods_per_year(index)
    if len(months) * 12 <= 18 * yearly:
        step = max((3 if narrow else 2) * yearly // 12, 1)
        names = [month.strftime("%b\n%Y" if i == 0 else "%b") for i, month in enumerate(months)]
    else:
        begins = months.month <= 12 // yearly  # January, or the quarter that has it
        positions, names = positions[begins], [str(year) for year in months.year[begins]]
        step = math.ceil(len(names) / (5 if narrow else 11)) or 1
    return positions[::step].tolist(), names[::step]


def _panel(title: str, values: pd.Series, *, narrow: bool = True, most: int = 4) -> Panel:
    """One series: its line, each month between two gaps as a dot, gaps shaded."""
    numbers, positions = values.astype(float).to_numpy(), month_positions(values.index)
    known, alone = numbers[np.isfinite(numbers)], _alone(numbers)
    top = known.max() + 0.05 * (np.ptp(known) or known.max()) if len(known) and known.max() > 0 else 1.0
    spans = [Path([(a, 0), (b, 0), (b, top), (a, top), (a, 0)], closed=True) for a, b in _gaps(values)]
    places, names = month_ticks(values.index, narrow=narrow)

    def paint(figure: Figure, inside: Transform) -> None:
        if spans:
            figure.add_artist(PathPatch(Path.make_compound_path(*spans), transform=inside, **GAP))
        line: Any = {"color": COLOURS["main"], "transform": inside}
        figure.add_artist(Line2D(positions, numbers, **line))
        if alone.any():
            figure.add_artist(Line2D(positions[alone], numbers[alone], linestyle="", marker="o", markersize=3, **line))

    span = (positions[0] - 0.5, positions[-1] + 0.5)
    return Panel(title=title, span=span, top=float(top), places=places, names=names, paint=paint, most=most)


def _gaps(values: pd.Series) -> list[tuple[float, float]]:
    """Where each run of months without a value begins and ends on the axis."""
    missing, positions = values.isna().to_numpy(), month_positions(values.index)
    edges = np.flatnonzero(np.diff(np.r_[False, missing, False].astype(int)))
    return [(positions[first] - 0.5, positions[after - 1] + 0.5) for first, after in edges.reshape(-1, 2)]


def _alone(numbers: np.ndarray) -> np.ndarray:
    """Which values have a gap on both sides, so that a line cannot show them."""
    known = np.isfinite(numbers)
    alone: np.ndarray = known & ~np.r_[False, known[:-1]] & ~np.r_[known[1:], False]
    return alone
