"""The lists by which a word is a given name, a surname, an ordinary word or a place (definitions/names/)."""

import gzip
import re
import tomllib
import unicodedata
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib import resources
from typing import Final

_TOKEN: Final = re.compile(r"[^\W\d_]+(?:['’\-][^\W\d_]+){0,4}\.?")
_FOREIGN_LETTERS: Final = str.maketrans(
    {"ł": "l", "ø": "o", "đ": "d", "ð": "d", "ı": "i", "æ": "ae", "ə": "a", "’": "'"}
)
_GIVEN_ENDINGS: Final = re.compile(r".{2,12}(?:preet|deep|jeet|inder|swamy|lakshmi)")
_REGULAR_ENDINGS: Final = (
    ("s", ("",)),
    ("es", ("",)),
    ("ed", ("", "e")),
    ("ing", ("", "e")),
    ("ly", ("",)),
    ("er", ("", "e")),
    ("ers", ("", "e")),
    ("ness", ("",)),
)


@dataclass(frozen=True)
class Word:
    """A word of a text.

    Attributes
    ----------
    text : str
        As written, without a final full stop.
    folded : str
        In lower case and the letters a to z.
    dotted : bool
        Whether a full stop follows.
    joined : str
        What is between the word before and this one.
    """

    text: str
    folded: str
    dotted: bool
    joined: str

    @property
    def initial(self) -> bool:
        """Whether it is one letter."""
        return len(self.folded) == 1

    @property
    def capital(self) -> bool:
        """Whether it begins with a capital."""
        return self.text[:1].isupper()


@cache
def name_list(name: str) -> frozenset[str]:
    """Return one of the long lists in definitions/names/."""
    folder = resources.files("hcsp_assess") / "definitions" / "names"
    packed = folder / f"{name}.txt.gz"
    content = gzip.decompress(packed.read_bytes()) if packed.is_file() else (folder / f"{name}.txt").read_bytes()
    lines = content.decode("utf-8").splitlines()
    return frozenset(word for line in lines if not line.startswith("#") for word in line.split())


@cache
def reviewed(name: str) -> frozenset[str]:
    """Return one of the reviewed lists of words in personal_data.toml."""
    text = (resources.files("hcsp_assess") / "definitions" / "personal_data.toml").read_text("utf-8")
    separator = ";" if name in ("organisations", "places") else None
    return frozenset(" ".join(word.split()).casefold() for word in tomllib.loads(text)[name].split(separator))


@lru_cache(maxsize=50_000)
def fold(word: str) -> str:
    """Return a word in lower case and the letters a to z, without a possessive ending.

    >>> fold("Siân's"), fold("Łukasz")
    ('sian', 'lukasz')
    """
    if word.isascii():
        return word.casefold().removesuffix("'s")
    plain = unicodedata.normalize("NFKD", word.casefold().translate(_FOREIGN_LETTERS))
    return "".join(letter for letter in plain if not unicodedata.combining(letter)).removesuffix("'s")


def split(text: str) -> list[Word]:
    """Return the words of a text."""
    found, end = [], 0
    for match in _TOKEN.finditer(text):
        written = match[0].removesuffix(".")
        found.append(Word(written, fold(written), match[0].endswith("."), text[end : match.start()]))
        end = match.end()
    return found


@lru_cache(maxsize=50_000)
def is_surname(folded: str) -> bool:
    """Return whether a word is a listed surname: by itself, by its halves, or without O', Al- and the like."""
    lists = ("surnames", "surnames_that_are_words", "more_surnames")
    if any(folded in name_list(name) for name in lists):
        return True
    parts = [part for part in re.split(r"[-']", folded) if len(part) > 2]
    return len(parts) < len(folded) and any(part != folded and is_surname(part) for part in parts)


def is_usual_given(folded: str) -> bool:
    """Return whether a word is a given name of the reviewed lists, or two with a hyphen."""
    parts = folded.split("-")
    known = [part in name_list("given_names") or part in reviewed("given_names") for part in parts]
    return all(known) or (len(parts) == 2 and known[0]) or bool(len(parts) == 1 and _GIVEN_ENDINGS.fullmatch(folded))


@lru_cache(maxsize=50_000)
def is_given(folded: str) -> bool:
    """Return whether a word is a given name of any list, or two with a hyphen."""
    parts = folded.split("-")
    return is_usual_given(folded) or all(
        part in name_list("more_given_names") or part in name_list("given_names") or part in reviewed("given_names")
        for part in parts
    )


@lru_cache(maxsize=50_000)
def is_ordinary(folded: str) -> bool:
    """Return whether a word is an ordinary word of English, with its regular endings, or of Welsh place names.

    >>> is_ordinary("reported"), is_ordinary("wojtas")
    (True, False)
    """
    listed = name_list("ordinary_words")
    if folded in listed or (len(folded) > 2 and any(part in listed for part in folded.split("-")[:-1])):
        return True
    stems = [folded[: -len(end)] + add for end, adds in _REGULAR_ENDINGS if folded.endswith(end) for add in adds]
    once = [stem for stem in stems if len(stem) > 2]
    return any(stem in listed or (stem.endswith("s") and stem[:-1] in listed) or f"{stem}e" in listed for stem in once)


def is_place_word(folded: str) -> bool:
    """Return whether a word is in the name of a ward, a district or a settlement of the United Kingdom."""
    return folded in name_list("place_words")
