"""Sort the lines under a heading into rows, remarks and rows that cannot be used, with the reason."""

import re
from dataclasses import dataclass, replace
from typing import Final, Literal

from hcsp_assess.sources.returns.definitions import ReturnDefinition, normalise
from hcsp_assess.sources.returns.layout import Table
from hcsp_assess.sources.returns.sheets import Sheet
from hcsp_assess.sources.returns.values import Reading, choices, plain, read_value

LineKind = Literal["title", "heading", "blank", "note", "row"]
TOTAL: Final = re.compile(r"(?:grand |sub ?|county |overall |year )?totals?\b.*|sum", re.IGNORECASE)
_REMARK: Final = re.compile(
    r"(?:notes?|sources?|key|footnotes?|contact|prepared by|produced|please|\*|\[?\d\]|\(\d\))\b.*|\*.+", re.I
)


@dataclass(frozen=True)
class Fault:
    """Why a row can't be used: the column and its position, the reason, and what is written there."""

    column: str
    position: int
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


def read_lines(sheet: Sheet, table: Table, definition: ReturnDefinition) -> list[Line]:
    """Return every line of a sheet that holds a table, read by the definition."""
    known: dict[tuple[str, type, object], Reading] = {}
    return [_read_line(sheet, row, table, definition, known) for row in range(len(sheet.rows))]


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
    return replace(line, faults=(Fault(heading, 0, f"{how} another row", f"{keys}: see {where}"),))


def _read_line(
    sheet: Sheet,
    row: int,
    table: Table,
    definition: ReturnDefinition,
    known: dict[tuple[str, type, object], Reading],
) -> Line:
    """Read one line; `known` holds what the sheet's cells were read as, since the same days and places come often."""
    kind = _kind(sheet, row, table, definition)
    if kind != "row":
        return Line(sheet.name, row, kind, {})
    readings = {}
    for name, position in table.columns.items():
        value = sheet.at(row, position)
        cell = (name, type(value), value)
        if cell not in known:
            known[cell] = read_value(value, definition.column(name), starts_1904=sheet.starts_1904)
        readings[name] = known[cell]
    total = _total(sheet, row, table, definition)
    if total is not None:
        return Line(sheet.name, row, kind, readings, (total,))
    faults = []
    for name, reading in readings.items():
        heading, position = definition.column(name).heading, table.columns[name]
        if reading.problem:
            faults.append(Fault(heading, position, reading.problem, plain(sheet.at(row, position))))
        elif name in definition.keys and reading.status != "given":
            faults.append(Fault(heading, position, f"no {_lower(heading)}", ""))
    return Line(sheet.name, row, kind, readings, tuple(faults) or _part_faults(readings, table, definition))


def _part_faults(readings: dict[str, Reading], table: Table, definition: ReturnDefinition) -> tuple[Fault, ...]:
    faults = []
    for part, whole in definition.parts:
        one, other = (readings[name].value if name in readings else None for name in (part, whole))
        if isinstance(one, (int, float)) and isinstance(other, (int, float)) and one > other:
            names = [definition.column(name).heading for name in (part, whole)]
            reason = f"{_lower(names[0])} exceed {_lower(names[1])}"
            faults.append(Fault(names[0], table.columns[part], reason, f"{one:g} of {other:g}"))
    return tuple(faults)


def _lower(heading: str) -> str:
    return heading if heading[:2].isupper() else heading[:1].lower() + heading[1:]


def _kind(sheet: Sheet, row: int, table: Table, definition: ReturnDefinition) -> LineKind:
    filled = {position: text for position in range(len(sheet.rows[row])) if (text := plain(sheet.at(row, position)))}
    if table.first <= row <= table.last:
        return "heading"
    if not filled:
        return "blank"
    if row < table.first:
        return "title"
    if _repeats_heading(sheet, row, table):
        return "heading"
    begins_as_remark = len(filled) <= 2 and _REMARK.fullmatch(next(iter(filled.values())))
    if (begins_as_remark or len(filled) == 1) and _is_remark(filled, table, definition):
        return "note"
    return "row"


def _repeats_heading(sheet: Sheet, row: int, table: Table) -> bool:
    pairs = [(sheet.at(row, place), sheet.at(table.last, place)) for place in table.columns.values()]
    here = [normalise(plain(cell)) if isinstance(cell, str) else "" for cell, _ in pairs[:2]]
    if not any(here):
        return False
    same = all(normalise(plain(cell)) == normalise(plain(heading)) for cell, heading in pairs)
    return same and sum(bool(plain(cell)) for cell, _ in pairs) > 1


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
            return Fault(column.heading, table.columns[name], "a total, not a separate row", text)
    return None
