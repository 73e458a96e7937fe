"""Is a series of crimes rising or falling, and how sure is that? The trend of a series.

Three questions are declared beforehand and no other is asked: the slope over the whole record, the direction over the
last 36 months, the level of the last 12 months. Plain counts have the last word: a class that began or ended is
recognised first, and no word is said that the totals of its own window contradict. ``docs/methods-trends.md``
explains each.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
import pandas as pd

from hcsp_assess.errors import InputError
from hcsp_assess.trends.count_series import MONTHS_FOR_TURN, SHARE_HELD, CountSeries, CrossedShift
from hcsp_assess.trends.model import TURN_YEARS
from hcsp_assess.trends.monthly import check_monthly, check_monthly_frame, periods_per_year
from hcsp_assess.trends.multiplicity import SINGLE_LEVEL, VERDICTS_LEVEL, adjust_p_values
from hcsp_assess.trends.plain_counts import PlainRates
from hcsp_assess.trends.recorded_span import recorded_span
from hcsp_assess.trends.results import MonthSetAside, Question, Shift, Strength, Trend, Verdict
from hcsp_assess.trends.trend_figures import estimate_trends, plain_rates

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
MOVED_BACK = 5.0  # per cent by which a last year must turn, and the last 36 months by TURNED a year, to silence a word
TURNED = 1.0
STABLE_YEARS_WITHIN = 20.0  # per cent of their mean, for "stable": a series that rose and fell again is not
#: Months from which "confirmed" is offered, and at most which p-value of the seasonal Kendall test it needs from there
#: on: at 0.05 a long memory too often deceives both tests at once, and the more so the longer the series.
CONFIRMING_LEVELS = ((72, 0.02), (144, 0.01), (192, 0.005), (240, 0.002))
DAYS_OF_A_YEAR = 365.25


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
    """Return whether counts by month or quarter rise or fall, with the size, the certainty, and what was done to them.

    Parameters
    ----------
    counts : pd.Series
        Whole counts on a PeriodIndex of months or quarters; NA = not held. Unsorted months are sorted; months that are
        absent, or NA, are left out of the fit and never filled in.
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
        p-values adjusted by Holm over the questions asked: the last 12 months from 24 published months on, the slope
        from 36, the turn 36 months before the end (and "stable") from 48. A window of which less than half is held is
        not asked about: see ``compare_spells``. Without 60 crimes, 20 of them in the last 24 months, and 12 months
        with any, it is "too little data" and nothing is estimated.

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
    series = check_monthly(counts, at_least=0, quarters=True)
    table = _Table.of(pd.PeriodIndex(series.index), population)
    one = table.prepared(series.to_numpy(), interventions, recording_changes)
    (trend,) = estimate_trends([one])
    return _judged(trend, SINGLE_LEVEL) if trend.tested else trend


