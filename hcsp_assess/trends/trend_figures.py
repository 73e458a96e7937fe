"""Work out the trend figures of many series at once: three questions, shifts and noise."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from hcsp_assess.trends.calibration import DIRECTION, SLOPE, TURN
from hcsp_assess.trends.count_series import (
    CRIMES_NEEDED,
    LATEST_CRIMES_NEEDED,
    MONTHS_NEEDED,
    CountSeries,
    CrossedShift,
)
from hcsp_assess.trends.kendall import seasonal_scores, two_sided_p_values, z_scores
from hcsp_assess.trends.last_year import LastYear, weights_over
from hcsp_assess.trends.model import Answers, LinearisedModels, MeanFits, SeriesTables, fit_means
from hcsp_assess.trends.multiplicity import SINGLE_LEVEL, adjust_p_values
from hcsp_assess.trends.plain_counts import PlainRates
from hcsp_assess.trends.results import MonthSetAside, Question, SeriesFit, Shift, Trend
from hcsp_assess.trends.year_effects import PRIOR

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Flags = NDArray[np.bool_]

TOGETHER = 50  # series worked out at once: what they need of memory stays in the processor's cache
SHARE_OF_TURN = 0.7  # of the 5% that the question about the last 36 months may err
CONFOUNDED = 4.0  # times the variance of a slope that no shift disturbs
LONG_RUN = "change a year over the whole record"
LAST_36 = "change a year over the last 36 months"
LAST_12 = "last 12 months against the level before"
METHOD = (
    "seasonal log-linear count regression with latent AR(1) noise, averaged over its unknown size and persistence; "
    "confirmed by the Hirsch-Slack seasonal Kendall test"
)
QUANTILES = np.array([0.025, 0.05, 0.95, 0.975])


def estimate_trends(
    series: Sequence[CountSeries],
    *,
    pool_years: bool = False,
    progress: Callable[[int, int], None] | None = None,
) -> list[Trend]:
    """Answer the three questions for every series, in their order; no word is given yet (it is "unclear").

    Methods, sources and when they mislead: ``docs/methods-trends.md``.

    Parameters
    ----------
    pool_years : bool
        Whether the series together say how much whole years differ for the question on the last 12 months; else each
        rests on the prior.
    progress : callable, optional
        Called with the number of series worked out and the number of all.

    Examples
    --------
    >>> import pandas as pd
    >>> months = pd.period_range("2018-01", periods=72, freq="M")
    >>> counts, season = (50 * 1.2 ** (months.year - 2018)).round().to_numpy(), months.month.to_numpy() - 1
    >>> one = CountSeries(months, season, counts, np.zeros(72), (), np.empty((0, 72)))
    >>> round(estimate_trends([one])[0].long_run.percent)
    20
    """
    chunks = _chunks(series, [i for i, one in enumerate(series) if one.enough])
    estimated, worked_out = [], 0
    for chunk in chunks:
        estimated.append(_Estimated.of([series[i] for i in chunk]))
        worked_out += len(chunk)
        if progress is not None:
            progress(worked_out, sum(map(len, chunks)))
    weights = weights_over([each.last_year for each in estimated]) if pool_years and estimated else PRIOR
    trends: dict[int, Trend] = {}
    for chunk, each in zip(chunks, estimated, strict=True):
        trends.update(zip(chunk, each.trends(weights), strict=True))
    return [trends[i] if i in trends else _not_tested(one) for i, one in enumerate(series)]


def _chunks(series: Sequence[CountSeries], which: Sequence[int]) -> list[list[int]]:
    """Series that are worked out together: of the same periods, and of a turn all or none."""
    alike: dict[tuple[int, bool], list[int]] = {}
    for i in which:
        alike.setdefault((series[i].per_year, series[i].asks[1]), []).append(i)
    chunks = []
    for group in alike.values():
        group.sort(key=lambda i: (len(series[i].shifts), len(series[i].counts)))
        chunks += [group[first : first + TOGETHER] for first in range(0, len(group), TOGETHER)]
    return chunks


def _tables(series: Sequence[CountSeries]) -> SeriesTables:
    n, shifts = max(len(one.counts) for one in series), max(len(one.shifts) for one in series)
    shape = (len(series), n)
    counts, offset, season = np.full(shape, np.nan), np.zeros(shape), np.zeros(shape, dtype=int)
    shift_columns = np.zeros((*shape, shifts))
    for i, one in enumerate(series):
        months = len(one.counts)
        counts[i, :months], offset[i, :months], season[i, :months] = one.counts, one.offset, one.season
        shift_columns[i, :months, : len(one.shifts)] = one.shift_columns.T
    present = ~np.isnan(counts)
    return SeriesTables(
        counts=np.where(present, counts, 0.0),
        present=present,
        season=season,
        offset=np.where(present, offset, 0.0),
        shifts=shift_columns,
        length=np.array([len(one.counts) for one in series]),
        per_year=series[0].per_year,
    )


@dataclass(frozen=True)
class _Estimated:
    """Results for a chunk of series before the question on the last year is answered, without their models."""

    series: Sequence[CountSeries]
    present: Flags
    kept: Flags
    changes: Floats
    asked: list[_Asked]
    last_year: LastYear
    shifts: list[Floats]
    noise: tuple[Floats, Floats]
    residuals: tuple[Floats, Floats]
    kendall: tuple[Floats, Floats]
    products: Floats
    confounding: Floats

    @classmethod
    def of(cls, series: Sequence[CountSeries]) -> _Estimated:
        fits = fit_means(_tables(series))
        models, tables = LinearisedModels(fits), fits.tables
        asks = np.array([one.asks for one in series])
        slope = models.change("slope").calibrated(SLOPE, tables.length_in_months)
        shifts = [_sized(models.shift(i)) for i in range(tables.shifts.shape[2])]
        return cls(
            series=series,
            present=tables.present,
            kept=fits.kept,
            changes=tables.changes,
            asked=_questions_on_course(models, slope, tables, asks),
            last_year=LastYear.of(fits, models, turn=bool(asks[0, 1]), long_enough=asks[:, 0]),
            shifts=shifts,
            noise=models.noise(slope),
            residuals=_residual_behaviour(fits, np.array([len(one.shifts) for one in series])),
            kendall=_kendall(fits, shifts),
            products=models.line_products(slope),
            confounding=models.confounding(slope),
        )

    def trends(self, weights_of_sizes: Floats) -> list[Trend]:
        """The trends, with the question on the last year answered under the given weights of the year's effect."""
        latest = self.last_year.answers(weights_of_sizes)
        asks = np.array([one.asks[2] for one in self.series])
        asked = [*self.asked, _asked(LAST_12, latest, latest.p_value, asks)]
        return [self._trend(i, one, asked) for i, one in enumerate(self.series)]

    def _trend(self, i: int, one: CountSeries, asked: Sequence[_Asked]) -> Trend:
        sized = tuple(_shift(shift, self.shifts[k][:, i]) for k, shift in enumerate(one.shifts))
        long_run, last_36_months, last_12_months = _adjusted(asked, i)
        return Trend(
            **_nothing_said(),
            long_run=long_run,
            last_36_months=last_36_months,
            last_12_months=last_12_months,
            **_facts(one),
            months_used=int(self.kept[i].sum()),
            months_set_aside=_set_aside(one, self.present[i] & ~self.kept[i]),
            dispersion=float(self.residuals[0][i]),
            autocorrelation=float(self.residuals[1][i]),
            noise_sd=float(self.noise[0][i]),
            noise_correlation=float(self.noise[1][i]),
            kendall_p_value=float(self.kendall[0][i]),
            kendall_direction=int(self.kendall[1][i]),
            shifts=sized,
            series_tested=1,
            notes=_notes(float(self.confounding[i]), sized),
            fit=_fit_of(one, self.kept[i], self.changes[i], self.products[i]),
        )


