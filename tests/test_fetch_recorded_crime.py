"""Fetching the Home Office tables of recorded crime: the right ones of gov.uk's list, whole, resumed, never over a good file."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from local_site import Answer, FakeClock, Site, make_project, serve, serve_file
from recorded_crime_files import NEW, OFFENCES, write_ods

from hcsp_assess.errors import InputError, UsageError
from hcsp_assess.project import Project
from hcsp_assess.sources.fetch import Clock, FetchError, fetch_recorded_crime, read_log
from hcsp_assess.sources.recorded_crime import home_office_files, read_home_office

NAMES = {
    "prc-csp-0203-to-0607-tabs.ods": "Police recorded crime Community Safety Partnership open data table, year ending March 2003 to year ending March 2007",
    "prc-csp-0708-to-1011-tabs.ods": "Police recorded crime Community Safety Partnership open data table",
    "prc-csp-1112-1415-tables.ods": "",
    "prc-csp-mar2021-mar2026-tables-230726.ods": "Police recorded crime Community Safety Partnership open data tables, year ending March 2021 onwards",
    "prc-csp-mar16-mar20-tables-290126.ods": "Police recorded crime Community Safety Partnership open data tables, from year ending March 2016 to year ending March 2020",
}
NEWEST = "prc-csp-mar2021-mar2026-tables-230726.ods"
OTHERS = ["prc-pfa-mar2013-onwards-tables-230726.ods", "outcomes-open-data.ods", "user-guide.pdf"]


@pytest.fixture(scope="module")
def table(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    row = ["2025/26", 1, "West Mercia", "Herefordshire, County of", *OFFENCES[12], 7]
    path = write_ods(tmp_path_factory.mktemp("ods") / "t.ods", {"Notes": [["x" * 20_000]], "2025_26": [NEW, row]})
    return path.read_bytes()


@pytest.fixture(scope="module")
def server() -> Iterator[Site]:
    with serve() as site:
        yield site


@pytest.fixture
def site(server: Site, table: bytes) -> Site:
    server.pages, server.faults, server.asked = {}, [], []
    listed = [
        {
            "title": f"{name} {title}".removeprefix(name) if title else "",
            "url": f"{server.url}/media/1/{name}",
            "content_type": "x",
        }
        for name, title in NAMES.items()
    ]
    listed += [{"title": "Police force area tables", "url": f"{server.url}/media/2/{name}"} for name in OTHERS]
    answer = json.dumps({"title": "Police recorded crime", "details": {"attachments": listed}}).encode()
    server.pages["/api/content/tables"] = lambda asked: Answer(answer)
    for name in NAMES:
        server.pages[f"/media/1/{name}"] = serve_file(lambda: table, lambda: '"one"')
    return server


@pytest.fixture
def project(site: Site, tmp_path: Path) -> Project:
    return make_project(tmp_path / "project", site.url)


@pytest.fixture
def clock() -> Clock:
    fake = FakeClock()
    return Clock(now=fake.now, sleep=fake.sleep)


def test_the_newest_table_is_fetched_once_and_can_be_read(project: Project, site: Site, clock: Clock) -> None:
    told: list[tuple[str, int, int]] = []
    fetched = fetch_recorded_crime(project, progress=lambda *step: told.append(step), clock=clock)
    assert [each.file for each in fetched] == [f"data/raw/recorded_crime/{NEWEST}"]
    assert fetched[0].note.startswith("Police recorded crime") or "Community Safety" in fetched[0].note
    assert read_log(project) == fetched
    assert told[-1][0] == f"Downloading {NEWEST} (MB)"
    crime = read_home_office(home_office_files(project.root), "Herefordshire", processed=project.processed)
    assert crime.table.loc[crime.table["code"] == "E22000326", "count"].tolist() == [7]
    again = fetch_recorded_crime(project, clock=clock)
    assert [each.new for each in again] == [False]
    assert len(read_log(project)) == 1


def test_all_tables_are_those_by_partnership_and_no_other(project: Project, clock: Clock) -> None:
    fetched = fetch_recorded_crime(project, "all", clock=clock)
    assert [Path(each.file).name for each in fetched] == sorted(
        NAMES, key=lambda name: ("0203" not in name, "0708" not in name, "1112" not in name, "mar16" not in name)
    )
    assert {path.name for path in home_office_files(project.root)} == set(NAMES)


def test_a_download_that_breaks_off_goes_on_where_it_stopped(
    project: Project, site: Site, table: bytes, clock: Clock
) -> None:
    listing = site.pages["/api/content/tables"]
    pages = iter([Answer(table, headers={"ETag": '"one"'}, cut=len(table) // 2)])
    whole = serve_file(lambda: table, lambda: '"one"')
    site.pages[f"/media/1/{NEWEST}"] = lambda asked: next(pages, None) or whole(asked)
    site.pages["/api/content/tables"] = listing
    fetched = fetch_recorded_crime(project, clock=clock)
    assert (project.root / fetched[0].file).read_bytes() == table
    assert [asked.headers.get("range", "") for asked in site.asked][-1].startswith("bytes=")
    assert not list((project.raw / ".fetch").iterdir())


def test_a_new_version_never_replaces_a_good_file(project: Project, site: Site, table: bytes, clock: Clock) -> None:
    fetched = fetch_recorded_crime(project, clock=clock)
    site.pages[f"/media/1/{NEWEST}"] = serve_file(lambda: table + b"more", lambda: '"two"')
    with pytest.raises((InputError, FetchError)):
        fetch_recorded_crime(project, clock=clock)
    assert (project.root / fetched[0].file).read_bytes() == table


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        (b"<html>", "did not answer in JSON"),
        (b"[]", "did not list any attachments"),
        (b'{"details": {"attachments": [{"title": "Other", "url": "x.ods"}, 7]}}', "lists 2 attachments and none by"),
        (b'{"details": null}', "did not list any attachments"),
    ],
)
def test_an_answer_that_is_not_the_list_says_what_to_do_by_hand(
    project: Project, site: Site, clock: Clock, answer: bytes, message: str
) -> None:
    site.pages["/api/content/tables"] = lambda asked: Answer(answer)
    with pytest.raises(FetchError, match=f"{message}.*do this by hand.*data/raw/recorded_crime"):
        fetch_recorded_crime(project, clock=clock)


def test_what_is_no_spreadsheet_is_not_kept(project: Project, site: Site, clock: Clock) -> None:
    site.pages[f"/media/1/{NEWEST}"] = lambda asked: Answer(b"<html>sorry</html>")
    with pytest.raises(FetchError, match="is not a whole zip file"):
        fetch_recorded_crime(project, clock=clock)
    assert home_office_files(project.root) == []
    with pytest.raises(UsageError, match="choose newest or all"):
        fetch_recorded_crime(project, "some", clock=clock)
