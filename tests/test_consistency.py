"""A report whose findings contradict each other, its tables or its links is refused: each kind, planted."""

import shutil
from dataclasses import replace

import nbformat
import pytest
from conftest import call, said, write_street_file

from hcsp_assess.assessment.consistency import find_contradictions, numbers_without_evidence, span_of
from hcsp_assess.assessment.findings import Finding
from hcsp_assess.assessment.measures import measure_of, read_measures, with_measure
from hcsp_assess.assessment.wording.reconciled import say_longer_run, say_official
from hcsp_assess.edition.findings import EditionFindings
from hcsp_assess.periods import parse_span
from hcsp_assess.report.html import parse_html
from hcsp_assess.report.page_findings import (
    broken_promises,
    cells_that_differ,
    chapters_that_say,
    missing_links,
    page_text,
)
from hcsp_assess.run.gate import refusal

YEAR, QUARTERS = parse_span("2012"), parse_span("2012-04 to 2012-12")


def finding(key, sentence, span=YEAR, **fields):
    evidence = fields.pop("evidence", {})
    return with_measure(Finding(key, sentence, evidence, **fields), "Herefordshire", span)


#: What version 1 printed: 24 against 44 called real in one chapter, simulated in another, doubtful and "no clear change".
KSI = finding(
    "performance_killed_or_seriously_injured",
    "24 people were killed or seriously injured, 20 fewer than a year earlier (44).",
    QUARTERS,
    evidence={"value": 24.0, "value_before": 44.0, "difference": 20},
    direction="no clear change",
)
SAME = replace(KSI, key="road_ksi", evidence={"now": 24, "before": 44, "difference": 20})


def kinds(*findings, shown=None):
    return [each.kind for each in find_contradictions(findings, shown)]


def test_the_same_figure_word_and_label_in_two_chapters_is_no_contradiction():
    assert kinds(KSI, SAME) == []


@pytest.mark.parametrize(
    ("other", "kind"),
    [
        (replace(SAME, evidence={"now": 26, "before": 44}), "value"),
        (replace(SAME, evidence={"now": 24, "before": 46}), "value"),
        (replace(SAME, direction="falling"), "word for the change"),
        (replace(SAME, direction="cannot tell"), "word for the change"),
        (replace(SAME, simulated=True), "label"),
    ],
)
def test_another_figure_word_or_label_for_the_same_months_is_one(other, kind):
    assert kinds(KSI, other) == [kind]


def test_other_areas_other_months_and_other_measures_are_not_compared():
    other = replace(SAME, evidence={"now": 90, "before": 10}, direction="rising", simulated=True)
    assert kinds(KSI, replace(other, population="Shropshire")) == []
    assert kinds(KSI, replace(other, period="January 2009 to December 2009")) == []
    assert kinds(KSI, with_measure(replace(other, key="road_slight"), "Herefordshire", QUARTERS)) == []


def test_two_totals_of_anti_social_behaviour_of_overlapping_months_are_a_contradiction():
    street = finding("level_anti_social_behaviour", "Anti-social behaviour: 8,783 incidents.", evidence={"count": 8783})
    sent = finding("police_asb", "Anti-social behaviour: 475 incidents.", QUARTERS, evidence={"now": 475})
    assert kinds(street, sent) == ["value"]
    assert kinds(street, replace(sent, evidence={"now": 7014})) == []  # nine months of as many a month


def test_percentages_of_overlapping_months_may_differ_by_a_few_points_and_of_the_same_months_not_at_all():
    one = finding("performance_marac_repeats", "36%.", parse_span("Q3 12/13"), evidence={"value": 36.0})
    year = finding("marac_repeats", "42%.", QUARTERS, evidence={"percent": 42.0, "whole": 160})
    assert kinds(one, year) == ["value"]
    assert kinds(one, replace(year, evidence={"percent": 40.0, "whole": 160})) == []
    assert kinds(one, replace(year, period=one.period, evidence={"percent": 37.0, "whole": 160})) == ["value"]


def test_a_figure_rounded_to_be_published_agrees_with_the_exact_one():
    assert kinds(replace(KSI, evidence={"value": 162.0}), replace(SAME, evidence={"now": 160})) == []
    assert kinds(replace(KSI, evidence={"value": 163.0}), replace(SAME, evidence={"now": 160})) == ["value"]


LEVEL = finding(
    "level_total_recorded_crime",
    "Total recorded crime: 9,188 offences, no clear change on the year before (9,436).",
    evidence={"count": 9188, "count_before": 9436, "low": -8.6, "high": 3.7},
    simulated=True,
)
TREND = finding(
    "recorded_crime",
    "Total recorded crime fell by about 3.9% a year.",
    evidence={"last_12_total": 9188, "previous_12_total": 9436, "long_run_percent": -3.9},
    direction="falling",
    simulated=True,
)


