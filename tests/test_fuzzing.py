"""Damaged files at random: whatever is in a file, each row is accounted for, or one sentence says why it is not read.

A few of each kind are tried with every run of the tests. `make test-slow` tries more, for `HCSP_ASSESS_FUZZ_MINUTES`
minutes (2 if it is not set), from the number `HCSP_ASSESS_FUZZ_SEED` on.
"""

import csv
import os
import random
import re
import shutil
import time
from collections.abc import Callable
from itertools import takewhile
from pathlib import Path

import pandas as pd
import polars as pl
import pytest
from attacks import attack
from hypothesis import example, given, settings
from hypothesis import strategies as st
from mutations import damaged
from returns_files import write_xlsx

from hcsp_assess.assessment.baselines import parse_baselines
from hcsp_assess.assessment.consultation import parse_consultation
from hcsp_assess.assessment.reasons import parse_reasons
from hcsp_assess.assessment.since_last import parse_answers, parse_recommendations
from hcsp_assess.assessment.so_what import parse_so_what
from hcsp_assess.assessment.statute import parse_statements
from hcsp_assess.edition.opened import prepare
from hcsp_assess.errors import InputError
from hcsp_assess.project import Project
from hcsp_assess.sources.fetch.addresses import addresses
from hcsp_assess.sources.police_uk import clean_archive, scan_records
from hcsp_assess.sources.police_uk.beside import clean_beside
from hcsp_assess.sources.returns.definitions import parse_definition
from hcsp_assess.sources.returns.reading import read_return
from hcsp_assess.sources.texts import TextFolder, find_texts
from hcsp_assess.subject.areas import parse_area
from hcsp_assess.subject.editions import edition, parse_edition

DATA = Path(__file__).parent / "data"
STREET = {path.name: path.read_bytes() for path in sorted((DATA / "police_uk").rglob("*-street.csv"))}
BESIDE = {
    "2014-10-west-mercia-outcomes.csv": (
        "Crime ID,Month,Reported by,Falls within,Longitude,Latitude,Location,LSOA code,LSOA name,Outcome type\n"
        + "".join(
            f"{number:064x},2014-10,West Mercia Police,West Mercia Police,-2.7{number},52.05,On or near High Town,"
            f"E01014005,Herefordshire 012C,Offender given a caution\n"
            for number in range(12)
        )
    ).encode(),
    "2014-10-west-mercia-stop-and-search.csv": (
        "Type,Date,Part of a policing operation,Policing operation,Latitude,Longitude,Gender,Age range,"
        "Self-defined ethnicity,Officer-defined ethnicity,Legislation,Object of search,Outcome,"
        "Outcome linked to object of search,Removal of more than just outer clothing\n"
        + "".join(
            f"Person search,2014-10-{day:02d}T12:30:00+00:00,False,,52.05,-2.7,Male,18-24,White,White,"
            "Misuse of Drugs Act 1971 (section 23),Controlled drugs,Arrest,True,False\n"
            for day in range(1, 13)
        )
    ).encode(),
}
RETURNS = {path.stem: path.read_bytes() for path in sorted((DATA / "returns").glob("*.csv"))}
DEFINITIONS = Path(__file__).parents[1] / "hcsp_assess" / "definitions"
#: What reads each reviewed text.
READERS: dict[str, Callable[[TextFolder], object]] = {
    "so_what.toml": parse_so_what,
    "consultation.toml": parse_consultation,
    "nothing_to_report.toml": parse_statements,
    "reasons.toml": parse_reasons,
    "recommendations.toml": lambda texts: (parse_recommendations(texts), parse_answers(texts)),
    "baselines.toml": lambda texts: parse_baselines(texts, ()),
}
TEXTS = {name: (DEFINITIONS / "demonstration_2013_14" / name).read_bytes() for name in READERS}


def street_file(seed: int, folder: Path) -> bool:
    """Clean a damaged street file; True if it was read."""
    rng = random.Random(seed)
    name = rng.choice(sorted(STREET))
    content = damaged(seed, STREET[name])
    (folder / "in").mkdir(parents=True)
    (folder / "in" / name).write_bytes(content)
    try:
        account = clean_archive(folder / "in", folder / "out")
    except InputError as error:
        assert len(str(error)) > 20, seed
        return False
    [file] = account.files
    assert file.rows_in == rows_of(content), seed
    assert file.rows_in == file.kept + file.duplicates + file.quarantined, seed
    kept = scan_records(folder / "out").select(pl.len()).collect().item()
    assert file.kept == kept, seed
    assert file.duplicates == written(folder / "out" / "duplicates"), seed
    assert file.quarantined == written(folder / "out" / "quarantine"), seed
    return True


