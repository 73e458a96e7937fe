"""One page over all areas: a table of reports that can be sorted and searched, and tables of questions."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from hcsp_assess import __version__
from hcsp_assess.files import legible
from hcsp_assess.report.pages import render_page

TEMPLATE = "overview.html.j2"


@dataclass(frozen=True)
class Cell:
    """A cell of a table.

    Attributes
    ----------
    lines : tuple of str
        What it says; the first line is the largest. Plain text, from files too: it is escaped.
    order : str or None
        What it is sorted by, if that is not its text; "" comes last.
    link : str
        Where its first line leads to, from the page.
    mark : str
        "failed", "damaged" or "good" for the state of a report.
    """

    lines: tuple[str, ...]
    order: str | None = None
    link: str = ""
    mark: str = ""


@dataclass(frozen=True)
class Column:
    """A column: its heading, and how it is set ("number", "middle" or "wide"; "" for short text)."""

    name: str
    kind: str = ""


@dataclass(frozen=True)
class OverviewTable:
    """A table of the page; the first column names the row. One without rows shows its texts alone.

    Attributes
    ----------
    heading, texts : str, tuple of str
        A heading and what is said above the table.
    notes : tuple of str
        What is said under it.
    sortable : bool
        Whether it can be sorted and searched.
    """

    key: str
    caption: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]
    heading: str = ""
    texts: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    sortable: bool = False


@dataclass(frozen=True)
class OverviewPart:
    """A part of the page, with a heading; `number` is how many lines it has, `method` is in a closed panel."""

    key: str
    title: str
    tables: tuple[OverviewTable, ...]
    texts: tuple[str, ...] = ()
    number: int | None = None
    method: tuple[str, ...] = field(default=())


@dataclass(frozen=True)
class OverviewPage:
    """The page over all areas.

    Attributes
    ----------
    title, period : str
        Its heading, and the twelve months in words.
    outcome, about : str
        How the runs went, in one sentence; and what is said before the links to the tables.
    parts : tuple of OverviewPart
        Its parts, in their order.
    made, made_text : datetime.datetime, str
        When it was made, for programs and for readers.
    simulated : str
        What is said about simulated data; "" where there are none.
    """

    title: str
    period: str
    outcome: str
    about: str
    parts: tuple[OverviewPart, ...]
    made: datetime
    made_text: str
    simulated: str = ""


def overview_html(page: OverviewPage) -> str:
    """Return the page over all areas as HTML; it needs no network, and shows every row without its script."""
    return render_page(
        TEMPLATE,
        page=replace(page, title=legible(page.title), period=legible(page.period)),
        parts=[_clean(part) for part in page.parts],
        published=page.made.isoformat(),
        version=__version__,
    )


def _clean(part: OverviewPart) -> OverviewPart:
    """The part without signs that a page may not hold (`files.legible`)."""
    return replace(part, tables=tuple(replace(item, rows=tuple(map(_clean_row, item.rows))) for item in part.tables))


def _clean_row(row: Sequence[Cell]) -> tuple[Cell, ...]:
    return tuple(replace(cell, lines=tuple(map(legible, cell.lines))) for cell in row)
