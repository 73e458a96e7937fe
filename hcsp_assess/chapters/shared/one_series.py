"""What a chapter on one series shows: season, years, decomposition, unusual months, forecast; or why it cannot."""

from dataclasses import replace

from hcsp_assess.assessment.findings import Finding
from hcsp_assess.assessment.wording.forecasts import describe_forecast, say_forecast
from hcsp_assess.assessment.wording.seasons import (
    HOW_TO_READ_PARTS,
    describe_no_decomposition,
    describe_one_year,
    note_changes,
    say_parts,
    say_season,
    say_years,
)
from hcsp_assess.assessment.wording.unusual import (
    HOW_TO_READ_LIMITS,
    describe_exceedances,
    describe_few_points,
    describe_no_average,
    describe_no_latest,
    describe_no_limits,
    moves,
    say_unusual,
)
from hcsp_assess.assessment.wording.words import lower_first
from hcsp_assess.chapters.shared.folded import Folded, Titled
from hcsp_assess.chapters.shared.headings import heading_of
from hcsp_assess.edition.series import Verdicts
from hcsp_assess.errors import InputError
from hcsp_assess.report.charts import Chart
from hcsp_assess.report.monthly_charts import chart_decomposition
from hcsp_assess.report.season_charts import chart_months_by_years, chart_years_over_each_other
from hcsp_assess.report.trend_charts import chart_control, chart_forecast
from hcsp_assess.trends.decomposition import decompose
from hcsp_assess.trends.exceedance import find_exceedances
from hcsp_assess.trends.forecast import forecast_year
from hcsp_assess.trends.monthly import periods_per_year
from hcsp_assess.trends.seasons import find_season
from hcsp_assess.trends.spc import Rebase, xmr_chart
from hcsp_assess.trends.year_grid import YearGrid, compare_latest, year_grid

#: Share of months that must be published before a decomposition is drawn; to fill more would be guesswork.
PUBLISHED_NEEDED = 0.8
YEARS_SHOWN = 2  # of a control chart, the latest


def show_months_by_years(verdicts: Verdicts, key: str) -> Chart | Finding:
    """Show the counts of each month by year as a heat map, with the months that are highest and lowest."""
    series, grid = verdicts.series[key], _grid(verdicts, key)
    if len(grid.years_held) < 2:
        found = describe_one_year(key, series.label, len(grid.held), grid.part)
        return found.marked(simulated=verdicts.opened.simulated)
    title = say_season(find_season(series.counts), series.label, grid)
    heading = heading_of(verdicts.opened, f"months-by-years-{_slug(key)}", title, verdicts.subtitle(key))
    return chart_months_by_years(grid, heading, unit=series.unit)


def show_years(verdicts: Verdicts, key: str) -> Chart | None:
    """Lay the years over each other, the latest beside the one before; None where `show_months_by_years` says why."""
    series, grid = verdicts.series[key], _grid(verdicts, key)
    if len(grid.years_held) < 2:
        return None
    title = say_years(compare_latest(grid), series.label, grid)
    heading = heading_of(verdicts.opened, f"years-{_slug(key)}", title, verdicts.subtitle(key))
    heading = replace(heading, note=note_changes([change.month for change in series.steps]))
    return chart_years_over_each_other(grid, heading, unit=series.unit)


def show_decomposition(verdicts: Verdicts, key: str) -> Chart | Finding:
    """Split a series into trend, season and remainder; where too many months are missing, say so."""
    series = verdicts.series[key]
    missing = int(series.counts.isna().sum())
    if missing > (1 - PUBLISHED_NEEDED) * len(series.counts):
        found = describe_no_decomposition(key, series.label, missing, len(series.counts))
        return found.marked(simulated=verdicts.opened.simulated)
    parts = decompose(series.counts, scale="log")
    grid = _grid(verdicts, key)
    title = say_parts(find_season(series.counts), grid, series.label, verdicts.trends[key].verdict)
    heading = heading_of(verdicts.opened, f"decomposition-{_slug(key)}", title, verdicts.subtitle(key))
    return chart_decomposition(parts, replace(heading, note=HOW_TO_READ_PARTS.format(part=grid.part)))


