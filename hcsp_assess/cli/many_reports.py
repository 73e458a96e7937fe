"""Progress and results of `hcsp-assess run --areas`, which builds many reports."""

import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import typer
from rich.console import Console, Group
from rich.live import Live
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn
from rich.table import Table

from hcsp_assess.cli.options import (
    FAILED,
    ROWS_SET_ASIDE,
    RunOptions,
    console,
    percent_set_aside,
    print_json,
    print_table,
    say,
)
from hcsp_assess.cli.progress import show_progress
from hcsp_assess.project import Project
from hcsp_assess.run.area_list import ALL, AreaReport, every_area, read_areas
from hcsp_assess.run.build import check_run
from hcsp_assess.run.cluster import open_cluster
from hcsp_assess.run.delivery import require_place
from hcsp_assess.run.many_areas import AreaOutcome, AreaProgress, State, prepare_areas, run_areas
from hcsp_assess.run.overview import publish_overview
from hcsp_assess.subject.editions import edition


@dataclass(frozen=True)
class ManyOptions:
    """Options of `hcsp-assess run --areas` beside those of any run.

    Attributes
    ----------
    areas : str
        "all", or the path of a list.
    """

    areas: str
    workers: int = 0
    scheduler: str = ""
    tries: int = 2
    output: str = ""


def run_many_reports(name: str, project: Project, options: RunOptions, many: ManyOptions) -> None:
    """Build several reports, and show how each one went.

    Parameters
    ----------
    name : str
        The edition of areas for which the list names none.

    Raises
    ------
    typer.Exit
        With 1 if a report failed, else 3 if in one more rows than the threshold were set aside.
    UsageError, InputError, AlreadyRunning
        See `build.check_run`, `cluster.open_cluster` and `many_areas.run_areas`.
    """
    if many.areas == ALL:
        reports = every_area(project, name)
    else:
        reports = read_areas(Path(many.areas), project, default_edition=name)
    for each in sorted({report.edition for report in reports}):
        check_run(edition(each, project.root), project, options.parameters)
    output = str(Path(many.output).resolve()) if many.output and "://" not in many.output else many.output
    if output:
        require_place(output)
    quiet = options.quiet or options.as_json
    with open_cluster(project, workers=many.workers, scheduler=many.scheduler) as cluster:
        say(f"{len(reports)} reports, {cluster.at_a_time} at a time. Dashboard: {cluster.dashboard}", quiet=quiet)
        with show_progress(quiet=quiet) as preparing:
            prepare_areas(reports, project, progress=preparing)
        with _show_progress(reports, quiet=quiet) as progress:
            outcomes = run_areas(
                reports, cluster, tries=many.tries, progress=progress, options=options.of_each_run, output=output
            )
    page = publish_overview(project, outcomes, output)
    _show_outcomes(outcomes, options)
    say(f"The page over all areas: {page}", quiet=quiet)
    if any(outcome.outcome == "failed" for outcome in outcomes):
        raise typer.Exit(FAILED)
    if any(percent_set_aside(outcome.rows) > options.threshold for outcome in outcomes):
        message = f"In at least one area more than {options.threshold:g}% of the rows were set aside"
        say(f"{message}: see its quarantine files.", quiet=options.quiet)
        raise typer.Exit(ROWS_SET_ASIDE)


def _show_outcomes(outcomes: tuple[AreaOutcome, ...], options: RunOptions) -> None:
    if options.as_json:
        print_json([_as_dict(outcome) for outcome in outcomes], ensure_ascii=False)
    elif options.quiet:
        for outcome in outcomes:
            if outcome.outcome == "failed":
                say(f"hcsp-assess: {outcome.report.key} failed {outcome.tries} times: {outcome.reason}")
    else:
        print_table(
            ["Area", "Edition", "Outcome", "Tries", "Seconds", "Report, or reason"],
            [
                [o.report.area, o.report.edition, o.outcome, str(o.tries), f"{o.seconds:.0f}", o.reason or o.page]
                for o in outcomes
            ],
        )
        _say_sum(outcomes)
    for outcome in outcomes:
        for warning in outcome.warnings:
            say(f"warning: {outcome.report.key}: {warning}", quiet=options.quiet)


def _say_sum(outcomes: tuple[AreaOutcome, ...]) -> None:
    """One line at the end: of hundreds of reports, the failed ones would otherwise have to be looked for."""
    counts = Counter(outcome.outcome for outcome in outcomes)
    failed = [outcome.report.key for outcome in outcomes if outcome.outcome == "failed"]
    said = ", ".join(f"{number} {name}" for name, number in sorted(counts.items()))
    say(f"{len(outcomes)} reports: {said}" + (f" ({', '.join(failed)})" if failed else ""))


@contextmanager
def _show_progress(reports: tuple[AreaReport, ...], *, quiet: bool) -> Iterator[AreaProgress | None]:
    """Yield the callback that `run_areas` calls when a report's state changes."""
    if quiet:
        yield None
    elif not console.is_terminal:
        yield _say_state
    else:
        board = _Board(len(reports))
        with Live(board, console=console, refresh_per_second=4, transient=True):
            yield board.show


def _say_state(report: AreaReport, state: State, seconds: float) -> None:
    after = f" in {seconds:.0f} s" if state in ("done", "failed") else ""
    say(f"{report.key}: {state}{after}")


class _Board:
    """How many reports are finished and how long the rest will take, which are being built, and which failed."""

    def __init__(self, total: int) -> None:
        columns = (TextColumn("Reports"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(), TextColumn("left:"))
        self.bar = Progress(*columns, TimeRemainingColumn(), console=console)
        self.task = self.bar.add_task("", total=total)
        self.running: dict[str, float] = {}
        self.failed: dict[str, State] = {}

    def show(self, report: AreaReport, state: State, seconds: float) -> None:
        self.running.pop(report.key, None)
        self.failed.pop(report.key, None)
        if state == "running":
            self.running[report.key] = time.monotonic()
        elif state in ("failed", "failed, will be tried again"):
            self.failed[report.key] = state
        if state in ("done", "nothing new", "failed"):
            self.bar.advance(self.task)

    def __rich_console__(self, console: Console, options: Any) -> Iterator[Group]:
        table = Table.grid(padding=(0, 2))
        for key, began in list(self.running.items()):
            table.add_row(escape(key), "being built", f"{time.monotonic() - began:.0f} s")
        for key, state in list(self.failed.items())[-10:]:
            table.add_row(escape(key), state, "")
        yield Group(self.bar, table)


def _as_dict(outcome: AreaOutcome) -> dict[str, Any]:
    fields = asdict(outcome)
    report: dict[str, Any] = fields.pop("report")
    return report | fields
