"""Stop and search in an area: located by coordinates, counted and kept with the counts."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pandas as pd

from hcsp_assess.edition.counts import POLICE_UK
from hcsp_assess.edition.derived import DerivedFiles, read_derived, with_periods, write_derived
from hcsp_assess.sources.geography import METRES, geography
from hcsp_assess.sources.police_uk.beside import read_accounts_beside, scan_beside
from hcsp_assess.sources.police_uk.names import STOP_AND_SEARCH
from hcsp_assess.subject.areas import Area
from hcsp_assess.subject.stops import unknown_results

if TYPE_CHECKING:
    import polars as pl

DEGREES: Final = 4326  # EPSG code of longitude and latitude
CELL_COLUMNS: Final = (
    "month",
    "force",
    "type",
    "object_of_search",
    "outcome",
    "outcome_linked",
    "gender",
    "age_range",
    "officer_defined_ethnicity",
    "self_defined_ethnicity",
    "count",
)
FILE_COLUMNS: Final = ("kind", "month", "force", "file", "snapshot", "snapshot_from", "sha256")
NUMBERS: Final = ("rows_in", "kept", "quarantined", "duplicates", "in_area", "elsewhere", "no_location")
FILES: Final = DerivedFiles("searches", "stops.csv.gz", "stops_account.csv", "STOPS.toml", NUMBERS)
ATTRIBUTION: Final = (
    "Contains public sector information licensed under the Open Government Licence v3.0: stop and search, "
    "data.police.uk"
)


@dataclass(frozen=True)
class StopTable:
    """Searches by the police in an area.

    Attributes
    ----------
    cells : pandas.DataFrame
        `month`, `force`, the texts of the files ("" where blank; `outcome_linked` is "true", "false" or ""), `count`.
    account : pandas.DataFrame
        One row for each file: rows in = kept + quarantined, kept = in_area + elsewhere + no_location. Of searches
        without coordinates we do not know the district.
    source : dict
        Publisher, licence, whether it is `simulated`, `other_outcomes` (those not in the list).
    """

    cells: pd.DataFrame
    account: pd.DataFrame
    source: dict[str, Any]
    area: str

    @property
    def simulated(self) -> bool:
        """Whether the searches are simulated."""
        return bool(self.source.get("simulated", False))

    def months(self, force: str) -> pd.PeriodIndex:
        """The months for which a file of a force was received with rows in it."""
        mine = self.account[(self.account["force"] == force) & (self.account["rows_in"] > 0)]
        return pd.PeriodIndex(sorted(mine["month"].unique()), freq="M")


def count_stops(cleaned: Path | str, area: Area, root: Path | None = None) -> StopTable | None:
    """Count the searches in an area from the files of `clean_beside`, or None if there is no such file.

    The files have no small areas: a search is in the area where its map point is inside the outline of the area's
    boundaries. Points are moved to the nearest of fixed map points before they are published, so that a search near
    the border may be counted on the wrong side.

    Parameters
    ----------
    root : Path, optional
        Project with the area's boundaries, where the package has none.

    Raises
    ------
    InputError
        If there are no boundaries of the area.
    """
    import polars as pl  # here, because notebooks load this module and few of them count searches

    every = scan_beside(cleaned, STOP_AND_SEARCH)
    if every is None:
        return None
    searches = every.select(
        "month", "force", "longitude", "latitude", *CELL_COLUMNS[2:5], pl.col("outcome_linked").cast(pl.String),
        *CELL_COLUMNS[6:-1],
    ).collect()  # fmt: skip
    points = searches.select("longitude", "latitude").unique().drop_nulls()
    inside = searches.join(_inside(points, area, root), on=["longitude", "latitude"], how="semi")
    texts = [pl.col(name).fill_null("") for name in CELL_COLUMNS[2:-1]]
    grouped = inside.with_columns(texts).group_by(CELL_COLUMNS[:-1]).agg(count=pl.len())
    cells = with_periods(grouped.sort(CELL_COLUMNS[:-1]).to_pandas()).astype({"count": "Int64"})
    source = {"other_outcomes": "; ".join(unknown_results(list(cells["outcome"])))}
    return StopTable(cells, _account(cleaned, inside), source, area.key)


def write_stops(table: StopTable, folder: Path) -> None:
    """Write a table as `stops.csv.gz`, `stops_account.csv` and `STOPS.toml`; raises `InputError` if that fails."""
    origin = {} if table.simulated else POLICE_UK | {"attribution": ATTRIBUTION}
    source = {**origin, "simulated": table.simulated, **table.source, "area": table.area}
    write_derived(FILES, folder, table.cells, table.account, source)


def read_stops(folder: Path) -> StopTable | None:
    """Read a table that `write_stops` wrote, or None, raises `InputError` if it is damaged."""
    found = read_derived(FILES, folder)
    if found is None:
        return None
    cells, account, source = found
    return StopTable(cells, account, source, str(source.pop("area", "")))


def _inside(points: "pl.DataFrame", area: Area, root: Path | None) -> "pl.DataFrame":
    """Those of points, in degrees, that are in the area's outline."""
    import geopandas as gpd

    outline = geography(area.key, root).boundaries("area").geometry.iloc[0]
    places = gpd.GeoSeries.from_xy(points["longitude"].to_numpy(), points["latitude"].to_numpy(), crs=DEGREES)
    return points.filter(places.to_crs(METRES).intersects(outline).to_numpy())


def _account(cleaned: Path | str, inside: "pl.DataFrame") -> pd.DataFrame:
    frame = with_periods(pd.DataFrame(vars(one) for one in read_accounts_beside(cleaned, STOP_AND_SEARCH)))
    found = with_periods(inside.group_by("month", "force").len("count").to_pandas())
    counts = found.set_index(["month", "force"])["count"] if len(found) else pd.Series(dtype="int64")
    index = pd.MultiIndex.from_frame(frame[["month", "force"]])
    frame["in_area"] = counts.reindex(index, fill_value=0).to_numpy("int64")
    frame["elsewhere"] = frame["kept"] - frame["in_area"] - frame["no_location"]
    return frame[[*FILE_COLUMNS, *NUMBERS]]
