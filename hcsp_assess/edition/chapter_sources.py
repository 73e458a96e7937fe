"""Which chapters an edition shows: a chapter without any of its sources is left out of the report."""

import tomllib
from collections.abc import Collection
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

from hcsp_assess.edition.open_data import EditionOpenData
from hcsp_assess.edition.returns import EditionReturns
from hcsp_assess.errors import InputError
from hcsp_assess.sources.texts import TextFolder
from hcsp_assess.subject.editions import Edition


@dataclass(frozen=True)
class ChapterSources:
    """What a chapter rests on that an edition may lack; see definitions/chapter_sources.toml.

    Attributes
    ----------
    chapter, subject : str
        Name of its notebook, and what the table of gaps calls it.
    returns, texts : tuple of str
        Returns of partners, and files of reviewed texts.
    what : str
        What is missing where it has nothing of them.
    holder, how : str
        Of texts: who holds them, as a role of holders.toml, and how they can be added.
    always : bool
        Whether it is shown without them, since it has more.
    """

    chapter: str
    subject: str
    returns: tuple[str, ...] = ()
    texts: tuple[str, ...] = ()
    what: str = ""
    holder: str = ""
    how: str = ""
    always: bool = False


@cache
def chapters_of_places() -> frozenset[str]:
    """Return the chapters that need an area's reference geography, from definitions/chapter_sources.toml.

    Examples
    --------
    >>> sorted(chapters_of_places())
    ['about_area', 'stop_and_search', 'where']
    """
    return frozenset(map(str, _definitions()["places"]))


def _definitions() -> dict[str, Any]:
    file = resources.files("hcsp_assess") / "definitions" / "chapter_sources.toml"
    return tomllib.loads(file.read_text(encoding="utf-8"))


@cache
def chapter_sources() -> dict[str, ChapterSources]:
    """Return what chapters rest on by chapter, from definitions/chapter_sources.toml.

    Raises
    ------
    InputError
        An entry has a field that there is not, or lacks its chapter or subject.

    Examples
    --------
    >>> chapter_sources()["education"].returns
    ('council_exclusions',)
    """
    entries = _definitions()["chapter"]
    try:
        made = [
            ChapterSources(
                **entry | {name: tuple(entry[name]) for name in ("returns", "texts") if name in entry},
            )
            for entry in entries
        ]
    except TypeError as error:
        raise InputError(f"definitions/chapter_sources.toml: {error}; correct that entry") from error
    return {item.chapter: item for item in made}


def chapters_shown(
    edition: Edition,
    returns: EditionReturns | None,
    held: EditionOpenData,
    texts: TextFolder,
    *,
    places: bool = True,
) -> tuple[str, ...]:
    """Return the chapters of an edition that have something to show, in its order.

    Parameters
    ----------
    returns : EditionReturns or None
        None for an edition that names no source of returns.
    places : bool
        Whether the area has a reference geography: residents, deprivation and boundaries of its small areas.

    Notes
    -----
    A chapter that is not in definitions/chapter_sources.toml is shown. So is every chapter of an edition that would
    have none left.
    """
    received = set(returns.names_received) if returns is not None else set()
    open_chapters = {item.measure.chapter for item in held.figures}
    shown = tuple(
        name
        for name in edition.chapters
        if (places or name not in chapters_of_places()) and _has_something(name, received, open_chapters, texts)
    )
    return shown or edition.chapters


def _has_something(name: str, received: Collection[str], open_chapters: Collection[str], texts: TextFolder) -> bool:
    rests_on = chapter_sources().get(name)
    if rests_on is None or rests_on.always or name in open_chapters:
        return True
    return any(each in received for each in rests_on.returns) or any(texts.read(file) for file in rests_on.texts)
