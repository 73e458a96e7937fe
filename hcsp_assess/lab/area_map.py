"""Interactive map of a measure: point at an area to see its records, rate and interval."""

import io
import re
from dataclasses import dataclass
from typing import Any

import matplotlib as mpl
import pandas as pd
from matplotlib.figure import Figure

from hcsp_assess.chapters.where.measures import AreaFigures, class_figures, figures_frame, figures_of
from hcsp_assess.edition.places import EditionPlaces
from hcsp_assess.report.charts import WIDE, chart_style
from hcsp_assess.report.maps import make_drawing
from hcsp_assess.report.tables import SIMULATED_MARK, Table, escape


@dataclass(frozen=True, repr=False)
class AreaMap:
    """An interactive map, with the same figures in a table.

    Attributes
    ----------
    heading : str
        Measure, unit, months and population.
    drawing : str
        SVG element; each small area in it has a title.
    table : Table
        Figures of every small area.
    credit : str
        Where records and boundaries are from.
    simulated : bool
        Whether the records are simulated.
    """

    heading: str
    drawing: str
    table: Table
    credit: str
    simulated: bool

    def _repr_html_(self) -> str:
        mark = SIMULATED_MARK if self.simulated else ""
        return (
            f'<figure class="area-map"><figcaption><strong>{escape(self.heading)}</strong><br>'
            f"Point at an area to read its figures.</figcaption>{mark}\n{self.drawing}\n"
            f"<p><small>{escape(self.credit)}</small></p>\n{self.table._repr_html_()}</figure>"
        )


def map_with_figures(where: EditionPlaces, key: str, months: pd.PeriodIndex) -> AreaMap:
    """Map a measure by small area, as a rate or a count; point at an area to see its figures.

    Parameters
    ----------
    where, key, months
        See `chapters.where.measures.figures_of`, which counts.

    Raises
    ------
    InputError
        If there is no such measure, or none of the months has a comparable value of it.
    """
    found = figures_of(where, key, list(months))
    many = f"{len(found.months)} published months" if len(found.months) > 1 else "one month"
    span = f"{many} from {months[0].strftime('%B %Y')} to {months[-1].strftime('%B %Y')}"
    heading = f"{found.label}, {found.unit}, {span}; {found.base}"
    table = Table(figures_frame(found, where), heading, "area-figures", folded="Figures of every area")
    credit = f"Source: {where.opened.source.name}. {where.geography.attribution}"
    return AreaMap(heading, _draw_with_titles(where, found), table, credit, where.opened.simulated)


def _draw_with_titles(where: EditionPlaces, found: AreaFigures) -> str:
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
    records = f"{where.labels[code]}: {found.counts[code]:,} records"
    if found.rates is None:
        return records
    row: Any = found.rates.table.loc[code]
    rate = f"{row['rate']:.1f} per {found.rates.per:,.0f} {found.rates.base_name} a year"
    few = "; too few for a rate" if row["too_few"] else ""
    wrong = "; visitors are not counted as residents, so the rate misleads" if row["warning"] else ""
    return f"{records}, {rate} (95% interval {row['low']:.1f} to {row['high']:.1f}){few}{wrong}"