def _nothing_said() -> dict[str, Any]:
    said = {"verdict": "unclear", "strength": "", "level": SINGLE_LEVEL, "follows": "", "reason": "", "caveat": ""}
    return {**said, "method": METHOD}


@dataclass(frozen=True)
class _Asked:
    """One question's figures, a value for each series: per cent, its four quantiles in a row each, p-value."""

    asked: str
    percent: Floats
    quantiles: Floats
    p_value: Floats
    could_be: Flags


def _questions_on_course(models: LinearisedModels, slope: Answers, tables: SeriesTables, asks: Flags) -> list[_Asked]:
    """The questions on the whole record and on the last 36 months.

    About the last 36 months two tests share the 5%: 70% for a turn (down, then up at the same speed, or the reverse:
    the most powerful shape for one) and 30% for the direction itself (which finds a level course that then moves).
    Bonferroni, with those weights.
    """
    months = tables.length_in_months
    direction, recent = slope, np.ones(len(months))
    if asks[:, 1].any():
        turn = models.turn_and_back().calibrated(TURN, months)
        direction = models.direction_since_turn().calibrated(DIRECTION, months)
        recent = np.minimum(1.0, np.minimum(turn.p_value / SHARE_OF_TURN, direction.p_value / (1 - SHARE_OF_TURN)))
    return [_asked(LONG_RUN, slope, slope.p_value, asks[:, 0]), _asked(LAST_36, direction, recent, asks[:, 1])]


