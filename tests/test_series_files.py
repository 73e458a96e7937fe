"""Series read from usual spreadsheets; each form with the counts that a person reads in it."""

import datetime as dt
import gzip
import json
import zipfile

import pandas as pd
import pytest
from attacks import attack
from conftest import call, said
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import Workbook
from returns_files import write_ods, write_xlsx

from hcsp_assess.errors import InputError
from hcsp_assess.sources.series_files import read_series

TODAY = dt.date(2026, 6, 15)
COUNTS = [24, 38, 22, 28, 23, 35, 34, 35, 40, 32, 26, 23, 35, 20]
MONTHS = pd.period_range("2019-04", periods=14, freq="M")


def _read(tmp_path, text, name="mine.csv", encoding="utf-8", **options):
    path = tmp_path / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode(encoding))
    return read_series(path, today=TODAY, **options)


def _table(months, heading="Month,Count", separator=",", counts=COUNTS):
    lines = [f"{month}{separator}{count}" for month, count in zip(months, counts, strict=True)]
    return "\n".join([heading, *lines]) + "\n"


def _names(form):
    return [month.strftime(form) for month in MONTHS]


SERIALS = [str((month.start_time - pd.Timestamp("1899-12-30")).days) for month in MONTHS]
FORMS = {
    "iso": _names("%Y-%m"),
    "days": _names("%d/%m/%Y"),
    "days, short": [f"{m.day}/{m.month}/{m.year % 100}" for m in MONTHS.to_timestamp()],
    "last days": [m.end_time.strftime("%d/%m/%Y") for m in MONTHS],
    "days with a time": _names("%d/%m/%Y 00:00"),
    "points": _names("%d.%m.%Y"),
    "stamps": _names("%Y-%m-%dT00:00:00"),
    "sept": [name.replace("Sep", "Sept") for name in _names("%b-%y")],
    "ons": [name.upper() for name in _names("%Y %b")],
    "full": _names("%B %Y"),
    "apostrophe": _names("%b '%y"),
    "full, short year": _names("%B %y"),
    "together": _names("%b%y"),
    "number first": _names("%m/%Y"),
    "number first, hyphen": _names("%m-%Y"),
    "slash": _names("%Y/%m"),
    "six digits": _names("%Y%m"),
    "eight digits": _names("%Y%m%d"),
    "eurostat": _names("%YM%m"),
    "serial": SERIALS,
    "serial with a time": [f"{serial}.0" for serial in SERIALS],
    "provisional": [f"{name} (p)" for name in _names("%b %Y")],
    "marked": [f"{name} [r]" for name in _names("%b %Y")],
    "month ending": [f"Month ending {m.end_time.strftime('%d %B %Y')}" for m in MONTHS],
    "american": _names("%m/%d/%Y"),
    "year first, as Excel makes it": _names("%y-%b"),
    "decimal": [f"{m.year + (m.month - 1) / 12:.4f}" for m in MONTHS],
    "misspelt": [name.replace("February", "Febuary") for name in _names("%B %Y")],
}


@pytest.mark.parametrize("form", FORMS)
def test_months_are_read_as_people_write_them(tmp_path, form):
    for heading in ("Month,Count", "Title,Offences", "Period,Number"):
        if form.startswith(("decimal", "serial")) and heading == "Title,Offences":
            continue
        counts = _read(tmp_path, _table(FORMS[form], heading), "burglary.csv").counts
        assert list(counts) == ["burglary"]
        assert counts["burglary"].tolist() == COUNTS
        assert counts.index.equals(MONTHS.rename("month"))


