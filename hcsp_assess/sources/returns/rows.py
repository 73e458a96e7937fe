"""Sort the lines under a heading into rows, remarks and rows that cannot be used, with the reason."""

import re
from dataclasses import dataclass, replace
from typing import Final, Literal

from hcsp_assess.sources.returns.definitions import Column, ReturnDefinition, normalise
from hcsp_assess.sources.returns.grid import Sheet, Value
from hcsp_assess.sources.returns.habits import PLAIN, Habit, habits_of
from hcsp_assess.sources.returns.layout import Table, headings_of, meant
from hcsp_assess.sources.returns.values import FORMULA_ERROR, Reading, choices, plain, read_value

LineKind = Literal["title", "heading", "blank", "note", "row"]
TOTAL: Final = re.compile(r"(?:grand |sub ?|county |overall |year )?totals?\b.*|sum|cyfanswm\b.*", re.IGNORECASE)
_REMARK: Final = re.compile(
    r"(?:notes?|sources?|key|footnotes?|contact|prepared by|produced|please|\*|\[?\d\]|\(\d\))\b.*|\*.+", re.I
)


@dataclass(frozen=True)
class Fault:
    """Why a row can't be used: the column and the cell, the reason, and what is written there."""

    column: str
    cell: str
    reason: str
    original: str


@dataclass(frozen=True)
class Line:
    """One line of a sheet: what kind it is and, for a row, what was read and what is wrong with it."""

    sheet: str
    row: int
    kind: LineKind
    readings: dict[str, Reading]
    faults: tuple[Fault, ...] = ()
    cell: str = ""


def read_lines(sheet: Sheet, table: Table, definition: ReturnDefinition) -> list[Line]:
    """Return every line of a sheet that holds a table, read by the definition; blank ones may be left out."""
    known: dict[tuple[str, type, object], Reading] = {}
    habits = habits_of(sheet, table, definition)
    return [_read_line(sheet, row, table, definition, known, habits) for row, cells in enumerate(sheet.rows) if cells]


def set_hidden_aside(lines: list[Line], hidden: frozenset[str]) -> list[Line]:
    """Set aside the rows of hidden sheets; `hidden` has their names."""

    def aside(line: Line) -> Line:
        if line.kind != "row" or line.sheet not in hidden:
            return line
        return replace(line, faults=(Fault("Sheet", line.cell, "is on a hidden sheet", line.sheet),))

    return [aside(line) for line in lines] if hidden else lines


def set_conflicts_aside(lines: list[Line], definition: ReturnDefinition) -> list[Line]:
    """Set aside the rows of an aggregate return that say something twice.

    Of rows that are the same in every column the first is kept. Where only the figures differ we cannot say which row
    is right, and all of them are set aside. Records are left alone: identical events are separate events.
    """
    if definition.grain == "record":
        return lines
    telling = {column.name for column in definition.columns if not column.is_number}
    first: dict[tuple[object, ...], int] = {}
    clashes: dict[int, int] = {}
    repeats: dict[int, int] = {}
    for place, line in enumerate(lines):
        if line.kind != "row" or line.faults:
            continue
        key = tuple(reading.value for name, reading in line.readings.items() if name in telling)
        earlier = first.setdefault(key, place)
        if earlier == place:
            continue
        if line.readings == lines[earlier].readings:
            repeats[place] = earlier
        else:
            clashes |= {place: earlier, earlier: place}
    said = {place: ("repeats", other) for place, other in repeats.items()}
    said |= {place: ("contradicts", other) for place, other in clashes.items()}
    return [
        _with_conflict(line, said[place][0], lines[said[place][1]], definition) if place in said else line
        for place, line in enumerate(lines)
    ]


def _with_conflict(line: Line, how: str, other: Line, definition: ReturnDefinition) -> Line:
    keys = ", ".join(str(line.readings[name].value) for name in definition.keys)
    where = f"row {other.row + 1}" + (f" of sheet {other.sheet}" if other.sheet != line.sheet else "")
    heading = definition.column(definition.keys[0]).heading
    return replace(line, faults=(Fault(heading, line.cell, f"{how} another row", f"{keys}: see {where}"),))


def _read_line(
    sheet: Sheet,
    row: int,
    table: Table,
    definition: ReturnDefinition,
    known: dict[tuple[str, type, object], Reading],
    habits: dict[str, Habit],
) -> Line:
    """Read one line; `known` holds what the sheet's cells were read as, since the same days and places come often."""
    kind, source = _kind(sheet, row, table, definition), sheet.source_row(row)
    if kind != "row":
        return Line(sheet.name, source, kind, {})
    readings = {}
    for name, position in table.columns.items():
        value = sheet.at(row, position)
        said = (name, type(value), value)
        if said not in known:
            known[said] = _read_cell(value, definition.column(name), habits.get(name, PLAIN), sheet)
        readings[name] = known[said]
    total = _total(sheet, row, table, definition)
    if total is not None:
        return Line(sheet.name, source, kind, readings, (total,))
    faults, keys = [], definition.keys
    for name, reading in readings.items():
        missing = name in keys and reading.status != "given"
        if reading.problem or missing:
            heading, position = definition.column(name).heading, table.columns[name]
            reason = reading.problem or f"no {_lower(heading)}"
            original = plain(sheet.at(row, position)) if reading.problem else ""
            faults.append(Fault(heading, sheet.address(row, position), reason, original))
    own = sheet.address(row, table.columns[definition.keys[0]] if definition.keys else 0)
    all_faults = _too_many_cells(sheet, row, table) or tuple(faults)
    all_faults = all_faults or _part_faults(sheet, row, readings, table, definition)
    return Line(sheet.name, source, kind, readings, all_faults, own)


