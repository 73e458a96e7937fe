"""Outcomes of an area's crimes, by month of the crime, crime type and outcome group."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import pandas as pd

from hcsp_assess.edition.counts import POLICE_UK
from hcsp_assess.edition.derived import DerivedFiles, read_derived, with_periods, write_derived
from hcsp_assess.sources.police_uk.beside import read_accounts_beside
from hcsp_assess.sources.police_uk.by_area import records_of
from hcsp_assess.sources.police_uk.names import OUTCOMES, STREET
from hcsp_assess.subject.areas import Area
from hcsp_assess.subject.crime_types import ANTI_SOCIAL_BEHAVIOUR
from hcsp_assess.subject.outcomes import OTHER_WORDING, group_of_wording, outcome_groups

CELL_COLUMNS: Final = ("month", "force", "crime_type", "outcome", "count")
FILE_COLUMNS: Final = ("kind", "month", "force", "file", "snapshot", "snapshot_from", "sha256")
NUMBERS: Final = ("rows_in", "kept", "duplicates", "quarantined", "in_area")
FILES: Final = DerivedFiles("outcomes", "outcomes.csv.gz", "outcomes_account.csv", "OUTCOMES.toml", NUMBERS)
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
    """Count the outcomes of an area's crimes, from the files of `clean_archive` and `clean_beside`.

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

    found = records_of(cleaned, area)
    archive, records = found.account, found.inside.filter(pl.col("crime_type") != ANTI_SOCIAL_BEHAVIOUR)
    crimes = records.select(
        "month", "force", "crime_type", crime=pl.col("crime_id").str.to_lowercase(), street="last_outcome_category"
    ).collect()
    crimes = _with_outcomes(crimes, found.outcomes, archive.to_frame())
    cells = crimes.group_by("month", "force", "crime_type", "outcome").agg(count=pl.len()).to_pandas()
    other = crimes.filter(pl.col("outcome") == OTHER_WORDING)["wording"].value_counts(sort=True)
    source = archive.mark | {
        "crimes_in_outcomes_files": int(crimes["in_file"].sum()),
        "outcomes_taken_from_files": int(crimes["from_file"].sum()),
        "other_wordings": "; ".join(f"{wording} ({count})" for wording, count in other.iter_rows()),
    }
    cells = with_periods(cells).astype({"count": "Int64"})[list(CELL_COLUMNS)]
    cells = cells.sort_values(list(CELL_COLUMNS[:-1]), ignore_index=True)
    beside = _account_beside(cleaned, found.outcomes, area)
    return OutcomeTable(cells, _account(archive.to_frame(), cells, beside), source, area.key)


def write_outcomes(table: OutcomeTable, folder: Path) -> None:
    """Write a table as `outcomes.csv.gz`, `outcomes_account.csv` and `OUTCOMES.toml`; same table, same bytes.

    Raises
    ------
    InputError
        If the folder cannot be written.
    """
    origin = {} if table.simulated else POLICE_UK | {"attribution": ATTRIBUTION}
    source = {**origin, "simulated": table.simulated, **table.source, "area": table.area}
    write_derived(FILES, folder, table.cells, table.account, source)


def read_outcomes(folder: Path) -> OutcomeTable | None:
    """Read a table that `write_outcomes` wrote, or None.

    Raises
    ------
    InputError
        If a file is missing or damaged, or differs from the checksum in `OUTCOMES.toml`.
    """
    found = read_derived(FILES, folder)
    if found is None:
        return None
    cells, account, source = found
    return OutcomeTable(cells, account, source, str(source.pop("area", "")))


def _with_outcomes(crimes: Any, outcomes: Any, files: pd.DataFrame) -> Any:
    """Crimes with the `outcome` group that counts, its `wording`, and whether an outcomes file has the crime."""
    import polars as pl

    crimes = crimes.join(_last_of_files(crimes, outcomes), on="crime", how="left")
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


def _last_of_files(crimes: Any, every: Any) -> Any:
    """The newest outcome of each crime in the outcomes files: `crime`, `filed`, `decided` (its month)."""
    import polars as pl

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


def _account(street: pd.DataFrame, cells: pd.DataFrame, beside: list[pd.DataFrame]) -> pd.DataFrame:
    """One row for each street file, then one for each outcomes file."""
    counted = cells.groupby(["month", "force"])["count"].sum()
    frames = [_with_area(with_periods(street.assign(kind=STREET)), counted), *beside]
    return pd.concat(frames, ignore_index=True)[[*FILE_COLUMNS, *NUMBERS]]


def _account_beside(cleaned: Path | str, outcomes: Any, area: Area) -> list[pd.DataFrame]:
    """The accounts of outcomes files, with how many rows are in the area; none where there is no such file."""
    import polars as pl

    if outcomes is None:
        return []
    accounts = with_periods(pd.DataFrame(vars(one) for one in read_accounts_beside(cleaned, OUTCOMES)))
    inside = outcomes.filter(pl.col("lsoa_code").is_in(list(area.folds))).group_by("month", "force").len("count")
    rows = with_periods(inside.collect().to_pandas()).set_index(["month", "force"])["count"]
    return [_with_area(accounts, rows)]


def _with_area(files: pd.DataFrame, counted: pd.Series) -> pd.DataFrame:
    index = pd.MultiIndex.from_frame(files[["month", "force"]])
    return files.assign(in_area=counted.reindex(index, fill_value=0).to_numpy("int64"))
