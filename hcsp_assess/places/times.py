"""When in the week? Hours weighted by how likely they are, when only a first and last time are known."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from hcsp_assess.errors import InputError
from hcsp_assess.places.points import check_true_dates
from hcsp_assess.trends.small_tables import facts_table

DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


@dataclass(frozen=True)
class WeekHours:
    """Crimes by day of the week and hour.

    Attributes
    ----------
    hours : pandas.DataFrame
        Weighted crimes; rows are days from Monday, columns hours 0 to 23.
    records, placed : int
        Records given, and those placed in the week.
    set_aside : dict of str to int
        Records not placed, by reason; records = placed + those.
    """

    hours: pd.DataFrame
    records: int
    placed: int
    set_aside: dict[str, int]
    method: str

    def _repr_html_(self) -> str:
        day, hour = divmod(int(self.hours.to_numpy().argmax()), 24)
        facts = {
            "Records": self.records,
            "Placed": self.placed,
            **{f"Set aside: {reason}": count for reason, count in self.set_aside.items()},
            "Busiest hour": f"{DAYS[day]} {hour:02d}:00" if self.placed else "none",
        }
        return facts_table("Crimes by hour of the week", facts)


def spread_over_hours(first: pd.Series, last: pd.Series, *, longest_days: float = 7.0) -> WeekHours:
    """Spread each crime evenly over the time in which it may have happened (aoristic weights).

    Parameters
    ----------
    first, last : pandas.Series
        Earliest and latest date and time of each crime; the same where it is known.
    longest_days : float
        Records with a longer span say nothing about the hour and are set aside.

    Raises
    ------
    InputError
        If the two have different lengths, or the dates are month-only.

    Notes
    -----
    Ratcliffe and McCullagh (1998), International Journal of Geographical Information Science 12, 751-764. It misleads
    where "unknown" was entered as midnight: look at the first hour of the day.

    Examples
    --------
    >>> week = spread_over_hours(pd.Series(["2025-03-07 22:30"]), pd.Series(["2025-03-08 00:30"]))  # a Friday night
    >>> week.hours.loc["Friday", [22, 23]].tolist(), week.hours.loc["Saturday", [0]].tolist()
    ([0.25, 0.5], [0.25])
    """
    if len(first) != len(last):
        raise InputError("give a first and a last time for each record")
    start, end = (pd.to_datetime(times.reset_index(drop=True)) for times in (first, last))
    known = start.notna() & end.notna()
    check_true_dates(start[known], "day of the week")
    span = (end - start).dt.total_seconds() / 3600
    reasons = {
        "no first or last time": ~known,
        "last time before the first": known & (span < 0),
        f"more than {longest_days:g} days apart": known & (span > longest_days * 24),
    }
    usable = known & (span >= 0) & (span <= longest_days * 24)
    hours = _weights(start[usable], end[usable])
    return WeekHours(
        hours=pd.DataFrame(hours.reshape(7, 24), index=list(DAYS), columns=range(24)),
        records=len(start),
        placed=int(usable.sum()),
        set_aside={reason: int(rows.sum()) for reason, rows in reasons.items()},
        method="aoristic weights, Ratcliffe and McCullagh (1998)",
    )


def _weights(start: pd.Series, end: pd.Series) -> np.ndarray:
    """Sum of weights by hour of the week: the share of each crime's span within the hour."""
    monday = pd.Timestamp("2001-01-01")  # a Monday: hours since then, modulo 168, are hours of the week
    low = ((start - monday).dt.total_seconds() / 3600).to_numpy(float)
    high = ((end - monday).dt.total_seconds() / 3600).to_numpy(float)
    high = np.where(high > low, high, low + 1 / 60)  # a known time is a minute long
    first = np.floor(low).astype(np.int64)
    steps = np.ceil(high).astype(np.int64) - first
    record = np.repeat(np.arange(len(low)), steps)
    hour = np.arange(len(record)) - np.repeat(steps.cumsum() - steps, steps) + first[record]
    overlap = np.minimum(high[record], hour + 1) - np.maximum(low[record], hour)
    return np.bincount(hour % 168, weights=overlap / (high - low)[record], minlength=168)
