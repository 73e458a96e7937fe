"""The rules of cleaning: which row is usable, which two rows are one crime, and the account that must balance."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

import pandas as pd
import polars as pl

from hcsp_assess.errors import InputError
from hcsp_assess.sources.police_uk.files import StreetFile
from hcsp_assess.sources.police_uk.reading import COLUMNS, original_lines
from hcsp_assess.subject.crime_types import (
    ANTI_SOCIAL_BEHAVIOUR,
    crime_types,
    detect_vocabulary,
    open_outcomes,
    unknown_type_message,
)

CLEANING_VERSION: Final = 2  # raise it when a rule, or what is recorded of a file, changes
LONGITUDES: Final = (-9.5, 2.5)
LATITUDES: Final = (49.0, 61.5)
MONTH: Final = "^[0-9]{4}-(0[1-9]|1[0-2])$"
EARLIER_MONTH: Final = "an earlier month"
LSOA_CODE: Final = "^[EWNS][0-9]{8}$"
LAST_2011_LSOA: Final = {"E": "E01033768", "W": "W01001958"}
FIRST_MONTH_OF_2021_LSOAS: Final = "2023-06"
RECORD_COLUMNS: Final = (
    "month",
    "force",
    "crime_id",
    "reported_by",
    "falls_within",
    "longitude",
    "latitude",
    "location",
    "lsoa_code",
    "lsoa_name",
    "crime_type",
    "last_outcome_category",
    "context",
    "line",
)


@dataclass(frozen=True)
class FileAccount:
    """What became of each row of one street file: rows_in = kept + duplicates + quarantined, exactly.

    Attributes
    ----------
    month, force, file : str
        Data month, police force, and the file's published name.
    source, snapshot, snapshot_from : str
        Where the file is, when its publisher made it, and how that is known (see `StreetFile`).
    sha256 : str
        Checksum of the published bytes.
    bytes : int
        Their number.
    rows_in, kept, duplicates, quarantined : int
        Lines below the header, and what became of them. Blank lines are not rows.
    duplicates_of_earlier_month, duplicates_without_location : int
        How many of `duplicates` repeat the Crime ID of an earlier month, and how many have no location.
    anti_social_behaviour : int
        Kept rows that are incidents of anti-social behaviour, not recorded crimes.
    no_location : int
        Kept rows with neither coordinates nor an LSOA: nobody can say in which district.
    without_lsoa : int
        Kept rows with coordinates but no LSOA code: Northern Ireland, Scotland, at sea.
    without_id : int
        Kept rows of recorded crime with no Crime ID (transport police): duplicates among them cannot be seen.
    lsoa_vintage : str
        "2021", "2011", "unclear" (a month that should have 2021 codes shows none that are new in 2021) or "none".
    vocabulary : str
        Crime-type vocabulary: "six", "eleven", "fourteen" or "mixed".
    superseded, identical : str
        Files of older snapshots, and identical copies, that were there too; separated by "; ".
    """

    month: str
    force: str
    file: str
    source: str
    snapshot: str
    snapshot_from: str
    sha256: str
    bytes: int
    rows_in: int
    kept: int
    duplicates: int
    duplicates_of_earlier_month: int
    duplicates_without_location: int
    quarantined: int
    anti_social_behaviour: int
    no_location: int
    without_lsoa: int
    without_id: int
    lsoa_vintage: str
    vocabulary: str
    superseded: str = ""
    identical: str = ""


@dataclass(frozen=True)
class CleanedStreet:
    """One street file, cleaned.

    Attributes
    ----------
    records : pandas.DataFrame
        Rows kept, typed: `month` a monthly period, coordinates as numbers, the rest text with blanks missing; `line` is
        the line number in the file.
    quarantine : pandas.DataFrame
        Rows that cannot be used: `reason`, `file`, `line`, `original`.
    duplicates : pandas.DataFrame
        Rows that repeat a Crime ID: `file`, `line`, `kept` (the file and line that stand for the crime), `original`.
    """

    records: pd.DataFrame
    quarantine: pd.DataFrame
    duplicates: pd.DataFrame
    account: FileAccount


@dataclass(frozen=True)
class CleanedMonth:
    """The street files of one month, cleaned together, as polars frames; see `CleanedStreet`. `keys`: see `id_key`."""

    records: pl.DataFrame
    keys: pl.Series
    quarantine: pl.DataFrame
    duplicates: pl.DataFrame
    accounts: tuple[FileAccount, ...]


@dataclass(frozen=True)
class ReceivedFile:
    """A street file as read: `rows` as `parse_street` gives them, with or without a column `original`."""

    file: StreetFile
    sha256: str
    content: bytes
    rows: pl.DataFrame


def clean_street(frame: pd.DataFrame, *, file: StreetFile | None = None) -> CleanedStreet:
    """Clean the rows of one street file; for an analyst.

    The rules are those of `clean_archive`, which runs the same code on a whole archive (docs/cleaning.md states them).

    Parameters
    ----------
    frame : pandas.DataFrame
        As `read_street` or `read_api_json` returns it. A frame with the published columns alone will do: `line` then
        counts from 2, and `original` is the fields joined by commas.
    file : StreetFile, optional
        Where the rows came from: gives the month each row must have, and the police force. Without it the rows must be
        of one month.

    Raises
    ------
    InputError
        If a column is missing, rows are of several months, no row can be used, or a crime type that is not known
        recurs as a new category would.
    """
    rows = _as_received(frame)
    if file is None:
        file = StreetFile(_only_month(rows), "", "", "", Path(), "", "these rows")
        received = ReceivedFile(file, "", b"", rows)
    else:
        received = ReceivedFile(file, file.sha256, file.read_bytes(), rows)
    cleaned = clean_month([received])
    records = cleaned.records.to_pandas()
    return CleanedStreet(
        records=records.assign(month=pd.PeriodIndex(records["month"], freq="M")),
        quarantine=cleaned.quarantine.to_pandas(),
        duplicates=cleaned.duplicates.to_pandas(),
        account=cleaned.accounts[0],
    )


def clean_month(files: Sequence[ReceivedFile], earlier_keys: pl.Series | None = None) -> CleanedMonth:
    """Clean the files of one month, all forces together.

    Parameters
    ----------
    files : sequence of ReceivedFile
        One file for each force, all of one month.
    earlier_keys : polars.Series of UInt64, optional
        `id_key` of the crimes of this month that an earlier month already has.

    Raises
    ------
    InputError
        As `clean_street`.
    """
    ordered = sorted(files, key=lambda received: received.file.force)
    judged = [_judge(received) for received in ordered]
    usable = pl.concat([_type(rows.filter(pl.col("reason").is_null())) for rows in judged])
    aside = pl.concat([_with_original(received, _aside(rows)) for received, rows in zip(ordered, judged, strict=True)])
    records, repeats = _take_out_duplicates(usable, earlier_keys)
    mine = [repeats.filter(pl.col("force") == received.file.force) for received in ordered]
    duplicates = pl.concat([_with_original(received, rows) for received, rows in zip(ordered, mine, strict=True)])
    return CleanedMonth(
        records=records.select(RECORD_COLUMNS),
        keys=records["key"].drop_nulls(),
        quarantine=aside.select("reason", "file", "line", "original"),
        duplicates=duplicates.select("file", "line", "kept", "original"),
        accounts=tuple(_account(received, records, duplicates, aside) for received in files),
    )


def id_key(crime_id: pl.Expr) -> pl.Expr:
    """The first 64 bits of a Crime ID of 64 hexadecimal digits; null for any other."""
    well_formed = crime_id.str.contains("^[0-9a-fA-F]{64}$")
    return pl.when(well_formed).then(crime_id.str.head(16).str.to_integer(base=16, dtype=pl.UInt64, strict=False))


def accounts_frame(accounts: Sequence[FileAccount]) -> pd.DataFrame:
    """Put accounts in a table, one row for each file, in order of month and force."""
    ordered = sorted(accounts, key=lambda account: (account.month, account.force))
    return pd.DataFrame([asdict(account) for account in ordered], columns=list(FileAccount.__dataclass_fields__))


def _as_received(frame: pd.DataFrame) -> pl.DataFrame:
    missing = [name for name in COLUMNS if name not in frame.columns and name != "Context"]
    if missing:
        raise InputError(f"the frame has no column {', '.join(missing)}: clean_street takes what read_street returns")
    texts = {short: frame.get(name, pd.Series("", index=frame.index)) for name, short in COLUMNS.items()}
    received = pd.DataFrame(texts).astype("str").fillna("")
    line = frame["line"] if "line" in frame else pd.Series(range(2, len(frame) + 2), index=frame.index)
    original = frame["original"] if "original" in frame else received.agg(",".join, axis="columns")
    problem = frame["problem"] if "problem" in frame else pd.Series(None, index=frame.index, dtype="str")
    received = received.assign(line=line, original=original, problem=problem)
    return pl.from_pandas(received).with_columns(
        pl.col("line").cast(pl.UInt32), pl.col("original").cast(pl.String), pl.col("problem").cast(pl.String)
    )


def _only_month(rows: pl.DataFrame) -> pd.Period:
    months = sorted(set(rows.filter(pl.col("month").str.contains(MONTH))["month"]))
    if len(months) != 1:
        raise InputError(f"the rows are of {len(months)} months ({', '.join(months[:3])}): clean one month at a time")
    return pd.Period(months[0], "M")


def _judge(received: ReceivedFile) -> pl.DataFrame:
    """Strip every field and give each row that cannot be used its `reason`."""
    texts = [pl.col(name).fill_null("").str.strip_chars() for name in COLUMNS.values()]
    rows = received.rows.with_columns(texts).with_columns(
        force=pl.lit(received.file.force), file=pl.lit(received.file.name), crime_type=_spelling(pl.col("crime_type"))
    )
    rows = rows.with_columns(reason=_reason(str(received.file.month)))
    _check_usable(received, rows)
    return rows


def _aside(rows: pl.DataFrame) -> pl.DataFrame:
    return rows.filter(pl.col("reason").is_not_null()).select("reason", "force", "file", "line", *_original_in(rows))


def _with_original(received: ReceivedFile, rows: pl.DataFrame) -> pl.DataFrame:
    """Rows of one file with the line each came from."""
    if _original_in(rows):
        return rows
    lines = original_lines(received.content, rows["line"].to_list())
    return rows.with_columns(original=pl.Series(lines, dtype=pl.String))


def _original_in(rows: pl.DataFrame) -> list[str]:
    return ["original"] if "original" in rows.columns else []


def _spelling(crime_type: pl.Expr) -> pl.Expr:
    spelling = {known.lower(): known for known in crime_types()}
    return crime_type.str.to_lowercase().replace_strict(spelling, default=crime_type, return_dtype=pl.String)


def _reason(month: str) -> pl.Expr:
    """The first reason why a row cannot be used; null where it can."""
    longitude, latitude, lsoa = pl.col("longitude"), pl.col("latitude"), pl.col("lsoa_code")
    crime_type = pl.col("crime_type")
    located = (longitude != "") & (latitude != "")
    inside = _number(longitude).is_between(*LONGITUDES) & _number(latitude).is_between(*LATITUDES)
    checks = [
        ((crime_type == "Crime type") & (pl.col("month") == "Month"), "the header again"),
        (~pl.col("month").str.contains(MONTH), "month is not a month"),
        (pl.col("month") != month, "month is not that of the file"),
        (crime_type == "", "no crime type"),
        (~crime_type.is_in(crime_types()), "unknown crime type"),
        ((longitude == "") != (latitude == ""), "one coordinate of two"),
        (located & (_number(longitude).is_null() | _number(latitude).is_null()), "coordinate is not a number"),
        (located & ~inside.fill_null(value=False), "coordinates outside the United Kingdom"),
        ((lsoa != "") & ~lsoa.str.contains(LSOA_CODE), "LSOA code is not a code"),
    ]
    reason = pl.col("problem")
    for fails, text in checks:
        reason = reason.fill_null(pl.when(fails).then(pl.lit(text)))
    return reason


def _number(text: pl.Expr) -> pl.Expr:
    number = text.cast(pl.Float64, strict=False)
    return pl.when(number.is_finite()).then(number)


def _check_usable(received: ReceivedFile, rows: pl.DataFrame) -> None:
    """Stop where setting rows aside would make a month look quiet: a new crime type, or a file with nothing left."""
    unknown = rows.filter(pl.col("reason") == "unknown crime type")["crime_type"].value_counts(sort=True)
    for crime_type, count in unknown.iter_rows():
        if count >= 10 and count > 0.01 * rows.height:
            raise InputError(
                f"{received.file.label}: {count} of {rows.height} rows have an {unknown_type_message(crime_type)}"
            )
    if rows.height and rows["reason"].null_count() == 0:
        reason, count = rows["reason"].value_counts(sort=True).sort("count", "reason", descending=[True, False]).row(0)
        line = rows.filter(pl.col("reason") == reason)["line"][0]
        raise InputError(
            f"{received.file.label}: none of its {rows.height} rows can be used; {count} for this reason: {reason} "
            f"(line {line} is the first). Check that it is the file that its name says"
        )


def _type(rows: pl.DataFrame) -> pl.DataFrame:
    blank_to_null = [pl.when(pl.col(name) != "").then(pl.col(name)).alias(name) for name in COLUMNS.values()]
    unnamed = pl.col("location").is_in(["No Location", "On or near"])
    return rows.with_columns(blank_to_null).with_columns(
        pl.col("month").str.to_date("%Y-%m"),
        pl.col("longitude").cast(pl.Float64),
        pl.col("latitude").cast(pl.Float64),
        location=pl.when(~unnamed).then(pl.col("location")),
        key=id_key(pl.col("crime_id")),
    )


def _take_out_duplicates(usable: pl.DataFrame, earlier: pl.Series | None) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Keep one row for each Crime ID; what is taken out says which row stands for the crime.

    Of rows with one ID the one with an LSOA is kept, then the one whose case is closed, then the first in order of
    force and line. A crime that an earlier month has is taken out of this one.
    """
    crime = pl.col("crime_id").str.to_lowercase()
    place = pl.format("{} line {}", "file", "line")
    closed = pl.col("last_outcome_category").is_not_null() & ~pl.col("last_outcome_category").is_in(open_outcomes())
    usable = usable.with_row_index("row")
    ranked = usable.filter(pl.col("key").is_not_null() & pl.col("key").is_duplicated()).sort(
        pl.col("lsoa_code").is_null(), ~closed, "row"
    )
    repeats = ranked.with_columns(kept=place.first().over(crime)).filter(pl.col("kept") != place)
    if earlier is not None and len(earlier):
        again = usable.filter(pl.col("key").is_in(earlier.implode()) & ~pl.col("row").is_in(repeats["row"].implode()))
        repeats = pl.concat([repeats, again.with_columns(kept=pl.lit(EARLIER_MONTH))])
    return usable.filter(~pl.col("row").is_in(repeats["row"].implode())), repeats.sort("row")


