"""What do trend, season and the rest of a series look like? A description, never a verdict."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import pandas as pd

from hcsp_assess.errors import InputError
from hcsp_assess.trends.monthly import check_monthly, check_monthly_frame
from hcsp_assess.trends.small_tables import facts_table
from hcsp_assess.trends.stl import StlSettings, stl_rows

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from statsmodels.tsa.seasonal import DecomposeResult

    Floats = NDArray[np.float64]
    Flags = NDArray[np.bool_]

MONTHS_NEEDED = 24
Scale = Literal["counts", "log"]


@dataclass(frozen=True)
class Decomposition:
    """Trend, season and remainder of a monthly series.

    Attributes
    ----------
    observed : pd.Series
        The series as published, NaN where nothing was.
    trend, season, remainder : pd.Series
        On scale ``counts`` they add up to the (filled) series; on scale ``log`` they multiply to it.
    seasonally_adjusted : pd.Series
        The series without its season, NaN where nothing was published.
    filled : pd.Series
        The values put into gaps for the drawing only; NaN in every published month.
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
        """The months that were not published and were filled for the drawing only."""
        return pd.PeriodIndex(self.filled.dropna().index)

    def _repr_html_(self) -> str:
        facts = {
            "Months": f"{self.observed.index[0]} to {self.observed.index[-1]}",
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
    """Split a monthly series into trend, season and remainder by STL, as R's ``stl`` does.

    Source: Cleveland, Cleveland, McRae and Terpenning (1990), Journal of Official Statistics 6, 3-73, by
    ``statsmodels.tsa.seasonal.STL`` with the windows, degrees and jumps of R's ``stl``. Strengths: Hyndman and
    Athanasopoulos, Forecasting: Principles and Practice, 3rd edition, section 4.3.

    Parameters
    ----------
    values : pd.Series
        Monthly counts or rates on a PeriodIndex, NA = not held; at least 24 published months over two years.
    scale : {"counts", "log"}
        ``log`` when the season grows with the level (it usually does); then the parts multiply. Where the series has a
        zero, 0.5 is added to every month first.
    seasonal_window : int or "periodic"
        Odd number of years over which the season may change, at least 7; ``periodic`` keeps it fixed. 11 is the default
        of R's ``forecast::mstl``.
    robust : bool
        Give unusual months less weight in trend and season, so that they stand out in the remainder.

    Returns
    -------
    Decomposition
        Monthly series of the same length as ``values``.

    Raises
    ------
    InputError
        Too short, not monthly, a bad window, or values without a logarithm on scale ``log``.

    Notes
    -----
    It misleads when its trend line is read as a finding: with no trend at all the line still wanders, and a straight
    line through it "finds" a trend in 72% of series without one. Its ends move when new months arrive. A recording
    change is smoothed into a slope.

    Examples
    --------
    Every July has 20 crimes more than other months:

    >>> months = pd.period_range("2020-01", periods=36, freq="M")
    >>> parts = decompose(pd.Series(100 + 20 * (months.month == 7), index=months), seasonal_window="periodic")
    >>> july, january = float(parts.season["2022-07"]), float(parts.season["2022-01"])
    >>> round(july - january, 6), round(float(parts.trend["2022-07"]), 2)  # the trend is at 100 + 20 / 12
    (20.0, 101.67)
    """
    series = check_monthly(values, at_least=MONTHS_NEEDED, whole=False)
    added = _check_scale(series, scale)
    worked = np.log(series + added) if scale == "log" else series
    complete = fill_gaps(worked)
    parts = _stl(complete.to_numpy(), seasonal_window, robust=robust)
    trend, season = (pd.Series(part, index=series.index) for part in (parts.trend, parts.seasonal))
    if seasonal_window == "periodic":
        season = season.groupby(_months(season)).transform("mean")
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
        method=_describe_method(scale, seasonal_window, robust=robust, gaps=int(gaps.sum())),
    )


