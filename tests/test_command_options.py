"""Options are alike on every command: help with an example, -h, --project, --quiet, and --json that a program can read."""

import inspect
import json
import os
import shutil
import subprocess
import sys

import pytest
import typer
from conftest import ROOT, call, write_street_file

from hcsp_assess.cli.main import app

#: Commands that have no project: what they read and write is named by the person, or is in the package.
WITHOUT_PROJECT = {"init", "simulate", "trends", "points", "count-districts"}
#: Commands whose whole result is what they print, or that open a program.
WITHOUT_QUIET = {"editions", "status", "doctor", "intake", "lab"}
WITHOUT_JSON = {"lab"}
#: Modules that take long to import, and that help, the version, the state and completion do without.
HEAVY = ("pandas", "numpy", "polars", "scipy", "openpyxl", "matplotlib", "geopandas", "jupyter_client", "nbformat")
SHELL = {"_HCSP_ASSESS_COMPLETE": "complete_bash"}


def _commands(group=None, path=()):
    group = group or typer.main.get_command(app)
    for name, command in group.commands.items():
        if hasattr(command, "commands"):
            yield from _commands(command, (*path, name))
        else:
            yield (*path, name), command


COMMANDS = dict(_commands())


def _options(command):
    return {name: parameter for parameter in command.params for name in parameter.opts}


@pytest.mark.parametrize("path", COMMANDS, ids=" ".join)
def test_options_are_alike_on_every_command(path):
    command, name = COMMANDS[path], path[-1]
    options = _options(command)
    assert ("--project" in options) == (name not in WITHOUT_PROJECT)
    assert ("--quiet" in options) == (name not in WITHOUT_QUIET)
    assert ("--json" in options) == (name not in WITHOUT_JSON)
    for option in ("--project", "--quiet", "--json"):
        if option in options:
            same = _options(COMMANDS["clean",])[option]
            assert (options[option].opts, options[option].help) == (same.opts, same.help)
    assert f"hcsp-assess {' '.join(path)}" in inspect.cleandoc(command.help or ""), "no example"


@pytest.mark.parametrize("path", [(), ("new",), ("fetch",), *COMMANDS], ids=" ".join)
def test_h_is_help(path):
    result = call(*path, "-h")
    assert result.exit_code == 0
    assert result.output == call(*path, "--help").output
    assert "Example" in result.output


@pytest.fixture
def year(tiny_project):
    for month in range(1, 13):
        write_street_file(tiny_project / "data" / "raw" / "police_uk", f"2024-{month:02d}")
    (tiny_project / "data" / "raw" / "geography").mkdir()
    return tiny_project


def _run_first(project):
    assert call("run", "tiny", "--quiet").exit_code == 0


def _counts(project):
    rows = "".join(f"{year}-{month:02d},{20 + month}\n" for year in (2023, 2024) for month in range(1, 13))
    (project / "counts.csv").write_text(f"month,incidents\n{rows}", encoding="utf-8")


def _point_file(project):
    shutil.copy(ROOT / "tests" / "data" / "chicago_arson_2016.csv", project / "points.csv")


def _return_file(project):
    from hcsp_assess.sources.returns import write_template

    write_template("marac", project / "marac.csv")
    with (project / "marac.csv").open("a", encoding="utf-8") as file:
        file.write("Q1 2024/25,4,1\n")


def _return_of_new_edition(project):
    _return_file(project)
    assert call("new", "edition", "2025-26", "--quiet").exit_code == 0


def _old_texts(project):
    (project / "editions" / "tiny").mkdir(exist_ok=True)
    statement = 'letter = "e"\nbecause = "the next consultation is in the autumn"\n'
    signed = 'author_role = "Partnership analyst"\ndate = 2024-10-31\norigin = "written for this edition"\n'
    (project / "editions" / "tiny" / "nothing_to_report.toml").write_text(
        f"[[nothing]]\n{statement}{signed}", encoding="utf-8"
    )


#: Each command with --json that can be run on a small project, and what has to be there first.
RUNS = {
    ("run", "tiny"): None,
    ("run", "tiny", "--only-if-changed"): _run_first,
    ("clean", "tiny"): None,
    ("check", "tiny"): None,
    ("editions",): None,
    ("status",): None,
    ("doctor",): None,
    ("init", "assessment"): None,
    ("texts", "list", "tiny"): None,
    ("texts", "start", "tiny"): None,
    ("texts", "check", "tiny"): None,
    ("texts", "refresh", "tiny"): _run_first,
    ("texts", "convert", "tiny"): _old_texts,
    ("new", "indicator", "Fly-tipping", "--area", "herefordshire"): None,
    ("simulate", "simulated"): None,
    ("trends", "counts.csv"): _counts,
    ("new", "edition", "2025-26"): None,
    ("new", "chapter", "farm_machinery"): None,
    ("new", "partnership", "--code", "E06000051", "--no-run"): None,
    (
        "new",
        "county",
        "Worcestershire",
        "--district",
        "North Worcestershire",
        "--district",
        "South Worcester",
        "--period",
        "2024",
    ): None,
    ("schedule", "tiny"): None,
    ("template",): None,
    ("template", "marac"): None,
    ("read-return", "marac.csv", "marac"): _return_file,
    ("intake",): None,
    ("receive", "marac.csv", "marac", "2025-26"): _return_of_new_edition,
    ("recorded-crime",): None,
    ("word", "tiny"): _run_first,
    ("hotspots", "tiny"): None,
    ("map", "tiny", "--out", "map.svg"): None,
    ("count-districts", "data/raw/police_uk"): None,
    ("count-outcomes", "data/raw/police_uk", "--area", "herefordshire"): None,
}


