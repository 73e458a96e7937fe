from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from test_levels_and_wording import numbers_in, numbers_known

from hcsp_assess.assessment.wording.forecasts import describe_forecast
from hcsp_assess.assessment.wording.trend_groups import describe_moves, say_moves
from hcsp_assess.assessment.wording.trends import describe_trend, say_certainty, say_title
from hcsp_assess.assessment.wording.unusual import describe_exceedances
from hcsp_assess.simulation.archive import PlantedChange
from hcsp_assess.trends import assess_trend, assess_trends, find_exceedances, forecast_year


def _series(yearly, months=96, level=100.0, seed=5, first="2014-04"):
    """Poisson counts that grow by `yearly` a year, with a season."""
    index = pd.period_range(first, periods=months, freq="M")
    t = np.arange(months)
    mean = level * (1 + yearly) ** (t / 12) * np.exp(0.2 * np.cos(2 * np.pi * t / 12))
    return pd.Series(np.random.default_rng(seed).poisson(mean), index=index, dtype="Int64")


def test_the_sentence_leads_with_the_trend_in_the_past_tense():
    starts = {
        0.1: "Burglary rose over the eight years to March 2022, by about ",
        -0.1: "Burglary fell over the eight years to March 2022, by about ",
        0.0: "Burglary was level over the eight years to March 2022: any trend was within 5% a year.",
    }
    for yearly, start in starts.items():
        assert describe_trend(assess_trend(_series(yearly)), "Burglary").sentence.startswith(start)


def test_no_clear_trend_and_too_little_data_are_said_plainly():
    unclear = describe_trend(assess_trend(_series(0.0, level=2)), "Robbery").sentence
    start = "There is no clear trend in robbery over the eight years to March 2022: it could have fallen by "
    assert unclear.startswith(start)
    short = _series(0.3, months=23, level=10)
    assert describe_trend(assess_trend(short), "Robbery").sentence == (
        f"Robbery: we hold 23 months with {int(short.sum())} offences, too few to say whether there is a trend "
        "(it takes 24 months and 60 offences)."
    )


def test_two_years_of_data_get_an_answer_with_what_could_not_have_been_seen():
    counts = _series(0.0, months=24, level=30)
    now, before = int(counts.iloc[-12:].sum()), int(counts.iloc[-24:-12].sum())
    sentence = describe_trend(assess_trend(counts), "Robbery", "incidents").sentence
    moved = "up from" if now > before else "down from"
    assert sentence.startswith(
        f"Robbery: {now} incidents in the last 12 months, {moved} {before} in the 12 months before."
    )
    assert "That is no clear change" in sentence
    assert "With two years of data, a change of under about " in sentence
    seen = float(sentence.split("under about ")[1].split("%")[0])
    assert 25 < seen < 50  # "a third": measured by simulation, four times in five


def test_three_years_of_data_get_a_slope_and_a_last_year():
    sentence = describe_trend(assess_trend(_series(0.0, months=36, level=30)), "Robbery").sentence
    assert sentence.startswith("There is no clear trend in robbery over the three years to March 2017")
    assert "the last 12 months alone show no clear change" in sentence.lower()


def test_counts_stand_beside_percentages():
    counts = _series(0.1)
    now, before = int(counts.iloc[-12:].sum()), int(counts.iloc[-24:-12].sum())
    sentence = describe_trend(assess_trend(counts), "Burglary").sentence
    assert f"There were {now:,} offences in the last 12 months, up from {before:,} in the 12 months before." in sentence


def test_a_last_year_against_the_trend_is_in_the_same_sentence():
    t = np.arange(120)
    mean = 100 * 1.08 ** (t / 12) * np.where(t >= 108, 0.85, 1.0)
    counts = pd.Series(np.random.default_rng(2).poisson(mean), pd.period_range("2014-01", periods=120, freq="M"))
    sentence = describe_trend(assess_trend(counts), "Burglary").sentence
    fewer = 100 * (1 - counts.iloc[-12:].sum() / counts.iloc[-24:-12].sum())
    assert sentence.startswith("Burglary rose over the ten years to December 2023, by about ")
    assert f"In the last 12 months, though, there were {fewer:.1f}% fewer" in sentence


def test_a_turn_is_told_with_what_was_before():
    t = np.arange(120)
    mean = 200 * np.where(t < 84, 0.88 ** (t / 12), 0.88**7 * 1.25 ** ((t - 84) / 12))
    index = pd.period_range("2014-01", periods=120, freq="M")
    trend = assess_trend(pd.Series(np.random.default_rng(1).poisson(mean), index=index, dtype="Int64"))
    assert trend.follows == "last 36 months"
    sentence = describe_trend(trend, "Vehicle crime").sentence
    assert sentence.startswith("Vehicle crime probably rose over the three years to December 2023, by about ")
    assert "Before that it fell, from " in sentence


@pytest.mark.parametrize("level", [0.5, 8, 100])
def test_an_interval_on_one_side_of_zero_is_never_called_unclear_without_a_reason(level):
    """Every range that a sentence without a clear trend gives holds zero, or the sentence says why it is not enough."""
    frame = pd.DataFrame({f"s{seed}": _series(0.025, months=84, level=level, seed=seed) for seed in range(40)})
    reasons = set()
    for name, trend in assess_trends(frame).items():
        if trend.verdict != "unclear" or not trend.deciding.direction:
            continue
        reasons.add(trend.reason)
        sentence = describe_trend(trend, name).sentence
        assert "that may be luck" in sentence or "yearly totals do not bear one out" in sentence
        assert "could have fallen by" not in sentence
    assert reasons <= {"family", "counts"}


