"""Checks of the reference cases that hcsp_assess.trends covers, by case id.

Each function takes the case and the whole reference file and asserts at the case's tolerance. `test_reference_cases.py`
finds every `reference_checks_*.py` and runs what its `CHECKS` names; another topic adds its own file.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd

from hcsp_assess.trends.decomposition import decompose
from hcsp_assess.trends.exceedance import (
    Baseline,
    flexible_threshold,
    outbreak_weights,
    reference_points,
)
from hcsp_assess.trends.gaps import fill_gaps
from hcsp_assess.trends.rates import (
    compare_counts,
    count_interval,
    e_test,
    rate,
    wilson_interval,
)
from hcsp_assess.trends.regression import fit_seasonal_regression
from hcsp_assess.trends.spc import individual_limits, seven_in_a_trend, seven_on_one_side, two_of_three
from hcsp_assess.trends.textbook.changepoints import mean_shift, pettitt_test, poisson_segments
from hcsp_assess.trends.textbook.farrington import original_threshold
from hcsp_assess.trends.textbook.small_counts import scan_probability, small_sample_test
from hcsp_assess.trends.textbook.smoothing import ets_forecast
from hcsp_assess.trends.textbook.standardised_rates import directly_standardised_rate

Case = dict[str, Any]
Check = Callable[[Case, Case], None]

# statsmodels' robust weights differ from R's for these: see docs/deviations.md, "Robust STL"
MEDIAN_OF_R_IS_WRONG = ("nottem", "AirPassengers")


def monthly(reference: Case, name: str) -> pd.Series:
    """A classic series of the reference file on its months."""
    series = reference["meta"]["series"][name]
    first = f"{series['start'][0]}-{series['start'][1]:02d}"
    return pd.Series(series["values"], index=pd.period_range(first, periods=len(series["values"]), freq="M"), name=name)


def near(value: Any, expected: Any, relative: float = 1e-6, absolute: float = 0.0) -> None:
    np.testing.assert_allclose(np.asarray(value, float), np.asarray(expected, float), rtol=relative, atol=absolute)


def check_stl(case: Case, reference: Case) -> None:
    name, expected = case["input"], case["expected"]
    values, robust = monthly(reference, name), "robust" in case["id"]
    parts = decompose(values, seasonal_window="periodic" if "periodic" in case["id"] else 7, robust=robust)
    tolerance = 0.002 * values.mean() if robust else 1e-6
    near(parts.trend.head(6), expected["trend_first6"], 0, tolerance)
    near(parts.trend.tail(6), expected["trend_last6"], 0, tolerance)
    near(parts.season.head(12), expected["seasonal_first12"], 0, tolerance)
    if "trend_mid" in expected:
        middle = parts.trend.to_numpy()
        near(_best_window(middle, expected["trend_mid"]), expected["trend_mid"], 0, tolerance)
    if "remainder_sd" in expected:
        near(parts.remainder.std(), expected["remainder_sd"], 0, tolerance)


def _best_window(values: np.ndarray, expected: list[float]) -> np.ndarray:
    """The stretch of values nearest to the expected one (the file does not say where its middle starts)."""
    windows = np.lib.stride_tricks.sliding_window_view(values, len(expected))
    nearest: np.ndarray = windows[np.abs(windows - np.asarray(expected)).max(axis=1).argmin()]
    return nearest


def check_strength(case: Case, reference: Case) -> None:
    for name in case["input"]:
        parts, expected = decompose(monthly(reference, name), seasonal_window=7), case["expected"][name]
        tolerance = 0.004 if name in MEDIAN_OF_R_IS_WRONG else 1e-6
        near(parts.strength_of_trend, expected["F_trend"], 0, tolerance)
        near(parts.strength_of_season, expected["F_season"], 0, tolerance)


def check_r_mapping(case: Case, reference: Case) -> None:
    """Ours is R's decomposition of co2, not that of statsmodels' own defaults."""
    trend = decompose(monthly(reference, "co2"), seasonal_window=7, robust=False).trend.head(5)
    near(trend, case["expected"]["R_first5"], 0, 1e-4)
    assert np.abs(trend.to_numpy() - case["expected"]["statsmodels_default_first5"]).min() > 0.005


def check_gap_filling(case: Case, reference: Case) -> None:
    values = monthly(reference, "UKDriverDeaths").astype(float)
    gaps = np.array(case["input"]["na_1based"]) - 1
    near(values.iloc[gaps], case["expected"]["truth"])
    values.iloc[gaps] = np.nan
    near(fill_gaps(values).iloc[gaps], case["expected"]["filled"], 0.011)  # docs/deviations.md, "Robust STL"


def check_regression(case: Case, reference: Case) -> None:
    counts, expected = monthly(reference, case["input"]), case["expected"]
    # R stops iterating when the deviance changes by 1e-8 of itself; for AirPassengers that leaves 2e-6 in the dispersion
    loose = 1e-5 if case["input"] == "AirPassengers" else 1e-6
    plain = fit_seasonal_regression(counts, days_offset=False)
    near(plain.slope, expected["qp_beta"])
    near(plain.standard_error, expected["qp_se"])
    near(plain.slope / plain.standard_error, expected["qp_t"])
    near([plain.p_value, plain.dispersion], [expected["qp_p"], expected["dispersion"]], loose)
    offset = fit_seasonal_regression(counts)
    near([offset.slope, offset.standard_error], [expected["off_beta"], expected["off_se"]])
    near([offset.p_value, offset.dispersion], [expected["off_p"], expected["off_dispersion"]], loose)
    near(offset.autocorrelation, expected["pearson_resid_acf1"])
    robust = fit_seasonal_regression(counts, newey_west_lags=4)
    near([robust.standard_error, robust.slope / robust.standard_error], [expected["nw4_se"], expected["nw4_z"]])
    near(robust.p_value, expected["nw4_p"], 1e-6, 1e-300)
    binomial = fit_seasonal_regression(counts, family="negative binomial")
    if expected["nb_beta"] is None:
        assert binomial.family == "quasi-Poisson"
        assert binomial.note == "no more variation than Poisson, so quasi-Poisson was used"
    else:
        near([binomial.slope, binomial.standard_error], [expected["nb_beta"], expected["nb_se"]])
        near(binomial.size, expected["nb_theta"])


def check_poisson_test(case: Case, reference: Case) -> None:
    result, expected = compare_counts(*case["input"]), case["expected"]
    near([result.p_value, result.wheeler_z], [expected["p"], expected["wheeler_z"]])
    near([result.low, result.high], [float(limit) for limit in expected["ci95"]])
    near(result.rate_ratio, np.nan if expected["rr"] is None else expected["rr"])


def check_wheeler(case: Case, reference: Case) -> None:
    assert [compare_counts(*pair).wheeler_z for pair in case["input"]] == case["expected"]


def check_e_test(case: Case, reference: Case) -> None:
    near(e_test(*case["input"]), case["expected"]["p"], 0, 5e-5)


def check_count_intervals(case: Case, reference: Case) -> None:
    for method, key in (("Byar", "byar"), ("exact", "exact")):
        for count, limits in zip(case["input"], case["expected"][key], strict=True):
            interval = count_interval(count, method=method)
            near([interval.low, interval.high], limits)


def check_byar(case: Case, reference: Case) -> None:
    intervals = [count_interval(count, method="Byar") for count in case["input"]]
    near([i.low for i in intervals], case["expected"]["lower"], 0, 1e-5)
    near([i.high for i in intervals], case["expected"]["upper"], 0, 1e-5)


def check_wilson(case: Case, reference: Case) -> None:
    pairs = zip(case["input"]["x"], case["input"]["n"], strict=True)
    intervals = [wilson_interval(part, whole) for part, whole in pairs]
    near([i.low for i in intervals], case["expected"]["lower"], 0, 1e-5)
    near([i.high for i in intervals], case["expected"]["upper"], 0, 1e-5)


def check_rates(case: Case, reference: Case) -> None:
    pairs = zip(case["input"]["x"], case["input"]["n"], strict=True)
    intervals = [rate(count, population, multiplier=1e5) for count, population in pairs]
    for key, field in (("value", "value"), ("lower", "low"), ("upper", "high")):
        near([getattr(i, field) for i in intervals], case["expected"][key], 1e-6)


def check_rate_15_400(case: Case, reference: Case) -> None:
    count, exposure = case["input"]["count"], case["input"]["exposure"]
    for method in ("exact", "score"):
        interval = rate(count, exposure, multiplier=1, method=method)
        near([interval.low, interval.high], case["expected"][method], 1e-12)
    # DescTools puts half a count more into both limits of Byar: docs/deviations.md, "Byar's limits"
    low = rate(count + 0.5, exposure, multiplier=1, method="Byar").low
    high = rate(count - 0.5, exposure, multiplier=1, method="Byar").high
    near([low, high], case["expected"]["byar"], 1e-12)
    from statsmodels.stats.rates import test_poisson

    p_value = test_poisson(count, exposure, value=0.05, method="exact-c").pvalue  # a library's: no function of ours
    near(p_value, case["expected"]["p_exact_vs_0_05"], 1e-12)


def check_standardised(case: Case, reference: Case) -> None:
    strata, expected = case["input"], case["expected"]
    for confidence, suffix in ((0.95, "95"), (0.998, "998")):
        result = directly_standardised_rate(strata["count"], strata["pop"], strata["stdpop"], confidence=confidence)
        near(result.value, expected["value"])
        near([result.low, result.high], [expected[f"lower{suffix}"], expected[f"upper{suffix}"]])


def check_small_sample(case: Case, reference: Case) -> None:
    near([small_sample_test(counts).statistic for counts in case["input"]], case["expected"], 0, 0.005)


def check_scan(case: Case, reference: Case) -> None:
    # ptools takes its second argument off the number of windows, where Naus takes 2: docs/deviations.md, "Scan"
    ours = [scan_probability(windows - taken + 2, mean, events) for windows, taken, mean, events in case["input"]]
    near(ours, case["expected"], 0, 1e-3)


def check_xmr_limits(case: Case, reference: Case) -> None:
    limits, expected = individual_limits(np.array(case["input"]), screen_ranges=False), case["expected"]
    ours = [limits.centre, limits.lower, limits.upper, limits.near_lower, limits.near_upper]
    near(ours, [expected[key] for key in ("mean", "lpl", "upl", "nlpl", "nupl")])


def check_xmr_screening(case: Case, reference: Case) -> None:
    for key, screened in (("screened", True), ("unscreened", False)):
        limits, expected = individual_limits(np.array(case["input"]), screen_ranges=screened), case["expected"][key]
        near([limits.upper, limits.centre, limits.lower], [expected[k] for k in ("upl", "mean", "lpl")], 0, 0.01)


def check_seven_in_a_trend(case: Case, reference: Case) -> None:
    assert seven_in_a_trend(np.array(case["input"])).tolist() == [bool(x) for x in case["expected"]]


def check_seven_on_one_side(case: Case, reference: Case) -> None:
    assert seven_on_one_side(np.array(case["input"])).tolist() == [bool(x) for x in case["expected"]]


def check_two_of_three(case: Case, reference: Case) -> None:
    marked = two_of_three(np.array(case["input"]["close"]), np.array(case["input"]["side"]))
    assert marked.tolist() == [bool(x) for x in case["expected"]]


def check_nile(case: Case, reference: Case) -> None:
    result, expected = mean_shift(case["input"]["values"]), case["expected"]
    assert result.last_before == expected["cpt"] == expected["bp"]
    assert case["input"]["start"][0] + result.last_before - 1 == expected["bp_year"]
    assert [result.low, result.last_before, result.high] == expected["ci"]
    near([result.sup_f, result.cusum, result.cusum_p_value], [expected[k] for k in ("supF", "olscusum", "olscusum_p")])


def check_pettitt(case: Case, reference: Case) -> None:
    values = case["input"] if isinstance(case["input"], dict) else _by_id(reference, "R_pettitt_pages")["input"]
    result, expected = pettitt_test(values["values"]), case["expected"]
    assert (result.statistic, result.last_before) == (expected["K"], expected["cp"])
    if case["id"] == "PETTITT_paper":
        near(result.p_value, expected["p"], 0, 0.001)
    else:
        near(result.p_value, expected["p"])


def check_pelt(case: Case, reference: Case) -> None:
    result = poisson_segments(case["input"]["values"])
    assert result.last_before == (case["expected"]["cpts"],)
    near(result.means, case["expected"]["lambda"])


def check_farrington_flexible(case: Case, reference: Case) -> None:
    values, expected = np.array(case["input"]["values"], float), case["expected"]
    weekly = Baseline(frequency=52, years_back=4, half_window=3, blocks=10, skipped=26)
    thresholds = [flexible_threshold(values, week - 1, weekly, false_alarm_rate=0.05) for week in range(282, 313)]
    near([t.expected for t in thresholds], expected["expected"], 1e-4)
    assert [t.upper for t in thresholds] == expected["upper"]
    weeks = values[281:312]
    assert [int(y > t.upper) for y, t in zip(weeks, thresholds, strict=True)] == expected["alarm"]


def check_farrington_original(case: Case, reference: Case) -> None:
    values = np.array(_by_id(reference, "R_farrington_salm_nb")["input"]["values"], float)
    weekly = Baseline(frequency=52, years_back=4, half_window=3)
    thresholds = [original_threshold(values, week - 1, weekly, false_alarm_rate=0.05) for week in range(282, 313)]
    near([t.upper for t in thresholds], case["expected"]["upper"], 1e-4)
    enough = [values[week - 4 : week].sum() >= 5 for week in range(282, 313)]  # surveillance's limit54, not ours
    alarms = [int(y > t.upper and e) for y, t, e in zip(values[281:312], thresholds, enough, strict=True)]
    assert alarms == case["expected"]["alarm"]


def check_outbreak_weights(case: Case, reference: Case) -> None:
    near(outbreak_weights(np.array(case["input"], float), 0.0), case["expected"], 1e-12)


def check_reference_points(case: Case, reference: Case) -> None:
    asked = case["input"]
    assert reference_points(asked["t"], years_back=asked["b"], frequency=asked["freq"]) == case["expected"]


def check_ets(case: Case, reference: Case) -> None:
    result, expected = ets_forecast(monthly(reference, case["input"]).tolist(), 12), case["expected"]
    near(result["expected"], expected["mean"], 0.01)
    near(result["low"], expected["lower"], 0.01)
    near(result["high"], expected["upper"], 0.01)


def check_month_lengths(case: Case, reference: Case) -> None:
    assert pd.period_range("1979-01", periods=36, freq="M").days_in_month.tolist() == case["expected"]["days"]


def check_p_adjustment(case: Case, reference: Case) -> None:
    """scipy and statsmodels adjust p-values as R does, so no code of ours is needed."""
    from scipy.stats import false_discovery_control
    from statsmodels.stats.multitest import multipletests

    p = case["input"]
    near(false_discovery_control(p, method="bh"), case["expected"]["BH"])
    near(false_discovery_control(p, method="by"), case["expected"]["BY"])
    near(multipletests(p, method="holm")[1], case["expected"]["holm"])
    near(multipletests(p, method="bonferroni")[1], case["expected"]["bonferroni"])
    assert (false_discovery_control(p) <= 0.05).sum() == 4


def _by_id(reference: Case, case_id: str) -> Case:
    return next(case for case in reference["cases"] if case["id"] == case_id)


STL_CASES = (
    "R_stl_nottem_s7_plain",
    "R_stl_nottem_s7_robust",
    "R_stl_nottem_periodic",
    "R_stl_co2_s7_robust",
    "R_stl_co2_periodic",
    "R_stl_AirPassengers_s7_plain",
    "R_stl_AirPassengers_s7_robust",
    "R_stl_UKDriverDeaths_s7_plain",
    "R_stl_UKDriverDeaths_periodic",
)

CHECKS: dict[str, Check] = {
    **dict.fromkeys(STL_CASES, check_stl),
    "R_strength": check_strength,
    "STATSMODELS_STL_R_mapping": check_r_mapping,
    "R_na_interp_UKDD": check_gap_filling,
    "R_glm_UKDriverDeaths": check_regression,
    "R_glm_AirPassengers": check_regression,
    "R_poisson_test_25_16": check_poisson_test,
    "R_poisson_test_6_2": check_poisson_test,
    "R_poisson_test_3_0": check_poisson_test,
    "R_poisson_test_900_820": check_poisson_test,
    "WHEELER_Z": check_wheeler,
    "ETEST_6_2": check_e_test,
    "R_byars_exact_counts": check_count_intervals,
    "PHE_byars95": check_byar,
    "PHE_wilson95": check_wilson,
    "PHE_rate": check_rates,
    "PHE_dsr": check_standardised,
    "RATES_15_400": check_rate_15_400,
    "SMALLSAMP_G": check_small_sample,
    "SCAN_naus": check_scan,
    "XMR_limits_1": check_xmr_limits,
    "XMR_limits_2": check_xmr_limits,
    "XMR_screened": check_xmr_screening,
    "SPC_7trend": check_seven_in_a_trend,
    "SPC_7side": check_seven_on_one_side,
    "SPC_2of3": check_two_of_three,
    "R_nile_change": check_nile,
    "R_pettitt_pages": check_pettitt,
    "PETTITT_paper": check_pettitt,
    "R_pelt_poisson": check_pelt,
    "R_farrington_salm_nb": check_farrington_flexible,
    "R_farrington_salm_orig": check_farrington_original,
    "FARR_weights_hand": check_outbreak_weights,
    "FARR_refpoints": check_reference_points,
    "R_ets_UKDD": check_ets,
    "R_monthdays_1979_81": check_month_lengths,
    "R_padjust_BH1995": check_p_adjustment,
}
