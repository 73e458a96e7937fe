"""500 archives of real rows, damaged in seeded ways: each row ends where a slow, separate reading of the rules puts it."""

import csv
import random
import re
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest
from slow_cleaning import slow_archive

from hcsp_assess.errors import InputError
from hcsp_assess.sources.police_uk import clean_archive, reading, scan_records

DATA = Path(__file__).parent / "data" / "police_uk"
RECEIVED = {path.name: path.read_bytes() for path in sorted(DATA.rglob("*.csv"))}
ODD_BYTES = (b'"', b"\xe9", b"\xc2\xa0", b"\x1b", b",", b" ")
BLANK = (b"", b"  ", b"\t", b",", b"\xc2\xa0", b"," * 11)
ODD_FIELDS = {
    0: (b"n/a", b" ", b"+" + b"0" * 63, b"g" * 64, b"a" * 63 + b" ", b" " + b"a" * 63, b"A" * 64, b"a" * 64 + b" "),
    1: (b"2014-13", b"March", b"2011-01", b"", b" 2014-10", b"2025-02 "),
    4: (b"-99", b"n/a", b"", b" -2.7", b"1e400", b"nan", b"2.5", b"-9.5", b"+1", b"0x1"),
    5: (b"0", b"inf", b"", b"52.1 ", b"49", b"61.5"),
    6: (b"On or near " + b"x" * 70_000, b"No Location", b"No Location ", b"On or near ", b" a ", b'"a, b"'),
    7: (b"n/a", b"E0101401", b" E01014010", b"W01001959", b"", b"e01014010"),
    9: (b"Piracy", b"burglary", b"BURGLARY ", b"", b"Violent crime", b"Crime type"),
    10: (b"", b"Under investigation", b" Under investigation", b"Unable to prosecute suspect"),
}


def some(rng: random.Random, lines: list[bytes]) -> list[int]:
    return rng.sample(range(1, len(lines)), min(len(lines) - 1, rng.randint(1, 3)))


def cut_lines(rng: random.Random, lines: list[bytes]) -> None:
    for line in some(rng, lines):
        lines[line] = lines[line][: rng.randrange(len(lines[line]) + 1)]


def insert_bytes(rng: random.Random, lines: list[bytes]) -> None:
    for line in some(rng, lines):
        place = rng.randrange(len(lines[line]) + 1)
        lines[line] = lines[line][:place] + rng.choice(ODD_BYTES) + lines[line][place:]


def insert_blank_lines(rng: random.Random, lines: list[bytes]) -> None:
    for line in some(rng, lines):
        lines.insert(line, rng.choice(BLANK))


def repeat_lines(rng: random.Random, lines: list[bytes]) -> None:
    for line in some(rng, lines):
        lines.insert(rng.randrange(1, len(lines) + 1), lines[line])


def change_fields(rng: random.Random, lines: list[bytes]) -> None:
    for line in some(rng, lines):
        position, fields = rng.choice(list(ODD_FIELDS)), lines[line].split(b",")
        if len(fields) > position:
            fields[position] = rng.choice(ODD_FIELDS[position])
            lines[line] = b",".join(fields)


def repeat_ids(rng: random.Random, lines: list[bytes]) -> None:
    ids = [line[:64] for line in lines if re.match(b"[0-9a-f]{64},", line)]
    for line in some(rng, lines):
        if ids and b"," in lines[line]:
            crime = rng.choice(ids)
            lines[line] = b",".join([rng.choice([crime, crime.upper()]), *lines[line].split(b",")[1:]])


def shift_commas(rng: random.Random, lines: list[bytes]) -> None:
    for line in some(rng, lines):
        lines[line] += b","
    for line in some(rng, lines):
        lines[line] = lines[line].removesuffix(b",")


def repeat_header(rng: random.Random, lines: list[bytes]) -> None:
    lines.insert(rng.randrange(1, len(lines) + 1), lines[0])


def double_a_column(rng: random.Random, lines: list[bytes]) -> None:
    for number, line in enumerate(lines):
        fields = line.split(b",")
        lines[number] = line + b"," + fields[1] if len(fields) > 1 else line


