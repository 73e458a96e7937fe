"""Tables as a reader meets them: a caption, one header row, scoped headers, numbers that line up, gaps that say why."""

import html
import re
from dataclasses import dataclass

import pandas as pd

from hcsp_assess.errors import InputError
from hcsp_assess.files import legible

NO_DATA = "no data"
#: A count or percentage as text, or the symbol for one that is hidden.
FIGURE = re.compile(r"[+−-]?[\d,]+(?:\.\d+)?%?|\[[cxz]\]")
SHORT, LONG = 18, 70  # characters up to which a column of text stays on one line, and from which it is given room
SIMULATED_MARK = '<p class="simulated">Simulated data: a demonstration, not a record of real events.</p>'


@dataclass(frozen=True)
class Table:
    """A table for the report and for JupyterLab; the first column names the row.

    Attributes
    ----------
    frame : pandas.DataFrame
        One row per line of the table, printed as it is; numbers get thousands separators, missing values read
        "no data".
    caption : str
        What the table shows: measure, place and period.
    key : str
        Name of the table in links.
    notes : tuple of str
        Notes printed under the table.
    simulated : bool
        Whether any of the data are simulated.
    folded : str
        For a long table: the line that opens it; "" shows it at once.
    """

    frame: pd.DataFrame
    caption: str
    key: str
    notes: tuple[str, ...] = ()
    simulated: bool = False
    folded: str = ""

    def __post_init__(self) -> None:
        if not self.caption.strip():
            raise InputError(f"table {self.key!r} has no caption: say what it shows")
        if not self.frame.columns.is_unique:
            raise InputError(f"table {self.key!r} has two columns of the same name: {list(self.frame.columns)}")

    def _repr_html_(self) -> str:
        kinds = [_kind(self.frame[column], names_row=not place) for place, column in enumerate(self.frame)]
        head = "".join(
            f'<th scope="col"{_class(kind)}>{escape(column)}</th>'
            for column, kind in zip(self.frame, kinds, strict=True)
        )
        rows = "\n".join(f"<tr>{_row(row, kinds)}</tr>" for row in self.frame.itertuples(index=False, name=None))
        mark = SIMULATED_MARK if self.simulated else ""
        table = f'<table id="{escape(self.key)}"{simulated_attribute(self.simulated)}>'
        notes = "".join(f'<p class="table-note">{escape(note)}</p>' for note in self.notes)
        shown = (
            f'{mark}<div class="table-scroll" role="region" aria-label="{escape(self.caption)}" tabindex="0">'
            f"{table}<caption><span>{escape(self.caption)}</span></caption>\n"
            f"<thead><tr>{head}</tr></thead>\n<tbody>\n{rows}\n</tbody></table></div>{notes}"
        )
        return f"<details><summary>{escape(self.folded)}</summary>{shown}</details>" if self.folded else shown


def simulated_attribute(simulated: bool) -> str:
    """What says of an element that its data are simulated, to a program that reads the page."""
    return " data-simulated" if simulated else ""


def escape(value: object) -> str:
    """Text made safe for HTML text and attributes, without what no page may hold (`files.legible`)."""
    return html.escape(legible(str(value)), quote=True)


def format_value(value: object) -> str:
    """A value as printed in a table: 1,234; 12.5; "no data" for a missing one; text as it is."""
    if value is None or value is pd.NA or (isinstance(value, float) and pd.isna(value)) or value is pd.NaT:
        return NO_DATA
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int) or pd.api.types.is_integer(value):
        return f"{value:,}".replace("-", "−")
    if isinstance(value, float) or pd.api.types.is_float(value):
        return f"{value:,.1f}".replace("-", "−")
    return str(value)


def _kind(column: pd.Series, *, names_row: bool) -> str:
    """How a column is set: numbers and counts as text to the right; short text on one line; long text wrapped."""
    if pd.api.types.is_numeric_dtype(column) and not pd.api.types.is_bool_dtype(column):
        return "number"
    if not names_row and _mostly_figures([format_value(value) for value in column]):
        return "figure"
    longest = column.map(lambda value: len(format_value(value))).max()
    return "short" if longest <= SHORT else "long" if longest >= LONG else ""


def _mostly_figures(cells: list[str]) -> bool:
    """Whether at least half of the cells are figures, and the others say in words why they have none."""
    others = [cell for cell in cells if not FIGURE.fullmatch(cell)]
    return 2 * len(others) <= len(cells) and bool(cells) and not any(re.search(r"\d", cell) for cell in others)


def _class(kind: str) -> str:
    return f' class="{kind}"' if kind else ""


def _row(row: tuple[object, ...], kinds: list[str]) -> str:
    return "".join(_cell(position, value, kind) for position, (value, kind) in enumerate(zip(row, kinds, strict=True)))


def _cell(position: int, value: object, kind: str) -> str:
    text = escape(format_value(value))
    if position == 0:
        return f'<th scope="row"{_class(kind)}>{text}</th>'
    return f"<td{_class(kind)}>{text}</td>"
