"""Are the latest months higher than expected for the season? Farrington-type thresholds."""

from __future__ import annotations

import math
import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from hcsp_assess.errors import InputError
from hcsp_assess.trends.monthly import check_monthly
from hcsp_assess.trends.small_tables import rows_table

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]


WEIGHTS_THRESHOLD = 2.58  # standardised Anscombe residuals above this lose weight, as in farringtonFlexible


@dataclass(frozen=True)
class Baseline:
    """Which earlier points a threshold comes from.

    ``frequency`` points make a year; ``years_back`` years are used; ``half_window`` points on either side count as the
    same season; the rest of the year is cut into ``blocks`` - 1 further seasons; the latest ``skipped`` points are left
    out, so that a beginning rise does not raise its own threshold. In ``farringtonFlexible``: freq, b, w, noPeriods and
    pastWeeksNotIncluded.
    """

    frequency: int
    years_back: int
    half_window: int
    blocks: int = 1
    skipped: int = 0


@dataclass(frozen=True)
class Threshold:
    """What one point was expected to be and the largest count that is not an exceedance."""

    expected: float
    upper: float
    p_value: float
    dispersion: float
    trend_used: bool


@dataclass(frozen=True)
class Exceedances:
    """The latest months against their thresholds.

    ``months`` has one row per month (PeriodIndex) with the columns observed, expected, upper (all counts), p_value (of
    a count at least as large), exceeds (true/false, or NA for a month not held) and dispersion.
    """

    months: pd.DataFrame
    false_alarm_rate: float
    method: str

    def _repr_html_(self) -> str:
        rows = [
            (month, row["observed"], row["expected"], row["upper"], row["exceeds"])
            for month, row in self.months.iterrows()
        ]
        return rows_table(self.method, ("Month", "Observed", "Expected", "Upper limit", "Above it"), rows)


def find_exceedances(
    counts: pd.Series,
    *,
    months: int = 3,
    years_back: int = 4,
    false_alarm_rate: float = 0.01,
) -> Exceedances:
    """Compare the latest months with a threshold from the same season of the years before.

    The flexible Farrington method: a quasi-Poisson regression with trend, four season blocks and days in the month over
    ``years_back`` years, past outbreaks given less weight, and a negative binomial quantile as the threshold. Sources:
    Farrington et al. (1996), J. Royal Statistical Society A 159, 547-563; Noufaily et al. (2013), Statistics in
    Medicine 32, 1206-1222; ``surveillance::farringtonFlexible``.

    Parameters
    ----------
    counts : pd.Series
        Monthly counts on a PeriodIndex, NA = not held.
    months : int
        How many of the latest months to look at, 1 to 12.
    years_back : int
        Years of history for each; at least 3.
    false_alarm_rate : float
        Share of ordinary months that may exceed by chance, for each month looked at.

    Raises
    ------
    InputError
        A history shorter than ``years_back`` years plus two months before the first month looked at, too many gaps in
        it, or a bad argument.

    Notes
    -----
    It misleads after a recording change (every month "exceeds") and under long swings: it says that a month is above
    what the season of earlier years led one to expect, not why. With twelve series and three months at 1%, one false
    alarm in three reports is normal.

    Examples
    --------
    Five years with 20 crimes in each month, and then one with 60:

    >>> counts = pd.Series([20] * 60 + [60], index=pd.period_range("2020-01", periods=61, freq="M"))
    >>> find_exceedances(counts).months["exceeds"].tolist()
    [False, False, True]
    """
    series = check_monthly(counts)
    if not (1 <= months <= 12 and years_back >= 3 and 0 < false_alarm_rate < 0.5):
        raise InputError("months must be 1 to 12, years_back at least 3 and false_alarm_rate between 0 and 0.5")
    first = len(series) - months
    needed = 12 * years_back + 1
    if first < needed:
        raise InputError(
            f"{len(series)} months are too few to test the latest {months} with {years_back} years before each: "
            f"{needed + months} are needed"
        )
    log_days = np.log(pd.PeriodIndex(series.index).days_in_month.to_numpy(dtype=float))
    values = series.to_numpy()
    baseline = Baseline(frequency=12, years_back=years_back, half_window=1, blocks=4, skipped=3)
    rows = []
    for at in range(first, len(series)):
        t = flexible_threshold(
            values,
            at,
            baseline,
            false_alarm_rate=false_alarm_rate,
            offset=log_days,
            estimate_error=True,
        )
        rows.append((values[at], t.expected, t.upper, t.p_value, _exceeds(values[at], t.upper), t.dispersion))
    columns = ["observed", "expected", "upper", "p_value", "exceeds", "dispersion"]
    table = pd.DataFrame(rows, columns=columns, index=series.index[first:])
    table["exceeds"] = table["exceeds"].astype("boolean")
    named = f"flexible Farrington threshold from {years_back} years, {100 * false_alarm_rate:g}% false alarms a month"
    return Exceedances(table, false_alarm_rate, named)


