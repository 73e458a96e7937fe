import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hcsp_assess.errors import InputError
from hcsp_assess.trends.exceedance import Baseline, find_exceedances, outbreak_weights, season_blocks

MONTHS = pd.period_range("2018-01", periods=72, freq="M")


def simulated(level=40.0, size=60.0, seed=1):
    rng = np.random.default_rng(seed)
    mean = level * (1 + 0.3 * np.cos(2 * np.pi * (MONTHS.month - 7) / 12)) * MONTHS.days_in_month / 30.4
    return pd.Series(rng.negative_binomial(size, size / (size + mean)), index=MONTHS).astype("Int64")


def test_a_planted_outbreak_in_the_latest_months_exceeds_and_the_month_before_it_does_not():
    counts = simulated()
    counts.iloc[-2:] = counts.iloc[-2:] * 2 + 20
    table = find_exceedances(counts).months
    assert table["exceeds"].tolist() == [False, True, True]
    assert (table["p_value"].iloc[-2:] < 0.01).all()


def test_the_usual_summer_peak_does_not_exceed():
    counts = simulated(seed=3).loc[:"2023-08"]
    table = find_exceedances(counts).months
    assert not table["exceeds"].any()
    assert table["expected"].iloc[0] > counts.loc["2023-01":"2023-03"].mean()


def test_ordinary_months_exceed_about_as_often_as_is_said():
    exceeding = [find_exceedances(simulated(seed=s), false_alarm_rate=0.05).months["exceeds"].sum() for s in range(60)]
    assert sum(exceeding) / 180 <= 0.08


def test_an_outbreak_a_year_ago_does_not_hide_one_now():
    plain, masked = simulated(), simulated()
    masked.iloc[-14:-12] = masked.iloc[-14:-12] * 4
    for counts in (plain, masked):
        counts.iloc[-1] = 110
    assert find_exceedances(plain, months=1).months["exceeds"].all()
    assert find_exceedances(masked, months=1).months["exceeds"].all()


def test_no_later_month_changes_the_threshold_of_an_earlier_one():
    counts, changed = simulated(), simulated()
    changed.iloc[-1] = 5000
    first, second = (find_exceedances(c).months.iloc[:2] for c in (counts, changed))
    pd.testing.assert_frame_equal(first, second)


def test_a_month_that_was_not_published_is_neither_above_nor_below():
    counts = simulated()
    counts.iloc[-1] = pd.NA
    row = find_exceedances(counts).months.iloc[-1]
    assert pd.isna(row["exceeds"])
    assert pd.isna(row["observed"])
    assert row["upper"] > 0


def test_a_gap_in_the_history_is_left_out_not_counted_as_zero():
    counts, gappy = simulated(), simulated()
    gappy.iloc[[10, 30, 31]] = pd.NA
    whole, part = (find_exceedances(c).months["expected"] for c in (counts, gappy))
    np.testing.assert_allclose(part, whole, rtol=0.15)


def test_blocks_put_the_season_looked_at_last_and_share_out_the_rest_evenly():
    blocks = season_blocks(40, Baseline(frequency=12, years_back=3, half_window=1, blocks=4))
    assert blocks.tolist() == [0] * 3 + ([4] * 3 + [1] * 3 + [2] * 3 + [3] * 3) * 3 + [4, 4]


def test_weights_keep_their_sum():
    residuals = np.array([0.1, -3.0, 2.0, 4.0])
    weights = outbreak_weights(residuals, 2.58)
    assert weights.sum() == pytest.approx(4)
    assert weights[3] < weights[0] == weights[1] == weights[2]


@pytest.mark.parametrize(
    ("counts", "options", "message"),
    [
        (
            simulated().head(48),
            {},
            "48 months are too few to test the latest 3 with 4 years before each: 52 are needed",
        ),
        (
            simulated(),
            {"months": 0},
            "months must be 1 to 12, years_back at least 3 and false_alarm_rate between 0 and 0.5",
        ),
        (
            simulated() * 0,
            {},
            "the history has no crime: any crime is then more than expected, and no threshold is needed",
        ),
        (
            pd.concat([simulated().head(1), simulated().loc["2023-06":]]),
            {},
            "only 1 known points are before point 70: a threshold needs a longer history",
        ),
    ],
)
def test_what_has_no_threshold_is_refused(counts, options, message):
    with pytest.raises(InputError) as error:
        find_exceedances(counts, **options)
    assert str(error.value) == message


@settings(max_examples=25, deadline=None)
@given(st.lists(st.one_of(st.none(), st.integers(0, 3), st.integers(0, 10**6)), min_size=50, max_size=72))
def test_any_counts_give_a_threshold_above_zero_or_a_clear_error(values):
    counts = pd.Series(pd.array(values, dtype="Int64"), index=MONTHS[: len(values)])
    try:
        table = find_exceedances(counts).months
    except InputError as error:
        assert any(part in str(error) for part in ("too few", "no crime at all", "longer history", "no months"))
        return
    assert np.isfinite(table["expected"]).all()
    assert (table["upper"] >= 0).all()


def test_the_table_for_jupyter_says_which_months_exceed():
    html = find_exceedances(simulated())._repr_html_()
    assert "flexible Farrington threshold from 4 years, 1% false alarms a month" in html
    assert '<th scope="row">2023-12</th>' in html
