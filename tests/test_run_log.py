"""The record of a run: on disk from its first moment, true after a kill, and the base for doing nothing."""

import json
import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from conftest import ROOT
from hypothesis import given
from hypothesis import strategies as st

from hcsp_assess.errors import InputError
from hcsp_assess.files import sha256_of
from hcsp_assess.project import Project
from hcsp_assess.run import fingerprint
from hcsp_assess.run.build import RunResult
from hcsp_assess.run.fingerprint import input_files, inputs_fingerprint
from hcsp_assess.run.finished_chapters import load_stage, save_stage, stage_key
from hcsp_assess.run.lock import AlreadyRunning, run_lock
from hcsp_assess.run.log import RunRecord, last_good_run, latest_runs, nothing_new, recorded_run, status
from hcsp_assess.run.unattended import run_unattended
from hcsp_assess.subject.editions import Edition, edition

#: Chapters of the edition 2025, as its definition lists them, and the counts that it names, which come with the package.
_CHAPTERS = tomllib.loads((ROOT / "hcsp_assess/definitions/editions/2025.toml").read_text(encoding="utf-8"))["chapters"]
_COUNTS = {path.relative_to(ROOT).as_posix() for path in (ROOT / "data/raw/herefordshire_2025").iterdir()}
#: Inputs of the edition 2025 in the project below: its one file of records, and of the chapters one is its own.
INPUTS = {
    "data/raw/police_uk/2024-01-west-mercia-street.csv",
    *_COUNTS,
    *(f"notebooks/{chapter['notebook']}.ipynb" for chapter in _CHAPTERS),
}


@pytest.fixture
def project(tmp_path: Path) -> Project:
    project = Project(tmp_path / "project")
    for folder in (project.notebooks, project.raw / "police_uk", project.reports / "2025"):
        folder.mkdir(parents=True)
    (project.raw / "police_uk" / "2024-01-west-mercia-street.csv").write_text("Crime ID\n", encoding="utf-8")
    (project.notebooks / "crime_trends.ipynb").write_text("{}", encoding="utf-8")
    (project.reports / "2025" / "index.html").write_text("<html>", encoding="utf-8")
    return project


def good_run(project: Project, mark: str = "same") -> RunRecord:
    with recorded_run(project, "2025") as recorder:
        page = "reports/2025/index.html"
        outputs = ((page, sha256_of(project.root / page)),)
        recorder.note(fingerprint=mark, page=page, outputs=outputs, inputs=(("data/raw/a.zip", "00ff"),))
    return recorder.record


def test_a_run_is_on_record_with_its_inputs_stages_and_outcome(project: Project) -> None:
    ticks = iter([0.0, 1.0, 1.0, 3.5, 4.0, 10.0, 12.0])
    with recorded_run(project, "2025", now=lambda: next(ticks)) as recorder:
        progress = recorder.watch()
        progress("clean and count", 0, 1)
        progress("chapters", 0, 1)
        recorder.note(inputs=(("data/raw/a.zip", "00ff"),), page="reports/2025/index.html")
    written = json.loads((project.processed / "runs" / f"{recorder.record.run}.json").read_text(encoding="utf-8"))
    assert written["stages"] == [
        {"name": "clean and count", "seconds": 2.5},
        {"name": "chapters", "seconds": 6.0},
    ]
    assert (written["outcome"], written["seconds"], written["inputs"]) == ("done", 12.0, [["data/raw/a.zip", "00ff"]])
    assert re.fullmatch(r"20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d\+00:00", written["ended"])
    assert latest_runs(project) == [recorder.record]


@pytest.mark.parametrize(
    ("error", "outcome", "told"),
    [
        (InputError("2024-01.zip is damaged"), "failed", "InputError: 2024-01.zip is damaged"),
        (KeyboardInterrupt(), "interrupted", "KeyboardInterrupt"),
        (SystemExit(3), "interrupted", "3"),
    ],
)
def test_a_run_that_does_not_end_well_says_why_and_how_far_it_came(
    project: Project, error: BaseException, outcome: str, told: str
) -> None:
    with pytest.raises(type(error)), recorded_run(project, "2025") as recorder:
        recorder.watch()("clean and count", 0, 1)
        raise error
    record = latest_runs(project)[0]
    assert (record.outcome, record.error, [stage.name for stage in record.stages]) == (
        outcome,
        told,
        ["clean and count"],
    )


def test_a_killed_run_is_told_as_interrupted_not_as_running_for_ever(project: Project) -> None:
    code = f"""
import os
from pathlib import Path
from hcsp_assess.run.build import RunResult
from hcsp_assess.project import Project
from hcsp_assess.run.lock import AlreadyRunning, run_lock
from hcsp_assess.run.log import recorded_run
project = Project(Path({str(project.root)!r}))
with run_lock(project, "edition 2025"), recorded_run(project, "2025"):
    os.abort()
"""
    subprocess.run([sys.executable, "-c", code], capture_output=True, check=False)
    record = latest_runs(project)[0]
    assert (record.outcome, record.error) == ("interrupted", "the run was killed, or the computer stopped")
    assert not next(e for e in status(project).editions if e.edition == "2025").ok


