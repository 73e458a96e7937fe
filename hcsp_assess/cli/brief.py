"""The command that writes a briefing of two pages, or the page of a ward or town: `hcsp-assess brief`."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from hcsp_assess.cli.completion import complete_place
from hcsp_assess.cli.options import (
    EditionArgument,
    JsonOption,
    ProjectOption,
    QuietOption,
    hide_warnings,
    print_json,
    say,
)
from hcsp_assess.cli.progress import open_with_progress, show_progress
from hcsp_assess.errors import UsageError, did_you_mean
from hcsp_assess.project import Project, find_project

if TYPE_CHECKING:
    from hcsp_assess.edition.opened import OpenEdition
    from hcsp_assess.periods import Span
    from hcsp_assess.report.briefing_page import Briefing
    from hcsp_assess.run.formats import Format

commands = typer.Typer()
#: Folder in `reports/` of what is written on request: no run replaces it.
FOLDER = "briefings"

QuarterOption = Annotated[
    str, typer.Option("--quarter", help='A quarter instead of the year, such as "2025 Q3" for July to September 2025.')
]
PlaceOption = Annotated[
    str,
    typer.Option(
        "--ward",
        "--town",
        help='The page of one ward or market town, such as "Central" or "Leominster".',
        autocompletion=complete_place,
    ),
]
OutputOption = Annotated[
    Path | None,
    typer.Option("--output", help="Folder to write to; by default reports/briefings/EDITION.", show_default=False),
]


@commands.command()
def brief(
    edition: EditionArgument,
    project: ProjectOption = None,
    quarter: QuarterOption = "",
    place: PlaceOption = "",
    formats: Annotated[str, typer.Option("--format", help="Which formats to write.")] = "html,pdf,docx",
    output: OutputOption = None,
    quiet: QuietOption = False,
    as_json: JsonOption = False,
) -> None:
    """Write a briefing of two pages for a committee: of the year, of a quarter, or of a ward or town.

    Example: [bold]hcsp-assess brief 2025 --quarter "2025 Q3"[/bold] or
    [bold]hcsp-assess brief 2025 --ward "Central"[/bold]

    Figures and sentences are those of the report. Everything in it may be published.
    """
    from datetime import UTC, datetime

    from hcsp_assess.files import write_whole
    from hcsp_assess.run.home import ensure_home

    wanted, home = _formats(formats), find_project(project)
    ensure_home(home)
    from hcsp_assess.run.formats import write_briefing

    span = _check(edition, home, quarter, place)
    folder = output or home.reports / FOLDER / edition
    silent = quiet or as_json
    opened = open_with_progress(edition, home, quiet=silent)
    with show_progress(quiet=silent) as progress, hide_warnings(quiet=quiet):
        progress("Putting the page together", 0, 2)
        made = _make(opened, span, place)
        progress("Putting the page together", 1, 2)
        published = datetime.now(UTC).replace(microsecond=0)
        report = _report(home, edition, folder)
        files = write_briefing(made, opened, published, report=report, formats=wanted)
        progress("Putting the page together", 2, 2)
    for name, content in files.items():
        write_whole(folder / name, content)
        say(f"Written {folder / name} ({max(1, round(len(content) / 1000)):,} kB)", quiet=silent)
    if as_json:
        print_json({"edition": edition, "files": [str(folder / name) for name in files]})


def _check(edition: str, home: Project, quarter: str, place: str) -> "Span | None":
    """Return the months of the quarter asked for, or None; refuse what cannot be written before any work is done."""
    from hcsp_assess.edition.wards import check_place
    from hcsp_assess.periods import parse_calendar_quarter
    from hcsp_assess.subject.areas import area
    from hcsp_assess.subject.editions import edition as find_edition

    if quarter and place:
        raise UsageError("choose either --quarter, or --ward or --town: each is a page of its own")
    if place:
        check_place(area(find_edition(edition, home.root).area, home.root), place)
    return parse_calendar_quarter(quarter) if quarter else None


def _formats(text: str) -> "list[Format]":
    """The formats asked for, in the order of `run.formats.FORMATS`."""
    from hcsp_assess.run.formats import FORMATS

    asked = [part.strip().lower() for part in text.split(",") if part.strip()]
    for name in asked:
        if name not in FORMATS:
            hint = did_you_mean(name, list(FORMATS))
            raise UsageError(f"no format {name!r}: choose from {', '.join(FORMATS)}, with commas between.{hint}")
    if not asked:
        raise UsageError(f"--format names nothing: choose from {', '.join(FORMATS)}, with commas between")
    return [name for name in FORMATS if name in asked]


def _make(opened: "OpenEdition", span: "Span | None", place: str) -> "Briefing":
    from hcsp_assess.chapters.briefing import brief_quarter, brief_year
    from hcsp_assess.chapters.ward_page import brief_ward
    from hcsp_assess.edition.findings import edition_findings
    from hcsp_assess.edition.quarter import open_quarter

    if place:
        return brief_ward(opened, place)
    if span is not None:
        found = open_quarter(opened, span)
        return brief_quarter(edition_findings(opened), found)
    return brief_year(edition_findings(opened))


def _report(home: Project, edition: str, folder: Path) -> str:
    """Where the published report is from the page, in its usual folder; "" where it is not there."""
    usual = home.reports / FOLDER / edition
    page = home.reports / edition / "index.html"
    return f"../../{edition}/index.html" if folder == usual and page.is_file() else ""
