"""Charts of values with intervals: a dot and a line for each, and what they are compared with."""

from collections.abc import Mapping

import pandas as pd
from matplotlib.figure import Figure

from hcsp_assess.report.charts import COLOURS, Chart, Heading, draw_chart
from hcsp_assess.trends.rates import Interval

ROW, NARROW_ROW = 0.3, 0.45  # inches that a value takes
FURTHEST = 4.0  # times the largest value at which an interval is cut off


def chart_intervals(rows: Mapping[str, Interval], heading: Heading, *, line: float, unit: str) -> Chart:
    """Chart values with their intervals on one scale, from the top.

    Parameters
    ----------
    rows : mapping of str to Interval
        Values by their names.
    line : float
        Where a value is no different: 1 for ratios.
    unit : str
        Name of the scale. Intervals that reach beyond four times the largest value are cut off; the table has them.
    """
    names, places = list(rows), list(range(len(rows)))
    values = [rows[name].value for name in names]
    end = min(max(item.high for item in rows.values()), FURTHEST * max(*values, line)) * 1.05

    def draw(figure: Figure, narrow: bool) -> None:
        axes = figure.add_subplot()
        if narrow:  # names are inside the drawing: no line through them
            axes.vlines([line] * len(places), [n - 0.15 for n in places], [n + 0.15 for n in places], COLOURS["quiet"])
        else:
            axes.axvline(line, color=COLOURS["quiet"], linewidth=1)
        for place, name in zip(places, names, strict=True):
            axes.plot([rows[name].low, min(rows[name].high, end)], [place, place], color=COLOURS["main"], linewidth=2)
        axes.plot(values, places, "o", color=COLOURS["main"], markersize=7)
        axes.set_xlim(0, end)
        axes.set_ylim(len(names) - 0.5, -0.8 if narrow else -0.5)
        axes.set_xlabel(unit)
        axes.grid(visible=False)
        axes.tick_params(axis="y", length=0)
        for side in ("top", "right", "left"):
            axes.spines[side].set_visible(False)
        if narrow:
            axes.set_yticks([])
            for place, name in zip(places, names, strict=True):
                axes.text(0, place - 0.2, name, ha="left", va="bottom", fontsize=9)
        else:
            axes.set_yticks(places, names)

    data = pd.DataFrame(
        {
            "Group": names,
            unit: [round(value, 2) for value in values],
            "Low": [round(rows[name].low, 2) for name in names],
            "High": [round(rows[name].high, 2) for name in names],
        }
    )
    said = "; ".join(f"{name} {rows[name].value:.1f} ({rows[name].low:.1f} to {rows[name].high:.1f})" for name in names)
    return draw_chart(
        draw,
        heading,
        alt=f"Dots with intervals. {said}.",
        data=data,
        height=ROW * len(names) + 0.8,
        narrow_height=NARROW_ROW * len(names) + 0.8,
    )
