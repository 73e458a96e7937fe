"""What the commands share: options, progress, tables, and errors as one clear sentence."""

import logging
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.table import Table

from hcsp_assess.errors import InputError, UsageError

DONE, FAILED, BAD_USAGE, QUARANTINED, ALREADY_RUNNING = 0, 1, 2, 3, 4
INTERRUPTED = 130  # what shells expect of a program that was stopped with Ctrl-C

console = Console(stderr=True, soft_wrap=True)

ProjectOption = Annotated[
    Path | None,
    typer.Option("--project", help="A folder of the project; by default the current one.", show_default=False),
]
QuietOption = Annotated[bool, typer.Option("--quiet", "-q", help="Say nothing unless something is wrong.")]
JsonOption = Annotated[bool, typer.Option("--json", help="Print the result as JSON.")]
EditionArgument = Annotated[str, typer.Argument(help="Name of the edition, such as 2025.", show_default=False)]


@contextmanager
def errors_told() -> Iterator[None]:
    """Turn what a user can mend into a sentence and an exit code."""
    from hcsp_assess.run.lock import AlreadyRunning
    from hcsp_assess.run.notebooks import NotebookError

    try:
        yield
    except AlreadyRunning as error:
        _complain(str(error), ALREADY_RUNNING)
    except UsageError as error:
        _complain(str(error), BAD_USAGE)
    except (InputError, NotebookError) as error:
        _complain(str(error), FAILED)
    except OSError as error:
        where = f" ({error.filename})" if error.filename else ""
        _complain(f"{error.strerror or error}{where}. Nothing was published; the last report is as it was.", FAILED)
    except KeyboardInterrupt:
        _complain("stopped. Nothing was published; the last report is as it was.", INTERRUPTED)


def _complain(message: str, code: int) -> None:
    console.print(f"[bold red]hcsp-assess:[/bold red] {escape(message)}", highlight=False)
    raise typer.Exit(code)


@contextmanager
def progress_shown(*, quiet: bool) -> Iterator[Any]:
    """Give a callback ``(stage, done, total)`` that draws progress bars on a terminal and is silent elsewhere."""
    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=console, transient=True, disable=quiet or not console.is_terminal) as progress:
        tasks: dict[str, Any] = {}

        def told(stage: str, done: int, total: int) -> None:
            if stage not in tasks:
                tasks[stage] = progress.add_task(stage, total=total)
            progress.update(tasks[stage], completed=done, total=total)

        yield told


@contextmanager
def warnings_logged(*, quiet: bool) -> Iterator[None]:
    """Let what the package logs be seen, or only errors where quiet."""
    logger = logging.getLogger("hcsp_assess")
    before = logger.level
    logger.setLevel(logging.ERROR if quiet else before)
    try:
        yield
    finally:
        logger.setLevel(before)


def say(message: str, *, quiet: bool) -> None:
    """Tell the person at the terminal, unless quiet."""
    if not quiet:
        console.print(escape(message), highlight=False)


def share_aside(rows: dict[str, int]) -> float:
    """Return the percentage of rows that were set aside."""
    return 100 * rows.get("set aside", 0) / max(rows.get("in", 0), 1)


def print_table(columns: list[str], rows: list[list[str]]) -> None:
    """Print a table for a person at a terminal."""
    table = Table(*columns, box=None, pad_edge=False)
    for row in rows:
        table.add_row(*(escape(str(cell)) for cell in row))
    out = Console(width=None if sys.stdout.isatty() else int(os.environ.get("COLUMNS", "140")))
    out.print(table)
