"""What is the slope after season? Iteratively reweighted least squares for a table of series.

log(mean) = month of the year + slope * years + offset, with the variance of Poisson or of negative binomial counts. The
design has one column for each calendar month, so the least squares of a round need no matrix: means within calendar
months give the slope, and the slope gives the months (Frisch and Waugh 1933, Econometrica 1, 387-401). All series of a
table are worked out at once.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Integers = NDArray[np.int64]
    Flags = NDArray[np.bool_]

ROUNDS = 200
DEVIANCE_SETTLED = 1e-12
LOG_MEANS_SETTLED = 1e-11
SMALLEST = np.finfo(float).eps  # a mean below it weighs as statsmodels lets it weigh


@dataclass(frozen=True)
class SeasonalCountFits:
    """A row for each series: ``slope`` a year on the log scale, ``information`` about it (1 / its variance as counts).

    ``fitted`` means and ``influence`` (years from the weighted middle of the calendar month, over the information) have
    a column for each month, NaN where it took no part. ``chi_square`` is Pearson's, ``freedom`` its degrees of freedom.
    """

    slope: Floats
    information: Floats
    fitted: Floats
    influence: Floats
    chi_square: Floats
    freedom: Integers


@dataclass(frozen=True)
class _Table:
    """Counts with what is the same in every round; nothing counts where ``used`` is 0."""

    counts: Floats
    used: Floats
    offset: Floats
    years: Floats
    size: Floats
    calendar: Floats  # months x 12, 1 in the month's own column
    own_deviance: Floats

    def of(self, some: Flags) -> _Table:
        return _Table(
            self.counts[some],
            self.used[some],
            self.offset,
            self.years,
            self.size[some],
            self.calendar,
            self.own_deviance[some],
        )


@dataclass(frozen=True)
class _Round:
    """What one round of least squares found."""

    log_mean: Floats
    mean: Floats
    slope: Floats
    weights: Floats
    centred: Floats
    deviance: Floats

    def of(self, some: Flags) -> _Round:
        return _Round(*(getattr(self, each.name)[some] for each in fields(self)))

    def updated(self, some: Flags, found: _Round) -> _Round:
        """The same with what was found for some of the series."""
        for each in fields(self):
            getattr(self, each.name)[some] = getattr(found, each.name)
        return self


def fit_seasonal_counts(
    counts: Floats, used: Flags, calendar_month: Integers, years: Floats, offset: Floats, *, size: Floats | None = None
) -> SeasonalCountFits:
    """Fit calendar months and a slope to every row of counts by maximum likelihood.

    Starts, weights, and the end (the deviance changes by 1e-12 at most, or no log mean by 1e-11) are those of
    ``statsmodels.GLM(...).fit(tol=1e-12)``, and so are the results. Source: McCullagh and Nelder (1989), Generalized
    Linear Models, 2nd edition, section 2.5. Misleads where all crimes of every calendar month are in its last (or
    first) year: the slope then has no maximum, and what is returned is as far as the rounds went.

    Parameters
    ----------
    counts : array, series x months
        Counts; anything where not used.
    used : array of bool, series x months
        Months that take part: published ones, of calendar months with at least one crime. Each row has two of one
        calendar month at least.
    calendar_month : array of int, months
        0 for January.
    years, offset : array, months
        Time in years; log of days and people.
    size : array, series, optional
        Theta of a negative binomial; without it Poisson.

    Examples
    --------
    Counts that double from each year to the next:

    >>> month, counts = np.arange(36) % 12, 8.0 * 2.0 ** (np.arange(36) // 12)
    >>> fits = fit_seasonal_counts(counts[None], np.full((1, 36), True), month, np.arange(36) / 12, np.zeros(36))
    >>> round(float(np.exp(fits.slope[0])), 9)
    2.0
    """
    table = _table(counts, used, calendar_month, years, offset, size)
    totals = table.counts.sum(axis=1, keepdims=True)
    start = np.log((table.counts + totals / table.used.sum(axis=1, keepdims=True)) / 2)
    last = _settled(table, start)
    information = (last.weights * last.centred**2).sum(axis=1)
    fitted = last.mean
    variance = fitted * (1 + fitted / table.size[:, None])
    squares = table.used * (table.counts - fitted) ** 2 / np.maximum(variance, np.finfo(float).tiny)
    months = ((table.used @ table.calendar) > 0).sum(axis=1)
    return SeasonalCountFits(
        slope=last.slope,
        information=information,
        fitted=np.where(used, fitted, np.nan),
        influence=np.where(used, last.centred / information[:, None], np.nan),
        chi_square=squares.sum(axis=1),
        freedom=table.used.sum(axis=1).astype(int) - months - 1,
    )


def _table(
    counts: Floats, used: Flags, calendar_month: Integers, years: Floats, offset: Floats, size: Floats | None
) -> _Table:
    y = np.where(used, counts, 0.0)
    theta = np.full(len(y), np.inf) if size is None else size
    own = np.where(y > 0, y * np.log(np.maximum(y, 1.0)), 0.0) - y
    with np.errstate(invalid="ignore"):
        binomial = own + y - (y + theta[:, None]) * np.log1p(y / theta[:, None])
    deviance = np.where(np.isinf(theta)[:, None], own, binomial)
    calendar = (calendar_month[:, None] == np.arange(12)).astype(float)
    return _Table(y, used.astype(float), offset, years - years.mean(), theta, calendar, (used * deviance).sum(axis=1))


def _settled(table: _Table, start: Floats) -> _Round:
    """Round after round; a series that has settled takes part no longer."""
    n = len(start)
    state = _Round(start, np.exp(start), *(np.full(shape, np.inf) for shape in (n, start.shape, start.shape, n)))
    open_ = np.ones(len(start), dtype=bool)
    for _ in range(ROUNDS):
        before = state if open_.all() else state.of(open_)
        after = _least_squares(table if open_.all() else table.of(open_), before)
        with np.errstate(invalid="ignore"):
            moved = np.abs(after.log_mean - before.log_mean).max(axis=1, where=table.used[open_] > 0, initial=0)
            closer = np.abs(after.deviance - before.deviance)
        state = after if open_.all() else state.updated(open_, after)
        open_[open_] = (closer > DEVIANCE_SETTLED) & (moved > LOG_MEANS_SETTLED)
        if not open_.any():
            break
    return state


def _least_squares(table: _Table, before: _Round) -> _Round:
    log_mean, mean = before.log_mean, before.mean
    bounded = mean
    if mean.min(initial=1.0) < SMALLEST:  # a table may have no series that is long enough
        bounded, mean = np.maximum(mean, SMALLEST), np.maximum(mean, np.finfo(float).tiny)
    weights = table.used * (bounded * (bounded / mean)) / (1 + mean / table.size[:, None])
    response = log_mean + (table.counts - mean) / bounded - table.offset
    total = weights @ table.calendar
    total[total == 0] = 1.0  # a calendar month that takes no part
    middle = ((weights * table.years) @ table.calendar / total) @ table.calendar.T
    level = ((weights * response) @ table.calendar / total) @ table.calendar.T
    centred, left = table.years - middle, response - level
    weighted = weights * centred
    slope = (weighted * left).sum(axis=1) / (weighted * centred).sum(axis=1)
    log_mean = level + slope[:, None] * centred + table.offset
    mean = np.exp(log_mean)
    return _Round(log_mean, mean, slope, weights, centred, _deviance(table, log_mean, mean))


def _deviance(table: _Table, log_mean: Floats, mean: Floats) -> Floats:
    """Twice the log-likelihood short of a perfect fit."""
    theta = table.size[:, None]
    if np.isinf(table.size).all():
        lost = mean - table.counts * log_mean
    else:
        lost = (table.counts + theta) * np.log1p(mean / theta) - table.counts * log_mean
    deviance: Floats = 2 * (table.own_deviance + (table.used * lost).sum(axis=1))
    return deviance
