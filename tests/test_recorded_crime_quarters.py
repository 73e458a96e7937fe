"""Home Office tables by quarter and offence: the real extract of 2011-12, every trap of the layout, damage, and what is kept."""

import csv
import io
import json
import shutil
import zipfile

import openpyxl
import pandas as pd
import pytest
from conftest import call, said
from recorded_crime_files import NEW, NOTES, OFFENCES, OLD, ods_row, rows_of_a_year, write_ods

from hcsp_assess.errors import InputError
from hcsp_assess.sources.recorded_crime import (
    TOTAL,
    differences,
    home_office_files,
    offence_groups,
    official_crime,
    parts_of,
    read_home_office,
    year_totals,
)
from hcsp_assess.sources.recorded_crime.official import sums_that_fail
from hcsp_assess.sources.recorded_crime.streaming import stream_rows

HERE = ("West Mercia", "Herefordshire, County of")
AREAS = [
    HERE,
    ("West Mercia", "South Worcester"),
    ("West Mercia", "Unassigned West Mercia"),
    ("Kent", "Medway"),
    ("Kent", "Unassigned Kent"),
]
KINDS = ("kept", "comparison", "unassigned", "outside", "set_aside")


def quarter(text):
    return pd.Period(text, "Q-MAR")


def csv_file(path, rows):
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(rows)
    return path


def read(path, tmp_path, **options):
    crime = read_home_office(path, "Herefordshire", processed=tmp_path / "processed", **options)
    assert (crime.account[list(KINDS)].sum(axis=1) == crime.account["read"]).all()
    return crime


def count_of(crime, **wanted):
    rows = crime.table
    for column, value in wanted.items():
        rows = rows[rows[column] == value]
    return int(rows["count"].sum())


# The real extract: 11 codes of 2011-12, every partnership


