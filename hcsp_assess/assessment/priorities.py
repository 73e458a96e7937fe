"""Which issues matter most: scores on a reviewed scale, their ranking, and how far it depends on the weights.

Impact by likelihood, as published assessments do it, with the components of MoRiLE; docs/prioritisation.md.
"""

import datetime
import math
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

import numpy as np
from scipy.stats import rankdata

from hcsp_assess.assessment.findings import Finding
from hcsp_assess.errors import InputError
from hcsp_assess.sources.text_entries import FILE
from hcsp_assess.sources.texts import Signed, TextFolder, check_unique, place, signed_of, text_of, texts_of
from hcsp_assess.subject.county_themes import check_theme

GROUPS = ("impact", "likelihood")
DRAWS = 10_000
SEED = 20131


@dataclass(frozen=True)
class Component:
    """One question that an issue is scored on.

    Attributes
    ----------
    key, group, name, asks : str
        `group` is "impact" or "likelihood".
    weight : float
        Weight within its group, relative to the others.
    from_counts : tuple of int
        Records in 12 months from which each value of the scale is reached; empty if not computed so.
    from_direction : mapping of str to int
        Value for each direction of a finding; empty if not computed so.
    """

    key: str
    group: str
    name: str
    asks: str
    weight: float
    from_counts: tuple[int, ...]
    from_direction: Mapping[str, int]


@dataclass(frozen=True)
class Scheme:
    """The scoring scheme, as reviewed (`definitions/prioritisation.toml`).

    Attributes
    ----------
    top : int
        How many places count as the top.
    concentration : float
        Of the Dirichlet distribution that weights are drawn from.
    scale, confidence : mapping of int to str
        Values and their words.
    """

    version: str
    author_role: str
    date: datetime.date
    top: int
    concentration: float
    scale: Mapping[int, str]
    confidence: Mapping[int, str]
    components: tuple[Component, ...]

    @property
    def highest(self) -> int:
        """The highest value of the scale."""
        return max(self.scale)


@dataclass(frozen=True)
class Score:
    """One value with what it rests on; `computed` where the data gave it, else a role judged it (`by`)."""

    value: int
    evidence: str
    by: str
    computed: bool


@dataclass(frozen=True)
class Issue:
    """Something that could be a priority.

    Attributes
    ----------
    finding : str
        Key of the finding that gives its frequency and trend; "" for none.
    confidence : int
        How far the scores can be trusted; beside the score, never in it.
    scores : mapping of str to Score
        By component; one may be missing.
    signed : Signed
        Who judged, and when.
    theme : str
        Its subject in the list that a county's partnerships share (`subject.county_themes`); "" for none.
    """

    key: str
    name: str
    finding: str
    confidence: int
    confidence_why: str
    scores: Mapping[str, Score]
    signed: Signed
    theme: str = ""


@dataclass(frozen=True)
class Ranked:
    """An issue in the ranking.

    Attributes
    ----------
    impact, likelihood, score : float
        Weighted means on the scale, and their product.
    rank : int
        1 is the highest; equal scores share the better place.
    in_top, first : float
        Share of random sets of weights in which it is among the top places, and in which it is first.
    best, worst : int
        Range of its places in nine of ten sets of weights.
    """

    issue: Issue
    impact: float
    likelihood: float
    score: float
    rank: int
    in_top: float
    first: float
    best: int
    worst: int


@dataclass(frozen=True)
class Ranking:
    """Issues ranked, those that cannot be, and how it was done.

    Attributes
    ----------
    ranked : tuple of Ranked
        Highest first.
    not_ranked : tuple of (Issue, tuple of str)
        Issues with the names of components on which they have no score.
    """

    ranked: tuple[Ranked, ...]
    not_ranked: tuple[tuple[Issue, tuple[str, ...]], ...]
    top: int
    draws: int
    method: str


@cache
def scoring_scheme() -> Scheme:
    """Return the scoring scheme that comes with the package."""
    file = resources.files("hcsp_assess") / "definitions" / "prioritisation.toml"
    return parse_scheme(file.read_text(encoding="utf-8"))


