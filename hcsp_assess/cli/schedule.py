"""The command that writes what a scheduler needs: `hcsp-assess schedule`."""

import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from hcsp_assess.cli.options import EditionArgument, ProjectOption, say
from hcsp_assess.errors import UsageError
from hcsp_assess.project import find_project

if TYPE_CHECKING:
    from hcsp_assess.run.schedule import When

commands = typer.Typer()


@commands.command()
def schedule(  # typer reads options from the signature alone; what follows takes them as When and Notice
    edition: EditionArgument,
    kind: Annotated[str, typer.Option("--for", help="systemd, cron or windows.")] = "systemd",
    every: Annotated[str, typer.Option(help="month or quarter.")] = "month",
    day: Annotated[int, typer.Option(min=1, max=28)] = 5,
    at: Annotated[str, typer.Option(help="Hour and minute.")] = "06:30",
    mail: Annotated[str, typer.Option(help="Address to mail to when a run fails.")] = "",
    webhook: Annotated[str, typer.Option(help="Address to post to when a run fails.")] = "",
    on_failure: Annotated[str, typer.Option(help="Command of your own when a run fails.")] = "",
    fetch_first: Annotated[
        str, typer.Option("--fetch", help='What to fetch before each run, such as "archive" or "month".')
    ] = "",
    folder: Annotated[Path, typer.Option("--to", help="Where to write the files.")] = Path("schedule"),
    project: ProjectOption = None,
) -> None:
    """Write and explain a systemd timer, a cron line or a Windows task; installs nothing.

    Example: [bold]hcsp-assess schedule 2025 --for cron --every quarter[/bold]
    """
    from hcsp_assess.run.schedule import Notice, write_files, write_schedule

    made = write_schedule(
        kind,
        edition,
        find_project(project),
        when=_when(every, day, at),
        on_failure=Notice(mail, webhook, on_failure).command(edition, kind),
        fetch=shlex.split(fetch_first),
    )
    for path, file in zip(write_files(made, folder), made.files, strict=True):
        say(f"{path}: goes to {file.where}")
    say(made.explanation)
    for step in made.steps:
        say(f"  {step}")


def _when(every: str, day: int, at: str) -> "When":
    from hcsp_assess.run.schedule import When

    hour, _, minute = at.partition(":")
    if not (hour.isdigit() and minute.isdigit()):
        raise UsageError(f"--at takes an hour and minute such as 06:30, not {at!r}")
    return When(every, day, int(hour), int(minute))
