"""Disclosure control: the gate that every published table of counts or percentages must pass.

Small counts are suppressed (primary). Then, where a total would give one away, further cells are (secondary): for each
small count a linear programme looks for another table that agrees with everything published and in which the count is
1, and one in which it is not small; cells that such a table must change are suppressed too, as few as it finds. The
tables found are proofs: whoever knows only what is published can't tell them from the true one. A table of two ways
with totals is a network, so that the programmes have whole numbers as their solutions.

Sources: Fischetti and Salazar (2001), Management Science 47, 1008-1027 (cell suppression and the attacker's problem);
Kelly, Golden and Assad (1992), Networks 22, 397-417 (network heuristic for secondary suppression).
"""

import tomllib
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from typing import Any, Final, Literal

import numpy as np
import pandas as pd
from scipy.sparse import csr_array, hstack

from hcsp_assess.errors import InputError

Audience = Literal["public", "restricted"]
SYMBOLS: Final = {"[c]": "suppressed: confidential", "[x]": "not available", "[z]": "not applicable"}
TOTAL: Final = "Total"
LOG_COLUMNS: Final = ("table", "row", "column", "rule", "why")
_TO_PROTECT: Final = "so that a small count can't be worked out"
_COST_OF_TOTAL, _COST_OF_GRAND_TOTAL = 50.0, 2_000.0  # in cells: totals are worth more to a reader
_FREE: Final = 1e-4  # cost of changing a cell that is suppressed anyway
_Array = np.ndarray[Any, np.dtype[Any]]


@dataclass(frozen=True)
class DisclosureRule:
    """What may be published of a kind of source.

    Attributes
    ----------
    minimum : int
        Counts from 1 to one below it are suppressed; 0 suppresses none.
    rounding : int
        Published counts are rounded to the nearest multiple of it, halves up; 1 leaves them.
    secondary : bool
        Whether cells are suppressed to protect others.
    minimum_base : int
        Percentages of a smaller base are suppressed.
    certainty, reason : str
        How the rule is known, and why it is.
    """

    key: str
    title: str
    minimum: int
    rounding: int
    secondary: bool
    minimum_base: int
    certainty: str
    reason: str


@dataclass(frozen=True)
class Gated:
    """A table that has passed the gate.

    Attributes
    ----------
    table : str
        Its name, as in the log.
    counts : pandas.DataFrame of Int64
        What is published, with totals, rounded; NA where a symbol is.
    symbols : pandas.DataFrame of str
        "[c]", "[x]" or "[z]" where there is no number, else "".
    log : pandas.DataFrame
        table, row, column, rule, why: one line per cell suppressed. It holds no counts and may be published.
    """

    table: str
    counts: pd.DataFrame
    symbols: pd.DataFrame
    log: pd.DataFrame
    rule: DisclosureRule
    audience: Audience
    method: str

    @property
    def frame(self) -> pd.DataFrame:
        """The table as printed: numbers with thousands separators, or symbols."""
        texts = self.counts.map(lambda value: "" if pd.isna(value) else f"{value:,}")
        return texts.where(self.symbols == "", self.symbols)

    @property
    def notes(self) -> tuple[str, ...]:
        """Notes to print under the table: the symbols that occur in it, and rounding."""
        used = [
            f"{symbol} {meaning}" for symbol, meaning in SYMBOLS.items() if (self.symbols == symbol).to_numpy().any()
        ]
        rounded = self.audience == "public" and self.rule.rounding > 1
        return (*used, f"Rounded to the nearest {self.rule.rounding}.") if rounded else tuple(used)


def disclosure_rules() -> dict[str, DisclosureRule]:
    """Return every rule, by key, from definitions/disclosure.toml."""
    return dict(_rules())


def disclosure_rule(key: str) -> DisclosureRule:
    """Return one rule; `InputError`, naming those that exist, for any other key."""
    if key not in _rules():
        raise InputError(f"there is no disclosure rule {key!r}: choose one of {', '.join(_rules())}")
    return _rules()[key]


@lru_cache(maxsize=1)
def _rules() -> dict[str, DisclosureRule]:
    file = resources.files("hcsp_assess") / "definitions" / "disclosure.toml"
    rules = tomllib.loads(file.read_text(encoding="utf-8"))["rule"]
    return {rule["key"]: DisclosureRule(**rule) for rule in rules}


