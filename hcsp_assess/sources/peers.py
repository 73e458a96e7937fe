"""Peers named in data/raw/peers/, and counts of districts to compare with (docs/methods-places.md)."""

import tomllib
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
import polars as pl

from hcsp_assess.errors import InputError
from hcsp_assess.files import require_columns
from hcsp_assess.periods import months_of
from hcsp_assess.project import read_definition
from hcsp_assess.sources.police_uk.files import choose_files, is_month_of_records
from hcsp_assess.sources.police_uk.finding import find_street_files
from hcsp_assess.sources.police_uk.reading import parse_street
from hcsp_assess.sources.text_table import read_text_table
from hcsp_assess.subject.crime_types import check_crime_type, recorded_crime_types
from hcsp_assess.subject.own_definitions import PEERS, label, own_file, refuse_unknown

FIELDS = ("name", "source", "peers")
LONGEST_COUNT = 7  # digits: no district has ten million records of a type in a month
COLUMNS = ("month", "falls_within", "lad_from_lsoa_name", "crime_type", "count")


@dataclass(frozen=True)
class PeerList:
    """The peers of an area, as its reviewed file names them.

    Attributes
    ----------
    name, source : str
        What the list is, and who says that these are peers.
    peers : tuple of str
        Names of districts as data.police.uk's LSOA names begin.
    counts : pandas.DataFrame
        Recorded crime by month and district; missing where the district's force published nothing.
    counts_file : str
        Where the counts were read.
    """

    name: str
    source: str
    peers: tuple[str, ...]
    counts: pd.DataFrame
    counts_file: str


@dataclass(frozen=True)
class NamedPeers:
    """Named places to compare an area with.

    Attributes
    ----------
    name, source : str
        What the list is, and who says that these are peers.
    peers : tuple of str
        Names of districts, such as "Shropshire".
    counts : str
        Name of the file of counts beside the list; "" where official figures alone are compared.
    """

    name: str
    source: str
    peers: tuple[str, ...]
    counts: str = ""


def read_named_peers(folder: Path, key: str, own: Path | None = None) -> NamedPeers | None:
    """Read the list of an area's peers, or return None where none are named.

    Parameters
    ----------
    folder : Path
        `data/raw/peers` of the project: `KEY.toml` with `name`, `source` and `peers` (names of districts), and
        `counts` (the name of a file beside it, see `read_district_counts`) to compare street-level counts by month.
    key : str
        Of the area.
    own : Path, optional
        Folder of the area's own definitions: its `peers.toml` is such a list too.

    Raises
    ------
    InputError
        If a field is missing or unknown, the list is none, or there are two lists.
    """
    path, mine = folder / f"{key}.toml", own_file(own, PEERS)
    if own is not None and mine is not None and path.is_file():
        raise InputError(f"peers are named twice, in {label(own, PEERS)} and in data/raw/peers/{path.name}: keep one")
    where = path.name if mine is None or own is None else label(own, PEERS)
    path = mine or path
    if not path.is_file():
        return None
    try:
        fields = tomllib.loads(read_definition(path, where))
    except tomllib.TOMLDecodeError as error:
        raise InputError(f"{where} is not TOML: {error}") from error
    if not fields and mine is not None:
        return None  # as it was set up: every line is a comment
    refuse_unknown(where, fields, (*FIELDS, "counts"))
    missing = [name for name in FIELDS if not fields.get(name)]
    if missing:
        raise InputError(f"{where} has no {', '.join(missing)}; it needs {', '.join(FIELDS)}")
    peers = fields["peers"]
    if not isinstance(peers, list) or not all(isinstance(peer, str) for peer in peers):
        raise InputError(f'{where}: peers must be a list of names, such as ["Shropshire", "Wiltshire"]')
    return NamedPeers(str(fields["name"]), str(fields["source"]), tuple(peers), str(fields.get("counts", "")))


def read_peers(folder: Path, key: str, own: Path | None = None) -> PeerList | None:
    """Read the peers of an area with their street-level counts, or None if none are named, or no counts with them.

    Raises
    ------
    InputError
        As `read_named_peers`, or if the counts are not there or cannot be used.
    """
    named = read_named_peers(folder, key, own)
    if named is None or not named.counts:
        return None
    counts = folder / named.counts
    return PeerList(named.name, named.source, named.peers, read_district_counts(counts), counts.name)


