"""Sentences about domestic abuse: calls to the helpline, by financial year."""

from hcsp_assess.assessment.findings import Direction, Finding
from hcsp_assess.assessment.wording.words import published, say_percent, say_signed
from hcsp_assess.disclosure import DisclosureRule
from hcsp_assess.periods import FinancialYear
from hcsp_assess.trends.rates import compare_counts

KEY = "helpline_years"


def describe_helpline(now: int, before: int, year: FinancialYear, rule: DisclosureRule) -> Finding:
    """Compare calls to the helpline in a financial year with the one before, in numbers that may be published."""
    if min(now, before) < max(rule.minimum, 1):
        return Finding(KEY, "Calls to the helpline: numbers too small to publish in at least one of two years.")
    result = compare_counts(now, before)
    shown, shown_before = published(now, rule), published(before, rule)
    percent = 100 * (shown / shown_before - 1)
    clear = result.p_value <= 0.05
    size = (
        "the same as" if shown == shown_before else f"{say_percent(percent)} {'more' if percent > 0 else 'fewer'} than"
    )
    verdict = f": a clear {'rise' if percent > 0 else 'fall'}" if clear else ": no clear change" if percent else ""
    months = year.span.between
    sentence = f"The domestic abuse helpline took {shown:,} calls {months}, {size} the year before{verdict}."
    low, high = 100 * (result.low - 1), 100 * (result.high - 1)
    evidence = {"now": shown, "before": shown_before, "percent": abs(percent), "p_value": result.p_value}
    evidence |= {"low": low, "high": high, "confidence": 95, "year": year.start, "year_end": (year.start + 1) % 100}
    method = f"{result.method}. 95% interval of the change: {say_signed(low)}% to {say_signed(high)}%."
    direction: Direction = ("rising" if percent > 0 else "falling") if clear else "no clear change"
    return Finding(
        KEY,
        sentence,
        evidence,
        direction=direction,
        method=method,
        measure="calls to the domestic abuse helpline",
        period=year.span.spoken,
    )
