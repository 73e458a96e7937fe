"""Build a report for each of many partnerships in worker processes; one failure stops no other."""

import contextlib
import csv
import io
import json
import os
import queue
import subprocess
import sys
import tempfile
import threading
import time
import tomllib
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any, Literal, Self

from hcsp_assess.errors import InputError, UsageError
from hcsp_assess.project import Project
from hcsp_assess.run.build import run_edition
from hcsp_assess.run.lock import run_lock
from hcsp_assess.run.notebooks import NotebookError
from hcsp_assess.run.reports_folder import write_index
from hcsp_assess.run.side_by_side import usable_cores
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
    """Build many reports in worker processes; those that fail are tried again when all others are done.

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
            raise UsageError(f"--{name} must be 1 or more, not {number}")
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
    with _Workers(attempt.project, workers) as team, ThreadPoolExecutor(max_workers=workers) as pool:
        futures = [pool.submit(_build_one, report, attempt, team) for report in reports]
        try:
            for future in as_completed(futures):
                future.result()
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            team.kill()
            raise
        return [future.result() for future in futures]


def _build_one(report: AreaReport, attempt: _Attempt, team: "_Workers") -> AreaOutcome:
    attempt.progress(report, "running", 0.0)
    outcome = replace(team.build(report, attempt.options), tries=attempt.number)
    failed_for_now = outcome.outcome == "failed" and not attempt.last
    attempt.progress(report, "failed, will be tried again" if failed_for_now else outcome.outcome, outcome.seconds)
    return outcome


class _Workers:
    """Processes that build one report after another: each imports everything, and warms its kernels, once.

    One that is killed takes with it the report that it was at; another takes its place.
    """

    def __init__(self, project: Project, number: int) -> None:
        checkout = str(project.checkout) if project.checkout else ""
        self._shared = {"project": {"root": str(project.root), "checkout": checkout}, "workers": number}
        self._idle: queue.SimpleQueue[_Worker] = queue.SimpleQueue()
        self._all: set[_Worker] = set()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.kill()  # each is idle by now, or its report is not wanted any more

    def build(self, report: AreaReport, options: Mapping[str, Any]) -> AreaOutcome:
        """Have a report built by a worker that is idle, or by a new one."""
        try:
            worker = self._idle.get_nowait()
        except queue.Empty:
            worker = _Worker()
            self._all.add(worker)
        answer = worker.ask({**self._shared, "key": report.key, "options": dict(options)})
        if answer is None:
            self._all.discard(worker)
            return AreaOutcome(report, "failed", reason=worker.last_words())
        self._idle.put(worker)
        return AreaOutcome(report, **answer | {"warnings": tuple(answer.get("warnings", ()))})

    def kill(self) -> None:
        """End every worker."""
        for worker in list(self._all):
            worker.kill()


class _Worker:
    """A process that builds the reports that it is asked for: a line of JSON each way."""

    def __init__(self) -> None:
        self._said = tempfile.TemporaryFile()  # noqa: SIM115 - as long as the worker lives
        self._process = subprocess.Popen(
            [sys.executable, "-c", "from hcsp_assess.run.many_areas import work; work()"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._said,
            encoding="utf-8",
            errors="replace",
            env=os.environ | {"PYTHONIOENCODING": "utf-8"},
        )

    def ask(self, request: Mapping[str, Any]) -> dict[str, Any] | None:
        """Have a report built; None if the process ended over it."""
        assert self._process.stdin is not None  # noqa: S101 - they are pipes
        assert self._process.stdout is not None  # noqa: S101
        with contextlib.suppress(BrokenPipeError):
            self._process.stdin.write(json.dumps(request) + "\n")
            self._process.stdin.flush()
        for line in self._process.stdout:
            with contextlib.suppress(json.JSONDecodeError):  # something that a library prints
                answer = json.loads(line)
                if isinstance(answer, dict) and "outcome" in answer:
                    return answer
        self._process.wait()
        return None

    def last_words(self) -> str:
        """How the process ended, with the last line that it wrote."""
        self._said.seek(0)
        lines = self._said.read().decode("utf-8", errors="replace").strip().splitlines()
        code = self._process.returncode
        ended = f"was killed (signal {-code})" if code < 0 else f"ended with code {code}"
        return f"the process that built it {ended}" + (f": {lines[-1]}" if lines else "")

    def kill(self) -> None:
        """End it, and whatever it is at."""
        self._process.kill()
        self._process.wait()
        for stream in (self._process.stdin, self._process.stdout, self._said):
            with contextlib.suppress(OSError):
                stream.close()  # type: ignore[union-attr]


def work() -> None:
    """Build the reports that this process is asked for, a line of JSON each, and answer each with a line of JSON."""
    requests: queue.SimpleQueue[str] = queue.SimpleQueue()
    threading.Thread(target=_listen, args=(requests,), daemon=True).start()
    while True:
        request = json.loads(requests.get())
        began = time.monotonic()
        try:
            answer = _work(request)
        except Exception as error:  # whatever it is, it is reported, and the other areas are built
            answer = {"outcome": "failed", "reason": _reason(error)}
        print(json.dumps(answer | {"seconds": round(time.monotonic() - began, 1)}), flush=True)


def _listen(requests: "queue.SimpleQueue[str]") -> None:
    """Take requests, and end this process when the one that started it is gone, however: its end closes our input.

    A report is whole at any moment, and kernels watch for the end of this process in their turn.
    """
    for line in sys.stdin:
        requests.put(line)
    os._exit(1)


def _project(where: Mapping[str, str]) -> Project:
    return Project(Path(where["root"]), Path(where["checkout"]) if where["checkout"] else None)


def _work(request: Mapping[str, Any]) -> dict[str, Any]:
    project = _project(request["project"])
    build = partial(run_edition, at_a_time=max(1, usable_cores() // request["workers"]))
    result = run_unattended(edition(request["key"], project.root), project, build, **request["options"])
    if result is None:
        return {"outcome": "nothing new"}
    page = result.page.relative_to(project.root).as_posix()
    return {"outcome": "done", "page": page, "rows": result.rows, "warnings": result.warnings}


def _reason(error: Exception) -> str:
    """The error in a single run's words; its type too where it is not one that was meant for users."""
    meant = isinstance(error, InputError | UsageError | NotebookError)
    return str(error) if meant else f"{type(error).__name__}: {error}"


def _entries(path: Path) -> list[tuple[str, Mapping[str, Any]]]:
    """Entries of a list of areas, each with its place in the file."""
    try:
        text = path.read_text(encoding="utf-8-sig")
        return _toml_entries(path, text) if path.suffix == ".toml" else _csv_entries(path, text)
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError, csv.Error) as error:
        raise UsageError(f"the list of areas {path} cannot be read: {error}") from error


def _toml_entries(path: Path, text: str) -> list[tuple[str, Mapping[str, Any]]]:
    entries = tomllib.loads(text).get("partnership", [])
    if not (isinstance(entries, list) and all(isinstance(entry, dict) for entry in entries)):
        raise UsageError(f"the list of areas {path} needs one [[partnership]] table for each area")
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
    """A progress callback that does nothing."""
