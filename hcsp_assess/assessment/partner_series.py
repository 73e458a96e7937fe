"""Quarterly series from partners' returns: what they count, and whether the year differs from the year before.

A quarter is compared with the same quarter a year earlier and nothing else, since most of these series have a season.
Only quarters that both years have are compared. Differences are called clear after Benjamini and Hochberg's correction
over the series of one subject area (definitions/subject_areas.toml): measures of other subjects do not hide a change.
"""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from importlib import resources
from typing import Any, Literal, get_args

import numpy as np
import pandas as pd

from hcsp_assess.assessment.equality import count_groups
from hcsp_assess.disclosure import disclosure_rule, share_leaves_values
from hcsp_assess.errors import InputError
from hcsp_assess.periods import Quarter
from hcsp_assess.sources.returns.combining import CombinedReturn, quarters_covered
from hcsp_assess.subject.subject_areas import check_subject
from hcsp_assess.trends.multiplicity import CLEAR_LEVEL, adjust_p_values
from hcsp_assess.trends.rates import compare_counts

Kind = Literal["count", "share", "level"]


@dataclass(frozen=True)
class SeriesDefinition:
    """One series made of a return.

    Attributes
    ----------
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
    subject : str
        Key of the subject area whose series are judged together; without one, those of the chapter are.
    says : str
        Beginning of its sentence, with "{amount}" (a number with its unit), "{was}" or, for a share, "{percent}".
    good : str
        Which direction is good: "low", "high" or "" where neither is (more reports may mean more trust).
    published : str
        Key of the indicator that is the same measure; "" for none.
    """

    key: str
    chapter: str
    source: str
    title: str
    unit: str
    kind: Kind = "count"
    count: str = ""
    part: str = ""
    whole: str = ""
    where: Mapping[str, Any] = field(default_factory=dict)
    subject: str = ""
    says: str = ""
    good: Literal["low", "high", ""] = ""
    published: str = ""

    @property
    def family(self) -> str:
        """What is judged together."""
        return self.subject or self.chapter