def parse_scheme(text: str) -> Scheme:
    """Read a scoring scheme; `InputError` names the field at fault."""
    try:
        fields = tomllib.loads(text)
        components = tuple(_component(item) for item in fields["component"])
        scale = {int(item["value"]): str(item["word"]) for item in fields["scale"]}
        confidence = {int(item["value"]): str(item["word"]) for item in fields["confidence"]}
        names = (str(fields["version"]), str(fields["author_role"]), fields["date"])
        scheme = Scheme(*names, int(fields["top"]), float(fields["concentration"]), scale, confidence, components)
    except (tomllib.TOMLDecodeError, KeyError, TypeError, ValueError) as error:
        raise InputError(f"the scoring scheme cannot be used: {error}") from error
    for group in GROUPS:
        if not sum(item.weight for item in components if item.group == group) > 0:
            raise InputError(f"the scoring scheme gives {group} no weight: give at least one of its components some")
    if scheme.concentration <= 0 or scheme.top < 1:
        raise InputError("the scoring scheme needs a concentration above 0 and a top of 1 or more")
    check_unique("the scoring scheme", [item.key for item in components])
    return scheme


def parse_issues(texts: TextFolder, scheme: Scheme, findings: Mapping[str, Finding]) -> tuple[Issue, ...]:
    """Parse the issues of an edition with their scores, from `scores.toml`; computed components are filled in.

    A component that an issue lists as `judged` is not computed: what its finding counts is not what is asked.

    Parameters
    ----------
    findings : mapping of str to Finding
        The edition's findings: they give frequency and trend to the issues that name one.

    Raises
    ------
    InputError
        If a score is not on the scale, a component is unknown, a score has no evidence, a computed component is also
        written by hand, the theme is not in the list, or no role answers for an issue.
    """
    file = texts.read("scores.toml")
    issues = []
    for number, entry in enumerate(file.get("item", []), start=1):
        where = place(texts, "scores.toml", "item", number, entry)
        where += "" if FILE in entry else f" ({entry.get('key', 'no key')})"
        issues.append(_issue(where, entry, file.get("signed", {}), scheme, findings))
    check_unique(f"{texts.name}/scores.toml", [issue.key for issue in issues])
    return tuple(issues)


def rank_issues(issues: Sequence[Issue], scheme: Scheme, *, draws: int = DRAWS, seed: int = SEED) -> Ranking:
    """Rank issues by impact times likelihood, and see how far the ranking depends on the weights.

    Impact and likelihood are weighted means of their components. For the sensitivity, weights within each group are
    drawn from a Dirichlet distribution whose mean is the stated weights (concentration times the number of components
    times each weight), and the issues are ranked again. It varies weights alone: it says nothing of how right the
    scores are.

    Parameters
    ----------
    issues : sequence of Issue
        One that lacks a score is not ranked but named.
    draws : int
        Sets of weights.
    seed : int
        The same seed gives the same shares.
    """
    complete = [issue for issue in issues if not _unscored(issue, scheme)]
    without = tuple((issue, _unscored(issue, scheme)) for issue in issues if _unscored(issue, scheme))
    top = min(scheme.top, len(complete))
    told = f"impact times likelihood; {draws:,} sets of Dirichlet weights, concentration {scheme.concentration:g}"
    if not complete:
        return Ranking((), without, top, draws, told)
    generator = np.random.default_rng(seed)
    stated, drawn = [], []
    for group in GROUPS:
        chosen = [item for item in scheme.components if item.group == group and item.weight > 0]
        values = np.array([[issue.scores[item.key].value for item in chosen] for issue in complete], dtype=float)
        weights = np.array([item.weight for item in chosen]) / sum(item.weight for item in chosen)
        stated.append(values @ weights)
        drawn.append(values @ generator.dirichlet(scheme.concentration * len(chosen) * weights, size=draws).T)
    places = _places(np.round(drawn[0] * drawn[1], 9))
    score = stated[0] * stated[1]
    rank = _places(np.round(score[:, None], 9))[:, 0]
    best, worst = np.quantile(places, [0.05, 0.95], axis=1, method="nearest")
    in_top, first = (places <= top).mean(axis=1), (places == 1).mean(axis=1)
    ranked = [
        Ranked(
            issue, float(stated[0][i]), float(stated[1][i]), float(score[i]), int(rank[i]), float(in_top[i]),
            float(first[i]), int(best[i]), int(worst[i]),
        )
        for i, issue in enumerate(complete)
    ]  # fmt: skip
    return Ranking(tuple(sorted(ranked, key=lambda item: (item.rank, item.issue.name))), without, top, draws, told)


