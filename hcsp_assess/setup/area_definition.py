"""Define an area from national files: its small areas, which are rural, and its settings."""

import json
import re
import unicodedata
from collections.abc import Iterable
from pathlib import Path

import numpy as np
import pandas as pd

from hcsp_assess.errors import InputError, UsageError
from hcsp_assess.files import csv_bytes
from hcsp_assess.setup.district_lookup import District, read_links, refuse_missing
from hcsp_assess.setup.national_files import RURAL_URBAN, read_national
from hcsp_assess.setup.rural_urban import classify, population_at
from hcsp_assess.subject.areas import COLUMNS, short_name

#: Police forces whose files at data.police.uk are named otherwise than their area.
FORCES = {
    "devon-cornwall": "devon-and-cornwall",
    "metropolitan-police": "metropolitan",
    "london-city-of": "city-of-london",
}


def build_definition(district: District, folder: Path) -> dict[str, bytes]:
    """Return the two files of a district's definition, TOML and CSV by their endings, from lookups alone.

    Raises
    ------
    InputError
        If a national file is missing, or lacks an LSOA of the district.
    """
    links = read_links(district, folder)
    units = match_by_lookup(links[["LSOA11CD", "LSOA21CD"]].itertuples(index=False, name=None))
    lsoa21 = links[["LSOA21CD", "LSOA21NM"]].set_axis(["code", "name"], axis="columns").drop_duplicates("code")
    return definition_files(district, units, lsoa21, definition_table(district, units, folder))


def definition_files(
    district: District, units: dict[str, list[str]], lsoa21: pd.DataFrame, table: pd.DataFrame
) -> dict[str, bytes]:
    """Return the two files of a definition by their endings: `.toml`, `settings_text`; `.csv`, `definition_table`."""
    return {".toml": settings_text(district, units, lsoa21).encode("utf-8"), ".csv": csv_bytes(table)}


def match_by_lookup(pairs: Iterable[tuple[str, str]]) -> dict[str, list[str]]:
    """Return small areas by a lookup: by the first 2011 code, all codes of either vintage for the same ground.

    Parameters
    ----------
    pairs : iterable of (str, str)
        2011 and 2021 codes that overlap. A code split in two gives two pairs, a merged one too.
    """
    links = sorted(set(pairs))
    return group_codes(links, {old for old, _ in links}, {new for _, new in links})


def group_codes(links: list[tuple[str, str]], lsoa11: set[str], lsoa21: set[str]) -> dict[str, list[str]]:
    """Return, by the first 2011 code, all codes of either vintage that are linked with each other.

    Raises
    ------
    InputError
        If a 2021 code is linked with no 2011 code.
    """
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    codes = sorted(lsoa11 | lsoa21)
    number = {code: i for i, code in enumerate(codes)}
    ends = np.array([(number[old], number[new]) for old, new in links], dtype=int).reshape(-1, 2).T
    graph = coo_array((np.ones(len(links)), (ends[0], ends[1])), shape=(len(codes), len(codes)))
    _, group = connected_components(graph, directed=False)
    members = pd.Series(codes).groupby(group).agg(list)
    units = {next((code for code in unit if code in lsoa11), ""): unit for unit in members}
    if "" in units:
        raise InputError(f"2021 LSOA {units[''][0]} is not on any 2011 LSOA of the district: check both boundary files")
    return dict(sorted(units.items()))


def small_area_of(units: dict[str, list[str]]) -> dict[str, str]:
    """Return the small area of each code."""
    return {code: unit for unit, codes in units.items() for code in codes}


