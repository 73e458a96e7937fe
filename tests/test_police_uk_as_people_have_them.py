"""Street files as people have them: renamed, merged, packed, saved by another program; read or named, never missed.

The rows expected are counted with pandas from the months as published, or planted.
"""

import csv
import gzip
import io
import lzma
import re
import shutil
import tarfile
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import polars as pl
import pytest
from attacks import attack
from conftest import call, write_street_file
from test_police_uk_files import put, put_zip

from hcsp_assess.edition.opened import files_not_read, prepare
from hcsp_assess.errors import InputError
from hcsp_assess.files import csv_bytes
from hcsp_assess.project import Project
from hcsp_assess.sources.police_uk import clean_archive, scan_records
from hcsp_assess.sources.police_uk.beside import clean_beside
from hcsp_assess.subject.editions import edition

DATA = Path(__file__).parent / "data" / "police_uk"
FEBRUARY = (DATA / "2025-02" / "2025-02-west-mercia-street.csv").read_bytes()
HEADER, ROWS = FEBRUARY.split(b"\n", 1)
#: The same rows as three months, with Crime IDs of their own.
MONTHS = {
    month: HEADER + b"\n" + re.sub(rb"^[0-9a-f]", digit, ROWS.replace(b",2025-02,", f",{month},".encode()), flags=re.M)
    for month, digit in (("2025-02", b"0"), ("2025-03", b"1"), ("2025-04", b"2"))
}
FORCE = "west-mercia"
ALL = {(month, FORCE): FEBRUARY.count(b"\n") - 1 for month in MONTHS}
MERGED = HEADER + b"\n" + b"".join(content.split(b"\n", 1)[1] for content in MONTHS.values())
MONTH_FOLDERS = {f"{month}/{month}-{FORCE}-street.csv": content for month, content in MONTHS.items()}


def cleaned(folder: Path) -> dict[tuple[str, str], int]:
    """Rows received by month and force; a second run finds the same and cleans nothing again."""
    account = clean_archive(folder / "in", folder / "out")
    again = clean_archive(folder / "in", folder / "out")
    assert (again.files, again.cleaned, again.passed_over) == (account.files, (), account.passed_over)
    return {(file.month, file.force): file.rows_in for file in account.files}


def published(folder: Path) -> pl.DataFrame:
    """Records without where they were read from."""
    return scan_records(folder / "out").drop("line").collect().sort(pl.all())


def as_published(folder: Path) -> pl.DataFrame:
    for name, content in MONTH_FOLDERS.items():
        put(folder / "in" / name, content)
    clean_archive(folder / "in", folder / "out")
    return published(folder)


def with_separator(separator: str, quoting: int = csv.QUOTE_MINIMAL) -> Callable[[bytes], bytes]:
    def changed(content: bytes) -> bytes:
        text = io.StringIO()
        csv.writer(text, delimiter=separator, quoting=quoting).writerows(csv.reader(io.StringIO(content.decode())))
        return text.getvalue().encode()

    return changed


def turned_round(content: bytes) -> bytes:
    """Columns in the other order, beside one with line numbers and one more."""
    table = pd.read_csv(io.BytesIO(content), dtype="str", keep_default_na=False)
    return table[table.columns[::-1]].assign(checked="yes").to_csv().encode()


@attack(
    "street files with spaces, underscores, capitals, '- Copy', 'Copy of', (1), .CSV, .txt, more folders or no month folder",
    "read as the files that they are",
)
@pytest.mark.parametrize(
    "name",
    [
        "{month}/{month}-west-mercia-street - Copy.csv",
        "Copy of {month}-west-mercia-street.csv",
        "{month}-west-mercia-street (1) - Copy (2).csv",
        "{month}_west_mercia_street.csv",
        "{month} West Mercia Street.CSV",
        "{month}-WEST-MERCIA-STREET.Csv",
        "from Sam/2025/spring/{month}/{month}-west-mercia-street.csv",
        "{month}-west-mercia-street_2.csv.txt",
        "{month}/west-mercia-street.csv",
        "{month}/street.csv",
        "export {month}.csv",
    ],
)
def test_a_renamed_file_is_read(name: str, tmp_path: Path) -> None:
    for month, content in MONTHS.items():
        put(tmp_path / "in" / name.format(month=month), content)
    assert cleaned(tmp_path) == ALL


