"""An interactive map for JupyterLab: choose a measure and months, and point at an area to read its figures."""

import io
import re
from typing import Any

import ipywidgets as widgets  # type: ignore[import-untyped]
import matplotlib as mpl
import pandas as pd
from matplotlib.figure import Figure

from hcsp_assess.chapters.where.measures import AreaFigures, class_figures, figures_of
from hcsp_assess.edition.opened import open_edition
from hcsp_assess.edition.places import EditionPlaces, open_places
from hcsp_assess.errors import InputError
from hcsp_assess.report.charts import WIDE, chart_style
from hcsp_assess.report.maps import make_drawing
from hcsp_assess.report.tables import SIMULATED_MARK, escape
from hcsp_assess.subject.crime_types import comparable_series


def explore_map(edition: str, measure: str = "recorded_crime") -> widgets.VBox:
    """Return a map to play with: a choice of measure and of months, and figures under the pointer.

    Parameters
    ----------
    edition : str
        Name of the edition, such as "2025".
    measure : str
        Key of the measure shown first.

    Returns
    -------
    ipywidgets.VBox
        Controls above, map below. The same figures, for who cannot point, are in the chapter's tables and in what
        `hcsp-assess map` writes.

    Raises
    ------
    InputError, UsageError
        If there is no such edition or measure.
    """
    where = open_places(open_edition(edition))
    names = [(entry.label, entry.key) for entry in comparable_series()]
    months = [(month.strftime("%B %Y"), month) for month in where.opened.counts("lsoa").dropna().index]
    last = [number for number, (_, month) in enumerate(months) if month in where.opened.edition.span.months]
    chosen = widgets.Dropdown(options=names, value=measure, description="Measure")
    span = widgets.SelectionRangeSlider(
        options=months,
        index=(last[0], last[-1]),
        description="Months",
        continuous_update=False,
        layout=widgets.Layout(width="100%"),
    )
    shown = widgets.HTML(value=_page(where, measure, months[last[0]][1], months[last[-1]][1]))

    def redraw(_: object) -> None:
        shown.value = _page(where, chosen.value, *span.value)

    for control in (chosen, span):
        control.observe(redraw, names="value")
    return widgets.VBox([chosen, span, shown])


def _page(where: EditionPlaces, key: str, first: pd.Period, last: pd.Period) -> str:
    """The map with its heading; or, where there is nothing to map, the reason."""
    asked = [month for month in where.opened.counts("lsoa").dropna().index if first <= month <= last]
    try:
        found = figures_of(where, key, asked)
    except InputError as error:
        return f"<p>{escape(error)}</p>"
    mark = SIMULATED_MARK if where.opened.simulated else ""
    many = f"{len(found.months)} published months" if len(found.months) > 1 else "one month"
    span = f"{many} from {first.strftime('%B %Y')} to {last.strftime('%B %Y')}"
    said = f"{found.label}, {found.unit}, {span}; {found.base}"
    credit = f"Source: {where.opened.source.name}. {where.geography.attribution}"
    drawn = draw_with_titles(where, found)
    return f"<p><strong>{escape(said)}</strong></p>{mark}{drawn}<p><small>{escape(credit)}</small></p>"


def draw_with_titles(where: EditionPlaces, found: AreaFigures) -> str:
    """Draw the map as an SVG element whose areas have titles with their figures; browsers show them under a pointer."""
    draw = make_drawing(where.geography, class_figures(found), found.unit[0].upper() + found.unit[1:])
    with mpl.rc_context({**chart_style(), "svg.hashsalt": "explore"}):
        figure = Figure(figsize=(WIDE, 4.75))
        draw(figure, False)
        buffer = io.StringIO()
        figure.savefig(buffer, format="svg", metadata={"Date": None, "Creator": None, "Format": None, "Type": None})
    svg = buffer.getvalue()
    titles = {str(code): _title(where, found, str(code)) for code in found.counts.index}
    svg = re.sub(r"<metadata>.*?</metadata>", "", svg[svg.index("<svg") :], flags=re.DOTALL)
    return re.sub(
        r'<g id="(E\d{8}|W\d{8})">',
        lambda match: f"<g><title>{escape(titles[match[1]])}</title>" if match[1] in titles else match[0],
        svg,
    )


def _title(where: EditionPlaces, found: AreaFigures, code: str) -> str:
    said = f"{where.labels[code]}: {found.counts[code]:,} records"
    if found.rates is None:
        return said
    row: Any = found.rates.table.loc[code]
    rate = f"{row['rate']:.1f} per {found.rates.per:,.0f} {found.rates.base_name} a year"
    few = "; too few for a rate" if row["too_few"] else ""
    wrong = "; residents are the wrong base here" if row["warning"] else ""
    return f"{said}, {rate} (95% interval {row['low']:.1f} to {row['high']:.1f}){few}{wrong}"
