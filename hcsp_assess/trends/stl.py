"""STL of many series at once, as in ``statsmodels.tsa.seasonal.STL``.

The windows and kernels of loess are the same for all series of one length; only the robustness weights differ. A local
line is then a ratio of weighted moments, and the moments of all series are a few products of a banded matrix with a
table (months x series). Source of the method: Cleveland, Cleveland, McRae and Terpenning (1990), Journal of Official
Statistics 6, 3-73; the numbers are those of statsmodels.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Literal

import numpy as np

from hcsp_assess.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray
    from statsmodels.tsa.seasonal import DecomposeResult

    Floats = NDArray[np.float64]

BLOCK = 12  # rows of a banded matrix that are multiplied at once


@dataclass(frozen=True)
class StlSettings:
    """Period, and the windows, jumps and rounds of STL; season of degree 0, trend and low pass of degree 1."""

    period: int
    seasonal: int
    trend: int
    low_pass: int
    seasonal_jump: int
    trend_jump: int
    low_pass_jump: int
    inner_rounds: int
    outer_rounds: int


def settings_of_r(n: int, seasonal_window: int | Literal["periodic"], *, robust: bool, period: int = 12) -> StlSettings:
    """Return the windows and jumps that R's ``stl`` derives from its seasonal window, and its rounds.

    Parameters
    ----------
    n : int
        Length of the series.
    seasonal_window : int or "periodic"
        R's ``s.window``: an odd number of years, at least 7.
    robust : bool
        R's ``robust``.
    period : int
        Values a year: 12 or 4.

    Raises
    ------
    InputError
        A window that is even, smaller than 7 or no number.

    Examples
    --------
    >>> [settings_of_r(60, 11, robust=True, period=period).trend for period in (12, 4)]
    [21, 7]
    """
    if seasonal_window == "periodic":
        window = 10 * n + 1
    elif isinstance(seasonal_window, int) and seasonal_window >= 7 and seasonal_window % 2:
        window = seasonal_window
    else:
        raise InputError(f'seasonal_window must be "periodic" or an odd number of at least 7, not {seasonal_window!r}')
    trend, low_pass = _next_odd(1.5 * period / (1 - 1.5 / window)), _next_odd(period)
    return StlSettings(
        period=period,
        seasonal=window,
        trend=trend,
        low_pass=low_pass,
        seasonal_jump=math.ceil(window / 10),
        trend_jump=math.ceil(trend / 10),
        low_pass_jump=math.ceil(low_pass / 10),
        inner_rounds=1 if robust else 2,
        outer_rounds=15 if robust else 0,
    )


def _next_odd(x: float) -> int:
    n = math.ceil(x)
    return n if n % 2 else n + 1


def stl_of_one(y: Floats, settings: StlSettings) -> DecomposeResult:
    """Return the STL of one series by statsmodels.

    Examples
    --------
    >>> season = np.tile([20.0, 0.0, 0.0, 0.0], 4)
    >>> parts = stl_of_one(100 + season, settings_of_r(16, "periodic", robust=False, period=4))
    >>> round(float(parts.trend[8] + parts.seasonal[8]), 6)
    120.0
    """
    from statsmodels.tsa.stl._stl import STL

    model = STL(
        y,
        period=settings.period,
        seasonal=settings.seasonal,
        trend=settings.trend,
        low_pass=settings.low_pass,
        seasonal_deg=0,
        robust=settings.outer_rounds > 0,
        seasonal_jump=settings.seasonal_jump,
        trend_jump=settings.trend_jump,
        low_pass_jump=settings.low_pass_jump,
    )
    return model.fit(inner_iter=settings.inner_rounds, outer_iter=settings.outer_rounds)


def stl_rows(rows: Floats, settings: StlSettings) -> tuple[Floats, Floats]:
    """Return trend and season of every row, as statsmodels' STL gives them one by one.

    Misleads where its line is read as a test: see ``decompose``.

    Parameters
    ----------
    rows : array, series x months
        Without gaps, at least two periods long.
    settings : StlSettings
        Windows in months (the seasonal one in years), rounds without and with robustness weights.

    Examples
    --------
    >>> settings = StlSettings(12, 361, 19, 13, 37, 2, 2, inner_rounds=2, outer_rounds=0)
    >>> season = np.tile([20.0, *[0.0] * 11], 3)
    >>> trend, found = stl_rows(np.array([100 + season, 50 + season]), settings)
    >>> np.round(trend[:, 18] + found[:, 18], 6).tolist()
    [100.0, 50.0]
    """
    y = np.ascontiguousarray(rows.T)
    smooth = _smoothers(len(y), settings)
    trend, season, weights = np.zeros_like(y), np.zeros_like(y), None
    for outer in range(settings.outer_rounds + 1):
        for _ in range(settings.inner_rounds):
            cycles = _cycle_subseries(y - trend, weights, smooth.cycles, settings.period)
            season = smooth.season.times(cycles)[0]
            adjusted = y - season
            trend = smooth.trend.smoothed(adjusted, weights)
        if outer < settings.outer_rounds:
            weights = _robustness_weights(adjusted - trend)
    return trend.T, season.T


def _robustness_weights(remainder: Floats) -> Floats:
    """Bisquare weights from six times the median size."""
    size = np.abs(remainder)
    n = len(size)
    scale = 3.0 * np.sort(size.T, axis=1)[:, [n // 2, n - n // 2 - 1]].sum(axis=1)
    size /= np.where(scale > 0, scale, np.inf)  # no remainder worth the name: all months weigh 1
    weights = size * size
    np.subtract(1.0, weights, out=weights)
    weights *= weights
    np.copyto(weights, 0.0, where=size > 0.999)
    np.copyto(weights, 1.0, where=size <= 0.001)
    return weights


def _cycle_subseries(values: Floats, weights: Floats | None, smooth: dict[int, _Loess], period: int) -> Floats:
    """Smooth every calendar month's own years, and extend them by a year at either end."""
    n, series = values.shape
    found = np.empty((n + 2 * period, series))
    for start, stop, years in _groups(n, period):
        own = _years_of(values, start, stop, years, period)
        extended = smooth[years].extended(
            own, None if weights is None else _years_of(weights, start, stop, years, period)
        )
        extended = extended.reshape(years + 2, stop - start, series)
        for year in range(years + 2):
            found[year * period + start : year * period + stop] = extended[year]
    return found


