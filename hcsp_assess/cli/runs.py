"""Commands to build and check editions: run, clean, check, editions, status."""

from collections.abc import Sequence
from dataclasses import asdict
from functools import partial
from typing import TYPE_CHECKING, Annotated

import typer

from hcsp_assess.cli import completion
from hcsp_assess.cli.options import (
    FAILED,
    ROWS_SET_ASIDE,
    EditionArgument,
    JsonOption,
    ProjectOption,
    QuietOption,
    RunOptions,
    hide_warnings,
    percent_set_aside,
    print_json,
    print_table,
    say,
)
from hcsp_assess.cli.progress import open_with_progress, show_progress
from hcsp_assess.errors import InputError, Problem, UsageError
from hcsp_assess.project import Project, find_project
from hcsp_assess.run.home import ensure_home

if TYPE_CHECKING:
    from hcsp_assess.edition.opened import OpenEdition
    from hcsp_assess.edition.quality import Check
    from hcsp_assess.run.log import EditionStatus

commands = typer.Typer()

AnyEditionArgument = Annotated[
    str,
    typer.Argument(
        help="Name of the edition, such as 2025, or 2025@shropshire for another area.",
        autocompletion=completion.complete_edition,
    ),
]
ThresholdOption = Annotated[
    float,
    typer.Option(
        help="Exit with code 3 if more than this percentage of all rows, or of one file's, was set aside.",
        min=0,
        max=100,
    ),
]
ParameterOption = Annotated[
    list[str] | None,
    typer.Option(
        "--parameter",
        "-p",
        help="NAME=VALUE, for every chapter with that parameter; may be repeated.",
        show_default=False,
    ),
]
OnlyIfChangedOption = Annotated[
    bool, typer.Option("--only-if-changed", help="Skip the run if nothing has changed since the last successful one.")
]
SinceFailureOption = Annotated[
    bool, typer.Option("--since-failure", help="Reuse the chapters that the failed run had finished.")
]
AreasOption = Annotated[
    str,
    typer.Option(
        help='"all" for every area of the project, or a CSV or TOML list of areas (and editions): builds a report for '
        "each in reports/EDITION@AREA/.",
        show_default=False,
        autocompletion=completion.complete_areas,
    ),
]
WorkersOption = Annotated[
    int,
    typer.Option(
        help="With --areas: how many reports to build at a time (0: as many as cores and memory allow).", min=0
    ),
]
SchedulerOption = Annotated[
    str,
    typer.Option(
        help="With --areas: address of a Dask scheduler to use, such as tcp://10.0.0.5:8786 (default: this computer).",
        show_default=False,
    ),
]
OutputOption = Annotated[
    str,
    typer.Option(
        help="With --areas: a folder or store to put each report in too, such as s3://bucket/reports.",
        show_default=False,
    ),
]
TriesOption = Annotated[int, typer.Option(help="With --areas: how many times to try a report before giving up.", min=1)]


@commands.command()
def run(  # typer reads options from the signature alone; what follows takes them as RunOptions
    edition: AnyEditionArgument = "",
    project: ProjectOption = None,
    quiet: QuietOption = False,
    as_json: JsonOption = False,
    threshold: ThresholdOption = 1.0,
    parameter: ParameterOption = None,
    only_if_changed: OnlyIfChangedOption = False,
    since_failure: SinceFailureOption = False,
    areas: AreasOption = "",
    workers: WorkersOption = 0,
    scheduler: SchedulerOption = "",
    tries: TriesOption = 2,
    output: OutputOption = "",
) -> None:
    """Build an edition's report: clean, count, run the chapters, publish. With --areas, for many partnerships.

    Example: [bold]hcsp-assess run 2025[/bold] or [bold]hcsp-assess run 2025 --areas all[/bold]
    """
    options = RunOptions(_parameters(parameter or []), only_if_changed, since_failure, threshold, quiet, as_json)
    home = find_project(project)
    ensure_home(home)
    of_many = {"--workers": workers, "--scheduler": scheduler, "--output": output}
    if not areas and (given := [name for name, value in of_many.items() if value]):
        raise UsageError(f"{given[0]} goes with --areas: add --areas all, or leave {given[0]} out")
    if areas:
        from hcsp_assess.cli.many_reports import ManyOptions, run_many_reports

        run_many_reports(edition, home, options, ManyOptions(areas, workers, scheduler, tries, output))
    elif edition:
        run_one_report(edition, home, options)
    else:
        raise UsageError("which edition? Give its name, such as 2025; `hcsp-assess editions` lists them")


