"""What a theme means: reviewed text with a lead and a date only where the strategy has them; evidence only if confirmed."""

import pytest
from bs4 import BeautifulSoup

from hcsp_assess.assessment.so_what import MOST_WORDS, THEMES, parse_so_what, parse_what_works, what_works
from hcsp_assess.errors import InputError
from hcsp_assess.report.so_what_panel import SoWhatPanel
from hcsp_assess.report.two_audiences import keep_for
from hcsp_assess.sources.indicators import read_published
from hcsp_assess.sources.texts import TextFolder, find_texts

GOOD = """
[[theme]]
theme = "shoplifting"
means = "A few shops decide the number."
action = "Ask the shops."
works = ["hot_spots"]
author_role = "Partnership analyst"
date = 2012-10-31
origin = "written for this edition"
"""


def _read(text):
    return parse_so_what(TextFolder("mine", {"so_what.toml": text.encode()}))


@pytest.mark.parametrize("edition", ["2013-14", "2025"])
def test_each_text_is_short_and_prints_no_rating_that_is_still_to_check(edition):
    for said in parse_so_what(find_texts(edition)).values():
        works = [what_works()[key] for key in said.works if what_works()[key].known == "confirmed"]
        soup = BeautifulSoup(SoWhatPanel(said, works)._repr_html_(), "html.parser")
        for method in soup.select(".method, h2"):
            method.decompose()
        assert len(soup.get_text(" ").split()) <= MOST_WORDS, said.theme
        assert len(soup.select("a")) == len(works)


def test_the_demonstration_has_a_text_for_every_theme_and_a_lead_only_where_the_strategy_names_one():
    said = parse_so_what(find_texts("2013-14"))
    assert set(said) == set(THEMES)
    priorities = read_published().priorities
    leads = set(priorities.loc[priorities["year"] == "2013-14", "co_ordinator"])
    assert {item.lead for item in said.values() if item.lead} <= leads
    assert not any(said[theme].lead or said[theme].by for theme in ("rural_crime", "shoplifting", "road_safety"))
    assert {item.signed.origin for item in said.values()} == {"written for the demonstration"}


def test_a_theme_without_a_text_prompts_the_partnership_and_shows_the_public_nothing():
    html = SoWhatPanel(None)._repr_html_()
    assert keep_for(html, "public").strip() == ""
    assert "To be written by the partnership" in keep_for(html, "restricted")


def test_every_confirmed_rating_has_an_address_and_a_day():
    for item in what_works().values():
        assert item.known in ("confirmed", "to check")
        assert item.known == "to check" or (item.rating and item.link.startswith("http"))


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('"shoplifting"', '"theft"', "theme 1 is about 'theft'; there are crime_trends"),
        ('means = "A few shops decide the number."', "", 'theme 1 has no means: write means = "..."'),
        ('["hot_spots"]', '["magic"]', "theme 1 names magic, which definitions/what_works.toml does not have"),
        (
            'author_role = "Partnership analyst"',
            "",
            "theme 1 has no author_role: add the role that is responsible for it",
        ),
    ],
)
def test_a_text_that_cannot_be_used_is_named(old, new, message):
    with pytest.raises(InputError) as caught:
        _read(GOOD.replace(old, new))
    assert str(caught.value).startswith(f"mine/so_what.toml, {message}")


def test_a_confirmed_line_without_an_address_is_refused():
    line = '[[intervention]]\nkey = "x"\nname = "X"\nrating = "works"\nby = "us"\nlink = ""\nknown = "confirmed"\nchecked = 2026-01-01'
    with pytest.raises(InputError, match="x is confirmed without a rating or an address"):
        parse_what_works(line)
