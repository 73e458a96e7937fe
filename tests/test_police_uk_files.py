"""Finding street files: folders, zips and snapshots side by side, and one file chosen for each month and force."""

import gzip
import re
import zipfile
from pathlib import Path

import pytest
from attacks import attack

from hcsp_assess.errors import InputError
from hcsp_assess.sources.police_uk import clean_archive, find_street_files
from hcsp_assess.sources.police_uk.files import choose_files, read_simulated_mark

DATA = Path(__file__).parent / "data" / "police_uk"
STREET = (DATA / "2025-02" / "2025-02-west-mercia-street.csv").read_bytes()
OTHER = STREET.replace(b"Under investigation", b"Local resolution").replace(b"Status update", b"Status updates")


def put(path: Path, content: bytes = STREET) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return path


def put_zip(path: Path, members: dict[str, bytes]) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return path


def test_files_are_found_in_month_folders_flat_folders_and_zips_gzipped_or_not(tmp_path: Path) -> None:
    put(tmp_path / "a" / "2025-02" / "2025-02-west-mercia-street.csv")
    put(tmp_path / "flat" / "2025-03-gwent-street.csv.gz", gzip.compress(STREET))
    put_zip(
        tmp_path / "latest.zip", {"2025-04/2025-04-btp-street.csv": STREET, "2025-04/2025-04-btp-outcomes.csv": b""}
    )
    put(tmp_path / "a" / "2025-02" / "2025-02-west-mercia-stop-and-search.csv")
    found = find_street_files(tmp_path)
    assert [(str(file.month), file.force, file.label) for file in found] == [
        ("2025-02", "west-mercia", "a/2025-02/2025-02-west-mercia-street.csv"),
        ("2025-03", "gwent", "flat/2025-03-gwent-street.csv.gz"),
        ("2025-04", "btp", "latest.zip/2025-04/2025-04-btp-street.csv"),
    ]
    assert {file.read_bytes() for file in found} == {STREET}


def test_a_snapshot_is_dated_by_the_name_of_its_zip_or_folder_else_by_its_newest_month(tmp_path: Path) -> None:
    put_zip(tmp_path / "2025-06.zip", {"2025-02/2025-02-a-street.csv": STREET})
    put_zip(tmp_path / "latest.zip", {"2025-02/2025-02-b-street.csv": STREET, "2025-05/2025-05-b-street.csv": STREET})
    put(tmp_path / "downloaded 2025-07-15" / "2025-02" / "2025-02-c-street.csv")
    put(tmp_path / "2025-02" / "2025-02-d-street.csv")
    dates = {(file.force, str(file.month)): (file.snapshot, file.snapshot_from) for file in find_street_files(tmp_path)}
    assert dates == {
        ("a", "2025-02"): ("2025-06", "name"),
        ("b", "2025-02"): ("2025-05", "newest month"),
        ("b", "2025-05"): ("2025-05", "newest month"),
        ("c", "2025-02"): ("2025-07-15", "name"),
        ("d", "2025-02"): ("2025-02", "newest month"),
    }


def test_the_newest_snapshot_of_a_month_and_force_wins_and_the_account_says_over_what(tmp_path: Path) -> None:
    put_zip(tmp_path / "in" / "2025-04.zip", {"2025-02/2025-02-west-mercia-street.csv": OTHER})
    put_zip(tmp_path / "in" / "2025-08.zip", {"2025-02/2025-02-west-mercia-street.csv": STREET})
    account = clean_archive(tmp_path / "in", tmp_path / "out").files[0]
    assert account.source == "2025-08.zip/2025-02/2025-02-west-mercia-street.csv"
    assert account.superseded == "2025-04.zip/2025-02/2025-02-west-mercia-street.csv (2025-04)"


def test_a_month_twice_with_the_same_content_is_used_once_and_recorded(tmp_path: Path) -> None:
    put(tmp_path / "in" / "one" / "2025-02-west-mercia-street.csv")
    put(tmp_path / "in" / "two" / "2025-02-west-mercia-street.csv")
    (account,) = clean_archive(tmp_path / "in", tmp_path / "out").files
    assert (account.source, account.identical) == (
        "one/2025-02-west-mercia-street.csv",
        "two/2025-02-west-mercia-street.csv",
    )


def test_a_month_twice_with_different_content_in_one_snapshot_is_an_error_that_names_both(tmp_path: Path) -> None:
    put(tmp_path / "one" / "2025-02-west-mercia-street.csv")
    put(tmp_path / "two" / "2025-02-west-mercia-street.csv", OTHER)
    message = (
        "2025-02 of west-mercia appears twice with different content in the same snapshot (2025-02): "
        "one/2025-02-west-mercia-street.csv and two/2025-02-west-mercia-street.csv. Remove one, or put each in a folder "
        "named after the date it was published, such as 2024-03"
    )
    with pytest.raises(InputError, match=f"^{re.escape(message)}$"):
        choose_files(find_street_files(tmp_path))


def test_an_empty_folder_is_an_error(tmp_path: Path) -> None:
    message = (
        f"there are no street files in {tmp_path}: expected names like 2024-03/2024-03-west-mercia-street.csv, in folders or in a "
        "zip from https://data.police.uk/data/"
    )
    with pytest.raises(InputError, match=f"^{re.escape(message)}$"):
        find_street_files(tmp_path)


def test_a_folder_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    message = f"{tmp_path / 'no'} does not exist: give a folder or a zip of street files from data.police.uk"
    with pytest.raises(InputError, match=f"^{re.escape(message)}$"):
        find_street_files(tmp_path / "no")


def test_a_file_that_is_no_street_file_is_an_error(tmp_path: Path) -> None:
    message = "notes.txt is not a folder, a zip or a street file: give one of these"
    with pytest.raises(InputError, match=f"^{re.escape(message)}$"):
        find_street_files(put(tmp_path / "notes.txt", b"Ask for November again"))


