"""How steep is the slope after season and month length? A regression for comparison."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np
import pandas as pd
from scipy.special import ndtr, ndtri, stdtr, stdtrit

from hcsp_assess.errors import InputError
from hcsp_assess.trends.monthly import check_monthly, check_monthly_frame
from hcsp_assess.trends.seasonal_counts import SeasonalCountFits, fit_seasonal_counts
from hcsp_assess.trends.small_tables import facts_table

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Flags = NDArray[np.bool_]

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


@dataclass(frozen=True)
class SeasonalRegressions:
    """The regressions of a table of series.

    Attributes
    ----------
    table : pd.DataFrame
        A row for each series: ``percent_per_year``, ``low``, ``high`` (per cent), ``slope``, ``standard_error`` (log
        scale a year), ``p_value``, ``dispersion``, ``autocorrelation``, ``months_used``, ``note``: as in
        ``SeasonalRegression``.
    fitted : pd.DataFrame
        Expected counts, a column for each series, NaN where a month took no part.
    method : str
        How it was made.
    """

    table: pd.DataFrame
    fitted: pd.DataFrame
    method: str


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
        Monthly counts on a PeriodIndex, NA = not held; at least 24 published months.
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
    months, rows = pd.PeriodIndex(series.index), series.to_numpy()[None, :]
    used = _months_with_crime(rows, months)
    if used.sum() < MONTHS_NEEDED:
        raise InputError(_too_few(int(used.sum())))
    offset = _offset(months, used[0], population, days=days_offset)
    fits, size = _fit_family(rows, used, months, offset, family)
    left_out = _left_out(rows, used, months)[0]
    if family == "negative binomial" and size is None:
        family, left_out = "quasi-Poisson", f"{left_out}; {UNDERDISPERSED}".strip("; ")
    numbers = _numbers(fits, rows, size, family, newey_west_lags)
    if size is not None:
        poisson = _fit(rows, used, months, offset)
        numbers["dispersion"] = poisson.chi_square / poisson.freedom
    return SeasonalRegression(
        **{name: float(values[0]) for name, values in numbers.items()},
        size=np.nan if size is None else size,
        months_used=int(used.sum()),
        fitted=pd.Series(fits.fitted[0], index=series.index),
        family=family,
        method=_method(family, newey_west_lags),
        note=left_out,
    )


def fit_seasonal_regression_frame(
    counts: pd.DataFrame,
    *,
    days_offset: bool = True,
    population: pd.Series | None = None,
    newey_west_lags: int | None = None,
) -> SeasonalRegressions:
    """Fit the quasi-Poisson regression of ``fit_seasonal_regression`` to every column of a table at once.

    Same numbers as one by one, many times sooner. Sources and when it misleads: see ``fit_seasonal_regression``.
    Looking at many p-values misleads further, unless ``adjust_p_values`` pays for it.

    Parameters
    ----------
    counts : pd.DataFrame
        A column of monthly counts for each series, on one monthly PeriodIndex; NA = not held.
    days_offset : bool
        Count per day, so that a February is not a fall.
    population : pd.Series, optional
        People in each of the months, for all columns.
    newey_west_lags : int, optional
        Give standard errors robust to autocorrelation up to this lag, and a normal p-value.

    Returns
    -------
    SeasonalRegressions
        ``table`` with a row for each column; one with too few months has no numbers (NaN), and its ``note`` says why.

    Raises
    ------
    InputError
        Not a table of monthly counts (with the column named), a population that is missing or not positive, lags below
        0.

    Examples
    --------
    >>> months = pd.period_range("2022-01", periods=36, freq="M")
    >>> doubling = 8 * 2 ** (months.year - 2022)
    >>> counts = pd.DataFrame({"theft": doubling, "arson": 8, "new": [pd.NA] * 24 + [9] * 12}, index=months)
    >>> table = fit_seasonal_regression_frame(counts, days_offset=False).table
    >>> table["percent_per_year"].round(3).tolist()
    [100.0, 0.0, nan]
    """
    months, rows = check_monthly_frame(counts)
    _check_options("quasi-Poisson", newey_west_lags)
    used = _months_with_crime(rows, months)
    published = (~np.isnan(rows)).sum(axis=1)
    fitted = (published >= MONTHS_NEEDED) & (used.sum(axis=1) >= MONTHS_NEEDED)
    offset = _offset(months, used[fitted].any(axis=0), population, days=days_offset)
    fits = _fit(rows[fitted], used[fitted], months, offset)
    numbers = _numbers(fits, rows[fitted], None, "quasi-Poisson", newey_west_lags)
    figures = {name: np.full(len(rows), np.nan) for name in numbers}
    for name, values in numbers.items():
        figures[name][fitted] = values
    notes = np.array([_too_few(int(n)) for n in used.sum(axis=1)], dtype=object)
    notes[fitted] = _left_out(rows[fitted], used[fitted], months)
    means = np.full(rows.shape, np.nan)
    means[fitted] = fits.fitted
    months_used = np.where(fitted, used.sum(axis=1), 0)
    return SeasonalRegressions(
        table=pd.DataFrame({**figures, "months_used": months_used, "note": notes}, index=counts.columns),
        fitted=pd.DataFrame(means.T, index=months, columns=counts.columns),
        method=_method("quasi-Poisson", newey_west_lags),
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
    return float(_lag_one_correlations(residuals.to_numpy(dtype=float)[None, :])[0])


def _lag_one_correlations(rows: Floats) -> Floats:
    known = ~np.isnan(rows)
    centred = np.where(known, rows - np.nansum(rows, axis=1, keepdims=True) / known.sum(axis=1, keepdims=True), 0.0)
    total = (centred**2).sum(axis=1)
    with np.errstate(invalid="ignore"):
        correlations: Floats = np.where(total > 0, (centred[:, 1:] * centred[:, :-1]).sum(axis=1) / total, np.nan)
    return correlations


def _months_with_crime(rows: Floats, months: pd.PeriodIndex) -> Flags:
    """Published months of calendar months that have any crime in any year."""
    calendar = _calendar(months)
    with_crime = np.nan_to_num(rows) @ calendar @ calendar.T > 0
    used: Flags = with_crime & ~np.isnan(rows)
    return used


def _calendar(months: pd.PeriodIndex) -> Floats:
    table: Floats = (months.month.to_numpy()[:, None] == np.arange(1, 13)).astype(float)
    return table


def _too_few(used: int) -> str:
    return (
        f"only {used} published months belong to a calendar month with any crime, and a slope needs "
        f"{MONTHS_NEEDED}: say that there is too little data"
    )


def _left_out(rows: Floats, used: Flags, months: pd.PeriodIndex) -> list[str]:
    """A note for each row on the calendar months that take no part."""
    calendar = _calendar(months)
    empty = ((~np.isnan(rows)).astype(float) @ calendar > 0) & (used.astype(float) @ calendar == 0)
    notes = [""] * len(rows)
    for i in np.flatnonzero(empty.any(axis=1)):
        those = (np.flatnonzero(empty[i]) + 1).tolist()
        notes[i] = f"no crime in any year in calendar months {those}, left out"
    return notes


def _offset(months: pd.PeriodIndex, used: Flags, population: pd.Series | None, *, days: bool) -> Floats:
    offset = np.log(months.days_in_month.to_numpy(dtype=float)) if days else np.zeros(len(months))
    if population is not None:
        people = population.reindex(months).to_numpy(dtype=float, na_value=np.nan)
        wrong = used & ~(people > 0)
        if wrong.any():
            raise InputError(f"the population of {months[wrong][0]} is missing or not positive")
        offset = offset + np.log(np.where(used, people, 1.0))
    return offset


def _fit(
    rows: Floats, used: Flags, months: pd.PeriodIndex, offset: Floats, size: float | None = None
) -> SeasonalCountFits:
    calendar_month = months.month.to_numpy() - 1
    years = months.year.to_numpy() + (calendar_month + 1) / 12
    sizes = None if size is None else np.full(len(rows), size)
    return fit_seasonal_counts(rows, used, calendar_month, years, offset, size=sizes)


def _fit_family(
    rows: Floats, used: Flags, months: pd.PeriodIndex, offset: Floats, family: Family
) -> tuple[SeasonalCountFits, float | None]:
    """Return the fit of one series, and theta, or None if there is no negative binomial."""
    fits = _fit(rows, used, months, offset)
    if family == "quasi-Poisson" or fits.chi_square[0] <= fits.freedom[0]:
        return fits, None
    size = _negative_binomial_size(rows, used, months, offset)
    return (fits, None) if size is None else (_fit(rows, used, months, offset, size), size)


def _negative_binomial_size(rows: Floats, used: Flags, months: pd.PeriodIndex, offset: Floats) -> float | None:
    """Return theta of maximum likelihood, where its score crosses zero, or None when it grows without end."""
    from scipy.optimize import brentq
    from scipy.special import digamma

    y = rows[used]

    def score(log_size: float) -> float:
        size = float(np.exp(log_size))
        mu = _fit(rows, used, months, offset, size).fitted[used]
        terms = digamma(y + size) - digamma(size) + np.log(size / (size + mu)) + 1 - (y + size) / (size + mu)
        return float(terms.sum())

    low, high = np.log(1e-2), np.log(1e6)
    if score(low) < 0 or score(high) > 0:
        return None
    return float(np.exp(brentq(score, low, high, xtol=1e-10)))


def _numbers(
    fits: SeasonalCountFits, rows: Floats, size: float | None, family: Family, lags: int | None
) -> dict[str, Floats]:
    """The slope of each series from a fit."""
    dispersion = fits.chi_square / fits.freedom
    if lags is not None:
        error = _newey_west_errors(fits, rows, lags)
    else:
        error = np.sqrt((1.0 if family == "negative binomial" else dispersion) / fits.information)
    with np.errstate(divide="ignore", invalid="ignore"):
        z = np.where(error > 0, np.abs(fits.slope) / error, 0.0)
    if family == "negative binomial" or lags is not None:
        p_value, reach = 2 * ndtr(-z), error * ndtri(0.975)
    else:
        p_value, reach = 2 * stdtr(fits.freedom, -z), error * stdtrit(fits.freedom, 0.975)
    residuals = (rows - fits.fitted) / np.sqrt(fits.fitted * (1 + (0.0 if size is None else fits.fitted / size)))
    return {
        "percent_per_year": _percent(fits.slope),
        "low": _percent(fits.slope - reach),
        "high": _percent(fits.slope + reach),
        "slope": fits.slope,
        "standard_error": error,
        "p_value": p_value,
        "dispersion": dispersion,
        "autocorrelation": _lag_one_correlations(residuals),
    }


def _newey_west_errors(fits: SeasonalCountFits, rows: Floats, lags: int) -> Floats:
    """The sandwich of the slope: what every month pulls at it, and neighbours in the fit pull together."""
    variances = []
    for pull in (rows - fits.fitted) * fits.influence:
        known = pull[~np.isnan(pull)]
        together = [
            2 * (1 - lag / (lags + 1)) * (known[lag:] @ known[:-lag]) for lag in range(1, min(lags + 1, len(known)))
        ]
        variances.append(known @ known + sum(together))
    errors: Floats = np.sqrt(variances)
    return errors


def _percent(log_change: Floats) -> Floats:
    percent: Floats = 100 * np.expm1(np.minimum(log_change, 700.0))
    return percent


def _method(family: Family, lags: int | None) -> str:
    robust = f", Newey-West errors to lag {lags}" if lags is not None else ""
    return f"{family} regression on month of the year and time{robust}"
