"""Quarterly series from partners' returns: what they count, and whether the year differs from the year before.

A quarter is compared with the same quarter a year earlier and nothing else, since most of these series have a season.
Only quarters that both years have are compared. Differences are called clear after Benjamini and Hochberg's correction
over every series compared in the edition, so that thirty series without a change do not yield one "change" by chance.
"""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from importlib import resources
from typing import Any, Literal, get_args

import numpy as np
import pandas as pd

from hcsp_assess.assessment.equality import count_groups
from hcsp_assess.assessment.intake import Gathered, quarters_covered
from hcsp_assess.errors import InputError
from hcsp_assess.periods import Quarter
from hcsp_assess.trends.multiplicity import adjust_p_values
from hcsp_assess.trends.rates import compare_counts

Kind = Literal["count", "share", "level"]
#: Adjusted p-values up to this are called a clear difference.
ALPHA = 0.05


@dataclass(frozen=True)
class SeriesDefinition:
    """One series made of a return.

    Attributes
    ----------
    key, title, unit : str
    chapter : str
        The chapter that shows it.
    source : str
        Name of the return.
    kind : str
        "count": events in the quarter; "share": `part` out of `whole`; "level": a stock at the quarter's end, which is
        shown and not tested (the same people are in it again).
    count, part, whole : str
        Columns; an empty `count` counts rows.
    where : dict
        Column and the value, or values, that count.
    better : str
        "fewer", "more" or "not stated".
    """

    key: str
    chapter: str
    source: str
    title: str
    unit: str
    better: Literal["fewer", "more", "not stated"]
    kind: Kind = "count"
    count: str = ""
    part: str = ""
    whole: str = ""
    where: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class QuarterSeries:
    """A series by quarter.

    Attributes
    ----------
    definition : SeriesDefinition
    counts : pandas.Series of Int64
        By name of the quarter ("Q1 12/13"); NA where `why` says why. For a share, the part.
    whole : pandas.Series of Int64 or None
        For a share, what it is out of.
    why : pandas.Series of str
        "" where there is a count, "c" where the sender suppressed a part of it, "x" where it did not come.
    rule : str
        Rule of disclosure of the return.
    simulated : bool
    """

    definition: SeriesDefinition
    counts: pd.Series
    whole: pd.Series | None
    why: pd.Series
    rule: str
    simulated: bool

    @property
    def percent(self) -> pd.Series:
        """For a share, the percentage (Float64)."""
        if self.whole is None:
            raise InputError(f"the series {self.definition.key} is a count, not a share")
        return 100 * self.counts.astype("Float64") / self.whole.mask(self.whole == 0).astype("Float64")


@dataclass(frozen=True)
class QuarterChange:
    """A series in the quarters that both years have.

    Attributes
    ----------
    quarters : tuple of Quarter
        Those of the later year.
    now, before : int
        Counts; for a share, the parts.
    whole_now, whole_before : int
        For a share, what they are out of; else 0.
    change, low, high : float
        Per cent for a count, percentage points for a share, with the 95% interval, not widened for the number of
        series; NaN where the year before had none.
    p_value, adjusted_p_value : float
    tested : int
        Series compared in the edition, over which p-values were adjusted.
    method : str
    """

    quarters: tuple[Quarter, ...]
    now: int
    before: int
    whole_now: int
    whole_before: int
    change: float
    low: float
    high: float
    p_value: float
    adjusted_p_value: float = float("nan")
    tested: int = 1
    method: str = ""

    @property
    def clear(self) -> bool:
        """Whether the difference is more than chance explains."""
        return bool(self.adjusted_p_value <= ALPHA)


@lru_cache(maxsize=1)
def series_definitions() -> tuple[SeriesDefinition, ...]:
    """Return every series, from definitions/partner_series.toml, in its order."""
    file = resources.files("hcsp_assess") / "definitions" / "partner_series.toml"
    entries = tomllib.loads(file.read_text(encoding="utf-8"))["series"]
    found = tuple(SeriesDefinition(source=entry.pop("return"), **entry) for entry in entries)
    for item in found:
        if item.kind not in get_args(Kind) or (item.kind == "share") != bool(item.part and item.whole):
            raise InputError(f"partner_series.toml, {item.key}: a share, and only a share, has a part and a whole")
    return found


def quarter_series(gathered: Gathered, definition: SeriesDefinition, quarters: Sequence[Quarter]) -> QuarterSeries:
    """Count a series by quarter.

    Parameters
    ----------
    gathered : Gathered
        The return's files put together.
    definition : SeriesDefinition
    quarters : sequence of Quarter
        The quarters wanted.

    Returns
    -------
    QuarterSeries
        A quarter that no file covers is missing, never zero. Of records, one between a file's first and last record
        without such an event is zero. Of monthly figures, a quarter with fewer than its three months is
        missing.
    """
    rows = gathered.rows
    named = [str(quarter) for quarter in quarters]
    for column, wanted in definition.where.items():
        values = wanted if isinstance(wanted, list) else [wanted]
        rows = rows[rows[column].isin(values).fillna(value=False)]
    rows = rows.assign(quarter_of=_quarter_names(rows, gathered))
    summed = definition.part or definition.count or None
    counts, why = _by_quarter(rows, summed, named)
    covered = {str(quarter) for result in gathered.results for quarter in quarters_covered(result)}
    empty = pd.Series([name in covered for name in named], index=counts.index) & counts.isna() & (why == "")
    if gathered.definition.grain == "record":
        counts = counts.mask(empty, 0)
    partial = _partial(gathered, named)
    counts = counts.mask(partial)
    why = why.mask(counts.isna() & (why == ""), "x").mask(partial, "x")
    whole = None
    if definition.whole:
        whole, why_whole = _by_quarter(rows, definition.whole, named)
        why = why.mask(why == "", why_whole).mask(whole.isna() & (why == ""), "x")
    disclosure = gathered.definition.disclosure
    return QuarterSeries(definition, counts, whole, why, disclosure, gathered.simulated)


