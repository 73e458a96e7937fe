"""How far a command has got: bars at a terminal, a line for each stage and chapter elsewhere."""

import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from hcsp_assess.cli.options import console, say

if TYPE_CHECKING:
    from rich.progress import Progress

    from hcsp_assess.edition.opened import OpenEdition
    from hcsp_assess.project import Project

#: The stage whose parts are chapters.
CHAPTERS = "Running chapters"


class Shown:
    """Hears of stages and chapters, and shows nothing.

    Call it with the name of a stage, how much of it is done and how much there is.
    """

    def __call__(self, stage: str, done: int, total: int) -> None:
        """Hear how far a stage has got."""

    def chapter(self, name: str, seconds: float | None) -> None:
        """Hear that a chapter begins, or with its seconds that it has ended."""

    def end(self) -> None:
        """Hear that all is done."""


class Lines(Shown):
    """A line for each chapter, and each stage of a second or more, once it has ended, with its time: for a log."""

    def __init__(self) -> None:
        self.stage, self.began = "", time.monotonic()

    def __call__(self, stage: str, done: int, total: int) -> None:
        """Print the stage before, where another begins; months in its name are one stage."""
        from hcsp_assess.run.log import MONTH_IN_NAME

        name = MONTH_IN_NAME.sub("", stage).strip()
        name = name[:1].upper() + name[1:]
        if name != self.stage:
            self.end()
            self.stage, self.began = name, time.monotonic()

    def chapter(self, name: str, seconds: float | None) -> None:
        """Print a chapter that has ended."""
        if seconds is not None:
            say(f"{chapter_words(name)}: {say_time(seconds)}")

    def end(self) -> None:
        """Print the last stage."""
        took = time.monotonic() - self.began
        if self.stage and took >= 1:
            say(f"{self.stage}: {say_time(took)}")
        self.stage = ""


class Bars(Shown):
    """A bar for each stage; that of the chapters names those that run, and says how long the rest will take."""

    def __init__(self, bars: "Progress", past: Mapping[str, float]) -> None:
        self.bars, self.past = bars, past
        self.tasks: dict[str, Any] = {}
        self.running: dict[str, float] = {}
        self.took: dict[str, float] = {}
        self.lock = threading.Lock()

    def __call__(self, stage: str, done: int, total: int) -> None:
        """Draw the bar of a stage."""
        with self.lock:
            if stage not in self.tasks:
                self.tasks[stage] = self.bars.add_task(stage, total=total, left="")
            self.bars.update(self.tasks[stage], completed=done, total=total)
            self._say_chapters()

    def chapter(self, name: str, seconds: float | None) -> None:
        """Note a chapter that begins or has ended."""
        with self.lock:
            if seconds is None:
                self.running[name] = time.monotonic()
            else:
                self.running.pop(name, None)
                self.took[name] = seconds
            self._say_chapters()

    def _say_chapters(self) -> None:
        task = self.tasks.get(CHAPTERS)
        if task is not None:
            names = ", ".join(map(chapter_words, self.running))
            total = next(each.total for each in self.bars.tasks if each.id == task) or 0
            left = seconds_left(self.past, self.took, self.running, int(total), time.monotonic())
            told = "" if left is None else f"about {say_time(left)} left"
            self.bars.update(task, description=f"{CHAPTERS}: {names}" if names else CHAPTERS, left=told)


def seconds_left(
    past: Mapping[str, float], took: Mapping[str, float], running: Mapping[str, float], total: int, now: float
) -> float | None:
    """Estimate how long the chapters that are left will take; None while there is nothing to go by.

    Parameters
    ----------
    past : mapping of str to float
        Seconds of each chapter in the last good run.
    took : mapping of str to float
        Seconds of those that have ended in this run.
    running : mapping of str to float
        When each that runs now began, on the clock of `now`.
    total : int
        How many chapters there are.

    Examples
    --------
    >>> seconds_left({"a": 10, "b": 20, "c": 40}, {"a": 10}, {"b": 100}, 3, now=105)
    55.0
    """
    known = {**past, **took}
    if not known or not total:
        return None
    usual = sum(known.values()) / len(known)
    waiting = [name for name in past if name not in took and name not in running]
    unknown = max(0, total - len(took) - len(running) - len(waiting))
    left = sum(past[name] for name in waiting) + unknown * usual
    left += sum(max(0.0, known.get(name, usual) - (now - began)) for name, began in running.items())
    return float(left) / max(1, len(running))


def chapter_words(name: str) -> str:
    """Return how a chapter is called in progress: "rural_crime" is "Rural crime"."""
    return name.replace("_", " ").capitalize()


def say_time(seconds: float) -> str:
    """Return a time in words.

    Examples
    --------
    >>> [say_time(seconds) for seconds in (0.2, 4.4, 61, 185, 3700)]
    ['under 1 s', '4 s', '1 min 1 s', '3 min', '62 min']
    """
    if seconds < 1:
        return "under 1 s"
    if seconds < 59.5:
        return f"{seconds:.0f} s"
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest} s" if minutes < 3 and rest else f"{seconds / 60:.0f} min"


@contextmanager
def show_progress(*, quiet: bool, past: Mapping[str, float] | None = None) -> Iterator[Shown]:
    """Yield what is called with ``(stage, done, total)``: bars on a terminal, a line for each stage elsewhere.

    Parameters
    ----------
    quiet : bool
        Show nothing.
    past : mapping of str to float, optional
        Seconds of each chapter in the last good run, from which the time left is estimated.
    """
    if quiet:
        yield Shown()
        return
    if not console.is_terminal:
        lines = Lines()
        yield lines
        lines.end()
        return
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    columns = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    times = (TimeElapsedColumn(), TextColumn("{task.fields[left]}"))
    with Progress(*columns, *times, console=console, transient=True) as bars:
        yield Bars(bars, past or {})


def open_with_progress(edition: str, project: "Project", *, quiet: bool) -> "OpenEdition":
    """Clean, count and open an edition, and show how far that has got."""
    from hcsp_assess.edition.opened import prepare
    from hcsp_assess.subject.editions import edition as find_edition

    with show_progress(quiet=quiet) as progress:
        return prepare(find_edition(edition, project.root), project, progress=progress)
