"""Display of results in a cell that have no table, chart or sentence: one line for each field.

`%load_ext hcsp_assess` registers it. Classes are named, not imported: nothing is loaded that a notebook does not use.
"""

from collections.abc import Mapping, Sequence
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from hcsp_assess.trends.small_tables import facts_table

#: Result types without a form of their own, by module of this package.
RESULTS = {
    "edition.opened": ("OpenEdition",),
    "run.build": ("RunResult",),
    "edition.returns": ("EditionReturns",),
    "edition.counts": ("CountTable", "Theme"),
    "subject.areas": ("Area", "SmallArea"),
    "subject.editions": ("Edition", "Source"),
    "edition.series": ("Series", "Verdicts"),
    "edition.findings": ("EditionFindings",),
    "edition.places": ("EditionPlaces",),
    "assessment.levels": ("Level",),
    "assessment.markers": ("MarkerShare",),
    "assessment.partner_series": ("QuarterSeries", "QuarterChange"),
    "assessment.performance": ("Performance", "Change", "TargetStatus"),
    "assessment.priorities": ("Ranking", "Ranked"),
    "sources.geography": ("Geography",),
    "sources.indicators": ("Indicator", "Published", "Target", "Cell"),
    "sources.returns.reading": ("ReturnResult", "ReturnAccount"),
    "sources.returns.definitions": ("ReturnDefinition",),
    "assessment.surveys": ("SurveySeries", "PercentageChange"),
    "trends.kendall": ("SeasonalKendall",),
    "trends.textbook.rank_tests": ("MannKendall", "SenSlope"),
    "trends.results": ("Question", "Shift", "MonthSetAside", "FittedLine"),
    "trends.exceedance": ("Baseline", "Threshold"),
    "trends.spc": ("Limits",),
    "trends.verdicts": ("Intervention",),
    "places.peers": ("Overdispersion",),
}
NAMED = 6  # of many, so many are named


def show_fields(result: Any) -> str:
    """Return a table of a result's fields as HTML: texts and numbers in full, larger values by size."""
    values = {each.name: _brief(getattr(result, each.name)) for each in fields(result) if each.repr}
    return facts_table(type(result).__name__, values)


def register(html_formatter: Any) -> None:
    """Show `RESULTS` by their fields in a shell; `html_formatter` is its formatter for "text/html"."""
    for module, names in RESULTS.items():
        for name in names:
            html_formatter.for_type_by_name(f"hcsp_assess.{module}", name, show_fields)


def _brief(value: Any) -> object:
    if isinstance(value, pd.DataFrame):
        return f"{len(value):,} rows; columns {_some([str(column) for column in value.columns])}"
    if isinstance(value, pd.Series):
        return f"{len(value):,} values, {int(value.isna().sum()):,} missing"
    if isinstance(value, Mapping):
        return f"{len(value):,}: {_some([str(key) for key in value])}" if value else "none"
    if isinstance(value, str | Path):
        return _shortened(value.name if isinstance(value, Path) else value)
    if isinstance(value, Sequence | frozenset):
        return f"{len(value):,}: {_some([_named(item) for item in value])}" if len(value) else "none"
    return value if isinstance(value, bool | int | float | None) else _shortened(_named(value))


def _named(value: Any) -> str:
    """What something is known as: its name, title or key, else its text."""
    if not is_dataclass(value):
        return str(value)
    for name in ("name", "title", "label", "key"):
        if isinstance(known := getattr(value, name, None), str) and known:
            return known
    return str(value) if type(value).__str__ is not object.__str__ else type(value).__name__


def _some(names: list[str]) -> str:
    more = len(names) - NAMED
    return _shortened(", ".join(names[:NAMED])) + (f" and {more:,} more" if more > 0 else "")


def _shortened(text: str) -> str:
    return text if len(text) <= 200 else f"{text[:199]}…"
