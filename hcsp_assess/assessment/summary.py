"""The executive summary: which findings, in which order, in how many words, and how easy to read.

The rule is in docs/reading-test.md: eight headings in a fixed order, the plan's priorities first; the first answer to
each is always there, further ones join in the order of their weight until the page is full.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from hcsp_assess.assessment.findings import Finding, Findings
from hcsp_assess.errors import InputError

#: The headings of the summary, in its order.
QUESTIONS = {
    "priorities": "What matters most",
    "changed": "What has changed, and why",
    "where": "Where",
    "compare": "How we compare",
    "residents": "What residents want",
    "targets": "Targets, and last year's plan",
    "next": "What should change",
    "missing": "What is missing",
}
#: Words of sentences, with what is under them, that a member reads in two to three minutes.
PAGE_WORDS = 600
#: No sentence of the summary has more words than this.
LONGEST_SENTENCE = 25
VOWELS = re.compile(r"[aeiouy]+")
#: Neighbouring vowels that are two syllables: media, serious, actual, video, area, being.
PARTED = re.compile(
    r"ia(?!n$|l$)|(?<![ctgx])ious$|io(?!n|u)|(?<!q)ua(?=[lt])|ism$|eo$|(?<=[aeiou][^aeiou])eas?$|[aeiou]ing$"
)
WORD = re.compile(r"[A-Za-z]+(?:['’-][A-Za-z]+)*|\d[\d,.]*")
#: A full stop ends a sentence unless a figure or a lower-case word goes on after it.
SENTENCE_END = re.compile(r"[.!?](?:[”\"')]*)(?=\s+[A-Z“\"']|\s*$)")


@dataclass(frozen=True)
class Answered:
    """A finding as a candidate for the summary.

    Attributes
    ----------
    question : str
        Key of `QUESTIONS`.
    weight : float
        Larger goes first. Within a question it orders the answers; across questions, who joins first.
    """

    question: str
    finding: Finding
    weight: float = 0.0


@dataclass(frozen=True)
class Summary:
    """The findings chosen.

    Attributes
    ----------
    chosen : mapping of str to tuple of Finding
        By question, in the order of the summary. Every heading is there.
    left_out : tuple of Finding
        Candidates for which there was no room.
    words : int
        Words of the findings chosen, with their certainty and caveats.
    """

    chosen: Mapping[str, tuple[Finding, ...]]
    left_out: tuple[Finding, ...]
    words: int

    def answer(self, question: str) -> Findings:
        """The findings under one heading, with their sources: what has one is as published, if it is not simulated."""
        if question not in self.chosen:
            raise InputError(f"the summary has no heading {question!r}; there are {', '.join(QUESTIONS)}")
        return Findings(tuple(replace(item, method="") for item in self.chosen[question]))

    @property
    def text(self) -> str:
        """Its sentences, as one text."""
        return " ".join(item.sentence for items in self.chosen.values() for item in items)


@dataclass(frozen=True)
class Reading:
    """How easy a text is to read.

    Attributes
    ----------
    grade : float
        Flesch-Kincaid grade level.
    age : float
        Reading age in years: grade plus five.
    """

    words: int
    sentences: int
    syllables: int
    grade: float
    age: float


def choose_findings(candidates: Sequence[Answered], *, limit_words: int = PAGE_WORDS) -> Summary:
    """Choose and order the findings of the summary.

    Parameters
    ----------
    candidates : sequence of Answered
        At least one for each heading.
    limit_words : int
        Words that the summary may have.

    Returns
    -------
    Summary
        First answers always; then the others by weight, each if it still fits, equal weights in the order given.

    Raises
    ------
    InputError
        If a heading has no answer, one is unknown, or the first answers alone are more than may be.
    """
    ordered = sorted(candidates, key=lambda item: -item.weight)
    if strange := sorted({item.question for item in candidates} - set(QUESTIONS)):
        raise InputError(f"the summary has no heading {', '.join(strange)}; there are {', '.join(QUESTIONS)}")
    places = {key: [place for place, item in enumerate(ordered) if item.question == key] for key in QUESTIONS}
    if silent := [key for key, found in places.items() if not found]:
        raise InputError(f"the summary has no answer to {', '.join(silent)}: add a finding that says why not")
    lengths = [count_shown(item.finding) for item in ordered]
    taken = {found[0] for found in places.values()}
    words = sum(lengths[place] for place in taken)
    if words > limit_words:
        raise InputError(
            f"the first answers take {words} words, more than the {limit_words} of a summary: shorten them"
        )
    for place, length in enumerate(lengths):
        if place not in taken and words + length <= limit_words:
            taken.add(place)
            words += length
    chosen = {key: tuple(ordered[place].finding for place in found if place in taken) for key, found in places.items()}
    left_out = tuple(item.finding for place, item in enumerate(ordered) if place not in taken)
    return Summary(chosen, left_out, words)


def count_shown(finding: Finding) -> int:
    """Words that a finding takes on the page: sentence, certainty and caveats."""
    caveats = (text for text in finding.caveats if text not in finding.sentence)
    return count_words(" ".join((finding.sentence, finding.certainty, *caveats)))


def count_words(text: str) -> int:
    """Words of a text; a number is a word."""
    return len(WORD.findall(text))


def count_syllables(word: str) -> int:
    """Syllables of an English word, by groups of vowels; a number counts as one.

    Silent endings (-e, -es, -ed) are taken off and a few pairs of vowels that part are counted twice. It is a rule of
    thumb: of ordinary words it miscounts about one in ten, in both directions.
    """
    lower = re.sub(r"[^a-z]", "", word.lower())
    if not lower:
        return 1
    stem = re.sub(r"(?<=[^aeiouy])e$|(?<=[^aeioutdy])ed$|(?<=[^aeiouysxzcg])es$", "", lower)
    stem = lower if re.search(r"[^aeiouy]le$", lower) or not VOWELS.search(stem) else stem
    number = len(VOWELS.findall(stem)) + len(PARTED.findall(stem))
    return max(number, 1)


def reading_level(text: str) -> Reading:
    """Measure how easy a text is to read, by the Flesch-Kincaid grade level.

    Grade = 0.39 words per sentence + 11.8 syllables per word - 15.59 (Kincaid, Fishburne, Rogers and Chissom 1975,
    Research Branch Report 8-75, Naval Technical Training Command); age = grade + 5. Numbers count as words of one
    syllable, which flatters texts full of figures; long names of offences count in full, which does the reverse.

    Raises
    ------
    InputError
        If the text has no words.
    """
    words = WORD.findall(text)
    if not words:
        raise InputError("a text without words has no reading level")
    sentences = max(len(SENTENCE_END.findall(text)), 1)
    syllables = sum(count_syllables(word) for word in words)
    grade = 0.39 * len(words) / sentences + 11.8 * syllables / len(words) - 15.59
    return Reading(len(words), sentences, syllables, grade, grade + 5)


def longest_sentence(text: str) -> tuple[int, str]:
    """Return the number of words of the longest sentence of a text, and that sentence.

    Examples
    --------
    >>> longest_sentence("Crime fell. It fell by 3.2% in two years.")
    (7, 'It fell by 3.2% in two years.')
    """
    ends = [found.end() for found in SENTENCE_END.finditer(text)]
    parts = [text[begin:end].strip() for begin, end in zip([0, *ends], [*ends, len(text)], strict=True)]
    longest = max((part for part in parts if part), key=count_words, default="")
    return count_words(longest), longest
