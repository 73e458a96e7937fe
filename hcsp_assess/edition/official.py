"""Official recorded crime of a partnership, with similar areas, its force, region and country."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import pandas as pd

from hcsp_assess.edition.similar import SimilarArea, districts_named, similar_partnerships
from hcsp_assess.errors import InputError
from hcsp_assess.places.ranking import (
    LEAST_COUNT,
    LEAST_OTHERS,
    Change,
    Ranking,
    change_between,
    rank_among,
    spread_between_years,
)
from hcsp_assess.project import Project
from hcsp_assess.sources.context import ENGLAND_AND_WALES, Population, mid_year, population
from hcsp_assess.sources.peers import NamedPeers, read_named_peers
from hcsp_assess.sources.recorded_crime import (
    TOTAL,
    OfficialCrime,
    held_official_crime,
    home_office_files,
    offence_group,
    offence_groups,
    official_crime,
    partnerships,
    read_home_office,
    year_totals,
)
from hcsp_assess.subject.areas import Area, short_name
from hcsp_assess.subject.crime_types import RECORDED_CRIME
from hcsp_assess.subject.editions import Edition
from hcsp_assess.subject.recording_changes import RecordingChange, own_changes, recording_changes

PER = 1000.0


@dataclass(frozen=True)
class OfficialPicture:
    """A partnership's official recorded crime in one year, compared.

    Attributes
    ----------
    code, name, force_name, region : str
        Of the partnership, its force and its region.
    year_end, before : pandas.Period
        Last month of the year, and of the newest earlier year that does not overlap it, or None.
    population : Population
        Residents that rates are per.
    table : pandas.DataFrame
        Indexed by group, in the order of the official tables: `label`, `parent`, `count`, `count_before` (Int64), and
        rates per 1,000 residents: `rate`, `force`, `region`, `country` (England and Wales).
    rankings : mapping of str to Ranking
        By group, among similar areas; a group with too few offences to rank is not there.
    changes : mapping of str to Change
        By group, since `before`; a group that is counted differently in the two years is not there.
    common : pandas.DataFrame
        By group, change in per cent since `before`: of the median similar area (`similar`), of `force` and `country`.
    similar : tuple of SimilarArea
        Who is compared with, most similar first.
    left_out : tuple of str
        Similar areas without figures.
    listed_by : str
        Whose own list the similar areas are of; "" for that of the Office for National Statistics.
    years : pandas.DataFrame
        Recorded crime per 1,000 residents by `year_end` (rows): the partnership, its force, region and country.
    force : str
        Key of the home force in data.police.uk, by which its changes of recording are known; "" for national ones.
    own_changes : tuple of RecordingChange
        Changes of recording that the area adds to the known ones.
    """

    code: str
    name: str
    force_name: str
    region: str
    year_end: pd.Period
    before: pd.Period | None
    population: Population
    table: pd.DataFrame
    rankings: Mapping[str, Ranking]
    changes: Mapping[str, Change]
    common: pd.DataFrame
    similar: tuple[SimilarArea, ...]
    left_out: tuple[str, ...]
    listed_by: str
    years: pd.DataFrame
    force: str = ""
    own_changes: tuple[RecordingChange, ...] = ()

    @property
    def total(self) -> int:
        """All recorded crime except fraud."""
        return int(self.table["count"][TOTAL])

    @property
    def year(self) -> str:
        """The year in words."""
        return f"the year to {self.year_end.strftime('%B %Y')}"

    @property
    def year_before(self) -> str:
        """The earlier year in words, or ""."""
        return f"the year to {self.before.strftime('%B %Y')}" if self.before is not None else ""

    @property
    def counted_differently(self) -> Mapping[str, pd.Period]:
        """Groups whose two years cannot be compared, with the month in which recording last changed between them."""
        if self.before is None:
            return {}
        found = {
            str(key): offence_group(str(key)).breaks_between(self.before, self.year_end) for key in self.table.index
        }
        return {key: max(each.month for each in breaks) for key, breaks in found.items() if breaks}

    @property
    def recording_changes(self) -> tuple[RecordingChange, ...]:
        """The known changes of recording between the two years compared that raise or lower recorded crime."""
        if self.before is None:
            return ()
        first, force = self.before - 11, self.force or None
        known = recording_changes(RECORDED_CRIME, first, self.year_end, force=force, own=self.own_changes)
        return tuple(change for change in known if change.kind == "recording" and change.direction != "either")

    @property
    def leaves(self) -> pd.DataFrame:
        """The rows of `table` that have no parts; they add up to the total."""
        parents = set(self.table["parent"]) | {TOTAL}
        return self.table[~self.table.index.isin(parents)]


def open_official(chosen: Edition, here: Area, project: Project) -> OfficialPicture | None:
    """Return the official picture of an edition's partnership, or None if no official year ends within its period.

    Tables of the Office for National Statistics that the project holds are used beside those that come with the
    package, and Home Office tables for the partnership's own years since 2002/03 (docs/recorded-crime.md).

    Raises
    ------
    InputError
        If its partnership is in no official table, or a table that the project holds cannot be read.
    """
    crime = held_official_crime(project.root)
    ends = [end for end in years_held(crime) if chosen.span.first <= end <= chosen.span.last]
    if not ends:
        return None
    named = read_named_peers(project.raw / "peers", here.key, here.own)
    found = official_picture(here.partnership_code, ends[-1], crime, named)
    return replace(found, years=_with_own_years(found, here, project), force=here.force, own_changes=own_changes(here))


def official_picture(
    code: str, year_end: pd.Period, crime: OfficialCrime | None = None, named: NamedPeers | None = None
) -> OfficialPicture:
    """Compare one partnership in one year.

    Parameters
    ----------
    code : str
        ONS code of the partnership, such as E22000326.
    year_end : pandas.Period
        Last month of the year, such as 2025-06.
    crime : OfficialCrime, optional
        By default what comes with the package.
    named : NamedPeers, optional
        The partnership's own list of places to compare with; by default the list of similar areas of the Office for
        National Statistics.

    Raises
    ------
    InputError
        If the partnership or the year is in no official table.

    Notes
    -----
    Rates are per 1,000 residents of the middle of the year, or of the newest estimate (`sources.context.mid_year`).
    Misleads where places record differently or have many visitors for their residents.
    """
    crime = crime or official_crime()
    members = partnerships()
    mine = members[members["partnership_code"] == code]
    if mine.empty:
        raise InputError(f"no partnership {code!r} in the official tables: use its ONS code, such as E22000326")
    own = mine.iloc[0]
    counts = counts_by_partnership(crime, year_end)
    if code not in counts:
        raise InputError(f"the official tables have no figures to {year_end} for {own['partnership_name']}")
    before = max((end for end in years_held(crime) if (year_end - end).n >= 12), default=None)
    listed = districts_named(named.peers, members, f"peers of {own['partnership_name']}") if named else ()
    similar, left_out = similar_partnerships(code, members, set(counts.columns), districts=listed)
    earlier = counts_by_partnership(crime, before) if before is not None else None
    spread = spread_by_group(counts, earlier)
    rankings = _rank(code, short_name(str(own["partnership_name"])), counts, similar, year_end, spread)
    table = _table(
        crime, own, counts[code], earlier[code] if earlier is not None and code in earlier else None, year_end
    )
    changes = {
        str(group): change_between(int(now), int(then), year_to_year=spread[str(group)])
        for group, now, then in table[["count", "count_before"]].dropna().itertuples()
        if before is None or not offence_group(str(group)).breaks_between(before, year_end)
    }
    return OfficialPicture(
        code=code,
        name=short_name(str(own["partnership_name"])),
        force_name=str(own["force_name"]),
        region=str(own["region"]),
        year_end=year_end,
        before=before,
        population=population(code, mid_year(year_end)),
        table=table,
        rankings=rankings,
        changes=changes,
        common=_common(crime, own, counts, earlier, similar, year_end, before),
        similar=similar,
        left_out=left_out,
        listed_by=f"{named.name} ({named.source})" if named else "",
        years=_rates_by_year(crime, own),
    )


def years_held(crime: OfficialCrime) -> list[pd.Period]:
    """Return the years that partnerships have figures for, by their last month, in order of time."""
    table = crime.table
    return sorted(set(table.loc[table["level"] == "partnership", "year_end"]))


def counts_by_partnership(crime: OfficialCrime, year_end: pd.Period) -> pd.DataFrame:
    """Return counts by group (rows) and code of the partnership in one year; missing where there is no figure."""
    table = crime.table
    chosen = table[(table["level"] == "partnership") & (table["year_end"] == year_end)]
    return chosen.set_index(["group", "code"])["count"].unstack("code")  # noqa: PD010 - pivot_table would average


def _wider(crime: OfficialCrime, own: pd.Series, year_end: pd.Period) -> pd.DataFrame:
    """Counts by group of the force, the region and England and Wales: partnerships and offences without one."""
    table = crime.table
    within = table[table["level"].isin(["partnership", "unassigned"]) & (table["year_end"] == year_end)]
    force = within.loc[within["code"] == own["partnership_code"], "force"].iloc[0]
    parts = {
        "force": within[within["force"] == force],
        "region": within[within["region"] == own["region"]],
        "country": within,
    }
    return pd.DataFrame({name: rows.groupby("group")["count"].sum(min_count=1) for name, rows in parts.items()})


def _people(own: pd.Series, year: int) -> dict[str, int]:
    """Residents of the force's area, the region and England and Wales; a region is the sum of its forces."""
    members = partnerships()
    in_region = sorted(set(members.loc[members["region"] == own["region"], "force_code"]))
    return {
        "force": population(own["force_code"], year).people,
        "region": sum(population(code, year).people for code in in_region),
        "country": population(ENGLAND_AND_WALES, year).people,
    }


