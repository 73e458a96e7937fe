"""Find monthly files of data.police.uk in folders, zips and tars by name, and choose one for each month and force."""

import datetime as dt
import re
import tomllib
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path, PurePosixPath
from typing import Any

import pandas as pd

from hcsp_assess.errors import InputError
from hcsp_assess.files import gunzip, printable, read_file, sha256_of
from hcsp_assess.sources.police_uk.names import STREET, Name, is_text, read_name
from hcsp_assess.sources.police_uk.tars import is_tar
from hcsp_assess.sources.police_uk.zips import (
    DAMAGED_ZIP,
    Archive,
    Member,
    open_archive,
    read_member,
    unreadable,
    zip_members,
    zips_of,
)
from hcsp_assess.sources.simulated import MARK, is_marked

FIRST_MONTH = "2000-01"
#: A month is not in the future if it is before this day, whatever a computer's clock says.
BUILT = dt.date(2026, 1, 31)
DATED = re.compile(r"(?<![0-9])([0-9]{4}-(?:0[1-9]|1[0-2])(?:-[0-9]{2})?)(?![0-9])")


@dataclass(frozen=True)
class HeldFile:
    """One file in a folder, a zip or a tar.

    Attributes
    ----------
    path, member, label
        As in `StreetFile`.
    size : int
        Bytes that it unpacks to, if it is in a zip or tar.
    """

    path: Path
    member: str
    label: str
    size: int = 0

    @property
    def named(self) -> Name | None:
        """What its name says, or None if it is not named as a monthly file is."""
        return read_name(self.label)


def read_held(held: HeldFile, archive: Archive | None = None) -> bytes:
    """The bytes of a file, unzipped and gunzipped, as `StreetFile.read_bytes`."""
    try:
        if not held.member:
            packed = read_file(held.path, held.label)
        elif archive is not None:
            packed = read_member(archive, held.member, held.label)
        else:
            with open_archive(held.path) as opened:
                packed = read_member(opened, held.member, held.label)
        return gunzip(packed, held.label) if held.label.lower().endswith(".gz") else packed
    except DAMAGED_ZIP as error:
        raise unreadable(held.label, error) from error
    except OSError as error:
        raise InputError(f"{held.label} cannot be read: {error.strerror or error}") from error


@dataclass(frozen=True)
class StreetFile:
    """One monthly street file, or one of another kind that is published beside it, in a folder, a zip or a tar.

    Attributes
    ----------
    month : pandas.Period
        Data month, from the file's name.
    force : str
        Police force, from the file's name, such as "west-mercia".
    snapshot : str
        When the publisher made it, "2024-03" or "2024-03-15", as far as names tell; see `snapshot_from`.
    snapshot_from : str
        "name": the date is in the name of the zip or folder that holds the months. "newest month": no name has a date,
        so it is the newest month in that zip or folder; the file may be older or newer.
    path : Path
        The file, or the zip or tar that holds it.
    member : str
        Name inside the zip or tar; "" for a file in a folder.
    label : str
        Where it is, from the folder or zip that was searched: for messages and accounts.
    kind : str
        "street", "outcomes" or "stop-and-search".
    """

    month: pd.Period
    force: str
    snapshot: str
    snapshot_from: str
    path: Path
    member: str
    label: str
    kind: str = STREET

    @property
    def name(self) -> str:
        """Name of the file as published: "2024-03-west-mercia-street.csv"."""
        return f"{self.month}-{self.force}-{self.kind}.csv"

    @property
    def note(self) -> str:
        """What is special about it, for the account; "" for a file as published."""
        return ""

    def read_bytes(self, archive: Archive | None = None) -> bytes:
        """The published bytes: unzipped and gunzipped.

        Parameters
        ----------
        archive : ZipFile or TarArchive, optional
            The zip or tar at `path`, where it is open already: opening one with thousands of members takes time.

        Raises
        ------
        InputError
            If the file cannot be read, the zip or gzip is damaged, cut short or protected by a password, or the file
            has more than `LARGEST_FILE` bytes once unpacked.
        """
        return read_held(HeldFile(self.path, self.member, self.label), archive)

    @cached_property
    def sha256(self) -> str:
        """Checksum of the published bytes."""
        return sha256_of(self.read_bytes())


