"""How noisy and persistent are months? The latent AR(1) noise of a series.

Crime counts wander: a good month tends to be followed by another. The core model says that the log of the expected
count has, beside season and trend, a latent noise of variance ``tau2`` whose correlation falls off as ``rho`` to the
power of the months between. Neither number is known, and 60 months hardly tell, so nothing here picks one pair:
every answer is averaged over a grid of pairs, each weighted by how well it explains the series (REML likelihood) times
how common such noise is in recorded crime (the prior below).
"""

from __future__ import annotations

from dataclasses import dataclass
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
CELLS = 200_000  # columns x noises x series x months worked out at once: they stay in the processor's cache
FEW_CELLS = 500  # columns x noises x series up to which a spell of months is worked out at once
SPELL = 24  # months: few enough that what is kept of an error, a trillionth at least of it each month, stays above 0


@dataclass(frozen=True)
class NoiseGrid:
    """The pairs of persistence and size that answers are averaged over, for values of one length of period.

    Attributes
    ----------
    correlations : array, persistences
        Correlation between neighbouring periods.
    variances : array, sizes x persistences
        Of the latent noise.
    log_prior : array, noises
        Log probability of each noise. The first noise is none; then come the pairs, the persistences of each size
        together.
    monthly : array, noises
        The correlation between neighbouring months, whatever the length of the period: for calibration.
    per_year : int
        Periods in a year.
    """

    correlations: Floats
    variances: Floats
    log_prior: Floats
    monthly: Floats
    per_year: int

    @property
    def rho(self) -> Floats:
        """Correlation between neighbouring periods, for every noise."""
        rho: Floats = np.r_[0.0, np.tile(self.correlations, len(self.variances))]
        return rho

    @property
    def tau2(self) -> Floats:
        """Variance of the latent noise, for every noise."""
        tau2: Floats = np.r_[0.0, self.variances.ravel()]
        return tau2


def _monthly_grid() -> NoiseGrid:
    tau = np.repeat(STANDARD_DEVIATIONS, len(CORRELATIONS))
    typical = np.exp(-0.5 * (np.log(tau / TYPICAL_SD) / SPREAD_OF_TYPICAL_SD) ** 2) / SPREAD_OF_TYPICAL_SD
    rough = np.exp(-0.5 * (np.log(tau / ROUGH_SD) / SPREAD_OF_ROUGH_SD) ** 2) / SPREAD_OF_ROUGH_SD
    weights = (1 - SHARE_OF_ROUGH_SERIES) * typical + SHARE_OF_ROUGH_SERIES * rough
    weights *= np.tile(PRIOR_OF_CORRELATIONS, len(STANDARD_DEVIATIONS))
    weights *= (1 - PRIOR_OF_PURE_POISSON) / weights.sum()
    rho = np.r_[0.0, np.tile(CORRELATIONS, len(STANDARD_DEVIATIONS))]
    variances = np.broadcast_to(STANDARD_DEVIATIONS[:, None] ** 2, (len(STANDARD_DEVIATIONS), len(CORRELATIONS)))
    return NoiseGrid(CORRELATIONS, variances, np.log(np.r_[PRIOR_OF_PURE_POISSON, weights]), rho, 12)


def _quarterly_grid(monthly: NoiseGrid) -> NoiseGrid:
    """The same noises as a mean of three months has them: its variance, and its correlation with the next quarter."""
    r = monthly.correlations
    share = (3 + 4 * r + 2 * r**2) / 9
    between = (r + 2 * r**2 + 3 * r**3 + 2 * r**4 + r**5) / 9
    return NoiseGrid(between / share, monthly.variances * share, monthly.log_prior, monthly.monthly, 4)


MONTHLY = _monthly_grid()
QUARTERLY = _quarterly_grid(MONTHLY)
RHO, TAU2, LOG_PRIOR = MONTHLY.rho, MONTHLY.tau2, MONTHLY.log_prior


def whitened_products(
    columns: Floats, variances: Floats, present: Flags, grid: NoiseGrid = MONTHLY
) -> tuple[Floats, Floats]:
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
    grid : NoiseGrid
        The noises; for quarters, read quarter for month.

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
    weights = np.where(present, 1 / variances, 0.0)
    correlations, latent = grid.correlations[:, None], grid.variances[:, :, None]
    correlated, log_determinants = _products_under(columns, weights, correlations, latent)
    poisson = ((columns * weights[:, :, None]).transpose(0, 2, 1) @ columns).transpose(1, 2, 0)
    products = np.concatenate([poisson[:, :, None], correlated], axis=2)
    log_determinants = np.concatenate([np.zeros((1, len(columns))), log_determinants])
    return products, np.log(variances).sum(axis=1, where=present) + log_determinants


def whitened_products_of(
    columns: Floats, variances: Floats, present: Flags, correlations: Floats, latent: Floats
) -> tuple[Floats, Floats]:
    """The same as ``whitened_products``, for noises of each series' own.

    Parameters
    ----------
    columns, variances, present : arrays
        As there.
    correlations, latent : array, noises x series
        Correlation between neighbouring periods, and variance, of each noise: a few of ``NoiseGrid.rho`` and ``tau2``.

    Returns
    -------
    products : array, columns x columns x noises x series
        Only the entries on and above the diagonal of the columns mean anything.
    log_determinants : array, noises x series

    Examples
    --------
    >>> present, none = np.array([[True, False, True]]), np.zeros((1, 1))
    >>> products, _ = whitened_products_of(np.ones((1, 3, 1)), np.full((1, 3), 0.5), present, none, none)
    >>> round(float(products[0, 0, 0, 0]), 6)
    4.0
    """
    weights = np.where(present, 1 / variances, 0.0)
    products, log_determinants = _products_under(columns, weights, correlations, latent[None])
    return products, np.log(variances).sum(axis=1, where=present) + log_determinants


