"""The demonstration holds what the strategy describes: each item of the checklist, in the chapter that it names."""

import re
import tomllib
from importlib import resources

import pytest
from bs4 import BeautifulSoup, NavigableString

FILE = resources.files("hcsp_assess") / "definitions" / "demonstration_2013_14" / "checklist.toml"
ITEMS = tomllib.loads(FILE.read_text(encoding="utf-8"))["item"]
#: Items that the strategy itself counts: nine members, five authorities in one line, eleven measures, and so on.
COUNTED = {
    "Strategic driver": 8, "Residents: ": 7, "Protected characteristic": 9, "Domestic abuse": 8, "Alcohol": 6,
    "Monitor list": 3, "Performance overview": 6, "Drugs": 2, "Priorities by year": 2, "Executive group: ": 9,
    "Responsible authorities": 1, "Both boards": 1, "Duty: ": 5, "Objective 2012/13: ": 4, "Baseline: ": 10,
    "Value for money": 1, "Social landlords": 1, "Night-time economy": 3, "Victims": 1, "Hate crime": 1,
}  # fmt: skip


def _plain(text):
    return " ".join(text.split())


@pytest.fixture(scope="module")
def chapters(built):
    """What the built report says, by chapter: text alone, that of closed panels too."""
    page = (built.reports / "2013-14" / "index.html").read_text(encoding="utf-8")
    found = {}
    for section in BeautifulSoup(page, "html.parser").main.find_all("section", recursive=True):
        if section.find_parent("section") is None and section.has_attr("id"):
            texts = [
                str(item)
                for item in section.descendants
                if isinstance(item, NavigableString) and item.parent.name not in ("script", "style", "title", "desc")
            ]
            found[section["id"].replace("-", "_")] = _plain(" ".join(texts))
    return found


@pytest.mark.parametrize("item", ITEMS, ids=[item["what"] for item in ITEMS])
def test_the_demonstration_holds_it_where_the_checklist_says(chapters, item):
    assert item["chapter"] in chapters, f"the report has the chapters {list(chapters)}"
    words = rf"(?<!\w){re.escape(_plain(item['text']))}(?!\w)"
    assert re.search(words, chapters[item["chapter"]]), f"{item['chapter']} does not say {item['text']!r}"


def test_the_checklist_names_each_system_that_the_strategy_describes():
    """Counted on the strategy's own list: drivers, bodies, pathways, surveys, issues of residents, characteristics."""
    whats = [item["what"] for item in ITEMS]
    assert len(whats) == len(set(whats)) >= 160
    for start, number in COUNTED.items():
        assert sum(what.startswith(start) for what in whats) == number, start
