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
    Flags = NDArray[np.bool_]
    Integers = NDArray[np.int64]

CORRELATIONS = np.array([0.0, 0.2, 0.4, 0.6, 0.75, 0.85, 0.92, 0.97])
STANDARD_DEVIATIONS = np.array([0.05, 0.08, 0.12, 0.17, 0.24, 0.34, 0.5, 0.8])

# The prior, in words: noise of about 14% a month is typical (real series of London boroughs and of New South Wales
# mostly have 7% to 25%), one series in twenty may have much more; any persistence is as likely as any other up to 0.75,
# then less and less; three series in a hundred are pure Poisson.
TYPICAL_SD, SPREAD_OF_TYPICAL_SD = 0.14, 0.3
ROUGH_SD, SPREAD_OF_ROUGH_SD = 0.3, 0.7
SHARE_OF_ROUGH_SERIES = 0.05
PRIOR_OF_CORRELATIONS = np.array([1.0, 1.0, 1.0, 1.0, 1.0, 0.8, 0.5, 0.2])
PRIOR_OF_PURE_POISSON = 0.03
BLOCK = 200  # months of one series, or a share of them for each of many, that stay in the processor's cache


def _grid() -> tuple[Floats, Floats, Floats]:
    """The pairs of (rho, tau2) with the log of their prior; the first is pure Poisson noise."""
    rho = np.tile(CORRELATIONS, len(STANDARD_DEVIATIONS))
    tau = np.repeat(STANDARD_DEVIATIONS, len(CORRELATIONS))
    typical = np.exp(-0.5 * (np.log(tau / TYPICAL_SD) / SPREAD_OF_TYPICAL_SD) ** 2) / SPREAD_OF_TYPICAL_SD
    rough = np.exp(-0.5 * (np.log(tau / ROUGH_SD) / SPREAD_OF_ROUGH_SD) ** 2) / SPREAD_OF_ROUGH_SD
    weights = (1 - SHARE_OF_ROUGH_SERIES) * typical + SHARE_OF_ROUGH_SERIES * rough
    weights *= np.tile(PRIOR_OF_CORRELATIONS, len(STANDARD_DEVIATIONS))
    weights *= (1 - PRIOR_OF_PURE_POISSON) / weights.sum()
    return np.r_[0.0, rho], np.r_[0.0, tau**2], np.log(np.r_[PRIOR_OF_PURE_POISSON, weights])


RHO, TAU2, LOG_PRIOR = _grid()


def whitened_products(columns: Floats, variances: Floats, present: Flags) -> tuple[Floats, Floats]:
    """Return ``columns' V^-1 columns`` and log det V for the covariance V of the months under every noise of the grid.

    A Kalman filter over the months of all series, pairs of the grid and columns at once. Its cost grows with the number
    of months, where factoring the covariance matrices would grow with the cube. A month that is not present teaches
    the filter nothing: its prediction passes through. With x the columns of a month, the error of prediction follows
    error = x - rho x_before + kept error_before, so that a month costs a product and a sum.

    Parameters
    ----------
    columns : array, series x months x columns
        Finite also where a month is not present.
    variances : array, series x months
        Sampling variance of each month's working response (1 / mean for a Poisson count).
    present : array of bool, series x months
        Which months count.

    Returns
    -------
    products : array, columns x columns x noises x series
        Only the entries on and above the diagonal of the columns mean anything.
    log_determinants : array, noises x series

    Examples
    --------
    The first noise of the grid is none, so that each month counts by the inverse of its own variance:

    >>> present = np.array([[True, False, True]])
    >>> products, log_determinants = whitened_products(np.ones((1, 3, 1)), np.full((1, 3), 0.5), present)
    >>> round(float(products[0, 0, 0, 0]), 6), round(float(np.exp(log_determinants[0, 0])), 6)
    (4.0, 0.25)
    """
    series, n, q = columns.shape
    weights = np.where(present, 1 / variances, 0.0)
    kept, scale, log_determinants = _gains(weights.T)
    begins = np.where((moving := (columns != 0).any(axis=0)).any(axis=0), moving.argmax(axis=0), n)
    order = np.argsort(begins, kind="stable")
    correlated = _correlated_products(columns[:, :, order], begins[order], kept, scale)
    products = np.empty((q, q, 1 + correlated.shape[2], series))
    for i in range(q):
        for j in range(i, q):
            products[min(order[i], order[j]), max(order[i], order[j]), 1:] = correlated[i, j]
    products[:, :, 0] = ((columns * weights[:, :, None]).transpose(0, 2, 1) @ columns).transpose(1, 2, 0)
    poisson = np.log(variances).sum(axis=1, where=present)
    return products, poisson + np.concatenate([np.zeros((1, series)), log_determinants.reshape(-1, series)])


def _correlated_products(columns: Floats, begins: Integers, kept: Floats, scale: Floats) -> Floats:
    """The products under the noises that have any: columns x columns x noises x series.

    Columns are in the order of their first month that is not 0, and take part from then on only.
    """
    series, n, q = columns.shape
    x = np.ascontiguousarray(columns.transpose(1, 2, 0))[:, :, None, None, :]
    error = np.zeros((q, *scale.shape[1:]))
    block = min(max(BLOCK // series, 8), n)
    whitened = np.empty((block, *error.shape))
    flat = whitened.reshape(block, q, -1)
    products = np.zeros((q, q, flat.shape[2]))
    for start in range(0, n, block):
        months = min(block, n - start)
        begun = int(np.searchsorted(begins, start + months))
        for i in range(start, start + months):
            if i:
                error[:begun] *= kept[i - 1]
                error[:begun] += x[i, :begun] - CORRELATIONS[:, None] * x[i - 1, :begun]
            else:
                error[:begun] = x[0, :begun]
            np.multiply(error[:begun], scale[i], out=whitened[i - start, :begun])
        for column in range(begun):
            later = flat[:months, column:begun]
            products[column, column:begun] += np.einsum("nx,nqx->qx", flat[:months, column], later)
    return products.reshape(q, q, -1, series)


def _gains(weights: Floats) -> tuple[Floats, Floats, Floats]:
    """What the filter keeps of an error for the next month, one over each month's standard deviation, and log det V.

    Months x standard deviations x correlations x series; the determinant, without months, is over that of the sampling
    variances alone. A month of no weight is not there: all of the error is kept.
    """
    n, series = weights.shape
    squares = CORRELATIONS[:, None] ** 2
    latent = STANDARD_DEVIATIONS[:, None, None] ** 2
    share = np.empty((n, len(STANDARD_DEVIATIONS), len(CORRELATIONS), series))
    spread = np.broadcast_to(latent, share.shape[1:]).copy()
    for i in range(n):
        np.multiply(spread, weights[i], out=share[i])
        share[i] += 1
        np.reciprocal(share[i], out=share[i])  # the sampling variance as a share of all
        spread *= share[i]
        spread -= latent
        spread *= squares
        spread += latent
    log_determinants = np.zeros(share.shape[1:])
    for start in range(0, n, 12):  # few enough that their product is far from 0
        log_determinants -= np.log(np.multiply.reduce(share[start : start + 12], axis=0))
    scale = share * weights[:, None, None, :]
    np.sqrt(scale, out=scale)
    share *= CORRELATIONS[:, None]
    return share, scale, log_determinants
