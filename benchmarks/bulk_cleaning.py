"""Cleaning an archive of street files: the project's path against pandas, as ratios of CPU time and peak memory.

    python -m benchmarks.bulk_cleaning [FOLDER] [--times 10]

FOLDER holds street files; by default the 32 real West Mercia files beside the project. Each way runs in a process of
its own, one after the other, on the files as they are and on an enlargement in which each row occurs `--times` times
with Crime IDs of its own. All ways write the kept records as parquet, a file a month. Only the project's way also keeps
each set-aside row's line, takes checksums, finds crimes that two months have, and can go on from an earlier run.
"""

import argparse
import gzip
import json
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

SHARED = Path(__file__).parents[2] / "shared" / "data" / "data.police.uk" / "west-mercia-street-raw"
WAYS = {
    "hcsp_assess": "hcsp_assess (polars, a month at a time)",
    "pandas_same_rules": "pandas, the same rules, a month at a time",
    "pandas_plain": "pandas, hardly a check, a month at a time",
    "pandas_whole": "pandas, hardly a check, all months in one frame",
}
COORDINATES = {"Longitude": (-9.5, 2.5), "Latitude": (49.0, 61.5)}
OPEN = ["", "Under investigation", "Status update unavailable"]


def hcsp_assess(source: Path, out: Path) -> int:
    from hcsp_assess.sources.police_uk import clean_archive

    return sum(file.kept for file in clean_archive(source, out).files)


def pandas_same_rules(source: Path, out: Path) -> int:
    """The rules of docs/cleaning.md in pandas: a reason for each row set aside, and the kept rows typed."""
    kept = 0
    for path in sorted(source.glob("*.csv*")):
        rows = _read_pandas([path]).apply(lambda column: column.str.strip())
        rows = _judge_pandas(rows, path.name[:7])
        aside, rows = rows[rows["reason"].ne("")], rows[rows["reason"].eq("")].drop(columns="reason")
        out.mkdir(parents=True, exist_ok=True)
        if len(aside):
            aside.to_csv(out / f"{path.name[:7]}-quarantine.csv")
        kept += _write_pandas(_one_row_a_crime(rows), out)
    return kept


def _judge_pandas(rows, month: str):
    import pandas as pd

    from hcsp_assess.subject.crime_types import crime_types

    reason = pd.Series("", index=rows.index)
    spelling = {name.lower(): name for name in crime_types()}
    rows["Crime type"] = rows["Crime type"].str.lower().map(spelling).fillna(rows["Crime type"])
    numbers = {name: pd.to_numeric(rows[name], errors="coerce") for name in COORDINATES}
    located = rows["Longitude"].ne("") & rows["Latitude"].ne("")
    checks = {
        "LSOA code is not a code": rows["LSOA code"].ne("") & ~rows["LSOA code"].str.fullmatch("[EWNS][0-9]{8}"),
        "one coordinate of two": rows["Longitude"].ne("") ^ rows["Latitude"].ne(""),
        "unknown crime type": ~rows["Crime type"].isin(crime_types()),
        "month is not that of the file": rows["Month"].ne(month),
        "month is not a month": ~rows["Month"].str.fullmatch("[0-9]{4}-(0[1-9]|1[0-2])"),
    }
    for name, (low, high) in COORDINATES.items():
        checks[f"{name} outside the United Kingdom"] = located & ~numbers[name].between(low, high)
    for text, fails in checks.items():
        reason = reason.mask(fails, text)
    return rows.assign(**numbers, reason=reason)


def pandas_plain(source: Path, out: Path) -> int:
    return sum(_clean_plainly([path], out) for path in sorted(source.glob("*.csv*")))


def pandas_whole(source: Path, out: Path) -> int:
    return _clean_plainly(sorted(source.glob("*.csv*")), out)


def _clean_plainly(paths: list[Path], out: Path) -> int:
    """Text as text, coordinates as numbers, one row for each Crime ID; what else may be wrong is not looked at."""
    import pandas as pd

    rows = _read_pandas(paths)
    for name in COORDINATES:
        rows[name] = pd.to_numeric(rows[name], errors="coerce")
    return _write_pandas(_one_row_a_crime(rows), out)


