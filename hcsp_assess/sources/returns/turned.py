"""Turn a table whose periods run across: one row for each period, with each measure in a column of its own."""

from dataclasses import dataclass, field
from typing import Final

from hcsp_assess.errors import InputError
from hcsp_assess.periods import FinancialYear
from hcsp_assess.sources.returns.dates import quarter_number, to_financial_year, to_month, to_quarter
from hcsp_assess.sources.returns.definitions import ReturnDefinition, normalise
from hcsp_assess.sources.returns.grid import Sheet, Value, is_blank
from hcsp_assess.sources.returns.layout import LOOKED_AT, headings_of, meant
from hcsp_assess.sources.returns.rows import TOTAL
from hcsp_assess.sources.returns.values import plain
from hcsp_assess.sources.returns.years import YEAR_HEADINGS, to_year, year_in_title

FEWEST: Final = 2  # periods in a row of headings
Place = tuple[int, int]


@dataclass(frozen=True)
class _Head:
    """The row of periods: the period of each column, which columns identify a row, which one has years."""

    row: int
    periods: dict[int, str]
    left: dict[int, str]
    year: int | None
    labels: tuple[int, ...]


@dataclass
class _Long:
    """The rows made so far: by the values that identify one, its measures and where each is from."""

    head: _Head
    measure: str | None
    year: FinancialYear | int | None
    rows: dict[tuple[object, ...], dict[str, tuple[Value, Place]]] = field(default_factory=dict)
    notes: list[tuple[str, Place]] = field(default_factory=list)
    repeats: int = 0


def unfolded(sheet: Sheet, definition: ReturnDefinition) -> Sheet | None:
    """Return a sheet with periods across as one with periods down, or None where it is no such table.

    Parameters
    ----------
    sheet : Sheet
        Quarters, months or years in a row of headings; measures, or other columns that identify a row, to their left.
    definition : ReturnDefinition
        An aggregate return: rows of records are never turned.

    Raises
    ------
    InputError
        If a second row of periods below the first has other periods.

    Notes
    -----
    Columns between two periods that are no total are turned as well, so that a period written in doubt is set aside
    with its figures and not lost. `Sheet.origins` has the place in the file of every cell.
    """
    if definition.grain != "aggregate":
        return None
    head = _head(sheet, definition)
    if head is None:
        return None
    numbers = [column.name for column in definition.columns if column.is_number and column.required]
    long = _Long(head, numbers[0] if len(numbers) == 1 else None, None)
    for row in range(len(sheet.rows)):
        if row != head.row and any(not is_blank(value) for value in sheet.rows[row]):
            _take(sheet, row, long, definition)
    return _as_sheet(sheet, long, definition) if long.rows else None


def _head(sheet: Sheet, definition: ReturnDefinition) -> _Head | None:
    kind = definition.column(definition.period).type
    best: tuple[int, dict[int, str]] = (0, {})
    for row in range(min(LOOKED_AT, len(sheet.rows))):
        said = {
            place: _period(sheet, row, place, kind) for place, value in enumerate(sheet.rows[row]) if value is not None
        }
        periods = {place: text for place, text in said.items() if text}
        if len(periods) > len(best[1]):
            best = (row, periods)
    row, periods = best
    if len(periods) < FEWEST:
        return None
    first, last = min(periods), max(periods)
    across = {
        place: plain(sheet.at(row, place)) for place in range(first, last + 1) if not is_blank(sheet.at(row, place))
    }
    periods |= {place: text for place, text in across.items() if place not in periods and not TOTAL.fullmatch(text)}
    names = headings_of(definition)
    left: dict[int, str] = {}
    year, labels = None, []
    for place in range(first):
        text = plain(sheet.at(row, place)) or plain(sheet.at(row - 1, place) if row else None)
        name = meant([text], names) if text else None
        if name is not None and not definition.column(name).is_number and name != definition.period:
            left[place] = name
        elif normalise(text) in YEAR_HEADINGS:
            year = place
        else:
            labels.append(place)
    return _Head(row, dict(sorted(periods.items())), left, year, tuple(labels))


def _period(sheet: Sheet, row: int, place: int, kind: str) -> str:
    """Return the period that heads a column, with a year over it where it has none of its own; "" for none."""
    value = sheet.at(row, place)
    if kind == "month":
        month = to_month(value)
        return "" if month is None else str(month)
    if kind == "financial_year":
        return str(to_financial_year(value) or "")
    if quarter := to_quarter(value):
        return str(quarter)
    number = quarter_number(value) if isinstance(value, str) else None
    if number is None:
        return ""
    over = [
        sheet.merged_over(above, place) or sheet.nearest_left(above, place)
        for above in range(row - 1, max(row - 3, -1), -1)
    ]
    year = next((found for said in over if isinstance(found := to_year(said), FinancialYear)), None)
    return f"Q{number}" if year is None else f"Q{number} {year.short}"


