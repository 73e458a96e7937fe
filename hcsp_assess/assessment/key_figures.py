"""The six figures that open the summary: which ones, by a stated rule, and what is said of each."""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from typing import Literal, get_args

from hcsp_assess.errors import InputError

#: How sure a change is; the key "How sure are we?" explains each word.
Certainty = Literal["confirmed", "clear", "probable", "no clear change", "not tested"]
NUMBER = 6


@dataclass(frozen=True)
class Candidate:
    """A figure that the summary may open with, as `definitions/key_figures.toml` states it.

    Attributes
    ----------
    official, indicator, series, outcome : str
        Where its figure comes from, first to last; "" for none: group of official recorded crime, published
        indicator, series of police records, group of outcomes.
    """

    key: str
    name: str
    official: str = ""
    indicator: str = ""
    series: str = ""
    outcome: str = ""


@dataclass(frozen=True)
class KeyFigure:
    """A figure with its small chart, its change, what it is compared with, and how sure the change is.

    Attributes
    ----------
    name, value, unit : str
        "Recorded crime", "9,659", "crimes in the year to June 2025".
    change : str
        Change on the year before, in words.
    comparison : str
        What it is beside: similar areas or a target; "" where the edition has neither.
    certainty : str
        How sure the change is: "confirmed", "clear", "probable", "no clear change" or "not tested".
    direction : str
        "rise", "fall" or "" (no direction is claimed).
    points : tuple of (str, float or None)
        What the small chart draws, by period in words; None where there is no figure.
    percent : bool
        Whether the points are percentages.
    link : str
        Anchor of the chart or table that shows it in full; "" where the edition has no such chapter.
    simulated : bool
        Whether it rests on simulated records.
    points_of : str
        What each point is, where it is not the figure of the whole period: "average month".
    """

    key: str
    name: str
    value: str
    unit: str
    change: str
    comparison: str
    certainty: Certainty
    direction: Literal["rise", "fall", ""]
    points: tuple[tuple[str, float | None], ...]
    percent: bool = False
    link: str = ""
    simulated: bool = False
    points_of: str = ""

    def __post_init__(self) -> None:
        if self.certainty not in get_args(Certainty):
            raise InputError(
                f"key figure {self.key!r}: no certainty {self.certainty!r}; there are {get_args(Certainty)}"
            )

    @property
    def certainty_words(self) -> str:
        """How sure the change is, as printed: "Clear fall", "No clear change", "Change not tested".

        Examples
        --------
        >>> KeyFigure("k", "Crime", "9", "crimes", "fewer", "", "probable", "fall", ()).certainty_words
        'Probable fall'
        """
        if self.certainty in ("confirmed", "clear", "probable"):
            return f"{self.certainty.capitalize()} {self.direction or 'change'}"
        return "Change not tested" if self.certainty == "not tested" else "No clear change"

    @property
    def alt(self) -> str:
        """What the small chart shows, for people who cannot see it."""
        sign = "%" if self.percent else ""
        told = [f"{label} {value:,.0f}{sign}" for label, value in self.points if value is not None]
        of = f", {self.points_of}" if self.points_of else ""
        return f"{self.name}{of}: {'; '.join(told)}"


@lru_cache(maxsize=1)
def candidates() -> tuple[Candidate, ...]:
    """Return the figures that a summary may open with, in their order, from `definitions/key_figures.toml`."""
    file = resources.files("hcsp_assess") / "definitions" / "key_figures.toml"
    return parse_candidates(file.read_text(encoding="utf-8"))


def parse_candidates(text: str) -> tuple[Candidate, ...]:
    """Read candidates from a definition file; `InputError` names the field at fault.

    Examples
    --------
    >>> parse_candidates('[[figure]]\\nkey = "drugs"\\nname = "Drugs"\\nseries = "drugs"')[0].series
    'drugs'
    """
    try:
        entries = tomllib.loads(text)["figure"]
        found = tuple(Candidate(**{name: item[name] for name in item if name != "better"}) for item in entries)
    except (tomllib.TOMLDecodeError, KeyError, TypeError) as error:
        raise InputError(f"definitions/key_figures.toml cannot be used: {error}") from error
    if bare := [item.key for item in found if not (item.official or item.indicator or item.series or item.outcome)]:
        raise InputError(f"definitions/key_figures.toml: {', '.join(bare)} names no source for its figure")
    return found


def choose_key_figures(
    known: Mapping[str, KeyFigure], priorities: Sequence[Sequence[str]], *, number: int = NUMBER
) -> tuple[KeyFigure, ...]:
    """Choose the figures that open the summary.

    Parameters
    ----------
    known : mapping of str to KeyFigure
        The figures that the edition has, in the order of the definition file; the first leads.
    priorities : sequence of sequence of str
        For each priority of the plan for the coming year, in its order, the figures about it.
    number : int
        How many.

    Returns
    -------
    tuple of KeyFigure
        The first; one for each priority that has a figure; then the others in their order.

    Examples
    --------
    >>> a, b, c, d = (KeyFigure(key, key, "1", "", "", "", "clear", "", ()) for key in "abcd")
    >>> [item.key for item in choose_key_figures({"a": a, "b": b, "c": c, "d": d}, [["x"], ["d"]], number=3)]
    ['a', 'd', 'b']
    """
    first = list(known)[:1]
    about = [next((key for key in keys if key in known), "") for keys in priorities]
    order = dict.fromkeys([*first, *(key for key in about if key), *known])
    return tuple(known[key] for key in list(order)[:number])
