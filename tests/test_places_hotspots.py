"""Hotspots, their history and change: planted truth is found, silence where there is none."""

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely.geometry import box

from hcsp_assess.errors import InputError
from hcsp_assess.places.history import CLASSES, classify_hotspots
from hcsp_assess.places.hotspots import KINDS, find_hotspots, find_neighbours
from hcsp_assess.places.referrals import HOURS_NOT_KNOWN, NOT_COMPARED, busiest_hours, list_referrals
from hcsp_assess.places.times import spread_over_hours
from hcsp_assess.places.two_periods import compare_periods, measure_dispersion
from hcsp_assess.sources.geography import geography

SIDE = 10
CODES = [f"{row}{column}" for row in range(SIDE) for column in range(SIDE)]


@pytest.fixture(scope="module")
def grid() -> dict[str, tuple[str, ...]]:
    squares = [box(int(code[1]), int(code[0]), int(code[1]) + 1, int(code[0]) + 1) for code in CODES]
    return find_neighbours(gpd.GeoDataFrame(geometry=squares, index=pd.Index(CODES), crs=27700))


RESIDENTS = pd.Series(1500.0, index=CODES)


def chance_counts(seed: int, mean: float = 30) -> pd.Series:
    return pd.Series(np.random.default_rng(seed).poisson(mean, len(CODES)), index=CODES)


def test_squares_of_a_grid_have_three_five_or_eight_neighbours(grid: dict[str, tuple[str, ...]]) -> None:
    assert (len(grid["00"]), len(grid["05"]), len(grid["55"])) == (3, 5, 8)
    assert grid["00"] == ("01", "10", "11")


def test_a_planted_cluster_is_found_and_nothing_else(grid: dict[str, tuple[str, ...]]) -> None:
    counts = chance_counts(1)
    planted = [f"{row}{column}" for row in (2, 3, 4) for column in (6, 7, 8)]
    counts[planted] = counts[planted] * 3
    found = find_hotspots(counts, RESIDENTS, grid).flagged()
    clusters = found[found["kind"].isin(["cluster", "peak in a cluster"])].index.get_level_values("place")
    assert set(clusters) <= set(planted)
    assert {"36", "37", "38", "27", "47"} <= set(clusters)


def test_a_planted_peak_is_found_and_its_neighbours_are_not(grid: dict[str, tuple[str, ...]]) -> None:
    counts = chance_counts(2)
    counts["55"] = 300
    found = find_hotspots(counts, RESIDENTS, grid)
    assert found.flagged().index.get_level_values("place").tolist() == ["55"]
    assert found.flagged()["kind"].tolist() == ["peak"]


def test_nothing_is_found_where_there_is_nothing_but_for_one_map_in_twenty(grid: dict[str, tuple[str, ...]]) -> None:
    found = [not find_hotspots(chance_counts(seed + 100), RESIDENTS, grid).flagged().empty for seed in range(20)]
    assert sum(found) <= 4  # of 20 maps at 5% each, five or more would come once in 400 times


def test_every_place_the_same_is_no_cluster(grid: dict[str, tuple[str, ...]]) -> None:
    found = find_hotspots(pd.Series(20, index=CODES), RESIDENTS, grid)
    assert set(found.table["kind"]) == {"none"}


def test_fewer_records_than_places_say_nothing_and_are_not_tested(grid: dict[str, tuple[str, ...]]) -> None:
    rare = pd.Series(0, index=CODES)
    rare["55"] = 40
    found = find_hotspots(pd.DataFrame({"rare": rare, "common": chance_counts(3)}), RESIDENTS, grid)
    assert set(found.table.loc["rare", "kind"]) == {"too few"}
    assert found.tests == 2 * len(CODES)


def test_more_measures_looked_at_make_each_finding_harder(grid: dict[str, tuple[str, ...]]) -> None:
    counts = chance_counts(4)
    counts["55"] = 60
    alone = find_hotspots(counts.rename("theft"), RESIDENTS, grid).table.loc[("theft", "55"), "q_peak"]
    others = pd.DataFrame({"theft": counts} | {f"type {i}": chance_counts(10 + i) for i in range(6)})
    among = find_hotspots(others, RESIDENTS, grid).table.loc[("theft", "55"), "q_peak"]
    assert among > alone


def test_the_same_seed_gives_the_same_hotspots_whatever_the_order_of_places(grid: dict[str, tuple[str, ...]]) -> None:
    counts = chance_counts(5)
    first = find_hotspots(counts, RESIDENTS, grid).table
    again = find_hotspots(counts.sample(frac=1, random_state=1), RESIDENTS, grid).table
    pd.testing.assert_frame_equal(first, again)


