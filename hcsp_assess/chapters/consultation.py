"""The chapter on consultation: what people want dealt with, how they were asked, beside what the data say."""

import pandas as pd

from hcsp_assess.assessment.consultation import Said, find_beside, parse_consultation, said_beside_data
from hcsp_assess.assessment.findings import Finding, Findings
from hcsp_assess.assessment.wording.consultation import describe_concern, describe_wanted
from hcsp_assess.chapters.feeling_safe import findings_safety
from hcsp_assess.chapters.shared.folded import Folded, Titled
from hcsp_assess.edition.findings import EditionFindings
from hcsp_assess.edition.rural import finding_rural_share
from hcsp_assess.report.tables import Table


def finding_wanted(known: EditionFindings) -> Finding:
    """Say what people want dealt with."""
    return describe_wanted(parse_consultation(known.texts))


def table_wanted(known: EditionFindings) -> Table | Findings:
    """Show what people want dealt with, beside what the data say of it."""
    said = tuple(item for item in parse_consultation(known.texts) if item.priority)
    caption = f"What people want dealt with, beside what the data say, {known.opened.area.name}"
    return _table(known, said, "consultation-wanted", caption)


def table_feelings(known: EditionFindings) -> Titled:
    """Show what people said of how they feel and what matters to them, beside what the data say of it."""
    said = tuple(item for item in parse_consultation(known.texts) if not item.priority)
    caption = f"What people said of how they feel, beside what the data say, {known.opened.area.name}"
    return Titled("How people feel, and what matters to them", (_table(known, said, "consultation-felt", caption),))


def table_exercises(known: EditionFindings) -> Folded | Findings:
    """Show in a closed panel how people were asked: method, time, and how many answered; and who wrote it down."""
    every = parse_consultation(known.texts)
    exercises = {item.exercise.key: item.exercise for item in every}.values()
    if not exercises:
        return Findings(())
    frame = pd.DataFrame(
        [(item.name, item.method, item.held, item.base_words) for item in exercises],
        columns=["Asked by", "Method", "When", "How many"],
    )
    signed = tuple(dict.fromkeys(f"{item.signed.words}." for item in every))
    caption = f"How people were asked, {known.opened.area.name}"
    return Folded("How people were asked", (Table(frame, caption, "consultation-methods", signed),))


def _table(known: EditionFindings, said: tuple[Said, ...], key: str, caption: str) -> Table | Findings:
    if not said:
        return Findings(())
    findings = _findings(known)
    used = [found for item in said for name in item.compare if (found := find_beside(findings, name)) is not None]
    notes: tuple[str, ...] = ()
    if any(item.percent is not None and not item.exercise.base for item in said):
        notes = ("Where the number of people asked was not published, we cannot say how sure a share is.",)
    return Table(said_beside_data(said, findings), caption, key, notes, any(item.simulated for item in used))


def _findings(known: EditionFindings) -> dict[str, Finding]:
    """Every finding that can be shown beside what people said: those of the edition, of rural areas and of surveys."""
    found = {item.key: item for item in known.everything}
    rural = finding_rural_share(known.verdicts) if known.opened.has_records else None
    more = [rural] if rural is not None else []
    if known.opened.has_returns:
        more += [*findings_safety(known.opened.returns).items, *_concerns(known)]
    return found | {item.key: item for item in more}


def _concerns(known: EditionFindings) -> list[Finding]:
    """How often each concern was raised with councils and at events in the year; such counts are never hidden."""
    returns = known.opened.returns
    combined = returns.combined("community_concerns")
    rows = returns.in_year(combined.rows)
    if rows.empty:
        return []
    times = rows.groupby("theme")["times_raised"].agg(lambda part: part.sum(skipna=False)).dropna()
    year = known.opened.edition.span.name
    found = [describe_concern(str(theme), int(count), year) for theme, count in times.items()]
    return [item.marked(simulated=combined.simulated) for item in found]