def quote_fields(rng: random.Random, lines: list[bytes]) -> None:
    for line in some(rng, lines):
        lines[line] = b",".join(b'"' + text.replace(b'"', b'""') + b'"' for text in lines[line].split(b","))


DAMAGES: list[Callable[[random.Random, list[bytes]], None]] = [
    cut_lines,
    insert_bytes,
    insert_blank_lines,
    repeat_lines,
    change_fields,
    change_fields,
    repeat_ids,
    shift_commas,
    repeat_header,
    double_a_column,
    quote_fields,
]


def damaged(seed: int) -> dict[str, bytes]:
    rng, files = random.Random(seed), dict(RECEIVED)
    for name in rng.sample(sorted(files), rng.randint(1, 3)):
        lines = files[name].removesuffix(b"\n").split(b"\n")
        for damage in rng.sample(DAMAGES, rng.randint(1, 2)):
            damage(rng, lines)
        ending, mark = rng.choice([b"\n", b"\n", b"\r\n"]), rng.choice([b"", b"", b"\xef\xbb\xbf"])
        files[name] = mark + ending.join(lines) + rng.choice([b"", ending])
    for _ in range(rng.randint(0, 2)):  # a crime of one file in another: of another force, or of a later month
        source, target = rng.sample(sorted(files), 2)
        crimes = [line for line in RECEIVED[source].split(b"\n") if re.match(b"[0-9a-f]{64},", line)]
        if crimes:
            crime = rng.choice(crimes).replace(source[:7].encode(), target[:7].encode(), 1)
            files[target] = files[target].rstrip(b"\r\n") + b"\n" + crime + b"\n"
    return files


def cleaned(files: dict[str, bytes], folder: Path) -> dict[str, object] | str:
    """Rows kept, repeats and rows set aside of each file, from what `clean_archive` wrote; or why it stopped."""
    for name, content in files.items():
        (folder / "in").mkdir(exist_ok=True, parents=True)
        (folder / "in" / name).write_bytes(content)
    try:
        account = clean_archive(folder / "in", folder / "out").to_frame()
    except InputError as error:
        return str(error)
    records = scan_records(folder / "out").select(pl.col("month").dt.strftime("%Y-%m"), "force", "line").collect()
    lines = {key: part["line"].to_list() for key, part in records.partition_by("month", "force", as_dict=True).items()}
    found: dict[str, object] = {}
    for month, force, file in zip(account["month"], account["force"], account["file"], strict=True):
        found[file] = (
            lines.get((month, force), []),
            {int(r["line"]): r["kept"] for r in rows_of(folder / f"out/duplicates/{month}.csv", file)},
            {int(r["line"]): r["reason"] for r in rows_of(folder / f"out/quarantine/{month}.csv", file)},
        )
    assert (account["rows_in"] == account["kept"] + account["duplicates"] + account["quarantined"]).all()
    return found


def rows_of(path: Path, file: str) -> list[dict[str, str]]:
    if not path.is_file():
        return []
    with path.open(encoding="utf-8", newline="") as table:
        return [row for row in csv.DictReader(table) if row["file"] == file]


@pytest.mark.parametrize("hundred", [0, *(pytest.param(hundred, marks=pytest.mark.slow) for hundred in range(1, 5))])
def test_damaged_rows_end_where_a_slow_reading_of_the_rules_puts_them(
    hundred: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Batches of a few rows, so that files are split and put together as large ones and many small ones are.
    monkeypatch.setattr(reading.read_batches, "__defaults__", ((12_000, 900, 3000, 50_000, 12_000_000)[hundred],))
    stopped = 0
    for seed in range(100 * hundred, 100 * hundred + 100):
        files = damaged(seed)
        ours = cleaned(files, tmp_path / str(seed))
        names = {name: (name[:7], name[8:].removesuffix("-street.csv")) for name in files}
        slow = slow_archive({names[name]: content for name, content in files.items()})
        if isinstance(ours, str):
            assert re.search("none of its .* rows can be used|unknown crime type|two columns", ours), (seed, ours)
            stopped += 1
        else:
            expected = {name: (f.kept, f.repeats, f.aside) for name, key in names.items() if (f := slow[key])}
            assert ours == expected, seed
    assert stopped < 30
