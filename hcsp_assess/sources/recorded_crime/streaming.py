"""Read very large spreadsheets row by row, in little memory: OpenDocument, xlsx and CSV.

OpenDocument is parsed with expat as it is unpacked: the newest Home Office file unpacks to 1.4 GB. A document type
definition is refused, so that no entity can multiply itself; repeated cells are counted only to a table's width.
"""

import csv
import io
import warnings
import zipfile
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO, Final, NamedTuple
from xml.parsers import expat

from openpyxl import load_workbook

from hcsp_assess.errors import InputError

Progress = Callable[[str, int, int], None]
WIDEST: Final = 64  # columns that are read; the tables have nine
LONGEST_TEXT: Final = 32_767  # characters of a cell, as spreadsheets allow
LAST_ROW: Final = 1_048_576  # of a spreadsheet
LAST_COLUMN: Final = 16_384
LARGEST_UNZIPPED: Final = 8_000_000_000  # bytes; the newest file of the Home Office has a sixth of it
MEGABYTE: Final = 1_000_000
_CHUNK: Final = 1 << 18
_CELLS = ("table:table-cell", "table:covered-table-cell")
_DAMAGED = (zipfile.BadZipFile, zlib.error, EOFError, KeyError, expat.ExpatError, UnicodeError, csv.Error, ValueError)


class Row(NamedTuple):
    """One row of a sheet, or several identical rows in succession.

    Attributes
    ----------
    sheet : str
        Name of the sheet; "" for a CSV file.
    number : int
        Number of the (first) row as a spreadsheet shows it.
    cells : list of str
        Texts; a number as the file stores it, without thousands commas. Blank cells are "".
    times : int
        How many rows are alike.
    """

    sheet: str
    number: int
    cells: list[str]
    times: int


def stream_rows(path: Path, *, progress: Progress | None = None) -> Iterator[Row]:
    """Give the rows of every sheet that have something in them, in order.

    Parameters
    ----------
    path : Path
        An .ods, .xlsx or .csv file; what is in it decides, not its name.
    progress : callable, optional
        Called with the stage, and megabytes done and to do.

    Raises
    ------
    InputError
        If the file is none of these, is damaged or incomplete, or holds what no spreadsheet program writes (a document
        type definition, a cell of more than 32,767 characters, more than 1,048,576 rows).
    """
    try:
        yield from _rows(path, progress)
    except InputError:
        raise
    except _DAMAGED as error:
        raise InputError(
            f"{path.name} is damaged or incomplete ({type(error).__name__}): fetch it again, or open it in LibreOffice "
            "and save it"
        ) from error


def _rows(path: Path, progress: Progress | None) -> Iterator[Row]:
    with path.open("rb") as file:
        begin = file.read(4096)
    if not begin:
        raise InputError(f"{path.name} is empty: fetch it again")
    if not begin.startswith(b"PK"):
        if begin.startswith((b"\xd0\xcf\x11\xe0", b"%PDF")) or b"<html" in begin.lower():
            raise InputError(
                f"{path.name} is not an .ods, .xlsx or .csv file: fetch it again, or save it as one of these"
            )
        yield from _csv_rows(path, progress)
        return
    with zipfile.ZipFile(path) as archive:
        names = set(archive.namelist())
        if sum(item.file_size for item in archive.infolist()) > LARGEST_UNZIPPED:
            raise InputError(
                f"{path.name} unpacks to more than {LARGEST_UNZIPPED // MEGABYTE:,} MB, too large for such a table: "
                "download it again"
            )
        if "content.xml" in names:
            size = archive.getinfo("content.xml").file_size
            with archive.open("content.xml") as content:
                yield from _OpenDocument(path.name).rows(content, _megabytes(progress, path, size))
            return
    if "xl/workbook.xml" not in names:
        raise InputError(f"{path.name} is a zip file, not a spreadsheet: unzip it and use the .ods or .xlsx inside")
    yield from _xlsx_rows(path, progress)


