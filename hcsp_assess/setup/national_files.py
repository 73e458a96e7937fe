"""Recognise the national files that an area is built from, by their columns."""

import csv
import gzip
import json
import re
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from hcsp_assess.errors import InputError
from hcsp_assess.sources.geography import METRES

#: What reading a file raises that is not CSV in UTF-8, or is a damaged gzip.
UNREADABLE = (UnicodeDecodeError, csv.Error, ValueError, EOFError, zlib.error, gzip.BadGzipFile)

if TYPE_CHECKING:
    import geopandas as gpd


@dataclass(frozen=True)
class NationalFile:
    """A published file that is recognised by its columns, whatever its name; columns may be patterns with a year."""

    what: str
    columns: tuple[str, ...]
    where: str


GEOPORTAL = "geoportal.statistics.gov.uk"
LOOKUP = NationalFile(
    "the lookup from 2011 LSOAs to wards and districts",
    (r"LSOA11CD", r"LSOA11NM", r"WD\d\dCD", r"LAD\d\dCD"),
    GEOPORTAL,
)
VINTAGES = NationalFile("the lookup from 2011 LSOAs to 2021 LSOAs", (r"LSOA11CD", r"LSOA21CD", r"LSOA21NM"), GEOPORTAL)
DISTRICTS = NationalFile(
    "the lookup from districts to community safety partnerships and police force areas",
    (r"LAD\d\dCD", r"LAD\d\dNM", r"CSP\d\dCD", r"PFA\d\dNM"),
    GEOPORTAL,
)
CENSUS = NationalFile(
    "the 2011 census population and households of LSOAs",
    (r"LSOA Code", r"MSOA Code", r"MSOA Name", r"Persons", r"Hectares", r"Households"),
    "nomisweb.co.uk, tables KS101EW and KS105EW",
)
POPULATION = NationalFile(
    "the mid-2019 population of LSOAs",
    (r"lsoa", r"pop"),
    "ons.gov.uk, lower layer super output area mid-year estimates",
)
DEPRIVATION = NationalFile("the Index of Multiple Deprivation 2019 rank of LSOAs", (r"LSOA11CD", r"IMD19"), GEOPORTAL)
DEPRIVATION_2025 = NationalFile(
    "the Index of Multiple Deprivation 2025 rank of 2021 LSOAs",
    (r"LSOA code \(2021\)|lsoa21_code", r"Index of Multiple Deprivation \(IMD\) Rank.*|IMD_rank"),
    "gov.uk, English indices of deprivation 2025, File 7",
)
RURAL_URBAN = NationalFile(
    "the rural-urban classification of LSOAs", (r"lsoa", r"ukruc-2", r"ukruc-3"), "github.com/mysociety/uk_ruc"
)
MSOA_NAMES = NationalFile(
    "the House of Commons Library's names of MSOAs", (r"MSOA11CD", r"MSOA11HCLNM"), "github.com/drkane/geo-lookups"
)
LSOA11 = NationalFile("the boundaries of 2011 LSOAs", ("LSOA11CD",), GEOPORTAL)
LSOA21 = NationalFile("the boundaries of 2021 LSOAs", ("LSOA21CD", "LSOA21NM"), GEOPORTAL)
WARDS = NationalFile("the boundaries of wards", (r"WD(?:2[1-9]|[3-9]\d)CD", r"WD(?:2[1-9]|[3-9]\d)NM"), GEOPORTAL)


def read_national(folder: Path, file: NationalFile, *, newest: str = "") -> pd.DataFrame:
    """Read the file with these columns as text; columns with a year in them lose it (WD21CD becomes WD_CD).

    Parameters
    ----------
    folder : Path
        Where the downloads lie, at any depth.
    newest : str
        Of several such files the one with the newest year in this column, such as "WD".

    Raises
    ------
    InputError
        If it is not there; the message says where it is published and how it is known.
    """
    path = _find(folder, file, newest=newest)
    if path is None:
        raise _missing(folder, file)
    with _open(path) as lines:
        try:
            table = pd.read_csv(lines, dtype="str", keep_default_na=False, usecols=lambda name: _matches(name, file))
        except UNREADABLE as error:
            raise InputError(f"{path.name} in {folder.name}/ cannot be read ({error}): download it again") from error
    if newest:
        table = table.rename(columns=lambda name: re.sub(r"^([A-Z]{2,3})\d\d(CD|NM)$", r"\1_\2", name))
    return table


def is_there(folder: Path, file: NationalFile) -> bool:
    """Return whether a folder has the file."""
    return _find(folder, file) is not None


def read_boundaries(folder: Path, file: NationalFile) -> "gpd.GeoDataFrame":
    """Read boundaries in metres, with `code` and, where the file has it, `name`.

    Raises
    ------
    InputError
        If it is not there; the message says where it is published and how it is known.
    """
    import geopandas as gpd

    for path in sorted([*folder.rglob("*.geojson"), *folder.rglob("*.geojson.gz")]):
        with _open(path) as lines:
            properties = re.findall(r'"(\w+)":', lines.read(4000))
        found = [next((name for name in properties if re.fullmatch(column, name)), "") for column in file.columns]
        if all(found):
            with _open(path) as lines:
                frame = gpd.GeoDataFrame.from_features(json.load(lines)["features"], crs=4326)
            names = dict(zip(found, ("code", "name"), strict=False))
            return frame.rename(columns=names)[[*names.values(), "geometry"]].to_crs(METRES)
    raise _missing(folder, file)


def numbers(values: pd.Series) -> pd.Series:
    """Return numbers that are written with commas, 1,234, as numbers."""
    return pd.to_numeric(values.astype(str).str.replace(",", ""))


def _matches(name: str, file: NationalFile) -> bool:
    wanted = {*file.columns, r"WD\d\dNM", r"LAD\d\d(?:CD|NM)", r"CSP\d\dNM"}
    return any(re.fullmatch(column, name) for column in wanted)


def _find(folder: Path, file: NationalFile, *, newest: str = "") -> Path | None:
    """The file whose header has all the columns; of several, the one with the newest year in its columns."""
    found: list[tuple[int, Path]] = []
    for path in sorted([*folder.rglob("*.csv"), *folder.rglob("*.csv.gz")]):
        try:
            with _open(path) as lines:
                header = next(csv.reader(lines), [])
        except UNREADABLE:  # not one of the national files, or damaged
            continue
        if all(any(re.fullmatch(column, name) for name in header) for column in file.columns):
            years = [int(match[1]) for name in header if (match := re.fullmatch(rf"{newest}(\d\d)CD", name))]
            found.append((max(years, default=0), path))
    return max(found)[1] if found else None


def _missing(folder: Path, file: NationalFile) -> InputError:
    columns = ", ".join(re.sub(r"\\d\\d|\(\?:[^)]*\)", "YY", column) for column in file.columns)
    return InputError(
        f"{file.what} is not in {folder.name}/: download it from {file.where} as "
        f"{'GeoJSON in longitude and latitude' if 'boundaries' in file.what else 'CSV'} "
        f"(any file name; it is recognised by {columns})"
    )


def _open(path: Path) -> Any:
    opener: Callable[..., Any] = gzip.open if path.suffix == ".gz" else open
    return opener(path, "rt", encoding="utf-8-sig", newline="")