QUARTERS = pd.period_range("2010Q2", periods=8, freq="Q-DEC")
YEARS = [(q.year if q.quarter > 1 else q.year - 1, (q.quarter - 2) % 4 + 1) for q in QUARTERS]  # financial
SPELLS = {1: "Jan-Mar", 2: "Apr-Jun", 3: "Jul-Sep", 4: "Oct-Dec"}
LONG = {1: "January to March", 2: "April to June", 3: "July to September", 4: "October to December"}
QUARTER_FORMS = {
    "short": [f"Q{n} {y % 100}/{(y + 1) % 100}" for y, n in YEARS],
    "long": [f"Q{n} {y}/{(y + 1) % 100}" for y, n in YEARS],
    "whole": [f"Quarter {n} {y}-{y + 1}" for y, n in YEARS],
    "year first": [f"{y}/{(y + 1) % 100} Q{n}" for y, n in YEARS],
    "fy": [f"FY {y}/{(y + 1) % 100} Q{n}" for y, n in YEARS],
    "with months": [
        f"Q{n} ({SPELLS[q.quarter]}) {y}/{(y + 1) % 100}" for (y, n), q in zip(YEARS, QUARTERS, strict=True)
    ],
    "months after": [
        f"{y}-{(y + 1) % 100} Q{n} ({SPELLS[q.quarter]})" for (y, n), q in zip(YEARS, QUARTERS, strict=True)
    ],
    "months of the financial year": [
        f"{SPELLS[q.quarter]} {y}/{(y + 1) % 100}" for (y, n), q in zip(YEARS, QUARTERS, strict=True)
    ],
    "calendar": [f"{q.year} Q{q.quarter}" for q in QUARTERS],
    "calendar, together": [f"{q.year}Q{q.quarter}" for q in QUARTERS],
    "calendar, number first": [f"Q{q.quarter} {q.year}" for q in QUARTERS],
    "financial number beside months": [
        f"Q{n} ({SPELLS[q.quarter]}) {q.year}" for (_, n), q in zip(YEARS, QUARTERS, strict=True)
    ],
    "months": [f"{SPELLS[q.quarter]} {q.year}" for q in QUARTERS],
    "months in full": [f"{LONG[q.quarter]} {q.year}" for q in QUARTERS],
    "dash": [f"{SPELLS[q.quarter].replace('-', ' – ')} {q.year % 100}" for q in QUARTERS],
    "ending": [f"Quarter ending {q.end_time.strftime('%B %Y')}" for q in QUARTERS],
    "first days": [q.start_time.strftime("%d/%m/%Y") for q in QUARTERS],
    "last months": [q.end_time.strftime("%b-%y") for q in QUARTERS],
}


@pytest.mark.parametrize("form", QUARTER_FORMS)
def test_quarters_are_calendar_quarters_however_they_are_named(tmp_path, form):
    counts = _read(
        tmp_path, _table(QUARTER_FORMS[form], "Quarter,Count", counts=[11, 12, 13, 14, 11, 12, 13, 14])
    ).counts
    assert counts.index.equals(QUARTERS.rename("quarter"))
    assert counts["mine"].tolist() == [11, 12, 13, 14, 11, 12, 13, 14]


def test_dates_decide_their_order_together(tmp_path):
    assert "day first" in _read(tmp_path, _table(FORMS["days"])).notes[0]
    assert "month first" in _read(tmp_path, _table(FORMS["american"])).notes[0]
    last = [m.end_time.strftime("%m/%d/%Y") for m in MONTHS]
    assert _read(tmp_path, _table(last)).counts["mine"].tolist() == COUNTS
    with pytest.raises(InputError, match="two different orders: 31/05/2019 has the day first, 05/31/2020 the month"):
        _read(tmp_path, "Month,Count\n31/05/2019,4\n05/31/2020,5\n")
    with pytest.raises(InputError, match="add up the days or weeks of each month first"):
        _read(tmp_path, "Date,Count\n01/01/2019,4\n02/01/2019,5\n03/01/2019,5\n")


ENCODINGS = ("utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252")


@pytest.mark.parametrize("encoding", ENCODINGS)
@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
def test_any_common_encoding_and_separator(tmp_path, encoding, separator):
    text = _table(FORMS["iso"], f'Month{separator}"£ loss, Ynys Môn"', separator)
    read = _read(tmp_path, text, encoding=encoding)
    assert list(read.counts) == ["£ loss, Ynys Môn"]
    assert read.counts.iloc[:, 0].tolist() == COUNTS
    assert "mentions money" in read.notes[0]


def test_semicolons_with_the_commas_and_points_of_other_countries(tmp_path):
    read = _read(tmp_path, "Month;A;B\n2019-04;24,0;1.234\n2019-05;38,00;987\n").counts
    assert read["A"].tolist() == [24, 38]
    assert read["B"].tolist() == [1234, 987]


