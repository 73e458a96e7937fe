"""The cleaned records of each of many areas, taken out of an archive once instead of once for each area."""

import io
import logging
import os
import shutil
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import polars as pl

from hcsp_assess.files import (
    DOUBTFUL_NS,
    checked_json,
    is_as_written,
    look_at,
    read_checked_json,
    sha256_of,
    write_whole,
)
from hcsp_assess.sources.police_uk.archive import (
    MANIFEST,
    ROW_GROUP,
    ArchiveAccount,
    account_of,
    read_account,
    read_manifest,
    scan_months,
    scan_parts,
    scan_records,
)
from hcsp_assess.sources.police_uk.beside import scan_beside
from hcsp_assess.sources.police_uk.names import OUTCOMES
from hcsp_assess.subject.areas import Area

logger = logging.getLogger(__name__)
#: Folder of a cleaned archive that holds what was taken out of it, and the file there of records without a location.
BY_AREA: Final = "by_area"
NO_LOCATION: Final = "no_location.parquet"
#: Months of records that are in memory at a time: a million rows of all of England and Wales.
MONTHS_AT_A_TIME: Final = 2
Progress = Callable[[str, int, int], None]


@dataclass(frozen=True)
class AreaRecords:
    """The cleaned records that are counted for an area.

    Attributes
    ----------
    account : ArchiveAccount
        The account of the whole archive.
    inside : polars.LazyFrame
        Records in the area's LSOAs; without an area, in any LSOA.
    no_location : polars.LazyFrame
        Records of all forces without any location, which may be anybody's.
    outcomes : polars.LazyFrame or None
        Rows of outcomes files, at least all of the area's crimes and LSOAs; None without such a file.
    """

    account: ArchiveAccount
    inside: pl.LazyFrame
    no_location: pl.LazyFrame
    outcomes: pl.LazyFrame | None


def records_of(cleaned: Path | str, area: Area | None) -> AreaRecords:
    """Return an area's records from what `take_out` took out, or where that is missing or old, from the archive.

    Raises
    ------
    InputError
        If `cleaned` holds no finished result of `clean_archive`, or a file of it is damaged.
    """
    cleaned = Path(cleaned)
    if area and (found := _taken_out(cleaned, area)):
        return found
    every = scan_records(cleaned)
    code = pl.col("lsoa_code")
    inside = code.is_in(list(area.folds)) if area else code.is_not_null()
    outcomes = scan_beside(cleaned, OUTCOMES)
    return AreaRecords(read_account(cleaned), every.filter(inside), every.filter(_nowhere()), outcomes)


def take_out(source: Path, cleaned: Path, areas: Sequence[Area], *, progress: Progress | None = None) -> None:
    """Take the records of each area, and the outcomes of its crimes, out of a cleaned archive into its `by_area/`.

    Areas whose records were taken out of the same cleaned records before are left as they are. An LSOA may be in
    several areas.

    Parameters
    ----------
    source : Path
        The folder of files as received, which `cleaned` was made from just now.
    cleaned : Path
        What `clean_archive` and `clean_beside` wrote.

    Raises
    ------
    InputError
        If `cleaned` holds no finished result, or a file of it is damaged.
    OSError
        If the folder cannot be written.
    """
    folder = cleaned / BY_AREA
    before = read_checked_json(folder / MANIFEST) or {}
    of = _state_of(cleaned)
    known = before.get("areas", {}) if before.get("of") == of else {}
    entries = {key: entry for key, entry in known.items() if _is_whole(folder, entry)}
    wanted = [area for area in areas if entries.get(area.key, {}).get("codes") != _codes_key(area)]
    if wanted or before.get("of") != of:
        entries |= _take_out(cleaned, wanted, folder, progress)
    manifest = {"of": of, "received": _settled_look(source), "archive": read_manifest(cleaned), "areas": entries}
    write_whole(folder / MANIFEST, checked_json(manifest))
    for path in folder.iterdir():
        if path.is_dir() and path.name not in entries:
            shutil.rmtree(path, ignore_errors=True)


