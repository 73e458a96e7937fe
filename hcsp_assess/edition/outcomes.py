"""Outcomes of an area's crimes: by month of the crime, crime type and group of outcome, kept beside the counts."""

import gzip
import tomllib
import zlib
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any, Final

import pandas as pd

from hcsp_assess.edition.counts import POLICE_UK, flat_toml
from hcsp_assess.errors import InputError
from hcsp_assess.files import csv_bytes, sha256_of, write_whole
from hcsp_assess.sources.police_uk import read_account, scan_records
from hcsp_assess.sources.police_uk.beside import read_accounts_beside, scan_beside
from hcsp_assess.sources.police_uk.files import OUTCOMES, STREET
from hcsp_assess.subject.areas import Area
from hcsp_assess.subject.crime_types import ANTI_SOCIAL_BEHAVIOUR
from hcsp_assess.subject.outcomes import OTHER_WORDING, group_of_wording, outcome_groups

OUTCOMES_FILE: Final = "outcomes.csv.gz"
ACCOUNT_FILE: Final = "outcomes_account.csv"
SOURCE_FILE: Final = "OUTCOMES.toml"
OUTCOME_FILES: Final = (OUTCOMES_FILE, ACCOUNT_FILE, SOURCE_FILE)
CELL_COLUMNS: Final = ("month", "force", "crime_type", "outcome", "count")
FILE_COLUMNS: Final = ("kind", "month", "force", "file", "snapshot", "snapshot_from", "sha256")
NUMBERS: Final = ("rows_in", "kept", "duplicates", "quarantined", "in_area")
ATTRIBUTION: Final = (
    "Contains public sector information licensed under the Open Government Licence v3.0: street-level crime and "
    "outcomes, data.police.uk"
)


@dataclass(frozen=True)
class OutcomeTable:
    """What happened after crimes were recorded in an area.

    Attributes
    ----------
    cells : pandas.DataFrame
        `month` (of the crime, a monthly period), `force`, `crime_type`, `outcome` (key of a group of
        `definitions/outcomes.toml`), `count` (Int64). Only cells above zero; without anti-social behaviour.
    account : pandas.DataFrame
        One row for each street or outcomes file: `kind`, `month`, `force`, `file`, `snapshot`, `snapshot_from`,
        `sha256`, `rows_in`, `kept`, `duplicates`, `quarantined`, and `in_area`: of a street file the crimes counted
        here, of an outcomes file the rows in the area's LSOAs. Rows of a street file are in = kept + duplicates +
        quarantined; of an outcomes file in = kept + quarantined.
    source : dict
        Publisher, licence, whether it is `simulated`, `crimes_in_outcomes_files` (crimes whose ID an outcomes file
        has), `outcomes_taken_from_files` (those whose outcome is the file's), `other_wordings`.
    area : str
        Key of the area.
    """

    cells: pd.DataFrame
    account: pd.DataFrame
    source: dict[str, Any]
    area: str

    @property
    def simulated(self) -> bool:
        """Whether the crimes are simulated."""
        return bool(self.source.get("simulated", False))

    def months(self, force: str) -> pd.PeriodIndex:
        """The months for which a street file of a force was received."""
        account = self.account
        mine = account[(account["kind"] == STREET) & (account["force"] == force) & (account["rows_in"] > 0)]
        return pd.PeriodIndex(sorted(mine["month"].unique()), freq="M")

    def by_month(self, crime_types: tuple[str, ...], force: str) -> pd.DataFrame:
        """Count crimes of some types by month and group of outcome.

        Returns
        -------
        pandas.DataFrame
            Int64, every group as a column, on the months that the force's files cover: 0 where there was none.
        """
        cells = self.cells[self.cells["crime_type"].isin(crime_types)]
        wide = cells.pivot_table(index="month", columns="outcome", values="count", aggfunc="sum", fill_value=0)
        groups = [group.key for group in outcome_groups()]
        return wide.reindex(index=self.months(force), columns=groups, fill_value=0).astype("Int64")


