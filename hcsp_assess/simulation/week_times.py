"""When in the week simulated offences happen: by weights for days and hours that are stated, not flat."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
import pandas as pd

from hcsp_assess.periods import Quarter


@dataclass(frozen=True)
class WeekTimes:
    """Days and times of offences, drawn from a generator of their own.

    Attributes
    ----------
    with_alcohol, without : numpy.ndarray
        Weight of each of the 168 hours of the week from Monday, of offences with and without an alcohol marker; each
        adds up to 1.
    """

    rng: np.random.Generator
    with_alcohol: np.ndarray[Any, Any]
    without: np.ndarray[Any, Any]

    @classmethod
    def stated(cls, rng: np.random.Generator, stated: Mapping[str, Any]) -> "WeekTimes":
        """Take the weights from `[night_time]` of definitions/simulation_returns.toml."""
        return cls(rng, *(_week(stated[name], stated["night_ends"]) for name in ("with_alcohol", "without")))

    def in_quarter(self, quarter: Quarter, *, alcohol: bool) -> tuple[str, str]:
        """Draw a day of a quarter and a time: ("14/05/2011", "23:40")."""
        weights = self.with_alcohol if alcohol else self.without
        weekday, hour = divmod(int(self.rng.choice(168, p=weights)), 24)
        days = _days_of_week(quarter)[weekday]
        return days[int(self.rng.integers(len(days)))], f"{hour:02d}:{int(self.rng.integers(60)):02d}"


def _week(stated: Mapping[str, Any], night_ends: int) -> np.ndarray[Any, Any]:
    """Weights by hour of the week; hours before the end of the night take the weight of the day before."""
    hours, days = (np.array(stated[name], dtype=float) for name in ("hours", "days"))
    late = np.arange(24) < night_ends
    week = np.where(late, np.roll(days, 1)[:, None], days[:, None]) * hours
    whole: np.ndarray[Any, Any] = week.ravel() / week.sum()
    return whole


@lru_cache(maxsize=64)
def _days_of_week(quarter: Quarter) -> list[list[str]]:
    """The days of a quarter by day of the week, from Monday."""
    span = quarter.span
    days = pd.date_range(span.first.start_time, span.last.end_time, freq="D")
    return [[f"{day:%d/%m/%Y}" for day in days if day.day_of_week == weekday] for weekday in range(7)]
