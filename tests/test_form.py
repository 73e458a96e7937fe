"""The form in JupyterLab without a browser: what is typed is what is on disk, nothing is lost, what is wrong is said."""

import datetime as dt
import io
import shutil
import tomllib

import openpyxl
import pytest
from conftest import ROOT, TINY_EDITION

from hcsp_assess.errors import InputError
from hcsp_assess.lab.form import scores_step, text_list
from hcsp_assess.lab.form.apart import Ended, RunApart
from hcsp_assess.lab.form.evidence import findings_to_quote
from hcsp_assess.lab.form.held import held_of
from hcsp_assess.lab.form.open_text import opened_text
from hcsp_assess.lab.form.your_assessment import YourAssessment
from hcsp_assess.project import Project
from hcsp_assess.setup.edition_parts import add_chapters, add_return_parts
from hcsp_assess.setup.receive_return import blank_template, receive_return
from hcsp_assess.sources.text_kinds import BY_FOLDER
from hcsp_assess.subject.editions import edition

EDITION, DAY = "shropshire-2025-06", dt.date(2026, 11, 29)
NOW = dt.datetime(2026, 11, 29, 12, tzinfo=dt.UTC)
#: Cases, repeats and children by quarter, invented.
QUARTERS = {"Q1 24/25": (90, 25, 99), "Q2 24/25": (101, 31, 120), "Q1 25/26": (104, 33, 125)}


@pytest.fixture(scope="module")
def set_up(tmp_path_factory):
    """A project after "Set up" of Shropshire, made once; tests that change anything have a copy."""
    home = Project(tmp_path_factory.mktemp("form"))
    home.raw.mkdir(parents=True)
    shutil.copytree(ROOT / "notebooks", home.notebooks, ignore=shutil.ignore_patterns("recipes", ".ipynb_checkpoints"))
    made = YourAssessment(home)
    made.area.code.value = "E06000051"
    made.area.set_up.click()
    return made


@pytest.fixture(scope="module")
def found(set_up):
    """Findings of the edition, which are those of a copy too."""
    return findings_to_quote(set_up.chosen)


@pytest.fixture
def project(set_up, found, tmp_path, monkeypatch):
    for module in (scores_step, text_list):
        monkeypatch.setattr(module, "findings_to_quote", lambda chosen: found if chosen.edition == EDITION else [])
    shutil.copytree(set_up.chosen.project.root, tmp_path, dirs_exist_ok=True)
    return Project(tmp_path)


@pytest.fixture
def form(project):
    """The form for Shropshire."""
    return YourAssessment(project, "shropshire", EDITION)


def marac(project, rows=QUARTERS):
    """A MARAC return as its template comes, filled in."""
    book = openpyxl.load_workbook(io.BytesIO(blank_template("marac", project)))
    for quarter, figures in rows.items():
        book["Data"].append((quarter, *figures))
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def upload(form, content, name="marac q1.xlsx"):
    form.held.upload.value = (
        {"name": name, "type": "", "size": len(content), "content": memoryview(content), "last_modified": NOW},
    )


def test_set_up_by_code_chooses_the_area_and_its_first_edition(set_up):
    form = set_up
    assert (form.chosen.area, form.chosen.edition) == ("shropshire", EDITION)
    assert form.area.area.value == "shropshire"
    assert form.edition.edition.value == EDITION
    assert "Shropshire is set up" in form.area.status.value
    assert (form.chosen.project.root / "areas" / "shropshire.toml").is_file()


@pytest.mark.parametrize(("typed", "said"), [("", "type the code or name"), ("Shropshyre", "Did you mean Shropshire?")])
def test_a_code_that_there_is_not_is_said_and_stays_typed(tmp_path, typed, said):
    form = YourAssessment(Project(tmp_path))
    form.area.code.value = typed
    form.area.set_up.click()
    assert 'role="alert"' in form.area.status.value
    assert said.casefold() in form.area.status.value.casefold()
    assert form.area.code.value == typed
    assert not (tmp_path / "areas").exists()


def test_a_filled_return_is_kept_as_received_and_the_edition_shows_it(form, project):
    content = marac(project)
    upload(form, content)
    assert "3 of 3 rows kept" in form.held.status.value
    folder = (
        project.raw / "returns@shropshire"
    )  # `returns` is of the edition of Herefordshire that comes with the package
    assert (folder / "marac" / "marac q1.xlsx").read_bytes() == content
    assert (folder / "received.csv").read_text(encoding="utf-8").splitlines()[0] == "file,received"
    made = edition(EDITION, project.root)
    assert made.source("returns").folder == "data/raw/returns@shropshire"
    assert {"domestic_abuse", "intake"} <= set(made.chapters)
    held = held_of(EDITION, project)
    assert [(line.title, line.status) for line in held.received] == [
        ("MARAC cases and repeats", "received late: 3 rows")
    ]
    missing = {line.title: line.period for line in held.expected}
    assert missing["MARAC cases and repeats"] == "Q3 24/25 to Q4 24/25"


