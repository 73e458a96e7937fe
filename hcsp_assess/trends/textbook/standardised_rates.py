"""What would a rate be if the area had another population's ages? Direct standardisation."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from hcsp_assess.errors import InputError
from hcsp_assess.trends.rates import Interval, count_interval


def directly_standardised_rate(
    counts: Sequence[float],
    populations: Sequence[float],
    standard: Sequence[float],
    *,
    multiplier: float = 100_000.0,
    confidence: float = 0.95,
) -> Interval:
    """Return a rate standardised to another population's ages (or other strata), with Dobson's interval.

    Source: Dobson, Kuulasmaa, Eberle and Scherer (1991), Statistics in Medicine 10, 457-462, with Byar's limits, as
    ``PHEindicatormethods::calculate_dsr``.

    Raises
    ------
    InputError
        Strata that do not match, populations that are not positive, or a total under 10, for which the rate means
        nothing and is not published.

    Examples
    --------
    Standardised to its own ages a rate is the crude one, 70 in 7,000:

    >>> ages = [1000, 2000, 4000]
    >>> round(directly_standardised_rate([20, 40, 10], ages, ages, multiplier=1000).value, 6)
    10.0
    """
    x, n, w = (np.asarray(v, dtype=float) for v in (counts, populations, standard))
    if not x.shape == n.shape == w.shape or x.ndim != 1:
        raise InputError("counts, populations and standard must be lists of the same length, one number a stratum")
    if not (n > 0).all() or not (w >= 0).all() or w.sum() <= 0 or not (x >= 0).all():
        raise InputError("populations must be positive, and counts and standard weights must not be negative")
    total = float(x.sum())
    if total < 10:
        raise InputError(
            f"a standardised rate of {total:g} crimes is too unreliable to use: give the count instead (the rule "
            "needs 10)"
        )
    value = float((w * x / n).sum() / w.sum())
    variance = float((w**2 * x / n**2).sum() / w.sum() ** 2)
    of_total = count_interval(total, method="Byar", confidence=confidence)
    low, high = (value + math.sqrt(variance / total) * (limit - total) for limit in (of_total.low, of_total.high))
    return Interval(multiplier * value, multiplier * low, multiplier * high, confidence, "Dobson, with Byar's limits")
