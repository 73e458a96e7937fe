"""Which of many series rise or fall, and how fast? Seasonal rank tests and median slopes of a table."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from hcsp_assess.trends.kendall import FIGURES, seasonal_kendall_rows
from hcsp_assess.trends.monthly import check_monthly_frame, periods_per_year
from hcsp_assess.trends.textbook.rank_tests import seasonal_sen_slopes


@dataclass(frozen=True)
class SeasonalRanks:
    """The rank tests and slopes of a table of series.

    Attributes
    ----------
    table : pd.DataFrame
        A row for each series: ``s``, ``variance``, ``tau``, ``tau_b``, ``z``, ``p_value``, ``pairs``, ``values_used``
        as in ``SeasonalKendall``; ``slope``, ``low``, ``high`` (per year) and ``intercept`` as in ``SenSlope``; where
        asked for, ``heterogeneity`` and ``heterogeneity_p_value``.
    method : str
        How it was made.
    """

    table: pd.DataFrame
    method: str


def seasonal_kendall_frame(
    values: pd.DataFrame,
    *,
    correlated: bool = False,
    continuity: bool | None = None,
    confidence: float = 0.95,
    heterogeneity: bool = False,
) -> SeasonalRanks:
    """Test every column of a table as ``seasonal_kendall``, with the slopes of ``seasonal_sen_slope``, all at once.

    Sources and when they mislead: see those two; looking at many p-values misleads further, unless ``adjust_p_values``
    pays for it.

    Parameters
    ----------
    values : pd.DataFrame
        A column of counts or rates for each series, on one PeriodIndex of months or quarters; NA = not held.
    correlated : bool
        Hirsch-Slack variance.
    continuity : bool, optional
        Subtract 1 from \\|S\\|; by default as ``seasonal_kendall``.
    confidence : float
        Of the interval of the slope.
    heterogeneity : bool
        Whether to work out also whether the seasons trend differently, which costs about as much as the test.

    Returns
    -------
    SeasonalRanks
        A column in which no calendar month (or quarter) has two values has NaN.

    Raises
    ------
    InputError
        Not a table of monthly or quarterly numbers, with the column named.

    Examples
    --------
    >>> months = pd.period_range("2021-01", periods=36, freq="M")
    >>> counts = pd.DataFrame({"theft": range(36), "arson": 5, "new": [pd.NA] * 30 + [3] * 6}, index=months)
    >>> seasonal_kendall_frame(counts).table[["tau", "slope"]].values.tolist()  # twelve more a year
    [[1.0, 12.0], [0.0, 0.0], [nan, nan]]
    """
    index, rows = check_monthly_frame(values, whole=False, quarters=True)
    period = periods_per_year(index)
    tests = seasonal_kendall_rows(rows, period=period, correlated=correlated, continuity=continuity)
    variances = None if correlated else tests.variance
    slope, low, high, intercept = seasonal_sen_slopes(rows, period=period, confidence=confidence, variances=variances)
    asked = ("heterogeneity", "heterogeneity_p_value") if heterogeneity else ()
    figures = {name: getattr(tests, name) for name in (*FIGURES, *asked)}
    figures |= {"slope": slope, "low": low, "high": high, "intercept": intercept}
    return SeasonalRanks(pd.DataFrame(figures, index=values.columns), f"{tests.method}; seasonal Sen slope")
