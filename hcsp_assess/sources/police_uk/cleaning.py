"""Clean street files: usable rows without repeats of a crime, the rows set aside, and the account of all."""

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import numpy as np
import pandas as pd
import polars as pl

from hcsp_assess.errors import InputError
from hcsp_assess.files import sha256_of
from hcsp_assess.periods import months_of
from hcsp_assess.sources.police_uk.accounts import EARLIER_MONTH, FileAccount, ReceivedFile, accounts_of, odd_ids
from hcsp_assess.sources.police_uk.files import StreetFile
from hcsp_assess.sources.police_uk.judging import (
    CRIME_ID,
    MONTH,
    RECORD_COLUMNS,
    Judged,
    aside_of_none,
    id_key,
    judge,
    judge_with_care,
    original_in,
)
from hcsp_assess.sources.police_uk.layouts import COLUMNS
from hcsp_assess.sources.police_uk.reading import no_rows, open_street, original_lines, read_batches
from hcsp_assess.subject.crime_types import open_outcomes, unknown_type_message

CLEANING_VERSION: Final = 6  # raise it when a rule, or what is recorded of a file, changes
Keys = np.ndarray[tuple[int], np.dtype[np.uint64]]


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
    judged = judge_with_care(rows.with_columns(file=pl.lit(0, pl.UInt32)), str(received.file.month))
    cleaned = _account_for([received], [judged], frozenset())
    texts = pl.col(pl.Categorical).cast(pl.String)
    records = cleaned.records.with_columns(texts).to_pandas()
    return CleanedStreet(
        records=records.assign(month=months_of(records["month"])),
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
    judged = [judge(batch, month) for batch in batches] or [judge_with_care(no_rows(), month)]
    cleaned = _account_for(ordered, judged, frozenset(earlier_ids))
    forms = [(*opened[received.file.force].read_as, received.file.note) for received in ordered]
    accounts = [
        replace(account, read_as="; ".join(filter(None, (*form, account.read_as))))
        for account, form in zip(cleaned.accounts, forms, strict=True)
    ]
    return replace(cleaned, accounts=tuple(accounts))


def repeated_keys(keys: Keys) -> pl.Series:
    """Of sorted keys those that occur more than once, each once."""
    return pl.Series(np.unique(keys[1:][keys[1:] == keys[:-1]]), dtype=pl.UInt64)


def well_formed_ids(rows: pl.DataFrame, keys: pl.Series) -> pl.DataFrame:
    """Rows with one of these keys whose Crime ID is 64 hexadecimal digits; `crime`: the ID in small letters."""
    some = rows.filter(pl.col("key").is_in(keys.implode())) if len(keys) else rows.clear()
    return some.filter(pl.col("crime_id").str.contains(CRIME_ID)).with_columns(
        crime=pl.col("crime_id").str.to_lowercase()
    )


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


def _account_for(files: Sequence[ReceivedFile], judged: Sequence[Judged], earlier: Collection[str]) -> CleanedMonth:
    """Put batches together, take out duplicates, and say what became of each row; `file` is a position in `files`."""
    usable = pl.concat([part.usable for part in judged])
    set_aside = [part.aside for part in judged if part.aside is not None]
    aside = pl.concat(set_aside).sort("file", maintain_order=True) if set_aside else aside_of_none()
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
        accounts=_with_months(accounts_of(files, rows_in, records, repeats, aside, odd_ids(usable, repeated)), judged),
    )


def _with_months(accounts: Sequence[FileAccount], judged: Sequence[Judged]) -> tuple[FileAccount, ...]:
    """Accounts that say in which other form a file's months are written."""
    found = {position: written for part in judged for position, written in part.months.items()}
    return tuple(
        replace(account, read_as=f"months written as {found[position]}") if position in found else account
        for position, account in enumerate(accounts)
    )


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
    if not original_in(rows):
        wanted = {position: rows.filter(pl.col("file") == position) for position in sorted(rows["file"].unique())}
        lines = [
            line for n, mine in wanted.items() for line in original_lines(files[n].content, mine["line"].to_list())
        ]
        rows = rows.sort("file", maintain_order=True).with_columns(original=pl.Series(lines, dtype=pl.String))
    return rows.with_columns(file=_name_of_file(files))
