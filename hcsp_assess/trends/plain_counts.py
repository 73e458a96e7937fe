"""Do plain totals agree with the model? No trend is stated that they contradict."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Integers = NDArray[np.int64]

FEWEST_SHARED = {12: 6, 4: 2}  # months (quarters) of the year that two windows need in common


@dataclass(frozen=True)
class YearTotal:
    """Plain total of twelve months (four quarters) counted back from the end: ``last`` month, and how many are held."""

    last: pd.Period
    total: int
    published: int


def year_totals(periods: pd.PeriodIndex, counts: Floats, per_year: int) -> tuple[YearTotal, ...]:
    """Add up whole years counted back from the end of a series, the earliest first.

    Examples
    --------
    >>> periods = pd.period_range("2023-04", periods=26, freq="M")
    >>> [(str(year.last), year.total) for year in year_totals(periods, np.ones(26), 12)]
    [('2024-05', 12), ('2025-05', 12)]
    """
    years = len(counts) // per_year
    table = counts[len(counts) - years * per_year :].reshape(years, per_year)
    held = ~np.isnan(table)
    totals, lasts = np.where(held, table, 0.0).sum(axis=1), periods[::-per_year][:years][::-1]
    return tuple(
        YearTotal(last, int(total), int(published))
        for last, total, published in zip(lasts, totals, held.sum(axis=1), strict=True)
    )


@dataclass(frozen=True)
class PlainRates:
    """The counts used of one series, each over its days (and people, and known shifts): NaN where not used."""

    rates: Floats
    season: Integers
    per_year: int

    def contradict_long_run(self, direction: int) -> bool:
        """Whether the last year is on the other side of the first, or the second half on the other side of the first.

        Examples
        --------
        >>> rose_then_fell = PlainRates(np.r_[np.arange(60.0), np.arange(48.0, -12, -1)], np.arange(120) % 12, 12)
        >>> rose_then_fell.contradict_long_run(1)
        True
        """
        n, year = len(self.rates), self.per_year
        years = slice(0, year), slice(n - year, n)
        halves = slice(0, n // 2), slice(n // 2, n)
        return self._goes_against(direction, *years) or self._goes_against(direction, *halves)

    def contradict_recent(self, direction: int, years: int) -> bool:
        """Whether any of the last ``years`` went the other way from the year before it."""
        n, year = len(self.rates), self.per_year
        ends = [n - k * year for k in range(years - 1) if n - (k + 2) * year >= 0]
        return any(
            self._goes_against(direction, slice(end - 2 * year, end - year), slice(end - year, end)) for end in ends
        )

    def turned_last_year(self, direction: int, percent: float) -> bool:
        """Whether the last year turned against the year before, by so many per cent and by more than chance."""
        n, year = len(self.rates), self.per_year
        before, last = self._by_season(slice(max(n - 2 * year, 0), n - year)), self._by_season(slice(n - year, n))
        both = ~np.isnan(before) & ~np.isnan(last)
        if both.sum() < FEWEST_SHARED[year] or not before[both].sum():
            return False
        then, now = before[both].sum(), last[both].sum()
        by_chance = 2 * np.sqrt(then + now)  # two standard deviations of the difference of two Poisson counts
        return bool(direction * (now - then) < -max(percent / 100 * then, by_chance))

    def contradict_latest(self, direction: int) -> bool:
        """Whether the last year is on the other side of the year before, or of all before it."""
        n, year = len(self.rates), self.per_year
        last, before = slice(n - year, n), slice(max(n - 2 * year, 0), n - year)
        return self._goes_against(direction, before, last) or self.contradict_average(direction)

    def contradict_average(self, direction: int) -> bool:
        """Whether the last year is on the other side of the average of all years before."""
        start = len(self.rates) - self.per_year
        return self._goes_against(direction, slice(0, start), slice(start, len(self.rates)))

    def spread_of_years(self) -> float:
        """How far, in per cent, any year counted back from the end is from what the mean of all leads one to expect."""
        years = len(self.rates) // self.per_year
        table = self.rates[len(self.rates) - years * self.per_year :].reshape(years, self.per_year)
        held = ~np.isnan(table)
        number = held.sum(axis=0)
        usual = np.where(held, table, 0.0).sum(axis=0) / np.maximum(number, 1)
        expected = (held * usual).sum(axis=1)
        counted = (held.sum(axis=1) >= FEWEST_SHARED[self.per_year]) & (expected > 0)
        if not counted.any():
            return 0.0
        ratios = np.where(held, table, 0.0).sum(axis=1)[counted] / expected[counted]
        return float(100 * np.abs(ratios - 1).max())

    def _goes_against(self, direction: int, before: slice, after: slice) -> bool:
        """Whether the same calendar months point the other way, or no way; False where too few are shared."""
        then, now = self._by_season(before), self._by_season(after)
        both = ~np.isnan(then) & ~np.isnan(now)
        if both.sum() < FEWEST_SHARED[self.per_year]:
            return False
        return bool(direction * (now[both].sum() - then[both].sum()) <= 0)

    def _by_season(self, window: slice) -> Floats:
        rates, season = self.rates[window], self.season[window]
        held = ~np.isnan(rates)
        number = np.bincount(season[held], minlength=self.per_year)
        total = np.bincount(season[held], weights=rates[held], minlength=self.per_year)
        means: Floats = np.where(number > 0, total / np.maximum(number, 1), np.nan)
        return means