def _asked(asked: str, answers: Answers, p_value: Floats, could_be: Flags) -> _Asked:
    quantiles = _percent(answers.quantiles(QUANTILES))
    return _Asked(asked, _percent(answers.mean), quantiles, np.where(could_be, p_value, 1.0), could_be)


def _adjusted(asked: Sequence[_Asked], i: int) -> list[Question]:
    """The questions of one series, with p-values adjusted by Holm over those that were asked."""
    put = [each for each in asked if each.could_be[i]]
    adjusted = iter(adjust_p_values([float(each.p_value[i]) for each in put], "holm"))
    return [
        Question(
            float(each.percent[i]),
            *_limits(each.quantiles[i]),
            float(each.p_value[i]),
            float(next(adjusted)),
            each.asked,
        )
        if each.could_be[i]
        else _not_asked(each.asked)
        for each in asked
    ]


def _limits(quantiles: Floats) -> tuple[float, float, float, float]:
    low, low_90, high_90, high = (float(each) for each in quantiles)
    return low, high, low_90, high_90


def _not_asked(asked: str) -> Question:
    return Question(np.nan, -100.0, np.inf, -100.0, np.inf, 1.0, 1.0, asked)


def _percent(log_change: Floats) -> Floats:
    percent: Floats = 100 * np.expm1(np.minimum(log_change, 700.0))
    return percent


def _sized(answers: Answers) -> Floats:
    """Per cent, low and high of a known shift: a row each."""
    return np.vstack([_percent(answers.mean), _percent(answers.quantiles(QUANTILES[[0, -1]])).T])


def _shift(shift: CrossedShift, size: Floats) -> Shift:
    name, start, end = shift
    kind: Literal["recording change", "intervention"] = "recording change" if end is None else "intervention"
    return Shift(name, start, end, kind, *(float(each) for each in size))


def _notes(confounding: float, shifts: tuple[Shift, ...]) -> tuple[str, ...]:
    notes = []
    for shift in shifts:
        size = f"{shift.percent:+.0f}% (95% interval {shift.low:+.0f}% to {shift.high:+.0f}%)"
        until = f" to {shift.end}" if shift.end is not None else ""
        notes.append(f"{shift.kind} held apart from the slope: {shift.name}, from {shift.start}{until}, level {size}")
    if any(shift.kind == "recording change" for shift in shifts) and confounding > CONFOUNDED:
        notes.append(
            "the slope and the recording changes can hardly be separated: for this reason its interval is that wide"
        )
    return tuple(notes)


def _residual_behaviour(fits: MeanFits, shifts: NDArray[np.int64]) -> tuple[Floats, Floats]:
    """Dispersion and lag-1 autocorrelation of the Pearson residuals."""
    mean, kept = np.exp(fits.log_mean), fits.kept
    residuals = np.where(kept, (fits.tables.counts - mean) / np.sqrt(mean), 0.0)
    squares, months = (residuals**2).sum(axis=1), kept.sum(axis=1)
    neighbours = (kept[:, 1:] & kept[:, :-1]).sum(axis=1)
    products = (residuals[:, 1:] * residuals[:, :-1]).sum(axis=1) / np.maximum(neighbours, 1)
    known = (squares > 0) & (neighbours > 0)
    correlation = products / np.where(known, squares / months, 1.0)
    dispersion = squares / np.maximum(months - fits.tables.per_year - 3 - shifts, 1)
    return np.where(known, dispersion, 0.0), np.where(known, correlation, 0.0)


def _kendall(fits: MeanFits, shifts: Sequence[Floats]) -> tuple[Floats, Floats]:
    """p-value and direction of the confirming test, on rates from which the known shifts are taken out."""
    log_rate_of_one = fits.tables.offset
    for column, size in enumerate(shifts):
        log_rate_of_one = log_rate_of_one + fits.tables.shifts[:, :, column] * np.log1p(size[0] / 100)[:, None]
    rates = np.where(fits.kept, fits.tables.counts / np.exp(log_rate_of_one), np.nan)
    s, variance = seasonal_scores(rates, period=fits.tables.per_year)
    return two_sided_p_values(z_scores(s, variance, continuity=True)), np.sign(s)


