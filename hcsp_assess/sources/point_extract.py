"""Read a force's own extract, with exact points and times, and account for every row."""

from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from hcsp_assess.errors import InputError
from hcsp_assess.sources.anonymised import MONTH_ONLY, SNAPPED
from hcsp_assess.sources.returns.habits import Order, date_order
from hcsp_assess.sources.text_table import read_text_table

COLUMNS = ("easting", "northing", "first", "last")
#: Corners of the British National Grid, in metres.
MOST_EAST, MOST_NORTH = 700_000, 1_300_000


@dataclass(frozen=True)
class PointExtract:
    """Records with true points and times.

    Attributes
    ----------
    table : pandas.DataFrame
        `easting`, `northing` (metres, British National Grid), `first`, `last` (dates and times between which it
        happened), one row per record kept.
    set_aside : dict of str to int
        Rows not kept, by reason; rows_in = rows of the table + those.
    """

    table: pd.DataFrame
    rows_in: int
    set_aside: dict[str, int]


def read_point_extract(path: Path) -> PointExtract:
    """Read a force's extract with true points and times.

    Parameters
    ----------
    path : Path
        CSV with the columns `easting`, `northing`, `first`, `last` ("2025-03-01 22:30"; `last` may be blank where the
        time is known), whatever their case; cells may be separated by semicolons or tabs. Times may begin with the
        day (01/03/2025 22:30), or with the month where other dates show it; where both occur they are not read.
        Other columns are not read, so that no personal data are needed.

    Raises
    ------
    InputError
        If the file is one of data.police.uk, whose points are anonymised; if a column is missing; or no row can be
        used.
    """
    if not path.is_file():
        raise InputError(f"there is no file {path.name}: use a CSV with the columns {', '.join(COLUMNS)}")
    head = [str(name) for name in read_text_table(path, nrows=0)]
    if {"Longitude", "Latitude", "Month"} <= set(head):
        raise InputError(
            f"{path.name} is a street-level file of data.police.uk: {SNAPPED}; and {MONTH_ONLY}. Use small areas "
            "(hcsp-assess hotspots), or an extract from the force with exact points and times"
        )
    names = [name.strip().strip('"').casefold() for name in head]
    missing = [column for column in COLUMNS if column not in names]
    if missing:
        raise InputError(f"{path.name} has no column {', '.join(missing)}; it needs {', '.join(COLUMNS)}")
    places = [names.index(column) for column in COLUMNS]
    text = read_text_table(path, keep_default_na=False, usecols=places)
    text = text.set_axis([names[place] for place in sorted(places)], axis="columns").apply(lambda one: one.str.strip())
    east, north = (pd.to_numeric(text[column].str.replace(",", ""), errors="coerce") for column in COLUMNS[:2])
    last = text["last"].where(text["last"] != "", text["first"])
    order = date_order([*text["first"], *last])
    times = [_times(column, order) for column in (text["first"], last)]
    on_grid = east.between(1, MOST_EAST) & north.between(1, MOST_NORTH)
    known, ordered = times[0].notna() & times[1].notna(), times[1] >= times[0]
    reasons = {
        "no point on the British National Grid": ~on_grid,
        "no readable first or last time": on_grid & ~known,
        "last time before the first": on_grid & known & ~ordered,
    }
    kept = on_grid & known & ordered
    if not kept.any():
        raise InputError(f"{path.name}: none of {len(text)} rows has coordinates and a time such as 2025-03-01 22:30")
    table = pd.DataFrame({"easting": east, "northing": north, "first": times[0], "last": times[1]})[kept]
    set_aside = {reason: int(rows.sum()) for reason, rows in reasons.items()}
    return PointExtract(table.reset_index(drop=True), len(text), set_aside)


def _times(text: "pd.Series[str]", order: Order) -> "pd.Series[pd.Timestamp]":
    """Read times such as 2025-03-01 22:30, and 01/03/2025 22:30 in the order of day and month that the file has."""
    found = pd.to_datetime(text, format="ISO8601", errors="coerce")
    if order == "doubt":
        return found
    day = "%m/%d/%Y" if order == "month first" else "%d/%m/%Y"
    for written in (f"{day} %H:%M", f"{day} %H:%M:%S", day):
        found = found.fillna(pd.to_datetime(text, format=written, errors="coerce"))
    return found
