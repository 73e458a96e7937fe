"""Find every street file: by its name, or by its headings where its rows give the month and force."""

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from hcsp_assess.errors import InputError
from hcsp_assess.sources.police_uk.files import (
    HeldFile,
    StreetFile,
    files_of_kind,
    files_within,
    read_held,
    with_snapshots,
)
from hcsp_assess.sources.police_uk.merged import split_by_rows
from hcsp_assess.sources.police_uk.names import STREET, is_left_by_system, is_text
from hcsp_assess.sources.police_uk.passed_over import headings_of, is_street_table, say_passed_over
from hcsp_assess.sources.police_uk.zips import Archive, open_archive, zips_of

FORCE = re.compile(rb"[,;\t|\"]((?:[A-Z][A-Za-z&-]* )+(?:Police|Constabulary)(?: Service)?)[,;\t|\"]")
SAMPLE = 16_384  # bytes from the start, and from the end, of a file in a folder: about 60 rows each
#: A packed file is looked at for several months if it has this many times the size of its force's smallest, or if its
#: force has fewer files than this.
LARGER, FEW_FILES = 1.8, 4


@dataclass(frozen=True)
class FoundFiles:
    """Street files of a folder or archive.

    Attributes
    ----------
    files : tuple of StreetFile
        In order of month, force, snapshot and label.
    passed_over : tuple of str
        A sentence for each file that nearly is a monthly file and was not read: why not, and what to do.
    """

    files: tuple[StreetFile, ...]
    passed_over: tuple[str, ...]


def find_street_files(source: Path | str) -> list[StreetFile]:
    """Find every street file in a folder, a zip or tar, or a folder that holds several of either.

    As `look_for_street_files`, without what was passed over.
    """
    return list(look_for_street_files(source).files)


def look_for_street_files(source: Path | str) -> FoundFiles:
    """Find every street file in a folder, a zip or tar, or a folder that holds several of either.

    A file is found by its name, `YYYY-MM-FORCE-street.csv`, also gzipped or in another spelling (`names.read_name`), in
    month folders or not. A text under another name is a street file if it has the headings of one: its rows give the
    month and force. A file that holds several months is split by them (`merged.split_by_rows`).
    Modification times are never looked at: copying changes them.

    Raises
    ------
    InputError
        If there is no such folder or archive, an archive is damaged, no street file is found, or a file should be split
        and cannot be.
    """
    root = Path(source)
    held = files_within(root)
    with _archives(held) as archives:
        files = _with_names(held, archives)
        found, passed_over = _without_names(held, archives)
    passed_over += _archives_without(root, held, [*files, *found])
    if not (files or found):
        raise _nothing_in(root, passed_over)
    return FoundFiles(tuple(with_snapshots(root, [*files, *found])), tuple(passed_over))


def _with_names(held: Sequence[HeldFile], archives: dict[Path, Archive]) -> list[StreetFile]:
    """Files that are named as street files are, those that hold several months split."""
    named = [each for each in held if each.named and each.named.kind == STREET]
    files = files_of_kind(named, STREET)
    sizes: dict[str, list[int]] = defaultdict(list)
    for file, each in zip(files, named, strict=True):
        sizes[file.force] += [_packed_size(each)] if _is_packed(each) else []
    found: list[StreetFile] = []
    for file, each in zip(files, named, strict=True):
        if _may_hold_months(file, each, sizes[file.force], archives):
            found += split_by_rows(file, read_held(each, archives.get(each.path)), named=True)
        else:
            found.append(file)
    return found


def _without_names(held: Sequence[HeldFile], archives: dict[Path, Archive]) -> tuple[list[StreetFile], list[str]]:
    """Street files under other names, split by their rows, and a sentence for each file that was not read."""
    files: list[StreetFile] = []
    passed_over: list[str] = []
    for each in held:
        if each.named or is_left_by_system(each.label):
            continue
        archive = archives.get(each.path)
        headings = headings_of(_start(each, archive)) if is_text(each.label) else []
        if is_street_table(headings):
            unnamed = StreetFile(pd.Period("1900-01", "M"), "", "", "", each.path, each.member, each.label)
            parts = split_by_rows(unnamed, read_held(each, archive), named=False)
            files += parts
            if not parts:
                passed_over.append(f"{each.label} has the headings of a street file and no row: download it again")
        elif said := say_passed_over(each, headings):
            passed_over.append(said)
    return files, passed_over


