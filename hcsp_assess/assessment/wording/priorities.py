"""Sentences about priorities: which issues score highest, which are too close to separate, and what was decided."""

from collections.abc import Sequence

from hcsp_assess.assessment.findings import Finding
from hcsp_assess.assessment.priorities import Ranked, Ranking
from hcsp_assess.assessment.wording.words import listed, lower_first, quoted, upper_first
from hcsp_assess.sources.texts import Note

FIRM = 0.9  # share of all sets of weights from which a place counts as firm


def describe_ranking(ranking: Ranking) -> Finding:
    """Say which issue ranks first and how firmly, and which are too close to separate."""
    if not ranking.ranked:
        return Finding("priorities_scored", "The partnership has not scored issues for this edition.")
    evidence = {"top": ranking.top, "scored": len(ranking.ranked)}
    firm = [item for item in ranking.ranked if item.in_top >= FIRM]
    parts = [f"We scored {len(ranking.ranked)} issues."]
    if firm:
        parts.append(_say_firm(firm, ranking.top))
    close = [item.issue.name for item in ranking.ranked if item not in firm and item.best <= ranking.top]
    if len(close) > 1:
        parts.append(f"{upper_first(listed([_short(name) for name in close]))} are too close to separate.")
    caveats = tuple(
        f"Not ranked, for want of a score on {', '.join(names).lower()}: {issue.name}."
        for issue, names in ranking.not_ranked
    )
    certainty = "Scores are judgements, or computed where the data allow. The partnership decides, not the score."
    method = f"Ranking: {ranking.method}."
    return Finding("priorities_scored", " ".join(parts), evidence, certainty, caveats, method=method)


def _say_firm(firm: Sequence[Ranked], top: int) -> str:
    """The issues whose place among the highest does not depend on the weights."""
    first = firm[0]
    name = upper_first(_short(first.issue.name))
    if first.first >= FIRM:
        return f"{name} ranks first however harm is weighted."
    if len(firm) == 1:
        return f"{name} ranks first, and stays among the highest {top} however harm is weighted."
    others = listed([_short(item.issue.name) for item in firm[1:]])
    verb = "stays" if len(firm) == 2 else "stay"
    return f"{name} ranks first. {upper_first(others)} also {verb} among the highest {top} however harm is weighted."


def _short(name: str) -> str:
    """A name without what its brackets explain."""
    return lower_first(name.split(" (")[0])


def describe_decision(note: Note) -> Finding:
    """Show what was decided beside the scores: a score decides nothing."""
    name = upper_first(note.key.replace("_", " "))
    sentence = f"{name}: {quoted(note.text, note.signed)}"
    method = f"Decision, {lower_first(name)}: {note.signed.words}."
    return Finding(f"decision_{note.key}", sentence, message=f"{name}:", method=method)
