"""Places of an edition: records by small area, and the residents."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import pandas as pd

from hcsp_assess.edition.opened import OpenEdition
from hcsp_assess.edition.residents import Deprivation, deprivation_of, residents_of, year_of
from hcsp_assess.errors import InputError
from hcsp_assess.places.concentration import Concentration, measure_concentration
from hcsp_assess.places.rates import AreaRates, find_misleading_bases, measure_rates
from hcsp_assess.sources.geography import Geography, geography
from hcsp_assess.subject.crime_types import HEADLINES, RECORDED_CRIME, series
from hcsp_assess.subject.place_names import short_names

#: Measures looked at by small area. Total recorded crime never includes anti-social behaviour.
MEASURES = (*HEADLINES, "violence", "criminal_damage_and_arson", "shoplifting", "burglary")
#: What happens to shops and visitors more than to residents; its share tells where residents are the wrong base.
OF_VISITORS = ("shoplifting", "theft_from_the_person", "bicycle_theft")
TOP = (1, 5, 10)


@dataclass(frozen=True)
class EditionPlaces:
    """An edition's records by small area, with its residents.

    Attributes
    ----------
    people : pandas.Series
        Residents by small area.
    people_from : str
        What the residents are, for notes.
    monthly : mapping of str to pandas.DataFrame
        Records by month and small area of each measure, by its label; missing where a month has no comparable value.
    counts : pandas.DataFrame
        Records of the year assessed, one row per small area, one column per measure (its label). A measure that some
        month of the year has no comparable value for is not there.
    visitors : pandas.Series
        Records of what happens to shops and visitors, by small area.
    months : int
        Months of the year assessed that are held in full.
    """

    opened: OpenEdition
    geography: Geography
    people: pd.Series
    people_from: str
    monthly: Mapping[str, pd.DataFrame]
    counts: pd.DataFrame
    visitors: pd.Series
    months: int

    @property
    def labels(self) -> pd.Series:
        """Everyday name by small area; see `subject.place_names`."""
        return self.geography.table["label"]

    @cached_property
    def short_labels(self) -> pd.Series:
        """Names for sentences, without the ward where that is clear; see `subject.place_names.short_names`."""
        return pd.Series(short_names({str(code): str(name) for code, name in self.labels.items()}))

    @property
    def crime(self) -> pd.Series:
        """Total recorded crime by small area."""
        return self.counts[series(RECORDED_CRIME).label]

    @property
    def period(self) -> str:
        """The months counted, in words."""
        words = self.opened.edition.span.words
        asked = len(self.opened.edition.span.months)
        return words if self.months == asked else f"{self.months} months held of {words}"

    @cached_property
    def rates(self) -> AreaRates:
        """Rates of recorded crime per 1,000 residents a year."""
        misleading = find_misleading_bases(self.crime, self.visitors, self.people)
        return measure_rates(self.crime, self.people, years=self.months / 12, misleading=misleading)

    @property
    def deprivation(self) -> Deprivation:
        """Deprivation of each small area, by the indices of the edition's time."""
        return deprivation_of(self.geography, year_of(self.opened.edition.span))

    def busiest(self, most: int = 10) -> tuple[str, ...]:
        """Codes of the small areas with most recorded crime, most first: numbered 1, 2, 3 ... on the map."""
        return tuple(map(str, self.crime.sort_values(ascending=False, kind="stable").index[:most]))

    def concentration(self, measure: str) -> Concentration:
        """How concentrated a measure is."""
        return measure_concentration(self.counts[measure], top=TOP)


def open_places(opened: OpenEdition) -> EditionPlaces:
    """Count an edition's records by small area, over the months of the year assessed that are held in full.

    Raises
    ------
    InputError
        If no month of the year is held in full, or the area has no reference geography.
    """
    return EditionPlaces(opened, *opened.keep("places", lambda: _count_places(opened)))


def _count_places(opened: OpenEdition) -> tuple[Any, ...]:
    """The fields of `EditionPlaces` in their order, the edition aside."""
    here = geography(opened.area.key, opened.project.root)
    span = opened.edition.span
    monthly = {key: opened.counts("lsoa", measure=key) for key in dict.fromkeys((*MEASURES, *OF_VISITORS))}
    published = monthly[RECORDED_CRIME].reindex(span.months).dropna().index
    if published.empty:
        raise InputError(f"no month of {span.words} is held in full: nothing can be said about where")
    yearly = {key: _in_months(counts, published) for key, counts in monthly.items()}
    counts = {series(key).label: yearly[key] for key in MEASURES if yearly[key] is not None}
    frame = pd.DataFrame(counts).reindex(here.table.index)
    visitors = pd.DataFrame({key: yearly[key] for key in OF_VISITORS if yearly[key] is not None})
    living = residents_of(here, year_of(span))
    people, people_from = living.people, living.words
    labelled = {series(key).label: monthly[key] for key in MEASURES}
    visitors_in_all = visitors.sum(axis=1).reindex(people.index)
    return here, people, people_from, labelled, frame, visitors_in_all, len(published)


def _in_months(monthly: pd.DataFrame, months: pd.Index) -> pd.Series | None:
    """Records by small area in those months, or None if one has no comparable value."""
    counts = monthly.reindex(months)
    return None if counts.isna().to_numpy().any() else counts.sum().astype(int)
