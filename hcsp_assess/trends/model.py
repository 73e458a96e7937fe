"""What are a series' slope, turn and latest level? The core model.

log(expected count) = month of the year + log(days in the month) + the change asked about + known shifts + latent noise
(``noise.py``). One linearisation around a negative binomial fit (PQL: Breslow and Clayton 1993, JASA 88, 9-25) makes it
a linear model with known covariance for every noise of the grid; season is shrunk a little towards none.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np
from scipy.linalg import helmert
from scipy.special import ndtr, ndtri

from hcsp_assess.trends.calibration import AS_MODELLED, Calibration
from hcsp_assess.trends.elimination import take_out
from hcsp_assess.trends.noise import MONTHLY, QUARTERLY, NoiseGrid, whitened_products

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Integers = NDArray[np.int64]
    Flags = NDArray[np.bool_]

SEASON_SD = 0.5  # of a month's effect on the log scale, before seeing the counts
CHANGE_SD = 0.5  # of slope (a year), turn and step: only steadies the first fit
SHIFT_SD = 2.0  # of a known shift: a level seven times higher or lower is nothing strange
WORKING_VARIANCE = 0.02  # extra variance of the log mean in the first fit
OUTLIER = 3.5  # robust standardised residual from which a month leaves the fit
MOST_OUTLIERS = 0.1  # of the months
LATEST_YEARS = 1
TURN_YEARS = 3

GRIDS = {12: MONTHLY, 4: QUARTERLY}
_CONTRASTS = {per_year: helmert(per_year).T for per_year in GRIDS}


@dataclass(frozen=True)
class SeriesTables:
    """Series of months, or of quarters, of much the same length: a row for each, from its own first published one on.

    ``present``: months with a published count (or kept in a fit); ``counts`` is 0 elsewhere. ``season`` is 0 for
    January (or the first quarter of the year). ``offset`` is log of days (and population); ``shifts`` has a column for
    each known shift or intervention, of zeros for series with fewer. ``length`` is the months of each series to its
    last published one; ``per_year`` is 4 for quarters, and "month" then means a quarter.
    """

    counts: Floats
    present: Flags
    season: Integers
    offset: Floats
    shifts: Floats
    length: Integers
    per_year: int = 12

    @property
    def grid(self) -> NoiseGrid:
        """The noises that answers are averaged over."""
        return GRIDS[self.per_year]

    @property
    def length_in_months(self) -> Integers:
        """Length of each series in months, whatever its periods."""
        return self.length * (12 // self.per_year)

    @property
    def month(self) -> Integers:
        """Number of the month, from the first of the series."""
        return np.arange(self.counts.shape[1])

    @property
    def _since_turn(self) -> Floats:
        return (self.month - (self.length - TURN_YEARS * self.per_year)[:, None]) / self.per_year

    @property
    def years(self) -> Floats:
        """Time in years from the middle of the series."""
        return (self.month - (self.length[:, None] - 1) / 2) / self.per_year

    @property
    def turn(self) -> Floats:
        """Years since the turn three years before the end, 0 before."""
        return np.maximum(self._since_turn, 0)

    @property
    def latest(self) -> Floats:
        """1 in the last year, 0 before."""
        return (self.month >= (self.length - LATEST_YEARS * self.per_year)[:, None]).astype(float)

    @property
    def columns(self) -> Floats:
        """Series x months x columns: level and season (a column for each period of a year), shifts and changes."""
        level = np.ones((*self.counts.shape, 1))
        season = season_columns(self.season, self.per_year)
        return np.concatenate([level, season, self.shifts, self.changes], axis=2)

    @property
    def changes(self) -> Floats:
        """Series x months x columns: slope, turn, latest level."""
        return np.stack([self.years, self.turn, self.latest], axis=2)


def season_columns(season: Integers, per_year: int = 12) -> Floats:
    """Contrasts of the calendar months (or quarters), one column fewer than there are in a year.

    Examples
    --------
    >>> season_columns(np.arange(12)).shape, bool(abs(season_columns(np.arange(12)).sum(axis=0)).max() < 1e-12)
    ((12, 11), True)
    """
    contrasts: Floats = _CONTRASTS[per_year][season]
    return contrasts


@dataclass(frozen=True)
class MeanFits:
    """The first fits: log means, and which of the months they were made from (of the others some are outliers)."""

    tables: SeriesTables
    log_mean: Floats
    kept: Flags

    @property
    def response(self) -> Floats:
        """Working response on the log scale, without the offset."""
        mean = np.exp(self.log_mean)
        response: Floats = self.log_mean - self.tables.offset + self.kept * (self.tables.counts - mean) / mean
        return response

    @property
    def variances(self) -> Floats:
        """Sampling variance of the working response."""
        variances: Floats = np.exp(-self.log_mean)
        return variances


def fit_means(tables: SeriesTables) -> MeanFits:
    """Fit level, season, slope, turn, latest level and shifts; months far off leave the fit.

    Iteratively reweighted least squares for negative binomial counts with a light ridge; three of its rounds downweight
    residuals beyond two robust standard deviations (Huber), so that an outlier does not hide itself. The residual is
    Anscombe's for counts, over a scale from the median that is never below what chance alone gives.

    Examples
    --------
    >>> season, present, none = np.arange(60)[None] % 12, np.full((1, 60), True), np.zeros((1, 60))
    >>> tables = SeriesTables(none + 20.0, present, season, none, np.empty((1, 60, 0)), np.array([60]))
    >>> np.unique(np.exp(fit_means(tables).log_mean).round(3)).tolist()
    [20.0]
    """
    columns, present = tables.columns, tables.present
    shifts, seasons = tables.shifts.shape[2], tables.per_year - 1
    penalty = np.r_[
        0.0, np.full(seasons, SEASON_SD**-2.0), np.full(shifts, SHIFT_SD**-2.0), np.full(3, CHANGE_SD**-2.0)
    ]
    exposed = np.exp(tables.offset).sum(axis=1, where=present)
    level = np.log(np.maximum(tables.counts.sum(axis=1), 0.5) / exposed)
    eta = np.repeat(level[:, None], tables.counts.shape[1], axis=1)
    eta = _reweighted(tables, columns, penalty, eta, present, rounds=4)
    eta = _reweighted(tables, columns, penalty, eta, present, rounds=3, robust=True)
    size = np.where(present, np.abs(_residuals(tables, eta)), -1.0)
    size /= _scale(size, present)
    most = (MOST_OUTLIERS * present.sum(axis=1)).astype(int)
    rank = np.empty(size.shape, dtype=int)
    np.put_along_axis(rank, np.argsort(-size, axis=1), np.arange(size.shape[1])[None, :], axis=1)
    kept = present & ~((size > OUTLIER) & (rank < most[:, None]))
    eta = _reweighted(tables, columns, penalty, eta, kept, rounds=2)
    return MeanFits(tables, eta + tables.offset, kept)


def _reweighted(
    tables: SeriesTables,
    columns: Floats,
    penalty: Floats,
    eta: Floats,
    kept: Flags,
    *,
    rounds: int,
    robust: bool = False,
) -> Floats:
    for _ in range(rounds):
        mean = np.exp(np.minimum(eta + tables.offset, 50))
        weights = kept * mean / (1 + WORKING_VARIANCE * mean)
        if robust:
            size = np.abs(_residuals(tables, eta))
            weights *= np.minimum(1, 2 * _scale(size, kept) / np.maximum(size, 1e-9))
        weighted = (columns * weights[:, :, None]).transpose(0, 2, 1)
        response = eta + (tables.counts - mean) / mean
        coefficients = np.linalg.solve(weighted @ columns + np.diag(penalty), weighted @ response[:, :, None])
        eta = eta + np.clip((columns @ coefficients)[:, :, 0] - eta, -2, 2)
    return eta


def _residuals(tables: SeriesTables, eta: Floats) -> Floats:
    """Anscombe residuals of counts with the working extra variance."""
    mean = np.exp(eta + tables.offset)
    poisson = 1.5 * (np.cbrt(tables.counts**2) - np.cbrt(mean**2)) / mean ** (1 / 6)
    scaled: Floats = poisson / np.sqrt(1 + WORKING_VARIANCE * mean)
    return scaled


def _scale(size: Floats, known: Flags) -> Floats:
    """Robust standard deviation of each row, at least 1."""
    ordered = np.sort(np.where(known, size, np.inf), axis=1)
    n = known.sum(axis=1)
    rows = np.arange(len(size))
    median = (ordered[rows, (n - 1) // 2] + ordered[rows, n // 2]) / 2
    scale: Floats = np.maximum(1.0, 1.4826 * median)[:, None]
    return scale


@dataclass(frozen=True)
class Answers:
    """What every noise of the grid says about one change on the log scale, and the weight of each: series x noises.

    ``correlations``: between neighbouring months, under each noise (and series, where they have noises of their own).
    """

    estimates: Floats
    errors: Floats
    weights: Floats
    calibration: Calibration = AS_MODELLED
    correlations: Floats = field(default_factory=lambda: MONTHLY.monthly)

    @property
    def mean(self) -> Floats:
        """The weighted estimates."""
        mean: Floats = (self.weights * self.estimates).sum(axis=1)
        return mean

    @property
    def p_value(self) -> Floats:
        """Two-sided, from the smaller weighted tail beyond zero."""
        below = (self.weights * ndtr(-self.estimates / self.errors)).sum(axis=1)
        return self.calibration.p_value(np.maximum(0.0, np.minimum(below, 1 - below)))

    def calibrated(self, calibration: Calibration, months: Integers) -> Answers:
        """The same answers with their standard errors made wider or narrower: see ``calibration.py``."""
        error = np.sqrt((self.weights * self.errors**2).sum(axis=1))
        factor = calibration.factor(error, (self.weights * self.correlations).sum(axis=1), months)
        return replace(self, errors=self.errors * factor[:, None], calibration=calibration)

    def quantiles(self, probabilities: Floats) -> Floats:
        """Quantiles of the weighted mixtures: series x probabilities.

        By Newton's method on the normal scale, where a mixture of normals is nearly a straight line; a step that would
        leave the interval known to hold the quantile goes to its middle. Noises without any weight take no part.
        """
        some = self.weights > 1e-7
        most = int(some.sum(axis=1).max())
        first = np.argsort(~some, axis=1, kind="stable")[:, :most]
        weights, centres, scales = (
            np.take_along_axis(each, first, axis=1)[:, None, :]
            for each in (np.where(some, self.weights, 0.0), self.estimates, self.errors)
        )
        wanted, middle = ndtri(probabilities), self.mean[:, None, None]
        reach, centres = 6 * np.where(weights > 0, scales, 0.0), np.where(weights > 0, centres, middle)
        low = (centres - reach).min(axis=2) + 0 * wanted
        high = (centres + reach).max(axis=2) + 0 * wanted
        spread = np.sqrt((weights * (scales**2 + (centres - middle) ** 2)).sum(axis=2))
        found, settled = middle[:, :, 0] + wanted * spread, 1e-10 * (high - low)
        for _ in range(60):
            z = (found[:, :, None] - centres) / scales
            reached = (ndtr(z) @ weights.transpose(0, 2, 1))[:, :, 0]
            density = (np.exp(-0.5 * z * z) @ (weights / scales).transpose(0, 2, 1))[:, :, 0]
            low, high = np.where(reached >= probabilities, low, found), np.where(reached >= probabilities, found, high)
            at = ndtri(np.clip(reached, 1e-300, 1 - 1e-16))
            step = found - (at - wanted) * np.exp(-0.5 * at * at) / np.maximum(density, 1e-300)
            step = np.where((step > low - settled) & (step < high + settled), step, (low + high) / 2)
            moved: Floats = np.abs(step - found)
            found = step
            if (moved <= settled).all():
                break
        quantiles: Floats = found
        return quantiles


class LinearisedModels:
    """The series made linear around their first fits, with all but the changes asked about already taken out.

    Arrays hold columns x columns x noises x series; only what is on and above the diagonal of the columns is kept.
    """

    changes = ("slope", "turn", "latest")

    def __init__(self, fits: MeanFits) -> None:
        tables = fits.tables
        columns = np.concatenate([tables.columns, fits.response[:, :, None]], axis=2)
        self._grid = tables.grid
        products, self._log_determinant = whitened_products(columns, fits.variances, fits.kept, self._grid)
        self._shifts, base = tables.shifts.shape[2], tables.per_year
        season, shifts = np.arange(1, base), np.arange(base, base + self._shifts)
        products[season, season] += SEASON_SD**-2.0
        products[shifts, shifts] += SHIFT_SD**-2.0
        reduced = products.copy()
        self._log_determinant += take_out(reduced, 0, base)
        self._beside_shifts = reduced[base:, base:].copy()
        self._of_shifts = take_out(reduced, base, base + self._shifts)
        self._products, self._reduced = products, reduced[base + self._shifts :, base + self._shifts :]
        self._base = base

    def change(self, name: str) -> Answers:
        """The named change alone, beside the known shifts."""
        at = self.changes.index(name)
        return self._alone(self._reduced[at, at], self._reduced[at, -1])

    def turn_and_back(self) -> Answers:
        """A course that falls to the turn, then rises at the same speed (twice the turn less the slope)."""
        r = self._reduced
        return self._alone(4 * r[1, 1] - 4 * r[0, 1] + r[0, 0], 2 * r[1, -1] - r[0, -1])

    def direction_since_turn(self) -> Answers:
        """Slope and turn together, in a model that holds both."""
        r = self._reduced
        determinant = r[0, 0] * r[1, 1] - r[0, 1] ** 2
        slope = (r[1, 1] * r[0, -1] - r[0, 1] * r[1, -1]) / determinant
        turn = (r[0, 0] * r[1, -1] - r[0, 1] * r[0, -1]) / determinant
        squares = r[-1, -1] - r[0, -1] * slope - r[1, -1] * turn
        variance = (r[0, 0] + r[1, 1] - 2 * r[0, 1]) / determinant
        return self._weighed(slope + turn, np.sqrt(variance), self._of_shifts + np.log(determinant) + squares)

    def shift(self, number: int) -> Answers:
        """The size of a known shift beside a slope, and beside the other shifts."""
        others = [i for i in range(self._shifts + 1) if i != number]  # the slope stands right after the shifts
        upper = self._beside_shifts
        order = [*others, number, len(upper) - 1]
        block = np.array([[upper[min(i, j), max(i, j)] for j in order] for i in order])
        log_determinant = take_out(block, 0, self._shifts)
        squares = block[-1, -1] - block[-2, -1] ** 2 / block[-2, -2]
        log_determinant += np.log(block[-2, -2])
        return self._weighed(block[-2, -1] / block[-2, -2], 1 / np.sqrt(block[-2, -2]), log_determinant + squares)

    def _alone(self, information: Floats, score: Floats) -> Answers:
        squares = self._reduced[-1, -1] - score**2 / information
        minus_twice = self._of_shifts + np.log(information) + squares
        return self._weighed(score / information, 1 / np.sqrt(information), minus_twice)

    def _weighed(self, estimates: Floats, errors: Floats, minus_twice: Floats) -> Answers:
        """With the posterior weight of every noise, from minus twice its REML likelihood but for what all share."""
        log_weights = self._grid.log_prior[:, None] - 0.5 * (self._log_determinant + minus_twice)
        weights = np.exp(log_weights - log_weights.max(axis=0))
        return Answers(estimates.T, errors.T, (weights / weights.sum(axis=0)).T, correlations=self._grid.monthly)

    def line_products(self, answers: Answers) -> Floats:
        """For each series, products of level, season, shifts, changes and response under the likeliest noise."""
        likeliest = self._products[:, :, answers.weights.argmax(axis=1), np.arange(len(answers.weights))]
        upper = np.triu(likeliest.transpose(2, 0, 1))
        products: Floats = upper + np.triu(upper, 1).transpose(0, 2, 1)
        return products

    def confounding(self, slope: Answers) -> Floats:
        """How many times the known shifts multiply the variance of the slope, under the likeliest noise."""
        noise, series = slope.weights.argmax(axis=1), np.arange(len(slope.weights))
        at = self._shifts
        times: Floats = self._beside_shifts[at, at, noise, series] / self._reduced[0, 0, noise, series]
        return times

    def noise(self, answers: Answers) -> tuple[Floats, Floats]:
        """Weighted standard deviation of the latent noise, and its correlation between neighbouring months."""
        return np.sqrt(answers.weights @ self._grid.tau2), answers.weights @ self._grid.monthly
