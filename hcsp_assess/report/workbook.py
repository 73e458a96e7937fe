"""Every table of a report as one accessible spreadsheet, and as CSV; whatever a cell holds arrives as text or a number.

The tables are read from the page itself, so the spreadsheet cannot lack one that a reader sees. The layout is the
Analysis Function's (`gptables`): cover, contents, notes, one table a sheet, one header row, no blank cell.
"""

import csv
import datetime
import io
import re
import tempfile
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pandas as pd
from bs4 import Tag

from hcsp_assess.disclosure import SYMBOLS
from hcsp_assess.errors import InputError
from hcsp_assess.files import inert_text, legible
from hcsp_assess.report.html import Html
from hcsp_assess.report.tables import NO_DATA, Table, format_value

#: xlsxwriter would else make formulas, links and numbers of texts that look like them.
AS_TEXT = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
NOT_AVAILABLE = "[x]"
#: Signs printed in place of a number, with what a legend says of each.
SIGNS = {NOT_AVAILABLE: "no data"} | {sign: text for sign, text in SYMBOLS.items() if sign != NOT_AVAILABLE}
LONGEST_CELL = 32_767  # characters, a limit of the file format
#: A fixed date, so that the same tables give the same file.
CREATED = datetime.datetime(2000, 1, 1)  # noqa: DTZ001 - the format knows no time zone
NUMBER = re.compile(r"[-−]?\d{1,3}(?:,\d{3})*(?:\.\d+)?|[-−]?\d+(?:\.\d+)?")
PLAIN = re.compile(r"(?:0|[1-9]\d{0,2}(?:,\d{3})*)(?:\.\d+)?")  # as the gate prints a count or a percentage
ALPHANUMERIC = re.compile(r"[A-Za-z0-9]")


def read_tables(page: Html) -> tuple[Table, ...]:
    """Read every table of a report's page, in its order.

    Parameters
    ----------
    page : Html
        As `pages.assemble_report` or the executed chapters give it.

    Returns
    -------
    tuple of Table
        Columns that the page sets as numbers hold numbers as printed (rounded, that is), NA where it says "no data".
        So do columns of plain counts and signs such as "[c]", which stay as they are.

    Raises
    ------
    InputError
        If a table has no caption or a row of another length than its header.
    """
    return tuple(_table(number, item) for number, item in enumerate(page.soup.find_all("table"), start=1))


def write_workbook(tables: Sequence[Table], *, title: str, about: Sequence[str], contact: str = "") -> bytes:
    """Return tables as an accessible spreadsheet (xlsx).

    Parameters
    ----------
    title : str
        Title of the cover.
    about : sequence of str
        Paragraphs of the cover: area, period, what the tables are.
    contact : str
        Whom to ask; a role or an address of an office.

    Returns
    -------
    bytes
        The same tables give the same bytes. Text never becomes a formula, a link or a number: a location called
        ``=HYPERLINK(...)`` is shown as those characters.

    Raises
    ------
    InputError
        If there are no tables.
    """
    if not tables:
        raise InputError("there are no tables to write to a workbook: publish the report without one")
    from gptables import Cover
    from gptables.core.api import produce_workbook

    notes = list(dict.fromkeys(_worded(note) for table in tables for note in _notes(table)))
    simulated = any(table.simulated for table in tables)
    marked = ["Simulated records: a demonstration, not a record of real events."] if simulated else []
    how = f"Cells that say {NOT_AVAILABLE} have no data. Figures are as printed in the report."
    lines = [_safe(text) for text in (*marked, *about, how)]
    cover = Cover(
        title=_safe(title), intro=["About these tables"], about=lines, contact=[_safe(contact)] if contact else None
    )
    sheets = {f"Table {number}": _sheet(number, table, notes) for number, table in enumerate(tables, start=1)}
    references = pd.DataFrame(
        {"Note reference": [f"n{number}" for number in range(1, len(notes) + 1)], "Note text": notes}
    )
    with tempfile.TemporaryDirectory() as folder, warnings.catch_warnings(), _links_as_text():
        warnings.simplefilter("ignore")  # gptables says that a workbook without notes has no notes
        path = Path(folder) / "tables.xlsx"
        book = produce_workbook(
            str(path),
            sheets,
            cover=cover,
            notes_table=references if notes else None,
            workbook_options=AS_TEXT,
        )
        book.set_properties({"title": _safe(title), "created": CREATED})
        book.close()
        return path.read_bytes()


@contextmanager
def _links_as_text() -> Iterator[None]:
    """Keep gptables from making a link of every text with "[words](address)" in it, or stopping where it can't.

    It has no option for that. The links from the contents to the sheets are made in another way and stay.
    """
    from gptables.core.wrappers import GPWorksheet

    usual = GPWorksheet.__dict__["_replace_url"]
    GPWorksheet._replace_url = staticmethod(_unchanged)
    try:
        yield
    finally:
        GPWorksheet._replace_url = usual


def _unchanged(text: str) -> str:
    return text


def write_csv(table: Table) -> bytes:
    """Return a table as CSV (UTF-8 with a byte order mark, as spreadsheet programs expect it).

    Texts that a spreadsheet program would run as a formula get an apostrophe in front, as OWASP advises on CSV
    injection; a minus sign of a number does not.
    """
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer, lineterminator="\r\n")
    writer.writerow([text_for_csv(name) for name in table.frame.columns])
    for row in table.frame.itertuples(index=False, name=None):
        writer.writerow([text_for_csv(value) for value in row])
    return buffer.getvalue().encode("utf-8-sig")


def text_for_csv(value: object) -> str:
    """A value as CSV text: a number plain, a missing one empty, a text that could be run as a formula disarmed."""
    if value is None or value is pd.NA or value is pd.NaT or (isinstance(value, float) and pd.isna(value)):
        return ""
    if not isinstance(value, str):
        return str(value)
    return str(inert_text(legible(value)))


