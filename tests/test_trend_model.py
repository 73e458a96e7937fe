"""The core model: exact where exactness can be checked, and consistent with itself."""

import numpy as np
import plain_trend_model as plain
import pytest
from scipy.special import ndtr
from several_series import draw_table

from hcsp_assess.trends.calibration import AS_MODELLED, LATEST, NARROWEST, SLOPE, TURN, WIDEST
from hcsp_assess.trends.model import Answers, LinearisedModels, SeriesTables, fit_means
from hcsp_assess.trends.noise import LOG_PRIOR, RHO, TAU2, whitened_products


def _covariance(variances: np.ndarray, month: np.ndarray, pair: int) -> np.ndarray:
    apart = np.abs(month[:, None] - month)
    latent = np.where(apart == 0, 1.0, RHO[pair] ** np.maximum(apart, 1))
    return np.diag(variances) + TAU2[pair] * latent


@pytest.mark.parametrize("months", [60, 200])
def test_the_filter_gives_what_inverting_the_covariance_matrix_gives_also_across_gaps(months: int) -> None:
    rng = np.random.default_rng(0)
    present = np.ones((2, months), dtype=bool)
    for row in present:
        row[rng.choice(months, 15, replace=False)] = False
    variances, columns = rng.uniform(0.003, 0.4, present.shape), rng.normal(size=(2, months, 4))
    products, log_determinants = whitened_products(columns, variances, present)
    for series, known in enumerate(present):
        month, x = np.flatnonzero(known), columns[series, known]
        for pair in range(0, len(RHO), 7):
            covariance = _covariance(variances[series, known], month, pair)
            expected = np.triu(x.T @ np.linalg.solve(covariance, x))
            np.testing.assert_allclose(np.triu(products[:, :, pair, series]), expected, rtol=1e-8, atol=1e-8)
            assert log_determinants[pair, series] == pytest.approx(np.linalg.slogdet(covariance)[1])


def test_the_prior_is_a_probability_over_the_grid() -> None:
    assert np.exp(LOG_PRIOR).sum() == pytest.approx(1)
    assert len(RHO) == len(TAU2) == len(LOG_PRIOR)


def _tables(counts: np.ndarray, shifts: np.ndarray | None = None) -> SeriesTables:
    n = len(counts)
    return SeriesTables(
        counts=counts[None],
        present=np.ones((1, n), dtype=bool),
        season=np.arange(n)[None] % 12,
        offset=np.zeros((1, n)),
        shifts=np.zeros((1, n, 0)) if shifts is None else shifts[None],
        length=np.array([n]),
    )


def test_one_noise_of_the_grid_is_generalised_least_squares_written_out() -> None:
    rng = np.random.default_rng(3)
    fits = fit_means(_tables(rng.poisson(40, 84).astype(float)))
    answers = LinearisedModels(fits).change("slope")
    kept, tables = fits.kept[0], fits.tables
    log_mean = fits.log_mean[0, kept]
    mean = np.exp(log_mean)
    response = log_mean + (tables.counts[0, kept] - mean) / mean
    columns = np.column_stack([tables.columns[0, kept, :12], tables.years[0, kept]])
    penalty = np.diag(np.r_[0, np.full(11, 4.0), 0])
    pair = 30
    weights = np.linalg.inv(_covariance(1 / mean, np.flatnonzero(kept), pair))
    spread = np.linalg.inv(columns.T @ weights @ columns + penalty)
    assert answers.estimates[0, pair] == pytest.approx((spread @ columns.T @ weights @ response)[-1])
    assert answers.errors[0, pair] == pytest.approx(np.sqrt(spread[-1, -1]))


def test_pure_poisson_counts_give_the_poisson_regression_slope() -> None:
    sm = pytest.importorskip("statsmodels.api")
    rng = np.random.default_rng(5)
    counts = rng.poisson(50 * np.exp(0.03 * np.arange(120) / 12)).astype(float)
    fits = fit_means(_tables(counts))
    if not fits.kept.all():
        pytest.fail("an ordinary Poisson series must keep all its months")
    poisson = LinearisedModels(fits).change("slope")
    months = np.eye(12)[np.arange(120) % 12]
    glm = sm.GLM(counts, np.column_stack([months, fits.tables.years[0]]), family=sm.families.Poisson()).fit()
    assert poisson.estimates[0, 0] == pytest.approx(glm.params[-1], abs=0.001)
    assert poisson.errors[0, 0] == pytest.approx(glm.bse[-1], rel=0.02)


def test_a_month_ten_times_too_high_leaves_the_fit_and_no_other_does() -> None:
    rng = np.random.default_rng(6)
    counts = rng.poisson(40, 96).astype(float)
    counts[50] = 400
    assert np.flatnonzero(~fit_means(_tables(counts)).kept[0]).tolist() == [50]


def test_at_most_a_tenth_of_the_months_leaves_the_fit() -> None:
    rng = np.random.default_rng(7)
    counts = rng.poisson(40, 100).astype(float)
    counts[::4] *= 8
    assert (~fit_means(_tables(counts)).kept).sum() <= 10


def test_a_known_shift_is_measured_and_the_slope_beside_it_is_level() -> None:
    rng = np.random.default_rng(9)
    shift = (np.arange(120) >= 60).astype(float)
    counts = rng.poisson(200 * np.exp(-0.3 * shift)).astype(float)
    told = LinearisedModels(fit_means(_tables(counts, shift[:, None])))
    untold = LinearisedModels(fit_means(_tables(counts)))
    assert told.shift(0).mean[0] == pytest.approx(-0.3, abs=0.06)
    assert abs(told.change("slope").mean[0]) < 0.02
    assert untold.change("slope").mean[0] < -0.03
    assert told.confounding(told.change("slope"))[0] == pytest.approx(4, rel=0.3)  # a step in mid-series: r squared 3/4


