"""When in the week: counts by night and hour, and the share on Friday and Saturday nights.

A night belongs to the day on which it begins: one o'clock on Saturday morning is part of Friday night.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd

from hcsp_assess.trends.rates import Interval, wilson_interval

DAYS: Final = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
#: First hour of each row's day: what is before it is the night of the day before.
DAY_BEGINS: Final = 6
HOURS_IN_BLOCK: Final = 3
#: First hours of the blocks, in the order of a row: from six in the morning to six the next.
BLOCKS: Final = tuple(hour % 24 for hour in range(DAY_BEGINS, DAY_BEGINS + 24, HOURS_IN_BLOCK))
#: The nights and blocks that count as weekend nights: from nine in the evening to six in the morning.
WEEKEND: Final = ("Friday", "Saturday")
NIGHT: Final = (21, 0, 3)
WEEKEND_HOURS: Final = len(WEEKEND) * len(NIGHT) * HOURS_IN_BLOCK


@dataclass(frozen=True)
class WeekNights:
    """Events by night and time of day.

    Attributes
    ----------
    counts : pandas.DataFrame
        Events; rows are the days on which a night begins, from Monday, columns the first hours of three-hour blocks
        from 6 in the morning.
    unknown : int
        Events without a time: they count nowhere.
    weekend : int
        Events on Friday and Saturday nights, nine in the evening to six in the morning.
    share : Interval or None
        Their proportion, 0 to 1, with its Wilson interval; None without any event.
    expected : float
        Proportion that those hours are of the week.
    """

    counts: pd.DataFrame
    unknown: int
    weekend: int
    share: Interval | None
    expected: float = WEEKEND_HOURS / 168
    method: str = "Wilson score interval; events without a time left out; a night belongs to the day it begins on"

    @property
    def cells(self) -> tuple[list[int], list[int]]:
        """Counts of the blocks that are weekend nights, and of the others."""
        at_night = np.outer(self.counts.index.isin(WEEKEND), self.counts.columns.isin(NIGHT))
        every = self.counts.to_numpy(dtype=int)
        return every[at_night].tolist(), every[~at_night].tolist()

    @property
    def placed(self) -> int:
        """Events with a time."""
        return int(self.counts.to_numpy().sum())


def week_nights(dates: pd.Series, times: pd.Series) -> WeekNights:
    """Count events by the night that they are part of and by time of day.

    Parameters
    ----------
    dates : pandas.Series of datetime
        Day of each event.
    times : pandas.Series of str
        Time of each, 24 hours ("23:40"); missing where it is not known.

    Notes
    -----
    It misleads where "unknown" was written as midnight: look for a midnight hour that stands out on every day.

    Examples
    --------
    >>> dates = pd.Series(pd.to_datetime(["2012-06-15", "2012-06-16", "2012-06-16"]))  # a Friday and a Saturday
    >>> found = week_nights(dates, pd.Series(["23:40", "01:10", "14:00"]))
    >>> found.counts.loc["Friday", [21, 0]].tolist(), found.weekend, found.placed
    ([1, 1], 2, 3)
    """
    hours = pd.to_numeric(times.astype("str").str.slice(0, 2), errors="coerce").reset_index(drop=True)
    days = pd.to_datetime(dates).reset_index(drop=True)
    known = hours.notna() & days.notna()
    hours, days = hours[known].astype(int), days[known]
    weekdays = days.dt.day_of_week.where(hours >= DAY_BEGINS, (days.dt.day_of_week - 1) % 7)
    blocks = hours // HOURS_IN_BLOCK * HOURS_IN_BLOCK
    counts = pd.crosstab(weekdays.map(dict(enumerate(DAYS))), blocks)
    counts = counts.reindex(index=list(DAYS), columns=list(BLOCKS), fill_value=0).rename_axis(index=None, columns=None)
    weekend = int(counts.loc[list(WEEKEND), list(NIGHT)].to_numpy().sum())
    placed = int(known.sum())
    share = wilson_interval(weekend, placed) if placed else None
    return WeekNights(counts, int((~known).sum()), weekend, share)
