"""Official recorded crime by year, for every partnership, force, region and country."""

import gzip
import io
from dataclasses import dataclass
from functools import cache, cached_property
from importlib import resources

import pandas as pd

from hcsp_assess.errors import InputError
from hcsp_assess.periods import parse_month
from hcsp_assess.sources.recorded_crime.groups import TOTAL, offence_groups, parts_of
from hcsp_assess.sources.recorded_crime.ons_tables import as_official
from hcsp_assess.sources.recorded_crime.partnerships import (
    find_partnership,
    forces_and_regions,
    key_of,
    partnership_of,
    partnerships,
)

FOLDER = "recorded_crime"
FILE = "recorded_crime.csv.gz"


@dataclass(frozen=True)
class OfficialCrime:
    """Official recorded crime: one row for each year, area and offence group.

    Attributes
    ----------
    table : pandas.DataFrame
        `year_end` (monthly Period, the last month of twelve), `level` ("partnership", "unassigned", "force", "region",
        "country"), `code` (ONS code; "" for unassigned rows and the British Transport Police), `name`, `force` (name of
        the force), `region` ("" where none), `group` (a key of `offence_groups`), `count` (Int64; NA for not
        available).
    """

    table: pd.DataFrame

    @cached_property
    def groups(self) -> tuple[str, ...]:
        """Keys of the offence groups that it has, in the order of the ONS tables."""
        held = set(self.table["group"])
        return tuple(group.key for group in offence_groups() if group.key in held)

    @cached_property
    def year_ends(self) -> tuple[pd.Period, ...]:
        """Every year that it has for any area, by its last month, in order of time."""
        return tuple(sorted(set(self.table["year_end"])))

    def years(self, code: str, group: str = TOTAL) -> pd.Series:
        """Return the counts of an area and group by year.

        Parameters
        ----------
        code : str
            ONS code of a partnership, force, region or country, or a name or district as `partnership_of` takes it.
        group : str
            Key of an offence group.

        Returns
        -------
        pandas.Series
            Int64 by `year_end`, in order of time; only the years that it has. They need not follow each other, and may
            overlap: a year to June and the year to December before share six months.

        Raises
        ------
        InputError
            If the area or the group is not in the table.

        Examples
        --------
        >>> official_crime().years("E22000326").astype(int).tolist()
        [11144, 10076, 9659]
        """
        self._check_group(group)
        rows = self._of(code)
        rows = rows[rows["group"] == group].sort_values("year_end")
        index = pd.PeriodIndex(rows["year_end"], freq="M", name="year_end")
        return pd.Series(rows["count"].to_numpy(), index=index, name=group, dtype="Int64")

    def year(self, code: str, year_end: pd.Period | str) -> pd.Series:
        """Return the counts of an area in one year by offence group, in the order of `groups`.

        Raises
        ------
        InputError
            If the area or the year is not in the table; the message lists the years that it has.

        Examples
        --------
        >>> int(official_crime().year("E22000326", "2025-06")["shoplifting"])
        909
        """
        when = parse_month(year_end) if isinstance(year_end, str) else year_end
        rows = self._of(code)
        chosen = rows[rows["year_end"] == when]
        if chosen.empty:
            held = ", ".join(str(each) for each in sorted(set(rows["year_end"])))
            raise InputError(
                f"there is no official recorded crime for {code} for the year ending {when}: choose a year ending "
                f"{held}"
            )
        counts = pd.Series(chosen["count"].to_numpy(), index=pd.Index(chosen["group"], name="group"), dtype="Int64")
        return counts.reindex(list(self.groups)).rename(str(when))

    def unassigned(self, force: str, year_end: pd.Period | str, group: str = TOTAL) -> int:
        """Return how many offences of a force have no partnership in one year; one not available adds nothing."""
        when = parse_month(year_end) if isinstance(year_end, str) else year_end
        rows = self.table[(self.table["level"] == "unassigned") & (self.table["force"].map(key_of) == key_of(force))]
        return int(rows.loc[(rows["year_end"] == when) & (rows["group"] == group), "count"].sum())

    @cached_property
    def _by_code(self) -> dict[str, pd.DataFrame]:
        coded = self.table[self.table["code"] != ""]
        return {str(code): rows for code, rows in coded.groupby("code", sort=False)}

    def _of(self, code: str) -> pd.DataFrame:
        if code in self._by_code:
            return self._by_code[code]
        found = find_partnership(code) or partnership_of(code).code
        if found not in self._by_code:
            raise InputError(
                f"no official recorded crime of {partnership_of(found).name} ({found}) in this table: check the "
                "code, or read a newer table"
            )
        return self._by_code[found]

    def _check_group(self, group: str) -> None:
        if group not in self.groups:
            raise InputError(
                f"there is no offence group {group!r} in official recorded crime: choose from {', '.join(self.groups)}"
            )


