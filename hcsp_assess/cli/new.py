"""Commands that add a partnership, a county, an edition, a chapter or an indicator: `hcsp-assess new`."""

from collections.abc import Iterable
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from hcsp_assess.cli.completion import complete_area, complete_edition, complete_partnership
from hcsp_assess.cli.options import (
    FAILED,
    JsonOption,
    ProjectOption,
    QuietOption,
    RunOptions,
    print_json,
    print_table,
    say,
    say_steps,
)
from hcsp_assess.cli.progress import show_progress
from hcsp_assess.errors import UsageError
from hcsp_assess.project import Project, find_project

if TYPE_CHECKING:
    from hcsp_assess.setup.all_partnerships import AllPartnerships

commands = typer.Typer(
    name="new",
    no_args_is_help=True,
    help="Add a partnership, a county, an edition, a chapter or an indicator.\n\n"
    "Examples: [bold]hcsp-assess new partnership --code E06000051[/bold];\n"
    "[bold]hcsp-assess new edition 2026-27[/bold]; [bold]hcsp-assess new chapter farm_machinery[/bold].",
)

CodeOption = Annotated[
    str,
    typer.Option(
        "--code",
        help="ONS code of the district or partnership, such as E06000051, or its name.",
        autocompletion=complete_partnership,
    ),
]
BoundariesOption = Annotated[
    bool | None,
    typer.Option(help="Include boundaries, for rates and maps (default: for one partnership, not for all)."),
]


@commands.command()
def partnership(
    code: CodeOption = "",
    every: Annotated[
        bool, typer.Option("--all", help="Set up every partnership of England and Wales, with one edition for all.")
    ] = False,
    national_files: Annotated[
        Path | None, typer.Option("--from", help="Folder of national files (default: data/raw/geography).")
    ] = None,
    key: Annotated[str, typer.Option("--key", help="Short name for the area (default: made from its name).")] = "",
    boundaries: BoundariesOption = None,
    run: Annotated[
        bool, typer.Option(help="Build the report of official figures straight away, for one partnership.")
    ] = True,
    edition: Annotated[
        str, typer.Option("--edition", help="With --all: name of its edition (default: such as official-2025-06).")
    ] = "",
    street: Annotated[
        bool,
        typer.Option("--street", help="With --all: the edition has street-level records in data/raw/police_uk too."),
    ] = False,
    project: ProjectOption = None,
    quiet: QuietOption = False,
    as_json: JsonOption = False,
) -> None:
    """Set up another partnership and build its first report, or set up all partnerships.

    The first report has official recorded crime, similar areas and harm, which come with the software. With national
    files in data/raw/geography, the area also gets its small areas, for rates and maps; a partnership of several
    districts gets a section on each.

    Example: [bold]hcsp-assess new partnership --code E06000051[/bold]

    With --all, what is already there is left as it is, and nothing is built: [bold]hcsp-assess run EDITION --areas all
    [/bold] does that.

    Example: [bold]hcsp-assess new partnership --all[/bold]
    """
    from hcsp_assess.setup.new_partnership import new_partnership

    _check_options(code, key, edition, every=every, street=street)
    home = find_project(project)
    folder = _national_files(national_files, home)
    if every:
        how = {"street": street, "boundaries": bool(boundaries), "quiet": quiet, "as_json": as_json}
        _set_all_up(home, folder, edition, **how)
        return
    if folder is None:
        _from_open_data(code, home, key=key, run=run, quiet=quiet, as_json=as_json)
        return
    made = new_partnership(code, home.root, folder, key=key, boundaries=boundaries is not False)
    say(f"{made.area.name}: all {made.lsoas} LSOAs in the lookup were found.", quiet=quiet or as_json)
    _say_made(made.files, made.to_do, quiet=quiet, as_json=as_json)


@commands.command()
def edition(
    name: Annotated[str, typer.Argument(help="Name of the edition, such as 2026-27.", show_default=False)],
    period: Annotated[
        str, typer.Option(help="The twelve months assessed (default: as in the name).", show_default=False)
    ] = "",
    area: Annotated[
        str,
        typer.Option(
            "--area",
            help="Key of the area (default: that of the newest edition).",
            show_default=False,
            autocompletion=complete_area,
        ),
    ] = "",
    project: ProjectOption = None,
    quiet: QuietOption = False,
    as_json: JsonOption = False,
) -> None:
    """Start a new edition of the assessment, based on the newest one.

    Example: [bold]hcsp-assess new edition 2026-27[/bold]
    """
    from hcsp_assess.setup.scaffold import new_edition

    made = new_edition(name, find_project(project), period=period, area=area)
    _say_made(made.files, made.to_do, quiet=quiet, as_json=as_json)