def count_outcomes(cleaned: Path | str, area: Area) -> OutcomeTable:
    """Count the outcomes of an area's crimes, of what `clean_archive` and `clean_beside` wrote.

    The outcome of a crime is the last outcome in its street file. Where that says that the case is open or gives no
    outcome, or where an outcomes file has one of a later month than the street file's snapshot, the newest outcome of
    the outcomes files counts; they are joined by Crime ID.

    Parameters
    ----------
    cleaned : Path or str
        Folder that both wrote.

    Raises
    ------
    InputError
        If there are no cleaned records.
    """
    import polars as pl  # here, because notebooks load this module and few of them count records

    archive = read_account(cleaned)
    records = scan_records(cleaned).filter(
        pl.col("lsoa_code").is_in(list(area.folds)), pl.col("crime_type") != ANTI_SOCIAL_BEHAVIOUR
    )
    crimes = records.select(
        "month", "force", "crime_type", crime=pl.col("crime_id").str.to_lowercase(), street="last_outcome_category"
    ).collect()
    crimes = _with_outcomes(crimes, cleaned, archive.to_frame())
    cells = crimes.group_by("month", "force", "crime_type", "outcome").agg(count=pl.len()).to_pandas()
    other = crimes.filter(pl.col("outcome") == OTHER_WORDING)["wording"].value_counts(sort=True)
    source = archive.mark | {
        "crimes_in_outcomes_files": int(crimes["in_file"].sum()),
        "outcomes_taken_from_files": int(crimes["from_file"].sum()),
        "other_wordings": "; ".join(f"{wording} ({count})" for wording, count in other.iter_rows()),
    }
    cells = _with_periods(cells).astype({"count": "Int64"})[list(CELL_COLUMNS)]
    cells = cells.sort_values(list(CELL_COLUMNS[:-1]), ignore_index=True)
    return OutcomeTable(cells, _account(cleaned, archive.to_frame(), cells, area), source, area.key)


def write_outcomes(table: OutcomeTable, folder: Path) -> None:
    """Write a table as `outcomes.csv.gz`, `outcomes_account.csv` and `OUTCOMES.toml`; same table, same bytes.

    Raises
    ------
    InputError
        If the folder cannot be written.
    """
    cells, account = (
        csv_bytes(frame.assign(month=frame["month"].astype(str))) for frame in (table.cells, table.account)
    )
    origin = {} if table.simulated else POLICE_UK | {"attribution": ATTRIBUTION}
    checksums = {"outcomes_sha256": sha256_of(cells), "account_sha256": sha256_of(account)}
    source = {**origin, "simulated": table.simulated, **table.source, "area": table.area, **checksums}
    try:
        write_whole(folder / OUTCOMES_FILE, gzip.compress(cells, compresslevel=9, mtime=0))
        write_whole(folder / ACCOUNT_FILE, account)
        write_whole(folder / SOURCE_FILE, flat_toml(source).encode())
    except OSError as error:
        raise InputError(f"cannot write the outcomes to {folder}: {error.strerror or error}") from error


