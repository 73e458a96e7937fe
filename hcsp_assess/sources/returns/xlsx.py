"""Read an xlsx workbook as it streams from its file: each cell once, at a cost that follows what is in the file.

openpyxl makes an object of every cell that has a format and nothing in it (a million rows cost a minute and 1 GB), and
refuses a workbook for a colour that it does not know. python-calamine holds a sheet as one rectangle, however far apart
its cells are, and does not tell formats, so that 35.1% and 0.351 are the same. Both are good for files of one's own.
"""

import datetime as dt
import posixpath
import re
import warnings
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Final
from xml.etree import ElementTree
from xml.parsers import expat

from openpyxl.styles.numbers import BUILTIN_FORMATS, is_date_format, is_timedelta_format
from openpyxl.utils.datetime import CALENDAR_MAC_1904, CALENDAR_WINDOWS_1900, from_excel

from hcsp_assess.errors import InputError
from hcsp_assess.sources.returns.grid import (
    LARGEST_SHEET,
    LAST_COLUMN,
    LAST_ROW,
    UNSAVED,
    Sheet,
    Value,
    as_percentage,
    rows_from_cells,
    whole,
)

BLOCK: Final = 1 << 20  # bytes read at a time
_EMPTY_CELLS = re.compile(rb'<(?:\w+:)?c r="[A-Z]+\d+"[^<>]*(?:/>|></(?:\w+:)?c>)')  # with a format and nothing in them
_EMPTY_ROWS = re.compile(rb'<(?:\w+:)?row r="\d+"[^<>]*(?:/>|>\s*</(?:\w+:)?row>)')
_REFERENCE = re.compile(r"([A-Z]{1,3})(\d{1,7})")
_ESCAPED = re.compile(r"_x00(?:09|0[aAdD])_")


@dataclass(frozen=True)
class _Book:
    """What all sheets of a workbook share."""

    archive: zipfile.ZipFile
    parts: dict[str, str]  # real name by lower-case name with "/"
    texts: list[str]
    formats: list[str]  # of each style: "percent", "date", "length of time" or ""
    starts_1904: bool


def is_xlsx(names: list[str]) -> bool:
    """Return whether the parts of a zip file are those of an xlsx workbook."""
    return "xl/workbook.xml" in {_plain_name(name) for name in names}


def read_xlsx(archive: zipfile.ZipFile) -> tuple[Sheet, ...]:
    """Read every worksheet, hidden ones too; sheets of charts are left out.

    Raises
    ------
    InputError
        If a sheet is too large or has cells where none can be.
    """
    parts = {_plain_name(name): name for name in archive.namelist()}
    workbook = ElementTree.fromstring(archive.read(parts["xl/workbook.xml"]))  # noqa: S314 - expat refuses bombs
    settings = next(_all(workbook, "workbookPr"), None)
    starts_1904 = settings is not None and settings.get("date1904") in ("1", "true")
    targets = _targets(archive, parts)
    book = _Book(archive, parts, _shared_texts(archive, parts), _formats(archive, parts), starts_1904)
    sheets = []
    for item in _all(workbook, "sheet"):
        relation = next((value for key, value in item.attrib.items() if key.endswith("}id")), "")
        kind, part = targets.get(relation, ("", ""))
        if kind.endswith("/worksheet") and part in parts:
            hidden = item.get("state", "visible").casefold() != "visible"
            sheets.append(_sheet(book, part, item.get("name", ""), hidden=hidden))
    return tuple(sheets)


def _plain_name(name: str) -> str:
    return name.replace("\\", "/").lstrip("/").casefold()


def _local(tag: str) -> str:
    return tag.rsplit("}", 1)[-1].rsplit(":", 1)[-1]


def _all(root: ElementTree.Element, name: str) -> Iterator[ElementTree.Element]:
    return (item for item in root.iter() if isinstance(item.tag, str) and _local(item.tag) == name)


def _targets(archive: zipfile.ZipFile, parts: dict[str, str]) -> dict[str, tuple[str, str]]:
    """Return kind and part of each relation of the workbook."""
    root = ElementTree.fromstring(archive.read(parts["xl/_rels/workbook.xml.rels"]))  # noqa: S314
    found = {}
    for item in _all(root, "Relationship"):
        target = item.get("Target", "").replace("\\", "/")
        part = target if target.startswith("/") else posixpath.normpath(f"xl/{target}")
        found[item.get("Id", "")] = (item.get("Type", ""), _plain_name(part))
    return found


