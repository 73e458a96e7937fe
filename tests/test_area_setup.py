"""Set-up of real areas from files as people have them: none is lost, and what cannot be used is named."""

import csv
import gzip
import json
import re
import shutil
import zipfile
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest
from conftest import call, said
from shapely.geometry import box, mapping, shape

from hcsp_assess.assessment.wording.briefing import title_year
from hcsp_assess.assessment.wording.words import lower_first
from hcsp_assess.edition.residents import deprivation_of
from hcsp_assess.errors import InputError
from hcsp_assess.setup.new_partnership import new_partnership
from hcsp_assess.sources.geography import geography
from hcsp_assess.sources.point_extract import read_point_extract
from hcsp_assess.sources.text_table import read_heading, read_text_table

CHELTENHAM, TEWKESBURY = "E07000078", "E07000083"
LOOKUPS = (
    "geography/ons-lookups/lsoa11_wd21_lad21.csv.gz",
    "geography/ons-lookups/194_lad19_csp19_pfa19.csv.gz",
    "rural-urban/composite_ruc.csv.gz",
)
FIGURES = (
    "geography/ons-lookups/004_imd19_lsoa11_england_rank.csv.gz",
    "population/census_2011_population_hh_lsoa.csv.gz",
    "population/lsoa_2019_population.csv.gz",
)
VINTAGES = "cheltenham/LSOA11_LSOA21_LAD22_EW_LU.csv.gz"


@pytest.fixture(scope="module")
def lookup(shared: Path) -> pd.DataFrame:
    """The national lookup of 2021, one row for each LSOA of 2011."""
    path = shared / "data" / LOOKUPS[0]
    return pd.read_csv(path, dtype="str", encoding="utf-8-sig").drop_duplicates("LSOA11CD")


@pytest.fixture(scope="module")
def vintages(shared: Path) -> pd.DataFrame:
    """The national lookup from 2011 to 2021 LSOAs."""
    return pd.read_csv(shared / "cases" / "areas" / VINTAGES, dtype="str")


@pytest.fixture
def national(shared: Path, tmp_path: Path):
    """Make a folder of national files: lookups and figures, and what the test adds; `without` some of them."""

    def made(*cases: str, without: tuple[str, ...] = ()) -> Path:
        folder = tmp_path / "nat"
        folder.mkdir()
        for name in (*LOOKUPS, *FIGURES):
            if not any(part in name for part in without):
                (folder / Path(name).name).symlink_to(shared / "data" / name)
        for case in cases:
            source = shared / "cases" / "areas" / case
            files = [source] if source.is_file() else [path for path in source.rglob("*") if path.is_file()]
            for path in files:
                if not any(part in path.name for part in without):
                    (folder / f"{case.split('/')[0]}-{path.name}").symlink_to(path)
        return folder

    return made


def check_cheltenham(tmp_path: Path, folder: Path) -> None:
    """75 LSOAs of 2011, 77 of 2021, two splits, and boundaries that cover the district (4,661 hectares)."""
    made = new_partnership(CHELTENHAM, tmp_path, folder)
    assert (made.area.name, made.lsoas, len(made.area.lsoas("2021"))) == ("Cheltenham", 75, 77)
    assert sorted(len(parts) for _, parts in made.area.splits) == [2, 2]
    here = geography("cheltenham", tmp_path)
    assert len(here.boundaries("lsoa21")) == 77
    assert here.boundaries("area").area.sum() / 10_000 == pytest.approx(here.table["hectares"].sum(), rel=0.01)


@pytest.mark.parametrize(
    ("cases", "without"),
    [
        (("cheltenham",), ()),
        (("geojson_27700/nat", VINTAGES), ()),
        (("geojson_27700/nat",), ()),
        (("cheltenham", "tewkesbury_geometry_first/nat"), ()),
        (("cheltenham", "csv_cp1252_beside/nat", "csv_utf16_beside/nat"), ()),
        (("cheltenham", "lookup_semicolon/nat"), ("194_",)),
        (("geojson_27700/nat", "lookup_f_lsoa11cd/nat"), ()),
    ],
    ids=[
        "as published",
        "National Grid",
        "no 2021 lookup",
        "two districts",
        "odd files beside",
        "semicolons",
        "F_LSOA",
    ],
)
def test_cheltenham_is_whole_whatever_the_form_of_its_files(national, tmp_path: Path, cases, without) -> None:
    check_cheltenham(tmp_path, national(*cases, without=without))


