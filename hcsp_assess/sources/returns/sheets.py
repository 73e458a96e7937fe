"""Read a spreadsheet as plain values with cell addresses: CSV, xlsx and ods, recognised by content.

openpyxl reads xlsx because it tells how a cell is formatted: 0.351 shown as "35.1%" is read as the text a person sees.
OpenDocument sheets are read here, from their one XML file, for the same reason: no kept library tells it.
"""

import datetime as dt
import io
import re
import warnings
import zipfile
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Final
from xml.etree import ElementTree

from openpyxl import load_workbook
from openpyxl.cell.cell import Cell, MergedCell
from openpyxl.utils import get_column_letter
from openpyxl.utils.datetime import CALENDAR_MAC_1904
from openpyxl.worksheet.worksheet import Worksheet

from hcsp_assess.errors import InputError
from hcsp_assess.sources.returns.csv_text import decode, rows_of

Value = str | int | float | bool | dt.datetime | dt.date | dt.time | None
SUFFIXES: Final = (".csv", ".xlsx", ".ods")
UNSAVED: Final = "formula without a saved result"
LARGEST_UNZIPPED: Final = 500_000_000  # bytes; a real return unpacks to a hundredth of it
LARGEST_SHEET: Final = 2_000_000  # cells of an OpenDocument sheet, in which one row can represent a million
LAST_ROW, LAST_COLUMN = 1_048_576, 16_384  # of a spreadsheet
_OFFICE, _TABLE, _TEXT = (
    f"{{urn:oasis:names:tc:opendocument:xmlns:{part}:1.0}}" for part in ("office", "table", "text")
)


@dataclass(frozen=True)
class Sheet:
    """One sheet, from its cell A1.

    Attributes
    ----------
    name : str
        Name of the sheet; "" for a CSV file.
    rows : list of list
        Values as read; rows may differ in length.
    merged : tuple of (int, int, int, int)
        Merged ranges: first row, first column, last row, last column, from 0.
    starts_1904 : bool
        Whether serial numbers of dates count from 1904 (old Macintosh workbooks).
    separator : str
        What separates the cells of a CSV file; "" for a workbook.
    remarks : tuple of str
        What was special in reading it, in words.
    """

    name: str
    rows: list[list[Value]]
    merged: tuple[tuple[int, int, int, int], ...] = ()
    starts_1904: bool = False
    separator: str = ""
    remarks: tuple[str, ...] = ()

    def at(self, row: int, column: int) -> Value:
        """Return the value in a row and column, from 0; None outside the sheet."""
        return self.rows[row][column] if row < len(self.rows) and column < len(self.rows[row]) else None

    def nearest_left(self, row: int, column: int) -> Value:
        """Return the value in a cell, or of the nearest one to its left that holds something, or None if none does."""
        if row not in self._nearest:
            values: list[Value] = []
            for value in self.rows[row] if row < len(self.rows) else []:
                blank = value is None or (isinstance(value, str) and not value.strip())
                values.append((values[-1] if values else None) if blank else value)
            self._nearest[row] = values
        known = self._nearest[row]
        return known[min(column, len(known) - 1)] if known and column >= 0 else None

    @cached_property
    def _nearest(self) -> dict[int, list[Value]]:
        return {}

    @cached_property
    def width(self) -> int:
        """Number of columns of the longest row."""
        return max((len(row) for row in self.rows), default=0)


def address(row: int, column: int) -> str:
    """Return the spreadsheet's name of a cell, "C7", from a row and column counted from 0."""
    return f"{get_column_letter(column + 1)}{row + 1}"


def read_sheets(path: Path, content: bytes) -> tuple[Sheet, ...]:
    """Read every sheet of a file, hidden ones too.

    Parameters
    ----------
    path : Path
        The file, for messages.
    content : bytes
        What is in it. It decides how the file is read, not the suffix: an "xlsx" that is really a CSV is read as one.

    Raises
    ------
    InputError
        If it is none of CSV, xlsx and ods, is protected by a password, or is damaged.
    """
    if content.startswith(b"\xd0\xcf\x11\xe0"):
        raise InputError(
            f"{path.name} is an old Excel file (.xls) or has a password: save it as .xlsx without a password"
        )
    if content.startswith(b"PK"):
        return _read_zipped(path, content)
    if content.startswith((b"%PDF", b"\x89PNG", b"\xff\xd8\xff")) or b"<html" in content[:2000].lower():
        raise InputError(f"{path.name} is not a spreadsheet: ask for CSV, xlsx or ods")
    if content.startswith(b"\x1f\x8b"):
        raise InputError(f"{path.name} is compressed (gzip): unpack it first")
    return (_read_csv(path, content),)


def _read_zipped(path: Path, content: bytes) -> tuple[Sheet, ...]:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            names = set(archive.namelist())
            if sum(item.file_size for item in archive.infolist()) > LARGEST_UNZIPPED:
                raise InputError(
                    f"{path.name} unpacks to more than {LARGEST_UNZIPPED // 1_000_000} MB, too large for a return"
                )
            if "xl/workbook.xml" in names:
                return _read_xlsx(content, archive)
            if "content.xml" in names and b"opendocument.spreadsheet" in archive.read("mimetype"):
                return _read_ods(archive.read("content.xml"))
    except InputError:
        raise
    except Exception as error:  # damaged files make zipfile, expat and openpyxl raise almost anything
        raise InputError(
            f"{path.name} is damaged ({type(error).__name__}): open it in Excel or LibreOffice and save it again"
        ) from error
    raise InputError(f"{path.name} cannot be read as a spreadsheet: save it as CSV, xlsx or ods")


