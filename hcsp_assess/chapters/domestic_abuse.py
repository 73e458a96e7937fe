"""The chapter on domestic abuse: MARAC, the helpline, the audit of children's cases, and offences with the marker."""

import pandas as pd

from hcsp_assess.assessment.findings import Finding
from hcsp_assess.assessment.partner_wording import published
from hcsp_assess.assessment.wording import say_percent
from hcsp_assess.chapters.shared.partner_series import nothing_came
from hcsp_assess.disclosure import disclosure_rule, pass_gate_percentages
from hcsp_assess.edition.returns import EditionReturns
from hcsp_assess.periods import parse_quarter
from hcsp_assess.report.tables import Table
from hcsp_assess.report.two_audiences import Disclosed
from hcsp_assess.trends.multiplicity import SINGLE_LEVEL
from hcsp_assess.trends.rates import compare_counts, wilson_interval

RETURNS = ("marac", "helpline_calls", "childrens_audit", "force_extract")


def finding_helpline_years(returns: EditionReturns) -> Finding:
    """Compare calls to the helpline in the last whole financial year with the one before."""
    gathered = returns.combined("helpline_calls")
    known = gathered.rows.dropna(subset="calls").set_index("quarter")["calls"]
    key = "helpline_years"
    years = sorted({parse_quarter(str(name)).year for name in known.index}, reverse=True)
    whole = [year for year in years if all(str(quarter) in known.index for quarter in year.quarters)]
    if len(whole) < 2 or whole[0].previous != whole[1]:
        return Finding(key, "Calls to the helpline cannot be compared by year: no two whole years in a row came.")
    now, before = (int(known[[str(quarter) for quarter in year.quarters]].sum()) for year in whole[:2])
    rule = disclosure_rule(gathered.definition.disclosure)
    if min(now, before) < max(rule.minimum, 1):
        return Finding(key, "Calls to the helpline were too few to publish, or there were none, in one of two years.")
    result = compare_counts(now, before)
    shown, shown_before = published(now, rule), published(before, rule)
    percent = 100 * (shown / shown_before - 1)
    clear = result.p_value <= SINGLE_LEVEL
    size = f"{say_percent(percent)} {'more' if percent > 0 else 'fewer'}"
    verdict = size if clear else f"{size}, which is no clear change"
    sentence = (
        f"Calls to the domestic abuse helpline in {whole[0]}: {shown:,}, against {shown_before:,} the year before: "
        f"{verdict}."
    )
    low, high = (f"{100 * (limit - 1):+.0f}%".replace("-", "−") for limit in (result.low, result.high))
    evidence = {"now": shown, "before": shown_before, "percent": abs(percent), "p_value": result.p_value}
    evidence |= {"low": 100 * (result.low - 1), "high": 100 * (result.high - 1), "confidence": 95}
    evidence |= {"year": whole[0].start, "year_end": (whole[0].start + 1) % 100}
    found = Finding(
        key,
        sentence,
        evidence,
        f"The change lies between {low} and {high} (95% interval). More calls may be more abuse, or more trust.",
        simulated=gathered.simulated,
        direction=("rising" if percent > 0 else "falling") if clear else "no clear change",
    )
    return found.traced(returns.sources("helpline_calls"))


def table_audit(returns: EditionReturns) -> Disclosed | Finding:
    """Show which share of children's cases audited had domestic abuse in them."""
    gathered = returns.combined("childrens_audit")
    rows = gathered.rows
    if rows.empty:
        return Finding("audit_no_table", nothing_came(returns))
    latest = rows[rows["month"] == rows["month"].max()].set_index("case_kind")
    percent = (100 * latest["with_domestic_abuse"] / latest["cases"]).astype("Float64")
    percent = percent.where(percent.notna(), latest["percent"])
    frame = pd.DataFrame({"percent": percent, "base": latest["cases"]})
    month = rows["month"].max()
    caption = f"Children's cases with domestic abuse, audit of {month.strftime('%B %Y')}, {returns.area.name}"
    notes = ("Lower and upper: 95% interval (Wilson) for such cases in general, taking those audited as a sample.",)
    tables, logs = [], []
    for rule in (gathered.definition.disclosure, "open"):
        gate = pass_gate_percentages(frame, rule=rule, table=caption)
        lines = [_audit_line(str(kind), gate.counts.loc[kind, "percent"], frame.loc[kind, "base"], rule,
                             str(gate.symbols.loc[kind, "percent"])) for kind in frame.index]  # fmt: skip
        shown = pd.DataFrame(lines, columns=["Cases", "Cases audited", "With domestic abuse", "Lower", "Upper"])
        tables.append(Table(shown, caption, "childrens-audit", (*gate.notes, *notes), gathered.simulated))
        logs.append(gate.log)
    return Disclosed(tables[0], tables[1], logs[0])


def _audit_line(kind: str, percent: float, base: float, rule: str, symbol: str) -> tuple[str, str, str, str, str]:
    if pd.isna(percent):
        return kind, symbol, symbol, symbol, symbol
    if pd.isna(base):
        return kind, "[x]", f"{percent:.0f}%", "[x]", "[x]"
    whole = int(base)
    limits = wilson_interval(percent * whole / 100, whole)
    shown = published(whole, disclosure_rule(rule))
    return kind, f"{shown:,}", f"{percent:.0f}%", f"{100 * limits.low:.0f}%", f"{100 * limits.high:.0f}%"