def test_of_two_districts_in_one_folder_each_has_its_own_boundaries(national, tmp_path: Path) -> None:
    folder = national("cheltenham", "tewkesbury_geometry_first/nat")
    made = new_partnership(TEWKESBURY, tmp_path, folder)
    assert (made.area.name, made.lsoas, len(made.area.lsoas("2021"))) == ("Tewkesbury", 50, 56)


@pytest.mark.parametrize("form", ["topojson", "gpkg", "shp.zip", "lower case", "json.gz", "no crs member", "spaced"])
def test_boundaries_are_read_in_the_forms_they_are_published_in(
    shared: Path, national, tmp_path: Path, form: str
) -> None:
    folder = national("cheltenham")
    for path in sorted(folder.glob("*.geojson")):
        content = path.read_text(encoding="utf-8")
        path.unlink()
        target = folder / path.stem
        if form == "lower case":
            text = re.sub(r'"((?:LSOA|WD)\d\d(?:CD|NM))"', lambda found: found[0].lower(), content)
            target.with_suffix(".json").write_text(text, encoding="utf-8")
        elif form == "json.gz":
            target.with_suffix(".json.gz").write_bytes(gzip.compress(content.encode()))
        elif form == "spaced":
            target.with_suffix(".geojson").write_text(
                json.dumps(json.loads(content), separators=(" , ", " : "), indent=3)
            )
        elif form == "no crs member":
            frame = gpd.GeoDataFrame.from_features(json.loads(content)["features"], crs=4326).to_crs(27700)
            plain = json.loads(frame.to_json(drop_id=True))
            plain.pop("crs", None)
            target.with_suffix(".geojson").write_text(json.dumps(plain), encoding="utf-8")
        else:
            frame = gpd.GeoDataFrame.from_features(json.loads(content)["features"], crs=4326)
            frame = frame[[name for name in frame if re.fullmatch(r"(LSOA|WD)\d\d(CD|NM)|geometry", name)]]
            write_form(frame, target, form)
    check_cheltenham(tmp_path, folder)


def write_form(frame: gpd.GeoDataFrame, target: Path, form: str) -> None:
    if form == "gpkg":
        frame.to_crs(27700).to_file(target.with_suffix(".gpkg"), driver="GPKG")
    elif form == "topojson":
        arcs, shapes = [], []
        for row in frame.itertuples(index=False):
            polygons = getattr(row.geometry, "geoms", [row.geometry])
            rings = []
            for polygon in polygons:
                arcs.append([list(point) for point in polygon.exterior.coords])
                rings.append([[len(arcs) - 1]])
            names = {name: getattr(row, name) for name in frame.columns if name != "geometry"}
            shapes.append({"type": "MultiPolygon", "arcs": rings, "properties": names})
        whole = {"type": "GeometryCollection", "geometries": shapes}
        text = json.dumps({"type": "Topology", "objects": {"areas": whole}, "arcs": arcs})
        target.with_suffix(".topojson").write_text(text, encoding="utf-8")
    else:
        folder = target.with_suffix("")
        folder.mkdir()
        frame.to_crs(27700).to_file(folder / "areas.shp")
        with zipfile.ZipFile(target.with_suffix(".zip"), "w") as archive:
            for path in folder.iterdir():
                archive.write(path, f"export/{path.name}")
        shutil.rmtree(folder)


