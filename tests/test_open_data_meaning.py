"""What open data mean: no false alarms over families of measures, true changes found, sentences as planned."""

from dataclasses import replace
from types import MappingProxyType

import numpy as np
import pandas as pd
import pytest

from hcsp_assess.assessment.open_data import OpenFigure, compare_together, open_figures
from hcsp_assess.assessment.wording.open_data import describe_figure
from hcsp_assess.sources.open_data.definitions import Measure, Supplier, suppliers
from hcsp_assess.sources.open_data.frame import Account, OpenData, calendar_year, common_frame

HERE, ENGLAND = "E06000019", "E92000001"


def counts_of(key: str, counts: dict[int, int], code: str = HERE, level: str = "district") -> list[dict[str, object]]:
    place = {"area_code": code, "area_name": "", "level": level, "indicator": key}
    return [{**place, **calendar_year(year), "value": count, "count": count} for year, count in counts.items()]


def figures_of(rows: list[dict[str, object]], supplier: Supplier, until: str = "2030-12"):
    data = OpenData(supplier.key, common_frame(rows), Account(len(rows), len(rows), 0), ())
    known = MappingProxyType({supplier.key: supplier})
    return open_figures([data], known, district=HERE, until=pd.Period(until))


ROADS = suppliers()["road_safety"]
MEASURE = Measure("made", "A measure", "road_safety", "people")


@pytest.mark.parametrize("variance", [1, 3])
def test_of_families_of_measures_without_a_change_few_are_called_clear(variance: int) -> None:
    random = np.random.default_rng(20261128)
    alarms, families = 0, 40
    years = pd.period_range("2017-12", "2024-12", freq="12M").asfreq("M")
    for _ in range(families):
        made = []
        for mean in random.uniform(15, 300, 7):
            draws = (
                random.poisson(mean, 8)
                if variance == 1
                else random.negative_binomial(mean / (variance - 1), 1 / variance, 8)
            )
            periods = pd.DataFrame({"ends": years, "value": draws.astype(float), "count": draws})
            made.append(OpenFigure(MEASURE, ROADS, periods, None, None, 1.0, 2.0))
        found = compare_together(made)
        alarms += any(item.clear_change or item.course in ("rising", "falling") for item in found)
    assert alarms <= 0.05 * families + 3 * np.sqrt(0.05 * 0.95 * families)


def test_a_number_that_halves_over_eight_years_is_falling_and_a_doubling_in_a_year_is_clear() -> None:
    falling = dict(zip(range(2017, 2025), (200, 181, 165, 149, 135, 122, 110, 100), strict=True))
    jumping = dict(zip(range(2017, 2025), (60, 66, 58, 63, 61, 57, 64, 128), strict=True))
    ksi, children = figures_of(counts_of("road_ksi", falling) + counts_of("road_children_ksi", jumping), ROADS)
    assert ksi.course == "falling"
    assert -10 < ksi.slope < -9  # half in seven steps is 9.4% a year
    assert children.clear_change
    told = describe_figure(children)
    assert told.sentence.startswith("Children under 16 killed or seriously injured on the roads: 128 in 2024. ")
    assert "64 more than in 2023, more than the usual variation" in told.sentence


def test_measures_of_other_subjects_do_not_hide_a_change() -> None:
    years = pd.period_range("2017-12", "2024-12", freq="12M").asfreq("M")

    def made(key: str, subject: str, counts: list[int]) -> OpenFigure:
        periods = pd.DataFrame({"ends": years, "value": np.array(counts, dtype=float), "count": counts})
        return OpenFigure(replace(MEASURE, key=key, subject=subject), ROADS, periods, None, None, 1.0, 2.0)

    roads = made("killed", "road_safety", [100, 101, 99, 100, 102, 98, 100, 146])
    unlike = [made(f"fires {n}", "fire", [100, 99, 101, 100, 98, 102, 100, 100]) for n in range(20)]
    alone, beside = compare_together([roads])[0], compare_together([roads, *unlike])[0]
    assert (beside.p_change, beside.p_trend) == pytest.approx((alone.p_change, alone.p_trend))
    assert beside.clear_change
    together = compare_together([replace(roads, measure=unlike[0].measure), *unlike])[0]
    assert not together.clear_change


def test_a_small_number_that_swings_is_said_to_swing() -> None:
    rows = counts_of("road_ksi", dict(zip(range(2018, 2025), (40, 52, 39, 47, 55, 44, 36), strict=True)))
    [item] = figures_of(rows, ROADS)
    assert not item.clear_change
    assert (round(item.low, 1), round(item.high, 1)) == (25.2, 49.8)  # Byar's limits of 36
    told = describe_figure(item)
    assert told.sentence == (
        "People killed or seriously injured on the roads: 36 in 2024. That is 8 fewer than in 2023. Numbers this small swing "
        "from year to year, so it may not last."
    )
    assert told.direction == "no clear change"
    assert told.sources[0].name == "Reported road casualties, Great Britain (Department for Transport, open data)"


def test_two_years_alone_are_not_tested_and_a_gap_is_not_the_year_before() -> None:
    [item] = figures_of(counts_of("road_ksi", {2023: 20, 2024: 45}), ROADS)
    assert not item.clear_change
    assert "too few years are held to say whether that is unusual" in describe_figure(item).sentence
    [item] = figures_of(counts_of("road_ksi", {2022: 20, 2024: 45}), ROADS)
    assert describe_figure(item).sentence == "People killed or seriously injured on the roads: 45 in 2024."


def test_periods_after_the_edition_are_left_out() -> None:
    rows = counts_of("road_ksi", {2011: 60, 2012: 58, 2024: 40})
    [item] = figures_of(rows, ROADS, until="2012-12")
    assert item.latest["period"] == "2012"
    assert not figures_of(counts_of("road_ksi", {2024: 40}), ROADS, until="2012-12")


def test_a_rate_is_set_beside_its_region_and_country_with_its_published_range() -> None:
    supplier = suppliers()["fingertips"]
    place = {**calendar_year(2024), "indicator": "first_time_entrants"}
    rows: list[dict[str, object]] = [
        {**place, "area_code": HERE, "level": "district", "value": 90.0, "low": 60.0, "high": 130.0},
        {**place, "area_code": "E12000005", "area_name": "West Midlands", "level": "region", "value": 150.0},
        {**place, "area_code": ENGLAND, "area_name": "England", "level": "country", "value": 240.0},
    ]
    [item] = figures_of(rows, supplier)
    assert item.beside_country == "lower"
    assert describe_figure(item).sentence == (
        "Children entering the youth justice system for the first time: 90.0 per 100,000 in 2024 (likely between 60.0 and 130.0); "
        "150.0 in the West Midlands and 240.0 in England. That is lower than in England."
    )
