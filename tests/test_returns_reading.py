"""Each return: a messy file goes in, the right table and account come out, as CSV, xlsx and ods alike."""

import csv
import datetime as dt
import io
import tomllib
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import Workbook
from returns_files import Grid, typed, write_ods, write_xlsx

from hcsp_assess.errors import InputError
from hcsp_assess.sources.returns import ReturnResult, check_lsoa_map, counts_by_lsoa, read_return, return_names
from hcsp_assess.sources.returns.definitions import parse_definition

DATA = Path(__file__).parent / "data" / "returns"
EXPECTED: dict[str, dict[str, Any]] = tomllib.loads((DATA / "expected.toml").read_text(encoding="utf-8"))


def said(result: ReturnResult, columns: list[str]) -> list[list[str]]:
    """Write kept rows as expected.toml does."""
    lines = []
    for _, row in result.rows.iterrows():
        line = []
        for name in columns:
            column, value = result.definition.column(name), row[name]
            if column.is_number and row[f"{name}_status"] != "given":
                line.append(row[f"{name}_status"])
            elif pd.isna(value):
                line.append("")
            elif column.type == "date":
                line.append(str(value.date()))
            elif column.type == "yes_no":
                line.append("yes" if value else "no")
            else:
                line.append(f"{value:g}" if column.is_number else str(value))
        lines.append(line)
    return lines


def as_grid(name: str) -> tuple[Grid, set[tuple[int, int]]]:
    text = (DATA / f"{name}.csv").read_text(encoding="utf-8")
    lines = list(csv.reader(io.StringIO(text)))
    grid: Grid = [[typed(cell) for cell in line] for line in lines]
    percent = {
        (r, c)
        for r, line in enumerate(lines)
        for c, cell in enumerate(line)
        if cell.endswith("%") and cell[0].isdigit()
    }
    return grid, percent


def assert_expected(result: ReturnResult, name: str) -> None:
    expected, account = EXPECTED[name], result.account
    assert said(result, expected["columns"]) == expected["kept"]
    aside = [
        [cell, reason.split(":")[0]]
        for cell, reason in zip(result.set_aside["cell"], result.set_aside["reason"], strict=True)
    ]
    assert aside == [[cell, reason] for cell, reason, _ in expected["set_aside"]]
    kinds = (account.titles, account.headings, account.blank, account.notes)
    assert kinds == tuple(expected[kind] for kind in ("titles", "headings", "blank", "notes"))
    assert account.kept == len(expected["kept"]) == len(result.rows)
    assert account.set_aside == len(expected["set_aside"]) == len(result.set_aside)
    assert sum(number for _, number in account.by_reason) == account.set_aside


def test_there_is_a_messy_file_for_every_return() -> None:
    assert set(EXPECTED) == set(return_names())


@pytest.mark.parametrize("name", return_names())
def test_a_messy_csv_gives_the_right_table_and_account(name: str) -> None:
    result = read_return(DATA / f"{name}.csv", name)
    assert_expected(result, name)
    assert result.set_aside["original"].tolist() == [original for _, _, original in EXPECTED[name]["set_aside"]]


@pytest.mark.parametrize("name", return_names())
def test_the_same_mess_typed_into_excel_gives_the_same(name: str, tmp_path: Path) -> None:
    grid, percent = as_grid(name)
    path = write_xlsx(
        tmp_path / "return.xlsx", {"Data": grid, "Guide": [["See the notes"], ["1", "2"]]}, percent=percent
    )
    result = read_return(path, name)
    assert_expected(result, name)
    assert result.account.other_sheets == ("Guide",)


@pytest.mark.parametrize("name", return_names())
def test_the_same_mess_typed_into_libreoffice_gives_the_same(name: str, tmp_path: Path) -> None:
    grid, percent = as_grid(name)
    assert_expected(read_return(write_ods(tmp_path / "return.ods", {"Data": grid}, percent=percent), name), name)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_encodings_and_separators_make_no_difference(encoding: str, separator: str, tmp_path: Path) -> None:
    lines = list(csv.reader(io.StringIO((DATA / "marac.csv").read_text(encoding="utf-8"))))
    path = tmp_path / "marac.csv"
    with path.open("w", encoding=encoding, newline="") as file:
        csv.writer(file, delimiter=separator, lineterminator="\r\n").writerows(lines)
    assert_expected(read_return(path, "marac"), "marac")


def test_a_suppressed_figure_is_neither_zero_nor_missing() -> None:
    rows = read_return(DATA / "council_exclusions.csv", "council_exclusions").rows
    assert rows["exclusions"].tolist() == [pd.NA, 12, pd.NA]
    assert rows["exclusions_status"].tolist() == ["suppressed", "given", "suppressed"]
    assert rows["exclusions_below"].tolist() == [5, pd.NA, 5]


