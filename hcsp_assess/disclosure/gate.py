"""The gate that every published table of counts or percentages must pass."""

from dataclasses import dataclass
from typing import Any, Final, Literal

import numpy as np
import pandas as pd
from scipy.sparse import csr_array

from hcsp_assess.disclosure.rules import DisclosureRule, disclosure_rule, share_leaves_values
from hcsp_assess.disclosure.suppression import costs_of, protect, relations_of
from hcsp_assess.disclosure.totals import Problem, choose_totals
from hcsp_assess.errors import InputError

Audience = Literal["public", "restricted"]
SYMBOLS: Final = {"[c]": "suppressed: confidential", "[x]": "not available", "[z]": "not applicable"}
TOTAL: Final = "Total"
LOG_COLUMNS: Final = ("table", "row", "column", "rule", "why")
TO_PROTECT: Final = "so that a small count can't be worked out"
_Array = np.ndarray[Any, np.dtype[Any]]


@dataclass(frozen=True)
class Gated:
    """A table that has passed the gate.

    Attributes
    ----------
    table : str
        Its name, as in the log.
    counts : pandas.DataFrame of Int64
        What is published, with totals, rounded; NA where a symbol is. Totals give no cell away (`totals`).
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
        base = self.rule.rounding
        if self.audience != "public" or base == 1:
            return tuple(used)
        has_total = TOTAL in self.counts.index or TOTAL in self.counts.columns
        rounded = f"Rounded to multiples of {base}." if has_total else f"Rounded to the nearest {base}."
        return *used, rounded


@dataclass(frozen=True)
class Suppressed:
    """A table with totals of which small cells, and those that would give them away, are suppressed; not yet rounded.

    Attributes
    ----------
    counts, sent, shown : pandas.DataFrame
        Counts, symbols before and after suppression.
    why : numpy.ndarray of str
        Why each cell is suppressed; "" where it is not.
    relations : scipy.sparse.csr_array
        One line per total, as `suppression.relations_of` gives them.
    """

    counts: pd.DataFrame
    sent: pd.DataFrame
    shown: pd.DataFrame
    why: _Array
    relations: csr_array

    @property
    def numbers(self) -> _Array:
        """Counts in one line, zero where there is none."""
        found: _Array = np.nan_to_num(self.counts.astype("Float64").to_numpy(dtype=float, na_value=np.nan)).ravel()
        return found

    @property
    def known(self) -> _Array:
        """Cells that are published with a number."""
        found: _Array = (self.shown == "").to_numpy().ravel()
        return found

    @property
    def hidden(self) -> _Array:
        """Cells that the gate suppressed."""
        found: _Array = ((self.sent == "") & (self.shown == "[c]")).to_numpy().ravel()
        return found

    def rounded(self, chosen: _Array) -> pd.DataFrame:
        """Return the published counts from one line of numbers; NA where a symbol is."""
        numbers = chosen.reshape(self.counts.shape)
        whole = pd.DataFrame(numbers, index=self.counts.index, columns=self.counts.columns).astype("Int64")
        return whole.mask(self.shown != "")


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

    It protects one table at a time. Two tables of the same records can together give away what neither does alone:
    pass those by `pass_together`, which makes what they share the same number in each.
    """
    given, across = as_frame(counts, add_across)
    used = disclosure_rule(rule) if isinstance(rule, str) else rule
    check_counts(given, table)
    if audience == "restricted":
        return as_they_are(given, marks, used, table, add_down=add_down, across=across)
    found = suppress(given, marks, used, add_down=add_down, across=across)
    return passed(found, _rounded(found, used), used, table)


def as_frame(counts: pd.DataFrame | pd.Series, add_across: bool) -> tuple[pd.DataFrame, bool]:
    """Return counts as a table, and whether it has totals across: a Series is a table of one column."""
    if isinstance(counts, pd.Series):
        return counts.to_frame(name=counts.name or "Count"), False
    return counts, add_across


def as_they_are(
    counts: pd.DataFrame,
    marks: pd.DataFrame | None,
    rule: DisclosureRule,
    table: str,
    *,
    add_down: bool,
    across: bool,
) -> Gated:
    """Return a table for the restricted edition: with totals, nothing suppressed or rounded."""
    values, symbols = _with_totals(counts, marks, add_down=add_down, across=across)
    why = np.full(values.shape, "", dtype=object)
    why[symbols.to_numpy() == "[c]"] = "suppressed by the sender"
    log = _log(why, symbols, table, rule)
    return Gated(table, values, symbols, log, rule, "restricted", _method(rule, "restricted"))


