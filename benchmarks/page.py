"""Measure everything and write docs/benchmarks.md: `python -m benchmarks.page` (about an hour)."""

import argparse
import os
import platform
from importlib.metadata import version
from pathlib import Path

import pandas as pd

from benchmarks import cleaning, large, recorded_crime, runs, trend_methods
from benchmarks.markdown import as_markdown
from hcsp_assess.files import write_whole

PAGE = Path(__file__).parents[1] / "docs" / "benchmarks.md"
REAL = Path(__file__).parents[2] / "shared" / "data" / "data.police.uk" / "west-mercia-street-raw"


#: Packages whose versions decide how fast it is.
PACKAGES = ("numpy", "pandas", "polars", "scipy", "statsmodels", "papermill", "nbconvert", "duckdb", "pymannkendall")


def of_cleaning(pairs: int) -> pd.DataFrame:
    """Cleaning made-up files, of twenty million rows for memory alone, and real ones where they are held."""
    measured = cleaning.measure(pairs=pairs, real=REAL if REAL.is_dir() else None)
    measured += cleaning.measure([20_000_000], months=40, pairs=1, only=["memory"])
    rows = {
        one.what: {
            "ours": f"{one.ours:.3g}",
            "theirs": f"{one.theirs:.3g}" if one.theirs else None,
            "ours / theirs": f"{one.ratio:.3g}" if one.theirs else None,
            "goal, at most": f"{one.goal:.3g}",
            "pairs": one.pairs,
        }
        for one in measured
    }
    return pd.DataFrame(rows).T


def of_recorded_crime() -> pd.DataFrame:
    """Reading a Home Office table of full size once, beside each reader that is installed."""
    measured = recorded_crime.measure()
    rows = {
        f"{one.what} ({one.unit})": {
            "ours": f"{one.ours:.3g}",
            "theirs": f"{one.theirs:.3g}" if one.theirs is not None else None,
            "ours / theirs": f"{one.ratio:.3g}" if one.ratio is not None else None,
            "goal": one.goal,
            "pairs": one.pairs,
        }
        for one in measured
    }
    return pd.DataFrame(rows).T


def write_page(pairs: int) -> None:
    """Measure, and write the page whole."""
    parts = {
        "Runs": (
            "A run is compared with a loop over the commands of papermill and nbconvert, for the same chapters. PDF is "
            "switched off, and shared results are removed before each run.",
            runs.as_table(runs.measure(pairs=pairs)),
        ),
        "Cleaning": (
            "CPU seconds and MB of a whole process, compared with counting the same rows with duckdb, and with simple "
            "pandas code.",
            of_cleaning(pairs),
        ),
        "Two million rows, and the largest return": (
            "A run of four chapters, and reading a return of 200,000 rows, compared with pandas that reads and counts "
            "the same rows (no checks, no account, no chapters). Memory is that of the largest process.",
            large.measure(pairs=pairs),
        ),
        "Recorded crime": (
            "Reading an invented Home Office table of full size, compared with other readers of OpenDocument: CPU "
            "seconds and MB of a whole process.",
            of_recorded_crime(),
        ),
        "Methods for monthly series": (
            "CPU milliseconds a series.",
            trend_methods.as_table(trend_methods.measure(pairs=pairs)),
        ),
    }
    machine = f"{platform.machine()}, {os.cpu_count()} cores, {platform.system()}, Python {platform.python_version()}"
    versions = ", ".join(f"{name} {version(name)}" for name in PACKAGES)
    lines = [
        "# Benchmarks",
        "",
        "This page compares the time and memory of runs, cleaning and methods with other tools. "
        "`python -m benchmarks.page` measures everything and rewrites it. Figures are medians of pairs, in turn "
        "in the same run; CPU seconds count every process. Compare ratios between machines, not seconds.",
        "",
        f"Measured on {machine}; {versions}.",
    ]
    for title, (about, table) in parts.items():
        lines += ["", f"## {title}", "", about, "", as_markdown(table, "")]
    lines += [
        "",
        "## Where to go next",
        "",
        "False alarms and power of trends: [benchmarks-trends.md](benchmarks-trends.md).",
    ]
    write_whole(PAGE, ("\n".join(lines) + "\n").encode("utf-8"))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pairs", type=int, default=3)
    write_page(parser.parse_args().pairs)


if __name__ == "__main__":
    main()
