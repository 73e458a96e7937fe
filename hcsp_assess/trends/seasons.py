"""Is a series seasonal, and which months are highest and lowest?"""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from hcsp_assess.trends.monthly import periods_per_year
from hcsp_assess.trends.small_tables import facts_table
from hcsp_assess.trends.year_grid import YearGrid, first_months, part_of_year, year_grid

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

YEARS_NEEDED = 2  # years' worth of values, and values of each month or quarter
CRIMES_NEEDED = 10  # on average in each month or quarter of the year, over all years
LEVEL = 0.01  # of the test: pages show it of many series
SMALLEST = 10.0  # per cent by which the highest exceeds the lowest: less is no season that anybody would notice
APART = 1.645  # standard errors by which a month must be higher than all others to be named alone
SEASONS = {"winter": (12, 1, 2), "spring": (3, 4, 5), "summer": (6, 7, 8), "autumn": (9, 10, 11)}
KNOT_YEARS = 2  # the trend that is held apart may turn once in so many years


@dataclass(frozen=True)
class Season:
    """Whether a series has a season, and which part of the year is highest and lowest.

    Attributes
    ----------
    tested : bool
        Whether there were enough values: two years' worth, two of each month or quarter, 120 crimes.
    clear : bool
        Whether the season is more than chance and large enough to matter.
    highest, lowest : tuple of str
        Months or quarters that are highest and lowest in the order of the year: one, or some in a row that the data do
        not separate; else "winter", "spring", "summer" or "autumn"; empty where none of these is sure.
    percent : float
        By how much the highest exceeds the lowest, per day; NaN where not tested.
    p_value : float
        Of the test that all months or quarters are alike; 1 where not tested.
    held : int
        Values held.
    part : str
        "month" or "quarter".
    method : str
        How it was tested.
    """

    tested: bool
    clear: bool
    highest: tuple[str, ...]
    lowest: tuple[str, ...]
    percent: float
    p_value: float
    held: int
    part: str
    method: str = "quasi-Poisson F test of the season beside a trend that may turn, days in the month allowed for"

    def _repr_html_(self) -> str:
        facts = {
            "Clear season": "yes" if self.clear else "no" if self.tested else "too little data to say",
            "Highest": ", ".join(self.highest) or "not one",
            "Lowest": ", ".join(self.lowest) or "not one",
            "Highest above lowest, %": self.percent,
            "p-value": self.p_value,
            "Method": self.method,
        }
        return facts_table("Season", facts)


def find_season(counts: pd.Series) -> Season:
    """Return whether a series has a season, and name its highest and lowest months where they are sure.

    ``log(mean) = trend + month of the year + log(days)``, quasi-Poisson, where the trend is a line that may turn every
    two years; the F test compares it with the same model without months (McCullagh and Nelder 1989, Generalized Linear
    Models, ch. 9). Months are named when they are higher (lower) than every other one by 1.645 standard errors, up to a
    third of the year in a row being taken together, and when the plain totals of the whole years held say the same;
    failing that, winter (December to February), spring, summer or autumn, by the same rule.

    Parameters
    ----------
    counts : pd.Series
        Counts on a PeriodIndex of months or quarters, NA = not held.

    Raises
    ------
    InputError
        Not monthly or quarterly.

    Notes
    -----
    It misleads when the season changes over the years, or where one outstanding year has one outstanding month. With
    two or three years only a large season can be found: "no clear season" is not "no season".

    Examples
    --------
    Four years in which every July has twice the usual number:

    >>> months = pd.period_range("2020-01", periods=48, freq="M")
    >>> season = find_season(pd.Series(100 + 100 * (months.month == 7) + months.year % 2, index=months))
    >>> season.clear, season.highest, round(season.percent) > 90
    (True, ('July',), True)
    """
    number = periods_per_year(counts.index)
    grid = year_grid(counts, first_month=int(first_months(counts.index)[0].month) if number == 4 else 1)
    values = counts.astype("Float64").dropna().sort_index()
    each = grid.counts.notna().sum()
    part = part_of_year(number)
    if len(values) < YEARS_NEEDED * number or (each < YEARS_NEEDED).any() or values.sum() < CRIMES_NEEDED * number:
        return Season(False, False, (), (), float("nan"), 1.0, len(values), part)
    effects, covariance, p_value = _fit(values, grid)
    percent = float(100 * (np.exp(np.ptp(effects)) - 1))
    if p_value >= LEVEL or percent < SMALLEST:
        return Season(True, False, (), (), percent, p_value, len(values), part)
    highest, lowest = (_named(effects, covariance, grid, sign) for sign in (1, -1))
    return Season(True, True, highest, lowest, percent, p_value, len(values), part)


