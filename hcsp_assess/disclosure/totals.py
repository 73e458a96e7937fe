"""Rounded counts, and totals of rounded counts that give none of them away.

Cells rounded one by one beside a total rounded by itself can have one solution: 5, 5, 5, 5 and 30 can only be four
times 7. Cells are therefore rounded to the nearest multiple, and a total is the multiple nearest to the true total of
those that leave at least three values possible for each cell and each total, even to a reader who knows the rule and
solves the whole table. Such totals always exist: the sums of the rounded cells, with a multiple for each hidden one.

Method: controlled rounding (Cox and Ernst 1982, INFOR 20, 423-432), with the cells fixed and the totals free. A choice
of totals is accepted with a table that proves it: one that agrees with everything published, and in which each cell
can move by two with its totals and stay in agreement.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

import numpy as np
from scipy.sparse import csr_array, hstack, identity

from hcsp_assess.disclosure.rules import DisclosureRule, meant_by

_Array = np.ndarray[Any, np.dtype[Any]]
_Way = Literal["up", "both", "down"]
#: How far each cell of the proof moves: from the first to the second, in steps of one, is three values.
_MOVES: Final[dict[_Way, tuple[int, int]]] = {"up": (0, 2), "both": (-1, 1), "down": (-2, 0)}
_UNBOUNDED: Final = 1e9


def published(number: int, rule: DisclosureRule) -> int:
    """Return a count as it may be published: rounded to the rule's multiple, halves up."""
    return (number + rule.rounding // 2) // rule.rounding * rule.rounding


def published_total(parts: Sequence[int], rule: DisclosureRule) -> int:
    """Return the total of counts that are published one by one, so that it gives none of them away.

    Parameters
    ----------
    parts : sequence of int
        The counts; those below the rule's minimum are suppressed where they are published.

    Returns
    -------
    int
        The multiple nearest to the true total that leaves at least three values possible for each part.

    Examples
    --------
    >>> from hcsp_assess.disclosure import disclosure_rule
    >>> rule = disclosure_rule("partner")
    >>> published_total([7, 7, 7, 7], rule), published_total([9, 12, 30], rule)
    (25, 50)
    """
    if rule.rounding == 1:
        return sum(parts)
    least = most = 0
    for part in parts:
        low, high = (1, rule.minimum - 1) if 0 < part < rule.minimum else meant_by(published(part, rule), rule)
        least, most = least + low, most + high
    lowest, highest = -(-least // rule.rounding) * rule.rounding, most // rule.rounding * rule.rounding
    total = published(sum(parts), rule)
    return min(max(total, lowest), highest) if lowest <= highest else total


@dataclass(frozen=True)
class _Problem:
    """What is published of a table, for the search of totals: cells in one line, and a relation for each total."""

    truth: _Array
    known: _Array
    hidden: _Array
    relations: csr_array
    rule: DisclosureRule

    @property
    def totals(self) -> _Array:
        """Cells that are totals and are published."""
        found: _Array = np.unique(self.relations.tocoo().coords[1][self.relations.tocoo().data < 0])
        return found[self.known[found]]


def choose_totals(truth: _Array, known: _Array, hidden: _Array, relations: csr_array, rule: DisclosureRule) -> _Array:
    """Return the published value of every cell: rounded counts, and totals that give none of them away.

    Parameters
    ----------
    truth : numpy.ndarray
        Counts with their totals, in one line; anything where not known.
    known, hidden : numpy.ndarray of bool
        Cells published with a number, and cells that are suppressed.
    relations : scipy.sparse.csr_array
        One line per total: its parts with 1, itself with -1, as `suppression.relations_of` gives them.
    """
    problem = _Problem(truth, known, hidden, relations, rule)
    values = np.where(known, (truth + rule.rounding // 2) // rule.rounding * rule.rounding, 0.0)
    totals = problem.totals
    if not len(totals) or (truth[totals] == 0).all():
        return values
    found = [choice for way in _MOVES if (choice := _choose(problem, values, totals, way)) is not None]
    best = min(found, key=lambda choice: choice[0])[1] if found else _sums(problem, values)[totals]
    values[totals] = best
    return values


def _sums(problem: _Problem, values: _Array) -> _Array:
    """Return totals that are sums of the rounded cells, a hidden cell taken as one multiple: needs no search."""
    found: _Array = np.where(problem.hidden, float(problem.rule.rounding), values)
    lines = problem.relations.toarray()
    for line in (*lines, *lines):  # twice: the grand total is a total of totals
        found[line < 0] = found[line > 0].sum()
    return found


def _choose(problem: _Problem, values: _Array, totals: _Array, way: _Way) -> tuple[float, _Array] | None:
    """Return the totals nearest to the truth of which a table proves that every cell can move, and their distance."""
    from scipy.optimize import Bounds, LinearConstraint, milp  # half a second that most chapters need not wait

    down, up = _MOVES[way]
    cells, n, base = len(values), len(totals), problem.rule.rounding
    low, high = _room(problem, values, totals, down, up)
    # unknowns: the proving table, each total's multiple, and its distance from the truth
    pick = csr_array((np.ones(n), (np.arange(n), totals)), shape=(n, cells))
    one, none = identity(n, format="csr"), csr_array((n, n))
    half = base // 2
    consistent = hstack([problem.relations, csr_array((problem.relations.shape[0], 2 * n))])
    near = hstack([pick, -base * one, none])
    above, below = hstack([csr_array((n, cells)), base * one, -one]), hstack([csr_array((n, cells)), -base * one, -one])
    weight = np.where(totals == cells - 1, 100.0, 1.0)  # the total of all is quoted most
    answer: Any = milp(
        np.concatenate([np.zeros(cells + n), weight]),
        constraints=[
            LinearConstraint(consistent, 0, 0),
            LinearConstraint(near, -half - down, base - 1 - half - up),
            LinearConstraint(above, -np.inf, problem.truth[totals]),
            LinearConstraint(below, -np.inf, -problem.truth[totals]),
        ],
        bounds=Bounds(np.concatenate([low, np.zeros(2 * n)]), np.concatenate([high, np.full(2 * n, _UNBOUNDED)])),
        integrality=np.concatenate([np.ones(cells + n), np.zeros(n)]),
        options={"time_limit": 10.0, "mip_rel_gap": 0.01},
    )
    if answer.x is None:
        return None
    return float(answer.fun), np.round(answer.x[cells : cells + n]) * base


def _room(problem: _Problem, values: _Array, totals: _Array, down: int, up: int) -> tuple[_Array, _Array]:
    """Return between which values each cell of the proving table lies, so that it can still move both ways."""
    low, high = np.zeros(len(values)), np.full(len(values), _UNBOUNDED)
    is_total = np.zeros(len(values), dtype=bool)
    is_total[totals] = True
    for cell in np.flatnonzero(problem.known & ~is_total):
        least, most = meant_by(int(values[cell]), problem.rule)
        low[cell], high[cell] = (0, 0) if most == 0 else (least - down, most - up)
    low[problem.hidden] = 1 - down
    low[totals] = problem.rule.minimum - down  # a smaller one would be suppressed
    low[totals[problem.truth[totals] == 0]] = high[totals[problem.truth[totals] == 0]] = 0
    outside = ~problem.known & ~problem.hidden & ~is_total
    low[outside] = high[outside] = 0
    return low, high
