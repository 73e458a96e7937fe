"""Is a year higher or lower than earlier months, when the months between are missing?

A trend needs years without long holes. Where a few spells of months are all that is held, the year assessed can still
be compared with each of them: log(expected count) = month of the year + log(days) + a level for each earlier spell
against the year assessed + AR(1) noise on the true calendar (``noise.py``) + an effect of each year
(``year_effects.py``). Whole years differ for no reason that a model knows, so a comparison of two years by their counts
alone finds changes too easily: of series without any, an exact Poisson test calls every second one changed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from hcsp_assess.errors import InputError
from hcsp_assess.trends.model import SHIFT_SD, Answers, SeriesTables, fit_means
from hcsp_assess.trends.monthly import check_monthly, check_monthly_frame, period_word, periods_per_year
from hcsp_assess.trends.multiplicity import SINGLE_LEVEL, VERDICTS_LEVEL, Method, adjust_p_values
from hcsp_assess.trends.results import MonthSetAside
from hcsp_assess.trends.verdicts import DAYS_OF_A_YEAR, DatedChange, Intervention
from hcsp_assess.trends.year_effects import PRIOR_ACROSS_GAPS, SIZES_ACROSS_GAPS, SeriesWithYears, YearModels

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Flags = NDArray[np.bool_]

MONTHS_OF_A_YEAR = 12
LONGEST_SPELL = 1.5  # years; a longer run is compared year by year
SHORTEST_SPELL = 3  # calendar months that the spell and the year assessed share
CRIMES_NEEDED = 20  # in the months of the spell that are compared
MONTHS_NEEDED = 24  # held in all: fewer say nothing of how much months and years differ
WIDER = 1.11  # times the standard error of the model: fitted to simulated series, checked on others
TOGETHER = 8  # series worked out at once, for the memory
METHOD = (
    "log-linear count regression with month of the year, a level for each spell, latent AR(1) noise and an effect of "
    "each year, averaged over their unknown sizes; standard errors times 1.11"
)
RANGE = np.array([0.025, 0.975])


@dataclass(frozen=True)
class Spell:
    """The year assessed against one earlier spell.

    ``months`` held in the spell, from ``first`` to ``last``. ``count`` and ``per_month`` are of ``months_compared``
    of them: those whose calendar month is held in the year assessed too; ``assessed_count`` and
    ``assessed_per_month`` of the same calendar months of that year. ``percent``: change from the spell to the year
    assessed, for the same season, with its 95% interval ``low`` to ``high``. ``recording_changes``: known ones
    after the spell began, up to the end of the year assessed; the comparison cannot hold them apart.
    """

    first: pd.Period
    last: pd.Period
    months: int
    months_compared: int
    count: int
    per_month: float
    assessed_months: int
    assessed_count: int
    assessed_per_month: float
    percent: float
    low: float
    high: float
    p_value: float
    adjusted_p_value: float
    recording_changes: tuple[DatedChange, ...]
    level: float

    @property
    def clear(self) -> bool:
        """Whether the difference is larger than months and years usually differ, and plain counts show it too."""
        same_way = (self.assessed_per_month - self.per_month) * self.percent > 0
        return self.adjusted_p_value <= self.level and same_way

    @property
    def direction(self) -> int:
        """1 or -1 where a higher or lower level may be claimed, else 0."""
        return int(np.sign(self.percent)) if self.clear else 0


@dataclass(frozen=True)
class NotCompared:
    """An earlier spell that holds too little, and why."""

    first: pd.Period
    last: pd.Period
    months: int
    reason: str


@dataclass(frozen=True)
class ThenAndNow:
    """The year assessed, ``first`` to ``last``, against each earlier spell that is held, in the order of time.

    ``assessed_count`` of the ``assessed_months`` that are held in it. ``comparisons``: how many p-values were adjusted
    together.
    """

    first: pd.Period
    last: pd.Period
    assessed_months: int
    assessed_count: int
    spells: tuple[Spell, ...]
    not_compared: tuple[NotCompared, ...]
    months_set_aside: tuple[MonthSetAside, ...]
    comparisons: int
    method: str = METHOD


def compare_spells(
    counts: pd.Series,
    *,
    assessed: pd.PeriodIndex | None = None,
    against: pd.PeriodIndex | None = None,
    interventions: Sequence[Intervention] = (),
    recording_changes: Sequence[DatedChange] = (),
) -> ThenAndNow:
    """Compare the year assessed with each earlier spell of months that is held.

    A spell is a run of months without a gap, before the year assessed; one of more than 18 months is cut into years,
    counted back from its end.

    Parameters
    ----------
    counts : pd.Series
        Whole counts on a PeriodIndex of months, or of quarters; NA = not held, which is no zero.
    assessed : pd.PeriodIndex, optional
        The months of the year assessed, at most 12 in a row; by default the last 12 of the index.
    against : pd.PeriodIndex, optional
        Months in a row, before the year assessed, to compare with instead of every spell: the only spell of the
        result. The other months held have levels of their own.
    interventions : sequence of Intervention
        Dated spells, such as lockdowns, that get a level of their own.
    recording_changes : sequence
        Anything with ``month`` and ``name``: those between a spell and the year assessed are kept with its result.

    Returns
    -------
    ThenAndNow
        p-values adjusted by Holm over the spells; clear at 0.05. A spell that shares fewer than three calendar months
        with the year assessed, or holds fewer than 20 crimes in them, is in ``not_compared`` with the reason; with
        fewer than 24 months held in all, every spell is.

    Raises
    ------
    InputError
        The index is not monthly or repeats a month; a count is negative or not whole; the year assessed is not in the
        index, or is longer than 12 months; ``against`` is not all before it.

    Notes
    -----
    Method and measured errors: ``docs/methods-trends.md``. Misleads where the level itself wanders over the years
    (12% false alarms where it drifts by 15%), and where recording changed: counts alone do not tell the two apart.

    Examples
    --------
    Twenty a month in 2019, ten a month in 2024, and nothing held between:

    >>> months = pd.period_range("2019-01", "2024-12", freq="M")
    >>> counts = pd.Series(20.0, index=months).where(months.year == 2019, 10).where(months.year.isin([2019, 2024]))
    >>> (spell,) = compare_spells(counts).spells
    >>> spell.per_month, spell.assessed_per_month, round(spell.percent), spell.clear
    (20.0, 10.0, -50, True)
    >>> summer = pd.period_range("2019-05", "2019-09", freq="M")
    >>> compare_spells(counts, against=summer).spells[0].count
    100
    """
    series = check_monthly(counts, at_least=1, quarters=True)
    months = pd.PeriodIndex(series.index)
    (found,) = _compared(months, series.to_numpy()[None], assessed, interventions, [recording_changes], against)
    if against is not None:
        mine = {
            name: [one for one in getattr(found, name) if one.first in against] for name in ("spells", "not_compared")
        }
        found = replace(found, spells=tuple(mine["spells"]), not_compared=tuple(mine["not_compared"]))
    return _adjusted([found], "holm", SINGLE_LEVEL)[0]


def compare_spells_of(
    counts: pd.DataFrame,
    *,
    assessed: pd.PeriodIndex | None = None,
    interventions: Sequence[Intervention] = (),
    recording_changes: Mapping[str, Sequence[DatedChange]] | None = None,
) -> dict[str, ThenAndNow]:
    """Compare every column of ``counts``, and pay for having looked at them all.

    As ``compare_spells``, but p-values are adjusted by Benjamini and Hochberg over all series and spells; clear at
    0.10, so that one in ten of the differences called clear may be chance. ``recording_changes`` by column.

    Raises
    ------
    InputError
        As ``compare_spells``, with the column named; a column name occurs twice.

    Examples
    --------
    >>> months = pd.period_range("2019-01", "2024-12", freq="M")
    >>> held = months.year.isin([2019, 2024])
    >>> frame = pd.DataFrame({"theft": pd.Series(20.0, index=months).where(held)})
    >>> compare_spells_of(frame)["theft"].spells[0].clear
    False
    """
    months, rows = check_monthly_frame(counts, quarters=True)
    known = recording_changes or {}
    found = _compared(months, rows, assessed, interventions, [known.get(name, ()) for name in counts.columns])
    return dict(zip(counts.columns, _adjusted(found, "benjamini-hochberg", VERDICTS_LEVEL), strict=True))


def _adjusted(found: Sequence[ThenAndNow], method: Method, level: float) -> list[ThenAndNow]:
    adjusted = iter(adjust_p_values([spell.p_value for one in found for spell in one.spells], method).tolist())
    comparisons = sum(len(one.spells) for one in found)
    return [
        replace(
            one,
            spells=tuple(replace(spell, adjusted_p_value=next(adjusted), level=level) for spell in one.spells),
            comparisons=comparisons,
        )
        for one in found
    ]


@dataclass(frozen=True)
class _Calendar:
    """The months up to the end of the year assessed, and which of them are of that year."""

    months: pd.PeriodIndex
    start: int

    @classmethod
    def of(cls, months: pd.PeriodIndex, assessed: pd.PeriodIndex | None) -> _Calendar:
        if assessed is None:
            return cls(months, max(len(months) - periods_per_year(months), 0))
        if not len(assessed) or len(assessed) > periods_per_year(months) or (np.diff(assessed.asi8) != 1).any():
            raise InputError("the year assessed must be at most one year: months, or quarters, in a row")
        if assessed[0] not in months or assessed[-1] not in months:
            raise InputError(
                f"the year assessed ({assessed[0]} to {assessed[-1]}) is not within the series, which is from "
                f"{months[0]} to {months[-1]}: choose months within it"
            )
        end = int((months <= assessed[-1]).sum())
        return cls(months[:end], end - len(assessed))

    @property
    def per_year(self) -> int:
        """12, or 4 for quarters."""
        return periods_per_year(self.months)

    @property
    def season(self) -> NDArray[np.int64]:
        """0 for January, or for the first quarter of the year."""
        return np.asarray(self.months.month if self.per_year == MONTHS_OF_A_YEAR else self.months.quarter) - 1

    @property
    def days(self) -> NDArray[np.int64]:
        """In each month or quarter."""
        return np.asarray(((self.months + 1).start_time - self.months.start_time).days)

    def within(self, first: pd.Period, last: pd.Period) -> Floats:
        """1 in the months of a dated spell."""
        return np.asarray((self.months >= first) & (self.months <= last), dtype=float)

    def covered(self, intervention: Intervention) -> Floats:
        """1 in the months of an intervention."""
        first, last = (
            pd.Period(month, "M").asfreq(self.months.freqstr) for month in (intervention.start, intervention.end)
        )
        return self.within(first, last)


def _compared(
    months: pd.PeriodIndex,
    rows: Floats,
    assessed: pd.PeriodIndex | None,
    interventions: Sequence[Intervention],
    changes: Sequence[Sequence[DatedChange]],
    against: pd.PeriodIndex | None = None,
) -> list[ThenAndNow]:
    """Every series against its spells; no p-value is adjusted yet."""
    calendar = _Calendar.of(months, assessed)
    rows = rows[:, : len(calendar.months)]
    runs = [_runs_beside(~np.isnan(row[: calendar.start]), calendar, against) for row in rows]
    reasons = [[_too_little(calendar, row, run) for run in runs[i]] for i, row in enumerate(rows)]
    asked = [i for i, why in enumerate(reasons) if "" in why]
    answers: dict[int, _Answered] = {}
    for first in range(0, len(asked), TOGETHER):
        some = asked[first : first + TOGETHER]
        answered = _answered(calendar, rows[some], [runs[i] for i in some], interventions)
        answers.update(zip(some, answered, strict=True))
    return [
        _result(calendar, row, list(zip(runs[i], reasons[i], strict=True)), answers.get(i), changes[i])
        for i, row in enumerate(rows)
    ]


def _runs(held: Flags, per_year: int) -> list[slice]:
    """Runs of months held, those of more than 18 cut into years counted back from their end."""
    edges = np.flatnonzero(np.diff(np.r_[False, held, False].astype(int)))
    runs = []
    for first, last in zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True):
        cuts = list(range(last, first, -per_year)) if last - first > LONGEST_SPELL * per_year else [last]
        if len(cuts) > 1 and cuts[-1] - first < SHORTEST_SPELL * per_year / MONTHS_OF_A_YEAR:
            cuts.pop()  # a month or two at its beginning belong to its first year
        starts = [first, *cuts[:0:-1]]
        runs += [slice(start, end) for start, end in zip(starts, cuts[::-1], strict=True)]
    return runs


def _runs_beside(held: Flags, calendar: _Calendar, against: pd.PeriodIndex | None) -> list[slice]:
    """The runs of months held; of those asked for, one run from the first that is held to the last."""
    if against is None:
        return _runs(held, calendar.per_year)
    wanted = np.flatnonzero(calendar.months.isin(against))
    if not len(against) or len(wanted) != len(against) or wanted[-1] >= calendar.start or (np.diff(wanted) != 1).any():
        raise InputError("the months to compare with must be in a row, within the series and before the year assessed")
    mine = wanted[held[wanted]]
    if not len(mine):
        raise InputError(f"no {period_word(calendar.months)} from {against[0]} to {against[-1]} is held in full")
    before, after = held.copy(), held.copy()
    before[wanted[0] :] = after[: wanted[-1] + 1] = False
    chosen = slice(int(mine[0]), int(mine[-1]) + 1)
    return [*_runs(before, calendar.per_year), chosen, *_runs(after, calendar.per_year)]


def _shared(calendar: _Calendar, row: Floats, run: slice) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Months of the run, and of the year assessed, whose calendar month is held in both."""
    then = np.arange(run.start, run.stop)
    then = then[~np.isnan(row[then])]
    now = np.arange(calendar.start, len(row))
    now = now[~np.isnan(row[now])]
    season = calendar.season
    return then[np.isin(season[then], season[now])], now[np.isin(season[now], season[then])]


