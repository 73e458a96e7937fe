"""Complete monthly counts: zero, missing and unplaced told apart, on planted cells and on real rows."""

import gzip
import re
import shutil
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from hcsp_assess.edition.counts import (
    NO_LOCATION,
    CountTable,
    count_records,
    monthly_counts,
    read_counts,
    themes,
    write_counts,
)
from hcsp_assess.errors import InputError
from hcsp_assess.sources.police_uk import clean_archive
from hcsp_assess.subject.areas import herefordshire
from hcsp_assess.subject.crime_types import ANTI_SOCIAL_BEHAVIOUR, comparable_series, series

DATA = Path(__file__).parent / "data" / "police_uk"
COMMITTED = Path(__file__).parents[1] / "data" / "raw" / "herefordshire_2025"
RURAL, TOWN, CITY, SPLIT, PART = "E01014055", "E01014041", "E01014010", "E01014007", "E01035055"
HERE = herefordshire()


def a_table(
    cells: list[tuple[str, str, str | None, str, int]], files: dict[tuple[str, str], str], **fields: object
) -> CountTable:
    """Cells (month, force, LSOA, type, count) and the vocabulary of each file (month, force) that arrived."""
    frame = pd.DataFrame(cells, columns=["month", "force", "lsoa_code", "crime_type", "count"])
    account = pd.DataFrame(
        [(month, force, vocabulary, 100) for (month, force), vocabulary in files.items()],
        columns=["month", "force", "vocabulary", "rows_in"],
    )
    frame, account = (table.assign(month=pd.PeriodIndex(table["month"], freq="M")) for table in (frame, account))
    return CountTable(frame.astype({"count": "Int64", "lsoa_code": "str"}), account, dict(fields))


HOME = "west-mercia"
TABLE = a_table(
    [
        ("2013-03", HOME, CITY, "Shoplifting", 5),
        ("2013-03", HOME, CITY, "Violent crime", 3),
        ("2013-03", HOME, RURAL, "Other theft", 9),
        ("2013-03", HOME, None, "Violent crime", 2),
        ("2013-05", HOME, CITY, "Violence and sexual offences", 4),
        ("2013-05", HOME, TOWN, "Bicycle theft", 1),
        ("2013-05", "gwent", RURAL, "Other theft", 2),
        ("2013-05", HOME, RURAL, ANTI_SOCIAL_BEHAVIOUR, 7),
        ("2013-05", "gwent", None, "Burglary", 50),
        ("2013-06", "gwent", RURAL, "Burglary", 1),
        ("2013-07", HOME, "E01008978", "Burglary", 30),
    ],
    {
        ("2013-03", HOME): "eleven",
        ("2013-05", HOME): "fourteen",
        ("2013-05", "gwent"): "fourteen",
        ("2013-06", "gwent"): "fourteen",
        ("2013-07", HOME): "fourteen",
    },
)
MONTHS = ["2013-03", "2013-04", "2013-05", "2013-06", "2013-07"]
NA = None


def column(frame: pd.DataFrame, name: str) -> list[int | None]:
    assert frame.index.astype(str).tolist() == MONTHS
    assert frame[name].dtype == "Int64"
    return [None if pd.isna(value) else int(value) for value in frame[name]]


def test_an_unpublished_month_is_not_a_zero_and_a_published_month_without_records_is() -> None:
    assert column(monthly_counts(TABLE, HERE, by="headline"), "Total recorded crime") == [17, NA, 7, NA, 0]


def test_a_month_in_which_only_another_force_published_is_missing() -> None:
    assert pd.isna(monthly_counts(TABLE, HERE)["Burglary"]["2013-06"])


def test_records_of_another_force_in_the_area_are_counted() -> None:
    assert column(monthly_counts(TABLE, HERE), "Other theft") == [9, NA, 2, NA, 0]


def test_total_recorded_crime_leaves_out_anti_social_behaviour() -> None:
    headline = monthly_counts(TABLE, HERE, by="headline")
    assert column(headline, "Anti-social behaviour") == [0, NA, 7, NA, 0]
    assert headline["Total recorded crime"]["2013-05"] == 4 + 1 + 2


def test_records_without_a_location_are_a_line_of_their_own_and_of_the_home_force_only() -> None:
    assert column(monthly_counts(TABLE, HERE, by="headline"), NO_LOCATION) == [2, NA, 0, NA, 0]


def test_a_type_that_the_files_of_a_month_cannot_hold_is_missing_there_not_zero() -> None:
    counts = monthly_counts(TABLE, HERE)
    assert column(counts, "Bicycle theft") == [NA, NA, 1, NA, 0]
    assert column(counts, "Violent crime") == [3, NA, NA, NA, NA]