@pytest.mark.parametrize("command", RUNS, ids=" ".join)
def test_json_is_all_that_a_program_reads(year, command):
    if prepare := RUNS[command]:
        prepare(year)
    result = call(*command, "--json")
    assert result.exit_code in (0, 1), result.output  # `doctor` ends with 1 where this computer lacks something
    json.loads(result.stdout)


def test_every_command_with_json_is_run_here_or_downloads_or_needs_more_than_a_small_project():
    """`points` is in test_cli_places; the other two follow."""
    run = {command[: 1 + (command[0] in ("new", "texts"))] for command in RUNS}
    left = {path for path in COMMANDS if path[-1] not in WITHOUT_JSON} - run
    assert {path for path in left if path[0] != "fetch"} == {("pdf",), ("points",), ("brief",)}


def test_a_printed_report_and_a_briefing_are_said_as_json(year, monkeypatch):
    (year / "reports" / "tiny").mkdir(parents=True)
    (year / "reports" / "tiny" / "index.html").write_text("<html></html>", encoding="utf-8")
    monkeypatch.setattr("hcsp_assess.report.pdf.find_browser", lambda: "a browser")
    monkeypatch.setattr("hcsp_assess.report.pdf.print_pdf", lambda page, browser: b"%PDF")
    printed = json.loads(call("pdf", "tiny", "--json").stdout)
    assert printed == {"edition": "tiny", "files": [str(year / "reports" / "tiny" / "report.pdf")]}
    monkeypatch.setattr("hcsp_assess.cli.brief._make", lambda opened, span, place: None)
    monkeypatch.setattr("hcsp_assess.run.formats.write_briefing", lambda *_, **__: {"briefing.html": b"x"})
    said = json.loads(call("brief", "tiny", "--json").stdout)
    assert said == {"edition": "tiny", "files": [str(year / "reports/briefings/tiny/briefing.html")]}


def test_what_was_downloaded_is_said_as_json(capsys):
    from hcsp_assess.cli.fetch import _say_fetched
    from hcsp_assess.sources.fetch.keeping import FetchedFile

    names = inspect.signature(FetchedFile).parameters
    values = {"file": "data/raw/x.csv", "bytes": 1, "new": True, "note": "2 rows"}
    made = FetchedFile(**{name: values.get(name, "") for name in names})
    _say_fetched([made, made], quiet=False, as_json=True)
    assert json.loads(capsys.readouterr().out) == 2 * [{"file": "data/raw/x.csv", "new": True, "note": "2 rows"}]


def _complete(words, project, expect=0):
    """What pressing Tab after these words offers; the last word may be incomplete."""
    given = {**os.environ, **SHELL, "COMP_WORDS": " ".join(words), "COMP_CWORD": str(len(words) - 1)}
    done = subprocess.run(
        [sys.executable, "-c", "import sys; sys.argv[0] = 'hcsp-assess'; from hcsp_assess.cli.main import app; app(prog_name='hcsp-assess')"],
        env=given, cwd=project, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.stderr == ""
    return done.stdout.split("\n")[:-1]


@pytest.mark.parametrize(
    ("words", "offered"),
    [
        (["run", "ti"], "tiny"),
        (["check", "20"], "2025"),
        (["brief", "20"], "2013-14"),
        (["run", "tiny@he"], "tiny@herefordshire"),
        (["template", "mar"], "marac"),
        (["read-return", "x.csv", "mar"], "marac"),
        (["map", "tiny", "--measure", "bur"], "burglary"),
        (["map", "tiny", "--measure", "hot"], "hotspots"),
        (["fetch", "month", "--area", "here"], "herefordshire"),
        (["new", "chapter", "x", "--edition", "ti"], "tiny"),
        (["run", "tiny", "--areas", "al"], "all"),
    ],
    ids=" ".join,
)
def test_tab_offers_what_the_project_has(tiny_project, words, offered):
    assert offered in _complete(["hcsp-assess", *words], tiny_project)


def test_tab_says_nothing_of_an_error(tmp_path, tiny_project):
    assert _complete(["hcsp-assess", "run", "--project", "nowhere", "20"], tmp_path) == ["2013-14", "2025"]
    (tiny_project / "editions" / "broken.toml").write_text("[", encoding="utf-8")
    assert "broken" in _complete(["hcsp-assess", "run", "br"], tiny_project)


@pytest.mark.parametrize(
    ("arguments", "more"),
    [
        (["--help"], {}),
        (["--version"], {}),
        (["new", "--help"], {}),
        (["status"], {}),
        ([], SHELL | {"COMP_WORDS": "hcsp-assess run ti", "COMP_CWORD": "2"}),
    ],
    ids=["help", "version", "new help", "status", "completion"],
)
def test_what_is_asked_often_imports_nothing_heavy(tiny_project, arguments, more):
    code = (
        "import atexit, sys\n"
        f"atexit.register(lambda: print([name for name in {HEAVY} if name in sys.modules], file=sys.stderr))\n"
        f"sys.argv[1:] = {arguments}\n"
        "from hcsp_assess.cli.main import app\napp(prog_name='hcsp-assess')"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], env={**os.environ, **more}, capture_output=True, text=True, check=False
    )
    assert done.stderr.strip().endswith("[]"), done.stderr
    assert done.returncode == 0


def test_progress_is_a_line_for_each_stage_and_chapter_when_piped(year):
    lines = call("run", "tiny").stderr.splitlines()
    assert any(line.startswith("Tiny: ") and line.endswith(" s") for line in lines), lines
    assert any(line.startswith("Running chapters: ") for line in lines)
    assert call("run", "tiny", "--quiet").output == ""
