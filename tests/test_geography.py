"""Reference geography: nothing lost in a join, the 2011-to-2021 split handled, the same files built again."""

import gzip
import json
import re
import shutil
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest
from shapely.geometry import box

from hcsp_assess.errors import InputError
from hcsp_assess.places.hotspots import find_neighbours
from hcsp_assess.setup.area_definition import settings_text
from hcsp_assess.setup.district_lookup import District, read_district
from hcsp_assess.setup.geography import build_districts, build_geography, match_by_ground
from hcsp_assess.sources.geography import Geography, check_boundaries, districts, geography, parse_table
from hcsp_assess.subject.areas import COLUMNS as AREA_COLUMNS
from hcsp_assess.subject.areas import herefordshire, parse_area

PACKAGE = Path(__file__).parents[1] / "hcsp_assess" / "definitions"


@pytest.fixture(scope="module")
def places() -> Geography:
    return geography("herefordshire")


def test_the_figures_add_up_to_those_published_for_the_county(places: Geography) -> None:
    sums = places.table[["population_2011", "population_2019", "households_2011"]].sum()
    assert sums.tolist() == [183_477, 192_801, 78_319]  # census 2011, mid-2019 estimate, census households


def test_deprivation_and_rurality_are_as_published(places: Geography) -> None:
    assert places.table["imd2019_rank"].agg(["min", "max"]).tolist() == [2_871, 31_845]
    assert (places.table["imd2019_decile"].eq(1).sum(), places.table["imd2019_decile"].eq(2).sum()) == (1, 8)
    assert places.table["rural"].sum() == 62
    assert places.table["more_rural"].sum() == 50


def test_no_lsoa_is_lost_in_any_join(places: Geography) -> None:
    assert len(places.table) == 116
    assert not places.table.isna().any(axis=None)
    sizes = {layer: len(places.boundaries(layer)) for layer in ("lsoa11", "lsoa21", "msoa11", "ward", "area")}
    assert sizes == {"lsoa11": 116, "lsoa21": 117, "msoa11": 23, "ward": 53, "area": 1}
    assert set(places.boundaries("lsoa11").index) == set(places.table.index) == set(herefordshire().lsoas("2011"))
    assert set(places.boundaries("lsoa21").index) == set(herefordshire().lsoas("2021"))
    assert set(places.boundaries("msoa11").index) == set(places.table["msoa11_code"])
    assert set(places.boundaries("ward").index) == set(places.table["ward_code"])


def test_the_split_lsoa_is_the_union_of_its_two_parts(places: Geography) -> None:
    whole = places.boundaries("lsoa11").geometry["E01014007"]
    parts = places.boundaries("lsoa21").geometry[["E01035055", "E01035056"]]
    assert whole.area == pytest.approx(parts.area.sum(), rel=1e-9)
    assert whole.symmetric_difference(parts.union_all()).area < 1


@pytest.mark.parametrize("layer", ["lsoa11", "msoa11", "area"])
def test_joining_areas_neither_adds_nor_loses_ground(places: Geography, layer: str) -> None:
    assert places.boundaries(layer).area.sum() == pytest.approx(places.boundaries("lsoa21").area.sum(), rel=1e-9)


def test_areas_of_boundaries_agree_with_published_hectares(places: Geography) -> None:
    measured = places.boundaries("lsoa11").area / 10_000
    differ = (measured - places.table["hectares"]).abs() / places.table["hectares"]
    assert differ.max() < 0.06  # simplified by 50 m; the smallest LSOA has 19 hectares
    assert measured.sum() == pytest.approx(places.table["hectares"].sum(), rel=0.001)


def test_neighbours_are_mutual_and_nobody_is_alone(places: Geography) -> None:
    neighbours = find_neighbours(places.boundaries("lsoa11"))
    assert all(place in neighbours[other] for place, others in neighbours.items() for other in others)
    assert all(neighbours.values())
    assert not any(place in others for place, others in neighbours.items())


def test_simplified_boundaries_keep_the_neighbours_of_the_published_ones(places: Geography, shared: Path) -> None:
    with gzip.open(shared / "data/geography/boundaries/E06000019-lsoa.geojson.gz") as file:
        published = gpd.GeoDataFrame.from_features(json.load(file)["features"], crs=4326).set_index("LSOA21CD")
    assert find_neighbours(places.boundaries("lsoa21")) == find_neighbours(published)


