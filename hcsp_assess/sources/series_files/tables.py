"""Find the series in a sheet: time down a column or across the headings, with or without title lines."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import pairwise
from typing import Final

from hcsp_assess.errors import InputError, nearest
from hcsp_assess.sources.returns.definitions import normalise
from hcsp_assess.sources.returns.layout import DEEPEST, LOOKED_AT, heading_parts
from hcsp_assess.sources.returns.sheets import Sheet
from hcsp_assess.sources.returns.values import plain
from hcsp_assess.sources.series_files.counts import NUMBERS, read_count
from hcsp_assess.sources.series_files.labels import Label, combined, label_of
from hcsp_assess.sources.series_files.times import is_time_heading, read_labels


@dataclass(frozen=True)
class Grid:
    """A sheet as text, each cell without odd spaces."""

    sheet: Sheet

    @cached_property
    def texts(self) -> list[list[str]]:
        """Text of each cell, by row."""
        return [[plain(value) for value in row] for row in self.sheet.rows]

    def at(self, row: int, column: int) -> str:
        """Return the text in a row and column, from 0; "" outside."""
        return self.texts[row][column] if row < len(self.texts) and column < len(self.texts[row]) else ""

    def filled(self, row: int) -> list[int]:
        """Return the columns of a row that hold something."""
        return [column for column, text in enumerate(self.texts[row]) if text]

    def place(self, row: int) -> str:
        """Return where a row is, in words: "line 3", or "row 3 of sheet 'Data'"."""
        return f"row {row + 1} of sheet {self.sheet.name!r}" if self.sheet.name else f"line {row + 1}"


@dataclass(frozen=True)
class Layout:
    """Where the parts of a table are.

    Attributes
    ----------
    grid : Grid
        The sheet.
    across : bool
        Whether months are headings, with a row for each series.
    first_row : int
        First row of data, from 0.
    heading_rows : tuple of int
        Rows of the heading, from the top; none where the data begin at once.
    headings : dict
        Heading of each column that has one.
    time_columns : tuple of int
        Columns that say when: one, or two such as year and month; none where months are across.
    labels : dict
        What the heading of a column says of time, for columns of counts.
    notes : tuple of str
        How times were read.
    """

    grid: Grid
    across: bool
    first_row: int
    heading_rows: tuple[int, ...]
    headings: dict[int, str]
    time_columns: tuple[int, ...]
    labels: dict[int, Label]
    row_labels: dict[int, tuple[Label | None, ...]]
    notes: tuple[str, ...] = ()

    @property
    def rows(self) -> range:
        """Every row under the heading."""
        return range(self.first_row, len(self.grid.texts))

    @cached_property
    def columns(self) -> tuple[int, ...]:
        """Columns that hold something under the heading."""
        found: set[int] = set()
        for row in self.rows:
            found.update(self.grid.filled(row))
        return tuple(sorted(found))

    def texts(self, column: int) -> list[str]:
        """Return the texts of a column under the heading, by row."""
        if column not in self._texts:
            self._texts[column] = [
                row[column] if column < len(row) else "" for row in self.grid.texts[self.first_row :]
            ]
        return self._texts[column]

    @cached_property
    def _texts(self) -> dict[int, list[str]]:
        return {}

    def name(self, column: int) -> str:
        """Return a column's heading, or its number in words."""
        return self.headings.get(column) or f"column {column + 1}"


def find_layout(sheet: Sheet, time: str | None = None) -> Layout | None:
    """Return where the table of a sheet is, or None if nothing in it says months or quarters.

    Parameters
    ----------
    time : str, optional
        Heading of the column of months or quarters, where the person names it.
    """
    grid = Grid(sheet)
    if time is not None:
        found = _named(grid, time)
        return None if found is None else _down(grid, *found)
    by_column, by_row = _counted(grid)
    column = _best_column(grid, by_column)
    row = max(by_row, key=lambda place: (*by_row[place], place), default=None)
    if row is not None and sum(by_row[row]) > 1 and by_row[row] > (by_column[column] if column is not None else (0, 0)):
        return _across(grid, row)
    if column is not None:
        _refuse_two(grid, column)
        return _down(grid, column, None)
    row = _row_of_serials(grid)
    if row is not None:
        return _across(grid, row)
    by_word = _by_word(grid)
    return None if by_word is None else _down(grid, *by_word)


