"""The chapter on changes since the last assessment, and the reasons that people give for them."""

from typing import Any

import pandas as pd

from hcsp_assess.assessment.findings import Finding, Findings
from hcsp_assess.assessment.reasons import parse_reasons
from hcsp_assess.assessment.since_last import answers_table, compare_findings, find_revisions, parse_answers
from hcsp_assess.assessment.wording.absent import absent
from hcsp_assess.assessment.wording.reasons import changes_without_reason, describe_no_reasons, describe_reason
from hcsp_assess.assessment.wording.since_last import describe_changes, describe_no_revision
from hcsp_assess.edition.findings import EditionFindings
from hcsp_assess.errors import InputError
from hcsp_assess.report.findings_json import read_findings
from hcsp_assess.report.tables import Table

KINDS = {"new": "new", "turned": "another direction", "gone": "gone", "same": "same direction"}


def find_last(known: EditionFindings, previous: str = "") -> dict[str, Any] | None:
    """Read the last edition's findings; None where there was no last edition.

    Parameters
    ----------
    previous : str
        Key of the last edition, published in `reports/`; by default the one that the edition's `texts.toml` names as
        `previous`, whose findings may also lie beside its texts as `previous_findings.json`.

    Raises
    ------
    InputError
        If an edition is named and its findings are nowhere.
    """
    name = previous or str(known.texts.read("texts.toml").get("previous", ""))
    if not name:
        return None
    path = known.opened.project.reports / name / "findings.json"
    if path.is_file():
        return read_findings(path)
    kept = known.texts.text("previous_findings.json")
    if kept and not previous:
        return read_findings(kept, f"{known.texts.name}/previous_findings.json")
    raise InputError(
        f"there are no findings of the edition {name}: {path} is missing. Run hcsp-assess run {name} first"
    )


def finding_changes(known: EditionFindings, last: dict[str, Any] | None) -> Finding:
    """Say how many findings are new, gone or turned, and how many figures were revised."""
    if last is None:
        return absent("changes_first")
    compared = compare_findings(last, known.everything)
    found = describe_changes(compared, find_revisions(last, known.data), last["edition"])
    return found.marked(simulated=known.opened.simulated)


def table_changes(known: EditionFindings, last: dict[str, Any] | None) -> Table | Finding:
    """Show each finding that is new, gone or points another way, then and now."""
    if last is None:
        return absent("changes_first")
    rows = [
        (item.now or item.before, KINDS[item.kind], item.direction_before or "none", item.direction or "none")
        for item in compare_findings(last, known.everything)
    ]
    frame = pd.DataFrame(rows, columns=["Finding", "Against last time", "Direction then", "Direction now"])
    caption = f"Findings of this assessment and of the assessment {last['edition']}"
    notes = ("A finding of the last assessment that is gone is shown in its own words of then.",)
    return Table(frame, caption, "changes-findings", notes, known.opened.simulated or last["simulated"])


def table_revisions(known: EditionFindings, last: dict[str, Any] | None) -> Table | Finding:
    """Show figures that were revised since: the same period with another number."""
    if last is None:
        return absent("changes_first")
    revised = find_revisions(last, known.data)
    if revised.empty:
        compared = sum(entry["key"] in known.data for entry in last["data"])
        return describe_no_revision(compared)
    frame = revised.set_axis(["Series", "Period", "Then", "Now", "Difference"], axis=1)
    caption = f"Figures revised since the assessment {last['edition']}"
    return Table(frame, caption, "changes-revisions", simulated=known.opened.simulated)


def table_answers(known: EditionFindings, last: dict[str, Any] | None) -> Table | Finding:
    """Show what became of each recommendation of the last assessment."""
    if last is None:
        return absent("changes_first")
    frame = answers_table(last, parse_answers(known.texts))
    if frame.empty:
        return absent("changes_no_recommendation")
    return Table(
        frame, f"Recommendations of the assessment {last['edition']}, and what became of them", "changes-answers"
    )


def findings_reasons(known: EditionFindings) -> Findings:
    """Show each reviewed reason beside its evidence, and name the changes that have none."""
    reasons = parse_reasons(known.texts)
    found = [item for reason in reasons for item in describe_reason(reason, known.by_key).items]
    bare = changes_without_reason(known.everything, reasons)
    if not found and bare is None:
        return Findings((describe_no_reasons(),))
    return Findings(tuple([*found, bare] if bare else found))
