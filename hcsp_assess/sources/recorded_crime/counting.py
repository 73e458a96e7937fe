"""Count a Home Office file by quarter, area and offence, and account for every row."""

from __future__ import annotations

import re
from array import array
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

import numpy as np
import pandas as pd
import polars as pl

from hcsp_assess.errors import InputError
from hcsp_assess.periods import parse_financial_year
from hcsp_assess.sources.recorded_crime.groups import FRAUD, group_of_offence
from hcsp_assess.sources.recorded_crime.layout import NEEDED, SheetLayout, find_layout
from hcsp_assess.sources.recorded_crime.ons_tables import cleaned, count_in
from hcsp_assess.sources.recorded_crime.partnerships import find_partnership, force_named, key_of, partnership_of
from hcsp_assess.sources.recorded_crime.streaming import Progress, Row, stream_rows

HEADING_ROWS = 40
MOST_DIGITS = 10  # of a count that is read without a second look
_AREA_BITS, _OFFENCE_BITS = 14, 16
_Texts = TypeVar("_Texts", bound=tuple[str, ...])
#: Counts by quarter, area and offence; `quarter` is the ordinal of a pandas Period of frequency "Q-MAR".
COUNT_COLUMNS = ("quarter", "level", "code", "name", "force", "offence_code", "group", "count", "rows")


@dataclass
class CountedFile:
    """What a file holds, for every area.

    Attributes
    ----------
    counts : polars.DataFrame
        `quarter` (Int32, ordinal), `level` ("partnership", "unassigned"), `code`, `name`, `force`, `offence_code`,
        `group` (key of an offence group, or "" where none is known), `count` (sum of the rows), `rows` (how many rows
        were added up).
    areas : polars.DataFrame
        Rows used by `sheet`, `level`, `code`, `name`, `force`.
    set_aside : polars.DataFrame
        `sheet`, `reason`, `rows`, `offences` (sum of the counts that could be read), `first_row`.
    sheets : dict of str to int
        Rows read by sheet, headings and notes of a data sheet not among them.
    notes : tuple of str
        Lines of the sheets that are not data: when the file was updated, what the Home Office says of forces.
    by_place : tuple of str
        Columns without a heading that were recognised by their place, with their sheet.
    """

    counts: pl.DataFrame
    areas: pl.DataFrame
    set_aside: pl.DataFrame
    sheets: dict[str, int]
    notes: tuple[str, ...]
    by_place: tuple[str, ...]


class _Unusable(Exception):  # noqa: N818 - becomes a line of the account
    def __init__(self, reason: str, offences: int = 0) -> None:
        super().__init__(reason)
        self.offences = offences


