"""What a person at the terminal meets: results, messages, exit codes; and nothing half-written when it goes wrong."""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
import zipfile

import pytest
from conftest import call, kernels_of, said, write_street_file

from hcsp_assess import __version__

MONTHS = [f"2024-{number:02d}" for number in range(1, 13)]

#: What of a page tells when it was published.
TIMES = r"<time.*?</time>|@bottom-left [{][^}]*[}]|\d+ \w+ \d{4}, \d\d:\d\d UTC"


@pytest.fixture
def raw(tiny_project):
    return tiny_project / "data" / "raw" / "police_uk"


@pytest.fixture
def year(raw):
    for month in MONTHS:
        rows = None if month == "2024-01" else [line.replace("a" * 63, month * 9) for line in _rows(month)]
        write_street_file(raw, month, rows)
    return raw


def _rows(month, kind="Burglary"):
    place = (
        f"{month},West Mercia Police,West Mercia Police,-2.716,52.056,On or near High Town,E01014005,Herefordshire 012C"
    )
    return [f"{'a' * 63}0,{place},{kind},Under investigation,", f",{place},Anti-social behaviour,,"]


def test_version_and_help_with_an_example():
    assert call("--version").output == f"hcsp-assess {__version__}\n"
    for command in ("run", "clean", "check", "editions", "doctor", "simulate", "trends"):
        assert "Example:" in call(command, "--help").output, command


def test_the_command_line_starts_without_what_only_some_commands_need():
    """Nor does `status` load it, which a scheduler asks often."""
    heavy = ("jupyter_client", "matplotlib", "numpy", "pandas", "polars", "scipy")
    code = f"import sys, hcsp_assess.cli.main, hcsp_assess.run.log, hcsp_assess.run.notebooks\nprint([name for name in {heavy} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


def test_python_dash_m_is_the_same_command(tiny_project):
    done = subprocess.run(
        [sys.executable, "-m", "hcsp_assess", "--version"], capture_output=True, text=True, check=True
    )
    assert done.stdout == f"hcsp-assess {__version__}\n"


def test_a_run_publishes_a_page_and_an_index_and_tells_rows_that_balance(tiny_project, year):
    result = call("run", "tiny", "--json")
    assert result.exit_code == 0, result.output
    record = json.loads(result.stdout)
    rows = record["sources"][0]["rows"]
    assert rows == {"in": 26, "kept": 26, "duplicates": 0, "set aside": 0}
    assert (tiny_project / "reports" / "tiny" / "index.html").exists()
    assert "A tiny assessment" in (tiny_project / "reports" / "index.html").read_text(encoding="utf-8")
    assert [file["file"] for file in record["sources"][0]["files"]] == [f"{m}-west-mercia-street.csv" for m in MONTHS]


def test_the_same_run_twice_gives_the_same_counts_and_the_same_page_but_for_its_time(tiny_project, year):
    pages = []
    for _ in range(2):
        assert call("run", "tiny", "-q").exit_code == 0
        page = (tiny_project / "reports" / "tiny" / "index.html").read_text(encoding="utf-8")
        pages.append((re.sub(TIMES, "", page), (tiny_project / "data/processed/tiny/counts.csv.gz").read_bytes()))
    assert pages[0] == pages[1]


def test_quiet_says_nothing_and_editions_and_check_speak_to_machines(tiny_project, year):
    assert call("run", "tiny", "--quiet").output == ""
    listed = json.loads(call("editions", "--json").stdout)
    assert {item["edition"]: item["published"] for item in listed} == {"2013-14": False, "2025": False, "tiny": True}
    checks = {item["check"]: item["result"] for item in json.loads(call("check", "tiny", "--json").stdout)["checks"]}
    assert checks["Rows balance"] == "26 in = 26 kept + 0 duplicates + 0 set aside"
    assert checks["Months held"].startswith("all 12 months assessed")


def test_an_edition_that_does_not_exist_is_bad_usage(tiny_project):
    result = call("run", "tinny")
    assert (result.exit_code, result.stdout) == (2, "")
    assert said(result) == "hcsp-assess: there is no edition 'tinny'; there are 2013-14, 2025, tiny. Did you mean tiny?"


def test_a_misspelt_parameter_is_bad_usage_before_any_work(tiny_project, year):
    result = call("run", "tiny", "-p", "editon=2025")
    assert result.exit_code == 2
    assert (
        said(result) == "hcsp-assess: no chapter has a parameter 'editon'; choose one of edition. Did you mean edition?"
    )
    assert not (tiny_project / "data" / "processed").exists()


def test_outside_a_project_the_way_back_is_said(tmp_path, monkeypatch):
    monkeypatch.delenv("HCSP_ASSESS_PROJECT", raising=False)
    result = call("editions", "--project", str(tmp_path))
    assert result.exit_code == 2
    assert (
        "Change to the project's folder, or name it with --project or the environment variable HCSP_ASSESS_PROJECT."
        in said(result)
    )


def _nothing_published(project):
    return not (project / "reports").exists() or not list((project / "reports").rglob("index.html"))


