"""Do whole years differ by more than months explain? A random effect of each year.

Recorded crime often moves by a few per cent from one year to the next and stays there for the year: a change of
practice, of staff, of a budget. Noise that fades over months does not describe that, so that a question about a whole
year (the last 12 months; a year against one held long before) is answered too surely. Here the log of the expected
count has, beside season, the changes asked about, known shifts and the noise of ``noise.py``, an effect of each year:
independent, of standard deviation s. Years are counted back from the end of the series. s is not known, so answers are
averaged over a grid of values, as they are over noises: weighted by the likelihood of the series (REML) times a prior.

Several series of one area say more about s than one does: ``pooled_weights`` estimates the weights from them all.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.special import logsumexp

from hcsp_assess.trends.elimination import take_out
from hcsp_assess.trends.model import SEASON_SD, SHIFT_SD, Answers
from hcsp_assess.trends.noise import MONTHLY, NoiseGrid, whitened_products, whitened_products_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Flags = NDArray[np.bool_]
    Integers = NDArray[np.int64]

SIZES = np.array([0.0, 0.03, 0.06, 0.09, 0.13, 0.19, 0.28])
#: Nonparametric maximum likelihood over 150 series of boroughs, recorded by the Metropolitan Police from April 2010 to
#: February 2020, beside slope, turn and last 12 months: seven series in ten have no effect of the year.
PRIOR = np.array([0.70, 0.06, 0.06, 0.09, 0.07, 0.01, 0.01])
SIZES_ACROSS_GAPS = np.array([0.0, 0.03, 0.06, 0.09, 0.13, 0.19, 0.28, 0.42])
#: Wider than those boroughs show: years far apart, with nothing held between them, may differ by more.
PRIOR_ACROSS_GAPS = np.array([0.40, 0.20, 0.12, 0.12, 0.08, 0.05, 0.02, 0.01])
STRENGTH_OF_PRIOR = 6.0  # it counts as much as this many series
NOISES = 10  # of each series, the likeliest: those left out carry little weight


def year_columns(months: int, length: Integers, per_year: int = 12) -> Floats:
    """Return a column of 0 and 1 for each year, counted back from the end of each series; the last year comes last.

    Parameters
    ----------
    months : int
        Of the table: the longest series.
    length : array, series
        Months (or quarters) of each series to its end.
    per_year : int
        4 for quarters.

    Returns
    -------
    array, series x months x years

    Examples
    --------
    >>> year_columns(3, np.array([3, 2]), per_year=2)[:, :, -1].tolist()
    [[0.0, 1.0, 1.0], [1.0, 1.0, 0.0]]
    """
    back = (length[:, None] - 1 - np.arange(months)) // per_year
    years = -(-int(length.max()) // per_year)
    columns: Floats = (back[:, :, None] == np.arange(years)[::-1]).astype(float)
    return columns


def likeliest_noises(weights: Floats, most: int = NOISES) -> Integers:
    """Return the numbers of the noises with the highest weight for each series: noises x series, in order of number.

    Parameters
    ----------
    weights : array, series x noises
        Posterior weights without year effects, as ``Answers.weights`` has them.
    most : int
        How many of the noises.

    Examples
    --------
    >>> likeliest_noises(np.array([[0.1, 0.6, 0.3], [0.5, 0.1, 0.4]]), most=2).tolist()
    [[1, 0], [2, 2]]
    """
    first = np.argsort(-weights, axis=1, kind="stable")[:, :most]
    return np.sort(first, axis=1).T


@dataclass(frozen=True)
class YearEffects:
    """What every size of the year's effect and every noise give for the contrasts.

    Attributes
    ----------
    log_likelihoods : array, sizes x noises x series
        REML, but for a constant of each series.
    estimates, errors : array, contrasts x sizes x noises x series
        Of each contrast, on the log scale.
    log_prior, correlations : array, noises x series
        Of each noise: its log probability, and its correlation between neighbouring months.
    """

    log_likelihoods: Floats
    estimates: Floats
    errors: Floats
    log_prior: Floats
    correlations: Floats

    def log_likelihood_of_sizes(self) -> Floats:
        """Log likelihood of each size of the year's effect, over all noises by their prior: series x sizes."""
        of_sizes: Floats = logsumexp(self.log_likelihoods + self.log_prior, axis=1).T
        return of_sizes

    def answers(self, contrast: int, weights_of_sizes: Floats) -> Answers:
        """The answers about one contrast, averaged over noises and sizes by their posterior weights.

        Parameters
        ----------
        contrast : int
            Its number.
        weights_of_sizes : array, sizes, or series x sizes
            The prior of the sizes of the year's effect.

        Returns
        -------
        Answers
            series x (sizes * noises)
        """
        with np.errstate(divide="ignore"):
            log_prior = np.log(np.atleast_2d(weights_of_sizes)).T[:, None, :]
        log_weights = self.log_likelihoods + self.log_prior + log_prior
        log_weights -= log_weights.max(axis=(0, 1))
        weights = np.exp(log_weights)
        weights /= weights.sum(axis=(0, 1))
        return Answers(
            _flat(self.estimates[contrast]),
            _flat(self.errors[contrast]),
            _flat(weights),
            correlations=_flat(np.broadcast_to(self.correlations, weights.shape)),
        )


