"""Who holds the figures that partners are asked for: bodies by role, area and month, since bodies change."""

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib import resources

import pandas as pd

from hcsp_assess.errors import InputError, did_you_mean
from hcsp_assess.subject.areas import Area
from hcsp_assess.subject.bodies import bodies_of
from hcsp_assess.subject.own_definitions import HOLDERS, label, own_month, own_text, read_own, tables_of


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
        there = self.everywhere or area.key in self.areas or area.force in self.forces
        then = (self.first is None or self.first <= month) and (self.last is None or month <= self.last)
        return there and then

    @property
    def everywhere(self) -> bool:
        """Whether it is named for no area or force."""
        return not self.areas and not self.forces


@dataclass(frozen=True)
class Role:
    """What a kind of body is called where no name is known, and the bodies whose names are.

    Attributes
    ----------
    words, district_words, wales_words : str
        What it is called anywhere, in a district under a county council, and in Wales; "" where that is no other.
    bodies : tuple of Body
        Those whose names are known.
    named : str
        Its name by the bodies that can be looked up for any area, as "{upper}'s public health team"; "" for none.
    named_from : pandas.Period or None
        The first month in which that is its name.
    """

    words: str
    district_words: str
    wales_words: str
    bodies: tuple[Body, ...]
    named: str = ""
    named_from: pd.Period | None = None


def holder_in(role: str, area: Area, month: pd.Period) -> str:
    """Return the body that held a role in an area and month, by name where it is known, else in words.

    Parameters
    ----------
    role : str
        As `holder` of a return's definition; a text that is no role of definitions/holders.toml is returned as it is.
    area : Area
        Bodies in its own `areas/KEY/holders.toml` win. A body of another area is never returned.
    month : pandas.Period
        Usually the last month of the period that figures are wanted for.

    Raises
    ------
    InputError
        If the area's own file cannot be used.

    Examples
    --------
    >>> from hcsp_assess.subject.areas import area
    >>> holder_in("Probation", area("herefordshire"), pd.Period("2012-12"))
    'West Mercia Probation Trust'
    >>> holder_in("Probation", area("herefordshire"), pd.Period("2025-12"))
    'the Probation Service'
    """
    own = next((body for body in own_bodies(area).get(role, ()) if body.serves(area, month)), None)
    if own is not None:
        return own.name
    found = roles().get(role)
    if found is None:
        return role
    here = [body.name for body in found.bodies if not body.everywhere and body.serves(area, month)]
    name = here[0] if here else _looked_up(found, area, month)
    return name or _without_name(found, area, month)


def _looked_up(found: Role, area: Area, month: pd.Period) -> str:
    """The name of a role by the bodies of the area that can be looked up; "" where one of them is not known."""
    too_early = found.named_from is not None and month < found.named_from
    if not found.named or too_early or (found.wales_words and area.country == "Wales"):
        return ""
    bodies = bodies_of(area, month)
    needed = [name for name in bodies if f"{{{name}}}" in found.named]
    return found.named.format(**bodies) if all(bodies[name] for name in needed) else ""


def _without_name(found: Role, area: Area, month: pd.Period) -> str:
    """What a role is called in an area where no name is known."""
    if area.country == "Wales" and found.wales_words:
        return found.wales_words
    for body in found.bodies:
        if body.everywhere and body.serves(area, month):
            return body.name
    in_two_tiers = area.district_code.startswith("E07") and found.district_words
    return found.district_words if in_two_tiers else found.words


def bodies_by_role(area: Area, month: pd.Period) -> dict[str, tuple[Body, ...]]:
    """Return for each role the bodies of an area whose names are known; none for a role where no name is.

    Parameters
    ----------
    month : pandas.Period
        When bodies that are looked up are wanted for.
    """
    found: dict[str, tuple[Body, ...]] = {}
    for role, item in roles().items():
        here = tuple(
            body
            for body in item.bodies
            if not body.everywhere and (area.key in body.areas or area.force in body.forces)
        )
        name = _looked_up(item, area, month)
        looked_up = (Body(name, (), (), item.named_from, None),) if name else ()
        found[role] = here or looked_up
    return found


def own_bodies(area: Area) -> dict[str, tuple[Body, ...]]:
    """Return the bodies that an area's own `holders.toml` names, by role; none where it has no such file.

    Raises
    ------
    InputError
        If an entry has an unknown field or role, no name, or a month that cannot be read.
    """
    if area.own is None:
        return {}
    where = label(area.own, HOLDERS)
    found: dict[str, tuple[Body, ...]] = {}
    fields = read_own(area.own, HOLDERS, ("holder",))
    for number, entry in enumerate(tables_of(where, fields, "holder", ("role", "name", "from", "until")), start=1):
        here = f"{where}, holder {number}"
        role = own_text(here, entry, "role")
        if role not in roles():
            raise InputError(
                f"{here}: there is no role {role!r}.{did_you_mean(role, roles())} Roles: {'; '.join(roles())}"
            )
        first, last = own_month(here, entry, "from"), own_month(here, entry, "until")
        if first is not None and last is not None and last < first:
            raise InputError(f"{here}: until {last} is before from {first}: correct one of them")
        body = Body(own_text(here, entry, "name"), (), (), first, last)
        found[role] = (*found.get(role, ()), body)
    return found


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
                str(entry.get("named", "")),
                pd.Period(entry["named_from"], "M") if "named_from" in entry else None,
            )
            for entry in tomllib.loads(text)["holder"]
        }
    except KeyError as error:
        raise InputError(f"definitions/holders.toml: an entry has no field {error}; add it") from error


def _body(item: dict[str, object]) -> Body:
    areas, forces = (tuple(map(str, item.get(name, ()))) for name in ("areas", "forces"))  # type: ignore[call-overload]
    first, last = (pd.Period(str(item[name]), freq="M") if name in item else None for name in ("from", "until"))
    return Body(str(item["name"]), areas, forces, first, last)
