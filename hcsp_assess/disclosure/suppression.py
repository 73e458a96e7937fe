"""Which further cells to suppress so that no small count can be worked out from the totals of a table."""

from typing import Any, Final

import numpy as np
from scipy.sparse import csr_array, hstack

from hcsp_assess.disclosure.rules import DisclosureRule

_COST_OF_TOTAL, _COST_OF_GRAND_TOTAL = 50.0, 2_000.0  # in cells: totals are worth more to a reader
_FREE: Final = 1e-4  # cost of changing a cell that is suppressed anyway
_Array = np.ndarray[Any, np.dtype[Any]]


def relations_of(shape: tuple[int, int], symbols: _Array, *, add_down: bool, across: bool) -> csr_array:
    """Return one line per total: its parts with 1, itself with -1. Cells that aren't known belong to none."""
    cells = np.arange(shape[0] * shape[1]).reshape(shape)
    unknown = (symbols != "") & (symbols != "[z]")
    lines = []
    for wanted, groups, holes in ((across, cells, unknown), (add_down, cells.T, unknown.T)):
        for group, hole in zip(groups if wanted else (), holes, strict=False):
            if hole.any():
                continue
            line = np.zeros(cells.size)
            line[group[:-1]], line[group[-1]] = 1.0, -1.0
            lines.append(line)
    return csr_array(np.array(lines).reshape(len(lines), cells.size))


def costs_of(shape: tuple[int, int], add_down: bool, across: bool) -> _Array:
    """Return what suppressing each cell costs, in cells: totals are worth more to a reader."""
    costs = np.ones(shape)
    if across:
        costs[:, -1] = _COST_OF_TOTAL
    if add_down:
        costs[-1, :] = _COST_OF_TOTAL
    if across and add_down:
        costs[-1, -1] = _COST_OF_GRAND_TOTAL
    return costs.ravel()


def protect(values: _Array, small: _Array, relations: csr_array, costs: _Array, rule: DisclosureRule) -> _Array:
    """Return which cells to suppress so that every small one may be anything from its floor to the rule's minimum."""
    truth = np.nan_to_num(values)
    floors = _floors(values, relations)
    search = _Search(truth, floors, relations)
    hidden = small.copy()
    for upward in (True, False):
        goals = np.where(small, rule.minimum - truth if upward else floors - truth, 0.0)
        search.move_together(np.flatnonzero(hidden), goals)
        for cell in map(int, np.flatnonzero(goals)):
            if search.reached(cell, goals[cell]):
                continue
            price = np.where(hidden, _FREE, costs + truth / (1 + truth.sum()))
            hidden |= search.move_one(cell, goals[cell], price) != 0
    return hidden


def _floors(values: _Array, relations: csr_array) -> _Array:
    """Return the least that each cell can be: 1 where it isn't zero, and for a total the sum of its parts' floors."""
    floors = np.where(np.nan_to_num(values) >= 1, 1.0, 0.0)
    lines = relations.toarray()
    for line in (*lines, *lines):  # twice: the grand total is a total of totals
        whole = np.flatnonzero(line < 0)
        floors[whole] = np.maximum(floors[whole], floors[line > 0].sum())
    return floors


class _Search:
    """Search for other tables that agree with what is published, and remember how far each cell moved in them."""

    def __init__(self, truth: _Array, floors: _Array, relations: csr_array) -> None:
        self.room = truth - floors  # how far each cell can fall
        self.relations = relations
        self.movable = np.flatnonzero(truth >= 1)
        self.rise = np.zeros_like(truth)
        self.fall = np.zeros_like(truth)

    def reached(self, cell: int, goal: float) -> bool:
        """Return whether a table was found in which the cell is as far from the truth as wanted."""
        return bool(self.rise[cell] >= goal and self.fall[cell] >= -goal)

    def move_one(self, cell: int, by: float, price: _Array) -> _Array:
        """Return the cheapest change of the table that moves one cell by so much and keeps every total consistent."""
        cells, n = self.movable, len(self.movable)
        own = int(np.searchsorted(cells, cell))
        highest = np.concatenate([np.full(n, np.inf), self.room[cells]])
        lowest = np.zeros(2 * n)
        moving, resting = (own, own + n) if by > 0 else (own + n, own)
        lowest[moving] = highest[moving] = abs(by)
        highest[resting] = 0
        change = self._solve(np.tile(price[cells], 2), cells, lowest, highest)
        if change is None:
            raise ArithmeticError(
                "no other table agrees with what is published: the counts and totals are inconsistent"
            )
        return change

    def move_together(self, cells: _Array, goals: _Array) -> None:
        """Find tables that move many cells to their goals at once, changing only the cells given."""
        waiting = np.array([not self.reached(int(cell), goals[cell]) for cell in cells], dtype=bool)
        while waiting.any():
            n = len(cells)
            wanted, up = np.abs(goals[cells]), goals[cells] > 0
            reward = np.where(waiting, _FREE - 1, _FREE)
            # a rise and a fall of each cell twice: the step that counts towards its goal, then any further one
            highest = np.concatenate(
                [np.where(up, wanted, 0), np.full(n, np.inf), np.where(up, 0, wanted), np.zeros(n)]
            )
            highest[3 * n :] = np.maximum(self.room[cells] - highest[2 * n : 3 * n], 0)
            cost = np.concatenate([reward, np.full(n, _FREE), reward, np.full(n, _FREE)])
            change = self._solve(cost, cells, np.zeros(4 * n), highest)
            if change is None:
                return
            arrived = waiting & np.array([self.reached(int(cell), goals[cell]) for cell in cells])
            if not arrived.any():
                return
            waiting &= ~arrived

    def _solve(self, cost: _Array, cells: _Array, lowest: _Array, highest: _Array) -> _Array | None:
        """Return the change of every cell at least cost, whole numbers, consistent, or None."""
        from scipy.optimize import linprog  # half a second that most chapters need not wait

        part = self.relations[:, cells]
        rises = len(cost) // 2 // len(cells)
        found: Any = linprog(  # type: ignore[call-overload]  # the stubs know no sparse matrices
            cost,
            A_eq=hstack([part] * rises + [-part] * rises),
            b_eq=np.zeros(part.shape[0]),
            bounds=np.column_stack([lowest, highest]),
        )
        if found.x is None:
            return None
        steps = found.x.reshape(2 * rises, len(cells))
        moved = np.round(steps[:rises].sum(axis=0) - steps[rises:].sum(axis=0))
        if np.abs(part @ moved).max(initial=0.0) > 0:
            return None
        change = np.zeros_like(self.rise)
        change[cells] = moved
        np.maximum(self.rise, change, out=self.rise)
        np.maximum(self.fall, -change, out=self.fall)
        return change