def compare_all(series: Sequence[QuarterSeries], quarters: Sequence[Quarter]) -> dict[str, QuarterChange]:
    """Compare each series' quarters with the same quarters a year earlier.

    Parameters
    ----------
    series : sequence of QuarterSeries
        With the quarters and those a year earlier.
    quarters : sequence of Quarter
        The quarters of the year assessed.

    Returns
    -------
    dict of str to QuarterChange
        By key; a series without a quarter that both years have, or a level, is not in it. Counts: the exact test of two
        Poisson counts, widened where quarters vary more than chance (dispersion of the pairs about the common ratio,
        at least 1). Shares: Fisher's exact test, Newcombe's interval.

    Notes
    -----
    It misleads where one event brings many (a riot, one fire-setter) and there are few quarters to see it from, and
    where a service changed whom it counts: reasons are for people who know.
    """
    found = {item.definition.key: change for item in series if (change := _change(item, quarters))}
    if not found:
        return {}
    adjusted = adjust_p_values([change.p_value for change in found.values()], "benjamini-hochberg")
    return {
        key: QuarterChange(**{**vars(change), "adjusted_p_value": float(p), "tested": len(found)})
        for (key, change), p in zip(found.items(), adjusted, strict=True)
    }


def _by_quarter(rows: pd.DataFrame, column: str | None, named: list[str]) -> tuple[pd.Series, pd.Series]:
    counts, why = count_groups(rows, "quarter_of", column)
    return counts.reindex(named).astype("Int64"), why.reindex(named).fillna("").astype("str")


def _quarter_names(rows: pd.DataFrame, gathered: Gathered) -> pd.Series:
    period = gathered.definition.column(gathered.definition.period)
    values = rows[period.name]
    if period.type == "quarter":
        return values.astype("str")
    months = values if period.type == "month" else values.dt.to_period("M")
    names = {month: str(Quarter.of(month)) for month in months.dropna().unique()}
    return months.map(names).astype("str")


def _partial(gathered: Gathered, named: list[str]) -> pd.Series:
    """Quarters of a monthly return of groups of which a month did not come."""
    none = pd.Series(data=False, index=pd.Index(named))
    period = gathered.definition.column(gathered.definition.period)
    if period.type != "month" or gathered.definition.grain == "record":
        return none
    months = gathered.rows[period.name].groupby(_quarter_names(gathered.rows, gathered)).nunique().reindex(named)
    return (months < 3).fillna(value=False).astype(bool)


def _change(series: QuarterSeries, quarters: Sequence[Quarter]) -> QuarterChange | None:
    if series.definition.kind == "level":
        return None
    known = series.counts.notna()
    if series.whole is not None:
        known &= series.whole.notna()
    both = [each for each in quarters if known.get(str(each), False) and known.get(str(each.year_before), False)]
    if not both:
        return None
    later, earlier = [str(each) for each in both], [str(each.year_before) for each in both]
    now, before = (series.counts.reindex(names).to_numpy(dtype=int) for names in (later, earlier))
    if series.whole is None:
        return _count_change(tuple(both), now, before)
    wholes = (int(series.whole.reindex(names).sum()) for names in (later, earlier))
    return _share_change(tuple(both), int(now.sum()), int(before.sum()), *wholes)


def _count_change(quarters: tuple[Quarter, ...], now: np.ndarray, before: np.ndarray) -> QuarterChange | None:
    total, total_before = int(now.sum()), int(before.sum())
    if total + total_before == 0:
        return None
    spread = _dispersion(now, before) if total and total_before else 1.0
    days = [sum(quarter.span.months.days_in_month) for quarter in quarters]
    days_before = [sum(quarter.year_before.span.months.days_in_month) for quarter in quarters]
    result = compare_counts(
        total, total_before, exposure=sum(days), exposure_before=sum(days_before), dispersion=spread
    )
    change = 100 * (total / total_before - 1) if total_before else float("nan")
    low, high = (100 * (limit - 1) for limit in (result.low, result.high))
    return QuarterChange(quarters, total, total_before, 0, 0, change, low, high, result.p_value, method=result.method)


def _dispersion(now: np.ndarray, before: np.ndarray) -> float:
    """Pearson's chi-square of the pairs of quarters about their common ratio, per degree of freedom, at least 1."""
    if len(now) < 3:
        return 1.0
    sums, share = now + before, now.sum() / (now.sum() + before.sum())
    used = sums > 0
    chi = ((now - sums * share)[used] ** 2 / (sums * share * (1 - share))[used]).sum()
    return max(1.0, float(chi) / max(int(used.sum()) - 1, 1))


def _share_change(
    quarters: tuple[Quarter, ...], now: int, before: int, whole: int, whole_before: int
) -> QuarterChange | None:
    from scipy.stats import fisher_exact
    from statsmodels.stats.proportion import confint_proportions_2indep

    if not whole or not whole_before or now > whole or before > whole_before:
        return None
    p_value = float(fisher_exact(np.array([[now, whole - now], [before, whole_before - before]])).pvalue)
    low, high = confint_proportions_2indep(now, whole, before, whole_before, method="newcomb", compare="diff")
    points = 100 * (now / whole - before / whole_before)
    method = "Fisher's exact test; Newcombe's interval of the difference"
    return QuarterChange(
        quarters, now, before, whole, whole_before, points, 100 * low, 100 * high, p_value, method=method
    )