def pass_gate(
    counts: pd.DataFrame | pd.Series,
    *,
    rule: str | DisclosureRule,
    table: str,
    marks: pd.DataFrame | None = None,
    add_down: bool = True,
    add_across: bool = True,
    audience: Audience = "public",
) -> Gated:
    """Let a table of counts through the gate.

    Parameters
    ----------
    counts : pandas.DataFrame or Series
        Counts without totals: whole numbers, NA where there is none. A Series is a table of one column.
    rule : str or DisclosureRule
        Key of the rule, or a rule.
    table : str
        Name of the table for the log.
    marks : pandas.DataFrame, optional
        Why a count is NA: "c" (the sender suppressed it), "x" (not available, the default) or "z" (not applicable: adds
        nothing to totals).
    add_down, add_across : bool
        Whether a line of totals and a column of totals are published. Say False where columns (or rows) are not parts
        of one whole: only the primary rule then applies along them.
    audience : str
        "public", or "restricted": nothing is suppressed or rounded, and the method says so.

    Raises
    ------
    InputError
        Negative or broken counts, labels that are not unique, or a row or column already called "Total".

    Notes
    -----
    With zeros published, whoever reads the table knows that a suppressed count is at least 1. For every suppressed
    small count the range that can be worked out runs from 1 (for a total, from the number of its parts that are not
    zero) to at least the rule's minimum.

    It protects one table at a time. Two tables of the same records that share more than their totals (by ward and sex,
    and by ward and age) can together give away what neither does alone; so can last quarter's table of a year to date.
    Publish one cross-table of each set of records, or pass the finest one and aggregate the result.
    """
    given = counts.to_frame(name=counts.name or "Count") if isinstance(counts, pd.Series) else counts
    across = add_across and not isinstance(counts, pd.Series)
    used = disclosure_rule(rule) if isinstance(rule, str) else rule
    _check(given, table)
    values, symbols = _with_totals(given, marks, add_down=add_down, across=across)
    why = np.full(values.shape, "", dtype=object)
    why[symbols.to_numpy() == "[c]"] = "suppressed by the sender"
    if audience == "public":
        numbers = values.astype("Float64").to_numpy(dtype=float, na_value=np.nan)
        small = (numbers >= 1) & (numbers < used.minimum)
        why[small] = f"below {used.minimum}"
        if used.secondary and small.any() and (add_down or across):
            relations = _relations(values.shape, symbols.to_numpy(), add_down=add_down, across=across)
            hidden = _protect(numbers.ravel(), small.ravel(), relations, _costs(values.shape, add_down, across), used)
            why[hidden.reshape(values.shape) & ~small] = _TO_PROTECT
        symbols = symbols.mask(pd.DataFrame(why != "", index=symbols.index, columns=symbols.columns), "[c]")
        values = _rounded(values.mask(symbols != ""), used.rounding)
    return Gated(table, values, symbols, _log(why, symbols, table, used), used, audience, _method(used, audience))


def pass_gate_percentages(results: pd.DataFrame, *, rule: str | DisclosureRule, table: str) -> Gated:
    """Apply disclosure control to percentages and the numbers behind them.

    Parameters
    ----------
    results : pandas.DataFrame
        Columns `percent` (0 to 100) and `base`; its index names the rows.
    rule, table
        As in `pass_gate`.

    Returns
    -------
    Gated
        Its `counts` are the percentages (Float64). One is suppressed where its base is below the rule's minimum_base,
        or where it tells of fewer people than the rule's minimum, with or without the answer, but not none. Where the
        base isn't known and the rule has a minimum count, it is suppressed as well.
    """
    used = disclosure_rule(rule) if isinstance(rule, str) else rule
    percent, base = results["percent"].astype("Float64"), results["base"].astype("Float64")
    part = (percent * base / 100).round()
    few = pd.Series(False, index=results.index)
    for people in (part, base - part):
        few |= ((people >= 1) & (people < used.minimum)).fillna(False)
    thin = (base < used.minimum_base).fillna(False)
    blind = base.isna() & (used.minimum > 0)
    why = pd.Series("", index=results.index).mask(blind, "no base").mask(few, f"below {used.minimum}")
    why = why.mask(thin, f"base below {used.minimum_base}").where(percent.notna(), "")
    symbols = pd.Series("", index=results.index).mask(percent.isna(), "[x]").mask(why != "", "[c]").to_frame("percent")
    shown = percent.mask(symbols["percent"] != "").to_frame("percent")
    log = _log(why.to_frame().to_numpy(), symbols, table, used)
    return Gated(table, shown, symbols, log, used, "public", _method(used, "public"))


