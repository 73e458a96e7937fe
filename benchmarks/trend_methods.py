"""How fast are the methods for monthly series, one by one and in a table, beside statsmodels and pyMannKendall?

    python -m benchmarks.trend_methods                              # 200 series of 150 months, about a minute
    python -m benchmarks.trend_methods --series 50 --pairs 5        # fewer series, more pairs

Each pair runs ours and theirs one after the other (in turn ours first and theirs first) on the same counts, in CPU
seconds; what is printed are medians over the pairs. Theirs is a loop over the series: robust STL with the windows of
ours, the seasonal Kendall test with its slope, Poisson regression with Pearson's dispersion. pyMannKendall
comes with the development dependencies.
"""

from __future__ import annotations

import argparse
import os
import statistics
import time
import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import numpy as np
import pandas as pd

from benchmarks.markdown import as_markdown
from benchmarks.simulated_counts import draw_counts, draw_truth
from hcsp_assess.trends import (
    assess_trend,
    assess_trends,
    decompose_frame,
    fit_seasonal_regression,
    fit_seasonal_regression_frame,
    seasonal_kendall,
    seasonal_kendall_frame,
)

Work = Callable[[], object]
LONG_ENOUGH = 0.5  # CPU seconds that each side of a pair works at least, time after time


@dataclass(frozen=True)
class Measured:
    """One comparison: CPU milliseconds a series (medians over the pairs), and the median of the pairs' ratios.

    ``goal`` says what was aimed at, in words.
    """

    what: str
    peer: str
    ours: float
    theirs: float
    ratio: float
    goal: str
    pairs: int


def measure(*, series: int = 200, months: int = 150, pairs: int = 3, seed: int = 1) -> list[Measured]:
    """Measure every method against its peer in the same run.

    Parameters
    ----------
    series, months : int
        Size of the table of simulated counts; verdicts are measured on 100 of the series and 120 of the months.
    pairs : int
        How often each comparison is made, at least three.
    seed : int
        Of the counts.
    """
    counts = draw_table(series, months, seed)
    return [_measured(comparison, pairs) for comparison in [*_of_methods(counts), *_of_verdicts(counts)]]


@dataclass(frozen=True)
class _Comparison:
    """Ours and theirs, each with the number of series it works on."""

    what: str
    peer: str
    ours: Work
    theirs: Work
    series: tuple[int, int]
    goal: str = ""


def _of_methods(counts: pd.DataFrame) -> list[_Comparison]:
    columns = [counts[name].to_numpy(dtype=float) for name in counts]
    twenty, both = [counts[name] for name in counts.columns[:20]], (len(columns), len(columns))
    table = {"stl": decompose_frame, "kendall": seasonal_kendall_frame, "regression": fit_seasonal_regression_frame}
    ours = {name: _of_all(method, [counts]) for name, method in table.items()}
    peers = {"stl": their_stl, "kendall": their_kendall, "regression": their_regression}
    theirs = {name: _of_all(method, columns) for name, method in peers.items()}
    loop = "statsmodels and pyMannKendall"
    return [
        _Comparison("all three, in a table", loop, _in_turn(ours), _in_turn(theirs), both, "ratio of 40 at least"),
        _Comparison(
            "all three, in a table",
            f"{loop}, STL by its own defaults",
            _in_turn(ours),
            _in_turn({**theirs, "stl": _of_all(their_default_stl, columns)}),
            both,
        ),
        _Comparison("robust STL, in a table", "statsmodels", ours["stl"], theirs["stl"], both),
        _Comparison(
            "seasonal Kendall with slope, in a table", "pyMannKendall", ours["kendall"], theirs["kendall"], both
        ),
        _Comparison(
            "quasi-Poisson regression, in a table", "statsmodels", ours["regression"], theirs["regression"], both
        ),
        _Comparison(
            "quasi-Poisson regression, one series",
            "statsmodels",
            _of_all(fit_seasonal_regression, twenty),
            _of_all(their_regression, columns[:20]),
            (len(twenty), len(twenty)),
            "not slower than statsmodels",
        ),
    ]


def _of_verdicts(counts: pd.DataFrame) -> list[_Comparison]:
    hundred = counts.iloc[-120:, :100]
    some = [hundred[name] for name in hundred.columns[:20]]
    columns = [one.to_numpy(dtype=float) for one in some]
    what, together, number = "trends, 100 series of 120 months in a table", _of_all(assess_trends, [hundred]), len(some)
    kendall = partial(seasonal_kendall, correlated=True, continuity=True)
    peers = {
        "assess_trend one by one": (_of_all(assess_trend, some), "2 ms a series at most"),
        "statsmodels' quasi-Poisson regression": (_of_all(their_regression, columns), ""),
        "our Hirsch-Slack test, one by one": (_of_all(kendall, columns), ""),
    }
    return [
        _Comparison(what, peer, together, theirs, (hundred.shape[1], number), goal)
        for peer, (theirs, goal) in peers.items()
    ] + [
        _Comparison(
            "trend of one series of 120 months",
            "statsmodels' quasi-Poisson regression",
            _of_all(assess_trend, some),
            _of_all(their_regression, columns),
            (number, number),
            "8 ms at most",
        )
    ]


