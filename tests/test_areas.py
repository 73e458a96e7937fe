"""Areas: the LSOAs of Herefordshire against the official lookups, and one vintage for a whole series."""

import json
import re
from gzip import decompress
from pathlib import Path

import pandas as pd
import pytest

from hcsp_assess.errors import InputError
from hcsp_assess.subject.areas import area, areas, herefordshire, parse_area

SETTINGS = """
name = "Smallshire"
full_name = "Smallshire"
district_code = "E06999999"
partnership_code = "E22999999"
force = "smallshire"
force_name = "Smallshire"
classification = "by hand"
[[split]]
lsoa11_code = "E01000002"
lsoa21 = [{ code = "E01090001", name = "Smallshire 001C" }, { code = "E01090002", name = "Smallshire 001D" }]
"""
TABLE = """lsoa11_code,lsoa11_name,ward21_code,ward21_name,rural_urban,more_rural,market_town
E01000001,Smallshire 001A,E05000001,North,rural,yes,
E01000002,Smallshire 001B,E05000002,South,urban,no,Smallton
"""


def test_herefordshire_has_116_lsoas_of_2011_and_117_of_2021() -> None:
    assert len(herefordshire().lsoas("2011")) == 116
    assert len(herefordshire().lsoas("2021")) == 117


def test_lsoas_names_and_wards_are_those_of_the_official_lookup(shared: Path) -> None:
    lookup = pd.read_csv(
        shared / "data/geography/ons-lookups/lsoa11_wd21_lad21.csv.gz", encoding="utf-8-sig", keep_default_na=False
    )
    lookup = lookup[lookup["LAD21CD"] == herefordshire().district_code].sort_values("LSOA11CD")
    ours = [(small.code, small.name, small.ward_code, small.ward_name) for small in herefordshire().small_areas]
    columns = ["LSOA11CD", "LSOA11NM", "WD21CD", "WD21NM"]
    assert ours == list(lookup[columns].itertuples(index=False, name=None))


@pytest.mark.parametrize(("vintage", "name"), [("2011", "lsoa11"), ("2021", "lsoa")])
def test_each_vintage_is_that_of_the_official_boundaries(shared: Path, vintage: str, name: str) -> None:
    packed = (shared / f"data/geography/boundaries/E06000019-{name}.geojson.gz").read_bytes()
    features = [feature["properties"] for feature in json.loads(decompress(packed))["features"]]
    code = f"LSOA{vintage[2:]}"
    official = {feature[f"{code}CD"]: feature[f"{code}NM"] for feature in features}
    assert set(herefordshire().lsoas(vintage)) == set(official)  # type: ignore[arg-type]
    assert {key: herefordshire().lsoa_names()[key] for key in official} == official


def test_partnership_and_force_are_those_of_the_official_lookup(shared: Path) -> None:
    lookup = pd.read_csv(shared / "data/geography/ons-lookups/194_lad19_csp19_pfa19.csv.gz").set_index("LAD19CD")
    row = lookup.loc[herefordshire().district_code]
    assert (row["LAD19NM"], row["CSP19CD"]) == (herefordshire().full_name, herefordshire().partnership_code)
    assert row["PFA19NM"] == herefordshire().force_name


def test_rural_and_urban_are_those_of_the_published_classification(shared: Path) -> None:
    table = pd.read_csv(shared / "data/rural-urban/composite_ruc.csv.gz").set_index("lsoa")
    for small in herefordshire().small_areas:
        assert small.rural == (table.loc[small.code, "ukruc-2"] == 1)
        assert small.more_rural == (table.loc[small.code, "ukruc-3"] == 2)


def test_54_lsoas_are_urban_and_62_rural() -> None:
    assert len(herefordshire().lsoas_in("urban")) == 54
    assert len(herefordshire().lsoas_in("rural")) == 62


def test_the_five_market_towns_follow_the_stated_rule() -> None:
    town_of_ward = re.compile("Leominster|Ross|Ledbury|Bromyard|Kington")
    for small in herefordshire().small_areas:
        found = town_of_ward.search(small.ward_name)
        in_town = found is not None and not small.more_rural
        assert bool(small.market_town) == in_town
        if found and in_town:
            assert small.market_town.startswith(found[0])


