"""Against the last edition: new, gone, turned, revised, answered; each by rule on planted documents."""

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from previous_edition import FILE, rebuild

from hcsp_assess.assessment.findings import Finding
from hcsp_assess.assessment.since_last import (
    Answer,
    answers_table,
    compare_findings,
    find_revisions,
    parse_answers,
    parse_recommendations,
)
from hcsp_assess.assessment.wording.since_last import describe_changes
from hcsp_assess.errors import InputError
from hcsp_assess.report.findings_json import About, dump_findings, findings_document
from hcsp_assess.sources.findings_file import read_findings
from hcsp_assess.sources.texts import find_texts


def _document(findings, data=None, recommendations=()):
    about = About("2011-12", "Then", "Herefordshire", "2011")
    return findings_document(findings, about, data=data, recommendations=recommendations)


BEFORE = [
    Finding("burglary", "Falling: burglary.", direction="falling"),
    Finding("drugs", "No clear trend: drugs.", direction="no clear change"),
    Finding("fraud", "Rising: fraud.", direction="rising"),
]
NOW = [
    Finding("burglary", "Rising: burglary.", direction="rising"),
    Finding("drugs", "No clear trend: drugs, other figures.", direction="no clear change"),
    Finding("shoplifting", "Rising: shoplifting.", direction="rising"),
]


def test_what_is_new_gone_and_turned_is_told_apart_from_what_only_has_other_numbers():
    compared = compare_findings(_document(BEFORE), NOW)
    assert [(item.key, item.kind) for item in compared] == [
        ("shoplifting", "new"), ("burglary", "turned"), ("fraud", "gone"), ("drugs", "same"),
    ]  # fmt: skip
    turned = compared[1]
    assert (turned.direction_before, turned.direction, turned.before) == ("falling", "rising", "Falling: burglary.")
    names = {item.key: item.key.capitalize() for item in (*BEFORE, *NOW)}
    assert describe_changes(compared, names, "2011-12", 0).sentence == (
        "Since the assessment for 2011-12: Rising now, after falling last time: burglary. "
        "Rising, on its first comparison: shoplifting. Of the 4 figures compared, 1 is new and 1 is no longer reported. "
        "Figures that both assessments have are the same."
    )
    again = describe_changes(compare_findings(_document(NOW), NOW), names, "2011-12", 2).sentence
    assert again == "Since the assessment for 2011-12: Still rising: burglary and shoplifting. 2 figures were revised."


def test_an_edition_against_itself_has_no_change_and_no_revision():
    series = {"burglary": pd.Series([1, None, 3], index=pd.period_range("2012-01", periods=3, freq="M"), dtype="Int64")}
    document = _document(BEFORE, series)
    assert {item.kind for item in compare_findings(document, BEFORE)} == {"same"}
    assert find_revisions(document, series).empty


def test_the_same_month_with_another_count_is_a_revision_and_a_month_of_one_edition_alone_is_not():
    months = pd.period_range("2012-01", periods=4, freq="M")
    then = pd.Series([10, 20, None, 40], index=months, dtype="Int64")
    now = pd.Series(
        [20, 31, 41, 50], index=months[1:].append(pd.period_range("2012-05", periods=1, freq="M")), dtype="Int64"
    )
    found = find_revisions(_document([], {"burglary": then, "gone": then}), {"burglary": now})
    assert found["period"].to_list() == ["2012-03", "2012-04"]  # published since; and 40 became 41
    now.iloc[1] = pd.NA
    found = find_revisions(_document([], {"burglary": then}), {"burglary": now})
    assert found[["period", "before", "now", "difference"]].to_numpy().tolist() == [["2012-04", 40.0, 41.0, 1.0]]


months = pd.period_range("2011-01", periods=6, freq="M")
counts = st.lists(st.one_of(st.none(), st.integers(0, 5)), min_size=6, max_size=6)


@given(counts, counts)
def test_revisions_are_exactly_the_periods_that_differ_after_a_trip_through_json(then, now):
    first, second = (pd.Series(values, index=months, dtype="Int64") for values in (then, now))
    document = read_findings(dump_findings(_document([], {"s": first})).decode(), "a test")
    found = find_revisions(document, {"s": second})
    assert found["period"].to_list() == [str(m) for m, a, b in zip(months, then, now, strict=True) if a != b]


def test_every_recommendation_of_the_last_edition_has_an_answer_or_says_that_it_has_none():
    texts = find_texts("2013-14")
    last = read_findings(texts.text("previous_findings.json"), "the previous findings")
    table = answers_table(last, parse_answers(texts))
    assert dict(zip(table["Recommendation"].str.split().str[0], table["Status"], strict=True)) == {
        "Agree": "done", "Consider": "done", "Obtain": "no answer yet",
    }  # fmt: skip
    assert len(parse_recommendations(texts)) == 4


def test_an_answer_to_what_nobody_recommended_is_refused():
    answers = parse_answers(find_texts("2013-14"))
    with pytest.raises(
        InputError, match=r"^answers to .*, which the last assessment did not recommend; correct the key$"
    ):
        answers_table(_document(BEFORE), answers)
    assert isinstance(answers[0], Answer)


def test_the_previous_edition_holds_the_measures_of_this_one_up_to_december_2011():
    """It was four findings, so that almost everything was new; now it is the same archive a year earlier."""
    last = read_findings(find_texts("2013-14").text("previous_findings.json"), "the previous findings")
    findings = {item["key"]: item for item in last["findings"]}
    assert last["period"] == "January 2011 to December 2011"
    assert last["simulated"]
    assert {"recorded_crime", "shoplifting", "rural_crime", "violence_with_injury", "marac_cases"} <= set(findings)
    months = next(item["values"] for item in last["data"] if item["key"] == "recorded_crime")
    assert (min(months), max(months)) == ("2008-04", "2011-12")
    quarters = sum(months[f"2011-{month:02d}"] for month in (4, 5, 6))
    assert quarters == 2522  # Q1 11/12 as the strategy prints it: the archive meets each published quarter


@pytest.mark.slow
def test_the_previous_edition_is_what_the_engine_finds_a_year_earlier(tmp_path):
    kept = read_findings(FILE)
    made = rebuild(tmp_path / "project", kept)
    assert {item["key"]: (item["direction"], item["evidence"]) for item in made["findings"]} == {
        item["key"]: (item["direction"], item["evidence"]) for item in kept["findings"]
    }
    assert made["data"] == kept["data"]


def test_the_previous_findings_of_the_demonstration_are_the_published_quarters():
    last = read_findings(find_texts("2013-14").text("previous_findings.json"), "the previous findings")
    values = {entry["key"]: entry["values"] for entry in last["data"]}
    assert list(values["performance_recorded_crime"].values()) == [2522, 2553, 2238, 2188]
    assert sum(values["performance_violence_with_injury"].values()) == 1055
    assert sum(values["performance_killed_or_seriously_injured"].values()) == 95
    assert values["performance_ocu_exits"] == {"Q1 11/12": 41, "Q2 11/12": None, "Q3 11/12": 35.1, "Q4 11/12": None}
