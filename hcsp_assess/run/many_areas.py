"""Build a report for each of many partnerships on the workers of a cluster; one failure stops no other."""

from collections import deque
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Literal

from distributed import CancelledError, Future, wait
from distributed.scheduler import KilledWorker

from hcsp_assess.edition.opened import clean_for_areas
from hcsp_assess.errors import InputError, UsageError
from hcsp_assess.project import Project
from hcsp_assess.run.area_list import AreaReport
from hcsp_assess.run.area_worker import build_area, name_project, unwanted_formats
from hcsp_assess.run.checksums import Checksums
from hcsp_assess.run.cluster import Cluster, Machine, SchedulerLostError
from hcsp_assess.run.fingerprint import input_paths
from hcsp_assess.run.lock import run_lock
from hcsp_assess.run.unattended import tidy_up
from hcsp_assess.subject.areas import area
from hcsp_assess.subject.editions import edition

State = Literal["running", "done", "nothing new", "failed", "failed, will be tried again"]
#: Called with a report, its new state, and the seconds that it took.
AreaProgress = Callable[[AreaReport, State, float], None]
#: Called with the stage of what is prepared for all areas, how much of it is done, and how much there is.
Progress = Callable[[str, int, int], None]
#: Seconds after which the coordinator looks again whether the scheduler is there and memory has become free.
LOOK_EVERY = 1.0
KILLED = "the process that built it was killed, or its computer was lost"


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
        The published page, from the project's root, or its address where reports are put elsewhere; "" of a run that
        failed.
    reason : str
        Why it failed, in the words of a single run.
    rows : dict of str to int
        Rows received, and what became of them.
    worker : str
        Address of the worker that built it.
    peak : int
        Bytes of memory that its processes used at most.
    """

    report: AreaReport
    outcome: Literal["done", "nothing new", "failed"]
    tries: int = 1
    seconds: float = 0.0
    page: str = ""
    reason: str = ""
    rows: dict[str, int] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()
    worker: str = ""
    peak: int = 0


def run_areas(
    reports: Sequence[AreaReport],
    cluster: Cluster,
    *,
    tries: int = 2,
    progress: AreaProgress | None = None,
    options: Mapping[str, Any] | None = None,
    output: str = "",
) -> tuple[AreaOutcome, ...]:
    """Build many reports on a cluster; those that fail are tried again, on another worker if there is one.

    What a report holds does not depend on how many workers there are, or in which order they build. The page over all
    of them, and the list of reports, are left to `overview.write_overview`.

    Parameters
    ----------
    cluster : Cluster
        From `open_cluster`; it knows the project.
    tries : int
        How many times a report is tried until it is given up; from the second on, from the chapters that were finished.
    progress : callable, optional
        Called with a report, its new state, and the seconds that it took.
    options : mapping, optional
        Options of `unattended.run_unattended`, such as ``{"only_if_changed": True}``.
    output : str
        A folder, or an address that fsspec knows, where each report is put too; "" for none.

    Returns
    -------
    tuple of AreaOutcome
        In the order of `reports`. If the scheduler was lost, reports that were not finished are "failed" and say so.

    Raises
    ------
    AlreadyRunning
        If many areas are being built in this project already.
    UsageError
        If `tries` is below 1, or a worker would not build the same reports.
    """
    if tries < 1:
        raise UsageError(f"--tries must be 1 or more, not {tries}")
    project = cluster.project
    given = {"project": name_project(project), "unwanted": unwanted_formats(), "output": output}
    plan = _Plan(cluster, given | {"options": dict(options or {})}, tries, progress or _silent)
    with run_lock(project, f"reports of {len(reports)} areas", name="run-areas"):
        outcomes = plan.carry_out(reports)
    return tuple(outcomes[report] for report in reports)


def prepare_areas(reports: Sequence[AreaReport], project: Project, *, progress: Progress | None = None) -> None:
    """Do once what all areas share: tidy up, clean the archive, take out each area's records, note files' checksums.

    An area whose definition cannot be read is left to its own run, which says so.

    Raises
    ------
    InputError, OSError
        See `clean_for_areas`.
    """
    tidy_up(project)
    known: dict[str, list[AreaReport]] = {}
    for report in reports:
        known.setdefault(report.edition, []).append(report)
    files = set()
    for name, mine in known.items():
        chosen, here = edition(name, project.root), []
        for report in mine:
            try:
                here.append(area(report.area, project.root))
            except InputError:
                continue
        files |= set(input_paths(chosen, project).values())
        clean_for_areas(chosen, here, project, progress=progress)
    Checksums.load(project).remember(files)


@dataclass
class _Job:
    """A report to build: which try this is, and workers that a try failed on."""

    report: AreaReport
    number: int = 1
    avoid: tuple[str, ...] = ()


@dataclass
class _Plan:
    """Reports that wait, and those being built: each future with its job, its machine and the worker asked for."""

    cluster: Cluster
    request: Mapping[str, Any]
    tries: int
    progress: AreaProgress
    waiting: deque[_Job] = field(default_factory=deque)
    running: dict["Future[Any]", tuple[_Job, Machine, str]] = field(default_factory=dict)
    outcomes: dict[AreaReport, AreaOutcome] = field(default_factory=dict)

    def carry_out(self, reports: Sequence[AreaReport]) -> dict[AreaReport, AreaOutcome]:
        self.waiting.extend(map(_Job, reports))
        try:
            while self.waiting or self.running:
                self.cluster.refresh()
                self._begin()
                for future in self._finished():
                    self._end(future)
        except (SchedulerLostError, OSError) as error:
            self._give_up(error, reports)
        except BaseException:
            self._cancel()
            raise
        return self.outcomes

    def _begin(self) -> None:
        """Send reports to machines with room; each worker has no more than it can build at once.

        One that failed waits for a worker that it did not fail on, if there is any.
        """
        every = self.cluster.workers
        for machine in self.cluster.machines.values():
            later = []
            while self.waiting and machine.room > 0:
                job = self.waiting.popleft()
                worker = machine.free_worker(job.avoid if every.difference(job.avoid) else ())
                if not worker:
                    later.append(job)
                    continue
                options = dict(self.request["options"])
                if job.number > 1:
                    options["since_failure"] = True
                request = {**self.request, "key": job.report.key, "options": options, "at_a_time": machine.threads}
                self.progress(job.report, "running", 0.0)
                future = self.cluster.client.submit(
                    build_area,
                    request,
                    key=f"{job.report.key}-{job.number}",
                    pure=False,
                    workers=[worker],
                    allow_other_workers=True,
                )
                machine.running[worker] += 1
                self.running[future] = (job, machine, worker)
            self.waiting.extendleft(reversed(later))

    def _finished(self) -> list["Future[Any]"]:
        with suppress(TimeoutError, CancelledError):
            wait(list(self.running), timeout=LOOK_EVERY, return_when="FIRST_COMPLETED")
        return [future for future in self.running if future.done()]

    def _end(self, future: "Future[Any]") -> None:
        if future.cancelled():
            self.cluster.require_alive()
        job, machine, worker = self.running.pop(future)
        machine.running[worker] -= 1
        answer = _answer(future)
        future.release()
        free = answer.pop("free", None)
        answer |= {"warnings": tuple(answer.get("warnings", ()))}
        outcome = AreaOutcome(job.report, tries=job.number, **answer)
        if free is not None:
            machine.learn(outcome.peak, free)
        again = outcome.outcome == "failed" and job.number < self.tries
        if again:
            self.waiting.append(_Job(job.report, job.number + 1, (*job.avoid, outcome.worker or worker)))
        else:
            self.outcomes[job.report] = outcome
        self.progress(job.report, "failed, will be tried again" if again else outcome.outcome, outcome.seconds)

    def _give_up(self, error: Exception, reports: Sequence[AreaReport]) -> None:
        """Note for every report that is not finished why it is not."""
        reason = f"{error}. Reports that were published are whole; run again with --only-if-changed to build the others"
        tried = {job.report: job.number for job, _, _ in self.running.values()}
        for report in reports:
            if report not in self.outcomes:
                self.outcomes[report] = AreaOutcome(report, "failed", tries=tried.get(report, 0), reason=reason)
                self.progress(report, "failed", 0.0)

    def _cancel(self) -> None:
        """Give back what was begun: on a cluster of this run's own its workers end, on another they finish."""
        if self.cluster.client.status == "running":
            self.cluster.client.cancel(list(self.running))


def _answer(future: "Future[Any]") -> dict[str, Any]:
    """What a worker answered, or what is said in its place."""
    if future.cancelled():
        return {"outcome": "failed", "reason": "somebody cancelled it on the cluster"}
    error = future.exception()
    if error is None:
        answer: dict[str, Any] = future.result()
        return answer
    if isinstance(error, KilledWorker):
        return {"outcome": "failed", "reason": KILLED, "worker": str(error.last_worker.address)}
    return {"outcome": "failed", "reason": f"{type(error).__name__}: {error}"}


def _silent(report: AreaReport, state: State, seconds: float) -> None:
    """A progress callback that does nothing."""
