"""What does it cost to build a report for every partnership of England and Wales?

    python -m benchmarks.national                                  # official figures: 40, 80, 160 and all areas
    python -m benchmarks.national --rows 20000000 --steps 320      # with made-up street files of the national size
    python -m benchmarks.national --steps 24 --kills 5             # one of two workers killed at a seeded moment
    python -m benchmarks.national --steps 20 --against             # beside a loop over papermill and nbconvert

CPU seconds with every process, wall time on two workers, and the most memory that one report used. PDF is switched off.
Works in a temporary folder; street files are made up, of 36 months and every force, with 109 small areas in each
partnership. Every step begins with a new project.
"""

import argparse
import hashlib
import json
import os
import random
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from benchmarks.markdown import as_markdown
from benchmarks.pairs import cost_of
from hcsp_assess.subject.areas import own_areas

ROOT = Path(__file__).parents[1]
BIN = Path(sys.executable).parent
EDITION = "official"
STEPS = (40, 80, 160, 320)
FIRST_MONTH, MONTHS, SMALL_AREAS = "2022-07", 36, 109
KINDS = ("Violence and sexual offences", "Anti-social behaviour", "Shoplifting", "Burglary", "Vehicle crime", "Drugs")
STREET_CHAPTERS = ("levels_and_changes", "crime_trends", "shoplifting", "data_quality")
QUIET = {"HCSP_ASSESS_BROWSER": "none"}


#: Times of publishing, as pages and records have them.
TIMES = re.compile(rb"<time.*?</time>|@bottom-left [{][^}]*[}]|\d+ \w+ \d{4}, \d\d:\d\d UTC")
SOURCE = """
[[sources]]
key = "police_uk"
name = "Made up"
kind = "street-level archive"
folder = "data/raw/police_uk"
"""


@dataclass(frozen=True)
class Step:
    """What building so many reports cost.

    Attributes
    ----------
    cpu, wall : float
        Seconds.
    peak : float
        MB that the processes of the largest report used; memory that forked processes share is counted in each.
    largest : float
        MB of the largest single process: with street files, the one that takes out the records of each area.
    tries : int
        How many times reports were begun.
    """

    areas: int
    workers: int
    cpu: float
    wall: float
    peak: float
    largest: float
    tries: int

    @property
    def each(self) -> float:
        """CPU seconds per report."""
        return self.cpu / self.areas


@contextmanager
def national_project(areas: int, rows: int) -> Iterator[Path]:
    """A project of so many partnerships, with so many rows of made-up street files."""
    with tempfile.TemporaryDirectory() as folder:
        project = Path(folder)
        (project / "notebooks").symlink_to(ROOT / "notebooks")
        (project / "data" / "raw").mkdir(parents=True)
        _hcsp(project, "new", "partnership", "--all", "--edition", EDITION)
        for key in own_areas(project)[areas:]:
            (project / "areas" / f"{key}.toml").unlink()
        if rows:
            write_street_files(project, rows)
        yield project


def write_street_files(project: Path, rows: int) -> None:
    """Give each area small areas of its own, write street files of their forces, and have the edition show them."""
    rng, forces, number = np.random.default_rng(1), {}, 1
    for key in own_areas(project):
        path = project / "areas" / f"{key}.toml"
        settings = path.read_text(encoding="utf-8")
        fields = dict(line.split(" = ", 1) for line in settings.splitlines() if " = " in line)
        codes = [f"E01{number + one:06d}" for one in range(SMALL_AREAS)]
        number += SMALL_AREAS
        force = (json.loads(fields["force"]), json.loads(fields["force_name"]))
        forces.setdefault(force, []).extend(codes)
        whole, _, _ = settings.partition("\n[[district]]")  # which every small area would have to name
        kept = [line for line in whole.splitlines() if not line.startswith("small_areas")]
        path.write_text("\n".join(kept) + "\n", encoding="utf-8")
        header = "lsoa11_code,lsoa11_name,ward21_code,ward21_name,rural_urban,more_rural,market_town"
        lines = [f"{code},{key} {one:03d}A,E05000001,Ward,urban,no," for one, code in enumerate(codes)]
        (project / "areas" / f"{key}.csv").write_text("\n".join([header, *lines]) + "\n", encoding="utf-8")
    months = pd.period_range(FIRST_MONTH, periods=MONTHS, freq="M")
    for month in months:
        for (key, name), codes in forces.items():
            share = rows / MONTHS * len(codes) / (number - 1)
            _write_month(project / "data" / "raw" / "police_uk", str(month), key, name, codes, rng, round(share))
    definition = project / "editions" / f"{EDITION}.toml"
    text = definition.read_text(encoding="utf-8").replace("sources = []\n", "")
    text += SOURCE + "".join(f'\n[[chapters]]\nnotebook = "{name}"\n' for name in STREET_CHAPTERS)
    definition.write_text(text, encoding="utf-8")