def _of_all(work: Callable[[Any], object], items: Sequence[Any]) -> Work:
    def all_of_them() -> None:
        for item in items:
            work(item)

    return all_of_them


def _in_turn(works: dict[str, Work]) -> Work:
    return _of_all(lambda work: work(), list(works.values()))


def _measured(comparison: _Comparison, pairs: int) -> Measured:
    sides = (comparison.ours, comparison.theirs)
    for work in sides:  # what is loaded or made once is not measured
        work()
    seconds: list[tuple[float, float]] = []
    for pair in range(max(pairs, 3)):
        taken = {side: _cpu_seconds(sides[side]) for side in ((0, 1) if pair % 2 == 0 else (1, 0))}
        seconds.append((taken[0] / comparison.series[0], taken[1] / comparison.series[1]))
    return Measured(
        what=comparison.what,
        peer=comparison.peer,
        ours=1e3 * statistics.median(ours for ours, _ in seconds),
        theirs=1e3 * statistics.median(theirs for _, theirs in seconds),
        ratio=statistics.median(theirs / ours for ours, theirs in seconds),
        goal=comparison.goal,
        pairs=len(seconds),
    )


def _cpu_seconds(work: Work) -> float:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        began, times = time.process_time(), 0
        while times == 0 or time.process_time() - began < LONG_ENOUGH:
            work()
            times += 1
        return (time.process_time() - began) / times


def draw_table(series: int, months: int, seed: int) -> pd.DataFrame:
    """Clean counts of many kinds, a column for each series: those that every peer can read."""
    rng = np.random.default_rng(seed)
    index = pd.period_range("2012-04", periods=months, freq="M")
    truths = [replace(draw_truth("none", rng), length=months) for _ in range(series)]
    drawn = [draw_counts(truth, rng).to_numpy(dtype=float) for truth in truths]
    return pd.DataFrame({f"series {i}": counts for i, counts in enumerate(drawn)}, index=index)


def their_stl(y: np.ndarray) -> object:
    """Statsmodels' robust STL, with the windows and rounds of ours."""
    from statsmodels.tsa.stl._stl import STL

    model = STL(
        y,
        period=12,
        seasonal=11,
        trend=23,
        low_pass=13,
        seasonal_deg=0,
        robust=True,
        seasonal_jump=2,
        trend_jump=3,
        low_pass_jump=2,
    )
    return model.fit(inner_iter=1, outer_iter=15)


def their_default_stl(y: np.ndarray) -> object:
    """Statsmodels' robust STL as one calls it without a thought for R: two inner rounds, no jumps."""
    from statsmodels.tsa.seasonal import STL

    return STL(y, period=12, robust=True).fit()


def their_kendall(y: np.ndarray) -> object:
    """The seasonal test of pyMannKendall, which gives the slope as well."""
    import pymannkendall

    return pymannkendall.seasonal_test(y, period=12)


def their_regression(y: np.ndarray) -> object:
    """Statsmodels' Poisson regression on calendar month and time, dispersion by Pearson's chi-square."""
    import statsmodels.api as sm

    month = np.arange(len(y)) % 12
    design = np.column_stack([month[:, None] == np.arange(12), np.arange(len(y)) / 12]).astype(float)
    return sm.GLM(y, design, family=sm.families.Poisson()).fit(scale="X2")


def as_table(measured: Sequence[Measured]) -> pd.DataFrame:
    """The comparisons, a row each."""
    rows = {
        number: {
            "method": one.what,
            "beside": one.peer,
            "ours, ms a series": f"{one.ours:.2f}",
            "theirs": f"{one.theirs:.2f}",
            "theirs / ours": f"{one.ratio:.1f}",
            "goal": one.goal or None,
            "pairs": one.pairs,
        }
        for number, one in enumerate(measured, 1)
    }
    return pd.DataFrame(rows).T


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--series", type=int, default=200)
    parser.add_argument("--months", type=int, default=150)
    parser.add_argument("--pairs", type=int, default=3, help="how often each comparison is made, at least 3")
    asked = parser.parse_args()
    print(as_markdown(as_table(measure(series=asked.series, months=asked.months, pairs=asked.pairs)), ""))


if __name__ == "__main__":
    main()
