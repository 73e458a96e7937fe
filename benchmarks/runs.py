"""What does a run cost, beside a loop over the commands of papermill and nbconvert?

    python -m benchmarks.runs                       # everything, about a quarter of an hour
    python -m benchmarks.runs --only start --only six

CPU seconds with every process, PDF switched off, medians of pairs in turn; results that a run keeps are removed before
each, so that each works them out. Works on a copy of this checkout in a temporary folder.
"""

import argparse
import shutil
import sys
import tempfile
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd

from benchmarks.markdown import as_markdown
from benchmarks.pairs import Measured, compare, cost_of
from hcsp_assess.subject.areas import area

ROOT = Path(__file__).parents[1]
BIN = Path(sys.executable).parent
SIX = ("about_area", "levels_and_changes", "crime_trends", "rural_crime", "shoplifting", "data_quality")
OF_EACH_AREA = ("levels_and_changes", "crime_trends", "shoplifting", "data_quality")
AREAS, ALL_AREAS = 20, 320
TYPES = ("Burglary", "Shoplifting", "Violence and sexual offences", "Anti-social behaviour", "Vehicle crime", "Drugs")


def measure(*, only: Sequence[str] = (), pairs: int = 3) -> list[Measured]:
    """Measure runs beside commands that one would otherwise write.

    Parameters
    ----------
    only : sequence of str
        Of "start", "editions", "six" and "areas"; all of them where it is empty.
    """
    parts: dict[str, Callable[[Path, int], list[Measured]]] = {
        "start": _start,
        "editions": _editions,
        "six": _six_chapters,
        "areas": _areas,
    }
    found: list[Measured] = []
    for name in only or parts:
        with tempfile.TemporaryDirectory() as folder:
            found += parts[name](_project(Path(folder)), pairs)
    return found


def _project(folder: Path) -> Path:
    for name in ("notebooks", "data/raw"):
        left_out = shutil.ignore_patterns("simulated*", "returns_simulated*", ".*")
        shutil.copytree(ROOT / name, folder / name, ignore=left_out)
    return folder


def _ours(project: Path, *arguments: str) -> float:
    for kept in project.glob("data/processed/*/kept"):
        shutil.rmtree(kept)
    return _cpu(project, "hcsp-assess", *arguments)


def _cpu(project: Path, *command: str) -> float:
    env = {"HCSP_ASSESS_BROWSER": "none", "HCSP_ASSESS_PROJECT": str(project)}
    program, *arguments = command
    return cost_of([str(BIN / program), *arguments], folder=project, env=env).cpu


def _commands(project: Path, edition: str, chapters: Sequence[str]) -> float:
    """What one would write without this package's runs: papermill and nbconvert, chapter by chapter."""
    for kept in project.glob("data/processed/*/kept"):
        shutil.rmtree(kept)
    total, out = 0.0, project / "out"
    out.mkdir(exist_ok=True)
    for name in chapters:
        executed = str(out / f"{name}.ipynb")
        total += _cpu(
            project, "papermill", f"notebooks/{name}.ipynb", executed, "-r", "edition", edition, "--cwd", "notebooks"
        )
        total += _cpu(project, "jupyter", "nbconvert", "--to", "html", "--no-input", executed)
    return total


def _start(project: Path, pairs: int) -> list[Measured]:
    """What is asked often, beside the import of typer, on which the command line rests; medians of 7 pairs or more."""
    theirs = partial(_cpu, project, "python", "-c", "import typer")
    goal = "0.4 s at most"
    commands = {
        "--help": ("--help",),
        "--version": ("--version",),
        "status": ("status",),
        "new --help": ("new", "--help"),
        "init --help": ("init", "--help"),
    }
    ours = {f"hcsp-assess {name}": partial(_cpu, project, "hcsp-assess", *words) for name, words in commands.items()}
    ours["completion of an edition"] = partial(_complete, project, "hcsp-assess run 20")
    return [
        compare(name, "python -c 'import typer'", measured, theirs, goal=goal, pairs=max(pairs, 7))
        for name, measured in ours.items()
    ]


def _complete(project: Path, words: str) -> float:
    """CPU seconds of pressing Tab after these words."""
    env = {"_HCSP_ASSESS_COMPLETE": "complete_bash", "COMP_WORDS": words, "COMP_CWORD": str(len(words.split()) - 1)}
    return cost_of([str(BIN / "hcsp-assess")], folder=project, env=env).cpu


def _editions(project: Path, pairs: int) -> list[Measured]:
    goals = {"2025": "30 s at most", "2013-14": "45 s at most"}
    for key in goals:
        _ours(project, "run", key)  # simulated, cleaned and counted once
    return [
        compare(f"run {key}", "", partial(_ours, project, "run", key), None, goal=goal, pairs=pairs)
        for key, goal in goals.items()
    ]


