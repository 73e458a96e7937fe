"""Put a sheet into rows that a definition can read: years side by side, the year in a column of its own, turned tables.

A sheet that has the columns of its return as they are stays as it is.
"""

import re
from dataclasses import dataclass, field, replace
from typing import Final

from hcsp_assess.errors import InputError
from hcsp_assess.periods import FinancialYear
from hcsp_assess.sources.returns.dates import month_number, quarter_number, to_month, to_quarter
from hcsp_assess.sources.returns.definitions import ReturnDefinition, normalise
from hcsp_assess.sources.returns.grid import Sheet, Value, is_blank
from hcsp_assess.sources.returns.layout import DEEPEST, LOOKED_AT, Table, find_table, headings_of, names_in_row
from hcsp_assess.sources.returns.turned import unfolded
from hcsp_assess.sources.returns.values import plain
from hcsp_assess.sources.returns.years import YEAR_HEADINGS, to_year, year_in_title

END: Final = 1 << 20  # after the last column


@dataclass(frozen=True)
class Found:
    """A table and the sheet in whose rows it is: that of the file, or one in another shape, with a remark on it."""

    sheet: Sheet
    table: Table
    remark: str = ""


def tables_in(sheet: Sheet, definition: ReturnDefinition) -> tuple[Found, ...]:
    """Return the tables of a return in one sheet; none where it has none.

    Raises
    ------
    InputError
        If two columns of a table mean the same column of the return, and are not years side by side.
    """
    try:
        table = find_table(sheet, definition)
    except InputError:
        beside = _side_by_side(sheet, definition)
        if not beside:
            raise
        return tuple(_with_years(found, definition) for found in beside)
    if table is not None:
        return (_with_years(Found(sheet, table), definition),)
    turned = unfolded(sheet, definition)
    if turned is None:
        return ()
    table = find_table(turned, definition)
    remark = "periods run across: each was read as a row, without totals,"
    return () if table is None else (Found(turned, table, remark),)


def _side_by_side(sheet: Sheet, definition: ReturnDefinition) -> tuple[Found, ...]:
    """Return the tables that have the same headings, one beside the other."""
    names = headings_of(definition)
    for depth in range(1, DEEPEST + 1):
        for first in range(min(LOOKED_AT, len(sheet.rows)) - depth + 1):
            blocks = _blocks(names_in_row(sheet, first, first + depth - 1, names), definition)
            if not blocks:
                continue
            sheets = [_only(sheet, shared, start, end) for shared, start, end in blocks]
            tables = [find_table(block, definition) for block in sheets]
            if all(table is not None for table in tables) and _tell_years(sheets, tables, definition):
                said = f"{len(blocks)} tables side by side were read one after the other,"
                return tuple(Found(block, table, said) for block, table in zip(sheets, tables, strict=True) if table)
    return ()


def _tell_years(sheets: list[Sheet], tables: list[Table | None], definition: ReturnDefinition) -> bool:
    """Return whether tables side by side are of different periods: each has its own column of them, or its own year."""
    found = [(sheet, table) for sheet, table in zip(sheets, tables, strict=True) if table is not None]
    places = {table.columns[definition.period] for _, table in found}
    if len(places) == len(found):
        return True
    years = {year_in_title(sheet, table.last) for sheet, table in found}
    sheet, table = found[0]
    below = [value for row, value in sheet.filled.get(places.pop(), []) if row > table.last]
    return None not in years and len(years) == len(found) and not any(to_quarter(value) for value in below)


def _blocks(named: list[tuple[int, str]], definition: ReturnDefinition) -> list[tuple[frozenset[int], int, int]]:
    """Return shared columns, first column and end of each block of headings that repeat; [] where they do not."""
    times = [name for _, name in named]
    repeated = {name for name in times if times.count(name) > 1}
    lead = next((name for _, name in named if name in repeated), None)
    starts = [position for position, name in named if name == lead]
    if not starts:
        return []
    shared = frozenset(position for position, name in named if name not in repeated and position < starts[0])
    required = {column.name for column in definition.columns if column.required}
    blocks = []
    for start, end in zip(starts, [*starts[1:], END], strict=True):
        inside = [name for position, name in named if start <= position < end or position in shared]
        if len(set(inside)) < len(inside) or not required <= set(inside):
            return []
        blocks.append((shared, start, end))
    return blocks if len(blocks) > 1 else []


def _only(sheet: Sheet, shared: frozenset[int], start: int, end: int) -> Sheet:
    """Return a sheet with some columns only, each in its place; what is left of all blocks belongs to the first."""

    def kept(row: list[Value]) -> list[Value]:
        return [value if start <= place < end or place in shared else None for place, value in enumerate(row)]

    merged = tuple(range_ for range_ in sheet.merged if start <= range_[1] < end or range_[1] in shared)
    return replace(sheet, rows=[kept(row) for row in sheet.rows], merged=merged)


def _with_years(found: Found, definition: ReturnDefinition) -> Found:
    """Complete quarters and months without a year from a column of years, a line above them or the title."""
    sheet, table = found.sheet, found.table
    position = table.columns[definition.period]
    kind = definition.column(definition.period).type
    if kind not in ("quarter", "month"):
        return found
    numbers = _year_column(table) is not None
    below = [(row, value) for row, value in sheet.filled.get(position, []) if row > table.last]
    bare = {row: said for row, value in below if (said := _bare(value, kind, numbers=numbers))}
    if not bare:
        return found
    years = _years_by_row(sheet, table)
    rows = list(sheet.rows)
    for row, said in bare.items():
        if (year := years.get(row)) is not None:
            rows[row] = [*rows[row][:position], _in_year(said, kind, year), *rows[row][position + 1 :]]
    return replace(found, sheet=replace(sheet, rows=rows), table=table)


def _bare(value: Value, kind: str, *, numbers: bool) -> int | None:
    """Return the number of a quarter or month without a year; a number alone is one only beside a column of years."""
    if numbers and re.fullmatch(r"[1-9]|1[0-2]", text := plain(value).removesuffix(".0")):
        return int(text) if int(text) <= (4 if kind == "quarter" else 12) else None
    if not isinstance(value, str):
        return None
    if kind == "quarter":
        return None if to_quarter(value) else quarter_number(value)
    return None if to_month(value) is not None else month_number(plain(value).casefold())


def _year_column(table: Table) -> int | None:
    return next((place for place, text in table.unused.items() if normalise(text) in YEAR_HEADINGS), None)


def _in_year(number: int, kind: str, year: FinancialYear | int) -> str:
    if kind == "quarter":
        return f"Q{number} {year.short}" if isinstance(year, FinancialYear) else f"Q{number} {year}"
    calendar = year.start + (number < 4) if isinstance(year, FinancialYear) else year
    return f"{calendar}-{number:02d}"


@dataclass
class _Years:
    """The year that holds for the next rows."""

    now: FinancialYear | int | None
    by_row: dict[int, FinancialYear | int] = field(default_factory=dict)


def _years_by_row(sheet: Sheet, table: Table) -> dict[int, FinancialYear | int]:
    """Return the year of each row: of its own column, else of the last line with only a year, else of a title."""
    column = _year_column(table)
    years = _Years(None if column is not None else year_in_title(sheet, table.last))
    for row in range(table.last + 1, len(sheet.rows)):
        values = [value for value in sheet.rows[row] if not is_blank(value)]
        said = sheet.at(row, column) if column is not None else values[0] if len(values) == 1 else None
        if not is_blank(said):
            year = to_year(said)
            years.now = year if column is not None or year is not None else years.now
        if years.now is not None and values:
            years.by_row[row] = years.now
    return years.by_row
