"""Read the spreadsheets of plan, scores and actions into the fields that reviewed texts have, naming each bad cell."""

import datetime as dt
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path, PurePosixPath
from typing import Any

from hcsp_assess.errors import InputError, Problem, did_you_mean
from hcsp_assess.sources.returns.dates import to_date
from hcsp_assess.sources.returns.grid import Sheet, Value, is_blank, whole
from hcsp_assess.sources.returns.personal import looks_personal
from hcsp_assess.sources.returns.sheets import SUFFIXES, read_sheets
from hcsp_assess.sources.text_entries import FILE
from hcsp_assess.sources.text_sheet_kinds import Book, SheetColumn, SheetKind, books

#: Sheets of a template that hold no data.
GUIDE, LISTS = "How to fill in", "Lists"
BOOK_FILES = {"plan": "plan.toml", "scores": "scores.toml", "actions": "plan.toml"}
BOOK_NAMES = {f"{name}{suffix}": file for name, file in BOOK_FILES.items() for suffix in SUFFIXES}
#: Forms of personal data that can be sure of a text in which bodies and places are named.
_SURE = re.compile(r"[\w.+-]+@[\w-]+\.[\w.]+|\b\d{3}\s?\d{3}\s?\d{4}\b|\b0\d{2,4}\s?\d{3}\s?\d{3,4}\b")


@dataclass(frozen=True)
class BookRead:
    """A spreadsheet as read: fields as in the TOML file of the same subject, and what is wrong."""

    fields: dict[str, Any] = field(default_factory=dict)
    problems: tuple[Problem, ...] = ()


def book_of(name: str) -> str:
    """Return the TOML file that a spreadsheet takes the place of; "" for another file.

    Examples
    --------
    >>> book_of("Actions.xlsx"), book_of("reasons.toml")
    ('plan.toml', '')
    """
    return BOOK_NAMES.get(name.lower(), "")


@cache
def read_book(content: bytes, name: str) -> BookRead:
    """Read a spreadsheet of plan, scores or actions.

    Parameters
    ----------
    content : bytes
        xlsx, ods or CSV; the plan has several sheets and cannot be CSV.
    name : str
        Its name, for messages: "plan.xlsx".

    Returns
    -------
    BookRead
        Every problem is named, with its sheet and cell; the rows that have one are left out.
    """
    book = books()[PurePosixPath(name).stem.lower()]
    try:
        sheets = read_sheets(Path(name), content)
    except InputError as error:
        return BookRead(problems=(Problem(name, str(error)),))
    fields: dict[str, Any] = {}
    problems: list[Problem] = []
    chosen = _chosen(book, sheets, name, problems)
    for kind in book.sheets:
        sheet = chosen.get(kind.title)
        if sheet is not None and kind.table:
            rows = _rows(kind, sheet, name, problems)
            _put_rows(fields, kind, rows)
        elif sheet is not None:
            _read_fields(kind, sheet, name, fields, problems)
    return BookRead(fields, tuple(problems))


def _chosen(book: Book, sheets: tuple[Sheet, ...], name: str, problems: list[Problem]) -> dict[str, Sheet]:
    """The sheet of each kind, by title; a sheet that is missing or not known is a problem."""
    known = {kind.title.lower(): kind.title for kind in book.sheets}
    if len(book.sheets) == 1 and sheets and not any(sheet.name.strip().lower() in known for sheet in sheets):
        return {book.sheets[0].title: sheets[0]}
    found: dict[str, Sheet] = {}
    for sheet in sheets:
        title = sheet.name.strip()
        if title.lower() in known:
            found[known[title.lower()]] = sheet
        elif title not in (GUIDE, LISTS) and any(not is_blank(value) for row in sheet.rows for value in row):
            near = did_you_mean(title, known.values())
            what = f"the sheet {title!r} is not read: its sheets are {', '.join(known.values())}.{near}"
            problems.append(Problem(name, what, stops=bool(near) or not title))
    if book.sheets[0].title not in found:
        what = f"there is no sheet {book.sheets[0].title!r}: start from `hcsp-assess template {book.name}`"
        problems.append(Problem(name, what))
    return found


def _put_rows(fields: dict[str, Any], kind: SheetKind, rows: list[dict[str, Any]]) -> None:
    """Rows as a list of tables; bodies are lists of names under governance."""
    if kind.table != "bodies":
        if rows:
            fields[kind.table] = rows
        return
    governance = fields.setdefault("governance", {})
    for column in kind.columns[1:]:
        names = [row["name"] for row in rows if row.get(column.field) == "yes"]
        if names or column.field != "both_boards":
            governance[column.field] = names


def _rows(kind: SheetKind, sheet: Sheet, name: str, problems: list[Problem]) -> list[dict[str, Any]]:
    """The rows of a sheet below its headings."""
    start = next((number for number, row in enumerate(sheet.rows) if any(not is_blank(value) for value in row)), None)
    if start is None:
        return []
    columns = _columns(kind, sheet, start, name, problems)
    entries = []
    for number in range(start + 1, len(sheet.rows)):
        if all(is_blank(value) for value in sheet.rows[number]):
            continue
        entry: dict[str, Any] = {}
        before = len(problems)
        for position, column in columns.items():
            where = f"{name}, {_place(sheet, number, position)} ({column.heading})"
            value = _value(column, sheet.at(number, position), where, problems)
            if value is not None:
                _set(entry, column.field, value)
        _check_pairs(entry, f"{name}, {_row(sheet, number)}", problems)
        if len(problems) == before:
            entries.append(entry | {FILE: f"{name}, {_row(sheet, number)}"})
    return entries


