"""Official recorded crime: the bundled table, its groups and partnerships, and the ONS tables as published."""

import csv
import gzip
import io
import itertools

import openpyxl
import pandas as pd
import pytest

from hcsp_assess.errors import InputError
from hcsp_assess.sources.recorded_crime import (
    TOTAL,
    offence_group,
    offence_groups,
    official_crime,
    partnership_of,
    partnerships,
    parts_of,
    read_ons_table,
)
from hcsp_assess.sources.recorded_crime.bundle import bundled_table
from hcsp_assess.sources.recorded_crime.groups import group_of_heading, group_of_offence
from hcsp_assess.sources.recorded_crime.official import sums_that_fail, unassigned_differences
from hcsp_assess.sources.recorded_crime.partnerships import partnership_names
from hcsp_assess.subject.crime_types import series

YEARS = ("2023-12", "2024-12", "2025-06")
ABOUT = ["level", "code", "name", "force", "region", "group", "count"]
TITLE = "Table C2: Number of police recorded crimes for headline offences by Community Safety Partnership area, England and Wales, year ending June 2025 [note 1]"


def month(text):
    return pd.Period(text, "M")


# What comes with the package


@pytest.mark.parametrize(
    ("year", "total", "shoplifting"), [("2023-12", 11144, 854), ("2024-12", 10076, 912), ("2025-06", 9659, 909)]
)
def test_herefordshire_has_the_published_figures(year, total, shoplifting):
    counts = official_crime().year("E22000326", year)
    assert (counts[TOTAL], counts["shoplifting"]) == (total, shoplifting)


def test_violence_with_injury_and_force_totals_are_those_published():
    crime = official_crime()
    assert crime.years("E22000326", "violence_with_injury").tolist() == [1501, 1236, 1196]
    assert [crime.year("E23000016", year)[TOTAL] for year in YEARS] == [89462, 81164, 81092]
    assert crime.year("E23000016", "2024-09")[TOTAL] == 82184
    assert crime.year("K04000001", "2024-09")[TOTAL] == 5364061


def test_every_partnership_is_there_in_all_three_years():
    table = official_crime().table
    for year in YEARS:
        rows = table[(table["year_end"] == month(year)) & (table["level"] == "partnership") & (table["group"] == TOTAL)]
        assert set(rows["code"]) == set(partnerships()["partnership_code"])
        assert len(rows) == 314
        assert rows["count"].notna().all()


def test_partnerships_and_unassigned_add_up_to_every_force_for_every_group():
    table = official_crime().table
    assert unassigned_differences(table).empty
    with_unassigned = table[table["level"] == "unassigned"]
    assert set(with_unassigned["force"]) >= {"West Mercia", "Kent", "Surrey", "Gwent"}


def test_what_is_missing_is_the_unassigned_rows_that_the_tables_leave_blank():
    table = official_crime().table
    missing = table[table["count"].isna() & table["year_end"].isin([month(year) for year in YEARS])]
    found = {(str(year), name) for year, name in zip(missing["year_end"], missing["name"], strict=True)}
    assert found == {*((year, "Unassigned Surrey") for year in YEARS), ("2023-12", "Unassigned Gwent")}


def test_groups_add_up_in_every_row():
    assert sums_that_fail(official_crime().table).empty


def test_forces_add_up_to_regions_and_these_to_the_countries():
    table = official_crime().table
    years = sorted(set(table.loc[table["level"] == "country", "year_end"]))
    assert [str(year) for year in years] == [
        *(f"{year}-09" for year in range(2015, 2024)),
        "2023-12",
        "2024-09",
        "2024-12",
    ]
    total = table[(table["group"] == TOTAL) & table["year_end"].isin(years)]
    forces = total[total["level"] == "force"].groupby(["year_end", "region"])["count"].sum(min_count=1)
    regions = total[total["level"] == "region"].set_index(["year_end", "region"])["count"]
    short = {(str(year), region) for year, region in regions.index[regions != forces.reindex(regions.index)]}
    assert not short
    country = total[total["level"] == "country"].pivot_table(index="year_end", columns="name", values="count")
    assert (regions.groupby("year_end").sum() == country["England"]).all()
    transport = total[total["name"] == "British Transport Police"].set_index("year_end")["count"]
    assert (country["England"] + country["Wales"] + transport == country["England and Wales"]).all()


