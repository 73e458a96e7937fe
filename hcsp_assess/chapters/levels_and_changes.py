"""The chapter on levels and changes: how much was recorded, by crime type, against the year before."""

from functools import partial

import pandas as pd

from hcsp_assess.assessment.findings import Findings
from hcsp_assess.assessment.levels import Level, find_levels
from hcsp_assess.assessment.wording.districts import describe_district, describe_kinds
from hcsp_assess.assessment.wording.levels import say_between, say_compared, say_level_title, say_year
from hcsp_assess.assessment.wording.then_and_now import say_headline
from hcsp_assess.chapters.shared.folded import Titled
from hcsp_assess.chapters.shared.headings import heading_of
from hcsp_assess.edition.districts import DistrictLevels, district_levels
from hcsp_assess.edition.findings import edition_findings
from hcsp_assess.edition.opened import OpenEdition
from hcsp_assess.edition.series import assess_edition, counts_by_label, coverage_notes, each_once, headlines, unit_of
from hcsp_assess.edition.then_and_now import compare_edition
from hcsp_assess.report.charts import Chart
from hcsp_assess.report.monthly_charts import chart_months
from hcsp_assess.report.tables import Table


def findings_headline(opened: OpenEdition) -> Findings:
    """Say how much crime and anti-social behaviour was recorded, and how that compares with the year before."""
    return Findings(edition_findings(opened).levels)


def table_levels(opened: OpenEdition) -> Table:
    """Show each crime type in the year assessed and in the same months of the year before."""
    span = opened.edition.span
    levels = find_levels(each_once(counts_by_label(opened)), span)
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


def sections_by_district(opened: OpenEdition) -> Titled:
    """Show a table of a partnership's districts and a short section on each; nothing where it has one district."""
    found = district_levels(opened)
    sections = tuple(_district_section(district, opened.simulated) for district in found)
    return Titled("By district", (_table_districts(opened, found), *sections) if found else ())


def _district_section(district: DistrictLevels, simulated: bool) -> Titled:
    levels = (district.crime, district.incidents)
    crime, incidents = (describe_district(level, unit_of(level.label), district.name) for level in levels)
    said = (crime, describe_kinds(district.kinds, district.name), incidents)
    shown = Findings(tuple(finding.marked(simulated=simulated) for finding in said if finding is not None))
    return Titled(district.name, (shown,), level=3)


def _table_districts(opened: OpenEdition, found: tuple[DistrictLevels, ...]) -> Table:
    span = opened.edition.span
    now, before = say_year(span), say_year(span.year_before)
    rows = []
    for district in found:
        level, people = district.crime, district.residents
        whole = level.months_published == len(span.months)
        result = level.comparison if level.months_compared == len(span.months) else None
        rows.append(
            {
                "District": district.name,
                "Residents": people.people if people else pd.NA,
                f"Crimes, {now}": level.count if whole else pd.NA,
                f"Crimes, {before}": result.count_before if result else pd.NA,
                "How it changed": _in_words(level),
                "Crimes per 1,000 residents": 1000 * level.count / people.people if people and whole else float("nan"),
                f"Anti-social behaviour, {now}": district.incidents.count if whole else pd.NA,
            }
        )
    frame = pd.DataFrame(rows)
    counted = ["Residents", *(name for name in map(str, frame) if name.startswith(("Crimes, ", "Anti-social")))]
    years = sorted({district.residents.words for district in found if district.residents})
    notes = (f"Residents: {' and '.join(years)} estimates." if years else "No estimate of residents is held.",)
    caption = f"Crimes and incidents recorded in the districts of {opened.area.name}, {now} beside {before}"
    frame = frame.astype(dict.fromkeys(counted, "Int64")).dropna(axis="columns", how="all")
    return Table(frame, caption, "levels-districts", notes, opened.simulated)


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
