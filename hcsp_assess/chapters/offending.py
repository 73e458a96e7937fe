"""The chapter on offending: the managed cohort and its seven pathways, reoffending by age, young people."""

from dataclasses import dataclass

import pandas as pd

from hcsp_assess.assessment.equality import Measure, shares_by_group
from hcsp_assess.assessment.findings import Finding, Findings
from hcsp_assess.assessment.wording.offending import describe_reoffending
from hcsp_assess.chapters.shared.partner_series import likely_range, used_notes
from hcsp_assess.disclosure import TOTAL, Audience, Gated
from hcsp_assess.edition.returns import EditionReturns
from hcsp_assess.periods import parse_quarter
from hcsp_assess.report.tables import Table
from hcsp_assess.report.two_audiences import Disclosed
from hcsp_assess.sources.returns.combining import CombinedReturn

#: The age band that the strategy is about.
YOUNG = "18 to 30"


def table_pathways(returns: EditionReturns) -> Disclosed | Findings:
    """Show for each of the seven pathways how many of the cohort need it, and how many of those are engaged."""
    combined = returns.combined("iom_pathways")
    if combined.rows.empty:
        return Findings(())
    latest = _latest(combined.rows)
    months = parse_quarter(latest["quarter"].iloc[0]).span.spoken
    caption = f"Needs of people managed together, by pathway out of offending, {months}, {returns.area.name}"
    headings = ("Pathway", "Working with a service", "In need")
    return _shares(
        latest,
        combined,
        _Shares("pathway", "engaged", "in_need", "pathway", headings, caption, "iom-pathways-table", total=False),
    )


def finding_reoffending(returns: EditionReturns) -> Finding | Findings:
    """Say which share of offenders offended again, and which share of those were 18 to 30."""
    combined = returns.combined("reoffending")
    latest = _latest(combined.rows) if len(combined.rows) else combined.rows
    if latest.empty or latest[["offenders", "reoffenders"]].isna().any(axis=None):
        return Findings(())
    shown = Measure("age", "Offended again", combined.definition.disclosure)
    gated = shares_by_group(latest, "age_band", part="reoffenders", whole="offenders", shown=shown).gated
    cells = ((TOTAL, TOTAL), (TOTAL, shown.measure), (YOUNG, shown.measure))
    offenders, again, young = (_published(gated, row, column) for row, column in cells)
    found = describe_reoffending(offenders, again, young, latest["quarter"].iloc[0])
    if not found.evidence:
        return found
    return found.marked(simulated=combined.simulated).traced(returns.sources("reoffending"))


def table_reoffending(returns: EditionReturns) -> Disclosed | Findings:
    """Show who offended again, by age band."""
    combined = returns.combined("reoffending")
    if combined.rows.empty:
        return Findings(())
    latest = _latest(combined.rows)
    months = parse_quarter(latest["quarter"].iloc[0]).span.spoken
    caption = f"Who offended again, by age: offenders of {months}, {returns.area.name}"
    headings = ("Age", "Offended again", "Offenders")
    return _shares(
        latest,
        combined,
        _Shares("age_band", "reoffenders", "offenders", "age", headings, caption, "reoffending-by-age", total=True),
    )


@dataclass(frozen=True)
class _Shares:
    """Which columns make a table of shares, and what it calls them."""

    by: str
    part: str
    whole: str
    characteristic: str
    headings: tuple[str, str, str]
    caption: str
    key: str
    total: bool


def _shares(rows: pd.DataFrame, combined: CombinedReturn, how: _Shares) -> Disclosed:
    """A table of shares by group for both kinds of reader."""
    group, measure, out_of = how.headings

    def table(audience: Audience) -> tuple[Table, pd.DataFrame]:
        found = shares_by_group(
            rows,
            how.by,
            part=how.part,
            whole=how.whole,
            shown=Measure(how.characteristic, measure, combined.definition.disclosure, audience),
        )
        frame = likely_range(found.frame.rename(columns={"Group": group, "Out of": out_of}))
        frame = frame if how.total else frame[frame[group] != TOTAL]
        notes = used_notes(frame, found.gated.notes)
        return Table(frame, how.caption, how.key, notes, combined.simulated), found.gated.log

    (public, log), (restricted, _) = table("public"), table("restricted")
    return Disclosed(public, restricted, log)


def _published(gated: Gated, row: str, column: str) -> int | None:
    """A number of a table as it is published; None where it is hidden, or the table has no such row."""
    value = gated.counts[column].get(row, pd.NA)
    return None if pd.isna(value) else int(value)


def _latest(rows: pd.DataFrame) -> pd.DataFrame:
    """Rows of the latest quarter."""
    last = max(map(str, rows["quarter"].unique()), key=parse_quarter)
    latest: pd.DataFrame = rows[rows["quarter"] == last]
    return latest
