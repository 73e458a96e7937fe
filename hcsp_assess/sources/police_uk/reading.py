"""Read one street file, or the API's JSON, exactly as received: every row is kept."""

import csv
import json
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import polars as pl

from hcsp_assess.errors import InputError
from hcsp_assess.sources.police_uk.files import StreetFile, find_files
from hcsp_assess.sources.police_uk.forms import BYTE_ORDER_MARK, LONGEST_HEADER, as_published, in_utf8
from hcsp_assess.sources.police_uk.layouts import COLUMNS, STREET_LAYOUT, Layout
from hcsp_assess.sources.police_uk.lines import (
    LONGEST_LINE,
    NEWLINE,
    Piece,
    parse_line,
    parse_plain,
    pieces_of,
    take_by_line,
    take_whole,
)
from hcsp_assess.sources.police_uk.names import STREET
from hcsp_assess.subject.crime_types import api_slugs

COORDINATES = ("Longitude", "Latitude")
BATCH = 8_000_000  # bytes: about 40,000 rows, as many as a large force publishes in a month
NO_PROBLEM = pl.lit(None, pl.String)


def read_street(file: StreetFile | Path | str) -> pd.DataFrame:
    """Read one street file as received, for an analyst.

    Parameters
    ----------
    file : StreetFile, Path or str
        One of `find_street_files`, or the path of a single file named like a street file.

    Returns
    -------
    pandas.DataFrame
        One row per line below the header. The twelve columns as text under their published names, blank where the file
        is blank ("n/a" and the like stay text); `line`, the line number in the file (the header is line 1);
        `original`, the line itself; `problem`, why a line could not be taken apart, or missing.

    Raises
    ------
    InputError
        If it is not text in the form of a street file, or lacks a column.
    """
    if not isinstance(file, StreetFile):
        found = find_files(file, STREET)
        if len(found) != 1:
            raise InputError(f"{file} holds {len(found)} street files: choose one with find_street_files")
        file = found[0]
    content = file.read_bytes()
    frame = parse_street(content, file.label)
    lines = original_lines(content, frame["line"].to_list())
    frame = frame.with_columns(pl.col(*COLUMNS.values()).fill_null(""), original=pl.Series(lines, dtype=pl.String))
    return frame.rename({short: published for published, short in COLUMNS.items()}).to_pandas()


def parse_street(content: bytes, label: str, layout: Layout = STREET_LAYOUT) -> pl.DataFrame:
    """Take the bytes of a street file, or of a file of another layout, apart.

    Lines with exactly their fields and no quotation mark are read in bulk; each other line goes through a CSV parser on
    its own, so that a stray mark cannot swallow its neighbours. Blank lines are passed over.

    Parameters
    ----------
    content : bytes
        The published bytes.
    label : str
        Where they came from, for messages.
    layout : Layout
        The columns that it should have.

    Returns
    -------
    polars.DataFrame
        As `read_street`, with the short column names of `COLUMNS`, and without `original`: see `original_lines`.

    Raises
    ------
    InputError
        If it is not text, has no header, or lacks a column.
    """
    return read_rows(open_street(content, label, layout))


def read_rows(opened: "OpenStreet") -> pl.DataFrame:
    """Every row of an open file, as `parse_street`."""
    batches = list(read_batches([opened], numbers=False))
    layout = opened.layout
    rows = [part for batch in batches for part in (batch.plain.with_columns(problem=NO_PROBLEM), batch.careful)]
    return pl.concat([no_rows(layout), *rows]).sort("line").drop("file")


def original_lines(content: bytes, lines: Sequence[int]) -> list[str]:
    """Lines of a street file as received, by their numbers; bytes that are not UTF-8 are written out as \\xNN.

    Of a line longer than `LONGEST_LINE` the beginning is given, and how long it is.
    """
    if not lines:
        return []
    content = in_utf8(content, "").content
    text = memoryview(content)[len(BYTE_ORDER_MARK) if content.startswith(BYTE_ORDER_MARK) else 0 :]
    ends = np.flatnonzero(np.frombuffer(text, np.uint8) == NEWLINE)
    starts = np.concatenate([[0], ends + 1])
    ends = np.concatenate([ends, [len(text)]])
    spans = ((int(starts[line - 1]), int(ends[line - 1])) for line in lines)
    return [_original(text, start, end) for start, end in spans]


def _original(text: memoryview, start: int, end: int) -> str:
    """One line as received, or the beginning of one that is too long to be a row."""
    long = end - start > LONGEST_LINE
    line = bytes(text[start : start + 1000 if long else end]).rstrip(b"\r").decode("utf-8", errors="backslashreplace")
    return f"{line} ... ({end - start:,} bytes)" if long else line


