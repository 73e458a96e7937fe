"""The demonstration holds what the strategy describes: each item of the checklist, where the checklist says it stands."""

import tomllib
from importlib import resources

import pytest
from bs4 import BeautifulSoup, NavigableString

FILE = resources.files("hcsp_assess") / "definitions" / "demonstration_2013_14" / "checklist.toml"
ITEMS = tomllib.loads(FILE.read_text(encoding="utf-8"))["item"]


def _plain(text):
    return " ".join(text.split())


@pytest.fixture(scope="module")
def parts(built):
    """What the built report says, by chapter and heading; notebooks with several parts of one heading are joined."""
    page = (built.reports / "2013-14" / "index.html").read_text(encoding="utf-8")
    found = {}
    for section in BeautifulSoup(page, "html.parser").main.find_all("section"):
        heading = None
        for item in section.descendants:
            if item.name in ("h2", "h3"):
                heading = (section["id"].replace("-", "_"), _plain(item.get_text()))
            elif isinstance(item, NavigableString) and heading and item.parent.name not in ("script", "style"):
                found[heading] = f"{found.get(heading, '')} {item}"
    return {heading: _plain(text) for heading, text in found.items()}


@pytest.mark.parametrize("item", ITEMS, ids=[item["what"] for item in ITEMS])
def test_the_demonstration_holds_it_where_the_checklist_says(parts, item):
    where = (item["chapter"], item["heading"])
    headings = [heading for chapter, heading in parts if chapter == item["chapter"]]
    assert where in parts, f"the chapter {item['chapter']} has the headings {headings}"
    assert _plain(item["text"]) in parts[where]


def test_the_checklist_names_each_system_that_the_strategy_describes():
    """Counted on the strategy's own list: drivers, bodies, pathways, surveys, issues of residents, characteristics."""
    whats = [item["what"] for item in ITEMS]
    assert len(whats) == len(set(whats)) >= 80
    for start, number in (
        ("Strategic driver", 5), ("Residents: ", 7), ("Protected characteristic", 9), ("Domestic abuse", 8),
        ("Alcohol", 5), ("Monitor list", 3), ("Performance overview", 6), ("Drugs", 2), ("Priorities by year", 2),
    ):  # fmt: skip
        assert sum(what.startswith(start) for what in whats) == number, start
