"""The command line: `hcsp-assess`, or `python -m hcsp_assess`."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer

from hcsp_assess import __version__
from hcsp_assess.cli.options import (
    FAILED,
    QUARANTINED,
    EditionArgument,
    JsonOption,
    ProjectOption,
    QuietOption,
    errors_told,
    print_table,
    progress_shown,
    say,
    share_aside,
    warnings_logged,
)
from hcsp_assess.errors import UsageError
from hcsp_assess.project import find_project

app = typer.Typer(
    name="hcsp-assess",
    no_args_is_help=True,
    add_completion=True,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
    epilog="Exit codes: 0 done; 1 the run failed; 2 bad usage; 3 done, but more rows than allowed were set aside; "
    "4 another run is at it, nothing was done; "
    "130 stopped with Ctrl-C.",
)


def main() -> None:
    """Run the command line; a user's mistake ends in one clear sentence, never in a traceback."""
    app()


def _print_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"hcsp-assess {__version__}")
        raise typer.Exit


@app.callback()
def _options(
    version: Annotated[
        bool, typer.Option("--version", help="Print the version and end.", is_eager=True, callback=_print_version)
    ] = False,
) -> None:
    """From what a community safety partnership receives to its annual strategic assessment.

    Example: [bold]hcsp-assess run 2025[/bold] cleans, counts, runs the chapters and publishes reports/2025/index.html.
    """


@app.command()
def run(
    edition: Annotated[
        str, typer.Argument(help="Name of the edition, such as 2025, or 2025@shropshire for another area.")
    ] = "",
    project: ProjectOption = None,
    quiet: QuietOption = False,
    as_json: JsonOption = False,
    threshold: Annotated[
        float, typer.Option(help="Per cent of rows that may be set aside before the exit code is 3.", min=0, max=100)
    ] = 1.0,
    parameter: Annotated[
        list[str] | None,
        typer.Option(
            "--parameter", "-p", help="NAME=VALUE for every chapter that has it; may be repeated.", show_default=False
        ),
    ] = None,
    only_if_changed: Annotated[
        bool, typer.Option("--only-if-changed", help="Do nothing if nothing has changed since the last good run.")
    ] = False,
    since_failure: Annotated[
        bool, typer.Option("--since-failure", help="Take chapters that the failed run had finished from it.")
    ] = False,
    areas: Annotated[
        Path | None,
        typer.Option(
            help="CSV or TOML of areas (and editions): a report for each, in reports/EDITION@AREA/.", show_default=False
        ),
    ] = None,
    workers: Annotated[int, typer.Option(help="With --areas: how many reports are built at a time.", min=1)] = 1,
) -> None:
    """Build an edition: clean, count, run the chapters, publish. With --areas, for each of many partnerships.

    Example: [bold]hcsp-assess run 2025[/bold] or [bold]hcsp-assess run 2025 --areas partnerships.csv --workers 2[/bold]
    """
    from hcsp_assess.run.build import check_run, run_edition
    from hcsp_assess.run.unattended import run_unattended
    from hcsp_assess.subject.editions import edition as find_edition

    with errors_told():
        given = _parameters(parameter or [])
        home = find_project(project)
        if areas is not None:
            from hcsp_assess.cli.many_areas import run_areas_command

            options = {"parameters": given, "only_if_changed": only_if_changed, "since_failure": since_failure}
            run_areas_command(
                areas,
                edition,
                home,
                workers=workers,
                quiet=quiet,
                as_json=as_json,
                threshold=threshold,
                options=options,
            )
            return
        if not edition:
            raise UsageError("which edition? Give its name, such as 2025; `hcsp-assess editions` lists them")
        chosen = find_edition(edition, home.root)
        check_run(chosen, home, given)
        with progress_shown(quiet=quiet or as_json) as progress, warnings_logged(quiet=quiet):
            result = run_unattended(
                chosen,
                home,
                run_edition,
                parameters=given,
                progress=progress,
                only_if_changed=only_if_changed,
                since_failure=since_failure,
            )
        if result is None:
            say("Nothing has changed since the last good run: nothing was done.", quiet=quiet)
            return
        if as_json:
            typer.echo(json.dumps(result.record, indent=2, sort_keys=True))
        say(result.summary(), quiet=quiet or as_json)
        for warning in result.warnings:
            say(f"warning: {warning}", quiet=quiet)
        _check_threshold(result.rows, threshold, quiet=quiet)


@app.command()
def clean(
    edition: EditionArgument, project: ProjectOption = None, quiet: QuietOption = False, as_json: JsonOption = False
) -> None:
    """Clean an edition's street-level files and count them, without a report.

    Example: [bold]hcsp-assess clean 2025[/bold] writes data/processed/2025/counts.csv and account.csv.
    """
    from hcsp_assess.edition.opened import prepare
    from hcsp_assess.subject.editions import edition as find_edition

    with errors_told():
        with progress_shown(quiet=quiet or as_json) as progress:
            home = find_project(project)
            prepared = prepare(find_edition(edition, home.root), home, progress=progress)
        if as_json:
            typer.echo(json.dumps({"edition": edition, "where": str(prepared.folder), "rows": prepared.rows}, indent=2))
        say(f"{_rows_said(prepared.rows)}. Written to {prepared.folder}", quiet=quiet or as_json)