@dataclass(frozen=True)
class ChosenFile:
    """The street file used for a month and force, and what it was chosen over.

    Attributes
    ----------
    superseded : tuple of str
        Files of older snapshots for the same month and force, each "label (snapshot)".
    identical : tuple of str
        Copies with the same content in the same snapshot.
    """

    file: StreetFile
    superseded: tuple[str, ...]
    identical: tuple[str, ...]


def find_files(source: Path | str, kind: str) -> list[StreetFile]:
    """Find the files of one kind in a folder, a zip or tar, or a folder that holds several of either, or [].

    Names decide: `YYYY-MM-FORCE-KIND.csv`, also gzipped or in another spelling (`names.read_name`), in month folders or
    not. Modification times are never looked at: copying changes them.

    Parameters
    ----------
    kind : str
        "street", "outcomes" or "stop-and-search".

    Returns
    -------
    list of StreetFile
        In order of month, force, snapshot and label.

    Raises
    ------
    InputError
        If a zip or tar is damaged.
    """
    root = Path(source)
    return with_snapshots(root, files_of_kind(files_within(root), kind))


def files_of_kind(held: Iterable[HeldFile], kind: str) -> list[StreetFile]:
    """Those of files that are named as one kind of monthly file is, without their snapshots.

    Raises
    ------
    InputError
        If one is named for a month that police records cannot be of.
    """
    return [_file_of(each) for each in held if (named := each.named) and named.kind == kind]


def choose_files(files: Iterable[StreetFile]) -> list[ChosenFile]:
    """Choose one file for each month and force: that of the newest snapshot.

    Raises
    ------
    InputError
        If the newest snapshot holds a month and force twice with different content; the message names both files.
    """
    candidates: dict[tuple[pd.Period, str], list[StreetFile]] = defaultdict(list)
    for file in files:
        candidates[file.month, file.force].append(file)
    return [_choose(candidates[key]) for key in sorted(candidates)]


def read_simulated_mark(source: Path | str, files: Sequence[StreetFile]) -> dict[str, Any]:
    """Read the flat fields of the mark `SIMULATED.toml` in a folder or zip; {} without a mark.

    Raises
    ------
    InputError
        If some of the files lie under the mark and others do not: real and simulated records are never mixed.
    """
    root = Path(source)
    marks = _marks(root)
    if is_marked(root) and not marks:
        return {"simulated": True}
    if not marks:
        return {}
    folders = [PurePosixPath(label).parent for label in marks]
    real = [file.label for file in files if not any(PurePosixPath(file.label).is_relative_to(f) for f in folders)]
    if real:
        raise InputError(
            f"{root} holds simulated records ({min(marks)}) and real ones ({real[0]}): keep them in separate "
            "folders; they must never be counted together"
        )
    fields = _fields_of_mark(f"{root / min(marks)}", marks[min(marks)])
    return {name: value for name, value in fields.items() if isinstance(value, str | int | float)} | {"simulated": True}


def _fields_of_mark(label: str, content: bytes) -> dict[str, Any]:
    try:
        return tomllib.loads(content.decode("utf-8"))
    except ValueError as error:
        raise InputError(
            f"{label} marks the records beside it as simulated but cannot be read ({error}): correct it, or simulate "
            "the archive again"
        ) from error


def _marks(root: Path) -> dict[str, bytes]:
    """Content of every mark of a folder and of the zips in it, or of a zip, by its label."""
    paths = [path for path in root.rglob("*") if _is_mark(path.name)] if root.is_dir() else []
    marks = {printable(path.relative_to(root)): _content_of(path) for path in paths}
    for path, label in zips_of(root):
        try:
            with open_archive(path) as archive:
                members = [each for each in zip_members(archive, label) if _is_mark(PurePosixPath(each.path).name)]
                for each in members:
                    where = f"{label}/{each.path}"
                    marks[where] = read_member(archive, each.name, where)
        except DAMAGED_ZIP as error:
            raise unreadable(f"{label}/{MARK}", error) from error
    return marks


def _content_of(mark: Path) -> bytes:
    try:
        return mark.read_bytes()
    except OSError as error:
        raise InputError(f"{mark} cannot be read: {error.strerror or error}; correct it, or remove it") from error


def _is_mark(name: str) -> bool:
    return name.casefold() == MARK.casefold()


