"""Download a district's boundaries and lookups from the Office for National Statistics."""

import csv
import io
import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from hcsp_assess.errors import UsageError
from hcsp_assess.project import Project
from hcsp_assess.sources.fetch.addresses import addresses
from hcsp_assess.sources.fetch.keeping import FetchedFile, keep_content
from hcsp_assess.sources.fetch.transfer import Clock, Connection, FetchError, Progress

PAGE = 1000
DISTRICT = re.compile(r"[EW]0[6-9][0-9]{6}")
#: National files that `setup.geography` also needs and that are not on the map server.
BY_HAND = (
    "census 2011 population and households of LSOAs (nomisweb.co.uk, tables KS101EW and KS105EW)",
    "mid-2019 population of LSOAs (ons.gov.uk)",
    "Index of Multiple Deprivation 2019 by LSOA (geoportal.statistics.gov.uk)",
    "rural-urban classification of LSOAs (github.com/mysociety/uk_ruc)",
)


def fetch_geography(
    district_code: str, project: Project, *, progress: Progress | None = None, clock: Clock | None = None
) -> list[FetchedFile]:
    """Fetch a district's lookups (CSV) and boundaries (GeoJSON) from the ONS into `data/raw/geography/CODE`.

    These are the lookups from 2011 LSOAs to wards and districts, from districts to partnerships and police forces, and
    from 2011 to 2021 LSOAs; and the boundaries of its LSOAs of both years and of wards that touch its extent.
    `new_partnership` builds the definition of the area from them, together with the files in `BY_HAND`.

    Parameters
    ----------
    district_code : str
        ONS code of the local authority district, such as "E06000051".
    progress : callable, optional
        Called with the stage, how many records came, and how many there are.
    clock : Clock, optional
        For tests.

    Raises
    ------
    UsageError
        If the code is not one of a district in England or Wales, or no LSOA is in it.
    FetchError
        If a layer cannot be fetched or is not whole; the message names it and says what to do by hand. What came before
        is kept.
    """
    if not DISTRICT.fullmatch(district_code):
        raise UsageError(f"{district_code!r} is not the code of a district in England or Wales, such as E06000019")
    with Connection(addresses(project.root)["ons"], clock=clock) as connection:
        here = _Fetch(connection, district_code, project, progress)
        lookup, made = here.table("lsoa11_to_ward")
        if not lookup:
            raise UsageError(
                f"no LSOA is in a district {district_code}: its code may be older or newer than the lookup"
            )
        files = [made, *(here.table(key)[1] for key in ("district_to_partnership", "lsoa11_to_lsoa21"))]
        codes = sorted({str(row["LSOA11CD"]) for row in lookup})
        features, made = here.boundaries("lsoa11", _named(_beginning(lookup)))
        missing = set(codes) - {str(feature["properties"].get("LSOA11CD")) for feature in features}
        if missing:
            raise connection.fail(made.url, f"lacks {len(missing)} of {len(codes)} LSOAs, such as {min(missing)}")
        around = _touching(_extent(features))
        return [*files, made, *(here.boundaries(key, around)[1] for key in ("lsoa21", "wards"))]


def fetch_layer(
    connection: Connection, layer: str, question: dict[str, str], *, shapes: bool, progress: Progress | None = None
) -> list[dict[str, Any]]:
    """Fetch every record of a layer that answers a question, page by page.

    Parameters
    ----------
    layer : str
        Its name on the server.
    question : dict
        `where` and, for a part of the map, `geometry`, as the server's interface documents them.
    shapes : bool
        Whether to fetch boundaries (features of GeoJSON) or plain records.
    progress : callable, optional
        Called with the stage, how many records came, and how many there are.

    Raises
    ------
    FetchError
        If the layer is not there, or fewer or more records come than the server says there are.
    """
    url = connection.address.at(layer=layer)
    common = {"where": "1=1", "outFields": "*", "returnGeometry": str(shapes).lower(), **question}
    expected = _asked(connection, url, common | {"returnCountOnly": "true", "f": "json"}).get("count")
    if not isinstance(expected, int):
        raise connection.fail(url, "did not say how many records there are")
    form = {"outSR": "4326", "f": "geojson"} if shapes else {"f": "json"}
    found: list[dict[str, Any]] = []
    while len(found) < expected:
        page = {"resultOffset": str(len(found)), "resultRecordCount": str(PAGE)}
        features = _asked(connection, url, common | form | page).get("features", [])
        if not features:
            break
        found += features
        if progress:
            progress(f"Fetching {layer}", len(found), expected)
    if len(found) != expected:
        raise connection.fail(url, f"gave {len(found)} records of {expected}")
    return found if shapes else [dict(feature["attributes"]) for feature in found]


