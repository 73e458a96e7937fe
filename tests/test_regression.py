import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from several_series import draw_table

from hcsp_assess.errors import InputError
from hcsp_assess.trends.regression import (
    fit_seasonal_regression,
    fit_seasonal_regression_frame,
    lag_one_correlation,
)

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


def by_statsmodels(counts, *, days_offset=True, lags=None, alpha=None):
    """Slope, its standard error, dispersion and fitted values by the general package."""
    sm = pytest.importorskip("statsmodels.api")
    known = counts.dropna().astype(float)
    months = pd.PeriodIndex(known.index)
    total = known.groupby(months.month).transform("sum").to_numpy()
    known, months = known[total > 0], months[total > 0]
    design = np.column_stack([pd.get_dummies(months.month).to_numpy(dtype=float), months.year + months.month / 12])
    design[:, -1] -= design[:, -1].mean()
    offset = np.log(months.days_in_month.to_numpy(dtype=float)) if days_offset else None
    family = sm.families.Poisson() if alpha is None else sm.families.NegativeBinomial(alpha=alpha)
    robust = {} if lags is None else {"cov_type": "HAC", "cov_kwds": {"maxlags": lags, "use_correction": False}}
    fit = sm.GLM(known.to_numpy(), design, family=family, offset=offset).fit(
        maxiter=200, tol=1e-12, scale="X2" if alpha is None else None, **robust
    )
    return fit.params[-1], fit.bse[-1], fit.pearson_chi2 / fit.df_resid, pd.Series(fit.fittedvalues, index=known.index)


@pytest.mark.parametrize("days_offset", [True, False])
def test_the_regression_is_that_of_statsmodels(days_offset):
    table = draw_table()
    for name in table.columns[:24]:
        slope, error, dispersion, fitted = by_statsmodels(table[name], days_offset=days_offset)
        ours = fit_seasonal_regression(table[name], days_offset=days_offset)
        assert ours.slope == pytest.approx(slope, abs=1e-8 * error + 1e-12)
        assert ours.dispersion == pytest.approx(dispersion, rel=1e-8, abs=1e-12)
        assert ours.standard_error == pytest.approx(error, rel=1e-8, abs=1e-12)
        np.testing.assert_allclose(ours.fitted.dropna(), fitted, rtol=1e-8)
        freedom = len(fitted) - fitted.index.month.nunique() - 1
        assert ours.p_value == pytest.approx(2 * stats.t.sf(abs(slope) / error, freedom), rel=1e-7)


def test_newey_west_errors_are_those_of_statsmodels():
    table = draw_table()
    for name in table.columns[:24]:
        slope, error, _, _ = by_statsmodels(table[name], lags=6)
        ours = fit_seasonal_regression(table[name], newey_west_lags=6)
        assert ours.standard_error == pytest.approx(error, rel=1e-7)
        assert ours.p_value == pytest.approx(2 * stats.norm.sf(abs(slope) / error), rel=1e-6)


def test_the_negative_binomial_is_that_of_statsmodels_at_the_same_theta():
    counts = planted(size=20)
    ours = fit_seasonal_regression(counts, family="negative binomial")
    slope, error, _, fitted = by_statsmodels(counts, alpha=1 / ours.size)
    assert (ours.slope, ours.standard_error) == pytest.approx((slope, error), rel=1e-5)
    np.testing.assert_allclose(ours.fitted, fitted, rtol=1e-6)


@pytest.mark.parametrize("options", [{}, {"days_offset": False}, {"newey_west_lags": 4}])
def test_a_table_gives_what_its_columns_give_one_by_one(options):
    counts = draw_table(seed=1)
    found = fit_seasonal_regression_frame(counts, **options)
    assert found.table.loc["short", "note"].startswith("only 20 published months belong to a calendar month")
    assert found.table.loc[["short", "zeros"], "p_value"].isna().all()
    for name in counts.columns.drop(["short", "zeros"]):
        alone, row = fit_seasonal_regression(counts[name], **options), found.table.loc[name]
        exact = alone.dispersion < 1e-12  # what is left over is rounding alone, and so is its correlation
        for figure in found.table.columns.drop(["note", "autocorrelation"] if exact else ["note"]):
            assert row[figure] == pytest.approx(getattr(alone, figure), rel=1e-10, abs=1e-12, nan_ok=True), figure
        assert (row["note"], found.method) == (alone.note, alone.method)
        np.testing.assert_allclose(found.fitted[name], alone.fitted, rtol=1e-10)


def test_a_table_with_people_is_per_head_and_a_wrong_column_is_named():
    counts = draw_table(seed=2)
    people = pd.Series(np.linspace(1000, 2000, len(counts)), index=counts.index)
    rates = fit_seasonal_regression_frame(counts, population=people).table
    assert rates.loc["constant", "slope"] == pytest.approx(
        fit_seasonal_regression(counts["constant"], population=people).slope
    )
    counts.loc["2014-02", "constant"] = -3
    with pytest.raises(InputError, match=r"^series 'constant': the count of 2014-02 is negative \(-3\): correct the"):
        fit_seasonal_regression_frame(counts)
    with pytest.raises(InputError, match=r"^expected a DataFrame with a column for each series, got Series$"):
        fit_seasonal_regression_frame(counts["constant"])


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
            "the count of 2014-01 is negative (-132): correct the source file",
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


def test_a_table_in_which_no_series_is_long_enough_has_a_note_for_each():
    months = pd.period_range("2022-01", periods=12, freq="M")
    table = fit_seasonal_regression_frame(pd.DataFrame({"theft": range(12), "arson": 5}, index=months)).table
    assert table["percent_per_year"].isna().all()
    assert table["note"].str.len().gt(20).all()
