"""Monthly counts of an edition: months not held are missing, months without records are zero."""

import gzip
import io
import tomllib
import zlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any, Literal, get_args

import pandas as pd

from hcsp_assess.edition.incomplete import months_held
from hcsp_assess.errors import InputError
from hcsp_assess.files import csv_bytes, sha256_of, write_whole
from hcsp_assess.periods import months_of
from hcsp_assess.sources.police_uk.accounts import COUNTED, ODD_IDS
from hcsp_assess.sources.police_uk.by_area import records_of
from hcsp_assess.sources.police_uk.files import is_month_of_records
from hcsp_assess.subject.areas import Area, Place, Vintage
from hcsp_assess.subject.crime_types import (
    HEADLINES,
    ComparableSeries,
    comparable_series,
    crime_types,
    series,
    vocabularies,
)

By = Literal["headline", "crime_type", "series", "lsoa", "rural_urban", "theme"]
CELL_COLUMNS = ("month", "force", "lsoa_code", "crime_type", "count")
COUNTS_FILE, ACCOUNT_FILE, SOURCE_FILE = "counts.csv.gz", "account.csv", "SOURCE.toml"
LARGEST = 10_000_000  # of one month: more than the police of England and Wales record in a year
SIGNED = "this_file_sha256"
TABLE_FILES = (COUNTS_FILE, ACCOUNT_FILE, SOURCE_FILE)
ACCOUNT_NUMBERS = ("bytes", "rows_in", *COUNTED, "in_area", "elsewhere")
NO_LOCATION = "No location (whole force)"
POLICE_UK = {
    "publisher": "Home Office, data.police.uk",
    "licence": "Open Government Licence v3.0",
    "attribution": (
        "Contains public sector information licensed under the Open Government Licence v3.0: street-level crime, "
        "data.police.uk"
    ),
}


@dataclass(frozen=True)
class CountTable:
    """Counts of records by month, force, LSOA and crime type, with the account of files.

    Attributes
    ----------
    cells : pandas.DataFrame
        `month` (monthly period), `force`, `lsoa_code` (as recorded, of either vintage; missing where the record has no
        location), `crime_type`, `count` (Int64). Only cells above zero.
    account : pandas.DataFrame
        One row for each file counted, with the columns of `FileAccount` and `in_area`, `elsewhere`: kept = in_area +
        elsewhere + no_location + without_lsoa.
    source : dict
        What is known of the source: publisher, licence, whether it is `simulated`.
    area : str
        Key of the area that the cells are limited to; "" for every LSOA of every file.
    checksum : str
        Of the files that it was read from; "" for a table that was not read.
    """

    cells: pd.DataFrame
    account: pd.DataFrame
    source: dict[str, Any]
    area: str = ""
    checksum: str = field(default="", init=False, compare=False)  # a table made from another one has none

    @property
    def simulated(self) -> bool:
        """Whether the records counted are simulated."""
        return bool(self.source.get("simulated", False))

    def months(self, force: str) -> pd.PeriodIndex:
        """The months of a force that we have a file of, complete or not; see `edition.coverage`."""
        return months_held(self.account, force)


@dataclass(frozen=True)
class Theme:
    """What a theme counts and where: see `definitions/themes.toml`."""

    key: str
    label: str
    series: str
    place: Place
    note: str


@cache
def themes() -> tuple[Theme, ...]:
    """Every theme, in the order of the definitions."""
    path = resources.files("hcsp_assess") / "definitions" / "themes.toml"
    return tuple(Theme(**entry) for entry in tomllib.loads(path.read_text(encoding="utf-8"))["theme"])


