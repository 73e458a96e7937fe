"""Clean an archive month by month: only new months are cleaned, and files are written whole."""

import csv
import io
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass, replace
from itertools import groupby
from pathlib import Path
from typing import Any, Final

import numpy as np
import pandas as pd
import polars as pl

from hcsp_assess.errors import InputError
from hcsp_assess.files import (
    CsvText,
    checked_json,
    csv_bytes,
    is_as_written,
    look_at,
    may_change_unseen,
    read_checked_json,
    sha256_of,
)
from hcsp_assess.sources.police_uk.accounts import FileAccount, ReceivedFile, accounts_frame
from hcsp_assess.sources.police_uk.cleaning import (
    CLEANING_VERSION,
    CleanedMonth,
    clean_month,
    repeated_keys,
    well_formed_ids,
)
from hcsp_assess.sources.police_uk.files import ChosenFile, StreetFile, choose_files, read_simulated_mark
from hcsp_assess.sources.police_uk.finding import look_for_street_files
from hcsp_assess.sources.police_uk.judging import TEXTS, id_key
from hcsp_assess.sources.police_uk.zips import Archive, open_archive

MANIFEST: Final = "manifest.json"
LAST_READ: Final = "last_read.json"  # what received files looked like on disk, so that the same ones need no reading
LAYOUT: Final = 3  # raise it when the same records are written in another way
VERSION: Final = f"rules {CLEANING_VERSION}, layout {LAYOUT}, polars {pl.__version__}"
Progress = Callable[[str, int, int], None]
ROW_GROUP: Final = 20_000  # rows: few enough for the processor's cache as they are written


@dataclass(frozen=True)
class ArchiveAccount:
    """What cleaning an archive resulted in.

    Attributes
    ----------
    files : tuple of FileAccount
        One for each file used, in order of month and force; each balances.
    cleaned : tuple of str
        Months cleaned in this run; the others were taken from the run before.
    mark : dict
        What `SIMULATED.toml` says of a simulated archive (`simulated`, its seed and version); {} for a real one.
    passed_over : tuple of str
        A sentence for each file that nearly is a monthly file and was not read: why not, and what to do.
    """

    files: tuple[FileAccount, ...]
    cleaned: tuple[str, ...]
    mark: dict[str, Any]
    passed_over: tuple[str, ...] = ()

    @property
    def simulated(self) -> bool:
        """Whether the archive declares its records simulated."""
        return bool(self.mark.get("simulated", False))

    @property
    def rows_in(self) -> int:
        """Rows received, of all files."""
        return sum(file.rows_in for file in self.files)

    def to_frame(self) -> pd.DataFrame:
        """The account as a table, one row for each file."""
        return accounts_frame(self.files)


def clean_archive(source: Path | str, out: Path | str, *, progress: Progress | None = None) -> ArchiveAccount:
    """Clean every street file of a folder or zip into a folder.

    `out` then holds `records/month=YYYY-MM/street.parquet` (typed records), `quarantine/YYYY-MM.csv` (rows that cannot
    be used, each with a reason, its file, its line number and the line itself), `duplicates/YYYY-MM.csv` (rows that
    repeat a Crime ID), `account.csv` (see `FileAccount`), and what the next run needs (`ids/`, `manifest.json`,
    `last_read.json`). It mirrors the source: a month taken out of the source goes from `out` too.

    Months whose files have not changed since the last run (same checksum, same rules) are not cleaned again, and files
    that have not been touched on the disk are not read again. Every file of the earlier result is compared with its
    checksum first: a damaged one is logged, and its month cleaned again. The result is the same, byte for byte, as that
    of a run from scratch. A run that fails or is stopped leaves the earlier result.

    Parameters
    ----------
    source : Path or str
        As `find_street_files`.
    out : Path or str
        Folder for the result; made if need be.
    progress : callable, optional
        Called with what is being done, how many months are done, and how many there are.

    Raises
    ------
    InputError
        If the source has no street files, a file is damaged or not a street file, a month is there twice with different
        content, or `out` cannot be written (a full disk).
    """
    out = Path(out)
    found = look_for_street_files(source)
    mark = read_simulated_mark(source, found.files)
    chosen = choose_files(found.files)
    with _disk_errors(out):
        before = read_manifest(out).get("months", {})
        out.mkdir(parents=True, exist_ok=True)
        staging = out / ".staging"
        shutil.rmtree(staging, ignore_errors=True)
        staging.mkdir()
        try:
            touched = _last_touched(chosen)
            with _open_zips(chosen) as zips:
                run = _Run(out, staging, zips, before, _untouched(out, touched))
                months = _clean_months(chosen, run, progress)
            _take_out_repeats(chosen, months, out, staging)
            accounts = [FileAccount(**account) for month in months.values() for account in month["accounts"]]
            _write(staging / "account.csv", csv_bytes(accounts_frame(accounts)))
            _write(staging / LAST_READ, checked_json(touched))
            cleaned = tuple(month for month in months if (staging / _ids_name(month)).is_file())
            _put_in_place(staging, out, months, mark, found.passed_over)
        finally:
            shutil.rmtree(staging, ignore_errors=True)
    return ArchiveAccount(tuple(accounts), cleaned, mark, found.passed_over)


