"""Figures that the strategy of an edition published: they are real, and where a return repeats one it is said once."""

from dataclasses import replace
from functools import cache
from importlib import resources

from hcsp_assess.assessment.findings import Direction, Finding, FindingSource
from hcsp_assess.assessment.measures import INDICATOR, measure_of, span_of_quarters, with_measure
from hcsp_assess.assessment.performance import Performance, performance_overview
from hcsp_assess.assessment.wording.performance import describe_performance
from hcsp_assess.files import sha256_of
from hcsp_assess.sources.indicators import HEREFORDSHIRE_2013_14, read_indicators, read_published
from hcsp_assess.subject.editions import Edition

KIND = "published figures"


def has_published(edition: Edition) -> bool:
    """Whether an edition rests on figures that a strategy published."""
    return any(source.kind == KIND for source in edition.sources)


def published_performances(edition: Edition) -> tuple[Performance, ...]:
    """The indicators that an edition's strategy published; none where it has no such source."""
    return _performances() if has_published(edition) else ()


def published_on(edition: Edition, key: str) -> Performance | None:
    """The indicator that measures the same as a finding; None where the edition's strategy published none."""
    wanted = measure_of(key).indicator
    found = [item for item in published_performances(edition) if wanted and item.indicator.key == wanted]
    return found[0] if found else None


def find_published(edition: Edition, area_name: str, item: Performance, key: str = "") -> Finding:
    """Say where a published indicator is, with its direction, months and source.

    Parameters
    ----------
    key : str
        Key of the finding; by default that of the indicator.
    """
    finding = with_measure(describe_performance(item), area_name, None)
    quarters = item.year_to_date.quarters if item.year_to_date else (item.latest.quarter,) if item.latest else ()
    span = span_of_quarters(quarters)
    found = replace(
        finding,
        key=key or f"{INDICATOR}{item.indicator.key}",
        direction=direction_of(item),
        period=span.words if span else "",
    )
    return found.traced((strategy_source(edition),))


def direction_of(item: Performance) -> Direction:
    """Which way an indicator went on the year before; a change that is in doubt is no clear change."""
    change = item.year_to_date
    if change is None or change.certainty == "cannot be tested":
        return "cannot tell"
    if change.certainty in ("no clear change", "doubtful"):
        return "no clear change"
    return "rising" if change.direction == "higher" else "falling"


def strategy_source(edition: Edition) -> FindingSource:
    """The strategy that the figures were published in."""
    name = next(source.name for source in edition.sources if source.kind == KIND)
    file = resources.files("hcsp_assess") / "definitions" / "published" / HEREFORDSHIRE_2013_14 / "performance.csv"
    with resources.as_file(file) as path:
        return FindingSource(name, "performance.csv", sha256_of(path))


@cache
def _performances() -> tuple[Performance, ...]:
    return tuple(performance_overview(read_indicators(), read_published()))
