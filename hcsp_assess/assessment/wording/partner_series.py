"""Sentences about partners' series: counts as they may be published, and whether the year before was different."""

from itertools import pairwise
from typing import Any

import pandas as pd

from hcsp_assess.assessment.findings import Direction, Finding
from hcsp_assess.assessment.partner_series import QuarterChange, QuarterSeries
from hcsp_assess.assessment.wording.words import PERCENT_FROM, published, say_percent, say_signed
from hcsp_assess.disclosure import DisclosureRule, disclosure_rule
from hcsp_assess.periods import Quarter
from hcsp_assess.subject.subject_areas import subject_areas
from hcsp_assess.trends.multiplicity import SINGLE_LEVEL


def describe_series(series: QuarterSeries, change: QuarterChange | None) -> Finding | None:
    """Say where a series is against the year before, in numbers that may be published.

    Parameters
    ----------
    change : QuarterChange or None
        None where nothing can be compared.

    Returns
    -------
    Finding or None
        None where nothing of the series was received: what is missing is said elsewhere, with who was to send it.
    """
    rule = disclosure_rule(series.rule)
    if change is None:
        return _latest(series, rule)
    if _too_few(series, change, rule):
        return _few(series, "cannot tell")
    return _share(series, change, rule) if series.whole is not None else _count(series, change, rule)


def _count(series: QuarterSeries, change: QuarterChange, rule: DisclosureRule) -> Finding:
    now, before = published(change.now, rule), published(change.before, rule)
    name, unit = series.definition.title, series.definition.unit
    percent = 100 * (now / before - 1) if before else float("nan")
    size = f"{say_percent(percent)} " if before >= PERCENT_FROM else ""
    verdict = f"{size}{'more' if change.now > change.before else 'fewer'}" if change.clear else "no clear change"
    sentence = (
        f"{name}: {_amount(now, unit)} in {_words(change.quarters)}, against {before:,} in the same "
        f"{_quarters(change)} a year earlier: {verdict}."
    )
    evidence = {"now": now, "before": before, "percent": abs(percent)}
    return _finding(series, change, sentence, evidence, "%")


def _share(series: QuarterSeries, change: QuarterChange, rule: DisclosureRule) -> Finding:
    whole, whole_before = published(change.whole_now, rule), published(change.whole_before, rule)
    percent, percent_before = (
        100 * part / of for part, of in ((change.now, change.whole_now), (change.before, change.whole_before))
    )
    verdict = "no clear change"
    if change.clear:
        verdict = "a larger share" if change.change > 0 else "a smaller share"
    name, unit = series.definition.title, series.definition.unit
    sentence = (
        f"{name}: {percent:.0f}% of {whole:,} {unit} in {_words(change.quarters)}, "
        f"against {percent_before:.0f}% of {whole_before:,} in the same {_quarters(change)} a year earlier: {verdict}."
    )
    evidence = {"percent": percent, "whole": whole, "percent_before": percent_before, "whole_before": whole_before}
    return _finding(series, change, sentence, evidence, " points")


def _finding(
    series: QuarterSeries, change: QuarterChange, sentence: str, evidence: dict[str, Any], unit: str
) -> Finding:
    direction: Direction = "no clear change"
    if change.clear:
        direction = "rising" if change.change > 0 else "falling"
    return Finding(
        series.definition.key,
        sentence,
        evidence
        | {
            "change": change.change,
            "low": change.low,
            "high": change.high,
            "confidence": 95,
            "p_value": change.p_value,
            "adjusted_p_value": change.adjusted_p_value,
            "tested": change.tested,
            "subject": subject_areas().get(series.definition.family, series.definition.family),
        },
        _certainty(change, unit),
        simulated=series.simulated,
        direction=direction,
    )


def _certainty(change: QuarterChange, unit: str) -> str:
    if pd.isna(change.change):
        return "There were none a year earlier."
    low, high = say_signed(change.low), say_signed(change.high)
    text = f"The change lies between {low}{unit} and {high}{unit} (95% interval)."
    if not change.clear and change.p_value <= SINGLE_LEVEL:
        text += " That is unusual for one measure alone, but not yet proof of a change."
    return text


def _latest(series: QuarterSeries, rule: DisclosureRule) -> Finding | None:
    """Say the last quarter that has a figure: a stock, or a series without a year before."""
    known = series.counts.notna()
    if series.whole is not None:
        known &= series.whole.notna()
    name, unit = series.definition.title, series.definition.unit
    if not known.any():
        return _few(series, "cannot tell") if (series.why == "c").any() else None
    quarter = str(known[known].index[-1])
    if (series.why.loc[quarter:] == "c").any():  # a later quarter is known to be small
        return _few(series, "cannot tell")
    number = int(series.counts[quarter])
    if 0 < number < rule.minimum:
        return _few(series, "cannot tell")
    rest = "" if series.definition.kind == "level" else " No quarter can be compared with the year before."
    evidence: dict[str, float] = {"count": published(number, rule)}
    said = _amount(published(number, rule), unit)
    if series.whole is not None:
        whole = int(series.whole[quarter])
        if not whole or 0 < whole - number < rule.minimum or whole < rule.minimum_base:
            return _few(series, "cannot tell")
        evidence = {"percent": 100 * number / whole, "whole": published(whole, rule)}
        said = f"{100 * number / whole:.0f}% of {published(whole, rule):,} {unit}"
    direction: Direction = "" if series.definition.kind == "level" else "cannot tell"
    return Finding(
        series.definition.key,
        f"{name}: {said} in {quarter}.{rest}",
        evidence,
        simulated=series.simulated,
        direction=direction,
    )


def _few(series: QuarterSeries, direction: Direction) -> Finding:
    sentence = f"{series.definition.title}: too few to publish, and too few to compare."
    return Finding(series.definition.key, sentence, {}, simulated=series.simulated, direction=direction)


def _too_few(series: QuarterSeries, change: QuarterChange, rule: DisclosureRule) -> bool:
    """Whether a quarter that is compared, or a sum, is below the rule's minimum: its sum would tell of it."""
    quarters = [str(each) for quarter in change.quarters for each in (quarter, quarter.year_before)]
    numbers = [*series.counts.reindex(quarters).astype(int), change.now, change.before]
    if series.whole is not None:
        numbers += [change.whole_now - change.now, change.whole_before - change.before]
        if min(change.whole_now, change.whole_before) < rule.minimum_base:
            return True
    return any(0 < number < rule.minimum for number in numbers)


def _amount(number: int, unit: str) -> str:
    """A count with its unit: 1 person, 12 people, 1 call."""
    if number != 1:
        return f"{number:,} {unit}"
    ones = {"people": "person", "young people": "young person", "children": "child"}
    return f"1 {ones.get(unit, unit.removesuffix('s'))}"


def _words(quarters: tuple[Quarter, ...]) -> str:
    joined = all(earlier + 1 == later for earlier, later in pairwise(quarters))
    if len(quarters) > 1 and joined:
        return f"{quarters[0]} to {quarters[-1]}"
    return ", ".join(map(str, quarters))


def _quarters(change: QuarterChange) -> str:
    return "quarter" if len(change.quarters) == 1 else "quarters"