def _facts(one: CountSeries) -> dict[str, Any]:
    """What is true of the counts themselves."""
    present, year = ~np.isnan(one.counts), one.per_year
    counts = np.where(present, one.counts, 0.0)
    end = len(counts)
    latest = slice(max(end - year, 0), end)
    previous = slice(max(end - 2 * year, 0), max(end - year, 0))
    return {
        "per_year": year,
        "began": one.began,
        "ended": one.ended,
        "first_month": one.periods[0],
        "last_month": one.periods[-1],
        "months_published": int(present.sum()),
        "total": int(counts.sum()),
        "last_12_total": int(counts[latest].sum()),
        "last_12_published": int(present[latest].sum()),
        "previous_12_total": int(counts[previous].sum()),
        "previous_12_published": int(present[previous].sum()),
    }


def _set_aside(one: CountSeries, aside: Flags) -> tuple[MonthSetAside, ...]:
    far = "far from what season, trend and chance allow"
    found = [MonthSetAside(one.periods[int(i)], int(one.counts[i]), far) for i in np.flatnonzero(aside)]
    return tuple(sorted([*found, *one.silent], key=lambda item: item.month.ordinal))


def _fit_of(one: CountSeries, used: Flags, changes: Floats, products: Floats | None) -> SeriesFit:
    """What the line is drawn from; of the products those of the series' own shifts."""
    n, own = len(one.counts), one.per_year + len(one.shifts)
    if products is not None:
        wanted = [*range(own), *range(len(products) - 4, len(products))]
        products = products[np.ix_(wanted, wanted)]
    return SeriesFit(
        one.periods,
        one.counts,
        used[:n],
        one.season,
        one.offset,
        one.shift_columns,
        changes[:n].T,
        one.per_year,
        products,
    )


def plain_rates(trend: Trend) -> PlainRates:
    """The counts that a trend was assessed on, over days, people and known recording changes; lockdowns left out.

    Examples
    --------
    >>> import pandas as pd
    >>> months = pd.period_range("2018-01", periods=72, freq="M")
    >>> counts, season = np.where(months.year == 2020, 90.0, 50.0), months.month.to_numpy() - 1
    >>> one = CountSeries(months, season, counts, np.zeros(72), (), np.empty((0, 72)))
    >>> plain_rates(estimate_trends([one])[0]).contradict_long_run(1)
    True
    """
    fit = trend.fit
    with np.errstate(invalid="ignore"):
        rates = np.where(fit.used, fit.observed, np.nan) / np.exp(fit.offset)
    for shift, column in zip(trend.shifts, fit.shift_columns, strict=True):
        inside = column > 0
        rates[inside] = np.nan if shift.kind == "intervention" else rates[inside] / (1 + shift.percent / 100)
    return PlainRates(rates, fit.season, fit.per_year)


def _not_tested(one: CountSeries) -> Trend:
    periods, crimes, with_crimes = one.known
    name = "months" if one.per_year == 12 else "quarters"
    verdict = "too little data"
    note = (
        f"{periods} published {name} and {crimes} crimes, in {with_crimes} of the {name}; a trend needs "
        f"{MONTHS_NEEDED * one.per_year // 12} {name} of which the last year has half, {CRIMES_NEEDED} crimes "
        f"({LATEST_CRIMES_NEEDED} in the last two years), and {one.per_year} {name} with any"
    )
    if one.ended is not None:
        verdict = "no longer recorded" if one.ended_for >= one.per_year else "not assessed"
        note = f"nothing but stray records in the {one.ended_for} {name} since {one.ended}"
    return Trend(
        **{**_nothing_said(), "verdict": verdict},
        long_run=_not_asked(LONG_RUN),
        last_36_months=_not_asked(LAST_36),
        last_12_months=_not_asked(LAST_12),
        **_facts(one),
        months_used=0,
        months_set_aside=one.silent,
        dispersion=0.0,
        autocorrelation=0.0,
        noise_sd=0.0,
        noise_correlation=0.0,
        kendall_p_value=1.0,
        kendall_direction=0,
        shifts=(),
        series_tested=0,
        notes=(note,),
        fit=_fit_of(one, np.zeros(len(one.counts), dtype=bool), np.zeros((len(one.counts), 3)), None),
    )
