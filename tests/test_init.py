"""`hcsp-assess init`: a project ready from an installed package alone, and what the package brings along."""

import errno
import json
import os
import re
import shutil
import subprocess
import sys
import zipfile
from importlib.metadata import PackageNotFoundError
from pathlib import Path

import nbformat
import pytest
from conftest import call

from hcsp_assess.edition.opened import prepare
from hcsp_assess.edition.software import software_fingerprint
from hcsp_assess.errors import InputError, UsageError
from hcsp_assess.project import Project, find_project
from hcsp_assess.run.fingerprint import input_files
from hcsp_assess.setup import starting
from hcsp_assess.setup.scaffold import new_chapter, new_edition, take_chapter
from hcsp_assess.setup.starting import start_project
from hcsp_assess.sources.example_counts import counts_folder
from hcsp_assess.subject.editions import edition

ROOT = Path(__file__).parents[1]
COUNTS = "data/raw/herefordshire_2025"
RECIPES = {f"notebooks/recipes/{path.name}" for path in (ROOT / "notebooks" / "recipes").glob("*.ipynb")}
DOCS = {path.relative_to(ROOT).as_posix() for path in (ROOT / "docs").rglob("*.md")}
#: What a new project holds.
HOLDS = {
    *("README.md", ".gitignore", "data/raw/README.md", "areas/README.md", "editions/README.md"),
    *("notebooks/start.ipynb", "notebooks/explorer.ipynb", "notebooks/your_assessment.ipynb"),
    *RECIPES,
    *DOCS,
}


@pytest.fixture(autouse=True)
def elsewhere(tmp_path, monkeypatch):
    """No project is named, and the current folder is in none."""
    monkeypatch.delenv("HCSP_ASSESS_PROJECT", raising=False)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def contents(folder):
    """Every file below a folder with its bytes."""
    files = [path for path in folder.rglob("*") if path.is_file()]
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in files}


def said(result):
    return re.sub(r"\s+", " ", result.stderr)


@pytest.mark.parametrize("name", ["assessment", "Our plan 2026", "Sir Gâr – cymunedau", "below/another"])
def test_a_new_folder_is_a_healthy_project(elsewhere, name):
    result = call("init", elsewhere / name)
    assert result.exit_code == 0, result.output
    made = contents(elsewhere / name)
    assert set(made) == HOLDS
    assert all(made[file] == (ROOT / file).read_bytes() for file in HOLDS if file.startswith(("notebooks/", "docs/")))
    assert [path.name for path in elsewhere.iterdir()] == [name.split("/")[0]]
    assert all((elsewhere / name / folder).is_dir() for folder in ("data/processed", "reports"))
    assert not [file for file in made if re.search(r'[<>:"|?*\\]|[. ](/|$)', file)], "names that Windows refuses"
    found = json.loads(call("doctor", "--json", "--project", elsewhere / name).stdout)
    assert [row for row in found if not row["ok"]] == []
    assert find_project(elsewhere / name / "notebooks" / "recipes").root == (elsewhere / name).resolve()


def test_the_next_commands_are_said_and_the_folder_to_run_them_in(elsewhere, monkeypatch):
    lines = call("init", "our plan").stderr.splitlines()
    assert [line.split("  ")[1].strip() for line in lines[-3:]] == [
        f"cd '{elsewhere.resolve() / 'our plan'}'",
        "hcsp-assess run 2025",
        "hcsp-assess lab",
    ]
    monkeypatch.chdir(elsewhere / "our plan")
    assert "cd " not in call("init", ".").stderr
    assert call("init", ".", "--quiet").output == ""
    told = json.loads(call("init", ".", "--json").stdout)
    assert (told["was_project"], told["written"], set(told["kept"])) == (True, [], HOLDS)
    assert told["next"] == ["hcsp-assess run 2025", "hcsp-assess lab"]


def test_a_fresh_clone_is_healthy(elsewhere):
    for name in tracked("data", "notebooks", "reports"):
        (elsewhere / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, elsewhere / name)
    result = call("doctor", "--json", "--project", elsewhere)
    assert [row for row in json.loads(result.stdout) if not row["ok"]] == []
    assert result.exit_code == 0


def test_doctor_advises_as_the_software_was_installed(elsewhere, monkeypatch):
    from hcsp_assess.setup import doctor

    def version(name):
        if name == "pandas":
            raise PackageNotFoundError(name)
        return "1"

    def advice():
        [found] = [each for each in doctor.examine(elsewhere) if each.what == "packages"]
        assert not found.ok
        return found.found

    monkeypatch.setattr(doctor, "version", version)
    assert advice() == "missing: pandas; run `make setup`"
    monkeypatch.setattr(doctor, "bundled", lambda path: elsewhere / path)
    assert advice() == f"missing: pandas; run `{sys.executable} -m pip install pandas`"
    (elsewhere / "uv-receipt.toml").write_text("", encoding="utf-8")
    monkeypatch.setattr(sys, "prefix", str(elsewhere))
    assert advice() == "missing: pandas; run `uv tool upgrade --reinstall hcsp-assess`"


