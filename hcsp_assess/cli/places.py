"""Commands for maps, hotspots and counts: `hotspots`, `map`, `points`, `count-districts` and `count-outcomes`."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from hcsp_assess.cli.completion import complete_area, complete_measure
from hcsp_assess.cli.options import (
    EditionArgument,
    JsonOption,
    ProjectOption,
    QuietOption,
    print_json,
    print_table,
    say,
)
from hcsp_assess.cli.progress import open_with_progress
from hcsp_assess.errors import UsageError, nearest
from hcsp_assess.project import Project, find_project

if TYPE_CHECKING:
    import pandas as pd

    from hcsp_assess.edition.hotspots import Found

commands = typer.Typer()
HOTSPOTS = "hotspots"
NO_ACTIONS = "the records of edition {} are simulated and cannot support an action: choose one with real records"
SHOWN = {
    "place": "Place",
    "crime_types": "Hotspot of",
    "records": "Records",
    "times_expected": "Times expected",
    "certainty": "Certainty",
    "history": "Earlier years",
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
            help="Add a row to this action log (data/raw/actions/NAME.csv) for each hotspot without an open action.",
            show_default=False,
        ),
    ] = None,
    quiet: QuietOption = False,
    as_json: JsonOption = False,
) -> None:
    """List hotspots by small area (LSOA), for multi-agency tasking.

    Example: [bold]hcsp-assess hotspots 2025 --csv hotspots.csv[/bold]

    The largest excess comes first. Certainty is "high" if the adjusted p-value is 0.01 or less, otherwise "fair".
    """
    from hcsp_assess.chapters.where.hotspots import list_found
    from hcsp_assess.edition.hotspots import find_all
    from hcsp_assess.edition.places import open_places
    from hcsp_assess.files import csv_bytes, write_whole
    from hcsp_assess.sources.action_log import write_action_log

    home, silent = find_project(project), quiet or as_json
    if actions is not None:
        _refuse_actions_on_simulated(edition, home)
    found = find_all(open_places(open_with_progress(edition, home, quiet=silent)))
    if actions is not None and found.where.opened.simulated:
        raise UsageError(NO_ACTIONS.format(edition))
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
        say(f"{added} {'row' if added == 1 else 'rows'} added to {actions}: please fill them in", quiet=silent)


def _refuse_actions_on_simulated(key: str, project: Project) -> None:
    from hcsp_assess.subject.editions import STREET, edition

    if edition(key, project.root).source(STREET).simulated:
        raise UsageError(NO_ACTIONS.format(key))


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
        str,
        typer.Option(
            "--measure",
            "-m",
            help='A crime type, such as burglary, or "hotspots".',
            autocompletion=complete_measure,
        ),
    ] = "recorded_crime",
    out: Annotated[
        Path | None, typer.Option("--out", "-o", help="File to write (default: MEASURE.svg).", show_default=False)
    ] = None,
    project: ProjectOption = None,
    quiet: QuietOption = False,
    as_json: JsonOption = False,
) -> None:
    """Draw a map by small area as SVG, and write its data as CSV beside it.

    Example: [bold]hcsp-assess map 2025 --measure burglary --out burglary.svg[/bold]
    """
    from hcsp_assess.chapters.where.hotspots import map_hotspots
    from hcsp_assess.chapters.where.measures import map_measure
    from hcsp_assess.edition.hotspots import find_all
    from hcsp_assess.edition.places import open_places
    from hcsp_assess.report.svg_file import write_chart

    key, silent = _known_measure(measure), quiet or as_json
    target = out or Path(f"{key}.svg")
    if target.suffix.lower() != ".svg":
        raise UsageError(f"maps are written as SVG: give a name that ends in .svg, not {target.name}")
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
        Path,
        typer.Argument(help="Extract from the force: CSV with easting, northing, first, last.", show_default=False),
    ],
    out: Annotated[Path, typer.Option("--out", "-o", help="Folder to write to.")] = Path("points"),
    bandwidth: Annotated[float, typer.Option(help="Smoothing distance of the density map, in metres.", min=10)] = 300.0,
    quiet: QuietOption = False,
    as_json: JsonOption = False,
) -> None:
    """Find density, near repeats and peak hours from a force's extract of exact points and times.

    Example: [bold]hcsp-assess points burglary.csv --out burglary-points[/bold]

    Files from data.police.uk are refused: their points are anonymised and their dates are months only.
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
    say(f"Written to {out}. Exact points are not for publication.", quiet=quiet or as_json)


