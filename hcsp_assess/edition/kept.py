"""Results that several chapters share: computed once and kept on disk."""

import hashlib
import logging
import pickle
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path
from typing import Final, TypeVar

from hcsp_assess.edition.software import software_fingerprint
from hcsp_assess.files import printable, sha256_of, write_whole

logger = logging.getLogger(__name__)
Result = TypeVar("Result")
#: Folder in `data/processed/EDITION/` of results that are kept.
KEPT: Final = "kept"


def kept(folder: Path, name: str, rests_on: Iterable[str], make: Callable[[], Result]) -> Result:
    """Return a stored result, or compute and store it.

    Parameters
    ----------
    folder : Path
        Folder of this project where results are kept. What is in it is run as Python when it is read: never take it
        over from somebody else.
    name : str
        Name of the result; one of each name is kept.
    rests_on : iterable of str
        All that the result depends on beside this software: checksums of files, definitions as text.
    make : callable
        Makes the result.

    Notes
    -----
    What is kept has a checksum. A damaged file is said to be so and made again; where the folder cannot be written,
    each chapter makes the result for itself.
    """
    key = content_key(rests_on)
    path = folder / f"{name}.pickle"
    found = _read(path, key)
    if found is not None:
        with suppress(Exception):  # written whole, and yet by something else
            result: Result = pickle.loads(found)  # noqa: S301 - our own folder, and the checksum holds
            return result
    result = make()
    content = pickle.dumps(result, protocol=pickle.HIGHEST_PROTOCOL)
    with suppress(OSError):
        write_whole(path, f"{key} {sha256_of(content)}\n".encode() + content)
    return result


def content_key(rests_on: Iterable[str]) -> str:
    """Return one checksum over texts, in their order, and this software."""
    digest = hashlib.sha256(software_fingerprint().encode())
    for text in rests_on:
        digest.update(b"\0" + text.encode(errors="surrogateescape"))
    return digest.hexdigest()


def files_key(*received: Path) -> str:
    """Return one checksum of files, and of all files in folders with their paths; any may be missing."""
    every = [(item, path) for item in received for path in [item, *sorted(item.rglob("*"))] if path.is_file()]
    lines = [f"{printable(item.name)} {printable(path.relative_to(item))} {sha256_of(path)}" for item, path in every]
    return sha256_of("\n".join(lines).encode())


def _read(path: Path, key: str) -> bytes | None:
    """The bytes of a kept result, or None if it is missing or damaged."""
    try:
        line, _, content = path.read_bytes().partition(b"\n")
    except OSError:
        return None
    found, _, checksum = line.decode("ascii", errors="replace").partition(" ")
    if found != key:
        return None
    if sha256_of(content) != checksum:
        logger.warning("%s is damaged and will be made again", path)
        return None
    return content
