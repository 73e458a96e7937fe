"""Verdicts on a file of one's own: what the command `hcsp-assess trends` tells, writes and draws."""

from dataclasses import replace
from typing import Any

import pandas as pd
from markupsafe import Markup

from hcsp_assess.assessment.wording.trends import describe_trend, say_certainty
from hcsp_assess.errors import InputError
from hcsp_assess.report.charts import Heading
from hcsp_assess.report.monthly_charts import chart_decomposition, chart_months
from hcsp_assess.report.pages import assemble_page
from hcsp_assess.report.trend_charts import chart_verdict
from hcsp_assess.trends import Trend
from hcsp_assess.trends.decomposition import decompose


def tell(trends: dict[str, Trend]) -> list[dict[str, Any]]:
    """Return each verdict as plain values, for a table or for JSON."""
    return [_told(name, trend) for name, trend in trends.items()]


def draw_page(counts: pd.DataFrame, trends: dict[str, Trend], source: str) -> str:
    """Return a page with each series' sentence, its verdict chart, and its decomposition where that can be had."""
    parts = []
    for number, (name, trend) in enumerate(trends.items(), start=1):
        finding = describe_trend(trend, name)
        months = pd.PeriodIndex(counts.index)
        subtitle = f"A month, {months[0].year} to {months[-1].year}"
        title = f"{name}: {say_certainty(trend)}"
        heading = Heading(key=f"verdict-{number}", title=title, subtitle=subtitle, source=source)
        parts += [f"<h2>Series {number}</h2>", finding._repr_html_()]
        if trend.verdict == "too little data":
            parts.append(chart_months(counts[name], replace(heading, key=f"months-{number}"))._repr_html_())
            continue
        drawn = chart_verdict(trend, heading, sentence=finding.sentence)
        parts.append(drawn._repr_html_())
        parts.append(_decomposition(counts[name], name, replace(heading, key=f"decomposition-{number}")))
    return assemble_page(f"Verdicts on {source}", Markup("\n".join(parts)))  # noqa: S704 - escaped by its makers


def _told(name: str, trend: Trend) -> dict[str, Any]:
    question = trend.last_36_months if trend.follows == "last 36 months" else trend.long_run
    tested = trend.verdict != "too little data"
    return {
        "series": name,
        "verdict": trend.verdict,
        "strength": trend.strength,
        "percent_per_year": question.percent if tested else None,
        "low": question.low if tested else None,
        "high": question.high if tested else None,
        "adjusted_p_value": question.adjusted_p_value if tested else None,
        "last_12_months_percent": trend.last_12_months.percent if trend.last_12_months.p_value < 1 else None,
        "last_12_total": trend.last_12_total,
        "previous_12_total": trend.previous_12_total,
        "months_used": trend.months_used,
        "series_tested": trend.series_tested,
        "sentence": describe_trend(trend, name).sentence,
        "method": trend.method,
    }


def _decomposition(counts: pd.Series, name: str, heading: Heading) -> str:
    try:
        parts = decompose(counts, scale="log")
    except InputError as error:
        return f"<p>{Markup.escape(f'{name} is not decomposed: {error}.')}</p>"
    return chart_decomposition(parts, replace(heading, title=f"{name}: trend, season and remainder"))._repr_html_()
