"""Commands that add a partnership, an edition or a chapter: `hcsp-assess new`."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from hcsp_assess.cli.options import ProjectOption, RunOptions, say, say_steps
from hcsp_assess.project import Project, find_project

if TYPE_CHECKING:
    from hcsp_assess.setup.scaffold import Started

commands = typer.Typer(name="new", no_args_is_help=True, help="Add a partnership, an edition or a chapter.")


@commands.command()
def partnership(
    code: Annotated[
        str, typer.Option("--code", help="ONS code of the district or partnership, such as E06000051, or its name.")
    ],
    national_files: Annotated[
        Path | None, typer.Option("--from", help="Folder of national files (default: data/raw/geography).")
    ] = None,
    key: Annotated[str, typer.Option("--key", help="Short name for the area (default: made from its name).")] = "",
    boundaries: Annotated[bool, typer.Option(help="Include boundaries, for rates and maps.")] = True,
    run: Annotated[bool, typer.Option(help="Build the report of official figures straight away.")] = True,
    project: ProjectOption = None,
) -> None:
    """Set up another partnership, and build its first report.

    The first report has official recorded crime, similar areas and harm, which come with the software. With national
    files in data/raw/geography, the area also gets its small areas, for rates and maps; a partnership of several
    districts gets a section on each.

    Example: [bold]hcsp-assess new partnership --code E06000051[/bold]
    """
    from hcsp_assess.setup.new_partnership import new_partnership

    home = find_project(project)
    folder = national_files or home.raw / "geography"
    if national_files is None and not (folder.is_dir() and any(folder.iterdir())):
        _from_open_data(code, home, key=key, run=run)
        return
    made = new_partnership(code, home.root, folder, key=key, boundaries=boundaries)
    say(f"{made.area.name}: all {made.lsoas} LSOAs in the lookup were found. Next:")
    say_steps(made.to_do)


@commands.command()
def edition(
    name: Annotated[str, typer.Argument(help="Name of the edition, such as 2026-27.", show_default=False)],
    period: Annotated[
        str, typer.Option(help="The twelve months assessed (default: as in the name).", show_default=False)
    ] = "",
    area: Annotated[
        str, typer.Option("--area", help="Key of the area (default: that of the newest edition).", show_default=False)
    ] = "",
    project: ProjectOption = None,
) -> None:
    """Start a new edition of the assessment, based on the newest one.

    Example: [bold]hcsp-assess new edition 2026-27[/bold]
    """
    from hcsp_assess.setup.scaffold import new_edition

    _say_started(new_edition(name, find_project(project), period=period, area=area))


@commands.command()
def chapter(
    name: Annotated[str, typer.Argument(help="Name of the notebook, such as farm_machinery.", show_default=False)],
    title: Annotated[str, typer.Option(help="Its heading (default: made from the name).", show_default=False)] = "",
    edition: Annotated[str, typer.Option(help="Edition that it shows (default: the newest).", show_default=False)] = "",
    project: ProjectOption = None,
) -> None:
    """Start a new chapter: a notebook that already runs, ready to be edited.

    Example: [bold]hcsp-assess new chapter farm_machinery[/bold]
    """
    from hcsp_assess.setup.scaffold import new_chapter

    _say_started(new_chapter(name, find_project(project), title=title, edition=edition))


def _from_open_data(code: str, home: Project, *, key: str, run: bool) -> None:
    """Set up a partnership from the data in the package, and build its report."""
    from hcsp_assess.cli.runs import run_one_report
    from hcsp_assess.setup.open_data import new_open_data_partnership

    made = new_open_data_partnership(code, home.root, key=key)
    for path in made.files:
        say(f"Written: {path}")
    if run:
        run_one_report(made.edition, home, RunOptions({}))
    say("Next:")
    say_steps(made.to_do)


def _say_started(started: "Started") -> None:
    for path in started.files:
        say(f"Written: {path}")
    say("Next:")
    say_steps(started.to_do)
