"""Small bar charts by quarter, one for each series; a quarter without a figure says why."""

from collections.abc import Collection, Mapping
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.patches import PathPatch
from matplotlib.path import Path
from matplotlib.transforms import ScaledTranslation, Transform

from hcsp_assess.report.charts import COLOURS, Chart, Heading, draw_chart
from hcsp_assess.report.panels import Panel, Sizes, draw_panels
from hcsp_assess.report.tables import NO_DATA

PANEL, NARROW_PANEL = 1.9, 1.8  # inches
SIZES = Sizes(title=9, across=8, up=9.5)


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
        Values by name of the quarter, the same quarters in each; NA = no figure. Of a name such as "Apr–Jun 2012" the
        last month and the year are drawn.
    percent : collection of str
        Names of the series that are percentages.
    gaps : mapping of str to pandas.Series, optional
        By series and quarter, what to write where there is no figure; by default "no data".
    """
    panels = [
        _panel(name, values, (gaps or {}).get(name), number="{:,.0f}%" if name in percent else "{:,.0f}")
        for name, values in series.items()
    ]

    def draw(figure: Figure, narrow: bool) -> None:
        draw_panels(figure, panels, columns=1 if narrow else 2, sizes=SIZES)

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


def _panel(name: str, values: pd.Series, told: pd.Series | None, *, number: str) -> Panel:
    """One series: its bars, and why a quarter has none."""
    heights = values.astype(float).to_numpy()
    top = np.nanmax(heights, initial=0.0) * 1.05 or 1.0
    bars = [
        Path([(n - 0.35, 0), (n - 0.35, up), (n + 0.35, up), (n + 0.35, 0), (n - 0.35, 0)], closed=True)
        for n, up in enumerate(heights.tolist())
        if up > 0
    ]
    missing = np.flatnonzero(values.isna()).tolist()
    reasons = {n: str(NO_DATA if told is None else told.iloc[n]) or NO_DATA for n in missing}

    def paint(figure: Figure, inside: Transform) -> None:
        if bars:
            drawn = PathPatch(Path.make_compound_path(*bars), color=COLOURS["main"], linewidth=0, transform=inside)
            figure.add_artist(drawn)
        above = inside + ScaledTranslation(0, 2 / 72, figure.dpi_scale_trans)
        how: Any = {"rotation": 90, "ha": "center", "va": "bottom", "fontsize": 8, "transform": above}
        for place, text in reasons.items():
            figure.text(place, 0, text, **how)

    return Panel(
        title=name,
        span=(-0.6, len(values) - 0.4),
        top=float(top),
        places=range(len(values)),
        names=[str(label).rpartition("–")[2].replace(" ", "\n") for label in values.index],
        number=number,
        paint=paint,
    )