def read_account(out: Path | str) -> ArchiveAccount:
    """Read the account of an archive that `clean_archive` has cleaned into `out`.

    Raises
    ------
    InputError
        If `out` holds no finished result.
    """
    manifest = read_manifest(Path(out))
    if not manifest:
        raise InputError(
            f"{out} has no street-level records cleaned by this version of the software: clean the archive again"
        )
    return account_of(manifest)


def account_of(manifest: dict[str, Any]) -> ArchiveAccount:
    """Return the account that a manifest of `read_manifest` holds."""
    accounts = [FileAccount(**account) for month in manifest["months"].values() for account in month["accounts"]]
    return ArchiveAccount(tuple(accounts), (), manifest["mark"], tuple(manifest["passed_over"]))


def scan_records(out: Path | str) -> pl.LazyFrame:
    """All cleaned records, lazily, for bulk work; `month` is the first day of the month.

    Raises
    ------
    InputError
        If `out` holds no finished result, or a file of it differs from its checksum.
    """
    read_account(out)
    return scan_months(Path(out), read_manifest(Path(out))["months"])


def scan_months(out: Path, months: Mapping[str, Any]) -> pl.LazyFrame:
    """The cleaned records of some months, lazily.

    Parameters
    ----------
    months : mapping
        Months of a manifest, with their entries.

    Raises
    ------
    InputError
        If a file differs from its checksum.
    """
    for month, entry in months.items():
        name = _records_name(month)
        if not is_as_written(out / name, entry["outputs"][name]):
            raise InputError(f"{out / name} is damaged or missing: clean the archive again")
    return scan_parts([out / _records_name(month) for month in months])


def scan_parts(paths: Sequence[Path]) -> pl.LazyFrame:
    """Files of cleaned records, lazily and in order, with their texts as text."""
    records = pl.scan_parquet(list(paths), hive_partitioning=False)
    return records.with_columns(pl.col(*TEXTS, "force").cast(pl.String))


@dataclass(frozen=True)
class _Run:
    """What cleaning a month needs to know of the run: its folders, open zips, and what the run before left."""

    out: Path
    staging: Path
    zips: dict[Path, Archive]
    before: dict[str, Any]
    untouched: frozenset[str]


def _clean_months(chosen: Sequence[ChosenFile], run: _Run, progress: Progress | None) -> dict[str, Any]:
    """Clean new and changed months; return each month's entry in the manifest."""
    by_month = {str(month): list(files) for month, files in groupby(chosen, key=lambda choice: choice.file.month)}
    entries: dict[str, Any] = {}
    for done, (month, files) in enumerate(by_month.items()):
        if progress:
            progress(f"cleaning {month}", done, len(by_month))
        earlier = run.before.get(month)
        if earlier and not _as_written(run.out, earlier["outputs"]):
            earlier = None
        entries[month] = _as_before(files, earlier, run) or _clean_if_changed(month, files, earlier, run)
    if progress:
        progress("cleaned", len(by_month), len(by_month))
    return entries


def _clean_if_changed(
    month: str, files: Sequence[ChosenFile], earlier: dict[str, Any] | None, run: _Run
) -> dict[str, Any]:
    received = [_receive(choice.file, run.zips.get(choice.file.path)) for choice in files]
    inputs = {one.file.force: one.sha256 for one in received}
    if earlier and earlier["inputs"] == inputs:
        return _carry_over(earlier, files)
    return _stage_month(month, files, received, run.staging)


