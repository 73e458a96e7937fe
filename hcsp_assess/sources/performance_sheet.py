"""Read the quarterly figures of a partnership's own indicators from a spreadsheet: CSV, xlsx or ods, long or wide."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from hcsp_assess.errors import InputError, did_you_mean
from hcsp_assess.periods import Quarter
from hcsp_assess.sources.indicators import Cell, Indicator
from hcsp_assess.sources.returns.dates import to_quarter
from hcsp_assess.sources.returns.definitions import Column
from hcsp_assess.sources.returns.sheets import Sheet, Value, read_sheets
from hcsp_assess.sources.returns.values import plain, read_value

#: How the heading of a column of denominators ends: "Feeling safe: out of".
OUT_OF = ": out of"
#: Headings of columns that hold no figures.
BESIDE = ("quarter", "months")
FIGURE = ("figure", "printed", "value")
DENOMINATOR = ("denominator", "out of")
_LOOKED_AT = 30  # rows in which the headings are looked for
_TOLD = 5  # faults that a message lists


@dataclass(frozen=True)
class _Given:
    """A figure as it was typed, with the places of both cells."""

    indicator: Indicator
    quarter: Quarter
    figure: Value
    out_of: Value
    at: str
    out_of_at: str


class _Faults(list[str]):
    """What is wrong with cells, each with its place."""

    def refuse(self, where: str) -> None:
        """Stop, with the first faults, if there are any."""
        if self:
            more = f" And {len(self) - _TOLD} more." if len(self) > _TOLD else ""
            raise InputError(f"{where} cannot be used. {' '.join(self[:_TOLD])}{more}")


def read_performance(path: Path, where: str, indicators: Sequence[Indicator]) -> tuple[Cell, ...]:
    """Read every figure of a file.

    Parameters
    ----------
    path : Path
        The file. Its sheet has a row of headings, below any title: `Quarter` and a column for each indicator, headed
        with its name or key (a column "NAME: out of" gives what a percentage is of); or `Indicator`, `Quarter`,
        `Figure` and, for percentages, `Out of`, a row for each figure.
    where : str
        What to call it in a message.
    indicators : sequence of Indicator
        The definitions.

    Returns
    -------
    tuple of Cell
        By indicator and quarter. A blank cell, or "n/a", is a quarter without a figure.

    Raises
    ------
    InputError
        If there is no such sheet, or a cell cannot be used; the message names each cell, as C7, and what to write.
    """
    sheet, row = _find_sheet(path, where)
    faults = _Faults()
    headings = [plain(value) for value in sheet.rows[row]]
    names = [heading.casefold() for heading in headings]
    if "indicator" in names:
        given = list(_long(sheet, row, names, indicators, faults))
    else:
        given = list(_wide(sheet, row, headings, indicators, faults))
    cells: dict[tuple[str, Quarter], tuple[Cell, str]] = {}
    for item in given:
        key = item.indicator.key, item.quarter
        if key in cells:
            faults.append(f"{item.at} and {cells[key][1]} both give {item.indicator.name} in {item.quarter}: keep one.")
        cells[key] = _cell(item, faults), item.at
    faults.refuse(where)
    return tuple(cell for cell, _ in sorted(cells.values(), key=lambda pair: (pair[0].indicator, pair[0].quarter)))


def _find_sheet(path: Path, where: str) -> tuple[Sheet, int]:
    """The sheet with a heading `Quarter`, and the row of its headings."""
    found = [
        (sheet, number)
        for sheet in read_sheets(path, path.read_bytes())
        for number, row in enumerate(sheet.rows[:_LOOKED_AT])
        if "quarter" in [plain(value).casefold() for value in row]
    ]
    if not found:
        raise InputError(f"{where} has no column headed Quarter: add one, or start from `hcsp-assess new indicator`")
    others = sorted({sheet.name for sheet, _ in found[1:]} - {found[0][0].name})
    if others:
        raise InputError(f"{where} has figures on the sheets {found[0][0].name} and {', '.join(others)}: keep one")
    return found[0]


def _long(
    sheet: Sheet, row: int, names: list[str], indicators: Sequence[Indicator], faults: _Faults
) -> Iterator[_Given]:
    """The figures of a sheet with a row for each."""
    figure = next((names.index(name) for name in FIGURE if name in names), None)
    if figure is None:
        raise InputError(f"{sheet.address(row, 0)}: the headings {', '.join(names)} lack one: add a column Figure")
    out_of = next((names.index(name) for name in DENOMINATOR if name in names), None)
    known, which, when = _by_name(indicators), names.index("indicator"), names.index("quarter")
    for number in range(row + 1, len(sheet.rows)):
        if not any(plain(value) for value in sheet.rows[number]):
            continue
        name = plain(sheet.at(number, which))
        if name.casefold() not in known:
            faults.append(_unknown(sheet.address(number, which), name, indicators))
            continue
        quarter = _quarter(sheet, number, when, faults)
        if quarter is not None:
            base = sheet.at(number, out_of) if out_of is not None else None
            base_at = sheet.address(number, out_of) if out_of is not None else ""
            at = sheet.address(number, figure)
            yield _Given(known[name.casefold()], quarter, sheet.at(number, figure), base, at, base_at)


def _wide(
    sheet: Sheet, row: int, headings: list[str], indicators: Sequence[Indicator], faults: _Faults
) -> Iterator[_Given]:
    """The figures of a sheet with a column for each indicator."""
    known, columns, bases = _by_name(indicators), dict[int, Indicator](), dict[str, int]()
    for column, heading in enumerate(headings):
        name = heading.casefold()
        if not name or name in BESIDE:
            continue
        own = name.removesuffix(OUT_OF).strip()
        if own not in known:
            faults.append(_unknown(sheet.address(row, column), heading, indicators))
        elif name.endswith(OUT_OF):
            bases[known[own].key] = column
        else:
            columns[column] = known[own]
    when = [heading.casefold() for heading in headings].index("quarter")
    for number in range(row + 1, len(sheet.rows)):
        if not any(plain(value) for value in sheet.rows[number]):
            continue
        quarter = _quarter(sheet, number, when, faults)
        for column, indicator in columns.items() if quarter is not None else ():
            base = bases.get(indicator.key)
            out_of = sheet.at(number, base) if base is not None else None
            out_of_at = sheet.address(number, base) if base is not None else ""
            at = sheet.address(number, column)
            assert quarter is not None  # noqa: S101 - for the type checker
            yield _Given(indicator, quarter, sheet.at(number, column), out_of, at, out_of_at)


def _by_name(indicators: Sequence[Indicator]) -> dict[str, Indicator]:
    """Indicators by name and by key, in small letters."""
    return {text.casefold(): item for item in indicators for text in (plain(item.name), item.key)}


def _unknown(at: str, name: str, indicators: Sequence[Indicator]) -> str:
    known = [item.name for item in indicators]
    hint = did_you_mean(name, [*known, *(item.key for item in indicators)])
    return f"{at}: there is no indicator {name!r}.{hint} Indicators: {', '.join(known)}."


def _quarter(sheet: Sheet, row: int, column: int, faults: _Faults) -> Quarter | None:
    value = sheet.at(row, column)
    quarter = to_quarter(value, starts_1904=sheet.starts_1904)
    if quarter is None:
        faults.append(
            f"{sheet.address(row, column)}: {plain(value)!r} is not a quarter: write Q1 25/26 (April to June)."
        )
    return quarter


def _cell(item: _Given, faults: _Faults) -> Cell:
    """The cell of a figure; what cannot be read is among the faults."""
    kind = "percent" if item.indicator.unit == "percent" else "count"
    value = _number(item.figure, kind, item.at, faults)
    base = _number(item.out_of, "count", item.out_of_at, faults)
    if base == 0:
        faults.append(f"{item.out_of_at}: a percentage of 0 is none: leave both cells blank.")
    printed = "" if value is None else f"{value:.10g}%" if kind == "percent" else f"{value:.0f}"
    return Cell(item.indicator.key, item.quarter, printed, int(base) if base else None)


def _number(value: Value, kind: str, at: str, faults: _Faults) -> float | None:
    """A number of a cell, or None for a blank one; a suppressed figure is no figure that can be shown."""
    read = read_value(value, Column("figure", "Figure", "percent" if kind == "percent" else "count", ""))
    if read.problem:
        faults.append(f"{at}: {plain(value)!r} {read.problem}.")
    elif read.status == "suppressed":
        faults.append(f"{at}: {plain(value)!r} is a hidden figure: leave the cell blank.")
    return float(str(read.value)) if read.status == "given" and not read.problem else None
