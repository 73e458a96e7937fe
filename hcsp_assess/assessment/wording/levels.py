"""The sentence of a level: how much was recorded, beside the year before; message first, counts beside percentages."""

from collections.abc import Sequence

from hcsp_assess.assessment.findings import Finding
from hcsp_assess.assessment.levels import Level
from hcsp_assess.assessment.wording.words import PERCENT_FROM, say_percent, say_signed
from hcsp_assess.trends.rates import CountComparison


def describe_level(level: Level, unit: str = "records", notes: Sequence[str] = ()) -> Finding:
    """Say how many records of a kind there were, and how that compares with the same months a year earlier.

    Parameters
    ----------
    notes : sequence of str
        What is said after it: which forces or months are left out; see `wording.coverage`.
    """
    key = level.label.lower().replace(" ", "_")
    evidence: dict[str, object] = {
        "count": level.count,
        "months_published": level.months_published,
        "months_in_period": level.months_in_period,
    }
    partial = level.months_published < level.months_in_period
    covered = f" in the {level.months_published} months that we hold in full" if partial else ""
    start = f"{level.label}: {level.count:,} {unit}{covered}"
    result = level.comparison
    if result is None:
        sentence = f"{start}. The year before cannot be compared: we do not hold the same months of it in full."
        return Finding(key, " ".join([sentence, *notes]), evidence, caveats=tuple(notes))
    difference = result.count - result.count_before
    evidence |= {
        "count_compared": result.count,
        "count_before": result.count_before,
        "difference": abs(difference),
        "percent": _percent(result),
        "months_compared": level.months_compared,
        "low": 100 * (result.low - 1),
        "high": 100 * (result.high - 1),
        "confidence": 95,
    }
    sentence = f"{start}{_against_before(level, result)}."
    interval = _interval(100 * (result.low - 1), 100 * (result.high - 1))
    return Finding(key, " ".join([sentence, *notes]), evidence, interval, tuple(notes))


def _against_before(level: Level, result: CountComparison) -> str:
    clear = not result.low <= 1 <= result.high
    difference = result.count - result.count_before
    more = f"{abs(difference):,} {'more' if difference > 0 else 'fewer'}"
    percent = f" ({say_percent(_percent(result))})" if result.count_before >= PERCENT_FROM else ""
    if level.months_compared == level.months_in_period:
        if clear:
            return f", {more}{percent} than the year before ({result.count_before:,})"
        return f", no clear change on the year before ({result.count_before:,})"
    counts = (
        f"In the {level.months_compared} months that both years have, {result.count:,} against {result.count_before:,}"
    )
    return f". {counts}: {more + percent if clear else 'no clear change'}"


def _percent(result: CountComparison) -> float:
    """The change that a reader can work out from the two counts."""
    return 100 * (result.count / result.count_before - 1) if result.count_before else float("nan")


def _interval(low: float, high: float) -> str:
    return (
        f"The change is likely to be between {say_signed(low)}% and {say_signed(high)}% (95% interval, widened for how "
        "much the series varies)."
    )
