"""Areas: a partnership's LSOAs of 2011 and 2021, which are rural, and how the two sets of codes match."""

import csv
import io
import re
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from functools import cached_property
from importlib import resources
from pathlib import Path
from typing import Any, Literal, get_args

import pandas as pd

from hcsp_assess.errors import InputError, did_you_mean, nearest
from hcsp_assess.files import require_columns
from hcsp_assess.project import read_definition
from hcsp_assess.subject.own_definitions import PLACES, label, own_file, own_folder

Vintage = Literal["2011", "2021"]
Place = Literal["all", "rural", "urban", "market towns", "rural and market towns", "rural without market towns"]
COLUMNS = ("lsoa11_code", "lsoa11_name", "ward21_code", "ward21_name", "rural_urban", "more_rural", "market_town")


@dataclass(frozen=True)
class SmallArea:
    """One 2011 LSOA of an area, as the reviewed table describes it.

    Attributes
    ----------
    code, name : str
        Code and name of the 2011 LSOA.
    ward_code, ward_name : str
        The 2021 ward that holds most of it.
    rural, more_rural : bool
        Rural by the area's classification; `more_rural` says villages and dispersed rather than town and fringe.
    market_town : str
        The market town it is part of, or "".
    place_name : str
        The name that residents use, reviewed: "Hereford city centre (Central ward)"; "" where there is none yet.
        See `subject.place_names.name_places`.
    district : str
        Name of its district, where the partnership has several; else "".
    """

    code: str
    name: str
    ward_code: str
    ward_name: str
    rural: bool
    more_rural: bool
    market_town: str
    place_name: str = ""
    district: str = ""


