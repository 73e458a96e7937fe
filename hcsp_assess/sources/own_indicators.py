"""Read a partnership's own indicators and their figures from `areas/KEY/` of the project."""

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import pandas as pd

from hcsp_assess.errors import InputError
from hcsp_assess.files import sha256_of
from hcsp_assess.periods import FinancialYear, Quarter, Span, parse_financial_year
from hcsp_assess.project import read_definition
from hcsp_assess.sources.indicators import (
    CLAIMS,
    FIGURES,
    PRIORITIES,
    WORK_PLAN,
    Cell,
    Indicator,
    Published,
    check_published,
    parse_indicators,
    read_table,
)
from hcsp_assess.sources.performance_sheet import read_performance
from hcsp_assess.subject.own_definitions import INDICATORS, PERFORMANCE, label, own_file

_TABLES = {"figures": FIGURES, "claims": CLAIMS, "priorities": PRIORITIES, "work_plan": WORK_PLAN}


@dataclass(frozen=True, eq=False)
class Strategy:
    """Indicators and their figures, of a partnership or of the strategy that comes with the package.

    Attributes
    ----------
    indicators : tuple of Indicator
        The definitions.
    published : Published
        The figures of the quarters that ended within the period assessed, or before it.
    file, checksum : str
        Name and checksum of the file with the figures; "" where there is none.
    own : bool
        Whether they are the project's own.
    later : tuple of Cell
        Figures of later quarters, which an assessment of that period does not use.
    """

    indicators: tuple[Indicator, ...]
    published: Published
    file: str
    checksum: str
    own: bool = False
    later: tuple[Cell, ...] = ()


def performance_file(own: Path) -> Path | None:
    """Return the file with the figures of an area's own indicators, or None if it has no such file.

    Raises
    ------
    InputError
        If there are several: which one is right cannot be known.
    """
    found = [path for name in PERFORMANCE if (path := own_file(own, name)) is not None]
    if len(found) > 1:
        both = " and ".join(label(own, path.name) for path in found)
        raise InputError(f"the figures of the indicators are in {both}: keep one, and move the other away")
    return found[0] if found else None


def read_own_indicators(own: Path) -> tuple[Indicator, ...]:
    """Return the indicators of an area's own `indicators.toml`; none where it has no such file, or the file has none.

    Raises
    ------
    InputError
        If a field is missing, unknown or of another kind, or there are figures and no definitions.
    """
    path, figures, where = own_file(own, INDICATORS), performance_file(own), label(own, INDICATORS)
    text = read_definition(path, where) if path is not None else ""
    if _without_comments(text).strip():
        return parse_indicators(text, where)
    if figures is not None:
        raise InputError(
            f"{label(own, figures.name)} has figures, and {where} defines no indicator: `hcsp-assess new indicator` "
            "writes an entry"
        )
    return ()


def read_strategy(own: Path, span: Span, title: str) -> Strategy | None:
    """Return an area's own indicators with their figures; None where it has none, or no figure up to the period's end.

    Parameters
    ----------
    own : Path
        The folder `areas/KEY/`.
    span : Span
        The months assessed: the overview is of the financial year in which they end, and has no later quarter. Where
        that year has no figure yet, it is of the year before.
    title : str
        What the figures are called, unless `document.toml` has a title.

    Raises
    ------
    InputError
        If definitions or figures cannot be used.
    """
    files = sorted(path for path in own.iterdir() if path.is_file())
    return _read(own, span, title, tuple((path.name, sha256_of(path)) for path in files))


@lru_cache(maxsize=16)
def _read(own: Path, span: Span, title: str, files: tuple[tuple[str, str], ...]) -> Strategy | None:
    """As `read_strategy`; the files with their checksums are there so that a change is read."""
    indicators = read_own_indicators(own)
    if not indicators:
        return None
    path = performance_file(own)
    cells = read_performance(path, label(own, path.name), indicators) if path is not None else ()
    within = _without_ends(tuple(cell for cell in cells if cell.quarter.span.last <= span.last))
    document = {"title": title, "overview_year": str(_overview_year(within, span))} | _document(own)
    if not within:
        return None
    tables = {name: _table(own, f"{name}.csv", columns) for name, columns in _TABLES.items()}
    published = Published(within, document=document, **tables)
    check_published(indicators, published)
    later = tuple(cell for cell in cells if cell.printed and cell.quarter.span.last > span.last)
    name = path.name if path is not None else ""
    return Strategy(indicators, published, name, dict(files).get(name, ""), own=True, later=later)


def read_own_priorities(own: Path) -> pd.DataFrame:
    """Return an area's own table of priorities, `priorities.csv`; empty where it has no such file.

    Raises
    ------
    InputError
        If it is no CSV file in UTF-8, or lacks a column.
    """
    return _table(own, "priorities.csv", PRIORITIES)


def _overview_year(cells: Sequence[Cell], span: Span) -> FinancialYear:
    """The financial year in which a period ends, or the one before where only that has figures."""
    year = Quarter.of(span.last).year
    held = {cell.quarter.year for cell in cells if cell.printed}
    return year.previous if year not in held and year.previous in held else year


def _without_ends(cells: Sequence[Cell]) -> tuple[Cell, ...]:
    """The cells from each indicator's first figure to its last: a sheet has room for quarters still to come."""
    held: dict[str, list[Quarter]] = {}
    for cell in cells:
        if cell.printed:
            held.setdefault(cell.indicator, []).append(cell.quarter)
    return tuple(
        cell
        for cell in cells
        if cell.indicator in held and min(held[cell.indicator]) <= cell.quarter <= max(held[cell.indicator])
    )


def _document(own: Path) -> dict[str, Any]:
    """What the partnership's strategy says about itself; nothing where it has no `document.toml`."""
    path, where = own_file(own, "document.toml"), label(own, "document.toml")
    if path is None:
        return {}
    try:
        fields = tomllib.loads(read_definition(path, where))
        if "overview_year" in fields:
            parse_financial_year(str(fields["overview_year"]))
    except (tomllib.TOMLDecodeError, InputError) as error:
        raise InputError(f"{where} cannot be used: {error}") from error
    return fields


def _table(own: Path, name: str, columns: tuple[str, ...]) -> pd.DataFrame:
    """One table of a strategy, empty if it has no such file."""
    return read_table(own, name, columns) if own_file(own, name) else pd.DataFrame(columns=list(columns), dtype=str)


def _without_comments(text: str) -> str:
    return "\n".join(line for line in text.splitlines() if not line.lstrip().startswith("#"))
