"""Runs that nobody watches: killed at any moment, started twice, from a bare environment, and with kernels that fail."""

import json
import os
import random
import re
import shlex
import shutil
import subprocess
import sys
import threading
import time
from pathlib import Path

import nbformat
import pytest
from bs4 import BeautifulSoup
from conftest import ROOT, TINY_EDITION, kernels_of, write_street_file
from papermill.cli import papermill
from typer.testing import CliRunner

from hcsp_assess.cli.main import app
from hcsp_assess.edition.opened import prepare
from hcsp_assess.project import Project, find_project
from hcsp_assess.report.pages import read_published
from hcsp_assess.run.log import latest_runs
from hcsp_assess.run.reports_folder import LEFT_BEHIND_SECONDS, UNFINISHED, publish, remove_leftovers, run_folder
from hcsp_assess.sources.police_uk import clean_archive
from hcsp_assess.subject.editions import edition

MONTHS = [f"2024-{number:02d}" for number in range(1, 13)]
PLACE = "West Mercia Police,West Mercia Police,-2.716,52.056,On or near High Town,E01014005,Herefordshire 012C"
#: Of the slow tests; 100 are made by hand: HCSP_ASSESS_KILLS=100.
KILLS = int(os.environ.get("HCSP_ASSESS_KILLS", "10"))
posix = pytest.mark.skipif(os.name == "nt", reason="forks and kills the POSIX way")


@pytest.fixture
def project(tiny_project, monkeypatch) -> Path:
    """The tiny project with a chapter that needs a kernel and little else, and no PDF: these tests make many runs."""
    monkeypatch.setenv("HCSP_ASSESS_BROWSER", "none")
    show(tiny_project, "from IPython.display import HTML\n\nHTML(f'<p>This is edition {edition}.</p>')")
    return tiny_project


def show(project: Path, source: str) -> None:
    """Replace what the only chapter shows."""
    path = project / "notebooks" / "tiny.ipynb"
    notebook = nbformat.read(path, as_version=4)
    notebook.cells[-1].source = source
    nbformat.write(notebook, path)


def receive(project: Path, burglaries: int) -> None:
    """Put a year in place whose January has so many burglaries."""
    for month in MONTHS:
        ids = [f"{burglaries:08d}{month}{number}" for number in range(burglaries if month == "2024-01" else 1)]
        rows = [f"{i},{month},{PLACE},Burglary,Under investigation," for i in ids]
        write_street_file(project / "data" / "raw" / "police_uk", month, rows)


def start(project: Path, *more: str, **options) -> subprocess.Popen:
    command = [sys.executable, "-m", "hcsp_assess", "run", "tiny", "--project", str(project), *more]
    return subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True, **options
    )


def finish(run: subprocess.Popen) -> tuple[int, str, str]:
    out, err = run.communicate(timeout=180)
    return run.returncode, out, re.sub(r"\s+", " ", err)


def require_no_kernel(project: Path) -> None:
    """A kernel looks every second whether the run that started it still lives; wait for that, and for its start."""
    for _ in range(300):
        if not kernels_of(project):
            return
        time.sleep(0.1)
    pytest.fail(f"kernels are left: {kernels_of(project)}")


def published(folder: Path) -> int:
    """Rows that a published report tells of, after checking that it is whole and that its downloads are its own."""
    page = folder / "index.html"
    text = page.read_text(encoding="utf-8")
    assert text.rstrip().endswith("</html>")
    record = read_published(text)
    rows = record["sources"][0]["rows"]["in"]
    links = {str(a["href"]) for a in BeautifulSoup(text, "html.parser").find_all("a", href=re.compile("^files/"))}
    (beside,) = {link.rpartition("/")[0] for link in links}
    content = {path.name: path.read_bytes() for path in (folder / beside).iterdir()}
    assert {link.rpartition("/")[2] for link in links} == set(content)
    assert run_folder(content) == beside
    account = content["account.csv"].decode().splitlines()
    column = account[0].split(",").index("rows_in")
    assert sum(int(line.split(",")[column]) for line in account[1:]) == rows
    return rows


def reports(project: Path) -> list[Path]:
    return [project / "reports" / "tiny", project / "restricted-reports" / "tiny"]


