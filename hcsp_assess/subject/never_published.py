"""Reviewed list of the months of street-level files that data.police.uk never published, by force."""

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

import pandas as pd

TRANSPORT_POLICE = "btp"


@dataclass(frozen=True)
class PublicationGap:
    """Months of one force that were never published.

    Attributes
    ----------
    force, name : str
        As in the names of files, and for readers.
    first, last : pandas.Period
        First and last month; `last` is None where the gap had not ended when the list was reviewed.
    malformed : tuple of pandas.Period
        Months within it whose file was published and cannot be used.
    source : str
        Where that is known from.
    """

    force: str
    name: str
    first: pd.Period
    last: pd.Period | None
    malformed: tuple[pd.Period, ...]
    source: str

    def __contains__(self, month: object) -> bool:
        return isinstance(month, pd.Period) and self.first <= month and (self.last is None or month <= self.last)


@cache
def publication_gaps() -> tuple[PublicationGap, ...]:
    """Every gap of `definitions/never_published.toml`, in its order."""
    return tuple(
        PublicationGap(
            entry["force"],
            entry["name"],
            pd.Period(entry["first"], "M"),
            pd.Period(entry["last"], "M") if entry["last"] else None,
            tuple(pd.Period(month, "M") for month in entry.get("malformed", ())),
            entry["source"],
        )
        for entry in _definition()["gap"]
    )


def never_published(force: str, month: pd.Period) -> bool:
    """Whether a month of a force is known never to have been published; a malformed file counts as published.

    Examples
    --------
    >>> never_published("btp", pd.Period("2025-03", "M")), never_published("west-mercia", pd.Period("2025-03", "M"))
    (True, False)
    """
    if month < pd.Period(_definition()["first_month_of_all"], "M"):
        return True
    return any(gap.force == force and month in gap and month not in gap.malformed for gap in publication_gaps())


def malformed(force: str, month: pd.Period) -> bool:
    """Whether the published file of a month is known to be unusable."""
    return any(gap.force == force and month in gap.malformed for gap in publication_gaps())


def name_of_force(force: str) -> str:
    """Name of a force for readers, from its name in files.

    Examples
    --------
    >>> name_of_force("btp"), name_of_force("avon-and-somerset")
    ('Transport police', 'Avon and Somerset')
    """
    names = {"btp": "Transport police", "metropolitan": "Metropolitan", "dyfed-powys": "Dyfed-Powys"}
    plain = " ".join(word if word in ("and", "of") else word.capitalize() for word in force.split("-"))
    return names.get(force, plain)


@cache
def _definition() -> dict[str, Any]:
    path = resources.files("hcsp_assess") / "definitions" / "never_published.toml"
    document: dict[str, Any] = tomllib.loads(path.read_text(encoding="utf-8"))
    return document
