"""Numbers on a map: 1 to 10 on the busiest places, each where its small area is, with a key under the map."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from math import hypot

from matplotlib.axes import Axes

from hcsp_assess.sources.geography import Geography

TEXT = "#111111"  # fixed, as class colours are: it is on the map in both colour schemes
PLATE = "#ffffff"
Box = tuple[float, float, float, float]  # left, bottom, width and height in metres


@dataclass(frozen=True)
class Mark:
    """A number on the map, and where it is drawn, in metres."""

    number: int
    east: float
    north: float

    def inside(self, box: Box) -> bool:
        """Whether it is in a part of the map that is drawn larger."""
        left, bottom, width, height = box
        return left < self.east < left + width and bottom < self.north < bottom + height

    def within(self, metres: float, east: float, north: float) -> bool:
        """Whether it is so near a point."""
        return hypot(self.east - east, self.north - north) < metres


@dataclass(frozen=True)
class Numbered:
    """Which small areas are numbered on a map, and how large it is.

    Attributes
    ----------
    numbers : mapping of str to int
        Number by code of the small area; a key under the map says what they are.
    small : bool
        Whether the map is drawn lower, without the legend of classes.
    """

    numbers: Mapping[str, int] = field(default_factory=dict)
    small: bool = False


def place_numbers(places: Geography, numbers: Mapping[str, int]) -> list[Mark]:
    """Put each number inside its small area, the highest first, so that the lowest is drawn on top.

    Parameters
    ----------
    numbers : mapping of str to int
        Number by code of the small area.
    """
    shapes = places.boundaries().geometry
    points = {code: shapes[code].representative_point() for code in numbers}
    ordered = sorted(numbers, key=lambda code: -numbers[code])
    return [Mark(numbers[code], float(points[code].x), float(points[code].y)) for code in ordered]


def draw_numbers(axes: Axes, marks: Sequence[Mark]) -> None:
    """Draw numbers on round plates that can be read on any class colour, on screen and in print."""
    plate = {"boxstyle": "circle,pad=0.22", "facecolor": PLATE, "edgecolor": TEXT, "linewidth": 1.0}
    for mark in marks:
        axes.text(
            mark.east,
            mark.north,
            str(mark.number),
            ha="center",
            va="center",
            fontsize=8.5,
            fontweight="bold",
            color=TEXT,
            zorder=6,
            bbox=plate,
        )
