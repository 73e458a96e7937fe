"""The glossary of a report: the abbreviations that its page uses, each with its words and a plain explanation."""

import re
import tomllib
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources


@dataclass(frozen=True)
class Term:
    """An abbreviation or term of the field.

    Attributes
    ----------
    term : str
        What is printed.
    words : str
        What it is short for.
    meaning : str
        One plain sentence.
    """

    term: str
    words: str
    meaning: str


@lru_cache(maxsize=1)
def read_glossary() -> tuple[Term, ...]:
    """Return every term of `definitions/glossary.toml`, in its order."""
    path = resources.files("hcsp_assess") / "definitions" / "glossary.toml"
    fields = tomllib.loads(path.read_text(encoding="utf-8"))
    return tuple(Term(item["term"], item["words"], item["meaning"]) for item in fields["term"])


def terms_in(text: str) -> tuple[Term, ...]:
    """Return the terms that a text uses, as words of their own.

    Examples
    --------
    >>> [item.term for item in terms_in("Cases at MARAC, by LSOA")]
    ['LSOA', 'MARAC']
    """
    return tuple(item for item in read_glossary() if re.search(rf"(?<!\w){re.escape(item.term)}(?!\w)", text))