def test_every_kind_says_what_it_means_in_words_and_formally() -> None:
    assert set(KINDS) == {"peak", "cluster", "peak in a cluster", "none", "too few"}
    assert all("Formally: " in KINDS[kind] for kind in ("peak", "cluster", "too few"))  # the others build on these


def test_too_few_permutations_to_find_anything_are_refused(grid: dict[str, tuple[str, ...]]) -> None:
    with pytest.raises(
        InputError,
        match=r"^999 permutations are too few for 100 places, so none could be found: "
        r"use at least 2,000$",
    ):
        find_hotspots(chance_counts(1), RESIDENTS, grid, permutations=999)


def test_boundaries_of_another_vintage_are_refused(grid: dict[str, tuple[str, ...]]) -> None:
    renamed = {("ZZ" if code == "00" else code): others for code, others in grid.items()}
    with pytest.raises(
        InputError,
        match=r"^2 places are in only one of the populations and the neighbours, such as 00: "
        r"use boundaries of the same year as the counts$",
    ):
        find_hotspots(chance_counts(1), RESIDENTS, renamed)


def test_chance_over_herefordshire_flags_nothing() -> None:
    places = geography("herefordshire")
    people = places.table["population_2019"]
    neighbours = find_neighbours(places.boundaries("lsoa11"))
    rng = np.random.default_rng(7)
    draws = {f"map {i}": rng.multinomial(3_000, people / people.sum()) for i in range(6)}
    assert find_hotspots(pd.DataFrame(draws, index=people.index), people, neighbours).flagged().empty


flags = st.lists(st.lists(st.booleans(), min_size=6, max_size=6), min_size=1, max_size=20)


@given(flags)
@settings(deadline=None)  # a busy machine is no error
def test_every_place_gets_exactly_one_class_and_it_agrees_with_the_newest_period(rows: list[list[bool]]) -> None:
    hot = pd.DataFrame(rows, columns=[f"20{year}" for year in range(19, 25)])
    table = classify_hotspots(hot).table
    assert set(table["class"]) <= set(CLASSES)
    now = hot["2024"]
    assert set(table.loc[now, "class"]) <= {"persistent", "emerging", "sporadic"}
    assert set(table.loc[~now, "class"]) <= {"fading", "sporadic", "never"}
    assert (table["class"].eq("never") == ~hot.any(axis=1)).all()
    assert (table["periods_hot"] == hot.sum(axis=1)).all()


@pytest.mark.parametrize(
    ("history", "expected"),
    [
        ("111111", "persistent"),
        ("011111", "persistent"),
        ("101111", "persistent"),
        ("000111", "emerging"),
        ("000001", "emerging"),
        ("010011", "emerging"),
        ("111000", "fading"),
        ("110100", "fading"),
        ("100100", "sporadic"),
        ("001010", "sporadic"),
        ("110001", "sporadic"),
        ("000000", "never"),
    ],
)
def test_hotspots_over_time_are_classed_as_the_definitions_say(history: str, expected: str) -> None:
    hot = pd.DataFrame([[flag == "1" for flag in history]], columns=list("abcdef"))
    assert classify_hotspots(hot).table["class"].tolist() == [expected]


def test_a_period_without_data_is_left_out_and_not_counted_as_quiet() -> None:
    hot = pd.DataFrame({"2021": [True], "2022": [None], "2023": [True], "2024": [True]}, dtype="boolean")
    found = classify_hotspots(hot)
    assert found.table["class"].tolist() == ["persistent"]
    assert (found.periods, found.left_out) == (("2021", "2023", "2024"), ("2022",))


def test_two_periods_are_no_history() -> None:
    with pytest.raises(
        InputError, match=r"^2 periods have data, and at least 3 are needed to describe change over time$"
    ):
        classify_hotspots(pd.DataFrame({"a": [True], "b": [False]}))


def test_a_county_wide_rise_is_no_place_s_news() -> None:
    before = chance_counts(6, mean=60)
    after = pd.Series(np.random.default_rng(8).poisson(before * 1.5), index=CODES)
    found = compare_periods(before, after)
    assert found.ratio_of_all == pytest.approx(1.5, abs=0.06)
    assert set(found.table["change"]) == {"no clear difference"}


