"""Reports put in another place are whole there, and the page comes last."""

import fsspec
import pytest

from hcsp_assess.errors import InputError, UsageError
from hcsp_assess.run import delivery
from hcsp_assess.run.delivery import deliver, deliver_file, require_place


@pytest.fixture
def report(tmp_path):
    folder = tmp_path / "reports" / "2025@north"
    (folder / "files" / "aaa").mkdir(parents=True)
    (folder / "index.html").write_text('<a href="files/aaa/t.csv">', encoding="utf-8")
    (folder / "files" / "aaa" / "t.csv").write_text("1", encoding="utf-8")
    (folder / "run.json").write_text("{}", encoding="utf-8")
    return folder


def held(store, root):
    return {path.removeprefix(f"{root}/"): store.cat(path).decode() for path in store.find(root)}


def test_a_report_is_copied_whole_into_a_folder_or_a_store_and_mirrors_it(report, tmp_path):
    memory = fsspec.filesystem("memory")
    places = {
        str(tmp_path / "out"): (fsspec.filesystem("file"), str(tmp_path / "out")),
        "memory://out": (memory, "/out"),
    }
    for url, (store, root) in places.items():
        assert deliver(report, url, "2025@north") == f"{url}/2025@north/index.html"
        deliver_file(report / "run.json", url, "index.json")
        assert held(store, root) == {
            "2025@north/index.html": '<a href="files/aaa/t.csv">',
            "2025@north/files/aaa/t.csv": "1",
            "2025@north/run.json": "{}",
            "index.json": "{}",
        }
    (report / "files" / "aaa").rename(report / "files" / "bbb")
    (report / "index.html").write_text("new", encoding="utf-8")
    for url, (store, root) in places.items():
        deliver(report, url, "2025@north")
        assert {"2025@north/index.html", "2025@north/files/bbb/t.csv"} < held(store, root).keys()
        assert "2025@north/files/aaa/t.csv" not in held(store, root)


def test_the_page_is_replaced_last_so_that_an_interrupted_copy_leaves_the_earlier_report(report, tmp_path, monkeypatch):
    out = tmp_path / "out"
    deliver(report, str(out), "a")
    (report / "index.html").write_text("new", encoding="utf-8")
    (report / "files" / "bbb").mkdir()
    (report / "files" / "bbb" / "t.csv").write_text("2", encoding="utf-8")
    put, order = delivery._put, []

    def stop_at_the_page(store, place, content):
        order.append(place)
        if place.endswith("index.html"):
            raise OSError("no space left")
        put(store, place, content)

    monkeypatch.setattr(delivery, "_put", stop_at_the_page)
    with pytest.raises(InputError, match=r"^reports cannot be put at .*/out: no space left\. Check the address"):
        deliver(report, str(out), "a")
    assert order[-1].endswith("a/index.html")
    assert (out / "a" / "index.html").read_text() == '<a href="files/aaa/t.csv">'
    assert (out / "a" / "files" / "aaa" / "t.csv").is_file()


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("s3://bucket/reports", "--output: reports cannot be put at s3://bucket/reports: Install s3fs to access S3"),
        (
            "nosuch://bucket",
            "--output: reports cannot be put at nosuch://bucket: Protocol not known: nosuch. Check the address",
        ),
        ("/proc/reports", "--output: reports cannot be put at /proc/reports: "),
    ],
)
def test_a_place_that_cannot_be_used_is_told_before_any_work(url, message):
    with pytest.raises(UsageError) as error:
        require_place(url)
    assert str(error.value).startswith(message)


def test_trying_a_place_leaves_nothing_behind(tmp_path):
    require_place(str(tmp_path / "new" / "place"))
    assert list((tmp_path / "new" / "place").iterdir()) == []