@posix
@pytest.mark.parametrize("kills", [1, pytest.param(KILLS, marks=pytest.mark.slow)])
def test_a_run_killed_at_any_moment_leaves_the_old_report_or_the_new_one_whole_and_no_kernel(project, kills):
    moments = random.Random(20130430)
    receive(project, 1)
    began = time.monotonic()
    assert finish(start(project, "--quiet")) == (0, "", "")
    lasts = time.monotonic() - began
    old, new = 12, 13
    for _ in range(kills):
        receive(project, new - 11)
        run = start(project)
        time.sleep(moments.uniform(0, lasts))
        run.kill()  # the process alone, as the system does that is out of memory: nothing tells its kernel
        run.communicate()
        assert {published(folder) for folder in reports(project)} <= {old, new}
        require_no_kernel(project)
        next_run = CliRunner().invoke(app, ["run", "tiny", "--quiet", "--only-if-changed"])
        assert (next_run.exit_code, next_run.output) == (0, "")
        assert [published(folder) for folder in reports(project)] == [new, new]
        old, new = new, new + 1
    unfinished = [path for path in project.rglob("*") if path.name.endswith(".part") or UNFINISHED in path.name]
    assert all(path.stat().st_mtime > time.time() - LEFT_BEHIND_SECONDS for path in unfinished)


ADOPT = """
import ctypes, os, sys, time
import psutil
from subprocess import DEVNULL, Popen
PR_SET_CHILD_SUBREAPER = 36
assert ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) == 0
chapter = "from pathlib import Path; import sys; from hcsp_assess.project import Project; " \
    "from hcsp_assess.run.notebooks import chapter_kernels, run_chapter; root = Path(sys.argv[1]); " \
    "kernels = chapter_kernels(Project(root)); kernels.__enter__(); " \
    "run_chapter(root / 'notebooks' / 'tiny.ipynb', {}, work=root, evidence=root)"
run = Popen([sys.executable, "-c", chapter, sys.argv[1]], stderr=DEVNULL)
begun = []
while len(begun) < int(sys.argv[3]) and run.poll() is None:
    begun = psutil.Process(run.pid).children(recursive=True)
    time.sleep(0.002)
time.sleep(float(sys.argv[2]))
assert run.poll() is None, "the run ended before it was killed"
run.kill()
run.wait()
def ended(process):
    try:
        return process.status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True
for _ in range(600):
    if all(map(ended, begun)):
        print("ended")
        break
    time.sleep(0.1)
else:
    print(begun)
    for process in begun:
        process.kill()
"""


@pytest.mark.skipif(sys.platform != "linux", reason="adopts orphans as a session's manager does on Linux")
@pytest.mark.parametrize(
    ("begun", "seconds"),
    [("2", "0"), ("3", "0"), pytest.param("3", "0.3", marks=pytest.mark.slow)],
    ids=["while the warm process imports", "as the kernel begins", "while it starts"],
)
def test_a_kernel_whose_run_is_killed_ends_also_where_a_session_manager_adopts_it(project, begun, seconds):
    """The run begins a process that tracks resources, the warm one, and that one the kernel."""
    command = [sys.executable, "-c", ADOPT, str(project), seconds, begun]
    done = subprocess.run(command, capture_output=True, text=True)
    assert (done.stdout, done.stderr) == ("ended\n", "")


HANGS = "import signal\n\nsignal.signal(signal.SIGINT, signal.SIG_IGN)\nwhile True:\n    pass"


