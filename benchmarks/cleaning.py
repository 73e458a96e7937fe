"""What cleaning costs: CPU time and peak memory against counting the rows (duckdb) and a naive clean (pandas).

    python -m benchmarks.cleaning --rows 1000000 5000000
    python -m benchmarks.cleaning --rows 20000000 --months 40 --pairs 1 --only memory
    python -m benchmarks.cleaning --real ../shared/data/data.police.uk/west-mercia-street-raw

Street files are made up in a temporary folder, a file a month, and removed afterwards. Each contender runs in a process
of its own, in pairs in turn (ours, theirs, ours, theirs ...), and the median of the pairs' ratios is reported. CPU
seconds are those of the process from its start to its end, imports and all threads included.

`duckdb` counts the rows of the same files, which is about what reading them costs. `pandas` reads all files with every
column into one frame, drops repeated Crime IDs, turns months into dates and writes parquet: what an analyst would write
first, with no check, no account, and a third of anti-social behaviour lost.
"""

import argparse
import json
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

FORCE = "west-mercia"
OTHER_TYPES = ["Burglary", "Shoplifting", "Public order", "Other theft", "Vehicle crime", "Drugs", "Robbery"]
OUTCOMES = [
    "Investigation complete; no suspect identified",
    "Unable to prosecute suspect",
    "Under investigation",
    "Status update unavailable",
    "Local resolution",
]
MEASURES = ("duckdb", "pandas", "memory", "month")


@dataclass(frozen=True)
class Measured:
    """One line of the result.

    Attributes
    ----------
    what : str
        What was compared, on which files.
    ours, theirs : float
        Medians: CPU seconds, or peak memory in MB. `theirs` is 0 where there is only a limit.
    ratio : float
        Median of the ratios of the pairs; `ours` itself where there is only a limit.
    goal : float
        The ratio, or limit, that is wanted at most.
    pairs : int
        How many pairs were run.
    """

    what: str
    ours: float
    theirs: float
    ratio: float
    goal: float
    pairs: int


def measure(
    rows: Sequence[int] = (1_000_000, 5_000_000),
    *,
    months: int = 12,
    pairs: int = 3,
    only: Sequence[str] = MEASURES,
    real: Path | None = None,
) -> list[Measured]:
    """Measure cleaning on made-up files of each number of `rows`, and on the files of a folder `real`."""
    measured = [line for number in rows for line in _on_synthetic(number, months, pairs, only)]
    if real is not None:
        measured += _compare(real, f"real files of {real.name}", pairs, [name for name in only if name != "month"])
    return measured


def _on_synthetic(rows: int, months: int, pairs: int, only: Sequence[str]) -> list[Measured]:
    needed, free = rows * 230 * 2, shutil.disk_usage(tempfile.gettempdir()).free
    if needed > free:
        raise SystemExit(
            f"{rows:,} rows need {needed / 1e9:.0f} GB in {tempfile.gettempdir()}; {free / 1e9:.0f} are free"
        )
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder) / "street"
        # In a process of its own: the peak memory of a process that starts others is counted as theirs.
        _start("write", str(source), str(rows), str(months))
        return _compare(source, f"{rows:,} rows in {months} files", pairs, only)


def _compare(source: Path, files: str, pairs: int, only: Sequence[str]) -> list[Measured]:
    found = []
    if "duckdb" in only:
        found.append(_pair(source, "duckdb", "cpu", f"CPU over counting with duckdb, {files}", 4, pairs))
    if "pandas" in only:
        found.append(_pair(source, "pandas", "cpu", f"CPU over naive pandas, {files}", 1 / 5, pairs))
        found.append(_pair(source, "pandas", "memory", f"peak memory over naive pandas, {files}", 1 / 6, pairs))
    if "memory" in only:
        peak = statistics.median(_run("ours", source)["memory"] for _ in range(pairs))
        found.append(Measured(f"peak memory in MB, {files}", peak, 0, peak, 700, pairs))
    if "month" in only:
        found.append(_one_more_month(source, files, pairs))
    return found


def _pair(source: Path, rival: str, figure: str, what: str, goal: float, pairs: int) -> Measured:
    runs = [(_run("ours", source)[figure], _run(rival, source)[figure]) for _ in range(pairs)]
    ours, theirs = (statistics.median(values) for values in zip(*runs, strict=True))
    return Measured(what, ours, theirs, statistics.median(a / b for a, b in runs), goal, pairs)


def _one_more_month(source: Path, files: str, pairs: int) -> Measured:
    """The last month added to the others, over cleaning all: CPU of the cleaning alone, and the bytes of the result."""
    paths = sorted(source.glob("*-street.csv"))
    # A file touched within the last seconds before a run is read again by the next, as it may have changed since.
    time.sleep(4)
    runs = []
    for _ in range(pairs):
        with tempfile.TemporaryDirectory(dir=source.parent) as folder:
            aside, grown, scratch = Path(folder) / paths[-1].name, Path(folder) / "grown", Path(folder) / "scratch"
            paths[-1].rename(aside)
            try:
                _run("ours", source, grown)
            finally:
                aside.rename(paths[-1])
            added = _run("ours", source, grown)["step"]
            runs.append((added, _run("ours", source, scratch)["step"]))
            if _contents(grown) != _contents(scratch):
                raise AssertionError("one more month gives other bytes than a clean from scratch")
    added, full = (statistics.median(values) for values in zip(*runs, strict=True))
    ratio = statistics.median(a / b for a, b in runs)
    return Measured(f"CPU of one more month over a full clean, {files}", added, full, ratio, 1.5 / len(paths), pairs)


