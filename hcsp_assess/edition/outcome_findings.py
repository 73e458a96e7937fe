"""Findings on outcomes: shares by crime type, recent months left out, and change since earlier."""

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from hcsp_assess.assessment.findings import Finding, FindingSource, LinkKind
from hcsp_assess.assessment.measures import with_measure
from hcsp_assess.assessment.outcomes import (
    HeldBack,
    Share,
    ShareChange,
    compare_as,
    compare_shares,
    earlier_spell,
    judge_months,
    shares_by_group,
)
from hcsp_assess.assessment.wording.absent import absent
from hcsp_assess.assessment.wording.outcomes import (
    describe_change,
    describe_held_back,
    describe_outcomes,
    describe_types,
    describe_unjudged,
)
from hcsp_assess.edition.opened import OpenEdition
from hcsp_assess.edition.outcomes import FILES
from hcsp_assess.files import sha256_of
from hcsp_assess.subject.crime_types import HEADLINES, RECORDED_CRIME, ComparableSeries, comparable_series, series

CHAPTER = "outcomes"
LINKS: dict[LinkKind, str] = {"chart": "#outcomes-by-type", "table": "#outcomes-types", "data": "#provenance"}


@dataclass(frozen=True)
class EditionOutcomes:
    """What happened after the crimes of an edition's year were recorded.

    Attributes
    ----------
    months : pandas.PeriodIndex
        Months of the year that can be judged; everything below is of these.
    held : tuple of HeldBack
        Months held back, of the year and of earlier years.
    spell : pandas.PeriodIndex
        Months of the earlier spell that is compared; empty where none can be.
    counts : pandas.DataFrame
        Int64: crimes by comparable series (rows) and compared group of outcome (columns).
    shares : mapping
        Of each series its shares by compared group; a series without crimes is left out.
    changes : mapping
        Of each compared group of all recorded crime, the share against the spell's.
    """

    opened: OpenEdition
    months: pd.PeriodIndex
    held: tuple[HeldBack, ...]
    spell: pd.PeriodIndex
    counts: pd.DataFrame
    shares: Mapping[str, Mapping[str, Share]]
    changes: Mapping[str, ShareChange]


def find_outcomes(opened: OpenEdition) -> EditionOutcomes | None:
    """Work out the outcomes of an edition's year, or None if it has none, or no month can be judged."""
    table, force = opened.outcomes, opened.area.force
    if table is None:
        return None
    monthly = {entry.key: table.by_month(entry.parts, force) for entry in single_series()}
    every = monthly[RECORDED_CRIME]
    every = every[every.index <= opened.edition.span.last]
    judged, held = judge_months(every)
    months = judged[judged >= opened.edition.span.first]
    if months.empty:
        return None
    spell = earlier_spell(judged, opened.edition.span.first)
    before = shares_by_group(every, spell) if len(spell) else {}
    now = shares_by_group(every, months)
    shares = {key: shares_by_group(counts, months) for key, counts in monthly.items()}
    return EditionOutcomes(
        opened=opened,
        months=months,
        held=held,
        spell=spell,
        counts=pd.DataFrame({key: compare_as(counts.loc[months]).sum() for key, counts in monthly.items()}).T,
        shares={key: found for key, found in shares.items() if found},
        changes={group: compare_shares(now[group], before[group]) for group in before},
    )


def single_series() -> tuple[ComparableSeries, ...]:
    """All recorded crime, then each comparable series that is no sum of others."""
    others = [entry for entry in comparable_series() if entry.key not in HEADLINES]
    single = [one for one in others if not any(set(each.parts) < set(one.parts) for each in others)]
    return (series(RECORDED_CRIME), *single)


def finding_outcomes(opened: OpenEdition) -> Finding:
    """The headline finding on outcomes, for the summary and the chapter."""
    found = find_outcomes(opened)
    if found is None:
        return finding_unjudged(opened)
    said = describe_outcomes(found.shares[RECORDED_CRIME], found.months, opened.edition.span)
    return traced(said, opened)


def finding_unjudged(opened: OpenEdition) -> Finding:
    """Explain why outcomes are not shown: none are held, or every month is too recent."""
    table = opened.outcomes
    if table is None:
        return absent("outcomes_none")
    span = opened.edition.span
    counts = table.by_month(series(RECORDED_CRIME).parts, opened.area.force)
    _, held = judge_months(counts[(counts.index >= span.first) & (counts.index <= span.last)])
    return traced(describe_unjudged(held, span), opened) if held else absent("outcomes_none")


def findings_more(found: EditionOutcomes) -> tuple[Finding, ...]:
    """Say which crime types differ, and what changed since the earlier spell."""
    charged = {series(key).label: shares["charged"] for key, shares in found.shares.items() if key != RECORDED_CRIME}
    said = [describe_types(charged, found.shares[RECORDED_CRIME]["charged"])]
    if found.changes:
        said.append(describe_change(found.changes, found.spell))
    return tuple(traced(finding, found.opened) for finding in said)


def finding_held_back(found: EditionOutcomes) -> Finding:
    """Say which months are too recent to judge."""
    return traced(describe_held_back(found.held, found.months, found.opened.edition.span), found.opened)


def holds_back(found: EditionOutcomes) -> bool:
    """Whether a month of the year assessed is held back."""
    return any(month.month >= found.opened.edition.span.first for month in found.held)


def traced(finding: Finding, opened: OpenEdition) -> Finding:
    """The finding with its source, its links where the chapter is in the edition, and whether it is simulated."""
    path = opened.folder / FILES.cells
    source = FindingSource(opened.source.name, path.name, sha256_of(path) if opened.source.is_open else "")
    links = LINKS if CHAPTER in opened.edition.chapters else {}
    found = with_measure(finding, opened.area.name, opened.edition.span)
    return found.marked(simulated=opened.simulated).traced((source,), links)