def _too_little(calendar: _Calendar, row: Floats, run: slice) -> str:
    """Why a run cannot be compared, or nothing."""
    held = int((~np.isnan(row)).sum())
    then, now = _shared(calendar, row, run)
    word, months = period_word(calendar.months), MONTHS_OF_A_YEAR // calendar.per_year
    if held * months < MONTHS_NEEDED:
        return f"{held} {word}s are held in all, and a comparison needs {MONTHS_NEEDED // months}"
    if len(now) * months < SHORTEST_SPELL:
        need = SHORTEST_SPELL // months
        return f"{len(now)} of its calendar {word}s are held in the year assessed, and {need} are needed"
    if (crimes := int(row[then].sum())) < CRIMES_NEEDED:
        return f"{crimes} were recorded in it, and a comparison needs {CRIMES_NEEDED}"
    return ""


class _SpellTables(SeriesTables):
    """Series whose shifts are the levels of their spells, with no slope, turn or latest level beside them."""

    @property
    def years(self) -> Floats:
        """No slope."""
        return np.zeros_like(self.counts)

    turn = latest = years


@dataclass(frozen=True)
class _Answered:
    """Change, range and p-value against each run of one series, and the months that took part."""

    percent: Floats
    ranges: Floats
    p_values: Floats
    kept: Flags


