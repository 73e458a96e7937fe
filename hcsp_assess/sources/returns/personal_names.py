"""Recognise the name of a person in a text, and leave streets, shops and plans alone.

Lists of names decide (definitions/names/), not capital letters: a name may be written "john smith", "SMITH J" or
"J. Smith". Where a column holds places the rules are stricter, because streets are named after people. Every rule looks
at each word of a text a fixed number of times, so that a long text costs no more than its length.
"""

import re
from typing import Final

from hcsp_assess.sources.returns.personal_lists import (
    Word,
    is_given,
    is_ordinary,
    is_place_word,
    is_surname,
    is_usual_given,
    name_list,
    reviewed,
    split,
)
from hcsp_assess.sources.returns.personal_rare_names import by_a_label, by_initials, by_rare_words

_PARTICLES: Final = frozenset(
    "de|da|das|do|dos|di|del|della|van|der|den|von|zu|al|el|bin|ibn|st|binti|ap|ab|ferch|le|la".split("|")  # noqa: SIM905
)
_NAME_PARTICLES: Final = frozenset(["van", "von", "bin", "ibn", "binti", "ap", "ferch", "dos"])
_TITLES: Final = frozenset(["mr", "mrs", "mx", "cllr", "miss", "ms", "dr", "rev", "revd", "mstr"])
_TITLES_OF_LISTED: Final = frozenset(
    ["pc", "pcso", "sgt", "insp", "inspector", "constable", "sergeant", "dc", "ds", "di", "master", "prof"]
)
_NOT_INITIALS: Final = frozenset(
    "uk us no ne nw se sw pm am tv st dr mr ms pc it is in on at or of to id ok ha rd ln cl av ua eu".split()  # noqa: SIM905
)
_ENDINGS: Final = re.compile(
    r".{3,20}(?:ski|ska|cki|cka|dzki|dzka|wicz|czyk|escu|eanu|ovic|evic|oglu|enko|chuk|liuk|niuk|shyn|ova|eva|ov|ev|yev|shvili|"
    r"idze|poulos|akis|sson|ovska|"
    r"auskas|iene|aite|iunas|aitis|evicius|avicius|opoulou|idis|singhe|suriya|ratne|lingam|evska|inskas|yan|nathan|murthy|ullah|"
    r"raman|appan|samy|swamy)"
)
_OTHER_SCRIPT: Final = re.compile(r"[^\W\d_a-zA-Z\u00aa-\u02af\u1e00-\u1eff]{2,20}(?:[\s\-]{1,3}[^\W\d_]{1,20}){0,3}")
_PARTS: Final = re.compile(r"[\d:;|()\[\]\n\t/–—]+|\s-\s")
_LETTERS_OF_OTHERS: Final = frozenset("łąęćńśźżğşıčřšžőűțșăãõñåøđėūįįųķļņģ")  # not of English, French or Welsh
_LONGEST_MIDDLE: Final = 3
MOST_WORDS: Final = 5  # of a text that may be nothing but a name


def names_a_person(text: str, *, places: bool = False) -> bool:
    """Return whether a text holds the name of a person.

    Parameters
    ----------
    text : str
        Of a cell, a title or the name of a file.
    places : bool
        Whether the text is from a column of streets or other places: both names must then be on a list.

    Notes
    -----
    It misleads in both directions: a surname that is in no list passes after a rare given name, and a shop that is
    named after a person is refused unless `personal_data.toml` lists it.

    Examples
    --------
    >>> names_a_person("reported by john smith"), names_a_person("Amber Wharf"), names_a_person("Master Plan")
    (True, False, False)
    >>> names_a_person("Albert Hall", places=True), names_a_person("SMITH J", places=True)
    (False, True)
    """
    return by_a_label(text) or any(_in_part(part, places) for part in _PARTS.split(text) if part.strip())


