"""One report for each of many partnerships: in processes of their own, so that one that fails stops no other."""

import contextlib
import csv
import io
import json
import os
import subprocess
import sys
import threading
import tomllib
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, as_completed
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Literal

from hcsp_assess.errors import InputError, UsageError
from hcsp_assess.project import Project
from hcsp_assess.run.build import run_edition
from hcsp_assess.run.in_place import write_index
from hcsp_assess.run.lock import run_lock
from hcsp_assess.run.notebooks import NotebookError
from hcsp_assess.run.unattended import run_unattended
from hcsp_assess.subject.editions import edition

State = Literal["running", "done", "nothing new", "failed", "failed, will be tried again"]
Told = Callable[["AreaReport", State, float], None]
TRIES = 2


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
        1, or 2 where it failed and was tried again.
    seconds : float
        How long the last try took.
    page : str
        The published page, from the project's root; of a run that found nothing new or failed "".
    reason : str
        Why it failed, in the words that a single run would have told.
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


def run_areas(
    reports: Sequence[AreaReport],
    project: Project,
    *,
    workers: int = 1,
    told: Told | None = None,
    options: Mapping[str, Any] | None = None,
) -> tuple[AreaOutcome, ...]:
    """Build many reports, each in a process of its own; one that fails is tried once more when all others are done.

    What a report holds does not depend on the number of workers or the order. Records of cleaning are shared: the first
    worker cleans, the others wait for it.

    Parameters
    ----------
    workers : int
        How many reports are built at a time.
    told : callable, optional
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
        If `workers` is below 1.
    """

    if workers < 1:
        raise UsageError(f"--workers takes 1 or more, not {workers}")
    tell = _one_at_a_time(told or _silent)
    given = dict(options or {})
    with run_lock(project, f"reports of {len(reports)} areas", name="run-areas"):
        first = _build_all(reports, project, workers, tell, given, tries=1)
        again = [outcome.report for outcome in first if outcome.outcome == "failed"]
        second = _build_all(again, project, workers, tell, given | {"since_failure": True}, tries=TRIES)
        if any(outcome.outcome == "done" for outcome in (*first, *second)):
            write_index(project.reports)  # workers that end together may each have missed the other's page
    retried = {outcome.report: outcome for outcome in second}
    return tuple(retried.get(outcome.report, outcome) for outcome in first)


def _build_all(
    reports: Sequence[AreaReport], project: Project, workers: int, told: Told, options: dict[str, Any], *, tries: int
) -> list[AreaOutcome]:
    """Build reports side by side; when this process is stopped, its workers are too."""
    running: set[subprocess.Popen[str]] = set()
    with ThreadPoolExecutor(max_workers=workers) as pool:
        futures: list[Future[AreaOutcome]] = [
            pool.submit(_build_one, report, project, running, told, options, tries) for report in reports
        ]
        try:
            for future in as_completed(futures):
                future.result()
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            for process in list(running):
                process.kill()
            raise
    return [future.result() for future in futures]


def _build_one(
    report: AreaReport,
    project: Project,
    running: set[subprocess.Popen[str]],
    told: Told,
    options: dict[str, Any],
    tries: int,
) -> AreaOutcome:
    told(report, "running", 0.0)
    where = {"root": str(project.root), "checkout": str(project.checkout) if project.checkout else ""}
    request = json.dumps({"key": report.key, "project": where, "options": options})
    command = [sys.executable, "-c", "from hcsp_assess.run.many_areas import work; work()", request]
    environment = os.environ | {"PYTHONIOENCODING": "utf-8"}
    # Its standard input stays open as long as this process lives: see `_end_when_alone`.
    with subprocess.Popen(  # noqa: S603 - this Python
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
        errors="replace",
        env=environment,
    ) as process:
        running.add(process)
        out, said = _listen(process)
        running.discard(process)
    outcome = replace(_understand(report, process.returncode, out, said), tries=tries)
    state: State = outcome.outcome
    told(report, "failed, will be tried again" if state == "failed" and tries < TRIES else state, outcome.seconds)
    return outcome


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
    """What a worker came to, by its last line; a worker that was killed has written none."""
    try:
        answer = json.loads(out.splitlines()[-1])
    except (IndexError, json.JSONDecodeError):
        lines = said.strip().splitlines()
        ended = f"was killed (signal {-code})" if code < 0 else f"ended with code {code}"
        last = f": {lines[-1]}" if lines else ""
        return AreaOutcome(report, "failed", reason=f"the process that built it {ended}{last}")
    return AreaOutcome(report, **answer | {"warnings": tuple(answer.get("warnings", ()))})


def work() -> None:
    """Build one report in this process, as its first argument asks, and print what came of it as a line of JSON."""
    import time

    request = json.loads(sys.argv[1])
    threading.Thread(target=_end_when_alone, daemon=True).start()
    began = time.monotonic()
    try:
        answer = _work(request["key"], _project(request["project"]), request["options"])
    except Exception as error:  # whatever it is, it is told, and other areas go on
        answer = {"outcome": "failed", "reason": _told_reason(error)}
    print(json.dumps(answer | {"seconds": round(time.monotonic() - began, 1)}))


def _project(where: Mapping[str, str]) -> Project:
    return Project(Path(where["root"]), Path(where["checkout"]) if where["checkout"] else None)


def _work(key: str, project: Project, options: Mapping[str, Any]) -> dict[str, Any]:
    result = run_unattended(edition(key, project.root), project, run_edition, **options)
    if result is None:
        return {"outcome": "nothing new"}
    page = result.page.relative_to(project.root).as_posix()
    return {"outcome": "done", "page": page, "rows": result.rows, "warnings": result.warnings}


def _told_reason(error: Exception) -> str:
    """The error as a single run would tell it; the type too where it is not one that was meant for users."""
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
    """Entries of a list of areas, each with where it stands."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"the list of areas {path} cannot be read: {error}") from error
    if path.suffix == ".toml":
        try:
            entries = tomllib.loads(text).get("partnership", [])
        except tomllib.TOMLDecodeError as error:
            raise UsageError(f"the list of areas {path} cannot be read: {error}") from error
        if not (isinstance(entries, list) and all(isinstance(entry, dict) for entry in entries)):
            raise UsageError(f"the list of areas {path} needs a table [[partnership]] for each")
        texts = [{str(name): str(value) for name, value in entry.items()} for entry in entries]
        return [(f"{path.name}, partnership {number}", entry) for number, entry in enumerate(texts, start=1)]
    reader = csv.DictReader(io.StringIO(text), skipinitialspace=True)
    if "area" not in (reader.fieldnames or []):
        raise UsageError(f"the list of areas {path} has no column area; it needs area and edition")
    return [(f"{path.name}, line {reader.line_num}", row) for row in reader if any(row.values())]


def _one_at_a_time(told: Told) -> Told:
    lock = threading.Lock()

    def tell(report: AreaReport, state: State, seconds: float) -> None:
        with lock:
            told(report, state, seconds)

    return tell


def _silent(report: AreaReport, state: State, seconds: float) -> None:
    """Progress that nobody watches."""