@pytest.fixture(scope="module")
def extract(request, tmp_path_factory):
    """The published rows with year and quarter, which the extract lost: it is laid out quarter by quarter."""
    shared = request.getfixturevalue("shared")
    rows = pd.read_csv(shared / "data/ho-csp-2011-12/raw_crime_data_by_csp.csv.gz", dtype="str")
    by = rows.groupby(["CSP Name", "Offence Code"])
    place, size = by.cumcount(), by["Offence Code"].transform("size")
    rows.insert(0, "Financial Quarter", (place // (size / 4)).astype(int) + 1)
    rows.insert(0, "Financial Year", "2011-12")
    folder = tmp_path_factory.mktemp("extract")
    rows.to_csv(folder / "prc-csp-1112-1415-tables.csv", index=False)
    others = ["Shropshire", "South Worcester", "Telford and Wrekin"]
    crime = read_home_office(
        folder / "prc-csp-1112-1415-tables.csv", "Herefordshire, County of", processed=folder, comparison=others
    )
    return crime, rows


def test_domestic_burglary_of_england_and_wales_is_as_published(extract):
    crime, _ = extract
    homes = crime.table[(crime.table["level"] == "country") & (crime.table["group"] == "residential_burglary")]
    assert homes["count"].sum() == 245_311


def test_herefordshires_eleven_codes_by_quarter(extract):
    crime, _ = extract
    here = crime.table[crime.table["code"] == "E22000326"]
    assert here.groupby("quarter")["count"].sum().tolist() == [270, 293, 279, 286]
    assert here["quarter"].unique().astype(str).tolist() == ["2012Q1", "2012Q2", "2012Q3", "2012Q4"]
    by_group = here.groupby("group")["count"].sum()
    assert by_group[
        ["residential_burglary", "non_residential_burglary", "robbery", "theft_from_the_person"]
    ].tolist() == [290, 702, 34, 102]


@pytest.mark.parametrize(("name", "rows_each"), [("Shropshire", 5), ("South Worcester", 3)])
def test_rows_of_former_partnerships_are_added_up(extract, name, rows_each):
    crime, rows = extract
    published = rows[rows["CSP Name"] == name]
    assert (published.groupby(["Financial Quarter", "Offence Code"]).size() == rows_each).all()
    ours = crime.table[crime.table["name"] == name]
    assert ours["count"].sum() == published["Number of Offences"].astype(int).sum()
    assert len(ours) == 44
    assert len(published.drop_duplicates()) < len(published)  # dropping duplicates would lose offences


def test_rows_of_the_extract_are_all_accounted_for(extract):
    crime, rows = extract
    account = crime.account.iloc[0]
    assert account["read"] == len(rows) == 15_577
    assert account["kept"] == 44
    assert account["comparison"] == 44 + 5 * 44 + 3 * 44
    assert (account["set_aside"], account["unassigned"]) == (0, 0)


def test_years_of_an_extract_have_the_groups_that_it_holds_whole_and_no_other(extract):
    crime, _ = extract
    totals = year_totals(crime)
    year = totals.year("E22000326", "2012-03")
    assert year[["burglary", "robbery", "theft_from_the_person"]].tolist() == [992, 34, 102]
    assert year[[TOTAL, "theft_offences", "shoplifting", "homicide", "violence_against_the_person"]].isna().all()


# The traps of the layout


@pytest.fixture(scope="module")
def sheets():
    """The newest layout, two years; the second begun."""
    counts = lambda area, kind, quarter: 100 * area + 10 * quarter + kind  # noqa: E731
    return {
        "Cover_sheet": [
            ["Police recorded crime open data", "", "", "Community Safety Partnership", "", "", "", "", "Offence Count"]
        ],
        "Notes": NOTES,
        "2024_25": [NEW, *rows_of_a_year("2024/25", AREAS, count=counts)],
        "2025_26": [NEW, *rows_of_a_year("2025/26", AREAS, quarters=(1,), count=counts)],
    }


@pytest.fixture(scope="module")
def newest(sheets, tmp_path_factory):
    return write_ods(tmp_path_factory.mktemp("files") / "prc-csp-mar2021-mar2026-tables-230726.ods", sheets)


def test_ods_xlsx_and_csv_give_the_same(newest, sheets, tmp_path):
    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
    book.save(tmp_path / "a.xlsx")
    flat = csv_file(tmp_path / "a.csv", [*sheets["2024_25"], *sheets["2025_26"][1:]])
    tables = [read(path, tmp_path, comparison=["Medway"]).table for path in (newest, tmp_path / "a.xlsx", flat)]
    pd.testing.assert_frame_equal(tables[0], tables[1])
    pd.testing.assert_frame_equal(tables[0], tables[2])
    assert count_of(read(newest, tmp_path), code="E22000326", quarter=quarter("2025Q2"), offence_code="46") == 32


def test_each_row_is_counted_where_it_belongs(newest, tmp_path):
    crime = read(newest, tmp_path, comparison=["South Worcester"])
    account = crime.account.set_index("sheet")
    offences = len(OFFENCES)
    assert account.loc["2024_25", ["read", *KINDS]].tolist() == [20 * offences, *([4 * offences] * 3), 8 * offences, 0]
    assert account.loc["2025_26", "read"] == 5 * offences
    assert list(account.index) == ["2024_25", "2025_26"]
    assert crime.notes == ("Updated: 23 July 2026", "West Mercia: figures may be revised")
    force = count_of(crime, level="force")
    assert force == count_of(crime, level="partnership") + count_of(crime, level="unassigned")


def test_year_totals_have_the_shape_of_the_official_table_and_add_up(newest, tmp_path):
    crime = read(newest, tmp_path)
    totals = year_totals(crime)
    assert list(totals.table.columns) == list(official_crime().table.columns)
    assert totals.table.dtypes.astype(str).to_dict() == official_crime().table.dtypes.astype(str).to_dict()
    assert [str(year) for year in totals.year_ends] == ["2025-03", "2025-06"]
    assert sums_that_fail(totals.table).empty
    here = totals.year("E22000326", "2025-03")
    assert here.notna().all()
    assert here[TOTAL] == sum(10 * quarter + kind for quarter in (1, 2, 3, 4) for kind in range(len(OFFENCES)))
    assert here["death_or_serious_injury_unlawful_driving"] == 100 + 4 * 1
    assert here[list(parts_of(TOTAL))].sum() == here[TOTAL]


def test_two_sources_of_one_year_are_laid_side_by_side(newest, tmp_path):
    totals = year_totals(read(newest, tmp_path))
    found = differences(official_crime(), totals, "E22000326").set_index("group")
    assert set(found["year_end"].astype(str)) == {"2025-06"}
    assert set(found.index) == {group.key for group in offence_groups()}
    assert found.loc[TOTAL, "count"] == 9659
    assert found.loc[TOTAL, "difference"] == totals.year("E22000326", "2025-06")[TOTAL] - 9659


@pytest.mark.parametrize(
    ("sheet", "headings", "year"),
    [
        ("2011-12", OLD, "2011-12"),
        ("2015_16", NEW, "2015/16"),
        (
            "2002-03",
            ["FINANCIAL YEAR", "Financial\nQuarter ", "Force Name", "CSP  name", *OLD[4:8], "number of offences"],
            "2002/03",
        ),
        ("2011-12", ["", *OLD[1:]], "2011-12"),
        ("2015_16", [*NEW[:8], ""], "2015/16"),
        ("2015_16", [*NEW[:3], "", *NEW[4:]], "2015/16"),
    ],
)
def test_headings_of_every_year_and_columns_without_one(tmp_path, sheet, headings, year):
    path = write_ods(tmp_path / "t.ods", {sheet: [["Table of offences"], headings, [year, 2, *HERE, *OFFENCES[12], 7]]})
    crime = read(path, tmp_path)
    assert count_of(crime, code="E22000326", group="shoplifting") == 7
    assert str(crime.table["quarter"].iloc[0]) == f"{int(year[:4]) + 1}Q2"
    assert (len(crime.said) == 2) == ("" in headings)


def test_the_year_can_be_in_the_sheets_name_alone(tmp_path):
    path = write_ods(tmp_path / "t.ods", {"2012-13": [OLD[1:], [3, *HERE, *OFFENCES[12], 7]]})
    assert count_of(read(path, tmp_path), quarter=quarter("2013Q3"), code="E22000326") == 7


def test_negative_counts_and_rows_alike_are_added_up(tmp_path):
    zero = ods_row(["2015/16", 1, *HERE, *OFFENCES[12], 4])
    alike = zero.replace("<table:table-row>", '<table:table-row table:number-rows-repeated="3">')
    rows = [NEW, ["2015/16", 1, *HERE, *OFFENCES[12], -5], ["2015/16", 1, *HERE, *OFFENCES[12], "1,020"], alike]
    crime = read(write_ods(tmp_path / "t.ods", {"2015_16": rows}), tmp_path)
    assert count_of(crime, code="E22000326") == -5 + 1020 + 3 * 4
    assert crime.account.loc[0, "kept"] == 5


def test_what_cannot_be_used_is_set_aside_with_reason_and_offences(tmp_path):
    fraud = ("Fraud offences recorded by Action Fraud", "Fraud offences", "Fraud: action fraud", "AF")
    new_kind = ("A new offence", "A new group", "A new subgroup", "200")
    rows = [
        NEW,
        ["2015/16", 1, *HERE, *OFFENCES[12], 10],
        ["2015/16", 1, *HERE, *fraud, 66],
        ["2015/16", 1, "West Mercia", "Atlantis", *OFFENCES[12], 20],
        ["2015/16", 1, "West Mercia", "", *OFFENCES[12], 3],
        ["2015/16", 5, *HERE, *OFFENCES[12], 40],
        ["2015/17", 1, *HERE, *OFFENCES[12], 41],
        ["2015/16", 1, *HERE, *OFFENCES[12], "many"],
        ["2015/16", 1, *HERE, *OFFENCES[12], ""],
        ["2015/16", 1, *HERE, *new_kind, 7],
        ["Source: Home Office"],
    ]
    crime = read(csv_file(tmp_path / "t.csv", rows), tmp_path)
    aside = crime.set_aside.set_index("reason")
    assert aside["rows"].sum() == crime.account.loc[0, "set_aside"] == 8
    assert aside.loc["fraud, which the totals leave out", "offences"] == 66
    assert aside.loc["no partnership 'Atlantis' is known", ["rows", "offences", "first_row"]].tolist() == [1, 20, 4]
    assert aside.loc["there is no financial year and quarter such as 2015/16 and 1", "offences"] == 81
    assert aside.loc["it has no count", "rows"] == 2
    assert count_of(crime, code="E22000326") == 17  # an offence whose group is not known counts in the total
    assert count_of(crime, code="E22000326", group="") == 7


def test_former_and_other_names_of_partnerships_are_one_area(tmp_path):
    names = ["Bromsgrove", "Redditch", "Wyre Forest", "North Worcestershire"]
    rows = [OLD, *(["2011-12", 1, "West Mercia", name, *OFFENCES[12], 1] for name in names)]
    crime = read_home_office(csv_file(tmp_path / "t.csv", rows), "E22000368", processed=tmp_path)
    assert count_of(crime, code="E22000368", name="North Worcestershire") == 4


def test_a_quarter_that_two_files_hold_is_taken_from_the_newer(newest, tmp_path):
    rows = [NEW, *rows_of_a_year("2025/26", AREAS, quarters=(1, 2), count=lambda *_: 1)]
    older = csv_file(tmp_path / "prc-csp-mar2021-sep2025-tables-290126.csv", rows)
    crime = read([newest, older], tmp_path)
    used = crime.used.set_index("quarter")["file"]
    assert (used[quarter("2026Q1")], used[quarter("2026Q2")]) == (newest.name, older.name)
    assert count_of(crime, code="E22000326", quarter=quarter("2026Q1"), offence_code="46") == 22
    assert count_of(crime, code="E22000326", quarter=quarter("2026Q2"), offence_code="46") == 1


# Damage


def test_truncated_and_other_files_are_refused_in_words(newest, tmp_path):
    whole = newest.read_bytes()
    other = io.BytesIO()
    with zipfile.ZipFile(other, "w") as archive:
        archive.writestr("notes.txt", "hello")
    middle = whole.find(b"content.xml") + 200
    damaged = [
        whole[:300], whole[: len(whole) // 2], b"", b"PK\x03\x04", other.getvalue(), b"<!DOCTYPE html><html>Sorry</html>",
        whole[:middle] + bytes(50) + whole[middle + 50 :], b"a,b\n1,2\n", b"\xd0\xcf\x11\xe0 old Excel",
    ]  # fmt: skip
    for number, content in enumerate(damaged):
        path = tmp_path / f"damaged{number}.ods"
        path.write_bytes(content)
        with pytest.raises(InputError, match=path.name):
            read(path, tmp_path)
    assert not list((tmp_path / "processed").rglob("*.parquet"))
    with pytest.raises(InputError, match="hcsp-assess fetch recorded-crime"):
        read(tmp_path / "nothing.ods", tmp_path)


def test_entities_and_huge_repeats_do_no_harm(tmp_path):
    bomb = '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>'
    with pytest.raises(InputError, match="document type definition"):
        list(stream_rows(write_ods(tmp_path / "bomb.ods", {"2015_16": [NEW]}, prefix=bomb)))
    wide = '<table:table-row table:number-rows-repeated="2000000000"><table:table-cell office:value-type="string" table:number-columns-repeated="2000000000"><text:p>x</text:p></table:table-cell></table:table-row>'
    with pytest.raises(InputError, match="more than 1,048,576 rows"):
        list(stream_rows(write_ods(tmp_path / "rows.ods", {"2015_16": [wide]})))
    once = wide.replace(' table:number-rows-repeated="2000000000"', "")
    assert [len(row.cells) for row in stream_rows(write_ods(tmp_path / "wide.ods", {"2015_16": [once]}))] == [64]
    text = ods_row(["x" * 40_000])
    with pytest.raises(InputError, match="a cell of over 32,767 characters"):
        list(stream_rows(write_ods(tmp_path / "text.ods", {"2015_16": [text]})))


def test_comments_in_cells_are_no_part_of_them(tmp_path):
    cell = '<table:table-row><table:table-cell office:value-type="string"><office:annotation><text:p>a<text:s/>comment</text:p></office:annotation><text:p>Financial<text:s/>Year</text:p><text:p>two</text:p></table:table-cell></table:table-row>'
    assert [row.cells for row in stream_rows(write_ods(tmp_path / "t.ods", {"A": [cell]}))] == [["Financial Year\ntwo"]]
    number = '<table:table-row><table:table-cell office:value-type="float" office:value="1204"><text:p>1<text:s/>204</text:p></table:table-cell></table:table-row>'
    assert [row.cells for row in stream_rows(write_ods(tmp_path / "n.ods", {"A": [number]}))] == [["1204"]]


@pytest.mark.parametrize("missing", ["CSP Name", "Offence Code", "Financial Quarter"])
def test_a_column_that_counts_cannot_do_without_is_named(tmp_path, missing):
    headings = [heading for heading in NEW if heading != missing]
    with pytest.raises(InputError, match=f"no column {missing}"):
        read(write_ods(tmp_path / "t.ods", {"2015_16": [headings]}), tmp_path)


# What is kept


def test_a_file_is_counted_once_and_again_where_it_or_what_is_kept_has_changed(newest, tmp_path):
    path = tmp_path / newest.name
    path.write_bytes(newest.read_bytes())
    first = read(path, tmp_path)
    assert first.said == (f"{path.name}: counted for the first time",)
    again = read(path, tmp_path)
    assert again.said == ()
    pd.testing.assert_frame_equal(again.table, first.table)
    pd.testing.assert_frame_equal(again.account, first.account)
    pd.testing.assert_frame_equal(again.set_aside, first.set_aside)
    kept = tmp_path / "processed/recorded_crime" / f"{path.name}.parquet"
    content = kept.read_bytes()
    kept.write_bytes(content[:-20] + bytes(20))
    damaged = read(path, tmp_path)
    assert damaged.said == (f"{path.name}: the stored counts are damaged: counted again",)
    pd.testing.assert_frame_equal(damaged.table, first.table)
    assert kept.read_bytes() == content
    kept.with_suffix(".json").write_text("{", encoding="utf-8")
    assert "damaged" in read(path, tmp_path).said[0]
    write_ods(path, {"2015_16": [NEW, ["2015/16", 1, *HERE, *OFFENCES[12], 10]]})
    changed = read(path, tmp_path)
    assert changed.said == (f"{path.name}: the file has changed: counted again",)
    assert count_of(changed, code="E22000326") == 10


def test_files_of_a_project_are_found_by_their_ending(tmp_path):
    folder = tmp_path / "data/raw/recorded_crime"
    folder.mkdir(parents=True)
    for name in ("b.ods", "a.XLSX", "c.csv", ".~lock.b.ods#", "README.md"):
        (folder / name).write_text("x")
    assert [path.name for path in home_office_files(tmp_path)] == ["a.XLSX", "b.ods", "c.csv"]
    assert home_office_files(tmp_path / "nowhere") == []
    with pytest.raises(InputError, match="put the Home Office's files"):
        read([], tmp_path)


# The command


def test_the_command_shows_the_account_and_the_years(newest, tmp_path):
    project = tmp_path / "project"
    (project / "data/raw/recorded_crime").mkdir(parents=True)
    (project / "notebooks").mkdir()
    without = call("recorded-crime", "--project", str(project))
    assert without.exit_code == 0
    assert "ONS figures that come with the package" in said(without)
    assert "9,659" in without.output
    shutil.copy(newest, project / "data/raw/recorded_crime")
    done = call("recorded-crime", "--project", str(project), "--compare", "South Worcester")
    assert done.exit_code == 0, done.output
    assert "2025-06" in done.output
    assert "ONS tables" in said(done)
    result = json.loads(call("recorded-crime", "--project", str(project), "--json").stdout)
    assert result["area"]["code"] == "E22000326"
    assert all(row["read"] == sum(row[kind] for kind in KINDS) for row in result["account"])
    assert {row["group"] for row in result["years"]} == {group.key for group in offence_groups()}
    assert call("recorded-crime", "--project", str(project), "--quiet").output == ""


def test_the_command_says_what_is_wrong_without_a_traceback(newest, tmp_path):
    project = tmp_path / "project"
    (project / "data/raw/recorded_crime").mkdir(parents=True)
    (project / "notebooks").mkdir()
    assert "Did you mean Shropshire?" in said(call("recorded-crime", "--project", str(project), "--area", "Shropshyre"))
    (project / "data/raw/recorded_crime/half.ods").write_bytes(newest.read_bytes()[:900])
    broken = call("recorded-crime", "--project", str(project))
    assert broken.exit_code == 1
    assert "half.ods is damaged or incomplete" in said(broken)
    assert "Example:" in call("recorded-crime", "--help").output
