"""What the law asks for is in the report, or its absence is signed and dated; nothing is printed as the law's words."""

import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hcsp_assess.assessment.statute import (
    NothingToReport,
    check_statute,
    letters_of,
    notice,
    parse_statements,
    require_statute,
    requirements,
    statute_table,
)
from hcsp_assess.errors import InputError
from hcsp_assess.report.html import shows_something
from hcsp_assess.sources.texts import Signed, TextFolder, find_texts
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
        "nothing_to_report.toml why there is nothing to report."
    )


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
            "has no author_role: say which role answers for it",
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