def _answered(
    calendar: _Calendar, rows: Floats, runs: Sequence[Sequence[slice]], interventions: Sequence[Intervention]
) -> list[_Answered]:
    shape, most = rows.shape, max(len(each) for each in runs)
    levels = np.zeros((*shape, most))
    for i, each in enumerate(runs):
        for k, run in enumerate(each):
            levels[i, run, k] = 1.0
    dated = [calendar.covered(each) for each in interventions]
    covered = np.array([each for each in dated if each.any()]).reshape(-1, shape[1]).T
    shifts = np.broadcast_to(covered, (*shape, covered.shape[1]))
    present = ~np.isnan(rows)
    days = np.log(calendar.days / (DAYS_OF_A_YEAR / calendar.per_year))
    tables = _SpellTables(
        counts=np.where(present, rows, 0.0),
        present=present,
        season=np.broadcast_to(calendar.season, shape),
        offset=np.broadcast_to(days, shape),
        shifts=np.concatenate([levels, shifts], axis=2),
        length=np.full(len(rows), shape[1]),
        per_year=calendar.per_year,
    )
    fits = fit_means(tables)
    mean = np.exp(fits.log_mean)
    models = YearModels(
        SeriesWithYears(
            response=fits.log_mean - tables.offset + fits.kept * (tables.counts - mean) / mean,
            variances=1 / mean,
            kept=fits.kept,
            season=tables.season,
            length=tables.length,
            asked=levels,
            shifts=shifts,
            asked_precision=SHIFT_SD**-2.0,
        ),
        SIZES_ACROSS_GAPS,
        tables.grid,
    )
    effects = models.effects(-np.eye(most))  # from then to now
    return _by_series([_widened(effects.answers(k, PRIOR_ACROSS_GAPS)) for k in range(most)], fits.kept)


