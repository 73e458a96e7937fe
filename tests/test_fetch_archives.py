"""Fetching archives: whole or not at all, resumed, within the limits, and never over a good file."""

import hashlib
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from local_site import Answer, Asked, FakeClock, Site, make_project, make_zip, serve, serve_file

from hcsp_assess.errors import InputError, UsageError
from hcsp_assess.project import Project
from hcsp_assess.sources.fetch import Clock, FetchError, addresses, fetch_archive, fetch_custom, read_log
from hcsp_assess.sources.fetch.transfer import Connection, Pace
from hcsp_assess.sources.police_uk import clean_archive, find_street_files

ARCHIVE = make_zip(("2026-06", "2026-07"), filler=600_000)
BY_HAND = "It should give what is at police_archive. Instead, do this by hand. Put the file in data/raw/police_uk/."


@pytest.fixture(scope="module")
def server() -> Iterator[Site]:
    with serve() as site:
        yield site


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def site(server: Site) -> Site:
    server.pages, server.faults, server.asked = {}, [], []
    server.pages["/data/archive/2026-07.zip"] = serve_file(lambda: ARCHIVE, lambda: '"one"')
    server.pages["/data/archive/latest.zip"] = lambda asked: Answer(
        status=302, headers={"Location": f"{server.url}/data/archive/2026-07.zip"}
    )
    return server


@pytest.fixture
def project(site: Site, tmp_path: Path) -> Project:
    return make_project(tmp_path / "project", site.url)


def timing(clock: FakeClock) -> Clock:
    return Clock(now=clock.now, sleep=clock.sleep)


def ranges(site: Site) -> list[str]:
    return [asked.headers.get("range", "") for asked in site.asked]


def only_whole_files(project: Project) -> None:
    """What the cleaning would read holds whole files under their names, and nothing else."""
    files = sorted(path.name for path in (project.raw / "police_uk").glob("*"))
    assert all(re.fullmatch(r"[0-9]{4}-[0-9]{2}.*\.zip", name) for name in files)


def test_the_latest_archive_gets_the_name_of_its_snapshot_and_is_read_by_the_cleaning(
    project: Project, site: Site, clock: FakeClock
) -> None:
    told: list[tuple[str, int, int]] = []
    fetched = fetch_archive(project, progress=lambda *step: told.append(step), clock=timing(clock))
    assert fetched.file == "data/raw/police_uk/2026-07.zip"
    assert fetched.sha256 == hashlib.sha256(ARCHIVE).hexdigest()
    assert (project.root / fetched.file).read_bytes() == ARCHIVE
    assert read_log(project) == [fetched]
    files = find_street_files(project.raw / "police_uk")
    assert [(str(file.month), file.snapshot, file.snapshot_from) for file in files] == [
        ("2026-06", "2026-07", "name"),
        ("2026-07", "2026-07", "name"),
    ]
    assert clean_archive(project.raw / "police_uk", project.processed / "police_uk").rows_in == 2
    assert told[-1][0] == "Downloading 2026-07.zip (MB)"
    assert not list((project.raw / ".fetch").iterdir())
    only_whole_files(project)


def test_the_last_full_history_is_the_archive_of_april_2017(project: Project, site: Site, clock: FakeClock) -> None:
    old = make_zip(("2010-12", "2017-04"))
    site.pages["/data/archive/2017-04.zip"] = serve_file(lambda: old, lambda: '"old"')
    assert fetch_archive(project, "full history", clock=timing(clock)).file == "data/raw/police_uk/2017-04.zip"


def test_an_archive_that_is_there_in_this_version_is_not_fetched_again(
    project: Project, site: Site, clock: FakeClock
) -> None:
    first = fetch_archive(project, clock=timing(clock))
    before = (project.root / first.file).stat().st_mtime_ns
    again = fetch_archive(project, clock=timing(clock))
    assert (again.new, again.sha256) == (False, first.sha256)
    assert (project.root / first.file).stat().st_mtime_ns == before
    assert len(read_log(project)) == 1


def test_an_archive_put_there_by_hand_is_recognised_by_its_length_and_wholeness(
    project: Project, site: Site, clock: FakeClock
) -> None:
    folder = project.raw / "police_uk"
    folder.mkdir()
    (folder / "2026-07.zip").write_bytes(ARCHIVE)
    fetched = fetch_archive(project, clock=timing(clock))
    assert not fetched.new
    assert fetched.note == "added by hand; complete and as long as the published file"
    assert sum(asked.path.endswith("2026-07.zip") for asked in site.asked) == 1