def _in_part(text: str, places: bool) -> bool:
    """Whether one part of a text, without digits or strong punctuation, holds a name."""
    words = split(text)
    alone = _without_ends(words)
    said = " ".join(word.folded for word in alone)
    if said in reviewed("organisations") or said in reviewed("places"):
        return False
    if any(_titled(words, at, places) or _related(words, at) for at in range(len(words) - 1)):
        return True
    whole = len(alone) <= MOST_WORDS
    if any(_given_first(words, at, whole=whole, places=places) for at in range(len(words) - 1)):
        return True
    if not places and any(_by_two(words[at : at + 3]) for at in range(len(words) - 1)):
        return True
    if any(_initials_first(part, at, whole=whole) for part in (words, alone) for at in range(len(part) - 1)):
        return True
    if not whole or len(alone) < 2 or _OTHER_SCRIPT.fullmatch(text.strip(" ,.")):
        return bool(_OTHER_SCRIPT.fullmatch(text.strip(" ,.")))
    in_any = _surname_first(alone, places) or _surname_and_initials(alone, places) or _by_a_word(alone, places)
    in_any = in_any or _by_a_strong_surname(alone) or _by_rare(alone, places)
    return in_any or (not places and any(rule(alone) for rule in _LAST_RULES))


def _by_rare(words: list[Word], places: bool) -> bool:
    return by_rare_words(words, _PARTICLES, places=places) or by_initials(words, places=places)


def _without_ends(words: list[Word]) -> list[Word]:
    """The words without those around a name: "victim", "report", "returns"."""
    first, last = 0, len(words)
    while first < last and words[first].folded in reviewed("around_names"):
        first += 1
    while last > first and words[last - 1].folded in reviewed("around_names"):
        last -= 1
    return words[first:last]


def _place(folded: str, *, places: bool) -> bool:
    return folded in reviewed("not_surnames") or (places and folded in reviewed("also_surnames"))


def _titled(words: list[Word], at: int, places: bool) -> bool:
    title, following = words[at], words[at + 1 : at + 2 + MOST_WORDS]
    sure = title.folded in _TITLES
    if not sure and title.folded not in _TITLES_OF_LISTED:
        return False
    while following and following[0].initial and len(following) > 1:
        following = following[1:]
    name = following[0]
    if name.joined.strip(" .\u00a0") or name.folded in reviewed("not_titled") or len(name.folded) < 2:
        return False
    of_a_place = name.capital and title.folded != "master" and name.folded in name_list("surnames_of_places")
    known = of_a_place or is_surname(name.folded) or is_given(name.folded) or _by_two(following[:3])
    if known and (name.capital or title.folded != "miss"):
        return not _place(name.folded, places=True) or title.folded in ("mr", "mrs", "cllr")
    usual = places and (title.folded == "dr" or is_ordinary(name.folded) or is_place_word(name.folded))
    ambiguous = title.folded in ("dr", "ms", "miss") and (usual or not (name.capital and _title_case(title)))
    drive = title.folded == "dr" and at > 0 and words[at - 1].capital
    return sure and not ambiguous and not drive and not _place(name.folded, places=True)


def _by_two(words: list[Word]) -> bool:
    """A given name that is also a word, and a surname that is neither a word nor a place: "Mason Thirlwell"."""
    if len(words) < 2 or words[1].joined.strip() or not (words[0].capital and words[1].capital):
        return False
    given, surname = words[0].folded, words[1].folded
    if len(words) > 2 and _place(words[2].folded, places=True):
        return False
    usual = given in reviewed("given_names_that_are_words") and f"{given} {surname}" not in reviewed("organisations")
    listed = surname in name_list("surnames") or surname in name_list("more_surnames")
    return usual and (listed or surname in name_list("surnames_of_places")) and not _place(surname, places=True)


def _title_case(word: Word) -> bool:
    return word.text[:1].isupper() and word.text[1:].islower()


