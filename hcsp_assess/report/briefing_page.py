"""A briefing as a page of its own: two sides of A4 for a committee, in the style of the report."""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from markupsafe import Markup

from hcsp_assess.assessment.findings import Finding
from hcsp_assess.report.charts import Chart
from hcsp_assess.report.html import parse_html
from hcsp_assess.report.key_panel import KeyPanel
from hcsp_assess.report.pages import render_page
from hcsp_assess.report.pdf import count_pages, print_pdf
from hcsp_assess.report.tables import Table, escape

#: Sides of A4 that a briefing has at most.
MOST_PAGES = 2
Shown = Finding | Table | Chart | KeyPanel | str


@dataclass(frozen=True)
class Part:
    """What is under one heading of a briefing.

    Attributes
    ----------
    heading : str
        Heading of level 2.
    items : tuple
        Findings, tables, charts, key figures, and paragraphs of plain text.
    wide : bool
        Whether it takes the whole width; other parts are set in two columns where there is room.
    key : str
        Its anchor; "" where no link leads to it.
    """

    heading: str
    items: tuple[Shown, ...]
    wide: bool = False
    key: str = ""


@dataclass(frozen=True)
class Briefing:
    """A briefing of a year or a quarter, or the page of a ward or town.

    Attributes
    ----------
    name : str
        Name of its files without their ending, such as "briefing" or "central-ward".
    title, area_name, period : str
        What is in the masthead.
    lead : tuple of Finding
        The message, before everything else.
    parts : tuple of Part
        In their order.
    mark : str
        Which of its figures are simulated, said once; "" where none is.
    notes : tuple of str
        Printed small at the end: sources, and where the rest is to be found.
    """

    name: str
    title: str
    area_name: str
    period: str
    lead: tuple[Finding, ...]
    parts: tuple[Part, ...]
    mark: str = ""
    notes: tuple[str, ...] = ()


def briefing_page(briefing: Briefing, *, published: str, published_text: str, contact: str, report: str = "") -> str:
    """Return a briefing as a self-contained page.

    Parameters
    ----------
    published, published_text : str
        When it was made: as machines and as people read it.
    contact : str
        Who answers questions about it.
    report : str
        Where the report is from the page; "" for no link.
    """
    texts: dict[str, Any] = {
        "briefing": briefing,
        "body": _body(briefing),
        "published": published,
        "published_text": published_text,
        "contact": contact,
        "report": report,
    }
    return render_page("briefing.html.j2", **texts)


def print_briefing(page: str, browser: Path, most: int = MOST_PAGES) -> bytes:
    """Print a briefing to PDF; where it takes more pages than it may, again with smaller letters and map.

    Raises
    ------
    InputError
        As `pdf.print_pdf`.
    """
    printed = print_pdf(page, browser)
    if count_pages(printed) <= most:
        return printed
    return print_pdf(page.replace('<body class="briefing">', '<body class="briefing tight">', 1), browser)


def _body(briefing: Briefing) -> Markup:
    """What is between masthead and footer."""
    html = [f'<div class="lead">{"".join(map(_show, briefing.lead))}</div>'] if briefing.lead else []
    for part in briefing.parts:
        kind, anchor = "part wide" if part.wide else "part", f' id="{part.key}"' if part.key else ""
        shown = "".join(map(_show, part.items))
        html.append(f'<div class="{kind}"{anchor}><h2>{escape(part.heading)}</h2>{shown}</div>')
    made = parse_html("\n".join(html))
    anchors = {str(item["id"]) for item in made.soup.select("[id]")}
    for link in made.soup.select('a[href^="#"]'):
        if str(link["href"])[1:] not in anchors:  # it leads to a place in the report
            link.unwrap()
    return Markup(str(made))  # noqa: S704 - escaped by its makers


def _show(item: Shown) -> str:
    """Show an item without links into the report, method and marks: the first two are in the report, the last above."""
    if isinstance(item, str):
        return f"<p>{escape(item)}</p>"
    if isinstance(item, KeyPanel):
        return KeyPanel([replace(figure, link="") for figure in item.figures])._repr_html_()
    if isinstance(item, Finding):
        item = replace(item, links={}, sources=(), method="")
    return replace(item, simulated=False)._repr_html_()
