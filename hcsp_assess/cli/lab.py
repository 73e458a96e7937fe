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
) -> None:
    """Open JupyterLab at the start notebook. Press Ctrl-C to stop it.

    Example: [bold]hcsp-assess lab[/bold]
    """
    from hcsp_assess.lab.jupyterlab import open_lab

    ended = open_lab(find_project(project), browser=browser, port=port)
    if ended:
        raise typer.Exit(ended)