def _flat(of_noises: Floats) -> Floats:
    """Series x (sizes * noises)."""
    flat: Floats = of_noises.reshape(-1, of_noises.shape[-1]).T
    return flat


@dataclass(frozen=True)
class SeriesWithYears:
    """Series made linear around a first fit, with the columns of their years: many at once.

    Attributes
    ----------
    response : array, series x months
        The working response on the log scale, without the offset: log mean - offset + (count - mean) / mean.
    variances : array, series x months
        Its sampling variance, 1 / mean.
    kept : array of bool, series x months
        The months that take part.
    season : array of int, series x months
        0 for January.
    length : array of int, series
        Months (or quarters) to the end of each series, from which years are counted back.
    asked : array, series x months x columns
        The changes that questions are about.
    shifts : array, series x months x shifts
        Known shifts of level.
    asked_precision : float
        1 / variance of each asked column before seeing the counts: 0 knows nothing.
    """

    response: Floats
    variances: Floats
    kept: Flags
    season: Integers
    length: Integers
    asked: Floats
    shifts: Floats
    asked_precision: float = 0.0


class YearModels:
    """The products of years, changes asked about and response, with season and known shifts already taken out.

    Parameters
    ----------
    series : SeriesWithYears
        The series.
    sizes : array
        Standard deviations of the effect of a year, on the log scale.
    grid : NoiseGrid
        ``MONTHLY`` or ``QUARTERLY``.
    noises : array of int, noises x series, optional
        Which noises of the grid are used for each series (``likeliest_noises``); all of them by default.

    Examples
    --------
    A level of 20 in all of ten years: the last year is 0% above it, whatever the size of the year's effect.

    >>> shape, flat = (1, 120), np.zeros((1, 120))
    >>> last = (np.arange(120) >= 108).astype(float)[None, :, None]
    >>> season, length = np.arange(120)[None] % 12, np.array([120])
    >>> series = SeriesWithYears(flat + 3, flat + 0.05, flat == 0, season, length, last, np.empty((*shape, 0)))
    >>> answers = YearModels(series, SIZES).effects(np.array([[1.0]])).answers(0, PRIOR)
    >>> abs(round(float(answers.mean[0]), 6))
    0.0
    """

    def __init__(
        self,
        series: SeriesWithYears,
        sizes: Floats,
        grid: NoiseGrid = MONTHLY,
        noises: Integers | None = None,
    ) -> None:
        columns = _columns(series, grid.per_year)
        if noises is None:
            products, log_determinant = whitened_products(columns, series.variances, series.kept, grid)
            noises = np.arange(len(grid.log_prior))[:, None]
        else:
            rho, tau2 = grid.rho[noises], grid.tau2[noises]
            products, log_determinant = whitened_products_of(columns, series.variances, series.kept, rho, tau2)
        taken = grid.per_year + series.shifts.shape[2]
        seasons, shifts = np.arange(grid.per_year), np.arange(grid.per_year, taken)
        products[seasons, seasons] += SEASON_SD**-2.0
        products[shifts, shifts] += SHIFT_SD**-2.0
        log_determinant += take_out(products, 0, taken)
        table = _for_sizes(products[taken:, taken:], products.shape[0] - taken - series.asked.shape[2] - 1, sizes)
        before_asked = len(table) - series.asked.shape[2] - 1
        self._log_determinant = log_determinant + take_out(table, 0, before_asked)
        self._asked = table[before_asked:, before_asked:]
        asked = np.arange(series.asked.shape[2])
        self._asked[asked, asked] += series.asked_precision
        self._log_prior, self._correlations = grid.log_prior[noises], grid.monthly[noises]

    def effects(self, contrasts: Floats, beside: Sequence[int] | None = None) -> YearEffects:
        """Estimate contrasts of the changes asked about, for every size of the year's effect.

        A contrast is a column that has no product but with the changes: once these are taken out, its own product is
        minus its variance, and that with the response minus its estimate.

        Parameters
        ----------
        contrasts : array, changes x contrasts
            Weights of the changes that are in the model.
        beside : sequence of int, optional
            The numbers of the changes that are in the model, in increasing order; all by default.
        """
        changes = range(len(self._asked) - 1) if beside is None else beside
        asked, every = len(changes), len(changes) + contrasts.shape[1] + 1
        table = np.zeros((every, every, *self._asked.shape[2:]))
        source, to = [*changes, -1], [*range(asked), -1]
        table[np.ix_(to, to)] = self._asked[np.ix_(source, source)]
        table[:asked, asked:-1] = contrasts[:, :, None, None, None]
        log_determinant = self._log_determinant + take_out(table, 0, asked)
        across = np.arange(asked, every - 1)
        return YearEffects(
            log_likelihoods=-0.5 * (log_determinant + table[-1, -1]),
            estimates=-table[across, -1],
            errors=np.sqrt(-table[across, across]),
            log_prior=self._log_prior,
            correlations=self._correlations,
        )


