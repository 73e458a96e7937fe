"""Beside the work plan: objectives of two years, a starting point for each measure, both boards; case reviews by year."""

from types import SimpleNamespace

import pandas as pd
import pytest

from hcsp_assess.assessment.baselines import parse_baselines
from hcsp_assess.assessment.plan import parse_plan
from hcsp_assess.chapters.shared import case_reviews, plan_starts
from hcsp_assess.errors import InputError
from hcsp_assess.sources.indicators import read_published
from hcsp_assess.sources.returns import return_definition
from hcsp_assess.sources.returns.combining import combine_return
from hcsp_assess.sources.texts import TextFolder, find_texts

MEASURES = ["Reduction in reoffending.", "More offenders accessing services"]


@pytest.fixture(scope="module")
def plan():
    published = read_published()
    return parse_plan(find_texts("2013-14"), published.priorities, published.work_plan)


def _texts(text):
    return TextFolder("mine", {"baselines.toml": text.encode()})


def test_objectives_of_both_years_stand_beside_each_other(plan):
    frame = plan_starts.table_objectives(plan).frame.set_index("Priority")
    assert frame.loc["Domestic Violence and Abuse", "Objective in 2012/13"] == "not a priority"
    assert frame.loc["Alcohol Harm Reduction", "Objective in 2013/14"] == "as in the year before"
    assert frame.loc["Empowered Localities", "Objective in 2012/13"].startswith("Encourage communities throughout")
    assert frame.loc["Empowered Localities", "Objective in 2013/14"].startswith("Build capacity of practitioners")


def test_nine_bodies_sit_on_the_executive_group_and_three_on_both_boards(plan):
    frame = plan_starts.table_boards(plan).frame
    assert [len(text.split("; ")) for text in frame["Who sits on it"]] == [9, 5, 3]


def test_every_measure_of_the_demonstration_has_a_starting_point_or_says_what_is_to_be_agreed(plan):
    mine = plan.work_plan[(plan.work_plan["year"] == "2013-14") & (plan.work_plan["part"] == "measure")]
    found = parse_baselines(find_texts("2013-14"), mine["text"].to_list())
    assert len(found) == len(mine) == 11
    assert sum(item.kind == "none" for item in found) == 2
    assert parse_baselines(TextFolder("mine"), MEASURES) == ()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('measure = "Fewer crimes"\nwhat = "x"\nnone = "y"', "'Fewer crimes', which the work plan does not have"),
        ('measure = "Reduction in reoffending."\nwhat = "x"', "says nothing; it needs one of figure, indicator"),
        (
            'measure = "Reduction in reoffending."\nwhat = "x"\nnone = "y"\nfigure = "z"',
            "says figure and none; it needs one of",
        ),
        (
            'measure = "Reduction in reoffending."\nwhat = "x"\nnone = "y"',
            "has no starting point for the measure 'More offenders accessing services'",
        ),
    ],
)
def test_a_starting_point_that_cannot_be_used_is_refused(text, message):
    with pytest.raises(InputError, match=message):
        parse_baselines(_texts(f"[[baseline]]\n{text}\n"), MEASURES)


def test_a_sum_with_a_hidden_quarter_is_hidden_and_months_are_said_in_words():
    whole = pd.Series([12, 14, 9, 20], index=["Q4 11/12", "Q1 12/13", "Q2 12/13", "Q3 12/13"], dtype="Int64")
    assert plan_starts._count(whole, "partner") == "55"
    assert plan_starts._held(whole) == "January to December 2012"
    whole.iloc[1] = pd.NA
    assert plan_starts._count(whole, "partner") == "too few to publish"


def test_case_reviews_are_the_four_published_counts_of_the_newest_years(tmp_path):
    folder = tmp_path / "case_reviews"
    folder.mkdir()
    head = "Financial year,Applications,Threshold not met,Reviews carried out,Reviews with recommendations\n"
    lines = "2021-22,4,1,3,1\n2022-23,5,0,5,5\n2023-24,5,0,3,3\n2024-25,7,3,4,2\n"
    (folder / "all.csv").write_text(head + lines, encoding="utf-8")
    returns = SimpleNamespace(
        combined=lambda name: combine_return(tmp_path, name), area=SimpleNamespace(name="Herefordshire")
    )
    frame = case_reviews.table_case_reviews(returns).frame
    assert frame["Year"].tolist() == ["2022/23", "2023/24", "2024/25"]
    assert frame.iloc[-1].tolist()[1:] == [7, 3, 4, 2]
    empty = SimpleNamespace(combined=lambda name: combine_return(tmp_path / "none", name), area=returns.area)
    assert case_reviews.table_case_reviews(empty).items == ()


def test_a_return_under_a_later_duty_is_not_expected_of_an_earlier_assessment():
    december = pd.Period("2012-12", "M")
    assert not any(return_definition(name).asked_for(december) for name in ("case_reviews", "knife_crime"))
    assert all(return_definition(name).asked_for(pd.Period("2025-12", "M")) for name in ("case_reviews", "knife_crime"))
    assert return_definition("hate_crime").asked_for(december)
