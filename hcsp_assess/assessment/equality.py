"""Equality: who is affected, by protected characteristic, with rates and intervals, past the disclosure gate."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

import pandas as pd

from hcsp_assess.disclosure import TOTAL, Audience, Gated, pass_gate
from hcsp_assess.errors import InputError
from hcsp_assess.sources.returns.definitions import CHARACTERISTICS, ReturnDefinition
from hcsp_assess.trends.rates import Interval, rate, wilson_interval

NOT_KNOWN: Final = "Not known"
REST: Final = "others"


@dataclass(frozen=True)
class Measure:
    """What is shown by group, and which rule of disclosure it passes for which readers.

    Attributes
    ----------
    characteristic, measure : str
        For the reader: "age", "People who offended again".
    rule : str
        Rule of disclosure of the return.
    audience : str
        As in `pass_gate`.
    """

    characteristic: str
    measure: str
    rule: str
    audience: Audience = "public"

    @property
    def table(self) -> str:
        """Name of its table, for the log of disclosure."""
        return f"{self.measure} by {self.characteristic}"


@dataclass(frozen=True)
class Breakdown:
    """One measure by the groups of a characteristic.

    Attributes
    ----------
    frame : pandas.DataFrame
        One line per group, ready to print: Group, the counts, the rate or percentage, Lower, Upper. Where the counts
        behind a figure are suppressed, so is the figure.
    gated : Gated
        The counts as they passed the gate, with the log.
    """

    characteristic: str
    measure: str
    frame: pd.DataFrame
    gated: Gated
    method: str


def characteristics_carried(returns: Iterable[ReturnDefinition]) -> pd.DataFrame:
    """Say which returns tell of which of the nine protected characteristics (Equality Act 2010, section 4).

    Returns
    -------
    pandas.DataFrame
        characteristic and returns: the names of those that have a column of it; "" where no return has, which is a gap
        to report and not a reason to leave the characteristic out.
    """
    carried: dict[str, list[str]] = {name: [] for name in CHARACTERISTICS}
    for definition in returns:
        for column in definition.columns:
            names = CHARACTERISTICS if column.name == "characteristic" else (column.characteristic,)
            for characteristic in names:
                if characteristic:
                    carried[characteristic].append(definition.name)
    return pd.DataFrame(
        {"characteristic": list(carried), "returns": [", ".join(dict.fromkeys(names)) for names in carried.values()]}
    )


def count_groups(rows: pd.DataFrame, by: str, count: str | None = None) -> tuple[pd.Series, pd.Series]:
    """Count by group: records, or the sum of a column of counts.

    Parameters
    ----------
    rows : pandas.DataFrame
        Rows of a return.
    by : str
        Column of groups. Rows without a group count as "Not known".
    count : str, optional
        Column of counts with its `_status`; by default every row counts once.

    Returns
    -------
    tuple of pandas.Series
        Counts (Int64) and why one is missing: "c" where a part was suppressed by the sender, "x" where one is missing.
    """
    groups = rows[by].fillna(NOT_KNOWN)
    if count is None:
        counts = groups.value_counts().sort_index().astype("Int64")
        return counts.rename("Count"), pd.Series("", index=counts.index)
    status = rows[f"{count}_status"]
    sums = rows[count].groupby(groups).sum().astype("Int64")
    suppressed = (status == "suppressed").groupby(groups).any()
    missing = (status == "missing").groupby(groups).any()
    why = pd.Series("", index=sums.index).mask(missing, "x").mask(suppressed, "c")
    return sums.mask(why != "").rename("Count"), why


def shares_by_group(rows: pd.DataFrame, by: str, *, part: str, whole: str, shown: Measure) -> Breakdown:
    """Return which share of each group something applies to: reoffenders of offenders, repeats of cases.

    Parameters
    ----------
    rows : pandas.DataFrame
        Rows of an aggregate return.
    by, part, whole : str
        Columns: the groups, the count it applies to, and the count it is out of.

    Returns
    -------
    Breakdown
        Percentages with Wilson intervals, worked out from the published counts, so that they give nothing else away;
        under a rule that rounds they are as rough as the rounding.

    Raises
    ------
    InputError
        If a part exceeds its whole.
    """
    parts, why_part = count_groups(rows, by, part)
    wholes, why_whole = count_groups(rows, by, whole)
    if ((parts > wholes).fillna(False)).any():
        raise InputError(f"{part} exceed {whole} in a group of {by}")
    name = shown.measure
    counts = pd.DataFrame({name: parts, REST: (wholes - parts).astype("Int64")})
    marks = pd.DataFrame({name: why_part, REST: why_part.where(why_part != "", why_whole)})
    gated = pass_gate(counts, rule=shown.rule, table=shown.table, marks=marks, audience=shown.audience)
    lines = [_share_line(group, gated, name) for group in gated.counts.index]
    method = f"{gated.method}; Wilson score intervals of the published counts"
    frame = pd.DataFrame(lines, columns=["Group", name, "Out of", "Per cent", "Lower", "Upper"])
    return Breakdown(shown.characteristic, name, frame, gated, method)


def rates_by_group(
    counts: pd.Series, population: pd.Series, shown: Measure, *, per: int = 1_000, gated: Gated | None = None
) -> Breakdown:
    """Return the rate of each group per so many residents of that group.

    Parameters
    ----------
    counts : pandas.Series of Int64
        Counts by group (`count_groups`).
    population : pandas.Series
        Residents by group, the same labels; a group without one (such as "Not known") has a count and no rate.
    per : int
        Residents that the rate is of.
    gated : Gated, optional
        The counts past the gate with other tables of the same records; by default they pass it alone.

    Returns
    -------
    Breakdown
        Rates with Poisson limits (exact below 10, Byar from 10) of the published counts.

    Notes
    -----
    It misleads where many records have no group, or where residents are not those at risk: visitors, students, people
    on a night out. A difference between groups is a question, not an explanation.
    """
    if gated is None:
        gated = pass_gate(counts, rule=shown.rule, table=shown.table, audience=shown.audience)
    column = str(gated.counts.columns[0])
    residents = {str(group): float(people) for group, people in population.dropna().items()}
    residents[TOTAL] = sum(residents.values())
    lines = []
    for group in map(str, gated.counts.index):
        value = _number(gated, group, column)
        known = value is not None and group in residents
        limits = rate(value or 0, residents[group], multiplier=per) if known else None
        lines.append((group, _text(gated, group, column), *_printed(limits, _symbol(gated, group, column), 1)))
    columns = ["Group", shown.measure, f"Rate per {per:,}", "Lower", "Upper"]
    method = f"{gated.method}; Poisson limits (exact below 10, Byar from 10) of the published counts"
    return Breakdown(shown.characteristic, shown.measure, pd.DataFrame(lines, columns=columns), gated, method)


def _share_line(group: str, gated: Gated, part: str) -> tuple[str, ...]:
    value, whole = _number(gated, group, part), _number(gated, group, TOTAL)
    limits = wilson_interval(min(value, whole), whole) if value is not None and whole else None
    symbol = _symbol(gated, group, part) or _symbol(gated, group, TOTAL)
    return group, _text(gated, group, part), _text(gated, group, TOTAL), *_printed(limits, symbol, 100)


def _number(gated: Gated, group: str, column: str) -> float | None:
    value: Any = gated.counts.loc[group, column]
    return None if pd.isna(value) else float(value)


def _symbol(gated: Gated, group: str, column: str) -> str:
    return str(gated.symbols.loc[group, column])


def _text(gated: Gated, group: str, column: str) -> str:
    return str(gated.frame.loc[group, column])


def _printed(limits: Interval | None, symbol: str, scale: int) -> tuple[str, str, str]:
    if limits is None:
        shown = symbol or "[z]"
        return shown, shown, shown
    low, value, high = (f"{scale * number:.1f}" for number in (limits.low, limits.value, limits.high))
    return value, low, high