def definition_table(district: District, units: dict[str, list[str]], folder: Path) -> pd.DataFrame:
    """Return the table of a definition, one row for each small area; `market_town` is left for a person to fill in.

    Raises
    ------
    InputError
        If the rural-urban classification is missing, or lacks an LSOA of the district.
    """
    classes = read_national(folder, RURAL_URBAN, holding=district.codes, code="lsoa")
    classes = classes[classes["lsoa"].isin(district.codes)].set_index("lsoa")
    refuse_missing(district, classes.index, RURAL_URBAN, "check that it is for 2011")
    homes = district.lookup.set_index("LSOA11CD").sort_index()
    homes = homes.assign(unit=homes.index.map(small_area_of(units)))
    first = homes.groupby("unit").first()
    rural = pd.DataFrame({"rural": classes["ukruc-2"] != "0", "more_rural": classes["ukruc-3"] == "2"})
    found = classify(homes["unit"], rural, population_at(folder, district.codes))
    table = pd.DataFrame(
        {
            "lsoa11_code": first.index,
            "lsoa11_name": first["LSOA11NM"],
            "ward21_code": first["WD_CD"],
            "ward21_name": first["WD_NM"],
            "rural_urban": np.where(found["rural"], "rural", "urban"),
            "more_rural": np.where(found["more_rural"], "yes", "no"),
            "market_town": "",
        }
    )
    table = table[list(COLUMNS)]
    return (table.assign(district=first["district"]) if district.parts else table).reset_index(drop=True)


def area_key(name: str, given: str = "") -> str:
    """Return the key of an area: the one given, or its short name in small letters.

    Raises
    ------
    UsageError
        If a file cannot be named so.

    Examples
    --------
    >>> [area_key(name) for name in ("Herefordshire, County of", "Ynys Môn", "Bournemouth, Christchurch and Poole")]
    ['herefordshire', 'ynys-mon', 'bournemouth-christchurch-and-poole']
    """
    plain = unicodedata.normalize("NFKD", short_name(name)).encode("ascii", "ignore").decode()
    key = given or re.sub(r"[^a-z0-9]+", "-", plain.lower()).strip("-")
    if not re.fullmatch(r"[a-z0-9][a-z0-9_-]*", key):
        raise UsageError(f"{key!r} cannot be a key: use small letters, figures and hyphens, such as east-devon")
    return key


def force_key(name: str) -> str:
    """Return a police force's name as its files have it: "Devon and Cornwall" is "devon-and-cornwall"."""
    key = re.sub(r"[^a-z]+", "-", name.lower()).strip("-")
    return FORCES.get(key, key)


def settings_text(district: District, units: dict[str, list[str]], lsoa21: pd.DataFrame) -> str:
    """Return the TOML of an area's definition.

    Parameters
    ----------
    units : dict of str to list of str
        All codes of either vintage that cover the same ground, by the first 2011 code; see `group_codes`.
    lsoa21 : pandas.DataFrame
        `code` and `name` of the 2021 LSOAs.
    """
    fields = {
        "name": short_name(district.name),
        "full_name": district.name,
        "district_code": district.code,
        "partnership_code": district.partnership_code,
        "force": force_key(district.force_name),
        "force_name": district.force_name,
        "classification": "Rural-Urban Classification 2011, by 2011 LSOA",
    }
    lines = ["# Built from national files; review it, and fill in market_town in the table of the same name.", ""]
    lines += [f"{name} = {json.dumps(str(value), ensure_ascii=False)}" for name, value in fields.items()]
    for code, name in district.parts:
        lines += ["", "[[district]]", f"code = {json.dumps(code)}", f"name = {json.dumps(name, ensure_ascii=False)}"]
    names = {
        vintage: dict(zip(frame["code"], frame["name"], strict=True))
        for vintage, frame in {"lsoa11": district.lsoas, "lsoa21": lsoa21}.items()
    }
    for unit, codes in units.items():
        if codes != [unit]:
            lines += ["", "[[split]]", f'lsoa11_code = "{unit}"', *_split_lines(unit, codes, names)]
    return "\n".join(lines) + "\n"


def _split_lines(unit: str, codes: list[str], names: dict[str, dict[str, str]]) -> list[str]:
    """The other codes of a small area, by vintage, each with its name."""
    lines: list[str] = []
    for vintage, known in names.items():
        parts = [part for part in codes if part in known and (vintage, part) != ("lsoa11", unit)]
        if parts:
            rows = [f"  {{ code = {json.dumps(part)}, name = {json.dumps(known[part])} }}," for part in parts]
            lines += [f"{vintage} = [", *rows, "]"]
    return lines
