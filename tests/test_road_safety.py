"""Road casualties: small files in the three forms published, every row accounted for."""

from pathlib import Path

import pandas as pd
import pytest

from hcsp_assess.errors import InputError
from hcsp_assess.sources.open_data.road_casualties import open_road_casualties
from hcsp_assess.sources.road_safety import (
    casualties_by_month,
    compare_with_council,
    find_national_files,
    read_road_casualties,
)

HEREFORDSHIRE = "E06000019"


def write(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


@pytest.fixture
def files_of_2024(tmp_path: Path) -> tuple[Path, Path]:
    """Eight casualties: four of Herefordshire in three months, one elsewhere, three that can't be used."""
    collisions = write(
        tmp_path,
        "dft-road-casualty-statistics-collision-2024.csv",
        "\ufeffcollision_index,collision_year,collision_ref_no,date,time,local_authority_district,"
        "local_authority_ons_district,collision_severity,lsoa_of_accident_location\n"
        "2024A1,2024,A1,05/01/2024,08:15,-1,E06000019,1,E01013986\n"
        "2024A2,2024,A2,28/02/2024,17:40,-1,E06000019,3,-1\n"
        "2024B1,2024,B1,01/03/2024,12:00,-1,E06000051,2,E01028853\n"
        "2024C1,2024,C1,01/03/2024,12:00,-1,-1,2,-1\n"
        "2024A3,2024,A3,31/12/2024,23:59,-1,E06000019,2,E01013987\n",
    )
    casualties = write(
        tmp_path,
        "dft-road-casualty-statistics-casualty-2024.csv",
        "collision_index,collision_year,collision_ref_no,vehicle_reference,casualty_reference,casualty_class,"
        "sex_of_casualty,age_of_casualty,casualty_severity,casualty_adjusted_severity_serious\n"
        "2024A1,2024,A1,1,1,1,1,34,1,0\n"
        "2024A1,2024,A1,1,2,2,2,-1,2,1\n"
        "2024A2,2024,A2,1,1,3,2,71,3,0.25\n"
        "2024B1,2024,B1,1,1,1,1,20,2,1\n"
        "2024C1,2024,C1,1,1,1,1,20,2,1\n"
        "2024A3,2024,A3,1,1,1,-1,50,2,-1\n"
        "2024A3,2024,A3,1,2,2,1,50,-1,-1\n"
        "2024Z9,2024,Z9,1,1,1,1,20,2,1\n",
    )
    return collisions, casualties


def test_every_casualty_of_the_national_files_is_kept_elsewhere_or_set_aside(files_of_2024: tuple[Path, Path]) -> None:
    result = read_road_casualties([files_of_2024[0]], [files_of_2024[1]], district=HEREFORDSHIRE)
    assert result.account == {"in": 8, "kept": 4, "in other districts": 1, "repeated": 0, "set aside": 3}
    assert dict(result.reasons) == {
        "its collision has no district": 1,
        "its collision is not in any collision file": 1,
        "its severity is not known": 1,
    }
    assert result.casualties["severity"].tolist() == [
        "killed",
        "seriously injured",
        "slightly injured",
        "seriously injured",
    ]
    assert result.casualties["class"].tolist() == ["driver or rider", "passenger", "pedestrian", "driver or rider"]
    assert result.casualties["age"].tolist() == [34, pd.NA, 71, 50]
    assert result.casualties["sex"].isna().tolist() == [False, False, False, True]
    assert result.casualties["lsoa"].isna().tolist() == [False, False, True, False]
    assert result.casualties["adjusted_serious"].tolist() == [0, 1, 0.25, pd.NA]


def test_a_month_without_casualties_is_zero_and_a_year_without_a_file_is_missing(
    files_of_2024: tuple[Path, Path], tmp_path: Path
) -> None:
    older = write(
        tmp_path,
        "Accidents_2022.csv",
        "Accident_Index,Date,Local_Authority_(Highway),LSOA_of_Accident_Location\n2022X,15/06/2022,E06000019,E01013986\n",
    )
    older_people = write(
        tmp_path,
        "Casualties_2022.csv",
        "Accident_Index,Vehicle_Reference,Casualty_Reference,Casualty_Severity\n2022X,1,1,2\n",
    )
    result = read_road_casualties([older, files_of_2024[0]], [older_people, files_of_2024[1]], district=HEREFORDSHIRE)
    series = casualties_by_month(result)
    assert series.index[0] == pd.Period("2022-01") and series.index[-1] == pd.Period("2024-12")
    assert series["2022-06"] == 1 and series["2022-07"] == 0
    assert series["2023-01":"2023-12"].isna().all()
    assert (series["2024-01"], series["2024-02"], series["2024-12"]) == (2, 0, 1)
    assert casualties_by_month(result, ["slightly injured"])["2024-02"] == 1


def test_casualties_that_are_in_two_files_count_once(files_of_2024: tuple[Path, Path]) -> None:
    collisions, casualties = files_of_2024
    result = read_road_casualties([collisions, collisions], [casualties, casualties], district=HEREFORDSHIRE)
    assert result.account == {"in": 16, "kept": 4, "in other districts": 1, "repeated": 8, "set aside": 3}


def test_the_file_names_of_before_2024_give_the_same_casualties(
    files_of_2024: tuple[Path, Path], tmp_path: Path
) -> None:
    new = read_road_casualties([files_of_2024[0]], [files_of_2024[1]], district=HEREFORDSHIRE)
    renamed = []
    for path in files_of_2024:
        text = path.read_text(encoding="utf-8-sig").replace("collision_", "accident_").replace("ref_no", "reference")
        renamed.append(write(tmp_path, f"old-{path.name}", text))
    old = read_road_casualties([renamed[0]], [renamed[1]], district=HEREFORDSHIRE)
    pd.testing.assert_frame_equal(new.casualties, old.casualties)


def test_the_councils_quarters_stand_beside_the_national_ones(files_of_2024: tuple[Path, Path]) -> None:
    result = read_road_casualties([files_of_2024[0]], [files_of_2024[1]], district=HEREFORDSHIRE)
    council = pd.DataFrame(
        {
            "quarter": ["Q4 23/24", "Q1 24/25", "Q4 24/25"],
            "killed_or_seriously_injured": pd.array([3, 0, 5], dtype="Int64"),
        }
    )
    table = compare_with_council(casualties_by_month(result), council)
    assert table["national"].tolist() == [2, 0, pd.NA]
    assert table["difference"].tolist() == [1, 0, pd.NA]


def test_a_file_without_severity_is_refused_by_name(files_of_2024: tuple[Path, Path], tmp_path: Path) -> None:
    bad = write(tmp_path, "casualty.csv", "collision_index,vehicle_reference,casualty_reference\n1,1,1\n")
    with pytest.raises(InputError) as error:
        read_road_casualties([files_of_2024[0]], [bad], district=HEREFORDSHIRE)
    assert str(error.value) == (
        "casualty.csv has no column casualty_severity: use the file as the Department for Transport publishes it"
    )


def test_an_unknown_severity_is_refused(files_of_2024: tuple[Path, Path]) -> None:
    result = read_road_casualties([files_of_2024[0]], [files_of_2024[1]], district=HEREFORDSHIRE)
    with pytest.raises(InputError) as error:
        casualties_by_month(result, ["hurt"])
    assert str(error.value) == (
        "there is no severity 'hurt': choose one of killed, seriously injured, slightly injured"
    )


CASES = Path(__file__).parents[2] / "shared" / "cases" / "other" / "stats19"


def test_the_files_of_a_year_are_told_apart_by_the_names_that_the_department_gives_them(
    files_of_2024: tuple[Path, Path], tmp_path: Path
) -> None:
    folder = tmp_path / "data" / "raw" / "open_data" / "road_safety"
    folder.mkdir(parents=True)
    for path in files_of_2024:
        path.rename(folder / path.name)
    collisions, casualties = find_national_files(tmp_path)
    assert [path.name for path in collisions] == ["dft-road-casualty-statistics-collision-2024.csv"]
    assert [path.name for path in casualties] == ["dft-road-casualty-statistics-casualty-2024.csv"]


@pytest.mark.parametrize(
    ("collision", "casualty", "expected"),
    [
        ("empty.csv", "casualty-2024.csv", "empty.csv is empty: "),
        ("collision-2024.csv", "empty.csv", "empty.csv is empty: "),
        ("collision-2024.csv", "truncated.csv", "truncated.csv ends in the middle of a line: "),
        ("truncated.csv", "casualty-2024.csv", "truncated.csv ends in the middle of a line: "),
        ("missing.csv", "casualty-2024.csv", "missing.csv is not there: "),
    ],
)
def test_a_file_that_cannot_be_used_is_refused_in_one_sentence(collision: str, casualty: str, expected: str) -> None:
    if not CASES.is_dir():
        pytest.skip("the cases are not here")
    with pytest.raises(InputError) as error:
        read_road_casualties([CASES / collision], [CASES / casualty], district=HEREFORDSHIRE)
    again = "fetch or download it again from the Department for Transport"
    assert str(error.value) == expected + again


def test_a_collision_without_a_date_sets_its_casualty_aside_and_the_new_name_of_the_adjustment_is_read() -> None:
    if not CASES.is_dir():
        pytest.skip("the cases are not here")
    files = [CASES / "collision-null.csv"], [CASES / "casualty-2024.csv"]
    result = read_road_casualties(*files, district=HEREFORDSHIRE)
    assert result.account == {"in": 40, "kept": 39, "in other districts": 0, "repeated": 0, "set aside": 1}
    assert result.reasons == (("its collision has no readable date", 1),)
    assert result.casualties["adjusted_serious"].eq(0.2).all()


def test_one_kind_of_file_without_the_other_is_said_to_be_missing(files_of_2024: tuple[Path, Path]) -> None:
    with pytest.raises(
        InputError, match="road casualties need both files for each year, and a collision file is missing"
    ):
        read_road_casualties([], [files_of_2024[1]], district=HEREFORDSHIRE)


def test_years_in_the_common_form_have_the_country_beside_them(tmp_path: Path) -> None:
    """Two of Herefordshire in December 2024: a child and a motorcyclist; one elsewhere in England, one in Wales."""
    collisions = write(
        tmp_path,
        "collision.csv",
        "collision_index,date,local_authority_ons_district\n"
        "a,05/01/2024,E06000019\nb,31/12/2024,E06000019\nc,01/03/2024,E06000051\nd,01/03/2024,W06000023\n"
        "e,30/06/2025,E06000019\n",
    )
    casualties = write(
        tmp_path,
        "casualty.csv",
        "collision_index,vehicle_reference,casualty_reference,casualty_type,age_of_casualty,casualty_severity,"
        "casualty_adjusted_severity_serious\n"
        "a,1,1,0,15,1,0\na,1,2,9,40,3,0.25\nb,1,1,5,30,2,1\nc,1,1,1,16,2,1\nd,1,1,1,16,2,1\ne,1,1,1,16,2,1\n",
    )
    national = read_road_casualties([collisions], [casualties], district=HEREFORDSHIRE)
    data = open_road_casualties(national, [collisions, casualties])
    own = data.frame[data.frame["area_code"] == HEREFORDSHIRE].set_index("indicator")
    assert set(own["period"]) == {"2024"}  # the file reaches June 2025 only
    assert own["value"].to_dict() == {
        "road_casualties": 3,
        "road_children_ksi": 1,
        "road_cyclists_ksi": 0,
        "road_killed": 1,
        "road_ksi": 2,
        "road_ksi_adjusted": 2.25,
        "road_motorcyclists_ksi": 1,
    }
    england = data.frame[data.frame["area_code"] == "E92000001"].set_index("indicator")["value"]
    assert england.to_dict() == {"road_casualties": 4, "road_killed": 1, "road_ksi": 3}
    account = data.account
    assert (account.read, account.area, account.comparison, account.rows_not_used) == (6, 4, 1, 1)


def test_children_are_not_counted_where_ages_are_mostly_missing(files_of_2024: tuple[Path, Path]) -> None:
    """One of three people killed or seriously injured has no age, and the file has no kind of casualty."""
    national = read_road_casualties([files_of_2024[0]], [files_of_2024[1]], district=HEREFORDSHIRE)
    keys = set(open_road_casualties(national, files_of_2024).frame["indicator"])
    assert keys == {"road_casualties", "road_killed", "road_ksi"}
