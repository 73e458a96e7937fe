"""Surveys: percentages with bases and intervals; differently worded measures of feeling safe are never one series."""

from pathlib import Path

import pandas as pd
import pytest

from hcsp_assess.assessment.surveys import compare_percentages, measure_series, safety_series, survey_estimates
from hcsp_assess.assessment.wording.feeling_safe import describe_survey
from hcsp_assess.errors import InputError
from hcsp_assess.sources.returns import read_return

HEAD = "Month,Survey,Measure,Question,Answer,Characteristic,Group,Per cent,Base\n"
LOCAL = "feel_safe_local_area"


def survey(tmp_path: Path, *lines: str) -> pd.DataFrame:
    path = tmp_path / "survey.csv"
    path.write_text(HEAD + "\n".join(lines) + "\n", encoding="utf-8")
    return read_return(path, "survey_results").rows


@pytest.fixture
def rows(tmp_path: Path) -> pd.DataFrame:
    """The strategy's three measures of feeling safe; bases are made up, one is unknown."""
    return survey(
        tmp_path,
        "2011-06,C&SS,feel_safe_local_area,Safe in your local area?,safe,everyone,Everyone,52%,400",
        "2012-06,C&SS,feel_safe_local_area,Safe in your local area?,safe,everyone,Everyone,61%,410",
        "2012-06,C&SS,feel_safe_local_area,Safe in your local area?,safe,sex,Women,57%,210",
        "2012-06,QoL,feel_safe_after_dark,Safe after dark?,very or fairly,everyone,Everyone,74%,1200",
        "2012-06,QoL,feel_safe_by_day,Safe by day?,very or fairly,everyone,Everyone,96%,",
    )


def test_intervals_are_wilson_and_match_a_published_case(tmp_path: Path) -> None:
    """Newcombe (1998), Statistics in Medicine 17, 857-872, table I: 81 of 263, 15 of 148, 0 of 20 and 1 of 29."""
    cases = {81: 263, 15: 148, 0: 20, 1: 29}
    lines = [
        f"2012-0{i},S,other,Q,a,everyone,Everyone,{100 * x / n:.10f},{n}" for i, (x, n) in enumerate(cases.items(), 1)
    ]
    found = survey_estimates(survey(tmp_path, *lines)).sort_values("month")
    assert [round(low / 100, 4) for low in found["low"]] == [0.2553, 0.0624, 0.0, 0.0061]
    assert [round(high / 100, 4) for high in found["high"]] == [0.3662, 0.1605, 0.1611, 0.1718]


def test_a_percentage_without_a_base_has_no_interval_and_says_so(rows: pd.DataFrame) -> None:
    line = survey_estimates(rows).set_index("measure").loc["feel_safe_by_day"]
    assert pd.isna(line["low"]) and pd.isna(line["high"])
    assert line["note"] == "no base: the percentage cannot be tested"


def test_a_design_effect_widens_the_interval_as_a_smaller_base_does(rows: pd.DataFrame) -> None:
    plain, wide = survey_estimates(rows), survey_estimates(rows, design_effect=2.0)
    halved = survey_estimates(rows.assign(base=rows["base"] // 2))
    assert ((wide["high"] - wide["low"]) > (plain["high"] - plain["low"])).fillna(True).all()
    pd.testing.assert_series_equal(wide["low"], halved["low"])


def test_differently_worded_measures_are_kept_apart(rows: pd.DataFrame) -> None:
    series = safety_series(rows)
    assert [one.measure for one in series] == ["feel_safe_after_dark", "feel_safe_by_day", LOCAL]
    assert [len(one.estimates) for one in series] == [1, 1, 2]
    assert measure_series(rows, LOCAL).estimates["percent"].tolist() == [52.0, 61.0]
    assert measure_series(rows, LOCAL, group="Women").estimates["percent"].tolist() == [57.0]


def test_one_measure_asked_in_two_ways_is_not_one_series(tmp_path: Path) -> None:
    rows = survey(
        tmp_path,
        "2011-06,C&SS,feel_safe_local_area,Safe in your local area?,safe,everyone,Everyone,52%,400",
        "2012-06,QoL,feel_safe_local_area,Do you feel safe where you live?,yes,everyone,Everyone,80%,900",
    )
    with pytest.raises(InputError) as error:
        measure_series(rows, LOCAL)
    assert str(error.value) == (
        "the measure 'feel_safe_local_area' was asked in 2 ways, which are not one series: C&SS: Safe in your local area? "
        "(safe); QoL: Do you feel safe where you live? (yes)"
    )
    assert measure_series(rows, LOCAL, wording="Do you feel safe where you live?").survey == "QoL"
    assert len(safety_series(rows)) == 2


def test_a_change_is_told_with_newcombes_interval(tmp_path: Path) -> None:
    """Newcombe (1998), Statistics in Medicine 17, 873-890, table II, method 10: 56/70 less 48/80 is 0.0524 to 0.3339."""
    rows = survey(
        tmp_path,
        "2011-06,S,other,Q,a,everyone,Everyone,60%,80",
        "2012-06,S,other,Q,a,everyone,Everyone,80%,70",
    )
    estimates = survey_estimates(rows)
    change = compare_percentages(estimates.iloc[0], estimates.iloc[1])
    assert round(change.points, 6) == 20
    assert (round(change.low / 100, 4), round(change.high / 100, 4)) == (0.0524, 0.3339)
    assert change.direction == "up"
    back = compare_percentages(estimates.iloc[1], estimates.iloc[0])
    assert (round(back.low, 9), round(back.high, 9)) == (round(-change.high, 9), round(-change.low, 9))


def test_different_questions_and_percentages_without_a_base_are_not_compared(rows: pd.DataFrame) -> None:
    estimates = survey_estimates(rows).set_index("measure")
    dark, day = estimates.loc["feel_safe_after_dark"], estimates.loc["feel_safe_by_day"]
    with pytest.raises(InputError) as error:
        compare_percentages(dark, day)
    assert (
        str(error.value)
        == "two results of a different wording can't be compared: 'Safe after dark?' and 'Safe by day?'"
    )
    with pytest.raises(InputError) as error:
        compare_percentages(day, day)
    assert str(error.value) == "a percentage cannot be compared without the number of people who answered: ask for it"


def test_the_latest_result_is_said_with_its_base(rows: pd.DataFrame) -> None:
    found = describe_survey(measure_series(rows, LOCAL), 0)
    assert found.sentence == (
        "61% feel safe in their local area (C&SS, June 2012). That is more than 52% in June 2011: a clear rise."
    )
    assert "410" in f"{found.certainty} {' '.join(found.caveats)} {found.method}"
    without = describe_survey(measure_series(rows, "feel_safe_by_day"), 0)
    assert without.sentence == "96% feel safe in their local area during the day (QoL, June 2012)."
    assert without.certainty == "The number of people asked was not published, so we cannot say how sure this is."


def test_what_did_not_come_is_an_error_and_not_an_empty_series(rows: pd.DataFrame) -> None:
    with pytest.raises(InputError) as error:
        measure_series(rows, "asb_a_problem")
    assert str(error.value) == "no survey result of the measure 'asb_a_problem' was received for the group 'everyone'"
