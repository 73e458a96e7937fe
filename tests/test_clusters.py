"""Reports built on a cluster are the same wherever they are built, and a cluster that breaks loses nothing."""

import os
import random
import re
import signal
import subprocess
import sys
import threading
import time
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest
from conftest import call, said
from test_many_areas import _wait_until, county, list_areas, published, show

from hcsp_assess.errors import UsageError
from hcsp_assess.project import Project
from hcsp_assess.run.area_list import AreaReport, every_area
from hcsp_assess.run.cluster import LEFT_FREE, MEMORY_LIMIT, Machine, open_cluster, usual_workers
from hcsp_assess.run.many_areas import prepare_areas, run_areas
from hcsp_assess.run.side_by_side import usable_cores

__all__ = ["county"]
POSIX = pytest.mark.skipif(os.name == "nt", reason="kills the POSIX way")
DASK = [sys.executable, "-m", "dask"]


@contextmanager
def another_cluster(folder: Path, *worker: str):
    """A scheduler and one worker, as somebody starts them by hand; yields the address, and both processes."""
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, "cwd": folder}
    ready = folder / "scheduler.json"
    file = ["--scheduler-file", str(ready)]
    scheduler = subprocess.Popen(
        [*DASK, "scheduler", "--port", "0", "--no-dashboard", *file, "--host", "127.0.0.1"], **quiet
    )
    started = subprocess.Popen([*DASK, "worker", *file, "--no-dashboard", "--host", "127.0.0.1", *worker], **quiet)
    try:
        _wait_until(ready.is_file)
        _wait_until(lambda: re.search(r'"address": "(tcp:[^"]+)"', ready.read_text()) is not None)
        yield re.search(r'"address": "(tcp:[^"]+)"', ready.read_text())[1], scheduler, started
    finally:
        for process in (scheduler, started):
            process.kill()
            process.wait()


def clear(project: Path) -> None:
    """Remove what a run left, so that the next one makes everything again."""
    import shutil

    for name in ("reports", "restricted-reports", "data/processed"):
        shutil.rmtree(project / name, ignore_errors=True)


@pytest.mark.slow
def test_threads_of_another_cluster_build_the_same_reports_as_this_computer(county, tmp_path):
    areas = list_areas(county, "south", "north")
    assert call("run", "--areas", areas, "--workers", "1").exit_code == 0
    alone = published(county)
    clear(county)
    out = tmp_path / "elsewhere"
    with another_cluster(tmp_path, "--nthreads", "2", "--nworkers", "1") as (address, _, _):
        result = call("run", "--areas", areas, "--scheduler", address, "--output", str(out))
        assert result.exit_code == 0, result.output
        assert "2 reports, 2 at a time. Dashboard: http://127.0.0.1:" in result.stderr
        assert published(county) == alone
        clear(county)
        show(county, "import time\n\nfrom IPython.display import HTML\n\ntime.sleep(2)\nHTML(f'<p>{edition}</p>')")
        began = time.monotonic()
        assert (
            call("run", "--areas", areas, "--scheduler", address).exit_code == 0
        )  # the cluster is there for the next run
        assert time.monotonic() - began < 60
    assert {path.relative_to(out).as_posix() for path in out.glob("*/index.html")} == {
        "tiny@north/index.html",
        "tiny@south/index.html",
    }
    there = {name: content for name, content in published(county).items() if name.endswith("findings.json")}
    assert there
    assert all((out / name).is_file() for name in alone)


@POSIX
@pytest.mark.slow
@pytest.mark.parametrize("seed", [1, 2])
def test_a_worker_killed_at_any_moment_changes_no_report(county, seed):
    reports = [AreaReport(area, "tiny") for area in ("north", "south")]
    with open_cluster(Project(county), workers=2) as cluster:
        prepare_areas(reports, Project(county))
        assert [each.outcome for each in run_areas(reports, cluster)] == ["done", "done"]
        whole = published(county)
        clear(county)
        prepare_areas(reports, Project(county))
        worker, moment = _a_worker(), random.Random(seed).uniform(0.1, 1.5)
        killing = threading.Timer(moment, lambda: worker.send_signal(signal.SIGKILL))
        killing.start()
        outcomes = run_areas(reports, cluster)
        killing.join()
        _wait_until(lambda: not worker.is_running() or worker.status() == psutil.STATUS_ZOMBIE)
    assert [each.outcome for each in outcomes] == ["done", "done"]
    assert published(county) == whole


def _a_worker() -> psutil.Process:
    """A process of this test's own cluster that builds reports: it has been spawned, and is no tracker of resources."""
    alive = [each for each in psutil.Process().children() if each.status() != psutil.STATUS_ZOMBIE]
    return max((each for each in alive if "spawn_main" in " ".join(each.cmdline())), key=lambda each: each.pid)


def _kill_when_begun(process: subprocess.Popen, project: Path, edition: str) -> None:
    """Kill a process once the run of an edition has begun: on one thread, all before it have been answered by then."""
    _wait_until(lambda: any((project / "data/processed/runs").glob(f"*-{edition}-*.json")))
    process.kill()


