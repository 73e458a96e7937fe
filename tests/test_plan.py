"""The plan says what the strategy says, refuses what it lacks, and measures last year's plan by stated rules."""

import pytest

from hcsp_assess.assessment.performance import performance_overview
from hcsp_assess.assessment.plan import (
    HEADINGS,
    actions_table,
    check_plan,
    drivers_table,
    measures_table,
    parse_plan,
    priorities_table,
    require_plan,
    work_plan_table,
)
from hcsp_assess.assessment.wording.plan import describe_progress
from hcsp_assess.errors import InputError
from hcsp_assess.sources.indicators import read_indicators, read_published
from hcsp_assess.sources.texts import TextFolder, find_texts

PUBLISHED = read_published()
PLAN = parse_plan(find_texts("2013-14"), PUBLISHED.priorities, PUBLISHED.work_plan)
PERFORMANCES = performance_overview(read_indicators(), PUBLISHED)
SHORT = """
year = "2013-14"
previous_year = "2012-13"
signed = { author_role = "Analyst", date = 2013-03-31, origin = "written for this edition" }
strategy = { vision = "A safe place" }
"""


def _read(text):
    return parse_plan(TextFolder("mine", {"plan.toml": text.encode()}), PUBLISHED.priorities, PUBLISHED.work_plan)


def test_the_plan_of_the_strategy_has_all_that_is_asked_of_one():
    assert check_plan(PLAN) == []
    require_plan(PLAN)


def test_a_plan_without_resources_and_engagement_is_refused_by_name():
    plan = _read(SHORT)
    assert check_plan(plan) == ["resources", "engagement"]
    with pytest.raises(InputError) as caught:
        require_plan(plan)
    assert str(caught.value) == (
        "the plan for 2013-14 lacks resources (how resources are to be allocated and deployed); engagement (the steps to "
        "be taken to engage the community): add it to plan.toml, or state why there is nothing"
    )


def test_the_priorities_are_the_four_of_the_strategy_with_partners():
    table = priorities_table(PLAN).set_index("Priority")
    assert list(table.index) == [
        "1. Integrated Offender Management (IOM)",
        "2. Alcohol Harm Reduction",
        "3. Empowered Localities",
        "4. Domestic Violence and Abuse",
    ]
    assert table.loc["3. Empowered Localities", "Key partners"] == "HALC, Third Sector, Police"


def test_every_line_of_the_published_work_plan_is_in_the_table():
    table = work_plan_table(PLAN)
    text = " ".join(table.astype(str).to_numpy().ravel())
    mine = PUBLISHED.work_plan[PUBLISHED.work_plan["year"] == "2013-14"]
    assert len(mine) > 40
    assert all(line in text for line in mine["text"])
    assert list(table["Priority"]) == [
        "Integrated Offender Management (IOM)", "Alcohol Harm Reduction", "Empowered Localities",
        "Domestic Violence and Abuse", "Education",
    ]  # fmt: skip


def test_the_horizon_scan_has_its_seven_headings_and_an_empty_one_says_so():
    assert list(dict.fromkeys(drivers_table(PLAN)["Heading"])) == list(HEADINGS)
    empty = drivers_table(_read(SHORT))
    assert list(empty["Heading"]) == list(HEADINGS)
    assert set(empty["Driver"]) == {"None noted"}


def test_progress_counts_actions_by_status_and_measures_by_rating():
    """By hand from the strategy: two actions are finished (alcohol strategy agreed, speed gun bought); crime and
    violence are within their targets; five indicators lack a target, a figure or a stated direction."""
    sentence = describe_progress(PLAN, PERFORMANCES).sentence
    assert sentence == (
        "Of 8 actions in the plan for 2012/13, 2 are done and 6 are under way. "
        "Of 7 measures, 2 are on track and 5 are not rated."
    )


def test_each_measure_stands_under_its_priority_of_then_with_its_evidence():
    table = measures_table(PLAN, PERFORMANCES).set_index("Measure")
    assert table.loc["Repeat cases of domestic abuse at MARAC", "Priority"] == "Integrated Offender Management"
    assert table.loc["Total recorded crime", "Status"] == "✓ on track"
    assert table.loc["Total recorded crime", "Evidence"].endswith("9,188, against 9,501")
    assert set(actions_table(PLAN)["Status"]) == {"done", "under way"}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            '[[action]]\npriority = "domestic_abuse"\nwhat = "x"\nstatus = "done"\nevidence = "y"\nsource = "z"',
            "action 1 is under 'domestic_abuse', which was no priority then; there are ['alcohol_harm_reduction', "
            "'education', 'empowered_localities', 'integrated_offender_management', 'road_safety']",
        ),
        (
            '[[action]]\npriority = "education"\nwhat = "x"\nstatus = "finished"\nevidence = "y"\nsource = "z"',
            "action 1 has the status 'finished'; there are done, under way, not started, stopped, not known",
        ),
        (
            '[[action]]\npriority = "education"\nwhat = "x"\nstatus = "done"\nsource = "z"',
            'action 1 has no evidence: write evidence = "..."',
        ),
        (
            '[[driver]]\nheading = "Weather"\nname = "x"\nwhat = "y"\neffect = "z"\nsource = "s"',
            "driver 1 has the heading 'Weather'; there are Political, Economic, Social, Technological, Environmental, "
            "Legal, Organisational",
        ),
        ('[[duty]]\nwhat = "x"\nhow = "y"\nlaw = "z"', 'duty 1 has no source: write source = "..."'),
    ],
)
def test_a_line_of_the_plan_that_cannot_be_used_is_named(text, message):
    with pytest.raises(InputError) as caught:
        _read(SHORT + text)
    assert str(caught.value) == f"mine/plan.toml, {message}"


def test_a_missing_plan_is_named():
    with pytest.raises(
        InputError,
        match=r"^the reviewed texts editions/2031 have no file plan\.toml: see docs/statute\.md for its contents$",
    ):
        parse_plan(find_texts("2031"), PUBLISHED.priorities, PUBLISHED.work_plan)