CELLS = [
    ("1,234", 1234), ("1 234", 1234), ("1\u00a0234", 1234), ("'12", 12), ("24.0", 24), ("24p", 24), ("24 p", 24), ("24 [r]", 24),
    ("24*", 24), ("24 (p)", 24), ("0", 0), ("", None), ("[c]", None), ("[x]", None), ("<5", None), ("..", None), (":", None),
    ("-", None), ("n/a", None), ("*", None), ("1-4", None), ("~", None), ("#N/A", None), ("[z]", None), ("[low]", None),
]  # fmt: skip


def test_marks_of_official_tables_are_read_and_gaps_are_never_zero(tmp_path):
    months = pd.period_range("2019-04", periods=len(CELLS), freq="M").astype(str)
    lines = [f'{month},"{text}"' for month, (text, _) in zip(months, CELLS, strict=True)]
    read = _read(tmp_path, "Month,Incidents\n" + "\n".join(lines) + "\n")
    assert [None if pd.isna(count) else count for count in read.counts["mine"]] == [value for _, value in CELLS]
    assert any(
        "suppressed figures ([c], <5 and similar): treated as not held, not as zero" in note for note in read.notes
    )
    assert read.unit_hint == "incidents"


def test_titles_totals_and_remarks_are_left_out_and_said(tmp_path):
    text = (
        "Recorded crime in Herefordshire,,\nApril 2019 to June 2019,,\n\nMonth,Burglary,Arson,Total\n"
        "2019-04,5,1,6\n2019-05,6,,6\nMonth,Burglary,Arson,Total\n2019-06,7,2,9\nTotal,18,3,21\n2019/20 total,18,3,21\n\nSource: the police\n"
    )
    read = _read(tmp_path, text)
    assert read.counts.astype(object).where(read.counts.notna(), None).to_dict("list") == {
        "Burglary": [5, 6, 7], "Arson": [1, None, 2]
    }  # fmt: skip
    said_of = " ".join(read.notes)
    for part in (
        "2 lines above the table",
        "2 lines of totals",
        "2 lines without figures",
        "Columns of totals were left out: Total",
    ):
        assert part in said_of


def test_a_missing_month_is_missing_and_blank_months_to_come_are_left_out(tmp_path):
    read = _read(tmp_path, "Month,Count\n2026-02,5\n2026-04,6\n2026-09,\n2026-10,\n")
    assert read.counts["mine"].tolist() == [5, pd.NA, 6]
    assert read.notes == ("2 future months, without figures, were left out.",)


LONG_TABLE = "Borough,Offence,Month,Offences\n" + "".join(
    f"{borough},{offence},{month},{number}\n"
    for number, (borough, offence, month) in enumerate(
        (b, o, m) for b in ("Barnet", "Bexley") for o in ("Arson", "Shoplifting") for m in ("Apr-19", "May-19")
    )
)


def test_two_columns_of_classes_make_one_name(tmp_path):
    read = _read(tmp_path, LONG_TABLE)
    assert read.counts.to_dict("list") == {
        "Barnet: Arson": [0, 1], "Barnet: Shoplifting": [2, 3], "Bexley: Arson": [4, 5], "Bexley: Shoplifting": [6, 7]
    }  # fmt: skip
    assert read.unit_hint == "offences"
    with pytest.raises(InputError, match=r"line 4: 2019-04 of 'Barnet' appears twice, first in line 2; add the two up"):
        _read(tmp_path, LONG_TABLE, series="Borough")
    swapped = _read(tmp_path, LONG_TABLE, series=["offence", "BOROUGH"])
    assert list(swapped.counts)[:2] == ["Arson: Barnet", "Shoplifting: Barnet"]


