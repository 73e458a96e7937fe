"""Sentences about the night-time economy: how much happens on Friday and Saturday nights."""

from hcsp_assess.assessment.findings import Finding
from hcsp_assess.assessment.night_time import WeekNights
from hcsp_assess.assessment.wording.words import upper_first
from hcsp_assess.disclosure import DisclosureRule, published_total
from hcsp_assess.trends.rates import wilson_interval


def describe_weekend_nights(result: WeekNights, what: str, period: str, rule: DisclosureRule) -> Finding | None:
    """Say which share of events is on Friday and Saturday nights, in numbers that may be published.

    Parameters
    ----------
    what : str
        What is counted, as within a sentence: "violence with an alcohol marker".
    period : str
        Months in words.

    Returns
    -------
    Finding or None
        None where there are too few with a time.
    """
    if result.share is None or min(result.weekend, result.placed - result.weekend) < max(rule.minimum, 1):
        return None
    part, rest = (published_total(cells, rule) for cells in result.cells)
    whole = part + rest
    share = wilson_interval(part, whole)
    percent, low, high = (100 * value for value in (share.value, share.low, share.high))
    expected = 100 * result.expected
    message = f"{percent:.0f}% of {what} was on Friday and Saturday nights, in {expected:.0f}% of the week's hours."
    sentence = f"{message} That is about {part:,} of {whole:,} offences, {period}."
    certainty = f"Likely range {low:.0f}% to {high:.0f}%. Nights are from 9pm to 6am."
    evidence = {"percent": percent, "low": low, "high": high, "part": part, "whole": whole, "expected": expected}
    return Finding(
        "weekend_nights",
        sentence,
        evidence,
        certainty,
        message=message,
        method=result.method,
        measure=f"{what} on weekend nights",
        period=period,
    )


def title_of_week(result: WeekNights, what: str) -> str:
    """The message of the heat map: the busiest block of the week."""
    row, column = divmod(int(result.counts.to_numpy().argmax()), len(result.counts.columns))
    day, hour = result.counts.index[row], int(result.counts.columns[column])
    return f"{upper_first(what)} peaks on {day} night between {say_hour(hour)} and {say_hour((hour + 3) % 24)}"


def say_hour(hour: int) -> str:
    """An hour as people say it: 9pm, midnight, 3am, midday."""
    names = {0: "midnight", 12: "midday"}
    return names.get(hour, f"{hour % 12}{'am' if hour < 12 else 'pm'}")
