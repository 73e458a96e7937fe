import re

import numpy as np
import pandas as pd

from hcsp_assess.assessment.consistency import numbers_without_evidence
from hcsp_assess.assessment.levels import find_levels
from hcsp_assess.assessment.wording.coverage import say_incomplete
from hcsp_assess.assessment.wording.levels import beside_trend, describe_level
from hcsp_assess.assessment.wording.words import say_percent
from hcsp_assess.periods import parse_span
from hcsp_assess.trends import assess_trend

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
    assert finding.sentence == (
        "Police recorded 60 offences of burglary in 2025. We hold none of the same months of the year before, so the two "
        "years cannot be compared."
    )


def test_golden_sentences():
    start = "Police recorded {} offences of burglary in 2025"
    sentences = {
        (10, 20, 12): f"{start.format(240)}: 120 more (100%) than the year before (120).",
        (20, 10, 12): f"{start.format(120)}: 120 fewer (50%) than the year before (240).",
        (10, 10, 12): f"{start.format(120)}, as in the year before.",
        (
            11,
            10,
            12,
        ): f"{start.format(120)}, down from 132 the year before. That difference is too small to be sure of.",
        (10, 20, 4): (
            f"{start.format(240)}. Only January to April can be compared with 2024: 80 offences, which is 40 more than in "
            "those months of 2024 (40)."
        ),
        (10, 11, 4): (
            f"{start.format(132)}. Only January to April can be compared with 2024: 44 offences, up from 40. That "
            "difference is too small to be sure of."
        ),
        (1, 8, 12): f"{start.format(96)}: 84 more than the year before (12).",
    }
    said = {key: describe_level(find_levels(_monthly(*key), YEAR)[0], "offences").sentence for key in sentences}
    assert said == sentences


def test_how_sure_a_change_is_takes_one_sentence_of_rises_and_falls():
    def sure(*months):
        return describe_level(find_levels(_monthly(*months), YEAR)[0]).certainty

    jump = r"Monthly figures jump about: the true change could be anything from an? \d+% fall to an? \d+% rise\."
    assert re.fullmatch(jump, sure(10, 10, 12))
    assert re.fullmatch(r"The true change is likely to be a rise of between \d+% and \d+%\.", sure(10, 20, 12))
    assert re.fullmatch(r"The true change is likely to be a fall of between \d+% and \d+%\.", sure(20, 10, 12))
    assert re.fullmatch(r"The true change is likely to be a rise of at least \d+%\.", sure(1, 8, 12))


def test_a_year_that_shows_nothing_is_reconciled_with_a_longer_trend_in_one_sentence():
    months = pd.period_range("2016-01", "2025-12", freq="M")
    counts = pd.Series(np.random.default_rng(4).poisson(90 * 0.95 ** (np.arange(120) / 12)), months, dtype="Int64")
    level = find_levels(pd.DataFrame({"Burglary": counts}), YEAR)[0]
    trend = assess_trend(counts)
    assert trend.verdict == "falling"
    unsure = beside_trend(describe_level(level), level, trend)
    assert unsure.sentence.count("fell over the ten years to December 2025, by about ") == 1
    assert "too small to be sure of by itself, but burglary fell over" in unsure.sentence
    assert not set(numbers_in(unsure.sentence)) - numbers_known(unsure.evidence)
    clear = find_levels(pd.DataFrame({"Burglary": counts.where(counts.index < "2025-01", 20)}), YEAR)[0]
    assert "ten years" not in beside_trend(describe_level(clear), clear, trend).sentence


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
        "Police recorded 110 offences of burglary in the 11 months of 2025 that we hold in full, as in the same months of "
        "2024."
    )


def test_percentages_are_rounded_once_and_never_to_nothing():
    assert [say_percent(value) for value in (0.04, -0.04, 3.44, -9.96, 9.94, 123.5, 1234.4)] == [
        "under 0.1%", "under 0.1%", "3.4%", "10%", "9.9%", "124%", "1,234%",
    ]  # fmt: skip


def test_the_numbers_of_a_note_on_an_incomplete_month_are_in_the_evidence():
    """Without them the gate before publishing refused every report with an incomplete month."""
    note = say_incomplete("Gwent", [pd.Period("2025-05", "M")], [0.97])
    for months_before in (12, 0):
        finding = describe_level(find_levels(_monthly(10, 20, months_before), YEAR)[0], "offences", [note])
        assert "97% of the usual records" in finding.sentence
        assert numbers_without_evidence(finding) == []
