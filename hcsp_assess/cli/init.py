"""Command that starts a project: `hcsp-assess init`."""

import os
import shlex
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from hcsp_assess.cli.options import JsonOption, QuietOption, print_json, say

if TYPE_CHECKING:
    from hcsp_assess.setup.starting import StartedProject

commands = typer.Typer()


@commands.command()
def init(
    folder: Annotated[
        Path, typer.Argument(help="Folder for the project, made if there is none; . is this one.", show_default=False)
    ],
    quiet: QuietOption = False,
    as_json: JsonOption = False,
) -> None:
    """Start a project: a folder for data, texts and reports, with notebooks to work in and an example that runs.

    Files in the folder are left as they are. In a project, what is missing is added.

    Example: [bold]hcsp-assess init assessment[/bold]
    """
    from hcsp_assess.setup.starting import start_project

    started = start_project(folder)
    if as_json:
        print_json(
            {
                "folder": str(started.folder),
                "was_project": started.was_project,
                "written": started.written,
                "kept": started.kept,
                "add_to_gitignore": started.not_kept_out_of_git,
                "next": [command for command, _ in _next(started)],
            }
        )
    elif not quiet:
        _tell(started)


def _tell(started: "StartedProject") -> None:
    if started.was_project:
        say(f"{started.folder} is a project already. Nothing in it was changed.")
        for name in started.written:
            say(f"Added: {name}")
    else:
        say(f"The project is ready in {started.folder}.")
    if started.not_kept_out_of_git:
        say("Its .gitignore was there already. To keep data and reports out of git, add these lines to it:")
        for line in started.not_kept_out_of_git:
            say(f"  {line}")
    say("Next:")
    width = max(len(command) for command, what in _next(started) if what)
    for command, what in _next(started):
        say(f"  {command:<{width}}  {what}".rstrip())


def _next(started: "StartedProject") -> list[tuple[str, str]]:
    """The next commands, each with what it does; a shell that is elsewhere goes to the folder first."""
    commands = [
        ("hcsp-assess run 2025", "builds the example from open data: reports/2025/index.html"),
        ("hcsp-assess lab", "opens JupyterLab"),
    ]
    if started.folder == Path.cwd():
        return commands
    words = ["cd", str(started.folder)]
    return [(subprocess.list2cmdline(words) if os.name == "nt" else shlex.join(words), ""), *commands]