@dataclass(frozen=True)
class Decompositions:
    """Trend, season and remainder of a table of series: the fields of ``Decomposition``, a column for each series.

    Attributes
    ----------
    observed, trend, season, remainder, seasonally_adjusted, filled : pd.DataFrame
        A row for each month; NaN throughout for a series that could not be decomposed.
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
        A column of monthly counts or rates for each series, on one monthly PeriodIndex; NA = not held.
    scale, seasonal_window, robust
        As in ``decompose``.

    Returns
    -------
    Decompositions
        A series with fewer than 24 published months has NaN, and its ``note`` says so.

    Raises
    ------
    InputError
        Not a table of monthly numbers or values without a logarithm on scale ``log``, with the column named; a bad
        window; less than two years of months.

    Examples
    --------
    >>> months = pd.period_range("2020-01", periods=36, freq="M")
    >>> july = 20 * (months.month == 7)
    >>> counts = pd.DataFrame({"theft": 100 + july, "arson": 50 + 2 * july}, index=months)
    >>> parts = decompose_frame(counts, seasonal_window="periodic")
    >>> (parts.season.loc["2022-07"] - parts.season.loc["2022-01"]).round(6).to_dict()
    {'theft': 20.0, 'arson': 40.0}
    """
    months, rows = check_monthly_frame(values, whole=False)
    if len(months) < MONTHS_NEEDED:
        raise InputError(f"the table has {len(months)} months and this method needs at least {MONTHS_NEEDED}")
    published = (~np.isnan(rows)).sum(axis=1)
    able = published >= MONTHS_NEEDED
    added = np.where(able, _added_to_rows(rows, months, values.columns, scale), 0.0)
    worked = np.log(rows[able] + added[able, None]) if scale == "log" else rows[able]
    complete, trend, season = _split_rows(worked, months, seasonal_window, robust=robust)
    remainder = complete - trend - season

    def back(part: Floats, added_to: Floats | float) -> pd.DataFrame:
        whole = np.exp(part) - added_to if scale == "log" else part
        return pd.DataFrame(_placed(whole, able).T, months, values.columns)

    table = {
        "strength_of_trend": _placed(_strengths(trend, remainder), able),
        "strength_of_season": _placed(_strengths(season, remainder), able),
        "added_to_counts": added,
        "months_filled": np.where(able, len(months) - published, 0),
        "note": ["" if n >= MONTHS_NEEDED else _too_short(int(n)) for n in published],
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
        method=_describe_method(scale, seasonal_window, robust=robust, gaps=0),
    )


def _placed(figures: Floats, able: Flags) -> Floats:
    """Figures of the series that could be decomposed among all of them, NaN for the others."""
    whole = np.full((len(able), *figures.shape[1:]), np.nan)
    whole[able] = figures
    return whole


def _too_short(published: int) -> str:
    return f"{published} published months, and a decomposition needs at least {MONTHS_NEEDED}"


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
    rows: Floats, months: pd.PeriodIndex, seasonal_window: int | Literal["periodic"], *, robust: bool
) -> tuple[Floats, Floats, Floats]:
    """The rows with their gaps filled, trend and season."""
    settings = _settings(len(months), seasonal_window, robust=robust)
    complete = _fill_gaps_of_rows(rows)
    trend, season = stl_rows(complete, settings)
    if seasonal_window == "periodic":
        calendar = (months.month.to_numpy()[:, None] == np.arange(1, 13)).astype(float)
        season = season @ (calendar / calendar.sum(axis=0)) @ calendar.T
    return complete, trend, season


def _fill_gaps_of_rows(rows: Floats) -> Floats:
    """Every row as ``fill_gaps`` fills one."""
    complete = rows.copy()
    gappy = np.flatnonzero(np.isnan(rows).any(axis=1))
    if not len(gappy):
        return complete
    rough = np.array([_roughly_filled(row) for row in rows[gappy]])
    _, seasons = stl_rows(rough, _settings(rows.shape[1], 11, robust=True))
    for i, row, filled, season in zip(gappy, rows[gappy], rough, seasons, strict=True):
        enough = (~np.isnan(row)).sum() > MONTHS_NEEDED
        complete[i] = _filled(row, filled, season) if enough else _joined(row)
    return complete


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


def fill_gaps(values: pd.Series) -> pd.Series:
    """Fill missing months from the season and the neighbouring months; for drawings and STL, never for tests.

    A rough fit (harmonics of the year and a polynomial) fills the gaps, a robust STL of that gives the season, and the
    seasonally adjusted published values are joined by straight lines; a gap at either end repeats the nearest one.
    Values that would leave the observed range by more than half of it fall back to straight lines. Source:
    ``forecast::na.interp`` (Hyndman and Khandakar 2008, Journal of Statistical Software 27(3)).

    Parameters
    ----------
    values : pd.Series
        Monthly floats on a complete PeriodIndex, NaN = not published.

    Returns
    -------
    pd.Series
        The same series without NaN; published values are untouched.

    Examples
    --------
    >>> months = pd.period_range("2024-01", periods=3, freq="M")
    >>> fill_gaps(pd.Series([10.0, np.nan, 14.0], index=months)).tolist()  # too short for a season: a straight line
    [10.0, 12.0, 14.0]
    """
    y = values.to_numpy(dtype=float)
    if not np.isnan(y).any():
        return values
    if (~np.isnan(y)).sum() <= MONTHS_NEEDED:
        return pd.Series(_joined(y), index=values.index, name=values.name)
    rough = _roughly_filled(y)
    season = _stl(rough, 11, robust=True).seasonal
    return pd.Series(_filled(y, rough, season), index=values.index, name=values.name)


