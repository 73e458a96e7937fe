"""Open a CSV table as people save it, every value as text, with a plain error if it cannot be read."""

import csv
import gzip
import io
import zlib
from pathlib import Path
from typing import Any

import pandas as pd

from hcsp_assess.errors import InputError
from hcsp_assess.files import gunzip, read_file
from hcsp_assess.sources.csv_text import decode, separator_of

SAVE = "in Excel, save it as CSV UTF-8 (comma delimited)"
#: How files begin that people take for CSV, and what to call them.
OTHER_FILES = {
    b"PK": "a workbook or a zip file",
    b"\xd0\xcf\x11\xe0": "an old Excel workbook, or has a password",
    b"%PDF": "a PDF",
    b"\x1f\x8b": "a compressed file",
    b"SQLite format 3": "a database",
}
HEADING_BYTES = 100_000


def read_text_table(path: Path, **how: Any) -> pd.DataFrame:
    """Read a CSV file, every value as text.

    UTF-8, UTF-16 and Windows' Western European encoding are read, with commas, semicolons or tabs between the cells;
    so is such a file compressed as .gz.

    Parameters
    ----------
    path : Path
        The file; its name is what messages call it.
    **how
        Passed to `pandas.read_csv`.

    Raises
    ------
    InputError
        If the file is empty, too large or not CSV; the message names it and says what to do.
    """
    text = _text(path)
    try:
        separator = separator_of(text)
        table: pd.DataFrame = pd.read_csv(io.StringIO(text), dtype="str", **{"sep": separator, **how})
    except pd.errors.EmptyDataError as error:
        raise InputError(f"{path.name} is empty: put its heading and rows in it, or remove it") from error
    except pd.errors.ParserError as error:
        raise InputError(f"{path.name} cannot be read as CSV ({' '.join(str(error).split())}): {SAVE}") from error
    return table.rename(columns=str.strip)


def read_heading(path: Path) -> list[str]:
    """Return the names in the first line of a CSV file that `read_text_table` reads, without spaces around them.

    Raises
    ------
    InputError
        If the file is not CSV.
    """
    line = (_text(path, HEADING_BYTES).splitlines() or [""])[0]
    try:
        return [name.strip() for name in next(csv.reader([line], delimiter=separator_of(line)), [])]
    except csv.Error as error:
        raise InputError(f"{path.name} cannot be read as CSV ({error}): {SAVE}") from error


def _text(path: Path, first: int | None = None) -> str:
    """The text of a file; of its first lines only, where only so many bytes are wanted."""
    try:
        content = _content(path, first)
        if first is not None and len(content) == first:
            content = content[: content.rfind(b"\n") + 1]  # a letter may be cut in two
    except OSError as error:
        raise InputError(f"{path.name} cannot be read: {error.strerror or error}") from error
    kind = next((name for start, name in OTHER_FILES.items() if content.startswith(start)), None)
    if kind:
        raise InputError(f"{path.name} is {kind}, not CSV: open it and save it as CSV UTF-8 (comma delimited)")
    text = decode(content)
    if "\x00" in text:
        raise InputError(f"{path.name} is not text: {SAVE}")
    return text


def _content(path: Path, first: int | None) -> bytes:
    packed = path.suffix == ".gz"
    if first is not None and not packed:
        with path.open("rb") as file:
            return file.read(first)
    try:
        if first is None:
            content = read_file(path, path.name)
            return gunzip(content, path.name) if packed else content
        with gzip.open(path) as file:
            return file.read(first)
    except (gzip.BadGzipFile, EOFError, zlib.error) as error:
        raise InputError(f"{path.name} is damaged or cut short ({error}): download it again") from error