def _best_column(grid: Grid, by_column: dict[int, tuple[int, int]]) -> int | None:
    """Return the column with most months or quarters; one that is headed "Month" or similar, where it has enough."""
    most = max(by_column, key=lambda place: (by_column[place], -place), default=None)
    if most is None:
        return None
    full, partial = by_column[most]
    enough = [place for place, (f, p) in by_column.items() if f >= full / 2 and f + p >= (full + partial) / 2]
    return min(enough, key=lambda place: (not _headed(grid, place), -by_column[place][0], -by_column[place][1], place))


def _counted(grid: Grid) -> tuple[dict[int, tuple[int, int]], dict[int, tuple[int, int]]]:
    """Count the cells of each column, and of each of the first rows, that say a month or quarter, or a part of one."""
    columns: dict[bool, Counter[int]] = {True: Counter(), False: Counter()}
    rows: dict[bool, Counter[int]] = {True: Counter(), False: Counter()}
    known: dict[str, Label | None] = {}
    for row, texts in enumerate(grid.texts):
        for column, text in enumerate(texts):
            if not text or (text.isdecimal() and len(text) not in (6, 8)):
                continue
            if text not in known:
                known[text] = label_of(text.casefold())
            label = known[text]
            if label is not None and label.kind != "year":
                columns[label.is_full][column] += 1
                if row < LOOKED_AT:
                    rows[label.is_full][row] += 1
    return _pairs(columns), _pairs(rows)


def _pairs(counted: dict[bool, Counter[int]]) -> dict[int, tuple[int, int]]:
    return {place: (counted[True][place], counted[False][place]) for place in {*counted[True], *counted[False]}}


def _row_of_serials(grid: Grid) -> int | None:
    """Return the row whose numbers are Excel's serial numbers of months one after the other."""
    for row in range(min(LOOKED_AT, len(grid.texts))):
        numbers = [text for text in grid.texts[row] if text[:1].isdecimal()]
        if len(numbers) < 3 or not all(len(text) == 5 for text in numbers):
            continue
        labels, _ = read_labels(numbers, starts_1904=grid.sheet.starts_1904)
        ordinals = [label.ordinal for label in labels if label is not None and label.is_full]
        if len(ordinals) == len(numbers) and all(two > one for one, two in pairwise(ordinals)):
            return row
    return None


def _headed(grid: Grid, column: int) -> bool:
    return any(is_time_heading(grid.at(row, column)) for row in range(min(LOOKED_AT, len(grid.texts))))


def _refuse_two(grid: Grid, column: int) -> None:
    """Refuse two columns of complete dates that say different months: only the person knows which is meant."""
    first = range(min(len(grid.texts), 1000))  # enough to see whether a column holds dates
    own = [label_of(grid.at(row, column).casefold()) for row in first]
    number = sum(label is not None for label in own)
    for other in range(grid.sheet.width if grid.sheet.width < 200 else 0):
        if other == column:
            continue
        pairs = [(one, label_of(grid.at(row, other).casefold())) for row, one in enumerate(own)]
        full = [(one, two) for one, two in pairs if one and two and one.is_full and two.is_full]
        if len(full) > number / 2 and any(one.ordinal != two.ordinal for one, two in full if one.kind == two.kind):
            raise InputError("two columns hold months or dates: choose one with --time and its heading")


def _named(grid: Grid, time: str) -> tuple[int, int] | None:
    wanted = normalise(time)
    for row in range(min(LOOKED_AT, len(grid.texts))):
        for column in grid.filled(row):
            if normalise(grid.at(row, column)) == wanted:
                return column, row
    return None


def _by_word(grid: Grid) -> tuple[int, int | None] | None:
    """Return the column headed "Month", "Date" or similar that holds numbers; else one of serial numbers."""
    for row in range(min(LOOKED_AT, len(grid.texts))):
        filled = grid.filled(row)
        words = [column for column in filled if is_time_heading(grid.at(row, column))]
        if words and len(filled) > 1:
            best = [c for c in words if not {"year", "yr", "fy"} & set(normalise(grid.at(row, c)).split())]
            return (best or words)[0], row
    for column in range(min(grid.sheet.width, 3)):
        texts = [grid.at(row, column) for row in range(len(grid.texts))]
        labels, _ = read_labels(texts)
        rows = [row for row, label in enumerate(labels) if label is not None and label.is_full]
        if len(rows) > 1:
            return column, rows[0] - 1 if rows[0] else None
    return None


def _down(grid: Grid, column: int, heading: int | None) -> Layout:
    """Arrange a table with time down a column."""
    if heading is None:
        first = _first_of(grid, column)
        heading = _heading_above(grid, first, column)
    if heading is None:
        rows: tuple[int, ...] = ()
        first = next((row for row in range(first) if len(grid.filled(row)) > 1), first)
    else:
        rows = _heading_rows(grid, heading, column)
        first = heading + 1
    layout = Layout(grid, False, first, rows, {}, (column,), {}, {})
    layout = replace(layout, headings=_headings(layout))
    return _with_times(layout, column)


