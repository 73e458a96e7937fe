"""The chapter on where, continued: what was done about hotspots by the action log, and what followed."""

from dataclasses import dataclass

import pandas as pd

from hcsp_assess.assessment.findings import Findings
from hcsp_assess.assessment.wording.actions import RESULTS, describe_actions
from hcsp_assess.assessment.wording.words import say_signed
from hcsp_assess.edition.hotspots import Found
from hcsp_assess.errors import InputError
from hcsp_assess.places.actions import ActionScores, score_actions
from hcsp_assess.report.tables import Table
from hcsp_assess.sources.action_log import FOLDER, find_action_logs, read_action_log
from hcsp_assess.subject.crime_types import RECORDED_CRIME, series


@dataclass(frozen=True)
class Actions:
    """The actions that an edition can look back on.

    Attributes
    ----------
    files : tuple of str
        Logs read.
    rows, undated, later : int
        Rows in them; those without a date of agreement; those agreed after the period, left for the next edition.
        rows = undated + later + rows of `scores`.
    scores : ActionScores or None
        None where no row can be looked at.
    """

    found: Found
    files: tuple[str, ...]
    rows: int
    undated: int
    later: int
    scores: ActionScores | None


def open_actions(found: Found) -> Actions:
    """Read every log in data/raw/actions/ and score what was agreed up to the end of the period.

    Real actions are never scored against simulated records.

    Raises
    ------
    InputError
        If a log cannot be read, or names a place or crime type that there are no counts of.
    """
    where = found.where
    paths = find_action_logs(where.opened.project.root)
    if where.opened.simulated or not paths:
        return Actions(found, (), 0, 0, 0, None)
    log = pd.concat([read_action_log(path) for path in paths], ignore_index=True)
    agreed = log["agreed"].dt.to_period("M")
    undated = agreed.isna()
    later = agreed.gt(where.opened.edition.span.last).fillna(value=False).astype(bool)
    past = log[~undated & ~later]
    files = tuple(path.name for path in paths)
    scores = None
    if len(past):
        try:
            every = series(RECORDED_CRIME).label
            scores = score_actions(past, where.monthly, found.neighbours, all_records=every)
        except InputError as error:
            raise InputError(f"{error} (in {FOLDER}: {', '.join(files)})") from error
    return Actions(found, files, len(log), int(undated.sum()), int(later.sum()), scores)


def say_actions(actions: Actions) -> Findings:
    """Say how many actions were followed by a fall; nothing where there is no log."""
    if not actions.files:
        return Findings(())
    return Findings((describe_actions(actions.scores, actions.rows, actions.undated, actions.later),))


def show_actions(actions: Actions) -> Table | Findings:
    """Show each action with what followed; nothing where none can be looked at."""
    where = actions.found.where
    if actions.scores is None:
        return Findings(())
    table = actions.scores.table
    of = table["crime_type"].replace("", "all recorded crime")
    owner = table["owner"].where(table["owner"] == "", " (" + table["owner"] + ")")
    due = table["due"].dt.strftime(", due %Y-%m-%d").fillna("")
    frame = pd.DataFrame(
        {
            "Place and crime type": (table["place_code"].map(where.labels) + ": " + of).to_numpy(),
            "Action (owner)": (table["action"].replace("", "not filled in") + owner).to_numpy(),
            "Agreed": (table["agreed"].dt.strftime("%Y-%m-%d") + due).to_numpy(),
            "Outcome": table["outcome"].replace("", "open").to_numpy(),
            "Months compared": table["months"].astype("Int64").to_numpy(),
            "Before": table["before"].astype("Int64").to_numpy(),
            "After": table["after"].astype("Int64").to_numpy(),
            "Elsewhere, %": table["elsewhere_percent"].astype(float).to_numpy(),
            "More than elsewhere": _estimates(table),
            "Result": table["verdict"].map(RESULTS)
            + table["reason"].map(lambda why: f": {why}" if why == why and why else ""),
        }
    )
    notes = (
        "After: the months from the one after the agreement. Before: the same months a year earlier.",
        "More than elsewhere: records of the place and its neighbours beyond the change in all other places, with the "
        "likely range. A minus is a fall.",
        actions.scores.caveat,
    )
    until = where.opened.edition.span.last.strftime("%B %Y")
    caption = f"Actions at hotspots and what followed, {where.opened.area.name}, to {until}"
    return Table(frame, caption, "hotspot-actions", notes)


def _estimates(table: pd.DataFrame) -> list[str]:
    rows = table[["estimate", "low", "high"]].astype(float).itertuples(index=False, name=None)
    return [
        "no data" if mid != mid else f"{say_signed(mid)} ({say_signed(low)} to {say_signed(high)})"
        for mid, low, high in rows
    ]
