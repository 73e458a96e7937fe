"""One report for each of many partnerships: all that can be built are, whatever becomes of the others."""

import json
import os
import re
import signal
import subprocess
import sys
import time
from importlib import resources
from pathlib import Path

import nbformat
import psutil
import pytest
from conftest import call, kernels_of, said, write_street_file

from hcsp_assess.errors import InputError, UsageError
from hcsp_assess.project import Project
from hcsp_assess.run.area_list import AreaReport, read_areas
from hcsp_assess.run.build import check_run
from hcsp_assess.run.cluster import open_cluster
from hcsp_assess.run.lock import run_lock
from hcsp_assess.run.log import latest_runs, status
from hcsp_assess.run.many_areas import KILLED, run_areas
from hcsp_assess.sources.texts import find_texts
from hcsp_assess.subject.editions import edition

MONTHS = [f"2024-{number:02d}" for number in range(1, 13)]
TIMES = re.compile(rb"<time.*?</time>|@bottom-left [{][^}]*[}]|\d+ \w+ \d{4}, \d\d:\d\d UTC")
TOWNS = {"north": ("E01014005", "Herefordshire 012C"), "south": ("E01013988", "Herefordshire 011B")}


@pytest.fixture
def county(tiny_project: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A county with three partnerships: the north, the south, and the middle, whose definition has no such LSOA."""
    table = (resources.files("hcsp_assess") / "definitions/areas/herefordshire.csv").read_text(encoding="utf-8")
    header, *lines = table.splitlines()
    monkeypatch.setenv("HCSP_ASSESS_BROWSER", "none")  # no PDF: these tests make many runs
    (tiny_project / "areas").mkdir()
    for number, (key, (code, _)) in enumerate([*TOWNS.items(), ("middle", ("E01013990", ""))]):
        settings = "\n".join(
            f'{name} = "{value}"'
            for name, value in {
                "name": key.title(),
                "full_name": key.title(),
                "district_code": f"E0600009{number}",
                "partnership_code": f"E2200009{number}",
                "force": "west-mercia",
                "force_name": "West Mercia",
                "classification": "as tested",
            }.items()
        )
        (tiny_project / "areas" / f"{key}.toml").write_text(settings, encoding="utf-8")
        own = [line for line in lines if line.startswith(code)]
        (tiny_project / "areas" / f"{key}.csv").write_text("\n".join([header, *own]) + "\n", encoding="utf-8")
    for month in MONTHS:
        rows = [
            f"{month.replace('-', '')}{key}{number},{month},West Mercia Police,West Mercia Police,-2.7,52.0,On or near "
            f"High Town,{code},{name},Burglary,Under investigation,"
            for key, (code, name) in TOWNS.items()
            for number in range(3 if key == "north" else 2)
        ]
        write_street_file(tiny_project / "data" / "raw" / "police_uk", month, rows)
    show(tiny_project, "from IPython.display import HTML\n\nHTML(f'<p>This is edition {edition}.</p>')")
    return tiny_project


def show(project: Path, source: str) -> None:
    """Replace what the only chapter shows: these tests make many runs."""
    path = project / "notebooks" / "tiny.ipynb"
    notebook = nbformat.read(path, as_version=4)
    notebook.cells[-1].source = source
    nbformat.write(notebook, path)


def list_areas(project: Path, *areas: str) -> str:
    path = project / "areas.csv"
    path.write_text("area,edition\n" + "".join(f"{area},tiny\n" for area in areas), encoding="utf-8")
    return str(path)


def published(project: Path) -> dict[str, bytes]:
    """Every file of a report, without the times of publishing that pages show, also in the printed margin.

    The page over all areas says how many seconds each took, and is left out.
    """
    files = {}
    for path in sorted((project / "reports").rglob("*")):
        if path.is_file() and not path.is_relative_to(project / "reports" / "all"):
            name, content = path.relative_to(project / "reports").as_posix(), path.read_bytes()
            files[name] = TIMES.sub(b"", content) if name.endswith((".html", "run.json")) else content
    return files


@pytest.mark.slow
def test_reports_do_not_depend_on_the_number_of_workers_and_each_counts_its_own_area(county):
    areas = list_areas(county, "south", "north")
    result = call("run", "--areas", areas, "--workers", "2", "--json")
    assert result.exit_code == 0, result.output
    told = {outcome["area"]: outcome for outcome in json.loads(result.stdout)}
    assert {area: (told[area]["outcome"], told[area]["page"]) for area in told} == {
        "south": ("done", "reports/tiny@south/index.html"),
        "north": ("done", "reports/tiny@north/index.html"),
    }
    by_two = published(county)
    assert {"index.html", "tiny@north/index.html", "tiny@south/index.html"} <= set(by_two)
    for area, records in (("north", 36), ("south", 24)):
        assert _records(county, area) == records
        assert f"{area.title()} Community Safety Partnership".encode() in by_two[f"tiny@{area}/index.html"]
    for path in sorted((county / "reports").rglob("*"), reverse=True):
        path.unlink() if path.is_file() else path.rmdir()
    result = call("run", "--areas", list_areas(county, "north", "south"), "--workers", "1")
    assert result.exit_code == 0, result.output
    assert published(county) == by_two
    assert "tiny@north: running" in result.stderr
    assert re.search(r"south +tiny +done +1 +\d+ +reports/tiny@south/index.html", result.stdout)
    quiet = call("run", "--areas", areas, "--only-if-changed", "--quiet")
    assert (quiet.exit_code, quiet.output) == (0, "")
    assert {run.edition: run.outcome for run in latest_runs(Project(county), limit=2)} == {
        "tiny@north": "nothing new",
        "tiny@south": "nothing new",
    }
    assert {each.edition for each in status(Project(county)).editions} >= {"tiny", "tiny@north", "tiny@south"}


def _records(project: Path, area: str) -> int:
    """Records in the area, by the account that is published beside its page."""
    (account,) = (project / "reports" / f"tiny@{area}" / "files").rglob("account.csv")
    header, *lines = (line.split(",") for line in account.read_text(encoding="utf-8").splitlines())
    return sum(int(line[header.index("in_area")]) for line in lines)


def test_an_area_that_fails_is_tried_again_and_listed_and_stops_no_other(county):
    show(county, "assert not edition.endswith('south'), 'no such town'")
    result = call("run", "tiny", "--areas", list_areas(county, "south", "north"), "--workers", "1")
    assert result.exit_code == 1
    lines = re.findall(r"^tiny@.*$", result.stderr, flags=re.M)
    assert [re.sub(r"\d+ s", "n s", line) for line in lines] == [
        "tiny@south: running",
        "tiny@south: failed, will be tried again",
        "tiny@north: running",
        "tiny@north: done in n s",
        "tiny@south: running",
        "tiny@south: failed in n s",
    ]
    assert re.search(r"^south +tiny +failed +2 +\d+ +chapter tiny: cell 3 failed: AssertionError: no such town", result.stdout, flags=re.M)  # fmt: skip
    assert re.search(r"^north +tiny +done +1 +\d+ +reports/tiny@north/index.html", result.stdout, flags=re.M)
    assert (county / "reports" / "tiny@north" / "index.html").is_file()
    assert not (county / "reports" / "tiny@south").exists()


@pytest.mark.slow
@pytest.mark.skipif(os.name == "nt", reason="kills the POSIX way")
def test_workers_and_their_kernels_end_with_the_run_that_started_them(county):
    show(county, "import time\n\ntime.sleep(300)")
    command = [sys.executable, "-m", "hcsp_assess", "run", "--areas", list_areas(county, "north", "south"), "--workers", "2"]  # fmt: skip
    run = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _wait_until(lambda: len(kernels_of(county)) == 2)
    begun = psutil.Process(run.pid).children(recursive=True)
    assert len(begun) >= 6  # two workers, what each forks kernels from, and its kernel
    os.kill(run.pid, signal.SIGKILL)
    run.wait()
    _wait_until(lambda: not any(process.is_running() and process.status() != "zombie" for process in begun))
    assert {record.outcome for record in latest_runs(Project(county))} == {"interrupted"}
    assert not (county / "reports").exists()


@pytest.mark.slow
def test_a_worker_that_is_killed_takes_one_report_with_it_and_another_takes_its_place(county):
    show(county, "import os, psutil\n\nif edition.endswith('south'): psutil.Process(os.getppid()).parent().kill()")
    with open_cluster(Project(county), workers=1) as cluster:
        outcomes = run_areas([AreaReport(area, "tiny") for area in ("south", "north")], cluster, tries=1)
    assert [outcome.outcome for outcome in outcomes] == ["failed", "done"]
    assert outcomes[0].reason == KILLED


def _wait_until(true) -> None:
    for _ in range(3000):  # a machine that also does other work takes its time
        if true():
            return
        time.sleep(0.1)
    pytest.fail("it did not come to that in five minutes")


@pytest.mark.slow
def test_an_area_that_another_run_is_building_is_told_and_many_areas_are_built_by_one_run_at_a_time(county):
    with run_lock(Project(county), "edition tiny@north", name="run@north"):
        result = call("run", "--areas", list_areas(county, "north"), "--json", "--tries", "3")
    (outcome,) = json.loads(result.stdout)
    assert (result.exit_code, outcome["outcome"], outcome["tries"]) == (1, "failed", 3)
    assert re.match(
        r"^a run is in progress: edition tiny@north, .+ This run was not started; try again when", outcome["reason"]
    )
    with run_lock(Project(county), "reports of 9 areas", name="run-areas"):
        result = call("run", "--areas", list_areas(county, "north"))
    assert result.exit_code == 4
    assert "a run is in progress: reports of 9 areas" in said(result)


def test_how_many_times_an_area_is_tried_can_be_set_but_not_below_once(county):
    areas = list_areas(county, "north")
    with run_lock(Project(county), "edition tiny@north", name="run@north"):
        once = call("run", "--areas", areas, "--tries", "1")
    assert once.exit_code == 1
    assert [line.partition(" in ")[0] for line in once.stderr.splitlines() if line.startswith("tiny@")] == [
        "tiny@north: running",
        "tiny@north: failed",
    ]
    assert re.search(r"^north +tiny +failed +1 +\d+ +a run is in progress: edition tiny@north", once.stdout, flags=re.M)
    assert call("run", "--areas", areas, "--tries", "0").exit_code == 2
    assert call("run", "--areas", areas, "--workers", "-1").exit_code == 2


def test_areas_are_listed_as_csv_or_toml_and_an_edition_may_be_given_for_all(county):
    expected = (AreaReport("north", "tiny"), AreaReport("south", "tiny"))
    csv, toml = county / "areas.csv", county / "areas.toml"
    csv.write_bytes(b"\xef\xbb\xbfarea, edition\r\nnorth, tiny\r\n\r\nsouth,\r\n")  # as a spreadsheet writes it
    toml.write_text(
        '[[partnership]]\narea = "north"\n[[partnership]]\narea = "south"\nedition = "tiny"\n', encoding="utf-8"
    )
    for path in (csv, toml):
        assert read_areas(path, Project(county), default_edition="tiny") == expected


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("area,edition\n", "areas.csv lists no area"),
        ("place,edition\nnorth,tiny\n", "the list of areas {folder}/areas.csv has no column area; it needs area and edition"),
        ("area,edition\nnorth,tiny\nsouth,\n", "areas.csv, line 3: edition is missing"),
        ("area,edition\n,tiny\n", "areas.csv, line 2: area is missing"),
        ("area,edition\nnorth,tiny\nnorth,tiny\n", "areas.csv, line 3: edition tiny for north is listed twice"),
        ("area,edition\n../north,tiny\n", "areas.csv, line 2: '../north' is not the key of an area"),
        ("area,edition\nnorht,tiny\n", "areas.csv, line 2: there is no area 'norht': choose one of herefordshire, middle, north, south. Did you mean 'north'?"),
        ("area,edition\nnorth,2013-14\n", "areas.csv, line 2: edition 2013-14 cannot be made for north: Street-level crime, simulated in the form of data.police.uk is of herefordshire. Write one of its own"),
    ],
)  # fmt: skip
def test_a_list_of_areas_that_cannot_be_used_is_told_with_its_line_before_any_work(county, text, message):
    path = county / "areas.csv"
    path.write_text(text, encoding="utf-8")
    with pytest.raises((UsageError, InputError), match=f"^{re.escape(message.format(folder=county))}$"):
        read_areas(path, Project(county))
    assert call("run", "--areas", str(path)).exit_code in (1, 2)
    assert not (county / "data" / "processed").exists()


def test_an_edition_for_another_area_has_its_own_counts_returns_and_texts(county):
    usual, other = edition("2025", county), edition("2025@north", county)
    assert (other.key, other.area, other.span, other.chapters) == ("2025@north", "north", usual.span, usual.chapters)
    assert (other.source("police_uk").folder, other.source("police_uk").counts) == ("data/raw/police_uk", "")
    assert other.source("returns").folder == "data/raw/returns@north"
    assert edition("2025@herefordshire", county).sources == usual.sources
    assert find_texts("2025@herefordshire", county) == find_texts("2025", county) != find_texts("2025@north", county)
    with pytest.raises(UsageError, match=r"^there is no edition '2026@north'; there are 2013-14, 2025, tiny\."):
        edition("2026@north", county)
    assert list(check_run(edition("tiny@north", county), Project(county), {})) == [county / "notebooks" / "tiny.ipynb"]


@pytest.mark.parametrize("option", ["--workers", "--scheduler", "--output"])
def test_an_option_for_many_areas_is_not_passed_over_in_silence_for_one(county, option):
    result = call("run", "tiny", option, "2")
    assert (result.exit_code, said(result)) == (
        2,
        f"hcsp-assess: {option} goes with --areas: add --areas all, or leave {option} out",
    )
    assert not (county / "reports").exists()


def test_which_edition_is_asked_for_where_neither_it_nor_areas_are_given(county):
    result = call("run")
    assert result.exit_code == 2
    assert said(result) == "hcsp-assess: which edition? Give its name, such as 2025; `hcsp-assess editions` lists them"