def _component(item: Mapping[str, Any]) -> Component:
    if item["group"] not in GROUPS:
        raise ValueError(f"component {item['key']} has the group {item['group']!r}; there are {', '.join(GROUPS)}")
    weight = float(item["weight"])
    if not (math.isfinite(weight) and weight >= 0):
        raise ValueError(f"component {item['key']} has the weight {weight}; it must be 0 or more")
    counts = tuple(int(value) for value in item.get("from_counts", []))
    if list(counts) != sorted(set(counts)):
        raise ValueError(f"component {item['key']}: from_counts must rise from value to value")
    return Component(
        item["key"], item["group"], item["name"], item["asks"], weight, counts, dict(item.get("from_direction", {}))
    )


def _issue(
    where: str, entry: dict[str, Any], signed: dict[str, Any], scheme: Scheme, findings: Mapping[str, Finding]
) -> Issue:
    who = signed_of(where, entry, signed)
    confidence = entry.get("confidence")
    if not isinstance(confidence, int) or confidence not in scheme.confidence:
        raise InputError(
            f"{where} has the confidence {confidence!r}; there are {', '.join(map(str, scheme.confidence))}"
        )
    known = {component.key for component in scheme.components}
    given = entry.get("scores", {})
    if unknown := sorted(set(given) - known):
        raise InputError(f"{where} is scored on {', '.join(unknown)}; the scheme has {', '.join(sorted(known))}")
    finding = text_of(where, entry, "finding", "")
    computed = computed_scores(scheme, findings[finding]) if finding in findings else {}
    computed = {name: score for name, score in computed.items() if name not in texts_of(where, entry, "judged")}
    if both := sorted(set(given) & set(computed)):
        raise InputError(
            f"{where}: {', '.join(both)} is computed from the finding {finding}; take the written score out"
        )
    judged = {name: _judged(f"{where}, {name}", pair, scheme, who) for name, pair in given.items()}
    if theme := text_of(where, entry, "theme", ""):
        check_theme(where, theme)
    return Issue(
        text_of(where, entry, "key"), text_of(where, entry, "name"), finding, confidence,
        text_of(where, entry, "confidence_why"), judged | computed, who, theme,
    )  # fmt: skip


def _judged(where: str, pair: object, scheme: Scheme, who: Signed) -> Score:
    if not (isinstance(pair, list) and len(pair) == 2 and isinstance(pair[1], str) and pair[1].strip()):
        raise InputError(f'{where} needs a value and what it rests on: [3, "evidence"]')
    if pair[0] not in scheme.scale or isinstance(pair[0], bool):
        raise InputError(f"{where} is {pair[0]!r}; the scale has {', '.join(map(str, scheme.scale))}")
    return Score(int(pair[0]), pair[1].strip(), who.role, computed=False)


def computed_scores(scheme: Scheme, finding: Finding) -> dict[str, Score]:
    """The components that a finding gives: frequency from its count of 12 months, trend from its direction.

    A direction of "cannot tell" gives no score: not knowing whether something rises is not the same as its not rising.
    """
    found = {}
    count = finding.evidence.get("last_12_total")
    for component in scheme.components:
        if component.from_counts and isinstance(count, int | np.integer):
            value = sum(int(count) >= limit for limit in component.from_counts)
            found[component.key] = Score(value, f"{int(count):,} in 12 months", "the data", computed=True)
        if finding.direction in component.from_direction:
            value = component.from_direction[finding.direction]
            found[component.key] = Score(value, f"the trend is {finding.direction}", "the data", computed=True)
    return found


def _unscored(issue: Issue, scheme: Scheme) -> tuple[str, ...]:
    return tuple(item.name for item in scheme.components if item.weight > 0 and item.key not in issue.scores)


def _places(scores: np.ndarray[Any, np.dtype[np.float64]]) -> np.ndarray[Any, np.dtype[np.int64]]:
    """Place of each row within each column, 1 for the highest; equal scores share the better place."""
    places: np.ndarray[Any, np.dtype[np.int64]] = rankdata(-scores, method="min", axis=0).astype(np.int64)
    return places