def test_doctor_reports_a_kernel_of_another_python(elsewhere, monkeypatch):
    kernel = elsewhere / "share" / "kernels" / "python3"
    kernel.mkdir(parents=True)
    arguments = ["/opt/another/bin/python3", "-m", "ipykernel_launcher", "-f", "{connection_file}"]
    (kernel / "kernel.json").write_text(json.dumps({"argv": arguments, "display_name": "x", "language": "python"}))
    monkeypatch.setenv("JUPYTER_PATH", str(elsewhere / "share"))
    rows = {row["what"]: row for row in json.loads(call("doctor", "--json").stdout)}
    assert not rows["notebook kernel"]["ok"]
    assert f"started as /opt/another/bin/python3, not as {sys.executable}; set" in rows["notebook kernel"]["found"]


def test_in_a_project_what_is_missing_is_added_and_nothing_is_changed(elsewhere):
    start_project(elsewhere)
    (elsewhere / "notebooks" / "start.ipynb").write_text("mine", encoding="utf-8")
    (elsewhere / "docs" / "methods.md").unlink()
    shutil.rmtree(elsewhere / "areas")
    before = contents(elsewhere)
    result = call("init", elsewhere)
    assert "is a project already. Nothing in it was changed. Added: areas/README.md Added: docs/methods.md" in said(
        result
    )
    after = contents(elsewhere)
    assert before.items() <= after.items()
    assert set(after) == HOLDS


def test_a_project_of_earlier_versions_stays_one(elsewhere):
    shutil.copytree(ROOT / "notebooks", elsewhere / "notebooks")
    (elsewhere / "data" / "raw").mkdir(parents=True)
    before = contents(elsewhere)
    assert find_project(elsewhere / "notebooks").root == elsewhere.resolve()
    assert start_project(elsewhere).was_project
    assert before.items() <= contents(elsewhere).items()


def test_beside_other_files_nothing_is_changed_and_lines_for_git_are_named(elsewhere):
    (elsewhere / "README.md").write_text("ours", encoding="utf-8")
    (elsewhere / ".gitignore").write_text("*.tmp\n/data/raw/*\n", encoding="utf-8")
    (elsewhere / "letter.docx").write_bytes(b"x")
    before = contents(elsewhere)
    result = call("init", elsewhere)
    assert result.exit_code == 0
    after = contents(elsewhere)
    assert before.items() <= after.items()
    assert set(after) == HOLDS | {"letter.docx"}
    assert "add these lines to it: data/processed/* reports/* restricted-reports/ Next" in said(result)


@pytest.mark.parametrize("name", ["data", "notebooks", "reports", "docs", "editions"])
def test_a_folder_of_the_same_name_with_another_purpose_is_left_alone(elsewhere, name):
    (elsewhere / name).mkdir()
    (elsewhere / name / "thesis.txt").write_text("years of work", encoding="utf-8")
    before = contents(elsewhere)
    result = call("init", elsewhere)
    assert result.exit_code == 2
    assert f"what it has in {name} would be mixed up with a project's files: choose another folder, such as" in said(
        result
    )
    assert contents(elsewhere) == before


@pytest.mark.parametrize("where", ["data", "data/raw", "notebooks/recipes", "reports"])
def test_a_file_where_a_folder_should_be_is_named(elsewhere, where):
    (elsewhere / where).parent.mkdir(parents=True, exist_ok=True)
    (elsewhere / where).write_text("a file", encoding="utf-8")
    with pytest.raises(
        UsageError, match=rf"{where} is a file, and a project has a folder there: choose another folder"
    ):
        start_project(elsewhere)
    assert list(contents(elsewhere)) == [where]


def test_a_file_is_no_folder_for_a_project(elsewhere):
    (elsewhere / "plan.txt").write_text("a file", encoding="utf-8")
    assert "plan.txt is a file: name a folder for the project" in said(call("init", elsewhere / "plan.txt"))
    assert "the project cannot be written into" in said(call("init", elsewhere / "plan.txt" / "below"))
    assert list(contents(elsewhere)) == ["plan.txt"]


