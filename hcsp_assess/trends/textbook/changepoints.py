"""Where does a list of numbers change level? Textbook tests without season or autocorrelation."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from hcsp_assess.errors import InputError
from hcsp_assess.trends.small_tables import facts_table

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]


@dataclass(frozen=True)
class MeanShift:
    """One change of the mean of independent values.

    ``last_before`` counts the values before the change, ``low`` to ``high`` is its interval, ``sup_f`` the largest F
    statistic of any split and ``cusum`` the largest excursion of the scaled cumulative sum with its p-value.
    """

    last_before: int
    low: int
    high: int
    mean_before: float
    mean_after: float
    sup_f: float
    cusum: float
    cusum_p_value: float
    method: str

    def _repr_html_(self) -> str:
        facts = {
            "Values before the change": f"{self.last_before} (interval {self.low} to {self.high})",
            "Mean before and after": f"{self.mean_before:,.4g} and {self.mean_after:,.4g}",
            "p-value (CUSUM)": self.cusum_p_value,
            "Method": self.method,
        }
        return facts_table("One change of the mean", facts)


@dataclass(frozen=True)
class PettittTest:
    """Pettitt's rank test: ``statistic`` is K, ``last_before`` counts the values before the most likely change."""

    statistic: float
    p_value: float
    last_before: int
    method: str

    def _repr_html_(self) -> str:
        facts = {"K": self.statistic, "p-value": self.p_value, "Values before the change": self.last_before}
        return facts_table("Pettitt's test", facts)


@dataclass(frozen=True)
class Segments:
    """Stretches of constant mean; ``last_before`` counts the values before each change."""

    last_before: tuple[int, ...]
    means: tuple[float, ...]
    method: str

    def _repr_html_(self) -> str:
        facts = {
            "Values before each change": ", ".join(map(str, self.last_before)) or "no change",
            "Means": ", ".join(f"{m:,.4g}" for m in self.means),
        }
        return facts_table(self.method, facts)


def mean_shift(values: Sequence[float], *, trim: float = 0.15, confidence: float = 0.95) -> MeanShift:
    """Find the one split of independent values that leaves the least variance, with an interval for its place.

    Sources: least squares and the interval of Bai (1997), Review of Economics and Statistics 79, 551-563, as
    ``strucchange::breakpoints`` and ``confint``; sup F of Andrews (1993), Econometrica 61, 821-856; OLS-CUSUM of
    Ploberger and Kraemer (1992), Econometrica 60, 271-285, p-value of the Brownian bridge.

    Parameters
    ----------
    values : sequence of float
        At least 10 known values in order, such as yearly totals.
    trim : float
        Share of the values at each end where no split is looked for.

    Raises
    ------
    InputError
        Too few, unknown or constant values.

    Notes
    -----
    It misleads on monthly crime: season and autocorrelation look like changes. Use `find_level_shift` there.

    Examples
    --------
    >>> shift = mean_shift([9, 11, 10, 9, 11, 20, 19, 21, 20, 20])
    >>> shift.last_before, shift.mean_before, shift.mean_after
    (5, 10.0, 20.0)
    """
    y = _check(values, 10)
    n, h = len(y), max(2, math.floor(trim * len(y)))
    if np.ptp(y) == 0:
        raise InputError("all values are the same: there is no change to date")
    splits = np.arange(h, n - h + 1)
    sums = np.cumsum(y)
    gain = (sums[splits - 1] - splits * y.mean()) ** 2 * n / (splits * (n - splits))
    total = float(((y - y.mean()) ** 2).sum())
    at = int(splits[np.argmax(gain)])
    before, after = y[:at], y[at:]
    residual = max(total - gain.max(), np.finfo(float).tiny)
    low, high = _bai_interval(before, after, confidence)
    cusum = float(np.abs(np.cumsum(y - y.mean())).max() / (y.std(ddof=1) * math.sqrt(n)))
    return MeanShift(
        last_before=at,
        low=max(1, at + low),
        high=min(n, at + high),
        mean_before=float(before.mean()),
        mean_after=float(after.mean()),
        sup_f=float(gain.max() / (residual / (n - 2))),
        cusum=cusum,
        cusum_p_value=_kolmogorov(cusum),
        method="least-squares split, Bai's interval, OLS-CUSUM test",
    )


def pettitt_test(values: Sequence[float]) -> PettittTest:
    """Test for one change of level by ranks: Pettitt (1979), Applied Statistics 28, 126-135.

    p = 2 exp(-6 K^2 / (n^3 + n^2)), as R's ``trend::pettitt.test``, an approximation that is good below 0.5. Season and
    autocorrelation make it too small.

    Examples
    --------
    >>> test = pettitt_test([1, 2, 3, 11, 12, 13])  # all 3 x 3 pairs across the change go one way
    >>> test.statistic, test.last_before
    (9.0, 3)
    """
    from scipy.stats import rankdata

    y = _check(values, 4)
    n = len(y)
    u = np.abs(2 * np.cumsum(rankdata(y)) - np.arange(1, n + 1) * (n + 1))
    k = float(u.max())
    p_value = min(1.0, 2 * math.exp(-6 * k**2 / (n**3 + n**2)))
    return PettittTest(k, p_value, int(np.argmax(u)) + 1, "Pettitt's approximate rank test of one change")