def _products_under(columns: Floats, weights: Floats, correlations: Floats, latent: Floats) -> tuple[Floats, Floats]:
    """Products, and log determinants over those of the sampling variances: (columns x columns x) noises x series.

    ``correlations`` and ``latent`` go with an array of sizes x persistences x series.
    """
    series, n, q = columns.shape
    kept, scale, log_determinants = _gains(weights.T, correlations, latent)
    begins = np.where((moving := (columns != 0).any(axis=0)).any(axis=0), moving.argmax(axis=0), n)
    order = np.argsort(begins, kind="stable")
    correlated = _correlated_products(columns[:, :, order], begins[order], kept, scale, correlations)
    products = np.empty_like(correlated)
    for i in range(q):
        for j in range(i, q):
            products[min(order[i], order[j]), max(order[i], order[j])] = correlated[i, j]
    return products, log_determinants.reshape(-1, series)


def _correlated_products(
    columns: Floats, begins: Integers, kept: Floats, scale: Floats, correlations: Floats
) -> Floats:
    """The products under the noises that have any: columns x columns x noises x series.

    Columns are in the order of their first month that is not 0, and take part from then on only; where one is 0 in a
    month and the month before, its error only fades.
    """
    series, n, q = columns.shape
    x = np.ascontiguousarray(columns.transpose(1, 2, 0))[:, :, None, None, :]
    added = x + 0 * correlations
    added[1:] -= correlations * x[:-1]
    if q * scale[0].size <= FEW_CELLS:
        return _products_at_once(added, kept, scale)
    moving = _moving(columns)
    error = np.zeros((q, *scale.shape[1:]))
    block = min(max(CELLS // (error.size or 1), 8), n)
    whitened = np.empty((block, *error.shape))
    flat = whitened.reshape(block, q, -1)
    products = np.zeros((q, q, flat.shape[2]))
    for start in range(0, n, block):
        months = min(block, n - start)
        begun = int(np.searchsorted(begins, start + months))
        for i in range(start, start + months):
            if i:
                error[:begun] *= kept[i - 1]
                some = slice(0, begun) if len(moving[i]) >= begun else moving[i]
                error[some] += added[i, some]
            else:
                error[:begun] = x[0, :begun]
            np.multiply(error[:begun], scale[i], out=whitened[i - start, :begun])
        for column in range(begun):
            later = flat[:months, column:begun]
            products[column, column:begun] += np.einsum("nx,nqx->qx", flat[:months, column], later)
    return products.reshape(q, q, -1, series)


def _products_at_once(added: Floats, kept: Floats, scale: Floats) -> Floats:
    """The same for one series or a few: a spell of months at a time, where a loop over months would cost more.

    Within a spell the error of a month is the sum of what each month added, faded by what was kept since; what is kept
    of nothing is taken for a trillionth, so that the quotients of the running product stay finite.
    """
    n, q = added.shape[:2]
    whitened = np.empty((n, q, *scale.shape[1:]))
    error = np.zeros(whitened.shape[1:])
    for start in range(0, n, SPELL):
        months = slice(start, min(start + SPELL, n))
        before = (
            kept[max(start - 1, 0) : months.stop - 1] if start else np.concatenate([kept[:1], kept[: months.stop - 1]])
        )
        faded = np.cumprod(np.maximum(before, 1e-12), axis=0)[:, None]
        errors = np.cumsum(added[months] / faded, axis=0)
        errors += error
        errors *= faded
        error = errors[-1]
        np.multiply(errors, scale[months, None], out=whitened[months])
    flat = np.ascontiguousarray(whitened.reshape(n, q, -1).transpose(2, 1, 0))
    products: Floats = (flat @ flat.transpose(0, 2, 1)).transpose(1, 2, 0).reshape(q, q, -1, added.shape[-1])
    return products


def _moving(columns: Floats) -> list[Integers]:
    """For each month the numbers of the columns that are not 0 for all series, in it or the month before."""
    some = (columns != 0).any(axis=0)
    some[1:] |= some[:-1].copy()
    return [np.flatnonzero(each) for each in some]


def _gains(weights: Floats, correlations: Floats, latent: Floats) -> tuple[Floats, Floats, Floats]:
    """What the filter keeps of an error for the next month, one over each month's standard deviation, and log det V.

    Months x standard deviations x correlations x series; the determinant, without months, is over that of the sampling
    variances alone. A month of no weight is not there: all of the error is kept.
    """
    n, series = weights.shape
    squares = correlations**2
    fresh = latent * (1 - squares)
    share = np.empty((n, *np.broadcast_shapes(correlations.shape, latent.shape, (series,))))
    spread = np.broadcast_to(latent, share.shape[1:]).copy()
    for i in range(n):
        np.multiply(spread, weights[i], out=share[i])
        share[i] += 1
        np.reciprocal(share[i], out=share[i])  # the sampling variance as a share of all
        spread *= share[i]
        spread *= squares
        spread += fresh
    log_determinants = np.zeros(share.shape[1:])
    for start in range(0, n, 12):  # few enough that their product is far from 0
        log_determinants -= np.log(np.multiply.reduce(share[start : start + 12], axis=0))
    scale = share * weights[:, None, None, :]
    np.sqrt(scale, out=scale)
    share *= correlations
    return share, scale, log_determinants
