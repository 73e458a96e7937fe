"""How much was recorded in each district of a partnership that has several."""

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from hcsp_assess.assessment.levels import Level, find_levels
from hcsp_assess.edition.opened import OpenEdition
from hcsp_assess.edition.series import counts_by_label, each_once
from hcsp_assess.errors import InputError
from hcsp_assess.sources.context import Population, mid_year, population
from hcsp_assess.subject.crime_types import HEADLINES, comparable_series


@dataclass(frozen=True)
class DistrictLevels:
    """One district of a partnership.

    Attributes
    ----------
    name : str
        Its name for readers.
    crime, incidents : Level
        Total recorded crime, and anti-social behaviour beside it.
    kinds : dict of str to int
        Offences of each crime type in the months of the year that are held, most first.
    residents : Population or None
        The mid-year estimate of the year assessed; None where none is held.
    """

    name: str
    crime: Level
    incidents: Level
    kinds: dict[str, int]
    residents: Population | None


def district_levels(opened: OpenEdition) -> tuple[DistrictLevels, ...]:
    """Count an edition's records by district, in the order of their codes; none where the area has one district."""
    if len(opened.area.districts) < 2 or not opened.has_records:
        return ()
    return opened.keep("districts", lambda: _count_districts(opened))


def counts_by_district(opened: OpenEdition, key: str) -> pd.DataFrame:
    """Return monthly counts of a comparable series, one column for each district.

    Parameters
    ----------
    key : str
        Of a series, as `subject.crime_types.comparable_series` lists them.

    Returns
    -------
    pandas.DataFrame
        Index: months. Columns: names of districts. Missing where a month is not held, or the series has no value.
    """
    homes = {small.code: small.district for small in opened.area.small_areas}
    counts = opened.counts("lsoa", measure=key)
    summed = counts.T.groupby(counts.columns.map(homes)).sum(min_count=1).T
    missing = counts.isna().any(axis="columns")
    return summed.astype("Int64").mask(missing).reindex(columns=[name for _, name in opened.area.districts])


def _count_districts(opened: OpenEdition) -> tuple[DistrictLevels, ...]:
    shown = each_once(counts_by_label(opened))
    labels = {item.key: item.label for item in comparable_series() if item.label in shown}
    counts = {key: counts_by_district(opened, key) for key in labels}
    span = opened.edition.span
    found = []
    for code, name in opened.area.districts:
        mine = {key: frame[name] for key, frame in counts.items()}
        headline = pd.DataFrame({labels[key]: mine[key] for key in HEADLINES})
        crime, incidents = find_levels(headline, span)
        kinds = _kinds(mine, labels, span.months)
        found.append(DistrictLevels(name, crime, incidents, kinds, _residents(code, span.last)))
    return tuple(found)


def _kinds(mine: Mapping[str, pd.Series], labels: Mapping[str, str], months: pd.PeriodIndex) -> dict[str, int]:
    """Offences of each crime type in the year, most first; a type without a value in a month of it is left out."""
    held = mine[HEADLINES[0]].reindex(months).dropna().index
    sums = {
        labels[key]: int(series.reindex(held).sum())
        for key, series in mine.items()
        if key not in HEADLINES and len(held) and not series.reindex(held).isna().any()
    }
    return dict(sorted(sums.items(), key=lambda item: -item[1]))


def _residents(code: str, last: pd.Period) -> Population | None:
    try:
        return population(code, mid_year(last))
    except InputError:
        return None
