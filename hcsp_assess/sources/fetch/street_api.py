"""Download one month of an area's crimes from the data.police.uk API, when the archive is not available."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from hcsp_assess.errors import UsageError
from hcsp_assess.files import csv_bytes
from hcsp_assess.project import Project
from hcsp_assess.sources.fetch.addresses import addresses
from hcsp_assess.sources.fetch.keeping import MONTH, FetchedFile, keep_content
from hcsp_assess.sources.fetch.transfer import Clock, Connection, Progress
from hcsp_assess.sources.geography import METRES, Geography
from hcsp_assess.sources.police_uk.layouts import COLUMNS
from hcsp_assess.sources.police_uk.reading import read_api_json
from hcsp_assess.subject.areas import Area

if TYPE_CHECKING:
    import geopandas as gpd
    from shapely.geometry.base import BaseGeometry

TOO_MANY = 503  # what the API says of a boundary with more than 10,000 crimes, and also when it is out of order
MOST_SPLITS = 5  # 32 pieces: beyond that the answer 503 no longer means that there are too many crimes
MARGIN = 250.0  # metres around the area that are asked for too, so that a simplified outline loses nothing
NEAREST = 75.0  # metres within which a point outside every boundary belongs to the nearest: boundaries are simplified
ANSWERS = "police_uk_api"


def fetch_month(
    area: Area,
    geography: Geography,
    project: Project,
    month: str = "",
    *,
    progress: Progress | None = None,
    clock: Clock | None = None,
) -> FetchedFile:
    """Fetch a month of an area's crimes from the API, as a street file that the cleaning reads.

    Use the archive where it can be had. The API has no LSOA, police force or date of the outcome. Here each point gets
    the 2021 LSOA whose boundary it is in (the nearest within 75 m, because boundaries are simplified); points outside
    the area are left out and counted. Crimes without a location come from the API's list of the home force's. The
    answers are kept as they came, in `data/raw/police_uk_api`.

    The street file is in a folder named after the month before, `provisional_2026-07`: its snapshot then counts as
    older than any archive with the month, so that the archive wins as soon as it is there.

    Parameters
    ----------
    geography : Geography
        Boundaries of the area's 2021 LSOAs.
    month : str
        Such as "2026-08"; by default the newest that the API has.
    progress : callable, optional
        Called with the stage, how much is done, and how much there is.
    clock : Clock, optional
        For tests.

    Raises
    ------
    UsageError
        If the API does not have the month.
    FetchError
        If it does not answer, or not as documented.

    Notes
    -----
    Compared with the LSOAs that the police gave 11,948 crimes in Herefordshire in 2025, 3.5% of them get a neighbouring
    LSOA here: points near a boundary. The county's totals are not touched, figures for single LSOAs are.
    """
    address = addresses(project.root)["police_api"]
    told = progress or (lambda stage, done, total: None)
    with Connection(address, clock=clock) as connection:
        month = _choose_month(connection, month)
        crimes: dict[int, dict[str, Any]] = {}
        pieces = _parts(geography.boundaries("area"))
        for done, piece in enumerate(pieces):
            told(f"Asking for {month}", done, len(pieces) + 1)
            crimes |= {crime["id"]: crime for crime in _crimes_in(connection, piece, month)}
        unlocated = _crimes_without_location(connection, area.force, month)
        told(f"Asking for {month}", len(pieces) + 1, len(pieces) + 1)
    answers = [*(crimes[key] for key in sorted(crimes)), *unlocated]
    kept = project.raw / ANSWERS / f"{month}-{area.key}.json"
    raw = keep_content(project, kept, json.dumps(answers, ensure_ascii=False, indent=0).encode(), url=address.url)
    rows, outside = _as_street_file(kept, geography)
    before = pd.Period(month, "M") - 1
    target = project.root / address.folder / f"provisional_{before}" / month / f"{month}-{area.force}-street.csv"
    note = (
        f"provisional, from the API ({raw.file}): {len(answers)} crimes received = {len(rows)} written, of them "
        f"{len(unlocated)} without a location, + {outside} outside {area.name}; an archive with {month} replaces it"
    )
    content = csv_bytes(rows[list(COLUMNS)])
    return keep_content(project, target, content, url=f"{address.url}crimes-street/all-crime?date={month}", note=note)


def _choose_month(connection: Connection, month: str) -> str:
    if month and not MONTH.fullmatch(month):
        raise UsageError(f"{month!r} is not a month: write one such as 2026-08")
    url = f"{connection.address.url}crimes-street-dates"
    answer = _read_list(connection, url, connection.get(url).text)
    months = sorted(str(entry.get("date")) for entry in answer)
    if not months or not all(MONTH.fullmatch(known) for known in months):
        raise connection.fail(url, "did not list the months that there are")
    if month and month not in months:
        raise UsageError(f"the API has {months[0]} to {months[-1]}, not {month}: download older months from an archive")
    return month or months[-1]


def _parts(outline: "gpd.GeoDataFrame") -> "list[BaseGeometry]":
    """The area with a margin, each part of it with few points: what is simplified away is in the margin."""
    wide = outline.to_crs(METRES).geometry.union_all().buffer(MARGIN).simplify(MARGIN / 2)
    return list(getattr(wide, "geoms", [wide]))


def _crimes_in(connection: Connection, piece: "BaseGeometry", month: str, splits: int = 0) -> Iterator[dict[str, Any]]:
    """Crimes in a piece; where the API says that there are too many, in its halves."""
    url = f"{connection.address.url}crimes-street/all-crime"
    answer = connection.post(url, {"poly": _as_poly(piece), "date": month}, too_much=TOO_MANY)
    if answer is not None:
        yield from _read_list(connection, url, answer.text)
        return
    if splits == MOST_SPLITS:
        raise connection.fail(url, f"answers with status {TOO_MANY} even for small areas: it is out of order")
    for half in _halves(piece):
        yield from _crimes_in(connection, half, month, splits + 1)


def _halves(piece: "BaseGeometry") -> "Iterator[BaseGeometry]":
    """Cut across the longer side; a crime on the cut is in both and counted once, by its id."""
    from shapely import box

    west, south, east, north = piece.bounds
    if east - west > north - south:
        boxes = [box(west, south, (west + east) / 2, north), box((west + east) / 2, south, east, north)]
    else:
        boxes = [box(west, south, east, (south + north) / 2), box(west, (south + north) / 2, east, north)]
    for each in boxes:
        cut = piece.intersection(each)
        yield from (part for part in getattr(cut, "geoms", [cut]) if part.area > 0)


def _as_poly(piece: "BaseGeometry") -> str:
    """The outline as the API takes it: latitude,longitude pairs with colons between."""
    import geopandas as gpd

    outline = gpd.GeoSeries([piece], crs=METRES).to_crs(4326).iloc[0].exterior
    return ":".join(f"{latitude:.5f},{longitude:.5f}" for longitude, latitude in outline.coords[:-1])


def _crimes_without_location(connection: Connection, force: str, month: str) -> list[dict[str, Any]]:
    url = f"{connection.address.url}crimes-no-location"
    answer = connection.get(url, {"category": "all-crime", "force": force, "date": month})
    return _read_list(connection, answer.url, answer.text)


def _read_list(connection: Connection, url: str, text: str) -> list[dict[str, Any]]:
    answer = connection.parse(url, text)
    if not isinstance(answer, list) or not all(isinstance(entry, dict) for entry in answer):
        raise connection.fail(url, "did not answer with a list")
    return answer


def _as_street_file(answers: Path, geography: Geography) -> tuple[pd.DataFrame, int]:
    """Rows in the form of a street file, with their LSOA, and how many points outside the area were left out."""
    rows = read_api_json(answers)
    located = rows["Longitude"].ne("")
    lsoas = _find_lsoas(rows.loc[located, ["Longitude", "Latitude"]].astype(float), geography)
    outside = rows.index.difference(lsoas.index)[located[rows.index.difference(lsoas.index)]]
    rows.loc[lsoas.index, ["LSOA code", "LSOA name"]] = lsoas[["code", "name"]].to_numpy()
    return rows.drop(index=outside), len(outside)


def _find_lsoas(points: pd.DataFrame, geography: Geography) -> pd.DataFrame:
    """`code` and `name` of the 2021 LSOA of each point that is in one, or within 75 m of one."""
    import geopandas as gpd

    where = gpd.points_from_xy(points["Longitude"], points["Latitude"], crs=4326)
    located = gpd.GeoDataFrame(index=points.index, geometry=where).to_crs(METRES)
    joined = located.sjoin_nearest(geography.boundaries("lsoa21").reset_index(names="code"), max_distance=NEAREST)
    return pd.DataFrame(joined[~joined.index.duplicated()][["code", "name"]])
