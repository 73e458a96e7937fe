"""Measure everything and write docs/benchmarks.md: `python -m benchmarks.page` (about an hour)."""

import argparse
import os
import platform
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path

import pandas as pd

from benchmarks.markdown import as_markdown
from benchmarks.pairs import Measured
from hcsp_assess.files import write_whole

PAGE = Path(__file__).parents[1] / "docs" / "benchmarks.md"


#: Packages whose versions decide how fast it is.
PACKAGES = ("numpy", "pandas", "polars", "scipy", "statsmodels", "papermill", "nbconvert", "duckdb", "pymannkendall")


def as_rows(measured: Sequence[Measured]) -> pd.DataFrame:
    """Comparisons as a table for people."""
    rows = {
        one.what: {
            "beside": one.peer or None,
            "unit": one.unit,
            "ours": f"{one.ours:.3g}",
            "theirs": None if one.theirs is None else f"{one.theirs:.3g}",
            "ours / theirs": None if one.ratio is None else f"{one.ratio:.3g}",
            "goal": one.goal or None,
            "pairs": one.pairs,
        }
        for one in measured
    }
    return pd.DataFrame(rows).T


def write_page(pairs: int) -> None:
    """Measure, and write the page whole."""
    from benchmarks import runs, trend_methods

    parts = {
        "Runs": (
            "A run beside a loop over the commands of papermill and nbconvert, for the same chapters. PDF switched "
            "off; what runs keep is removed before each.",
            as_rows(runs.measure(pairs=pairs)),
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
        "Written by `python -m benchmarks.page`. Medians of pairs, each side in turn in the same run; CPU seconds "
        "count every process. Ratios travel between machines, seconds do not.",
        "",
        f"Measured on {machine}; {versions}.",
    ]
    for title, (about, table) in parts.items():
        lines += ["", f"## {title}", "", about, "", as_markdown(table, "")]
    write_whole(PAGE, ("\n".join(lines) + "\n").encode("utf-8"))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pairs", type=int, default=3)
    write_page(parser.parse_args().pairs)


if __name__ == "__main__":
    main()