def test_months_across_with_groups_codes_and_totals(tmp_path):
    text = (
        "MajorText,MinorText,Code,LookUp_BoroughName,201004,201005,201006,Total\n"
        "Arson and Damage,Arson,9,Barnet,1,2,3,6\nArson and Damage,Damage,9,Barnet,4,5,6,15\n"
        "Theft,Theft,9,Barnet,7,8,[c],\nArson and Damage,Arson,10,Bexley,1,1,1,3\n,,,Grand total,13,16,10,39\n"
    )
    read = _read(tmp_path, text)
    assert read.counts.astype(object).where(read.counts.notna(), None).to_dict("list") == {
        "Arson: Barnet": [1, 2, 3], "Damage: Barnet": [4, 5, 6], "Theft: Barnet": [7, 8, None], "Arson: Bexley": [1, 1, 1]
    }  # fmt: skip
    assert read.counts.index.equals(pd.period_range("2010-04", "2010-06", freq="M", name="month"))
    assert any("MajorText" in note for note in read.notes)


def test_years_down_and_months_across_and_the_other_way(tmp_path):
    months = "Apr,May,Jun,Jul,Aug,Sep,Oct,Nov,Dec,Jan,Feb,Mar"
    rows = [",".join(str(first + place) for place in range(12)) for first in (0, 12)]
    expected = pd.period_range("2018-04", "2020-03", freq="M", name="month")
    down = _read(tmp_path, f"Year,{months}\n2018/19,{rows[0]}\n2019/20,{rows[1]}\n")
    across = "Month,2018-19,2019-20\n" + "".join(f"{m},{i},{12 + i}\n" for i, m in enumerate(months.split(",")))
    for read in (down, _read(tmp_path, across)):
        assert read.counts.index.equals(expected)
        assert read.counts["mine"].tolist() == list(range(24))
    calendar = _read(tmp_path, "Month,2018,2019\nJanuary,1,3\nFebruary,2,4\n").counts["mine"].dropna()
    assert {str(month): count for month, count in calendar.items()} == {
        "2018-01": 1,
        "2018-02": 2,
        "2019-01": 3,
        "2019-02": 4,
    }


def test_year_and_month_in_two_columns(tmp_path):
    for text in (
        "Year,Month,Count\n2019,11,4\n2019,12,5\n2020,1,6\n",
        "Year,Month,Count\n2019,November,4\n,December,5\n2020,January,6\n",
        "Financial year,Month,Count\n2019/20,Nov,4\n2019/20,Dec,5\n2019/20,Jan,6\n",
    ):
        counts = _read(tmp_path, text).counts
        assert counts["mine"].tolist() == [4, 5, 6]
        assert str(counts.index[0]) == "2019-11"
    quarters = _read(tmp_path, "Year,Quarter,Count\n2019/20,Q3,4\n,Q4,5\n2020/21,Q1,6\n").counts
    assert list(quarters.index.astype(str)) == ["2019Q4", "2020Q1", "2020Q2"]


def test_codes_beside_names_rates_and_populations_are_no_part_of_it(tmp_path):
    text = (
        "Area code,Area,Month,Offences,Rate per 1 000,Population,Comment\n"
        "E06000019,Herefordshire,2019-04,24,0.13,187000,\nE06000019,Herefordshire,2019-05,38,0.20,187000,late\n"
        "E06000051,Shropshire,2019-04,34,0.11,320000,\nE06000051,Shropshire,2019-05,30,0.10,320000,\n"
    )
    read = _read(tmp_path, text)
    assert read.counts.to_dict("list") == {"Herefordshire": [24, 38], "Shropshire": [34, 30]}
    assert any("Rate per 1 000, Population" in note for note in read.notes)


