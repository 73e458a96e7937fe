"""What counts as serious violence here: the partnership's own definition, or a working one that says so."""

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

from hcsp_assess.errors import InputError, did_you_mean
from hcsp_assess.sources.recorded_crime import offence_groups
from hcsp_assess.sources.text_entries import FILE as OWN_FILE
from hcsp_assess.sources.texts import Signed, TextFolder, signed_of, text_of, texts_of

FILE = "serious_violence.toml"


@dataclass(frozen=True)
class SeriousViolence:
    """A definition of serious violence, in groups of official recorded crime.

    Attributes
    ----------
    offences : tuple of str
        Keys of offence groups that count; none is a part of another, so that they can be added.
    text : str
        The definition as the partnership states it; "" for the working definition.
    signed : Signed or None
        Who answers for it; None for the working definition.
    """

    offences: tuple[str, ...]
    text: str = ""
    signed: Signed | None = None


def working_definition() -> SeriousViolence:
    """What is counted where a partnership has not stated its definition.

    Examples
    --------
    >>> working_definition().offences
    ('homicide', 'violence_with_injury', 'robbery', 'possession_of_weapons')
    """
    return SeriousViolence(tuple(_definitions()["offences"]))


def left_out() -> tuple[str, ...]:
    """Offence groups that a reader might expect in serious violence and that the working definition leaves out."""
    return tuple(_definitions()["left_out"])


def women_and_girls() -> tuple[str, ...]:
    """Offence groups of which most victims are women and girls."""
    return tuple(_definitions()["women_and_girls"])


def parse_serious_violence(texts: TextFolder) -> SeriousViolence:
    """Parse an edition's definition of serious violence, from `serious_violence.toml`; the working one without it.

    Raises
    ------
    InputError
        If the definition has no text, no role or no date, or names offences that are unknown or part of one another.
    """
    entry = texts.read(FILE).get("definition")
    if entry is None:
        return working_definition()
    where = f"{texts.name}/{entry.get(OWN_FILE, f'{FILE}, definition')}"
    offences = texts_of(where, entry, "offences")
    _check(where, offences)
    return SeriousViolence(offences, text_of(where, entry, "text"), signed_of(where, entry))


def _check(where: str, offences: Sequence[str]) -> None:
    parents = {group.key: group.parent for group in offence_groups()}
    if not offences:
        raise InputError(f"{where} counts no offences: name some of {', '.join(parents)}")
    for key in offences:
        if key not in parents:
            near = did_you_mean(key, parents) or f" There are {', '.join(parents)}."
            raise InputError(f"{where} counts {key!r}, which is not a kind of offence.{near}")
        if parents[key] in offences:
            raise InputError(f"{where} counts {key!r} twice: it is a part of {parents[key]!r}. Leave one of them out")


@cache
def _definitions() -> dict[str, Any]:
    file = resources.files("hcsp_assess") / "definitions" / FILE
    return tomllib.loads(file.read_text(encoding="utf-8"))
