"""Counts kept with an edition: a table, the account of its files, and their sources."""

import gzip
import tomllib
import zlib
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any

import pandas as pd

from hcsp_assess.edition.counts import flat_toml, require_possible, signed, verified
from hcsp_assess.errors import InputError
from hcsp_assess.files import csv_bytes, sha256_of, write_whole
from hcsp_assess.periods import months_of


@dataclass(frozen=True)
class DerivedFiles:
    """Names of the three files, and which columns of the account are numbers.

    Attributes
    ----------
    what : str
        What messages call the table: "outcomes".
    """

    what: str
    cells: str
    account: str
    source: str
    numbers: tuple[str, ...]

    def take_out(self, folder: Path) -> None:
        """Remove files left by an earlier preparation."""
        for name in (self.cells, self.account, self.source):
            (folder / name).unlink(missing_ok=True)


def write_derived(
    files: DerivedFiles, folder: Path, cells: pd.DataFrame, account: pd.DataFrame, source: dict[str, Any]
) -> None:
    """Write a table of counts whole, its account and its source with their checksums; same table, same bytes.

    Raises
    ------
    InputError
        If the folder cannot be written.
    """
    counts, files_read = (csv_bytes(frame.assign(month=frame["month"].astype(str))) for frame in (cells, account))
    checksums = {f"{files.what}_sha256": sha256_of(counts), "account_sha256": sha256_of(files_read)}
    try:
        write_whole(folder / files.cells, gzip.compress(counts, compresslevel=9, mtime=0))
        write_whole(folder / files.account, files_read)
        write_whole(folder / files.source, flat_toml(signed({**source, **checksums})).encode())
    except OSError as error:
        raise InputError(f"cannot write the {files.what} to {folder}: {error.strerror or error}") from error


def read_derived(files: DerivedFiles, folder: Path) -> tuple[pd.DataFrame, pd.DataFrame, dict[str, Any]] | None:
    """Read cells, account and source that `write_derived` wrote, or None.

    Raises
    ------
    InputError
        If a file is missing or damaged, or differs from its checksum.
    """
    if not (folder / files.source).is_file():
        return None
    try:
        cells = gzip.decompress((folder / files.cells).read_bytes())
        account = (folder / files.account).read_bytes()
        source = verified(tomllib.loads((folder / files.source).read_text(encoding="utf-8")))
    except (OSError, EOFError, zlib.error, ValueError) as error:
        raise InputError(f"the {files.what} in {folder} are damaged ({error}): count them again") from error
    for name, content in ((files.what, cells), ("account", account)):
        if sha256_of(content) != source.pop(f"{name}_sha256", None):
            raise InputError(f"the {name} in {folder} differ from the checksum in {files.source}: count them again")
    try:
        counted = _read(cells, ("count",)).astype({"count": "Int64"})
        require_possible(counted)
        return counted, _read(account, files.numbers), source
    except (ValueError, KeyError, OverflowError) as error:
        raise InputError(f"the {files.what} in {folder} cannot be used ({error}): count them again") from error


def with_periods(frame: pd.DataFrame) -> pd.DataFrame:
    """The table with its column `month` as monthly periods; an empty table is returned unchanged."""
    return frame if frame.empty else frame.assign(month=months_of(frame["month"]))


def _read(content: bytes, numbers: tuple[str, ...]) -> pd.DataFrame:
    frame = pd.read_csv(BytesIO(content), dtype="str", keep_default_na=False, encoding="utf-8")
    return with_periods(frame).astype(dict.fromkeys(numbers, "int64"))