def test_no_clear_change_beside_falling_needs_a_sentence_that_names_both():
    assert kinds(LEVEL, TREND) == ["word for the change"]
    said = replace(LEVEL, caveats=("Over the longer run it fell, by about 3.9% a year.",), reconciles=(TREND.key,))
    assert kinds(said, TREND) == []
    assert kinds(replace(said, caveats=()), TREND) == ["word for the change"]  # it names nothing
    assert kinds(replace(said, reconciles=()), TREND) == ["word for the change"]  # it does not say that it explains it


def test_a_sentence_that_is_not_on_the_page_reconciles_nothing():
    said = replace(LEVEL, caveats=("Over the longer run it fell.",), reconciles=(TREND.key,))
    assert kinds(said, TREND, shown="The year was 2012. Over the longer run it fell. Chart") == []
    assert kinds(said, TREND, shown="The year was 2012. Chart") == ["word for the change"]


def test_a_third_finding_may_reconcile_two_and_must_name_both():
    published = finding(
        "performance_recorded_crime", "7,000.", QUARTERS, evidence={"value": 7000.0}, direction="no clear change"
    )
    said = replace(
        LEVEL,
        caveats=("Over the longer run it fell.", "The published figure for April to December 2012 is 7,000."),
        reconciles=(TREND.key, published.key),
    )
    assert kinds(said, TREND, published) == []
    assert set(kinds(replace(said, caveats=said.caveats[:1]), TREND, published)) == {"label"}


def test_the_message_says_which_findings_where_what_each_says_and_what_to_do():
    (found,) = find_contradictions([KSI, replace(SAME, simulated=True)])
    message = found.message({KSI.key: ["Performance overview"], "road_ksi": ["Road safety"]})
    assert message == (
        "two findings on people killed or seriously injured on the roads give a different label. "
        "performance_killed_or_seriously_injured in Performance overview: “24 people were killed or seriously injured, "
        "20 fewer than a year earlier (44).” (real). "
        "road_ksi in Road safety: “24 people were killed or seriously injured, 20 fewer than a year earlier (44).” "
        "(simulated). Correct one, or let the sentence of one say why they differ and name road_ksi in its `reconciles`."
    )
    assert refusal([message] * 7).endswith("\n… and 2 more.")


@pytest.mark.parametrize(
    ("sentence", "evidence", "unknown"),
    [
        ("24 people in Q1 12/13 to Q2 12/13, 20 fewer than in 2011/12.", {"value": 24.0}, ["20"]),
        ("A fall of 4.3% since 2008, to 7,000 on 18 January 2013.", {"p": -4.28, "n": 7000}, []),
        ("Admissions of under-18s: 47%.", {"percent": 46.2}, ["47"]),
        ("The strategy says: “over 3 years”.", {}, []),
        ("The target is 9501.", {"target": "Maintain level of 9501"}, []),
    ],
)
def test_a_number_in_a_sentence_is_in_its_evidence(sentence, evidence, unknown):
    assert numbers_without_evidence(Finding("x", sentence, evidence)) == unknown


def test_a_number_in_the_name_of_an_area_is_no_figure():
    sentence = "Police recorded 12 crimes in Area 51, 3 fewer."
    assert numbers_without_evidence(Finding("x", sentence, {"count": 12}, population="Area 51")) == ["3"]


PAGE = """<main><section id="summary"><h2>Summary</h2><p>{promise}</p>
<div class="finding"><p class="headline">{sentence}</p><p class="finding-links">{link}</p></div></section>
<section id="roads"><h2>Road safety</h2><figure id="roads-chart">{chart}</figure>
<table id="roads-table"><tbody><tr><th>People killed or seriously injured on the roads</th><td>{a}</td><td>{b}</td>
<td>14</td><td>10</td></tr><tr><th>People killed</th><td>24</td></tr></tbody></table></section></main>"""


def page(**parts):
    given = {"promise": "", "sentence": KSI.sentence, "link": "", "chart": "<svg><path/></svg>", "a": "26", "b": "18"}
    return parse_html(PAGE.format(**given | parts))


LINKED = KSI.traced(links={"chart": "#roads-chart", "table": "#roads-table"})


def test_a_figure_that_its_table_does_not_have_is_found_and_sums_of_quarters_are_not():
    assert cells_that_differ([LINKED], page()) == []  # 24 = 14 + 10, 44 = 26 + 18
    (problem,) = cells_that_differ([LINKED], page(a="27"))
    assert problem == (f"finding {KSI.key} (“{KSI.sentence}”) says 44, and its table '#roads-table' has 27, 18, 14, 10")


