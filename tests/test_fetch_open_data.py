"""Fetching open data: whole or not at all, resumed, not fetched twice, never over a good file."""

import io
import json
from collections.abc import Iterator
from pathlib import Path

import openpyxl
import pytest
from local_site import Answer, FakeClock, Site, make_project, serve, serve_file
from typer.testing import CliRunner

from hcsp_assess.cli.main import app
from hcsp_assess.errors import InputError, UsageError
from hcsp_assess.project import Project
from hcsp_assess.sources.fetch import (
    Clock,
    FetchError,
    addresses,
    fetch_exclusions,
    fetch_fingertips,
    fetch_road_safety,
    fetch_tables,
    read_log,
)
from hcsp_assess.sources.road_safety import find_national_files, read_road_casualties

COLLISIONS = b"collision_index,date,local_authority_ons_district\n" + b"2024A1,05/12/2024,E06000019\n" * 20_000
CASUALTIES = b"collision_index,vehicle_reference,casualty_reference,casualty_severity\n2024A1,1,1,2\n"
INDICATOR = (
    b"Indicator ID,Indicator Name,Parent Code,Area Code,Area Name,Sex,Age,Category Type,Time period,Value,"
    b"Lower CI 95.0 limit,Upper CI 95.0 limit,Count,Denominator,Value note,Recent Trend\n"
)
PLACE = "/road-accidents-safety-data/dft-road-casualty-statistics"


@pytest.fixture(scope="module")
def server() -> Iterator[Site]:
    with serve() as site:
        yield site


@pytest.fixture
def site(server: Site) -> Site:
    server.pages, server.faults, server.asked = {}, [], []
    server.pages[f"{PLACE}-collision-2024.csv"] = serve_file(lambda: COLLISIONS, lambda: '"one"')
    server.pages[f"{PLACE}-casualty-2024.csv"] = serve_file(lambda: CASUALTIES, lambda: '"two"')
    server.pages["/api/all_data/csv/by_indicator_id"] = serve_file(lambda: INDICATOR, lambda: '"ind"')
    return server


@pytest.fixture
def project(site: Site, tmp_path: Path) -> Project:
    made = make_project(tmp_path / "project", site.url)
    packaged = addresses()
    entries = [
        f'[{key}]\nwhat = "what is at {key}"\nurl = "{site.url}/{packaged[key].url.split("/", 3)[3]}"\nsure = "general"\n'
        f'known_from = "this test"\nby_hand = "do this by hand"\nfolder = "{packaged[key].folder}"\n'
        for key in ("road_safety", "fingertips", "exclusions", "fly_tipping", "fires")
    ]
    own = made.root / "addresses.toml"
    own.write_text(own.read_text(encoding="utf-8") + "\n" + "\n".join(entries), encoding="utf-8")
    return made


@pytest.fixture
def clock() -> Clock:
    fake = FakeClock()
    return Clock(now=fake.now, sleep=fake.sleep)


def test_both_files_of_a_year_are_fetched_where_the_reader_finds_them(project: Project, clock: Clock) -> None:
    fetched = fetch_road_safety(project, ["2024"], clock=clock)
    folder = "data/raw/open_data/road_safety/dft-road-casualty-statistics"
    assert [each.file for each in fetched] == [f"{folder}-collision-2024.csv", f"{folder}-casualty-2024.csv"]
    assert read_log(project) == fetched
    result = read_road_casualties(*find_national_files(project.root), district="E06000019")
    assert result.account["kept"] == 1


def test_files_that_are_there_in_this_version_are_not_fetched_again(project: Project, site: Site, clock: Clock) -> None:
    fetch_road_safety(project, ["2024"], clock=clock)
    again = fetch_road_safety(project, ["2024"], clock=clock)
    assert [each.new for each in again] == [False, False]
    assert len(read_log(project)) == 2


def test_a_download_that_broke_off_goes_on_where_it_stopped(project: Project, site: Site, clock: Clock) -> None:
    site.faults = [Answer(COLLISIONS, headers={"ETag": '"one"'}, cut=200_000)]
    fetch_road_safety(project, ["2024"], clock=clock)
    assert [asked.headers.get("range", "") for asked in site.asked] == ["", "bytes=200000-", ""]
    [collisions], _ = find_national_files(project.root)
    assert collisions.read_bytes() == COLLISIONS


def test_a_page_that_is_not_the_file_is_refused_and_nothing_is_left(project: Project, site: Site, clock: Clock) -> None:
    site.pages[f"{PLACE}-collision-2024.csv"] = lambda asked: Answer(b"<!DOCTYPE html><title>Moved</title>")
    with pytest.raises(FetchError) as error:
        fetch_road_safety(project, ["2024"], clock=clock)
    assert "-collision-2024.csv gave something else" in str(error.value)
    assert "Instead, do this by hand. Put the file in data/raw/open_data/road_safety/." in str(error.value)
    assert find_national_files(project.root) == ([], [])
    assert not list((project.raw / ".fetch").iterdir())