def test_comparable_series_run_on_across_the_change_of_vocabulary() -> None:
    counts = monthly_counts(TABLE, HERE, by="series")
    assert column(counts, "violence") == [3, NA, 4, NA, 0]
    assert column(counts, "theft_remainder") == [9, NA, 3, NA, 0]
    assert column(counts, "bicycle_theft") == [NA, NA, 1, NA, 0]


def test_rural_urban_and_market_towns_follow_the_definition_of_the_area() -> None:
    counts = monthly_counts(TABLE, HERE, by="rural_urban")
    assert column(counts, "rural") == [9, NA, 2, NA, 0]
    assert column(counts, "urban") == [8, NA, 5, NA, 0]
    assert column(counts, "market towns") == [0, NA, 1, NA, 0]


def test_themes_count_their_series_in_their_places() -> None:
    counts = monthly_counts(TABLE, HERE, by="theme")
    assert column(counts, "rural_crime") == [9, NA, 2, NA, 0]
    assert column(counts, "rural_crime_with_market_towns") == [9, NA, 3, NA, 0]
    assert column(counts, "shoplifting") == [5, NA, 0, NA, 0]
    assert list(counts) == [theme.key for theme in themes()]


def test_both_vintages_of_a_split_lsoa_are_one_series() -> None:
    files = {(month, HOME): "fourteen" for month in MONTHS}
    table = a_table([("2013-03", HOME, SPLIT, "Drugs", 2), ("2013-05", HOME, PART, "Drugs", 3)], files)
    counts = monthly_counts(table, HERE, by="lsoa", measure="drugs")
    assert column(counts, SPLIT) == [2, 0, 3, 0, 0]
    assert list(counts) == list(HERE.lsoas("2011"))


def test_counts_by_2021_lsoa_need_records_that_have_them() -> None:
    files = {("2024-01", HOME): "fourteen"}
    table = a_table([("2024-01", HOME, PART, "Drugs", 3)], files)
    counts = monthly_counts(table, HERE, by="lsoa", measure="drugs", vintage="2021")
    assert (counts.shape[1], int(counts[PART].iloc[0])) == (117, 3)
    older = a_table([("2024-01", HOME, SPLIT, "Drugs", 3)], files)
    with pytest.raises(InputError, match=r"^records on the 2011 LSOA E01014007 cannot be divided among its 2021 parts"):
        monthly_counts(older, HERE, by="lsoa", measure="drugs", vintage="2021")


def test_a_file_of_mixed_vocabulary_still_has_its_total() -> None:
    cells = [("2013-05", HOME, CITY, "Violent crime", 1), ("2013-05", HOME, CITY, "Public order", 2)]
    counts = monthly_counts(a_table(cells, {("2013-05", HOME): "mixed"}), HERE, by="series")
    assert int(counts["recorded_crime"].iloc[0]) == 3
    assert counts["violence"].isna().all()


def test_a_file_without_a_row_is_no_evidence_that_the_month_was_published() -> None:
    account = TABLE.account.assign(rows_in=TABLE.account["rows_in"].where(TABLE.account["month"] != "2013-05", 0))
    counts = monthly_counts(replace(TABLE, account=account), HERE, by="headline")
    assert column(counts, "Total recorded crime") == [17, NA, NA, NA, 0]


# On real rows


@pytest.fixture(scope="module")
def committed() -> CountTable:
    return read_counts(COMMITTED)


def test_parts_add_up_to_their_wholes_in_every_month(committed: CountTable) -> None:
    total = monthly_counts(committed, HERE, by="headline")["Total recorded crime"]
    by_type = monthly_counts(committed, HERE).drop(columns=ANTI_SOCIAL_BEHAVIOUR)
    places = monthly_counts(committed, HERE, by="rural_urban")
    for parts in (by_type, monthly_counts(committed, HERE, by="lsoa"), places[["rural", "urban"]]):
        pd.testing.assert_series_equal(parts.sum(axis="columns", skipna=False), total, check_names=False)


def test_the_committed_counts_have_46_months_and_the_other_98_between_them_are_missing(committed: CountTable) -> None:
    counts = monthly_counts(committed, HERE, by="headline")
    assert len(counts) == 144
    published = counts.dropna().index.astype(str).tolist()
    spans = [
        "2014-01 2014-11", "2018-03 2018-03", "2018-10 2019-02", "2021-03 2022-03", "2024-01 2024-04", "2025-01 2025-12",
    ]  # fmt: skip
    assert published == [str(m) for span in spans for m in pd.period_range(*span.split(), freq="M")]


def test_the_committed_account_balances(committed: CountTable) -> None:
    account = committed.account
    assert (account["rows_in"] == account[["kept", "duplicates", "quarantined"]].sum(axis="columns")).all()
    placed = account[["in_area", "elsewhere", "no_location", "without_lsoa"]].sum(axis="columns")
    assert (account["kept"] == placed).all()
    lost = committed.cells["lsoa_code"].isna()
    assert committed.cells.loc[~lost, "count"].sum() == account["in_area"].sum()
    assert committed.cells.loc[lost, "count"].sum() == account["no_location"].sum()
    assert not committed.simulated


