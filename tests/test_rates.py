import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hcsp_assess.errors import InputError
from hcsp_assess.trends.rates import (
    compare_counts,
    count_interval,
    dispersion,
    e_test,
    rate,
    wilson_interval,
)
from hcsp_assess.trends.textbook.small_counts import scan_probability, small_sample_test
from hcsp_assess.trends.textbook.standardised_rates import directly_standardised_rate

# Quarterly figures that the strategy of 2013/14 publishes (Herefordshire, Q1 2011/12 to Q3 2012/13) and what was computed
# from them with ptools in R
CRIME = [2522, 2553, 2238, 2188, 2278, 2372, 2350]
VIOLENCE = [281, 281, 253, 240, 257, 254, 245]
ROAD_CASUALTIES = [26, 18, 18, 33, 14, 10]


@pytest.mark.parametrize(
    ("count", "before", "p_value", "z"),
    [
        (7000, 7313, 0.009, -3.70),
        (2278, 2522, 0.0004, None),
        (2372, 2553, 0.010, None),
        (2350, 2238, 0.098, None),
        (756, 815, 0.137, -2.11),
        (24, 44, 0.015, -3.47),
        (14, 26, 0.058, None),
        (10, 18, 0.137, None),
        (33, 18, 0.037, None),
    ],
)
def test_the_changes_in_the_strategy_have_the_p_values_computed_in_r(count, before, p_value, z):
    result = compare_counts(count, before)
    assert result.e_test_p_value == pytest.approx(p_value, abs=0.0006)
    if z is not None:
        assert result.wheeler_z == pytest.approx(z, abs=0.005)


@pytest.mark.parametrize(("counts", "value"), [(CRIME, 8.1), (VIOLENCE, 1.02), (ROAD_CASUALTIES, 3.5)])
def test_the_dispersion_of_the_strategys_quarters_says_where_poisson_is_wrong(counts, value):
    assert dispersion(counts) == pytest.approx(value, abs=0.05)


def test_the_fall_in_all_crime_is_not_established_once_its_dispersion_is_allowed_for():
    assert compare_counts(7000, 7313).p_value < 0.01
    allowed = compare_counts(7000, 7313, dispersion=dispersion(CRIME))
    assert allowed.p_value > 0.3
    assert allowed.low < 1 < allowed.high
    assert allowed.method == "log rate ratio, normal, variance times 8.12"


def test_exposure_of_twice_the_time_halves_the_rate():
    result = compare_counts(20, 10, exposure=2.0)
    assert result.rate_ratio == 1.0
    assert result.p_value > 0.9
    assert result.wheeler_z == 0.0


def test_swapping_the_periods_turns_the_ratio_over():
    forward, back = compare_counts(25, 16), compare_counts(16, 25)
    assert forward.p_value == pytest.approx(back.p_value)
    assert forward.low == pytest.approx(1 / back.high)


def test_one_crime_against_three_is_no_two_hundred_per_cent_rise():
    assert compare_counts(3, 1).p_value == pytest.approx(0.625)
    assert e_test(3, 1) > 0.3


def test_no_crime_in_both_periods_says_nothing():
    result = compare_counts(0, 0)
    assert (result.p_value, result.e_test_p_value, result.low, result.high) == (1.0, 1.0, 0.0, math.inf)
    assert math.isnan(result.rate_ratio)


@given(st.integers(0, 400), st.integers(0, 400), st.sampled_from([0.5, 1.0, 3.0]))
def test_the_interval_holds_the_ratio_and_agrees_with_the_exact_test(count, before, exposure):
    result = compare_counts(count, before, exposure=exposure)
    assert 0 <= result.p_value <= 1
    if before:
        assert result.low <= result.rate_ratio <= result.high
    if result.p_value < 0.01:
        assert not result.low < 1 < result.high


@pytest.mark.parametrize("method", ["PHE", "Byar", "exact", "score"])
def test_an_interval_holds_its_count_and_grows_with_confidence(method):
    for count in (0, 1, 9, 10, 250):
        narrow, wide = (count_interval(count, method=method, confidence=c) for c in (0.9, 0.99))
        assert 0 <= wide.low <= narrow.low <= count <= narrow.high <= wide.high


def test_the_exact_interval_covers_at_least_as_often_as_it_says():
    from scipy.stats import poisson

    for mean in (0.5, 3.0, 9.3, 40.0):
        held = sum(
            poisson.pmf(x, mean) for x in range(150) if (i := count_interval(x, method="exact")).low <= mean <= i.high
        )
        assert held >= 0.95


def test_public_health_england_uses_exact_limits_below_ten_and_byar_from_ten():
    assert count_interval(9).method == "exact Poisson limits"
    assert count_interval(10).method == "Byar Poisson limits"
    assert count_interval(9).low == count_interval(9, method="exact").low


