"""A chapter as a section of the page: one mark of simulated data, one closed panel of methods, links that lead out."""

import pandas as pd
from bs4 import BeautifulSoup

from hcsp_assess.assessment.findings import Finding, FindingSource
from hcsp_assess.report.chapter_html import Chapter
from hcsp_assess.report.glossary import read_glossary, terms_in
from hcsp_assess.report.html import parse_html
from hcsp_assess.report.sections import ALL_SIMULATED, AS_PUBLISHED, PARTLY_SIMULATED, SOME_SIMULATED, make_section
from hcsp_assess.report.tables import Table
from hcsp_assess.report.workbook import read_tables


def _finding(sentence: str, *, simulated: bool, **more) -> Finding:
    return Finding("key", sentence, {"count": 3}, simulated=simulated, **more)


def _section(*shown) -> BeautifulSoup:
    html = "<h1>Domestic abuse</h1>" + "".join(item._repr_html_() for item in shown)
    return BeautifulSoup(str(make_section(Chapter("domestic_abuse", html, {}, ())).html), "html.parser")


def _table(key: str, *, simulated: bool) -> Table:
    return Table(pd.DataFrame({"Month": ["May"], "Calls": [3]}), f"Calls, {key}", key, simulated=simulated)


def test_simulated_data_are_marked_once_a_chapter():
    soup = _section(
        _finding("3 calls.", simulated=True), _finding("4 calls.", simulated=True), _table("a", simulated=True)
    )
    assert [mark.text for mark in soup.select(".simulated")] == [ALL_SIMULATED]
    assert soup.h2.find_next_sibling().text == ALL_SIMULATED
    assert "Simulated data" not in soup.select_one(".finding").text


def test_real_figures_among_simulated_ones_are_marked_as_published():
    words = Finding("words", "There is no national definition.")
    source = (FindingSource("The strategy"),)
    soup = _section(
        words,
        _finding("3 calls.", simulated=True),
        _finding("36%.", simulated=False, sources=source),
        _table("a", simulated=False),
    )
    assert soup.select_one(".simulated").text == SOME_SIMULATED
    assert [mark.parent.get("class") for mark in soup.select(".as-published")] == [
        ["finding", "of-figures"],
        ["table-scroll"],
    ]
    assert soup.select_one(".as-published").text == AS_PUBLISHED


def test_a_chapter_of_words_with_one_simulated_figure_says_that_some_are():
    words = Table(pd.DataFrame({"Action": ["Agree"], "Status": ["done"]}), "Actions", "actions")
    soup = _section(_finding("3 calls.", simulated=True), words)
    assert soup.select_one(".simulated").text == PARTLY_SIMULATED
    assert not soup.select(".as-published")


def test_real_chapters_carry_no_mark():
    soup = _section(_finding("3 calls.", simulated=False), _table("a", simulated=False))
    assert not soup.select(".simulated, .as-published")


def test_the_spreadsheet_still_knows_which_tables_are_simulated():
    section = _section(_table("made-up", simulated=True), _table("real", simulated=False))
    assert [table.simulated for table in read_tables(parse_html(str(section)))] == [True, False]


def test_methods_and_sources_are_in_one_closed_panel_each_text_once():
    source = (FindingSource("Returns of the council", "calls.csv", "ab" * 32),)
    soup = _section(
        _finding("Calls rose.", simulated=False, method="E-test.", sources=source),
        _finding("Cases fell.", simulated=False, method="E-test.", sources=source),
    )
    panels = soup.select("details.method")
    assert [panel.summary.text for panel in panels] == ["Method and sources: Domestic abuse"]
    assert not panels[0].has_attr("open")
    assert [line.text for line in panels[0].find_all("p")] == [
        "Calls rose. E-test.",
        "Source: Returns of the council (calls.csv, SHA-256 abababababab…)",
        "Cases fell. E-test.",
    ]
    assert not soup.select(".finding .method, .finding .finding-source")


def test_a_finding_keeps_only_links_that_lead_out_of_its_chapter():
    links = {"chart": "#elsewhere", "table": "#a", "data": "#provenance"}
    soup = _section(_finding("3 calls.", simulated=False, links=links), _table("a", simulated=False))
    assert [link["href"] for link in soup.select(".finding-links a")] == ["#elsewhere"]
    inside = _section(_finding("3 calls.", simulated=False, links={"table": "#a"}), _table("a", simulated=False))
    assert not inside.select(".finding-links")


def test_the_glossary_holds_the_terms_of_the_page_alone():
    assert [item.term for item in terms_in("Heard at MARAC; not SMARACS.")] == ["MARAC"]
    for item in read_glossary():
        assert item.words and item.meaning.endswith("."), item.term