FORMS_OF_TABLES = {
    "a pivot table": (
        "Offence,Month,Count\nTheft,Apr-19,1\n,May-19,2\nArson,Apr-19,4\n,May-19,5\n",
        {"Theft": [1, 2], "Arson": [4, 5]},
    ),
    "a pivot table across": (
        "Row Labels,2019-04,2019-05,Grand Total\nTheft,1,2,3\nArson,3,4,7\nGrand Total,4,6,10\n",
        {"Theft": [1, 2], "Arson": [3, 4]},
    ),
    "years over months": (",2019,,2020,\nOffence,Nov,Dec,Jan,Feb\nTheft,1,2,3,4\n", {"Theft": [1, 2, 3, 4]}),
    "financial years over quarters": (
        ",2018/19,,,,2019/20,\nArea,Q1,Q2,Q3,Q4,Q1,Q2\nHereford,1,2,3,4,5,6\n",
        {"Hereford": [1, 2, 3, 4, 5, 6]},
    ),
    "no headings": ("2019-04,24\n2019-05,38\n", {"mine": [24, 38]}),
    "serial numbers across": ("Area,43556,43586,43617\nHereford,1,2,3\n", {"Hereford": [1, 2, 3]}),
    "a download of the ONS": (
        '"Title","Theft"\n"CDID","ABCD"\n"Unit","Number"\n"Release date","20-05-2024"\n"2019","40"\n"2019 Q1","30"\n'
        '"2019 JAN","10"\n"2019 FEB","11"\n"2019 MAR","9"\n',
        {"Theft": [10, 11, 9]},
    ),
    "ages and wards that look like years and numbers": (
        "Month,10-11,12-13,1001\n2019-04,1,2,3\n2019-05,2,3,4\n",
        {"10-11": [1, 2], "12-13": [2, 3], "1001": [3, 4]},
    ),
    "counts that look like dates": ("Month,Count\nJan-19,43556\nFeb-19,201902\n", {"mine": [43556, 201902]}),
    "numbered wards": (
        "Month,Ward number,Count\nApr-19,1,5\nApr-19,2,6\nMay-19,1,7\nMay-19,2,8\n",
        {"1": [5, 7], "2": [6, 8]},
    ),
    "a change and a season beside": (
        "Month,Season,Financial year,Offences,Change\n2019-03,Spring,2018/19,24,-3\n2019-04,Spring,2019/20,38,14\n2019-05,Spring,2019/20,3,-35\n",
        {"mine": [24, 38, 3]},
    ),
    "rates between counts": (
        "Area,Measure,Apr-19,May-19\nHereford,Theft,1,2\nHereford,Rate,0.5,0.7\nHereford,Arson,3,4\n",
        {"Theft": [1, 2], "Arson": [3, 4]},
    ),
    "many forms in one column": (
        "Month,Count\nApr–19,3\nMay 2019,4\n2019-06,5\n01/07/2019,6\n",
        {"mine": [3, 4, 5, 6]},
    ),
    "a class renamed": (
        "Month,Class,Count\n2019-04,Old,5\n2019-05,Old,6\n2019-06,New,7\n2019-07,New,8\n",
        {"Old": [5, 6, None, None], "New": [None, None, 7, 8]},
    ),
}


@pytest.mark.parametrize("form", FORMS_OF_TABLES)
def test_tables_in_the_forms_that_programs_and_people_make(tmp_path, form):
    text, expected = FORMS_OF_TABLES[form]
    counts = _read(tmp_path, text).counts
    assert counts.astype(object).where(counts.notna(), None).to_dict("list") == expected


def test_workbooks_with_titles_merged_headings_and_real_dates(tmp_path):
    workbook = Workbook()
    notes = workbook.active
    notes.title = "Notes"
    notes["A1"] = "Figures are provisional"
    sheet = workbook.create_sheet("Data")
    sheet["A1"] = "Recorded crime by month"
    sheet.merge_cells("A1:E1")
    sheet["B3"], sheet["D3"] = "Hereford", "Leominster"
    sheet.merge_cells("B3:C3")
    sheet.merge_cells("D3:E3")
    for column, text in enumerate(("Month", "Theft", "Arson", "Theft", "Arson"), start=1):
        sheet.cell(4, column).value = text
    for row, month in enumerate(MONTHS[:3]):
        for column, value in enumerate((month.to_timestamp().to_pydatetime(), row, row + 10, row + 20, "[c]"), start=1):
            sheet.cell(5 + row, column).value = value
    sheet["A8"], sheet["B8"] = "Total", 3
    sheet["XFD40"].number_format = "0.0%"
    workbook.save(tmp_path / "two rows.xlsx")
    read = read_series(tmp_path / "two rows.xlsx", today=TODAY)
    assert list(read.counts) == ["Hereford Theft", "Hereford Arson", "Leominster Theft", "Leominster Arson"]
    assert read.counts["Leominster Theft"].tolist() == [20, 21, 22]
    assert read.counts["Leominster Arson"].isna().all()
    assert str(read.counts.index[0]) == "2019-04"


