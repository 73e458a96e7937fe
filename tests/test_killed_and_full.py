"""Runs, `clean` and publishing killed at seeded moments, on full disks, and beside each other: no torn page, no lost row."""

import json
import os
import random
import re
import shlex
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest
from attacks import attack
from bs4 import BeautifulSoup
from test_unattended_runs import KILLS, finish, posix, published, receive, reports, require_no_kernel, show, start

from hcsp_assess.report.pages import read_published

pytestmark = [pytest.mark.slow, posix]
HTML = "from IPython.display import HTML\n\nHTML(f'<p>This is edition {edition}.</p>')"


def begin(project: Path, *arguments: str, **options) -> subprocess.Popen:
    """Start a command of the project that is not `run`."""
    command = [sys.executable, "-m", "hcsp_assess", *arguments, "--project", str(project)]
    return subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True, **options
    )


def cleaned(project: Path) -> dict[str, bytes]:
    """What cleaning and counting wrote, but for when it was last read, locks, and pickles of shared results."""
    folder = project / "data" / "processed"
    files = [path for name in ("police_uk", "tiny") for path in (folder / name).rglob("*") if path.is_file()]
    kept = [p for p in files if p.suffix not in (".lock", ".pickle", ".part") and p.name != "last_read.json"]
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in kept}