def files_within(root: Path) -> list[HeldFile]:
    """Every file of a folder and of the zips and tars in it, or of a zip or tar, or the one file that is given.

    Raises
    ------
    InputError
        If a zip or tar is damaged, or holds one name twice with different content.
    """
    inside = [held for path, label in zips_of(root) for held in _in_zip(path, label)]
    if not root.is_dir():
        return inside or ([HeldFile(root, "", root.name)] if root.is_file() else [])
    packed = {path for path, _ in zips_of(root)}
    plain = sorted(path for path in root.rglob("*") if path not in packed and path.is_file())
    return [HeldFile(path, "", printable(path.relative_to(root))) for path in plain] + inside


def _in_zip(path: Path, label: str) -> list[HeldFile]:
    kind = "tar" if is_tar(path.name) else "zip"
    try:
        with open_archive(path) as archive:
            held = list(zip_members(archive, label))
    except (*DAMAGED_ZIP, UnicodeDecodeError) as error:
        raise InputError(f"{label} is not a whole {kind} file ({error}): download it again") from error
    except OSError as error:
        raise InputError(f"{label} cannot be read: {error.strerror or error}") from error
    return [
        HeldFile(path, each.name, f"{label}/{each.path}", each.content[1])
        for each in _once([each for each in held if not each.path.endswith("/")], label)
    ]


def _once(entries: Sequence[Member], label: str) -> list[Member]:
    """Files in a zip or tar, each once; refused if one name is that of two contents: only the last could be read."""
    contents: dict[str, set[tuple[int, int]]] = defaultdict(set)
    for each in entries:
        if is_text(each.path):
            contents[each.path].add(each.content)
    for path, found in sorted(contents.items()):
        if len(found) > 1:
            raise InputError(
                f"{label} holds {path} {len(found)} times with different content: unpack it, keep the right one, and "
                "pack it again"
            )
    return [each for _, each in sorted({each.path: each for each in entries}.items())]


def is_month_of_records(text: str) -> bool:
    """Whether police records can be of a month, given as "2024-03": not before 2000, nor in the future."""
    latest = max(dt.datetime.now(tz=dt.UTC).date(), BUILT)
    return FIRST_MONTH <= text <= f"{latest:%Y-%m}" and len(text) == len(FIRST_MONTH)


def _file_of(held: HeldFile) -> StreetFile:
    named = held.named
    assert named is not None  # noqa: S101 - callers have looked at the name
    if not is_month_of_records(named.month):
        raise InputError(
            f"{held.label} is named for {named.month}, which cannot be a month of police records: it must be from "
            f"{FIRST_MONTH} to this month. Correct the name, or move the file away"
        )
    return StreetFile(pd.Period(named.month, "M"), named.force, "", "", held.path, held.member, held.label, named.kind)


def with_snapshots(root: Path, files: Sequence[StreetFile]) -> list[StreetFile]:
    """Give each file the date of the zip or folder that holds its months, and put them in order."""
    newest: dict[str, pd.Period] = {}
    for file in files:
        container = _container(file)
        newest[container] = max(file.month, newest.get(container, file.month))
    dated = [_with_snapshot(root, file, newest[_container(file)]) for file in files]
    return sorted(dated, key=lambda file: (file.month, file.force, file.snapshot, file.label))


def _container(file: StreetFile) -> str:
    """The zip or folder that holds a file's month folders, as a label."""
    parent = PurePosixPath(file.label).parent
    return (parent.parent if parent.name == str(file.month) else parent).as_posix()


def _with_snapshot(root: Path, file: StreetFile, newest: pd.Period) -> StreetFile:
    names = [*PurePosixPath(_container(file)).parts[::-1], root.name]
    dates = [found for name in names if (found := DATED.findall(name))]
    if dates:
        return replace(file, snapshot=max(dates[0]), snapshot_from="name")  # the end of "2020-01 to 2026-02"
    return replace(file, snapshot=str(newest), snapshot_from="newest month")


def _choose(candidates: list[StreetFile]) -> ChosenFile:
    snapshot = max(file.snapshot for file in candidates)
    first, *others = sorted((file for file in candidates if file.snapshot == snapshot), key=lambda file: file.label)
    for other in others:
        if other.sha256 != first.sha256:
            raise InputError(
                f"{first.month} of {first.force} appears twice with different content in the same snapshot "
                f"({snapshot}): {first.label} and {other.label}. Remove one, or put each in a folder named after the "
                "date it was published, such as 2024-03"
            )
    older = sorted((file for file in candidates if file.snapshot != snapshot), key=lambda file: file.label)
    return ChosenFile(
        file=first,
        superseded=tuple(f"{file.label} ({file.snapshot})" for file in older),
        identical=tuple(file.label for file in others),
    )