def _check(counts: pd.DataFrame, table: str) -> None:
    if not counts.index.is_unique or not counts.columns.is_unique:
        raise InputError(f"table {table!r} has two rows or columns with the same name")
    if TOTAL in counts.index or TOTAL in counts.columns:
        raise InputError(f"table {table!r} already has totals: pass the counts alone, and the gate adds them")
    numbers = counts.astype("Float64").to_numpy(dtype=float, na_value=np.nan)
    known = numbers[~np.isnan(numbers)]
    if (known < 0).any() or (known != np.floor(known)).any() or np.isinf(known).any():
        raise InputError(f"table {table!r} has numbers that are not counts: use whole numbers from 0, or NA")


def _with_totals(
    counts: pd.DataFrame, marks: pd.DataFrame | None, *, add_down: bool, across: bool
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return counts and symbols with totals; a total of which a part isn't known isn't known either."""
    values = counts.astype("Int64")
    why = pd.DataFrame("x", index=values.index, columns=values.columns) if marks is None else marks.reindex_like(values)
    symbols = ("[" + why.fillna("x").replace("", "x").astype("str") + "]").where(values.isna(), "")
    sides: tuple[tuple[bool, Literal[0, 1]], ...] = ((across, 1), (add_down, 0))
    for wanted, axis in sides:
        if not wanted:
            continue
        unknown = values.isna() & (symbols != "[z]")
        total = values.sum(axis=axis, min_count=0).mask(unknown.any(axis=axis)).astype("Int64")
        sent = (symbols == "[c]").any(axis=axis)
        symbol = pd.Series("", index=total.index).mask(total.isna(), "[x]").mask(total.isna() & sent, "[c]")
        if axis == 1:
            values, symbols = values.assign(**{TOTAL: total}), symbols.assign(**{TOTAL: symbol})
        else:
            values.loc[TOTAL], symbols.loc[TOTAL] = total, symbol
    return values.astype("Int64"), symbols


def _relations(shape: tuple[int, int], symbols: _Array, *, add_down: bool, across: bool) -> csr_array:
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


def _costs(shape: tuple[int, int], add_down: bool, across: bool) -> _Array:
    costs = np.ones(shape)
    if across:
        costs[:, -1] = _COST_OF_TOTAL
    if add_down:
        costs[-1, :] = _COST_OF_TOTAL
    if across and add_down:
        costs[-1, -1] = _COST_OF_GRAND_TOTAL
    return costs.ravel()


def _protect(values: _Array, small: _Array, relations: csr_array, costs: _Array, rule: DisclosureRule) -> _Array:
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


def _rounded(values: pd.DataFrame, base: int) -> pd.DataFrame:
    return values if base == 1 else ((values + base // 2) // base * base).astype("Int64")


def _log(why: _Array, symbols: pd.DataFrame, table: str, rule: DisclosureRule) -> pd.DataFrame:
    lines = [
        (table, str(row), str(column), rule.key, why[i, j])
        for i, row in enumerate(symbols.index)
        for j, column in enumerate(symbols.columns)
        if why[i, j]
    ]
    return pd.DataFrame(lines, columns=list(LOG_COLUMNS), dtype="str")


def _method(rule: DisclosureRule, audience: Audience) -> str:
    if audience == "restricted":
        return "restricted edition: nothing suppressed or rounded"
    steps = [f"counts under {rule.minimum} suppressed"] if rule.minimum else []
    steps += ["other cells suppressed to protect them (linear programming)"] if rule.secondary else []
    steps += [f"rounded to {rule.rounding}"] if rule.rounding > 1 else []
    return f"{rule.title}: {', '.join(steps) or 'published as they are'}"
