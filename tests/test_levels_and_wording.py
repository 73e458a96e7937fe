import re

import numpy as np
import pandas as pd

from hcsp_assess.assessment.levels import find_levels
from hcsp_assess.assessment.wording.levels import describe_level
from hcsp_assess.assessment.wording.words import say_percent
from hcsp_assess.periods import parse_span

YEAR = parse_span("2025")


def _monthly(before, now, months_before=12):
    """A year of `before` a month (its first months only, where asked), then a year of `now` a month."""
    index = pd.period_range("2024-01", "2025-12", freq="M")
    values = [before] * months_before + [pd.NA] * (12 - months_before) + [now] * 12
    return pd.DataFrame({"Burglary": pd.Series(values, index=index, dtype="Int64")})


def numbers_in(text):
    return [float(number.replace(",", "")) for number in re.findall(r"\d[\d,]*(?:\.\d+)?", text)]


def numbers_known(evidence):
    known = set()
    for value in evidence.values():
        if isinstance(value, int | float | np.number):
            known |= {float(round(abs(value), digits)) for digits in (0, 1, 2)} | {float(abs(value))}
    return known


def test_a_year_is_compared_with_the_year_before_over_the_months_that_both_have():
    (level,) = find_levels(_monthly(10, 20, months_before=4), YEAR)
    assert (level.count, level.months_published, level.months_compared) == (240, 12, 4)
    assert (level.comparison.count, level.comparison.count_before) == (80, 40)


def test_days_of_the_months_are_the_exposure_so_that_a_leap_year_is_no_rise():
    (level,) = find_levels(_monthly(100, 100), YEAR)
    assert (level.comparison.exposure, level.comparison.exposure_before) == (365, 366)


def test_where_the_year_before_was_not_published_nothing_is_compared():
    (level,) = find_levels(_monthly(pd.NA, 5), YEAR)
    assert level.comparison is None
    finding = describe_level(level, "offences")
    assert (
        finding.sentence
        == "Burglary: 60 offences. The year before cannot be compared: we do not hold the same months of it in full."
    )


def test_golden_sentences():
    sentences = {
        (10, 20, 12): "Burglary: 240 offences, 120 more (100%) than the year before (120).",
        (20, 10, 12): "Burglary: 120 offences, 120 fewer (50%) than the year before (240).",
        (10, 10, 12): "Burglary: 120 offences, no clear change on the year before (120).",
        (10, 20, 4): "Burglary: 240 offences. In the 4 months that both years have, 80 against 40: 40 more.",
        (10, 11, 4): "Burglary: 132 offences. In the 4 months that both years have, 44 against 40: no clear change.",
        (1, 8, 12): "Burglary: 96 offences, 84 more than the year before (12).",
    }
    said = {key: describe_level(find_levels(_monthly(*key), YEAR)[0], "offences").sentence for key in sentences}
    assert said == sentences


def test_every_number_in_a_sentence_is_in_its_evidence():
    for before in (0, 1, 7, 55, 400):
        for now in (0, 3, 60, 900):
            for months in (1, 4, 12):
                (level,) = find_levels(_monthly(before, now, months), YEAR)
                finding = describe_level(level)
                unknown = set(numbers_in(finding.sentence)) - numbers_known(finding.evidence)
                assert not unknown, (finding.sentence, dict(finding.evidence))


def test_an_unpublished_month_of_the_year_is_said():
    frame = _monthly(10, 10)
    frame.loc["2025-12"] = pd.NA
    finding = describe_level(find_levels(frame, YEAR)[0], "offences")
    assert finding.sentence.startswith(
        "Burglary: 110 offences in the 11 months that we hold in full. In the 11 months that both"
    )


def test_percentages_are_rounded_once_and_never_to_nothing():
    assert [say_percent(value) for value in (0.04, -0.04, 3.44, -9.96, 9.94, 123.5, 1234.4)] == [
        "under 0.1%", "under 0.1%", "3.4%", "10%", "9.9%", "124%", "1,234%",
    ]  # fmt: skip
