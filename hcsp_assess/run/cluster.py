"""Workers that build reports: a Dask cluster on this computer, or one that exists."""

import logging
import warnings
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import urlsplit

import dask
from distributed import Client, LocalCluster
from distributed.system import MEMORY_LIMIT

from hcsp_assess.errors import InputError, UsageError
from hcsp_assess.project import Project
from hcsp_assess.run.area_worker import describe_worker, name_project, unwanted_formats
from hcsp_assess.run.side_by_side import usable_cores

#: Bytes of memory that a report is taken to need until one has been built; a share that is left to other programs.
USUAL_NEED: Final = 1_500_000_000
LEFT_FREE: Final = 0.1
#: Seconds to wait for a scheduler to answer, and for the first worker.
PATIENCE: Final = 20
START_ONE: Final = "start one with `dask scheduler`, or leave --scheduler out to use this computer"


class SchedulerLostError(InputError):
    """The scheduler can no longer be reached."""


@dataclass
class Machine:
    """A computer with workers, and how many reports it builds at a time: fewer while its memory does not suffice.

    Attributes
    ----------
    workers : dict of str to int
        Threads of each of its workers, by address.
    at_most : int
        How many reports it builds at a time.
    running : collections.Counter
        How many are being built now, by the worker that was asked for them.
    """

    name: str
    workers: dict[str, int] = field(default_factory=dict)
    at_most: int = 1
    running: Counter[str] = field(default_factory=Counter)

    @property
    def threads(self) -> int:
        """How many reports it could build at a time if memory did not matter."""
        return sum(self.workers.values())

    @property
    def room(self) -> int:
        """How many more may be begun now."""
        return min(self.at_most, self.threads) - self.running.total()

    def free_worker(self, avoid: Collection[str] = ()) -> str:
        """The worker with most threads free, but none of `avoid`; "" if there is none."""
        free = {one: self.workers[one] - self.running[one] for one in self.workers if one not in avoid}
        best = max(free, key=lambda one: free[one], default="")
        return best if free.get(best, 0) > 0 else ""

    def learn(self, peak: int, free: int) -> None:
        """Build one report fewer at a time where another of this size would not have fitted, else one more again."""
        needed = peak + LEFT_FREE * MEMORY_LIMIT
        if free < LEFT_FREE * MEMORY_LIMIT:
            self.at_most = max(1, self.at_most - 1)
        elif free > needed:
            self.at_most = min(self.threads, self.at_most + 1)


@dataclass
class Cluster:
    """A connection to workers.

    Attributes
    ----------
    dashboard : str
        Address of the page on which the cluster shows its work.
    """

    client: Client
    dashboard: str
    project: Project
    machines: dict[str, Machine] = field(default_factory=dict)
    _checked: set[str] = field(default_factory=set)

    @property
    def workers(self) -> set[str]:
        """Addresses of all workers."""
        return {worker for machine in self.machines.values() for worker in machine.workers}

    @property
    def at_a_time(self) -> int:
        """How many reports it builds at a time, if memory allows."""
        return sum(machine.threads for machine in self.machines.values())

    def refresh(self) -> None:
        """Look which workers there are now, and refuse new ones that would not build the same reports.

        Raises
        ------
        SchedulerLostError
            If the scheduler does not answer.
        UsageError
            If a worker has another version of the software, does not see the project, or lacks a browser.
        """
        self.require_alive()
        found = self.client.scheduler_info(n_workers=-1)["workers"]
        if new := set(found) - self._checked:
            self._check(sorted(new))
        threads: dict[str, dict[str, int]] = {}
        for address, worker in found.items():
            threads.setdefault(str(worker["host"]), {})[address] = int(worker["nthreads"])
        for name, workers in threads.items():
            self.machines.setdefault(name, Machine(name, at_most=sum(workers.values()))).workers = workers
        for name in self.machines.keys() - threads.keys():
            self.machines[name].workers = {}

    def require_alive(self) -> None:
        """Raise `SchedulerLostError` if the scheduler can no longer be reached."""
        if self.client.status != "running":
            raise SchedulerLostError("the scheduler can no longer be reached")

    def _check(self, addresses: Sequence[str]) -> None:
        unwanted = unwanted_formats()
        here = describe_worker(name_project(self.project), unwanted)
        try:
            told = self.client.run(
                describe_worker, name_project(self.project), unwanted, workers=list(addresses), on_error="return"
            )
        except OSError as error:
            raise SchedulerLostError(f"the scheduler can no longer be reached ({error})") from error
        for address, worker in told.items():
            if isinstance(worker, OSError):
                continue  # it has gone meanwhile
            if problem := _problem(worker, here, self.project):
                raise UsageError(f"the worker {address} {problem}")
            self._checked.add(address)


