"""Stop and search: the values used in its files, and searches of earlier years by district."""

import csv
import tomllib
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any, Final

NOT_KNOWN: Final = "Not known"
ANOTHER_RESULT: Final = "Another result"
NO_FURTHER_ACTION: Final = "No further action"


@dataclass(frozen=True)
class EarlierYear:
    """Searches in a district in a year of people recorded as Black or White, or None if the source has no figure."""

    year: int
    black: int | None
    white: int | None


@cache
def _definitions() -> dict[str, Any]:
    path = resources.files("hcsp_assess") / "definitions" / "stop_and_search.toml"
    return tomllib.loads(path.read_text(encoding="utf-8"))


def ethnic_group(value: str) -> str:
    """The group of residents of an officer-defined or self-defined ethnicity.

    Examples
    --------
    >>> ethnic_group("Black/African/Caribbean/Black British - African"), ethnic_group("Black")
    ('Black or Black British', 'Black or Black British')
    >>> ethnic_group("Other ethnic group - Not stated"), ethnic_group("")
    ('Not known', 'Not known')
    """
    groups: dict[str, str] = _definitions()["ethnicity"]
    return groups.get(value) or groups.get(value.partition(" - ")[0], NOT_KNOWN)


def sex_of(value: str) -> str:
    """The sex as residents' tables call it."""
    return str(_definitions()["sex"].get(value, NOT_KNOWN))


def age_bands() -> dict[str, tuple[str, ...]]:
    """Age ranges of the files, in order, and the age bands of residents that each is made of."""
    return {name: tuple(bands) for name, bands in _definitions()["age"].items()}


def result_of(value: str) -> str:
    """The kind of result of a search's outcome; a blank is not known."""
    return str(_definitions()["outcome"].get(value, ANOTHER_RESULT)) if value else NOT_KNOWN


def unknown_results(values: list[str]) -> list[str]:
    """Outcomes that are not in the list."""
    return sorted({value for value in values if value and value not in _definitions()["outcome"]})


def reference_groups() -> dict[str, str]:
    """The group that the others are compared with, by characteristic: ethnicity, age, sex."""
    return dict(_definitions()["reference"])


def earlier_facts() -> dict[str, str]:
    """Details of the table of earlier years: title, source, licence, attribution, limits."""
    return dict(_definitions()["earlier"])


def earlier_years(district: str) -> tuple[EarlierYear, ...]:
    """Searches of earlier years in a district, by the name that ONS gives it; empty where it is not in the table."""
    path = resources.files("hcsp_assess") / "definitions" / "published" / _definitions()["earlier"]["file"]
    lines = csv.DictReader(path.read_text(encoding="utf-8").splitlines())
    return tuple(
        EarlierYear(int(line["year"]), *(int(line[name]) if line[name] else None for name in ("black", "white")))
        for line in lines
        if line["district"] == district
    )