def _widened(answers: Answers) -> Answers:
    return replace(answers, errors=WIDER * answers.errors)


def _by_series(answers: Sequence[Answers], kept: Flags) -> list[_Answered]:
    percent = np.array([100 * np.expm1(each.mean) for each in answers])
    ranges = np.array([100 * np.expm1(each.quantiles(RANGE)) for each in answers])
    p_values = np.array([each.p_value for each in answers])
    return [_Answered(percent[:, i], ranges[:, i], p_values[:, i], kept[i]) for i in range(len(kept))]


def _result(
    calendar: _Calendar,
    row: Floats,
    runs: Sequence[tuple[slice, str]],
    answered: _Answered | None,
    changes: Sequence[DatedChange],
) -> ThenAndNow:
    months = calendar.months
    year = row[calendar.start :]
    aside = np.zeros(len(row), dtype=bool) if answered is None else ~np.isnan(row) & ~answered.kept
    return ThenAndNow(
        first=months[calendar.start],
        last=months[-1],
        assessed_months=int((~np.isnan(year)).sum()),
        assessed_count=int(np.nansum(year)),
        spells=tuple(
            _spell(calendar, row, run, k, answered, changes)
            for k, (run, reason) in enumerate(runs)
            if not reason and answered is not None
        ),
        not_compared=tuple(
            NotCompared(months[run.start], months[run.stop - 1], run.stop - run.start, reason)
            for run, reason in runs
            if reason
        ),
        months_set_aside=tuple(
            MonthSetAside(months[int(i)], int(row[i]), "far from what season, spell and chance allow")
            for i in np.flatnonzero(aside)
        ),
        comparisons=0,
    )


def _spell(
    calendar: _Calendar, row: Floats, run: slice, k: int, answered: _Answered, changes: Sequence[DatedChange]
) -> Spell:
    then, now = _shared(calendar, row, run)
    first, last = calendar.months[run.start], calendar.months[run.stop - 1]
    between = tuple(change for change in changes if first < change.month.asfreq(first.freqstr) <= calendar.months[-1])
    low, high = answered.ranges[k].tolist()
    a_month = calendar.per_year / MONTHS_OF_A_YEAR
    return Spell(
        first=first,
        last=last,
        months=int((~np.isnan(row[run])).sum()),
        months_compared=len(then),
        count=int(row[then].sum()),
        per_month=float(row[then].mean()) * a_month,
        assessed_months=len(now),
        assessed_count=int(row[now].sum()),
        assessed_per_month=float(row[now].mean()) * a_month,
        percent=float(answered.percent[k]),
        low=low,
        high=high,
        p_value=float(answered.p_values[k]),
        adjusted_p_value=1.0,
        recording_changes=between,
        level=SINGLE_LEVEL,
    )
