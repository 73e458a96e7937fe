"""Maps of small areas: every area drawn once, towns drawn larger beside, class breaks stated, no tiles.

Plain matplotlib paths from the reference geography, in the style of `report.charts`. Class colours are the Analysis
Function's sequential palette, which reads in grey and with any colour vision; they stay the same in dark mode, so that
a class looks the same everywhere.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import pairwise
from textwrap import fill
from typing import TYPE_CHECKING, Any

import matplotlib as mpl
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import PathPatch, Rectangle
from matplotlib.path import Path

from hcsp_assess.errors import InputError
from hcsp_assess.report.charts import COLOURS, Chart, Draw, Heading, draw_chart
from hcsp_assess.report.map_numbers import TEXT, Box, Mark, Numbered, draw_numbers, place_numbers
from hcsp_assess.sources.geography import METRES, Geography, Inset

if TYPE_CHECKING:
    import geopandas as gpd

#: From low to high: the Analysis Function's sequential palette.
SEQUENTIAL = ("#add1f1", "#6bace6", "#2073bc", "#12436e", "#092135")
PLAIN = "#eef0f1"  # areas of no class, and areas with too few records, which are hatched as well
HATCH = "/////"
LINE, EDGES = "#ffffff", "#767676"  # fixed, as the class colours are: the same in both colour schemes
MOST_CLASSES = len(SEQUENTIAL)
DETAIL = {False: 300.0, True: 500.0}  # of lines on the wide and on the narrow map: root of the area given up, metres
INSET_DETAIL = 80.0
EDGE = 200.0  # metres by which areas in an inset reach over its frame, so that cut edges are not seen
SMALL = (3.4, 6.75)  # inches of a small map, wide and narrow
TITLE = 0.25  # inches above an inset for its name


@dataclass(frozen=True)
class Classes:
    """Which class each place is in, and what each class is.

    Attributes
    ----------
    labels : tuple of str
        What each class is, lowest first.
    of : pandas.Series
        Number of its class by place, from 0; -1 where there are too few records to say.
    colours : tuple of str
        Fill of each class.
    few : str
        What -1 means, for the legend.
    """

    labels: tuple[str, ...]
    of: pd.Series
    colours: tuple[str, ...]
    few: str = "too few to say"

    def sizes(self) -> dict[str, int]:
        """Places in each class, those with too few last; they add up to all places."""
        sizes = {label: int((self.of == number).sum()) for number, label in enumerate(self.labels)}
        return sizes | {self.few: int((self.of == -1).sum())}


#: Shares of places below each break where a few places have most of what there is: equal classes would hide which.
SKEWED = (0.5, 0.8, 0.95, 0.99)


def choose_breaks(values: pd.Series, *, classes: int = 5, shares: Sequence[float] = ()) -> tuple[float, ...]:
    """Return the lower limits of the second class and those above: quantiles, rounded to two figures.

    Parameters
    ----------
    values : pandas.Series
        One number per place; missing ones do not count.
    classes : int
        At most five. There are fewer where rounded quantiles coincide.
    shares : sequence of float
        Shares of places below each break, such as `SKEWED`; by default classes of about the same size.

    Raises
    ------
    InputError
        If there are no values, or one is not finite.
    """
    known = values.dropna().astype(float)
    if known.empty or not np.isfinite(known).all():
        raise InputError("class breaks need at least one value, and finite ones only")
    if not 2 <= classes <= MOST_CLASSES:
        raise InputError(f"a map has 2 to {MOST_CLASSES} classes, not {classes}: more cannot be distinguished")
    quantiles = np.quantile(known, list(shares) or np.arange(1, classes) / classes)
    rounded = sorted({float(f"{quantile:.2g}") for quantile in quantiles})
    return tuple(limit for limit in rounded if known.min() < limit <= known.max())


def class_by_breaks(
    values: pd.Series,
    breaks: Sequence[float],
    *,
    too_few: pd.Series | None = None,
    few: str = "too few to say",
    whole: bool = False,
) -> Classes:
    """Put each place in its class: under the first limit, from each limit to under the next, from the last on.

    Parameters
    ----------
    values : pandas.Series
        One number per place.
    breaks : sequence of float
        Rising lower limits of the second class and those above.
    too_few : pandas.Series of bool, optional
        Places whose number may not be read; places without a number are added.
    few : str
        What those are, for the legend.
    whole : bool
        Whether values and breaks are whole numbers, so that a class reads "1 to 4" and not "1 to under 5".

    Raises
    ------
    InputError
        If the breaks do not rise, or there are more classes than colours.
    """
    limits = [float(limit) for limit in breaks]
    if limits != sorted(set(limits)) or len(limits) >= MOST_CLASSES:
        raise InputError(f"class breaks must rise and be fewer than {MOST_CLASSES}: {limits}")
    number = pd.Series(np.searchsorted(limits, values.astype(float), side="right"), index=values.index)
    unreadable = values.isna() if too_few is None else values.isna() | too_few.reindex(values.index).fillna(value=False)
    labels = _name_classes(limits, whole=whole)
    spread = {1: (1,), 2: (0, 2), 3: (0, 2, 3), 4: (0, 1, 2, 3)}.get(len(labels), range(MOST_CLASSES))
    return Classes(labels, number.mask(unreadable, -1), tuple(SEQUENTIAL[place] for place in spread), few)


def _name_limits(limits: list[float]) -> list[str]:
    """Write limits with two decimals, or as many more as it takes to tell them from each other and from zero."""
    for decimals in range(2, 16):
        said = [f"{limit:,.{decimals}f}".rstrip("0").rstrip(".") for limit in limits]
        if len(set(said)) == len(said) and all(
            (text in ("0", "-0")) == (limit == 0) for text, limit in zip(said, limits, strict=True)
        ):
            return said
    return [repr(limit) for limit in limits]


def _name_classes(limits: list[float], *, whole: bool) -> tuple[str, ...]:
    """Say what each class between limits holds."""
    said = _name_limits(limits)
    if not said:
        return ("all the same",)
    if not whole:
        middle = [f"{low} to under {high}" for low, high in pairwise(said)]
        return (f"under {said[0]}", *middle, f"{said[-1]} or more")
    spans = [(0.0, limits[0]), *pairwise(limits)]
    named = [f"{low:,.0f}" if high - low <= 1 else f"{low:,.0f} to {high - 1:,.0f}" for low, high in spans]
    return (*named, f"{said[-1]} or more")


def class_by_kind(kinds: pd.Series, order: Sequence[str], *, few: str = "") -> Classes:
    """Put each place in the class of its kind; the first of `order` is drawn plain, the others darker and darker.

    Parameters
    ----------
    kinds : pandas.Series of str
        Kind of each place.
    order : sequence of str
        Every kind that has a class, lowest first.
    few : str
        The kind that means too few records; "" for none.

    Raises
    ------
    InputError
        If a place has a kind that is not in the order, or there are too many.
    """
    known = {kind: number for number, kind in enumerate(order)} | ({few: -1} if few else {})
    strange = kinds[~kinds.isin(list(known))]
    if len(strange):
        raise InputError(f"{strange.index[0]} is of kind {strange.iloc[0]!r}, which the map has no class for")
    shades = {1: (), 2: (2,), 3: (1, 3), 4: (0, 2, 4)}.get(len(order))
    if shades is None:
        raise InputError(f"a map of kinds has 1 to 4 of them, not {len(order)}")
    return Classes(tuple(order), kinds.map(known).astype(int), (PLAIN, *(SEQUENTIAL[n] for n in shades)), few)


def chart_map(
    places: Geography,
    classes: Classes,
    heading: Heading,
    *,
    what: str,
    alt: str,
    data: pd.DataFrame,
    numbered: Numbered | None = None,
) -> Chart:
    """Map the small areas of an area by class, with its towns drawn larger, a legend, a scale bar and north.

    Parameters
    ----------
    classes : Classes
        With every small area of the geography, and no other.
    data : pandas.DataFrame
        The table under the map.
    what : str
        What the classes are classes of; heads the legend.
    alt : str
        What the map shows, in words; see `describe_extremes`. Classes and their sizes are added to it.
    numbered : Numbered, optional
        Which small areas are numbered, and whether the map is a small one.

    Raises
    ------
    InputError
        If the classes leave out a small area or have one that is not on the map.
    """
    differ = sorted(set(classes.of.index) ^ set(places.table.index))
    if differ:
        raise InputError(f"{len(differ)} small areas are only on the map or only in the figures, such as {differ[0]}")
    sizes = "; ".join(f"{label}: {size}" for label, size in classes.sizes().items() if label and size)
    classes_of = f"{what[0].lower()}{what[1:]}"
    credited = f"{heading.source}. Map: {_map_credit(places)}"
    numbered = numbered or Numbered()
    drawing = make_drawing(places, classes, "" if numbered.small else what, numbered.numbers)
    return draw_chart(
        drawing,
        replace(heading, source=credited),
        alt=f"Map of {len(classes.of)} small areas of {places.area.name}. {alt} Areas by {classes_of}: {sizes}.",
        data=data,
        height=SMALL[0] if numbered.small else 4.75,
        narrow_height=SMALL[1] if numbered.small else 8.4,
    )


def _map_credit(places: Geography) -> str:
    """The credit for boundaries: what the attribution says before it turns to other figures."""
    return re.split(r"(?<=[.]) (?=Indices of|Rural-urban|Names of)", places.attribution.removeprefix("Source: "))[0]


def describe_extremes(values: pd.Series, names: pd.Series, unit: str, *, show: int = 3) -> str:
    """Say which places have the highest values and which the lowest: a map's message for who cannot see it."""
    ordered = values.dropna().astype(float).sort_values(ascending=False, kind="stable")
    if ordered.empty:
        return "No small area has enough records to say."
    top = ", ".join(f"{names[str(code)]} ({value:,.0f})" for code, value in ordered.head(show).items())
    return f"Highest, {unit}: {top}. Lowest: {names[str(ordered.index[-1])]} ({ordered.iloc[-1]:,.0f})."


