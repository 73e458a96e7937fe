"""Read a publisher's CSV file as text, with the columns needed. Incomplete files are refused."""

import csv
import io
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path

import pandas as pd
import polars as pl

from hcsp_assess.errors import InputError
from hcsp_assess.files import sha256_of

TAIL = 1 << 16  # bytes at the end of a file that are looked at
BROKEN = "cannot be read to its end"


def scan_published(
    path: Path, wanted: Mapping[str, Sequence[str]], publisher: str, *, optional: Collection[str] = ()
) -> pl.LazyFrame:
    """Open a CSV file of any size, as text, under our own names of its columns.

    Parameters
    ----------
    path : Path
        The file, also gzipped.
    wanted : mapping of str to sequence of str
        Our name of each column, and what the publisher has called it, in lower case.
    publisher : str
        Who publishes it, for messages.
    optional : collection of str
        Our names of columns that a file may lack; they are then missing throughout.

    Raises
    ------
    InputError
        If the file is not there, is empty, ends in the middle of a line, is no table, or lacks a column.
    """
    _check_whole(path, publisher)
    try:
        table = pl.scan_csv(path, infer_schema=False, encoding="utf8-lossy")
        names = {name.strip().casefold(): name for name in table.collect_schema().names()}
    except pl.exceptions.PolarsError as error:
        raise InputError(f"{path.name} {BROKEN}: fetch or download it again from {publisher}") from error
    found = {own: next((names[said] for said in called if said in names), None) for own, called in wanted.items()}
    missing = [wanted[own][0] for own, name in found.items() if name is None and own not in optional]
    if missing:
        raise InputError(f"{path.name} has no column {', '.join(missing)}: use the file as {publisher} publishes it")
    columns = [
        (pl.lit(None, dtype=pl.String) if name is None else pl.col(name).str.strip_chars()).alias(own)
        for own, name in found.items()
    ]
    return table.select(columns)


def read_published(
    path: Path, wanted: Mapping[str, Sequence[str]], publisher: str, *, optional: Collection[str] = ()
) -> pd.DataFrame:
    """Read a CSV file whole, as text, under our own names of its columns; "" if a cell is empty.

    Parameters and errors are those of `scan_published`.
    """
    table = collect(scan_published(path, wanted, publisher, optional=optional), [path], publisher)
    return pd.DataFrame({name: table[name].fill_null("").to_list() for name in table.columns}, dtype="str")


def collect(table: pl.LazyFrame, paths: Sequence[Path], publisher: str) -> pl.DataFrame:
    """Read what a query asks for; `InputError` names the files where one of them breaks off."""
    try:
        return table.collect()
    except (pl.exceptions.PolarsError, OSError) as error:
        names = " or ".join(path.name for path in paths)
        raise InputError(f"{names} {BROKEN}: fetch or download it again from {publisher}") from error


def digests(paths: Sequence[Path]) -> tuple[tuple[str, str], ...]:
    """Return name and SHA-256 of each file."""
    return tuple((path.name, sha256_of(path)) for path in paths)


def _check_whole(path: Path, publisher: str) -> None:
    """Refuse a file that is missing, empty, a web page, or ends in the middle of a line."""
    again = f"fetch or download it again from {publisher}"
    if not path.is_file():
        raise InputError(f"{path.name} is not there: {again}")
    with path.open("rb") as file:
        head = file.read(4096)
        file.seek(max(0, path.stat().st_size - TAIL))
        tail = file.read()
    if not head.strip():
        raise InputError(f"{path.name} is empty: {again}")
    if head.lstrip().lower().startswith((b"<!doctype", b"<html", b"{", b"%pdf", b"pk")):
        raise InputError(
            f"{path.name} is not a CSV file: it is a web page, an error message or another kind of file: {again}"
        )
    if head.startswith(b"\x1f\x8b"):
        return  # a gzip file knows its own end
    heading = _cells(head.decode("utf-8-sig", errors="replace").splitlines()[0])
    last = _cells(tail.decode("utf-8", errors="replace").rstrip("\r\n").splitlines()[-1])
    if not tail.endswith((b"\n", b"\r")) and len(last) < len(heading):
        raise InputError(f"{path.name} ends in the middle of a line: {again}")


def _cells(line: str) -> list[str]:
    return next(csv.reader(io.StringIO(line)), [])
