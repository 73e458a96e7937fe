"""Commands that download published data: `hcsp-assess fetch archive`, `fetch month`, `fetch road-safety` and so on."""

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from hcsp_assess.cli.completion import complete_area
from hcsp_assess.cli.options import JsonOption, ProjectOption, QuietOption, print_json, say
from hcsp_assess.cli.progress import show_progress
from hcsp_assess.project import find_project

if TYPE_CHECKING:
    from hcsp_assess.sources.fetch import FetchedFile

commands = typer.Typer(
    name="fetch",
    no_args_is_help=True,
    help="Download published data into data/raw (see docs/fetching.md).\n\n"
    "Examples: [bold]hcsp-assess fetch archive[/bold] for the records of all police forces;\n"
    "[bold]hcsp-assess fetch recorded-crime[/bold] for the newest official table.",
)
AreaOption = Annotated[str, typer.Option("--area", help="Key of the area.", autocompletion=complete_area)]
SnapshotArgument = Annotated[str, typer.Argument(help='"latest", a month such as 2024-03, or "full history".')]


@commands.command()
def archive(
    snapshot: SnapshotArgument = "latest",
    project: ProjectOption = None,
    quiet: QuietOption = False,
    as_json: JsonOption = False,
) -> None:
    """Download the archive of all police forces (about 1.7 GB).

    Example: [bold]hcsp-assess fetch archive[/bold]
    """
    from hcsp_assess.sources.fetch import fetch_archive

    with show_progress(quiet=quiet or as_json) as progress:
        fetched = fetch_archive(find_project(project), snapshot, progress=progress)
    _say_fetched([fetched], quiet=quiet, as_json=as_json)


@commands.command()
def force(
    first: Annotated[str, typer.Argument(help="First month, such as 2024-01.")],
    last: Annotated[str, typer.Argument(help="Last month.")],
    area: AreaOption = "herefordshire",
    project: ProjectOption = None,
    quiet: QuietOption = False,
    as_json: JsonOption = False,
) -> None:
    """Download the files of the area's police force for a range of months.

    Example: [bold]hcsp-assess fetch force 2024-01 2024-12[/bold]
    """
    from hcsp_assess.sources.fetch import fetch_custom
    from hcsp_assess.subject.areas import area as find_area

    home = find_project(project)
    with show_progress(quiet=quiet or as_json) as progress:
        fetched = fetch_custom(home, find_area(area, home.root).force, first, last, progress=progress)
    _say_fetched([fetched], quiet=quiet, as_json=as_json, notes=True)


@commands.command()
def month(
    month: Annotated[str, typer.Argument(help="A month such as 2026-08 (default: the newest).")] = "",
    area: AreaOption = "herefordshire",
    project: ProjectOption = None,
    quiet: QuietOption = False,
    as_json: JsonOption = False,
) -> None:
    """Download one month of an area from the API, if you cannot get the archive.

    Example: [bold]hcsp-assess fetch month[/bold]
    """
    from hcsp_assess.sources.fetch import fetch_month
    from hcsp_assess.sources.geography import geography as find_geography
    from hcsp_assess.subject.areas import area as find_area

    home = find_project(project)
    here, places = find_area(area, home.root), find_geography(area, home.root)
    with show_progress(quiet=quiet or as_json) as progress:
        fetched = fetch_month(here, places, home, month, progress=progress)
    _say_fetched([fetched], quiet=quiet, as_json=as_json, notes=True)


@commands.command()
def geography(
    code: Annotated[str, typer.Argument(help="ONS code of a district, such as E06000051.", show_default=False)],
    project: ProjectOption = None,
    quiet: QuietOption = False,
    as_json: JsonOption = False,
) -> None:
    """Download a district's lookups and boundaries from the Office for National Statistics (ONS).

    Example: [bold]hcsp-assess fetch geography E06000051[/bold]
    """
    from hcsp_assess.sources.fetch import BY_HAND, fetch_geography

    with show_progress(quiet=quiet or as_json) as progress:
        for fetched in fetch_geography(code, find_project(project), progress=progress):
            _say_fetched([fetched], quiet=quiet, as_json=as_json, notes=True)
    say("Please download these by hand: " + "; ".join(BY_HAND), quiet=quiet)


