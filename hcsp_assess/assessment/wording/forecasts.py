"""The sentence of a forecast, or why there is none; a forecast that points elsewhere than the trend says both."""

from hcsp_assess.assessment.findings import Finding
from hcsp_assess.assessment.wording.levels import say_counted
from hcsp_assess.assessment.wording.trend_words import rose, say_span, years_named
from hcsp_assess.assessment.wording.words import lower_first
from hcsp_assess.trends.forecast import Forecast
from hcsp_assess.trends.results import Trend


def describe_forecast(forecast: Forecast, name: str, unit: str = "offences", trend: Trend | None = None) -> Finding:
    """Say how many to expect in the coming year, or why there is no forecast.

    Parameters
    ----------
    trend : Trend, optional
        The trend of the same series: where it points another way than the forecast, one sentence says both.
    """
    key = f"{name.lower().replace(' ', '_')}_forecast"
    if not forecast.usable:
        return Finding(key, f"We give no forecast of {lower_first(name)}: {forecast.reason.rstrip('.')}.")
    evidence: dict[str, object] = {
        "total": forecast.total,
        "total_low": forecast.total_low,
        "total_high": forecast.total_high,
        "confidence": 100 * forecast.confidence,
        "months": len(forecast.months),
    }
    likely = f"most likely between {forecast.total_low:,.0f} and {forecast.total_high:,.0f}"
    sentence = (
        f"If things carry on as they are, expect about {say_counted(round(forecast.total), name, unit)} next year "
        f"({likely})."
    )
    if trend is not None and _points_elsewhere(forecast, trend):
        evidence |= {"last_12_total": trend.last_12_total} | years_named(trend)
        likely = "probably " if trend.strength == "probable" else ""
        moved = f"{name} {likely}{rose(trend.verdict == 'rising')} {say_span(trend)}"
        typical = f"{forecast.total_low:,.0f} to {forecast.total_high:,.0f} {unit}"
        last = f"{trend.last_12_total:,} in the last 12 months"
        sentence = f"{moved}, but next year may be much like the last. Expect {typical}, beside {last}."
        if not forecast.total_low <= trend.last_12_total <= forecast.total_high:
            sentence = f"{moved}, but the last 12 months were unusual. Expect {typical} next year, beside {last}."
    certainty = "The range should hold the true figure 19 times out of 20."
    method = f"{100 * forecast.confidence:.0f}% interval; {forecast.reason}."
    return Finding(key, sentence, evidence, certainty, method=method)


def say_forecast(forecast: Forecast, name: str, unit: str, trend: Trend) -> str:
    """The title of a chart of a forecast: what to expect next year, beside the last 12 months."""
    expected = say_counted(round(forecast.total), name, unit)
    likely = f"most likely {forecast.total_low:,.0f} to {forecast.total_high:,.0f}"
    beside = f", beside {trend.last_12_total:,} last year" if trend.last_12_published == trend.per_year else ""
    return f"Expect about {expected} next year ({likely}){beside}"


def _points_elsewhere(forecast: Forecast, trend: Trend) -> bool:
    """Whether a rise is followed by a forecast below the last year, or a fall by one above it."""
    if trend.verdict not in ("rising", "falling") or trend.last_12_published < trend.per_year:
        return False
    return (forecast.total < trend.last_12_total) == (trend.verdict == "rising")
