"""Returns that hung or lost rows: far cells, empty formats, quotation marks, American dates, shares, hidden parts."""

import datetime as dt
import io
import resource
import time
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pandas as pd
import pytest
from attacks import attack
from openpyxl import Workbook, load_workbook
from openpyxl.worksheet.worksheet import Worksheet
from returns_files import Cell, Grid

from hcsp_assess.errors import InputError
from hcsp_assess.files import csv_bytes
from hcsp_assess.sources.csv_text import rows_of
from hcsp_assess.sources.returns import ReturnResult, read_return
from hcsp_assess.sources.returns.dates import quarter_number, to_financial_year, to_quarter
from hcsp_assess.sources.returns.definitions import Column, return_definition, return_names
from hcsp_assess.sources.returns.habits import date_order, percent_scale
from hcsp_assess.sources.returns.layout import headings_of, meant
from hcsp_assess.sources.returns.values import read_value

HEADS: list[Cell] = ["Quarter", "Cases heard", "Repeat cases"]
TABLE: Grid = [HEADS, ["Q1 24/25", 40, 9], ["Q2 24/25", 38, 11]]
SHEET = "xl/worksheets/sheet1.xml"


def workbook(path: Path, grid: Grid, change: Callable[[Workbook, Worksheet], object] | None = None) -> Path:
    book = Workbook()
    sheet = book.worksheets[0]
    sheet.title = "Data"
    for number, row in enumerate(grid, start=1):
        for column, value in enumerate(row, start=1):
            if value is not None:
                sheet.cell(number, column).value = value
    if change is not None:
        change(book, sheet)
    book.save(path)
    return path


def with_rows(path: Path, rows: Iterator[str]) -> Path:
    """Write a workbook whose sheet is the table and then rows as XML."""
    workbook(path, TABLE)
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    before, after = parts[SHEET].split(b"</sheetData>")
    parts[SHEET] = before + "".join(rows).encode() + b"</sheetData>" + after
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return path


@contextmanager
def bounded(seconds: float, megabytes: int) -> Iterator[None]:
    """Assert how much processor time is used, and how much the largest memory of this process grows."""
    memory, begin = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, time.process_time()
    yield
    assert time.process_time() - begin < seconds
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - memory < megabytes * 1024


def figures(result: ReturnResult, *columns: str) -> list[list[object]]:
    names = columns or ("quarter", "cases", "repeats")
    return [[None if pd.isna(value) else value for value in row] for row in result.rows[list(names)].to_numpy()]


def read_grid(folder: Path, grid: Grid, name: str = "marac") -> ReturnResult:
    return read_return(workbook(folder / "r.xlsx", grid), name)


def read_text(folder: Path, text: str, name: str = "marac") -> ReturnResult:
    (folder / "r.csv").write_text(text, encoding="utf-8")
    return read_return(folder / "r.csv", name)


# --- cost follows the cells with something in them


@attack(
    "a text in the last cell of a sheet (XFD1048576), or in XFD30", "read in a second; a million blank lines counted"
)
@pytest.mark.parametrize("cell", ["XFD30", "XFD1048576", "A1048576"])
def test_a_text_in_a_far_cell_costs_little(cell: str, tmp_path: Path) -> None:
    path = workbook(tmp_path / "far.xlsx", TABLE, lambda _, sheet: sheet.__setitem__(cell, "x"))
    with bounded(3, 120):
        result = read_return(path, "marac")
    assert figures(result) == [["Q1 24/25", 40, 9], ["Q2 24/25", 38, 11]]
    assert result.account.lines == int(cell.lstrip("XFDA"))
    assert result.account.blank == result.account.lines - 4


@attack("cells with a format and nothing in them, in 30,000 rows", "they cost nothing: read in under two seconds")
def test_formatted_empty_cells_cost_nothing(tmp_path: Path) -> None:
    empty = "".join(f'<c r="{letter}{{0}}" s="0"/>' for letter in "ABCDE") + "".join(
        f'<c r="{letter}{{0}}" s="0"></c>' for letter in "FGHIJ"
    )
    path = with_rows(tmp_path / "pad.xlsx", (f'<row r="{n}">{empty.format(n)}</row>' for n in range(5, 30_005)))
    with bounded(2, 60):
        result = read_return(path, "marac")
    assert (result.account.kept, result.account.lines) == (2, 3)