def _heading_above(grid: Grid, first: int, column: int) -> int | None:
    """Return the row of headings above the data: the nearest; one that says "Month" or "Title" before other remarks."""
    rows = [row for row in range(first - 1, -1, -1) if _may_head(grid, row, column)]
    if not rows or not grid.at(rows[0], column):
        return rows[0] if rows else None
    titles = [row for row in rows if normalise(grid.at(row, column)) == "title"]
    width = len(grid.filled(rows[0]))
    said = [row for row in rows if is_time_heading(grid.at(row, column)) and len(grid.filled(row)) >= width]
    return (titles or said or rows)[0]


def _may_head(grid: Grid, row: int, column: int) -> bool:
    """Return whether a row may be the heading of a column of time: it has other cells, and no figures but years."""
    filled = grid.filled(row)
    if len(filled) > 1 and is_time_heading(grid.at(row, column)):
        return True
    figures = [text for place in filled if read_count(text := grid.at(row, place)).kind in NUMBERS]
    years = [text for text in figures if text.isdecimal() and len(text) == 4 and 1900 <= int(text) < 2100]
    return any(place != column for place in filled) and len(figures) == len(years)


def _first_of(grid: Grid, column: int) -> int:
    """Return the row in which the times of a column begin: a title may be a month too, but no month follows it."""
    labels = [label_of(grid.at(row, column).casefold()) for row in range(len(grid.texts))]
    rows = [row for row, label in enumerate(labels) if label is not None and label.kind != "year"]
    if not rows:
        return 0
    for row in rows:
        if any(read_count(grid.at(row, other)).kind != "other" for other in grid.filled(row) if other != column):
            return row
        below = next((r for r in range(row + 1, len(labels)) if grid.filled(r)), None)
        if len(grid.filled(row)) > 1 and (below is None or labels[below] is not None or row == rows[-1]):
            return row
    return rows[0]


def _heading_rows(grid: Grid, lowest: int, time_column: int) -> tuple[int, ...]:
    """Return the rows of a heading, from the top: those above the lowest that head groups of its columns."""
    rows = [lowest]
    for row in range(lowest - 1, max(lowest - DEEPEST, -1), -1):
        filled = grid.filled(row)
        right = [column for column in filled if column > time_column]
        both = grid.at(row, time_column) and grid.at(lowest, time_column)
        whole = any(top == row and left <= time_column < last for top, left, _, last in grid.sheet.merged)
        if not right or both or whole:
            break
        rows.insert(0, row)
    return tuple(rows)


def _headings(layout: Layout) -> dict[int, str]:
    if not layout.heading_rows:
        return {}
    first, last = layout.heading_rows[0], layout.heading_rows[-1]
    columns = sorted({*layout.columns, *layout.grid.filled(last)})
    if len(columns) > 2000 and first < last:
        first = last
    found = {column: " ".join(heading_parts(layout.grid.sheet, first, last, column)) for column in columns}
    return {column: text for column, text in found.items() if text}


def _with_times(layout: Layout, column: int) -> Layout:
    """Read the times of a column and, where they are parts ("April"), the columns or headings that say the rest."""
    rows = layout.rows
    main, notes = _column_labels(layout, column)
    given = [label for label in main if label is not None]
    partial = bool(given) and sum(label.is_full for label in given) < len(given) / 2
    columns, row_labels = [column], [main]
    if partial:
        for other in layout.columns:
            if other == column or not _may_say_rest(layout, other, given[0]):
                continue
            labels, _ = _column_labels(layout, other)
            columns.append(other)
            row_labels.append(labels)
    labels_across: dict[int, Label] = {}
    if partial and len(columns) == 1:
        labels_across = _heading_labels(layout, [c for c in layout.columns if c != column])
    if len(columns) > 1:
        row_labels = [
            _filled_down(labels) if c != column else labels for c, labels in zip(columns, row_labels, strict=True)
        ]
        if any(label.kind in ("year", "financial year") for label in given):
            row_labels[0] = _filled_down(main)
    by_row = {row: tuple(labels[place] for labels in row_labels) for place, row in enumerate(rows)}
    return replace(layout, time_columns=tuple(columns), labels=labels_across, row_labels=by_row, notes=notes)


def _column_labels(layout: Layout, column: int) -> tuple[list[Label | None], tuple[str, ...]]:
    texts = layout.texts(column)
    heading = layout.headings.get(column, "")
    return read_labels(texts, heading=heading, starts_1904=layout.grid.sheet.starts_1904)