@pytest.mark.parametrize("content", [b"no workbook", None])
def test_a_return_that_cannot_be_read_or_is_empty_changes_nothing(form, project, content):
    before = (project.root / "editions" / f"{EDITION}.toml").read_bytes()
    upload(form, marac(project, {}) if content is None else content)
    assert 'role="alert"' in form.held.status.value
    assert not (project.raw / "returns@shropshire").exists()
    assert (project.root / "editions" / f"{EDITION}.toml").read_bytes() == before


def test_a_return_with_personal_data_is_refused_and_not_kept(form, project):
    book = openpyxl.load_workbook(io.BytesIO(marac(project)))
    book["Data"].cell(6, 7, "victim: 07700 900123, born 12/03/1987")
    out = io.BytesIO()
    book.save(out)
    upload(form, out.getvalue())
    assert 'role="alert"' in form.held.status.value
    assert "07700" not in form.held.status.value
    assert not (project.raw / "returns@shropshire").exists()


def test_another_file_of_the_same_name_is_not_overwritten(form, project):
    first, other = marac(project), marac(project, {"Q1 25/26": (1, 0, 0)})
    receive_return(EDITION, "marac", "q.xlsx", first, project, day=DAY)
    with pytest.raises(InputError, match="another file called q.xlsx is already held"):
        receive_return(EDITION, "marac", "C:\\partner\\q.xlsx", other, project, day=DAY)
    kept = project.raw / "returns@shropshire" / "marac" / "q.xlsx"
    assert kept.read_bytes() == first
    receive_return(EDITION, "marac", "q.xlsx", first, project, day=dt.date(2026, 12, 24))  # the same again does no harm
    table = (project.raw / "returns@shropshire" / "received.csv").read_text(encoding="utf-8").splitlines()
    assert table == ["file,received", "marac/q.xlsx,2026-11-29"]


def test_only_what_is_added_changes_in_a_definition(form, project):
    path = project.root / "editions" / f"{EDITION}.toml"
    path.write_text(path.read_text(encoding="utf-8") + "# a remark of mine\n", encoding="utf-8")
    before = path.read_text(encoding="utf-8").splitlines()
    add_return_parts(EDITION, "marac", project, day=DAY)
    add_chapters(EDITION, ["changes_since", "priorities", "domestic_abuse"], project)
    after = path.read_text(encoding="utf-8")
    gone = [line for line in before if line not in after.splitlines()]
    assert [line.split(" = ")[0] for line in gone] == ["sources", "about"]  # the introduction no longer held true
    assert tomllib.loads(after)["register_day"] == DAY
    chapters = [entry["notebook"] for entry in tomllib.loads(after)["chapters"]]
    written = ["summary", "comparison", "serious_violence", "domestic_abuse", "changes_since", "priorities", "intake"]
    assert chapters == written


def test_a_definition_in_one_line_is_left_alone_and_said(tmp_path):
    text, project = TINY_EDITION.replace("herefordshire", "shropshire"), Project(tmp_path)
    (project.root / "editions").mkdir()
    (project.root / "editions" / "tiny.toml").write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match="in one line"):
        add_chapters("tiny", ["intake"], project)
    assert (project.root / "editions" / "tiny.toml").read_text(encoding="utf-8") == text


def write(form, body="Shops **report** more."):
    """Type a reason with role, date and state."""
    form.texts.body.value = body
    form.texts.fields.role.value = "Partnership analyst"
    form.texts.fields.date.value = DAY
    form.texts.fields.state.value = "reviewed"


def test_a_reason_is_offered_beside_its_evidence_shown_as_printed_and_saved(form, project):
    texts = form.texts
    assert texts.text.value == "reasons/official_rising.md"
    assert "bicycle theft (from 110 to 189)" in texts.evidence.value
    write(form)
    assert "<strong>report</strong>" in texts.preview.value
    assert texts.unsaved == "texts not saved: reasons/official_rising.md"
    path = project.root / "editions" / EDITION / "reasons" / "official_rising.md"
    assert not path.exists()
    texts.save_button.click()
    saved = path.read_text(encoding="utf-8")
    assert "role: Partnership analyst\ndate: 29 November 2026\nstate: reviewed\n" in saved
    assert saved.endswith("\nShops **report** more.\n")
    assert texts.unsaved == ""
    assert "changes_since" in edition(EDITION, project.root).chapters  # the chapter that prints reasons


def test_what_is_wrong_with_a_text_is_said_under_it_before_it_is_saved(form):
    write(form, "A picture: <img src=x>")
    assert "HTML such as" in form.texts.problems.value
    assert "<img" not in form.texts.preview.value.replace("&lt;img", "")