def _write_month(
    folder: Path, month: str, key: str, name: str, codes: Sequence[str], rng: np.random.Generator, rows: int
) -> None:
    """Write a force's street file of a month by its columns, since millions of rows take long one by one."""
    kinds = rng.choice(KINDS, rows, p=(0.35, 0.2, 0.15, 0.1, 0.1, 0.1))
    incident = kinds == KINDS[1]
    ids = pd.Series(list(map("".join, zip(*(_hex(rng, rows) for _ in range(4)), strict=True))), dtype=str)
    table = pd.DataFrame(
        {
            "Crime ID": ids.mask(incident, ""),
            "Month": month,
            "Reported by": name,
            "Falls within": name,
            "Longitude": np.char.mod("%.6f", rng.uniform(-3, 0, rows)),
            "Latitude": np.char.mod("%.6f", rng.uniform(51, 54, rows)),
            "Location": "On or near High Street",
            "LSOA code": rng.choice(codes, rows),
            "LSOA name": "Somewhere",
            "Crime type": kinds,
            "Last outcome category": np.where(incident, "", "Under investigation"),
            "Context": "",
        }
    )
    path = folder / month / f"{month}-{key}-street.csv"
    path.parent.mkdir(parents=True, exist_ok=True)
    table.to_csv(path, index=False)


def _hex(rng: np.random.Generator, rows: int) -> list[str]:
    return [f"{number:016x}" for number in rng.integers(0, 2**63, rows).tolist()]


def build(project: Path, *, workers: int, kill_at: float | None = None) -> Step:
    """Build every report of a project, and measure it.

    Parameters
    ----------
    kill_at : float, optional
        Seconds after the first report was begun, when one of the workers is killed.
    """
    for name in ("reports", "restricted-reports", "data/processed"):
        shutil.rmtree(project / name, ignore_errors=True)
    command = [str(BIN / "hcsp-assess"), "run", EDITION, "--areas", "all", "--workers", str(workers), "--json"]
    killer = threading.Thread(target=_kill_a_worker, args=(project, kill_at)) if kill_at is not None else None
    if killer:
        killer.start()
    cost = cost_of(command, folder=project, env=QUIET | {"HCSP_ASSESS_PROJECT": str(project)})
    if killer:
        killer.join()
    outcomes = json.loads(cost.output)
    built = [each for each in outcomes if each["outcome"] == "done"]
    if len(built) != len(outcomes):
        raise RuntimeError(
            f"{len(outcomes) - len(built)} reports failed: {[e for e in outcomes if e not in built][:3]}"
        )
    peak = max(each["peak"] for each in built) / 1024**2
    return Step(len(built), workers, cost.cpu, cost.seconds, peak, cost.peak, sum(each["tries"] for each in built))


def _kill_a_worker(project: Path, seconds: float) -> None:
    """Kill a process that is building a report, so long after the first run was recorded."""
    runs = project / "data" / "processed" / "runs"
    while not (runs.is_dir() and any(runs.glob("*.json"))):
        time.sleep(0.05)
    time.sleep(seconds)
    records = sorted(runs.glob("*.json"), reverse=True)
    building = [record for path in records if (record := json.loads(path.read_bytes()))["outcome"] == "running"]
    if building:
        os.kill(building[0]["process"], signal.SIGKILL)