@pytest.mark.parametrize("there", [True, False])
@pytest.mark.parametrize("stopped", [OSError(errno.ENOSPC, "No space left on device"), KeyboardInterrupt()])
def test_a_start_that_is_stopped_leaves_no_file(elsewhere, monkeypatch, there, stopped):
    project, written = elsewhere / "project", []
    if there:
        project.mkdir()

    def fills(path, content):
        if len(written) == 5:
            raise stopped
        written.append(path)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)

    monkeypatch.setattr(starting, "write_whole", fills)
    with pytest.raises((InputError, KeyboardInterrupt)) as caught:
        start_project(project)
    assert len(written) == 5
    assert contents(elsewhere) == {}
    assert [path.name for path in elsewhere.iterdir()] == (["project"] if there else [])
    if isinstance(stopped, OSError):
        assert "No space left on device. None of its files is left there" in str(caught.value)


def test_outside_a_project_the_command_that_starts_one_is_named(elsewhere):
    result = call("run", "2025")
    assert result.exit_code == 2
    assert "To start a project: hcsp-assess init FOLDER" in said(result)


def test_counts_that_come_with_the_package_give_the_edition_that_a_copy_of_them_gives(elsewhere):
    bare, copied = (Project(start_project(elsewhere / name).folder) for name in ("bare", "copied"))
    shutil.copytree(ROOT / COUNTS, copied.root / COUNTS)
    chosen = edition("2025", bare.root)
    assert input_files(chosen, bare) == input_files(chosen, copied)
    assert f"{COUNTS}/counts.csv.gz" in dict(input_files(chosen, bare))
    opened = [prepare(chosen, project) for project in (bare, copied)]
    assert opened[0].counts("series").equals(opened[1].counts("series"))
    assert opened[0].table.source["read_from"] == opened[1].table.source["read_from"]


def test_a_projects_own_counts_and_chapters_are_used_first(elsewhere):
    project = Project(start_project(elsewhere).folder)
    assert counts_folder(COUNTS, project.root) == ROOT / COUNTS
    assert project.notebook("where") == ROOT / "notebooks" / "where.ipynb"
    (project.root / COUNTS).mkdir()
    shutil.copy(ROOT / "notebooks" / "plan.ipynb", project.notebooks / "where.ipynb")
    assert counts_folder(COUNTS, project.root) == project.root / COUNTS
    assert project.notebook("where") == project.notebooks / "where.ipynb"
    assert project.notebook("unknown") == project.notebooks / "unknown.ipynb"


def test_data_received_in_a_checkout_are_no_other_projects(elsewhere):
    project = Project(start_project(elsewhere).folder)
    for path in ("data/raw", "data/raw/police_uk", "reports", "hcsp_assess", "data/raw/herefordshire_2025x"):
        assert counts_folder(path, project.root) == project.root / path


def test_a_chapter_of_the_package_is_taken_over_to_be_changed(elsewhere):
    project = Project(start_project(elsewhere).folder)
    before = contents(ROOT / "notebooks")
    result = call("new", "chapter", "--from", "crime_trends", "--project", elsewhere)
    assert result.exit_code == 0, result.output
    own = elsewhere / "notebooks" / "crime_trends.ipynb"
    assert own.read_bytes() == before["crime_trends.ipynb"]
    assert project.notebook("crime_trends") == own.resolve()
    own.write_text(own.read_text(encoding="utf-8") + " ", encoding="utf-8")
    inputs = dict(input_files(edition("2025", project.root), project))
    assert (
        inputs["notebooks/crime_trends.ipynb"]
        != dict(input_files(edition("2025"), Project(ROOT)))["notebooks/crime_trends.ipynb"]
    )
    with pytest.raises(UsageError, match=r"there is already a notebook crime_trends\.ipynb"):
        take_chapter("crime_trends", project)
    assert contents(ROOT / "notebooks") == before


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--from", "crime_trend"], "no chapter 'crime_trend' comes with the software; choose one of about_area, "),
        (["--from", "crime_trend"], "Did you mean crime_trends?"),
        (["--from", "start"], "no chapter 'start' comes with the software"),
        (["--from", "../notebooks/where"], "no chapter '../notebooks/where' comes with the software"),
        (["mine", "--from", "where"], "--from copies a chapter under its own name"),
        (["--from", "where", "--title", "Where"], "--from copies a chapter under its own name"),
        ([], "say what the chapter is called"),
        (["where"], "copy it with hcsp-assess new chapter --from where"),
        (["explorer"], "there is already a notebook explorer.ipynb"),
    ],
)
def test_a_chapter_that_cannot_be_started_is_refused_with_what_to_do(elsewhere, arguments, message):
    start_project(elsewhere)
    before = contents(elsewhere)
    result = call("new", "chapter", *arguments, "--project", elsewhere)
    assert result.exit_code == 2
    assert message in said(result)
    assert contents(elsewhere) == before