@dataclass(frozen=True)
class QuarterSeries:
    """A series by quarter.

    Attributes
    ----------
    counts : pandas.Series of Int64
        By name of the quarter ("Q1 12/13"); NA where `why` says why. For a share, the part.
    whole : pandas.Series of Int64 or None
        For a share, what it is out of.
    why : pandas.Series of str
        "" where there is a count, "c" where the sender suppressed a part of it, "x" where it did not come.
    rule : str
        Rule of disclosure of the return.
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
    tested : int
        Series of the subject area that were compared, over which p-values were adjusted.
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
        return bool(self.adjusted_p_value <= CLEAR_LEVEL)


@lru_cache(maxsize=1)
def series_definitions() -> tuple[SeriesDefinition, ...]:
    """Return every series, from definitions/partner_series.toml, in its order."""
    file = resources.files("hcsp_assess") / "definitions" / "partner_series.toml"
    entries = tomllib.loads(file.read_text(encoding="utf-8"))["series"]
    found = tuple(SeriesDefinition(source=entry.pop("return"), **entry) for entry in entries)
    for item in found:
        if item.kind not in get_args(Kind) or (item.kind == "share") != bool(item.part and item.whole):
            raise InputError(f"partner_series.toml, {item.key}: a share, and only a share, has a part and a whole")
        check_subject(item.subject, "partner_series.toml", item.key)
    return found


def quarter_series(
    combined: CombinedReturn, definition: SeriesDefinition, quarters: Sequence[Quarter]
) -> QuarterSeries:
    """Count a series by quarter.

    Parameters
    ----------
    combined : CombinedReturn
        The return's files put together.
    quarters : sequence of Quarter
        The quarters wanted.

    Returns
    -------
    QuarterSeries
        A quarter that no file covers is missing, never zero. Of records, one between a file's first and last record
        without such an event is zero. Of monthly figures, a quarter with fewer than its three months is
        missing.
    """
    rows = combined.rows
    named = [str(quarter) for quarter in quarters]
    if not combined.results:
        return _nothing_received(combined, definition, named)
    for column, wanted in definition.where.items():
        values = wanted if isinstance(wanted, list) else [wanted]
        rows = rows[rows[column].isin(values).fillna(value=False)]
    rows = rows.assign(quarter_of=_quarter_names(rows, combined))
    summed = definition.part or definition.count or None
    counts, why = _by_quarter(rows, summed, named)
    covered = {str(quarter) for result in combined.results for quarter in quarters_covered(result)}
    empty = pd.Series([name in covered for name in named], index=counts.index) & counts.isna() & (why == "")
    if combined.definition.grain == "record":
        counts = counts.mask(empty, 0)
    partial = _partial(combined, named)
    counts = counts.mask(partial)
    why = why.mask(counts.isna() & (why == ""), "x").mask(partial, "x")
    whole = None
    if definition.whole:
        whole, why_whole = _by_quarter(rows, definition.whole, named)
        why = why.mask(why == "", why_whole).mask(whole.isna() & (why == ""), "x")
    disclosure = combined.definition.disclosure
    return QuarterSeries(definition, counts, whole, why, disclosure, combined.simulated)


def published_series(series: QuarterSeries) -> QuarterSeries:
    """Return a series as it may be published: counts rounded, a quarter that is too small NA, with why "c".

    Whatever is worked out from it (sums, percentages, intervals, p-values) tells no more of a count than the published
    quarters do: exact ones beside rounded counts would have few solutions.
    """
    rule = disclosure_rule(series.rule)
    parts = [series.counts] if series.whole is None else [series.counts, series.whole - series.counts]
    few = pd.Series(data=False, index=series.counts.index)
    for part in parts:
        few |= ((part >= 1) & (part < rule.minimum)).fillna(value=False).astype(bool)
    if series.whole is not None:
        few |= (series.whole < rule.minimum_base).fillna(value=False).astype(bool)
        pairs = zip(series.counts, series.whole, strict=True)
        exact = [pd.notna(some + of) and not share_leaves_values(int(some), int(of), rule) for some, of in pairs]
        few |= pd.Series(exact, index=few.index, dtype=bool)
    why = series.why.mask(few & (series.why == ""), "c")
    counts = _rounded(series.counts, rule.rounding).mask(few)
    whole = None if series.whole is None else _rounded(series.whole, rule.rounding).mask(few)
    return replace(series, counts=counts, whole=whole, why=why)


def _rounded(counts: pd.Series, multiple: int) -> pd.Series:
    found: pd.Series = (counts + multiple // 2) // multiple * multiple
    return found


def _nothing_received(combined: CombinedReturn, definition: SeriesDefinition, named: list[str]) -> QuarterSeries:
    """A series of which no file came: every quarter is missing."""
    quarters = pd.Index(named, dtype="str", name="quarter_of")
    counts = pd.Series(pd.NA, index=quarters, dtype="Int64", name="Count")
    whole = counts.copy() if definition.whole else None
    why = pd.Series("x", index=quarters, dtype="str")
    return QuarterSeries(definition, counts, whole, why, combined.definition.disclosure, combined.simulated)


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
        By key; a series without a quarter that both years have, or a level, is not in it. Counts: rate ratio with the
        variance widened by the dispersion of the pairs of quarters about their common ratio: its own or that of all
        series together, whichever is larger, and at least 1, since four pairs tell little of one series. Shares:
        Fisher's exact test, Newcombe's interval. p-values are adjusted within each subject area.

    Notes
    -----
    It misleads where one event brings many (a riot, one fire-setter) and there are few quarters to see it from, and
    where a service changed whom it counts: reasons are for people who know.
    """
    pairs = {item.definition.key: _pairs(item, quarters) for item in series}
    spreads = [_spread(*pair[1:]) for item in series if item.whole is None and (pair := pairs[item.definition.key])]
    freedom = sum(spread[1] for spread in spreads)
    common = sum(spread[0] for spread in spreads) / freedom if freedom else 1.0
    found: dict[str, QuarterChange] = {}
    for item in series:
        if pair := pairs[item.definition.key]:
            change = _count_change(*pair, common) if item.whole is None else _share_change(item, *pair)
            found |= {item.definition.key: change} if change else {}
    families: dict[str, list[str]] = {}
    for item in series:
        if item.definition.key in found:
            families.setdefault(item.definition.family, []).append(item.definition.key)
    return {key: change for keys in families.values() for key, change in _adjusted(found, keys).items()}


def _adjusted(found: Mapping[str, QuarterChange], keys: Sequence[str]) -> dict[str, QuarterChange]:
    """The changes of one subject area, adjusted for one another."""
    adjusted = adjust_p_values([found[key].p_value for key in keys], "benjamini-hochberg")
    return {
        key: replace(found[key], adjusted_p_value=float(p), tested=len(keys))
        for key, p in zip(keys, adjusted, strict=True)
    }


def _by_quarter(rows: pd.DataFrame, column: str | None, named: list[str]) -> tuple[pd.Series, pd.Series]:
    counts, why = count_groups(rows, "quarter_of", column)
    return counts.reindex(named).astype("Int64"), why.reindex(named).fillna("").astype("str")


