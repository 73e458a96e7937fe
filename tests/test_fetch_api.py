"""A month from the API: split where it has too many crimes, paced, and read by the cleaning with every crime accounted."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd
import pytest
from local_site import Answer, Asked, FakeClock, Site, make_project, make_zip, serve
from shapely.geometry import Point, Polygon

from hcsp_assess.edition.counts import count_records
from hcsp_assess.errors import UsageError
from hcsp_assess.project import Project
from hcsp_assess.sources.fetch import Clock, FetchedFile, FetchError, fetch_month
from hcsp_assess.sources.geography import geography
from hcsp_assess.sources.police_uk import clean_archive, find_street_files
from hcsp_assess.sources.police_uk.files import choose_files
from hcsp_assess.subject.areas import area

HEREFORD = (52.0567, -2.7160)
LEOMINSTER = (52.2275, -2.7390)
CARDIFF = (51.4816, -3.1791)


def crime(number: int, where: tuple[float, float] | None = HEREFORD, category: str = "burglary") -> dict[str, Any]:
    """A crime in the form that the API documents; its coordinates are text."""
    location = where and {
        "latitude": f"{where[0]:.6f}",
        "longitude": f"{where[1]:.6f}",
        "street": {"id": 1, "name": "On or near High Street"},
    }
    return {
        "category": category,
        "location_type": where and "Force",
        "location": location,
        "context": "",
        "outcome_status": {"category": "Under investigation", "date": "2026-08"} if number % 2 else None,
        "persistent_id": "" if category == "anti-social-behaviour" else f"{number:064x}",
        "id": number,
        "location_subtype": "",
        "month": "2026-08",
    }


class Api:
    """The API with these crimes: 503 for an area with more than `most`, 429 above the rate limit."""

    def __init__(self, site: Site, crimes: list[dict[str, Any]], most: int = 10_000) -> None:
        self.crimes, self.most, self.tokens, self.last = crimes, most, 30.0, 0.0
        self.answers: list[int] = []
        self.site = site
        site.pages = {
            "/api/crimes-street-dates": lambda asked: as_json([{"date": "2026-08"}, {"date": "2026-07"}]),
            "/api/crimes-street/all-crime": self.street,
            "/api/crimes-no-location": lambda asked: as_json([c for c in self.crimes if not c["location"]]),
        }
        site.faults, site.asked = [], []

    def street(self, asked: Asked) -> Answer:
        self.tokens = min(30.0, self.tokens + (asked.at - self.last) * 15) - 1
        self.last = asked.at
        if self.tokens < 0:
            self.answers.append(429)
            return Answer(status=429)
        pairs = [pair.split(",") for pair in asked.form["poly"][0].split(":")]
        boundary = Polygon([(float(longitude), float(latitude)) for latitude, longitude in pairs])
        found = [c for c in self.crimes if c["location"] and boundary.intersects(Point(*place(c)))]
        self.answers.append(503 if len(found) > self.most else 200)
        return Answer(status=503) if len(found) > self.most else as_json(found)


def place(found: dict[str, Any]) -> tuple[float, float]:
    return float(found["location"]["longitude"]), float(found["location"]["latitude"])


def as_json(value: object) -> Answer:
    return Answer(json.dumps(value).encode(), headers={"Content-Type": "application/json"})


@pytest.fixture(scope="module")
def site() -> Iterator[Site]:
    with serve() as running:
        yield running


@pytest.fixture
def clock(site: Site) -> FakeClock:
    clock = FakeClock()
    site.clock = clock.now
    return clock


@pytest.fixture
def project(site: Site, tmp_path: Path) -> Project:
    return make_project(tmp_path / "project", site.url)


def fetch(project: Project, clock: FakeClock, month: str = "") -> FetchedFile:
    timing = Clock(now=clock.now, sleep=clock.sleep)
    return fetch_month(area("herefordshire"), geography("herefordshire"), project, month, clock=timing)


def test_the_newest_month_is_read_by_the_cleaning_with_every_crime_accounted(
    project: Project, site: Site, clock: FakeClock
) -> None:
    crimes = [crime(n) for n in range(10)] + [crime(20 + n, LEOMINSTER, "violent-crime") for n in range(5)]
    crimes += [crime(40 + n, HEREFORD, "anti-social-behaviour") for n in range(3)] + [crime(60, None), crime(61, None)]
    Api(site, crimes)
    fetched = fetch(project, clock)
    assert fetched.file == "data/raw/police_uk/provisional_2026-07/2026-08/2026-08-west-mercia-street.csv"
    assert fetched.note == (
        "provisional, from the API (data/raw/police_uk_api/2026-08-herefordshire.json): 20 crimes received = 20 written, "
        "of them 2 without a location, + 0 outside Herefordshire; an archive with 2026-08 replaces it"
    )
    account = clean_archive(project.raw / "police_uk", project.processed / "police_uk").files[0]
    assert (account.rows_in, account.kept, account.no_location, account.anti_social_behaviour) == (20, 20, 2, 3)
    assert (account.without_lsoa, account.quarantined, account.vocabulary) == (0, 0, "fourteen")
    table = count_records(project.processed / "police_uk", area("herefordshire"))
    assert table.cells["count"].sum() == 20
    assert set(table.cells["crime_type"]) == {"Burglary", "Violence and sexual offences", "Anti-social behaviour"}
    known = set(area("herefordshire").lsoas("2021"))
    assert set(table.cells["lsoa_code"].dropna()) <= known


def test_points_get_the_lsoa_that_the_police_files_give_them(
    project: Project, site: Site, clock: FakeClock, shared: Path
) -> None:
    rows = pd.read_csv(
        shared / "data/data.police.uk/west-mercia-street-raw/2025-06-west-mercia-street.csv.gz", dtype="str"
    )
    rows = rows[rows["LSOA name"].fillna("").str.startswith("Herefordshire")]
    points = rows.drop_duplicates(["Longitude", "Latitude"])
    crimes = [
        crime(n, (float(row.Latitude), float(row.Longitude)))
        for n, row in enumerate(points[["Latitude", "Longitude"]].itertuples())
    ]
    Api(site, crimes)
    written = pd.read_csv(project.root / fetch(project, clock).file, dtype="str")
    assert len(written) == len(points)
    ours = written.set_index("Crime ID")["LSOA code"].loc[[c["persistent_id"] for c in crimes]]
    theirs = points["LSOA code"].to_numpy()
    assert ours.notna().all()  # none that the police place in the county is lost
    where = gpd.GeoSeries.from_xy(points["Longitude"].astype(float), points["Latitude"].astype(float), crs=4326)
    homes = geography("herefordshire").boundaries("lsoa21").geometry.loc[theirs]
    astray = where.to_crs(27700).distance(homes.set_axis(where.index))
    assert astray[ours.to_numpy() != theirs].max() < 100  # a neighbour, where the boundary is simplified by 50 m
    assert astray[ours.to_numpy() == theirs].max() < 75


def test_an_area_with_too_many_crimes_is_cut_until_each_piece_has_few_enough_and_none_is_lost_or_counted_twice(
    project: Project, site: Site, clock: FakeClock
) -> None:
    spread = [crime(n, (51.95 + 0.02 * (n % 17), -2.95 + 0.02 * (n % 23))) for n in range(300)]
    api = Api(site, spread, most=60)
    fetched = fetch(project, clock)
    kept = json.loads((project.raw / "police_uk_api" / "2026-08-herefordshire.json").read_text(encoding="utf-8"))
    Api(site, spread)
    everything = fetch(project, clock)
    assert 503 in api.answers
    assert len({c["id"] for c in kept}) == len(kept)
    assert (fetched.sha256, everything.new) == (everything.sha256, False)


def test_points_beyond_the_area_are_left_out_counted_and_kept_as_received(
    project: Project, site: Site, clock: FakeClock
) -> None:
    outline = geography("herefordshire").boundaries("area").geometry.iloc[0]
    beyond = [outline.exterior.interpolate(share, normalized=True) for share in (0.1, 0.3, 0.7)]
    middle = outline.centroid
    degrees = [
        Point(p.x + (p.x - middle.x) / p.distance(middle) * 150, p.y + (p.y - middle.y) / p.distance(middle) * 150)
        for p in beyond
    ]
    outside = [p for p in degrees if p.distance(outline) > 80]
    points = gpd.GeoSeries(outside, crs=27700).to_crs(4326)
    Api(site, [crime(0), *(crime(n + 1, (p.y, p.x)) for n, p in enumerate(points)), crime(90, CARDIFF)])
    fetched = fetch(project, clock)
    assert len(outside) > 0
    assert f"{1 + len(outside)} crimes received = 1 written" in fetched.note
    assert f"+ {len(outside)} outside Herefordshire" in fetched.note


def test_the_rate_limit_of_the_api_is_never_met_however_many_pieces_there_are(
    project: Project, site: Site, clock: FakeClock
) -> None:
    everywhere = [crime(n, (51.9 + 0.01 * (n % 40), -3.0 + 0.01 * (n % 60))) for n in range(400)]
    api = Api(site, everywhere, most=40)
    fetch(project, clock)
    assert len(api.answers) > 10
    assert 429 not in api.answers


def test_an_answer_429_is_waited_for_and_asked_again(project: Project, site: Site, clock: FakeClock) -> None:
    Api(site, [crime(1)])
    site.faults = [Answer(status=429), Answer(status=429, headers={"Retry-After": "9"})]
    assert "1 crimes received = 1 written" in fetch(project, clock).note
    assert max(clock.waits) >= 9


def test_an_api_that_is_out_of_order_ends_in_the_steps_by_hand(project: Project, site: Site, clock: FakeClock) -> None:
    Api(site, [crime(1)], most=0)
    site.pages["/api/crimes-street/all-crime"] = lambda asked: Answer(status=503)
    message = (
        f"{site.url}/api/crimes-street/all-crime answers with status 503 even for small areas: it is out of order. It "
        "should give what is at police_api. Instead, do this by hand. Put the file in data/raw/police_uk/."
    )
    with pytest.raises(FetchError, match=f"^{re.escape(message)}$"):
        fetch(project, clock)
    assert not (project.raw / "police_uk").exists()


def test_an_archive_with_the_month_takes_the_place_of_the_provisional_file(
    project: Project, site: Site, clock: FakeClock
) -> None:
    Api(site, [crime(1)])
    fetch(project, clock)
    (project.raw / "police_uk" / "2026-08.zip").write_bytes(make_zip(("2026-07", "2026-08")))
    chosen = {str(c.file.month): c for c in choose_files(find_street_files(project.raw / "police_uk"))}
    assert chosen["2026-08"].file.label.startswith("2026-08.zip/")
    assert chosen["2026-08"].superseded == ("provisional_2026-07/2026-08/2026-08-west-mercia-street.csv (2026-07)",)


def test_a_month_that_the_api_does_not_have_is_refused(project: Project, site: Site, clock: FakeClock) -> None:
    Api(site, [])
    with pytest.raises(
        UsageError, match="^the API has 2026-07 to 2026-08, not 2020-01: download older months from an archive$"
    ):
        fetch(project, clock, "2020-01")


@pytest.mark.parametrize("body", [b"<html>", b'{"error": 1}', b"[1, 2]", b""])
def test_an_answer_that_is_no_list_of_crimes_is_refused(
    project: Project, site: Site, clock: FakeClock, body: bytes
) -> None:
    Api(site, [])
    site.pages["/api/crimes-street/all-crime"] = lambda asked: Answer(body)
    with pytest.raises(
        FetchError, match=r"/api/crimes-street/all-crime did not answer (in JSON \(.*\)|with a list)\. It "
    ):
        fetch(project, clock)
    assert not (project.raw / "police_uk").exists()


def test_the_apis_answers_in_real_files_have_the_form_that_the_local_site_answers_in(shared: Path) -> None:
    import gzip

    real = shared / "data/data.police.uk/api-json-samples/crime_month_2018_06_area_E05000026_0.json.gz"
    crimes = json.loads(gzip.decompress(real.read_bytes()))
    ours = crime(1)
    assert set(crimes[0]) == set(ours)
    assert set(crimes[0]["location"]) == set(ours["location"] or {})
    assert isinstance(crimes[0]["location"]["latitude"], str)
