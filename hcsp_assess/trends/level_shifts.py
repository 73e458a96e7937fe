"""Did a monthly series jump, when, and by how much? A dated level shift, tested against chance."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np
import pandas as pd

from hcsp_assess.errors import InputError
from hcsp_assess.trends.monthly import check_monthly
from hcsp_assess.trends.multiplicity import SINGLE_LEVEL
from hcsp_assess.trends.small_tables import facts_table

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

Shape = Literal["step", "slope", "step or slope", "no shift"]
MONTHS_NEEDED = 36
CRIMES_NEEDED = 60
AUTOCORRELATIONS = (0.0, 0.3, 0.6, 0.8, 0.9)
LATENT_VARIANCES = (0.4, 0.6, 0.8, 1.0, 1.25, 1.6, 2.2, 3.5)  # times the variance that Poisson leaves over
DATE_95 = 7.35  # 95% point of the likelihood ratio that places a shift, -2 log(1 - sqrt(0.95)): Eo and Morley (2015)


@dataclass(frozen=True)
class LevelShift:
    """The most likely date of one change of level and whether it is more than chance.

    Attributes
    ----------
    found : bool
        Whether the p-value is at most ``alpha``; ``month``, ``percent`` and the intervals describe the best candidate
        either way.
    month, month_low, month_high : pd.Period
        First month at the new level, and the months next to it that may be that month as well.
    rivals : tuple of pd.Period
        Months elsewhere in the series at which a step fits nearly as well; the interval is meant to hold the true month
        in 95% of series together with them.
    percent, low, high : float
        Change of level in per cent with its 95% interval, given the date.
    shape : {"step", "slope", "step or slope", "no shift"}
        Whether a jump or a change of slope (a hinge at any month) fits better; "step or slope" when they fit alike.
    p_value : float
        Chance that some month of a series with season, steady trend and the same autocorrelation looks as much like a
        shift. The search over months is allowed for.
    autocorrelation, latent_variance : float
        Of the noise beyond Poisson on the log scale, in the model without a shift.
    months_used : int
        Published months.
    method : str
        How it was made.
    """

    found: bool
    month: pd.Period
    month_low: pd.Period
    month_high: pd.Period
    rivals: tuple[pd.Period, ...]
    percent: float
    low: float
    high: float
    shape: Shape
    p_value: float
    autocorrelation: float
    latent_variance: float
    months_used: int
    alpha: float
    method: str

    def _repr_html_(self) -> str:
        facts = {
            "Shift": "found" if self.found else "none beyond chance; the best candidate follows",
            "First month at the new level": f"{self.month} (95% interval {self.month_low} to {self.month_high})",
            "Other months that fit nearly as well": ", ".join(map(str, self.rivals)) or "none",
            "Change of level": f"{self.percent:+.1f}% (95% interval {self.low:+.1f}% to {self.high:+.1f}%)",
            "Shape": self.shape,
            "p-value": self.p_value,
            "Method": self.method,
        }
        return facts_table("One dated level shift", facts)


@dataclass(frozen=True)
class _Problem:
    """The log-linear model made linear: working values ``z`` with ``weights`` at month numbers ``t``."""

    z: Floats
    weights: Floats
    t: NDArray[np.int64]
    base: Floats
    steps: Floats
    hinges: Floats
    months: pd.PeriodIndex


def find_level_shift(
    counts: pd.Series,
    *,
    alpha: float = SINGLE_LEVEL,
    edge: int = 6,
    simulations: int = 499,
    seed: int = 1,
) -> LevelShift:
    """Find the one month at which the level of monthly counts most likely jumped, and test it.

    Model: log mean = month of the year + steady trend + log(days in the month) + step, with a latent AR(1) on the log
    scale besides Poisson variation, made linear once around a Poisson fit (Breslow and Clayton 1993, J. American
    Statistical Association 88, 9-25). The statistic is twice the gain in log-likelihood of the best step over the best
    fit without one, both over a grid of autocorrelation and latent variance. Its p-value comes from simulating the
    model without a step, with autocorrelation and variance drawn by their REML likelihood, and fitting each draw again,
    so that the search over months and the unknown autocorrelation are paid for (parametric bootstrap, Davison and
    Hinkley 1997, section 4.2). Interval of the date: Eo and Morley (2015), Quantitative Economics 6, 463-497.

    Parameters
    ----------
    counts : pd.Series
        Monthly counts on a PeriodIndex, NA = not held; at least 36 published months and 60 crimes.
    alpha : float
        Share of series without a shift in which one may be "found".
    edge : int
        Months at each end where no shift is looked for; a jump needs months on both sides.
    simulations, seed : int
        Size and seed of the bootstrap.

    Raises
    ------
    InputError
        Not monthly counts, too short, too few crimes, or no month left to look at.

    Notes
    -----
    In simulated series with a real step of 40%, run and rivals together held its month in 92 to 100% at 300 crimes a
    month and in 76 to 92% at 30, where few of the steps were found. A step in the middle of a series is hard to tell
    from a slope, so a shift that is not found is not shown to be absent.

    It misleads when there are two shifts (a lockdown: down and up again), which one step cannot describe, and when
    whole years differ for reasons of recording: such a step is real but is not crime. Look it up with
    `hcsp_assess.subject.recording_changes.explain_shift` before a word is said about it.

    Examples
    --------
    >>> months = pd.period_range("2018-01", periods=48, freq="M")
    >>> shift = find_level_shift(pd.Series(40 + 20 * (months.year >= 2020), index=months), simulations=99)
    >>> shift.found, str(shift.month), shift.low < 50 < shift.high, shift.shape
    (True, '2020-01', True, 'step')
    """
    series = check_monthly(counts, at_least=MONTHS_NEEDED)
    if series.sum() < CRIMES_NEEDED:
        raise InputError(f"{series.sum():.0f} crimes are too few to date a shift: {CRIMES_NEEDED} are needed")
    if edge < 2 or not 0 < alpha < 1 or simulations < 99:
        raise InputError("edge must be at least 2, alpha between 0 and 1 and simulations at least 99")
    problem = _linearise(series, edge)
    return _judge(problem, alpha, simulations, seed)


def _judge(problem: _Problem, alpha: float, simulations: int, seed: int) -> LevelShift:
    grid = _grid(problem)
    rows = [_Whitened(problem, rho, tau) for rho, tau in grid]
    null, profile = _profile(rows, [row.z for row in rows], [row.steps for row in rows])
    best = profile[:, 0]
    at = int(best.argmax())
    chances = _chances(rows)
    draws = _simulate(rows, chances, simulations, np.random.default_rng(seed))
    null_drawn, profile_drawn = _profile(rows, [row.free(draws) for row in rows], [row.steps for row in rows])
    larger = profile_drawn.max(axis=0) - null_drawn >= best[at] - null[0]
    p_value = float((1 + larger.sum()) / (simulations + 1))
    rho, tau = chances @ np.array(grid)
    low, high, rivals = _date_interval(best)
    percent, percent_low, percent_high = _size(rows, at)
    return LevelShift(
        found=p_value <= alpha,
        month=problem.months[at],
        month_low=problem.months[low],
        month_high=problem.months[high],
        rivals=tuple(problem.months[i] for i in rivals),
        percent=percent,
        low=percent_low,
        high=percent_high,
        shape=_shape(rows, problem, float(best[at])) if p_value <= alpha else "no shift",
        p_value=p_value,
        autocorrelation=float(rho),
        latent_variance=float(tau),
        months_used=len(problem.t),
        alpha=alpha,
        method="largest step of a seasonal log-linear model with AR(1) noise, bootstrap p-value",
    )


def _grid(problem: _Problem) -> list[tuple[float, float]]:
    """Return pairs of autocorrelation and latent variance, around the variance that Poisson leaves over."""
    root = np.sqrt(problem.weights)
    beta = np.linalg.lstsq(problem.base * root[:, None], problem.z * root, rcond=None)[0]
    residuals = (problem.z - problem.base @ beta) ** 2 * len(root) / max(1, len(root) - problem.base.shape[1])
    poisson = float((1 / problem.weights).mean())
    excess = max(float(residuals.mean()) - poisson, poisson / 10)
    return [(0.0, 0.0)] + [(rho, factor * excess) for rho in AUTOCORRELATIONS for factor in LATENT_VARIANCES]


def _linearise(series: pd.Series, edge: int) -> _Problem:
    """Fit season and trend by Poisson and return working values on the log scale, with the candidate steps."""
    index = pd.PeriodIndex(series.index)
    t = np.flatnonzero(series.notna().to_numpy())
    y = series.to_numpy()[t]
    month = index.month.to_numpy()[t]
    offset = np.log(index.days_in_month.to_numpy(dtype=float)[t] / 30.4375)
    base = np.column_stack([_season(month), (t - t.mean()) / 12])
    mu = _fit_means(y, base, offset)
    z = np.log(mu) - offset + (y - mu) / mu
    starts = np.arange(t[0] + edge, t[-1] - edge + 2)
    later = t[:, None] >= starts[None, :]
    enough = (later.sum(axis=0) >= edge) & ((~later).sum(axis=0) >= edge)
    if not enough.any():
        raise InputError("no month has enough published months before and after it to date a shift")
    starts = starts[enough]
    steps = (t[:, None] >= starts[None, :]).astype(float)
    hinges = np.maximum(0, t[:, None] - starts[None, :]) / 12
    return _Problem(z, mu, t, base, steps, hinges, pd.PeriodIndex(index[starts]))


def _season(month: NDArray[np.int64]) -> Floats:
    """Dummies for the months that occur in at least two years, with a constant; rarer months share the constant."""
    names, sizes = np.unique(month, return_counts=True)
    kept = names[sizes >= 2]
    dummies = (month[:, None] == kept[None, :]).astype(float)
    return dummies if len(kept) == len(names) else np.column_stack([np.ones(len(month)), dummies[:, 1:]])


def _fit_means(y: Floats, design: Floats, offset: Floats) -> Floats:
    """Return Poisson means by iterated least squares, a twentieth of the mean level at the least."""
    floor = max(y.mean() / 20, 0.05)
    mu: Floats = (y + y.mean()) / 2
    for _ in range(25):
        z = np.log(mu) - offset + (y - mu) / mu
        root = np.sqrt(mu)
        beta = np.linalg.lstsq(design * root[:, None], z * root, rcond=None)[0]
        last, mu = mu, np.maximum(np.exp(np.clip(design @ beta + offset, -20, 20)), floor)
        if np.allclose(last, mu, rtol=1e-9):
            break
    return mu


class _Whitened:
    """One point of the grid: everything turned so that the noise is independent with variance one."""

    def __init__(self, problem: _Problem, rho: float, tau: float) -> None:
        apart = np.abs(problem.t[:, None] - problem.t[None, :])
        self.root = np.linalg.cholesky(np.diag(1 / problem.weights) + tau * rho**apart)
        turned = self._turn(np.column_stack([problem.base, problem.z, problem.steps]))
        width = problem.base.shape[1]
        self.q, triangle = np.linalg.qr(turned[:, :width])
        self.log_det = 2 * float(np.log(np.diag(self.root)).sum())
        self.log_det_reml = self.log_det + 2 * float(np.log(np.abs(np.diag(triangle))).sum())
        self.fitted = problem.base @ np.linalg.lstsq(turned[:, :width], turned[:, width], rcond=None)[0]
        free = turned[:, width:] - self.q @ (self.q.T @ turned[:, width:])
        self.z, self.steps = free[:, :1], free[:, 1:]

    def _turn(self, x: Floats) -> Floats:
        from scipy.linalg import solve_triangular

        turned: Floats = solve_triangular(self.root, x, lower=True, check_finite=False)
        return turned

    def free(self, columns: Floats) -> Floats:
        """Whiten columns and remove season and trend from them."""
        turned = self._turn(columns)
        free: Floats = turned - self.q @ (self.q.T @ turned)
        return free

    def likelihood(self, free: Floats) -> Floats:
        """Return the log-likelihood (up to a constant) of each freed column without a step."""
        likelihood: Floats = -0.5 * (self.log_det + (free**2).sum(axis=0))
        return likelihood

    def simulate(self, columns: int, rng: np.random.Generator) -> Floats:
        """Return simulated working values of the model without a step."""
        simulated: Floats = self.fitted[:, None] + self.root @ rng.standard_normal((len(self.root), columns))
        return simulated


def _gains(free: Floats, candidates: Floats) -> Floats:
    """Return the gain in log-likelihood of each candidate (rows) for each column; both freed."""
    squares = np.maximum((candidates**2).sum(axis=0), 1e-12)
    gain: Floats = 0.5 * (candidates.T @ free) ** 2 / squares[:, None]
    return gain


def _chances(rows: list[_Whitened]) -> Floats:
    """Return how likely each point of the grid is, by REML and with equal chances beforehand."""
    reml = np.array([row.likelihood(row.z)[0] - 0.5 * (row.log_det_reml - row.log_det) for row in rows])
    chances = np.exp(reml - reml.max())
    result: Floats = chances / chances.sum()
    return result


def _simulate(rows: list[_Whitened], chances: Floats, columns: int, rng: np.random.Generator) -> Floats:
    """Return simulated series without a step, each from a point of the grid drawn by its chance."""
    sizes = rng.multinomial(columns, chances)
    return np.hstack([row.simulate(size, rng) for row, size in zip(rows, sizes, strict=True) if size])


def _profile(rows: list[_Whitened], z: list[Floats], candidates: list[Floats]) -> tuple[Floats, Floats]:
    """Return the log-likelihood without a step, and that of each candidate, each at its own best point of the grid.

    ``z`` and ``candidates`` are freed, one array for each point of the grid.
    """
    null = np.full(z[0].shape[1], -math.inf)
    best = np.full((candidates[0].shape[1], z[0].shape[1]), -math.inf)
    for row, free, columns in zip(rows, z, candidates, strict=True):
        without = row.likelihood(free)
        np.maximum(null, without, out=null)
        np.maximum(best, without[None, :] + _gains(free, columns), out=best)
    return null, best


def _date_interval(profile: Floats) -> tuple[int, int, list[int]]:
    """Return the run of months round the best that are not ruled out, and the months elsewhere that are not."""
    inside = 2 * (profile.max() - profile) <= DATE_95
    low = high = int(profile.argmax())
    while low > 0 and inside[low - 1]:
        low -= 1
    while high < len(inside) - 1 and inside[high + 1]:
        high += 1
    return low, high, [int(i) for i in np.flatnonzero(inside) if not low <= i <= high]


def _shape(rows: list[_Whitened], problem: _Problem, step: float) -> Shape:
    """Compare the best step with the best change of slope; a log-likelihood within 1 is no difference."""
    _, profile = _profile(rows, [row.z for row in rows], [row.free(problem.hinges) for row in rows])
    hinge = float(profile.max())
    if abs(step - hinge) < 1:
        return "step or slope"
    return "step" if step > hinge else "slope"


def _size(rows: list[_Whitened], at: int) -> tuple[float, float, float]:
    """Return the percentage change at the candidate with its 95% interval, at the best point of the grid for it."""
    totals = [row.likelihood(row.z)[0] + _gains(row.z, row.steps[:, [at]])[0, 0] for row in rows]
    row = rows[int(np.argmax(totals))]
    step = row.steps[:, at]
    square = max(float(step @ step), 1e-12)
    estimate, error = float(step @ row.z[:, 0]) / square, 1 / math.sqrt(square)
    return _percent(estimate), _percent(estimate - 1.96 * error), _percent(estimate + 1.96 * error)


def _percent(log_change: float) -> float:
    return 100 * math.expm1(min(log_change, 20.0))
