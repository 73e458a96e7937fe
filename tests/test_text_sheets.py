"""Plan, scores and actions as spreadsheets: lists to choose from, and each bad cell named by sheet, row and column."""

import io

import openpyxl
import pandas as pd
import pytest
from returns_files import write_ods

from hcsp_assess.assessment.plan import parse_plan
from hcsp_assess.assessment.priorities import parse_issues, scoring_scheme
from hcsp_assess.assessment.statute import requirements
from hcsp_assess.errors import InputError
from hcsp_assess.project import Project
from hcsp_assess.setup.edition_books import start_book
from hcsp_assess.setup.open_data import new_open_data_partnership
from hcsp_assess.sources.indicators import read_published
from hcsp_assess.sources.text_sheet_kinds import books
from hcsp_assess.sources.text_sheet_templates import book_bytes
from hcsp_assess.sources.text_sheets import read_book
from hcsp_assess.sources.texts import TextFolder, find_texts
from hcsp_assess.subject.county_themes import county_themes

DEMONSTRATION = find_texts("2013-14")
SCORE = {"Key": "theft", "Issue": "Theft", "Confidence": 3, "Why this confidence": "counted", "Role": "Analyst"}
SCORE |= {"Date": "31 October 2026", "Origin": "written for this edition", "Physical harm: score": 2}
SCORE |= {"Physical harm: evidence": "few are hurt"}


def filled(name: str) -> openpyxl.Workbook:
    fields = DEMONSTRATION.read({"plan": "plan.toml", "actions": "plan.toml", "scores": "scores.toml"}[name])
    return openpyxl.load_workbook(io.BytesIO(book_bytes(name, fields=fields)))


def saved(book: openpyxl.Workbook) -> bytes:
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def scores_csv(**changed: object) -> bytes:
    row = SCORE | {name.replace("_", " "): value for name, value in changed.items()}
    return pd.DataFrame([row]).to_csv(index=False).encode()


@pytest.mark.parametrize("name", ["plan", "scores", "actions"])
def test_a_template_has_lists_a_frozen_heading_and_a_page_on_how_to_fill_it_in(tmp_path, name):
    path = start_book(name, "2013-14", Project(tmp_path))
    book = openpyxl.load_workbook(path)
    assert path == tmp_path / "editions" / "2013-14" / f"{name}.xlsx"
    assert "How to fill in" in book.sheetnames and book["Lists"].sheet_state == "hidden"
    first = book.worksheets[0]
    assert first.freeze_panes and first.data_validations.dataValidation
    held = {str(cell.value) for row in book["Lists"].iter_rows() for cell in row if cell.value is not None}
    assert {"plan": "approved", "scores": "quoted", "actions": "integrated_offender_management"}[name] in held
    with pytest.raises(InputError, match="is there already"):
        start_book(name, "2013-14", Project(tmp_path))


PRIORITIES = (
    "year,priority,kind,number,name,heading,objective,co_ordinator,partners\n"
    "2023-24,safer_towns,priority,1,Safer towns,,,,\n2024-25,road_danger,priority,1,Road danger,,,,\n"
    "2024-25,safer_towns,priority,2,Safer towns,,,,\n"
)


def test_another_partnerships_templates_have_its_own_priorities_and_none_of_herefordshires(tmp_path):
    (tmp_path / "data" / "raw").mkdir(parents=True)
    key = new_open_data_partnership("E06000051", tmp_path).edition
    published = read_published()
    foreign = {*published.priorities["priority"], *published.priorities["name"].str.lower()} - county_themes().keys()
    for name in ("plan", "scores", "actions"):
        words = {str(cell.value).lower() for cell in _cells(start_book(name, key, Project(tmp_path)))}
        assert not foreign & words
        assert not [word for word in words if "hereford" in word]
    (tmp_path / "editions" / key / "actions.xlsx").unlink()
    (tmp_path / "areas" / "shropshire" / "priorities.csv").write_text(PRIORITIES, encoding="utf-8")
    book = openpyxl.load_workbook(start_book("actions", key, Project(tmp_path)))
    checks = book["Actions"].data_validations.dataValidation
    (first,) = [check for check in checks if str(check.sqref).startswith("A2")]
    column = first.formula1.split("$")[1]
    assert [cell.value for cell in book["Lists"][column] if cell.value] == ["safer_towns", "road_danger"]
    assert not first.showErrorMessage  # another priority can be typed


def _cells(path):
    return [cell for sheet in openpyxl.load_workbook(path) for row in sheet.iter_rows() for cell in row if cell.value]


@pytest.mark.parametrize("name", ["plan", "scores", "actions"])
def test_a_blank_template_names_what_is_to_be_filled_in_and_nothing_else(name):
    problems = read_book(book_bytes(name), f"{name}.xlsx").problems
    assert all("is empty" in item.what for item in problems)
    assert bool(problems) == (name == "plan")