@pytest.mark.parametrize(
    ("layer", "lookup", "message"),
    [
        ("neighbour", True, r"boundaries of 2021 LSOAs \(.*\) lack 77 of the 77 of the district"),
        ("neighbour", False, r"boundaries of 2021 LSOAs \(.*\) cover 0% of the district"),
        ("half", False, r"boundaries of 2021 LSOAs \(.*\) cover [345]\d% of the district"),
        ("empty", True, r"boundaries of 2021 LSOAs .* lack 77 of the 77|boundaries of 2021 LSOAs is not in nat/"),
        ("drawn small", True, r"^the boundaries of 2021 LSOAs cover 0% of the district"),
        ("far away", True, r"boundaries of 2021 LSOAs: its file has coordinates that are not in England or Wales"),
    ],
)
def test_a_2021_layer_that_does_not_cover_the_district_is_refused_and_nothing_is_written(
    shared: Path, national, tmp_path: Path, layer: str, lookup: bool, message: str
) -> None:
    folder = national("cheltenham", without=() if lookup else ("LSOA11_LSOA21",))
    path = next(folder.glob("*-lsoa.geojson"))
    content = json.loads(path.read_text(encoding="utf-8"))
    path.unlink()
    if layer == "neighbour":
        shutil.copy(shared / "cases/areas/tewkesbury_geometry_first/nat/lsoa.geojson", path)
    else:
        kept = {"half": content["features"][::2], "empty": []}.get(layer, content["features"])
        if layer == "drawn small":
            for feature in kept:
                feature["geometry"] = mapping(shape(feature["geometry"]).representative_point().buffer(1e-5))
        if layer == "far away":
            for feature in kept:  # degrees the wrong way round
                text = re.sub(r"\[(-[\d.]+), ([\d.]+)\]", r"[\2, \1]", json.dumps(feature["geometry"]))
                feature["geometry"] = json.loads(text)
        path.write_text(json.dumps(content | {"features": kept}), encoding="utf-8")
    root = tmp_path / "project"
    root.mkdir()
    with pytest.raises(InputError, match=message):
        new_partnership(CHELTENHAM, root, folder)
    assert not list(root.iterdir())


def test_a_file_that_is_no_table_is_named_when_one_is_missing(national, tmp_path: Path) -> None:
    folder = national("cheltenham", without=("composite_ruc",))
    (folder / "ruc.csv").write_bytes(b"PK\x03\x04 a workbook by another name")
    (folder / "wards.geojson").write_text('{"type": "FeatureCollection", "features": [{"type', encoding="utf-8")
    (tmp_path / "data" / "raw").mkdir(parents=True)
    result = call(
        "new", "partnership", "--code", CHELTENHAM, "--from", folder, "--no-boundaries", "--project", tmp_path
    )
    assert result.exit_code == 1
    assert "the rural-urban classification of LSOAs is not in nat/: download it" in said(result)
    assert "ruc.csv is a workbook or a zip file, not CSV" in said(result)
    next(folder.glob("*-ward.geojson")).unlink()
    with pytest.raises(InputError, match=r"(?s)\d\. the boundaries of wards .*Not readable there: .*wards\.geojson"):
        new_partnership(CHELTENHAM, tmp_path, national_again(folder))


def national_again(folder: Path) -> Path:
    """The folder with the classification put back."""
    (folder / "ruc.csv").unlink()
    return folder


#: Districts of every kind: cities, counties, London, Wales, those that share a 2021 LSOA, and those created since 2019.
THIRTY = (
    *("E06000001", "E06000019", "E06000023", "E06000051", "E06000053", "E06000057", "E06000060", "E07000041"),
    *("E07000078", "E07000083", "E07000235", "E07000237", "E07000238", "E07000240", "E07000241", "E07000242"),
    *("E07000243", "E08000025", "E08000037", "E09000001", "E09000002", "E09000033", "W06000001", "W06000010"),
    *("W06000023", "E06000061", "E06000063", "E06000064", "E06000065", "E06000066"),
)
CREATED_LATER = {
    "E06000063": ("E07000026", "E07000028", "E07000029"),
    "E06000064": ("E07000027", "E07000030", "E07000031"),
    "E06000065": tuple(f"E0700016{n}" for n in range(3, 10)),
    "E06000066": ("E07000187", "E07000188", "E07000189", "E07000246"),
}


def test_every_lsoa_of_the_lookup_is_in_exactly_one_of_thirty_districts(
    national, tmp_path: Path, lookup: pd.DataFrame, vintages: pd.DataFrame
) -> None:
    folder = national("cheltenham")
    old_codes = set(lookup["LSOA11CD"])
    of_2011, of_2021 = {}, {}
    for code in THIRTY:
        made = new_partnership(code, tmp_path, folder, key=code.lower(), boundaries=False)
        wanted = set(lookup.loc[lookup["LAD21CD"].isin(CREATED_LATER.get(code, (code,))), "LSOA11CD"])
        assert made.lsoas == len(wanted) > 0, code
        assert set(made.area.folds) & old_codes == wanted, code
        for old in wanted:
            assert old not in of_2011, f"{old} is in {code} and in {of_2011[old]}"
            of_2011[old] = code
        for new in set(made.area.folds) - old_codes:
            assert new not in of_2021, f"{new} is in {code} and in {of_2021[new]}"
            of_2021[new] = code
    mine = vintages[vintages["LSOA11CD"].isin(of_2011)]
    crossing = {"E01035581", "E01035582", "E01035637"}  # by the lookup each is in the district of its LAD22CD
    assert set(mine["LSOA21CD"]) - old_codes == set(of_2021)
    homes = vintages.drop_duplicates("LSOA21CD").set_index("LSOA21CD")["LAD22CD"]
    assert {code: of_2021[code] for code in crossing} == homes[sorted(crossing)].to_dict()


