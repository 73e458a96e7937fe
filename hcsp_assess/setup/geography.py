"""Build the geography of any partnership in England or Wales from published national files."""

import json
import re
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from hcsp_assess.errors import InputError
from hcsp_assess.files import csv_bytes, write_whole
from hcsp_assess.setup.area_definition import (
    definition_files,
    definition_table,
    group_codes,
    match_by_lookup,
    small_area_of,
)
from hcsp_assess.setup.boundary_files import LSOA11, LSOA21, WARDS, read_by_code, read_within, refuse_uncovered
from hcsp_assess.setup.district_lookup import District, read_links, refuse_missing
from hcsp_assess.setup.national_files import (
    CENSUS,
    DEPRIVATION,
    DEPRIVATION_2025,
    DEPRIVATION_WALES,
    DISTRICTS,
    LOOKUP,
    MSOA_NAMES,
    POPULATION,
    VINTAGES,
    NationalFile,
    is_there,
    numbers,
    read_national,
)
from hcsp_assess.sources.geography import COLUMNS, METRES
from hcsp_assess.subject.areas import short_name

if TYPE_CHECKING:
    import geopandas as gpd

SIMPLIFY_METRES = 50.0  # on a page-wide map of a county this is less than a pixel
SLIVER = 0.01  # overlaps below this share of the smaller area are differences in digitising
ATTRIBUTION = (
    "Source: Office for National Statistics, licensed under the Open Government Licence v3.0. Contains National "
    "Statistics and OS data © Crown copyright and database right. {index} Rural-urban classification as published by "
    "mySociety (uk_ruc), CC BY 4.0. Names of MSOAs: House of Commons Library, Open Parliament Licence v3.0."
)


INDICES = {
    "England": "Indices of Deprivation 2019: Ministry of Housing, Communities and Local Government, OGL v3.0.",
    "Wales": "Welsh Index of Multiple Deprivation 2019: Welsh Government, OGL v3.0, as published by mySociety "
    "(composite_uk_imd), CC BY 4.0.",
}


def build_geography(district: District, folder: Path, root: Path, *, key: str) -> list[Path]:
    """Write `areas/KEY.toml`, `areas/KEY.csv` and `geography/KEY/` for a district or partnership into a project.

    Parameters
    ----------
    district : District
        As `read_partnership` finds it.
    folder : Path
        Where the downloaded national files lie, at any depth, under any name: tables as CSV; boundaries as GeoJSON,
        TopoJSON, GeoPackage or (zipped) shapefile, in degrees or on the National Grid.
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
        of the district is missing from one of them, or boundaries do not cover the district.

    Notes
    -----
    2011 and 2021 LSOAs are matched by the national lookup where it is there, else by overlap of their boundaries.
    Where LSOAs were merged or redrawn, all that overlap become one small area, under the first 2011 code: figures then
    stay comparable over the change.
    """
    lsoa11 = read_by_code(folder, LSOA11, district.codes)
    outline = lsoa11.union_all()
    if is_there(folder, VINTAGES):
        links = read_links(district, folder)
        lsoa21 = read_by_code(folder, LSOA21, set(links["LSOA21CD"]))
        refuse_uncovered(lsoa21, LSOA21, outline)
        units = match_by_lookup(links[["LSOA11CD", "LSOA21CD"]].itertuples(index=False, name=None))
    else:
        lsoa21 = read_within(folder, LSOA21, outline)
        units = match_by_ground(lsoa11, lsoa21)
    wards = read_within(folder, WARDS, outline)
    table = definition_table(district, units, folder)
    towns = propose_insets(lsoa21, set(table.loc[table["rural_urban"] == "urban", "lsoa11_code"]), units)
    files = {
        f"areas/{key}{ending}": content for ending, content in definition_files(district, units, lsoa21, table).items()
    } | {
        f"geography/{key}/areas.csv": csv_bytes(_figures(district, units, folder)),
        f"geography/{key}/lsoa21.geojson": to_geojson(lsoa21).encode("utf-8"),
        f"geography/{key}/wards.geojson": to_geojson(wards).encode("utf-8"),
        f"geography/{key}/geography.toml": _geography_settings(towns, district.country).encode("utf-8"),
    }
    for name, content in files.items():
        write_whole(root / name, content)
    return [root / name for name in files]


def match_by_ground(lsoa11: "gpd.GeoDataFrame", lsoa21: "gpd.GeoDataFrame") -> dict[str, list[str]]:
    """Return small areas by their boundaries: by the first 2011 code, all codes of either vintage for the same ground.

    A 2011 and a 2021 LSOA belong together if they have the same code or overlap by more than 1% of the smaller one.
    """
    return group_codes(_overlaps(lsoa11, lsoa21), set(lsoa11["code"]), set(lsoa21["code"]))


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


