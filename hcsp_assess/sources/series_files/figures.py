"""Read a table's figures, each with its series, its month or quarter, and its line."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final, Literal

from hcsp_assess.errors import InputError
from hcsp_assess.sources.returns.definitions import normalise
from hcsp_assess.sources.returns.rows import TOTAL
from hcsp_assess.sources.series_files.columns import Columns, is_continental, texts_down
from hcsp_assess.sources.series_files.counts import NUMBERS, Cell, read_count
from hcsp_assess.sources.series_files.labels import Label, combined
from hcsp_assess.sources.series_files.tables import Layout

Unit = Literal["month", "quarter"]
Spell = tuple[Unit, int]  # a month or quarter, as months or quarters since the year 0
_WHOLE_YEARS: Final = ("year", "financial year")


@dataclass(frozen=True)
class Figures:
    """Figures by series and month or quarter.

    Attributes
    ----------
    unit : str
        "month" or "quarter".
    series : dict
        By name of the series: months or quarters since the year 0, to the count or None.
    written : dict
        Where each month or quarter was first written: row from 0, and the text.
    notes : tuple of str
        What was left out.
    """

    unit: Unit
    series: dict[str, dict[int, int | None]]
    written: dict[int, tuple[int, str]]
    notes: tuple[str, ...] = ()

    @property
    def ordinals(self) -> list[int]:
        """Every month or quarter, in order."""
        return sorted(set().union(*self.series.values()))


@dataclass
class _Found:
    """What has been read so far, and the lines that were left out."""

    series: dict[str, dict[Spell, int | None]] = field(default_factory=dict)
    rows: dict[tuple[str, Spell], int] = field(default_factory=dict)
    written: dict[Spell, tuple[int, str]] = field(default_factory=dict)
    marks: Counter[str] = field(default_factory=Counter)
    whole_years: int = 0
    totals: int = 0
    rates: int = 0
    remarks: int = 0


@dataclass(frozen=True)
class _Row:
    """A line of the table: its cells of counts, its times and the parts of its series' name."""

    number: int
    cells: dict[int, Cell]
    labels: tuple[Label, ...]
    time: str
    parts: tuple[str, ...]


@dataclass(frozen=True)
class _Table:
    """A table whose columns have been chosen, and the part of a series' name that each column of counts gives."""

    layout: Layout
    columns: Columns
    names: dict[int, str]
    spells: dict[int, Spell | None]
    continental: bool

    def row(self, number: int, parts: tuple[str, ...]) -> _Row:
        """Return what is in a line."""
        texts = self.layout.grid.texts[number]
        cells = {
            column: read_count(texts[column], continental=self.continental)
            for column in self.columns.counts
            if column < len(texts) and texts[column]
        }
        time = " ".join(texts[column] for column in self.layout.time_columns if column < len(texts) and texts[column])
        own = self.layout.row_labels.get(number, ())
        return _Row(number, cells, tuple(label for label in own if label is not None), time, parts)


def read_figures(layout: Layout, columns: Columns, names: dict[int, str]) -> Figures:
    """Read every figure of the columns of counts.

    Parameters
    ----------
    names : dict
        Part of the series' name that a column of counts gives, by column.

    Raises
    ------
    InputError
        Naming the line: a figure that is no count, a month that cannot be read, a month of a series twice, no name.
    """
    across = {} if layout.time_columns else {c: _spell(layout.labels[c]) for c in columns.counts}
    table = _Table(layout, columns, names, across, is_continental(layout))
    rows = list(layout.rows)
    texts = [texts_down(layout, column, rows) for column in columns.names]
    parts = list(zip(*texts, strict=True)) if texts else [()] * len(rows)
    totals = _rows_of_totals(table, rows, parts)
    found = _Found()
    for number, of_row in zip(rows, parts, strict=True):
        if not layout.grid.filled(number):
            continue
        row = table.row(number, of_row)
        if number in totals or _is_total(table, row):
            found.totals += 1
        elif layout.across and _is_rate(row):
            found.rates += 1
        elif not _has_figures(table, row):
            found.remarks += 1
        else:
            _keep_row(table, row, found)
    return _of_one_unit(table, found)


