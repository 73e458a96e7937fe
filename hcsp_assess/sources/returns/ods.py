"""Read an OpenDocument spreadsheet as it streams from its file; no kept library tells how a cell is formatted."""

import datetime as dt
import re
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import IO, Final
from xml.etree import ElementTree

from hcsp_assess.errors import InputError
from hcsp_assess.sources.returns.grid import (
    LARGEST_AREA,
    LARGEST_SHEET,
    LAST_COLUMN,
    LAST_ROW,
    Sheet,
    Value,
    as_percentage,
    rows_from_cells,
    whole,
)

MOST_REPEATED: Final = 50_000  # rows, or cells, that one written row or cell with something in it may stand for
BLOCK: Final = 1 << 20  # bytes read at a time
LONGEST_ROW: Final = 8 * BLOCK
_ROW_END: Final = b"</table:table-row>"
_EMPTY_ENDS = re.compile(rb"(?:<table:table-cell(?:\s[^<>]*)?/>\s*)+</table:table-row>")
MOST_EXTRA: Final = 500_000  # cells of all sheets that only repeat others
_OFFICE, _TABLE, _TEXT, _STYLE = (
    f"{{urn:oasis:names:tc:opendocument:xmlns:{part}:1.0}}" for part in ("office", "table", "text", "style")
)
_SPACES: Final = frozenset(f"{_TEXT}{name}" for name in ("s", "tab", "line-break"))


@dataclass
class _WithoutEmptyEnds:
    """The XML of a file without the empty cells at the end of each row: they have a format and nothing in them."""

    file: IO[bytes]
    rest: bytes = b""

    def read(self, size: int = -1) -> bytes:
        """Return the next part, at the end b""."""
        cut = -1
        while cut < 0 and len(self.rest) <= LONGEST_ROW:
            block = self.file.read(BLOCK)
            self.rest += block
            cut = self.rest.rfind(_ROW_END)
            if not block:
                break
        cut = cut + len(_ROW_END) if cut >= 0 else len(self.rest)
        part, self.rest = self.rest[:cut], self.rest[cut:]
        return _EMPTY_ENDS.sub(_ROW_END, part)


@dataclass
class _Reading:
    """One sheet while its XML streams past."""

    name: str
    hidden: bool
    cells: dict[int, Sequence[tuple[int, Value]]] = field(default_factory=dict)
    merged: list[tuple[int, int, int, int]] = field(default_factory=list)
    hidden_rows: set[int] = field(default_factory=set)
    hidden_columns: set[int] = field(default_factory=set)
    row: int = 0
    column: int = 0
    count: int = 0
    area: int = 0
    extra: int = 0

    def sheet(self) -> Sheet:
        """Return the sheet as read."""
        return Sheet(
            self.name,
            rows_from_cells(self.cells, self.name),
            tuple(self.merged),
            hidden=self.hidden,
            hidden_rows=frozenset(self.hidden_rows & self.cells.keys()),
            hidden_columns=frozenset(self.hidden_columns),
        )


def read_ods(archive: zipfile.ZipFile) -> tuple[Sheet, ...]:
    """Read every sheet, hidden ones too.

    Raises
    ------
    InputError
        If a row or cell with something in it says that it is repeated more often than any table needs.
    """
    sheets: list[Sheet] = []
    unseen: set[str] = set()  # styles of sheets that are not shown
    style, extra = "", 0
    reading: _Reading | None = None
    with archive.open("content.xml") as file:
        for event, item in ElementTree.iterparse(_WithoutEmptyEnds(file), events=("start", "end")):  # noqa: S314 - expat refuses bombs
            if event == "start" and item.tag == f"{_STYLE}style":
                style = item.get(f"{_STYLE}name", "")
            elif event == "start" and item.tag == f"{_STYLE}table-properties":
                unseen |= {style} if item.get(f"{_TABLE}display") == "false" else set()
            elif event == "start" and item.tag == f"{_TABLE}table" and reading is None:
                named = item.get(f"{_TABLE}name", "")
                reading = _Reading(named, item.get(f"{_TABLE}style-name", "-") in unseen, extra=extra)
            elif reading is not None and event == "end":
                if item.tag == f"{_TABLE}table-row":
                    _take_row(reading, item)
                    item.clear()
                elif item.tag == f"{_TABLE}table-column":
                    _take_column(reading, item)
                elif item.tag == f"{_TABLE}table":
                    sheets.append(reading.sheet())
                    extra = reading.extra
                    reading = None
                    item.clear()
    return tuple(sheets)