def make_drawing(places: Geography, classes: Classes, what: str, numbers: Mapping[str, int] | None = None) -> Draw:
    """Return what draws the map on an empty figure, wide or narrow; each area is a patch whose gid is its code.

    Without words on what the classes are, `what`, there is no legend.
    """
    marks = place_numbers(places, numbers or {})

    @mpl.rc_context({"hatch.color": EDGES})
    def draw(figure: Figure, narrow: bool) -> None:
        figure.set_layout_engine(None)
        boxes = [_box(inset) for inset in places.insets]
        layout = _layout(figure, [box[2] / box[3] for box in boxes], narrow=narrow)
        axes = figure.add_axes(layout["map"])
        _fill(axes, _outlines(places, DETAIL[narrow]), classes)
        _frame(axes, places.boundaries().total_bounds)
        _name_towns(axes, places, boxes, marks, narrow=narrow)
        draw_numbers(axes, [mark for mark in marks if not any(mark.inside(box) for box in boxes)])
        _scale_bar(axes, 10_000, plate=False)
        _north(axes)
        for number, (inset, box) in enumerate(zip(places.insets, boxes, strict=True)):
            beside = figure.add_axes(layout[f"inset {number}"], label=inset.name)
            _fill(beside, _outlines(places, INSET_DETAIL, box), classes)
            _draw_inset(beside, inset, box)
            draw_numbers(beside, [mark for mark in marks if mark.inside(box)])
        if what:
            _legend(figure, layout["legend"], classes, what)

    return draw


