"""How steep is the slope of monthly counts, after season and days in the month? A regression to compare with."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import pandas as pd

from hcsp_assess.errors import InputError
from hcsp_assess.trends.monthly import check_monthly
from hcsp_assess.trends.small_tables import facts_table

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

Family = Literal["quasi-Poisson", "negative binomial"]
MONTHS_NEEDED = 24
UNDERDISPERSED = "no more variation than Poisson, so quasi-Poisson was used"


@dataclass(frozen=True)
class SeasonalRegression:
    """The slope of log counts a year, with season and offsets held.

    ``slope`` and ``standard_error`` are on the log scale a year; ``percent_per_year``, ``low`` and ``high`` (95%) are
    per cent. ``dispersion`` is Pearson's chi-square by degrees of freedom (1 = Poisson); ``size`` is the negative
    binomial's theta, NaN otherwise. ``autocorrelation`` is the lag-1 correlation of the Pearson residuals between
    neighbouring published months: above about 0.2 the p-value of this regression is too small.
    """

    percent_per_year: float
    low: float
    high: float
    slope: float
    standard_error: float
    p_value: float
    dispersion: float
    size: float
    autocorrelation: float
    months_used: int
    fitted: pd.Series
    family: Family
    method: str
    note: str

    def _repr_html_(self) -> str:
        facts = {
            "Change a year": f"{self.percent_per_year:.1f}% (95% interval {self.low:.1f}% to {self.high:.1f}%)",
            "p-value": self.p_value,
            "Dispersion (1 = Poisson)": self.dispersion,
            "Autocorrelation left over": self.autocorrelation,
            "Months used": self.months_used,
            "Method": self.method,
            "Note": self.note or "none",
        }
        return facts_table("Seasonal regression", facts)


def fit_seasonal_regression(
    counts: pd.Series,
    *,
    family: Family = "quasi-Poisson",
    days_offset: bool = True,
    population: pd.Series | None = None,
    newey_west_lags: int | None = None,
) -> SeasonalRegression:
    """Regress log counts on month of the year and a straight line in time.

    ``log(mean) = month of the year + slope * years + log(days in the month) + log(population)``. Quasi-Poisson:
    variance = dispersion * mean, t distribution (McCullagh and Nelder 1989, ch. 9). Negative binomial: variance = mean
    + mean squared / theta, theta by maximum likelihood, as ``MASS::glm.nb`` (Venables and Ripley 2002, section 7.4).
    Newey and West (1987), Econometrica 55, 703-708, for errors under autocorrelation, as ``sandwich::NeweyWest``
    without prewhitening or adjustment.

    Parameters
    ----------
    counts : pd.Series
        Monthly counts on a PeriodIndex, NA = not published; at least 24 published months.
    family : {"quasi-Poisson", "negative binomial"}
        Under less variation than Poisson the negative binomial does not exist; then quasi-Poisson is used and noted.
    days_offset : bool
        Count per day, so that a February is not a fall.
    population : pd.Series, optional
        People (or households, premises) in each of the months, on the same index.
    newey_west_lags : int, optional
        Give standard errors robust to autocorrelation up to this lag, and a normal p-value. For quasi-Poisson only.

    Raises
    ------
    InputError
        Not monthly counts, too few months or no crime at all, a population that is missing or not positive, or options
        that do not go together.

    Notes
    -----
    It misleads: months are not independent, and a nominal 5% test by quasi-Poisson flags 15% of series without a trend
    (negative binomial with robust errors 14%). Use ``assess_trend`` for a verdict. A calendar month without a single
    crime in any year says nothing about the slope and is left out.

    Examples
    --------
    Counts that double from each year to the next grow by 100% a year:

    >>> months = pd.period_range("2022-01", periods=36, freq="M")
    >>> doubling = pd.Series(8 * 2 ** (months.year - 2022), index=months)
    >>> round(fit_seasonal_regression(doubling, days_offset=False).percent_per_year, 3)
    100.0
    """
    series = check_monthly(counts, at_least=MONTHS_NEEDED)
    _check_options(family, newey_west_lags)
    used, note = _months_with_crime(series)
    offset = _offset(pd.PeriodIndex(used.index), population, days=days_offset)
    design = _design(pd.PeriodIndex(used.index))
    fit, dispersion, size = _fit_family(used.to_numpy(dtype=float), design, offset, family)
    if family == "negative binomial" and np.isnan(size):
        family, note = "quasi-Poisson", f"{note}; {UNDERDISPERSED}".strip("; ")
    slope, error, p_value = _slope(fit, family, newey_west_lags)
    low, high = _interval(slope, error, fit.df_resid, family, newey_west_lags)
    residuals = pd.Series(np.asarray(fit.resid_pearson), index=used.index).reindex(series.index)
    robust = f", Newey-West errors to lag {newey_west_lags}" if newey_west_lags is not None else ""
    return SeasonalRegression(
        percent_per_year=_percent(slope),
        low=_percent(low),
        high=_percent(high),
        slope=slope,
        standard_error=error,
        p_value=p_value,
        dispersion=dispersion,
        size=size,
        autocorrelation=lag_one_correlation(residuals),
        months_used=len(used),
        fitted=pd.Series(np.asarray(fit.fittedvalues), index=used.index).reindex(series.index),
        family=family,
        method=f"{family} regression on month of the year and time{robust}",
        note=note,
    )


def _check_options(family: str, newey_west_lags: int | None) -> None:
    if family not in ("quasi-Poisson", "negative binomial"):
        raise InputError(f'family must be "quasi-Poisson" or "negative binomial", not {family!r}')
    if newey_west_lags is not None and (family != "quasi-Poisson" or newey_west_lags < 0):
        raise InputError("newey_west_lags must be 0 or more, and goes with quasi-Poisson only")


def lag_one_correlation(residuals: pd.Series) -> float:
    """Return the lag-1 autocorrelation, as R's ``acf``, over neighbouring published months; NaN without variation.

    Examples
    --------
    >>> lag_one_correlation(pd.Series([1.0, -1.0, 1.0, -1.0]))  # three products of -1 over four squares
    -0.75
    """
    centred = residuals.to_numpy(dtype=float)
    centred = centred - np.nanmean(centred)
    total = float(np.nansum(centred**2))
    return float(np.nansum(centred[1:] * centred[:-1]) / total) if total > 0 else float("nan")


def _months_with_crime(series: pd.Series) -> tuple[pd.Series, str]:
    known = series.dropna()
    months = pd.PeriodIndex(known.index).month
    by_month = known.groupby(months).transform("sum")
    used = known[by_month > 0]
    if len(used) < MONTHS_NEEDED:
        raise InputError(
            f"only {len(used)} published months belong to a calendar month with any crime, and a slope needs "
            f"{MONTHS_NEEDED}: say that there is too little data"
        )
    empty = sorted(set(months) - set(pd.PeriodIndex(used.index).month))
    return used, f"no crime in any year in calendar months {empty}, left out" if empty else ""


def _offset(months: pd.PeriodIndex, population: pd.Series | None, *, days: bool) -> Floats:
    offset = np.log(months.days_in_month.to_numpy(dtype=float)) if days else np.zeros(len(months))
    if population is not None:
        people = population.reindex(months).to_numpy(dtype=float, na_value=np.nan)
        if not (people > 0).all():
            raise InputError(f"the population of {months[~(people > 0)][0]} is missing or not positive")
        offset = offset + np.log(people)
    return offset


def _design(months: pd.PeriodIndex) -> Floats:
    """Return a column per calendar month that occurs, and years from the middle of the series in the last column."""
    month = months.month.to_numpy()
    dummies = (month[:, None] == np.unique(month)[None, :]).astype(float)
    years = months.year.to_numpy() + month / 12
    return np.column_stack([dummies, years - years.mean()])


def _fit_family(y: Floats, design: Floats, offset: Floats, family: Family) -> tuple[Any, float, float]:
    """Return the fit, the dispersion around Poisson means, and theta; NaN where there is no negative binomial."""
    fit = _fit_poisson(y, design, offset)
    dispersion = float(fit.pearson_chi2 / fit.df_resid)
    if family == "quasi-Poisson" or dispersion <= 1:
        return fit, dispersion, float("nan")
    size = _negative_binomial_size(y, design, offset)
    if np.isnan(size):
        return fit, dispersion, size
    return _fit_negative_binomial(y, design, offset, size), dispersion, size


def _fit_poisson(y: Floats, design: Floats, offset: Floats) -> Any:
    from statsmodels.genmod.families import Poisson
    from statsmodels.genmod.generalized_linear_model import GLM
    from statsmodels.tools.sm_exceptions import PerfectSeparationWarning

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", PerfectSeparationWarning)  # an exact fit is an answer: its dispersion is 0
        return GLM(y, design, family=Poisson(), offset=offset).fit(maxiter=200, tol=1e-12)


def _fit_negative_binomial(y: Floats, design: Floats, offset: Floats, size: float) -> Any:
    from statsmodels.genmod.families import NegativeBinomial
    from statsmodels.genmod.generalized_linear_model import GLM

    return GLM(y, design, family=NegativeBinomial(alpha=1 / size), offset=offset).fit(maxiter=200, tol=1e-12)


def _negative_binomial_size(y: Floats, design: Floats, offset: Floats) -> float:
    """Return theta of maximum likelihood, where its score crosses zero, or NaN when it grows without end."""
    from scipy.optimize import brentq
    from scipy.special import digamma

    def score(log_size: float) -> float:
        size = float(np.exp(log_size))
        mu = np.asarray(_fit_negative_binomial(y, design, offset, size).fittedvalues)
        terms = digamma(y + size) - digamma(size) + np.log(size / (size + mu)) + 1 - (y + size) / (size + mu)
        return float(terms.sum())

    low, high = np.log(1e-2), np.log(1e6)
    if score(low) < 0 or score(high) > 0:
        return float("nan")
    return float(np.exp(brentq(score, low, high, xtol=1e-10)))


def _slope(fit: Any, family: Family, lags: int | None) -> tuple[float, float, float]:
    from scipy import stats

    slope = float(fit.params[-1])
    if lags is not None:
        error = _newey_west_error(fit, lags)
        return slope, error, float(2 * stats.norm.sf(abs(slope) / error))
    if family == "negative binomial":
        error = float(np.sqrt(fit.normalized_cov_params[-1, -1]))
        return slope, error, float(2 * stats.norm.sf(abs(slope) / error))
    error = float(np.sqrt(fit.normalized_cov_params[-1, -1] * fit.pearson_chi2 / fit.df_resid))
    if error == 0:
        return slope, error, 1.0
    return slope, error, float(2 * stats.t.sf(abs(slope) / error, fit.df_resid))


def _newey_west_error(fit: Any, lags: int) -> float:
    design, y, mu = fit.model.exog, fit.model.endog, np.asarray(fit.fittedvalues)
    scores = design * (y - mu)[:, None]
    meat = scores.T @ scores
    for lag in range(1, min(lags, len(y) - 1) + 1):
        cross = scores[lag:].T @ scores[:-lag]
        meat += (1 - lag / (lags + 1)) * (cross + cross.T)
    bread = fit.normalized_cov_params
    return float(np.sqrt((bread @ meat @ bread)[-1, -1]))


def _interval(slope: float, error: float, df: float, family: Family, lags: int | None) -> tuple[float, float]:
    from scipy import stats

    normal = family == "negative binomial" or lags is not None
    reach = error * float(stats.norm.ppf(0.975) if normal else stats.t.ppf(0.975, df))
    return slope - reach, slope + reach


def _percent(log_change: float) -> float:
    return float(100 * np.expm1(min(log_change, 700.0)))
