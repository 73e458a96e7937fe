"""Commands for who works in JupyterLab: lab, new edition, new chapter."""

from typing import TYPE_CHECKING, Annotated

import typer

from hcsp_assess.cli.data import new
from hcsp_assess.cli.options import ProjectOption, errors_told, say
from hcsp_assess.project import find_project

if TYPE_CHECKING:
    from hcsp_assess.setup.scaffold import Started


def lab(
    project: ProjectOption = None,
    browser: Annotated[bool, typer.Option("--browser/--no-browser", help="Open a browser window.")] = True,
    port: Annotated[
        int | None, typer.Option(help="Port to listen on; by default the first free one from 8888.", min=1, max=65535)
    ] = None,
) -> None:
    """Open JupyterLab at the start notebook; Ctrl-C ends it.

    Example: [bold]hcsp-assess lab[/bold]
    """
    from hcsp_assess.lab.jupyterlab import open_lab

    with errors_told():
        ended = open_lab(find_project(project), browser=browser, port=port)
    if ended:
        raise typer.Exit(ended)


@new.command("edition")
def new_edition_command(
    name: Annotated[str, typer.Argument(help="Name of the edition, such as 2026-27.", show_default=False)],
    period: Annotated[
        str, typer.Option(help="The twelve months assessed; by default what its name says.", show_default=False)
    ] = "",
    area: Annotated[
        str, typer.Option("--area", help="Key of the area; by default the newest edition's.", show_default=False)
    ] = "",
    project: ProjectOption = None,
) -> None:
    """Start a new edition of the assessment from the newest one.

    Example: [bold]hcsp-assess new edition 2026-27[/bold]
    """
    from hcsp_assess.setup.scaffold import new_edition

    with errors_told():
        _tell(new_edition(name, find_project(project), period=period, area=area))


@new.command("chapter")
def new_chapter_command(
    name: Annotated[str, typer.Argument(help="Name of the notebook, such as farm_machinery.", show_default=False)],
    title: Annotated[str, typer.Option(help="Its heading; by default made of the name.", show_default=False)] = "",
    edition: Annotated[
        str, typer.Option(help="Edition that it shows by default; else the newest.", show_default=False)
    ] = "",
    project: ProjectOption = None,
) -> None:
    """Start a new chapter: a notebook that runs as it is, with its parameters cell in place.

    Example: [bold]hcsp-assess new chapter farm_machinery[/bold]
    """
    from hcsp_assess.setup.scaffold import new_chapter

    with errors_told():
        _tell(new_chapter(name, find_project(project), title=title, edition=edition))


def _tell(started: "Started") -> None:
    for path in started.files:
        say(f"Written: {path}", quiet=False)
    say("Next:", quiet=False)
    for step in started.to_do:
        say(f"- {step}", quiet=False)


def add_to(app: typer.Typer) -> None:
    """Add these commands to the command line; those under `new` join when this module is imported."""
    app.command()(lab)