def _take_column(reading: _Reading, item: ElementTree.Element) -> None:
    repeated = min(_times(item, "number-columns-repeated"), LAST_COLUMN)
    if item.get(f"{_TABLE}visibility", "visible") != "visible" and reading.column < LAST_COLUMN:
        reading.hidden_columns.update(range(reading.column, min(reading.column + repeated, LAST_COLUMN)))
    reading.column += repeated


def _take_row(reading: _Reading, item: ElementTree.Element) -> None:
    repeated = min(_times(item, "number-rows-repeated"), LAST_ROW)
    values, spans = _row(item, reading)
    if values and repeated > MOST_REPEATED:
        raise InputError(
            f"sheet {reading.name!r} says that row {reading.row + 1} is repeated {repeated:,} times: delete the rows "
            "below the table and save it again"
        )
    reading.count += repeated * len(values)
    reading.extra += (repeated - 1) * len(values)
    reading.area += repeated * (values[-1][0] + 1 if values else 0)
    if (
        reading.extra > MOST_EXTRA
        or reading.count > LARGEST_SHEET
        or reading.area > LARGEST_AREA
        or reading.row + repeated > 2 * LAST_ROW
    ):
        raise InputError(f"sheet {reading.name!r} is too large for a return: delete what is outside the table")
    if values:
        reading.cells |= dict.fromkeys(range(reading.row, reading.row + repeated), values)
    if item.get(f"{_TABLE}visibility", "visible") != "visible" and repeated <= MOST_REPEATED:
        reading.hidden_rows.update(range(reading.row, reading.row + repeated))
    reading.merged += [(reading.row, first, reading.row + down - 1, last) for first, last, down in spans]
    reading.row += repeated


def _row(line: ElementTree.Element, reading: _Reading) -> tuple[list[tuple[int, Value]], list[tuple[int, int, int]]]:
    """Return the cells of a row that hold something (column and value), and merged ones (first, last, rows down)."""
    values: list[tuple[int, Value]] = []
    spans: list[tuple[int, int, int]] = []
    column = 0
    for cell in line:
        if cell.tag not in (f"{_TABLE}table-cell", f"{_TABLE}covered-table-cell"):
            continue
        value, repeated = _value(cell), min(_times(cell, "number-columns-repeated"), LAST_COLUMN)
        if value is not None:
            if len(values) + repeated > LAST_COLUMN or column + repeated > LAST_COLUMN:
                raise InputError(
                    f"sheet {reading.name!r} has more than {LAST_COLUMN:,} columns in row {reading.row + 1}: delete "
                    "what is right of the table and save it again"
                )
            across, down = _times(cell, "number-columns-spanned"), _times(cell, "number-rows-spanned")
            if across > 1 or down > 1:
                spans.append((column, column + across - 1, down))
            values += [(place, value) for place in range(column, column + repeated)]
        column += repeated
    return values, spans


def _times(item: ElementTree.Element, said: str) -> int:
    text = item.get(f"{_TABLE}{said}", "1")
    return max(int(text), 1) if text.isdecimal() and len(text) < 10 else 1


def _value(cell: ElementTree.Element) -> Value:
    """Return what a cell holds; its text where its value is damaged."""
    try:
        typed = _typed(cell)
    except ValueError:
        typed = None
    if typed is not None:
        return typed
    paragraphs = ["".join(_texts(part)) for part in cell if part.tag == f"{_TEXT}p"]
    return "\n".join(paragraphs) or None


def _typed(cell: ElementTree.Element) -> Value:
    kind = cell.get(f"{_OFFICE}value-type")
    if kind == "percentage":
        return as_percentage(float(cell.get(f"{_OFFICE}value", "")))
    if kind in ("float", "currency"):
        return whole(float(cell.get(f"{_OFFICE}value", "")))
    if kind == "date":
        return dt.datetime.fromisoformat(cell.get(f"{_OFFICE}date-value", ""))
    if kind == "boolean":
        return cell.get(f"{_OFFICE}boolean-value") == "true"
    if kind == "time" and (match := re.fullmatch(r"PT(\d+)H(\d+)M.*", cell.get(f"{_OFFICE}time-value", ""))):
        return f"{int(match[1]):02d}:{match[2]}"
    return None


def _texts(part: ElementTree.Element) -> Iterator[str]:
    """Return the pieces of text of a paragraph; spaces, tabs and line breaks are elements of their own."""
    yield part.text or (" " if part.tag in _SPACES else "")
    for inner in part:
        yield from _texts(inner)
        yield inner.tail or ""