def test_a_zip_cut_short_is_an_error_and_leaves_nothing_behind(tmp_path: Path) -> None:
    path = put_zip(tmp_path / "2025-04.zip", {"2025-02/2025-02-west-mercia-street.csv": STREET})
    path.write_bytes(path.read_bytes()[:-40])
    message = "2025-04.zip is not a whole zip file (File is not a zip file): download it again"
    with pytest.raises(InputError, match=f"^{re.escape(message)}$"):
        clean_archive(path, tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_a_zip_damaged_inside_is_an_error_and_leaves_nothing_behind(tmp_path: Path) -> None:
    path = put_zip(tmp_path / "2025-04.zip", {"2025-02/2025-02-west-mercia-street.csv": STREET})
    content = bytearray(path.read_bytes())
    content[200:220] = bytes(20)
    path.write_bytes(content)
    message = r"2025-04.zip/2025-02/2025-02-west-mercia-street.csv is damaged or cut short \(.*\): download it again"
    with pytest.raises(InputError, match=f"^{message}$"):
        clean_archive(path, tmp_path / "out")
    assert list((tmp_path / "out").iterdir()) == []


def test_a_gzip_cut_short_is_an_error(tmp_path: Path) -> None:
    put(tmp_path / "2025-02-gwent-street.csv.gz", gzip.compress(STREET)[:-100])
    message = r"2025-02-gwent-street.csv.gz is damaged or cut short \(.*\): download it again"
    with pytest.raises(InputError, match=f"^{message}$"):
        find_street_files(tmp_path)[0].read_bytes()


@pytest.mark.parametrize("zipped", [False, True])
def test_the_mark_of_simulated_records_follows_them(tmp_path: Path, zipped: bool) -> None:
    members = {"SIMULATED.toml": b"simulated = true\nseed = 7\n", "2025-02/2025-02-west-mercia-street.csv": STREET}
    for name, content in members.items():
        put(tmp_path / "folder" / name, content)
    source = put_zip(tmp_path / "zip.zip", members) if zipped else tmp_path / "folder"
    account = clean_archive(source, tmp_path / "out")
    assert account.simulated
    assert account.mark == {"simulated": True, "seed": 7}


def test_simulated_and_real_records_in_one_archive_are_an_error(tmp_path: Path) -> None:
    put(tmp_path / "made up" / "SIMULATED.toml", b"simulated = true\n")
    put(tmp_path / "made up" / "2025-02-west-mercia-street.csv")
    put(tmp_path / "real" / "2025-03-west-mercia-street.csv")
    message = (
        f"{tmp_path} holds simulated records (made up/SIMULATED.toml) and real ones (real/2025-03-west-mercia-street.csv): "
        "keep them in separate folders; they must never be counted together"
    )
    with pytest.raises(InputError, match=f"^{re.escape(message)}$"):
        clean_archive(tmp_path, tmp_path / "out")


@attack(
    "street files in a zip that a Windows program made (backslashes), in a zip in a zip, or named '-street (1).csv'",
    "read; a mark of simulated records in there is found",
)
def test_files_under_unusual_names_are_read(tmp_path: Path) -> None:
    month = "2025-02/2025-02-a-street.csv"
    inner = put_zip(tmp_path / "inner.zip", {month: STREET, "SIMULATED.toml": b"seed = 1"}).read_bytes()
    (tmp_path / "inner.zip").unlink()
    put_zip(tmp_path / "in" / "outer.zip", {"Downloads/police.zip": inner})
    backslashes = put_zip(tmp_path / "in" / "windows.zip", {"2025-03/2025-03-b-street.csv": STREET}).read_bytes()
    (tmp_path / "in" / "windows.zip").write_bytes(backslashes.replace(b"2025-03/", b"2025-03\\"))
    put(tmp_path / "in" / "2025-04-c-street (1).csv")
    found = find_street_files(tmp_path / "in")
    assert [file.label for file in found] == [
        f"outer.zip/Downloads/police.zip/{month}",
        "windows.zip/2025-03/2025-03-b-street.csv",
        "2025-04-c-street (1).csv",
    ]
    assert {file.read_bytes() for file in found} == {STREET}
    put_zip(tmp_path / "sim" / "outer.zip", {"police.zip": inner, "__MACOSX/._police.zip": b"\0\5\x16"})
    put(tmp_path / "sim" / "._outer.zip", b"\0\5\x16")
    sim = find_street_files(tmp_path / "sim")
    assert read_simulated_mark(tmp_path / "sim", sim) == {"seed": 1, "simulated": True}
    put_zip(tmp_path / "bad" / "outer.zip", {"police.zip": inner[:-30]})
    with pytest.raises(InputError, match=r"^outer.zip/police.zip is damaged or cut short"):
        find_street_files(tmp_path / "bad")


@attack(
    "two zips of one force whose names have a first and a last month (2020-01 to 2026-02, 2023-01 to 2025-12)",
    "the one with the later end is used, and the account says over what",
)
def test_the_end_of_a_span_in_a_name_dates_a_zip(tmp_path: Path) -> None:
    for span, content in (("2020-01 to 2026-02", STREET), ("2023-01 to 2025-12", OTHER)):
        put_zip(tmp_path / f"glos {span}.zip", {"2025-02/2025-02-a-street.csv": content})
    (chosen,) = choose_files(find_street_files(tmp_path))
    assert chosen.file.label == "glos 2020-01 to 2026-02.zip/2025-02/2025-02-a-street.csv"
    assert chosen.superseded == ("glos 2023-01 to 2025-12.zip/2025-02/2025-02-a-street.csv (2025-12)",)
