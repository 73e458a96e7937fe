"""What is said where there is nothing to show: one sentence for each gap, all in one place."""

from typing import Final

from hcsp_assess.assessment.findings import Finding

ABSENT: Final = {
    "changes_first": ("This is the first assessment kept here. The next one can be compared with it."),
    "next_none": "This edition makes no recommendation yet.",
    "no_records": "This edition uses official totals. Street-level records would add months and places.",
    "official_none": "Official recorded crime for a year within this period is not held.",
    "official_no_earlier": "Official figures are held for one year only, so change is not shown.",
    "outcomes_none": "This edition does not include what happened after crimes were recorded.",
    "priorities_none": "No issues have been scored for this edition yet.",
    "recommendations_none": "This edition makes no recommendation yet.",
    "residents_want": "This edition includes no survey of what residents and businesses want dealt with first.",
    "stops_none": "This edition does not include stop and search in this area.",
    "summary_all": "The summary includes every finding that was considered.",
    "summary_not_compared": "This edition has no figures of similar areas for its year.",
    "targets_none": "This edition has no targets and no plan for last year.",
    "where_none": "Official totals are for the whole area. Street-level records would show places within it.",
    "where_no_boundaries": (
        "Maps and rates of places need the boundaries and residents of small areas. This edition has neither yet."
    ),
}


def absent(key: str) -> Finding:
    """Say what an edition lacks, by the key of the finding that is in its place."""
    return Finding(key, ABSENT[key])


def as_reported(key: str, message: str) -> Finding:
    """Say what is missing in the words of who noticed: an error."""
    return Finding(key, message)