@dataclass(frozen=True)
class Area:
    """A partnership's area, frozen on the 2011 LSOAs so that one classification holds for the whole series.

    Attributes
    ----------
    key, name, full_name : str
        Name in code, short name for readers, and the official name.
    district_code, partnership_code : str
        ONS codes of the local authority district and of the community safety partnership.
    force, force_name : str
        The home police force: as its files are named ("west-mercia") and for readers.
    classification : str
        The rural-urban classification used, with its vintage.
    small_areas : tuple of SmallArea
        Every 2011 LSOA, in order of code.
    splits : tuple of (str, tuple of (str, str))
        2011 code, and the (code, name) of the 2021 LSOAs it became.
    joined : tuple of (str, tuple of (str, str))
        2011 code, and the (code, name) of further 2011 LSOAs that are counted with it, since they became one or were
        redrawn together.
    contact : str
        Who answers questions about a report, and how to reach them; "" for the partnership.
    districts : tuple of (str, str)
        Code and name of each district, where the partnership has several; else none. `district_code` is the first. Of a
        partnership that covers only a part of a district, the former districts that it consists of.
    own : Path or None
        Folder of the project's own definitions of it, `areas/KEY/`; see `subject.own_definitions`. None for none.
    """

    key: str
    name: str
    full_name: str
    district_code: str
    partnership_code: str
    force: str
    force_name: str
    classification: str
    small_areas: tuple[SmallArea, ...]
    splits: tuple[tuple[str, tuple[tuple[str, str], ...]], ...]
    joined: tuple[tuple[str, tuple[tuple[str, str], ...]], ...] = ()
    contact: str = ""
    districts: tuple[tuple[str, str], ...] = ()
    own: Path | None = field(default=None, compare=False)

    @property
    def figures_code(self) -> str:
        """The code under which figures about the whole area are published: its district's, or its partnership's.

        A district's figures are those of the area only where the district is all of it.
        """
        return self.partnership_code if self.districts else self.district_code

    @property
    def contact_name(self) -> str:
        """Who answers questions about a report."""
        return self.contact or f"the {self.name} Community Safety Partnership"

    @property
    def country(self) -> Literal["England", "Wales"]:
        """The country whose regulations it is under, by the first letter of its district's code."""
        return "Wales" if self.district_code.startswith("W") else "England"

    def lsoas(self, vintage: Vintage = "2011") -> tuple[str, ...]:
        """Codes of the area's LSOAs in a vintage, in order; of 2011 LSOAs that are counted together, the first."""
        if vintage not in get_args(Vintage):
            raise InputError(f"there is no LSOA vintage {vintage!r}: choose one of {', '.join(get_args(Vintage))}")
        codes = [small.code for small in self.small_areas]
        if vintage == "2021":
            split = dict(self.splits)
            codes = [new for code in codes for new in ([c for c, _ in split[code]] if code in split else [code])]
        return tuple(sorted(codes))

    def lsoa_names(self) -> dict[str, str]:
        """Name by code, for the codes of both vintages."""
        names = {small.code: small.name for small in self.small_areas}
        return names | {code: name for _, parts in (*self.joined, *self.splits) for code, name in parts}

    def lsoas_in(self, place: Place) -> tuple[str, ...]:
        """Codes of the 2011 LSOAs in a kind of place.

        Parameters
        ----------
        place : str
            "all"; "rural" or "urban" by the classification; "market towns", whatever their class; "rural and market
            towns" (rural, and the market towns that count as urban); "rural without market towns" (the police's usual
            meaning of rural crime: villages, hamlets and dispersed dwellings).
        """
        if place not in get_args(Place):
            raise InputError(f"there is no kind of place {place!r}: choose one of {', '.join(get_args(Place))}")
        return tuple(small.code for small in self.small_areas if _is_in(small, place))

    @cached_property
    def folds(self) -> dict[str, str]:
        """2011 code by code of 2011 or 2021; a part of a split belongs to the original LSOA."""
        same = {small.code: small.code for small in self.small_areas}
        return same | {part: old for old, parts in (*self.splits, *self.joined) for part, _ in parts}

    def fold(self, codes: "pd.Series[str]", vintage: Vintage = "2011") -> "pd.Series[str]":
        """Put LSOA codes of either vintage on one vintage; codes outside the area become missing.

        Parameters
        ----------
        codes : pandas.Series of str
            LSOA codes as recorded; missing where a record has none.
        vintage : str
            "2011" folds the parts of a split together. "2021" leaves codes as they are, and puts 2011 LSOAs that became
            one on its code.

        Raises
        ------
        InputError
            For vintage "2021", where a code of a split 2011 LSOA occurs: nothing says which part it is in.
        """
        if vintage == "2011":
            return codes.map(self.folds)
        known = set(self.lsoas(vintage))
        became = {old: [code for code, _ in parts] for old, parts in self.splits}
        old_codes = {code: old for code, old in self.folds.items() if old in became and code not in known}
        merged = {code: became[old][0] for code, old in old_codes.items() if len(became[old]) == 1}
        codes = codes.replace(merged)
        split = sorted(set(codes.dropna().unique()) & set(old_codes))
        if split:
            raise InputError(
                f"records on the 2011 LSOA {', '.join(split)} cannot be divided among its 2021 parts: "
                'use vintage="2011", which folds the parts together'
            )
        return codes.where(codes.isin(known))

    def __contains__(self, code: object) -> bool:
        return code in self.folds


def areas(root: Path | None = None) -> tuple[str, ...]:
    """Keys of every area that has a definition.

    Parameters
    ----------
    root : Path, optional
        Root of a project: definitions in its folder `areas/` join those that come with the package.

    Raises
    ------
    InputError
        If a definition lacks its table of small areas.
    """
    known = _definitions(root)
    for key, files in known.items():
        _refuse_without_table(key, *files)
    return tuple(sorted(known))


def own_areas(root: Path) -> tuple[str, ...]:
    """Keys of the areas in a project's own folder `areas/`, in order; those that come with the package are not in it.

    Parameters
    ----------
    root : Path
        Root of the project. Whether a definition can be used is not looked at: `area` says what is wrong with it.
    """
    return tuple(sorted(path.stem for path in (root / "areas").glob("*.toml") if not path.name.startswith(".")))


def packaged_definition(key: str, partnership_code: str) -> dict[str, bytes]:
    """Return the files of a reviewed definition that comes with the package, by their endings; none of another area.

    Parameters
    ----------
    key : str
        Of the area.
    partnership_code : str
        The definition is returned only where it is of this partnership.
    """
    if key not in areas() or area(key).partnership_code != partnership_code:
        return {}
    folder = resources.files("hcsp_assess") / "definitions" / "areas"
    files = {ending: folder / f"{key}{ending}" for ending in (".toml", ".csv")}
    return {ending: file.read_bytes() for ending, file in files.items() if file.is_file()}


