"""Scores are on the scale, each with who and what; the ranking and its sensitivity are what arithmetic says."""

import dataclasses
import datetime
import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hcsp_assess.assessment.findings import Finding
from hcsp_assess.assessment.priorities import (
    Issue,
    Score,
    computed_scores,
    parse_issues,
    parse_scheme,
    rank_issues,
    scoring_scheme,
)
from hcsp_assess.assessment.wording.priorities import describe_ranking
from hcsp_assess.errors import InputError
from hcsp_assess.sources.indicators import read_published
from hcsp_assess.sources.texts import Signed, TextFolder, find_texts

SIGNED = Signed("Panel", datetime.date(2012, 11, 15), "written for this edition")
SCHEME = parse_scheme(
    """
version = "t"
author_role = "Panel"
date = 2012-11-15
top = 1
concentration = 1.0
scale = [{ value = 1, word = "low" }, { value = 2, word = "medium" }, { value = 4, word = "high" }]
confidence = [{ value = 1, word = "a guess" }]
[[component]]
key = "harm"
group = "impact"
name = "Harm"
asks = "?"
weight = 1
[[component]]
key = "concern"
group = "impact"
name = "Concern"
asks = "?"
weight = 1
[[component]]
key = "frequency"
group = "likelihood"
name = "Frequency"
asks = "?"
weight = 1
"""
)


def _issue(name, harm, concern, frequency):
    values = {"harm": harm, "concern": concern, "frequency": frequency}
    scores = {key: Score(value, "seen", "Panel", computed=False) for key, value in values.items() if value}
    return Issue(name, name, "", 1, "a guess", scores, SIGNED)


def test_the_score_is_mean_impact_times_mean_likelihood():
    (only,) = rank_issues([_issue("a", 4, 2, 2)], SCHEME, draws=10).ranked
    assert (only.impact, only.likelihood, only.score, only.rank) == (3.0, 2.0, 6.0, 1)


def test_the_share_in_the_top_is_the_share_that_geometry_gives():
    """Two components, weights (w, 1-w) with w uniform: 4w+1(1-w) beats 2 when w > 1/3, so two times in three."""
    ranking = rank_issues([_issue("a", 4, 1, 2), _issue("b", 2, 2, 2)], SCHEME, draws=40_000)
    shares = {item.issue.name: item.in_top for item in ranking.ranked}
    assert shares["a"] == pytest.approx(2 / 3, abs=0.01)
    assert shares["b"] == pytest.approx(1 / 3, abs=0.01)


def test_an_issue_that_is_higher_on_everything_is_first_whatever_the_weights():
    ranking = rank_issues([_issue("low", 1, 2, 1), _issue("high", 4, 4, 4)], SCHEME, draws=500)
    first, second = ranking.ranked
    assert (first.issue.name, first.in_top, first.best, first.worst) == ("high", 1.0, 1, 1)
    assert (second.issue.name, second.in_top) == ("low", 0.0)


def test_equal_issues_share_the_better_place():
    ranking = rank_issues([_issue("a", 2, 2, 2), _issue("b", 2, 2, 2), _issue("c", 1, 1, 1)], SCHEME, draws=50)
    assert [(item.issue.name, item.rank) for item in ranking.ranked] == [("a", 1), ("b", 1), ("c", 3)]


values = st.sampled_from([1, 2, 4])


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(values, values, values), min_size=1, max_size=6))
def test_the_order_of_issues_changes_no_score_and_raising_one_lowers_no_rank(rows):
    issues = [_issue(str(number), *row) for number, row in enumerate(rows)]
    forward = {
        item.issue.name: (item.score, item.rank, item.in_top) for item in rank_issues(issues, SCHEME, draws=200).ranked
    }
    backward = {
        item.issue.name: (item.score, item.rank, item.in_top)
        for item in rank_issues(issues[::-1], SCHEME, draws=200).ranked
    }
    assert forward == backward
    raised = [_issue("0", 4, 4, 4), *issues[1:]]
    assert next(item for item in rank_issues(raised, SCHEME, draws=200).ranked if item.issue.name == "0").rank == 1


