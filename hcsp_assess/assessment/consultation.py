"""What people who live and work here want dealt with: how they were asked, beside what the data say."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from hcsp_assess.assessment.findings import Finding
from hcsp_assess.errors import InputError
from hcsp_assess.sources.texts import Signed, TextFolder, check_unique, place, signed_of, text_of, texts_of

NO_FIGURE = "not measured in this assessment"
#: A sentence that is shown in a table ends with the first full stop that a capital or a number follows.
FIRST_SENTENCE = re.compile(r"[.!?](?=\s+[A-Z“0-9])")
#: Findings that are shown beside one thing said.
MOST_BESIDE = 2


@dataclass(frozen=True)
class Exercise:
    """A survey, an event or another way of asking people.

    Attributes
    ----------
    key, name, method, held : str
        How people were asked, and when.
    base : int or None
        How many answered; None where it was not published.
    base_note : str
        What to say where that was not published.
    """

    key: str
    name: str
    method: str
    held: str
    base: int | None
    base_note: str

    @property
    def base_words(self) -> str:
        """How many answered, as printed."""
        return f"{self.base:,} answered" if self.base is not None else self.base_note


@dataclass(frozen=True)
class Said:
    """One thing that people said.

    Attributes
    ----------
    subject, text : str
        Short name, and what was said.
    percent : float or None
        Share of those who answered; None where answers were not counted.
    priority : bool
        Whether it is something they want dealt with, rather than how they feel.
    compare : tuple of str
        Findings of the data that are shown beside it, those that say most first.
    """

    exercise: Exercise
    subject: str
    text: str
    percent: float | None
    priority: bool
    compare: tuple[str, ...]
    signed: Signed

    @property
    def interval(self) -> tuple[float, float] | None:
        """95% Wilson interval of the share, in per cent; None without a base (Wilson 1927, JASA 22: 209-212).

        It assumes a simple random sample. Most surveys of residents are not one, so it is too narrow.
        """
        if self.percent is None or not self.exercise.base:
            return None
        from statsmodels.stats.proportion import proportion_confint

        base = self.exercise.base
        low, high = proportion_confint(round(self.percent / 100 * base), base, alpha=0.05, method="wilson")
        return 100 * float(low), 100 * float(high)

    @property
    def share_words(self) -> str:
        """The share as printed, with its interval or the reason why there is none."""
        if self.percent is None:
            return "not counted"
        interval = self.interval
        if interval is None:
            return f"{self.percent:g}%"
        return f"{self.percent:g}% ({interval[0]:.0f}% to {interval[1]:.0f}%)"


def parse_consultation(texts: TextFolder) -> tuple[Said, ...]:
    """Parse what people said from an edition's `consultation.toml`; nothing where there is no such file.

    Raises
    ------
    InputError
        If an entry names no exercise that is there, a share is not between 0 and 100, an exercise has neither a base
        nor a note why not, or no role answers for an entry.
    """
    file = texts.read("consultation.toml")
    exercises = {}
    for number, entry in enumerate(file.get("exercise", []), start=1):
        item = _exercise(place(texts, "consultation.toml", "exercise", number, entry), entry)
        exercises[item.key] = item
    check_unique(f"{texts.name}/consultation.toml", [str(entry.get("key")) for entry in file.get("exercise", [])])
    said = []
    for number, entry in enumerate(file.get("said", []), start=1):
        where = place(texts, "consultation.toml", "said", number, entry)
        key = text_of(where, entry, "exercise")
        if key not in exercises:
            raise InputError(f"{where} is from the exercise {key!r}; there are {', '.join(exercises) or 'none'}")
        percent = entry.get("percent")
        if percent is not None and not (_is_number(percent) and 0 <= percent <= 100):
            raise InputError(f"{where}: percent is {percent!r}, which is not a number from 0 to 100")
        said.append(
            Said(
                exercises[key],
                text_of(where, entry, "subject"),
                text_of(where, entry, "text"),
                None if percent is None else float(percent),
                bool(entry.get("priority", False)),
                texts_of(where, entry, "compare"),
                signed_of(where, entry, file.get("signed")),
            )
        )
    return tuple(said)


def said_beside_data(said: tuple[Said, ...], findings: Mapping[str, Finding]) -> pd.DataFrame:
    """Set what people said beside what the data say.

    Parameters
    ----------
    findings : mapping of str to Finding
        The edition's findings by key. Of those that something said names, the first `MOST_BESIDE` that the edition has
        and that have a figure are shown, each by its first sentence: their chapters have them in full.

    Returns
    -------
    pandas.DataFrame
        Columns "What people said", "Share", "What the data say". Where no share was counted there is no column for it.
    """
    rows = []
    for item in said:
        beside = [found for key in item.compare if (found := find_beside(findings, key)) is not None]
        told = [first_sentence(found) for found in beside[:MOST_BESIDE]]
        text = item.text[:1].upper() + item.text[1:]
        rows.append((text, item.share_words, " ".join(told) or NO_FIGURE))
    frame = pd.DataFrame(rows, columns=["What people said", "Share", "What the data say"])
    return frame if any(item.percent is not None for item in said) else frame.drop(columns="Share")


def find_beside(findings: Mapping[str, Finding], key: str) -> Finding | None:
    """Return the finding of a key, or of the key with a number after it, if it has a figure.

    Examples
    --------
    >>> safe = Finding("feel_safe_by_day_1", "96% feel safe by day.", {"percent": 96})
    >>> find_beside({safe.key: safe}, "feel_safe_by_day").sentence
    '96% feel safe by day.'
    """
    names = [key, *sorted(name for name in findings if re.fullmatch(rf"{re.escape(key)}_\d+", name))]
    return next((findings[name] for name in names if name in findings and findings[name].evidence), None)


def first_sentence(found: Finding) -> str:
    """Return a finding's message, or its first sentence."""
    if found.message and found.message.endswith("."):
        return found.message
    end = FIRST_SENTENCE.search(found.sentence)
    return found.sentence[: end.end()] if end else found.sentence


def _exercise(where: str, entry: dict[str, object]) -> Exercise:
    base = entry.get("base")
    if base is not None and (not isinstance(base, int) or isinstance(base, bool) or base < 1):
        raise InputError(f"{where}: base is {base!r}; it must be the number of people who answered, 1 or more")
    note = text_of(where, entry, "base_note", "")
    if base is None and not note:
        raise InputError(
            f"{where} has no base and no base_note: give the number of people who answered, or why it is not known"
        )
    key, name, method, held = (text_of(where, entry, field) for field in ("key", "name", "method", "held"))
    return Exercise(key, name, method, held, base, note)


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