def _as_before(files: Sequence[ChosenFile], earlier: dict[str, Any] | None, run: _Run) -> dict[str, Any] | None:
    """The entry of a month whose files have not changed since the last run: they need not even be read."""
    if not earlier:
        return None
    sources = {account["force"]: account["source"] for account in earlier["accounts"]}
    if sources != {choice.file.force: choice.file.label for choice in files} or not run.untouched.issuperset(
        sources.values()
    ):
        return None
    return _carry_over(earlier, files)


def _carry_over(earlier: dict[str, Any], files: Sequence[ChosenFile]) -> dict[str, Any]:
    accounts = {account["force"]: account for account in earlier["accounts"]}
    current = [_whence(FileAccount(**accounts[choice.file.force]), choice) for choice in files]
    return earlier | {"accounts": [asdict(account) for account in current]}


def _last_touched(chosen: Sequence[ChosenFile]) -> dict[str, list[int]]:
    """Size, times of change and number on the disk of each file, or of the zip that holds it, by its label."""
    looks = {path: list(look_at(path)) for path in {choice.file.path for choice in chosen}}
    return {choice.file.label: looks[choice.file.path] for choice in chosen}


def _untouched(out: Path, touched: dict[str, list[int]]) -> frozenset[str]:
    """Files that are as the last run read them.

    One that changed shortly before that run ended, or after, may have changed again in the same tick of the clock: it
    is read again.
    """
    path = out / LAST_READ
    last = read_checked_json(path)
    if last is None:
        return frozenset()
    ended = path.stat().st_mtime_ns
    same = {label: look for label, look in touched.items() if last.get(label) == look}
    return frozenset(label for label, look in same.items() if not may_change_unseen(look, ended))


def _receive(file: StreetFile, archive: Archive | None) -> ReceivedFile:
    content = file.read_bytes(archive)
    return ReceivedFile(file, content, sha256_of(content))


@contextmanager
def _open_zips(chosen: Sequence[ChosenFile]) -> Iterator[dict[Path, Archive]]:
    with ExitStack() as stack:
        opened: dict[Path, Archive] = {}
        for path in sorted({choice.file.path for choice in chosen if choice.file.member}):
            opened[path] = open_archive(path)
            stack.enter_context(opened[path])
        yield opened


def _stage_month(
    month: str,
    files: Sequence[ChosenFile],
    received: Sequence[ReceivedFile],
    staging: Path,
    earlier_ids: Sequence[str] = (),
) -> dict[str, Any]:
    """Clean a month, write its part of the result, and return its entry in the manifest."""
    cleaned = clean_month(received, earlier_ids)
    accounts = [_whence(account, choice) for account, choice in zip(cleaned.accounts, files, strict=True)]
    return {
        "inputs": {one.file.force: one.sha256 for one in received},
        "earlier_ids": list(earlier_ids),
        "outputs": _write_month(month, cleaned, staging),
        "accounts": [asdict(account) for account in accounts],
    }


def _write_month(month: str, cleaned: CleanedMonth, staging: Path) -> dict[str, str]:
    """Write the files of a month; return their places in the result and their checksums."""
    outputs = {_records_name(month): io.BytesIO(), _ids_name(month): io.BytesIO()}
    records, ids = outputs.values()
    # Text is in dictionaries, and Crime IDs hardly shrink: compression would cost a tenth of the whole to save little.
    cleaned.records.write_parquet(records, compression="uncompressed", statistics=False, row_group_size=ROW_GROUP)
    np.save(ids, cleaned.keys)
    for name, rows in (("quarantine", cleaned.quarantine), ("duplicates", cleaned.duplicates)):
        if rows.height:
            outputs[f"{name}/{month}.csv"] = io.BytesIO(_csv(rows))
    for name, content in outputs.items():
        _write(staging / name, content.getbuffer())
    return {name: sha256_of(content.getvalue()) for name, content in outputs.items()}


def _records_name(month: str) -> str:
    return f"records/month={month}/street.parquet"


def _ids_name(month: str) -> str:
    return f"ids/{month}.npy"


