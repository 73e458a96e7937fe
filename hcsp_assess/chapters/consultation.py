"""The chapter on consultation: what people want prioritised, how they were asked, beside what the data say."""

import pandas as pd

from hcsp_assess.assessment.consultation import parse_consultation, said_beside_data
from hcsp_assess.assessment.findings import Finding
from hcsp_assess.assessment.wording.absent import absent
from hcsp_assess.assessment.wording.consultation import describe_wanted
from hcsp_assess.edition.findings import EditionFindings
from hcsp_assess.report.tables import Table


def finding_wanted(known: EditionFindings) -> Finding:
    """Say what people want dealt with."""
    return describe_wanted(parse_consultation(known.texts))


def table_wanted(known: EditionFindings) -> Table | Finding:
    """Show what people want prioritised, beside what the data say of it."""
    return _table(known, priority=True)


def table_feelings(known: EditionFindings) -> Table | Finding:
    """Show what people said of how they feel and what matters to them, beside what the data say of it."""
    return _table(known, priority=False)


def table_exercises(known: EditionFindings) -> Table | Finding:
    """Show how people were asked: method, time, and how many answered."""
    exercises = {item.exercise.key: item.exercise for item in parse_consultation(known.texts)}.values()
    if not exercises:
        return absent("consultation_none")
    frame = pd.DataFrame(
        [(item.name, item.method, item.held, item.base_words) for item in exercises],
        columns=["Asked by", "Method", "When", "Base"],
    )
    return Table(frame, f"How people were asked, {known.opened.area.name}", "consultation-methods")


def _table(known: EditionFindings, *, priority: bool) -> Table | Finding:
    said = tuple(item for item in parse_consultation(known.texts) if item.priority == priority)
    what = "wanted" if priority else "felt"
    if not said:
        return absent(f"consultation_{what}_none")
    findings = known.by_key
    frame = said_beside_data(said, findings)
    simulated = any(findings[key].simulated for item in said for key in item.compare if key in findings)
    key = f"consultation-{what}"
    caption = f"What people {what}, beside what the data say, {known.opened.area.name}"
    notes = tuple(dict.fromkeys(f"{item.subject}: {item.signed.words}." for item in said))
    bases = ("A share without a base cannot be tested: nobody can say how far chance moved it.",)
    return Table(frame, caption, key, (*bases, *notes), simulated)
