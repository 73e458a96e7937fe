"""A county from its partnerships: what several of them name, and the sum of their offences."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from hcsp_assess.subject.county_themes import OTHER, county_themes


@dataclass(frozen=True)
class CountySum:
    """Offences of a county.

    Attributes
    ----------
    count : int or None
        The sum over the partnerships that have a figure; None where none has.
    held, of : int
        How many partnerships have a figure, and how many there are.
    """

    count: int | None
    held: int
    of: int

    @property
    def whole(self) -> bool:
        """Whether every partnership has a figure, so that the sum is the county's."""
        return self.held == self.of


@dataclass(frozen=True)
class CommonTheme:
    """A subject, and the partnerships that name it.

    Attributes
    ----------
    theme, name : str
        Key of `subject.county_themes`, and the subject for readers.
    matter_of, priority_of : tuple of str
        Partnerships that bring it to the county, and those that have it among their priorities.
    of : int
        How many partnerships the county has, those whose assessment is not held too.
    """

    theme: str
    name: str
    matter_of: tuple[str, ...]
    priority_of: tuple[str, ...]
    of: int

    @property
    def named_by(self) -> tuple[str, ...]:
        """Every partnership that names it either way, once."""
        return tuple(dict.fromkeys((*self.matter_of, *self.priority_of)))


def sum_of(counts: pd.Series) -> CountySum:
    """Add up the offences of a county's partnerships.

    Parameters
    ----------
    counts : pandas.Series
        Offences by partnership; missing where there is no figure, which is not zero.

    Examples
    --------
    >>> sum_of(pd.Series({"North": 300, "South": 150}, dtype="Int64"))
    CountySum(count=450, held=2, of=2)
    >>> sum_of(pd.Series({"North": 300, "South": None}, dtype="Int64")).whole
    False
    """
    held = counts.dropna()
    return CountySum(int(held.sum()) if len(held) else None, len(held), len(counts))


def common_themes(documents: Mapping[str, Mapping[str, Any]], of: int) -> tuple[CommonTheme, ...]:
    """Find the subjects that two or more partnerships name, those named by most first.

    Parameters
    ----------
    documents : mapping of str to mapping
        The published findings (schema 1.2) of each partnership whose assessment is held, by its name.
    of : int
        How many partnerships the county has.

    Returns
    -------
    tuple of CommonTheme
        A partnership counts once for a subject, however often it names it. A subject without a key, or with the key
        "other", is never common.
    """
    matters = {name: _themes(document["matters"]) for name, document in documents.items()}
    priorities = {name: _themes(document["priorities"]) for name, document in documents.items()}
    found = [
        CommonTheme(
            theme,
            label,
            tuple(name for name, themes in matters.items() if theme in themes),
            tuple(name for name, themes in priorities.items() if theme in themes),
            of,
        )
        for theme, label in county_themes().items()
        if theme != OTHER
    ]
    return tuple(sorted((item for item in found if len(item.named_by) > 1), key=lambda item: -len(item.named_by)))


def _themes(entries: Sequence[Mapping[str, Any]]) -> set[str]:
    return {str(entry["theme"]) for entry in entries}
