"""Read one street file, or the API's JSON, as received: every line is there, nothing is changed or dropped."""

import csv
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import polars as pl

from hcsp_assess.errors import InputError
from hcsp_assess.sources.police_uk.files import StreetFile, find_street_files
from hcsp_assess.subject.crime_types import api_slugs

COLUMNS = {
    "Crime ID": "crime_id",
    "Month": "month",
    "Reported by": "reported_by",
    "Falls within": "falls_within",
    "Longitude": "longitude",
    "Latitude": "latitude",
    "Location": "location",
    "LSOA code": "lsoa_code",
    "LSOA name": "lsoa_name",
    "Crime type": "crime_type",
    "Last outcome category": "last_outcome_category",
    "Context": "context",
}
OPTIONAL = ("Context",)
BYTE_ORDER_MARK = b"\xef\xbb\xbf"
SEPARATOR_OF_LINES = "\x1f"  # occurs in no text file, so each line is one field


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
        found = find_street_files(file)
        if len(found) != 1:
            raise InputError(f"{file} holds {len(found)} street files: choose one with find_street_files")
        file = found[0]
    content = file.read_bytes()
    frame = parse_street(content, file.label)
    lines = original_lines(content, frame["line"].to_list())
    frame = frame.with_columns(pl.col(*COLUMNS.values()).fill_null(""), original=pl.Series(lines, dtype=pl.String))
    return frame.rename({short: published for published, short in COLUMNS.items()}).to_pandas()


def parse_street(content: bytes, label: str) -> pl.DataFrame:
    """Take the bytes of a street file apart.

    A file in which every line has its fields and none a quotation mark is read as a whole. Otherwise lines are split
    one by one, and only those with a quotation mark go through a CSV parser, so that a stray mark cannot swallow its
    neighbours. Blank lines are passed over.

    Parameters
    ----------
    content : bytes
        The published bytes.
    label : str
        Where they came from, for messages.

    Returns
    -------
    polars.DataFrame
        As `read_street`, with the short column names of `COLUMNS`, and without `original`: see `original_lines`.

    Raises
    ------
    InputError
        If it is not text, has no header, or lacks a column.
    """
    content = content.removeprefix(BYTE_ORDER_MARK)
    if any(control in content for control in (b"\x00", SEPARATOR_OF_LINES.encode())):
        raise InputError(
            f"{label} is not a text file: it holds control characters, as a spreadsheet or a zip does. A street file "
            "is CSV text; download it again"
        )
    if not content or content.isspace():
        raise InputError(f"{label} is empty: download it again")
    header = _header(content, label)
    fields = _split_whole(content, len(header))
    if fields is None:
        fields = _split_by_line(content, len(header))
    return _pick_columns(fields, header, label)


def original_lines(content: bytes, lines: Sequence[int]) -> list[str]:
    """Lines of a street file as received, by their numbers; bytes that are not UTF-8 are written out as \\xNN."""
    if not lines:
        return []
    every = content.removeprefix(BYTE_ORDER_MARK).split(b"\n")
    return [every[line - 1].rstrip(b"\r").decode("utf-8", errors="backslashreplace") for line in lines]


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
            f"{path.name} is not an answer of the API's crimes-street method ({error}): save the answer as it came"
        ) from error
    columns = [*COLUMNS, "line", "original", "problem"]
    return pd.DataFrame(rows, columns=columns).astype(dict.fromkeys([*COLUMNS, "original", "problem"], "str"))


def _header(content: bytes, label: str) -> list[str]:
    first = content.split(b"\n", 1)[0].decode("utf-8", errors="backslashreplace")
    header = [name.strip() for name in next(csv.reader([first]), [])]
    missing = [name for name in COLUMNS if name not in header and name not in OPTIONAL]
    if len(missing) > len(COLUMNS) // 2:
        raise InputError(f"{label} does not start with the header of a street file: its first line is {header[:3]} ...")
    if missing:
        raise InputError(f"{label} has no column {', '.join(missing)}; its columns are {', '.join(header)}")
    return header


