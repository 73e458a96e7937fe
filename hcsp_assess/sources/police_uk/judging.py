"""Judge rows: which are usable, typed, and which are set aside, each with the first reason why."""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

import polars as pl

from hcsp_assess.sources.police_uk.layouts import COLUMNS
from hcsp_assess.sources.police_uk.months import read_months
from hcsp_assess.sources.police_uk.reading import NO_PROBLEM, Batch, no_rows
from hcsp_assess.subject.crime_types import crime_types

LONGITUDES: Final = (-9.5, 2.5)
LATITUDES: Final = (49.0, 61.5)
CRIME_ID: Final = "^[0-9a-fA-F]{64}$"
ID_LENGTH: Final = 64
MONTH: Final = "^[0-9]{4}-(0[1-9]|1[0-2])$"
LSOA_CODE: Final = "^[EWNS][0-9]{8}$"
LSOA_CHECK: Final = (
    (pl.col("lsoa_code") != "") & ~pl.col("lsoa_code").str.contains(LSOA_CODE),
    "LSOA code is not a code",
)
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


@dataclass(frozen=True)
class Judged:
    """Rows of a batch: those that can be used, typed; those that cannot, with `reason`; how many of each file.

    `months` has, for each file with months in another form than "2025-10", one of them as it is written.
    """

    usable: pl.DataFrame
    aside: pl.DataFrame | None
    rows_in: Counter[int]
    months: dict[int, str] = field(default_factory=dict)


def id_key(crime_id: pl.Expr) -> pl.Expr:
    """The first 16 hexadecimal digits of a Crime ID as a number; null for an ID that has not 64 characters.

    Equal keys say that two IDs may be equal, never that they are.
    """
    lengths = [text.str.len_bytes() == ID_LENGTH for text in (crime_id, crime_id.str.strip_chars())]
    return pl.when(*lengths).then(crime_id.str.head(16).str.to_integer(base=16, dtype=pl.UInt64, strict=False))


def judge(batch: Batch, month: str) -> Judged:
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
        return Judged(usable, None, batch.rows)
    judged = judge_with_care(careful, month)
    both = pl.concat([usable, judged.usable]).sort("file", "line")
    return Judged(both, judged.aside, batch.rows, judged.months)


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


def judge_with_care(rows: pl.DataFrame, month: str) -> Judged:
    """Strip every field and give each row that cannot be used its `reason`."""
    texts = [pl.col(name).fill_null("").str.strip_chars() for name in COLUMNS.values()]
    rows = rows.with_columns(texts).with_columns(crime_type=_spelling(pl.col("crime_type")))
    read = months_in_other_forms(rows["month"], month)
    written = (
        rows.filter(pl.col("month").is_in([text for text, found in read.items() if found == month]))
        .group_by("file")
        .agg(pl.col("month").first())
    )
    rows = rows.with_columns(pl.col("month").replace(read)).with_columns(reason=_reason(month))
    return Judged(
        usable=_type(rows.filter(pl.col("reason").is_null())),
        aside=_aside(rows),
        rows_in=Counter({0: rows.height}),
        months=dict(written.iter_rows()),
    )


def months_in_other_forms(found: pl.Series, month: str) -> dict[str, str]:
    """Months that are written in another form than "2025-10" and leave no doubt in a file of `month`, as "2025-10"."""
    return read_months([text for text in found.unique().sort() if text and not re.fullmatch(MONTH, text)], month)


def _aside(rows: pl.DataFrame) -> pl.DataFrame:
    return rows.filter(pl.col("reason").is_not_null()).select(
        "reason", "file", "line", "crime_type", *original_in(rows)
    )


def aside_of_none() -> pl.DataFrame:
    """No rows set aside, in the columns of those that are."""
    return _aside(no_rows().with_columns(reason=NO_PROBLEM))


def original_in(rows: pl.DataFrame) -> list[str]:
    """The column of original lines, in a list, where rows have one; else they are looked up when needed."""
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
    """Usable rows, judged with care, as `judge` gives them; `original` stays where it is."""
    blank_to_null = [pl.when(pl.col(name) != "").then(pl.col(name)).alias(name) for name in COLUMNS.values()]
    typed = rows.with_columns(blank_to_null).with_columns(
        pl.col("longitude", "latitude").cast(pl.Float64),
        location=pl.when(~pl.col("location").is_in(UNNAMED)).then(pl.col("location")),
        key=id_key(pl.col("crime_id")),
    )
    return typed.with_columns(pl.col(TEXTS).cast(pl.Categorical)).select(*USABLE, *original_in(rows))
