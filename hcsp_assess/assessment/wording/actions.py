"""Sentences about actions at hotspots: how many fell more than elsewhere, and of how many we cannot say."""

from collections.abc import Sequence

from hcsp_assess.assessment.findings import Finding
from hcsp_assess.places.actions import ActionScores

VERDICTS = ("fell more than elsewhere", "no clear difference", "rose more than elsewhere", "cannot tell")


def describe_actions(scores: ActionScores | None, rows: int, undated: int, later: int) -> Finding:
    """Say how many actions fell, and of how many we cannot say.

    Parameters
    ----------
    rows, undated, later : int
        Rows of the log; those without a date of agreement; those agreed after the period.
    """
    evidence = {"rows": rows, "undated": undated, "later": later}
    account = (
        f"The log has {rows} rows: {undated} without a date of agreement, {later} agreed after the period, and "
        f"{rows - undated - later} "
    )
    if scores is None:
        return Finding(
            "actions", "No action was agreed early enough to look back on.", evidence, f"{account}to look at."
        )
    counts = scores.table["verdict"].value_counts()
    sizes = {verdict: int(counts.get(verdict, 0)) for verdict in VERDICTS}
    said = ", ".join(f"{size} {verdict}" for verdict, size in sizes.items())
    sentence = f"Of {len(scores.table)} actions at hotspots: {said}."
    certainty = f"{account}looked at. Method: {scores.method}."
    return Finding("actions", sentence, evidence | sizes, certainty, (scores.caveat,))


def describe_no_log(folder: str, *, simulated: bool) -> Finding:
    """Say why no action can be looked back on."""
    why = "its records are simulated" if simulated else f"no action log came ({folder}/*.csv)"
    return Finding("actions", f"Whether action at hotspots of earlier years helped cannot be told, since {why}.")


def describe_log_needed(edition: str, folder: str, columns: Sequence[str]) -> Finding:
    """Say how an action log is begun and kept."""
    how = (
        f"hcsp-assess hotspots {edition} --actions {folder}/NAME.csv writes a log with a row for each hotspot; its "
        f"columns are {', '.join(columns)}. The next edition reads it back and scores it."
    )
    return Finding("actions_needed", "An action log is a table that the tasking group fills in.", {}, how)
