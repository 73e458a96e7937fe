"""Exclusions, fly-tipping and fires: small files of the published layouts with invented values."""

from pathlib import Path

import openpyxl
import pandas as pd
import pytest

from hcsp_assess.errors import InputError
from hcsp_assess.sources.open_data.exclusions import read_exclusions
from hcsp_assess.sources.open_data.fires import fire_authority, read_fires
from hcsp_assess.sources.open_data.fly_tipping import read_fly_tipping

HERE = "E06000019"
GEOGRAPHY = (
    "time_period,time_identifier,geographic_level,country_code,country_name,region_code,region_name,old_la_code,new_la_code,"
    "la_name,"
)
NOW = (
    GEOGRAPHY
    + "education_phase,headcount,perm_excl,perm_excl_rate,suspension,susp_rate,one_plus_susp,one_plus_susp_rate\n"
)
BEFORE = (
    GEOGRAPHY.replace("country_name,", "")
    + "school_type,num_schools,headcount,perm_excl,perm_excl_rate,fixed_excl,fixed_excl_rate\n"
)
WEST = "E92000001,England,E12000005,West Midlands"


def test_exclusions_of_both_vintages_make_one_series_and_hidden_figures_say_so(tmp_path: Path) -> None:
    (tmp_path / "now.csv").write_text(
        NOW
        + f"202324,Academic year,Local authority,{WEST},884,{HERE},Herefordshire,Total,24000,20,0.08,2400,10.0,1,1\n"
        + f"202324,Academic year,Local authority,{WEST},884,{HERE},Herefordshire,State-funded primary,9000,c,c,100,1.1,1,1\n"
        + f"202223,Academic year,Local authority,{WEST},884,{HERE},Herefordshire,Total,24000,c,c,2200,9.2,1,1\n"
        + f"202324,Academic year,Regional,{WEST},,,,Total,900000,1000,0.11,90000,10.0,1,1\n"
        + "202324,Academic year,Regional,E92000001,England,E12000001,North East,,,,Total,9,1,0.2,9,10.0,1,1\n"
        + "202324,Academic year,National,E92000001,England,,,,,,Total,8000000,10000,0.13,900000,11.3,1,1\n"
        + f"202324,Autumn term,Local authority,{WEST},884,{HERE},Herefordshire,Total,24000,8,0.03,900,3.8,1,1\n"
        + f"202324,Academic year,Local authority,{WEST},893,E06000051,Shropshire,Total,40000,20,0.05,2000,5.0,1,1\n"
        + f"202122,Academic year,Local authority,{WEST},884,{HERE},Herefordshire,Total,24000,??,0.1,2400,10.0,1,1\n",
        encoding="utf-8",
    )
    (tmp_path / "before.csv").write_text(
        BEFORE
        + f"201819,Academic year,Local authority,E92000001,E12000005,West Midlands,884,{HERE},Herefordshire,Total,100,23000,"
        "18,0.08,1500,6.52\n",
        encoding="utf-8",
    )
    data = read_exclusions([tmp_path / "now.csv", tmp_path / "before.csv"], district=HERE)
    account = data.account
    assert (account.read, account.area, account.comparison) == (10, 3, 2)
    assert dict(account.not_used) == {
        "a term, not a year": 1,
        "another place": 2,
        "one kind of school or of pupil": 1,
    }
    assert dict(account.set_aside) == {"a figure is not a number or a known symbol": 1}
    own = data.of("permanent_exclusions", "district").set_index("period")
    assert own["value"].dropna().to_dict() == {"2018/19": 18, "2023/24": 20}
    assert own.loc["2022/23", "note"] == "hidden by the publisher to protect people"
    assert own.loc["2023/24", "starts"] == pd.Period("2023-09") and own.loc["2023/24", "ends"] == pd.Period("2024-08")
    assert data.of("suspension_rate", "country")["value"].tolist() == [11.3]
    assert data.of("suspension_rate", "region")["area_name"].tolist() == ["West Midlands"]


def test_in_a_file_on_groups_of_pupils_only_all_pupils_count(tmp_path: Path) -> None:
    head = NOW.replace("education_phase", "education_phase,sex")
    row = f"202324,Academic year,Local authority,{WEST},884,{HERE},Herefordshire,Total,"
    text = head + row + "Total,24000,20,0.08,2400,10.0,1,1\n" + row + "Male,12000,15,0.1,1600,13.0,1,1\n"
    (tmp_path / "a.csv").write_text(text, encoding="utf-8")
    data = read_exclusions([tmp_path / "a.csv"], district=HERE)
    assert data.of("suspensions", "district")["value"].tolist() == [2400]


