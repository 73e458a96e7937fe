"""The 46 real West Mercia files and the quirk samples of other forces: golden counts, computed elsewhere."""

import csv
import datetime as dt
import gzip
import shutil
import zipfile
from pathlib import Path

import pandas as pd
import polars as pl
import pytest

from hcsp_assess.edition.counts import count_records, monthly_counts, read_counts, write_counts
from hcsp_assess.sources.police_uk import (
    ArchiveAccount,
    clean_archive,
    clean_street,
    find_street_files,
    read_api_json,
    read_street,
    scan_records,
)
from hcsp_assess.subject.areas import herefordshire

COMMITTED = Path(__file__).parents[1] / "data" / "raw" / "herefordshire_2025"


@pytest.fixture(scope="module")
def police(shared: Path) -> Path:
    return shared / "data" / "data.police.uk"


@pytest.fixture(scope="module")
def raw(police: Path) -> Path:
    return police / "west-mercia-street-raw"


@pytest.fixture(scope="module")
def received(police: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """All 46 files under the names that data.police.uk gave them."""
    folder = tmp_path_factory.mktemp("received")
    for source in ("west-mercia-street-raw", "more-months/street"):
        for path in (police / source).glob("*.csv.gz"):
            (folder / path.stem).write_bytes(gzip.decompress(path.read_bytes()))
    return folder


@pytest.fixture(scope="module")
def out(received: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("west-mercia")
    clean_archive(received, folder)
    return folder


@pytest.fixture(scope="module")
def account(received: Path, out: Path) -> ArchiveAccount:
    return clean_archive(received, out)


def golden_counts(police: Path, unit: str, names: list[str]) -> "pd.Series[int]":
    """Counts of Herefordshire's rows that were made from the files by other code."""
    files = sorted(police.glob(f"**/herefordshire_{unit}type_counts.csv*"))
    return pd.concat([pd.read_csv(path) for path in files]).set_index(names)["count"]


def test_all_rows_balance_file_by_file_and_the_totals_are_those_counted_elsewhere(account: ArchiveAccount) -> None:
    table = account.to_frame()
    assert (table["rows_in"] == table["kept"] + table["duplicates"] + table["quarantined"]).all()
    assert len(table) == 46
    assert table["rows_in"].sum() == 285_278 + 9_748 + 137_047
    assert table["duplicates"].sum() == 78 + 1
    assert table["quarantined"].sum() == 0
    assert table["anti_social_behaviour"].sum() == 126_318
    assert table["no_location"].sum() + table["duplicates_without_location"].sum() == 4_376
    assert table["duplicates_of_earlier_month"].sum() == 1  # the one repeated Crime ID of the 14 later files
    assert account.cleaned == ()


def test_rows_and_checksums_of_each_file_are_those_of_the_manifests(police: Path, account: ArchiveAccount) -> None:
    manifest = pd.concat([pd.read_csv(path, sep="\t") for path in police.glob("*e*/MANIFEST*.tsv")])
    names = manifest["staged"].str.extract(r"([^/]+-west-mercia-street\.csv)\.gz$")[0]
    manifest = manifest.assign(file=names).dropna(subset="file").set_index("file")
    table = account.to_frame().set_index("file")
    assert table["rows_in"].to_dict() == manifest["rows"].to_dict()
    assert table["sha256"].to_dict() == manifest["sha256_raw"].to_dict()
    sizes = manifest["bytes_raw"].dropna()
    assert table["bytes"].reindex(sizes.index).to_dict() == sizes.to_dict()
    assert len(sizes) == 32


def test_the_financial_year_2021_22_has_the_published_totals(police: Path, account: ArchiveAccount) -> None:
    table = account.to_frame()
    year = table[table["month"].between("2021-04", "2022-03")]
    assert (year["rows_in"] - year["anti_social_behaviour"]).sum() == 89_970  # one is a Crime ID that occurs twice
    headline = monthly_counts(read_counts(COMMITTED), herefordshire(), by="headline")["2021-04":"2022-03"]
    assert headline["Anti-social behaviour"].sum() == 5_261
    crimes = headline["Total recorded crime"]
    assert crimes.groupby(crimes.index.asfreq("Q-MAR")).sum().tolist() == [2_887, 3_062, 3_095, 3_042]


def test_lsoa_vintage_turns_from_2011_to_2021_with_the_month_of_june_2023(account: ArchiveAccount) -> None:
    table = account.to_frame()
    assert (table["lsoa_vintage"] == table["month"].map(lambda month: "2011" if month < "2023-06" else "2021")).all()
    assert set(table["vocabulary"]) == {"fourteen"}


def test_herefordshire_by_month_and_type_is_the_raw_count_less_the_duplicates_taken_out(
    out: Path, police: Path
) -> None:
    golden = pd.concat([golden_counts(police, unit, ["Month", "Crime type"]) for unit in ("month_", "2018-03_")])
    duplicates = pd.concat(pd.read_csv(path) for path in sorted((out / "duplicates").glob("*.csv")))
    taken_out = [line.split(",") for line in duplicates["original"] if ",Herefordshire " in line]
    for fields in taken_out:
        golden.loc[fields[1], fields[9]] -= 1
    counts = monthly_counts(count_records(out, herefordshire()), herefordshire())
    ours = {
        (str(month), kind): count for month, row in counts.dropna().iterrows() for kind, count in row.items() if count
    }
    assert ours == golden[golden > 0].to_dict()
    assert len(taken_out) == 7
    assert golden.sum() == 36_464 + 1_282 + 18_811 - 7


def test_herefordshire_by_lsoa_and_type_is_the_raw_count_less_the_duplicates_taken_out(out: Path, police: Path) -> None:
    golden = golden_counts(police, "month_lsoa_", ["Month", "LSOA code", "Crime type"])
    duplicates = pd.concat(pd.read_csv(path) for path in sorted((out / "duplicates").glob("*.csv")))
    for line in duplicates["original"]:
        if ",Herefordshire " in line:
            fields = line.split(",")
            golden.loc[fields[1], fields[7], fields[9]] -= 1
    cells = count_records(out, herefordshire()).cells.dropna(subset="lsoa_code")
    cells = cells[cells["month"] != "2018-03"]  # of which there is no such golden count
    ours = cells.assign(month=cells["month"].astype(str)).set_index(["month", "lsoa_code", "crime_type"])["count"]
    assert ours.to_dict() == golden[golden > 0].to_dict()


def test_districts_of_the_force_are_counted_as_another_programme_counted_them(out: Path, police: Path) -> None:
    files = sorted(police.glob("**/national_month_force_lad_type_counts*.csv.gz"))
    golden = pd.concat(
        [pd.read_csv(path, keep_default_na=False).rename(columns={"lad_from_lsoa_name": "district"}) for path in files]
    )
    golden = golden[golden["falls_within"] == "West Mercia Police"]
    records = scan_records(out).collect().to_pandas()
    district = records["lsoa_name"].str.slice(stop=-5).fillna("")
    ours = records.groupby([records["month"].dt.strftime("%Y-%m"), district]).size()
    theirs = golden.groupby(["month", "district"])["count"].sum().reindex(ours.index)
    difference = theirs - ours
    assert (difference >= 0).all()
    assert difference.sum() == 79


def test_the_duplicate_named_in_the_provenance_note_leaves_the_row_whose_case_is_complete(out: Path) -> None:
    crime = pl.col("crime_id").str.starts_with("06a03bd0862459f1") & (pl.col("month") == dt.date(2014, 10, 1))
    (outcome,) = scan_records(out).filter(crime).collect()["last_outcome_category"]
    assert outcome == "Investigation complete; no suspect identified"


def test_a_raw_zip_and_the_files_in_folders_give_identical_bytes_of_counts(raw: Path, tmp_path: Path) -> None:
    paths = [raw / f"2025-{month:02d}-west-mercia-street.csv.gz" for month in (1, 2, 3)]
    with zipfile.ZipFile(tmp_path / "download.zip", "w", zipfile.ZIP_DEFLATED) as packed:
        for path in paths:
            name = path.name.removesuffix(".gz")
            folder = tmp_path / "in" / name[:7]
            folder.mkdir(parents=True)
            content = gzip.decompress(path.read_bytes())
            (folder / name).write_bytes(content)
            packed.writestr(f"{name[:7]}/{name}", content)
    for source, target in (("download.zip", "a"), ("in", "b")):
        clean_archive(tmp_path / source, tmp_path / f"clean {target}")
        write_counts(count_records(tmp_path / f"clean {target}", herefordshire()), tmp_path / target)
    assert (tmp_path / "a/counts.csv.gz").read_bytes() == (tmp_path / "b/counts.csv.gz").read_bytes()


def test_adding_one_month_cleans_that_month_only_and_gives_the_bytes_of_a_run_from_scratch(
    raw: Path, tmp_path: Path
) -> None:
    (tmp_path / "in").mkdir()
    for month in ("2014-08", "2014-10"):
        shutil.copy(raw / f"{month}-west-mercia-street.csv.gz", tmp_path / "in")
    clean_archive(tmp_path / "in", tmp_path / "out")
    shutil.copy(raw / "2014-09-west-mercia-street.csv.gz", tmp_path / "in")
    assert clean_archive(tmp_path / "in", tmp_path / "out").cleaned == ("2014-09",)
    clean_archive(tmp_path / "in", tmp_path / "scratch")
    for path in (tmp_path / "scratch").rglob("*.*"):
        assert path.read_bytes() == (tmp_path / "out" / path.relative_to(tmp_path / "scratch")).read_bytes()


def test_the_counts_that_come_with_the_project_are_rebuilt_byte_for_byte(out: Path, tmp_path: Path) -> None:
    committed = read_counts(COMMITTED)
    rebuilt = count_records(out, herefordshire())
    write_counts(type(rebuilt)(rebuilt.cells, rebuilt.account, committed.source, rebuilt.area), tmp_path)
    for name in ("account.csv", "SOURCE.toml"):
        assert (tmp_path / name).read_bytes() == (COMMITTED / name).read_bytes()
    counts = [gzip.decompress((folder / "counts.csv.gz").read_bytes()) for folder in (tmp_path, COMMITTED)]
    assert counts[0] == counts[1]


QUIRK_ACCOUNTS = {  # rows, anti-social behaviour, no location, no LSOA, no Crime ID outside anti-social behaviour
    "2018-11-btp-street.csv": (5_074, 0, 0, 97, 5_074),
    "2018-11-northern-ireland-street.csv": (11_714, 3_939, 69, 11_645, 0),
    "2025-03-northern-ireland-street.csv": (12_114, 3_976, 86, 12_028, 0),
    "2025-03-devon-and-cornwall-street.csv": (12_427, 2_086, 614, 0, 0),
}


def test_quirk_samples_of_other_forces_are_read_with_a_right_account(shared: Path) -> None:
    for file in find_street_files(shared / "data" / "data.police.uk" / "quirk-samples"):
        lines = gzip.decompress(file.path.read_bytes()).decode().splitlines()[1:]
        fields = list(csv.reader(lines))
        asb = [row for row in fields if row[9] == "Anti-social behaviour"]
        assert (
            len(fields),
            len(asb),
            sum(row[4] == "" for row in fields),
            sum(row[7] == "" and row[4] != "" for row in fields),
            sum(row[0] == "" for row in fields) - len(asb),
        ) == QUIRK_ACCOUNTS[file.name]
        account = clean_street(read_street(file), file=file).account
        assert (account.rows_in, account.kept, account.duplicates, account.quarantined) == (
            len(fields),
            len(fields),
            0,
            0,
        )
        assert (
            account.kept,
            account.anti_social_behaviour,
            account.no_location,
            account.without_lsoa,
            account.without_id,
        ) == QUIRK_ACCOUNTS[file.name]


def test_transport_police_records_in_the_area_are_counted_and_their_absence_is_no_gap(
    raw: Path, shared: Path, tmp_path: Path
) -> None:
    for name in ("west-mercia-street-raw/2018-11-west-mercia", "quirk-samples/2018-11-btp"):
        (tmp_path / "in").mkdir(exist_ok=True)
        shutil.copy(shared / "data" / "data.police.uk" / f"{name}-street.csv.gz", tmp_path / "in")
    shutil.copy(raw / "2018-12-west-mercia-street.csv.gz", tmp_path / "in")
    clean_archive(tmp_path / "in", tmp_path / "out")
    table = count_records(tmp_path / "out", herefordshire())
    assert table.cells.loc[(table.cells["force"] == "btp") & table.cells["lsoa_code"].notna(), "count"].sum() > 0
    assert monthly_counts(table, herefordshire()).notna().all(axis=None)


def test_answers_of_the_api_are_read_with_a_right_account(shared: Path) -> None:
    rows = {}
    for path in sorted((shared / "data" / "data.police.uk" / "api-json-samples").glob("*.json.gz")):
        account = clean_street(read_api_json(path)).account
        assert account.quarantined == 0
        rows[path.name.split("_area_")[0][-7:], path.name[-18:-10]] = account.rows_in
    assert sum(rows.values()) == 233 + 83 + 255 + 93


def test_records_scanned_in_bulk_are_all_there(out: Path) -> None:
    assert scan_records(out).select("line").collect().height == 432_073 - 79