@dataclass
class _Counter:
    """Numbers instead of texts, so that a million rows take little memory."""

    quarters: dict[tuple[str, str], int] = field(default_factory=dict)
    areas: dict[tuple[str, str], int] = field(default_factory=dict)
    area_list: list[tuple[str, str, str, str]] = field(default_factory=list)
    offences: dict[tuple[str, str, str], int] = field(default_factory=dict)
    offence_list: list[tuple[str, str]] = field(default_factory=list)
    keys: array[int] = field(default_factory=lambda: array("q"))
    counts: array[int] = field(default_factory=lambda: array("q"))
    times: array[int] = field(default_factory=lambda: array("q"))
    used: dict[tuple[str, int], int] = field(default_factory=dict)
    aside: dict[tuple[str, str], list[int]] = field(default_factory=dict)
    read: dict[str, int] = field(default_factory=dict)
    seen: dict[str, tuple[dict[object, int], dict[object, int]]] = field(default_factory=dict)

    def add(self, row: Row, layout: SheetLayout) -> None:
        """Count a row, or set it aside with its reason."""
        self.read[row.sheet] += row.times
        places, kinds = self.seen[row.sheet]
        text = row.cells[layout.columns["count"]] if len(row.cells) >= layout.widest else ""
        if text.isdecimal() and len(text) < MOST_DIGITS:  # what nearly every row is, and looks like many rows before it
            place, kind = places.get(layout.place(row.cells)), kinds.get(layout.kind(row.cells))
            if place is not None and kind is not None:
                self._keep(row, place, kind, int(text))
                return
        self._add_new(row, layout)

    def begin(self, sheet: str) -> None:
        """Begin a sheet, whose columns may be others."""
        self.read[sheet] = 0
        self.seen[sheet] = {}, {}

    def _keep(self, row: Row, place: int, kind: int, count: int) -> None:
        self.keys.append(place << _OFFENCE_BITS | kind)
        self.counts.append(count * row.times)
        self.times.append(row.times)
        self.used[row.sheet, place] = self.used.get((row.sheet, place), 0) + row.times

    def _add_new(self, row: Row, layout: SheetLayout) -> None:
        try:
            cells = layout.of(row.cells)
            count = _count(cells["count"])
            quarter = self._quarter(cells, layout, count)
            area = self._area(cells, count)
            offence = self._offence(cells, count)
        except _Unusable as problem:
            tally = self.aside.setdefault((row.sheet, str(problem)), [0, 0, row.number])
            tally[0] += row.times
            tally[1] += problem.offences * row.times
            return
        place = quarter << _AREA_BITS | area
        if len(row.cells) >= layout.widest:
            places, kinds = self.seen[row.sheet]
            places[layout.place(row.cells)], kinds[layout.kind(row.cells)] = place, offence
        self._keep(row, place, offence, count)

    def _quarter(self, cells: dict[str, str], layout: SheetLayout, count: int) -> int:
        texts = cells.get("year", ""), cells["quarter"]
        if texts not in self.quarters:
            self.quarters[texts] = _quarter(texts, layout)
        if self.quarters[texts] < 0:
            raise _Unusable("there is no financial year and quarter such as 2015/16 and 1", count)
        return self.quarters[texts]

    def _area(self, cells: dict[str, str], count: int) -> int:
        texts = cells.get("force", ""), cells["partnership"]
        if texts not in self.areas:
            area = _area(*texts)
            self.areas[texts] = -1 if area is None else _number(self.area_list, area, 1 << _AREA_BITS)
        if self.areas[texts] < 0:
            named = f"no partnership {texts[1]!r} is known" if texts[1] else "no partnership is named"
            raise _Unusable(named, count)
        return self.areas[texts]

    def _offence(self, cells: dict[str, str], count: int) -> int:
        texts = cells["code"], cells.get("subgroup", ""), cells.get("group", "")
        if texts not in self.offences:
            offence = texts[0], group_of_offence(*texts)
            self.offences[texts] = (
                -1 if offence[1] == FRAUD else _number(self.offence_list, offence, 1 << _OFFENCE_BITS)
            )
        if self.offences[texts] < 0:
            raise _Unusable("fraud, which the totals leave out", count)
        return self.offences[texts]


def count_file(path: Path, *, progress: Progress | None = None) -> CountedFile:
    """Read a Home Office table by partnership and count it.

    Rows of the same quarter, area and offence are added up, never dropped: partnerships that merged have a row for each
    former one. A sheet is data where a line of its first forty names the columns; the others are notes.

    Raises
    ------
    InputError
        If the file cannot be read, or no sheet holds such a table.
    """
    counter, notes, by_place = _Counter(), list[str](), list[str]()
    layouts: dict[str, SheetLayout] = {}
    waiting: dict[str, list[Row]] = {}
    for row in stream_rows(path, progress=progress):
        if row.sheet in layouts:
            counter.add(row, layouts[row.sheet])
            continue
        before = waiting.setdefault(row.sheet, [])
        layout = find_layout(row.sheet, row.cells) if len(before) < HEADING_ROWS else None
        if layout is None:
            before.append(row)
            continue
        layouts[row.sheet] = layout
        by_place += [f"{row.sheet}: {name}" for name in layout.by_place if name in ("year", *NEEDED)]
        counter.begin(row.sheet)
    for rows in waiting.values():
        notes += [" ".join(filter(None, row.cells)) for row in rows]
    if not layouts:
        raise InputError(
            f"{path.name} has no sheet with the columns Financial Quarter, CSP Name, Offence Code and Number of "
            "Offences (or Offence Count): give the tables by community safety partnership (prc-csp-...)"
        )
    return CountedFile(
        counts=_frame(counter),
        areas=_areas(counter),
        set_aside=_set_aside(counter),
        sheets=dict(counter.read),
        notes=tuple(notes),
        by_place=tuple(by_place),
    )


