"""Is a cluster of a few crimes remarkable, on one weekday or within a few weeks?"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from hcsp_assess.errors import InputError
from hcsp_assess.trends.small_tables import facts_table

MOST_OUTCOMES = 2_000_000


@dataclass(frozen=True)
class SmallSampleTest:
    """Whether counts over categories (weekdays, shifts) follow given shares; exact."""

    statistic: float
    p_value: float
    counts: tuple[int, ...]
    method: str

    def _repr_html_(self) -> str:
        facts = {"Counts": ", ".join(map(str, self.counts)), "G": self.statistic, "p-value": self.p_value}
        return facts_table("Small-sample test", {**facts, "Method": self.method})


def small_sample_test(counts: Sequence[int], shares: Sequence[float] | None = None) -> SmallSampleTest:
    """Test whether few events are spread over categories as chance would spread them.

    The likelihood-ratio statistic G is computed for every way of placing the events, and the p-value is the probability
    of those at least as extreme: Wheeler (2016), Journal of Investigative Psychology and Offender
    Profiling 13, 148-165.

    Parameters
    ----------
    counts : sequence of int
        Events in each category, such as seven weekdays; at most about 25 events over 7 categories.
    shares : sequence of float, optional
        Expected share of each category; equal by default.

    Raises
    ------
    InputError
        No events, counts that are not whole, shares that do not fit, or too many events for the exact count.

    Notes
    -----
    The weekday must be known for each event: a burglary found after a weekend away has no weekday.

    Examples
    --------
    >>> test = small_sample_test([0, 0, 4, 0, 0, 0, 0])  # four burglaries, all on a Wednesday
    >>> round(test.p_value, 6), round(7 / 7**4, 6)
    (0.002915, 0.002915)
    """
    observed = np.asarray(counts, dtype=float)
    k, n = len(observed), float(observed.sum())
    expected = np.full(k, 1 / k) if shares is None else np.asarray(shares, dtype=float) / np.sum(shares)
    if k < 2 or n < 1 or (observed < 0).any() or (observed != observed.round()).any():
        raise InputError("counts must be whole numbers over at least two categories, with at least one event")
    if expected.shape != observed.shape or not (expected > 0).all():
        raise InputError("shares must be positive, one for each category")
    if math.comb(int(n) + k - 1, k - 1) > MOST_OUTCOMES:
        raise InputError(f"{n:.0f} events over {k} categories are too many for the exact test: use a chi-square test")
    outcomes = np.array(list(_compositions(int(n), k)), dtype=float)
    statistics = _g(outcomes, expected * n)
    seen = float(_g(observed[None, :], expected * n)[0])
    p_value = float(_multinomial(outcomes, expected)[statistics >= seen - 1e-9].sum())
    tidy = tuple(int(c) for c in observed)
    return SmallSampleTest(seen, min(1.0, p_value), tidy, "exact distribution of the likelihood-ratio statistic G")


def _compositions(events: int, categories: int) -> Iterator[tuple[int, ...]]:
    if categories == 1:
        yield (events,)
        return
    for first in range(events + 1):
        for rest in _compositions(events - first, categories - 1):
            yield (first, *rest)


def _g(outcomes: np.ndarray, expected: np.ndarray) -> np.ndarray:
    ratio = np.where(outcomes > 0, outcomes / expected, 1.0)
    statistic: np.ndarray = 2 * (outcomes * np.log(ratio)).sum(axis=1)
    return statistic


def _multinomial(outcomes: np.ndarray, shares: np.ndarray) -> np.ndarray:
    from scipy.special import gammaln

    logs = (
        gammaln(outcomes.sum(axis=1) + 1) - gammaln(outcomes + 1).sum(axis=1) + (outcomes * np.log(shares)).sum(axis=1)
    )
    probabilities: np.ndarray = np.exp(logs)
    return probabilities


def scan_probability(windows: float, mean_per_window: float, events: int) -> float:
    """Return the chance that some window of time holds at least so many events, by Naus's approximation.

    "Six burglaries within two weeks: how often would chance do that somewhere in eight years?" Source: Naus (1982),
    J. American Statistical Association 77, 177-183: P = 1 - Q2 (Q3/Q2)^(windows - 2), for a Poisson process.

    Parameters
    ----------
    windows : float
        How many windows the whole time holds: 208 for two-week windows in eight years; at least 2.
    mean_per_window : float
        Events that chance puts into one window.
    events : int
        Events seen in the fullest window, wherever it starts; at least 3.

    Raises
    ------
    InputError
        Fewer than 2 windows, a mean that is not positive, or fewer than 3 events.

    Notes
    -----
    It assumes a constant mean: a season, or a series that was looked at because it seemed dense, makes it too small.

    Examples
    --------
    Six burglaries within two weeks, where chance puts 0.6 there: the R package ptools gives 0.039 for 209 windows.

    >>> round(scan_probability(208, 0.6, 6), 3)
    0.039
    """
    if not (windows >= 2 and mean_per_window > 0 and math.isfinite(windows) and math.isfinite(mean_per_window)):
        raise InputError("the time must hold at least 2 windows, and the mean per window must be positive")
    if events < 3 or events != int(events):
        raise InputError("a scan needs a whole number of at least 3 events: fewer do not make a cluster")
    q2, q3 = _naus_q2(int(events), mean_per_window), _naus_q3(int(events), mean_per_window)
    probability = 1 - q2 * (q3 / q2) ** (windows - 2) if q2 > 0 and q3 > 0 else 1.0
    return float(min(1.0, max(0.0, probability)))


def _naus_q2(k: int, psi: float) -> float:
    from scipy.stats import poisson

    p, f = poisson(psi).pmf, poisson(psi).cdf
    return float(f(k - 1) ** 2 - (k - 1) * p(k) * p(k - 2) - (k - 1 - psi) * p(k) * f(k - 3))


def _naus_q3(k: int, psi: float) -> float:
    from scipy.stats import poisson

    p, f = poisson(psi).pmf, poisson(psi).cdf
    a1 = 2 * p(k) * f(k - 1) * ((k - 1) * f(k - 2) - psi * f(k - 3))
    a2 = 0.5 * p(k) ** 2 * ((k - 1) * (k - 2) * f(k - 3) - 2 * (k - 2) * psi * f(k - 4) + psi**2 * f(k - 5))
    r = np.arange(1, k)
    a3 = float((p(2 * k - r) * f(r - 1) ** 2).sum())
    r = np.arange(2, k)
    a4 = float((p(2 * k - r) * p(r) * ((r - 1) * f(r - 2) - psi * f(r - 3))).sum())
    return float(f(k - 1) ** 3 - a1 + a2 + a3 - a4)
