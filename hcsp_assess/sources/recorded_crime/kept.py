"""Counted Home Office files, stored as parquet in `data/processed` and verified by checksum when read."""

import io
from pathlib import Path
from typing import Any

import polars as pl

from hcsp_assess.errors import InputError
from hcsp_assess.files import checked_json, read_checked_json, sha256_of, write_whole
from hcsp_assess.sources.recorded_crime.counting import COUNT_COLUMNS, CountedFile, count_file
from hcsp_assess.sources.recorded_crime.groups import definitions_checksum
from hcsp_assess.sources.recorded_crime.streaming import Progress

#: Where they are, in `data/processed`.
FOLDER = "recorded_crime"
#: Changes when files are counted in another way, so that what is kept is counted again.
VERSION = 1


def counted(path: Path, processed: Path, *, progress: Progress | None = None) -> tuple[CountedFile, str]:
    """Return what a file holds: as kept, or counted now and kept.

    Parameters
    ----------
    path : Path
        The file as received.
    processed : Path
        `data/processed` of the project.
    progress : callable, optional
        Called with the stage, and megabytes done and to do.

    Returns
    -------
    CountedFile, str
        And why it was counted now; "" where it was kept.

    Raises
    ------
    InputError
        If the file is missing or cannot be read.
    """
    if not path.is_file():
        raise InputError(f"{path} is not a file: fetch it with hcsp-assess fetch recorded-crime, or give another")
    digest = sha256_of(path)
    parquet = processed / FOLDER / f"{path.name}.parquet"
    known, reason = _kept(parquet, digest)
    if known is not None:
        return known, ""
    found = count_file(path, progress=progress)
    content = io.BytesIO()
    found.counts.write_parquet(content)
    about = {
        "file": path.name,
        "sha256": digest,
        "version": VERSION,
        "definitions": definitions_checksum(),
        "parquet_sha256": sha256_of(content.getvalue()),
        "areas": found.areas.to_dicts(),
        "set_aside": found.set_aside.to_dicts(),
        "sheets": found.sheets,
        "notes": found.notes,
        "by_place": found.by_place,
    }
    write_whole(parquet, content.getvalue())
    write_whole(_about_file(parquet), checked_json(about))
    return found, reason


def _kept(parquet: Path, digest: str) -> tuple[CountedFile | None, str]:
    if not parquet.is_file() or not _about_file(parquet).is_file():
        return None, "counted for the first time"
    damaged = "the stored counts are damaged: counted again"
    try:
        about = read_checked_json(_about_file(parquet))
        if about is None:
            return None, damaged
        if about["sha256"] != digest:
            return None, "the file has changed: counted again"
        if (about["version"], about["definitions"]) != (VERSION, definitions_checksum()):
            return None, "the definitions have changed: counted again"
        content = parquet.read_bytes()
        if about["parquet_sha256"] != sha256_of(content):
            return None, damaged
        return _counted(pl.read_parquet(io.BytesIO(content)), about), ""
    except (OSError, ValueError, KeyError, TypeError, AttributeError, pl.exceptions.PolarsError):
        return None, damaged


def _counted(counts: pl.DataFrame, about: dict[str, Any]) -> CountedFile:
    areas = {**dict.fromkeys(["sheet", "level", "code", "name", "force"], pl.String), "rows": pl.Int64}
    aside = {"sheet": pl.String, "reason": pl.String, "rows": pl.Int64, "offences": pl.Int64, "first_row": pl.Int64}
    return CountedFile(
        counts=counts.select(COUNT_COLUMNS),
        areas=pl.DataFrame(about["areas"], schema=areas),
        set_aside=pl.DataFrame(about["set_aside"], schema=aside),
        sheets=dict(about["sheets"]),
        notes=tuple(about["notes"]),
        by_place=tuple(about["by_place"]),
    )


def _about_file(parquet: Path) -> Path:
    return parquet.with_suffix(".json")
