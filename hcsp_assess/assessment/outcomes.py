"""What happened after crimes were recorded: shares of outcomes, months that can be judged, an earlier spell."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd

from hcsp_assess.errors import InputError
from hcsp_assess.subject.outcomes import UNDER_INVESTIGATION, MonthRule, month_rule, outcome_groups
from hcsp_assess.trends.rates import Interval, wilson_interval

Why = Literal["too recent", "too little known"]
LEAST_MONTHS = 6  # an earlier spell of fewer months is not compared
METHOD = (
    "Wilson score interval, widened for how much the share varies from month to month beyond chance (quasi-binomial)"
)
METHOD_OF_DIFFERENCE = "difference of two shares: Newcombe's hybrid score interval (1998, method 10) of those intervals"


@dataclass(frozen=True)
class HeldBack:
    """A month that is not judged: why, and the per cent of its crimes under investigation and without any outcome."""

    month: pd.Period
    why: Why
    under_investigation: float
    open: float


@dataclass(frozen=True)
class Share:
    """A share of crimes.

    Attributes
    ----------
    part, whole : int
        Crimes with the outcome, and all crimes.
    interval : Interval
        The share, 0 to 1, with its interval; see `METHOD`.
    dispersion : float
        Variance of the monthly shares over what chance alone gives; at least 1.
    """

    part: int
    whole: int
    interval: Interval
    dispersion: float


@dataclass(frozen=True)
class ShareChange:
    """A share now and in an earlier spell; the difference and its limits are proportions (0.06 is 6 points)."""

    now: Share
    before: Share
    difference: float
    low: float
    high: float
    method: str = METHOD_OF_DIFFERENCE

    @property
    def clear(self) -> bool:
        """Whether the interval of the difference leaves out none."""
        return not self.low <= 0 <= self.high


def judge_months(counts: pd.DataFrame, rule: MonthRule | None = None) -> tuple[pd.PeriodIndex, tuple[HeldBack, ...]]:
    """Say which months' outcomes can be judged.

    A month is too recent while `rule.under_investigation` per cent or more of its crimes are under investigation, and
    has too little known while `rule.open` per cent or more have no outcome (under investigation, no update, unknown).

    Parameters
    ----------
    counts : pandas.DataFrame
        Crimes by month (rows) and key of the group of outcome (columns), as `OutcomeTable.by_month` gives them.
    rule : MonthRule, optional
        By default that of `definitions/outcomes.toml`, which says why.

    Returns
    -------
    tuple
        Months that can be judged, and those held back. A month without any crime is in neither.
    """
    limits = rule or month_rule()
    total = counts.sum(axis="columns").astype(float)
    open_groups = [group.key for group in outcome_groups() if group.open]
    pending = 100 * counts[UNDER_INVESTIGATION].astype(float) / total.where(total > 0)
    unknown = 100 * counts[open_groups].sum(axis="columns").astype(float) / total.where(total > 0)
    judged, held = [], []
    for month, *of_month in zip(pd.PeriodIndex(counts.index), pending, unknown, strict=True):
        if pd.isna(of_month[0]):
            continue
        if of_month[0] >= limits.under_investigation:
            held.append(HeldBack(month, "too recent", *of_month))
        elif of_month[1] >= limits.open:
            held.append(HeldBack(month, "too little known", *of_month))
        else:
            judged.append(month)
    return pd.PeriodIndex(judged, freq="M"), tuple(held)


def compare_as(counts: pd.DataFrame) -> pd.DataFrame:
    """Add up the groups of outcome that are compared as one: a court's result with the charge that it followed."""
    target = {group.key: group.compared_as for group in outcome_groups()}
    summed: pd.DataFrame = counts.T.groupby(counts.columns.map(target), sort=False).sum().T
    return summed.astype("Int64")


def share_of(part: pd.Series, whole: pd.Series) -> Share:
    """Return the share of crimes with an outcome over some months, with its interval.

    Parameters
    ----------
    part, whole : pandas.Series
        Crimes with the outcome, and all crimes, by month.

    Raises
    ------
    InputError
        If there is no crime.

    Notes
    -----
    The crimes are all that were recorded, not a sample: the interval says how far such a share moves by chance when
    cases are decided one by one, or in bunches as the months show. It says nothing of how well they were recorded.

    Examples
    --------
    >>> months = pd.period_range("2025-01", periods=4, freq="M")
    >>> found = share_of(pd.Series([5, 6, 4, 5], months), pd.Series([50, 50, 50, 50], months))
    >>> found.part, found.whole, round(float(found.interval.low), 3), round(float(found.interval.high), 3)
    (20, 200, 0.066, 0.149)
    """
    parts, wholes = part.to_numpy(dtype=float), whole.to_numpy(dtype=float)
    total = wholes.sum()
    if not total > 0:
        raise InputError("a share of no crimes is no share: leave it out")
    share = parts.sum() / total
    spread = 1.0
    seen = wholes > 0
    if 0 < share < 1 and seen.sum() > 1:
        expected, variance = wholes[seen] * share, wholes[seen] * share * (1 - share)
        spread = max(1.0, float(np.sum((parts[seen] - expected) ** 2 / variance)) / (int(seen.sum()) - 1))
    found = wilson_interval(parts.sum() / spread, total / spread)
    interval = Interval(float(share), found.low, found.high, found.confidence, METHOD)
    return Share(int(parts.sum()), int(total), interval, spread)


def compare_shares(now: Share, before: Share) -> ShareChange:
    """Compare a share with that of an earlier spell.

    Examples
    --------
    >>> months = pd.period_range("2025-01", periods=1, freq="M")
    >>> each = [share_of(pd.Series([part], months), pd.Series([whole], months)) for part, whole in ((56, 70), (48, 80))]
    >>> change = compare_shares(*each)  # Newcombe (1998), Statistics in Medicine 17, 873-890, table II: 0.0524, 0.3339
    >>> round(change.difference, 4), round(change.low, 4), round(change.high, 4)
    (0.2, 0.0524, 0.3339)
    """
    one, two = now.interval, before.interval
    difference = one.value - two.value
    low = difference - math.hypot(one.value - one.low, two.high - two.value)
    high = difference + math.hypot(one.high - one.value, two.value - two.low)
    return ShareChange(now, before, difference, low, high)


def earlier_spell(judged: pd.PeriodIndex, before: pd.Period, least: int = LEAST_MONTHS) -> pd.PeriodIndex:
    """Return the latest run of months in a row that can be judged and end before a month; empty where none is so long.

    Parameters
    ----------
    judged : pandas.PeriodIndex
        Months that can be judged.
    before : pandas.Period
        First month of the period assessed.
    least : int
        A shorter run is passed over. Of a longer one the last twelve months are used.
    """
    runs: list[list[pd.Period]] = []
    for month in judged[judged < before]:
        if runs and month == runs[-1][-1] + 1:
            runs[-1].append(month)
        else:
            runs.append([month])
    long = [run for run in runs if len(run) >= least]
    return pd.PeriodIndex(long[-1][-12:] if long else [], freq="M")


def shares_by_group(counts: pd.DataFrame, months: pd.PeriodIndex) -> Mapping[str, Share]:
    """Return the share of each compared group of outcome over some months.

    Parameters
    ----------
    counts : pandas.DataFrame
        As in `compare_as`, before or after it.
    """
    chosen = compare_as(counts.loc[months])
    whole = chosen.sum(axis="columns")
    return {str(group): share_of(chosen[group], whole) for group in chosen} if whole.sum() else {}