def _sheet(number: int, table: Table, notes: list[str]) -> Any:
    from gptables import GPTable

    marks = "".join(f"$$n{notes.index(_worded(note)) + 1}$$" for note in _notes(table))
    frame = table.frame.copy()
    frame.columns = pd.Index(_headings(frame))
    cells = {name: [_cell(value) for value in frame[name]] for name in frame}
    shown = pd.DataFrame(cells, dtype=object, columns=frame.columns)
    used = {value for values in cells.values() for value in values if isinstance(value, str)}
    return GPTable(
        table=shown if len(shown) else _empty(frame),
        table_name=f"table_{number}",
        title=f"Table {number}: {_safe(table.caption)}{marks}",
        subtitles=["Simulated data"] if table.simulated else [],
        instructions="This worksheet contains one table. Notes are on the sheet Notes."
        if marks
        else "This worksheet contains one table.",
        legend=[f"{sign} = {text}" for sign, text in SIGNS.items() if sign in used] or None,
        index_columns={},
    )


def _empty(frame: pd.DataFrame) -> pd.DataFrame:
    return pd.DataFrame({name: [NOT_AVAILABLE] for name in frame.columns}, dtype=object)


def _headings(frame: pd.DataFrame) -> list[str]:
    """Headings as text, none empty and no two alike in the eyes of a spreadsheet program, which ignores case."""
    found: list[str] = []
    for number, name in enumerate(frame.columns, start=1):
        heading = _safe(str(name)).strip()
        if not ALPHANUMERIC.search(heading):
            heading = f"{heading} (column {number})" if heading else f"Column {number}"
        taken = {item.lower() for item in found}
        found.append(heading if heading.lower() not in taken else f"{heading} ({number})")
    return found


def _cell(value: object) -> object:
    """A value as a cell holds it: a number or a text, never a blank."""
    printed = format_value(value)
    if printed in (NO_DATA, ""):
        return NOT_AVAILABLE
    if isinstance(value, bool | str):
        return _worded(printed)
    if pd.api.types.is_integer(value):
        return int(value)
    if pd.api.types.is_float(value):
        return float(value)
    return _safe(printed)


def _safe(text: str) -> str:
    """Text that the file can hold and that gptables does not read as the mark of a note."""
    clean = legible(text).replace("$$", "$\u2060$")
    return clean if len(clean) <= LONGEST_CELL else clean[: LONGEST_CELL - 1] + "…"


def _worded(text: str) -> str:
    """Text as `_safe` makes it; gptables refuses cells and notes of signs alone, such as a dagger."""
    clean = _safe(text)
    return clean if ALPHANUMERIC.search(clean) else f"{clean} (as printed)"


def _notes(table: Table) -> tuple[str, ...]:
    return tuple(note for note in table.notes if note.strip())


def _table(number: int, item: Tag) -> Table:
    caption = item.find("caption")
    if not isinstance(caption, Tag) or not caption.get_text(strip=True):
        raise InputError(f"table {number} of the page has no caption: give it one")
    name = caption.get_text(" ", strip=True)
    header = [cell for head in item.find_all("thead") for cell in head.find_all("th")]
    rows = [row for body in item.find_all("tbody") for row in body.find_all("tr")]
    body = [[cell.get_text() for cell in row.children if isinstance(cell, Tag)] for row in rows]
    if uneven := [row for row in body if len(row) != len(header)]:
        raise InputError(f"the table {name!r} has a row of {len(uneven[0])} cells under {len(header)} headings")
    columns = {}
    for place, cell in enumerate(header):
        values = [row[place] for row in body]
        numeric = "number" in (cell.get("class") or [])
        numbers = pd.array([_number(text) for text in values], dtype="Float64") if numeric else None
        columns[place] = numbers if numbers is not None else _gated(values) if place else values
    frame = pd.DataFrame(columns)
    frame.columns = pd.Index(_unique([cell.get_text() for cell in header]))
    whole = [
        column for column in frame if str(frame[column].dtype) == "Float64" and (frame[column].dropna() % 1 == 0).all()
    ]
    frame = frame.astype(dict.fromkeys(whole, "Int64"))
    region = item.find_parent("div", class_="table-scroll")
    return Table(frame, name, str(item.get("id") or f"table-{number}"), _notes_after(region), _is_simulated(item))


def _gated(values: list[str]) -> list[Any]:
    """A column as the disclosure gate prints it: of counts and signs it is numbers and signs; any other is text."""
    if not all(text in SYMBOLS or PLAIN.fullmatch(text) for text in values):
        return values
    numbers = [text if text in SYMBOLS else float(text.replace(",", "")) for text in values]
    return [int(item) if isinstance(item, float) and item.is_integer() else item for item in numbers]


def _number(text: str) -> float | None:
    return float(text.replace(",", "").replace("−", "-")) if NUMBER.fullmatch(text.strip()) else None


def _unique(names: list[str]) -> list[str]:
    return [name if names.index(name) == place else f"{name} ({place + 1})" for place, name in enumerate(names)]


def _notes_after(region: Tag | None) -> tuple[str, ...]:
    notes = []
    sibling = region.find_next_sibling() if region else None
    while sibling is not None and "table-note" in (sibling.get("class") or []):
        notes.append(sibling.get_text(" ", strip=True))
        sibling = sibling.find_next_sibling()
    return tuple(notes)


def _is_simulated(item: Tag) -> bool:
    """Whether the page says of the table, or of the figure that it is under, that its data are simulated."""
    figure = item.find_parent("figure")
    return item.has_attr("data-simulated") or (figure is not None and figure.has_attr("data-simulated"))