@attack(
    "a street file that another program saved: semicolons, tabs, vertical lines, UTF-16, Windows-1252, Excel's sep= line, "
    "decimal commas, quotation marks round each line, columns in another order, headings such as crime_id or Crime.ID",
    "read where the headings leave no doubt, and the account says what was different",
)
@pytest.mark.parametrize(
    ("change", "said"),
    [
        (with_separator(";"), "semicolons between the columns"),
        (with_separator("\t", csv.QUOTE_ALL), "tabs between the columns"),
        (with_separator("|"), "vertical lines between the columns"),
        (lambda content: content.replace(b",", b";"), "semicolons between the columns"),  # outcomes hold one too
        (
            lambda content: re.sub(rb"(;-?\d{1,2})\.(\d+)", rb"\1,\2", content.replace(b",", b";")),
            "semicolons between the columns",
        ),
        (
            lambda content: b"sep=;\r\n" + with_separator(";")(content),
            "lines above the headings; semicolons between the columns",
        ),
        (lambda content: content.decode().encode("utf-16"), "UTF-16"),
        (lambda content: b"\xfe\xff" + content.decode().encode("utf-16-be"), "UTF-16"),
        (lambda content: content.decode().encode("utf-16-le"), "UTF-16"),
        (lambda content: with_separator("\t")(content).decode().encode("utf-16"), "UTF-16; tabs between the columns"),
        (
            lambda content: b"".join(b'"' + line.replace(b'"', b'""') + b'"\r\n' for line in content.splitlines()),
            "quotation marks round each line",
        ),
        (turned_round, ""),
        (lambda content: HEADER.lower().replace(b" ", b"_") + content.removeprefix(HEADER), ""),
        (lambda content: HEADER.replace(b" ", b".") + content.removeprefix(HEADER), ""),
        (lambda content: HEADER.upper().replace(b" ", b"") + content.removeprefix(HEADER), ""),
    ],
)
def test_a_file_that_another_program_saved_is_read(change: Callable[[bytes], bytes], said: str, tmp_path: Path) -> None:
    for name, content in MONTH_FOLDERS.items():
        put(tmp_path / "in" / name, change(content))
    assert cleaned(tmp_path) == ALL
    account = clean_archive(tmp_path / "in", tmp_path / "out")
    assert {(file.quarantined, file.read_as) for file in account.files} == {(0, said)}
    assert published(tmp_path).equals(as_published(tmp_path / "plain"))


def test_letters_of_windows_1252_are_read_where_a_word_recurs_and_set_aside_where_they_may_be_damage(
    tmp_path: Path,
) -> None:
    lines = FEBRUARY.split(b"\n")
    welsh = [line.replace(b"On or near", "On or near Siôn".encode("cp1252")) for line in lines]
    put(tmp_path / "in" / f"2025-02-{FORCE}-street.csv", b"\n".join(welsh))
    (account,) = clean_archive(tmp_path / "in", tmp_path / "out").files
    assert (account.quarantined, account.read_as) == (0, "Windows-1252")
    there = sum("Siôn" in (place or "") for place in published(tmp_path)["location"])
    rows = pd.read_csv(io.BytesIO(FEBRUARY))
    crimes = rows[rows["Crime ID"].isna() | ~rows["Crime ID"].duplicated()]
    assert there == crimes["Location"].str.contains("On or near").sum() > 3
    put(tmp_path / "in" / f"2025-02-{FORCE}-street.csv", b"\n".join([*lines[:5], b"a\xf4b" + lines[5], *lines[6:]]))
    (account,) = clean_archive(tmp_path / "in", tmp_path / "out").files
    assert (account.quarantined, account.read_as) == (1, "")


