"""Set up another partnership's area from national files, and check that not one of its LSOAs is lost."""

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import pandas as pd

from hcsp_assess.errors import InputError, UsageError
from hcsp_assess.setup.geography import (
    DISTRICTS,
    GEOPORTAL,
    LOOKUP,
    RURAL_URBAN,
    NationalFile,
    build_geography,
    read_national,
    settings_text,
    short_name,
)
from hcsp_assess.subject.areas import COLUMNS, Area, area

VINTAGES = NationalFile("the lookup from 2011 LSOAs to 2021 LSOAs", (r"LSOA11CD", r"LSOA21CD", r"LSOA21NM"), GEOPORTAL)
#: Police forces whose files at data.police.uk are named otherwise than their area.
FORCES = {
    "devon-cornwall": "devon-and-cornwall",
    "metropolitan-police": "metropolitan",
    "london-city-of": "city-of-london",
}


@dataclass(frozen=True)
class NewPartnership:
    """An area that was set up.

    Attributes
    ----------
    area : Area
        Its definition, read back from the files.
    files : tuple of Path
        What was written.
    lsoas : int
        How many 2011 LSOAs it has by the national lookup; the definition has been found to hold each.
    to_do : tuple of str
        What a person does next.
    """

    area: Area
    files: tuple[Path, ...]
    lsoas: int
    to_do: tuple[str, ...]


def new_partnership(
    code: str, root: Path, national_files: Path, *, key: str = "", boundaries: bool = True
) -> NewPartnership:
    """Write the definition of a partnership's area into a project, from downloaded national files.

    Parameters
    ----------
    code : str
        ONS code of the local authority district, such as "E06000051".
    root : Path
        Root of the project: `areas/KEY.toml` and `areas/KEY.csv` go there, and with boundaries also `geography/KEY/`;
        all or, where something is wrong, none.
    national_files : Path
        Where the downloads lie, at any depth, under any name; `fetch_geography` puts most of them there.
    key : str
        Name for the area in this project; by default its short name, such as "shropshire".
    boundaries : bool
        Whether to build population, deprivation and boundaries too (`build_geography` says from which files). Without,
        the report has counts and trends, but no rates and no maps; the lookup from 2011 to 2021 LSOAs is then needed,
        because without it records on new codes would be lost from June 2023.

    Raises
    ------
    UsageError
        If the code is not in the national files, the key is no name for a file, or the project has an area of that key:
        what was reviewed by hand is not replaced.
    InputError
        If a file is missing (the message says where it is published), or an LSOA would be lost.
    """
    district = _district(code, national_files)
    key = key or re.sub(r"[^a-z0-9]+", "-", short_name(str(district["LAD_NM"])).lower()).strip("-")
    if not re.fullmatch(r"[a-z0-9][a-z0-9_-]*", key):
        raise UsageError(f"{key!r} is no key: use small letters, figures and hyphens, such as east-devon")
    if (root / "areas" / f"{key}.csv").exists():
        raise UsageError(f"areas/{key}.csv is there already: give another key, or move it away to build it anew")
    lookup = read_national(national_files, LOOKUP, newest="WD")
    lookup = lookup[lookup["LAD_CD"] == code].drop_duplicates("LSOA11CD")
    with TemporaryDirectory(prefix=".new-", dir=root) as name:
        staging = Path(name)
        if boundaries:
            files = build_geography(code, national_files, staging, key=key)
        else:
            files = _write_definition(code, staging, national_files, key, district, lookup)
        _name_force(staging / "areas" / f"{key}.toml")
        made = area(key, staging)
        _check_nothing_lost(made, lookup, national_files)
        placed = tuple(_place(path, staging, root) for path in files)
    return NewPartnership(made, placed, len(lookup), _to_do(made, boundaries))


def match_by_lookup(pairs: Iterable[tuple[str, str]]) -> dict[str, list[str]]:
    """Return, by the first 2011 code, all codes of either vintage that stand for the same ground.

    Parameters
    ----------
    pairs : iterable of (str, str)
        2011 and 2021 codes that overlap. A code split in two gives two pairs, a merged one too.
    """
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    links = sorted(set(pairs))
    codes = sorted({code for link in links for code in link})
    number = {code: i for i, code in enumerate(codes)}
    ends = [[number[old] for old, _ in links], [number[new] for _, new in links]]
    graph = coo_array(([1] * len(links), ends), shape=(len(codes), len(codes)))
    _, group = connected_components(graph, directed=False)
    members = defaultdict(list)
    for code, own in zip(codes, group, strict=True):
        members[own].append(code)
    old = {old for old, _ in links}
    units = {min(code for code in unit if code in old): unit for unit in members.values()}
    return dict(sorted(units.items()))