def _layout(figure: Figure, shapes: list[float], *, narrow: bool) -> dict[str, Any]:
    """Where map, legend and insets stand, as shares of the figure: the first inset large, the others stacked beside."""
    width, height = figure.get_size_inches()
    left, wide, tall = (0.0, width, 2.75) if narrow else (0.555 * width, 0.445 * width, 3.1)
    found: dict[str, Any] = {"map": (0.0, 1 - 3.85 / height, 1.0, 3.85 / height) if narrow else (0.0, 0.0, 0.54, 1.0)}
    found["legend"] = (0.01, 1 - 3.95 / height) if narrow else (0.56, 0.995)
    others = max(len(shapes) - 1, 0)
    first = 0.64 * wide if others else wide
    slots = [(0.0, 0.0, first, tall)]
    slots += [(first, tall * number / others, wide - first, tall / others) for number in reversed(range(others))]
    for number, (shape, (start, low, across, up)) in enumerate(zip(shapes, slots, strict=False)):
        fit = min(across - 0.12, (up - TITLE) * shape)
        raised = low + up - TITLE - fit / shape  # insets hang from the top of their slots
        found[f"inset {number}"] = ((left + start) / width, (raised + 0.02) / height, fit / width, fit / shape / height)
    return found


def _fill(axes: Axes, outlines: Mapping[str, Path], classes: Classes) -> None:
    """Draw each small area once in the colour of its class."""
    for code, outline in outlines.items():
        number = int(classes.of[code])
        few = number < 0
        patch = PathPatch(
            outline,
            facecolor=PLAIN if few else classes.colours[number],
            edgecolor=EDGES if few or classes.colours[number] == PLAIN else LINE,
            hatch=HATCH if few else None,
            linewidth=0.4,
            gid=code,
        )
        axes.add_artist(patch)  # as add_patch, without searching for limits, which are set beside


