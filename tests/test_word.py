"""The Word version of a page: opened again by python-docx, it has what the page has, in Word's own terms."""

import io
import re
import zipfile
from datetime import UTC, datetime

import pytest
from docx import Document
from docx.oxml.ns import qn

from hcsp_assess.report.html import parse_html
from hcsp_assess.report.raster import draw_png
from hcsp_assess.report.word import write_word

SVG = (
    '<svg viewBox="0 0 300 100" width="100%" role="img" aria-label="Bars: 3 in 2024, 5 in 2025." class="drawing">'
    '<rect x="10" y="40" width="80" height="60" style="fill: var(--chart-main, #12436d)"/>'
    '<text x="10" y="20" style="font-size: 9.5px; font-family: var(--chart-font, sans-serif)">2024</text></svg>'
)
TABLE = (
    '<table id="t{0}"><caption><span>Crimes by year {0}</span></caption><thead><tr><th scope="col">Year</th>'
    '<th scope="col" class="number">Crimes</th></tr></thead><tbody><tr><th scope="row">2024</th>'
    '<td class="number">1,234</td></tr><tr><th scope="row">A &amp; B &lt;x&gt;</th><td class="number">−5</td></tr></tbody></table>'
)
PAGE = f"""<!DOCTYPE html><html lang="en-GB"><head><title>T</title><style>p {{ color: red }}</style></head><body>
<a class="skip-link" href="#main">Skip</a><header class="masthead"><p class="partnership">Anytown Partnership</p>
<h1>Assessment 2025</h1><p class="period">2025</p><p class="banner"><strong>Simulated data.</strong> Made up.</p></header>
<nav><ul><li>Contents of the page</li></ul></nav>
<main id="main"><section id="one"><h2 id="one-title">First chapter</h2>
<p>Plain, <strong>bold</strong> and <a href="#two-title">a link</a>.</p><h3>A part</h3>
<div class="finding"><p class="headline">Crime fell.<span class="rest"> A little.</span></p>
<p class="finding-links"><a href="#c">Chart</a> · <a href="#t1">Table</a></p></div>
<ul><li>Point <ul><li>inner</li></ul></li></ul><ol><li>Step</li></ol><ol><li>Other step</li></ol>{TABLE.format(1)}
<figure class="chart" id="c"><figcaption><strong class="chart-title">Five in 2025</strong>
<span class="chart-subtitle">Crimes a year</span></figcaption><div class="chart-wide">{SVG}</div>
<div class="chart-narrow" style="display:none">{SVG.replace("Bars", "Narrow")}</div>
<details><summary>Data for this chart: Five in 2025</summary>{TABLE.format(2)}</details></figure></section>
<section><h2 id="two-title">Second chapter</h2><details><summary>Method and sources</summary><p>E-test.</p></details>
<dl class="key"><div><dt>MARAC</dt><dd>A meeting.</dd></div></dl></section></main>
<footer><p>Published today.</p></footer><script type="application/json">{{"a": 1}}</script></body></html>"""
WHEN = datetime(2025, 6, 1, 12, tzinfo=UTC)


def opened(page, **how):
    return Document(io.BytesIO(write_word(page, made=WHEN, **how)))


def pictures(document):
    return [item.get("descr") for item in document.element.body.iter(qn("wp:docPr"))]


def styled(document):
    return [(item.style.name, item.text) for item in document.paragraphs if item.text.strip()]


@pytest.fixture(scope="module")
def made():
    return opened(PAGE)


def test_headings_are_words_own_in_the_order_of_the_page(made):
    headings = [pair for pair in styled(made) if pair[0].startswith(("Heading", "Title"))]
    assert headings == [
        ("Title", "Assessment 2025"),
        ("Heading 1", "First chapter"),
        ("Heading 2", "A part"),
        ("Heading 1", "Second chapter"),
    ]
    contents = [text for style, text in styled(made) if style == "Contents entry"]
    assert contents == ["First chapter", "Second chapter"]
    assert 'TOC \\o "1-1"' in made.element.xml
    names = set(re.findall(r'w:bookmarkStart [^>]*w:name="([^"]+)"', made.element.xml))
    linked = set(re.findall(r'w:anchor="([^"]+)"', made.element.xml))
    assert {"to_one_title", "to_two_title"} <= linked <= names


