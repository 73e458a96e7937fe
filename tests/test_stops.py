"""Stop and search on invented rows of the documented layout, and the derived counts of earlier years."""

import shutil
from pathlib import Path

import pandas as pd
import polars as pl
import pytest
from conftest import call, write_street_file

from hcsp_assess.assessment.stops import count_by, rates_of_groups, summarise_searches
from hcsp_assess.chapters import stop_and_search
from hcsp_assess.edition.opened import prepare
from hcsp_assess.edition.stops import count_stops, read_stops, write_stops
from hcsp_assess.errors import InputError
from hcsp_assess.project import Project
from hcsp_assess.report.charts import Chart
from hcsp_assess.report.dictionary import output_files, unexplained
from hcsp_assess.sources.police_uk.beside import clean_beside
from hcsp_assess.subject.areas import herefordshire
from hcsp_assess.subject.editions import edition
from hcsp_assess.subject.stops import earlier_years, ethnic_group, result_of

BUNDLED = Path(__file__).parents[1] / "data" / "raw" / "herefordshire_2025"
HEADER = (
    "Type,Date,Part of a policing operation,Policing operation,Latitude,Longitude,Gender,Age range,"
    "Self-defined ethnicity,Officer-defined ethnicity,Legislation,Object of search,Outcome,"
    "Outcome linked to object of search,Removal of more than just outer clothing"
)
HEREFORD, SHREWSBURY, NOWHERE = "52.056,-2.716", "52.7077,-2.754", ","
BRITISH = "White - English/Welsh/Scottish/Northern Irish/British"
RESIDENTS = """column,group,residents,source
ethnicity,White,10000,invented
ethnicity,Black or Black British,500,invented
age_band,35 to 49,3000,invented
age_band,50 to 64,3000,invented
age_band,65 and over,3000,invented
age_band,10 to 17,1000,invented
sex,Male,5000,invented
sex,Female,5000,invented
"""


def search(date: str = "2025-03-02T10:00:00+00:00", point: str = HEREFORD, **changes: str) -> str:
    values = {
        "type": "Person search", "sex": "Male", "age": "over 34", "said": BRITISH, "seen": "White",
        "object": "Controlled drugs", "outcome": "A no further action disposal", "linked": "False",
    } | changes  # fmt: skip
    return (
        f"{values['type']},{date},False,,{point},{values['sex']},{values['age']},{values['said']},{values['seen']},"
        f"Misuse of Drugs Act 1971 (section 23),{values['object']},{values['outcome']},{values['linked']},False"
    )


def write_stops_file(folder: Path, month: str, *rows: str, force: str = "west-mercia") -> Path:
    path = folder / month / f"{month}-{force}-stop-and-search.csv"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join([HEADER, *rows]) + "\n", encoding="utf-8")
    return path


def test_each_row_is_kept_or_set_aside_and_equal_searches_are_all_kept(tmp_path):
    write_stops_file(
        tmp_path,
        "2025-03",
        search(),
        search(),
        search(point=NOWHERE),
        search("2025-02-28T10:00:00+00:00"),
        search("yesterday"),
        search(point="52.056,"),
        search(point="-2.716,52.056"),
        search(type=""),
        HEADER,
        "cut,short",
    )
    (account,) = clean_beside(tmp_path, tmp_path / "out", "stop-and-search")
    assert account.rows_in == 10 == account.kept + account.quarantined
    assert (account.kept, account.duplicates, account.no_location, account.without_id) == (3, 1, 1, 0)
    aside = pl.read_csv(tmp_path / "out" / "stop-and-search" / "quarantine" / "2025-03-west-mercia.csv")
    assert aside["reason"].to_list() == [
        "date is not in the month of the file",
        "date is not a date",
        "one coordinate of two",
        "coordinates outside the United Kingdom",
        "no type of search",
        "the header again",
        "cut short: fewer than 15 fields",
    ]


