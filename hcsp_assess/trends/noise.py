"""How much, and how persistently, do months differ for no reason that we model? The latent AR(1) noise of a series.

Crime counts wander: a good month tends to be followed by another. The core model says that the log of the expected
count has, beside season and trend, a latent noise of variance ``tau2`` whose correlation falls off as ``rho`` to the
power of the months between. Nobody knows either number, and 60 months hardly tell, so nothing here picks one pair:
every answer is averaged over a grid of pairs, each weighted by how well it explains the series (REML likelihood) times
how common such noise is in recorded crime (the prior below).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

CORRELATIONS = np.array([0.0, 0.2, 0.4, 0.6, 0.75, 0.85, 0.92, 0.97])
STANDARD_DEVIATIONS = np.array([0.04, 0.07, 0.1, 0.14, 0.2, 0.28, 0.4])

# The prior, in words: noise of about 14% a month is typical and 5% or 40% are rare; any persistence is as likely as any
# other up to 0.75, then less and less; one series in twenty is pure Poisson.
TYPICAL_STANDARD_DEVIATION = 0.14
SPREAD_OF_LOG_STANDARD_DEVIATION = 0.5
PRIOR_OF_CORRELATIONS = np.array([1.0, 1.0, 1.0, 1.0, 1.0, 0.8, 0.5, 0.2])
PRIOR_OF_PURE_POISSON = 0.05


def _grid() -> tuple[Floats, Floats, Floats]:
    """The pairs of (rho, tau2) with the log of their prior; the first is pure Poisson noise."""
    rho = np.tile(CORRELATIONS, len(STANDARD_DEVIATIONS))
    tau = np.repeat(STANDARD_DEVIATIONS, len(CORRELATIONS))
    weights = np.tile(PRIOR_OF_CORRELATIONS, len(STANDARD_DEVIATIONS))
    distance = np.log(tau / TYPICAL_STANDARD_DEVIATION) / SPREAD_OF_LOG_STANDARD_DEVIATION
    weights = weights * np.exp(-0.5 * distance**2)
    weights *= (1 - PRIOR_OF_PURE_POISSON) / weights.sum()
    return np.r_[0.0, rho], np.r_[0.0, tau**2], np.log(np.r_[PRIOR_OF_PURE_POISSON, weights])


RHO, TAU2, LOG_PRIOR = _grid()


def whiten(columns: Floats, variances: Floats, month: NDArray[np.int64]) -> tuple[Floats, Floats]:
    """Return ``columns`` made uncorrelated under every noise of the grid, and each noise's log determinant.

    A Kalman filter over the months present, run for all pairs of the grid and all columns at once. Its cost grows with
    the number of months, where factoring the covariance matrices would grow with the cube; a gap in the calendar is
    simply a longer step (``rho`` to the power of the gap).

    Parameters
    ----------
    columns : array, months x columns
    variances : array, months
        Sampling variance of each month's working response (1 / mean for a Poisson count).
    month : array of int
        The month's number on the calendar, increasing.

    Returns
    -------
    whitened : array, grid x columns x months
    log_determinant : array, grid
    """
    n, q = columns.shape
    predicted = np.zeros((len(RHO), q))
    spread = TAU2.copy()
    innovations = np.empty((n, len(RHO), q))
    innovation_variances = np.empty((n, len(RHO)))
    steps = np.diff(month)
    powers = {int(step): RHO[:, None] ** int(step) for step in np.unique(steps)}
    for i in range(n):
        total = spread + variances[i]
        innovation_variances[i] = total
        innovations[i] = columns[i] - predicted
        if i < n - 1:
            power = powers[int(steps[i])]
            predicted = power * (predicted + (spread / total)[:, None] * innovations[i])
            spread = TAU2 + power[:, 0] ** 2 * (spread * variances[i] / total - TAU2)
    whitened = innovations / np.sqrt(innovation_variances)[:, :, None]
    return whitened.transpose(1, 2, 0), np.log(innovation_variances).sum(axis=0)
