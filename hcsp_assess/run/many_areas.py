"""One report for each of many partnerships: in processes of their own, so that one that fails stops no other."""

import contextlib
import csv
import io
import json
import os
import subprocess
import sys
import threading
import time
import tomllib
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Literal

from hcsp_assess.errors import InputError, UsageError
from hcsp_assess.project import Project
from hcsp_assess.run.build import run_edition
from hcsp_assess.run.lock import run_lock
from hcsp_assess.run.notebooks import NotebookError
from hcsp_assess.run.reports_folder import write_index
from hcsp_assess.run.unattended import run_unattended
from hcsp_assess.subject.editions import edition

State = Literal["running", "done", "nothing new", "failed", "failed, will be tried again"]
#: Called with a report, its new state, and the seconds that it took.
AreaProgress = Callable[["AreaReport", State, float], None]


@dataclass(frozen=True)
class AreaReport:
    """A report to build: an edition for an area.

    Attributes
    ----------
    area, edition : str
        Their keys.
    """

    area: str
    edition: str

    @property
    def key(self) -> str:
        """Name of the edition for the area, as in `reports/`: see `editions.edition`."""
        return f"{self.edition}@{self.area}"


@dataclass(frozen=True)
class AreaOutcome:
    """What became of a report.

    Attributes
    ----------
    outcome : str
        "done", "nothing new" (`only_if_changed` found the inputs of the last good run) or "failed".
    tries : int
        How many times it was tried.
    seconds : float
        How long the last try took.
    page : str
        The published page, from the project's root; of a run that found nothing new or failed "".
    reason : str
        Why it failed, in the words of a single run.
    rows : dict of str to int
        Rows received, and what became of them.
    """

    report: AreaReport
    outcome: Literal["done", "nothing new", "failed"]
    tries: int = 1
    seconds: float = 0.0
    page: str = ""
    reason: str = ""
    rows: dict[str, int] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()


def read_areas(path: Path, project: Project, *, default_edition: str = "") -> tuple[AreaReport, ...]:
    """Read which reports to build.

    Parameters
    ----------
    path : Path
        A CSV with the columns `area` and, unless there is a default, `edition`; or a TOML file with a table
        ``[[partnership]]`` of the same fields for each. Both in UTF-8.
    default_edition : str
        The edition of lines that name none.

    Raises
    ------
    UsageError, InputError
        If the file cannot be read, lists nothing, a field is missing, a report is listed twice, or there is no such
        area or edition, or the edition cannot be made for the area. Nothing is built then.
    """
    reports = []
    for where, entry in _entries(path):
        area, key = (entry.get("area") or "").strip(), (entry.get("edition") or "").strip() or default_edition
        if not area or not key:
            raise UsageError(f"{where}: {'area' if not area else 'edition'} is missing")
        report = AreaReport(area, key)
        if report in reports:
            raise UsageError(f"{where}: edition {key} for {area} is listed twice")
        try:
            edition(report.key, project.root)
        except (UsageError, InputError) as error:
            raise type(error)(f"{where}: {error}") from error
        reports.append(report)
    if not reports:
        raise UsageError(f"{path.name} lists no area")
    return tuple(reports)


@dataclass(frozen=True)
class _Attempt:
    """A try at all reports that are still to be built: how each is built, and whether it is the last."""

    project: Project
    options: Mapping[str, Any]
    progress: AreaProgress
    number: int
    last: bool


def run_areas(
    reports: Sequence[AreaReport],
    project: Project,
    *,
    workers: int = 1,
    tries: int = 2,
    progress: AreaProgress | None = None,
    options: Mapping[str, Any] | None = None,
) -> tuple[AreaOutcome, ...]:
    """Build many reports, each in a process of its own; those that fail are tried again when all others are done.

    What a report holds does not depend on the number of workers or the order. Records of cleaning are shared: the first
    worker cleans, the others wait for it.

    Parameters
    ----------
    workers : int
        How many reports are built at a time.
    tries : int
        How many times a report is tried until it is given up; from the second on, from the chapters that were finished.
    progress : callable, optional
        Called with a report, its new state, and the seconds that it took, from one thread at a time.
    options : mapping, optional
        Options of `unattended.run_unattended`, such as ``{"only_if_changed": True}``.

    Returns
    -------
    tuple of AreaOutcome
        In the order of `reports`.

    Raises
    ------
    AlreadyRunning
        If many areas are being built in this project already.
    UsageError
        If `workers` or `tries` is below 1.
    """
    for name, number in (("workers", workers), ("tries", tries)):
        if number < 1:
            raise UsageError(f"--{name} takes 1 or more, not {number}")
    outcomes: dict[AreaReport, AreaOutcome] = {}
    show, given, waiting = _one_at_a_time(progress or _silent), dict(options or {}), list(reports)
    with run_lock(project, f"reports of {len(reports)} areas", name="run-areas"):
        for number in range(1, tries + 1):
            attempt = _Attempt(project, given, show, number, number == tries)
            outcomes |= {outcome.report: outcome for outcome in _build_all(waiting, attempt, workers)}
            waiting = [report for report in waiting if outcomes[report].outcome == "failed"]
            if not waiting:
                break
            given = given | {"since_failure": True}
        if any(outcome.outcome == "done" for outcome in outcomes.values()):
            write_index(project.reports)  # workers that end together may each have missed the other's page
    return tuple(outcomes[report] for report in reports)


def _build_all(reports: Sequence[AreaReport], attempt: _Attempt, workers: int) -> list[AreaOutcome]:
    """Build reports side by side; when this process is stopped, its workers are too."""
    running: set[subprocess.Popen[str]] = set()
    with ThreadPoolExecutor(max_workers=workers) as pool:
        futures = [pool.submit(_build_one, report, attempt, running) for report in reports]
        try:
            for future in as_completed(futures):
                future.result()
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            for process in list(running):
                process.kill()
            raise
    return [future.result() for future in futures]


