"""A chart as PNG, for programs that cannot show SVG such as Word; drawn without a browser and without system fonts."""

import re
from functools import cache, lru_cache
from pathlib import Path

#: How much larger than its own size a drawing is made: 144 pixels an inch, sharp on paper and on screen.
ZOOM = 2
#: A colour or font of the page with what is used where there is no page: var(--chart-main, #12436d).
VARIABLE = re.compile(r"var\(--[\w-]+, ?([^()]+)\)")
FONT = "DejaVu Sans"
FONT_FILES = ("DejaVuSans.ttf", "DejaVuSans-Bold.ttf", "DejaVuSans-Oblique.ttf")


@lru_cache(maxsize=256)  # the public and the restricted edition share most of their charts
def draw_png(drawing: str) -> bytes:
    """Draw an SVG element of the page as PNG on white.

    Parameters
    ----------
    drawing : str
        As `report.charts` makes it; its letters are those that matplotlib measured, so that nothing overlaps.

    Raises
    ------
    ValueError
        If it cannot be drawn.

    Examples
    --------
    >>> small = '<svg viewBox="0 0 4 3"><rect width="4" height="3" fill="var(--chart-main, #12436d)"/></svg>'
    >>> draw_png(small)[:8]
    b'\\x89PNG\\r\\n\\x1a\\n'
    """
    from resvg_py import svg_to_bytes

    svg = VARIABLE.sub(r"\1", drawing).replace(" viewbox=", " viewBox=", 1)
    svg = re.sub(r"(<svg\b[^>]*?) width=\"100%\"", r"\1", svg, count=1)
    if 'xmlns="' not in svg[:2000]:
        svg = svg.replace("<svg", '<svg xmlns="http://www.w3.org/2000/svg"', 1)
    drawn: bytes = svg_to_bytes(
        svg_string=svg,
        zoom=ZOOM,
        background="#ffffff",
        skip_system_fonts=True,
        font_files=_font_files(),
        font_family=FONT,
        sans_serif_family=FONT,
    )
    return drawn


def size_in_points(opening: str) -> tuple[float, float]:
    """Width and height of a drawing from its opening tag, in points.

    Examples
    --------
    >>> size_in_points('<svg viewBox="0 0 547.2 244.8" class="drawing">')
    (547.2, 244.8)
    """
    box = re.search(r'viewbox="[-\d.]+ [-\d.]+ ([\d.]+) ([\d.]+)"', opening, re.IGNORECASE)
    return (float(box[1]), float(box[2])) if box else (547.2, 342.0)


@cache
def _font_files() -> list[str]:
    """The letters that come with matplotlib, with which charts were measured."""
    import matplotlib as mpl

    folder = Path(mpl.get_data_path()) / "fonts" / "ttf"
    return [str(folder / name) for name in FONT_FILES]
