"""Records taken out once for many areas are the records that each area's own run would have found."""

import os

import polars as pl
import pytest
from conftest import write_street_file

from hcsp_assess.edition.counts import count_records
from hcsp_assess.edition.outcomes import count_outcomes
from hcsp_assess.files import checked_json, look_at, read_checked_json
from hcsp_assess.project import Project
from hcsp_assess.run.checksums import Checksums
from hcsp_assess.run.fingerprint import input_files
from hcsp_assess.sources.police_uk import by_area, clean_archive
from hcsp_assess.sources.police_uk.beside import clean_beside
from hcsp_assess.subject.areas import area, herefordshire, parse_area
from hcsp_assess.subject.editions import edition

PLACES = {"E01014005": "Herefordshire 012C", "E01013988": "Herefordshire 011B", "E01000001": "City of London 001A"}
SETTINGS = """
name = "Part"
full_name = "Part"
district_code = "E06000090"
partnership_code = "E22000090"
force = "west-mercia"
force_name = "West Mercia"
classification = "as tested"
"""
HEADER = "lsoa11_code,lsoa11_name,ward21_code,ward21_name,rural_urban,more_rural,market_town"
MONTHS = [f"2024-{number:02}" for number in range(1, 9)]  # more than are in memory at a time


def part(key, *codes):
    rows = [f"{code},{PLACES[code]},E05000001,Ward,urban,no," for code in codes]
    return parse_area(key, SETTINGS, "\n".join([HEADER, *rows]))


#: Two areas that share an LSOA, one with none of the records, and one with all of its county.
AREAS = (
    part("first", "E01014005", "E01013988"),
    part("second", "E01013988"),
    part("city", "E01000001"),
    herefordshire(),
)


@pytest.fixture
def archive(tmp_path):
    """Eight months: in each two crimes in one LSOA, one in another, one outside every area, two without a location."""
    for number, month in enumerate(MONTHS):
        rows = []
        for place, (code, name) in enumerate(
            (*list(PLACES.items())[:2], ("E01000001", ""), ("", ""), ("E01099999", ""))
        ):
            for one in range(2 if place in (0, 3) else 1):
                if code == "E01000001":
                    continue  # the City of London has no record
                where = "-2.7,52.0" if code else ","
                rows.append(
                    f"{number:030}{place:017}{one:017},{month},West Mercia Police,West Mercia Police,{where},On or near "
                    f"High Town,{code},{name},Burglary,Under investigation,"
                )
        write_street_file(tmp_path / "in", month, rows)
        write_outcomes(tmp_path / "in", month, rows)
    clean_archive(tmp_path / "in", tmp_path / "out")
    clean_beside(tmp_path / "in", tmp_path / "out", "outcomes")
    return tmp_path


def write_outcomes(folder, month, rows):
    """An outcome of each crime; of the first crime in the outcomes file the place is another area's."""
    lines = []
    for number, row in enumerate(rows):
        crime, _, *place = row.split(",")[:9]
        if number == 0:
            place[-2:] = ["E01000001", "City of London 001A"]
        lines.append(",".join([crime, month, *place, "Local resolution"]))
    header = "Crime ID,Month,Reported by,Falls within,Longitude,Latitude,Location,LSOA code,LSOA name,Outcome type"
    path = folder / month / f"{month}-west-mercia-outcomes.csv"
    path.write_text("\n".join([header, *lines]) + "\n", encoding="utf-8")


def counted(folder, here):
    table, outcomes = count_records(folder / "out", here), count_outcomes(folder / "out", here)
    return [
        *(frame.to_csv() for frame in (table.cells, table.account, outcomes.cells, outcomes.account)),
        outcomes.source,
    ]


def test_each_area_is_counted_the_same_from_what_was_taken_out_for_all(archive, monkeypatch):
    alone = {here.key: counted(archive, here) for here in AREAS}
    by_area.take_out(archive / "in", archive / "out", AREAS)
    for name in ("scan_records", "scan_beside"):
        monkeypatch.setattr(by_area, name, lambda *_: pytest.fail("the whole archive was read"))
    for here in AREAS:
        assert by_area.is_taken_out(archive / "in", archive / "out", here)
        assert counted(archive, here) == alone[here.key]
    cells = count_records(archive / "out", AREAS[0]).cells
    outcomes = count_outcomes(archive / "out", AREAS[0])
    assert outcomes.cells.groupby("outcome")["count"].sum().to_dict() == {"out_of_court": 24}
    assert outcomes.account[outcomes.account["kind"] == "outcomes"]["in_area"].sum() == 16, "by the place in the file"
    assert cells.groupby(cells["lsoa_code"].fillna("none"))["count"].sum().to_dict() == {
        "E01014005": 16,
        "E01013988": 8,
        "none": 16,
    }


