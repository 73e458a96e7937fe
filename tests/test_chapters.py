"""The two editions as they come out: planted truth found, gaps admitted, every simulated thing marked."""

import csv
import re

import pytest
from bs4 import BeautifulSoup

from hcsp_assess.chapters import crime_trends, performance_overview, rural_crime, shoplifting
from hcsp_assess.edition.opened import open_edition
from hcsp_assess.edition.series import assess_edition, counts_by_label
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


def test_the_real_edition_says_that_its_history_is_too_short_and_what_can_be_told_instead(opened):
    verdicts = assess_edition(opened("2025"))
    assert {trend.verdict for trend in verdicts.trends.values()} == {"too little data"}
    first, *others = crime_trends.findings_of(verdicts).items
    assert first.sentence.startswith("Too little data to say whether there is a trend in ")
    assert all("In the 4 months that both years have" in finding.sentence for finding in others)


def test_recorded_crime_never_includes_anti_social_behaviour(opened):
    for key in ("2025", "2013-14"):
        counts = counts_by_label(opened(key))
        types = opened(key).counts("crime_type")
        crimes = types.drop(columns="Anti-social behaviour").sum(axis=1, min_count=1)
        assert (counts["Total recorded crime"].dropna() == crimes.dropna()).all()


def test_every_lsoa_is_listed_once_with_all_recorded_crime_of_the_year(opened):
    verdicts = assess_edition(opened("2025"))
    frame = rural_crime.table_lsoas(verdicts).frame
    assert frame["LSOA"].is_unique
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
    assert re.search(r"and one, Herefordshire 012C, holds 3\d%\.$", sentence)
    assert shoplifting.table_places(verdicts).frame["LSOA"].iloc[0].startswith("Herefordshire 012C")


def test_the_performance_overview_shows_every_published_cell_and_no_data_where_there_is_none(opened):
    frame = performance_overview.table_overview(opened("2013-14")).frame
    quarters = [name for name in frame if name.startswith("Q")]
    shown = frame[quarters].to_numpy().flatten().tolist()
    printed = [cell.printed for cell in read_cells() if cell.printed]
    assert len(quarters) == 7
    assert sorted(value for value in shown if value != "no data") == sorted(printed)
    assert shown.count("no data") == 7 * len(frame) - len(printed)
    assert {"2522", "2553", "2238", "2188", "2278", "2372", "2350", "35.1%"} <= set(shown)


def test_every_chart_and_table_made_from_simulated_records_says_so_and_no_real_one_does(built):
    real = BeautifulSoup((built.reports / "2025" / "index.html").read_text(encoding="utf-8"), "html.parser")
    assert real.find_all(class_="simulated") == []
    assert real.find(class_="banner") is None
    page = BeautifulSoup((built.reports / "2013-14" / "index.html").read_text(encoding="utf-8"), "html.parser")
    assert "Demonstration with simulated records" in page.find(class_="banner").get_text()
    unmarked = [figure["id"] for figure in page.find_all("figure") if not figure.find(class_="simulated")]
    assert unmarked == ["performance-quarters"]


def test_the_page_tells_its_sources_their_checksums_and_rows_that_balance(built):
    page = BeautifulSoup((built.reports / "2025" / "index.html").read_text(encoding="utf-8"), "html.parser")
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
    for path in sorted(built.notebooks.glob("*.ipynb")):
        default = read_parameters(path)["edition"]
        assert default in known, path.name


def test_reports_stay_under_five_megabytes(built):
    for page in built.reports.glob("*/index.html"):
        assert page.stat().st_size < 5_000_000
