"""Clean a whole archive, a month at a time: only what is new, nothing half-written, the same bytes as from scratch."""

import csv
import io
import json
import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass, replace
from itertools import groupby
from pathlib import Path
from typing import Any, Final
from zipfile import ZipFile

import numpy as np
import pandas as pd
import polars as pl

from hcsp_assess.errors import InputError
from hcsp_assess.files import csv_bytes, sha256_of
from hcsp_assess.sources.police_uk.cleaning import (
    CLEANING_VERSION,
    CleanedMonth,
    FileAccount,
    ReceivedFile,
    accounts_frame,
    clean_month,
)
from hcsp_assess.sources.police_uk.files import (
    ChosenFile,
    choose_files,
    find_street_files,
    read_simulated_mark,
)
from hcsp_assess.sources.police_uk.reading import parse_street

MANIFEST: Final = "manifest.json"
VERSION: Final = f"rules {CLEANING_VERSION}, polars {pl.__version__}"
Progress = Callable[[str, int, int], None]
Keys = np.ndarray[tuple[int], np.dtype[np.uint64]]


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
    """

    files: tuple[FileAccount, ...]
    cleaned: tuple[str, ...]
    mark: dict[str, Any]

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
    repeat a Crime ID), `account.csv` (see `FileAccount`), and what the next run needs (`ids/`, `manifest.json`). It
    mirrors the source: a month taken out of the source goes from `out` too.

    Months whose files have not changed since the last run (same checksum, same rules) are not cleaned again. The result
    is the same, byte for byte, as that of a run from scratch. A run that fails or is stopped leaves the earlier result.

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
    files = find_street_files(source)
    mark = read_simulated_mark(source, files)
    chosen = choose_files(files)
    with _disk_errors(out):
        before = _read_manifest(out).get("months", {})
        out.mkdir(parents=True, exist_ok=True)
        staging = out / ".staging"
        shutil.rmtree(staging, ignore_errors=True)
        staging.mkdir()
        try:
            with _open_zips(chosen) as zips:
                months = _clean_months(chosen, zips, before, out, staging, progress)
            _take_out_repeats(chosen, months, out, staging)
            accounts = [FileAccount(**account) for month in months.values() for account in month["accounts"]]
            _write(staging / "account.csv", csv_bytes(accounts_frame(accounts)))
            cleaned = tuple(month for month in months if (staging / "ids" / f"{month}.npy").is_file())
            _put_in_place(staging, out, months, mark)
        finally:
            shutil.rmtree(staging, ignore_errors=True)
    return ArchiveAccount(files=tuple(accounts), cleaned=cleaned, mark=mark)


def read_account(out: Path | str) -> ArchiveAccount:
    """Read the account of an archive that `clean_archive` has cleaned into `out`.

    Raises
    ------
    InputError
        If `out` holds no finished result.
    """
    manifest = _read_manifest(Path(out))
    if not manifest:
        raise InputError(
            f"{out} holds no street-level records that this version of the software cleaned: clean the archive into it"
        )
    accounts = [FileAccount(**account) for month in manifest["months"].values() for account in month["accounts"]]
    return ArchiveAccount(files=tuple(accounts), cleaned=(), mark=manifest["mark"])


def scan_records(out: Path | str) -> pl.LazyFrame:
    """All cleaned records, lazily, for bulk work; `month` is the first day of the month."""
    read_account(out)
    return pl.scan_parquet(str(Path(out) / "records" / "*" / "street.parquet"), hive_partitioning=False)


def _clean_months(
    chosen: Sequence[ChosenFile],
    zips: dict[Path, ZipFile],
    before: dict[str, Any],
    out: Path,
    staging: Path,
    progress: Progress | None,
) -> dict[str, Any]:
    """Clean the months that are new or changed; return what the manifest says of each month."""
    by_month = {str(month): list(files) for month, files in groupby(chosen, key=lambda choice: choice.file.month)}
    entries: dict[str, Any] = {}
    for done, (month, files) in enumerate(by_month.items()):
        if progress:
            progress(f"cleaning {month}", done, len(by_month))
        contents = [choice.file.read_bytes(zips.get(choice.file.path)) for choice in files]
        inputs = {c.file.force: sha256_of(content) for c, content in zip(files, contents, strict=True)}
        earlier = before.get(month)
        if earlier and earlier["inputs"] == inputs and _all_there(out, earlier["outputs"]):
            accounts = {account["force"]: account for account in earlier["accounts"]}
            current = [_whence(FileAccount(**accounts[choice.file.force]), choice) for choice in files]
            entries[month] = earlier | {"accounts": [asdict(account) for account in current]}
        else:
            entries[month] = _stage_month(month, files, contents, staging, np.empty(0, np.uint64))
    if progress:
        progress("cleaned", len(by_month), len(by_month))
    return entries


@contextmanager
def _open_zips(chosen: Sequence[ChosenFile]) -> Iterator[dict[Path, ZipFile]]:
    with ExitStack() as stack:
        paths = sorted({choice.file.path for choice in chosen if choice.file.member})
        yield {path: stack.enter_context(ZipFile(path)) for path in paths}


def _stage_month(
    month: str, files: Sequence[ChosenFile], contents: Sequence[bytes], staging: Path, earlier_keys: Keys
) -> dict[str, Any]:
    received = [
        ReceivedFile(c.file, sha256_of(content), content, parse_street(content, c.file.label))
        for c, content in zip(files, contents, strict=True)
    ]
    cleaned = clean_month(received, pl.Series(earlier_keys))
    accounts = [_whence(account, choice) for account, choice in zip(cleaned.accounts, files, strict=True)]
    outputs = _outputs(month, cleaned, earlier_keys)
    for name, content in outputs.items():
        _write(staging / name, content)
    return {
        "inputs": {file.file.force: file.sha256 for file in received},
        "earlier_keys": [int(key) for key in earlier_keys],
        "outputs": {name: len(content) for name, content in outputs.items()},
        "accounts": [asdict(account) for account in accounts],
    }


def _outputs(month: str, cleaned: CleanedMonth, earlier_keys: Keys) -> dict[str, bytes]:
    """The files of a month, by their place in the result."""
    parquet = io.BytesIO()
    cleaned.records.write_parquet(parquet, compression="zstd", compression_level=1, statistics=True)
    ids = io.BytesIO()
    np.save(ids, np.unique(np.concatenate([cleaned.keys.to_numpy(), earlier_keys])))
    outputs = {f"records/month={month}/street.parquet": parquet.getvalue(), f"ids/{month}.npy": ids.getvalue()}
    for name, rows in (("quarantine", cleaned.quarantine), ("duplicates", cleaned.duplicates)):
        if rows.height:
            outputs[f"{name}/{month}.csv"] = _csv(rows)
    return outputs


def _take_out_repeats(chosen: Sequence[ChosenFile], months: dict[str, Any], out: Path, staging: Path) -> None:
    """Clean again each month whose crimes an earlier month has, without them; `months` is brought up to date.

    One sorted index of 64-bit keys holds every Crime ID of the archive. It is made of all months in each run, so that
    the order in which they arrived makes no difference.
    """
    keys = {month: _load_keys(month, staging, out) for month in months}
    index = np.sort(np.concatenate(list(keys.values())))
    repeated = np.unique(index[1:][index[1:] == index[:-1]])
    seen = np.empty(0, np.uint64)
    for month, own in keys.items():
        again = np.intersect1d(own, repeated, assume_unique=True)
        drop = np.intersect1d(again, seen, assume_unique=True)
        seen = np.union1d(seen, again)
        if drop.tolist() != months[month]["earlier_keys"]:
            files = [choice for choice in chosen if str(choice.file.month) == month]
            contents = [choice.file.read_bytes() for choice in files]
            months[month] = _stage_month(month, files, contents, staging, drop)


def _load_keys(month: str, staging: Path, out: Path) -> Keys:
    staged = staging / "ids" / f"{month}.npy"
    keys: Keys = np.load(staged if staged.is_file() else out / "ids" / f"{month}.npy")
    return keys


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
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(rows.columns)
    writer.writerows(rows.iter_rows())
    return text.getvalue().encode()


def _read_manifest(out: Path) -> dict[str, Any]:
    """What the last finished run wrote; {} where there is none, or where the rules have changed since."""
    path = out / MANIFEST
    try:
        manifest: dict[str, Any] = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}
    except json.JSONDecodeError:
        return {}
    return manifest if manifest.get("version") == VERSION else {}


def _all_there(out: Path, outputs: dict[str, int]) -> bool:
    return all((out / name).is_file() and (out / name).stat().st_size == size for name, size in outputs.items())


def _put_in_place(staging: Path, out: Path, months: dict[str, Any], mark: dict[str, Any]) -> None:
    """Move what was staged into the result; the manifest goes first and comes last: without it nothing is read."""
    manifest = {"version": VERSION, "mark": mark, "months": months}
    _write(staging / MANIFEST, json.dumps(manifest, indent=1, default=str).encode())
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


def _write(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)


@contextmanager
def _disk_errors(out: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise InputError(
            f"cannot write to {out}: {error.strerror or error}. Make room or choose another folder, and run again; "
            "the earlier result, if any, is as it was"
        ) from error
