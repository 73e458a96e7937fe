"""Crime types: the three lists that data.police.uk has used, and the series comparable across them."""

import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

import pandas as pd

from hcsp_assess.errors import InputError, nearest

ANTI_SOCIAL_BEHAVIOUR = "Anti-social behaviour"
RECORDED_CRIME = "recorded_crime"
#: Keys of the two series that every report begins with: anti-social behaviour is counted apart.
HEADLINES = (RECORDED_CRIME, "anti_social_behaviour")


@dataclass(frozen=True)
class Vocabulary:
    """The crime types that files of one period use.

    Attributes
    ----------
    name : str
        "six", "eleven" or "fourteen".
    first, last : pandas.Period or None
        Data months in which data.police.uk used it; `last` is None while it is in use.
    types : tuple of str
        The crime types, as files spell them.
    """

    name: str
    first: pd.Period
    last: pd.Period | None
    types: tuple[str, ...]


@dataclass(frozen=True)
class ComparableSeries:
    """A sum of crime types that means the same over a stated span.

    Attributes
    ----------
    key, label : str
        Name in code, and name for readers.
    parts : tuple of str
        Crime types that are summed.
    vocabularies : tuple of str
        Vocabularies under which the sum is comparable; under any other it has no value.
    first, last : pandas.Period or None
        The months of data.police.uk that those vocabularies span.
    note : str
        What a reader must know, or "".
    """

    key: str
    label: str
    parts: tuple[str, ...]
    vocabularies: tuple[str, ...]
    first: pd.Period
    last: pd.Period | None
    note: str


@cache
def _definitions() -> dict[str, Any]:
    path = resources.files("hcsp_assess") / "definitions" / "crime_types.toml"
    return tomllib.loads(path.read_text(encoding="utf-8"))


@cache
def vocabularies() -> tuple[Vocabulary, ...]:
    """The vocabularies in order of time."""
    return tuple(
        Vocabulary(
            name=entry["name"],
            first=pd.Period(entry["first"], "M"),
            last=pd.Period(entry["last"], "M") if "last" in entry else None,
            types=tuple(entry["types"]),
        )
        for entry in _definitions()["vocabulary"]
    )


def crime_types() -> tuple[str, ...]:
    """Every crime type of any vocabulary, in alphabetical order; anti-social behaviour is one of them."""
    return tuple(sorted({crime_type for vocabulary in vocabularies() for crime_type in vocabulary.types}))


def recorded_crime_types() -> tuple[str, ...]:
    """Every crime type that counts as recorded crime: all but anti-social behaviour."""
    return tuple(crime_type for crime_type in crime_types() if crime_type != ANTI_SOCIAL_BEHAVIOUR)


def vocabulary(name: str) -> Vocabulary:
    """One vocabulary by its name.

    Raises
    ------
    InputError
        If there is none of that name.
    """
    for candidate in vocabularies():
        if candidate.name == name:
            return candidate
    raise InputError(f"there is no crime-type vocabulary {name!r}: choose one of {[v.name for v in vocabularies()]}")


def vocabulary_in_month(month: pd.Period) -> Vocabulary:
    """The vocabulary that data.police.uk used for a data month.

    Months before December 2010, when its files begin, get the earliest one.
    """
    return next((v for v in reversed(vocabularies()) if v.first <= month), vocabularies()[0])


def detect_vocabulary(types: Iterable[str], month: pd.Period) -> str:
    """Name of the vocabulary that a file uses, from the crime types seen in it.

    Where several hold all the types seen (a small file with only burglaries), the one in use in that month wins;
    where none does, the answer is "mixed".

    Parameters
    ----------
    types : iterable of str
        Crime types seen in the file, each known to `check_crime_type`.
    month : pandas.Period
        Data month of the file.
    """
    seen = set(types)
    fitting = [candidate.name for candidate in vocabularies() if seen <= set(candidate.types)]
    usual = vocabulary_in_month(month).name
    if not fitting:
        return "mixed"
    return usual if usual in fitting else fitting[-1]


def check_crime_type(name: str) -> str:
    """The crime type as the vocabularies spell it; upper and lower case and outer spaces do not matter.

    Raises
    ------
    InputError
        If no vocabulary has it; the message suggests the nearest.
    """
    spelling = {crime_type.casefold(): crime_type for crime_type in crime_types()}
    known = spelling.get(name.strip().casefold())
    if known is None:
        raise InputError(unknown_type_message(name))
    return known


def unknown_type_message(name: str) -> str:
    """What to say about a crime type that no vocabulary has: the nearest one, and where types are defined."""
    near = nearest(name.strip().capitalize(), crime_types())
    suggestion = f"did you mean {near!r}?" if near else f"known types: {', '.join(crime_types())}."
    return f"unknown crime type {name!r}: {suggestion} A new type belongs in definitions/crime_types.toml."


@cache
def comparable_series() -> tuple[ComparableSeries, ...]:
    """Every comparable series, in the order of the definitions."""
    return tuple(_series_from(entry) for entry in _definitions()["series"])


def series(key: str) -> ComparableSeries:
    """One comparable series by its key.

    Raises
    ------
    InputError
        If there is none of that key; the message suggests the nearest.
    """
    by_key = {entry.key: entry for entry in comparable_series()}
    if key in by_key:
        return by_key[key]
    near = nearest(key, by_key)
    suggestion = f"did you mean {near!r}?" if near else f"choose one of {', '.join(by_key)}"
    raise InputError(f"there is no comparable series {key!r}: {suggestion}")


def open_outcomes() -> tuple[str, ...]:
    """Outcome categories for cases that are open or whose outcome is not known."""
    return tuple(_definitions()["outcomes"]["open"])


def api_slugs() -> dict[str, str]:
    """Crime type by the name that the data.police.uk API gives it, such as "criminal-damage-arson"."""
    return dict(_definitions()["api_slugs"])


def _series_from(entry: dict[str, Any]) -> ComparableSeries:
    spans = [vocabulary(name) for name in entry["vocabularies"]]
    return ComparableSeries(
        key=entry["key"],
        label=entry["label"],
        parts=recorded_crime_types() if entry.get("all_recorded_crime") else tuple(entry["parts"]),
        vocabularies=tuple(entry["vocabularies"]),
        first=spans[0].first,
        last=spans[-1].last,
        note=entry.get("note", ""),
    )
