"""Find the table in a sheet: below title rows, with headings over one to three rows, merged or not."""

import re
from dataclasses import dataclass
from typing import Final

from hcsp_assess.errors import InputError
from hcsp_assess.sources.returns.definitions import ReturnDefinition, normalise
from hcsp_assess.sources.returns.sheets import Sheet, address
from hcsp_assess.sources.returns.values import plain

LOOKED_AT: Final = 60  # rows in which a heading may begin
DEEPEST: Final = 3  # rows of one heading
EXPLAINING: Final = ("Notes", "Lists")  # sheets of the templates that explain the table and hold none


@dataclass(frozen=True)
class Table:
    """A table found in a sheet.

    Attributes
    ----------
    first, last : int
        First and last row of the heading, from 0. Data begin below the last.
    columns : dict
        Position by name, for the columns of the definition that were found.
    headings : dict
        Heading as written, by position, for every column that has one.
    """

    first: int
    last: int
    columns: dict[str, int]
    headings: dict[int, str]

    @property
    def unused(self) -> dict[int, str]:
        """Columns that the definition does not have."""
        used = set(self.columns.values())
        return {position: text for position, text in self.headings.items() if position not in used}


def find_table(sheet: Sheet, definition: ReturnDefinition) -> Table | None:
    """Return the sheet's table of this return, or None where a required column is missing.

    The heading is the row, or the two or three rows together, that name the most columns; the first such row wins, and
    one row wins over two that name no more.

    Raises
    ------
    InputError
        If two columns of the sheet mean the same column of the return.
    """
    best = None if sheet.name in EXPLAINING else best_guess(sheet, definition)
    required = [column.name for column in definition.columns if column.required]
    if best is None or any(name not in best.columns for name in required):
        return None
    _refuse_twice(sheet, best, definition)
    return best


def best_guess(sheet: Sheet, definition: ReturnDefinition) -> Table | None:
    """Return the rows that look most like the heading of this return, or None if nothing does."""
    names = {said: column.name for column in definition.columns for said in column.answers_to()}
    best: Table | None = None
    for depth in range(1, DEEPEST + 1):
        for first in range(min(LOOKED_AT, len(sheet.rows)) - depth + 1):
            table = _read_heading(sheet, first, first + depth - 1, names)
            if table.columns and (best is None or len(table.columns) > len(best.columns)):
                best = table
    return best


def missing_columns(table: Table | None, definition: ReturnDefinition) -> tuple[str, ...]:
    """Return the headings of required columns that were not found."""
    found = {} if table is None else table.columns
    return tuple(column.heading for column in definition.columns if column.required and column.name not in found)


def _read_heading(sheet: Sheet, first: int, last: int, names: dict[str, str]) -> Table:
    columns: dict[str, int] = {}
    headings: dict[int, str] = {}
    for position in range(_width(sheet, first, last)):
        parts = heading_parts(sheet, first, last, position)
        if not parts:
            continue
        headings[position] = " ".join(parts)
        name = next((names[said] for said in _sayings(parts) if said in names), None)
        if name is not None and plain(sheet.at(last, position)) + plain(sheet.at(first, position)):
            columns.setdefault(name, position)
    return Table(first, last, columns, headings)


def _width(sheet: Sheet, first: int, last: int) -> int:
    """Return how many columns some rows have, merged cells included."""
    merged = [right + 1 for top, _, bottom, right in sheet.merged if top <= last and bottom >= first]
    return max([len(row) for row in sheet.rows[first : last + 1]] + merged, default=0)


def heading_parts(sheet: Sheet, first: int, last: int, position: int) -> list[str]:
    """Return the different texts over a column, from top to bottom; a merged cell is over all its columns."""
    parts: list[str] = []
    for row in range(first, last + 1):
        text = plain(sheet.at(row, position)) or _merged_over(sheet, row, position)
        if not text and row < last:
            text = _left_of(sheet, row, position)
        if text and text not in parts:
            parts.append(text)
    return parts


def _merged_over(sheet: Sheet, row: int, position: int) -> str:
    for top, left, bottom, right in sheet.merged:
        if top <= row <= bottom and left <= position <= right:
            return plain(sheet.at(top, left))
    return ""


def _left_of(sheet: Sheet, row: int, position: int) -> str:
    """Return the nearest text to the left: a heading merged in a workbook and saved as CSV leaves blanks behind it."""
    return plain(sheet.nearest_left(row, position - 1))


def _sayings(parts: list[str]) -> list[str]:
    """Return what a heading may mean, best first: all its rows, the lowest row, either without brackets."""
    whole, lowest = " ".join(parts), parts[-1]
    shorter = [re.split(r"[(\[]", text)[0] for text in (whole, lowest)]
    return [normalise(text) for text in (whole, lowest, *shorter)]


def _refuse_twice(sheet: Sheet, table: Table, definition: ReturnDefinition) -> None:
    names = {said: column.name for column in definition.columns for said in column.answers_to()}
    for position in table.headings:
        parts = heading_parts(sheet, table.first, table.last, position)
        own = plain(sheet.at(table.last, position)) or plain(sheet.at(table.first, position))
        name = next((names[said] for said in _sayings(parts) if said in names), None)
        if own and name is not None and table.columns[name] != position:
            one, other = (address(table.last, place) for place in (table.columns[name], position))
            raise InputError(
                f"two columns are headed {definition.column(name).heading!r}, in cells {one} and {other}: "
                "give each its own heading"
            )
