"""Cleaning rules: which rows are usable, which are duplicates, and the account that must balance."""

import re
from collections import Counter, defaultdict
from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import pandas as pd
import polars as pl

from hcsp_assess.errors import InputError
from hcsp_assess.files import sha256_of
from hcsp_assess.sources.police_uk.files import StreetFile
from hcsp_assess.sources.police_uk.reading import (
    COLUMNS,
    NO_PROBLEM,
    Batch,
    no_rows,
    open_street,
    original_lines,
    read_batches,
)
from hcsp_assess.subject.crime_types import (
    ANTI_SOCIAL_BEHAVIOUR,
    crime_types,
    detect_vocabulary,
    open_outcomes,
    unknown_type_message,
)

CLEANING_VERSION: Final = 4  # raise it when a rule, or what is recorded of a file, changes
LONGITUDES: Final = (-9.5, 2.5)
LATITUDES: Final = (49.0, 61.5)
CRIME_ID: Final = "^[0-9a-fA-F]{64}$"
ID_LENGTH: Final = 64
EXCEL_MONTH = "^(?:[A-Za-z]{3}-[0-9]{2}|[0-9]{2}/[0-9]{2}/[0-9]{4})$"  # what it makes of 2025-10
MONTH: Final = "^[0-9]{4}-(0[1-9]|1[0-2])$"
EARLIER_MONTH: Final = "an earlier month"
CUT_SHORT: Final = "cut short"
LSOA_CODE: Final = "^[EWNS][0-9]{8}$"
LSOA_CHECK: Final = (
    (pl.col("lsoa_code") != "") & ~pl.col("lsoa_code").str.contains(LSOA_CODE),
    "LSOA code is not a code",
)
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
FREE_TEXTS: Final = ("reported_by", "falls_within", "location", "lsoa_name", "last_outcome_category", "context")
TEXTS: Final = (*FREE_TEXTS, "lsoa_code", "crime_type")
UNNAMED: Final = ("No Location", "On or near")
USABLE: Final = (*RECORD_COLUMNS[2:], "file", "key")
#: Numbers of rows in an account beside `rows_in`.
COUNTED: Final = (
    "kept",
    "duplicates",
    "duplicates_of_earlier_month",
    "duplicates_without_location",
    "quarantined",
    "anti_social_behaviour",
    "no_location",
    "without_lsoa",
    "without_id",
)
#: Numbers that accounts of earlier versions do not have.
ODD_IDS: Final = ("odd_ids", "repeated_odd_ids")
Keys = np.ndarray[tuple[int], np.dtype[np.uint64]]


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
        Kept rows with neither coordinates nor an LSOA: in which district is not known.
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
    last_line : str
        "cut short" where the file ends within a row, as a download that broke off does; else "".
    odd_ids, repeated_odd_ids : int
        Kept rows whose Crime ID is not 64 hexadecimal digits and is seen to be so (another length, or another sign
        among the first 16), and how many of them repeat such an ID of the file. They are all counted: such an ID does
        not prove that two rows are one crime.
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
    last_line: str = ""
    odd_ids: int = 0
    repeated_odd_ids: int = 0


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
        Rows that repeat a Crime ID: `file`, `line`, `kept` (the file and line that represent the crime), `original`.
    """

    records: pd.DataFrame
    quarantine: pd.DataFrame
    duplicates: pd.DataFrame
    account: FileAccount


@dataclass(frozen=True)
class CleanedMonth:
    """The street files of one month, cleaned together, as polars frames; see `CleanedStreet`.

    Attributes
    ----------
    records : polars.DataFrame
        Rows kept, text in categories.
    keys : numpy.ndarray
        `id_key` of each crime of the month, also of those that an earlier month has; sorted, each once.
    """

    records: pl.DataFrame
    keys: Keys
    quarantine: pl.DataFrame
    duplicates: pl.DataFrame
    accounts: tuple[FileAccount, ...]


@dataclass(frozen=True)
class ReceivedFile:
    """A street file and its published bytes, with their checksum."""

    file: StreetFile
    content: bytes
    sha256: str


@dataclass(frozen=True)
class _Judged:
    """Rows of a batch: those that can be used, typed; those that cannot, with `reason`; how many of each file."""

    usable: pl.DataFrame
    aside: pl.DataFrame | None
    rows_in: Counter[int]


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
        received = ReceivedFile(StreetFile(_only_month(rows), "", "", "", Path(), "", "these rows"), b"", "")
    else:
        content = file.read_bytes()
        received = ReceivedFile(file, content, sha256_of(content))
    judged = _judge_with_care(rows.with_columns(file=pl.lit(0, pl.UInt32)), str(received.file.month))
    cleaned = _account_for([received], [judged], frozenset())
    texts = pl.col(pl.Categorical).cast(pl.String)
    records = cleaned.records.with_columns(texts).to_pandas()
    return CleanedStreet(
        records=records.assign(month=pd.PeriodIndex(records["month"], freq="M")),
        quarantine=cleaned.quarantine.to_pandas(),
        duplicates=cleaned.duplicates.to_pandas(),
        account=cleaned.accounts[0],
    )


def clean_month(files: Sequence[ReceivedFile], earlier_ids: Collection[str] = ()) -> CleanedMonth:
    """Clean the files of one month, all forces together.

    Parameters
    ----------
    files : sequence of ReceivedFile
        One file for each force, all of one month.
    earlier_ids : collection of str
        Crime IDs, in small letters, that an earlier month already has.

    Raises
    ------
    InputError
        As `clean_street`, or as `parse_street` for the first file that is not a street file.
    """
    opened = {received.file.force: open_street(received.content, received.file.label) for received in files}
    ordered = sorted(files, key=lambda received: received.file.force)
    month = str(ordered[0].file.month)
    batches = read_batches([opened[received.file.force] for received in ordered])
    judged = [_judge(batch, month) for batch in batches] or [_judge_with_care(no_rows(), month)]
    return _account_for(ordered, judged, frozenset(earlier_ids))


def id_key(crime_id: pl.Expr) -> pl.Expr:
    """The first 16 hexadecimal digits of a Crime ID as a number; null for an ID that has not 64 characters.

    Equal keys say that two IDs may be equal, never that they are.
    """
    lengths = [text.str.len_bytes() == ID_LENGTH for text in (crime_id, crime_id.str.strip_chars())]
    return pl.when(*lengths).then(crime_id.str.head(16).str.to_integer(base=16, dtype=pl.UInt64, strict=False))


def repeated_keys(keys: Keys) -> pl.Series:
    """Of sorted keys those that occur more than once, each once."""
    return pl.Series(np.unique(keys[1:][keys[1:] == keys[:-1]]), dtype=pl.UInt64)


def well_formed_ids(rows: pl.DataFrame, keys: pl.Series) -> pl.DataFrame:
    """Rows with one of these keys whose Crime ID is 64 hexadecimal digits; `crime`: the ID in small letters."""
    some = rows.filter(pl.col("key").is_in(keys.implode())) if len(keys) else rows.clear()
    return some.filter(pl.col("crime_id").str.contains(CRIME_ID)).with_columns(
        crime=pl.col("crime_id").str.to_lowercase()
    )


def accounts_frame(accounts: Sequence[FileAccount]) -> pd.DataFrame:
    """Put accounts in a table, one row for each file, in order of month and force."""
    ordered = sorted(accounts, key=lambda account: (account.month, account.force))
    return pd.DataFrame([asdict(account) for account in ordered], columns=list(FileAccount.__dataclass_fields__))


def _as_received(frame: pd.DataFrame) -> pl.DataFrame:
    missing = [name for name in COLUMNS if name not in frame.columns and name != "Context"]
    if missing:
        raise InputError(
            f"the frame has no column {', '.join(missing)}: pass clean_street the frame that read_street returns"
        )
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


def _judge(batch: Batch, month: str) -> _Judged:
    """Judge a batch: rows that are plainly usable in bulk, the others one by one.

    Text is looked at once for each value that occurs, not for each row.
    """
    rows = batch.plain.with_columns(
        *_in_categories(batch.plain),
        pl.col("longitude", "latitude").cast(pl.Float64, strict=False).name.suffix("_number"),
        key=id_key(pl.col("crime_id")),
    )
    values = rows.select(pl.col(TEXTS).unique().drop_nulls().cast(pl.String).implode()).row(0, named=True)
    fine = rows.select(_plainly_usable(values, month)).to_series()
    careful = batch.careful
    if not fine.all():
        as_text = pl.col("longitude", "latitude").cast(pl.String)
        doubtful = batch.plain.filter(~fine).with_columns(as_text, problem=NO_PROBLEM)
        careful = pl.concat([careful, doubtful]).sort("file", "line")
        rows = rows.filter(fine)
    usable = rows.with_columns(
        *_tidy(values), longitude=pl.col("longitude_number"), latitude=pl.col("latitude_number")
    ).select(USABLE)
    if careful.is_empty():
        return _Judged(usable, None, batch.rows)
    judged = _judge_with_care(careful, month)
    return _Judged(pl.concat([usable, judged.usable]).sort("file", "line"), judged.aside, batch.rows)


def _in_categories(rows: pl.DataFrame) -> list[pl.Expr]:
    """Text in categories; a column with one value in all rows, as a force's file has some, is not looked through."""
    column = pl.col(TEXTS)
    same = rows.select(column.eq_missing(column.first()).all()).row(0, named=True)
    return [(pl.col(name).first() if same[name] else pl.col(name)).cast(pl.Categorical) for name in TEXTS]