@dataclass(frozen=True)
class OpenStreet:
    """A street file that starts as one should.

    Attributes
    ----------
    content : bytes
        Its text, in the published form.
    header : tuple of str
        Names of its columns.
    body : int
        Where in `content` the second line begins.
    layout : Layout
        The columns it should have.
    read_as : tuple of str
        How the file as received differs from that form; see `Form`.
    """

    content: bytes
    header: tuple[str, ...]
    body: int
    layout: Layout = STREET_LAYOUT
    read_as: tuple[str, ...] = ()


@dataclass(frozen=True)
class Batch:
    """Rows of one or several files, as text under the short names of `COLUMNS`, with `file` and `line`.

    Attributes
    ----------
    plain : polars.DataFrame
        Rows of lines that have exactly their fields and no quotation mark, in order; blank fields are null. Coordinates
        may be numbers: see `read_batches`.
    careful : polars.DataFrame
        Rows of the other lines, with `problem`: why a line could not be taken apart, or null.
    rows : Counter of int
        How many rows of each file are here, by the position of the file.
    """

    plain: pl.DataFrame
    careful: pl.DataFrame
    rows: Counter[int]


def open_street(content: bytes, label: str, layout: Layout = STREET_LAYOUT) -> OpenStreet:
    """Read the header of a street file and look for what makes it unfit as a whole.

    Raises
    ------
    InputError
        As `parse_street`.
    """
    form = as_published(content, label, layout)
    content = form.content
    if any(control in content for control in (b"\x00", b"\x1f")):
        raise InputError(
            f"{label} is not a text file: it contains control characters, as spreadsheets and zips do. "
            f"{layout.what.capitalize()} is CSV text; download it again"
        )
    start = len(BYTE_ORDER_MARK) if content.startswith(BYTE_ORDER_MARK) else 0
    if len(content) == start or (content[start : start + 1].isspace() and content[start:].isspace()):
        raise InputError(f"{label} is empty: download it again")
    end = content.find(b"\n", start)
    end = len(content) if end < 0 else end
    header = tuple(_header(content[start:end], label, layout))
    opened = OpenStreet(content, header, min(end + 1, len(content)), layout, form.read_as)
    _check_doubled_columns(opened, label)
    return opened


def read_batches(files: Sequence[OpenStreet], size: int = BATCH, *, numbers: bool = True) -> Iterator[Batch]:
    """Read files in batches of about `size` bytes: parts of a large file, or many small files in one frame.

    `file` is the position of a row's file in `files`. A batch bounds the memory needed, however large a file is. With
    `numbers`, coordinates of plain rows are numbers where all of a batch can be read as such.
    """
    layout = files[0].layout if files else STREET_LAYOUT
    for header, pieces in _gather(files, size):
        yield _read_batch(header, pieces, COORDINATES if numbers else (), layout)


def _read_batch(header: tuple[str, ...], pieces: Sequence["Piece"], numbers: tuple[str, ...], layout: Layout) -> Batch:
    width = len(header)
    as_numbers = [header.index(name) for name in numbers]
    try:
        taken = [take_whole(piece, width) or take_by_line(piece, width) for piece in pieces]
        fields = parse_plain(taken, width, as_numbers)
    except pl.exceptions.PolarsError:  # a line too long made up for one too short, or a coordinate is not a number
        taken = [take_by_line(piece, width) for piece in pieces]
        fields = parse_plain(taken, width)
    file = np.repeat([piece.file for piece in pieces], [len(lines.numbers) for lines in taken])
    line = np.concatenate([lines.numbers for lines in taken])
    plain = fields.select(_columns(header, layout)).with_columns(
        file=pl.Series(file, dtype=pl.UInt32), line=pl.Series(line, dtype=pl.UInt32)
    )
    careful: list[list[Any]] = [
        [piece.file, number, *parsed]
        for piece, lines in zip(pieces, taken, strict=True)
        for number, content in lines.careful
        if (parsed := parse_line(content, width)) is not None
    ]
    rows = Counter[int](row[0] for row in careful)
    for piece, lines in zip(pieces, taken, strict=True):
        rows[piece.file] += len(lines.numbers)
    return Batch(plain, _careful_frame(careful, header, layout), rows)


def read_api_json(path: Path | str) -> pd.DataFrame:
    """Read one answer of the data.police.uk API (crimes at street level), in the form of `read_street`.

    The API gives coordinates as text, crime types as slugs, and no LSOA, police force or outcome date; unknown slugs
    stay as they are, for `clean_street` to set aside. `line` is the position in the answer, counted from 1.

    Raises
    ------
    InputError
        If the file is not the JSON of such an answer.
    """
    path = Path(path)
    content = StreetFile(pd.Period("1900-01", "M"), "", "", "", path, "", path.name).read_bytes()
    try:
        crimes = json.loads(content)
        rows = [_api_row(crime, position) for position, crime in enumerate(crimes, start=1)]
    except (json.JSONDecodeError, UnicodeDecodeError, KeyError, TypeError, AttributeError) as error:
        raise InputError(
            f"{path.name} is not an answer from the API's crimes-street method ({error}): save the answer unchanged"
        ) from error
    columns = [*COLUMNS, "line", "original", "problem"]
    return pd.DataFrame(rows, columns=columns).astype(dict.fromkeys([*COLUMNS, "original", "problem"], "str"))


