"""Sentences about priorities: which issues score highest, how firm that is, and what was decided."""

from hcsp_assess.assessment.findings import Finding
from hcsp_assess.assessment.priorities import Ranking
from hcsp_assess.assessment.wording.words import lower_first, quoted
from hcsp_assess.sources.texts import Note


def describe_ranking(ranking: Ranking) -> Finding:
    """Say which issues score highest, and how many of them stay there whatever the weights."""
    if not ranking.ranked:
        return Finding("priorities_scored", "No issue has been scored, so none can be ranked.")
    high = [item for item in ranking.ranked if item.rank <= ranking.top]
    firm = [item for item in high if item.in_top >= 0.9]
    names = "; ".join(lower_first(item.issue.name) for item in high)
    evidence = {"top": len(high), "scored": len(ranking.ranked), "firm": len(firm), "threshold": 90}
    number = "1 of them stays" if len(firm) == 1 else f"{len(firm)} of them stay"
    stay = f"{number} there in at least 90% of all sets of weights."
    sentence = f"Of {len(ranking.ranked)} issues scored, the highest {len(high)} are: {names}. {stay}"
    caveats = tuple(
        f"Not ranked, because nobody has scored it on {', '.join(names).lower()}: {issue.name}."
        for issue, names in ranking.not_ranked
    )
    judged = "Scores are judgements by the roles named in the table; a score does not decide a priority."
    return Finding("priorities_scored", sentence, evidence, f"Method: {ranking.method}. {judged}", caveats)


def describe_decision(note: Note) -> Finding:
    """Show what was decided beside the scores: a score decides nothing."""
    name = note.key.replace("_", " ")
    sentence = f"{name[:1].upper()}{name[1:]}: {quoted(note.text, note.signed)}"
    return Finding(f"decision_{note.key}", sentence, {}, f"Reviewed text: {note.signed.words}.")