@pytest.mark.parametrize(
    ("source", "problem"),
    [
        (HANGS, "a cell took longer than 3 seconds"),
        ("import os\n\nos._exit(1)", "its kernel died (out of memory, or killed)"),
        ("raise ValueError('no such month')", "cell 3 failed: ValueError: no such month"),
        ("no kernel", "its kernel did not start: "),
    ],
    ids=["hangs", "dies", "raises", "does not start"],
)
def test_a_kernel_that_fails_is_told_the_run_exits_1_and_the_last_report_stays(project, monkeypatch, source, problem):
    from hcsp_assess.run import engine, notebooks, warm_kernels

    receive(project, 1)
    old = {}
    for folder in reports(project):
        folder.mkdir(parents=True)
        (folder / "index.html").write_text("the last good report", encoding="utf-8")
        old[folder] = list(folder.rglob("*"))
    monkeypatch.setattr(notebooks, "CELL_TIMEOUT", 3)
    if source == "no kernel":
        monkeypatch.setattr(warm_kernels, "_be_kernel", os._exit)
        monkeypatch.setattr(engine, "STARTS", 1)  # each takes a second to be given up
    show(project, source)
    result = CliRunner().invoke(app, ["run", "tiny", "--quiet"])
    kept = project.resolve() / "data" / "processed" / "failed" / "tiny" / "tiny.ipynb"
    told = re.sub(r"\s+", " ", result.stderr)
    assert (result.exit_code, result.stdout) == (1, "")
    assert told.startswith(f"hcsp-assess: chapter tiny: {problem}")
    assert told.endswith(f". The notebook is kept as {kept} ")
    assert kept.is_file()
    for folder in reports(project):
        assert (folder / "index.html").read_text(encoding="utf-8") == "the last good report"
        assert list(folder.rglob("*")) == old[folder]
    (record,) = (project / "data" / "processed" / "runs").glob("*.json")
    record = json.loads(record.read_text(encoding="utf-8"))
    assert record["outcome"] == "failed"
    assert record["error"].startswith(f"NotebookError: chapter tiny: {problem}")
    assert kernels_of(project) == []


@posix
def test_publishing_killed_at_each_of_its_steps_leaves_the_old_report_or_the_new_one_whole(tmp_path):
    def version(number: int) -> tuple[bytes, dict[str, bytes], dict[str, bytes]]:
        files = {"counts.csv": b"%d" % number, "tables.xlsx": b"%d" % (number * 7)}
        return f"{number} {run_folder(files)}".encode(), files, {f"pdf/{number}/report.pdf": b"%d" % number}

    def whole(folder: Path) -> int:
        number, _, beside = (folder / "index.html").read_text(encoding="utf-8").partition(" ")
        content = {path.name: path.read_bytes() for path in (folder / beside).iterdir()}
        assert content == version(int(number))[1]
        assert (folder / "pdf" / number / "report.pdf").read_text(encoding="utf-8") == number
        return int(number)

    for number in range(4):
        publish(tmp_path / "before", *version(number))
    steps, killed = 0, True
    while killed:
        folder = shutil.copytree(tmp_path / "before", tmp_path / f"killed at {steps}")
        killed = _killed_at(steps, folder, version(4))
        assert whole(folder) in (3, 4)
        for number in range(5):  # also content that was published before: its folder, half removed, is not whole
            publish(shutil.copytree(folder, tmp_path / f"{steps} then {number}"), *version(number))
            assert whole(tmp_path / f"{steps} then {number}") == number
            left = list((tmp_path / f"{steps} then {number}").rglob(".*"))
            assert [path for path in left if path.name.startswith(UNFINISHED) or path.suffix == ".part"] == []
        steps += 1
    assert steps > 15


def _killed_at(step: int, folder: Path, version: tuple[bytes, dict[str, bytes], dict[str, bytes]]) -> bool:
    """Publish in a process that ends, as if killed, before its n-th step on the disk; False where it came to the end."""
    child = os.fork()
    if child == 0:
        left = step

        def count(event: str, arguments: tuple) -> None:
            nonlocal left
            if event in ("os.mkdir", "os.rename", "os.remove", "os.rmdir", "os.chmod", "open"):
                left -= 1
                if left < 0:
                    os._exit(9)

        sys.addaudithook(count)
        publish(folder, *version)
        os._exit(0)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 9


def test_of_two_runs_started_together_one_works_and_the_other_says_so(project):
    receive(project, 1)
    ends = sorted(map(finish, [start(project, "--quiet"), start(project, "--quiet")]))
    assert ends[0] == (0, "", "")
    code, out, said = ends[1]
    assert (code, out) == (4, "")
    assert re.fullmatch(
        r"hcsp-assess: (a run is in progress: edition tiny, started \S+ by .+ \(process \d+\)|a run is starting)\. "
        r"This run was not started; try again when that one has ended\. ?",
        said,
    )
    assert published(project / "reports" / "tiny") == 12
    records = list((project / "data" / "processed" / "runs").glob("*.json"))
    assert [json.loads(path.read_text(encoding="utf-8"))["outcome"] for path in records] == ["done"]


