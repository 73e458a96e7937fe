"""Partnerships of England and Wales: their districts, force and region, and their names in official tables."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from importlib import resources

import pandas as pd

from hcsp_assess.errors import InputError, did_you_mean

COLUMNS = (
    *("partnership_code", "partnership_name", "force_code", "force_name"),
    *("district_code", "district_name", "region", "district_is"),
)


@dataclass(frozen=True)
class Partnership:
    """One community safety partnership.

    Attributes
    ----------
    code, name : str
        ONS code (E22..., W14...) and the name in today's ONS tables.
    force_code, force, region : str
        Its police force, and the region of England, or Wales.
    district_codes, district_names : tuple of str
        The districts of December 2024 that it covers.
    whole_districts : bool
        Whether it covers them wholly: seven districts formed since 2019 still have several partnerships each.
    former_names : tuple of str
        Names under which older tables list it or the partnerships that merged into it.
    """

    code: str
    name: str
    force_code: str
    force: str
    region: str
    district_codes: tuple[str, ...]
    district_names: tuple[str, ...]
    whole_districts: bool
    former_names: tuple[str, ...]


@cache
def partnerships() -> pd.DataFrame:
    """Return one row for each partnership and district of December 2024.

    Returns
    -------
    pandas.DataFrame
        Text columns `partnership_code`, `partnership_name`, `force_code`, `force_name`, `district_code`,
        `district_name`, `region` ("Wales" for Welsh forces) and `district_is`: "whole", or "part" where a district has
        several partnerships.

    Notes
    -----
    ONS lookup of districts, partnerships and police force areas, December 2024 (Open Government Licence v3.0).
    """
    return _bundled("partnerships.csv")


@cache
def partnership_names() -> pd.DataFrame:
    """Return other and former names, and codes of former districts, as reviewed.

    Returns
    -------
    pandas.DataFrame
        Text columns `name`, `code` (of a former district, else ""), `partnership_code`, `partnership_name`, `kind`
        ("alias", "renamed", "merged", "former district"), `first` and `last` (the earliest and latest publication known
        to use it; "" for not known), `certainty` (D computed from tables, K general knowledge) and `source`.
    """
    return _bundled("partnership_names.csv")


@cache
def forces_and_regions() -> pd.DataFrame:
    """Return forces, regions and countries.

    Returns
    -------
    pandas.DataFrame
        Text columns `level` ("force", "region", "country"), `code` ("" for the British Transport Police), `name`,
        `region` of a force, and `aliases`: other spellings in published tables, parted by "|".
    """
    return _bundled("areas.csv")


def partnership_of(given: str) -> Partnership:
    """Find a partnership by its code, its name today or formerly, or a district's code or name.

    Raises
    ------
    InputError
        If nothing has that name, with the nearest; or if a district has several partnerships, with their names.

    Examples
    --------
    >>> partnership_of("E06000019").name
    'Herefordshire, County of'
    >>> partnership_of("Malvern Hills").name
    'South Worcester'
    >>> partnership_of("Bromsgrove").code
    'E22000368'
    """
    codes = _codes_by_name().get(key_of(given), ())
    if len(codes) == 1:
        return _by_code()[codes[0]]
    if codes:
        names = ", ".join(f"{_by_code()[code].name} ({code})" for code in codes)
        raise InputError(f"{given} has {len(codes)} community safety partnerships: name one of {names}")
    near = did_you_mean(given, _shown_names())
    hint = near or " Give a name as in ONS tables, or a code such as E22000326 or E06000019."
    raise InputError(f"there is no community safety partnership {given!r}.{hint}")


def find_partnership(given: str) -> str:
    """Return a partnership's code by a name or code as `partnership_of`; "" if it is not found or not clear."""
    codes = _codes_by_name().get(key_of(given), ())
    return codes[0] if len(codes) == 1 else ""


