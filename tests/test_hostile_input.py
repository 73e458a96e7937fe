"""Damaged and hostile files, folders and commands: a sentence that says what, where and what to do, never a traceback."""

import gzip
import json
import os
import re
import subprocess
import sys
import time
import zipfile
from pathlib import Path
from typing import Any

import pytest
from attacks import attack
from conftest import HEADER, ROOT, call, said, write_street_file
from typer.testing import CliRunner

from hcsp_assess import files
from hcsp_assess.cli.fault_report import BEGINS
from hcsp_assess.cli.main import app
from hcsp_assess.cli.options import ROWS_SET_ASIDE
from hcsp_assess.errors import InputError
from hcsp_assess.files import LARGEST_FILE
from hcsp_assess.places.points import estimate_density
from hcsp_assess.project import WORKING
from hcsp_assess.sources.police_uk import clean_archive
from hcsp_assess.sources.police_uk.lines import LONGEST_LINE
from hcsp_assess.subject.editions import is_data

POLICE = Path("data") / "raw" / "police_uk"
JANUARY = POLICE / "2024-01" / "2024-01-west-mercia-street.csv"
NAME = "2024-03/2024-03-west-mercia-street.csv"


@pytest.fixture
def project(tiny_project: Path) -> Path:
    write_street_file(tiny_project / POLICE, "2024-01")
    write_street_file(tiny_project / POLICE, "2024-02")
    return tiny_project


def refused(*arguments: Any, code: int = 1) -> str:
    result = call(*arguments)
    assert result.exit_code == code, result.output
    return said(result)


def zipped(path: Path, members: dict[str, bytes], how: int = zipfile.ZIP_DEFLATED) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(path, "w", how) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return path


def flagged(path: Path, offset: int, value: int) -> Path:
    """A zip whose headers of each member say something else: encrypted, or packed in another way."""
    content = bytearray(path.read_bytes())
    for begin, place in ((b"PK\x03\x04", offset), (b"PK\x01\x02", offset + 2)):
        at = content.find(begin)
        while at >= 0:
            content[at + place] = value
            at = content.find(begin, at + 4)
    path.write_bytes(bytes(content))
    return path


# Resources


@attack("a zip of 10 MB that unpacks to 10 GB", "refused by the size that it states; nothing is unpacked")
@attack("a zip that unpacks to hundreds of times its size", "the same, where a file has more than 10 MB")
def test_a_zip_bomb_is_refused_before_it_is_unpacked(tmp_path: Path) -> None:
    bomb = zipped(tmp_path / "in" / "2024-03.zip", {NAME: b" " * 50_000_000})
    assert bomb.stat().st_size < 60_000
    began = time.process_time()
    with pytest.raises(InputError, match=rf"2024-03.zip/{NAME} has more than 1. MB once unpacked.*download it again"):
        clean_archive(tmp_path / "in", tmp_path / "out")
    claimed = bytearray(bomb.read_bytes())
    for begin, place in ((b"PK\x03\x04", 22), (b"PK\x01\x02", 24)):  # where the size unpacked is
        at = claimed.find(begin)
        claimed[at + place : at + place + 4] = (4_000_000_000).to_bytes(4, "little")
    bomb.write_bytes(bytes(claimed))
    with pytest.raises(InputError, match=rf"{NAME} has more than .* MB once unpacked"):
        clean_archive(tmp_path / "in", tmp_path / "out")
    assert time.process_time() - began < 2


@attack(
    "a zip that says a file in it is small, and it is not", "no more is unpacked than it said; then refused as damaged"
)
def test_a_zip_that_lies_about_its_size(tmp_path: Path) -> None:
    bomb = zipped(tmp_path / "in" / "2024-03.zip", {NAME: b" " * 50_000_000})
    content = bytearray(bomb.read_bytes())
    for begin, place in ((b"PK\x03\x04", 22), (b"PK\x01\x02", 24)):
        at = content.find(begin)
        content[at + place : at + place + 4] = (1000).to_bytes(4, "little")
    bomb.write_bytes(bytes(content))
    with pytest.raises(InputError, match="damaged or cut short"):
        clean_archive(tmp_path / "in", tmp_path / "out")


