"""Commands for partners' returns: `hcsp-assess template`, `read-return`, `receive` and `intake`."""

import datetime as dt
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from hcsp_assess.cli.completion import complete_edition, complete_return
from hcsp_assess.cli.options import (
    EditionArgument,
    JsonOption,
    ProjectOption,
    QuietOption,
    print_json,
    print_table,
    project_root,
    say,
    say_steps,
)
from hcsp_assess.errors import UsageError
from hcsp_assess.project import Project, find_project

if TYPE_CHECKING:
    import pandas as pd

commands = typer.Typer()
REGISTER_COLUMNS = {
    "title": "Return",
    "holder": "Who sends it",
    "period": "Period",
    "due": "Due",
    "status": "Status",
    "kept": "Kept",
    "set_aside": "Set aside",
}

ReturnArgument = Annotated[
    str,
    typer.Argument(
        help="Name of the return, as `hcsp-assess template` lists it.",
        show_default=False,
        autocompletion=complete_return,
    ),
]
ReviewedByOption = Annotated[
    str,
    typer.Option(
        "--reviewed-by",
        help="Role of the person who looked at each place that was refused and found no personal data: recorded.",
    ),
]


@commands.command()
def template(
    name: Annotated[
        str,
        typer.Argument(
            help="Name of the return; leave out to list them all.",
            show_default=False,
            autocompletion=complete_return,
        ),
    ] = "",
    file: Annotated[Path | None, typer.Argument(help="File to write: .xlsx or .csv.", show_default=False)] = None,
    edition: Annotated[
        str,
        typer.Option("--edition", help="For plan, scores and actions: their edition.", show_default=False),
    ] = "",
    project: ProjectOption = None,
    quiet: QuietOption = False,
    as_json: JsonOption = False,
) -> None:
    """Write a blank template for a partner's return, or for an edition's plan, scores or actions; or list all.

    Examples: [bold]hcsp-assess template marac marac-2026-27.xlsx[/bold];
    [bold]hcsp-assess template plan --edition 2026-27[/bold] writes editions/2026-27/plan.xlsx.
    """
    from hcsp_assess.sources.returns import return_definition, return_names, write_template
    from hcsp_assess.sources.text_sheet_kinds import books

    root, silent = project_root(project), quiet or as_json
    if edition and name not in books():
        raise UsageError(f"--edition belongs to the templates {', '.join(books())}")
    if name:
        written = (
            _write_book(name, edition, file, find_project(project))
            if name in books()
            else write_template(name, file or Path(f"{name}.xlsx"), root=root)
        )
        say(f"Template written to {written}", quiet=silent)
        if as_json:
            print_json({"return": name, "file": str(written)})
        return
    known = [return_definition(key, root) for key in return_names(root)]
    lines = [(item.name, item.title, item.holder) for item in known]
    lines += [(book.name, book.title, "the partnership, with --edition") for book in books().values()]
    if as_json:
        print_json([{"return": name, "title": title, "holder": holder} for name, title, holder in lines])
    elif not quiet:
        print_table(["Return", "What", "Who sends it"], [[*line] for line in lines])


def _write_book(name: str, edition: str, file: Path | None, project: Project) -> Path:
    """Write the template of an edition's plan, scores or actions."""
    from hcsp_assess.setup.edition_books import start_book
    from hcsp_assess.subject.editions import edition as find_edition

    if not edition:
        raise UsageError(f"say which edition: hcsp-assess template {name} --edition 2026-27")
    return start_book(name, find_edition(edition, project.root).key, project, file)


@commands.command()
def read_return(
    file: Annotated[Path, typer.Argument(help="The partner's file: .csv, .xlsx or .ods.", show_default=False)],
    name: ReturnArgument,
    reviewed_by: ReviewedByOption = "",
    reason: Annotated[str, typer.Option("--reason", help="With --reviewed-by: why the file may be read.")] = "",
    project: ProjectOption = None,
    quiet: QuietOption = False,
    as_json: JsonOption = False,
) -> None:
    """Check a partner's return: which rows were kept, which were set aside and why. Refused if it has personal data.

    Examples: [bold]hcsp-assess read-return marac-q1.xlsx marac[/bold]; after a wrong refusal,
    [bold]hcsp-assess read-return marac-q1.xlsx marac --reviewed-by "data protection officer"[/bold]
    """
    from hcsp_assess.sources.returns import PersonalDataError
    from hcsp_assess.sources.returns import read_return as read

    if reason and not reviewed_by:
        raise UsageError("--reason belongs to --reviewed-by: give the role of the person who reviewed the file")
    root = project_root(project)
    if reviewed_by:
        _record_review(file, name, reviewed_by, reason, root)
    try:
        result = read(file, name, root=root)
    except PersonalDataError:
        typer.echo("If a person responsible has looked at it and it is no personal data: --reviewed-by ROLE", err=True)
        raise
    account, aside = result.account, result.set_aside.astype(str).to_dict("records")
    if as_json:
        print_json({"account": asdict(account), "set_aside": aside}, default=str)
    if as_json or quiet:
        return
    say(f"{account.rows_in} rows: {account.kept} kept, {account.set_aside} set aside.")
    for remark in account.remarks:
        say(f"Note: {remark}.")
    if aside:
        columns = ["sheet", "cell", "column", "reason", "original"]
        rows = [[row[column] for column in columns] for row in aside]
        print_table([column.capitalize() for column in columns], rows)