def _contents(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def _run(contender: str, source: Path, out: Path | None = None) -> dict[str, float]:
    """Run one contender in a process of its own."""
    with tempfile.TemporaryDirectory(dir=source.parent if out else None) as folder:
        target = out or Path(folder) / "out"
        return json.loads(_start(contender, str(source), str(target)))


def _start(*arguments: str) -> str:
    command = [sys.executable, "-m", "benchmarks.cleaning", "--worker", *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def _work(contender: str, source: Path, out: Path) -> None:
    """In the process of its own: do the work, and say what it took."""
    import resource  # Windows has none

    step = {"ours": _clean, "duckdb": _count_with_duckdb, "pandas": _clean_with_pandas}[contender](source, out)
    used = resource.getrusage(resource.RUSAGE_SELF)
    unit = 1e6 if sys.platform == "darwin" else 1e6 / 1024
    print(json.dumps({"cpu": used.ru_utime + used.ru_stime, "memory": used.ru_maxrss / unit, "step": step}))


def _clean(source: Path, out: Path) -> float:
    from hcsp_assess.sources.police_uk import clean_archive

    began = time.process_time()
    clean_archive(source, out)
    return time.process_time() - began


def _count_with_duckdb(source: Path, out: Path) -> float:
    import duckdb

    began = time.process_time()
    duckdb.connect().execute("select count(*) from read_csv(?)", [f"{source}/*-street.csv*"]).fetchall()
    return time.process_time() - began


def _clean_with_pandas(source: Path, out: Path) -> float:
    import pandas as pd

    began = time.process_time()
    rows = pd.concat([pd.read_csv(path) for path in sorted(source.glob("*-street.csv*"))], ignore_index=True)
    rows = rows.drop_duplicates("Crime ID")
    rows["Month"] = pd.to_datetime(rows["Month"])
    out.mkdir(parents=True)
    rows.to_parquet(out / "street.parquet")
    return time.process_time() - began


def write_street_files(folder: Path, rows: int, months: int) -> None:
    """Made-up street files in the published form, a file a month; the same numbers give the same bytes."""
    import numpy as np
    import polars as pl

    folder.mkdir(parents=True)
    for month in range(months):
        rng, number = np.random.default_rng(month), rows // months + (month < rows % months)
        name = f"{2020 + month // 12}-{month % 12 + 1:02d}"
        asb, nowhere = rng.random(number) < 0.29, rng.random(number) < 0.015
        digits = np.frombuffer(rng.bytes(32 * number).hex().encode(), "S64").astype(str)
        zone = rng.integers(0, 700, number)
        table = {
            "Crime ID": np.where(asb, "", digits),
            "Month": name,
            "Reported by": "West Mercia Police",
            "Falls within": "West Mercia Police",
            "Longitude": rng.uniform(-3.1, -1.8, number).round(6),
            "Latitude": rng.uniform(51.8, 53.0, number).round(6),
            "Location": pl.Series(rng.integers(0, 12_000, number)),
            "LSOA code": pl.Series(zone),
            "LSOA name": pl.Series(zone // 5),
            "Crime type": np.where(asb, "Anti-social behaviour", np.array(OTHER_TYPES)[rng.integers(0, 7, number)]),
            "Last outcome category": np.where(asb, "", np.array(OUTCOMES)[rng.integers(0, 5, number)]),
            "Context": "",
        }
        placed = pl.Series(~nowhere)
        text = {
            "Location": pl.format("On or near Street {} Road", "Location"),
            "LSOA code": pl.format("E0101{}", (pl.col("LSOA code") + 4000)),
            "LSOA name": pl.format("Herefordshire {}A", pl.col("LSOA name").cast(pl.String).str.zfill(3)),
        }
        frame = pl.DataFrame(table).with_columns(**text)
        located = ["Longitude", "Latitude", "LSOA code", "LSOA name"]
        frame = frame.with_columns(
            *(pl.when(placed).then(pl.col(column)).alias(column) for column in located),
            Location=pl.when(placed).then("Location").otherwise(pl.lit("No Location")),
        )
        frame.write_csv(folder / f"{name}-{FORCE}-street.csv", quote_style="never")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", nargs="*", type=int, default=[1_000_000], help="how many rows the made-up files have")
    parser.add_argument("--months", type=int, default=12, help="in how many monthly files")
    parser.add_argument("--pairs", type=int, default=3, help="how often each pair is run, in turn")
    parser.add_argument("--only", nargs="+", choices=MEASURES, default=MEASURES)
    parser.add_argument("--real", type=Path, help="a folder of real street files to measure as well")
    parser.add_argument("--worker", nargs="+", help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.worker:
        who, source, *rest = asked.worker
        if who == "write":
            write_street_files(Path(source), *map(int, rest))
        else:
            _work(who, Path(source), Path(rest[0]))
        return
    print("| what | ours | theirs | ratio | goal at most | pairs |")
    print("|---|---|---|---|---|---|")
    for line in measure(asked.rows, months=asked.months, pairs=asked.pairs, only=asked.only, real=asked.real):
        numbers = f"{line.ours:.2f} | {line.theirs:.2f} | {line.ratio:.2f} | {line.goal:.2f}"
        print(f"| {line.what} | {numbers} | {line.pairs} |", flush=True)


if __name__ == "__main__":
    main()
