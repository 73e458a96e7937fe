"""What are a series' trend, season and remainder? A description, not a test."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import pandas as pd

from hcsp_assess.errors import InputError
from hcsp_assess.trends.gaps import YEARS_NEEDED, fill_gaps, fill_gaps_of_rows
from hcsp_assess.trends.monthly import (
    MONTHS_A_YEAR,
    QUARTERS_A_YEAR,
    check_monthly,
    check_monthly_frame,
    is_quarterly,
    period_word,
    periods_per_year,
)
from hcsp_assess.trends.small_tables import facts_table
from hcsp_assess.trends.stl import settings_of_r, stl_of_one, stl_rows

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Flags = NDArray[np.bool_]

Scale = Literal["counts", "log"]


@dataclass(frozen=True)
class Decomposition:
    """Trend, season and remainder of a monthly or quarterly series.

    Attributes
    ----------
    observed : pd.Series
        The series as published, NaN where nothing was.
    trend, season, remainder : pd.Series
        On scale ``counts`` they add up to the (filled) series; on scale ``log`` they multiply to it.
    seasonally_adjusted : pd.Series
        The series without its season, NaN where nothing was published.
    filled : pd.Series
        The values put into gaps for the drawing only; NaN in every published month or quarter.
    strength_of_trend, strength_of_season : float
        0 (none) to 1 (all), after Hyndman.
    scale : {"counts", "log"}
        Whether the parts add or multiply.
    added_to_counts : float
        0.5 where zeros had to be given a logarithm, else 0.
    method : str
        How it was made.
    """

    observed: pd.Series
    trend: pd.Series
    season: pd.Series
    remainder: pd.Series
    seasonally_adjusted: pd.Series
    filled: pd.Series
    strength_of_trend: float
    strength_of_season: float
    scale: Scale
    added_to_counts: float
    method: str

    @property
    def months_filled(self) -> pd.PeriodIndex:
        """The months, or quarters, that were not published and were filled for the drawing only."""
        return pd.PeriodIndex(self.filled.dropna().index)

    def _repr_html_(self) -> str:
        word = period_word(pd.PeriodIndex(self.observed.index)).capitalize()
        facts = {
            f"{word}s": f"{self.observed.index[0]} to {self.observed.index[-1]}",
            "Filled for the drawing only": ", ".join(map(str, self.months_filled)) or "none",
            "Strength of trend (0 to 1)": self.strength_of_trend,
            "Strength of season (0 to 1)": self.strength_of_season,
            "Method": self.method,
        }
        return facts_table("Trend, season and remainder", facts)


def decompose(
    values: pd.Series,
    *,
    scale: Scale = "counts",
    seasonal_window: int | Literal["periodic"] = 11,
    robust: bool = True,
) -> Decomposition:
    """Split a monthly or quarterly series into trend, season and remainder by STL, as R's ``stl`` does.

    Source: Cleveland, Cleveland, McRae and Terpenning (1990), Journal of Official Statistics 6, 3-73, by
    ``statsmodels.tsa.seasonal.STL`` with the windows, degrees and jumps of R's ``stl``. Strengths: Hyndman and
    Athanasopoulos, Forecasting: Principles and Practice, 3rd edition, section 4.3.

    Parameters
    ----------
    values : pd.Series
        Monthly or quarterly counts or rates on a PeriodIndex, NA = not held; at least 24 published months, or 8
        published quarters (of any year end).
    scale : {"counts", "log"}
        ``log`` when the season grows with the level (it usually does); then the parts multiply. Where the series has a
        zero, 0.5 is added to every value first.
    seasonal_window : int or "periodic"
        Odd number of years over which the season may change, at least 7; ``periodic`` keeps it fixed. 11 is the default
        of R's ``forecast::mstl``.
    robust : bool
        Give unusual values less weight in trend and season, so that they stand out in the remainder.

    Returns
    -------
    Decomposition
        Series of the same length as ``values``.

    Raises
    ------
    InputError
        Too short, neither monthly nor quarterly, a bad window, or values without a logarithm on scale ``log``.

    Notes
    -----
    It misleads when its trend line is read as a finding: with no trend at all the line still wanders, and a straight
    line through it "finds" a trend in 72% of series without one. Its ends move when new months arrive. A recording
    change is smoothed into a slope. Of quarters the trend follows little more than a year and a half: it wanders more.

    Examples
    --------
    Every July has 20 crimes more than other months:

    >>> months = pd.period_range("2020-01", periods=36, freq="M")
    >>> parts = decompose(pd.Series(100 + 20 * (months.month == 7), index=months), seasonal_window="periodic")
    >>> july, january = float(parts.season["2022-07"]), float(parts.season["2022-01"])
    >>> round(july - january, 6), round(float(parts.trend["2022-07"]), 2)  # the trend is at 100 + 20 / 12
    (20.0, 101.67)
    """
    a_year = QUARTERS_A_YEAR if is_quarterly(getattr(values, "index", None)) else MONTHS_A_YEAR
    series = check_monthly(values, at_least=YEARS_NEEDED * a_year, whole=False, quarters=True)
    added = _check_scale(series, scale)
    worked = np.log(series + added) if scale == "log" else series
    complete = fill_gaps(worked)
    parts = stl_of_one(complete.to_numpy(), settings_of_r(len(series), seasonal_window, robust=robust, period=a_year))
    trend, season = (pd.Series(part, index=series.index) for part in (parts.trend, parts.seasonal))
    if seasonal_window == "periodic":
        season = season.groupby(np.arange(len(season)) % a_year).transform("mean")
    remainder = complete - trend - season
    adjusted = worked - season
    gaps = series.isna()
    back: Any = (lambda s: np.exp(s)) if scale == "log" else (lambda s: s)
    return Decomposition(
        observed=series,
        trend=back(trend) - added,
        season=back(season),
        remainder=back(remainder),
        seasonally_adjusted=back(adjusted) - added,
        filled=(back(complete) - added).where(gaps),
        strength_of_trend=strength(trend, remainder),
        strength_of_season=strength(season, remainder),
        scale=scale,
        added_to_counts=added,
        method=_describe_method(scale, seasonal_window, robust=robust, gaps=_filled_words(series)),
    )


@dataclass(frozen=True)
class Decompositions:
    """Trend, season and remainder of a table of series: the fields of ``Decomposition``, a column for each series.

    Attributes
    ----------
    observed, trend, season, remainder, seasonally_adjusted, filled : pd.DataFrame
        A row for each month or quarter; NaN throughout for a series that could not be decomposed.
    table : pd.DataFrame
        A row for each series: ``strength_of_trend``, ``strength_of_season``, ``added_to_counts``, ``months_filled`` and
        ``note``, which says why a series could not be decomposed.
    scale : {"counts", "log"}
        Whether the parts add or multiply.
    method : str
        How it was made.
    """

    observed: pd.DataFrame
    trend: pd.DataFrame
    season: pd.DataFrame
    remainder: pd.DataFrame
    seasonally_adjusted: pd.DataFrame
    filled: pd.DataFrame
    table: pd.DataFrame
    scale: Scale
    method: str


def decompose_frame(
    values: pd.DataFrame,
    *,
    scale: Scale = "counts",
    seasonal_window: int | Literal["periodic"] = 11,
    robust: bool = True,
) -> Decompositions:
    """Split every column of a table as ``decompose`` splits one series, all at once.

    Same numbers as one by one, many times sooner. Sources, and when it misleads: see ``decompose``.

    Parameters
    ----------
    values : pd.DataFrame
        A column of counts or rates for each series, on one PeriodIndex of months or quarters; NA = not held.
    scale, seasonal_window, robust
        As in ``decompose``.

    Returns
    -------
    Decompositions
        A series with fewer than 24 published months, or 8 published quarters, has NaN, and its ``note`` says so.

    Raises
    ------
    InputError
        Not a table of monthly or quarterly numbers, or values without a logarithm on scale ``log``, with the column
        named; a bad window; less than two years.

    Examples
    --------
    >>> months = pd.period_range("2020-01", periods=36, freq="M")
    >>> july = 20 * (months.month == 7)
    >>> counts = pd.DataFrame({"theft": 100 + july, "arson": 50 + 2 * july}, index=months)
    >>> parts = decompose_frame(counts, seasonal_window="periodic")
    >>> (parts.season.loc["2022-07"] - parts.season.loc["2022-01"]).round(6).to_dict()
    {'theft': 20.0, 'arson': 40.0}
    """
    months, rows = check_monthly_frame(values, whole=False, quarters=True)
    period, word = periods_per_year(months), period_word(months)
    needed = YEARS_NEEDED * period
    if len(months) < needed:
        raise InputError(f"the table has {len(months)} {word}s and this method needs at least {needed}")
    published = (~np.isnan(rows)).sum(axis=1)
    able = published >= needed
    added = np.where(able, _added_to_rows(rows, months, values.columns, scale), 0.0)
    worked = np.log(rows[able] + added[able, None]) if scale == "log" else rows[able]
    complete, trend, season = _split_rows(worked, period, seasonal_window, robust=robust)
    remainder = complete - trend - season

    def back(part: Floats, added_to: Floats | float) -> pd.DataFrame:
        whole = np.exp(part) - added_to if scale == "log" else part
        return pd.DataFrame(_placed(whole, able).T, months, values.columns)

    table = {
        "strength_of_trend": _placed(_strengths(trend, remainder), able),
        "strength_of_season": _placed(_strengths(season, remainder), able),
        "added_to_counts": added,
        "months_filled": np.where(able, len(months) - published, 0),
        "note": ["" if n >= needed else _too_short(int(n), word, needed) for n in published],
    }
    extra = added[able, None]
    return Decompositions(
        observed=pd.DataFrame(rows.T, months, values.columns),
        trend=back(trend, extra),
        season=back(season, 0.0),
        remainder=back(remainder, 0.0),
        seasonally_adjusted=back(worked - season, extra),
        filled=back(np.where(np.isnan(worked), complete, np.nan), extra),
        table=pd.DataFrame(table, values.columns),
        scale=scale,
        method=_describe_method(scale, seasonal_window, robust=robust, gaps=""),
    )


def _placed(figures: Floats, able: Flags) -> Floats:
    """Figures of the series that could be decomposed among all of them, NaN for the others."""
    whole = np.full((len(able), *figures.shape[1:]), np.nan)
    whole[able] = figures
    return whole


def _too_short(published: int, word: str, needed: int) -> str:
    return f"{published} published {word}s, and a decomposition needs at least {needed}"


def _added_to_rows(rows: Floats, months: pd.PeriodIndex, names: pd.Index, scale: str) -> Floats:
    """What is added to each series before logarithms are taken, as for one series; a wrong one is named."""
    if scale == "log" and (rows < 0).any():
        wrong = int((rows < 0).any(axis=1).argmax())
        try:
            _check_scale(pd.Series(rows[wrong], months), scale)
        except InputError as error:
            raise InputError(f"series {names[wrong]!r}: {error}") from error
    _check_scale(pd.Series(dtype=float), scale)
    return np.where((rows == 0).any(axis=1) & (scale == "log"), 0.5, 0.0)


def _split_rows(
    rows: Floats, period: int, seasonal_window: int | Literal["periodic"], *, robust: bool
) -> tuple[Floats, Floats, Floats]:
    """The rows with their gaps filled, trend and season."""
    n = rows.shape[1]
    settings = settings_of_r(n, seasonal_window, robust=robust, period=period)
    complete = fill_gaps_of_rows(rows, period)
    trend, season = stl_rows(complete, settings)
    if seasonal_window == "periodic":
        calendar = np.eye(period)[np.arange(n) % period]
        season = season @ (calendar / calendar.sum(axis=0)) @ calendar.T
    return complete, trend, season


def _strengths(component: Floats, remainder: Floats) -> Floats:
    """``strength`` of every row."""
    total = np.var(component + remainder, axis=1)
    scale = np.maximum(1.0, np.abs(component).max(axis=1)) * 1e-12
    known = total > scale**2
    share = np.var(remainder, axis=1) / np.where(known, total, 1.0)
    strengths: Floats = np.where(known, np.maximum(0.0, 1.0 - share), 0.0)
    return strengths


def strength(component: pd.Series, remainder: pd.Series) -> float:
    """Return the share of the variance of component plus remainder that the remainder does not hold, 0 to 1.

    Examples
    --------
    >>> strength(pd.Series([0.0, 3.0]), pd.Series([0.0, 0.0])), strength(pd.Series([0.0, 0.0]), pd.Series([0.0, 3.0]))
    (1.0, 0.0)
    """
    total = float(np.var(component.to_numpy() + remainder.to_numpy()))
    scale = max(1.0, float(np.abs(component).max())) * 1e-12
    return 0.0 if total <= scale**2 else max(0.0, 1.0 - float(np.var(remainder.to_numpy())) / total)


def _check_scale(series: pd.Series, scale: str) -> float:
    if scale not in ("counts", "log"):
        raise InputError(f'scale must be "counts" or "log", not {scale!r}')
    if scale == "log" and (series < 0).any():
        raise InputError(f'{series.index[series < 0][0]} is negative, so it has no logarithm: use scale="counts"')
    return 0.5 if scale == "log" and (series == 0).any() else 0.0


def _filled_words(series: pd.Series) -> str:
    gaps = int(series.isna().sum())
    word = period_word(pd.PeriodIndex(series.index))
    return f"; {gaps} unpublished {word}s filled for the drawing only" if gaps else ""


def _describe_method(scale: str, window: int | str, *, robust: bool, gaps: str) -> str:
    weights = "robust " if robust else ""
    return f"{weights}STL of {'log counts' if scale == 'log' else 'counts'}, seasonal window {window}{gaps}"
