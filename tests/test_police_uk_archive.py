"""Cleaning a whole archive: what it writes, only what is new, nothing half-written."""

import csv
import os
import re
import shutil
import subprocess
import sys
import textwrap
import zipfile
from pathlib import Path

import pandas as pd
import pytest

from hcsp_assess.errors import InputError
from hcsp_assess.sources import police_uk
from hcsp_assess.sources.police_uk import (
    clean_archive,
    clean_street,
    find_street_files,
    read_account,
    read_street,
    scan_records,
)

DATA = Path(__file__).parent / "data" / "police_uk"
STREET_2014 = DATA / "2014-10" / "2014-10-west-mercia-street.csv"


def contents(folder: Path) -> dict[str, bytes]:
    paths = sorted(path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in paths}


def copy_months(folder: Path, *months: str) -> Path:
    for month in months:
        shutil.copytree(DATA / month, folder / month)
    return folder


def edit(path: Path, old: str, new: str) -> None:
    path.write_text(path.read_text(encoding="utf-8").replace(old, new), encoding="utf-8", newline="\n")


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    """The real rows, with one that cannot be used."""
    folder = copy_months(tmp_path / "in", "2014-10", "2018-11", "2025-02")
    edit(folder / "2014-10" / STREET_2014.name, ",-2.514675,", ",n/a,")
    return folder


def test_every_row_of_every_file_is_accounted_for(archive: Path, tmp_path: Path) -> None:
    account = clean_archive(archive, tmp_path / "out").to_frame().set_index(["month", "force"])
    counted = ["rows_in", "kept", "duplicates", "quarantined", "anti_social_behaviour", "no_location", "without_lsoa"]
    assert account[counted].apply(tuple, axis="columns").to_dict() == {
        ("2014-10", "west-mercia"): (48, 44, 3, 1, 29, 0, 0),
        ("2018-11", "btp"): (7, 7, 0, 0, 0, 0, 2),
        ("2018-11", "northern-ireland"): (10, 10, 0, 0, 6, 1, 9),
        ("2018-11", "west-mercia"): (17, 17, 0, 0, 3, 1, 0),
        ("2025-02", "west-mercia"): (25, 23, 2, 0, 9, 4, 0),
    }
    assert account["duplicates_without_location"].sum() == 1
    assert account["lsoa_vintage"].tolist() == ["2011", "2011", "none", "2011", "2021"]
    assert set(account["vocabulary"]) == {"fourteen"}


def test_what_was_set_aside_is_written_with_its_reason_and_its_line(archive: Path, tmp_path: Path) -> None:
    clean_archive(archive, tmp_path / "out")
    (row,) = csv.DictReader((tmp_path / "out/quarantine/2014-10.csv").read_text(encoding="utf-8").splitlines())
    source = (archive / "2014-10" / STREET_2014.name).read_text(encoding="utf-8").splitlines()
    assert (row["reason"], row["file"]) == ("coordinate is not a number", STREET_2014.name)
    assert row["original"] == source[int(row["line"]) - 1]
    assert [path.name for path in (tmp_path / "out/quarantine").iterdir()] == ["2014-10.csv"]


def test_the_bulk_path_and_the_analysts_path_give_the_same_records(archive: Path, tmp_path: Path) -> None:
    clean_archive(archive, tmp_path / "out")
    bulk = scan_records(tmp_path / "out").collect().to_pandas()
    single = pd.concat(
        [clean_street(read_street(file), file=file).records for file in find_street_files(archive)], ignore_index=True
    )
    pd.testing.assert_frame_equal(bulk.assign(month=pd.PeriodIndex(bulk["month"], freq="M")), single)


def test_a_zip_and_the_same_files_in_folders_give_the_same_records(archive: Path, tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "download.zip", "w", zipfile.ZIP_DEFLATED) as packed:
        for name, content in contents(archive).items():
            packed.writestr(f"some folder/{name}", content)
    clean_archive(archive, tmp_path / "a")
    clean_archive(tmp_path / "download.zip", tmp_path / "b")
    one, two = contents(tmp_path / "a"), contents(tmp_path / "b")
    assert {name for name in one if one[name] != two.get(name)} == {
        "account.csv",
        "last_read.json",
        "manifest.json",
    }  # where files were


def test_a_new_month_is_the_only_one_cleaned_and_the_bytes_are_those_of_a_run_from_scratch(
    archive: Path, tmp_path: Path
) -> None:
    shutil.move(archive / "2018-11", tmp_path / "later")
    assert clean_archive(archive, tmp_path / "out").cleaned == ("2014-10", "2025-02")
    shutil.move(tmp_path / "later", archive / "2018-11")
    assert clean_archive(archive, tmp_path / "out").cleaned == ("2018-11",)
    assert clean_archive(archive, tmp_path / "out").cleaned == ()
    clean_archive(archive, tmp_path / "scratch")
    assert contents(tmp_path / "out") == contents(tmp_path / "scratch")


