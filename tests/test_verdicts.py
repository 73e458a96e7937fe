"""Verdicts: planted truths recovered, silence where nothing is, and an answer or a clear refusal for any input."""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hcsp_assess.errors import InputError
from hcsp_assess.trends import Intervention, Trend, assess_trend, assess_trends, fit_seasonal_regression
from hcsp_assess.trends.verdicts import CONFIRMING_LEVELS


@dataclass(frozen=True)
class DatedChange:
    month: pd.Period
    name: str


def series_of(values: object, start: str = "2013-04") -> pd.Series:
    numbers = pd.array(list(values), dtype="Int64")  # type: ignore[call-overload]
    return pd.Series(numbers, index=pd.period_range(start, periods=len(numbers), freq="M"), name="crimes")


def drawn(log_mean: np.ndarray, seed: int, noise_sd: float = 0.1, rho: float = 0.4) -> pd.Series:
    rng = np.random.default_rng(seed)
    noise = np.zeros(len(log_mean))
    for i in range(1, len(log_mean)):
        noise[i] = rho * noise[i - 1] + noise_sd * math.sqrt(1 - rho**2) * rng.standard_normal()
    season = 0.15 * np.cos(2 * np.pi * np.arange(len(log_mean)) / 12)
    return series_of(rng.poisson(np.exp(log_mean + season + noise)))


YEARS = np.arange(120) / 12


def all_numbers_hold(trend: Trend) -> None:
    for question in (trend.long_run, trend.last_36_months, trend.last_12_months):
        assert 0 <= question.p_value <= question.adjusted_p_value <= 1
        assert -100 <= question.low <= question.low_90 <= question.high_90 <= question.high
        if not math.isnan(question.percent):
            assert question.low <= question.percent <= question.high


def test_a_steady_rise_is_rising_and_confirmed_with_its_size_in_the_interval() -> None:
    trend = assess_trend(drawn(np.log(60) + 0.08 * YEARS, seed=1))
    assert (trend.verdict, trend.strength, trend.follows) == ("rising", "confirmed", "long run")
    assert trend.long_run.low < 100 * math.expm1(0.08) < trend.long_run.high
    assert trend.kendall_direction == 1
    all_numbers_hold(trend)


def test_a_steady_fall_is_falling() -> None:
    assert assess_trend(drawn(np.log(60) - 0.08 * YEARS, seed=2)).verdict == "falling"


def test_many_crimes_without_a_trend_are_stable() -> None:
    trend = assess_trend(drawn(np.full(120, np.log(300)), seed=3, noise_sd=0.05, rho=0.2))
    assert trend.verdict == "stable"
    assert trend.long_run.low_90 > -5
    assert trend.long_run.high_90 < 5


def test_few_crimes_without_a_trend_are_unclear_and_not_stable() -> None:
    assert assess_trend(drawn(np.full(60, np.log(3)), seed=4)).verdict == "unclear"


def test_a_turn_in_the_last_36_months_gives_the_word_and_both_courses_are_kept() -> None:
    turn = np.where(np.arange(120) < 84, -0.08 * YEARS, -0.08 * 7 + 0.15 * (YEARS - 7))
    trend = assess_trend(drawn(np.log(200) + turn, seed=5))
    assert (trend.verdict, trend.strength, trend.follows) == ("rising", "probable", "last 36 months")
    assert trend.last_36_months.low > 0


def test_a_step_in_the_last_12_months_is_said_and_carries_its_caveat() -> None:
    trend = assess_trend(drawn(np.log(100) + 0.4 * (np.arange(120) >= 108), seed=6))
    assert trend.last_12_months.adjusted_p_value < 0.05
    assert trend.last_12_months.low < 100 * math.expm1(0.4) < trend.last_12_months.high
    assert "recording" in trend.caveat
    assert trend.verdict in ("higher", "rising")


