"""Did crime fall more than elsewhere? The weighted displacement difference."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from hcsp_assess.errors import InputError
from hcsp_assess.trends.small_tables import facts_table

Pair = tuple[float, float]  # records before, records after
CONFIDENCE = 0.95


@dataclass(frozen=True)
class Displacement:
    """How many more records fell in a place than in untreated places, including its surroundings.

    Attributes
    ----------
    estimate : float
        Records gained beyond the comparison, in the unit of the period after; negative = fell more.
    treated, surroundings : float
        The parts of the estimate: the place itself, and its surroundings (0 if none were given).
    standard_error, z, low, high : float
        Of the estimate; the interval at `confidence`.
    p_value : float
        Two-sided, normal.
    """

    estimate: float
    treated: float
    surroundings: float
    standard_error: float
    z: float
    low: float
    high: float
    p_value: float
    confidence: float
    method: str

    def _repr_html_(self) -> str:
        span = f"{100 * self.confidence:g}% interval {self.low:,.0f} to {self.high:,.0f}"
        facts = {
            "Records more than elsewhere": f"{self.estimate:,.0f} ({span})",
            "of which the place itself": self.treated,
            "of which its surroundings": self.surroundings,
            "z": self.z,
            "Method": self.method,
        }
        return facts_table("Weighted displacement difference", facts)


def weigh_displacement(
    *,
    treated: Pair,
    control: Pair,
    surroundings: Pair = (0, 0),
    surroundings_control: Pair = (0, 0),
    time_weights: Pair = (1, 1),
    area_weights: tuple[float, float, float, float] = (1, 1, 1, 1),
    dispersion: float = 1.0,
) -> Displacement:
    """Return the weighted displacement difference of Wheeler and Ratcliffe.

    With each count divided by its weights: (treated after - before) - (control after - before), plus the same for the
    surroundings. Its variance is the sum of the counts, each over its weights squared, if all counts are Poisson.

    Parameters
    ----------
    treated, control, surroundings, surroundings_control : pair of float
        Records before and after in the place acted on, in one like it that was left alone, in the place's surroundings
        (where crime may have moved), and in places like those.
    time_weights : pair of float
        Lengths of the two periods.
    area_weights : four floats
        Sizes of treated, control, surroundings and their control. A weight of a control that is its count before over
        the treated count before compares percentages instead of numbers.
    dispersion : float
        How many times such counts vary more than Poisson; multiplies the variance. The published test has 1.

    Raises
    ------
    InputError
        If a count is negative, a weight or the dispersion is not above zero, or there are no records at all.

    Notes
    -----
    Wheeler and Ratcliffe (2018), "A simple weighted displacement difference test to evaluate place based crime
    interventions", Crime Science 7, 11. It misleads when the place was chosen because its count was high: the next
    count falls without any action (regression to the mean), and when counts vary more than Poisson and `dispersion` is
    left at 1.

    Examples
    --------
    >>> found = weigh_displacement(  # the example of Wheeler and Ratcliffe (2018)
    ...     treated=(207, 110), control=(308, 318), surroundings=(178, 157), surroundings_control=(150, 140)
    ... )
    >>> found.estimate, round(found.z, 2), round(found.low), round(found.high)
    (-118.0, -2.98, -196, -40)
    """
    from scipy.stats import norm

    pairs = (treated, control, surroundings, surroundings_control)
    _check_displacement(pairs, (*time_weights, *area_weights, dispersion))
    long_before, long_after = time_weights
    weighed = list(zip(pairs, area_weights, strict=True))
    changes = [(after / long_after - before / long_before) / size for (before, after), size in weighed]
    variances = [(after / long_after**2 + before / long_before**2) / size**2 for (before, after), size in weighed]
    local, around = changes[0] - changes[1], changes[2] - changes[3]
    error = math.sqrt(sum(variances) * dispersion)
    reach = float(norm.ppf((1 + CONFIDENCE) / 2)) * error
    estimate = local + around
    return Displacement(
        estimate=estimate,
        treated=local,
        surroundings=around,
        standard_error=error,
        z=estimate / error,
        low=estimate - reach,
        high=estimate + reach,
        p_value=float(2 * norm.sf(abs(estimate) / error)),
        confidence=CONFIDENCE,
        method="weighted displacement difference, Wheeler and Ratcliffe (2018)",
    )


def _check_displacement(pairs: Sequence[Pair], weights: Sequence[float]) -> None:
    if any(not (math.isfinite(count) and count >= 0) for pair in pairs for count in pair):
        raise InputError("records before and after must be zero or more")
    if any(not (math.isfinite(weight) and weight > 0) for weight in weights):
        raise InputError("time weights, area weights and dispersion must be above zero")
    if sum(map(sum, pairs)) == 0:
        raise InputError("there are no records before or after, so there is nothing to compare")
