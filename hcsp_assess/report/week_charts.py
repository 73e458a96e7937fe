"""A heat map of the week: a row for each night, a column for each three hours, darker for more."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.colors import ListedColormap, to_rgb
from matplotlib.figure import Figure
from matplotlib.patches import Patch

from hcsp_assess.disclosure import Gated
from hcsp_assess.report.charts import Chart, Heading, draw_chart
from hcsp_assess.report.map_numbers import TEXT
from hcsp_assess.report.maps import LINE, PLAIN, SEQUENTIAL

ROW = 0.34  # inches of height for each day
MOST_COLOURS = 4


def chart_week(gate: Gated, heading: Heading, *, unit: str, say_hour: Callable[[int], str]) -> Chart:
    """Chart counts by night and time of day.

    Parameters
    ----------
    gate : Gated
        Counts past the disclosure gate: rows are days, columns the first hours of the blocks.
    unit : str
        What is counted, for the legend and the text alternative.
    say_hour : callable
        An hour in words.
    """
    counts, least = gate.counts, max(gate.rule.minimum, 1)
    edges = _edges(counts, least)
    classes = np.digitize(_numbers(counts), edges)
    colours = [PLAIN, *_shades(len(edges))]
    hours = [int(hour) for hour in counts.columns]

    def draw(figure: Figure, narrow: bool) -> None:
        axes = figure.add_subplot()
        axes.pcolormesh(classes, cmap=ListedColormap(colours), vmin=0, vmax=len(edges), edgecolor=LINE, linewidth=0.8)
        if not narrow:
            _write_counts(axes, counts, classes, colours)
        _name_axes(axes, list(map(str, counts.index)), hours, say_hour, narrow=narrow)
        labels = [f"Fewer than {least}", *_ranges(edges)]
        patches = [
            Patch(facecolor=colour, edgecolor=LINE, label=label) for colour, label in zip(colours, labels, strict=True)
        ]
        columns = 2 if narrow else len(patches)
        figure.legend(handles=patches, loc="outside upper left", ncols=columns, title=unit, alignment="left")

    table = counts.astype("object").where(counts.notna(), f"fewer than {least}")
    table.columns = pd.Index([f"From {say_hour(hour)}" for hour in hours])
    order = np.argsort(-_numbers(counts), axis=None)[:3]
    places = [divmod(int(place), len(hours)) for place in order]
    named = "; ".join(f"{counts.index[row]} from {say_hour(hours[column])}" for row, column in places)
    alt = f"Heat map of seven nights by eight spells of three hours. {heading.title}. Most {unit.lower()}: {named}."
    height = ROW * len(counts) + 1.2
    data = table.rename_axis("Night that begins on").reset_index()
    return draw_chart(draw, heading, alt=alt, data=data, height=height, narrow_height=height + 0.7)


def _numbers(counts: pd.DataFrame) -> np.ndarray[Any, Any]:
    """Counts as floats; a hidden one is 0."""
    numbers: np.ndarray[Any, Any] = counts.astype("Float64").fillna(0).to_numpy(dtype=float)
    return numbers


def _edges(counts: pd.DataFrame, least: int) -> list[int]:
    """Lower ends of the classes, in steps that double: 5, 20, 40, 80."""
    most = max(float(_numbers(counts).max()), least)
    step = max(5, int(most / 2 ** (MOST_COLOURS - 1) / 5) * 5)
    edges = [least, *(step * 2**power for power in range(MOST_COLOURS - 1) if step * 2**power > least)]
    return sorted({edge for edge in edges if edge <= most} or {least})


def _ranges(edges: list[int]) -> list[str]:
    ends = [*(edge - 1 for edge in edges[1:]), None]
    return [f"{low} to {high}" if high is not None else f"{low} or more" for low, high in zip(edges, ends, strict=True)]


def _shades(number: int) -> list[str]:
    """So many colours of the sequence of the maps, from pale to dark."""
    places = np.linspace(0, len(SEQUENTIAL) - 1, number).round().astype(int) if number > 1 else [len(SEQUENTIAL) - 1]
    return [SEQUENTIAL[place] for place in places]


def _write_counts(axes: Axes, counts: pd.DataFrame, classes: np.ndarray[Any, Any], colours: list[str]) -> None:
    """Each count in its cell, in white on dark colours."""
    for row, (_, line) in enumerate(counts.iterrows()):
        for column, value in enumerate(line):
            if pd.notna(value) and value:
                colour = LINE if _is_dark(colours[classes[row, column]]) else TEXT
                axes.text(column + 0.5, row + 0.5, f"{value:,}", ha="center", va="center", color=colour, fontsize=9)


def _is_dark(colour: str) -> bool:
    """Whether white is easier to read on a colour than black."""
    red, green, blue = to_rgb(colour)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue < 0.45


def _name_axes(axes: Axes, days: list[str], hours: list[int], say_hour: Callable[[int], str], *, narrow: bool) -> None:
    """Days down the side, and hours at the lines between the blocks."""
    shown = [(place, hour) for place, hour in enumerate([*hours, hours[0]]) if not narrow or place % 2 == 0]
    axes.set_xticks([place for place, _ in shown], [say_hour(hour) for _, hour in shown])
    axes.set_yticks([place + 0.5 for place in range(len(days))], [day[:3] if narrow else day for day in days])
    axes.invert_yaxis()
    axes.tick_params(length=0)
    axes.grid(visible=False)
    for side in axes.spines.values():
        side.set_visible(False)
