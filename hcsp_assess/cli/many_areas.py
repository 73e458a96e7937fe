"""How `hcsp-assess run --areas` is told: a progress table on a terminal, plain lines elsewhere, a table at the end."""

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

import typer
from rich.console import Console
from rich.live import Live
from rich.markup import escape
from rich.table import Table

from hcsp_assess.cli.options import FAILED, QUARANTINED, console, print_table, say, share_aside
from hcsp_assess.project import Project
from hcsp_assess.run.build import check_run
from hcsp_assess.run.many_areas import AreaOutcome, AreaReport, State, Told, read_areas, run_areas
from hcsp_assess.subject.editions import edition as find_edition


def run_areas_command(
    file: Path,
    edition: str,
    project: Project,
    *,
    workers: int,
    quiet: bool,
    as_json: bool,
    threshold: float,
    options: dict[str, Any],
) -> None:
    """Build the reports that a file lists, and tell what became of each.

    Raises
    ------
    typer.Exit
        With 1 if a report failed, else 3 if in one more rows than `threshold` per cent were set aside.
    UsageError, InputError, AlreadyRunning
        See `many_areas.read_areas` and `many_areas.run_areas`.
    """
    reports = read_areas(file, project, default_edition=edition)
    for report in reports:
        check_run(find_edition(report.key, project.root), project, options.get("parameters") or {})
    with _progress(reports, quiet=quiet or as_json) as told:
        outcomes = run_areas(reports, project, workers=workers, told=told, options=options)
    failed = [outcome for outcome in outcomes if outcome.outcome == "failed"]
    if as_json:
        typer.echo(json.dumps([_as_dict(outcome) for outcome in outcomes], indent=2, ensure_ascii=False))
    elif not quiet:
        print_table(
            ["Area", "Edition", "Outcome", "Tries", "Seconds", "Report, or why not"],
            [
                [o.report.area, o.report.edition, o.outcome, str(o.tries), f"{o.seconds:.0f}", o.page or o.reason]
                for o in outcomes
            ],
        )
    for outcome in failed if quiet and not as_json else []:
        say(f"hcsp-assess: {outcome.report.key} failed {outcome.tries} times: {outcome.reason}", quiet=False)
    for outcome in outcomes:
        for warning in outcome.warnings:
            say(f"warning: {outcome.report.key}: {warning}", quiet=quiet)
    if failed:
        raise typer.Exit(FAILED)
    if any(share_aside(outcome.rows) > threshold for outcome in outcomes):
        say(f"In some area more than {threshold:g}% of the rows were set aside: see the quarantine files.", quiet=quiet)
        raise typer.Exit(QUARANTINED)


@contextmanager
def _progress(reports: tuple[AreaReport, ...], *, quiet: bool) -> Iterator[Told | None]:
    """Give what `run_areas` tells its progress to."""
    if quiet:
        yield None
    elif not console.is_terminal:
        yield _tell_line
    else:
        board = _Board(reports)
        with Live(board, console=console, refresh_per_second=4, transient=True):
            yield board.told


def _tell_line(report: AreaReport, state: State, seconds: float) -> None:
    after = f" in {seconds:.0f} s" if state in ("done", "failed") else ""
    say(f"{report.key}: {state}{after}", quiet=False)


class _Board:
    """The progress table: what each report is at, drawn anew whenever asked."""

    def __init__(self, reports: tuple[AreaReport, ...]) -> None:
        self.states = dict.fromkeys(reports, ("waiting", 0.0))

    def told(self, report: AreaReport, state: State, seconds: float) -> None:
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
