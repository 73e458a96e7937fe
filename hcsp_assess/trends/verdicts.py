"""Is a monthly series of crimes rising or falling, and how sure can one be? The verdict, made not to cry wolf.

Three questions are declared beforehand and no other is asked: the slope over the whole record, the direction over the
last 36 months, the level of the last 12 months. ``docs/methods-verdicts.md`` explains each.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
import pandas as pd

from hcsp_assess.errors import InputError
from hcsp_assess.trends.model import LATEST_MONTHS
from hcsp_assess.trends.monthly import check_monthly, check_monthly_frame
from hcsp_assess.trends.multiplicity import SINGLE_LEVEL, VERDICTS_LEVEL, adjust_p_values
from hcsp_assess.trends.results import MonthSetAside, Question, Shift, Strength, Trend, Verdict
from hcsp_assess.trends.trend_figures import CrossedShift, MonthlySeries, estimate_trends

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

__all__ = [
    "Intervention",
    "MonthSetAside",
    "Question",
    "Shift",
    "Strength",
    "Trend",
    "Verdict",
    "assess_trend",
    "assess_trends",
]

STABLE_WITHIN = 5.0  # per cent a year
CONFIRMING_LEVEL = 0.02  # of the seasonal Kendall test: at 0.05 a long memory too often deceives both tests at once
DAYS_OF_A_MONTH = 365.25 / 12


class DatedChange(Protocol):
    """What is needed of a recording change: the first month counted the new way, and its name."""

    @property
    def month(self) -> pd.Period:
        """First month counted the new way."""
        ...

    @property
    def name(self) -> str:
        """What readers call it."""
        ...


@dataclass(frozen=True)
class Intervention:
    """A dated spell with a level of its own, such as a lockdown: first and last month, both included."""

    start: pd.Period
    end: pd.Period
    name: str


def assess_trend(
    counts: pd.Series,
    *,
    population: pd.Series | None = None,
    interventions: Sequence[Intervention] = (),
    recording_changes: Sequence[DatedChange] = (),
) -> Trend:
    """Say whether monthly counts rise or fall, with the size, the certainty, and what was done to the series.

    Parameters
    ----------
    counts : pd.Series
        Whole counts on a monthly PeriodIndex; NA = not held. Unsorted months are sorted; months that are absent,
        or NA, are left out of the fit and never filled in.
    population : pd.Series, optional
        Positive, on the same months: the verdict is then about the rate.
    interventions : sequence of Intervention
        Dated spells that get a level of their own.
    recording_changes : sequence
        Anything with ``month`` (the first month counted the new way) and ``name``. Each one inside the series becomes a
        shift of level, so that it is not taken for a slope; the slope is then what remains beside the shifts.

    Returns
    -------
    Trend
        p-values adjusted by Holm over the three questions. With fewer than 48 published months, 60 crimes or 12
        months with any the verdict is "too little data" and nothing is estimated.

    Raises
    ------
    InputError
        The index is not monthly or repeats a month; a count is negative or not whole; population is missing or not
        positive in a month that has a count; an intervention ends before it starts.

    Notes
    -----
    Misleads where recording changed without a known date: a shift that lasts is a change of level like any other. A
    claim about the last 12 months therefore always carries a caveat unless a dated change explains it.

    Examples
    --------
    Six years, each with a fifth more than the one before:

    >>> months = pd.period_range("2018-01", periods=72, freq="M")
    >>> trend = assess_trend(pd.Series((50 * 1.2 ** (months.year - 2018)).round(), index=months))
    >>> trend.verdict, trend.strength, round(trend.long_run.percent)
    ('rising', 'confirmed', 20)
    """
    series = check_monthly(counts, at_least=0)
    table = _Table.of(pd.PeriodIndex(series.index), population)
    one = table.prepared(series.to_numpy(), interventions, recording_changes)
    (trend,) = estimate_trends([one])
    return trend if trend.verdict == "too little data" else _judged(trend, SINGLE_LEVEL)


def assess_trends(
    counts: pd.DataFrame,
    *,
    population: pd.Series | None = None,
    interventions: Sequence[Intervention] = (),
    recording_changes: Sequence[DatedChange] | Mapping[str, Sequence[DatedChange]] = (),
) -> dict[str, Trend]:
    """Assess every column of ``counts`` and pay for having looked at them all.

    As ``assess_trend``, but the adjusted p-values are Benjamini and Hochberg's over all series that could be tested,
    for each question, and verdicts allow one in ten of those made to be false on average. ``recording_changes`` is one
    sequence for all columns or a mapping from column to its own.

    Raises
    ------
    InputError
        As ``assess_trend``, with the column named; not a DataFrame; a column name occurs twice.

    Examples
    --------
    >>> months = pd.period_range("2018-01", periods=72, freq="M")
    >>> rising = (50 * 1.2 ** (months.year - 2018)).round()
    >>> counts = pd.DataFrame({"theft": rising, "arson": 50.0, "new": [pd.NA] * 60 + [9] * 12}, index=months)
    >>> trends = assess_trends(counts)
    >>> {name: trend.verdict for name, trend in trends.items()}, trends["theft"].series_tested
    ({'theft': 'rising', 'arson': 'stable', 'new': 'too little data'}, 2)
    """
    if isinstance(counts, pd.DataFrame) and not len(counts.columns):
        return {}
    months, rows = check_monthly_frame(counts)
    prepared: list[MonthlySeries] = []
    table: _Table | None = None
    for name, row in zip(counts.columns, rows, strict=True):
        changes = recording_changes.get(name, ()) if isinstance(recording_changes, Mapping) else recording_changes
        try:
            table = table or _Table.of(months, population)
            prepared.append(table.prepared(row, interventions, changes))
        except InputError as error:
            raise InputError(f"series {name!r}: {error}") from error
    return _judged_together(dict(zip(counts.columns, estimate_trends(prepared), strict=True)))


def _judged_together(trends: dict[str, Trend]) -> dict[str, Trend]:
    tested = [name for name, trend in trends.items() if trend.verdict != "too little data"]
    adjusted = {}
    for part in ("long_run", "last_36_months", "last_12_months"):
        p_values = [getattr(trends[name], part).p_value for name in tested]
        adjusted[part] = adjust_p_values(p_values, "benjamini-hochberg")
    judged = {
        name: replace(trend, series_tested=len(tested))
        for name, trend in trends.items()
        if trend.verdict == "too little data"
    }
    for i, name in enumerate(tested):
        questions = {
            part: getattr(trends[name], part).adjusted_to(float(p_values[i])) for part, p_values in adjusted.items()
        }
        judged[name] = _judged(trends[name], VERDICTS_LEVEL, series_tested=len(tested), **questions)
    return {name: judged[name] for name in trends}


def _judged(trend: Trend, level: float, *, series_tested: int = 1, **questions: Question) -> Trend:
    """The words, from answers whose p-values are adjusted."""
    long_run = questions.get("long_run", trend.long_run)
    recent = questions.get("last_36_months", trend.last_36_months)
    latest = questions.get("last_12_months", trend.last_12_months)
    course = long_run.direction if long_run.adjusted_p_value <= level else 0
    turned = recent.direction if recent.adjusted_p_value <= level else 0
    said: dict[str, Any] = {"verdict": "unclear", "strength": "", "follows": ""}
    if turned and turned != course:
        said = {"verdict": _WORDS[turned], "strength": "probable", "follows": "last 36 months"}
    elif course:
        agrees = trend.kendall_direction == course and trend.kendall_p_value <= CONFIRMING_LEVEL
        said = {"verdict": _WORDS[course], "strength": "confirmed" if agrees else "probable", "follows": "long run"}
    elif long_run.low_90 > -STABLE_WITHIN and long_run.high_90 < STABLE_WITHIN:
        said["verdict"] = "stable"
    caveat = ""
    if latest.adjusted_p_value <= level and not _explained(trend):
        caveat = "a change in recording or in what is reported can look the same, and no dated change is known here"
    said |= {"level": level, "caveat": caveat, "series_tested": series_tested, **questions}
    return replace(trend, **said)


_WORDS: dict[int, Verdict] = {1: "rising", -1: "falling"}


def _explained(trend: Trend) -> bool:
    return any(s.kind == "recording change" and s.start > trend.last_month - 2 * LATEST_MONTHS for s in trend.shifts)


@dataclass(frozen=True)
class _Table:
    """The months of a table of series, and what is true of each month whatever the series."""

    months: pd.PeriodIndex
    ordinals: NDArray[np.int64]
    season: NDArray[np.int64]
    log_days: Floats
    people: Floats | None

    @classmethod
    def of(cls, months: pd.PeriodIndex, population: pd.Series | None) -> _Table:
        people = None
        if population is not None:
            people = check_monthly(population, whole=False).reindex(months).to_numpy()
        log_days = np.log(months.days_in_month.to_numpy() / DAYS_OF_A_MONTH)
        return cls(months, months.asi8, months.month.to_numpy() - 1, log_days, people)

    def prepared(
        self, counts: Floats, interventions: Sequence[Intervention], recording_changes: Sequence[DatedChange]
    ) -> MonthlySeries:
        """One series from its first published month to its last; the whole if none is published."""
        present = np.flatnonzero(~np.isnan(counts))
        span = slice(present[0], present[-1] + 1) if len(present) else slice(0, len(counts))
        ordinals = self.ordinals[span]
        months = self.months if len(ordinals) == len(self.ordinals) else self.months[span]
        shifts = _shifts_crossed(months, interventions, recording_changes) if interventions or recording_changes else []
        columns = [
            (ordinals >= start.ordinal) & (ordinals <= (ordinals[-1] if end is None else end.ordinal))
            for _, start, end in shifts
        ]
        one = MonthlySeries(
            months=months,
            season=self.season[span],
            counts=counts[span],
            offset=self.log_days[span],
            shifts=shifts,
            shift_columns=np.array(columns, dtype=float).reshape(len(shifts), len(ordinals)),
        )
        if self.people is None or not one.enough:
            return one
        return replace(one, offset=one.offset + _log_population(self.people[span], one))


def _shifts_crossed(
    months: pd.PeriodIndex, interventions: Sequence[Intervention], recording_changes: Sequence[DatedChange]
) -> list[CrossedShift]:
    first, last = months[0], months[-1]
    crossed: list[CrossedShift] = [
        (change.name, change.month, None) for change in recording_changes if first < change.month <= last
    ]
    for span in interventions:
        if span.end < span.start:
            raise InputError(f"the intervention {span.name!r} ends ({span.end}) before it starts ({span.start})")
        if span.end >= first and span.start <= last:
            crossed.append((span.name, span.start, span.end))
    return crossed


def _log_population(people: Floats, one: MonthlySeries) -> Floats:
    wrong = ~np.isnan(one.counts) & ~(people > 0)
    if wrong.any():
        month = one.months[wrong][0]
        raise InputError(f"population is missing or not positive in {month}: give it for every month counted")
    logs: Floats = np.log(people)
    return logs - np.nanmean(logs)
