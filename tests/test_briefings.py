"""Briefings of two pages, of a quarter, and pages of wards: the figures of the report, and plain counts beside them."""

import io
import re

import pandas as pd
import pytest
from conftest import call, said
from docx import Document
from docx.oxml.ns import qn
from in_browser import CHROMIUM, FLAGS

from hcsp_assess.assessment.levels import find_levels
from hcsp_assess.assessment.wording.briefing import describe_quarter, describe_unusual_months, describe_ward
from hcsp_assess.chapters.briefing import brief_quarter
from hcsp_assess.chapters.ward_page import brief_ward
from hcsp_assess.edition.findings import edition_findings
from hcsp_assess.edition.opened import open_edition
from hcsp_assess.edition.quarter import open_quarter
from hcsp_assess.errors import InputError
from hcsp_assess.periods import parse_calendar_quarter
from hcsp_assess.report.briefing_page import MOST_PAGES, briefing_page, print_briefing
from hcsp_assess.report.html import parse_html
from hcsp_assess.report.pages import find_problems
from hcsp_assess.report.pdf import count_pages, find_browser
from hcsp_assess.report.word import write_word
from hcsp_assess.subject.areas import area
from hcsp_assess.trends.exceedance import find_exceedances

EDITIONS = ("2013-14", "2025")
TEXTS = {"published": "2026-01-01", "published_text": "1 January 2026", "contact": "The partnership"}


def published(built, edition):
    """The briefing that a run published, as it is linked from the report."""
    report = parse_html((built.reports / edition / "index.html").read_text(encoding="utf-8")).soup
    (link,) = [item["href"] for item in report.select("a[href$='briefing.html']")]
    return (built.reports / edition / link).read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def pages(built):
    """Every kind of page by name: as published by a run, a quarter of each edition, a ward and a town."""
    found = {f"year {edition}": published(built, edition) for edition in EDITIONS}
    for edition, quarter in (("2025", "2025 Q1"), ("2025", "2025 Q3"), ("2013-14", "2012 Q3")):
        opened = open_edition(edition, built)
        counts = open_quarter(opened, parse_calendar_quarter(quarter))
        found[f"quarter {quarter}"] = briefing_page(brief_quarter(edition_findings(opened), counts), **TEXTS)
    found["ward"] = briefing_page(brief_ward(open_edition("2025", built), "central ward"), **TEXTS)
    found["town"] = briefing_page(brief_ward(open_edition("2013-14", built), "Leominster"), **TEXTS)
    return found


@pytest.fixture(scope="module")
def plain(built):
    """Records of the area by month, ward and crime type, from the counts that are published beside the report."""
    report = parse_html((built.reports / "2025" / "index.html").read_text(encoding="utf-8")).soup
    (link,) = report.select("a[href$='/counts.csv.gz']")
    counts, here = pd.read_csv(built.reports / "2025" / link["href"]), area("herefordshire")
    wards = {small.code: small.ward_name for small in here.small_areas}
    counts["ward"] = counts["lsoa_code"].map(here.folds).map(wards)
    counts = counts[counts["ward"].notna() & (counts["force"] == "west-mercia")]
    return counts.assign(crime=counts["crime_type"] != "Anti-social behaviour")


def texts(page):
    return [" ".join(item.get_text().split()) for item in parse_html(page).soup.select(".finding .headline")]


def number(text):
    return int(re.search(r"[\d,]+", text)[0].replace(",", ""))


def rows_of(page, key):
    table = parse_html(page).soup.find("table", id=key)
    return {
        row.find("th").get_text(): [cell.get_text() for cell in row.find_all("td")] for row in table.select("tbody tr")
    }


def test_each_page_is_fit_to_publish_and_asks_for_nothing(pages):
    for name, page in pages.items():
        assert find_problems(parse_html(page)) == [], name


