"""The language of built pages, by the standard that every text of the project keeps; and that the check finds each fault."""

import pytest

from hcsp_assess.report.glossary import read_glossary
from tests.language import AVERAGE, LONG, LONG_SHARE, Glossary, check_language, read_words, report, sentences, words
from tests.page_text import read_page

EDITIONS = ("2013-14", "2025")
PAGE = """<html><body><header><h1>Report</h1></header><main>
<section id="summary"><h2>Summary</h2>{summary}</section>
<section id="roads"><h2>Road safety</h2>{roads}</section></main></body></html>"""
GLOSSARY = Glossary({"LSOA": ("lower-layer super output area", "small area")}, frozenset({"UK", "PDF"}))


def faults(roads: str = "", summary: str = "") -> dict[str, list[str]]:
    """What is found in a page of two chapters, by rule."""
    found = check_language(PAGE.format(summary=summary, roads=roads), GLOSSARY).offences
    return {rule: [item.why for item in found if item.rule == rule] for rule in {item.rule for item in found}}


@pytest.mark.parametrize(
    ("text", "many"),
    [
        ("Police recorded 4.0% fewer crimes. That is 1,234 fewer.", 2),
        ("Cases rose (e.g. Hereford). No. 12 is closed!", 2),
        ("Nothing of the kind", 1),
        ("It fell; then it rose: why? We do not know.", 2),
    ],
)
def test_a_text_is_split_into_its_sentences(text, many):
    assert len(sentences(text)) == many


def test_numbers_and_joined_words_are_one_word_and_signs_are_none():
    assert words("Police recorded 1,234 crimes – 4.0% fewer (likely range −3% to 5%) in 2012/13.") == 13


@pytest.mark.parametrize(
    ("rule", "text"),
    [
        ("banned", "<p>Nothing came for this chapter.</p>"),
        ("banned", "<p>Whether it changed cannot be told.</p>"),
        ("banned", "<p>The change lies between 3% and 9%.</p>"),
        ("banned", "<p>This was mended since.</p>"),
        ("banned", "<p>It has been seen by nobody.</p>"),
        ("banned", "<h3>The verdict</h3>"),
        ("banned", "<p>Three readings of rural.</p>"),
        ("banned", "<p>No figures are held here.</p>"),
        ("banned", '<table><caption>t</caption><tr><td class="long">Residents are the wrong base</td></tr></table>'),
        ("commands", "<p>Run hcsp-assess fetch first.</p>"),
        ("commands", "<p>Put them in data/raw/residents.</p>"),
        ("commands", "<p>From performance.csv.</p>"),
        ("commands", "<p>See docs/methods.md.</p>"),
        ("commands", "<p>The columns are place_code and place.</p>"),
        ("methods", "<p>A clear change (p = 0.015).</p>"),
        ("methods", "<p>The adjusted p-value is small.</p>"),
        ("methods", "<p>Counts are Poisson.</p>"),
        ("methods", "<p>By the E-test it is not.</p>"),
        ("methods", "<p>Between 3 and 9 (95% interval).</p>"),
        ("methods", "<details><summary>More</summary><p>A z-score of 3.</p></details>"),
        ("numbers", "<p>It fell by -23%.</p>"),
        ("numbers", "<p>A change of –5%.</p>"),
        ("numbers", "<p>Between −17% and +0%.</p>"),
        ("numbers", "<p>None of the 0 series moved.</p>"),
        ("numbers", "<p>We hold 12 of the 12 months.</p>"),
        ("numbers", "<p>There were 1 offences.</p>"),
        ("numbers", "<p>Of them 1 people died.</p>"),
        ("numbers", "<p>There were 12 offence.</p>"),
        ("codes", "<p>Most is in Herefordshire 012C.</p>"),
        ("codes", "<p>Most is in E01014031.</p>"),
        ("question", "<p>Is it rising?</p>"),
        (
            "titles",
            '<figure><figcaption><strong class="chart-title">9 series by quarter</strong></figcaption></figure>',
        ),
        ("simulated", '<p>It rose. <span class="simulated">Simulated data</span></p><p>Simulated data</p>'),
        ("abbreviations", "<p>There are 116 LSOAs.</p><p>An LSOA is a small area.</p>"),
        ("abbreviations", "<p>The QQQ met.</p>"),
        ("repeated", "<p>Quarters are those of financial years.</p>" * 4),
        ("repeated", "<p>That difference is too small to be sure of.</p>" * 5),
        ("long", f"<p>{'word ' * LONG} ends.</p>"),
    ],
)
def test_each_kind_of_fault_is_found_once_in_the_chapter_that_has_it(rule, text):
    found = faults(roads=text)
    assert list(found) == [rule]
    assert found[rule]


