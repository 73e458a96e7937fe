"""Recognise the national files that an area is built from, by their columns."""

import re
from collections.abc import Collection
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import pandas as pd

from hcsp_assess.errors import InputError
from hcsp_assess.sources.text_table import read_heading, read_text_table

#: How the names of CSV files end.
TABLES = (".csv", ".csv.gz", ".txt", ".tsv")


@dataclass(frozen=True)
class NationalFile:
    """A published file that is recognised by its columns, whatever its name; columns may be patterns with a year.

    `address` is the entry of `definitions/addresses.toml` that says how it is downloaded by hand.
    """

    what: str
    columns: tuple[str, ...]
    where: str
    address: str = "ons"

    @property
    def known_by(self) -> str:
        """Its columns in words; YY stands for any year."""
        return ", ".join(re.sub(r"\\d\\d|\(\?:[^)]*\)", "YY", column) for column in self.columns)


GEOPORTAL = "geoportal.statistics.gov.uk"
LOOKUP = NationalFile(
    "the lookup from 2011 LSOAs to wards and districts",
    (r"LSOA11CD", r"LSOA11NM", r"WD\d\dCD", r"LAD\d\dCD"),
    GEOPORTAL,
)
LOOKUP_2021 = NationalFile(
    "the lookup from 2021 LSOAs to wards and districts",
    (r"LSOA21CD", r"LSOA21NM", r"WD\d\dCD", r"LAD\d\dCD"),
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
    "small_area_census",
)
POPULATION = NationalFile(
    "the mid-2019 population of LSOAs",
    (r"lsoa", r"pop"),
    "ons.gov.uk, lower layer super output area mid-year estimates",
    "small_area_population",
)
DEPRIVATION = NationalFile("the Index of Multiple Deprivation 2019 rank of LSOAs", (r"LSOA11CD", r"IMD19"), GEOPORTAL)
DEPRIVATION_WALES = NationalFile(
    "the scores of the Welsh Index of Multiple Deprivation 2019, in mySociety's composite index,",
    (r"nation", r"lsoa", r"overall_local_score", r"original_decile"),
    "github.com/mysociety/composite_uk_imd",
    "deprivation_of_wales",
)
DEPRIVATION_2025 = NationalFile(
    "the Index of Multiple Deprivation 2025 rank of 2021 LSOAs",
    (r"LSOA code \(2021\)|LSOA21CD", r"Index of Multiple Deprivation \(IMD\) Rank.*|IMD_rank"),
    "gov.uk, English indices of deprivation 2025, File 7",
)
RURAL_URBAN = NationalFile(
    "the rural-urban classification of LSOAs",
    (r"lsoa", r"ukruc-2", r"ukruc-3"),
    "github.com/mysociety/uk_ruc",
    "rural_urban",
)
MSOA_NAMES = NationalFile(
    "the House of Commons Library's names of MSOAs", (r"MSOA11CD", r"MSOA11HCLNM"), "github.com/drkane/geo-lookups"
)


def read_national(
    folder: Path, file: NationalFile, *, newest: str = "", holding: Collection[str] = (), code: str = ""
) -> pd.DataFrame:
    """Read the file with these columns as text.

    Names of columns are as the Office for National Statistics writes them, whatever their form in the file:
    "lsoa11_code" and "F_LSOA11CD" are LSOA11CD. Columns with a year in them lose it where `newest` is given: WD21CD
    becomes WD_CD.

    Parameters
    ----------
    folder : Path
        Where the downloads lie, at any depth.
    newest : str
        Of several such files the one with the newest year in this column, such as "WD".
    holding : collection of str
        Codes that are looked for. Of several files, the one that holds most of them is read, before a newer one.
    code : str
        Column (after its year is lost, where it is) that those codes are in.

    Raises
    ------
    InputError
        If it is not there; the message says where it is published and how it is known.
    """
    paths = _find(folder, file, newest=newest)
    if not paths:
        raise missing_file(folder, file, unreadable_tables(folder))
    best, most = pd.DataFrame(), -1
    for path in paths:
        table = _table(*_state(path), file)
        if newest:
            table = table.rename(columns=lambda name: re.sub(r"^([A-Z]{2,3})\d\d(CD|NM)$", r"\1_\2", name))
        if not len(holding):
            return table
        held = int(table.loc[table[code].isin(holding), code].nunique())
        if held > most:
            best, most = table, held
        if most == len(set(holding)):
            break
    return best


