"""School exclusions: Explore education statistics, for an area, its region and England."""

from collections.abc import Collection, Sequence
from pathlib import Path
from typing import Final

import pandas as pd

from hcsp_assess.sources.open_data.frame import OpenData, number, split_year
from hcsp_assess.sources.open_data.published import digests, read_published
from hcsp_assess.sources.open_data.sorting import AREA, COMPARISON, NOT_USED, SET_ASIDE, Sorted, sorted_rows

SUPPLIER: Final = "exclusions"
PUBLISHER: Final = "the Department for Education"
#: Our names, and what files have called the columns: since suspensions were named so (2020/21), and before.
COLUMNS: Final = {
    "period": ("time_period",),
    "identifier": ("time_identifier",),
    "level": ("geographic_level",),
    "country": ("country_code",),
    "region_code": ("region_code",),
    "region": ("region_name",),
    "code": ("new_la_code",),
    "name": ("la_name",),
    "phase": ("education_phase", "school_type"),
    "headcount": ("headcount",),
    "permanent": ("perm_excl",),
    "permanent_rate": ("perm_excl_rate",),
    "suspensions": ("suspension", "susp", "fixed_excl"),
    "suspension_rate": ("susp_rate", "fixed_excl_rate"),
}
#: Columns by which files on groups of pupils divide; where a file has one, only its total is taken.
GROUPS: Final = (
    "characteristic",
    "characteristic_group",
    "sex",
    "ethnicity_minor",
    "ethnicity_major",
    "fsm",
    "sen_status",
    "age",
)
TOTALS: Final = ("", "total", "all pupils")
SYMBOLS: Final = {
    "c": "hidden by the publisher to protect people",
    "x": "not available",
    "z": "does not apply",
    ":": "not available",
    "low": "rounds to zero",
}
YEAR, LOCAL = "academic year", "local authority"


def find_exclusions(folder: Path) -> list[Path]:
    """Return the files of the supplier in its folder, by name."""
    return sorted(folder.glob("*.csv*"))


def read_exclusions(files: Sequence[Path], *, district: str, similar: Collection[str] = ()) -> OpenData:
    """Read permanent exclusions and suspensions by academic year.

    Parameters
    ----------
    files : sequence of Path
        "Suspensions and permanent exclusions in England", by geographic level or by characteristic, as CSV.
    district : str
        ONS code of the local education authority: a unitary authority, metropolitan district or London borough. A shire
        district has no figures of its own.
    similar : collection of str
        Codes of areas to keep for comparison.

    Returns
    -------
    OpenData
        Counts, and rates per 100 pupils, of all schools together; terms are left out. A figure that was hidden is
        missing, and its note says so.

    Raises
    ------
    InputError
        If a file is not there, empty, cut off, or lacks a column; or gives one figure twice with different values.
    """
    wanted = {**COLUMNS, **{name: (name,) for name in GROUPS}}
    optional = (*GROUPS, "region_code", "country")
    tables = [read_published(path, wanted, PUBLISHER, optional=optional) for path in files]
    table = pd.concat(tables, ignore_index=True)
    regions = set(table.loc[table["code"] == district, "region"]) - {""}
    rows = [{str(name): str(cell) for name, cell in row.items()} for row in table.to_dict("records")]
    return sorted_rows(SUPPLIER, [_sort(row, district, similar, regions) for row in rows], digests(files))


def _sort(row: dict[str, str], district: str, similar: Collection[str], regions: Collection[str]) -> Sorted:
    """Say what becomes of one row, and give it in the common form."""
    if row["identifier"].casefold() != YEAR:
        return Sorted(NOT_USED, "a term, not a year")
    if any(row[name].casefold() not in TOTALS for name in (*GROUPS, "phase")):
        return Sorted(NOT_USED, "one kind of school or of pupil")
    place = _place(row, district, similar, regions)
    if place is None:
        return Sorted(NOT_USED, "another place")
    first = row["period"][:4]
    if not (first.isdigit() and len(row["period"]) in (4, 6)):
        return Sorted(SET_ASIDE, "its period cannot be understood")
    strange = [name for name in MEASURED if number(row[name]) is None and row[name].casefold() not in SYMBOLS]
    if strange:
        return Sorted(SET_ASIDE, "a figure is not a number or a known symbol")
    span = split_year(int(first), begins=9)
    cells = tuple(_cells(row, place, span, key, value, count) for key, (value, count) in INDICATORS.items())
    return Sorted(AREA if place["area_code"] == district else COMPARISON, "", cells)


def _place(
    row: dict[str, str], district: str, similar: Collection[str], regions: Collection[str]
) -> dict[str, object] | None:
    level = row["level"].casefold()
    if level == LOCAL and (row["code"] == district or row["code"] in similar):
        return {"area_code": row["code"], "area_name": row["name"], "level": "district"}
    if level == "regional" and row["region"] in regions:
        return {"area_code": row["region_code"] or row["region"], "area_name": row["region"], "level": "region"}
    if level == "national":
        return {"area_code": row["country"] or "E92000001", "area_name": "England", "level": "country"}
    return None


#: Columns with figures; and for each indicator its column, and the column of its count.
MEASURED: Final = ("headcount", "permanent", "permanent_rate", "suspensions", "suspension_rate")
INDICATORS: Final = {
    "permanent_exclusions": ("permanent", "permanent"),
    "permanent_exclusion_rate": ("permanent_rate", "permanent"),
    "suspensions": ("suspensions", "suspensions"),
    "suspension_rate": ("suspension_rate", "suspensions"),
}


def _cells(
    row: dict[str, str], place: dict[str, object], span: dict[str, object], key: str, value: str, count: str
) -> dict[str, object]:
    counted = number(row[count])
    return {
        **place,
        **span,
        "indicator": key,
        "value": number(row[value]),
        "count": None if counted is None else round(counted),
        "denominator": number(row["headcount"]),
        "note": SYMBOLS.get(row[value].casefold(), ""),
    }
