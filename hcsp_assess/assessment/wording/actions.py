"""Sentences about actions at hotspots: how many were followed by a fall, and of how many we cannot say."""

from hcsp_assess.assessment.findings import Finding
from hcsp_assess.assessment.wording.words import listed
from hcsp_assess.places.actions import ActionScores

#: What is said of an action, by its score.
RESULTS = {
    "fell more than elsewhere": "followed by a clear fall",
    "no clear difference": "followed by no clear change",
    "rose more than elsewhere": "followed by a clear rise",
    "cannot tell": "too recent or too small to judge",
}


def describe_actions(scores: ActionScores | None, rows: int, undated: int, later: int) -> Finding:
    """Say how many actions were followed by a fall, and of how many we cannot say.

    Parameters
    ----------
    rows, undated, later : int
        Rows of the log; those without a date of agreement; those agreed after the period.
    """
    evidence = {"rows": rows, "undated": undated, "later": later}
    account = (
        f"The log has {rows} actions: {undated} without a date, {later} agreed after this period, "
        f"{rows - undated - later} looked at."
    )
    if scores is None:
        sentence = "The next edition can say what followed the actions agreed at hotspots."
        return Finding("actions", sentence, evidence, account)
    counts = scores.table["verdict"].value_counts()
    sizes = {verdict: int(counts.get(verdict, 0)) for verdict in RESULTS}
    said = listed([f"{size} {RESULTS[verdict]}" for verdict, size in sizes.items() if size])
    named = "One action at a hotspot" if len(scores.table) == 1 else f"{len(scores.table)} actions at hotspots"
    sentence = f"{named}: {said}."
    return Finding("actions", sentence, evidence | sizes, account, (scores.caveat,), method=f"{scores.method}.")