def test_nothing_is_taken_over_once_a_file_an_area_or_a_rule_has_changed(archive):
    received, cleaned, first = archive / "in", archive / "out", AREAS[0]
    by_area.take_out(received, cleaned, AREAS[:2])
    assert by_area.is_taken_out(received, cleaned, first)
    assert not by_area.is_taken_out(received, cleaned, AREAS[2])  # it was not asked for
    assert not by_area.is_taken_out(received, cleaned, part("first", "E01014005"))  # of other LSOAs now
    path = received / MONTHS[0] / f"{MONTHS[0]}-west-mercia-street.csv"
    before = path.read_bytes()
    path.write_bytes(before)  # the same, and yet it must be looked at
    assert not by_area.is_taken_out(received, cleaned, first)
    by_area.take_out(received, cleaned, AREAS[:2])
    assert by_area.is_taken_out(received, cleaned, first)
    write_street_file(received, "2024-09")
    assert not by_area.is_taken_out(received, cleaned, first)
    clean_archive(received, cleaned)
    assert count_records(cleaned, first).cells["month"].max().month == 9  # not what was taken out before
    by_area.take_out(received, cleaned, AREAS)
    assert by_area.is_taken_out(received, cleaned, first)
    assert count_records(cleaned, first).cells["month"].max().month == 9


def test_a_part_that_is_damaged_is_made_again_and_never_counted(archive, caplog):
    cleaned, first = archive / "out", AREAS[0]
    expected = counted(archive, first)
    by_area.take_out(archive / "in", cleaned, AREAS)
    damaged = cleaned / "by_area" / "first" / "001.parquet"
    damaged.write_bytes(damaged.read_bytes()[:-20])
    assert counted(archive, first) == expected
    assert "001.parquet is damaged" in caplog.text
    by_area.take_out(archive / "in", cleaned, AREAS)
    assert pl.read_parquet(damaged).height == 6  # two months of three records


def test_a_manifest_of_another_archive_is_not_believed(archive):
    cleaned = archive / "out"
    by_area.take_out(archive / "in", cleaned, AREAS)
    path = cleaned / "by_area" / "manifest.json"
    path.write_bytes(checked_json(read_checked_json(path) | {"of": "another"}))
    assert not by_area.is_taken_out(archive / "in", cleaned, AREAS[0])
    assert count_records(cleaned, AREAS[0]).cells["count"].sum() == 40


def test_a_checksum_is_kept_while_the_file_is_as_it_was_and_not_longer(tmp_path):
    project = Project(tmp_path)
    old, young = tmp_path / "data" / "raw" / "old.csv", tmp_path / "data" / "raw" / "young.csv"
    old.parent.mkdir(parents=True)
    for path in (old, young):
        path.write_text("a", encoding="utf-8")
    os.utime(old, ns=(0, 0))
    made = Checksums.load(project)
    made.remember([old, young])
    assert not made.known, "both were made within the last seconds, and may change in the same tick of the clock"
    kept = Checksums(project, {"data/raw/old.csv": (look_at(old), "as kept")})
    assert kept.of(old) == "as kept"
    old.write_text("b", encoding="utf-8")
    assert kept.of(old) == "3e23e8160039594a33894f6564e1b1348bbd7a0088d42c4acb73eeaed59c009d"  # SHA-256 of "b"


def test_an_edition_for_an_area_does_not_depend_on_what_belongs_to_another_area(tiny_project):
    table = (
        "lsoa11_code,lsoa11_name,ward21_code,ward21_name,rural_urban,more_rural,market_town\n"
        "E01014005,Herefordshire 012C,E05000001,Ward,urban,no,\n"
    )
    for key in ("north", "south"):
        for name, text in (
            (f"areas/{key}.toml", SETTINGS),
            (f"areas/{key}.csv", table),
            (f"geography/{key}/a.csv", "x"),
        ):
            path = tiny_project / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
    for name in ("data/raw/returns@south/a.csv", "editions/tiny@south/texts.toml", "data/raw/police_uk/south/a.csv"):
        path = tiny_project / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("x", encoding="utf-8")
    project = Project(tiny_project)
    names = {
        key: {name for name, _ in input_files(edition(f"tiny@{key}", tiny_project), project)}
        for key in ("north", "south")
    }
    everybodys = {"data/raw/police_uk/south/a.csv", "editions/tiny.toml", "notebooks/tiny.ipynb"}
    assert names["north"] == everybodys | {"areas/north.toml", "areas/north.csv", "geography/north/a.csv"}
    assert names["south"] - everybodys == {
        "areas/south.toml",
        "areas/south.csv",
        "geography/south/a.csv",
        "data/raw/returns@south/a.csv",
        "editions/tiny@south/texts.toml",
    }
    every = {name for name, _ in input_files(edition("tiny", tiny_project), project)}
    assert every >= names["north"] | names["south"]
    assert area("north", tiny_project).key == "north"