def test_sheets_are_chosen_by_name_or_number(tmp_path):
    table = [["Month", "Count"], [dt.date(2019, 4, 1), 24], [dt.date(2019, 5, 1), 38]]
    other = [["Month", "Count"], ["Apr-19", 1], ["May-19", 2]]
    for path in (
        write_xlsx(tmp_path / "a.xlsx", {"One": table, "Two": other}),
        write_ods(tmp_path / "a.ods", {"One": table, "Two": other}),
    ):
        assert read_series(path, sheet="two", today=TODAY).counts["a"].tolist() == [1, 2]
        assert read_series(path, sheet="1", today=TODAY).counts["a"].tolist() == [24, 38]
        with pytest.raises(InputError, match=r"2 sheets have series \('One', 'Two'\): choose one with --sheet"):
            read_series(path)
        with pytest.raises(InputError, match=r"no sheet 'Three' \(--sheet\); the sheets are 'One', 'Two'"):
            read_series(path, sheet="Three")


def test_columns_of_counts_and_of_time_are_chosen(tmp_path):
    text = "Recorded,Occurred,Theft,Arson\nApr-19,Mar-19,24,1\nMay-19,Apr-19,38,2\n"
    with pytest.raises(InputError, match="two columns hold months or dates: choose one with --time"):
        _read(tmp_path, text)
    read = _read(tmp_path, text, time="occurred", value="Theft").counts
    assert list(read) == ["Theft"]
    assert str(read.index[0]) == "2019-03"
    with pytest.raises(
        InputError, match=r"no column is headed 'Thefts' \(--value\); did you mean 'Theft'\? The headings are"
    ):
        _read(tmp_path, text, time="Occurred", value="Thefts")


def test_a_quotation_mark_that_is_not_closed_loses_no_line(tmp_path):
    table = _table(FORMS["iso"], 'Month,Count\n"2019-03,5')
    read = _read(tmp_path, table)
    assert read.counts["mine"].tolist() == [5, *COUNTS]
    assert "Line 2 has a quotation mark that is not closed" in read.notes[0]
    with pytest.raises(
        InputError, match=r"line 17: 2019-04 of 'mine' appears twice, first in line 3.*line 2 has a quotation"
    ):
        _read(tmp_path, table + _table(FORMS["iso"]).split("\n", 1)[1] * 900)
    with pytest.raises(InputError, match=r"mine\.csv line 3 has a quotation mark that is never closed"):
        _read(tmp_path, 'Month,Count\n2019-01,5\n2019-02,"6\n2019-03\n')
    kept = _read(tmp_path, 'Month,Count,Note\n2019-01,5,"two\nlines"\n2019-02,6,\n').counts
    assert kept["mine"].tolist() == [5, 6]


