"""Ours and theirs in turn, in the same run: CPU seconds and peak memory of commands, medians over the pairs."""

import ctypes
import os
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Measured:
    """One comparison: medians over the pairs, and the median of the pairs' ratios of ours to theirs.

    `theirs` and `ratio` are None where there is nothing to compare with; `goal` says what was aimed at, in words.
    """

    what: str
    peer: str
    unit: str
    ours: float
    theirs: float | None
    ratio: float | None
    goal: str
    pairs: int


@dataclass(frozen=True)
class Cost:
    """What a command cost with all that it started: CPU seconds, largest process in MB, wall seconds; its output."""

    cpu: float
    peak: float
    seconds: float = 0.0
    output: str = ""


def cost_of(command: Sequence[str], *, folder: Path, env: Mapping[str, str] | None = None) -> Cost:
    """Run a command and return what it cost, with every process that it started, also those that it left behind.

    Raises
    ------
    RuntimeError
        If it ends with another code than 0.
    """
    measured, began = [sys.executable, __file__, *command], time.monotonic()
    done = subprocess.run(
        measured, cwd=folder, env={**os.environ, **(env or {})}, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise RuntimeError(f"{' '.join(command)} ended with {done.returncode}: {done.stderr[-2000:]}")
    cpu, peak = done.stderr.rsplit("\n", 1)[-1].split()
    return Cost(float(cpu), float(peak), time.monotonic() - began, done.stdout)


def compare(
    what: str,
    peer: str,
    ours: Callable[[], float],
    theirs: Callable[[], float] | None,
    *,
    unit: str = "CPU s",
    goal: str = "",
    pairs: int = 3,
) -> Measured:
    """Measure ours and theirs in turn, in one pair ours first and in the next theirs."""
    found: list[tuple[float, float]] = []
    for pair in range(pairs):
        sides = {"ours": ours, "theirs": theirs} if pair % 2 == 0 else {"theirs": theirs, "ours": ours}
        taken = {name: side() for name, side in sides.items() if side is not None}
        found.append((taken["ours"], taken.get("theirs", float("nan"))))
    own = statistics.median(mine for mine, _ in found)
    if theirs is None:
        return Measured(what, peer, unit, own, None, None, goal, pairs)
    other = statistics.median(their for _, their in found)
    return Measured(what, peer, unit, own, other, statistics.median(mine / their for mine, their in found), goal, pairs)


def _measure_here(command: Sequence[str]) -> int:
    """Run a command as the parent of all that it leaves behind; its cost is the last line of the error stream."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(36, 1, 0, 0, 0)  # PR_SET_CHILD_SUBREAPER: a kernel's parent may be gone before it
    code = subprocess.run(command, check=False).returncode
    try:
        while True:
            os.wait()
    except ChildProcessError:
        pass
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    peak = used.ru_maxrss / (1024 if sys.platform == "linux" else 1024**2)
    print(f"\n{used.ru_utime + used.ru_stime:.3f} {peak:.1f}", end="", file=sys.stderr)
    return code


if __name__ == "__main__":
    sys.exit(_measure_here(sys.argv[1:]))
