"""Monthly series of every kind that a table may hold, drawn with a seed: the batch forms are tested on them."""

import numpy as np
import pandas as pd


def draw_table(series: int = 24, months: int = 110, seed: int = 0) -> pd.DataFrame:
    """A column for each series: many and few crimes, with gaps, outliers, late starts and early ends, runs of zeros."""
    rng = np.random.default_rng(seed)
    index = pd.period_range("2013-04", periods=months, freq="M")
    years = np.arange(months) / 12
    columns = {}
    for number in range(series):
        level = (0.4, 3.0, 30.0, 300.0)[number % 4]
        log_mean = np.log(level) + rng.normal(0, 0.08) * years + 0.2 * np.cos(2 * np.pi * index.month / 12)
        counts = rng.poisson(np.exp(log_mean) * rng.gamma(30, 1 / 30, months)).astype(float)
        counts[rng.random(months) < 0.02] *= 4
        if number % 3:
            counts[rng.random(months) < 0.05] = np.nan
        if number % 5 == 1:
            counts[: rng.integers(1, months // 3)] = np.nan
        if number % 5 == 2:
            counts[months - rng.integers(1, months // 4) :] = np.nan
        if number % 7 == 3:
            counts[: rng.integers(12, months // 2)] = 0
        columns[f"series {number}"] = pd.array(counts, dtype="Float64").astype("Int64")
    short = np.where(np.arange(months) < 20, 5.0, np.nan)
    return pd.DataFrame({**columns, "constant": 7, "zeros": 0, "short": pd.array(short, "Float64")}, index=index)
