"""The chapter on levels and changes: how much was recorded, by crime type, against the year before."""

from functools import partial

import pandas as pd

from hcsp_assess.assessment.findings import Findings
from hcsp_assess.assessment.levels import Level, find_levels
from hcsp_assess.assessment.wording.levels import describe_level
from hcsp_assess.report.charts import Chart
from hcsp_assess.report.monthly_charts import chart_months, chart_small_multiples
from hcsp_assess.report.tables import Table
from hcsp_assess.run.build import Prepared
from hcsp_assess.subject.crime_types import comparable_series

RECORDED_CRIME, ASB = "Total recorded crime", "Anti-social behaviour"


def series_counts(opened: Prepared) -> pd.DataFrame:
    """Monthly counts of each comparable series under the name readers know; series without any value are left out."""
    counts = opened.counts("series").rename(columns={entry.key: entry.label for entry in comparable_series()})
    return counts.loc[:, counts.notna().any()]


def findings_headline(opened: Prepared) -> Findings:
    """Say how much crime and anti-social behaviour was recorded, and how that compares with the year before."""
    counts = series_counts(opened)[[RECORDED_CRIME, ASB]]
    units = {RECORDED_CRIME: "offences", ASB: "incidents"}
    found = [describe_level(level, units[level.label]) for level in find_levels(counts, opened.edition.span)]
    return Findings(tuple(finding.marked(simulated=opened.simulated) for finding in found))


def table_levels(opened: Prepared) -> Table:
    """Show each crime type in the year assessed and in the same months of the year before."""
    levels = find_levels(series_counts(opened), opened.edition.span)
    frame = pd.DataFrame([_line(level) for level in levels]).astype(
        {"In those months": "Int64", "A year earlier": "Int64"}
    )
    during = f"{opened.edition.span.words}, and the same months a year earlier"
    caption = f"Records by crime type, {opened.area.name}, {during}"
    notes = (
        "Anti-social behaviour is counted apart: total recorded crime does not include it.",
        "Only months published in both years are compared. The range is a 95% interval of the change, widened for how "
        "much the series varies from month to month. A difference between two years is not a trend.",
    )
    return Table(frame, caption, "levels", notes, opened.simulated)


def chart_headline(opened: Prepared, label: str) -> Chart:
    """Chart total recorded crime or anti-social behaviour by month, with the gaps."""
    values = series_counts(opened)[label]
    unit = "Incidents" if label == ASB else "Offences"
    known = values.dropna()
    title = f"{label}: {int(known.iloc[-12:].sum()):,} in the last 12 months published"
    subtitle = f"{unit} a month, {opened.area.name}, {_years(values)}"
    key = f"months-{label.lower().replace(' ', '-')}"
    source, simulated = opened.source.name, opened.simulated
    return chart_months(values, key=key, title=title, subtitle=subtitle, source=source, simulated=simulated, unit=unit)


chart_recorded_crime = partial(chart_headline, label=RECORDED_CRIME)
chart_anti_social_behaviour = partial(chart_headline, label=ASB)


def chart_types(opened: Prepared) -> Chart:
    """Chart every crime type by month, each on its own scale."""
    counts = series_counts(opened).drop(columns=[RECORDED_CRIME, ASB])
    return chart_small_multiples(
        {str(name): counts[name] for name in counts},
        key="months-by-type",
        title="Each crime type month by month, each on its own scale",
        subtitle=f"Offences a month, {opened.area.name}, {_years(counts)}; grey: not published",
        source=opened.source.name,
        simulated=opened.simulated,
    )


def _years(counts: pd.DataFrame | pd.Series) -> str:
    months = pd.PeriodIndex(counts.index)
    return f"{months[0].year} to {months[-1].year}"


def _line(level: Level) -> dict[str, object]:
    result = level.comparison
    line: dict[str, object] = {
        "Crime type": level.label,
        "Year assessed": level.count,
        "Months compared": f"{level.months_compared} of {level.months_in_period}",
        "In those months": result.count if result else pd.NA,
        "A year earlier": result.count_before if result else pd.NA,
        "Change": f"{result.count - result.count_before:+,}".replace("-", "−") if result else "cannot be told",
        "Range of the change": "cannot be told",
        "In words": "cannot be told",
    }
    if result:
        line["Range of the change"] = _range(100 * (result.low - 1), 100 * (result.high - 1))
        clear = not result.low <= 1 <= result.high
        line["In words"] = ("higher" if result.rate_ratio > 1 else "lower") if clear else "no clear change"
    return line


def _range(low: float, high: float) -> str:
    return f"{low:+.0f}% to {high:+.0f}%".replace("-", "−") if high < 1e6 else "cannot be told"
