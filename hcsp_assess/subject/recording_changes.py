"""Known changes in recording, classification and places, checked before any trend is described."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib import resources
from typing import Any, Literal, Protocol, get_args

import pandas as pd

from hcsp_assess.errors import InputError, did_you_mean
from hcsp_assess.subject import crime_types
from hcsp_assess.subject.areas import Area
from hcsp_assess.subject.own_definitions import CHANGES, label, own_month, own_text, own_texts, read_own, tables_of

Kind = Literal["recording", "taxonomy", "geography", "status"]
Direction = Literal["up", "down", "either"]
NATIONAL = ("England and Wales", "data.police.uk")
#: Scope of the changes that an area's own file adds.
OWN = "own"
OWN_FIELDS = ("key", "month", "until", "felt_for", "kind", "what", "brief", "crime_types", "direction", "source")
FORCE_KEY = re.compile(r"[a-z]+(?:-[a-z]+)*")


@dataclass(frozen=True)
class RecordingChange:
    """One dated change.

    Attributes
    ----------
    key : str
        Short name in code, the same as ``name``.
    month, until : pd.Period
        First month that it can show in, and the last in which it took effect (the same month for most).
    felt_for_months : int
        Months after ``until`` in which a rise or fall may still come from it.
    kind : {"recording", "taxonomy", "geography", "status"}
        What changed; geography breaks small-area series only.
    what, source : str
        The change in words, and where that is known from.
    brief : str
        The change in a few words, as they follow "From May 2023, ".
    crime_types : tuple of str
        Types of data.police.uk that it touches; ``("all",)`` for every type.
    direction : {"up", "down", "either"}
        What it does to those series.
    scope : str
        "England and Wales", "data.police.uk" or the key of one force, as in an area's `force`: "west-mercia"; "own" for
        a change from the area's own `areas/KEY/recording_changes.toml`.
    certainty : tuple of str
        S strategy, W web page, R repository, D computed, K general knowledge, not confirmed.
    unconfirmed : str
        Which part is not confirmed, or "" where all is.
    """

    key: str
    month: pd.Period
    until: pd.Period
    felt_for_months: int
    kind: Kind
    what: str
    brief: str
    crime_types: tuple[str, ...]
    direction: Direction
    scope: str
    source: str
    certainty: tuple[str, ...]
    unconfirmed: str

    @property
    def name(self) -> str:
        """The short name."""
        return self.key

    @property
    def expected_step(self) -> bool:
        """Whether a model should allow for a jump at ``month``: a change dated to half a year that moves the counts.

        Others are mentioned beside the verdict, not fitted: a step at an unknown month would only hide evidence.
        """
        dated = (self.until.ordinal - self.month.ordinal) <= 6
        return dated and (self.kind == "taxonomy" or (self.kind == "recording" and self.direction != "either"))

    @property
    def text(self) -> str:
        """The change in one sentence with its date, and what of it is not confirmed."""
        when = self.month.strftime("%B %Y")
        if self.until > self.month:
            when = f"{when} to {self.until.strftime('%B %Y')}"
        doubt = f" (not confirmed: {self.unconfirmed})" if self.unconfirmed else ""
        return f"{when}: {self.what}{doubt}."

    @property
    def said_briefly(self) -> str:
        """The change as it is said beside a figure that it bears on: "From May 2023, fewer ... were counted"."""
        doubt = f" (not confirmed: {self.unconfirmed})" if self.unconfirmed else ""
        return f"from {self.month.strftime('%B %Y')}, {self.brief}{doubt}"


@dataclass(frozen=True)
class Lockdown:
    """Days of national restrictions in England; ``months`` are those that they touch."""

    key: str
    name: str
    first_day: date
    last_day: date
    source: str
    certainty: tuple[str, ...]

    @property
    def months(self) -> pd.PeriodIndex:
        """Every month with a day of it."""
        return pd.period_range(pd.Period(self.first_day, "M"), pd.Period(self.last_day, "M"), freq="M")


@dataclass(frozen=True)
class ShiftExplanation:
    """What is known about the time of a shift; ``text`` is one sentence for a reader, cautious by its wording."""

    changes: tuple[RecordingChange, ...]
    lockdowns: tuple[Lockdown, ...]
    text: str


class DatedShift(Protocol):
    """What `explain_shift` needs of a shift: a `hcsp_assess.trends.level_shifts.LevelShift` has it."""

    @property
    def month_low(self) -> pd.Period:
        """Earliest month."""

    @property
    def month_high(self) -> pd.Period:
        """Latest month."""

    @property
    def percent(self) -> float:
        """Change of level in per cent."""


def recording_changes(
    crime_type: str,
    first: pd.Period,
    last: pd.Period,
    *,
    force: str | None = None,
    small_areas: bool = False,
    own: tuple[RecordingChange, ...] = (),
) -> tuple[RecordingChange, ...]:
    """Return the known changes that touch a series between two months, in order of time.

    Parameters
    ----------
    crime_type : str
        A type of data.police.uk, the key of a comparable series, or ``"all"`` for changes of any type.
    first, last : pd.Period
        First and last month of the series. A change in the first month or before is not in it (nothing comes before),
        unless it took effect or may be felt beyond that month.
    force : str, optional
        Add what is known about this force, by its key in data.police.uk, the `force` of an area: "west-mercia".
    small_areas : bool
        Add changes of geography, for series of LSOAs and other small areas.
    own : tuple of RecordingChange
        Changes that the area adds, as `own_changes` gives them; one takes the place of another with its key.

    Raises
    ------
    InputError
        A crime type that is not known, or a force by its name instead of its key.
    """
    wanted = _types(crime_type)
    if force is not None and not FORCE_KEY.fullmatch(force):
        raise InputError(
            f"force {force!r} is not a key of data.police.uk: pass the `force` of an area, such as 'west-mercia'"
        )
    keys = {change.key for change in own}
    known = (*(change for change in all_changes() if change.key not in keys), *own)
    return tuple(
        change
        for change in sorted(known, key=lambda change: (change.month, change.key))
        if (wanted is None or change.crime_types == ("all",) or wanted & set(change.crime_types))
        and change.month <= last
        and change.until + change.felt_for_months > first
        and change.scope in (*NATIONAL, OWN, force)
        and (small_areas or change.kind != "geography")
    )


def lockdowns(first: pd.Period, last: pd.Period) -> tuple[Lockdown, ...]:
    """Return the national restrictions of the pandemic that touch the months from ``first`` to ``last``."""
    return tuple(span for span in _all_lockdowns() if span.months[0] <= last and span.months[-1] >= first)


def explain_shift(
    shift: DatedShift,
    crime_type: str,
    *,
    force: str | None = None,
    small_areas: bool = False,
    own: tuple[RecordingChange, ...] = (),
) -> ShiftExplanation | None:
    """Look a shift up: is it a probable recording change, or the pandemic?

    A change explains a shift when its months (and those in which it may be felt) meet the interval of the shift, give
    or take one month, and its direction is the same. That is a coincidence in time, not a proof, and the text says so.

    Returns
    -------
    ShiftExplanation or None
        None when nothing is known about that time.
    """
    low, high = shift.month_low - 1, shift.month_high + 1
    way = "up" if shift.percent > 0 else "down"
    changes = tuple(
        change
        for change in recording_changes(crime_type, low - 1, high, force=force, small_areas=small_areas, own=own)
        if change.until + change.felt_for_months >= low and change.direction in ("either", way)
    )
    spans = lockdowns(low, high)
    if not changes and not spans:
        return None
    parts = []
    if changes:
        parts.append(
            "A probable recording change, not shown to be a change in crime. " + " ".join(c.text for c in changes)
        )
    if spans:
        parts.append(f"It falls in or next to the {' and the '.join(s.name for s in spans)}.")
    return ShiftExplanation(changes, spans, " ".join(parts))


@cache
def all_changes() -> tuple[RecordingChange, ...]:
    """Return every change that ships with the package, in order of time."""
    changes = [_change(entry) for entry in _definitions()["change"]]
    return tuple(sorted(changes, key=lambda change: (change.month, change.key)))


def own_changes(area: Area) -> tuple[RecordingChange, ...]:
    """Return the changes of an area's own `recording_changes.toml`, in its order; none if it has no such file.

    Raises
    ------
    InputError
        If an entry has an unknown field, lacks one, or has a word that is not one of those allowed.
    """
    fields = read_own(area.own, CHANGES, ("change",))
    if area.own is None:
        return ()
    where = label(area.own, CHANGES)
    entries = tables_of(where, fields, "change", OWN_FIELDS)
    return tuple(_own_change(f"{where}, change {number}", entry) for number, entry in enumerate(entries, start=1))


def _own_change(where: str, entry: dict[str, Any]) -> RecordingChange:
    month, until = own_month(where, entry, "month"), own_month(where, entry, "until")
    if month is None:
        raise InputError(f'{where}: the field month is missing: write month = "2025-04"')
    felt = entry.get("felt_for", 0)
    if not isinstance(felt, int) or isinstance(felt, bool) or felt < 0:
        raise InputError(f"{where}: felt_for is {felt!r}; write a number of months, such as 12")
    types = own_texts(where, entry, "crime_types") or ("all",)
    if types != ("all",):
        types = tuple(crime_types.check_crime_type(name) for name in types)
    return RecordingChange(
        key=own_text(where, entry, "key"),
        month=month,
        until=until if until is not None else month,
        felt_for_months=felt,
        kind=_word(where, entry, "kind", get_args(Kind)),
        what=own_text(where, entry, "what"),
        brief=own_text(where, entry, "brief"),
        crime_types=types,
        direction=_word(where, entry, "direction", get_args(Direction)),
        scope=OWN,
        source=own_text(where, entry, "source"),
        certainty=("W",),
        unconfirmed="",
    )


def _word(where: str, entry: dict[str, Any], name: str, allowed: tuple[str, ...]) -> Any:
    word = own_text(where, entry, name)
    if word not in allowed:
        hint = did_you_mean(word, allowed)
        raise InputError(f"{where}: {name} is {word!r}; it must be one of {', '.join(allowed)}.{hint}")
    return word


@cache
def _all_lockdowns() -> tuple[Lockdown, ...]:
    return tuple(
        Lockdown(
            key=entry["key"],
            name=entry["name"],
            first_day=entry["first_day"],
            last_day=entry["last_day"],
            source=entry["source"],
            certainty=tuple(entry["certainty"]),
        )
        for entry in _definitions()["lockdown"]
    )


def _change(entry: dict[str, Any]) -> RecordingChange:
    unconfirmed = entry.get("unconfirmed", "")
    if ("K" in entry["certainty"]) != bool(unconfirmed):
        raise InputError(
            f"recording_changes.toml: {entry['key']!r} must say what is unconfirmed when K is in its certainty"
        )
    month = pd.Period(entry["month"], "M")
    return RecordingChange(
        key=entry["key"],
        month=month,
        until=pd.Period(entry.get("until", entry["month"]), "M"),
        felt_for_months=entry.get("felt_for", 0),
        kind=entry["kind"],
        what=entry["what"],
        brief=entry["brief"],
        crime_types=tuple(entry["crime_types"]),
        direction=entry["direction"],
        scope=entry["scope"],
        source=entry["source"],
        certainty=tuple(entry["certainty"]),
        unconfirmed=unconfirmed,
    )


def _types(crime_type: str) -> set[str] | None:
    if crime_type == "all":
        return None
    for series in crime_types.comparable_series():
        if series.key == crime_type:
            return set(series.parts)
    return {crime_types.check_crime_type(crime_type)}


@cache
def _definitions() -> dict[str, Any]:
    path = resources.files("hcsp_assess") / "definitions" / "recording_changes.toml"
    return tomllib.loads(path.read_text(encoding="utf-8"))