def rows_of(content: bytes) -> int:
    """Lines below the headings that hold anything: counted here without the code that is tested.

    Excel's "sep=," above the headings is no row.
    """
    marks = {b"\xff\xfe\0\0": "utf-32", b"\0\0\xfe\xff": "utf-32", b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16"}
    encoding = next((name for mark, name in marks.items() if content.startswith(mark)), "utf-8-sig")
    if encoding == "utf-8-sig" and b"\0" in content[:2]:
        encoding = "utf-16-be" if content[:1] == b"\0" else "utf-16-le"
    text = content.decode(encoding, errors="backslashreplace")
    tabs = "\t" in text.split("\n", 1)[0]  # then a line of tabs is a row of empty cells, as one of commas is
    filled = [line for line in text.split("\n") if line.strip() or (tabs and "\t" in line)]
    above = sum(1 for _ in takewhile(lambda line: line.lower().lstrip('"').startswith("sep="), filled))
    return max(len(filled) - above - 1, 0)


def written(folder: Path) -> int:
    total = 0
    for path in folder.glob("*.csv"):
        with path.open(encoding="utf-8", newline="") as table:
            csv.field_size_limit(10**9)
            rows = list(csv.DictReader(table))
            csv.field_size_limit(131_072)
        assert all(row["original"] or row["line"] for row in rows)
        total += len(rows)
    return total


def file_beside(seed: int, folder: Path) -> bool:
    """Clean a damaged file of outcomes or of stop and search; True if it was read."""
    name = random.Random(seed).choice(sorted(BESIDE))
    content = damaged(seed, BESIDE[name])
    (folder / "in").mkdir(parents=True)
    (folder / "in" / name).write_bytes(content)
    kind = "outcomes" if "outcomes" in name else "stop-and-search"
    try:
        [file] = clean_beside(folder / "in", folder / "out", kind)
    except InputError as error:
        assert len(str(error)) > 20, seed
        return False
    assert file.rows_in == rows_of(content) == file.kept + file.quarantined, seed
    assert file.quarantined == written(folder / "out" / kind / "quarantine"), seed
    return True


def partners_return(seed: int, folder: Path) -> bool:
    """Read a damaged return, as CSV or as a damaged workbook; True if it was read."""
    rng = random.Random(seed)
    name = rng.choice(sorted(RETURNS))
    folder.mkdir(parents=True)
    if rng.random() < 0.25:
        grid = [line.split(",") for line in RETURNS[name].decode("utf-8-sig").splitlines()]
        path = write_xlsx(folder / "return.xlsx", {"Data": grid})
        path.write_bytes(damaged(seed, path.read_bytes()))
    else:
        path = folder / "return.csv"
        path.write_bytes(damaged(seed, RETURNS[name]))
    try:
        result = read_return(path, name)
    except InputError as error:
        assert len(str(error)) > 20, seed
        return False
    account = result.account
    assert account.rows_in == account.kept + account.set_aside, seed
    assert account.lines == account.titles + account.headings + account.blank + account.notes + account.rows_in, seed
    assert account.kept == len(result.rows), seed
    assert account.set_aside == sum(number for _, number in account.by_reason), seed
    assert account.set_aside == len(result.set_aside[["sheet", "row"]].drop_duplicates()), seed
    return True


def text_file(seed: int, folder: Path) -> bool:
    """Read a damaged definition or reviewed text; True if it was read."""
    rng = random.Random(seed)
    folder.mkdir(parents=True)
    kind = rng.choice(["edition", "area", "area table", "return", "addresses", "texts"])
    try:
        match kind:
            case "edition":
                content = damaged(seed, (DEFINITIONS / "editions" / "2025.toml").read_bytes())
                (folder / "editions").mkdir()
                (folder / "editions" / "2025.toml").write_bytes(content)
                edition("2025", folder)
            case "area" | "area table":
                parts = [(DEFINITIONS / "areas" / f"herefordshire.{kind}").read_bytes() for kind in ("toml", "csv")]
                number = ("area", "area table").index(kind)
                parts[number] = damaged(seed, parts[number])
                parse_area("herefordshire", *(part.decode("utf-8", errors="replace") for part in parts))
            case "return":
                chosen = rng.choice(sorted((DEFINITIONS / "returns").glob("*.toml")))
                parse_definition(f"x{seed}", damaged(seed, chosen.read_bytes()).decode("utf-8", errors="replace"))
            case "addresses":
                (folder / "addresses.toml").write_bytes(damaged(seed, (DEFINITIONS / "addresses.toml").read_bytes()))
                addresses(folder)
            case _:
                name = rng.choice(sorted(TEXTS))
                (folder / "editions" / "x").mkdir(parents=True)
                (folder / "editions" / "x" / name).write_bytes(damaged(seed, TEXTS[name]))
                READERS[name](find_texts("x", folder))
    except InputError as error:
        assert len(str(error)) > 20, seed
        return False
    return True


KINDS: dict[str, Callable[[int, Path], bool]] = {
    "street files": street_file,
    "outcomes and stop and search": file_beside,
    "partners' returns": partners_return,
    "definitions and texts": text_file,
}


@attack(
    "200 street files, files of outcomes and of stop and search, returns and definitions, damaged at random",
    "each row is kept, a repeat or set aside with a reason, and the numbers add up; or a sentence says why it is not read",
)
@pytest.mark.parametrize("kind", KINDS)
def test_a_damaged_file_is_accounted_for_or_refused_in_a_sentence(kind: str, tmp_path: Path) -> None:
    read = sum(KINDS[kind](seed, tmp_path / str(seed)) for seed in range(50))
    assert 3 <= read <= 47  # damage that always or never matters would prove little


@attack(
    "as many more such files as fit in two minutes (20 with HCSP_ASSESS_FUZZ_MINUTES=20)",
    "the same; a file that breaks the rule is named by its number, from which it can be made again",
)
@pytest.mark.slow
def test_many_more_damaged_files(tmp_path: Path) -> None:
    ends = time.monotonic() + 60 * float(os.environ.get("HCSP_ASSESS_FUZZ_MINUTES", "2"))
    first = seed = int(os.environ.get("HCSP_ASSESS_FUZZ_SEED", "1000"))
    read = 0
    while time.monotonic() < ends:
        for kind, attempt in KINDS.items():
            folder = tmp_path / f"{seed}-{kind}"
            read += attempt(seed, folder)
            shutil.rmtree(folder, ignore_errors=True)
        seed += 1
    print(f"{(seed - first) * len(KINDS)} damaged files, {read} read, the others refused")
    assert read


def make_project(root: Path) -> Project:
    """A project with two small street files."""
    for name, content in list(STREET.items())[:2]:
        (root / "data" / "raw" / "police_uk").mkdir(parents=True, exist_ok=True)
        (root / "data" / "raw" / "police_uk" / name).write_bytes(content)
    return Project(root)


OWN_EDITION = """
title = "A tiny assessment"
area = "herefordshire"
period = "2014"
sources = [{ key = "police_uk", name = "Crime", kind = "street-level archive", folder = "data/raw/police_uk" }]
chapters = [{ notebook = "data_quality" }]
"""
OWN = parse_edition("tiny", OWN_EDITION)
#: What we write ourselves and read again. Text whose damage is often seen by itself, and tables whose checksum shows it.
CACHES = (
    "manifest.json",
    "last_read.json",
    "SOURCE.toml",
    "account.csv",
    "counts.csv.gz",
    ".pickle",
    ".parquet",
    ".npy",
)


WRONG = (
    b"", b"null", b"[1, 2]", b"3", b'"text"', b"{}", b'{"months": [], "mark": 3}', b"[" * 100_000, bytes(range(256)),
)  # fmt: skip


def counted(project: Project) -> pd.DataFrame:
    return prepare(OWN, project).table.cells


@attack(
    "a manifest, checksum, count, table or kept result in data/processed that is damaged at random, empty, or of another type",
    "it is made again, and the counts are those of a first run",
)
def test_a_damaged_copy_of_our_own_is_made_again(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    project = make_project(tmp_path)
    right = counted(project)
    files = [path for path in sorted(project.processed.rglob("*")) if path.name.endswith(CACHES)]
    assert len(files) >= 5 and {".parquet", ".npy"} <= {path.suffix for path in files}
    for turn in range(3):
        for number, path in enumerate(files):
            path.write_bytes(WRONG[(number + 4 * turn) % len(WRONG)] if turn else damaged(number, path.read_bytes()))
        pd.testing.assert_frame_equal(counted(project), right)
    assert "damaged" in caplog.text


@pytest.mark.slow
def test_each_damaged_copy_alone_is_made_again(tmp_path: Path) -> None:
    project = make_project(tmp_path)
    right = counted(project)
    for number, path in enumerate(path for path in sorted(project.processed.rglob("*")) if path.name.endswith(CACHES)):
        for content in (*WRONG, *(damaged(number + seed, path.read_bytes()) for seed in range(3))):
            path.write_bytes(content)
            pd.testing.assert_frame_equal(counted(project), right, obj=f"{path.name}, {content[:40]!r}")


@attack(
    "a reviewed text (reasons, consultation, plan ...) with a number or a text where a table should be",
    "refused, with the file and how to write it",
)
@pytest.mark.parametrize("name", READERS)
def test_a_reviewed_text_with_a_value_of_another_type(name: str) -> None:
    tables = set(re.findall(r"(?m)^\[\[([a-z_]+)\]\]", TEXTS[name].decode())) - {"about"}
    for table in [*tables, "signed"]:
        for value in ("3", '"x"', "[3]"):
            texts = TextFolder("editions/x", {name: f"{table} = {value}\n".encode()})
            with pytest.raises(
                InputError, match=rf"editions/x/{name}: {table} must be a (list of tables|table): write"
            ):
                READERS[name](texts)


@settings(max_examples=30)
@given(st.binary(max_size=300))
@example(b"[" * 5000)
@example(b"title = 1e400")
@attack(
    "a definition that is any bytes at all",
    "a sentence names the file and what is wrong with it",
)
def test_any_bytes_as_a_definition_give_a_sentence(content: bytes) -> None:
    text = content.decode("utf-8", errors="replace")
    for parse in (
        lambda: parse_edition("x", text),
        lambda: parse_area("x", text, ""),
        lambda: parse_definition("x", text),
    ):
        with pytest.raises(InputError, match=r"x\b"):
            parse()