def _filled_down(labels: Sequence[Label | None]) -> list[Label | None]:
    """Return labels with blanks filled from above, as a merged cell of a year leaves them."""
    filled: list[Label | None] = []
    for label in labels:
        filled.append(label if label is not None else (filled[-1] if filled else None))
    return filled


def _may_say_rest(layout: Layout, column: int, main: Label) -> bool:
    """Return whether a column has only years beside months, or only months beside years."""
    labels, _ = _column_labels(layout, column)
    texts = layout.texts(column)
    filled = sum(bool(text) for text in texts)
    kinds = Counter(label.kind for label in labels if label is not None)
    years = kinds["year"] + kinds["financial year"]
    parts = kinds["month name"] + kinds["quarter number"] + kinds["three months"]
    wanted = parts if main.kind in ("year", "financial year") else years
    if not wanted or wanted < 0.6 * filled:
        return False
    return kinds["year"] == 0 or is_time_heading(layout.headings.get(column, "")) or not layout.headings


def _heading_labels(layout: Layout, columns: Sequence[int]) -> dict[int, Label]:
    found, _ = read_labels([layout.headings.get(column, "") for column in columns])
    return {column: label for column, label in zip(columns, found, strict=True) if label is not None}


def _across(grid: Grid, row: int) -> Layout:
    """Arrange a table with months as headings and a row for each series."""
    texts = [grid.at(row, column) for column in range(len(grid.texts[row]))]
    found, notes = read_labels(texts, starts_1904=grid.sheet.starts_1904)
    labels = {column: label for column, label in enumerate(found) if label is not None}
    rows = [row]
    for above in range(row - 1, max(row - DEEPEST, -1), -1):
        years = _years_above(grid, above, labels)
        if years:
            labels = {column: _completed_by(label, years.get(column)) for column, label in labels.items()}
            rows.insert(0, above)
    layout = Layout(grid, True, row + 1, (row,), {}, (), labels, {}, notes)
    layout = replace(layout, headings=_headings(layout), heading_rows=tuple(rows))
    if any(label.is_full for label in labels.values()):
        return layout
    return _with_year_column(layout)


def _completed_by(label: Label, year: Label | None) -> Label:
    """Return a label completed by the year above it, where there is one and it is needed."""
    if label.is_full or year is None:
        return label
    return combined((year, label)) or label


def _years_above(grid: Grid, row: int, labels: dict[int, Label]) -> dict[int, Label]:
    """Return the year over each column, from cells that head several columns."""
    if all(label.is_full for label in labels.values()):
        return {}
    found: dict[int, Label] = {}
    current: Label | None = None
    for column in range(max(labels) + 1):
        text = grid.at(row, column)
        if text:
            label = label_of(text.casefold(), spans=True)
            current = label if label is not None and label.kind in ("year", "financial year") else None
        if current is not None and column in labels:
            found[column] = current
    return found


def _with_year_column(layout: Layout) -> Layout:
    """Add the column of years to a table whose headings are months alone."""
    for column in layout.columns:
        if column in layout.labels:
            continue
        labels, notes = _column_labels(layout, column)
        filled = sum(bool(layout.grid.at(row, column)) for row in layout.rows)
        years = sum(label is not None and label.kind in ("year", "financial year") for label in labels)
        parts = sum(label is not None and not label.is_full for label in labels)
        if max(years, parts) and max(years, parts) >= 0.6 * filled:
            by_row: dict[int, tuple[Label | None, ...]] = {
                row: (label,) for row, label in zip(layout.rows, labels, strict=True)
            }
            return replace(layout, time_columns=(column,), row_labels=by_row, notes=layout.notes + notes)
    return layout


def column_named(layout: Layout, wanted: str, option: str) -> int:
    """Return the column of a heading that the person names.

    Raises
    ------
    InputError
        If there is none: the nearest heading and all of them are named.
    """
    known = {normalise(text): column for column, text in layout.headings.items()}
    if normalise(wanted) in known:
        return known[normalise(wanted)]
    names = [layout.headings[column] for column in sorted(layout.headings)]
    shown = ", ".join(names[:20]) + (", ..." if len(names) > 20 else "")
    like = nearest(wanted, names)
    hint = f"did you mean {like!r}? The" if like else "the"
    raise InputError(f"no column is headed {wanted!r} ({option}); {hint} headings are {shown}")


EXPLAINING: Final = ("contents", "notes", "cover", "cover sheet", "information", "metadata", "lists")
