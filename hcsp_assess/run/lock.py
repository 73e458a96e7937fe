"""Allow one run at a time in a project; the lock ends with its process."""

import contextlib
import getpass
import json
import os
import platform
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from filelock import FileLock, Timeout

from hcsp_assess.errors import InputError
from hcsp_assess.files import write_whole
from hcsp_assess.project import Project

LOCK = "run"


@dataclass(frozen=True)
class Holder:
    """Who runs in a project.

    Attributes
    ----------
    doing : str
        What, such as "edition 2025".
    user, host : str
        Who, and on which machine; "" where that is not known.
    process : int
        Number of the process there; 0 where it is not known.
    since : str
        Since when, in UTC.
    """

    doing: str
    user: str
    host: str
    process: int
    since: str

    @property
    def words(self) -> str:
        """The holder in words."""
        who = f"{self.user or 'an unknown user'} on {self.host or 'an unknown computer'} (process {self.process})"
        return (
            f"a run is in progress: {self.doing}, started {self.since} by {who}" if self.since else "a run is starting"
        )


class AlreadyRunning(InputError):  # noqa: N818 - not an error of the user's
    """Another run holds the lock; `holder` says whose, and since when."""

    def __init__(self, holder: Holder) -> None:
        super().__init__(f"{holder.words}. This run was not started; try again when that one has ended.")
        self.holder = holder


@contextlib.contextmanager
def run_lock(project: Project, doing: str, *, name: str = LOCK) -> Iterator[Holder]:
    """Hold a lock of the project while the block runs.

    The lock is the operating system's (`flock`, or `msvcrt` on Windows) on `data/processed/run.lock`: it ends with the
    process, also one that was killed or lost its power, so that no stale lock is ever in the way. Who holds it is
    written beside it. On a network drive without such locks (rare) a run that was killed may leave the lock behind.

    Parameters
    ----------
    doing : str
        What is run, for those who find the lock taken, such as "edition 2025".
    name : str
        Which lock, by `lock_name`: runs of different areas do not exclude each other.

    Raises
    ------
    AlreadyRunning
        If another run holds the lock; at once, without waiting.
    OSError
        If `data/processed` cannot be written.
    """
    project.processed.mkdir(parents=True, exist_ok=True)
    said = project.processed / f"{name}.lock.json"
    lock = FileLock(project.processed / f"{name}.lock")
    try:
        lock.acquire(blocking=False)
    except Timeout as error:
        raise AlreadyRunning(_read_holder(said)) from error
    holder = Holder(doing, _user(), platform.node(), os.getpid(), _now())
    try:
        write_whole(said, json.dumps(asdict(holder)).encode())
        yield holder
    finally:
        said.unlink(missing_ok=True)
        lock.release()


def lock_name(edition: str) -> str:
    """Name of the lock of an edition's runs: one for the project, and one for each area as in "2025@shropshire"."""
    area = edition.partition("@")[2]
    return f"{LOCK}@{area}" if area else LOCK


def current_holder(project: Project, *, name: str = LOCK) -> Holder | None:
    """Say who holds a lock of the project now, or None."""
    path = project.processed / f"{name}.lock"
    if not path.exists():
        return None
    lock = FileLock(path)
    try:
        lock.acquire(blocking=False)
    except Timeout:
        return _read_holder(project.processed / f"{name}.lock.json")
    lock.release()
    return None


def _read_holder(path: Path) -> Holder:
    """What the holder wrote; a run that has only just taken the lock may not have written yet."""
    try:
        return Holder(**json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError, RecursionError):
        return Holder("a run", "", "", 0, "")


def _user() -> str:
    """Name of the user; a scheduler's environment may have none."""
    try:
        return getpass.getuser()
    except (OSError, KeyError, ImportError):
        return ""


def _now() -> str:
    return datetime.now(UTC).replace(microsecond=0).isoformat()
