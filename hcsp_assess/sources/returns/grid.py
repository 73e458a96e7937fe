"""One sheet as plain values with cell addresses, whatever kind of file it is from."""

import datetime as dt
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Final

from openpyxl.utils import get_column_letter

from hcsp_assess.errors import InputError

Value = str | int | float | bool | dt.datetime | dt.date | dt.time | None
UNSAVED: Final = "formula without a saved result"
LARGEST_SHEET: Final = 5_000_000  # cells with something in them
LARGEST_AREA: Final = 5_000_000  # of every row, from its first column to its last cell with something in it
LAST_ROW, LAST_COLUMN = 1_048_576, 16_384  # of a spreadsheet
_BLANK: Final[list[Value]] = []  # one list for every blank row: a sheet may have a million of them


@dataclass(frozen=True)
class Sheet:
    """One sheet, from its cell A1.

    Attributes
    ----------
    name : str
        Name of the sheet; "" for a CSV file.
    rows : list of list
        Values as read; rows may differ in length. Rows may be one and the same list: never change one.
    merged : tuple of (int, int, int, int)
        Merged ranges: first row, first column, last row, last column, from 0.
    starts_1904 : bool
        Whether serial numbers of dates count from 1904 (old Macintosh workbooks).
    separator : str
        What separates the cells of a CSV file; "" for a workbook.
    remarks : tuple of str
        What was special in reading it, in words.
    hidden : bool
        Whether the whole sheet is hidden.
    hidden_rows, hidden_columns : frozenset of int
        Rows and columns that are hidden, from 0; filtered rows too.
    origins : dict
        Of a sheet that was put in another shape: row and column in the file by row and column here.
    """

    name: str
    rows: list[list[Value]]
    merged: tuple[tuple[int, int, int, int], ...] = ()
    starts_1904: bool = False
    separator: str = ""
    remarks: tuple[str, ...] = ()
    hidden: bool = False
    hidden_rows: frozenset[int] = frozenset()
    hidden_columns: frozenset[int] = frozenset()
    origins: dict[tuple[int, int], tuple[int, int]] = field(default_factory=dict)

    def address(self, row: int, column: int) -> str:
        """Return the name of a cell as in the file: "C7"; of a table that was turned, the cell's first place."""
        return address(*self.origins.get((row, column), (row, column)))

    def source_row(self, row: int) -> int:
        """Return the row in the file, from 0, that a row is from; of a turned table, that of its last cell."""
        return self.origins.get((row, len(self.rows[row]) - 1), (row, 0))[0] if self.origins else row

    def at(self, row: int, column: int) -> Value:
        """Return the value in a row and column, from 0; None outside the sheet."""
        return self.rows[row][column] if row < len(self.rows) and column < len(self.rows[row]) else None

    def nearest_left(self, row: int, column: int) -> Value:
        """Return the value in a cell, or of the nearest one to its left that holds something, or None if none does."""
        if row not in self._nearest:
            values: list[Value] = []
            for value in self.rows[row] if row < len(self.rows) else []:
                values.append((values[-1] if values else None) if is_blank(value) else value)
            self._nearest[row] = values
        known = self._nearest[row]
        return known[min(column, len(known) - 1)] if known and column >= 0 else None

    def merged_over(self, row: int, column: int) -> Value:
        """Return the value of the merged cell that covers a cell, or None where no merged cell does."""
        if not self.merged:
            return None
        if row not in self._merged_rows:
            self._merged_rows[row] = sorted((m[1], m) for m in self.merged if m[0] <= row <= m[2])
        across = self._merged_rows[row]
        place = bisect_right(across, (column, (LAST_ROW,) * 4)) - 1
        if place < 0 or across[place][1][3] < column:
            return None
        top, left, _, _ = across[place][1]
        return self.at(top, left)

    @cached_property
    def _nearest(self) -> dict[int, list[Value]]:
        return {}

    @cached_property
    def _merged_rows(self) -> dict[int, list[tuple[int, tuple[int, int, int, int]]]]:
        return {}

    @cached_property
    def width(self) -> int:
        """Number of columns of the longest row."""
        return max((len(row) for row in self.rows), default=0)

    @cached_property
    def filled(self) -> dict[int, list[tuple[int, Value]]]:
        """Row and value of every cell with something in it, by column, in order: the cost follows the cells."""
        columns: dict[int, list[tuple[int, Value]]] = {}
        for number, row in enumerate(self.rows):
            for column, value in enumerate(row):
                if value is not None:
                    columns.setdefault(column, []).append((number, value))
        return dict(sorted(columns.items()))


def is_blank(value: Value) -> bool:
    """Return whether a cell holds nothing, or only spaces."""
    return value is None or (isinstance(value, str) and not value.strip())


def address(row: int, column: int) -> str:
    """Return the spreadsheet's name of a cell, "C7", from a row and column counted from 0."""
    return f"{get_column_letter(column + 1)}{row + 1}"


def as_percentage(share: float) -> str:
    """Return what a person sees of a number formatted as a percentage: 0.351 is "35.1%"."""
    return f"{100 * share:.10g}%"


def whole(value: float) -> int | float:
    """Return a number as a whole one where it is: 12.0 is 12."""
    return int(value) if isinstance(value, float) and value.is_integer() and abs(value) < 1e15 else value


def rows_from_cells(cells: Mapping[int, Sequence[tuple[int, Value]]], name: str) -> list[list[Value]]:
    """Return rows from their cells (column and value, from 0), up to the last row and column with something in it.

    Raises
    ------
    InputError
        If the cells are spread so far that the sheet would be larger than `LARGEST_AREA`, or one cell is there twice.
    """
    held = {row: dict(line) for row, line in cells.items() if line}
    for row, found in held.items():
        if len(found) != len(cells[row]):
            raise InputError(f"sheet {name!r} has a cell twice in row {row + 1}: open it in Excel and save it again")
    if sum(max(line) + 1 for line in held.values()) > LARGEST_AREA:
        raise InputError(
            f"sheet {name!r} has something in columns far to the right of the table, in many rows: delete those columns"
        )
    rows: list[list[Value]] = [_BLANK] * (max(held, default=-1) + 1)
    for row, found in held.items():
        values: list[Value] = [None] * (max(found) + 1)
        for column, value in found.items():
            values[column] = value
        rows[row] = values
    return rows