@commands.command()
def chapter(
    name: Annotated[str, typer.Argument(help="Name of the notebook, such as farm_machinery.", show_default=False)] = "",
    taken_from: Annotated[
        str,
        typer.Option(
            "--from",
            help="Instead: copy this chapter of the software into the project, to change it; the copy is then used.",
            show_default=False,
        ),
    ] = "",
    title: Annotated[str, typer.Option(help="Its heading (default: made from the name).", show_default=False)] = "",
    edition: Annotated[
        str,
        typer.Option(
            "--edition",
            help="Edition that it shows (default: the newest).",
            show_default=False,
            autocompletion=complete_edition,
        ),
    ] = "",
    project: ProjectOption = None,
    quiet: QuietOption = False,
    as_json: JsonOption = False,
) -> None:
    """Start a new chapter: a notebook that already runs, ready to be edited.

    Example: [bold]hcsp-assess new chapter farm_machinery[/bold]

    Example: [bold]hcsp-assess new chapter --from crime_trends[/bold]
    """
    from hcsp_assess.setup.scaffold import new_chapter, take_chapter

    if not taken_from and not name:
        raise UsageError("say what the chapter is called, or, with --from, which of the software's you want to change")
    if taken_from and (title or edition or name not in ("", taken_from)):
        raise UsageError("--from copies a chapter under its own name: leave NAME, --title and --edition out")
    home = find_project(project)
    made = take_chapter(taken_from, home) if taken_from else new_chapter(name, home, title=title, edition=edition)
    _say_made(made.files, made.to_do, quiet=quiet, as_json=as_json)


@commands.command()
def indicator(
    name: Annotated[str, typer.Argument(help="What readers see, such as “Fly-tipping”.", show_default=False)],
    area: Annotated[
        str, typer.Option("--area", help="Key of the area (default: the project's only area).", show_default=False)
    ] = "",
    unit: Annotated[str, typer.Option(help="count or percent.")] = "count",
    better: Annotated[str, typer.Option(help="Which way is better: lower, higher or not stated.")] = "not stated",
    target: Annotated[float | None, typer.Option(help="The number to reach in the year.", show_default=False)] = None,
    year: Annotated[str, typer.Option(help="Financial year of the target, such as 2026-27.", show_default=False)] = "",
    project: ProjectOption = None,
    quiet: QuietOption = False,
    as_json: JsonOption = False,
) -> None:
    """Add an indicator of the partnership's own, with a spreadsheet for its quarterly figures.

    Its reports then have a chapter on performance.

    Example: [bold]hcsp-assess new indicator "Fly-tipping" --area shropshire --better lower --target 900 --year 2026-27
    [/bold]
    """
    from hcsp_assess.setup.own_indicator import add_indicator, only_area

    home = find_project(project)
    key = area or only_area(home)
    if target is not None and not year:
        raise UsageError("say which financial year the target is for: --year 2026-27")
    sheet = add_indicator(home, key, name, unit, better, target=(year, target) if target is not None else None)
    steps = (
        f"write the figures of each quarter into areas/{key}/{sheet.name}, and save it",
        f"hcsp-assess run EDITION: each report of {key} now has a chapter on performance",
    )
    _say_made((sheet.parent / "indicators.toml", sheet), steps, quiet=quiet, as_json=as_json)


@commands.command()
def county(
    name: Annotated[str, typer.Argument(help="Name of the county, such as Worcestershire.", show_default=False)],
    district: Annotated[
        list[str],
        typer.Option(
            "--district",
            help="A partnership of the county: its edition in this project, or its code or name if another council "
            "sends its files. Repeat for each.",
            show_default=False,
            autocompletion=complete_edition,
        ),
    ],
    key: Annotated[str, typer.Option("--key", help="Short name for the area (default: made from its name).")] = "",
    period: Annotated[
        str, typer.Option(help="The twelve months (default: those of the editions named).", show_default=False)
    ] = "",
    edition_name: Annotated[
        str, typer.Option("--edition", help="Name of the edition (default: made from the name and the period).")
    ] = "",
    project: ProjectOption = None,
    quiet: QuietOption = False,
    as_json: JsonOption = False,
) -> None:
    """Start a county's edition from the assessments of its partnerships (two-tier areas).

    Example: [bold]hcsp-assess new county Worcestershire --district north-2025 --district "South Worcester"[/bold]
    """
    from hcsp_assess.setup.county import new_county

    made = new_county(name, district, find_project(project), key=key, period=period, edition_key=edition_name)
    _say_made(made.files, made.to_do, quiet=quiet, as_json=as_json)