FLY = [
    ["Fly-tipping incidents and actions taken, reported by local authorities in England"],
    ["This worksheet contains one table. [note 1]"],
    ["Year", "Region", "ONS Code", "LA Name", "Total\nIncidents [note 2]", "Highway"],
    ["2021-22", "West Midlands", HERE, "Herefordshire", 1100, 500],
    ["2022-23", "West Midlands", HERE, "Herefordshire", "[x]", "[x]"],
    ["2023-24", "West Midlands", HERE, "Herefordshire", 1250, 600],
    ["2023-24", "West Midlands", "E06000051", "Shropshire", 2250, 600],
    ["2023-24", "West Midlands", "Total", "Total", 99000, 600],
    ["2023-24", "London", "Total", "Total", 380000, 600],
    ["2023-24", "Total England", "Total", "Total", 1150000, 600],
    ["2023-24", "West Midlands", HERE, "Herefordshire", "many", 600],
    ["Source: WasteDataFlow"],
]


def workbook(path: Path, rows: list[list[object]], sheet: str = "LA_incidents") -> Path:
    book = openpyxl.Workbook()
    book.active.title = "Cover"
    book.active.append(["Notes"])
    table = book.create_sheet(sheet)
    for row in rows:
        table.append(row)
    book.save(path)
    return path


def test_fly_tipping_is_read_under_title_rows_with_totals_of_region_and_england(tmp_path: Path) -> None:
    data = read_fly_tipping([workbook(tmp_path / "fly.xlsx", FLY)], district=HERE, similar=["E06000051"])
    account = data.account
    assert (account.read, account.area, account.comparison) == (9, 3, 3)
    assert dict(account.not_used) == {"a remark under the table": 1, "another place": 1}
    assert dict(account.set_aside) == {"its number of incidents cannot be understood": 1}
    own = data.of("fly_tipping_incidents", "district", HERE).set_index("period")
    assert own["value"].dropna().to_dict() == {"2021/22": 1100, "2023/24": 1250}
    assert own.loc["2022/23", "note"] == "no figure from the authority"
    assert data.of("fly_tipping_incidents", "region")["value"].tolist() == [99000]
    assert data.of("fly_tipping_incidents", "country")["value"].tolist() == [1150000]


def test_fires_are_summed_by_year_for_the_authority_and_a_year_with_quarters_missing_is_left_out(
    tmp_path: Path,
) -> None:
    rows: list[list[object]] = [["FINANCIAL_YEAR", "FRS_NAME", "E_CODE", "INCIDENT_TYPE", "TOTAL_INCIDENTS"]]
    for year, quarters in (("2021/22", 4), ("2022/23", 4), ("2023/24", 2)):
        for _ in range(quarters):
            rows += [
                [year, "Hereford & Worcester", "E31000018", "Dwellings", 30],
                [year, "Hereford & Worcester", "E31000018", "Road vehicles", 20],
                [year, "Shropshire", "E31000032", "Dwellings", 15],
            ]
    path = workbook(tmp_path / "fire-statistics-data-tables-fire0102-111121.xlsx", rows, "Data")
    data = read_fires([path], authority=fire_authority(HERE, tmp_path))
    own = data.of("dwelling_fires", "fire authority")
    assert dict(zip(own["period"], own["value"], strict=True)) == {"2021/22": 120, "2022/23": 120}
    assert data.of("dwelling_fires", "country")["value"].tolist() == [180, 180]
    account = data.account
    assert (account.read, account.area, account.comparison, account.rows_not_used) == (30, 10, 10, 10)


def test_an_authority_that_is_not_in_the_list_can_be_named_beside_the_tables(tmp_path: Path) -> None:
    with pytest.raises(
        InputError, match="the fire and rescue authority of E06000001 is not in the list: add a file authority.toml"
    ):
        fire_authority("E06000001", tmp_path)
    (tmp_path / "authority.toml").write_text('name = "Cleveland"\n', encoding="utf-8")
    assert fire_authority("E06000001", tmp_path) == "Cleveland"


@pytest.mark.parametrize(
    ("name", "content", "expected"),
    [
        ("a.xlsx", b"", "a.xlsx is empty: fetch or download it again from the Department for Environment"),
        ("a.xlsx", b"PK\x03\x04 cut off", "a.xlsx is damaged"),
        (
            "a.csv",
            b"a,b\n1,2\n",
            "a.csv has no sheet with the columns year, region, ons code, la name, total incidents: use",
        ),
        ("a.ods", b"<!DOCTYPE html><html></html>", "a.ods is not a spreadsheet"),
    ],
)
def test_a_workbook_that_cannot_be_used_is_refused_in_one_sentence(
    tmp_path: Path, name: str, content: bytes, expected: str
) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(InputError) as error:
        read_fly_tipping([tmp_path / name], district=HERE)
    assert str(error.value).startswith(expected)
    assert "\n" not in str(error.value)


def test_a_missing_workbook_and_a_fire_table_without_its_number_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="gone.ods is not there: fetch or download it again"):
        read_fly_tipping([tmp_path / "gone.ods"], district=HERE)
    (tmp_path / "fires.csv").write_text("a\n", encoding="utf-8")
    with pytest.raises(InputError, match="fires.csv has no table number in its name: keep the published name"):
        read_fires([tmp_path / "fires.csv"], authority="Shropshire")
