"""One run at a time: said clearly to the second, and never in the way of the next after a crash."""

import json
import os
import re
import signal
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from hcsp_assess.project import Project
from hcsp_assess.run.lock import AlreadyRunning, current_holder, run_lock

HOLD = """
    import subprocess, sys
    from pathlib import Path
    from hcsp_assess.project import Project
    from hcsp_assess.run.lock import run_lock
    with run_lock(Project(Path(sys.argv[1])), "edition 2025"):
        child = subprocess.Popen([sys.executable, "-c", "import sys; sys.stdin.read()"], stdin=subprocess.PIPE)
        print(child.pid, flush=True)
        sys.stdin.read()
"""


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return Project(tmp_path)


def start_run(project: Project) -> tuple[subprocess.Popen[str], int]:
    """A process that holds the lock and has a child, as a run has its kernels."""
    command = [sys.executable, "-c", textwrap.dedent(HOLD), str(project.root)]
    run = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert run.stdout is not None
    return run, int(run.stdout.readline())


def test_the_second_of_two_runs_is_told_who_runs_and_since_when(project: Project) -> None:
    run, _ = start_run(project)
    holder = current_holder(project)
    assert holder is not None
    assert (holder.doing, holder.process) == ("edition 2025", run.pid)
    message = (
        r"^a run is in progress: edition 2025, started 20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d\+00:00 by "
        rf"\S+ on {re.escape(holder.host)} \(process {run.pid}\)\. This run was not started; try again when that one has ended\.$"
    )
    with pytest.raises(AlreadyRunning, match=message), run_lock(project, "edition 2025"):
        pytest.fail("two runs at once")
    run.communicate("")
    with run_lock(project, "the next"):
        pass


def test_a_killed_run_leaves_no_lock_even_while_its_kernel_still_lives(project: Project) -> None:
    run, child = start_run(project)
    run.kill()
    run.wait()
    assert (project.processed / "run.lock.json").exists()  # it could not tidy up
    assert current_holder(project) is None
    with run_lock(project, "the next") as holder:
        written = json.loads((project.processed / "run.lock.json").read_text(encoding="utf-8"))
        assert written["process"] == holder.process == os.getpid()
    if hasattr(signal, "SIGKILL"):
        os.kill(child, signal.SIGKILL)


def test_a_run_that_fails_gives_the_lock_back(project: Project) -> None:
    with pytest.raises(ZeroDivisionError), run_lock(project, "edition 2025"):
        _ = 1 / 0
    assert current_holder(project) is None
    assert not (project.processed / "run.lock.json").exists()


def test_a_lock_taken_in_this_process_is_not_taken_twice(project: Project) -> None:
    with (
        run_lock(project, "edition 2025"),
        pytest.raises(AlreadyRunning, match=r"^a run is in progress: edition 2025"),
        run_lock(project, "edition 2013-14"),
    ):
        pytest.fail("two runs at once")


def test_two_projects_run_side_by_side(tmp_path: Path) -> None:
    with run_lock(Project(tmp_path / "one"), "edition 2025"), run_lock(Project(tmp_path / "two"), "edition 2025"):
        assert current_holder(Project(tmp_path / "one")) is not None


def test_a_holder_that_has_not_said_who_it_is_is_a_run_that_is_starting(project: Project) -> None:
    with run_lock(project, "edition 2025"):
        (project.processed / "run.lock.json").write_text('{"doing', encoding="utf-8")
        with (
            pytest.raises(
                AlreadyRunning, match=r"^a run is starting\. This run was not started; try again when that one has"
            ),
            run_lock(project, "edition 2025"),
        ):
            pytest.fail("two runs at once")


def test_nobody_runs_in_a_new_project(project: Project) -> None:
    assert current_holder(project) is None
    assert not project.processed.exists()


def test_a_scheduler_without_home_or_user_can_hold_the_lock(project: Project) -> None:
    code = f"""
from pathlib import Path
from hcsp_assess.project import Project
from hcsp_assess.run.lock import run_lock
with run_lock(Project(Path({str(project.root)!r})), "edition 2025") as holder:
    print(holder.doing)
"""
    bare = {name: value for name, value in os.environ.items() if name in ("SYSTEMROOT", "COMSPEC")}
    done = subprocess.run([sys.executable, "-c", code], env=bare, cwd="/", capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "edition 2025"


def test_of_many_runs_started_together_exactly_one_works_at_a_time(project: Project) -> None:
    code = f"""
import os
from pathlib import Path
from hcsp_assess.project import Project
from hcsp_assess.run.lock import AlreadyRunning, run_lock
mark = Path({str(project.root)!r}) / "working"
for _ in range(40):
    try:
        with run_lock(Project(Path({str(project.root)!r})), "edition 2025"):
            os.close(os.open(mark, os.O_CREAT | os.O_EXCL))
            mark.unlink()
    except AlreadyRunning:
        pass
"""
    runs = [subprocess.Popen([sys.executable, "-c", code], stderr=subprocess.PIPE, text=True) for _ in range(4)]
    assert [run.communicate()[1] for run in runs] == [""] * 4
    assert all(run.returncode == 0 for run in runs)
