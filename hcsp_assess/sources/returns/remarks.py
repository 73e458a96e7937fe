"""Say what is special in a file that a partner sent, and what was done about it."""

from collections import Counter
from collections.abc import Iterator

from openpyxl.utils import get_column_letter

from hcsp_assess.sources.returns.definitions import ReturnDefinition
from hcsp_assess.sources.returns.grid import Sheet
from hcsp_assess.sources.returns.habits import habits_of
from hcsp_assess.sources.returns.rows import Line
from hcsp_assess.sources.returns.shapes import Found


def hidden_sheets(found: list[Found]) -> frozenset[str]:
    """Return the hidden sheets whose rows are set aside: all of them, unless no visible sheet has a table."""
    hidden = {one.sheet.name for one in found if one.sheet.hidden}
    return frozenset(hidden) if any(not one.sheet.hidden for one in found) else frozenset()


def reading_remarks(
    sheets: tuple[Sheet, ...], found: list[Found], lines: list[Line], definition: ReturnDefinition
) -> tuple[str, ...]:
    """Return one sentence, without its full stop, for each thing that is special."""
    remarks = [remark for sheet in sheets for remark in sheet.remarks]
    remarks += [said for one in found for said in _of_table(one, lines, definition)]
    tables = {one.sheet.name for one in found}
    aside = hidden_sheets(found)
    for sheet in sheets:
        if sheet.hidden and sheet.rows:
            became = "was read" if sheet.name in tables else "holds no table of this return"
            became = "its rows were set aside" if sheet.name in aside else became
            remarks.append(f"sheet {sheet.name!r} is hidden: {became}")
    remarks += _of_cells(lines, definition)
    return tuple(dict.fromkeys(remarks))


def _of_table(one: Found, lines: list[Line], definition: ReturnDefinition) -> Iterator[str]:
    sheet, table = one.sheet, one.table
    where = f" of sheet {sheet.name!r}" if sheet.name else ""
    if one.remark:
        yield f"{one.remark}{where}" if where else one.remark.rstrip(",")
    rows = [line.row for line in lines if line.kind == "row" and line.sheet == sheet.name]
    hidden = [row for row in rows if row in sheet.hidden_rows]
    if hidden:
        said = "row is" if len(hidden) == 1 else "rows are"
        yield f"{len(hidden)} of {len(rows)} {said} hidden (from row {min(hidden) + 1}){where}: read like the others"
    columns = [position for position in sorted(table.headings) if position in sheet.hidden_columns]
    if columns:
        said = ", ".join(f"{table.headings[position]} ({get_column_letter(position + 1)})" for position in columns)
        yield f"hidden columns{where}: {said}; read like the others"
    for name, habit in habits_of(sheet, table, definition).items():
        heading = definition.column(name).heading
        if habit.order == "month first":
            yield f"the dates of {heading!r}{where} begin with the month, as in America: read so"
        if habit.order == "doubt":
            yield f"the dates of {heading!r}{where} may begin with the day or the month: set aside"
        if habit.scale == "share":
            yield f"{heading!r}{where} holds shares of 1: read as percentages, 0.38 as 38%"


def _of_cells(lines: list[Line], definition: ReturnDefinition) -> list[str]:
    """Return what was remarked of single cells of the rows kept, counted by column."""
    kept = [line for line in lines if line.kind == "row" and not line.faults]
    said = Counter((name, item.remark) for line in kept for name, item in line.readings.items() if item.remark)
    return [
        f"{definition.column(name).heading}: {number} {'cell' if number == 1 else 'cells'} with {remark}"
        if remark.startswith("a ")
        else f"{definition.column(name).heading}: {number} {'figure' if number == 1 else 'figures'} {remark}"
        for (name, remark), number in said.items()
    ]