def passed(table: Suppressed, counts: pd.DataFrame, rule: DisclosureRule, name: str) -> Gated:
    """Return a table for the public edition."""
    log = _log(table.why, table.shown, name, rule)
    return Gated(name, counts, table.shown, log, rule, "public", _method(rule, "public"))


def suppress(
    counts: pd.DataFrame, marks: pd.DataFrame | None, rule: DisclosureRule, *, add_down: bool, across: bool
) -> Suppressed:
    """Add totals to a table of counts, and suppress small cells and those that would give them away."""
    values, symbols = _with_totals(counts, marks, add_down=add_down, across=across)
    numbers = values.astype("Float64").to_numpy(dtype=float, na_value=np.nan)
    small = (numbers >= 1) & (numbers < rule.minimum)
    why = np.full(values.shape, "", dtype=object)
    why[symbols.to_numpy() == "[c]"] = "suppressed by the sender"
    why[small] = f"below {rule.minimum}"
    relations = relations_of(values.shape, symbols.to_numpy(), add_down=add_down, across=across)
    if rule.secondary and small.any() and (add_down or across):
        hidden = protect(numbers.ravel(), small.ravel(), relations, costs_of(values.shape, add_down, across), rule)
        why[hidden.reshape(values.shape) & ~small] = TO_PROTECT
    shown = symbols.mask(pd.DataFrame(why != "", index=symbols.index, columns=symbols.columns), "[c]")
    return Suppressed(values, symbols, shown, why, relations)


def _rounded(table: Suppressed, rule: DisclosureRule) -> pd.DataFrame:
    """The published counts of a table by itself."""
    if rule.rounding == 1:
        return table.counts.mask(table.shown != "")
    truth = table.numbers
    last = np.arange(len(truth)) == len(truth) - 1
    none = np.zeros(len(truth), dtype=bool)
    problem = Problem(truth, table.known, table.hidden, table.relations, rule, quoted=last, fixed=none, given=none)
    return table.rounded(choose_totals(problem))


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
        Its `counts` are the percentages (Float64). Under a rule that rounds they are worked out from the rounded counts
        and are whole numbers, since an exact percentage gives the counts away. One is suppressed where its base is
        below the rule's minimum_base, or where it tells of fewer people than the rule's minimum, with or without the
        answer, but not none, or where the rounded counts leave fewer than three values. Where the base isn't known and
        the rule has a minimum count, it is suppressed as well.
    """
    used = disclosure_rule(rule) if isinstance(rule, str) else rule
    percent, base = results["percent"].astype("Float64"), results["base"].astype("Float64")
    part = (percent * base / 100).round()
    few = pd.Series(False, index=results.index)
    for people in (part, base - part):
        few |= ((people >= 1) & (people < used.minimum)).fillna(False)
    thin = (base < used.minimum_base).fillna(False)
    blind = base.isna() & (used.minimum > 0)
    told_too_much = _too_exact(part, base, used)
    why = pd.Series("", index=results.index).mask(blind, "no base").mask(told_too_much, TO_PROTECT)
    why = why.mask(few, f"below {used.minimum}")
    why = why.mask(thin, f"base below {used.minimum_base}").where(percent.notna(), "")
    symbols = pd.Series("", index=results.index).mask(percent.isna(), "[x]").mask(why != "", "[c]").to_frame("percent")
    told = percent if used.rounding == 1 else _of_rounded(part, base, percent, used.rounding)
    shown = told.mask(symbols["percent"] != "").to_frame("percent")
    log = _log(why.to_frame().to_numpy(), symbols, table, used)
    return Gated(table, shown, symbols, log, used, "public", _method(used, "public"))


def _too_exact(part: pd.Series, base: pd.Series, rule: DisclosureRule) -> pd.Series:
    """Whether a percentage and its base, with the rule, leave fewer than three values for a count behind them."""
    pairs = zip(part, base, strict=True)
    found = [
        pd.notna(some) and pd.notna(of) and not share_leaves_values(int(some), int(of), rule) for some, of in pairs
    ]
    return pd.Series(found, index=part.index, dtype=bool)


def _of_rounded(part: pd.Series, base: pd.Series, percent: pd.Series, multiple: int) -> pd.Series:
    """Percentages of the rounded counts, as whole numbers; where there is no base, the percentage itself."""
    rounded = [(number / multiple + 0.5).astype("Float64").map(np.floor, na_action="ignore") for number in (part, base)]
    found = 100 * rounded[0] / rounded[1].mask(rounded[1] == 0)
    return found.where(base.notna(), percent).round()


def check_counts(counts: pd.DataFrame, table: str) -> None:
    """Refuse a table that is not one of counts without totals."""
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
