"""Commands on where: `hcsp-assess hotspots`, `map`, `points` and `count-districts`."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from hcsp_assess.cli.options import (
    EditionArgument,
    JsonOption,
    ProjectOption,
    QuietOption,
    errors_told,
    print_table,
    progress_shown,
    say,
)
from hcsp_assess.errors import UsageError, nearest
from hcsp_assess.project import find_project

if TYPE_CHECKING:
    from hcsp_assess.edition.places import EditionPlaces

HOTSPOTS = "hotspots"
SHOWN = {
    "place": "LSOA",
    "crime_types": "Hotspot of",
    "records": "Records",
    "times_expected": "Times expected",
    "certainty": "Certainty",
    "history": "Over the years",
}


def hotspots(
    edition: EditionArgument,
    project: ProjectOption = None,
    csv: Annotated[Path | None, typer.Option("--csv", help="Write the list to this file.", show_default=False)] = None,
    actions: Annotated[
        Path | None,
        typer.Option(
            "--actions",
            help="Add a row for each hotspot without an open action to this log, data/raw/actions/NAME.csv.",
            show_default=False,
        ),
    ] = None,
    quiet: QuietOption = False,
    as_json: JsonOption = False,
) -> None:
    """List the small areas that are hotspots, for multi-agency tasking.

    Example: [bold]hcsp-assess hotspots 2025 --csv hotspots.csv[/bold]

    Largest excess first. Certainty is "high" where the adjusted p-value is at most 0.01, else "fair".
    """
    from hcsp_assess.chapters.where.hotspots import find_all, list_found
    from hcsp_assess.files import csv_bytes, write_whole
    from hcsp_assess.sources.action_log import write_action_log
    from hcsp_assess.subject.editions import STREET
    from hcsp_assess.subject.editions import edition as find_edition

    with errors_told():
        if actions is not None and find_edition(edition, find_project(project).root).source(STREET).simulated:
            raise UsageError(f"the records of edition {edition} are simulated: no action can be agreed on them")
        where = _open(edition, project, quiet=quiet or as_json)
        found = find_all(where)
        listed = list_found(found)
        if as_json:
            facts = {"edition": edition, "simulated": where.opened.simulated, "period": where.period}
            tested = {"tests": found.hotspots.tests, "method": found.hotspots.method}
            rows = json.loads(listed.to_json(orient="records"))
            typer.echo(json.dumps(facts | tested | {"hotspots": rows}, indent=2, ensure_ascii=False))
        elif not quiet:
            if where.opened.simulated:
                typer.echo("Simulated data: a demonstration, not a record of real events.")
            print_table(list(SHOWN.values()), listed[list(SHOWN)].astype(str).to_numpy().tolist())
            typer.echo(f"{len(listed)} of {len(where.people)} LSOAs, {where.period}; {found.hotspots.tests:,} tests.")
        if csv is not None:
            write_whole(csv, csv_bytes(listed))
            say(f"List written to {csv}", quiet=quiet or as_json)
        if actions is not None:
            added = write_action_log(listed, actions)
            say(f"{added} rows to fill in added to {actions}", quiet=quiet or as_json)


def map_command(
    edition: EditionArgument,
    measure: Annotated[
        str, typer.Option("--measure", "-m", help='A comparable series, such as burglary, or "hotspots".')
    ] = "recorded_crime",
    out: Annotated[
        Path | None, typer.Option("--out", "-o", help="File to write; MEASURE.svg by default.", show_default=False)
    ] = None,
    project: ProjectOption = None,
    quiet: QuietOption = False,
    as_json: JsonOption = False,
) -> None:
    """Draw a map of a measure by small area as SVG, with the same data as CSV beside it.

    Example: [bold]hcsp-assess map 2025 --measure burglary --out burglary.svg[/bold]
    """
    from hcsp_assess.chapters.where.hotspots import find_all, map_hotspots
    from hcsp_assess.chapters.where.measures import map_measure
    from hcsp_assess.report.svg_file import write_chart

    with errors_told():
        key = _known_measure(measure)
        target = out or Path(f"{key}.svg")
        if target.suffix.lower() != ".svg":
            raise UsageError(f"a map is written as .svg, not {target.name}: give a name that ends in .svg")
        where = _open(edition, project, quiet=quiet or as_json)
        chart = map_hotspots(find_all(where)) if key == HOTSPOTS else map_measure(where, key)
        drawn, table = write_chart(chart, target)
        if as_json:
            said = {"map": str(drawn), "data": str(table), "title": chart.title, "simulated": chart.simulated}
            typer.echo(json.dumps(said | {"text_alternative": chart.alt}, indent=2, ensure_ascii=False))
        say(f"Map written to {drawn}, its data to {table}", quiet=quiet or as_json)


def points(
    file: Annotated[
        Path, typer.Argument(help="Force extract: CSV with easting, northing, first, last.", show_default=False)
    ],
    out: Annotated[Path, typer.Option("--out", "-o", help="Folder to write to.")] = Path("points"),
    bandwidth: Annotated[float, typer.Option(help="Radius of the density's kernel in metres.", min=10)] = 300.0,
    quiet: QuietOption = False,
    as_json: JsonOption = False,
) -> None:
    """Density, near repeats and hours of the week, from a force extract with true points and times.

    Example: [bold]hcsp-assess points burglary.csv --out burglary-points[/bold]

    Files of data.police.uk are refused: their points are anonymised and their dates are months.
    """
    from hcsp_assess.chapters.where.points import examine_points, say_points, write_points
    from hcsp_assess.sources.point_extract import read_point_extract

    with errors_told():
        found = examine_points(read_point_extract(file), bandwidth_m=bandwidth)
        written = write_points(found, out, f"Force extract {file.name}")
        told = say_points(found)
        if as_json:
            typer.echo(json.dumps({"findings": told, "files": [str(path) for path in written]}, indent=2))
        elif not quiet:
            typer.echo("\n".join(told))
        say(f"Written to {out}; true points are not for publication", quiet=quiet or as_json)


def count_districts_command(
    folder: Annotated[
        Path, typer.Argument(help="Folder or zip of street files of all forces to compare with.", show_default=False)
    ],
    out: Annotated[Path, typer.Option("--out", "-o", help="File to write: .csv or .csv.gz.")] = Path("districts.csv"),
    quiet: QuietOption = False,
) -> None:
    """Count street files by month, force, district and crime type, for a comparison with peers.

    Example: [bold]hcsp-assess count-districts latest.zip --out data/raw/peers/districts.csv[/bold]
    """
    from gzip import compress

    from hcsp_assess.files import csv_bytes, write_whole
    from hcsp_assess.sources.peers import count_districts

    with errors_told():
        table = count_districts(folder)
        content = csv_bytes(table)
        write_whole(out, compress(content, mtime=0) if out.suffix == ".gz" else content)
        places, months = table["lad_from_lsoa_name"].nunique(), table["month"].nunique()
        say(f"{table['count'].sum():,} rows of {places} districts in {months} months counted to {out}", quiet=quiet)


def _open(edition: str, project: Path | None, *, quiet: bool) -> "EditionPlaces":
    from hcsp_assess.edition.opened import prepare
    from hcsp_assess.edition.places import open_places
    from hcsp_assess.subject.editions import edition as find_edition

    home = find_project(project)
    with progress_shown(quiet=quiet) as progress:
        return open_places(prepare(find_edition(edition, home.root), home, progress=progress))


def _known_measure(name: str) -> str:
    """The key that a person meant: "Vehicle crime" and "vehicle-crime" are "vehicle_crime"."""
    from hcsp_assess.subject.crime_types import comparable_series

    known = {entry.key: entry.key for entry in comparable_series()} | {HOTSPOTS: HOTSPOTS}
    known |= {entry.label.lower(): entry.key for entry in comparable_series()}
    asked = name.strip().lower()
    for spelling in (asked, asked.replace("-", "_").replace(" ", "_")):
        if spelling in known:
            return known[spelling]
    near = nearest(asked, known)
    hint = f" Did you mean {known[near]}?" if near else ""
    raise UsageError(f"no measure {name!r}; there are {', '.join(sorted(set(known.values())))}.{hint}")


def add_to(app: typer.Typer) -> None:
    """Add these commands to the command line."""
    app.command()(hotspots)
    app.command("map")(map_command)
    app.command()(points)
    app.command("count-districts")(count_districts_command)