def run_one_report(edition: str, project: Project, options: RunOptions) -> None:
    """Build one edition and report how it went. Raises the error if the run fails."""
    from hcsp_assess.run.build import Listener, check_parameters, run_edition
    from hcsp_assess.run.log import last_good_run
    from hcsp_assess.run.unattended import run_alone
    from hcsp_assess.subject.editions import edition as find_edition

    chosen, quiet = find_edition(edition, project.root), options.quiet
    check_parameters(chosen, project, options.parameters)
    known: list[str] = []

    def warn(problem: Problem) -> None:
        known.append(str(problem))
        say(f"warning: {problem}", quiet=quiet)

    past = last_good_run(project, chosen.key)
    times = dict(past.chapters) if past else {}
    with show_progress(quiet=quiet or options.as_json, past=times) as progress, hide_warnings(quiet=quiet):
        build = partial(run_edition, listener=Listener(warn, progress.chapter))
        result = run_alone(chosen, project, build, progress=progress, **options.of_each_run)
    if result is None:
        if options.as_json:
            print_json({"edition": chosen.key, "outcome": "nothing new"})
        told = "Nothing has changed since the last successful run, so no report was built."
        say(told, quiet=quiet or options.as_json)
        return
    if options.as_json:
        print_json(result.record, sort_keys=True)
    say(result.summary(), quiet=quiet or options.as_json)
    for warning in result.warnings:
        if warning not in known:
            say(f"warning: {warning}", quiet=quiet)
    _check_threshold(result.rows, result.worst_file, options.threshold, quiet=quiet)


def _parameters(given: list[str]) -> dict[str, str]:
    pairs = dict(item.split("=", 1) for item in given if "=" in item)
    if len(pairs) != len(given) or "" in pairs:
        raise UsageError(f"--parameter needs NAME=VALUE, each name once, not {', '.join(given)}")
    return pairs


def _check_threshold(rows: dict[str, int], worst: tuple[str, float], threshold: float, *, quiet: bool) -> None:
    """Exit with code 3 if more rows were set aside than the threshold allows: of all rows, or of one file."""
    percent, (file, most) = percent_set_aside(rows), worst
    if max(percent, most) <= threshold:
        return
    of_what, share = ("the rows", percent) if percent > threshold else (f"the rows of {file}", most)
    say(f"{share:.1f}% of {of_what} were set aside, more than {threshold:g}%: see the quarantine files.", quiet=quiet)
    raise typer.Exit(ROWS_SET_ASIDE)


@commands.command()
def clean(
    edition: EditionArgument,
    project: ProjectOption = None,
    quiet: QuietOption = False,
    as_json: JsonOption = False,
    threshold: ThresholdOption = 1.0,
) -> None:
    """Clean an edition's street-level and outcomes files and count them, without a report.

    Example: [bold]hcsp-assess clean 2025[/bold] writes counts, outcomes and accounts to data/processed/2025/.
    """
    from hcsp_assess.edition.file_faults import (
        file_faults,
        files_read_otherwise,
        repeats_of_earlier_months,
        worst_file,
    )
    from hcsp_assess.edition.opened import files_not_read

    opened = open_with_progress(edition, find_project(project), quiet=quiet or as_json)
    beside = opened.rows_beside
    if as_json:
        print_json({"edition": edition, "where": str(opened.folder), "rows": opened.rows, "rows_beside": beside})
    for kind, found in beside.items():
        files, *figures = (f"{number:,} {name}" for name, number in found.items())
        files = files.removesuffix("s") if found["files"] == 1 else files
        say(f"Files of {kind}: {', '.join([files, *figures])}", quiet=quiet or as_json)
    rows = ", ".join(f"{number:,} rows {name}" for name, number in opened.rows.items())
    say(f"{rows}. Written to {opened.folder}", quiet=quiet or as_json)
    account = opened.table.account
    if again := repeats_of_earlier_months(account):
        say(f"{again:,} of the duplicates repeat a Crime ID of an earlier month", quiet=quiet or as_json)
    for form in files_read_otherwise(account):
        say(f"read in another form: {form}", quiet=quiet or as_json)
    for fault in (*file_faults(account), *files_not_read(opened)):
        say(f"warning: {fault}", quiet=quiet)
    _checks(opened)  # what stops `check` stops `clean` too, so that both end with the same exit code
    _check_threshold(opened.rows, worst_file(opened.table.account), threshold, quiet=quiet)


