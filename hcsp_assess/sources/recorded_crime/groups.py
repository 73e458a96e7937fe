"""Offence groups of official recorded crime: their names in each year's tables, and which years compare."""

import re
import tomllib
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

import pandas as pd

from hcsp_assess.errors import InputError, did_you_mean
from hcsp_assess.files import sha256_of
from hcsp_assess.subject.recording_changes import all_changes

TOTAL = "total_recorded_crime_excl_fraud"
FRAUD = "fraud"


@dataclass(frozen=True)
class Break:
    """A change that parts the years of a group.

    Attributes
    ----------
    key : str
        Of `definitions/recording_changes.toml`, or of `[[break]]` in `offence_groups.toml`.
    month, until : pandas.Period
        First month that it can show in, and the last in which it took effect.
    what, source : str
        The change in words, and where it is known from.
    certainty : tuple of str
        As in `hcsp_assess.subject.recording_changes.RecordingChange`; with "K", part of it is not confirmed.
    unconfirmed : str
        Which part that is.
    """

    key: str
    month: pd.Period
    until: pd.Period
    what: str
    source: str
    certainty: tuple[str, ...]
    unconfirmed: str = ""

    def side(self, year_end: pd.Period) -> int:
        """Return -1 for a year wholly before the change, 1 for one wholly after, and 0 for a year that it falls in."""
        if year_end < self.month:
            return -1
        return int(year_end - 11 >= self.until)


@dataclass(frozen=True)
class OffenceGroup:
    """One group of offences, a column of the ONS tables by partnership.

    Attributes
    ----------
    key, label : str
        Name in code, and for readers.
    parent : str
        Key of the group that it is part of; "" where it is part of the total alone, and for the total.
    headings : tuple of str
        Further headings of tables that show it.
    police_uk : str
        Key of the series of data.police.uk that matches it best (`definitions/crime_types.toml`); "" where none does.
    police_uk_match : str
        "same", "wider" (that series holds other groups too) or "".
    police_uk_note : str
        How the two differ, or "".
    subgroups, codes : tuple of str
        Offence Subgroups, and offence codes, of the Home Office tables that belong to it.
    breaks : tuple of Break
        Changes across which its years cannot be compared.
    care : tuple of Break
        Changes that moved how much is recorded without redefining the group.
    """

    key: str
    label: str
    parent: str
    headings: tuple[str, ...]
    police_uk: str
    police_uk_match: str
    police_uk_note: str
    subgroups: tuple[str, ...]
    codes: tuple[str, ...]
    breaks: tuple[Break, ...]
    care: tuple[Break, ...]

    def breaks_between(self, first: pd.Period, last: pd.Period) -> tuple[Break, ...]:
        """Return the changes that forbid comparing two years, each named by its last month; empty where none does.

        Examples
        --------
        >>> burglary = offence_group("residential_burglary")
        >>> [each.key for each in burglary.breaks_between(pd.Period("2017-03", "M"), pd.Period("2018-03", "M"))]
        ['residential-burglary']
        >>> burglary.breaks_between(pd.Period("2018-03", "M"), pd.Period("2025-06", "M"))
        ()
        """
        return tuple(each for each in self.breaks if not _same_side(each, first, last))

    def care_between(self, first: pd.Period, last: pd.Period) -> tuple[Break, ...]:
        """Return the changes to be mentioned where two years are compared, as `breaks_between`."""
        return tuple(each for each in self.care if not _same_side(each, first, last))


@cache
def offence_groups() -> tuple[OffenceGroup, ...]:
    """Return the 23 groups in the order of the ONS tables: the total first, a group before its parts."""
    known = _changes()
    return tuple(
        OffenceGroup(
            key=entry["key"],
            label=entry["label"],
            parent=entry.get("parent", ""),
            headings=tuple(entry.get("headings", ())),
            police_uk=entry.get("police_uk", ""),
            police_uk_match=entry.get("police_uk_match", ""),
            police_uk_note=entry.get("police_uk_note", ""),
            subgroups=tuple(entry.get("subgroups", ())),
            codes=tuple(entry.get("codes", ())),
            breaks=tuple(known[key] for key in entry.get("breaks", ())),
            care=tuple(known[key] for key in entry.get("care", ())),
        )
        for entry in _definitions()["group"]
    )