def _read_cell(value: Value, column: Column, habit: Habit, sheet: Sheet) -> Reading:
    """Read a cell as its column writes; a formula without a result is a gap in a column that is not required."""
    if doubt := habit.doubt(value):
        return Reading(problem=doubt)
    reading = read_value(habit.settled(value), column, starts_1904=sheet.starts_1904)
    if reading.problem == FORMULA_ERROR and not column.required and not column.key:
        return Reading(status="missing", remark="a formula without a result, read as missing")
    return reading


def _too_many_cells(sheet: Sheet, row: int, table: Table) -> tuple[Fault, ...]:
    """Return the fault of a line of CSV that goes on after the last heading: its cells may be one column too far right.

    "1,040" without quotation marks is two cells.
    """
    last = max(table.headings)
    text = plain(sheet.at(row, last + 1)) if sheet.separator else ""
    reason = "has more cells than the heading: put texts and numbers with commas in quotation marks"
    return (Fault(table.headings[last], sheet.address(row, last + 1), reason, text),) if text else ()


def _part_faults(
    sheet: Sheet, row: int, readings: dict[str, Reading], table: Table, definition: ReturnDefinition
) -> tuple[Fault, ...]:
    faults = []
    for part, whole in definition.parts:
        one, other = (readings[name].value if name in readings else None for name in (part, whole))
        if isinstance(one, (int, float)) and isinstance(other, (int, float)) and one > other:
            names = [definition.column(name).heading for name in (part, whole)]
            reason = f"{_lower(names[0])} exceed {_lower(names[1])}"
            faults.append(Fault(names[0], sheet.address(row, table.columns[part]), reason, f"{one:g} of {other:g}"))
    return tuple(faults)


def _lower(heading: str) -> str:
    return heading if heading[:2].isupper() else heading[:1].lower() + heading[1:]


def _kind(sheet: Sheet, row: int, table: Table, definition: ReturnDefinition) -> LineKind:
    values = enumerate(sheet.rows[row])
    filled = {position: text for position, value in values if value is not None and (text := plain(value))}
    if table.first <= row <= table.last:
        return "heading"
    if not filled:
        return "blank"
    if row < table.first:
        return "title"
    if _repeats_heading(sheet, row, table) or (row <= table.last + 2 and _means_heading(sheet, row, table, definition)):
        return "heading"
    begins_as_remark = len(filled) <= 2 and _REMARK.fullmatch(next(iter(filled.values())))
    if (begins_as_remark or len(filled) == 1) and _is_remark(filled, table, definition):
        return "note"
    return "row"


def _repeats_heading(sheet: Sheet, row: int, table: Table) -> bool:
    said = 0
    for place in table.columns.values():
        here = plain(sheet.at(row, place))
        if normalise(here) != normalise(plain(sheet.at(table.last, place))):
            return False
        said += bool(here)
    return said > 1


def _means_heading(sheet: Sheet, row: int, table: Table, definition: ReturnDefinition) -> bool:
    """Return whether a row says the heading again, in the other language."""
    names = headings_of(definition)
    said = {name: text for name, place in table.columns.items() if (text := plain(sheet.at(row, place)))}
    return len(said) > 1 and all(meant([text], names) == name for name, text in said.items())


def _is_remark(filled: dict[int, str], table: Table, definition: ReturnDefinition) -> bool:
    """Return whether the first text of a line is a remark: it is, unless it is what its column asks for."""
    position, text = next(iter(filled.items()))
    name = next((name for name, place in table.columns.items() if place == position), None)
    if name is None:
        return True
    column = definition.column(name)
    return column.type == "text" or bool(read_value(text, column).problem)


def _total(sheet: Sheet, row: int, table: Table, definition: ReturnDefinition) -> Fault | None:
    """Return the fault of a row of totals: a word for total where a key belongs."""
    for name in definition.keys:
        if name not in table.columns:
            continue
        column = definition.column(name)
        text = plain(sheet.at(row, table.columns[name]))
        if column.type == "choice" and normalise(text) in choices(column):
            continue
        if TOTAL.fullmatch(text):
            return Fault(column.heading, sheet.address(row, table.columns[name]), "a total, not a separate row", text)
    return None
