"""Command that checks the installation: `hcsp-assess doctor`."""

from dataclasses import asdict

import typer

from hcsp_assess.cli.options import FAILED, JsonOption, ProjectOption, print_json, print_table

commands = typer.Typer()


@commands.command()
def doctor(project: ProjectOption = None, as_json: JsonOption = False) -> None:
    """Check the installation: what is installed, what data is found, what is missing.

    Example: [bold]hcsp-assess doctor[/bold]
    """
    from hcsp_assess.setup.doctor import examine

    findings = examine(project)
    if as_json:
        print_json([asdict(finding) for finding in findings])
    else:
        print_table(["", "What", "Found"], [["ok" if f.ok else "!!", f.what, f.found] for f in findings])
    if not all(finding.ok for finding in findings):
        raise typer.Exit(FAILED)
