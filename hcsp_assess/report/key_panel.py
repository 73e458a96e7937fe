"""The panel of key figures that opens a summary: each with a small chart, its change, and how sure that is."""

from collections.abc import Sequence
from dataclasses import dataclass

from hcsp_assess.assessment.key_figures import KeyFigure
from hcsp_assess.report.tables import escape
from hcsp_assess.report.two_audiences import Shown

WIDTH, HEIGHT, GAP = 120.0, 36.0, 0.25  # of a small chart; the gap is a share of a bar's width
#: Signs before the words of certainty, so that no meaning rests on colour.
SIGNS = {"rise": "▲", "fall": "▼", "": "–"}


@dataclass(frozen=True)
class KeyPanel:
    """Key figures as a reader meets them: a list of cards, three in a row on a desk, one on a telephone.

    Attributes
    ----------
    figures : sequence of KeyFigure
        In their order.
    mark_published : bool
        Whether figures that are not simulated say so, where others of the edition are simulated.
    """

    figures: Sequence[KeyFigure]
    mark_published: bool = False

    def _repr_html_(self) -> str:
        cards = "\n".join(_card(item, mark=self.mark_published) for item in self.figures)
        return f'<ul class="key-figures" aria-label="Key figures">\n{cards}\n</ul>'


@dataclass(frozen=True)
class NumberedKey:
    """A map, and under it the names of the places that are numbered on it, in columns where there is room."""

    shown: Shown
    title: str
    names: Sequence[str]

    def _repr_html_(self) -> str:
        items = "".join(f"<li>{escape(name)}</li>" for name in self.names)
        return (
            f'{self.shown._repr_html_()}\n<p class="map-key-title">{escape(self.title)}</p>'
            f'<ol class="map-key">{items}</ol>'
        )


def _card(item: KeyFigure, *, mark: bool) -> str:
    comparison = f'<p class="key-comparison">{escape(item.comparison)}.</p>' if item.comparison else ""
    link = (
        f'<p class="key-link"><a href="{escape(item.link)}" aria-label="Details: {escape(item.name)}">Details</a></p>'
        if item.link
        else ""
    )
    simulated = " data-simulated" if item.simulated else ""
    change = item.change[:1].upper() + item.change[1:]
    published = '<p class="as-published">As published</p>' if mark and not item.simulated else ""
    return (
        f'<li class="key-figure" id="key-{escape(item.key.replace("_", "-"))}"{simulated}>{published}'
        f'<p class="key-name">{escape(item.name)}</p>'
        f'<p class="key-number"><strong>{escape(item.value)}</strong> {escape(item.unit)}</p>'
        f"{draw_bars(item)}"
        f'<p class="key-change">{escape(change)}.</p>'
        f'<p class="key-certainty"><span aria-hidden="true">{SIGNS[item.direction]}</span> '
        f'<a href="#how-sure">{escape(item.certainty_words)}</a></p>{comparison}{link}</li>'
    )


def draw_bars(item: KeyFigure) -> str:
    """Draw a figure's points as small bars, the last one in the main colour; "" for fewer than two.

    A period without a figure is a dash on the ground line. The scale begins at zero.

    Examples
    --------
    >>> figure = KeyFigure("k", "Crime", "2", "crimes", "fewer", "", "clear", "fall", (("2023", 4.0), ("2025", 2.0)))
    >>> draw_bars(figure).count("<rect")
    2
    """
    values = [value for _, value in item.points]
    known = [value for value in values if value is not None]
    if len(known) < 2 or max(known) <= 0:
        return ""
    step, top = WIDTH / len(values), max(known)
    bars = []
    for place, value in enumerate(values):
        left, wide = step * (place + GAP / 2), step * (1 - GAP)
        high = 1.5 if value is None else max(HEIGHT * value / top, 1.0)
        role = "grid" if value is None else "main" if place == len(values) - 1 else "quiet"
        bars.append(
            f'<rect x="{left:.1f}" y="{HEIGHT - high:.1f}" width="{wide:.1f}" height="{high:.1f}" '
            f'style="fill: var(--chart-{role}, {_COLOURS[role]})"/>'
        )
    first, last = escape(_short(item.points[0][0])), escape(_short(item.points[-1][0]))
    return (
        f'<svg class="key-chart" viewBox="0 0 {WIDTH:.0f} {HEIGHT:.0f}" preserveAspectRatio="none" role="img" '
        f'aria-label="{escape(item.alt)}" xmlns="http://www.w3.org/2000/svg">{"".join(bars)}</svg>'
        f'<p class="key-ends" aria-hidden="true"><span>{first}</span><span>{last}</span></p>'
    )


def _short(period: str) -> str:
    """A period as there is room for under a small chart: "Apr to Jun 2011"."""
    shorter = period.replace("the year to", "year to")
    for month in _MONTHS:
        shorter = shorter.replace(month, month[:3])
    return shorter


_MONTHS = (
    "January", "February", "March", "April", "June", "July", "August", "September", "October", "November", "December",
)  # fmt: skip
_COLOURS = {"main": "#12436d", "quiet": "#8c8c8c", "grid": "#d9d9d8"}
