"""The chapter on equality: who is affected, by the nine protected characteristics, and of which nothing is known."""

from pathlib import Path

import pandas as pd

from hcsp_assess.assessment.equality import NOT_KNOWN, characteristics_carried, count_groups
from hcsp_assess.assessment.findings import Finding
from hcsp_assess.chapters.marked_offences import EXTRACT, VIOLENCE
from hcsp_assess.chapters.returns import Returns, disclose, nothing_came
from hcsp_assess.report.disclosed import Disclosed
from hcsp_assess.report.tables import Table
from hcsp_assess.sources.returns import return_definition

RETURNS = (EXTRACT, "survey_results", "ae_assaults")
RECEIVED = "Of these, those that did"
COLUMNS = {"age_band": "age", "sex": "sex", "ethnicity": "ethnic group"}


def table_carried(returns: Returns) -> Table:
    """Show for each protected characteristic which returns can tell of it, and which of them did."""
    root = returns.partners.root
    frame = characteristics_carried(root)
    lines = []
    for characteristic, names in zip(frame["characteristic"], frame["returns"], strict=True):
        able = [name for name in str(names).split(", ") if name]
        told = [name for name in able if _tells(returns, name, str(characteristic))]
        lines.append((str(characteristic).capitalize(), _titles(able, root), _titles(told, root)))
    shown = pd.DataFrame(lines, columns=["Characteristic", "Returns that can tell of it", RECEIVED])
    caption = "The nine protected characteristics, and what is known of each"
    return Table(shown, caption, "equality-carried", ("Equality Act 2010, section 4.",), returns.partners.simulated)


def finding_gaps(returns: Returns) -> Finding:
    """Say of how many characteristics nothing was received."""
    frame = table_carried(returns).frame
    gaps = [str(name).lower() for name in frame.loc[frame[RECEIVED] == "none", "Characteristic"]]
    evidence = {"gaps": len(gaps), "characteristics": len(frame)}
    if not gaps:
        return Finding(
            "equality_gaps", f"Something was received on each of the {len(frame)} characteristics.", evidence
        )
    named = "; ".join(gaps)
    sentence = f"Of {len(gaps)} of the {len(frame)} protected characteristics nothing was received: {named}."
    return Finding("equality_gaps", sentence, evidence, simulated=returns.partners.simulated)


def table_victims(returns: Returns, column: str) -> Disclosed | Finding:
    """Show who the victims of recorded violence are, by one characteristic, with and without injury.

    Parameters
    ----------
    returns : Returns
    column : str
        "age_band", "sex" or "ethnicity".
    """
    gathered = returns.partners.gathered(EXTRACT)
    span = returns.opened.edition.span
    rows = gathered.rows[gathered.rows["offence_group"] == VIOLENCE]
    if len(rows):
        months = rows["date"].dt.to_period("M")
        rows = rows[(months >= span.first) & (months <= span.last)]
    if rows.empty:
        return Finding(f"victims_{column}_no_table", nothing_came(returns))
    counts, _ = count_groups(rows, column)
    order = [name for name in gathered.definition.column(column).allowed if name in counts.index]
    return disclose(
        counts.reindex([*order, *(name for name in counts.index if name not in order)]).to_frame("Offences"),
        rule=gathered.definition.disclosure,
        key=f"victims-by-{column.replace('_', '-')}",
        caption=f"Recorded violence by {COLUMNS[column]} of the victim, {span.words}, {returns.opened.area.name}",
        label=COLUMNS[column].capitalize(),
        add_across=False,
        notes=("A difference between groups is a question, not an explanation. Tables of two characteristics together "
               "are not published: with these they could give a person away.",),
        simulated=gathered.simulated,
    )  # fmt: skip


def _tells(returns: Returns, name: str, characteristic: str) -> bool:
    """Whether a row that came says something of the characteristic."""
    gathered = returns.partners.gathered(name)
    rows = gathered.rows
    if "characteristic" in rows:
        return bool((rows["characteristic"] == characteristic).any())
    columns = [column.name for column in gathered.definition.columns if column.characteristic == characteristic]
    return any(bool((rows[column].notna() & (rows[column] != NOT_KNOWN)).any()) for column in columns)


def _titles(names: list[str], root: Path) -> str:
    return "; ".join(return_definition(name, root).title for name in names) or "none"