@dataclass(frozen=True)
class _Fetch:
    """What is fetched for one district, and where it goes."""

    connection: Connection
    district: str
    project: Project
    progress: Progress | None

    def table(self, key: str) -> tuple[list[dict[str, Any]], FetchedFile]:
        """Fetch the district's records of a lookup."""
        layer, found = self._first(key, lambda layer: _of_district(layer, self.district), shapes=False)
        note = f"{len(found)} records of {layer} for {self.district}"
        return found, self._keep(f"{key}.csv", _as_csv(found), layer, note)

    def boundaries(self, key: str, question: dict[str, str]) -> tuple[list[dict[str, Any]], FetchedFile]:
        """Fetch the boundaries that answer a question."""
        layer, found = self._first(key, lambda layer: question, shapes=True)
        return found, self._keep(f"{key}.geojson", _as_geojson(found), layer, f"{len(found)} records of {layer}")

    def _first(
        self, key: str, question: Callable[[str], dict[str, str]], *, shapes: bool
    ) -> tuple[str, list[dict[str, Any]]]:
        """The layer under the first of its names that the server knows, and its records."""
        failed = None
        for layer in self.connection.address.layers[key]:
            try:
                asked = question(layer)
                return layer, fetch_layer(self.connection, layer, asked, shapes=shapes, progress=self.progress)
            except FetchError as error:
                failed = failed or error
        raise failed or self.connection.fail(self.connection.address.url, f"has no layer for {key} in addresses.toml")

    def _keep(self, name: str, text: str, layer: str, note: str) -> FetchedFile:
        target = self.project.root / self.connection.address.folder / self.district / name
        return keep_content(self.project, target, text.encode(), url=self.connection.address.at(layer=layer), note=note)


def _of_district(layer: str, district: str) -> dict[str, str]:
    """Ask for a district; the column of its code has the year in the layer's name."""
    year = re.findall(r"LAD(\d\d)", layer)[-1]
    return {"where": f"LAD{year}CD='{district}'"}


def _named(beginning: str) -> dict[str, str]:
    """Ask for the 2011 LSOAs whose names begin with a word."""
    return {"where": f"LSOA11NM LIKE '{beginning.replace(chr(39), chr(39) * 2)} %'"}


def _touching(extent: str) -> dict[str, str]:
    """Ask for what touches an extent."""
    return {
        "geometry": extent,
        "geometryType": "esriGeometryEnvelope",
        "inSR": "4326",
        "spatialRel": "esriSpatialRelIntersects",
    }


def _asked(connection: Connection, url: str, question: dict[str, str]) -> dict[str, Any]:
    """One answer; the server says that something is wrong with status 200 and an `error` inside."""
    answer = connection.parse(url, connection.get(url, question).text)
    if not isinstance(answer, dict) or "error" in answer:
        reason = answer.get("error", {}).get("message", "no reason") if isinstance(answer, dict) else "not an object"
        raise connection.fail(url, f"answered with an error ({reason})")
    return answer


def _beginning(lookup: list[dict[str, Any]]) -> str:
    """What the names of a district's LSOAs begin with: "Herefordshire" of "Herefordshire 012A"."""
    return str(lookup[0]["LSOA11NM"]).rsplit(" ", 1)[0]


def _extent(features: list[dict[str, Any]]) -> str:
    """West, south, east and north of GeoJSON features, in degrees."""
    import geopandas as gpd

    return ",".join(f"{edge:.5f}" for edge in gpd.GeoDataFrame.from_features(features, crs=4326).total_bounds)


def _as_geojson(features: list[dict[str, Any]]) -> str:
    lines = [json.dumps(feature, ensure_ascii=False, separators=(",", ":")) for feature in features]
    return '{"type":"FeatureCollection","features":[\n' + ",\n".join(lines) + "\n]}\n"


def _as_csv(records: list[dict[str, Any]]) -> str:
    text = io.StringIO()
    writer = csv.DictWriter(text, fieldnames=list(records[0]) if records else [], lineterminator="\n")
    writer.writeheader()
    writer.writerows(records)
    return text.getvalue()