def test_a_run_that_is_running_is_told_as_running(project: Project) -> None:
    with run_lock(project, "edition 2025"), recorded_run(project, "2025"):
        now = status(project)
        assert latest_runs(project)[0].outcome == "running"
    assert now.running is not None
    assert now.running.process == os.getpid()


def test_the_log_has_one_line_for_each_run_that_ended_and_earlier_lines_stay(project: Project) -> None:
    good_run(project)
    before = (project.processed / "runs" / "log.jsonl").read_text(encoding="utf-8")
    with pytest.raises(InputError), recorded_run(project, "2025"):
        raise InputError("no files")
    after = (project.processed / "runs" / "log.jsonl").read_text(encoding="utf-8")
    assert after.startswith(before)
    assert [json.loads(line)["outcome"] for line in after.splitlines()] == ["done", "failed"]


def test_nothing_is_new_only_after_a_good_run_of_the_same_inputs_whose_report_is_in_place(project: Project) -> None:
    assert nothing_new(project, "2025", "same") is None
    good = good_run(project)
    assert nothing_new(project, "2025", "same") == good
    assert nothing_new(project, "2025", "other") is None
    assert nothing_new(project, "2013-14", "same") is None
    with recorded_run(project, "2025") as recorder:
        recorder.end("nothing new")
    assert nothing_new(project, "2025", "same") == good
    (project.reports / "2025" / "index.html").unlink()
    assert nothing_new(project, "2025", "same") is None


def test_a_failure_after_a_good_run_does_not_hide_it_and_shows_in_the_status(project: Project) -> None:
    good = good_run(project)
    with pytest.raises(InputError), recorded_run(project, "2025"):
        raise InputError("no files")
    found = next(each for each in status(project).editions if each.edition == "2025")
    assert found.last_good_run == good == last_good_run(project, "2025")
    assert (found.ok, found.published, found.last_run and found.last_run.error) == (False, True, "InputError: no files")


def test_a_record_of_an_older_version_is_read(project: Project) -> None:
    record = good_run(project)
    path = project.processed / "runs" / f"{record.run}.json"
    fields = json.loads(path.read_text(encoding="utf-8"))
    fields["stages"] = [{"name": "cleaning", "seconds": 1.5, "reused": False}]  # as versions until 2026 wrote it
    path.write_text(json.dumps(fields), encoding="utf-8")
    assert [(stage.name, stage.seconds) for stage in latest_runs(project)[0].stages] == [("cleaning", 1.5)]


def test_a_record_that_is_no_record_is_named_and_passed_over(
    project: Project, caplog: pytest.LogCaptureFixture
) -> None:
    path = project.processed / "runs" / "20260101T000000Z-2025-abcdef.json"
    path.parent.mkdir(parents=True)
    path.write_text("{", encoding="utf-8")
    good = good_run(project)
    assert latest_runs(project) == [good]
    told = rf"the record of a run {re.escape(str(path))} cannot be read \(.*\): remove the file\. It was passed over"
    assert re.search(told, caplog.text)


def test_the_status_of_a_project_that_never_ran_lists_its_editions(project: Project) -> None:
    now = status(project)
    assert now.running is None
    assert {each.edition for each in now.editions} >= {"2013-14", "2025"}
    assert all(each.ok and each.last_run is None for each in now.editions)


def change_input(project: Project) -> None:
    (project.raw / "police_uk" / "2024-01-west-mercia-street.csv").write_text("Crime ID,Month\n", encoding="utf-8")


def change_nothing_but_times(project: Project) -> None:
    for path in (project.raw / "police_uk").iterdir():
        os.utime(path, (1, 1))
    (project.raw / ".fetch").mkdir()
    (project.raw / ".fetch" / "x.part").write_text("half", encoding="utf-8")
    (project.raw / "fetched.jsonl").write_text("{}", encoding="utf-8")
    (project.raw / "simulated_2013-14").mkdir()
    (project.raw / "simulated_2013-14" / "2008-04-west-mercia-street.csv").write_text("simulated", encoding="utf-8")


def rename_input(project: Project) -> None:
    path = project.raw / "police_uk" / "2024-01-west-mercia-street.csv"
    path.rename(path.with_name("2024-02-west-mercia-street.csv"))


def change_notebook(project: Project) -> None:
    (project.notebooks / "crime_trends.ipynb").write_text('{"cells": []}', encoding="utf-8")


def add_return(project: Project) -> None:
    (project.raw / "returns").mkdir()
    (project.raw / "returns" / "fire.csv").write_text("a\n", encoding="utf-8")


def add_definition(project: Project) -> None:
    (project.root / "areas").mkdir()
    (project.root / "areas" / "here.toml").write_text("", encoding="utf-8")


