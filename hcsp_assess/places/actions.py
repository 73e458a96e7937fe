"""What was done about hotspots, and did it help: the log of actions, read back and scored by the next edition."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import pandas as pd

from hcsp_assess.errors import InputError
from hcsp_assess.places.displacement import Displacement, weigh_displacement
from hcsp_assess.places.two_periods import measure_dispersion

Verdict = Literal["fell more than elsewhere", "rose more than elsewhere", "no clear difference", "cannot tell"]
COLUMNS = ("place_code", "place", "crime_type", "agreed", "action", "owner", "due", "outcome")
LEAST_RECORDS, LEAST_MONTHS = 20, 3


def write_action_log(referrals: pd.DataFrame, path: Path | str) -> int:
    """Add a row to fill in for every referral without one that is still open; return how many were added.

    A row is open until it has an outcome. Rows that people filled in are never changed.

    Parameters
    ----------
    referrals : pandas.DataFrame
        From `list_referrals`.
    path : Path or str
        CSV file; made if it is not there.
    """
    path = Path(path)
    known = read_action_log(path) if path.is_file() else pd.DataFrame(columns=list(COLUMNS))
    open_places = known.loc[known["outcome"].eq(""), "place_code"]
    new = referrals[~referrals["place_code"].isin(open_places)]
    added = pd.DataFrame("", index=range(len(new)), columns=list(COLUMNS))
    added[["place_code", "place"]] = new[["place_code", "place"]].to_numpy()
    text = pd.concat([known.map(_as_text), added]).to_csv(index=False, lineterminator="\n")
    path.write_text(text, encoding="utf-8", newline="\n")
    return len(added)


def read_action_log(path: Path | str) -> pd.DataFrame:
    """Read the log of actions.

    Returns
    -------
    pandas.DataFrame
        `place_code`, `place`, `crime_type` ("" = all records), `agreed` and `due` (dates, missing where blank),
        `action`, `owner`, `outcome`, one row per line of the file.

    Raises
    ------
    InputError
        If the file or a column is missing, a row has no place, a date is not like 2025-04-30, or an action is due
        before it was agreed; the message says which line.
    """
    path = Path(path)
    if not path.is_file():
        raise InputError(f"no action log at {path.name}: write one with write_action_log")
    log = pd.read_csv(path, dtype="str", keep_default_na=False, encoding="utf-8-sig")
    missing = [column for column in COLUMNS if column not in log]
    if missing:
        raise InputError(f"{path.name} has no column {', '.join(missing)}; it needs {', '.join(COLUMNS)}")
    log = pd.DataFrame({column: log[column].str.strip() for column in COLUMNS})
    if log["place_code"].eq("").any():
        raise InputError(f"{path.name}, line {_line(log['place_code'].eq(''))}: the row has no place_code")
    for column in ("agreed", "due"):
        dates = pd.to_datetime(log[column].where(log[column] != ""), format="%Y-%m-%d", errors="coerce")
        wrong = log[column].ne("") & dates.isna()
        if wrong.any():
            raise InputError(
                f"{path.name}, line {_line(wrong)}: {column} {log.loc[wrong, column].iloc[0]!r} is not a date like "
                "2025-04-30"
            )
        log[column] = dates
    if (log["due"] < log["agreed"]).any():
        raise InputError(
            f"{path.name}, line {_line(log['due'] < log['agreed'])}: the action is due before it was agreed"
        )
    return log


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
        "Places are chosen when their count is high, and a high count tends to be followed by a lower one whatever is "
        "done. A fall after an action is not proof that the action caused it."
    )


def score_actions(
    log: pd.DataFrame,
    monthly: Mapping[str, pd.DataFrame],
    neighbours: Mapping[str, Sequence[str]],
    *,
    months: int = 12,
    all_records: str = "All records",
) -> ActionScores:
    """Score each action: did records fall more than elsewhere, with what may have moved next door counted in?

    The months from the one after the agreement are compared with the same months a year before; only months published
    in both years count. The rest of the area is the control, scaled to the place's count before. The interval is
    widened by how much more than chance the other places changed.

    Parameters
    ----------
    log : pandas.DataFrame
        From `read_action_log`.
    monthly : mapping of str to pandas.DataFrame
        Records by month (a monthly PeriodIndex; missing = not published) and place, by crime type.
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
    """
    if not 1 <= months <= 12:
        raise InputError(f"months must be 1 to 12, not {months}: the same months a year before must not overlap")
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
    measure = str(row["crime_type"]) or all_records
    if measure not in monthly:
        raise InputError(f"the action log names the crime type {measure!r}; there are counts of {', '.join(monthly)}")
    counts, code = monthly[measure], str(row["place_code"])
    if code not in counts.columns or code not in neighbours:
        raise InputError(
            f"the action log names the place {code}, which has no counts: is its code of the same vintage?"
        )
    blank: dict[str, object] = {**dict.fromkeys(_SCORES, float("nan")), "months": 0, "verdict": "cannot tell"}
    if pd.isna(row["agreed"]):
        return blank | {"reason": "no date of agreement"}
    start = pd.Period(row["agreed"], "M") + 1
    published = set(counts.dropna(how="all").index)
    later = [start + i for i in range(months) if {start + i, start + i - 12} <= published]
    if len(later) < LEAST_MONTHS:
        return blank | {"months": len(later), "reason": f"fewer than {LEAST_MONTHS} months to compare"}
    before, after = (counts.loc[chosen].sum() for chosen in ([month - 12 for month in later], later))
    around = list(neighbours[code])
    elsewhere = [place for place in counts.columns if place != code and place not in around]
    place, near, rest = ((float(before[c].sum()), float(after[c].sum())) for c in ([code], around, elsewhere))
    facts = blank | {
        "months": len(later),
        "before": int(place[0]),
        "after": int(place[1]),
        "neighbours_before": int(near[0]),
        "neighbours_after": int(near[1]),
        "elsewhere_percent": 100 * (rest[1] / rest[0] - 1) if rest[0] else float("nan"),
    }
    if sum(place) < LEAST_RECORDS or not (place[0] and near[0] and rest[0]):
        return facts | {"reason": f"fewer than {LEAST_RECORDS} records before and after together"}
    others = [place for place in counts.columns if place != code]
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


def _line(rows: pd.Series) -> int:
    return int(rows.to_numpy().argmax()) + 2


def _as_text(value: object) -> str:
    if isinstance(value, pd.Timestamp):
        return value.strftime("%Y-%m-%d")
    return "" if value is pd.NaT else str(value)
