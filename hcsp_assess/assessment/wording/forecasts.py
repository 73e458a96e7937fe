"""The sentence of a forecast, or why there is none; a forecast that points elsewhere than the trend says both."""

from hcsp_assess.assessment.findings import Finding
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
        return Finding(key, f"No forecast is given for {lower_first(name)}: {forecast.reason.rstrip('.')}.")
    evidence: dict[str, object] = {
        "total": forecast.total,
        "total_low": forecast.total_low,
        "total_high": forecast.total_high,
        "confidence": 100 * forecast.confidence,
        "months": len(forecast.months),
    }
    likely = f"most likely between {forecast.total_low:,.0f} and {forecast.total_high:,.0f}"
    sentence = (
        f"{name}: if things carry on as they are, expect about {forecast.total:,.0f} {unit} next year ({likely})."
    )
    if trend is not None and _points_elsewhere(forecast, trend):
        evidence |= {"last_12_total": trend.last_12_total} | years_named(trend)
        moved = rose(trend.verdict == "rising")
        typical = f"a typical next year would have {forecast.total_low:,.0f} to {forecast.total_high:,.0f} {unit}"
        last = f"against {trend.last_12_total:,} in the last 12 months"
        sentence = f"{name} {moved} {say_span(trend)}; {typical}, {last}."
    certainty = f"{100 * forecast.confidence:.0f}% interval; {forecast.reason}."
    return Finding(key, sentence, evidence, certainty)


def _points_elsewhere(forecast: Forecast, trend: Trend) -> bool:
    """Whether a rise is followed by a forecast below the last year, or a fall by one above it."""
    if trend.verdict not in ("rising", "falling") or trend.last_12_published < trend.per_year:
        return False
    return (forecast.total < trend.last_12_total) == (trend.verdict == "rising")
