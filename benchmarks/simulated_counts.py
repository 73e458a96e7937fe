"""Monthly counts with known truth, drawn from as many kinds of series as a partnership has: for calibration and
scoring.

Nothing is fixed: lengths, levels, seasons, noise (size, persistence, kind), gaps, dips and outliers differ from series
to series, so that what works here was not fitted to one recipe.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

TYPICAL_LEVELS = (2.0, 400.0)
PERSISTENCES = (0.0, 0.85)
NOISE_SD = 0.15
SPREAD_OF_NOISE_SD = 0.35
LENGTHS = (48, 60, 72, 84, 96, 120, 156, 180)
OTHER_KINDS = ("moving average", "two lags", "long memory", "year effects")


@dataclass(frozen=True)
class Truth:
    """What a simulated series was made of."""

    signal: str
    size: float
    length: int
    level: float
    rho: float
    tau: float
    kind: str
    dirty: bool


def draw_truth(signal: str, rng: np.random.Generator, *, kind: str = "ar1", dirty: bool = False) -> Truth:
    """Draw what a series is made of; ``size`` is 5% a year, 20% or a turn of 8% down and 15% up, either way round."""
    size = {"none": 0.0, "slope": 0.05, "step": 0.20, "turn": 0.15}[signal] * rng.choice([-1, 1])
    length = int(rng.choice([n for n in LENGTHS if n >= (84 if signal == "turn" else 48)]))
    level = float(np.exp(rng.uniform(*np.log(TYPICAL_LEVELS))))
    tau = float(NOISE_SD * np.exp(SPREAD_OF_NOISE_SD * rng.standard_normal()))
    return Truth(signal, size, length, level, float(rng.uniform(*PERSISTENCES)), tau, kind, dirty)


def draw_counts(truth: Truth, rng: np.random.Generator) -> pd.Series:
    """Draw the series: Poisson counts around exp(level + season + days + signal + noise), with blemishes if dirty."""
    start = pd.Period("2010-01", "M") + int(rng.integers(0, 36))
    months = pd.period_range(start, periods=truth.length, freq="M")
    time = np.arange(truth.length)
    angle = 2 * np.pi * months.month.to_numpy() / 12
    season = rng.uniform(0, 0.3) * np.cos(angle - rng.uniform(0, 6.3)) + rng.uniform(0, 0.1) * np.cos(2 * angle)
    log_mean = np.log(truth.level * months.days_in_month.to_numpy() / 30.44) + season + _signal(truth, time)
    noise = truth.tau * _noise(truth, rng) - truth.tau**2 / 2
    blemish = _blemishes(truth.length, rng) if truth.dirty else np.ones(truth.length)
    counts = pd.Series(rng.poisson(np.exp(log_mean + noise) * blemish), index=months, dtype="Int64", name="crimes")
    if truth.dirty:
        counts[_not_published(truth.length, rng)] = pd.NA
    return counts


def _signal(truth: Truth, time: np.ndarray) -> np.ndarray:
    n, sign, size = truth.length, np.sign(truth.size), abs(truth.size)
    if truth.signal == "slope":
        return sign * np.log1p(size) * (time - n / 2) / 12
    if truth.signal == "step":
        return sign * np.log1p(size) * (time >= n - 12)
    if truth.signal == "turn":
        before, after = np.minimum(time - (n - 36), 0) / 12, np.maximum(time - (n - 36), 0) / 12
        return sign * (np.log1p(size) * after + np.log(0.92) * before)
    return np.zeros(n)


def _noise(truth: Truth, rng: np.random.Generator) -> np.ndarray:
    """Noise of unit variance, near enough for the kinds that no AR(1) model assumes."""
    n, warm_up = truth.length, 240
    shocks = rng.standard_normal(n + warm_up)
    if truth.kind == "moving average":
        return np.convolve(shocks, np.ones(6))[warm_up : warm_up + n] / np.sqrt(6)
    if truth.kind == "long memory":
        lags = np.arange(1, n + warm_up)
        return np.convolve(shocks, np.cumprod(np.r_[1.0, (lags - 0.7) / lags]))[warm_up : warm_up + n] / 1.15
    if truth.kind == "year effects":
        return 0.71 * np.repeat(rng.standard_normal(n // 12 + 1), 12)[:n] + 0.71 * shocks[:n]
    first, second = (0.5, 0.3) if truth.kind == "two lags" else (truth.rho, 0.0)
    noise = np.zeros(n + warm_up)
    for i in range(2, n + warm_up):
        noise[i] = first * noise[i - 1] + second * noise[i - 2] + shocks[i]
    return noise[warm_up:] / (1.6 if truth.kind == "two lags" else 1 / np.sqrt(1 - first**2))


def _blemishes(length: int, rng: np.random.Generator) -> np.ndarray:
    """Factors: one dip of a few months anywhere, and single months far too high or low."""
    factor = np.ones(length)
    start = int(rng.integers(0, length - 6))
    factor[start : start + int(rng.integers(2, 6))] *= rng.uniform(0.5, 0.8)
    odd = rng.random(length) < 0.02
    factor[odd] *= rng.choice([0.3, 2.0, 3.0], size=int(odd.sum()))
    return factor


def _not_published(length: int, rng: np.random.Generator) -> np.ndarray:
    missing = rng.random(length) < 0.03
    start = int(rng.integers(6, length - 24))
    missing[start : start + int(rng.integers(1, 6))] = True
    return missing
