"""What an attacker with a solver can say of the cells of published tables, from what is printed and the rules alone.

Every cell is an unknown whole number. A printed number stands for anything that rounds to it, "[c]" for at least one;
a total is the sum of its parts. Tables of the same records can be tied together by sums that must be equal.
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

    def ranges(self) -> dict[Cell, tuple[int, int]]:
        """Return the smallest and the largest number that each protected cell can be; cells that are tied together."""
        wanted = set(self.protected)
        found = {cell: (round(self.low[cell]), round(self.high[cell])) for cell in self.protected}
        for cells, sums in self._tied():
            found |= self._solve(cells, sums, wanted)
        return found

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

    def _solve(
        self, cells: list[Cell], sums: list[dict[Cell, float]], wanted: set[Cell]
    ) -> dict[Cell, tuple[int, int]]:
        place = {cell: number for number, cell in enumerate(cells)}
        entries = [(line, place[cell], weight) for line, terms in enumerate(sums) for cell, weight in terms.items()]
        lines, columns, weights = zip(*entries, strict=True)
        matrix = csr_array((weights, (lines, columns)), shape=(len(sums), len(cells)))
        bounds = Bounds(np.array([self.low[cell] for cell in cells]), np.array([self.high[cell] for cell in cells]))
        found = {}
        for cell in [cell for cell in cells if cell in wanted]:
            ends = []
            for sign in (1.0, -1.0):
                cost = np.zeros(len(cells))
                cost[place[cell]] = sign
                limits = LinearConstraint(matrix, 0, 0)
                answer = milp(cost, constraints=limits, bounds=bounds, integrality=np.ones(len(cells)))
                assert answer.x is not None, f"what is published contradicts itself at {cell}"
                ends.append(round(answer.x[place[cell]]))
            found[cell] = (ends[0], ends[1])
        return found

    def too_narrow(self, least: int = 3) -> dict[Cell, tuple[int, int]]:
        """Return the protected cells that can be fewer than so many numbers, with their range."""
        return {cell: (low, high) for cell, (low, high) in self.ranges().items() if high - low + 1 < least}
