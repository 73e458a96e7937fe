"""What the law asks for is in the report, or its absence is signed and dated; nothing is printed as the law's words."""

import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hcsp_assess.assessment.statute import (
    NothingToReport,
    check_statute,
    draft_letters,
    instrument,
    letters_of,
    notice,
    parse_statements,
    require_statute,
    requirements,
    statute_table,
    strategy_subjects,
    strategy_table,
)
from hcsp_assess.errors import InputError
from hcsp_assess.report.html import shows_something
from hcsp_assess.sources.texts import Signed, TextFolder, find_texts
from hcsp_assess.subject.areas import area, herefordshire
from hcsp_assess.subject.editions import editions

LETTERS = list("abcdefg")
SIGNED = Signed("Analyst", datetime.date(2012, 10, 31), "written for the demonstration")
COMPLETE = {"levels": ("a", "b"), "changes": ("c",), "priorities": ("d",), "consultation": ("e",), "plan": ("f", "g")}


def _texts(text):
    return TextFolder("mine", {"nothing_to_report.toml": text.encode()})


def test_the_list_runs_from_a_to_g_and_says_that_it_is_not_the_law():
    assert [item.letter for item in requirements()] == LETTERS
    assert "check legislation.gov.uk" in notice()
    assert [item.letter for item in requirements("11")] == [
        "strategy", "priorities", "steps", "resources", "measures", "engagement",
    ]  # fmt: skip


def test_a_report_with_every_letter_passes():
    assert check_statute(COMPLETE) == []
    require_statute(COMPLETE)


@given(st.sets(st.sampled_from(LETTERS)), st.sets(st.sampled_from(LETTERS)))
def test_what_is_missing_is_what_neither_a_chapter_nor_a_statement_answers(tagged, stated):
    statements = [NothingToReport(letter, "there was none in the whole year", SIGNED) for letter in stated]
    missing = check_statute({"one": sorted(tagged)}, statements)
    assert missing == sorted(set(LETTERS) - tagged - stated)


def test_a_missing_letter_stops_the_run_with_its_name_and_two_ways_to_mend_it():
    without = {name: letters for name, letters in COMPLETE.items() if name != "consultation"}
    with pytest.raises(InputError) as caught:
        require_statute(without)
    assert str(caught.value) == (
        "the report has nothing under regulation 6 (e) the matters that people living and working in the area consider "
        "should be prioritised. Tag a chapter with the letter in the edition's definition file, or state in "
        "the folder nothing-to-report why there is nothing to report (docs/texts.md)."
    )


def test_a_statement_that_is_a_draft_answers_no_letter_and_is_named():
    text = "---\nrole: Analyst\ndate: 2026-10-31\nstate: draft\n---\nthe next consultation is in the autumn\n"
    drafted = TextFolder("mine", {"nothing-to-report/e.md": text.encode()})
    without = {name: letters for name, letters in COMPLETE.items() if name != "consultation"}
    with pytest.raises(InputError, match=r"Drafts do not count: the statement on \(e\) is not reviewed yet\."):
        require_statute(without, parse_statements(drafted), drafts=draft_letters(drafted))
    approved = TextFolder("mine", {"nothing-to-report/e.md": text.replace("draft", "approved").encode()})
    require_statute(without, parse_statements(approved), drafts=draft_letters(approved))


def test_a_chapter_that_shows_nothing_answers_no_letter():
    assert check_statute(COMPLETE, empty=["priorities"]) == ["d"]
    with pytest.raises(InputError, match=r"\(d\) the matters.*Chapters that show nothing: priorities\."):
        require_statute(COMPLETE, empty=["priorities"])


def test_a_chapter_shows_something_only_with_a_finding_a_row_or_a_figure_or_real_prose():
    assert not shows_something("<h1>Priorities</h1>")
    assert not shows_something("<h1>Priorities</h1><p>Scores are judgements of roles.</p>")
    assert not shows_something("<table><caption>x</caption><thead><tr><th>a</th></tr></thead><tbody></tbody></table>")
    assert shows_something('<h1>x</h1><div class="finding"><p class="headline">Burglary fell.</p></div>')
    assert shows_something("<h1>x</h1><figure><svg></svg><figcaption>Burglary</figcaption></figure>")


def test_a_letter_that_the_law_does_not_have_is_refused():
    with pytest.raises(InputError, match=r"^chapter levels has the letter 'h'; regulation 6 has a, b, c, d, e, f, g$"):
        check_statute({"levels": ("a", "h")})


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('[[nothing]]\nbecause = "there was none in the year"', 'has no letter: write letter = "..."'),
        (
            '[[nothing]]\nletter = "c"\nbecause = "none"',
            "'none' is no reason; complete the sentence: nothing to report because ...",
        ),
        (
            '[[nothing]]\nletter = "c"\nbecause = "nobody has looked into it yet"',
            "has no author_role: add the role that is responsible for it",
        ),
        (
            '[[nothing]]\nletter = "c"\nbecause = "nobody has looked into it yet"\nauthor_role = "Analyst"',
            "has no date: write date = 2012-10-31, without quotation marks",
        ),
    ],
)
def test_a_statement_without_letter_reason_role_or_date_does_not_count(text, message):
    with pytest.raises(InputError) as caught:
        parse_statements(_texts(text))
    assert (
        str(caught.value)
        == f"mine/nothing_to_report.toml, statement 1{'' if message.startswith('has') else ':'} {message}"
    )


