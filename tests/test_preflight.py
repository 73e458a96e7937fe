"""Each mistake in a project's files that can be known at once is named before a run: where, what, and all together."""

import json
import shutil
import zipfile

import nbformat
import pytest
from conftest import ROOT, call, said, write_street_file

from hcsp_assess.errors import Problem
from hcsp_assess.project import Project
from hcsp_assess.run.preflight import preflight
from hcsp_assess.subject.editions import edition

CHAPTERS = ("tiny", "summary", "about_area", "consultation", "priorities", "where", "serious_violence", "changes_since")
DEFINITION = """
title = "A board's assessment"
area = "herefordshire"
period = "2024"
sources = [
  { key = "police_uk", name = "Street-level crime", kind = "street-level archive", folder = "data/raw/police_uk" },
  { key = "returns", name = "Returns", kind = "partners' returns", folder = "data/raw/returns" },
]
"""
SIGNED = '\n[signed]\nauthor_role = "analyst"\ndate = 2025-01-31\norigin = "written for this edition"\n'
NOTHING = '\n[[nothing]]\nletter = "{}"\nbecause = "the partnership did not look at this in the year"\n'
REASON = '\n[[reason]]\nkey = "{}"\ntitle = "Why"\nabout = ["recorded_crime"]\ntext = "Because."\nsupport = "partly"\n'
LETTERS = "abcdefg"


@pytest.fixture
def board(tiny_project):
    """A project whose edition "board" has texts, returns and street files, and nothing wrong with any of them."""
    chapters = "\n".join(f'[[chapters]]\nnotebook = "{name}"' for name in CHAPTERS)
    _write(tiny_project, "editions/board.toml", DEFINITION + chapters)
    for name in CHAPTERS[1:]:
        shutil.copy(ROOT / "notebooks" / f"{name}.ipynb", tiny_project / "notebooks")
    for month in range(1, 13):
        write_street_file(tiny_project / "data" / "raw" / "police_uk", f"2024-{month:02d}")
    _write(tiny_project, "editions/board/texts.toml", 'edition = "board"\nprevious = ""\n')
    statements = "".join(NOTHING.format(letter) for letter in LETTERS)
    _write(tiny_project, "editions/board/nothing_to_report.toml", SIGNED + statements)
    _write(tiny_project, "editions/board/reasons.toml", SIGNED + REASON.format("one") + REASON.format("two"))
    return tiny_project


def _write(project, name, text):
    path = project / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def _change(project, name, old, new):
    text = (project / name).read_text(encoding="utf-8")
    assert old in text
    _write(project, name, text.replace(old, new, 1))


def _append(project, name, text):
    _write(project, name, (project / name).read_text(encoding="utf-8") + text)


def _notebook(project, name, change):
    path = project / "notebooks" / f"{name}.ipynb"
    node = nbformat.read(path, as_version=4)
    change(node)
    nbformat.write(node, path)


def _no_parameters(node):
    node.cells = [cell for cell in node.cells if "parameters" not in cell.metadata.get("tags", [])]


def _other_kernel(node):
    node.metadata["kernelspec"] = {"name": "julia-1.6", "display_name": "Julia", "language": "julia"}


def _return(project, name, content):
    _write(project, f"data/raw/returns/{name}", content)


def _zip_cut_short(project):
    path = project / "data" / "raw" / "police_uk" / "more.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("2023-01/2023-01-kent-street.csv", "x" * 10_000)
    path.write_bytes(path.read_bytes()[:-30])


def _other_area(project):
    found = json.loads(
        (ROOT / "hcsp_assess/definitions/demonstration_2013_14/previous_findings.json").read_text(encoding="utf-8")
    )
    found |= {"edition": "2023", "area": "Shropshire"}
    _write(project, "reports/2023/findings.json", json.dumps(found))
    _change(project, "editions/board/texts.toml", 'previous = ""', 'previous = "2023"')


EXERCISE = '\n[[exercise]]\nkey = "panel"\nname = "Panel"\nmethod = "post"\nheld = "2024"\nbase = {}\n'
SAID = '\n[[said]]\nexercise = "panel"\nsubject = "roads"\ntext = "Slow down"\npercent = {}\n'
ITEM = '\n[[item]]\nkey = "{0}"\nname = "{0}"\nconfidence = {1}\nconfidence_why = "few figures"\n'

