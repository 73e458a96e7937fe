"""Fingertips: small files of the published layout with invented values; every row is accounted for."""

import csv
from pathlib import Path

import pandas as pd
import pytest

from hcsp_assess.errors import InputError
from hcsp_assess.sources.open_data.fingertips import read_fingertips, read_period

#: The whole heading, as the published program of Fingertips writes it.
HEADING = [
    "Indicator ID",
    "Indicator Name",
    "Parent Code",
    "Parent Name",
    "Area Code",
    "Area Name",
    "Area Type",
    "Sex",
    "Age",
    "Category Type",
    "Category",
    "Time period",
    "Value",
    "Lower CI 95.0 limit",
    "Upper CI 95.0 limit",
    "Lower CI 99.8 limit",
    "Upper CI 99.8 limit",
    "Count",
    "Denominator",
    "Value note",
    "Recent Trend",
    "Compared to England value or percentiles",
    "Compared to percentiles",
    "Time period Sortable",
    "New data",
    "Compared to goal",
]
VIOLENCE = "B12a - Violent crime - hospital admissions for violence (including sexual violence)"
HEREFORDSHIRE, SHROPSHIRE, WEST_MIDLANDS, ENGLAND = "E06000019", "E06000051", "E12000005", "E92000001"


def row(code: str, value: str, **changed: str) -> dict[str, str]:
    names = {
        HEREFORDSHIRE: "Herefordshire",
        SHROPSHIRE: "Shropshire",
        WEST_MIDLANDS: "West Midlands",
        ENGLAND: "England",
    }
    parents = {HEREFORDSHIRE: WEST_MIDLANDS, SHROPSHIRE: WEST_MIDLANDS, WEST_MIDLANDS: ENGLAND, ENGLAND: ""}
    cells = {
        "Indicator ID": "11201",
        "Indicator Name": VIOLENCE,
        "Parent Code": parents.get(code, WEST_MIDLANDS),
        "Area Code": code,
        "Area Name": names.get(code, "Elsewhere"),
        "Sex": "Persons",
        "Age": "All ages",
        "Time period": "2021/22 - 23/24",
        "Value": value,
        "Lower CI 95.0 limit": "20.5",
        "Upper CI 95.0 limit": "30.5",
        "Count": "135",
        "Denominator": "540000",
        "Recent Trend": "Cannot be calculated",
        "Time period Sortable": "20210000",
    }
    return dict.fromkeys(HEADING, "") | cells | {name.replace("_", " "): text for name, text in changed.items()}


def write(path: Path, rows: list[dict[str, str]]) -> Path:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, HEADING)
        writer.writeheader()
        writer.writerows(rows)
    return path


def test_an_area_has_its_region_england_and_similar_areas_beside_it_and_every_row_is_accounted_for(
    tmp_path: Path,
) -> None:
    rows = [
        row(HEREFORDSHIRE, "25.1"),
        row(HEREFORDSHIRE, "24.0", Time_period="2020/21 - 22/23"),
        row(HEREFORDSHIRE, "30.0", Sex="Male"),
        row(WEST_MIDLANDS, "48.9"),
        row(ENGLAND, "34.2"),
        row(ENGLAND, "34.2"),  # the API gives England once for each parent
        row(ENGLAND, "60.0", Category_Type="Deprivation deciles", Category="Most deprived decile"),
        row(SHROPSHIRE, "27.0"),
        row("E08000025", "50.0"),
        row("E12000001", "51.0"),
        row(HEREFORDSHIRE, "5", Indicator_ID="99999", Indicator_Name="Smoking"),
        row(HEREFORDSHIRE, "5", Indicator_Name="Smoking"),
        row(HEREFORDSHIRE, "5", Time_period="2021 Q3"),
        row(HEREFORDSHIRE, "many", Time_period="2019/20 - 21/22"),
    ]
    data = read_fingertips([write(tmp_path / "11201.csv", rows)], district=HEREFORDSHIRE, similar=[SHROPSHIRE])
    assert (data.account.read, data.account.area, data.account.comparison) == (14, 2, 3)
    assert dict(data.account.not_used) == {
        "another indicator": 1,
        "another place": 2,
        "another sex, age or category": 2,
        "the same figure once more": 1,
    }
    assert dict(data.account.set_aside) == {
        "its number 11201 has an unexpected name": 1,
        "its period cannot be understood": 1,
        "its value is not a number": 1,
    }
    own = data.of("violence_admissions", "district", HEREFORDSHIRE)
    assert own["period"].tolist() == ["2020/21 to 2022/23", "2021/22 to 2023/24"]
    latest = own.iloc[-1]
    assert (latest["value"], latest["low"], latest["high"], latest["count"]) == (25.1, 20.5, 30.5, 135)
    assert (latest["starts"], latest["ends"]) == (pd.Period("2021-04"), pd.Period("2024-03"))
    assert data.of("violence_admissions", "region")["value"].tolist() == [48.9]
    assert data.of("violence_admissions", "country")["value"].tolist() == [34.2]