def test_a_new_chapter_and_edition_are_ready_in_a_new_project(elsewhere):
    project = Project(start_project(elsewhere).folder)
    chapter = new_chapter("farm_machinery", project)
    assert [path.name for path in chapter.files] == ["farm_machinery.ipynb"]
    assert "farm_machinery" in project.chapter_names()
    assert not {"start", "explorer"} & set(project.chapter_names())
    new_edition("2026-27", project)
    text = (elsewhere / "editions" / "2026-27.toml").read_text(encoding="utf-8")
    titles = [nbformat.read(path, as_version=4).cells[0].source for path in (ROOT / "notebooks").glob("*.ipynb")]
    named = re.findall(r"^\[\[chapters\]\]  # (.+)$", text, flags=re.MULTILINE)
    assert len(named) > 15
    assert all(any(f"# {title}" in first for first in titles) for title in named)


def test_the_lab_opens_where_there_is_something_to_open(elsewhere):
    from hcsp_assess.lab.jupyterlab import lab_command

    (elsewhere / "data" / "raw").mkdir(parents=True)
    assert "--LabApp.default_url=/lab" in lab_command(Project(elsewhere))
    start_project(elsewhere)
    assert "--LabApp.default_url=/lab/tree/notebooks/start.ipynb" in lab_command(Project(elsewhere))


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    """A wheel, built from the source distribution, which was built from what git knows of this checkout."""
    folder = tmp_path_factory.mktemp("wheel")
    uv = shutil.which("uv", path=os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]]))
    done = subprocess.run(
        [uv, "build", "--out-dir", folder / "dist", ROOT], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    [path] = (folder / "dist").glob("*.whl")
    return path


def tracked(*paths):
    listed = subprocess.run(["git", "-C", ROOT, "ls-files", "-z", *paths], capture_output=True, text=True, check=True)
    return {name for name in listed.stdout.split("\0") if name}


@pytest.mark.slow
def test_the_wheel_holds_all_that_the_checkout_has(wheel):
    files = {
        f"hcsp_assess/bundled/{name}"
        for name in tracked("notebooks", "docs", "data/raw")
        if not name.startswith("docs/") or name.endswith(".md")
    }
    files |= tracked("hcsp_assess")
    with zipfile.ZipFile(wheel) as archive:
        held = {name: archive.read(name) for name in archive.namelist()}
    assert {name for name in held if ".dist-info/" not in name} == files
    assert all(content == _source(name).read_bytes() for name, content in held.items() if ".dist-info/" not in name)
    assert [content for name, content in held.items() if name.endswith("licenses/LICENSE")] == [
        (ROOT / "LICENSE").read_bytes()
    ]


def _source(name):
    return ROOT / name.removeprefix("hcsp_assess/bundled/") if "/bundled/" in name else ROOT / name


SHOW = (
    "import json, hcsp_assess.project as p; from hcsp_assess.report.provenance import commit; "
    "from hcsp_assess.edition.software import software_fingerprint as f; "
    "print(json.dumps([str(p.bundled('')), commit(), f()]))"
)


@pytest.mark.slow
def test_an_installed_package_starts_a_project_and_publishes_from_it_without_writing_to_itself(wheel, elsewhere):
    """Unpacked as pip does it, into a folder that is in git itself, has spaces in its name and cannot be written to."""
    site = elsewhere / "Program files é" / "site-packages"
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(site)
    git = ["git", "-c", "user.name=x", "-c", "user.email=x", "-C", elsewhere]
    for words in (["init", "-q"], ["commit", "-q", "--allow-empty", "-m", "x"]):
        subprocess.run([*git, *words], check=True)
    before = contents(site)
    for path in (site, *site.rglob("*")):
        path.chmod(0o555 if path.is_dir() else 0o444)
    own = os.environ | {"PYTHONPATH": str(site), "PYTHONDONTWRITEBYTECODE": "1", "HCSP_ASSESS_BROWSER": "none"}

    def run(*words):
        done = subprocess.run(
            [sys.executable, *words], cwd=elsewhere, env=own, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    bundled, commit, software = json.loads(run("-c", SHOW))
    assert Path(bundled) == site / "hcsp_assess" / "bundled"
    assert (commit, software) == ("", software_fingerprint())
    run("-m", "hcsp_assess", "init", "our plan")
    assert set(contents(elsewhere / "our plan")) == HOLDS
    chosen = (ROOT / "hcsp_assess/definitions/editions/2025.toml").read_text(encoding="utf-8").split("[[chapters]]")[0]
    (elsewhere / "our plan/editions/small.toml").write_text(
        f'{chosen}[[chapters]]\nnotebook = "data_quality"\n', "utf-8"
    )
    run("-m", "hcsp_assess", "run", "small", "--project", "our plan")
    page = (elsewhere / "our plan/reports/small/index.html").read_text(encoding="utf-8")
    assert "not run from a git checkout" in page
    assert contents(site) == before