def test_a_cut_connection_is_gone_on_with_where_it_broke_off(project: Project, site: Site, clock: FakeClock) -> None:
    look = Answer(ARCHIVE, headers={"ETag": '"one"'})
    cut = Answer(ARCHIVE, headers={"ETag": '"one"'}, cut=200_000)
    site.faults = [look, cut]
    fetched = fetch_archive(project, "2026-07", clock=timing(clock))
    assert (project.root / fetched.file).read_bytes() == ARCHIVE
    assert ranges(site) == ["", "", "bytes=200000-"]
    assert site.asked[-1].headers["if-range"] == '"one"'


def test_a_download_stopped_with_ctrl_c_is_gone_on_with_by_the_next_command(
    project: Project, site: Site, clock: FakeClock
) -> None:
    big = make_zip(("2026-07",), filler=2_000_000)
    site.pages["/data/archive/2026-07.zip"] = serve_file(lambda: big, lambda: '"big"')

    def stop(stage: str, done: int, total: int) -> None:
        if done:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fetch_archive(project, "2026-07", progress=stop, clock=timing(clock))
    part = project.raw / ".fetch" / "2026-07.zip.part"
    had = part.stat().st_size
    assert 0 < had < len(big)
    assert not (project.raw / "police_uk").exists()
    fetched = fetch_archive(project, "2026-07", clock=timing(clock))
    assert (project.root / fetched.file).read_bytes() == big
    assert ranges(site)[-1] == f"bytes={had}-"


def test_a_file_that_changed_between_two_attempts_is_fetched_from_the_start(
    project: Project, site: Site, clock: FakeClock
) -> None:
    site.faults = [Answer(ARCHIVE), Answer(ARCHIVE, headers={"ETag": '"old"'}, cut=200_000)]
    newer = make_zip(("2026-05", "2026-06", "2026-07"), filler=500_000)
    site.pages["/data/archive/2026-07.zip"] = serve_file(lambda: newer, lambda: '"new"')
    fetched = fetch_archive(project, "2026-07", clock=timing(clock))
    assert (project.root / fetched.file).read_bytes() == newer
    assert fetched.etag == '"new"'


def test_a_part_that_the_server_cannot_vouch_for_is_thrown_away(project: Project, site: Site, clock: FakeClock) -> None:
    site.faults = [Answer(ARCHIVE), Answer(ARCHIVE, headers={"ETag": 'W/"weak"'}, cut=200_000)]
    fetched = fetch_archive(project, "2026-07", clock=timing(clock))
    assert (project.root / fetched.file).read_bytes() == ARCHIVE
    assert ranges(site) == ["", "", ""]


def test_a_whole_part_left_by_a_crash_just_before_the_renaming_is_not_fetched_again(
    project: Project, site: Site, clock: FakeClock
) -> None:
    address = addresses(project.root)["police_archive"]
    with Connection(address, clock=timing(clock)) as connection:
        connection.download(address.at(snapshot="2026-07"), project.raw / ".fetch" / "2026-07.zip.part")
    fetched = fetch_archive(project, "2026-07", clock=timing(clock))
    assert (project.root / fetched.file).read_bytes() == ARCHIVE
    assert ranges(site)[-1] == f"bytes={len(ARCHIVE)}-"


def test_a_busy_server_is_asked_again_ever_later(project: Project, site: Site, clock: FakeClock) -> None:
    site.faults = [Answer(status=503), Answer(status=500), Answer(status=502)]
    fetch_archive(project, "2026-07", clock=timing(clock))
    assert [int(wait) for wait in clock.waits[:3]] == [pytest.approx(expected, abs=1) for expected in (1, 2, 4)]


def test_the_wait_that_the_server_asks_for_is_kept(project: Project, site: Site, clock: FakeClock) -> None:
    site.faults = [Answer(status=429, headers={"Retry-After": "37"})]
    fetch_archive(project, "2026-07", clock=timing(clock))
    assert clock.waits[0] == 37


def test_a_server_that_asks_for_an_hour_is_left_alone(project: Project, site: Site, clock: FakeClock) -> None:
    site.faults = [Answer(status=429, headers={"Retry-After": "3600"})]
    url = f"{site.url}/data/archive/2026-07.zip"
    with pytest.raises(FetchError, match=exactly(f"{url} asks to come back in 60 minutes (status 429). {BY_HAND}")):
        fetch_archive(project, "2026-07", clock=timing(clock))
    assert len(site.asked) == 1