def _number(known: list[_Texts], one: _Texts, most: int) -> int:
    """The place of one in what is known, where it is put if it is new."""
    if one not in known:
        if len(known) == most:
            raise InputError(f"more than {most:,} different areas or offences: this is not a table of recorded crime")
        known.append(one)
    return known.index(one)


def _count(text: str) -> int:
    try:
        count = count_in(text)
    except (ValueError, OverflowError):
        raise _Unusable("its count is not a whole number") from None
    if count is None:
        raise _Unusable("it has no count")
    return count


def _quarter(texts: tuple[str, str], layout: SheetLayout) -> int:
    match = re.fullmatch(r"(?:[Qq](?:uarter )?)?\s*([1-4])(?:\.0)?", texts[1])
    try:
        year = parse_financial_year(texts[0]) if texts[0] or layout.year is None else layout.year
    except InputError:
        return -1
    if match is None:
        return -1
    return pd.Period(f"{year.start + 1}Q{match[1]}", "Q-MAR").ordinal


def _area(force_text: str, partnership: str) -> tuple[str, str, str, str] | None:
    """Level, code, name and force of a row, or None if the partnership is not known."""
    name = cleaned(partnership)
    force = force_named(force_text)[1]
    if name.casefold().startswith("unassigned"):
        force = force or force_named(name[len("unassigned") :])[1]
        return ("unassigned", "", f"Unassigned {force}", force) if force else None
    if code := find_partnership(name):
        known = partnership_of(code)
        return "partnership", known.code, known.name, known.force
    return ("unassigned", "", name, force) if force and "airport" in key_of(name) else None


def _frame(counter: _Counter) -> pl.DataFrame:
    """Add up the rows of the same quarter, area and offence; texts as categories, so that a million rows stay small."""
    keys = np.array(counter.keys, dtype=np.int64)
    order = np.argsort(keys, kind="stable")
    keys = keys[order]
    first = np.flatnonzero(np.r_[True, keys[1:] != keys[:-1]]) if len(keys) else np.empty(0, np.int64)
    count, rows = (
        np.add.reduceat(np.array(values, dtype=np.int64)[order], first) if len(first) else np.empty(0, np.int64)
        for values in (counter.counts, counter.times)
    )
    keys = keys[first]
    area, offence = keys >> _OFFENCE_BITS & (1 << _AREA_BITS) - 1, keys & (1 << _OFFENCE_BITS) - 1
    texts = {
        **_chosen(("level", "code", "name", "force"), counter.area_list, area),
        **_chosen(("offence_code", "group"), counter.offence_list, offence),
    }
    quarter = (keys >> _AREA_BITS + _OFFENCE_BITS).astype(np.int32)
    return pl.DataFrame({"quarter": quarter, **texts, "count": count, "rows": rows})


def _chosen(names: Sequence[str], lines: Sequence[Sequence[str]], numbers: np.ndarray) -> dict[str, pl.Series]:
    """The texts of each row, as categories."""
    columns = zip(*lines, strict=True) if lines else ([] for _ in names)
    return {
        name: pl.Series(name, list(column), dtype=pl.Categorical).gather(numbers)
        for name, column in zip(names, columns, strict=True)
    }


def _areas(counter: _Counter) -> pl.DataFrame:
    tally: dict[tuple[str, int], int] = {}
    for (sheet, place), times in counter.used.items():
        key = sheet, place % (1 << _AREA_BITS)
        tally[key] = tally.get(key, 0) + times
    rows = [(sheet, *counter.area_list[area], times) for (sheet, area), times in tally.items()]
    schema = {**dict.fromkeys(["sheet", "level", "code", "name", "force"], pl.String), "rows": pl.Int64}
    return pl.DataFrame(rows, schema=schema, orient="row")


def _set_aside(counter: _Counter) -> pl.DataFrame:
    rows = [(sheet, reason, *tally) for (sheet, reason), tally in counter.aside.items()]
    schema = {"sheet": pl.String, "reason": pl.String, "rows": pl.Int64, "offences": pl.Int64, "first_row": pl.Int64}
    return pl.DataFrame(rows, schema=schema, orient="row")