def _groups(n: int, period: int) -> Iterator[tuple[int, int, int]]:
    """Calendar months with the same number of years: first, last + 1, years."""
    years, more = divmod(n, period)
    if more:
        yield 0, more, years + 1
    yield more, period, years


def _years_of(table: Floats, start: int, stop: int, years: int, period: int) -> Floats:
    """A row for each year, with these calendar months of all series side by side."""
    return np.concatenate([table[None, y * period + start : y * period + stop] for y in range(years)]).reshape(
        years, (stop - start) * table.shape[1]
    )


class _Banded:
    """Matrices of one shape whose rows reach few neighbouring columns, in blocks of rows that all of them share."""

    def __init__(self, *matrices: Floats) -> None:
        self.shape = (len(matrices), len(matrices[0]))
        self.blocks: list[tuple[slice, slice, Floats]] = []
        for first in range(0, self.shape[1], BLOCK):
            rows = slice(first, min(first + BLOCK, self.shape[1]))
            together = np.concatenate([matrix[rows] for matrix in matrices])
            reached = np.flatnonzero(together.any(axis=0))
            columns = slice(reached[0], reached[-1] + 1)
            self.blocks.append((rows, columns, np.ascontiguousarray(together[:, columns])))

    def times(self, table: Floats) -> Floats:
        """Every matrix times the table: matrices x rows x series."""
        product = np.empty((*self.shape, table.shape[1]))
        for rows, columns, block in self.blocks:
            product[:, rows] = (block @ table[columns]).reshape(self.shape[0], rows.stop - rows.start, table.shape[1])
        return product