#: Name of a mistake: what makes it, the beginning of `where`, a part of `what`, and whether it stops a run.
MISTAKES = {
    "field of the definition": (
        lambda p: _change(p, "editions/board.toml", "[[chapters]]", 'abuot = "x"\n[[chapters]]'),
        "editions/board.toml", "'abuot'", True,
    ),
    "field of a chapter": (
        lambda p: _change(p, "editions/board.toml", 'notebook = "where"', 'notebook = "where"\nleters = ["a"]'),
        "editions/board.toml, chapter 6", "Did you mean letters?", True,
    ),
    "letter that the law does not have": (
        lambda p: _change(p, "editions/board.toml", 'notebook = "tiny"', 'notebook = "tiny"\nletters = ["z"]'),
        "editions/board.toml", "'z'", True,
    ),
    "notebook missing": (
        lambda p: _append(p, "editions/board.toml", '\n[[chapters]]\nnotebook = "wher"\n'),
        "notebooks/wher.ipynb", "there is no notebook", True,
    ),
    "notebook that is not JSON": (
        lambda p: _write(p, "notebooks/consultation.ipynb", "{"),
        "notebooks/consultation.ipynb", "cannot be read as a notebook", True,
    ),
    "notebook without a parameters cell": (
        lambda p: _notebook(p, "summary", _no_parameters), "notebooks/summary.ipynb", "It has 0 cells tagged", True,
    ),
    "notebook of another kernel": (
        lambda p: _notebook(p, "priorities", _other_kernel),
        "notebooks/priorities.ipynb", "'julia-1.6' is not installed", True,
    ),
    "TOML that cannot be read": (
        lambda p: _write(p, "editions/board/area.toml", "[[about]\n"), "editions/board/area.toml", "cannot be read", True,
    ),
    "text file misspelt": (
        lambda p: _write(p, "editions/board/so_waht.toml", ""),
        "editions/board/so_waht.toml", "Did you mean so_what.toml?", True,
    ),
    "text file that nothing reads": (
        lambda p: _write(p, "editions/board/holidays.toml", ""), "editions/board/holidays.toml", "Nothing that comes", False,
    ),
    "second reason without a text": (
        lambda p: _write(
            p, "editions/board/reasons.toml",
            SIGNED + REASON.format("one") + REASON.format("two").replace("text =", "txet =")
            + REASON.format("three").replace('support = "partly"', ""),
        ),
        "editions/board/reasons.toml, reason 2", "Did you mean text?", True,
    ),
    "third reason without support": (None, "editions/board/reasons.toml, reason 3", "no support", True),
    "field of a text": (
        lambda p: _write(p, "editions/board/so_what.toml", SIGNED + THEME.format("crime_trends", 'leed = "police"')),
        "editions/board/so_what.toml, theme 1", "Did you mean lead?", True,
    ),
    "statement without a reason": (
        lambda p: _change(p, "editions/board/nothing_to_report.toml", NOTHING.format("b"), '\n[[nothing]]\nletter = "b"\n'),
        "editions/board/nothing_to_report.toml, statement 2", "no because", True,
    ),
    "exercise without a base": (
        lambda p: _write(p, "editions/board/consultation.toml", SIGNED + SAID.format(130) + EXERCISE.format(0)),
        "editions/board/consultation.toml, exercise 1", "base is 0", True,
    ),
    "share over 100": (None, "editions/board/consultation.toml, said 1", "130", True),
    "score of no scale": (
        lambda p: _write(
            p, "editions/board/scores.toml",
            SIGNED + ITEM.format("a", 9) + 'scores = {}\n' + ITEM.format("b", 1) + 'scores = { colour = [1, "x"] }\n',
        ),
        "editions/board/scores.toml, item 1", "confidence 9", True,
    ),
    "second score of no component": (None, "editions/board/scores.toml, item 2", "colour", True),
    "offences that do not exist": (
        lambda p: _write(p, "editions/board/serious_violence.toml", '[definition]\ntext = "x"\noffences = ["knives"]\n'),
        "editions/board/serious_violence.toml", "'knives'", True,
    ),
    "matter without a finding": (
        lambda p: _write(
            p, "editions/board/county_matters.toml",
            SIGNED + '[[matter]]\nkey = "a"\ntheme = "rural_crime"\ntext = "x"\nbecause = "y"\n',
        ),
        "editions/board/county_matters.toml, matter 1", "", True,
    ),
    "last edition of another area": (_other_area, "editions/board/texts.toml", "is of Shropshire", True),
    "return that cannot be read": (
        lambda p: _return(p, "marac/q1.csv", "a,b\n1,2\n"), "data/raw/returns/marac/q1.csv", "marac", False,
    ),
    "return in no folder of a return": (
        lambda p: _return(p, "loose.csv", "a,b\n1,2\n"), "data/raw/returns/loose.csv", "move it into one", False,
    ),
    "definition of a return": (
        lambda p: _write(p, "returns/own.toml", 'title = "x"\n'), "returns/own.toml", "field 'columns' is missing", True,
    ),
    "heading of a street file": (
        lambda p: _change(p, "data/raw/police_uk/2024-05/2024-05-west-mercia-street.csv", "Crime type", "Kind"),
        "data/raw/police_uk/2024-05/2024-05-west-mercia-street.csv", "no column Crime type", True,
    ),
    "peers that are no districts": (
        lambda p: _write(p, "data/raw/peers/herefordshire.toml", 'name = "x"\nsource = "y"\npeers = ["Shropshre"]\n'),
        "data/raw/peers/herefordshire.toml", "Did you mean Shropshire?", True,
    ),
    "real data marked as simulated": (
        lambda p: (_write(p, "data/raw/actions/SIMULATED.toml", ""), _write(p, "data/raw/actions/x.csv", "a\n")),
        "data/raw/actions", "marked as simulated", True,
    ),
    "action log of other columns": (None, "data/raw/actions/x.csv", "", True),
    "weights of harm without a source": (
        lambda p: _write(p, "data/raw/harm/weights.csv", "a\n1\n"), "data/raw/harm", "no SOURCE.toml", True,
    ),
    "residents of other columns": (
        lambda p: _write(p, "data/raw/residents/groups.csv", "a\n1\n"), "data/raw/residents/groups.csv", "", False,
    ),
    "table of recorded crime that is damaged": (
        lambda p: _write(p, "data/raw/recorded_crime/prc-csp-tables-010126.xlsx", "x"),
        "data/raw/recorded_crime/prc-csp-tables-010126.xlsx", "download it again", True,
    ),
}  # fmt: skip
#: Mistakes that hide all others of their kind, each on its own.
ALONE = {
    "archive cut short": (_zip_cut_short, "data/raw/police_uk", "more.zip", True),
    "no street files": (
        lambda p: shutil.rmtree(p / "data" / "raw" / "police_uk"), "data/raw/police_uk", "put archives from", True,
    ),
    "last edition not built": (
        lambda p: _change(p, "editions/board/texts.toml", 'previous = ""', 'previous = "2023"'),
        "editions/board/texts.toml", "hcsp-assess run 2023", True,
    ),
    "days of receipt": (
        lambda p: (_return(p, "received.csv", "file,received\nq1.csv,soon\n"), _return(p, "marac/q1.csv", "a\n")),
        "data/raw/returns/received.csv", "2012-07-20", True,
    ),
    "personal data in a return": (
        lambda p: _return(p, "marac/q1.csv", "Quarter,Victim name,Date of birth,Cases\nQ1 24/25,Ann Lee,01/02/1990,4\n"),
        "data/raw/returns/marac/", "ersonal", False,
    ),
    "a letter that nothing answers": (
        lambda p: _change(p, "editions/board/nothing_to_report.toml", NOTHING.format("f"), ""),
        "editions/board/nothing_to_report.toml", "(f)", True,
    ),
    "area without its table": (
        lambda p: _write(p, "areas/herefordshire.toml", 'name = "x"\n'), "areas/herefordshire.toml", "", True,
    ),
    "the same key twice": (
        lambda p: _write(p, "editions/board/reasons.toml", SIGNED + 2 * REASON.format("one")),
        "editions/board/reasons.toml", "same key: one", True,
    ),
}  # fmt: skip
THEME = '\n[[theme]]\ntheme = "{}"\nmeans = "x"\naction = "y"\n{}\n'


