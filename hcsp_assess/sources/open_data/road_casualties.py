"""Road casualties by calendar year, in the common form of open data."""

from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from hcsp_assess.sources.open_data.frame import Account, OpenData, calendar_year, common_frame
from hcsp_assess.sources.open_data.published import digests
from hcsp_assess.sources.road_safety import KILLED_OR_SERIOUSLY_INJURED, RoadCasualties

SUPPLIER = "road_safety"
CHILD = 16  # years of age from which a person is not a child in road casualty statistics
NOT_KNOWN = 0.1  # share of casualties without an age, or a kind of road user, above which none is counted by it
COUNTRIES = {"E": ("E92000001", "England"), "W": ("W92000004", "Wales"), "S": ("S92000003", "Scotland")}


def open_road_casualties(national: RoadCasualties, files: Sequence[Path]) -> OpenData:
    """Put a district's road casualties into the common form, with those of its country beside them.

    Parameters
    ----------
    national : RoadCasualties
        As `sources.road_safety.read_road_casualties` gives it.
    files : sequence of Path
        The files that it was read from.

    Returns
    -------
    OpenData
        A value for each complete calendar year: a year of which the files hold only some months is left out. The
        adjusted number (its count is rounded) is the killed, and the sum of the Department's probabilities that the
        others are serious; a year in which any casualty lacks its probability has none. Nor is there a count of
        children, motorcyclists or cyclists where more than a tenth of the casualties have no age, or no kind.
    """
    rows: list[dict[str, object]] = []
    for year in national.complete:
        people = national.casualties[national.casualties["month"].dt.year == year]
        rows += [_row(national, year, key, value) for key, value in _measures(people).items() if value is not None]
        rows += _of_country(national, year, people)
    account = national.account
    beside = int(national.elsewhere["casualties"].sum())
    not_used = {
        "in another country of Great Britain": account["in other districts"] - beside,
        "in two files: counted once": account["repeated"],
    }
    whole = Account(
        read=account["in"],
        area=account["kept"],
        comparison=beside,
        not_used=tuple((reason, number) for reason, number in not_used.items() if number),
        set_aside=national.reasons,
    )
    return OpenData(SUPPLIER, common_frame(rows), whole, digests(files))


def _measures(people: pd.DataFrame) -> dict[str, float | None]:
    ksi = people[people["severity"].isin(KILLED_OR_SERIOUSLY_INJURED)]
    killed = people["severity"] == "killed"
    adjusted = people.loc[~killed, "adjusted_serious"]
    by_age, by_user = (_mostly_known(ksi[column]) for column in ("age", "user"))
    return {
        "road_ksi": len(ksi),
        "road_ksi_adjusted": float(killed.sum() + adjusted.sum()) if adjusted.notna().all() else None,
        "road_killed": int(killed.sum()),
        "road_casualties": len(people),
        "road_children_ksi": int((ksi["age"] < CHILD).fillna(value=False).sum()) if by_age else None,
        "road_motorcyclists_ksi": int((ksi["user"] == "motorcyclist").sum()) if by_user else None,
        "road_cyclists_ksi": int((ksi["user"] == "pedal cyclist").sum()) if by_user else None,
    }


def _mostly_known(values: pd.Series) -> bool:
    """Whether so few casualties lack an age or a kind that a count by it can be shown."""
    return bool(values.isna().sum() <= NOT_KNOWN * len(values))


def _row(national: RoadCasualties, year: int, key: str, value: float) -> dict[str, object]:
    place = {"area_code": national.district, "area_name": "", "level": "district"}
    return {**place, **calendar_year(year), "indicator": key, "value": float(value), "count": round(value)}


def _of_country(national: RoadCasualties, year: int, people: pd.DataFrame) -> list[dict[str, object]]:
    """Casualties of the whole country, the district among them."""
    code, name = COUNTRIES[national.district[:1]]
    others = national.elsewhere[national.elsewhere["year"] == year]
    by_severity = others.groupby("severity")["casualties"].sum()
    own = people["severity"].value_counts()
    total = {
        "road_ksi": sum(int(each.get(name, 0)) for each in (by_severity, own) for name in KILLED_OR_SERIOUSLY_INJURED),
        "road_killed": sum(int(each.get("killed", 0)) for each in (by_severity, own)),
        "road_casualties": int(by_severity.sum()) + len(people),
    }
    place = {"area_code": code, "area_name": name, "level": "country"}
    return [
        {**place, **calendar_year(year), "indicator": key, "value": float(number), "count": number}
        for key, number in total.items()
    ]