def test_47_per_cent_in_the_text_and_46_in_the_table_is_found():
    said = replace(LINKED, sentence="People killed: 47% of 100.", evidence={"percent": 47.0, "whole": 100})
    assert cells_that_differ([said], page(a="46%", b="45%"))
    assert cells_that_differ([said], page(a="47%", b="45%")) == []
    assert cells_that_differ([replace(said, evidence={"percent": 46.6, "whole": 100})], page(a="47%", b="46.1%")) == []
    assert cells_that_differ([replace(said, measure="People killed on railways")], page(a="46%")) == []  # no such row


def test_a_link_that_leads_nowhere_or_to_no_chart_is_found():
    assert missing_links([LINKED], page()) == []
    (problem,) = missing_links([LINKED], page(chart="<p>No figure was received.</p>"))
    assert "links to a chart at '#roads-chart', where no chart is drawn" in problem
    (problem,) = missing_links([LINKED.traced(links={"chart": "#fires-chart"})], page())
    assert "links to its chart '#fires-chart', which is not on the page" in problem
    assert missing_links([LINKED.traced(links={"data": "counts.csv.gz"})], page()) == []


def test_each_answer_leads_to_its_chart_only_where_each_does():
    promise = "Each answer leads to its chart and its figures."
    assert broken_promises(page(promise=promise, link='<a href="#roads-chart">Chart</a>')) == []
    (problem,) = broken_promises(page(promise=promise))
    assert problem.startswith("chapter 'summary' says that each finding leads to its chart, and 1 of 1 do not")
    assert broken_promises(page()) == []


def test_the_chapters_that_print_a_sentence_are_named():
    assert chapters_that_say([KSI, TREND], page()) == {KSI.key: ["Summary"], TREND.key: []}
    assert KSI.sentence in page_text(page())


def test_months_are_read_from_the_words_in_which_they_are_written():
    for span in (YEAR, QUARTERS, parse_span("2012-05 to 2012-05")):
        assert span_of(span.words) == span
    assert span_of("") is None
    assert span_of("the year to June") is None


def test_each_measure_has_a_title_and_at_most_one_indicator():
    for measure in read_measures():
        assert measure.title == measure.title.strip() and measure.findings
        assert sum(key.startswith("performance_") for key in measure.findings) <= 1
    assert measure_of("rural_crime").population == "rural areas"
    assert with_measure(Finding("rural_crime", "x"), "Herefordshire", None).population == "rural areas of Herefordshire"


@pytest.mark.parametrize("word", ["rising", "falling", "stable", "no clear change", "cannot tell"])
def test_the_sentence_beside_a_level_names_the_word_of_its_trend(word):
    evidence = {"long_run_percent": 4.0 if word == "rising" else -4.0}
    trend = replace(TREND, direction=word, evidence=evidence)
    level = replace(LEVEL, caveats=(say_longer_run(trend),), reconciles=(trend.key,))
    assert kinds(level, trend) == []


def test_the_sentence_beside_a_level_names_the_word_of_the_official_count():
    official = finding("official_level", "9,659.", evidence={"count": 9659, "percent": -13.3}, direction="falling")
    level = replace(
        LEVEL, simulated=False, caveats=(say_official(official, "the year"),), reconciles=("official_level",)
    )
    assert kinds(replace(level, caveats=()), replace(official, evidence={})) == ["word for the change"]
    assert "word for the change" not in kinds(level, official)


def test_publishing_refuses_a_contradiction_with_a_clear_message_and_leaves_the_last_report(tiny_project, monkeypatch):
    write_street_file(tiny_project / "data" / "raw" / "police_uk", "2024-01")
    monkeypatch.setattr(EditionFindings, "everything", [KSI, replace(SAME, simulated=True)])
    notebook = nbformat.read(tiny_project / "notebooks" / "tiny.ipynb", as_version=4)
    assert call("run", "tiny", "--quiet").exit_code == 0  # neither is on the page
    shutil.rmtree(tiny_project / "reports" / "tiny")
    notebook.cells.append(nbformat.v4.new_markdown_cell(KSI.sentence))
    nbformat.write(notebook, tiny_project / "notebooks" / "tiny.ipynb")
    result = call("run", "tiny", "--quiet")
    assert result.exit_code == 1
    text = said(result)
    assert "the report contradicts itself, so it was not published; the last one is as it was." in text
    assert "1. two findings on people killed or seriously injured on the roads give a different label." in text
    assert "Traceback" not in text
    assert not (tiny_project / "reports" / "tiny").exists()