@pytest.mark.parametrize("edition", EDITIONS)
def test_every_sentence_and_key_figure_of_a_briefing_is_in_the_summary_of_its_report(built, pages, edition):
    report = parse_html((built.reports / edition / "index.html").read_text(encoding="utf-8")).soup
    summary = " ".join(report.find(id="summary").get_text(" ").split())
    said_here = texts(pages[f"year {edition}"])
    assert len(said_here) > 8
    for sentence in said_here:
        assert sentence in summary
    brief = parse_html(pages[f"year {edition}"]).soup
    for part in ("name", "number", "change", "certainty"):
        cards = [
            [" ".join(item.get_text().split()) for item in each.select(f".key-{part}")] for each in (brief, report)
        ]
        assert cards[0] == cards[1]
        assert len(cards[0]) == 6


def test_a_quarter_is_what_plain_sums_of_the_counts_give(pages, plain):
    quarter = plain[plain["month"].isin(["2025-01", "2025-02", "2025-03"])]
    before = plain[plain["month"].isin(["2024-01", "2024-02", "2024-03"])]
    page = pages["quarter 2025 Q1"]
    now, then = (int(each.loc[each["crime"], "count"].sum()) for each in (quarter, before))
    lead = texts(page)[0]
    assert lead.startswith(f"Police recorded {now:,} crimes in Herefordshire from January to March 2025.")
    assert f"{abs(now - then):,} {'more' if now > then else 'fewer'}" in lead
    assert f"({then:,})" in lead
    table = rows_of(page, "quarter-types")
    for label in (
        "Violence and sexual offences",
        "Shoplifting",
        "Burglary",
        "Drugs",
        "Robbery",
        "Criminal damage and arson",
    ):
        sums = [int(each.loc[each["crime_type"] == label, "count"].sum()) for each in (quarter, before)]
        assert [number(text) for text in table[label][:2]] == sums, label
    every = [number(cells[0]) for name, cells in table.items() if name != "Total recorded crime"]
    assert sum(every) == number(table["Total recorded crime"][0]) == now
    wards = quarter[quarter["crime"]].groupby("ward")["count"].sum().sort_values(ascending=False)
    (where,) = [text for text in texts(page) if text.startswith("The wards with most")]
    assert f"{wards.index[0]} ({wards.iloc[0]:,})" in where


def test_a_quarter_that_cannot_be_compared_says_so_and_calls_nothing_unusual(pages):
    page = pages["quarter 2025 Q3"]
    assert "We do not hold the same months of 2024, so they cannot be compared." in texts(page)[0]
    assert "We hold too few months of earlier years to say what is usual for the season." in texts(page)
    assert parse_html(page).soup.select("#quarter-types th[scope=col]")[-1].get_text() == "July to September 2025"
    assert {item.get_text(strip=True) for item in parse_html(page).soup.select(".key-certainty")} == {
        "–Change not tested"
    }


def test_a_quarter_of_the_demonstration_shows_indicators_as_the_strategy_published_them(pages):
    published_figures = rows_of(pages["quarter 2012 Q3"], "quarter-indicators")
    assert published_figures["Repeat cases of domestic abuse at MARAC"] == ["42%", "39%"]
    assert published_figures["People killed or seriously injured on the roads"] == ["10", "18"]
    assert published_figures["Total recorded crime"] == ["2,372", "2,553"]
    assert "Simulated data" in parse_html(pages["quarter 2012 Q3"]).soup.select_one(".banner").get_text()


def test_no_quarter_that_is_not_held_is_made_and_those_held_are_named(built):
    with pytest.raises(
        InputError,
        match=r"^no month of January 2026 to March 2026 is held\. Quarters held, whole or in part: 2014 Q1 to 2014 Q4, "
        r"2018 Q1, 2018 Q4 to 2019 Q1, 2021 Q1 to 2022 Q1, 2024 Q1 to 2024 Q2, 2025 Q1 to 2025 Q4$",
    ):
        open_quarter(open_edition("2025", built), parse_calendar_quarter("2026 Q1"))


def test_a_quarter_held_in_part_says_which_months_and_compares_those(built):
    opened = open_edition("2025", built)
    counts = open_quarter(opened, parse_calendar_quarter("2024 Q2"))
    page = briefing_page(brief_quarter(edition_findings(opened), counts), **TEXTS)
    assert "Only April 2024 is held of this quarter (1 of 3 months)." in texts(page)
    assert "in the one month held." in texts(page)[0]


