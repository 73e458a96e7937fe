"""Do the verdicts cry wolf less than the usual tools, and find as much? A simulation with peers in the same run.

    python -m benchmarks.trend_verdicts                    # about five minutes
    python -m benchmarks.trend_verdicts --series 60        # a quick look

Series are drawn by ``simulated_counts.py`` from many kinds; what is asked of every method is the same: is p below 0.05?
The year-on-year rule is what many reports do: more than 5% up or down between two years is called a change.
"""

from __future__ import annotations

import argparse
import os
import time
from collections.abc import Callable

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import numpy as np
import pandas as pd

from benchmarks.markdown import as_markdown
from benchmarks.simulated_counts import OTHER_KINDS, Truth, draw_counts, draw_truth
from hcsp_assess.errors import InputError
from hcsp_assess.trends import Trend, assess_trend, fit_seasonal_regression, seasonal_kendall

Says = dict[str, bool]


def ours(counts: pd.Series) -> Says:
    """Our three questions, and a confirmed word."""
    trend: Trend = assess_trend(counts)
    return {
        "slope": trend.long_run.p_value < 0.05,
        "turn": trend.last_36_months.p_value < 0.05,
        "step": trend.last_12_months.p_value < 0.05,
        "confirmed": trend.strength == "confirmed",
    }


def quasi_poisson(counts: pd.Series) -> Says:
    """Seasonal log-linear regression with an overdispersion factor."""
    return {"slope": fit_seasonal_regression(counts, family="quasi-Poisson").p_value < 0.05}


def newey_west(counts: pd.Series) -> Says:
    """The same with Newey-West errors of four lags."""
    return {"slope": fit_seasonal_regression(counts, newey_west_lags=4).p_value < 0.05}


def negative_binomial(counts: pd.Series) -> Says:
    """Seasonal negative binomial regression."""
    return {"slope": fit_seasonal_regression(counts, family="negative binomial").p_value < 0.05}


def plain_kendall(counts: pd.Series) -> Says:
    """Seasonal Kendall test with independent seasons."""
    return {"slope": seasonal_kendall(_numbers(counts)).p_value < 0.05}


def hirsch_slack(counts: pd.Series) -> Says:
    """Seasonal Kendall test with the covariance between seasons."""
    return {"slope": seasonal_kendall(_numbers(counts), correlated=True, continuity=True).p_value < 0.05}


def year_on_year(counts: pd.Series) -> Says:
    """More than 5% between the last twelve published months and the twelve before."""
    known = counts.dropna()
    last, before = int(known.iloc[-12:].sum()), int(known.iloc[-24:-12].sum())
    return {"step": abs(last - before) > 0.05 * before}


METHODS: dict[str, Callable[[pd.Series], Says]] = {
    "hcsp_assess": ours,
    "quasi-Poisson": quasi_poisson,
    "negative binomial": negative_binomial,
    "quasi-Poisson, Newey-West": newey_west,
    "seasonal Kendall": plain_kendall,
    "seasonal Kendall, Hirsch-Slack": hirsch_slack,
    "year on year, 5% rule": year_on_year,
}


def _numbers(counts: pd.Series) -> np.ndarray:
    return counts.to_numpy(dtype=float, na_value=np.nan)


def score(signal: str, series: int, seed: int, *, kind: str = "ar1", dirty: bool = False) -> pd.DataFrame:
    """Ask every method about every series; one row for each; a method that fails is told and answers nothing."""
    rows = []
    for number in range(series):
        rng = np.random.default_rng([seed, number, sum(map(ord, signal + kind)), dirty])
        truth: Truth = draw_truth(signal, rng, kind=kind, dirty=dirty)
        counts = draw_counts(truth, rng)
        if counts.count() < 48 or counts.sum() < 60:
            continue
        for name, method in METHODS.items():
            started = time.process_time()
            try:
                says = method(counts)
            except (InputError, np.linalg.LinAlgError) as error:
                print(f"{name} does not answer: {error}")
                says = {}
            cost = 1000 * (time.process_time() - started)
            rows.append({"method": name, "rho": truth.rho, "ms": cost, **says})
    return pd.DataFrame(rows)


def percent(answers: pd.DataFrame, question: str) -> pd.Series:
    """Share of yes by method, in per cent; NaN for a method that does not answer the question."""
    if question not in answers:
        return pd.Series(np.nan, index=list(METHODS))
    given = answers[answers[question].notna()]
    return (100 * given[question].astype(bool).groupby(given["method"]).mean()).reindex(list(METHODS))


def table_of_scores(series: int, seed: int) -> pd.DataFrame:
    """One row a method: false alarms and power, clean and dirty, and the cost."""
    null, dirty = score("none", 3 * series, seed), score("none", 2 * series, seed, dirty=True)
    persistent = null[null["rho"] > 0.57]
    columns = {
        "false slope": percent(null, "slope"),
        "... persistent": percent(persistent, "slope"),
        "... dirty": percent(dirty, "slope"),
        "slope found": percent(score("slope", series, seed), "slope"),
        "false step": percent(null, "step"),
        "... persistent ": percent(persistent, "step"),
        "step found": percent(score("step", series, seed), "step"),
        "false turn": percent(null, "turn"),
        "turn found": percent(score("turn", series, seed), "turn"),
        "ms": null.groupby("method")["ms"].median(),
    }
    return pd.DataFrame(columns, index=list(METHODS))


def table_of_other_noise(series: int, seed: int) -> pd.DataFrame:
    """False alarms under noise that the model does not assume."""
    rows = {}
    for kind in OTHER_KINDS:
        answers = score("none", series, seed, kind=kind)
        rows[kind] = {
            **percent(answers, "slope").add_suffix(": slope"),
            "confirmed": percent(answers, "confirmed").iloc[0],
        }
    return pd.DataFrame(rows).T


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seed", type=int, default=20_260)
    parser.add_argument("--series", type=int, default=400, help="series for each kind of truth (null: three times)")
    options = parser.parse_args()
    print("Per cent of series flagged at p < 0.05 (slopes of 5% a year, steps of 20%, turns of -8% to +15%), ms of CPU")
    print(as_markdown(table_of_scores(options.series, options.seed).round(1), "method"))
    print("\nFalse alarms under other noise, per cent")
    print(as_markdown(table_of_other_noise(options.series, options.seed).round(1), "noise"))


if __name__ == "__main__":
    main()
