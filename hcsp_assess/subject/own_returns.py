"""Which returns a partnership asks its partners for: `areas/KEY/returns.toml` of the project."""

from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from hcsp_assess.errors import InputError, did_you_mean
from hcsp_assess.project import definition_files
from hcsp_assess.subject.areas import Area
from hcsp_assess.subject.own_definitions import RETURNS, label, own_month, own_texts, read_own


@dataclass(frozen=True)
class AskedFor:
    """The returns that a partnership asks for.

    Attributes
    ----------
    names : frozenset of str or None
        Names of the returns; None for every return that there is.
    since, until : dict of str to pandas.Period
        The first and last month that a return is asked for, where it was not always, or is no longer.
    """

    names: frozenset[str] | None = None
    since: dict[str, pd.Period] = field(default_factory=dict)
    until: dict[str, pd.Period] = field(default_factory=dict)

    def asks(self, name: str, first: pd.Period, last: pd.Period) -> bool:
        """Whether a return is asked for in any of the months from `first` to `last`."""
        asked = self.names is None or name in self.names
        begun = name not in self.since or self.since[name] <= last
        return asked and begun and (name not in self.until or self.until[name] >= first)


def returns_asked_for(area: Area) -> AskedFor:
    """Return what an area's own `returns.toml` asks for; every return where it has no such file.

    Raises
    ------
    InputError
        If the file cannot be read, or names a return that there is not.
    """
    fields = read_own(area.own, RETURNS, ("asked_for", "since", "until"))
    if area.own is None or not fields:
        return AskedFor()
    where, known = label(area.own, RETURNS), definition_files("returns", area.own.parents[1])
    names = own_texts(where, fields, "asked_for") if "asked_for" in fields else None
    months = {each: _months(where, fields, each) for each in ("since", "until")}
    for name in (*(names or ()), *months["since"], *months["until"]):
        if name not in known:
            raise InputError(f"{where}: there is no return {name!r}.{did_you_mean(name, known)} See docs/returns.md")
    return AskedFor(None if names is None else frozenset(names), months["since"], months["until"])


def _months(where: str, fields: dict[str, Any], name: str) -> dict[str, pd.Period]:
    table = fields.get(name, {})
    if not isinstance(table, dict):
        raise InputError(f'{where}: {name} must be a table: write [{name}], and under it marac = "2025-04"')
    months = {each: own_month(f"{where}, {name}", table, each) for each in table}
    return {each: month for each, month in months.items() if month is not None}