def test_a_dated_recording_change_in_that_year_takes_the_place_of_the_caveat_and_of_the_claim() -> None:
    counts = drawn(np.log(100) + 0.4 * (np.arange(120) >= 108), seed=6)
    change = DatedChange(counts.index[108], "new counting rules")
    trend = assess_trend(counts, recording_changes=[change])
    assert trend.caveat == ""
    assert trend.last_12_months.p_value > 0.05
    (shift,) = trend.shifts
    assert (shift.name, shift.kind, shift.start) == ("new counting rules", "recording change", change.month)
    assert shift.low < 100 * math.expm1(0.4) < shift.high
    assert "new counting rules" in trend.notes[0]


def test_a_shift_of_recording_is_not_fitted_through_as_a_slope() -> None:
    counts = drawn(np.log(100) + 0.5 * (np.arange(120) >= 50), seed=7)
    told = assess_trend(counts, recording_changes=[DatedChange(counts.index[50], "the recording drive")])
    assert assess_trend(counts).verdict == "rising"
    assert told.verdict != "rising"
    assert told.long_run.low < 0 < told.long_run.high


def test_a_slope_that_cannot_be_separated_from_shifts_is_said_to_be_so() -> None:
    counts = drawn(np.log(100) + 0.05 * np.arange(60) / 12, seed=8)
    changes = [DatedChange(counts.index[i], f"change {i}") for i in (15, 30, 45)]
    trend = assess_trend(counts, recording_changes=changes)
    assert trend.verdict == "unclear"
    assert "can hardly be separated" in trend.notes[-1]


def test_a_change_before_the_first_month_or_after_the_last_is_not_crossed() -> None:
    counts = drawn(np.full(60, np.log(30)), seed=9)
    changes = [DatedChange(counts.index[0], "at the start"), DatedChange(counts.index[-1] + 1, "after the end")]
    assert assess_trend(counts, recording_changes=changes).shifts == ()


def test_a_lockdown_told_as_an_intervention_keeps_the_course_outside_it() -> None:
    dip = -1.0 * ((np.arange(120) >= 84) & (np.arange(120) < 90))
    counts = drawn(np.log(80) + 0.07 * YEARS + dip, seed=10)
    lockdown = Intervention(counts.index[84], counts.index[89], "lockdown")
    trend = assess_trend(counts, interventions=[lockdown])
    assert trend.verdict == "rising"
    assert trend.shifts[0].percent == pytest.approx(100 * math.expm1(-1), abs=12)
    with pytest.raises(
        InputError, match=r"^the intervention 'backwards' ends \(2013-04\) before it starts \(2013-05\)$"
    ):
        assess_trend(counts, interventions=[Intervention(counts.index[1], counts.index[0], "backwards")])


def test_a_rise_in_step_with_the_population_is_no_rise_of_the_rate() -> None:
    counts = drawn(np.log(200) + 0.08 * YEARS, seed=11, noise_sd=0.05)
    population = pd.Series(100_000 * np.exp(0.08 * YEARS), index=counts.index)
    assert assess_trend(counts).verdict == "rising"
    assert assess_trend(counts, population=population).verdict == "stable"
    with pytest.raises(
        InputError, match=r"^population is missing or not positive in 2013-06: give it for every month .*$"
    ):
        assess_trend(counts, population=population.drop(counts.index[2]))


def test_months_far_off_are_set_aside_by_name() -> None:
    counts = drawn(np.full(96, np.log(40)), seed=12)
    counts.iloc[60] = 400
    trend = assess_trend(counts)
    assert [(m.month, m.count) for m in trend.months_set_aside] == [(counts.index[60], 400)]
    assert trend.months_used == trend.months_published - 1
    assert not trend.fitted["used"].iloc[60]


def test_an_unpublished_month_is_not_a_zero() -> None:
    counts = drawn(np.full(96, np.log(50)), seed=13)
    gaps = counts.copy()
    gaps.iloc[[10, 40, 41, 42, 80]] = pd.NA
    assert assess_trend(gaps).verdict == "stable"
    assert assess_trend(gaps.dropna()) == assess_trend(gaps)
    zeros = gaps.fillna(0)
    assert assess_trend(zeros).months_set_aside != ()


