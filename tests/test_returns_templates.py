"""Templates round-trip, and the dictionary page says what the definitions say."""

import csv
import datetime as dt
from pathlib import Path

import pytest
from openpyxl import load_workbook

from hcsp_assess.errors import InputError
from hcsp_assess.sources.returns import dictionary_page, read_return, return_definition, return_names, write_template
from hcsp_assess.sources.returns.definitions import Column

DOCS = Path(__file__).parents[1] / "docs" / "returns.md"
TYPED = {
    "text": "Some text",
    "count": 12,
    "number": 3.5,
    "percent": 0.25,
    "date": dt.date(2012, 4, 3),
    "time": "09:05",
    "month": "2012-04",
    "quarter": "Q1 12/13",
    "financial_year": "2012-13",
    "outward_postcode": "HR1",
    "lsoa": "E01013986",
    "yes_no": "yes",
}
READ = {"percent": 25.0, "yes_no": True}


def typed(column: Column) -> object:
    return column.allowed[0] if column.type == "choice" else TYPED[column.type]


@pytest.mark.parametrize("name", return_names())
def test_a_template_filled_in_with_excel_gives_back_what_was_typed(name: str, tmp_path: Path) -> None:
    path = write_template(name, tmp_path / f"{name}.xlsx")
    workbook = load_workbook(path)
    definition = return_definition(name)
    for position, column in enumerate(definition.columns, start=1):
        workbook["Data"].cell(2, position).value = typed(column)
    workbook.save(path)
    result = read_return(path, name)
    assert result.account.kept == 1 and result.account.set_aside == 0 and result.account.unused_columns == ()
    for column in definition.columns:
        expected, value = READ.get(column.type, typed(column)), result.rows.loc[0, column.name]
        assert (str(value.date()) if column.type == "date" else str(value)) == str(expected), column.name


@pytest.mark.parametrize("name", return_names())
def test_a_csv_template_filled_in_gives_back_what_was_typed(name: str, tmp_path: Path) -> None:
    path = write_template(name, tmp_path / f"{name}.csv")
    definition = return_definition(name)
    cells = ["25%" if column.type == "percent" else str(typed(column)) for column in definition.columns]
    with path.open("a", encoding="utf-8", newline="") as file:
        csv.writer(file).writerow(cells)
    result = read_return(path, name)
    assert (result.account.kept, result.account.set_aside) == (1, 0)


def test_a_template_has_lists_to_choose_from_and_a_sheet_of_notes(tmp_path: Path) -> None:
    workbook = load_workbook(write_template("force_extract", tmp_path / "t.xlsx"))
    assert workbook.sheetnames == ["Data", "Lists", "Notes"]
    checks = {str(check.sqref): check.formula1 for check in workbook["Data"].data_validations.dataValidation}
    groups = return_definition("force_extract").column("offence_group")
    position = [column.name for column in return_definition("force_extract").columns].index("offence_group")
    letter = "ABCDEFGHIJKLMNO"[position]
    assert checks[f"{letter}2:{letter}5001"] == f"Lists!${letter}$2:${letter}${len(groups.allowed) + 1}"
    listed = [row[position].value for row in workbook["Lists"].iter_rows(min_row=2)]
    assert tuple(value for value in listed if value) == groups.allowed
    notes = [row[0].value for row in workbook["Notes"].iter_rows()]
    assert notes[0] == "Police offences with markers"
    assert any(str(note).startswith("Personal data are refused") for note in notes)


@pytest.mark.parametrize("name", return_names())
def test_an_empty_template_holds_no_rows_and_no_personal_data(name: str, tmp_path: Path) -> None:
    result = read_return(write_template(name, tmp_path / "t.xlsx"), name)
    assert (result.account.rows_in, result.span) == (0, None)


def test_a_template_never_overwrites_a_file(tmp_path: Path) -> None:
    path = tmp_path / "marac.xlsx"
    path.write_bytes(b"mine")
    with pytest.raises(InputError) as error:
        write_template("marac", path)
    assert str(error.value) == f"{path} already exists: choose another name"
    with pytest.raises(InputError) as error:
        write_template("marac", tmp_path / "marac.pdf")
    assert str(error.value) == "templates are .xlsx or .csv files, not marac.pdf"


def test_the_dictionary_page_is_up_to_date() -> None:
    assert DOCS.read_text(encoding="utf-8") == dictionary_page(), (
        "docs/returns.md is not what the definitions say: write dictionary_page() to it"
    )


def test_the_dictionary_names_every_return_and_column() -> None:
    page = dictionary_page()
    for name in return_names():
        definition = return_definition(name)
        assert f"## `{name}`: {definition.title}" in page
        for column in definition.columns:
            assert f"| {column.heading} | `{column.name}` |" in page


def test_general_knowledge_is_never_printed_as_law() -> None:
    for name in return_names():
        if return_definition(name).certainty == "K":
            section = dictionary_page().split(f"## `{name}`")[1].split("\n## ")[0]
            assert "general knowledge, not confirmed from the legislation" in section


def test_another_partnership_adds_a_return_of_its_own(tmp_path: Path) -> None:
    (tmp_path / "returns").mkdir()
    (tmp_path / "returns" / "hare_coursing.toml").write_text(
        'title = "Hare coursing"\nholder = "Police"\nduty = "Local agreement"\ncertainty = "L"\ngrain = "aggregate"\n'
        'frequency = "quarter"\ngeography = "none"\ndisclosure = "partner"\nperiod = "quarter"\nabout = "Reports."\n'
        '[[columns]]\nname = "quarter"\nheading = "Quarter"\ntype = "quarter"\nabout = "Quarter."\nkey = true\n'
        '[[columns]]\nname = "reports"\nheading = "Reports"\ntype = "count"\nabout = "Reports."\n',
        encoding="utf-8",
    )
    assert "hare_coursing" in return_names(tmp_path) and "hare_coursing" not in return_names()
    path = tmp_path / "h.csv"
    path.write_text("Quarter,Reports\nQ3 12/13,7\n", encoding="utf-8")
    assert read_return(path, "hare_coursing", root=tmp_path).rows["reports"].tolist() == [7]
