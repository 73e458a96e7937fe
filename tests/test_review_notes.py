"""Review notes: what a program can find of the strategy's contradictions, nothing invented, silence where all is well."""

from dataclasses import replace

import pytest

from hcsp_assess.assessment.review_notes import RULES, find_review_notes, notes_table
from hcsp_assess.periods import FinancialYear, parse_quarter
from hcsp_assess.sources.indicators import Cell, read_indicators, read_published

# The sixteen contradictions and gaps that people found in the strategy, by what the program calls them.
SIXTEEN = {
    1: {"claim_against_figures:violence_up"},
    2: {"claim_without_figures:rural_crime_up", "claim_without_figures:shoplifting_up"},
    3: {"claim_of_significance:casualties_up", "claim_of_significance:casualties_down"},
    4: {"dates_differ:assessment", "figure_after_date:marac_repeats_september"},
    5: {"no_polarity:marac_repeats"},
    6: {"no_denominator:marac_repeats", "no_denominator:ocu_exits", "no_denominator:feel_safe"},
    7: {"uneven_precision:ocu_exits", "blank_quarters:ocu_exits"},
    8: {"several_measures:feeling_safe"},
    9: {"moved_priority:marac_repeats"},
    10: {"no_target:2012-13"},
    11: {"priorities_miscounted:2013-14_1", "priorities_miscounted:2012-13_2"},
    12: {"plan_years:2007-08_to_2010-11"},
    13: {"missing_heading:5"},
    14: {"act_misnamed:domestic_violence_and_crimes_act_2004"},
    15: {"not_shown:a_map_or_a_hotspot", "not_shown:a_breakdown_by_a_protected_characteristic"},
    16: {"change_without_base:helpline_calls"},
}


@pytest.fixture(scope="module")
def indicators():
    return read_indicators()


@pytest.fixture(scope="module")
def published():
    return read_published()


@pytest.fixture(scope="module")
def notes(indicators, published):
    return {note.key: note for note in find_review_notes(indicators, published)}


@pytest.mark.parametrize("number", SIXTEEN)
def test_each_of_the_sixteen_is_found(notes, number):
    assert SIXTEEN[number] <= set(notes)


def test_nothing_else_is_found(notes):
    assert set(notes) == set().union(*SIXTEEN.values())


def test_every_note_has_its_evidence_in_the_published_figures(notes, published):
    for note in notes.values():
        assert note.sentence.endswith(".") and note.evidence
    casualties = notes["claim_of_significance:casualties_up"].evidence
    assert casualties[1] == "People killed or seriously injured on the roads, Q4 11/12: 33"
    assert notes["claim_against_figures:violence_up"].evidence[1:] == (
        "Q1 12/13 on Q1 11/12: 257 on 281",
        "Q2 12/13 on Q2 11/12: 254 on 281",
        "Q3 12/13 on Q3 11/12: 245 on 253",
    )
    assert len(notes["no_target:2012-13"].evidence) == 4


def test_sentences_say_what_is_known_and_no_more(notes):
    assert notes["claim_of_significance:casualties_down"].sentence == (
        "The text calls a fall in people killed or seriously injured significant. 24 against 44 a year earlier is a "
        "clear change (p = 0.015) only if such counts vary by chance alone; the published quarters vary 3.5 times as "
        "much, and then it is not (p = 0.20)."
    )
    assert notes["plan_years:2007-08_to_2010-11"].sentence == (
        "A plan of 3 years is said to run from 2007-08 to 2010-11, which is 4 years."
    )
    assert notes["no_target:2012-13"].sentence == "4 of 7 indicators have no target for 2012-13."


def mended(indicators, published):
    """The strategy as it would be without its contradictions."""
    year = FinancialYear(2012)
    target = indicators[1].targets[0]
    whole = tuple(
        replace(
            item,
            polarity="higher" if item.polarity == "not stated" else item.polarity,
            priorities=item.priorities[:1],
            targets=item.targets or (replace(target, kind="value", value=1.0, printed="1"),),
        )
        for item in indicators
    )
    quarters = [*year.previous.quarters, *year.quarters[:3]]
    counts = {
        "recorded_crime": [2522, 2553, 2238, 2188, 2278, 2372, 2350],
        "violence_with_injury": [281, 281, 253, 240, 290, 290, 260],
        "killed_or_seriously_injured": [60, 61, 60, 59, 20, 21, 19],
    }
    cells = [
        Cell(key, quarter, str(value))
        for key, values in counts.items()
        for quarter, value in zip(quarters, values, strict=True)
    ]
    for key in ("marac_repeats", "ocu_exits", "feel_safe"):
        printed = ["38%", "39%", "41%", "43%", "42%", "42%", "36%"]
        cells += [Cell(key, quarter, text, 100) for quarter, text in zip(quarters, printed, strict=True)]
    claims = published.claims.query("claim in ['violence_up', 'casualties_down']")
    figures = published.figures[~published.figures["figure"].isin(["helpline_calls", "safe_by_day", "safe_after_dark"])]
    document = published.document | {
        "assessment_dated": published.document["assessment_dated"][:1],
        "priorities_counted": [item for item in published.document["priorities_counted"] if item["section"] == "6"],
        "plan_years": published.document["plan_years"][1:],
        "body": published.document["contents"],
        "acts_cited": ["Domestic Violence, Crime and Victims Act 2004"],
        "shown": [item | {"number": 1} for item in published.document["shown"]],
    }
    return whole, replace(published, cells=tuple(cells), claims=claims, figures=figures, document=document)


def test_a_strategy_without_contradictions_gets_no_notes(indicators, published):
    assert find_review_notes(*mended(indicators, published)) == ()


def test_a_target_that_does_not_follow_from_last_year_is_noted(indicators, published):
    whole, clean = mended(indicators, published)
    wrong = tuple(
        replace(item, targets=(replace(item.targets[0], value=1054.0, printed="1054"),))
        if item.key == "violence_with_injury"
        else item
        for item in whole
    )
    notes = find_review_notes(wrong, clean)
    assert [note.key for note in notes] == ["target_arithmetic:violence_with_injury"]
    assert notes[0].sentence == (
        "Violence against the person with injury: the target is 1054, but 1,044 follows from 2011-12."
    )


def test_a_figure_in_the_text_that_is_not_the_one_in_the_overview_is_noted(indicators, published):
    whole, clean = mended(indicators, published)
    cells = tuple(
        replace(cell, printed="40%")
        if (cell.indicator, cell.quarter) == ("marac_repeats", parse_quarter("Q2 12/13"))
        else cell
        for cell in clean.cells
    )
    notes = find_review_notes(whole, replace(clean, cells=cells))
    assert [note.sentence for note in notes] == [
        "The text gives 42% for September 2012; the performance overview has 40% for Q2 12/13."
    ]


def test_a_claim_that_the_figures_turn_round_is_noted(indicators, published):
    whole, clean = mended(indicators, published)
    claims = clean.claims.assign(direction=["falling", "rising"])
    notes = find_review_notes(whole, replace(clean, claims=claims))
    assert [note.key for note in notes] == [
        "claim_against_figures:violence_up",
        "claim_of_significance:casualties_down",
    ]
    assert notes[1].sentence == (
        "The text calls a rise in people killed or seriously injured significant. The figures are lower: 60 against 181 "
        "a year earlier."
    )


def test_notes_make_a_table_and_rules_have_documentation(notes):
    table = notes_table(notes.values())
    assert table["key"].is_unique and len(table) == len(notes)
    assert all(rule.__doc__ for rule in RULES)