def _exceeds(value: float, upper: float) -> Any:
    return pd.NA if math.isnan(value) else bool(value > upper)


def flexible_threshold(
    values: Floats,
    at: int,
    baseline: Baseline,
    *,
    false_alarm_rate: float,
    offset: Floats | None = None,
    estimate_error: bool = False,
) -> Threshold:
    """Return the threshold at one point (counted from 0) as ``farringtonFlexible`` with the negative binomial plug-in.

    Parameters
    ----------
    values : array
        Counts in order, NaN = not known.
    at : int
        The point looked at; no later value is used.
    baseline : Baseline
        Which earlier points to use.
    false_alarm_rate : float
        alpha, one-sided.
    offset : array, optional
        Log exposure of each point.
    estimate_error : bool
        Add the error of the expected count to the variance: dispersion + expected * (error of the log)^2. The R package
        does not; with a few years of months its 1% is then 3% in truth.

    Raises
    ------
    InputError
        History that does not reach back far enough or with too few known points.

    Examples
    --------
    With 10 in every month the threshold is the 95% quantile of a Poisson count of mean 10, which is 15:

    >>> monthly = Baseline(frequency=12, years_back=4, half_window=1, blocks=4, skipped=3)
    >>> threshold = flexible_threshold(np.full(60, 10.0), 59, monthly, false_alarm_rate=0.05)
    >>> round(threshold.expected, 6), threshold.upper
    (10.0, 15.0)
    """
    from scipy.stats import nbinom, poisson

    block = season_blocks(at, baseline)
    block[at - baseline.skipped : at + 1] = 0
    used = np.flatnonzero((block > 0) & ~np.isnan(values[: at + 1]))
    logs = np.zeros(len(values)) if offset is None else np.asarray(offset)
    factors = (block[used][:, None] == np.unique(block[used])[None, :]).astype(float)
    time = (used - at) / baseline.frequency
    if len(used) < 2 * (factors.shape[1] + 1) or baseline.blocks not in block[used]:
        raise InputError(f"only {len(used)} known points are before point {at + 1}: a threshold needs a longer history")
    now = (np.unique(block[used]) == baseline.blocks).astype(float)
    y = values[used]
    row = np.append(now, 0.0)
    fit, dispersion = fit_reweighted(y, np.column_stack([factors, time]), logs[used], WEIGHTS_THRESHOLD)
    expected = _expected(fit, row, logs[at])
    trend = expected <= y.max()
    if not trend:
        row = now
        fit, dispersion = fit_reweighted(y, factors, logs[used], WEIGHTS_THRESHOLD)
        expected = _expected(fit, row, logs[at])
    if estimate_error:
        dispersion += expected * dispersion * float(row @ fit.normalized_cov_params @ row)
    spread: Any = nbinom(expected / (dispersion - 1), 1 / dispersion) if dispersion > 1 else poisson(expected)
    p_value = float(spread.sf(values[at] - 1)) if not math.isnan(values[at]) else float("nan")
    return Threshold(expected, float(spread.ppf(1 - false_alarm_rate)), p_value, dispersion, trend)


def _expected(fit: Any, row: Floats, log_exposure: float) -> float:
    return math.exp(min(700.0, float(row @ fit.params) + log_exposure))


