"""Home Office open data tables of recorded crime by partnership, quarter and offence code, since 2002-03."""

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
import polars as pl

from hcsp_assess.errors import InputError
from hcsp_assess.sources.recorded_crime.counting import CountedFile
from hcsp_assess.sources.recorded_crime.kept import counted
from hcsp_assess.sources.recorded_crime.partnerships import Partnership, key_of, partnership_of
from hcsp_assess.sources.recorded_crime.streaming import Progress

#: Where files are, from the project's root, and their endings.
RAW = "data/raw/recorded_crime"
SUFFIXES = (".ods", ".xlsx", ".csv")
COLUMNS = ("quarter", "level", "code", "name", "force", "offence_code", "group", "count")
_FILE_DATE = re.compile(r"(\d{2})(\d{2})(\d{2})(?=\.\w+$)")


@dataclass(frozen=True)
class HomeOfficeCrime:
    """Recorded crime of an area, and of the areas it is compared with, by quarter and offence code.

    Attributes
    ----------
    table : pandas.DataFrame
        `quarter` (Period "Q-MAR": 2012Q1 is April to June 2011), `level` ("partnership"; "unassigned" of the area's
        force; "force", the sum of its partnerships and unassigned rows; "country", the sum of all forces, without the
        British Transport Police), `code`, `name`, `force`, `offence_code`, `group` ("" where none is known), `count`
        (Int64).
    held : pandas.DataFrame
        `quarter` and `group`: which groups the files hold in which quarter, for any area. A group that is held and has
        no row for an area is 0 there; one that is not held is not available.
    account : pandas.DataFrame
        One row for each `file` and `sheet`: rows `read`, and what became of them: `kept` (the area), `comparison`,
        `unassigned` (of the area's force), `outside` (other partnerships and other forces' unassigned), `set_aside`.
        Read is their sum.
    set_aside : pandas.DataFrame
        `file`, `sheet`, `reason`, `rows`, `offences` (the sum of their counts), `first_row`.
    used : pandas.DataFrame
        `quarter` and the `file` that it was taken from: where several have it, the newest.
    notes : tuple of str
        What the files say of the area's force or partnership, and when they were updated.
    said : tuple of str
        What a person should know of the reading: files counted again and why, columns without a heading.
    """

    table: pd.DataFrame
    held: pd.DataFrame
    account: pd.DataFrame
    set_aside: pd.DataFrame
    used: pd.DataFrame
    notes: tuple[str, ...]
    said: tuple[str, ...]


def home_office_files(root: Path) -> list[Path]:
    """Return the tables in `data/raw/recorded_crime` of a project, by name."""
    folder = root / RAW
    found = folder.iterdir() if folder.is_dir() else []
    return sorted(path for path in found if path.suffix.casefold() in SUFFIXES and not path.name.startswith((".", "~")))


def read_home_office(
    paths: Path | Iterable[Path],
    area: str,
    *,
    processed: Path,
    comparison: Collection[str] = (),
    progress: Progress | None = None,
) -> HomeOfficeCrime:
    """Read Home Office tables for one partnership and those it is compared with.

    A file is read once and its counts kept in `data/processed/recorded_crime`, for every area; what is kept is checked
    by checksum and counted again where it is damaged or the file has changed.

    Parameters
    ----------
    paths : Path or iterable of Path
        The files, .ods, .xlsx or .csv. Where two hold the same quarter, the one with the newer date in its name
        (tables-DDMMYY), else the later name, is used.
    area : str
        The partnership, by code, name or district.
    processed : Path
        `data/processed` of the project.
    comparison : collection of str
        Partnerships to compare with, in the same way.
    progress : callable, optional
        Called with the stage, and megabytes done and to do.

    Raises
    ------
    InputError
        If a partnership is not known, or a file cannot be read or holds no such table.

    Notes
    -----
    Rows of one quarter, area and offence are added up: a partnership that merged has one for each former partnership.
    Counts can be negative, where records were cancelled or moved. Fraud is set aside, as in the ONS totals. When the
    figures mislead: docs/recorded-crime.md.
    """
    files = [paths] if isinstance(paths, Path) else list(paths)
    if not files:
        raise InputError(f"there are no tables of recorded crime: put the Home Office's files (prc-csp-...) in {RAW}/")
    here = partnership_of(area)
    others = [each for each in map(partnership_of, comparison) if each.code != here.code]
    read = {path.name: counted(path, processed, progress=progress) for path in sorted(files, key=_age)}
    counts, used = _newest({name: found.counts for name, (found, _) in read.items()})
    said = [f"{name}: {reason}" for name, (_, reason) in read.items() if reason]
    said += [
        f"{name}: no heading over {column}, found by its position"
        for name, (found, _) in read.items()
        for column in found.by_place
    ]
    return HomeOfficeCrime(
        table=_table(counts, here, others),
        held=_with_quarters(_texts(counts.select("quarter", "group").unique()).sort("quarter", "group").to_pandas()),
        account=pd.concat(
            [_account(name, found, here, others) for name, (found, _) in read.items()], ignore_index=True
        ),
        set_aside=pd.concat([_aside(name, found) for name, (found, _) in read.items()], ignore_index=True),
        used=_with_quarters(used.to_pandas()),
        notes=tuple(note for _, (found, _) in read.items() for note in _notes(found, here)),
        said=tuple(said),
    )