def test_cells_without_an_address_are_counted_from_the_left(tmp_path: Path) -> None:
    rows = '<row><c r="A4" s="0"/><c s="0"/><c t="inlineStr"><is><t>note</t></is></c></row>'
    path = with_rows(tmp_path / "plain.xlsx", iter([rows]))
    result = read_return(path, "marac")
    assert (result.account.kept, result.account.notes, result.account.lines) == (2, 1, 4)


@attack("a text far to the right in thousands of rows", "refused in a sentence, before memory is used for it")
def test_a_sheet_spread_too_far_is_refused(tmp_path: Path) -> None:
    cells = (f'<row r="{n}"><c r="XFD{n}"><v>1</v></c></row>' for n in range(4, 1000))
    path = with_rows(tmp_path / "wide.xlsx", cells)
    with bounded(2, 60), pytest.raises(InputError) as error:
        read_return(path, "marac")
    assert str(error.value) == (
        "wide.xlsx: sheet 'Data' has something in columns far to the right of the table, in many rows: delete those columns"
    )


def ods(path: Path, body: str) -> Path:
    spaces = " ".join(
        f'xmlns:{prefix}="urn:oasis:names:tc:opendocument:xmlns:{prefix}:1.0"'
        for prefix in ("office", "table", "text", "style")
    )
    start = f"<office:document-content {spaces}>"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("content.xml", f"{start}{body}</office:document-content>")
    return path


def ods_row(values: list[Cell], more: str = "") -> str:
    cells = "".join(
        f"<table:table-cell office:value-type='string'><text:p>{value}</text:p></table:table-cell>" for value in values
    )
    return f"<table:table-row {more}>{cells}</table:table-row>"


ODS_TABLE = "".join(ods_row(row) for row in TABLE)


@attack(
    "an OpenDocument row with figures that says it is repeated a million times", "refused, with the row and what to do"
)
def test_a_repeated_row_is_refused_and_blank_ones_cost_nothing(tmp_path: Path) -> None:
    often = ods_row(["Q3 24/25", 1, 1], "table:number-rows-repeated='1048570'")
    blank = "<table:table-row table:number-rows-repeated='1048570'><table:table-cell/></table:table-row>"
    ends = "<table:table-cell table:style-name='a'/>" * 10
    padded = f"<table:table-row>{ends}</table:table-row>" * 2000
    path = ods(tmp_path / "often.ods", f"<table:table table:name='S'>{ODS_TABLE}{often}</table:table>")
    with bounded(1, 60), pytest.raises(InputError) as error:
        read_return(path, "marac")
    assert str(error.value) == (
        "often.ods: sheet 'S' says that row 4 is repeated 1,048,570 times: delete the rows below the table and save it again"
    )
    wide = "<table:table-cell table:number-columns-repeated='16384' office:value-type='string'><text:p>x</text:p></table:table-cell>"
    path = ods(
        tmp_path / "wide.ods",
        f"<table:table table:name='S'>{ODS_TABLE}<table:table-row>{wide * 9}</table:table-row></table:table>",
    )
    with bounded(1, 60), pytest.raises(InputError, match="more than 16,384 columns in row 4"):
        read_return(path, "marac")
    path = ods(tmp_path / "blank.ods", f"<table:table table:name='S'>{ODS_TABLE}{padded}{blank}</table:table>")
    with bounded(1, 60):
        assert read_return(path, "marac").account.lines == 3


@attack("a workbook with a colour or font that openpyxl refuses", "read: formats of no meaning are not looked at")
def test_a_workbook_that_openpyxl_cannot_open_is_read(tmp_path: Path) -> None:
    path = workbook(tmp_path / "odd.xlsx", TABLE)
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    parts["xl/styles.xml"] = parts["xl/styles.xml"].replace(b'<family val="2"', b'<family val="99"')
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in parts.items():
            archive.writestr(name.replace("/", "\\") if name.startswith("xl/worksheets") else name, content)
    with pytest.raises((ValueError, KeyError)):
        load_workbook(path)
    assert figures(read_return(path, "marac")) == [["Q1 24/25", 40, 9], ["Q2 24/25", 38, 11]]


