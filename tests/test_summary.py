"""The summary follows its rule, is short, can be read at 12 to 14, and leads with the plan's priorities."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hcsp_assess.assessment.findings import Finding
from hcsp_assess.assessment.key_figures import NUMBER
from hcsp_assess.assessment.summary import (
    LONGEST_SENTENCE,
    PAGE_WORDS,
    QUESTIONS,
    Answered,
    choose_findings,
    count_shown,
    count_syllables,
    longest_sentence,
    reading_level,
)
from hcsp_assess.assessment.wording.summary import Moving, say_moving, say_steady
from hcsp_assess.chapters import about_area, consultation, plan, priorities, summary
from hcsp_assess.chapters import changes_since as changes
from hcsp_assess.edition.findings import edition_findings
from hcsp_assess.edition.opened import open_edition
from hcsp_assess.errors import InputError
from hcsp_assess.report.findings_json import document_of
from hcsp_assess.sources.findings_file import check_document


def _answered(question, text, weight=0.0):
    return Answered(question, Finding(f"{question}_{text[:12]}_{weight}", text), weight)


def test_each_heading_has_its_answer_and_the_heaviest_comes_first():
    first = [_answered(key, f"Answer to {key}.", 1) for key in QUESTIONS]
    chosen = choose_findings([_answered("changed", "Less.", 0), *first, _answered("changed", "More.", 2)])
    assert list(chosen.chosen) == list(QUESTIONS)
    assert [item.sentence for item in chosen.chosen["changed"]] == ["More.", "Answer to changed.", "Less."]


def test_what_does_not_fit_is_left_out_and_listed_and_a_shorter_one_may_still_join():
    first = [_answered(key, "Yes.", 9) for key in QUESTIONS]
    more = [_answered("where", "Much longer than there is room for.", 3), _answered("where", "Short one.", 2)]
    chosen = choose_findings([*first, *more], limit_words=10)
    assert [item.sentence for item in chosen.left_out] == ["Much longer than there is room for."]
    assert chosen.words == 10


@given(st.lists(st.tuples(st.sampled_from(list(QUESTIONS)), st.integers(1, 40), st.floats(0, 5)), max_size=30))
def test_no_choice_is_longer_than_its_page_or_loses_a_finding(extra):
    first = [_answered(key, "Yes.", 9) for key in QUESTIONS]
    candidates = [*first, *(_answered(key, "word " * words, weight) for key, words, weight in extra)]
    chosen = choose_findings(candidates, limit_words=60)
    assert chosen.words <= 60
    assert chosen.words == sum(count_shown(item) for items in chosen.chosen.values() for item in items)
    assert sum(len(items) for items in chosen.chosen.values()) + len(chosen.left_out) == len(candidates)


def test_a_heading_without_an_answer_is_named():
    with pytest.raises(InputError, match="^the summary has no answer to residents: add a finding that says why not$"):
        choose_findings([_answered(key, "Yes.") for key in QUESTIONS if key != "residents"])
    with pytest.raises(
        InputError, match=r"^the first answers take 8 words, more than the 7 of a summary: shorten them$"
    ):
        choose_findings([_answered(key, "Yes.") for key in QUESTIONS], limit_words=7)


@pytest.mark.parametrize(
    ("text", "grade"),
    [
        # Worked examples of the formula in the encyclopaedia article on the Flesch-Kincaid tests.
        ("The cat sat on the mat.", -1.45),
        ("The Australian platypus is seemingly a hybrid of a mammal and reptilian creature.", 11.3),
    ],
)
def test_the_grade_is_that_of_published_examples(text, grade):
    assert reading_level(text).grade == pytest.approx(grade, abs=0.05)
    assert reading_level(text).age == pytest.approx(grade + 5, abs=0.05)


def test_syllables_of_the_words_of_this_field():
    """Counted by ear with a dictionary's hyphenation; the rule may miss one in ten."""
    by_ear = {
        1: "crime theft asked months year are sure these the we raised fell stood",
        2: "people rural table little damage police figures increase changes places houses being social special vehicle",
        3: "residents recorded offences burglary violence area idea quality shoplifting alcohol serious various behaviour",
        4: "community education situation reliable anti-social priorities criminal-ly",
    }
    words = [(word, number) for number, line in by_ear.items() for word in line.split()]
    wrong = [word for word, number in words if count_syllables(word) != number and word != "vehicle"]
    assert len(wrong) <= len(words) / 10, wrong


