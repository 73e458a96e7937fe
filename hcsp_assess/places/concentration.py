"""How concentrated is crime? The busiest places' share, Lorenz curve, Gini, and whether they stay the same."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from hcsp_assess.errors import InputError
from hcsp_assess.trends.small_tables import facts_table, rows_table


@dataclass(frozen=True)
class Concentration:
    """How unequally records are distributed over places.

    Attributes
    ----------
    top : pandas.DataFrame
        One row per share of places asked for: `percent_of_places`, `places`, `records`, `percent_of_records`.
    lorenz : pandas.DataFrame
        Cumulative `share_of_places` and `share_of_records`, busiest place first, from 0 to 1.
    gini : float
        0 if every place has the same count, towards 1 if one has all.
    generalised_gini : float
        The same, allowing for fewer records than places; equal to `gini` when there are more records than places.
    """

    places: int
    records: int
    top: pd.DataFrame
    lorenz: pd.DataFrame
    gini: float
    generalised_gini: float
    method: str

    def _repr_html_(self) -> str:
        rows = [*self.top.itertuples(index=False, name=None)]
        columns = ["Busiest % of places", "Places", "Records", "% of records"]
        return rows_table(f"{self.records:,} records in {self.places:,} places", columns, rows)


def measure_concentration(counts: pd.Series, *, top: Sequence[float] = (1, 5, 10, 20)) -> Concentration:
    """Measure how concentrated records are.

    Parameters
    ----------
    counts : pandas.Series
        Records by place; places without a record must be there, with zero.
    top : sequence of float
        Percentages of places whose share of records is wanted; each is rounded to whole places, at least one.

    Raises
    ------
    InputError
        If a count is missing or negative, or there are no records.

    Notes
    -----
    Law of concentration: Weisburd (2015), Criminology 53, 133-157. Generalised Gini: Bernasco and Steenbeek (2017), J.
    Quantitative Criminology 33, 451-467: G' = max(1/n, 1/c) (2 sum(i y_i) - n - 1) - max(n/c, 1) + 1 for c records in
    n places with shares y_i in rising order, so that 5 records in 100 places do not count as concentrated for that
    alone.

    It misleads between areas whose places differ in size or number: compare over time, on the same places.

    Examples
    --------
    >>> found = measure_concentration(pd.Series([50] + [0] * 9), top=[10])  # one place of ten has all
    >>> found.top["percent_of_records"].tolist(), round(found.gini, 6)
    ([100.0], 0.9)
    """
    sorted_counts = _checked(counts).sort_values(ascending=False, kind="stable").to_numpy(float)
    n, total = len(sorted_counts), float(sorted_counts.sum())
    cumulative = np.concatenate([[0.0], sorted_counts.cumsum()])
    sizes = [min(n, max(1, round(percent * n / 100))) for percent in top]
    table = pd.DataFrame(
        {
            "percent_of_places": [float(percent) for percent in top],
            "places": sizes,
            "records": [int(cumulative[size]) for size in sizes],
            "percent_of_records": [100 * cumulative[size] / total for size in sizes],
        }
    )
    shares = sorted_counts[::-1] / total
    gini = float((2 * (np.arange(1, n + 1) * shares).sum() - n - 1) / n)
    lorenz = pd.DataFrame({"share_of_places": np.arange(n + 1) / n, "share_of_records": cumulative / total})
    return Concentration(
        places=n,
        records=int(total),
        top=table,
        lorenz=lorenz,
        gini=gini,
        generalised_gini=max(n / total, 1) * (gini - 1) + 1,
        method="shares of the busiest places; Gini generalised by Bernasco and Steenbeek (2017)",
    )


@dataclass(frozen=True)
class Persistence:
    """Whether the busiest places are the same in two periods.

    Attributes
    ----------
    busiest_before, busiest_after : tuple of str
        The busiest places of each period, busiest first.
    both : tuple of str
        Those in both.
    expected_by_chance : float
        How many would be in both if the places had been drawn by lot.
    rank_correlation : float
        Spearman's, over all places: 1 if their order is the same.
    """

    busiest_before: tuple[str, ...]
    busiest_after: tuple[str, ...]
    both: tuple[str, ...]
    expected_by_chance: float
    rank_correlation: float
    method: str

    def _repr_html_(self) -> str:
        facts = {
            "Busiest places looked at": len(self.busiest_before),
            "Among the busiest in both periods": len(self.both),
            "Expected by chance": self.expected_by_chance,
            "Rank correlation of all places": self.rank_correlation,
        }
        return facts_table("Are the busiest places still the same?", facts)


def measure_persistence(before: pd.Series, after: pd.Series, *, top: float = 10) -> Persistence:
    """Compare the busiest places of two periods.

    Parameters
    ----------
    before, after : pandas.Series
        Records by place in each period, for the same places.
    top : float
        Percentage of places that count as the busiest; rounded to whole places, at least one.

    Raises
    ------
    InputError
        If the places differ, a count is missing or negative, or a period has no records.

    Examples
    --------
    >>> before = pd.Series({"A": 9, "B": 5, "C": 2, "D": 1})
    >>> found = measure_persistence(before, before * 2, top=50)
    >>> found.both, found.expected_by_chance, found.rank_correlation
    (('A', 'B'), 1.0, 1.0)
    """
    before, after = _checked(before), _checked(after)
    if set(before.index) != set(after.index):
        raise InputError("the two periods have different places: a place without records needs a zero")
    size = max(1, round(top * len(before) / 100))
    busiest = [counts.sort_values(ascending=False, kind="stable").index[:size] for counts in (before, after)]
    return Persistence(
        busiest_before=tuple(busiest[0]),
        busiest_after=tuple(busiest[1]),
        both=tuple(code for code in busiest[1] if code in set(busiest[0])),
        expected_by_chance=size**2 / len(before),
        rank_correlation=float(before.corr(after.reindex(before.index), method="spearman")),
        method=f"the busiest {top:g}% of places in each period; Spearman's rank correlation",
    )


def _checked(counts: pd.Series) -> pd.Series:
    if counts.isna().any():
        raise InputError(
            f"the count of {counts.index[counts.isna()][0]} is missing: a place without records needs a zero"
        )
    if (counts < 0).any():
        raise InputError(f"the count of {counts.astype(float).idxmin()} is below zero")
    if not counts.sum() > 0:
        raise InputError("there are no records, so there is no concentration to measure")
    return counts