def _check_options(code: str, key: str, edition: str, *, every: bool, street: bool) -> None:
    """Refuse options that do not go together, or neither one partnership nor all."""
    if every and (code or key):
        raise UsageError("--all sets up every partnership: leave --code and --key out")
    if not every and not code:
        raise UsageError("say which partnership: --code E06000051 for one, or --all for every one")
    if not every and (edition or street):
        raise UsageError("--edition and --street go with --all: for one partnership, edit its edition afterwards")


def _national_files(given: Path | None, home: Project) -> Path | None:
    """The folder of national files: the one given, or the project's own if it has any."""
    from hcsp_assess.subject.editions import is_data

    own = home.raw / "geography"
    if given is not None and not given.is_dir():
        raise UsageError(f"--from: there is no folder {given}")
    return given or (own if own.is_dir() and any(is_data(path.name) for path in own.iterdir()) else None)


def _set_all_up(
    home: Project, folder: Path | None, edition: str, *, street: bool, boundaries: bool, quiet: bool, as_json: bool
) -> None:
    """Set every partnership up; list what became of each, and end with exit code 1 if one failed."""
    from hcsp_assess.setup.all_partnerships import new_partnerships

    with show_progress(quiet=quiet or as_json) as progress:
        made = new_partnerships(
            home.root,
            national_files=folder,
            edition_name=edition,
            street=street,
            boundaries=boundaries,
            progress=progress,
        )
    if as_json:
        each = [asdict(one) for one in made.partnerships]
        print_json({"edition": made.edition, "partnerships": each, "problems": list(made.problems)}, default=str)
    elif not quiet:
        _say_all(made)
    if made.failed:
        raise typer.Exit(FAILED)


def _say_all(made: "AllPartnerships") -> None:
    print_table(
        ["Partnership", "Area", "Result"],
        [[each.name, each.area, each.outcome] for each in made.partnerships],
    )
    for each in made.partnerships:
        if each.reason:
            say(f"{each.name}: {each.outcome}: {each.reason}")
    for outcome in ("set up", "small areas added", "already there", "failed"):
        number = made.number(outcome)
        if number:
            say(f"{number} {outcome}{', left as it was' if outcome == 'already there' else ''}")
    for problem in made.problems:
        say(f"Check: {problem}")
    if made.edition:
        say(f"editions/{made.edition}.toml {'is new' if made.edition_is_new else 'was there and is as it was'}. Next:")
        say_steps(made.to_do)


def _from_open_data(code: str, home: Project, *, key: str, run: bool, quiet: bool, as_json: bool) -> None:
    """Set up a partnership from the data in the package, and build its report."""
    from hcsp_assess.cli.runs import run_one_report
    from hcsp_assess.setup.edition_parts import add_chapters
    from hcsp_assess.setup.edition_texts import texts_after_run
    from hcsp_assess.setup.open_data import new_open_data_partnership
    from hcsp_assess.sources.text_kinds import CHAPTER_OF_TEXT

    made = new_open_data_partnership(code, home.root, key=key)
    for path in made.files:
        say(f"Written: {path}", quiet=quiet or as_json)
    if run:
        run_one_report(made.edition, home, RunOptions({}, quiet=quiet or as_json))
        reasons = texts_after_run(made.edition, home)
        for path in reasons:
            say(f"Started, with what the figures say: {path}", quiet=quiet or as_json)
        if reasons:
            add_chapters(made.edition, [CHAPTER_OF_TEXT["reasons"]], home)
        made = replace(made, files=(*made.files, *reasons))
    if as_json:
        print_json({"edition": made.edition, "files": list(map(str, made.files)), "next": list(made.to_do)})
    elif not quiet:
        say("Next:")
        say_steps(made.to_do)


def _say_made(files: Iterable[Path], to_do: tuple[str, ...], *, quiet: bool, as_json: bool) -> None:
    """Say what was written, and what a person does next."""
    if as_json:
        print_json({"files": list(map(str, files)), "next": list(to_do)})
    elif not quiet:
        for path in files:
            say(f"Written: {path}")
        say("Next:")
        say_steps(to_do)