@app.command()
def check(
    edition: EditionArgument,
    project: ProjectOption = None,
    quiet: QuietOption = False,
    as_json: JsonOption = False,
    threshold: Annotated[float, typer.Option(help="Per cent of rows that may be set aside.", min=0, max=100)] = 1.0,
) -> None:
    """Check an edition's data: what arrived, what is missing, what was set aside and why.

    Example: [bold]hcsp-assess check 2025 --json[/bold]
    """
    from hcsp_assess.edition.opened import prepare
    from hcsp_assess.edition.quality import check_data
    from hcsp_assess.subject.editions import edition as find_edition

    with errors_told():
        with progress_shown(quiet=quiet or as_json) as progress:
            home = find_project(project)
            prepared = prepare(find_edition(edition, home.root), home, progress=progress)
        findings = check_data(prepared)
        if as_json:
            typer.echo(json.dumps([asdict(finding) for finding in findings], indent=2))
        elif not quiet:
            print_table(["Check", "Result", "What it means"], [[f.check, f.result, f.meaning] for f in findings])
        _check_threshold(prepared.rows, threshold, quiet=quiet)


@app.command()
def editions(project: ProjectOption = None, as_json: JsonOption = False) -> None:
    """List the editions that can be built.

    Example: [bold]hcsp-assess editions[/bold]
    """
    from hcsp_assess.subject.editions import editions as known

    with errors_told():
        home = find_project(project)
        rows: list[dict[str, Any]] = [
            {
                "edition": key,
                "title": item.title,
                "period": item.span.words,
                "records": "simulated" if item.simulated else "real",
                "published": (home.reports / key / "index.html").exists(),
            }
            for key, item in known(home.root).items()
        ]
        if as_json:
            typer.echo(json.dumps(rows, indent=2))
        else:
            print_table(
                ["Edition", "Title", "Period", "Records", "Published"],
                [
                    [r["edition"], r["title"], r["period"], r["records"], "yes" if r["published"] else "no"]
                    for r in rows
                ],
            )


@app.command()
def doctor(project: ProjectOption = None, as_json: JsonOption = False) -> None:
    """Say what is installed, what is found and what is missing.

    Example: [bold]hcsp-assess doctor[/bold]
    """
    from hcsp_assess.setup.doctor import examine

    with errors_told():
        findings = examine(project)
        if as_json:
            typer.echo(json.dumps([asdict(finding) for finding in findings], indent=2))
        else:
            print_table(["", "What", "Found"], [["ok" if f.ok else "!!", f.what, f.found] for f in findings])
        if not all(finding.ok for finding in findings):
            raise typer.Exit(FAILED)


@app.command()
def simulate(
    folder: Annotated[
        Path, typer.Argument(help="Where to write the archive; must not exist or be empty.", show_default=False)
    ],
    seed: Annotated[int, typer.Option(help="The same seed gives the same files.")] = 2013,
    quiet: QuietOption = False,
) -> None:
    """Write a simulated street-level archive, April 2008 to December 2012, with known truth.

    Example: [bold]hcsp-assess simulate data/raw/simulated_2013-14[/bold]
    """
    from hcsp_assess.simulation.archive import simulate_archive

    with errors_told():
        with progress_shown(quiet=quiet) as progress:
            simulate_archive(folder, seed=seed, progress=progress)
        say(f"Simulated archive written to {folder}", quiet=quiet)


@app.command()
def trends(
    file: Annotated[
        Path, typer.Argument(help="A CSV of month and count, or month, series and count.", show_default=False)
    ],
    charts: Annotated[
        Path | None, typer.Option(help="Folder for a page of charts, index.html.", show_default=False)
    ] = None,
    quiet: QuietOption = False,
    as_json: JsonOption = False,
) -> None:
    """Say of any monthly series whether it is rising or falling, and how sure that is.

    Example: [bold]hcsp-assess trends burglary.csv --charts burglary-charts[/bold]
    """
    from hcsp_assess.chapters.shared.own_series import draw_page, tell
    from hcsp_assess.files import write_whole
    from hcsp_assess.sources.series_csv import read_series
    from hcsp_assess.trends import assess_trends

    with errors_told():
        counts = read_series(file)
        with progress_shown(quiet=quiet or as_json) as progress:
            progress("Assessing", 0, 1)
            verdicts = assess_trends(counts)
            progress("Assessing", 1, 1)
        told = tell(verdicts)
        if as_json:
            typer.echo(json.dumps(told, indent=2))
        elif not quiet:
            print_table(["Series", "Verdict", "In words"], [[t["series"], t["verdict"], t["sentence"]] for t in told])
        if charts:
            write_whole(charts / "index.html", draw_page(counts, verdicts, file.name).encode("utf-8"))
            say(f"Charts written to {charts / 'index.html'}", quiet=quiet or as_json)


def _parameters(given: list[str]) -> dict[str, str]:
    pairs = dict(item.split("=", 1) for item in given if "=" in item)
    if len(pairs) != len(given):
        raise UsageError(f"--parameter takes NAME=VALUE, each name once; got {', '.join(given)}")
    return pairs


def _check_threshold(rows: dict[str, int], threshold: float, *, quiet: bool) -> None:
    share = share_aside(rows)
    if share > threshold:
        say(
            f"{share:.1f}% of the rows were set aside, more than {threshold:g}%: see the quarantine files.", quiet=quiet
        )
        raise typer.Exit(QUARANTINED)


def _rows_said(rows: dict[str, int]) -> str:
    return ", ".join(f"{number:,} rows {name}" for name, number in rows.items())


def _add_commands() -> None:
    """Add the commands that have modules of their own; they use what is above, so they come last."""
    from hcsp_assess.cli import data as cli_data
    from hcsp_assess.cli import lab as cli_lab
    from hcsp_assess.cli import outputs as cli_outputs
    from hcsp_assess.cli import places as cli_places

    cli_data.add_to(app)
    cli_lab.add_to(app)
    cli_outputs.add_to(app)
    cli_places.add_to(app)


_add_commands()
