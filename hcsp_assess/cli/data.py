"""Commands for data in and for runs that nobody watches: fetch, new, returns, status, schedule."""

import json
import shlex
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from hcsp_assess.cli.options import (
    FAILED,
    EditionArgument,
    JsonOption,
    ProjectOption,
    QuietOption,
    errors_told,
    print_table,
    progress_shown,
    say,
)
from hcsp_assess.project import Project, find_project

if TYPE_CHECKING:
    import datetime as dt

    import pandas as pd

fetch = typer.Typer(no_args_is_help=True, help="Download published data into data/raw (see docs/fetching.md).")
new = typer.Typer(no_args_is_help=True, help="Set up something new in the project.")
AreaOption = Annotated[str, typer.Option("--area", help="Key of the area.")]
SnapshotArgument = Annotated[str, typer.Argument(help="latest, a month such as 2024-03, or full history.")]


@fetch.command("archive")
def fetch_archive_command(
    snapshot: SnapshotArgument = "latest", project: ProjectOption = None, quiet: QuietOption = False
) -> None:
    """Fetch an archive of all forces (about 1.7 GB).

    Example: [bold]hcsp-assess fetch archive[/bold]
    """
    from hcsp_assess.sources.fetch import fetch_archive

    with errors_told():
        with progress_shown(quiet=quiet) as progress:
            fetched = fetch_archive(find_project(project), snapshot, progress=progress)
        say(f"{fetched.file}: {'fetched' if fetched.new else 'was there already'}", quiet=quiet)