def count_records(cleaned: Path | str, area: Area | None = None) -> CountTable:
    """Count the records that `clean_archive` wrote.

    Parameters
    ----------
    cleaned : Path or str
        Folder that `clean_archive` wrote.
    area : Area, optional
        Count this area's LSOAs only (and records without a location, which may be anybody's); by default every LSOA.

    Returns
    -------
    CountTable
        Area is decided by LSOA: records that other forces' files have in the area are in it.
    """
    import polars as pl  # here, because notebooks load this module and few of them count records

    records = records_of(cleaned, area)
    archive, keys = records.account, ["month", "force", "lsoa_code", "crime_type"]
    counted = pl.concat([records.inside.select(keys), records.no_location.select(keys)])
    cells = counted.group_by(keys).agg(count=pl.len()).collect()
    inside = records.inside.group_by("month", "force").agg(in_area=pl.len()).collect()
    account = archive.to_frame().assign(month=lambda frame: pd.PeriodIndex(frame["month"], freq="M"))
    found = _with_periods(inside.to_pandas()).set_index(["month", "force"])["in_area"]
    index = pd.MultiIndex.from_frame(account[["month", "force"]])
    account["in_area"] = found.reindex(index, fill_value=0).to_numpy("int64")
    account["elsewhere"] = account["kept"] - account[["in_area", "no_location", "without_lsoa"]].sum(axis="columns")
    account = account.replace("", None)
    source = archive.mark | ({"passed_over": "\n".join(archive.passed_over)} if archive.passed_over else {})
    return CountTable(_sorted_cells(_with_periods(cells.to_pandas())), account, source, area.key if area else "")


def no_counts(area: Area) -> CountTable:
    """Return the table of an edition that uses no street-level records: no cell, no file."""
    columns = ["month", "force", "file", "vocabulary", *ACCOUNT_NUMBERS]
    account = pd.DataFrame({name: pd.Series(dtype="int64" if name in ACCOUNT_NUMBERS else "str") for name in columns})
    cells = pd.DataFrame({name: pd.Series(dtype="str") for name in CELL_COLUMNS})
    return CountTable(_sorted_cells(_with_periods(cells)), _with_periods(account), {"read_from": ""}, area.key)


def write_counts(table: CountTable, folder: Path | str) -> None:
    """Write a table as `counts.csv.gz`, `account.csv` and `SOURCE.toml`; the same table gives the same bytes.

    Raises
    ------
    InputError
        If the folder cannot be written.
    """
    folder = Path(folder)
    counts, account = (
        csv_bytes(frame.assign(month=frame["month"].astype(str))) for frame in (table.cells, table.account)
    )
    origin = {} if table.simulated else POLICE_UK
    checksums = {"counts_sha256": sha256_of(counts), "account_sha256": sha256_of(account)}
    source = signed({**origin, "simulated": table.simulated, **table.source, "area": table.area, **checksums})
    try:
        write_whole(folder / COUNTS_FILE, gzip.compress(counts, compresslevel=9, mtime=0))
        write_whole(folder / ACCOUNT_FILE, account)
        write_whole(folder / SOURCE_FILE, flat_toml(source).encode())
    except OSError as error:
        raise InputError(f"cannot write the counts to {folder}: {error.strerror or error}") from error


def read_counts(folder: Path | str) -> CountTable:
    """Read a table that `write_counts` wrote.

    Raises
    ------
    InputError
        If a file is missing or damaged, or differs from the checksum in `SOURCE.toml`.
    """
    folder = Path(folder)
    try:
        counts = gzip.decompress((folder / COUNTS_FILE).read_bytes())
        account = (folder / ACCOUNT_FILE).read_bytes()
        source = verified(tomllib.loads((folder / SOURCE_FILE).read_text(encoding="utf-8")))
    except FileNotFoundError as error:
        name = Path(str(error.filename)).name
        raise InputError(f"{folder} has no {name}: count the records first") from error
    except (OSError, EOFError, zlib.error, ValueError) as error:
        raise InputError(f"the counts in {folder} are damaged ({error}): count the records again") from error
    for name, content in (("counts", counts), ("account", account)):
        if sha256_of(content) != source.pop(f"{name}_sha256", None):
            raise InputError(
                f"the {name} in {folder} differ from the checksum in {SOURCE_FILE}: count the records again"
            )
    try:
        cells = _with_periods(_read_table(counts, numbers=("count",))).astype({"count": "Int64"})
        table = CountTable(
            cells=cells,
            account=_with_periods(_read_table(account, numbers=ACCOUNT_NUMBERS)),
            area=str(source.pop("area", "")),
            source=source,
        )
        require_possible(cells)
    except (ValueError, KeyError, OverflowError) as error:
        raise InputError(f"the counts in {folder} cannot be used ({error}): count the records again") from error
    object.__setattr__(table, "checksum", counts_checksum(folder))
    return table


def require_possible(cells: pd.DataFrame) -> None:
    """Raise `ValueError` where a cell's month cannot be one of recorded crime, or its count is not that of a month."""
    if cells.empty:
        return
    for month in (cells["month"].min(), cells["month"].max()):
        if not is_month_of_records(str(month)):
            raise ValueError(f"{month} cannot be a month of police records")
    for count in (int(cells["count"].min()), int(cells["count"].max())):
        if not 0 < count <= LARGEST:
            raise ValueError(f"{count:,} is not a count of records of one month")


