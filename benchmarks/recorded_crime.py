"""What reading a full-size Home Office table costs: CPU time and peak memory beside other readers of OpenDocument.

    python -m benchmarks.recorded_crime
    python -m benchmarks.recorded_crime --rows 100000 --pairs 3

The table is made up in a temporary folder and removed afterwards: six sheets of a year each, in the layout of the
newest file by partnership (1.4 million rows, 1.4 GB of XML, about the size of the real one), with every trap of the
layout: merged partnerships in several rows, rows alike written once, unassigned rows, negative counts, fraud, names
in other cases, notes.

Each contender runs in a process of its own, in pairs in turn; CPU seconds and peak memory are those of the whole
process, imports included. `iterparse` takes the rows of the same file apart with the standard library's
`xml.etree.ElementTree.iterparse`, clears each element and counts the rows: the usual way to stream such a file,
without recognising, adding up or accounting for anything. `calamine` and `odfpy` are pandas.read_excel with that
engine, where it is installed; they hold every cell in memory.
"""

import argparse
import importlib.util
import json
import random
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from xml.sax.saxutils import escape

HEADINGS = (
    *("Financial Year", "Financial Quarter", "Police Force", "CSP Name", "Offence Description"),
    *("Offence Group", "Offence Subgroup", "Offence Code", "Offence Count"),
)
YEARS = ("2020/21", "2021/22", "2022/23", "2023/24", "2024/25", "2025/26")
NAME = "prc-csp-mar2021-mar2026-tables-230726.ods"
MERGED = {"South Worcester": 3, "Shropshire": 5, "North Worcestershire": 3}
OFFENCES_EACH, GOAL_MB = 160, 500
KINDS = (
    ("Violence against the person", "Violence with injury"),
    ("Violence Against The Person", "Violence without injury"),
    ("Violence against the person", "Stalking and harassment"),
    ("Sexual offences", "Other sexual offences"),
    ("Theft offences", "Non-domestic burglary"),
    ("Theft offences", "All other theft offences"),
    ("Criminal damage and arson", "Criminal damage"),
    ("Miscellaneous crimes against society", "Miscellaneous crimes against society"),
    ("Fraud offences", "Fraud: action fraud"),
)
ENGINES = {"calamine": "python_calamine", "odfpy": "odf"}
HEAD = (
    '<?xml version="1.0" encoding="UTF-8"?>\n<office:document-content'
    ' xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0"'
    ' xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0"'
    ' xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0" office:version="1.2">'
    "<office:body><office:spreadsheet>"
)


MANIFEST = (
    '<?xml version="1.0" encoding="UTF-8"?><manifest:manifest '
    'xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"><manifest:file-entry '
    'manifest:full-path="/" manifest:media-type="application/vnd.oasis.opendocument.spreadsheet"/></manifest:manifest>'
)


@dataclass(frozen=True)
class Measured:
    """One line of the result: medians over the pairs. `theirs` and `ratio` are None where there is only a limit."""

    what: str
    unit: str
    ours: float
    theirs: float | None
    ratio: float | None
    goal: str
    pairs: int