def test_an_empty_folder(tiny_project):
    result = call("run", "tiny")
    assert result.exit_code == 1
    assert "nothing: put archives from data.police.uk (zip files or folders) in data/raw/police_uk" in said(result)
    assert _nothing_published(tiny_project)


def _truncated_zip(raw):
    with zipfile.ZipFile(raw / "2024-12.zip", "w") as archive:
        archive.write(write_street_file(raw.parent / "elsewhere", "2024-01"), "2024-01/2024-01-west-mercia-street.csv")
    content = (raw / "2024-12.zip").read_bytes()
    (raw / "2024-12.zip").write_bytes(content[: len(content) // 2])


def _missing_column(raw):
    path = write_street_file(raw, "2024-01")
    path.write_text(path.read_text(encoding="utf-8").replace("Crime type", "Kind"), encoding="utf-8")


def _binary(raw):
    path = write_street_file(raw, "2024-01")
    path.write_bytes(bytes(range(256)) * 20)


def _month_twice(raw):
    write_street_file(raw / "a", "2024-01")
    write_street_file(raw / "b", "2024-01", _rows("2024-01", "Drugs"))


def _unknown_type_throughout(raw):
    write_street_file(
        raw, "2024-01", [line.replace("Anti-social behaviour", "Piracy") for line in _rows("2024-01", "Piracy")]
    )


@pytest.mark.parametrize(
    ("spoil", "says"),
    [
        (_truncated_zip, "download it again"),
        (_missing_column, "Crime type"),
        (_binary, "2024-01-west-mercia-street.csv"),
        (_month_twice, "appears twice with different content"),
        (_unknown_type_throughout, "unknown crime type (line 2 is the first)"),
    ],
)
def test_bad_files_stop_the_run_with_a_message_that_names_them(tiny_project, raw, spoil, says):
    spoil(raw)
    result = call("run", "tiny")
    assert result.exit_code == 1
    assert says in said(result)
    assert _nothing_published(tiny_project)
    assert not list((tiny_project / "data" / "processed").rglob("*.parquet"))


def test_rows_that_cannot_be_used_are_set_aside_with_their_reason_and_a_code_of_their_own(tiny_project, year):
    write_street_file(year, "2024-12", [*_rows("2024-12"), *_rows("2024-12", "Piracy")[:1]])
    result = call("run", "tiny")
    assert result.exit_code == 3, result.output
    assert "of the rows were set aside, more than 1%: see the quarantine files" in said(result)
    (quarantine,) = (tiny_project / "data" / "processed").rglob("quarantine/2024-12.csv")
    assert "Piracy" in quarantine.read_text(encoding="utf-8")
    assert call("run", "tiny", "--threshold", "40").exit_code == 0  # 1 of the 3 rows of that file


def test_a_failing_chapter_leaves_the_last_report_and_keeps_the_notebook(tiny_project, year):
    assert call("run", "tiny", "-q").exit_code == 0
    page = tiny_project / "reports" / "tiny" / "index.html"
    before = page.read_bytes()
    notebook = tiny_project / "notebooks" / "tiny.ipynb"
    notebook.write_text(notebook.read_text(encoding="utf-8").replace("table_rows", "table_cows"), encoding="utf-8")
    result = call("run", "tiny")
    assert result.exit_code == 1
    assert "chapter tiny: cell 3 failed: AttributeError" in said(result)
    assert page.read_bytes() == before
    assert (tiny_project / "data" / "processed" / "failed" / "tiny" / "tiny.ipynb").exists()


@pytest.mark.skipif(sys.platform != "linux" or os.geteuid() != 0, reason="mounting a small disk needs Linux and root")
def test_a_full_disk_is_told_and_nothing_half_written_is_left(tiny_project, raw):
    for month in MONTHS:
        write_street_file(
            raw, month, [line.replace("a" * 63, f"{i:05d}{month}" * 6) for i in range(2000) for line in _rows(month)]
        )
    processed = tiny_project / "data" / "processed"
    processed.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", str(processed)], check=False
    ).returncode
    if mounted != 0:
        pytest.skip("this machine does not let root mount a tmpfs")
    try:
        result = call("run", "tiny")
        records = {*processed.glob("*.lock"), *(processed / "runs").rglob("*")}
        left = [path for path in processed.rglob("*") if path.is_file() and path not in records]
    finally:
        subprocess.run(["umount", str(processed)], check=True)
    assert result.exit_code == 1
    assert "No space left on device" in said(result) or "disk" in said(result)
    assert left == []
    assert _nothing_published(tiny_project)


@pytest.mark.skipif(os.name == "nt", reason="signals are sent the POSIX way")
def test_ctrl_c_in_the_middle_leaves_the_last_report_and_no_kernel(tiny_project, year):
    assert call("run", "tiny", "-q").exit_code == 0
    before = (tiny_project / "reports" / "tiny" / "index.html").read_bytes()
    notebook, marker = tiny_project / "notebooks" / "tiny.ipynb", tiny_project / "begun"
    text = notebook.read_text(encoding="utf-8")
    notebook.write_text(
        text.replace(
            "data_quality.table_rows",
            f"open({str(marker)!r}, 'w'); import time; time.sleep(120)\\ndata_quality.table_rows",
        ),
        encoding="utf-8",
    )
    command = [sys.executable, "-m", "hcsp_assess", "run", "tiny"]
    run = subprocess.Popen(command, stderr=subprocess.PIPE, text=True, start_new_session=True)
    for _ in range(300):
        if marker.exists():
            break
        time.sleep(0.1)
    time.sleep(2)
    os.killpg(run.pid, signal.SIGINT)
    _, messages = run.communicate(timeout=60)
    assert run.returncode == 130
    assert "stopped. Nothing was published; the last report is as it was." in messages
    assert "Traceback" not in messages
    assert (tiny_project / "reports" / "tiny" / "index.html").read_bytes() == before
    assert kernels_of(tiny_project) == []


def test_doctor_finds_the_installation_sound(tiny_project, year):
    found = {item["what"]: item for item in json.loads(call("doctor", "--json").stdout)}
    assert found["Python"]["ok"]
    assert found["packages"]["ok"], found["packages"]
    assert found["edition tiny, police_uk"]["found"] == "files in data/raw/police_uk"


def test_simulate_writes_an_archive_and_refuses_a_folder_that_holds_something_else(tmp_path):
    assert call("simulate", str(tmp_path / "archive"), "-q").exit_code == 0
    assert len(list((tmp_path / "archive").glob("*/*-street.csv"))) == 57
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "letter.txt").write_text("keep me", encoding="utf-8")
    assert call("simulate", str(tmp_path / "mine")).exit_code == 2
    assert (tmp_path / "mine" / "letter.txt").read_text(encoding="utf-8") == "keep me"


