"""Build the area definition and reference geography of any partnership in England from published national files."""

import csv
import gzip
import json
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from hcsp_assess.errors import InputError
from hcsp_assess.sources.geography import COLUMNS, METRES
from hcsp_assess.subject.areas import COLUMNS as AREA_COLUMNS

if TYPE_CHECKING:
    import geopandas as gpd

SIMPLIFY_METRES = 50.0  # on a page-wide map of a county this is less than a pixel
SLIVER = 0.01  # overlaps below this share of the smaller area are differences in digitising
ATTRIBUTION = (
    "Source: Office for National Statistics, licensed under the Open Government Licence v3.0. Contains National "
    "Statistics and OS data © Crown copyright and database right. Indices of Deprivation 2019: Ministry of Housing, "
    "Communities and Local Government, OGL v3.0. Rural-urban classification as published by mySociety (uk_ruc), CC BY "
    "4.0. Names of MSOAs: House of Commons Library, Open Parliament Licence v3.0."
)


@dataclass(frozen=True)
class NationalFile:
    """A published file that is recognised by its columns, whatever its name; columns may be patterns with a year."""

    what: str
    columns: tuple[str, ...]
    where: str


GEOPORTAL = "geoportal.statistics.gov.uk"
LOOKUP = NationalFile(
    "the lookup from 2011 LSOAs to wards and districts",
    (r"LSOA11CD", r"LSOA11NM", r"WD\d\dCD", r"LAD\d\dCD"),
    GEOPORTAL,
)
DISTRICTS = NationalFile(
    "the lookup from districts to community safety partnerships and police force areas",
    (r"LAD\d\dCD", r"LAD\d\dNM", r"CSP\d\dCD", r"PFA\d\dNM"),
    GEOPORTAL,
)
CENSUS = NationalFile(
    "the 2011 census population and households of LSOAs",
    (r"LSOA Code", r"MSOA Code", r"MSOA Name", r"Persons", r"Hectares", r"Households"),
    "nomisweb.co.uk, tables KS101EW and KS105EW",
)
POPULATION = NationalFile(
    "the mid-2019 population of LSOAs",
    (r"lsoa", r"pop"),
    "ons.gov.uk, lower layer super output area mid-year estimates",
)
DEPRIVATION = NationalFile("the Index of Multiple Deprivation 2019 rank of LSOAs", (r"LSOA11CD", r"IMD19"), GEOPORTAL)
RURAL_URBAN = NationalFile(
    "the rural-urban classification of LSOAs", (r"lsoa", r"ukruc-2", r"ukruc-3"), "github.com/mysociety/uk_ruc"
)
MSOA_NAMES = NationalFile(
    "the House of Commons Library's names of MSOAs", (r"MSOA11CD", r"MSOA11HCLNM"), "github.com/drkane/geo-lookups"
)
LSOA11 = NationalFile("the boundaries of 2011 LSOAs", ("LSOA11CD",), GEOPORTAL)
LSOA21 = NationalFile("the boundaries of 2021 LSOAs", ("LSOA21CD", "LSOA21NM"), GEOPORTAL)
WARDS = NationalFile("the boundaries of wards", (r"WD(?:2[1-9]|[3-9]\d)CD", r"WD(?:2[1-9]|[3-9]\d)NM"), GEOPORTAL)


