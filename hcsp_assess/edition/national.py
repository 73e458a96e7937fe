"""Recorded crime of all partnerships at once: changes that are unusual among them, and breaks in the figures."""

from dataclasses import dataclass
from typing import Any

import pandas as pd

from hcsp_assess.errors import InputError
from hcsp_assess.periods import Span
from hcsp_assess.places.data_breaks import find_breaks_in_quarters, find_breaks_in_years, fold_by_force
from hcsp_assess.places.unusual_changes import UnusualChanges, find_unusual_changes, without_explained_totals
from hcsp_assess.project import Project
from hcsp_assess.sources.recorded_crime import (
    TOTAL,
    OfficialCrime,
    held_official_crime,
    home_office_files,
    offence_group,
    offence_groups,
    official_crime,
    partnerships,
    parts_of,
    read_all_partnerships,
)

#: Quarters that breaks are looked for in: the year, and the year before.
QUARTERS = 8
YEAR = 4


@dataclass(frozen=True)
class NationalPicture:
    """Recorded crime of every partnership in two years.

    Attributes
    ----------
    year_end, before : pandas.Period
        Last month of the newest year, and of the earlier year that it is compared with.
    changes : UnusualChanges
        Changes of every partnership and offence group without parts, and of the total, by ONS code. Partnerships
        without figures for a whole quarter are not compared: they are among the breaks.
    breaks : pandas.DataFrame
        Breaks in the figures, as `places.data_breaks.fold_by_force` returns them.
    counted_differently : tuple of str
        Offence groups that cannot be compared between the two years, in words.
    quarters : tuple of str
        First and last quarter that was looked at for breaks; empty where the project holds no tables by quarter.
    problems : tuple of str
        Tables of the project that could not be used, and why.
    """

    year_end: pd.Period
    before: pd.Period
    changes: UnusualChanges
    breaks: pd.DataFrame
    counted_differently: tuple[str, ...]
    quarters: tuple[str, ...] = ()
    problems: tuple[str, ...] = ()


@dataclass(frozen=True)
class _Years:
    """Counts of two years by partnership and offence group."""

    year_end: pd.Period
    before: pd.Period
    counts: pd.DataFrame
    earlier: pd.DataFrame


def national_picture(span: Span | None, project: Project) -> NationalPicture | None:
    """Compare every partnership's change between two official years, and look for breaks in their figures.

    The year is the newest that ends within a span; it is compared with the newest earlier year that shares no month
    with it. Home Office tables by quarter that the project holds are used where they have a newer year, or the same.

    Parameters
    ----------
    span : Span, optional
        The twelve months of an edition; by default the newest year of all.

    Returns
    -------
    NationalPicture or None
        None where no two official years can be compared, as for an edition of a time before them.
    """
    crime, problems = _held(project)
    quarters, trouble = _by_quarter(project)
    years = _choose(span, crime, quarters)
    if years is None:
        return None
    groups = [group.key for group in offence_groups() if group.key == TOTAL or not parts_of(group.key)]
    looked_at = _wide_quarters(quarters, years.year_end)
    within = find_breaks_in_quarters(looked_at) if looked_at is not None else None
    lost = [] if within is None else list(within.loc[within["kind"] == "not available", "place"])
    apart = [key for key in groups if offence_group(key).breaks_between(years.before, years.year_end)]
    compared = [key for key in groups if key not in apart and key in years.counts and key in years.earlier]
    forces = partnership_forces()
    try:
        counts, earlier = (table[compared].drop(index=lost, errors="ignore") for table in (years.counts, years.earlier))
        changes = without_explained_totals(find_unusual_changes(counts, earlier, forces), TOTAL)
    except InputError:
        return None
    parts = {group.key: parts_of(group.key) for group in offence_groups() if parts_of(group.key)}
    known = {key: inner for key, inner in parts.items() if {key, *inner} <= set(years.counts) & set(years.earlier)}
    names = (str(years.year_end), str(years.before))
    breaks = [find_breaks_in_years(years.counts, years.earlier[years.counts.columns], known, names=names)]
    breaks += [within] if within is not None else []
    return NationalPicture(
        years.year_end,
        years.before,
        changes,
        fold_by_force(pd.concat([each for each in breaks if len(each)] or breaks[:1], ignore_index=True), forces),
        tuple(offence_group(key).label for key in apart),
        () if looked_at is None else (_quarter_words(looked_at.columns[0]), _quarter_words(looked_at.columns[-1])),
        (*problems, *trouble),
    )


