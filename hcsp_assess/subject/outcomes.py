"""Outcomes of recorded crimes: groups of published wordings, and when a month is old enough to judge."""

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any, Final

OTHER_WORDING: Final = "other_wording"
UNDER_INVESTIGATION: Final = "under_investigation"


@dataclass(frozen=True)
class OutcomeGroup:
    """A group of published outcomes.

    Attributes
    ----------
    key, label : str
        Name in code, and name for readers.
    wordings : tuple of str
        Outcomes as files word them; "" is a blank.
    compared_as : str
        Key of the group that it is added to where outcomes are compared: a court's result follows a charge.
    open : bool
        Whether the case may still be decided, or nothing is known of it.
    note : str
        What a reader must know, or "".
    """

    key: str
    label: str
    wordings: tuple[str, ...]
    compared_as: str
    open: bool
    note: str


@dataclass(frozen=True)
class MonthRule:
    """When a month's outcomes can be judged: per cent of its crimes at which it is held back, and why."""

    under_investigation: float
    open: float
    why: str


@cache
def _definitions() -> dict[str, Any]:
    path = resources.files("hcsp_assess") / "definitions" / "outcomes.toml"
    return tomllib.loads(path.read_text(encoding="utf-8"))


@cache
def outcome_groups() -> tuple[OutcomeGroup, ...]:
    """Every group, in the order of the definitions."""
    return tuple(
        OutcomeGroup(
            key=entry["key"],
            label=entry["label"],
            wordings=tuple(entry["wordings"]),
            compared_as=entry.get("with", entry["key"]),
            open=entry.get("open", False),
            note=entry.get("note", ""),
        )
        for entry in _definitions()["group"]
    )


@cache
def group_of_wording() -> dict[str, str]:
    """Key of the group of each wording, in small letters; a wording that is not here is of `OTHER_WORDING`."""
    return {wording.lower(): group.key for group in outcome_groups() for wording in group.wordings}


def compared_groups() -> tuple[OutcomeGroup, ...]:
    """The groups that outcomes are compared by: those that are added to no other."""
    return tuple(group for group in outcome_groups() if group.compared_as == group.key)


def month_rule() -> MonthRule:
    """The rule by which months too recent to judge are held back."""
    return MonthRule(**_definitions()["rule"])
