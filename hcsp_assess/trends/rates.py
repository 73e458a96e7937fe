"""Has a count changed between two periods, and how sure are a count, a rate and a percentage?"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from hcsp_assess.errors import InputError
from hcsp_assess.trends.small_tables import facts_table

IntervalMethod = Literal["PHE", "Byar", "exact", "score"]


@dataclass(frozen=True)
class Interval:
    """A value with its confidence interval, in the same unit, and how the interval was made."""

    value: float
    low: float
    high: float
    confidence: float
    method: str

    def _repr_html_(self) -> str:
        span = f"{self.value:,.4g} ({100 * self.confidence:g}% interval {self.low:,.4g} to {self.high:,.4g})"
        return facts_table("Value with interval", {"Value": span, "Method": self.method})


@dataclass(frozen=True)
class CountComparison:
    """Two counts compared.

    ``rate_ratio`` is the rate of ``count`` over the rate of ``count_before`` (NaN when that is zero) with its interval;
    ``p_value`` is exact and conditional on the sum; ``e_test_p_value`` is a little less conservative; ``wheeler_z``
    treats the first period as fixed, so look twice only beyond +/-3. ``dispersion`` above 1 means that the p-value and
    the interval were widened for it, and that the E-test and z, which assume Poisson, do not hold.
    """

    count: int
    count_before: int
    exposure: float
    exposure_before: float
    rate_ratio: float
    low: float
    high: float
    p_value: float
    wheeler_z: float
    dispersion: float
    confidence: float
    method: str

    @property
    def e_test_p_value(self) -> float:
        """p-value of the E-test, worked out when asked for: large counts take it a while."""
        return e_test(self.count, self.count_before, exposure=self.exposure, exposure_before=self.exposure_before)

    def _repr_html_(self) -> str:
        span = f"{100 * self.confidence:g}% interval {self.low:.2f} to {self.high:.2f}"
        facts = {
            "Counts": f"{self.count:,} against {self.count_before:,} before",
            "Rate ratio": f"{self.rate_ratio:.2f} ({span})",
            "p-value": self.p_value,
            "Wheeler's z (beyond 3 is notable)": self.wheeler_z,
            "Dispersion allowed for": self.dispersion,
            "Method": self.method,
        }
        return facts_table("Two counts compared", facts)


def compare_counts(
    count: int,
    count_before: int,
    *,
    exposure: float = 1.0,
    exposure_before: float = 1.0,
    dispersion: float = 1.0,
    confidence: float = 0.95,
) -> CountComparison:
    """Compare two counts with their exposures (days, people, stores).

    Given the sum, the first count is binomial with the share of its exposure; the two-sided p-value adds up all
    outcomes no more likely than the one seen, and the interval of the ratio comes from Clopper and Pearson (1934), as
    R's ``poisson.test``. E-test: Krishnamoorthy and Thomson (2004), J. Statistical Planning and Inference 119, 23-35.
    Wheeler (2016): z = 2 (sqrt(count) - sqrt(count before)); with unequal exposures the second root is that of the
    expected count.

    Parameters
    ----------
    count, count_before : int
        Crimes in the later and the earlier period.
    exposure, exposure_before : float
        Days, people, premises: anything the count should be in proportion to.
    dispersion : float
        Variance over mean of such counts (see `dispersion`). Above 1 both the p-value and the interval come from the
        normal approximation of the log ratio with variance dispersion * (1/count + 1/count before).
    confidence : float
        Of the interval.

    Raises
    ------
    InputError
        Negative or broken counts, exposures or dispersion that are not positive.

    Notes
    -----
    It misleads when counts vary more than Poisson, and recorded crime does: between two years of a series without a
    trend the exact test finds a "change" 28% of the time at a nominal 5%. Give the dispersion, or use a trend verdict.

    Examples
    --------
    >>> result = compare_counts(6, 2)  # the chance of 6 or more, or 2 or fewer, heads in 8 tosses: 2 x 37 / 256
    >>> result.rate_ratio, round(result.p_value, 7)
    (3.0, 0.2890625)
    """
    _check_counts(count, count_before)
    _check_positive(exposure=exposure, exposure_before=exposure_before, dispersion=dispersion)
    _check_confidence(confidence)
    ratio = (count / exposure) / (count_before / exposure_before) if count_before else float("nan")
    if dispersion > 1:
        low, high, p_value = _overdispersed(count, count_before, ratio, dispersion, confidence)
        method = f"log rate ratio, normal, variance times {dispersion:.3g}"
    else:
        low, high, p_value = _exact(count, count_before, exposure, exposure_before, confidence)
        method = "exact conditional binomial test of two Poisson counts"
    expected = count_before * exposure / exposure_before
    return CountComparison(
        count=int(count),
        count_before=int(count_before),
        exposure=exposure,
        exposure_before=exposure_before,
        rate_ratio=ratio,
        low=low,
        high=high,
        p_value=p_value,
        wheeler_z=2 * (math.sqrt(count) - math.sqrt(expected)),
        dispersion=max(1.0, dispersion),
        confidence=confidence,
        method=method,
    )


def _exact(
    count: int, before: int, exposure: float, exposure_before: float, confidence: float
) -> tuple[float, float, float]:
    from scipy.stats import binomtest

    if count + before == 0:
        return 0.0, math.inf, 1.0
    test = binomtest(int(count), int(count + before), exposure / (exposure + exposure_before))
    share = test.proportion_ci(confidence, "exact")
    scale = exposure_before / exposure
    low = share.low / (1 - share.low) * scale if share.low < 1 else math.inf
    high = share.high / (1 - share.high) * scale if share.high != 1 else math.inf
    return float(low), float(high), float(test.pvalue)


def _overdispersed(
    count: int, before: int, ratio: float, dispersion: float, confidence: float
) -> tuple[float, float, float]:
    from scipy.stats import norm

    if not count or not before:
        raise InputError(
            "a count of zero cannot be compared with dispersion above 1: use longer periods, or leave dispersion at 1"
        )
    error = math.sqrt(dispersion * (1 / count + 1 / before))
    reach = float(norm.ppf((1 + confidence) / 2)) * error
    p_value = float(2 * norm.sf(abs(math.log(ratio)) / error))
    return ratio * math.exp(-reach), ratio * math.exp(reach), p_value


def e_test(count: int, count_before: int, *, exposure: float = 1.0, exposure_before: float = 1.0) -> float:
    """Return the two-sided p-value of the E-test that two Poisson rates are equal (Krishnamoorthy and Thomson 2004).

    Computed by ``statsmodels`` over every pair of counts within 9 standard deviations of what is expected.

    Examples
    --------
    >>> round(e_test(6, 2), 7)  # as the R package ptools
    0.1748748
    """
    from statsmodels.stats.rates import etest_poisson_2indep

    _check_counts(count, count_before)
    _check_positive(exposure=exposure, exposure_before=exposure_before)
    total = count + count_before
    if total == 0:
        return 1.0
    means = [total * e / (exposure + exposure_before) for e in (exposure, exposure_before)]
    spans = [(m - 9 * math.sqrt(m) - 9, m + 9 * math.sqrt(m) + 25) for m in means]
    grid = np.arange(max(0, math.floor(min(s[0] for s in spans))), math.ceil(max(s[1] for s in spans)) + 1)
    test = etest_poisson_2indep(count, exposure, count_before, exposure_before, method="score", y_grid=grid)
    return min(1.0, float(test[1]))


def dispersion(counts: Sequence[float]) -> float:
    """Return Pearson's chi-square over degrees of freedom about the mean: 1 = Poisson, above 1.5 Poisson is wrong.

    Season and trend count as dispersion here: for monthly series use that of `fit_seasonal_regression`.

    Examples
    --------
    >>> dispersion([2, 4, 6])  # variance 4, mean 4
    1.0
    >>> round(dispersion([2522, 2553, 2238, 2188, 2278, 2372, 2350]), 1)  # quarters of recorded crime, Herefordshire
    8.1
    """
    values = np.asarray(counts, dtype=float)
    if len(values) < 2 or not np.isfinite(values).all() or (values < 0).any() or values.sum() == 0:
        raise InputError("dispersion needs at least two known counts, not negative and not all zero")
    return float(((values - values.mean()) ** 2).sum() / values.mean() / (len(values) - 1))


def count_interval(count: float, *, method: IntervalMethod = "PHE", confidence: float = 0.95) -> Interval:
    """Return the confidence interval of a count, as if Poisson.

    ``Byar``: Breslow and Day (1987), Statistical Methods in Cancer Research II, p. 69: ``O (1 - 1/9O - z/3 sqrt O)^3``.
    ``exact``: chi-square limits, Garwood (1936). ``score``: ``O + z^2/2 -/+ z sqrt(O + z^2/4)``. ``PHE``, the default:
    exact below 10, Byar from 10, the rule of Public Health England's technical guide.

    Raises
    ------
    InputError
        A count that is negative or not known.

    Notes
    -----
    It describes chance alone: overdispersed crime counts vary more, and under-recording is not in it.

    Examples
    --------
    >>> interval = count_interval(65)  # Public Health England's own example
    >>> round(interval.low, 2), round(interval.high, 2), interval.method
    (50.16, 82.85, 'Byar Poisson limits')
    """
    from scipy.stats import chi2, norm

    if not (math.isfinite(count) and count >= 0):
        raise InputError(f"a count of {count} has no interval: give zero or more")
    _check_confidence(confidence)
    z, tail = float(norm.ppf((1 + confidence) / 2)), (1 - confidence) / 2
    used = ("exact" if count < 10 else "Byar") if method == "PHE" else method
    if used == "exact":
        low = float(chi2.ppf(tail, 2 * count) / 2) if count else 0.0
        high = float(chi2.ppf(1 - tail, 2 * count + 2) / 2)
    elif used == "Byar":
        low, high = _byar(count, -z) if count else 0.0, _byar(count + 1, z)
    elif used == "score":
        reach = z * math.sqrt(count + z**2 / 4)
        low, high = max(0.0, count + z**2 / 2 - reach), count + z**2 / 2 + reach
    else:
        raise InputError(f'method must be "PHE", "Byar", "exact" or "score", not {method!r}')
    return Interval(float(count), low, high, confidence, f"{used} Poisson limits")


def rate(
    count: float,
    population: float,
    *,
    multiplier: float = 1000.0,
    method: IntervalMethod = "PHE",
    confidence: float = 0.95,
) -> Interval:
    """Return a crude rate per ``multiplier`` people (or households, premises) with the interval of `count_interval`.

    Examples
    --------
    >>> of_1000 = rate(65, 26_000)
    >>> of_1000.value, round(of_1000.low, 2), round(of_1000.high, 2)
    (2.5, 1.93, 3.19)
    """
    _check_positive(population=population, multiplier=multiplier)
    of_count = count_interval(count, method=method, confidence=confidence)
    scale = multiplier / population
    return Interval(count * scale, of_count.low * scale, of_count.high * scale, confidence, of_count.method)


def wilson_interval(part: float, whole: float, *, confidence: float = 0.95) -> Interval:
    """Return a proportion (0 to 1) with its Wilson (1927) score interval.

    A percentage cannot be tested without the number it is of: there is no interval without ``whole``.

    Examples
    --------
    >>> share = wilson_interval(81, 263)  # Newcombe (1998), table I
    >>> round(share.low, 4), round(share.high, 4)
    (0.2553, 0.3662)
    """
    from scipy.stats import norm

    _check_positive(whole=whole)
    _check_confidence(confidence)
    if not 0 <= part <= whole:
        raise InputError(f"{part:g} of {whole:g} is not a proportion: the part must be between 0 and the whole")
    z = float(norm.ppf((1 + confidence) / 2))
    share = part / whole
    centre = share + z**2 / (2 * whole)
    reach = z * math.sqrt(share * (1 - share) / whole + z**2 / (4 * whole**2))
    low, high = ((centre + sign * reach) / (1 + z**2 / whole) for sign in (-1, 1))
    low, high = (low if part > 0 else 0.0), (high if part < whole else 1.0)
    return Interval(share, low, high, confidence, "Wilson score")


def _byar(count: float, z: float) -> float:
    return float(count * (1 - 1 / (9 * count) + z / (3 * math.sqrt(count))) ** 3)


def _check_counts(*counts: float) -> None:
    for count in counts:
        if not (math.isfinite(count) and count >= 0 and float(count).is_integer()):
            raise InputError(f"{count} is not a count: give whole numbers of zero or more")


def _check_positive(**values: float) -> None:
    for name, value in values.items():
        if not (math.isfinite(value) and value > 0):
            raise InputError(f"{name} must be a positive number, not {value}")


def _check_confidence(confidence: float) -> None:
    if not 0 < confidence < 1:
        raise InputError(f"confidence must be between 0 and 1, not {confidence}: 0.95 is usual")