def test_each_table_has_one_marked_header_row_that_is_repeated_and_a_caption(made):
    (table,) = made.tables  # that of the closed panel is in the workbook
    marks = [row._tr.find(f".//{qn('w:tblHeader')}") is not None for row in table.rows]
    assert marks == [True, False, False]
    assert [[cell.text for cell in row.cells] for row in table.rows] == [
        ["Year", "Crimes"],
        ["2024", "1,234"],
        ["A & B <x>", "−5"],
    ]
    assert ("Caption", "Crimes by year 1") in styled(made)
    assert table._tbl.tblPr.find(qn("w:tblCaption")).get(qn("w:val")) == "Crimes by year 1"


def test_a_chart_is_one_picture_with_its_text_alternative_and_a_closed_panel_is_named(made):
    assert pictures(made) == ["Bars: 3 in 2024, 5 in 2025."]
    texts = [text for _, text in styled(made)]
    assert "Data for this chart are in the workbook." in texts
    assert "Method and sources: on the web page." in texts
    for never in ("Skip", "Contents of the page", "E-test.", "Chart · Table", "color: red"):
        assert never not in "\n".join(texts)


def test_lists_are_lists_and_numbers_begin_anew(made):
    assert [pair for pair in styled(made) if pair[0].startswith("List")] == [
        ("List Bullet", "Point "),
        ("List Bullet 2", "inner"),
        ("List Number", "Step"),
        ("List Number", "Other step"),
    ]
    numbers = [item._p.pPr.numPr.numId.val for item in made.paragraphs if item.style.name == "List Number"]
    assert len(set(numbers)) == 2


def test_title_language_and_running_lines_are_set(made):
    properties, section = made.core_properties, made.sections[0]
    assert (properties.title, properties.language, properties.author) == (
        "Assessment 2025",
        "en-GB",
        "Anytown Partnership",
    )
    assert {item.get(qn("w:val")) for item in made.styles.element.iter(qn("w:lang"))} == {"en-GB"}
    assert section.header.paragraphs[0].text == "Assessment 2025 · Anytown Partnership · Simulated data"
    assert " PAGE " in section.footer._element.xml
    assert " NUMPAGES " in section.footer._element.xml
    assert round(section.page_width.mm), round(section.page_height.mm) == (210, 297)


def test_a_mark_stands_on_every_page_of_what_is_not_for_publication():
    marked = opened(PAGE, mark="RESTRICTED")
    section = marked.sections[0]
    assert section.header.paragraphs[0].text.startswith("RESTRICTED · ")
    assert section.footer.paragraphs[0].text.startswith("RESTRICTED · ")
    assert marked.core_properties.title == "RESTRICTED: Assessment 2025"


def test_no_control_character_of_a_page_makes_a_document_that_word_cannot_open():
    content = write_word(PAGE.replace("Plain,", "Pl\x0bain\x00 \ud800,"), made=WHEN)
    with zipfile.ZipFile(io.BytesIO(content)) as parts:
        assert parts.testzip() is None
    assert any(text.startswith("Plain ,") for _, text in styled(Document(io.BytesIO(content))))


def test_a_drawing_is_drawn_in_the_colours_of_the_page_without_any_font_of_the_machine():
    from PIL import Image

    picture = Image.open(io.BytesIO(draw_png(SVG))).convert("RGB")
    assert picture.size == (600, 200)
    assert picture.getpixel((100, 150)) == (0x12, 0x43, 0x6D)
    letters = picture.crop((20, 20, 80, 42))
    assert min(sum(pixel) for pixel in letters.get_flattened_data()) < 200  # something is written there


@pytest.mark.slow
@pytest.mark.parametrize("edition", ["2025", "../restricted-reports/2013-14"])
def test_the_report_of_an_edition_loses_no_heading_picture_or_open_table(built, edition):
    page = (built.reports / edition / "index.html").read_text(encoding="utf-8")
    document, soup = opened(page), parse_html(page).soup
    main = soup.find("main")
    headings = [" ".join(item.get_text().split()) for item in main.find_all(["h2", "h3", "h4"])]
    made = [" ".join(text.split()) for style, text in styled(document) if style.startswith("Heading")]
    assert made == headings
    closed = set(map(id, soup.select("details:not([open]) svg, details:not([open]) table, .chart-narrow svg")))
    shown = [item for item in main.find_all("svg") if id(item) not in closed and item.get("aria-hidden") != "true"]
    assert pictures(document) == [item["aria-label"] for item in shown]
    tables = [item for item in main.find_all("table") if id(item) not in closed]
    assert len(document.tables) == len(tables) + len(soup.select(".key-figures"))
    for table in document.tables:
        assert table.rows[0]._tr.find(f".//{qn('w:tblHeader')}") is not None
    assert len(shown) > 10
    assert len(tables) > 10
