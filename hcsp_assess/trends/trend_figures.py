"""From monthly series to the figures of their trends: answers to the three questions, shifts, noise. Many at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import pandas as pd

from hcsp_assess.trends.calibration import DIRECTION, LATEST, SLOPE, TURN
from hcsp_assess.trends.kendall import seasonal_scores, two_sided_p_values, z_scores
from hcsp_assess.trends.model import LATEST_MONTHS, Answers, LinearisedModels, MeanFits, SeriesTables, fit_means
from hcsp_assess.trends.multiplicity import SINGLE_LEVEL, adjust_p_values
from hcsp_assess.trends.results import MonthSetAside, Question, SeriesFit, Shift, Trend

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Flags = NDArray[np.bool_]

TOGETHER = 25  # series worked out at once: what they need of memory stays in the processor's cache
MONTHS_NEEDED = 48
CRIMES_NEEDED = 60
MONTHS_WITH_CRIMES_NEEDED = 12  # one month's thousand crimes in years of none is an event, not a course
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

#: Name, first month, and last month of an intervention (None for a recording change).
CrossedShift = tuple[str, pd.Period, pd.Period | None]


@dataclass(frozen=True)
class MonthlySeries:
    """A series from its first published month to its last: ``counts`` are NaN where nothing was published.

    ``offset`` is log of days (and population). ``shift_columns`` has a row for each of ``shifts``, 1 in its months.
    """

    months: pd.PeriodIndex
    season: NDArray[np.int64]
    counts: Floats
    offset: Floats
    shifts: Sequence[CrossedShift]
    shift_columns: Floats

    @property
    def enough(self) -> bool:
        """Whether it holds what a verdict needs."""
        months, crimes, with_crimes = self.known
        return bool(months >= MONTHS_NEEDED and crimes >= CRIMES_NEEDED and with_crimes >= MONTHS_WITH_CRIMES_NEEDED)

    @property
    def known(self) -> tuple[int, int, int]:
        """Published months, crimes, and months with any."""
        return int((~np.isnan(self.counts)).sum()), int(np.nansum(self.counts)), int((self.counts > 0).sum())


def estimate_trends(series: Sequence[MonthlySeries]) -> list[Trend]:
    """Answer the three questions for every series, in their order; no word is given yet (verdict "unclear").

    Methods, sources and when they mislead: ``docs/methods-verdicts.md``.

    Examples
    --------
    >>> months = pd.period_range("2018-01", periods=72, freq="M")
    >>> counts, season = (50 * 1.2 ** (months.year - 2018)).round().to_numpy(), months.month.to_numpy() - 1
    >>> one = MonthlySeries(months, season, counts, np.zeros(72), (), np.empty((0, 72)))
    >>> round(estimate_trends([one])[0].long_run.percent)
    20
    """
    trends: dict[int, Trend] = {}
    enough = [i for i, one in enumerate(series) if one.enough]
    enough.sort(key=lambda i: (len(series[i].shifts), len(series[i].counts)))
    for first in range(0, len(enough), TOGETHER):
        chunk = enough[first : first + TOGETHER]
        trends.update(zip(chunk, _estimated([series[i] for i in chunk]), strict=True))
    return [trends[i] if i in trends else _too_little_data(one) for i, one in enumerate(series)]


def _tables(series: Sequence[MonthlySeries]) -> SeriesTables:
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
    )


def _estimated(series: Sequence[MonthlySeries]) -> list[Trend]:
    tables = _tables(series)
    fits = fit_means(tables)
    models = LinearisedModels(fits)
    slope = models.change("slope").calibrated(SLOPE, tables.length)
    asked = _questions(models, slope, tables)
    shifts = [_sized(models.shift(i)) for i in range(tables.shifts.shape[2])]
    noise_sd, noise_correlation = models.noise(slope)
    dispersion, autocorrelation = _residual_behaviour(fits, np.array([len(one.shifts) for one in series]))
    kendall_p_value, kendall_direction = _kendall(fits, shifts)
    products, confounding = models.line_products(slope), models.confounding(slope)
    trends = []
    for i, one in enumerate(series):
        sized = tuple(_shift(shift, shifts[k][:, i]) for k, shift in enumerate(one.shifts))
        long_run, last_36_months, last_12_months = _adjusted(asked, i)
        wanted = [*range(12 + len(one.shifts)), -2, -1]
        trends.append(
            Trend(
                **_nothing_said(),
                long_run=long_run,
                last_36_months=last_36_months,
                last_12_months=last_12_months,
                **_facts(one),
                months_used=int(fits.kept[i].sum()),
                months_set_aside=_set_aside(one, tables.present[i] & ~fits.kept[i]),
                dispersion=float(dispersion[i]),
                autocorrelation=float(autocorrelation[i]),
                noise_sd=float(noise_sd[i]),
                noise_correlation=float(noise_correlation[i]),
                kendall_p_value=float(kendall_p_value[i]),
                kendall_direction=int(kendall_direction[i]),
                shifts=sized,
                series_tested=1,
                notes=_notes(float(confounding[i]), sized),
                fit=_fit_of(one, fits.kept[i, : len(one.counts)], products[i][np.ix_(wanted, wanted)]),
            )
        )
    return trends


def _nothing_said() -> dict[str, Any]:
    return {"verdict": "unclear", "strength": "", "level": SINGLE_LEVEL, "follows": "", "caveat": "", "method": METHOD}


@dataclass(frozen=True)
class _Asked:
    """One question's figures, a value for each series: per cent, its four quantiles in a row each, p-value."""

    asked: str
    percent: Floats
    quantiles: Floats
    p_value: Floats
    could_be: Flags


