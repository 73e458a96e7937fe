"""Checksums of partners' files that only the partnership can check: keyed with a secret of the project.

A plain SHA-256 answers a guess: of a file of a few small numbers every possible content can be tried in seconds. With
a key that is not published it cannot (HMAC, RFC 2104). The key is in `restricted-reports/`, which git ignores.
"""

import hashlib
import hmac
import os
import secrets
from pathlib import Path
from typing import Final

from hcsp_assess.errors import InputError
from hcsp_assess.project import Project
from hcsp_assess.run.restricted_folder import restricted_folder

NAME: Final = "digest.key"
_BYTES: Final = 32


def digest_key(project: Project) -> bytes:
    """Return the project's secret key of checksums; a new one is readable by its owner alone.

    Raises
    ------
    InputError
        If the file of the key is damaged.
    """
    path = restricted_folder(project) / NAME
    if not path.exists():
        _make(path)
    try:
        key = bytes.fromhex(path.read_text(encoding="ascii").strip())
    except ValueError:
        key = b""
    if len(key) != _BYTES:
        raise InputError(
            f"{path} is not a key of {2 * _BYTES} hexadecimal digits: restore it, or delete it for a new one"
        )
    return key


def _make(path: Path) -> None:
    """Write a new key whole under its name; where another run was quicker, its key stays."""
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    handle = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "w", encoding="ascii") as file:
        file.write(secrets.token_hex(_BYTES) + "\n")
        file.flush()
        os.fsync(file.fileno())
    try:
        os.link(part, path)
    except FileExistsError:
        pass
    except OSError:  # a file system without links
        part.replace(path)
    part.unlink(missing_ok=True)


def keyed_digest(key: bytes, sha256: str) -> str:
    """Return the keyed checksum of a file, 32 hexadecimal digits; "" for a file without a checksum.

    Parameters
    ----------
    key : bytes
        From `digest_key`.
    sha256 : str
        The file's SHA-256, as hexadecimal digits.

    Examples
    --------
    >>> keyed_digest(b"Jefe", "") == "", len(keyed_digest(b"Jefe", "ab" * 32))
    (True, 32)
    """
    return hmac.new(key, bytes.fromhex(sha256), hashlib.sha256).hexdigest()[:32] if sha256 else ""