def _six_chapters(project: Path, pairs: int) -> list[Measured]:
    chapters = "".join(f'\n[[chapters]]\nnotebook = "{name}"\n' for name in SIX)
    definition = (ROOT / "hcsp_assess/definitions/editions/2025.toml").read_text(encoding="utf-8")
    (project / "editions").mkdir()
    before, _, _ = definition.partition("[[chapters]]")
    (project / "editions" / "six.toml").write_text(before + chapters, encoding="utf-8")
    _ours(project, "run", "six")
    commands = partial(_commands, project, "six", SIX)
    ours = partial(_ours, project, "run", "six")
    return [
        compare("six chapters of 2025", "papermill and nbconvert", ours, commands, goal="a fifth at most", pairs=pairs)
    ]


def _areas(project: Path, pairs: int) -> list[Measured]:
    """Twenty made-up partnerships, extrapolated to all: what is shared is paid once, the rest for each."""
    write_county(project)
    areas = project / "areas.csv"
    lines = [f"area{number},county" for number in range(AREAS)]
    areas.write_text("area,edition\n" + "\n".join(lines) + "\n", encoding="utf-8")
    _ours(project, "run", "county@area0")
    one = partial(_ours, project, "run", "county@area0")

    def ours() -> float:
        once = one()
        twenty = _ours(project, "run", "--areas", str(areas), "--workers", "2", "--quiet")
        return once + (twenty - once) / (AREAS - 1) * (ALL_AREAS - 1)

    def theirs() -> float:
        return _commands(project, "county@area0", OF_EACH_AREA) * ALL_AREAS

    what = f"{ALL_AREAS} areas, four chapters each, extrapolated from {AREAS}"
    return [compare(what, "papermill and nbconvert, from 1", ours, theirs, goal="a tenth at most", pairs=pairs)]


def write_county(project: Path, *, rows: int = 6000) -> None:
    """Twenty areas of the small areas of one, and two years of made-up files of their force, so many rows a month."""
    rng = np.random.default_rng(1)
    table = (ROOT / "hcsp_assess/definitions/areas/herefordshire.csv").read_text(encoding="utf-8").splitlines()
    (project / "areas").mkdir()
    (project / "editions").mkdir()
    for number in range(AREAS):
        settings = {
            "name": f"Area {number}", "full_name": f"Area {number}", "district_code": f"E060009{number:02d}",
            "partnership_code": "E22000326", "force": "west-mercia", "force_name": "West Mercia",
            "classification": "made up",
        }  # fmt: skip
        lines = [f'{name} = "{value}"' for name, value in settings.items()]
        (project / "areas" / f"area{number}.toml").write_text("\n".join(lines) + "\n", encoding="utf-8")
        own = [table[0], *table[1 + number :: AREAS]]
        (project / "areas" / f"area{number}.csv").write_text("\n".join(own) + "\n", encoding="utf-8")
    chapters = "".join(f'\n[[chapters]]\nnotebook = "{name}"\n' for name in OF_EACH_AREA)
    (project / "editions" / "county.toml").write_text(COUNTY + chapters, encoding="utf-8")
    codes = np.array(sorted(area("herefordshire").folds))
    for month in pd.period_range("2023-01", "2024-12", freq="M"):
        _write_month(project / "data" / "raw" / "police_uk", str(month), codes, rng, rows)


def _write_month(folder: Path, month: str, codes: np.ndarray, rng: np.random.Generator, rows: int) -> None:
    places, kinds = rng.choice(codes, rows), rng.choice(TYPES, rows)
    head = (
        "Crime ID,Month,Reported by,Falls within,Longitude,Latitude,Location,LSOA code,LSOA name,Crime type,"
        "Last outcome category,Context"
    )
    force = "West Mercia Police,West Mercia Police"
    lines = [
        f"{'' if kind == 'Anti-social behaviour' else rng.bytes(32).hex()},{month},{force},-2.7,52.0,On or near High "
        f"Street,{place},Somewhere,{kind},{'' if kind == 'Anti-social behaviour' else 'Under investigation'},"
        for place, kind in zip(places, kinds, strict=True)
    ]
    path = folder / month / f"{month}-west-mercia-street.csv"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join([head, *lines]) + "\n", encoding="utf-8")


COUNTY = """
title = "A made-up county"
area = "area0"
period = "2024"
about = "Made up for a benchmark."

[[sources]]
key = "police_uk"
name = "Made-up street-level files"
kind = "street-level archive"
folder = "data/raw/police_uk"
"""


def as_table(measured: Sequence[Measured]) -> pd.DataFrame:
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


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", action="append", default=[], choices=["start", "editions", "six", "areas"])
    parser.add_argument("--pairs", type=int, default=3)
    asked = parser.parse_args()
    print(as_markdown(as_table(measure(only=asked.only, pairs=asked.pairs)), ""))


if __name__ == "__main__":
    main()