def build_geography(district_code: str, folder: Path, root: Path, *, key: str) -> list[Path]:
    """Write `areas/KEY.toml`, `areas/KEY.csv` and `geography/KEY/` for one district into a project.

    Parameters
    ----------
    district_code : str
        ONS code of the local authority district, such as "E06000019".
    folder : Path
        Where the downloaded national files lie, at any depth; csv, csv.gz, geojson or geojson.gz, under any name.
    root : Path
        Root of the project; files there are replaced.
    key : str
        Name for the area in this project, such as "herefordshire".

    Returns
    -------
    list of Path
        The files written. Then review `market_town` in the table by hand: nothing national says which towns these are.

    Raises
    ------
    InputError
        If a file is missing; the message says which, by what columns it is known and where it is published. If an LSOA
        of the district is missing from one of them.

    Notes
    -----
    2011 and 2021 LSOAs are matched by overlap of their boundaries. Where LSOAs were merged or redrawn, all that overlap
    become one small area, under the first 2011 code: figures then stay comparable over the change.
    """
    lookup = read_national(folder, LOOKUP, newest="WD")
    lookup = lookup[lookup["LAD_CD"] == district_code]
    if lookup.empty:
        raise InputError(f"{LOOKUP.what} has no district {district_code!r}: give its ONS code, such as E06000019")
    districts = read_national(folder, DISTRICTS, newest="LAD")
    district = districts[districts["LAD_CD"] == district_code]
    if district.empty:
        raise InputError(f"{DISTRICTS.what} has no district {district_code!r}: download the one of the same year")
    lsoa11 = _read_boundaries(folder, LSOA11)
    lsoa11 = lsoa11[lsoa11["code"].isin(lookup["LSOA11CD"])]
    outline = lsoa11.union_all()
    lsoa21, wards = (_within(_read_boundaries(folder, file), outline) for file in (LSOA21, WARDS))
    units = match_vintages(lsoa11, lsoa21)
    table = _table(folder, lookup, units)
    target = root / "geography" / key
    for place in (target, root / "areas"):
        place.mkdir(parents=True, exist_ok=True)
    rural = table["rural_urban"].eq("rural")
    texts = {
        root / "areas" / f"{key}.toml": settings_text(district_code, district.iloc[0], units, lsoa21, _named(lookup)),
        root / "areas" / f"{key}.csv": table[list(AREA_COLUMNS)].to_csv(index=False, lineterminator="\n"),
        target / "areas.csv": table[list(COLUMNS)].to_csv(index=False, lineterminator="\n"),
        target / "lsoa21.geojson": to_geojson(lsoa21),
        target / "wards.geojson": to_geojson(wards),
        target / "geography.toml": _geography_settings(
            propose_insets(lsoa21, set(table["lsoa11_code"][~rural]), units)
        ),
    }
    for path, text in texts.items():
        path.write_text(text, encoding="utf-8", newline="\n")
    return list(texts)


def match_vintages(lsoa11: "gpd.GeoDataFrame", lsoa21: "gpd.GeoDataFrame") -> dict[str, list[str]]:
    """Return, by the first 2011 code, all codes of either vintage that stand for the same ground.

    A 2011 and a 2021 LSOA belong together if they have the same code or overlap by more than 1% of the smaller one.
    """
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    codes = sorted(set(lsoa11["code"]) | set(lsoa21["code"]))
    number = {code: i for i, code in enumerate(codes)}
    links = [(number[old], number[new]) for old, new in _overlaps(lsoa11, lsoa21)]
    ends = np.array(links, dtype=int).reshape(-1, 2).T
    graph = coo_array((np.ones(len(links)), (ends[0], ends[1])), shape=(len(codes), len(codes)))
    _, group = connected_components(graph, directed=False)
    members = pd.Series(codes).groupby(group).agg(list)
    old = set(lsoa11["code"])
    units = {next((code for code in sorted(group) if code in old), ""): sorted(group) for group in members}
    if "" in units:
        raise InputError(f"2021 LSOA {units[''][0]} lies on no 2011 LSOA of the district: check both boundary files")
    return dict(sorted(units.items()))


def _overlaps(lsoa11: "gpd.GeoDataFrame", lsoa21: "gpd.GeoDataFrame") -> list[tuple[str, str]]:
    """Pairs of 2011 and 2021 codes that share ground; an unchanged code needs no geometry."""
    same = set(lsoa11["code"]) & set(lsoa21["code"])
    old, new = (frame[~frame["code"].isin(same)] for frame in (lsoa11, lsoa21))
    pairs = [(code, code) for code in same]
    if old.empty or new.empty:
        return pairs
    pieces = old.overlay(new, how="intersection", keep_geom_type=True)
    areas = {code: float(area) for frame in (old, new) for code, area in zip(frame["code"], frame.area, strict=True)}
    smaller = np.minimum(pieces["code_1"].map(areas), pieces["code_2"].map(areas))
    kept = pieces[pieces.area > SLIVER * smaller]
    return pairs + list(zip(kept["code_1"], kept["code_2"], strict=True))


