"""What a report says in its summary, checks and statements, kept in its record for a page over many reports."""

from typing import Any

from hcsp_assess.assessment.statute import parse_statements
from hcsp_assess.chapters.summary import summarise
from hcsp_assess.edition.findings import edition_findings
from hcsp_assess.edition.gaps import edition_gaps
from hcsp_assess.edition.opened import OpenEdition
from hcsp_assess.edition.quality import check_data, checks_to_look_at


def report_contents(opened: OpenEdition) -> dict[str, Any]:
    """Return what the chapters of an edition show to everybody, each part only if its chapter is in the edition.

    Returns
    -------
    dict
        `summary`: the sentences of the summary in their order, by heading. `checks`: each check of street-level data
        with `check`, `result`, `meaning` and `look` (whether it found something to look at). `statements`: `letter` and
        `because` of each statement that there is nothing to report. `not_covered`: what the edition does not cover.
        None for a part whose chapter is not in the edition.
    """
    shown, found = opened.edition.chapters, edition_findings(opened)
    checks = check_data(opened) if "data_quality" in shown and opened.has_records else None
    look = checks_to_look_at(opened) if checks is not None else ()
    summary = summarise(found).chosen if "summary" in shown else None
    return {
        "summary": None
        if summary is None
        else {question: [item.sentence for item in items] for question, items in summary.items()},
        "checks": None if checks is None else [vars(check) | {"look": check.check in look} for check in checks],
        "statements": [{"letter": item.letter, "because": item.because} for item in parse_statements(opened.texts)]
        if "summary" in shown
        else None,
        "not_covered": [f"{gap.subject}: {gap.missing}" for gap in edition_gaps(opened)] if "intake" in shown else None,
    }