@commands.command()
def count_districts(
    folder: Annotated[
        Path, typer.Argument(help="Folder or zip with street files of every force to compare with.", show_default=False)
    ],
    out: Annotated[Path, typer.Option("--out", "-o", help="File to write: .csv or .csv.gz.")] = Path("districts.csv"),
    quiet: QuietOption = False,
    as_json: JsonOption = False,
) -> None:
    """Count street-level files by month, force, district and crime type, to compare with similar areas.

    Example: [bold]hcsp-assess count-districts latest.zip --out data/raw/peers/districts.csv[/bold]
    """
    from gzip import compress

    from hcsp_assess.files import csv_bytes, write_whole
    from hcsp_assess.sources.peers import count_districts as count

    table = count(folder)
    content = csv_bytes(table)
    write_whole(out, compress(content, mtime=0) if out.suffix == ".gz" else content)
    places, months = table["lad_from_lsoa_name"].nunique(), table["month"].nunique()
    if as_json:
        print_json({"file": str(out), "rows": int(table["count"].sum()), "districts": places, "months": months})
    say(
        f"{table['count'].sum():,} rows of {places} districts in {months} months counted; written to {out}",
        quiet=quiet or as_json,
    )


@commands.command()
def count_outcomes(
    folder: Annotated[
        Path, typer.Argument(help="Folder or zip with street files, and any outcomes files.", show_default=False)
    ],
    area: Annotated[str, typer.Option("--area", help="Key of the area.", autocompletion=complete_area)],
    out: Annotated[Path, typer.Option("--out", "-o", help="Folder to write to.")] = Path("outcomes"),
    project: ProjectOption = None,
    quiet: QuietOption = False,
    as_json: JsonOption = False,
) -> None:
    """Count an area's crimes by month, crime type and outcome, to keep with an edition.

    Example: [bold]hcsp-assess count-outcomes latest.zip --area herefordshire --out data/raw/herefordshire_2025[/bold]
    """
    from tempfile import TemporaryDirectory

    from hcsp_assess.edition.outcomes import count_outcomes as count
    from hcsp_assess.edition.outcomes import write_outcomes
    from hcsp_assess.sources.police_uk import clean_archive
    from hcsp_assess.sources.police_uk.beside import clean_beside
    from hcsp_assess.sources.police_uk.names import OUTCOMES
    from hcsp_assess.subject.areas import area as find_area

    here = find_area(area, find_project(project).root)
    with TemporaryDirectory() as cleaned:
        clean_archive(folder, cleaned)
        clean_beside(folder, cleaned, OUTCOMES)
        table = count(cleaned, here)
    write_outcomes(table, out)
    crimes = int(table.cells["count"].sum())
    if as_json:
        print_json({"folder": str(out), "area": here.key, "crimes": crimes})
    say(f"Outcomes of {crimes:,} crimes in {here.name} counted; written to {out}", quiet=quiet or as_json)


def _known_measure(name: str) -> str:
    """Return a measure's key: "Vehicle crime" and "vehicle-crime" are "vehicle_crime"."""
    from hcsp_assess.subject.crime_types import comparable_series

    known = {entry.key: entry.key for entry in comparable_series()} | {HOTSPOTS: HOTSPOTS}
    known |= {entry.label.lower(): entry.key for entry in comparable_series()}
    asked = name.strip().lower()
    for spelling in (asked, asked.replace("-", "_").replace(" ", "_")):
        if spelling in known:
            return known[spelling]
    near = nearest(asked, known)
    hint = f" Did you mean {known[near]}?" if near else ""
    raise UsageError(f"there is no measure {name!r}; choose one of {', '.join(sorted(set(known.values())))}.{hint}")
