"""Indicators of an edition: the partnership's own, or those of the strategy that comes with the package."""

from dataclasses import replace
from functools import cache, lru_cache
from importlib import resources

from hcsp_assess.assessment.findings import Direction, Finding, FindingSource
from hcsp_assess.assessment.measures import INDICATOR, measure_of, span_of_quarters, with_measure
from hcsp_assess.assessment.performance import Performance, performance_overview
from hcsp_assess.assessment.wording.performance import describe_performance
from hcsp_assess.assessment.wording.words import lower_first
from hcsp_assess.files import sha256_of
from hcsp_assess.periods import Quarter
from hcsp_assess.sources.indicators import HEREFORDSHIRE_2013_14, Cell, read_indicators, read_published
from hcsp_assess.sources.own_indicators import Strategy, read_strategy
from hcsp_assess.subject.areas import Area
from hcsp_assess.subject.editions import OWN_INDICATORS, PUBLISHED, Edition


def strategy_of(edition: Edition, area: Area) -> Strategy | None:
    """Return the indicators of an edition, with their figures; None where it has none.

    An edition with indicators of its area's own (`areas/KEY/indicators.toml` of the project) has those. The figures
    that come with the package are of the partnership that published them, and serve no other.

    Raises
    ------
    InputError
        If the area's own definitions or figures cannot be used.
    """
    if edition.has_source(OWN_INDICATORS) and area.own is not None:
        return read_strategy(area.own, edition.span, edition.source(OWN_INDICATORS).name)
    packaged = _packaged()
    shown = any(source.kind == PUBLISHED for source in edition.sources)
    return packaged if shown and packaged.published.document["area"] == area.key else None


def published_performances(edition: Edition, area: Area) -> tuple[Performance, ...]:
    """The indicators of an edition in its year; none where it has no such source."""
    strategy = strategy_of(edition, area)
    return _performances(strategy) if strategy is not None else ()


def quarters_of(edition: Edition, area: Area) -> dict[str, dict[Quarter, Cell]]:
    """Every figure by indicator and quarter, for a briefing of any quarter: those after the period assessed too."""
    strategy = strategy_of(edition, area)
    found: dict[str, dict[Quarter, Cell]] = {}
    for cell in (*strategy.published.cells, *strategy.later) if strategy is not None else ():
        found.setdefault(cell.indicator, {})[cell.quarter] = cell
    return found


def published_on(edition: Edition, area: Area, key: str) -> Performance | None:
    """The indicator that measures the same as a finding; None where the edition has none."""
    wanted = measure_of(key).indicator
    found = [item for item in published_performances(edition, area) if wanted and item.indicator.key == wanted]
    return found[0] if found else None


def find_published(edition: Edition, area: Area, item: Performance, key: str = "") -> Finding:
    """Say where an indicator is, with its direction, months and source.

    Parameters
    ----------
    key : str
        Key of the finding; by default that of the indicator.
    """
    strategy = strategy_of(edition, area)
    own = strategy is not None and strategy.own
    title = lower_first(item.indicator.name) if own else ""
    finding = with_measure(describe_performance(item, own=own), area.name, None, title)
    quarters = item.year_to_date.quarters if item.year_to_date else (item.latest.quarter,) if item.latest else ()
    span = span_of_quarters(quarters)
    found = replace(
        finding,
        key=key or f"{INDICATOR}{item.indicator.key}",
        direction=direction_of(item),
        period=span.words if span else "",
    )
    return found.traced((strategy_source(edition, strategy),) if strategy is not None else ())


def direction_of(item: Performance) -> Direction:
    """Which way an indicator went on the year before; a change that is in doubt is no clear change."""
    change = item.year_to_date
    if change is None or change.certainty == "cannot be tested":
        return "cannot tell"
    if change.certainty in ("no clear change", "doubtful"):
        return "no clear change"
    return "rising" if change.direction == "higher" else "falling"


def strategy_source(edition: Edition, strategy: Strategy) -> FindingSource:
    """The source of the figures, with the file that they were read from."""
    name = next(source.name for source in edition.sources if source.kind == PUBLISHED)
    return FindingSource(name, strategy.file, strategy.checksum)


@lru_cache(maxsize=16)
def _performances(strategy: Strategy) -> tuple[Performance, ...]:
    return tuple(performance_overview(strategy.indicators, strategy.published))


@cache
def _packaged() -> Strategy:
    file = resources.files("hcsp_assess") / "definitions" / "published" / HEREFORDSHIRE_2013_14 / "performance.csv"
    with resources.as_file(file) as path:
        return Strategy(read_indicators(), read_published(), path.name, sha256_of(path))
