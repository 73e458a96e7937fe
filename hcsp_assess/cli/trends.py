"""Command that finds trends in any series of counts: `hcsp-assess trends`."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from hcsp_assess.cli.options import JsonOption, QuietOption, print_json, print_table, say
from hcsp_assess.cli.progress import show_progress
from hcsp_assess.errors import UsageError

if TYPE_CHECKING:
    import pandas as pd

    from hcsp_assess.sources.series_files import SeriesFile
    from hcsp_assess.trends import Intervention

commands = typer.Typer()
FEW = 6  # up to this many series, their sentences are enough; above it a table is printed first

EventOption = Annotated[
    list[str] | None,
    typer.Option(
        "--event",
        help="A known event, as FIRST:LAST:NAME, such as 2020-03:2021-05:lockdowns; may be repeated.",
        show_default=False,
    ),
]
UnitOption = Annotated[
    str | None,
    typer.Option(
        help='What is counted, such as "incidents" (default: from the heading, otherwise "offences").',
        show_default=False,
    ),
]
ChartsOption = Annotated[
    Path | None, typer.Option(help="Folder to write a page of charts to (index.html).", show_default=False)
]
TimeOption = Annotated[
    str | None, typer.Option(help="Heading of the column of months or quarters.", show_default=False)
]
ValueOption = Annotated[
    list[str] | None, typer.Option(help="Heading of a column of counts; may be repeated.", show_default=False)
]
SeriesOption = Annotated[
    list[str] | None,
    typer.Option(help="Heading of a column that names a series; may be repeated.", show_default=False),
]
SheetOption = Annotated[str | None, typer.Option(help="Name or number of the worksheet.", show_default=False)]


@commands.command()
def trends(
    file: Annotated[Path, typer.Argument(help="A spreadsheet of counts: CSV, xlsx or ods.", show_default=False)],
    time: TimeOption = None,
    value: ValueOption = None,
    series: SeriesOption = None,
    sheet: SheetOption = None,
    unit: UnitOption = None,
    event: EventOption = None,
    charts: ChartsOption = None,
    quiet: QuietOption = False,
    as_json: JsonOption = False,
) -> None:
    """Find whether monthly or quarterly counts are rising or falling, and how sure that is.

    The file may have a row for each month, a row for each month and series, a column for each series, or months as
    headings. Dates such as "Sept-19", "01/04/2019", "2019 APR", "Q1 10/11" and "Apr-Jun 2019" are understood. Titles,
    totals and remarks are left out. A blank, "\\[c]" or "<5" means that the figure is not held; it is never zero. Notes
    list what was left out or needed interpretation.

    Example: [bold]hcsp-assess trends burglary.csv --charts burglary-charts[/bold]

    Example: [bold]hcsp-assess trends boroughs.xlsx --sheet Data --series Borough --unit incidents[/bold]

    Example: [bold]hcsp-assess trends calls.csv --event 2020-03:2021-05:lockdowns --json[/bold]
    """
    from hcsp_assess.chapters.shared.own_series import draw_page, tell
    from hcsp_assess.files import write_whole
    from hcsp_assess.sources.series_files import read_series
    from hcsp_assess.trends import assess_trends

    found = read_series(file, time=time, value=value, series=series, sheet=sheet)
    events = read_events(event or (), found.freq)
    unit = unit or found.unit_hint or "offences"
    with show_progress(quiet=quiet or as_json) as progress:
        size = len(found.counts.columns)
        progress("Assessing", 0, size)
        assessed = assess_trends(
            found.counts, interventions=events, progress=lambda done, total: progress("Assessing", done, total)
        )
    rows = tell(assessed, unit)
    if as_json:
        print_json([row | {"notes": [*found.notes, *row["notes"]]} for row in rows])
    elif not quiet:
        for note in found.notes:
            say(f"Note: {note}")
        _print_trends(rows, found)
    if charts:
        with show_progress(quiet=quiet or as_json) as progress:
            page = draw_page(
                found.counts,
                assessed,
                file.name,
                unit=unit,
                progress=lambda done, total: progress("Drawing", done, total),
            )
        write_whole(charts / "index.html", page.encode("utf-8"))
        say(f"Charts written to {charts / 'index.html'}", quiet=quiet or as_json)


def read_events(written: Sequence[str], freq: str) -> "list[Intervention]":
    """Read events such as "2020-03:2021-05:lockdowns" as months, or as the quarters they overlap.

    Parameters
    ----------
    freq : str
        Frequency of the series: "M", or that of quarters.

    Raises
    ------
    UsageError
        Naming the text: it has no three parts, a month cannot be read, or it ends before it begins.
    """
    return [_event(text, freq) for text in written]


def _event(text: str, freq: str) -> "Intervention":
    from hcsp_assess.trends import Intervention

    parts = [part.strip() for part in text.split(":", 2)]
    if len(parts) != 3 or not all(parts):
        raise UsageError(f"--event {text!r} is not FIRST:LAST:NAME; write 2020-03:2021-05:lockdowns")
    first, last = (_event_month(part, text).asfreq(freq) for part in parts[:2])
    if last < first:
        raise UsageError(f"--event {text!r} ends before it begins; write the first month, then the last")
    return Intervention(first, last, parts[2])


def _event_month(part: str, text: str) -> "pd.Period":
    from hcsp_assess.sources.returns.dates import to_month

    month = to_month(part)
    if month is None:
        raise UsageError(f"--event {text!r}: {part!r} is not a month; write 2020-03 or March 2020")
    return month


def _print_trends(rows: list[dict[str, Any]], found: "SeriesFile") -> None:
    """Print a table of many series, then the sentence of each."""
    if len(rows) <= FEW:
        print_table(["Series", "Trend", "In words"], [[r["series"], r["trend"], r["sentence"]] for r in rows])
        return
    year = "Last 12 months" if found.freq == "M" else "Last 4 quarters"
    print_table(
        ["Series", "Trend", "Change a year", year, "Year before", "Change"],
        [
            [
                r["series"],
                r["trend"],
                _percent(r["percent_per_year"]),
                _count(r["last_12_total"]),
                _count(r["previous_12_total"]),
                _change(found.counts[r["series"]], r, 12 if found.freq == "M" else 4),
            ]
            for r in rows
        ],
    )
    typer.echo("")
    for row in rows:
        typer.echo(row["sentence"])


def _percent(value: float | None) -> str:
    """Return a percentage with its sign and a true minus; "" if there is none."""
    if value is None:
        return ""
    rounded = round(value)
    return f"{'−' if rounded < 0 else '+' if rounded > 0 else ''}{abs(rounded)}%"


def _count(value: float | None) -> str:
    return "" if value is None else f"{value:,.0f}"


def _change(counts: "pd.Series", row: dict[str, Any], parts: int) -> str:
    """Return the change in the last year's total on the year before, if both years are complete."""
    before, last = row["previous_12_total"], row["last_12_total"]
    whole = len(counts) >= 2 * parts and bool(counts.iloc[-2 * parts :].notna().all())
    return _percent(100 * (last - before) / before) if whole and before else ""
