"""What a chart is: a message, a drawing in two widths, a text alternative and the data behind it.

Drawings are inline SVG in the style of the Government Analysis Function (`afcharts`): the message as the title,
measure, place and period as the subtitle, the data in a table underneath. Colours become CSS variables and text takes
the page's own font and colour, so that one drawing serves screen, dark mode and print.
"""

import hashlib
import io
import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import matplotlib as mpl
import pandas as pd
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure

from hcsp_assess.errors import InputError
from hcsp_assess.files import legible
from hcsp_assess.report.tables import SIMULATED_MARK, Table, escape, simulated_attribute

#: Colours by role, most from the Analysis Function's palette; each becomes the CSS variable `--chart-<role>`.
COLOURS = {
    "main": "#12436d",  # dark blue
    "second": "#28a197",  # turquoise
    "third": "#801650",  # dark pink
    "fourth": "#f46a25",  # orange
    "quiet": "#8c8c8c",  # past values, context
    "grid": "#d9d9d8",
    "band": "#c9d9e8",  # interval round a line
    "mark": "#f5e9d0",  # months set aside, recording changes
    "ink": "#1d1d1b",  # text and axes
}
WIDE, NARROW = 7.6, 3.3  # inches; at 96 px an inch these fit a desktop column and a 320 px telephone
Draw = Callable[[Figure, bool], None]


@dataclass(frozen=True, kw_only=True)
class Heading:
    """What is printed above and below a chart, whatever it draws.

    Attributes
    ----------
    key : str
        Name of the chart in links and file names, unique within a report.
    title : str
        The message, as a sentence without a full stop.
    subtitle : str
        Measure, place and period.
    source : str
        Where the data come from.
    simulated : bool
        Whether any of the data are simulated; the chart then says so.
    note : str
        What to look for or to bear in mind, printed under the drawing; "" for none.
    """

    key: str
    title: str
    subtitle: str
    source: str
    simulated: bool = False
    note: str = ""


@dataclass(frozen=True, kw_only=True)
class Chart(Heading):
    """A chart as a reader meets it; made by `draw_chart`.

    Attributes
    ----------
    alt : str
        Text alternative: what the drawing shows, for people who cannot see it.
    wide, narrow : str
        SVG elements for a page and for a telephone.
    table : Table
        The data that the chart draws.
    """

    alt: str
    wide: str
    narrow: str
    table: Table

    def _repr_html_(self) -> str:
        mark = SIMULATED_MARK if self.simulated else ""
        note = f'<p class="chart-note">{escape(self.note)}</p>\n' if self.note else ""
        return (
            f'<figure class="chart" id="{escape(self.key)}"{simulated_attribute(self.simulated)}>\n'
            f'<figcaption><strong class="chart-title">{escape(self.title)}</strong>'
            f'<span class="chart-subtitle" style="display:block">{escape(self.subtitle)}</span></figcaption>\n{mark}'
            f'<div class="chart-wide">{self.wide}</div>\n'
            f'<div class="chart-narrow" style="display:none">{self.narrow}</div>\n{note}'
            f'<p class="chart-source">Source: {escape(self.source)}</p>\n'
            f"<details><summary>Data for this chart: {escape(self.title)}</summary>\n"
            f"{self.table._repr_html_()}</details>\n"
            "</figure>"
        )


def draw_chart(
    draw: Draw,
    heading: Heading,
    *,
    alt: str,
    data: pd.DataFrame,
    height: float = 3.4,
    narrow_height: float | None = None,
) -> Chart:
    """Draw a chart in both widths.

    Parameters
    ----------
    draw : callable
        ``draw(figure, narrow)`` puts axes on an empty figure; ``narrow`` is true for the telephone width.
    heading : Heading
        None of its texts may be empty, nor `alt`: a chart without a message or a text alternative is not published.
    alt : str
        Text alternative.
    data : pandas.DataFrame
        What is drawn, one row per mark; becomes the table under the chart.
    height, narrow_height : float
        Heights of the two drawings in inches.

    Raises
    ------
    InputError
        If a text is empty or the data have no rows.
    """
    key, title = heading.key, heading.title
    texts = {"key": key, "title": title, "subtitle": heading.subtitle, "alt": alt, "source": heading.source}
    for name, text in texts.items():
        if not text.strip():
            raise InputError(f"chart {key or title!r} has no {name}: give it one, or leave the chart out")
    if data.empty:
        raise InputError(f"chart {key!r} has no data: say in words that there is nothing to draw")
    wide = _render(draw, key, alt, narrow=False, height=height)
    narrow = _render(draw, key, alt, narrow=True, height=narrow_height or height)
    table = Table(data, caption=f"{title}. {heading.subtitle}", key=f"{key}-data")
    return Chart(**vars(heading), alt=alt, wide=wide, narrow=narrow, table=table)