REFUSED = {
    "Month,Percent\n2019-04,24%\n2019-05,38%\n": r"column 'Percent' holds percentages \(24% in line 2\), and trends are assessed on counts",
    "Month,Value\n2019-04,£24\n2019-05,£1k\n": r"column 'Value' holds money \(£24 in line 2\)",
    "Month,Rate\n2019-04,2.4\n2019-05,3\n": r"column 'Rate' holds rates or other numbers that are not counts \(2\.4 in line 2\)",
    "month,count\n2020-01,many\n": r"line 2: 'many' is not a whole count of zero or more",
    "month,count\n2020-01,-3\n": r"line 2: '-3' is not a whole count of zero or more",
    "month,count\n2020-01,3\n2020-02,2.5\n2020-03,4\n": r"line 3: '2\.5' is not a whole count of zero or more",
    f"month,count\n2020-01,3\n2020-02,{'9' * 30}\n": r"line 3: '9+' is too large for a count \(a number of 30 digits\)",
    "month,count\nsoon,3\n2020-02,4\n": r"line 2: 'soon' is not a month or quarter; write 2018-01, January 2018",
    "month,count\n2020-01,3\n,4\n": r"line 3 has a figure but no month",
    "month,count\n2020-01,3\n2020-01,4\n": r"line 3: 2020-01 of 'mine' appears twice, first in line 2; add the two up, remove one",
    "month,count\n2019-12,3\n2202-01,4\n2020-02,4\n": r"line 3: 2202-01 is in the future; the other months are 2019 to 2020: correct",
    "month,count\n201912,3\n220201,4\n202002,4\n": r"line 3: 2202-01 \(220201\) is in the future",
    "month,count\n2019-12,3\n1920-01,4\n2020-02,4\n": r"line 3: 1920-01 is over 30 years from the others; .* 2019 to 2020",
    "month,count\n2019-12,3\n0219-01,4\n2020-02,4\n": r"line 3: 219-01 \(0219-01\) is over 30 years",
    "month,count\n2026-06,3\n2026-07,4\n": r"line 3: 2026-07 is in the future; the other months are of 2026",
    "month,count\nQ1 19/20,3\nQ2 19/20,4\nOct-19,4\n": r"line 4: 'Oct-19' is a month, but most lines are quarters",
    "Quarter,count\nQ1 19/20,3\nQ2 91/92,4\nQ3 19/20,4\n": r"line 3: quarter 3 of 1991 \(Q2 91/92\) is over 10 years from the others",
    "month,count\n43556,3\n435866,4\n43617,4\n": r"line 3: '435866' is not a month or quarter",
    "Area,Apr-19,Apr-19\nHereford,1,2\n": r"two columns of figures are of 2019-04: give each its own heading",
    "month,count\nApril,3\nMay,4\n": r"line 2 names a month or quarter but no year",
    "year,count\n2018/19,3\n2019/20,4\n": r"the figures are for whole years: a trend needs months or quarters",
    "month,type,count\n2020-01,A,3\n2020-01,B,3\n2020-02,,4\n": r"line 4 has figures but no series name in 'type'",
    "month,A,B\n2020-01,1,2\n\nweek,theft,arson\n2020-02,5,6\n": r"a second table begins in line 4",
    "Date,Category,Street\n2020-01-05,ASB,High Street\n": r"no column holds counts: a column of whole numbers is needed",
    "easting,northing,text\n351100,244662,a\n": r"no column or heading row has months or quarters",
    "month,count\n": r"the table has a heading but no figures",
    "": r"the file is empty",
    "a\0b": r"no column or heading row",
}


@pytest.mark.parametrize("text", REFUSED)
def test_what_cannot_be_read_is_refused_with_its_line_and_the_remedy(tmp_path, text):
    with pytest.raises(InputError, match=rf"^mine\.csv: {REFUSED[text]}"):
        _read(tmp_path, text)