def is_there(folder: Path, file: NationalFile) -> bool:
    """Return whether a folder has the file."""
    return bool(_find(folder, file))


def dated_name(name: object) -> str:
    """Return the name of a column as the Office for National Statistics writes it.

    Examples
    --------
    >>> [dated_name(name) for name in ("F_LSOA11CD", "lsoa21_code", "ltla24_code", "csp24_name", "WD25NM", "pop")]
    ['LSOA11CD', 'LSOA21CD', 'LAD24CD', 'CSP24NM', 'WD25NM', 'pop']
    """
    text = str(name).strip()
    found = re.fullmatch(r"(?:F_)?([A-Z]+?)_?(\d\d)_?(CODE|NAMEW?|CD|NMW?)", text.upper())
    if not found:
        return text
    area, year, kind = found.groups()
    area = {"LTLA": "LAD", "LA": "LAD"}.get(area, area)
    return f"{area}{year}{kind.replace('CODE', 'CD').replace('NAME', 'NM')}"


def missing_file(folder: Path, file: NationalFile, unreadable: Collection[str]) -> InputError:
    """Return the error for a file that is not there; it names those that could not be read."""
    form = "GeoJSON, GeoPackage or shapefile" if "boundaries" in file.what else "CSV"
    also = f". Not readable there: {'; '.join(unreadable)}" if unreadable else ""
    return InputError(
        f"{file.what} is not in {folder.name}/: download it from {file.where} as {form} "
        f"(any file name; it is recognised by {file.known_by}){also}"
    )


def numbers(values: pd.Series) -> pd.Series:
    """Return numbers that are written with commas, 1,234, as numbers."""
    return pd.to_numeric(values.astype(str).str.replace(",", ""))


def files_ending(folder: Path, endings: tuple[str, ...]) -> list[Path]:
    """Return the files of a folder, at any depth, whose names end so, in order."""
    return sorted(path for path in folder.rglob("*") if path.name.casefold().endswith(endings) and path.is_file())


def unreadable_tables(folder: Path) -> tuple[str, ...]:
    """Return why each CSV file of a folder that cannot be read cannot."""
    found = []
    for path in files_ending(folder, TABLES):
        try:
            read_heading(path)
        except InputError as error:
            found.append(str(error))
    return tuple(found)


def _matches(name: str, file: NationalFile) -> bool:
    wanted = {*file.columns, r"WD\d\dNM", r"LAD\d\d(?:CD|NM)", r"CSP\d\dNM"}
    return any(re.fullmatch(column, name) for column in wanted)


def _state(path: Path) -> tuple[Path, int, int]:
    """What a file that was read once is known by while it stays as it is."""
    state = path.stat()
    return path.resolve(), state.st_size, state.st_mtime_ns


@lru_cache(maxsize=12)  # the files of one country
def _table(path: Path, _size: int, _changed: int, file: NationalFile) -> pd.DataFrame:
    """The columns of a national file, by their names at the Office for National Statistics; not to be changed."""
    table = read_text_table(path, keep_default_na=False, usecols=lambda name: _matches(dated_name(name), file))
    return table.rename(columns=dated_name)


@lru_cache(maxsize=4096)
def _heading(path: Path, _size: int, _changed: int) -> tuple[str, ...]:
    """The names in a file's heading; none where it is not a table, or damaged: that is said where a file is missing."""
    try:
        return tuple(dated_name(name) for name in read_heading(path))
    except InputError:
        return ()


def _find(folder: Path, file: NationalFile, *, newest: str = "") -> list[Path]:
    """Files whose heading has all the columns; those with the newest year in a column first."""
    found: list[tuple[int, Path]] = []
    for path in files_ending(folder, TABLES):
        heading = _heading(*_state(path))
        if all(any(re.fullmatch(column, name) for name in heading) for column in file.columns):
            years = [int(match[1]) for name in heading if (match := re.fullmatch(rf"{newest}(\d\d)CD", name))]
            found.append((max(years, default=0), path))
    return [path for _, path in sorted(found, reverse=True)]
