import json
import os
from pathlib import Path

import pytest

from hcsp_assess.files import write_whole
from hcsp_assess.run.reports_folder import KEPT_RUNS, publish, run_folder, write_index


def _files(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_a_report_and_its_downloads_are_in_place(tmp_path):
    downloads = {"counts.csv": b"a,b\n"}
    page = publish(tmp_path / "2025", b"<html>", downloads)
    assert _files(tmp_path / "2025") == {"index.html": b"<html>", f"{run_folder(downloads)}/counts.csv": b"a,b\n"}
    assert page.read_bytes() == b"<html>"


def test_publishing_the_same_again_changes_nothing(tmp_path):
    for _ in range(2):
        publish(tmp_path, b"<html>", {"counts.csv": b"a"})
    assert len(_files(tmp_path)) == 2


def test_a_failed_write_leaves_the_last_report_whole_and_nothing_else(tmp_path, monkeypatch):
    publish(tmp_path, b"old", {"counts.csv": b"old"})
    before = _files(tmp_path)

    def full(handle):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space left on device"):
        publish(tmp_path, b"new", {"counts.csv": b"new"})
    assert _files(tmp_path) == before


def test_earlier_runs_are_kept_only_for_a_while(tmp_path):
    for number in range(5):
        publish(tmp_path, b"page %d" % number, {"counts.csv": b"%d" % number})
        os.utime(tmp_path / run_folder({"counts.csv": b"%d" % number}), (number, number))
    kept = {path.read_bytes() for path in tmp_path.rglob("counts.csv")}
    assert kept == {b"4", b"3", b"2"}
    assert len(kept) == KEPT_RUNS + 1


def test_leftovers_of_a_killed_run_are_cleared_by_the_next(tmp_path):
    (tmp_path / "files" / ".new-abc").mkdir(parents=True)
    (tmp_path / ".index.html.abc.part").write_bytes(b"half")
    publish(tmp_path, b"page", {"counts.csv": b"1"})
    assert sorted(_files(tmp_path)) == [f"{run_folder({'counts.csv': b'1'})}/counts.csv", "index.html"]


def test_the_run_folder_follows_content_and_names():
    assert run_folder({"a": b"1", "b": b"2"}) == run_folder({"b": b"2", "a": b"1"})
    assert (
        len(
            {
                run_folder({"a": b"1"}),
                run_folder({"a": b"2"}),
                run_folder({"b": b"1"}),
                run_folder({"a": b"1", "b": b""}),
            }
        )
        == 4
    )


def test_a_file_is_whole_or_not_there(tmp_path):
    write_whole(tmp_path / "deep" / "file.txt", b"whole")
    assert _files(tmp_path) == {"deep/file.txt": b"whole"}


def test_the_list_of_editions_is_written_from_what_each_says_of_itself_without_opening_its_page(tmp_path):
    told = {"title": "A & B", "area": "Herefordshire", "period": "2025", "simulated": False}
    new, old = tmp_path / "2025", tmp_path / "2013-14"
    for folder in (new, old):
        folder.mkdir()
    (new / "index.html").write_text("not looked into", encoding="utf-8")
    (new / "run.json").write_text(json.dumps(told | {"published": "1 May 2026, 09:00 UTC"}), encoding="utf-8")
    record = json.dumps(told | {"title": "Published before there was a record beside the page"})
    page = f'<script id="run-record" type="application/json">{record}</script><time>2 May 2025, 09:00 UTC</time>'
    (old / "index.html").write_text(page, encoding="utf-8")
    write_index(tmp_path)
    text = (tmp_path / "index.html").read_text(encoding="utf-8")
    assert "A &amp; B" in text
    assert "published 1 May 2026, 09:00 UTC" in text
    assert '<a href="2013-14/index.html">Published before there was a record beside the page</a>' in text
    assert "published 2 May 2025, 09:00 UTC" in text
    (new / "run.json").write_text("{half", encoding="utf-8")
    (new / "index.html").write_text(page.replace("2 May 2025", "3 May 2026"), encoding="utf-8")
    write_index(tmp_path)
    assert "published 3 May 2026" in (tmp_path / "index.html").read_text(encoding="utf-8")
