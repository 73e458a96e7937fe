import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hcsp_assess.errors import InputError
from hcsp_assess.trends.forecast import forecast_year
from hcsp_assess.trends.textbook.smoothing import ets_forecast

MONTHS = pd.period_range("2016-01", periods=108, freq="M")
NO_FORECAST = ["months", "few", "published", "level changed", "beat", "held only", "fewer than one crime"]


def simulated(level=80.0, season=0.3, size=200.0, seed=1, length=96):
    """Counts with a season and no trend; the last year, held back, is the truth to be forecast."""
    rng = np.random.default_rng(seed)
    mean = level * (1 + season * np.cos(2 * np.pi * (MONTHS.month - 7) / 12)) * MONTHS.days_in_month / 30.4
    counts = pd.Series(rng.negative_binomial(size, size / (size + mean)), index=MONTHS).astype("Int64")
    return counts.iloc[:length], counts.iloc[length : length + 12]


def test_a_steady_season_is_forecast_better_than_by_repeating_last_year():
    history, truth = simulated()
    forecast = forecast_year(history)
    assert forecast.usable
    assert forecast.back_test.loc[forecast.method, "relative_error"] <= 0.95
    assert forecast.months.index.equals(truth.index)
    naive = np.abs(history.tail(12).to_numpy() - truth.to_numpy()).mean()
    assert np.abs(forecast.months["expected"].to_numpy() - truth.to_numpy()).mean() < naive
    assert forecast.reason.startswith("its error was ")
    assert forecast.origins == 8


def test_intervals_hold_most_of_the_months_that_came():
    held, totals = [], []
    for seed in range(6):
        history, truth = simulated(seed=seed)
        forecast = forecast_year(history, seed=seed)
        if forecast.usable:
            months = forecast.months
            held.extend((months["low"] <= truth) & (truth <= months["high"]))
            totals.append(forecast.total_low <= truth.sum() <= forecast.total_high)
    assert len(totals) >= 4
    assert np.mean(held) >= 0.9
    assert np.mean(totals) >= 0.7


def test_small_counts_have_whole_intervals_that_are_never_negative():
    history, _ = simulated(level=3.0, season=0.8, size=1000.0, seed=11)
    forecast = forecast_year(history, margin=0.0)
    assert forecast.usable
    assert (forecast.months >= 0).all().all()
    assert (forecast.months == forecast.months.round()).all().all()
    assert forecast.months["low"].min() == 0


def test_the_year_is_surer_than_its_months():
    forecast = forecast_year(simulated()[0])
    months = forecast.months
    assert months["low"].sum() < forecast.total_low < forecast.total < forecast.total_high < months["high"].sum()


def test_the_same_call_gives_the_same_counts():
    first, second = (forecast_year(simulated()[0]) for _ in range(2))
    pd.testing.assert_frame_equal(first.months, second.months)


def test_an_undated_break_is_never_forecast_through():
    history, _ = simulated()
    history.iloc[50:] = (history.iloc[50:] * 2).astype("Int64")
    forecast = forecast_year(history)
    assert not forecast.usable
    assert forecast.reason.startswith("the level changed by +")
    assert forecast.reason.endswith("no known change explains it: find out why, and give its month in breaks")
    assert forecast.months.empty
    assert np.isnan([forecast.total, forecast.total_low, forecast.total_high]).all()


def test_after_a_dated_break_only_what_follows_is_used():
    history, _ = simulated()
    history.iloc[:40] = (history.iloc[:40] * 3).astype("Int64")
    forecast = forecast_year(history, breaks=[MONTHS[40]])
    assert forecast.usable
    assert forecast.total < 1.3 * history.tail(12).sum()
    late = forecast_year(history, breaks=[MONTHS[60]])
    assert (
        late.reason == "36 months after the last dated break are too few: 48 are needed to try a forecast on the past"
    )


def test_where_last_year_is_the_best_guess_there_is_no_forecast():
    exact = pd.Series(np.tile(np.arange(20, 32), 8), index=MONTHS[:96])
    forecast = forecast_year(exact)
    assert not forecast.usable
    assert forecast.reason.startswith("no method beat repeating last year's months by 5%: the best, ")
    assert forecast.back_test.index[0] == "seasonal naive"


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda c: c.head(47), "47 months are too few: 48 are needed to try a forecast on the past"),
        (
            lambda c: c.mask(c.index >= pd.Period("2023-07")),
            "too many months are not held (6 of 96)",
        ),
        (lambda c: c * 0, "fewer than one crime a month in the last two years: give the count itself"),
    ],
)
def test_a_history_that_is_not_enough_is_refused_with_its_reason(change, reason):
    forecast = forecast_year(change(simulated()[0]))
    assert (forecast.usable, forecast.reason, forecast.method) == (False, reason, "none")
    assert reason in forecast._repr_html_()


def test_a_few_gaps_do_not_prevent_a_forecast():
    history, _ = simulated()
    history.iloc[[5, 33, 34, 70]] = pd.NA
    assert forecast_year(history).usable


def test_arguments_out_of_range_are_refused():
    with pytest.raises(InputError) as error:
        forecast_year(simulated()[0], months=0)
    assert str(error.value) == ("months must be 1 to 24, confidence between 0 and 1 and margin from 0 to below 1")
    with pytest.raises(InputError) as error:
        ets_forecast([1.0] * 30, 12)
    assert str(error.value) == "exponential smoothing needs at least 36 known values without gaps"


def test_a_forecast_may_reach_two_years_ahead():
    forecast = forecast_year(simulated()[0], months=24)
    assert len(forecast.months) == 24


@settings(max_examples=8, deadline=None)
@given(st.lists(st.one_of(st.none(), st.integers(0, 60), st.integers(0, 10**6)), min_size=40, max_size=60))
def test_any_counts_give_a_forecast_above_zero_or_a_reason(values):
    counts = pd.Series(pd.array(values, dtype="Int64"), index=MONTHS[: len(values)])
    if counts.notna().sum() == 0:
        return  # refused as input: see test_what_cannot_be_decomposed_is_refused_with_what_to_do
    forecast = forecast_year(counts)
    assert forecast.usable or any(part in forecast.reason for part in NO_FORECAST)
    assert (forecast.months >= 0).all().all()
    assert (forecast.months["low"] <= forecast.months["high"]).all()


def test_the_table_for_jupyter_has_the_months_and_their_sum():
    html = forecast_year(simulated()[0])._repr_html_()
    assert html.startswith("<table><caption>Forecast by ")
    assert '<th scope="row">2024-01</th>' in html
    assert '<th scope="row">all</th>' in html