def _plainly_usable(values: dict[str, list[str]], month: str) -> pl.Expr:
    """Which rows `_reason` would not object to, and have an ID that needs no stripping; when in doubt, not."""
    longitude, latitude = pl.col("longitude_number"), pl.col("latitude_number")
    nowhere = pl.col("longitude").is_null() & pl.col("latitude").is_null()
    checks = [
        pl.col("month") == month,
        pl.col("crime_type").is_not_null(),
        nowhere | (longitude.is_between(*LONGITUDES) & latitude.is_between(*LATITUDES)),
        pl.col("crime_id").is_null() | pl.col("key").is_not_null(),
    ]
    odd = {
        "crime_type": [value for value in values["crime_type"] if value not in crime_types()],
        "lsoa_code": [value for value in values["lsoa_code"] if not re.fullmatch(LSOA_CODE, value)],
    }
    checks += [~pl.col(name).is_in(texts).fill_null(value=False) for name, texts in odd.items() if texts]
    return pl.all_horizontal(check.fill_null(value=False) for check in checks)


def _tidy(values: dict[str, list[str]]) -> list[pl.Expr]:
    """Free text without surrounding spaces; empty if it only says that there is no text."""
    tidied = []
    for name in FREE_TEXTS:
        odd = [value for value in values[name] if value != value.strip() or value in UNNAMED]
        tidy = dict(zip(odd, pl.Series(odd, dtype=pl.String).str.strip_chars(), strict=True)) if odd else {}
        empty = [value for value, text in tidy.items() if not text or (name == "location" and text in UNNAMED)]
        spaced = {value: text for value, text in tidy.items() if value != text and value not in empty}
        column = pl.col(name)
        if spaced:
            column = column.cast(pl.String).replace(spaced).cast(pl.Categorical)
        if empty:
            column = pl.when(~pl.col(name).is_in(empty)).then(column)
        if odd:
            tidied.append(column.alias(name))
    return tidied


