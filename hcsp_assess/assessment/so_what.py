"""What a theme means for the partnership: reviewed text with action, lead and date; and what is known to work."""

import datetime
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from typing import Any, Literal, get_args

from hcsp_assess.errors import InputError, did_you_mean
from hcsp_assess.sources.text_entries import MARKDOWN
from hcsp_assess.sources.text_kinds import THEMES
from hcsp_assess.sources.texts import Signed, TextFolder, check_unique, place, signed_of, text_of, texts_of

FILE = "so_what.toml"
MOST_WORDS = 60
Known = Literal["confirmed", "to check"]


@dataclass(frozen=True)
class Intervention:
    """Something that may be done, with what the College of Policing knows of it (`definitions/what_works.toml`).

    Attributes
    ----------
    key, name, rating : str
        Name, and how well it works in words.
    by, link : str
        Who says so, and where.
    known : str
        "confirmed" where the rating was read at that address; "to check" is never printed.
    checked : datetime.date
        When it was read.
    """

    key: str
    name: str
    rating: str
    by: str
    link: str
    known: Known
    checked: datetime.date


@dataclass(frozen=True)
class SoWhat:
    """What a theme means.

    Attributes
    ----------
    theme : str
        One of `THEMES`.
    means, action : str
        The question or meaning, and the suggested action.
    lead, by : str
        A body or role, and the date; "" where no decision is recorded.
    works : tuple of str
        Keys of `what_works`.
    markdown : str
        What it means as typed, where that has marks of Markdown; else "".
    """

    theme: str
    means: str
    action: str
    lead: str
    by: str
    works: tuple[str, ...]
    signed: Signed
    markdown: str = ""


@dataclass(frozen=True)
class InShort:
    """What a reader should remember of a theme, in the words of who answers for it; `markdown` as for `SoWhat`."""

    theme: str
    text: str
    signed: Signed
    markdown: str = ""


def parse_so_what(texts: TextFolder) -> Mapping[str, SoWhat]:
    """Parse what each theme means, from an edition's `so_what.toml`; nothing where there is no such file.

    Raises
    ------
    InputError
        If a theme is none of `THEMES`, has no meaning or action, names an intervention that the table does not have,
        or no role answers for it.
    """
    file = texts.read(FILE)
    found = []
    for number, entry in enumerate(file.get("theme", []), start=1):
        where = place(texts, FILE, "theme", number, entry)
        theme, means, action = (text_of(where, entry, name) for name in ("theme", "means", "action"))
        if theme not in THEMES:
            near = did_you_mean(theme, THEMES)
            raise InputError(f"{where} is about {theme!r}; there are {', '.join(THEMES)}.{near}")
        works = texts_of(where, entry, "works")
        if strange := sorted(set(works) - set(what_works())):
            raise InputError(f"{where} names {', '.join(strange)}, which definitions/what_works.toml does not have")
        lead, by = text_of(where, entry, "lead", ""), text_of(where, entry, "by", "")
        signed = signed_of(where, entry, file.get("signed"))
        found.append(SoWhat(theme, means, action, lead, by, works, signed, str(entry.get(MARKDOWN, ""))))
    check_unique(f"{texts.name}/{FILE}", [item.theme for item in found])
    return {item.theme: item for item in found}


def parse_summaries(texts: TextFolder) -> Mapping[str, InShort]:
    """Parse the summaries of themes, none where none is written; raises `InputError` as `parse_so_what`."""
    file, found = texts.read("summaries.toml"), {}
    for number, entry in enumerate(file.get("summary", []), start=1):
        where = place(texts, "summaries.toml", "summary", number, entry)
        theme, text = text_of(where, entry, "theme"), text_of(where, entry, "text")
        if theme not in THEMES or theme in found:
            raise InputError(f"{where} is about {theme!r}; there are {', '.join(THEMES)}, each once")
        signed = signed_of(where, entry, file.get("signed"))
        found[theme] = InShort(theme, text, signed, str(entry.get(MARKDOWN, "")))
    return found


@lru_cache(maxsize=1)
def what_works() -> Mapping[str, Intervention]:
    """Return the table of what is known to work, by key."""
    file = resources.files("hcsp_assess") / "definitions" / "what_works.toml"
    return parse_what_works(file.read_text(encoding="utf-8"))


def parse_what_works(text: str) -> Mapping[str, Intervention]:
    """Read the table of what is known to work.

    Raises
    ------
    InputError
        If a field is missing, or a confirmed line has no rating or no address.
    """
    try:
        found = [_intervention(item) for item in tomllib.loads(text)["intervention"]]
    except (tomllib.TOMLDecodeError, KeyError, TypeError) as error:
        raise InputError(f"definitions/what_works.toml cannot be used: {error}") from error
    for item in found:
        if item.known not in get_args(Known):
            raise InputError(f"definitions/what_works.toml: {item.key} is {item.known!r}; write confirmed, or to check")
        if item.known == "confirmed" and not (item.rating and item.link):
            raise InputError(f"definitions/what_works.toml: {item.key} is confirmed without a rating or an address")
    check_unique("definitions/what_works.toml", [item.key for item in found])
    return {item.key: item for item in found}


def _intervention(item: Mapping[str, Any]) -> Intervention:
    return Intervention(**{name: item[name] for name in Intervention.__dataclass_fields__})
