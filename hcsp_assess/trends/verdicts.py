"""Is a monthly series of crimes rising or falling, and how sure can one be? The verdict, made not to cry wolf.

Three questions are declared beforehand and no other is asked: the slope over the whole record, the direction over the
last 36 months, the level of the last 12 months. ``docs/methods-verdicts.md`` explains each.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Literal, Protocol

import numpy as np
import pandas as pd

from hcsp_assess.errors import InputError
from hcsp_assess.trends.calibration import DIRECTION, LATEST, SLOPE, TURN
from hcsp_assess.trends.kendall import seasonal_kendall
from hcsp_assess.trends.model import LATEST_MONTHS, Answer, LinearisedModel, MonthlyData, fit_mean
from hcsp_assess.trends.monthly import check_monthly
from hcsp_assess.trends.multiplicity import SINGLE_LEVEL, VERDICTS_LEVEL, adjust_p_values
from hcsp_assess.trends.results import FittedLine, MonthSetAside, Question, Shift, Strength, Trend, Verdict

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

MONTHS_NEEDED = 48
CRIMES_NEEDED = 60
MONTHS_WITH_CRIMES_NEEDED = 12  # one month's thousand crimes in years of none is an event, not a course
STABLE_WITHIN = 5.0  # per cent a year
CONFIRMING_LEVEL = 0.02  # of the seasonal Kendall test: at 0.05 a long memory too often deceives both tests at once
SHARE_OF_TURN = 0.7  # of the 5% that the question about the last 36 months may err
CONFOUNDED = 4.0  # times the variance of a slope that no shift disturbs
LONG_RUN = "change a year over the whole record"
LAST_36 = "change a year over the last 36 months"
LAST_12 = "last 12 months against the level before"
DAYS_OF_A_MONTH = 365.25 / 12
METHOD = (
    "seasonal log-linear count regression with latent AR(1) noise, averaged over its unknown size and persistence; "
    "confirmed by the Hirsch-Slack seasonal Kendall test"
)


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
        Whole counts on a monthly PeriodIndex; NA = not published. Unsorted months are sorted; months that are absent,
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
    series = _published_span(check_monthly(counts, at_least=0))
    shifts = _shifts_crossed(series, interventions, recording_changes)
    if not _enough(series.to_numpy()):
        return _too_little_data(series)
    calendar = _on_calendar(series, population, shifts)
    return _judged(_fitted_trend(series, calendar, shifts), SINGLE_LEVEL)


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
    if not isinstance(counts, pd.DataFrame):
        raise InputError(f"expected a DataFrame with a column for each series, got {type(counts).__name__}")
    if counts.columns.has_duplicates:
        repeated = counts.columns[counts.columns.duplicated()][0]
        raise InputError(f"the series {repeated!r} occurs more than once: give each column a name of its own")
    trends: dict[str, Trend] = {}
    for name in counts.columns:
        changes = recording_changes.get(name, ()) if isinstance(recording_changes, Mapping) else recording_changes
        try:
            trends[name] = assess_trend(
                counts[name], population=population, interventions=interventions, recording_changes=changes
            )
        except InputError as error:
            raise InputError(f"series {name!r}: {error}") from error
    return _judged_together(trends)


def _judged_together(trends: dict[str, Trend]) -> dict[str, Trend]:
    tested = [name for name, trend in trends.items() if trend.verdict != "too little data"]
    for part in ("long_run", "last_36_months", "last_12_months"):
        adjusted = adjust_p_values([getattr(trends[n], part).p_value for n in tested], "benjamini-hochberg")
        for name, p_value in zip(tested, adjusted, strict=True):
            question = replace(getattr(trends[name], part), adjusted_p_value=float(p_value))
            trends[name] = replace(trends[name], **{part: question})
    for name in trends:
        trends[name] = replace(trends[name], series_tested=len(tested))
        if name in tested:
            trends[name] = _judged(trends[name], VERDICTS_LEVEL)
    return trends


def _judged(trend: Trend, level: float) -> Trend:
    """The words, from answers whose p-values are adjusted."""
    long_run, recent, latest = trend.long_run, trend.last_36_months, trend.last_12_months
    course = long_run.direction if long_run.adjusted_p_value <= level else 0
    turned = recent.direction if recent.adjusted_p_value <= level else 0
    verdict: Verdict = "unclear"
    strength: Strength = ""
    follows: Literal["long run", "last 36 months", ""] = ""
    if turned and turned != course:
        verdict, strength, follows = _WORDS[turned], "probable", "last 36 months"
    elif course:
        agrees = trend.kendall_direction == course and trend.kendall_p_value <= CONFIRMING_LEVEL
        verdict, strength, follows = _WORDS[course], "confirmed" if agrees else "probable", "long run"
    elif long_run.low_90 > -STABLE_WITHIN and long_run.high_90 < STABLE_WITHIN:
        verdict = "stable"
    caveat = ""
    if latest.adjusted_p_value <= level and not _explained(trend):
        caveat = "a change in recording or in what is reported can look the same, and no dated change is known here"
    return replace(trend, verdict=verdict, strength=strength, follows=follows, level=level, caveat=caveat)


_WORDS: dict[int, Verdict] = {1: "rising", -1: "falling"}


def _explained(trend: Trend) -> bool:
    return any(s.kind == "recording change" and s.start > trend.last_month - 2 * LATEST_MONTHS for s in trend.shifts)


def _enough(values: Floats) -> bool:
    months, crimes, with_crimes = np.isfinite(values).sum(), np.nansum(values), (values > 0).sum()
    return bool(months >= MONTHS_NEEDED and crimes >= CRIMES_NEEDED and with_crimes >= MONTHS_WITH_CRIMES_NEEDED)


def _published_span(series: pd.Series) -> pd.Series:
    """From the first published month to the last; the whole if none is."""
    present = np.flatnonzero(~np.isnan(series.to_numpy()))
    return series.iloc[present[0] : present[-1] + 1] if len(present) else series


def _shifts_crossed(
    series: pd.Series, interventions: Sequence[Intervention], recording_changes: Sequence[DatedChange]
) -> list[tuple[str, pd.Period, pd.Period | None]]:
    first, last = series.index[0], series.index[-1]
    crossed: list[tuple[str, pd.Period, pd.Period | None]] = [
        (change.name, change.month, None) for change in recording_changes if first < change.month <= last
    ]
    for span in interventions:
        if span.end < span.start:
            raise InputError(f"the intervention {span.name!r} ends ({span.end}) before it starts ({span.start})")
        if span.end >= first and span.start <= last:
            crossed.append((span.name, span.start, span.end))
    return crossed


def _on_calendar(
    series: pd.Series, population: pd.Series | None, shifts: list[tuple[str, pd.Period, pd.Period | None]]
) -> MonthlyData:
    """Every month from the first published to the last, with NaN where nothing was published."""
    months = _months(series)
    offset = np.log(months.days_in_month.to_numpy() / DAYS_OF_A_MONTH)
    if population is not None:
        offset = offset + _log_population(population, series)
    columns = [(months >= start) & (months <= (end or months[-1])) for _, start, end in shifts]
    return MonthlyData(
        counts=series.to_numpy(),
        month=np.arange(len(months)),
        season=months.month.to_numpy() - 1,
        offset=offset,
        shifts=np.array(columns, dtype=float).reshape(len(shifts), len(months)).T,
        length=len(months),
    )


def _log_population(population: pd.Series, counts: pd.Series) -> Floats:
    people = check_monthly(population, whole=False).reindex(counts.index)
    wrong = counts.notna() & ~(people > 0)
    if wrong.any():
        month = counts.index[wrong][0]
        raise InputError(f"population is missing or not positive in {month}: give it for every month counted")
    logs: Floats = np.log(people.to_numpy())
    return logs - np.nanmean(logs)


def _fitted_trend(
    series: pd.Series, calendar: MonthlyData, shifts: list[tuple[str, pd.Period, pd.Period | None]]
) -> Trend:
    data = calendar.only(~np.isnan(calendar.counts))
    fit = fit_mean(data)
    model = LinearisedModel(fit)
    slope = model.answer(slope=1.0).calibrated(SLOPE, data.length)
    questions = [
        _question(slope, slope.p_value, LONG_RUN),
        _asked_of_recent(model, data),
        _asked_of_latest(model, data),
    ]
    for i, p_value in enumerate(adjust_p_values([q.p_value for q in questions], "holm")):
        questions[i] = replace(questions[i], adjusted_p_value=float(p_value))
    sized = tuple(_sized_shift(shift, model.shift(i)) for i, shift in enumerate(shifts))
    noise_sd, noise_correlation = model.noise(slope)
    dispersion, autocorrelation = _residual_behaviour(fit.data, fit.log_mean)
    kendall_p_value, kendall_direction = _kendall(fit.data, sized)
    return Trend(
        verdict="unclear",
        strength="",
        long_run=questions[0],
        last_36_months=questions[1],
        last_12_months=questions[2],
        **_facts(series),
        months_used=len(fit.data.counts),
        months_set_aside=_set_aside(series, data, fit.kept),
        dispersion=dispersion,
        autocorrelation=autocorrelation,
        noise_sd=noise_sd,
        noise_correlation=noise_correlation,
        kendall_p_value=kendall_p_value,
        kendall_direction=kendall_direction,
        shifts=sized,
        series_tested=1,
        level=SINGLE_LEVEL,
        follows="",
        caveat="",
        notes=_notes(model.confounding(slope), sized),
        method=METHOD,
        line=_fitted_line(series, calendar, fit.data, model, slope),
    )


def _percent(log_change: float) -> float:
    return float(100 * np.expm1(min(log_change, 700.0)))


def _question(answer: Answer, p_value: float, asked: str) -> Question:
    low, low_90, high_90, high = (_percent(q) for q in answer.quantiles(np.array([0.025, 0.05, 0.95, 0.975])))
    return Question(_percent(answer.mean), low, high, low_90, high_90, p_value, p_value, asked)


def _not_asked(asked: str) -> Question:
    return Question(np.nan, -100.0, np.inf, -100.0, np.inf, 1.0, 1.0, asked)


def _asked_of_recent(model: LinearisedModel, data: MonthlyData) -> Question:
    """The direction since the turn, and the chance of as much under a level course.

    Two tests share the 5%: 70% for a turn (down, then up at the same speed, or the reverse: the most powerful shape for
    one) and 30% for the direction itself (which finds a level course that then moves). Bonferroni, with those weights.
    """
    turn = model.answer(vee=1.0).calibrated(TURN, data.length)
    direction = model.answer(slope=1.0, turn=1.0).calibrated(DIRECTION, data.length)
    p_value = min(1.0, turn.p_value / SHARE_OF_TURN, direction.p_value / (1 - SHARE_OF_TURN))
    return _question(direction, p_value, LAST_36)


def _asked_of_latest(model: LinearisedModel, data: MonthlyData) -> Question:
    if data.latest.sum() < LATEST_MONTHS / 2:
        return _not_asked(LAST_12)
    answer = model.answer(latest=1.0).calibrated(LATEST, data.length)
    return _question(answer, answer.p_value, LAST_12)


def _sized_shift(shift: tuple[str, pd.Period, pd.Period | None], answer: Answer) -> Shift:
    name, start, end = shift
    low, high = (_percent(q) for q in answer.quantiles(np.array([0.025, 0.975])))
    kind: Literal["recording change", "intervention"] = "recording change" if end is None else "intervention"
    return Shift(name, start, end, kind, _percent(answer.mean), low, high)


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


def _residual_behaviour(data: MonthlyData, log_mean: Floats) -> tuple[float, float]:
    """Dispersion and lag-1 autocorrelation of the Pearson residuals."""
    mean = np.exp(log_mean)
    residuals = (data.counts - mean) / np.sqrt(mean)
    freedom = max(len(residuals) - 15 - data.shifts.shape[1], 1)
    neighbours = np.diff(data.month) == 1
    scale = float((residuals**2).mean())
    if scale == 0 or not neighbours.any():
        return 0.0, 0.0
    products = residuals[:-1][neighbours] * residuals[1:][neighbours]
    return float((residuals**2).sum() / freedom), float(products.mean() / scale)


def _kendall(data: MonthlyData, shifts: tuple[Shift, ...]) -> tuple[float, int]:
    """p-value and direction of the confirming test, on rates from which the known shifts are taken out."""
    log_shift = np.log1p(np.array([s.percent for s in shifts]) / 100)
    rates = data.counts / np.exp(data.offset + data.shifts @ log_shift)
    values = np.full(data.length, np.nan)
    values[data.month] = rates
    test = seasonal_kendall(values, correlated=True, continuity=True)
    return test.p_value, int(np.sign(test.s))


def _facts(series: pd.Series) -> dict[str, Any]:
    """What is true of the counts themselves."""
    values = series.to_numpy()
    present = ~np.isnan(values)
    end = len(values)
    latest = slice(max(end - LATEST_MONTHS, 0), end)
    previous = slice(max(end - 2 * LATEST_MONTHS, 0), max(end - LATEST_MONTHS, 0))
    return {
        "first_month": series.index[0],
        "last_month": series.index[-1],
        "months_published": int(present.sum()),
        "total": int(np.nansum(values)),
        "last_12_total": int(np.nansum(values[latest])),
        "last_12_published": int(present[latest].sum()),
        "previous_12_total": int(np.nansum(values[previous])),
        "previous_12_published": int(present[previous].sum()),
    }


def _set_aside(series: pd.Series, data: MonthlyData, kept: NDArray[np.bool_]) -> tuple[MonthSetAside, ...]:
    first = series.index[0]
    return tuple(
        MonthSetAside(first + int(data.month[i]), int(data.counts[i]), "far from what season, trend and chance allow")
        for i in np.flatnonzero(~kept)
    )


def _too_little_data(series: pd.Series) -> Trend:
    facts = _facts(series)
    with_crimes = int((series.to_numpy() > 0).sum())
    note = (
        f"{facts['months_published']} published months and {facts['total']} crimes, in {with_crimes} of the months; "
        f"a verdict needs {MONTHS_NEEDED} months, {CRIMES_NEEDED} crimes, {MONTHS_WITH_CRIMES_NEEDED} months with any"
    )
    return Trend(
        verdict="too little data",
        strength="",
        long_run=_not_asked(LONG_RUN),
        last_36_months=_not_asked(LAST_36),
        last_12_months=_not_asked(LAST_12),
        **facts,
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
        level=SINGLE_LEVEL,
        follows="",
        caveat="",
        notes=(note,),
        method=METHOD,
        line=_no_line(series),
    )


def _no_line(series: pd.Series) -> FittedLine:
    nothing = np.full(len(series), np.nan)
    unused = np.zeros(len(series), dtype=bool)
    return FittedLine(_months(series), series.to_numpy(), unused, nothing, nothing, nothing, nothing)


def _fitted_line(
    series: pd.Series, calendar: MonthlyData, used: MonthlyData, model: LinearisedModel, slope: Answer
) -> FittedLine:
    coefficients, covariance = model.line(slope, "slope")
    design = np.column_stack([calendar.base, calendar.years, calendar.shifts])
    season = design[:, 1:12] @ coefficients[1:12]
    design[:, 1:12] = 0
    log_line = design @ coefficients
    margin = 1.96 * np.sqrt(((design @ covariance) * design).sum(axis=1))
    return FittedLine(
        months=_months(series),
        observed=calendar.counts,
        used=np.isin(calendar.month, used.month),
        expected=np.exp(log_line + season + calendar.offset),
        trend=np.exp(log_line),
        low=np.exp(log_line - margin),
        high=np.exp(log_line + margin),
    )


def _months(series: pd.Series) -> pd.PeriodIndex:
    assert isinstance(series.index, pd.PeriodIndex)  # noqa: S101 - checked at the door
    return series.index