def test_months_not_yet_published_at_the_end_change_nothing() -> None:
    counts = drawn(np.log(50) + 0.05 * YEARS, seed=19)
    longer = pd.period_range(counts.index[0], periods=len(counts) + 5, freq="M")
    assert assess_trend(counts.reindex(longer)) == assess_trend(counts)


def test_the_numbers_beside_the_verdict_are_sums_of_the_counts() -> None:
    counts = drawn(np.full(72, np.log(30)), seed=14)
    counts.iloc[[66, 55]] = pd.NA
    trend = assess_trend(counts)
    assert (trend.first_month, trend.last_month) == (counts.index[0], counts.index[-1])
    assert trend.total == counts.sum()
    assert (trend.last_12_total, trend.last_12_published) == (counts.iloc[-12:].sum(), 11)
    assert (trend.previous_12_total, trend.previous_12_published) == (counts.iloc[-24:-12].sum(), 11)


def test_scaling_the_population_changes_nothing_and_turning_time_round_turns_the_slope() -> None:
    counts = drawn(np.log(50) + 0.06 * YEARS, seed=15)
    people = pd.Series(1000.0, index=counts.index)
    assert assess_trend(counts, population=people).long_run.p_value == pytest.approx(
        assess_trend(counts).long_run.p_value
    )
    # 2013-04 to 2023-03 turned round: a month of the year keeps its own months, in the opposite order of years
    by_year = counts.to_numpy(dtype=float).reshape(10, 12)[::-1].ravel()
    turned = assess_trend(series_of(by_year.astype(int)))
    assert turned.verdict == "falling"
    assert turned.long_run.percent == pytest.approx(-assess_trend(counts).long_run.percent, abs=1.5)


def test_a_family_of_silent_series_stays_silent_and_says_how_many_were_looked_at() -> None:
    frame = pd.DataFrame({f"area {i}": drawn(np.full(96, np.log(25)), seed=100 + i) for i in range(30)})
    frame["rising"] = drawn(np.log(100) + 0.12 * np.arange(96) / 12, seed=1)
    frame["short"] = series_of([1] * 20 + [None] * 76)
    trends = assess_trends(frame, pool_years=False)
    assert list(trends) == list(frame.columns)
    assert trends["rising"].verdict == "rising"
    assert trends["short"].verdict == "too little data"
    assert {t.series_tested for t in trends.values()} == {31}
    assert sum(t.verdict in ("rising", "falling") for t in trends.values()) <= 3
    for name in frame:
        alone = assess_trend(frame[name])
        for question, same in zip(trends[name].questions.values(), alone.questions.values(), strict=True):
            assert question.p_value == pytest.approx(same.p_value, rel=1e-9, abs=1e-12)


def test_a_family_may_have_recording_changes_of_its_own_for_each_series() -> None:
    counts = drawn(np.full(60, np.log(30)), seed=16)
    changes = {"violence": [DatedChange(counts.index[30], "stalking counted apart")]}
    trends = assess_trends(pd.DataFrame({"violence": counts, "theft": counts}), recording_changes=changes)
    assert len(trends["violence"].shifts) == 1
    assert trends["theft"].shifts == ()


def test_each_question_is_asked_from_its_own_length_on() -> None:
    """The last 12 months from 24 published months, the slope from 36, turn and "stable" from 48."""
    steady = [30 + i % 3 for i in range(60)]
    asked = {
        months: [question.was_asked for question in assess_trend(series_of(steady[:months])).questions.values()]
        for months in (23, 24, 35, 36, 47, 48)
    }
    assert asked == {
        23: [False, False, False],
        24: [False, False, True],
        35: [False, False, True],
        36: [True, False, True],
        47: [True, False, True],
        48: [True, True, True],
    }
    assert assess_trend(series_of(steady[:23])).verdict == "too little data"
    assert assess_trend(series_of(steady[:47])).verdict == "unclear"
    assert assess_trend(series_of(steady[:48])).verdict == "stable"
    (note,) = assess_trend(series_of(steady[:23])).notes
    assert note.startswith("23 published months and 712 crimes, in 23 of the months; a trend needs 24 months")