def read_district_counts(path: Path) -> pd.DataFrame:
    """Read recorded crime by month and district from a long table of street-level counts.

    Parameters
    ----------
    path : Path
        CSV, also gzipped, with the columns `month` ("2025-01"), `falls_within` (police force), `lad_from_lsoa_name`
        (district; blank for records without a location), `crime_type` and `count`.

    Returns
    -------
    pandas.DataFrame
        Int64, one column for each district, on a monthly PeriodIndex. Missing where the force that most of a district's
        records come from has no record at all in the month: it was not published, or is not held. Anti-social
        behaviour is not recorded crime and is left out.

    Raises
    ------
    InputError
        If the file or a column is missing, or a month, a type or a count cannot be read; the message says which line.
    """
    if not path.is_file():
        raise InputError(f"there are no counts of districts at {path.name}: put the file beside the list of peers")
    table = read_text_table(path, keep_default_na=False)
    require_columns(table, COLUMNS, path.name)
    for column, pattern, like in (("month", r"\d{4}-(?:0[1-9]|1[0-2])", "2025-01"), ("count", r"\d+", "17")):
        wrong = ~table[column].str.fullmatch(pattern)
        if wrong.any():
            line = int(wrong.to_numpy().argmax())
            raise InputError(f"{path.name}, line {line + 2}: {column} {table[column].iloc[line]!r} must be like {like}")
    _require_possible(table, path.name)
    table["crime_type"] = table["crime_type"].map({name: check_crime_type(name) for name in set(table["crime_type"])})
    table = table.astype({"count": int}).assign(month=months_of(table["month"]))
    published = pd.crosstab(table["month"], table["falls_within"]) > 0
    located = table[table["lad_from_lsoa_name"] != ""]
    by_force = located.groupby(["lad_from_lsoa_name", "falls_within"])["count"].sum().sort_values(kind="stable")
    home = by_force.reset_index().groupby("lad_from_lsoa_name")["falls_within"].last()
    crime = located[located["crime_type"].isin(recorded_crime_types())]
    wide = crime.pivot_table(index="month", columns="lad_from_lsoa_name", values="count", aggfunc="sum", fill_value=0)
    wide = wide.reindex(index=published.index, columns=home.index, fill_value=0).astype("Int64")
    known = published[home].set_axis(home.index, axis="columns")
    return wide.where(known).rename_axis(index="month", columns="district")


def _require_possible(table: pd.DataFrame, file: str) -> None:
    """Refuse months that police records cannot be of, and counts that no district has in a month."""
    impossible = {
        "month": ~table["month"].map(is_month_of_records).astype(bool),
        "count": table["count"].str.len() > LONGEST_COUNT,
    }
    for column, wrong in impossible.items():
        if wrong.any():
            line = int(wrong.to_numpy().argmax())
            raise InputError(
                f"{file}, line {line + 2}: {column} {table[column].iloc[line]} is not possible: correct it"
            )


def count_districts(folder: Path) -> pd.DataFrame:
    """Count street-level files of any forces by month, force, district and crime type, for `read_district_counts`.

    Rows are counted as published, repeats of a Crime ID included. A district is the name of the LSOA without the number
    at its end; "" for rows without a location.

    Parameters
    ----------
    folder : Path
        Folder or zip of street files, such as an archive of all forces from data.police.uk. Of several snapshots of a
        month and force the newest is read.

    Raises
    ------
    InputError
        If it holds no street file, or one cannot be read.
    """
    month, force, district, crime_type, count = COLUMNS
    parts = []
    for chosen in choose_files(find_street_files(folder)):
        rows = parse_street(chosen.file.read_bytes(), chosen.file.label)
        name = pl.col("lsoa_name").fill_null("").str.strip_chars().str.replace(r" \d{3}[A-Z]+$", "")
        named = rows.select(
            pl.lit(str(chosen.file.month)).alias(month),
            pl.col("falls_within").fill_null("").str.strip_chars().alias(force),
            name.alias(district),
            pl.col("crime_type").fill_null("").str.strip_chars().alias(crime_type),
        )
        parts.append(named.group_by(month, force, district, crime_type).agg(pl.len().alias(count)))
    counted = pl.concat(parts).group_by(month, force, district, crime_type).agg(pl.col(count).sum())
    return counted.sort(month, force, district, crime_type).to_pandas()
