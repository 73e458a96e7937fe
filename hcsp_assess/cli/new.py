"""Commands that set up something new: `hcsp-assess new partnership`, `edition` and `chapter`."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from hcsp_assess.cli.options import ProjectOption, say, say_steps
from hcsp_assess.project import find_project

if TYPE_CHECKING:
    from hcsp_assess.setup.scaffold import Started

commands = typer.Typer(name="new", no_args_is_help=True, help="Set up something new in the project.")


@commands.command()
def partnership(
    code: Annotated[str, typer.Option("--code", help="ONS code of the district, such as E06000051.")],
    national_files: Annotated[
        Path | None, typer.Option("--from", help="Folder of national files; by default data/raw/geography.")
    ] = None,
    key: Annotated[str, typer.Option("--key", help="Name for the area; by default its short name.")] = "",
    boundaries: Annotated[bool, typer.Option(help="Build rates and maps too.")] = True,
    project: ProjectOption = None,
) -> None:
    """Set up another partnership's area from national files.

    Example: [bold]hcsp-assess new partnership --code E06000051[/bold]
    """
    from hcsp_assess.setup.new_partnership import new_partnership

    home = find_project(project)
    folder = national_files or home.raw / "geography"
    made = new_partnership(code, home.root, folder, key=key, boundaries=boundaries)
    say(f"{made.area.name}: all {made.lsoas} LSOAs of the lookup. Next:")
    say_steps(made.to_do)


@commands.command()
def edition(
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

    _say_started(new_edition(name, find_project(project), period=period, area=area))


@commands.command()
def chapter(
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

    _say_started(new_chapter(name, find_project(project), title=title, edition=edition))


def _say_started(started: "Started") -> None:
    for path in started.files:
        say(f"Written: {path}")
    say("Next:")
    say_steps(started.to_do)
