"""Which questions can a monthly or quarterly series of counts answer?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from hcsp_assess.trends.model import TURN_YEARS
from hcsp_assess.trends.results import MonthSetAside

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

MONTHS_NEEDED = 24  # for a word on the last 12 months
MONTHS_FOR_SLOPE = 36
MONTHS_FOR_TURN = 48  # and for "stable"
CRIMES_NEEDED = 60
RECENT_CRIMES_NEEDED = 30  # in the last 36 months, for a word on them
LATEST_CRIMES_NEEDED = 20  # in the last 24 months, for a word on the last 12
SHARE_WITH_CRIMES_NEEDED = 1  # year of months with any: a month's thousand crimes in years of none is no course
SHARE_HELD = 0.5  # of the months of a window, for a word on it

#: Name, first month, and last month of an intervention (None for a recording change).
CrossedShift = tuple[str, pd.Period, pd.Period | None]


@dataclass(frozen=True)
class CountSeries:
    """A series of months or quarters to be assessed, from its first period to its last.

    ``counts`` are NaN where nothing was published, or where a run of zeros is not part of the course (``silent``).
    ``offset`` is log of days (and population). ``shift_columns`` has a row for each of ``shifts``, 1 in its periods.
    ``began`` and ``ended``: see ``Trend``; ``ended_for`` is the number of periods without records since.
    """

    periods: pd.PeriodIndex
    season: NDArray[np.int64]
    counts: Floats
    offset: Floats
    shifts: Sequence[CrossedShift]
    shift_columns: Floats
    per_year: int = 12
    silent: tuple[MonthSetAside, ...] = ()
    began: pd.Period | None = None
    ended: pd.Period | None = None
    ended_for: int = 0

    @property
    def known(self) -> tuple[int, int, int]:
        """Published periods, crimes, and periods with any."""
        return int((~np.isnan(self.counts)).sum()), int(np.nansum(self.counts)), int((self.counts > 0).sum())

    @cached_property
    def asks(self) -> tuple[bool, bool, bool]:
        """Whether it holds what the question on the long run, the last 36 and the last 12 months needs."""
        periods, crimes, with_crimes = self.known
        months, year = periods * 12 // self.per_year, self.per_year
        if self.ended is not None or crimes < CRIMES_NEEDED or with_crimes < SHARE_WITH_CRIMES_NEEDED * year:
            return False, False, False
        recent = self._crimes(TURN_YEARS * year) >= RECENT_CRIMES_NEEDED and self._holds(TURN_YEARS * year)
        latest = self._crimes(2 * year) >= LATEST_CRIMES_NEEDED and self._holds(year)
        earlier = periods - int((~np.isnan(self.counts[-year:])).sum())
        return (
            months >= MONTHS_FOR_SLOPE and self._holds(len(self.counts)),
            months >= MONTHS_FOR_TURN and recent,
            months >= MONTHS_NEEDED and latest and earlier >= SHARE_HELD * year,
        )

    @property
    def enough(self) -> bool:
        """Whether any question can be asked."""
        return any(self.asks)

    def _crimes(self, periods: int) -> int:
        return int(np.nansum(self.counts[-periods:]))

    def _holds(self, periods: int) -> bool:
        window = self.counts[-periods:]
        return int(np.count_nonzero(~np.isnan(window))) >= SHARE_HELD * len(window)