@attack("an OpenDocument cell whose spaces, tabs or line breaks are elements of their own", "read with spaces there")
@pytest.mark.parametrize("space", ["<text:s/>", "<text:tab/>", "<text:line-break/>", "<text:span> </text:span>"])
def test_spaces_of_opendocument_are_kept(space: str, tmp_path: Path) -> None:
    body = f"{ods_row(HEADS)}{ods_row([f'Q1{space}24/25', 40, 9])}"
    path = ods(tmp_path / "spaces.ods", f"<table:table table:name='S'>{body}</table:table>")
    assert figures(read_return(path, "marac")) == [["Q1 24/25", 40, 9]]


# --- quotation marks


@attack(
    "a quotation mark that is opened and never closed in a CSV file", "no quarter is lost: read line by line, and said"
)
@pytest.mark.parametrize(
    "rows",
    [
        ['Q1,40,9,"opened', "Q2,38,11,", "Q3,45,12,", "Q4,41,10,"],
        ['Q1,40,9,"opened', "Q2,38,11,", 'Q3,45,12,closed late"', "Q4,41,10,"],
        ['Q1,"40,9,', "Q2,38,11,", "Q3,45,12,", "Q4,41,10,"],
        ['Q1,40,9,"one', 'Q2,38,11,"two', 'Q3,45,12,"three', "Q4,41,10,"],
    ],
)
def test_an_open_quotation_mark_swallows_nothing(rows: list[str]) -> None:
    found, _, remarks = rows_of("q.csv", "\n".join(["Quarter,Cases,Repeats,Comment", *rows, ""]))
    assert [row[:3] for row in found[1:]] == [
        ["Q1", "40", "9"],
        ["Q2", "38", "11"],
        ["Q3", "45", "12"],
        ["Q4", "41", "10"],
    ]
    assert "quotation mark that is not closed" in remarks[0]


def test_an_open_quotation_mark_over_rows_of_other_lengths_is_refused_with_its_line() -> None:
    text = 'Quarter,Cases,Repeats,Comment\nQ1,40,9,"opened\nQ2,38,11\nQ3,45,12\n'
    with pytest.raises(InputError, match="q.csv line 2 has a quotation mark that is never closed"):
        rows_of("q.csv", text)


def test_a_comment_over_two_lines_stays_one_cell() -> None:
    text = 'Quarter,Cases,Repeats,Comment\nQ1,40,9,"met, twice\nand again"\nQ2,38,11,\n'
    found, _, remarks = rows_of("q.csv", text)
    assert found[1] == ["Q1", "40", "9", "met, twice\nand again"] and len(found) == 3 and remarks == ()


@attack("a quotation mark opened in the last line of a CSV file", "the line is read without it, and that is said")
@pytest.mark.parametrize(("line", "whole"), [('"Q2 25/26,38,11', False), ('Q2 25/26,38,"11', True)])
def test_a_quotation_mark_opened_in_the_last_line_loses_no_row(line: str, whole: bool, tmp_path: Path) -> None:
    result = read_text(tmp_path, f"Quarter,Cases heard,Repeat cases\nQ1 25/26,40,9\n{line}")
    assert figures(result) == [["Q1 25/26", 40, 9], ["Q2 25/26", 38, 11]]
    said = () if whole else ("line 3 has a quotation mark that is not closed: it was read without",)
    assert result.account.remarks == said


@attack(
    "1,011 without quotation marks in a CSV file: two cells instead of one",
    "the row is set aside, since its cells may be one column too far right",
)
def test_a_line_with_more_cells_than_the_heading_is_set_aside(tmp_path: Path) -> None:
    result = read_text(tmp_path, "Quarter,Cases heard,Repeat cases\nQ1 25/26,38,1,011\nQ2 25/26,38,11,,\n")
    assert figures(result) == [["Q2 25/26", 38, 11]]
    assert result.set_aside[["cell", "original"]].to_numpy().tolist() == [["D2", "011"]]
    assert result.set_aside["reason"][0].startswith("has more cells than the heading")


# --- dates in one order


