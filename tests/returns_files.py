"""Write what a partner's spreadsheet program writes: xlsx and ods with real numbers, dates, percentages and merges."""

import datetime as dt
import re
import zipfile
from pathlib import Path
from xml.sax.saxutils import escape

from openpyxl import Workbook

Cell = str | int | float | dt.date | None
Grid = list[list[Cell]]
MARKERS = ("{percent}", "{merge}")


def typed(text: str) -> Cell:
    """Return what Excel makes of a text that is typed into it: a number, a date, a percentage, else the text."""
    plain = text.strip().replace(",", "")
    if re.fullmatch(r"\d{1,2}/\d{2}/\d{4}", text):
        day, month, year = map(int, text.split("/"))
        try:
            return dt.date(year, month, day)
        except ValueError:
            return text
    if re.fullmatch(r"\d+%|\d+\.\d%", text):
        return float(text[:-1]) / 100
    if re.fullmatch(r"-?\d+", plain):
        return int(plain)
    if re.fullmatch(r"-?\d+\.\d+", plain) and ":" not in text and not re.fullmatch(r"\d{1,2}\.\d{2}", plain):
        return float(plain)
    return text or None


def write_xlsx(
    path: Path, sheets: dict[str, Grid], *, percent: set[tuple[int, int]] = frozenset(), merge: str = ""
) -> Path:
    """Write sheets; cells in ``percent`` (row and column from 0, of the first sheet) are formatted as percentages."""
    workbook = Workbook()
    workbook.remove(workbook.worksheets[0])
    for number, (name, grid) in enumerate(sheets.items()):
        sheet = workbook.create_sheet(name)
        for r, row in enumerate(grid):
            for c, value in enumerate(row):
                cell = sheet.cell(r + 1, c + 1)
                if value is not None:
                    cell.value = value
                if number == 0 and (r, c) in percent:
                    cell.number_format = "0.0%"
        if number == 0 and merge:
            sheet.merge_cells(merge)
    workbook.save(path)
    return path


def write_ods(path: Path, sheets: dict[str, Grid], *, percent: set[tuple[int, int]] = frozenset()) -> Path:
    """Write an OpenDocument spreadsheet as LibreOffice does: typed cells, repeated blanks, a million rows at the end."""
    tables = []
    for number, (name, grid) in enumerate(sheets.items()):
        rows = []
        for r, row in enumerate(grid):
            cells = "".join(_ods_cell(value, number == 0 and (r, c) in percent) for c, value in enumerate(row))
            rows.append(
                f"<table:table-row>{cells}<table:table-cell table:number-columns-repeated='1000'/></table:table-row>"
            )
        rest = 1_048_576 - len(grid)
        end = f"<table:table-row table:number-rows-repeated='{rest}'><table:table-cell/></table:table-row>"
        tables.append(f"<table:table table:name='{escape(name)}'>{''.join(rows)}{end}</table:table>")
    spaces = " ".join(
        f'xmlns:{prefix}="urn:oasis:names:tc:opendocument:xmlns:{prefix}:1.0"' for prefix in ("office", "table", "text")
    )
    content = (
        f'<?xml version="1.0" encoding="UTF-8"?><office:document-content {spaces}><office:body><office:spreadsheet>'
        f"{''.join(tables)}</office:spreadsheet></office:body></office:document-content>"
    )
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("content.xml", content)
    return path


def _ods_cell(value: Cell, percent: bool) -> str:
    if value is None:
        return "<table:table-cell/>"
    text = f"<text:p>{escape(str(value))}</text:p>"
    if isinstance(value, dt.date):
        return f"<table:table-cell office:value-type='date' office:date-value='{value.isoformat()}'>{text}</table:table-cell>"
    if isinstance(value, (int, float)):
        kind = "percentage" if percent else "float"
        return f"<table:table-cell office:value-type='{kind}' office:value='{value}'>{text}</table:table-cell>"
    return f"<table:table-cell office:value-type='string'>{text}</table:table-cell>"