def _shared_texts(archive: zipfile.ZipFile, parts: dict[str, str]) -> list[str]:
    """Return the texts that cells refer to by number, without the pronunciation that East Asian files carry."""
    texts: list[str] = []
    if "xl/sharedstrings.xml" not in parts:
        return texts
    pieces: list[str] = []
    spoken = 0
    with archive.open(parts["xl/sharedstrings.xml"]) as file:
        for event, item in ElementTree.iterparse(file, events=("start", "end")):  # noqa: S314
            name = _local(item.tag)
            if name == "rPh":
                spoken += 1 if event == "start" else -1
            elif event == "end" and name == "t" and not spoken:
                pieces.append(item.text or "")
            elif event == "end" and name == "si":
                texts.append(_text("".join(pieces)))
                pieces = []
                item.clear()
    return texts


def _text(text: str) -> str:
    return _ESCAPED.sub("\n", text) if "_x00" in text else text


def _formats(archive: zipfile.ZipFile, parts: dict[str, str]) -> list[str]:
    if "xl/styles.xml" not in parts:
        return []
    root = ElementTree.fromstring(archive.read(parts["xl/styles.xml"]))  # noqa: S314
    codes = {item.get("numFmtId", ""): item.get("formatCode", "") for item in _all(root, "numFmt")}
    cells = next(_all(root, "cellXfs"), None)
    numbers = [] if cells is None else [item.get("numFmtId", "0") for item in cells if _local(item.tag) == "xf"]
    return [_kind_of_format(codes.get(number) or _builtin(number)) for number in numbers]


def _builtin(number: str) -> str:
    return BUILTIN_FORMATS.get(int(number), "") if number.isdecimal() else ""


@lru_cache(maxsize=1024)
def _kind_of_format(code: str) -> str:
    if is_timedelta_format(code):
        return "length of time"
    if is_date_format(code):
        return "date"
    return "percent" if "%" in code else ""


@dataclass
class _Worksheet:
    """What is collected while a sheet's XML streams past."""

    book: _Book
    name: str
    cells: dict[int, list[tuple[int, Value]]] = field(default_factory=dict)
    merged: list[tuple[int, int, int, int]] = field(default_factory=list)
    hidden_rows: set[int] = field(default_factory=set)
    hidden_columns: set[int] = field(default_factory=set)
    count: int = 0
    row: int = -1
    column: int = -1
    unplaced: bool = False
    _cell: dict[str, str] | None = None
    _result: list[str] | None = None
    _formula: bool = False
    _reads: bool = False

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        """Take the beginning of an element."""
        name = tag.rsplit(":", 1)[-1]
        if name == "c":
            self._cell, self._result, self._formula = attributes, None, False
            self._place(attributes.get("r", ""))
        elif name in ("v", "t"):
            self._reads = self._cell is not None
            if self._reads and self._result is None:
                self._result = []
        elif name == "f":
            self._formula = True
        elif name == "rPh":
            self._cell = None
        elif name == "row":
            self._start_row(attributes)
        elif name == "mergeCell":
            self._merge(attributes.get("ref", ""))
        elif name == "col" and (attributes.get("hidden") in ("1", "true") or attributes.get("width") == "0"):
            first, last = (int(attributes.get(side, "0")) for side in ("min", "max"))
            self.hidden_columns.update(range(first - 1, min(last, LAST_COLUMN)))

    def text(self, data: str) -> None:
        """Take text within an element."""
        if self._reads and self._result is not None:
            self._result.append(data)

    def end(self, tag: str) -> None:
        """Take the end of an element."""
        name = tag.rsplit(":", 1)[-1]
        if name in ("v", "t"):
            self._reads = False
        elif name == "c" and self._cell is not None:
            value = self._value(self._cell)
            self._cell = None
            if value is not None:
                self._keep(value)

    def _start_row(self, attributes: dict[str, str]) -> None:
        said = attributes.get("r", "")
        placed = said.isdecimal() and 0 < int(said) <= LAST_ROW
        self.unplaced |= not placed
        self.row = int(said) - 1 if placed else self.row + 1
        self.column = -1
        if attributes.get("hidden") in ("1", "true"):
            self.hidden_rows.add(self.row)

    def _place(self, reference: str) -> None:
        match = _REFERENCE.fullmatch(reference)
        if match is None:
            self.unplaced = True
            self.column += 1
        else:
            self.row, self.column = int(match[2]) - 1, _column_number(match[1])
        if not 0 <= self.row < LAST_ROW or not 0 <= self.column < LAST_COLUMN:
            raise InputError(f"sheet {self.name!r} has a cell outside a sheet: open it in Excel and save it again")

    def _merge(self, reference: str) -> None:
        ends = [_REFERENCE.fullmatch(end) for end in reference.split(":")]
        if len(ends) == 2 and ends[0] and ends[1]:
            first, last = ((int(end[2]) - 1, _column_number(end[1])) for end in ends if end)
            self.merged.append((*first, *last))

    def _keep(self, value: Value) -> None:
        self.count += 1
        if self.count > LARGEST_SHEET:
            raise InputError(f"sheet {self.name!r} has more than {LARGEST_SHEET:,} filled cells, too many for a return")
        self.cells.setdefault(self.row, []).append((self.column, value))

    def _value(self, cell: dict[str, str]) -> Value:
        kind = cell.get("t", "n")
        if self._result is None or (kind in ("n", "e") and not any(self._result)):
            return UNSAVED if self._formula else None
        text = "".join(self._result)
        if kind == "s":
            number = int(text) if text.strip().isdecimal() else -1
            return self.book.texts[number] or None if 0 <= number < len(self.book.texts) else text
        if kind in ("str", "inlineStr", "e"):
            return _text(text) or None
        if kind == "b":
            return text.strip() in ("1", "true")
        if kind == "d":
            return _iso_date(text)
        style = cell.get("s", "")
        formats = self.book.formats
        known = style.isdecimal() and int(style) < len(formats)
        return _number(text.strip(), formats[int(style)] if known else "", starts_1904=self.book.starts_1904)


