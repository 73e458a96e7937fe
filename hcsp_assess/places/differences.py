"""Which kinds of offence clearly differ between the places of one county?"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from hcsp_assess.errors import InputError
from hcsp_assess.places.ranking import LEAST_OF_TWO
from hcsp_assess.trends.multiplicity import CLEAR_LEVEL, adjust_p_values
from hcsp_assess.trends.rates import compare_counts
from hcsp_assess.trends.small_tables import facts_table


@dataclass(frozen=True)
class Differences:
    """Places of a county compared with the rest of it, kind by kind.

    Attributes
    ----------
    table : pandas.DataFrame
        One row for each comparison, the largest ratio either way first: `kind`, `place`, `count`, `rate`, `rest_count`,
        `rest_rate`, `ratio` (rate over that of the rest), `low`, `high` (95% interval), `p_value` (adjusted), `clear`.
    tested : int
        How many comparisons were made.
    method : str
        How they were made.
    """

    table: pd.DataFrame
    tested: int
    method: str

    @property
    def clear(self) -> pd.DataFrame:
        """The rows that are clear."""
        return self.table[self.table["clear"]]

    def _repr_html_(self) -> str:
        facts = {"Comparisons": self.tested, "Clear": len(self.clear), "Method": self.method}
        return facts_table("Places compared with the rest of their county", facts)


COLUMNS = ("kind", "place", "count", "rate", "rest_count", "rest_rate", "ratio", "low", "high")


def differences_between(
    counts: pd.DataFrame, people: pd.Series, spread: Mapping[str, float] | None = None, *, per: float = 1000.0
) -> Differences:
    """Compare the rate of each place with that of the rest of its county, for each kind of offence.

    Each comparison is `trends.rates.compare_counts` with residents as exposure, widened for how much places move from
    one year to the next (`ranking.spread_between_years`). All p-values are adjusted together (Benjamini-Hochberg), and
    a difference is clear at `trends.multiplicity.CLEAR_LEVEL`. Kinds with fewer than 40 offences in the place and the
    rest together, or with none in one of them, are not compared. Of two places the first
    alone is compared: its rest is the other.

    Parameters
    ----------
    counts : pandas.DataFrame
        Offences in one year: kinds in rows, places in columns; missing where a figure is not held. A kind is compared
        between the places that have a figure.
    people : pandas.Series
        Residents by place.
    spread : mapping of str to float, optional
        By kind, how much a place's count moves between years beyond chance, on the log scale; 0 for one not named.
    per : float
        Multiplier of the rates.

    Raises
    ------
    InputError
        If a place has no number of residents above zero.

    Notes
    -----
    Misleads where places record differently or have many visitors for their residents: it says who differs, never why.

    Examples
    --------
    >>> counts = pd.DataFrame({"North": [300, 100], "South": [150, 102]}, index=["shoplifting", "burglary"])
    >>> found = differences_between(counts, pd.Series({"North": 10_000, "South": 10_000}))
    >>> found.clear[["kind", "place", "ratio"]].values.tolist()
    [['shoplifting', 'North', 2.0]]
    """
    known = people.reindex(counts.columns).astype(float)
    if not (known > 0).all():
        raise InputError(f"{known.index[~(known > 0)][0]} has no number of residents: give one above zero")
    rows = [
        row
        for kind, line in counts.iterrows()
        for row in _of_kind(str(kind), line.dropna(), known, (spread or {}).get(str(kind), 0.0), per)
    ]
    table = pd.DataFrame([row for row, _ in rows], columns=list(COLUMNS))
    adjusted = adjust_p_values([p_value for _, p_value in rows], "benjamini-hochberg")
    table = table.assign(p_value=adjusted, clear=adjusted <= CLEAR_LEVEL)
    order = table["ratio"].map(lambda ratio: -abs(math.log(ratio))).sort_values(kind="stable")
    return Differences(
        table.loc[order.index].reset_index(drop=True).astype({"clear": bool}),
        len(table),
        "two counts compared with residents as exposure, widened for how much partnerships move between years; "
        f"Benjamini-Hochberg over {len(table)} comparisons",
    )


def _of_kind(
    kind: str, counts: pd.Series, people: pd.Series, spread: float, per: float
) -> list[tuple[tuple[object, ...], float]]:
    """The comparisons of one kind: the row of each, and its p-value."""
    places = list(counts.index[:1]) if len(counts) == 2 else list(counts.index)
    found: list[tuple[tuple[object, ...], float]] = []
    for place in places if len(counts) > 1 else []:
        others = counts.index != place
        count, rest = int(counts[place]), int(counts[others].sum())
        if min(count, rest) <= 0 or count + rest < LEAST_OF_TWO:
            continue
        here, there = float(people[place]), float(people[counts.index[others]].sum())
        dispersion = 1 + 2 * spread**2 / (1 / count + 1 / rest)
        compared = compare_counts(count, rest, exposure=here, exposure_before=there, dispersion=dispersion)
        row = (kind, place, count, count / here * per, rest, rest / there * per)
        found.append(((*row, compared.rate_ratio, compared.low, compared.high), compared.p_value))
    return found
