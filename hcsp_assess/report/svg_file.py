"""A chart as files of its own: an SVG that says what it shows wherever it is pasted, and its data as CSV."""

import re
from pathlib import Path
from textwrap import wrap
from xml.etree import ElementTree

from hcsp_assess.errors import UsageError
from hcsp_assess.files import csv_bytes, write_whole
from hcsp_assess.report.charts import Chart
from hcsp_assess.report.tables import escape

SIMULATED = "Simulated data: a demonstration, not a record of real events."
MARGIN, LEADING = 10.0, 1.35  # points; line height over font size
LETTER = 0.52  # mean width of a letter over font size, wide enough that no line runs off


def write_chart(chart: Chart, path: Path) -> tuple[Path, Path]:
    """Write a chart as SVG, and its data as CSV beside it; neither is ever there by half.

    Parameters
    ----------
    path : Path
        Must end in .svg; the CSV has the same name.

    Returns
    -------
    tuple of Path
        The SVG and the CSV.

    Raises
    ------
    UsageError
        If the path does not end in .svg.
    """
    if path.suffix.lower() != ".svg":
        raise UsageError(f"a map is written as .svg, not {path.name}: give a name that ends in .svg")
    table = path.with_suffix(".csv")
    write_whole(table, csv_bytes(chart.table.frame))
    write_whole(path, standalone(chart).encode("utf-8"))
    return path, table


def standalone(chart: Chart) -> str:
    """Return the wide drawing as an SVG document with title, subtitle, text alternative, source and any warning."""
    drawing = re.sub(r"var\(--[\w-]+, ?([^()]+)\)", r"\1", chart.wide)  # office programs do not know CSS variables
    box = re.search(r'viewBox="0 0 ([\d.]+) ([\d.]+)"', drawing)
    width, height = (float(box[1]), float(box[2])) if box else (547.2, 342.0)
    above = [*_lines(chart.title, width, 13, bold=True), *_lines(chart.subtitle, width, 9.5)]
    above += _lines(SIMULATED, width, 10, bold=True) if chart.simulated else []
    below = _lines(f"Source: {chart.source}", width, 7.5)
    head, drawn_head = _stack(above, MARGIN)
    foot, drawn_foot = _stack(below, head + height + MARGIN)
    inner = re.sub(r"<svg[^>]*>", f'<svg x="{MARGIN}" y="{head:.1f}" width="{width}" height="{height}" '
                   f'viewBox="0 0 {width} {height}" aria-hidden="true">', drawing, count=1)  # fmt: skip
    whole = f"{width + 2 * MARGIN:.1f} {foot + MARGIN:.1f}"
    text = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {whole}" role="img" font-family="sans-serif" '
        f'fill="#000000"><title>{escape(chart.title)}</title><desc>{escape(chart.alt)}</desc>'
        f'<rect width="100%" height="100%" fill="#ffffff"/>{drawn_head}{inner}{drawn_foot}</svg>\n'
    )
    ElementTree.fromstring(text)  # noqa: S314  # our own drawing: what is written can be read
    return text


def _lines(text: str, width: float, size: float, *, bold: bool = False) -> list[tuple[str, float, bool]]:
    letters = int(width / (size * (LETTER + 0.04 * bold)))
    return [(line, size, bold) for line in wrap(text, letters)]


def _stack(lines: list[tuple[str, float, bool]], start: float) -> tuple[float, str]:
    """Where text under `start` ends, and its elements."""
    drawn, at = [], start
    for line, size, bold in lines:
        at += size * LEADING
        weight = ' font-weight="bold"' if bold else ""
        drawn.append(f'<text x="{MARGIN}" y="{at:.1f}" font-size="{size}"{weight}>{escape(line)}</text>')
    return at + MARGIN, "".join(drawn)