def dated(days: list[str]) -> str:
    return "\n".join(["Date,Category,Street", *(f"{day},ASB,High Street" for day in days)])


@attack("dates with the month first (2/16/2025)", "the column decides: all read with the month first, and said")
def test_the_column_decides_the_order_of_its_dates(tmp_path: Path) -> None:
    days = [dt.date(2025, 1, 1) + dt.timedelta(days=11 * n) for n in range(30)]
    american = read_text(tmp_path, dated([f"{day.month}/{day.day}/{day.year}" for day in days]), "police_incidents")
    assert american.rows["date"].dt.date.tolist() == days
    assert american.account.remarks == ("the dates of 'Date' begin with the month, as in America: read so",)
    british = read_text(tmp_path, dated([f"{day:%d/%m/%y}" for day in days]), "police_incidents")
    assert british.rows["date"].dt.date.tolist() == days and british.account.remarks == ()


@attack("dates of both orders in one column, or days and months swapped by a program", "the whole column is set aside")
def test_dates_in_doubt_are_set_aside(tmp_path: Path) -> None:
    both = read_text(tmp_path, dated(["16/02/2025", "2/17/2025", "3/4/2025", "2025-02-18"]), "police_incidents")
    assert both.rows["date"].dt.date.tolist() == [dt.date(2025, 2, 18)]
    assert set(both.set_aside["reason"]) == {
        "may be day/month or month/day, as other dates of its column: write 2025-04-01"
    }
    swapped: Grid = [["Date", "Category"], *([dt.date(2025, month, 3), "ASB"] for month in (1, 2, 3))]
    swapped += [[day, "ASB"] for day in ("16/01/2025", "17/02/2025", "28/03/2025")]
    assert read_grid(tmp_path, swapped, "police_incidents").account.kept == 0


@pytest.mark.parametrize(
    ("days", "order"),
    [
        (["01/04/2025", "02/04/2025"], "unknown"),
        (["01/04/2025", "01/07/2025", "01/10/2025"], "unknown"),
        (["13/04/2025"], "day first"),
        (["13/04/2025"] * 30 + ["04/13/2025"], "day first"),
        (["13/04/2025"] * 30 + ["04/13/2025"] * 2, "doubt"),
        ([f"{a}/{b}/2025" for a in (1, 3, 5, 7) for b in (2, 4, 6, 8)], "doubt"),
        (["31/31/2025", "2025-01-31", "x", ""], "unknown"),
    ],
)
def test_the_order_of_a_column(days: list[str], order: str) -> None:
    assert date_order(list(days)) == order


def test_quarters_that_would_all_begin_in_january_are_in_doubt() -> None:
    assert date_order(["4/1/2025", "7/1/2025", "10/1/2025"], daily=False) == "doubt"
    assert date_order(["1/4/2025", "1/7/2025", "1/10/2025"], daily=False) == "unknown"


# --- numbers, marks and shares


@attack(
    "#DIV/0! or a formula never calculated in an optional column", "the row's counts are kept, 0 too; the cell is a gap"
)
@pytest.mark.parametrize("error", ["#DIV/0!", "#N/A", "#VALUE!", "Err:502", "=C3/B3"])
def test_a_formula_without_a_result_in_an_optional_column_is_a_gap(error: str, tmp_path: Path) -> None:
    grid: Grid = [[*HEADS, "Repeat %"], ["Q1 25/26", 40, 9, "22.5%"], ["Q2 25/26", 0, 0, error]]
    result = read_grid(tmp_path, grid)
    assert figures(result, "cases", "repeats", "repeat_percent") == [[40, 9, 22.5], [0, 0, None]]
    assert result.rows["repeat_percent_status"].tolist() == ["given", "missing"]
    assert result.account.set_aside == 0
    required = read_grid(tmp_path, [HEADS, ["Q2 25/26", error if error != "#N/A" else "#REF!", 0]])
    assert required.set_aside["reason"].tolist() == ["is a formula without a result"]


def test_a_formula_that_gives_an_empty_text_is_a_blank_cell(tmp_path: Path) -> None:
    blank = '<c r="{}{}" t="str"><f>IF(Z1="","",Z1)</f><v></v></c>'
    rows = (f'<row r="{n}">{blank.format("A", n)}{blank.format("B", n)}</row>' for n in range(4, 50))
    account = read_return(with_rows(tmp_path / "formulas.xlsx", rows), "marac").account
    assert (account.lines, account.kept, account.set_aside) == (3, 2, 0)


