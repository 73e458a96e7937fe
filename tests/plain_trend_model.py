"""The trend model written out for one series: what the model of many at once is compared with."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from scipy.linalg import helmert
from scipy.special import ndtr

from hcsp_assess.trends.calibration import AS_MODELLED, Calibration
from hcsp_assess.trends.model import (
    CHANGE_SD,
    LATEST_YEARS,
    MOST_OUTLIERS,
    OUTLIER,
    SEASON_SD,
    SHIFT_SD,
    TURN_YEARS,
    WORKING_VARIANCE,
)
from hcsp_assess.trends.noise import LOG_PRIOR, RHO, TAU2

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Integers = NDArray[np.int64]
    Flags = NDArray[np.bool_]

BLOCK = 24
_CONTRASTS = helmert(12).T


@dataclass(frozen=True)
class MonthlyData:
    """Months with a published count: ``month`` counts from the first of the series, ``season`` is 0 for January.

    ``offset`` is log of days (and population); ``shifts`` has a column for each known shift or intervention.
    """

    counts: Floats
    month: Integers
    season: Integers
    offset: Floats
    shifts: Floats
    length: int

    def only(self, keep: Flags) -> MonthlyData:
        """The same series without some months."""
        return MonthlyData(
            self.counts[keep], self.month[keep], self.season[keep], self.offset[keep], self.shifts[keep], self.length
        )

    @property
    def years(self) -> Floats:
        """Time in years from the middle of the series."""
        return (self.month - (self.length - 1) / 2) / 12

    @property
    def turn(self) -> Floats:
        """Years since the turn 36 months before the end, 0 before."""
        return np.maximum(self.month - (self.length - (12 * TURN_YEARS)), 0) / 12

    @property
    def vee(self) -> Floats:
        """Years before or after the turn: falling, then rising at the same speed."""
        return np.abs(self.month - (self.length - (12 * TURN_YEARS))) / 12

    @property
    def latest(self) -> Floats:
        """1 in the last 12 months, 0 before."""
        return (self.month >= self.length - (12 * LATEST_YEARS)).astype(float)

    @property
    def base(self) -> Floats:
        """Level and season: 12 columns."""
        return np.column_stack([np.ones(len(self.counts)), _CONTRASTS[self.season]])


@dataclass(frozen=True)
class MeanFit:
    """The first fit: log means, and which of the months it was made from (the others are outliers)."""

    data: MonthlyData
    log_mean: Floats
    kept: Flags


def fit_mean(data: MonthlyData) -> MeanFit:
    """Fit level, season, slope, turn, latest level and shifts; months far off leave the fit.

    Iteratively reweighted least squares for negative binomial counts with a light ridge; three of its rounds downweight
    residuals beyond two robust standard deviations (Huber), so that an outlier does not hide itself. The residual is
    Anscombe's for counts, over a scale from the median that is never below what chance alone gives.
    """
    columns = np.column_stack([data.base, data.years, data.turn, data.latest, data.shifts])
    penalty = np.r_[0.0, np.full(11, SEASON_SD**-2.0), np.full(3, CHANGE_SD**-2.0)]
    penalty = np.r_[penalty, np.full(data.shifts.shape[1], SHIFT_SD**-2.0)]
    level = np.log(max(data.counts.sum(), 0.5) / np.exp(data.offset).sum())
    start = np.full(len(data.counts), level)
    eta = _reweighted(data, columns, penalty, start, rounds=4)
    eta = _reweighted(data, columns, penalty, eta, rounds=3, robust=True)
    size = np.abs(_residuals(data, eta))
    size /= _scale(size)
    worst = np.argsort(-size)[: int(MOST_OUTLIERS * len(size))]
    kept = np.ones(len(size), dtype=bool)
    kept[worst[size[worst] > OUTLIER]] = False
    data, columns, eta = data.only(kept), columns[kept], eta[kept]
    eta = _reweighted(data, columns, penalty, eta, rounds=2)
    return MeanFit(data, eta + data.offset, kept)


def _reweighted(
    data: MonthlyData, columns: Floats, penalty: Floats, eta: Floats, *, rounds: int, robust: bool = False
) -> Floats:
    for _ in range(rounds):
        mean = np.exp(np.minimum(eta + data.offset, 50))
        weights = mean / (1 + WORKING_VARIANCE * mean)
        if robust:
            size = np.abs(_residuals(data, eta))
            weights = weights * np.minimum(1, 2 * _scale(size) / np.maximum(size, 1e-9))
        weighted = columns.T * weights
        response = eta + (data.counts - mean) / mean
        coefficients = np.linalg.solve(weighted @ columns + np.diag(penalty), weighted @ response)
        eta = eta + np.clip(columns @ coefficients - eta, -2, 2)
    return eta


def _residuals(data: MonthlyData, eta: Floats) -> Floats:
    """Anscombe residuals of counts with the working extra variance."""
    mean = np.exp(eta + data.offset)
    poisson = 1.5 * (np.cbrt(data.counts**2) - np.cbrt(mean**2)) / mean ** (1 / 6)
    scaled: Floats = poisson / np.sqrt(1 + WORKING_VARIANCE * mean)
    return scaled


def _scale(size: Floats) -> float:
    return max(1.0, 1.4826 * float(np.median(size)))


@dataclass(frozen=True)
class Answer:
    """What every noise of the grid says about one change on the log scale, and the weight of each."""

    estimates: Floats
    errors: Floats
    weights: Floats
    calibration: Calibration = AS_MODELLED

    @property
    def mean(self) -> float:
        """The weighted estimate."""
        return float(self.weights @ self.estimates)

    @property
    def p_value(self) -> float:
        """Two-sided, from the smaller weighted tail beyond zero."""
        below = float(self.weights @ ndtr(-self.estimates / self.errors))
        return float(self.calibration.p_value(max(0.0, min(below, 1 - below))))

    def calibrated(self, calibration: Calibration, months: int) -> Answer:
        """The same answer with its standard errors made wider or narrower: see ``calibration.py``."""
        error = float(np.sqrt(self.weights @ self.errors**2))
        factor = calibration.factor(error, float(self.weights @ RHO), months)
        return replace(self, errors=self.errors * factor, calibration=calibration)

    def quantiles(self, probabilities: Floats) -> Floats:
        """Quantiles of the weighted mixture, by bisection over the noises that carry any weight."""
        some = self.weights > 1e-7
        weights, centres, scales = self.weights[some], self.estimates[some, None], self.errors[some, None]
        low = np.full(len(probabilities), (centres - 6 * scales).min())
        high = np.full(len(probabilities), (centres + 6 * scales).max())
        for _ in range(24):
            middle = (low + high) / 2
            reached = weights @ ndtr((middle - centres) / scales) >= probabilities
            low, high = np.where(reached, low, middle), np.where(reached, middle, high)
        found: Floats = (low + high) / 2
        return found


class LinearisedModel:
    """The series made linear around its first fit, with level and season already taken out under every noise."""

    names = ("slope", "turn", "latest", "vee")

    def __init__(self, fit: MeanFit) -> None:
        data = fit.data
        mean = np.exp(fit.log_mean)
        response = fit.log_mean - data.offset + (data.counts - mean) / mean
        changes = [data.years, data.turn, data.latest, data.vee]
        columns = np.column_stack([data.base, *changes, data.shifts, response])
        products, self._log_determinant = whitened_products(columns, 1 / mean, data.month)
        season = np.arange(1, 12)
        products[:, season, season] += SEASON_SD**-2.0
        shifts = 12 + len(changes) + np.arange(data.shifts.shape[1])
        products[:, shifts, shifts] += SHIFT_SD**-2.0
        inner, across = products[:, :12, :12], products[:, :12, 12:]
        self._products = products
        self._reduced = products[:, 12:, 12:] - across.transpose(0, 2, 1) @ np.linalg.solve(inner, across)
        self._log_determinant = self._log_determinant + np.linalg.slogdet(inner)[1]
        self._shifts = [len(changes) + i for i in range(data.shifts.shape[1])]

    def answer(self, **contrast: float) -> Answer:
        """The weighted sum of the named changes, in a model that holds these changes and the known shifts."""
        wanted = [self.names.index(name) for name in contrast]
        return self._answer(wanted + self._shifts, np.array([*contrast.values(), *[0.0] * len(self._shifts)]))

    def shift(self, number: int) -> Answer:
        """The size of a known shift beside a slope, and beside the other shifts."""
        contrast = np.zeros(1 + len(self._shifts))
        contrast[1 + number] = 1
        return self._answer([0, *self._shifts], contrast)

    def _answer(self, columns: list[int], contrast: Floats) -> Answer:
        information = self._reduced[:, columns][:, :, columns]
        score = self._reduced[:, columns, -1]
        inverse = np.linalg.inv(information)
        coefficients = (inverse @ score[:, :, None])[:, :, 0]
        squares = self._reduced[:, -1, -1] - (score * coefficients).sum(axis=1)
        log_weights = LOG_PRIOR - 0.5 * (self._log_determinant + np.linalg.slogdet(information)[1] + squares)
        weights = np.exp(log_weights - log_weights.max())
        return Answer(coefficients @ contrast, np.sqrt(contrast @ inverse @ contrast), weights / weights.sum())

    def confounding(self, slope: Answer) -> float:
        """How many times the known shifts multiply the variance of the slope, under the likeliest noise."""
        reduced = self._reduced[int(slope.weights.argmax())]
        columns = [0, *self._shifts]
        return float(np.linalg.inv(reduced[np.ix_(columns, columns)])[0, 0] * reduced[0, 0])

    @staticmethod
    def noise(answer: Answer) -> tuple[float, float]:
        """Weighted standard deviation and correlation of the latent noise."""
        return float(np.sqrt(answer.weights @ TAU2)), float(answer.weights @ RHO)


def whitened_products(columns: Floats, variances: Floats, month: NDArray[np.int64]) -> tuple[Floats, Floats]:
    """Return ``columns' V^-1 columns`` and log det V for the covariance V of the months under every noise of the grid.

    A Kalman filter over the months present, run for all pairs of the grid and all columns at once, a block of months at
    a time. Its cost grows with the number of months, where factoring the
    covariance matrices would grow with the cube; a gap in the calendar is simply a longer step (``rho`` to the power of
    the gap).

    Parameters
    ----------
    variances : array, months
        Sampling variance of each month's working response (1 / mean for a Poisson count).
    month : array of int
        The month's number on the calendar, increasing.
    """
    n, q = columns.shape
    kept, gained, total = _gains(variances, np.diff(month))
    scale = 1 / np.sqrt(total)
    products = np.zeros((len(RHO), q, q))
    predicted = np.zeros((BLOCK + 1, len(RHO), q))
    carried = np.empty_like(predicted[0])
    for start in range(0, n, BLOCK):
        rows = slice(start, min(start + BLOCK, n))
        block, size = columns[rows, None, :], min(BLOCK, n - start)
        np.multiply(gained[rows, :, None], block, out=predicted[1 : size + 1])
        for i, keep in enumerate(kept[rows, :, None]):
            np.multiply(predicted[i], keep, out=carried)
            predicted[i + 1] += carried
        whitened = block - predicted[:size]
        whitened *= scale[rows, :, None]
        products += whitened.transpose(1, 2, 0) @ whitened.transpose(1, 0, 2)
        predicted[0] = predicted[size]
    return products, np.log(total).sum(axis=0)


def _gains(variances: Floats, steps: NDArray[np.int64]) -> tuple[Floats, Floats, Floats]:
    """What the filter keeps of its prediction and gains from a month, for the next one; each month's total variance."""
    total = np.empty((len(variances), len(RHO)))
    powers = {int(step): RHO ** int(step) for step in np.unique(steps)}
    power = np.array([*(powers[int(step)] for step in steps), RHO])  # what follows the last month does not matter
    square, spread = power**2, TAU2
    for i, step_square in enumerate(square):
        total[i] = spread + variances[i]
        spread = TAU2 + step_square * (spread * (variances[i] / total[i]) - TAU2)
    kept = power * variances[:, None] / total
    return kept, power - kept, total