class _Loess:
    """Loess of one length, window, degree and jump: kernels at its points, and lines between them."""

    def __init__(self, n: int, window: int, degree: int, jump: int) -> None:
        points, self._between = _points(n, window, jump)
        if degree == 0:  # of a calendar month, which is extended by a year at either end
            reach = min(window, n)
            points = [(0, 1, reach), *points, (n + 1, max(1, n - window + 1), n)]
        self.at = np.array([point for point, _, _ in points]) - 1
        self.degree, self.n = degree, n
        kernel = np.array([_kernel(n, window, *point) for point in points])
        apart = np.arange(n) - self.at[:, None]
        self._of_weights = _Banded(*(kernel * apart**power for power in range(2 * degree + 1)))
        self._of_values = _Banded(*(kernel * apart**power for power in range(degree + 1)))

    @property
    def matrix(self) -> Floats:
        """What loess without weights does to a series."""
        return self.smoothed(np.eye(self.n), np.ones((self.n, self.n)))

    def smoothed(self, values: Floats, weights: Floats | None) -> Floats:
        """A value for each month of each series."""
        found: Floats = self._between.times(self._at_points(values, weights))[0]
        return found

    def extended(self, values: Floats, weights: Floats | None) -> Floats:
        """As ``smoothed``, with a value before the first and after the last."""
        found = self._at_points(values, weights)
        inside = self._between.times(found[1:-1])[0]
        first, last = (
            np.where(np.isnan(end), near, end) for end, near in ((found[0], inside[0]), (found[-1], inside[-1]))
        )
        return np.vstack([first, inside, last])

    def _at_points(self, values: Floats, weights: Floats | None) -> Floats:
        w = np.ones_like(values) if weights is None else weights
        total, *moments = self._of_weights.times(w)
        level, *slope = self._of_values.times(w * values)
        known = total > 0
        if not known.all():
            total[~known] = np.nan
        level /= total
        if self.degree:
            first, second = (moment / total for moment in moments)
            spread = second - first**2
            tilts = spread > (0.001 * (self.n - 1)) ** 2
            spread[~tilts] = np.inf
            level -= (slope[0] / total - first * level) * first / spread
        if not known.all():
            inside = (self.at >= 0) & (self.at < self.n)
            level[inside] = np.where(known[inside], level[inside], values[self.at[inside]])
        found: Floats = level
        return found


def _points(n: int, window: int, jump: int) -> tuple[list[tuple[int, int, int]], _Banded]:
    """The points at which loess is worked out (from 1), with first and last month of each window; lines between."""
    jump = min(jump, n - 1)
    half = (window + 2) // 2 if jump == 1 else (window + 1) // 2
    points = []
    for at in range(1, n + 1, jump):
        first = 1 if window >= n else min(max(at - half + 1, 1), n - window + 1)
        points.append((at, first, n if window >= n else first + window - 1))
    if points[-1][0] != n:
        points.append((n, *points[-1][1:]))
    places = np.array([at for at, _, _ in points])
    lines = np.array([np.interp(np.arange(1, n + 1), places, one) for one in np.eye(len(places))]).T
    return points, _Banded(lines)


def _kernel(n: int, window: int, at: int, first: int, last: int) -> Floats:
    """Tricube weights of the months around a point."""
    reach = max(at - first, last - at) + (float((window - n) // 2) if window > n else 0.0)
    month = np.arange(1, n + 1)
    apart = np.abs(month - at)
    kernel = np.where(apart <= 0.001 * reach, 1.0, (1.0 - (apart / max(reach, 1e-300)) ** 3) ** 3)
    return np.where((apart <= 0.999 * reach) & (month >= first) & (month <= last), kernel, 0.0)


@dataclass(frozen=True)
class _Smoothers:
    cycles: dict[int, _Loess]
    season: _Banded
    trend: _Loess


@lru_cache(maxsize=64)
def _smoothers(n: int, settings: StlSettings) -> _Smoothers:
    """What is the same for all series of a length."""
    period = settings.period
    cycles = {years: _Loess(years, settings.seasonal, 0, settings.seasonal_jump) for _, _, years in _groups(n, period)}
    extended = n + 2 * period
    averages = _averages(extended - 2 * period + 2, 3) @ _averages(extended - period + 1, period)
    low_pass = _Loess(n, settings.low_pass, 1, settings.low_pass_jump).matrix @ averages @ _averages(extended, period)
    return _Smoothers(
        cycles=cycles,
        season=_Banded(np.eye(n, extended, k=period) - np.where(np.abs(low_pass) < 1e-300, 0.0, low_pass)),
        trend=_Loess(n, settings.trend, 1, settings.trend_jump),
    )


def _averages(n: int, length: int) -> Floats:
    """The matrix of moving averages of a run of values."""
    table = np.zeros((n - length + 1, n))
    for step in range(length):
        table[np.arange(n - length + 1), np.arange(n - length + 1) + step] = 1 / length
    return table