def test_a_missing_archive_is_not_asked_for_twice(project: Project, site: Site, clock: FakeClock) -> None:
    url = f"{site.url}/data/archive/2013-01.zip"
    with pytest.raises(FetchError, match=exactly(f"{url} answered with status 404. {BY_HAND}")):
        fetch_archive(project, "2013-01", clock=timing(clock))
    assert len(site.asked) == 1


def test_a_server_that_says_nothing_is_given_up_in_time(project: Project, site: Site, clock: FakeClock) -> None:
    site.faults = [Answer(hang=True)]
    fetched = fetch_archive(project, "2026-07", clock=timing(clock), read_seconds=0.1)
    assert (project.root / fetched.file).read_bytes() == ARCHIVE
    assert len(site.asked) == 3


def test_offline_the_message_names_the_address_and_what_to_do_by_hand(tmp_path: Path, clock: FakeClock) -> None:
    project = make_project(tmp_path / "project", "http://127.0.0.1:9")
    reason = "could not be fetched in 5 attempts (the connection failed or broke off: ConnectionError)"
    with pytest.raises(FetchError, match=exactly(f"http://127.0.0.1:9/data/archive/latest.zip {reason}. {BY_HAND}")):
        fetch_archive(project, clock=timing(clock))
    assert not (project.raw / "police_uk").exists()


def test_a_body_longer_than_the_server_claims_is_not_taken_for_the_archive(
    project: Project, site: Site, clock: FakeClock
) -> None:
    site.pages["/data/archive/2026-07.zip"] = lambda asked: Answer(ARCHIVE, claim=len(ARCHIVE) - 10)
    with pytest.raises(FetchError, match=r"2026-07\.zip is not a whole zip file \(.*\)\. It should give"):
        fetch_archive(project, "2026-07", clock=timing(clock))
    assert not (project.raw / "police_uk").exists()


def test_a_body_shorter_than_the_server_claims_is_not_taken_for_the_archive(
    project: Project, site: Site, clock: FakeClock
) -> None:
    site.pages["/data/archive/2026-07.zip"] = lambda asked: Answer(ARCHIVE, claim=len(ARCHIVE) + 10)
    with pytest.raises(FetchError, match=r"could not be fetched in 5 attempts"):
        fetch_archive(project, "2026-07", clock=timing(clock))
    assert not (project.raw / "police_uk").exists()


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"<html>Sorry, we are down for maintenance</html>", "is not a whole zip file (File is not a zip file)"),
        (make_zip(()), "is a zip file without street-level crime: it has notes.txt"),
    ],
)
def test_what_is_not_an_archive_is_refused(
    project: Project, site: Site, clock: FakeClock, body: bytes, reason: str
) -> None:
    site.pages["/data/archive/2026-07.zip"] = lambda asked: Answer(body)
    url = f"{site.url}/data/archive/2026-07.zip"
    with pytest.raises(FetchError, match=exactly(f"{url} {reason}. {BY_HAND}")):
        fetch_archive(project, "2026-07", clock=timing(clock))
    assert not (project.raw / "police_uk").exists()
    assert not list((project.raw / ".fetch").iterdir())


def test_one_flipped_byte_in_a_street_file_is_noticed(project: Project, site: Site, clock: FakeClock) -> None:
    damaged = ARCHIVE.replace(b"On or near A", b"On or near B", 1)
    site.pages["/data/archive/2026-07.zip"] = lambda asked: Answer(damaged)
    with pytest.raises(FetchError, match=r"2026-06/2026-06-west-mercia-street\.csv does not match its checksum"):
        fetch_archive(project, "2026-07", clock=timing(clock))


def test_a_good_file_is_left_as_it_is_when_the_publisher_changes_a_snapshot(
    project: Project, site: Site, clock: FakeClock
) -> None:
    first = fetch_archive(project, "2026-07", clock=timing(clock))
    changed = make_zip(("2026-07",))
    site.pages["/data/archive/2026-07.zip"] = serve_file(lambda: changed, lambda: '"two"')
    message = (
        "data/raw/police_uk/2026-07.zip already exists with different content and was not changed; the new file is "
        "data/raw/.fetch/2026-07.zip.part. To use the new one, move the old one to another folder and fetch again"
    )
    with pytest.raises(InputError, match=exactly(message)):
        fetch_archive(project, "2026-07", clock=timing(clock))
    assert (project.root / first.file).read_bytes() == ARCHIVE
    (project.root / first.file).rename(project.root / "old.zip")
    fetch_archive(project, "2026-07", clock=timing(clock))
    assert (project.root / first.file).read_bytes() == changed


