"""Recognise names that no reviewed list has: words that are neither ordinary nor of places, or a name after a label.

Long lists of names (United States, all origins), of English words and of words of place names decide together. A text
must be nothing but a name, or say that a name follows ("known as", "c/o").
"""

import re
from typing import Final

from hcsp_assess.sources.returns.personal_lists import (
    Word,
    is_given,
    is_ordinary,
    is_place_word,
    is_surname,
    name_list,
    reviewed,
    split,
)

_MOST_WORDS: Final = 4
_SURE_LABEL: Final = re.compile(
    r"(?:\b(?i:aka|alias(?: of)?|known as|nickname(?:d)?|named(?: as)?|name is|goes by|c/o|care of|signed(?: by)?|"
    r"surname|forename|first name|last name|full name|maiden name|(?:account |fb |facebook )?name)|\ba\.k\.a\.?)"
    r"[\s:=\-–\"“'‘(]{1,4}([^\W\d_]+(?:['’-][^\W\d_]+)*)(?: ([^\W\d_]{3,}))?"
)
_QUOTED_LABEL: Final = re.compile(r"\b(?i:aka|alias|known as|nickname(?:d)?)\W{0,2}[\"“'‘][A-Z]")
_PERSON_LABEL: Final = re.compile(
    r"\b(?i:victim|offender|suspect|perpetrator|complainant|witness|tenant|neighbour|aggrieved|defendant|caller|"
    r"informant|resident|keyholder|child|son|daughter|mother|father|brother|sister|partner|husband|wife|boyfriend|"
    r"girlfriend|carer|attacker|owner|driver|occupant|householder|patient|client|pupil|by|with|from|for|about|told|"
    r"against|re|worker|shopkeeper|teacher|nurse|manager|officer|youth|male|female|man|woman|boy|girl|named|"
    r"mum|dad|nan|stepdad|stepmum|stepson|stepdaughter|stepfather|stepmother|uncle|aunt|auntie|cousin|nephew|niece|friend)"
    r"(?i: is| was| named| called)?[\s:=\-–(,]{1,3}"
    r"([^\W\d_]{2,20}(?:['’-][^\W\d_]+)?) ([^\W\d_]{2,20}(?:['’-][^\W\d_]+)?)(?! [A-Z])"
)
_FAMILY: Final = re.compile(r"\b(?i:the|mr|mrs) ([A-Z][^\W\d_]{2,20})s? (?i:family|household|brothers|sisters)\b")
_LONGEST_LABELLED: Final = 2_000  # characters searched for a label


def by_a_label(text: str) -> bool:
    """Return whether a name follows a word that announces one: "aka Spud", "c/o Tattersall", "tenant Asif Mahmood".

    >>> by_a_label("known as Wozza"), by_a_label("named as a hotspot"), by_a_label("tenant Asif Mahmood")
    (False, False, True)
    """
    part = text[:_LONGEST_LABELLED]
    if _QUOTED_LABEL.search(part):
        return True
    if any(_may_be_name(name) for match in _SURE_LABEL.finditer(part) for name in match.groups() if name):
        return True
    if any(_may_be_name(match[1]) for match in _FAMILY.finditer(part)):
        return True
    return any(_both_names(match[1], match[2]) for match in _PERSON_LABEL.finditer(part))


def _may_be_name(text: str) -> bool:
    """Whether a word after "named" is a listed name and no word of places or of every day."""
    word = split(text)[0]
    listed = is_given(word.folded) or is_surname(word.folded)
    return word.capital and listed and not is_place_word(word.folded) and not _no_name(word.folded)


def _both_names(first: str, second: str) -> bool:
    """Whether two words are a given name and a surname, after a word such as "victim"."""
    given, surname = split(first)[0], split(second)[0]
    if _no_name(surname.folded) or given.capital != surname.capital:
        return False
    by_word = given.capital and _given_that_is_a_word(given.folded)
    listed = is_surname(surname.folded) or surname.folded in name_list("surnames_of_places")
    word = given.capital and surname.folded in name_list("more_surnames_that_are_words")
    return (is_given(given.folded) or by_word) and (listed or word)


def _no_name(folded: str) -> bool:
    return folded in reviewed("not_surnames") or folded in reviewed("also_surnames")


def by_rare_words(words: list[Word], particles: frozenset[str], *, places: bool) -> bool:
    """Return whether a text is two to four words of names: at least one listed, none ordinary and none of a place.

    Parameters
    ----------
    words : list of Word
        The whole text, without words such as "victim" around it.
    particles : frozenset of str
        "de", "al" and the like, which count for nothing.
    places : bool
        Whether it is from a column of places: then the first must be no name that places have.
    """
    said = [word for word in words if not word.initial and word.folded not in particles]
    if not 2 <= len(said) <= len(words) <= _MOST_WORDS or not _one_style(words, said):
        return False
    folded = [word.folded for word in said]
    if words[0].folded in reviewed("before_places") or any(_no_name(word) for word in folded):
        return False
    listed = [is_given(word) or is_surname(word) for word in folded]
    if places and (folded[0] in reviewed("given_names_of_places") or is_place_word(folded[0])):
        return False
    return _enough(folded, listed) or _of_a_place(folded)


def _given_that_is_a_word(folded: str) -> bool:
    return folded in reviewed("given_names_that_are_words") or folded in name_list("given_names_that_are_words")


def _of_a_place(folded: list[str]) -> bool:
    """Whether a text is a given name and a surname that is the name of a place: "dean pilkington"."""
    given = is_given(folded[0]) or folded[0] in reviewed("given_names_that_are_words")
    usual = given and folded[0] not in reviewed("given_names_of_places")
    return len(folded) == 2 and usual and folded[1] in name_list("surnames_of_places")


def by_initials(words: list[Word], *, places: bool) -> bool:
    """Return whether a text is initials and a word that is neither ordinary nor of a place: "K. Majewska".

    One initial without a full stop needs a listed surname, because "E coli" is none.
    """
    initials = [word for word in words[:-1] if word.initial]
    if not 2 <= len(words) <= _MOST_WORDS or len(initials) < len(words) - 1 or not words[-1].capital:
        return False
    name = words[-1].folded
    if not _one_style(words, words) or len(name) < 4 or _no_name(name):
        return False
    marked = len(initials) > 1 or initials[0].dotted
    of_a_place = marked and not places and name in name_list("surnames_of_places")
    if is_place_word(name) or is_ordinary(name):
        return of_a_place
    return is_surname(name) or (marked and not places)


def _enough(folded: list[str], listed: list[bool]) -> bool:
    """Whether every word is listed or in no list at all, and one of them is no ordinary word."""
    for place, (word, known) in enumerate(zip(folded, listed, strict=True)):
        first_by_word = place == 0 and _given_that_is_a_word(word)
        if not known and not first_by_word and (len(word) < 3 or is_ordinary(word) or is_place_word(word)):
            return False
    rare = [word for word, known in zip(folded, listed, strict=True) if known and not is_ordinary(word)]
    return bool(rare) and (len(rare) > 1 or not is_place_word(rare[0]))


def _one_style(words: list[Word], said: list[Word]) -> bool:
    """Whether the words are all capitalised or all not, and only spaces, or one comma, between them."""
    joined = "".join(word.joined.strip(" .\u00a0") for word in words[1:])
    return len({word.capital for word in said}) == 1 and joined in ("", ",")