def _start(held: HeldFile, archive: Archive | None) -> bytes:
    """How a text begins; b"" if it cannot be read, which is said where it matters."""
    try:
        if held.member or _is_packed(held):
            return read_held(held, archive)[:SAMPLE]
        with held.path.open("rb") as file:
            return file.read(SAMPLE)
    except (InputError, OSError):
        return b""


def _may_hold_months(
    file: StreetFile, held: HeldFile, packed_sizes: Sequence[int], archives: dict[Path, Archive]
) -> bool:
    """Whether a named file may hold several months or forces, from its first and last lines, or its size."""
    if _is_packed(held):
        size = _packed_size(held)
        if len(packed_sizes) >= FEW_FILES and size <= LARGER * min(packed_sizes):
            return False
        try:
            content = read_held(held, archives.get(held.path))
        except InputError:  # said where the file is cleaned
            return False
        sample = content[:SAMPLE] + b"\n" + content[-SAMPLE:]
    else:
        sample = _ends(held.path)
    lines = [line for line in sample.split(b"\n")[1:] if line.strip()]
    return len(set(FORCE.findall(sample))) > 1 or not all(str(file.month).encode() in line for line in lines)


def _ends(path: Path) -> bytes:
    """The first and the last whole lines of a file, as far as a sample has them."""
    try:
        size = path.stat().st_size
        with path.open("rb") as file:
            start = file.read(SAMPLE)
            file.seek(max(SAMPLE, size - SAMPLE))
            end = file.read(SAMPLE)
    except OSError:  # said where the file is cleaned
        return b""
    if not end:
        return start
    return start[: start.rfind(b"\n") + 1] + end[end.find(b"\n") + 1 :]


def _is_packed(held: HeldFile) -> bool:
    return bool(held.member) or held.label.lower().endswith(".gz")


def _packed_size(held: HeldFile) -> int:
    """Bytes of a packed file: unpacked, if it is in a zip or tar; packed, if it is gzipped in a folder."""
    if held.member:
        return held.size
    try:
        return held.path.stat().st_size
    except OSError:  # said where the file is cleaned
        return 0


@contextmanager
def _archives(held: Sequence[HeldFile]) -> Iterator[dict[Path, Archive]]:
    """The zips and tars of files, open."""
    with ExitStack() as stack:
        opened: dict[Path, Archive] = {}
        for path in sorted({each.path for each in held if each.member}):
            opened[path] = open_archive(path)
            stack.enter_context(opened[path])
        yield opened


def _archives_without(root: Path, held: Sequence[HeldFile], files: Sequence[StreetFile]) -> list[str]:
    """A sentence for each zip or tar that holds no monthly file of any kind."""
    with_files = {each.path for each in held if each.named} | {file.path for file in files}
    return [
        f"{label} holds no monthly file of data.police.uk: download it again, or move it away"
        for path, label in zips_of(root)
        if path not in with_files
    ]


def _nothing_in(root: Path, passed_over: Sequence[str]) -> InputError:
    if not root.exists():
        return InputError(f"{root} does not exist: give a folder or a zip of street files from data.police.uk")
    if not root.is_dir() and not zips_of(root) and not passed_over:
        return InputError(f"{root.name} is not a folder, a zip or a street file: give one of these")
    near = f". Not read: {'; '.join(passed_over)}" if passed_over else ""
    return InputError(
        f"there are no street files in {root}: expected names like 2024-03/2024-03-west-mercia-street.csv, in folders "
        f"or in a zip from https://data.police.uk/data/{near}"
    )