def _questions(models: LinearisedModels, slope: Answers, tables: SeriesTables) -> list[_Asked]:
    """The three questions.

    About the last 36 months two tests share the 5%: 70% for a turn (down, then up at the same speed, or the reverse:
    the most powerful shape for one) and 30% for the direction itself (which finds a level course that then moves).
    Bonferroni, with those weights.
    """
    turn = models.turn_and_back().calibrated(TURN, tables.length)
    direction = models.direction_since_turn().calibrated(DIRECTION, tables.length)
    recent = np.minimum(turn.p_value / SHARE_OF_TURN, direction.p_value / (1 - SHARE_OF_TURN))
    latest = models.change("latest").calibrated(LATEST, tables.length)
    published = (tables.present * tables.latest).sum(axis=1)
    always = np.full(len(published), fill_value=True)
    return [
        _asked(LONG_RUN, slope, slope.p_value, always),
        _asked(LAST_36, direction, np.minimum(1.0, recent), always),
        _asked(LAST_12, latest, latest.p_value, published >= LATEST_MONTHS / 2),
    ]


def _asked(asked: str, answers: Answers, p_value: Floats, could_be: Flags) -> _Asked:
    quantiles = _percent(answers.quantiles(QUANTILES))
    return _Asked(asked, _percent(answers.mean), quantiles, np.where(could_be, p_value, 1.0), could_be)


def _adjusted(asked: Sequence[_Asked], i: int) -> list[Question]:
    """The questions of one series, with p-values adjusted by Holm."""
    adjusted = adjust_p_values([float(each.p_value[i]) for each in asked], "holm")
    return [
        Question(
            float(each.percent[i]), *_limits(each.quantiles[i]), float(each.p_value[i]), float(p_value), each.asked
        )
        if each.could_be[i]
        else _not_asked(each.asked, float(p_value))
        for each, p_value in zip(asked, adjusted, strict=True)
    ]


def _limits(quantiles: Floats) -> tuple[float, float, float, float]:
    low, low_90, high_90, high = (float(each) for each in quantiles)
    return low, high, low_90, high_90


def _not_asked(asked: str, adjusted: float = 1.0) -> Question:
    return Question(np.nan, -100.0, np.inf, -100.0, np.inf, 1.0, adjusted, asked)


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
            "the slope can hardly be told from the recording changes: its interval is that wide for this reason"
        )
    return tuple(notes)