def test_a_window_needs_its_own_minimum_of_crimes() -> None:
    assert assess_trend(series_of([1] * 59 + [0])).verdict == "too little data"
    early = assess_trend(series_of([30] * 48 + [1, 0, 1] * 8))
    assert not early.last_12_months.was_asked
    assert early.last_36_months.was_asked
    late = assess_trend(series_of([3] * 60 + [1, 0, 1] * 12))
    assert not late.last_36_months.was_asked
    assert late.long_run.was_asked


def test_confirmed_is_not_offered_under_six_years_and_asks_for_more_of_long_records() -> None:
    steep = series_of((40 * 1.2 ** (np.arange(71) / 12)).round().astype(int))
    assert (assess_trend(steep).verdict, assess_trend(steep).strength) == ("rising", "probable")
    longer = series_of((40 * 1.2 ** (np.arange(84) / 12)).round().astype(int))
    assert assess_trend(longer).strength == "confirmed"
    levels = [level for _, level in CONFIRMING_LEVELS]
    assert levels == sorted(levels, reverse=True)


def test_a_record_with_a_long_hole_is_assessed_from_where_half_of_it_is_held() -> None:
    counts = series_of([50] * 24 + [None] * 90 + [80 + i % 4 for i in range(48)])
    trend = assess_trend(counts)
    assert trend.first_month == counts.index[114]
    assert trend.verdict == "stable"


@pytest.mark.parametrize(
    "values", [[0] * 60, [None] * 60, [5], [7] * 60, [10**9] * 60, [10**9 + i for i in range(72)], [0] * 59 + [10**6]]
)
def test_hostile_but_honest_counts_get_a_verdict_without_a_missing_p_value(values: list[int | None]) -> None:
    trend = assess_trend(series_of(values))
    all_numbers_hold(trend)
    assert trend.verdict in ("stable", "unclear", "too little data")


def test_a_billion_a_month_rising_is_rising() -> None:
    counts = [round(1e9 * math.exp(0.1 * i / 12 + 0.02 * math.sin(7.1 * i))) for i in range(72)]
    assert assess_trend(series_of(counts)).verdict == "rising"


def test_what_cannot_be_a_monthly_count_is_refused_with_what_to_do() -> None:
    good = series_of([5] * 60)
    with pytest.raises(InputError, match=r"^the count of 2013-06 is negative \(-3\): correct the source file$"):
        assess_trend(good.mask(good.index == "2013-06", -3))
    halves = good.astype("Float64")
    halves.iloc[4] = 2.5
    with pytest.raises(
        InputError, match=r"^the count of 2013-08 is not a whole number \(2\.5\): give the counts themselves, .*$"
    ):
        assess_trend(halves)
    daily = pd.Series(1, index=pd.period_range("2020-01-01", periods=90, freq="D"))
    with pytest.raises(
        InputError, match=r"^the index must be a PeriodIndex of months or quarters: make one with .* adding up daily"
    ):
        assess_trend(daily)
    with pytest.raises(InputError, match=r"^the month 2013-04 occurs more than once: add up or remove the repeats$"):
        assess_trend(pd.concat([good, good.iloc[:1]]))
    with pytest.raises(InputError, match=r"^series 'b': the count of 2013-06 is negative \(-3\): .*$"):
        assess_trends(pd.DataFrame({"a": good, "b": good.mask(good.index == "2013-06", -3)}))


def test_a_family_that_is_no_table_or_names_a_series_twice_is_refused() -> None:
    counts = series_of([5] * 60)
    with pytest.raises(InputError, match=r"^expected a DataFrame with a column for each series, got Series$"):
        assess_trends(counts)  # type: ignore[arg-type]
    with pytest.raises(InputError, match=r"^the series 'a' occurs more than once: give each column its own name$"):
        assess_trends(pd.concat({"a": counts, "b": counts}, axis=1).set_axis(["a", "a"], axis=1))


def test_unsorted_months_are_sorted() -> None:
    counts = drawn(np.log(50) + 0.05 * YEARS, seed=17)
    assert assess_trend(counts.sample(frac=1, random_state=1)) == assess_trend(counts)


