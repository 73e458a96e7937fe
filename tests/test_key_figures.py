"""The figures that open the summary: chosen by the stated rule, each with a change that its own numbers give."""

import re

import pytest

from hcsp_assess.assessment.key_figures import KeyFigure, candidates, choose_key_figures, parse_candidates
from hcsp_assess.assessment.wording.key_figures import say_change, say_points
from hcsp_assess.errors import InputError
from hcsp_assess.report.html import parse_html
from hcsp_assess.report.key_panel import KeyPanel, draw_bars


def _figure(key="crime", points=(("2023", 4.0), ("2024", None), ("2025", 2.0)), **changes):
    fields = {"name": "Crime", "value": "2", "unit": "crimes in 2025", "change": "2 fewer than in 2023", "comparison": "",
              "certainty": "clear", "direction": "fall", "points": points}  # fmt: skip
    return KeyFigure(key, **{**fields, **changes})


def test_the_first_leads_then_one_for_each_priority_in_the_plans_order_then_the_rest():
    known = {key: _figure(key) for key in "abcdefg"}
    chosen = choose_key_figures(known, [["x", "e"], [], ["c", "d"]])
    assert [item.key for item in chosen] == ["a", "e", "c", "b", "d", "f"]
    assert [item.key for item in choose_key_figures(known, [])] == list("abcdef")


@pytest.mark.parametrize(
    ("now", "before", "said"),
    [
        (9659, 11144, "1,485 fewer (13%) than in 2023"),  # 100 * 1485 / 11144 = 13.3
        (55, 50, "5 more (10%) than in 2023"),
        (24, 44, "20 fewer than in 2023"),  # under 50 no per cent is given
        (7, 7, "the same as in 2023"),
    ],
)
def test_a_change_is_what_the_two_counts_give(now, before, said):
    assert say_change(now, before, "in 2023") == said


def test_a_percentage_says_from_what():
    assert say_points(36, 41, "a year earlier") == "down from 41% a year earlier"
    assert say_points(61.2, 60.9, "a year earlier") == "61% a year earlier too"


def test_bars_are_as_high_as_their_values_and_a_gap_is_a_dash():
    heights = [float(high) for high in re.findall(r'height="([\d.]+)" style', draw_bars(_figure()))]
    assert heights == [36.0, 1.5, 18.0]
    assert draw_bars(_figure(points=(("2025", 2.0),))) == ""


def test_the_panel_says_everything_without_colour_or_drawing():
    html = parse_html(KeyPanel([_figure(link="#levels")])._repr_html_())
    card = html.soup.select_one("li.key-figure")
    text = card.get_text(" ", strip=True)
    for said in ("Crime", "2", "crimes in 2025", "2 fewer than in 2023.", "Clear fall"):
        assert said in text
    assert card.svg["aria-label"] == "Crime: 2023 4; 2025 2"
    assert card.select_one('a[href="#levels"]')["aria-label"] == "Details: Crime"


def test_markup_in_a_figure_is_shown_as_text():
    assert "<script>" not in KeyPanel([_figure(name="<script>x</script>")])._repr_html_()


@pytest.mark.parametrize(
    ("certainty", "direction", "words"),
    [
        ("clear", "fall", "Clear fall"),
        ("probable", "rise", "Probable rise"),
        ("confirmed", "rise", "Confirmed rise"),
        ("no clear change", "", "No clear change"),
        ("not tested", "", "Change not tested"),
    ],
)
def test_words_of_certainty_are_those_of_the_key(certainty, direction, words):
    assert _figure(certainty=certainty, direction=direction).certainty_words == words


def test_a_definition_without_a_source_is_refused():
    with pytest.raises(InputError, match=r"^definitions/key_figures\.toml: x names no source for its figure$"):
        parse_candidates('[[figure]]\nkey = "x"\nname = "X"')
    assert candidates()[0].key == "recorded_crime"
