"""Rates, shrinkage and concentration of small areas."""

from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from esda.smoothing import Empirical_Bayes
from hypothesis import given, settings
from hypothesis import strategies as st

from hcsp_assess.edition.counts import monthly_counts, read_counts
from hcsp_assess.errors import InputError
from hcsp_assess.places.concentration import measure_concentration, measure_persistence
from hcsp_assess.places.history import CLASSES
from hcsp_assess.places.hotspots import KINDS
from hcsp_assess.places.rates import MANY_COME, find_misleading_bases, measure_rates, shrink_rates
from hcsp_assess.sources.geography import Geography, geography
from hcsp_assess.subject.areas import area

ROOT = Path(__file__).parents[1]
NINE_MONTHS = pd.period_range("2018-10", "2019-02", freq="M").append(pd.period_range("2024-01", "2024-04", freq="M"))


@pytest.fixture(scope="module")
def places() -> Geography:
    return geography("herefordshire")


@cache
def monthly(key: str, measure: str) -> pd.DataFrame:
    return monthly_counts(
        read_counts(ROOT / "data" / "raw" / "herefordshire_2025"), area(key), by="lsoa", measure=measure
    )


def count_areas(places: Geography, measures: tuple[str, ...], months: pd.PeriodIndex) -> pd.Series:
    frames = [monthly(places.area.key, measure).loc[months] for measure in measures]
    assert not any(frame.isna().any(axis=None) for frame in frames)
    return sum(frame.sum() for frame in frames).astype(int)


EVERYTHING = ("recorded_crime", "anti_social_behaviour")


def test_in_the_nine_months_the_busiest_twentieth_of_lsoas_holds_31_percent_of_records(places: Geography) -> None:
    found = measure_concentration(count_areas(places, EVERYTHING, NINE_MONTHS), top=(1, 5, 10, 20))
    assert found.records == 10_822
    assert found.top["places"].tolist() == [1, 6, 12, 23]
    assert found.top["percent_of_records"].round(1).tolist() == [16.7, 31.4, 41.7, 54.6]


def test_in_2025_the_busiest_twentieth_of_lsoas_holds_29_percent_of_records(places: Geography) -> None:
    year = pd.period_range("2025-01", "2025-12", freq="M")
    found = measure_concentration(count_areas(places, EVERYTHING, year))
    assert found.records == 11_946  # 11,948 rows as published, less 2 that repeat a Crime ID
    assert found.top["percent_of_records"].round(1).tolist() == [14.2, 28.8, 39.5, 53.0]


@pytest.mark.parametrize(
    ("months", "records", "total"),
    [(NINE_MONTHS, 158, 552), (pd.period_range("2025-01", "2025-12", freq="M"), 349, 937)],
)
def test_one_lsoa_of_central_hereford_holds_the_most_shoplifting(
    places: Geography, months: pd.PeriodIndex, records: int, total: int
) -> None:
    counts = count_areas(places, ("shoplifting",), months)
    assert (counts.idxmax(), counts.max(), counts.sum()) == ("E01014010", records, total)
    assert places.table["name"]["E01014010"] == "Herefordshire 012C"


def test_the_busiest_lsoas_persist_from_2014_to_2025(places: Geography) -> None:
    before = count_areas(places, EVERYTHING, pd.period_range("2014-01", "2014-11", freq="M"))
    after = count_areas(places, EVERYTHING, pd.period_range("2025-01", "2025-11", freq="M"))
    found = measure_persistence(before, after)
    assert found.expected_by_chance == pytest.approx(144 / 116)
    assert len(found.both) >= 8
    assert found.rank_correlation > 0.7


def test_no_record_of_the_split_lsoa_is_lost(places: Geography, shared: Path) -> None:
    raw = pd.read_csv(shared / "data/data.police.uk/herefordshire_month_lsoa_type_counts.csv.gz")
    raw["place"] = places.area.fold(raw["LSOA code"])
    assert raw["place"].notna().all()
    assert set(raw["place"]) == set(places.table.index)
    parts = raw["LSOA code"].isin(["E01014007", "E01035055", "E01035056"])
    assert raw.loc[raw["place"] == "E01014007", "count"].sum() == raw.loc[parts, "count"].sum() > 0
    after_the_split = raw["Month"] >= "2024"
    assert not raw.loc[after_the_split, "LSOA code"].eq("E01014007").any()
    assert raw.loc[after_the_split & parts, "count"].sum() > 100


