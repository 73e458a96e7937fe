"""What a chapter on one series shows: decomposition, unusual months, control chart, forecast; or why it cannot."""

from hcsp_assess.assessment.findings import Finding
from hcsp_assess.assessment.wording.trends import (
    describe_exceedances,
    describe_forecast,
    describe_no_decomposition,
    describe_no_latest,
    describe_no_limits,
)
from hcsp_assess.chapters.shared.headings import heading_of
from hcsp_assess.edition.series import Verdicts
from hcsp_assess.errors import InputError
from hcsp_assess.report.charts import Chart
from hcsp_assess.report.monthly_charts import chart_decomposition
from hcsp_assess.report.trend_charts import chart_control, chart_forecast
from hcsp_assess.trends.decomposition import decompose
from hcsp_assess.trends.exceedance import find_exceedances
from hcsp_assess.trends.forecast import forecast_year
from hcsp_assess.trends.spc import Rebase, xmr_chart

#: Share of months that must be published before a decomposition is drawn; filling more would be invention.
PUBLISHED_NEEDED = 0.8


def show_decomposition(verdicts: Verdicts, key: str) -> Chart | Finding:
    """Split a series into trend, season and remainder; where too many months are missing, say so."""
    series = verdicts.series[key]
    missing = int(series.counts.isna().sum())
    if missing > (1 - PUBLISHED_NEEDED) * len(series.counts):
        found = describe_no_decomposition(key, series.label, missing, len(series.counts))
        return found.marked(simulated=verdicts.opened.simulated)
    parts = decompose(series.counts, scale="log")
    return chart_decomposition(
        parts,
        heading_of(
            verdicts.opened,
            f"decomposition-{_slug(key)}",
            f"{series.label}: trend, season and remainder",
            verdicts.subtitle(key),
        ),
    )


def say_latest(verdicts: Verdicts, key: str) -> Finding:
    """Say whether the latest three months are higher than the same season of earlier years allows."""
    series = verdicts.series[key]
    try:
        found = find_exceedances(series.counts)
    except InputError:
        return describe_no_latest(key, series.label).marked(simulated=verdicts.opened.simulated)
    return describe_exceedances(found, series.label).marked(simulated=verdicts.opened.simulated)


def show_control_chart(verdicts: Verdicts, key: str) -> Chart | Finding:
    """Chart the seasonally adjusted months against their limits, re-based where recording is known to have changed."""
    series = verdicts.series[key]
    if series.counts.isna().mean() > 1 - PUBLISHED_NEEDED:
        found = describe_no_limits(key, series.label, int(series.counts.isna().sum()), len(series.counts))
        return found.marked(simulated=verdicts.opened.simulated)
    rebase = [Rebase(change.month, change.what) for change in series.steps]
    chart = xmr_chart(series.counts, rebase=rebase)
    unusual = int(chart.points["special"].sum())
    told = f"{unusual} of {len(chart.points)} months break a rule" if unusual else "no month breaks a rule"
    return chart_control(
        chart,
        heading_of(
            verdicts.opened,
            f"control-{_slug(key)}",
            f"{series.label}: {told}",
            f"{series.unit.capitalize()} a month without season; a trend breaks the rules too: see the verdict",
        ),
    )


def show_forecast(verdicts: Verdicts, key: str) -> Chart | Finding:
    """Chart the coming year where a forecast has beaten repeating last year; else say why there is none."""
    series = verdicts.series[key]
    forecast = forecast_year(series.counts, breaks=[change.month for change in series.steps])
    finding = describe_forecast(forecast, series.label, series.unit).marked(simulated=verdicts.opened.simulated)
    if not forecast.usable:
        return finding
    return chart_forecast(
        series.counts,
        forecast,
        heading_of(
            verdicts.opened,
            f"forecast-{_slug(key)}",
            finding.sentence.rstrip("."),
            f"{series.unit.capitalize()} a month, {verdicts.opened.area.name}; {finding.certainty}",
        ),
    )


def _slug(key: str) -> str:
    return key.replace("_", "-")
