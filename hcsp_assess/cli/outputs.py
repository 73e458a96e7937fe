"""Commands on what a run published: `hcsp-assess pdf`."""

from typing import Annotated

import typer

from hcsp_assess.cli.options import EditionArgument, ProjectOption, QuietOption, say
from hcsp_assess.errors import InputError, UsageError
from hcsp_assess.project import find_project

commands = typer.Typer()


@commands.command()
def pdf(
    edition: EditionArgument,
    project: ProjectOption = None,
    restricted: Annotated[
        bool, typer.Option("--restricted", help="Print the edition that is not for publication.")
    ] = False,
    quiet: QuietOption = False,
) -> None:
    """Print a published edition to PDF, with a browser of the Chromium family.

    Example: [bold]hcsp-assess pdf 2025 --restricted[/bold] writes reports/restricted/2025/report.pdf.
    """
    from hcsp_assess.files import write_whole
    from hcsp_assess.report.pdf import find_browser, print_pdf
    from hcsp_assess.run.publish import NO_BROWSER, PDF, RESTRICTED

    reports = find_project(project).reports
    page = (reports / RESTRICTED if restricted else reports) / edition / "index.html"
    if not page.is_file():
        raise UsageError(f"{page} is not there: hcsp-assess run {edition} makes it")
    browser = find_browser()
    if browser is None:
        raise InputError(f"{NO_BROWSER}; name one in HCSP_ASSESS_BROWSER, or print the page from a browser")
    target = page.with_name(PDF)
    write_whole(target, print_pdf(page.read_text(encoding="utf-8"), browser))
    say(f"Printed to {target}", quiet=quiet)
