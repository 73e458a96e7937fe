"""What is said where there is nothing to show: one sentence for each gap, all in one place."""

import datetime
from typing import Final

from hcsp_assess.assessment.findings import Finding
from hcsp_assess.assessment.wording.words import say_day

ABSENT: Final = {
    "about_none": "No local description of the area has been added to this edition.",
    "changes_first": (
        "This is the first assessment whose findings were kept, so there is none to compare it with. The next can be."
    ),
    "changes_no_recommendation": "The last assessment made no recommendation.",
    "consultation_none": "This edition includes no consultation.",
    "consultation_wanted_none": "This edition includes no survey of what people want.",
    "consultation_felt_none": "This edition includes no survey of how people feel.",
    "decisions_none": "This edition includes no decision on priorities.",
    "feeling_safe_no_survey": "No survey that asked how safe people feel came.",
    "harm_range": "Harm by offence takes counts by offence code, from a force extract or official tables.",
    "hotspots_changes": "We hold no month of the year before in full, so that no change can be shown.",
    "hotspots_persistence": "No earlier year has enough published months to compare places with.",
    "intake_complete": "Nothing is missing, overdue or refused.",
    "intake_none_aside": "No row of any return was set aside.",
    "intake_none_revised": "No file replaced figures of an earlier one.",
    "missing_none": "Everything that partners were to send for this chapter came.",
    "next_none": "This edition makes no recommendation yet.",
    "no_known_change": "No change of recording is known inside these series.",
    "no_records": "This edition uses official totals. Street-level records would add months and places.",
    "official_none": "No official recorded crime for a year within this assessment's period is held.",
    "official_no_earlier": "Only one official year is held, so no change can be shown.",
    "outcomes_no_chart": "There is no chart of outcomes in this edition.",
    "outcomes_no_spell": "No earlier months are held that outcomes could be compared with.",
    "outcomes_no_table": "There is no table of outcomes in this edition.",
    "outcomes_none": "This edition does not hold what happened after crimes were recorded.",
    "plan_progress_none": "This edition includes no plan for last year.",
    "priorities_none": "No issues have been scored for this edition yet.",
    "recommendations_none": "This edition makes no recommendation yet.",
    "residents_want": "This edition includes no survey of what residents and businesses want dealt with first.",
    "road_no_national": "Casualties by year cannot be shown without the national files.",
    "road_not_compared": "The council's quarters cannot be compared: both sources are needed.",
    "safety_no_chart": "No question was asked more than once, so that there is no course to draw.",
    "stops_no_earlier": "No searches of earlier years are known for this area.",
    "stops_none": "This edition does not hold stop and search in this area.",
    "summary_all": "Every finding considered for the summary is in it.",
    "survey_groups_none": "No survey came that tells groups apart.",
    "targets_none": "This edition has no targets: no indicators came with it.",
    "where_none": "Official totals are for the whole area. Street-level records would show places within it.",
}


def absent(key: str) -> Finding:
    """Say what an edition lacks, by the key of the finding that is in its place."""
    return Finding(key, ABSENT[key])


def nothing_received(key: str, day: datetime.date) -> Finding:
    """Say that partners sent nothing up to a day that could be shown in a place."""
    return Finding(key, f"Nothing came that could be shown here, up to {say_day(day)}.")


def no_series(key: str, day: datetime.date, *, asked: bool) -> Finding:
    """Say that there is no return for a chapter: none was asked for, or none was received up to a day."""
    if not asked:
        return Finding(key, "We did not ask partners for returns for this edition.")
    return Finding(key, f"We have received no return for this chapter up to {say_day(day)}.")


def nothing_to_draw(key: str) -> Finding:
    """Say that no figure of a chart may be published."""
    return Finding(key, "There is nothing to draw: no figure came that may be published.")


def as_reported(key: str, message: str) -> Finding:
    """Say what is missing in the words of who noticed: the register of returns, or an error."""
    return Finding(key, message)