def test_a_zip_and_a_folder_of_the_same_files_give_the_same_counts(tiny_project, year):
    assert call("clean", "tiny", "-q").exit_code == 0
    counts = tiny_project / "data" / "processed" / "tiny" / "counts.csv.gz"
    from_folder = counts.read_bytes()
    with zipfile.ZipFile(tiny_project / "2024-12.zip", "w") as archive:
        for path in sorted(year.rglob("*.csv")):
            archive.write(path, path.relative_to(year).as_posix())
    shutil.rmtree(year)
    year.mkdir()
    shutil.move(tiny_project / "2024-12.zip", year / "2024-12.zip")
    assert call("clean", "tiny", "-q").exit_code == 0
    assert counts.read_bytes() == from_folder


def test_trends_of_any_csv(tmp_path):
    months = [f"{2018 + i // 12}-{i % 12 + 1:02d}" for i in range(72)]
    lines = [
        f"{month},{series},{int(100 * 1.01**i) if series == 'up' else 100}"
        for i, month in enumerate(months)
        for series in ("up", "flat")
    ]
    path = tmp_path / "mine.csv"
    path.write_text("month,series,count\n" + "\n".join(lines), encoding="utf-8")
    result = call("trends", str(path), "--json", "--charts", str(tmp_path / "charts"))
    assert result.exit_code == 0, result.output
    verdicts = {item["series"]: item["verdict"] for item in json.loads(result.stdout)}
    assert verdicts == {"up": "rising", "flat": "stable"}
    assert "<svg" in (tmp_path / "charts" / "index.html").read_text(encoding="utf-8")
    path.write_text("month,count\n2018-01,many\n", encoding="utf-8")
    failed = call("trends", str(path))
    assert failed.exit_code == 1
    assert "line 2" in said(failed)


def test_a_template_is_written_and_a_return_is_checked_or_refused(tmp_path):
    assert "marac" in call("template").output
    path = tmp_path / "marac.csv"
    assert call("template", "marac", str(path)).exit_code == 0
    with path.open("a", encoding="utf-8-sig") as file:
        file.write("Q1 11/12,40,15,,38%\nQ2 11/12,lots,15,,38%\n")
    checked = call("read-return", str(path), "marac")
    assert checked.exit_code == 0
    assert "2 rows: 1 kept, 1 set aside." in said(checked)
    path.write_text("Quarter,Cases heard,Repeat cases,NHS number\nQ1 11/12,40,15,943 476 5919\n", encoding="utf-8")
    refused = call("read-return", str(path), "marac")
    assert refused.exit_code == 1
    assert "943" not in refused.output


def test_the_intake_register_names_what_came_and_what_is_overdue(tiny_project):
    folder = tiny_project / "data" / "raw" / "returns" / "marac"
    folder.mkdir(parents=True)
    (folder / "q1.csv").write_text("Quarter,Cases heard,Repeat cases\nQ1 11/12,40,15\n", encoding="utf-8")
    (folder.parent / "received.csv").write_text("file,received\nmarac/q1.csv,2011-09-20\n", encoding="utf-8")
    rows = json.loads(call("intake", "--as-of", "2012-02-01", "--json").stdout)
    mine = [row for row in rows if row["dataset"] == "marac"]
    assert {"received", "overdue"} <= {row["status"] for row in mine}
    assert [row["kept"] for row in mine if row["file"]] == ["1"]
    assert call("intake", "--as-of", "soon").exit_code == 2