def _read_pandas(paths: list[Path]):
    import pandas as pd

    frames = [pd.read_csv(path, dtype="str", keep_default_na=False, encoding="utf-8") for path in paths]
    return pd.concat(frames, ignore_index=True)


def _one_row_a_crime(rows):
    order = rows.assign(nowhere=rows["LSOA code"].eq(""), open=rows["Last outcome category"].isin(OPEN))
    order = order.sort_values(["nowhere", "open"], kind="stable")
    repeated = order["Crime ID"].ne("") & order.duplicated("Crime ID")
    return rows[~repeated.reindex(rows.index)]


def _write_pandas(rows, out: Path) -> int:
    out.mkdir(parents=True, exist_ok=True)
    for month, records in rows.groupby("Month", sort=False):
        records.to_parquet(out / f"{month}.parquet", compression="zstd", index=False)
    return len(rows)


def enlarge(source: Path, folder: Path, times: int) -> None:
    """Each row `times` times, with a Crime ID of its own each time; files as the publisher's, not gzipped."""
    folder.mkdir(parents=True, exist_ok=True)
    for path in sorted(source.glob("*-street.csv.gz")):
        header, *rows = gzip.decompress(path.read_bytes()).decode().splitlines()
        with (folder / path.name.removesuffix(".gz")).open("w", encoding="utf-8", newline="\n") as target:
            target.write(header + "\n")
            for copy in range(times):
                target.writelines((row if row.startswith(",") else f"{copy:02x}{row[2:]}") + "\n" for row in rows)


def measure(way: str, source: Path) -> dict[str, float]:
    """Run one way in a process of its own."""
    with tempfile.TemporaryDirectory() as out:
        command = [sys.executable, "-m", "benchmarks.bulk_cleaning", "--worker", way, str(source), str(Path(out) / "x")]
        run = subprocess.run(command, capture_output=True, text=True, check=True)
    return json.loads(run.stdout)


def work(way: str, source: Path, out: Path) -> None:
    """In the process of its own: clean, and tell what it took."""
    began = time.perf_counter()
    kept = globals()[way](source, out)
    report = {"kept": kept, "seconds": time.perf_counter() - began, "cpu": time.process_time()}
    try:
        import resource
    except ImportError:  # Windows keeps no account of peak memory that the standard library can read
        pass
    else:
        unit = 1 if sys.platform == "darwin" else 1024
        report["memory"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit
    print(json.dumps(report))


def compare(source: Path, label: str) -> None:
    results = {way: measure(way, source) for way in WAYS}
    ours = results["hcsp_assess"]
    print(f"\n{label}")
    print("| way | rows kept | CPU, s | times ours | wall, s | peak memory, MB | times ours |")
    print("|---|---|---|---|---|---|---|")
    for way, result in results.items():
        memory, own = result.get("memory"), ours.get("memory")
        told = ("not known", "") if memory is None else (f"{memory / 1e6:.0f}", f"{memory / own:.1f}")
        print(
            f"| {WAYS[way]} | {result['kept']:,} | {result['cpu']:.1f} | {result['cpu'] / ours['cpu']:.1f} | "
            f"{result['seconds']:.1f} | {told[0]} | {told[1]} |"
        )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("source", nargs="?", type=Path, default=SHARED)
    parser.add_argument("--times", type=int, default=10, help="how often each row occurs in the enlargement")
    parser.add_argument("--worker", nargs=3, metavar=("WAY", "SOURCE", "OUT"), help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.worker:
        work(asked.worker[0], Path(asked.worker[1]), Path(asked.worker[2]))
        return
    if not asked.source.is_dir():
        print(f"bulk_cleaning: {asked.source} is not there; name a folder of street files")
        return
    work_folder = Path(tempfile.mkdtemp())
    try:
        enlarge(asked.source, work_folder / "as published", 1)
        compare(work_folder / "as published", "Files as published")
        enlarge(asked.source, work_folder / "enlarged", asked.times)
        compare(work_folder / "enlarged", f"Each row {asked.times} times")
    finally:
        shutil.rmtree(work_folder, ignore_errors=True)


if __name__ == "__main__":
    main()