def test_market_towns_are_either_taken_in_or_left_out_of_the_countryside() -> None:
    place = {name: set(herefordshire().lsoas_in(name)) for name in ("rural", "urban", "market towns", "all")}  # type: ignore[arg-type]
    assert set(herefordshire().lsoas_in("rural without market towns")) == place["rural"] - place["market towns"]
    assert set(herefordshire().lsoas_in("rural and market towns")) == place["rural"] | place["market towns"]
    assert place["rural"] ^ place["urban"] == place["all"]


def test_the_parts_of_the_split_lsoa_fold_back_and_no_other_code_changes() -> None:
    here = herefordshire()
    codes = pd.Series(here.lsoas("2021"))
    folded = here.fold(codes)
    changed = dict(zip(codes[codes != folded], folded[codes != folded], strict=True))
    assert changed == {"E01035055": "E01014007", "E01035056": "E01014007"}
    assert set(folded) == set(here.lsoas("2011"))


def test_codes_of_elsewhere_and_blanks_are_missing_after_folding() -> None:
    assert herefordshire().fold(pd.Series(["E01008978", None, "E01013986"])).isna().tolist() == [True, True, False]


def test_a_2011_code_that_was_split_cannot_be_divided_again() -> None:
    message = (
        'records on the 2011 LSOA E01014007 cannot be divided among its 2021 parts: use vintage="2011", which folds the '
        "parts together"
    )
    with pytest.raises(InputError, match=f"^{re.escape(message)}$"):
        herefordshire().fold(pd.Series(["E01014007", "E01013986"]), "2021")


def test_another_partnership_needs_only_its_two_files(tmp_path: Path) -> None:
    (tmp_path / "areas").mkdir()
    (tmp_path / "areas" / "smallshire.toml").write_text(SETTINGS, encoding="utf-8")
    (tmp_path / "areas" / "smallshire.csv").write_text(TABLE, encoding="utf-8")
    here = area("smallshire", tmp_path)
    assert here.lsoas("2021") == ("E01000001", "E01090001", "E01090002")
    assert here.lsoas_in("rural without market towns") == ("E01000001",)
    assert set(areas(tmp_path)) == {*areas(), "smallshire"}


def test_an_area_without_its_table_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "areas").mkdir()
    (tmp_path / "areas" / "smallshire.toml").write_text(SETTINGS, encoding="utf-8")
    message = "area 'smallshire' has smallshire.toml but no smallshire.csv beside it: add its table of LSOAs"
    with pytest.raises(InputError, match=f"^{re.escape(message)}$"):
        areas(tmp_path)


def test_an_unknown_area_is_an_error_that_names_the_nearest() -> None:
    with pytest.raises(
        InputError,
        match=r"^there is no area 'herefordshir': choose one of .*herefordshire.*\. Did you mean 'herefordshire'\?$",
    ):
        area("herefordshir")


@pytest.mark.parametrize(
    ("settings", "table", "message"),
    [
        (
            SETTINGS.replace('force = "smallshire"\n', ""),
            TABLE,
            "areas/x.toml cannot be used: the field 'force' is missing",
        ),
        (
            SETTINGS.replace('"E01000002"', '"E01000009"'),
            TABLE,
            "areas/x.toml splits E01000009, which is not in areas/x.csv: correct the code",
        ),
        (
            SETTINGS,
            TABLE.replace(",rural_urban", ",ruc"),
            "areas/x.csv has no column rural_urban; it needs lsoa11_code, lsoa11_name, ward21_code, ward21_name, "
            "rural_urban, more_rural, market_town",
        ),
        (
            SETTINGS,
            TABLE.replace("rural,yes", "country,yes"),
            "areas/x.csv: E01000001 has rural_urban 'country'; it must be rural or urban",
        ),
        (
            SETTINGS,
            TABLE.replace("E01000001", "E01000002"),
            "areas/x.csv lists E01000002 twice: keep one line for each",
        ),
        ("", TABLE.splitlines()[0], "areas/x.toml cannot be used: the field 'name' is missing"),
    ],
)
def test_a_definition_that_cannot_be_used_says_why(settings: str, table: str, message: str) -> None:
    with pytest.raises(InputError, match=f"^{re.escape(message)}$"):
        parse_area("x", settings, table)
