"""The chart of a year against an earlier spell: one row for each series, a dot and its likely range."""

import textwrap
from collections.abc import Mapping

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from hcsp_assess.report.charts import COLOURS, Chart, Heading, draw_chart
from hcsp_assess.trends.then_and_now import Spell

ROW, NARROW_ROW = 0.3, 0.42  # inches of height for each series
LABEL_WIDTHS = (40, 18)  # characters of a name before it is broken: on a page, on a telephone
TICKS = {0.125: "an eighth", 0.25: "a quarter", 0.5: "half", 1: "the same", 2: "twice", 4: "4 times", 8: "8 times"}
SHORT_TICKS = {0.125: "⅛", 0.25: "¼", 0.5: "½", 1: "same", 2: "2×", 4: "4×", 8: "8×"}
#: Colour, marker and words of each way.
WAYS = {1: ("third", "^", "Clearly more"), -1: ("second", "v", "Clearly fewer"), 0: ("quiet", "o", "Not clear")}


def chart_spells(spells: Mapping[str, Spell], heading: Heading) -> Chart:
    """Chart how many times as many were recorded as in an earlier spell, the largest rise on top.

    Parameters
    ----------
    spells : mapping of str to Spell
        One for each series, by its name for readers.
    heading : Heading
        Its title is the message.
    """
    order = sorted(spells, key=lambda name: spells[name].percent)

    def draw(figure: Figure, narrow: bool) -> None:
        axes = figure.add_subplot()
        for way, (colour, marker, words) in WAYS.items():
            at = [place for place, name in enumerate(order) if spells[name].direction == way]
            found = [spells[order[place]] for place in at]
            low, high = ([1 + getattr(spell, end) / 100 for spell in found] for end in ("low", "high"))
            axes.hlines(at, low, high, color=COLOURS[colour], linewidth=2)
            times = [1 + spell.percent / 100 for spell in found]
            axes.plot(times, at, marker, color=COLOURS[colour], label=words if at else None)
        axes.axvline(1, color=COLOURS["ink"], linewidth=1)
        axes.set_xscale("log")
        _set_ticks(axes, narrow=narrow)
        axes.set_yticks(range(len(order)), [textwrap.fill(name, LABEL_WIDTHS[narrow]) for name in order])
        axes.set_ylim(-0.6, len(order) - 0.4)
        axes.tick_params(axis="y", length=0)
        axes.grid(axis="y", visible=False)
        axes.grid(axis="x", visible=True)
        figure.legend(loc="outside upper left", ncols=1 if narrow else 3)

    data = pd.DataFrame([_line(name, spells[name]) for name in reversed(order)])
    said = "; ".join(f"{row['Series']} {row['Times as many']:g} ({row['Likely range']})" for _, row in data.iterrows())
    return draw_chart(
        draw,
        heading,
        alt=f"Dots with likely ranges, in times as many as then. {said}.",
        data=data,
        height=ROW * len(order) + 1.0,
        narrow_height=NARROW_ROW * len(order) + 1.4,
    )


def _set_ticks(axes: Axes, *, narrow: bool) -> None:
    """Ticks in words, as far as the axis goes."""
    low, high = axes.get_xlim()
    names = SHORT_TICKS if narrow else TICKS
    places = [place for place in names if low <= place <= high]
    axes.set_xticks(places, [names[place] for place in places])
    axes.minorticks_off()


def _line(name: str, spell: Spell) -> dict[str, object]:
    return {
        "Series": name,
        "A month then": round(spell.per_month, 1),
        "A month now": round(spell.assessed_per_month, 1),
        "Times as many": round(1 + spell.percent / 100, 2),
        "Likely range": f"{1 + spell.low / 100:.2f} to {1 + spell.high / 100:.2f}",
    }