def _given_first(words: list[Word], at: int, *, whole: bool, places: bool) -> bool:
    """A given name, up to three initials, middle names or particles, then a surname."""
    given = words[at]
    if not is_given(given.folded):
        return False
    before = words[at - 1].folded if at and not given.joined.strip() else ""
    if before in reviewed("before_places"):
        return False
    for place in range(at + 1, min(at + 2 + _LONGEST_MIDDLE, len(words))):
        word = words[place]
        if word.joined.strip(" .\u00a0"):
            return False
        after = words[place + 1].folded if place + 1 < len(words) and not words[place + 1].joined.strip() else ""
        if _is_surname(given, word, after, whole=whole, places=places):
            return True
        if word.folded in _NAME_PARTICLES and place + 1 < len(words) and words[-1].capital and given.capital:
            return not _place(words[-1].folded, places=True)
        middle = word.initial or word.folded in _PARTICLES or is_given(word.folded)
        if not middle or f"{given.folded} {word.folded}" in reviewed("organisations"):
            return False
    return False


def _is_surname(given: Word, word: Word, after: str, *, whole: bool, places: bool) -> bool:
    of_a_place = places or given.text.casefold().endswith(("'s", "’s"))  # "Stephen's Green"
    if len(word.folded) < 2 or word.folded in _PARTICLES or _place(word.folded, places=of_a_place):
        return False
    pair = f"{given.folded} {word.folded}"
    if _place(after, places=places) or pair in reviewed("organisations") or pair in reviewed("places"):
        return False
    if word.folded in reviewed("also_surnames") and given.folded in reviewed("given_names_of_places"):
        return False
    if is_surname(word.folded):
        return len(word.folded) > 2 or whole
    by_word = any(word.folded in name_list(name) for name in ("more_surnames_that_are_words", "surnames_of_places"))
    usual = is_usual_given(given.folded) and given.folded not in reviewed("given_names_of_places")
    capital = given.capital and word.capital and given.folded not in reviewed("given_names_of_places")
    if by_word and not places and (capital or (usual and whole)):
        return True
    if word.capital and given.capital and not is_ordinary(word.folded) and _ENDINGS.fullmatch(word.folded):
        return True
    if places and whole and _ENDINGS.fullmatch(word.folded):
        return True
    if places or not word.capital:
        return not places and whole and given.folded in reviewed("given_names") and not given.capital
    return (whole and is_usual_given(given.folded)) or (given.capital and given.folded in reviewed("given_names"))


def _initials_first(words: list[Word], at: int, *, whole: bool) -> bool:
    """One to three initials and a surname: "J. Smith", "J A Smith", "JA Smith"."""
    first, last = words[at], at + 1
    pair = len(first.text) == 2 and first.text.isupper() and first.folded not in _NOT_INITIALS
    if not first.initial and not (pair and whole and at == 0):
        return False
    if at and (words[at - 1].initial or not words[at].joined.strip()) and not first.dotted:
        return False
    while last < min(len(words) - 1, at + MOST_WORDS) and words[last].initial and not words[last].joined.strip(" ."):
        last += 1
    name = words[last]
    if name.joined.strip(" .") or len(name.folded) < 3 or not is_surname(name.folded):
        return False
    if _place(name.folded, places=True) or (last + 1 < len(words) and _place(words[last + 1].folded, places=True)):
        return False
    marked = first.dotted or last - at > 1
    same_case = name.capital == first.capital
    return same_case and (marked or (whole and at == 0 and first.folded not in "abemnsw") or first.folded == "j")


def _surname_first(words: list[Word], places: bool) -> bool:
    """The whole text is a surname and given names: "SMITH, John", "Nguyen Thi Lan"."""
    surname, given = words[0], words[1:]
    if len(given) > 1 and given[0].joined.strip(" .\u00a0") == "" and is_surname(given[0].folded) and words[2:]:
        comma_later = words[2].joined.strip() == ","
        if comma_later:
            surname, given = given[0], words[2:]
    if not given or _place(surname.folded, places=True) or surname.folded in reviewed("before_places"):
        return False
    if f"{surname.folded} {given[0].folded}" in reviewed("organisations"):
        return False
    comma = given[0].joined.strip() == ","
    known = [is_given(word.folded) for word in given]
    if any(word.joined.strip(" .\u00a0,") or _place(word.folded, places=True) for word in given) or not known[0]:
        return False
    shouted = surname.text.isupper() and not given[0].text.isupper()
    if comma:
        sure = not places and (shouted or given[0].folded in reviewed("given_names"))
        return sure or is_surname(surname.folded)
    both = all(known) and surname.folded in name_list("surnames") and surname.capital == given[0].capital
    return is_surname(surname.folded) and (shouted or both)