def poisson_segments(counts: Sequence[float], *, shortest: int = 2) -> Segments:
    """Split counts into stretches of constant Poisson mean by PELT with the modified BIC penalty.

    Sources: Killick, Fearnhead and Eckley (2012), J. American Statistical Association 107, 1590-1598; penalty of Zhang
    and Siegmund (2007), Biometrics 63, 22-32, as ``changepoint::cpt.meanvar(method="PELT", test.stat="Poisson")``.

    Raises
    ------
    InputError
        Fewer than four counts, or counts that are unknown, negative or not whole.

    Notes
    -----
    It misleads on crime counts, which vary more than Poisson: it finds changes wherever they do. A description only.

    Examples
    --------
    >>> segments = poisson_segments([2] * 10 + [20] * 10)
    >>> segments.last_before, segments.means
    ((10,), (2.0, 20.0))
    """
    y = _check(counts, 4)
    if (y < 0).any() or (y != y.round()).any():
        raise InputError("segments need counts: whole numbers of zero or more")
    n, penalty = len(y), 3 * math.log(len(y))
    sums = np.concatenate([[0.0], np.cumsum(y)])
    best, previous = np.full(n + 1, math.inf), np.zeros(n + 1, dtype=int)
    best[0] = -penalty
    candidates = np.array([0])
    for end in range(shortest, n + 1):
        length, total = end - candidates, sums[end] - sums[candidates]
        cost = best[candidates] + _poisson_cost(total, length) + penalty
        choice = int(np.argmin(cost))
        best[end], previous[end] = cost[choice], candidates[choice]
        kept = candidates[cost - penalty <= best[end] + np.log(length)]
        candidates = np.append(kept, end - shortest + 1) if end - shortest + 1 >= shortest else kept
    changes, at = [], int(previous[n])
    while at > 0:
        changes.append(at)
        at = int(previous[at])
    edges = [0, *sorted(changes), n]
    means = tuple(float((sums[b] - sums[a]) / (b - a)) for a, b in pairwise(edges))
    return Segments(tuple(sorted(changes)), means, "Poisson segments by PELT, modified BIC penalty")


def _poisson_cost(total: Floats, length: Floats) -> Floats:
    """Twice the negative log-likelihood up to a constant, plus the log of the length that the modified BIC adds."""
    mean = np.where(total > 0, total / length, 1.0)
    cost: Floats = 2 * np.where(total > 0, -total * np.log(mean), 0.0) + np.log(length)
    return cost


def _bai_interval(before: Floats, after: Floats, confidence: float) -> tuple[int, int]:
    from scipy.optimize import brentq

    sigma_1, sigma_2 = float(before.var()), float(after.var())
    if sigma_1 == 0 or sigma_2 == 0:
        return 0, 0
    scale = (after.mean() - before.mean()) ** 2 / sigma_1
    ratio = sigma_2 / sigma_1
    tail = (1 - confidence) / 2
    reach = 10.0
    while _argmax_cdf(reach, ratio) < 1 - tail or _argmax_cdf(-reach, ratio) > tail:
        reach *= 2
    high = brentq(lambda x: _argmax_cdf(x, ratio) - (1 - tail), 1e-9, reach)
    low = brentq(lambda x: _argmax_cdf(x, ratio) - tail, -reach, -1e-9)
    return -math.ceil(high / scale), -math.floor(low / scale)


def _argmax_cdf(x: float, phi: float) -> float:
    """Distribution of the argmax of a two-sided Brownian motion with drift, Bai (1997), appendix, with xi = 1."""
    from scipy.stats import norm

    size, frac = abs(x), 1 / phi
    if x < 0:
        first = -math.exp(math.log(size) / 2 - size / 8 - math.log(2 * math.pi) / 2)
        second = -phi * (phi + 2) / (phi + 1)
        second *= math.exp(frac * (1 + frac) * size / 2 + norm.logcdf(-(0.5 + frac) * size**0.5))
        return float(first + second + (size / 2 - 2 + (phi + 2) ** 2 / (phi + 1)) * norm.cdf(-(size**0.5) / 2))
    first = math.sqrt(frac) * math.exp(math.log(size) / 2 - frac * size / 8 - math.log(2 * math.pi) / 2)
    second = (2 * phi + 1) / (phi * (phi + 1))
    second *= math.exp((phi + 1) * size / 2 + norm.logcdf(-(phi + 0.5) / phi**0.5 * size**0.5))
    third = ((2 * phi + 1) ** 2 / ((phi + 1) * phi) - 2 + frac * size / 2) * norm.cdf(-math.sqrt(frac * size) / 2)
    return float(1 + first + second - third)


def _kolmogorov(x: float) -> float:
    from scipy.special import kolmogorov

    return float(kolmogorov(x))


def _check(values: Sequence[float], at_least: int) -> Floats:
    y = np.asarray(values, dtype=float)
    if y.ndim != 1 or len(y) < at_least or not np.isfinite(y).all():
        raise InputError(f"this test needs at least {at_least} known numbers in order, without gaps")
    return y
