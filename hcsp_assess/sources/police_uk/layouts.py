"""The columns of each kind of monthly file of data.police.uk, and their headings in any spelling."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from hcsp_assess.sources.police_uk.names import OUTCOMES, STOP_AND_SEARCH, STREET

COLUMNS = {
    "Crime ID": "crime_id",
    "Month": "month",
    "Reported by": "reported_by",
    "Falls within": "falls_within",
    "Longitude": "longitude",
    "Latitude": "latitude",
    "Location": "location",
    "LSOA code": "lsoa_code",
    "LSOA name": "lsoa_name",
    "Crime type": "crime_type",
    "Last outcome category": "last_outcome_category",
    "Context": "context",
}


@dataclass(frozen=True)
class Layout:
    """The columns of one kind of file.

    Attributes
    ----------
    what : str
        What a message calls such a file: "a street file".
    columns : dict of str to str
        Short name of each published column.
    optional : tuple of str
        Published columns that a file may lack.
    """

    what: str
    columns: dict[str, str]
    optional: tuple[str, ...] = ()

    @property
    def required(self) -> tuple[str, ...]:
        """Published columns that a file must have."""
        return tuple(name for name in self.columns if name not in self.optional)

    def headings(self, fields: Sequence[str]) -> list[str]:
        """Headings under their published names; those of other columns as they are.

        Capitals, and what is between words, make no difference: "crime_id", "Crime.ID" and "CrimeID" are "Crime ID".
        """
        published = {_letters(name): name for name in self.columns}
        return [published.get(_letters(name), name.strip()) for name in fields]

    def lacks(self, headings: Sequence[str]) -> list[str]:
        """Columns that a file must have and that are not among these headings."""
        return [name for name in self.required if name not in headings]


def _letters(heading: str) -> str:
    return re.sub(r"[^a-z0-9]", "", heading.casefold())


STREET_LAYOUT: Final = Layout("a street file", COLUMNS, ("Context",))
_PLACES: Final = {name: short for name, short in COLUMNS.items() if short not in ("crime_type", "context")}
OUTCOMES_LAYOUT: Final = Layout(
    "an outcomes file",
    {name: short for name, short in _PLACES.items() if short != "last_outcome_category"} | {"Outcome type": "outcome"},
)
STOPS_LAYOUT: Final = Layout(
    "a stop-and-search file",
    {
        "Type": "type",
        "Date": "date",
        "Part of a policing operation": "part_of_operation",
        "Policing operation": "operation",
        "Latitude": "latitude",
        "Longitude": "longitude",
        "Gender": "gender",
        "Age range": "age_range",
        "Self-defined ethnicity": "self_defined_ethnicity",
        "Officer-defined ethnicity": "officer_defined_ethnicity",
        "Legislation": "legislation",
        "Object of search": "object_of_search",
        "Outcome": "outcome",
        "Outcome linked to object of search": "outcome_linked",
        "Removal of more than just outer clothing": "more_than_outer_clothing",
    },
    ("Part of a policing operation", "Policing operation", "Removal of more than just outer clothing"),
)
LAYOUTS: Final = {STREET: STREET_LAYOUT, OUTCOMES: OUTCOMES_LAYOUT, STOP_AND_SEARCH: STOPS_LAYOUT}