@commands.command()
def check(
    edition: EditionArgument,
    project: ProjectOption = None,
    quiet: QuietOption = False,
    as_json: JsonOption = False,
    threshold: ThresholdOption = 1.0,
) -> None:
    """Check an edition before a run: everything to fix in its files, then what was received and what is missing.

    Example: [bold]hcsp-assess check 2025 --json[/bold]

    Exit code 1 if something would stop a run.
    """
    from hcsp_assess.edition.file_faults import worst_file
    from hcsp_assess.run.preflight import preflight
    from hcsp_assess.subject.editions import edition as find_edition

    home = find_project(project)
    problems = preflight(find_edition(edition, home.root), home)
    stopping = [problem for problem in problems if problem.stops]
    if not as_json:
        _print_problems(stopping if quiet else problems)
    opened, findings = None, list["Check"]()
    try:
        opened = open_with_progress(edition, home, quiet=quiet or as_json)
        findings = _checks(opened)
    except InputError as error:
        if not stopping:
            raise
        say(f"The data could not be checked: {error}", quiet=quiet)
    if as_json:
        print_json({"problems": list(map(asdict, problems)), "checks": list(map(asdict, findings))})
    elif not quiet and findings:
        print_table(["Check", "Result", "What it means"], [[f.check, f.result, f.meaning] for f in findings])
    if stopping:
        raise typer.Exit(FAILED)
    if opened is not None:
        _check_threshold(opened.rows, worst_file(opened.table.account), threshold, quiet=quiet)


def _print_problems(problems: Sequence[Problem]) -> None:
    """Print what has to be fixed, what stops a run first."""
    for problem in problems:
        say(f"{'to fix' if problem.stops else 'warning'}: {problem}")
    if stopping := sum(problem.stops for problem in problems):
        say(f"{stopping} {'problem stops' if stopping == 1 else 'problems stop'} the report.")


def _checks(opened: "OpenEdition") -> list["Check"]:
    from hcsp_assess.edition.quality import check_data, check_files, check_forces

    if not opened.has_records:
        return check_data(opened)
    return [*check_data(opened), *check_files(opened), *check_forces(opened)]


@commands.command()
def editions(project: ProjectOption = None, as_json: JsonOption = False) -> None:
    """List the editions that can be built.

    Example: [bold]hcsp-assess editions[/bold]
    """
    from hcsp_assess.subject.editions import editions as known

    home = find_project(project)
    rows = [
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
        print_json(rows)
    else:
        shown = [row | {"published": "yes" if row["published"] else "no"} for row in rows]
        print_table([name.capitalize() for name in rows[0]], [[*map(str, row.values())] for row in shown])


@commands.command()
def status(project: ProjectOption = None, as_json: JsonOption = False) -> None:
    """Show any run in progress and the state of each edition. Exit code 1 if the last run of any edition failed.

    Example: [bold]hcsp-assess status[/bold]
    """
    from hcsp_assess.run.log import status as status_of

    found = status_of(find_project(project))
    if as_json:
        print_json(asdict(found))
    else:
        if found.running:
            say(found.running.words)
        columns = ["Edition", "Published", "Last run", "Outcome", "Last successful run", "Error"]
        print_table(columns, [_status_row(each) for each in found.editions])
    if not all(each.ok for each in found.editions):
        raise typer.Exit(FAILED)


def _status_row(each: "EditionStatus") -> list[str]:
    last, good = each.last_run, each.last_good_run
    return [
        each.edition,
        "yes" if each.published else "no",
        *((last.started, last.outcome) if last else ("never", "")),
        good.started if good else "",
        last.error if last else "",
    ]