def _take(sheet: Sheet, row: int, long: _Long, definition: ReturnDefinition) -> None:
    """Take one line: its figures, or the measure or year that holds for the lines below it, or a remark."""
    head = long.head
    texts = [(place, plain(value)) for place, value in enumerate(sheet.rows[row]) if not is_blank(value)]
    names = headings_of(definition)
    measures = [name for _, text in texts if (name := meant([text], names)) and definition.column(name).is_number]
    figures = {place for place, _ in texts if place in head.periods}
    if figures and _is_heading(sheet, row, figures, head):
        return
    if not figures or row < head.row:
        if len(texts) == 1 and measures:
            long.measure = measures[0]
        elif len(texts) == 1 and isinstance(year := to_year(sheet.at(row, texts[0][0])), FinancialYear):
            long.year = year
        long.notes.append((texts[0][1], (row, texts[0][0])))
        return
    labels = [(text, meant([text], names)) for place in head.labels if (text := plain(sheet.at(row, place)))]
    named = [name for _, name in labels if name is not None and definition.column(name).is_number]
    years = [year for text, _ in labels if isinstance(year := to_year(text), FinancialYear)]
    strange = [text for text, name in labels if name is None and to_year(text) is None]
    if strange and not named:
        long.notes.append((f"{strange[0]}: not in this return", (row, head.labels[0])))
        return
    if head.year is not None and not is_blank(said := sheet.at(row, head.year)):
        long.year = to_year(said)
    _add(sheet, row, long, named[0] if named else long.measure, years[0] if years else long.year)


def _is_heading(sheet: Sheet, row: int, places: set[int], head: _Head) -> bool:
    """Return whether a row repeats the row of periods; stop where it has others, which its figures would belong to."""
    if all(plain(sheet.at(row, place)) == plain(sheet.at(head.row, place)) for place in places):
        return True
    values = [value for place in places if isinstance(value := sheet.at(row, place), str)]
    if any(quarter_number(value) or to_quarter(value) for value in values):
        raise InputError(
            f"row {row + 1} has other periods than row {head.row + 1}: put each table on a sheet of its own"
        )
    return False


def _add(sheet: Sheet, row: int, long: _Long, measure: str | None, year: FinancialYear | int | None) -> None:
    head = long.head
    if measure is None:
        place = min(place for place in head.periods if not is_blank(sheet.at(row, place)))
        long.notes.append(("figures without the name of their measure", (row, place)))
        return
    ids = tuple(plain(sheet.at(row, place)) for place in head.left)
    for place, said in head.periods.items():
        period = said
        if quarter_number(said) and not to_quarter(said):
            known = year or year_in_title(sheet, head.row)
            period = said if known is None else f"{said} {known.short if isinstance(known, FinancialYear) else known}"
        value = sheet.at(row, place)
        key: tuple[object, ...] = (*ids, period)
        if measure in long.rows.get(key, {}):
            long.repeats += 1
            key = (*key, long.repeats)
        long.rows.setdefault(key, {})[measure] = (value, (row, place))


def _as_sheet(sheet: Sheet, long: _Long, definition: ReturnDefinition) -> Sheet:
    head = long.head
    measures = [column.name for column in definition.columns if any(column.name in row for row in long.rows.values())]
    names = [*head.left.values(), definition.period, *measures]
    above = [note for note in long.notes if note[1][0] < head.row]
    below = [note for note in long.notes if note[1][0] > head.row]
    rows: list[list[Value]] = []
    origins: dict[Place, Place] = {}
    for text, place in above:
        origins[len(rows), 0] = place
        rows.append([text])
    origins |= {(len(rows), column): (head.row, 0) for column in range(len(names))}
    rows.append([definition.column(name).heading for name in names])
    for key, figures in long.rows.items():
        number = len(rows)
        values: list[Value] = [str(said) for said in key[: len(head.left) + 1]]
        place = next(iter(figures.values()))[1]
        origins |= {(number, column): (place[0], left) for column, left in enumerate(head.left)}
        origins[number, len(head.left)] = (head.row, place[1])
        for name in measures:
            value, place = figures.get(name, (None, place))
            origins[number, len(values)] = place
            values.append(value)
        rows.append(values)
    for text, place in below:
        origins[len(rows), 0] = place
        rows.append([text])
    return Sheet(sheet.name, rows, starts_1904=sheet.starts_1904, hidden=sheet.hidden, origins=origins)
