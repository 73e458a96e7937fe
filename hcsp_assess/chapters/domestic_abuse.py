"""The chapter on domestic abuse: MARAC, the helpline, the audit of children's cases, and offences with the marker."""

import pandas as pd

from hcsp_assess.assessment.findings import Finding, Findings
from hcsp_assess.assessment.wording.domestic_abuse import describe_helpline
from hcsp_assess.chapters.shared.partner_series import used_notes
from hcsp_assess.disclosure import disclosure_rule, pass_gate_percentages, published
from hcsp_assess.edition.returns import EditionReturns
from hcsp_assess.periods import parse_quarter
from hcsp_assess.report.tables import Table
from hcsp_assess.report.two_audiences import Disclosed
from hcsp_assess.trends.rates import wilson_interval


def finding_helpline_years(returns: EditionReturns) -> Finding | Findings:
    """Compare calls to the helpline in the last whole financial year with the one before."""
    combined = returns.combined("helpline_calls")
    known = combined.rows.dropna(subset="calls").set_index("quarter")["calls"]
    years = sorted({parse_quarter(str(name)).year for name in known.index}, reverse=True)
    whole = [year for year in years if all(str(quarter) in known.index for quarter in year.quarters)]
    if len(whole) < 2 or whole[0].previous != whole[1]:
        return Findings(())
    now, before = ([int(known[str(quarter)]) for quarter in year.quarters] for year in whole[:2])
    found = describe_helpline(now, before, whole[0], disclosure_rule(combined.definition.disclosure))
    if not found.evidence:
        return found
    return found.marked(simulated=combined.simulated).traced(returns.sources("helpline_calls"))


def table_audit(returns: EditionReturns) -> Disclosed | Findings:
    """Show which share of children's cases audited had domestic abuse in them."""
    combined = returns.combined("childrens_audit")
    rows = combined.rows
    if rows.empty:
        return Findings(())
    latest = rows[rows["month"] == rows["month"].max()].set_index("case_kind")
    percent = (100 * latest["with_domestic_abuse"] / latest["cases"]).astype("Float64")
    percent = percent.where(percent.notna(), latest["percent"])
    frame = pd.DataFrame({"percent": percent, "base": latest["cases"]})
    month = rows["month"].max()
    caption = f"Children's cases with domestic abuse: audit of {month.strftime('%B %Y')}, {returns.area.name}"
    notes = ("Likely range: for such cases in general, taking those audited as a sample.",)
    tables, logs = [], []
    for rule in (combined.definition.disclosure, "open"):
        gate = pass_gate_percentages(frame, rule=rule, table=caption)
        lines = [_audit_line(str(kind), gate.counts.loc[kind, "percent"], frame.loc[kind, "base"], rule,
                             str(gate.symbols.loc[kind, "percent"])) for kind in frame.index]  # fmt: skip
        shown = pd.DataFrame(lines, columns=["Kind of case", "Cases audited", "With domestic abuse", "Likely range"])
        tables.append(
            Table(shown, caption, "childrens-audit", (*used_notes(shown, gate.notes), *notes), combined.simulated)
        )
        logs.append(gate.log)
    return Disclosed(tables[0], tables[1], logs[0])


def _audit_line(kind: str, percent: float, base: float, rule: str, symbol: str) -> tuple[str, str, str, str]:
    if pd.isna(percent):
        return kind, symbol, symbol, symbol
    if pd.isna(base):
        return kind, "[x]", f"{percent:.0f}%", "[x]"
    shown = published(int(base), disclosure_rule(rule))
    limits = wilson_interval(percent * shown / 100, shown)
    return kind, f"{shown:,}", f"{percent:.0f}%", f"{100 * limits.low:.0f}% to {100 * limits.high:.0f}%"