def _judge_with_care(rows: pl.DataFrame, month: str) -> _Judged:
    """Strip every field and give each row that cannot be used its `reason`."""
    texts = [pl.col(name).fill_null("").str.strip_chars() for name in COLUMNS.values()]
    rows = rows.with_columns(texts).with_columns(crime_type=_spelling(pl.col("crime_type")))
    rows = rows.with_columns(reason=_reason(month))
    return _Judged(_type(rows.filter(pl.col("reason").is_null())), _aside(rows), Counter({0: rows.height}))


def _aside(rows: pl.DataFrame) -> pl.DataFrame:
    return rows.filter(pl.col("reason").is_not_null()).select(
        "reason", "file", "line", "crime_type", *_original_in(rows)
    )


def _aside_of_none() -> pl.DataFrame:
    return _aside(no_rows().with_columns(reason=NO_PROBLEM))


def _original_in(rows: pl.DataFrame) -> list[str]:
    return ["original"] if "original" in rows.columns else []


def _spelling(crime_type: pl.Expr) -> pl.Expr:
    spelling = {known.lower(): known for known in crime_types()}
    return crime_type.str.to_lowercase().replace_strict(spelling, default=crime_type, return_dtype=pl.String)


def _reason(month: str) -> pl.Expr:
    """The first reason why a row cannot be used; null where it can."""
    crime_type = pl.col("crime_type")
    return first_reason(
        [
            ((crime_type == "Crime type") & (pl.col("month") == "Month"), "the header again"),
            *month_checks(pl.col("month"), month),
            (crime_type == "", "no crime type"),
            (~crime_type.is_in(crime_types()), "unknown crime type"),
            *point_checks(),
            LSOA_CHECK,
        ]
    )