def is_taken_out(source: Path, cleaned: Path, area: Area) -> bool:
    """Whether an area's records were taken out of a source whose files are on the disk as they were then.

    Then nothing need be read or cleaned. Files are compared by name, size, times of change and number on the disk.
    """
    manifest = read_checked_json(cleaned / BY_AREA / MANIFEST) if (cleaned / BY_AREA / MANIFEST).is_file() else None
    if not manifest or not manifest["received"] or manifest["received"] != _look(source)[0]:
        return False
    return _is_of(manifest, cleaned) and _codes_key(area) == manifest["areas"].get(area.key, {}).get("codes")


def _taken_out(cleaned: Path, area: Area) -> AreaRecords | None:
    folder = cleaned / BY_AREA
    manifest = read_checked_json(folder / MANIFEST) if (folder / MANIFEST).is_file() else None
    entry = manifest["areas"].get(area.key) if manifest else None
    if not manifest or not entry or entry["codes"] != _codes_key(area) or not _is_of(manifest, cleaned):
        return None
    if not _is_whole(folder, entry):
        return None
    parts = [folder / name for name in entry["files"]]
    account = account_of(manifest["archive"])
    outcomes = [folder / name for name in entry["outcomes"]]
    held = pl.scan_parquet(outcomes, hive_partitioning=False) if outcomes else None
    return AreaRecords(account, scan_parts(parts), scan_parts([folder / NO_LOCATION]), held)


def _is_of(manifest: dict[str, Any], cleaned: Path) -> bool:
    """Whether it was taken out of what `cleaned` now holds, cleaned by these rules."""
    try:
        return bool(manifest["of"] == _state_of(cleaned) and read_manifest(cleaned))
    except OSError:
        return False


def _state_of(cleaned: Path) -> str:
    """One checksum of the cleaned records and, if there are any, the cleaned outcomes."""
    outcomes = cleaned / OUTCOMES / MANIFEST
    return sha256_of(cleaned / MANIFEST) + (sha256_of(outcomes) if outcomes.is_file() else "")


def _is_whole(folder: Path, entry: dict[str, Any]) -> bool:
    files = entry["files"] | entry["outcomes"] | entry["beside"]
    return all(is_as_written(folder / name, sha256) for name, sha256 in files.items())


def _codes_key(area: Area) -> str:
    return sha256_of(" ".join(sorted(area.folds)).encode())


def _nowhere() -> pl.Expr:
    return pl.col("lsoa_code").is_null() & pl.col("longitude").is_null()


def _take_out(cleaned: Path, areas: Sequence[Area], folder: Path, progress: Progress | None) -> dict[str, Any]:
    """Write the parts of some areas; return their entries in the manifest."""
    in_area = pl.DataFrame(
        [(code, number) for number, area in enumerate(areas) for code in area.folds],
        schema={"lsoa_code": pl.String, "area": pl.UInt16},
        orient="row",
    )
    months = read_manifest(cleaned)["months"]
    files, outcomes = _Parts(areas, folder), _Parts(areas, folder)
    crimes, nowhere = [], []
    for number, chunk in enumerate(_chunks(list(months)), start=1):
        if progress:
            progress("taking out the records of each area", (number - 1) * MONTHS_AT_A_TIME, len(months))
        records = scan_months(cleaned, {month: months[month] for month in chunk}).collect()
        nowhere.append(records.filter(_nowhere()))
        located = records.join(in_area, on="lsoa_code", how="inner", maintain_order="left")
        files.write(located, f"{number:03}")
        crimes.append(located.select("area", crime=_hash("crime_id")).drop_nulls())
    every = scan_beside(cleaned, OUTCOMES)
    if every is not None:
        known = pl.concat(crimes).unique()
        held = every.select(pl.col("month").unique().sort()).collect()["month"].to_list()
        for number, chunk in enumerate(_chunks(held), start=1):
            if progress:
                progress("taking out the outcomes of each area", (number - 1) * MONTHS_AT_A_TIME, len(held))
            rows = every.filter(pl.col("month").is_in(chunk)).collect()
            outcomes.write(_of_areas(rows, known, in_area), f"outcomes-{number:03}")
    beside = {NO_LOCATION: _write(pl.concat(nowhere), folder / NO_LOCATION)}
    return {
        area.key: {
            "codes": _codes_key(area),
            "files": files.written[area.key],
            "outcomes": outcomes.written[area.key],
            "beside": beside,
        }
        for area in areas
    }