def _table(folder: Path, lookup: pd.DataFrame, units: dict[str, list[str]]) -> pd.DataFrame:
    """One row per small area with the columns of both tables; figures of joined LSOAs are added up."""
    home = {code: unit for unit, codes in units.items() for code in codes}
    codes = lookup["LSOA11CD"].drop_duplicates()
    census = _census(read_national(folder, CENSUS))
    deprivation = read_national(folder, DEPRIVATION).set_index("LSOA11CD")["IMD19"]
    sources = {
        CENSUS.what: census,
        POPULATION.what: read_national(folder, POPULATION).set_index("lsoa"),
        DEPRIVATION.what: deprivation.to_frame(),
        RURAL_URBAN.what: read_national(folder, RURAL_URBAN).set_index("lsoa")[["ukruc-2", "ukruc-3"]].astype(int),
    }
    for what, frame in sources.items():
        lost = sorted(set(codes) - set(frame.index))
        if lost:
            raise InputError(
                f"{what} lacks {len(lost)} LSOAs of the district, such as {lost[0]}: is it the 2011 vintage?"
            )
    joined = lookup.drop_duplicates("LSOA11CD").set_index("LSOA11CD").join(list(sources.values()))
    joined["pop"] = _numbers(joined["pop"])
    joined["unit"] = joined.index.map(home)
    first = joined.sort_index().groupby("unit").first()
    total = joined.groupby("unit")[["population_2011", "households_2011", "hectares", "pop"]].sum()
    weighted = joined.assign(ruc=joined["ukruc-2"] * joined["pop"], more=(joined["ukruc-3"] == 2) * joined["pop"])
    shares = weighted.groupby("unit")[["ruc", "more"]].sum().div(total["pop"], axis=0)
    names = _msoa_names(folder)
    rank = joined.groupby("unit")["IMD19"].min().astype(int)
    return pd.DataFrame(
        {
            "lsoa11_code": first.index,
            "lsoa11_name": first["LSOA11NM"],
            "ward21_code": first["WD_CD"],
            "ward21_name": first["WD_NM"],
            "rural_urban": np.where(shares["ruc"] > 0.5, "rural", "urban"),
            "more_rural": np.where(shares["more"] > 0.5, "yes", "no"),
            "market_town": "",
            "msoa11_code": first["msoa11_code"],
            "msoa11_name": first["msoa11_code"].map(names).fillna(first["msoa11_name"]),
            "population_2011": total["population_2011"].astype(int),
            "households_2011": total["households_2011"].astype(int),
            "hectares": total["hectares"].astype(int),
            "population_2019": total["pop"].astype(int),
            "imd2019_rank": rank,
            "imd2019_decile": np.ceil(rank / (deprivation.astype(int).max() / 10)).astype(int),
        }
    ).reset_index(drop=True)


def _census(table: pd.DataFrame) -> pd.DataFrame:
    columns = {
        "MSOA Code": "msoa11_code",
        "MSOA Name": "msoa11_name",
        "Persons": "population_2011",
        "Households": "households_2011",
        "Hectares": "hectares",
    }
    census = table.set_index("LSOA Code")[list(columns)].rename(columns=columns)
    for column in ("population_2011", "households_2011", "hectares"):
        census[column] = _numbers(census[column])
    return census


def _msoa_names(folder: Path) -> dict[str, str]:
    """Names that residents know, where the file is there: it is the only one that may be missing."""
    path = _find(folder, MSOA_NAMES)
    if path is None:
        return {}
    named = read_national(folder, MSOA_NAMES).query("MSOA11HCLNM != ''").drop_duplicates("MSOA11CD")
    return dict(zip(named["MSOA11CD"], named["MSOA11HCLNM"], strict=True))


def _numbers(values: pd.Series) -> pd.Series:
    return pd.to_numeric(values.astype(str).str.replace(",", ""))


def _within(frame: "gpd.GeoDataFrame", outline: Any) -> "gpd.GeoDataFrame":
    return frame[frame.representative_point().within(outline)].sort_values("code").reset_index(drop=True)


def to_geojson(frame: "gpd.GeoDataFrame") -> str:
    """Return boundaries as GeoJSON, one feature a line, simplified together so that neighbours keep a common line."""
    import geopandas as gpd
    import shapely

    simple = shapely.coverage_simplify(frame.geometry.to_numpy(), SIMPLIFY_METRES)
    degrees = gpd.GeoSeries(simple, crs=METRES).to_crs(4326).to_numpy()
    rounded = shapely.transform(degrees, lambda points: np.round(points, 5))
    lines = [
        json.dumps(
            {
                "type": "Feature",
                "properties": {"code": code, "name": name},
                "geometry": json.loads(shapely.to_geojson(g)),
            },
            separators=(",", ":"),
            ensure_ascii=False,
        )
        for code, name, g in zip(frame["code"], frame["name"], rounded, strict=True)
    ]
    return '{"type":"FeatureCollection","features":[\n' + ",\n".join(lines) + "\n]}\n"


