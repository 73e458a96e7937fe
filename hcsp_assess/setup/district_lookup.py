"""Look a district up: its LSOAs of 2011 and 2021, its partnership and its police force."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from hcsp_assess.errors import InputError, UsageError
from hcsp_assess.setup.national_files import (
    DISTRICTS,
    LOOKUP,
    LOOKUP_2021,
    VINTAGES,
    NationalFile,
    is_there,
    read_national,
)
from hcsp_assess.sources.recorded_crime import Partnership, former_districts, partnership_of, partnerships
from hcsp_assess.subject.areas import short_name

DISTRICT_CODE = re.compile(r"[EW]0[6-9]\d{6}")

#: Districts created after 2019, and the districts of April 2020 that they were made of.
MADE_OF = {
    "E06000061": ("E07000150", "E07000152", "E07000153", "E07000156"),
    "E06000062": ("E07000151", "E07000154", "E07000155"),
    "E06000063": ("E07000026", "E07000028", "E07000029"),
    "E06000064": ("E07000027", "E07000030", "E07000031"),
    "E06000065": tuple(f"E0700016{n}" for n in range(3, 10)),
    "E06000066": ("E07000187", "E07000188", "E07000189", "E07000246"),
}
#: Codes given to districts after small changes of their boundary, and the codes that partnerships' tables keep.
NEW_CODES = {"E08000038": "E08000016", "E08000039": "E08000019"}


@dataclass(frozen=True)
class District:
    """A local authority district in the national lookups, or the districts of one partnership together.

    Attributes
    ----------
    code, name : str
        ONS code and official name; of several districts, the code of the first and the name of the partnership.
    partnership_code, force_name : str
        Of its community safety partnership, "" where it has several, and of its police force area.
    lookup : pandas.DataFrame
        One row for each 2011 LSOA, with its ward: LSOA11CD, LSOA11NM, WD_CD, WD_NM; of several districts also
        `district`, the name.
    lookup_codes : frozenset of str
        The codes under which the lookups have it: its own, or those of the districts that it was made of.
    parts : tuple of (str, str)
        Code and name of each district, where there are several; of each former district, where a partnership covers
        only a part of a district.
    """

    code: str
    name: str
    partnership_code: str
    force_name: str
    lookup: pd.DataFrame
    lookup_codes: frozenset[str]
    parts: tuple[tuple[str, str], ...] = ()

    @property
    def country(self) -> str:
        """England or Wales."""
        return "Wales" if self.code.startswith("W") else "England"

    @property
    def codes(self) -> frozenset[str]:
        """Codes of its 2011 LSOAs."""
        return frozenset(self.lookup["LSOA11CD"])

    @property
    def lsoas(self) -> pd.DataFrame:
        """`code` and `name` of its 2011 LSOAs."""
        return self.lookup[["LSOA11CD", "LSOA11NM"]].set_axis(["code", "name"], axis="columns")


def read_partnership(code: str, folder: Path) -> District:
    """Look up a district, or all districts of a partnership.

    Parameters
    ----------
    code : str
        ONS code of a district ("E06000019") or of a partnership ("E22000368"), or the name of a partnership.
    folder : Path
        Where the national files are, at any depth, under any name.

    Raises
    ------
    UsageError
        If there is no such district or partnership, or the partnership is only a part of a district, and no lookup in
        the folder has the former districts that it covers.
    InputError
        As `read_district`.
    """
    if DISTRICT_CODE.fullmatch(code):
        return read_district(code, folder)
    try:
        found = partnership_of(code)
    except InputError as error:
        raise UsageError(str(error)) from error
    if not found.whole_districts:
        return _part_of_districts(found, folder)
    parts = [read_district(each, folder) for each in found.district_codes]
    if len(parts) == 1:
        return parts[0]
    return District(
        parts[0].code,
        found.name,
        found.code,
        parts[0].force_name,
        pd.concat([part.lookup.assign(district=short_name(part.name)) for part in parts], ignore_index=True),
        frozenset().union(*(part.lookup_codes | {part.code} for part in parts)),
        tuple((part.code, short_name(part.name)) for part in parts),
    )


def _part_of_districts(found: Partnership, folder: Path) -> District:
    """A partnership of parts of districts: the small areas that an older lookup has in its former districts.

    Wards are those of the newest lookup. Of a district that it covers wholly, all small areas belong to it.
    """
    former = former_districts(found.code)
    homes: dict[str, str] = {}
    for code, name in former:
        homes |= dict.fromkeys(_in_lookup((code,), folder).get("LSOA11CD", ()), name)
    if not former or set(homes.values()) != {name for _, name in former}:
        raise UsageError(
            f"{found.name} is a part of {' and of '.join(found.district_names)}, and no lookup says which: give the "
            f"code of a district, or add an older edition of {LOOKUP.what} from {LOOKUP.where}, one that has "
            f"{' and '.join(f'{name} ({code})' for code, name in former)}"
        )
    wholes = [read_district(code, folder) for code in found.district_codes]
    lookup = pd.concat([whole.lookup for whole in wholes], ignore_index=True)
    lookup = lookup.assign(district=lookup["LSOA11CD"].map(homes)).dropna(subset="district")
    codes = frozenset(code for code, _ in former).union(*(whole.lookup_codes | {whole.code} for whole in wholes))
    return District(
        wholes[0].code, found.name, found.code, wholes[0].force_name, lookup.reset_index(drop=True), codes, former
    )


def read_district(code: str, folder: Path) -> District:
    """Look a district up.

    A district that is newer than the lookup from 2011 LSOAs is put together from a lookup of 2021 LSOAs that has it,
    or from the districts it was made of.

    Parameters
    ----------
    code : str
        ONS code of the local authority district, such as "E06000019".
    folder : Path
        Where the national files are, at any depth, under any name.

    Raises
    ------
    UsageError
        If no district of England and Wales has that code.
    InputError
        If a lookup is missing, or older than the district.
    """
    today = partnerships()
    today = today[today["district_code"] == code]
    lookup, lookup_codes = _lsoas(code, folder)
    if lookup.empty:
        if today.empty and not is_there(folder, LOOKUP):
            read_national(folder, LOOKUP)  # says that it is missing
        if today.empty:
            raise UsageError(f"{LOOKUP.what} has no district {code!r}: give its ONS code, such as E06000019")
        raise _too_old(code, str(today.iloc[0]["district_name"]), folder)
    name, partnership, force = _names(code, lookup_codes, folder, today)
    return District(code, name, partnership, force, lookup, lookup_codes)


def read_links(district: District, folder: Path) -> pd.DataFrame:
    """Return which 2021 LSOAs each of a district's 2011 LSOAs became: LSOA11CD, LSOA21CD, LSOA21NM.

    A 2021 LSOA that crosses the border of two districts belongs to one of them only: the one that the lookup names, or
    else the one that its own name begins with.

    Raises
    ------
    InputError
        If the lookup is missing, or lacks an LSOA of the district.
    """
    table = read_national(folder, VINTAGES, newest="LAD", holding=district.codes, code="LSOA11CD")
    table = table[table["LSOA21CD"] != ""]
    mine = table[table["LSOA11CD"].isin(district.codes)]
    refuse_missing(district, mine["LSOA11CD"], VINTAGES, "download it again")
    own = mine[~_of_another(mine, table, district)]
    alone = sorted(district.codes - set(own["LSOA11CD"]))
    if alone:
        raise InputError(
            f"{VINTAGES.what} gives every 2021 LSOA on {', '.join(alone[:3])} to another district than {district.name}"
            ": use lookups of the same year"
        )
    return own[["LSOA11CD", "LSOA21CD", "LSOA21NM"]].drop_duplicates().reset_index(drop=True)


def refuse_missing(district: District, codes: Iterable[str], file: NationalFile, hint: str) -> None:
    """Stop where a national file lacks an LSOA of the district; `InputError` says how many, and what to do."""
    given = pd.Index(codes)  # of the whole country: only the district's own are taken out of it
    lost = sorted(district.codes - set(given[given.isin(list(district.codes))]))
    if lost:
        raise InputError(
            f"{file.what} lacks {len(lost)} of the district's {len(district.codes)} LSOAs, such as {lost[0]}: {hint}"
        )


def _of_another(mine: pd.DataFrame, table: pd.DataFrame, district: District) -> "pd.Series[bool]":
    """Which rows lead to a 2021 LSOA that belongs to another district."""
    elsewhere = table.loc[~table["LSOA11CD"].isin(district.codes), "LSOA21CD"]
    crosses = mine["LSOA21CD"].isin(elsewhere[elsewhere.isin(mine["LSOA21CD"])])
    if "LAD_CD" in mine and mine["LAD_CD"].isin(district.lookup_codes | {district.code}).any():
        return crosses & ~mine["LAD_CD"].isin(district.lookup_codes | {district.code})
    places = {_place(name) for name in district.lookup["LSOA11NM"]}
    return crosses & ~mine["LSOA21NM"].map(_place).isin(places)


def _place(name: str) -> str:
    """The district that the name of an LSOA begins with: "St Albans 021C" is in St Albans."""
    return re.sub(r" \d+[A-Z]+$", "", name)


def _lsoas(code: str, folder: Path) -> tuple[pd.DataFrame, frozenset[str]]:
    """The 2011 LSOAs of a district with their wards, and the codes under which the lookups have it."""
    for codes in ((code,), MADE_OF.get(code, ()), (NEW_CODES.get(code, ""),)):
        found = _in_lookup(codes, folder) if all(codes) and codes else pd.DataFrame()
        if len(found):
            return found, frozenset(codes)
        found = _in_lookup_2021(codes, folder) if codes == (code,) else pd.DataFrame()
        if len(found):
            return found, frozenset(codes)
    return pd.DataFrame(), frozenset()


def _in_lookup(codes: tuple[str, ...], folder: Path) -> pd.DataFrame:
    """Rows of the lookup from 2011 LSOAs, where it has all these districts."""
    if not is_there(folder, LOOKUP):
        return pd.DataFrame()
    lookup = read_national(folder, LOOKUP, newest="WD", holding=codes, code="LAD_CD")
    mine = lookup[lookup["LAD_CD"].isin(codes)]
    if not set(codes) <= set(mine["LAD_CD"]):
        return pd.DataFrame()
    return mine.drop_duplicates("LSOA11CD")[list(_COLUMNS)]


def _in_lookup_2021(codes: tuple[str, ...], folder: Path) -> pd.DataFrame:
    """2011 LSOAs by a lookup from 2021 LSOAs: each is where most of its 2021 LSOAs are, with the ward of the first."""
    if not is_there(folder, LOOKUP_2021):
        return pd.DataFrame()
    lookup = read_national(folder, LOOKUP_2021, newest="WD", holding=codes, code="LAD_CD")
    here = lookup[lookup["LAD_CD"].isin(codes)].drop_duplicates("LSOA21CD")
    if here.empty:
        return pd.DataFrame()
    links = read_national(folder, VINTAGES, holding=set(here["LSOA21CD"]), code="LSOA21CD")
    lost = sorted(set(here["LSOA21CD"]) - set(links["LSOA21CD"]))
    if lost:
        raise InputError(
            f"{VINTAGES.what} lacks {len(lost)} of the district's {len(here)} LSOAs of 2021, such as {lost[0]}: "
            "download it again"
        )
    homes = lookup.drop_duplicates("LSOA21CD").set_index("LSOA21CD")["LAD_CD"]
    links = links[links["LSOA21CD"] != ""].sort_values(["LSOA11CD", "LSOA21CD"])
    links = links.assign(home=links["LSOA21CD"].map(homes), same=links["LSOA11CD"] == links["LSOA21CD"])
    counted = links.groupby(["LSOA11CD", "home"], as_index=False).agg(size=("same", "size"), same=("same", "sum"))
    counted = counted.sort_values(["LSOA11CD", "same", "size", "home"], ascending=[True, False, False, True])
    main = dict(counted.drop_duplicates("LSOA11CD")[["LSOA11CD", "home"]].itertuples(index=False, name=None))
    mine = links[links["home"].isin(codes) & (links["LSOA11CD"].map(main) == links["home"])]
    mine = mine.drop_duplicates("LSOA11CD").merge(here[["LSOA21CD", "WD_CD", "WD_NM"]], on="LSOA21CD")
    if "LSOA11NM" not in mine:
        mine = mine.assign(LSOA11NM=mine["LSOA21NM"])
    return mine[list(_COLUMNS)].reset_index(drop=True)


_COLUMNS = ("LSOA11CD", "LSOA11NM", "WD_CD", "WD_NM")


def _names(code: str, lookup_codes: frozenset[str], folder: Path, today: pd.DataFrame) -> tuple[str, str, str]:
    """Name of a district, code of its partnership and name of its force: by the folder's lookup, or as of today."""
    if is_there(folder, DISTRICTS):
        table = read_national(folder, DISTRICTS, newest="LAD", holding=(code,), code="LAD_CD").drop_duplicates()
        found = table[table["LAD_CD"] == code]
        if len(found):
            name, _, force = found.iloc[0][["LAD_NM", "CSP_CD", "PFA_NM"]]
            codes = sorted(set(found["CSP_CD"]))
            return str(name), codes[0] if len(codes) == 1 else "", str(force)
    if today.empty:
        today = partnerships()
        today = today[today["district_code"].isin(lookup_codes | {NEW_CODES.get(code, "")})]
    if today.empty:
        raise InputError(f"{DISTRICTS.what} has no district {code!r}: download the one of the same year")
    codes = sorted(set(today["partnership_code"]))
    one = today.iloc[0]
    return str(one["district_name"]), codes[0] if len(codes) == 1 else "", str(one["force_name"])


def _too_old(code: str, name: str, folder: Path) -> InputError:
    """The error for a district that the lookups of a folder do not have yet."""
    if not is_there(folder, LOOKUP):
        try:
            read_national(folder, LOOKUP)
        except InputError as error:
            return error
    years = [f"20{column[2:4]}" for column in _columns(folder) if re.fullmatch(r"WD\d\dCD", column)]
    of = f" is of {max(years)}" if years else " is older"
    return InputError(
        f"{name} ({code}) is not in {LOOKUP.what}: yours{of}, and the district was created later or has a new code. "
        f"Download {LOOKUP_2021.what}, of a year that has it, from {LOOKUP_2021.where}"
    )


def _columns(folder: Path) -> list[str]:
    table = read_national(folder, LOOKUP)
    return [str(name) for name in table.columns]