@dataclass
class _Parts:
    """Files of each area, with their checksums; one without a row has one file all the same, which is empty."""

    areas: Sequence[Area]
    folder: Path

    def __post_init__(self) -> None:
        self.written: dict[str, dict[str, str]] = {area.key: {} for area in self.areas}

    def write(self, rows: pl.DataFrame, name: str) -> None:
        """Write the part that each area has of some rows, whose column `area` is its number."""
        parts = rows.partition_by("area", as_dict=True, include_key=False)
        empty = rows.clear().drop("area")
        for number, (key, written) in enumerate(self.written.items()):
            part = parts.get((number,), empty)
            if part.height or not written:
                written[f"{key}/{name}.parquet"] = _write(part, self.folder / key / f"{name}.parquet")


def _of_areas(rows: pl.DataFrame, crimes: pl.DataFrame, in_area: pl.DataFrame) -> pl.DataFrame:
    """Rows of outcomes files for each area: of its crimes, wherever they say that they are, and those in its LSOAs.

    Crimes are compared by a hash of their ID: of the rows that another crime's hash brings along, none is counted.
    """
    numbered = rows.with_row_index("row")
    by_crime = (
        numbered.select("row", crime=_hash("crime_id")).drop_nulls().join(crimes, on="crime").select("row", "area")
    )
    by_place = numbered.select("row", pl.col("lsoa_code").cast(pl.String)).join(in_area, on="lsoa_code")
    wanted = pl.concat([by_crime, by_place.select("row", "area")]).unique().sort("row", "area")
    return wanted.join(numbered, on="row", how="inner", maintain_order="left").drop("row")


def _hash(column: str) -> pl.Expr:
    return pl.col(column).str.to_lowercase().hash(seed=1)


def _chunks(months: Sequence[Any]) -> Iterator[Sequence[Any]]:
    for start in range(0, len(months), MONTHS_AT_A_TIME):
        yield months[start : start + MONTHS_AT_A_TIME]


def _write(records: pl.DataFrame, path: Path) -> str:
    content = io.BytesIO()
    records.write_parquet(content, compression="lz4", statistics=False, row_group_size=ROW_GROUP)
    write_whole(path, content.getvalue())
    return sha256_of(content.getvalue())


def _settled_look(source: Path) -> str:
    """A checksum of how the files look; waits until no file could change again in the same tick of a clock."""
    look, newest = _look(source)
    doubtful = newest + DOUBTFUL_NS - time.time_ns()
    if 0 < doubtful <= DOUBTFUL_NS:
        time.sleep(doubtful / 1e9)
        return look if _look(source)[0] == look else ""
    return look if doubtful <= 0 else ""


def _look(source: Path) -> tuple[str, int]:
    """One checksum of how all files below a folder look on the disk, and the newest time of change."""
    paths = (Path(place, name) for place, _, names in os.walk(source) for name in names)
    looks = {str(path.relative_to(source)): look_at(path) for path in paths}
    text = "\n".join(f"{name}\0{look}" for name, look in sorted(looks.items()))
    return sha256_of(text.encode(errors="surrogateescape")), max((max(look[1:3]) for look in looks.values()), default=0)