@pytest.mark.parametrize(
    ("date", "kept"),
    [
        ("2025-03-31T23:30:00+00:00", 1),  # already 1 April in Britain, and still March in universal time
        ("2025-06-30T23:30:00+00:00", 0),
        ("2025-03-01", 1),
        ("2025-03-01T00:00:00Z", 1),
        ("2025-03-01T00:30:00+01:00", 0),
    ],
)
def test_the_month_of_a_search_is_that_of_its_file_by_either_clock(tmp_path, date, kept):
    write_stops_file(tmp_path, "2025-03", search(), search(date))
    (account,) = clean_beside(tmp_path, tmp_path / "out", "stop-and-search")
    assert account.kept == 1 + kept


def test_a_late_evening_of_summer_time_belongs_to_the_month_in_britain(tmp_path):
    write_stops_file(tmp_path, "2019-07", search("2019-06-30T23:05:00+00:00"))
    (account,) = clean_beside(tmp_path, tmp_path / "out", "stop-and-search")
    assert account.kept == 1


def test_the_area_is_decided_by_coordinates_and_searches_without_are_counted_apart(tmp_path):
    write_stops_file(
        tmp_path,
        "2025-03",
        *[search()] * 3,
        search(point=SHREWSBURY),
        search(point=NOWHERE),
        search(outcome="Something new"),
    )
    write_stops_file(tmp_path, "2025-03", search(point=SHREWSBURY), force="dyfed-powys")
    clean_beside(tmp_path, tmp_path / "out", "stop-and-search")
    table = count_stops(tmp_path / "out", herefordshire())
    assert table.cells["count"].sum() == 4
    account = table.account.set_index("force")
    assert account[["in_area", "elsewhere", "no_location"]].loc["west-mercia"].to_list() == [4, 1, 1]
    assert account[["in_area", "elsewhere", "no_location"]].loc["dyfed-powys"].to_list() == [0, 1, 0]
    assert (account["kept"] == account[["in_area", "elsewhere", "no_location"]].sum(axis="columns")).all()
    assert table.source["other_outcomes"] == "Something new"
    write_stops(table, tmp_path / "kept")
    again = read_stops(tmp_path / "kept")
    known = {item.name: {field.name for field in item.fields} for item in output_files()}
    assert (set(again.cells), set(again.account)) == (known["stops.csv.gz"], known["stops_account.csv"])
    pd.testing.assert_frame_equal(again.cells, table.cells, check_dtype=False)
    (tmp_path / "kept" / "stops.csv.gz").write_bytes(b"x")
    with pytest.raises(InputError, match=r"^the searches in .* are damaged .*: count them again$"):
        read_stops(tmp_path / "kept")


def test_values_of_the_files_are_understood_in_both_forms_of_ethnicity():
    assert ethnic_group(BRITISH) == ethnic_group("White") == "White"
    assert ethnic_group("Mixed/Multiple ethnic groups - White and Asian") == ethnic_group("Mixed")
    assert ethnic_group("Other ethnic group - Any other ethnic group") == ethnic_group("Other") == "Other ethnic group"
    assert {ethnic_group(value) for value in ("", "Other ethnic group - Not stated", "?")} == {"Not known"}
    assert [result_of(value) for value in ("", "Suspect arrested", "?")] == ["Not known", "Arrest", "Another result"]


def made(tmp_path: Path, *rows: str) -> pd.DataFrame:
    write_stops_file(tmp_path, "2025-03", *rows)
    clean_beside(tmp_path, tmp_path / "out", "stop-and-search")
    return count_stops(tmp_path / "out", herefordshire()).cells