@pytest.mark.parametrize(
    ("change", "same"),
    [
        (change_nothing_but_times, True),
        (change_input, False),
        (rename_input, False),
        (change_notebook, False),
        (add_return, False),
        (add_definition, False),
    ],
)
def test_the_fingerprint_changes_with_what_a_report_depends_on_and_with_nothing_else(
    project: Project, change: object, same: bool
) -> None:
    before = inputs_fingerprint(edition("2025", project.root), project)
    assert callable(change)
    change(project)
    assert (inputs_fingerprint(edition("2025", project.root), project) == before) is same


def test_the_fingerprint_knows_the_edition_the_parameters_and_the_software(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    prints = {
        inputs_fingerprint(edition("2025", project.root), project),
        inputs_fingerprint(edition("2013-14", project.root), project),
        inputs_fingerprint(edition("2025", project.root), project, {"window": 36}),
        inputs_fingerprint(edition("2025", project.root), project, {"window": "36"}),
    }
    monkeypatch.setattr(fingerprint, "software_fingerprint", lambda: "another version")
    assert len(prints | {inputs_fingerprint(edition("2025", project.root), project)}) == 5


def test_a_copy_of_a_project_has_the_same_fingerprint(project: Project, tmp_path: Path) -> None:
    copy = Project(Path(shutil.copytree(project.root, tmp_path / "elsewhere")))
    assert inputs_fingerprint(edition("2025", copy.root), copy) == inputs_fingerprint(
        edition("2025", project.root), project
    )
    files = dict(input_files(edition("2025", project.root), project))
    assert list(files) == sorted(INPUTS)
    assert files["notebooks/crime_trends.ipynb"] == sha256_of(project.notebooks / "crime_trends.ipynb")


def test_a_stage_is_taken_from_the_run_before_only_if_all_it_depends_on_is_as_it_was(tmp_path: Path) -> None:
    key = stage_key({"notebook": "abc", "window": 36})
    save_stage(tmp_path, "crime_trends", key, {"html": "<p>rising – ümlaut</p>", "warnings": ["slow"]})
    assert load_stage(tmp_path, "crime_trends", key) == {"html": "<p>rising – ümlaut</p>", "warnings": ["slow"]}
    assert load_stage(tmp_path, "crime_trends", stage_key({"notebook": "abc", "window": "36"})) is None
    assert load_stage(tmp_path, "rural_crime", key) is None
    (tmp_path / "crime_trends.json").write_text('{"key": "', encoding="utf-8")
    assert load_stage(tmp_path, "crime_trends", key) is None


@given(st.dictionaries(st.text(), st.one_of(st.none(), st.integers(), st.text(), st.floats(allow_nan=False))))
def test_the_order_of_what_a_stage_depends_on_makes_no_difference(parts: dict[str, object]) -> None:
    assert stage_key(parts) == stage_key(dict(reversed(parts.items())))


def build(chosen: Edition, project: Project, *, progress: object = None, **more: object) -> RunResult:
    """A run that cleans two months, runs a chapter, and publishes."""
    assert callable(progress)
    for stage in ("cleaning 2024-01", "cleaning 2024-02", "Running chapters"):
        progress(stage, 0, 1)
    page = project.reports / chosen.key / "index.html"
    page.write_text("<html>new", encoding="utf-8")
    return RunResult(page, {}, {}, (), 1.0, (page,))


def test_an_unattended_run_is_recorded_and_is_not_made_twice_of_the_same(project: Project) -> None:
    heard: list[str] = []
    result = run_unattended(
        edition("2025", project.root),
        project,
        build,
        progress=lambda stage, done, total: heard.append(stage),
        only_if_changed=True,
    )
    assert result is not None
    record = latest_runs(project)[0]
    assert (record.outcome, record.page) == ("done", "reports/2025/index.html")
    assert [stage.name for stage in record.stages] == ["cleaning", "Running chapters"]
    assert heard == ["cleaning 2024-01", "cleaning 2024-02", "Running chapters"]
    assert dict(record.inputs).keys() == INPUTS
    assert run_unattended(edition("2025", project.root), project, build, only_if_changed=True) is None
    assert [run.outcome for run in latest_runs(project)] == ["nothing new", "done"]
    change_input(project)
    assert run_unattended(edition("2025", project.root), project, build, only_if_changed=True) is not None
    assert (
        run_unattended(edition("2025", project.root), project, build) is not None
    )  # asked for without the option, it is always made


def test_an_unattended_run_that_fails_leaves_work_for_the_next(project: Project) -> None:
    def fail(*arguments: object, **more: object) -> RunResult:
        raise InputError("chapter crime_trends: its kernel died")

    with pytest.raises(InputError, match="^chapter crime_trends: its kernel died$"):
        run_unattended(edition("2025", project.root), project, fail, only_if_changed=True)
    assert latest_runs(project)[0].error == "InputError: chapter crime_trends: its kernel died"
    assert run_unattended(edition("2025", project.root), project, build, only_if_changed=True) is not None


def test_the_run_that_gives_way_to_another_leaves_no_record(project: Project) -> None:
    with (
        run_lock(project, "edition 2013-14"),
        pytest.raises(AlreadyRunning, match="^a run is in progress: edition 2013-14"),
    ):
        run_unattended(edition("2025", project.root), project, build)
    assert latest_runs(project) == []
