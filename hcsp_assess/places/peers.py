"""How does an area compare with similar ones? Funnel limits that allow for overdispersion, and no league table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd

from hcsp_assess.errors import InputError
from hcsp_assess.places.rates import TOO_FEW, check_pair
from hcsp_assess.trends.rates import rate
from hcsp_assess.trends.small_tables import facts_table

Position = Literal["high", "low", "within", "too few"]
Significance = Literal["High (0.001)", "High (0.025)", "Not significant", "Low (0.025)", "Low (0.001)"]
LEAST_PEERS = 5


@dataclass(frozen=True)
class Overdispersion:
    """The overdispersion of a set of places, and their z-scores allowing for it.

    Attributes
    ----------
    ratio : float
        Mean of squared z-scores after winsorising: 1 = chance alone.
    between : float
        Standard deviation of true ratios between places, on the square-root scale (tau).
    z, adjusted_z : numpy.ndarray
        z-scores before and after.
    """

    ratio: float
    between: float
    z: np.ndarray
    adjusted_z: np.ndarray


def overdispersion(counts: pd.Series, expected: pd.Series, *, winsorise: float = 0.1) -> Overdispersion:
    """Measure overdispersion as Spiegelhalter proposes, on the square-root scale.

    y = sqrt(count / expected), with standard error s = 1 / (2 sqrt(expected)); z = (y - 1) / s. The ratio is the mean
    of squared z after the lowest and highest tenth are pulled in to the values beside them, so that the outliers looked
    for do not hide themselves. With k places and w = 1 / s2, tau2 = (k ratio - (k - 1)) / (sum w - sum w2 / sum w), not
    below 0 (DerSimonian and Laird), and z becomes (y - 1) / sqrt(s2 + tau2).

    Parameters
    ----------
    counts, expected : pandas.Series
        Records, and records expected, by place.
    winsorise : float
        Share pulled in at each end.

    Notes
    -----
    Spiegelhalter (2005), "Handling over-dispersion of performance indicators", Quality and Safety in Health Care 14,
    347-351; additive form as in Spiegelhalter et al. (2012), JRSS A 175, 1-47.

    Examples
    --------
    >>> found = overdispersion(pd.Series([100.0] * 10), pd.Series([100.0] * 10))  # places that do not differ at all
    >>> found.ratio, found.between
    (0.0, 0.0)
    """
    if not (expected > 0).all():
        raise InputError("every place needs an expected count above zero")
    x, e = counts.to_numpy(float), expected.to_numpy(float)
    y, error = np.sqrt(x / e), 1 / (2 * np.sqrt(e))
    z = (y - 1) / error
    low, high = np.quantile(z, [winsorise, 1 - winsorise])
    ratio = float((np.clip(z, low, high) ** 2).mean())
    k, w = len(z), error**-2.0
    excess = k * ratio - (k - 1)
    tau2 = max(0.0, float(excess / (w.sum() - (w**2).sum() / w.sum()))) if k > 1 else 0.0
    return Overdispersion(ratio, float(np.sqrt(tau2)), z, (y - 1) / np.sqrt(error**2 + tau2))


@dataclass(frozen=True)
class Funnel:
    """Places on a funnel plot.

    Attributes
    ----------
    table : pandas.DataFrame
        One row per place, in the order given: `count`, `base`, `rate` per `per`, `expected`, `ratio` (count over
        expected), `z` (adjusted for overdispersion), `position` ("high", "low", "within", "too few"), `by_chance_alone`
        (what `funnel_significance` would say, without allowing for overdispersion).
    limits : pandas.DataFrame
        The funnel: `expected`, and `low`, `high` (at 95%), `outer_low`, `outer_high` (at 99.8%) of the ratio.
    between : float
        Standard deviation of true ratios on the square-root scale; 0 = no overdispersion.
    overdispersion : float
        Mean squared z-score; 1 = chance alone.
    """

    table: pd.DataFrame
    limits: pd.DataFrame
    rate_of_all: float
    per: float
    between: float
    overdispersion: float
    method: str

    def _repr_html_(self) -> str:
        positions = self.table["position"].value_counts()
        facts = {
            "Places": len(self.table),
            "Rate of all": self.rate_of_all,
            "Overdispersion (1 = chance alone)": self.overdispersion,
            **{f"Places {position}": int(count) for position, count in positions.items()},
        }
        return facts_table("Funnel", facts)


def make_funnel(counts: pd.Series, base: pd.Series, *, per: float = 1000.0, years: float = 1.0) -> Funnel:
    """Return a funnel plot of places about their overall rate.

    Parameters
    ----------
    counts, base : pandas.Series
        Records and residents (or another base) by place.
    per, years : float
        Multiplier of the rate, and length of the period in years.

    Returns
    -------
    Funnel
        A place is "high" or "low" outside the 99.8% limits, "within" inside them, and "too few" with under 10 expected.

    Raises
    ------
    InputError
        If the places differ or a base is not above zero.

    Notes
    -----
    Spiegelhalter (2005), "Funnel plots for comparing institutional performance", Statistics in Medicine 24, 1185-1202.
    A place outside the limits differs from the others; the plot cannot say why: recording practice, visitors, or crime.

    Examples
    --------
    >>> places = ["A", "B", "C", "D", "E", "F"]
    >>> counts = pd.Series([100, 104, 96, 98, 102, 5], index=places)
    >>> base = pd.Series([1000.0, 1000, 1000, 1000, 1000, 50], index=places)
    >>> funnel = make_funnel(counts, base)
    >>> round(funnel.rate_of_all, 3), funnel.table["position"].to_dict()["F"]  # 505 in 5,050; 5 of F are too few
    (100.0, 'too few')
    """
    counts, base = check_pair(counts, base)
    if counts.sum() == 0:
        raise InputError("there are no records to compare")
    expected = base * counts.sum() / base.sum()
    spread = overdispersion(counts, expected)
    position = np.select(
        [expected < TOO_FEW, spread.adjusted_z > _OUTER, spread.adjusted_z < -_OUTER],
        ["too few", "high", "low"],
        default="within",
    )
    table = pd.DataFrame(
        {
            "count": counts,
            "base": base,
            "rate": counts / base / years * per,
            "expected": expected,
            "ratio": counts / expected,
            "z": spread.adjusted_z,
            "position": position,
            "by_chance_alone": [funnel_significance(x, e) for x, e in zip(counts, expected, strict=True)],
        }
    )
    grid = np.geomspace(float(expected.min()) * 0.8, float(expected.max()) * 1.2, 80)
    return Funnel(
        table=table,
        limits=funnel_limits(grid, spread.between),
        rate_of_all=float(counts.sum() / base.sum() / years * per),
        per=per,
        between=spread.between,
        overdispersion=spread.ratio,
        method="funnel on the square-root scale with additive overdispersion, Spiegelhalter (2005)",
    )


_INNER, _OUTER = 1.959964, 3.090232


def funnel_limits(expected: np.ndarray, between: float = 0.0) -> pd.DataFrame:
    """Return 95% and 99.8% limits of the ratio of records to records expected, given tau on the square-root scale.

    Examples
    --------
    >>> limits = funnel_limits(np.array([25.0]))  # one standard error is a tenth on the square-root scale
    >>> limits.iloc[0].round(3).to_dict()
    {'expected': 25.0, 'low': 0.646, 'high': 1.43, 'outer_low': 0.477, 'outer_high': 1.714}
    """
    error = np.sqrt(1 / (4 * expected) + between**2)
    columns = {"low": -_INNER, "high": _INNER, "outer_low": -_OUTER, "outer_high": _OUTER}
    limits = {name: np.maximum(0, 1 + z * error) ** 2 for name, z in columns.items()}
    return pd.DataFrame({"expected": expected} | limits)


def funnel_significance(count: float, expected: float) -> Significance:
    """Return where a count is against the one expected, by exact Poisson tails of 0.025 and 0.001 on each side.

    The labels of Public Health England's `assign_funnel_significance`. It misleads for recorded crime, which varies
    more than Poisson: nearly every district is then significant. Use `make_funnel`.

    Examples
    --------
    >>> funnel_significance(20, 20), funnel_significance(31, 20), funnel_significance(5, 20)
    ('Not significant', 'High (0.025)', 'Low (0.001)')
    """
    from scipy.stats import poisson

    above, below = float(poisson.sf(count - 1, expected)), float(poisson.cdf(count, expected))
    if above < 0.025:
        return "High (0.001)" if above < 0.001 else "High (0.025)"
    if below < 0.025:
        return "Low (0.001)" if below < 0.001 else "Low (0.025)"
    return "Not significant"


@dataclass(frozen=True)
class PeerComparison:
    """One place among its peers.

    Attributes
    ----------
    peers : tuple of str
        Those compared with.
    left_out : dict of str to str
        Peers that could not be compared, with the reason.
    rate, peer_median : float
        Per `per` of the base a year.
    ratio, low, high : float
        Rate over the peers' median, with the interval of the place's own chance alone (the median counts as known).
    funnel : Funnel
        Of the place and its peers, in order of name.
    months : tuple of str
        The months compared: those that all of them have.
    """

    place: str
    peers: tuple[str, ...]
    left_out: dict[str, str]
    rate: float
    peer_median: float
    ratio: float
    low: float
    high: float
    funnel: Funnel
    months: tuple[str, ...]
    method: str

    def _repr_html_(self) -> str:
        facts = {
            "Place": self.place,
            "Rate": self.rate,
            "Median of its peers": self.peer_median,
            "Times the median": f"{self.ratio:.2f} (95% interval {self.low:.2f} to {self.high:.2f})",
            "Position among its peers": self.funnel.table.loc[self.place, "position"],
            "Peers": ", ".join(self.peers),
            "Left out": "; ".join(f"{name}: {reason}" for name, reason in self.left_out.items()) or "none",
            "Months": f"{self.months[0]} to {self.months[-1]} ({len(self.months)})",
        }
        return facts_table("Compared with peers", facts)


def compare_with_peers(
    monthly: pd.DataFrame, base: pd.Series, *, place: str, peers: Sequence[str], per: float = 1000.0
) -> PeerComparison:
    """Compare a place with a list of peers, over the months that all of them have.

    Parameters
    ----------
    monthly : pandas.DataFrame
        Records by month (a monthly PeriodIndex) and place (columns); missing where a place's police force published
        nothing, which is not zero.
    base : pandas.Series
        Residents or another base, by place.
    peers : sequence of str
        The peers of the edition, such as the police's most similar group: always given, never guessed.
    per : float
        Multiplier of the rate.

    Raises
    ------
    InputError
        If the place is not there, or fewer than five peers can be compared.

    Examples
    --------
    >>> peers = ["B", "C", "D", "E", "F"]
    >>> months = pd.period_range("2025-01", periods=12, freq="M")
    >>> monthly = pd.DataFrame({"A": 20, "B": 8, "C": 9, "D": 10, "E": 11, "F": 12}, index=months)
    >>> compared = compare_with_peers(monthly, pd.Series(1000.0, index=monthly.columns), place="A", peers=peers)
    >>> round(compared.rate, 6), round(compared.peer_median, 6), round(compared.ratio, 6)
    (240.0, 120.0, 2.0)
    """
    unknown = [name for name in (place, *peers) if name not in monthly.columns or name not in base.index]
    if place in unknown:
        raise InputError(f"{place!r} is not among the places with a count and a population")
    left_out = dict.fromkeys(unknown, "no counts or population with this name")
    mine = monthly.index[monthly[place].notna()]
    candidates = [name for name in dict.fromkeys(peers) if name not in left_out and name != place]
    gaps = monthly.loc[mine, candidates].isna().sum()
    for name, missing in gaps[gaps > 0].items():
        left_out[str(name)] = f"{missing} of {len(mine)} months are not held"
    used = sorted(name for name in candidates if name not in left_out)
    if len(used) < LEAST_PEERS:
        said = "; ".join(f"{name}: {reason}" for name, reason in left_out.items()) or "none were left out"
        raise InputError(f"only {len(used)} peers can be compared, and at least {LEAST_PEERS} are needed ({said})")
    names = sorted([place, *used])
    years = len(mine) / 12
    counts = monthly.loc[mine, names].sum().astype(float)
    funnel = make_funnel(counts, base[names].astype(float), per=per, years=years)
    median = float(funnel.table.loc[used, "rate"].median())
    count, people = (float(funnel.table[column][place]) for column in ("count", "base"))
    own = rate(count, people * years, multiplier=per)
    return PeerComparison(
        place=place,
        peers=tuple(used),
        left_out=left_out,
        rate=own.value,
        peer_median=median,
        ratio=own.value / median,
        low=own.low / median,
        high=own.high / median,
        funnel=funnel,
        months=tuple(str(month) for month in mine),
        method=f"rate over the median of {len(used)} peers; {own.method}",
    )