@lru_cache(maxsize=32)
def _outlines(places: Geography, metres: float, box: Box | None = None) -> dict[str, Path]:
    """Outline of each small area by its code; in an inset of those that reach into it, cut outside its frame."""
    shapes = _simplified(places, metres)
    if box is not None:
        left, bottom, width, height = box
        shapes = shapes.clip_by_rect(left - EDGE, bottom - EDGE, left + width + EDGE, bottom + height + EDGE)
        shapes = shapes[~shapes.is_empty]
    return {str(code): _path(shape) for code, shape in shapes.items()}


@lru_cache(maxsize=8)
def _simplified(places: Geography, metres: float) -> "gpd.GeoSeries":
    """Simplify lines that neighbours share in the same way for both, so that no gap opens between them."""
    from shapely import coverage_simplify

    simple = places.boundaries().geometry.copy()
    simple[:] = coverage_simplify(simple.to_numpy(), metres)
    return simple.set_crs(METRES, allow_override=True)


def _path(shape: Any) -> Path:
    """One path of all rings of a shape."""
    parts = getattr(shape, "geoms", [shape])
    rings = [ring for part in parts for ring in (part.exterior, *part.interiors)]
    return Path.make_compound_path(*(Path(np.asarray(ring.coords)[:, :2], closed=True) for ring in rings))


@lru_cache(maxsize=32)
def _box(inset: Inset) -> Box:
    """Left, bottom, width and height of an inset in metres."""
    import geopandas as gpd
    from shapely import box

    west, south, east, north = gpd.GeoSeries([box(*inset.bounds)], crs=4326).to_crs(METRES).total_bounds
    return float(west), float(south), float(east - west), float(north - south)


def _frame(axes: Axes, bounds: Sequence[float], margin: float = 0.01) -> None:
    west, south, east, north = bounds
    pad = margin * max(east - west, north - south)
    axes.set_xlim(west - pad, east + pad)
    axes.set_ylim(south - pad, north + pad)
    axes.set_aspect("equal", anchor="NW")
    axes.set_axis_off()


def _draw_inset(axes: Axes, inset: Inset, box: Box) -> None:
    left, bottom, width, height = box
    axes.set_xlim(left, left + width)
    axes.set_ylim(bottom, bottom + height)
    axes.set_aspect("equal", anchor="SW")
    axes.set(xticks=[], yticks=[], facecolor="none")
    axes.grid(visible=False)
    axes.spines[:].set(visible=True, color=COLOURS["ink"], linewidth=0.8)
    axes.set_title(inset.name, fontsize=9.5, pad=2.5)
    _scale_bar(axes, 1_000, plate=True)