def test_assessing_changes_nothing_in_what_it_was_given() -> None:
    counts = drawn(np.log(50) + 0.05 * YEARS, seed=18)
    before = counts.copy(deep=True)
    assess_trend(counts)
    pd.testing.assert_series_equal(counts, before)


counts_of_any_kind = st.lists(st.one_of(st.none(), st.integers(0, 5), st.integers(0, 10**9)), min_size=1, max_size=90)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(values=counts_of_any_kind)
def test_any_whole_counts_get_a_verdict_and_valid_numbers(values: list[int | None]) -> None:
    trend = assess_trend(series_of(values))
    all_numbers_hold(trend)
    assert trend._repr_html_().startswith("<table>")


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    values=st.lists(st.one_of(st.none(), st.integers(0, 60)), min_size=48, max_size=80),
    shifts=st.lists(st.integers(0, 79), max_size=4),
    spans=st.lists(st.tuples(st.integers(0, 79), st.integers(0, 20)), max_size=3),
)
def test_any_dated_changes_leave_valid_numbers(
    values: list[int | None], shifts: list[int], spans: list[tuple[int, int]]
) -> None:
    counts = series_of(values)
    start = counts.index[0]
    trend = assess_trend(
        counts,
        recording_changes=[DatedChange(start + i, f"<{i}>") for i in shifts],
        interventions=[Intervention(start + i, start + i + n, "span") for i, n in spans],
    )
    all_numbers_hold(trend)
    for shift in trend.shifts:
        assert shift.low <= shift.percent <= shift.high


def test_the_table_for_notebooks_escapes_what_it_shows() -> None:
    shown = assess_trend(drawn(np.log(60) + 0.08 * YEARS, seed=1))._repr_html_()
    assert "rising (confirmed)" in shown
    assert '<th scope="col">Question</th>' in shown


def test_persistent_noise_without_a_trend_is_seldom_called_one_where_the_usual_regression_often_does() -> None:
    """At a true 5% of 160 series more than 17 would be flagged once in a thousand times."""
    columns = {str(i): drawn(np.full(72, np.log(80)), seed=1000 + i, noise_sd=0.15, rho=0.6) for i in range(160)}
    trends = assess_trends(pd.DataFrame(columns), pool_years=False).values()
    flagged = [[question.p_value < 0.05 for question in trend.questions.values()] for trend in trends]
    usual = sum(fit_seasonal_regression(counts).p_value < 0.05 for counts in columns.values())
    assert np.sum(flagged, axis=0).max() <= 17
    assert usual >= 2 * np.sum(flagged, axis=0)[0]


def test_the_interval_of_the_slope_covers_the_truth_about_95_times_in_100() -> None:
    frame = pd.DataFrame({str(seed): drawn(np.log(30) + 0.05 * YEARS, seed=2000 + seed) for seed in range(160)})
    covered = [
        trend.long_run.low <= 100 * math.expm1(0.05) <= trend.long_run.high for trend in assess_trends(frame).values()
    ]
    assert 145 <= sum(covered) <= 160  # 152 expected


def read_deaths() -> pd.Series:
    table = pd.read_csv(Path(__file__).parent / "data" / "uk_driver_deaths.csv", comment="#")
    return pd.Series(table["count"].to_numpy(), index=pd.PeriodIndex(table["month"], freq="M")).astype("Int64")


def test_the_seat_belt_law_told_as_a_dated_change_is_a_step_and_the_slope_halves() -> None:
    """Great Britain, drivers killed or seriously injured 1969-84: belts became compulsory in February 1983."""
    deaths = read_deaths()
    law = DatedChange(pd.Period("1983-02", "M"), "seat-belt law")
    untold, told = assess_trend(deaths), assess_trend(deaths, recording_changes=[law])
    (step,) = told.shifts
    assert step.high < -5
    assert -25 < step.percent < -10
    assert abs(told.long_run.percent) < 0.7 * abs(untold.long_run.percent)
    assert untold.last_36_months.high < 0  # without the date, the law looks like a fall over three years
    assert told.last_36_months.direction == 0
    assert "seat-belt law" in told.notes[0]