def test_a_place_that_rose_beyond_the_county_is_found() -> None:
    before = chance_counts(6, mean=60)
    after = pd.Series(np.random.default_rng(9).poisson(before), index=CODES)
    after["37"], after["12"] = 200, 5
    table = compare_periods(before, after).table
    assert table.loc["37", "change"] == "rose more than elsewhere"
    assert table.loc["12", "change"] == "fell more than elsewhere"
    assert table["change"].eq("no clear difference").sum() == 98
    assert table.loc["37", "low"] < 200 / table.loc["37", "expected"] < table.loc["37", "high"]


def test_places_with_hardly_any_records_are_not_compared() -> None:
    before, after = chance_counts(6), chance_counts(7)
    before["00"], after["00"] = 0, 9
    assert compare_periods(before, after).table.loc["00", "change"] == "too few"


def test_a_place_that_went_to_nothing_is_compared_even_when_places_are_overdispersed() -> None:
    rng = np.random.default_rng(3)
    before = chance_counts(6, mean=60)
    after = pd.Series(rng.poisson(before * rng.gamma(4, 1 / 4, len(CODES))), index=CODES)
    before["00"], after["00"] = 80, 0
    found = compare_periods(before, after)
    assert found.dispersion > 3
    assert np.isfinite(found.table.loc["00", ["low", "high", "p_value"]].to_numpy(float)).all()


def test_dispersion_of_chance_is_about_one_and_never_below() -> None:
    drawn = [measure_dispersion(chance_counts(i), chance_counts(i + 50)) for i in range(20)]
    assert min(drawn) >= 1
    assert np.mean(drawn) < 1.2


def test_referrals_name_the_place_the_types_the_size_and_what_is_not_known(grid: dict[str, tuple[str, ...]]) -> None:
    theft, damage = chance_counts(2), chance_counts(12)
    theft["55"], damage["55"], damage["90"] = 300, 120, 150
    counts = pd.DataFrame({"All records": theft + damage, "Theft": theft, "Damage": damage})
    hotspots = find_hotspots(counts, RESIDENTS, grid)
    names = {code: f"Square {code}" for code in CODES}
    listed = list_referrals(hotspots, names)
    assert listed["place"].tolist() == ["Square 55", "Square 90"]
    first = listed.iloc[0]
    assert set(first["crime_types"].split("; ")) == {"All records (peak)", "Theft (peak)", "Damage (peak)"}
    assert first["records"] == 420
    assert first["beyond_expected"] == round(420 - counts["All records"].sum() / 100)
    assert (first["certainty"], first["trend"], first["history"], first["when"]) == (
        "high",
        NOT_COMPARED,
        NOT_COMPARED,
        HOURS_NOT_KNOWN,
    )


def test_referrals_carry_trend_history_and_times_where_the_data_have_them(grid: dict[str, tuple[str, ...]]) -> None:
    now, before = chance_counts(2), chance_counts(22)
    now["55"] = 300
    hotspots = find_hotspots(now.rename("Theft"), RESIDENTS, grid)
    hot = pd.DataFrame({year: pd.Series(False, index=CODES) for year in (2021, 2022, 2023)})
    hot.loc["55", [2022, 2023]] = True
    fridays = pd.Series(pd.to_datetime(["2025-03-07 22:10", "2025-03-14 22:40", "2025-03-21 23:05"]))
    listed = list_referrals(
        hotspots,
        {code: code for code in CODES},
        changes={"Theft": compare_periods(before, now)},
        history=classify_hotspots(hot),
        times={"55": spread_over_hours(fridays, fridays)},
    )
    assert listed["trend"].tolist() == ["Theft rose more than elsewhere"]
    assert listed["history"].tolist() == ["emerging"]
    assert listed["when"].tolist() == ["Friday 22:00-24:00"]


def test_hours_across_midnight_are_said_by_day() -> None:
    nights = pd.Series(pd.to_datetime(["2025-03-07 23:10", "2025-03-08 00:40", "2025-03-09 14:05"]))
    assert busiest_hours(spread_over_hours(nights, nights)) == (
        "Friday 23:00-24:00; Saturday 00:00-01:00; Sunday 14:00-15:00"
    )


def test_a_hotspot_without_a_name_is_refused(grid: dict[str, tuple[str, ...]]) -> None:
    counts = chance_counts(2)
    counts["55"] = 300
    with pytest.raises(InputError, match=r"^hotspot 55 has no name: give a name for every place$"):
        list_referrals(find_hotspots(counts, RESIDENTS, grid), {})
