"""The two editions as they come out: planted truth found, gaps admitted, every simulated thing marked."""

import csv
import re

import pytest

from hcsp_assess.chapters import crime_trends, performance_overview, rural_crime, shoplifting
from hcsp_assess.chapters.shared import then_and_now
from hcsp_assess.edition.opened import open_edition
from hcsp_assess.edition.series import assess_edition, counts_by_label
from hcsp_assess.edition.then_and_now import compare_edition
from hcsp_assess.report.html import parse_html
from hcsp_assess.run.notebooks import read_parameters
from hcsp_assess.sources.indicators import read_cells
from hcsp_assess.subject.editions import editions


@pytest.fixture
def opened(built):
    return lambda key: open_edition(key, built)


def test_the_planted_truths_of_the_demonstration_are_found(opened):
    verdicts = assess_edition(opened("2013-14")).trends
    assert verdicts["rural_crime"].verdict == "rising"
    assert verdicts["shoplifting"].verdict == "rising"
    assert verdicts["violence_with_injury"].verdict != "rising"
    assert [shift.start.strftime("%Y-%m") for shift in verdicts["disorder_and_weapons"].shifts] == ["2010-04"]
    assert {trend.series_tested for trend in verdicts.values()} == {len(verdicts)}


def test_the_real_edition_compares_the_year_with_earlier_months_where_it_has_no_trend(opened):
    verdicts = assess_edition(opened("2025"))
    said = {finding.key: finding for finding in crime_trends.findings_of(verdicts).items}
    incidents = said["anti_social_behaviour"]
    assert "recorded 167 incidents of anti-social behaviour a month" in incidents.sentence
    assert "down from 591 in the same months of 2014: 7" in incidents.sentence
    assert "Recording changed too. From March 2019, the force logged more calls as crimes" in incidents.sentence
    assert incidents.caveats[-1].startswith("The counts alone do not show whether less crime happens")
    assert "From November 2014, police recorded more violence" in said["violence"].sentence
    assert not any("Too little data" in finding.sentence for finding in said.values())
    assert "The difference is not clear" in said["criminal_damage_and_arson"].sentence


def test_then_and_now_agrees_with_plain_counts_of_the_months_held(opened):
    verdicts = assess_edition(opened("2025"))
    compared = compare_edition(verdicts)
    assert len(compared.found) == len(verdicts.series)
    for key, found in compared.found.items():
        counts = verdicts.series[key].counts
        for spell in found.spells:
            then = counts[(counts.index >= spell.first) & (counts.index <= spell.last)].dropna()
            now = counts.iloc[-12:]
            now = now[now.index.month.isin(then.index.month)].dropna()
            assert (spell.count, spell.assessed_count) == (then.sum(), now.sum())
            assert spell.per_month == then.sum() / len(then)
            if spell.clear:
                assert (now.mean() - then.mean()) * spell.direction > 0
    table = then_and_now.table_then_and_now(verdicts).frame
    assert len(table) == sum(len(found.spells) for found in compared.found.values())
    first = table.iloc[4]
    assert first.tolist()[:4] == ["Anti-social behaviour", "January to November 2014", "591", "167"]
    assert first["How sure"] == "clearly lower"
    assert then_and_now.chart_then_and_now(verdicts).title.startswith(
        "Police recorded less anti-social behaviour than in 2014, but more "
    )


def test_recorded_crime_never_includes_anti_social_behaviour(opened):
    for key in ("2025", "2013-14"):
        counts = counts_by_label(opened(key))
        types = opened(key).counts("crime_type")
        crimes = types.drop(columns="Anti-social behaviour").sum(axis=1, min_count=1)
        assert (counts["Total recorded crime"].dropna() == crimes.dropna()).all()