def _table(
    crime: OfficialCrime, own: pd.Series, now: pd.Series, before: pd.Series | None, year_end: pd.Period
) -> pd.DataFrame:
    groups = pd.DataFrame([(g.key, g.label, g.parent) for g in offence_groups()], columns=["group", "label", "parent"])
    groups = groups.set_index("group")
    wider, people = _wider(crime, own, year_end), _people(own, mid_year(year_end))
    earlier = before.reindex(groups.index) if before is not None else pd.Series(pd.NA, index=groups.index)
    table = groups.assign(count=now.reindex(groups.index).astype("Int64"), count_before=earlier.astype("Int64"))
    residents = population(str(own["partnership_code"]), mid_year(year_end)).people
    rates = {name: wider[name].reindex(groups.index) / number * PER for name, number in people.items()}
    return table.assign(rate=table["count"] / residents * PER, **rates)


def spread_by_group(counts: pd.DataFrame, earlier: pd.DataFrame | None) -> dict[str, float]:
    """Return how much each group moves between two years in all partnerships, beyond chance (0 without two)."""
    if earlier is None:
        return dict.fromkeys(map(str, counts.index), 0.0)
    both = counts.columns.intersection(earlier.columns)
    now, then = counts[both].T, earlier[both].T
    return {str(group): spread_between_years(now[group], then[group]) for group in counts.index}


