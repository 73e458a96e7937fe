"""Headings with nothing under them, chapters with nothing to show, and the words of a report that asked for no returns."""

import re

import nbformat.v4 as v4

from hcsp_assess.edition.chapter_sources import chapter_sources, chapters_shown
from hcsp_assess.edition.open_data import EditionOpenData
from hcsp_assess.project import definition_files
from hcsp_assess.report.html import parse_html
from hcsp_assess.run.empty_sections import without_empty_sections
from hcsp_assess.sources.texts import TextFolder
from hcsp_assess.subject.areas import area
from hcsp_assess.subject.editions import editions
from hcsp_assess.subject.holders import roles

REFUSAL = re.compile(r"^(We did not|We do not|This edition (?:includes no|does not)|No |Nothing |Nobody )")


def shown(html):
    cell = v4.new_code_cell("show()")
    cell.outputs = [v4.new_output("display_data", data={"text/html": html})] if html is not None else []
    return cell


def text(source):
    return v4.new_markdown_cell(source)


def test_a_section_goes_where_its_cells_show_nothing_and_stays_where_one_does_or_it_is_text_alone():
    cells = [
        text("# Roads\n\nWhat this is."), shown("<p>24 people</p>"),
        text("## When\n\nBy time of day."), shown(""), shown(None),
        text("## Where"), text("### On main roads"), shown(""), text("### Elsewhere"), shown("<p>3</p>"),
        text("## In words\n\nA partner wrote this."),
        text("## Whole"), text("### Part"), shown("  "),
        text("## National files"), shown(""), shown("<h2>What this means</h2><p>Watch it.</p>"),
    ]  # fmt: skip
    node = v4.new_notebook(cells=cells)
    kept = [cell.source for cell in without_empty_sections(node).cells if cell.cell_type == "markdown"]
    assert [source.split("\n")[0] for source in kept] == ["# Roads", "## Where", "### Elsewhere", "## In words"]
    assert len(node.cells) == len(cells)


def test_a_chapter_is_shown_for_a_text_alone_and_left_out_without_anything():
    edition = editions()["2025"]
    held = EditionOpenData(edition, area("herefordshire"), (), ())
    without = chapters_shown(edition, None, held, TextFolder("none", {}))
    assert not {name for name, item in chapter_sources().items() if not item.always} & set(without)
    assert {"summary", "where", "intake", "crime_trends"} <= set(without)
    consulted = chapters_shown(
        edition, None, held, TextFolder("some", {"consultation.toml": b"[[exercise]]\nkey = 'x'"})
    )
    assert [name for name in consulted if name not in without] == ["consultation"]


def test_every_return_names_a_role_that_is_defined():
    for name, file in definition_files("returns").items():
        holder = re.search(r'^holder = "(.*)"$', file.read_text(encoding="utf-8"), re.MULTILINE)[1]
        assert holder in roles(), name


def test_a_report_without_returns_has_no_chapter_on_them_that_opens_with_a_refusal(built):
    page = parse_html((built.reports / "2025" / "index.html").read_text(encoding="utf-8")).soup
    sections = {section["id"]: section for section in page.select("main section[id]")}
    assert not [name for name in chapter_sources() if name.replace("_", "-") in sections and name in LEFT_OUT]
    for name in chapter_sources():
        section = sections.get(name.replace("_", "-"))
        first = section.select_one(".finding .headline, p") if section else None
        assert first is None or not REFUSAL.match(first.get_text(strip=True)), name
    lines = [row.th.get_text() for row in page.select("#gaps tbody tr")]
    assert {chapter_sources()[name].subject for name in LEFT_OUT} <= set(lines)
    assert len(sections["intake"].get_text(" ").split()) < 450


#: Chapters that rest on returns, texts or open data alone, of which the edition 2025 has none.
LEFT_OUT = (
    "domestic_abuse",
    "alcohol",
    "offending",
    "feeling_safe",
    "road_safety",
    "education",
    "equality",
    "consultation",
)