@attack("a gzipped street file, or a plain one, of more than 1,000 MB", 'reading stops there: "more than 1,000 MB"')
def test_a_file_beyond_any_real_one_stops_at_a_stated_size(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert LARGEST_FILE == 1_000_000_000
    for function in (files.read_file, files.gunzip, files.too_large):
        monkeypatch.setattr(function, "__defaults__", (1_000_000,))
    path = tmp_path / "in" / "2024-03-west-mercia-street.csv.gz"
    path.parent.mkdir()
    path.write_bytes(gzip.compress(HEADER.encode() + b"\n" + b" " * 5_000_000))
    with pytest.raises(InputError, match=r"street.csv.gz has more than 1 MB once unpacked"):
        clean_archive(tmp_path / "in", tmp_path / "out")
    path.unlink()
    (path.parent / "2024-03-west-mercia-street.csv").write_bytes(HEADER.encode() + b"\n" + b" " * 5_000_000)
    with pytest.raises(InputError, match=r"street.csv has more than 1 MB"):
        clean_archive(tmp_path / "in", tmp_path / "out")


@attack("a first line without an end", "refused: its first line has more than 10,000 bytes")
def test_a_heading_without_end(project: Path) -> None:
    JANUARY.write_bytes(b"x" * 3_000_000)
    assert "2024-01-west-mercia-street.csv does not start with the header" in refused("clean", "tiny")
    JANUARY.write_bytes(b"Crime ID," * 1_000_000)
    assert "its first line has more than 10,000 bytes" in refused("clean", "tiny")


@attack("a row without an end", "set aside as longer than 100,000 bytes; its beginning and its length are kept")
def test_a_row_without_end(project: Path) -> None:
    JANUARY.write_bytes(JANUARY.read_bytes() + b'"' + b"y" * 3_000_000)
    result = call("clean", "tiny")
    assert result.exit_code == ROWS_SET_ASIDE
    assert "9 rows in, 6 rows kept, 2 rows duplicates, 1 rows set aside" in said(result)
    aside = (project / "data/processed/police_uk/quarantine/2024-01.csv").read_text(encoding="utf-8")
    assert f"longer than {LONGEST_LINE:,} bytes" in aside
    assert "(3,000,001 bytes)" in aside
    assert len(aside) < 3000


@attack("`points --bandwidth 1e9` (1e300, inf, 0)", "refused: too wide for the points, before any memory is taken")
@pytest.mark.parametrize("bandwidth", ["1e9", "inf", "50000"])
def test_a_bandwidth_beyond_any_map(bandwidth: str, tmp_path: Path) -> None:
    rows = [f"{351_000 + 37 * n % 900},{240_000 + 91 * n % 900},2025-03-0{1 + n % 9} 22:30," for n in range(60)]
    (tmp_path / "p.csv").write_text("\n".join(["easting,northing,first,last", *rows]), encoding="utf-8")
    said_so = refused("points", tmp_path / "p.csv", "--out", tmp_path / "out", "--bandwidth", bandwidth)
    assert "too wide for 60 points" in said_so or "not endless" in said_so
    assert not (tmp_path / "out").exists()


def test_many_points_close_together_are_still_drawn() -> None:
    eastings = [1000.0 + n % 100 for n in range(3_000)]
    assert estimate_density(eastings, eastings, precision="true", cell_m=20).records == 3_000


@pytest.mark.parametrize(
    ("line", "message"),
    [
        pytest.param(
            "9999-12,4",
            "line 98: 9999-12 is in the future; the other months are 2015 to 2022: correct the year",
            marks=attack(
                "`trends` with a month of the year 9999", "refused with the cell; no line of 8,000 years is made"
            ),
        ),
        ("99999-12,4", "'99999-12' is not a month"),
        ("0001-01,4", "line 98"),
        pytest.param(
            "2023-01,10000000000000000000",
            "line 98: '10000000000000000000' is too large for a count",
            marks=attack("`trends` with a count of 10^19 or 10^400", "refused with the cell"),
        ),
        ("2023-01,1e400", "line 98: '1e400' is not a whole count"),
        pytest.param(
            "x" * 300_000 + ",1",
            "is not a month or quarter",
            marks=attack(
                "`trends` with a cell of 300,000 characters", "refused; the message is cut to 2,000 characters"
            ),
        ),
    ],
)
def test_months_and_counts_beyond_belief(line: str, message: str, tmp_path: Path) -> None:
    months = [f"{2015 + n // 12}-{n % 12 + 1:02d},{20 + n * 7 % 13}" for n in range(96)]
    (tmp_path / "t.csv").write_text("\n".join(["month,count", *months, line]), encoding="utf-8")
    sentence = refused("trends", tmp_path / "t.csv")
    assert message in sentence or len(sentence) > 1500
    assert len(sentence) < 2100


@attack(".DS_Store, Thumbs.db or desktop.ini in a folder of data", "not data: the folder counts as empty")
def test_what_file_managers_leave_behind_is_not_data(tiny_project: Path) -> None:
    for name in (".DS_Store", "Thumbs.db", "desktop.ini", "README.md", ".gitkeep"):
        (tiny_project / POLICE / name).write_bytes(b"\0\0\0\1Bud1")
        assert not is_data(name)
    assert "has nothing: put archives from data.police.uk" in refused("clean", "tiny")
    write_street_file(tiny_project / POLICE, "2024-01")
    assert call("clean", "tiny").exit_code == 0
    assert is_data("2024-01")
    assert is_data("marac.xlsx")


# No traceback


@pytest.mark.parametrize(
    ("content", "message"),
    [
        pytest.param(
            b"seed = = 3", "cannot be read", marks=attack("a SIMULATED.toml that is not TOML", "refused, with the file")
        ),
        (b"\xff\xfe\x00", "cannot be read"),
        (None, "Is a directory"),
    ],
)
def test_a_broken_mark_of_simulated_records(project: Path, content: bytes | None, message: str) -> None:
    mark = project / POLICE / "SIMULATED.toml"
    mark.mkdir() if content is None else mark.write_bytes(content)
    sentence = refused("clean", "tiny")
    assert str(mark) in sentence
    assert message in sentence
    assert "correct it" in sentence


@attack("a SIMULATED.toml in a zip that is broken, or protected by a password", "refused, with the file in the zip")
def test_a_broken_mark_in_a_zip(project: Path) -> None:
    street = JANUARY.read_bytes().replace(b"2024-01", b"2024-03")
    path = zipped(project / POLICE / "x.zip", {NAME: street, "SIMULATED.toml": b"a = ="})
    assert "x.zip/SIMULATED.toml" in refused("clean", "tiny")
    flagged(path, 6, 1)
    assert "SIMULATED.toml is protected by a password: unpack the zip yourself" in refused("clean", "tiny")


@attack("a zip packed in a way that is not known here", "refused: that compression method is not supported")
def test_a_zip_of_an_unknown_method(project: Path) -> None:
    flagged(zipped(project / POLICE / "x.zip", {NAME: b"abc"}), 8, 99)
    assert "compression method is not supported" in refused("clean", "tiny")


@attack("a street file with the line ends of old Mac programs", 'refused: "save it as CSV (UTF-8)"')
def test_carriage_returns_alone(project: Path) -> None:
    JANUARY.write_bytes(JANUARY.read_bytes().replace(b"\n", b"\r"))
    assert "carriage returns alone" in refused("clean", "tiny")


FUZZED = """Crime ID,Month,Report\red by,Falls within,Longitude,Latitude,Location,LSOA code,LSOA name,Crime type,Last outcome category,Context
8d88daf47b96d8b8e76a646edbdb2"e74e02179ef60b40243021e54cfb785ef1b,2025-06,West Mercia Police,West Mercia Police,-2.6,52.4,On or near A,E01028993,Shropshire 036A,Burglary,,
{b},2025-06,West Mercia Police,West Mercia Police,-2.6,52.3,On or near Snitton Lane,E01028993,1e309,Other theft,\ufffd,
\x7fy*\u066c\u06bc\u00a3\x1dF

{c},2025-06,Wesp Mercia Police,West Mercia Police,-2.6,52.4,On or near B4368,E01029013,Shropshire 036A,Burglary,,
"""


@attack(
    "a street file with a carriage return within a heading, bytes that are no text, 1e309 and quotation marks",
    "every row accounted",
)
def test_a_file_with_a_little_of_everything(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    text = FUZZED.format(b="b" * 64, c="c" * 64)
    (tmp_path / "in" / "2025-06-west-mercia-street.csv").write_bytes(text.encode().replace("\ufffd".encode(), b"\xd9"))
    [account] = clean_archive(tmp_path / "in", tmp_path / "out").files
    assert account.rows_in == 4 == account.kept + account.duplicates + account.quarantined
    assert account.quarantined >= 2  # bytes that are not UTF-8, and a line that is no row


@attack("a street file named after the year 0000 or 9999", "refused, with its name")
@pytest.mark.parametrize("month", ["0000-01", "9999-12"])
def test_a_month_outside_our_time(project: Path, month: str) -> None:
    write_street_file(project / POLICE, month)
    assert f"is named for {month}, which cannot be a month of police records" in refused("clean", "tiny")


@pytest.mark.skipif(sys.platform != "linux", reason="only here may a name hold any bytes")
@attack("a folder whose name is not UTF-8", "read; its name is written with \\\\xNN in accounts and logs")
def test_a_folder_name_that_is_not_utf8(project: Path) -> None:
    odd = os.fsencode(project / POLICE) + b"/caf\xe9"
    Path(os.fsdecode(odd)).mkdir()
    write_street_file(Path(os.fsdecode(odd)), "2024-03")
    result = call("clean", "tiny")
    assert result.exit_code == 0
    assert "12 rows in" in said(result)
    account = (project / "data/processed/police_uk/account.csv").read_text(encoding="utf-8")
    assert "caf\\xe9/2024-03/2024-03-west-mercia-street.csv" in account
    from hcsp_assess.project import find_project
    from hcsp_assess.run.fingerprint import input_files, inputs_fingerprint
    from hcsp_assess.subject.editions import edition

    files = input_files(edition("tiny", project), find_project(project))
    assert any("caf\\xe9" in name for name, _ in files)
    assert inputs_fingerprint(edition("tiny", project), find_project(project), files=files)


@attack("links in a circle, a link to nowhere, a pipe, or a folder with the name of a street file", "passed over")
def test_what_only_looks_like_a_street_file(project: Path) -> None:
    (project / POLICE / "2024-05-west-mercia-street.csv").mkdir()
    (project / POLICE / "2024-06-west-mercia-street.csv").symlink_to("nowhere")
    (project / POLICE / "loop").symlink_to(project / POLICE)
    os.mkfifo(project / POLICE / "2024-07-west-mercia-street.csv")
    (project / POLICE / "x.zip").mkdir()
    assert "8 rows in" in said(call("clean", "tiny"))


EDITIONS = {
    "not TOML": (b"a = = b", "definition of edition tiny cannot be used"),
    "UTF-16": ("title = 'x'".encode("utf-16"), "editions/tiny.toml is not text in UTF-8: save it in that encoding"),
    "empty": (b"", "the field 'period' is missing"),
    "a number for the area": (
        b'title = "x"\narea = 3\nperiod = "2024"\nsources = []\nchapters = []',
        "area must be text",
    ),
    "a list for the area": (
        b'title = "x"\narea = ["a"]\nperiod = "2024"\nsources = []\nchapters = []',
        "area must be text",
    ),
    "a folder": (None, "editions/tiny.toml cannot be read: Is a directory"),
    "a year of 9999": (b'title = "x"\narea = "x"\nperiod = "9999"\nsources = []\nchapters = []', "is not a month"),
    "a number for a folder": (
        b'title = "x"\narea = "herefordshire"\nperiod = "2024"\nchapters = []\n'
        b'sources = [{ key = "police_uk", name = "x", kind = "street-level archive", folder = 3 }]',
        "folder must be text",
    ),
}


@attack(
    "a definition of an edition that is not TOML, not UTF-8, empty, a folder, or has a value of another type",
    "refused, with the file and the field; a byte-order mark is passed over",
)
@pytest.mark.parametrize("case", EDITIONS)
def test_a_broken_definition_of_an_edition(project: Path, case: str) -> None:
    content, message = EDITIONS[case]
    path = project / "editions" / "tiny.toml"
    path.unlink()
    path.mkdir() if content is None else path.write_bytes(content)
    for command in ("clean", "check", "hotspots", "brief", "map", "intake"):
        assert message in refused(command, "tiny"), command
    result = call("doctor")
    assert message in " ".join(result.output.split())


def test_a_byte_order_mark_in_a_definition_is_passed_over(project: Path) -> None:
    path = project / "editions" / "tiny.toml"
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes())
    assert call("editions").exit_code == 0


NOTEBOOKS = {
    "an unknown kernel": ('"python3"', '"ir"', "its kernel 'ir' is not installed here. Open it in JupyterLab"),
    "a kernel with an odd name": ('"python3"', '"../x y"', "is not installed here"),
    "parameters that are not Python": ("edition: str = ", "edition: str = = ", "is not Python"),
    "parameters that are worked out": ('\\"tiny\\"', "open(3)", "may only assign plain values"),
}


@attack(
    "a notebook with an unknown kernel, or with parameters that are not plain values",
    "refused before anything is built",
)
@pytest.mark.parametrize("case", NOTEBOOKS)
def test_a_notebook_that_cannot_run(project: Path, case: str) -> None:
    old, new, message = NOTEBOOKS[case]
    path = project / "notebooks" / "tiny.ipynb"
    path.write_text(path.read_text(encoding="utf-8").replace(old, new), encoding="utf-8")
    assert message in refused("run", "tiny")
    assert not (project / "reports").exists()


@attack("an edition without chapters; a parameter without a name", "refused, with what to write")
def test_an_edition_without_chapters_and_a_parameter_without_a_name(project: Path) -> None:
    assert "--parameter needs NAME=VALUE, each name once, not =3" in refused("run", "tiny", "-p", "=3", code=2)
    path = project / "editions" / "tiny.toml"
    path.write_text(re.sub("(?m)^chapters = .*", "chapters = []", path.read_text("utf-8")), encoding="utf-8")
    assert "the edition names no chapter: add some to its definition" in refused("run", "tiny")


@attack("a notebook with an unknown kernel", "found by `doctor`")
def test_doctor_finds_an_unknown_kernel(project: Path) -> None:
    path = project / "notebooks" / "tiny.ipynb"
    chapters = len({path.stem for path in (ROOT / "notebooks").glob("*.ipynb")} - set(WORKING))
    rows = {row["what"]: row for row in json.loads(call("doctor", "--json").output)}
    assert rows["chapters"] == {
        "ok": True,
        "what": "chapters",
        "found": f"{chapters + 1} notebooks, 1 of them the project's own, each with a kernel that is installed",
    }
    path.write_text(path.read_text(encoding="utf-8").replace('"python3"', '"ir"'), encoding="utf-8")
    found = json.loads(call("doctor", "--json").output)
    [row] = [row for row in found if row["what"] == "chapter tiny.ipynb"]
    assert not row["ok"]
    assert "its kernel 'ir' is not installed here" in row["found"]


@attack(
    "a file where a folder should be (reports/, data/processed/ and below), or the other way round",
    "a sentence with the path",
)
@pytest.mark.parametrize(
    "place", ["data/processed", "data/processed/police_uk", "data/processed/tiny", "data/raw/police_uk"]
)
def test_a_file_where_a_folder_should_be(project: Path, place: str) -> None:
    import shutil

    path = project / place
    shutil.rmtree(path, ignore_errors=True)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("x", encoding="utf-8")
    assert Path(place).name in refused("clean", "tiny")


POINTS = {
    "empty": (b"", "is empty"),
    "no times": (
        "easting,northing,first,last\n1,2,3,4".encode("utf-16"),
        "none of 1 rows has coordinates and a time",
    ),
    "a workbook": (b"PK\x03\x04", "p.csv is a workbook or a zip file, not CSV"),
    "any bytes": (bytes(range(256)) * 20, "p.csv"),
    "an open quotation mark": (b'easting,northing,first,last\n"1,2,3', "cannot be read as CSV"),
    "rows that are too long": (b"easting,northing,first,last\n1,2,3,4\n1,2,3,4,5,6", "p.csv"),
}


@attack(
    "an extract of points that is empty, in UTF-16, any bytes, or has an open quotation mark", "refused, with the file"
)
@pytest.mark.parametrize("case", POINTS)
def test_a_broken_extract_of_points(case: str, tmp_path: Path) -> None:
    content, message = POINTS[case]
    (tmp_path / "p.csv").write_bytes(content)
    assert message in refused("points", tmp_path / "p.csv", "--out", tmp_path / "out")


@attack("a table of an area with a field of 200,000 characters, NUL bytes or half a row", "refused, with the file")
@pytest.mark.parametrize("more", ["E01," + "x" * 200_000, "\0\0,\0", "E01013985"])
def test_a_broken_table_of_an_area(project: Path, more: str) -> None:
    definitions = Path(__file__).parents[1] / "hcsp_assess" / "definitions" / "areas"
    (project / "areas").mkdir()
    for suffix, added in (("toml", ""), ("csv", more)):
        text = (definitions / f"herefordshire.{suffix}").read_text(encoding="utf-8")
        (project / "areas" / f"x.{suffix}").write_text(text + added, encoding="utf-8")
    assert "areas/x.csv" in refused("clean", "tiny@x")


COMMANDS: list[tuple[list[str], int, str]] = [
    (["schedule", "tiny", "--at", "²:³"], 2, "--at needs a time such as 06:30"),
    (["schedule", "tiny", "--at", "9" * 5000 + ":1"], 2, "--at needs a time such as 06:30"),
    (["schedule", "tiny", "--fetch", "'"], 2, "a quotation mark without its pair"),
    (["clean", "x" * 5000], 2, "there is no edition"),
    (["clean", "a\0b"], 2, "there is no edition"),
    (["clean", "\udce9"], 2, "there is no edition"),
    (["clean", "tiny", "--project", "x" * 5000], 1, "Use a shorter name"),
    (["run", "tiny", "--areas", "editions"], 2, "the list of areas editions cannot be read"),
    (["map", "tiny", "-m", "\0"], 2, "there is no measure"),
    (["hotspots", "tiny", "--csv", "editions"], 1, "Give a file, not a folder"),
    (["count-districts", "editions/tiny.toml"], 1, "is not a folder, a zip or a street file"),
    (["trends", "editions"], 1, "editions cannot be read: Is a directory"),
    (["fetch", "month", "9999-99"], 2, "is not a month"),
    (["fetch", "geography", "../x"], 2, "is not the code of a district"),
    (["word", "../.."], 2, "there is no report"),
]


@attack(
    "commands with odd arguments: NUL, lone surrogates, 5,000 characters, folders for files, ² for 2", "a sentence each"
)
@pytest.mark.parametrize(("arguments", "code", "message"), COMMANDS, ids=range(len(COMMANDS)))
def test_commands_with_odd_arguments(project: Path, arguments: list[str], code: int, message: str) -> None:
    assert message in refused(*arguments, code=code)


@attack("a list of areas with a field of 200,000 characters", "refused, with the file")
def test_a_list_of_areas_with_a_cell_without_end(project: Path) -> None:
    (project / "list.csv").write_text("area\n" + "x" * 200_000, encoding="utf-8")
    assert "the list of areas list.csv cannot be read" in refused("run", "tiny", "--areas", "list.csv", code=2)


# An error of ours


def broken(*arguments: Any, monkeypatch: pytest.MonkeyPatch, error: BaseException) -> Any:
    def fail(*given: Any, **more: Any) -> None:
        raise error

    monkeypatch.setattr("hcsp_assess.edition.opened.prepare", fail)
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


@attack(
    "an error in the software itself",
    "a short report without the data, with the log's name; the traceback is in the log",
)
def test_an_error_of_ours_is_a_short_report_with_a_log(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "argv", ["hcsp-assess", "clean", "tiny", "--project", str(project)])
    result = broken("clean", "tiny", monkeypatch=monkeypatch, error=KeyError("Amber Smith"))
    assert result.exit_code == 1
    assert BEGINS in said(result)
    assert "KeyError" in said(result)
    assert "Nothing was published; the last report is as it was" in said(result)
    assert "Traceback" not in result.output
    assert "Amber" not in result.output
    [log] = (project / "data/processed/errors").glob("*.log")
    assert log.name in said(result).replace(" ", "")
    assert os.name != "posix" or log.stat().st_mode & 0o777 == 0o600  # it may quote data
    details = log.read_text(encoding="utf-8")
    assert "Traceback" in details
    assert "KeyError: 'Amber Smith'" in details
    assert "hcsp-assess" in details.splitlines()[1]


def test_the_log_is_elsewhere_where_the_project_cannot_be_written(
    project: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    (project / "data" / "processed").write_text("a file", encoding="utf-8")
    result = broken("clean", "tiny", monkeypatch=monkeypatch, error=KeyError("x"))
    [log] = tmp_path.glob("*KeyError.log")
    assert log.name in said(result).replace(" ", "")


@attack("not enough memory", "a sentence, no traceback")
def test_not_enough_memory(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    result = broken("clean", "tiny", monkeypatch=monkeypatch, error=MemoryError())
    assert "not enough memory" in said(result)
    assert BEGINS not in said(result)


@attack(
    "output to a program that stops reading, and to a terminal without the characters",
    "ends quietly; written as \\\\uNNNN",
)
def test_output_that_cannot_be_written(project: Path) -> None:
    environment = os.environ | {"PYTHONIOENCODING": "ascii", "PYTHONPATH": str(Path(__file__).parents[1])}
    command = [
        sys.executable,
        "-m",
        "hcsp_assess",
        "trends",
        "t.csv",
        "--unit",
        "caf\N{LATIN SMALL LETTER E WITH ACUTE}s",
    ]
    months = [f"{2015 + n // 12}-{n % 12 + 1:02d},{20 + n * 7 % 13}" for n in range(96)]
    (project / "t.csv").write_text("\n".join(["month,count", *months]), encoding="utf-8")
    done = subprocess.run(command, env=environment, capture_output=True, cwd=project, check=False)
    assert done.returncode == 0, done.stderr
    assert b"caf\\xe9s" in done.stdout
    assert done.stderr == b""
