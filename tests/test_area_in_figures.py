"""The area in figures: what the ONS published of Herefordshire, its country, and the middle of its similar areas by hand."""

import csv
import gzip
import statistics
from pathlib import Path

import pandas as pd
import pytest

from hcsp_assess.assessment.area_in_figures import figures_beside
from hcsp_assess.assessment.wording.open_data import show_figure
from hcsp_assess.sources.open_data.area_in_figures import area_in_figures
from hcsp_assess.sources.open_data.definitions import suppliers

HERE = "E06000019"
MEASURES = suppliers()["area_in_figures"].measures
PUBLISHED = Path(__file__).parents[2] / "shared" / "data" / "ons-local-indicators"


def lines(district: str = HERE, until: str = "2025-12"):
    found = figures_beside(area_in_figures(district), MEASURES, district=district, until=pd.Period(until))
    return {line.measure.key: line for line in found}


def test_the_bundled_figures_are_accounted_for() -> None:
    account = area_in_figures(HERE).account
    assert account.read == 7959 + 300
    assert account.rows_set_aside < 10
    assert account.area > 100 and account.comparison > 1000


def test_herefordshires_figures_are_those_that_the_ons_publishes() -> None:
    found = lines()
    assert show_figure(found["children_poverty"].measure, found["children_poverty"].value) == "25.6%"
    assert found["children_poverty"].country_name == "United Kingdom"
    assert (found["claimants"].period, found["claimants"].country_name) == ("2025", "England")
    assert (found["supermarkets"].period, round(found["supermarkets"].value, 2)) == ("August 2023", 2.62)
    assert round(found["crime_severity_score"].value, 1) == 13.0
    assert (found["life_satisfaction"].period, found["life_satisfaction"].value) == ("2022/23", 7.64)


def test_the_middle_of_similar_areas_is_that_worked_out_from_the_published_file() -> None:
    if not PUBLISHED.is_dir():
        pytest.skip("the published file is not here")
    with gzip.open(PUBLISHED / "similar_areas_all_lads.csv.gz", "rt", encoding="utf-8") as file:
        near = {
            row["similar_areacd"] for row in csv.DictReader(file) if (row["areacd"], row["type"]) == (HERE, "global")
        }
    with gzip.open(PUBLISHED / "indicators_herefordshire_similar_and_national.csv.gz", "rt", encoding="utf-8") as file:
        values = [
            float(row["observation"])
            for row in csv.DictReader(file)
            if row["indicator"] == "Food outlets" and row["period"] == "2025-03-15" and row["areacd"] in near
        ]
    line = lines()["food_outlets"]
    assert line.similar_with_figure == len(values) == 20
    assert line.similar == pytest.approx(statistics.median(values))


def test_a_middle_of_few_areas_is_not_given_and_missing_is_said() -> None:
    figures = lines()
    for line in figures.values():
        assert (line.similar_with_figure >= 5) == (line.similar == line.similar)
    assert show_figure(MEASURES[0], float("nan")) == "no data"


def test_an_edition_of_2012_shows_nothing_later() -> None:
    found = lines(until="2012-12")
    assert found["claimants"].period == "2012"
    assert "supermarkets" not in found and "crime_severity_score" not in found


def test_an_area_that_the_bundled_files_do_not_hold_has_no_figure_of_its_own_but_its_score() -> None:
    assert set(lines("E06000001")) <= {"crime_severity_score"}