def test_a_broken_file_is_named():
    with pytest.raises(InputError, match=r"^mine/nothing_to_report\.toml cannot be read: "):
        parse_statements(_texts("[[nothing"))


def test_the_table_says_where_each_letter_is_answered_or_that_it_is_nowhere():
    statement = NothingToReport("g", "the area is unitary and has no county strategy group", SIGNED)
    table = statute_table({"levels": ("a",)}, [statement], titles={"levels": "Levels and changes"})
    where = dict(zip(table["Letter"].str[1], table["Where it is answered"], strict=True))
    assert where["a"] == "Levels and changes"
    assert where["b"] == "nowhere"
    assert where["g"] == (
        "Nothing to report because the area is unitary and has no county strategy group "
        "(Analyst, 31 October 2012; written for the demonstration)"
    )


def test_a_letter_whose_chapters_are_left_out_points_to_the_table_of_gaps():
    statement = NothingToReport("e", "this edition includes no consultation", SIGNED)
    chapters, left_out = {"levels": ("a",), "intake": ()}, {"consultation": ("e",), "alcohol": ("a",)}
    table = statute_table(chapters, [statement], left_out=left_out)
    where = dict(zip(table["Letter"].str[1], table["Where it is answered"], strict=True))
    assert where["a"] == "levels" and where["b"] == "nowhere"
    assert where["e"].endswith(". See “What this edition does not cover”")


def test_both_editions_answer_every_letter_once_the_chapters_are_in_them():
    own = ("summary", "about_area", "changes_since", "consultation", "priorities", "plan")
    for key, edition in editions().items():
        chapters = dict.fromkeys((*edition.chapters, *(own if key == "2013-14" else ())))
        require_statute(letters_of(tuple(chapters)), parse_statements(find_texts(key)))


def test_letters_of_a_definition_file_win_over_the_standard_ones():
    assert letters_of(("plan", "own_chapter"), {"plan": ["f"]}) == {"plan": ("f",), "own_chapter": ()}


def test_a_projects_own_texts_win_over_those_of_the_package(tmp_path):
    assert find_texts("2013-14").name == "demonstration_2013_14"
    (tmp_path / "editions" / "2013-14").mkdir(parents=True)
    assert find_texts("2013-14", tmp_path).name == "editions/2013-14"
    assert find_texts("2031").read("reasons.toml") == {}


@pytest.mark.parametrize(
    ("day", "subjects"),
    [
        (datetime.date(2009, 12, 31), ["crime_and_disorder", "substance_misuse"]),
        (datetime.date(2012, 12, 31), ["crime_and_disorder", "substance_misuse", "reoffending"]),
        (datetime.date(2023, 1, 30), ["crime_and_disorder", "substance_misuse", "reoffending"]),
        (datetime.date(2023, 1, 31), ["crime_and_disorder", "substance_misuse", "reoffending", "serious_violence"]),
        (datetime.date(2025, 12, 31), ["crime_and_disorder", "substance_misuse", "reoffending", "serious_violence"]),
    ],
)
def test_what_strategies_are_for_depends_on_the_day(day, subjects):
    """Reoffending joined in 2010, as the strategy itself says (section 3.2); serious violence on 31 January 2023."""
    assert [item.key for item in strategy_subjects(day)] == subjects


def test_each_edition_names_the_chapter_of_every_strategy_of_its_year():
    for key, edition in editions().items():
        table = strategy_table(edition.chapters, edition.span.last.end_time.date())
        where = dict(zip(table["Letter"], table["Where it is answered"], strict=True))
        assert ("Strategy: Serious violence" in where) == (key == "2025")
        assert "offending" in where["Strategy: Reducing reoffending"]
    assert "serious_violence" in where["Strategy: Serious violence"]
    table = strategy_table(("levels_and_changes",), datetime.date(2025, 12, 31))
    assert table["Where it is answered"].tolist()[-1] == "not covered in this edition"


def test_nothing_that_is_still_to_be_checked_is_printed():
    """The date since when reoffending is asked for is general knowledge: it chooses the list and is not printed."""
    table = strategy_table(editions()["2025"].chapters, datetime.date(2025, 12, 31))
    assert "2010" not in table.to_csv()
    assert "[K]" not in table.to_csv()


def test_wales_has_regulations_of_its_own_and_no_county_strategy_group():
    assert (instrument(), instrument("Wales")) == ("SI 2007/1830", "SI 2007/3076")
    assert "SI 2007/3076" in notice("Wales")
    assert "check legislation.gov.uk" in notice("Wales")
    welsh = requirements(country="Wales")
    assert [item.letter for item in welsh] == list("abcdef")
    assert "behaviour adversely affecting the environment" in welsh[0].asks  # its regulation 2
    answered = {name: letters for name, letters in COMPLETE.items() if name != "plan"} | {"plan": ("f",)}
    assert check_statute(answered) == ["g"]
    assert check_statute(answered, country="Wales") == []
    with pytest.raises(InputError, match=r"has no law of 'Scotland'; it has England, Wales$"):
        notice("Scotland")


def test_an_area_is_under_the_law_of_its_country(tmp_path):
    (tmp_path / "areas").mkdir()
    (tmp_path / "areas" / "powys.toml").write_text(
        'name = "Powys"\nfull_name = "Powys"\ndistrict_code = "W06000023"\npartnership_code = "W14000011"\n'
        'force = "dyfed-powys"\nforce_name = "Dyfed-Powys"\nclassification = ""\nsmall_areas = "none"\n'
    )
    assert area("powys", tmp_path).country == "Wales"
    assert herefordshire().country == "England"
