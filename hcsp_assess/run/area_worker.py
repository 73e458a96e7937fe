"""What a worker of a cluster does: it builds one report, and says how that went."""

import os
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Final

import psutil

from hcsp_assess.edition.software import software_fingerprint
from hcsp_assess.errors import InputError, UsageError
from hcsp_assess.files import sha256_of
from hcsp_assess.project import Project, bundled
from hcsp_assess.report import pdf, word
from hcsp_assess.run.build import run_edition
from hcsp_assess.run.delivery import deliver
from hcsp_assess.run.home import ensure_home
from hcsp_assess.run.lock import AlreadyRunning
from hcsp_assess.run.notebooks import NotebookError
from hcsp_assess.run.side_by_side import usable_cores
from hcsp_assess.run.unattended import run_unattended
from hcsp_assess.subject.editions import edition

#: Seconds between two looks at how much memory is used.
LOOK_EVERY: Final = 0.5
#: Environment variables that decide which formats are made.
FORMATS: Final = (pdf.VARIABLE, word.VARIABLE)
#: What an environment variable says where a format is not wanted.
NONE: Final = "none"


def build_area(request: Mapping[str, Any]) -> dict[str, Any]:
    """Build a report. Runs on a worker; whatever goes wrong is in the answer.

    Parameters
    ----------
    request : mapping
        `project` (as `name_project`), `key` of the edition for the area, `options` of `run_unattended`, `at_a_time`
        (how many areas this machine builds at a time), `unwanted` (as `unwanted_formats`), `output` (where the report
        also goes; "" for nowhere).

    Returns
    -------
    dict
        `outcome` ("done", "nothing new", "failed"), `seconds`, `page`, `reason`, `rows`, `warnings`; `worker` (its
        address), `peak` and `free` (bytes: the most that this worker's processes used, the least that was free then).
    """
    began = time.monotonic()
    with watch_memory() as memory:
        try:
            answer = _build(request)
        except AlreadyRunning as error:
            answer = {"outcome": "failed", "reason": str(error)}
        except Exception as error:  # whatever it is, it is reported, and the other areas are built
            answer = {"outcome": "failed", "reason": _reason(error)}
    seconds = round(time.monotonic() - began, 1)
    return answer | {"seconds": seconds, "worker": _address(), "peak": memory.peak, "free": memory.free}


def describe_worker(named: Mapping[str, str], unwanted: Sequence[str]) -> dict[str, Any]:
    """Say what decides whether a worker would build the same report as another: software, project, browser.

    Returns
    -------
    dict
        `software` (checksum), `sees_project`, `browser` (whether there is one, or none is wanted), `host`.
    """
    project = read_project(named)
    try:
        browser = pdf.VARIABLE in unwanted or pdf.find_browser() is not None
    except InputError:
        browser = False
    sees = project.raw.is_dir()
    chapters = b"".join(path.read_bytes() for path in sorted(bundled("notebooks").glob("*.ipynb")))
    software = f"{software_fingerprint()} {sha256_of(chapters)}"  # a project may have no notebooks of its own
    return {"software": software, "sees_project": sees, "browser": browser, "cores": usable_cores()}


def name_project(project: Project) -> dict[str, str]:
    """Return a project as plain text, by its folder, to send to a worker."""
    return {"root": str(project.root)}


def read_project(named: Mapping[str, str]) -> Project:
    """The project that `name_project` named."""
    return Project(Path(named["root"]))


def unwanted_formats() -> tuple[str, ...]:
    """Return the environment variables that say that a format is not wanted; a request carries them to the workers."""
    return tuple(name for name in FORMATS if os.environ.get(name, "").casefold() == NONE)


@dataclass
class Memory:
    """Bytes: the most that this process and all that it started used, and the least that was free on the machine."""

    peak: int = 0
    free: int = 1 << 62


@contextmanager
def watch_memory() -> Iterator[Memory]:
    """Watch memory while the block runs. Memory that forked processes share is counted in each."""
    memory, ended = Memory(), threading.Event()

    def look() -> None:
        while True:
            memory.peak = max(memory.peak, used_by_tree(psutil.Process()))
            memory.free = min(memory.free, psutil.virtual_memory().available)
            if ended.wait(LOOK_EVERY):
                return

    thread = threading.Thread(target=look, daemon=True)
    thread.start()
    try:
        yield memory
    finally:
        ended.set()
        thread.join()


def used_by_tree(process: psutil.Process) -> int:
    """Bytes of memory that a process and all that it started hold."""
    total = 0
    with suppress(psutil.Error):
        for each in (process, *process.children(recursive=True)):
            with suppress(psutil.Error):
                total += each.memory_info().rss
    return total


def _build(request: Mapping[str, Any]) -> dict[str, Any]:
    project = read_project(request["project"])
    ensure_home(project)
    _switch_off(request["unwanted"])
    build = partial(run_edition, at_a_time=max(1, usable_cores() // request["at_a_time"]))
    chosen = edition(request["key"], project.root)
    result = run_unattended(chosen, project, build, **request["options"])
    delivered = deliver(project.reports / chosen.key, request["output"], chosen.key) if request["output"] else ""
    page = (project.reports / chosen.key / "index.html").relative_to(project.root).as_posix()
    if result is None:
        return {"outcome": "nothing new", "page": delivered or page}
    return {"outcome": "done", "page": delivered or page, "rows": result.rows, "warnings": list(result.warnings)}


def _switch_off(unwanted: Sequence[str]) -> None:
    """Make those formats that the run wants, and no others, whatever the run before wanted of this worker."""
    for name in FORMATS:
        if name in unwanted:
            os.environ[name] = NONE
        elif os.environ.get(name, "").casefold() == NONE:
            os.environ.pop(name)


def _reason(error: Exception) -> str:
    """The error in a single run's words; its type too where it is not one that was meant for users."""
    meant = isinstance(error, InputError | UsageError | NotebookError)
    return str(error) if meant else f"{type(error).__name__}: {error}"


def _address() -> str:
    """The address of the worker that this runs on; "" outside a cluster."""
    from distributed import get_worker

    try:
        return str(get_worker().address)
    except ValueError:
        return ""