def assess_trends(
    counts: pd.DataFrame,
    *,
    population: pd.Series | None = None,
    interventions: Sequence[Intervention] = (),
    recording_changes: Sequence[DatedChange] | Mapping[str, Sequence[DatedChange]] = (),
    pool_years: bool = True,
    progress: Callable[[int, int], None] | None = None,
) -> dict[str, Trend]:
    """Assess every column of ``counts`` and pay for having looked at them all.

    As ``assess_trend``, but the adjusted p-values are Benjamini and Hochberg's over all series that could be tested,
    for each question, and verdicts allow one in ten of those made to be false on average. ``recording_changes`` is one
    sequence for all columns or a mapping from column to its own. How much whole years differ, which the question on the
    last 12 months needs, is estimated over all the series; with ``pool_years`` false each has the p-values that
    ``assess_trend`` gives it. Give together what belongs to one subject: recorded crime and school exclusions do not.
    ``progress`` is called with the number of series worked out and the number of all.

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
    months, rows = check_monthly_frame(counts, quarters=True)
    prepared: list[CountSeries] = []
    table: _Table | None = None
    for name, row in zip(counts.columns, rows, strict=True):
        changes = recording_changes.get(name, ()) if isinstance(recording_changes, Mapping) else recording_changes
        try:
            table = table or _Table.of(months, population)
            prepared.append(table.prepared(row, interventions, changes))
        except InputError as error:
            raise InputError(f"series {name!r}: {error}") from error
    estimated = estimate_trends(prepared, pool_years=pool_years, progress=progress)
    return _judged_together(dict(zip(counts.columns, estimated, strict=True)))


def _judged_together(trends: dict[str, Trend]) -> dict[str, Trend]:
    tested = [name for name, trend in trends.items() if trend.tested]
    adjusted: dict[str, dict[str, Question]] = {name: {} for name in tested}
    for part in ("long_run", "last_36_months", "last_12_months"):
        put = {name: trends[name].questions[part] for name in tested if trends[name].questions[part].was_asked}
        p_values = adjust_p_values([question.p_value for question in put.values()], "benjamini-hochberg")
        for (name, question), p_value in zip(put.items(), p_values, strict=True):
            adjusted[name][part] = question.adjusted_to(float(p_value))
    return {
        name: _judged(trend, VERDICTS_LEVEL, series_tested=len(tested), **adjusted[name])
        if name in adjusted
        else replace(trend, series_tested=len(tested))
        for name, trend in trends.items()
    }


def _judged(trend: Trend, level: float, *, series_tested: int = 1, **questions: Question) -> Trend:
    """The words, from answers whose p-values are adjusted and which plain counts do not contradict."""
    put = {**trend.questions, **questions}
    said: dict[str, Any] = {**_word(trend, list(put.values()), level), **put}
    caveat = ""
    if put["last_12_months"].adjusted_p_value <= level and not _explained(trend):
        caveat = "a change in recording or in what is reported can look the same, and we know of no dated change here"
    return replace(trend, level=level, series_tested=series_tested, caveat=caveat, **said)


def _word(trend: Trend, questions: Sequence[Question], level: float) -> dict[str, Any]:
    """Word, strength and deciding question; ``questions``: long run, last 36 and last 12 months, in this order."""
    course, turned, latest = (each.direction if each.adjusted_p_value <= level else 0 for each in questions)
    plain = plain_rates(trend)
    contradicted = False
    if turned and turned != course:
        if not plain.contradict_recent(turned, TURN_YEARS):
            return {"verdict": _WORDS[turned], "strength": "probable", "follows": "last 36 months"}
        contradicted = True
    if course:
        recent = questions[1].percent * course  # NaN where not asked
        if recent < -TURNED and plain.turned_last_year(course, MOVED_BACK):
            return {"reason": "turned"}
        if not plain.contradict_long_run(course):
            strength = "confirmed" if _is_confirmed(trend, course) else "probable"
            return {"verdict": _WORDS[course], "strength": strength, "follows": "long run"}
        contradicted = True
    if latest:
        if not plain.contradict_latest(latest):
            return {
                "verdict": "higher" if latest > 0 else "lower",
                "strength": "probable",
                "follows": "last 12 months",
            }
        contradicted = True
    if contradicted:
        return {"reason": "counts"}
    if _is_stable(trend, plain):
        return {"verdict": "stable"}
    return {"reason": "family"} if trend.deciding.direction else {}


def _is_confirmed(trend: Trend, course: int) -> bool:
    months = len(trend.fit.observed) * 12 // trend.per_year
    level = max((each for each in CONFIRMING_LEVELS if months >= each[0]), default=(0, 0.0))[1]
    return trend.kendall_direction == course and trend.kendall_p_value <= level


def _is_stable(trend: Trend, plain: PlainRates) -> bool:
    question = trend.long_run
    if trend.months_published * 12 // trend.per_year < MONTHS_FOR_TURN or not question.was_asked:
        return False
    if question.low_90 <= -STABLE_WITHIN or question.high_90 >= STABLE_WITHIN:
        return False
    return plain.spread_of_years() <= STABLE_YEARS_WITHIN


_WORDS: dict[int, Verdict] = {1: "rising", -1: "falling"}


def _explained(trend: Trend) -> bool:
    since = trend.last_month - 2 * trend.per_year
    return any(shift.kind == "recording change" and shift.start > since for shift in trend.shifts)


@dataclass(frozen=True)
class _Table:
    """The periods of a table of series, and what is true of each period whatever the series."""

    periods: pd.PeriodIndex
    season: NDArray[np.int64]
    log_days: Floats
    people: Floats | None
    per_year: int

    @classmethod
    def of(cls, periods: pd.PeriodIndex, population: pd.Series | None) -> _Table:
        per_year, people = periods_per_year(periods), None
        if population is not None:
            people = check_monthly(population, whole=False, quarters=True).reindex(periods).to_numpy()
        days = periods.asfreq("D", "E").asi8 - periods.asfreq("D", "S").asi8 + 1
        season = (periods.month if per_year == 12 else periods.quarter).to_numpy() - 1
        return cls(periods, season, np.log(days / (DAYS_OF_A_YEAR / per_year)), people, per_year)

    def prepared(
        self, counts: Floats, interventions: Sequence[Intervention], recording_changes: Sequence[DatedChange]
    ) -> CountSeries:
        """One series from its first period recorded to its last published; the whole if none is published."""
        start, stop = _published_span(counts)
        recorded = recorded_span(counts[start:stop], self.season[start:stop], self.per_year)
        ended = self.periods[start + recorded.end - 1] if recorded.ended else None
        silent = start + np.flatnonzero(recorded.silent)
        told = np.where(np.isin(np.arange(len(counts)), silent), np.nan, counts)
        if ended is None:
            start = _densely_held(told, start + recorded.first, stop)
        span = slice(start, stop)
        periods = self.periods if stop - start == len(self.periods) else self.periods[span]
        shifts = _shifts_crossed(periods, interventions, recording_changes)
        columns = [
            (periods.asi8 >= begins.ordinal) & (periods.asi8 <= (periods.asi8[-1] if ends is None else ends.ordinal))
            for _, begins, ends in shifts
        ]
        one = CountSeries(
            periods=periods,
            season=self.season[span],
            counts=told[span],
            offset=self.log_days[span],
            shifts=shifts,
            shift_columns=np.array(columns, dtype=float).reshape(len(shifts), len(periods)),
            per_year=self.per_year,
            silent=tuple(
                MonthSetAside(self.periods[int(i)], int(counts[i]), SILENT) for i in silent if not np.isnan(counts[i])
            ),
            began=periods[0] if recorded.began else None,
            ended=ended,
            ended_for=stop - start - recorded.end if recorded.ended else 0,
        )
        if self.people is None or not one.enough:
            return one
        return replace(one, offset=one.offset + _log_population(self.people[span], one))


SILENT = "one of a run of months in which nothing was recorded, or nothing was sent"


def _published_span(counts: Floats) -> tuple[int, int]:
    present = np.flatnonzero(~np.isnan(counts))
    return (int(present[0]), int(present[-1]) + 1) if len(present) else (0, len(counts))


def _densely_held(counts: Floats, start: int, stop: int) -> int:
    """The first period from which on at least half are held; earlier spells are for ``compare_spells``."""
    held = ~np.isnan(counts[start:stop])
    share = held[::-1].cumsum()[::-1] / np.arange(stop - start, 0, -1)
    dense = np.flatnonzero(held & (share >= SHARE_HELD))
    return start + int(dense[0]) if len(dense) else start


def _shifts_crossed(
    periods: pd.PeriodIndex, interventions: Sequence[Intervention], recording_changes: Sequence[DatedChange]
) -> list[CrossedShift]:
    crossed: list[CrossedShift] = []
    if not interventions and not recording_changes:
        return crossed
    first, last = periods[0], periods[-1]
    for change in recording_changes:
        month = change.month.asfreq(periods.freqstr)
        if first < month <= last:
            crossed.append((change.name, month, None))
    for span in interventions:
        if span.end < span.start:
            raise InputError(f"the intervention {span.name!r} ends ({span.end}) before it starts ({span.start})")
        begins, ends = span.start.asfreq(periods.freqstr), span.end.asfreq(periods.freqstr)
        if ends >= first and begins <= last:
            crossed.append((span.name, begins, ends))
    return crossed


def _log_population(people: Floats, one: CountSeries) -> Floats:
    wrong = ~np.isnan(one.counts) & ~(people > 0)
    if wrong.any():
        month = one.periods[wrong][0]
        raise InputError(f"population is missing or not positive in {month}: give it for every month with a count")
    logs: Floats = np.log(people)
    return logs - np.nanmean(logs)
