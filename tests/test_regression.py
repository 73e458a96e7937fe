import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hcsp_assess.errors import InputError
from hcsp_assess.trends.regression import fit_seasonal_regression, lag_one_correlation

MONTHS = pd.period_range("2014-01", periods=96, freq="M")


def planted(percent=5.0, level=60.0, size=None, seed=2):
    rng = np.random.default_rng(seed)
    mean = level * (1 + percent / 100) ** (np.arange(96) / 12) * (1 + 0.2 * np.cos(2 * np.pi * MONTHS.month / 12))
    mean = mean * MONTHS.days_in_month / 30.4
    counts = rng.poisson(mean) if size is None else rng.negative_binomial(size, size / (size + mean))
    return pd.Series(counts, index=MONTHS)


@pytest.mark.parametrize("family", ["quasi-Poisson", "negative binomial"])
def test_a_planted_slope_lies_in_the_interval(family):
    held = [
        fit.low <= 5 <= fit.high
        for fit in (fit_seasonal_regression(planted(size=20, seed=seed), family=family) for seed in range(20))
    ]
    assert sum(held) >= 17


def test_quasi_poisson_and_negative_binomial_agree_where_counts_are_nearly_poisson():
    counts = planted(size=500)
    quasi = fit_seasonal_regression(counts)
    binomial = fit_seasonal_regression(counts, family="negative binomial")
    assert abs(quasi.slope - binomial.slope) < 0.5 * quasi.standard_error


def test_population_growth_is_not_crime_growth():
    people = pd.Series(1000 * 1.05 ** (np.arange(96) / 12), index=MONTHS)
    per_head = fit_seasonal_regression(planted(percent=5.0), population=people)
    assert per_head.low < 0 < per_head.high
    assert fit_seasonal_regression(planted(percent=5.0)).low > 0


def test_a_february_is_not_a_fall_when_counted_per_day():
    daily = pd.Series(10 * MONTHS.days_in_month, index=MONTHS)
    fit = fit_seasonal_regression(daily)
    np.testing.assert_allclose(fit.fitted, daily, rtol=1e-6)
    assert abs(fit.percent_per_year) < 1e-6


def test_gaps_are_left_out_and_have_no_fitted_value():
    counts = planted().astype("Int64")
    counts.iloc[[3, 50, 51]] = pd.NA
    fit = fit_seasonal_regression(counts)
    assert fit.months_used == 93
    assert fit.fitted.isna().to_numpy().nonzero()[0].tolist() == [3, 50, 51]


def test_newey_west_errors_are_wider_under_autocorrelation():
    rng = np.random.default_rng(4)
    noise = np.zeros(96)
    for i in range(1, 96):
        noise[i] = 0.8 * noise[i - 1] + rng.normal(0, 0.1)
    counts = pd.Series(rng.poisson(400 * np.exp(noise)), index=MONTHS)
    plain, robust = fit_seasonal_regression(counts), fit_seasonal_regression(counts, newey_west_lags=12)
    assert robust.standard_error > 1.2 * plain.standard_error
    assert plain.autocorrelation > 0.4


def test_a_calendar_month_without_any_crime_is_left_out_and_said():
    counts = planted()
    counts[MONTHS.month == 8] = 0
    fit = fit_seasonal_regression(counts)
    assert fit.note == "no crime in any year in calendar months [8], left out"
    assert fit.months_used == 88
    assert np.isfinite([fit.slope, fit.standard_error, fit.p_value]).all()


def test_autocorrelation_counts_neighbouring_published_months_only():
    assert lag_one_correlation(pd.Series([1.0, -1.0, 1.0, -1.0])) == pytest.approx(-0.75)
    assert lag_one_correlation(pd.Series([1.0, np.nan, -1.0, np.nan, 1.0, np.nan, -1.0])) == 0.0


@pytest.mark.parametrize(
    ("counts", "options", "message"),
    [
        (
            pd.Series([0] * 96, index=MONTHS),
            {},
            "only 0 published months belong to a calendar month with any crime, and a slope needs 24: "
            "say that there is too little data",
        ),
        (planted(), {"family": "gaussian"}, 'family must be "quasi-Poisson" or "negative binomial", not \'gaussian\''),
        (
            planted(),
            {"population": pd.Series(1000.0, index=MONTHS[1:])},
            "the population of 2014-01 is missing or not positive",
        ),
        (
            planted(),
            {"family": "negative binomial", "newey_west_lags": 4},
            "newey_west_lags must be 0 or more, and goes with quasi-Poisson only",
        ),
        (
            pd.Series(-132, index=MONTHS),
            {},
            "the count of 2014-01 is negative (-132): correct the file it came from",
        ),
        (
            pd.Series(68.5, index=MONTHS),
            {},
            "the count of 2014-01 is not a whole number (68.5): give the counts themselves, not a rate",
        ),
    ],
)
def test_what_cannot_be_fitted_is_refused(counts, options, message):
    with pytest.raises(InputError) as error:
        fit_seasonal_regression(counts, **options)
    assert str(error.value) == message


@settings(max_examples=20, deadline=None)
@given(
    st.lists(st.one_of(st.none(), st.integers(0, 3), st.integers(0, 10**6)), min_size=20, max_size=60),
    st.sampled_from(["quasi-Poisson", "negative binomial"]),
)
def test_any_counts_give_a_p_value_between_0_and_1_or_a_clear_error(values, family):
    counts = pd.Series(pd.array(values, dtype="Int64"), index=MONTHS[: len(values)])
    try:
        fit = fit_seasonal_regression(counts, family=family)
    except InputError as error:
        assert "24" in str(error)
        return
    assert 0 <= fit.p_value <= 1
    assert fit.low <= fit.percent_per_year <= fit.high
    assert "Seasonal regression" in fit._repr_html_()
