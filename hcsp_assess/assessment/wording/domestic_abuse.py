"""Sentences about domestic abuse: calls to the helpline, by financial year."""

from collections.abc import Sequence

from hcsp_assess.assessment.findings import Direction, Finding
from hcsp_assess.assessment.wording.words import say_percent, say_signed
from hcsp_assess.disclosure import DisclosureRule, published
from hcsp_assess.periods import FinancialYear
from hcsp_assess.trends.rates import compare_counts

KEY = "helpline_years"


def describe_helpline(now: Sequence[int], before: Sequence[int], year: FinancialYear, rule: DisclosureRule) -> Finding:
    """Compare calls to the helpline in a financial year with the one before, in numbers that may be published.

    Parameters
    ----------
    now, before : sequence of int
        Calls by quarter in the year and in the one before; the sums are those of the published quarters.
    """
    if any(0 < calls < rule.minimum for calls in (*now, *before)) or not sum(now) or not sum(before):
        return Finding(KEY, "Calls to the helpline: numbers too small to publish in at least one of two years.")
    shown, shown_before = (sum(published(calls, rule) for calls in quarters) for quarters in (now, before))
    result = compare_counts(shown, shown_before)
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
