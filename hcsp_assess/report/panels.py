"""Many small charts on one drawing: panels in rows, each with its own scale from zero, margins worked out beforehand.

A panel is no `Axes`: matplotlib's axes measure and place every tick several times, which for twenty panels takes
seconds. Here each label is measured once, and lines of the same kind are one path for all panels.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

import numpy as np
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties
from matplotlib.patches import PathPatch
from matplotlib.path import Path
from matplotlib.textpath import text_to_path
from matplotlib.ticker import MaxNLocator
from matplotlib.transforms import Affine2D, Transform

from hcsp_assess.report.charts import COLOURS

POINT = 1 / 72  # inches
EDGE, TICK = 3 * POINT, 3.5 * POINT  # round a panel with its labels; length of a tick, and from it to its label
LEAST = 0.6  # of the width of its column that the axes of a panel have at the least
OVER = 6 * POINT  # between a panel and its title
LEADING = 1.2  # line height over font size


@dataclass(frozen=True, kw_only=True)
class Panel:
    """One small chart.

    Attributes
    ----------
    title : str
        What it shows; broken into lines that fit. "" where the chart's own title says it.
    span : tuple of float
        Where its horizontal axis begins and ends.
    top : float
        Where its vertical axis, which begins at zero, ends.
    places, names : sequence
        Ticks of the horizontal axis and what is printed under each.
    paint : callable
        ``paint(figure, transform)`` adds to the figure what the panel shows, in the panel's own numbers.
    number : str
        Format of the labels of the vertical axis.
    most : int
        Steps of the vertical axis, at the most.
    """

    title: str
    span: tuple[float, float]
    top: float
    places: Sequence[float]
    names: Sequence[str]
    paint: Callable[[Figure, Transform], None]
    number: str = "{:,.0f}"
    most: int = 4
    heights: tuple[float, ...] = field(init=False)

    def __post_init__(self) -> None:
        ticks = MaxNLocator(self.most, integer=True).tick_values(0, self.top)
        object.__setattr__(self, "heights", tuple(float(tick) for tick in ticks if 0 <= tick <= self.top * (1 + 1e-9)))

    def labels(self) -> list[str]:
        """Labels of the vertical axis, from zero up."""
        return [self.number.format(height) for height in self.heights]


@dataclass(frozen=True)
class Sizes:
    """Font sizes of the panels of one drawing, in points."""

    title: float = 8.5
    across: float = 8
    up: float = 8


@dataclass(frozen=True)
class Place:
    """Where a panel's axes are, in inches from the lower left of the figure, and its title in lines."""

    left: float
    bottom: float
    width: float
    height: float
    title: str


def draw_panels(figure: Figure, panels: Sequence[Panel], columns: int, sizes: Sizes | None = None) -> None:
    """Draw panels row by row on an empty figure.

    Parameters
    ----------
    columns : int
        Panels in a row.
    sizes : Sizes, optional
        Of the fonts.
    """
    sizes = sizes or Sizes()
    figure.set_layout_engine(None)
    width, height = figure.get_size_inches()
    places = place_panels(panels, columns, (float(width), float(height)), sizes)
    _draw_frames(figure, panels, places)
    for panel, place in zip(panels, places, strict=True):
        panel.paint(figure, _inside(panel, place) + figure.dpi_scale_trans)
        _write(figure, panel, place, sizes)