def say_latest(verdicts: Verdicts, key: str) -> Finding:
    """Say whether the latest three months are higher than the same season of earlier years allows."""
    series = verdicts.series[key]
    try:
        found = find_exceedances(series.counts)
    except InputError:
        return describe_no_latest(key, series.label).marked(simulated=verdicts.opened.simulated)
    return describe_exceedances(found, series.label).marked(simulated=verdicts.opened.simulated)


def show_control_chart(verdicts: Verdicts, key: str) -> Chart | Finding:
    """Chart the latest two years without season against their limits; of a series that moves, say where to look.

    Limits start anew where recording is known to have changed, and rest on all months since then.
    """
    series, simulated = verdicts.series[key], verdicts.opened.simulated
    if series.counts.isna().mean() > 1 - PUBLISHED_NEEDED:
        found = describe_no_limits(key, series.label, int(series.counts.isna().sum()), len(series.counts))
        return found.marked(simulated=simulated)
    if moves(verdicts.trends[key]):
        return describe_no_average(key, series.label, verdicts.trends[key]).marked(simulated=simulated)
    try:
        chart = xmr_chart(series.counts, rebase=[Rebase(change.month, change.what) for change in series.steps])
    except InputError as error:
        return describe_few_points(key, series.label, str(error)).marked(simulated=simulated)
    shown = YEARS_SHOWN * periods_per_year(series.counts.index)
    title = say_unusual(chart.points.iloc[-shown:], series.label)
    subtitle = f"{series.unit.capitalize()} a month without the season, {verdicts.opened.area.name}, latest two years"
    heading = heading_of(verdicts.opened, f"control-{_slug(key)}", title, subtitle)
    return chart_control(chart, replace(heading, note=HOW_TO_READ_LIMITS), last=shown)


def show_forecast(verdicts: Verdicts, key: str) -> Chart | Finding:
    """Chart the coming year where a forecast has beaten repeating last year; else say why there is none."""
    series = verdicts.series[key]
    forecast = forecast_year(series.counts, breaks=[change.month for change in series.steps])
    finding = describe_forecast(forecast, series.label, series.unit, verdicts.trends[key]).marked(
        simulated=verdicts.opened.simulated
    )
    if not forecast.usable:
        return finding
    heading = heading_of(
        verdicts.opened,
        f"forecast-{_slug(key)}",
        say_forecast(forecast, series.label, series.unit, verdicts.trends[key]),
        f"{series.unit.capitalize()} a month, {verdicts.opened.area.name}; shaded: likely range",
    )
    return chart_forecast(series.counts, forecast, replace(heading, note=f"{finding.sentence} {finding.certainty}"))


def show_coming_year(verdicts: Verdicts, key: str) -> Titled:
    """The coming year under a heading of its own, where there is a forecast."""
    shown = show_forecast(verdicts, key)
    return Titled("The coming year", (shown,) if isinstance(shown, Chart) else ())


def panel_more(verdicts: Verdicts, key: str, *, years: bool = True) -> Folded:
    """Season, years and unusual months of a series in a closed panel; what cannot be drawn is said there too.

    Parameters
    ----------
    years : bool
        Whether the chart of years over each other is in it, and not outside.
    """
    shown = [
        show_months_by_years(verdicts, key),
        show_years(verdicts, key) if years else None,
        show_decomposition(verdicts, key),
        show_control_chart(verdicts, key),
        show_forecast(verdicts, key),
    ]
    charts = [item for item in shown[:-1] if isinstance(item, Chart)]
    refused = [item for item in shown if isinstance(item, Finding)]
    name = lower_first(verdicts.series[key].label)
    return Folded(f"Season, years and unusual months of {name}", (*charts, *refused))


def _grid(verdicts: Verdicts, key: str) -> YearGrid:
    """The counts by year; a year begins with the month in which the period assessed begins."""
    return year_grid(verdicts.series[key].counts, first_month=verdicts.opened.edition.span.first.month)


def _slug(key: str) -> str:
    return key.replace("_", "-")
