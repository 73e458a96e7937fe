"""What several chapters need is made once, and read by all who rest on the same; anything else is made again."""

import logging
import os
from dataclasses import replace

import pandas as pd
import pytest
from conftest import write_street_file

from hcsp_assess.edition import findings, opened, series
from hcsp_assess.edition.kept import KEPT, files_key, kept
from hcsp_assess.edition.opened import open_edition
from hcsp_assess.project import Project


def never():
    raise AssertionError("it was to be read, not made")


def test_a_result_is_made_once_and_again_when_what_it_rests_on_changed(tmp_path):
    made = []

    def make():
        made.append(pd.DataFrame({"count": [len(made)]}))
        return made[-1]

    first = kept(tmp_path, "counts", ["a"], make)
    pd.testing.assert_frame_equal(kept(tmp_path, "counts", ["a"], never), first)
    assert kept(tmp_path, "counts", ["b"], make)["count"].tolist() == [1]
    assert kept(tmp_path, "counts", ["a"], make)["count"].tolist() == [2]
    assert [path.name for path in tmp_path.iterdir()] == ["counts.pickle"]


@pytest.mark.parametrize(
    "spoil", [lambda b: b[:-3], lambda b: b[:-1] + bytes([b[-1] ^ 1]), lambda b: b[:140] + b"x" + b[141:]]
)
def test_a_damaged_result_is_said_to_be_so_and_made_again(tmp_path, caplog, spoil):
    kept(tmp_path, "counts", ["a"], lambda: list(range(100)))
    path = tmp_path / "counts.pickle"
    path.write_bytes(spoil(path.read_bytes()))
    with caplog.at_level(logging.WARNING):
        assert kept(tmp_path, "counts", ["a"], lambda: ["made again"]) == ["made again"]
    assert caplog.messages == [f"{path} is damaged and will be made again"]
    assert kept(tmp_path, "counts", ["a"], never) == ["made again"]


def test_where_nothing_can_be_kept_the_result_is_made_each_time(tmp_path):
    (tmp_path / "kept").write_text("a file where the folder would be", encoding="utf-8")
    assert kept(tmp_path / "kept", "counts", ["a"], lambda: 1) == 1
    assert kept(tmp_path / "kept", "counts", ["a"], lambda: 2) == 2


def test_the_key_of_files_follows_their_content_and_place_not_their_times(tmp_path):
    (tmp_path / "returns").mkdir()
    file = tmp_path / "returns" / "a.csv"
    assert files_key(tmp_path / "returns") == files_key(tmp_path / "none")
    file.write_text("1", encoding="utf-8")
    one = files_key(tmp_path / "returns")
    os.utime(file, (1, 1))
    assert files_key(tmp_path / "returns") == one
    file.rename(file.with_name("b.csv"))
    moved = files_key(tmp_path / "returns")
    file.with_name("b.csv").write_text("2", encoding="utf-8")
    assert len({one, moved, files_key(tmp_path / "returns")}) == 3


@pytest.fixture
def project(tiny_project):
    rows = [
        f"{month:02d}{number:062x},2024-{month:02d},West Mercia Police,West Mercia Police,-2.7,52.0,On or near High Town,"
        "E01014005,Herefordshire 012C,Burglary,Under investigation,"
        for month in range(1, 13)
        for number in range(4)
    ]
    for month in range(1, 13):
        write_street_file(
            tiny_project / "data" / "raw" / "police_uk", f"2024-{month:02d}", rows[month * 4 - 4 : month * 4]
        )
    return Project(tiny_project)


def test_a_notebook_opened_later_reads_what_the_run_worked_out(project, monkeypatch):
    first = open_edition("tiny", project)
    found = findings.edition_findings(first)
    for module, name in ((series, "_assess"), (findings, "_find"), (opened, "read_counts"), (opened, "monthly_counts")):
        monkeypatch.setattr(module, name, lambda *_, **__: never())
    again = open_edition("tiny", project)
    assert findings.edition_findings(again).findings == found.findings
    pd.testing.assert_frame_equal(again.counts("series"), first.counts("series"))


def test_more_crimes_are_counted_again_and_nothing_old_is_read(project):
    before = open_edition("tiny", project)
    total = before.counts("headline")["Total recorded crime"].sum()
    path = project.processed / "tiny" / "account.csv"
    account = path.read_bytes()
    write_street_file(project.raw / "police_uk", "2024-12", None)
    after = opened.prepare(before.edition, project)
    assert path.read_bytes() != account
    assert after.counts("headline")["Total recorded crime"].sum() != total
    assert open_edition("tiny", project).counts("headline").equals(after.counts("headline"))


def test_a_table_that_was_not_read_from_files_is_never_taken_for_them(project):
    first = open_edition("tiny", project)
    first.counts("headline")
    none = replace(first.table, cells=first.table.cells.iloc[:0])
    changed = opened.OpenEdition(first.edition, first.area, project, none)
    assert changed.counts("headline")["Total recorded crime"].sum() == 0
    assert open_edition("tiny", project).counts("headline")["Total recorded crime"].sum() > 0
    assert (project.processed / "tiny" / KEPT).is_dir()
