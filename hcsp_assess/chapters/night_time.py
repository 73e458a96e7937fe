"""What the chapter on alcohol shows of the night-time economy: when in the week violence with an alcohol marker is."""

import pandas as pd

from hcsp_assess.assessment.findings import Findings
from hcsp_assess.assessment.night_time import WeekNights, week_nights
from hcsp_assess.assessment.wording.night_time import describe_weekend_nights, say_hour, title_of_week
from hcsp_assess.assessment.wording.words import say_months
from hcsp_assess.chapters.shared.same_records import EXTRACT, VIOLENCE
from hcsp_assess.disclosure import disclosure_rule, pass_gate
from hcsp_assess.edition.returns import EditionReturns
from hcsp_assess.report.charts import Chart, Heading
from hcsp_assess.report.week_charts import chart_week
from hcsp_assess.sources.returns.combining import CombinedReturn

#: Returns that carry times, in the order in which they are taken: what is counted, and which rows.
AMBULANCE = "ambulance_calls"
AMBULANCE_KINDS = ("Assault", "Alcohol", "Stabbing, gunshot or other weapon")


def findings_week(returns: EditionReturns) -> Findings:
    """Say how much is on Friday and Saturday nights; nothing where no return carries times."""
    found = _timed(returns)
    if found is None:
        return Findings(())
    combined, rows, what = found
    months = say_months(rows["date"].min(), rows["date"].max())
    rule = disclosure_rule(combined.definition.disclosure)
    finding = describe_weekend_nights(week_nights(rows["date"], rows["time"]), what, months, rule)
    if finding is None:
        return Findings(())
    sources = returns.sources(combined.definition.name)
    return Findings((finding.marked(simulated=combined.simulated).traced(sources),))


def chart_nights(returns: EditionReturns) -> Chart | Findings:
    """Show a heat map of the week, in numbers that may be published; nothing where no return carries times."""
    found = _timed(returns)
    if found is None:
        return Findings(())
    combined, rows, what = found
    result = week_nights(rows["date"], rows["time"])
    if not _enough(result, combined):
        return Findings(())
    title = title_of_week(result, what)
    gate = pass_gate(result.counts, rule=combined.definition.disclosure, table=title, add_down=False, add_across=False)
    months = say_months(rows["date"].min(), rows["date"].max())
    heading = Heading(
        key="night-time-week",
        title=title,
        subtitle=f"Offences by night and time of day, {returns.area.name}, {months}",
        source=combined.definition.title,
        simulated=combined.simulated,
        note="Each row runs from 6 in the morning to 6 the next. Numbers are rounded to protect people.",
    )
    return chart_week(gate, heading, unit="Offences in three hours", say_hour=say_hour)


def _timed(returns: EditionReturns) -> tuple[CombinedReturn, pd.DataFrame, str] | None:
    """The return that carries times, its rows that count, and what they are; None where there is none."""
    extract = returns.combined(EXTRACT)
    rows = extract.rows
    if len(rows):
        chosen = rows[(rows["offence_group"] == VIOLENCE) & rows["alcohol"].astype("boolean").fillna(value=False)]
        if chosen["time"].notna().any():
            return extract, chosen, "violence marked as alcohol-related"
    calls = returns.combined(AMBULANCE)
    rows = calls.rows[calls.rows["category"].isin(AMBULANCE_KINDS)] if len(calls.rows) else calls.rows
    if len(rows) and rows["time"].notna().any():
        return calls, rows, "ambulance calls to assaults and alcohol"
    return None


def _enough(result: WeekNights, combined: CombinedReturn) -> bool:
    """Whether any block has a number that may be published."""
    return bool(result.counts.to_numpy().max() >= max(disclosure_rule(combined.definition.disclosure).minimum, 1))