def test_a_revised_file_does_not_replace_a_good_one(project: Project, site: Site, clock: Clock) -> None:
    fetch_road_safety(project, ["2024"], clock=clock)
    revised = CASUALTIES + b"2024A1,1,2,3\n"
    site.pages[f"{PLACE}-casualty-2024.csv"] = serve_file(lambda: revised, lambda: '"three"')
    with pytest.raises(InputError, match="already exists with different content and was not changed"):
        fetch_road_safety(project, ["2024"], clock=clock)
    _, [casualties] = find_national_files(project.root)
    assert casualties.read_bytes() == CASUALTIES


def test_a_year_that_is_none_is_refused_before_anything_is_asked(project: Project, site: Site, clock: Clock) -> None:
    with pytest.raises(UsageError, match="years 24: give years such as 2023 2024 or provisional-2025"):
        fetch_road_safety(project, ["24"], clock=clock)
    assert not site.asked


def test_each_indicator_with_a_verified_number_is_asked_for_with_its_areas_and_regions(
    project: Project, site: Site, clock: Clock
) -> None:
    fetched = fetch_fingertips(project, clock=clock)
    asked = [one.query for one in site.asked]
    assert {"indicator_ids": "11201", "child_area_type_id": "502", "parent_area_type_id": "6"} in asked
    assert len(fetched) == len(asked) == len({one["indicator_ids"] for one in asked})
    assert (project.root / "data/raw/open_data/fingertips/11201_county.csv").read_bytes() == INDICATOR
    fetch_fingertips(project, [10401], area_type="district", clock=clock)
    assert site.asked[-1].query["child_area_type_id"] == "501"
    with pytest.raises(UsageError, match="there is no kind of area 'ward': choose county or district"):
        fetch_fingertips(project, area_type="ward", clock=clock)


def workbook() -> bytes:
    content = io.BytesIO()
    book = openpyxl.Workbook()
    book.active.append(["Year", "LA Name"])
    book.save(content)
    return content.getvalue()


def test_tables_are_found_by_name_in_what_govuk_lists(project: Project, site: Site, clock: Clock) -> None:
    content = workbook()
    names = (
        "Flytipping_incidents_and_actions_taken__reported_by_LAs_in_England__2012-13_to_2022-23_accessible_revised.xlsx",
        "Flytipping_incidents_and_actions_taken_nat_level_data_2007-08_to_2021-22_accessible.xlsx",
    )
    for name in names:
        site.pages[f"/media/{name}"] = serve_file(lambda: content, lambda: '"x"')
    listed = {"details": {"attachments": [{"url": f"{site.url}/media/{name}"} for name in names]}}
    place = "/api/content/government/statistical-data-sets/env24-fly-tipping-incidents-and-actions-taken-in-england"
    site.pages[place] = lambda asked: Answer(json.dumps(listed).encode())
    [fetched] = fetch_tables(project, "fly_tipping", clock=clock)
    assert fetched.file == f"data/raw/open_data/fly_tipping/{names[0]}"
    [again] = fetch_tables(project, "fly_tipping", clock=clock)
    assert not again.new
    site.pages["/api/content/government/statistical-data-sets/fire-statistics-data-tables"] = site.pages[place]
    with pytest.raises(FetchError, match="lists 2 files and none that is wanted"):
        fetch_tables(project, "fires", clock=clock)
    with pytest.raises(UsageError, match="no tables of 'water': choose one of fly_tipping, fires"):
        fetch_tables(project, "water", clock=clock)


def test_exclusions_are_fetched_by_the_identifier_of_their_data_set(project: Project, site: Site, clock: Clock) -> None:
    head = (
        b"time_period,time_identifier,geographic_level,country_code,region_code,region_name,new_la_code,la_name,"
        b"education_phase,headcount,perm_excl,perm_excl_rate,suspension,susp_rate\n"
    )
    dataset = "00000000-0000-4000-8000-000000000000"
    site.pages[f"/data-catalogue/data-set/{dataset}/csv"] = serve_file(lambda: head, lambda: '"e"')
    assert fetch_exclusions(project, dataset, clock=clock).file == f"data/raw/open_data/exclusions/{dataset}.csv"
    with pytest.raises(UsageError, match="'latest' is not the identifier of a data set"):
        fetch_exclusions(project, "latest", clock=clock)


def test_the_commands_fetch_and_say_what_was_there(project: Project, site: Site) -> None:
    place = ["--project", str(project.root)]
    first = CliRunner().invoke(app, ["fetch", "road-safety", "2024", *place])
    assert first.exit_code == 0
    assert "dft-road-casualty-statistics-casualty-2024.csv: downloaded" in first.output.replace("\n", "")
    again = CliRunner().invoke(app, ["fetch", "road-safety", "2024", *place])
    assert "dft-road-casualty-statistics-casualty-2024.csv: already downloaded" in again.output.replace("\n", "")
    assert CliRunner().invoke(app, ["fetch", "fingertips", "10401", *place]).exit_code == 0
    assert (project.root / "data/raw/open_data/fingertips/10401_county.csv").is_file()
