"""Did action at hotspots help? Scores each logged action by records before and after it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import pandas as pd

from hcsp_assess.errors import InputError
from hcsp_assess.places.displacement import Displacement, weigh_displacement
from hcsp_assess.places.two_periods import measure_dispersion

Verdict = Literal["fell more than elsewhere", "rose more than elsewhere", "no clear difference", "cannot tell"]
LEAST_RECORDS, LEAST_MONTHS = 20, 3


@dataclass(frozen=True)
class ActionScores:
    """What happened after each action.

    Attributes
    ----------
    table : pandas.DataFrame
        The log with, for each row: `months` compared, records `before` and `after` in the place, `neighbours_before`,
        `neighbours_after`, `elsewhere_percent` (change of all other places), `estimate`, `low`, `high` (records gained
        beyond what the change elsewhere would give, neighbours included), `against_neighbours` (the same, of the place
        against its neighbours alone), `verdict`, `reason`.
    """

    table: pd.DataFrame
    method: str
    caveat: str = (
        "Places are chosen when their count is high, and a high count tends to be followed by a lower one anyway. A "
        "fall after an action is not proof that the action caused it."
    )


def score_actions(
    log: pd.DataFrame,
    monthly: Mapping[str, pd.DataFrame],
    neighbours: Mapping[str, Sequence[str]],
    *,
    months: int = 12,
    all_records: str = "All records",
) -> ActionScores:
    """Score each action: did records fall more than elsewhere, allowing for crime that moved nearby?

    The months from the one after the agreement are compared with the same months a year before; only months published
    in both years count. The rest of the area is the control, scaled to the place's count before. The interval is
    widened by how much more than chance the other places changed.

    Parameters
    ----------
    log : pandas.DataFrame
        From `hcsp_assess.sources.action_log.read_action_log`.
    monthly : mapping of str to pandas.DataFrame
        Records by month (a monthly PeriodIndex; missing = not held) and place, by crime type.
    neighbours : mapping
        Codes of each place's neighbours.
    months : int
        Months after the agreement to look at, at most 12.
    all_records : str
        The key of `monthly` for rows without a crime type.

    Raises
    ------
    InputError
        If a row names a place or crime type that there are no counts of.

    Examples
    --------
    After an action in March 2024 one place fell from 10 records a month to 5, while all others kept theirs:

    >>> months = pd.period_range("2023-01", periods=24, freq="M")
    >>> monthly = pd.DataFrame(10, index=months, columns=["A", "B", "C", "D"])
    >>> monthly.loc["2024-04":, "A"] = 5
    >>> log = pd.DataFrame({"place_code": ["A"], "crime_type": [""], "agreed": pd.to_datetime(["2024-03-11"])})
    >>> scores = score_actions(log, {"All records": monthly}, {"A": ["B"], "B": ["A"], "C": ["D"], "D": ["C"]})
    >>> scores.table[["months", "before", "after", "estimate", "verdict"]].to_dict("records")
    [{'months': 9, 'before': 90, 'after': 45, 'estimate': -45.0, 'verdict': 'fell more than elsewhere'}]
    """
    if not 1 <= months <= 12:
        raise InputError(f"months must be 1 to 12, not {months}, so that the same months a year earlier do not overlap")
    scores = [_score(dict(row), monthly, neighbours, months, all_records) for _, row in log.iterrows()]
    return ActionScores(
        table=log.reset_index(drop=True).join(pd.DataFrame(scores, columns=list(_SCORES))),
        method=(
            "weighted displacement difference (Wheeler and Ratcliffe 2018) of the place and its neighbours, against "
            "all other places scaled to the same count before; 95% intervals widened for overdispersion"
        ),
    )


_SCORES = (
    "months",
    "before",
    "after",
    "neighbours_before",
    "neighbours_after",
    "elsewhere_percent",
    "estimate",
    "low",
    "high",
    "against_neighbours",
    "verdict",
    "reason",
)


def _score(
    row: Mapping[Any, Any],
    monthly: Mapping[str, pd.DataFrame],
    neighbours: Mapping[str, Sequence[str]],
    months: int,
    all_records: str,
) -> dict[str, object]:
    code = str(row["place_code"])
    counts = _counts_for(str(row["crime_type"]) or all_records, code, monthly, neighbours)
    blank: dict[str, object] = {**dict.fromkeys(_SCORES, float("nan")), "months": 0, "verdict": "cannot tell"}
    if pd.isna(row["agreed"]):
        return blank | {"reason": "no date of agreement"}
    start = pd.Period(row["agreed"], "M") + 1
    published = set(counts.dropna(how="all").index)
    later = [start + i for i in range(months) if {start + i, start + i - 12} <= published]
    blank["months"] = len(later)
    if len(later) < LEAST_MONTHS:
        return blank | {"reason": f"fewer than {LEAST_MONTHS} months to compare"}
    earlier = [month - 12 for month in later]
    return blank | _before_and_after(counts.loc[earlier].sum(), counts.loc[later].sum(), code, neighbours[code])


def _counts_for(
    measure: str, code: str, monthly: Mapping[str, pd.DataFrame], neighbours: Mapping[str, Sequence[str]]
) -> pd.DataFrame:
    if measure not in monthly:
        raise InputError(f"the action log names the crime type {measure!r}; choose one of {', '.join(monthly)}")
    if code not in monthly[measure].columns or code not in neighbours:
        raise InputError(
            f"the action log names the place {code}, which has no counts: check the code, and that it is of the same "
            "year as the counts"
        )
    return monthly[measure]


def _before_and_after(before: pd.Series, after: pd.Series, code: str, around: Sequence[str]) -> dict[str, object]:
    """Compare records before and after, in the place and its neighbours, with all other places."""
    others = [place for place in before.index if place != code]
    elsewhere = [place for place in others if place not in around]
    place, near, rest = ((float(before[c].sum()), float(after[c].sum())) for c in ([code], list(around), elsewhere))
    facts: dict[str, object] = {
        "before": int(place[0]),
        "after": int(place[1]),
        "neighbours_before": int(near[0]),
        "neighbours_after": int(near[1]),
        "elsewhere_percent": 100 * (rest[1] / rest[0] - 1) if rest[0] else float("nan"),
    }
    if sum(place) < LEAST_RECORDS or not (place[0] and near[0] and rest[0]):
        return facts | {"reason": f"fewer than {LEAST_RECORDS} records before and after together"}
    return facts | _compare(place, near, rest, measure_dispersion(before[others], after[others]))


def _compare(
    place: tuple[float, float], near: tuple[float, float], rest: tuple[float, float], dispersion: float
) -> dict[str, object]:
    found = weigh_displacement(
        treated=place,
        control=rest,
        surroundings=near,
        surroundings_control=rest,
        area_weights=(1, rest[0] / place[0], 1, rest[0] / near[0]),
        dispersion=dispersion,
    )
    beside = weigh_displacement(treated=place, control=near, area_weights=(1, near[0] / place[0], 1, 1))
    return {
        "estimate": found.estimate,
        "low": found.low,
        "high": found.high,
        "against_neighbours": beside.estimate,
        "verdict": _verdict(found),
        "reason": "",
    }


def _verdict(found: Displacement) -> Verdict:
    if found.high < 0:
        return "fell more than elsewhere"
    return "rose more than elsewhere" if found.low > 0 else "no clear difference"
