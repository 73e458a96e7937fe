"""Partners' returns: templates that round-trip, messes that survive, personal data that never do."""

import csv

import openpyxl
import pandas as pd
import pytest

from hcsp_assess.errors import InputError
from hcsp_assess.sources.returns import (
    PersonalDataError,
    check_lsoa_map,
    counts_by_lsoa,
    dictionary_page,
    read_return,
    return_definition,
    return_names,
    write_template,
)

TYPED = {
    "date": "2011-05-14", "time": "14:30", "month": "2011-05", "quarter": "Q1 11/12", "financial_year": "2011-12",
    "outward_postcode": "HR1", "lsoa": "E01014005", "count": 7, "number": 7, "percent": 35.5, "yes_no": "yes", "yes/no": "yes",
}  # fmt: skip


def _value(column):
    if column.allowed:
        return column.allowed[0]
    value = TYPED.get(column.type, "words")
    if column.minimum is not None and isinstance(value, int | float):
        value = max(value, column.minimum)
    return value if column.maximum is None or not isinstance(value, int | float) else min(value, column.maximum)


@pytest.mark.parametrize("name", return_names())
@pytest.mark.parametrize("suffix", ["xlsx", "csv"])
def test_a_template_filled_in_gives_back_what_was_typed(tmp_path, name, suffix):
    definition = return_definition(name)
    path = write_template(name, tmp_path / f"{name}.{suffix}")
    typed = [_value(column) for column in definition.columns]
    if suffix == "xlsx":
        book = openpyxl.load_workbook(path)
        for place, (column, value) in enumerate(zip(definition.columns, typed, strict=True), start=1):
            share = value / 100 if column.type == "percent" else value  # what Excel keeps of a typed 35.5%
            book.worksheets[0].cell(row=2, column=place, value=share)
        book.save(path)
    else:
        with path.open("a", encoding="utf-8-sig", newline="") as file:
            csv.writer(file).writerow(typed)
    result = read_return(path, name)
    assert result.set_aside.empty, result.set_aside.to_string()
    assert (result.account.rows_in, result.account.kept) == (1, 1)
    row = result.rows.iloc[0]
    for column, value in zip(definition.columns, typed, strict=True):
        if column.is_number:
            assert row[column.name] == pytest.approx(value), column.name
            assert row[f"{column.name}_status"] == "given"
        elif column.allowed or column.type == "text":
            assert str(row[column.name]) == str(value), column.name
        else:
            assert pd.notna(row[column.name]), column.name


def test_a_template_never_overwrites_and_knows_its_kinds(tmp_path):
    write_template("marac", tmp_path / "m.csv")
    with pytest.raises(InputError, match="already exists: choose another name$"):
        write_template("marac", tmp_path / "m.csv")
    with pytest.raises(InputError, match=r"^templates are \.xlsx or \.csv files, not m\.doc$"):
        write_template("marac", tmp_path / "m.doc")


def _messy(path):
    """A workbook as partners send it: title rows, a merged heading, remarks, odd numbers, a second sheet."""
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "Q1-Q4"
    rows = [
        ["MARAC return 2011/12"],
        [],
        ["Period", "Number of cases", "Repeats", "Repeat rate"],
        ["Q1 11/12", "1,234", 469, "38%"],
        ["Q2 2011-12", 41, "<5", ".."],
        [" Q3 11/12 ", "-", "n/a", "41.0%"],
        ["Q4 11/12", "forty", 18, "43%"],
        [],
        ["Note: figures are provisional"],
    ]
    for row in rows:
        sheet.append(row)
    sheet.merge_cells("A1:D1")
    book.create_sheet("Contacts").append(["See the intranet"])
    book.save(path)
    return path


def test_a_messy_workbook_gives_the_right_rows_and_an_account_that_balances(tmp_path):
    result = read_return(_messy(tmp_path / "marac.xlsx"), "marac")
    assert result.rows["quarter"].tolist() == ["Q1 11/12", "Q2 11/12", "Q3 11/12"]
    first, second, third = (result.rows.iloc[i] for i in range(3))
    assert (first["cases"], first["repeats"], first["repeat_percent"]) == (1234, 469, 38)
    assert second["repeats_status"] == "suppressed"
    assert second["repeats_below"] == 5
    assert pd.isna(second["repeats"])
    assert (third["cases_status"], third["repeat_percent"]) == ("missing", 41)
    assert (result.account.rows_in, result.account.kept, result.account.set_aside) == (4, 3, 1)
    aside = result.set_aside.iloc[0]
    assert (aside["sheet"], aside["cell"]) == ("Q1-Q4", "B7")
    assert "forty" in aside["original"]
    assert result.account.other_sheets == ("Contacts",)


def test_a_suppressed_figure_is_neither_zero_nor_missing(tmp_path):
    result = read_return(_messy(tmp_path / "marac.xlsx"), "marac")
    assert result.rows["repeats_status"].tolist() == ["given", "suppressed", "not applicable"] or set(
        result.rows["repeats_status"]
    ) >= {"given", "suppressed"}
    assert 0 not in result.rows["repeats"].dropna().tolist()


PERSONAL = {
    "a name": ("Victim name", "Jane Example"),
    "a full date of birth": ("DOB", "14/05/1982"),
    "an address": ("Address", "12 High Street, Ross-on-Wye"),
    "a full postcode": ("Postcode", "HR9 5BS"),
    "an NHS number": ("NHS Number", "943 476 5919"),
    "a custody number": ("Custody number", "22HD/1234/11"),
}


@pytest.mark.parametrize("kind", PERSONAL)
def test_personal_data_stop_the_file_and_are_not_repeated(tmp_path, kind):
    heading, value = PERSONAL[kind]
    path = tmp_path / "marac.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([["Quarter", "Cases heard", "Repeat cases", heading], ["Q1 11/12", 40, 15, value]])
    with pytest.raises(PersonalDataError) as caught:
        read_return(path, "marac")
    assert heading in str(caught.value) or "D2" in str(caught.value) or "column D" in str(caught.value)
    assert value not in str(caught.value)
    assert [item.name for item in tmp_path.iterdir()] == ["marac.csv"]


def test_health_data_at_outward_postcode_never_reach_a_map_of_small_areas(tmp_path):
    definition = return_definition("health_admissions")
    assert definition.geography == "outward postcode"
    path = write_template("health_admissions", tmp_path / "h.csv")
    with path.open("a", encoding="utf-8-sig", newline="") as file:
        csv.writer(file).writerow([_value(column) for column in definition.columns])
    with pytest.raises(InputError, match="outward postcode"):
        counts_by_lsoa(read_return(path, "health_admissions"))
    with pytest.raises(InputError):
        check_lsoa_map(pd.Series({"HR1": 3}))


def test_a_file_that_is_not_the_return_is_told_what_is_missing(tmp_path):
    path = tmp_path / "other.csv"
    path.write_text("colour,size\nred,3\n", encoding="utf-8")
    with pytest.raises(InputError, match="marac|MARAC"):
        read_return(path, "marac")


def test_the_data_dictionary_is_the_definitions(tmp_path):
    from conftest import ROOT

    assert (ROOT / "docs" / "returns.md").read_text(encoding="utf-8") == dictionary_page()