def month_checks(found: pl.Expr, month: str) -> list[tuple[pl.Expr, str]]:
    """What can be wrong with the month of a row, as text, in a file of `month`."""
    return [
        (found.str.contains(EXCEL_MONTH), "month has been changed by Excel (Oct-25): download the file again"),
        (~found.str.contains(MONTH), "month is not a month"),
        (found != month, "month is not that of the file"),
    ]


def point_checks() -> list[tuple[pl.Expr, str]]:
    """What can be wrong with `longitude` and `latitude` as text."""
    longitude, latitude = pl.col("longitude"), pl.col("latitude")
    located = (longitude != "") & (latitude != "")
    inside = _number(longitude).is_between(*LONGITUDES) & _number(latitude).is_between(*LATITUDES)
    return [
        ((longitude == "") != (latitude == ""), "one coordinate of two"),
        (located & (_number(longitude).is_null() | _number(latitude).is_null()), "coordinate is not a number"),
        (located & ~inside.fill_null(value=False), "coordinates outside the United Kingdom"),
    ]


def first_reason(checks: Sequence[tuple[pl.Expr, str]]) -> pl.Expr:
    """The first reason why a row cannot be used: its `problem`, or the first check that fails; null where it can."""
    reason = pl.col("problem")
    for fails, text in checks:
        reason = reason.fill_null(pl.when(fails).then(pl.lit(text)))
    return reason


def _number(text: pl.Expr) -> pl.Expr:
    number = text.cast(pl.Float64, strict=False)
    return pl.when(number.is_finite()).then(number)


def _type(rows: pl.DataFrame) -> pl.DataFrame:
    """Usable rows, judged with care, as `_judge` gives them; `original` stays where it is."""
    blank_to_null = [pl.when(pl.col(name) != "").then(pl.col(name)).alias(name) for name in COLUMNS.values()]
    typed = rows.with_columns(blank_to_null).with_columns(
        pl.col("longitude", "latitude").cast(pl.Float64),
        location=pl.when(~pl.col("location").is_in(UNNAMED)).then(pl.col("location")),
        key=id_key(pl.col("crime_id")),
    )
    return typed.with_columns(pl.col(TEXTS).cast(pl.Categorical)).select(*USABLE, *_original_in(rows))


def _account_for(files: Sequence[ReceivedFile], judged: Sequence[_Judged], earlier: Collection[str]) -> CleanedMonth:
    """Put batches together, take out duplicates, and say what became of each row; `file` is a position in `files`."""
    usable = pl.concat([part.usable for part in judged])
    set_aside = [part.aside for part in judged if part.aside is not None]
    aside = pl.concat(set_aside).sort("file", maintain_order=True) if set_aside else _aside_of_none()
    rows_in = sum((part.rows_in for part in judged), Counter[int]())
    _check_usable(files, rows_in, usable, aside)
    keys: Keys = np.sort(usable["key"].drop_nulls().to_numpy())
    repeated = repeated_keys(keys)
    repeats = _find_repeats(files, usable, repeated, earlier)
    records = usable
    if not repeats.is_empty():
        records = usable.with_row_index("row").filter(~pl.col("row").is_in(repeats["row"].implode()))
    forces = pl.Series([received.file.force for received in files], dtype=pl.Categorical)
    return CleanedMonth(
        records=records.with_columns(
            month=pl.lit(files[0].file.month.to_timestamp().date()), force=forces.gather(records["file"])
        ).select(RECORD_COLUMNS),
        keys=keys[np.append(keys[:-1] != keys[1:], True)] if len(keys) else keys,
        quarantine=_with_originals(files, aside).select("reason", "file", "line", "original"),
        duplicates=_with_originals(files, repeats).select("file", "line", "kept", "original"),
        accounts=_accounts(files, rows_in, records, repeats, aside, _odd_ids(usable, repeated)),
    )


