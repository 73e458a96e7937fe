"""What an edition knows of each ward and market town: residents, crime by type, rate, rank, change and hotspots."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal

import pandas as pd

from hcsp_assess.edition.hotspots import Found, compared_months, find_all
from hcsp_assess.edition.opened import OpenEdition
from hcsp_assess.edition.places import EditionPlaces, open_places
from hcsp_assess.errors import InputError, nearest
from hcsp_assess.places.two_periods import compare_periods
from hcsp_assess.subject.areas import Area
from hcsp_assess.subject.crime_types import RECORDED_CRIME, series
from hcsp_assess.trends.rates import Interval, rate

Kind = Literal["ward", "town"]
#: Comparable series that together make up total recorded crime, each crime in one of them.
TYPES = (
    *("burglary", "robbery", "vehicle_crime", "violence", "criminal_damage_and_arson", "drugs", "shoplifting"),
    *("theft_remainder", "disorder_and_weapons", "other_crime"),
)


@dataclass(frozen=True)
class WardChange:
    """Recorded crime of a ward in the months that both years have.

    Attributes
    ----------
    before, after : int
        Records in those months of the year before, and of the year assessed.
    months : tuple of pandas.Period
        The months of the year assessed.
    word : str
        "rose more than elsewhere", "fell more than elsewhere", "no clear difference" or "too few"; every ward is
        allowed for, see `places.two_periods.compare_periods`.
    """

    before: int
    after: int
    months: tuple[pd.Period, ...]
    word: str

    @property
    def span(self) -> str:
        """The months in words: "January to April 2025"."""
        first, last = self.months[0], self.months[-1]
        if first == last:
            return str(first.strftime("%B %Y"))
        begin = first.strftime("%B") if first.year == last.year else first.strftime("%B %Y")
        said = f"{begin} to {last.strftime('%B %Y')}"
        return said if len(self.months) == (last - first).n + 1 else f"{len(self.months)} months of {said}"


@dataclass(frozen=True)
class WardSummary:
    """One ward or market town in an edition's year.

    Attributes
    ----------
    name, kind : str
        "Central"; "ward" or "town".
    codes : tuple of str
        Its small areas.
    residents, crimes : int
        Residents; recorded crimes of the year assessed, anti-social behaviour not among them.
    anti_social_behaviour : int or None
        Incidents; None where the year has no comparable count.
    rate : Interval
        Recorded crimes per 1,000 residents a year.
    share : float
        Its per cent of the area's recorded crime.
    rank, of : int
        Place among all wards (or towns) by number of recorded crimes, 1 = most; how many there are.
    by_type : pandas.Series
        Recorded crimes by type, most first; empty where the types of the time cannot be compared. They add up to
        `crimes`.
    change : WardChange or None
        None where no month can be compared with the year before.
    hotspots : tuple of (str, tuple of str)
        Everyday name of each hotspot in it, and what it is a hotspot of.
    on_map : tuple of (int, str, int)
        Number on the map of the busiest places, everyday name, recorded crimes.
    visitors : bool
        Whether it has a town centre where a rate per resident misleads.
    """

    name: str
    kind: Kind
    codes: tuple[str, ...]
    residents: int
    crimes: int
    anti_social_behaviour: int | None
    rate: Interval
    share: float
    rank: int
    of: int
    by_type: pd.Series
    change: WardChange | None
    hotspots: tuple[tuple[str, tuple[str, ...]], ...]
    on_map: tuple[tuple[int, str, int], ...]
    visitors: bool

    @property
    def title(self) -> str:
        """Name as a heading: "Central ward"; a town is its name."""
        return f"{self.name} ward" if self.kind == "ward" else self.name


@dataclass(frozen=True)
class Wards:
    """Every ward and market town of an edition, most recorded crime first; none where its area has none.

    Attributes
    ----------
    people_from : str
        What the residents are, for notes.
    period : str
        The months counted, in words.
    """

    area: str
    wards: tuple[WardSummary, ...]
    towns: tuple[WardSummary, ...]
    people_from: str
    period: str
    simulated: bool

    @cached_property
    def by_name(self) -> Mapping[str, WardSummary]:
        """By name in small letters; a town that is called as a ward is only found as a ward."""
        every = (*self.towns, *self.wards)
        return {item.name.lower(): item for item in every} | {item.title.lower(): item for item in every}

    def find(self, name: str) -> WardSummary:
        """Return a ward or town by its name: "Central", "central ward".

        Raises
        ------
        InputError
            If there is none of that name; the message says which is nearest.
        """
        asked = " ".join(name.split()).lower()
        if asked in self.by_name:
            return self.by_name[asked]
        if not self.by_name:
            raise InputError(f"there are no figures by ward for {self.area} in this edition: leave the ward out")
        raise _no_place(name, self.area, {key: item.name for key, item in self.by_name.items()})


def check_place(here: Area, name: str) -> None:
    """Refuse a name that no ward or market town of an area has, before any figure is worked out.

    Raises
    ------
    InputError
        As `Wards.find`.
    """
    wards = {small.ward_name for small in here.small_areas} - {""}
    towns = {small.market_town for small in here.small_areas} - {""}
    known = {each.lower(): each for each in (*towns, *wards)} | {f"{each.lower()} ward": each for each in wards}
    if known and " ".join(name.split()).lower() not in known:
        raise _no_place(name, here.name, known)


def _no_place(name: str, area: str, known: Mapping[str, str]) -> InputError:
    """The error for a name that is not in `known`, which has names by the spellings that are accepted."""
    near = nearest(" ".join(name.split()).lower(), known)
    hint = f"Did you mean {known[near]}?" if near else f"There are {', '.join(sorted(set(known.values())))}."
    return InputError(f"there is no ward or town {name!r} in {area}. {hint}")


def open_wards(opened: OpenEdition) -> Wards:
    """Sum up every ward and market town of an edition; `Wards.find` returns one.

    A ward is made up of the small areas that are mostly in it, so that its figures are close to the ward's own and not
    exactly those. Police records are open data: no count is hidden (rule "open" of disclosure).
    """
    if not (opened.has_records and opened.area.small_areas):
        return Wards(opened.area.name, (), (), "", opened.edition.span.words, opened.simulated)
    where = open_places(opened)
    found, types = find_all(where), opened.keep("types by place", lambda: _count_types(where))
    wards, towns = _sum_up(found, types, "ward"), _sum_up(found, types, "town")
    return Wards(opened.area.name, wards, towns, where.people_from, where.period, opened.simulated)


def _count_types(where: EditionPlaces) -> pd.DataFrame:
    """Recorded crimes by small area and type in the year assessed; no columns where they do not add up to the total."""
    months = where.monthly[series(RECORDED_CRIME).label].reindex(where.opened.edition.span.months).dropna().index
    counts = {}
    for key in TYPES:
        monthly = where.opened.counts("lsoa", measure=key).reindex(months)
        if monthly.isna().to_numpy().any():
            return pd.DataFrame(index=where.people.index)
        counts[series(key).label] = monthly.sum().astype(int)
    types = pd.DataFrame(counts).reindex(where.people.index)
    return types if types.sum(axis=1).eq(where.crime).all() else pd.DataFrame(index=where.people.index)


def _sum_up(found: Found, types: pd.DataFrame, kind: Kind) -> tuple[WardSummary, ...]:
    where = found.where
    groups = {
        small.code: small.ward_name if kind == "ward" else small.market_town for small in where.opened.area.small_areas
    }
    names = pd.Series(groups).reindex(where.people.index)
    names = names[names != ""]
    crime = where.crime.groupby(names).sum().sort_values(ascending=False, kind="stable")
    changes = _changes(where, names) if len(crime) else {}
    return tuple(
        WardSummary(
            name=str(name),
            kind=kind,
            rank=rank,
            of=len(crime),
            change=changes.get(str(name)),
            **_figures(found, types, list(names.index[names == name])),
        )
        for rank, name in enumerate(crime.index, start=1)
    )


def _figures(found: Found, types: pd.DataFrame, codes: list[str]) -> dict[str, Any]:
    """The fields of a summary that rest on its own small areas alone."""
    where = found.where
    residents, crimes, all_crime = int(where.people[codes].sum()), int(where.crime[codes].sum()), int(where.crime.sum())
    behaviour = where.counts.get(series("anti_social_behaviour").label)
    hot = [(str(where.labels[code]), found.measures_of(code)) for code in codes]
    on_map = [(number, code) for number, code in enumerate(where.busiest(), start=1) if code in codes]
    return {
        "codes": tuple(codes),
        "residents": residents,
        "crimes": crimes,
        "anti_social_behaviour": None if behaviour is None else int(behaviour[codes].sum()),
        "rate": rate(crimes, residents * where.months / 12, multiplier=1000),
        "share": 100 * crimes / all_crime if all_crime else 0.0,
        "by_type": types.loc[codes].sum().sort_values(ascending=False, kind="stable"),
        "hotspots": tuple((place, measures) for place, measures in hot if measures),
        "on_map": tuple((number, str(where.labels[code]), int(where.crime[code])) for number, code in on_map),
        "visitors": bool(where.rates.table.loc[codes, "warning"].ne("").any()),
    }


def _changes(where: EditionPlaces, names: pd.Series) -> dict[str, WardChange]:
    """By name: records in the months that both years have, and whether they changed more than elsewhere."""
    after, before = compared_months(where)
    monthly = where.monthly[series(RECORDED_CRIME).label]
    sums = [monthly.loc[months].sum().groupby(names).sum() for months in (before, after)]
    if not after or min(total.sum() for total in sums) == 0:
        return {}
    table = compare_periods(*sums).table
    return {
        str(name): WardChange(int(earlier), int(later), tuple(after), str(word))
        for name, earlier, later, word in zip(
            table.index, table["before"], table["after"], table["change"], strict=True
        )
    }
