"""One series chosen by crime type, place and period, shown as in the report. The explorer uses it.

The series is tested alone, so the functions of the chapters on trends and series work on it too.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import pandas as pd

from hcsp_assess.assessment.findings import Finding
from hcsp_assess.chapters import crime_trends as trends
from hcsp_assess.chapters.shared import one_series
from hcsp_assess.chapters.shared.headings import heading_of
from hcsp_assess.edition.opened import OpenEdition
from hcsp_assess.edition.places import EditionPlaces, open_places
from hcsp_assess.edition.series import Series, Verdicts, closed_months, make_series
from hcsp_assess.edition.then_and_now import compare_edition
from hcsp_assess.errors import InputError, UsageError
from hcsp_assess.lab.area_map import AreaMap, map_with_figures
from hcsp_assess.lab.chosen_place import WHOLE, ChosenPlace, find_place
from hcsp_assess.lab.model_results import ModelResults, model_results
from hcsp_assess.periods import parse_month
from hcsp_assess.report.charts import Chart
from hcsp_assess.report.maps import chart_map, choose_breaks, class_by_breaks, describe_extremes
from hcsp_assess.report.tables import Table
from hcsp_assess.sources.geography import geography
from hcsp_assess.subject.crime_types import comparable_series
from hcsp_assess.subject.crime_types import series as comparable
from hcsp_assess.trends import assess_trend

#: Key of the chosen series.
KEY = "chosen"
MONTH_NAMES = tuple(pd.Period(f"2001-{number:02d}", "M").strftime("%b") for number in range(1, 13))


@dataclass(frozen=True)
class Choice:
    """The series to look at.

    Attributes
    ----------
    edition : str
        Name of the edition, such as "2025".
    crime_type, place, first, last : str
        See `choose`.
    """

    edition: str
    crime_type: str
    place: str = WHOLE
    first: str = ""
    last: str = ""

    @property
    def options(self) -> dict[str, str]:
        """Options of `choose`."""
        return {"place": self.place, "first": self.first, "last": self.last}


@dataclass(frozen=True, repr=False)
class Chosen:
    """One series with its trend.

    Attributes
    ----------
    crime_type : str
        Key of a comparable series.
    by_lsoa : pandas.DataFrame
        Records by month and LSOA of the place; missing in months that are not held in full.
    verdicts : Verdicts
        The series and its trend, under the key `KEY`.
    places : callable
        Returns the edition's places, which are slow to count; only the interactive map needs them.
    """

    opened: OpenEdition
    crime_type: str
    place: ChosenPlace
    by_lsoa: pd.DataFrame
    verdicts: Verdicts
    places: Callable[[], EditionPlaces]

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
        return f"<Chosen: {describe_trend(self).sentence}>"

    def _repr_html_(self) -> str:
        return f"{describe_trend(self)._repr_html_()}\n{show_trend(self)._repr_html_()}"


def crime_types_of(opened: OpenEdition) -> dict[str, str]:
    """Labels of the crime types with data in an edition, by key."""
    counted = opened.counts("series").notna().any()
    return {entry.key: entry.label for entry in comparable_series() if counted[entry.key]}


def choose(opened: OpenEdition, crime_type: str, *, place: str = WHOLE, first: str = "", last: str = "") -> Chosen:
    """Choose one series of an edition and find its trend.

    Parameters
    ----------
    opened : OpenEdition
        From `hcsp_assess.open_edition`.
    crime_type : str
        Key of a comparable series, such as "shoplifting"; `crime_types_of` lists them.
    place : str
        Key of a place, such as "rural", "town-ledbury" or the code of an LSOA; `chosen_place.places_of` lists them.
    first, last : str
        Months such as "2014-01"; by default all months of the edition.

    Raises
    ------
    InputError, UsageError
        If there is no such crime type or place, or the months are out of order or outside the data.

    Notes
    -----
    This trend allows for one series only. If you look at many and report the one that moves, it may be chance. The
    report's trends allow for every series in the report.
    """
    entry, where = comparable(crime_type), find_place(opened.area, place)
    by_lsoa = _in_period(opened.counts("lsoa", measure=crime_type)[list(where.codes)], first, last)
    counts = by_lsoa.sum(axis=1, min_count=len(where.codes)).astype("Int64")
    label = entry.label if place == WHOLE else f"{entry.label} in {where.words}"
    series = make_series(opened, KEY, label, counts, crime_type, small_areas=place != WHOLE)
    return Chosen(opened, crime_type, where, by_lsoa, _assess_alone(opened, series), partial(open_places, opened))


def describe_trend(chosen: Chosen) -> Finding:
    """Describe whether the series is rising or falling, and how sure that is."""
    return compare_edition(chosen.verdicts).finding(KEY)


def show_trend(chosen: Chosen) -> Chart:
    """Chart the series with its trend line, or its months alone if there is too little data for one."""
    return trends.chart_of(chosen.verdicts, KEY)


def show_decomposition(chosen: Chosen) -> Chart | Finding:
    """Split the series into trend, season and remainder, or explain why that is not possible."""
    try:
        return one_series.show_decomposition(chosen.verdicts, KEY)
    except InputError as error:
        sentence = f"{chosen.label}: we cannot separate trend from season, because {error}."
        return Finding("decomposition_chosen", sentence).marked(simulated=chosen.opened.simulated)


def show_months_by_years(chosen: Chosen) -> Chart | Finding:
    """Show counts by month and year as a heat map, naming the highest and lowest months."""
    return one_series.show_months_by_years(chosen.verdicts, KEY)


def show_years(chosen: Chosen) -> Chart | Finding:
    """Chart the years over each other, the latest beside the one before, or explain why that is not possible."""
    return one_series.show_years(chosen.verdicts, KEY) or show_months_by_years(chosen)


def map_records(chosen: Chosen) -> Chart | Finding:
    """Map the period's records by LSOA; LSOAs outside the place are hatched.

    LSOAs have about the same number of residents, so counts can be compared. A town centre has more visitors than
    residents, which a rate per resident would not correct.
    """
    opened, published = chosen.opened, chosen.by_lsoa.dropna()
    if published.empty:
        return _nothing_to_map(chosen)
    try:
        here = geography(opened.area.key, opened.project.root)
    except InputError as error:
        return _no_map(chosen, error)
    records, labels = published.sum().astype("Int64"), here.table["label"]
    classes = class_by_breaks(records, choose_breaks(records), few=f"not in {chosen.place.words}")
    ordered = records.sort_values(ascending=False, kind="stable")
    most = f"most in {labels[ordered.index[0]]}" if len(records) > 1 else f"{int(records.sum()):,} records"
    return chart_map(
        here,
        replace(classes, of=classes.of.reindex(here.table.index, fill_value=-1)),
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


def map_areas(chosen: Chosen) -> AreaMap | Finding:
    """Map the crime type across the whole area. Point at an LSOA to see its records and rate."""
    if chosen.by_lsoa.dropna().empty:
        return _nothing_to_map(chosen)
    try:
        return map_with_figures(chosen.places(), chosen.crime_type, pd.PeriodIndex(chosen.counts.index))
    except InputError as error:
        return _no_map(chosen, error)


def table_months(chosen: Chosen) -> Table:
    """Tabulate records by year and month. Incomplete years have no total; months not chosen are blank."""
    counts, months = chosen.counts, pd.PeriodIndex(chosen.counts.index)
    grid = pd.DataFrame({"Year": months.year.astype(str), "month": months.month, "count": counts.to_numpy()})
    cells: dict[str, Any] = {"index": "Year", "columns": "month", "values": "count", "dropna": False}
    wide = grid.pivot_table(aggfunc="sum", min_count=1, **cells).reindex(columns=range(1, 13)).astype("Int64")
    inside = grid.assign(count=1).pivot_table(aggfunc="sum", **cells).reindex_like(wide).fillna(0).gt(0)
    total = wide.sum(axis=1, min_count=12).astype("Int64")
    shown = wide.astype(object).where(inside, "") if not inside.all(axis=None) else wide
    frame = shown.set_axis(list(MONTH_NAMES), axis="columns").assign(**{"Whole year": total}).reset_index()
    missing = int(counts.isna().sum())
    notes = (
        [f"{missing} of {len(counts)} months are not held in full. They are shown as gaps, not estimated."]
        if missing
        else []
    )
    notes += [] if inside.all(axis=None) else ["Blank: outside the chosen period."]
    caption = f"{chosen.label}, {chosen.opened.area.name}, by month, {chosen.period}"
    return Table(frame, caption, "months-chosen", tuple(notes), chosen.opened.simulated)


def show_model(chosen: Chosen) -> ModelResults | Finding:
    """Show the regression on season and time as statsmodels reports it, or why there is none."""
    return model_results(chosen.counts, chosen.label)


#: The parts shown below a series' sentence, in order: title and function.
PARTS: dict[str, tuple[str, Callable[[Chosen], Any]]] = {
    "trend": ("Trend", show_trend),
    "decomposition": ("Trend and season", show_decomposition),
    "months": ("Months by years", show_months_by_years),
    "years": ("Year on year", show_years),
    "data": ("Data", table_months),
    "map": ("Map", map_records),
    "areas": ("Areas", map_areas),
    "model": ("Model", show_model),
}


def code_of(choice: Choice, shown: str = "") -> str:
    """Return code that chooses the same series and shows every part, to copy into a cell.

    Parameters
    ----------
    shown : str
        What the last line shows instead, in code in which `series` is the series chosen.
    """
    given = {name: value for name, value in choice.options.items() if value and (name, value) != ("place", WHOLE)}
    options = "".join(f", {name}={quoted(value)}" for name, value in given.items())
    every = (describe_trend, *(make for _, make in PARTS.values()))
    display = "display(\n" + "".join(f"    chosen.{make.__name__}(series),\n" for make in every) + ")"
    return (
        ("" if shown else "from IPython.display import display\n\n")
        + "from hcsp_assess import open_edition\n"
        + f"from hcsp_assess.lab import chosen{', compared' if 'compared.' in shown else ''}\n\n"
        + f"series = chosen.choose(open_edition({quoted(choice.edition)}), {quoted(choice.crime_type)}{options})\n"
        + f"{shown or display}\n"
    )


def quoted(text: str) -> str:
    """A text as Python writes it, in double quotes."""
    return json.dumps(text, ensure_ascii=False)


def _assess_alone(opened: OpenEdition, series: Series) -> Verdicts:
    """Find the trend of one series on its own."""
    closed = closed_months(series.counts.index)
    trend = assess_trend(series.counts, interventions=closed, recording_changes=series.steps)
    return Verdicts(opened, {KEY: series}, {KEY: trend})


def _nothing_to_map(chosen: Chosen) -> Finding:
    sentence = f"{chosen.label}: there is no map, because no month of {chosen.period} is held in full."
    return Finding("map_chosen", sentence).marked(simulated=chosen.opened.simulated)


def _no_map(chosen: Chosen, error: InputError) -> Finding:
    return Finding("map_chosen", f"{chosen.label}: there is no map, because {error}.")


def _in_period(counts: pd.DataFrame, first: str, last: str) -> pd.DataFrame:
    begin = parse_month(first) if first else counts.index[0]
    end = parse_month(last) if last else counts.index[-1]
    if end < begin:
        raise UsageError(f"the period ends before it begins: {begin} to {end}")
    inside = counts[(counts.index >= begin) & (counts.index <= end)]
    if inside.empty:
        raise UsageError(
            f"there are no months from {begin} to {end}: choose between {counts.index[0]} and {counts.index[-1]}"
        )
    return inside
