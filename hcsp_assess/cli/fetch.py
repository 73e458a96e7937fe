"""Commands that download published data: `hcsp-assess fetch archive`, `force`, `month`, `geography` and others."""

from typing import Annotated

import typer

from hcsp_assess.cli.options import ProjectOption, QuietOption, say, show_progress
from hcsp_assess.project import find_project

commands = typer.Typer(
    name="fetch", no_args_is_help=True, help="Download published data into data/raw (see docs/fetching.md)."
)
AreaOption = Annotated[str, typer.Option("--area", help="Key of the area.")]
SnapshotArgument = Annotated[str, typer.Argument(help="latest, a month such as 2024-03, or full history.")]


@commands.command()
def archive(snapshot: SnapshotArgument = "latest", project: ProjectOption = None, quiet: QuietOption = False) -> None:
    """Fetch an archive of all forces (about 1.7 GB).

    Example: [bold]hcsp-assess fetch archive[/bold]
    """
    from hcsp_assess.sources.fetch import fetch_archive

    with show_progress(quiet=quiet) as progress:
        fetched = fetch_archive(find_project(project), snapshot, progress=progress)
    say(f"{fetched.file}: {'fetched' if fetched.new else 'was there already'}", quiet=quiet)


@commands.command()
def force(
    first: Annotated[str, typer.Argument(help="First month, such as 2024-01.")],
    last: Annotated[str, typer.Argument(help="Last month.")],
    area: AreaOption = "herefordshire",
    project: ProjectOption = None,
    quiet: QuietOption = False,
) -> None:
    """Fetch the custom download of the area's police force and a span of months.

    Example: [bold]hcsp-assess fetch force 2024-01 2024-12[/bold]
    """
    from hcsp_assess.sources.fetch import fetch_custom
    from hcsp_assess.subject.areas import area as find_area

    home = find_project(project)
    with show_progress(quiet=quiet) as progress:
        fetched = fetch_custom(home, find_area(area, home.root).force, first, last, progress=progress)
    say(f"{fetched.file}: {fetched.note}", quiet=quiet)


@commands.command()
def month(
    month: Annotated[str, typer.Argument(help="Such as 2026-08; by default the newest.")] = "",
    area: AreaOption = "herefordshire",
    project: ProjectOption = None,
    quiet: QuietOption = False,
) -> None:
    """Fetch one month of an area from the API, where the archive cannot be had.

    Example: [bold]hcsp-assess fetch month[/bold]
    """
    from hcsp_assess.sources.fetch import fetch_month
    from hcsp_assess.sources.geography import geography as find_geography
    from hcsp_assess.subject.areas import area as find_area

    home = find_project(project)
    here, places = find_area(area, home.root), find_geography(area, home.root)
    with show_progress(quiet=quiet) as progress:
        fetched = fetch_month(here, places, home, month, progress=progress)
    say(f"{fetched.file}: {fetched.note}", quiet=quiet)


@commands.command()
def geography(
    code: Annotated[str, typer.Argument(help="ONS code of a district, such as E06000051.", show_default=False)],
    project: ProjectOption = None,
    quiet: QuietOption = False,
) -> None:
    """Fetch a district's lookups and boundaries from the ONS.

    Example: [bold]hcsp-assess fetch geography E06000051[/bold]
    """
    from hcsp_assess.sources.fetch import BY_HAND, fetch_geography

    with show_progress(quiet=quiet) as progress:
        for fetched in fetch_geography(code, find_project(project), progress=progress):
            say(f"{fetched.file}: {fetched.note}", quiet=quiet)
    say("still to be downloaded by hand: " + "; ".join(BY_HAND), quiet=quiet)


@commands.command("recorded-crime")
def recorded_crime(
    windows: Annotated[str, typer.Argument(help="newest, or all since 2002-03.")] = "newest",
    project: ProjectOption = None,
    quiet: QuietOption = False,
) -> None:
    """Fetch the Home Office tables of recorded crime by partnership (about 50 MB each).

    Example: [bold]hcsp-assess fetch recorded-crime all[/bold]
    """
    from hcsp_assess.sources.fetch import fetch_recorded_crime

    with show_progress(quiet=quiet) as progress:
        fetched = fetch_recorded_crime(find_project(project), windows, progress=progress)
    for each in fetched:
        say(f"{each.file}: {'fetched' if each.new else 'was there already'}", quiet=quiet)
