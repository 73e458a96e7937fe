"""Do plain values rise or fall? Rank tests and median slopes, for comparison only.

Only `hcsp_assess.trends.kendall.seasonal_kendall` confirms a verdict: tests that know of no season and no
autocorrelation find trends where there are none.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from scipy.special import ndtri

from hcsp_assess.errors import InputError
from hcsp_assess.trends.kendall import by_season, score_variances, seasonal_kendall, two_sided_p_value, z_score

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    Floats = NDArray[np.float64]


@dataclass(frozen=True)
class MannKendall:
    """A Mann-Kendall test: score ``s``, its variance, ``z`` with continuity correction and two-sided p-value.

    ``tau`` is s divided by the number of pairs (as pyMannKendall), ``tau_b`` allows for ties (as R's ``trend``).
    """

    s: float
    variance: float
    tau: float
    tau_b: float
    z: float
    p_value: float
    values_used: int
    method: str


@dataclass(frozen=True)
class SenSlope:
    """A median of pairwise slopes, per step of the time given, its interval at ``confidence``, and the median
    intercept."""

    slope: float
    low: float
    high: float
    intercept: float
    confidence: float
    method: str


def mann_kendall(values: ArrayLike) -> MannKendall:
    """Test one run of values for a monotone trend; NaN are left out, the order of the rest is what counts.

    S = sum of sign(x_j - x_i) over i < j, with the variance for ties of Kendall (1975) and Mann (1945), Econometrica
    13, 245-259. z = (S - sign S) / sd. Misleads under serial correlation (p too small) and season (power lost).

    Raises
    ------
    InputError
        Fewer than three values.

    Examples
    --------
    >>> test = mann_kendall([1, 2, 4, 3, 5])  # of 10 pairs 9 rise and 1 falls
    >>> test.s, test.tau, round(test.variance, 3)
    (8.0, 0.8, 16.667)
    """
    test = seasonal_kendall(_present(values), period=1)
    return MannKendall(
        s=test.s,
        variance=test.variance,
        tau=test.tau,
        tau_b=test.tau_b,
        z=test.z,
        p_value=test.p_value,
        values_used=test.values_used,
        method="Mann-Kendall with ties, continuity corrected",
    )


def sen_slope(values: ArrayLike, *, confidence: float = 0.95) -> SenSlope:
    """Median of the slopes between all pairs of values, per step; NaN are left out but keep their place in time.

    Sen (1968), JASA 63, 1379-1389. The interval takes the slopes at ranks (N -/+ z sd(S)) / 2, rounded, of the N slopes
    (Gilbert 1987, section 16.5), as R's ``trend::sens.slope``. Misleads as the Mann-Kendall test does: under serial
    correlation the interval is too narrow.

    Raises
    ------
    InputError
        Fewer than three values.

    Examples
    --------
    >>> slope = sen_slope([3, 5, 7, 9, 500])  # one freak value moves a median little
    >>> slope.slope, slope.intercept
    (2.0, 3.0)
    """
    x = np.asarray(values, dtype=float).ravel()
    kept = _present(x)
    times = np.flatnonzero(~np.isnan(x)).astype(float)
    slopes = np.sort(_pairwise_slopes(kept, times))
    half = _normal_quantile(confidence) * np.sqrt(score_variances(kept[None, :])[0])
    low = round((len(slopes) - half) / 2)
    high = round((len(slopes) + half) / 2 + 1)
    slope = float(np.median(slopes))
    return SenSlope(
        slope=slope,
        low=float(slopes[max(low, 1) - 1]),
        high=float(slopes[min(high, len(slopes)) - 1]),
        intercept=float(np.median(kept) - slope * np.median(times)),
        confidence=confidence,
        method="Sen slope, interval by rounded ranks",
    )


def seasonal_sen_slope(values: ArrayLike, *, period: int = 12, confidence: float = 0.95) -> SenSlope:
    """Median of the slopes between years within each season, per year.

    Hirsch, Slack and Smith (1982). The interval interpolates between the slopes around ranks (N - z sd(S)) / 2 and
    (N + z sd(S)) / 2 + 1 with the variance of independent seasons, as ``EnvStats::kendallSeasonalTrendTest``. Misleads
    under serial correlation (too narrow).

    Raises
    ------
    InputError
        No season has two values.

    Examples
    --------
    >>> seasonal_sen_slope([10, 90, 12, 92, 14, 94], period=2).slope  # two more a year, in either half
    2.0
    """
    slopes = seasonal_sen_slopes(np.asarray(values, dtype=float).reshape(1, -1), period=period, confidence=confidence)
    slope, low, high, intercept = (float(each[0]) for each in slopes)
    if np.isnan(slope):
        raise InputError("no season has two values: a seasonal slope needs at least two years")
    return SenSlope(slope, low, high, intercept, confidence, "seasonal Sen slope, interval by interpolated ranks")


def seasonal_sen_slopes(
    rows: Floats, *, period: int = 12, confidence: float = 0.95, variances: Floats | None = None
) -> tuple[Floats, Floats, Floats, Floats]:
    """Return slope, low, high and intercept of every row as ``seasonal_sen_slope`` does of one, all at once.

    Parameters
    ----------
    rows : array, series x time
        In time order, NaN where missing; a row without two values of one season gives NaN.
    period, confidence
        As in ``seasonal_sen_slope``, where the sources are, and when it misleads.
    variances : array, series, optional
        Of the scores under independent seasons, where they are known already.

    Examples
    --------
    >>> slope, *_ = seasonal_sen_slopes(np.array([[10.0, 90, 12, 92, 14, 94], [5, 5, 5, 5, 5, 5]]), period=2)
    >>> slope.tolist()
    [2.0, 0.0]
    """
    tables = by_season(rows, period)
    first, second = np.triu_indices(tables.shape[2], 1)
    slopes = (tables[:, :, second] - tables[:, :, first]) / (second - first)
    ordered = np.sort(slopes.reshape(len(rows), -1), axis=1)
    n = (~np.isnan(ordered)).sum(axis=1)
    known = score_variances(tables).sum(axis=1) if variances is None else variances
    half = _normal_quantile(confidence) * np.sqrt(np.nan_to_num(known))
    slope = _at_rank(ordered, n, (n + 1) / 2)
    times = np.where(np.isnan(rows), np.nan, np.arange(rows.shape[1]))
    values = (~np.isnan(rows)).sum(axis=1)
    middles = [_at_rank(np.sort(each, axis=1), values, (values + 1) / 2) for each in (rows, times)]
    low, high = _at_rank(ordered, n, (n - half) / 2), _at_rank(ordered, n, (n + half) / 2 + 1)
    return slope, low, high, middles[0] - slope * middles[1] / period


def _at_rank(ordered: Floats, n: NDArray[np.int64], rank: Floats) -> Floats:
    """The value at a rank (1 = smallest) of the first ``n`` in each row, between two ranks on a straight line."""
    place = np.clip(rank - 1, 0, np.maximum(n - 1, 0))
    below = np.floor(place).astype(int)
    above = np.minimum(below + 1, np.maximum(n - 1, 0))
    if not ordered.shape[1]:
        return np.full(len(ordered), np.nan)
    series = np.arange(len(ordered))
    left, right = ordered[series, below], ordered[series, above]
    value: Floats = left + (place - below) * (right - left)
    return value


def mann_kendall_hamed_rao(values: ArrayLike, *, confidence: float = 0.95, floor: bool = True) -> MannKendall:
    """Mann-Kendall with the variance of Hamed and Rao (1998), Journal of Hydrology 204, 182-196. For comparison only.

    The variance is inflated by the significant autocorrelations of the ranks of the detrended values, all lags.
    Negative autocorrelations shrink it instead: on seasonal series up to twenty-fold, and on 1 to 2% of short rising
    series below zero. By default it is therefore never below the plain variance.

    Parameters
    ----------
    values : array
        In time order, NaN left out.
    confidence : float
        Of the test that decides which autocorrelations count.
    floor : bool
        False gives the figures of pyMannKendall and R's ``modifiedmk``, which let the variance shrink: the test then
        finds trends in pure season. Where that variance is not above zero, ``z`` and ``p_value`` are NaN.

    Raises
    ------
    InputError
        Fewer than three values.

    Examples
    --------
    >>> values = [1, 2, 4, 3, 5, 7, 6, 8]
    >>> mann_kendall_hamed_rao(values).variance >= mann_kendall(values).variance
    True
    """
    plain = mann_kendall(values)
    variance = plain.variance * _hamed_rao_factor(_present(values), sen_slope(values).slope, confidence)
    name = "Mann-Kendall, Hamed-Rao variance"
    if floor:
        variance, name = max(variance, plain.variance), f"{name} not below the plain one"
    z = z_score(plain.s, variance, continuity=True) if floor or variance > 0 else np.nan
    return replace(plain, variance=variance, z=z, p_value=two_sided_p_value(z), method=name)


def _hamed_rao_factor(x: Floats, slope: float, confidence: float) -> float:
    """What multiplies the variance: 1 and the significant autocorrelations of the ranks of detrended values."""
    n = len(x)
    detrended = _average_ranks(x - np.arange(1, n + 1) * slope)
    correlations = _autocorrelations(detrended)[1:]
    lags = np.arange(1, n)
    significant = np.abs(correlations) > _normal_quantile(confidence) / np.sqrt(n)
    weighted = (n - lags) * (n - lags - 1.0) * (n - lags - 2) * correlations * significant
    return float(1 + 2 * weighted.sum() / (n * (n - 1.0) * (n - 2)))


def mann_kendall_prewhitened(values: ArrayLike) -> MannKendall:
    """Mann-Kendall after trend-free prewhitening. For comparison only.

    Yue and Wang (2002), Water Resources Research 38. The Sen slope is taken out, the first autocorrelation removed, the
    slope put back. Season is mistaken for autocorrelation.

    Examples
    --------
    >>> mann_kendall_prewhitened([1, 2, 4, 3, 5, 7, 6, 8]).tau > 0
    True
    """
    x = _present(values)
    n = len(x)
    slope = sen_slope(values).slope
    detrended = x - np.arange(1, n + 1) * slope
    first = _autocorrelations(detrended)[1]
    innovations = detrended[1:] - first * detrended[:-1]
    test = mann_kendall(innovations + np.arange(1, n) * slope)
    return replace(test, values_used=n, method="Mann-Kendall, trend-free prewhitened")


def _pairwise_slopes(x: Floats, times: Floats) -> Floats:
    first, second = np.triu_indices(len(x), 1)
    slopes: Floats = (x[second] - x[first]) / (times[second] - times[first])
    return slopes


def _normal_quantile(confidence: float) -> float:
    return float(ndtri(0.5 + confidence / 2))


def _average_ranks(x: Floats) -> Floats:
    ranks: Floats = (x[None, :] < x[:, None]).sum(axis=1) + ((x[None, :] == x[:, None]).sum(axis=1) + 1) / 2
    return ranks


def _autocorrelations(x: Floats) -> Floats:
    centred = x - x.mean()
    products = np.correlate(centred, centred, mode="full")[len(x) - 1 :]
    correlations: Floats = products / products[0] if products[0] > 0 else np.zeros(len(x))
    return correlations


def _present(values: ArrayLike) -> Floats:
    x: Floats = np.asarray(values, dtype=float).ravel()
    x = x[~np.isnan(x)]
    if len(x) < 3:
        raise InputError(f"a trend test needs at least three values, and there are {len(x)}")
    return x
