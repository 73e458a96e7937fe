"""The chapter on changes since the last assessment, and the reasons that people give for them."""

from typing import Any

import pandas as pd

from hcsp_assess.assessment.findings import Finding, Findings
from hcsp_assess.assessment.reasons import parse_reasons
from hcsp_assess.assessment.since_last import answers_table, compare_findings, find_revisions, parse_answers
from hcsp_assess.assessment.wording.absent import absent
from hcsp_assess.assessment.wording.reasons import changes_without_reason, describe_no_reasons, describe_reason
from hcsp_assess.assessment.wording.since_last import describe_changes, describe_revisions
from hcsp_assess.chapters.shared.folded import Titled
from hcsp_assess.chapters.shared.names import name_of, names_of
from hcsp_assess.edition.findings import EditionFindings
from hcsp_assess.errors import InputError
from hcsp_assess.project import Project
from hcsp_assess.report.tables import Table
from hcsp_assess.sources.findings_file import read_findings
from hcsp_assess.sources.texts import TextFolder

KINDS = {"new": "new", "turned": "another direction", "gone": "no longer reported", "same": "same direction"}

#: What is said of official figures that changed and have no reason yet.
OFFICIAL = {
    "official_rising": "offences that clearly rose",
    "official_falling": "offences that clearly fell",
}


def find_last(known: EditionFindings, previous: str = "") -> dict[str, Any] | None:
    """Read the last edition's findings; None where there was no last edition.

    Parameters
    ----------
    previous : str
        Key of the last edition, published in `reports/`; by default the one that the edition's `texts.toml` names as
        `previous`, whose findings may also be beside its texts as `previous_findings.json`.

    Raises
    ------
    InputError
        If an edition is named and its findings are nowhere.
    """
    return read_last(known.texts, known.opened.project, previous)


def read_last(texts: TextFolder, project: Project, previous: str = "") -> dict[str, Any] | None:
    """Read the findings of the edition that a folder of texts names as the last; as `find_last`."""
    name = previous or str(texts.read("texts.toml").get("previous", ""))
    if not name:
        return None
    path = project.reports / name / "findings.json"
    if path.is_file():
        return read_findings(path)
    kept = texts.text("previous_findings.json")
    if kept and not previous:
        return read_findings(kept, f"{texts.name}/previous_findings.json")
    raise InputError(
        f"there are no findings of the edition {name}: {path} is missing. Run hcsp-assess run {name} first"
    )


def finding_changes(known: EditionFindings, last: dict[str, Any] | None) -> Finding:
    """Say what still rises and falls, what turned, and how many figures were revised."""
    if last is None:
        return absent("changes_first")
    compared = compare_findings(last, known.everything)
    found = describe_changes(compared, names_of(known), last["edition"], len(find_revisions(last, known.data)))
    return found.marked(simulated=known.opened.simulated)


def table_changes(known: EditionFindings, last: dict[str, Any] | None) -> Table | Findings:
    """Show each measure with its direction then and now, closed until it is opened."""
    if last is None:
        return Findings(())
    names = names_of(known)
    rows = [
        (name_of(item.key, item.now or item.before, names), KINDS[item.kind], item.direction_before or "none",
         item.direction or "none", item.now or item.before)
        for item in compare_findings(last, known.everything)
    ]  # fmt: skip
    columns = ["Measure", "Against last time", "Direction then", "Direction now", "Finding"]
    caption = f"Findings of this assessment and of the assessment for {last['edition']}"
    notes = ("A finding of the last assessment that is no longer reported is shown in its own words.",)
    simulated = known.opened.simulated or last["simulated"]
    folded = f"Every finding, then and now ({len(rows)})"
    return Table(pd.DataFrame(rows, columns=columns), caption, "changes-findings", notes, simulated, folded)


def table_revisions(known: EditionFindings, last: dict[str, Any] | None) -> Titled:
    """Show figures that were revised since, the same period with another number; nothing where none was."""
    revised = find_revisions(last, known.data) if last is not None else pd.DataFrame()
    if last is None or revised.empty:
        return Titled("Figures that were revised", ())
    frame = revised.set_axis(["Series", "Period", "Then", "Now", "Difference"], axis=1)
    caption = f"Figures revised since the assessment for {last['edition']}"
    folded = f"Every figure that was revised ({len(frame)})"
    table = Table(frame, caption, "changes-revisions", simulated=known.opened.simulated, folded=folded)
    return Titled("Figures that were revised", (describe_revisions(revised), table))


def table_answers(known: EditionFindings, last: dict[str, Any] | None) -> Titled:
    """Show what became of each recommendation of the last assessment; nothing where there was none."""
    title = "What became of the recommendations"
    frame = answers_table(last, parse_answers(known.texts)) if last is not None else pd.DataFrame()
    if last is None or frame.empty:
        return Titled(title, ())
    caption = f"Recommendations of the assessment for {last['edition']}, and what became of them"
    who = dict.fromkeys(words.split(";")[0] for words in frame["Who says so"] if words != "not answered")
    signed = (f"Answered by: {'; '.join(who)}.",) if who else ()
    return Titled(title, (Table(frame.drop(columns="Who says so"), caption, "changes-answers", signed),))


def findings_reasons(known: EditionFindings) -> Findings:
    """Show each reviewed reason with a link to its evidence, and name the changes that have none."""
    reasons, names = parse_reasons(known.texts), names_of(known)
    found = [describe_reason(reason, known.by_key) for reason in reasons]
    names |= OFFICIAL
    named = [(item, name_of(item.key, item.sentence, names)) for item in known.everything if item.key in names]
    bare = changes_without_reason(named, reasons)
    if not found and bare is None:
        return Findings((describe_no_reasons(),))
    return Findings(tuple([*found, bare] if bare else found))