def test_the_packaged_files_are_those_built_from_the_published_national_files(shared: Path, tmp_path: Path) -> None:
    written = build_geography(
        read_district("E06000019", shared / "data"), shared / "data", tmp_path, key="herefordshire"
    )
    assert sorted(path.relative_to(tmp_path).as_posix() for path in written) == [
        "areas/herefordshire.csv",
        "areas/herefordshire.toml",
        "geography/herefordshire/areas.csv",
        "geography/herefordshire/geography.toml",
        "geography/herefordshire/lsoa21.geojson",
        "geography/herefordshire/wards.geojson",
    ]
    for name in ("areas.csv", "lsoa21.geojson", "wards.geojson"):
        built, packaged = (root / "geography" / "herefordshire" / name for root in (tmp_path, PACKAGE))
        assert built.read_text(encoding="utf-8") == packaged.read_text(encoding="utf-8"), name
    built_area, packaged_area = (
        pd.read_csv(root / "areas" / "herefordshire.csv", keep_default_na=False).drop(columns="market_town")
        for root in (tmp_path, PACKAGE)
    )
    packaged_area = packaged_area.drop(columns="place_name")  # written and reviewed by people, as market towns are
    pd.testing.assert_frame_equal(built_area, packaged_area)
    again = geography("herefordshire", tmp_path)
    assert again.area.splits == herefordshire().splits
    assert (again.area.force, again.area.partnership_code) == ("west-mercia", "E22000326")
    assert [inset.name for inset in again.insets] == ["Town 1"]


def test_the_packaged_districts_are_those_built_from_the_published_national_files(shared: Path) -> None:
    built = build_districts(shared / "data")
    pd.testing.assert_frame_equal(built, districts(), check_dtype=False)
    assert districts().loc["E06000019", ["police_name", "population_2019"]].tolist() == ["Herefordshire", 192_801]


def test_every_district_of_the_2025_police_files_has_a_population(shared: Path) -> None:
    table = pd.read_csv(
        shared / "data/data.police.uk/national_month_force_lad_type_counts.csv.gz", keep_default_na=False
    )
    newest = table[table["month"] >= "2025"]
    assert set(newest["lad_from_lsoa_name"]) - set(districts()["police_name"]) == {""}


def test_a_missing_national_file_is_named_with_its_columns_and_its_publisher(shared: Path, tmp_path: Path) -> None:
    source = tmp_path / "downloads"
    for part in ("geography", "population", "rural-urban"):
        shutil.copytree(shared / "data" / part, source / part)
    next(source.rglob("004_imd19*")).unlink()
    with pytest.raises(
        InputError,
        match=re.escape(
            "the Index of Multiple Deprivation 2019 rank of LSOAs is not in downloads/: download it from "
            "geoportal.statistics.gov.uk as CSV (any file name; it is recognised by LSOA11CD, IMD19)"
        )
        + "$",
    ):
        build_geography(read_district("E06000019", source), source, tmp_path, key="herefordshire")


def test_an_unknown_district_is_refused(shared: Path, tmp_path: Path) -> None:
    with pytest.raises(
        InputError,
        match=r"^the lookup from 2011 LSOAs to wards and districts has no district 'E06099999': "
        r"give its ONS code, such as E06000019$",
    ):
        read_district("E06099999", shared / "data")


def frame(**boxes: tuple[float, float, float, float]) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame({"code": list(boxes)}, geometry=[box(*bounds) for bounds in boxes.values()], crs=27700)


def test_unchanged_split_merged_and_redrawn_areas_each_become_one_unit() -> None:
    old = frame(A=(0, 0, 10, 10), B=(10, 0, 20, 10), C=(20, 0, 30, 10), D=(30, 0, 40, 10), E=(40, 0, 50, 10),
                F=(50, 0, 60, 10))  # fmt: skip
    new = frame(A=(0, 0, 10, 10), B1=(10, 0, 15, 10), B2=(15, 0, 20, 10), CD=(20, 0, 40, 10), X=(40, 0, 56, 10),
                Y=(56, 0, 60, 10))  # fmt: skip
    assert match_by_ground(old, new) == {
        "A": ["A"],
        "B": ["B", "B1", "B2"],
        "C": ["C", "CD", "D"],
        "E": ["E", "F", "X", "Y"],
    }


def test_slivers_of_digitising_do_not_join_neighbours() -> None:
    old = frame(A=(0, 0, 10, 10), B=(10, 0, 20, 10))
    new = frame(A1=(0, 0, 10.05, 10), B1=(10.05, 0, 20, 10))
    assert match_by_ground(old, new) == {"A": ["A", "A1"], "B": ["B", "B1"]}


