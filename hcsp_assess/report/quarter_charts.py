"""Small bar charts by quarter, one for each series; a quarter without a figure says why."""

from collections.abc import Collection, Mapping

import pandas as pd
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator, StrMethodFormatter

from hcsp_assess.report.charts import COLOURS, Chart, Heading, draw_chart
from hcsp_assess.report.tables import NO_DATA

PANEL, NARROW_PANEL = 1.9, 1.8  # inches


def chart_quarters(
    series: Mapping[str, pd.Series],
    heading: Heading,
    *,
    percent: Collection[str] = (),
    gaps: Mapping[str, pd.Series] | None = None,
) -> Chart:
    """Chart each series by quarter, a bar for each.

    Parameters
    ----------
    series : mapping of str to pandas.Series
        Values by name of the quarter, the same quarters in each; NA = no figure.
    percent : collection of str
        Names of the series that are percentages.
    gaps : mapping of str to pandas.Series, optional
        By series and quarter, what to write where there is no figure; by default "no data".
    """
    reasons = gaps or {}

    def draw(figure: Figure, narrow: bool) -> None:
        columns = 1 if narrow else 2
        grid = figure.subplots(-(-len(series) // columns), columns, squeeze=False).flatten()
        for axes, (name, values) in zip(grid, series.items(), strict=False):
            axes.bar(range(len(values)), values.astype(float), color=COLOURS["main"], width=0.7)
            told = reasons.get(name, pd.Series(NO_DATA, index=values.index))
            for place in [i for i, missing in enumerate(values.isna()) if missing]:
                text = str(told.iloc[place]) or NO_DATA
                axes.text(place, 0, text, rotation=90, ha="center", va="bottom", fontsize=8, color=COLOURS["ink"])
            axes.set_title(_wrapped(name, 36 if narrow else 44), fontsize=9)
            axes.set_ylim(bottom=0)
            axes.set_xlim(-0.6, len(values) - 0.4)
            axes.set_xticks(range(len(values)), [label.replace(" ", "\n") for label in values.index], fontsize=8)
            axes.yaxis.set_major_locator(MaxNLocator(4, integer=True))
            axes.yaxis.set_major_formatter(StrMethodFormatter("{x:,.0f}%" if name in percent else "{x:,.0f}"))
        for axes in grid[len(series) :]:
            axes.set_axis_off()

    table = pd.DataFrame({name: values.astype("Float64") for name, values in series.items()}).round(1)
    table.insert(0, "Quarter", [str(label) for label in table.index])
    number = f"{len(series)} small bar charts, one for each" if len(series) > 1 else "A bar chart"
    return draw_chart(
        draw,
        heading,
        alt=f"{number}: {'; '.join(series)}. The table has the figures.",
        data=table,
        height=PANEL * -(-len(series) // 2),
        narrow_height=NARROW_PANEL * len(series),
    )


def _wrapped(name: str, width: int = 44) -> str:
    """A title in lines that fit a panel."""
    from textwrap import fill

    return fill(name, width)