def propose_insets(
    lsoa21: "gpd.GeoDataFrame", urban: set[str], units: dict[str, list[str]], *, least: int = 10
) -> list[tuple[str, list[float]]]:
    """Propose the parts to draw larger: groups of adjoining urban LSOAs, at least ten, largest first."""
    codes = {code for unit in urban for code in units[unit]}
    towns = lsoa21[lsoa21["code"].isin(codes)]
    if towns.empty:
        return []
    parts = towns.geometry.buffer(1).union_all()
    blocks = sorted(getattr(parts, "geoms", [parts]), key=lambda block: -block.area)
    proposed: list[tuple[str, list[float]]] = []
    for block in blocks:
        inside = towns[towns.representative_point().within(block)]
        if len(inside) >= least:
            west, south, east, north = inside.to_crs(4326).total_bounds
            proposed.append((f"Town {len(proposed) + 1}", [round(float(v), 3) for v in (west, south, east, north)]))
    return proposed


def _named(lookup: pd.DataFrame) -> pd.DataFrame:
    """Code and name of the 2011 LSOAs of a lookup."""
    return lookup[["LSOA11CD", "LSOA11NM"]].set_axis(["code", "name"], axis="columns").drop_duplicates("code")


def settings_text(
    code: str, district: "pd.Series[str]", units: dict[str, list[str]], lsoa21: pd.DataFrame, lsoa11: pd.DataFrame
) -> str:
    """Return the TOML of an area's definition.

    Parameters
    ----------
    code : str
        ONS code of the district.
    district : pandas.Series
        Its row in the lookup from districts to partnerships: `LAD_NM`, `CSP_CD`, `PFA_NM`.
    units : dict of str to list of str
        All codes of either vintage that stand for the same ground, by the first 2011 code; see `match_vintages`.
    lsoa21, lsoa11 : pandas.DataFrame
        `code` and `name` of the LSOAs of each vintage.
    """
    force = re.sub(r"[^a-z]+", "-", str(district["PFA_NM"]).lower()).strip("-")
    fields = {
        "name": short_name(str(district["LAD_NM"])),
        "full_name": district["LAD_NM"],
        "district_code": code,
        "partnership_code": district["CSP_CD"],
        "force": force,
        "force_name": district["PFA_NM"],
        "classification": "Rural-Urban Classification 2011, by 2011 LSOA",
    }
    lines = ["# Built from national files; review it, and fill in market_town in the table of the same name.", ""]
    lines += [f"{name} = {json.dumps(str(value), ensure_ascii=False)}" for name, value in fields.items()]
    vintages = {"lsoa11": lsoa11, "lsoa21": lsoa21}
    for unit, codes in units.items():
        if codes == [unit]:
            continue
        lines += ["", "[[split]]", f'lsoa11_code = "{unit}"']
        for vintage, frame in vintages.items():
            names = dict(zip(frame["code"], frame["name"], strict=True))
            parts = [part for part in codes if part in names and (vintage, part) != ("lsoa11", unit)]
            if parts:
                rows = [f"  {{ code = {json.dumps(part)}, name = {json.dumps(names[part])} }}," for part in parts]
                lines += [f"{vintage} = [", *rows, "]"]
    return "\n".join(lines) + "\n"


def _geography_settings(insets: Iterable[tuple[str, list[float]]]) -> str:
    lines = ["# Credit, and the towns to draw larger on maps: west, south, east, north in degrees.", ""]
    lines += [f"attribution = {json.dumps(ATTRIBUTION, ensure_ascii=False)}"]
    for name, bounds in insets:
        lines += ["", "[[inset]]", f"name = {json.dumps(name)}", f"bounds = {bounds}"]
    return "\n".join(lines) + "\n"


