import numpy as np
import pandas as pd
import pytest
from test_levels_and_wording import numbers_in, numbers_known

from hcsp_assess.assessment.wording.trends import describe_exceedances, describe_forecast, describe_trend, say_certainty
from hcsp_assess.simulation.archive import PlantedChange
from hcsp_assess.trends import assess_trend, assess_trends, find_exceedances, forecast_year


def _series(yearly, months=96, level=100.0, seed=5, first="2014-04"):
    """Poisson counts that grow by `yearly` a year, with a season."""
    index = pd.period_range(first, periods=months, freq="M")
    t = np.arange(months)
    mean = level * (1 + yearly) ** (t / 12) * np.exp(0.2 * np.cos(2 * np.pi * t / 12))
    return pd.Series(np.random.default_rng(seed).poisson(mean), index=index, dtype="Int64")


def test_the_verdict_is_the_first_word_of_its_sentence():
    starts = {
        0.1: "Rising: burglary, up by ",
        -0.1: "Falling: burglary, down by ",
        0.0: "Stable: burglary, any trend from April 2014 to",
    }
    for yearly, start in starts.items():
        assert describe_trend(assess_trend(_series(yearly)), "Burglary").sentence.startswith(start)


def test_no_clear_trend_and_too_little_data_are_said_plainly():
    unclear = describe_trend(assess_trend(_series(0.0, level=2)), "Robbery").sentence
    assert unclear.startswith("No clear trend: robbery, the data allow anything from −")
    short = _series(0.3, months=24, level=10)
    assert describe_trend(assess_trend(short), "Robbery").sentence == (
        f"Too little data to say whether there is a trend: robbery, we hold 24 months with {int(short.sum())} offences, "
        "and a verdict needs 48 months and 60 offences."
    )


def test_counts_stand_beside_percentages():
    counts = _series(0.1)
    now, before = int(counts.iloc[-12:].sum()), int(counts.iloc[-24:-12].sum())
    sentence = describe_trend(assess_trend(counts), "Burglary").sentence
    assert sentence.endswith(f"{now:,} offences in the last 12 months, {before:,} in the 12 months before.")


def test_a_turn_is_told_with_what_was_before():
    t = np.arange(120)
    mean = 200 * np.where(t < 84, 0.88 ** (t / 12), 0.88**7 * 1.25 ** ((t - 84) / 12))
    index = pd.period_range("2014-01", periods=120, freq="M")
    trend = assess_trend(pd.Series(np.random.default_rng(1).poisson(mean), index=index, dtype="Int64"))
    assert trend.follows == "last 36 months"
    sentence = describe_trend(trend, "Vehicle crime").sentence
    assert sentence.startswith("Rising: vehicle crime, up by ")
    assert "since January 2021" in sentence


@pytest.mark.parametrize("yearly", [-0.15, -0.05, 0.0, 0.05, 0.15])
@pytest.mark.parametrize("level", [1, 20, 400])
@pytest.mark.parametrize("months", [30, 60, 120])
def test_every_number_in_a_sentence_is_in_its_evidence(yearly, level, months):
    finding = describe_trend(assess_trend(_series(yearly, months, level)), "Burglary")
    unknown = set(numbers_in(finding.sentence)) - numbers_known(finding.evidence)
    assert not unknown, (finding.sentence, dict(finding.evidence))


def test_the_number_of_series_looked_at_is_said():
    trends = assess_trends(pd.DataFrame({name: _series(0.1, seed=seed) for seed, name in enumerate("abc")}))
    assert "3 series were looked at together" in describe_trend(trends["a"], "Burglary").certainty
    assert "Confirmed: two different methods agree." in describe_trend(trends["a"], "Burglary").certainty


def test_a_known_change_is_named_as_no_part_of_the_trend():
    counts = _series(0.0)
    counts.iloc[48:] = (counts.iloc[48:] * 1.6).round().astype("Int64")
    change = PlantedChange("new-rule", counts.index[48], "a new rule", "Burglary")
    caveats = describe_trend(assess_trend(counts, recording_changes=[change]), "Burglary").caveats
    (told,) = [text for text in caveats if text.startswith("Not part of the trend")]
    assert told.startswith("Not part of the trend, marked 1: the change of recording of April 2018, level +")


def test_months_set_aside_are_listed_with_their_counts():
    counts = _series(0.0)
    counts.iloc[50] = 900
    caveats = describe_trend(assess_trend(counts), "Burglary").caveats
    assert "Set aside as far out of line, and not used for the verdict: June 2018 (900)." in caveats


def test_certainty_in_two_words():
    assert say_certainty(assess_trend(_series(0.15))) == "rising, confirmed"
    assert say_certainty(assess_trend(_series(0.0, level=2))) == "no clear trend"


def test_a_month_above_its_threshold_is_named_with_what_would_be_ordinary():
    counts = _series(0.0)
    quiet = describe_exceedances(find_exceedances(counts), "Burglary")
    assert quiet.sentence == "Burglary: none of the latest 3 months is higher than its season allows."
    counts.iloc[-1] = 400
    loud = describe_exceedances(find_exceedances(counts), "Burglary")
    assert loud.sentence.startswith("Burglary: higher than the season allows in March 2022 (400, where up to ")
    assert not set(numbers_in(loud.sentence)) - numbers_known(loud.evidence)


def test_a_forecast_or_its_refusal_is_said():
    refused = describe_forecast(forecast_year(_series(0.0, months=30)), "Burglary")
    assert refused.sentence.startswith("No forecast is given for burglary: ")
    given = describe_forecast(forecast_year(_series(0.0, months=120)), "Burglary")
    assert given.sentence.startswith(("Burglary: about 1,", "No forecast is given for burglary: "))
    assert not set(numbers_in(given.sentence)) - numbers_known(given.evidence) or given.sentence.startswith(
        "No forecast"
    )
