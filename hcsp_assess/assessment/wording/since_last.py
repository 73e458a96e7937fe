"""Sentences on what changed since the last assessment: what still rises and falls, what turned, what was revised."""

from collections.abc import Mapping, Sequence

import pandas as pd

from hcsp_assess.assessment.findings import Finding
from hcsp_assess.assessment.since_last import Compared
from hcsp_assess.assessment.wording.words import listed, lower_first

MOST_NAMED = 6  # measures that one sentence names; the table has them all
#: What a group of findings is called, by direction then and now; "" then is a finding that is new.
GROUPS: Mapping[tuple[str, str], str] = {
    ("rising", "rising"): "Still rising",
    ("falling", "falling"): "Still falling",
    ("other", "rising"): "Rising now, with no clear trend last time",
    ("other", "falling"): "Falling now, with no clear trend last time",
    ("rising", "other"): "No longer rising",
    ("falling", "other"): "No longer falling",
    ("rising", "falling"): "Falling now, after rising last time",
    ("falling", "rising"): "Rising now, after falling last time",
    ("unknown", "rising"): "Rising, on its first comparison",
    ("unknown", "falling"): "Falling, on its first comparison",
}
SAME_FIGURES = "Figures that both assessments have are the same."
#: Directions that are said alike.
ALIKE = {"stable": "other", "no clear change": "other", "cannot tell": "unknown", "": "unknown"}


def describe_changes(compared: Sequence[Compared], names: Mapping[str, str], edition: str, revised: int) -> Finding:
    """Say what still rises or falls, what turned, and how many measures are new or gone.

    Parameters
    ----------
    compared : sequence of Compared
        Findings of this edition and the last; those without a name in `names` are left to the table.
    names : mapping of str to str
        Name for readers by key of the finding.
    edition : str
        Key of the last edition.
    revised : int
        How many figures were revised.
    """
    groups: dict[str, list[str]] = {word: [] for word in GROUPS.values()}
    for item in compared:
        word = GROUPS.get((_alike(item.direction_before), _alike(item.direction)))
        if word and item.key in names:
            groups[word].append(lower_first(names[item.key]))
    parts = [f"{word}: {_named(found)}." for word, found in groups.items() if found]
    kinds = [item.kind for item in compared]
    counts = {kind: kinds.count(kind) for kind in ("new", "turned", "gone", "same")}
    many = [
        f"{counts[kind]} {'is' if counts[kind] == 1 else 'are'} {word}"
        for kind, word in (("new", "new"), ("gone", "no longer reported"))
        if counts[kind]
    ]
    rest = f" Of the {len(compared)} figures compared, {listed(many)}." if many else ""
    figures = SAME_FIGURES if not revised else f"{revised} figure{'s were' if revised > 1 else ' was'} revised."
    start = f"Since the assessment for {edition}:"
    body = " ".join(parts) if parts else "No measure began or stopped rising or falling."
    evidence: dict[str, object] = {**counts, "findings": len(compared), "revised": revised}
    evidence |= {f"edition_{n}": int(part) for n, part in enumerate(edition.split("-")) if part.isdigit()}
    evidence |= {f"named_{number}": max(len(found) - MOST_NAMED, 0) for number, found in enumerate(groups.values())}
    return Finding("changes_since", f"{start} {body}{rest} {figures}", evidence, message=start)


def _alike(direction: str) -> str:
    return ALIKE.get(direction, direction)


def _named(names: Sequence[str]) -> str:
    """Names as a list, the first `MOST_NAMED` of many."""
    shown = list(names[:MOST_NAMED])
    return listed([*shown, f"{len(names) - MOST_NAMED} more"] if len(names) > MOST_NAMED else shown)


def describe_revisions(revisions: pd.DataFrame) -> Finding:
    """Say how many figures of how many series were revised."""
    number, series = len(revisions), revisions["series"].nunique()
    sentence = (
        f"{number} figure{'s' if number > 1 else ''} in {series} series differ from those of the last assessment."
    )
    return Finding("changes_revised", sentence, {"revised": number, "series": int(series)})
