"""Trends in a file of one's own: what the command `hcsp-assess trends` says, writes and draws."""

import math
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pandas as pd
from markupsafe import Markup

from hcsp_assess.assessment.wording.seasons import HOW_TO_READ_PARTS, say_parts, say_season, say_years
from hcsp_assess.assessment.wording.trends import describe_trend, say_all, say_certainty, say_title
from hcsp_assess.errors import InputError
from hcsp_assess.report.charts import Chart, Heading
from hcsp_assess.report.monthly_charts import chart_decomposition, chart_months
from hcsp_assess.report.pages import assemble_page
from hcsp_assess.report.season_charts import chart_months_by_years, chart_years_over_each_other
from hcsp_assess.report.trend_charts import chart_verdict
from hcsp_assess.trends import Question, Trend
from hcsp_assess.trends.decomposition import decompose
from hcsp_assess.trends.monthly import periods_per_year
from hcsp_assess.trends.seasons import find_season
from hcsp_assess.trends.year_grid import compare_latest, part_of_year, year_grid

#: Series of a page that also have charts of months by years and of one year over another: a second's work for each.
SEASONS_SHOWN = 20


def tell(trends: dict[str, Trend], unit: str = "offences") -> list[dict[str, Any]]:
    """Return each trend as plain values, for a table or for JSON; ``unit`` is what is counted."""
    return [_told(name, trend, unit) for name, trend in trends.items()]


def draw_page(
    counts: pd.DataFrame,
    trends: dict[str, Trend],
    source: str,
    *,
    unit: str = "offences",
    progress: Callable[[int, int], None] | None = None,
) -> str:
    """Return a page with each series' sentence, its trend, its decomposition and its years, where these can be drawn.

    The heat map of months by years and the years over each other are drawn for the first 20 series; the page says so.
    """
    parts = []
    for number, (name, trend) in enumerate(trends.items(), start=1):
        if progress is not None:
            progress(number - 1, len(trends))
        finding = describe_trend(trend, name, unit)
        months = pd.PeriodIndex(counts.index)
        subtitle = f"A {part_of_year(periods_per_year(months))}, {months[0].year} to {months[-1].year}"
        title = say_title(trend, name)
        heading = Heading(key=f"verdict-{number}", title=title, subtitle=subtitle, source=source)
        parts += [f"<h2>{Markup.escape(name)}</h2>", finding._repr_html_()]
        if not trend.tested:
            parts.append(chart_months(counts[name], replace(heading, key=f"months-{number}"))._repr_html_())
        else:
            parts.append(chart_verdict(trend, heading, sentence=finding.sentence)._repr_html_())
            parts.append(_decomposition(counts[name], name, trend, replace(heading, key=f"decomposition-{number}")))
        if number <= SEASONS_SHOWN:
            named = replace(heading, key=str(number))
            parts += [chart._repr_html_() for chart in charts_by_year(counts[name], name, named, unit)]
        elif number == SEASONS_SHOWN + 1:
            parts.append(f"<p>Charts by year are drawn for the first {SEASONS_SHOWN} series of a file.</p>")
    return assemble_page(f"Trends in {source}", Markup("\n".join(parts)))  # noqa: S704 - escaped by its makers


def _told(name: str, trend: Trend, unit: str) -> dict[str, Any]:
    finding, question = describe_trend(trend, name, unit), trend.deciding
    return {
        "series": name,
        "verdict": trend.verdict,
        "strength": trend.strength,
        "trend": say_certainty(trend),
        "in_short": say_title(trend, name),
        "decided_by": trend.follows,
        "percent": _number(question.percent),
        "percent_per_year": _number(question.percent) if question is not trend.last_12_months else None,
        "low": _number(question.low) if question.was_asked else None,
        "high": _number(question.high) if question.was_asked else None,
        "adjusted_p_value": question.adjusted_p_value if question.was_asked else None,
        "questions": {each: _answered(answer) for each, answer in trend.questions.items()},
        "first_month": str(trend.first_month),
        "last_month": str(trend.last_month),
        "first_recorded": str(trend.began) if trend.began is not None else None,
        "last_recorded": str(trend.ended) if trend.ended is not None else None,
        "last_12_total": trend.last_12_total,
        "previous_12_total": trend.previous_12_total,
        "yearly_totals": [{"to": str(year.last), "total": year.total, "held": year.published} for year in trend.years],
        "months_used": trend.months_used,
        "months_set_aside": [
            {"month": str(item.month), "count": item.count, "reason": item.reason} for item in trend.months_set_aside
        ],
        "series_tested": trend.series_tested,
        "sentence": say_all(finding),
        "certainty": finding.certainty,
        "notes": list(trend.notes),
        "method": trend.method,
    }


def _answered(question: Question) -> dict[str, Any] | None:
    """One question's answer; None where it was not asked."""
    if not question.was_asked:
        return None
    names = ("asked", "percent", "low", "high", "p_value", "adjusted_p_value")
    return {each: _number(getattr(question, each)) for each in names}


def _number(value: Any) -> Any:
    """A number that JSON can hold: None for what is not known or has no end."""
    return value if isinstance(value, str) or math.isfinite(value) else None


def _decomposition(counts: pd.Series, name: str, trend: Trend, heading: Heading) -> str:
    try:
        return chart_parts(counts, name, trend, heading)._repr_html_()
    except InputError as error:
        return f"<p>{Markup.escape(f'{name} is not decomposed: {error}.')}</p>"


def chart_parts(counts: pd.Series, name: str, trend: Trend, heading: Heading) -> Chart:
    """Chart trend, season and remainder of a series; its title says what they show.

    Raises
    ------
    InputError
        If too few months are held.
    """
    parts = decompose(counts, scale="log")
    grid = year_grid(counts)
    title = say_parts(find_season(counts), grid, name, trend.verdict)
    note = HOW_TO_READ_PARTS.format(part=grid.part)
    return chart_decomposition(parts, replace(heading, title=title, note=note))


def charts_by_year(counts: pd.Series, name: str, heading: Heading, unit: str) -> list[Chart]:
    """Chart the months by years and the years over each other, where two years are held; else there is no chart.

    Parameters
    ----------
    heading : Heading
        Its key completes "months-by-years-" and "years-".
    """
    grid = year_grid(counts)
    if len(grid.years_held) < 2:
        return []
    season = replace(heading, key=f"months-by-years-{heading.key}", title=say_season(find_season(counts), name, grid))
    years = replace(heading, key=f"years-{heading.key}", title=say_years(compare_latest(grid), name, grid))
    return [
        chart_months_by_years(grid, season, unit=unit),
        chart_years_over_each_other(grid, years, unit=unit),
    ]
