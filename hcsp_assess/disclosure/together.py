"""Let tables of the same records through the gate together, so that they give no more away than each does alone.

A year's table beside the same year by quarter, or victims by age beside victims by sex, share a total. Rounded apart,
two totals of 28 can be 25 in one table and 30 in the other, and then it is known that they are 28.

The total of a year is the sum of its published quarters. Next year's edition then says nothing new of them: a total
rounded by itself beside the total of one more quarter would narrow that quarter down to two numbers.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from scipy.sparse import block_diag, csr_array, vstack

from hcsp_assess.disclosure.gate import (
    TO_PROTECT,
    Gated,
    Suppressed,
    as_frame,
    check_counts,
    passed,
    suppress,
)
from hcsp_assess.disclosure.rules import DisclosureRule, disclosure_rule
from hcsp_assess.disclosure.totals import Problem, choose_together

#: A cell: the table's name, its row and its column.
Place = tuple[str, str, str]


@dataclass(frozen=True)
class OneTable:
    """One of several tables of the same records, as `pass_gate` takes it.

    Attributes
    ----------
    counts : pandas.DataFrame or Series
        Counts without totals.
    """

    table: str
    counts: pd.DataFrame | pd.Series
    marks: pd.DataFrame | None = None
    add_down: bool = True
    add_across: bool = True


@dataclass(frozen=True)
class SameCount:
    """A total that is the sum of cells of a table without totals, or the same as a total of another table."""

    whole: Place
    parts: tuple[Place, ...]


def pass_together(
    tables: Sequence[OneTable], same: Sequence[SameCount], *, rule: str | DisclosureRule
) -> dict[str, Gated]:
    """Let tables of the same records through the gate for the public edition.

    Parameters
    ----------
    tables : sequence of OneTable
        A table without totals (quarters of a year) is rounded cell by cell, so that each is the same number wherever
        it is published.
    same : sequence of SameCount
        What the tables share. What is not known, or does not add up (a month of the year is missing from the
        quarters), is left out: it says nothing of the counts.
    rule : str or DisclosureRule
        Rule of all of them.

    Returns
    -------
    dict of str to Gated
        By name of the table. A total that is the sum of cells of a table without totals is published as the sum of
        what is published of those, a hidden one taken as one multiple. Every count and other total can be at least
        three numbers, even for a reader who solves all tables together. A cell is rounded to the multiple on its other
        side where no totals are safe otherwise; where that is not enough either, tables with totals are suppressed
        whole.

    Raises
    ------
    InputError
        As `pass_gate`.

    Examples
    --------
    >>> quarters = pd.Series([7, 7, 7, 7], index=["Q1", "Q2", "Q3", "Q4"], name="Attendances")
    >>> places = pd.Series([28], index=["Street"], name="Attendances")
    >>> tables = [OneTable("quarters", quarters, add_down=False), OneTable("places", places)]
    >>> parts = tuple(("quarters", name, "Attendances") for name in quarters.index)
    >>> same = [SameCount(("places", "Total", "Attendances"), parts)]
    >>> pass_together(tables, same, rule="partner")["places"].counts["Attendances"].tolist()  # 30 would give all away
    [20, 20]
    """
    used = disclosure_rule(rule) if isinstance(rule, str) else rule
    found, fixed = {}, {}
    for each in tables:
        given, across = as_frame(each.counts, each.add_across)
        check_counts(given, each.table)
        found[each.table] = suppress(given, each.marks, used, add_down=each.add_down, across=across)
        fixed[each.table] = not (each.add_down or across)
    if used.rounding == 1:
        return {name: passed(each, each.counts.mask(each.shown != ""), used, name) for name, each in found.items()}
    problem, sums = _problem(found, fixed, same, used)
    chosen = choose_together(problem)
    if chosen is None:
        return _without_totals(found, fixed, used)
    shown = np.where(problem.hidden, float(used.rounding), chosen)
    for whole, parts in sums.items():
        chosen[whole] = shown[parts].sum()
    ends = np.cumsum([each.counts.size for each in found.values()])[:-1]
    numbers = zip(found.items(), np.split(chosen, ends), strict=True)
    return {name: passed(each, each.rounded(part), used, name) for (name, each), part in numbers}


def _problem(
    found: dict[str, Suppressed], fixed: dict[str, bool], same: Sequence[SameCount], rule: DisclosureRule
) -> tuple[Problem, dict[int, list[int]]]:
    """All tables in one line, with a relation for each total and for what they share; totals that are given as sums."""
    starts = dict(zip(found, np.cumsum([0, *(each.counts.size for each in found.values())])[:-1], strict=True))
    truth, known, hidden = (
        np.concatenate([getattr(each, name) for each in found.values()]) for name in ("numbers", "known", "hidden")
    )
    blocks = csr_array(block_diag([each.relations for each in found.values()], format="csr"))
    shared, sums = [], {}
    for each in same:
        cells = [_number(found, starts, place) for place in (each.whole, *each.parts)]
        usable = [cell for cell in cells if cell is not None and (known[cell] or hidden[cell])]
        if len(usable) < len(cells) or truth[usable[0]] != truth[usable[1:]].sum():
            continue
        weights = np.zeros(len(truth))
        weights[usable[1:]], weights[usable[0]] = 1.0, -1.0
        shared.append(weights)
        if all(fixed[table] for table, _, _ in each.parts):
            sums[usable[0]] = usable[1:]
    rounded = np.concatenate([np.full(each.counts.size, fixed[name]) for name, each in found.items()])
    sums |= _only_parts(sums, blocks, truth, known & ~rounded)
    quoted, given = np.zeros(len(truth), dtype=bool), np.zeros(len(truth), dtype=bool)
    quoted[[starts[name] + each.counts.size - 1 for name, each in found.items() if not fixed[name]]] = True
    given[list(sums)] = True
    given &= known
    relations = csr_array(vstack([blocks, csr_array(np.array(shared))])) if shared else blocks
    return Problem(truth, known, hidden, relations, rule, quoted, rounded, given), sums


def _only_parts(
    sums: dict[int, list[int]], relations: csr_array, truth: np.ndarray, allowed: np.ndarray
) -> dict[int, list[int]]:
    """Cells that are the only part of a total that is given as a sum, or its total: they are the same count."""
    pairs = [np.flatnonzero((line != 0) & (truth > 0)) for line in relations.toarray()]
    found = dict(sums)
    for first, second in [pair for pair in pairs if len(pair) == 2] * 2:  # twice: a total is a part of another
        for cell, other in ((int(first), int(second)), (int(second), int(first))):
            if cell in found and allowed[other] and truth[cell] == truth[other]:
                found.setdefault(other, found[cell])
    return found


def _number(found: dict[str, Suppressed], starts: dict[str, int], place: Place) -> int | None:
    """Where a cell is in the line of all cells; None where the table has no such cell."""
    name, row, column = place
    values = found[name].counts if name in found else None
    if values is None or row not in values.index or column not in values.columns:
        return None
    down, across = list(values.index).index(row), list(values.columns).index(column)
    return int(starts[name] + down * values.shape[1] + across)


def _without_totals(found: dict[str, Suppressed], fixed: dict[str, bool], rule: DisclosureRule) -> dict[str, Gated]:
    """Tables that share a count, of which those with totals are suppressed whole."""
    gated = {}
    for name, each in found.items():
        table = each
        if not fixed[name]:
            more = each.known.reshape(each.why.shape) & (each.numbers > 0).reshape(each.why.shape)
            why = each.why.copy()
            why[more] = TO_PROTECT
            table = replace(each, why=why, shown=each.shown.mask(more, "[c]"))
        base = rule.rounding
        gated[name] = passed(table, table.rounded((table.numbers + base // 2) // base * base), rule, name)
    return gated