def counts_checksum(folder: Path) -> str:
    """One checksum over the files of a table that `write_counts` wrote; raises `InputError` if one is missing."""
    try:
        return sha256_of(" ".join(sha256_of(folder / name) for name in TABLE_FILES).encode())
    except FileNotFoundError as error:
        name = Path(str(error.filename)).name
        raise InputError(f"{folder} has no {name}: count the records first") from error


def monthly_counts(
    table: CountTable,
    area: Area,
    *,
    by: By = "crime_type",
    measure: str = "recorded_crime",
    vintage: Vintage = "2011",
) -> pd.DataFrame:
    """Complete monthly counts of an area.

    Every month between the first and the last that is held of the home force is there. Missing (NA) means that the
    month is not held, or that the column has no comparable value in it (shoplifting before September 2011). Zero means
    that it is held and has no such record. Records of other forces in the area are counted too, whatever months they
    are of: an edition's own counts (`OpenEdition.counts`) rest on forces and months that can be compared.

    Parameters
    ----------
    table : CountTable
        From `count_records` or `read_counts`.
    by : str
        "headline": total recorded crime, anti-social behaviour, and records without a location (of the whole home
        force: which of them are the area's is not known). "crime_type": each crime type as published. "series": each
        comparable series. "lsoa", "rural_urban": `measure` by LSOA, or in rural, urban and market-town LSOAs (market
        towns are also in one of the first two). "theme": each theme of `definitions/themes.toml`.
    measure : str
        Key of the comparable series counted by "lsoa" and "rural_urban".
    vintage : str
        LSOA vintage for "lsoa"; see `Area.fold`.

    Returns
    -------
    pandas.DataFrame
        Int64, one column for each thing counted, on a monthly PeriodIndex called "month".

    Raises
    ------
    InputError
        If `by` is unknown, the table is limited to another area, or no month of the home force is held.
    """
    if by not in get_args(By):
        raise InputError(f"cannot count by {by!r}: choose one of {', '.join(get_args(By))}")
    published = _vocabularies_by_month(table, area)
    cells = _cells_of(table, area)
    if by == "crime_type":
        return _by_crime_type(cells, published)
    if by == "series":
        return _columns({entry.key: _of_series(cells, entry, published) for entry in comparable_series()})
    if by == "theme":
        return _columns({theme.key: _of_theme(cells, area, theme, published) for theme in themes()})
    if by == "headline":
        headline = {entry.label: _of_series(cells, entry, published) for entry in map(series, HEADLINES)}
        return _columns({**headline, NO_LOCATION: _totals(_without_location(table, area), published)})
    if by == "rural_urban":
        places: tuple[Place, ...] = ("rural", "urban", "market towns", "rural without market towns")
        counted = series(measure)
        return _columns({place: _of_series(_within(cells, area, place), counted, published) for place in places})
    folded = cells.assign(lsoa_code=area.fold(cells["lsoa_code"], vintage))
    return _by_lsoa(folded, area.lsoas(vintage), series(measure), published)


def _with_periods(frame: pd.DataFrame) -> pd.DataFrame:
    return frame.assign(month=months_of(frame["month"]))


def _sorted_cells(cells: pd.DataFrame) -> pd.DataFrame:
    cells = cells.astype({"count": "Int64"}).loc[:, list(CELL_COLUMNS)]
    return cells.sort_values(["month", "force", "lsoa_code", "crime_type"], na_position="last", ignore_index=True)


def _read_table(content: bytes, numbers: Sequence[str]) -> pd.DataFrame:
    """Text as text ("n/a" and "NA" too, blank is missing), and whole numbers."""
    frame = pd.read_csv(io.BytesIO(content), dtype="str", keep_default_na=False, na_values=[""], encoding="utf-8")
    return frame.astype(dict.fromkeys([*numbers, *(name for name in ODD_IDS if name in frame)], "int64"))


