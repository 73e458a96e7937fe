"""Read a force's own extract, with exact points and times, and account for every row."""

from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from hcsp_assess.errors import InputError
from hcsp_assess.sources.anonymised import MONTH_ONLY, SNAPPED
from hcsp_assess.sources.small_table import read_small_table

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
        time is known). Other columns are not read, so that no personal data are needed.

    Raises
    ------
    InputError
        If the file is one of data.police.uk, whose points are anonymised; if a column is missing; or no row can be
        used.
    """
    if not path.is_file():
        raise InputError(f"there is no file {path.name}: use a CSV with the columns {', '.join(COLUMNS)}")
    head = read_small_table(path, nrows=0)
    if {"Longitude", "Latitude", "Month"} <= set(head):
        raise InputError(
            f"{path.name} is a street-level file of data.police.uk: {SNAPPED}; and {MONTH_ONLY}. Use small areas "
            "(hcsp-assess hotspots), or an extract from the force with exact points and times"
        )
    missing = [column for column in COLUMNS if column not in head]
    if missing:
        raise InputError(f"{path.name} has no column {', '.join(missing)}; it needs {', '.join(COLUMNS)}")
    text = read_small_table(path, keep_default_na=False, usecols=list(COLUMNS))
    text = text.apply(lambda column: column.str.strip())
    east, north = (pd.to_numeric(text[column].str.replace(",", ""), errors="coerce") for column in COLUMNS[:2])
    last = text["last"].where(text["last"] != "", text["first"])
    times = [pd.to_datetime(column, format="ISO8601", errors="coerce") for column in (text["first"], last)]
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