def shown(project: Path) -> dict[str, str]:
    """Checksums of every published file without the times of publishing; Word documents, which hold them, left out."""
    found = {}
    for path in sorted(project.glob("reports/*@*/**/*")):
        if path.is_file() and path.suffix != ".docx":
            content = path.read_bytes()
            text = TIMES.sub(b"", content) if path.suffix in (".html", ".json") else content
            name = path.relative_to(project).as_posix()
            found[name] = hashlib.sha256(text).hexdigest()
    return found


def kills(project: Path, number: int) -> pd.DataFrame:
    """Build without a kill, then so many times with a worker killed at a seeded moment; compare time and content."""
    whole = build(project, workers=2)
    expected, lines = shown(project), []
    for seed in range(1, number + 1):
        moment = random.Random(seed).uniform(0, whole.wall * 0.6)
        step = build(project, workers=2, kill_at=moment)
        same = shown(project) == expected
        lines.append(
            {"killed after, s": moment, "tries": step.tries, "wall / whole": step.wall / whole.wall, "same": same}
        )
    return pd.DataFrame(lines).round(2)


def against(project: Path) -> pd.DataFrame:
    """One worker, two workers, a loop over this package's single runs, and one over papermill and nbconvert."""
    one, two = build(project, workers=1), build(project, workers=2)
    keys = own_areas(project)
    env = QUIET | {"HCSP_ASSESS_PROJECT": str(project)}
    loop = [
        cost_of([str(BIN / "hcsp-assess"), "run", f"{EDITION}@{key}", "-q"], folder=project, env=env).cpu
        for key in keys[:3]
    ]
    chapters = ("summary", "comparison", "serious_violence")
    theirs, out = 0.0, project / "out"
    out.mkdir()
    for name in chapters:
        executed, edition = str(out / f"{name}.ipynb"), f"{EDITION}@{keys[0]}"
        papermill = ["papermill", f"notebooks/{name}.ipynb", executed, "-r", "edition", edition, "--cwd", "notebooks"]
        for program, *rest in (papermill, ["jupyter", "nbconvert", "--to", "html", "--no-input", executed]):
            theirs += cost_of([str(BIN / program), *rest], folder=project, env=env).cpu
    lines = {
        "one worker": one.each,
        "two workers": two.each,
        "a loop over single runs": sum(loop) / len(loop),
        "a loop over papermill and nbconvert, without reports": theirs,
    }
    frame = pd.DataFrame({"CPU s per area": lines})
    return frame.assign(ratio=frame["CPU s per area"] / one.each).round(2)


def as_table(steps: Sequence[Step]) -> pd.DataFrame:
    """Steps for people, with what the last would take on 32 workers if the rest of the run were as fast as here."""
    frame = pd.DataFrame([asdict(step) | {"CPU s per area": step.each} for step in steps])
    frame["32 workers, wall min (extrapolated)"] = frame["cpu"] / 32 / 60
    return frame.rename(
        columns={"cpu": "CPU s", "wall": "wall s", "peak": "largest report, MB", "largest": "largest process, MB"}
    ).round(2)


def _hcsp(project: Path, *arguments: str) -> None:
    env = os.environ | QUIET | {"HCSP_ASSESS_PROJECT": str(project)}
    subprocess.run([str(BIN / "hcsp-assess"), *arguments], cwd=project, env=env, check=True, capture_output=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--steps", type=int, nargs="+", default=STEPS, help="how many areas")
    parser.add_argument("--rows", type=int, default=0, help="rows of street files in all")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--kills", type=int, default=0)
    parser.add_argument("--against", action="store_true")
    asked = parser.parse_args()
    steps = []
    for areas in asked.steps:
        with national_project(areas, asked.rows) as project:
            if asked.kills:
                print(as_markdown(kills(project, asked.kills), ""))
            elif asked.against:
                print(as_markdown(against(project), "what"))
            else:
                steps.append(build(project, workers=asked.workers))
                print(steps[-1], flush=True)
    if steps:
        print(as_markdown(as_table(steps), ""))


if __name__ == "__main__":
    main()
