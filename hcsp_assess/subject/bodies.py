"""Look up the council, county council, police force and fire service of an area by the code of its district."""

import csv
from functools import cache
from importlib import resources

import pandas as pd

from hcsp_assess.subject.areas import Area, short_name


def bodies_of(area: Area, month: pd.Period) -> dict[str, str]:
    """Return the bodies of an area that can be looked up, by kind; "" for one that cannot, or was not there yet.

    Parameters
    ----------
    month : pandas.Period
        When: a council that was formed later is not named.

    Returns
    -------
    dict of str to str
        "council" (of the district, or of several), "upper" (the council that is responsible for roads, schools, social
        care and public health: the county's in two tiers), "force" and "fire".

    Examples
    --------
    >>> from hcsp_assess.subject.areas import area
    >>> bodies_of(area("herefordshire"), pd.Period("2025-12"))["force"]
    'West Mercia Police'
    """
    county = _table("geography/counties.csv", "district_code", "county").get(area.district_code, "")
    council = _council(area, month)
    return {
        "council": council,
        "upper": (f"{county} County Council" if county else "") if area.district_code.startswith("E07") else council,
        "force": _table("police_forces.csv", "force", "name").get(area.force, ""),
        "fire": _fire(area),
    }


def _council(area: Area, month: pd.Period) -> str:
    """The council of an area, or its councils; "" if one of them is not known, or was formed later."""
    districts = _table("recorded_crime/partnerships.csv", "district_code", "district_name")
    several = [code for code, _ in area.districts] if area.districts else []
    codes = several if several and all(code in districts for code in several) else [area.district_code]
    names = [districts.get(code, "") for code in codes]
    began = _table("councils.csv", "district_code", "from")
    late = any(month < pd.Period(began[code], "M") for code in codes if began.get(code))
    if late or not all(names):
        return ""
    if len(codes) == 1:
        return _table("councils.csv", "district_code", "name").get(codes[0]) or f"{short_name(names[0])} Council"
    short = [short_name(name) for name in names]
    return f"the councils of {', '.join(short[:-1])} and {short[-1]}"


def _fire(area: Area) -> str:
    """The fire and rescue service of an area; "" where the list of fire authorities lacks its district."""
    authority = _table("open_data/fire_authorities.csv", "district_code", "fire_authority").get(area.district_code, "")
    return f"{authority} Fire and Rescue Service" if authority else ""


@cache
def _table(name: str, key: str, value: str) -> dict[str, str]:
    """One column of a table that comes with the package, by another."""
    file = resources.files("hcsp_assess").joinpath("definitions", *name.split("/"))
    return {row[key]: row[value] for row in csv.DictReader(file.read_text(encoding="utf-8-sig").splitlines())}
