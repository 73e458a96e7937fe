"""What an attacker with a solver can say of the cells of published tables, from what is printed and the rules alone.

Every cell is an unknown whole number. A printed number stands for anything that rounds to it, "[c]" for at least one;
a total is the sum of its parts. Tables of the same records can be tied together by sums that must be equal.

A solver finds for each cell the least and the most that it can be. Where it is enough that a cell can be several
numbers, each table found counts for every cell: a few random ones show that of most, and the solver is asked about the
rest, one by one.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components

TOTAL, HIDDEN, MOST = "Total", "[c]", 1_000_000
Cell = tuple[str, str, str]


class Region:
    """Whole numbers between bounds of which some sums are zero, and the least and most that each was found to be."""

    def __init__(self, low: np.ndarray, high: np.ndarray, sums: list[dict[int, float]]) -> None:
        entries = [(line, cell, weight) for line, terms in enumerate(sums) for cell, weight in terms.items()]
        lines, cells, weights = zip(*entries, strict=True) if entries else ((), (), ())
        matrix = csr_array((weights, (lines, cells)), shape=(len(sums), len(low)))
        self.limits = [LinearConstraint(matrix, 0, 0)] if sums else []
        self.bounds, self.whole = Bounds(low, high), np.ones(len(low))
        self.least, self.most = np.full(len(low), np.inf), np.full(len(low), -np.inf)

    def find(self, cost: np.ndarray) -> None:
        """Find the table of least cost, and remember its numbers."""
        answer = milp(cost, constraints=self.limits, bounds=self.bounds, integrality=self.whole)
        if answer.x is None:
            raise ValueError("what is published contradicts itself")
        found = np.round(answer.x)
        self.least, self.most = np.minimum(self.least, found), np.maximum(self.most, found)

    def shake(self, cells: list[int], times: int = 2) -> None:
        """Find two tables in random directions: each shows of many cells at once that they can move."""
        signs = np.random.default_rng(len(self.least)).choice([-1.0, 1.0], size=(times, len(self.least)))
        for sign in signs:
            cost = np.zeros(len(self.least))
            cost[cells] = sign[cells]
            self.find(cost)

    def reaches(self, cell: int, low: float, high: float) -> bool:
        """Whether a cell can be as low and as high as that; the solver is asked only where no table found shows it."""
        for sign, far in ((1.0, self.least[cell] > low), (-1.0, self.most[cell] < high)):
            if far:
                self.end(cell, sign)
        return bool(self.least[cell] <= low and self.most[cell] >= high)

    def varies(self, cell: int, values: int) -> bool:
        """Whether a cell can be so many numbers."""
        for sign in (1.0, -1.0):
            if self.most[cell] - self.least[cell] + 1 < values:
                self.end(cell, sign)
        return bool(self.most[cell] - self.least[cell] + 1 >= values)

    def end(self, cell: int, sign: float) -> int:
        """Return the least (1) or the most (-1) that a cell can be."""
        cost = np.zeros(len(self.least))
        cost[cell] = sign
        self.find(cost)
        return int(self.least[cell] if sign > 0 else self.most[cell])


@dataclass
class Attack:
    """Unknown cells with their bounds, and the sums that tie them."""

    low: dict[Cell, float] = field(default_factory=dict)
    high: dict[Cell, float] = field(default_factory=dict)
    sums: list[dict[Cell, float]] = field(default_factory=list)
    protected: list[Cell] = field(default_factory=list)

    def add(self, key: str, printed: pd.DataFrame, *, base: int = 5, minimum: int = 5) -> None:
        """Add a table of counts as printed: its index names the rows; a row or column "Total" is the sum of the rest."""
        has_total = TOTAL in printed.index or TOTAL in printed.columns
        for row in printed.index:
            for column in printed.columns:
                self._cell((key, row, column), str(printed.loc[row, column]), base, minimum, has_total=has_total)
        for frame, turned in ((printed, False), (printed.T, True)):
            if TOTAL not in frame.columns:
                continue
            for row in frame.index:
                cells = [(key, column, row) if turned else (key, row, column) for column in frame.columns]
                if all(cell in self.low for cell in cells):
                    self.tie(dict.fromkeys(cells[:-1], 1.0) | {cells[-1]: -1.0})

    def tie(self, terms: Mapping[Cell, float]) -> None:
        """Say that a weighted sum of cells is zero."""
        self.sums.append(dict(terms))

    def forget(self, cell: Cell) -> None:
        """Say that a cell's printed number says nothing of it: it is worked out from other printed numbers."""
        if self.high.get(cell, 0) > 0:
            self.low[cell], self.high[cell] = 0, MOST
            self.protected = [each for each in self.protected if each != cell]

    def _cell(self, cell: Cell, text: str, base: int, minimum: int, *, has_total: bool) -> None:
        if text == "[z]":
            self.low[cell] = self.high[cell] = 0
            return
        if text == HIDDEN:
            self.low[cell], self.high[cell] = 1, MOST if has_total else minimum - 1
        elif (number := text.replace(",", "")).isdigit():
            least, most = (0, 0) if number == "0" else (int(number) - base // 2, int(number) + (base - 1) // 2)
            self.low[cell], self.high[cell] = max(least, minimum) if most else 0, most
        else:
            return
        if self.high[cell] > 0:
            self.protected.append(cell)

    def _tied(self) -> list[tuple[list[Cell], list[dict[Cell, float]]]]:
        """Groups of cells that sums tie together, directly or through others."""
        place = {cell: number for number, cell in enumerate(self.low)}
        pairs = [(place[next(iter(terms))], place[cell]) for terms in self.sums for cell in terms]
        if not pairs:
            return []
        first, second = zip(*pairs, strict=True)
        links = csr_array((np.ones(len(pairs)), (first, second)), shape=(len(place), len(place)))
        _, group = connected_components(links, directed=False)
        chosen = sorted({group[place[next(iter(terms))]] for terms in self.sums})
        return [
            (
                [cell for cell, number in place.items() if group[number] == each],
                [terms for terms in self.sums if group[place[next(iter(terms))]] == each],
            )
            for each in chosen
        ]

    def too_narrow(self, least: int = 3) -> dict[Cell, tuple[int, int]]:
        """Return the protected cells that can be fewer than so many numbers, with their range."""
        wanted = set(self.protected)
        ranges = {cell: (round(self.low[cell]), round(self.high[cell])) for cell in self.protected}
        found = {cell: (low, high) for cell, (low, high) in ranges.items() if high - low + 1 < least}
        for cells, sums in self._tied():
            place = {cell: number for number, cell in enumerate(cells)}
            low, high = (np.array([side[cell] for cell in cells]) for side in (self.low, self.high))
            region = Region(low, high, [{place[cell]: weight for cell, weight in terms.items()} for terms in sums])
            chosen = [place[cell] for cell in cells if cell in wanted]
            region.shake(chosen)
            narrow = [number for number in chosen if not region.varies(number, least)]
            found |= {cells[number]: (int(region.least[number]), int(region.most[number])) for number in narrow}
        return found