def _residual_behaviour(fits: MeanFits, shifts: NDArray[np.int64]) -> tuple[Floats, Floats]:
    """Dispersion and lag-1 autocorrelation of the Pearson residuals."""
    mean, kept = np.exp(fits.log_mean), fits.kept
    residuals = np.where(kept, (fits.tables.counts - mean) / np.sqrt(mean), 0.0)
    squares, months = (residuals**2).sum(axis=1), kept.sum(axis=1)
    neighbours = (kept[:, 1:] & kept[:, :-1]).sum(axis=1)
    products = (residuals[:, 1:] * residuals[:, :-1]).sum(axis=1) / np.maximum(neighbours, 1)
    told = (squares > 0) & (neighbours > 0)
    correlation = products / np.where(told, squares / months, 1.0)
    dispersion = squares / np.maximum(months - 15 - shifts, 1)
    return np.where(told, dispersion, 0.0), np.where(told, correlation, 0.0)


def _kendall(fits: MeanFits, shifts: Sequence[Floats]) -> tuple[Floats, Floats]:
    """p-value and direction of the confirming test, on rates from which the known shifts are taken out."""
    log_rate_of_one = fits.tables.offset
    for column, size in enumerate(shifts):
        log_rate_of_one = log_rate_of_one + fits.tables.shifts[:, :, column] * np.log1p(size[0] / 100)[:, None]
    rates = np.where(fits.kept, fits.tables.counts / np.exp(log_rate_of_one), np.nan)
    s, variance = seasonal_scores(rates)
    return two_sided_p_values(z_scores(s, variance, continuity=True)), np.sign(s)


def _facts(one: MonthlySeries) -> dict[str, Any]:
    """What is true of the counts themselves."""
    present = ~np.isnan(one.counts)
    counts = np.where(present, one.counts, 0.0)
    end = len(counts)
    latest = slice(max(end - LATEST_MONTHS, 0), end)
    previous = slice(max(end - 2 * LATEST_MONTHS, 0), max(end - LATEST_MONTHS, 0))
    return {
        "first_month": one.months[0],
        "last_month": one.months[-1],
        "months_published": int(present.sum()),
        "total": int(counts.sum()),
        "last_12_total": int(counts[latest].sum()),
        "last_12_published": int(present[latest].sum()),
        "previous_12_total": int(counts[previous].sum()),
        "previous_12_published": int(present[previous].sum()),
    }


def _set_aside(one: MonthlySeries, aside: Flags) -> tuple[MonthSetAside, ...]:
    return tuple(
        MonthSetAside(one.months[int(i)], int(one.counts[i]), "far from what season, trend and chance allow")
        for i in np.flatnonzero(aside)
    )


def _fit_of(one: MonthlySeries, used: Flags, products: Floats | None) -> SeriesFit:
    return SeriesFit(one.months, one.counts, used, one.season, one.offset, one.shift_columns, products)


def _too_little_data(one: MonthlySeries) -> Trend:
    months, crimes, with_crimes = one.known
    note = (
        f"{months} published months and {crimes} crimes, in {with_crimes} of the months; "
        f"a verdict needs {MONTHS_NEEDED} months, {CRIMES_NEEDED} crimes, {MONTHS_WITH_CRIMES_NEEDED} months with any"
    )
    return Trend(
        **{**_nothing_said(), "verdict": "too little data"},
        long_run=_not_asked(LONG_RUN),
        last_36_months=_not_asked(LAST_36),
        last_12_months=_not_asked(LAST_12),
        **_facts(one),
        months_used=0,
        months_set_aside=(),
        dispersion=0.0,
        autocorrelation=0.0,
        noise_sd=0.0,
        noise_correlation=0.0,
        kendall_p_value=1.0,
        kendall_direction=0,
        shifts=(),
        series_tested=0,
        notes=(note,),
        fit=_fit_of(one, np.zeros(len(one.counts), dtype=bool), None),
    )