def test_a_damaged_file_of_that_name_is_replaced(project: Project, site: Site, clock: FakeClock) -> None:
    folder = project.raw / "police_uk"
    folder.mkdir()
    (folder / "2026-07.zip").write_bytes(ARCHIVE[:1000])
    fetch_archive(project, "2026-07", clock=timing(clock))
    assert (folder / "2026-07.zip").read_bytes() == ARCHIVE


def test_an_archive_that_would_not_fit_is_not_begun(
    project: Project, site: Site, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    usage = shutil.disk_usage(project.root)
    monkeypatch.setattr(shutil, "disk_usage", lambda path: usage._replace(free=1000))
    with pytest.raises(
        InputError, match=r"2026-07\.zip needs 0\.0 GB and 0\.0 GB are free where .*\.fetch is: free some space"
    ):
        fetch_archive(project, "2026-07", clock=timing(clock))


def test_a_misspelt_snapshot_is_refused_without_asking(project: Project, site: Site) -> None:
    message = 'there is no archive \'newest\': choose "latest", "full history" or a month such as 2024-03'
    with pytest.raises(UsageError, match=exactly(message)):
        fetch_archive(project, "newest")
    assert site.asked == []


@given(cuts=st.lists(st.integers(1, len(ARCHIVE) - 1), max_size=8))
@settings(max_examples=40, deadline=None)
def test_wherever_connections_are_cut_the_file_is_whole_in_the_end(
    server: Site, tmp_path_factory: pytest.TempPathFactory, cuts: list[int]
) -> None:
    whole = serve_file(lambda: ARCHIVE, lambda: '"one"')
    left = list(cuts)

    def page(asked: Asked) -> Answer:
        answer = whole(asked)
        if left and len(server.asked) > 1:
            answer.cut = min(left.pop(), len(answer.body) - 1) if len(answer.body) > 1 else None
        return answer

    server.pages, server.faults, server.asked = {"/data/archive/2026-07.zip": page}, [], []
    project = make_project(tmp_path_factory.mktemp("cuts") / "project", server.url)
    fetched = fetch_archive(project, "2026-07", clock=timing(FakeClock()))
    assert (project.root / fetched.file).read_bytes() == ARCHIVE


@pytest.mark.parametrize("requests", [10, 100, 400])
def test_the_published_rate_limits_are_kept(requests: int) -> None:
    clock = FakeClock()
    pace = Pace(15, 30, timing(clock))
    times = []
    for _ in range(requests):
        pace.wait()
        times.append(clock.now())
    assert (
        max(sum(start <= time < start + 1 for time in times) for start in times) <= 34
    )  # burst and refill in a second
    assert max(sum(time == start for time in times) for start in times) <= 30
    if requests > 30:
        assert (requests - 30) / (times[-1] - times[0]) < 15


FORM = """<form method="post"><input type='hidden' name='csrfmiddlewaretoken' value='secret'>
<select name="date_from"><option value="2026-07">July</option><option value="2026-06">June</option></select>
<select name="date_to"><option value="2026-07">July</option><option value="2026-06">June</option></select>
<ul id="id_forces"><li><input type="checkbox" name="forces" value="west-mercia"></li>
<li><input type="checkbox" name="forces" value="gwent"></li></ul></form>"""


def serve_form(site: Site, queue_page: str, states: list[str]) -> None:
    """The custom download as public programs describe it."""

    def form(asked: Asked) -> Answer:
        if asked.method == "GET":
            return Answer(FORM.encode(), headers={"Set-Cookie": "csrftoken=secret; Path=/"})
        safe = asked.form["csrfmiddlewaretoken"] == ["secret"] and "csrftoken=secret" in asked.headers.get("cookie", "")
        if not safe or asked.headers.get("referer") != f"{site.url}/data/":
            return Answer(b"CSRF verification failed", 403)
        return Answer(status=302, headers={"Location": "/data/fetch/1234/"})

    site.pages["/data/"] = form
    site.pages["/data/fetch/1234/"] = lambda asked: Answer(queue_page.encode())
    site.pages["/data/progress/1234/"] = lambda asked: Answer((states.pop(0) if states else "").encode())
    site.pages["/download/abc.zip"] = serve_file(lambda: ARCHIVE, lambda: '"made"')


@pytest.mark.parametrize(
    "queue_page",
    ["<script>fetch_download('/data/progress/1234/')</script>", '<script>x = {"url": "/data/progress/1234/"}</script>'],
)
def test_the_custom_download_waits_in_the_queue_and_keeps_its_snapshot_in_its_name(
    project: Project, site: Site, clock: FakeClock, queue_page: str
) -> None:
    ready = f'{{"status": "ready", "url": "{site.url}/download/abc.zip"}}'
    serve_form(site, queue_page, ['{"status": "pending"}', '{"status": "pending"}', ready])
    fetched = fetch_custom(project, "west-mercia", "2026-06", "2026-07", clock=timing(clock))
    assert fetched.file == "data/raw/police_uk/2026-07_custom_west-mercia_2026-06_2026-07.zip"
    assert fetched.note == "only crimes recorded by west-mercia, without crimes in its area recorded by other forces"
    assert clock.waits.count(10.0) == 2
    sent = next(asked for asked in site.asked if asked.method == "POST").form
    assert sent == {
        "csrfmiddlewaretoken": ["secret"],
        "date_from": ["2026-06"],
        "date_to": ["2026-07"],
        "forces": ["west-mercia"],
        "include_crime": ["on"],
    }
    assert {file.snapshot for file in find_street_files(project.raw / "police_uk")} == {"2026-07"}


@pytest.mark.parametrize(
    ("queue_page", "states", "reason"),
    [
        ("<p>Thank you</p>", [], "/data/ took the form but did not say where the file will be"),
        ("fetch_download('/data/progress/1234/')", ['{"status": "error"}'], "says that making the file failed"),
        ("fetch_download('/data/progress/1234/')", ["<html>"], "did not say how far the file is"),
        (
            "fetch_download('/data/progress/1234/')",
            ['{"status": "pending"}'] * 999,
            "had not made the file after 30 minutes",
        ),
    ],
)
def test_a_custom_download_that_goes_another_way_ends_in_the_steps_by_hand(
    project: Project, site: Site, clock: FakeClock, queue_page: str, states: list[str], reason: str
) -> None:
    serve_form(site, queue_page, list(states))
    with pytest.raises(FetchError, match=rf"{re.escape(reason)}\. .*Instead, do this by hand\. Put the file in"):
        fetch_custom(project, "west-mercia", "2026-06", "2026-07", clock=timing(clock))
    assert not (project.raw / "police_uk").exists()


def test_a_form_that_has_changed_is_refused_not_guessed_at(project: Project, site: Site, clock: FakeClock) -> None:
    site.pages["/data/"] = lambda asked: Answer(b"<h1>New site</h1>")
    with pytest.raises(FetchError, match=r"/data/ does not hold the form that this software knows\. "):
        fetch_custom(project, "west-mercia", "2026-06", "2026-07", clock=timing(clock))


def test_a_month_or_force_that_the_site_does_not_offer_is_refused(
    project: Project, site: Site, clock: FakeClock
) -> None:
    serve_form(site, "", [])
    with pytest.raises(
        UsageError,
        match=exactly("the site offers 2026-06 to 2026-07, not 2020-01: download older months from an archive"),
    ):
        fetch_custom(project, "west-mercia", "2020-01", "2026-07", clock=timing(clock))
    with pytest.raises(UsageError, match=exactly("the site has no force 'hereford'; choose one of west-mercia, gwent")):
        fetch_custom(project, "hereford", "2026-06", "2026-07", clock=timing(clock))
    with pytest.raises(UsageError, match=r"^months go from '2026-07' to '2026-06': give two such as 2024-01"):
        fetch_custom(project, "gwent", "2026-07", "2026-06", clock=timing(clock))


def test_every_address_that_comes_with_the_package_says_how_sure_it_is_and_what_to_do_by_hand() -> None:
    for address in addresses().values():
        assert address.sure in ("published", "in use", "general")
        assert address.known_from
        assert address.url.startswith("https://")
        assert address.instead.startswith("Instead, ")
        assert address.folder.startswith("data/raw/")
    assert addresses()["police_api"].per_second == 15
    assert addresses()["police_api"].burst == 30


def test_a_project_can_mend_an_address_and_a_mistake_in_it_is_named(tmp_path: Path) -> None:
    (tmp_path / "addresses.toml").write_text('[police_api]\nurl = "https://example.org/"\n', encoding="utf-8")
    with pytest.raises(
        InputError, match=r"^addresses\.toml: the entry \[police_api\] cannot be used: missing 5 required"
    ):
        addresses(tmp_path)


def exactly(message: str) -> str:
    return f"^{re.escape(message)}$"
