"""Read boundaries from GeoJSON, TopoJSON, GeoPackage or shapefile, in degrees or on the National Grid."""

import gzip
import re
import zipfile
import zlib
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hcsp_assess.errors import InputError
from hcsp_assess.setup.national_files import GEOPORTAL, NationalFile, dated_name, files_ending, missing_file
from hcsp_assess.sources.geography import METRES

if TYPE_CHECKING:
    import geopandas as gpd

LSOA11 = NationalFile("the boundaries of 2011 LSOAs", ("LSOA11CD",), GEOPORTAL)
LSOA21 = NationalFile("the boundaries of 2021 LSOAs", ("LSOA21CD", "LSOA21NM"), GEOPORTAL)
WARDS = NationalFile("the boundaries of wards", (r"WD(?:2[1-9]|[3-9]\d)CD", r"WD(?:2[1-9]|[3-9]\d)NM"), GEOPORTAL)

#: How the names of files with boundaries end.
PLAIN = (".geojson", ".json", ".topojson", ".gpkg", ".shp")
PACKED = (".geojson.gz", ".json.gz", ".topojson.gz")
#: England and Wales on the National Grid, in metres: west, south, east, north.
ENGLAND_AND_WALES = (80_000, 0, 660_000, 660_000)
#: Share of a district that its boundaries must cover; maps of different detail differ along the border.
COVERED = 0.95
#: The whole National Grid.
GRID = (0, 0, 700_000, 1_300_000)


@dataclass(frozen=True)
class Layer:
    """A layer of a file with boundaries.

    Attributes
    ----------
    file : str
        Name of the file, for messages.
    source, layer : str
        What the reader opens.
    columns : tuple of str
        Its columns as they are written.
    crs : str
        Its coordinate reference system: as it says, or as its coordinates show; "" where they make no sense.
    """

    file: str
    source: str
    layer: str
    columns: tuple[str, ...]
    crs: str


def read_by_code(folder: Path, file: NationalFile, codes: Collection[str]) -> "gpd.GeoDataFrame":
    """Read the boundaries of some codes, in metres, with `code` and, where the file has it, `name`.

    Parameters
    ----------
    folder : Path
        Where the downloads lie, at any depth.
    codes : collection of str
        Of several files, the one that holds most of them is read; of equals, the one drawn in most detail.

    Raises
    ------
    InputError
        If there is no such file, or none of them holds every code: then how many it lacks, with an example.
    """
    wanted = set(codes)
    layers = _layers(folder, file)
    frames = (_read(layer, file, wanted).drop_duplicates("code") for layer in layers)
    found = max(frames, key=lambda frame: (len(frame), frame.count_coordinates().sum())).sort_values("code")
    lost = sorted(wanted - set(found["code"]))
    if lost:
        names = ", ".join(dict.fromkeys(layer.file for layer in layers))
        raise InputError(
            f"{file.what} ({names}) lack {len(lost)} of the {len(wanted)} of the district, such as {lost[0]}: download "
            "them for this district, or for all of England and Wales"
        )
    _refuse_elsewhere(found, file)
    return found.reset_index(drop=True)


def has_boundaries(folder: Path, file: NationalFile) -> bool:
    """Whether a folder has a file of boundaries that can be read."""
    try:
        return bool(_layers(folder, file))
    except InputError:
        return False


def unreadable_boundaries(folder: Path) -> tuple[str, ...]:
    """Return why each file of boundaries in a folder that cannot be read cannot."""
    found = []
    for path in files_ending(folder, (*PLAIN, *PACKED, ".zip")):
        state = path.stat()
        problem = _opened(path, state.st_size, state.st_mtime_ns)[1]
        found += [problem] if problem and path.suffix != ".json" else []
    return tuple(found)


def read_within(folder: Path, file: NationalFile, outline: Any) -> "gpd.GeoDataFrame":
    """Read the boundaries of the areas inside an outline in metres, with `code` and `name`.

    Of several files, the newest that covers the outline is read.

    Raises
    ------
    InputError
        If there is no such file, or each leaves more than a twentieth of the outline bare.
    """
    layers = _layers(folder, file)
    most = 0.0
    for layer in layers:
        frame = _read(layer, file, None, outline)
        frame = frame[frame.representative_point().within(outline)].drop_duplicates("code").sort_values("code")
        covered = _covered(frame, outline)
        if covered >= COVERED:
            return frame.reset_index(drop=True)
        most = max(most, covered)
    raise _uncovered(f"{file.what} ({', '.join(dict.fromkeys(layer.file for layer in layers))})", most)


def refuse_uncovered(frame: "gpd.GeoDataFrame", file: NationalFile, outline: Any) -> None:
    """Stop where boundaries leave more than a twentieth of an outline in metres bare; `InputError` says how much."""
    covered = _covered(frame, outline)
    if covered < COVERED:
        raise _uncovered(file.what, covered)


def _covered(frame: "gpd.GeoDataFrame", outline: Any) -> float:
    return float(frame.intersection(outline).area.sum()) / float(outline.area)


def _uncovered(what: str, share: float) -> InputError:
    return InputError(
        f"{what} cover {share:.0%} of the district: download them for this district, or for all of England and Wales"
    )