@attack(
    "months written as Oct-25, 10/2025, 2025-10-01, October 2025, 01/10/2025, 10/1/2025 or a spreadsheet's number of days",
    "read: the month of the file, or of the row itself where a file holds several; the account says so",
)
@pytest.mark.parametrize(
    "written",
    [
        ("Feb-25", "Mar-25", "Apr-25"),
        ("02/2025", "03/2025", "04/2025"),
        ("2025-02-01", "2025-03-01", "2025-04-01"),
        ("2025-02-01 00:00:00", "2025-03-01 00:00:00", "2025-04-01 00:00:00"),
        ("February 2025", "March 2025", "April 2025"),
        ("01/02/2025", "01/03/2025", "01/04/2025"),
        ("2/1/2025", "3/1/2025", "4/1/2025"),
        ("45689", "45717", "45748"),
    ],
)
@pytest.mark.parametrize("merged", [False, True])
def test_months_in_another_form_are_read(written: tuple[str, ...], merged: bool, tmp_path: Path) -> None:
    changed = {
        name: content.replace(f",{month},".encode(), f",{form},".encode())
        for (name, content), month, form in zip(MONTH_FOLDERS.items(), MONTHS, written, strict=True)
    }
    if merged:
        put(tmp_path / "in" / "spring.csv", b"".join(changed.values()).replace(b"\n" + HEADER, b""))
    else:
        for name, content in changed.items():
            put(tmp_path / "in" / name, content)
    assert cleaned(tmp_path) == ALL
    forms = [file.read_as for file in clean_archive(tmp_path / "in", tmp_path / "out").files]
    assert [form.split("; ")[-1] for form in forms] == [f"months written as {form}" for form in written]
    assert published(tmp_path).equals(as_published(tmp_path / "plain"))


def test_a_month_of_another_file_and_a_date_that_may_be_two_are_set_aside(tmp_path: Path) -> None:
    lines = FEBRUARY.split(b"\n")
    lines[1] = lines[1].replace(b",2025-02,", b",Mar-25,")
    lines[2] = lines[2].replace(b",2025-02,", b",03/04/2025,")
    put(tmp_path / "in" / f"2025-02-{FORCE}-street.csv", b"\n".join(lines))
    clean_archive(tmp_path / "in", tmp_path / "out")
    aside = pd.read_csv(tmp_path / "out" / "quarantine" / "2025-02.csv")
    assert list(zip(aside["reason"], aside["line"], strict=True)) == [
        ("month is not that of the file", 2),
        ("month is not a month", 3),
    ]


@attack(
    "several months, or forces, in one CSV, whatever its name, in a folder, a zip or gzipped, in order or mixed",
    "split by the month and force of each row; the rows and their line numbers are those of the file",
)
@pytest.mark.parametrize(
    "name", ["2025-03-west-mercia-street.csv", "all.csv", "2025-02 to 2025-04-west-mercia-street.csv"]
)
@pytest.mark.parametrize("how", ["in order", "mixed", "headings repeated", "zipped"])
def test_months_merged_in_one_file_are_split(name: str, how: str, tmp_path: Path) -> None:
    content = MERGED
    if how == "mixed":
        content = HEADER + b"\n" + b"\n".join(sorted(MERGED.strip().split(b"\n")[1:], key=lambda row: row[1:9])) + b"\n"
    if how == "headings repeated":
        content = b"".join(MONTHS.values())
    if how == "zipped":
        put_zip(tmp_path / "in" / "latest.zip", {f"here/{name}": content})
    else:
        put(tmp_path / "in" / name, content)
    found = cleaned(tmp_path)
    assert sum(found.values()) == content.count(b"\n") - 1
    account = clean_archive(tmp_path / "in", tmp_path / "out")
    assert {(file.month, file.force): file.rows_in - file.quarantined for file in account.files} == ALL
    assert all("one of 3 parts of a file" in file.read_as for file in account.files)
    assert published(tmp_path).equals(as_published(tmp_path / "plain"))
    lines = content.split(b"\n")
    for month, crime, line in scan_records(tmp_path / "out").select("month", "crime_id", "line").collect().iter_rows():
        assert lines[line - 1].startswith(f"{crime or ''},{month:%Y-%m},".encode())


