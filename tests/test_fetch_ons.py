"""Boundaries and lookups, page by page: none missing, and named as the server names them this year."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from local_site import Answer, Asked, FakeClock, Site, make_project, serve

from hcsp_assess.errors import UsageError
from hcsp_assess.project import Project
from hcsp_assess.sources.fetch import Clock, FetchError, fetch_geography

SQUARE = {"type": "Polygon", "coordinates": [[[-2.7, 52.0], [-2.6, 52.0], [-2.6, 52.1], [-2.7, 52.0]]]}
CODES = [f"E010{number:05d}" for number in range(14_000, 14_007)]


def records(count: int = 7) -> dict[str, list[dict[str, Any]]]:
    """Layers by name, each a list of attributes."""
    lsoas = [{"LSOA11CD": code, "LSOA11NM": f"King's Town 00{n}A"} for n, code in enumerate(CODES[:count])]
    return {
        "LSOA11_WD21_LAD21_EW_LU": [
            {**lsoa, "WD21CD": "E05000001", "WD21NM": "Ward, North", "LAD21CD": "E06000099"} for lsoa in lsoas
        ],
        "LAD21_CSP21_PFA21_EW_LU": [
            {"LAD21CD": "E06000099", "LAD21NM": "King's Town", "CSP21CD": "E22000999", "PFA21NM": "West Mercia"}
        ],
        "LSOA11_LSOA21_LAD22_EW_LU_v5": [{"LSOA11CD": c, "LSOA21CD": c, "LAD22CD": "E06000099"} for c in CODES[:count]],
        "LSOA11_BGC": lsoas,
        "LSOA21_BGC": [{"LSOA21CD": code, "LSOA21NM": code} for code in CODES[:count]],
        "WD25_BGC": [{"WD25CD": "E05000001", "WD25NM": "Ward, North"}],
    }


class MapServer:
    """An ArcGIS feature server with these layers and so many records a page."""

    def __init__(self, site: Site, layers: dict[str, list[dict[str, Any]]], page: int = 3) -> None:
        self.layers, self.page, self.extra = layers, page, 0
        self.questions: list[dict[str, str]] = []
        known = set(layers) | {"LSOA11_WD22_LAD22_EW_LU"}
        site.pages = {f"/services/{name}/FeatureServer/0/query": self.answer for name in known}
        site.faults, site.asked = [], []

    def answer(self, asked: Asked) -> Answer:
        self.questions.append(asked.query)
        layer = self.layers.get(asked.path.split("/")[2])
        if layer is None:
            return as_json({"error": {"code": 400, "message": "Invalid URL"}})
        if asked.query.get("returnCountOnly"):
            return as_json({"count": len(layer) + self.extra})
        start = int(asked.query["resultOffset"])
        found = layer[start : start + self.page]
        more = start + self.page < len(layer)
        if asked.query["f"] == "json":
            return as_json({"features": [{"attributes": one} for one in found], "exceededTransferLimit": more})
        features = [{"type": "Feature", "properties": one, "geometry": SQUARE} for one in found]
        return as_json(
            {"type": "FeatureCollection", "features": features, "properties": {"exceededTransferLimit": more}}
        )


def as_json(value: object) -> Answer:
    return Answer(json.dumps(value).encode())


@pytest.fixture(scope="module")
def site() -> Iterator[Site]:
    with serve() as running:
        yield running


@pytest.fixture
def project(site: Site, tmp_path: Path) -> Project:
    return make_project(tmp_path / "project", site.url)


def fetch(project: Project) -> list[Any]:
    clock = FakeClock()
    return fetch_geography("E06000099", project, clock=Clock(now=clock.now, sleep=clock.sleep))


def test_every_page_of_every_layer_is_fetched_and_written_once(project: Project, site: Site) -> None:
    server = MapServer(site, records())
    files = fetch(project)
    folder = project.raw / "geography" / "E06000099"
    assert [Path(file.file).name for file in files] == [
        "lsoa11_to_ward.csv",
        "district_to_partnership.csv",
        "lsoa11_to_lsoa21.csv",
        "lsoa11.geojson",
        "lsoa21.geojson",
        "wards.geojson",
    ]
    boundaries = json.loads((folder / "lsoa11.geojson").read_text(encoding="utf-8"))
    assert [feature["properties"]["LSOA11CD"] for feature in boundaries["features"]] == CODES
    lookup = (folder / "lsoa11_to_ward.csv").read_text(encoding="utf-8").splitlines()
    assert lookup[1] == 'E01014000,King\'s Town 000A,E05000001,"Ward, North",E06000099'
    pages = [q["resultOffset"] for q in server.questions if q["where"].startswith("LSOA11NM") and "resultOffset" in q]
    assert pages == ["0", "3", "6"]


def test_questions_name_the_year_of_the_layer_and_escape_an_apostrophe(project: Project, site: Site) -> None:
    server = MapServer(site, records())
    fetch(project)
    wheres = {question["where"] for question in server.questions}
    assert {"LAD21CD='E06000099'", "LAD22CD='E06000099'", "LSOA11NM LIKE 'King''s Town %'", "1=1"} == wheres
    around = [question for question in server.questions if "geometry" in question]
    assert {question["geometry"] for question in around} == {"-2.70000,52.00000,-2.60000,52.10000"}
    assert {question["geometryType"] for question in around} == {"esriGeometryEnvelope"}


def test_a_layer_whose_name_has_changed_is_looked_for_under_its_other_names(project: Project, site: Site) -> None:
    MapServer(site, records())
    assert fetch(project)[0].note == "7 records of LSOA11_WD21_LAD21_EW_LU for E06000099"


def test_a_layer_that_no_name_finds_is_named_with_what_to_do_by_hand(project: Project, site: Site) -> None:
    layers = records()
    del layers["WD25_BGC"]
    MapServer(site, layers)
    url = f"{site.url}/services/WD25_BGC/FeatureServer/0/query"
    message = (
        f"{url} answered with status 404. It should give what is at ons. Instead, do this by hand. Put the file in "
        "data/raw/geography/."
    )
    with pytest.raises(FetchError, match=f"^{re.escape(message)}$"):
        fetch(project)


def test_a_layer_with_fewer_records_than_it_counts_is_not_written(project: Project, site: Site) -> None:
    MapServer(site, records()).extra = 1
    with pytest.raises(
        FetchError, match=r"/LSOA11_WD22_LAD22_EW_LU/FeatureServer/0/query answered with an error \(Inval"
    ):
        fetch(project)
    assert not (project.raw / "geography").exists()


def test_boundaries_that_lack_an_lsoa_of_the_lookup_are_refused(project: Project, site: Site) -> None:
    layers = records()
    layers["LSOA11_BGC"] = layers["LSOA11_BGC"][:-1]
    MapServer(site, layers)
    with pytest.raises(FetchError, match=r"/query lacks 1 of 7 LSOAs, such as E01014006\. It should give"):
        fetch(project)


def test_a_server_that_is_busy_in_the_middle_of_a_layer_is_asked_again(project: Project, site: Site) -> None:
    MapServer(site, records())
    site.faults = [as_json({"error": {"message": "Invalid URL"}}), as_json({"count": 7}), Answer(status=504)]
    assert len(fetch(project)) == 6


def test_a_code_that_is_no_district_is_refused_without_asking(project: Project, site: Site) -> None:
    MapServer(site, records())
    with pytest.raises(
        UsageError, match=r"^'E22000326' is not the code of a district in England or Wales, such as E06"
    ):
        fetch_geography("E22000326", project)
    assert site.asked == []


def test_a_district_without_lsoas_is_refused(project: Project, site: Site) -> None:
    MapServer(site, records(0))
    with pytest.raises(
        UsageError, match="^no LSOA is in a district E06000099: its code may be older or newer than the"
    ):
        fetch(project)