def _split_whole(content: bytes, width: int) -> pl.DataFrame | None:
    """Read a file at one go where nothing in it needs care; None where something does.

    Nothing does where there is no quotation mark, no byte that is not UTF-8, as many commas as lines of `width` fields
    have, and no line with more (polars raises): then none has fewer either, and none is blank.
    """
    characters = np.frombuffer(content, np.uint8)
    lines = int(np.count_nonzero(characters == ord("\n"))) + (not content.endswith(b"\n"))
    commas = int(np.count_nonzero(characters == ord(",")))
    if b'"' in content or commas != lines * (width - 1) or not _is_utf8(content):
        return None
    try:
        fields = pl.read_csv(
            content,
            has_header=False,
            skip_rows=1,
            quote_char=None,
            schema={f"field_{position}": pl.String for position in range(width)},
            raise_if_empty=False,
        )
    except pl.exceptions.PolarsError:
        return None
    if fields.shape != (lines - 1, width):
        return None
    return fields.with_row_index("line", offset=2).with_columns(problem=pl.lit(None, pl.String))


def _is_utf8(content: bytes) -> bool:
    if content.isascii():
        return True
    try:
        content.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _split_by_line(content: bytes, width: int) -> pl.DataFrame:
    """Split each line into `width` fields; `problem` says why where that is impossible."""
    content, garbled = _as_utf8(content)
    body = (
        pl.read_csv(
            content,
            has_header=False,
            separator=SEPARATOR_OF_LINES,
            quote_char=None,
            infer_schema=False,
            new_columns=["original"],
        )
        .with_row_index("line", offset=1)
        .with_columns(pl.col("original").fill_null("").str.strip_chars_end("\r"))
        .slice(1)
        .filter(pl.col("original").str.strip_chars() != "")
        .with_columns(garbled=pl.col("line").is_in(garbled))
    )
    original = pl.col("original")
    names = [f"field_{position}" for position in range(width)]
    plain = (
        ~pl.col("garbled")
        & ~original.str.contains('"', literal=True)
        & (original.str.count_matches(",", literal=True) == width - 1)
    )
    parts = original.str.split_exact(",", width - 1).struct.rename_fields(names)
    simple = body.filter(plain).select("line", parts.alias("fields"), problem=pl.lit(None, pl.String)).unnest("fields")
    rest = body.filter(~plain)
    parsed = pl.DataFrame(
        [_parse_line(line, width, garbled=garbled) for line, garbled in rest.select("original", "garbled").iter_rows()],
        schema={"problem": pl.String, **dict.fromkeys(names, pl.String)},
        orient="row",
    )
    return pl.concat([simple, rest.select("line").hstack(parsed)], how="diagonal").sort("line")


def _as_utf8(content: bytes) -> tuple[bytes, list[int]]:
    """The content with bytes that are not UTF-8 written out as \\xNN, and the numbers of the lines that had any."""
    if _is_utf8(content):
        return content, []
    received = content.split(b"\n")
    lines = [line.decode("utf-8", errors="backslashreplace").encode() for line in received]
    garbled = [number for number, pair in enumerate(zip(received, lines, strict=True), start=1) if pair[0] != pair[1]]
    return b"\n".join(lines), garbled


def _parse_line(line: str, width: int, *, garbled: bool) -> list[str | None]:
    if garbled:
        return ["characters that are not UTF-8", *[None] * width]
    try:
        fields = next(csv.reader([line], strict=True))
    except csv.Error:
        return ["unbalanced quotation mark", *[None] * width]
    if len(fields) < width:
        return [f"cut short: fewer than {width} fields", *[None] * width]
    if len(fields) > width:
        return [f"more than {width} fields", *[None] * width]
    return [None, *fields]


def _pick_columns(fields: pl.DataFrame, header: list[str], label: str) -> pl.DataFrame:
    picked = []
    for published, short in COLUMNS.items():
        positions = [position for position, name in enumerate(header) if name == published]
        for other in positions[1:]:
            if not (fields[f"field_{positions[0]}"].eq_missing(fields[f"field_{other}"])).all():
                raise InputError(
                    f"{label} has two columns {published!r} that differ (columns {positions[0] + 1} and {other + 1}): "
                    "remove one"
                )
        picked.append(pl.col(f"field_{positions[0]}").alias(short) if positions else pl.lit("").alias(short))
    return fields.select(*picked, "line", "problem")


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
