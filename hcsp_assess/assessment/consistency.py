"""Whether the findings of a report contradict each other, and whether each number in a sentence is in its evidence.

Two findings on the same measure and population, of months that overlap, contradict each other where they give two
values, two words for the change, or two labels (real, simulated), unless the sentence of one of them names what the
other says and so explains the difference. docs/consistency.md has the rules.
"""

import math
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import combinations
from typing import Literal

import pandas as pd

from hcsp_assess.assessment.findings import Finding
from hcsp_assess.assessment.measures import measure_of
from hcsp_assess.assessment.wording.words import TOO_SMALL, UNDER
from hcsp_assess.periods import Span

Kind = Literal["value", "word for the change", "label"]
#: Names in the evidence of the figure that a finding states, and of that a year earlier; the first one counts.
VALUES = ("value", "now", "count", "last_12_total", "assessed_count")
BEFORE = ("value_before", "before", "count_before", "previous_12_total")
#: Counts a month of two overlapping periods that differ by more than this factor are two figures for one thing.
MOST_APART = 1.5
#: The same of percentages, in points.
POINTS_APART = 5.0
#: Figures that may be published are rounded to a multiple of five.
ROUNDED_TO = 5
#: How a sentence names which way something went.
NAMED = {
    "rising": r"\b(?:rose|rising|risen|rises?|up|more|higher|increased?)\b",
    "falling": r"\b(?:fell|falling|fallen|falls?|down|fewer|lower|less|decreased?)\b",
    "stable": r"\b(?:level|stable|steady|the same)\b",
    "no clear change": r"\bno clear (?:change|trend|direction)\b|\btoo (?:small|few)\b|\b(?:not|be) sure\b",
    "cannot tell": r"\bcannot (?:say|tell|be)\b|\btoo (?:few|little)\b|\bno figure\b|\bnot (?:known|published)\b",
}
#: A number that stands alone: "under-18s" is a name.
NUMBER = re.compile(r"(?<![\w.-])\d[\d,]*(?:\.\d+)?(?!\w)")
#: Names of periods, of which the numbers are no figures: quarters, years, days.
PERIODS = re.compile(
    r"\bQ[1-4]\b(?: (?:\d{4}|\d{2})[/–-]\d{2})?|\b(?:\d{4}|\d{2})[/–-]\d{2}\b|\b(?:19|20)\d{2}\b|"
    r"\b\d{1,2} (?:January|February|March|April|May|June|July|August|September|October|November|December)\b"
)


@dataclass(frozen=True)
class Claim:
    """What a finding says, in a form in which two can be compared.

    Attributes
    ----------
    finding : Finding
        Whose it is.
    measure, population, unit : str
        Key of the measure, whom it counts, and "count" or "percent".
    span : Span or None
        The months; None where the finding does not say.
    value, before : float or None
        The figure, and that a year earlier.
    word : str
        Which way it went; "" where that is no question.
    """

    finding: Finding
    measure: str
    population: str
    unit: str
    span: Span | None
    value: float | None
    before: float | None
    word: str

    @property
    def printed(self) -> str:
        """The figure as a sentence has it; "" where there is none."""
        if self.value is None:
            return ""
        return f"{self.value:.0f}%" if self.unit == "percent" else f"{self.value:,.0f}"


@dataclass(frozen=True)
class Contradiction:
    """Two findings that cannot both be printed without a sentence that reconciles them."""

    kind: Kind
    one: Claim
    other: Claim

    def message(self, chapters: Mapping[str, Sequence[str]] | None = None) -> str:
        """Which two findings, in which chapters, what each says and what to do."""
        said = " ".join(_quoted(self.kind, claim, chapters or {}) for claim in (self.one, self.other))
        title = measure_of(self.one.finding.key).title
        return (
            f"two findings on {title} give a different {self.kind}. {said} Correct one, or let the sentence of one say "
            f"why they differ and name {self.other.finding.key} in its `reconciles`."
        )


def claim_of(finding: Finding) -> Claim:
    """What a finding says of its measure."""
    measure = measure_of(finding.key)
    share = "whole" in finding.evidence
    unit = "percent" if share else measure.unit
    value = _first(finding, ("percent",) if share else VALUES)
    partial = finding.evidence.get("months_compared", 12) != 12
    before = None if partial else _first(finding, ("percent_before",) if share else BEFORE)
    return Claim(finding, measure.key, finding.population, unit, span_of(finding.period), value, before, _word(finding))


def find_contradictions(findings: Iterable[Finding], shown: str | None = None) -> list[Contradiction]:
    """Find the pairs of findings that contradict each other.

    Parameters
    ----------
    findings : iterable of Finding
        With measure, population and period; others are compared with none.
    shown : str, optional
        The text of the page: a difference is reconciled only by a sentence that is on it.

    Returns
    -------
    list of Contradiction
        One for each pair and kind, in the order of the findings.

    Notes
    -----
    It misleads where two things that are counted differently have one measure in `definitions/measures.toml`, and it
    sees nothing where one thing has two.
    """
    claims = [claim_of(finding) for finding in findings if finding.measure]
    found: list[Contradiction] = []
    for one, other in combinations(claims, 2):
        if (one.measure, one.population) != (other.measure, other.population) or not _overlap(one.span, other.span):
            continue
        group = [claim.finding for claim in claims if claim.measure == one.measure]
        kinds = (kind for kind in _differences(one, other) if not _reconciled(kind, one, other, group, shown))
        found += [Contradiction(kind, one, other) for kind in kinds]
    return found