def test_a_ward_is_what_plain_sums_of_the_counts_give(pages, plain):
    year = plain[plain["month"].str.startswith("2025")]
    mine, crimes = year[year["ward"] == "Central"], year[year["crime"]]
    total = int(mine.loc[mine["crime"], "count"].sum())
    by_ward = crimes.groupby("ward")["count"].sum().sort_values(ascending=False)
    assert by_ward.index[0] == "Central"
    share = round(100 * total / int(crimes["count"].sum()))
    page = pages["ward"]
    assert texts(page)[0] == (
        f"Police recorded {total:,} crimes in Central ward in 2025. That is {share}% of all crime recorded in "
        f"Herefordshire, the most of the {len(by_ward)} wards."
    )
    types = rows_of(page, "ward-types")
    assert sum(number(cells[0]) for cells in types.values()) == total
    for label in ("Shoplifting", "Drugs", "Burglary"):
        assert number(types[label][0]) == int(mine.loc[mine["crime_type"] == label, "count"].sum())
    behaviour = int(mine.loc[~mine["crime"], "count"].sum())
    assert number(rows_of(page, "ward-figures")["Incidents of anti-social behaviour"][0]) == behaviour


def test_the_page_of_a_town_rests_on_police_records_alone(pages):
    text = parse_html(pages["town"]).soup.get_text(" ")
    assert "market towns" in text
    for partner in ("MARAC", "Returns of partners", "admissions", "[c]"):
        assert partner not in text


def test_a_ward_that_is_not_there_is_refused_with_the_nearest_name_and_nothing_is_worked_out(tmp_path):
    project = tmp_path / "project"
    for name in ("notebooks", "data/raw", "editions"):
        (project / name).mkdir(parents=True)
    result = call("brief", "2025", "--ward", "Centrel", "--project", project)
    assert (result.exit_code, said(result)) == (
        1,
        "hcsp-assess: there is no ward or town 'Centrel' in Herefordshire. Did you mean Central?",
    )
    assert not (project / "data" / "processed").exists()
    for arguments, code, message in (
        (("2031",), 2, "hcsp-assess: there is no edition '2031'"),
        (
            ("2025", "--quarter", "Q9"),
            1,
            "hcsp-assess: 'Q9' is not a quarter: write 2025 Q3 for July to September 2025",
        ),
        (("2025", "--format", "htm"), 2, "hcsp-assess: no format 'htm': choose from html, pdf, docx"),
        (
            ("2025", "--town", "Kington", "--quarter", "2025 Q1"),
            2,
            "hcsp-assess: choose either --quarter, or --ward or",
        ),
    ):
        result = call("brief", *arguments, "--project", project)
        assert result.exit_code == code
        assert said(result).startswith(message)


@pytest.mark.slow
def test_the_command_writes_the_formats_asked_for_where_no_run_replaces_them(built, monkeypatch):
    monkeypatch.setenv("HCSP_ASSESS_BROWSER", "none")
    monkeypatch.delenv("HCSP_ASSESS_WORD", raising=False)
    result = call("brief", "2025", "--ward", "Bircher", "--format", "docx,html", "--project", built.root)
    assert result.exit_code == 0, result.output
    folder = built.reports / "briefings" / "2025"
    assert sorted(path.name for path in folder.glob("bircher*")) == ["bircher-ward.docx", "bircher-ward.html"]
    page = (folder / "bircher-ward.html").read_text(encoding="utf-8")
    (link,) = parse_html(page).soup.select("a[href$='index.html']")
    assert (folder / link["href"]).resolve() == (built.reports / "2025" / "index.html").resolve()
    index = (built.reports / "index.html").read_text(encoding="utf-8")
    assert "briefings" not in index


