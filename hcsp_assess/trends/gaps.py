"""Fill unpublished months or quarters, for charts and STL only."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from hcsp_assess.trends.monthly import periods_per_year
from hcsp_assess.trends.stl import settings_of_r, stl_of_one, stl_rows

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

#: Published years from which a season can be seen, and harmonics of a year that the rough fit has at most.
YEARS_NEEDED, HARMONICS = 2, 5


def fill_gaps(values: pd.Series) -> pd.Series:
    """Fill missing periods from the season and the neighbouring periods; for drawings and STL, never for tests.

    A rough fit (harmonics of the year and a polynomial) fills the gaps, a robust STL of that gives the season, and the
    seasonally adjusted published values are joined by straight lines; a gap at either end repeats the nearest one.
    Values that would leave the observed range by more than half of it fall back to straight lines. Source:
    ``forecast::na.interp`` (Hyndman and Khandakar 2008, Journal of Statistical Software 27(3)).

    Parameters
    ----------
    values : pd.Series
        Monthly or quarterly floats on a complete PeriodIndex, NaN = not published.

    Returns
    -------
    pd.Series
        The same series without NaN; published values are untouched.

    Examples
    --------
    >>> months = pd.period_range("2024-01", periods=3, freq="M")
    >>> fill_gaps(pd.Series([10.0, np.nan, 14.0], index=months)).tolist()  # too short for a season: a straight line
    [10.0, 12.0, 14.0]
    """
    y = values.to_numpy(dtype=float)
    if not np.isnan(y).any():
        return values
    period = periods_per_year(pd.PeriodIndex(values.index))
    if (~np.isnan(y)).sum() <= YEARS_NEEDED * period:
        return pd.Series(_joined(y), index=values.index, name=values.name)
    rough = _roughly_filled(y, period)
    season = stl_of_one(rough, settings_of_r(len(y), 11, robust=True, period=period)).seasonal
    return pd.Series(_filled(y, rough, season), index=values.index, name=values.name)


def fill_gaps_of_rows(rows: Floats, period: int = 12) -> Floats:
    """Fill the gaps of every row as ``fill_gaps`` fills those of one series, all at once.

    Parameters
    ----------
    rows : array, series x time
        NaN = not published.
    period : int
        Values a year: 12 or 4.

    Examples
    --------
    >>> fill_gaps_of_rows(np.array([[10.0, np.nan, 14.0], [3.0, 2.0, 1.0]])).tolist()
    [[10.0, 12.0, 14.0], [3.0, 2.0, 1.0]]
    """
    complete = rows.copy()
    known = ~np.isnan(rows)
    gappy = np.flatnonzero(~known.all(axis=1))
    if not len(gappy):
        return complete
    enough = known[gappy].sum(axis=1) > YEARS_NEEDED * period
    for i in gappy[~enough]:
        complete[i] = _joined(rows[i])
    seasonal = gappy[enough]
    if len(seasonal):
        rough = np.array([_roughly_filled(row, period) for row in rows[seasonal]])
        _, seasons = stl_rows(rough, settings_of_r(rows.shape[1], 11, robust=True, period=period))
        for i, filled, season in zip(seasonal, rough, seasons, strict=True):
            complete[i] = _filled(rows[i], filled, season)
    return complete


def _joined(y: Floats) -> Floats:
    """Gaps filled with straight lines between the published periods."""
    gaps, t = np.isnan(y), np.arange(len(y))
    filled: Floats = np.where(gaps, np.interp(t, t[~gaps], y[~gaps]), y)
    return filled


def _filled(y: Floats, rough: Floats, season: Floats) -> Floats:
    """Gaps filled with the season and straight lines, or with straight lines alone where that leaves the range."""
    gaps, t = np.isnan(y), np.arange(len(y))
    joined = np.interp(t, t[~gaps], (rough - season)[~gaps]) + season
    filled: Floats = np.where(gaps, joined, y)
    low, high = np.nanmin(y), np.nanmax(y)
    margin = (high - low) / 2
    return _joined(y) if filled.max() > high + margin or filled.min() < low - margin else filled


def _roughly_filled(y: Floats, period: int) -> Floats:
    """Gaps filled with harmonics of the year and a polynomial."""
    gaps, t = np.isnan(y), np.arange(len(y))
    degree = min(max(len(y) // 10, 1), 6)
    harmonics = np.arange(1, min(period // 2, HARMONICS) + 1)
    angles = 2 * np.pi * np.outer(t + 1, harmonics) / period
    powers = np.polynomial.chebyshev.chebvander(2 * t / max(len(t) - 1, 1) - 1, degree)
    design = np.column_stack([powers, np.sin(angles), np.cos(angles)])
    fitted = design @ np.linalg.lstsq(design[~gaps], y[~gaps], rcond=None)[0]
    rough: Floats = np.where(gaps, fitted, y)
    return rough