def _columns(series: SeriesWithYears, per_year: int) -> Floats:
    """Series x months x columns: calendar months, shifts, years, changes asked about, response.

    A column for each calendar month, with the same ridge on each, is the same model as contrasts between them: the
    level, which is free, takes up the rest. It is 0 in most months, which the filter passes over.
    """
    seasons = (series.season[:, :, None] == np.arange(per_year)).astype(float)
    years = year_columns(series.response.shape[1], series.length, per_year)
    years = years[:, :, (years.astype(bool) & series.kept[:, :, None]).any(axis=(0, 1))]  # those with any month held
    return np.concatenate([seasons, series.shifts, years, series.asked, series.response[:, :, None]], axis=2)


def _for_sizes(products: Floats, years: int, sizes: Floats) -> Floats:
    """Products of years (scaled by the size of their effect), level, changes, response, for every size.

    Columns x columns x sizes x noises x series, on and above the diagonal. The level is the sum of the years.
    """
    of_years = products[:years, :years].copy()
    lower, upper = np.tril_indices(years, -1)
    of_years[lower, upper] = of_years[upper, lower]
    of_level = of_years.sum(axis=0)
    table = np.zeros((len(products) + 1, len(products) + 1, len(sizes), *products.shape[2:]))
    scale = sizes[:, None, None]
    for i in range(years):
        np.multiply(of_years[i, i:, None], scale**2, out=table[i, i:years])
        np.multiply(of_level[i], scale, out=table[i, years])
        np.multiply(products[i, years:, None], scale, out=table[i, years + 1 :])
        table[i, i] += 1.0
    table[years, years] = of_level.sum(axis=0)
    table[years, years + 1 :] = products[:years, years:].sum(axis=0)[:, None]
    table[years + 1 :, years + 1 :] = products[years:, years:, None]
    return table


def pooled_weights(
    log_likelihoods_of_sizes: Floats, prior: Floats = PRIOR, strength: float = STRENGTH_OF_PRIOR
) -> Floats:
    """Estimate how common each size of the year's effect is among several series (empirical Bayes).

    By the EM algorithm: w = (strength x prior + sum of the series' posteriors) / (strength + series), until it stays.

    Parameters
    ----------
    log_likelihoods_of_sizes : array, series x sizes
        ``YearEffects.log_likelihood_of_sizes``, of a model that holds slope, turn and last 12 months: beside fewer
        changes, a real bend of a series counts as effects of its years.
    prior : array, sizes
        Weights before seeing the series.
    strength : float
        How many series the prior counts for.

    Returns
    -------
    array, sizes
        Weights that sum to 1. Without any series, the prior.

    Notes
    -----
    Misleads when the series are of different kinds: traffic offences and homicides do not have one distribution.

    Examples
    --------
    Six series that know nothing leave the prior as it is:

    >>> bool(np.allclose(pooled_weights(np.zeros((6, 7))), PRIOR))
    True
    """
    likelihoods = np.exp(log_likelihoods_of_sizes - log_likelihoods_of_sizes.max(axis=1, keepdims=True))
    weights = prior
    for _ in range(500):
        posteriors = likelihoods * weights
        posteriors /= posteriors.sum(axis=1, keepdims=True)
        before, weights = weights, (strength * prior + posteriors.sum(axis=0)) / (strength + len(likelihoods))
        if np.abs(weights - before).max() < 1e-9:
            break
    return weights