def read_all_partnerships(paths: Iterable[Path], *, processed: Path, quarters: int = 9) -> pd.DataFrame:
    """Read the newest quarters of every partnership from Home Office tables, by offence group.

    Parameters
    ----------
    paths, processed
        As `read_home_office`.
    quarters : int
        How many quarters, of the newest that the files have.

    Returns
    -------
    pandas.DataFrame
        `quarter`, `code`, `name`, `force`, `group` ("" where none is known), `count` (Int64): the sum of the rows; a
        partnership without a row for a group and quarter is not there.

    Raises
    ------
    InputError
        As `read_home_office`.
    """
    counts, used = _newest({path.name: counted(path, processed)[0].counts for path in sorted(paths, key=_age)})
    wanted = used["quarter"].sort().tail(quarters).to_list()
    chosen = counts.filter((pl.col("level") == "partnership") & pl.col("quarter").is_in(wanted))
    sums = chosen.group_by("quarter", "code", "name", "force", "group").agg(pl.col("count").sum())
    table = _texts(sums).sort("quarter", "code", "group").to_pandas()
    return _with_quarters(table).astype({"count": "Int64"})


def _age(path: Path) -> tuple[str, str]:
    """The date in a file's name, DDMMYY, as YYMMDD, and the name; the newest is last."""
    match = _FILE_DATE.search(path.name)
    return (f"{match[3]}{match[2]}{match[1]}" if match else "", path.name)


def _newest(by_file: dict[str, pl.DataFrame]) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Take each quarter from the last file that has it."""
    owner: dict[int, str] = {}
    for name, counts in by_file.items():
        owner |= dict.fromkeys(counts["quarter"].unique().to_list(), name)
    if len(by_file) == 1:
        return next(iter(by_file.values())), _used(owner)
    parts = [
        counts.filter(pl.col("quarter").is_in([quarter for quarter, file in owner.items() if file == name]))
        for name, counts in by_file.items()
    ]
    return pl.concat(parts), _used(owner)


def _used(owner: dict[int, str]) -> pl.DataFrame:
    return pl.DataFrame(sorted(owner.items()), schema={"quarter": pl.Int32, "file": pl.String}, orient="row")


def _table(counts: pl.DataFrame, here: Partnership, others: list[Partnership]) -> pd.DataFrame:
    wanted = [each.code for each in (here, *others)]
    forces = {each.force: each.force_code for each in (here, *others)}
    by = ["quarter", "offence_code", "group"]
    rows = counts.filter(
        pl.col("code").is_in(wanted) | ((pl.col("level") == "unassigned") & (pl.col("force") == here.force))
    )
    rows = _texts(rows).select(COLUMNS)
    sums = _texts(
        counts.filter(pl.col("force").is_in(list(forces))).group_by([*by, "force"]).agg(pl.col("count").sum())
    )
    by_force = sums.with_columns(
        pl.lit("force").alias("level"), pl.col("force").replace(forces).alias("code"), pl.col("force").alias("name")
    ).select(COLUMNS)
    country = _texts(counts.group_by(by).agg(pl.col("count").sum())).with_columns(
        pl.lit("country").alias("level"),
        pl.lit("").alias("code"),
        pl.lit("England and Wales without the British Transport Police").alias("name"),
        pl.lit("").alias("force"),
    )
    table = pl.concat([rows, by_force, country.select(COLUMNS)]).sort(
        "quarter", "level", "name", "offence_code", "group"
    )
    return _with_quarters(table.to_pandas()).astype({"count": "Int64"})


def _texts(counts: pl.DataFrame) -> pl.DataFrame:
    """Return categories as texts, of the few rows that are chosen."""
    return counts.with_columns(pl.col(pl.Categorical).cast(pl.String))


def _with_quarters(table: pd.DataFrame) -> pd.DataFrame:
    known = {ordinal: pd.Period(ordinal=int(ordinal), freq="Q-MAR") for ordinal in table["quarter"].unique()}
    return table.assign(quarter=table["quarter"].map(known).astype(pd.PeriodDtype("Q-MAR")))


def _account(name: str, found: CountedFile, here: Partnership, others: list[Partnership]) -> pd.DataFrame:
    codes = [each.code for each in others]
    kind = (
        pl.when(pl.col("code") == here.code).then(pl.lit("kept"))
        .when((pl.col("code") != "") & pl.col("code").is_in(codes)).then(pl.lit("comparison"))
        .when((pl.col("level") == "unassigned") & (pl.col("force") == here.force)).then(pl.lit("unassigned"))
        .otherwise(pl.lit("outside"))
    )  # fmt: skip
    by_kind = found.areas.group_by("sheet", kind.alias("kind")).agg(pl.col("rows").sum())
    tally = {(sheet, what): rows for sheet, what, rows in by_kind.iter_rows()}
    aside = dict(found.set_aside.group_by("sheet").agg(pl.col("rows").sum()).iter_rows())
    rows = [
        {"file": name, "sheet": sheet, "read": read}
        | {what: tally.get((sheet, what), 0) for what in ("kept", "comparison", "unassigned", "outside")}
        | {"set_aside": aside.get(sheet, 0)}
        for sheet, read in found.sheets.items()
    ]
    return pd.DataFrame(rows)


def _aside(name: str, found: CountedFile) -> pd.DataFrame:
    table = found.set_aside.to_pandas()
    table.insert(0, "file", name)
    return table


def _notes(found: CountedFile, here: Partnership) -> list[str]:
    """Lines of the notes that say when the file was updated, or name the force or the partnership."""
    names = [key_of(here.force), key_of(here.name)]
    about = [line for line in found.notes if any(re.search(rf"\b{re.escape(name)}\b", key_of(line)) for name in names)]
    return [line for line in found.notes if re.match(r"updated\b", line, re.IGNORECASE)] + about
