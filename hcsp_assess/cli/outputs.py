"""Commands that convert a published report: `hcsp-assess pdf` and `hcsp-assess word`."""

from pathlib import Path
from typing import Annotated

import typer

from hcsp_assess.cli.options import EditionArgument, JsonOption, ProjectOption, QuietOption, print_json, say
from hcsp_assess.errors import InputError, UsageError
from hcsp_assess.project import find_project

commands = typer.Typer()


@commands.command()
def pdf(
    edition: EditionArgument,
    project: ProjectOption = None,
    restricted: Annotated[
        bool, typer.Option("--restricted", help="Print the restricted edition, which is not for publication.")
    ] = False,
    quiet: QuietOption = False,
    as_json: JsonOption = False,
) -> None:
    """Print a published report to PDF. Needs Chromium, Chrome or Edge.

    Example: [bold]hcsp-assess pdf 2025 --restricted[/bold] writes restricted-reports/2025/report.pdf.
    """
    from hcsp_assess.files import write_whole
    from hcsp_assess.report.pdf import find_browser, print_pdf
    from hcsp_assess.run.formats import NO_BROWSER, PDF

    page = _published(edition, project, restricted=restricted)
    browser = find_browser()
    if browser is None:
        raise InputError(f"{NO_BROWSER}; set HCSP_ASSESS_BROWSER to its path, or print the page from your own browser")
    target = page.with_name(PDF)
    write_whole(target, print_pdf(_read(page), browser))
    _say_written(target, edition, "Printed to", quiet=quiet, as_json=as_json)


@commands.command()
def word(
    edition: EditionArgument,
    project: ProjectOption = None,
    restricted: Annotated[
        bool, typer.Option("--restricted", help="Write the edition that is not for publication.")
    ] = False,
    quiet: QuietOption = False,
    as_json: JsonOption = False,
) -> None:
    """Write a published edition as a Word document, to edit and circulate.

    Example: [bold]hcsp-assess word 2025[/bold] writes reports/2025/report.docx.
    """
    from hcsp_assess.files import write_whole
    from hcsp_assess.report.restricted_mark import read_handling
    from hcsp_assess.report.word import write_word
    from hcsp_assess.run.formats import WORD
    from hcsp_assess.sources.texts import find_texts

    page = _published(edition, project, restricted=restricted)
    root = find_project(project).root
    mark = read_handling(find_texts(edition, root)).mark if restricted else ""
    target = page.with_name(WORD)
    write_whole(target, write_word(_read(page), mark=mark))
    _say_written(target, edition, "Written", quiet=quiet, as_json=as_json)


def _say_written(target: Path, edition: str, how: str, *, quiet: bool, as_json: bool) -> None:
    if as_json:
        print_json({"edition": edition, "files": [str(target)]})
    say(f"{how} {target}", quiet=quiet or as_json)


def _read(page: Path) -> str:
    try:
        return page.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise InputError(
            f"{page} is damaged: build the report again with hcsp-assess run {page.parent.name}"
        ) from error


def _published(edition: str, project: Path | None, *, restricted: bool) -> Path:
    """The page of a published edition; `UsageError` where it was not published."""
    from hcsp_assess.run.restricted_folder import move_restricted

    home = find_project(project)
    move_restricted(home)
    page = (home.restricted if restricted else home.reports) / edition / "index.html"
    if not page.is_file():
        raise UsageError(f"there is no report {page} yet: build it with hcsp-assess run {edition}")
    return page
