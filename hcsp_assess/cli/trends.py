"""The command that assesses any monthly series: `hcsp-assess trends`."""

from pathlib import Path
from typing import Annotated

import typer

from hcsp_assess.cli.options import JsonOption, QuietOption, print_json, print_table, say, show_progress

commands = typer.Typer()


@commands.command()
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

    counts = read_series(file)
    with show_progress(quiet=quiet or as_json) as progress:
        progress("Assessing", 0, 1)
        verdicts = assess_trends(counts)
        progress("Assessing", 1, 1)
    rows = tell(verdicts)
    if as_json:
        print_json(rows)
    elif not quiet:
        print_table(["Series", "Verdict", "In words"], [[r["series"], r["verdict"], r["sentence"]] for r in rows])
    if charts:
        write_whole(charts / "index.html", draw_page(counts, verdicts, file.name).encode("utf-8"))
        say(f"Charts written to {charts / 'index.html'}", quiet=quiet or as_json)
