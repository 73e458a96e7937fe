import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hcsp_assess.errors import InputError
from hcsp_assess.trends.spc import (
    Rebase,
    break_rules,
    individual_limits,
    seven_in_a_trend,
    seven_on_one_side,
    two_of_three,
    xmr_chart,
)
from hcsp_assess.trends.textbook.control_charts import c_chart, g_chart, t_chart, u_chart

QUARTERS = [2522, 2553, 2238, 2188, 2278, 2372, 2350]  # all recorded crime in the strategy of 2013/14


def series(values, start="2018-01"):
    return pd.Series(values, index=pd.period_range(start, periods=len(values), freq="M"))


def lines(length, centre=0.0, reach=3.0):
    limits = {
        "centre": centre,
        "lower": -reach,
        "upper": reach,
        "near_lower": -2 / 3 * reach,
        "near_upper": 2 / 3 * reach,
    }
    return pd.DataFrame([limits] * length)


def steady(length=60, mean=30, seed=1):
    return series(np.random.default_rng(seed).poisson(mean, length))


def test_a_c_chart_cries_wolf_where_an_xmr_chart_keeps_quiet():
    year = np.array(QUARTERS[:4])
    low, high = year.mean() - 3 * np.sqrt(year.mean()), year.mean() + 3 * np.sqrt(year.mean())
    assert (round(low), round(high)) == (2229, 2521)
    assert sum(q < low or q > high for q in QUARTERS) == 3
    limits = individual_limits(np.array(QUARTERS), screen_ranges=False)
    assert (round(limits.lower), round(limits.upper)) == (2090, 2624)
    assert all(limits.lower < q < limits.upper for q in QUARTERS)


@pytest.mark.parametrize(
    ("side", "ends"),
    [
        ([1] * 6, []),
        ([1] * 7, [6]),
        ([-1] * 9, [6, 7, 8]),
        ([1] * 3 + [0] + [1] * 6, []),
        ([1] * 6 + [-1] + [1] * 6, []),
        ([], []),
    ],
)
def test_seven_on_one_side_need_seven_in_a_row_and_the_centre_breaks_them(side, ends):
    assert seven_on_one_side(np.array(side)).nonzero()[0].tolist() == ends


@pytest.mark.parametrize(
    ("values", "ends"),
    [
        ([1, 2, 3, 4, 5, 6], []),
        ([1, 2, 3, 4, 5, 6, 7], [6]),
        ([7, 6, 5, 4, 3, 2, 1, 0], [6, 7]),
        ([1, 2, 3, 4, 4, 5, 6, 7], []),
        ([1, 2, 3, np.nan, 4, 5, 6, 7, 8], []),
    ],
)
def test_a_trend_is_seven_points_each_beyond_the_one_before(values, ends):
    assert seven_in_a_trend(np.array(values, float)).nonzero()[0].tolist() == ends


@pytest.mark.parametrize(
    ("near", "side", "marked"),
    [
        ([1, 1, 0], [1, 1, 1], [0, 1, 2]),
        ([1, 0, 1], [1, 1, 1], [0, 1, 2]),
        ([1, 1, 0], [1, -1, 1], []),
        ([1, 0, 0, 1], [1, 1, 1, 1], []),
        ([1, 1], [1, 1], []),
    ],
)
def test_two_of_three_must_lie_on_one_side(near, side, marked):
    assert two_of_three(np.array(near), np.array(side)).nonzero()[0].tolist() == marked


def test_every_point_of_a_run_is_marked_and_only_points_near_the_limit_for_two_of_three():
    rules = break_rules(np.array([1.0] * 7 + [-1, 2.5, 0.5, 2.5, 4.0]), lines(12))
    assert rules["run"].to_numpy().nonzero()[0].tolist() == list(range(7))
    assert rules["two of three"].to_numpy().nonzero()[0].tolist() == [8, 10]
    assert rules["outside"].to_numpy().nonzero()[0].tolist() == [11]


def test_a_gap_ends_a_run_and_gives_no_moving_range():
    rules = break_rules(np.array([1.0] * 4 + [np.nan] + [1.0] * 6), lines(11))
    assert not rules.any().any()
    limits = individual_limits(np.array([1.0, 2.0, np.nan, 100.0, 101.0]), screen_ranges=False)
    assert limits.upper - limits.centre == pytest.approx(2.66)


