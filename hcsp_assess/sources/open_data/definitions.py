"""Reviewed definitions of open data: each supplier, its measures and the chapters that show them."""

import tomllib
from dataclasses import dataclass, field
from functools import lru_cache
from importlib import resources
from typing import Any, Literal, get_args

from hcsp_assess.errors import InputError
from hcsp_assess.subject.subject_areas import check_subject

Good = Literal["low", "high", ""]


@dataclass(frozen=True)
class Measure:
    """One measure of a supplier.

    Attributes
    ----------
    key : str
        Its name, the `indicator` of the common frame.
    title : str
        What it counts, as the report says it.
    chapter : str
        The chapter that shows it.
    unit : str
        "people", "incidents", "per 100,000", "%"...: what a value is a number of.
    good : str
        Which direction is good: "low", "high" or "" where neither is (more reports may mean more trust).
    period : str
        "calendar", "financial" or "academic" year.
    id : int
        The supplier's own number of the indicator; 0 where it has none or we could not verify it.
    name : str
        Words that the supplier's own name of the indicator holds, in lower case.
    pick : mapping
        Columns and the value that is taken of each.
    sure, known_from : str
        How the measure and its number are known ("published", "in use", "general"), and from where.
    said_by : str
        Key of the measure that says the same better: where that has a figure of the same period, this one is in the
        tables alone.
    caveat : str
        What a reader must bear in mind.
    subject : str
        Key of the subject area whose measures are judged together; without one, those of the chapter are.
    """

    key: str
    title: str
    chapter: str
    unit: str
    good: Good = ""
    period: str = "financial"
    id: int = 0
    name: str = ""
    column: str = ""
    pick: dict[str, str] = field(default_factory=dict)
    sure: str = "published"
    known_from: str = ""
    said_by: str = ""
    caveat: str = ""
    subject: str = ""

    @property
    def family(self) -> str:
        """What is judged together."""
        return self.subject or self.chapter

    @property
    def counts(self) -> bool:
        """Whether its values are counts of events."""
        return self.unit in ("people", "incidents", "exclusions", "suspensions", "actions")


@dataclass(frozen=True)
class Supplier:
    """Who publishes, under which licence, and how sure the layout is.

    Attributes
    ----------
    key, title, publisher, licence, attribution : str
        As the report names it.
    measures : tuple of Measure
        What is taken of it.
    layout_known_from : str
        Where the layout was found, and whether it was tried on a file as published.
    """

    key: str
    title: str
    publisher: str
    licence: str
    attribution: str
    layout_known_from: str
    measures: tuple[Measure, ...]

    @property
    def label(self) -> str:
        """The source as tables and sentences name it."""
        return f"{self.title} ({self.publisher}, open data)"

    def measure(self, key: str) -> Measure:
        """Return a measure by its key."""
        return next(item for item in self.measures if item.key == key)


@lru_cache(maxsize=1)
def suppliers() -> dict[str, Supplier]:
    """Return every supplier by its key, from `definitions/open_data/`.

    Raises
    ------
    InputError
        If a file cannot be used; the message names the file and the measure.
    """
    folder = resources.files("hcsp_assess") / "definitions" / "open_data"
    names = sorted(item.name for item in folder.iterdir() if item.name.endswith(".toml"))
    texts = {name.removesuffix(".toml"): (folder / name).read_text(encoding="utf-8") for name in names}
    return {key: _parse(key, tomllib.loads(text)) for key, text in texts.items()}


def _parse(key: str, fields: dict[str, Any]) -> Supplier:
    entries = fields.pop("measure")
    try:
        measures = tuple(Measure(**entry) for entry in entries)
        supplier = Supplier(key=key, measures=measures, **fields)
    except TypeError as error:
        raise InputError(f"definitions/open_data/{key}.toml cannot be used: {error}") from error
    keys = [item.key for item in measures]
    strange = [item.key for item in measures if item.good not in get_args(Good)]
    if strange or len(set(keys)) < len(keys):
        raise InputError(f"definitions/open_data/{key}.toml: a key appears twice, or `good` is not low, high or empty")
    for item in measures:
        if item.subject:
            check_subject(item.subject, f"definitions/open_data/{key}.toml", item.key)
    return supplier