def test_rates_find_rate_and_ratios_are_those_worked_out_by_hand(tmp_path):
    black = {"seen": "Black", "said": "Other ethnic group - Not stated"}
    cells = made(
        tmp_path,
        *[search()] * 40,
        *[search(outcome="Arrest", linked="True")] * 10,
        *[search(linked="", outcome="")] * 5,
        *[search(**black)] * 11,
        *[search(type="Vehicle search", sex="", age="", said="", seen="")] * 2,
    )
    found = summarise_searches(cells, residents=11_000, months=12)
    assert (found.people, found.vehicles, found.found_known) == (66, 2, 61)
    assert found.rate.value == pytest.approx(6.0)
    assert found.found.value == pytest.approx(10 / 61)
    assert found.acted.value == pytest.approx(10 / 61)
    (tmp_path / "groups.csv").write_text(RESIDENTS, encoding="utf-8")
    residents = pd.read_csv(tmp_path / "groups.csv")
    rates = {(item.characteristic[:3], item.group): item for item in rates_of_groups(cells, residents, 12)}
    officer = [item for item in rates_of_groups(cells, residents, 12) if "officer" in item.characteristic]
    assert [(item.group, item.searches) for item in officer] == [("Black or Black British", 11), ("White", 55)]
    ratio = officer[0].ratio  # 11 per 500 over 55 per 10,000
    assert ratio.rate_ratio == pytest.approx(4.0)
    assert ratio.low < 4 < ratio.high
    said = count_by(cells, "self_defined_ethnicity")
    assert said.to_dict() == {"White": 55, "Not known": 11}
    assert rates["Age", "over 34"].residents == 9_000
    assert rates["Age", "over 34"].ratio is None
    half = summarise_searches(cells, residents=11_000, months=6)
    assert half.rate.value == pytest.approx(12.0)


def test_earlier_years_are_those_of_the_source_and_blank_is_not_zero():
    years = earlier_years("Herefordshire, County of")
    assert [year.white for year in years] == [269, 375, 330, 354, 350]
    assert [year.black for year in years] == [11, 10, 10, 2, 9]
    assert next(year for year in earlier_years("Hartlepool") if year.year == 2019).white is None
    assert earlier_years("Nowhere") == ()


def test_the_2025_edition_says_what_is_known_of_earlier_years_and_its_limits(tmp_path):
    shutil.copytree(BUNDLED, tmp_path / "data" / "raw" / "herefordshire_2025")
    opened = prepare(edition("2025", tmp_path), Project(tmp_path))
    assert opened.stops is None
    (finding,) = stop_and_search.findings_of(opened).items
    assert finding.sentence == (
        "From 2017 to 2021, police searched people recorded as White between 269 and 375 times a year in "
        "Herefordshire. They searched people recorded as Black between 2 and 11 times a year."
    )
    assert "are too few to compare as rates" in finding.certainty
    assert stop_and_search.table_earlier(opened).frame.iloc[-1].to_list() == ["2021", "350", "9"]
    assert stop_and_search.table_groups(opened).items == stop_and_search.chart_groups(opened).items == ()


def test_the_chapter_shows_the_year_where_files_were_received(tiny_project):
    folder = tiny_project / "data" / "raw" / "police_uk"
    (tiny_project / "data" / "raw" / "residents").mkdir()
    (tiny_project / "data" / "raw" / "residents" / "groups.csv").write_text(RESIDENTS, encoding="utf-8")
    month = str(edition("tiny", tiny_project).span.first)
    write_street_file(folder, month)
    date = f"{month}-02T10:00:00+00:00"
    rows = [*[search(date)] * 60, *[search(date, seen="Black", outcome="Arrest", linked="True")] * 40]
    write_stops_file(folder, month, *rows, search(date, point=NOWHERE), *[search(date, sex="Female")] * 20)
    result = call("clean", "tiny")
    assert "Files of stop-and-search: 1 file, 121 rows in, 121 kept, 0 set aside" in result.output + result.stderr
    opened = prepare(edition("tiny", tiny_project), Project(tiny_project))
    first, found, groups = stop_and_search.findings_of(opened).items
    assert first.sentence.startswith("Police searched people 120 times in Herefordshire in ")
    assert first.caveats[0] == "1 search of the force has no location; it may be in the area."
    assert found.sentence.startswith("Of the searches, 33% ended with a result linked to")
    assert "People recorded as Black or Black British were searched 10.0 times as often" in groups.sentence
    assert "Males were searched 5.0 times as often as females" in groups.sentence
    chart = stop_and_search.chart_groups(opened)
    assert isinstance(chart, Chart)
    tables = [stop_and_search.table_reasons(opened), stop_and_search.table_results(opened)]
    tables += [stop_and_search.table_groups(opened), stop_and_search.table_earlier(opened), chart.table]
    assert unexplained(tables) == []
    assert tables[0].frame["Searches"].to_list() == ["120"]
