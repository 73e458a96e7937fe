"""Findings on one measure that say different things: the sentence that explains why is put under one of them."""

from dataclasses import replace

import pandas as pd

from hcsp_assess.assessment.consistency import claim_of, span_of
from hcsp_assess.assessment.findings import Finding
from hcsp_assess.assessment.measures import measure_of
from hcsp_assess.assessment.wording.reconciled import say_as_published, say_longer_run, say_official
from hcsp_assess.edition.published import find_published, published_on
from hcsp_assess.subject.areas import Area
from hcsp_assess.subject.editions import Edition


def beside_trend(level: Finding, trend: Finding | None) -> Finding:
    """A level with what the trend of its measure is, where that is another word than its change on the year before."""
    if trend is None:
        return level
    word, longer = claim_of(level).word, trend.direction
    said_already = "trend_percent" in level.evidence
    said = (say_longer_run(trend),) if word and longer and word != longer and not said_already else ()
    return _with_notes(level, said, trend.key)


def beside_official(level: Finding, official: Finding, period: str) -> Finding:
    """A level of street-level files with the official count, where that is of the same year or went another way."""
    own, other = claim_of(level), claim_of(official)
    turned = bool(own.word and official.direction and own.word != official.direction)
    same_year = own.span is not None and own.span == other.span
    differs = turned or (same_year and own.value != other.value)
    return _with_notes(level, (say_official(official, period, same_year=same_year),) if differs else (), official.key)


def beside_published(finding: Finding, edition: Edition, area: Area, counts: pd.Series) -> Finding:
    """A finding on simulated records with the figure that the strategy published of its measure.

    Parameters
    ----------
    counts : pandas.Series
        Monthly counts of the measure, Int64 by month.
    """
    item = published_on(edition, area, finding.key)
    if item is None or item.year_to_date is None or not finding.simulated or measure_of(finding.key).unit != "count":
        return finding
    published = find_published(edition, area, item)
    span = span_of(published.period)
    if span is None:
        return finding
    months = counts.reindex(span.months)
    own = int(months.sum()) if months.notna().all() else None
    return _with_notes(finding, (say_as_published(published, span, own),), published.key)


def _with_notes(finding: Finding, notes: tuple[str, ...], key: str) -> Finding:
    return replace(finding, caveats=(*finding.caveats, *notes), reconciles=(*finding.reconciles, key))