@lru_cache(maxsize=LAST_COLUMN)
def _column_number(letters: str) -> int:
    number = 0
    for letter in letters:
        number = 26 * number + ord(letter) - 64
    return number - 1


def _number(text: str, kind: str, *, starts_1904: bool) -> Value:
    """Return a cell's number as a person sees it: a day, a percentage or a number; a text where it is no number."""
    try:
        value: int | float = int(text) if text.lstrip("-").isdecimal() else float(text)
    except ValueError:
        return text
    if kind == "percent":
        return as_percentage(value)
    if not kind:
        return whole(value)
    epoch = CALENDAR_MAC_1904 if starts_1904 else CALENDAR_WINDOWS_1900
    try:
        moment = from_excel(value, epoch, timedelta=kind == "length of time")
    except (ValueError, OverflowError, TypeError):
        return whole(value)
    return str(moment) if isinstance(moment, dt.timedelta) else moment


def _iso_date(text: str) -> Value:
    try:
        return dt.datetime.fromisoformat(text.strip().removesuffix("Z"))
    except ValueError:
        return text


def _sheet(book: _Book, part: str, name: str, *, hidden: bool) -> Sheet:
    found = _streamed(book, part, name, skip_empty=True)
    if found.unplaced:  # rows and cells without a number of their own are counted, so none may be skipped
        found = _streamed(book, part, name, skip_empty=False)
    rows = rows_from_cells(found.cells, name)
    return Sheet(
        name,
        rows,
        tuple(found.merged),
        book.starts_1904,
        hidden=hidden,
        hidden_rows=frozenset(found.hidden_rows & found.cells.keys()),
        hidden_columns=frozenset(found.hidden_columns),
    )


def _streamed(book: _Book, part: str, name: str, *, skip_empty: bool) -> _Worksheet:
    found = _Worksheet(book, name)
    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.StartElementHandler = found.start
    parser.EndElementHandler = found.end
    parser.CharacterDataHandler = found.text
    with warnings.catch_warnings(), book.archive.open(book.parts[part]) as file:
        warnings.simplefilter("ignore")
        rest = b""
        while block := file.read(BLOCK):
            block = rest + block
            cut = block.rfind(b">") + 1
            block, rest = block[:cut], block[cut:]
            if skip_empty and b"CDATA" not in block:
                block = _EMPTY_ROWS.sub(b"", _EMPTY_CELLS.sub(b"", block))
            parser.Parse(block, False)
        parser.Parse(rest, True)
    return found