def test_quarters_are_said_as_years_and_months():
    quarters = _series(0.1).groupby(_series(0.1).index.asfreq("Q-MAR")).sum()
    monthly, by_quarter = (describe_trend(assess_trend(counts), "Burglary") for counts in (_series(0.1), quarters))
    start = "Burglary rose over the eight years to March 2022, by about "
    assert monthly.sentence.startswith(start)
    assert by_quarter.sentence.startswith(start)
    assert f"{quarters.iloc[-4:].sum():,} offences in the last 12 months" in by_quarter.sentence


@pytest.mark.parametrize("yearly", [-0.15, -0.05, 0.0, 0.05, 0.15])
@pytest.mark.parametrize("level", [1, 20, 400])
@pytest.mark.parametrize("months", [30, 60, 120])
def test_every_number_in_a_sentence_is_in_its_evidence(yearly, level, months):
    finding = describe_trend(assess_trend(_series(yearly, months, level)), "Burglary")
    unknown = set(numbers_in(finding.sentence)) - numbers_known(finding.evidence)
    assert not unknown, (finding.sentence, dict(finding.evidence))


def test_how_sure_a_trend_is_takes_one_sentence_without_p_values():
    confirmed = describe_trend(assess_trend(_series(0.1)), "Burglary")
    assert "probably" not in confirmed.sentence
    assert confirmed.method.startswith("Two different methods agree on the trend.")
    short = describe_trend(assess_trend(_series(0.2, months=60)), "Burglary")
    assert short.sentence.startswith("Burglary probably rose over the five years")
    assert short.method.startswith("Probable: a record of under 6 years is too short to confirm a trend.")


def test_a_known_change_is_named_as_no_part_of_the_trend():
    counts = _series(0.0)
    counts.iloc[48:] = (counts.iloc[48:] * 1.6).round().astype("Int64")
    change = PlantedChange("new-rule", counts.index[48], "a new rule", "Burglary")
    caveats = describe_trend(assess_trend(counts, recording_changes=[change]), "Burglary").caveats
    (told,) = [text for text in caveats if text.startswith("Not part of the trend")]
    assert told.startswith(
        "Not part of the trend, marked 1 in the chart: the change of recording of April 2018, which moved the level by +"
    )


def test_a_month_set_aside_is_in_the_sentence():
    counts = _series(0.0)
    counts.iloc[50] = 900
    sentence = describe_trend(assess_trend(counts), "Burglary").sentence
    assert "This leaves out June 2018 (900), far out of line with the rest." in sentence


def test_certainty_in_a_few_words():
    assert say_certainty(assess_trend(_series(0.15))) == "rose"
    assert say_certainty(assess_trend(_series(0.2, months=60))) == "probably rose"
    assert say_certainty(assess_trend(_series(0.0, level=2))) == "no clear trend"
    assert say_title(assess_trend(_series(0.15)), "Burglary") == "Burglary rose over the eight years to March 2022"


def test_a_month_above_its_threshold_is_named_with_what_would_be_ordinary():
    counts = _series(0.0)
    quiet = describe_exceedances(find_exceedances(counts), "Burglary")
    assert quiet.sentence == ("Burglary was not unusually high for the time of year in any of the latest three months.")
    counts.iloc[-1] = 400
    loud = describe_exceedances(find_exceedances(counts), "Burglary")
    assert loud.sentence.startswith("Burglary was unusually high for the time of year in March 2022 (400, where up to ")
    assert not set(numbers_in(loud.sentence)) - numbers_known(loud.evidence)


def test_a_forecast_or_its_refusal_is_said():
    refused = describe_forecast(forecast_year(_series(0.0, months=30)), "Burglary")
    assert refused.sentence.startswith("We give no forecast of burglary: ")
    given = describe_forecast(forecast_year(_series(0.0, months=120)), "Burglary")
    assert given.sentence.startswith("If things carry on as they are, expect about 1,")
    assert not set(numbers_in(given.sentence)) - numbers_known(given.evidence)


def test_a_forecast_against_the_trend_is_reconciled_with_it_in_one_sentence():
    counts = _series(0.06, months=120, first="2012-04")
    trend, forecast = assess_trend(counts), forecast_year(counts)
    below = replace(forecast, usable=True, total=1500.0, total_low=1400.0, total_high=1600.0, reason="for the test")
    sentence = describe_forecast(below, "Shoplifting", trend=trend).sentence
    assert sentence == (
        "Shoplifting rose over the ten years to March 2022, but the last 12 months were unusual. Expect 1,400 to 1,600 "
        f"offences next year, beside {trend.last_12_total:,} in the last 12 months."
    )
    near = replace(below, total_high=float(trend.last_12_total + 50))
    assert (
        "but next year may be much like the last. Expect 1,400 to "
        in describe_forecast(near, "Shoplifting", trend=trend).sentence
    )


def test_many_trends_are_said_in_a_sentence_each_way_with_every_number_known():
    frame = pd.DataFrame({"Burglary": _series(0.12), "Arson": _series(-0.12, seed=6), "Theft": _series(0.0, seed=7)})
    trends = assess_trends(frame)
    said = describe_moves(trends)
    assert [item.key for item in said] == ["crime_rising", "crime_falling", "crime_steady"]
    assert said[0].sentence.startswith("Burglary rose over the eight years to March 2022, by about ")
    assert said[1].sentence.startswith("Arson fell over the eight years to March 2022, by about ")
    assert "theft" in said[2].sentence
    for item in said:
        assert not set(numbers_in(item.sentence)) - numbers_known(item.evidence)
    assert say_moves(trends) == "Burglary rose; arson fell"