def build_districts(folder: Path) -> pd.DataFrame:
    """Return the table of districts that `hcsp_assess.sources.geography.districts` reads: 2019's and 2021's."""
    of_2019 = read_national(folder, DEPRIVATION).rename(columns=lambda name: re.sub(r"^LAD\d\d", "LAD_", name))
    of_2021 = read_national(folder, LOOKUP, newest="WD")
    homes = pd.concat([of_2019, of_2021[~of_2021["LAD_CD"].isin(of_2019["LAD_CD"])]])
    population = _numbers(read_national(folder, POPULATION).set_index("lsoa")["pop"])
    households = _census(read_national(folder, CENSUS))["households_2011"]
    homes = homes.assign(
        population=population.reindex(homes["LSOA11CD"]).to_numpy(),
        households=households.reindex(homes["LSOA11CD"]).to_numpy(),
    )
    table = homes.groupby("LAD_CD").agg(
        name=("LAD_NM", "first"),
        population_2019=("population", "sum"),
        households_2011=("households", "sum"),
        small_areas=("LSOA11CD", "nunique"),
    )
    table.insert(1, "police_name", table["name"].map(short_name))
    names = read_national(folder, DISTRICTS, newest="LAD").drop_duplicates("LAD_CD").set_index("LAD_CD")
    for column, source in {"partnership_code": "CSP_CD", "partnership_name": "CSP_NM", "force_name": "PFA_NM"}.items():
        table[column] = names[source].reindex(table.index).fillna("")
    return table.astype({"population_2019": int, "households_2011": int}).rename_axis("district_code").sort_index()


def short_name(name: str) -> str:
    """A district's name as police files write it: "Herefordshire, County of" is "Herefordshire"."""
    return re.sub(r", (County|City) of$", "", name)


def read_national(folder: Path, file: NationalFile, *, newest: str = "") -> pd.DataFrame:
    """Read the file with these columns as text; columns with a year in them lose it (WD21CD becomes WD_CD).

    Parameters
    ----------
    folder : Path
        Where the downloads lie, at any depth.
    newest : str
        Of several such files the one with the newest year in this column, such as "WD".

    Raises
    ------
    InputError
        If it is not there; the message says where it is published and how it is known.
    """
    path = _find(folder, file, newest=newest)
    if path is None:
        raise _missing(folder, file)
    with _open(path) as lines:
        table = pd.read_csv(lines, dtype="str", keep_default_na=False, usecols=lambda name: _matches(name, file))
    if newest:
        table = table.rename(columns=lambda name: re.sub(r"^([A-Z]{2,3})\d\d(CD|NM)$", r"\1_\2", name))
    return table


def _matches(name: str, file: NationalFile) -> bool:
    wanted = {*file.columns, r"WD\d\dNM", r"LAD\d\d(?:CD|NM)", r"CSP\d\dNM"}
    return any(re.fullmatch(column, name) for column in wanted)


def _find(folder: Path, file: NationalFile, *, newest: str = "") -> Path | None:
    """The file whose header has all the columns; of several, the one with the newest year in its columns."""
    found: list[tuple[int, Path]] = []
    for path in sorted([*folder.rglob("*.csv"), *folder.rglob("*.csv.gz")]):
        with _open(path) as lines:
            header = next(csv.reader(lines), [])
        if all(any(re.fullmatch(column, name) for name in header) for column in file.columns):
            years = [int(match[1]) for name in header if (match := re.fullmatch(rf"{newest}(\d\d)CD", name))]
            found.append((max(years, default=0), path))
    return max(found)[1] if found else None


def _read_boundaries(folder: Path, file: NationalFile) -> "gpd.GeoDataFrame":
    """Boundaries in metres with `code` and `name`; the first file whose features have the properties."""
    import geopandas as gpd

    for path in sorted([*folder.rglob("*.geojson"), *folder.rglob("*.geojson.gz")]):
        with _open(path) as lines:
            head = lines.read(4000)
        names = re.findall(r'"(\w+)":', head)
        keys = [next((name for name in names if re.fullmatch(column, name)), "") for column in file.columns]
        if all(keys):
            with _open(path) as lines:
                frame = gpd.GeoDataFrame.from_features(json.load(lines)["features"], crs=4326)
            return frame.rename(columns={keys[0]: "code", keys[-1]: "name"} if len(keys) > 1 else {keys[0]: "code"})[
                ["code", *(["name"] if len(keys) > 1 else []), "geometry"]
            ].to_crs(METRES)
    raise _missing(folder, file)


def _missing(folder: Path, file: NationalFile) -> InputError:
    columns = ", ".join(re.sub(r"\\d\\d|\(\?:[^)]*\)", "YY", column) for column in file.columns)
    return InputError(
        f"{file.what} is not in {folder.name}/: download it from {file.where} as "
        f"{'GeoJSON in longitude and latitude' if 'boundaries' in file.what else 'CSV'} "
        f"(any file name; it is known by {columns})"
    )


def _open(path: Path) -> Any:
    opener: Callable[..., Any] = gzip.open if path.suffix == ".gz" else open
    return opener(path, "rt", encoding="utf-8-sig", newline="")
