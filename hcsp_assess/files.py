"""Write files whole or not at all, tables as plain CSV, read our own JSON, unpack within a limit, verify checksums."""

import gzip
import hashlib
import io
import json
import logging
import os
import re
import tempfile
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from hcsp_assess.errors import InputError

if TYPE_CHECKING:
    import pandas as pd

logger = logging.getLogger(__name__)
#: Most bytes of one received file, unpacked: forty times the largest street file of any force and month.
LARGEST_FILE = 1_000_000_000
_PART = 1 << 20
#: Nanoseconds: more than the coarsest clock of a file system.
DOUBTFUL_NS: Final = 3_000_000_000
#: Size, times of change (of the content, of anything) in nanoseconds, and number on the disk.
Look = tuple[int, int, int, int]
#: Control characters that no file of text may hold, and marks that turn the direction of what follows them.
_UNSEEN = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\u202a-\u202e\u2066-\u2069\ufffe\uffff]")
_LONE_SURROGATES = re.compile(r"[\ud800-\udfff]")
#: What spreadsheet programs, or a person, may not see in front of a formula.
_BEFORE_FORMULA = re.compile(r"^[\s\u00ad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff]*")


def write_whole(path: Path, content: bytes, *, mode: int = 0o644) -> None:
    """Write a file under a temporary name in its own folder, then rename it: never half a file under its real name.

    `mode` says who may read it; 0o600 is its owner alone.

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
        Path(name).chmod(mode)
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


class CsvText(io.StringIO):
    """Takes the rows of a CSV writer whose lines end with a carriage return, and ends them with a line feed alone.

    A writer puts quotation marks round what its own line ends hold: only so does a text with a carriage return stay in
    one row.
    """

    ENDS: Final = "\r\n"

    def write(self, row: str) -> int:
        """Take one row with its line end."""
        return super().write(row.removesuffix(self.ENDS) + "\n" if row.endswith(self.ENDS) else row)


def csv_bytes(table: "pd.DataFrame", *, index: bool = False, inert: bool = False) -> bytes:
    """Return a table as CSV in UTF-8 with plain line ends: the same table gives the same bytes on every system.

    With `inert`, no text can run as a formula in a spreadsheet program (`inert_text`): for texts that others wrote.
    """
    if inert:
        table = table.map(inert_text).rename(columns=inert_text)
    text = CsvText()
    table.to_csv(text, index=index, lineterminator=CsvText.ENDS)
    return text.getvalue().encode("utf-8", errors="replace")


def inert_text(value: object) -> object:
    """Return a text with an apostrophe in front where a spreadsheet would run it as a formula; other values unchanged.

    Source: OWASP, CSV injection. Spaces and unseen marks in front do not protect, and full-width signs count too.

    Examples
    --------
    >>> inert_text("=1+1"), inert_text(" @SUM(A1)"), inert_text("Q1 25/26"), inert_text(-5)
    ("'=1+1", "' @SUM(A1)", 'Q1 25/26', -5)
    """
    if not isinstance(value, str):
        return value
    bare = _BEFORE_FORMULA.sub("", value)
    runs = value[:1] in ("\t", "\r", "\n") or bare.startswith(("=", "+", "-", "@", "＝", "＋", "－", "＠"))
    return f"'{value}" if runs else value


def legible(text: str) -> str:
    r"""Return a text as a page, workbook or document may hold it: nothing in it is unseen or turns its direction.

    Control characters and marks of direction (U+202A to U+202E, U+2066 to U+2069) are dropped: with them, a name that
    is written one way is read another. Half of a pair of UTF-16 becomes the replacement character.

    Examples
    --------
    >>> legible("a\u202egnp.exe\x00")
    'agnp.exe'
    """
    return _LONE_SURROGATES.sub("\ufffd", _UNSEEN.sub("", text))


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


def look_at(path: Path) -> Look:
    """What a file looks like on the disk: its size, times of change and number. It is not read."""
    stat = path.stat()
    return stat.st_size, stat.st_mtime_ns, stat.st_ctime_ns, stat.st_ino


def may_change_unseen(look: Sequence[int], since: int) -> bool:
    """Whether a file that looked so had been changed so shortly before a time that it could change in the same tick."""
    return max(look[1:3]) >= since - DOUBTFUL_NS


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


def printable(path: Path | str) -> str:
    r"""Return a path with "/" between its parts, and each byte of a name that is not UTF-8 written as \xNN.

    Only such a path can be written to a table, a log or a page.
    """
    return os.fsencode(Path(path).as_posix()).decode("utf-8", errors="backslashreplace")


def read_json_object(path: Path) -> dict[str, Any]:
    """Read a JSON file of our own that can be made again; {} if it is missing, damaged or not an object."""
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def read_file(path: Path, label: str, limit: int = LARGEST_FILE) -> bytes:
    """Read a file; `InputError` if it has more than `limit` bytes, before any of them is read."""
    if path.stat().st_size > limit:
        raise too_large(label, limit)
    return path.read_bytes()


def too_large(label: str, limit: int = LARGEST_FILE) -> InputError:
    """Return the error for a file with more than `limit` bytes once it is unpacked."""
    return InputError(
        f"{label} has more than {limit / 1e6:,.0f} MB once unpacked, which no file of this kind has, so it was not "
        "read: download it again, or split it"
    )


def gunzip(packed: bytes, label: str, limit: int = LARGEST_FILE) -> bytes:
    """Unpack gzip content; `InputError` as soon as it has given more than `limit` bytes.

    Raises
    ------
    gzip.BadGzipFile, EOFError, zlib.error
        If it is damaged or cut short.
    """
    parts, size = [], 0
    with gzip.open(io.BytesIO(packed)) as file:
        while part := file.read(_PART):  # a single read of `limit` bytes would ask for that much memory at once
            size += len(part)
            if size > limit:
                raise too_large(label, limit)
            parts.append(part)
    return b"".join(parts)