def test_a_figure_that_is_not_published_is_missing_and_says_why(tmp_path: Path) -> None:
    hidden = row(HEREFORDSHIRE, "", Value_note="Value suppressed for disclosure control due to small count", Count="")
    data = read_fingertips([write(tmp_path / "a.csv", [hidden])], district=HEREFORDSHIRE)
    own = data.of("violence_admissions", "district").iloc[0]
    assert pd.isna(own["value"]) and pd.isna(own["count"])
    assert own["note"] == "Value suppressed for disclosure control due to small count"


def test_an_indicator_without_a_verified_number_is_recognised_by_its_name(tmp_path: Path) -> None:
    name = "B13a - Re-offending levels - percentage of offenders who re-offend"
    young = "Admission episodes for alcohol-specific conditions - Under 18s"
    rows = [
        row(HEREFORDSHIRE, "27.5", Indicator_ID="12345", Indicator_Name=name, Time_period="2019/20"),
        row(HEREFORDSHIRE, "31.0", Indicator_ID="12346", Indicator_Name=young, Age="<18 yrs"),
    ]
    data = read_fingertips([write(tmp_path / "a.csv", rows)], district=HEREFORDSHIRE)
    assert data.frame["indicator"].tolist() == ["alcohol_under_18_admissions", "reoffending_percent"]


def test_one_figure_with_two_values_is_refused(tmp_path: Path) -> None:
    rows = [row(HEREFORDSHIRE, "25.1"), row(HEREFORDSHIRE, "26.1")]
    with pytest.raises(InputError) as error:
        read_fingertips([write(tmp_path / "a.csv", rows)], district=HEREFORDSHIRE)
    assert str(error.value) == (
        "violence_admissions of Herefordshire for 2021/22 to 2023/24 appears twice with different figures: keep only the newer file"
    )


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"", "a.csv is empty: fetch or download it again from Fingertips"),
        (
            b"<!DOCTYPE html><html>",
            "a.csv is not a CSV file: it is a web page, an error message or another kind of file: ",
        ),
        (b'{"message":"An error has occurred."}', "a.csv is not a CSV file: it is a web page, an error message"),
        ((",".join(HEADING) + '\n11201,"Violent').encode(), "a.csv ends in the middle of a line: fetch or download it"),
        (b"a,b\n1,2\n", "a.csv has no column indicator id, indicator name, parent code"),
        (b"\x00\x01\x02\xff\xfe\n\n", "a.csv has no column indicator id"),
    ],
)
def test_a_file_that_cannot_be_used_is_refused_in_one_sentence(tmp_path: Path, content: bytes, expected: str) -> None:
    (tmp_path / "a.csv").write_bytes(content)
    with pytest.raises(InputError) as error:
        read_fingertips([tmp_path / "a.csv"], district=HEREFORDSHIRE)
    assert str(error.value).startswith(expected)
    assert "\n" not in str(error.value)


def test_periods_of_several_years_are_read_over_the_turn_of_a_century() -> None:
    assert read_period("1998 - 00") == {
        "period": "1998 to 2000",
        "starts": pd.Period("1998-01"),
        "ends": pd.Period("2000-12"),
    }
    assert read_period("Jan-Mar 2020") is None
