"""Figures about an area that come with the package: ONS indicators, Crime Severity Score, similar areas."""

import re
from functools import lru_cache
from importlib import resources
from importlib.resources.abc import Traversable
from typing import Final

import pandas as pd

from hcsp_assess.errors import InputError
from hcsp_assess.files import sha256_of
from hcsp_assess.sources.context import similar_areas
from hcsp_assess.sources.open_data.definitions import suppliers
from hcsp_assess.sources.open_data.frame import OpenData, calendar_year, number, split_year
from hcsp_assess.sources.open_data.sorting import AREA, COMPARISON, NOT_USED, SET_ASIDE, Sorted, sorted_rows

SUPPLIER: Final = "area_in_figures"
YEAR: Final = re.compile(r"(\d{4})-(\d{2})-01/P1Y")
DAY: Final = re.compile(r"(\d{4})-(\d{2})-\d{2}")
#: Countries whose figure is beside an area's, the nearest first: England or Wales, the UK, Great Britain, both.
COUNTRIES: Final = {
    "E": ("E92000001", "K02000001", "K03000001", "K04000001"),
    "W": ("W92000004", "K02000001", "K03000001", "K04000001"),
}
YEAR_OF_SCORE: Final = 2022  # the year to March 2023


def area_in_figures(district: str) -> OpenData:
    """Read the figures of a district, of the areas similar to it, its countries and all regions.

    Returns
    -------
    OpenData
        In the common form. The figures of a district that the bundled files do not hold are not there.
    """
    similar = _similar_to(district)
    local, score = _table("local_statistics.csv.gz"), _table("crime_severity_score.csv.gz")
    named = {item.name: item.key for item in suppliers()[SUPPLIER].measures if item.name}
    rows = [_sort(row, district, similar, named) for row in _lines(local)]
    several = set(score.loc[score["ltla23_code"].duplicated(keep=False), "ltla23_code"])
    rows += [_sort_score(row, district, similar, several) for row in _lines(score)]
    files = [
        (name, sha256_of(_file(name).read_bytes()))
        for name in ("local_statistics.csv.gz", "crime_severity_score.csv.gz")
    ]
    return sorted_rows(SUPPLIER, rows, tuple(files))


def nearest_country(data: OpenData, indicator: str, district: str) -> pd.DataFrame:
    """Return the rows of the nearest country that has an indicator: England or Wales, else the United Kingdom."""
    rows = data.of(indicator, "country")
    found = [rows[rows["area_code"] == code] for code in COUNTRIES.get(district[:1], ())]
    return next((each for each in found if each["value"].notna().any()), rows.iloc[:0])


def _sort(row: dict[str, str], district: str, similar: set[str], named: dict[str, str]) -> Sorted:
    key = named.get(row["indicator"])
    if key is None:
        return Sorted(NOT_USED, "another indicator")
    code = row["areacd"]
    level = (
        "region"
        if code.startswith("E12")
        else "country"
        if code[1:].startswith(("92", "02", "03", "04"))
        else "district"
    )
    if level == "district" and code != district and code not in similar:
        return Sorted(NOT_USED, "another place")
    span = _span(row["period"])
    if span is None:
        return Sorted(SET_ASIDE, "its period cannot be understood")
    figures = {"value": row["observation"], "low": row["lci_95"], "high": row["uci_95"]}
    cells = {
        "area_code": code,
        "area_name": row["areanm"],
        "level": level,
        "indicator": key,
        **span,
        **{name: number(text) for name, text in figures.items()},
        "note": "not available" if row["status"] else "",
    }
    return Sorted(AREA if code == district else COMPARISON, "", cells)


def _sort_score(row: dict[str, str], district: str, similar: set[str], several: set[str]) -> Sorted:
    code = row["ltla23_code"]
    if code != district and code not in similar:
        return Sorted(NOT_USED, "another place")
    if code in several:
        return Sorted(SET_ASIDE, "the district has several partnerships")
    cells = {
        "area_code": code,
        "level": "district",
        "indicator": "crime_severity_score",
        **split_year(YEAR_OF_SCORE),
        "value": number(row["crime_severity_score"]),
    }
    return Sorted(AREA if code == district else COMPARISON, "", cells)


def _span(text: str) -> dict[str, object] | None:
    """Period, first and last month of a period as the ONS writes it: a year from a day, or a day."""
    if match := YEAR.fullmatch(text):
        year, month = int(match[1]), int(match[2])
        return calendar_year(year) if month == 1 else split_year(year, begins=month)
    if match := DAY.fullmatch(text):
        month_of = pd.Period(f"{match[1]}-{match[2]}", "M")
        return {"period": f"{month_of.strftime('%B %Y')}", "starts": month_of, "ends": month_of}
    return None


def _lines(table: pd.DataFrame) -> list[dict[str, str]]:
    return [{str(name): str(cell) for name, cell in row.items()} for row in table.to_dict("records")]


def _file(name: str) -> Traversable:
    return resources.files("hcsp_assess") / "definitions" / "open_data" / SUPPLIER / name


@lru_cache(maxsize=4)
def _table(name: str) -> pd.DataFrame:
    return _read(_file(name))


def _similar_to(district: str) -> set[str]:
    try:
        return set(similar_areas([district])["code"])
    except InputError:  # a district that the list does not have
        return set()


def _read(file: Traversable) -> pd.DataFrame:
    with file.open("rb") as opened:
        return pd.read_csv(opened, compression="gzip", dtype="str", keep_default_na=False)
