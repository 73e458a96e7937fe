"""Write files whole or not at all, tables as plain CSV, and work out and verify checksums."""

import hashlib
import json
import logging
import os
import tempfile
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hcsp_assess.errors import InputError

if TYPE_CHECKING:
    import pandas as pd

logger = logging.getLogger(__name__)


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


def checked_json(content: Any) -> bytes:
    """Return what JSON can hold as text with its own checksum, for `read_checked_json`."""
    return json.dumps({"sha256": _json_checksum(content), "content": content}, indent=1, ensure_ascii=False).encode()


def read_checked_json(path: Path) -> Any | None:
    """Return what `checked_json` made; None if the file is missing, of another form, or damaged (which is logged)."""
    try:
        found = json.loads(path.read_bytes())
        if found["sha256"] == _json_checksum(found["content"]):
            return found["content"]
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        pass
    logger.warning("%s is damaged, or of an earlier version, and will be made again", path)
    return None


def is_as_written(path: Path, sha256: str) -> bool:
    """Whether a file that we made is as we wrote it; one that is not is logged as damaged, a missing one is not."""
    try:
        if sha256_of(path) == sha256:
            return True
    except FileNotFoundError:
        return False
    except OSError:
        pass
    logger.warning("%s is damaged and will be made again", path)
    return False


def _json_checksum(content: Any) -> str:
    return sha256_of(json.dumps(content, sort_keys=True).encode())