def _fit(values: pd.Series, grid: YearGrid) -> tuple[Floats, Floats, float]:
    """Effect of each month or quarter, the covariance of these, p-value of the season."""
    from statsmodels.genmod.families import Poisson
    from statsmodels.genmod.generalized_linear_model import GLM
    from statsmodels.tools.sm_exceptions import PerfectSeparationWarning

    number = grid.per_year
    index = pd.PeriodIndex(values.index)
    length = 12 // number
    begins = pd.Period(f"2001 {grid.counts.columns[0].split()[0]}", "M").month
    column = (first_months(index).month.to_numpy() - begins) % 12 // length
    seasons = (column[:, None] == np.arange(number)).astype(float)
    trend = _trend(index.asi8.astype(float) / number)
    days = np.log((index.end_time.normalize() - index.start_time.normalize()).days.to_numpy(dtype=float) + 1)
    y = values.to_numpy(dtype=float)

    designs = (np.hstack([seasons, trend]), np.hstack([np.ones((len(y), 1)), trend]))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", PerfectSeparationWarning)  # counts that do not vary fit exactly
        full, plain = (GLM(y, design, family=Poisson(), offset=days).fit(maxiter=100) for design in designs)
    left = len(y) - np.linalg.matrix_rank(full.model.exog)
    dispersion = max(float(full.pearson_chi2) / left, 1.0) if left else float("inf")
    p_value = _p_of_f((plain.deviance - full.deviance) / (number - 1) / dispersion, number - 1, left)
    covariance = np.asarray(full.normalized_cov_params)[:number, :number] * dispersion
    return np.asarray(full.params[:number]), covariance, p_value


def _p_of_f(ratio: float, upper: int, left: int) -> float:
    from scipy.special import fdtrc

    return float(fdtrc(upper, left, max(ratio, 0.0))) if left else 1.0


def _trend(years: Floats) -> Floats:
    """A line that may turn every two years, in columns; the constant is left to the season.

    A turn that no value surrounds on both sides is left out.
    """
    start, end = years.min(), years.max()
    knots = np.arange(start + KNOT_YEARS, end - KNOT_YEARS / 2, KNOT_YEARS)
    lines = [years - years.mean(), *(np.maximum(years - knot, 0) for knot in knots)]
    kept: list[Floats] = []
    for line in lines:
        tried = np.column_stack([np.ones(len(years)), *kept, line])
        if np.linalg.matrix_rank(tried) == tried.shape[1]:
            kept.append(line)
    return np.column_stack(kept)


def _named(effects: Floats, covariance: Floats, grid: YearGrid, sign: int) -> tuple[str, ...]:
    """The months or quarters that are highest (`sign` 1) or lowest (-1); where none is sure, the season of the year."""
    totals = grid.whole_years
    if len(totals) < YEARS_NEEDED:
        return ()
    sums = totals.sum().to_numpy()
    found = _clear_of_others(sign * effects, covariance, sign * sums)
    if found or grid.per_year == 4:
        return tuple(str(grid.counts.columns[at]) for at in found)
    months = [pd.Period(f"2001 {name}", "M").month for name in grid.counts.columns]
    means = np.array([np.isin(months, inside) / len(inside) for inside in SEASONS.values()])
    found = _clear_of_others(sign * means @ effects, means @ covariance @ means.T, sign * means @ sums, most=1)
    return tuple(list(SEASONS)[at] for at in found)


def _clear_of_others(effects: Floats, covariance: Floats, sums: Floats, most: int = 0) -> list[int]:
    """Which parts are highest: those in a row that the best one is not clear of, if they are few and totals agree."""
    number, top = len(effects), int(effects.argmax())
    errors = np.sqrt(np.maximum(covariance[top, top] + np.diag(covariance) - 2 * covariance[top], 0))
    close = [at for at in range(number) if effects[top] - effects[at] <= APART * errors[at]]
    starts = [at for at in close if (at - 1) % number not in close]
    if len(close) > (most or number // 3) or len(starts) != 1:
        return []
    group = [(starts[0] + step) % number for step in range(len(close))]
    others = np.delete(sums, group)
    return group if sums[group].mean() > others.max() else []
