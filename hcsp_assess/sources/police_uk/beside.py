"""Clean outcomes and stop and search files, with the same checks and account as street files."""

import io
import shutil
from collections.abc import Callable, Collection, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Final

import pandas as pd
import polars as pl

from hcsp_assess.errors import InputError
from hcsp_assess.files import checked_json, csv_bytes, is_as_written, read_checked_json, sha256_of, write_whole
from hcsp_assess.sources.police_uk.files import (
    ChosenFile,
    choose_files,
    find_files,
    read_simulated_mark,
)
from hcsp_assess.sources.police_uk.judging import (
    LSOA_CHECK,
    UNNAMED,
    first_reason,
    month_checks,
    months_in_other_forms,
    point_checks,
)
from hcsp_assess.sources.police_uk.layouts import OUTCOMES_LAYOUT, STOPS_LAYOUT, Layout
from hcsp_assess.sources.police_uk.names import OUTCOMES, STOP_AND_SEARCH
from hcsp_assess.sources.police_uk.reading import open_street, original_lines, read_rows

RULES: Final = 3  # raise it when a rule, or what is recorded of a file, changes
MANIFEST: Final = "manifest.json"
YES_OR_NO: Final = ("part_of_operation", "outcome_linked", "more_than_outer_clothing")
UTC, HERE = "UTC", "Europe/London"


@dataclass(frozen=True)
class RowAccount:
    """What became of each row of one file: rows_in = kept + quarantined, exactly.

    Attributes
    ----------
    kind : str
        "outcomes" or "stop-and-search".
    month, force, file, source, snapshot, snapshot_from, sha256, bytes, superseded, identical
        As in `FileAccount`.
    rows_in, kept, quarantined : int
        Lines below the header, and what became of them.
    duplicates : int
        Kept rows that equal an earlier row of the file. None is taken out: a crime may have two suspects with the same
        outcome, and two searches at one place and minute are equal once they are anonymised.
    no_location : int
        Kept rows without coordinates.
    without_id : int
        Kept rows of outcomes without a Crime ID, which can be joined to no crime; 0 for searches.
    read_as : str
        As in `FileAccount`.
    """

    kind: str
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
    quarantined: int
    duplicates: int
    no_location: int
    without_id: int
    superseded: str = ""
    identical: str = ""
    read_as: str = ""


@dataclass(frozen=True)
class CleanedFile:
    """One file, cleaned, as polars frames.

    Attributes
    ----------
    records : polars.DataFrame
        Rows kept, typed, with `month` (first day), `force` and `line`.
    quarantine : polars.DataFrame
        Rows that cannot be used: `reason`, `file`, `line`, `original`.
    """

    records: pl.DataFrame
    quarantine: pl.DataFrame
    account: RowAccount


@dataclass(frozen=True)
class _Kind:
    """How files of one kind are judged: its layout, checks for a month, and typed columns."""

    layout: Layout
    checks: Callable[[str], list[tuple[pl.Expr, str]]]
    typed: tuple[pl.Expr, ...]


def clean_beside(source: Path | str, out: Path | str, kind: str) -> tuple[RowAccount, ...]:
    """Clean every file of a kind in a folder or zip into the folder `out`/`kind`.

    It then holds `records/YYYY-MM-FORCE.parquet`, `quarantine/YYYY-MM-FORCE.csv` (rows that cannot be used, each with
    its reason, file, line number and the line itself), `account.csv` and `manifest.json`. Files with the checksum of
    the last run are not cleaned again, unless what was written of them is damaged. Where the source has no such file,
    the folder goes.

    Parameters
    ----------
    source : Path or str
        As `find_street_files`; the newest snapshot of a month and force is used.
    kind : str
        "outcomes" or "stop-and-search".

    Returns
    -------
    tuple of RowAccount
        One for each file, in order of month and force; each balances. Empty where there is no such file.

    Raises
    ------
    InputError
        If a file is damaged, not of that kind, or has no row that can be used; if a month is there twice with
        different content in one snapshot; if real and simulated files are mixed; or if `out` cannot be written.
    """
    chosen, folder = choose_files(find_files(source, kind)), Path(out) / kind
    if not chosen:
        shutil.rmtree(folder, ignore_errors=True)
        return ()
    read_simulated_mark(source, [choice.file for choice in chosen])
    before = _read_manifest(folder)
    try:
        entries = {_stem(choice): _clean_if_changed(choice, folder, before) for choice in chosen}
        accounts = tuple(RowAccount(**entry["account"]) for entry in entries.values())
        _take_out_old(folder, entries)
        write_whole(folder / "account.csv", csv_bytes(pd.DataFrame(map(asdict, accounts))))
        write_whole(folder / MANIFEST, checked_json({"rules": _rules(), "files": entries}))
    except OSError as error:
        raise InputError(
            f"cannot write to {folder}: {error.strerror or error}. Free some space, and run again"
        ) from error
    return accounts


