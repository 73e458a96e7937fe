"""How much wider must intervals be so that false alarms are the stated five in a hundred?

The model knows the noise of a series only roughly, and an average over rough knowledge is right on average and not for
each kind of series: too strict where months are independent, too lax where they are persistent and few. Each question's
standard error is therefore multiplied by a factor that depends smoothly on three things seen in the series: its
persistence, how much it can tell about the question, and its length. A factor is never below 0.78 or above 1.16.

The constants were fitted to simulated series of many kinds (``benchmarks/simulated_counts.py``: 48 to 180 months, 2 to
400 crimes a month, any season, noise of 7% to 30%, persistence 0 to 0.85, half of them with gaps, dips and outliers) so
that the most real changes of 5% a year, of 20% in the last 12 months, or of a turn are found, while false alarms stay
under 5% over all series and under 6% for each third of persistences. For single kinds of series the true level is
between 1% and 7%. The question on the last 12 months, whose model has effects of the year beside the noise, was fitted
on short series of 24 to 48 months too, and errs in 5.5% of all series. ``docs/methods-trends.md`` says more.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.special import ndtr, ndtri

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Integers = NDArray[np.int64]


@dataclass(frozen=True)
class Calibration:
    """Log factor = level + persistence (rho - 0.5) + telling x + bending x^2 + length log(months / 84).

    x = log(standard error / ``reference``): below zero for a series that tells much, above for one that tells little.
    ``tail``: how many times further than 1.96 a z-value beyond 1.96 counts. Averaging over noises makes the far tails
    too heavy: without it one null series in a hundred, not two, has p below 0.02. Intervals of 95% and 90% do not feel
    it.
    """

    reference: float
    level: float
    persistence: float
    telling: float
    bending: float
    length: float
    tail: float = 1.0

    def factor(self, error: Floats, rho: Floats, months: Integers) -> Floats:
        """The factor for a question's standard error, a value for each series."""
        x = np.log(error / self.reference)
        log_factor = self.level + self.persistence * (rho - 0.5) + self.telling * x + self.bending * x * x
        log_factor = np.clip(log_factor + self.length * np.log(months / 84), NARROWEST, WIDEST)
        factor: Floats = np.exp(log_factor)
        return factor

    def p_value(self, one_tail: Floats) -> Floats:
        """Two-sided p-value from the smaller tail, a value for each series."""
        z = -ndtri(one_tail)
        z = np.where(z > TAIL_FROM, TAIL_FROM + self.tail * (z - TAIL_FROM), z)
        p_value: Floats = np.minimum(1.0, 2 * ndtr(-z))
        return p_value


NARROWEST, WIDEST = -0.25, 0.15
TAIL_FROM = 1.959964

AS_MODELLED = Calibration(1.0, 0.0, 0.0, 0.0, 0.0, 0.0)
SLOPE = Calibration(0.03, -0.10, 0.20, 0.08, 0.34, 0.0, tail=1.4)
TURN = Calibration(0.03, -0.04, 0.08, -0.18, 0.20, -0.27, tail=1.25)
DIRECTION = Calibration(0.03, 0.02, 0.0, 0.0, 0.0, 0.0, tail=1.25)
LATEST = Calibration(0.12, -0.07, 0.27, 0.10, 0.23, 0.09)