@pytest.mark.parametrize(
    "home", [{}, pytest.param({"HOME": "/proc/no-home"}, marks=pytest.mark.slow)], ids=["none", "odd"]
)
@pytest.mark.skipif(sys.platform != "linux", reason="mounts the checkout read-only the Linux way")
def test_a_read_only_checkout_and_a_bare_environment_build_a_project_elsewhere(tmp_path, home):
    """What cron gives: no HOME, no TERM, no PATH, another folder; chapters and package from a checkout mounted read-only."""
    project = tmp_path / "assessment"
    receive(project, 1)
    (project / "editions").mkdir()
    edition = TINY_EDITION.replace('"tiny" }', '"data_quality" }')
    (project / "editions" / "tiny.toml").write_text(edition, encoding="utf-8")
    (tmp_path / "www").mkdir()
    (project / "reports").symlink_to(tmp_path / "www")  # published somewhere else again
    root = shlex.quote(str(ROOT))
    home |= {"HCSP_ASSESS_BROWSER": "none"}
    command = f"{shlex.quote(sys.executable)} -m hcsp_assess run tiny --quiet --project {shlex.quote(str(project))}"
    script = (
        f"mount --bind {root} {root} && mount -o remount,bind,ro {root} || exit 99\n"
        f"cd / && if touch {root}/written 2>/dev/null; then exit 98; fi\n"
        f"exec env -i {shlex.join(f'{name}={value}' for name, value in home.items())} {command}"
    )
    own = ["unshare", "--mount", *([] if os.geteuid() == 0 else ["--map-root-user"]), "sh", "-c", script]
    done = subprocess.run(own, capture_output=True, text=True, check=False, cwd="/")
    if done.returncode == 99 or "unshare failed" in done.stderr:
        pytest.skip(f"this machine does not let a test mount read-only: {done.stderr}")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert published(tmp_path / "www" / "tiny") == 12
    (record,) = (project / "data" / "processed" / "runs").glob("*.json")
    record = json.loads(record.read_text(encoding="utf-8"))
    assert (record["outcome"], record["page"]) == ("done", "reports/tiny/index.html")
    assert "notebooks/data_quality.ipynb" in dict(record["inputs"])


def test_a_folder_with_data_alone_is_a_project_whose_chapters_are_the_packages(tmp_path):
    (tmp_path / "data" / "raw").mkdir(parents=True)
    found = find_project(tmp_path)
    assert (found.root, found.notebook("summary")) == (tmp_path.resolve(), ROOT / "notebooks" / "summary.ipynb")
    (tmp_path / "notebooks").mkdir()
    assert find_project(tmp_path).notebook("summary") == ROOT / "notebooks" / "summary.ipynb"
    own = tmp_path.resolve() / "notebooks" / "summary.ipynb"
    own.write_text("{}", encoding="utf-8")
    assert find_project(tmp_path).notebook("summary") == own


