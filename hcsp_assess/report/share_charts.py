"""Charts of shares: what each bar of a hundred per cent is made of."""

from collections.abc import Mapping

import pandas as pd
from matplotlib.figure import Figure

from hcsp_assess.report.charts import COLOURS, Chart, Heading, draw_chart

BAR, NARROW_BAR, LEGEND = 0.33, 0.5, 0.24  # inches that a bar, and a line of the legend, take
THICK = 0.72


def chart_parts(percents: pd.DataFrame, heading: Heading, colours: Mapping[str, str], *, alt: str) -> Chart:
    """Chart what each whole is made of, a bar for each that adds up to a hundred.

    Parameters
    ----------
    percents : pandas.DataFrame
        Per cent (0 to 100) by whole (rows, from the top) and part (columns, from the left); 0 where there is none.
    colours : mapping of str to str
        Role of each part's colour, see `charts.COLOURS`.
    alt : str
        Text alternative.
    """
    names = [str(name) for name in percents.index]

    def draw(figure: Figure, narrow: bool) -> None:
        axes = figure.add_subplot()
        left = pd.Series(0.0, index=percents.index)
        places = list(range(len(names)))
        for part in percents:
            width = percents[part].astype(float)
            axes.barh(places, width, left=left, height=THICK if not narrow else 0.5, color=COLOURS[colours[str(part)]],
                      label=str(part), linewidth=0)  # fmt: skip
            left = left + width
        axes.set_xlim(0, 100)
        axes.set_ylim(len(names) - 0.5, -0.7 if narrow else -0.5)
        axes.set_xticks([0, 25, 50, 75, 100], ["0%", "25%", "50%", "75%", "100%"])
        axes.tick_params(axis="y", length=0)
        axes.grid(visible=False)
        for side in ("top", "right", "left", "bottom"):
            axes.spines[side].set_visible(False)
        if narrow:
            axes.set_yticks([])
            for place, name in zip(places, names, strict=True):
                axes.text(0, place - 0.3, name, ha="left", va="bottom", fontsize=9)
        else:
            axes.set_yticks(places, names)
        figure.legend(loc="outside upper left", ncols=1 if narrow else 2)

    rows = len(percents.columns)
    data = percents.astype(float).round(1).rename_axis("").reset_index(names="Crime type")
    return draw_chart(
        draw,
        heading,
        alt=alt,
        data=data,
        height=BAR * len(names) + LEGEND * -(-rows // 2) + 0.5,
        narrow_height=NARROW_BAR * len(names) + LEGEND * rows + 0.5,
    )