def scan_beside(out: Path | str, kind: str) -> pl.LazyFrame | None:
    """All cleaned records of a kind, lazily, or None if `clean_beside` found no such file.

    Raises
    ------
    InputError
        If a file differs from its checksum.
    """
    folder = Path(out) / kind
    entries = _read_manifest(folder)
    for stem, entry in entries.items():
        if not _as_written(folder, entry):
            raise InputError(f"the cleaned records of {stem} in {folder} are damaged or missing: clean them again")
    return pl.scan_parquet([folder / _records_name(stem) for stem in entries]) if entries else None


def read_accounts_beside(out: Path | str, kind: str) -> tuple[RowAccount, ...]:
    """The accounts that `clean_beside` wrote; may be empty."""
    return tuple(RowAccount(**entry["account"]) for entry in _read_manifest(Path(out) / kind).values())


def clean_file(choice: ChosenFile, content: bytes) -> CleanedFile:
    """Clean one file of outcomes, or of stop and search.

    Parameters
    ----------
    content : bytes
        Its published bytes.

    Raises
    ------
    InputError
        As `clean_beside`.
    """
    file, kind = choice.file, KINDS[choice.file.kind]
    opened = open_street(content, file.label, kind.layout)
    rows = read_rows(opened)
    texts = list(kind.layout.columns.values())
    rows = rows.with_columns(pl.col(texts).fill_null("").str.strip_chars())
    rows, forms = _with_months(rows, str(file.month), opened.read_as)
    rows = rows.with_columns(reason=first_reason(kind.checks(str(file.month))))
    aside, usable = rows.filter(pl.col("reason").is_not_null()), rows.filter(pl.col("reason").is_null())
    if usable.is_empty() and not rows.is_empty():
        reason, line = aside["reason"][0], aside["line"][0]
        raise InputError(
            f"{file.label}: none of its {rows.height} rows can be used; the first for this reason: {reason} "
            f"(line {line}). Check that the file is what its name says"
        )
    repeats = usable.height - usable.n_unique(texts)
    typed = [pl.when(pl.col(name) != "").then(pl.col(name)).alias(name) for name in texts]
    records = usable.with_columns(typed).with_columns(
        pl.col("longitude", "latitude").cast(pl.Float64),
        *kind.typed,
        month=pl.lit(file.month.to_timestamp().date()),
        force=pl.lit(file.force),
    )
    return CleanedFile(
        records=records.drop("problem", "reason"),
        quarantine=aside.with_columns(
            file=pl.lit(choice.file.name),
            original=pl.Series(original_lines(content, aside["line"].to_list()), dtype=pl.String),
        ).select("reason", "file", "line", "original"),
        account=replace(_account(choice, content, records, aside, repeats), read_as="; ".join(forms)),
    )


def _with_months(rows: pl.DataFrame, month: str, forms: Sequence[str]) -> tuple[pl.DataFrame, list[str]]:
    """Rows with months as "2024-03", and the forms of the file with that of its months, if it is another."""
    read = months_in_other_forms(rows["month"], month) if "month" in rows.columns else {}
    if not read:
        return rows, [*forms]
    return rows.with_columns(pl.col("month").replace(read)), [*forms, f"months written as {min(read)}"]


def _account(
    choice: ChosenFile, content: bytes, records: pl.DataFrame, aside: pl.DataFrame, repeats: int
) -> RowAccount:
    file = choice.file
    return RowAccount(
        kind=file.kind,
        month=str(file.month),
        force=file.force,
        file=file.name,
        source=file.label,
        snapshot=file.snapshot,
        snapshot_from=file.snapshot_from,
        sha256=sha256_of(content),
        bytes=len(content),
        rows_in=records.height + aside.height,
        kept=records.height,
        quarantined=aside.height,
        duplicates=repeats,
        no_location=records["longitude"].null_count(),
        without_id=records["crime_id"].null_count() if "crime_id" in records.columns else 0,
        superseded="; ".join(choice.superseded),
        identical="; ".join(choice.identical),
    )