@pytest.mark.parametrize("name", ["2025-02-all-street.csv", "2025-02-west-mercia-street.csv.gz"])
def test_forces_in_one_file_of_a_month_are_split(name: str, tmp_path: Path) -> None:
    other = MONTHS["2025-02"].replace(b"West Mercia Police", b"British Transport Police").replace(b"\n0", b"\n3")
    content = MONTHS["2025-02"] + other.split(b"\n", 1)[1]
    put(tmp_path / "in" / name, gzip.compress(content) if name.endswith(".gz") else content)
    assert cleaned(tmp_path) == {("2025-02", "btp"): ALL["2025-02", FORCE], ("2025-02", FORCE): ALL["2025-02", FORCE]}


def test_forces_merged_in_one_file_are_split_and_equal_files_beside_it_are_recorded(tmp_path: Path) -> None:
    other = MONTHS["2025-02"].replace(b"West Mercia Police", b"Devon & Cornwall Police").replace(b"\n0", b"\n3")
    put(tmp_path / "in" / "both.csv", MERGED + other.split(b"\n", 1)[1])
    put(tmp_path / "in" / "2025-03" / f"2025-03-{FORCE}-street.csv", MONTHS["2025-03"])
    assert cleaned(tmp_path) == {("2025-02", "devon-and-cornwall"): ALL["2025-02", FORCE], **ALL}
    account = {file.month: file for file in clean_archive(tmp_path / "in", tmp_path / "out").files}
    assert {account["2025-03"].source, account["2025-03"].identical} == {
        f"2025-03/2025-03-{FORCE}-street.csv",
        "both.csv",
    }


@attack(
    "a merged CSV in which a row has no month that can be read, or does not say which force it was reported by; or that "
    "differs from the month's own file",
    "refused, with the line and what to do",
)
@pytest.mark.parametrize(
    ("content", "message"),
    [
        (MERGED.replace(b",2025-03,", b",soon,", 1), r"line \d+ has no month that can be read with certainty \(soon\)"),
        (MERGED.replace(b",2025-03,", b",2093-03,", 1), r"line \d+ has no month that can be read with certainty"),
        (MERGED.replace(b"West Mercia Police", b""), r"line 2 does not say which force it was reported by \(blank\)"),
        (MERGED.replace(b"West Mercia Police", b"Police", 2), r"line 2 does not say which force .* \(Police\)"),
        (MERGED[:-60], r"line \d+ cannot be taken apart \(cut short"),
    ],
)
def test_a_merged_file_that_leaves_doubt_is_refused(content: bytes, message: str, tmp_path: Path) -> None:
    put(tmp_path / "in" / "spring.csv", content)
    with pytest.raises(InputError, match=rf"^spring.csv is to be split .*{message}.*named like"):
        clean_archive(tmp_path / "in", tmp_path / "out")


def test_a_merged_file_that_differs_from_a_months_own_file_is_refused(tmp_path: Path) -> None:
    put(tmp_path / "in" / "spring.csv", MERGED.replace(b"Burglary", b"Robbery"))
    put(tmp_path / "in" / f"2025-03-{FORCE}-street.csv", MONTHS["2025-03"])
    with pytest.raises(InputError, match="2025-03 of west-mercia appears twice with different content"):
        clean_archive(tmp_path / "in", tmp_path / "out")


