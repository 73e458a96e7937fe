"""Fixtures used by more than one test module."""

import contextlib
import os
import re
import signal
import subprocess
import sys
from pathlib import Path

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # before numpy: small matrices are slower with threads

import pytest
from built_editions import build_once
from hypothesis import settings
from in_browser import CHROMIUM, FLAGS

from hcsp_assess.run.notebooks import import_papermill

import_papermill()  # without what takes a second and a half each time nbformat is imported first
import nbformat  # noqa: E402

settings.register_profile("untimed", settings(), deadline=None)  # a busy machine is no error
settings.load_profile("untimed")

ROOT = Path(__file__).parents[1]
SHARED = ROOT.parent / "shared"
HEADER = (
    "Crime ID,Month,Reported by,Falls within,Longitude,Latitude,Location,LSOA code,LSOA name,Crime type,"
    "Last outcome category,Context"
)
TINY_EDITION = """
title = "A tiny assessment"
area = "herefordshire"
period = "2024"
sources = [{ key = "police_uk", name = "Street-level crime", kind = "street-level archive", folder = "data/raw/police_uk" }]
chapters = [{ notebook = "tiny" }]
"""


@pytest.fixture(autouse=True)
def _width(monkeypatch):
    """Tables for a terminal are told in lines that no narrow screen breaks, whatever an earlier test left behind."""
    monkeypatch.setenv("COLUMNS", "200")


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of real open data and reference numbers beside the project; tests that need it skip without it."""
    if not (SHARED / "data").is_dir():
        pytest.skip("the real data and reference cases beside the project (../shared) are not on this machine")
    return SHARED


@pytest.fixture(scope="module")
def browser():
    """Chromium for the tests of one module."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield chromium
        chromium.close()


def kernels_of(project):
    """Kernels that run a notebook of a project, by their folder; a forked one has no command line of its own."""
    import psutil

    folder, found = str((project / "notebooks").resolve()), []
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.NoSuchProcess, psutil.AccessDenied, psutil.ZombieProcess):
            if process.cwd() == folder:
                found.append(process)
    return found


def call(*arguments):
    """Run `hcsp-assess` with these arguments; whatever goes wrong, no traceback is shown."""
    from typer.testing import CliRunner

    from hcsp_assess.cli.fault_report import BEGINS
    from hcsp_assess.cli.main import app

    result = CliRunner().invoke(app, [str(argument) for argument in arguments])
    assert "Traceback" not in result.output
    assert BEGINS not in result.output, result.output  # a test that means an error of ours looks for itself
    return result


def said(result):
    """What a command wrote to the error stream, in one line without the terminal's line breaks."""
    return re.sub(r"\s+", " ", result.stderr).strip()


def write_street_file(folder: Path, month: str, rows: list[str] | None = None) -> Path:
    """Write a street file with a burglary, a shoplifting and two equal incidents in Herefordshire, or the rows given."""
    place = (
        f"{month},West Mercia Police,West Mercia Police,-2.716,52.056,On or near High Town,E01014005,Herefordshire 012C"
    )
    usual = [f"{'a' * 63}{i},{place},{kind},Under investigation," for i, kind in enumerate(("Burglary", "Shoplifting"))]
    usual += [f",{place},Anti-social behaviour,,"] * 2
    path = folder / month / f"{month}-west-mercia-street.csv"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join([HEADER, *(usual if rows is None else rows)]) + "\n", encoding="utf-8")
    return path


@pytest.fixture
def tiny_project(tmp_path, monkeypatch):
    """A project of its own with one edition, "tiny", one chapter and no data yet."""
    project = tmp_path / "project"
    (project / "data" / "raw" / "police_uk").mkdir(parents=True)
    (project / "editions").mkdir()
    (project / "editions" / "tiny.toml").write_text(TINY_EDITION, encoding="utf-8")
    (project / "notebooks").mkdir()
    cells = [
        nbformat.v4.new_markdown_cell("# Data"),
        nbformat.v4.new_code_cell('edition: str = "tiny"', metadata={"tags": ["parameters"]}),
        nbformat.v4.new_code_cell(
            "from hcsp_assess import open_edition\nfrom hcsp_assess.chapters import data_quality\n\n"
            "data_quality.table_rows(open_edition(edition))"
        ),
    ]
    kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
    nbformat.write(nbformat.v4.new_notebook(cells=cells, metadata=kernel), project / "notebooks" / "tiny.ipynb")
    monkeypatch.delenv("HCSP_ASSESS_PROJECT", raising=False)
    monkeypatch.setenv("HCSP_ASSESS_BROWSER", "none")  # no PDF and no Word version of each of many runs
    monkeypatch.setenv("HCSP_ASSESS_WORD", "none")
    monkeypatch.chdir(project)
    return project


#: Files that take longest: begun first, so that no worker is left with one of them at the end. pytest-xdist keeps this
#: order because of --no-loadscope-reorder; by itself it begins with the files of most tests, which wait for both editions.
LONGEST = (
    "test_unattended_runs",
    "test_lab_in_browser",
    "test_explorer",
    "test_command_line",
    "test_simulate",
    "test_recipes",
    "test_many_areas",
    "test_clusters",
    "test_briefings",
    "test_report_in_browser",
    "test_outputs",
    "test_chapters",
)


def pytest_collection_modifyitems(items):
    """Put the files that need both editions built last, as they are being built meanwhile, and the longest first."""
    late = {item.path for item in items if "built" in item.fixturenames}
    place = {name: number for number, name in enumerate(LONGEST)}
    items.sort(key=lambda item: (item.path in late, place.get(item.path.stem, len(LONGEST))))


@pytest.fixture(scope="session", autouse=True)
def _begin_building(request, tmp_path_factory, worker_id):
    """Begin to build both editions in a process of its own, where a test that was asked for needs them.

    It comes first, since many tests wait for it: the workers, and what they start, give way to it.
    """
    if not any("built" in item.fixturenames for item in request.session.items):
        yield
        return
    building = _start_building(_built_root(tmp_path_factory, worker_id)) if worker_id in ("master", "gw0") else None
    if hasattr(os, "nice"):
        os.nice(5)
    yield
    if building:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(building.pid, signal.SIGKILL)  # with the run that it started
        building.wait()


def _start_building(root):
    command = [sys.executable, str(ROOT / "tests" / "built_editions.py"), str(root)]
    return subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True)


@pytest.fixture(scope="session")
def built(tmp_path_factory, worker_id):
    """Both editions built by the command line from the project's own data, once for all workers."""
    return build_once(_built_root(tmp_path_factory, worker_id))


def _built_root(tmp_path_factory, worker_id):
    base = tmp_path_factory.getbasetemp()
    return (base if worker_id == "master" else base.parent) / "built"
