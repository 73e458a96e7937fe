"""Commands on where, and counts to keep: `hotspots`, `map`, `points`, `count-districts` and `count-outcomes`."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from hcsp_assess.cli.options import (
    EditionArgument,
    JsonOption,
    ProjectOption,
    QuietOption,
    open_with_progress,
    print_json,
    print_table,
    say,
)
from hcsp_assess.errors import UsageError, nearest
from hcsp_assess.project import Project, find_project

if TYPE_CHECKING:
    import pandas as pd

    from hcsp_assess.chapters.where.hotspots import Found

commands = typer.Typer()
HOTSPOTS = "hotspots"
SHOWN = {
    "place": "LSOA",
    "crime_types": "Hotspot of",
    "records": "Records",
    "times_expected": "Times expected",
    "certainty": "Certainty",
    "history": "Over the years",
}


@commands.command()
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
    from hcsp_assess.edition.places import open_places
    from hcsp_assess.files import csv_bytes, write_whole
    from hcsp_assess.sources.action_log import write_action_log

    home, silent = find_project(project), quiet or as_json
    if actions is not None:
        _refuse_actions_on_simulated(edition, home)
    found = find_all(open_places(open_with_progress(edition, home, quiet=silent)))
    listed = list_found(found)
    if as_json:
        _print_hotspots_json(found, listed)
    elif not quiet:
        _print_hotspots(found, listed)
    if csv is not None:
        write_whole(csv, csv_bytes(listed))
        say(f"List written to {csv}", quiet=silent)
    if actions is not None:
        added = write_action_log(listed, actions)
        say(f"{added} rows to fill in added to {actions}", quiet=silent)


def _refuse_actions_on_simulated(key: str, project: Project) -> None:
    from hcsp_assess.subject.editions import STREET, edition

    if edition(key, project.root).source(STREET).simulated:
        raise UsageError(f"the records of edition {key} are simulated: no action can be agreed on them")


def _print_hotspots_json(found: "Found", listed: "pd.DataFrame") -> None:
    opened = found.where.opened
    facts = {"edition": opened.edition.key, "simulated": opened.simulated, "period": found.where.period}
    tested = {"tests": found.hotspots.tests, "method": found.hotspots.method}
    rows = json.loads(listed.to_json(orient="records"))
    print_json(facts | tested | {"hotspots": rows}, ensure_ascii=False)


def _print_hotspots(found: "Found", listed: "pd.DataFrame") -> None:
    where = found.where
    if where.opened.simulated:
        typer.echo("Simulated data: a demonstration, not a record of real events.")
    print_table(list(SHOWN.values()), listed[list(SHOWN)].astype(str).to_numpy().tolist())
    typer.echo(f"{len(listed)} of {len(where.people)} LSOAs, {where.period}; {found.hotspots.tests:,} tests.")


@commands.command("map")
def draw_map(
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
    from hcsp_assess.edition.places import open_places
    from hcsp_assess.report.svg_file import write_chart

    key, silent = _known_measure(measure), quiet or as_json
    target = out or Path(f"{key}.svg")
    if target.suffix.lower() != ".svg":
        raise UsageError(f"a map is written as .svg, not {target.name}: give a name that ends in .svg")
    where = open_places(open_with_progress(edition, find_project(project), quiet=silent))
    chart = map_hotspots(find_all(where)) if key == HOTSPOTS else map_measure(where, key)
    drawn, table = write_chart(chart, target)
    if as_json:
        facts = {"map": str(drawn), "data": str(table), "title": chart.title, "simulated": chart.simulated}
        print_json(facts | {"text_alternative": chart.alt}, ensure_ascii=False)
    say(f"Map written to {drawn}, its data to {table}", quiet=silent)


@commands.command()
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

    found = examine_points(read_point_extract(file), bandwidth_m=bandwidth)
    written = write_points(found, out, f"Force extract {file.name}")
    sentences = say_points(found)
    if as_json:
        print_json({"findings": sentences, "files": [str(path) for path in written]})
    elif not quiet:
        typer.echo("\n".join(sentences))
    say(f"Written to {out}; true points are not for publication", quiet=quiet or as_json)


@commands.command()
def count_districts(
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
    from hcsp_assess.sources.peers import count_districts as count

    table = count(folder)
    content = csv_bytes(table)
    write_whole(out, compress(content, mtime=0) if out.suffix == ".gz" else content)
    places, months = table["lad_from_lsoa_name"].nunique(), table["month"].nunique()
    say(f"{table['count'].sum():,} rows of {places} districts in {months} months counted to {out}", quiet=quiet)


@commands.command()
def count_outcomes(
    folder: Annotated[
        Path, typer.Argument(help="Folder or zip with street files, and outcomes files if any.", show_default=False)
    ],
    area: Annotated[str, typer.Option("--area", help="Key of the area.")],
    out: Annotated[Path, typer.Option("--out", "-o", help="Folder to write to.")] = Path("outcomes"),
    project: ProjectOption = None,
    quiet: QuietOption = False,
) -> None:
    """Count outcomes of an area's crimes by month, crime type and outcome, to keep with an edition.

    Example: [bold]hcsp-assess count-outcomes latest.zip --area herefordshire --out data/raw/herefordshire_2025[/bold]
    """
    from tempfile import TemporaryDirectory

    from hcsp_assess.edition.outcomes import count_outcomes as count
    from hcsp_assess.edition.outcomes import write_outcomes
    from hcsp_assess.sources.police_uk import clean_archive
    from hcsp_assess.sources.police_uk.beside import clean_beside
    from hcsp_assess.sources.police_uk.files import OUTCOMES
    from hcsp_assess.subject.areas import area as find_area

    here = find_area(area, find_project(project).root)
    with TemporaryDirectory() as cleaned:
        clean_archive(folder, cleaned)
        clean_beside(folder, cleaned, OUTCOMES)
        table = count(cleaned, here)
    write_outcomes(table, out)
    say(f"Outcomes of {table.cells['count'].sum():,} crimes in {here.name} counted to {out}", quiet=quiet)


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