def test_a_few_rows_of_another_month_are_set_aside_and_not_made_a_month(tmp_path: Path) -> None:
    stray = MONTHS["2025-03"].split(b"\n")[1:4]
    put(tmp_path / "in" / f"2025-02-{FORCE}-street.csv", MONTHS["2025-02"] + b"\n".join(stray) + b"\n")
    (account,) = clean_archive(tmp_path / "in", tmp_path / "out").files
    assert (account.month, account.quarantined) == ("2025-02", 3)


def packed_tar(mode: str) -> bytes:
    held = io.BytesIO()
    with tarfile.open(fileobj=held, mode=mode) as tar:
        for name, content in MONTH_FOLDERS.items():
            about = tarfile.TarInfo(f"./police/{name}")
            about.size = len(content)
            tar.addfile(about, io.BytesIO(content))
    return held.getvalue()


@attack("a tar, plain or packed with gzip, bzip2 or xz", "read like a zip; one cut short is refused with its name")
@pytest.mark.parametrize(
    ("ending", "mode"), [("tar", "w"), ("tar.gz", "w:gz"), ("TGZ", "w:gz"), ("tar.bz2", "w:bz2"), ("tar.xz", "w:xz")]
)
def test_a_tar_is_read(ending: str, mode: str, tmp_path: Path) -> None:
    put(tmp_path / "in" / f"2025-05.{ending}", packed_tar(mode))
    assert cleaned(tmp_path) == ALL
    assert published(tmp_path).equals(as_published(tmp_path / "plain"))
    put(tmp_path / "in" / f"2025-05.{ending}", packed_tar(mode)[:-6000])
    with pytest.raises(InputError, match=f"^2025-05.{ending}.*(is not a whole tar file|damaged or cut short)"):
        clean_archive(tmp_path / "in", tmp_path / "out")


def test_a_packed_tar_that_unpacks_to_hundreds_of_times_its_size_is_refused(tmp_path: Path) -> None:
    put(tmp_path / "in" / "bomb.tar.xz", lzma.compress(bytes(200_000_000), preset=0))
    with pytest.raises(InputError, match=r"^bomb.tar.xz has more than 10 MB once unpacked"):
        clean_archive(tmp_path / "in", tmp_path / "out")


NEAR = {
    "crime.7z": "is an archive that is not opened here: unpack it",
    "crime.rar": "is an archive that is not opened here: unpack it",
    "2025-03.tar.zst": "is an archive that is not opened here: unpack it",
    f"2025-03-{FORCE}-street.xlsx": "is a spreadsheet: save it as CSV",
    f"2025-03-{FORCE}-street.csv.crdownload": "is a download that did not finish",
    f"2025-03-{FORCE}-street.csv.bak": "is named like a monthly file and does not end in .csv",
    f"2025-13-{FORCE}-street.csv": "is named like a monthly file and does not begin with the headings of one",
}


@attack(
    "a 7z or rar, a spreadsheet, an unfinished download, a table with some of the columns or none, an outcomes file without "
    "its month, or a zip of something else beside the months",
    "the months are read; `run`, `clean` and `check` name each of the others, with what to do",
)
def test_what_nearly_is_a_monthly_file_is_named_one_by_one(tmp_path: Path) -> None:
    folder = tmp_path / "in"
    put(folder / f"2025-02-{FORCE}-street.csv", FEBRUARY)
    for name in NEAR:
        put(folder / name, b"?")
    put(folder / "points.csv", b"Month,Longitude,Latitude,LSOA code,Crime type\n")
    put(folder / "spring outcomes.csv", HEADER.replace(b"Crime type,Last outcome category,Context", b"Outcome type"))
    put(folder / "empty.csv", HEADER + b"\n")
    put(folder / "old mac.csv", b"Month\rLSOA code,\xff\x00\r")
    put_zip(folder / "boundaries.zip", {"a.shp": b"?"})
    put_zip(folder / "deep.zip", {"a.zip": put_zip(tmp_path / "a.zip", {"b.zip": b"?"}).read_bytes()})
    for name in (".DS_Store", "Thumbs.db", "~$list.xlsx", "readme.txt", "lookup.csv", f"._2025-02-{FORCE}-street.csv"):
        put(folder / name, b"name,value\n")
    said = clean_archive(folder, tmp_path / "out").passed_over
    found = NEAR | {
        "points.csv": "has some headings of a street file, and no column Crime ID",
        "spring outcomes.csv": "has the headings of an outcomes file, and its name does not give the month and force",
        "empty.csv": "has the headings of a street file and no row",
        "boundaries.zip": "holds no monthly file of data.police.uk",
        "deep.zip/a.zip/b.zip": "is an archive that is not opened here",
        "deep.zip": "holds no monthly file of data.police.uk",
    }
    for name, why in found.items():
        assert [text for text in said if text.startswith(f"{name} {why}")], (name, said)
    assert len(said) == len(found)


