"""The chosen series beside a second place, or one of its periods beside another: a sentence, a chart and a table."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import pandas as pd

from hcsp_assess.assessment.findings import Finding
from hcsp_assess.assessment.wording.compared import (
    describe_places_by_count,
    describe_two_periods,
    describe_two_places,
    say_span_of,
    say_two_periods,
    say_two_places,
)
from hcsp_assess.chapters.shared.headings import heading_of
from hcsp_assess.edition.opened import OpenEdition
from hcsp_assess.edition.places import OF_VISITORS
from hcsp_assess.edition.residents import residents_of, year_of
from hcsp_assess.edition.series import closed_months
from hcsp_assess.errors import InputError, UsageError
from hcsp_assess.lab.chosen import KEY, Chosen
from hcsp_assess.lab.chosen_place import ChosenPlace, find_place
from hcsp_assess.periods import parse_month
from hcsp_assess.places.two_places import compare_places
from hcsp_assess.report.charts import Chart, Heading
from hcsp_assess.report.compared_charts import chart_two_periods, chart_two_places
from hcsp_assess.sources.geography import geography
from hcsp_assess.subject.crime_types import series as comparable
from hcsp_assess.subject.recording_changes import RecordingChange
from hcsp_assess.trends.monthly import MONTHS_A_YEAR, periods_per_year
from hcsp_assess.trends.then_and_now import compare_spells
from hcsp_assess.trends.verdicts import DatedChange
from hcsp_assess.trends.year_grid import first_months

NO_RATE = "It happens to shops and visitors more than to residents, so the places have no rates to compare."
NO_RESIDENTS = "Numbers of residents are not available for these places, so they have no rates to compare."
PER = 1000


@dataclass(frozen=True)
class Compared:
    """A comparison: what it says, and the chart, whose table has the figures."""

    finding: Finding
    chart: Chart

    def _repr_html_(self) -> str:
        return f"{self.finding._repr_html_()}\n{self.chart._repr_html_()}"


def compare_with_place(series: Chosen, place: str) -> Compared:
    """Compare the chosen place with another over the chosen months: rates per 1,000 residents where both have them.

    Parameters
    ----------
    place : str
        Key of the other place; see `lab.chosen_place.places_of`. Of two places of which one is part of the other, the
        larger becomes the rest of it.

    Raises
    ------
    UsageError
        If both are the same place, or they overlap and neither is part of the other.
    InputError
        If no month is held.
    """
    opened, label = series.opened, comparable(series.crime_type).label
    pair = _apart(series.place, find_place(opened.area, place))
    monthly = opened.counts("lsoa", measure=series.crime_type).reindex(series.by_lsoa.index)
    counts = pd.DataFrame({each.words: _sum(monthly, each) for each in pair})
    held = pd.PeriodIndex(counts.dropna().index)
    if held.empty:
        raise InputError(f"no month of {series.period} is held in full: choose other months")
    when = _months_in_words(held, len(counts))
    names = pair[0].words, pair[1].words
    people, why = _people(opened, series.crime_type, pair)
    if people is None:
        totals = counts.dropna().sum()
        finding = describe_places_by_count((int(totals.iloc[0]), int(totals.iloc[1])), label, names, when, why)
        return _of_places(series, finding, counts, f"{label} in {names[0]} and {names[1]}", "records a month")
    found = compare_places(counts[names[0]], counts[names[1]], people)
    finding = describe_two_places(found, label, names, when)
    rates = counts.astype("Float64") * PER * MONTHS_A_YEAR / pd.Series(people, index=counts.columns)
    return _of_places(series, finding, rates, say_two_places(found, label, names), f"rate a year per {PER:,} residents")


def compare_with_period(series: Chosen, period: tuple[str, str], other: tuple[str, str]) -> Compared:
    """Compare two periods of the chosen series, each of up to twelve months, over the calendar months held in both.

    Parameters
    ----------
    period, other : tuple of str
        First and last month of each, such as ("2025-01", "2025-12"); the later is compared with the earlier.

    Raises
    ------
    UsageError
        If a period ends before it begins, is longer than a year or outside the chosen months, or the two overlap.
    InputError
        If no month of one of them is held.
    """
    own = series.verdicts.series[KEY]
    spans = [period_of(series.counts, *each) for each in (period, other)]
    heading = heading_of(
        series.opened, "two-periods", own.label, f"{own.unit.capitalize()} a month, {series.opened.area.name}"
    )
    made = compare_periods_of(series.counts, own.label, own.unit, (spans[0], spans[1]), heading, own.steps)
    return replace(made, finding=made.finding.marked(simulated=series.opened.simulated))


def compare_periods_of(
    counts: pd.Series,
    label: str,
    unit: str,
    spans: tuple[pd.PeriodIndex, pd.PeriodIndex],
    heading: Heading,
    changes: Sequence[DatedChange] = (),
) -> Compared:
    """Compare two periods of any monthly or quarterly series; see `trends.then_and_now.compare_spells`."""
    earlier, later = sorted(spans, key=lambda span: span[0])
    if earlier[-1] >= later[0]:
        raise UsageError("the two periods overlap: choose periods that have no month in common")
    for span in (earlier, later):
        if counts.reindex(span).isna().all():
            raise InputError(f"no month of {say_span_of(span)} is held in full: choose another period")
    closed = closed_months(first_months(counts.index))
    found = compare_spells(counts, assessed=later, against=earlier, interventions=closed, recording_changes=changes)
    known = found.spells[0].recording_changes if found.spells else ()
    said = [change for change in known if isinstance(change, RecordingChange)]
    finding = describe_two_periods(found, label, unit, (later, earlier), said)
    titled = replace(heading, title=say_two_periods(found, label, (later, earlier)))
    names = say_span_of(later), say_span_of(earlier)
    return Compared(finding, chart_two_periods(counts.reindex(later), counts.reindex(earlier), names, titled))


def period_of(counts: pd.Series, first: str, last: str) -> pd.PeriodIndex:
    """Return a period of up to a year within a series; the error says what is wrong with the months."""
    index = pd.PeriodIndex(counts.index)
    begin, end = (parse_month(each).asfreq(index.freqstr) for each in (first, last))
    if end < begin:
        raise UsageError(f"the period ends before it begins: {begin} to {end}")
    if begin < index[0] or end > index[-1]:
        raise UsageError(f"{begin} to {end} is outside the months chosen, {index[0]} to {index[-1]}")
    span = pd.period_range(begin, end, freq=index.freqstr)
    if len(span) > periods_per_year(index):
        raise UsageError(f"{begin} to {end} is longer than a year: choose up to twelve months")
    return span


def _apart(first: ChosenPlace, second: ChosenPlace) -> tuple[ChosenPlace, ChosenPlace]:
    """The two places without what they share: of one within the other, the rest of the larger."""
    one, two = set(first.codes), set(second.codes)
    if one == two:
        raise UsageError(f"both places are {first.words}: choose another place to compare with")
    if one < two:
        return first, _rest(second, one)
    if two < one:
        return _rest(first, two), second
    if one & two:
        raise UsageError(
            f"{first.words} and {second.words} have {len(one & two)} small areas in common: choose places that do not "
            "overlap"
        )
    return first, second


def _rest(place: ChosenPlace, without: set[str]) -> ChosenPlace:
    words = f"the rest of {place.words}"
    return replace(place, words=words, codes=tuple(code for code in place.codes if code not in without))


def _people(
    opened: OpenEdition, crime_type: str, pair: tuple[ChosenPlace, ChosenPlace]
) -> tuple[tuple[float, float] | None, str]:
    """Residents of both places; or None, and why there are no rates."""
    if crime_type in OF_VISITORS:
        return None, NO_RATE
    try:
        here = geography(opened.area.key, opened.project.root)
    except InputError:
        return None, NO_RESIDENTS
    people = residents_of(here, year_of(opened.edition.span)).people
    sums = [float(people.reindex(list(place.codes)).sum(skipna=False)) for place in pair]
    return ((sums[0], sums[1]), "") if min(sums) > 0 else (None, NO_RESIDENTS)


def _sum(monthly: pd.DataFrame, place: ChosenPlace) -> pd.Series:
    return monthly[list(place.codes)].sum(axis=1, min_count=len(place.codes)).astype("Int64")


def _months_in_words(held: pd.PeriodIndex, asked: int) -> str:
    span = say_span_of(held)
    return span if len(held) == asked else f"{len(held)} months held, {span}"


def _of_places(series: Chosen, finding: Finding, shown: pd.DataFrame, title: str, unit: str) -> Compared:
    what = f"{comparable(series.crime_type).label} by month, {unit}, {series.opened.area.name}, {series.period}"
    heading = heading_of(series.opened, "two-places", title, what)
    return Compared(finding.marked(simulated=series.opened.simulated), chart_two_places(shown, heading, unit=unit))