def test_a_district_created_since_is_set_up_from_a_lookup_of_2021_lsoas_too(
    shared: Path, national, tmp_path: Path, lookup: pd.DataFrame, vintages: pd.DataFrame
) -> None:
    folder = national("cheltenham", without=("lsoa11_wd21",))
    parts = CREATED_LATER["E06000066"]
    districts = dict(zip(lookup["LSOA11CD"], lookup["LAD21CD"].replace(dict.fromkeys(parts, "E06000066")), strict=True))
    newer = vintages.drop_duplicates("LSOA21CD")
    newer = pd.DataFrame(
        {
            "LSOA21CD": newer["LSOA21CD"],
            "LSOA21NM": newer["LSOA21NM"],
            "WD23CD": "E05000001",
            "WD23NM": "A ward",
            "LAD23CD": newer["LSOA11CD"].map(districts),
            "LAD23NM": "Somerset",
        }
    )
    newer.to_csv(folder / "newer.csv", index=False)
    made = new_partnership("E06000066", tmp_path, folder, boundaries=False)
    wanted = set(lookup.loc[lookup["LAD21CD"].isin(parts), "LSOA11CD"])
    assert made.lsoas == len(wanted) == 327
    assert wanted <= set(made.area.folds)
    assert (made.area.name, made.area.partnership_code, made.area.force) == (
        "Somerset",
        "E22000369",
        "avon-and-somerset",
    )


def test_a_lookup_that_is_older_than_the_district_is_said_to_be(national, tmp_path: Path) -> None:
    folder = national("cheltenham", without=("lsoa11_wd21",))
    old = pd.DataFrame({"LSOA11CD": ["E01000001"], "LSOA11NM": ["City of London 001A"], "WD17CD": ["E05000001"],
                        "WD17NM": ["A"], "LAD17CD": ["E09000001"], "LAD17NM": ["City of London"]})  # fmt: skip
    old.to_csv(folder / "old.csv", index=False)
    message = (
        r"^North Yorkshire \(E06000065\) is not in the lookup from 2011 LSOAs to wards and districts: yours is of 2017, "
        r"and the district was created later or has a new code\. Download the lookup from 2021 LSOAs"
    )
    with pytest.raises(InputError, match=message):
        new_partnership("E06000065", tmp_path, folder, boundaries=False)


@pytest.mark.parametrize(
    ("code", "name", "key"),
    [("E09000001", "City of London", "city-of-london"), ("E06000023", "Bristol", "bristol"),
     ("W06000001", "Ynys Môn", "ynys-mon"), ("E09000002", "Barking and Dagenham", "barking-and-dagenham")],
)  # fmt: skip
def test_areas_are_named_as_people_name_them(
    shared: Path, national, tmp_path: Path, code: str, name: str, key: str
) -> None:
    folder = national("cheltenham")
    if code.startswith("W"):
        path = folder / "194_lad19_csp19_pfa19.csv.gz"
        table = pd.read_csv(path, dtype="str")
        path.unlink()
        table.replace("Isle of Anglesey", "Ynys Môn").to_csv(folder / "csp.csv", index=False, encoding="cp1252")
    made = new_partnership(code, tmp_path, folder, boundaries=False)
    assert (made.area.name, made.area.key) == (name, key)


POWYS = "W06000023"


