"""What do a run on two million rows and the largest return cost, beside pandas that only reads the same files?

    python -m benchmarks.large
    python -m benchmarks.large --rows 200000 --returned 20000 --pairs 1

CPU seconds with every process, and peak memory of the largest, PDF and Word switched off; medians of pairs in turn.
Street files and returns are made up in a temporary folder. pandas only reads and counts: no check, no chapter.
"""

import argparse
import statistics
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd

from benchmarks.markdown import as_markdown
from benchmarks.pairs import Cost, cost_of
from benchmarks.runs import write_county
from hcsp_assess.subject.areas import area

ROOT = Path(__file__).parents[1]
MONTHS = 24
GROUPS = ("Theft", "Burglary", "Public order", "Drug offences", "Violence against the person")
COUNT = (
    "import pandas as pd; from pathlib import Path; "
    "files = sorted(Path('data/raw/police_uk').rglob('*-street.csv')); "
    "every = pd.concat(pd.read_csv(file) for file in files); "
    "print(every.groupby(['Month', 'Crime type', 'LSOA code']).size().sum())"
)


def measure(rows: int = 2_000_000, returned: int = 200_000, pairs: int = 3) -> pd.DataFrame:
    """Measure a run on so many rows of street files, and reading returns of so many rows.

    Returns
    -------
    pandas.DataFrame
        One line per measurement: CPU seconds and MB of ours and of pandas, and the median ratio of CPU seconds.
    """
    found = {}
    with tempfile.TemporaryDirectory() as name:
        project = Path(name)
        (project / "notebooks").symlink_to(ROOT / "notebooks")
        write_county(project, rows=-(-rows // MONTHS))
        first = _hcsp(project, "run", "county@area0", "--quiet")
        found[f"run on {rows:,} rows, the first time"] = _line([(first, _pandas(project, COUNT))])
        again = [(_hcsp(project, "run", "county@area0", "--quiet"), _pandas(project, COUNT)) for _ in range(pairs)]
        found[f"run on {rows:,} rows, again"] = _line(again)
        for kind, path in _write_returns(project, returned).items():
            ours = lambda path=path: _hcsp(project, "read-return", str(path), "force_extract")  # noqa: E731
            theirs = lambda path=path, kind=kind: _pandas(  # noqa: E731
                project, f"import pandas as pd; pd.read_{kind}({str(path)!r})"
            )
            found[f"return of {returned:,} rows, {path.suffix}"] = _line(_in_turn(ours, theirs, pairs))
    return pd.DataFrame.from_dict(found, orient="index")


def _in_turn(ours: Callable[[], Cost], theirs: Callable[[], Cost], pairs: int) -> list[tuple[Cost, Cost]]:
    return [(ours(), theirs()) for _ in range(pairs)]


def _line(pairs: list[tuple[Cost, Cost]]) -> dict[str, float]:
    middle = statistics.median
    return {
        "ours, CPU s": round(middle(our.cpu for our, _ in pairs), 1),
        "pandas, CPU s": round(middle(their.cpu for _, their in pairs), 1),
        "ratio": round(middle(our.cpu / their.cpu for our, their in pairs), 2),
        "ours, MB": round(middle(our.peak for our, _ in pairs)),
        "pandas, MB": round(middle(their.peak for _, their in pairs)),
    }


def _hcsp(project: Path, *arguments: str) -> Cost:
    env = {"HCSP_ASSESS_BROWSER": "none", "HCSP_ASSESS_WORD": "none", "HCSP_ASSESS_PROJECT": str(project)}
    return cost_of([sys.executable, "-m", "hcsp_assess", *arguments], folder=project, env=env)


def _pandas(project: Path, program: str) -> Cost:
    return cost_of([sys.executable, "-c", program], folder=project)


def _write_returns(project: Path, rows: int) -> dict[str, Path]:
    """Write the police's return of single offences, the longest of all, as CSV and as a workbook."""
    rng = np.random.default_rng(1)
    codes = np.array(sorted(area("herefordshire").folds))
    days = pd.to_datetime("2024-04-01") + pd.to_timedelta(rng.integers(0, 365, rows), unit="D")
    table = pd.DataFrame(
        {
            "Date": days.strftime("%d/%m/%Y"),
            "Offence group": rng.choice(GROUPS, rows),
            "LSOA": rng.choice(codes, rows),
            "Alcohol": rng.choice(["Yes", "No", ""], rows),
        }
    )
    paths = {"csv": project / "offences.csv", "excel": project / "offences.xlsx"}
    table.to_csv(paths["csv"], index=False)
    table.to_excel(paths["excel"], index=False)
    return paths


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=2_000_000, help="rows of street files")
    parser.add_argument("--returned", type=int, default=200_000, help="rows of a return")
    parser.add_argument("--pairs", type=int, default=3)
    chosen = parser.parse_args()
    print(as_markdown(measure(chosen.rows, chosen.returned, chosen.pairs), "what"))