def test_the_same_seed_gives_the_same_shares_and_the_weights_mean_what_is_stated():
    issues = [_issue("a", 4, 1, 2), _issue("b", 1, 4, 2)]
    assert rank_issues(issues, SCHEME) == rank_issues(issues, SCHEME)
    shares = [item.in_top for item in rank_issues(issues, SCHEME).ranked]
    assert shares == pytest.approx([0.5, 0.5], abs=0.02)  # mirror images of each other under equal weights


def test_an_issue_without_a_score_is_named_and_not_ranked():
    ranking = rank_issues([_issue("a", 4, 2, 2), _issue("b", 4, None, 2)], SCHEME, draws=10)
    assert [item.issue.name for item in ranking.ranked] == ["a"]
    assert describe_ranking(ranking).caveats == ("Not ranked, for want of a score on concern: b.",)
    assert (
        describe_ranking(rank_issues([], SCHEME)).sentence == "The partnership has not scored issues for this edition."
    )


def test_an_issue_first_under_every_weight_is_said_to_be_and_close_ones_are_not_ordered():
    rows = [_issue("best", 4, 4, 4), _issue("one", 4, 1, 2), _issue("two", 1, 4, 2), _issue("last", 1, 1, 1)]
    ranking = rank_issues(rows, dataclasses.replace(SCHEME, top=2), draws=500)
    assert ranking.ranked[0].first == 1.0
    assert describe_ranking(ranking).sentence == (
        "We scored 4 issues. Best ranks first however harm is weighted. One and two are too close to separate."
    )


def test_rural_crime_is_not_scored_by_all_that_is_recorded_in_rural_areas():
    """53% of residents are rural and have 36% of crime (2013-14): half the urban rate, and no "very high" frequency."""
    rural = Finding("rural_crime", "s", {"last_12_total": 3336}, direction="rising")
    issues = {
        issue.key: issue for issue in parse_issues(find_texts("2013-14"), scoring_scheme(), {"rural_crime": rural})
    }
    frequency = issues["rural_crime"].scores["frequency"]
    assert (frequency.value, frequency.computed) == (2, False)
    assert "about half the urban rate" in frequency.evidence
    assert "shoplifting and burglary included" in frequency.evidence
    assert issues["rural_crime"].scores["trend"].value == 4


@pytest.mark.parametrize(
    ("count", "value"), [(0, 1), (99, 1), (100, 2), (499, 2), (500, 3), (1999, 3), (2000, 4), (90_000, 4)]
)
def test_frequency_follows_the_stated_counts(count, value):
    finding = Finding("x", "s", {"last_12_total": count}, direction="cannot tell")
    assert computed_scores(scoring_scheme(), finding)["frequency"].value == value


def test_trend_follows_the_direction_and_not_knowing_gives_no_score():
    found = {word: computed_scores(scoring_scheme(), Finding("x", "s", direction=word)).get("trend")
             for word in ("rising", "stable", "no clear change", "falling", "cannot tell")}  # fmt: skip
    assert {word: score.value for word, score in found.items() if score} == {
        "rising": 4, "stable": 2, "no clear change": 2, "falling": 1,
    }  # fmt: skip
    assert found["cannot tell"] is None


