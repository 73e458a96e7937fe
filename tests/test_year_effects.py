"""Year effects: the batched model against one written out densely, planted effects, and relations that must hold."""

import numpy as np
import pytest
from scipy.linalg import helmert

from hcsp_assess.trends.noise import MONTHLY, QUARTERLY, NoiseGrid
from hcsp_assess.trends.year_effects import (
    PRIOR,
    SIZES,
    SeriesWithYears,
    YearModels,
    likeliest_noises,
    pooled_weights,
    year_columns,
)

CONTRASTS = np.array([[1.0, 0.0], [0.0, 1.0]])


def some_series(per_year: int = 12, series: int = 3, years: float = 4.5) -> SeriesWithYears:
    """Series of different length and level with gaps, two changes asked about and a known shift."""
    rng = np.random.default_rng(7)
    n = int(years * per_year)
    length = n - np.arange(series)
    index = np.arange(n)
    kept = (index < length[:, None]) & (rng.random((series, n)) > 0.1)
    latest = (index >= length[:, None] - per_year).astype(float)
    slope = (index - length[:, None] / 2) / per_year
    shift = np.broadcast_to(index >= n // 3, (series, n)).astype(float)[:, :, None]
    mean = np.array([3.0, 30.0, 300.0])[:series, None] * np.exp(0.1 * rng.standard_normal((series, n)))
    return SeriesWithYears(
        response=np.log(mean) + 0.2 * rng.standard_normal((series, n)),
        variances=1 / mean,
        kept=kept,
        season=np.broadcast_to(index % per_year, (series, n)),
        length=length,
        asked=np.stack([slope, latest], axis=2),
        shifts=shift,
        asked_precision=0.25,
    )


def written_out(series: SeriesWithYears, i: int, noise: int, size: float, grid: NoiseGrid):
    """One series under one noise and size: covariance with the years in it; likelihood, estimates and errors."""
    kept = series.kept[i]
    month = np.flatnonzero(kept)
    years = ((series.length[i] - 1 - month) // grid.per_year)[:, None]
    season = helmert(grid.per_year).T[series.season[i, kept]]
    shifts, y = series.shifts[i, kept], series.response[i, kept]
    covariance = np.diag(series.variances[i, kept]) + size**2 * (years == years.T)
    covariance += grid.tau2[noise] * grid.rho[noise] ** np.abs(month[:, None] - month)
    columns = np.column_stack([np.ones(len(y)), season, shifts, series.asked[i, kept]])
    ridge = np.diag([0.0, *[4.0] * (grid.per_year - 1), *[0.25] * shifts.shape[1], *[series.asked_precision] * 2])
    inverse = np.linalg.inv(covariance)
    information = columns.T @ inverse @ columns + ridge
    of_coefficients = np.linalg.inv(information)
    coefficients = of_coefficients @ columns.T @ inverse @ y
    squares = y @ inverse @ y - coefficients @ information @ coefficients
    likelihood = -0.5 * (np.linalg.slogdet(covariance)[1] + np.linalg.slogdet(information)[1] + squares)
    return likelihood, coefficients[-2:], np.sqrt(np.diag(of_coefficients)[-2:])


@pytest.mark.parametrize("grid", [MONTHLY, QUARTERLY])
def test_the_batched_model_equals_one_written_out(grid):
    series = some_series(grid.per_year)
    effects = YearModels(series, SIZES, grid).effects(CONTRASTS)
    noises = (0, 3, 20, 41, 64)
    for i in range(3):
        plain = [[written_out(series, i, noise, size, grid) for noise in noises] for size in SIZES]
        likelihood = np.array([[cell[0] for cell in row] for row in plain])
        ours = effects.log_likelihoods[:, noises, i]
        np.testing.assert_allclose(ours - ours[0, 0], likelihood - likelihood[0, 0], atol=1e-8)
        for which in (0, 1):
            estimates = [[cell[1][which] for cell in row] for row in plain]
            errors = [[cell[2][which] for cell in row] for row in plain]
            np.testing.assert_allclose(effects.estimates[which][:, noises, i], estimates, atol=1e-8)
            np.testing.assert_allclose(effects.errors[which][:, noises, i], errors, rtol=1e-8)


def test_a_series_alone_says_what_it_says_in_a_batch_and_few_noises_do():
    series = some_series(years=6)
    every = YearModels(series, SIZES).effects(CONTRASTS)
    all_answers = every.answers(1, PRIOR)
    of_noises = all_answers.weights.reshape(3, len(SIZES), -1).sum(axis=1)
    noises = likeliest_noises(of_noises, most=40)
    batch = YearModels(series, SIZES, noises=noises).effects(CONTRASTS)
    kept = every.log_likelihoods[:, noises, np.arange(3)]
    np.testing.assert_allclose(batch.log_likelihoods, kept, atol=1e-8)
    np.testing.assert_allclose(batch.answers(1, PRIOR).p_value, all_answers.p_value, atol=0.005)
    for i in range(3):
        one = SeriesWithYears(
            **{name: value if name == "asked_precision" else value[i : i + 1] for name, value in vars(series).items()}
        )
        alone = YearModels(one, SIZES, noises=noises[:, i : i + 1]).effects(CONTRASTS)
        np.testing.assert_allclose(alone.answers(1, PRIOR).p_value, batch.answers(1, PRIOR).p_value[i], atol=1e-9)


def test_some_of_the_changes_are_a_model_of_their_own():
    series = some_series()
    latest = YearModels(series, SIZES).effects(np.ones((1, 1)), beside=(1,))
    only = SeriesWithYears(**{**vars(series), "asked": series.asked[:, :, 1:]})
    alone = YearModels(only, SIZES).effects(np.ones((1, 1)))
    np.testing.assert_allclose(latest.estimates, alone.estimates, atol=1e-9)
    np.testing.assert_allclose(latest.log_likelihoods, alone.log_likelihoods, atol=1e-7)


def test_the_size_of_planted_effects_is_found_from_many_series():
    """Forty series whose years differ by 13%, and forty whose years do not differ at all."""
    rng = np.random.default_rng(11)
    n, series = 120, 40
    season = np.broadcast_to(np.arange(n) % 12, (series, n))
    shape = np.zeros((series, n))
    last = (np.arange(n) >= n - 12).astype(float)
    for planted in (0.0, 0.13):
        of_years = planted * rng.standard_normal((series, 10))
        model = YearModels(
            SeriesWithYears(
                response=np.log(200) + np.repeat(of_years, 12, axis=1) + rng.standard_normal((series, n)) * 200**-0.5,
                variances=shape + 1 / 200,
                kept=shape == 0,
                season=season,
                length=np.full(series, n),
                asked=np.broadcast_to(last[:, None], (series, n, 1)),
                shifts=np.empty((series, n, 0)),
            ),
            SIZES,
            noises=np.tile([[0], [1], [18]], series),
        )
        weights = pooled_weights(model.effects(np.ones((1, 1))).log_likelihood_of_sizes())
        spread = np.sqrt(weights @ SIZES**2)
        assert weights.sum() == pytest.approx(1)
        assert (0.10 < spread < 0.16) if planted else spread < 0.06


def test_years_are_counted_back_from_the_end_of_each_series():
    columns = year_columns(30, np.array([30, 24]))
    assert columns.shape == (2, 30, 3)
    assert columns[0].sum(axis=0).tolist() == [6, 12, 12]
    assert columns[1, :24].sum(axis=0).tolist() == [0, 12, 12]
