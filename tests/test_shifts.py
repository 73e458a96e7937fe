import io
from itertools import pairwise
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hcsp_assess.errors import InputError
from hcsp_assess.trends.level_shifts import find_level_shift
from hcsp_assess.trends.textbook.changepoints import mean_shift, pettitt_test, poisson_segments

MONTHS = pd.period_range("2014-01", periods=96, freq="M")


def driver_deaths():
    text = (Path(__file__).parent / "data" / "uk_driver_deaths.csv").read_text(encoding="utf-8")
    table = pd.read_csv(io.StringIO(text), comment="#")
    return pd.Series(table["count"].to_numpy(), index=pd.PeriodIndex(table["month"], freq="M"))


def simulated(factor=1.0, *, level=200.0, rho=0.0, spread=0.1, slope=0.0, months=MONTHS, seed=1):
    """Counts with a season, AR(1) noise on the log scale, and `factor` times as many from the month 2018-07 on."""
    rng = np.random.default_rng(seed)
    noise = np.zeros(len(months))
    noise[0] = rng.normal(0, spread)
    for i in range(1, len(months)):
        noise[i] = rho * noise[i - 1] + rng.normal(0, spread * np.sqrt(1 - rho**2))
    mean = level * (1 + 0.2 * np.cos(2 * np.pi * months.month / 12)) * np.exp(noise)
    mean = mean * np.exp(slope * np.arange(len(months)) / 12) * np.where(months >= pd.Period("2018-07"), factor, 1.0)
    return pd.Series(rng.poisson(mean), index=months).astype("Int64")


def test_the_seat_belt_law_of_february_1983_is_found_and_called_a_step_not_a_slope():
    shift = find_level_shift(driver_deaths())
    assert shift.found
    assert shift.month == pd.Period("1983-02")
    assert shift.month_low <= pd.Period("1983-02") <= shift.month_high
    assert shift.shape == "step"
    assert -25 < shift.low < shift.percent < shift.high < -5


def test_the_shipped_driver_deaths_are_those_of_r(shared):
    table = pd.read_csv(shared / "data" / "monthly-series" / "datasets_UKDriverDeaths.csv.gz")
    assert driver_deaths().tolist() == table["value"].tolist()


@pytest.mark.parametrize("factor", [0.6, 1.6])
def test_a_planted_step_is_found_at_its_month_and_size(factor):
    shift = find_level_shift(simulated(factor))
    assert shift.found
    assert abs((shift.month - pd.Period("2018-07")).n) <= 1
    assert shift.month_low <= pd.Period("2018-07") <= shift.month_high
    assert shift.low <= 100 * (factor - 1) <= shift.high
    assert shift.shape == "step"


def test_a_steady_slope_is_no_shift():
    shift = find_level_shift(simulated(slope=0.15))
    assert not shift.found
    assert shift.shape == "no shift"


@pytest.mark.parametrize("seed", range(5))
def test_a_change_of_slope_is_not_called_a_step(seed):
    bend = np.exp(0.35 * np.maximum(0, np.arange(96) - 48) / 12)
    counts = pd.Series(np.random.default_rng(seed).poisson(300 * bend), index=MONTHS)
    assert find_level_shift(counts).shape != "step"


def test_season_alone_is_no_shift():
    counts = pd.Series(np.round(200 * (1 + 0.5 * np.cos(2 * np.pi * MONTHS.month / 12))).astype(int), index=MONTHS)
    assert not find_level_shift(counts).found


def test_the_same_call_gives_the_same_answer():
    assert find_level_shift(simulated(1.3)) == find_level_shift(simulated(1.3))


def test_unpublished_months_are_absent_not_zero():
    counts = simulated(1.6)
    counts.iloc[[3, 20, 21, 22, 70]] = pd.NA
    shift = find_level_shift(counts)
    assert shift.found
    assert shift.months_used == 91
    assert abs((shift.month - pd.Period("2018-07")).n) <= 1


@pytest.mark.slow
@pytest.mark.parametrize("rho", [0.0, 0.5, 0.8])
@pytest.mark.parametrize("level", [8.0, 150.0])
def test_false_alarms_stay_near_one_in_twenty_under_autocorrelation(rho, level):
    found = [
        find_level_shift(simulated(rho=rho, level=level, spread=0.15, seed=seed), simulations=199).found
        for seed in range(1000, 1100)
    ]
    assert sum(found) <= 11  # 5 expected of 100; more than 11 would happen in 1 of 200 tries at a true 5%


def test_silence_on_autocorrelated_series_without_a_shift():
    found = [find_level_shift(simulated(rho=0.7, seed=seed), simulations=199).found for seed in range(12)]
    assert sum(found) <= 3