@attack(
    "shares (0.351, 1.0) in a column of percentages", "the column decides: 35.1 and 100 per cent; in doubt set aside"
)
@pytest.mark.parametrize(
    ("values", "scale"),
    [
        ([0.351, 0.38, 1], "share"),
        (["0.351", "0.38", "0"], "share"),
        ([35.1, 38, 1], "per cent"),
        ([0.351, 38, 1], "doubt"),
        (["35.1%", 0.38], "doubt"),
        ([0.4, 0.6, 1], "doubt"),
        ([0.05, 0.08], "doubt"),
        ([1, 1, 0], "doubt"),
        ([0, 0], "per cent"),
        (["-", None, "n/a"], "per cent"),
    ],
)
def test_the_scale_of_a_column_of_percentages(values: list[Cell], scale: str, tmp_path: Path) -> None:
    assert percent_scale([value for value in values if value is not None]) == scale
    if scale == "share" and values[2] == 1:
        grid: Grid = [
            [*HEADS, "Repeat %"],
            *([f"Q{n} 25/26", 50, 19, value] for n, value in enumerate(values, start=1)),
        ]
        result = read_grid(tmp_path, grid)
        assert result.rows["repeat_percent"].tolist() == [35.1, 38.0, 100.0]
        assert result.account.remarks[0].endswith("holds shares of 1: read as percentages, 0.38 as 38%")


@attack(
    "shorthand of the statistical service ([low], [u], [w], [e], [f], 12 r)",
    "read: a gap, a suppressed or a given figure",
)
@pytest.mark.parametrize(
    ("written", "status", "value"),
    [
        *((mark, "missing", None) for mark in ("[u]", "[w]", "[e]", "[f]", "[x]", ":", "..")),
        *((mark, "suppressed", None) for mark in ("[low]", "[c]", "[c][1]", "~", "low", "k", "c", "*")),
        *((mark, "not applicable", None) for mark in ("[z]", "z")),
        *(
            (text, "given", 12)
            for text in ("12 r", "12 [r]", "12[p]", "12 [e]", "12 [u]", "12 [note 2]", "12 (p)", "'12")
        ),
        *((text, "given", 12) for text in ("12 provisional", "12 e", "12†", "12 [p] [r]", "12 [low]")),
        *((text, "given", 12) for text in ("12¹", "12 ²", "12 [note3]", "12 [r, p]", "[r] 12", "[note 1]12")),
        *((text, "suppressed", None) for text in ("[ c ]", "5 or fewer", "[ low ]")),
        *((text, "missing", None) for text in ("[:]", "unknown", "[ x ]")),
    ],
)
def test_shorthand_beside_or_instead_of_a_figure(written: str, status: str, value: int | None) -> None:
    reading = read_value(written, Column("n", "N", "count", ""))
    assert (reading.problem, reading.status, reading.value) == ("", status, value)


def test_a_forecast_is_read_and_said(tmp_path: Path) -> None:
    result = read_grid(tmp_path, [HEADS, ["Q1 25/26", "12 [f]", 1]])
    assert result.account.remarks == ("Cases heard: 1 figure marked as a forecast",)


# --- periods


