"""Road casualties from the national collision and casualty files, compared with the council's own table."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pandas as pd
import polars as pl

from hcsp_assess.errors import InputError
from hcsp_assess.periods import Quarter
from hcsp_assess.sources.open_data.published import collect, scan_published

PUBLISHER = "the Department for Transport"
#: Where the national files are, from the project's root, as the Department for Transport names them.
FOLDERS = ("data/raw/open_data/road_safety", "data/raw/road_safety")
SEVERITIES: Final = {"1": "killed", "2": "seriously injured", "3": "slightly injured"}
KILLED_OR_SERIOUSLY_INJURED: Final = ("killed", "seriously injured")
CLASSES: Final = {"1": "driver or rider", "2": "passenger", "3": "pedestrian"}
SEXES: Final = {"1": "Male", "2": "Female"}
#: Kinds of casualty of the Department's data guide that are distinguished here; all others are in or on something else.
USERS: Final = {"0": "pedestrian", "1": "pedal cyclist"} | dict.fromkeys(
    ("2", "3", "4", "5", "23", "97", "103", "104", "105", "106"), "motorcyclist"
)
#: What a column has been called: since the 2024 release, before, and in the files to 2015 (all in lower case).
COLLISION_COLUMNS: Final = {
    "collision": ("collision_index", "accident_index"),
    "date": ("date",),
    "district": ("local_authority_ons_district", "local_authority_highway", "local_authority_(highway)"),
    "lsoa": ("lsoa_of_collision_location", "lsoa_of_accident_location"),
}
CASUALTY_COLUMNS: Final = {
    "collision": ("collision_index", "accident_index"),
    "vehicle": ("vehicle_reference",),
    "casualty": ("casualty_reference",),
    "severity": ("casualty_severity",),
    "class": ("casualty_class",),
    "sex": ("sex_of_casualty",),
    "age": ("age_of_casualty",),
    "type": ("casualty_type",),
    "adjusted_serious": ("casualty_adjusted_severity_serious", "casualty_adjusted_serious", "adjusted_serious"),
}
OPTIONAL: Final = frozenset({"lsoa", "class", "sex", "age", "type", "adjusted_serious"})


@dataclass(frozen=True)
class RoadCasualties:
    """Casualties of one district, from the national files.

    Attributes
    ----------
    casualties : pandas.DataFrame
        collision, date, month (period[M]), severity, class, sex, age (Int64), user (pedestrian, pedal cyclist,
        motorcyclist, other; missing where the file does not say), lsoa, adjusted_serious (Float64: the probability that
        the casualty counts as serious under injury-based reporting).
    district : str
        ONS code of the district.
    years : tuple of int
        Calendar years that the collision files hold.
    complete : tuple of int
        Those whose collisions reach December: a provisional file of half a year does not.
    elsewhere : pandas.DataFrame
        Casualties of the other districts of the same country of Great Britain: year, severity, casualties.
    account : dict
        Casualty rows: in = kept + in other districts + repeated + set aside, exactly.
    reasons : tuple of (str, int)
        Casualty rows set aside, by reason.
    """

    casualties: pd.DataFrame
    district: str
    years: tuple[int, ...]
    complete: tuple[int, ...]
    elsewhere: pd.DataFrame
    account: dict[str, int]
    reasons: tuple[tuple[str, int], ...]
    method: str = "casualties joined to their collision; the district is that of the collision"

    def __post_init__(self) -> None:
        rest = self.account["kept"] + self.account["in other districts"] + self.account["repeated"]
        if self.account["in"] != rest + self.account["set aside"]:
            raise AssertionError(f"the account of road casualties does not balance: {self.account}")


def find_national_files(root: Path) -> tuple[list[Path], list[Path]]:
    """Return the files of collisions and of casualties in a project's folders of road safety, by name.

    A file is recognised by its name after the words that all of them share:
    dft-road-casualty-statistics-collision-2024.csv.
    """
    files = [path for folder in FOLDERS for path in sorted((root / folder).glob("*.csv*"))]
    names = {path: path.name.casefold().replace("road-casualty-statistics", "") for path in files}
    collisions = [path for path in files if "collision" in names[path] or "accident" in names[path]]
    return collisions, [path for path in files if "casualt" in names[path] and path not in collisions]


def read_road_casualties(collisions: Sequence[Path], casualties: Sequence[Path], *, district: str) -> RoadCasualties:
    """Read the collision and casualty files that the Department for Transport publishes, and keep one district.

    Parameters
    ----------
    collisions, casualties : sequence of Path
        Files `dft-road-casualty-statistics-{collision,casualty}-YYYY.csv` (also of several years, gzipped, or with the
        names of columns used before the 2024 release). Open Government Licence.
    district : str
        ONS code: "E06000019" for Herefordshire.

    Raises
    ------
    InputError
        If a file lacks a column, or no file was given.

    Notes
    -----
    Set aside, by reason, is a casualty whose severity isn't 1 to 3, or whose collision is in none of the files or has
    no readable date or no district. Casualties that occur in two files (a year, and all years) count once.

    Forces changed to injury-based reporting at different times, after which more injuries count as serious: compare
    "seriously injured" over such a change by `adjusted_serious` only. Unreported collisions are in no file.
    """
    for kind, files in (("collision", collisions), ("casualty", casualties)):
        if not files:
            raise InputError(
                f"road casualties need both files for each year, and a {kind} file is missing: fetch or download "
                f"dft-road-casualty-statistics-{kind}-YYYY.csv from {PUBLISHER}"
            )
    places = pl.concat([_scan(path, COLLISION_COLUMNS) for path in collisions], how="diagonal")
    people = pl.concat([_scan(path, CASUALTY_COLUMNS) for path in casualties], how="diagonal")
    places = places.unique("collision", keep="first", maintain_order=True).with_columns(
        pl.coalesce(pl.col("date").str.to_date(form, strict=False) for form in ("%d/%m/%Y", "%Y-%m-%d")),
        pl.lit(True).alias("found"),
    )
    joined = people.join(places, on="collision", how="left", maintain_order="left").with_columns(_fate(district))
    files = [*collisions, *casualties]
    fates = dict(collect(joined.group_by("fate").len(), files, PUBLISHER).iter_rows())
    spans = places.drop_nulls("date").group_by(pl.col("date").dt.year()).agg(last=pl.col("date").max().dt.month())
    reach = dict(collect(spans.sort("date"), files, PUBLISHER).iter_rows())
    kept = collect(joined.filter(pl.col("fate") == "kept").drop("fate", "found", "district"), files, PUBLISHER)
    known = ("kept", "in other districts", "repeated")
    reasons = tuple(sorted((fate, number) for fate, number in fates.items() if fate not in known))
    account = {"in": sum(fates.values()), **{fate: fates.get(fate, 0) for fate in known}}
    account["set aside"] = sum(number for _, number in reasons)
    complete = tuple(year for year, month in reach.items() if month == 12)
    elsewhere = _elsewhere(collect(_of_country(joined, district[:1]), files, PUBLISHER))
    return RoadCasualties(_frame(kept), district, tuple(reach), complete, elsewhere, account, reasons)


def casualties_by_month(result: RoadCasualties, severities: Sequence[str] = KILLED_OR_SERIOUSLY_INJURED) -> pd.Series:
    """Count casualties by month.

    Parameters
    ----------
    severities : sequence of str
        "killed", "seriously injured", "slightly injured"; by default the first two (KSI).

    Returns
    -------
    pandas.Series of Int64
        On a monthly PeriodIndex from January of the first to December of the last year of the files. A month without
        casualties is 0; the months of a year that no file holds are missing.

    Raises
    ------
    InputError
        If there is no such severity, or the files hold no year.
    """
    strange = sorted(set(severities) - set(SEVERITIES.values()))
    if strange:
        raise InputError(f"there is no severity {strange[0]!r}: choose one of {', '.join(SEVERITIES.values())}")
    if not result.years:
        raise InputError("no collision in the collision files has a date")
    months = pd.period_range(f"{result.years[0]}-01", f"{result.years[-1]}-12", freq="M")
    chosen = result.casualties.loc[result.casualties["severity"].isin(severities), "month"]
    counts = chosen.value_counts().reindex(months, fill_value=0).astype("Int64")
    return counts.mask(~months.year.isin(result.years)).rename(", ".join(severities)).rename_axis("month")


def compare_with_council(national: pd.Series, council: pd.DataFrame) -> pd.DataFrame:
    """Set the council's quarters beside the national files'.

    Parameters
    ----------
    national : pandas.Series
        KSI by month (`casualties_by_month`).
    council : pandas.DataFrame
        Rows of the return `road_casualties`.

    Returns
    -------
    pandas.DataFrame
        quarter, national, council, difference (council less national), as Int64; missing where one side has nothing for
        the whole quarter. Differences are normal for recent quarters: late reports, and deaths within 30 days.
    """
    names = [str(Quarter.of(month)) for month in pd.PeriodIndex(national.index)]
    quarters = pd.Series(names, index=national.index)
    whole = national.notna().groupby(quarters).sum() == 3
    complete = national.groupby(quarters).sum().astype("Int64").where(whole)
    own = council.set_index("quarter")["killed_or_seriously_injured"]
    table = pd.DataFrame({"council": own}).join(complete.rename("national"), how="left").reset_index()
    table["difference"] = table["council"] - table["national"]
    return table[["quarter", "national", "council", "difference"]]


def _scan(path: Path, wanted: dict[str, tuple[str, ...]]) -> pl.LazyFrame:
    return scan_published(path, wanted, PUBLISHER, optional=OPTIONAL)


def _of_country(joined: pl.LazyFrame, letter: str) -> pl.LazyFrame:
    """Count casualties of other districts by year, severity and country: whose code begins with a letter, or not."""
    here = (pl.col("fate") == "in other districts") & pl.col("district").str.starts_with(letter)
    year = pl.col("date").dt.year().alias("year")
    return joined.filter(here).group_by(year, "severity").agg(casualties=pl.len()).sort("year", "severity")


def _elsewhere(counted: pl.DataFrame) -> pd.DataFrame:
    frame = pd.DataFrame({name: counted[name].to_list() for name in ("year", "severity", "casualties")})
    frame["severity"] = frame["severity"].map(SEVERITIES).fillna("not known")
    return frame.astype({"year": "Int64", "casualties": "Int64", "severity": "str"})


def _fate(district: str) -> pl.Expr:
    """Say what becomes of a casualty row, the first that holds."""
    repeated = ~pl.struct("collision", "vehicle", "casualty").is_first_distinct()
    placed = pl.col("district").str.contains(r"^[EWSN]\d{8}$").fill_null(value=False)
    return (
        pl.when(repeated)
        .then(pl.lit("repeated"))
        .when(pl.col("found").is_null())
        .then(pl.lit("its collision is not in any collision file"))
        .when(~placed)
        .then(pl.lit("its collision has no district"))
        .when(pl.col("district") != district)
        .then(pl.lit("in other districts"))
        .when(~pl.col("severity").is_in(list(SEVERITIES)))
        .then(pl.lit("its severity is not known"))
        .when(pl.col("date").is_null())
        .then(pl.lit("its collision has no readable date"))
        .otherwise(pl.lit("kept"))
        .alias("fate")
    )


def _frame(kept: pl.DataFrame) -> pd.DataFrame:
    told = kept.with_columns(
        pl.col("severity").replace_strict(SEVERITIES),
        pl.col("class").replace_strict(CLASSES, default=None, return_dtype=pl.String),
        pl.col("sex").replace_strict(SEXES, default=None, return_dtype=pl.String),
        pl.when(pl.col("type").cast(pl.Int64, strict=False) >= 0)
        .then(pl.col("type").replace_strict(USERS, default="other", return_dtype=pl.String))
        .alias("user"),
        pl.col("lsoa").replace({"-1": None, "": None}),
    )
    columns = ("collision", "date", "severity", "class", "sex", "age", "user", "lsoa", "adjusted_serious")
    frame = pd.DataFrame({name: told[name].to_list() for name in columns}, columns=list(columns))
    frame["date"] = pd.to_datetime(frame["date"]).astype("datetime64[s]")
    frame.insert(2, "month", frame["date"].dt.to_period("M"))
    age = pd.to_numeric(frame["age"], errors="coerce").astype("Int64")
    frame["age"] = age.mask(age < 0)
    adjusted = pd.to_numeric(frame["adjusted_serious"], errors="coerce").astype("Float64")
    frame["adjusted_serious"] = adjusted.mask(adjusted < 0)
    return frame