def _read_csv(path: Path, content: bytes) -> Sheet:
    rows, separator, remarks = rows_of(path.name, decode(content))
    return Sheet("", [[cell or None for cell in row] for row in rows], separator=separator, remarks=remarks)


def _read_xlsx(content: bytes, archive: zipfile.ZipFile) -> tuple[Sheet, ...]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # openpyxl warns of styles and extensions that do not matter here
        workbook = load_workbook(io.BytesIO(content), data_only=True)
        has_formulas = any(b"<f" in archive.read(n) for n in archive.namelist() if n.startswith("xl/worksheets/sheet"))
        formulas = load_workbook(io.BytesIO(content)) if has_formulas else None
    starts_1904 = workbook.epoch == CALENDAR_MAC_1904
    return tuple(
        Sheet(
            sheet.title,
            _xlsx_rows(sheet, None if formulas is None else formulas[sheet.title]),
            tuple((m.min_row - 1, m.min_col - 1, m.max_row - 1, m.max_col - 1) for m in sheet.merged_cells.ranges),
            starts_1904,
        )
        for sheet in workbook.worksheets
    )


def _xlsx_rows(sheet: Worksheet, formulas: Worksheet | None) -> list[list[Value]]:
    """Return the rows up to the last cell that holds something: a cell may have a format and nothing in it."""
    rows: list[list[Value]] = []
    for (number, column), cell in sorted(sheet._cells.items()):
        value = _xlsx_value(cell)
        if value is None and formulas is not None and formulas.cell(number, column).data_type == "f":
            value = UNSAVED
        if value is None:
            continue
        rows += [[] for _ in range(number - len(rows))]
        row = rows[number - 1]
        row += [None] * (column - 1 - len(row))
        row.append(value)
    return rows


def _xlsx_value(cell: Cell | MergedCell) -> Value:
    value = cell.value
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return as_percentage(value) if "%" in str(cell.number_format) else _whole(value)
    if isinstance(value, dt.timedelta):
        return str(value)
    if value is None or isinstance(value, (str, bool, dt.datetime, dt.date, dt.time)):
        return value
    return str(value)


def as_percentage(share: float) -> str:
    """Return what a person sees of a number formatted as a percentage: 0.351 is "35.1%"."""
    return f"{100 * share:.10g}%"


def _whole(value: float) -> int | float:
    return int(value) if isinstance(value, float) and value.is_integer() and abs(value) < 1e15 else value


def _read_ods(content: bytes) -> tuple[Sheet, ...]:
    root = ElementTree.fromstring(content)  # noqa: S314 - expat refuses entity bombs since 2.4.1; size is checked above
    return tuple(_ods_sheet(table) for table in root.iter(f"{_TABLE}table"))


def _ods_sheet(table: ElementTree.Element) -> Sheet:
    rows: list[list[Value]] = []
    merged: list[tuple[int, int, int, int]] = []
    blank = cells = 0
    for line in table.iter(f"{_TABLE}table-row"):
        repeated = min(int(line.get(f"{_TABLE}number-rows-repeated", "1")), LAST_ROW)
        values, spans = _ods_row(line)
        if not values and not spans:
            blank += repeated
            continue
        rows += [[] for _ in range(min(blank, LAST_ROW))]
        blank = 0
        merged += [(len(rows), first, len(rows) + down - 1, last) for first, last, down in spans]
        cells += repeated * len(values)
        if cells > LARGEST_SHEET:
            raise InputError(f"sheet {table.get(f'{_TABLE}name', '')!r} says that a row is repeated {repeated:,} times")
        rows += [list(values) for _ in range(repeated)]
    return Sheet(table.get(f"{_TABLE}name", ""), rows, tuple(merged))


def _ods_row(line: ElementTree.Element) -> tuple[list[Value], list[tuple[int, int, int]]]:
    values: list[Value] = []
    spans: list[tuple[int, int, int]] = []
    blank = 0
    for cell in line:
        if cell.tag not in (f"{_TABLE}table-cell", f"{_TABLE}covered-table-cell"):
            continue
        value, repeated = _ods_value(cell), int(cell.get(f"{_TABLE}number-columns-repeated", "1"))
        if value is None:
            blank += min(repeated, LAST_COLUMN)
            continue
        values += [None] * blank
        blank = 0
        across, down = (int(cell.get(f"{_TABLE}number-{side}-spanned", "1")) for side in ("columns", "rows"))
        if across > 1 or down > 1:
            spans.append((len(values), len(values) + across - 1, down))
        values += [value] * min(repeated, LAST_COLUMN)
    return values, spans


def _ods_value(cell: ElementTree.Element) -> Value:
    kind = cell.get(f"{_OFFICE}value-type")
    if kind == "percentage":
        return as_percentage(float(cell.get(f"{_OFFICE}value", "")))
    if kind in ("float", "currency"):
        return _whole(float(cell.get(f"{_OFFICE}value", "")))
    if kind == "date":
        return dt.datetime.fromisoformat(cell.get(f"{_OFFICE}date-value", ""))
    if kind == "boolean":
        return cell.get(f"{_OFFICE}boolean-value") == "true"
    if kind == "time" and (match := re.fullmatch(r"PT(\d+)H(\d+)M.*", cell.get(f"{_OFFICE}time-value", ""))):
        return f"{int(match[1]):02d}:{match[2]}"
    paragraphs = ["".join(part.itertext()) for part in cell if part.tag == f"{_TEXT}p"]
    return "\n".join(paragraphs) or None