counted = st.lists(st.tuples(st.integers(0, 400), st.integers(1, 5_000)), min_size=2, max_size=40)


@given(counted)
@settings(deadline=None)  # a busy machine is no error
def test_a_shrunk_rate_lies_between_the_rate_and_the_rate_of_all(pairs: list[tuple[int, int]]) -> None:
    counts, base = (pd.Series([float(pair[i]) for pair in pairs]) for i in (0, 1))
    shrunk = shrink_rates(counts, base)
    both = pd.concat([counts / base, pd.Series(counts.sum() / base.sum(), index=counts.index)], axis=1)
    assert (shrunk["rate"] >= both.min(axis=1) - 1e-12).all()
    assert (shrunk["rate"] <= both.max(axis=1) + 1e-12).all()
    assert shrunk["weight"].between(0, 1).all()
    assert ((shrunk["low"] <= shrunk["high"]) | shrunk["weight"].eq(0)).all()


@given(counted)
@settings(deadline=None)  # a busy machine is no error
def test_shrinkage_agrees_with_esda_wherever_areas_differ_beyond_chance(pairs: list[tuple[int, int]]) -> None:
    counts, base = (pd.Series([float(pair[i]) for pair in pairs]) for i in (0, 1))
    shrunk = shrink_rates(counts, base)
    if (shrunk["weight"] > 0).any():
        np.testing.assert_allclose(shrunk["rate"], Empirical_Bayes(counts, base).r.ravel(), rtol=1e-9, atol=1e-15)


def test_where_areas_differ_no_more_than_by_chance_all_get_the_same_rate() -> None:
    shrunk = shrink_rates(pd.Series([10.0, 10, 11, 9]), pd.Series([1000.0] * 4))
    assert shrunk["rate"].tolist() == [0.01] * 4
    assert shrunk["chance_above"].isna().all()


def test_an_area_of_few_people_is_drawn_further_to_the_middle() -> None:
    counts = pd.Series([20.0, 200, 60, 10, 100], index=list("abcde"))
    base = pd.Series([200.0, 2000, 2000, 1000, 3000], index=list("abcde"))
    shrunk = shrink_rates(counts, base)
    assert shrunk["rate"]["a"] < shrunk["rate"]["b"]  # the same rate of 100 per 1,000
    assert shrunk["weight"]["a"] < shrunk["weight"]["b"]


def test_rates_are_per_thousand_and_per_year() -> None:
    counts, base = pd.Series({"a": 15, "b": 30}), pd.Series({"b": 1000, "a": 500})
    found = measure_rates(counts, base, years=0.5)
    assert found.rate_of_all == pytest.approx(45 / 1500 * 1000 / 0.5)
    assert found.table.loc["a", "rate"] == pytest.approx(60)
    assert found.table.index.tolist() == ["b", "a"]


def test_the_interval_of_a_rate_is_the_published_one() -> None:
    found = measure_rates(pd.Series({"a": 65, "b": 5}), pd.Series({"a": 100, "b": 100}), per=100_000)
    low_high = found.table[["low", "high"]].to_numpy()
    expected = [[50163.18771, 82849.138546], [1623.48639, 11668.332079]]  # PHEindicatormethods, phe_rate
    np.testing.assert_allclose(low_high, expected, rtol=1e-9)
    assert found.table["too_few"].tolist() == [False, True]


def test_a_town_centre_is_warned_about_and_a_quiet_suburb_is_not() -> None:
    counts = pd.Series({"centre": 900, "suburb": 60, "estate": 150, "village": 20})
    visitors = pd.Series({"centre": 300, "suburb": 2, "estate": 3, "village": 8})
    base = pd.Series({"centre": 1900, "suburb": 1700, "estate": 1600, "village": 1500})
    flagged = find_misleading_bases(counts, visitors, base)
    assert flagged == ("centre",)
    assert measure_rates(counts, base, misleading=flagged).table["warning"].to_dict() == {
        "centre": MANY_COME,
        "suburb": "",
        "estate": "",
        "village": "",
    }


def test_central_hereford_and_no_rural_lsoa_is_warned_about_in_2025(places: Geography) -> None:
    year = pd.period_range("2025-01", "2025-12", freq="M")
    counts, visitors = count_areas(places, EVERYTHING, year), count_areas(places, ("shoplifting",), year)
    flagged = find_misleading_bases(counts, visitors, places.table["population_2019"])
    assert "E01014010" in flagged
    assert not places.table.loc[list(flagged), "more_rural"].any()