def _joined(y: Floats) -> Floats:
    """Gaps filled with straight lines between the published months."""
    gaps, t = np.isnan(y), np.arange(len(y))
    filled: Floats = np.where(gaps, np.interp(t, t[~gaps], y[~gaps]), y)
    return filled


def _filled(y: Floats, rough: Floats, season: Floats) -> Floats:
    """Gaps filled with the season and straight lines, or with straight lines alone where that leaves the range."""
    gaps, t = np.isnan(y), np.arange(len(y))
    joined = np.interp(t, t[~gaps], (rough - season)[~gaps]) + season
    filled: Floats = np.where(gaps, joined, y)
    low, high = np.nanmin(y), np.nanmax(y)
    margin = (high - low) / 2
    return _joined(y) if filled.max() > high + margin or filled.min() < low - margin else filled


def _roughly_filled(y: Floats) -> Floats:
    """Gaps filled with harmonics of the year and a polynomial."""
    gaps, t = np.isnan(y), np.arange(len(y))
    degree = min(max(len(y) // 10, 1), 6)
    angles = 2 * np.pi * np.outer(t + 1, np.arange(1, 6)) / 12
    powers = np.polynomial.chebyshev.chebvander(2 * t / max(len(t) - 1, 1) - 1, degree)
    design = np.column_stack([powers, np.sin(angles), np.cos(angles)])
    fitted = design @ np.linalg.lstsq(design[~gaps], y[~gaps], rcond=None)[0]
    rough: Floats = np.where(gaps, fitted, y)
    return rough


def _check_scale(series: pd.Series, scale: str) -> float:
    if scale not in ("counts", "log"):
        raise InputError(f'scale must be "counts" or "log", not {scale!r}')
    if scale == "log" and (series < 0).any():
        raise InputError(f'{series.index[series < 0][0]} is negative and has no logarithm: use scale="counts"')
    return 0.5 if scale == "log" and (series == 0).any() else 0.0


def _next_odd(x: float) -> int:
    n = math.ceil(x)
    return n if n % 2 else n + 1


def _stl(
    y: np.ndarray, seasonal_window: int | Literal["periodic"], *, robust: bool, period: int = 12
) -> DecomposeResult:
    """Call statsmodels with the arguments that R's stl derives from its seasonal window."""
    from statsmodels.tsa.stl._stl import STL

    settings = _settings(len(y), seasonal_window, robust=robust, period=period)
    model = STL(
        y,
        period=period,
        seasonal=settings.seasonal,
        trend=settings.trend,
        low_pass=settings.low_pass,
        seasonal_deg=0,
        robust=robust,
        seasonal_jump=settings.seasonal_jump,
        trend_jump=settings.trend_jump,
        low_pass_jump=settings.low_pass_jump,
    )
    return model.fit(inner_iter=settings.inner_rounds, outer_iter=settings.outer_rounds)


def _settings(
    months: int, seasonal_window: int | Literal["periodic"], *, robust: bool, period: int = 12
) -> StlSettings:
    """The windows and jumps that R's stl derives from its seasonal window, and its rounds."""
    if seasonal_window == "periodic":
        window = 10 * months + 1
    elif isinstance(seasonal_window, int) and seasonal_window >= 7 and seasonal_window % 2:
        window = seasonal_window
    else:
        raise InputError(f'seasonal_window must be "periodic" or an odd number of at least 7, not {seasonal_window!r}')
    trend, low_pass = _next_odd(1.5 * period / (1 - 1.5 / window)), _next_odd(period)
    return StlSettings(
        period=period,
        seasonal=window,
        trend=trend,
        low_pass=low_pass,
        seasonal_jump=math.ceil(window / 10),
        trend_jump=math.ceil(trend / 10),
        low_pass_jump=math.ceil(low_pass / 10),
        inner_rounds=1 if robust else 2,
        outer_rounds=15 if robust else 0,
    )


def _months(series: pd.Series) -> np.ndarray:
    months: np.ndarray = pd.PeriodIndex(series.index).month.to_numpy()
    return months


def _describe_method(scale: str, window: int | str, *, robust: bool, gaps: int) -> str:
    weights = "robust " if robust else ""
    filled = f"; {gaps} unpublished months filled for the drawing only" if gaps else ""
    return f"{weights}STL of {'log counts' if scale == 'log' else 'counts'}, seasonal window {window}{filled}"
