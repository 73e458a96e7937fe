"""Is a rate, or the time between rare events, unusual? Control charts for counts."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import datetime

import numpy as np
import pandas as pd

from hcsp_assess.errors import InputError
from hcsp_assess.trends.monthly import check_monthly
from hcsp_assess.trends.spc import (
    POINTS_NEEDED,
    ControlChart,
    Kind,
    Limits,
    Rebase,
    individual_limits,
    judge_points,
    split_at,
)


def u_chart(
    counts: pd.Series,
    exposure: pd.Series,
    *,
    laney: bool = True,
    rebase: Sequence[Rebase] = (),
) -> ControlChart:
    """Make a u chart: counts per unit of an exposure that changes (people, days, premises).

    Limits: mean rate -/+ 3 sqrt(mean rate / exposure) times Laney's sigma z, the spread of the standardised rates
    measured by their moving ranges: Laney (2002), Quality Engineering 14, 531-537. Without it the limits assume Poisson
    counts and are far too narrow for large ones.

    Parameters
    ----------
    counts, exposure : pd.Series
        Monthly counts, NA = not published, and what they are divided by, positive in every published month.
    laney : bool
        Correct for over- or underdispersion.
    rebase : sequence of Rebase
        As in `xmr_chart`.

    Raises
    ------
    InputError
        As `xmr_chart`; an exposure that is missing or not positive.

    Examples
    --------
    >>> months = pd.period_range("2024-01", periods=12, freq="M")
    >>> chart = u_chart(pd.Series(12, index=months), pd.Series(2.0, index=months), laney=False)
    >>> chart.points[["centre", "upper"]].iloc[0].round(3).tolist()  # 6 + 3 sqrt(6 / 2)
    [6.0, 11.196]
    """
    return _rate_chart("u", counts, exposure, laney=laney, rebase=rebase)


def c_chart(counts: pd.Series, *, laney: bool = True, rebase: Sequence[Rebase] = ()) -> ControlChart:
    """Make a c chart of counts with the same exposure each month, with Laney's correction (see `u_chart`).

    Examples
    --------
    >>> counts = pd.Series([10, 14] * 6, index=pd.period_range("2024-01", periods=12, freq="M"))
    >>> round(float(c_chart(counts, laney=False).points["upper"].iloc[0]), 3)  # 12 + 3 sqrt(12)
    22.392
    """
    exposure = pd.Series(1.0, index=counts.index) if isinstance(counts, pd.Series) else counts
    return _rate_chart("c", counts, exposure, laney=laney, rebase=rebase)


def g_chart(dates: Sequence[datetime]) -> ControlChart:
    """Make a g chart of whole days between rare events (domestic homicides, arson on a school), for about one a month.

    Limits: mean + 3 sqrt(mean (mean + 1)) for geometric gaps, no lower limit: Benneyan (2001), Health Care Management
    Science 4, 305-318. A point is dated by the event that ends the gap; low = events closer together. Such gaps are
    skewed: by chance alone about one in fifty is above the limit, and runs of seven below the mean are common.

    Raises
    ------
    InputError
        Fewer than 13 dates, or a date that cannot be read.

    Examples
    --------
    >>> chart = g_chart(list(pd.date_range("2024-01-01", periods=13, freq="10D")))
    >>> round(float(chart.points["upper"].iloc[0]), 3)  # 10 + 3 sqrt(10 x 11)
    41.464
    """
    gaps = _gaps(dates).clip(lower=0)
    mean = float(gaps.mean())
    sigma = math.sqrt(mean * (mean + 1))
    limits = Limits(mean, 0.0, mean + 3 * sigma, 0.0, mean + 2 * sigma)
    frame = judge_points(gaps, limits.over(len(gaps)), -math.inf)
    return ControlChart.of("g", [frame], (), "geometric limits for days between events")


def t_chart(dates: Sequence[datetime]) -> ControlChart:
    """Make a t chart of the time in days between rare events, for when times of day are known.

    Gaps to the power 1/3.6 are nearly normal: XmR limits there, turned back into days. Nelson (1994), Journal of
    Quality Technology 26, 239-240. Zero gaps (two events at one moment) count as zero days.

    Raises
    ------
    InputError
        Fewer than 13 dates, or a date that cannot be read.

    Examples
    --------
    >>> chart = t_chart(list(pd.date_range("2024-01-01", periods=13, freq="10D")))
    >>> chart.points[["centre", "upper"]].iloc[0].round(6).tolist()  # gaps that do not vary
    [10.0, 10.0]
    """
    gaps = _gaps(dates)
    changed = gaps ** (1 / 3.6)
    limits = individual_limits(changed.to_numpy(), screen_ranges=True)
    frame = judge_points(changed, limits.over(len(gaps)), 0.0)
    lines = ["value", "centre", "lower", "upper", "near_lower", "near_upper"]
    frame[lines] = frame[lines].clip(lower=0) ** 3.6
    return ControlChart.of("t", [frame], (), "XmR limits of days between events to the power 1/3.6")


def _rate_chart(
    kind: Kind, counts: pd.Series, exposure: pd.Series, *, laney: bool, rebase: Sequence[Rebase]
) -> ControlChart:
    series = check_monthly(counts, at_least=POINTS_NEEDED)
    sizes = check_monthly(exposure, whole=False).reindex(series.index)
    bad = series.notna() & ~(sizes > 0)
    if bad.any():
        raise InputError(f"the exposure of {series.index[bad][0]} is missing or not positive")
    parts = []
    for part in split_at(series, rebase):
        size = sizes.loc[part.index]
        centre = float(part.sum() / size[part.notna()].sum())
        sigma = np.sqrt(centre / size.to_numpy())
        if laney and centre > 0:
            ranges = np.abs(np.diff((part / size - centre).to_numpy() / sigma))
            sigma = sigma * (np.nanmean(ranges) / 1.128 if np.isfinite(ranges).any() else 1.0)
        parts.append(judge_points(part / size, _lines(centre, sigma), 0.0))
    method = "mean rate -/+ 3 sigma" + (" with Laney's correction" if laney else " of Poisson counts")
    return ControlChart.of(kind, parts, rebase, method)


def _lines(centre: float, sigma: np.ndarray) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "centre": np.full(len(sigma), centre),
            "lower": centre - 3 * sigma,
            "upper": centre + 3 * sigma,
            "near_lower": centre - 2 * sigma,
            "near_upper": centre + 2 * sigma,
        }
    )


def _gaps(dates: Sequence[datetime]) -> pd.Series:
    try:
        when = pd.DatetimeIndex(pd.to_datetime(list(dates), format="ISO8601")).sort_values()
    except (TypeError, ValueError) as error:
        raise InputError(f"a date of an event cannot be read: {error}") from error
    if when.hasnans or len(when) < POINTS_NEEDED + 1:
        raise InputError(
            f"a chart of rare events needs at least {POINTS_NEEDED + 1} known dates, not {len(when.dropna())}"
        )
    return pd.Series(np.diff(when.to_numpy()) / np.timedelta64(1, "D"), index=when[1:])