def test_every_lsoa_is_listed_once_with_all_recorded_crime_of_the_year(opened):
    verdicts = assess_edition(opened("2025"))
    frame = rural_crime.table_lsoas(verdicts).frame
    assert frame["Small area"].is_unique
    assert len(frame) == 116
    assert (frame["Class"] == "rural").sum() == 62
    year = verdicts.series["recorded_crime"].counts.iloc[-12:].sum()
    assert (
        frame["Recorded crime"].sum()
        == year
        == rural_crime.table_share(verdicts).frame[["Rural", "Urban"]].iloc[-1].sum()
    )


def test_one_lsoa_holds_over_a_third_of_shoplifting_in_2025(opened):
    verdicts = assess_edition(opened("2025"))
    sentence = shoplifting.say_concentration(verdicts).sentence
    assert re.search(r"One, in Central ward, has 3\d%\.$", sentence)
    assert shoplifting.table_places(verdicts).frame["Small area"].iloc[0].startswith("Herefordshire 012C")


def test_the_performance_overview_shows_every_published_cell_and_no_data_where_there_is_none(opened):
    frame = performance_overview.table_overview(opened("2013-14")).frame
    quarters = [name for name in frame if name.startswith("Q")]
    shown = frame[quarters].to_numpy().flatten().tolist()
    printed = [cell.printed for cell in read_cells() if cell.printed]
    assert len(quarters) == 7
    assert sorted(value for value in shown if value != "no data") == sorted(printed)
    assert shown.count("no data") == 7 * len(frame) - len(printed)
    assert {"2522", "2553", "2238", "2188", "2278", "2372", "2350", "35.1%"} <= set(shown)


def test_a_chapter_with_simulated_data_says_so_once_and_no_real_one_does(built):
    real = parse_html((built.reports / "2025" / "index.html").read_text(encoding="utf-8")).soup
    assert real.select(".simulated, [data-simulated]") == []
    assert real.find(class_="banner") is None
    page = parse_html((built.reports / "2013-14" / "index.html").read_text(encoding="utf-8")).soup
    assert "Demonstration with simulated data" in page.find(class_="banner").get_text()
    for section in page.select("main > section"):
        marks = [mark.get_text() for mark in section.select(".simulated")]
        assert len(marks) <= 1, section["id"]
        if section.select("[data-simulated]"):
            assert marks[0].startswith("Simulated data"), section["id"]
    unmarked = {figure["id"] for figure in page.select("figure.chart:not([data-simulated])")}
    assert "performance-quarters" in unmarked
    for name in unmarked - {"performance-quarters"}:
        section = page.find(id=name).find_parent("section")
        assert not section.select(".simulated") or page.find(id=name).select(".as-published"), name


def test_the_page_tells_its_sources_their_checksums_and_rows_that_balance(built):
    page = parse_html((built.reports / "2025" / "index.html").read_text(encoding="utf-8")).soup
    files = page.find("table", id="provenance-files-police_uk")
    lines = [[cell.get_text() for cell in row.find_all(["th", "td"])] for row in files.tbody.find_all("tr")]
    with (built.raw / "herefordshire_2025" / "account.csv").open(encoding="utf-8") as file:
        account = list(csv.DictReader(file))
    assert [line[-1] for line in lines] == [row["sha256"] for row in account]
    rows = {
        row.th.get_text(): int(row.td.get_text().replace(",", ""))
        for row in page.find("table", id="provenance-rows-police_uk").tbody.find_all("tr")
    }
    assert rows == {"in": 432073, "kept": 431994, "duplicates": 79, "set aside": 0}


def test_each_notebook_runs_as_it_stands_for_an_edition_that_has_it(built):
    known = editions()
    assert read_parameters(built.notebooks / "your_assessment.ipynb") == {"edition": ""}  # the newest of the project
    for path in sorted(set(built.notebooks.glob("*.ipynb")) - {built.notebooks / "your_assessment.ipynb"}):
        default = read_parameters(path)["edition"]
        assert default in known or (path.stem, default) == ("county_agreement", "county"), path.name


def test_reports_stay_under_five_megabytes(built):
    for page in built.reports.glob("*/index.html"):
        assert page.stat().st_size < 5_000_000