@fetch.command("force")
def fetch_force_command(
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

    with errors_told():
        home = find_project(project)
        with progress_shown(quiet=quiet) as progress:
            fetched = fetch_custom(home, find_area(area, home.root).force, first, last, progress=progress)
        say(f"{fetched.file}: {fetched.note}", quiet=quiet)


@fetch.command("month")
def fetch_month_command(
    month: Annotated[str, typer.Argument(help="Such as 2026-08; by default the newest.")] = "",
    area: AreaOption = "herefordshire",
    project: ProjectOption = None,
    quiet: QuietOption = False,
) -> None:
    """Fetch one month of an area from the API, where the archive cannot be had.

    Example: [bold]hcsp-assess fetch month[/bold]
    """
    from hcsp_assess.sources.fetch import fetch_month
    from hcsp_assess.sources.geography import geography
    from hcsp_assess.subject.areas import area as find_area

    with errors_told():
        home = find_project(project)
        here, places = find_area(area, home.root), geography(area, home.root)
        with progress_shown(quiet=quiet) as progress:
            fetched = fetch_month(here, places, home, month, progress=progress)
        say(f"{fetched.file}: {fetched.note}", quiet=quiet)


@fetch.command("geography")
def fetch_geography_command(
    code: Annotated[str, typer.Argument(help="ONS code of a district, such as E06000051.", show_default=False)],
    project: ProjectOption = None,
    quiet: QuietOption = False,
) -> None:
    """Fetch a district's lookups and boundaries from the ONS.

    Example: [bold]hcsp-assess fetch geography E06000051[/bold]
    """
    from hcsp_assess.sources.fetch import BY_HAND, fetch_geography

    with errors_told():
        with progress_shown(quiet=quiet) as progress:
            for fetched in fetch_geography(code, find_project(project), progress=progress):
                say(f"{fetched.file}: {fetched.note}", quiet=quiet)
        say("still to be downloaded by hand: " + "; ".join(BY_HAND), quiet=quiet)


@new.command("partnership")
def new_partnership_command(
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

    with errors_told():
        home = find_project(project)
        folder = national_files or home.raw / "geography"
        made = new_partnership(code, home.root, folder, key=key, boundaries=boundaries)
        say(f"{made.area.name}: all {made.lsoas} LSOAs of the lookup. Next:", quiet=False)
        for step in made.to_do:
            say(f"- {step}", quiet=False)


def status(project: ProjectOption = None, as_json: JsonOption = False) -> None:
    """Say who is running, and how each edition stands; exit code 1 where the last run failed.

    Example: [bold]hcsp-assess status[/bold]
    """
    from hcsp_assess.run.log import status as status_of

    with errors_told():
        found = status_of(find_project(project))
        if as_json:
            typer.echo(json.dumps(asdict(found), indent=2))
        else:
            if found.running:
                say(found.running.words, quiet=False)
            print_table(
                ["Edition", "Published", "Last run", "Outcome", "Last good run", "Error"],
                [
                    [
                        each.edition,
                        "yes" if each.published else "no",
                        each.last_run.started if each.last_run else "never",
                        each.last_run.outcome if each.last_run else "",
                        each.last_good_run.started if each.last_good_run else "",
                        each.last_run.error if each.last_run else "",
                    ]
                    for each in found.editions
                ],
            )
        if not all(each.ok for each in found.editions):
            raise typer.Exit(FAILED)


def schedule(
    edition: EditionArgument,
    kind: Annotated[str, typer.Option("--for", help="systemd, cron or windows.")] = "systemd",
    every: Annotated[str, typer.Option(help="month or quarter.")] = "month",
    day: Annotated[int, typer.Option(min=1, max=28)] = 5,
    at: Annotated[str, typer.Option(help="Hour and minute.")] = "06:30",
    mail: Annotated[str, typer.Option(help="Address to mail to when a run fails.")] = "",
    webhook: Annotated[str, typer.Option(help="Address to post to when a run fails.")] = "",
    on_failure: Annotated[str, typer.Option(help="Command of your own when a run fails.")] = "",
    fetch_first: Annotated[
        str, typer.Option("--fetch", help='What to fetch before each run, such as "archive" or "month".')
    ] = "",
    folder: Annotated[Path, typer.Option("--to", help="Where to write the files.")] = Path("schedule"),
    project: ProjectOption = None,
) -> None:
    """Write and explain a systemd timer, a cron line or a Windows task; installs nothing.

    Example: [bold]hcsp-assess schedule 2025 --for cron --every quarter[/bold]
    """
    from hcsp_assess.errors import UsageError
    from hcsp_assess.run.schedule import When, mail_command, webhook_command, write_files, write_schedule

    with errors_told():
        hour, _, minute = at.partition(":")
        if not (hour.isdigit() and minute.isdigit()) or sum(map(bool, (mail, webhook, on_failure))) > 1:
            raise UsageError("--at takes an hour and minute such as 06:30; give one of --mail, --webhook, --on-failure")
        tell = mail_command(mail, edition, kind) if mail else on_failure  # type: ignore[arg-type]
        tell = webhook_command(webhook, edition, kind) if webhook else tell  # type: ignore[arg-type]
        when = When(every, day, int(hour), int(minute))  # type: ignore[arg-type]
        home, words = find_project(project), shlex.split(fetch_first)
        made = write_schedule(kind, edition, home, when=when, on_failure=tell, fetch=words)  # type: ignore[arg-type]
        for path, file in zip(write_files(made, folder), made.files, strict=True):
            say(f"{path}: goes to {file.where}", quiet=False)
        say(made.explanation, quiet=False)
        for step in made.steps:
            say(f"  {step}", quiet=False)


def template_command(
    name: Annotated[
        str, typer.Argument(help="Name of the return; without a file the names are listed.", show_default=False)
    ] = "",
    file: Annotated[Path | None, typer.Argument(help="File to write: .xlsx or .csv.", show_default=False)] = None,
) -> None:
    """Write a blank template for a partner's return, or list the returns there are.

    Example: [bold]hcsp-assess template marac marac-2026-27.xlsx[/bold]
    """
    from hcsp_assess.sources.returns import return_definition, return_names, write_template

    with errors_told():
        if not name:
            known = [return_definition(key) for key in return_names()]
            print_table(["Return", "What", "Who sends it"], [[item.name, item.title, item.holder] for item in known])
            return
        written = write_template(name, file or Path(f"{name}.xlsx"))
        say(f"Template written to {written}", quiet=False)


def read_return_command(
    file: Annotated[Path, typer.Argument(help="What the partner sent: .csv, .xlsx or .ods.", show_default=False)],
    name: Annotated[
        str, typer.Argument(help="Name of the return, as `hcsp-assess template` lists it.", show_default=False)
    ],
    as_json: JsonOption = False,
) -> None:
    """Check a partner's return: what was understood, what is set aside and why; refused if it holds personal data.

    Example: [bold]hcsp-assess read-return marac-q1.xlsx marac[/bold]
    """
    from hcsp_assess.sources.returns import read_return

    with errors_told():
        result = read_return(file, name)
        aside = result.set_aside.astype(str).to_dict("records")
        if as_json:
            typer.echo(json.dumps({"account": asdict(result.account), "set_aside": aside}, indent=2, default=str))
            return
        say(
            f"{result.account.rows_in} rows: {result.account.kept} kept, {result.account.set_aside} set aside.",
            quiet=False,
        )
        if aside:
            columns = ["sheet", "cell", "column", "reason", "original"]
            print_table(
                [column.capitalize() for column in columns], [[row[column] for column in columns] for row in aside]
            )


def intake(
    edition: Annotated[
        str, typer.Argument(help="An edition, for its own returns, period and day; by default the last four quarters.")
    ] = "",
    as_of: Annotated[
        str, typer.Option("--as-of", help="Day of the register, such as 2026-11-25; by default today.")
    ] = "",
    project: ProjectOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show the intake register of partners' returns: what came, what is overdue, what was set aside.

    Examples: [bold]hcsp-assess intake --as-of 2026-10-01[/bold] looks at data/raw/returns/NAME/;
    [bold]hcsp-assess intake 2013-14[/bold] shows the register of that edition.
    """
    import datetime as dt

    from hcsp_assess.edition.register import intake_register
    from hcsp_assess.errors import UsageError

    with errors_told():
        try:
            day = dt.date.fromisoformat(as_of) if as_of else dt.datetime.now(dt.UTC).date()
        except ValueError as error:
            raise UsageError(f"--as-of takes a day such as 2026-11-25, not {as_of!r}") from error
        home = find_project(project)
        if edition:
            register = _edition_register(edition, home, day if as_of else None)
        else:
            register = intake_register(home.raw / "returns", as_of=day, root=home.root)
        rows = register.astype(object).where(register.notna(), "").astype(str)
        if as_json:
            typer.echo(json.dumps(rows.to_dict("records"), indent=2))
            return
        columns = {"title": "Return", "holder": "Who sends it", "period": "Period", "due": "Due", "status": "Status"}
        columns |= {"kept": "Kept", "set_aside": "Set aside"}
        print_table(list(columns.values()), rows[list(columns)].to_numpy().tolist())


def _edition_register(key: str, home: Project, day: "dt.date | None") -> "pd.DataFrame":
    """The register of an edition's returns, on its own day or another."""
    from dataclasses import replace

    from hcsp_assess.edition.returns import open_returns
    from hcsp_assess.subject.areas import area
    from hcsp_assess.subject.editions import edition as find_edition

    chosen = find_edition(key, home.root)
    chosen = replace(chosen, register_day=day) if day else chosen
    return open_returns(chosen, area(chosen.area, home.root), home).register


def add_to(app: typer.Typer) -> None:
    """Add these commands to the command line."""
    app.add_typer(fetch, name="fetch")
    app.add_typer(new, name="new")
    app.command()(status)
    app.command()(schedule)
    app.command("template")(template_command)
    app.command("read-return")(read_return_command)
    app.command()(intake)
