"""Sentences about partners' series: counts as they may be published, and whether the year before was different."""

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import pandas as pd

from hcsp_assess.assessment.findings import Direction, Finding
from hcsp_assess.assessment.partner_series import QuarterChange, QuarterSeries
from hcsp_assess.assessment.wording.words import PERCENT_FROM, listed, lower_first, say_percent, say_signed
from hcsp_assess.disclosure import DisclosureRule, disclosure_rule, published
from hcsp_assess.periods import Quarter, Span, parse_quarter
from hcsp_assess.subject.subject_areas import subject_areas
from hcsp_assess.trends.multiplicity import SINGLE_LEVEL

#: Numbers below this are said to swing from year to year.
SMALL = 100
ONE = {
    "people": "person",
    "young people": "young person",
    "children": "child",
    "deliberate fires": "deliberate fire",
}


def describe_series(series: QuarterSeries, change: QuarterChange | None) -> Finding | None:
    """Say where a series is against the year before, in numbers that may be published.

    Parameters
    ----------
    change : QuarterChange or None
        None where nothing can be compared.

    Returns
    -------
    Finding or None
        None where nothing of the series was received: the table of gaps says so, with who holds it.
    """
    rule = disclosure_rule(series.rule)
    if change is None:
        return _latest(series, rule)
    if _too_few(series, change, rule):
        return _few(series, "cannot tell")
    return _share(series, change, rule) if series.whole is not None else _count(series, change, rule)


def title_of_chart(changes: Sequence[tuple[str, QuarterChange | None]], year: str) -> str:
    """Say what a chart of several series shows: which of them changed clearly.

    Parameters
    ----------
    changes : sequence of (str, QuarterChange or None)
        Titles of the series, with their changes where they can be compared.
    year : str
        The year assessed, as a reader says it.

    Examples
    --------
    >>> title_of_chart([("Deliberate fires", None)], "2012")
    'Too little data to say whether deliberate fires changed in 2012'
    """
    tested = [(name, change) for name, change in changes if change is not None]
    moved = [(name, change) for name, change in tested if change.clear]
    if not tested:
        what = lower_first(changes[0][0]) if len(changes) == 1 else "these measures"
        return f"Too little data to say whether {what} changed in {year}"
    if not moved:
        what = (
            f"{tested[0][0]} did not change clearly"
            if len(tested) == 1
            else f"None of {len(tested)} measures changed clearly"
        )
        return f"{what} in {year}"
    rose, fell = ([name for name, change in moved if (change.change > 0) == up] for up in (True, False))
    parts = [f"{_names(names)} {verb}" for names, verb in ((rose, "rose"), (fell, "fell")) if names]
    rest = "" if len(moved) == len(tested) else "; no other measure changed clearly"
    said = " and ".join(parts)
    return f"{said[:1].upper()}{said[1:]} in {year}{rest}"


def _names(names: Sequence[str]) -> str:
    return listed([lower_first(name) for name in names]) if len(names) < 3 else f"{len(names)} measures"


def _count(series: QuarterSeries, change: QuarterChange, rule: DisclosureRule) -> Finding:
    now, before = published(change.now, rule), published(change.before, rule)
    difference = abs(now - before)
    percent = 100 * (now / before - 1) if before else float("nan")
    moved = "the same as a year earlier"
    if difference:
        size = f" ({say_percent(percent)})" if change.clear and before >= PERCENT_FROM else ""
        moved = f"{difference:,} {'more' if now > before else 'fewer'}{size} than a year earlier"
    sentence = f"{_says(series, now)} {_between(change.quarters)}, {moved}{_verdict(change, moved=bool(difference))}."
    evidence = {"now": now, "before": before, "difference": difference, "percent": abs(percent)}
    return _finding(series, change, sentence, evidence, "%")


def _share(series: QuarterSeries, change: QuarterChange, rule: DisclosureRule) -> Finding:
    whole, whole_before = published(change.whole_now, rule), published(change.whole_before, rule)
    percent, percent_before = (
        100 * part / of for part, of in ((change.now, change.whole_now), (change.before, change.whole_before))
    )
    points = abs(round(percent) - round(percent_before))
    moved = "the same as a year earlier"
    if points:
        unit = "percentage point" if points == 1 else "percentage points"
        moved = f"{points} {unit} {'higher' if change.change > 0 else 'lower'} than a year earlier"
    sentence = f"{_says(series, percent)} {_between(change.quarters)}, {moved}{_verdict(change, moved=bool(points))}."
    evidence = {"percent": percent, "whole": whole, "percent_before": percent_before, "whole_before": whole_before}
    return _finding(series, change, sentence, evidence | {"points": points}, " points")


def _verdict(change: QuarterChange, *, moved: bool) -> str:
    if change.clear:
        return f": a clear {'rise' if change.change > 0 else 'fall'}"
    return ": no clear change" if moved and change.p_value > SINGLE_LEVEL else ""


