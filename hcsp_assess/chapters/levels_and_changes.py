"""The chapter on levels and changes: how much was recorded, by crime type, against the year before."""

from functools import partial

import pandas as pd

from hcsp_assess.assessment.findings import Findings
from hcsp_assess.assessment.levels import Level, find_levels
from hcsp_assess.assessment.wording.levels import say_between, say_compared, say_level_title, say_year
from hcsp_assess.assessment.wording.then_and_now import say_headline
from hcsp_assess.chapters.shared.headings import heading_of
from hcsp_assess.edition.findings import edition_findings
from hcsp_assess.edition.opened import OpenEdition
from hcsp_assess.edition.series import assess_edition, counts_by_label, coverage_notes, headlines, unit_of
from hcsp_assess.edition.then_and_now import compare_edition
from hcsp_assess.report.charts import Chart
from hcsp_assess.report.monthly_charts import chart_months
from hcsp_assess.report.tables import Table
from hcsp_assess.subject.crime_types import HEADLINES, comparable_series


def findings_headline(opened: OpenEdition) -> Findings:
    """Say how much crime and anti-social behaviour was recorded, and how that compares with the year before."""
    return Findings(edition_findings(opened).levels)


def table_levels(opened: OpenEdition) -> Table:
    """Show each crime type in the year assessed and in the same months of the year before."""
    span = opened.edition.span
    levels = find_levels(_each_once(counts_by_label(opened)), span)
    compared = {level.compared for level in levels if level.comparison}
    months = max(compared, key=len, default=())
    partial = len(months) < len(span.months)
    frame = pd.DataFrame([_line(level, months) for level in levels])
    now, before = say_year(span), say_year(span.year_before)
    which = f"{say_compared(months)} " if partial and months else ""
    names = {"Year": now, "Now": f"{which}{now}", "Before": f"{which}{before}"}
    frame = frame if partial else frame.drop(columns="Now")
    columns = ["Now", "Before"] if partial else ["Before"]
    frame = frame.astype(dict.fromkeys(columns, "Int64")).rename(columns=names)
    caption = f"Crimes and incidents recorded in {opened.area.name}, {now} beside {before}"
    notes = (
        "Anti-social behaviour is counted apart: it is no part of total recorded crime. A difference between two years "
        "is not a trend.",
        *coverage_notes(opened),
    )
    return Table(frame, caption, "levels", notes, opened.simulated)


def table_ranges(opened: OpenEdition) -> Table:
    """Show the likely range of each crime type's change, in a closed panel."""
    rows = [_range_line(level) for level in find_levels(counts_by_label(opened), opened.edition.span)]
    caption = f"Likely range of each change on the year before, {opened.area.name}, {say_year(opened.edition.span)}"
    notes = ("Only months held in full in both years are compared. The range allows for how much months differ.",)
    folded = "Likely range of each change"
    return Table(pd.DataFrame(rows), caption, "levels-ranges", notes, opened.simulated, folded)


def chart_headline(opened: OpenEdition, label: str) -> Chart:
    """Chart total recorded crime or anti-social behaviour by month, with the gaps."""
    values = counts_by_label(opened)[label]
    unit = unit_of(label).capitalize()
    subtitle = f"{unit} a month, {opened.area.name}, {_years(values)}"
    key = f"months-{label.lower().replace(' ', '-')}"
    return chart_months(values, heading_of(opened, key, _title(opened, label), subtitle), unit=unit)


chart_recorded_crime, chart_anti_social_behaviour = (partial(chart_headline, label=label) for label in headlines())


def _title(opened: OpenEdition, label: str) -> str:
    """The message of a chart by month: against the earliest months where years are missing, else the year before."""
    verdicts = assess_edition(opened)
    key = next((key for key, item in verdicts.series.items() if item.label == label), "")
    found = compare_edition(verdicts).found.get(key)
    if found is not None:
        return say_headline(found, label, unit_of(label))
    (level,) = find_levels(counts_by_label(opened)[[label]], opened.edition.span)
    return say_level_title(level, unit_of(label))


def _each_once(counts: pd.DataFrame) -> pd.DataFrame:
    """Counts without the sums of types that are there by themselves."""
    single = {item.parts[0] for item in comparable_series() if len(item.parts) == 1 and item.label in counts}
    sums = [
        item.label
        for item in comparable_series()
        if item.key not in HEADLINES and len(item.parts) > 1 and set(item.parts) & single
    ]
    return counts.drop(columns=sums, errors="ignore")


def _years(counts: pd.DataFrame | pd.Series) -> str:
    months = pd.PeriodIndex(counts.index)
    return f"{months[0].year} to {months[-1].year}"


def _line(level: Level, months: tuple[pd.Period, ...]) -> dict[str, object]:
    result = level.comparison
    same = result is not None and level.compared == months
    return {
        "Crime type": level.label,
        "Year": level.count,
        "Now": result.count if result and same else pd.NA,
        "Before": result.count_before if result and same else pd.NA,
        "How it changed": _in_words(level),
    }


def _range_line(level: Level) -> dict[str, object]:
    result = level.comparison
    line: dict[str, object] = {"Crime type": level.label, "Months compared": level.months_compared}
    if result is None:
        return line | {"Change": "not known", "Likely range": "not known"}
    change = f"{result.count - result.count_before:+,}".replace("-", "−").replace("+0", "0")
    low, high = 100 * (result.low - 1), 100 * (result.high - 1)
    return line | {"Change": change, "Likely range": say_between(low, high)}


def _in_words(level: Level) -> str:
    result = level.comparison
    if result is None:
        return "not known"
    if result.low <= 1 <= result.high:
        return "no clear change"
    return "higher" if result.rate_ratio > 1 else "lower"