def test_counting_cleaned_rows_gives_what_counting_lines_by_hand_gives(tmp_path: Path) -> None:
    clean_archive(DATA, tmp_path / "clean")
    table = count_records(tmp_path / "clean", HERE)
    lines = [line for path in DATA.rglob("*.csv") for line in path.read_text(encoding="utf-8").splitlines()]
    ours = [line for line in lines if ",Herefordshire " in line]
    duplicates = [
        line for path in (tmp_path / "clean/duplicates").iterdir() for line in path.read_text("utf-8").splitlines()
    ]
    taken_out = [line for line in duplicates if ",Herefordshire " in line]
    assert table.cells.dropna()["count"].sum() == len(ours) - len(taken_out)
    assert table.cells.loc[table.cells["force"] == "btp", "count"].sum() == 2
    everywhere = count_records(tmp_path / "clean")
    assert everywhere.account["elsewhere"].sum() == 0
    assert everywhere.cells["count"].sum() == everywhere.account[["in_area", "no_location"]].sum(axis=None)
    headline = [monthly_counts(counted, HERE, by="headline") for counted in (table, everywhere)]
    pd.testing.assert_frame_equal(*headline)


def test_counts_survive_being_written_and_read_and_the_same_table_gives_the_same_bytes(tmp_path: Path) -> None:
    clean_archive(DATA, tmp_path / "clean")
    table = count_records(tmp_path / "clean", HERE)
    write_counts(table, tmp_path / "a")
    again = read_counts(tmp_path / "a")
    pd.testing.assert_frame_equal(again.cells, table.cells)
    pd.testing.assert_frame_equal(again.account, table.account)
    write_counts(again, tmp_path / "b")
    for path in (tmp_path / "a").iterdir():
        assert path.read_bytes() == (tmp_path / "b" / path.name).read_bytes()


def test_the_mark_of_simulated_records_survives_writing_and_no_publisher_is_named(tmp_path: Path) -> None:
    shutil.copytree(DATA, tmp_path / "in")
    (tmp_path / "in" / "SIMULATED.toml").write_text("simulated = true\nseed = 7\n", encoding="utf-8")
    clean_archive(tmp_path / "in", tmp_path / "clean")
    write_counts(count_records(tmp_path / "clean", HERE), tmp_path / "counts")
    table = read_counts(tmp_path / "counts")
    assert table.simulated
    assert table.source == {"simulated": True, "seed": 7}


# Failing well


@pytest.fixture
def written(tmp_path: Path) -> Path:
    return Path(shutil.copytree(COMMITTED, tmp_path / "counts"))


@pytest.mark.parametrize("name", ["counts.csv.gz", "account.csv", "SOURCE.toml"])
def test_a_missing_file_of_counts_is_named(written: Path, name: str) -> None:
    (written / name).unlink()
    with pytest.raises(InputError, match=f"^{re.escape(f'{written} has no {name}: count the records first')}$"):
        read_counts(written)


def test_counts_cut_short_are_an_error(written: Path) -> None:
    path = written / "counts.csv.gz"
    path.write_bytes(path.read_bytes()[:-100])
    with pytest.raises(InputError, match=r"^the counts in .*counts are damaged \(.*\): count the records again$"):
        read_counts(written)


def test_counts_edited_by_hand_are_an_error(written: Path) -> None:
    path = written / "counts.csv.gz"
    path.write_bytes(gzip.compress(gzip.decompress(path.read_bytes()).replace(b",8\n", b",9\n", 1)))
    message = f"the counts in {written} differ from the checksum in SOURCE.toml: count the records again"
    with pytest.raises(InputError, match=f"^{re.escape(message)}$"):
        read_counts(written)


@pytest.mark.parametrize(
    ("change", "by", "message"),
    [
        (
            {},
            "ward",
            "cannot count by 'ward': choose one of headline, crime_type, series, lsoa, rural_urban, theme",
        ),
        ({"area": "elsewhere"}, "lsoa", "the counts are for elsewhere only: count the records again for herefordshire"),
        (
            {"account": TABLE.account[TABLE.account["force"] == "gwent"]},
            "lsoa",
            "the counts have no month of west-mercia, the force for Herefordshire: they have gwent. Add its street files",
        ),
    ],
)
def test_what_cannot_be_counted_says_why(change: dict[str, object], by: str, message: str) -> None:
    with pytest.raises(InputError, match=f"^{re.escape(message)}$"):
        monthly_counts(replace(TABLE, **change), HERE, by=by)  # type: ignore[arg-type]


def test_every_theme_names_a_series_and_a_place_that_exist() -> None:
    keys = {entry.key for entry in comparable_series()}
    for theme in themes():
        assert theme.series in keys
        assert HERE.lsoas_in(theme.place)
        assert series(theme.series).label
