"""Nights of the week: a planted pattern is found again, small numbers are hidden, and two markers are one share."""

import numpy as np
import pandas as pd
import pytest

from hcsp_assess.assessment.markers import marker_share
from hcsp_assess.assessment.night_time import WEEKEND_HOURS, week_nights
from hcsp_assess.assessment.wording.both_markers import describe_both_markers
from hcsp_assess.assessment.wording.night_time import describe_weekend_nights, say_hour, title_of_week
from hcsp_assess.disclosure import disclosure_rule, pass_gate
from hcsp_assess.periods import parse_quarter
from hcsp_assess.report.charts import Heading
from hcsp_assess.report.week_charts import chart_week
from hcsp_assess.simulation.week_times import WeekTimes

PARTNER = disclosure_rule("partner")


@pytest.fixture(scope="module")
def planted():
    """One hundred events: 40 on Friday nights, half of them after midnight, and 60 on Tuesday afternoons; two untimed."""
    friday, saturday, tuesday = "2012-06-15", "2012-06-16", "2012-06-12"
    dates = [friday] * 20 + [saturday] * 20 + [tuesday] * 60 + [friday] * 2
    times = ["22:15"] * 20 + ["01:30"] * 20 + ["14:05"] * 60 + [None] * 2
    return week_nights(pd.Series(pd.to_datetime(dates)), pd.Series(times))


def test_an_hour_after_midnight_belongs_to_the_night_before(planted):
    assert planted.counts.loc["Friday", [21, 0]].tolist() == [20, 20]
    assert planted.counts.loc["Saturday"].sum() == 0
    assert planted.counts.loc["Tuesday", 12] == 60
    assert (planted.placed, planted.unknown, planted.weekend) == (100, 2, 40)
    assert planted.share.value == pytest.approx(0.4)
    assert planted.share.low == pytest.approx(0.3094, abs=1e-4)  # Wilson, 40 of 100
    assert WEEKEND_HOURS == 18


def test_the_sentence_gives_share_hours_and_numbers_that_may_be_published(planted):
    found = describe_weekend_nights(planted, "violence with an alcohol marker", "June 2012", PARTNER)
    assert found is not None
    assert found.sentence == (
        "40% of violence with an alcohol marker was on Friday and Saturday nights, in 11% of the week's hours. That is "
        "about 40 of 100 offences, June 2012."
    )
    few = week_nights(pd.Series(pd.to_datetime(["2012-06-15"] * 4)), pd.Series(["22:00"] * 4))
    assert describe_weekend_nights(few, "violence", "June 2012", PARTNER) is None
    none = week_nights(pd.Series(pd.to_datetime([])), pd.Series([], dtype="str"))
    assert (none.share, none.placed) == (None, 0)


def test_the_map_hides_small_numbers_and_names_the_busiest_hours(planted):
    counts = planted.counts.copy()
    counts.loc["Monday", 9] = 3
    gate = pass_gate(counts, rule="partner", table="week", add_down=False, add_across=False)
    heading = Heading(key="week", title=title_of_week(planted, "violence"), subtitle="x", source="y")
    chart = chart_week(gate, heading, unit="Offences", say_hour=say_hour)
    assert chart.title == "Violence peaks on Tuesday night between midday and 3pm"
    shown = chart.table.frame.set_index("Night that begins on")
    assert shown.loc["Monday", "From 9am"] == "fewer than 5"
    assert shown.loc["Tuesday", "From midday"] == 60
    assert ">3<" not in chart.wide and "Fewer than 5" in chart.wide


@pytest.mark.parametrize(("hour", "words"), [(0, "midnight"), (3, "3am"), (12, "midday"), (21, "9pm")])
def test_hours_are_said_as_people_say_them(hour, words):
    assert say_hour(hour) == words


def test_simulated_times_follow_the_weights_stated():
    stated = {
        "night_ends": 6,
        "with_alcohol": {"hours": [1] + [0] * 22 + [1], "days": [0, 0, 0, 0, 1, 0, 0]},
        "without": {"hours": [1] * 24, "days": [1] * 7},
    }
    times = WeekTimes.stated(np.random.default_rng(1), stated)
    quarter = parse_quarter("Q1 12/13")
    drawn = [times.in_quarter(quarter, alcohol=True) for _ in range(60)]
    found = week_nights(
        pd.to_datetime(pd.Series([d for d, _ in drawn]), dayfirst=True), pd.Series([t for _, t in drawn])
    )
    assert found.counts.loc["Friday", [21, 0]].sum() == 60
    assert set(pd.to_datetime(pd.Series([d for d, _ in drawn]), dayfirst=True).dt.month) <= {4, 5, 6}


def test_alcohol_related_domestic_abuse_is_one_share():
    """Planted: of 200 offences linked to domestic abuse, 90 are linked to alcohol, 100 are not, 10 are blank."""
    alcohol = [True] * 90 + [False] * 100 + [None] * 10
    marked = pd.DataFrame(
        {"offence_group": "Violence against the person", "alcohol": pd.array(alcohol, dtype="boolean")}
    )
    result = marker_share(marked, "alcohol")
    found = describe_both_markers(result, "domestic_abuse", "Violence against the person", PARTNER, "2012")
    assert found is not None
    assert found.sentence == (
        "47% of violence against the person linked to domestic abuse was also linked to alcohol. That is about 90 of 190 "
        "offences, 2012."
    )
    few = marker_share(marked.head(92), "alcohol")
    assert describe_both_markers(few, "domestic_abuse", "Violence against the person", PARTNER, "2012") is None