def partnership_forces() -> pd.Series:
    """Return the police force of each partnership, by ONS code."""
    members = partnerships().drop_duplicates("partnership_code").set_index("partnership_code")
    return members["force_name"]


def _held(project: Project) -> tuple[OfficialCrime, tuple[str, ...]]:
    try:
        return held_official_crime(project.root), ()
    except InputError as error:
        return official_crime(), (str(error),)


def _by_quarter(project: Project) -> tuple[pd.DataFrame | None, tuple[str, ...]]:
    """The newest quarters of the project's Home Office tables, if there are any."""
    files = home_office_files(project.root)
    if not files:
        return None, ()
    try:
        table = read_all_partnerships(files, processed=project.processed, quarters=QUARTERS)
    except InputError as error:
        return None, (str(error),)
    return table, ()


def _choose(span: Span | None, crime: OfficialCrime, quarters: pd.DataFrame | None) -> _Years | None:
    """The two years: of the tables by quarter where these have the newest year, else of the year totals."""
    table = crime.table[crime.table["level"] == "partnership"]
    ends = sorted({end for end in table["year_end"] if span is None or span.first <= end <= span.last})
    last = ends[-1] if ends else None
    newest = _year_end(quarters)
    if newest is not None and (span is None or span.first <= newest <= span.last) and (last is None or newest >= last):
        assert quarters is not None  # noqa: S101 - they have a year
        held = sorted(set(quarters["quarter"]))
        return _Years(newest, newest - 12, _year(quarters, held[-YEAR:]), _year(quarters, held[-2 * YEAR : -YEAR]))
    before = max((end for end in set(table["year_end"]) if last is not None and (last - end).n >= 12), default=None)
    if last is None or before is None:
        return None
    return _Years(last, before, _of_year(table, last), _of_year(table, before))


def _year_end(quarters: pd.DataFrame | None) -> pd.Period | None:
    """Last month of the newest year by quarter, if the year before is there too, without a gap."""
    held = sorted(set(quarters["quarter"])) if quarters is not None else []
    if len(held) < 2 * YEAR or (held[-1] - held[-2 * YEAR]).n != 2 * YEAR - 1:
        return None
    return pd.Period(held[-1].end_time, "M")


def _of_year(table: pd.DataFrame, end: pd.Period) -> pd.DataFrame:
    chosen = table[table["year_end"] == end]
    return chosen.set_index(["code", "group"])["count"].unstack("group")  # noqa: PD010 - pivot_table would average


def _year(quarters: pd.DataFrame, held: list[pd.Period]) -> pd.DataFrame:
    """Sums of four quarters by partnership and group; a group without a row in one of the quarters is not known."""
    rows = quarters[quarters["quarter"].isin(held)]
    in_all = rows.groupby("group")["quarter"].nunique()
    known = [key for key in in_all.index[in_all == len(held)] if key]
    sums = rows.groupby(["code", "group"])["count"].sum().unstack("group")[known].fillna(0)  # noqa: PD010
    return sums.assign(**{TOTAL: rows.groupby("code")["count"].sum()}).astype("Int64")


def _wide_quarters(quarters: pd.DataFrame | None, year_end: pd.Period) -> pd.DataFrame | None:
    """Counts by partnership and group, a column for each of the eight quarters up to a month."""
    if quarters is None or _year_end(quarters) != year_end:
        return None
    named = quarters.rename(columns={"code": "place", "group": "subject"})
    sums = named.groupby(["place", "subject", "quarter"])["count"].sum()
    return sums.unstack("quarter").fillna(0)[sorted(set(quarters["quarter"]))]  # noqa: PD010


def _quarter_words(quarter: Any) -> str:
    return f"{quarter.start_time:%B} to {quarter.end_time:%B %Y}"