def test_a_dash_is_a_gap_and_never_a_zero() -> None:
    rows = read_return(DATA / "helpline_calls.csv", "helpline_calls").rows
    assert rows["calls"].tolist() == [190, 1205, 201, pd.NA]
    assert rows["calls_status"].tolist()[-1] == "missing"


def test_every_kept_row_leads_back_to_its_sheet_and_row() -> None:
    rows = read_return(DATA / "marac.csv", "marac").rows
    assert rows["row"].tolist() == [5, 6, 7]


def test_merged_headings_over_two_rows_are_put_together(tmp_path: Path) -> None:
    grid: Grid = [
        ["MARAC 2012/13", None, None],
        [None, "Cases", None],
        ["Quarter", "heard", "repeat"],
        ["Q1 12/13", 48, 20],
    ]
    definition_alias = {"Cases heard": 48, "Repeat": 20}
    result = read_return(write_xlsx(tmp_path / "m.xlsx", {"S": grid}, merge="B2:C2"), "marac")
    assert result.rows["cases"].tolist() == [definition_alias["Cases heard"]]
    assert result.rows["repeats"].tolist() == [definition_alias["Repeat"]]
    assert (result.account.titles, result.account.headings, result.account.rows_in) == (1, 2, 1)


def test_two_sheets_of_the_same_return_are_read_as_one(tmp_path: Path) -> None:
    first: Grid = [["Quarter", "Cases heard", "Repeat cases"], ["Q1 12/13", 48, 20]]
    second: Grid = [["Quarter", "Cases heard", "Repeat cases"], ["Q2 12/13", 50, 21], ["Q1 12/13", 48, 21]]
    result = read_return(write_xlsx(tmp_path / "m.xlsx", {"Q1": first, "Q2": second}), "marac")
    assert result.rows["quarter"].tolist() == ["Q2 12/13"]
    assert result.set_aside[["sheet", "cell", "reason"]].to_numpy().tolist() == [
        ["Q1", "A2", "contradicts another row"],
        ["Q2", "A3", "contradicts another row"],
    ]


def test_columns_that_the_return_does_not_have_are_reported_with_their_cells(tmp_path: Path) -> None:
    grid: Grid = [["Quarter", "Cases heard", "Repeat cases", "Remarks"], ["Q1 12/13", 48, 20, "two meetings"]]
    result = read_return(write_xlsx(tmp_path / "m.xlsx", {"S": grid}), "marac")
    assert result.account.unused_columns == ("Remarks (S!D1)",)
    assert "Remarks" not in result.rows.columns


def test_a_percentage_that_may_be_a_share_is_set_aside_unless_it_is_formatted_as_one(tmp_path: Path) -> None:
    grid: Grid = [
        ["Quarter", "Cases heard", "Repeat cases", "Repeat %"],
        ["Q1 12/13", 50, 19, 0.38],
        ["Q2 12/13", 50, 19, 0.38],
    ]
    result = read_return(write_xlsx(tmp_path / "m.xlsx", {"S": grid}, percent={(1, 3)}), "marac")
    assert result.rows["repeat_percent"].tolist() == [38.0]
    assert result.set_aside["reason"].tolist() == ["may be a share or a percentage: write 38%, not 0.38"]


def test_a_formula_that_was_never_calculated_is_set_aside(tmp_path: Path) -> None:
    grid: Grid = [["Quarter", "Calls"], ["Q1 12/13", 20], ["Q2 12/13", "=SUM(B2:B2)"]]
    result = read_return(write_xlsx(tmp_path / "h.xlsx", {"S": grid}), "helpline_calls")
    assert result.set_aside[["cell", "original"]].to_numpy().tolist() == [["B3", "formula without a saved result"]]


def test_a_date_that_excel_made_of_a_financial_year_is_not_guessed(tmp_path: Path) -> None:
    grid: Grid = [
        ["Quarter", "Calls"],
        [dt.date(2011, 4, 1), 20],
        [dt.date(2011, 6, 30), 30],
        [dt.date(2011, 12, 11), 40],
    ]
    result = read_return(write_xlsx(tmp_path / "h.xlsx", {"S": grid}), "helpline_calls")
    assert result.set_aside["cell"].tolist() == ["A2", "A3", "A4"]
    assert result.set_aside["reason"].tolist() == [
        "contradicts another row",
        "contradicts another row",
        "is not a quarter: write Q1 11/12",
    ]


