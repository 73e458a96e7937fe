"""Is this month unusual? The XmR control chart, with NHS England's four Making Data Count rules."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

import numpy as np
import pandas as pd

from hcsp_assess.errors import InputError
from hcsp_assess.trends.monthly import check_monthly, period_word
from hcsp_assess.trends.small_tables import rows_table

Kind = Literal["XmR", "u", "c", "g", "t"]
RULES = ("outside", "run", "trend", "two of three")
POINTS_NEEDED = 12


@dataclass(frozen=True)
class Rebase:
    """A change of process from which new limits start, by its month (or quarter), with the reason that makes it one."""

    month: pd.Period
    reason: str


@dataclass(frozen=True)
class Limits:
    """Centre line, three-sigma limits and two-sigma lines (where "close to the limit" starts)."""

    centre: float
    lower: float
    upper: float
    near_lower: float
    near_upper: float

    def over(self, points: int) -> pd.DataFrame:
        """The same lines for so many points, a row for each."""
        return pd.DataFrame([vars(self)] * points)


@dataclass(frozen=True)
class ControlChart:
    """The points of a control chart with their limits and the rules that each breaks.

    ``points`` has one row per point (month or event date) with the columns value, centre, lower, upper, near_lower,
    near_upper, base (1, 2, ... from one re-basing to the next) and one true/false column per rule: outside, run, trend,
    two of three; and ``special``, whether any holds. Units are those of the value.
    """

    kind: Kind
    points: pd.DataFrame
    rebased: tuple[Rebase, ...]
    method: str

    @classmethod
    def of(cls, kind: Kind, parts: list[pd.DataFrame], rebase: Sequence[Rebase], method: str) -> ControlChart:
        """Join the points between re-basings (`judge_points` of each) into one chart."""
        points = pd.concat([part.assign(base=i) for i, part in enumerate(parts, start=1)])
        return cls(kind, points, tuple(sorted(rebase, key=lambda r: r.month)), method)

    @property
    def special(self) -> pd.DataFrame:
        """The points that break a rule."""
        return self.points[self.points["special"]]

    def _repr_html_(self) -> str:
        rows = [
            (when, row["value"], row["lower"], row["upper"], ", ".join(r for r in RULES if row[r]))
            for when, row in self.special.iterrows()
        ]
        caption = f"{self.kind} chart, {len(self.points)} points, {len(rows)} of them special ({self.method})"
        return rows_table(caption, ("When", "Value", "Lower limit", "Upper limit", "Rules"), rows)


def xmr_chart(
    counts: pd.Series,
    *,
    seasonally_adjust: bool = True,
    rebase: Sequence[Rebase] = (),
    screen_ranges: bool = True,
    never_below: float | None = 0.0,
) -> ControlChart:
    """Make an individuals (XmR) chart of a monthly or quarterly series.

    Limits: mean -/+ 2.66 times the mean moving range, Wheeler and Chambers (1992), Understanding Statistical Process
    Control; rules and the screening of ranges: NHS England, Making Data Count, and ``NHSRplotthedots``.

    Parameters
    ----------
    counts : pd.Series
        Monthly or quarterly values on a PeriodIndex, NA = not held; at least 12, or 24 months when seasonally adjusted.
    seasonally_adjust : bool
        Chart the values without their season (`decompose` with a fixed season). Otherwise every July is "special".
    rebase : sequence of Rebase
        Months from which new limits start. Only with a reason: limits that follow the data find nothing.
    screen_ranges : bool
        Leave moving ranges above 3.267 times their mean out of the limits, once.
    never_below : float or None
        Lower limits below this are drawn here; counts cannot be negative.

    Raises
    ------
    InputError
        Too few points, also between two re-basings; a re-basing outside the series or without a reason.

    Notes
    -----
    It misleads as a test of trend: with autocorrelation, one of the rules is broken in the last 12 months of 55% of
    series in which nothing happened. It points at months to ask about. A moving range across a gap is not used, and a
    gap ends a run.

    Examples
    --------
    Months that take turns between 10 and 12 have a mean of 11 and moving ranges of 2, so limits 5.32 away:

    >>> counts = pd.Series([10, 12] * 6, index=pd.period_range("2024-01", periods=12, freq="M"))
    >>> chart = xmr_chart(counts, seasonally_adjust=False)
    >>> [round(float(chart.points[line].iloc[0]), 2) for line in ("centre", "lower", "upper")]
    [11.0, 5.68, 16.32]
    >>> len(chart.special)  # no month breaks a rule
    0
    """
    series = check_monthly(counts, at_least=POINTS_NEEDED, whole=False, quarters=True)
    if seasonally_adjust:
        from hcsp_assess.trends.decomposition import decompose

        series = decompose(series, seasonal_window="periodic").seasonally_adjusted
    bases = split_at(series, rebase)
    limits = [individual_limits(part.to_numpy(), screen_ranges=screen_ranges) for part in bases]
    floor = -math.inf if never_below is None else never_below
    parts = [judge_points(part, limit.over(len(part)), floor) for part, limit in zip(bases, limits, strict=True)]
    adjusted = " of seasonally adjusted values" if seasonally_adjust else ""
    ranges = "screened" if screen_ranges else "all"
    return ControlChart.of("XmR", parts, rebase, f"XmR limits{adjusted}, {ranges} moving ranges")


def split_at(series: pd.Series, rebase: Sequence[Rebase]) -> list[pd.Series]:
    """Return the stretches of a series between re-basings; each needs 12 points, and each re-basing a reason.

    Examples
    --------
    >>> counts = pd.Series(5.0, index=pd.period_range("2023-01", periods=24, freq="M"))
    >>> parts = split_at(counts, [Rebase(pd.Period("2024-01"), "calls go to another force's control room")])
    >>> [f"{part.index[0]} to {part.index[-1]}" for part in parts]
    ['2023-01 to 2023-12', '2024-01 to 2024-12']
    """
    starts, index = [], pd.PeriodIndex(series.index)
    word = period_word(index)
    for change in sorted(rebase, key=lambda r: r.month):
        if not change.reason.strip():
            raise InputError(f"the re-basing in {change.month} has no reason: give the change of process behind it")
        if not isinstance(change.month, pd.Period) or change.month.freqstr != index.freqstr:
            raise InputError(
                f"the re-basing in {change.month} is not dated by {word}, as the series is: give its {word}"
            )
        if not series.index[0] < change.month <= series.index[-1]:
            raise InputError(f"the re-basing in {change.month} is outside {series.index[0]} to {series.index[-1]}")
        starts.append(list(series.index).index(change.month))
    edges = [0, *starts, len(series)]
    parts = [series.iloc[a:b] for a, b in pairwise(edges)]
    for part in parts:
        if part.notna().sum() < POINTS_NEEDED:
            span = f"{part.index[0]} to {part.index[-1]}" if len(part) else f"no {word}"
            raise InputError(
                f"{span} has {part.notna().sum()} points, and limits need at least {POINTS_NEEDED}: re-base less often"
            )
    return parts


def individual_limits(values: np.ndarray, *, screen_ranges: bool) -> Limits:
    """Return XmR limits: mean -/+ 2.66 mean moving range; ranges above 3.267 times their mean are left out once.

    Examples
    --------
    >>> quarters = np.array([2522, 2553, 2238, 2188, 2278, 2372, 2350])  # recorded crime, Herefordshire, 2011/12 and on
    >>> limits = individual_limits(quarters, screen_ranges=False)
    >>> round(limits.lower), round(limits.centre), round(limits.upper)
    (2090, 2357, 2624)
    """
    values = np.asarray(values, dtype=float)
    ranges = np.abs(np.diff(values))
    ranges = ranges[~np.isnan(ranges)]
    if not len(ranges):
        raise InputError("no two neighbouring months are published, so there is no moving range")
    if screen_ranges:
        ranges = ranges[ranges <= 3.267 * ranges.mean()]
    centre, reach = float(np.nanmean(values)), 2.66 * float(ranges.mean())
    two_sigma = reach * 2 / 3
    return Limits(centre, centre - reach, centre + reach, centre - two_sigma, centre + two_sigma)


def judge_points(values: pd.Series, lines: pd.DataFrame, floor: float) -> pd.DataFrame:
    """Return values with their lines and the rules that each breaks: the points of a `ControlChart`.

    No lower line is drawn below `floor`; the rules are judged before that.

    Examples
    --------
    >>> judged = judge_points(pd.Series([5.0, 9.0]), Limits(4, -2, 8, 0, 7).over(2), floor=0)
    >>> judged[["lower", "outside", "special"]].to_numpy().tolist()
    [[0, False, False], [0, True, True]]
    """
    rules = break_rules(values.to_numpy(), lines)
    drawn = lines.assign(lower=lines["lower"].clip(lower=floor), near_lower=lines["near_lower"].clip(lower=floor))
    frame = pd.concat([drawn, rules], axis=1).set_axis(values.index, axis=0)
    frame.insert(0, "value", values)
    frame["special"] = rules.any(axis=1).to_numpy()
    return frame


def break_rules(values: np.ndarray, lines: pd.DataFrame) -> pd.DataFrame:
    """Say which points break which of the four rules, all points of a run being part of it.

    outside: beyond a limit. run: seven or more in a row on one side of the centre. trend: seven or more in a row each
    higher (or each lower) than the one before. two of three: two of three in a row close to the same limit (beyond two
    sigma but inside three), the third on the same side of the centre.

    Parameters
    ----------
    values : array
        In order, NaN = no value.
    lines : pd.DataFrame
        Columns centre, lower, upper, near_lower, near_upper, a row per value.

    Examples
    --------
    >>> rules = break_rules(np.array([5.0] * 7 + [20.0]), Limits(4, -2, 10, 0, 8).over(8))
    >>> int(rules["run"].sum()), rules["outside"].tolist().index(True)
    (8, 7)
    """
    values = np.asarray(values, dtype=float)
    side = np.sign(np.nan_to_num(values - lines["centre"].to_numpy()))
    outside = (values > lines["upper"].to_numpy()) | (values < lines["lower"].to_numpy())
    near = ((values > lines["near_upper"].to_numpy()) | (values < lines["near_lower"].to_numpy())) & ~outside
    return pd.DataFrame(
        {
            "outside": outside,
            "run": _whole_run(seven_on_one_side(side)),
            "trend": _whole_run(seven_in_a_trend(values)),
            "two of three": two_of_three(near, side) & near,
        }
    )


def seven_on_one_side(side: np.ndarray) -> np.ndarray:
    """Mark each point that ends seven in a row on one side of the centre (side is -1, 0 or 1).

    Examples
    --------
    >>> seven_on_one_side(np.array([1] * 8)).tolist()
    [False, False, False, False, False, False, True, True]
    """
    return np.array([i >= 6 and abs(side[i - 6 : i + 1].sum()) == 7 for i in range(len(side))], dtype=bool)


def seven_in_a_trend(values: np.ndarray) -> np.ndarray:
    """Mark each point that ends seven in a row, each higher (or each lower) than the one before.

    Examples
    --------
    >>> seven_in_a_trend(np.array([1, 2, 3, 4, 5, 6, 7, 7])).tolist()
    [False, False, False, False, False, False, True, False]
    """
    steps = np.sign(np.nan_to_num(np.diff(np.asarray(values, dtype=float))))
    return np.array([i >= 6 and abs(steps[i - 6 : i].sum()) == 6 for i in range(len(values))], dtype=bool)


def two_of_three(near: np.ndarray, side: np.ndarray) -> np.ndarray:
    """Mark each point of three in a row, on one side of the centre, of which two or more are close to a limit.

    Examples
    --------
    >>> two_of_three(np.array([True, False, True, False]), np.array([1, 1, 1, -1])).tolist()
    [True, True, True, False]
    """
    near, side = np.asarray(near, dtype=bool), np.asarray(side)
    marked = np.zeros(len(near), dtype=bool)
    for start in range(len(near) - 2):
        three = slice(start, start + 3)
        if near[three].sum() >= 2 and abs(side[three].sum()) == 3:
            marked[three] = True
    return marked


def _whole_run(ends: np.ndarray) -> np.ndarray:
    return np.array([ends[i : i + 7].any() for i in range(len(ends))], dtype=bool)
