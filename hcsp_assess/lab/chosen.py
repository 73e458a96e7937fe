"""What the explorer shows: one series that somebody chose by crime type, place and period, as the report would show it.

The series becomes a family of one, so that every function of the chapters on trends and series works on it too.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from hcsp_assess.assessment.findings import Finding
from hcsp_assess.chapters import crime_trends as trends
from hcsp_assess.chapters.shared import one_series
from hcsp_assess.chapters.shared.headings import heading_of
from hcsp_assess.edition.opened import OpenEdition
from hcsp_assess.edition.series import Verdicts, make_series
from hcsp_assess.errors import InputError, UsageError, did_you_mean
from hcsp_assess.periods import parse_month
from hcsp_assess.report.charts import Chart
from hcsp_assess.report.maps import chart_map, choose_breaks, class_by_breaks, describe_extremes
from hcsp_assess.report.tables import Table
from hcsp_assess.sources.geography import geography
from hcsp_assess.subject.areas import Area, Place
from hcsp_assess.subject.crime_types import comparable_series
from hcsp_assess.subject.crime_types import series as comparable
from hcsp_assess.subject.recording_changes import lockdowns
from hcsp_assess.trends import Intervention, assess_trend

#: Name of the series among the verdicts of a choice.
KEY = "chosen"
WHOLE = "all"
KINDS: dict[str, tuple[Place, str]] = {
    "rural": ("rural", "rural areas"),
    "urban": ("urban", "urban areas"),
    "market-towns": ("market towns", "market towns"),
    "rural-and-market-towns": ("rural and market towns", "rural areas and market towns"),
    "rural-without-market-towns": ("rural without market towns", "rural areas without market towns"),
}
MONTH_NAMES = tuple(pd.Period(f"2001-{number:02d}", "M").strftime("%b") for number in range(1, 13))


@dataclass(frozen=True)
class ChosenPlace:
    """A part of an area that can be looked at.

    Attributes
    ----------
    key : str
        Name in code: "all", "rural", "town-ledbury", "ward-bircher", or the code of an LSOA.
    label : str
        Name for a list: "Ward: Bircher".
    words : str
        As it ends a sentence: "the ward Bircher".
    codes : tuple of str
        Its 2011 LSOAs.
    """

    key: str
    label: str
    words: str
    codes: tuple[str, ...]


@dataclass(frozen=True, repr=False)
class Chosen:
    """One series with its verdict.

    Attributes
    ----------
    crime_type : str
        Key of a comparable series.
    by_lsoa : pandas.DataFrame
        Records by month and LSOA of the place; missing in months that nobody published.
    verdicts : Verdicts
        The series and its verdict, alone, under the name `KEY`.
    """

    opened: OpenEdition
    crime_type: str
    place: ChosenPlace
    by_lsoa: pd.DataFrame
    verdicts: Verdicts

    @property
    def counts(self) -> pd.Series:
        """Records of the place by month."""
        return self.verdicts.series[KEY].counts

    @property
    def label(self) -> str:
        """What is counted and where."""
        return self.verdicts.series[KEY].label

    @property
    def period(self) -> str:
        """First and last month, in words."""
        first, last = (self.counts.index[place].strftime("%B %Y") for place in (0, -1))
        return f"{first} to {last}"

    def __repr__(self) -> str:
        return f"<Chosen: {say_verdict(self).sentence}>"

    def _repr_html_(self) -> str:
        return f"{say_verdict(self)._repr_html_()}\n{show_verdict(self)._repr_html_()}"


def places_of(area: Area) -> dict[str, ChosenPlace]:
    """Every place of an area that can be chosen, by its key: the whole, kinds of place, towns, wards, LSOAs."""
    found = [ChosenPlace(WHOLE, f"All of {area.name}", area.name, area.lsoas())]
    found += [ChosenPlace(key, words.capitalize(), words, area.lsoas_in(kind)) for key, (kind, words) in KINDS.items()]
    wards: dict[str, list[str]] = {}
    towns: dict[str, list[str]] = {}
    for small in area.small_areas:
        wards.setdefault(small.ward_name, []).append(small.code)
        if small.market_town:
            towns.setdefault(small.market_town, []).append(small.code)
    found += [ChosenPlace(f"town-{_slug(name)}", f"Town: {name}", name, tuple(towns[name])) for name in sorted(towns)]
    found += [
        ChosenPlace(f"ward-{_slug(name)}", f"Ward: {name}", f"the ward {name}", tuple(wards[name]))
        for name in sorted(wards)
    ]
    found += [
        ChosenPlace(
            small.code, f"LSOA: {small.name} ({small.ward_name})", f"{small.name} ({small.ward_name})", (small.code,)
        )
        for small in area.small_areas
    ]
    return {place.key: place for place in found if place.codes}


def crime_types_of(opened: OpenEdition) -> dict[str, str]:
    """Label by key of the comparable series that have a value in some month of an edition's data."""
    counted = opened.counts("series").notna().any()
    return {entry.key: entry.label for entry in comparable_series() if counted[entry.key]}