def _found(project):
    return preflight(edition("board", project), Project(project))


def _named(found, where, what, stops):
    return [each for each in found if each.where.startswith(where) and what in each.what and each.stops == stops]


def test_nothing_is_wrong_with_a_healthy_project(board):
    assert _found(board) == ()


def _makers():
    """Each mistake with what makes it: one without a maker of its own is made by the one before it."""
    last = None
    for name, (make, *rest) in (MISTAKES | ALONE).items():
        last = make or last
        yield pytest.param(last, *rest, id=name)


@pytest.mark.parametrize(("make", "where", "what", "stops"), [*_makers()])
def test_a_mistake_is_named_with_its_place_and_what_to_do(board, make, where, what, stops):
    make(board)
    assert _named(_found(board), where, what, stops), _found(board)


def test_all_mistakes_at_once_are_all_listed(board):
    for make, *_ in MISTAKES.values():
        if make is not None:
            make(board)
    found = _found(board)
    missing = [name for name, (_, *named) in MISTAKES.items() if not _named(found, *named)]
    assert missing == [], "\n".join(map(str, found))
    stops = [problem.stops for problem in found]
    assert stops == sorted(stops, reverse=True)  # those that stop a run come first
    assert len({str(problem) for problem in found}) == len(found)


def test_a_run_names_everything_and_cleans_nothing(board):
    for name in ("notebook missing", "second reason without a text", "heading of a street file"):
        MISTAKES[name][0](board)
    result = call("run", "board")
    assert result.exit_code == 1
    told = said(result)
    for named in ("4 problems stop the report board", "wher.ipynb", "reason 2", "reason 3", "2024-05-west-mercia"):
        assert named in told
    assert not list((board / "data" / "processed").rglob("*.parquet"))
    assert json.loads(call("status", "--json").stdout)["editions"]  # the failed run is on record
    assert call("status").exit_code == 1


def test_what_does_not_stop_a_run_is_said_first_and_once(tiny_project):
    for month in range(1, 13):
        write_street_file(tiny_project / "data" / "raw" / "police_uk", f"2024-{month:02d}")
    _write(tiny_project, "editions/tiny/holidays.toml", "")
    result = call("run", "tiny")
    assert result.exit_code == 0, result.output
    told = said(result)
    assert told.count("holidays.toml: Nothing that comes with the software reads this file") == 1
    assert told.index("holidays.toml") < told.index("Published")


def test_a_problem_reads_as_one_sentence():
    assert str(Problem("a.toml, entry 2", "It has no text")) == "a.toml, entry 2: It has no text"
