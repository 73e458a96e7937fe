"""Write the spreadsheets of plan, scores and actions: blank with lists to choose from, or filled from what there is."""

import datetime as dt
import io
from collections.abc import Mapping, Sequence
from typing import Any

from openpyxl import Workbook
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

from hcsp_assess.files import inert_text
from hcsp_assess.sources.text_sheet_kinds import Book, SheetColumn, SheetKind, books
from hcsp_assess.sources.text_sheets import GUIDE, LISTS

#: Rows of a template that have a list to choose from.
ROWS_CHECKED = 500
_NEEDED, _OPTIONAL = PatternFill("solid", fgColor="1F3A5F"), PatternFill("solid", fgColor="5A6B7B")


def book_bytes(
    name: str, *, choices: Mapping[str, Sequence[str]] | None = None, fields: Mapping[str, Any] | None = None
) -> bytes:
    """Return a spreadsheet of plan, scores or actions as xlsx.

    Parameters
    ----------
    name : str
        "plan", "scores" or "actions".
    choices : mapping of str to sequence of str, optional
        Lists that an edition gives: "findings", "priorities", "themes". A cell may have another value.
    fields : mapping, optional
        What to fill in, as in the TOML file of the same subject; by default nothing.
    """
    book, workbook = books()[name], Workbook()
    workbook.remove(workbook.worksheets[0])
    lists: list[tuple[str, ...]] = []
    for kind in book.sheets:
        sheet = workbook.create_sheet(kind.title)
        write = _write_table if kind.table else _write_fields
        write(sheet, kind, dict(fields or {}), lists, choices or {})
    _write_guide(workbook.create_sheet(GUIDE), book)
    held = workbook.create_sheet(LISTS)
    for position, values in enumerate(lists, start=1):
        for row, value in enumerate(values, start=1):
            held.cell(row, position, value)
    held.sheet_state = "hidden"
    out = io.BytesIO()
    workbook.save(out)
    return out.getvalue()


def _write_table(
    sheet: Worksheet,
    kind: SheetKind,
    fields: dict[str, Any],
    lists: list[tuple[str, ...]],
    choices: Mapping[str, Sequence[str]],
) -> None:
    """Headings that stay in view, a list to choose from where there is one, and the rows that there are."""
    for position, column in enumerate(kind.columns, start=1):
        letter = get_column_letter(position)
        _head(sheet, 1, position, column)
        sheet.column_dimensions[letter].width = 18 if column.allowed or column.form != "text" else 34
        _add_list(sheet, f"{letter}2:{letter}{ROWS_CHECKED + 1}", column, lists, choices)
    sheet.freeze_panes = "A2"
    rows = _bodies(kind, fields) if kind.table == "bodies" else fields.get(kind.table, [])
    if any(column.field == "author_role" for column in kind.columns):
        rows = [fields.get("signed", {}) | entry for entry in rows]
    for number, entry in enumerate(rows, start=2):
        for position, column in enumerate(kind.columns, start=1):
            _fill(sheet, number, position, _get(entry, column.field))


def _write_fields(
    sheet: Worksheet,
    kind: SheetKind,
    fields: dict[str, Any],
    lists: list[tuple[str, ...]],
    choices: Mapping[str, Sequence[str]],
) -> None:
    """Single fields, one below the other."""
    for position, title in enumerate(("Field", "Value", "What to write"), start=1):
        sheet.cell(1, position, title).font = Font(bold=True)
    for row, column in enumerate(kind.columns, start=2):
        _head(sheet, row, 1, column)
        _fill(sheet, row, 2, _get(fields, column.field))
        sheet.cell(row, 3, column.about)
        _add_list(sheet, f"B{row}", column, lists, choices)
    for letter, width in zip("ABC", (30, 60, 60), strict=True):
        sheet.column_dimensions[letter].width = width
    sheet.freeze_panes = "B2"


def _head(sheet: Worksheet, row: int, position: int, column: SheetColumn) -> None:
    cell = sheet.cell(row, position, column.heading)
    cell.font = Font(bold=True, color="FFFFFF")
    cell.fill = _NEEDED if column.needed else _OPTIONAL
    cell.alignment = Alignment(wrap_text=True, vertical="top")


def _fill(sheet: Worksheet, row: int, position: int, value: Any) -> None:
    if isinstance(value, list | tuple):
        value = "; ".join(map(str, value))
    if value is None or value == "":
        return
    cell = sheet.cell(row, position, value)
    cell.alignment = Alignment(wrap_text=True, vertical="top")
    if isinstance(value, dt.date):
        cell.number_format = "d mmmm yyyy"
    elif isinstance(value, str) and inert_text(value) != value:
        cell.data_type, cell.quotePrefix = "s", True  # a text that begins like a formula stays a text


def _add_list(
    sheet: Worksheet,
    cells: str,
    column: SheetColumn,
    lists: list[tuple[str, ...]],
    choices: Mapping[str, Sequence[str]],
) -> None:
    """A list to choose from; of keys that an edition has, another value is allowed: the next run may have it."""
    values = column.allowed or tuple(choices.get(column.choices, ()))
    if column.form == "number":
        values = tuple(values)
    if not values:
        return
    if values not in lists:
        lists.append(values)
    letter = get_column_letter(lists.index(values) + 1)
    check = DataValidation(
        type="list",
        formula1=f"{LISTS}!${letter}$1:${letter}${len(values)}",
        allow_blank=True,
        showErrorMessage=bool(column.allowed),
        errorTitle=column.heading[:32],
        error="Choose one from the list.",
        showInputMessage=True,
        promptTitle=column.heading[:32],
        prompt=column.about[:250],
    )
    check.add(cells)
    sheet.add_data_validation(check)


def _bodies(kind: SheetKind, fields: Mapping[str, Any]) -> list[dict[str, str]]:
    """A row for each body, with yes for each list that it is on; a body is in several rows where its order needs it."""
    governance = fields.get("governance", {})
    return [
        {"name": name, column.field: "yes"} for column in kind.columns[1:] for name in governance.get(column.field, [])
    ]


def _get(entry: Mapping[str, Any], path: str) -> Any:
    """The value at a path such as "scores.physical.0", or None."""
    value: Any = entry
    for part in path.split("."):
        if isinstance(value, Mapping):
            value = value.get(part)
        else:
            value = value[int(part)] if isinstance(value, list) and int(part) < len(value) else None
    return value


def _write_guide(sheet: Worksheet, book: Book) -> None:
    """How to fill the file in: what each column is for."""
    lines = [
        book.title,
        "Fill in the sheets from left to right. Columns with a dark heading need a value in every row.",
        f"Keep the headings. Save the file as {book.name}.xlsx in the folder of the edition: editions/EDITION/.",
        "Name bodies and roles, never people. `hcsp-assess texts check EDITION` names each cell that cannot be used.",
    ]
    for row, line in enumerate(lines, start=1):
        sheet.cell(row, 1, line)
    sheet.cell(1, 1).font = Font(bold=True, size=14)
    row = len(lines) + 2
    for position, title in enumerate(("Sheet", "Column", "What to write", "One of"), start=1):
        sheet.cell(row, position, title).font = Font(bold=True)
    for kind in book.sheets:
        for column in kind.columns:
            row += 1
            for position, text in enumerate((kind.title, column.heading, column.about, ", ".join(column.allowed)), 1):
                sheet.cell(row, position, text)
    for letter, width in zip("ABCD", (22, 34, 60, 60), strict=True):
        sheet.column_dimensions[letter].width = width
    sheet.freeze_panes = f"A{len(lines) + 3}"
