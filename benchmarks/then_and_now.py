"""A year against a spell held long before: false alarms and power of three methods, in the same run.

    python -m benchmarks.then_and_now                 # about four minutes
    python -m benchmarks.then_and_now --series 20     # a quick look

Months are held as in the edition of 2025: a few spells of 2014 to 2024, and 2025. The level is the same throughout, or
changes in January 2020; months have a season, gamma intensities of variance 0.02 and AR(1) correlation 0.8; whole years
differ by nothing, 7% or 10%, or by 10% with a memory of 0.7 a year. Asked is whether 2025 differs from 2014: p < 0.05.
"""

from __future__ import annotations

import argparse
import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import numpy as np
import pandas as pd
import statsmodels.api as sm
from scipy.stats import binomtest, gamma, norm

from benchmarks.markdown import as_markdown
from hcsp_assess.trends import compare_spells_of

MONTHS = pd.period_range("2014-01", "2025-12", freq="M")
HELD = (
    ("2014-01", "2014-11"),
    ("2018-10", "2019-02"),
    ("2021-03", "2022-03"),
    ("2024-01", "2024-04"),
    ("2025-01", "2025-12"),
)
YEARS = {"steady": (0.0, 0.0), "years 7%": (0.07, 0.0), "years 10%": (0.10, 0.0), "slow years 10%": (0.10, 0.7)}
LEVELS = (10, 50, 300)


def draw(kind: str, level: float, change: float, rng: np.random.Generator) -> pd.Series:
    """Draw counts of the months held, NA elsewhere."""
    month, year = np.asarray(MONTHS.month), np.asarray(MONTHS.year)
    size, memory = YEARS[kind]
    log_mean = np.log(level * np.asarray(MONTHS.days_in_month) / 30.4375) + np.log1p(change) * (year >= 2020)
    log_mean = log_mean + 0.20 * np.cos(2 * np.pi * (month - 7) / 12) + 0.08 * np.cos(4 * np.pi * (month - 12) / 12)
    log_mean = log_mean + size * _persistent(12, memory, rng)[year - 2014]
    intensity = gamma.ppf(norm.cdf(_persistent(len(MONTHS), 0.8, rng)), 50, scale=0.02)
    held = np.any([MONTHS.isin(pd.period_range(*spell, freq="M")) for spell in HELD], axis=0)
    return pd.Series(rng.poisson(np.exp(log_mean) * intensity), index=MONTHS, dtype="Int64").where(held)


def _persistent(length: int, correlation: float, rng: np.random.Generator) -> np.ndarray:
    values = rng.standard_normal(length)
    for i in range(1, length):
        values[i] = correlation * values[i - 1] + np.sqrt(1 - correlation**2) * values[i]
    return values


def exact_poisson(counts: pd.Series) -> float:
    """p-value of the counts of the same calendar months, by the days in them."""
    then = counts[:12].dropna()
    now = counts[-12:]
    now = now[now.index.month.isin(then.index.month)]
    days = [int(np.sum(pd.PeriodIndex(part.index).days_in_month)) for part in (now, then)]
    return float(binomtest(int(now.sum()), int(now.sum() + then.sum()), days[0] / sum(days)).pvalue)


def quasi_poisson(counts: pd.Series) -> float:
    """p-value of a level for each spell in a seasonal regression with an overdispersion factor."""
    known = counts.dropna().astype(float)
    index = pd.PeriodIndex(known.index)
    spell = pd.Series(0, index=index)
    for number, (first, last) in enumerate(HELD[:-1], start=1):
        spell[(index >= first) & (index <= last)] = number
    design = np.column_stack(
        [pd.get_dummies(index.month, dtype=float), pd.get_dummies(spell.to_numpy(), dtype=float).iloc[:, 1:]]
    )
    offset = np.log(np.asarray(index.days_in_month, dtype=float))
    fit = sm.GLM(known.to_numpy(), design, family=sm.families.Poisson(), offset=offset).fit(scale="X2", use_t=True)
    return float(fit.pvalues[12])


def rates(kind: str, change: float, series: int, seed: int) -> dict[str, object]:
    """Per cent of series in which each method says that 2025 differs from 2014."""
    rng = np.random.default_rng([seed, list(YEARS).index(kind), round(-100 * change)])
    frame = pd.DataFrame({f"{level} {i}": draw(kind, level, change, rng) for level in LEVELS for i in range(series)})
    found = compare_spells_of(frame)
    p_values = {
        "hcsp_assess": [one.spells[0].p_value for one in found.values()],
        "exact Poisson": [exact_poisson(frame[name]) for name in frame],
        "quasi-Poisson": [quasi_poisson(frame[name]) for name in frame],
    }
    row: dict[str, object] = {"change": f"{100 * change:+.0f}%" if change else "none"}
    row |= {name: f"{100 * np.mean(np.array(values) < 0.05):.1f}" for name, values in p_values.items()}
    truth = 100 * change
    row["interval covers"] = (
        f"{100 * np.mean([one.spells[0].low <= truth <= one.spells[0].high for one in found.values()]):.1f}"
    )
    return row


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--series", type=int, default=200, help="of each of three levels")
    parser.add_argument("--seed", type=int, default=20251)
    options = parser.parse_args()
    cells = [(kind, 0.0) for kind in YEARS] + [("years 7%", change) for change in (-0.20, -0.35, -0.50, -0.70)]
    table = pd.DataFrame([rates(kind, change, options.series, options.seed) for kind, change in cells])
    table.index = pd.Index([kind for kind, _ in cells])
    print(as_markdown(table, "years"))


if __name__ == "__main__":
    main()
