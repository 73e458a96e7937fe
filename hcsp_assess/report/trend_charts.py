"""Charts of trend results: the verdict, a control chart, a forecast."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from hcsp_assess.report.charts import COLOURS, Chart, Heading, draw_chart
from hcsp_assess.report.monthly_charts import (
    describe_months,
    mark_gaps,
    month_name,
    month_positions,
    part_name,
    plot_months,
    set_month_axis,
)
from hcsp_assess.trends.forecast import Forecast
from hcsp_assess.trends.monthly import periods_per_year
from hcsp_assess.trends.spc import ControlChart
from hcsp_assess.trends.verdicts import Trend


def chart_verdict(trend: Trend, heading: Heading, *, sentence: str) -> Chart:
    """Chart a verdict: monthly counts, the fitted line with its band, months set aside, known changes marked.

    Parameters
    ----------
    trend : Trend
        One with a fit: not "too little data".
    sentence : str
        The verdict's sentence; becomes part of the text alternative.
    """
    fitted = trend.fitted

    def draw(figure: Figure, narrow: bool) -> None:
        axes = figure.add_subplot()
        positions = month_positions(fitted.index)
        mark_gaps(axes, fitted["observed"])
        band: Any = {"color": COLOURS["band"], "linewidth": 0, "label": "95% band of the trend"}
        axes.fill_between(positions, fitted["low"].astype(float), fitted["high"].astype(float), **band)
        plot_months(axes, fitted["observed"], colour="quiet", label="As recorded")
        plot_months(axes, fitted["trend"], label="Trend without season")
        _mark_aside(axes, trend, fitted.index)
        _mark_changes(axes, trend, fitted.index)
        set_month_axis(axes, fitted.index, narrow=narrow)
        figure.legend(loc="outside upper left", ncols=1 if narrow else 3)

    data = pd.DataFrame(
        {
            part_name(fitted.index).capitalize(): [month_name(month) for month in fitted.index],
            "As recorded": fitted["observed"].round().astype("Int64").to_numpy(),
            "Used for the trend": np.where(fitted["used"].astype(bool), "yes", "no"),
            "Expected with season": fitted["expected"].astype(float).round(1).to_numpy(),
            "Trend": fitted["trend"].astype(float).round(1).to_numpy(),
            "Trend, low": fitted["low"].astype(float).round(1).to_numpy(),
            "Trend, high": fitted["high"].astype(float).round(1).to_numpy(),
        }
    )
    said = f"{sentence} {describe_months(fitted['observed'])}{_changes_said(trend)}"
    alt = f"Line chart with a fitted trend line and its band. {said}"
    return draw_chart(
        draw, heading, alt=alt, data=data,
        height=3.5, narrow_height=3.9,
    )  # fmt: skip


#: What is said in the table of a month that breaks a rule of a control chart.
RULES_SAID = {
    "outside": "outside the limits",
    "run": "one of seven or more on one side of the average",
    "trend": "one of seven or more that all rise or all fall",
    "two of three": "one of two near a limit",
}


def chart_control(chart: ControlChart, heading: Heading, *, last: int | None = None) -> Chart:
    """Chart a control chart of months: values, average, limits, and the months that are unusual.

    Parameters
    ----------
    last : int, optional
        Show only so many of the latest months; the limits stay those of all months since the last re-basing.
    """
    points = chart.points if last is None else chart.points.iloc[-last:]
    drawn = {
        "Outside the limits": ("D", points[points["outside"]], COLOURS["fourth"]),
        "Several in a row": ("o", points[points["special"] & ~points["outside"]], "none"),
    }

    def draw(figure: Figure, narrow: bool) -> None:
        axes = figure.add_subplot()
        mark_gaps(axes, points["value"])
        plot_months(axes, points["value"], colour="quiet", label="Without the season")
        for name, style, label in (("centre", "-", "Average"), ("upper", "--", "Limits"), ("lower", "--", "")):
            plot_months(axes, points[name], style=style, label=label)
        for label, (marker, special, fill) in drawn.items():
            if len(special):
                look: Any = {"color": COLOURS["fourth"], "markerfacecolor": fill, "markersize": 5, "label": label}
                axes.plot(month_positions(special.index), special["value"].to_numpy(), marker, **look)
        set_month_axis(axes, points.index, narrow=narrow)
        figure.legend(loc="outside upper left", ncols=1 if narrow else 5)

    reasons = [
        "; ".join(words for rule, words in RULES_SAID.items() if row[rule]) or "no" for _, row in points.iterrows()
    ]
    data = pd.DataFrame(
        {
            part_name(points.index).capitalize(): [month_name(month) for month in points.index],
            "Value": points["value"].round(1).to_numpy(),
            "Lower limit": points["lower"].round(1).to_numpy(),
            "Average": points["centre"].round(1).to_numpy(),
            "Upper limit": points["upper"].round(1).to_numpy(),
            "Unusual": reasons,
        }
    )
    listed = ", ".join(month_name(month) for month in points.index[points["outside"]]) or "none"
    alt = f"Control chart. {heading.title}. Months outside the limits: {listed}. {describe_months(points['value'])}"
    return draw_chart(
        draw,
        heading,
        alt=alt,
        data=data,
        height=3.2,
        narrow_height=3.9,
    )


def chart_forecast(counts: pd.Series, forecast: Forecast, heading: Heading) -> Chart:
    """Chart the last three years as recorded and the coming year as forecast, with its interval.

    Parameters
    ----------
    counts : pandas.Series
        Monthly counts that the forecast continues.
    forecast : Forecast
        A usable one.
    """
    recent, months = counts.iloc[-3 * periods_per_year(counts.index) :], forecast.months
    whole = recent.index.union(months.index)

    def draw(figure: Figure, narrow: bool) -> None:
        axes = figure.add_subplot()
        positions = month_positions(months.index)
        low, high = months["low"].astype(float), months["high"].astype(float)
        label = f"{100 * forecast.confidence:.0f}% interval of a {part_name(counts.index)}"
        axes.fill_between(positions, low, high, color=COLOURS["band"], linewidth=0, label=label)
        plot_months(axes, recent, colour="quiet", label="As recorded")
        plot_months(axes, months["expected"], style="--", label="To be expected")
        set_month_axis(axes, whole, narrow=narrow)
        figure.legend(loc="outside upper left", ncols=1 if narrow else 3)

    data = pd.DataFrame(
        {
            part_name(months.index).capitalize(): [month_name(month) for month in months.index],
            "To be expected": months["expected"].round().astype("Int64").to_numpy(),
            "Low": months["low"].round().astype("Int64").to_numpy(),
            "High": months["high"].round().astype("Int64").to_numpy(),
        }
    )
    part = part_name(counts.index)
    alt = f"Line chart of the last {len(recent)} {part}s and the coming {len(months)}. {heading.title}. "
    alt += describe_months(months["expected"])
    return draw_chart(
        draw, heading, alt=alt, data=data,
        height=3.2, narrow_height=3.6,
    )  # fmt: skip


def _mark_aside(axes: Any, trend: Trend, index: pd.Index) -> None:
    if trend.months_set_aside:
        positions = [_position(item.month, index) for item in trend.months_set_aside]
        counts: Sequence[int] = [item.count for item in trend.months_set_aside]
        axes.plot(positions, counts, "x", color=COLOURS["third"], markersize=7, label="Set aside")


def _mark_changes(axes: Any, trend: Trend, index: pd.Index) -> None:
    """A line where recording changed, a shaded span for an intervention, each with its number."""
    for number, shift in enumerate(trend.shifts):
        start = _position(shift.start, index)
        if shift.end is None:
            axes.axvline(start - 0.5, color=COLOURS["third"], linewidth=1.2, linestyle=":")
        else:
            axes.axvspan(start - 0.5, _position(shift.end, index) + 0.5, color=COLOURS["mark"], linewidth=0)
        place = axes.get_xaxis_transform()
        where: Any = {"transform": place, "fontsize": 9, "ha": "left", "va": "top", "color": COLOURS["ink"]}
        axes.text(start, 0.99, str(number + 1), **where)


def _position(month: pd.Period, index: pd.Index) -> int:
    """Place of a month on the axis of a series, which may be of quarters."""
    return int(month.asfreq(pd.PeriodIndex(index).freqstr, how="start").ordinal)


def _changes_said(trend: Trend) -> str:
    if not trend.shifts:
        return ""
    listed = "; ".join(
        f"{i}, {shift.name} ({month_name(shift.start)})" for i, shift in enumerate(trend.shifts, start=1)
    )
    return f" Known changes marked: {listed}."
