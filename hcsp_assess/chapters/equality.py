"""The chapter on equality: who is affected, by the nine protected characteristics, as far as returns show it."""

from pathlib import Path

import pandas as pd

from hcsp_assess.assessment.equality import NOT_KNOWN, Measure, characteristics_carried, rates_by_group
from hcsp_assess.assessment.findings import Finding, Findings
from hcsp_assess.assessment.surveys import survey_estimates
from hcsp_assess.assessment.wording.equality import describe_characteristics
from hcsp_assess.chapters.shared.partner_series import Shown, likely_range, show_percents, used_notes
from hcsp_assess.chapters.shared.same_records import (
    EXTRACT,
    OFFENCES,
    as_disclosed,
    count_victims,
    gates_of_extract,
    violence_of_year,
)
from hcsp_assess.disclosure import Audience, disclosure_rule
from hcsp_assess.edition.returns import EditionReturns
from hcsp_assess.report.tables import Table
from hcsp_assess.report.two_audiences import Disclosed
from hcsp_assess.sources.residents import read_residents
from hcsp_assess.sources.returns import return_definition, return_names
from hcsp_assess.sources.returns.definitions import CHARACTERISTICS
from hcsp_assess.subject.own_returns import returns_asked_for

ABLE, RECEIVED = "Returns that ask for it", "Returns that gave it"
COLUMNS = {"age_band": "age", "sex": "sex", "ethnicity": "ethnic group"}


def table_carried(returns: EditionReturns) -> Table:
    """Show for each protected characteristic which returns ask for it, and which gave it, in a closed panel."""
    root = returns.project.root
    last = returns.span.last  # a return under a later duty was not asked for then
    asked = (return_definition(name, root) for name in return_names(root))
    wanted = returns_asked_for(returns.area)
    asked = (each for each in asked if wanted.asks(each.name, returns.span.first, last))
    frame = characteristics_carried(each for each in asked if each.asked_for(last))
    lines = []
    for characteristic, names in zip(frame["characteristic"], frame["returns"], strict=True):
        able = [name for name in str(names).split(", ") if name]
        told = [name for name in able if _tells(returns, name, str(characteristic))]
        lines.append((str(characteristic).capitalize(), _titles(able, root), _titles(told, root)))
    shown = pd.DataFrame(lines, columns=["Characteristic", ABLE, RECEIVED])
    caption = "The nine protected characteristics, and which returns give them"
    notes = ("Equality Act 2010, section 4.",)
    return Table(
        shown, caption, "equality-carried", notes, returns.simulated, folded="Which returns give which characteristic"
    )


def finding_gaps(returns: EditionReturns) -> Finding:
    """Say of which characteristics the edition has figures, and of which it has none."""
    frame = table_carried(returns).frame
    named = frame.assign(known=frame[RECEIVED] != "none", name=frame["Characteristic"].str.lower())
    known, gaps = (named.loc[named["known"] == each, "name"].tolist() for each in (True, False))
    return describe_characteristics(known, gaps).marked(simulated=returns.simulated)


def table_victims(returns: EditionReturns, column: str) -> Disclosed | Findings:
    """Show who the victims of recorded violence are, by one characteristic.

    Parameters
    ----------
    column : str
        "age_band", "sex" or "ethnicity".
    """
    combined, span = returns.combined(EXTRACT), returns.edition.span
    if violence_of_year(returns).empty:
        return Findings(())
    shown = Shown(
        key=f"victims-by-{column.replace('_', '-')}",
        caption=f"Victims of recorded violence by {COLUMNS[column]}, {span.spoken}, {returns.area.name}",
        label=COLUMNS[column].capitalize(),
    )
    counts, public = count_victims(returns, column), gates_of_extract(returns)[column]
    return as_disclosed(public, counts, combined, shown, add_across=False)


def table_rates(returns: EditionReturns, column: str) -> Disclosed | Findings:
    """Show recorded violence for each 1,000 residents of a group, with intervals; needs residents by group.

    Parameters
    ----------
    column : str
        "age_band", "sex" or "ethnicity".
    """
    what = COLUMNS[column]
    residents = read_residents(returns.project.root)
    residents = residents[residents["column"] == column]
    rows = violence_of_year(returns)
    if rows.empty or residents.empty:
        return Findings(())
    combined = returns.combined(EXTRACT)
    counts = count_victims(returns, column)[OFFENCES]
    public_gate = gates_of_extract(returns)[column]
    people = residents.set_index("group")["residents"]
    span = returns.edition.span
    caption = f"Recorded violence for each 1,000 residents, by {what}, {span.spoken}, {returns.area.name}"
    notes = (f"Residents: {'; '.join(dict.fromkeys(residents['source']))}. Lower and upper: the likely range.",)

    def table(audience: Audience) -> tuple[Table, pd.DataFrame]:
        shown = Measure(what, "Offences", combined.definition.disclosure, audience)
        gated = public_gate if audience == "public" else None
        found = rates_by_group(counts, people, shown, gated=gated)
        key = f"rates-by-{column.replace('_', '-')}"
        return Table(found.frame, caption, key, (*found.gated.notes, *notes), combined.simulated), found.gated.log

    (public, log), (restricted, _) = table("public"), table("restricted")
    return Disclosed(public, restricted, log)


def table_survey_groups(returns: EditionReturns) -> Table | Findings:
    """Show what groups said in surveys: the latest result of each question, with its likely range."""
    combined = returns.combined("survey_results")
    rows = combined.rows
    grouped = rows[rows["characteristic"].isin(CHARACTERISTICS)] if len(rows) else rows
    if grouped.empty:
        return Findings(())
    estimates = survey_estimates(grouped)
    latest = estimates.groupby(["survey", "wording", "group"], sort=False)["month"].transform("max")
    shown = estimates[estimates["month"] == latest]
    least = disclosure_rule(combined.definition.disclosure).minimum_base
    columns = {"Per cent": "percent", "Lower": "low", "Upper": "high"}
    frame = pd.DataFrame(
        {
            "Question": shown["wording"].to_numpy(),
            "When": [month.strftime("%B %Y") for month in shown["month"]],
            "Characteristic": shown["characteristic"].to_numpy(),
            "Group": shown["group"].to_numpy(),
        }
        | {heading: show_percents(shown[name], shown["base"], least) for heading, name in columns.items()}
    )
    frame = likely_range(frame)
    notes = used_notes(frame, ("[c] too few people answered to publish", "[x] not available"))
    return Table(frame, "What groups said: latest survey results", "equality-surveys", notes, combined.simulated)


def _tells(returns: EditionReturns, name: str, characteristic: str) -> bool:
    """Whether a row received gives the characteristic."""
    combined = returns.combined(name)
    rows = combined.rows
    if "characteristic" in rows:
        return bool((rows["characteristic"] == characteristic).any())
    columns = [column.name for column in combined.definition.columns if column.characteristic == characteristic]
    return any(bool((rows[column].notna() & (rows[column] != NOT_KNOWN)).any()) for column in columns)


def _titles(names: list[str], root: Path) -> str:
    return "; ".join(return_definition(name, root).title for name in names) or "none"