def test_what_killed_runs_left_half_written_is_removed_once_it_is_old(tmp_path):
    (tmp_path / "runs").mkdir()
    for name, age in (("old", LEFT_BEHIND_SECONDS + 60), ("of a run at work", 0)):
        (tmp_path / "runs" / f".{name}.json.x.part").write_text("{", encoding="utf-8")
        (tmp_path / f"{UNFINISHED}{name}").mkdir()
        for path in (tmp_path / "runs" / f".{name}.json.x.part", tmp_path / f"{UNFINISHED}{name}"):
            os.utime(path, (time.time() - age,) * 2)
    (tmp_path / "runs" / "a.json").write_text("{}", encoding="utf-8")
    remove_leftovers(tmp_path)
    left = sorted(path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*"))
    assert left == [f"{UNFINISHED}of a run at work", "runs", "runs/.of a run at work.json.x.part", "runs/a.json"]


def test_tidying_up_passes_over_what_another_process_removes_meanwhile(tmp_path):
    ends, staging = threading.Event(), tmp_path / "police_uk" / ".staging"

    def clean():
        while not ends.is_set():
            for month in range(1, 9):
                (staging / "records" / f"month=2024-0{month}").mkdir(parents=True)
            shutil.rmtree(staging)

    other = threading.Thread(target=clean)
    other.start()
    try:
        for _ in range(300):
            remove_leftovers(tmp_path)
    finally:
        ends.set()
        other.join()


@pytest.mark.parametrize("late", ["2025-12", pytest.param("2014-06", marks=pytest.mark.slow)])
def test_adding_a_real_month_to_the_31_others_cleans_that_one_and_gives_the_bytes_of_a_run_from_scratch(
    tiny_project, shared, monkeypatch, late
):
    files = sorted((shared / "data" / "data.police.uk" / "west-mercia-street-raw").glob("*-street.csv.gz"))
    raw, processed = (tiny_project / "data" / name for name in ("raw/police_uk", "processed"))
    last = next(path for path in files if path.name.startswith(late))
    assert len(files) == 32

    cleaned = []
    monkeypatch.setattr(
        "hcsp_assess.edition.opened.clean_archive", lambda *a, **o: cleaned.append(clean_archive(*a, **o))
    )

    def prepared() -> tuple[int, dict[str, bytes]]:
        prepare(edition("tiny", tiny_project), Project(tiny_project))
        found = [path for path in processed.rglob("*") if path.is_file() and path.suffix != ".lock"]
        return len(cleaned[-1].cleaned), {path.relative_to(processed).as_posix(): path.read_bytes() for path in found}

    for path in files:
        if path != last:
            shutil.copy(path, raw)
    months, before = prepared()
    assert months == 31
    shutil.copy(last, raw)
    _, after = prepared()
    assert cleaned[-1].cleaned == (late,)
    changed = {name for name in after if after[name] != before.get(name)}
    assert {name for name in changed if "20" in name} == {
        f"police_uk/records/month={late}/street.parquet",
        f"police_uk/ids/{late}.npy",
        *([name] if (name := f"police_uk/duplicates/{late}.csv") in after else []),
    }
    shutil.rmtree(processed)
    months, scratch = prepared()
    assert months == 32
    assert after == scratch


def test_plain_papermill_runs_a_chapter_also_of_an_edition_whose_name_is_a_number_and_of_another_area(tiny_project):
    receive(tiny_project, 1)
    (tiny_project / "editions" / "2024.toml").write_text(TINY_EDITION, encoding="utf-8")
    for key, rows in (("2024", "12"), ("2024@herefordshire", "12")):
        command = ["notebooks/tiny.ipynb", "out.ipynb", "-p", "edition", key, "--no-progress-bar"]
        papermill.main(command, standalone_mode=False)
        node = nbformat.read(tiny_project / "out.ipynb", as_version=4)
        shown = BeautifulSoup("".join(node.cells[-1].outputs[0].data["text/html"]), "html.parser")
        assert rows in [cell.get_text() for cell in shown.find_all("td")]


def test_one_received_month_that_displaces_the_counts_of_many_is_warned_of_and_on_record(project):
    shutil.copytree(ROOT / "data" / "raw" / "herefordshire_2025", project / "data" / "raw" / "counts")
    definition = (project / "editions" / "tiny.toml").read_text(encoding="utf-8")
    with_counts = definition.replace(
        'folder = "data/raw/police_uk"', 'folder = "data/raw/police_uk", counts = "data/raw/counts"'
    )
    (project / "editions" / "tiny.toml").write_text(with_counts, encoding="utf-8")
    assert CliRunner().invoke(app, ["run", "tiny", "--quiet"]).exit_code == 0
    assert latest_runs(Project(project))[0].warnings == ()
    write_street_file(project / "data" / "raw" / "police_uk", "2024-03")
    result = CliRunner().invoke(app, ["run", "tiny"])
    warning = (
        "data/raw/police_uk has files, so the counts in data/raw/counts are not used. 45 of their months, 2014-01 to "
        "2025-12, are in none of the files and are missing from this report. Download those months too, or move the files away"
    )
    assert (result.exit_code, f"warning: {warning}" in re.sub(r"\s+", " ", result.stderr)) == (0, True)
    assert latest_runs(Project(project), limit=1)[0].warnings == (warning,)


def test_files_that_are_all_later_than_the_period_are_told_in_a_sentence(project):
    write_street_file(project / "data" / "raw" / "police_uk", "2025-11")
    result = CliRunner().invoke(app, ["run", "tiny"])
    told = "edition tiny ends with 2024-12, and no complete file of west-mercia for a month until then was received"
    assert (result.exit_code, re.sub(r"\s+", " ", result.stderr)) == (1, f"hcsp-assess: {told} ")
