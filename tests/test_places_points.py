"""True points and times: refused where the data are anonymised, and right where they are not."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from attacks import attack
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hcsp_assess.errors import InputError
from hcsp_assess.places.near_repeats import test_near_repeats
from hcsp_assess.places.points import check_true_dates, estimate_density
from hcsp_assess.places.textbook.crime_strings import find_strings
from hcsp_assess.places.textbook.prediction_scores import score_predictions
from hcsp_assess.places.times import spread_over_hours
from hcsp_assess.sources.point_extract import read_point_extract

MONTH_ONLY = (
    r" is refused: these records are dated by month only, as data.police.uk publishes them. "
    r"Use an extract from the force with exact dates$"
)


@pytest.mark.parametrize(
    ("what", "ask"),
    [
        ("kernel density", lambda days: estimate_density([0, 1], [0, 1], precision="snapped")),
        ("the near-repeat test", lambda days: test_near_repeats([0, 1], [0, 1], days, precision="snapped")),
    ],
)
def test_anonymised_points_are_refused_with_the_reason(what: str, ask) -> None:
    with pytest.raises(
        InputError,
        match=f"^{what} is refused on anonymised points: data.police.uk moves each record to the nearest of a fixed list "
        r"of map points, in the countryside up to some kilometres away, so that the pattern would be that of the list\. "
        r"Use small areas \(find_hotspots\), or an extract from the force with exact points$",
    ):
        ask(pd.Series(pd.to_datetime(["2025-01-03", "2025-01-04"], format="ISO8601")))


def test_an_undeclared_precision_is_refused() -> None:
    with pytest.raises(
        InputError, match=r'^points are "true" or "snapped", not \'exact\': choose the one that the source declares$'
    ):
        estimate_density([0], [0], precision="exact")


@pytest.mark.parametrize(
    "dates",
    [
        pd.Series(pd.PeriodIndex(["2025-01", "2025-02"], freq="M")),
        pd.Series(pd.to_datetime(["2025-01-01", "2025-02-01"] * 10)),
    ],
)
def test_dates_by_month_are_refused_for_days_of_the_week(dates: pd.Series) -> None:
    with pytest.raises(InputError, match="^day of the week" + MONTH_ONLY):
        check_true_dates(dates, "day of the week")


def test_a_few_records_of_new_year_s_day_are_not_taken_for_months() -> None:
    check_true_dates(pd.Series(pd.to_datetime(["2025-01-01"] * 5)), "day of the week")


def test_a_density_surface_holds_every_record_once() -> None:
    rng = np.random.default_rng(1)
    east, north = rng.uniform(350_000, 353_000, 200), rng.uniform(240_000, 242_000, 200)
    surface = estimate_density(east, north, precision="true", bandwidth_m=400, cell_m=25)
    assert (surface.per_km2 * (25 / 1000) ** 2).sum() == pytest.approx(200, rel=0.002)
    assert surface.records == 200


def test_density_at_a_single_point_is_the_height_of_the_kernel() -> None:
    surface = estimate_density([1000.0], [2000.0], precision="true", bandwidth_m=500, cell_m=100)
    assert surface.per_km2.max() == pytest.approx(3 / np.pi / 0.5**2)


def test_a_grid_too_large_for_memory_is_refused() -> None:
    with pytest.raises(InputError, match=r"^the grid would have [\d,]+ cells: use larger cells or a smaller area$"):
        estimate_density([0, 500_000], [0, 500_000], precision="true")


def test_the_same_pairs_counted_the_slow_way() -> None:
    rng = np.random.default_rng(3)
    east, north = rng.integers(0, 500, 60).astype(float), rng.integers(0, 500, 60).astype(float)
    days = pd.Series(pd.Timestamp("2025-01-01") + pd.to_timedelta(rng.integers(0, 40, 60), unit="D"))
    rings, spans = (0, 1, 101, 201), (0, 8, 15)
    found = test_near_repeats(
        east, north, days, precision="true", distance_bands=rings, day_bands=spans, permutations=9
    )
    slow = np.zeros((4, 3), dtype=int)
    for i in range(60):
        for j in range(i):
            apart = abs(east[i] - east[j]) + abs(north[i] - north[j])
            gap = abs((days[i] - days[j]).days)
            slow[np.searchsorted(rings, apart, side="right") - 1, np.searchsorted(spans, gap, side="right") - 1] += 1
    assert found.observed.to_numpy().tolist() == slow.tolist()
    assert found.observed.index.tolist() == ["[0, 1)", "[1, 101)", "[101, 201)", "[201, inf)"]
    assert found.observed.columns.tolist() == ["[0, 8)", "[8, 15)", "[15, inf)"]


def test_near_repeats_that_were_planted_are_found_and_others_are_not() -> None:
    rng = np.random.default_rng(4)
    east, north = rng.uniform(0, 20_000, 300), rng.uniform(0, 20_000, 300)
    day = rng.integers(0, 365, 300)
    followed = slice(0, 40)
    east = np.r_[east, east[followed] + 30]
    north = np.r_[north, north[followed]]
    day = np.r_[day, day[followed] + 3]
    dates = pd.Series(pd.Timestamp("2025-01-01") + pd.to_timedelta(day, unit="D"))
    found = test_near_repeats(east, north, dates, precision="true", permutations=199)
    assert found.p_value.loc["[1, 101)", "[0, 8)"] == pytest.approx(1 / 200)
    assert found.ratio.loc["[1, 101)", "[0, 8)"] > 5
    assert found.p_value.loc["[301, inf)", "[0, 8)"] > 0.05


def test_strings_join_through_others_and_not_across_time() -> None:
    labels = find_strings([0, 50, 100, 0, 5000], [0, 0, 0, 0, 0], [1, 5, 9, 60, 5], metres=60, within_days=7)
    assert labels.tolist() == [1, 1, 1, 2, 3]


def test_a_known_time_counts_once_in_its_hour() -> None:
    times = pd.Series(
        pd.to_datetime(["2025-03-03 13:59", "2025-03-09 23:59:30"], format="ISO8601")
    )  # a Monday and a Sunday
    found = spread_over_hours(times, times).hours
    assert found.loc["Monday", 13] == pytest.approx(1)
    assert found.loc["Sunday", 23] == pytest.approx(0.5)  # half of its minute
    assert found.loc["Monday", 0] == pytest.approx(0.5)
    assert found.to_numpy().sum() == pytest.approx(2)


def test_a_night_is_spread_evenly_over_its_hours() -> None:
    found = spread_over_hours(
        pd.Series(pd.to_datetime(["2025-03-07 22:30"], format="ISO8601")),
        pd.Series(pd.to_datetime(["2025-03-08 02:30"], format="ISO8601")),
    )
    assert found.hours.loc["Friday", [22, 23]].tolist() == pytest.approx([0.125, 0.25])
    assert found.hours.loc["Saturday", [0, 1, 2]].tolist() == pytest.approx([0.25, 0.25, 0.125])


moments = st.datetimes(min_value=pd.Timestamp("2024-01-02"), max_value=pd.Timestamp("2025-12-30"))


@given(st.lists(st.tuples(st.none() | moments, st.none() | moments), min_size=1, max_size=30))
@settings(deadline=None)  # a busy machine is no error
def test_no_record_is_lost_between_placed_and_set_aside(pairs: list) -> None:
    first, last = (pd.Series([pair[i] for pair in pairs], dtype="datetime64[us]") for i in (0, 1))
    found = spread_over_hours(first, last)
    assert found.records == found.placed + sum(found.set_aside.values()) == len(pairs)
    assert found.hours.to_numpy().sum() == pytest.approx(found.placed)


def test_records_that_say_nothing_about_the_hour_are_set_aside_by_reason() -> None:
    first = pd.Series(
        pd.to_datetime(["2025-03-03 10:00", "2025-03-05 10:00", None, "2025-03-01 10:00"], format="ISO8601")
    )
    last = pd.Series(
        pd.to_datetime(["2025-03-03 11:00", "2025-03-04 10:00", "2025-03-04", "2025-03-20 10:00"], format="ISO8601")
    )
    found = spread_over_hours(first, last)
    assert found.set_aside == {
        "no first or last time": 1,
        "last time before the first": 1,
        "more than 7 days apart": 1,
    }


def test_a_perfect_ranking_has_an_efficiency_of_one() -> None:
    found = score_predictions([9, 4, 1], [3, 2, 1], [1, 1, 1])
    assert found.efficiency.tolist() == pytest.approx([1, 1, 1])
    assert score_predictions([1, 4, 9], [3, 2, 1], [1, 1, 1]).efficiency[0] == pytest.approx(1 / 9)


cells = st.sampled_from(["351000", "240,000", "", "n/a", "-1", "1e9", "nan", "inf", " 351000 "])
moments = st.sampled_from(
    ["2025-03-01 22:30", "2025-03-02", "", "yesterday", "2025-13-01", "01/02/2025", "2024-12-31T10:00"]
)


@given(rows=st.lists(st.tuples(cells, cells, moments, moments), min_size=1, max_size=30))
@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
def test_every_row_of_a_force_extract_is_kept_or_set_aside_with_a_reason(rows: list, tmp_path: Path) -> None:
    file = tmp_path / "extract.csv"
    lines = [",".join(f'"{cell}"' for cell in row) for row in [("351000", "240000", "2025-03-01 22:30", ""), *rows]]
    file.write_text("easting,northing,first,last\n" + "\n".join(lines) + "\n", encoding="utf-8")
    found = read_point_extract(file)
    assert found.rows_in == len(rows) + 1 == len(found.table) + sum(found.set_aside.values())
    assert found.table.notna().all(axis=None)
    assert (found.table["last"] >= found.table["first"]).all()


@attack(
    "an extract of points with semicolons, headings in capitals, dates as 16/03/2025 or 3/16/2025, or both orders",
    "read the same; where both orders are in one file, those rows are set aside",
)
@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("Easting;NORTHING;First;Last\n351000;240000;16/03/2025 22:30;\n352000;240000;05/03/2025;\n", 2),
        ("easting,northing,first,last\n351000,240000,3/16/2025 22:30,\n352000,240000,3/5/2025 00:00,\n", 2),
        ("last\tfirst\tnorthing\teasting\n\t16/03/2025 22:30:00\t240000\t351000\n\t2025-03-05\t240000\t352000\n", 2),
        (
            "easting,northing,first,last\n351000,240000,2025-03-16 22:30,\n352000,240000,2025-03-05,\n"
            "351000,240000,3/16/2025,\n351000,240000,17/3/2025,\n",
            2,
        ),
    ],
)
def test_an_extract_in_the_forms_that_excel_writes_is_read(text: str, kept: int, tmp_path: Path) -> None:
    (tmp_path / "extract.csv").write_text(text, encoding="utf-8")
    found = read_point_extract(tmp_path / "extract.csv")
    assert found.table["first"].tolist() == [pd.Timestamp("2025-03-16 22:30"), pd.Timestamp("2025-03-05")]
    assert found.table[["easting", "northing"]].to_numpy().tolist() == [[351000, 240000], [352000, 240000]]
    assert len(found.table) == kept and found.rows_in == kept + sum(found.set_aside.values())


def test_a_force_extract_without_its_columns_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "extract.csv"
    file.write_text("x,y,first\n", encoding="utf-8")
    with pytest.raises(InputError) as error:
        read_point_extract(file)
    assert str(error.value) == (
        "extract.csv has no column easting, northing, last; it needs easting, northing, first, last"
    )