def test_words_of_a_quarter_follow_its_numbers():
    months = pd.period_range("2023-01", "2025-03", freq="M")
    crime = pd.DataFrame({"Crime": pd.Series([100] * 24 + [130, 130, 130], index=months)})
    span = parse_calendar_quarter("2025 Q1")
    (level,) = find_levels(crime, span)
    told = describe_quarter("Anytown", level, span, clear=True, unit="crimes")
    assert told.sentence == (
        "Police recorded 390 crimes in Anytown from January to March 2025. That is 90 more (30%) than in the same "
        "months of 2024 (300)."
    )
    assert (told.direction, told.certainty) == ("rising", "That is more than the usual ups and downs.")
    assert describe_quarter("Anytown", level, span, clear=False, unit="crimes").direction == "no clear change"
    planted = pd.Series([20] * 60 + [60], index=pd.period_range("2020-01", periods=61, freq="M"))
    unusual = describe_unusual_months({"Burglary": find_exceedances(planted)}, 1)
    assert re.fullmatch(
        r"Unusually high for the season: burglary in January \(60; usually up to \d\d\)\.", unusual.sentence
    )
    figures = {"crimes": 1, "share": 0.4, "rank": 22, "of": 53}
    assert describe_ward("Backbury ward", "Anyshire", figures, "2025", kind="ward").sentence == (
        "Police recorded 1 crime in Backbury ward in 2025. That is 0.4% of all crime recorded in Anyshire, the 22nd "
        "highest of the 53 wards."
    )


@pytest.mark.parametrize(
    ("text", "first"), [("2025 Q3", "2025-07"), ("Q3 2025", "2025-07"), ("2025q1", "2025-01"), ("Q2 25/26", "2025-07")]
)
def test_a_quarter_is_read_as_people_write_it(text, first):
    span = parse_calendar_quarter(text)
    assert (str(span.first), len(span.months)) == (first, 3)


@pytest.mark.parametrize("text", ["2025", "2025 Q5", "Q0 2025", "summer", "2025-07"])
def test_what_is_no_quarter_is_refused(text):
    with pytest.raises(
        InputError, match=r"is not a quarter: write 2025 Q3 for July to September 2025, or Q2 25/26 for"
    ):
        parse_calendar_quarter(text)


def test_word_versions_have_headings_tables_and_pictures_of_their_pages(pages):
    for name, page in pages.items():
        document = Document(io.BytesIO(write_word(page, contents=False)))
        main = parse_html(page).soup.find("main")
        headings = [item.text for item in document.paragraphs if item.style.name == "Heading 1"]
        assert headings == [item.get_text() for item in main.find_all("h2")], name
        pictures = [item.get("descr") for item in document.element.body.iter(qn("wp:docPr"))]
        bars, maps = len(main.select("svg.key-chart")), len(main.select(".chart-wide svg"))
        assert len(pictures) == bars + maps, name
        assert all(len(text) > 15 for text in pictures), name
        assert len(document.tables) == len(main.select("table:not(details table)")) + len(main.select(".key-figures"))
        assert all(table.rows[0]._tr.find(f".//{qn('w:tblHeader')}") is not None for table in document.tables)


@pytest.mark.skipif(find_browser() is None, reason="no browser of the Chromium family is installed")
def test_in_print_no_page_takes_more_than_two_sides(pages):
    for name, page in pages.items():
        assert 1 <= count_pages(print_briefing(page, find_browser())) <= MOST_PAGES, name


@pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed: apt-get install chromium")
def test_pages_pass_axe_fetch_nothing_and_never_scroll_sideways(pages, tmp_path):
    from axe_playwright_python.sync_playwright import Axe
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        for number, name in enumerate(("year 2025", "quarter 2012 Q3", "ward")):
            (tmp_path / f"{number}.html").write_text(pages[name], encoding="utf-8")
            for width, scheme in ((1280, "light"), (320, "dark")):
                context = chromium.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme)
                page, asked, errors = context.new_page(), [], []
                page.on("request", lambda request, asked=asked: asked.append(request.url))
                page.on("pageerror", lambda error, errors=errors: errors.append(str(error)))
                page.goto((tmp_path / f"{number}.html").as_uri())
                assert page.evaluate("document.documentElement.scrollWidth") <= width, (name, width)
                page.evaluate("document.querySelectorAll('details').forEach(part => part.open = true)")
                found = Axe().run(page).response
                problems = {
                    rule["id"]: [node["html"][:160] for node in rule["nodes"][:3]] for rule in found["violations"]
                }
                assert problems == {}, (name, width)
                assert ([url for url in asked if not url.startswith("file:")], errors) == ([], [])
                context.close()
        chromium.close()
