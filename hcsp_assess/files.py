"""Write files whole or not at all, tables as plain CSV, and work out checksums."""

import hashlib
import os
import tempfile
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from hcsp_assess.errors import InputError

if TYPE_CHECKING:
    import pandas as pd


def write_whole(path: Path, content: bytes) -> None:
    """Write a file under a temporary name in its own folder, then rename it: never half a file under its real name.

    Raises
    ------
    OSError
        If the disk is full or the folder cannot be written; nothing of the new content is left.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=".part")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        Path(name).chmod(0o644)
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def csv_bytes(table: "pd.DataFrame", *, index: bool = False) -> bytes:
    """Return a table as CSV in UTF-8 with plain line ends: the same table gives the same bytes on every system."""
    return table.to_csv(index=index, lineterminator="\n").encode("utf-8")


def require_columns(found: Iterable[object], needed: Sequence[str], where: str) -> None:
    """Stop where a table lacks a column; `InputError` names the table, what is missing, and every column it needs."""
    missing = [column for column in needed if column not in set(found)]
    if missing:
        raise InputError(f"{where} has no column {', '.join(missing)}; it needs {', '.join(needed)}")


def sha256_of(content: bytes | Path) -> str:
    """Return the SHA-256 checksum of bytes, or of what a file holds, as 64 hexadecimal digits."""
    if isinstance(content, bytes):
        return hashlib.sha256(content).hexdigest()
    with content.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