def place_panels(panels: Sequence[Panel], columns: int, size: tuple[float, float], sizes: Sizes) -> list[Place]:
    """Find where panels stand: all of one size, with room for the labels of each column and the titles of each row."""
    least = LEAST * size[0] / columns
    by_column = [panels[number::columns] for number in range(columns)]
    left = [EDGE + max((_left(panel, sizes, least) for panel in column), default=0) for column in by_column]
    right = [EDGE + max((_overhang(panel, -1, sizes, least) for panel in column), default=0) for column in by_column]
    width = (size[0] - sum(left) - sum(right)) / columns
    titles = [break_lines(panel.title, width + right[n % columns], sizes.title) for n, panel in enumerate(panels)]
    starts = [slice(first, first + columns) for first in range(0, len(panels), columns)]
    above = [
        EDGE + (OVER + _tall(titles[row], sizes.title) if any(titles[row]) else _tall(["0"], sizes.up) / 2)
        for row in starts
    ]
    names = [[name for panel in panels[row] for name in panel.names] for row in starts]
    below = [EDGE + 2 * TICK + _tall(row, sizes.across) for row in names]
    height = (size[1] - sum(above) - sum(below)) / len(starts)
    return [
        Place(
            left=sum(left[: n % columns + 1]) + sum(right[: n % columns]) + (n % columns) * width,
            bottom=size[1] - sum(above[: n // columns + 1]) - sum(below[: n // columns]) - (n // columns + 1) * height,
            width=width,
            height=height,
            title=title,
        )
        for n, title in enumerate(titles)
    ]


@lru_cache(maxsize=4096)
def text_width(text: str, size: float, *, bold: bool = False) -> float:
    """Width of one line in inches, in the font that charts are laid out in."""
    font = FontProperties(family="DejaVu Sans", size=size, weight="bold" if bold else "normal")
    return float(text_to_path.get_text_width_height_descent(text, font, ismath=False)[0]) * POINT


def break_lines(text: str, room: float, size: float) -> str:
    """Break a bold title into lines no wider than `room` inches; a word that is wider has a line of its own."""
    lines: list[str] = []
    for word in text.split():
        longer = f"{lines[-1]} {word}" if lines else word
        if lines and text_width(longer, size, bold=True) <= room:
            lines[-1] = longer
        else:
            lines.append(word)
    return "\n".join(lines)


def _left(panel: Panel, sizes: Sizes, least: float) -> float:
    """Inches needed left of a panel's axes: labels of the vertical axis, or half of the first one below."""
    labels = max(text_width(label, sizes.up) for label in panel.labels())
    return max(2 * TICK + labels, _overhang(panel, 0, sizes, least))


def _overhang(panel: Panel, which: int, sizes: Sizes, least: float) -> float:
    """By how much the first or last label below reaches beyond axes that are at least so many inches wide."""
    if not len(panel.places):
        return 0.0
    start, end = panel.span
    inside = panel.places[0] - start if which == 0 else end - panel.places[-1]
    wide = max(text_width(line, sizes.across) for line in panel.names[which].split("\n"))
    return max(wide / 2 - inside / (end - start) * least, 0.0)


def _over(titles: Sequence[str], sizes: Sizes) -> float:
    """Inches needed over the axes of a row: its titles, or half of a label at the top of the vertical axis."""
    return OVER + _tall(titles, sizes.title) if any(titles) else _tall(["0"], sizes.up) / 2


def _tall(texts: Sequence[str], size: float) -> float:
    """Height of the tallest of some texts in inches."""
    return max((1 + LEADING * text.count("\n") for text in texts), default=0) * size * POINT


def _inside(panel: Panel, place: Place) -> Affine2D:
    """From the panel's numbers to inches of the figure."""
    start, end = panel.span
    scaled = Affine2D().translate(-start, 0).scale(place.width / (end - start), place.height / panel.top)
    return scaled.translate(place.left, place.bottom)


def _draw_frames(figure: Figure, panels: Sequence[Panel], places: Sequence[Place]) -> None:
    """Draw gridlines, ticks and axes of all panels."""
    grid, ticks, axes = [], [], []
    for panel, place in zip(panels, places, strict=True):
        right = place.left + place.width
        for up in _heights(panel, place):
            grid.append([(place.left, up), (right, up)])
            ticks.append([(place.left - TICK, up), (place.left, up)])
        ticks += [[(across, place.bottom - TICK), (across, place.bottom)] for across in _acrosses(panel, place)]
        axes.append([(place.left, place.bottom), (right, place.bottom)])
    for lines, colour, width, order in ((grid, "grid", 0.6, 0.5), (ticks, "ink", 0.8, 2.0), (axes, "ink", 1.0, 2.5)):
        path = Path(np.reshape(lines, (-1, 2)), [Path.MOVETO, Path.LINETO] * len(lines))
        figure.add_artist(
            PathPatch(
                path, fill=False, edgecolor=COLOURS[colour], linewidth=width, zorder=order, capstyle="butt",
                transform=figure.dpi_scale_trans,
            )
        )  # fmt: skip


def _heights(panel: Panel, place: Place) -> np.ndarray:
    return place.bottom + np.array(panel.heights) * place.height / panel.top


def _acrosses(panel: Panel, place: Place) -> np.ndarray:
    start, end = panel.span
    return place.left + (np.array(panel.places, dtype=float) - start) * place.width / (end - start)


def _write(figure: Figure, panel: Panel, place: Place, sizes: Sizes) -> None:
    """Write a panel's title and the labels of both axes."""
    title: dict[str, Any] = {"fontsize": sizes.title, "fontweight": "bold", "va": "baseline"}
    up: dict[str, Any] = {"fontsize": sizes.up, "ha": "right", "va": "center_baseline"}
    across: dict[str, Any] = {"fontsize": sizes.across, "ha": "center", "va": "top"}
    written = [(place.left, place.bottom + place.height + OVER, place.title, title)] if place.title else []
    written += [
        (place.left - 2 * TICK, at, label, up) for at, label in zip(_heights(panel, place), panel.labels(), strict=True)
    ]
    written += [
        (at, place.bottom - 2 * TICK, name, across)
        for at, name in zip(_acrosses(panel, place), panel.names, strict=True)
    ]
    for x, y, text, how in written:
        figure.text(x, y, text, transform=figure.dpi_scale_trans, **how)