@cache
def former_districts(code: str) -> tuple[tuple[str, str], ...]:
    """Return code and name of each former district that is wholly in a partnership, in order of their codes.

    Examples
    --------
    >>> former_districts("E22000357")
    (('E07000151', 'Daventry'), ('E07000155', 'South Northamptonshire'))
    """
    other = partnership_names()
    mine = other[(other["kind"] == "former district") & (other["partnership_code"] == code)]
    return tuple(sorted(zip(mine["code"], mine["name"], strict=True)))


def force_named(given: str) -> tuple[str, str]:
    """Return code and name of a police force by its name in any table; ("", "") where none has it."""
    return _forces().get(key_of(given), ("", ""))


@cache
def region_of_force(name: str) -> str:
    """Return a force's region of England, or Wales; "" for the British Transport Police and unknown names."""
    table = forces_and_regions()
    found = table.loc[(table["level"] == "force") & (table["name"] == name), "region"]
    return str(found.iloc[0]) if len(found) else ""


def key_of(name: object) -> str:
    """Return a name without what varies between tables: case, notes, punctuation, "County of", "City of".

    Examples
    --------
    >>> key_of("Herefordshire, County of [note 3]") == key_of("HEREFORDSHIRE")
    True
    """
    text = re.sub(r"\[[^\]]*\]", " ", str(name or "").casefold()).replace("&", " and ")
    text = " ".join(text.split())
    text = "city of london" if text == "london, city of" else re.sub(r",? +(?:county|city) of$", "", text)
    return " ".join(re.sub(r"[^\w ]", " ", text.replace("'", "").replace("\u2019", "").replace("_", " ")).split())


def _bundled(name: str) -> pd.DataFrame:
    path = resources.files("hcsp_assess") / "definitions" / "recorded_crime" / name
    with path.open("r", encoding="utf-8") as file:
        return pd.read_csv(file, dtype="str", keep_default_na=False)


@cache
def _by_code() -> dict[str, Partnership]:
    other = partnership_names()
    former = _grouped(zip(other["partnership_code"], other["name"], strict=True))
    found = {}
    for code, rows in partnerships().groupby("partnership_code", sort=False):
        one = rows.iloc[0]
        found[str(code)] = Partnership(
            code=str(code),
            name=one["partnership_name"],
            force_code=one["force_code"],
            force=one["force_name"],
            region=one["region"],
            district_codes=tuple(rows["district_code"]),
            district_names=tuple(rows["district_name"]),
            whole_districts=bool((rows["district_is"] == "whole").all()),
            former_names=former.get(str(code), ()),
        )
    return found


@cache
def _codes_by_name() -> dict[str, tuple[str, ...]]:
    """Codes of partnerships by any name or code. A partnership's own name wins over a district's of the same name."""
    table, other = partnerships(), partnership_names()
    own = [
        (key_of(name), code) for name, code in zip(table["partnership_name"], table["partnership_code"], strict=True)
    ]
    own += [(key_of(code), code) for code in table["partnership_code"]]
    rest = [
        *zip(other["name"], other["partnership_code"], strict=True),
        *zip(other["code"], other["partnership_code"], strict=True),
        *zip(table["district_name"], table["partnership_code"], strict=True),
        *zip(table["district_code"], table["partnership_code"], strict=True),
    ]
    found = _grouped(own)
    for name, codes in _grouped((key_of(name), code) for name, code in rest if name).items():
        found.setdefault(name, codes)
    return found


def _grouped(pairs: Iterable[tuple[str, str]]) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for name, code in pairs:
        found[name] = tuple(dict.fromkeys((*found.get(name, ()), code)))
    return found


def _shown_names() -> list[str]:
    table, other = partnerships(), partnership_names()
    return list(dict.fromkeys((*table["partnership_name"], *other["name"], *table["district_name"])))


@cache
def _forces() -> dict[str, tuple[str, str]]:
    table = forces_and_regions().query("level == 'force'")
    found: dict[str, tuple[str, str]] = {}
    for code, name, aliases in zip(table["code"], table["name"], table["aliases"], strict=True):
        found |= {key_of(text): (code, name) for text in (name, code, *aliases.split("|")) if text}
    return found
