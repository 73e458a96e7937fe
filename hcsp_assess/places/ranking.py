"""Where does an area rank among similar areas, how sure is that, and did it change as they did?"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from hcsp_assess.errors import InputError
from hcsp_assess.places.rates import check_pair
from hcsp_assess.trends.small_tables import facts_table

LEAST_OTHERS = 5
#: Fewer offences than this in the place, or at the rate of the others' median, and its rank says nothing.
LEAST_COUNT = 10
#: Fewer offences than this in two years together, and their change says nothing.
LEAST_OF_TWO = 40
DRAWS, SEED = 4000, 20250101
Z95 = 1.959964


@dataclass(frozen=True)
class Ranking:
    """A place among others, by rate.

    Attributes
    ----------
    rank, low, high : int
        Rank of the place (1 = highest rate) and the range that chance and ordinary ups and downs allow (95%).
    of : int
        How many places, its own included.
    rate, median, lower, upper : float
        Rate of the place, and the median and quartiles of the others.
    ratio, ratio_low, ratio_high : float
        Its rate over their median, with a 95% interval for its own rate (their median counts as known).
    table : pandas.DataFrame
        One row per place, highest rate first: `count`, `people`, `rate`, `rank`.
    method : str
        How the ranges were made.
    """

    place: str
    rank: int
    low: int
    high: int
    of: int
    rate: float
    median: float
    lower: float
    upper: float
    ratio: float
    ratio_low: float
    ratio_high: float
    table: pd.DataFrame
    method: str

    @property
    def position(self) -> str:
        """ "higher" or "lower" than the median of the others if the whole interval is, otherwise "similar"."""
        return "higher" if self.ratio_low > 1 else "lower" if self.ratio_high < 1 else "similar"

    def _repr_html_(self) -> str:
        facts = {
            "Place": self.place,
            "Rate": self.rate,
            "Rank": f"{self.rank} of {self.of} ({self.low} to {self.high})",
            "Median of the others": f"{self.median:,.1f} (middle half {self.lower:,.1f} to {self.upper:,.1f})",
            "Times their median": f"{self.ratio:.2f} (95% interval {self.ratio_low:.2f} to {self.ratio_high:.2f})",
            "Method": self.method,
        }
        return facts_table("Ranked among others", facts)


@dataclass(frozen=True)
class Change:
    """How a count changed between two years of the same length.

    Below 40 offences in both years together, no change is called clear.

    Attributes
    ----------
    count, before : int
        Of the later and the earlier year.
    percent, low, high : float
        Change in per cent, with a 95% interval for chance and ordinary ups and downs; NaN where a count is zero.
    """

    count: int
    before: int
    percent: float
    low: float
    high: float

    @property
    def clear(self) -> bool:
        """Whether the interval is on one side of no change, and the two years have enough offences to say so."""
        return self.count + self.before >= LEAST_OF_TWO and (self.low > 0 or self.high < 0)


def rank_among(
    counts: pd.Series, people: pd.Series, place: str, *, year_to_year: float = 0.0, per: float = 1000.0
) -> Ranking:
    """Rank a place by rate among others, with the range of ranks that the figures allow.

    Each rate is drawn 4,000 times about its estimate, on the log scale with variance 1/count + `year_to_year` squared,
    and the places are ranked in every draw; the range holds 95% of the ranks of the place (Goldstein and Spiegelhalter
    1996, JRSS A 159, 385-443, section 3, on why a rank needs its interval).

    Parameters
    ----------
    counts, people : pandas.Series
        Offences in one year and residents, by place.
    place : str
        The place to rank.
    year_to_year : float
        Standard deviation, on the log scale, by which a place's count moves from one year to the next beyond chance;
        see `spread_between_years`.
    per : float
        Multiplier of the rate.

    Raises
    ------
    InputError
        If the place is missing, fewer than five others can be compared, or a population is not above zero.

    Notes
    -----
    Misleads where places record differently, or have many visitors: a rank says who differs, never why.

    Examples
    --------
    >>> counts = pd.Series({"A": 400, "B": 500, "C": 620, "D": 700, "E": 810, "F": 900})
    >>> ranking = rank_among(counts, pd.Series(10_000, index=counts.index), "A")
    >>> ranking.rank, ranking.of, round(ranking.rate), ranking.position
    (6, 6, 40, 'lower')
    """
    if place not in counts.index:
        raise InputError(f"{place!r} is not among the places compared")
    counts, people = check_pair(counts, people)
    others = counts.index != place
    if others.sum() < LEAST_OTHERS:
        raise InputError(
            f"only {int(others.sum())} other places can be compared, and at least {LEAST_OTHERS} are needed"
        )
    rates = counts / people * per
    error = np.sqrt(1 / counts.clip(lower=1) + year_to_year**2).to_numpy(float)
    centre = np.log((counts.clip(lower=0.5) / people).to_numpy(float))
    drawn = np.random.default_rng(SEED).normal(centre, error, size=(DRAWS, len(counts)))
    own = int(np.flatnonzero(~others)[0])
    ranks = 1 + (drawn > drawn[:, [own]]).sum(axis=1)
    low, high = np.quantile(ranks, [0.025, 0.975], method="closest_observation")
    lower, median, upper = (float(rates[others].quantile(share)) for share in (0.25, 0.5, 0.75))
    ratio = float(rates[place] / median) if median else float("nan")
    margin = float(np.exp(Z95 * error[own]))
    table = pd.DataFrame({"count": counts, "people": people, "rate": rates, "rank": rates.rank(ascending=False)})
    rank = int((rates > rates[place]).sum()) + 1
    return Ranking(
        place=place,
        rank=rank,
        low=min(int(low), rank),
        high=max(int(high), rank),
        of=len(counts),
        rate=float(rates[place]),
        median=median,
        lower=lower,
        upper=upper,
        ratio=ratio,
        ratio_low=ratio / margin,
        ratio_high=ratio * margin,
        table=table.sort_values("rate", ascending=False, kind="stable"),
        method=f"ranks in {DRAWS:,} draws of every rate (Goldstein and Spiegelhalter 1996)",
    )


def spread_between_years(counts: pd.Series, before: pd.Series) -> float:
    """Return how much places' counts vary between two years beyond chance.

    A standard deviation on the log scale. From many places at once: the spread of their changes about the common
    change, by quartiles so that a few places that changed greatly do not count, less what chance alone explains, shared
    between the two years.

    Parameters
    ----------
    counts, before : pandas.Series
        Offences of two years, by place; places with a missing count or under ten offences are left out.

    Returns
    -------
    float
        Zero where the changes are no wider than chance, or fewer than 20 places can be used.

    Examples
    --------
    >>> before = pd.Series([1000.0] * 40)
    >>> spread_between_years(before * 1.03, before)  # all changed alike
    0.0
    """
    pair = pd.DataFrame({"now": counts, "before": before}).dropna().astype(float)
    pair = pair[(pair >= LEAST_COUNT).all(axis="columns")]
    if len(pair) < 20:
        return 0.0
    changes = np.log((pair["now"] / pair["before"]).to_numpy())
    centred = changes - np.median(changes)
    chance = float((1 / pair["now"] + 1 / pair["before"]).median())
    wide = (np.quantile(centred, 0.75) - np.quantile(centred, 0.25)) / 1.349
    return float(np.sqrt(max(0.0, wide**2 - chance) / 2))


def change_between(count: int, before: int, *, year_to_year: float = 0.0) -> Change:
    """Compare a place's count with that of an earlier year of the same length.

    The interval allows for chance in both counts and for the ordinary ups and downs of a year (`spread_between_years`).

    Examples
    --------
    >>> change = change_between(900, 1000)
    >>> round(change.percent), change.clear
    (-10, True)
    """
    if count <= 0 or before <= 0:
        nan = float("nan")
        return Change(count, before, nan, nan, nan)
    margin = Z95 * np.sqrt(1 / count + 1 / before + 2 * year_to_year**2)
    log = np.log(count / before)
    low, high = (100 * float(np.expm1(log + sign * margin)) for sign in (-1, 1))
    return Change(count, before, 100 * (count / before - 1), low, high)