def _build_one(report: AreaReport, attempt: _Attempt, running: set["subprocess.Popen[str]"]) -> AreaOutcome:
    attempt.progress(report, "running", 0.0)
    with _start_worker(report, attempt) as process:
        running.add(process)
        out, said = _listen(process)
        running.discard(process)
    outcome = replace(_understand(report, process.returncode, out, said), tries=attempt.number)
    failed_for_now = outcome.outcome == "failed" and not attempt.last
    attempt.progress(report, "failed, will be tried again" if failed_for_now else outcome.outcome, outcome.seconds)
    return outcome


def _start_worker(report: AreaReport, attempt: _Attempt) -> "subprocess.Popen[str]":
    """Start a process that builds a report; its input stays open while this process lives: see `_end_when_alone`."""
    project = attempt.project
    where = {"root": str(project.root), "checkout": str(project.checkout) if project.checkout else ""}
    request = json.dumps({"key": report.key, "project": where, "options": dict(attempt.options)})
    return subprocess.Popen(  # noqa: S603 - this Python
        [sys.executable, "-c", "from hcsp_assess.run.many_areas import work; work()", request],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
        errors="replace",
        env=os.environ | {"PYTHONIOENCODING": "utf-8"},
    )


def _listen(process: "subprocess.Popen[str]") -> tuple[str, str]:
    """Read both streams to their ends without closing the process's input."""
    assert process.stdout is not None  # noqa: S101 - they are pipes
    assert process.stderr is not None  # noqa: S101
    with ThreadPoolExecutor(max_workers=1) as pool:
        said = pool.submit(process.stderr.read)
        out = process.stdout.read()
        process.wait()
        return out, said.result()


def _understand(report: AreaReport, code: int, out: str, said: str) -> AreaOutcome:
    """What a worker resulted in, by its last line; a worker that was killed has written none."""
    try:
        answer = json.loads(out.splitlines()[-1])
    except (IndexError, json.JSONDecodeError):
        lines = said.strip().splitlines()
        ended = f"was killed (signal {-code})" if code < 0 else f"ended with code {code}"
        last = f": {lines[-1]}" if lines else ""
        return AreaOutcome(report, "failed", reason=f"the process that built it {ended}{last}")
    return AreaOutcome(report, **answer | {"warnings": tuple(answer.get("warnings", ()))})


def work() -> None:
    """Build one report in this process, as its first argument asks, and print the result as a line of JSON."""
    request = json.loads(sys.argv[1])
    threading.Thread(target=_end_when_alone, daemon=True).start()
    began = time.monotonic()
    try:
        answer = _work(request["key"], _project(request["project"]), request["options"])
    except Exception as error:  # whatever it is, it is reported, and the other areas are built
        answer = {"outcome": "failed", "reason": _reason(error)}
    print(json.dumps(answer | {"seconds": round(time.monotonic() - began, 1)}))


def _project(where: Mapping[str, str]) -> Project:
    return Project(Path(where["root"]), Path(where["checkout"]) if where["checkout"] else None)


def _work(key: str, project: Project, options: Mapping[str, Any]) -> dict[str, Any]:
    result = run_unattended(edition(key, project.root), project, run_edition, **options)
    if result is None:
        return {"outcome": "nothing new"}
    page = result.page.relative_to(project.root).as_posix()
    return {"outcome": "done", "page": page, "rows": result.rows, "warnings": result.warnings}


def _reason(error: Exception) -> str:
    """The error in a single run's words; its type too where it is not one that was meant for users."""
    meant = isinstance(error, InputError | UsageError | NotebookError)
    return str(error) if meant else f"{type(error).__name__}: {error}"


def _end_when_alone() -> None:
    """End this process when the one that started it is gone, however: its end closes our standard input.

    A report is whole at any moment, and kernels watch for the end of this process in their turn.
    """
    with contextlib.suppress(OSError):
        while os.read(0, 1024):
            pass
    os._exit(1)


def _entries(path: Path) -> list[tuple[str, Mapping[str, Any]]]:
    """Entries of a list of areas, each with its place in the file."""
    try:
        text = path.read_text(encoding="utf-8-sig")
        return _toml_entries(path, text) if path.suffix == ".toml" else _csv_entries(path, text)
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise UsageError(f"the list of areas {path} cannot be read: {error}") from error


def _toml_entries(path: Path, text: str) -> list[tuple[str, Mapping[str, Any]]]:
    entries = tomllib.loads(text).get("partnership", [])
    if not (isinstance(entries, list) and all(isinstance(entry, dict) for entry in entries)):
        raise UsageError(f"the list of areas {path} needs a table [[partnership]] for each")
    texts = [{str(name): str(value) for name, value in entry.items()} for entry in entries]
    return [(f"{path.name}, partnership {number}", entry) for number, entry in enumerate(texts, start=1)]


def _csv_entries(path: Path, text: str) -> list[tuple[str, Mapping[str, Any]]]:
    reader = csv.DictReader(io.StringIO(text), skipinitialspace=True)
    if "area" not in (reader.fieldnames or []):
        raise UsageError(f"the list of areas {path} has no column area; it needs area and edition")
    return [(f"{path.name}, line {reader.line_num}", row) for row in reader if any(row.values())]


def _one_at_a_time(progress: AreaProgress) -> AreaProgress:
    lock = threading.Lock()

    def show(report: AreaReport, state: State, seconds: float) -> None:
        with lock:
            progress(report, state, seconds)

    return show


def _silent(report: AreaReport, state: State, seconds: float) -> None:
    """Progress that nobody watches."""
