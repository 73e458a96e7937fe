"""How many crimes should we expect in the coming year? A count with an interval, or the reason for having none."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from hcsp_assess.errors import InputError
from hcsp_assess.trends.monthly import check_monthly
from hcsp_assess.trends.small_tables import facts_table, rows_table

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Method = Callable[[pd.Series, pd.PeriodIndex, int, int], Floats]

TRAINING_MONTHS = 36
PATHS, BACK_TEST_PATHS = 2000, 500
SMOOTHING_COUNT = 10  # median monthly count from which log counts can be smoothed


@dataclass(frozen=True)
class Forecast:
    """The coming year, or why it is not forecast.

    Attributes
    ----------
    usable : bool
        Whether a forecast is given. If not, ``months`` is empty, the totals are NaN and ``reason`` says why.
    reason : str
        By how much the method beat the seasonal naive, or why there is no forecast.
    months : pd.DataFrame
        One row per coming month (PeriodIndex): expected (median), low, high; whole counts, never negative.
    total, total_low, total_high : float
        The sum over those months with its own interval.
    confidence : float
        Of the intervals.
    back_test : pd.DataFrame
        One row per method: error (mean absolute error of monthly counts), relative_error (1 = the seasonal naive) and
        coverage (share of past months inside the interval). Empty when no back-test was possible.
    origins : int
        How many times in the past a year was forecast for the back-test.
    method : str
        The method chosen, or "none".
    """

    usable: bool
    reason: str
    months: pd.DataFrame
    total: float
    total_low: float
    total_high: float
    confidence: float
    back_test: pd.DataFrame
    origins: int
    method: str

    def _repr_html_(self) -> str:
        if not self.usable:
            return facts_table("No forecast", {"Reason": self.reason})
        rows = [(m, int(r["expected"]), int(r["low"]), int(r["high"])) for m, r in self.months.iterrows()]
        rows.append(("all", int(self.total), int(self.total_low), int(self.total_high)))
        return rows_table(f"Forecast by {self.method}: {self.reason}", ("Month", "Expected", "Low", "High"), rows)


def forecast_year(
    counts: pd.Series,
    *,
    months: int = 12,
    breaks: Sequence[pd.Period] = (),
    confidence: float = 0.95,
    margin: float = 0.05,
    seed: int = 1,
) -> Forecast:
    """Forecast the coming months as counts, if that has worked in the past.

    Three candidates, each fitted to the history before a date and tried on the year after it, several times: the
    average season; the season with an exponentially smoothed level; the season with a smoothed, damped trend (Hyndman,
    Koehler, Ord and Snyder 2008, Forecasting with Exponential Smoothing; on log counts, by ``statsmodels``). The best
    is used if its mean absolute error is at least ``margin`` below that of the seasonal naive (each month as in the
    year before) and its intervals held nearly as many past months as they should (no more than 15 points fewer):
    Hyndman and Athanasopoulos, Forecasting: Principles and Practice, section 5.10. Intervals are
    quantiles of simulated counts.

    Parameters
    ----------
    counts : pd.Series
        Monthly counts on a PeriodIndex, NA = not held.
    months : int
        Months to forecast, 1 to 24.
    breaks : sequence of pd.Period
        First months of new levels that are known and dated (a recording change): only what follows the last is used.
    confidence : float
        Of the intervals.
    margin : float
        Share by which the best candidate must beat the seasonal naive; the best of three on few trials is flattered.
    seed : int
        Of the simulated counts.

    Returns
    -------
    Forecast
        With ``usable`` False and the reason when the history is too short, gappy or broken, or nothing beats the naive.

    Raises
    ------
    InputError
        Not monthly counts, or a bad argument.

    Notes
    -----
    It misleads as soon as recording, law or a large retailer's reporting changes: it carries the past on. Its intervals
    know nothing of such changes.

    Examples
    --------
    Years of 20 and of 40 crimes a month take turns: their mean is half as far off as the months of last year.

    >>> months = pd.period_range("2016-01", periods=96, freq="M")
    >>> forecast = forecast_year(pd.Series(20 + 20 * (months.year % 2), index=months))
    >>> forecast.method, round(float(forecast.back_test["relative_error"]["average season"]), 1)
    ('average season', 0.5)
    >>> forecast.total_low < 12 * 30 < forecast.total_high
    True
    >>> forecast_year(pd.Series(20, index=months[:36])).reason
    '36 months are too few: 48 are needed to try a forecast on the past'
    """
    if not (1 <= months <= 24 and 0 < confidence < 1 and 0 <= margin < 1):
        raise InputError("months must be 1 to 24, confidence between 0 and 1 and margin from 0 to below 1")
    history = _after_last_break(check_monthly(counts), breaks)
    reason = _unfit(history, breaks)
    if reason:
        return _refusal(reason, confidence)
    methods = _candidates(history)
    table, origins = _back_test(history, methods, confidence, seed)
    best = str(table.drop(index="seasonal naive")["error"].idxmin())
    reason = _judge(table, best, margin, confidence)
    if reason:
        return _refusal(reason, confidence, table, origins)
    ahead = pd.period_range(history.index[-1] + 1, periods=months, freq="M")
    paths = methods[best](history, ahead, PATHS, seed)
    low, middle, high = _quantiles(paths, confidence)
    total_low, total, total_high = (float(part[0]) for part in _quantiles(paths.sum(axis=1, keepdims=True), confidence))
    better = 100 * (1 - table["relative_error"].to_dict()[best])
    return Forecast(
        usable=True,
        reason=f"its error was {better:.0f}% below that of repeating last year's months, in {origins} past years tried",
        months=pd.DataFrame({"expected": middle, "low": low, "high": high}, index=ahead),
        total=total,
        total_low=total_low,
        total_high=total_high,
        confidence=confidence,
        back_test=table,
        origins=origins,
        method=best,
    )


def _after_last_break(series: pd.Series, breaks: Sequence[pd.Period]) -> pd.Series:
    dated = [month for month in breaks if month <= series.index[-1]]
    return series.loc[max(dated) :] if dated else series


def _unfit(history: pd.Series, breaks: Sequence[pd.Period]) -> str:
    """Say why a history cannot be forecast from, or nothing."""
    after = " after the last dated break" if breaks else ""
    if len(history) < TRAINING_MONTHS + 12:
        return (
            f"{len(history)} months{after} are too few: {TRAINING_MONTHS + 12} are needed to try a forecast on the past"
        )
    published = history.notna()
    if published.tail(12).sum() < 10 or published.mean() < 0.85:
        return f"too many months are not held ({int((~published).sum())} of {len(history)}{after})"
    if history.tail(24).sum() < 24:
        return "fewer than one crime a month in the last two years: give the count itself"
    return _undated_break(history)


def _undated_break(history: pd.Series) -> str:
    from hcsp_assess.trends.level_shifts import CRIMES_NEEDED, find_level_shift

    if history.sum() < CRIMES_NEEDED:
        return ""
    shift = find_level_shift(history, simulations=199)
    if not shift.found or shift.shape == "slope":  # a bend is a trend, which the candidates can follow
        return ""
    return (
        f"the level changed by {shift.percent:+.0f}% about {shift.month.strftime('%B %Y')}, and no known "
        "change explains it: find out why, and give its month in breaks"
    )


def _candidates(history: pd.Series) -> dict[str, Method]:
    methods: dict[str, Method] = {"average season": _average_season}
    if history.median() >= SMOOTHING_COUNT:
        methods["season with smoothed level"] = partial(_smoothed, damped_trend=False)
        methods["season with damped trend"] = partial(_smoothed, damped_trend=True)
    return methods


def _judge(table: pd.DataFrame, best: str, margin: float, confidence: float) -> str:
    relative, coverage = (float(table[column].to_dict()[best]) for column in ("relative_error", "coverage"))
    if not relative <= 1 - margin:
        return (
            f"no method beat repeating last year's months by {100 * margin:.0f}%: the best, {best}, had "
            f"{100 * relative:.0f}% of its error"
        )
    if coverage < confidence - 0.15:
        held = f"held only {100 * coverage:.0f}% of past months"
        return f"the {100 * confidence:g}% intervals of the best method, {best}, {held}"
    return ""


def _back_test(
    history: pd.Series, methods: dict[str, Method], confidence: float, seed: int
) -> tuple[pd.DataFrame, int]:
    """Forecast past years from what was known before them; every half year, at most eight times."""
    ends = list(range(len(history) - 12, TRAINING_MONTHS - 1, -6))[:8]
    errors: dict[str, list[Floats]] = {name: [] for name in ("seasonal naive", *methods)}
    inside: dict[str, list[NDArray[np.bool_]]] = {name: [] for name in methods}
    for end in ends:
        known, year = history.iloc[:end], history.iloc[end : end + 12]
        truth, ahead = year.to_numpy(), pd.PeriodIndex(year.index)
        errors["seasonal naive"].append(np.abs(_naive(known, ahead) - truth))
        for name, method in methods.items():
            low, middle, high = _quantiles(method(known, ahead, BACK_TEST_PATHS, seed), confidence)
            errors[name].append(np.abs(middle - truth))
            inside[name].append(((truth >= low) & (truth <= high))[~np.isnan(truth)])
    mean = {name: float(np.nanmean(np.concatenate(e))) for name, e in errors.items()}
    naive = mean["seasonal naive"]
    relative = {name: error / naive if naive > 0 else 1.0 for name, error in mean.items()}
    coverage = {name: float(np.concatenate(i).mean()) for name, i in inside.items()}
    return pd.DataFrame({"error": mean, "relative_error": relative, "coverage": coverage}).loc[list(mean)], len(ends)


def _naive(known: pd.Series, ahead: pd.PeriodIndex) -> Floats:
    """Return for each month the last published value of the same calendar month."""
    months = pd.PeriodIndex(known.index).month
    last = known.groupby(months).last()
    values: Floats = last.reindex(ahead.month).to_numpy(dtype=float)
    return values


def _average_season(history: pd.Series, ahead: pd.PeriodIndex, paths: int, seed: int) -> Floats:
    """Simulate counts about the mean of each calendar month, with the dispersion and autocorrelation seen.

    The error of the means goes in too: of the level, which autocorrelation widens, and of each month.
    """
    rng = np.random.default_rng(seed)
    mean, expected = _season_means(history, ahead)
    residuals = (history - mean) / np.sqrt(mean)
    dispersion = max(1.0, float(np.nansum(residuals**2) / max(1, residuals.notna().sum() - 12)))
    rho = float(np.clip(residuals.autocorr() if residuals.std() > 0 else 0.0, 0, 0.95))
    of_level = np.sqrt(dispersion / history.sum() * (1 + rho) / (1 - rho))
    of_month = np.sqrt(dispersion / np.maximum(expected * len(history) / 12, 0.5))
    shared, own = rng.standard_normal((paths, 1)), rng.standard_normal((paths, len(ahead)))
    spread = np.sqrt(np.log1p((dispersion - 1) / expected))
    logs = of_level * shared + of_month * own + spread * _autoregressive(rng, paths, len(ahead), rho) - spread**2 / 2
    counts: Floats = rng.poisson(np.clip(expected * np.exp(logs), 0, 1e12)).astype(float)
    return counts


def _autoregressive(rng: np.random.Generator, paths: int, steps: int, rho: float) -> Floats:
    noise = rng.standard_normal((paths, steps))
    for step in range(1, steps):
        noise[:, step] = rho * noise[:, step - 1] + np.sqrt(1 - rho**2) * noise[:, step]
    return noise


def _season_means(history: pd.Series, ahead: pd.PeriodIndex) -> tuple[pd.Series, Floats]:
    """Return the mean of each month per day in it, over the history and ahead; half a crime where there was none."""
    past = pd.PeriodIndex(history.index)
    days = pd.Series(np.where(history.notna(), past.days_in_month, 0), index=history.index)
    totals = history.groupby(past.month).sum().clip(lower=0.5)
    per_day = totals / days.groupby(past.month).sum().clip(lower=28)
    mean = pd.Series(per_day.reindex(past.month).to_numpy() * past.days_in_month.to_numpy(), index=history.index)
    expected: Floats = per_day.reindex(ahead.month).to_numpy() * ahead.days_in_month.to_numpy()
    return mean, expected


def _smoothed(history: pd.Series, ahead: pd.PeriodIndex, paths: int, seed: int, *, damped_trend: bool) -> Floats:
    """Simulate counts from the season and an exponentially smoothed level of the log of the adjusted counts."""
    from hcsp_assess.trends.gaps import fill_gaps

    logs = fill_gaps(pd.Series(np.log(history.to_numpy() + 0.5), index=history.index))
    past = pd.PeriodIndex(history.index)
    season = _log_season(logs, past)
    adjusted = logs - season.reindex(past.month).to_numpy()
    fit = _fit_level(adjusted.reset_index(drop=True), damped_trend=damped_trend)
    widen = np.sqrt(len(logs) / max(1, len(logs) - 15))
    errors = np.random.default_rng(seed).standard_normal((len(ahead), paths)) * np.sqrt(fit.scale) * widen
    simulated = fit.simulate(len(ahead), anchor="end", repetitions=paths, random_errors=errors)
    ahead_logs = np.asarray(simulated).T + season.reindex(ahead.month).to_numpy()
    counts: Floats = np.maximum(0.0, np.round(np.exp(np.minimum(ahead_logs, 27.0)) - 0.5))
    return counts


def _log_season(logs: pd.Series, past: pd.PeriodIndex) -> pd.Series:
    """Return the effect of each calendar month beside a level for each run of twelve months; they add up to zero."""
    years = (np.arange(len(logs)) - len(logs)) // 12
    design = np.column_stack([pd.get_dummies(past.month), pd.get_dummies(years)]).astype(float)
    effects = np.linalg.lstsq(design, logs.to_numpy(), rcond=None)[0][: len(np.unique(past.month))]
    return pd.Series(effects - effects.mean(), index=np.unique(past.month)).reindex(range(1, 13), fill_value=0.0)


def _fit_level(values: pd.Series, *, damped_trend: bool) -> Any:
    """Smooth a level, and a damped trend if asked for, by maximum likelihood."""
    from statsmodels.tools.sm_exceptions import ConvergenceWarning
    from statsmodels.tsa.exponential_smoothing.ets import ETSModel

    model = ETSModel(
        values,
        error="add",
        trend="add" if damped_trend else None,
        damped_trend=damped_trend,
        initialization_method="heuristic",
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # at a bound; the back-test judges the fit
        return model.fit(disp=False, maxiter=2000)


def _quantiles(paths: Floats, confidence: float) -> tuple[Floats, Floats, Floats]:
    tail = (1 - confidence) / 2
    low, middle, high = np.quantile(paths, [tail, 0.5, 1 - tail], axis=0, method="inverted_cdf")
    return low, middle, high


def _refusal(reason: str, confidence: float, back_test: pd.DataFrame | None = None, origins: int = 0) -> Forecast:
    empty = pd.DataFrame({"expected": [], "low": [], "high": []}, index=pd.PeriodIndex([], freq="M"))
    table = pd.DataFrame(columns=["error", "relative_error", "coverage"]) if back_test is None else back_test
    nan = float("nan")
    return Forecast(False, reason, empty, nan, nan, nan, confidence, table, origins, "none")
