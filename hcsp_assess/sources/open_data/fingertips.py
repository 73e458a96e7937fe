"""Health and justice indicators: Fingertips, for an area, its region and England."""

import re
from collections.abc import Collection, Sequence
from pathlib import Path
from typing import Final

import pandas as pd

from hcsp_assess.sources.open_data.definitions import Measure, suppliers
from hcsp_assess.sources.open_data.frame import OpenData, calendar_year, number, split_year
from hcsp_assess.sources.open_data.published import digests, read_published
from hcsp_assess.sources.open_data.sorting import AREA, COMPARISON, Sorted, sorted_rows

SUPPLIER = "fingertips"
PUBLISHER = "Fingertips"
ENGLAND = "E92000001"
#: Headings of the API's CSV, as its own program writes them.
HEADINGS: Final = {
    "id": "Indicator ID",
    "name": "Indicator Name",
    "parent": "Parent Code",
    "code": "Area Code",
    "area": "Area Name",
    "sex": "Sex",
    "age": "Age",
    "category": "Category Type",
    "period": "Time period",
    "value": "Value",
    "low": "Lower CI 95.0 limit",
    "high": "Upper CI 95.0 limit",
    "count": "Count",
    "denominator": "Denominator",
    "note": "Value note",
    "trend": "Recent Trend",
}
SINGLE = re.compile(r"(?P<first>\d{4})(?P<split>/\d{2})?")
SEVERAL = re.compile(r"(?P<first>\d{4})(?P<split>/\d{2})? ?[-–] ?(?P<last>\d{2,4})(/\d{2})?")


def find_fingertips(folder: Path) -> list[Path]:
    """Return the files of the supplier in its folder, by name."""
    return sorted(folder.glob("*.csv*"))


def read_fingertips(files: Sequence[Path], *, district: str, similar: Collection[str] = ()) -> OpenData:
    """Read indicators for a district, with its region, England and similar areas beside it.

    Parameters
    ----------
    files : sequence of Path
        What `https://fingertips.phe.org.uk/api/all_data/csv/by_indicator_id` gives, one or more indicators a file.
    district : str
        ONS code of the district or unitary authority.
    similar : collection of str
        Codes of areas to keep for comparison.

    Returns
    -------
    OpenData
        The indicators of `definitions/open_data/fingertips.toml`, for everybody (sex "Persons", no category).

    Raises
    ------
    InputError
        If a file is not there, empty, cut off, or not of this layout; or gives one figure twice with different values.

    Notes
    -----
    An indicator is recognised by its number and its name together: a number that has another name is set aside. The
    region is the parent that the file gives the district. A figure of a county is not one of its districts.
    """
    wanted = {own: (heading.casefold(),) for own, heading in HEADINGS.items()}
    tables = [read_published(path, wanted, PUBLISHER) for path in files]
    table = pd.concat(tables, ignore_index=True) if tables else pd.DataFrame(columns=list(HEADINGS), dtype="str")
    mine = table["code"] == district
    regions = set(table.loc[mine & table["parent"].str.startswith("E12"), "parent"])
    places = {district: "district", ENGLAND: "country"} | dict.fromkeys(similar, "district")
    places |= dict.fromkeys(regions, "region")
    measures = suppliers()[SUPPLIER].measures
    rows = [{str(name): str(cell) for name, cell in row.items()} for row in table.to_dict("records")]
    return sorted_rows(SUPPLIER, [_sort(row, measures, places, district) for row in rows], digests(files))


def _sort(row: dict[str, str], measures: Sequence[Measure], places: dict[str, str], district: str) -> Sorted:
    """Say what becomes of one row, and give it in the common form."""
    measure = max((item for item in measures if _is(row, item)), key=lambda item: len(item.name), default=None)
    if measure is None:
        if row["id"] in {str(item.id) for item in measures if item.id}:
            return Sorted("set aside", f"its number {row['id']} has an unexpected name")
        return Sorted("not used", "another indicator")
    if row["category"] or row["sex"] != "Persons" or row["age"] != measure.pick.get("Age", row["age"]):
        return Sorted("not used", "another sex, age or category")
    if row["code"] not in places:
        return Sorted("not used", "another place")
    span = read_period(row["period"])
    if span is None:
        return Sorted("set aside", "its period cannot be understood")
    if row["value"] and number(row["value"]) is None:
        return Sorted("set aside", "its value is not a number")
    count = number(row["count"])
    cells = {
        "area_code": row["code"],
        "area_name": row["area"],
        "level": places[row["code"]],
        "indicator": measure.key,
        **span,
        **{name: number(row[name]) for name in ("value", "low", "high", "denominator")},
        "count": None if count is None else round(count),
        "trend": row["trend"],
        "note": row["note"],
    }
    return Sorted(AREA if row["code"] == district else COMPARISON, "", cells)


def _is(row: dict[str, str], measure: Measure) -> bool:
    """Whether a row is of a measure: by number and name where the number is known, else by name."""
    named = measure.name in row["name"].casefold()
    return named and (not measure.id or row["id"] == str(measure.id))


def read_period(text: str) -> dict[str, object] | None:
    """Return period, first and last month of a period as Fingertips writes it; None if it is not a year.

    Examples
    --------
    >>> read_period("2020/21 - 22/23")["period"], read_period("2023")["period"]
    ('2020/21 to 2022/23', '2023')
    >>> read_period("2023/24 Q1") is None
    True
    """
    if match := SINGLE.fullmatch(text.strip()):
        first = int(match["first"])
        return split_year(first) if match["split"] else calendar_year(first)
    if match := SEVERAL.fullmatch(text.strip()):
        first, last = int(match["first"]), int(match["last"][-2:])
        years = (last - first % 100) % 100 + 1
        if match["split"]:
            return split_year(first, years=years)
        whole = calendar_year(first)
        ends = calendar_year(first + years - 1)
        return {"period": f"{first} to {first + years - 1}", "starts": whole["starts"], "ends": ends["ends"]}
    return None