def _odd_ids(usable: pl.DataFrame, repeated: pl.Series) -> defaultdict[int, dict[str, Any]]:
    """How many rows of each file have a Crime ID that is not in the published form, and how many repeat one."""
    crime_id, key = pl.col("crime_id"), pl.col("key")
    odd = crime_id.is_not_null() & key.is_null()
    if len(repeated):
        odd |= key.is_in(repeated.implode()) & ~crime_id.str.contains(CRIME_ID)
    return _by_file(usable.filter(odd), odd_ids=pl.len(), repeated_odd_ids=pl.len() - crime_id.n_unique())


def _check_usable(
    files: Sequence[ReceivedFile], rows_in: Counter[int], usable: pl.DataFrame, aside: pl.DataFrame
) -> None:
    """Stop where setting rows aside would make a month look quiet: a new crime type, or a file with nothing left."""
    if aside.is_empty():
        return
    usable_files = set(usable["file"].unique())
    for position in sorted(aside["file"].unique()):
        label, height = files[position].file.label, rows_in[position]
        mine = aside.filter(pl.col("file") == position)
        unknown = mine.filter(pl.col("reason") == "unknown crime type")["crime_type"].value_counts()
        for crime_type, count in unknown.sort("count", "crime_type", descending=[True, False]).iter_rows():
            if count >= 10 and count > 0.01 * height:
                raise InputError(f"{label}: {count} of {height} rows have an {unknown_type_message(crime_type)}")
        if position not in usable_files:
            reasons = mine["reason"].value_counts().sort("count", "reason", descending=[True, False])
            reason, count = reasons.row(0)
            line = mine.filter(pl.col("reason") == reason)["line"][0]
            raise InputError(
                f"{label}: none of its {height} rows can be used; {count} for this reason: {reason} "
                f"(line {line} is the first). Check that the file is what its name says"
            )


def _find_repeats(
    files: Sequence[ReceivedFile], usable: pl.DataFrame, repeated: pl.Series, earlier: Collection[str]
) -> pl.DataFrame:
    """Rows that repeat a Crime ID, in order, each with the row (`kept`) that was kept.

    Of rows with one ID the one with an LSOA is kept, then the one whose case is closed, then the first in order of
    force and line. A crime that an earlier month has is taken out of this one.
    """
    outcome = pl.col("last_outcome_category")
    closed = outcome.is_not_null() & ~outcome.is_in(open_outcomes())
    place = pl.format("{} line {}", _name_of_file(files), "line")
    rows = usable.with_row_index("row")
    ranked = well_formed_ids(rows, repeated).sort(pl.col("lsoa_code").is_null(), ~closed, "row")
    repeats = ranked.with_columns(kept=place.first().over("crime")).filter(pl.col("kept") != place)
    if earlier:
        ids = pl.DataFrame({"crime_id": sorted(earlier)})
        again = well_formed_ids(rows, ids.select(id_key(pl.col("crime_id"))).to_series()).filter(
            pl.col("crime").is_in(ids["crime_id"].implode()) & ~pl.col("row").is_in(repeats["row"].implode())
        )
        repeats = pl.concat([repeats, again.with_columns(kept=pl.lit(EARLIER_MONTH))])
    return repeats.sort("row")


def _name_of_file(files: Sequence[ReceivedFile]) -> pl.Expr:
    names = {position: received.file.name for position, received in enumerate(files)}
    return pl.col("file").replace_strict(names, return_dtype=pl.String)


def _with_originals(files: Sequence[ReceivedFile], rows: pl.DataFrame) -> pl.DataFrame:
    """Rows with their file and line."""
    if not _original_in(rows):
        wanted = {position: rows.filter(pl.col("file") == position) for position in sorted(rows["file"].unique())}
        lines = [
            line for n, mine in wanted.items() for line in original_lines(files[n].content, mine["line"].to_list())
        ]
        rows = rows.sort("file", maintain_order=True).with_columns(original=pl.Series(lines, dtype=pl.String))
    return rows.with_columns(file=_name_of_file(files))


