"""Shared by all commands: options, exit codes, progress bars, tables and plain error messages."""

import errno
import json
import logging
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, cast

import typer
from rich.console import Console
from rich.markup import escape

from hcsp_assess.cli import completion
from hcsp_assess.errors import InputError, ListError, UsageError
from hcsp_assess.project import find_project

DONE, FAILED, BAD_USAGE, ROWS_SET_ASIDE, ALREADY_RUNNING = 0, 1, 2, 3, 4
INTERRUPTED = 130  # what shells expect of a program that was stopped with Ctrl-C

LONGEST_MESSAGE = 2_000
#: What to do about an error of the operating system, by its number.
ADVICE = {
    errno.EISDIR: "Give a file, not a folder",
    errno.ENOTDIR: "A file is where a folder should be: rename or remove it",
    errno.EEXIST: "A file is where a folder should be: rename or remove it",
    errno.ENOENT: "Check the path",
    errno.EACCES: "Check who may read and write it",
    errno.EPERM: "Check who may read and write it",
    errno.EROFS: "Choose another folder",
    errno.ENOSPC: "Free some space",
    errno.EDQUOT: "Free some space",
    errno.ENAMETOOLONG: "Use a shorter name",
    errno.ELOOP: "Remove the links that lead in a circle",
}
#: What typer raises to end a command: `Exit`, `Abort`, and what it shows itself (click's `ClickException`).
TYPERS_OWN = cast("tuple[type[Exception], ...]", (typer.Exit, typer.Abort, typer.BadParameter.__mro__[2]))

console = Console(stderr=True, soft_wrap=True)

ProjectOption = Annotated[
    Path | None,
    typer.Option(
        "--project", help="The project's folder, or any folder in it (default: the current folder).", show_default=False
    ),
]
QuietOption = Annotated[bool, typer.Option("--quiet", "-q", help="Print nothing unless something goes wrong.")]
JsonOption = Annotated[bool, typer.Option("--json", help="Print the result as JSON.")]
EditionArgument = Annotated[
    str,
    typer.Argument(
        help="Name of the edition, such as 2025.", show_default=False, autocompletion=completion.complete_edition
    ),
]


@dataclass(frozen=True)
class RunOptions:
    """Options of `hcsp-assess run`, for one edition or for many areas."""

    parameters: dict[str, str]
    only_if_changed: bool = False
    since_failure: bool = False
    threshold: float = 1.0
    quiet: bool = False
    as_json: bool = False

    @property
    def of_each_run(self) -> dict[str, Any]:
        """The arguments of `unattended.run_alone`."""
        names = ("parameters", "only_if_changed", "since_failure")
        return {name: getattr(self, name) for name in names}


@contextmanager
def explain_errors() -> Iterator[None]:
    """Turn any error into one sentence and an exit code: what to fix, or where the log of an error of ours is."""
    try:
        yield
    except BrokenPipeError:
        raise  # `hcsp-assess status | head`: click ends quietly
    except InputError as error:
        _complain(str(error), _exit_code(error), many=isinstance(error, ListError))
    except OSError as error:
        where = f" ({error.filename})" if error.filename else ""
        advice = f" {ADVICE[error.errno]}." if error.errno in ADVICE else ""
        after = "Nothing was published; the last report is as it was."
        _complain(f"{error.strerror or error}{where}.{advice} {after}", FAILED)
    except KeyboardInterrupt:
        _complain("stopped. Nothing was published; the last report is as it was.", INTERRUPTED)
    except MemoryError:
        _complain(
            "this computer has not enough memory for that. Nothing was published; close other programs, or give less "
            "data at a time",
            FAILED,
        )
    except TYPERS_OWN:
        raise
    except Exception as error:
        from hcsp_assess.cli.fault_report import report_fault
        from hcsp_assess.run.notebooks import NotebookError

        _complain(str(error) if isinstance(error, NotebookError) else report_fault(error), FAILED)


def _exit_code(error: InputError) -> int:
    from hcsp_assess.run.lock import AlreadyRunning  # which takes long to import, and no help needs

    if isinstance(error, AlreadyRunning):
        return ALREADY_RUNNING
    return BAD_USAGE if isinstance(error, UsageError) else FAILED


def _shortened(message: str) -> str:
    """A message without the middle of a cell that goes on without end."""
    return message if len(message) <= LONGEST_MESSAGE else f"{message[: LONGEST_MESSAGE - 300]} ... {message[-200:]}"


def _complain(message: str, code: int, *, many: bool = False) -> None:
    lines = [_shortened(line) for line in message.splitlines()] if many else [_shortened(message)]
    message = "\n".join(lines)
    console.print(f"[bold red]hcsp-assess:[/bold red] {escape(message)}", highlight=False)
    raise typer.Exit(code)


@contextmanager
def hide_warnings(*, quiet: bool) -> Iterator[None]:
    """Log errors only, if quiet."""
    logger = logging.getLogger("hcsp_assess")
    before = logger.level
    logger.setLevel(logging.ERROR if quiet else before)
    try:
        yield
    finally:
        logger.setLevel(before)


def project_root(given: Path | None) -> Path | None:
    """Return the root of the project given, or of the one around the current folder; None outside of any.

    Raises
    ------
    UsageError
        If the folder given is in no project.
    """
    try:
        return find_project(given).root
    except UsageError:
        if given is not None:
            raise
        return None


def say(message: str, *, quiet: bool = False) -> None:
    """Print a message at the terminal, unless quiet."""
    if not quiet:
        console.print(escape(message), highlight=False)


def say_steps(steps: tuple[str, ...]) -> None:
    """Print what to do next, one step a line."""
    for step in steps:
        say(f"- {step}")


def percent_set_aside(rows: dict[str, int]) -> float:
    """Return the percentage of rows that were set aside."""
    return 100 * rows.get("set aside", 0) / max(rows.get("in", 0), 1)


def print_json(result: Any, **style: Any) -> None:
    """Print a result as JSON; `style` is passed to `json.dumps`."""
    typer.echo(json.dumps(result, indent=2, **style))


def print_table(columns: list[str], rows: list[list[str]]) -> None:
    """Print a table at the terminal."""
    from rich.table import Table

    table = Table(*columns, box=None, pad_edge=False)
    for row in rows:
        table.add_row(*(escape(str(cell)) for cell in row))
    out = Console(width=None if sys.stdout.isatty() else int(os.environ.get("COLUMNS", "140")))
    out.print(table)
