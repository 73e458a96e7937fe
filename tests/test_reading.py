"""The 24 questions of docs/reading-test.md are answered where the page says, in both built reports."""

import re
from pathlib import Path

import pytest
from bs4 import Tag

from hcsp_assess.assessment.summary import LONGEST_SENTENCE, longest_sentence
from hcsp_assess.report.html import parse_html

PAGE = Path(__file__).parents[1] / "docs" / "reading-test.md"
ROW = re.compile(r"^\| (\d+) \| ([^|]+) \| ([^|]+) \| ([^|]+) \|$", re.MULTILINE)
CELL = re.compile(r"`#([\w-]+)` \*\*(.+?)\*\*(.*)")
HEADINGS = ("h2", "h3")
HELD_ELSEWHERE = "held elsewhere"


def _questions():
    return [(int(number), asks, dict(zip(("2025", "2013-14"), cells, strict=True)))
            for number, asks, *cells in ROW.findall(PAGE.read_text(encoding="utf-8"))]  # fmt: skip


def _text_at(soup, anchor):
    """The text of an element, or from a heading to the next one of its level or above."""
    place = soup.find(id=anchor)
    assert place is not None, f"the page has no #{anchor}"
    if place.name not in HEADINGS:
        return " ".join(place.get_text(" ").split())
    above = HEADINGS[: HEADINGS.index(place.name) + 1]
    parts = []
    for element in place.next_elements:
        if isinstance(element, Tag):
            if element.name in above:
                break
        else:
            parts.append(str(element))
    return " ".join(" ".join(parts).split())


def test_there_are_24_questions_and_at_least_22_are_clear_in_the_demonstration():
    found = _questions()
    assert [number for number, _, _ in found] == list(range(1, 25))
    clear = {edition: sum(HELD_ELSEWHERE not in cells[edition] for _, _, cells in found) for edition in found[0][2]}
    assert clear == {"2025": 20, "2013-14": 23}


@pytest.mark.parametrize("edition", ["2025", "2013-14"])
def test_each_answer_is_where_the_page_of_questions_says(built, edition):
    page = (built.reports / edition / "index.html").read_text(encoding="utf-8")
    soup = parse_html(page).soup
    missing = []
    for number, asks, cells in _questions():
        anchor, said, _ = CELL.fullmatch(cells[edition].strip()).groups()
        if said.lower() not in _text_at(soup, anchor).lower():
            missing.append(f"{number} {asks}: {said!r} is not at #{anchor}")
    assert not missing
    findings = soup.select("#summary .finding .headline")
    long = [text.get_text() for text in findings if longest_sentence(text.get_text())[0] > LONGEST_SENTENCE]
    assert not long
