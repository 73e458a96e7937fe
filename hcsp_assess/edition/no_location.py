"""Records without a location, by month, and how far they could change the area's count."""

import pandas as pd

from hcsp_assess.assessment.wording.coverage import say_no_location
from hcsp_assess.edition.opened import OpenEdition
from hcsp_assess.subject.crime_types import ANTI_SOCIAL_BEHAVIOUR

SIDES = 2.0  # percentage points by which the area's likely share must move a change before it is worth a sentence


def no_location_by_month(opened: OpenEdition) -> pd.DataFrame:
    """Records of the area's own force without an LSOA, and bounds on the area's count.

    At least the records located in the area; at most those and every record of the force without an LSOA, wherever in
    the force it was. Neither is likely. In between, the area is given the share of them that it has of located records.

    Returns
    -------
    pandas.DataFrame
        By complete month: `records` kept of the force, `unlocated`, `percent` of them, and `lowest`, `likely` and
        `highest` counts of the area (all records of the force, crimes and anti-social behaviour).
    """
    account, area = opened.counted.account, opened.area
    mine = (
        account[account["force"] == area.force]
        .groupby("month")[["kept", "no_location", "without_lsoa", "in_area"]]
        .sum()
    )
    unlocated = mine["no_location"] + mine["without_lsoa"]
    located = (mine["kept"] - unlocated).clip(lower=1)
    return pd.DataFrame(
        {
            "records": mine["kept"],
            "unlocated": unlocated,
            "percent": 100 * unlocated / mine["kept"].clip(lower=1),
            "lowest": mine["in_area"],
            "likely": (mine["in_area"] * (1 + unlocated / located)).round().astype("int64"),
            "highest": mine["in_area"] + unlocated,
        }
    )


def note_on_no_location(opened: OpenEdition) -> str:
    """Return a warning if records without a location could change the comparison of two years, otherwise "".

    It could where the area's likely share of them turns the change of recorded crime from a rise to a fall, or moves it
    by two percentage points.
    """
    found, crimes = no_location_by_month(opened), _crimes(opened)
    year = [month for month in opened.edition.span.months if month in found.index and month - 12 in found.index]
    if not year:
        return ""
    sums = {}
    for name, months in (("now", year), ("before", [month - 12 for month in year])):
        part = found.loc[months].sum()
        count = int(crimes.reindex(months).fillna(0).sum())
        weight = part["unlocated"] / max(part["records"] - part["unlocated"], 1)
        sums[name] = (count, count * (1 + weight), 100 * part["unlocated"] / max(part["records"], 1))
    (now, now_with, percent), (before, before_with, percent_before) = sums["now"], sums["before"]
    if not before:
        return ""
    change, change_with = 100 * (now / before - 1), 100 * (now_with / before_with - 1)
    if change * change_with >= 0 and abs(change - change_with) < SIDES:
        return ""
    return say_no_location(percent, percent_before, change, change_with)


def _crimes(opened: OpenEdition) -> "pd.Series[int]":
    """Recorded crime of the area by month, of the area's own force."""
    cells, area = opened.counted.cells, opened.area
    mine = cells[
        (cells["force"] == area.force)
        & cells["lsoa_code"].isin(set(area.folds))
        & (cells["crime_type"] != ANTI_SOCIAL_BEHAVIOUR)
    ]
    return mine.groupby("month")["count"].sum()