def _rows_of_totals(table: _Table, rows: Sequence[int], parts: Sequence[tuple[str, ...]]) -> set[int]:
    """Return the rows of a series "Total", unless there is no other series."""
    if not table.columns.names:
        return set()
    words = {part for named in parts for part in named if TOTAL.fullmatch(part)}
    totals = {row for row, named in zip(rows, parts, strict=True) if words.intersection(named)}
    others = (row for row in rows if row not in totals)
    given = any(table.layout.grid.at(row, column) for row in others for column in table.columns.counts)
    return totals if given else set()


def _is_total(table: _Table, row: _Row) -> bool:
    """Return whether a line has a word for total where its month belongs."""
    layout = table.layout
    first = layout.grid.at(row.number, layout.grid.filled(row.number)[0])
    if layout.time_columns and row.time:
        return bool(TOTAL.fullmatch(row.time)) or normalise(row.time).split()[-1:] == ["total"]
    return not any(row.parts) and bool(TOTAL.fullmatch(first))


def _is_rate(row: _Row) -> bool:
    """Return whether most figures of a line are percentages, money or no whole numbers."""
    kinds = [cell.kind for cell in row.cells.values() if cell.kind in NUMBERS]
    return len(kinds) > 1 and sum(kind != "count" for kind in kinds) > len(kinds) / 2


def _has_figures(table: _Table, row: _Row) -> bool:
    """Return whether a line has figures: remarks, headings of groups and repeated headings have none."""
    layout, filled = table.layout, table.layout.grid.filled(row.number)
    if not row.cells:
        return bool(row.labels) and not layout.across  # a month without a figure
    if any(cell.kind != "other" for cell in row.cells.values()):
        return True
    heading = layout.heading_rows[-1] if layout.heading_rows else None
    if heading is not None and all(layout.grid.at(row.number, c) == layout.grid.at(heading, c) for c in filled):
        return False
    begun = any(any(labels) for number, labels in layout.row_labels.items() if number < row.number)
    if begun and not row.labels and len(filled) > 2 and len(row.cells) == len(table.columns.counts):
        raise InputError(f"a second table begins in {layout.grid.place(row.number)}: keep one table on each sheet")
    return bool(row.labels) or (layout.across and len(row.cells) > 1)


def _keep_row(table: _Table, row: _Row, found: _Found) -> None:
    layout, place = table.layout, table.layout.grid.place(row.number)
    if layout.time_columns and not row.labels:
        raise InputError(_no_time(place, row.time))
    name = ": ".join(part for part in row.parts if part)
    if table.columns.names and not name:
        raise InputError(f"{place} has figures but no series name in {layout.name(table.columns.names[0])!r}")
    for column in table.columns.counts:
        spell = table.spells[column] if table.spells else _row_spell(table, row, layout.labels.get(column))
        if spell is None:
            found.whole_years += 1
            continue
        cell = row.cells.get(column)
        if cell is not None and cell.kind != "count":
            _note_mark(table, row, column, cell, found)
        own = table.names[column]
        full = f"{name}: {own}" if name and own else name or own
        of_series = found.series.setdefault(full, {})
        if spell in of_series:
            raise InputError(_twice(table, row, full, spell, found))
        of_series[spell] = None if cell is None else cell.value
        found.rows[full, spell] = row.number
        if spell not in found.written:
            written = row.time if layout.time_columns else layout.headings.get(column, "")
            found.written[spell] = row.number, written


def _note_mark(table: _Table, row: _Row, column: int, cell: Cell, found: _Found) -> None:
    """Count a figure that is held back or missing; refuse what is no count."""
    if cell.problem:
        text = table.layout.grid.at(row.number, column)
        shown = text if len(text) <= 40 else text[:37] + "..."
        where = f"{table.layout.grid.place(row.number)}: {shown!r}"
        raise InputError(f"{where} {cell.problem} (column {table.layout.name(column)})")
    found.marks[cell.kind] += 1


def _no_time(place: str, written: str) -> str:
    if not written:
        return f"{place} has a figure but no month: write the month in each line, or remove the figure"
    return f"{place}: {written!r} is not a month or quarter; write 2018-01, January 2018 or Q1 2018/19"


