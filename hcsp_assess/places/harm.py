"""How much harm is recorded? Records weighted by severity, or a range where weights are incomplete."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import pandas as pd

from hcsp_assess.errors import InputError
from hcsp_assess.sources.harm_weights import HarmWeights
from hcsp_assess.trends.small_tables import facts_table, rows_table

LEAST_COVERED = 0.95


@dataclass(frozen=True)
class Harm:
    """Severity-weighted records.

    Attributes
    ----------
    total : float
        Sum of weights of the records that have one.
    records, weighted : int
        All records, and those whose code has a weight.
    without_weight : dict of str to int
        Records by code that has none: they are in no total.
    by_offence : pandas.DataFrame
        Indexed by code: `offence`, `count`, `weight`, `harm`, highest harm first.
    complete : bool
        Whether at least 95% of records have a weight; below, the total may not be published as the harm of all.
    """

    total: float
    records: int
    weighted: int
    without_weight: dict[str, int]
    by_offence: pd.DataFrame
    complete: bool
    unit: str
    method: str

    def _repr_html_(self) -> str:
        facts = {
            f"Harm ({self.unit})": self.total,
            "Records": self.records,
            "Records with a weight": self.weighted,
            "Codes without a weight": ", ".join(f"{c} ({n})" for c, n in self.without_weight.items()) or "none",
            "Complete enough to publish": self.complete,
            "Method": self.method,
        }
        return facts_table("Severity-weighted harm", facts)


@dataclass(frozen=True)
class HarmRange:
    """The least and most harm of records when only their broad crime type is known.

    Attributes
    ----------
    low, high : float
        Sums with each type's lowest and highest weight.
    records, ranged : int
        All records, and those of a type that has weights.
    without_weight : dict of str to int
        Records by type that has none.
    by_type : pandas.DataFrame
        Indexed by type: `count`, `lowest_weight`, `highest_weight`, `low`, `high`.
    """

    low: float
    high: float
    records: int
    ranged: int
    without_weight: dict[str, int]
    by_type: pd.DataFrame
    unit: str
    method: str

    def _repr_html_(self) -> str:
        caption = f"Harm between {self.low:,.0f} and {self.high:,.0f} {self.unit}. {self.method}"
        rows = self.by_type.reset_index().itertuples(index=False, name=None)
        return rows_table(caption, ["Type", "Records", "Lowest weight", "Highest weight", "Least", "Most"], rows)


def weigh_harm(counts: pd.Series, weights: HarmWeights) -> Harm:
    """Return the severity-weighted sum of records by offence code.

    Parameters
    ----------
    counts : pandas.Series
        Records by Home Office offence code. Negative counts (transferred or cancelled records) are added as they are.

    Raises
    ------
    InputError
        If a count is missing or no code has a weight.

    Examples
    --------
    >>> table = pd.DataFrame(
    ...     {"offence": ["Theft", "Robbery"], "weight": [2.0, 365.0], "police_uk_type": ["Other theft", "Robbery"]},
    ...     index=["49", "34B"],
    ... )
    >>> harm = weigh_harm(pd.Series({"49": 10, "34B": 1, "99": 4}), HarmWeights(table, "an example", "days"))
    >>> harm.total, harm.without_weight, harm.complete  # 10 x 2 + 1 x 365
    (385.0, {'99': 4}, False)
    """
    known = _known(counts, weights.table.index, "offence code")
    table = weights.table.loc[known.index, ["offence", "weight"]]
    table.insert(1, "count", known)
    table["harm"] = table["count"] * table["weight"]
    records, weighted = int(counts.sum()), int(known.sum())
    return Harm(
        total=float(table["harm"].sum()),
        records=records,
        weighted=weighted,
        without_weight=_others(counts, known.index),
        by_offence=table.sort_values("harm", ascending=False, kind="stable"),
        complete=weighted >= LEAST_COVERED * records,
        unit=weights.unit,
        method=f"records times weight, {weights.name}",
    )


def range_harm(counts: pd.Series, weights: HarmWeights) -> HarmRange:
    """Return the least and most harm of records by broad crime type.

    Parameters
    ----------
    counts : pandas.Series
        Records by data.police.uk crime type.
    weights : HarmWeights
        With `police_uk_type` filled in.

    Raises
    ------
    InputError
        If a count is missing or no type has a weight.

    Notes
    -----
    One type holds offences of very different severity: "Violence and sexual offences" runs from malicious messages to
    homicide. The range is wide because the data are coarse; its middle means nothing and is not given.

    Examples
    --------
    >>> table = pd.DataFrame(
    ...     {"offence": ["Threat", "Wounding"], "weight": [5.0, 1460.0], "police_uk_type": ["Violence", "Violence"]},
    ...     index=["8L", "5D"],
    ... )
    >>> harm = range_harm(pd.Series({"Violence": 10}), HarmWeights(table, "an example", "days"))
    >>> harm.low, harm.high
    (50.0, 14600.0)
    """
    typed = weights.table[weights.table["police_uk_type"] != ""].groupby("police_uk_type")["weight"].agg(["min", "max"])
    known = _known(counts, typed.index, "police.uk crime type")
    table = pd.DataFrame(
        {
            "count": known,
            "lowest_weight": typed["min"].reindex(known.index),
            "highest_weight": typed["max"].reindex(known.index),
        }
    )
    table["low"] = table["count"] * table["lowest_weight"]
    table["high"] = table["count"] * table["highest_weight"]
    return HarmRange(
        low=float(table["low"].sum()),
        high=float(table["high"].sum()),
        records=int(counts.sum()),
        ranged=int(known.sum()),
        without_weight=_others(counts, known.index),
        by_type=table,
        unit=weights.unit,
        method=f"lowest and highest weight of each crime type, {weights.name}",
    )


def _known(counts: pd.Series, codes: pd.Index, what: str) -> pd.Series:
    if counts.isna().any():
        raise InputError(f"the count of {counts.index[counts.isna()][0]} is missing")
    if not counts.index.is_unique:
        raise InputError(f"{counts.index[counts.index.duplicated()][0]} occurs twice: add its counts up first")
    known = counts[counts.index.isin(codes)].astype(int)
    if known.empty:
        raise InputError(f"no {what} of the counts has a weight: check that both use the same codes")
    return known


def _others(counts: pd.Series, known: Iterable[object]) -> dict[str, int]:
    rest = counts.drop(list(known))
    return {str(code): int(count) for code, count in rest[rest != 0].items()}
