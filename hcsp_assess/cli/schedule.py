"""Command that writes files for a scheduler: `hcsp-assess schedule`."""

import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from hcsp_assess.cli.options import EditionArgument, JsonOption, ProjectOption, QuietOption, print_json, say
from hcsp_assess.errors import UsageError
from hcsp_assess.project import find_project

if TYPE_CHECKING:
    from hcsp_assess.run.schedule import When

commands = typer.Typer()


@commands.command()
def schedule(  # typer reads options from the signature alone; what follows takes them as When and Notice
    edition: EditionArgument,
    kind: Annotated[str, typer.Option("--for", help='"systemd", "cron" or "windows".')] = "systemd",
    every: Annotated[str, typer.Option(help='"month" or "quarter".')] = "month",
    day: Annotated[int, typer.Option(help="Day of the month.", min=1, max=28)] = 5,
    at: Annotated[str, typer.Option(help="Time of day.")] = "06:30",
    mail: Annotated[str, typer.Option(help="E-mail address to notify if a run fails.")] = "",
    webhook: Annotated[str, typer.Option(help="Web address to notify if a run fails.")] = "",
    on_failure: Annotated[str, typer.Option(help="Your own command to run if a run fails.")] = "",
    fetch_first: Annotated[
        str, typer.Option("--fetch", help='What to download before each run, such as "archive" or "month".')
    ] = "",
    folder: Annotated[Path, typer.Option("--to", help="Where to write the files.")] = Path("schedule"),
    project: ProjectOption = None,
    quiet: QuietOption = False,
    as_json: JsonOption = False,
) -> None:
    """Write a systemd timer, cron line or Windows task, and explain how to install it. Installs nothing itself.

    Example: [bold]hcsp-assess schedule 2025 --for cron --every quarter[/bold]
    """
    from hcsp_assess.run.schedule import Notice, write_files, write_schedule
    from hcsp_assess.subject.editions import edition as find_edition

    home = find_project(project)
    find_edition(edition, home.root)
    made = write_schedule(
        kind,
        edition,
        home,
        when=_when(every, day, at),
        on_failure=Notice(mail, webhook, on_failure).command(edition, kind),
        fetch=_words(fetch_first),
    )
    written, silent = write_files(made, folder), quiet or as_json
    for path, file in zip(written, made.files, strict=True):
        say(f"{path}: copy it to {file.where}", quiet=silent)
    say(made.explanation, quiet=silent)
    for step in made.steps:
        say(f"  {step}", quiet=silent)
    if as_json:
        files = [{"file": str(p), "copy_to": file.where} for p, file in zip(written, made.files, strict=True)]
        print_json({"edition": edition, "files": files, "explanation": made.explanation, "steps": list(made.steps)})


def _words(command: str) -> list[str]:
    try:
        return shlex.split(command)
    except ValueError as error:
        raise UsageError(f"--fetch {command!r} has a quotation mark without its pair: close it") from error


def _when(every: str, day: int, at: str) -> "When":
    from hcsp_assess.run.schedule import When

    hour, _, minute = at.partition(":")
    if not (at.isascii() and hour.isdecimal() and minute.isdecimal() and len(at) <= len("06:30")):
        raise UsageError(f"--at needs a time such as 06:30, not {at!r}")
    return When(every, day, int(hour), int(minute))