def _mixtures() -> Answers:
    rng = np.random.default_rng(11)
    weights = rng.random((6, 65)) ** np.array([1, 4, 16, 64, 1, 1])[:, None]
    weights[4] = np.arange(65) == 3  # one noise is certain
    errors = rng.uniform(0.03, 0.08, (6, 65))
    errors[5] *= np.geomspace(1e-4, 1e3, 65)
    return Answers(rng.normal(0.1, 0.02, (6, 65)), errors, weights / weights.sum(axis=1, keepdims=True))


def test_the_interval_holds_zero_exactly_when_p_is_above_its_level() -> None:
    answers = _mixtures()
    for level in (0.05, 0.10):
        low, high = answers.quantiles(np.array([level / 2, 1 - level / 2])).T
        np.testing.assert_array_equal((low <= 0) & (high >= 0), answers.p_value > level)
    edge = answers.quantiles(np.array([0.3]))
    moved = Answers(answers.estimates - edge, answers.errors, answers.weights)
    assert moved.p_value == pytest.approx(0.6, abs=1e-6)


def test_quantiles_are_where_the_mixtures_reach_them_and_where_halving_finds_them() -> None:
    answers, probabilities = _mixtures(), np.array([0.001, 0.025, 0.5, 0.95, 0.999])
    found = answers.quantiles(probabilities)
    for i, row in enumerate(found):
        z = (row[:, None] - answers.estimates[i]) / answers.errors[i]
        np.testing.assert_allclose((ndtr(z) * answers.weights[i]).sum(axis=1), probabilities, atol=3e-6)
        one = plain.Answer(answers.estimates[i], answers.errors[i], answers.weights[i])
        some = answers.weights[i] > 1e-7
        np.testing.assert_allclose(row, one.quantiles(probabilities), atol=1e-6 * answers.errors[i, some].max())


def test_many_series_at_once_are_answered_as_the_model_written_out_for_one() -> None:
    """Series with gaps, late starts, few crimes and known shifts; the answers to every question, noise by noise."""
    rows = draw_table(series=16, months=100, seed=6).to_numpy(dtype=float, na_value=np.nan).T[:16]
    rows = np.where(np.nansum(rows, axis=1, keepdims=True) > 60, rows, rows + 3)
    present, n = ~np.isnan(rows), rows.shape[1]
    season, offset = (np.arange(n) + 3) % 12, np.random.default_rng(1).normal(0, 0.05, n)
    shifts = np.zeros((16, n, 2))
    shifts[::2, 40:, 0], shifts[::4, 60:65, 1] = 1, 1
    tables = SeriesTables(
        counts=np.where(present, rows, 0.0),
        present=present,
        season=np.tile(season, (16, 1)),
        offset=np.tile(offset, (16, 1)),
        shifts=shifts,
        length=np.full(16, n),
    )
    models = LinearisedModels(fits := fit_means(tables))
    slope = models.change("slope")
    for i, known in enumerate(present):
        count = int(shifts[i].any(axis=0).sum())
        month = np.flatnonzero(known)
        data = plain.MonthlyData(
            rows[i, known], month, season[known], offset[known], shifts[i][known][:, :count], length=n
        )
        one = plain.LinearisedModel(fit := plain.fit_mean(data))
        np.testing.assert_array_equal(month[fit.kept], np.flatnonzero(fits.kept[i]))
        np.testing.assert_allclose(fits.log_mean[i, fits.kept[i]], fit.log_mean, atol=1e-9)
        asked = [
            (slope, one.answer(slope=1.0)),
            (models.change("latest"), one.answer(latest=1.0)),
            (models.turn_and_back(), one.answer(vee=1.0)),
            (models.direction_since_turn(), one.answer(slope=1.0, turn=1.0)),
            *((models.shift(number), one.shift(number)) for number in range(count)),
        ]
        for many, single in asked:
            np.testing.assert_allclose(many.estimates[i], single.estimates, atol=1e-8 * single.errors.max())
            np.testing.assert_allclose(many.errors[i], single.errors, rtol=1e-8)
            np.testing.assert_allclose(many.weights[i], single.weights, atol=1e-9)
            assert many.p_value[i] == pytest.approx(single.p_value, rel=1e-8, abs=1e-12)
        assert models.confounding(slope)[i] == pytest.approx(one.confounding(asked[0][1]), rel=1e-8)
        assert (models.noise(slope)[0][i], models.noise(slope)[1][i]) == pytest.approx(one.noise(asked[0][1]), rel=1e-8)


@pytest.mark.parametrize("calibration", [SLOPE, TURN, LATEST, AS_MODELLED])
def test_calibration_is_bounded_and_keeps_the_order_of_p_values(calibration: object) -> None:
    factors = [calibration.factor(e, r, n) for e in (1e-5, 0.01, 0.1, 3.0) for r in (0, 0.9) for n in (48, 600)]  # type: ignore[attr-defined]
    assert np.exp(NARROWEST) <= min(factors) <= max(factors) <= np.exp(WIDEST)
    tails = np.r_[0.0, np.geomspace(1e-300, 0.5, 400)]
    p_values = [calibration.p_value(tail) for tail in tails]  # type: ignore[attr-defined]
    assert (np.diff(p_values) >= 0).all()
    assert p_values[0] == 0
    assert p_values[-1] == 1