@lru_cache(maxsize=1)
def chart_style() -> Any:  # matplotlib's own type lists every setting by name
    """matplotlib settings of all charts: the Analysis Function's style with the fonts and sizes of our page."""
    import afcharts

    path = Path(afcharts.__file__).with_name("afcharts.mplstyle")
    style: dict[Any, Any] = dict(mpl.rc_params_from_file(path, use_default_template=False))
    ink, grid = COLOURS["ink"], COLOURS["grid"]
    return style | {
        "font.family": "DejaVu Sans",  # comes with matplotlib: the same layout on every machine; CSS sets the real one
        "font.size": 9.5,
        "axes.labelsize": 9.5,
        "axes.titlesize": 10,
        "axes.titleweight": "bold",
        "axes.titlelocation": "left",
        "xtick.labelsize": 9.5,
        "ytick.labelsize": 9.5,
        "legend.fontsize": 9.5,
        "legend.frameon": False,
        "text.color": ink,
        "axes.labelcolor": ink,
        "axes.titlecolor": ink,
        "xtick.color": ink,
        "ytick.color": ink,
        "xtick.labelcolor": ink,
        "ytick.labelcolor": ink,
        "axes.edgecolor": ink,
        "grid.color": grid,
        "axes.facecolor": "none",
        "figure.facecolor": "none",
        "savefig.facecolor": "none",
        "svg.fonttype": "none",
        "lines.linewidth": 1.8,
        "hatch.color": COLOURS["quiet"],
        "path.simplify": False,
        "text.parse_math": False,  # a name with two dollar signs is not mathematics
    }


def _render(draw: Draw, key: str, alt: str, *, narrow: bool, height: float) -> str:
    """One drawing as an SVG element that can share a page with others."""
    name = f"{key}-{'narrow' if narrow else 'wide'}"
    width = NARROW if narrow else WIDE
    with mpl.rc_context({**chart_style(), "svg.hashsalt": name}):
        figure = Figure(figsize=(width, height), layout="constrained", dpi=72)  # an SVG's own
        FigureCanvasSVG(figure)
        draw(figure, narrow)
        if engine := figure.get_layout_engine():
            engine.execute(figure)
            figure.set_layout_engine(None)  # placed: to save with an engine would draw everything twice
        buffer = io.StringIO()
        figure.savefig(buffer, format="svg", metadata={"Date": None, "Creator": None, "Format": None, "Type": None})
    return _fit_for_page(buffer.getvalue(), name, alt)


_ROLES = {colour: role for role, colour in COLOURS.items()}
_COLOUR = re.compile(rf"((?:fill|stroke): ?)({'|'.join(_ROLES)})\b", flags=re.IGNORECASE)


def _fit_for_page(svg: str, name: str, alt: str) -> str:
    """Turn matplotlib's file into an element: unique ids, CSS colours, the page's font, a text alternative."""
    svg = legible(svg[svg.index("<svg") :])
    svg = re.sub(r"<metadata>.*?</metadata>", "", svg, flags=re.DOTALL)
    svg = re.sub(r"<!--.*?-->|<defs>\s*<style.*?</style>\s*</defs>", "", svg, flags=re.DOTALL)
    prefix = "c" + hashlib.sha256(name.encode()).hexdigest()[:8]
    used = set(re.findall(r"url\(#([^)]+)\)|xlink:href=\"#([^\"]+)\"", svg))
    needed = {first or second for first, second in used}
    svg = re.sub(r' id="([^"]+)"', lambda m: f' id="{prefix}-{m[1]}"' if m[1] in needed else "", svg)
    svg = re.sub(r"url\(#([^)]+)\)", rf"url(#{prefix}-\1)", svg)
    svg = re.sub(r'xlink:href="#([^"]+)"', rf'href="#{prefix}-\1"', svg)
    svg = _COLOUR.sub(lambda m: f"{m[1]}var(--chart-{_ROLES[m[2].lower()]}, {m[2].lower()})", svg)
    svg = svg.replace("'DejaVu Sans'", "var(--chart-font, sans-serif)")
    view = re.search(r'viewBox="([^"]+)"', svg)
    box = view[1] if view else "0 0 100 100"
    opening = f'<svg viewBox="{box}" width="100%" role="img" aria-label="{escape(alt)}" class="drawing" xmlns="http://www.w3.org/2000/svg">'
    svg = re.sub(r"<svg[^>]*>", lambda _: opening, svg, count=1)
    svg = re.sub(r"(\d\.\d\d)\d+", r"\1", svg)  # a hundredth of a point is finer than any screen
    return re.sub(r">\s+<", "><", svg).strip()