@attack(
    "quarters in near forms (2025/26 Quarter 2, FY25/26 Q1, quarter ending June 2025)", "read where there is no doubt"
)
@pytest.mark.parametrize(
    "written",
    [
        *(
            "2025/26 Quarter 2",
            "FY25/26 Q2",
            "Q2 FY25/26",
            "2025/26 - Q2",
            "Q.2 25/26",
            "2nd Quarter 2025/26",
            "Ch2 2025/26",
        ),
        *(
            "Quarter Two 2025/26",
            "second quarter of 2025/26",
            "Jul/Aug/Sep 2025",
            "Gorffennaf i Medi 2025",
            "2025-26: Q2",
        ),
        *("Chwarter 2 2025/26", "Q2_2025_26", "Q2 2025-26 (p)", "2025/26Q2", "Jul-Sep 2025/26", "Q2 Jul-Sep 2025/26"),
        *(
            "Quarter ending September 2025",
            "quarter to 30 September 2025",
            "3 months to Sept 2025",
            "Q2 (July to Sept) 25/26",
        ),
        *("1 July 2025 to 30 September 2025", "01/07/2025 - 30/09/2025", "1 Jul – 30 Sep 2025", "Q2 '25/'26"),
        *("Q2 2025/26 (Jul-Sep 25)", "Q2 [note 1] 2025/26", "Q2 25/26 p", "2025/26_Q2", "Ail chwarter 2025/26"),
        *("1 Gorffennaf 2025 i 30 Medi 2025", "Gorff-Medi 2025"),
    ],
)
def test_near_forms_of_a_quarter_are_read(written: str) -> None:
    assert str(to_quarter(written)) == "Q2 25/26"


@pytest.mark.parametrize(
    "written",
    [
        *(
            "Q1 2025",
            "2025 Q2",
            "Q1 (Jan-Mar) 2025/26",
            "Q1 2025-06",
            "Q1/2 25/26",
            "Q1 - Q2 25/26",
            "Q12 25/26",
            "Q1 25/27",
        ),
        *(
            "Q1 25/26 and Q2 25/26",
            "Q1 Nov-25",
            "to Sept 2025",
            "Q1 FY26",
            "quarter ending May 2025",
            "Apr/Jun/May 2025",
        ),
        *("1 July 2025 to 31 October 2025", "2 July 2025 to 30 September 2025", "1 April 2025 to 31 March 2026"),
        *("Q1 2025/26 (Jul-Sep 25)", "Q1 2025/26 (Apr-Jun 24)", "Q1 (Apr-Jun 25) 2024/25"),
    ],
)
def test_a_quarter_in_doubt_is_none(written: str) -> None:
    assert to_quarter(written) is None


def test_quarters_without_a_year_and_years_in_words() -> None:
    assert [quarter_number(text) for text in ("Q1", "Quarter 2 (Jul-Sep)", "Oct–Dec", "Chwarter 4")] == [1, 2, 3, 4]
    assert [quarter_number(text) for text in ("Q1 (Jan-Mar)", "Total", "Q5", "Q1 total", "")] == [None] * 5
    for text in ("FY25/26", "2025/26 (p)", "2025 to 2026", "year ending March 2026", "April 2025 to March 2026"):
        assert str(to_financial_year(text)) == "2025-26"
    assert to_financial_year("2025/27") is None


# --- shapes


YEARS = [["Q1 24/25", 1, 0], ["Q2 24/25", 2, 1], ["Q1 25/26", 5, 1], ["Q2 25/26", 6, 2]]
SHAPES: dict[str, Grid] = {
    "year beside the quarter": [
        ["Year", *HEADS], ["2024/25", "Q1", 1, 0], [None, "Q2", 2, 1], ["2025/26", "Q1", 5, 1], [None, "Q2", 6, 2]
    ],
    "a line for each year": [
        HEADS, ["2024/25"], ["Q1", 1, 0], ["Q2", 2, 1], ["2025/26"], ["Q1", 5, 1], ["Q2", 6, 2]
    ],
    "the number of the quarter beside a year": [
        ["Quarter", "Year", *HEADS[1:]], [1, "2024/25", 1, 0], [2, "2024/25", 2, 1], [1, "2025/26", 5, 1], [2, "2025/26", 6, 2]
    ],
    "years side by side": [
        ["2024/25", None, None, None, "2025/26"], [*HEADS, None, *HEADS],
        ["Q1", 1, 0, None, "Q1", 5, 1], ["Q2", 2, 1, None, "Q2", 6, 2],
    ],
    "years over the measures": [
        [None, "2024/25", None, "2025/26"], ["Quarter", "Cases heard", "Repeat cases", "Cases heard", "Repeat cases"],
        ["Q1", 1, 0, 5, 1], ["Q2", 2, 1, 6, 2],
    ],
    "quarters across": [
        ["Measure", "Q1 24/25", "Q2 24/25", "Q1 25/26", "Q2 25/26", "Total"],
        ["Cases heard", 1, 2, 5, 6, 14], ["Repeat cases", 0, 1, 1, 2, 4],
    ],
    "years over quarters across": [
        [None, "2024/25", None, "2025/26"], [None, "Q1", "Q2", "Q1", "Q2"],
        ["Number of cases", 1, 2, 5, 6], ["Repeats", 0, 1, 1, 2],
    ],
    "year down, quarters across": [
        ["Measure", "Year", "Q1", "Q2"], ["Cases heard", "2024/25", 1, 2], ["Cases heard", "2025/26", 5, 6],
        ["Repeat cases", "2024/25", 0, 1], ["Repeat cases", "2025/26", 1, 2],
    ],
    "a block for each measure": [
        ["Cases heard"], ["Year", "Q1", "Q2"], ["2024/25", 1, 2], ["2025/26", 5, 6], [],
        ["Repeat cases"], ["Year", "Q1", "Q2"], ["2024/25", 0, 1], ["2025/26", 1, 2],
    ],
}  # fmt: skip


