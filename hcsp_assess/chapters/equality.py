"""The chapter on equality: who is affected, by the nine protected characteristics, and of which nothing is known."""

from pathlib import Path

import pandas as pd

from hcsp_assess.assessment.equality import NOT_KNOWN, Measure, characteristics_carried, count_groups, rates_by_group
from hcsp_assess.assessment.findings import Finding
from hcsp_assess.assessment.surveys import survey_estimates
from hcsp_assess.assessment.wording.absent import absent, nothing_received
from hcsp_assess.assessment.wording.equality import describe_gaps, describe_no_rates
from hcsp_assess.chapters.shared.marked_offences import EXTRACT, VIOLENCE
from hcsp_assess.chapters.shared.partner_series import Shown, disclose, show_percents
from hcsp_assess.disclosure import Audience, disclosure_rule
from hcsp_assess.edition.returns import EditionReturns
from hcsp_assess.report.tables import Table
from hcsp_assess.report.two_audiences import Disclosed
from hcsp_assess.sources.residents import RESIDENTS, read_residents
from hcsp_assess.sources.returns import return_definition, return_names
from hcsp_assess.sources.returns.definitions import CHARACTERISTICS

RETURNS = (EXTRACT, "survey_results", "ae_assaults")
RECEIVED = "Of these, those that did"
COLUMNS = {"age_band": "age", "sex": "sex", "ethnicity": "ethnic group"}


def table_carried(returns: EditionReturns) -> Table:
    """Show for each protected characteristic which returns can tell of it, and which of them did."""
    root = returns.project.root
    frame = characteristics_carried(return_definition(name, root) for name in return_names(root))
    lines = []
    for characteristic, names in zip(frame["characteristic"], frame["returns"], strict=True):
        able = [name for name in str(names).split(", ") if name]
        told = [name for name in able if _tells(returns, name, str(characteristic))]
        lines.append((str(characteristic).capitalize(), _titles(able, root), _titles(told, root)))
    shown = pd.DataFrame(lines, columns=["Characteristic", "Returns that can tell of it", RECEIVED])
    caption = "The nine protected characteristics, and what is known of each"
    return Table(shown, caption, "equality-carried", ("Equality Act 2010, section 4.",), returns.simulated)


def finding_gaps(returns: EditionReturns) -> Finding:
    """Say of how many characteristics nothing was received."""
    frame = table_carried(returns).frame
    gaps = [str(name).lower() for name in frame.loc[frame[RECEIVED] == "none", "Characteristic"]]
    found = describe_gaps(gaps, len(frame))
    return found.marked(simulated=returns.simulated) if gaps else found


def table_victims(returns: EditionReturns, column: str) -> Disclosed | Finding:
    """Show who the victims of recorded violence are, by one characteristic, with and without injury.

    Parameters
    ----------
    column : str
        "age_band", "sex" or "ethnicity".
    """
    combined, span = returns.combined(EXTRACT), returns.edition.span
    rows = _violence(returns)
    if rows.empty:
        return nothing_received(f"victims_{column}_no_table", returns.day)
    counts, _ = count_groups(rows, column)
    order = [name for name in combined.definition.column(column).allowed if name in counts.index]
    return disclose(
        counts.reindex([*order, *(name for name in counts.index if name not in order)]).to_frame("Offences"),
        combined,
        Shown(
            key=f"victims-by-{column.replace('_', '-')}",
            caption=f"Recorded violence by {COLUMNS[column]} of the victim, {span.words}, {returns.area.name}",
            label=COLUMNS[column].capitalize(),
            notes=(
                "A difference between groups is a question, not an explanation. Tables of two characteristics together "
                "are not published: with these they could give a person away.",
            ),
        ),
        add_across=False,
    )


def table_rates(returns: EditionReturns, column: str) -> Disclosed | Finding:
    """Show recorded violence for each 1,000 residents of a group, with intervals; needs residents by group.

    Parameters
    ----------
    column : str
        "age_band", "sex" or "ethnicity".
    """
    what = COLUMNS[column]
    residents = read_residents(returns.project.root)
    residents = residents[residents["column"] == column]
    rows = _violence(returns)
    if rows.empty or residents.empty:
        return describe_no_rates(column, what, put_in="" if rows.empty else RESIDENTS)
    combined = returns.combined(EXTRACT)
    counts, _ = count_groups(rows, column)
    people = residents.set_index("group")["residents"]
    span = returns.edition.span
    caption = f"Recorded violence for each 1,000 residents by {what}, {span.words}, {returns.area.name}"
    notes = (f"Residents: {'; '.join(dict.fromkeys(residents['source']))}. Lower and upper: 95% interval.",)

    def table(audience: Audience) -> tuple[Table, pd.DataFrame]:
        shown = Measure(what, "Offences", combined.definition.disclosure, audience)
        found = rates_by_group(counts, people, shown)
        key = f"rates-by-{column.replace('_', '-')}"
        return Table(found.frame, caption, key, (*found.gated.notes, *notes), combined.simulated), found.gated.log

    (public, log), (restricted, _) = table("public"), table("restricted")
    return Disclosed(public, restricted, log)


def table_survey_groups(returns: EditionReturns) -> Table | Finding:
    """Show what groups said in surveys, the latest result of each question, with bases and intervals."""
    combined = returns.combined("survey_results")
    rows = combined.rows
    grouped = rows[rows["characteristic"].isin(CHARACTERISTICS)] if len(rows) else rows
    if grouped.empty:
        return absent("survey_groups_none")
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
    few = ("[c] suppressed: too few people answered.",) if "[c]" in set(frame["Per cent"]) else ()
    notes = ("Lower and upper: 95% interval (Wilson).", *few)
    return Table(frame, "What groups said, latest results", "equality-surveys", notes, combined.simulated)


def _violence(returns: EditionReturns) -> pd.DataFrame:
    """Recorded violence of the year assessed."""
    rows = returns.combined(EXTRACT).rows
    rows = rows[rows["offence_group"] == VIOLENCE]
    if rows.empty:
        return rows
    span = returns.edition.span
    months = rows["date"].dt.to_period("M")
    chosen: pd.DataFrame = rows[(months >= span.first) & (months <= span.last)]
    return chosen


def _tells(returns: EditionReturns, name: str, characteristic: str) -> bool:
    """Whether a row received says something of the characteristic."""
    combined = returns.combined(name)
    rows = combined.rows
    if "characteristic" in rows:
        return bool((rows["characteristic"] == characteristic).any())
    columns = [column.name for column in combined.definition.columns if column.characteristic == characteristic]
    return any(bool((rows[column].notna() & (rows[column] != NOT_KNOWN)).any()) for column in columns)


def _titles(names: list[str], root: Path) -> str:
    return "; ".join(return_definition(name, root).title for name in names) or "none"
