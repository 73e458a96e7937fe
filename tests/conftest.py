"""Fixtures used by more than one test module."""

import os
import re
import shutil
from pathlib import Path

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # before numpy: small matrices are slower with threads

import nbformat
import pytest
from hypothesis import settings

settings.register_profile("untimed", settings(), deadline=None)  # a busy machine is no error
settings.load_profile("untimed")

ROOT = Path(__file__).parents[1]
SHARED = ROOT.parent / "shared"
HEADER = (
    "Crime ID,Month,Reported by,Falls within,Longitude,Latitude,Location,LSOA code,LSOA name,Crime type,"
    "Last outcome category,Context"
)
#: What comes with the project or is simulated by it, of `data/raw`.
OWN_DATA = ("herefordshire_2025", "simulated_2013-14", "returns_simulated_2013-14")
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


def call(*arguments):
    """Run `hcsp-assess` with these arguments; whatever goes wrong, no traceback is shown."""
    from typer.testing import CliRunner

    from hcsp_assess.cli.main import app

    result = CliRunner().invoke(app, [str(argument) for argument in arguments])
    assert "Traceback" not in result.output
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
    monkeypatch.setenv("HCSP_ASSESS_BROWSER", "none")  # no PDF of each of many runs
    monkeypatch.chdir(project)
    return project


@pytest.fixture(scope="session")
def built(tmp_path_factory, worker_id):
    """Both editions built by the command line from the project's own data: once, whichever worker comes first."""
    from filelock import FileLock

    from hcsp_assess.project import Project

    base = tmp_path_factory.getbasetemp()
    root = (base if worker_id == "master" else base.parent) / "built"
    with FileLock(f"{root}.lock"):
        if not (root / "done").exists():
            _build_both(root)
            (root / "done").touch()
    return Project(root)


def _build_both(root):
    """Build both editions; where the project's own are of these very inputs and software, a copy of them will do."""
    for name in ("notebooks", "data/processed", "reports", *(f"data/raw/{name}" for name in OWN_DATA)):
        if (ROOT / name).is_dir():
            shutil.copytree(
                ROOT / name,
                root / name,
                ignore=shutil.ignore_patterns(".*", "run.lock*", "failed"),
                dirs_exist_ok=True,
            )
    for edition in ("2013-14", "2025"):
        result = call("run", edition, "--project", root, "--quiet", "--only-if-changed")
        assert result.exit_code == 0, result.output
