"""The chapter on levels and changes: how much was recorded, by crime type, against the year before."""

from functools import partial

import pandas as pd

from hcsp_assess.assessment.findings import Findings
from hcsp_assess.assessment.levels import Level, find_levels
from hcsp_assess.chapters.shared.headings import heading_of
from hcsp_assess.edition.opened import OpenEdition
from hcsp_assess.edition.series import counts_by_label, coverage_notes, headline_levels, headlines, unit_of
from hcsp_assess.report.charts import Chart, Heading
from hcsp_assess.report.monthly_charts import chart_months, chart_small_multiples
from hcsp_assess.report.tables import Table


def findings_headline(opened: OpenEdition) -> Findings:
    """Say how much crime and anti-social behaviour was recorded, and how that compares with the year before."""
    return Findings(tuple(headline_levels(opened)))


def table_levels(opened: OpenEdition) -> Table:
    """Show each crime type in the year assessed and in the same months of the year before."""
    levels = find_levels(counts_by_label(opened), opened.edition.span)
    frame = pd.DataFrame([_line(level) for level in levels]).astype(
        {"In those months": "Int64", "A year earlier": "Int64"}
    )
    during = f"{opened.edition.span.words}, and the same months a year earlier"
    caption = f"Records by crime type, {opened.area.name}, {during}"
    notes = (
        "Anti-social behaviour is counted apart: total recorded crime does not include it.",
        "Only months held in full in both years are compared. The range is a 95% interval of the change, widened for "
        "how much the series varies from month to month. A difference between two years is not a trend.",
        *coverage_notes(opened),
    )
    return Table(frame, caption, "levels", notes, opened.simulated)


def chart_headline(opened: OpenEdition, label: str) -> Chart:
    """Chart total recorded crime or anti-social behaviour by month, with the gaps."""
    values = counts_by_label(opened)[label]
    unit = unit_of(label).capitalize()
    known = values.dropna()
    title = f"{label}: {int(known.iloc[-12:].sum()):,} in the last 12 months held"
    subtitle = f"{unit} a month, {opened.area.name}, {_years(values)}"
    key = f"months-{label.lower().replace(' ', '-')}"
    source, simulated = opened.source.name, opened.simulated
    return chart_months(
        values, Heading(key=key, title=title, subtitle=subtitle, source=source, simulated=simulated), unit=unit
    )


chart_recorded_crime, chart_anti_social_behaviour = (partial(chart_headline, label=label) for label in headlines())


def chart_types(opened: OpenEdition) -> Chart:
    """Chart every crime type by month, each on its own scale."""
    counts = counts_by_label(opened).drop(columns=list(headlines()))
    return chart_small_multiples(
        {str(name): counts[name] for name in counts},
        heading_of(
            opened,
            "months-by-type",
            "Each crime type month by month, each on its own scale",
            f"Offences a month, {opened.area.name}, {_years(counts)}; grey: not held",
        ),
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