def choose(opened: OpenEdition, crime_type: str, *, place: str = WHOLE, first: str = "", last: str = "") -> Chosen:
    """Take one series out of an edition's records and assess it.

    Parameters
    ----------
    opened : OpenEdition
        From `hcsp_assess.open_edition`.
    crime_type : str
        Key of a comparable series, such as "shoplifting"; `crime_types_of` lists them.
    place : str
        Key of a place, such as "rural", "town-ledbury" or the code of an LSOA; `places_of` lists them.
    first, last : str
        Months such as "2014-01"; by default all that the edition has, to the end of the period it assesses.

    Raises
    ------
    InputError, UsageError
        If there is no such crime type or place, or the months are out of order or outside the data.

    Notes
    -----
    The verdict allows for one series, this one. Who looks at many and tells of the one that moves finds something by
    chance; the report's verdicts allow for every series that the report looks at.
    """
    entry, where = comparable(crime_type), _place(opened.area, place)
    by_lsoa = _in_period(opened.counts("lsoa", measure=crime_type)[list(where.codes)], first, last)
    counts = by_lsoa.sum(axis=1, min_count=len(where.codes)).astype("Int64")
    label = entry.label if place == WHOLE else f"{entry.label} in {where.words}"
    chosen = make_series(opened, KEY, label, counts, crime_type, small_areas=place != WHOLE)
    closed = [
        Intervention(span.months[0], span.months[-1], span.name)
        for span in lockdowns(counts.index[0], counts.index[-1])
    ]
    trend = assess_trend(counts, interventions=closed, recording_changes=chosen.steps)
    return Chosen(opened, crime_type, where, by_lsoa, Verdicts(opened, {KEY: chosen}, {KEY: trend}))


def say_verdict(chosen: Chosen) -> Finding:
    """Say whether the series rises or falls, and how sure that is."""
    return chosen.verdicts.finding(KEY)


def show_verdict(chosen: Chosen) -> Chart:
    """Chart the series with the line that the verdict rests on; where there is too little data for one, its months."""
    return trends.chart_of(chosen.verdicts, KEY)


def show_decomposition(chosen: Chosen) -> Chart | Finding:
    """Split the series into trend, season and remainder, or say why that cannot be done."""
    try:
        return one_series.show_decomposition(chosen.verdicts, KEY)
    except InputError as error:
        sentence = f"{chosen.label}: trend and season cannot be told apart, because {error}."
        return Finding("decomposition_chosen", sentence).marked(simulated=chosen.opened.simulated)


