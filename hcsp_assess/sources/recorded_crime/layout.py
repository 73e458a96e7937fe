"""Find the columns of a Home Office sheet, by heading or by position."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from operator import itemgetter
from typing import Final

from hcsp_assess.errors import InputError
from hcsp_assess.periods import FinancialYear, parse_financial_year
from hcsp_assess.sources.recorded_crime.groups import plain

#: Columns in the order in which every sheet since 2002-03 has them.
ORDER: Final = ("year", "quarter", "force", "partnership", "description", "group", "subgroup", "code", "count")
NEEDED: Final = ("quarter", "partnership", "code", "count")
_HEADINGS: Final = {
    "year": ("Financial Year",),
    "quarter": ("Financial Quarter",),
    "force": ("Force Name", "Police Force", "Police Force Name"),
    "partnership": ("CSP Name", "Community Safety Partnership", "Community Safety Partnership Name"),
    "description": ("Offence Description",),
    "group": ("Offence Group",),
    "subgroup": ("Offence Subgroup", "Offence Sub-group"),
    "code": ("Offence Code",),
    "count": ("Number of Offences", "Offence Count", "Number of Recorded Offences"),
}
_KNOWN: Final = {plain(text): name for name, texts in _HEADINGS.items() for text in texts}
_YEAR_SHEET: Final = re.compile(r"(\d{4})[-_/ ](\d{2}|\d{4})")


@dataclass(frozen=True)
class SheetLayout:
    """Where a sheet has its columns.

    Attributes
    ----------
    columns : dict of str to int
        Place from 0 by name, as in `ORDER`.
    year : FinancialYear or None
        The year in the sheet's name, for a sheet without a column of years.
    by_place : tuple of str
        Columns that have no heading and were recognised by their place.
    """

    columns: dict[str, int]
    year: FinancialYear | None
    by_place: tuple[str, ...] = ()

    @cached_property
    def widest(self) -> int:
        """How many cells a row has that has them all."""
        return max(self.columns.values()) + 1

    @cached_property
    def place(self) -> Callable[[list[str]], object]:
        """What takes from a row when and where it is: texts that many rows share."""
        return itemgetter(
            *(self.columns[name] for name in ("year", "quarter", "force", "partnership") if name in self.columns)
        )

    @cached_property
    def kind(self) -> Callable[[list[str]], object]:
        """What takes from a row which offence it is."""
        return itemgetter(*(self.columns[name] for name in ("group", "subgroup", "code") if name in self.columns))

    def of(self, cells: list[str]) -> dict[str, str]:
        """Return the texts of a row by column name; "" beyond its end."""
        return {name: cells[place].strip() if place < len(cells) else "" for name, place in self.columns.items()}


def find_layout(sheet: str, cells: list[str]) -> SheetLayout | None:
    """Return the layout that a line of headings describes, or None if it is not a line of headings.

    Raises
    ------
    InputError
        If it is one and a column is missing that counts cannot do without.
    """
    found = {name: place for place, text in enumerate(cells) if (name := _KNOWN.get(plain(text)))}
    if len(found) < len(NEEDED):
        return None
    by_place = _by_place(cells, found)
    found |= by_place
    year = _year_of(sheet)
    needed = NEEDED if year else ("year", *NEEDED)
    if missing := [name for name in needed if name not in found]:
        wanted = ", ".join(_HEADINGS[name][0] for name in missing)
        where = f"sheet {sheet!r}" if sheet else "the table"
        raise InputError(f"{where} has no column {wanted}: its headings are {', '.join(filter(None, cells))}")
    return SheetLayout(found, year, tuple(by_place))


def _by_place(cells: list[str], found: dict[str, int]) -> dict[str, int]:
    """Return columns without a heading that are between their usual neighbours."""
    places: dict[str, int] = {}
    for number, name in enumerate(ORDER):
        if name in found:
            continue
        before = {**found, **places}.get(ORDER[number - 1], -1 if number == 0 else None)
        if before is not None and (before + 1 >= len(cells) or not cells[before + 1].strip()):
            places[name] = before + 1
    return places


def _year_of(sheet: str) -> FinancialYear | None:
    match = _YEAR_SHEET.fullmatch(sheet.strip())
    try:
        return parse_financial_year(f"{match[1]}-{match[2]}") if match else None
    except InputError:
        return None