def test_greater_manchester_of_2019_is_missing_and_so_are_its_offences_in_the_totals_above_it():
    crime = official_crime()
    assert crime.years("E23000005").isna().sum() == 1
    assert crime.years("E12000002").loc["2019-09"] < 0.7 * crime.years("E12000002").loc["2018-09"]


def test_region_and_force_of_the_same_name_are_two_areas():
    crime = official_crime()
    assert crime.years("E12000005").loc["2024-12"] > crime.years("E23000014").loc["2024-12"]
    assert set(crime.table["name"]) & {"West Midlands", "West Midlands Region", "ENGLAND"} == {"West Midlands"}


def test_bundle_is_made_from_the_published_tables(shared):
    data = shared / "data"
    made = bundled_table(
        data / "ons-csp-tables/ons_csp_counts_ye2023-12_ye2024-12_ye2025-06.csv.gz",
        data / "ons-pfa-tables/force_region_national_ye_september_2015_2024.csv.gz",
        [data / f"ons-pfa-tables/ye2024-12_Table_{table}.csv.gz" for table in ("P1", "P4")],
    )
    from importlib import resources

    kept = (resources.files("hcsp_assess") / "definitions/recorded_crime/recorded_crime.csv.gz").read_bytes()
    assert gzip.decompress(made) == gzip.decompress(kept)
    assert len(kept) < 300_000


@pytest.mark.parametrize(("table", "year"), [("P1", "2024-12"), ("P4", "2023-12")])
def test_tables_by_force_say_the_same_of_each_force_as_those_by_partnership(shared, table, year):
    read = read_ons_table(shared / f"data/ons-pfa-tables/ye2024-12_Table_{table}.csv.gz")
    assert read.account["read"].tolist() == [56]
    held = official_crime().table
    ours = held[(held["year_end"] == month(year)) & held["level"].isin(["force", "region", "country"])]
    both = read.table[ABOUT].merge(ours[ABOUT], how="outer", indicator=True)
    assert (both["_merge"] == "both").all()


def test_an_area_a_year_or_a_group_that_is_not_held_is_named():
    crime = official_crime()
    with pytest.raises(InputError, match="choose a year ending 2023-12, 2024-12, 2025-06"):
        crime.year("E22000326", "2019-03")
    with pytest.raises(InputError, match="Did you mean Herefordshire"):
        crime.years("Herfordshire")
    with pytest.raises(InputError, match="no offence group 'burglry'"):
        crime.years("E22000326", "burglry")
    assert crime.years("Herefordshire").tolist() == crime.years("E06000019").tolist()


# Groups


def test_groups_are_a_tree_whose_series_of_police_uk_are_defined():
    keys = [group.key for group in offence_groups()]
    assert len(keys) == len(set(keys)) == 23
    assert len(parts_of(TOTAL)) == 9
    assert all(group.parent in ("", *keys) for group in offence_groups())
    assert {series(group.police_uk).key for group in offence_groups() if group.police_uk}
    assert all(group.police_uk_note for group in offence_groups() if group.police_uk_match == "wider")


def test_years_on_both_sides_of_april_2017_cannot_be_compared_for_homes_alone():
    homes, all_burglary = offence_group("residential_burglary"), offence_group("burglary")
    before, mixed, after = month("2017-03"), month("2017-09"), month("2018-03")
    assert homes.breaks_between(before, after)
    assert homes.breaks_between(mixed, after)
    assert not homes.breaks_between(after, month("2025-06"))
    assert not homes.breaks_between(month("2012-03"), before)
    assert not all_burglary.breaks_between(before, after)


def test_breaks_of_stalking_and_harassment_are_named_in_order_of_time():
    found = offence_group("stalking_and_harassment").breaks_between(month("2015-03"), month("2025-06"))
    assert [each.month for each in found] == [month("2015-04"), month("2017-11"), month("2023-05")]
    assert all(each.source and each.certainty for each in found)