def test_where_nothing_can_be_read_the_error_names_what_nearly_is_a_monthly_file(tmp_path: Path) -> None:
    put(tmp_path / "in" / "crime.7z", b"?")
    with pytest.raises(InputError, match=r"there are no street files .* Not read: crime.7z is an archive"):
        clean_archive(tmp_path / "in", tmp_path / "out")


def test_outcomes_in_another_form_are_read_and_the_account_says_so(tmp_path: Path) -> None:
    header = HEADER.replace(b"Crime type,Last outcome category,Context", b"Outcome type")
    crimes = [row.split(b",") for row in ROWS.strip().split(b"\n") if row[:1] != b","]
    lines = [header, *(b",".join([*row[:9], b"Local resolution"]) for row in crimes)]
    content = b"\n".join(lines).replace(b",2025-02,", b",Feb-25,").replace(b",", b";") + b"\n"
    put(tmp_path / "in" / f"2025_02_{FORCE}_Outcomes.CSV", content)
    (account,) = clean_beside(tmp_path / "in", tmp_path / "out", "outcomes")
    assert (account.rows_in, account.kept) == (len(crimes), len(crimes))
    assert account.read_as == "semicolons between the columns; months written as Feb-25"


# Exit codes


def state_good(raw: Path) -> None:
    write_street_file(raw, "2024-01")


def state_rows_set_aside(raw: Path) -> None:
    path = write_street_file(raw, "2024-01")
    path.write_text(
        path.read_text() + "cut short\n" + path.read_text().split("\n", 1)[1].replace("a" * 63, "b" * 63) * 2
    )


def state_all_incomplete(raw: Path) -> None:
    path = write_street_file(raw, "2024-01")
    path.write_text(path.read_text() + "cut short\n" * 9)


def state_other_program(raw: Path) -> None:
    path = write_street_file(raw, "2024-01")
    path.write_text(path.read_text().replace(",", ";"), encoding="utf-16")


def state_merged_in_doubt(raw: Path) -> None:
    path = write_street_file(raw, "2024-01")
    path.rename(raw / "mine.csv")
    (raw / "mine.csv").write_text((raw / "mine.csv").read_text().replace("2024-01", "January"))


def state_only_an_archive_of_another_kind(raw: Path) -> None:
    put(raw / "crime.7z", b"?")


def state_nothing(raw: Path) -> None:
    shutil.rmtree(raw, ignore_errors=True)


@pytest.mark.parametrize(
    ("state", "code"),
    [
        (state_good, 0),
        (state_other_program, 0),
        (state_rows_set_aside, 3),
        (state_all_incomplete, 1),
        (state_merged_in_doubt, 1),
        (state_only_an_archive_of_another_kind, 1),
        (state_nothing, 1),
    ],
)
def test_clean_and_check_end_with_the_same_exit_code(
    tiny_project: Path, state: Callable[[Path], None], code: int
) -> None:
    state(tiny_project / "data" / "raw" / "police_uk")
    for command in (("clean", "tiny"), ("check", "tiny"), ("clean", "tiny", "--quiet"), ("check", "tiny", "--json")):
        result = call(*command)
        assert result.exit_code == code, (command, result.output)
    for command in ("clean", "check"):
        assert call(command, "nothing").exit_code == call("clean", "nothing").exit_code != 0
        assert call(command, "tiny", "--threshold", "101").exit_code == 2