def test_a_month_taken_out_of_the_source_goes_from_the_result(archive: Path, tmp_path: Path) -> None:
    clean_archive(archive, tmp_path / "out")
    shutil.rmtree(archive / "2014-10")
    clean_archive(archive, tmp_path / "out")
    clean_archive(archive, tmp_path / "scratch")
    assert contents(tmp_path / "out") == contents(tmp_path / "scratch")


def test_a_result_that_lost_a_file_is_made_whole(archive: Path, tmp_path: Path) -> None:
    clean_archive(archive, tmp_path / "out")
    before = contents(tmp_path / "out")
    (tmp_path / "out/records/month=2018-11/street.parquet").unlink()
    assert clean_archive(archive, tmp_path / "out").cleaned == ("2018-11",)
    assert contents(tmp_path / "out") == before


# A crime that two months have


@pytest.fixture
def repeated(archive: Path) -> Path:
    """One crime of October 2014 is in the file of February 2025 too."""
    crime = STREET_2014.read_text(encoding="utf-8").splitlines()[1].replace("2014-10", "2025-02")
    path = archive / "2025-02" / "2025-02-west-mercia-street.csv"
    path.write_text(path.read_text(encoding="utf-8") + crime + "\n", encoding="utf-8", newline="\n")
    return archive


def test_a_crime_that_an_earlier_month_has_is_a_duplicate_in_the_later_one(repeated: Path, tmp_path: Path) -> None:
    account = clean_archive(repeated, tmp_path / "out").to_frame().set_index(["month", "force"])
    assert account["duplicates_of_earlier_month"].to_dict()["2025-02", "west-mercia"] == 1
    assert account["duplicates_of_earlier_month"].sum() == 1
    assert account["kept"].to_dict()["2025-02", "west-mercia"] == 23
    rows = list(csv.DictReader((tmp_path / "out/duplicates/2025-02.csv").read_text(encoding="utf-8").splitlines()))
    assert rows[-1]["kept"] == "an earlier month"


@pytest.mark.parametrize("late", ["2014-10", "2025-02"])
def test_the_order_in_which_months_arrive_makes_no_difference(repeated: Path, tmp_path: Path, late: str) -> None:
    shutil.move(repeated / late, tmp_path / "late")
    clean_archive(repeated, tmp_path / "out")
    shutil.move(tmp_path / "late", repeated / late)
    clean_archive(repeated, tmp_path / "out")
    clean_archive(repeated, tmp_path / "scratch")
    assert contents(tmp_path / "out") == contents(tmp_path / "scratch")


def test_when_the_earlier_month_goes_its_crime_is_back_in_the_later_one(repeated: Path, tmp_path: Path) -> None:
    clean_archive(repeated, tmp_path / "out")
    shutil.rmtree(repeated / "2014-10")
    account = clean_archive(repeated, tmp_path / "out").to_frame()
    assert account["duplicates_of_earlier_month"].sum() == 0
    clean_archive(repeated, tmp_path / "scratch")
    assert contents(tmp_path / "out") == contents(tmp_path / "scratch")


def test_two_crime_ids_that_begin_alike_are_two_crimes(archive: Path, tmp_path: Path) -> None:
    crime = next(
        line for line in STREET_2014.read_text(encoding="utf-8").splitlines() if re.match("[0-9a-f]{64}", line)
    )
    alike = crime[:60] + ("0000" if crime[60:64] != "0000" else "1111") + crime[64:]
    for month, line in (("2014-10", alike), ("2025-02", alike.replace("2014-10", "2025-02"))):
        path = archive / month / f"{month}-west-mercia-street.csv"
        path.write_text(path.read_text(encoding="utf-8") + line + "\n", encoding="utf-8", newline="\n")
    account = clean_archive(archive, tmp_path / "out").to_frame().set_index(["month", "force"])
    assert account["duplicates_of_earlier_month"].sum() == 1
    assert account["kept"].to_dict()["2014-10", "west-mercia"] == 44 + 1
    (archive / "2014-10" / STREET_2014.name).write_bytes(STREET_2014.read_bytes())
    account = clean_archive(archive, tmp_path / "out").to_frame()
    assert account["duplicates_of_earlier_month"].sum() == 0


