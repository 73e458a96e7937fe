"""What people said keeps its base and method; without a base nothing is said of chance."""

import pytest

from hcsp_assess.assessment.consultation import parse_consultation, said_beside_data
from hcsp_assess.assessment.findings import Finding
from hcsp_assess.assessment.wording.consultation import describe_wanted
from hcsp_assess.errors import InputError
from hcsp_assess.sources.texts import TextFolder, find_texts

EXERCISE = """
[[exercise]]
key = "survey"
name = "Survey 2012"
method = "postal, random sample"
held = "2012"
base = {base}
"""
SAID = """
[[said]]
exercise = "survey"
subject = "{subject}"
text = "{subject}"
percent = {percent}
priority = true
compare = ["roads"]
author_role = "Analyst"
date = 2012-10-31
origin = "written for this edition"
"""


def _read(text):
    return parse_consultation(TextFolder("mine", {"consultation.toml": text.encode()}))


def test_the_interval_is_wilsons_and_only_with_a_base():
    """Newcombe 1998, Statistics in Medicine 17: 857-872, table I: 81 of 263 is 0.2553 to 0.3662 by Wilson's score."""
    (item,) = _read(EXERCISE.format(base=263) + SAID.format(subject="Litter", percent=100 * 81 / 263))
    assert item.interval == pytest.approx((25.53, 36.62), abs=0.01)
    assert item.share_words.endswith("% (26% to 37%)")
    unknown = EXERCISE.replace("base = {base}", 'base_note = "base not published"') + SAID.format(
        subject="Litter", percent=31
    )
    (item,) = _read(unknown)
    assert item.interval is None
    assert item.share_words == "31%"
    assert item.exercise.base_words == "base not published"


def test_what_was_counted_is_in_order_and_what_was_not_is_said_to_have_none():
    both = SAID.format(subject="Litter", percent=20) + SAID.format(subject="Speeding", percent=60)
    found = describe_wanted(_read(EXERCISE.format(base=500) + both))
    assert found.sentence == "People want action on speeding and litter."
    assert found.certainty.startswith("They are in the order of how many said so. 500 answered.")
    assert found.method == "Asked through: Survey 2012."
    listed = describe_wanted(_read(EXERCISE.format(base=500) + both.replace("percent = 20\n", "")))
    assert listed.certainty.startswith("They are in no order.")


def test_nothing_asked_is_said():
    assert (
        describe_wanted(()).sentence
        == "This edition includes no survey of what residents and businesses want dealt with first."
    )


def test_each_thing_said_stands_beside_what_the_data_say():
    said = _read(EXERCISE.format(base=500) + SAID.format(subject="Speeding", percent=60))
    roads = Finding("roads", "24 people were killed or seriously injured. That is 20 fewer.", {"killed": 24})
    assert said_beside_data(said, {"roads": roads}).iloc[0].to_list() == [
        "Speeding", "60% (56% to 64%)", "24 people were killed or seriously injured.",
    ]  # fmt: skip
    assert said_beside_data(said, {}).iloc[0, -1] == "not measured in this assessment"


def test_the_first_findings_with_a_figure_are_shown_in_the_order_named():
    text = EXERCISE.format(base=500) + SAID.format(subject="Drugs", percent=60).replace(
        'compare = ["roads"]', 'compare = ["raised", "empty", "safe", "drugs"]'
    )
    findings = {
        "drugs": Finding("drugs", "Drugs fell.", {"percent": 3}),
        "safe_2": Finding("safe_2", "60% feel safe.", {"percent": 60}),
        "raised": Finding("raised", "Raised 11 times.", {"times": 11}),
        "empty": Finding("empty", "Too few to publish."),
    }
    assert said_beside_data(_read(text), findings).iloc[0, -1] == "Raised 11 times. 60% feel safe."


def test_almost_everything_that_residents_said_has_a_figure_beside_it():
    """Six of eight places said that there was no figure where other chapters had one."""
    said = parse_consultation(find_texts("2013-14"))
    assert all(item.compare for item in said)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (EXERCISE.format(base=0), "exercise 1: base is 0; it must be the number of people who answered, 1 or more"),
        (
            EXERCISE.replace("base = {base}", ""),
            "exercise 1 has no base and no base_note: give the number of people who answered, or why it is not known",
        ),
        (SAID.format(subject="Litter", percent=20), "said 1 is from the exercise 'survey'; there are none"),
        (
            EXERCISE.format(base=5) + SAID.format(subject="Litter", percent=120),
            "said 1: percent is 120, which is not a number from 0 to 100",
        ),
        (
            EXERCISE.format(base=5) + SAID.format(subject="Litter", percent="true"),
            "said 1: percent is True, which is not a number from 0 to 100",
        ),
    ],
)
def test_an_entry_that_cannot_be_used_is_named(text, message):
    with pytest.raises(InputError) as caught:
        _read(text)
    assert str(caught.value) == f"mine/consultation.toml, {message}"


def test_the_strategys_surveys_have_no_base_and_its_six_issues_no_order():
    said = parse_consultation(find_texts("2013-14"))
    assert {item.percent for item in said if item.percent} == {47, 96, 74, 61}
    assert all(item.interval is None for item in said)
    wanted = [item.text for item in said if item.priority]
    assert len(wanted) == 6
    assert "They are in no order." in describe_wanted(said).certainty
