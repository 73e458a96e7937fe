"""Command that opens JupyterLab: `hcsp-assess lab`."""

from typing import Annotated

import typer

from hcsp_assess.cli.options import ProjectOption
from hcsp_assess.project import find_project

commands = typer.Typer()


@commands.command()
def lab(
    project: ProjectOption = None,
    browser: Annotated[bool, typer.Option("--browser/--no-browser", help="Open a browser window.")] = True,
    port: Annotated[
        int | None, typer.Option(help="Port to use (default: the first free one from 8888).", min=1, max=65535)
    ] = None,
    allow_root: Annotated[
        bool, typer.Option("--allow-root", help="Start it as the root user too, as in a container.")
    ] = False,
    options: Annotated[
        list[str] | None,
        typer.Argument(help="Options of JupyterLab itself, after two dashes (--).", show_default=False),
    ] = None,
) -> None:
    """Open JupyterLab at the start notebook. Press Ctrl-C to stop it.

    Example: [bold]hcsp-assess lab[/bold]

    Example: [bold]hcsp-assess lab --no-browser -- --ip=0.0.0.0[/bold]
    """
    from hcsp_assess.lab.jupyterlab import open_lab

    passed = [*(["--allow-root"] if allow_root else []), *(options or [])]
    ended = open_lab(find_project(project), browser=browser, port=port, options=passed)
    if ended:
        raise typer.Exit(ended)
