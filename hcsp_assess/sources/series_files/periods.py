"""Check that a file's months are plausible: none in the future, none decades from the others."""

import datetime as dt
from dataclasses import replace
from itertools import pairwise
from typing import Final

from hcsp_assess.errors import InputError
from hcsp_assess.sources.returns.definitions import normalise
from hcsp_assess.sources.series_files.figures import Figures, say_spell
from hcsp_assess.sources.series_files.tables import Layout

LONGEST_GAP: Final = 30  # years between two months of a file; a wider gap is a year typed wrongly
LONGEST_GAP_ALONE: Final = 10  # years from one month to all the others
_ENDS: Final = ({1, 4, 7, 10}, {3, 6, 9, 12})  # first and last months of quarters


def quarters_of_months(layout: Layout, figures: Figures) -> tuple[Figures, tuple[str, ...]]:
    """Return quarters where each is named by its first or last month (01/04/2019, 01/07/2019); else what was given."""
    ordinals = figures.ordinals
    if figures.unit != "month" or len(ordinals) < 2:
        return figures, ()
    months = {ordinal % 12 + 1 for ordinal in ordinals}
    headed = any("quarter" in normalise(layout.headings.get(column, "")) for column in layout.time_columns)
    apart = [two - one for one, two in pairwise(ordinals)]
    whole = any(months <= ends for ends in _ENDS) and apart.count(3) >= 0.5 * len(apart)
    if not whole or (len(ordinals) < 5 and not headed):
        return figures, ()
    series = {
        name: {ordinal // 3: count for ordinal, count in spells.items()} for name, spells in figures.series.items()
    }
    written = {ordinal // 3: place for ordinal, place in figures.written.items()}
    which = "first" if months <= _ENDS[0] else "last"
    note = f"the months are three apart and were read as quarters, each named by its {which} month"
    return replace(figures, unit="quarter", series=series, written=written), (note,)


def check_periods(layout: Layout, figures: Figures, today: dt.date) -> tuple[Figures, tuple[str, ...]]:
    """Return the figures without blank months to come.

    Raises
    ------
    InputError
        Naming the cell: a figure of a month in the future, or one more than 30 years from the others.
    """
    size = 12 if figures.unit == "month" else 4
    present = today.year * size + (today.month - 1) // (12 // size)
    given = {ordinal for spells in figures.series.values() for ordinal, count in spells.items() if count is not None}
    blank = {ordinal for ordinal in figures.ordinals if ordinal > present and ordinal not in given}
    series = {
        name: {ordinal: count for ordinal, count in spells.items() if ordinal not in blank}
        for name, spells in figures.series.items()
    }
    ordinals = [ordinal for ordinal in figures.ordinals if ordinal not in blank]
    if not ordinals:
        raise InputError(f"every {figures.unit} of the file is in the future, without a figure")
    wrong = [ordinal for ordinal in ordinals if ordinal > present]
    reason = "is in the future"
    if not wrong:
        wrong, years = _far_from_others(ordinals, size, figures)
        reason = f"is over {years} years from the others"
    if wrong:
        raise InputError(_unbelievable(layout, figures, wrong[0], sorted(set(ordinals) - set(wrong)), reason))
    notes = (f"{len(blank)} future {figures.unit}s, without figures, were left out",) if blank else ()
    return replace(figures, series=series), notes


def _far_from_others(ordinals: list[int], size: int, figures: Figures) -> tuple[list[int], int]:
    """Return the smaller side of the first gap that is too wide, and how many years are too many."""

    def figures_of(side: list[int]) -> int:
        return sum(ordinal in spells for ordinal in side for spells in figures.series.values())

    for place, (one, two) in enumerate(pairwise(ordinals), start=1):
        if two - one > LONGEST_GAP * size:
            return min(ordinals[place:], ordinals[:place], key=figures_of), LONGEST_GAP
    for alone, others in ((ordinals[:1], ordinals[1:]), (ordinals[-1:], ordinals[:-1])):
        if len(others) > 1 and min(abs(alone[0] - other) for other in others) > LONGEST_GAP_ALONE * size:
            return alone, LONGEST_GAP_ALONE
    return [], 0


def _unbelievable(layout: Layout, figures: Figures, wrong: int, others: list[int], reason: str) -> str:
    size = 12 if figures.unit == "month" else 4
    row, text = figures.written[wrong]
    place = layout.grid.place(row if layout.time_columns else layout.heading_rows[-1])
    said = say_spell((figures.unit, wrong))
    said = said if text in (said, "") else f"{said} ({text})"
    years = sorted({ordinal // size for ordinal in others})
    span = f"; the other {figures.unit}s are {_years(years)}" if years else ""
    return f"{place}: {said} {reason}{span}: correct the year"


def _years(years: list[int]) -> str:
    return f"of {years[0]}" if len(years) == 1 else f"{years[0]} to {years[-1]}"
