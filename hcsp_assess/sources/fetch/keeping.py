"""Save downloads: each checked, moved into place in one step and logged."""

import json
import re
import zipfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from hcsp_assess.errors import InputError
from hcsp_assess.files import sha256_of, write_whole
from hcsp_assess.project import Project
from hcsp_assess.sources.fetch.transfer import Downloaded, discard
from hcsp_assess.sources.police_uk.names import STREET, read_name

LOG = "fetched.jsonl"
MONTH = re.compile(r"[0-9]{4}-(0[1-9]|1[0-2])")
PARTS = ".fetch"  # in data/raw, so that renaming stays on one disk, and beside the folders that are read as data


@dataclass(frozen=True)
class FetchedFile:
    """One file in `data/raw`, as fetched.

    Attributes
    ----------
    file : str
        Where it is, from the project's root.
    url : str
        Where it came from in the end.
    fetched : str
        When, in UTC.
    etag, last_modified : str
        What the server says of its version.
    new : bool
        False where the same file was there already.
    note : str
        What a reader should know: what it lacks, what was left out and how much.
    """

    file: str
    url: str
    sha256: str
    bytes: int
    fetched: str
    etag: str = ""
    last_modified: str = ""
    new: bool = True
    note: str = ""


def parts_folder(project: Project) -> Path:
    """Folder for incomplete downloads."""
    return project.raw / PARTS


def street_zip_problem(path: Path) -> str:
    """Say why a file is not a whole zip with street files, or ""."""
    return zip_problem(path, street=True)


def keep_download(
    project: Project,
    downloaded: Downloaded,
    target: Path,
    *,
    note: str = "",
    problem: Callable[[Path], str] = street_zip_problem,
) -> FetchedFile:
    """Move a whole, checked download to its name and write it in the log.

    Parameters
    ----------
    note : str
        What a reader should know of it.
    problem : callable
        Says why a file that has the name already is not good, or "".

    Raises
    ------
    InputError
        If a good file with other content has the name: it stays as it is, and the new one under its temporary name.
    """
    fetched = FetchedFile(
        file=target.relative_to(project.root).as_posix(),
        url=downloaded.url,
        sha256=downloaded.sha256,
        bytes=downloaded.bytes,
        fetched=_now(),
        etag=downloaded.etag,
        last_modified=downloaded.last_modified,
        new=not _same(target, downloaded.sha256),
        note=note,
    )
    if fetched.new:
        if target.exists() and not problem(target):
            raise InputError(
                f"{fetched.file} already exists with different content and was not changed; the new file is "
                f"{downloaded.part.relative_to(project.root).as_posix()}. To use the new one, move the old one to "
                "another folder and fetch again"
            )
        target.parent.mkdir(parents=True, exist_ok=True)
        downloaded.part.replace(target)
    discard(downloaded.part)
    _log(project, fetched)
    return fetched


def already_there(
    project: Project, target: Path, headers: Mapping[str, str], url: str, *, street: bool = True
) -> FetchedFile | None:
    """Return the record of a good file that is already the server's version, or None."""
    file = target.relative_to(project.root).as_posix()
    line = next((line for line in reversed(read_log(project)) if line.file == file), None)
    size = target.stat().st_size
    if line is not None:
        same = size == line.bytes and line.etag != "" and line.etag == headers.get("ETag")
        return replace(line, new=False) if same else None
    if headers.get("Content-Length") != str(size) or zip_problem(target, street=street):
        return None
    return keep_in_place(project, target, url=url, note="added by hand; complete and as long as the published file")


def keep_content(project: Project, target: Path, content: bytes, *, url: str, note: str = "") -> FetchedFile:
    """Save a file put together from several answers, in one step, and log it."""
    digest = sha256_of(content)
    new = not _same(target, digest)
    if new:
        write_whole(target, content)
    file = target.relative_to(project.root).as_posix()
    fetched = FetchedFile(file, url, digest, len(content), _now(), new=new, note=note)
    _log(project, fetched)
    return fetched


def keep_in_place(project: Project, target: Path, *, url: str, note: str) -> FetchedFile:
    """Write a file that is in its place already in the log."""
    file = target.relative_to(project.root).as_posix()
    fetched = FetchedFile(file, url, sha256_of(target), target.stat().st_size, _now(), new=False, note=note)
    _log(project, fetched)
    return fetched


def read_log(project: Project) -> list[FetchedFile]:
    """What was fetched into a project, oldest first; a line cut short by a crash is passed over."""
    path = project.raw / LOG
    found = []
    for line in path.read_text(encoding="utf-8", errors="replace").splitlines() if path.is_file() else []:
        try:
            found.append(FetchedFile(**json.loads(line)))
        except (ValueError, TypeError, RecursionError):
            continue
    return found


def zip_problem(path: Path, *, street: bool = False) -> str:
    """Say why a file is not a whole zip (with street files, if asked), or ""."""
    try:
        with zipfile.ZipFile(path) as archive:
            damaged = archive.testzip()
            names = archive.namelist()
    except (zipfile.BadZipFile, OSError, EOFError, NotImplementedError, RuntimeError) as error:
        return f"is not a whole zip file ({error})"
    if damaged:
        return f"is a damaged zip file: {damaged} does not match its checksum"
    if street and not _months_named(names):
        return f"is a zip file without street-level crime: it has {', '.join(names[:3]) or 'nothing'}"
    return ""


def street_months(path: Path) -> list[str]:
    """Months of the street files in a zip, in order."""
    with zipfile.ZipFile(path) as archive:
        return _months_named(archive.namelist())


def _months_named(names: Sequence[str]) -> list[str]:
    found = [read_name(name) for name in names]
    return sorted({name.month for name in found if name and name.kind == STREET})


def _same(target: Path, sha256: str) -> bool:
    return target.is_file() and sha256_of(target) == sha256


def _now() -> str:
    return datetime.now(UTC).replace(microsecond=0).isoformat()


def _log(project: Project, fetched: FetchedFile) -> None:
    with (project.raw / LOG).open("a", encoding="utf-8", newline="\n") as log:
        log.write(json.dumps(asdict(fetched), ensure_ascii=False) + "\n")
