"""Serious violence: official counts as the comparison has them, a definition that can be the partnership's own, hate crime."""

import datetime

import pandas as pd
import pytest

from hcsp_assess.assessment.serious_violence import parse_serious_violence, women_and_girls, working_definition
from hcsp_assess.assessment.wording.serious_violence import (
    describe_definition,
    describe_hate_crime,
    describe_kinds_changed,
    title_of_kinds,
)
from hcsp_assess.chapters import comparison, serious_violence
from hcsp_assess.disclosure import disclosure_rule
from hcsp_assess.edition.findings import edition_findings
from hcsp_assess.edition.opened import open_edition
from hcsp_assess.errors import InputError
from hcsp_assess.places.ranking import Change
from hcsp_assess.sources.texts import TextFolder

LABELS = {"violence_with_injury": "Violence with injury", "robbery": "Robbery", "homicide": "Homicide"}
#: ONS, police force area data tables, year ending June 2025, Herefordshire (E22000326).
JUNE_2025 = {
    "Homicide": 2, "Violence with injury": 1196, "Robbery": 52, "Possession of weapons": 130,
    "Sexual offences": 535, "Stalking and harassment": 1363,
}  # fmt: skip


@pytest.fixture(scope="module")
def known(built):
    return edition_findings(open_edition("2025", built))


def _texts(text):
    return TextFolder("mine", {"serious_violence.toml": text.encode()})


def test_counts_are_the_published_ones_and_those_of_the_comparison(known):
    mine = serious_violence.table_kinds(known).frame.set_index("Kind of offence")
    theirs = comparison.table_kinds(known).frame
    names = theirs["Kind of offence"].str.replace("of these, ", "")
    theirs = theirs.set_index(names.str[:1].str.upper() + names.str[1:])
    column = "Year to June 2025"
    assert mine[column].to_dict() == JUNE_2025
    for name in mine.index:
        assert mine.loc[name, column] == theirs.loc[name, column], name
        assert mine.loc[name, "Year to December 2023"] == theirs.loc[name, "Year to December 2023"], name
        assert mine.loc[name, "Change"] == theirs.loc[name, "Change"], name
        assert mine.loc[name, "Middle of similar areas"] == theirs.loc[name, "Middle of similar areas"], name


def test_the_first_sentence_adds_up(known):
    level, changed, _ = serious_violence.findings_level(known).items
    assert level.evidence["count"] == 2 + 1196 + 52 + 130
    assert level.sentence.startswith("Police recorded 1,380 serious violent offences in Herefordshire")
    official = known.official
    assert official is not None
    injury = official.picture.changes["violence_with_injury"]
    assert injury.clear and changed.direction == "falling"
    assert f"from {injury.before:,} to {injury.count:,}" in changed.sentence


def test_a_kind_whose_recording_changed_between_the_years_is_not_compared(known):
    """Since May 2023 one principal crime is recorded for stalking and harassment: the year to December 2023 has both."""
    table = serious_violence.table_kinds(known).frame.set_index("Kind of offence")
    assert table.loc["Stalking and harassment", "Change"] == "counted differently"
    level, *others = serious_violence.findings_women_and_girls(known).items
    assert "the rules for recording it changed in May 2023" in level.caveats[1]
    assert not any("talking and harassment" in item.sentence for item in others)


def test_without_a_definition_of_the_partnership_the_working_one_says_that_it_is_one(known):
    assert parse_serious_violence(TextFolder("mine")) == working_definition()
    said = serious_violence.finding_definition(known).sentence
    assert "working definition" in said and "possession of weapons" in said
    assert not set(working_definition().offences) & set(women_and_girls())


def test_the_partnerships_own_definition_is_quoted_and_counted():
    made = parse_serious_violence(
        _texts(
            '[definition]\ntext = "Violence that causes injury, and robbery."\n'
            'offences = ["violence_with_injury", "robbery"]\nauthor_role = "Partnership analyst"\ndate = 2025-05-01\n'
            'origin = "written for this edition"\n'
        )
    )
    said = describe_definition(made, LABELS)
    assert said.sentence.endswith("Violence that causes injury, and robbery.")
    assert "Counted here: violence with injury and robbery." in said.certainty
    assert made.signed is not None and made.signed.date == datetime.date(2025, 5, 1)


@pytest.mark.parametrize(
    ("offences", "message"),
    [
        ('["knife"]', "counts 'knife', which is not a kind of offence"),
        ('["violence_against_the_person", "homicide"]', "counts 'homicide' twice"),
        ("[]", "counts no offences"),
    ],
)
def test_a_definition_that_cannot_be_counted_is_refused(offences, message):
    text = f'[definition]\ntext = "x y z"\noffences = {offences}\nauthor_role = "Analyst"\ndate = 2025-05-01\n'
    with pytest.raises(InputError, match=message):
        parse_serious_violence(_texts(text + 'origin = "written for this edition"\n'))


def test_a_clear_change_is_said_with_its_likely_size_and_few_offences_are_not_compared():
    changes = {
        "violence_with_injury": Change(1196, 1501, -20.3, -33.8, -4.1),
        "robbery": Change(52, 56, -7.1, -46.2, 60.2),
    }
    found = describe_kinds_changed("key", "the year to June 2025", "the year to December 2023", changes, LABELS)
    assert found is not None and found.direction == "falling"
    assert found.certainty == "The lasting fall in violence with injury is likely to be between 4% and 34%."
    assert "Robbery is within the usual ups and downs." in found.sentence
    assert describe_kinds_changed("key", "a", "b", {}, LABELS) is None


def test_the_title_of_the_chart_names_what_differs(known):
    rankings = known.official.picture.rankings
    labels = known.official.labels
    same = {key: item for key, item in rankings.items() if item.position == "similar"}
    assert title_of_kinds("Hereford", same, labels) == "Serious violence in Hereford is close to that of similar areas"
    lower = {key: item for key, item in rankings.items() if item.position == "lower"}
    assert "is lower on" in title_of_kinds("Hereford", dict(list(lower.items())[:1]), labels)


def test_hate_crime_is_said_by_strand_in_numbers_that_may_be_published():
    rule = disclosure_rule("partner")
    strands = {"Race": 71, "Disability": 8, "Transgender identity": 3, "Religion or belief": 0}
    found = describe_hate_crime(strands, ["Sexual orientation"], "2012", rule)
    assert "race (70) and disability (10)" in found.sentence
    assert "transgender identity and sexual orientation" in found.sentence
    assert "71" not in found.sentence and "3" not in found.sentence
    assert describe_hate_crime({"Race": 2}, [], "2012", rule).sentence.endswith(
        "too few hate crimes in 2012 to publish a number."
    )


def test_the_chapter_shows_nothing_of_returns_that_nobody_sent(known):
    assert serious_violence.findings_returns(known).items == ()


def test_groups_of_the_chapter_are_in_the_official_table(known):
    table = known.official.picture.table
    assert set(working_definition().offences) | set(women_and_girls()) <= set(table.index)
    leaves = known.official.picture.leaves
    assert isinstance(leaves, pd.DataFrame) and set(working_definition().offences) <= set(leaves.index)
