"""Progress and results of `hcsp-assess run --areas`, which builds many reports."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from typing import Any

import typer
from rich.console import Console
from rich.live import Live
from rich.markup import escape
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
from hcsp_assess.project import Project
from hcsp_assess.run.build import check_run
from hcsp_assess.run.many_areas import AreaOutcome, AreaProgress, AreaReport, State, run_areas
from hcsp_assess.subject.editions import edition


def run_many_reports(
    reports: tuple[AreaReport, ...], project: Project, options: RunOptions, *, workers: int, tries: int
) -> None:
    """Build several reports, and show how each one went.

    Raises
    ------
    typer.Exit
        With 1 if a report failed, else 3 if in one more rows than the threshold were set aside.
    UsageError, InputError, AlreadyRunning
        See `build.check_run` and `many_areas.run_areas`.
    """
    for report in reports:
        check_run(edition(report.key, project.root), project, options.parameters)
    with _show_progress(reports, quiet=options.quiet or options.as_json) as progress:
        outcomes = run_areas(
            reports, project, workers=workers, tries=tries, progress=progress, options=options.of_each_run
        )
    _show_outcomes(outcomes, options)
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
                [o.report.area, o.report.edition, o.outcome, str(o.tries), f"{o.seconds:.0f}", o.page or o.reason]
                for o in outcomes
            ],
        )
    for outcome in outcomes:
        for warning in outcome.warnings:
            say(f"warning: {outcome.report.key}: {warning}", quiet=options.quiet)


@contextmanager
def _show_progress(reports: tuple[AreaReport, ...], *, quiet: bool) -> Iterator[AreaProgress | None]:
    """Yield the callback that `run_areas` calls when a report's state changes."""
    if quiet:
        yield None
    elif not console.is_terminal:
        yield _say_state
    else:
        board = _Board(reports)
        with Live(board, console=console, refresh_per_second=4, transient=True):
            yield board.show


def _say_state(report: AreaReport, state: State, seconds: float) -> None:
    after = f" in {seconds:.0f} s" if state in ("done", "failed") else ""
    say(f"{report.key}: {state}{after}")


class _Board:
    """The progress table: the current state of each report."""

    def __init__(self, reports: tuple[AreaReport, ...]) -> None:
        self.states = dict.fromkeys(reports, ("waiting", 0.0))

    def show(self, report: AreaReport, state: State, seconds: float) -> None:
        self.states[report] = (state, time.monotonic() if state == "running" else seconds)

    def __rich_console__(self, console: Console, options: Any) -> Iterator[Table]:
        table = Table("Area", "Edition", "State", "Seconds", box=None, pad_edge=False)
        for report, (state, since) in self.states.items():
            seconds = time.monotonic() - since if state == "running" else since
            table.add_row(escape(report.area), escape(report.edition), state, f"{seconds:.0f}" if seconds else "")
        yield table


def _as_dict(outcome: AreaOutcome) -> dict[str, Any]:
    fields = asdict(outcome)
    report: dict[str, Any] = fields.pop("report")
    return report | fields
