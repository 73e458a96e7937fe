"""Run two chapters at a time on two cores, and return them in the report's order."""

import os
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from pathlib import Path
from typing import Any

from hcsp_assess.project import Project
from hcsp_assess.report.chapter_html import Chapter
from hcsp_assess.run.notebooks import chapter_kernels
from hcsp_assess.run.warm_kernels import stop_kernels

#: More at a time gain little: this process renders what the chapters show.
AT_A_TIME = 2


def run_side_by_side(
    build: Callable[[Path, Mapping[str, Any]], Chapter],
    parameters: Mapping[Path, Mapping[str, Any]],
    project: Project,
    *,
    progress: Callable[[int, int], None],
    at_a_time: int | None = None,
) -> list[Chapter]:
    """Run chapters side by side.

    Parameters
    ----------
    build : callable
        Runs one notebook with its parameters.
    parameters : mapping
        Notebooks in order, each with its parameters.
    project : Project
        The project that they work on.
    progress : callable
        Called with how many are done and how many there are.
    at_a_time : int, optional
        How many run at once; by default one for each core that this process may use, at most `AT_A_TIME`.

    Raises
    ------
    NotebookError
        Of the first chapter that failed, in their order. Those that were running then are finished first, so that they
        can be kept; no other is begun.
    """
    workers = at_a_time or min(AT_A_TIME, usable_cores())
    with chapter_kernels(project), ThreadPoolExecutor(max_workers=workers) as pool:
        futures = [pool.submit(build, notebook, given) for notebook, given in parameters.items()]
        try:
            _follow(futures, progress)
        except BaseException as error:
            pool.shutdown(wait=False, cancel_futures=True)
            begun = [future for future in futures if not future.cancelled()]  # a wait for the others would never end
            if not isinstance(error, Exception):  # somebody stopped this run
                _end_kernels(begun)
                raise
            wait(begun)
        return [future.result() for future in futures if not future.cancelled()]


def _follow(futures: Sequence[Future[Chapter]], progress: Callable[[int, int], None]) -> None:
    """Watch chapters until the last has ended, or one has failed.

    It looks up now and then: a wait without an end would not be broken by Ctrl-C once polars, which puts a handler of
    its own before Python's, has been used.
    """
    running: set[Future[Chapter]] = set(futures)
    progress(0, len(futures))
    while running:
        done, running = wait(running, timeout=0.2, return_when=FIRST_COMPLETED)
        for future in done:
            future.result()
        if done:
            progress(len(futures) - len(running), len(futures))


def _end_kernels(futures: Sequence[Future[Chapter]]) -> None:
    """End kernels until the chapters that use them, or were about to, have noticed."""
    while wait(futures, timeout=0.1).not_done:
        stop_kernels()


def usable_cores() -> int:
    """How many cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
