"""Plain counts have the last word: classes that begin, end or fall silent, and words that totals contradict.

The files in ``data/trends`` are real or made after real ones: historical fraud and shoplifting in Greenwich are from the
Metropolitan Police's borough tables (Open Government Licence v3.0), convictions in the higher courts from the New South
Wales Bureau of Crime Statistics and Research (CC BY 4.0); the other two have invented values.
"""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from hcsp_assess.assessment.wording.trends import describe_trend, say_all
from hcsp_assess.trends import Trend, assess_trend, assess_trends
from hcsp_assess.trends.plain_counts import PlainRates
from hcsp_assess.trends.recorded_span import recorded_span

FILES = Path(__file__).parent / "data" / "trends"


def _read(name: str) -> pd.Series:
    table = pd.read_csv(FILES / f"{name}.csv", dtype={"Month": str})
    months = table["Month"].str.replace(r"^(\d{4})(\d\d)$", r"\1-\2", regex=True)
    return pd.Series(table["Count"].to_numpy(), index=pd.PeriodIndex(months, freq="M")).astype("Int64")


def _both(counts: pd.Series) -> list[Trend]:
    """By month, and by quarters of the financial year that are whole."""
    whole = counts.groupby(counts.index.asfreq("Q-MAR")).agg(["sum", "size"])
    return [assess_trend(counts), assess_trend(whole["sum"][whole["size"] == 3].astype("Int64"))]


def _said(trend: Trend, name: str) -> str:
    return say_all(describe_trend(trend, name))


def test_a_class_that_ended_is_no_longer_recorded_and_not_rising() -> None:
    for trend in _both(_read("historical-fraud-london")):
        assert trend.verdict == "no longer recorded"
        assert trend.ended.asfreq("M", "E") == pd.Period("2013-03", "M")
        assert _said(trend, "Fraud") == "Fraud was no longer recorded after March 2013, so there is no trend to assess."


def test_a_class_that_began_is_compared_from_its_first_month_on() -> None:
    trend = assess_trend(_read("new-class-30-months"))
    assert (trend.verdict, trend.began) == ("unclear", pd.Period("2021-10", "M"))
    assert (trend.previous_12_total, trend.last_12_total) == (604, 646)
    said = _said(trend, "Coercive control")
    assert said.startswith("Coercive control was first recorded in October 2021.")
    assert "646 offences in the last 12 months, up from 604 in the 12 months before. That is no clear change" in said


def test_nothing_recorded_for_six_months_is_no_trend() -> None:
    for trend in _both(_read("zeros-for-six-months")):
        assert trend.verdict == "not assessed"
        assert "has not been recorded since October 2023" in _said(trend, "Theft")


def test_a_fall_that_ended_years_ago_is_not_said_to_go_on() -> None:
    """668, 650 and 688 in the last three years: it fell from 2002 to about 2004, and has been level since."""
    for trend in _both(_read("higher-court-convicted")):
        assert trend.verdict == "unclear"
        said = _said(trend, "Convictions")
        assert (
            "fell from 960 in the year to June 2002 to 668 in the year to June 2005, and has been level since" in said
        )
        assert "688 offences in the last 12 months" in said and "650" in said


def test_a_level_series_that_rose_sharply_in_its_last_year_is_said_to_have_done_so() -> None:
    trend = assess_trend(_read("shoplifting-greenwich"))
    assert trend.verdict in ("higher", "unclear")
    said = _said(trend, "Shoplifting")
    assert "any trend was within 5% a year" in said
    assert "2,048 offences in the last 12 months, 64% more than in the 12 months before (1,252)" in said
    assert "above the average of the years before" in said
    assert "The last three years" in said
    assert "May 2020 (55)" in said


def test_what_is_said_of_the_last_three_years_beside_the_trend_is_checked_too() -> None:
    """Convictions fell to 668, 650, 688: a model that sees a fall in them must not put it beside a long fall."""
    trend = assess_trend(_read("higher-court-convicted"))
    assert trend.last_36_months.direction == -1
    beside = replace(trend, verdict="falling", strength="probable", follows="long run", level=0.10)
    assert beside.last_36_months.adjusted_p_value <= beside.level
    said = describe_trend(beside, "Convictions").sentence
    assert "The last three years alone show a fall" not in said
    assert "The last three years had 668, 650 and 688: no clear direction." in said


@pytest.mark.parametrize("adjusted", [0.01, 0.3])
def test_three_totals_that_rise_one_after_the_other_are_not_called_without_direction(adjusted: float) -> None:
    trend = assess_trend(_drawn(100 * 1.1 ** (T / 12)))
    years = [year.total for year in trend.years[-3:]]
    assert years == sorted(years)
    assert trend.last_36_months.direction == 1
    unsure = replace(trend, last_36_months=trend.last_36_months.adjusted_to(adjusted))
    said = describe_trend(unsure, "Theft").sentence
    assert "no clear direction" not in said
    assert ("The last three years alone suggest a rise of" in said) == (adjusted > trend.level)


