"""Everyday names of small areas: "Hereford city centre (Central ward)", never "Herefordshire 012C"."""

import re
from collections import Counter
from collections.abc import Mapping, Sequence

from hcsp_assess.subject.areas import SmallArea

#: How a name begins that describes a place, and is not its own name: "North-west edge of Hereford city centre".
DESCRIBES = re.compile(
    r"(?:Area|(?:(?:North|South|East|West|Far)[\w-]* )?(?:edge|part|end|side|outskirts)) ", re.IGNORECASE
)


def place_name(small: SmallArea, neighbourhood: str = "") -> str:
    """Return the name of a small area as residents know it.

    Parameters
    ----------
    small : SmallArea
        The reviewed name of its definition is used where there is one.
    neighbourhood : str
        Name of the larger neighbourhood (MSOA) that it is part of, as the House of Commons Library gives it; it serves
        where there is no reviewed name.

    Notes
    -----
    Several small areas can have the same name by this rule: `name_places` numbers them.

    Examples
    --------
    >>> small = SmallArea("E01022274", "Gloucester 004A", "E05010967", "Westgate", False, False, "")
    >>> place_name(small, "Gloucester City Centre"), place_name(small)
    ('Gloucester City Centre (Westgate ward)', 'Westgate ward')
    """
    if small.place_name:
        return small.place_name
    if not small.ward_name:
        return neighbourhood or small.name
    return f"{neighbourhood} ({small.ward_name} ward)" if neighbourhood else f"{small.ward_name} ward"


def name_places(areas: Sequence[SmallArea], neighbourhoods: Mapping[str, str] | None = None) -> dict[str, str]:
    """Return the name of each small area of one area by its code, no two the same.

    Parameters
    ----------
    areas : sequence of SmallArea
        Every small area, as in `Area.small_areas`.
    neighbourhoods : mapping of str to str, optional
        Name of the neighbourhood (MSOA) by code of the small area.

    Returns
    -------
    dict of str to str
        Small areas that would have the same name are numbered in order of code: "Westgate ward (1 of 3)".

    Examples
    --------
    >>> parts = [SmallArea(f"E0102227{n}", f"Gloucester 004{n}", "", "Westgate", False, False, "") for n in (1, 2)]
    >>> name_places(parts)
    {'E01022271': 'Westgate ward (1 of 2)', 'E01022272': 'Westgate ward (2 of 2)'}
    """
    given = neighbourhoods or {}
    names = {small.code: place_name(small, given.get(small.code, "")) for small in areas}
    times, used, found = Counter(names.values()), Counter[str](), {}
    for code in sorted(names):
        name = names[code]
        used[name] += 1
        found[code] = name if times[name] == 1 else _numbered(name, used[name], times[name])
    return found


def short_names(names: Mapping[str, str]) -> dict[str, str]:
    """Return each name without the ward in brackets, where what is before it is no other place's name.

    Examples
    --------
    >>> short_names({"A": "Town centre (Central ward)", "B": "Park (East ward)", "C": "Park (West ward)"})
    {'A': 'Town centre', 'B': 'Park (East ward)', 'C': 'Park (West ward)'}
    """
    heads = {code: _without_ward(name) for code, name in names.items()}
    times = Counter(heads.values())
    return {code: head if times[head] == 1 else names[code] for code, head in heads.items()}


def place_in_text(name: str) -> str:
    """Return a place's name as written within a sentence: names that describe a place get an article.

    Examples
    --------
    >>> place_in_text("Area east of the bridge (Central ward)"), place_in_text("Central ward (north part)")
    ('the area east of the bridge (Central ward)', 'Central ward (north part)')
    """
    return f"the {name[0].lower()}{name[1:]}" if DESCRIBES.match(name) else name


def _without_ward(name: str) -> str:
    head, found, _ = name.rpartition(" (")
    return head if found and name.endswith(" ward)") else name


def _numbered(name: str, number: int, of: int) -> str:
    """A name with its number, inside the brackets where it ends with some."""
    begun = f"{name[:-1]}, " if name.endswith(")") else f"{name} ("
    return f"{begun}{number} of {of})"
