"""Read a tar (plain, or packed with gzip, bzip2 or xz) through the few methods of a zip that its readers use."""

import bz2
import gzip
import lzma
import tarfile
import tempfile
import zlib
from collections import Counter
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Self

from hcsp_assess.files import LARGEST_FILE, too_large

#: Endings of tars, with how each is packed.
_OPEN: Final = {
    ".tar": None,
    ".tar.gz": gzip.open,
    ".tgz": gzip.open,
    ".tar.bz2": bz2.open,
    ".tbz2": bz2.open,
    ".tar.xz": lzma.open,
    ".txz": lzma.open,
}
#: Most times its own size that a packed tar may unpack to: street files reach about 15 with xz.
_MOST_TIMES, _SMALL, _PART = 100, 10_000_000, 1 << 20


def is_tar(path: str) -> bool:
    """Return whether a name ends as that of a tar does."""
    return path.lower().endswith(tuple(_OPEN))


@dataclass(frozen=True)
class TarEntry:
    """A file in a tar, with the fields of `zipfile.ZipInfo` that are used."""

    filename: str
    file_size: int
    compress_size: int
    CRC: int


class TarArchive:
    """A tar opened for reading; a packed one is unpacked into a temporary file first, so that any file can be read.

    Raises
    ------
    tarfile.TarError, lzma.LZMAError, zlib.error, EOFError, OSError
        If it is damaged or cut short.
    InputError
        If it would unpack to more than any real one has.
    """

    def __init__(self, path: Path) -> None:
        self._stack = ExitStack()
        try:
            self._tar = self._stack.enter_context(self._open(path))
            self._members = [member for member in self._tar.getmembers() if member.isfile()]
        except BaseException:
            self._stack.close()
            raise
        self._by_name = {member.name: member for member in self._members}

    def _open(self, path: Path) -> tarfile.TarFile:
        opener = next(opener for ending, opener in _OPEN.items() if path.name.lower().endswith(ending))
        if opener is None:
            return tarfile.open(path, "r:")
        unpacked = self._stack.enter_context(tempfile.TemporaryFile())  # noqa: SIM115 - closed with the archive
        most = max(_SMALL, _MOST_TIMES * path.stat().st_size)
        with opener(path, "rb") as packed:
            while part := packed.read(_PART):
                if unpacked.tell() + len(part) > most:
                    raise too_large(path.name, most)
                unpacked.write(part)
        unpacked.seek(0)
        return tarfile.open(fileobj=unpacked, mode="r:")

    def __enter__(self) -> Self:
        """Return the archive."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close it."""
        self._stack.close()

    def infolist(self) -> list[TarEntry]:
        """Every file in it; of those under one name each with the checksum of its content."""
        times = Counter(member.name for member in self._members)
        twice = {name for name, number in times.items() if number > 1}
        return [
            TarEntry(member.name, member.size, member.size, self._checksum(member) if member.name in twice else 0)
            for member in self._members
        ]

    def getinfo(self, name: str) -> TarEntry:
        """About the file under a name."""
        member = self._by_name[name]
        return TarEntry(name, member.size, member.size, 0)

    def read(self, name: str) -> bytes:
        """What the file under a name holds."""
        return self._content(self._by_name[name])

    def _checksum(self, member: tarfile.TarInfo) -> int:
        return zlib.crc32(self._content(member)) if member.size <= LARGEST_FILE else 0

    def _content(self, member: tarfile.TarInfo) -> bytes:
        held = self._tar.extractfile(member)
        if held is None:
            raise tarfile.ReadError(f"{member.name} is not a file")
        content = held.read()
        if len(content) != member.size:
            raise EOFError(f"{member.name} ends early")
        return content