def test_check_names_older_files_that_a_newer_download_replaces(tiny_project: Path) -> None:
    raw = tiny_project / "data" / "raw" / "police_uk"
    for span in ("2020-01 to 2026-02", "2023-01 to 2025-12"):
        path = write_street_file(tiny_project / "made", "2024-01")
        put_zip(raw / f"hereford {span}.zip", {"2024-01/2024-01-west-mercia-street.csv": path.read_bytes()})
    said = call("check", "tiny", "--json").output
    assert "hereford 2023-01 to 2025-12.zip/2024-01/2024-01-west-mercia-street.csv (2025-12)" in said


def test_crime_ids_of_an_earlier_month_are_counted_and_said(tiny_project: Path) -> None:
    raw = tiny_project / "data" / "raw" / "police_uk"
    march = re.sub(rb"^1", b"0", MONTHS["2025-03"], flags=re.M)  # the Crime IDs of February
    put(raw / f"2025-02-{FORCE}-street.csv", MONTHS["2025-02"])
    put(raw / f"2025-03-{FORCE}-street.csv", march)
    both = pd.concat(pd.read_csv(io.BytesIO(content)) for content in (MONTHS["2025-02"], march)).dropna(
        subset="Crime ID"
    )
    expected = int((both.drop_duplicates(["Crime ID", "Month"]).groupby("Crime ID")["Month"].nunique() - 1).sum())
    assert expected > 10
    assert f"{expected} of the duplicates repeat a Crime ID of an earlier month" in call("clean", "tiny").output
    assert f"of which {expected} repeat a Crime ID of an earlier month" in call("check", "tiny", "--json").output


def test_files_not_read_are_told_from_what_is_stored_while_another_process_cleans(tiny_project: Path) -> None:
    write_street_file(tiny_project / "data" / "raw" / "police_uk", "2024-01")
    put(tiny_project / "data" / "raw" / "police_uk" / "2024-02-west-mercia-street.7z", b"7z\xbc\xaf\x27\x1c")
    opened = prepare(edition("tiny", tiny_project), Project(tiny_project))
    (tiny_project / "data" / "processed" / "police_uk" / "manifest.json").unlink()  # as while months are put in place
    (said,) = files_not_read(opened)
    assert said.startswith("2024-02-west-mercia-street.7z")


@pytest.mark.parametrize("separator", [b",", b";"])
def test_a_carriage_return_within_a_row_set_aside_leaves_it_one_row(tmp_path: Path, separator: bytes) -> None:
    line = FEBRUARY.split(b"\n")[1]
    odd = b'"' + line[:70] + b"\r" + line[70:]  # a quotation mark that is not closed, too
    content = b"\n".join([HEADER, odd, *ROWS.split(b"\n")[1:]]).replace(b",", separator)
    put(tmp_path / "in" / f"2025-02-{FORCE}-street.csv", content)
    [file] = clean_archive(tmp_path / "in", tmp_path / "out").files
    with (tmp_path / "out" / "quarantine" / "2025-02.csv").open(encoding="utf-8", newline="") as table:
        rows = list(csv.DictReader(table))
    assert len(rows) == file.quarantined > 0
    assert "\r" in next(row["original"] for row in rows if row["line"] == "2")


def test_a_text_with_any_line_end_stays_in_one_row_of_a_table() -> None:
    texts = ["a\rb", "a\nb", "a\r\nb", "a\r", "", "a,b", 'a"b']
    content = csv_bytes(pd.DataFrame({"text": texts, "number": range(len(texts))}))
    rows = list(csv.reader(io.StringIO(content.decode(), newline="")))
    assert rows == [["text", "number"], *([text, str(number)] for number, text in enumerate(texts))]
    assert content.startswith(b"text,number\n")
