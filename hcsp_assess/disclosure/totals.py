"""Rounded counts, and totals of rounded counts that give none of them away.

Cells rounded one by one beside a total rounded by itself can have one solution: 5, 5, 5, 5 and 30 can only be four
times 7. Cells are therefore rounded to the nearest multiple, and a total is the multiple nearest to the true total of
those that leave at least three values possible for each cell and each total, even to a reader who knows the rule and
solves the whole table. Such totals always exist: the sums of the rounded cells, with a multiple for each hidden one.

Method: controlled rounding (Cox and Ernst 1982, INFOR 20, 423-432), with the cells fixed and the totals free. A choice
of totals is accepted with a table that proves it: one that agrees with everything published, and in which each cell
can move by two with its totals and stay in agreement.

Tables of the same records are one problem (`together.pass_together`): their totals are the same number in each. Where
no totals are safe because the cells themselves say too much (four quarters of 7 are at most 28, and a place with all
28 of them says at least 28), a cell is rounded to the next multiple on its other side.
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
class Problem:
    """What is published of one table, or of several of the same records: cells in one line, a relation for each total.

    Attributes
    ----------
    truth : numpy.ndarray
        Counts with their totals; anything where not known.
    known, hidden : numpy.ndarray of bool
        Cells published with a number, and cells that are suppressed.
    relations : scipy.sparse.csr_array
        One line per total: its parts with 1, itself with -1, as `suppression.relations_of` gives them.
    quoted : numpy.ndarray of bool
        Totals of a whole table: they are quoted most.
    fixed : numpy.ndarray of bool
        Cells of tables without totals: each is rounded by itself, and a hidden one is known to be small.
    given : numpy.ndarray of bool
        Totals that are published as sums of other published cells, and so say no more than those.
    """

    truth: _Array
    known: _Array
    hidden: _Array
    relations: csr_array
    rule: DisclosureRule
    quoted: _Array
    fixed: _Array
    given: _Array

    @property
    def totals(self) -> _Array:
        """Cells that are totals and are published with a number of their own."""
        return np.flatnonzero(self.is_total & self.known & ~self.given)

    @property
    def is_total(self) -> _Array:
        """Cells that are totals."""
        found: _Array = np.zeros(len(self.truth), dtype=bool)
        lines = self.relations.tocoo()
        found[lines.coords[1][lines.data < 0]] = True
        return found

    @property
    def movable(self) -> _Array:
        """Published cells that are neither totals nor fixed, and not zero."""
        return np.flatnonzero(self.known & ~self.is_total & ~self.fixed & (self.truth > 0))

    def nearest(self) -> _Array:
        """Return each published count at the nearest multiple, halves up; zero elsewhere."""
        base = self.rule.rounding
        found: _Array = np.where(self.known, (self.truth + base // 2) // base * base, 0.0)
        return found


def choose_totals(problem: Problem) -> _Array:
    """Return the published value of every cell of one table: rounded counts, and totals that give none of them away."""
    values, totals = problem.nearest(), problem.totals
    if not len(totals) or (problem.truth[totals] == 0).all():
        return values
    best = _best(problem, values, totals, totals[:0])
    values[totals] = best if best is not None else _sums(problem, values)[totals]
    return values


def choose_together(problem: Problem) -> _Array | None:
    """Return the published value of every cell of tables of the same records; None where none are safe."""
    values, totals, cells = problem.nearest(), problem.totals, problem.movable
    best = _best(problem, values, totals, cells[:0])
    if best is None:
        best = _best(problem, values, totals, cells)
        totals = np.concatenate([totals, cells])
    if best is None:
        return None
    values[totals] = best
    return values


def _best(problem: Problem, values: _Array, totals: _Array, cells: _Array) -> _Array | None:
    found = [choice for way in _MOVES if (choice := _choose(problem, values, totals, cells, way)) is not None]
    return min(found, key=lambda choice: choice[0])[1] if found else None


def _sums(problem: Problem, values: _Array) -> _Array:
    """Return totals that are sums of the rounded cells, a hidden cell taken as one multiple: needs no search."""
    found: _Array = np.where(problem.hidden, float(problem.rule.rounding), values)
    lines = problem.relations.toarray()
    for line in (*lines, *lines):  # twice: the grand total is a total of totals
        found[line < 0] = found[line > 0].sum()
    return found


def _choose(problem: Problem, values: _Array, totals: _Array, cells: _Array, way: _Way) -> tuple[float, _Array] | None:
    """Return the totals, and rounded cells, nearest to the truth of which a table proves that every cell can move.

    Unknowns: the proving table, the multiple of each that is chosen, and its distance from the truth.
    """
    from scipy.optimize import Bounds, LinearConstraint, milp  # half a second that most chapters need not wait

    down, up = _MOVES[way]
    chosen = np.concatenate([totals, cells])
    every, n, base = len(values), len(chosen), problem.rule.rounding
    low, high = _room(problem, values, chosen, down, up)
    pick = csr_array((np.ones(n), (np.arange(n), chosen)), shape=(n, every))
    one, none = identity(n, format="csr"), csr_array((n, n))
    half = base // 2
    consistent = hstack([problem.relations, csr_array((problem.relations.shape[0], 2 * n))])
    near = hstack([pick, -base * one, none])
    above, below = (hstack([csr_array((n, every)), sign * base * one, -one]) for sign in (1, -1))
    truth = problem.truth[chosen]
    lowest, highest = np.zeros(n), np.full(n, _UNBOUNDED)
    lowest[len(totals) :] = np.maximum(truth[len(totals) :] // base, 1)
    highest[len(totals) :] = np.ceil(truth[len(totals) :] / base)
    weight = np.where(problem.quoted[chosen], 100.0, 1.0)
    weight[len(totals) :] = 1000.0  # a cell is moved only where no totals will do
    answer: Any = milp(
        np.concatenate([np.zeros(every + n), weight]),
        constraints=[
            LinearConstraint(consistent, 0, 0),
            LinearConstraint(near, -half - down, base - 1 - half - up),
            LinearConstraint(above, -np.inf, truth),
            LinearConstraint(below, -np.inf, -truth),
        ],
        bounds=Bounds(
            np.concatenate([low, lowest, np.zeros(n)]), np.concatenate([high, highest, np.full(n, _UNBOUNDED)])
        ),
        integrality=np.concatenate([np.ones(every + n), np.zeros(n)]),
        options={"time_limit": 10.0, "mip_rel_gap": 0.0 if len(cells) else 0.01},
    )
    if answer.x is None:
        return None
    return float(answer.fun), np.round(answer.x[every : every + n]) * base


def _room(problem: Problem, values: _Array, chosen: _Array, down: int, up: int) -> tuple[_Array, _Array]:
    """Return between which values each cell of the proving table lies, so that it can still move both ways."""
    low, high = np.zeros(len(values)), np.full(len(values), _UNBOUNDED)
    is_chosen = problem.given.copy()
    is_chosen[chosen] = True
    for cell in np.flatnonzero(problem.known & ~is_chosen):
        least, most = meant_by(int(values[cell]), problem.rule)
        low[cell], high[cell] = (0, 0) if most == 0 else (least - down, most - up)
    low[problem.hidden] = 1 - down
    high[problem.hidden & problem.fixed] = problem.rule.minimum - 1 - up
    low[is_chosen] = problem.rule.minimum - down  # a smaller one would be suppressed
    none = is_chosen & (problem.truth == 0)
    low[none] = high[none] = 0
    outside = ~problem.known & ~problem.hidden & ~is_chosen
    low[outside] = high[outside] = 0
    return low, high
