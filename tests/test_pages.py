import json

import pandas as pd
import pytest
from bs4 import BeautifulSoup

from hcsp_assess.report.html import parse_html
from hcsp_assess.report.pages import assemble_index, assemble_report, css_text, find_problems
from hcsp_assess.report.sections import make_section
from hcsp_assess.report.tables import Table
from hcsp_assess.run.notebooks import Chapter
from hcsp_assess.subject.editions import edition

TABLE = Table(pd.DataFrame({"Type": ["Burglary"], "Offences": [3]}), "Offences by type", "types")._repr_html_()


def _report(*fragments, record=None):
    sections = [make_section(Chapter(f"chapter_{i}", html, {}, ())) for i, html in enumerate(fragments)]
    return assemble_report(
        sections,
        record or {},
        edition=edition("2025"),
        area_name="Herefordshire",
        period="January to December 2025",
        about="",
        contact="Herefordshire Community Safety Partnership",
        provenance="",
        published="2026-01-01T00:00:00+00:00",
        published_text="1 January 2026",
        version="0",
        downloads=[],
        index="",
        handling=None,
    )


def test_chapters_become_sections_one_level_down_with_a_contents_list():
    page = _report("<h1>Levels</h1><h2>By type</h2>" + TABLE, "<h1>Trends</h1>")
    soup = BeautifulSoup(page, "html.parser")
    frame = ["About this report", "Where the numbers come from"]
    assert [h.text for h in soup.main.find_all("h2")] == ["Levels", "How sure are we?", "Trends", *frame]
    assert [h.text for h in soup.main.find_all("h3")] == ["By type", "Questions and other formats"]
    links = [a.text for a in soup.nav.find_all("a")]
    assert links == ["Levels", "By type", "How sure are we?", "Trends", *frame]
    assert find_problems(parse_html(page)) == []
    assert soup.html["lang"] == "en-GB"


def test_a_chapter_without_its_one_heading_is_refused():
    with pytest.raises(
        ValueError, match="^chapter chapter_0: the notebook needs one heading of level 1, as its first$"
    ):
        _report("<h2>Levels</h2>")


@pytest.mark.parametrize(
    ("fragment", "problem"),
    [
        (
            "<table><tbody><tr><td>1</td></tr></tbody></table>",
            "a table has no caption: <table><tbody><tr><td>1</td></tr></tbody></table>",
        ),
        ("<table><caption>c</caption><tr><th>x</th></tr></table>", "a header of the table 'c' has no scope"),
        ("<svg aria-label='chart'></svg>", 'a drawing has no text alternative: <svg aria-label="chart"></svg>'),
        ("<h4>too deep</h4>", "a heading of level 5 follows one of level 2"),
        (
            "<img alt='a long enough alternative' src='https://example.org/a.png'>",
            "the page would fetch https://example.org/a.png",
        ),
        ("<p id='a'></p><p id='a'></p>", "the anchor 'a' occurs 2 times"),
        ("<a href='#nowhere'>x</a>", "a link leads to 'nowhere', which is not there"),
    ],
)
def test_what_a_reader_could_not_use_is_found(fragment, problem):
    assert find_problems(parse_html(_report("<h1>T</h1>" + fragment))) == [problem]


def test_tables_of_the_same_caption_are_told_apart_as_regions():
    other = TABLE.replace('id="types"', 'id="more"')
    page = _report("<h1>Levels</h1>" + TABLE + other, "<h1>Trends</h1>" + TABLE.replace('id="types"', 'id="again"'))
    labels = [item["aria-label"] for item in BeautifulSoup(page, "html.parser").select("[role=region]")]
    assert labels == ["Offences by type (Levels)", "Offences by type (Levels), 2", "Offences by type (Trends)"]
    assert find_problems(parse_html(page)) == []
    twice = page.replace("Offences by type (Trends)", "Offences by type (Levels)")
    assert find_problems(parse_html(twice)) == ["2 regions have the name 'Offences by type (Levels)'"]


def test_the_record_in_the_page_is_the_record_and_cannot_end_its_element():
    record = {"note": "</script><script>alert(1)</script>"}
    soup = BeautifulSoup(_report("<h1>T</h1>", record=record), "html.parser")
    assert len(soup.find_all("script")) == 1
    assert json.loads(soup.find(id="run-record").string) == record


def test_the_index_lists_editions_and_marks_the_simulated():
    item = {"key": "x", "title": "T <b>", "area": "A", "period": "P", "published": "today", "simulated": True}
    page = assemble_index([item])
    assert "T &lt;b&gt;" in page
    assert "Simulated data" in page
    assert find_problems(parse_html(page)) == []
    assert "No assessment has been published yet" in assemble_index([])


@pytest.mark.parametrize("edition_key", ["2013-14", "2025", "../restricted-reports/2013-14"])
def test_a_built_report_can_be_used_by_everybody_counted_on_the_page(built, edition_key):
    page = (built.reports / edition_key / "index.html").read_text(encoding="utf-8")
    soup = (report := parse_html(page)).soup
    assert find_problems(report) == []
    assert soup.html["lang"] == "en-GB"
    assert len(soup.find_all("h1")) == 1
    first = soup.find("a")
    assert (first["class"], first["href"]) == (["skip-link"], "#main")
    figures = soup.find_all("figure")
    assert len(figures) > 5
    for figure in figures:
        drawings = figure.find_all("svg", role="img")
        assert drawings, figure["id"]
        title = figure.find(class_="chart-title").get_text()
        for drawing in drawings:
            assert len(drawing["aria-label"]) > 60, figure["id"]
            assert drawing["aria-label"] != title
        assert figure.find("table"), figure["id"]
        assert figure.find(class_="chart-source").get_text(strip=True).removeprefix("Source:").strip(), figure["id"]
    tables = soup.find_all("table")
    assert len(tables) > 20
    for table in tables:
        scopes = [header["scope"] for header in table.find_all("th")]
        rows = table.tbody.find_all("tr")
        assert table.caption.get_text(strip=True)
        assert scopes.count("col") == len(table.thead.find_all("th")) > 0
        assert scopes.count("row") == len(rows), table.get("id")
        assert table.find_parent(class_="table-scroll")["tabindex"] == "0"
    sections = [section["id"] for section in soup.find_all("section")]
    assert [link["href"][1:] for link in soup.select("nav.contents > ol > li > a")] == sections


def test_a_css_text_cannot_end_itself_or_the_style_it_stands_in():
    assert css_text("Plan 2013") == '"Plan 2013"'
    assert css_text('"; } </style><b>\\') == '"\\22 \\3b  \\7d  \\3c \\2f style\\3e \\3c b\\3e \\5c "'