def test_one_planted_spike_is_outside_and_little_else_is_special():
    counts = steady()
    counts.iloc[40] = 90
    chart = xmr_chart(counts, seasonally_adjust=False)
    assert chart.points["outside"].to_numpy().nonzero()[0].tolist() == [40]
    assert len(chart.points) == 60


def test_seasonal_adjustment_keeps_every_summer_from_being_special():
    season = np.cos(2 * np.pi * (np.arange(72) - 6) / 12)
    counts = series(np.random.default_rng(2).poisson(200 + 120 * season))
    assert xmr_chart(counts, seasonally_adjust=False).points["outside"].sum() >= 5
    assert xmr_chart(counts).points["outside"].sum() == 0


def test_screened_ranges_keep_one_spike_from_widening_the_limits():
    counts = steady()
    counts.iloc[40] = 300
    screened = xmr_chart(counts, seasonally_adjust=False).points["upper"].iloc[0]
    every = xmr_chart(counts, seasonally_adjust=False, screen_ranges=False).points["upper"].iloc[0]
    assert screened < every


def test_limits_start_anew_only_where_a_reason_is_given():
    counts = series([10, 12] * 12 + [30, 32] * 12)
    chart = xmr_chart(counts, seasonally_adjust=False, rebase=[Rebase(pd.Period("2020-01"), "24-hour recording rule")])
    assert chart.points.groupby("base")["centre"].first().tolist() == [11.0, 31.0]
    assert not chart.points["special"].any()
    assert xmr_chart(counts, seasonally_adjust=False).points["run"].all()
    assert chart.rebased[0].reason == "24-hour recording rule"


def test_laney_widens_the_limits_of_large_overdispersed_counts_and_not_of_poisson_ones():
    rng = np.random.default_rng(3)
    wild = series(rng.negative_binomial(20, 20 / 2020, 60))
    assert c_chart(wild).points["outside"].sum() <= 2
    assert c_chart(wild, laney=False).points["outside"].sum() > 15
    tame = steady()
    widths = [c_chart(tame, laney=laney).points["upper"].iloc[0] for laney in (True, False)]
    assert widths[0] == pytest.approx(widths[1], rel=0.15)


def test_a_u_chart_follows_its_exposure():
    counts, stores = steady(mean=40), series(np.linspace(50, 150, 60))
    chart = u_chart(counts, stores, laney=False)
    np.testing.assert_allclose(chart.points["value"], counts / stores)
    assert chart.points["upper"].is_monotonic_decreasing
    assert chart.points["centre"].min() == chart.points["centre"].max()


def test_a_c_chart_without_correction_is_the_textbook_chart():
    chart = c_chart(series([10, 14] * 12), laney=False)
    row = chart.points.iloc[0]
    assert row["upper"] == pytest.approx(12 + 3 * np.sqrt(12))
    assert row["lower"] == pytest.approx(12 - 3 * np.sqrt(12))


def event_dates(seed=4, count=40):
    gaps = np.random.default_rng(seed).uniform(15, 45, count)
    return (pd.Timestamp("2015-01-01") + pd.to_timedelta(np.cumsum(gaps), unit="D")).floor("s")


@pytest.mark.parametrize("chart", [g_chart, t_chart])
def test_a_long_peace_stands_out_on_a_chart_of_rare_events(chart):
    dates = event_dates()
    assert not chart(list(dates)).points["outside"].any()
    late = [*dates, dates[-1] + pd.Timedelta(400, "D")]
    points = chart(late).points
    assert points["outside"].to_numpy().nonzero()[0].tolist() == [len(dates) - 1]
    assert points["value"].iloc[-1] == pytest.approx(400, abs=1)
    assert (points["lower"] >= 0).all()