def numbers_without_evidence(finding: Finding) -> list[str]:
    """Numbers in the sentence of a finding that are not in its evidence; names of periods are no numbers.

    Examples
    --------
    >>> numbers_without_evidence(Finding("x", "Police recorded 12 crimes in 2025, 3 fewer.", {"count": 12}))
    ['3']
    >>> numbers_without_evidence(Finding("x", "That is under 0.1% more.", {"percent": 0.014}))
    []
    """
    known: set[float] = set()
    for value in (*finding.evidence.values(), finding.population):  # a number in the name of an area is no figure
        if isinstance(value, str):
            known |= {float(number.replace(",", "")) for number in NUMBER.findall(value)}
        elif _is_number(value):
            known |= {round(abs(float(value)), digits) for digits in (0, 1, 2)} | {abs(float(value))}
    sentence = finding.sentence
    if any(_is_number(value) and abs(float(value)) < TOO_SMALL for value in finding.evidence.values()):
        sentence = sentence.replace(UNDER, " ")
    printed = NUMBER.findall(PERIODS.sub(" ", re.sub(r"“[^”]*”", " ", sentence)))
    return [number for number in printed if float(number.replace(",", "")) not in known]


def span_of(period: str) -> Span | None:
    """The months that a finding names in words: "January 2012 to December 2012"; None where it names none.

    Examples
    --------
    >>> str(span_of("January 2012 to December 2012"))
    '2012-01 to 2012-12'
    """
    ends = [end.strip() for end in period.split(" to ")] if period else []
    try:
        months = [pd.Period(datetime.strptime(end, "%B %Y"), freq="M") for end in ends]  # noqa: DTZ007 - a month
    except ValueError:
        return None
    return Span(months[0], months[-1]) if months else None


def _differences(one: Claim, other: Claim) -> Iterator[Kind]:
    if _values_differ(one, other):
        yield "value"
    if one.word and other.word and one.word != other.word:
        yield "word for the change"
    if one.finding.simulated != other.finding.simulated and None not in (one.value, other.value):
        yield "label"


def _values_differ(one: Claim, other: Claim) -> bool:
    if one.value is None or other.value is None or one.unit != other.unit or one.span is None or other.span is None:
        return False
    if one.span == other.span:
        pairs = [(one.value, other.value)]
        pairs += [(one.before, other.before)] if one.before is not None and other.before is not None else []
        return any(not _equal(*pair, unit=one.unit) for pair in pairs)
    if one.unit == "percent":
        return abs(one.value - other.value) > POINTS_APART
    a_month, other_month = one.value / len(one.span.months), other.value / len(other.span.months)
    least, most = sorted((a_month, other_month))
    return most > MOST_APART * least and most - least >= 1


def _equal(one: float, other: float, *, unit: str) -> bool:
    """Whether two figures are the same as printed: whole numbers, one of them perhaps rounded to a multiple of five."""
    if unit == "percent":
        return abs(one - other) < 0.5
    rounded = any(round(value) % ROUNDED_TO == 0 for value in (one, other))
    return round(one) == round(other) or (rounded and abs(one - other) <= ROUNDED_TO / 2)


def _overlap(one: Span | None, other: Span | None) -> bool:
    """Whether at least half of the shorter of two periods is in the other."""
    if one is None or other is None:
        return False
    common = len(one.months.intersection(other.months))
    return 2 * common >= min(len(one.months), len(other.months))


def _reconciled(kind: Kind, one: Claim, other: Claim, group: Sequence[Finding], shown: str | None) -> bool:
    """Whether one of the two names the other, or a third finding on the measure names both."""
    for finding in group:
        wanted = [claim for claim in (one, other) if claim.finding.key != finding.key]
        named = all(claim.finding.key in finding.reconciles and _names(finding, claim, kind, shown) for claim in wanted)
        if wanted and named:
            return True
    return False


def _names(finding: Finding, claim: Claim, kind: Kind, shown: str | None) -> bool:
    """Whether the text of a finding states the figure, or the word, of another, where a reader sees it."""
    for text in (finding.sentence, finding.certainty, *finding.caveats):
        said = re.search(NAMED[claim.word], text) if kind == "word for the change" else claim.printed in text
        if said and (shown is None or " ".join(text.split()) in shown):
            return True
    return False


def _word(finding: Finding) -> str:
    """Which way a finding says that it went; of a level, from the range of its change."""
    if finding.direction or not finding.key.startswith("level_") or "low" not in finding.evidence:
        return finding.direction
    low, high = float(finding.evidence["low"]), float(finding.evidence["high"])
    return "rising" if low > 0 else "falling" if high < 0 else "no clear change"


def _first(finding: Finding, names: Sequence[str]) -> float | None:
    values = [finding.evidence[name] for name in names if _is_number(finding.evidence.get(name))]
    return float(values[0]) if values else None


def _is_number(value: object) -> bool:
    if not pd.api.types.is_number(value) or pd.api.types.is_bool(value):
        return False
    return not math.isnan(float(str(value)))


def _quoted(kind: Kind, claim: Claim, chapters: Mapping[str, Sequence[str]]) -> str:
    finding = claim.finding
    return f"{_where(finding.key, chapters)}: “{finding.sentence[:160]}” ({_saying(kind, claim)})."


def _where(key: str, chapters: Mapping[str, Sequence[str]]) -> str:
    return f"{key} in {' and '.join(chapters[key])}" if chapters.get(key) else key


def _saying(kind: Kind, claim: Claim) -> str:
    if kind == "label":
        return "simulated" if claim.finding.simulated else "real"
    if kind == "word for the change":
        return claim.word
    return f"{claim.printed} for {claim.finding.period}"
