"""What are the daily and weekly patterns of hourly or daily records? Several seasons at once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from hcsp_assess.errors import InputError
from hcsp_assess.trends.decomposition import strength
from hcsp_assess.trends.small_tables import facts_table


@dataclass(frozen=True)
class MultipleDecomposition:
    """Trend, several seasons and remainder of a daily or hourly series; the parts add up to the series.

    ``seasons`` has one column per period, named ``every 7`` for a period of 7 steps.
    """

    observed: pd.Series
    trend: pd.Series
    seasons: pd.DataFrame
    remainder: pd.Series
    strength_of_seasons: dict[int, float]
    method: str

    def _repr_html_(self) -> str:
        strengths = {f"Strength of the season every {p} steps": s for p, s in self.strength_of_seasons.items()}
        return facts_table("Trend, several seasons and remainder", {**strengths, "Method": self.method})


def decompose_multiple(values: pd.Series, periods: tuple[int, ...]) -> MultipleDecomposition:
    """Split a daily or hourly series into trend and several seasons by MSTL.

    Source: Bandara, Hyndman and Bergmeir (2021), arXiv:2107.13462, by ``statsmodels.tsa.seasonal.MSTL`` with the
    seasonal windows 11, 15, ... of ``forecast::mstl`` and two iterations.

    Parameters
    ----------
    values : pd.Series
        One value per day or hour, sorted, without gaps (a day without incidents is a zero, and says so).
    periods : tuple of int
        The lengths of the seasons in steps, such as ``(24, 168)`` for hours of the day and of the week.

    Raises
    ------
    InputError
        A gap, an unsorted index, or a series shorter than two full rounds of the longest season.

    Notes
    -----
    Hours of recorded crime are often when a crime was noticed or entered, not when it happened: peaks at midnight and
    noon are made by the form. Seasons that are multiples of each other share their effect between them.

    Examples
    --------
    >>> days = pd.period_range("2024-01-01", periods=70, freq="D")
    >>> weekend = pd.Series(10.0 + 7 * (days.day_of_week == 5), index=days)  # seven more on Saturdays
    >>> parts = decompose_multiple(weekend, (7,))
    >>> round(float(parts.seasons["every 7"].max() - parts.seasons["every 7"].min()), 6)
    7.0
    """
    from statsmodels.tsa.seasonal import MSTL

    periods = tuple(sorted(set(periods)))
    _check_multiple(values, periods)
    y = values.astype(float)
    kwargs: dict[str, Any] = {"seasonal_deg": 0}
    fit = MSTL(y, periods=periods, iterate=2, stl_kwargs=kwargs).fit()
    seasonal = pd.DataFrame(np.asarray(fit.seasonal).reshape(len(y), -1), index=y.index)
    seasonal.columns = pd.Index([f"every {p}" for p in periods])
    trend, remainder = (pd.Series(np.asarray(part), index=y.index) for part in (fit.trend, fit.resid))
    strengths = {p: strength(seasonal[f"every {p}"], remainder) for p in periods}
    named = " and ".join(map(str, periods))
    return MultipleDecomposition(y, trend, seasonal, remainder, strengths, f"MSTL with seasons of {named} steps")


def _check_multiple(values: pd.Series, periods: tuple[int, ...]) -> None:
    if not isinstance(values, pd.Series) or values.isna().any():
        raise InputError(
            "the series has gaps: a day or hour without incidents is a 0; cut out spans that were not recorded"
        )
    if not values.index.is_monotonic_increasing or values.index.has_duplicates:
        raise InputError("the series must be sorted by time with each step once")
    if not periods or min(periods) < 2 or len(values) < 2 * max(periods) + 1:
        raise InputError(
            f"{len(values)} steps are too few for seasons of {periods}: each must fit more than twice, and be 2 or more"
        )