@pytest.mark.parametrize(
    ("heading", "group"),
    [
        ("Total recorded crime\n (excluding fraud) [note 2]", TOTAL),
        ("Death or serious injury caused by illegal driving", "death_or_serious_injury_unlawful_driving"),
        ("Death or serious injury \u2013 unlawful driving", "death_or_serious_injury_unlawful_driving"),
        ("All other\ntheft offences", "all_other_theft"),
        ("Miscellaneous crimes against society", "miscellaneous_crimes"),
        ("Possession of weapons offences", "possession_of_weapons"),
        ("Population figures (mid-2022)", ""),
    ],
)
def test_headings_of_any_release_are_understood(heading, group):
    assert group_of_heading(heading) == group


def test_every_row_of_the_real_force_table_of_2017_18_has_a_group(shared):
    rows = pd.read_csv(shared / "data/home-office/prc-pfa-201718_new.csv.gz", dtype="str", keep_default_na=False)
    columns = ["Offence_Code", "Offence_Subgroup", "Offence_Group"]
    group = {key: group_of_offence(*key) for key in rows[columns].drop_duplicates().itertuples(index=False, name=None)}
    assert "" not in group.values()
    rows["group"] = [group[key] for key in rows[columns].itertuples(index=False, name=None)]
    fraud = rows["group"] == "fraud"
    assert set(rows.loc[fraud, "Offence_Group"]) == {"Fraud offences"}
    counts = rows.assign(count=rows["Number_of_Offences"].astype(int))
    here = counts[(counts["Force_Name"] == "West Mercia") & ~fraud]
    assert int(here["count"].sum()) == 84350


# Partnerships


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ("Herefordshire, County of", "E22000326"),
        ("herefordshire", "E22000326"),
        ("E06000019", "E22000326"),
        ("South Worcestershire", "E22000332"),
        ("South Worcester", "E22000332"),
        ("Worcester", "E22000332"),
        ("Redditch", "E22000368"),
        ("Somerset East_Mendip", "E22000369"),
        ("Northern Devon", "E22000363"),
        ("W06000024", "W14000023"),
        ("E07000026", "E22000031"),
        ("Shepway", "E22000145"),
        ("Barrow-In-Furness", "E22000032"),
        ("City of London", "E22000180"),
        ("W06000023", partnership_of("Powys").code),
    ],
)
def test_partnerships_are_found_by_any_name_or_code(given, code):
    assert partnership_of(given).code == code


def test_a_district_with_several_partnerships_is_asked_about():
    with pytest.raises(InputError, match="Cumberland has 3 community safety partnerships: name one of Allerdale"):
        partnership_of("Cumberland")
    with pytest.raises(InputError, match=r"^there is no community safety partnership 'E99'"):
        partnership_of("E99")


def test_every_name_of_the_2011_12_tables_belongs_to_a_partnership(shared):
    rows = pd.read_csv(shared / "data/ho-csp-2011-12/raw_crime_data_by_csp.csv.gz", dtype="str", usecols=["CSP Name"])
    names = set(rows["CSP Name"])
    assert len(names) == 323
    assert {partnership_of(name).code for name in names} == set(partnerships()["partnership_code"])


def test_names_and_districts_are_reviewed_data_of_known_partnerships():
    assert set(partnership_names()["partnership_code"]) <= set(partnerships()["partnership_code"])
    assert set(partnership_names()["certainty"]) <= {"D", "K", "R"}
    assert partnerships()["district_code"].nunique() == 318
    assert (partnerships()["region"] != "").all()
    here = partnership_of("E22000332")
    assert (here.force, here.region, set(here.district_names)) == (
        "West Mercia",
        "West Midlands",
        {"Malvern Hills", "Worcester", "Wychavon"},
    )


# The tables as published


@pytest.fixture(scope="module")
def published(request):
    shared = request.getfixturevalue("shared")
    packed = (shared / "data/ons-csp-tables/raw_policeforceareatablesyejune25final_tableC2.csv.gz").read_bytes()
    return gzip.decompress(packed).decode("utf-8-sig")


