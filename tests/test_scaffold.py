"""What `hcsp-assess new edition`, `new chapter` and `lab` begin with: it runs as it is, and replaces nothing."""

import re
import sys
import tomllib

import nbformat
import papermill
import pytest
from conftest import ROOT, TINY_EDITION, write_street_file
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from hcsp_assess.assessment.statute import parse_statements
from hcsp_assess.cli.main import app
from hcsp_assess.errors import InputError, UsageError
from hcsp_assess.lab.jupyterlab import NO_QUESTIONS, lab_command, open_lab
from hcsp_assess.project import Project
from hcsp_assess.run.notebooks import read_parameters
from hcsp_assess.setup.edition_texts import text_files
from hcsp_assess.setup.scaffold import new_chapter, new_edition
from hcsp_assess.sources.texts import find_texts
from hcsp_assess.subject.editions import edition, editions


def call(*arguments):
    result = CliRunner().invoke(app, list(arguments))
    assert "Traceback" not in result.output
    return result


def told(result):
    return re.sub(r"\s+", " ", result.stderr)


@pytest.fixture
def project(tiny_project):
    """A project whose newest edition of real records is its own, "tiny", of 2024."""
    earlier = TINY_EDITION.replace('period = "2024"', 'period = "2023"')
    (tiny_project / "editions" / "2025.toml").write_text(earlier, encoding="utf-8")
    return Project(tiny_project)


def test_a_new_edition_is_listed_and_is_checked_and_built_once_its_data_are_there(project):
    assert call("new", "edition", "2024-25").exit_code == 0
    listed = call("editions").output
    assert re.search(r"2024-25 +Strategic assessment 2024-25 +April 2024 to March 2025 +real +no", listed)
    missing = call("check", "2024-25")
    assert missing.exit_code == 1
    assert "put archives from data.police.uk (zip files or folders) in data/raw/police_uk" in told(missing)
    for month in editions(project.root)["2024-25"].span.months:
        write_street_file(project.raw / "police_uk", str(month), _rows(str(month)))
    assert call("check", "2024-25").exit_code == 0
    built = call("run", "2024-25", "--quiet")
    assert (built.exit_code, built.output) == (0, "")
    assert "Strategic assessment 2024-25" in (project.reports / "2024-25" / "index.html").read_text(encoding="utf-8")


def _rows(month):
    place = (
        f"{month},West Mercia Police,West Mercia Police,-2.716,52.056,On or near High Town,E01014005,Herefordshire 012C"
    )
    return [f"{month * 9}0,{place},Burglary,Under investigation,", f",{place},Anti-social behaviour,,"]


def test_a_new_edition_takes_over_what_the_newest_one_has_but_no_counts_or_figures_of_its_year(tmp_path):
    project = _empty_project(tmp_path)
    new_edition("2026-27", project)
    made, last = edition("2026-27", project.root), edition("2025")
    assert str(made.span) == "2026-04 to 2027-03"
    assert (made.area, made.chapters) == (last.area, last.chapters)
    assert {source.kind for source in made.sources} == {"street-level archive", "partners' returns"}
    assert [source.counts for source in made.sources] == ["", ""]


def test_of_two_editions_that_are_begun_the_later_rests_on_the_earlier(tmp_path):
    project = _empty_project(tmp_path)
    new_edition("2026-27", project)
    new_edition("2027-28", project)
    assert tomllib.loads((project.root / "editions/2027-28/texts.toml").read_text(encoding="utf-8")) == {
        "edition": "2027-28",
        "previous": "2026-27",
    }


def test_an_edition_that_changes_are_told_against_is_to_be_built_first_where_it_is_not(tmp_path):
    project = _empty_project(tmp_path)
    step = "build the edition to compare with, if it is not built yet: hcsp-assess run 2025"
    assert step in new_edition("2026-27", project).to_do
    (project.reports / "2025").mkdir(parents=True)
    (project.reports / "2025" / "findings.json").write_text("{}", encoding="utf-8")
    assert step not in new_edition("2026", project).to_do


def test_a_new_edition_states_nothing_for_the_people_who_must_state_it(tmp_path):
    project = _empty_project(tmp_path)
    new_edition("2026-27", project)
    texts = find_texts("2026-27", project.root)
    assert parse_statements(texts) == ()
    files = text_files("2026-27", project.root)
    assert {item.theme for item in files if item.kind == "nothing-to-report"} == set("abcdefg")
    assert {item.state for item in files} == {"not written yet"}


def test_nothing_that_exists_is_replaced(tmp_path):
    project = _empty_project(tmp_path)
    new_edition("2026-27", project)
    before = {path: path.read_bytes() for path in project.root.rglob("*") if path.is_file()}
    for key in ("2026-27", "2025"):
        with pytest.raises(
            UsageError,
            match=f"^there is already an edition {key}: choose another name, or edit its definition file$",
        ):
            new_edition(key, project)
    new_chapter("farm_machinery", project)
    notebook = project.notebooks / "farm_machinery.ipynb"
    before[notebook] = notebook.read_bytes()
    message = "there is already a notebook farm_machinery.ipynb: choose another name, or edit it"
    with pytest.raises(UsageError, match=f"^{re.escape(message)}$"):
        new_chapter("farm_machinery", project)
    assert {path: path.read_bytes() for path in project.root.rglob("*") if path.is_file()} == before


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("2026/27",), "an edition cannot be called '2026/27': use letters, digits, - and _, such as 2026-27"),
        (("..",), "an edition cannot be called '..': use letters, digits, - and _, such as 2026-27"),
        (("CON",), "an edition cannot be called 'CON': use letters, digits, - and _, such as 2026-27"),
        (("next",), "'next' is not a period: write a financial year (2011-12), a calendar year (2025), a quarter (Q4 11/12) or two months (2011-07 to 2012-06); give the period with --period"),
        (("half", "--period", "2026-04 to 2026-09"), "the period of edition half, 2026-04 to 2026-09, is not twelve months: give it with --period"),
    ],
)  # fmt: skip
def test_a_name_or_period_that_cannot_be_used_is_told_and_nothing_is_written(tmp_path, arguments, message):
    project = _empty_project(tmp_path)
    result = call("new", "edition", *arguments, "--project", str(project.root))
    assert (result.exit_code, told(result).strip()) == (2, f"hcsp-assess: {message}")
    assert not (project.root / "editions").exists()