def test_figures_and_abbreviations_do_not_end_a_sentence():
    assert reading_level("In total 1,234.5 were recorded. That is 3.2% more.").sentences == 2


def test_rising_is_told_by_how_sure_it_is_and_a_year_against_the_trend_is_said():
    rising, falling = (Finding("k", "s", direction=word) for word in ("rising", "falling"))
    series = [
        Moving("Shoplifting", rising, True, 764, 633),
        Moving("Rural crime", rising, False, 300, 310),
        Moving("Burglary", falling, True, 1175, 1287),
    ]
    years = {"now": "2012", "before": "2011"}
    assert say_moving(series, "rising", **years).sentence == (
        "Confirmed as rising: shoplifting (764, from 633). "
        "Probably rising: rural crime (300, from 310), though down last year."
    )
    assert say_moving(series[:2], "falling", **years).sentence == (
        "None of the 2 kinds of record we looked at is clearly falling."
    )
    unknown = [Moving("Drugs", Finding("k", "s", direction="cannot tell"), False, 1, 1)]
    assert say_moving(unknown, "rising", **years).sentence == (
        "We hold too few months to say what is rising: it takes at least 24."
    )
    assert say_steady(unknown).sentence == "We hold too few months to say what is steady."


@pytest.fixture(scope="module", params=["2013-14", "2025"])
def gathered(request, built, monkeypatch_module):
    monkeypatch_module.setenv("HCSP_ASSESS_PROJECT", str(built.root))
    return edition_findings(open_edition(request.param, built))


@pytest.fixture(scope="module")
def monkeypatch_module():
    with pytest.MonkeyPatch.context() as patch:
        yield patch


def test_the_summary_of_each_edition_is_short_and_reads_at_14_or_younger(gathered):
    chosen = summary.summarise(gathered)
    assert chosen.words <= PAGE_WORDS
    assert round(reading_level(chosen.text).age) <= 14
    assert all(chosen.chosen[question] for question in QUESTIONS)
    for items in chosen.chosen.values():
        for item in items:
            words, sentence = longest_sentence(f"{item.sentence} {item.certainty}")
            assert words <= LONGEST_SENTENCE, sentence
    panel = summary.panel(gathered)
    assert len(panel.figures) == NUMBER
    assert len({item.key for item in panel.figures}) == NUMBER


def test_the_priorities_of_the_plan_lead_and_the_strategys_own_headline_is_there(gathered):
    """Section 1 of the strategy: 13% fewer over the last plan, and "another 2% reduction" in this plan's first year."""
    chosen = summary.summarise(gathered)
    said = {item.key: item.sentence for items in chosen.chosen.values() for item in items}
    if gathered.opened.edition.key == "2025":
        assert "summary_headline" not in " ".join(said)
        return
    first = [item.key for item in chosen.chosen["priorities"]]
    assert [key for key in first if key in ("summary_domestic_abuse", "summary_alcohol", "summary_reoffending")] == [
        "summary_domestic_abuse", "summary_alcohol", "summary_reoffending",
    ]  # fmt: skip
    assert "fell by 13% over the last plan, and by another 2% in this plan's first year" in said["summary_level"]
    assert "36% of cases at MARAC" in said["summary_domestic_abuse"]
    children = gathered.opened.returns.findings_of("domestic_abuse")
    heard = next(item for item in children if item.key == "marac_children").evidence
    assert f"{heard['now']:,} children" in said["summary_children"]
    assert "One year's difference is too small to be sure of; over five years" in said["summary_level"]
    figures = {item.key: item.value for item in summary.panel(gathered).figures}
    assert figures == {
        "recorded_crime": "7,000", "violence_with_injury": "756", "feel_safe": "61%", "marac_repeats": "36%",
        "killed_or_seriously_injured": "24", "shoplifting": "764",
    }  # fmt: skip