@pytest.mark.parametrize(
    ("counts", "base", "message"),
    [
        ({"a": 1}, {"a": 5, "b": 5}, r"^1 areas are in only one of the counts and the residents, such as b: an area without records needs a zero$"),
        ({"a": 1, "b": None}, {"a": 5, "b": 5}, r"^the count of b is missing: leave out the months that are not held$"),
        ({"a": 1, "b": -2}, {"a": 5, "b": 5}, r"^the count of b is below zero$"),
        ({"a": 1, "b": 2}, {"a": 5, "b": 0}, r"^the residents of b must be above zero, not 0$"),
    ],
)  # fmt: skip
def test_areas_that_do_not_match_are_refused(counts: dict, base: dict, message: str) -> None:
    with pytest.raises(InputError, match=message):
        measure_rates(pd.Series(counts), pd.Series(base))


def test_gini_is_zero_when_all_are_equal_and_one_less_the_share_when_one_has_all() -> None:
    assert measure_concentration(pd.Series([5] * 10)).gini == pytest.approx(0)
    assert measure_concentration(pd.Series([0] * 9 + [50])).gini == pytest.approx(0.9)


def test_few_records_in_many_places_are_not_concentrated_for_that_alone() -> None:
    spread = measure_concentration(pd.Series([1] * 5 + [0] * 95))
    assert spread.gini == pytest.approx(0.95)
    assert spread.generalised_gini == pytest.approx(0)  # as even as five records can be
    piled = measure_concentration(pd.Series([5] + [0] * 99))
    assert piled.generalised_gini == pytest.approx(1 - 1 / 5)


@given(st.lists(st.integers(0, 300), min_size=1, max_size=60).filter(lambda counts: sum(counts) > 0))
@settings(deadline=None)  # a busy machine is no error
def test_generalised_gini_and_the_lorenz_curve_keep_their_bounds(counts: list[int]) -> None:
    found = measure_concentration(pd.Series(counts))
    assert -1e-9 <= found.generalised_gini <= 1
    if found.records >= found.places:
        assert found.generalised_gini == pytest.approx(found.gini)
    lorenz = found.lorenz.to_numpy()
    assert (lorenz[0].tolist(), lorenz[-1].tolist()) == ([0, 0], [1, pytest.approx(1)])
    assert (np.diff(lorenz, axis=0) >= 0).all()
    slow = sum(abs(x - y) for x in counts for y in counts) / (2 * len(counts) * sum(counts))
    assert found.gini == pytest.approx(slow, abs=1e-9)


def test_concentration_of_nothing_is_refused() -> None:
    with pytest.raises(InputError, match=r"^there are no records, so there is no concentration to measure$"):
        measure_concentration(pd.Series([0, 0]))


def test_the_figures_of_the_nine_months_are_those_of_the_published_files_counted_the_slow_way(shared: Path) -> None:
    folder = shared / "data" / "data.police.uk" / "west-mercia-street-raw"
    columns = ["Crime ID", "LSOA code", "LSOA name", "Crime type"]
    files = [sorted(folder.glob(f"{month}*.csv.gz")) for month in NINE_MONTHS]
    assert [len(found) for found in files] == [1] * 9
    rows = pd.concat([pd.read_csv(found[0], usecols=columns) for found in files])
    rows = rows[rows["LSOA name"].str.startswith("Herefordshire", na=False)]
    rows = rows[~(rows["Crime ID"].duplicated() & rows["Crime ID"].notna())]
    place = rows["LSOA code"].replace(["E01035055", "E01035056"], "E01014007")
    counts = place.value_counts()
    assert (counts.sum(), len(counts)) == (10_822, 116)
    assert round(100 * counts.head(6).sum() / counts.sum(), 1) == 31.4
    lifting = place[rows["Crime type"] == "Shoplifting"].value_counts()
    assert (lifting.index[0], lifting.iloc[0], lifting.sum()) == ("E01014010", 158, 552)


def test_the_page_on_methods_has_the_definitions_and_the_figures_as_they_are() -> None:
    page = (ROOT / "docs" / "methods-places.md").read_text(encoding="utf-8")
    for name, meaning in (KINDS | CLASSES).items():
        assert f"- **{name}**: {meaning}" in page, name
    for figure in ("10,822", "11,946", "16.7%", "31.4%", "41.7%", "14.2%", "28.8%", "39.5%", "158 of 552 (28.6%)",
                   "349 of 937 (37.2%)"):  # fmt: skip
        assert figure in page, figure