def area(key: str, root: Path | None = None) -> Area:
    """One area by its key.

    Parameters
    ----------
    key : str
        Name of the definition: `KEY.toml` with its table of LSOAs, `KEY.csv`.
    root : Path, optional
        Root of a project: definitions in its folder `areas/` join those that come with the package, and win where both
        have a name.

    Raises
    ------
    InputError
        If there is no such definition, or it cannot be used; the message names the file and what is wrong.
    """
    known = _definitions(root)
    if key not in known:
        near = nearest(key, known)
        hint = f" Did you mean {near!r}?" if near else ""
        raise InputError(f"there is no area {key!r}: choose one of {', '.join(sorted(known))}.{hint}")
    settings, table = known[key]
    _refuse_without_table(key, settings, table)
    rows = read_definition(table, f"areas/{key}.csv") if table is not None else ""
    made = parse_area(key, read_definition(settings, f"areas/{key}.toml"), rows)
    own = own_folder(key, root)
    return made if own is None else replace(made, own=own, small_areas=_with_own_names(made.small_areas, own))


def short_name(name: str) -> str:
    """Return the name of a place as people use it.

    Examples
    --------
    >>> [short_name(name) for name in ("Herefordshire, County of", "Bristol, City of", "London, City of")]
    ['Herefordshire', 'Bristol', 'City of London']
    """
    if name == "London, City of":
        return "City of London"
    return re.sub(r", (County|City) of$", "", name)


def herefordshire() -> Area:
    """Return the area of Herefordshire Community Safety Partnership, from its definition."""
    return area("herefordshire")


def parse_area(key: str, settings: str, table: str) -> Area:
    """Read the two texts of a definition, TOML and CSV.

    Raises
    ------
    InputError
        If a field or column is missing, a code occurs twice, or a word is not one of those allowed.
    """
    try:
        fields = tomllib.loads(settings)
        splits, joined = (
            tuple(
                (split["lsoa11_code"], tuple((part["code"], part["name"]) for part in split[vintage]))
                for split in fields.get("split", [])
                if vintage == "lsoa21" or "lsoa11" in split
            )
            for vintage in ("lsoa21", "lsoa11")
        )
        texts = {name: str(fields[name]) for name in _SETTINGS}
        districts = tuple((str(item["code"]), str(item["name"])) for item in fields.get("district", []))
    except (tomllib.TOMLDecodeError, KeyError, TypeError) as error:
        missing = isinstance(error, KeyError)
        raise InputError(
            f"areas/{key}.toml cannot be used: {f'the field {error} is missing' if missing else error}"
        ) from error
    none = fields.get("small_areas") == NO_SMALL_AREAS
    small_areas = () if none else _parse_table(key, table)
    unknown = [old for old, _ in splits if old not in {small.code for small in small_areas}]
    if unknown:
        raise InputError(
            f"areas/{key}.toml splits {', '.join(unknown)}, which is not in areas/{key}.csv: correct the code"
        )
    _refuse_homeless(key, small_areas, {name for _, name in districts})
    contact = str(fields.get("contact", "")).strip()
    return Area(
        key=key,
        small_areas=small_areas,
        splits=splits,
        joined=joined,
        contact=contact,
        districts=districts,
        own=None,
        **texts,
    )


def _with_own_names(small_areas: tuple[SmallArea, ...], own: Path) -> tuple[SmallArea, ...]:
    """The small areas with the names of the area's own `place_names.csv`, where there is one."""
    path = own_file(own, PLACES)
    if path is None:
        return small_areas
    where = label(own, PLACES)
    reader = csv.DictReader(io.StringIO(read_definition(path, where), newline=None))
    require_columns(reader.fieldnames or [], ("lsoa11_code", "place_name"), where)
    names: dict[str, str] = {}
    for line, row in enumerate(reader, start=2):
        code, name = (row["lsoa11_code"] or "").strip(), (row["place_name"] or "").strip()
        if code not in {small.code for small in small_areas}:
            hint = did_you_mean(code, [small.code for small in small_areas], cutoff=0.8)
            raise InputError(f"{where}, line {line}: {code!r} is no small area of {own.name}.{hint}")
        if code in names:
            raise InputError(f"{where}, line {line}: {code} is there twice; keep one line")
        names[code] = name
    return tuple(replace(small, place_name=names.get(small.code) or small.place_name) for small in small_areas)