@commands.command()
def receive(
    file: Annotated[Path, typer.Argument(help="The partner's file: .csv, .xlsx or .ods.", show_default=False)],
    name: ReturnArgument,
    edition: EditionArgument,
    day: Annotated[
        str, typer.Option("--day", help="Day of receipt, such as 2026-11-25 (default: today).", show_default=False)
    ] = "",
    project: ProjectOption = None,
    quiet: QuietOption = False,
    as_json: JsonOption = False,
) -> None:
    """Take in a partner's return for an edition: check it, keep it with its day of receipt, and show it in the report.

    Nothing is kept of a file that cannot be read or that has personal data. The edition gets the chapters that show
    the return, if it has not got them.

    Example: [bold]hcsp-assess receive marac-q1.xlsx marac 2026-27[/bold]
    """
    from hcsp_assess.setup.receive_return import receive_return
    from hcsp_assess.sources.returns.personal_review import today

    if not file.is_file():
        raise UsageError(f"there is no file {file}")
    try:
        received = dt.date.fromisoformat(day or today())
    except ValueError as error:
        raise UsageError(f"--day {day!r} is no date: write it as 2026-11-25") from error
    taken = receive_return(edition, name, file.name, file.read_bytes(), find_project(project), day=received)
    account = taken.result.account
    if as_json:
        print_json({"file": str(taken.path), "account": asdict(account), "added": list(taken.added)}, default=str)
    if as_json or quiet:
        return
    say(f"{account.rows_in} rows: {account.kept} kept, {account.set_aside} set aside. Kept as {taken.path}")
    if taken.added:
        say(f"The edition {edition} now has {', '.join(taken.added)}.")
    say("Next:")
    say_steps((f"hcsp-assess run {edition}",))


def _record_review(file: Path, name: str, role: str, reason: str, root: Path | None) -> None:
    """Record that a person in this role found no personal data where the file was refused."""
    from hcsp_assess.files import sha256_of
    from hcsp_assess.sources.returns import Review, personal_places, record_review
    from hcsp_assess.sources.returns.personal_review import USUAL_REASON, refuse_names, today

    reason = reason or USUAL_REASON
    refuse_names(role, reason)
    places = personal_places(file, name, root=root)
    if not places:
        typer.echo("Nothing in this file looks like personal data: no review was recorded.", err=True)
        return
    kept = record_review(file, Review(name, sha256_of(file), role.strip(), today(), reason.strip(), places))
    typer.echo(
        f"Review recorded in {kept}: {len(places)} place{'s' if len(places) > 1 else ''}, by {role.strip()}.", err=True
    )


@commands.command()
def intake(
    edition: Annotated[
        str,
        typer.Argument(
            help="An edition, to show its returns, period and day (default: the last four quarters).",
            autocompletion=complete_edition,
        ),
    ] = "",
    as_of: Annotated[
        str, typer.Option("--as-of", help="Date of the register, such as 2026-11-25 (default: today).")
    ] = "",
    project: ProjectOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show the register of partners' returns: received, overdue and set aside.

    Examples: [bold]hcsp-assess intake --as-of 2026-10-01[/bold] reads data/raw/returns/NAME/;
    [bold]hcsp-assess intake 2013-14[/bold] shows that edition's register.
    """
    from hcsp_assess.edition.intake_register import intake_register

    day, home = _day(as_of), find_project(project)
    if edition:
        register = _edition_register(edition, home, day)
    else:
        today = dt.datetime.now(dt.UTC).date()
        register = intake_register(home.raw / "returns", as_of=day or today, root=home.root)
    rows = register.astype(object).where(register.notna(), "").astype(str)
    if as_json:
        print_json(rows.to_dict("records"))
    else:
        print_table([*REGISTER_COLUMNS.values()], rows[[*REGISTER_COLUMNS]].to_numpy().tolist())


def _day(given: str) -> dt.date | None:
    try:
        return dt.date.fromisoformat(given) if given else None
    except ValueError as error:
        raise UsageError(f"--as-of needs a date such as 2026-11-25, not {given!r}") from error


def _edition_register(key: str, project: Project, day: dt.date | None) -> "pd.DataFrame":
    """The register of an edition's returns, on its own date or another."""
    from hcsp_assess.edition.returns import open_returns
    from hcsp_assess.subject.areas import area
    from hcsp_assess.subject.editions import edition

    chosen = edition(key, project.root)
    chosen = replace(chosen, register_day=day) if day else chosen
    return open_returns(chosen, area(chosen.area, project.root), project).register