def _columns(kind: SheetKind, sheet: Sheet, start: int, name: str, problems: list[Problem]) -> dict[int, SheetColumn]:
    """The column of each position; headings that are unknown, twice or missing are problems."""
    known = {_plain(column.heading): column for column in kind.columns}
    found: dict[int, SheetColumn] = {}
    for position in range(sheet.width):
        value = sheet.at(start, position)
        if is_blank(value):
            if any(not is_blank(sheet.at(row, position)) for row in range(start + 1, len(sheet.rows))):
                problems.append(Problem(f"{name}, {_place(sheet, start, position)}", "this column has no heading"))
            continue
        column = known.get(_plain(str(value)))
        where = f"{name}, {_place(sheet, start, position)}"
        if column is None:
            near = did_you_mean(str(value), [each.heading for each in kind.columns])
            problems.append(Problem(where, f"the heading {str(value)[:60]!r} is not known.{near}"))
        elif column in found.values():
            problems.append(Problem(where, f"the heading {column.heading!r} is there twice: remove one of the columns"))
        else:
            found[position] = column
    missing = [column.heading for column in kind.columns if column.needed and column not in found.values()]
    if missing:
        problems.append(Problem(f"{name}, {_row(sheet, start)}", f"there is no column {', '.join(missing)}: add it"))
    return found


def _read_fields(kind: SheetKind, sheet: Sheet, name: str, fields: dict[str, Any], problems: list[Problem]) -> None:
    """Single fields: a name in the first column, a value in the second."""
    known = {_plain(column.heading): column for column in kind.columns}
    met: set[str] = set()
    for number in range(len(sheet.rows)):
        label, value = sheet.at(number, 0), sheet.at(number, 1)
        if is_blank(label) or (_plain(str(label)), _plain(str(value))) == ("field", "value"):
            if not is_blank(value) and is_blank(label):
                problems.append(Problem(f"{name}, {_place(sheet, number, 1)}", "this value has no name in column A"))
            continue
        column = known.get(_plain(str(label)))
        where = f"{name}, {_place(sheet, number, 0)}"
        if column is None:
            near = did_you_mean(str(label), [each.heading for each in kind.columns])
            problems.append(Problem(where, f"{str(label)[:60]!r} is not known.{near}"))
            continue
        if column.field in met:
            problems.append(Problem(where, f"{column.heading!r} is there twice: remove one of the lines"))
        met.add(column.field)
        found = _value(column, value, f"{name}, {_place(sheet, number, 1)} ({column.heading})", problems)
        if found is not None:
            _set(fields, column.field, found)
    missing = [column.heading for column in kind.columns if column.needed and column.field not in met]
    if missing:
        problems.append(Problem(f"{name}, sheet {sheet.name!r}", f"there is no line {', '.join(missing)}: add it"))


def _value(column: SheetColumn, value: Value, where: str, problems: list[Problem]) -> Any:
    """The value of a cell; None for an empty one, and for one that cannot be used, which is a problem."""
    if is_blank(value):
        if column.needed:
            problems.append(Problem(where, f"the cell is empty: {column.about}"))
        return None
    if column.form == "date":
        day = to_date(value)
        if day is None:
            problems.append(Problem(where, f"{value!r} is no day: write it as 31 October 2026 or 31/10/2026"))
        return day
    text = _text(value)
    if _is_personal(text):
        problems.append(Problem(where, "the cell looks like personal data: name a body or a role, never a person"))
        return None
    if column.allowed and text.lower() not in [each.lower() for each in column.allowed]:
        near = did_you_mean(text.lower(), column.allowed)
        problems.append(Problem(where, f"{text[:60]!r} is not in the list: {', '.join(column.allowed)}.{near}"))
        return None
    if column.allowed:
        text = next(each for each in column.allowed if each.lower() == text.lower())
    if column.form == "number":
        return int(text)
    return [part.strip() for part in text.split(";") if part.strip()] if column.form == "list" else text


def _text(value: Value) -> str:
    """A cell as text: whole numbers without a decimal point, dates as days."""
    if isinstance(value, dt.datetime | dt.date):
        return f"{value.day} {value:%B %Y}"
    if isinstance(value, float):
        return str(whole(value))
    return str(value).strip()


def _is_personal(text: str) -> bool:
    """Whether a cell has contact details or numbers of a person; names of bodies and places are not looked at."""
    return bool(_SURE.search(text)) and bool(looks_personal(text, places=True, references=True))


def _check_pairs(entry: Mapping[str, Any], where: str, problems: list[Problem]) -> None:
    """Each score needs what it rests on, and the other way round; both become a pair."""
    for key, pair in entry.get("scores", {}).items():
        if len(pair) == 2:
            entry["scores"][key] = [pair["0"], pair["1"]]
        else:
            lacks = "a score" if "1" in pair else "what it rests on"
            problems.append(Problem(where, f"{key.replace('_', ' ')} has no {lacks}: fill in both cells, or neither"))


def _set(entry: dict[str, Any], path: str, value: Any) -> None:
    """Put a value where its path says: "scores.physical.0"."""
    *folders, last = path.split(".")
    for each in folders:
        entry = entry.setdefault(each, {})
    entry[last] = value


def _place(sheet: Sheet, row: int, column: int) -> str:
    return (
        f"sheet {sheet.name!r}, cell {sheet.address(row, column)}"
        if sheet.name
        else f"cell {sheet.address(row, column)}"
    )


def _row(sheet: Sheet, row: int) -> str:
    return f"sheet {sheet.name!r}, row {row + 1}" if sheet.name else f"row {row + 1}"


def _plain(heading: str) -> str:
    return " ".join(heading.lower().split())
