"""Hotspots of an edition: which small areas have more crime than luck explains, how they changed, and their past."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from hcsp_assess.edition.places import EditionPlaces
from hcsp_assess.places.history import LEAST_PERIODS, HotspotHistory, classify_hotspots
from hcsp_assess.places.hotspots import Hotspots, find_hotspots, find_neighbours
from hcsp_assess.places.two_periods import Changes, compare_periods
from hcsp_assess.subject.crime_types import RECORDED_CRIME, series

LEAST_MONTHS = 9  # published months that a calendar year needs to count as a period of its history
HOT = ("cluster", "peak", "peak in a cluster")


@dataclass(frozen=True)
class Found:
    """The hotspots of an edition, with their past.

    Attributes
    ----------
    neighbours : mapping of str to tuple of str
        Codes of each small area's neighbours.
    hotspots : Hotspots
        Of every measure of the year assessed, looked at together.
    changes : mapping of str to Changes
        By measure: against the same months a year earlier; empty where those are not held.
    compared : tuple of str
        The months compared, as "2025-01".
    history : HotspotHistory or None
        Of recorded crime by calendar year; None where too few years have data.
    years : tuple of int
        Calendar years with enough published months.
    """

    where: EditionPlaces
    neighbours: Mapping[str, tuple[str, ...]]
    hotspots: Hotspots
    changes: Mapping[str, Changes]
    compared: tuple[str, ...]
    history: HotspotHistory | None
    years: tuple[int, ...]

    def measures_of(self, code: str) -> tuple[str, ...]:
        """Measures in which a small area is a hotspot, total recorded crime first."""
        flagged = self.hotspots.flagged()
        mine = flagged[flagged.index.get_level_values("place") == code].index.get_level_values("measure")
        return tuple(str(name) for name in self.where.counts if name in set(mine))


def find_all(where: EditionPlaces) -> Found:
    """Find the hotspots of the year assessed, their changes on the year before, and their history if there is one.

    Found once for an edition and kept for every chapter.
    """
    return Found(where, *where.opened.keep("hotspots", lambda: _find(where)))


def _find(where: EditionPlaces) -> tuple[Any, ...]:
    """The fields of `Found` in their order, the places aside."""
    neighbours = find_neighbours(where.geography.boundaries())
    found = find_hotspots(where.counts, where.people, neighbours)
    crime = where.monthly[series(RECORDED_CRIME).label].dropna()
    after, before = compared_months(where)
    changes = {}
    if after:
        for name in _compared(where, [*after, *before]):
            monthly = where.monthly[name]
            changes[name] = compare_periods(monthly.loc[before].sum(), monthly.loc[after].sum())
    months = pd.PeriodIndex(crime.index)
    published = pd.Series(months.year).value_counts()
    years = tuple(sorted(int(year) for year in published.index[published >= LEAST_MONTHS]))
    history = None
    if len(years) >= LEAST_PERIODS:
        own = {tuple(where.opened.edition.span.months): found}
        yearly = {year: tuple(months[months.year == year]) for year in years}
        every = {
            year: own.get(held) or find_hotspots(_in_months(where, list(held)), where.people, neighbours)
            for year, held in yearly.items()
        }
        history = classify_hotspots(pd.DataFrame({str(year): _is_hot(each) for year, each in every.items()}))
    return neighbours, found, changes, tuple(map(str, after)), history, years


def _in_months(where: EditionPlaces, months: list[pd.Period]) -> pd.DataFrame:
    """Records by small area of each measure that has a comparable value in all of those months."""
    return pd.DataFrame({name: where.monthly[name].loc[months].sum() for name in _compared(where, months)})


def _is_hot(hotspots: Hotspots) -> pd.Series:
    """Whether each small area is a hotspot of recorded crime, where every measure of the year is looked at together.

    A year of the past is judged as strictly as the year assessed, so that the two never differ on the same year.
    """
    return hotspots.table["kind"].xs(series(RECORDED_CRIME).label, level="measure").isin(HOT)


def compared_months(where: EditionPlaces) -> tuple[list[pd.Period], list[pd.Period]]:
    """Months of the year assessed that the year before has too, and those months of the year before."""
    months = pd.PeriodIndex(where.monthly[series(RECORDED_CRIME).label].dropna().index)
    after = [month for month in months if month in where.opened.edition.span.months and month - 12 in months]
    return after, [month - 12 for month in after]


def _compared(where: EditionPlaces, months: list[pd.Period]) -> list[str]:
    """Labels of the measures that have a comparable value in all of those months."""
    return [str(name) for name in where.counts if where.monthly[str(name)].loc[months].notna().to_numpy().all()]
