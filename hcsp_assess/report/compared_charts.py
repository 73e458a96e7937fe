"""Charts of two series beside each other: two places month by month, or two periods over the months of a year."""

from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator, StrMethodFormatter

from hcsp_assess.report.charts import COLOURS, Chart, Heading, draw_chart
from hcsp_assess.report.monthly_charts import (
    mark_gaps,
    month_name,
    part_name,
    plot_months,
    set_month_axis,
)

LOOKS = (("main", "-"), ("fourth", "--"))  # colour and style of the first and the second: never by colour alone


def chart_two_places(series: pd.DataFrame, heading: Heading, *, unit: str) -> Chart:
    """Chart two places month by month, a solid and a dashed line; months that are not held are shaded.

    Parameters
    ----------
    series : pandas.DataFrame
        Two columns, named as the places are, of counts or rates on a monthly PeriodIndex; NA = not held.
    unit : str
        What is shown; completes the headings of the table.
    """

    rates = bool(series.dtypes.map(pd.api.types.is_float_dtype).any())

    def draw(figure: Figure, narrow: bool) -> None:
        axes = figure.add_subplot()
        mark_gaps(axes, series.sum(axis=1, min_count=2))
        for (name, values), (colour, style) in zip(series.items(), LOOKS, strict=True):
            plot_months(axes, values, colour=colour, style=style, label=str(name))
        set_month_axis(axes, series.index, narrow=narrow)
        if rates:
            axes.yaxis.set_major_locator(MaxNLocator(4 if narrow else 5))
            axes.yaxis.set_major_formatter(StrMethodFormatter("{x:,g}"))
        figure.legend(loc="outside upper left", ncols=1 if narrow else 2)

    shown = series.astype("Float64").round(2) if rates else series
    data = shown.add_suffix(f", {unit}")
    data.insert(0, part_name(series.index).capitalize(), [month_name(month) for month in series.index])
    said = " ".join(_describe(str(name), series[name], 2 if rates else 0) for name in series)
    alt = f"Line chart of two places. {heading.title}. {said}"
    return draw_chart(draw, heading, alt=alt, data=data.reset_index(drop=True), height=3.4, narrow_height=3.7)


def chart_two_periods(later: pd.Series, earlier: pd.Series, names: tuple[str, str], heading: Heading) -> Chart:
    """Chart two periods of up to a year over the same calendar months, the later solid and the earlier dashed.

    Parameters
    ----------
    later, earlier : pandas.Series
        Counts on monthly or quarterly PeriodIndexes; NA = not held.
    names : tuple of str
        The two periods in words.
    """
    table = _by_calendar(later, earlier, names)

    def draw(figure: Figure, narrow: bool) -> None:
        axes = figure.add_subplot()
        for name, (colour, style) in zip(names, LOOKS, strict=True):
            _plot_parts(axes, table[name], colour, style)
        shown = [str(part) if not narrow else str(part)[:1] for part in table.index]
        axes.set_xticks(range(len(table)), shown)
        axes.set_ylim(0, float(np.nanmax(table.to_numpy())) * 1.08 or 1)
        axes.yaxis.set_major_formatter(StrMethodFormatter("{x:,.0f}"))
        axes.yaxis.set_major_locator(MaxNLocator(4 if narrow else 5, integer=True))
        figure.legend(loc="outside upper left", ncols=1 if narrow else 2)

    data = table.astype("Int64").rename_axis("Month" if len(table) > 4 else "Part of the year").reset_index()
    said = " ".join(_describe(name, values) for name, values in zip(names, (later, earlier), strict=True))
    alt = f"Line chart of two periods. {heading.title}. {said}"
    return draw_chart(draw, heading, alt=alt, data=data, height=3.4, narrow_height=3.7)


def _plot_parts(axes: Axes, values: pd.Series, colour: str, style: str) -> None:
    """Draw values at 0, 1, 2 and so on, with a marker at each: a value between two gaps is seen too."""
    look: Any = {"color": COLOURS[colour], "label": str(values.name), "marker": "o", "markersize": 3.5}
    axes.plot(range(len(values)), values.astype(float).to_numpy(), style, **look)


def _describe(name: str, values: pd.Series, decimals: int = 0) -> str:
    """A series in words: its lowest and highest value, and how many are not held."""
    known = values.dropna().astype(float)
    if known.empty:
        return f"{name}: not held."
    low, high = (
        f"{known.iloc[at]:,.{decimals}f} in {month_name(known.index[at])}"
        for at in (int(known.argmin()), int(known.argmax()))
    )
    gaps, part = len(values) - len(known), part_name(values.index)
    missing = f" {gaps} {part}{'s are' if gaps > 1 else ' is'} not held." if gaps else ""
    return f"{name}: lowest {low}, highest {high}.{missing}"


def _by_calendar(later: pd.Series, earlier: pd.Series, names: tuple[str, str]) -> pd.DataFrame:
    """A row for each calendar month of either period, in the order of the later one, and a column for each period."""
    columns = []
    for values, name in zip((later, earlier), names, strict=True):
        parts = [_part(month) for month in pd.PeriodIndex(values.index)]
        columns.append(pd.Series(values.astype(float).to_numpy(), index=parts, name=name))
    order = list(dict.fromkeys([*columns[0].index, *columns[1].index]))
    return pd.concat([each.reindex(order) for each in columns], axis=1)


def _part(month: pd.Period) -> str:
    first, last = month.asfreq("M", how="start"), month.asfreq("M", how="end")
    return str(first.strftime("%b")) if first == last else f"{first.strftime('%b')}–{last.strftime('%b')}"