def test_a_definition_without_reference_geography_says_how_to_get_one(tmp_path: Path) -> None:
    (tmp_path / "areas").mkdir()
    for suffix in ("csv", "toml"):
        shutil.copy(PACKAGE / "areas" / f"herefordshire.{suffix}", tmp_path / "areas" / f"borsetshire.{suffix}")
    with pytest.raises(
        InputError,
        match=r"^there is no reference geography for 'borsetshire': build one with "
        r"hcsp_assess.setup.geography.build_geography, which says which national files to download$",
    ):
        geography("borsetshire", tmp_path)


def test_a_table_with_another_number_of_areas_is_refused(tmp_path: Path) -> None:
    target = tmp_path / "geography" / "herefordshire"
    shutil.copytree(PACKAGE / "geography" / "herefordshire", target)
    lines = (target / "areas.csv").read_text(encoding="utf-8").splitlines()
    (target / "areas.csv").write_text("\n".join(lines[:-1]) + "\n", encoding="utf-8")
    with pytest.raises(
        InputError,
        match=r"^1 small areas are in only one of areas/herefordshire.csv and geography/herefordshire/areas.csv, "
        r"such as E01014101 \(only in areas/\): build both again$",
    ):
        geography("herefordshire", tmp_path)


HEADER = "lsoa11_code,msoa11_code,msoa11_name,population_2011,households_2011,hectares,population_2019,imd2019_rank,imd2019_decile"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("lsoa11_code\nE1\n", r"^geography/x/areas.csv has no column msoa11_code, .*; it needs lsoa11_code, .*$"),
        (f"{HEADER}\nE1,M1,Town,0,1,1,1,1,1\n", r"^geography/x/areas.csv: population_2011 of E1 must be a number above zero$"),
        (f"{HEADER}\nE1,M1,Town,1,1,1,n/a,1,1\n", r"^geography/x/areas.csv: population_2019 of E1 must be a number above zero$"),
        (f"{HEADER}\nE1,M1,T,1,1,1,1,1,1\nE1,M1,T,1,1,1,1,1,1\n", r"^geography/x/areas.csv lists E1 twice: keep one line for each$"),
    ],
)  # fmt: skip
def test_a_table_that_cannot_be_used_is_refused(text: str, message: str) -> None:
    with pytest.raises(InputError, match=message):
        parse_table("x", text)


def test_boundaries_of_another_vintage_are_refused() -> None:
    text = (PACKAGE / "geography" / "herefordshire" / "wards.geojson").read_text(encoding="utf-8")
    with pytest.raises(
        InputError,
        match=r"^the boundaries in geography/herefordshire/lsoa21.geojson and the small areas in "
        r"areas/herefordshire.csv differ by 169, such as E01013986: build both again$",
    ):
        check_boundaries(herefordshire(), text)


def test_the_shipped_files_are_small_and_carry_their_credit(places: Geography) -> None:
    folder = PACKAGE / "geography"
    packed = sum(len(gzip.compress(path.read_bytes())) for path in folder.rglob("*") if path.is_file())
    assert packed < 150_000
    assert "Open Government Licence v3.0" in places.attribution
    assert "CC BY 4.0" in places.attribution


def test_lsoas_that_became_one_or_were_redrawn_are_2011_codes_only_in_2011(tmp_path: Path) -> None:
    settings = (PACKAGE / "areas" / "herefordshire.toml").read_text(encoding="utf-8").split("[[split]]")[0]
    old = pd.DataFrame({"LSOA11CD": ["E01000001", "E01000002", "E01000003"], "LSOA11NM": ["One", "Two", "Three"]})
    new = pd.DataFrame({"code": ["E01900001", "E01000003"], "name": ["One and two", "Three"]})
    units = {"E01000001": ["E01000001", "E01000002", "E01900001"], "E01000003": ["E01000003"]}
    written = settings_text(District("E06000019", "A", "B", "C", old, frozenset({"E06000019"})), units, new)
    table = f"{','.join(AREA_COLUMNS)}\nE01000001,One,W1,Ward,rural,no,\nE01000003,Three,W1,Ward,urban,no,\n"
    here = parse_area("small", settings + written[written.index("[[split]]") :], table)
    assert here.lsoas("2011") == ("E01000001", "E01000003")
    assert here.lsoas("2021") == ("E01000003", "E01900001") == tuple(sorted(new["code"]))
    assert here.lsoa_names()["E01000002"] == "Two"
    recorded = pd.Series(["E01000001", "E01000002", "E01900001", "E01000003", "E01000004"])
    assert here.fold(recorded).fillna("none").tolist() == ["E01000001"] * 3 + ["E01000003", "none"]
    on_2021 = here.fold(recorded, "2021").fillna("none").tolist()
    assert on_2021 == ["E01900001"] * 3 + ["E01000003", "none"]
