"""Who holds the figures that partners are asked for: bodies by role, area and month, since bodies change."""

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib import resources

import pandas as pd

from hcsp_assess.errors import InputError
from hcsp_assess.subject.areas import Area


@dataclass(frozen=True)
class Body:
    """One body that holds a role, where and when.

    Attributes
    ----------
    areas, forces : tuple of str
        Keys of the areas and of the police forces that it serves; none means every area.
    first, last : pandas.Period or None
        First and last month in which it held the role; None where that is open.
    """

    name: str
    areas: tuple[str, ...]
    forces: tuple[str, ...]
    first: pd.Period | None
    last: pd.Period | None

    def serves(self, area: Area, month: pd.Period) -> bool:
        """Whether it held the role in an area and month."""
        everywhere = not self.areas and not self.forces
        there = everywhere or area.key in self.areas or area.force in self.forces
        then = (self.first is None or self.first <= month) and (self.last is None or month <= self.last)
        return there and then


@dataclass(frozen=True)
class Role:
    """What a kind of body is called where no name is known, and the bodies whose names are."""

    words: str
    district_words: str
    wales_words: str
    bodies: tuple[Body, ...]


def holder_in(role: str, area: Area, month: pd.Period) -> str:
    """Return the body that held a role in an area and month, by name where it is known, else in words.

    Parameters
    ----------
    role : str
        As `holder` of a return's definition; a text that is no role of definitions/holders.toml is returned as it is.
    month : pandas.Period
        Usually the last month of the period that figures are wanted for.

    Examples
    --------
    >>> from hcsp_assess.subject.areas import area
    >>> holder_in("Probation", area("herefordshire"), pd.Period("2012-12"))
    'West Mercia Probation Trust'
    >>> holder_in("Probation", area("herefordshire"), pd.Period("2025-12"))
    'the Probation Service'
    """
    found = roles().get(role)
    if found is None:
        return role
    for body in found.bodies:
        if body.serves(area, month):
            return body.name
    if area.district_code.startswith("E07") and found.district_words:
        return found.district_words
    if area.district_code.startswith("W") and found.wales_words:
        return found.wales_words
    return found.words


def holder_words(role: str) -> str:
    """Return what a role is called where no area is known: "the police force"; a text that is no role, as it is.

    Examples
    --------
    >>> holder_words("Ambulance service")
    'the ambulance service'
    """
    found = roles().get(role)
    return found.words if found is not None else role


@cache
def roles() -> dict[str, Role]:
    """Return every role by its name, from definitions/holders.toml.

    Raises
    ------
    InputError
        An entry has no role, no words, or a body without a name.
    """
    text = (resources.files("hcsp_assess") / "definitions" / "holders.toml").read_text(encoding="utf-8")
    try:
        return {
            str(entry["role"]): Role(
                str(entry["words"]),
                str(entry.get("district_words", "")),
                str(entry.get("wales_words", "")),
                tuple(_body(item) for item in entry.get("body", ())),
            )
            for entry in tomllib.loads(text)["holder"]
        }
    except KeyError as error:
        raise InputError(f"definitions/holders.toml: an entry has no field {error}; add it") from error


def _body(item: dict[str, object]) -> Body:
    areas, forces = (tuple(map(str, item.get(name, ()))) for name in ("areas", "forces"))  # type: ignore[call-overload]
    first, last = (pd.Period(str(item[name]), freq="M") if name in item else None for name in ("from", "until"))
    return Body(str(item["name"]), areas, forces, first, last)