def test_a_text_that_somebody_else_changed_is_not_overwritten(form, project):
    write(form)
    form.texts.save_button.click()
    path = project.root / "editions" / EDITION / "reasons" / "official_rising.md"
    theirs = path.read_text(encoding="utf-8") + "Theirs.\n"
    path.write_text(theirs, encoding="utf-8")
    form.texts.body.value = "Mine."
    form.texts.save_button.click()
    assert path.read_text(encoding="utf-8") == theirs
    assert 'role="alert"' in form.texts.status.value
    assert form.texts.body.value == "Mine."
    form.texts.show_theirs.click()
    assert "Theirs." in form.texts.evidence.value
    form.texts.save_instead.click()
    assert "Mine." in path.read_text(encoding="utf-8")
    copies = [each.read_text(encoding="utf-8") for each in (project.processed / "form" / "theirs").iterdir()]
    assert copies == [theirs]


def test_what_was_typed_and_not_saved_is_there_again_in_a_new_form(form, project):
    write(form, "Typed, and then the computer was switched off.")
    form.texts._copies.flush()
    again = YourAssessment(project, "shropshire", EDITION)
    assert again.texts.body.value == "Typed, and then the computer was switched off."
    assert again.texts.unsaved == "texts not saved: reasons/official_rising.md"
    path = project.root / "editions" / EDITION / "reasons" / "official_rising.md"
    path.parent.mkdir()
    path.write_text("---\nstate: draft\n---\nTheirs, written meanwhile.\n", encoding="utf-8")
    later = YourAssessment(project, "shropshire", EDITION)
    assert not later.texts.save()
    assert "Theirs" in path.read_text(encoding="utf-8")
    assert later.texts.body.value == "Typed, and then the computer was switched off."


def test_a_header_keeps_what_the_form_does_not_show(tmp_path):
    path = tmp_path / "reasons" / "a.md"
    path.parent.mkdir()
    whole = '---\n# mine\ntitle: "A: b"\nabout:\n - x\n - y\nsupport: weak\norigin: quoted\nsource: The Plan\n---\n\nText.\n'
    path.write_text(whole, encoding="utf-8")
    text = opened_text(path, BY_FOLDER["reasons"], "a", "")
    assert text.typed(dict(text.fields), "Text.") == whole
    changed = text.typed(text.fields | {"about": "x, z", "support": "strong: measured"}, "Text.")
    lines = ["---", "# mine", 'title: "A: b"', "about: [x, z]", 'support: "strong: measured"', "origin: quoted"]
    assert changed.split("\n") == [*lines, "source: The Plan", "---", "", "Text.", ""]


def score(step):
    """Type scores of bicycle theft."""
    boxes = step.boxes
    boxes.name.value, boxes.why.value, boxes.role.value = "Bicycle theft", "One year", "Partnership analyst"
    boxes.date.value, boxes.state.value = DAY, "reviewed"
    for key, box in boxes.scores.items():
        box.value, boxes.evidence[key].value = 2, "Judged"


def scored(project):
    """Names, and scores and evidence of the first issue, in the spreadsheet."""
    sheet = openpyxl.load_workbook(project.root / "editions" / EDITION / "scores.xlsx")["Scores"]
    rows = [dict(zip([cell.value for cell in sheet[1]], [cell.value for cell in row], strict=True)) for row in sheet]
    return [row["Issue"] for row in rows[1:] if row["Issue"]], rows[1]


def test_scores_are_saved_in_the_spreadsheet_and_shown_again(form, project):
    step = form.scores
    score(step)
    step.boxes.evidence["physical"].value = ""
    assert not step.save()
    assert "Physical harm: say what its score rests on" in step.status.value
    assert not (project.root / "editions" / EDITION / "scores.xlsx").exists()
    step.boxes.evidence["physical"].value = "Judged"
    assert step.save()
    _, row = scored(project)
    assert (row["Issue"], row["Physical harm: score"], row["Trend: evidence"]) == ("Bicycle theft", 2, "Judged")
    assert "priorities" in edition(EDITION, project.root).chapters
    step.issue.value = "bicycle_theft"
    assert (step.boxes.name.value, step.boxes.scores["trend"].value) == ("Bicycle theft", 2)