@pytest.fixture
def powys(shared: Path, national, lookup: pd.DataFrame, vintages: pd.DataFrame) -> Path:
    """National files for Powys; the boundaries are squares, since none of Wales are among the shared files."""
    folder = national("cheltenham/LSOA11_LSOA21_LAD22_EW_LU.csv.gz", without=("004_imd19",))
    (folder / "uk.csv.gz").symlink_to(shared / "data/deprivation/UK_IMD_E.csv.gz")
    codes = lookup.loc[lookup["LAD21CD"] == POWYS, "LSOA11CD"].sort_values().tolist()
    links = vintages[vintages["LSOA11CD"].isin(codes)]
    assert set(links["LSOA21CD"]) == set(codes)  # none of Powys changed
    squares = [box(300_000 + 900 * (i % 10), 250_000 + 900 * (i // 10), 300_900 + 900 * (i % 10),
                   250_900 + 900 * (i // 10)) for i in range(len(codes))]  # fmt: skip
    names = links.drop_duplicates("LSOA21CD").set_index("LSOA21CD")["LSOA21NM"][codes].tolist()
    layers = {
        "lsoa11": {"LSOA11CD": codes},
        "lsoa21": {"LSOA21CD": codes, "LSOA21NM": names},
        "wards": {"WD24CD": codes, "WD24NM": names},
    }
    for name, columns in layers.items():
        gpd.GeoDataFrame(columns, geometry=squares, crs=27700).to_file(folder / f"{name}.gpkg", driver="GPKG")
    return folder


def test_a_welsh_partnership_has_its_own_index_classes_and_population(
    shared: Path, powys: Path, tmp_path: Path
) -> None:
    made = new_partnership(POWYS, tmp_path, powys)
    assert (made.area.name, made.area.country, made.lsoas, made.area.force) == ("Powys", "Wales", 79, "dyfed-powys")
    here = geography("powys", tmp_path)
    codes = here.table.index
    composite = pd.read_csv(shared / "data/deprivation/UK_IMD_E.csv.gz").set_index("lsoa").loc[codes]
    assert here.table["imd2019_decile"].tolist() == composite["original_decile"].tolist()
    scores = pd.read_csv(shared / "data/deprivation/UK_IMD_E.csv.gz").query("nation == 'W'")["overall_local_score"]
    higher = [int((scores > composite.loc[code, "overall_local_score"]).sum()) for code in codes]
    assert here.table["imd2019_rank"].tolist() == [above + 1 for above in higher]  # 1 is the most deprived in Wales
    assert here.table["population_2011"].sum() == 132_976  # census of 2011, Powys
    rural = pd.read_csv(shared / "data/rural-urban/composite_ruc.csv.gz").set_index("lsoa").loc[codes, "ukruc-2"]
    assert here.table["rural"].tolist() == rural.eq(1).tolist()
    assert "Welsh Index of Multiple Deprivation 2019: Welsh Government" in here.attribution
    assert "Ministry of Housing" not in here.attribution
    assert deprivation_of(here, 2025).words == "Welsh Index of Multiple Deprivation 2019"


@pytest.mark.parametrize("form", ["caps", "cp1252", "semi", "utf16", "thousands", "ukdates"])
def test_a_table_is_read_alike_in_every_form_that_people_save_it_in(shared: Path, form: str) -> None:
    points = shared / "cases" / "areas" / "points"
    plain, other = (read_point_extract(points / f"{name}.csv") for name in ("ok", form))
    assert other.rows_in == plain.rows_in == len(pd.read_csv(points / "ok.csv"))
    columns = ["easting", "northing", "first"]
    pd.testing.assert_frame_equal(other.table[columns], plain.table[columns], check_dtype=False)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_the_text_of_a_table_does_not_depend_on_how_it_was_saved(tmp_path: Path, encoding: str, separator: str) -> None:
    rows = [["LAD15NM", "ward"], ["Ynys M\u00f4n", "Llanfair, yn"], ["Caf\u00e9 Row", 'the "New" Inn; yard']]
    path = tmp_path / "wards.csv"
    with path.open("w", encoding=encoding, newline="") as file:
        csv.writer(file, delimiter=separator).writerows(rows)
    table = read_text_table(path, keep_default_na=False)
    assert [list(table.columns), *table.to_numpy().tolist()] == rows
    assert read_heading(path) == rows[0]


def test_a_name_keeps_its_capital_in_the_title_of_a_briefing() -> None:
    for name in ("Ynys M\u00f4n", "Barking and Dagenham", "City of London"):
        assert title_year(f"{name}: recorded crime, year to June 2025", name) == (
            f"Briefing: {name}: recorded crime, year to June 2025"
        )
    assert title_year("Strategic assessment 2013-14", "Herefordshire") == "Briefing: strategic assessment 2013-14"
    assert lower_first("MARAC cases") == "MARAC cases"