def test_what_a_filled_plan_says_is_what_the_toml_file_says():
    published = read_published()
    files = {"plan.xlsx": saved(filled("plan")), "actions.xlsx": saved(filled("actions"))}
    made = parse_plan(TextFolder("x", files), published.priorities, published.work_plan)
    old = parse_plan(DEMONSTRATION, published.priorities, published.work_plan)
    for name in ("year", "strategy", "governance", "themes", "drivers", "duties", "reviews", "resources", "actions"):
        assert getattr(made, name) == getattr(old, name), name
    assert len(requirements("11")) == 6


def test_scores_are_the_same_from_the_spreadsheet():
    scheme = scoring_scheme()
    made = parse_issues(TextFolder("x", {"scores.xlsx": saved(filled("scores"))}), scheme, {})
    assert made == parse_issues(DEMONSTRATION, scheme, {})


def test_scores_are_read_from_csv_and_ods_too(tmp_path):
    path = write_ods(tmp_path / "scores.ods", {"Scores": [list(SCORE), list(SCORE.values())]})
    issues = [
        parse_issues(TextFolder("x", {name: content}), scoring_scheme(), {})[0]
        for name, content in (("scores.csv", scores_csv()), ("scores.ods", path.read_bytes()))
    ]
    assert issues[0] == issues[1]
    assert (issues[0].key, issues[0].scores["physical"].value) == ("theft", 2)


#: Sheet, cell, what is typed, and words of the message that names them.
BAD_CELLS = {
    "a status that there is not": ("actions", "Actions", "C3", "finished", "cell C3 (Status)", "not in the list"),
    "an empty cell": ("actions", "Actions", "D4", None, "cell D4 (Evidence)", "empty"),
    "a heading of the horizon scan": ("plan", "Horizon scan", "A2", "Politcal", "cell A2", "Did you mean Political?"),
    "a day that there is not": ("plan", "About the plan", "B5", "soon", "cell B5 (Date)", "no day"),
    "a heading misspelt": ("actions", "Actions", "C1", "Statsu", "cell C1", "Did you mean Status?"),
    "a heading twice": ("actions", "Actions", "D1", "Status", "cell D1", "there twice"),
    "a column without a heading": ("actions", "Actions", "J3", "more", "cell J1", "no heading"),
    "a person's address": ("plan", "Duties", "B2", "ask jo.bloggs@example.org", "cell B2", "personal data"),
    "a field that there is not": ("plan", "About the plan", "A9", "Vison", "cell A9", "Did you mean Vision?"),
    "a score off the scale": ("scores", "Scores", "H2", 9, "cell H2", "not in the list"),
    "a score without evidence": ("scores", "Scores", "I2", None, "row 2", "no what it rests on"),
}


@pytest.mark.parametrize("name", BAD_CELLS)
def test_a_bad_cell_is_named_by_sheet_and_cell(name):
    book_name, sheet, cell, value, where, words = BAD_CELLS[name]
    book = filled(book_name)
    book[sheet][cell] = value
    problems = read_book(saved(book), f"{book_name}.xlsx").problems
    assert any(
        f"{book_name}.xlsx, sheet '{sheet}'" in p.where and where in p.where and words in p.what for p in problems
    )
    assert "bloggs" not in " ".join(item.what for item in problems)


def test_every_bad_cell_is_named_not_the_first_alone():
    book = filled("actions")
    for row in range(2, 6):
        book["Actions"][f"C{row}"] = "finished"
    assert len(read_book(saved(book), "actions.xlsx").problems) == 4


def test_a_sheet_that_is_not_read_is_named():
    book = filled("plan")
    book["Duties"].title = "Dutys"
    problems = read_book(saved(book), "plan.xlsx").problems
    assert any("'Dutys'" in item.what and "Did you mean Duties?" in item.what for item in problems)


@pytest.mark.parametrize("content", [b"PK\x03\x04", b"%PDF", b"\xd0\xcf\x11\xe0", b""])
def test_a_file_that_is_no_spreadsheet_is_a_problem_and_no_traceback(content):
    assert read_book(content, "plan.xlsx").problems


def test_draft_rows_and_a_draft_plan_are_left_out():
    assert parse_issues(TextFolder("x", {"scores.csv": scores_csv(State="draft")}), scoring_scheme(), {}) == ()
    book = filled("plan")
    cells = {row[0].value: row[1] for row in book["About the plan"].iter_rows()}
    cells["State"].value = "draft"
    texts = TextFolder("x", {"plan.xlsx": saved(book)})
    assert texts.read("plan.toml") == {}
    assert texts.drafts.read("plan.toml")["year"] == "2013-14"
    with pytest.raises(InputError, match=r"no file plan\.toml"):
        parse_plan(texts, pd.DataFrame(), pd.DataFrame())


def test_each_column_says_what_to_write():
    columns = [column for book in books().values() for kind in book.sheets for column in kind.columns]
    assert all(column.about.endswith((".", "?")) for column in columns)