def test_the_published_csv_says_the_same_as_the_bundled_table(published, tmp_path):
    path = tmp_path / "policeforceareatablesyejune25final.csv"
    path.write_text(published, encoding="utf-8")
    read = read_ons_table(path)
    assert read.account[["year_end", "read", "kept", "set_aside"]].to_numpy().tolist() == [
        [month("2025-06"), 399, 399, 0]
    ]
    held = official_crime().table
    ours = held.loc[held["year_end"] == month("2025-06"), ABOUT]
    both = read.table[ABOUT].merge(ours, how="outer", indicator=True)
    assert (both["_merge"] == "both").all()
    assert len(both) == 399 * 23


HEADINGS = [
    "Police Force\nArea code", "Police Force\nArea name", "Community Safety\nPartnership code", "Community Safety\nPartnership name [note 2]",
    "Local Authority code", "Local Authority name",
]  # fmt: skip


def _rows(**changes):
    """West Mercia and Kent of June 2025 as the workbook has them."""
    crime = official_crime()
    groups = [group.key for group in offence_groups()]
    table = crime.table[
        (crime.table["year_end"] == month("2025-06")) & crime.table["force"].isin(["West Mercia", "Kent"])
    ]
    rows = []
    for (_level, code, name, force), part in table.groupby(["level", "code", "name", "force"], sort=False):
        counts = part.set_index("group")["count"][groups]
        code = "" if _level == "force" else code
        name = "" if _level == "force" else name
        rows.append(
            [
                "E23000016" if force == "West Mercia" else "E23000032",
                force,
                code,
                name,
                "",
                "",
                *(int(count) for count in counts),
            ]
        )
    return rows


def _workbook(path, sheets):
    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, title, rows in sheets:
        sheet = book.create_sheet(name)
        sheet.append([title])
        sheet.append(["Some shorthand is used in this table. [x] indicates data are unavailable."])
        sheet.append([])
        sheet.append([*HEADINGS, *(f"{group.label} [note {number}]" for number, group in enumerate(offence_groups()))])
        for row in rows:
            sheet.append(row)
    book.save(path)
    return path


def test_tables_of_a_workbook_are_found_by_their_titles(tmp_path):
    rows = _rows()
    year_before = TITLE.replace("C2", "C5").replace("June 2025", "June 2024")
    rates = TITLE.replace("C2: Number of police recorded crimes", "C4: Rate of police recorded crimes")
    change = TITLE.replace("C2: Number of police", "C3: Percentage change in police")
    path = _workbook(
        tmp_path / "tables.xlsx",
        [
            ("Sheet9", TITLE, rows),
            ("C3", change, rows),
            ("C4", rates, rows),
            ("C5", year_before, rows),
            ("Notes", "Notes", []),
        ],
    )
    read = read_ons_table(path)
    assert read.account["sheet"].tolist() == ["Sheet9", "C5"]
    assert [str(year) for year in read.account["year_end"]] == ["2025-06", "2024-06"]
    assert "rates" in read.not_used["C4"]
    assert "percentage changes" in read.not_used["C3"]
    here = read.table[(read.table["code"] == "E22000326") & (read.table["group"] == TOTAL)]
    assert here["count"].tolist() == [9659, 9659]
    forces = read.table[(read.table["level"] == "force") & (read.table["group"] == TOTAL)]
    assert forces["count"].tolist()[:2] == [160259, 81092]


def test_markers_are_not_available_and_never_zero(tmp_path):
    rows = _rows()
    rows[0][6:11] = ["[x]", " [U] ", "", "1,247 [note 4]", "\u22123"]
    read = read_ons_table(_workbook(tmp_path / "tables.xlsx", [("C2", TITLE, rows)]))
    first = read.table[read.table["name"] == (rows[0][3] or rows[0][1])].set_index("group")["count"]
    assert first.isna().tolist()[:5] == [True, True, True, False, False]
    assert first.tolist()[3:5] == [1247, -3]