def read_outcomes(folder: Path) -> OutcomeTable | None:
    """Read a table that `write_outcomes` wrote; None where there is none.

    Raises
    ------
    InputError
        If a file is missing or damaged, or differs from the checksum in `OUTCOMES.toml`.
    """
    if not (folder / SOURCE_FILE).is_file():
        return None
    try:
        cells = gzip.decompress((folder / OUTCOMES_FILE).read_bytes())
        account = (folder / ACCOUNT_FILE).read_bytes()
        source = tomllib.loads((folder / SOURCE_FILE).read_text(encoding="utf-8"))
    except (OSError, EOFError, zlib.error, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise InputError(f"the outcomes in {folder} are damaged ({error}): count them again") from error
    for name, content in (("outcomes", cells), ("account", account)):
        if sha256_of(content) != source.pop(f"{name}_sha256", None):
            raise InputError(f"the {name} in {folder} differ from the checksum in {SOURCE_FILE}: count them again")
    return OutcomeTable(
        cells=_read_table(cells, ("count",)).astype({"count": "Int64"}),
        account=_read_table(account, NUMBERS),
        source=source,
        area=str(source.pop("area", "")),
    )


def take_out_outcomes(folder: Path) -> None:
    """Take out what an earlier preparation left, where the source has no outcomes any more."""
    for name in OUTCOME_FILES:
        (folder / name).unlink(missing_ok=True)


def _with_outcomes(crimes: Any, cleaned: Path | str, files: pd.DataFrame) -> Any:
    """Crimes with the `outcome` group that counts, its `wording`, and whether an outcomes file has the crime."""
    import polars as pl

    crimes = crimes.join(_last_of_files(crimes, cleaned), on="crime", how="left")
    snapshots = {(row.month, row.force): str(row.snapshot)[:7] for row in files.itertuples()}
    keys = zip(crimes["month"].dt.strftime("%Y-%m"), crimes["force"], strict=True)
    crimes = crimes.with_columns(snapshot=pl.Series([snapshots[key] for key in keys], dtype=pl.String))
    open_groups = [group.key for group in outcome_groups() if group.open]
    later = pl.col("decided").dt.strftime("%Y-%m") > pl.col("snapshot")
    in_file = pl.col("filed").is_not_null()
    from_file = in_file & (_group("street").is_in(open_groups) | later)
    crimes = crimes.with_columns(in_file=in_file, from_file=from_file)
    wording = pl.when("from_file").then("filed").otherwise("street")
    return crimes.with_columns(wording=wording).with_columns(outcome=_group("wording"))


def _last_of_files(crimes: Any, cleaned: Path | str) -> Any:
    """The newest outcome of each crime in the outcomes files: `crime`, `filed`, `decided` (its month)."""
    import polars as pl

    every = scan_beside(cleaned, OUTCOMES)
    if every is None:
        return pl.DataFrame(schema={"crime": pl.String, "filed": pl.String, "decided": pl.Date})
    found = every.select(
        "line", crime=pl.col("crime_id").str.to_lowercase(), filed="outcome", decided="month"
    ).drop_nulls("crime")
    mine = found.join(crimes.lazy().select("crime").drop_nulls().unique(), on="crime", how="semi")
    last = mine.sort("decided", "line").group_by("crime").agg(pl.col("filed").last(), pl.col("decided").last())
    return last.collect()


def _group(column: str) -> Any:
    import polars as pl

    words = pl.col(column).fill_null("").str.to_lowercase()
    return words.replace_strict(group_of_wording(), default=OTHER_WORDING, return_dtype=pl.String)


def _account(cleaned: Path | str, street: pd.DataFrame, cells: pd.DataFrame, area: Area) -> pd.DataFrame:
    """One row for each street file, then one for each outcomes file."""
    import polars as pl

    counted = cells.groupby(["month", "force"])["count"].sum()
    street = _with_periods(street.assign(kind=STREET))
    beside = _with_periods(pd.DataFrame(vars(one) for one in read_accounts_beside(cleaned, OUTCOMES)))
    every = scan_beside(cleaned, OUTCOMES)
    parts = [(street, counted)]
    if every is not None:
        inside = every.filter(pl.col("lsoa_code").is_in(list(area.folds))).group_by("month", "force").len("count")
        rows = _with_periods(inside.collect().to_pandas()).set_index(["month", "force"])["count"]
        parts.append((beside, rows))
    frames = []
    for frame, found in parts:
        index = pd.MultiIndex.from_frame(frame[["month", "force"]])
        frames.append(frame.assign(in_area=found.reindex(index, fill_value=0).to_numpy("int64")))
    return pd.concat(frames, ignore_index=True)[[*FILE_COLUMNS, *NUMBERS]]


def _with_periods(frame: pd.DataFrame) -> pd.DataFrame:
    return frame if frame.empty else frame.assign(month=pd.PeriodIndex(frame["month"], freq="M"))


def _read_table(content: bytes, numbers: tuple[str, ...]) -> pd.DataFrame:
    frame = pd.read_csv(BytesIO(content), dtype="str", keep_default_na=False, encoding="utf-8")
    return _with_periods(frame).astype(dict.fromkeys(numbers, "int64"))