@commands.command()
def road_safety(
    years: Annotated[
        list[str], typer.Argument(help="Years such as 2022 2023 2024, or provisional-2025.", show_default=False)
    ],
    project: ProjectOption = None,
    quiet: QuietOption = False,
    as_json: JsonOption = False,
) -> None:
    """Download the national road collision and casualty files, by year.

    Example: [bold]hcsp-assess fetch road-safety 2020 2021 2022 2023 2024[/bold]
    """
    from hcsp_assess.sources.fetch import fetch_road_safety

    with show_progress(quiet=quiet or as_json) as progress:
        for fetched in fetch_road_safety(find_project(project), years, progress=progress):
            _say_fetched([fetched], quiet=quiet, as_json=as_json)


@commands.command()
def fingertips(
    indicators: Annotated[
        list[int] | None, typer.Argument(help="Indicator numbers (default: those shown in the report).")
    ] = None,
    area_type: Annotated[
        str, typer.Option("--area-type", help='"county" or "district"; a unitary authority is in both.')
    ] = "county",
    project: ProjectOption = None,
    quiet: QuietOption = False,
    as_json: JsonOption = False,
) -> None:
    """Download health and justice indicators from Fingertips.

    Example: [bold]hcsp-assess fetch fingertips[/bold]
    """
    from hcsp_assess.sources.fetch import fetch_fingertips

    with show_progress(quiet=quiet or as_json) as progress:
        home = find_project(project)
        for fetched in fetch_fingertips(home, indicators or (), area_type=area_type, progress=progress):
            _say_fetched([fetched], quiet=quiet, as_json=as_json)


@commands.command()
def exclusions(
    dataset: Annotated[
        str,
        typer.Option("--data-set", help="Identifier in the catalogue (default: exclusions by pupil characteristic)."),
    ] = "",
    project: ProjectOption = None,
    quiet: QuietOption = False,
    as_json: JsonOption = False,
) -> None:
    """Download figures on suspensions and permanent exclusions from school.

    Example: [bold]hcsp-assess fetch exclusions[/bold]
    """
    from hcsp_assess.sources.fetch import fetch_exclusions
    from hcsp_assess.sources.fetch.open_data import EXCLUSIONS

    with show_progress(quiet=quiet or as_json) as progress:
        fetched = fetch_exclusions(find_project(project), dataset or EXCLUSIONS, progress=progress)
    _say_fetched([fetched], quiet=quiet, as_json=as_json)


@commands.command()
def fly_tipping(project: ProjectOption = None, quiet: QuietOption = False, as_json: JsonOption = False) -> None:
    """Download Defra's table of fly-tipping by local authority.

    Example: [bold]hcsp-assess fetch fly-tipping[/bold]
    """
    _fetch_tables("fly_tipping", project, quiet=quiet, as_json=as_json)


@commands.command()
def fires(project: ProjectOption = None, quiet: QuietOption = False, as_json: JsonOption = False) -> None:
    """Download the Home Office's tables of fires by fire and rescue authority.

    Example: [bold]hcsp-assess fetch fires[/bold]
    """
    _fetch_tables("fires", project, quiet=quiet, as_json=as_json)


def _fetch_tables(supplier: str, project: Path | None, *, quiet: bool, as_json: bool) -> None:
    from hcsp_assess.sources.fetch import fetch_tables

    with show_progress(quiet=quiet or as_json) as progress:
        for fetched in fetch_tables(find_project(project), supplier, progress=progress):
            _say_fetched([fetched], quiet=quiet, as_json=as_json)


def _say_fetched(fetched: Iterable["FetchedFile"], *, quiet: bool, as_json: bool, notes: bool = False) -> None:
    """Say what was downloaded, and what was there already."""
    found = []
    for each in fetched:  # each is said when it is there: the next may fail
        how = each.note if notes else "downloaded" if each.new else "already downloaded"
        say(f"{each.file}: {how}", quiet=quiet or as_json)
        found.append({"file": str(each.file), "new": each.new, "note": each.note})
    if as_json:
        print_json(found)


@commands.command("recorded-crime")
def recorded_crime(
    windows: Annotated[str, typer.Argument(help='"newest", or "all" since 2002-03.')] = "newest",
    project: ProjectOption = None,
    quiet: QuietOption = False,
    as_json: JsonOption = False,
) -> None:
    """Download the Home Office tables of recorded crime by partnership (about 50 MB each).

    Example: [bold]hcsp-assess fetch recorded-crime all[/bold]
    """
    from hcsp_assess.sources.fetch import fetch_recorded_crime

    with show_progress(quiet=quiet or as_json) as progress:
        fetched = fetch_recorded_crime(find_project(project), windows, progress=progress)
    _say_fetched(fetched, quiet=quiet, as_json=as_json)