def _spell(label: Label) -> Spell | None:
    return ("month" if label.kind == "month" else "quarter", label.ordinal) if label.is_full else None


def _row_spell(table: _Table, row: _Row, across: Label | None) -> Spell | None:
    """Return the month or quarter of a figure; None for a figure of a whole year."""
    said = row.labels if across is None else (*row.labels, across)
    label = combined(said)
    if label is not None:
        return _spell(label)
    if not any(part.kind in _WHOLE_YEARS for part in said):
        place = table.layout.grid.place(row.number)
        raise InputError(f"{place} names a month or quarter but no year: write 2019-04 or Q1 2019/20")
    return None


def _twice(table: _Table, row: _Row, name: str, spell: Spell, found: _Found) -> str:
    earlier = found.rows[name, spell]
    if earlier == row.number:
        return f"two columns of figures are of {say_spell(spell)}: give each its own heading"
    place = table.layout.grid.place
    of = f"{say_spell(spell)} of {name!r}"
    before = table.row(earlier, ()).time
    if before != row.time and spell[0] == "month" and table.layout.time_columns:
        return (
            f"{place(row.number)} is of {of} ({row.time}), and so is {place(earlier)} ({before}): add up the days or "
            "weeks of each month first, or name the column that distinguishes the rows with --series"
        )
    return (
        f"{place(row.number)}: {of} appears twice, first in {place(earlier)}; add the two up, remove one, or name "
        "the column that distinguishes the rows with --series"
    )


def say_spell(spell: Spell) -> str:
    """Return a month as 2019-04 and a quarter as "quarter 2 of 2019"."""
    year, number = divmod(spell[1], 12 if spell[0] == "month" else 4)
    return f"{year}-{number + 1:02d}" if spell[0] == "month" else f"quarter {number + 1} of {year}"


def _of_one_unit(table: _Table, found: _Found) -> Figures:
    """Return the figures of months, or of quarters: the months where a file has a block of each."""
    units = Counter(unit for unit, _ in found.written)
    notes = _notes(table.layout, found)
    unit: Unit = "month" if units["month"] else "quarter"
    if units["month"] and units["quarter"]:
        if units["month"] <= units["quarter"]:
            row, text = next(place for (kind, _), place in found.written.items() if kind == "month")
            place = table.layout.grid.place(row)
            raise InputError(f"{place}: {text!r} is a month, but most lines are quarters: keep only one of the two")
        notes.append(f"{units['quarter']} quarters beside the months were left out")
    if not units and found.whole_years:
        raise InputError("the figures are for whole years: a trend needs months or quarters")
    series = {
        name: {ordinal: value for (kind, ordinal), value in spells.items() if kind == unit}
        for name, spells in found.series.items()
    }
    written = {ordinal: place for (kind, ordinal), place in found.written.items() if kind == unit}
    return Figures(unit, {name: spells for name, spells in series.items() if spells}, written, tuple(notes))


def _notes(layout: Layout, found: _Found) -> list[str]:
    top = layout.heading_rows[0] if layout.heading_rows else layout.first_row
    titles = sum(bool(layout.grid.filled(row)) for row in range(top))
    left_out = (
        (titles, "line above the table", "lines above the table"),
        (found.totals, "line of totals", "lines of totals"),
        (found.rates, "line of percentages, money or rates", "lines of percentages, money or rates"),
        (found.remarks, "line without figures (a remark or a heading)", "lines without figures (remarks or headings)"),
        (found.whole_years, "figure of a whole year", "figures of whole years"),
    )
    missing = (
        (found.marks["suppressed"], "suppressed", "[c], <5 and similar"),
        (found.marks["missing"], "missing", "marked as [x], .. and similar"),
    )
    notes = [
        f"1 {one} was left out" if number == 1 else f"{number:,} {many} were left out"
        for number, one, many in left_out
        if number
    ]
    return notes + [
        f"{number:,} {what} figure{'s' if number > 1 else ''} ({how}): treated as not held, not as zero"
        for number, what, how in missing
        if number
    ]