def no_rows(layout: Layout = STREET_LAYOUT) -> pl.DataFrame:
    """Rows of no file, in the form of `Batch.careful`."""
    return _careful_frame([], tuple(layout.columns), layout)


def _header(first_line: bytes, label: str, layout: Layout) -> list[str]:
    first = first_line[:LONGEST_HEADER].decode("utf-8", errors="backslashreplace").rstrip("\r")
    unbroken = [name.strip() for name in next(csv.reader([first.replace("\r", "")]), [])]
    if "\r" in first and set(unbroken) <= set(layout.columns):  # a stray one, within a heading
        first = first.replace("\r", "")
    if "\r" in first:
        raise InputError(
            f"{label} has the line ends of old Mac programs (carriage returns alone): save it as CSV (UTF-8), or "
            "download it again"
        )
    if len(first_line) > LONGEST_HEADER:
        raise InputError(
            f"{label} does not start with the header of {layout.what}: its first line has more than "
            f"{LONGEST_HEADER:,} bytes. Download it again"
        )
    header = layout.headings(next(csv.reader([first]), []))
    missing = layout.lacks(header)
    few = len(layout.columns) // 2
    if len(missing) > few:
        raise InputError(f"{label} does not start with the header of {layout.what}: its first line is {header[:3]} ...")
    if missing:
        raise InputError(f"{label} has no column {', '.join(missing)}; its columns are {', '.join(header)}")
    return header


def _check_doubled_columns(opened: OpenStreet, label: str) -> None:
    """Stop where a column is there twice and the two differ."""
    for published in opened.layout.columns:
        positions = [position for position, name in enumerate(opened.header) if name == published]
        for other in positions[1:]:
            pair = [pl.col(f"field_{positions[0]}"), pl.col(f"field_{other}")]
            batches = _read_fields(opened)
            if not all(fields.select(pair[0].eq_missing(pair[1]).all()).item() for fields in batches):
                raise InputError(
                    f"{label} has two columns {published!r} that differ (columns {positions[0] + 1} and {other + 1}): "
                    "remove one"
                )


def _read_fields(opened: OpenStreet) -> Iterator[pl.DataFrame]:
    """Every field of a file, under names by position; for files with a column twice."""
    names = tuple(f"field_{position}" for position in range(len(opened.header)))
    for piece in pieces_of(0, opened.content, opened.body, BATCH):
        lines = take_by_line(piece, len(names))
        yield parse_plain([lines], len(names))
        parsed = [fields[1:] for _, line in lines.careful if (fields := parse_line(line, len(names))) is not None]
        yield pl.DataFrame(parsed, schema=dict.fromkeys(names, pl.String), orient="row")


def _gather(files: Sequence[OpenStreet], size: int) -> Iterator[tuple[tuple[str, ...], list[Piece]]]:
    """Pieces of files under one header, about `size` bytes together."""
    together: list[Piece] = []
    held, header = 0, tuple[str, ...]()
    for position, opened in enumerate(files):
        for piece in pieces_of(position, opened.content, opened.body, size):
            if together and (opened.header != header or held + len(piece.content) > size):
                yield header, together
                together, held = [], 0
            header = opened.header
            together.append(piece)
            held += len(piece.content)
    if together:
        yield header, together


def _columns(header: tuple[str, ...], layout: Layout) -> list[pl.Expr]:
    """The columns of a layout among fields named by position; one that is not there is blank."""
    return [
        pl.col(f"field_{header.index(published)}").alias(short)
        if published in header
        else pl.lit(None, pl.String).alias(short)
        for published, short in layout.columns.items()
    ]


def _careful_frame(rows: list[list[Any]], header: tuple[str, ...], layout: Layout) -> pl.DataFrame:
    names = [f"field_{position}" for position in range(len(header))]
    schema = {"file": pl.UInt32, "line": pl.UInt32, "problem": pl.String, **dict.fromkeys(names, pl.String)}
    return pl.DataFrame(rows, schema=schema, orient="row").select(*_columns(header, layout), "file", "line", "problem")


def _api_row(crime: dict[str, Any], position: int) -> dict[str, Any]:
    location = crime["location"] or {}
    outcome = crime["outcome_status"] or {}
    return {
        "Crime ID": crime["persistent_id"],
        "Month": crime["month"],
        "Reported by": "",
        "Falls within": "",
        "Longitude": location.get("longitude", "") or "",
        "Latitude": location.get("latitude", "") or "",
        "Location": (location.get("street") or {}).get("name", "No Location"),
        "LSOA code": "",
        "LSOA name": "",
        "Crime type": api_slugs().get(crime["category"], crime["category"]),
        "Last outcome category": outcome.get("category", ""),
        "Context": crime["context"],
        "line": position,
        "original": json.dumps(crime, ensure_ascii=False),
        "problem": None,
    }
