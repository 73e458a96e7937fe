"""Read a partner's return: rows kept, rows set aside with their cells, and an account that balances."""

from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import pandas as pd

from hcsp_assess.errors import InputError
from hcsp_assess.files import printable, sha256_of
from hcsp_assess.periods import Span, parse_span
from hcsp_assess.sources.returns.dates import to_date, to_financial_year, to_month, to_quarter
from hcsp_assess.sources.returns.definitions import PERIOD_TYPES, Column, ReturnDefinition, normalise, return_definition
from hcsp_assess.sources.returns.layout import EXPLAINING, best_guess, missing_columns
from hcsp_assess.sources.returns.personal import (
    KnownTable,
    all_findings,
    describe,
    personal_file_name,
    refuse_personal_data,
    refuse_personal_file_name,
)
from hcsp_assess.sources.returns.personal_review import Review, find_review
from hcsp_assess.sources.returns.remarks import hidden_sheets, reading_remarks
from hcsp_assess.sources.returns.rows import Line, LineKind, read_lines, set_conflicts_aside, set_hidden_aside
from hcsp_assess.sources.returns.shapes import Found, tables_in
from hcsp_assess.sources.returns.sheets import SUFFIXES, Sheet, Value, read_sheets
from hcsp_assess.sources.returns.values import plain
from hcsp_assess.sources.returns.workbook_facts import workbook_facts
from hcsp_assess.sources.simulated import is_marked

SET_ASIDE_COLUMNS: Final = ("sheet", "row", "cell", "column", "reason", "original")
_DTYPES: Final = {
    "count": "Int64",
    "number": "Float64",
    "percent": "Float64",
    "yes_no": "boolean",
    "date": "datetime64[s]",
    "month": "period[M]",
}


@dataclass(frozen=True)
class ReturnAccount:
    """What became of every line of a file.

    lines = titles + headings + blank + notes + rows_in, and rows_in = kept + set_aside, exactly.

    Attributes
    ----------
    lines : int
        Lines of the sheets that hold a table.
    titles, headings, blank, notes : int
        Lines above the heading; of headings, repeated ones too; empty; and of remarks below or between the rows.
    rows_in, kept, set_aside : int
        Rows of the table, and what became of them.
    by_reason : tuple of (str, int)
        Rows set aside, by reason.
    other_sheets : tuple of str
        Sheets without a table of this return: they were looked at for personal data and otherwise left alone.
    unused_columns : tuple of str
        Headings, with their cells, that the return's definition does not have.
    remarks : tuple of str
        What is special in the file and what was done about it, in words: hidden rows, columns and sheets, tables that
        were put in another shape, dates that begin with the month, formulas without a result.
    """

    lines: int
    titles: int
    headings: int
    blank: int
    notes: int
    rows_in: int
    kept: int
    set_aside: int
    by_reason: tuple[tuple[str, int], ...]
    other_sheets: tuple[str, ...]
    unused_columns: tuple[str, ...]
    remarks: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        above = self.titles + self.headings + self.blank + self.notes
        if self.lines != above + self.rows_in or self.rows_in != self.kept + self.set_aside:
            raise AssertionError(f"the account of a return does not balance: {self}")


@dataclass(frozen=True)
class ReturnResult:
    """A return as read.

    Attributes
    ----------
    file, sha256 : str
        Name and checksum of the file as received.
    rows : pandas.DataFrame
        One line per row kept: the definition's columns (missing ones empty), for each number `NAME_status` ("given",
        "suppressed", "missing", "not applicable"), for each count `NAME_below` (5 for "<5"), then `sheet` and `row`.
    set_aside : pandas.DataFrame
        One line per row set aside: sheet, row, cell, column, reason, original.
    span : Span or None
        From the first to the last month that its rows speak of; None without rows.
    simulated : bool
        Whether a file SIMULATED.toml beside it, or one folder up, says that the data are not real.
    review : Review or None
        The recorded review after which it was read although something in it looked like personal data.
    """

    definition: ReturnDefinition
    file: str
    sha256: str
    rows: pd.DataFrame
    set_aside: pd.DataFrame
    account: ReturnAccount
    span: Span | None
    simulated: bool
    review: Review | None = None
    method: str = "read by the return's definition; cells that cannot be understood are set aside"