class _OpenDocument:
    """What expat is given for content.xml. Rows are taken away after each chunk.

    The handlers of cells are closures over local variables: a file has eight million cells, and attributes of an object
    would cost a third more time.
    """

    def __init__(self, name: str) -> None:
        self.name = name
        self.ready: list[Row] = []
        self.sheet, self.number = "", 0
        self.annotations = 0
        self.cells: list[str] = []
        self.texts: list[str] = []
        self.parser = expat.ParserCreate()
        self.parser.buffer_text = True
        self.parser.StartDoctypeDeclHandler = self._refuse
        self._set_handlers()

    def rows(self, content: IO[bytes], report: Callable[[int], None]) -> Iterator[Row]:
        """Give rows as their chunks are unpacked."""
        done = 0
        while chunk := content.read(_CHUNK):
            self.parser.Parse(chunk, False)
            yield from self.ready
            self.ready.clear()
            done += len(chunk)
            report(done)
            if len(self.cells) > LAST_COLUMN or len(self.texts) > _CHUNK // 8:
                raise InputError(
                    f"{self.name}: a row of sheet {self.sheet!r} is wider or longer than any spreadsheet's"
                )
        self.parser.Parse(b"", True)
        yield from self.ready

    def _set_handlers(self) -> None:
        parser, cells, texts = self.parser, self.cells, self.texts
        push, add = cells.append, texts.append
        value, repeated, times = "", "", 1

        def start(name: str, attributes: dict[str, str]) -> None:
            nonlocal value, repeated, times
            if name == "text:p":
                if not value and not self.annotations:
                    if texts:
                        add("\n")
                    parser.CharacterDataHandler = add
            elif name in _CELLS:
                value = attributes.get("office:value", "")
                repeated = attributes.get("table:number-columns-repeated", "")
            elif name == "table:table-row":
                cells.clear()
                times = int(attributes.get("table:number-rows-repeated", 1))
            else:
                self._start_other(name, attributes, add)

        def end(name: str) -> None:
            if name == "text:p":
                parser.CharacterDataHandler = None
            elif name in _CELLS:
                text = value
                if texts:
                    text = value or (texts[0] if len(texts) == 1 else "".join(texts))
                    texts.clear()
                if not repeated:
                    push(text)
                elif len(cells) < WIDEST:
                    cells.extend([text] * min(int(repeated), WIDEST - len(cells)))
            elif name == "table:table-row":
                self._finish_row(cells, times)
            elif name == "office:annotation":
                self.annotations -= 1

        parser.StartElementHandler, parser.EndElementHandler = start, end

    def _start_other(self, name: str, attributes: dict[str, str], add: Callable[[str], object]) -> None:
        if name == "table:table":
            self.sheet, self.number = attributes.get("table:name", ""), 0
        elif name == "text:s" and not self.annotations:
            add(" ")
        elif name == "office:annotation":
            self.annotations += 1

    def _finish_row(self, cells: list[str], times: int) -> None:
        first = self.number + 1
        self.number += times
        kept = cells[:WIDEST]
        while kept and not kept[-1]:
            kept.pop()
        if not kept:
            return
        if self.number > LAST_ROW:
            raise InputError(f"{self.name}: sheet {self.sheet!r} has more than {LAST_ROW:,} rows: no spreadsheet does")
        if any(len(text) > LONGEST_TEXT for text in kept):
            raise InputError(
                f"{self.name}: row {first} of sheet {self.sheet!r} has a cell of over {LONGEST_TEXT:,} characters"
            )
        self.ready.append(Row(self.sheet, first, kept, times))

    def _refuse(self, *_: object) -> None:
        """Refuse a document type definition, which could define entities that multiply themselves."""
        raise InputError(f"{self.name} has a document type definition, which is not safe to read: download it again")


def _xlsx_rows(path: Path, progress: Progress | None) -> Iterator[Row]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # openpyxl warns of styles and extensions that do not matter here
        try:
            book = load_workbook(path, read_only=True, data_only=True)
        except Exception as error:  # damaged files make openpyxl raise almost anything
            raise zipfile.BadZipFile(str(error)) from error
    try:
        for done, sheet in enumerate(book.worksheets):
            sheet.reset_dimensions()  # a wrong size of the sheet would pad every row to it
            if progress:
                progress(f"Reading {path.name} (sheets)", done, len(book.worksheets))
            for number, values in enumerate(sheet.iter_rows(values_only=True), start=1):
                cells = [_text(value) for value in values[:WIDEST]]
                if any(cells):
                    yield Row(sheet.title, number, cells, 1)
    finally:
        book.close()


def _csv_rows(path: Path, progress: Progress | None) -> Iterator[Row]:
    report = _megabytes(progress, path, path.stat().st_size)
    with path.open("rb") as raw, io.TextIOWrapper(raw, encoding=_encoding(path), newline="") as text:
        for number, cells in enumerate(csv.reader(text), start=1):
            if number % 50_000 == 0:
                report(raw.tell())
            if any(cells):
                yield Row("", number, cells[:WIDEST], 1)


def _encoding(path: Path) -> str:
    """UTF-8 where the whole file is, else the Windows code page of Excel."""
    try:
        with path.open("r", encoding="utf-8-sig", newline="") as file:
            while file.read(1 << 20):
                pass
    except UnicodeDecodeError:
        return "cp1252"
    return "utf-8-sig"


def _text(value: object) -> str:
    if value is None:
        return ""
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


def _megabytes(progress: Progress | None, path: Path, size: int) -> Callable[[int], None]:
    def report(done: int) -> None:
        if progress:
            progress(f"Reading {path.name} (MB)", done // MEGABYTE, max(size, done) // MEGABYTE)

    return report
