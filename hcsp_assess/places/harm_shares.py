"""Which offences cause most harm? Estimates from groups of offences."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from hcsp_assess.errors import InputError
from hcsp_assess.trends.small_tables import rows_table


@dataclass(frozen=True)
class HarmShares:
    """Shares of recorded crime and of its harm, by group of offences.

    Attributes
    ----------
    table : pandas.DataFrame
        One row per group, most harm first: `label`, `count`, `percent_of_crime`, `percent_of_harm`, and its range `low`
        to `high`.
    crimes : int
        Offences weighed.
    not_weighed : int
        Offences of groups that have no weight.
    top : tuple of str
        The fewest groups that carry at least half of the harm, most first; `top_crime`, `top_harm`, `top_low` and
        `top_high` are their shares together, in per cent.
    method : str
        Which weights.
    """

    table: pd.DataFrame
    crimes: int
    not_weighed: int
    top: tuple[str, ...]
    top_crime: float
    top_harm: float
    top_low: float
    top_high: float
    method: str

    def _repr_html_(self) -> str:
        rows = self.table[["label", "count", "percent_of_crime", "percent_of_harm", "low", "high"]]
        columns = ["Group", "Offences", "% of crime", "% of harm", "Lowest", "Highest"]
        return rows_table(self.method, columns, rows.itertuples(index=False, name=None))


def share_harm(counts: pd.Series, weights: pd.DataFrame, labels: pd.Series, *, method: str) -> HarmShares:
    """Divide harm among groups of offences, by the mean severity in each.

    The range of a group's share takes its own mean weight at one end of the range between police forces and those of
    all other groups at the other end. It is a range of what the mix of offences within groups could be, not a
    confidence interval.

    Parameters
    ----------
    counts : pandas.Series
        Offences by group; negative counts (offences cancelled or transferred) are taken as zero.
    weights : pandas.DataFrame
        By group: `weight`, `low`, `high`; see `sources.context.severity_by_group`.
    labels : pandas.Series
        Names for readers, by group.
    method : str
        Which weights, for readers.

    Raises
    ------
    InputError
        If no group has both offences and a weight.

    Notes
    -----
    Severity weights follow the courts' sentences. They say nothing of harm to communities, of repeat victims, or of
    crime that was not reported; weights of drug and weapon offences measure police activity as much as harm.

    Examples
    --------
    >>> weights = pd.DataFrame({"weight": [10.0, 990.0], "low": [10, 900], "high": [10, 1100]}, index=["theft", "rape"])
    >>> shares = share_harm(pd.Series({"theft": 99, "rape": 1}), weights, pd.Series({"theft": "Theft", "rape": "Rape"}),
    ...     method="an example")
    >>> shares.top, shares.top_crime, shares.top_harm, round(shares.top_low), round(shares.top_high)
    (('Theft',), 99.0, 50.0, 47, 52)
    """
    known = counts.dropna().astype(float).clip(lower=0)
    weighed = known[known.index.isin(weights.index) & (known > 0)]
    if weighed.empty:
        raise InputError("no group of offences has both a count and a severity weight")
    used = weights.loc[weighed.index]
    harm, low, high = (weighed * used[name] for name in ("weight", "low", "high"))
    table = pd.DataFrame(
        {
            "label": labels.reindex(weighed.index),
            "count": weighed.astype("Int64"),
            "percent_of_crime": 100 * weighed / weighed.sum(),
            "percent_of_harm": 100 * harm / harm.sum(),
            "low": 100 * low / (low + high.sum() - high),
            "high": 100 * high / (high + low.sum() - low),
        }
    ).sort_values("percent_of_harm", ascending=False, kind="stable")
    number = int(np.searchsorted(table["percent_of_harm"].cumsum().to_numpy(), 50.0 - 1e-9)) + 1
    first = table.index[:number]
    rest = table.index[number:]
    top_low = 100 * low[first].sum() / (low[first].sum() + high[rest].sum())
    top_high = 100 * high[first].sum() / (high[first].sum() + low[rest].sum())
    return HarmShares(
        table=table,
        crimes=int(weighed.sum()),
        not_weighed=int(known.sum() - weighed.sum()),
        top=tuple(map(str, table.loc[first, "label"])),
        top_crime=float(table.loc[first, "percent_of_crime"].sum()),
        top_harm=float(table.loc[first, "percent_of_harm"].sum()),
        top_low=float(top_low),
        top_high=float(top_high),
        method=method,
    )