def _vocabularies_by_month(table: CountTable, area: Area) -> "pd.Series[str]":
    """Crime-type list of the home force's file, by month from first to last; missing if there is no file."""
    if table.area not in ("", area.key):
        raise InputError(f"the counts are for {table.area} only: count the records again for {area.key}")
    months = table.months(area.force)
    if months.empty:
        forces = sorted(table.account["force"].unique())
        held = f"they have {', '.join(forces)}" if forces else "no file received has any"
        raise InputError(
            f"the counts have no month of {area.force}, the force for {area.name}: {held}. Add its street files"
        )
    mine = table.account[table.account["force"] == area.force].set_index("month")["vocabulary"]
    every = pd.period_range(months[0], months[-1], freq="M", name="month")
    return mine.reindex(months).reindex(every)


def _cells_of(table: CountTable, area: Area) -> pd.DataFrame:
    return table.cells[table.cells["lsoa_code"].isin(set(area.folds))]


def _without_location(table: CountTable, area: Area) -> pd.DataFrame:
    return table.cells[table.cells["lsoa_code"].isna() & (table.cells["force"] == area.force)]


def _within(cells: pd.DataFrame, area: Area, place: Place) -> pd.DataFrame:
    return cells[area.fold(cells["lsoa_code"]).isin(area.lsoas_in(place))]


def _totals(cells: pd.DataFrame, published: "pd.Series[str]") -> "pd.Series[int]":
    """Sum of cells by month: zero where the month is held, missing where not."""
    sums = cells.groupby("month")["count"].sum().reindex(published.index, fill_value=0)
    return sums.astype("Int64").where(published.notna())


def _of_series(cells: pd.DataFrame, entry: ComparableSeries, published: "pd.Series[str]") -> "pd.Series[int]":
    return _totals(cells[cells["crime_type"].isin(entry.parts)], published.where(_comparable(entry, published)))


def _of_theme(cells: pd.DataFrame, area: Area, theme: Theme, published: "pd.Series[str]") -> "pd.Series[int]":
    return _of_series(_within(cells, area, theme.place), series(theme.series), published)


def _comparable(entry: ComparableSeries, published: "pd.Series[str]") -> "pd.Series[bool]":
    """Whether a month's vocabulary is one that the series holds under; one that holds under all holds when they mix."""
    every = len(entry.vocabularies) == len(vocabularies())
    return published.isin([*entry.vocabularies, "mixed"] if every else entry.vocabularies)


def _by_crime_type(cells: pd.DataFrame, published: "pd.Series[str]") -> pd.DataFrame:
    """A column for each crime type of the vocabularies in use; missing in months whose vocabulary lacks the type."""
    columns = {}
    in_use = [entry for entry in vocabularies() if entry.name in set(published) or "mixed" in set(published)]
    for crime_type in crime_types():
        having = [entry.name for entry in in_use if crime_type in entry.types]
        if having:
            known = published.where(published.isin([*having, "mixed"]))
            columns[crime_type] = _totals(cells[cells["crime_type"] == crime_type], known)
    return _columns(columns)


def _by_lsoa(
    cells: pd.DataFrame, codes: Sequence[str], entry: ComparableSeries, published: "pd.Series[str]"
) -> pd.DataFrame:
    counted = cells[cells["crime_type"].isin(entry.parts)]
    wide = counted.pivot_table(index="month", columns="lsoa_code", values="count", aggfunc="sum", fill_value=0)
    wide = wide.reindex(index=published.index, columns=list(codes), fill_value=0).astype("Int64")
    return wide.where(_comparable(entry, published), axis="index")


def _columns(columns: "dict[str, pd.Series[int]]") -> pd.DataFrame:
    return pd.DataFrame(columns).astype("Int64").rename_axis(index="month")


def flat_toml(fields: dict[str, Any]) -> str:
    """Flat fields as TOML: texts, numbers, yes or no."""
    return "".join(f"{key} = {_toml_value(value)}\n" for key, value in fields.items())


def signed(fields: dict[str, Any]) -> dict[str, Any]:
    """Return flat fields with a checksum over them."""
    return fields | {SIGNED: sha256_of(flat_toml(fields).encode())}


def verified(fields: dict[str, Any]) -> dict[str, Any]:
    """Return the fields that `signed` was given; fields without a checksum (written by hand) as they are.

    Raises
    ------
    ValueError
        If they differ from their checksum.
    """
    checksum = fields.pop(SIGNED, None)
    if checksum is not None and checksum != sha256_of(flat_toml(fields).encode()):
        raise ValueError("its source file differs from its own checksum")
    return fields


def _toml_value(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return str(value)
    escaped = str(value).replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"'