def _layers(folder: Path, file: NationalFile) -> list[Layer]:
    """The layers of a folder that have a file's columns, with coordinates that can be understood; newest first."""
    fitting, problems = [], []
    for path in files_ending(folder, (*PLAIN, *PACKED, ".zip")):
        state = path.stat()
        layers, problem = _opened(path, state.st_size, state.st_mtime_ns)
        problems += [problem] if problem and path.suffix != ".json" else []
        for layer in layers:
            names = [dated_name(name) for name in layer.columns]
            if all(any(re.fullmatch(column, name) for name in names) for column in file.columns):
                fitting.append(layer)
    usable = [layer for layer in fitting if layer.crs]
    problems += [_not_here(layer.file) for layer in fitting if not layer.crs]
    if not usable:
        raise missing_file(folder, file, problems)
    return sorted(usable, key=lambda layer: sorted(map(dated_name, layer.columns), reverse=True), reverse=True)


@lru_cache(maxsize=1024)
def _opened(path: Path, _size: int, _changed: int) -> tuple[tuple[Layer, ...], str]:
    """The layers of a file, and why it cannot be read, where it cannot."""
    import pyogrio

    layers, problem = [], ""
    try:
        for source in _sources(path):
            for name, _ in pyogrio.list_layers(source):
                facts = pyogrio.read_info(source, layer=name, force_total_bounds=True)
                columns = tuple(str(column) for column in facts["fields"])
                layers.append(Layer(path.name, source, str(name), columns, _crs(facts["crs"], facts["total_bounds"])))
    except (pyogrio.errors.DataSourceError, pyogrio.errors.DataLayerError, OSError, EOFError, zlib.error) as error:
        problem = f"{path.name} ({' '.join(str(error).split())[:120]})"
    except (zipfile.BadZipFile, gzip.BadGzipFile) as error:
        problem = f"{path.name} (damaged: {error})"
    return tuple(layers), problem


def _sources(path: Path) -> Iterator[str]:
    """What the reader opens for a file; the files with boundaries in a zip, one by one."""
    where = path.resolve().as_posix()
    if path.suffix.casefold() != ".zip":
        yield f"/vsigzip/{where}" if path.suffix.casefold() == ".gz" else where
        return
    with zipfile.ZipFile(path) as archive:
        names = [name for name in archive.namelist() if name.casefold().endswith(PLAIN)]
    yield from (f"/vsizip/{where}/{name}" for name in names)


def _crs(said: str | None, bounds: Any) -> str:
    """The coordinate reference system of a layer: what it says, unless its coordinates cannot be in it."""
    from pyproj import CRS
    from pyproj.exceptions import CRSError

    if bounds is None or not all(abs(value) < 1e12 for value in bounds):
        return said or "EPSG:4326"  # TopoJSON does not say how far it reaches
    try:
        in_degrees = CRS(said).is_geographic if said else True
    except CRSError:
        in_degrees = True
    if not in_degrees:
        return str(said)
    if _inside(bounds, (-180, -90, 180, 90)):
        return said or "EPSG:4326"
    return f"EPSG:{METRES}" if _inside(bounds, GRID) else ""


def _read(layer: Layer, file: NationalFile, codes: set[str] | None, outline: Any = None) -> "gpd.GeoDataFrame":
    """The rows of a layer with some codes, or those that touch the box around an outline; in metres."""
    import geopandas as gpd
    import pyogrio

    found = [
        next((own for own in layer.columns if re.fullmatch(column, dated_name(own))), "") for column in file.columns
    ]
    names = dict(zip(found, ("code", "name"), strict=False))
    how: dict[str, Any] = {"columns": list(names), "layer": layer.layer}
    if outline is not None:
        how["bbox"] = tuple(gpd.GeoSeries([outline], crs=METRES).to_crs(layer.crs).total_bounds)
    frame = pyogrio.read_dataframe(layer.source, **how).rename(columns=names)
    frame = gpd.GeoDataFrame(frame, geometry="geometry").set_crs(layer.crs, allow_override=True)
    drawn = frame[~frame.geometry.isna() & ~frame.geometry.is_empty]
    if codes is not None:
        drawn = drawn[drawn["code"].isin(codes)]
    drawn = drawn[[*names.values(), "geometry"]].to_crs(METRES)
    return drawn.set_geometry(drawn.geometry.where(drawn.is_valid, drawn.make_valid()))


def _refuse_elsewhere(frame: "gpd.GeoDataFrame", file: NationalFile) -> None:
    if len(frame) and not _inside(frame.total_bounds, ENGLAND_AND_WALES):
        raise InputError(_not_here(f"{file.what}: its file"))


def _not_here(name: str) -> str:
    return (
        f"{name} has coordinates that are not in England or Wales: export it again in longitude and latitude "
        f"(EPSG:4326), or in eastings and northings (EPSG:{METRES})"
    )


def _inside(bounds: Any, box: tuple[float, float, float, float]) -> bool:
    west, south, east, north = bounds
    return bool(box[0] <= west and box[1] <= south and east <= box[2] and north <= box[3])