@contextmanager
def open_cluster(project: Project, *, workers: int = 0, scheduler: str = "") -> Iterator[Cluster]:
    """Connect to a cluster that exists, or start one on this computer and end it with the block.

    Parameters
    ----------
    workers : int
        How many reports this computer builds at a time; 0 for as many as its cores and its memory allow.
    scheduler : str
        Address of the scheduler of a cluster that exists, such as "tcp://10.0.0.5:8786".

    Raises
    ------
    UsageError
        If no scheduler answers there, it has no worker, or a worker would not build the same reports.
    """
    with _existing(scheduler) if scheduler else _local(workers or usual_workers()) as (client, dashboard):
        cluster = Cluster(client, dashboard, project)
        cluster.refresh()
        yield cluster


def usual_workers() -> int:
    """How many reports this computer builds at a time: one for each core, if they fit in its memory."""
    return max(1, min(usable_cores(), int(MEMORY_LIMIT * (1 - LEFT_FREE) // USUAL_NEED)))


@contextmanager
def _local(workers: int) -> Iterator[tuple[Client, str]]:
    """A cluster on this computer, which no other can reach, of workers that may start kernels."""
    settings = {
        "distributed.worker.daemon": False,
        "distributed.scheduler.allowed-failures": 0,  # we try such a report again, and list it
        "distributed.comm.timeouts.connect": f"{PATIENCE}s",
        "distributed.worker.profile.enabled": False,  # a hundred looks a second would take a tenth of the time
    }
    quiet = logging.CRITICAL  # what becomes of each report is said by us
    with (
        dask.config.set(settings),
        _no_word_of_ports(),
        LocalCluster(
            n_workers=workers,
            threads_per_worker=1,
            host="127.0.0.1",
            dashboard_address="127.0.0.1:8787",  # or another port where that is taken, of which Dask would warn
            silence_logs=quiet,
        ) as cluster,
        Client(cluster) as client,
    ):
        yield client, str(cluster.dashboard_link)


@contextmanager
def _no_word_of_ports() -> Iterator[None]:
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Port .* is already in use")
        yield


@contextmanager
def _existing(scheduler: str) -> Iterator[tuple[Client, str]]:
    address = scheduler if "://" in scheduler else f"tcp://{scheduler}"
    logging.getLogger("distributed").setLevel(logging.CRITICAL)
    try:
        parts = urlsplit(address)
        if not parts.hostname or not parts.port:
            raise ValueError("it needs a host and a port, as tcp://10.0.0.5:8786")
        client = Client(address, timeout=PATIENCE)
    except (OSError, ValueError, TimeoutError) as error:
        reason = f" ({error})" if isinstance(error, ValueError) else ""
        raise UsageError(f"no Dask scheduler answers at {scheduler}{reason}: {START_ONE}") from error
    with client:
        try:
            client.wait_for_workers(1, timeout=PATIENCE)
        except TimeoutError as error:
            raise UsageError(
                f"the scheduler at {scheduler} has no worker: start some with `dask worker {address} --nthreads 1`"
            ) from error
        yield client, str(client.dashboard_link)


def _problem(worker: Any, here: Mapping[str, Any], project: Project) -> str:
    """Why a worker would not build the same reports as this computer, or ""."""
    if isinstance(worker, BaseException):
        return f"can't build reports ({type(worker).__name__}: {worker}): install this version of hcsp_assess there"
    if worker["software"] != here["software"]:
        return "has another version of hcsp_assess, of Python, or of a package that decides numbers: install the same"
    if not worker["sees_project"]:
        return f"doesn't see the project {project.root}: put it on a drive that every worker has under this path"
    if here["browser"] and not worker["browser"]:
        return (
            "has no browser, so its reports would have no PDF: install Chromium there, or make no PDF at all with "
            "HCSP_ASSESS_BROWSER=none"
        )
    return ""