def test_scores_and_an_indicator_that_were_not_saved_are_there_again_in_a_new_form(form, project):
    score(form.scores)
    step = form.indicators
    step.name.value, step.unit.value, step.better.value = "Satisfied victims", "percent", "higher"
    step.target.value, step.figures["Q1 25/26"].value, step.out_of["Q1 25/26"].value = "80", "71.5", "340"
    form.scores._copies.flush()
    step._copies.flush()
    again = YourAssessment(project, "shropshire", EDITION)
    assert again.scores.boxes.entry == form.scores.boxes.entry
    assert "Bicycle theft" in again.scores.unsaved
    boxes = again.indicators
    assert (boxes.name.value, boxes.unit.value, boxes.better.value) == ("Satisfied victims", "percent", "higher")
    shown = {box.description: box.value for box in boxes._grid.children}
    assert (boxes.target.value, shown["Q1 25/26:"], shown["Q1 25/26 out of:"]) == ("80", "71.5", "340")
    assert again.scores.save()
    assert scored(project)[0] == ["Bicycle theft"]
    again.indicators.discard.click()
    third = YourAssessment(project, "shropshire", EDITION)
    assert (third.scores.unsaved, third.indicators.unsaved, third.indicators.name.value) == ("", "", "")


def test_scores_of_an_issue_that_somebody_else_scored_meanwhile_are_not_overwritten(form, project):
    mine, theirs = form.scores, YourAssessment(project, "shropshire", EDITION).scores
    score(theirs)
    theirs.boxes.evidence["trend"].value = "Theirs"
    assert theirs.save()
    score(mine)
    assert not mine.save()
    assert "are not those that you opened" in mine.status.value
    assert scored(project)[1]["Trend: evidence"] == "Theirs"
    mine.boxes.name.value = "Shoplifting"  # another issue does not concern them
    assert mine.save()
    assert sorted(scored(project)[0]) == ["Bicycle theft", "Shoplifting"]
    assert scored(project)[1]["Trend: evidence"] == "Theirs"


def test_what_is_discarded_shows_what_is_saved_again(form):
    score(form.scores)
    assert form.scores.save()
    form.scores.issue.value = "bicycle_theft"
    form.scores.boxes.scores["trend"].value = 4
    form.scores.discard.click()
    assert (form.scores.unsaved, form.scores.boxes.scores["trend"].value) == ("", 2)


@pytest.mark.parametrize("copy", ["", "[]", '{"scores": [1], "date": 7, "issue": 3}', '{"name": {}, "figures": "x"}'])
def test_a_copy_that_cannot_be_used_does_no_harm(project, copy):
    for folder, name in (("", EDITION), ("scores", EDITION), ("indicators", "shropshire")):
        path = project.processed / "form" / folder / f"{name}.json"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(copy, encoding="utf-8")
    form = YourAssessment(project, "shropshire", EDITION)
    assert (form.texts.unsaved, form.indicators.unsaved) == ("", "")
    assert form.scores.boxes.entry["scores"] == {}
    assert 'role="alert"' not in "".join(step.status.value for step in form.steps)


def test_an_indicator_is_added_with_its_quarters_and_a_wrong_figure_is_said(form, project):
    step = form.indicators
    step.name.value, step.better.value = "Fly-tipping", "lower"
    step.figures["Q1 24/25"].value, step.figures["Q1 25/26"].value = "1,204", "many"
    assert not step.save()
    assert "Q1 25/26: &#x27;many&#x27; is not a number" in step.status.value
    assert step.name.value == "Fly-tipping"
    step.figures["Q1 25/26"].value = "1100"
    assert step.save()
    book = openpyxl.load_workbook(project.root / "areas" / "shropshire" / "performance.xlsx")
    cells = [[cell.value for cell in row] for row in book.worksheets[0].iter_rows()]
    assert any(1204 in row for row in cells)
    assert any(1100 in row for row in cells)
    assert "Fly-tipping" in step.known.value


def test_what_is_typed_for_one_edition_is_not_saved_into_another(form, project):
    form.scores.boxes.name.value = "Bicycle theft"
    form.indicators.name.value = "Fly-tipping"
    form.area.area.value = "herefordshire"
    assert form.chosen.edition != EDITION
    assert f"in the edition {EDITION} are not saved" in form.scores.status.value
    assert form.indicators.unsaved == "the indicator Fly-tipping of shropshire is not added"
    assert form.scores.boxes.name.value == "Bicycle theft"


def test_the_check_lists_every_problem_and_a_run_does_not_begin(form, project):
    folder = project.root / "editions" / EDITION / "reasons"
    folder.mkdir()
    (folder / "a.md").write_text("no header\n", encoding="utf-8")
    (project.notebooks / "comparison.ipynb").write_text("not a notebook", encoding="utf-8")
    form.run.run.click()
    assert form.run.running is None
    assert 'role="alert"' in form.run.status.value
    assert "reasons/a.md" in form.run.problems.value
    assert "comparison" in form.run.problems.value


@pytest.mark.slow
def test_a_run_that_fails_is_said_in_one_sentence(project):
    heard = []
    RunApart("no-such-edition", project, heard.append, heard.append).thread.join(120)
    (ended,) = heard
    assert isinstance(ended, Ended)
    assert ended.code == 2
    assert "there is no edition 'no-such-edition'" in ended.sentence
    assert "Traceback" not in ended.sentence