def _accounts(
    files: Sequence[ReceivedFile],
    rows_in: Counter[int],
    records: pl.DataFrame,
    repeats: pl.DataFrame,
    aside: pl.DataFrame,
    odd: defaultdict[int, dict[str, Any]],
) -> tuple[FileAccount, ...]:
    """What became of the rows of each file: one group-by of the rows kept into a few kinds, which are then summed."""
    asb = pl.col("crime_type") == ANTI_SOCIAL_BEHAVIOUR
    no_lsoa, no_point = pl.col("lsoa_code").is_null(), pl.col("longitude").is_null()
    grouped = records.lazy().group_by(
        "file",
        "crime_type",
        no_lsoa=no_lsoa,
        no_point=no_point,
        no_id=pl.col("crime_id").is_null(),
        new_lsoa=pl.col("lsoa_code").is_in(_new_codes(records["lsoa_code"])).fill_null(value=False),
    )
    kinds = grouped.len("rows").collect(engine="streaming")  # in parts: the whole would take much more memory
    rows = pl.col("rows")
    kept = _by_file(
        kinds,
        kept=rows.sum(),
        anti_social_behaviour=rows.filter(asb).sum(),
        no_location=rows.filter("no_lsoa", "no_point").sum(),
        without_lsoa=rows.filter("no_lsoa", ~pl.col("no_point")).sum(),
        without_id=rows.filter("no_id", ~asb).sum(),
        has_lsoa=pl.col("no_lsoa").not_().any(),
        has_new_lsoa=pl.col("new_lsoa").any(),
        types=pl.col("crime_type").unique(),
    )
    taken_out = _by_file(
        repeats,
        duplicates=pl.len(),
        duplicates_of_earlier_month=(pl.col("kept") == EARLIER_MONTH).sum(),
        duplicates_without_location=(no_lsoa & no_point).sum(),
    )
    set_aside = _by_file(aside, quarantined=pl.len(), last_set_aside=pl.col("line").max())
    return tuple(
        _account(
            received, rows_in[position], kept[position] | taken_out[position] | set_aside[position] | odd[position]
        )
        for position, received in enumerate(files)
    )


def _by_file(rows: pl.DataFrame, **figures: pl.Expr) -> defaultdict[int, dict[str, Any]]:
    """Figures of each file, by its position; a file without rows has none."""
    found: defaultdict[int, dict[str, Any]] = defaultdict(dict)
    if rows.is_empty():
        return found
    return found | {row.pop("file"): row for row in rows.group_by("file").agg(**figures).to_dicts()}


def _account(received: ReceivedFile, rows_in: int, figures: dict[str, Any]) -> FileAccount:
    file = received.file
    counts: dict[str, Any] = {name: figures.get(name, 0) for name in (*COUNTED, *ODD_IDS)}
    account = FileAccount(
        month=str(file.month),
        force=file.force,
        file=file.name,
        source=file.label,
        snapshot=file.snapshot,
        snapshot_from=file.snapshot_from,
        sha256=received.sha256,
        bytes=len(received.content),
        rows_in=rows_in,
        lsoa_vintage=_vintage(figures, str(file.month)),
        vocabulary=detect_vocabulary(figures.get("types", ()), file.month),
        last_line=CUT_SHORT if _ends_within(received.content, figures.get("last_set_aside", 0)) else "",
        **counts,
    )
    if account.rows_in != account.kept + account.duplicates + account.quarantined:
        raise AssertionError(f"the account of {file.label} does not balance: {account}")
    return account


def _ends_within(content: bytes, last_set_aside: int) -> bool:
    """Whether a file ends within a row: its last line has no end and could not be used."""
    return bool(content) and content[-1:] != b"\n" and last_set_aside == content.count(b"\n") + 1


def _new_codes(codes: pl.Series) -> list[str]:
    """Those of LSOA codes that are new in 2021: beyond the last of 2011."""
    return [code for code in codes.unique().drop_nulls().cast(pl.String) if code > LAST_2011_LSOA.get(code[0], code)]


def _vintage(figures: dict[str, Any], month: str) -> str:
    """Which vintage a file's LSOA codes are."""
    if not figures.get("has_lsoa"):
        return "none"
    if figures["has_new_lsoa"]:
        return "2021"
    return "2011" if month < FIRST_MONTH_OF_2021_LSOAS else "unclear"
