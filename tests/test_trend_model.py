"""The core model: exact where exactness can be checked, and consistent with itself."""

import numpy as np
import pytest

from hcsp_assess.trends.calibration import AS_MODELLED, LATEST, NARROWEST, SLOPE, TURN, WIDEST
from hcsp_assess.trends.model import Answer, LinearisedModel, MonthlyData, fit_mean
from hcsp_assess.trends.noise import LOG_PRIOR, RHO, TAU2, whitened_products


def _covariance(variances: np.ndarray, month: np.ndarray, pair: int) -> np.ndarray:
    apart = np.abs(month[:, None] - month)
    latent = np.where(apart == 0, 1.0, RHO[pair] ** np.maximum(apart, 1))
    return np.diag(variances) + TAU2[pair] * latent


@pytest.mark.parametrize("months", [60, 200])
def test_the_filter_gives_what_inverting_the_covariance_matrix_gives_also_across_gaps(months: int) -> None:
    rng = np.random.default_rng(0)
    month = np.sort(rng.choice(months, months - 15, replace=False))
    variances, columns = rng.uniform(0.003, 0.4, len(month)), rng.normal(size=(len(month), 4))
    products, log_determinant = whitened_products(columns, variances, month)
    for pair in range(0, len(RHO), 7):
        covariance = _covariance(variances, month, pair)
        np.testing.assert_allclose(
            products[pair], columns.T @ np.linalg.solve(covariance, columns), rtol=1e-8, atol=1e-8
        )
        assert log_determinant[pair] == pytest.approx(np.linalg.slogdet(covariance)[1])


def test_the_prior_is_a_probability_over_the_grid() -> None:
    assert np.exp(LOG_PRIOR).sum() == pytest.approx(1)
    assert len(RHO) == len(TAU2) == len(LOG_PRIOR)


def _data(counts: np.ndarray, shifts: np.ndarray | None = None) -> MonthlyData:
    n = len(counts)
    month = np.arange(n)
    offset = np.zeros(n)
    return MonthlyData(counts, month, month % 12, offset, np.zeros((n, 0)) if shifts is None else shifts, n)


def test_one_noise_of_the_grid_is_generalised_least_squares_written_out() -> None:
    rng = np.random.default_rng(3)
    fit = fit_mean(_data(rng.poisson(40, 84).astype(float)))
    answer = LinearisedModel(fit).answer(slope=1.0)
    data, mean = fit.data, np.exp(fit.log_mean)
    response = fit.log_mean + (data.counts - mean) / mean
    columns = np.column_stack([data.base, data.years])
    penalty = np.diag(np.r_[0, np.full(11, 4.0), 0])
    pair = 30
    weights = np.linalg.inv(_covariance(1 / mean, data.month, pair))
    spread = np.linalg.inv(columns.T @ weights @ columns + penalty)
    assert answer.estimates[pair] == pytest.approx((spread @ columns.T @ weights @ response)[-1])
    assert answer.errors[pair] == pytest.approx(np.sqrt(spread[-1, -1]))


def test_pure_poisson_counts_give_the_poisson_regression_slope() -> None:
    sm = pytest.importorskip("statsmodels.api")
    rng = np.random.default_rng(5)
    counts = rng.poisson(50 * np.exp(0.03 * np.arange(120) / 12)).astype(float)
    fit = fit_mean(_data(counts))
    if not fit.kept.all():
        pytest.fail("an ordinary Poisson series must keep all its months")
    poisson = LinearisedModel(fit).answer(slope=1.0)
    months = np.eye(12)[np.arange(120) % 12]
    glm = sm.GLM(counts, np.column_stack([months, fit.data.years]), family=sm.families.Poisson()).fit()
    assert poisson.estimates[0] == pytest.approx(glm.params[-1], abs=0.001)
    assert poisson.errors[0] == pytest.approx(glm.bse[-1], rel=0.02)


def test_a_month_ten_times_too_high_leaves_the_fit_and_no_other_does() -> None:
    rng = np.random.default_rng(6)
    counts = rng.poisson(40, 96).astype(float)
    counts[50] = 400
    assert np.flatnonzero(~fit_mean(_data(counts)).kept).tolist() == [50]


def test_at_most_a_tenth_of_the_months_leaves_the_fit() -> None:
    rng = np.random.default_rng(7)
    counts = rng.poisson(40, 100).astype(float)
    counts[::4] *= 8
    assert (~fit_mean(_data(counts)).kept).sum() <= 10


def test_a_known_shift_is_measured_and_the_slope_beside_it_is_level() -> None:
    rng = np.random.default_rng(9)
    shift = (np.arange(120) >= 60).astype(float)
    counts = rng.poisson(200 * np.exp(-0.3 * shift)).astype(float)
    told = LinearisedModel(fit_mean(_data(counts, shift[:, None])))
    untold = LinearisedModel(fit_mean(_data(counts)))
    assert told.shift(0).mean == pytest.approx(-0.3, abs=0.06)
    assert abs(told.answer(slope=1.0).mean) < 0.02
    assert untold.answer(slope=1.0).mean < -0.03
    assert told.confounding(told.answer(slope=1.0)) == pytest.approx(4, rel=0.3)  # a step in mid-series: r squared 3/4


def _answer() -> Answer:
    rng = np.random.default_rng(11)
    weights = rng.random(9)
    return Answer(rng.normal(0.1, 0.02, 9), rng.uniform(0.03, 0.08, 9), weights / weights.sum())


def test_the_interval_holds_zero_exactly_when_p_is_above_its_level() -> None:
    answer = _answer()
    for level in (0.05, 0.10):
        low, high = answer.quantiles(np.array([level / 2, 1 - level / 2]))
        assert (low <= 0 <= high) == (answer.p_value > level)
    edge = answer.quantiles(np.array([0.3]))[0]
    moved = Answer(answer.estimates - edge, answer.errors, answer.weights)
    assert moved.p_value == pytest.approx(0.6, abs=1e-4)


@pytest.mark.parametrize("calibration", [SLOPE, TURN, LATEST, AS_MODELLED])
def test_calibration_is_bounded_and_keeps_the_order_of_p_values(calibration: object) -> None:
    factors = [calibration.factor(e, r, n) for e in (1e-5, 0.01, 0.1, 3.0) for r in (0, 0.9) for n in (48, 600)]  # type: ignore[attr-defined]
    assert np.exp(NARROWEST) <= min(factors) <= max(factors) <= np.exp(WIDEST)
    tails = np.r_[0.0, np.geomspace(1e-300, 0.5, 400)]
    p_values = [calibration.p_value(tail) for tail in tails]  # type: ignore[attr-defined]
    assert (np.diff(p_values) >= 0).all()
    assert p_values[0] == 0
    assert p_values[-1] == 1
