"""The account of each street file: what became of every row, in numbers that must balance."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final

import pandas as pd
import polars as pl

from hcsp_assess.sources.police_uk.files import StreetFile
from hcsp_assess.sources.police_uk.forms import in_utf8
from hcsp_assess.sources.police_uk.judging import CRIME_ID
from hcsp_assess.subject.crime_types import ANTI_SOCIAL_BEHAVIOUR, detect_vocabulary

EARLIER_MONTH: Final = "an earlier month"
CUT_SHORT: Final = "cut short"
LAST_2011_LSOA: Final = {"E": "E01033768", "W": "W01001958"}
FIRST_MONTH_OF_2021_LSOAS: Final = "2023-06"
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
    read_as : str
        How the file differs from a published one and was read all the same ("semicolons between the columns", "months
        written as Oct-25"), separated by "; "; "" for a file as published.
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
    read_as: str = ""


@dataclass(frozen=True)
class ReceivedFile:
    """A street file and its published bytes, with their checksum."""

    file: StreetFile
    content: bytes
    sha256: str


def accounts_frame(accounts: Sequence[FileAccount]) -> pd.DataFrame:
    """Put accounts in a table, one row for each file, in order of month and force."""
    ordered = sorted(accounts, key=lambda account: (account.month, account.force))
    return pd.DataFrame([asdict(account) for account in ordered], columns=list(FileAccount.__dataclass_fields__))


def accounts_of(
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
    content = in_utf8(content, "").content
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


def odd_ids(usable: pl.DataFrame, repeated: pl.Series) -> defaultdict[int, dict[str, Any]]:
    """How many rows of each file have a Crime ID that is not in the published form, and how many repeat one."""
    crime_id, key = pl.col("crime_id"), pl.col("key")
    odd = crime_id.is_not_null() & key.is_null()
    if len(repeated):
        odd |= key.is_in(repeated.implode()) & ~crime_id.str.contains(CRIME_ID)
    return _by_file(usable.filter(odd), odd_ids=pl.len(), repeated_odd_ids=pl.len() - crime_id.n_unique())