def _rank(
    code: str,
    name: str,
    counts: pd.DataFrame,
    similar: tuple[SimilarArea, ...],
    year_end: pd.Period,
    spread: Mapping[str, float],
) -> dict[str, Ranking]:
    units = {name: (code,)} | {item.label: item.codes for item in similar}
    people = pd.Series(
        {label: sum(population(c, mid_year(year_end)).people for c in codes) for label, codes in units.items()}
    )
    columns = {label: counts[list(codes)].sum(axis="columns", min_count=len(codes)) for label, codes in units.items()}
    by_unit = pd.DataFrame(columns).astype("Float64").T
    found = {}
    for group in by_unit.columns:
        known = by_unit[group].dropna().astype(float).clip(lower=0)
        if name in known and known[name] >= LEAST_COUNT and len(known) > LEAST_OTHERS:
            ranking = rank_among(known, people[known.index], name, year_to_year=spread[str(group)])
            if ranking.median * float(people[name]) / PER >= LEAST_COUNT:
                found[str(group)] = ranking
    return found


def _common(
    crime: OfficialCrime,
    own: pd.Series,
    counts: pd.DataFrame,
    earlier: pd.DataFrame | None,
    similar: tuple[SimilarArea, ...],
    year_end: pd.Period,
    before: pd.Period | None,
) -> pd.DataFrame:
    if earlier is None or before is None:
        return pd.DataFrame(columns=["similar", "force", "country"], dtype=float)
    units = {item.label: list(item.codes) for item in similar if set(item.codes) <= set(earlier.columns)}
    changes = pd.DataFrame(
        {
            label: counts[codes].sum(axis="columns") / earlier[codes].sum(axis="columns")
            for label, codes in units.items()
        }
    )
    wider = _wider(crime, own, year_end) / _wider(crime, own, before)
    table = pd.DataFrame(
        {"similar": changes.astype(float).median(axis="columns"), "force": wider["force"], "country": wider["country"]}
    )
    return 100 * (table.astype(float) - 1)


def _rates_by_year(crime: OfficialCrime, own: pd.Series) -> pd.DataFrame:
    """Total recorded crime per 1,000 residents by year, for every year that some level has."""
    total = crime.table[crime.table["group"] == TOTAL]
    series = {
        short_name(str(own["partnership_name"])): (own["partnership_code"], _counts_of(total, own["partnership_code"])),
        f"{own['force_name']} Police": (own["force_code"], _counts_of(total, own["force_code"])),
        "England and Wales": (ENGLAND_AND_WALES, _country(total)),
    }
    rates = {}
    for label, (code, counts) in series.items():
        people = [population(code, mid_year(end)).people for end in counts.index]
        rates[label] = counts / people * PER
    return pd.DataFrame(rates).sort_index()


def _counts_of(total: pd.DataFrame, code: str) -> pd.Series:
    return total[total["code"] == code].set_index("year_end")["count"].astype(float)


def _country(total: pd.DataFrame) -> pd.Series:
    """England and Wales without transport police by year; missing where a police force has no figure."""
    parts = total[total["level"].isin(["partnership", "unassigned"])].groupby("year_end")["count"].sum()
    forces = total[(total["level"] == "force") & (total["code"] != "")].groupby("year_end")["count"]
    complete = forces.count() == len(set(partnerships()["force_code"]))
    return parts.astype(float).combine_first(forces.sum()[complete].astype(float))


def _with_own_years(found: OfficialPicture, here: Area, project: Project) -> pd.DataFrame:
    """Add the partnership's own financial years from the project's Home Office tables, if any."""
    files = home_office_files(project.root)
    if not files:
        return found.years
    totals = year_totals(read_home_office(files, here.partnership_code, processed=project.processed))
    own = totals.years(here.partnership_code).dropna().astype(float)
    financial = own[[end.month == 3 and end <= found.year_end for end in own.index]]
    people = [population(here.partnership_code, mid_year(end)).people for end in financial.index]
    rates = pd.DataFrame({found.name: financial / people * PER})
    return found.years.combine_first(rates).sort_index()[list(found.years.columns)]