@attack("years side by side, the year in a column of its own, quarters across", "read into one row for each quarter")
@pytest.mark.parametrize("shape", SHAPES)
def test_tables_of_other_shapes_give_the_same_rows(shape: str, tmp_path: Path) -> None:
    result = read_grid(tmp_path, SHAPES[shape])
    assert sorted(figures(result)) == sorted(YEARS)
    assert result.account.set_aside == 0


def test_a_turned_table_leads_back_to_its_cells(tmp_path: Path) -> None:
    grid: Grid = [
        ["MARAC"],
        ["Measure", "Q1 25/26", "Q2 2025", "Q3 25/26"],
        ["Cases heard", 1, 2, 3],
        ["Repeat cases", 0, 1, 9],
    ]
    result = read_grid(tmp_path, grid)
    assert figures(result) == [["Q1 25/26", 1, 0]]
    assert result.set_aside[["cell", "reason", "original"]].to_numpy().tolist() == [
        ["C2", "is not a quarter: write Q1 11/12", "Q2 2025"],
        ["D4", "repeat cases exceed cases heard", "9 of 3"],
    ]
    other: Grid = [*grid[1:], ["Measure", "Q1 24/25", "Q2 24/25", "Q3 24/25"], ["Cases heard", 1, 2, 3]]
    with pytest.raises(InputError, match="row 1 has other periods than row 4"):
        read_grid(tmp_path, other)


@pytest.mark.parametrize(
    "grid",
    [
        [["MARAC 2024/25 and 2025/26"], HEADS, ["Q1", 1, 0]],
        [["Year", *HEADS], [2025, "Q1", 1, 0]],
        [["Measure", "Q1", "Q2"], ["Cases heard", 1, 2], ["Repeat cases", 0, 1]],
    ],
)
def test_a_quarter_whose_year_is_in_doubt_is_set_aside(grid: Grid, tmp_path: Path) -> None:
    account = read_grid(tmp_path, grid).account
    assert account.kept == 0 and account.set_aside > 0


@attack("headings in Welsh, or in both languages", "read")
@pytest.mark.parametrize(
    "heads",
    [
        ["Chwarter", "Achosion a glywyd", "Achosion ailadroddus"],
        ["Quarter / Chwarter", "Cases heard / Achosion a glywyd", "Achosion ailadroddus | Repeat cases"],
        ["Chwarter\nQuarter", "Achosion a drafodwyd\nCases discussed", "Repeats (Achosion ailadroddus)"],
        ["Qtr", "No. of cases heard", "Total number of repeats"],
        ["Financial Quarter", "Number of Cases Discussed", "No. of repeats"],
        ["Quarter", "Cases heard1", "# of repeat cases²"],
    ],
)
def test_headings_in_welsh_and_with_number_of(heads: list[Cell], tmp_path: Path) -> None:
    result = read_grid(tmp_path, [heads, ["Chwarter 1 2025/26", 5, 1], ["Cyfanswm", 5, 1]])
    assert figures(result) == [["Q1 25/26", 5, 1]]
    assert result.account.by_reason == (("Quarter: a total, not a separate row", 1),)