def _refuse_homeless(key: str, small_areas: Iterable[SmallArea], districts: set[str]) -> None:
    """Stop where the area has several districts and a small area is in none of them."""
    lost = [small.code for small in small_areas if districts and small.district not in districts]
    if lost:
        raise InputError(
            f"areas/{key}.csv: {len(lost)} small areas, such as {lost[0]}, have no district of areas/{key}.toml in the "
            f"column district: write one of {', '.join(sorted(districts))}"
        )


#: What the field `small_areas` says where an area is looked at as a whole only, and has no table.
NO_SMALL_AREAS = "none"
_SETTINGS = ("name", "full_name", "district_code", "partnership_code", "force", "force_name", "classification")


def _parse_table(key: str, table: str) -> tuple[SmallArea, ...]:
    reader = csv.DictReader(io.StringIO(table.removeprefix("\ufeff"), newline=None))
    try:
        require_columns(reader.fieldnames or [], COLUMNS, f"areas/{key}.csv")
        lines = list(reader)
    except csv.Error as error:
        line = reader.line_num + 1
        raise InputError(f"areas/{key}.csv cannot be read as CSV ({error}): correct line {line}") from error
    rows = [
        SmallArea(
            code=row["lsoa11_code"],
            name=row["lsoa11_name"],
            ward_code=row["ward21_code"],
            ward_name=row["ward21_name"],
            rural=_word(key, row, "rural_urban", ("rural", "urban")) == "rural",
            more_rural=_word(key, row, "more_rural", ("yes", "no")) == "yes",
            market_town=row["market_town"],
            place_name=(row.get("place_name") or "").strip(),
            district=(row.get("district") or "").strip(),
        )
        for row in lines
    ]
    codes = [row.code for row in rows]
    twice = sorted({code for code in codes if codes.count(code) > 1})
    if twice:
        raise InputError(f"areas/{key}.csv lists {', '.join(twice)} twice: keep one line for each")
    if not rows:
        raise InputError(f"areas/{key}.csv lists no LSOAs: add its table of LSOAs")
    return tuple(sorted(rows, key=lambda row: row.code))


def _word(key: str, row: dict[str, str], column: str, allowed: Iterable[str]) -> str:
    if row[column] not in allowed:
        raise InputError(
            f"areas/{key}.csv: {row['lsoa11_code']} has {column} {row[column]!r}; it must be {' or '.join(allowed)}"
        )
    return row[column]


def _is_in(small: SmallArea, place: Place) -> bool:
    town = bool(small.market_town)
    return {
        "all": True,
        "rural": small.rural,
        "urban": not small.rural,
        "market towns": town,
        "rural and market towns": small.rural or town,
        "rural without market towns": small.rural and not town,
    }[place]


def _definitions(root: Path | None) -> dict[str, tuple[Any, Any | None]]:
    packaged = resources.files("hcsp_assess") / "definitions" / "areas"
    folders: list[Any] = [packaged] if root is None else [packaged, root / "areas"]
    found: dict[str, tuple[Any, Any | None]] = {}
    for folder in folders:
        names = {item.name for item in folder.iterdir()} if folder.is_dir() else set()
        for name in sorted(names):
            key = name.removesuffix(".toml")
            if key != name:
                found[key] = (folder / name, folder / f"{key}.csv" if f"{key}.csv" in names else None)
    return found


def _refuse_without_table(key: str, settings: Any, table: Any | None) -> None:
    """Stop where a definition has no table of small areas, and does not say that the area has none."""
    if table is None and not _is_whole(settings):
        raise InputError(f"area {key!r} has {key}.toml but no {key}.csv beside it: add its table of LSOAs")


def _is_whole(settings: Any) -> bool:
    """Whether a definition says that it has no small areas; one that cannot be read is refused when it is used."""
    text = read_definition(settings, f"areas/{settings.name}")
    return re.search(rf'^small_areas = "{NO_SMALL_AREAS}"', text, re.MULTILINE) is not None
