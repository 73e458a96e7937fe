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
        return Finding(KEY, "Calls to the helpline were too few to publish, or there were none, in one of two years.")
    result = compare_counts(now, before)
    shown, shown_before = published(now, rule), published(before, rule)
    percent = 100 * (shown / shown_before - 1)
    clear = result.p_value <= 0.05
    size = f"{say_percent(percent)} {'more' if percent > 0 else 'fewer'}"
    sentence = (
        f"Calls to the domestic abuse helpline in {year}: {shown:,}, against {shown_before:,} the year before: "
        f"{size if clear else f'{size}, which is no clear change'}."
    )
    low, high = 100 * (result.low - 1), 100 * (result.high - 1)
    evidence = {"now": shown, "before": shown_before, "percent": abs(percent), "p_value": result.p_value}
    evidence |= {"low": low, "high": high, "confidence": 95, "year": year.start, "year_end": (year.start + 1) % 100}
    certainty = f"The change lies between {say_signed(low)}% and {say_signed(high)}% (95% interval). "
    direction: Direction = ("rising" if percent > 0 else "falling") if clear else "no clear change"
    more = "More calls may be more abuse, or more trust."
    return Finding(KEY, sentence, evidence, certainty + more, direction=direction)


def describe_no_years() -> Finding:
    """Say why no two years can be compared."""
    return Finding(KEY, "Calls to the helpline cannot be compared by year: no two whole years in a row came.")