def test_a_rate_is_the_count_and_its_interval_scaled():
    interval, per_1000 = count_interval(65), rate(65, 26_000)
    assert (per_1000.value, per_1000.low) == (2.5, pytest.approx(interval.low / 26))


def test_a_wilson_interval_stays_between_0_and_1_and_mirrors():
    assert wilson_interval(0, 12).low == 0
    assert wilson_interval(12, 12).high == 1
    part, rest = wilson_interval(3, 12), wilson_interval(9, 12)
    assert part.low == pytest.approx(1 - rest.high)


def test_standardising_to_ones_own_population_changes_nothing():
    counts, people = [20, 40, 10], [1000, 2000, 4000]
    result = directly_standardised_rate(counts, people, people, multiplier=1000)
    assert result.value == pytest.approx(1000 * 70 / 7000)


def test_four_events_on_one_weekday_are_rarer_than_chance_and_seven_spread_ones_are_not():
    one_day = small_sample_test([0, 0, 4, 0, 0, 0, 0])
    assert one_day.p_value == pytest.approx(7 / 7**4)
    assert small_sample_test([1] * 7).p_value == pytest.approx(1.0)
    assert small_sample_test([4, 0], shares=[0.9, 0.1]).p_value == pytest.approx(0.9**4 + 0.1**4 + 0.0, abs=0.35)


def test_the_small_sample_probabilities_add_up_to_one():
    assert small_sample_test([2, 2, 2]).p_value == pytest.approx(1.0)


def test_a_scan_agrees_with_simulated_windows():
    import numpy as np

    rng = np.random.default_rng(7)
    hits = 0
    for _ in range(2000):
        times = np.sort(rng.uniform(0, 50, rng.poisson(50 * 1.2)))
        hits += len(times) >= 6 and bool(((times[5:] - times[:-5]) <= 1.0).any())
    assert scan_probability(50, 1.2, 6) == pytest.approx(hits / 2000, abs=0.035)


def test_a_scan_is_surer_of_more_events_and_less_sure_over_longer_time():
    assert scan_probability(200, 0.6, 7) < scan_probability(200, 0.6, 6) < scan_probability(400, 0.6, 6)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: compare_counts(-1, 3), "-1 is not a count: give whole numbers of zero or more"),
        (lambda: compare_counts(2.5, 3), "2.5 is not a count: give whole numbers of zero or more"),
        (lambda: compare_counts(1, 3, exposure=0), "exposure must be a positive number, not 0"),
        (lambda: compare_counts(1, 3, confidence=95), "confidence must be between 0 and 1, not 95: 0.95 is usual"),
        (
            lambda: compare_counts(0, 3, dispersion=2),
            "a count of zero cannot be compared with dispersion above 1: use longer periods, or leave dispersion at 1",
        ),
        (lambda: count_interval(-2), "a count of -2 has no interval: give zero or more"),
        (lambda: count_interval(3, method="Wald"), 'method must be "PHE", "Byar", "exact" or "score", not \'Wald\''),
        (lambda: rate(3, 0), "population must be a positive number, not 0"),
        (lambda: wilson_interval(5, 4), "5 of 4 is not a proportion: the part must be between 0 and the whole"),
        (lambda: dispersion([0, 0]), "dispersion needs at least two known counts, not negative and not all zero"),
        (
            lambda: directly_standardised_rate([4, 5], [10, 10], [1, 1]),
            "a standardised rate of 9 crimes is too unreliable to use: give the count instead (the rule needs 10)",
        ),
        (
            lambda: directly_standardised_rate([4, 5], [10], [1, 1]),
            "counts, populations and standard must be lists of the same length, one number a stratum",
        ),
        (
            lambda: directly_standardised_rate([4, 9], [10, 0], [1, 1]),
            "populations must be positive, and counts and standard weights must not be negative",
        ),
        (
            lambda: small_sample_test([300, 1, 2, 0, 0, 0, 0]),
            "303 events over 7 categories are too many for the exact test: use a chi-square test",
        ),
        (
            lambda: small_sample_test([0, 0]),
            "counts must be whole numbers over at least two categories, with at least one event",
        ),
        (lambda: small_sample_test([1, 2], [1, 0]), "shares must be positive, one for each category"),
        (
            lambda: scan_probability(1, 1, 5),
            "the time must hold at least 2 windows, and the mean per window must be positive",
        ),
        (
            lambda: scan_probability(10, 1, 2),
            "a scan needs a whole number of at least 3 events: fewer do not make a cluster",
        ),
    ],
)
def test_what_has_no_answer_is_refused(call, message):
    with pytest.raises(InputError) as error:
        call()
    assert str(error.value) == message


def test_results_show_as_tables():
    for result in (compare_counts(6, 2), count_interval(6), small_sample_test([1, 2])):
        assert result._repr_html_().startswith("<table><caption>")
