"""Findings of an edition, all in one place: what the summary, priorities, consultation, plan and JSON rest on."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import pandas as pd

from hcsp_assess.assessment.findings import Direction, Finding, FindingSource, LinkKind
from hcsp_assess.assessment.measures import with_measure
from hcsp_assess.assessment.performance import Performance
from hcsp_assess.assessment.since_last import Recommendation, parse_recommendations
from hcsp_assess.edition.official import open_official
from hcsp_assess.edition.official_findings import CHAPTER, OfficialFindings, counts_by_year_end
from hcsp_assess.edition.opened import OpenEdition
from hcsp_assess.edition.outcome_findings import CHAPTER as OUTCOMES
from hcsp_assess.edition.outcome_findings import finding_outcomes
from hcsp_assess.edition.published import find_published, published_performances, strategy_of
from hcsp_assess.edition.reconciled import beside_official, beside_published, beside_trend
from hcsp_assess.edition.series import Series, Verdicts, assess_edition, coverage_notes, headline_levels, headlines
from hcsp_assess.edition.then_and_now import compare_edition
from hcsp_assess.files import sha256_of
from hcsp_assess.sources.indicators import Published
from hcsp_assess.sources.recorded_crime import official_files
from hcsp_assess.sources.texts import TextFolder
from hcsp_assess.subject.crime_types import HEADLINES, RECORDED_CRIME

VERDICTS: dict[str, Direction] = {
    "rising": "rising",
    "falling": "falling",
    "stable": "stable",
    "higher": "rising",
    "lower": "falling",
    "unclear": "no clear change",
    "too little data": "cannot tell",
    "no longer recorded": "cannot tell",
    "not assessed": "cannot tell",
}
#: Series whose own chart is in the chapter on trends.
CHARTED = (*HEADLINES, "violence")


@dataclass(frozen=True)
class EditionFindings:
    """An edition's findings, figures and reviewed texts.

    Attributes
    ----------
    performances : tuple of Performance
        Indicators; empty for an edition without published figures.
    levels, trends, indicators : tuple of Finding
        Findings of each kind, with directions, sources and links; keys are unique across all three.
    """

    opened: OpenEdition
    verdicts: Verdicts
    performances: tuple[Performance, ...]
    published: Published | None
    levels: tuple[Finding, ...]
    trends: tuple[Finding, ...]
    indicators: tuple[Finding, ...]

    @cached_property
    def official(self) -> OfficialFindings | None:
        """What official figures say; None where no official year ends within the edition's period, or it is made up."""
        return official_of(self.opened)

    @cached_property
    def outcomes(self) -> tuple[Finding, ...]:
        """What happened after crimes were recorded; nothing for an edition that does not show it."""
        shown = OUTCOMES in self.opened.edition.chapters and self.opened.outcomes is not None
        return (finding_outcomes(self.opened),) if shown else ()

    @property
    def texts(self) -> TextFolder:
        """The edition's reviewed texts."""
        return self.opened.texts

    @property
    def findings(self) -> tuple[Finding, ...]:
        """Every finding of official figures, police records, outcomes and indicators."""
        official = self.official.everything if self.official is not None else ()
        return (*official, *self.levels, *self.trends, *self.outcomes, *self.indicators)

    @cached_property
    def by_key(self) -> Mapping[str, Finding]:
        """Those findings by key."""
        return {item.key: item for item in self.findings}

    @cached_property
    def everything(self) -> tuple[Finding, ...]:
        """Every finding, those of partners' returns too."""
        return (*self.findings, *(self.opened.returns.findings if self.opened.has_returns else ()))

    @property
    def recommendations(self) -> tuple[Recommendation, ...]:
        """What the edition recommends."""
        return parse_recommendations(self.texts)

    @cached_property
    def data(self) -> dict[str, pd.Series]:
        """The figures that findings rest on, by period: months of series, quarters of indicators and of returns."""
        monthly = {key: item.counts for key, item in self.verdicts.series.items()}
        quarters = {
            f"performance_{item.indicator.key}": pd.Series(
                [cell.value for cell in item.cells], index=[str(cell.quarter) for cell in item.cells], dtype="Float64"
            )
            for item in self.performances
        }
        partners = self.opened.returns.public_values if self.opened.has_returns else {}
        official = {} if self.official is None else {"official_level": counts_by_year_end(self.official.picture)}
        return official | monthly | quarters | partners


def edition_findings(opened: OpenEdition) -> EditionFindings:
    """Find everything that an edition's data say, each finding with its direction, its source and its links."""
    return opened.once("findings", lambda: _edition_findings(opened))


def _edition_findings(opened: OpenEdition) -> EditionFindings:
    verdicts = assess_edition(opened)
    return EditionFindings(opened, verdicts, *opened.keep("findings", lambda: _find(opened, verdicts)))


