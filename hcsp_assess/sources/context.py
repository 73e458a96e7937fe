"""Context data in the package: populations by year, similar areas and severity of offences.

All of it is open data, derived by `hcsp_assess.setup.context_data`; `definitions/context/SOURCE.toml` says from what.
"""

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any, Literal

import pandas as pd

from hcsp_assess.errors import InputError
from hcsp_assess.sources.harm_weights import HarmWeights

ENGLAND_AND_WALES = "K04000001"
SEVERITY_NAME = "ONS Crime Severity Score weights, about 2020"
SEVERITY_UNIT = "days"
#: A mean weight is given with the range between these shares of the forces.
SPREAD = (0.1, 0.9)
Grouping = Literal["group", "police.uk type"]


@dataclass(frozen=True)
class Population:
    """How many people live in a place.

    Attributes
    ----------
    people : int
        The estimate.
    year : int
        Of the estimate, in the middle of the year.
    asked : int
        The year that would have been right; later than `year` where its estimate is not held.
    basis : str
        "rebased", or "not rebased" to the census of 2021; and how it was made for part of a district.
    """

    people: int
    year: int
    asked: int
    basis: str

    @property
    def words(self) -> str:
        """Its date for readers."""
        return f"mid-{self.year}"


def population(code: str, year: int) -> Population:
    """Return the mid-year population of a district, partnership, police force area, region or country.

    Parameters
    ----------
    code : str
        ONS code, such as E06000019 (district), E22000326 (partnership), E23000016 (force) or K04000001.
    year : int
        The year wanted; the newest estimate held serves for later years, and says so.

    Raises
    ------
    InputError
        If there is no estimate for the code, or the year is before the first.

    Examples
    --------
    >>> population("E06000019", 2011).people  # Herefordshire, the census of 2011 carried to the middle of the year
    183619
    >>> population("E22000326", 2025).year
    2023
    """
    series = _populations().get(code)
    if series is None:
        raise InputError(f"no population for {code!r}: use the ONS code of a district, partnership, force or region")
    known = series[series["year"] <= year]
    if known.empty:
        raise InputError(
            f"there is no population of {code} for {year}: the first estimate is for {series['year'].iloc[0]}"
        )
    newest = known.iloc[-1]
    return Population(int(newest["population"]), int(newest["year"]), year, str(newest["basis"]))


def mid_year(year_end: pd.Period) -> int:
    """Return the year whose middle is in the twelve months that end with a month.

    Examples
    --------
    >>> mid_year(pd.Period("2025-03", "M")), mid_year(pd.Period("2024-12", "M"))
    (2024, 2024)
    """
    return int((year_end - 6).year)


def similar_areas(districts: Sequence[str], *, number: int = 20) -> pd.DataFrame:
    """Return the areas most similar to one or several districts, by the list of the Office for National Statistics.

    Parameters
    ----------
    districts : sequence of str
        ONS codes of local authority districts. The list of several together has those that are nearest to all of them
        on average; one that is not in a district's own 20 counts as 21st there.
    number : int
        How many.

    Returns
    -------
    pandas.DataFrame
        `code`, `name` and `rank` (1 = most similar), in that order.

    Raises
    ------
    InputError
        If none of the districts is in the list.

    Examples
    --------
    >>> similar_areas(["E06000019"], number=2)["name"].tolist()
    ['Shropshire', 'Somerset']
    """
    table = _read("similar_areas.csv.gz")
    mine = table[table["district_code"].isin(districts)]
    if mine.empty:
        raise InputError(f"the ONS list of similar areas has none for {', '.join(districts)}")
    wide = mine.pivot_table(index="similar_code", columns="district_code", values="rank").fillna(number + 1)
    ordered = wide.mean(axis="columns").drop(list(districts), errors="ignore").sort_values(kind="stable").head(number)
    names = mine.drop_duplicates("similar_code").set_index("similar_code")["similar_name"]
    return pd.DataFrame(
        {"code": ordered.index, "name": names[ordered.index].to_numpy(), "rank": range(1, len(ordered) + 1)}
    )


def severity_weights() -> HarmWeights:
    """Return the severity weight of each offence code: the mean sentence in days of custody or their equivalent."""
    table = _read("severity_weights.csv").set_index("offence_code")
    return HarmWeights(table[["offence", "weight", "police_uk_type"]], SEVERITY_NAME, SEVERITY_UNIT)


def severity_by_group(what: Grouping, force_name: str = "") -> pd.DataFrame:
    """Return the mean severity of an offence in each group, with the range over the police forces.

    Parameters
    ----------
    what : str
        "group" (groups of the official tables) or "police.uk type".
    force_name : str
        Whose mix of offences to take, such as "West Mercia"; England and Wales where it has too few or none.

    Returns
    -------
    pandas.DataFrame
        Indexed by group or type: `weight` (days), `low`, `high` (the middle 80% of the forces).

    Notes
    -----
    The mix is of 2017/18, the year of the force tables that come with the package. Where the mix within a group
    changes, so does its mean: the range shows by how much it differs between forces in one year.
    """
    table = _read("severity_by_force.csv.gz")
    table = table[table["what"] == what]
    whole = table[table["force"] == "England and Wales"].set_index("key")["weight"]
    forces = table[(table["force"] != "England and Wales") & (table["offences"] >= LEAST_OFFENCES)]
    low, high = (forces.groupby("key")["weight"].quantile(share).reindex(whole.index).fillna(whole) for share in SPREAD)
    own = forces[forces["force"] == force_name].set_index("key")["weight"].reindex(whole.index).fillna(whole)
    return pd.DataFrame({"weight": own, "low": low.clip(upper=own), "high": high.clip(lower=own)})


#: Fewer offences of a group than this in a force say little of its mean weight.
LEAST_OFFENCES = 50


def context_source(part: str) -> dict[str, Any]:
    """Return a part's source ("population", "similar_areas", "severity") from `SOURCE.toml`, with the attribution."""
    text = (_folder() / "SOURCE.toml").read_text(encoding="utf-8")
    fields = tomllib.loads(text)
    return {**fields[part], "licence": fields["licence"], "attribution": fields["attribution"]}


@cache
def _populations() -> dict[str, pd.DataFrame]:
    table = _read("population.csv.gz")
    return {str(code): rows for code, rows in table.groupby("code")}


@cache
def _read(name: str) -> pd.DataFrame:
    with resources.as_file(_folder() / name) as path:
        return pd.read_csv(path, keep_default_na=False, dtype={"offence_code": str})


def _folder() -> Any:
    return resources.files("hcsp_assess") / "definitions" / "context"