@attack(
    "a second heading in the other language below the first; a table on a sheet called Notes, with no other",
    "the second is a heading too, no row; the table is read",
)
def test_a_second_heading_and_a_sheet_called_notes(tmp_path: Path) -> None:
    grid: Grid = [["Chwarter", "Achosion a glywyd", "Achosion ailadroddus"], *TABLE]
    path = workbook(tmp_path / "two.xlsx", grid, lambda _, sheet: setattr(sheet, "title", "Notes"))
    account = read_return(path, "marac").account
    assert (account.kept, account.set_aside, account.headings) == (2, 0, 2)


def test_a_heading_that_could_mean_two_columns_means_none() -> None:
    names = headings_of(return_definition("marac"))
    assert meant(["Cases heard / Repeat cases"], names) is None
    for name in return_names():
        definition = return_definition(name)
        for column in definition.columns:
            assert meant([column.heading], headings_of(definition)) == column.name


# --- hidden parts


@attack(
    "hidden rows, columns and sheets", "rows and columns are read and said; an old copy on a hidden sheet is set aside"
)
def test_hidden_parts_are_counted_and_said(tmp_path: Path) -> None:
    def hide(book: Workbook, sheet: Worksheet) -> None:
        sheet.row_dimensions[3].hidden = True
        sheet.column_dimensions["C"].hidden = True
        copy = book.create_sheet("Old copy")
        for row in ([*HEADS], ["Q1 24/25", 37, 9]):
            copy.append(row)
        copy.sheet_state = "veryHidden"

    result = read_return(workbook(tmp_path / "hidden.xlsx", TABLE, hide), "marac")
    assert figures(result) == [["Q1 24/25", 40, 9], ["Q2 24/25", 38, 11]]
    assert result.set_aside[["sheet", "reason"]].to_numpy().tolist() == [["Old copy", "is on a hidden sheet"]]
    assert result.account.remarks == (
        "1 of 2 row is hidden (from row 3) of sheet 'Data': read like the others",
        "hidden columns of sheet 'Data': Repeat cases (C); read like the others",
        "sheet 'Old copy' is hidden: its rows were set aside",
    )
    style = (
        "<office:automatic-styles><style:style style:name='ta1' style:family='table'>"
        "<style:table-properties table:display='false'/></style:style></office:automatic-styles>"
    )
    body = ODS_TABLE.replace("<table:table-row >", "<table:table-row table:visibility='filter'>")
    both = f"{style}<table:table table:name='S'>{body}</table:table><table:table table:name='T' table:style-name='ta1'>{ODS_TABLE}</table:table>"
    account = read_return(ods(tmp_path / "hidden.ods", both), "marac").account
    assert account.remarks[0].startswith("2 of 2 rows are hidden") and account.remarks[1].startswith(
        "sheet 'T' is hidden"
    )
    assert (account.kept, account.set_aside) == (2, 2)


def test_a_file_whose_only_table_is_hidden_is_read_and_said(tmp_path: Path) -> None:
    def hide(book: Workbook, sheet: Worksheet) -> None:
        sheet.sheet_state = "hidden"
        book.create_sheet("Summary")

    result = read_return(workbook(tmp_path / "one.xlsx", TABLE, hide), "marac")
    assert result.account.kept == 2
    assert result.account.remarks == ("sheet 'Data' is hidden: was read",)


@attack(
    "=HYPERLINK(...), @SUM(...), +1+cmd in a return",
    "set aside as text with an apostrophe in front: inert in set_aside.csv",
)
def test_what_is_set_aside_cannot_run_as_a_formula(tmp_path: Path) -> None:
    texts = ["=HYPERLINK(1)", "@SUM(1+1)*cmd|' /C calc'!A0", "+1+cmd", "-2+3", "＝1+1"]
    result = read_text(tmp_path, "\n".join([",".join(map(str, HEADS)), *(f"{text},40,9" for text in texts)]))
    assert result.set_aside["original"].map(lambda text: text[0]).tolist() == ["=", "@", "+", "-", "="]
    written = pd.read_csv(io.BytesIO(csv_bytes(result.set_aside, inert=True)), dtype="str")
    assert written["original"].tolist() == [f"'{text}" for text in result.set_aside["original"]]
    assert written["cell"].tolist() == ["A2", "A3", "A4", "A5", "A6"]