def _account(
    received: ReceivedFile, records: pl.DataFrame, duplicates: pl.DataFrame, aside: pl.DataFrame
) -> FileAccount:
    mine = pl.col("force") == received.file.force
    kept, repeats, set_aside = records.filter(mine), duplicates.filter(mine), aside.filter(mine)
    asb = pl.col("crime_type") == ANTI_SOCIAL_BEHAVIOUR
    no_lsoa, no_point = pl.col("lsoa_code").is_null(), pl.col("longitude").is_null()
    account = FileAccount(
        month=str(received.file.month),
        force=received.file.force,
        file=received.file.name,
        source=received.file.label,
        snapshot=received.file.snapshot,
        snapshot_from=received.file.snapshot_from,
        sha256=received.sha256,
        bytes=len(received.content),
        rows_in=received.rows.height,
        kept=kept.height,
        duplicates=repeats.height,
        duplicates_of_earlier_month=repeats.filter(pl.col("kept") == EARLIER_MONTH).height,
        duplicates_without_location=repeats.filter(no_lsoa & no_point).height,
        quarantined=set_aside.height,
        anti_social_behaviour=kept.filter(asb).height,
        no_location=kept.filter(no_lsoa & no_point).height,
        without_lsoa=kept.filter(no_lsoa & ~no_point).height,
        without_id=kept.filter(~asb & pl.col("crime_id").is_null()).height,
        lsoa_vintage=_vintage(kept["lsoa_code"].drop_nulls(), str(received.file.month)),
        vocabulary=detect_vocabulary(kept["crime_type"].unique(), received.file.month),
    )
    if account.rows_in != account.kept + account.duplicates + account.quarantined:
        raise AssertionError(f"the account of {received.file.label} does not balance: {account}")
    return account


def _vintage(codes: pl.Series, month: str) -> str:
    """Which vintage a file's LSOA codes are: codes beyond the last of 2011 are new in 2021."""
    if codes.is_empty():
        return "none"
    new = [(codes.str.starts_with(country) & (codes > last)).any() for country, last in LAST_2011_LSOA.items()]
    if any(new):
        return "2021"
    return "2011" if month < FIRST_MONTH_OF_2021_LSOAS else "unclear"