def test_a_file_without_the_columns_says_what_is_missing_and_what_is_there(tmp_path: Path) -> None:
    path = tmp_path / "wrong.csv"
    path.write_text("Title\nQuarter,Cases heard\nQ1 12/13,4\n", encoding="utf-8")
    with pytest.raises(InputError) as error:
        read_return(path, "marac")
    assert str(error.value) == (
        "wrong.csv has no table of the return marac: there is no column Repeat cases. The nearest heading is in row 2: "
        "Quarter, Cases heard. Use the template: hcsp-assess template marac"
    )


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16-le"])
def test_a_quotation_mark_that_is_not_closed_swallows_no_row(encoding: str, tmp_path: Path) -> None:
    path = tmp_path / "open.csv"
    rows = ['Q1 24/25,40,9,"opened and never closed', "Q2 24/25,38,11,", "Q3 24/25,45,12,", "Q4 24/25,41,10,"]
    path.write_bytes("\n".join(["Quarter,Cases heard,Repeat cases,Comment", *rows]).encode(encoding))
    result = read_return(path, "marac")
    assert result.rows["cases"].tolist() == [40, 38, 45, 41]
    assert result.account.set_aside == 0


def test_a_cell_far_to_the_right_or_below_costs_nothing(tmp_path: Path) -> None:
    """Formatted and empty, or with a remark in it: 16 thousand columns and a million rows are never gone through."""
    workbook = Workbook()
    sheet = workbook.worksheets[0]
    for row in (["Quarter", "Cases heard", "Repeat cases"], ["Q1 24/25", 40, 9], ["Q2 24/25", 38, 11]):
        sheet.append(row)
    for address, value in (("XFD2", None), ("B1048576", None), ("XFD30", "x")):
        sheet[address].number_format = "0%"
        sheet[address].value = value
    workbook.save(tmp_path / "far.xlsx")
    assert read_return(tmp_path / "far.xlsx", "marac").rows["cases"].tolist() == [40, 38]


def test_two_columns_with_the_same_heading_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "twice.csv"
    path.write_text("Quarter,Calls,Number of calls\nQ1 12/13,4,5\n", encoding="utf-8")
    with pytest.raises(InputError) as error:
        read_return(path, "helpline_calls")
    assert str(error.value) == (
        "twice.csv: two columns are headed 'Calls', in cells B1 and C1: give each its own heading"
    )


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (
            b"\xd0\xcf\x11\xe0old",
            "f.xlsx is an old Excel file (.xls) or has a password: save it as .xlsx without a password",
        ),
        (b"%PDF-1.4", "f.xlsx is not a spreadsheet: ask for CSV, xlsx or ods"),
        (b"PK\x03\x04broken", "f.xlsx is damaged (BadZipFile): open it in Excel or LibreOffice and save it again"),
    ],
)
def test_what_is_no_spreadsheet_is_refused_in_words(content: bytes, message: str, tmp_path: Path) -> None:
    path = tmp_path / "f.xlsx"
    path.write_bytes(content)
    with pytest.raises(InputError) as error:
        read_return(path, "marac")
    assert str(error.value) == message


def test_a_misspelt_return_is_told_the_nearest_name() -> None:
    with pytest.raises(
        InputError, match=r"^there is no return 'marak': there are ae_assaults, .*\. Did you mean 'marac'\?$"
    ):
        read_return(DATA / "marac.csv", "marak")


def test_health_data_at_outward_postcode_never_reach_a_map_of_lsoas() -> None:
    for name in ("health_admissions", "ambulance_calls"):
        with pytest.raises(InputError, match="are known by outward postcode, and postcodes do not fit LSOAs"):
            counts_by_lsoa(read_return(DATA / f"{name}.csv", name))
    with pytest.raises(InputError) as error:
        check_lsoa_map(pd.Series([1, 2], index=["HR1", "E01013986"]))
    assert str(error.value) == (
        "a map of LSOAs includes HR1, which is not LSOA codes: data by outward postcode or another area cannot be mapped to LSOAs"
    )


def test_a_definition_with_outward_postcodes_and_lsoas_cannot_be_loaded() -> None:
    text = (Path(__file__).parents[1] / "hcsp_assess/definitions/returns/health_admissions.toml").read_text(
        encoding="utf-8"
    )
    text += '\n[[columns]]\nname = "lsoa"\nheading = "LSOA"\ntype = "lsoa"\nabout = "Code."\n'
    with pytest.raises(InputError) as error:
        parse_definition("health_admissions", text)
    assert str(error.value) == (
        "returns/health_admissions.toml cannot be used: data known by outward postcode cannot have a column of LSOAs: "
        "postcodes do not fit LSOAs"
    )


def test_records_are_counted_by_lsoa_with_those_without_one() -> None:
    counts = counts_by_lsoa(read_return(DATA / "police_incidents.csv", "police_incidents"))
    assert counts.sum() == 4
    assert counts["E01013986"] == 2
    assert counts[counts.index.isna()].tolist() == [1]