def _take_out_repeats(chosen: Sequence[ChosenFile], months: dict[str, Any], out: Path, staging: Path) -> None:
    """Clean again each month whose crimes an earlier month has, without them; `months` is brought up to date.

    One sorted array of 64-bit keys holds every Crime ID of the archive: only where two keys are equal are the IDs
    themselves compared. It is made of all months in each run, so that the order in which they arrived makes no
    difference.
    """
    repeated = _repeated_keys([_newest(_ids_name(month), staging, out) for month in months])
    seen: set[str] = set()
    for month, entry in months.items():
        own = _ids_of_keys(_newest(_records_name(month), staging, out), repeated) | set(entry["earlier_ids"])
        drop = sorted(own & seen)
        seen |= own
        if drop != entry["earlier_ids"]:
            files = [choice for choice in chosen if str(choice.file.month) == month]
            received = [_receive(choice.file, None) for choice in files]
            months[month] = _stage_month(month, files, received, staging, drop)


def _repeated_keys(paths: Sequence[Path]) -> pl.Series:
    """Keys that several months have; each month has a key once."""
    keys = np.concatenate([np.load(path, mmap_mode="r") for path in paths])
    keys.sort()
    return repeated_keys(keys)


def _ids_of_keys(records: Path, keys: pl.Series) -> set[str]:
    """The Crime IDs, in small letters, of a month's records that have one of these keys."""
    if keys.is_empty():
        return set()
    ids = pl.scan_parquet(records, hive_partitioning=False).select("crime_id", key=id_key(pl.col("crime_id"))).collect()
    return set(well_formed_ids(ids, keys)["crime"])


def _newest(name: str, staging: Path, out: Path) -> Path:
    """A file of the result: as staged in this run, else as the run before left it."""
    return staging / name if (staging / name).is_file() else out / name


def _whence(account: FileAccount, choice: ChosenFile) -> FileAccount:
    """The account with where the file is now, and what it was chosen over."""
    return replace(
        account,
        source=choice.file.label,
        snapshot=choice.file.snapshot,
        snapshot_from=choice.file.snapshot_from,
        superseded="; ".join(choice.superseded),
        identical="; ".join(choice.identical),
    )


def _csv(rows: pl.DataFrame) -> bytes:
    text = CsvText()
    writer = csv.writer(text, lineterminator=CsvText.ENDS)
    writer.writerow(rows.columns)
    writer.writerows(rows.iter_rows())
    return text.getvalue().encode()


def read_manifest(out: Path) -> dict[str, Any]:
    """The manifest of the last finished run, or {} if there is none or the rules have changed."""
    manifest: dict[str, Any] | None = read_checked_json(out / MANIFEST)
    return manifest if manifest and manifest.get("version") == VERSION else {}


def _as_written(out: Path, outputs: dict[str, str]) -> bool:
    """Whether every file of a month is there and as the run before wrote it."""
    return all(is_as_written(out / name, sha256) for name, sha256 in outputs.items())


def _put_in_place(
    staging: Path, out: Path, months: dict[str, Any], mark: dict[str, Any], passed_over: Sequence[str]
) -> None:
    """Move what was staged into the result; the manifest goes first and comes last: without it, no file is read."""
    manifest = {"version": VERSION, "mark": mark, "months": months, "passed_over": list(passed_over)}
    _write(staging / MANIFEST, checked_json(manifest))
    (out / MANIFEST).unlink(missing_ok=True)
    wanted = {name for entry in months.values() for name in entry["outputs"]}
    for folder in ("records", "ids", "quarantine", "duplicates"):
        for path in sorted((out / folder).rglob("*")):
            if path.is_file() and path.relative_to(out).as_posix() not in wanted:
                path.unlink()
                if not any(path.parent.iterdir()):
                    path.parent.rmdir()
    for path in sorted(path for path in staging.rglob("*") if path.is_file() and path.name != MANIFEST):
        target = out / path.relative_to(staging)
        target.parent.mkdir(parents=True, exist_ok=True)
        path.replace(target)
    (staging / MANIFEST).replace(out / MANIFEST)


def _write(path: Path, content: bytes | memoryview) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)


@contextmanager
def _disk_errors(out: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise InputError(
            f"cannot write to {out}: {error.strerror or error}. Free some space or choose another folder, and run "
            "again. Any earlier result is unchanged"
        ) from error