def test_bombs_and_other_files_end_in_a_sentence(tmp_path):
    row = "<table:table-row{}><table:table-cell table:number-columns-repeated='5' office:value-type='string'><text:p>Apr-19</text:p></table:table-cell></table:table-row>"
    spaces = " ".join(f"xmlns:{p}='urn:oasis:names:tc:opendocument:xmlns:{p}:1.0'" for p in ("office", "table", "text"))
    body = row.format("") + row.format(" table:number-rows-repeated='1048576'") * 4
    content = f"<d {spaces}><table:table table:name='A'>{body}</table:table></d>"
    with zipfile.ZipFile(tmp_path / "bomb.ods", "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("content.xml", content)
    for name, data, message in (
        ("bomb.ods", None, "row 2 is repeated 1,048,576 times"),
        ("a.csv", gzip.compress(b"month,count"), "is compressed"),
        ("a.xlsx", b"PK\x03\x04nothing", "is damaged"),
        ("a.xls", b"\xd0\xcf\x11\xe0", "old Excel file"),
        ("gone.csv", None, "cannot be read"),
    ):
        if data is not None:
            (tmp_path / name).write_bytes(data)
        with pytest.raises(InputError, match=message):
            read_series(tmp_path / name)


@given(st.lists(st.integers(0, 10**9), min_size=1, max_size=60))
def test_what_is_written_is_what_is_read(tmp_path_factory, values):
    months = pd.period_range("2015-01", periods=len(values), freq="M")
    text = "month,count\n" + "\n".join(f"{month},{value}" for month, value in zip(months, values, strict=True))
    assert _read(tmp_path_factory.mktemp("csv"), text).counts.iloc[:, 0].tolist() == values


def test_the_shared_files_are_read_or_refused_in_a_sentence(shared):
    forms = shared / "cases" / "trends" / "csv-forms"
    for path in sorted(forms.glob("*.csv")):
        if path.name in ("percent.csv", "quote.csv"):
            with pytest.raises(InputError, match="percentages|line 2 has a quotation mark"):
                read_series(path)
            continue
        counts = read_series(path).counts
        expected = [11, 12, 13, 14] if path.name == "quarters.csv" else COUNTS
        assert counts.iloc[: len(expected), 0].tolist() == expected, path.name
    for path in sorted([*(shared / "cases" / "attacks").iterdir(), *(shared / "cases" / "returns").glob("[!p]*.*")]):
        try:
            assert len(read_series(path).counts)
        except InputError as error:
            assert str(error).startswith(path.name)


def test_all_series_of_the_london_boroughs_are_read(shared, tmp_path):
    path = tmp_path / "mps.csv"
    path.write_bytes(
        gzip.decompress((shared / "data" / "monthly-series" / "mps_borough_APR2010-FEB2022.csv.gz").read_bytes())
    )
    counts = read_series(path).counts
    assert counts.shape == (142, 1730)
    assert counts["Arson: Barking and Dagenham"].iloc[:4].tolist() == [6, 5, 11, 10]
    shoplifting = counts[[name for name in counts if name.startswith("Shoplifting: ")]].sum(axis=1)
    assert (shoplifting[pd.Period("2020-02")], shoplifting[pd.Period("2020-04")]) == (3959, 1696)  # as published


def test_the_command_takes_columns_events_and_units_and_tells_notes(tmp_path):
    months = pd.period_range("2018-01", periods=72, freq="M")
    path = tmp_path / "calls.csv"
    lines = [
        f"{m.strftime('%d/%m/%Y')},{','.join(str(100 + place * 7 % 11 + i) for i in range(8))}"
        for place, m in enumerate(months)
    ]
    path.write_text("Month," + ",".join("ABCDEFGH") + "\n" + "\n".join(lines), encoding="utf-8")
    many = call("trends", path)
    assert many.exit_code == 0, many.output
    assert "day first" in said(many)
    table, sentences = many.stdout.split("\n\n", 1)
    assert "Change a year" in table.splitlines()[0]
    assert len(table.splitlines()) == 9
    assert len(sentences.splitlines()) == 8
    few = call(
        "trends", path, "--value", "A", "--unit", "attendances", "--event", "Mar 2020:2021-05:the lockdowns", "--json"
    )
    assert few.exit_code == 0, few.output
    assert '"series": "A"' in few.stdout
    assert "attendances" in few.stdout
    assert "day first" in few.stdout
    for event in ("2020-03", "2020-03:soon:x", "2021-05:2020-03:x", "2020-03:2020-04:"):
        wrong = call("trends", path, "--event", event)
        assert wrong.exit_code == 2
        assert "--event" in said(wrong)


def test_quarters_are_assessed_from_the_file_to_the_sentence_and_its_chart(tmp_path):
    """Fourteen financial years of 50 thefts each, in quarters of 11, 12, 13 and 14."""
    lines = [f"Q{q} {y:02d}/{y + 1:02d},{10 + q}" for y in range(10, 24) for q in (1, 2, 3, 4)]
    path = tmp_path / "thefts.csv"
    path.write_text("Quarter,Thefts\n" + "\n".join(lines), encoding="utf-8")
    told = call("trends", path, "--json", "--charts", tmp_path / "charts")
    assert told.exit_code == 0, told.output
    (series,) = json.loads(told.stdout)
    assert (series["verdict"], series["last_12_total"], series["previous_12_total"]) == ("stable", 50, 50)
    assert series["sentence"].startswith("Thefts were level over the 14 years to March 2024")
    assert [year["total"] for year in series["yearly_totals"]] == [50] * 14
    assert "A quarter, 2010 to 2024" in (tmp_path / "charts" / "index.html").read_text(encoding="utf-8")


@attack("counts such as 1,234 without quotation marks in a CSV file of monthly counts", "refused, with the line")
def test_a_count_split_by_its_comma_is_refused(tmp_path):
    (tmp_path / "split.csv").write_text("month,count\n2020-01,998\n2020-02,1,038\n2020-03,1,101\n", encoding="utf-8")
    with pytest.raises(InputError, match=r"split.csv: line 3 has more cells than the heading"):
        read_series(tmp_path / "split.csv")