@attack("`clean` killed at any moment", "the next one gives the bytes of cleaning from scratch")
def test_clean_killed_at_any_moment_loses_no_row(tiny_project):
    moments = random.Random(20130430)
    receive(tiny_project, 1)
    began = time.monotonic()
    assert finish(begin(tiny_project, "clean", "tiny", "--quiet"))[0] == 0
    lasts = time.monotonic() - began
    for number in range(2, 2 + max(1, KILLS // 5)):
        receive(tiny_project, number)
        run = begin(tiny_project, "clean", "tiny", "--quiet")
        time.sleep(moments.uniform(0.3 * lasts, lasts))
        run.kill()
        run.communicate()
        assert finish(begin(tiny_project, "clean", "tiny", "--quiet")) == (0, "", "")
        after = cleaned(tiny_project)
        shutil.rmtree(tiny_project / "data" / "processed")
        assert finish(begin(tiny_project, "clean", "tiny", "--quiet")) == (0, "", "")
        assert cleaned(tiny_project) == after


def with_other_formats(folder: Path) -> int:
    """As `published`, after checking that every file in another format that the page links to is there and whole."""
    soup = BeautifulSoup((folder / "index.html").read_text(encoding="utf-8"), "html.parser")
    links = [str(a["href"]) for a in soup.find_all("a", href=re.compile(r"^(pdf|word|briefing)/"))]
    for link in links:
        content = (folder / link).read_bytes()
        assert content, link
        assert not link.endswith(".pdf") or content.rstrip().endswith(b"%%EOF"), link
    return published(folder)


@attack("publishing killed at any moment, with PDF on", "the old report or the new one is whole, each with its own PDF")
def test_publishing_killed_with_pdf_on_leaves_a_whole_report(tiny_project, monkeypatch):
    moments = random.Random(20130430)
    monkeypatch.delenv("HCSP_ASSESS_BROWSER")
    show(tiny_project, HTML)
    receive(tiny_project, 1)
    assert finish(start(tiny_project, "--quiet"))[0] == 0
    if not list((tiny_project / "reports" / "tiny").rglob("report.pdf")):
        pytest.skip("no browser here that prints a PDF")
    began = time.monotonic()
    assert finish(start(tiny_project, "--quiet", "--since-failure"))[0] == 0  # the chapters are finished: it publishes
    lasts = time.monotonic() - began
    old, new = 12, 13
    for _ in range(max(1, KILLS // 5)):
        receive(tiny_project, new - 11)
        run = start(tiny_project, "--since-failure")
        time.sleep(moments.uniform(0.5 * lasts, 1.1 * lasts))
        run.kill()
        run.communicate()
        assert {with_other_formats(folder) for folder in reports(tiny_project)} <= {old, new}
        require_no_kernel(tiny_project)
        assert finish(start(tiny_project, "--quiet", "--since-failure", "--only-if-changed"))[0] == 0
        assert [with_other_formats(folder) for folder in reports(tiny_project)] == [new, new]
        old, new = new, new + 1


FULL = """
import os, random, sys, time
from pathlib import Path
sys.path.insert(0, sys.argv[3])
from test_unattended_runs import finish, published, receive, reports, start

project, times = Path(sys.argv[1]), int(sys.argv[2])
moments, filler = random.Random(20130430), project / "filler"

def used():
    disk = os.statvfs(project)
    return (disk.f_blocks - disk.f_bavail) * disk.f_frsize

receive(project, 1)
before = used()
assert finish(start(project, "--quiet")) == (0, "", "")
needs = used() - before
old, new = 12, 13
failed = 0
for _ in range(times):
    receive(project, new - 11)
    disk = os.statvfs(project)
    leave = int(moments.uniform(0, 1.2 * needs))
    with filler.open("wb") as file:
        os.posix_fallocate(file.fileno(), 0, max(1, disk.f_bavail * disk.f_frsize - leave))
    code, out, err = finish(start(project, "--quiet"))
    assert "Traceback" not in out + err, err
    assert (code, out) in ((0, ""), (1, "")), (code, out, err)
    assert code == 0 or err.startswith("hcsp-assess: "), err
    failed += code
    assert {published(folder) for folder in reports(project)} <= {old, new}, (code, err)
    filler.unlink()
    assert finish(start(project, "--quiet")) == (0, "", "")
    assert [published(folder) for folder in reports(project)] == [new, new]
    old, new = new, new + 1
print("full", failed, "of", times)
"""


@attack(
    "a disk that is full at any moment of a run",
    "one sentence, the last report whole; with space the next run completes",
)
@pytest.mark.skipif(sys.platform != "linux", reason="mounts a small disk the Linux way")
def test_a_disk_that_is_full_at_any_moment_tears_no_page(tiny_project):
    show(tiny_project, HTML)
    copy = tiny_project.with_name("copy")
    shutil.copytree(tiny_project, copy)
    at, driver = shlex.quote(str(tiny_project)), tiny_project.with_name("full.py")
    driver.write_text(FULL, encoding="utf-8")
    tests = Path(__file__).parent
    program = shlex.join([sys.executable, str(driver), str(tiny_project), str(max(2, KILLS // 5)), str(tests)])
    script = f"mount -t tmpfs -o size=60m tmpfs {at} || exit 99\ncp -r {shlex.quote(str(copy))}/. {at} && cd {at} && exec {program}"
    own = ["unshare", "--mount", *([] if os.geteuid() == 0 else ["--map-root-user"]), "sh", "-c", script]
    done = subprocess.run(own, capture_output=True, text=True, check=False, cwd="/")
    if done.returncode == 99 or "unshare failed" in done.stderr:
        pytest.skip(f"this machine does not let a test mount a disk: {done.stderr}")
    assert done.returncode == 0, done.stderr
    assert re.search(r"^full [1-9]", done.stdout, re.MULTILINE), done.stdout


@attack(
    "files added and `clean` beside a run, and a second run", "every number of the page is of one state; all ends well"
)
def test_files_added_and_clean_beside_a_run_leave_a_page_of_one_state(tiny_project):
    moments = random.Random(20130430)
    receive(tiny_project, 1)
    began = time.monotonic()
    assert finish(start(tiny_project, "--quiet"))[0] == 0
    lasts = time.monotonic() - began
    for number in range(2, 2 + max(2, KILLS // 5)):
        run = start(tiny_project)
        time.sleep(moments.uniform(0, lasts))
        receive(tiny_project, number)
        others = [begin(tiny_project, "clean", "tiny", "--quiet"), begin(tiny_project, "check", "tiny", "--quiet")]
        second = start(tiny_project, "--quiet")
        code, _, err = finish(run)
        ended = [finish(each) for each in others]
        assert [each[0] for each in ended] == [0, 0], ended
        refused = finish(second)
        # whichever took the lock first builds the page; the other may have been told that a run is in progress
        assert sorted([code, refused[0]]) in ([0, 0], [0, 4]), (err, refused)
        text = (tiny_project / "reports" / "tiny" / "index.html").read_text(encoding="utf-8")
        shown = BeautifulSoup(text, "html.parser").select_one("#chapter-tiny, main") or BeautifulSoup(
            text, "html.parser"
        )
        in_chapter = re.search(r"Received\s+(\d+)", shown.get_text(" "))
        in_record = read_published(text)["sources"][0]["rows"]["in"]
        assert in_chapter, shown.get_text(" ")[:2000]
        assert int(in_chapter[1]) == in_record == published(tiny_project / "reports" / "tiny")
        assert in_record in (10 + number, 11 + number)
        run_json = json.loads((tiny_project / "reports" / "tiny" / "run.json").read_text(encoding="utf-8"))
        assert run_json["sources"][0]["rows"]["in"] == in_record
        assert finish(start(tiny_project, "--quiet", "--only-if-changed"))[0] == 0
        assert published(tiny_project / "reports" / "tiny") == 11 + number
