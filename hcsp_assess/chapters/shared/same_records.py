"""Tables of the same records, past the disclosure gate together: a year beside its quarters, victims by group."""

from collections.abc import Iterable, Mapping

import pandas as pd

from hcsp_assess.assessment.equality import count_groups
from hcsp_assess.chapters.shared.partner_series import Shown, used_notes
from hcsp_assess.disclosure import TOTAL, Gated, OneTable, SameCount, pass_gate, pass_together
from hcsp_assess.edition.returns import EditionReturns
from hcsp_assess.report.tables import Table
from hcsp_assess.report.two_audiences import Disclosed
from hcsp_assess.sources.returns.combining import CombinedReturn

#: Note of a table of which totals are sums of what another table publishes.
SUMS = "Totals are sums of the rounded quarters."
_YEAR = "year"
#: The return with one row for each offence, the group of offences of which victims are shown, and what is counted.
EXTRACT, VIOLENCE, OFFENCES = "force_extract", "Violence against the person", "Offences"
#: Columns of the extract by which a table is published.
MARKED, VICTIMS = ("alcohol", "domestic_abuse"), ("age_band", "sex", "ethnicity")


def disclose_beside_quarters(
    counts: pd.DataFrame,
    combined: CombinedReturn,
    shown: Shown,
    returns: EditionReturns,
    series: Mapping[str, tuple[str, ...]],
    *,
    marks: pd.DataFrame | None = None,
) -> Disclosed:
    """Pass a table of the year's counts through the gate beside series that publish the same records by quarter.

    Parameters
    ----------
    counts, combined, shown, marks
        As in `partner_series.disclose`.
    series : mapping of str to tuple of str
        For a column of the table, or "Total", the keys of the series that add up to it.
    """
    quarters = [str(quarter) for quarter in returns.quarters]
    tables, same = [OneTable(_YEAR, counts, marks)], []
    for column, keys in series.items():
        if column in (*counts.columns, TOTAL):
            parts = tuple((key, quarter, key) for key in keys for quarter in quarters)
            same.append(SameCount((_YEAR, TOTAL, column), parts))
    for key in dict.fromkeys(key for keys in series.values() for key in keys):
        item = returns.series[key]
        each = item.counts.reindex(quarters).rename(key)
        tables.append(OneTable(key, each, item.why.reindex(quarters).to_frame(key), add_down=False))
    rule = combined.definition.disclosure
    public = pass_together(tables, same, rule=rule)[_YEAR]
    return as_disclosed(public, counts, combined, shown, marks=marks, sums=True)


def as_disclosed(
    public: Gated,
    counts: pd.DataFrame,
    combined: CombinedReturn,
    shown: Shown,
    *,
    marks: pd.DataFrame | None = None,
    sums: bool = False,
    add_across: bool = True,
) -> Disclosed:
    """Return a table for both kinds of reader, of which the public one has passed the gate with others."""
    rule = combined.definition.disclosure
    restricted = pass_gate(
        counts, rule=rule, table=shown.caption, marks=marks, add_across=add_across, audience="restricted"
    )

    def table(gate: Gated) -> Table:
        frame = gate.frame.reset_index(names=shown.label)
        more = (SUMS,) if sums and gate.audience == "public" and gate.rule.rounding > 1 else ()
        notes = (*used_notes(frame, gate.notes), *more, *shown.notes)
        return Table(frame, shown.caption, shown.key, notes, combined.simulated, shown.folded)

    return Disclosed(table(public), table(restricted), public.log.assign(table=shown.caption))


def gates_of_extract(returns: EditionReturns) -> dict[str, Gated]:
    """Return every published table of a force's extract past the gate: by marker, and victims of violence by group.

    Returns
    -------
    dict of str to Gated
        By the column that offences are counted by: "alcohol", "domestic_abuse", "age_band", "sex", "ethnicity". What
        they share (offences of a kind, victims of violence) is the same number in each.
    """
    rows = returns.combined(EXTRACT).rows
    victims = violence_of_year(returns)
    tables = [OneTable(marker, count_marker(rows, marker)) for marker in MARKED if len(rows)]
    tables += [OneTable(column, count_victims(returns, column), add_across=False) for column in VICTIMS if len(victims)]
    same = [
        SameCount((tables[0].table, kind, TOTAL), ((each.table, kind, TOTAL),))
        for each in tables[1:]
        if each.table in MARKED
        for kind in (*count_marker(rows, MARKED[0]).index, TOTAL)
    ]
    kinds: Iterable[str] = _kinds(rows)[rows["offence_group"] == VIOLENCE].unique() if len(rows) else ()
    for column in VICTIMS if len(victims) else ():
        whole = (column, TOTAL, OFFENCES)
        parts = tuple((MARKED[0], str(kind), TOTAL) for kind in kinds)
        same.append(SameCount(whole, parts))
        if column != VICTIMS[0]:
            same.append(SameCount(whole, ((VICTIMS[0], TOTAL, OFFENCES),)))
    if not tables:
        return {}
    return pass_together(tables, same, rule=returns.combined(EXTRACT).definition.disclosure)


def count_marker(rows: pd.DataFrame, marker: str) -> pd.DataFrame:
    """Count offences of an extract by kind, with and without a marker, and without an answer."""
    words = rows[marker].astype("object").map({True: "With the marker", False: "Without"})
    counts = pd.crosstab(_kinds(rows), words.where(words.notna(), "Not known"))
    order = [name for name in ("With the marker", "Without", "Not known") if name in counts]
    return counts[order].rename_axis(index=None, columns=None)


def count_victims(returns: EditionReturns, column: str) -> pd.DataFrame:
    """Count victims of recorded violence in the year by one characteristic, groups in the order of the return."""
    counts, _ = count_groups(violence_of_year(returns), column)
    allowed = returns.combined(EXTRACT).definition.column(column).allowed
    order = [name for name in allowed if name in counts.index]
    return counts.reindex([*order, *(name for name in counts.index if name not in order)]).to_frame(OFFENCES)


def violence_of_year(returns: EditionReturns) -> pd.DataFrame:
    """Recorded violence of the year assessed."""
    rows = returns.combined(EXTRACT).rows
    rows = rows[rows["offence_group"] == VIOLENCE]
    if rows.empty:
        return rows
    span = returns.edition.span
    months = rows["date"].dt.to_period("M")
    chosen: pd.DataFrame = rows[(months >= span.first) & (months <= span.last)]
    return chosen


def _kinds(rows: pd.DataFrame) -> pd.Series:
    """The kind of each offence: its subgroup, or its group where that is all that is known."""
    return rows["offence_subgroup"].fillna(rows["offence_group"])
