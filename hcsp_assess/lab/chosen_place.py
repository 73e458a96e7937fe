"""Places to choose from: the whole area, rural or urban areas, market towns, wards, single LSOAs."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from hcsp_assess.errors import UsageError, did_you_mean
from hcsp_assess.subject.areas import Area, Place
from hcsp_assess.subject.place_names import name_places

WHOLE = "all"
KINDS: dict[str, tuple[Place, str]] = {
    "rural": ("rural", "rural areas"),
    "urban": ("urban", "urban areas"),
    "market-towns": ("market towns", "market towns"),
    "rural-and-market-towns": ("rural and market towns", "rural areas and market towns"),
    "rural-without-market-towns": ("rural without market towns", "rural areas without market towns"),
}


@dataclass(frozen=True)
class ChosenPlace:
    """A part of an area to look at.

    Attributes
    ----------
    key : str
        Name in code: "all", "rural", "town-ledbury", "ward-bircher", or the code of an LSOA.
    label : str
        Name for a list: "Ward: Bircher".
    words : str
        As it ends a sentence: "the ward Bircher".
    codes : tuple of str
        Its 2011 LSOAs.
    """

    key: str
    label: str
    words: str
    codes: tuple[str, ...]


def places_of(area: Area) -> dict[str, ChosenPlace]:
    """Every place to choose from, by its key, in list order."""
    towns = _grouped((small.market_town, small.code) for small in area.small_areas if small.market_town)
    wards = _grouped((small.ward_name, small.code) for small in area.small_areas)
    names = name_places(area.small_areas)
    found = [
        ChosenPlace(WHOLE, f"All of {area.name}", area.name, area.lsoas()),
        *(ChosenPlace(key, words.capitalize(), words, area.lsoas_in(kind)) for key, (kind, words) in KINDS.items()),
        *(ChosenPlace(f"town-{_slug(name)}", f"Town: {name}", name, codes) for name, codes in towns),
        *(ChosenPlace(f"ward-{_slug(name)}", f"Ward: {name}", f"the ward {name}", codes) for name, codes in wards),
        *(
            ChosenPlace(small.code, f"{small.name}: {names[small.code]}", names[small.code], (small.code,))
            for small in area.small_areas
        ),
    ]
    return {place.key: place for place in found if place.codes}


def find_place(area: Area, key: str) -> ChosenPlace:
    """Return the place with that key; raises `UsageError` if there is none."""
    known = places_of(area)
    if key in known:
        return known[key]
    listed = ", ".join((WHOLE, *KINDS))
    raise UsageError(
        f"there is no place {key!r} in {area.name}; choose {listed}, town-NAME, ward-NAME or an LSOA code."
        + did_you_mean(key, known)
    )


def _grouped(named: Iterable[tuple[str, str]]) -> list[tuple[str, tuple[str, ...]]]:
    """Codes by name, in the order of the alphabet."""
    groups: dict[str, list[str]] = {}
    for name, code in named:
        groups.setdefault(name, []).append(code)
    return [(name, tuple(groups[name])) for name in sorted(groups)]


def _slug(name: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")