def offence_group(key: str) -> OffenceGroup:
    """Return one group by its key.

    Raises
    ------
    InputError
        If there is none of that key; the message suggests the nearest.
    """
    known = {group.key: group for group in offence_groups()}
    if key not in known:
        hint = did_you_mean(key, known) or f" Choose from {', '.join(known)}."
        raise InputError(f"there is no offence group {key!r}.{hint}")
    return known[key]


def parts_of(key: str) -> tuple[str, ...]:
    """Return the keys of the groups that add up to a group; empty where it has no parts.

    Examples
    --------
    >>> parts_of("burglary")
    ('residential_burglary', 'non_residential_burglary')
    """
    parent = "" if key == TOTAL else key
    return tuple(group.key for group in offence_groups() if group.parent == parent and group.key != TOTAL)


def group_of_heading(heading: object) -> str:
    """Return the key of the group that a heading of a table shows, or "" where it shows none.

    Capitals, line breaks, notes in square brackets, "(excluding fraud)" and dashes make no difference.

    Examples
    --------
    >>> group_of_heading("Total recorded crime\\n (excluding fraud) [note 2]")
    'total_recorded_crime_excl_fraud'
    >>> group_of_heading("Local Authority name")
    ''
    """
    return _headings().get(plain(heading), "")


def group_of_offence(code: str, subgroup: str, group: str) -> str:
    """Return the key of the group that a row of the Home Office tables belongs to, the most detailed one.

    Returns
    -------
    str
        `FRAUD` for fraud, which the totals leave out; "" where neither code, subgroup nor group is known.

    Examples
    --------
    >>> group_of_offence("28E", "Domestic burglary", "Theft Offences")
    'residential_burglary'
    >>> group_of_offence("4.8", "Violence with injury", "Violence against the person")
    'death_or_serious_injury_unlawful_driving'
    """
    left_out = _definitions()["left_out"]
    if plain(group) in map(plain, left_out["groups"]) or plain(subgroup) in map(plain, left_out["subgroups"]):
        return FRAUD
    by_code = {each: entry.key for entry in offence_groups() for each in entry.codes}
    return by_code.get(code.strip(), "") or _subgroups().get(plain(subgroup), "") or group_of_heading(group)


@cache
def definitions_checksum() -> str:
    """Return the checksum of the reviewed definitions: what was counted by others is counted again."""
    folder = resources.files("hcsp_assess") / "definitions" / "recorded_crime"
    names = ("offence_groups.toml", "partnerships.csv", "partnership_names.csv", "areas.csv")
    return sha256_of(b"".join((folder / name).read_bytes() for name in names))


def plain(text: object) -> str:
    """Return a heading or name without what varies between releases: case, notes, line breaks, dashes, "offences"."""
    words = re.sub(r"\[[^\]]*\]|\(excluding fraud\)", " ", str(text or "").casefold())
    words = re.sub(r"[\u2010-\u2015_-]", " ", words).replace("&", "and")
    return re.sub(r" offences?$", "", " ".join(words.split()))


def _same_side(change: Break, first: pd.Period, last: pd.Period) -> bool:
    sides = change.side(first), change.side(last)
    return first == last or (sides[0] == sides[1] != 0)


@cache
def _definitions() -> dict[str, Any]:
    path = resources.files("hcsp_assess") / "definitions" / "recorded_crime" / "offence_groups.toml"
    return tomllib.loads(path.read_text(encoding="utf-8"))


@cache
def _headings() -> dict[str, str]:
    return {
        plain(text): group.key for group in offence_groups() for text in (group.key, group.label, *group.headings)
    } | {plain("total recorded crime excl fraud"): TOTAL}


@cache
def _subgroups() -> dict[str, str]:
    return {plain(text): group.key for group in offence_groups() for text in group.subgroups}


def _changes() -> dict[str, Break]:
    known = {
        change.key: Break(
            change.key, change.month, change.until, change.what, change.source, change.certainty, change.unconfirmed
        )
        for change in all_changes()
    }
    for entry in _definitions()["break"]:
        month = pd.Period(entry["month"], "M")
        known[entry["key"]] = Break(
            entry["key"], month, month, entry["what"], entry["source"], tuple(entry["certainty"])
        )
    return known