def test_rows_that_cannot_be_used_are_set_aside_and_counted(tmp_path):
    rows = _rows()
    atlantis = ["", "", "", "Atlantis", "", "", *rows[0][6:]]
    words = [*rows[1][:8], "many", *rows[1][9:]]
    twice = [*rows[2]]
    note = ["Source: Police recorded crime from the Home Office"]
    read = read_ons_table(
        _workbook(tmp_path / "t.xlsx", [("C2", TITLE, [rows[0], words, *rows[2:], atlantis, twice, note])])
    )
    assert (
        read.account.loc[0, "read"] == len(rows) + 3 == read.account.loc[0, "kept"] + read.account.loc[0, "set_aside"]
    )
    reasons = read.set_aside.set_index("row")["reason"]
    assert reasons[6] == "I6 holds 'many', which is not a whole number"
    assert "no community safety partnership 'Atlantis' is known" in reasons[len(rows) + 5]
    assert "is already in row 7" in reasons[len(rows) + 6]
    assert "no known police force or partnership" in reasons[len(rows) + 7]


def test_a_row_belongs_to_the_force_that_it_names_whatever_its_code(tmp_path):
    rows = [["E23000032", "Surrey", "", "unassigned Surrey", "", "", *([7] * 23)]]
    read = read_ons_table(_workbook(tmp_path / "t.xlsx", [("C2", TITLE, rows)]))
    assert set(zip(read.table["force"], read.table["name"], strict=True)) == {("Surrey", "Unassigned Surrey")}


def test_an_opendocument_file_is_read_as_the_workbook_is(tmp_path):
    from recorded_crime_files import write_ods

    rows = [[TITLE], [*HEADINGS, *(group.label for group in offence_groups())], *_rows()]
    ods = read_ons_table(write_ods(tmp_path / "tables.ods", {"C2": rows}))
    xlsx = read_ons_table(_workbook(tmp_path / "tables.xlsx", [("C2", TITLE, _rows())]))
    pd.testing.assert_frame_equal(ods.table, xlsx.table)


@pytest.mark.parametrize(
    ("title", "message"),
    [
        (TITLE.replace("Number", "Rate"), "has no table of counts by partnership or force.*rates"),
        (TITLE.partition(", year")[0], 'its title has no "year ending June 2025"'),
        (TITLE.replace("June 2025", "Smarch 2025"), "does not name a month"),
    ],
)
def test_a_file_without_a_usable_table_is_refused_with_the_reason(tmp_path, title, message):
    path = _workbook(tmp_path / "tables.xlsx", [("C2", title, _rows())])
    with pytest.raises(InputError, match=message):
        read_ons_table(path)


def test_the_year_can_be_given_where_the_title_lacks_it(tmp_path):
    path = _workbook(tmp_path / "tables.xlsx", [("C2", TITLE.partition(", year")[0], _rows())])
    assert str(read_ons_table(path, year_end="2025-06").account.loc[0, "year_end"]) == "2025-06"


def test_truncated_and_other_files_are_refused_in_words(tmp_path):
    whole = _workbook(tmp_path / "tables.xlsx", [("C2", TITLE, _rows())]).read_bytes()
    for number, content in enumerate(
        (whole[:500], whole[: len(whole) // 2], b"", b"<html>Sorry</html>", gzip.compress(whole)[:-9])
    ):
        path = tmp_path / f"damaged{number}.xlsx"
        path.write_bytes(content)
        with pytest.raises(InputError, match=path.name):
            read_ons_table(path)
    with pytest.raises(InputError, match="is not a file"):
        read_ons_table(tmp_path / "nothing.xlsx")


def test_headings_that_change_places_and_names_lose_nothing(published, tmp_path):
    lines = list(csv.reader(io.StringIO(published)))
    start = next(number for number, line in enumerate(lines) if line[0].startswith("Police Force"))
    order = [1, 3, *range(28, 5, -1)]  # names only, the groups from right to left
    other = [[line[column] for column in order] for line in lines[start:]]
    other[0][:2] = ["PFA Name", "CSP Name"]
    path = tmp_path / "other.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(itertools.chain([[TITLE]], other))
    plain = tmp_path / "plain.csv"
    plain.write_text(published, encoding="utf-8")
    by = ["level", "code", "name", "group"]
    left, right = (read_ons_table(each).table.sort_values(by, ignore_index=True) for each in (path, plain))
    pd.testing.assert_frame_equal(left, right)