def test_a_long_sentence_in_the_summary_is_a_fault_of_its_own():
    assert list(faults(summary=f"<p>{'word ' * LONG} ends.</p>")) == ["long in the summary"]
    assert faults(summary=f"<p>{'word ' * (LONG - 1)} ends.</p>") == {}


@pytest.mark.parametrize(
    "text",
    [
        "<p>Police recorded 8,783 incidents in 2011–12, 4.0% (375) fewer than the year before: between −9% and +3%.</p>",
        "<p>A rate of 1 in 10; 1 person died; 21 people were hurt; 1 of 21 offences; 0.1 offences a day.</p>",
        "<p>There are 116 small areas (lower-layer super output areas, LSOAs). An LSOA has 1,500 residents.</p>",
        "<p>The strategy says: “No data is currently available to HCSP in docs/x.csv”.</p>",
        "<p>Results are based on 12 months, 18-month averages and a 5 year-old survey in the UK.</p>",
        '<details class="method"><summary>Method</summary><p>E-test, p = 0.015, 95% interval.</p></details>',
        '<figure><figcaption><strong class="chart-title">Shoplifting rose</strong> '
        '<span class="chart-subtitle">Offences a month, 2008 to 2012</span></figcaption><svg><text>None -5</text></svg></figure>',
        '<table><caption>Rank</caption><tr><th scope="row">Robbery</th><td>21 of 21</td></tr></table>',
        "<h3>How sure are we?</h3><p>Two methods agree, so we say it.</p>",
    ],
)
def test_plain_text_has_no_fault(text):
    assert faults(roads=text) == {}


def test_closed_panels_are_not_counted_and_chapters_are_kept_apart():
    page = PAGE.format(summary="<p>One two three.</p>", roads="<details><summary>Data</summary><p>Four.</p></details>")
    found = check_language(page, GLOSSARY)
    assert [(each.key, each.words) for each in found.chapters] == [("page", 1), ("summary", 4), ("roads", 3)]
    assert [piece.shown for piece in read_page(page)[2].pieces] == ["open", "open", "closed"]


def test_what_is_printed_names_each_fault_under_its_chapter():
    page = PAGE.format(summary="", roads="<p>Nobody knows.</p>")
    text = report(check_language(page, GLOSSARY))
    assert "## roads\n[banned] 'Nobody', we do not have / we cannot: Nobody knows." in text


def test_the_glossary_explains_each_abbreviation_once_in_plain_sentences():
    terms = read_glossary()
    assert len({term.term for term in terms}) == len(terms)
    assert {"MARAC", "IOM", "MATAC", "LSOA", "KSI", "A&E"} <= {term.term for term in terms}
    for term in terms:
        assert term.meaning.endswith("."), term
        assert max(words(each) for each in sentences(term.meaning)) <= LONG, term
    assert not read_words().everyday & {term.term for term in terms}


@pytest.fixture(scope="module")
def checked(built):
    """Both pages, read once."""
    return {edition: check_language(built.reports / edition / "index.html") for edition in EDITIONS}


@pytest.mark.parametrize("edition", EDITIONS)
def test_sentences_of_a_report_are_short(checked, edition):
    found = checked[edition]
    assert found.of("long in the summary") == []
    others = found.elsewhere()
    assert others.long <= LONG_SHARE * len(others.lengths), "\n".join(found.of("long"))
    assert others.average <= AVERAGE


@pytest.mark.parametrize("edition", EDITIONS)
@pytest.mark.parametrize(
    "rule",
    [
        "banned",
        "commands",
        "methods",
        "numbers",
        "question",
        "codes",
        "titles",
        "simulated",
        "abbreviations",
        "repeated",
    ],
)
def test_a_report_keeps_to_the_rules_of_language(checked, edition, rule):
    found = checked[edition].of(rule)
    assert not found, f"{len(found)} places:\n" + "\n".join(found)