def test_a_last_year_that_its_total_contradicts_is_not_called_above_the_average() -> None:
    trend = assess_trend(_drawn(np.where(T < 108, 60, 40)))
    upside_down = replace(trend.last_12_months, percent=30.0, low=10.0, high=50.0, adjusted_p_value=0.001)
    said = describe_trend(replace(trend, verdict="unclear", follows="", last_12_months=upside_down), "Theft").sentence
    assert "above the average" not in said
    assert "do not agree" in said


MONTHS = pd.period_range("2015-04", periods=120, freq="M")
T = np.arange(120)


def _drawn(mean: object, seed: int = 5) -> pd.Series:
    return pd.Series(np.random.default_rng(seed).poisson(mean), index=MONTHS).astype("Int64")  # type: ignore[arg-type]


@pytest.mark.parametrize("seed", range(3))
def test_series_whose_counts_leave_no_doubt(seed: int) -> None:
    ended = _drawn(np.where(T < 36, 80, 0), seed)
    stray = ended.where(T != 114, 1)
    strays = ended.where(~np.isin(T, (50, 90)), 2)
    for counts in (ended, stray, strays):
        trend = assess_trend(counts)
        assert (trend.verdict, trend.ended) == ("no longer recorded", MONTHS[35])
    began = assess_trend(_drawn(np.where(T < 90, 0, 25), seed))
    assert began.began == MONTHS[90]
    assert began.verdict not in ("rising", "falling", "stable")
    silent = assess_trend(_drawn(np.where(T < 114, 60, 0), seed))
    assert (silent.verdict, silent.ended) == ("not assessed", MONTHS[113])
    levelled = assess_trend(_drawn(np.where(T < 24, 120 - 3 * T, 48), seed))
    assert levelled.verdict not in ("rising", "stable")


def test_a_silent_year_inside_a_series_is_left_out_and_named() -> None:
    counts = _drawn(np.full(120, 60.0)).where((T < 50) | (T >= 58), 0)
    trend = assess_trend(counts)
    assert [item.month for item in trend.months_set_aside][:8] == list(MONTHS[50:58])
    assert trend.verdict == "stable"
    assert "June 2019 to January 2020 (0 in all)" in _said(trend, "Theft")


def test_rare_crimes_and_seasonal_ones_are_not_taken_for_classes_that_ended() -> None:
    """Few a year leave long runs of zeros; fireworks offences are recorded in autumn alone."""
    rng = np.random.default_rng(8)
    season = T % 12
    for _ in range(60):
        rare = rng.poisson(rng.choice([0.2, 0.5, 1.0, 2.0]) * rng.gamma(4, 0.25, 120)).astype(float)
        span = recorded_span(rare, season)
        assert not (span.began or span.ended or span.silent.any())
    autumn = np.where(season == 7, rng.poisson(80, 120), 0).astype(float)
    assert not recorded_span(autumn, season).ended
    assert not recorded_span(np.zeros(60), season[:60]).began


def test_totals_that_point_the_other_way_silence_the_word() -> None:
    season = T % 12
    up_then_down = PlainRates(np.where(T < 100, T + 20.0, 15.0), season, 12)
    assert up_then_down.contradict_long_run(1)
    assert up_then_down.contradict_recent(1, 3)
    assert not up_then_down.contradict_recent(-1, 3)
    steady = PlainRates(T + 20.0, season, 12)
    assert not steady.contradict_long_run(1)
    assert steady.contradict_long_run(-1)
    assert not steady.contradict_latest(1)


def test_a_word_never_has_the_first_and_the_last_year_against_it() -> None:
    """Whatever the course: the plain total of the last year lies on the side that the word says."""
    rng, columns = np.random.default_rng(9), {}
    for i in range(60):
        bends = np.cumsum(rng.normal(0, 0.05, 120)) + rng.choice([-1, 0, 1]) * 0.3 * (rng.integers(20, 100) < T)
        columns[f"series {i}"] = rng.poisson(40 * np.exp(bends))
    frame = pd.DataFrame(columns, index=MONTHS)
    said = 0
    for name, trend in assess_trends(frame).items():
        if trend.months_set_aside or trend.began is not None:
            continue
        years = [year.total for year in trend.years]
        if trend.follows == "long run":
            said += 1
            assert (years[-1] > years[0]) == (trend.verdict == "rising"), name
        elif trend.follows == "last 36 months":
            assert (years[-1] > years[-3]) == (trend.verdict == "rising"), name
        elif trend.follows == "last 12 months":
            assert (years[-1] > years[-2]) == (trend.verdict == "higher"), name
    assert said > 5