def _figures(district: District, units: dict[str, list[str]], folder: Path) -> pd.DataFrame:
    """One row per small area with its people, households and deprivation; figures of joined LSOAs are added up."""
    codes = district.codes
    index, deprivation = _deprivation(district, folder)
    people = read_national(folder, POPULATION, holding=codes, code="lsoa")
    sources = {
        CENSUS: _census(folder),
        POPULATION: people.set_index("lsoa")[["pop"]].apply(numbers),
        index: deprivation,
    }
    for file, frame in sources.items():
        refuse_missing(district, frame.index, file, "check that it is for 2011")
    joined = district.lookup[["LSOA11CD"]].set_index("LSOA11CD").join(list(sources.values())).sort_index()
    joined = joined.assign(unit=joined.index.map(small_area_of(units)))
    first = joined.groupby("unit").first()
    total = joined.groupby("unit")[["population_2011", "households_2011", "hectares", "pop"]].sum().astype(int)
    most = joined.groupby("unit")[["rank", "decile"]].min().astype(int)
    known = _msoa_names(folder)
    table = pd.DataFrame(
        {
            "lsoa11_code": first.index,
            "msoa11_code": first["msoa11_code"],
            "msoa11_name": [
                known.get(code, name) for code, name in zip(first["msoa11_code"], first["msoa11_name"], strict=True)
            ],
            "population_2011": total["population_2011"],
            "households_2011": total["households_2011"],
            "hectares": total["hectares"],
            "population_2019": total["pop"],
            "imd2019_rank": most["rank"],
            "imd2019_decile": most["decile"],
        }
    )
    return pd.concat([table[list(COLUMNS)], ranks_of_2025(units, folder).reindex(table.index)], axis="columns")


def _deprivation(district: District, folder: Path) -> tuple[NationalFile, pd.DataFrame]:
    """The file of a country's deprivation, and `rank` (1 is the most deprived) and `decile` by 2011 LSOA.

    Of Wales the published deciles are kept, and the published scores, which have one decimal place, are ranked.
    """
    if district.country == "England":
        table = read_national(folder, DEPRIVATION, holding=district.codes, code="LSOA11CD").set_index("LSOA11CD")
        rank = table["IMD19"].astype(int)
        return DEPRIVATION, pd.DataFrame({"rank": rank, "decile": np.ceil(rank / (rank.max() / 10)).astype(int)})
    table = read_national(folder, DEPRIVATION_WALES).query("nation == 'W'").set_index("lsoa")
    rank = numbers(table["overall_local_score"]).rank(ascending=False, method="min").astype(int)
    return DEPRIVATION_WALES, pd.DataFrame({"rank": rank, "decile": table["original_decile"].astype(int)})


def ranks_of_2025(units: dict[str, list[str]], folder: Path) -> pd.DataFrame:
    """Return rank and decile of each small area by the indices of 2025; no columns where the file is not there.

    A small area of several 2021 LSOAs has the mean of their ranks, and the decile of that.
    """
    if not is_there(folder, DEPRIVATION_2025) or next(iter(units)).startswith("W"):  # England's alone
        return pd.DataFrame(index=list(units))
    table = read_national(folder, DEPRIVATION_2025)
    ranks = numbers(table.set_index(table.columns[0])[table.columns[1]])
    unit = pd.Series({code: unit for unit, codes in units.items() for code in codes})
    mine = ranks[ranks.index.isin(unit.index)]
    mean = mine.groupby(unit.reindex(mine.index)).mean()
    lost = sorted(set(units) - set(mean.index))
    if lost:
        raise InputError(f"{DEPRIVATION_2025.what} lacks {len(lost)} small areas, such as {lost[0]}: download it again")
    decile = np.ceil(mean / (len(ranks) / 10)).astype(int)
    return pd.DataFrame({"imd2025_rank": mean.round().astype(int), "imd2025_decile": decile})


def _census(folder: Path) -> pd.DataFrame:
    columns = {
        "MSOA Code": "msoa11_code",
        "MSOA Name": "msoa11_name",
        "Persons": "population_2011",
        "Households": "households_2011",
        "Hectares": "hectares",
    }
    census = read_national(folder, CENSUS).set_index("LSOA Code")[list(columns)].rename(columns=columns)
    figures = ["population_2011", "households_2011", "hectares"]
    return census.assign(**census[figures].apply(numbers))


def _msoa_names(folder: Path) -> dict[str, str]:
    """Names that residents know, where the file is there: it is the only one that may be missing."""
    if not is_there(folder, MSOA_NAMES):
        return {}
    named = read_national(folder, MSOA_NAMES).query("MSOA11HCLNM != ''").drop_duplicates("MSOA11CD")
    return dict(zip(named["MSOA11CD"], named["MSOA11HCLNM"], strict=True))


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


def _geography_settings(insets: Iterable[tuple[str, list[float]]], country: str) -> str:
    lines = ["# Credit, and the towns to draw larger on maps: west, south, east, north in degrees.", ""]
    lines += [f"attribution = {json.dumps(ATTRIBUTION.format(index=INDICES[country]), ensure_ascii=False)}"]
    for name, bounds in insets:
        lines += ["", "[[inset]]", f"name = {json.dumps(name)}", f"bounds = {bounds}"]
    return "\n".join(lines) + "\n"


def build_districts(folder: Path) -> pd.DataFrame:
    """Return the table of districts that `hcsp_assess.sources.geography.districts` reads: 2019's and 2021's."""
    of_2019 = read_national(folder, DEPRIVATION).rename(columns=lambda name: re.sub(r"^LAD\d\d", "LAD_", name))
    of_2021 = read_national(folder, LOOKUP, newest="WD")
    homes = pd.concat([of_2019, of_2021[~of_2021["LAD_CD"].isin(of_2019["LAD_CD"])]])
    population = numbers(read_national(folder, POPULATION).set_index("lsoa")["pop"])
    households = _census(folder)["households_2011"]
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
    names = read_national(folder, DISTRICTS, newest="LAD", holding=table.index, code="LAD_CD")
    names = names.drop_duplicates("LAD_CD").set_index("LAD_CD")
    for column, source in {"partnership_code": "CSP_CD", "partnership_name": "CSP_NM", "force_name": "PFA_NM"}.items():
        table[column] = names[source].reindex(table.index).fillna("")
    return table.astype({"population_2019": int, "households_2011": int}).rename_axis("district_code").sort_index()
