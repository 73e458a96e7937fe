"""Split a street file that holds several months or forces by the month and force in each row."""

from collections import Counter
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import PurePosixPath

import pandas as pd
import polars as pl

from hcsp_assess.errors import InputError
from hcsp_assess.files import sha256_of
from hcsp_assess.sources.police_uk.files import StreetFile, is_month_of_records
from hcsp_assess.sources.police_uk.forms import in_utf8
from hcsp_assess.sources.police_uk.months import read_months
from hcsp_assess.sources.police_uk.names import force_of
from hcsp_assess.sources.police_uk.reading import open_street, read_rows
from hcsp_assess.sources.police_uk.zips import Archive

#: Share and number of a file's rows that are of other months than its name says, or of a second force, if it is to be
#: split.
MERGED_SHARE, MERGED_ROWS = 0.2, 10
INSTEAD = "Correct it, or put one file for each month there, named like 2024-03-west-mercia-street.csv"


@dataclass(frozen=True)
class MonthOfFile(StreetFile):
    """The rows of one month and force in a file that holds several, or whose name does not give them.

    Attributes
    ----------
    parts : int
        How many months and forces the file holds.
    form : str
        In which encoding the file is, if not in UTF-8.
    lines : frozenset of int
        Numbers of the lines that are its own, and of those above the first row.
    """

    parts: int = 1
    form: str = ""
    lines: frozenset[int] = field(default=frozenset(), compare=False, repr=False)

    @property
    def name(self) -> str:
        """Name of the file as received, with the month and force: "merged.csv (2024-03, west-mercia)"."""
        return f"{PurePosixPath(self.label).name} ({self.month}, {self.force})"

    @property
    def note(self) -> str:
        """How it was made, for the account."""
        split = f"one of {self.parts} parts of a file, by month and force of its rows" if self.parts > 1 else ""
        return "; ".join(filter(None, (self.form, split or "month and force from the rows")))

    def read_bytes(self, archive: Archive | None = None) -> bytes:
        """The file in UTF-8 with the rows of other months and forces blank, so that lines keep their numbers."""
        lines = in_utf8(super().read_bytes(archive), self.label).content.split(b"\n")
        return b"\n".join([line if number in self.lines else b"" for number, line in enumerate(lines, start=1)])

    @cached_property
    def sha256(self) -> str:
        """Checksum of its lines, without the blank ones: that of the month's own file if its lines are the same."""
        return sha256_of(b"".join(line + b"\n" for line in self.read_bytes().split(b"\n") if line))


def split_by_rows(file: StreetFile, content: bytes, *, named: bool) -> list[StreetFile]:
    """Split a street file into its months and forces.

    Parameters
    ----------
    file : StreetFile
        Where the file is; its month and force are used only if it is `named`.
    content : bytes
        Its bytes.
    named : bool
        Whether its name gives a month and force. It is then split only if a fifth of its rows, and at least ten, are of
        other months or of a second force, and some are of its own month: a few other rows are set aside, as in any
        file.

    Returns
    -------
    list of StreetFile
        The file itself if it need not be split; [] if it holds no row.

    Raises
    ------
    InputError
        If it should be split and a row's month or force cannot be read.
    """
    if named and not _is_merged(file, content):
        return [file]
    rows = _whose(content, file.label, file.force if named else "")
    form = "; ".join(in_utf8(content, file.label).read_as)
    groups = rows.group_by("month", "force").agg("line").sort("month", "force").rows()
    above = range(1, min(rows["line"].to_list(), default=1))
    return [
        MonthOfFile(
            *(pd.Period(month, "M"), force, "", "", file.path, file.member, file.label),
            parts=len(groups),
            form=form,
            lines=frozenset(lines).union(above),
        )
        for month, force, lines in groups
    ]


def _is_merged(file: StreetFile, content: bytes) -> bool:
    try:
        rows = read_rows(open_street(content, file.label))
    except InputError:  # said where the file is cleaned
        return False
    months = _with_months(rows, str(file.month))["month_read"].drop_nulls()
    others = int((months != str(file.month)).sum())
    if others == len(months):
        return False
    forces = Counter[str]()
    for name, number in rows["reported_by"].drop_nulls().value_counts().iter_rows():
        forces[force_of(name) or ""] += number
    del forces[""]
    of_other_forces = forces.total() - max(forces.values(), default=0)
    return max(others, of_other_forces) >= max(MERGED_ROWS, MERGED_SHARE * rows.height)


def _with_months(rows: pl.DataFrame, month: str = "") -> pl.DataFrame:
    """Rows with `month_read`, as "2024-03", or null."""
    text = pl.col("month").fill_null("").str.strip_chars()
    read = read_months(rows.select(text.unique().sort()).to_series().to_list(), month)
    possible = {written: found for written, found in read.items() if is_month_of_records(found)}
    return rows.with_columns(month_read=text.replace_strict(possible, default=None, return_dtype=pl.String))


def _whose(content: bytes, label: str, force: str) -> pl.DataFrame:
    """Each row's `line`, `month` and `force`: `force`, if it is given unless the rows give several.

    A heading that is repeated between the rows belongs to the row above it.
    """
    rows = read_rows(open_street(content, label))
    reported = pl.col("reported_by").fill_null("").str.strip_chars()
    again = (pl.col("month") == "Month") & (pl.col("crime_type") == "Crime type")
    names = rows.filter(~again.fill_null(value=False)).select(reported.unique().sort()).to_series().to_list()
    forces = {name: force_of(name) for name in names}
    if force and len(set(forces.values())) <= 1:
        forces = dict.fromkeys(names, force)
    known = {name: found for name, found in forces.items() if found}
    found = _with_months(rows).with_columns(
        force_read=reported.replace_strict(known, default=None, return_dtype=pl.String)
    )
    read = pl.col("month_read", "force_read")
    found = found.with_columns(pl.when(again).then(read.forward_fill()).otherwise(read).name.keep())
    _require(found, label)
    return found.select("line", month="month_read", force="force_read")


def _require(rows: pl.DataFrame, label: str) -> None:
    """Stop at the first row that cannot be given to a month and force."""
    wanting = rows.filter(pl.col("month_read").is_null() | pl.col("force_read").is_null())
    if wanting.is_empty():
        return
    row = wanting.row(0, named=True)
    if row["problem"]:
        why = f"cannot be taken apart ({row['problem']})"
    elif row["month_read"] is None:
        why = f"has no month that can be read with certainty ({row['month'] or 'blank'})"
    else:
        why = f"does not say which force it was reported by ({row['reported_by'] or 'blank'})"
    raise InputError(
        f"{label} is to be split by the month and force of its rows, and line {row['line']} {why}; "
        f"so it is with {wanting.height:,} of its {rows.height:,} rows. {INSTEAD}"
    )