ITEM = """
[[item]]
key = "x"
name = "X"
finding = "x"
confidence = 2
confidence_why = "some"
author_role = "Panel"
date = 2012-11-15
origin = "written for this edition"
"""


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ('scores.physical = [5, "seen"]', ", physical is 5; the scale has 1, 2, 3, 4"),
        ('scores.physical = [true, "seen"]', ", physical is True; the scale has 1, 2, 3, 4"),
        ("scores.physical = [3]", ', physical needs a value and what it rests on: [3, "evidence"]'),
        ('scores.physical = [3, " "]', ', physical needs a value and what it rests on: [3, "evidence"]'),
        (
            'scores.trend = [3, "guess"]',
            ": trend is computed from the finding x; take the written score out",
        ),
        (
            'scores.fear = [3, "seen"]',
            " is scored on fear; the scheme has capacity, community, financial, frequency, physical, psychological, "
            "public_concern, trend",
        ),
    ],
)
def test_a_score_off_the_scale_or_without_evidence_is_refused(line, message):
    texts = TextFolder("mine", {"scores.toml": (ITEM + line).encode()})
    rising = Finding("x", "s", {}, direction="rising")
    with pytest.raises(InputError) as caught:
        parse_issues(texts, scoring_scheme(), {"x": rising})
    assert str(caught.value) == f"mine/scores.toml, item 1 (x){message}"


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('group = "impact"', 'group = "other"', "component harm has the group 'other'; there are impact, likelihood"),
        (
            "concentration = 1.0",
            "concentration = 0",
            "the scoring scheme needs a concentration above 0 and a top of 1 or more",
        ),
        ("weight = 1", "weight = -1", "component harm has the weight -1.0; it must be 0 or more"),
    ],
)
def test_a_scheme_that_cannot_be_used_is_refused(old, new, message):
    text = """
version = "t"
author_role = "Panel"
date = 2012-11-15
top = 1
concentration = 1.0
scale = [{ value = 1, word = "low" }]
confidence = [{ value = 1, word = "a guess" }]
component = [
  { key = "harm", group = "impact", name = "Harm", asks = "?", weight = 1 },
  { key = "frequency", group = "likelihood", name = "Frequency", asks = "?", weight = 1 },
]
"""
    parse_scheme(text)
    with pytest.raises(InputError, match=message.replace(".", r"\.")):
        parse_scheme(text.replace(old, new, 1))


def test_the_four_priorities_and_the_themes_of_2013_14_are_there_exactly():
    priorities = read_published().priorities
    mine = priorities[(priorities["year"] == "2013-14") & (priorities["kind"] == "priority")]
    assert list(zip(mine["number"], mine["name"], mine["co_ordinator"], strict=True)) == [
        ("1", "Integrated Offender Management (IOM)", "West Mercia Probation Trust"),
        ("2", "Alcohol Harm Reduction", "West Mercia Police and Herefordshire Public Health"),
        ("3", "Empowered Localities", "Herefordshire Council"),
        ("4", "Domestic Violence and Abuse", "West Mercia Police"),
    ]
    themes = find_texts("2013-14").read("plan.toml")["theme"]
    assert [item["name"] for item in themes if item["kind"] == "cross-cutting"] == ["Education", "Substance misuse"]
    scored = {item["key"] for item in find_texts("2013-14").read("scores.toml")["item"]}
    assert set(mine["priority"]) <= scored


def test_every_draw_of_weights_ranks_as_the_slow_way_does():
    issues = [_issue(str(n), *row) for n, row in enumerate(itertools.product([1, 2, 4], repeat=3))][:8]
    ranking = rank_issues(issues, SCHEME, draws=300, seed=5)
    generator = np.random.default_rng(5)
    impact, likelihood = generator.dirichlet([1, 1], size=300), generator.dirichlet([1], size=300)
    count = dict.fromkeys((issue.name for issue in issues), 0)
    for w, v in zip(impact, likelihood, strict=True):
        score = {
            i.name: round(
                (w[0] * i.scores["harm"].value + w[1] * i.scores["concern"].value) * v[0] * i.scores["frequency"].value,
                9,
            )
            for i in issues
        }
        for name, value in score.items():
            count[name] += value == max(score.values())
    assert {item.issue.name: item.in_top for item in ranking.ranked} == pytest.approx(
        {k: n / 300 for k, n in count.items()}
    )