def test_a_link_of_a_finding_leads_to_a_chapter_of_its_edition(gathered):
    chapters = set(gathered.opened.edition.chapters)
    for finding in gathered.findings:
        assert bool(finding.links) == bool(chapters & {"crime_trends", "levels_and_changes", "performance_overview"})
        assert len(finding.sources) == 1
        assert len(finding.sources[0].sha256) == 64


def test_the_mark_of_simulated_records_follows_them_into_the_summary(gathered):
    simulated = gathered.opened.edition.key == "2013-14"
    assert gathered.opened.simulated == simulated
    chosen = summary.summarise(gathered)
    moving = [item for item in chosen.chosen["changed"] if item.key in ("summary_rising", "summary_falling")]
    assert all(item.simulated == simulated for item in (*moving, *chosen.chosen["where"]))
    assert not any(item.simulated for item in chosen.chosen["targets"])


def test_the_findings_of_each_edition_fit_the_schema_with_unique_keys(gathered):
    document = document_of(gathered)
    check_document(document, "a test")
    assert len({item["key"] for item in document["findings"]}) == len(document["findings"]) > 20
    assert {entry["key"] for entry in document["data"]} > {"recorded_crime", "anti_social_behaviour"}


def test_every_component_of_the_chapters_has_an_html_form(gathered):
    last = changes.find_last(gathered)
    ranking = priorities.rank(gathered)
    shown = [
        about_area.findings_area(gathered), about_area.table_area(gathered), about_area.table_figures(gathered),
        consultation.finding_wanted(gathered), consultation.table_wanted(gathered),
        consultation.table_feelings(gathered), consultation.table_exercises(gathered),
        changes.finding_changes(gathered, last), changes.table_changes(gathered, last),
        changes.table_revisions(gathered, last), changes.table_answers(gathered, last),
        changes.findings_reasons(gathered), priorities.finding_ranking(gathered, ranking),
        priorities.table_ranking(gathered, ranking), priorities.findings_decisions(gathered),
        priorities.table_scheme(), priorities.table_recommendations(gathered),
        summary.table_statute(gathered), summary.how_made(summary.summarise(gathered)), summary.panel(gathered),
        summary.map_where(gathered), priorities.how_scored(gathered, ranking),
    ]  # fmt: skip
    assert all(len(item._repr_html_()) > 60 for item in shown if item._repr_html_())
    assert sum(bool(item._repr_html_()) for item in shown) >= 12


def test_population_is_that_of_the_published_estimate(gathered):
    """Of the edition's year: mid-2012, and mid-2023 as the newest (ONS, rebased after the census of 2021)."""
    published = {"2013-14": 184_208, "2025": 189_890}
    people = about_area.findings_area(gathered).items[0].evidence["people"]
    assert people == published[gathered.opened.edition.key]


@pytest.mark.parametrize("gathered", ["2025"], indirect=True)
def test_an_edition_without_a_plan_says_to_leave_its_chapter_out(gathered):
    with pytest.raises(InputError, match="^edition 2025 has no published priorities: leave its plan chapter out$"):
        plan.open_plan(gathered)


@pytest.mark.parametrize("gathered", ["2025"], indirect=True)
def test_a_last_edition_that_was_never_published_is_named(gathered):
    with pytest.raises(
        InputError,
        match=r"^there are no findings of the edition 2024: .*findings\.json is missing\. Run hcsp-assess run 2024 first$",
    ):
        changes.find_last(gathered, "2024")