@POSIX
@pytest.mark.slow
def test_a_scheduler_that_is_killed_ends_the_run_clearly_and_the_next_one_completes_it(county, tmp_path):
    show(
        county,
        "import time\n\nfrom IPython.display import HTML\n\n"
        "if edition.endswith('south'): time.sleep(30)\nHTML(f'<p>This is edition {edition}.</p>')",
    )
    areas = list_areas(county, "north", "south")
    with another_cluster(tmp_path, "--nthreads", "1", "--nworkers", "1") as (address, scheduler, _):
        killing = threading.Thread(target=_kill_when_begun, args=(scheduler, county, "tiny@south"))
        killing.start()
        result = call("run", "--areas", areas, "--scheduler", address)
        killing.join()
    assert result.exit_code == 1
    assert re.search(r"^north +tiny +done +1", result.stdout, flags=re.M)
    assert re.search(
        r"^south +tiny +failed +\d +\d+ +the scheduler can no longer be reached\. Reports that were published are whole; "
        r"run again with --only-if-changed to build the others$",
        result.stdout,
        flags=re.M,
    )
    show(county, "from IPython.display import HTML\n\nHTML(f'<p>This is edition {edition}.</p>')")
    again = call("run", "--areas", areas, "--workers", "1", "--only-if-changed")
    assert again.exit_code == 0, again.output
    assert {path.parent.name for path in (county / "reports").glob("*/index.html")} == {"tiny@north", "tiny@south"}


@pytest.mark.slow
def test_a_report_that_fails_is_tried_again_on_another_worker_and_fails_alone(county):
    tried = county / "tried"
    show(
        county,
        "import os, psutil\nfrom pathlib import Path\n\nfrom IPython.display import HTML\n\n"
        f"with Path({str(tried)!r}).open('a') as file: print(edition, psutil.Process(os.getppid()).ppid(), file=file)\n"
        "assert not edition.endswith('south'), 'poisoned'\nHTML('<p>Built.</p>')",
    )
    with open_cluster(Project(county), workers=2) as cluster:
        outcomes = run_areas([AreaReport(area, "tiny") for area in ("south", "north")], cluster, tries=2)
    assert [(each.outcome, each.tries) for each in outcomes] == [("failed", 2), ("done", 1)]
    assert "AssertionError: poisoned" in outcomes[0].reason
    workers = {line.split()[1] for line in tried.read_text().splitlines() if line.startswith("tiny@south")}
    assert len(workers) == 2


@pytest.mark.slow
def test_a_worker_that_does_not_see_the_project_and_a_scheduler_that_is_not_there_are_told(county, tmp_path):
    with another_cluster(tmp_path, "--nthreads", "1", "--nworkers", "1") as (address, _, _):
        elsewhere = Project(tmp_path / "no project")
        told = rf"^the worker tcp://127.0.0.1:\d+ doesn't see the project {elsewhere.root}: put it"
        with pytest.raises(UsageError, match=told), open_cluster(elsewhere, scheduler=address):
            pass
    for wrong, reason in (
        ("127.0.0.1:9", ""),
        ("tcp://nowhere", r" \(it needs a host and a port, as tcp://10.0.0.5:8786\)"),
    ):
        result = call("run", "--areas", list_areas(county, "north"), "--scheduler", wrong)
        assert result.exit_code == 2
        assert re.search(
            rf"no Dask scheduler answers at {wrong}{reason}: start one with `dask scheduler`", said(result)
        )


def test_fewer_reports_are_built_at_a_time_while_memory_does_not_suffice():
    machine = Machine("here", {"one": 1, "two": 1, "three": 2}, at_most=4)
    large, little = int(0.3 * MEMORY_LIMIT), int(LEFT_FREE * MEMORY_LIMIT / 2)
    machine.running.update(["one", "two"])
    assert machine.room == 2
    machine.learn(large, little)
    machine.learn(large, little)
    assert (machine.at_most, machine.room) == (2, 0)
    for _ in range(5):
        machine.learn(large, little)
    assert machine.at_most == 1, "one is always built"
    machine.learn(large, int(0.35 * MEMORY_LIMIT))
    assert machine.at_most == 1, "another of this size would take what is left to other programs"
    for _ in range(9):
        machine.learn(large, int(0.6 * MEMORY_LIMIT))
    assert machine.at_most == 4


def test_a_report_goes_to_the_worker_with_most_threads_free_and_not_where_it_failed_before():
    machine = Machine("here", {"one": 1, "two": 1, "three": 2}, at_most=4)
    assert machine.free_worker() == "three"
    assert machine.free_worker(avoid=["three"]) in ("one", "two")
    machine.running.update(["three", "three", "one"])
    assert machine.free_worker() == "two"
    assert machine.free_worker(avoid=["two"]) == "", "the others are busy, and it waits for them"


def test_as_many_reports_are_built_at_a_time_as_there_are_cores_if_they_fit():
    assert 1 <= usual_workers() <= usable_cores()


def test_all_areas_are_those_of_the_project_and_one_that_cannot_be_read_fails_alone(county):
    assert every_area(Project(county), "tiny") == tuple(AreaReport(key, "tiny") for key in ("middle", "north", "south"))
    (county / "areas" / "middle.toml").write_text("name = ", encoding="utf-8")
    result = call("run", "tiny", "--areas", "all", "--workers", "2", "--tries", "1")
    assert result.exit_code == 1
    rows = {line.split()[0]: line for line in result.stdout.splitlines()[1:]}
    assert re.search(r"failed +1 +\d+ +.*middle", rows["middle"])
    assert "done" in rows["north"]
    assert "done" in rows["south"]
    assert "3 reports: 2 done, 1 failed (tiny@middle)" in result.stderr


def test_all_areas_need_an_edition_and_an_area(county):
    assert said(call("run", "--areas", "all")).startswith("hcsp-assess: which edition, for all areas? Give its name")
    assert "there is no edition 'tinny'" in said(call("run", "tinny", "--areas", "all"))
    for path in (county / "areas").iterdir():
        path.unlink()
    assert "areas has no area: set them up first with `hcsp-assess new partnership --all`" in said(
        call("run", "tiny", "--areas", "all")
    )
