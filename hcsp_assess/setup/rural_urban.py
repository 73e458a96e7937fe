"""Classify combined small areas as rural or urban, by where most residents live."""

from collections.abc import Collection
from pathlib import Path

import pandas as pd

from hcsp_assess.setup.national_files import POPULATION, is_there, numbers, read_national


def classify(units: pd.Series, classes: pd.DataFrame, population: pd.Series | None = None) -> pd.DataFrame:
    """Return whether each small area has a class: more than half of its residents live in 2011 LSOAs that do.

    Parameters
    ----------
    units : pandas.Series
        Small area by 2011 LSOA.
    classes : pandas.DataFrame
        Whether each 2011 LSOA is `rural`, `more_rural`.
    population : pandas.Series, optional
        People by 2011 LSOA. Where it is not given, or lacks one of the LSOAs, each LSOA counts the same: they are made
        to hold about 1,500 people each.

    Returns
    -------
    pandas.DataFrame
        By small area, the columns of `classes`. An exact half is not more than half.
    """
    weights = None if population is None else population.reindex(units.index)
    if weights is None or weights.isna().any():
        weights = pd.Series(1.0, index=units.index)
    people = classes.loc[units.index].mul(weights, axis=0).groupby(units).sum()
    return people.div(weights.groupby(units).sum(), axis=0) > 0.5


def population_at(folder: Path, codes: Collection[str]) -> pd.Series | None:
    """People of some 2011 LSOAs in mid-2019, from a file that has them, such as the published classification."""
    if not is_there(folder, POPULATION):
        return None
    people = read_national(folder, POPULATION)
    return numbers(people[people["lsoa"].isin(codes)].set_index("lsoa")["pop"])