def _quarter_names(rows: pd.DataFrame, combined: CombinedReturn) -> pd.Series:
    period = combined.definition.column(combined.definition.period)
    values = rows[period.name]
    if period.type == "quarter":
        return values.astype("str")
    months = values if period.type == "month" else values.dt.to_period("M")
    names = {month: str(Quarter.of(month)) for month in months.dropna().unique()}
    return months.map(names).astype("str")


def _partial(combined: CombinedReturn, named: list[str]) -> pd.Series:
    """Quarters of a monthly return of groups of which a month did not come."""
    none = pd.Series(data=False, index=pd.Index(named))
    period = combined.definition.column(combined.definition.period)
    if period.type != "month" or combined.definition.grain == "record":
        return none
    months = combined.rows[period.name].groupby(_quarter_names(combined.rows, combined)).nunique().reindex(named)
    return (months < 3).fillna(value=False).astype(bool)


_Pairs = tuple[tuple[Quarter, ...], np.ndarray, np.ndarray]


def _pairs(series: QuarterSeries, quarters: Sequence[Quarter]) -> _Pairs | None:
    """Quarters that both years have, with the counts of the later and of the earlier year; None where there is none."""
    if series.definition.kind == "level":
        return None
    known = series.counts.notna()
    if series.whole is not None:
        known &= series.whole.notna()
    both = [each for each in quarters if known.get(str(each), False) and known.get(str(each.year_before), False)]
    now, before = (
        series.counts.reindex([str(each) for each in names]).to_numpy(dtype=int)
        for names in (both, [each.year_before for each in both])
    )
    return (tuple(both), now, before) if both else None


def _count_change(
    quarters: tuple[Quarter, ...], now: np.ndarray, before: np.ndarray, common: float
) -> QuarterChange | None:
    total, total_before = int(now.sum()), int(before.sum())
    if total + total_before == 0:
        return None
    chi, freedom = _spread(now, before)
    spread = max(1.0, common, chi / freedom if freedom else 1.0)
    days, days_before = (_days(names) for names in (quarters, tuple(each.year_before for each in quarters)))
    if total and total_before:
        result = compare_counts(total, total_before, exposure=days, exposure_before=days_before, dispersion=spread)
    else:  # the log of a ratio with a zero is not there: the exact test of as many independent events
        events = (int(total / spread), int(total_before / spread))
        result = compare_counts(*events, exposure=days, exposure_before=days_before)
    change = 100 * (total / total_before - 1) if total_before else float("nan")
    low, high = (100 * (limit - 1) for limit in (result.low, result.high))
    return QuarterChange(quarters, total, total_before, 0, 0, change, low, high, result.p_value, method=result.method)


@lru_cache(maxsize=64)
def _days(quarters: tuple[Quarter, ...]) -> int:
    return sum(sum(quarter.span.months.days_in_month) for quarter in quarters)


def _spread(now: np.ndarray, before: np.ndarray) -> tuple[float, int]:
    """Pearson's chi-square of pairs of quarters about their common ratio, and its degrees of freedom."""
    sums = now + before
    share = now.sum() / max(sums.sum(), 1)
    used = sums > 0
    if not 0 < share < 1 or used.sum() < 2:
        return 0.0, 0
    chi = ((now - sums * share)[used] ** 2 / (sums * share * (1 - share))[used]).sum()
    return float(chi), int(used.sum()) - 1


def _share_change(
    series: QuarterSeries, quarters: tuple[Quarter, ...], parts: np.ndarray, parts_before: np.ndarray
) -> QuarterChange | None:
    from scipy.stats import fisher_exact
    from statsmodels.stats.proportion import confint_proportions_2indep

    now, before = int(parts.sum()), int(parts_before.sum())
    wholes = pd.Series(series.whole, dtype="Int64")
    whole = int(wholes.reindex([str(each) for each in quarters]).sum())
    whole_before = int(wholes.reindex([str(each.year_before) for each in quarters]).sum())
    if not whole or not whole_before or now > whole or before > whole_before:
        return None
    p_value = float(fisher_exact(np.array([[now, whole - now], [before, whole_before - before]])).pvalue)
    low, high = confint_proportions_2indep(now, whole, before, whole_before, method="newcomb", compare="diff")
    points = 100 * (now / whole - before / whole_before)
    method = "Fisher's exact test; Newcombe's interval of the difference"
    return QuarterChange(
        quarters, now, before, whole, whole_before, points, 100 * low, 100 * high, p_value, method=method
    )