def read_return(path: Path, name: str, *, root: Path | None = None) -> ReturnResult:
    """Read one file that a partner sent.

    Parameters
    ----------
    path : Path
        CSV, xlsx or ods.
    name : str
        Name of the return (`return_names`).
    root : Path, optional
        Root of a project with definitions of its own.

    Raises
    ------
    PersonalDataError
        If any cell of any sheet, or a text outside the cells, holds personal data and no review of this very file is
        recorded (`review_return`); the message names the place, not what is there.
    InputError
        If the file can't be opened, or no sheet has the return's columns.

    Notes
    -----
    "-", "..", "n/a" and an empty cell are gaps, never zeros. A bare 0.38 in a column of percentages is set aside, since
    it may mean 38% or 0.38%; a cell formatted as a percentage is read as shown. Identical records are kept: they are
    separate events. In an aggregate return two rows that differ only in their numbers contradict each other and are
    set aside, both; of two that are the same in everything the second is set aside.
    """
    definition = return_definition(name, root)
    content = path.read_bytes()
    sha256 = sha256_of(content)
    review = find_review(path, sha256)
    if review is None:
        refuse_personal_file_name(path.name)
    sheets = read_sheets(path, content)
    tables = _tables(sheets, definition, path.name)
    if review is None:
        refuse_personal_data(
            sheets, _known_tables(sheets, tables, definition), file=path.name, facts=workbook_facts(content, path.name)
        )
    if not tables:
        raise InputError(_no_table(path, sheets, definition))
    found = [one for of_sheet in tables.values() for one in of_sheet]
    lines = [line for one in found for line in read_lines(one.sheet, one.table, definition)]
    lines = set_conflicts_aside(set_hidden_aside(lines, hidden_sheets(found)), definition)
    kept = [line for line in lines if line.kind == "row" and not line.faults]
    aside = [line for line in lines if line.kind == "row" and line.faults]
    rows = _frame(kept, definition)
    spans = row_spans(rows, definition)
    return ReturnResult(
        definition=definition,
        file=printable(path.name),
        sha256=sha256,
        review=review,
        rows=rows,
        set_aside=_aside_frame(aside),
        account=_account(sheets, tables, lines, definition),
        span=Span(min(s.first for s in spans), max(s.last for s in spans)) if spans else None,
        simulated=is_marked(path) or is_marked(path.parent),
    )


def personal_places(path: Path, name: str, *, root: Path | None = None) -> tuple[str, ...]:
    """Return every place of a file that looks like personal data, in words that never repeat what is there.

    For a review (`personal_review`): "column 'Location' (cell E4) looks like a name of a person".

    Raises
    ------
    InputError
        If the file can't be opened.
    """
    definition = return_definition(name, root)
    content = path.read_bytes()
    sheets = read_sheets(path, content)
    known = _known_tables(sheets, _tables(sheets, definition, path.name), definition)
    findings = all_findings(sheets, known, workbook_facts(content, path.name))
    newest = max((table.newest for table in known.values()), default=0)
    named = ("the name of the file looks like personal data",) if personal_file_name(path.name, newest=newest) else ()
    return (*named, *dict.fromkeys(describe(finding, sheets, known) for finding in findings))


def no_rows(definition: ReturnDefinition) -> pd.DataFrame:
    """Return the empty table of a return that was not received, with its columns."""
    return _frame([], definition)


def row_spans(rows: pd.DataFrame, definition: ReturnDefinition) -> list[Span]:
    """Return the months that each row speaks of, in order of the rows."""
    kind = definition.column(definition.period).type
    values = rows[definition.period]
    if kind in ("quarter", "financial_year"):
        return [parse_span(str(value)) for value in values]
    months = values if kind == "month" else values.dt.to_period("M")
    return [Span(month, month) for month in months]


def _tables(sheets: tuple[Sheet, ...], definition: ReturnDefinition, file: str) -> dict[int, tuple[Found, ...]]:
    """Return the tables of each sheet that has any, by number; turned ones only in a file that has no other."""
    explaining = [number for number, sheet in enumerate(sheets) if sheet.name in EXPLAINING]
    usual = [number for number in range(len(sheets)) if number not in explaining]
    try:
        found = {number: tables_in(sheets[number], definition) for number in usual}
        if not any(found.values()):
            found |= {number: tables_in(sheets[number], definition) for number in explaining}
    except InputError as error:
        raise InputError(f"{file}: {error}") from error
    plain_ones = any(tables and not _turned(tables) for tables in found.values())
    return {number: tables for number, tables in found.items() if tables and not (plain_ones and _turned(tables))}


def _turned(found: tuple[Found, ...]) -> bool:
    return any(one.sheet.origins for one in found)


def _known_tables(
    sheets: tuple[Sheet, ...], tables: dict[int, tuple[Found, ...]], definition: ReturnDefinition
) -> dict[int, KnownTable]:
    """What the search for personal data needs to know of each sheet with tables in their usual shape."""
    return {
        number: known_table(sheets[number], found, definition) for number, found in tables.items() if not _turned(found)
    }


def known_table(sheet: Sheet, found: tuple[Found, ...], definition: ReturnDefinition) -> KnownTable:
    """Return what the search for personal data needs to know of the tables of one sheet."""
    columns = [(definition.column(name), place) for one in found for name, place in one.table.columns.items()]
    last = max(one.table.last for one in found)
    periods = [place for column, place in columns if column.name == definition.period]
    values = [value for period in periods for row, value in sheet.filled.get(period, []) if row > last]
    years = [year for value in values if (year := _year(value, definition.column(definition.period)))]
    return KnownTable(
        last_heading=last,
        headings={position: text for one in found for position, text in one.table.headings.items()},
        defined=frozenset(place for _, place in columns),
        dated=frozenset(place for column, place in columns if column.type in PERIOD_TYPES),
        newest=max(years, default=0),
        choices={
            place: frozenset(normalise(word) for word in (*column.allowed, *(said for said, _ in column.synonyms)))
            for column, place in columns
            if column.allowed
        },
        numbers=frozenset(place for column, place in columns if column.is_number),
    )


