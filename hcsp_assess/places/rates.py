"""How high is the rate? Rates of small areas with intervals, shrunk before they are ranked."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from hcsp_assess.errors import InputError
from hcsp_assess.trends.rates import rate
from hcsp_assess.trends.small_tables import facts_table

MANY_COME = "many people come here to shop or go out: use the count, not the rate per resident"
FEW_LIVE = "few people live here and many come to shop or go out: use the count, not the rate per resident"
FEW = 0.75  # of the average number of residents: "few people live here" is only said of areas with fewer
METHOD = "exact below 10 and Byar from 10 limits; Marshall's empirical Bayes"
TOO_FEW = 10  # below it a rate is hatched on maps; the same line as Public Health England's guide draws


@dataclass(frozen=True)
class AreaRates:
    """Rates of a set of small areas.

    Attributes
    ----------
    table : pandas.DataFrame
        One row per area: `count`, `base`, `rate`, `low`, `high` (per `per` of the base), `shrunk_rate`, `shrunk_low`,
        `shrunk_high` (the rate drawn towards the rate of all), `chance_above` (that the true rate is above the rate
        of all), `too_few` (under 10 records), `warning` (why the base misleads here, or "").
    rate_of_all : float
        Sum of counts over sum of bases, per `per`.
    base_name : str
        "residents", "households", "premises".
    """

    table: pd.DataFrame
    rate_of_all: float
    per: float
    base_name: str
    confidence: float
    method: str

    def _repr_html_(self) -> str:
        facts = {
            "Areas": len(self.table),
            "Records": int(self.table["count"].sum()),
            f"Rate of all per {self.per:,.0f} {self.base_name}": self.rate_of_all,
            "Areas with under 10 records": int(self.table["too_few"].sum()),
            "Areas where the population misleads": int(self.table["warning"].ne("").sum()),
            "Method": self.method,
        }
        return facts_table("Rates of small areas", facts)


def measure_rates(
    counts: pd.Series,
    base: pd.Series,
    *,
    base_name: str = "residents",
    per: float = 1000.0,
    years: float = 1.0,
    misleading: Iterable[str] = (),
    confidence: float = 0.95,
) -> AreaRates:
    """Return yearly rates of small areas, with intervals, and shrunk towards the overall rate.

    Shrinkage is Marshall's global empirical Bayes (1991, Applied Statistics 40, 283-294), with the gamma prior of the
    same mean and variance giving its intervals: an area of few residents, whose rate swings by chance, is drawn further
    towards the rate of all. Rank by `shrunk_rate`, never by `rate`.

    Parameters
    ----------
    counts, base : pandas.Series
        Records, and residents (or households for burglary of homes, premises for shoplifting), by area code.
    base_name : str
        What the base is, for readers.
    per : float
        Multiplier of the rate.
    years : float
        Length of the period in years: 0.75 for nine months. Rates are per year.
    misleading : iterable of str
        Codes whose resident base misleads, such as those that `find_misleading_bases` finds.
    confidence : float
        Of the intervals, which are those of `hcsp_assess.trends.rates.rate`.

    Raises
    ------
    InputError
        If areas differ between counts and base, a count is missing, or a base is not above zero.

    Notes
    -----
    It misleads where the base is not who was at risk: a town centre has many visitors and few residents, and a
    population estimate ages (mid-2019 here). The intervals describe chance alone.

    Examples
    --------
    >>> found = measure_rates(pd.Series({"A": 65, "B": 5}), pd.Series({"A": 100, "B": 100}), per=100_000)
    >>> found.table.loc["A", ["rate", "low", "high"]].astype(float).round(1).tolist()  # as PHEindicatormethods
    [65000.0, 50163.2, 82849.1]
    """
    counts, base = check_pair(counts, base, base_name)
    if not years > 0:
        raise InputError(f"the period must be longer than 0 years, not {years}")
    exposure = base * years
    intervals = [
        rate(count, at_risk, multiplier=per, confidence=confidence)
        for count, at_risk in zip(counts, exposure, strict=True)
    ]
    shrunk = shrink_rates(counts, exposure, confidence=confidence)
    flagged = set(misleading)
    table = pd.DataFrame(
        {
            "count": counts,
            "base": base,
            "rate": [interval.value for interval in intervals],
            "low": [interval.low for interval in intervals],
            "high": [interval.high for interval in intervals],
            "shrunk_rate": shrunk["rate"] * per,
            "shrunk_low": shrunk["low"] * per,
            "shrunk_high": shrunk["high"] * per,
            "chance_above": shrunk["chance_above"],
            "too_few": counts < TOO_FEW,
            "warning": [_warn(size) if code in flagged else "" for code, size in (base / base.mean()).items()],
        }
    )
    rate_of_all = float(counts.sum() / exposure.sum() * per)
    return AreaRates(table, rate_of_all, per, base_name, confidence, METHOD)


def _warn(size: float) -> str:
    """Why a rate misleads in a place that has this many times the average number of residents."""
    return FEW_LIVE if size < FEW else MANY_COME


def shrink_rates(counts: pd.Series, exposure: pd.Series, *, confidence: float = 0.95) -> pd.DataFrame:
    """Return each area's rate shrunk towards the overall rate, more for small areas.

    Marshall (1991): with m the rate of all, s2 the exposure-weighted variance of rates and A = max(0, s2 - m / mean
    exposure), the shrunk rate is w r + (1 - w) m with w = A / (A + m / exposure). It equals the mean of the posterior
    when true rates follow the gamma distribution of mean m and variance A, whose quantiles are the limits.

    Returns
    -------
    pandas.DataFrame
        `rate`, `low`, `high` (per unit of exposure), `weight` (w), `chance_above`: the posterior probability that the
        true rate is above m, missing where A is 0 (the areas do not differ beyond chance).

    Examples
    --------
    Two places have the same rate of 0.1: the smaller is drawn further towards the rate of all, 1,510 in 20,100.

    >>> counts = pd.Series({"small": 10.0, "large": 1000.0, "quiet": 500.0})
    >>> shrunk = shrink_rates(counts, pd.Series({"small": 100.0, "large": 10_000.0, "quiet": 10_000.0}))
    >>> shrunk["rate"].round(3).to_dict()
    {'small': 0.086, 'large': 0.1, 'quiet': 0.05}
    """
    from scipy.stats import gamma

    x, n = counts.to_numpy(float), exposure.to_numpy(float)
    mean = x.sum() / n.sum()
    spread = max(0.0, float((n * (x / n - mean) ** 2).sum() / n.sum() - mean / n.mean()))
    if spread == 0 or mean == 0:
        same = dict.fromkeys(("rate", "low", "high"), mean)
        return pd.DataFrame(same | {"weight": 0.0, "chance_above": float("nan")}, index=counts.index)
    weight = spread / (spread + mean / n)
    shape, scale = mean**2 / spread + x, 1 / (mean / spread + n)
    tail = (1 - confidence) / 2
    return pd.DataFrame(
        {
            "rate": weight * x / n + (1 - weight) * mean,
            "low": gamma.ppf(tail, shape, scale=scale),
            "high": gamma.ppf(1 - tail, shape, scale=scale),
            "weight": weight,
            "chance_above": gamma.sf(mean, shape, scale=scale),
        },
        index=counts.index,
    )


def find_misleading_bases(counts: pd.Series, visitor_counts: pd.Series, base: pd.Series) -> tuple[str, ...]:
    """Return areas where a rate per resident misleads: many records, and a high share of shop crimes.

    Formally: the rate of all records is at least twice the rate of all areas together, and the share of
    `visitor_counts` among the records is at least as high as in all areas together.

    Parameters
    ----------
    counts, visitor_counts, base : pandas.Series
        All records; records of what happens to visitors and shops (shoplifting, theft from the person, bicycle theft);
        residents, by area code.

    Examples
    --------
    >>> counts = pd.Series({"centre": 900, "suburb": 60, "estate": 150, "village": 20})
    >>> shoplifting = pd.Series({"centre": 300, "suburb": 2, "estate": 3, "village": 8})
    >>> find_misleading_bases(counts, shoplifting, pd.Series(1700, index=counts.index))
    ('centre',)
    """
    counts, base = check_pair(counts, base, "residents")
    visitors, _ = check_pair(visitor_counts, base, "residents")
    if counts.sum() == 0 or visitors.sum() == 0:
        return ()
    high = counts / base >= 2 * counts.sum() / base.sum()
    busy = visitors / counts.where(counts > 0) >= visitors.sum() / counts.sum()
    return tuple(counts.index[(high & busy).to_numpy(bool)])


def check_pair(counts: pd.Series, base: pd.Series, base_name: str = "base") -> tuple[pd.Series, pd.Series]:
    """Return counts and base as numbers in the order of the base; raise InputError unless both have the same areas.

    Examples
    --------
    >>> counts, base = check_pair(pd.Series({"A": 1, "B": 2}), pd.Series({"B": 500, "A": 400}))
    >>> counts.to_dict()
    {'B': 2.0, 'A': 1.0}
    """
    differ = sorted(set(counts.index) ^ set(base.index), key=str)
    if differ:
        raise InputError(
            f"{len(differ)} areas are in only one of the counts and the {base_name}, such as {differ[0]}: "
            "an area without records needs a zero"
        )
    if not (counts.index.is_unique and base.index.is_unique):
        raise InputError("an area occurs twice: add its counts up first")
    ordered = counts.reindex(base.index)
    missing = ordered.index[ordered.isna()].tolist()
    if missing:
        raise InputError(f"the count of {missing[0]} is missing: leave out the months that are not held")
    values = ordered.astype(float)
    if (values < 0).any():
        raise InputError(f"the count of {values.idxmin()} is below zero")
    at_risk = base.astype(float)
    wrong = at_risk.index[~(np.isfinite(at_risk) & (at_risk > 0))].tolist()
    if wrong:
        raise InputError(f"the {base_name} of {wrong[0]} must be above zero, not {base[wrong[0]]}")
    return values, at_risk