@cache
def official_crime() -> OfficialCrime:
    """Return the official recorded crime that comes with the package.

    Every partnership of England and Wales, offences without a partnership, and force totals for the years ending
    December 2023, December 2024 and June 2025; forces, regions and countries for the years ending September 2015 to
    2024.

    Notes
    -----
    Police recorded crime: official statistics, not accredited official statistics. Source: Home Office and Office for
    National Statistics, under the Open Government Licence v3.0 (`definitions/recorded_crime/SOURCE.toml`). Figures are
    revised with each release: a year may differ a little between two of them. When it misleads: docs/recorded-crime.md.
    """
    packed = (resources.files("hcsp_assess") / "definitions" / FOLDER / FILE).read_bytes()
    wide = pd.read_csv(
        io.BytesIO(gzip.decompress(packed)),
        dtype={"year_end": "str", "level": "str", "code": "str", "name": "str", "force": "str"},
        keep_default_na=False,
        na_values={group.key: [""] for group in offence_groups()},
    )
    return OfficialCrime(as_official(long_form(wide)))


def long_form(wide: pd.DataFrame) -> pd.DataFrame:
    """Return a table with a column for each group as one row for each area, year and group; adds `region`."""
    regions = _regions()
    places = wide.assign(
        region=[
            regions.get((level, name), regions.get(("force", force), ""))
            for level, name, force in zip(wide["level"], wide["name"], wide["force"], strict=True)
        ]
    )
    about = ["year_end", "level", "code", "name", "force", "region"]
    groups = [group.key for group in offence_groups() if group.key in wide]
    return places.melt(about, groups, var_name="group", value_name="count")


def sums_that_fail(table: pd.DataFrame) -> pd.DataFrame:
    """Return the rows in which a group is not the sum of its parts; empty where everything adds up.

    Parameters
    ----------
    table : pandas.DataFrame
        As `OfficialCrime.table`. Rows in which the group or one of its parts is not available are passed over.

    Returns
    -------
    pandas.DataFrame
        `year_end`, `level`, `code`, `name`, `group`, `count`, `sum_of_parts`.
    """
    about = ["year_end", "level", "code", "name", "force"]
    wide = table.set_index([*about, "group"])["count"].unstack("group")  # noqa: PD010 - pivot_table would average
    found = []
    for group in (each.key for each in offence_groups() if parts_of(each.key)):
        total = wide[list(parts_of(group))].sum(axis=1, skipna=False)
        wrong = (total != wide[group]).fillna(False)
        rows = (
            wide.index[wrong]
            .to_frame(index=False)
            .assign(group=group, count=wide.loc[wrong, group].to_numpy(), sum_of_parts=total[wrong].to_numpy())
        )
        found.append(rows)
    return pd.concat(found, ignore_index=True).drop(columns="force")


def unassigned_differences(table: pd.DataFrame) -> pd.DataFrame:
    """Return where partnerships and unassigned rows of a force do not add up to its own total.

    Returns
    -------
    pandas.DataFrame
        `year_end`, `force`, `group`, `force_total`, `sum_of_partnerships` (a count that is not available adds nothing).
        Forces without a total of their own in that year, such as the City of London, are passed over.
    """
    by = ["year_end", "force", "group"]
    within = table[table["level"].isin(["partnership", "unassigned"])].groupby(by)["count"].sum()
    forces = table[table["level"] == "force"].set_index(by)["count"]
    both = pd.concat({"force_total": forces, "sum_of_partnerships": within}, axis=1, join="inner").reset_index()
    return both[(both["force_total"] != both["sum_of_partnerships"]).fillna(False)].reset_index(drop=True)


@cache
def _regions() -> dict[tuple[str, str], str]:
    table = forces_and_regions()
    found = {
        ("force", name): region
        for level, name, region in table[["level", "name", "region"]].to_numpy()
        if level == "force"
    }
    found |= {("region", name): name for level, name in table[["level", "name"]].to_numpy() if level == "region"}
    found |= {("country", name): "" for level, name in table[["level", "name"]].to_numpy() if level == "country"}
    found |= {
        ("partnership", name): region for name, region in partnerships()[["partnership_name", "region"]].to_numpy()
    }
    return found