def _year(value: Value, column: Column) -> int | None:
    raw = plain(value) if isinstance(value, str) else value
    if column.type == "quarter":
        quarter = to_quarter(raw)
        return quarter.span.last.year if quarter else None
    if column.type == "financial_year":
        year = to_financial_year(raw)
        return year.start + 1 if year else None
    found = to_date(raw) or to_month(raw)
    return found.year if found is not None else None


def _no_table(path: Path, sheets: tuple[Sheet, ...], definition: ReturnDefinition) -> str:
    guesses = [(sheet, best_guess(sheet, definition)) for sheet in sheets]
    sheet, guess = max(guesses, key=lambda pair: 0 if pair[1] is None else len(pair[1].columns), default=(None, None))
    missing = ", ".join(missing_columns(guess, definition))
    where = ""
    if sheet is not None and guess is not None:
        found = ", ".join(text for _, text in sorted(guess.headings.items()) if normalise(text))
        where = f" The nearest heading is in {_place(sheet, guess.first)}: {found}."
    return (
        f"{path.name} has no table of the return {definition.name}: there is no column {missing}.{where} "
        f"Use the template: hcsp-assess template {definition.name}"
    )


def _place(sheet: Sheet, row: int) -> str:
    return f"row {row + 1}" + (f" of sheet {sheet.name!r}" if sheet.name else "")


def _frame(lines: list[Line], definition: ReturnDefinition) -> pd.DataFrame:
    data: dict[str, Any] = {}
    for column in definition.columns:
        readings = [line.readings.get(column.name) for line in lines]
        values = [None if reading is None else reading.value for reading in readings]
        data[column.name] = pd.Series(values, dtype=_DTYPES.get(column.type, "str"))
        if column.is_number:
            statuses = ["missing" if reading is None else reading.status for reading in readings]
            data[f"{column.name}_status"] = pd.Series(statuses, dtype="str")
        if column.type == "count":
            below = [None if reading is None else reading.below for reading in readings]
            data[f"{column.name}_below"] = pd.Series(below, dtype="Int64")
    data["sheet"] = pd.Series([line.sheet for line in lines], dtype="str")
    data["row"] = pd.Series([line.row + 1 for line in lines], dtype="Int64")
    return pd.DataFrame(data)


def _aside_frame(lines: list[Line]) -> pd.DataFrame:
    rows = [
        {
            "sheet": line.sheet,
            "row": line.row + 1,
            "cell": "; ".join(fault.cell for fault in line.faults),
            "column": "; ".join(fault.column for fault in line.faults),
            "reason": "; ".join(fault.reason for fault in line.faults),
            "original": "; ".join(fault.original for fault in line.faults),
        }
        for line in lines
    ]
    return pd.DataFrame(rows, columns=list(SET_ASIDE_COLUMNS)).astype({"row": "Int64"})


def _account(
    sheets: tuple[Sheet, ...], tables: dict[int, tuple[Found, ...]], lines: list[Line], definition: ReturnDefinition
) -> ReturnAccount:
    kinds: Counter[LineKind] = Counter(line.kind for line in lines)
    reasons = Counter(
        f"{line.faults[0].column}: {line.faults[0].reason}" for line in lines if line.kind == "row" and line.faults
    )
    found = [one for of_sheet in tables.values() for one in of_sheet]
    unused = [
        f"{text} ({one.sheet.name + '!' if one.sheet.name else ''}{one.sheet.address(one.table.last, position)})"
        for one in found
        for position, text in one.table.unused.items()
        if not one.sheet.origins
    ]
    aside = sum(reasons.values())
    total = sum(len(one.sheet.rows) for one in found)
    return ReturnAccount(
        lines=total,
        titles=kinds["title"],
        headings=kinds["heading"],
        blank=total - len(lines) + kinds["blank"],
        notes=kinds["note"],
        rows_in=kinds["row"],
        kept=kinds["row"] - aside,
        set_aside=aside,
        by_reason=tuple(sorted(reasons.items())),
        other_sheets=tuple(sheet.name for number, sheet in enumerate(sheets) if number not in tables),
        unused_columns=tuple(unused),
        remarks=reading_remarks(sheets, found, lines, definition),
    )


def is_return_file(path: Path) -> bool:
    """Return whether a file may be a return, by its suffix; lock files of Office (~$...) are not."""
    return path.suffix.lower() in SUFFIXES and not path.name.startswith(("~$", "."))