def _district(code: str, folder: Path) -> "pd.Series[str]":
    districts = read_national(folder, DISTRICTS, newest="LAD")
    found = districts[districts["LAD_CD"] == code]
    if found.empty:
        raise UsageError(f"{DISTRICTS.what} has no district {code!r}: give its ONS code, such as E06000051")
    return found.iloc[0]


def _write_definition(
    code: str, root: Path, folder: Path, key: str, district: "pd.Series[str]", lookup: pd.DataFrame
) -> list[Path]:
    """Write the two files of a definition from lookups alone."""
    vintages = _vintages(folder, lookup)
    units = match_by_lookup(vintages[["LSOA11CD", "LSOA21CD"]].itertuples(index=False, name=None))
    new = vintages[["LSOA21CD", "LSOA21NM"]].set_axis(["code", "name"], axis="columns")
    old = lookup[["LSOA11CD", "LSOA11NM"]].set_axis(["code", "name"], axis="columns")
    table = _table(lookup, units, read_national(folder, RURAL_URBAN))
    texts = {
        root / "areas" / f"{key}.toml": settings_text(code, district, units, new, old),
        root / "areas" / f"{key}.csv": table.to_csv(index=False, lineterminator="\n"),
    }
    (root / "areas").mkdir(parents=True, exist_ok=True)
    for path, text in texts.items():
        path.write_text(text, encoding="utf-8", newline="\n")
    return list(texts)


def _vintages(folder: Path, lookup: pd.DataFrame) -> pd.DataFrame:
    vintages = read_national(folder, VINTAGES)
    vintages = vintages[vintages["LSOA11CD"].isin(lookup["LSOA11CD"]) & (vintages["LSOA21CD"] != "")]
    lost = sorted(set(lookup["LSOA11CD"]) - set(vintages["LSOA11CD"]))
    if lost:
        raise InputError(
            f"{VINTAGES.what} lacks {len(lost)} LSOAs of the district, such as {lost[0]}: download it again"
        )
    return vintages


def _table(lookup: pd.DataFrame, units: dict[str, list[str]], ruc: pd.DataFrame) -> pd.DataFrame:
    """One row per small area; of joined LSOAs, the class in which most of the people live."""
    home = {code: unit for unit, codes in units.items() for code in codes}
    joined = lookup.merge(ruc, left_on="LSOA11CD", right_on="lsoa", how="left")
    lost = joined.loc[joined["ukruc-2"].isna(), "LSOA11CD"]
    if len(lost):
        raise InputError(f"{RURAL_URBAN.what} lacks {len(lost)} LSOAs of the district, such as {lost.min()}")
    joined = joined.assign(unit=joined["LSOA11CD"].map(home)).sort_values("LSOA11CD")
    urban, more = joined["ukruc-2"].eq("0"), joined["ukruc-3"].eq("2")
    first = joined.groupby("unit").first()
    table = pd.DataFrame(
        {
            "lsoa11_code": first.index,
            "lsoa11_name": first["LSOA11NM"],
            "ward21_code": first["WD_CD"],
            "ward21_name": first["WD_NM"],
            "rural_urban": (~urban).groupby(joined["unit"]).mean().gt(0.5).map({True: "rural", False: "urban"}),
            "more_rural": more.groupby(joined["unit"]).mean().gt(0.5).map({True: "yes", False: "no"}),
            "market_town": "",
        }
    )
    return table[list(COLUMNS)].reset_index(drop=True)


def _name_force(settings: Path) -> None:
    """Name the police force as data.police.uk names its files, where that differs from the area's name."""
    text = settings.read_text(encoding="utf-8")
    for name, published in FORCES.items():
        text = text.replace(f'\nforce = "{name}"\n', f'\nforce = "{published}"\n')
    settings.write_text(text, encoding="utf-8", newline="\n")


def _check_nothing_lost(made: Area, lookup: pd.DataFrame, folder: Path) -> None:
    codes = set(lookup["LSOA11CD"])
    lost = sorted(code for code in codes if code not in made)
    if lost:
        raise InputError(
            f"the definition of {made.name} lacks {len(lost)} of {len(codes)} LSOAs, such as {lost[0]}: the boundaries "
            f"or lookups in {folder.name}/ are not of the whole district; download them again and build anew"
        )


def _place(path: Path, staging: Path, root: Path) -> Path:
    target = root / path.relative_to(staging)
    target.parent.mkdir(parents=True, exist_ok=True)
    return path.replace(target)


def _to_do(made: Area, boundaries: bool) -> tuple[str, ...]:
    steps = [
        f"review areas/{made.key}.toml: names, police force ({made.force}), and each [[split]]",
        f"fill in market_town in areas/{made.key}.csv: nothing national says which small areas are a town",
        f'write an edition with area = "{made.key}" in editions/, and put archives from data.police.uk in its folder',
    ]
    if not boundaries:
        steps.append("build again with boundaries for rates and maps")
    return tuple(steps)