def _outcome_checks(month: str) -> list[tuple[pl.Expr, str]]:
    outcome = pl.col("outcome")
    return [
        ((outcome == "Outcome type") & (pl.col("month") == "Month"), "the header again"),
        *month_checks(pl.col("month"), month),
        (outcome == "", "no outcome type"),
        *point_checks(),
        LSOA_CHECK,
    ]


def _stop_checks(month: str) -> list[tuple[pl.Expr, str]]:
    """A search late on the last evening of a month has a time in universal time that is of the month before."""
    moment = _moment()
    here, there = (moment.dt.convert_time_zone(zone).dt.strftime("%Y-%m") for zone in (HERE, UTC))
    return [
        ((pl.col("type") == "Type") & (pl.col("date") == "Date"), "the header again"),
        (moment.is_null(), "date is not a date"),
        ((here != month) & (there != month), "date is not in the month of the file"),
        (pl.col("type") == "", "no type of search"),
        *point_checks(),
    ]


def _moment() -> pl.Expr:
    whole = pl.when(pl.col("date").str.len_chars() == len("2024-03-01")).then(pl.col("date") + "T00:00:00+00:00")
    text = whole.otherwise(pl.col("date")).str.replace("Z$", "+00:00")
    return text.str.to_datetime("%Y-%m-%dT%H:%M:%S%z", time_zone=UTC, strict=False)


KINDS: Final = {
    OUTCOMES: _Kind(
        OUTCOMES_LAYOUT,
        _outcome_checks,
        (pl.when(~pl.col("location").is_in([*UNNAMED, "No location"])).then(pl.col("location")).alias("location"),),
    ),
    STOP_AND_SEARCH: _Kind(
        STOPS_LAYOUT,
        _stop_checks,
        (
            _moment().alias("date"),
            *(
                pl.col(name).str.to_lowercase().replace_strict({"true": True, "false": False}, default=None).alias(name)
                for name in YES_OR_NO
            ),
        ),
    ),
}


def _clean_if_changed(choice: ChosenFile, folder: Path, before: dict[str, Any]) -> dict[str, Any]:
    """Clean a file unless that was done already; return its entry in the manifest."""
    content = choice.file.read_bytes()
    stem = _stem(choice)
    earlier = before.get(stem)
    if earlier and earlier["account"]["sha256"] == sha256_of(content) and _as_written(folder, earlier):
        now = {"source": choice.file.label, "snapshot": choice.file.snapshot}
        now |= {"snapshot_from": choice.file.snapshot_from}
        now |= {"superseded": "; ".join(choice.superseded), "identical": "; ".join(choice.identical)}
        return {"account": earlier["account"] | now, "outputs": earlier["outputs"]}
    cleaned = clean_file(choice, content)
    records = io.BytesIO()
    cleaned.records.write_parquet(records)
    outputs = {_records_name(stem): records.getvalue()}
    (folder / _quarantine_name(stem)).unlink(missing_ok=True)
    if cleaned.quarantine.height:
        outputs[_quarantine_name(stem)] = cleaned.quarantine.write_csv().encode()
    for name, written in outputs.items():
        write_whole(folder / name, written)
    checksums = {name: sha256_of(written) for name, written in outputs.items()}
    return {"account": asdict(cleaned.account), "outputs": checksums}


def _stem(choice: ChosenFile) -> str:
    return f"{choice.file.month}-{choice.file.force}"


def _records_name(stem: str) -> str:
    return f"records/{stem}.parquet"


def _quarantine_name(stem: str) -> str:
    return f"quarantine/{stem}.csv"


def _as_written(folder: Path, entry: dict[str, Any]) -> bool:
    return all(is_as_written(folder / name, sha256) for name, sha256 in entry["outputs"].items())


def _take_out_old(folder: Path, stems: Collection[str]) -> None:
    """Take out what was written of files that are no longer there."""
    for name in ("records", "quarantine"):
        for path in (folder / name).glob("*"):
            if path.stem not in stems:
                path.unlink()


def _rules() -> str:
    return f"rules {RULES}, polars {pl.__version__}"


def _read_manifest(folder: Path) -> dict[str, Any]:
    """The last finished run's entry for each file, or {} if there is none or the rules have changed."""
    manifest: dict[str, Any] | None = read_checked_json(folder / MANIFEST)
    return manifest.get("files", {}) if manifest and manifest.get("rules") == _rules() else {}