def test_two_events_on_one_day_are_a_gap_of_zero_days():
    dates = [
        pd.Timestamp("2020-01-01") + pd.Timedelta(d, "D") for d in (0, 0, 9, 20, 31, 40, 55, 60, 71, 80, 99, 110, 130)
    ]
    assert g_chart(dates).points["value"].iloc[0] == 0
    assert t_chart(dates).points["value"].iloc[0] == 0


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (
            lambda: xmr_chart(steady(11), seasonally_adjust=False),
            "the series has 11 published months and this method needs at least 12: "
            "use a longer history or a method for short series",
        ),
        (
            lambda: xmr_chart(steady(), rebase=[Rebase(pd.Period("2020-01"), " ")]),
            "the re-basing in 2020-01 has no reason: give the change of process behind it",
        ),
        (
            lambda: xmr_chart(steady(), rebase=[Rebase(pd.Period("2030-01"), "new form")]),
            "the re-basing in 2030-01 is outside 2018-01 to 2022-12",
        ),
        (
            lambda: xmr_chart(steady(), rebase=[Rebase(pd.Period("2018-04"), "new form")]),
            "2018-01 to 2018-03 has 3 points, and limits need at least 12: re-base less often",
        ),
        (
            lambda: u_chart(steady(), steady() * 0),
            "the exposure of 2018-01 is missing or not positive",
        ),
        (
            lambda: g_chart([pd.Timestamp("2020-01-01")] * 5),
            "a chart of rare events needs at least 13 known dates, not 5",
        ),
        (
            lambda: xmr_chart(series([1.0, np.nan] * 15), seasonally_adjust=False),
            "no two neighbouring months are published, so there is no moving range",
        ),
    ],
)
def test_a_chart_that_cannot_be_made_is_refused(call, message):
    with pytest.raises(InputError) as error:
        call()
    assert str(error.value) == message


def test_a_date_that_cannot_be_read_is_refused():
    with pytest.raises(InputError, match="^a date of an event cannot be read: "):
        g_chart(["soon"] * 20)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.one_of(st.none(), st.integers(0, 10**6)), min_size=10, max_size=50))
def test_any_counts_give_limits_round_the_centre_or_a_clear_error(values):
    counts = series(pd.array(values, dtype="Int64"))
    for chart in (lambda: xmr_chart(counts, seasonally_adjust=False), lambda: c_chart(counts)):
        try:
            points = chart().points
        except InputError as error:
            assert "at least 12" in str(error) or "moving range" in str(error)
            continue
        assert (points["lower"] <= points["centre"]).all()
        assert (points["centre"] <= points["upper"]).all()
        assert not points.loc[points["value"].isna(), "special"].any()


def test_the_table_lists_the_special_points_with_their_rules():
    counts = steady()
    counts.iloc[40] = 90
    html = xmr_chart(counts, seasonally_adjust=False)._repr_html_()
    assert '<th scope="row">2021-05</th><td>90</td>' in html
    assert "outside" in html


def test_quarters_have_the_same_limits_as_the_same_numbers_by_month_and_their_season_is_taken_out():
    rng = np.random.default_rng(3)
    season = np.tile([25, -10, -20, 5], 10)
    values = rng.poisson(60, 40) + season
    values[-1] += 60
    quarters = pd.Series(values, index=pd.period_range("2015Q1", periods=40, freq="Q-MAR"))
    by_quarter = xmr_chart(quarters, seasonally_adjust=False)
    by_month = xmr_chart(series(values), seasonally_adjust=False)
    np.testing.assert_array_equal(by_quarter.points["upper"], by_month.points["upper"])
    assert by_quarter.points.index.equals(quarters.index)
    adjusted = xmr_chart(quarters).points
    np.testing.assert_allclose(adjusted["value"], values - season, atol=6)
    assert adjusted["outside"].iloc[-1]
    assert adjusted["upper"].iloc[0] < by_quarter.points["upper"].iloc[0]
    rebased = xmr_chart(quarters, rebase=[Rebase(pd.Period("2020Q1", freq="Q-MAR"), "a new control room")])
    assert rebased.points["base"].tolist() == [1] * 20 + [2] * 20
    with pytest.raises(InputError, match=r"^the re-basing in 2020-01 is not dated by quarter, as the series is: "):
        xmr_chart(quarters, rebase=[Rebase(pd.Period("2020-01", freq="M"), "a new control room")])
