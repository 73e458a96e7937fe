"""Fly-tipping: Defra's table by local authority, for an area, its region and England."""

import re
from collections.abc import Collection, Sequence
from pathlib import Path
from typing import Final

from hcsp_assess.sources.open_data.frame import OpenData, number, split_year
from hcsp_assess.sources.open_data.published import digests
from hcsp_assess.sources.open_data.sheets import read_sheet_table
from hcsp_assess.sources.open_data.sorting import AREA, COMPARISON, NOT_USED, SET_ASIDE, Sorted, sorted_rows

SUPPLIER: Final = "fly_tipping"
PUBLISHER: Final = "the Department for Environment, Food and Rural Affairs"
COLUMNS: Final = {
    "year": ("year",),
    "region": ("region",),
    "code": ("ons code", "ons_code", "la code"),
    "name": ("la name", "local authority", "authority name"),
    "incidents": ("total incidents", "total_incidents"),
}
YEAR: Final = re.compile(r"(\d{4})[-/–]\d{2}(\d{2})?")


def find_fly_tipping(folder: Path) -> list[Path]:
    """Return the files of the supplier in its folder, by name."""
    return sorted(path for path in folder.glob("*") if path.suffix.lower() in (".ods", ".xlsx", ".csv"))


def read_fly_tipping(files: Sequence[Path], *, district: str, similar: Collection[str] = ()) -> OpenData:
    """Read fly-tipping incidents by financial year.

    Parameters
    ----------
    files : sequence of Path
        "Fly-tipping incidents and actions taken, reported by local authorities in England" (ENV24): .ods, .xlsx or CSV.
    district : str
        ONS code of the local authority.
    similar : collection of str
        Codes of areas to keep for comparison.

    Returns
    -------
    OpenData
        Incidents dealt with, on public land for the most part. A year for which an authority sent nothing is missing.

    Raises
    ------
    InputError
        If a file is not there, empty, damaged, or has no such table; or gives one figure twice with different values.
    """
    rows = [row for path in files for row in read_sheet_table(path, COLUMNS, PUBLISHER)]
    regions = {row["region"] for row in rows if row["code"] == district} - {""}
    return sorted_rows(SUPPLIER, [_sort(row, district, similar, regions) for row in rows], digests(files))


def _sort(row: dict[str, str], district: str, similar: Collection[str], regions: Collection[str]) -> Sorted:
    """Say what becomes of one row, and give it in the common form."""
    match = YEAR.fullmatch(row["year"])
    if match is None:
        return (
            Sorted(NOT_USED, "a remark under the table")
            if not row["incidents"]
            else Sorted(SET_ASIDE, "it has no year")
        )
    place = _place(row, district, similar, regions)
    if place is None:
        return Sorted(NOT_USED, "another place")
    incidents = number(row["incidents"])
    known = incidents is not None
    if not known and row["incidents"].strip("[]:.-").casefold() not in (
        "",
        "x",
        "z",
        "c",
        "n/a",
        "no data",
        "did not submit",
    ):
        return Sorted(SET_ASIDE, "its number of incidents cannot be understood")
    cells = {
        **place,
        **split_year(int(match[1])),
        "indicator": "fly_tipping_incidents",
        "value": incidents,
        "count": round(incidents) if incidents is not None else None,
        "note": "" if known else "no figure from the authority",
    }
    return Sorted(AREA if place["area_code"] == district else COMPARISON, "", cells)


def _place(
    row: dict[str, str], district: str, similar: Collection[str], regions: Collection[str]
) -> dict[str, object] | None:
    if row["code"] == district or row["code"] in similar:
        return {"area_code": row["code"], "area_name": row["name"], "level": "district"}
    total = "total" in row["name"].casefold()
    if total and "england" in f"{row['region']} {row['name']}".casefold():
        return {"area_code": "E92000001", "area_name": "England", "level": "country"}
    region = re.sub(r"^\*?total\s*", "", row["region"], flags=re.IGNORECASE)
    if total and region in regions:
        return {"area_code": region, "area_name": region, "level": "region"}
    return None
