"""Residents and deprivation of each small area in the edition's year."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from hcsp_assess.errors import InputError
from hcsp_assess.periods import Span
from hcsp_assess.sources.context import mid_year, population
from hcsp_assess.sources.geography import Geography

#: From this year on, small areas have the shares of mid-2019; before, those of the census of 2011.
SHARES_FROM = 2015
#: Years in which Indices of Deprivation that a geography may hold were published.
INDICES = (2019, 2025)


@dataclass(frozen=True)
class Residents:
    """Residents of each small area.

    Attributes
    ----------
    people : pandas.Series
        Whole numbers by small area; they add up to the estimate for the whole area.
    year : int
        Of the estimate.
    words : str
        What they are, for notes.
    """

    people: pd.Series
    year: int
    words: str


@dataclass(frozen=True)
class Deprivation:
    """Deprivation of each small area.

    Attributes
    ----------
    decile : pandas.Series
        1 = among the most deprived tenth in the country; a small area of several 2021 LSOAs has that of their mean
        rank.
    year : int
        Of the indices.
    country : str
        Whose index it is, "England" or "Wales": each ranks its own small areas only.
    """

    decile: pd.Series
    year: int
    country: str = "England"

    @property
    def words(self) -> str:
        """What it is, for notes."""
        wales = self.country == "Wales"
        return f"{'Welsh Index of Multiple Deprivation' if wales else 'Indices of Deprivation'} {self.year}"


def year_of(span: Span) -> int:
    """Return the year whose mid-year estimate is nearest to the middle of the twelve months assessed."""
    return mid_year(span.last)


def residents_of(here: Geography, year: int) -> Residents:
    """Divide the mid-year estimate of the whole area among its small areas.

    Parameters
    ----------
    here : Geography
        Its table has the residents of each small area at the census of 2011 and in mid-2019, whose shares are used.
    year : int
        The year wanted; the newest estimate held serves for later years.

    Returns
    -------
    Residents
        Where no estimate is held for the area's district, the residents of the small areas as published.

    Notes
    -----
    A small area that grew faster than the whole since 2019 has too few residents here, and so too high a rate.
    """
    base = 2019 if year >= SHARES_FROM else 2011
    counted = here.table[f"population_{base}"].astype(int)
    known = "mid-2019" if base == 2019 else "the census of 2011"
    try:
        whole = population(here.area.figures_code, year)
    except InputError:
        return Residents(counted, base, known)
    shares = counted * (whole.people / int(counted.sum()))
    words = f"{whole.words}, shared out among small areas as in {known}"
    return Residents(_whole_numbers(shares, whole.people), whole.year, words)


def deprivation_of(here: Geography, year: int) -> Deprivation:
    """Return deprivation by the newest indices published by that year; by the oldest held where all are later."""
    held = [index for index in INDICES if f"imd{index}_decile" in here.table]
    chosen = max((index for index in held if index <= year), default=held[0])
    return Deprivation(here.table[f"imd{chosen}_decile"].astype(int), chosen, here.area.country)


def _whole_numbers(shares: pd.Series, total: int) -> pd.Series:
    """Round shares to whole numbers that add up to the total: the largest remainders are rounded up."""
    rounded: pd.Series = np.floor(shares).astype(int)
    most = (shares - rounded).sort_values(ascending=False, kind="stable").index[: total - int(rounded.sum())]
    rounded[most] += 1
    return rounded