def test_a_simulated_folder_marks_what_is_read_from_it(tmp_path: Path) -> None:
    (tmp_path / "SIMULATED.toml").write_text('about = "not real"\n', encoding="utf-8")
    folder = tmp_path / "marac"
    folder.mkdir()
    (folder / "m.csv").write_text("Quarter,Cases heard,Repeat cases\nQ1 12/13,4,1\n", encoding="utf-8")
    assert read_return(folder / "m.csv", "marac").simulated
    assert not read_return(DATA / "marac.csv", "marac").simulated


cells = st.one_of(
    st.sampled_from(
        ["", "-", "..", "<5", "n/a", "Q1 11/12", "Total", "7", "1,234", "35.1%", "12.5", "2011-04", "=1+1", "Note: x"]
    ),
    st.text(alphabet=st.characters(codec="utf-8", exclude_characters="@"), max_size=8),
)


@settings(max_examples=120, deadline=None)
@given(st.lists(st.lists(cells, min_size=0, max_size=6), max_size=12))
def test_whatever_is_typed_under_the_heading_every_line_is_accounted_for(lines: list[list[str]]) -> None:
    from tempfile import TemporaryDirectory

    with TemporaryDirectory() as folder:
        path = Path(folder) / "marac.csv"
        with path.open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows([["Quarter", "Cases heard", "Repeat cases", "Children", "Repeat %"], *lines])
        try:
            result = read_return(path, "marac")
        except InputError as error:
            assert "personal data" in str(error).lower()
            return
    account = result.account
    assert account.rows_in == len(result.rows) + len(result.set_aside)
    assert account.lines == account.titles + account.headings + account.blank + account.notes + account.rows_in
    assert (
        account.by_reason == () if not account.set_aside else sum(n for _, n in account.by_reason) == account.set_aside
    )
    assert (result.set_aside["cell"] != "").all() and (result.set_aside["reason"] != "").all()


def write_content(path: Path, body: str) -> Path:
    import zipfile

    spaces = " ".join(
        f'xmlns:{prefix}="urn:oasis:names:tc:opendocument:xmlns:{prefix}:1.0"' for prefix in ("office", "table", "text")
    )
    content = (
        f"<office:document-content {spaces}><office:body><office:spreadsheet><table:table table:name='S'>{body}"
        "</table:table></office:spreadsheet></office:body></office:document-content>"
    )
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("content.xml", content)
    return path


def test_what_libreoffice_leaves_out_or_merges_is_put_back_in_its_place(tmp_path: Path) -> None:
    """Repeated rows and cells are written once; a merged cell covers others; a comment is not part of the text."""

    def text(value: str, more: str = "") -> str:
        return f"<table:table-cell office:value-type='string' {more}><text:p>{value}</text:p></table:table-cell>"

    number = "<table:table-cell office:value-type='float' office:value='{}'><text:p>x</text:p></table:table-cell>"
    wide = "table:number-columns-spanned='2'"
    comment = "<office:annotation><text:p>remark</text:p></office:annotation>"
    body = (
        "<table:table-row table:number-rows-repeated='3'><table:table-cell table:number-columns-repeated='5'/></table:table-row>"
        f"<table:table-row>{text('Quarter')}<table:table-cell/>{text('Cases', wide)}"
        "<table:covered-table-cell/></table:table-row>"
        f"<table:table-row><table:table-cell table:number-columns-repeated='2'/>{text('heard')}{text('Repeats')}</table:table-row>"
        "<table:table-row><table:table-cell office:value-type='string'>"
        f"{comment}<text:p>Q1 12/13</text:p></table:table-cell><table:table-cell/>{number.format(48)}{number.format(20)}"
        "</table:table-row><table:table-row table:number-rows-repeated='1048570'><table:table-cell/></table:table-row>"
    )
    result = read_return(write_content(tmp_path / "m.ods", body), "marac")
    assert result.rows[["quarter", "cases", "repeats", "row"]].to_numpy().tolist() == [["Q1 12/13", 48, 20, 6]]
    assert (result.account.blank, result.account.headings, result.account.lines) == (3, 2, 6)


def test_serial_numbers_in_a_workbook_that_counts_from_1904_are_the_right_days(tmp_path: Path) -> None:
    from openpyxl import Workbook
    from openpyxl.utils.datetime import CALENDAR_MAC_1904

    workbook = Workbook()
    workbook.epoch = CALENDAR_MAC_1904
    for row in (["Date", "Kind of incident"], [dt.date(2011, 4, 1), "Hoax call"], [39173, "Hoax call"]):
        workbook.worksheets[0].append(row)
    workbook.save(tmp_path / "f.xlsx")
    rows = read_return(tmp_path / "f.xlsx", "fire_incidents").rows
    assert [str(day.date()) for day in rows["date"]] == ["2011-04-01", "2011-04-02"]