def _name_towns(axes: Axes, places: Geography, boxes: list[Box], marks: Sequence[Mark], *, narrow: bool) -> None:
    """Name each market town and each town that is drawn larger, above its place; frame what is drawn larger."""
    tops: dict[str, tuple[float, float]] = {}
    towns = places.table["market_town"]
    shapes = places.boundaries().geometry
    for town in sorted(set(towns) - {""}):
        here = shapes[towns[towns == town].index]
        middle = here[here.area.idxmin()]  # the smallest of its areas is the most built-up
        tops[town] = (middle.centroid.x, middle.bounds[3])
    for inset, (left, bottom, width, height) in zip(places.insets, boxes, strict=True):
        framed = Rectangle((left, bottom), width, height, fill=False, edgecolor=TEXT, linewidth=0.9)
        axes.add_patch(framed)
        nearby = [town for town in tops if inset.name.startswith(town) or town.startswith(inset.name)]
        for town in nearby:
            del tops[town]
        tops[inset.name] = (left + width / 2, bottom + height)
    plate = {"facecolor": "#ffffff", "edgecolor": "none", "alpha": 0.85, "pad": 1.0}
    for town, (across, up) in tops.items():
        size = 8.5 if narrow else 9
        raised = 1900 if any(mark.within(3000, across, up) for mark in marks) else 500
        axes.text(across, up + raised, town, ha="center", va="bottom", fontsize=size, color=TEXT, bbox=plate)


def _scale_bar(axes: Axes, metres: int, *, plate: bool) -> None:
    """Draw a bar of a round length at the lower left under its length in words; on areas, on a plate of its own."""
    left, bottom = axes.get_xlim()[0], axes.get_ylim()[0]
    inch = (axes.get_xlim()[1] - left) / (axes.get_position().width * axes.get_figure().get_size_inches()[0])  # type: ignore[union-attr]
    start, up, colour = left + 0.1 * inch, bottom + 0.09 * inch, TEXT if plate else COLOURS["ink"]
    if plate:
        wide = max(metres + 0.2 * inch, 0.52 * inch)
        axes.add_patch(Rectangle((left, bottom), wide, 0.33 * inch, facecolor="#ffffff", edgecolor="none", zorder=3))
    axes.plot([start, start + metres], [up, up], color=colour, linewidth=2.2, solid_capstyle="butt", zorder=4)
    words = f"{metres // 1000} km"
    axes.text(start, up + 0.05 * inch, words, va="bottom", fontsize=8.5, color=colour, zorder=4)


def _north(axes: Axes) -> None:
    arrow = {"arrowstyle": "-|>", "color": COLOURS["ink"], "linewidth": 1.2}
    at, below = (0.05, 0.99), (0.05, 0.91)
    axes.annotate("", xy=at, xytext=below, xycoords="axes fraction", arrowprops=arrow)
    axes.text(0.05, 0.905, "N", transform=axes.transAxes, ha="center", va="top", fontweight="bold")


def _legend(figure: Figure, corner: tuple[float, float], classes: Classes, what: str) -> None:
    """Say what each class is and how many areas are in it; the same order as the classes, too few to say last."""
    sizes = classes.sizes()
    edge: dict[str, Any] = {"edgecolor": EDGES, "linewidth": 0.6}
    handles = [
        Rectangle((0, 0), 1, 1, facecolor=colour, label=f"{label} ({sizes[label]})", **edge)
        for colour, label in zip(classes.colours, classes.labels, strict=True)
    ]
    if classes.few and sizes[classes.few]:
        label = f"{classes.few} ({sizes[classes.few]})"
        handles.append(Rectangle((0, 0), 1, 1, facecolor=PLAIN, hatch=HATCH, label=label, **edge))
    legend = figure.legend(
        handles=handles, title=fill(f"{what} (and number of areas)", 38), loc="upper left", bbox_to_anchor=corner,
        alignment="left", borderaxespad=0, handlelength=1.6, handleheight=1.1, labelspacing=0.35, borderpad=0,
    )  # fmt: skip
    legend.get_title().set_fontweight("bold")
