"""The command line: `hcsp-assess`, or `python -m hcsp_assess`."""

import io
import sys
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from hcsp_assess import __version__
from hcsp_assess.cli import (
    brief,
    doctor,
    fetch,
    init,
    lab,
    new,
    outputs,
    places,
    recorded_crime,
    returns,
    runs,
    schedule,
    simulate,
    texts,
    trends,
)
from hcsp_assess.cli.options import explain_errors

SUBJECTS = (
    init,
    runs,
    doctor,
    simulate,
    trends,
    fetch,
    new,
    schedule,
    returns,
    texts,
    recorded_crime,
    lab,
    outputs,
    brief,
    places,
)


class _Commands(TyperGroup):
    """All commands. Every error ends in a clear sentence or a short report, never a traceback."""

    def invoke(self, ctx: Any) -> Any:
        with explain_errors():
            return super().invoke(ctx)


app = typer.Typer(
    name="hcsp-assess",
    cls=_Commands,
    no_args_is_help=True,
    add_completion=True,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog="Exit codes: 0 done; 1 the run failed; 2 bad usage; 3 done, but more rows than allowed were set aside; "
    "4 another run is in progress, nothing was done; "
    "130 stopped with Ctrl-C.",
)
for subject in SUBJECTS:
    app.add_typer(subject.commands)


def main() -> None:
    """Run the command line; a character that the terminal cannot show is written as its code."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    app()


def _print_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"hcsp-assess {__version__}")
        raise typer.Exit


@app.callback()
def _options(
    version: Annotated[
        bool, typer.Option("--version", help="Print the version and exit.", is_eager=True, callback=_print_version)
    ] = False,
) -> None:
    """Build a community safety partnership's strategic assessment from police files, partners' returns and open data.

    Example: [bold]hcsp-assess run 2025[/bold] cleans and counts the data, runs the chapters and publishes
    reports/2025/index.html.
    """
