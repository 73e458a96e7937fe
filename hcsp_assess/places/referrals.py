"""Which hotspots should partners look at? A list for joint tasking."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from hcsp_assess.errors import InputError
from hcsp_assess.places.history import HotspotHistory
from hcsp_assess.places.hotspots import Hotspots
from hcsp_assess.places.times import DAYS, WeekHours
from hcsp_assess.places.two_periods import Changes
from hcsp_assess.trends.multiplicity import HIGH_CERTAINTY_LEVEL

COLUMNS = (
    "place_code",
    "place",
    "crime_types",
    "records",
    "beyond_expected",
    "times_expected",
    "certainty",
    "trend",
    "history",
    "when",
)
NOT_COMPARED = "not compared"
HOURS_NOT_KNOWN = "not known: the records are dated by month only"


def list_referrals(
    hotspots: Hotspots,
    names: Mapping[str, str],
    *,
    changes: Mapping[str, Changes] | None = None,
    history: HotspotHistory | None = None,
    times: Mapping[str, WeekHours] | None = None,
) -> pd.DataFrame:
    """List the hotspots for multi-agency tasking, one row per place.

    Parameters
    ----------
    hotspots : Hotspots
        Of one or more crime types. If one of its measures is called "All records", the sizes are of that measure.
    names : mapping
        Name for readers by place code.
    changes : mapping, optional
        `compare_periods` by measure.
    history : HotspotHistory, optional
        Of the measure "All records", or of the only measure.
    times : mapping, optional
        `spread_over_hours` by place code, where a force extract has times.

    Returns
    -------
    pandas.DataFrame
        `place_code`, `place`; `crime_types` (those in which it is a hotspot, with its kind); `records`,
        `beyond_expected` (records more than its residents would lead one to expect) and `times_expected`, of all
        records or of the largest type; `certainty` ("high": its best adjusted p-value is at most 0.01, else "fair");
        `trend` (types that rose or fell more than elsewhere); `history`; `when` (days and times of the eight busiest
        hours of the week). The largest excess comes first: where most could be gained, not a ranking of danger.

    Raises
    ------
    InputError
        If a hotspot has no name.

    Examples
    --------
    >>> from hcsp_assess.places.hotspots import find_hotspots
    >>> ring = [f"place {number}" for number in range(12)]
    >>> counts = pd.Series([160] + [20] * 11, index=ring, name="All records")
    >>> neighbours = {place: (ring[i - 1], ring[(i + 1) % 12]) for i, place in enumerate(ring)}
    >>> hotspots = find_hotspots(counts, pd.Series(1500, index=ring), neighbours, permutations=999)
    >>> listed = list_referrals(hotspots, {"place 0": "High Street"})
    >>> listed[["place", "records", "beyond_expected", "times_expected"]].to_dict("records")  # 380 / 12 are expected
    [{'place': 'High Street', 'records': 160, 'beyond_expected': 128, 'times_expected': 5.1}]
    """
    found = hotspots.flagged()
    codes = list(dict.fromkeys(found.index.get_level_values("place")))
    nameless = [code for code in codes if code not in names]
    if nameless:
        raise InputError(f"hotspot {nameless[0]} has no name: give a name for every place")
    rows = []
    for code in codes:
        mine = found[found.index.get_level_values("place") == code].droplevel("place")
        main = _main_measure(hotspots, mine)
        count, expected, ratio = (float(hotspots.table[name][main, code]) for name in ("count", "expected", "ratio"))
        kinds = [f"{measure} ({kind})" for measure, kind in mine["kind"].items()]
        best = float(np.nanmin(mine[["q_cluster", "q_peak"]].to_numpy(float)))
        rows.append(
            (
                code,
                names[code],
                "; ".join(kinds),
                int(count),
                round(count - expected),
                round(ratio, 1),
                "high" if best <= HIGH_CERTAINTY_LEVEL else "fair",
                _trend(changes, code),
                NOT_COMPARED if history is None else str(history.table["class"][code]),
                busiest_hours(times[code]) if times and code in times else HOURS_NOT_KNOWN,
            )
        )
    listed = pd.DataFrame(rows, columns=list(COLUMNS))
    return listed.sort_values("beyond_expected", ascending=False, kind="stable", ignore_index=True)


def busiest_hours(hours: WeekHours, *, most: int = 8) -> str:
    """Say the hours of the week with most records, at most eight: "Friday 22:00-24:00; Saturday 00:00-03:00".

    Examples
    --------
    >>> from hcsp_assess.places.times import spread_over_hours
    >>> night = spread_over_hours(pd.Series(["2025-03-07 22:00"]), pd.Series(["2025-03-08 02:00"]))  # a Friday
    >>> busiest_hours(night)
    'Friday 22:00-24:00; Saturday 00:00-02:00'
    """
    flat = hours.hours.to_numpy().ravel()
    busiest = np.argsort(-flat, kind="stable")[:most]
    top = sorted(busiest[flat[busiest] > 0])
    said: list[str] = []
    start = None
    for place, hour in enumerate(top):
        start = hour if start is None else start
        following = top[place + 1] if place + 1 < len(top) else None
        if following != hour + 1 or following % 24 == 0:
            said.append(f"{DAYS[start // 24]} {start % 24:02d}:00-{hour % 24 + 1:02d}:00")
            start = None
    return "; ".join(said) or "not known"


def _main_measure(hotspots: Hotspots, mine: pd.DataFrame) -> str:
    measures = hotspots.table.index.get_level_values("measure")
    return "All records" if "All records" in measures else str(mine["count"].idxmax())


def _trend(changes: Mapping[str, Changes] | None, code: str) -> str:
    if not changes:
        return NOT_COMPARED
    said = {measure: str(change.table["change"].get(code, "too few")) for measure, change in changes.items()}
    moved = [f"{measure} {change}" for measure, change in said.items() if "than elsewhere" in change]
    return "; ".join(moved) or "no clear difference from elsewhere"