def measure(rows: int = 0, *, pairs: int = 1) -> list[Measured]:
    """Measure reading a made-up table of so many rows (0 for full size)."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / NAME
        made = json.loads(_start("write", str(path), str(rows)))
        about = f"{made['rows']:,} rows, {made['xml'] / 1e6:,.0f} MB of XML, {path.stat().st_size / 1e6:.0f} MB zipped"
        found = _beside(path, about, "iterparse", pairs)
        for rival, module in ENGINES.items():
            if importlib.util.find_spec(module):
                found += _beside(path, about, rival, pairs)
        again = [json.loads(_start("ours", str(path), str(path.parent / "kept"))) for _ in range(pairs)]
        seconds = statistics.median(run["cpu"] for run in again)
        found.append(Measured(f"read again, as kept: {about}", "CPU s", seconds, None, None, "-", pairs))
        return found


def _beside(path: Path, about: str, rival: str, pairs: int) -> list[Measured]:
    runs = []
    for _ in range(pairs):
        kept = path.parent / "kept"
        shutil.rmtree(kept, ignore_errors=True)
        runs.append((json.loads(_start("ours", str(path), str(kept))), json.loads(_start(rival, str(path), ""))))
    lines = []
    for figure, unit, goal in (("cpu", "CPU s", "-"), ("memory", "MB", f"{GOAL_MB} MB at most")):
        ours, theirs = (statistics.median(run[figure] for run in side) for side in zip(*runs, strict=True))
        ratio = statistics.median(mine[figure] / other[figure] for mine, other in runs)
        lines.append(Measured(f"{rival}: {about}", unit, ours, theirs, ratio, goal, pairs))
    return lines


def _start(*arguments: str) -> str:
    command = [sys.executable, "-m", "benchmarks.recorded_crime", "--worker", *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def _work(contender: str, path: Path, more: str) -> None:
    import resource  # Windows has none

    if contender == "write":
        print(json.dumps(write_table(path, int(more))))
        return
    began = time.perf_counter()
    if contender == "ours":
        rows = _read(path, Path(more))
    elif contender == "iterparse":
        rows = _count_with_iterparse(path)
    else:
        rows = _read_with_pandas(path, contender)
    used = resource.getrusage(resource.RUSAGE_SELF)
    unit = 1e6 if sys.platform == "darwin" else 1e6 / 1024
    seconds = time.perf_counter() - began
    cost = {"cpu": used.ru_utime + used.ru_stime, "memory": used.ru_maxrss / unit, "seconds": seconds, "rows": rows}
    print(json.dumps(cost))


def _read(path: Path, processed: Path) -> int:
    from hcsp_assess.sources.recorded_crime import read_home_office, year_totals

    crime = read_home_office(path, "Herefordshire", processed=processed, comparison=["Shropshire"])
    kinds = ["kept", "comparison", "unassigned", "outside", "set_aside"]
    if (crime.account[kinds].sum(axis=1) != crime.account["read"]).any():
        raise AssertionError("the account does not balance")
    year_totals(crime)
    return int(crime.account["read"].sum())


def _count_with_iterparse(path: Path) -> int:
    from xml.etree.ElementTree import iterparse

    table = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
    value = "{urn:oasis:names:tc:opendocument:xmlns:office:1.0}value"
    found = 0
    with zipfile.ZipFile(path) as archive, archive.open("content.xml") as content:
        for _, element in iterparse(content):
            if element.tag != f"{table}table-row":
                continue
            cells = [cell.get(value) or "".join(cell.itertext()) for cell in element]
            found += len(cells) > 8
            element.clear()
    return found


def _read_with_pandas(path: Path, engine: str) -> int:
    import pandas as pd

    sheets = pd.read_excel(path, sheet_name=None, engine="odf" if engine == "odfpy" else engine)
    return sum(len(sheet) for sheet in sheets.values())


def write_table(path: Path, rows: int = 0) -> dict[str, int]:
    """Write a made-up table with every trap of the layout; return how many rows and bytes of XML it has."""
    written = size = 0
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet", zipfile.ZIP_STORED)
        archive.writestr("META-INF/manifest.xml", MANIFEST)
        with archive.open("content.xml", "w", force_zip64=True) as content:
            size += content.write(HEAD.encode())
            for name, lines in _sheets(rows):
                size += content.write(f'<table:table table:name="{name}">'.encode())
                for line, times in lines:
                    size += content.write(line.encode())
                    written += times
                size += content.write(b"</table:table>")
            size += content.write(b"</office:spreadsheet></office:body></office:document-content>")
    return {"rows": written, "xml": size}


def _sheets(rows: int) -> Iterator[tuple[str, Iterator[tuple[str, int]]]]:
    notes = ["Updated: 23 July 2026", "Force Notes", "West Mercia: figures may be revised", "Additional Notes"]
    yield "Cover_sheet", iter([(_row(["Police recorded crime open data"]), 0)])
    yield "Notes", iter([(_row([line]), 0) for line in notes])
    for year in YEARS:
        yield year.replace("/", "_"), _year(year, rows // len(YEARS))


def _year(year: str, rows: int) -> Iterator[tuple[str, int]]:
    rng = random.Random(year)
    yield _row(HEADINGS), 0
    areas = _areas()
    offences = OFFENCES_EACH if not rows else max(1, rows // (4 * len(areas)))
    for quarter in range(1, 5):
        for force, partnership in areas:
            before = [_cell(year), _cell(quarter), _cell(force), _cell(partnership)]
            for number in range(offences):
                group, subgroup = KINDS[number % len(KINDS)]
                about = [f"Offence number {number}, with its full legal description", group, subgroup, f"{number}A"]
                parts = MERGED.get(partnership, 1)
                count = rng.choice((0, 0, 0, 1, 2, 5, 17, -1, 1204))
                line = "".join([*before, *map(_cell, about), _cell(count)])
                if parts > 1 and count == 0:  # rows alike, written once
                    yield _whole(line, parts), parts
                else:
                    for _ in range(parts):
                        yield _whole(line), 1


def _areas() -> list[tuple[str, str]]:
    from hcsp_assess.sources.recorded_crime import partnerships

    table = partnerships().drop_duplicates("partnership_code")
    found = list(zip(table["force_name"], table["partnership_name"], strict=True))
    return found + [(force, f"Unassigned {force}") for force in table["force_name"].unique()]


def _row(values: list[str] | tuple[str, ...]) -> str:
    return _whole("".join(map(_cell, values)))


def _whole(cells: str, times: int = 1) -> str:
    repeated = f' table:number-rows-repeated="{times}"' if times > 1 else ""
    rest = '<table:table-cell table:number-columns-repeated="16375"/>'
    return f'<table:table-row table:style-name="ro1"{repeated}>{cells}{rest}</table:table-row>'


def _cell(value: str | int) -> str:
    if isinstance(value, int):
        number = f'<table:table-cell office:value-type="float" office:value="{value}">'
        return f"{number}<text:p>{value}</text:p></table:table-cell>"
    return f'<table:table-cell office:value-type="string"><text:p>{escape(value)}</text:p></table:table-cell>'


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=0, help="how many rows the table has; 0 for full size")
    parser.add_argument("--pairs", type=int, default=1, help="how often each pair is run, in turn")
    parser.add_argument("--worker", nargs="+", help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.worker:
        _work(asked.worker[0], Path(asked.worker[1]), asked.worker[2])
        return
    print("| beside | unit | ours | theirs | ours / theirs | goal | pairs |")
    print("| --- | --- | --- | --- | --- | --- | --- |")
    for line in measure(asked.rows, pairs=asked.pairs):
        theirs, ratio = (f"{value:.3g}" if value is not None else "-" for value in (line.theirs, line.ratio))
        figures = f"{line.unit} | {line.ours:.3g} | {theirs} | {ratio}"
        print(f"| {line.what} | {figures} | {line.goal} | {line.pairs} |", flush=True)


if __name__ == "__main__":
    main()