def map_records(chosen: Chosen) -> Chart | Finding:
    """Map the records of the period by LSOA; LSOAs outside the place are hatched.

    LSOAs were drawn to hold about the same number of people, so that counts can be compared; a town centre has more
    visitors than residents, and no rate would mend that.
    """
    opened, published = chosen.opened, chosen.by_lsoa.dropna()
    try:
        here = geography(opened.area.key, opened.project.root)
    except InputError as error:
        return Finding("map_chosen", f"{chosen.label}: there is no map, because {error}.")
    if published.empty:
        told = f"{chosen.label}: there is nothing to map, because no month of {chosen.period} was published."
        return Finding("map_chosen", told).marked(simulated=opened.simulated)
    records, labels = published.sum().astype("Int64"), here.table["label"]
    classes = class_by_breaks(records, choose_breaks(records), few=f"not in {chosen.place.words}")
    spread = classes.of.reindex(here.table.index, fill_value=-1)
    ordered = records.sort_values(ascending=False, kind="stable")
    most = f"most in {labels[ordered.index[0]]}" if len(records) > 1 else f"{int(records.sum()):,} records"
    return chart_map(
        here,
        type(classes)(classes.labels, spread, classes.colours, classes.few),
        heading_of(
            opened,
            "map-chosen",
            f"{chosen.label}: {most}",
            f"Records by LSOA in {len(published)} published months, {opened.area.name}, {chosen.period}",
        ),
        what="Records",
        alt=describe_extremes(records, labels, "records"),
        data=pd.DataFrame({"LSOA": labels[ordered.index].to_numpy(), "Records": ordered.to_numpy()}),
    )


def table_months(chosen: Chosen) -> Table:
    """Show the records by year and month; a year that lacks months has no total, a month not chosen is blank."""
    counts, months = chosen.counts, pd.PeriodIndex(chosen.counts.index)
    grid = pd.DataFrame({"Year": months.year.astype(str), "month": months.month, "count": counts.to_numpy()})
    cells: dict[str, Any] = {"index": "Year", "columns": "month", "values": "count", "dropna": False}
    wide = grid.pivot_table(aggfunc="sum", min_count=1, **cells).reindex(columns=range(1, 13)).astype("Int64")
    inside = grid.assign(count=1).pivot_table(aggfunc="sum", **cells).reindex_like(wide).fillna(0).gt(0)
    total = wide.sum(axis=1, min_count=12).astype("Int64")
    shown = wide.astype(object).where(inside, "") if not inside.all(axis=None) else wide
    frame = shown.set_axis(list(MONTH_NAMES), axis="columns").assign(**{"Whole year": total}).reset_index()
    missing = int(counts.isna().sum())
    notes = [f"{missing} of {len(counts)} months were not published; nothing is put in their place."] if missing else []
    notes += [] if inside.all(axis=None) else ["Blank: outside the period chosen."]
    caption = f"{chosen.label}, {chosen.opened.area.name}, by month, {chosen.period}"
    return Table(frame, caption, "months-chosen", tuple(notes), chosen.opened.simulated)


def code_of(edition: str, crime_type: str, *, place: str = WHOLE, first: str = "", last: str = "") -> str:
    """Return the code that chooses a series and shows all of it, for a cell of one's own."""
    options: Mapping[str, str] = {"place": place if place != WHOLE else "", "first": first, "last": last}
    given = "".join(f", {name}={value!r}" for name, value in options.items() if value).replace("'", '"')
    return (
        "from IPython.display import display\n\n"
        "from hcsp_assess import open_edition\n"
        "from hcsp_assess.lab import chosen\n\n"
        f'series = chosen.choose(open_edition("{edition}"), "{crime_type}"{given})\n'
        "display(\n"
        "    chosen.say_verdict(series),\n"
        "    chosen.show_verdict(series),\n"
        "    chosen.show_decomposition(series),\n"
        "    chosen.table_months(series),\n"
        "    chosen.map_records(series),\n"
        ")\n"
    )


def _place(area: Area, key: str) -> ChosenPlace:
    known = places_of(area)
    if key in known:
        return known[key]
    hint = did_you_mean(key, known)
    listed = ", ".join((WHOLE, *KINDS))
    raise UsageError(
        f"there is no place {key!r} in {area.name}; there are {listed}, town-NAME, ward-NAME and codes of LSOAs.{hint}"
    )


def _in_period(counts: pd.DataFrame, first: str, last: str) -> pd.DataFrame:
    begin = parse_month(first) if first else counts.index[0]
    end = parse_month(last) if last else counts.index[-1]
    if end < begin:
        raise UsageError(f"the period ends before it begins: {begin} to {end}")
    inside = counts[(counts.index >= begin) & (counts.index <= end)]
    if inside.empty:
        raise UsageError(
            f"there are no months from {begin} to {end}: the data run {counts.index[0]} to {counts.index[-1]}"
        )
    return inside


def _slug(name: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")
