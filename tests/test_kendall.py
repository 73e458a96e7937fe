"""Rank tests of a trend, against the figures of R packages, pyMannKendall and the USEPA's worked example."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from several_series import draw_table

from hcsp_assess.errors import InputError
from hcsp_assess.trends import (
    adjust_p_values,
    mann_kendall,
    mann_kendall_hamed_rao,
    mann_kendall_prewhitened,
    seasonal_kendall,
    seasonal_kendall_frame,
    seasonal_sen_slope,
    sen_slope,
)

REFERENCE = Path(__file__).parents[2] / "shared" / "reference" / "reference_cases.json"
CASES = json.loads(REFERENCE.read_text(encoding="utf-8")) if REFERENCE.exists() else {"cases": [], "meta": {}}
KENDALL = [case for case in CASES["cases"] if case["category"] == "kendall"]
MULTIPLE = [case for case in CASES["cases"] if case["category"] == "multiple-testing"]


def _values(case: dict[str, Any]) -> np.ndarray:
    given = case["input"]
    if isinstance(given, str) and given.endswith(".input"):
        return _values(next(c for c in CASES["cases"] if c["id"] == given.removesuffix(".input")))
    if isinstance(given, str):
        return np.array(CASES["meta"]["series"][given]["values"], dtype=float)
    return np.array(given.get("values", given.get("arbitrary_1d_data")), dtype=float)


def _seasonal_intercept(x: np.ndarray, first_year: int) -> float:
    """EnvStats' intercept: the median over seasons of each season's own median intercept."""
    years = np.arange(first_year, first_year + len(x) // 12)
    seasons = [x[i::12] for i in range(12)]
    return float(np.median([np.median(s) - sen_slope(s).slope * np.median(years) for s in seasons]))


def _figures(case: dict[str, Any]) -> dict[str, Any]:
    """Our figure for every expected one of a case, by its name in the case."""
    x, name = _values(case), case["id"]
    if name.startswith("R_smk"):
        ours, plain = seasonal_kendall(x), seasonal_kendall(x, continuity=False)
        return {
            **_as_seasonal(ours),
            "Sg": list(ours.season_scores),
            "sea_sens_slope_per_year": seasonal_sen_slope(x).slope,
            "Kendall_tau": ours.tau_b,
            "Kendall_S": ours.s,
            "Kendall_varS": ours.variance,
            "Kendall_sl": plain.p_value,
        }
    if name.startswith("R_csmk"):
        return _as_seasonal(seasonal_kendall(x, correlated=True))
    if name.startswith("R_mk"):
        ours, slope = mann_kendall(x), sen_slope(x)
        return {**_as_plain(ours), "tau": ours.tau_b, "sens_slope": slope.slope, "sens_ci95": [slope.low, slope.high]}
    if name == "R_envstats_nottem":
        ours, slope = seasonal_kendall(x), seasonal_sen_slope(x)
        joint = seasonal_kendall(x, correlated=True, continuity=True)
        return {
            "z": ours.z,
            "chisq_het": ours.heterogeneity,
            "p": [ours.heterogeneity_p_value, ours.p_value],
            "slope_ci": [slope.low, slope.high],
            "est": [ours.tau, slope.slope, _seasonal_intercept(x, 1920)],
            "correlated_z": [joint.heterogeneity, joint.z],
            "correlated_p": [joint.heterogeneity_p_value, joint.p_value],
        }
    if name in ("R_envstats_seasonal_epa", "ENV_epa_published"):
        ours, slope = seasonal_kendall(x), seasonal_sen_slope(x)
        listed = {
            "stat": [ours.heterogeneity, ours.z],
            "p": [ours.heterogeneity_p_value, ours.p_value],
            "est": [ours.tau, slope.slope, _seasonal_intercept(x, 1983)],
            "ci": [slope.low, slope.high],
        }
        published = {"z": ours.z, "p": ours.p_value, "tau": ours.tau, "slope": slope.slope}
        return {**published, "lcl": slope.low, "ucl": slope.high} if name.startswith("ENV") else listed
    if name == "PMK_seasonal":
        ours, slope = seasonal_kendall(x), seasonal_sen_slope(x)
        by_pairs = ours.s / ours.pairs  # with gaps ours is EnvStats' tau: docs/deviations.md
        return {**_as_seasonal(ours), "tau": by_pairs, "seasonal_sens_slope": slope.slope, "intercept": slope.intercept}
    if name == "PMK_original":
        slope = sen_slope(x)
        return {**_as_plain(mann_kendall(x)), "sens_slope": slope.slope, "intercept": slope.intercept}
    if name == "PMK_hamed_rao":
        return _as_plain(mann_kendall_hamed_rao(x, floor=False))  # ours does not shrink: docs/deviations.md
    if name == "PMK_tfpw":
        return _as_plain(mann_kendall_prewhitened(x))
    raise KeyError(name)


def _as_seasonal(test: Any) -> dict[str, float]:
    return {"S": test.s, "varS": test.variance, "z": test.z, "p": test.p_value, "tau": test.tau}


_as_plain = _as_seasonal


@pytest.mark.parametrize("case", KENDALL, ids=[case["id"] for case in KENDALL])
def test_every_rank_test_gives_the_reference_figures(case: dict[str, Any]) -> None:
    ours = _figures(case)
    for name, expected in case["expected"].items():
        # R's Kendall package computes in single precision, so its own figures are good to about seven digits only
        rel = 2e-7 if name.startswith("Kendall_") else 1e-6
        np.testing.assert_allclose(ours[name], expected, rtol=rel, atol=1e-12, err_msg=f"{case['id']}: {name}")


@pytest.mark.parametrize("case", MULTIPLE, ids=[case["id"] for case in MULTIPLE])
def test_p_values_are_adjusted_as_by_r(case: dict[str, Any]) -> None:
    p_values = case["input"] if isinstance(case["input"], list) else next(iter(case["input"].values()))
    methods = {"BH": "benjamini-hochberg", "BY": "benjamini-yekutieli", "holm": "holm", "bonferroni": "bonferroni"}
    for name, method in methods.items():
        np.testing.assert_allclose(adjust_p_values(p_values, method), case["expected"][name], rtol=1e-6)  # type: ignore[arg-type]


def test_the_usepa_worked_example_comes_out_as_published() -> None:
    """USEPA (2009) Unified Guidance, example 14-10: z 5.18, slope 0.06 a year, interval 0.0579 to 0.0721."""
    first = [1.99, 2.10, 2.12, 2.12, 2.11, 2.15, 2.19, 2.18, 2.16, 2.08, 2.05, 2.08]
    second = [2.01, 2.10, 2.17, 2.13, 2.13, 2.18, 2.25, 2.24, 2.22, 2.13, 2.08, 2.16]
    third = [2.15, 2.17, 2.27, 2.23, 2.24, 2.26, 2.31, 2.32, 2.28, 2.22, 2.19, 2.22]
    concentrations = first + second + third
    test, slope = seasonal_kendall(concentrations), seasonal_sen_slope(concentrations)
    assert test.z == pytest.approx(5.1849514)
    assert (slope.slope, slope.low, slope.high) == pytest.approx((0.06, 0.05786914, 0.07213086))


def test_a_gap_neither_drops_a_year_nor_stops_the_hirsch_slack_test() -> None:
    rng = np.random.default_rng(4)
    x = rng.poisson(30, 120).astype(float)
    x[[5, 17, 40, 41, 42, 90]] = np.nan
    test = seasonal_kendall(x, correlated=True)
    assert test.values_used == 114
    assert 0 < test.p_value <= 1
    assert test.variance > 0


def test_tau_with_gaps_is_the_mean_of_the_seasons_weighed_by_their_values() -> None:
    """Worked by hand as EnvStats does: 4 values with tau 1, 2 values with tau -1, a season of 1 value has no tau."""
    years = [[1, 9, 5], [2, None, None], [3, 8, None], [4, None, None]]
    test = seasonal_kendall(np.array(years, dtype=float).ravel(), period=3)
    assert test.tau == pytest.approx((4 * 1 + 2 * -1) / 6)
    assert (test.s, test.pairs, test.values_used) == (5, 7, 7)  # by pairs it would be 5 / 7
    rng = np.random.default_rng(6)
    x = rng.poisson(9, 96).astype(float)
    assert seasonal_kendall(x).tau == pytest.approx(seasonal_kendall(x).s / seasonal_kendall(x).pairs)
    gappy = np.where(rng.random(96) < 0.3, np.nan, x)
    seasons = [s[~np.isnan(s)] for s in gappy.reshape(8, 12).T]
    taus = [mann_kendall(s).tau for s in seasons]
    assert min(map(len, seasons)) >= 3
    assert seasonal_kendall(gappy).tau == pytest.approx(np.average(taus, weights=list(map(len, seasons))))


@pytest.mark.parametrize("correlated", [False, True])
def test_seasons_of_different_length_that_all_rise_alike_are_not_called_different(correlated: bool) -> None:
    rng = np.random.default_rng(7)
    x = np.arange(240) / 12 + rng.normal(0, 0.05, 240)  # every pair of years rises in every season
    x[[i for i in range(120) if i % 12 in (2, 7)]] = np.nan
    x[[50, 61, 99]] = np.nan
    test = seasonal_kendall(x, correlated=correlated)
    assert test.tau == 1
    if correlated:  # of independent seasons R compares z-values, which grow with length
        assert test.heterogeneity == pytest.approx(0, abs=1e-9)
    opposite = np.where(np.arange(240) % 12 < 6, x, -x)
    assert seasonal_kendall(opposite, correlated=False).heterogeneity_p_value < 1e-6


def test_hamed_rao_is_never_below_the_plain_variance_and_never_silently_without_a_trend() -> None:
    """In 1 to 2% of short rising series the published formula is negative, and the test then said p = 1."""
    rng = np.random.default_rng(5)
    negative, above = 0, 0
    slow = np.cumsum(rng.normal(size=(20, 30)), axis=1)  # what moves slowly needs the larger variance
    for x in [*(np.arange(12) * 0.5 + rng.normal(size=(400, 12))), *slow]:
        plain, ours, published = mann_kendall(x), mann_kendall_hamed_rao(x), mann_kendall_hamed_rao(x, floor=False)
        assert ours.variance == max(plain.variance, published.variance)
        assert ours.p_value >= plain.p_value
        assert np.isnan(published.p_value) == (published.variance <= 0)
        above += published.variance > plain.variance and ours.p_value == published.p_value
        negative += published.variance <= 0 and ours.p_value == plain.p_value < 0.05
    assert negative >= 1
    assert above >= 10
    line = mann_kendall_hamed_rao(np.arange(12.0))  # nothing is left to correlate once the line is taken out
    assert line.p_value == mann_kendall(np.arange(12.0)).p_value < 0.001


@pytest.mark.parametrize("case", [c for c in KENDALL if c["id"] == "PMK_hamed_rao"], ids=["PMK_hamed_rao"])
def test_hamed_rao_does_not_shrink_the_variance_of_a_seasonal_series(case: dict[str, Any]) -> None:
    """pyMannKendall divides it by 19 here and finds a trend (p = 0.0001) that the plain test does not (p = 0.38)."""
    test, plain = mann_kendall_hamed_rao(_values(case)), mann_kendall(_values(case))
    assert (test.variance, test.p_value) == (plain.variance, plain.p_value)
    assert test.p_value > 0.3


def test_heterogeneity_is_worked_out_only_when_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    worked: list[int] = []

    def counted(tables: np.ndarray, correlated: bool) -> tuple[np.ndarray, np.ndarray]:
        worked.append(len(tables))
        return np.zeros(len(tables)), np.ones(len(tables))

    monkeypatch.setattr("hcsp_assess.trends.kendall._heterogeneity_of", counted)
    counts = draw_table(series=3, seed=9)
    assert "heterogeneity" not in seasonal_kendall_frame(counts, correlated=True).table
    test = seasonal_kendall(counts.iloc[:, 0].to_numpy(dtype=float, na_value=np.nan), correlated=True)
    assert not worked
    assert (test.heterogeneity, test.heterogeneity_p_value) == (0, 1)
    assert worked == [1]  # once for both


def test_the_hirsch_slack_variance_is_the_variance_of_the_score_when_months_of_a_year_move_together() -> None:
    rng = np.random.default_rng(8)
    scores, variances = [], []
    for _ in range(400):
        years = np.repeat(rng.standard_normal(10), 12)
        test = seasonal_kendall(years + 0.8 * rng.standard_normal(120), correlated=True)
        scores.append(test.s)
        variances.append(test.variance)
    assert np.mean(variances) == pytest.approx(np.var(scores), rel=0.15)


@pytest.mark.parametrize("correlated", [False, True])
def test_turning_time_round_turns_only_the_sign(correlated: bool) -> None:
    rng = np.random.default_rng(1)
    x = rng.poisson(12, 96).astype(float)
    forward, back = seasonal_kendall(x, correlated=correlated), seasonal_kendall(x[::-1], correlated=correlated)
    assert forward.s == -back.s
    assert forward.variance == pytest.approx(back.variance)


def test_the_fast_slopes_are_the_obvious_slow_ones() -> None:
    rng = np.random.default_rng(2)
    x = rng.normal(size=30)
    slow = sorted((x[j] - x[i]) / (j - i) for i in range(30) for j in range(i + 1, 30))
    assert sen_slope(x).slope == pytest.approx(np.median(slow))


@pytest.mark.parametrize("correlated", [False, True])
def test_a_table_gives_what_its_columns_give_one_by_one(correlated: bool) -> None:
    counts = draw_table(seed=3)
    found = seasonal_kendall_frame(counts, correlated=correlated, heterogeneity=True)
    assert found.table.loc["short"].drop("values_used").notna().all()  # twenty months hold two of some seasons
    for name in counts:
        x = counts[name].to_numpy(dtype=float, na_value=np.nan)
        test, slope, row = seasonal_kendall(x, correlated=correlated), seasonal_sen_slope(x), found.table.loc[name]
        for figure in ("s", "variance", "tau", "tau_b", "z", "p_value", "heterogeneity", "heterogeneity_p_value"):
            assert row[figure] == pytest.approx(getattr(test, figure), rel=1e-10, abs=1e-12), figure
        for figure in ("slope", "low", "high", "intercept"):
            assert row[figure] == pytest.approx(getattr(slope, figure), rel=1e-10, abs=1e-12), figure
        assert (row["values_used"], row["pairs"]) == (test.values_used, test.pairs)
        assert found.method.startswith(test.method)


def test_the_figures_of_the_seasonal_test_are_the_obvious_slow_ones_also_with_gaps() -> None:
    for name, column in draw_table(months=90, seed=4).items():
        x = column.to_numpy(dtype=float, na_value=np.nan)
        pairs = [(x[i], x[j], (j - i) / 12) for i in range(90) for j in range(i + 12, 90, 12)]
        pairs = [(a, b, years) for a, b, years in pairs if not np.isnan(a + b)]
        assert seasonal_kendall(x).s == sum(np.sign(b - a) for a, b, _ in pairs), name
        assert seasonal_sen_slope(x).slope == pytest.approx(np.median([(b - a) / years for a, b, years in pairs]))
        assert seasonal_kendall(x, correlated=True).variance == pytest.approx(_dietz_and_killeen(x))


def _dietz_and_killeen(x: np.ndarray) -> float:
    """The variance of the joint score, entry by entry of its definition."""
    seasons = [np.resize(np.r_[x, [np.nan] * 12], (-(-len(x) // 12), 12))[:, g] for g in range(12)]
    years = range(len(seasons[0]))
    signs = [np.nan_to_num(np.sign(s[None, :] - s[:, None])) for s in seasons]
    total = 0.0
    for first in signs:
        for second in signs:
            k = sum(first[i, j] * second[i, j] for i in years for j in years if i < j)
            total += (k + sum(first[:, j].sum() * second[:, j].sum() for j in years)) / 3
    return total


def test_a_table_of_quarters_has_four_seasons() -> None:
    rng = np.random.default_rng(11)
    x = rng.poisson(40, 44).astype(float)
    x[[6, 30]] = np.nan
    quarters = pd.Series(x, index=pd.period_range("2014Q1", periods=44, freq="Q-MAR"), name="casualties")
    row = seasonal_kendall_frame(quarters.to_frame()).table.loc["casualties"]
    test, slope = seasonal_kendall(x, period=4), seasonal_sen_slope(x, period=4)
    assert (row["s"], row["tau"], row["p_value"]) == pytest.approx((test.s, test.tau, test.p_value))
    assert (row["slope"], row["low"], row["high"]) == pytest.approx((slope.slope, slope.low, slope.high))


def test_a_series_without_two_values_of_a_season_has_no_figures_in_a_table() -> None:
    counts = draw_table(series=4)
    counts.loc[counts.index[9] :, "series 0"] = None
    found = seasonal_kendall_frame(counts).table
    assert found.loc["series 0", ["s", "p_value", "slope", "low"]].isna().all()
    assert found["p_value"].notna().sum() == 6
    with pytest.raises(InputError, match=r"^series 'b': the value of 2013-04 is infinite$"):
        seasonal_kendall_frame(counts.assign(b=np.inf))


def test_equal_values_have_no_trend() -> None:
    assert mann_kendall([4.0] * 20).p_value == 1
    for correlated in (False, True):
        assert seasonal_kendall([4.0] * 60, correlated=correlated).p_value == 1
    assert seasonal_sen_slope([4.0] * 60).slope == 0


def test_too_few_values_are_refused_in_words() -> None:
    with pytest.raises(InputError, match=r"^a trend test needs at least three values, and there are 2$"):
        mann_kendall([1.0, np.nan, 2.0])
    with pytest.raises(InputError, match=r"^no season has two values: a seasonal trend test needs at least two years$"):
        seasonal_kendall(np.arange(12.0))
    with pytest.raises(InputError, match=r"^no season has two values: a seasonal slope needs at least two years$"):
        seasonal_sen_slope(np.arange(12.0))


def test_p_values_outside_nought_to_one_are_refused() -> None:
    with pytest.raises(InputError, match=r"^every p-value must be between 0 and 1, and none may be missing$"):
        adjust_p_values([0.1, np.nan], "holm")
    with pytest.raises(
        InputError, match=r"^there is no adjustment 'fdr': choose one of bonferroni, holm, benjamini-hochberg, .*$"
    ):
        adjust_p_values([0.1], "fdr")  # type: ignore[arg-type]