def test_files_that_nobody_touched_are_not_read_again(
    archive: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clean_archive(archive, tmp_path / "out")
    before = contents(tmp_path / "out")
    monkeypatch.setattr("hcsp_assess.files.DOUBTFUL_NS", 0)
    edit(archive / "2025-02" / "2025-02-west-mercia-street.csv", "Status update unavailable", "Local resolution")
    read: list[str] = []
    read_bytes = police_uk.StreetFile.read_bytes
    monkeypatch.setattr(
        police_uk.StreetFile, "read_bytes", lambda file, *rest: read.append(file.name) or read_bytes(file, *rest)
    )
    assert clean_archive(archive, tmp_path / "out").cleaned == ("2025-02",)
    assert read == ["2025-02-west-mercia-street.csv"]
    clean_archive(archive, tmp_path / "scratch")
    assert contents(tmp_path / "out") == contents(tmp_path / "scratch") != before


def test_a_file_touched_as_the_last_run_ended_is_read_again(archive: Path, tmp_path: Path) -> None:
    clean_archive(archive, tmp_path / "out")
    path = archive / "2014-10" / STREET_2014.name
    status = path.stat()
    edit(path, "Birmingham", "Brummagems")
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))
    assert clean_archive(archive, tmp_path / "out").cleaned == ("2014-10",)


# Failing well


def test_a_bad_file_leaves_the_earlier_result_as_it_was(archive: Path, tmp_path: Path) -> None:
    clean_archive(archive, tmp_path / "out")
    before = contents(tmp_path / "out")
    (archive / "2026-01").mkdir()
    (archive / "2026-01" / "2026-01-west-mercia-street.csv").write_bytes(b"PK\x03\x04\x14\x00")
    with pytest.raises(InputError, match=r"2026-01-west-mercia-street\.csv is not a text file"):
        clean_archive(archive, tmp_path / "out")
    assert contents(tmp_path / "out") == before


def test_stopping_half_way_leaves_the_earlier_result_as_it_was(archive: Path, tmp_path: Path) -> None:
    clean_archive(archive, tmp_path / "out")
    before = contents(tmp_path / "out")
    edit(archive / "2014-10" / STREET_2014.name, "Birmingham", "Brummagem")

    def stop(stage: str, done: int, total: int) -> None:
        if done == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        clean_archive(archive, tmp_path / "out", progress=stop)
    assert contents(tmp_path / "out") == before
    assert clean_archive(archive, tmp_path / "out").cleaned == ("2014-10",)


@pytest.mark.skipif(
    sys.platform == "win32", reason="Windows has no limit on the size of files to stand for a full disk"
)
def test_a_disk_that_takes_no_more_is_an_error_and_leaves_the_earlier_result(archive: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    clean_archive(archive, out)
    before = contents(out)
    edit(archive / "2014-10" / STREET_2014.name, "Birmingham", "Brummagem")
    program = f"""
        import resource, signal
        from hcsp_assess.errors import InputError
        from hcsp_assess.sources.police_uk import clean_archive
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (2000, 2000))
        try:
            clean_archive({str(archive)!r}, {str(out)!r})
        except InputError as error:
            print(error)
    """
    run = subprocess.run([sys.executable, "-c", textwrap.dedent(program)], capture_output=True, text=True, check=True)
    assert run.stdout == (
        f"cannot write to {out}: File too large. Free some space or choose another folder, and run again. Any earlier result is unchanged\n"
    )
    assert contents(out) == before


def test_reading_records_that_were_never_cleaned_is_an_error(tmp_path: Path) -> None:
    message = f"{tmp_path} has no street-level records cleaned by this version of the software: clean the archive again"
    with pytest.raises(InputError, match=f"^{re.escape(message)}$"):
        read_account(tmp_path)


def test_a_damaged_manifest_means_cleaning_from_scratch(archive: Path, tmp_path: Path) -> None:
    clean_archive(archive, tmp_path / "out")
    before = contents(tmp_path / "out")
    (tmp_path / "out/manifest.json").write_text("{", encoding="utf-8")
    assert clean_archive(archive, tmp_path / "out").cleaned == ("2014-10", "2018-11", "2025-02")
    assert contents(tmp_path / "out") == before


def test_progress_counts_months_up_to_all_of_them(archive: Path, tmp_path: Path) -> None:
    told: list[tuple[str, int, int]] = []
    clean_archive(archive, tmp_path / "out", progress=lambda stage, done, total: told.append((stage, done, total)))
    assert told == [
        ("cleaning 2014-10", 0, 3),
        ("cleaning 2018-11", 1, 3),
        ("cleaning 2025-02", 2, 3),
        ("cleaned", 3, 3),
    ]