def _surname_and_initials(words: list[Word], places: bool) -> bool:
    """The whole text is a surname and initials: "Smith, J.", "SMITH JA"."""
    surname, rest = words[0], words[1:]
    if not rest or len(rest) > 3 or _place(surname.folded, places=True):
        return False
    of_a_place = rest[0].joined.strip() == "," and not places and surname.folded in name_list("surnames_of_places")
    if not is_surname(surname.folded) and not of_a_place:
        return False
    short = all(word.initial or (len(word.text) <= 3 and word.text.isupper()) for word in rest)
    usual = all(word.folded not in _NOT_INITIALS for word in rest)
    comma = rest[0].joined.strip() == ","
    return (
        short and usual and (comma or surname.capital == rest[0].capital) and surname.folded not in ("grade", "level")
    )


def _by_its_ending(words: list[Word]) -> bool:
    """Two or three capitalised words, the last with an ending of surnames of other languages: "-ska", "-escu"."""
    return (
        1 < len(words) <= 3
        and all(word.capital and len(word.folded) > 2 and not _place(word.folded, places=True) for word in words)
        and bool(_ENDINGS.fullmatch(words[-1].folded))
    )


def _by_a_word(words: list[Word], places: bool) -> bool:
    """A given name that is also an ordinary word, and a surname: "Mark Evans", "rose bennett"."""
    if len(words) != 2 or words[0].folded not in reviewed("given_names_that_are_words") or words[1].joined.strip():
        return False
    strong = words[1].folded in reviewed("strong_surnames")
    plain = (
        words[1].folded in name_list("surnames")
        and not places
        and words[0].folded not in ("hope", "dale", "glen", "ward")
    )
    return (strong or plain) and words[0].capital == words[1].capital and not _place(words[1].folded, places=True)


def _by_a_listed_surname(words: list[Word]) -> bool:
    """Two capitalised words, the second a surname that is no English word, or letters of other languages in both."""
    if not 1 < len(words) <= 3 or not all(word.capital and len(word.folded) > 1 for word in words):
        return False
    if any(word.joined.strip() for word in words[1:]) or words[0].folded in reviewed("before_places"):
        return False
    if any(_place(word.folded, places=True) for word in words):
        return False
    foreign = any(set(word.text.casefold()) & _LETTERS_OF_OTHERS for word in words)
    parts = words[-1].folded.split("-")
    listed = len(words) == 2 and len(words[0].folded) > 2 and any(part in name_list("surnames") for part in parts)
    return foreign or listed


def _two_given(words: list[Word]) -> bool:
    """Two given names and nothing else: "abdul karim"."""
    both = len(words) == 2 and all(is_given(word.folded) for word in words) and not words[1].joined.strip()
    return both and not any(word.folded in reviewed("given_names_of_places") for word in words)


def _related(words: list[Word], at: int) -> bool:
    """A relation and a given name: "son Callum"."""
    name, after = words[at + 1], words[at + 2 : at + 3]
    related = words[at].folded in reviewed("relations") and is_given(name.folded) and name.capital
    return related and not name.joined.strip() and not any(_place(word.folded, places=True) for word in after)


def _by_a_strong_surname(words: list[Word]) -> bool:
    """A word in no list and one of the most common surnames: "Jaden Morris"."""
    if len(words) != 2 or words[1].joined.strip() or words[0].folded in reviewed("before_places"):
        return False
    first, surname = words
    if first.folded in reviewed("around_names") or f"{first.folded} {surname.folded}" in reviewed("organisations"):
        return False
    strong = all(part in reviewed("strong_surnames") for part in surname.folded.split("-"))
    usual = len(first.folded) > 3 and not _place(first.folded, places=True) and first.folded not in _PARTICLES
    return strong and usual and first.capital == surname.capital


_LAST_RULES: Final = (_by_its_ending, _by_a_listed_surname, _two_given)