def test_an_area_without_a_definition_is_told(tmp_path):
    with pytest.raises(InputError, match=r"^there is no area 'rutland': choose one of herefordshire\.$"):
        new_edition("2026-27", _empty_project(tmp_path), area="rutland")


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(max_size=12))
def test_whatever_a_chapter_is_called_it_is_written_where_chapters_are_or_refused(tmp_path_factory, name):
    project = _empty_project(tmp_path_factory.mktemp("p"))
    try:
        made = new_chapter(name, project, title=name)
    except UsageError:
        assert not any(project.notebooks.iterdir())
        return
    assert [path.parent for path in made.files] == [project.notebooks]
    assert read_parameters(made.files[0]) == {"edition": "2025"}


def test_a_new_chapter_runs_at_once_with_papermill_and_in_an_edition(project):
    assert call("new", "chapter", "farm_machinery", "--title", "Farm machinery", "--edition", "tiny").exit_code == 0
    path = project.notebooks / "farm_machinery.ipynb"
    cells = nbformat.read(path, as_version=4).cells
    assert [cell.id for cell in cells] == ["farm-machinery-00", "farm-machinery-01", "farm-machinery-02"]
    assert cells[0].source.startswith("# Farm machinery\n")
    for month in editions(project.root)["tiny"].span.months:
        write_street_file(project.raw / "police_uk", str(month), _rows(str(month)))
    done = papermill.execute_notebook(path, project.root / "out.ipynb", cwd=str(path.parent), progress_bar=False)
    assert "Police recorded 12 crimes in 2024." in done.cells[-1].outputs[0].data["text/html"]
    definition = project.root / "editions" / "tiny.toml"
    text = definition.read_text(encoding="utf-8")
    definition.write_text(text.replace('"tiny" }]', '"tiny" }, { notebook = "farm_machinery" }]'), encoding="utf-8")
    assert call("run", "tiny", "--quiet").exit_code == 0
    assert "Farm machinery</h2>" in (project.reports / "tiny" / "index.html").read_text(encoding="utf-8")


def test_the_lab_opens_the_project_at_its_start_notebook_from_anywhere_in_it(tiny_project, monkeypatch):
    project = Project(tiny_project)
    assert "--LabApp.default_url=/lab/tree/notebooks" in lab_command(project)
    (project.notebooks / "start.ipynb").write_text("{}", encoding="utf-8")
    opened = []
    monkeypatch.setattr("hcsp_assess.lab.jupyterlab.open_lab", lambda home, **asked: opened.append((home, asked)) or 0)
    monkeypatch.chdir(project.raw)
    assert call("lab", "--no-browser", "--port", "9123").exit_code == 0
    assert opened == [(project, {"browser": False, "port": 9123, "options": []})]
    command = lab_command(project, browser=False, port=9123)
    assert command[:5] == [
        *(sys.executable, "-m", "jupyterlab"),
        f"--ServerApp.root_dir={project.root}",
        "--LabApp.default_url=/lab/tree/notebooks/start.ipynb",
    ]
    assert {*NO_QUESTIONS, "--no-browser", "--port=9123", "--ServerApp.port_retries=0"} <= set(command)


def test_the_lab_outside_a_project_says_so(tmp_path, monkeypatch):
    monkeypatch.delenv("HCSP_ASSESS_PROJECT", raising=False)
    result = call("lab", "--project", str(tmp_path))
    assert result.exit_code == 2
    assert "is not in a project: neither it nor any folder above it has notebooks/ and data/raw/." in told(result)  # fmt: skip


def test_the_lab_passes_on_how_it_ended_and_gives_its_notebooks_the_project(tiny_project, monkeypatch):
    script = "import os, pathlib, sys; pathlib.Path('seen').write_text(os.environ['HCSP_ASSESS_PROJECT']); sys.exit(7)"
    monkeypatch.setattr(
        "hcsp_assess.lab.jupyterlab.lab_command", lambda project, **asked: [sys.executable, "-c", script]
    )
    assert open_lab(Project(tiny_project)) == 7
    assert (tiny_project / "seen").read_text(encoding="utf-8") == str(tiny_project)


def _empty_project(folder):
    (folder / "data" / "raw").mkdir(parents=True)
    (folder / "notebooks").mkdir()
    return Project(folder)


def test_a_project_without_notebooks_of_its_own_gets_its_first_chapter_and_the_software_is_not_written_to(tmp_path):
    before = {path: path.read_bytes() for path in (ROOT / "notebooks").rglob("*") if path.is_file()}
    (tmp_path / "data" / "raw").mkdir(parents=True)
    made = new_chapter("farm_machinery", Project(tmp_path))
    assert made.files == (tmp_path / "notebooks" / "farm_machinery.ipynb",)
    assert {path: path.read_bytes() for path in (ROOT / "notebooks").rglob("*") if path.is_file()} == before
