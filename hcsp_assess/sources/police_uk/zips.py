"""Read the zips and tars that files of data.police.uk are in: backslashes in names, a zip in a zip, limits of size."""

import gzip
import io
import lzma
import tarfile
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

from hcsp_assess.errors import InputError
from hcsp_assess.files import LARGEST_FILE, printable, too_large
from hcsp_assess.sources.police_uk.tars import TarArchive, is_tar

#: Most times its own size that a file in a zip may unpack to. Crime IDs hardly shrink: real files reach about 10.
MOST_TIMES, SMALL = 200, 10_000_000
#: What a damaged or protected zip, tar or gzip raises.
DAMAGED_ZIP = (
    zipfile.BadZipFile,
    gzip.BadGzipFile,
    EOFError,
    zlib.error,
    lzma.LZMAError,
    tarfile.TarError,
    RuntimeError,
    NotImplementedError,
)
Archive: TypeAlias = zipfile.ZipFile | TarArchive

#: Between the name of a zip that is in a zip and the name in it.
INSIDE = "//"


@dataclass(frozen=True)
class Member:
    """One file in a zip, or in a zip in it.

    Attributes
    ----------
    name : str
        How `read_member` finds it.
    path : str
        Its path for readers, with slashes, also where a Windows program wrote backslashes.
    content : tuple of int
        Checksum and size: two files with the same are the same.
    """

    name: str
    path: str
    content: tuple[int, int]


def open_archive(path: Path) -> Archive:
    """Open a zip or a tar, by its name; to be used as a context."""
    if is_tar(path.name):
        return TarArchive(path)
    return zipfile.ZipFile(path)


def zip_members(archive: Archive, label: str, within: str = "") -> Iterator[Member]:
    """Find every file in an open zip or tar, also those in a zip in it (but no further down).

    Raises
    ------
    InputError
        If a zip in it would unpack to more than any real file has.
    """
    for item in archive.infolist():
        path = item.filename.replace("\\", "/")
        if is_zip(path) and not within:
            try:
                with _opened(archive, item.filename, f"{label}/{path}") as inner:
                    yield from zip_members(inner, f"{label}/{path}", item.filename)
            except DAMAGED_ZIP as error:
                raise unreadable(f"{label}/{path}", error) from error
        else:
            name = f"{within}{INSIDE}{item.filename}" if within else item.filename
            yield Member(name, name.replace(INSIDE, "/").replace("\\", "/"), (item.CRC, item.file_size))


def is_zip(path: str) -> bool:
    """Return whether a path is of a zip; "._name.zip" is what a Mac keeps beside one."""
    return path.lower().endswith(".zip") and not path.rpartition("/")[2].startswith("._")


def _opened(archive: Archive, member: str, label: str) -> zipfile.ZipFile:
    return zipfile.ZipFile(io.BytesIO(_unpacked(archive, member, label)))


def zips_of(root: Path) -> list[tuple[Path, str]]:
    """The zips and tars of a folder, or a zip or tar itself, each with its label."""
    if not root.is_dir():
        return [(root, root.name)] if root.is_file() and _is_archive(root.name) else []
    zips = sorted(path for path in root.rglob("*") if _is_archive(path.name) and path.is_file())
    return [(path, printable(path.relative_to(root))) for path in zips]


def _is_archive(name: str) -> bool:
    return is_zip(name) or (is_tar(name) and not name.startswith("._"))


def read_member(archive: Archive, member: str, label: str) -> bytes:
    """Read one file of an open zip or tar, unless it would unpack to more than any real file has.

    Raises
    ------
    InputError
        If it would; nothing is unpacked then.
    """
    zipped, _, inner = member.partition(INSIDE)
    if not inner:
        return _unpacked(archive, member, label)
    with _opened(archive, zipped, label) as within:
        return _unpacked(within, inner, label)


def _unpacked(archive: Archive, member: str, label: str) -> bytes:
    about = archive.getinfo(member)
    if about.file_size > LARGEST_FILE or about.file_size > max(SMALL, MOST_TIMES * about.compress_size):
        raise too_large(label, min(LARGEST_FILE, max(SMALL, MOST_TIMES * about.compress_size)))
    return archive.read(member)


def unreadable(label: str, error: Exception) -> InputError:
    """The error for a file that is damaged, or that is protected by a password."""
    if "password" in str(error):
        return InputError(f"{label} is protected by a password: unpack the zip yourself, or download it again")
    return InputError(f"{label} is damaged or cut short ({error}): download it again")