def _find(opened: OpenEdition, verdicts: Verdicts) -> tuple[Any, ...]:
    strategy = strategy_of(opened.edition, opened.area)
    published = strategy.published if strategy is not None else None
    performances = published_performances(opened.edition, opened.area)
    indicators = tuple(_indicator(opened, item) for item in performances)
    trends = _trends(opened, verdicts)
    return performances, published, _levels(opened, verdicts, trends), trends, indicators


def official_of(opened: OpenEdition) -> OfficialFindings | None:
    """What official figures say; None where no official year ends within the edition's period, or it is made up.

    None too for an edition of a county: its figures are those of its partnerships (`edition.county`).
    """
    if opened.simulated or opened.edition.districts:
        return None
    received = (opened.project.raw / "peers", *official_files(opened.project.root))
    picture = opened.keep("official", lambda: open_official(opened.edition, opened.area, opened.project), *received)
    if picture is None:
        return None
    return OfficialFindings(picture, opened.area.name, CHAPTER in opened.edition.chapters)


def _levels(opened: OpenEdition, verdicts: Verdicts, trends: tuple[Finding, ...]) -> tuple[Finding, ...]:
    """Levels, each with the sentence that reconciles it with the trend, the official and the published figure."""
    if not opened.has_records:
        return ()
    found, official = [], official_of(opened)
    longer = {item.key: item for item in trends}
    for name, key, finding in zip(headlines(), HEADLINES, headline_levels(opened), strict=True):
        chart = f"#months-{name.lower().replace(' ', '-')}"
        links: dict[LinkKind, str] = {"chart": chart, "table": "#levels", "data": "#provenance"}
        keyed = replace(finding, key=f"level_{finding.key.replace('-', '_')}")
        keyed = with_measure(keyed, opened.area.name, opened.edition.span)
        keyed = beside_trend(keyed, longer.get(key))
        if official is not None and key == RECORDED_CRIME:
            keyed = beside_official(keyed, official.level, official.picture.year)
        if key in verdicts.series:
            counts = verdicts.series[key].counts
            keyed = beside_published(keyed, opened.edition, opened.area, counts)
        found.append(keyed.traced((_street(opened),), _present(opened, "levels_and_changes", links)))
    return tuple(found)


def _trends(opened: OpenEdition, verdicts: Verdicts) -> tuple[Finding, ...]:
    found, notes, compared = [], coverage_notes(opened, history=True), compare_edition(verdicts)
    for key, trend in verdicts.trends.items():
        if key in compared.found:
            links: dict[LinkKind, str] = {
                "chart": "#then-and-now-chart",
                "table": "#then-and-now",
                "data": "#provenance",
            }
            finding = compared.finding(key)
            finding = _measured(opened, finding, verdicts.series[key])
            finding = replace(finding, caveats=(*finding.caveats, *notes))
            found.append(finding.traced((_street(opened),), _present(opened, "crime_trends", links)))
            continue
        finding = replace(verdicts.finding(key), key=key, direction=VERDICTS[trend.verdict])
        finding = _measured(opened, finding, verdicts.series[key])
        finding = replace(finding, caveats=(*finding.caveats, *notes))
        own = key in CHARTED and trend.tested
        chart = f"#verdict-{key.replace('_', '-')}" if own else "#verdicts-by-month"
        links = {"chart": chart, "table": "#verdicts", "data": "#provenance"}
        found.append(finding.traced((_street(opened),), _present(opened, "crime_trends", links)))
    return tuple(found)


def _measured(opened: OpenEdition, finding: Finding, series: Series) -> Finding:
    """A finding on a monthly series with its measure, and the reviewed text of the changes of recording it may name."""
    named = {f"recording_change_{number}": change.what for number, change in enumerate(series.changes)}
    found = replace(finding, evidence={**finding.evidence, **named})
    return with_measure(found, opened.area.name, opened.edition.span, series.label)


def _indicator(opened: OpenEdition, item: Performance) -> Finding:
    finding = find_published(opened.edition, opened.area, item)
    links: dict[LinkKind, str] = {
        "chart": "#performance-quarters",
        "table": "#performance-summary",
        "data": "#performance-overview",
    }
    return finding.traced(links=_present(opened, "performance_overview", links))


def _present(opened: OpenEdition, chapter: str, links: dict[LinkKind, str]) -> dict[LinkKind, str]:
    """The links, where the chapter that they lead to is in the edition."""
    return links if chapter in opened.edition.chapters else {}


def _street(opened: OpenEdition) -> FindingSource:
    counts = opened.folder / "counts.csv.gz"
    return FindingSource(opened.source.name, counts.name, sha256_of(counts) if opened.source.is_open else "")