@pytest.mark.parametrize(
    ("counts", "options", "message"),
    [
        (
            simulated().head(35),
            {},
            "the series has 35 published months and this method needs at least 36: "
            "use a longer history or a method for short series",
        ),
        (simulated() * 0, {}, "0 crimes are too few to date a shift: 60 are needed"),
        (
            simulated(),
            {"edge": 1},
            "edge must be at least 2, alpha between 0 and 1 and simulations at least 99",
        ),
        (
            simulated(),
            {"edge": 60},
            "no month has enough published months before and after it to date a shift",
        ),
    ],
)
def test_what_cannot_show_a_shift_is_refused(counts, options, message):
    with pytest.raises(InputError) as error:
        find_level_shift(counts, **options)
    assert str(error.value) == message


@settings(max_examples=25, deadline=None)
@given(st.lists(st.one_of(st.none(), st.integers(0, 4), st.integers(0, 10**9)), min_size=34, max_size=50))
def test_any_counts_give_a_p_value_between_0_and_1_or_a_clear_error(values):
    counts = pd.Series(pd.array(values, dtype="Int64"), index=MONTHS[: len(values)])
    try:
        shift = find_level_shift(counts, simulations=99)
    except InputError as error:
        assert any(part in str(error) for part in ("at least 36", "too few", "no month has enough"))
        return
    assert 0 < shift.p_value <= 1
    assert np.isfinite([shift.percent, shift.low, shift.high]).all()
    assert shift.month_low <= shift.month <= shift.month_high
    assert "One dated level shift" in shift._repr_html_()


def test_a_mean_shift_is_placed_by_the_obvious_slow_way():
    values = np.random.default_rng(3).normal(0, 1, 60)
    values[25:] += 1.5

    def squares(part):
        return ((part - part.mean()) ** 2).sum()

    best = min(range(9, 52), key=lambda at: squares(values[:at]) + squares(values[at:]))
    assert mean_shift(values).last_before == best


def test_pettitts_statistic_equals_its_double_sum():
    values = np.random.default_rng(4).integers(0, 9, 30)
    sums = [abs(sum(np.sign(values[i] - values[j]) for i in range(t) for j in range(t, 30))) for t in range(1, 30)]
    result = pettitt_test(values)
    assert result.statistic == max(sums)
    assert result.last_before == 1 + sums.index(max(sums))


def test_segments_are_the_best_of_all_partitions():
    counts = np.concatenate([np.random.default_rng(5).poisson(m, 7) for m in (3, 14)])
    n = len(counts)

    def cost(parts):
        total = sum(
            2 * -(s := counts[a:b].sum()) * np.log(s / (b - a)) + np.log(b - a) if counts[a:b].sum() else np.log(b - a)
            for a, b in parts
        )
        return total + (len(parts) - 1) * 3 * np.log(n)

    options = [(), *[(a,) for a in range(2, 13)], *[(a, b) for a in range(2, 11) for b in range(a + 2, 13)]]
    best = min(options, key=lambda changes: cost(list(pairwise([0, *changes, n]))))
    assert poisson_segments(counts).last_before == best


def test_one_level_is_one_segment():
    assert poisson_segments([4] * 30).last_before == ()
    assert poisson_segments([0] * 30).means == (0.0,)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: mean_shift([1, 2, 3]), "this test needs at least 10 known numbers in order, without gaps"),
        (lambda: mean_shift([3.0] * 20), "all values are the same: there is no change to date"),
        (lambda: pettitt_test([1, np.nan, 3, 4, 5]), "this test needs at least 4 known numbers in order, without gaps"),
        (lambda: poisson_segments([1.5, 2, 3, 4]), "segments need counts: whole numbers of zero or more"),
    ],
)
def test_numbers_without_a_changepoint_test_are_refused(call, message):
    with pytest.raises(InputError) as error:
        call()
    assert str(error.value) == message


def test_changepoint_results_show_as_tables():
    values = np.concatenate([np.zeros(10), np.ones(12)]) + np.random.default_rng(1).normal(0, 0.1, 22)
    assert "One change of the mean" in mean_shift(values)._repr_html_()
    assert "Pettitt&#x27;s test" in pettitt_test(values)._repr_html_()
    assert "no change" in poisson_segments([4] * 30)._repr_html_()


def test_the_first_lockdown_is_found_in_londons_shoplifting_and_looked_up(shared):
    from hcsp_assess.subject.recording_changes import explain_shift

    table = pd.read_csv(shared / "data" / "monthly-series" / "mps_borough_APR2010-FEB2022.csv.gz")
    months = [column for column in table if column.isdigit()]
    total = table.loc[table["MinorText"] == "Shoplifting", months].sum()
    counts = pd.Series(total.to_numpy(), index=pd.PeriodIndex(months, freq="M"))
    shift = find_level_shift(counts)
    assert shift.found
    assert pd.Period("2020-03") <= shift.month <= pd.Period("2020-04")
    assert shift.shape == "step"
    assert shift.percent < -20
    assert explain_shift(shift, "Shoplifting").text == "It falls in or next to the first national lockdown."