def _finding(
    series: QuarterSeries, change: QuarterChange, sentence: str, evidence: dict[str, Any], unit: str
) -> Finding:
    direction: Direction = "no clear change"
    if change.clear:
        direction = "rising" if change.change > 0 else "falling"
    subject = subject_areas().get(series.definition.family, series.definition.family)
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
            "subject": subject,
        },
        _certainty(series, change),
        simulated=series.simulated,
        direction=direction,
        method=_method(change, unit, subject),
        measure=series.definition.title,
        period=_period(change.quarters),
    )


def _certainty(series: QuarterSeries, change: QuarterChange) -> str:
    """One sentence where the change is more than usual and not proof; "" otherwise."""
    if change.clear or pd.isna(change.change) or change.p_value > SINGLE_LEVEL:
        return ""
    good = series.definition.good
    feeling = (
        "" if not good else "encouraging, but " if (change.change < 0) == (good == "low") else "worth watching, but "
    )
    if max(change.now, change.before) < SMALL and series.whole is None:
        return f"Numbers this small swing from year to year: {feeling}not yet proof."
    return (
        f"Watch this: it is more than the usual variation, but of {change.tested} measures compared, one can move as "
        "much by chance."
    )


def _method(change: QuarterChange, unit: str, subject: str) -> str:
    if pd.isna(change.change):
        return ""
    low, high = say_signed(change.low), say_signed(change.high)
    adjusted = f"; {change.adjusted_p_value:.3f} adjusted for {change.tested} measures of {subject}"
    return (
        f"{change.method[:1].upper()}{change.method[1:]}. 95% interval of the change: {low}{unit} to {high}{unit}. "
        f"p = {change.p_value:.3f}{adjusted if change.tested > 1 else ''}."
    )


def _latest(series: QuarterSeries, rule: DisclosureRule) -> Finding | None:
    """Say the last quarter that has a figure: a stock, or a series without a year before."""
    known = series.counts.notna()
    if series.whole is not None:
        known &= series.whole.notna()
    if not known.any():
        return _few(series, "cannot tell") if (series.why == "c").any() else None
    quarter = str(known[known].index[-1])
    if (series.why.loc[quarter:] == "c").any():  # a later quarter is known to be small
        return _few(series, "cannot tell")
    number = int(series.counts[quarter])
    level = series.definition.kind == "level"
    if 0 < number < rule.minimum or (not level and (series.why == "c").any()):
        return _few(series, "cannot tell")
    evidence: dict[str, float] = {"count": published(number, rule)}
    said = _says(series, published(number, rule))
    if series.whole is not None:
        whole = int(series.whole[quarter])
        if not whole or 0 < whole - number < rule.minimum or whole < rule.minimum_base:
            return _few(series, "cannot tell")
        evidence = {"percent": 100 * number / whole, "whole": published(whole, rule)}
        said = _says(series, 100 * number / whole)
    span = parse_quarter(quarter).span
    when = f"at the end of {span.last.strftime('%B %Y')}" if level else span.between
    rest = "" if level else " We have no figure for a year earlier."
    direction: Direction = "" if level else "cannot tell"
    return Finding(
        series.definition.key,
        f"{said} {when}.{rest}",
        evidence,
        simulated=series.simulated,
        direction=direction,
        measure=series.definition.title,
        period=span.spoken,
    )


def _few(series: QuarterSeries, direction: Direction) -> Finding:
    sentence = f"{series.definition.title}: numbers too small to publish."
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


def _says(series: QuarterSeries, value: float) -> str:
    """The beginning of a sentence: what happened, with its number."""
    item = series.definition
    if series.whole is not None:
        percent = f"{value:.0f}%"
        return item.says.format(percent=percent) if item.says else f"{item.title}: {percent} of {item.unit}"
    number = int(value)
    amount = _amount(number, item.unit)
    if not item.says:
        return f"{item.title}: {amount}"
    said = item.says.format(amount=amount, was="was" if number == 1 else "were")
    return said[:1].upper() + said[1:]


def _amount(number: int, unit: str) -> str:
    """A count with its unit: no people, 1 person, 12 people, 1 call."""
    if number == 0:
        return f"no {unit}"
    if number != 1:
        return f"{number:,} {unit}"
    return f"1 {ONE.get(unit, unit.removesuffix('s'))}"


def _runs(quarters: Sequence[Quarter]) -> list[Span]:
    """Quarters that follow one another, as spans of months."""
    runs = [[quarters[0]]]
    for earlier, later in pairwise(quarters):
        if earlier + 1 == later:
            runs[-1].append(later)
        else:
            runs.append([later])
    return [Span(run[0].span.first, run[-1].span.last) for run in runs]


def _between(quarters: Sequence[Quarter]) -> str:
    return " and ".join(span.between for span in _runs(quarters))


def _period(quarters: Sequence[Quarter]) -> str:
    return listed([span.spoken for span in _runs(quarters)])
