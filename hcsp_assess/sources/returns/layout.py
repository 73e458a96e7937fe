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
_LONGEST: Final = 20  # words of a heading in two languages
_NUMBER_OF = re.compile(r"^(?:total )?(?:(?:numbers? |nos? |count )?of(?: the)?|nifer(?: yr| y| o)?) ")
_NOTE_NUMBER = re.compile(r"(?<=[^\W\d_])\d{1,2}$")
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
    best = best_guess(sheet, definition)
    required = [column.name for column in definition.columns if column.required]
    if best is None or any(name not in best.columns for name in required):
        return None
    _refuse_twice(sheet, best, definition)
    return best


def best_guess(sheet: Sheet, definition: ReturnDefinition) -> Table | None:
    """Return the rows that look most like the heading of this return, or None if nothing does."""
    names = headings_of(definition)
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
    for position in _positions(sheet, first, last):
        parts = heading_parts(sheet, first, last, position)
        if not parts:
            continue
        headings[position] = " ".join(parts)
        name = meant(parts, names)
        if name is not None and plain(sheet.at(last, position)) + plain(sheet.at(first, position)):
            columns.setdefault(name, position)
    return Table(first, last, columns, headings)


def names_in_row(sheet: Sheet, first: int, last: int, names: dict[str, str]) -> list[tuple[int, str]]:
    """Return position and column of every heading in some rows, from left to right, one that repeats too."""
    found = []
    for position in _positions(sheet, first, last):
        own = plain(sheet.at(last, position)) or plain(sheet.at(first, position))
        name = meant(heading_parts(sheet, first, last, position), names) if own else None
        if name is not None:
            found.append((position, name))
    return found


def _positions(sheet: Sheet, first: int, last: int) -> list[int]:
    """Return the columns that have something in some rows, those under merged cells included."""
    found = {place for row in sheet.rows[first : last + 1] for place, value in enumerate(row) if value is not None}
    for top, left, bottom, right in sheet.merged:
        if top <= last and bottom >= first:
            found |= set(range(left, min(right + 1, sheet.width)))
    return sorted(found)


def heading_parts(sheet: Sheet, first: int, last: int, position: int) -> list[str]:
    """Return the different texts over a column, from top to bottom; a merged cell is over all its columns."""
    parts: list[str] = []
    for row in range(first, last + 1):
        text = plain(sheet.at(row, position)) or plain(sheet.merged_over(row, position))
        if not text and row < last:
            text = _left_of(sheet, row, position)
        if text and text not in parts:
            parts.append(text)
    return parts


def _left_of(sheet: Sheet, row: int, position: int) -> str:
    """Return the nearest text to the left: a heading merged in a workbook and saved as CSV leaves blanks behind it."""
    return plain(sheet.nearest_left(row, position - 1))


def headings_of(definition: ReturnDefinition) -> dict[str, str]:
    """Return the column's name by every heading that means it, normalised, in English and Welsh."""
    return {said: column.name for column in definition.columns for said in column.answers_to()}


def meant(parts: list[str], names: dict[str, str]) -> str | None:
    """Return the column that a heading means, or None.

    Tried in this order: all its rows, the lowest row, either without brackets, without the number of a note, without
    "number of", and last as a heading in two languages, whose sides must not mean two different columns.
    """
    whole, lowest = " ".join(parts), parts[-1]
    texts = [whole, lowest, *(re.split(r"[(\[]", text)[0] for text in (whole, lowest))]
    said = [normalise(text) for text in texts]
    said += [shorter for text in said if (shorter := _NOTE_NUMBER.sub("", text)) != text]
    said += [shorter for text in said if (shorter := _NUMBER_OF.sub("", text)) != text]
    known = next((names[text] for text in said if text in names), None)
    return known or _meant_twice(lowest, names) or _meant_twice(whole, names)


def _meant_twice(text: str, names: dict[str, str]) -> str | None:
    """Return the column that a heading in two languages means: "Quarter / Chwarter", "Quarter Chwarter"."""
    sides = [_NUMBER_OF.sub("", normalise(side)) for side in re.split(r"[/|()\[\]]|\s[-–]\s", text)]
    found = {names[side] for side in sides if side in names}
    if len(sides) > 1 and found:
        return next(iter(found)) if len(found) == 1 else None
    words = normalise(text).split()
    for place in range(1, min(len(words), _LONGEST)):
        pair = [_NUMBER_OF.sub("", " ".join(half)) for half in (words[:place], words[place:])]
        if pair[0] in names and names.get(pair[1]) == names[pair[0]]:
            return names[pair[0]]
    return None


def _refuse_twice(sheet: Sheet, table: Table, definition: ReturnDefinition) -> None:
    names = headings_of(definition)
    for position in table.headings:
        parts = heading_parts(sheet, table.first, table.last, position)
        own = plain(sheet.at(table.last, position)) or plain(sheet.at(table.first, position))
        name = meant(parts, names)
        if own and name is not None and table.columns[name] != position:
            one, other = (address(table.last, place) for place in (table.columns[name], position))
            raise InputError(
                f"two columns are headed {definition.column(name).heading!r}, in cells {one} and {other}: "
                "give each its own heading"
            )