def season_blocks(at: int, baseline: Baseline) -> NDArray[np.int64]:
    """Return the season block of each point up to ``at``: the last number around the same season, 1, 2, ... between.

    Zero means before the history used. The points between two windows are shared out evenly, the first blocks taking
    what is left over.

    Examples
    --------
    >>> quarters = Baseline(frequency=4, years_back=1, half_window=0, blocks=2)
    >>> season_blocks(4, quarters).tolist()  # the same quarter a year ago is 2, the three between are 1
    [2, 1, 1, 1, 2]
    """
    years_back, half_window, blocks = baseline.years_back, baseline.half_window, baseline.blocks
    references = reference_points(at, years_back=years_back, frequency=baseline.frequency)
    if references[-1] - half_window < 0:
        raise InputError(
            f"the history before point {at + 1} does not reach back {years_back} years and {half_window} more"
        )
    block = np.zeros(at + 1, dtype=np.int64)
    block[at - half_window :] = blocks
    between = baseline.frequency - 2 * half_window - 1
    sizes = [len(part) for part in np.array_split(np.arange(between), blocks - 1)] if blocks > 1 else []
    numbers = np.repeat(np.arange(1, blocks), sizes)
    for reference in references[1:]:
        block[reference - half_window : reference + half_window + 1] = blocks
        start = reference + half_window + 1
        block[start : start + len(numbers)] = numbers
    return block


def reference_points(at: int, *, years_back: int, frequency: int) -> list[int]:
    """Return the point itself and the same season of each year before it.

    Examples
    --------
    >>> reference_points(30, years_back=2, frequency=12)
    [30, 18, 6]
    """
    return [at - frequency * year for year in range(years_back + 1)]


def outbreak_weights(residuals: Floats, threshold: float) -> Floats:
    """Return weights that add up to the number of points: residual^-2 above the threshold, equal below it.

    Examples
    --------
    >>> outbreak_weights(np.array([0.1, -1.0, 2.0]), 1.5).round(4).tolist()  # 1, 1 and a quarter, times 3 / 2.25
    [1.3333, 1.3333, 0.3333]
    """
    residuals = np.asarray(residuals, dtype=float)
    high = residuals > threshold
    raw = np.where(high, np.where(high, residuals, 1.0) ** -2.0, 1.0)
    weights: Floats = raw * len(residuals) / raw.sum()
    return weights


def fit_reweighted(y: Floats, design: Floats, offset: Floats, threshold: float) -> tuple[Any, float]:
    """Fit quasi-Poisson, take weight from high Anscombe residuals and fit again; return fit and dispersion (>= 1).

    Examples
    --------
    >>> fit, dispersion = fit_reweighted(np.array([4.0, 4.0, 4.0]), np.ones((3, 1)), np.zeros(3), 2.58)
    >>> round(float(np.exp(fit.params[0])), 6), dispersion
    (4.0, 1.0)
    """
    first = _fit(y, design, offset, np.ones(len(y)))
    mu = np.asarray(first.fittedvalues)
    dispersion = max(1.0, first.pearson_chi2 / first.df_resid)
    hat = np.clip(first.get_hat_matrix_diag(), 0, 1 - 1e-9)
    anscombe = 1.5 * (y ** (2 / 3) * mu ** (-1 / 6) - mu**0.5) / np.sqrt(dispersion * (1 - hat))
    second = _fit(y, design, offset, outbreak_weights(anscombe, threshold))
    return second, float(max(1.0, second.pearson_chi2 / second.df_resid))


def _fit(y: Floats, design: Floats, offset: Floats, weights: Floats) -> Any:
    from statsmodels.genmod.families import Poisson
    from statsmodels.genmod.generalized_linear_model import GLM
    from statsmodels.tools.sm_exceptions import PerfectSeparationWarning

    if not y.any():
        raise InputError("the history has no crime: any crime is then more than expected, and no threshold is needed")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", PerfectSeparationWarning)  # counts that do not vary fit exactly
        return GLM(y, design, family=Poisson(), offset=offset, var_weights=weights).fit(maxiter=100)
