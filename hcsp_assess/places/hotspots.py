"""Which places are hotspots? Clusters and peaks that allow for testing every place."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np
import pandas as pd

from hcsp_assess.errors import InputError
from hcsp_assess.places.peers import overdispersion
from hcsp_assess.places.rates import check_pair, shrink_rates
from hcsp_assess.trends.multiplicity import CLEAR_LEVEL, adjust_p_values
from hcsp_assess.trends.small_tables import facts_table

if TYPE_CHECKING:
    import geopandas as gpd

Kind = Literal["peak in a cluster", "peak", "cluster", "none", "too few"]
Neighbours = Mapping[str, Sequence[str]]

#: What each kind means, in words and formally; the report prints them from here.
KINDS: dict[Kind, str] = {
    "peak": (
        "Its own rate stands out from the usual differences between places. Formally: the z-score of its records "
        "against those expected from its population, on the square-root scale and widened for overdispersion "
        "(Spiegelhalter 2005), is significant after false-discovery control."
    ),
    "cluster": (
        "Its rate is above that of the whole area and so are its neighbours' rates, more than if rates were assigned "
        "to places at random. Formally: Getis-Ord Gi* is high and local Moran is high-high, both by conditional "
        "permutation, and the larger of their p-values is significant after false-discovery control."
    ),
    "peak in a cluster": "Both: it stands out, and so do its neighbours.",
    "none": "Neither applies. Crime may still happen there.",
    "too few": "There are fewer records than places, too few to test. Formally: records < places.",
}


@dataclass(frozen=True)
class Hotspots:
    """Hotspots of one or more measures, tested together.

    Attributes
    ----------
    table : pandas.DataFrame
        One row per measure and place, indexed by both: `count`, `expected` (from its base and the rate of all), `ratio`
        (count over expected), `shrunk_ratio`, `gi_star_z`, `local_moran`, `p_cluster`, `z_peak`, `p_peak`, `q_cluster`
        and `q_peak` (adjusted for every test of every measure), `kind`.
    alpha : float
        Level of the false-discovery control.
    tests : int
        How many tests the control allows for.
    overdispersion : dict of str to float
        By measure: how many times the z-scores vary more than chance (1 = not at all).
    """

    table: pd.DataFrame
    alpha: float
    tests: int
    permutations: int
    seed: int
    overdispersion: dict[str, float]
    method: str

    def flagged(self, measure: str | None = None) -> pd.DataFrame:
        """Hotspots of a measure (or of all), highest shrunk ratio first."""
        found = self.table[self.table["kind"].isin(("peak", "cluster", "peak in a cluster"))]
        if measure is not None:
            found = found[found.index.get_level_values("measure") == measure]
        return found.sort_values("shrunk_ratio", ascending=False, kind="stable")

    def _repr_html_(self) -> str:
        facts: dict[str, object] = {"Tests allowed for": self.tests, "Level": self.alpha}
        for measure, rows in self.table.groupby(level="measure", sort=False):
            kinds = rows["kind"].value_counts()
            facts[str(measure)] = ", ".join(f"{count} {kind}" for kind, count in kinds.items())
        return facts_table("Hotspots", facts | {"Method": self.method})


def find_neighbours(boundaries: gpd.GeoDataFrame) -> dict[str, tuple[str, ...]]:
    """Return each place's neighbours, which share a boundary or corner with it (queen contiguity, libpysal).

    Examples
    --------
    >>> import geopandas as gpd
    >>> from shapely.geometry import box
    >>> row = gpd.GeoDataFrame(geometry=[box(x, 0, x + 1, 1) for x in range(3)], index=["A", "B", "C"])
    >>> find_neighbours(row)
    {'A': ('B',), 'B': ('A', 'C'), 'C': ('B',)}
    """
    from libpysal.graph import Graph

    pairs = Graph.build_contiguity(boundaries, rook=False).adjacency
    found: dict[str, list[str]] = {str(code): [] for code in boundaries.index}
    for (place, other), weight in pairs.items():
        if weight:
            found[str(place)].append(str(other))
    return {place: tuple(sorted(others)) for place, others in found.items()}


def find_hotspots(
    counts: pd.DataFrame | pd.Series,
    base: pd.Series,
    neighbours: Neighbours,
    *,
    alpha: float = CLEAR_LEVEL,
    permutations: int = 9999,
    seed: int = 20130401,
) -> Hotspots:
    """Find the places that are hotspots of each measure.

    Parameters
    ----------
    counts : pandas.DataFrame or pandas.Series
        Records by place, one column per measure (crime type); every place must be there, with zero for none.
    base : pandas.Series
        Residents, households or premises by place.
    neighbours : mapping
        Codes of each place's neighbours; see `find_neighbours`.
    alpha : float
        Level of Benjamini and Hochberg's false-discovery control over both tests of every place and measure.
    permutations, seed : int
        Of the conditional permutations; the same seed gives the same answer.

    Returns
    -------
    Hotspots
        What each `kind` means is in `KINDS`.

    Raises
    ------
    InputError
        If places differ between the inputs, counts are missing or negative, or there are too few permutations for any
        p-value to survive the control.

    Notes
    -----
    Gi*: Getis and Ord (1992), Geographical Analysis 24, 189-206; local Moran: Anselin (1995), Geographical Analysis 27,
    93-115; both are esda's, of the logarithm of shrunk rates, so that one extreme place does not make clusters of all
    its neighbours. On counts dealt out by chance over Herefordshire's places and populations, any place at
    all is flagged in at most 5% of maps: `benchmarks/hotspot_false_alarms.py`.

    It misleads where the base is not who was at risk (town centres), and a place's edge is not a fact of crime: snap
    points and boundaries move records between neighbours.

    Examples
    --------
    Twelve places round a lake, of which one has eight times as many records as each other:

    >>> ring = [f"place {number}" for number in range(12)]
    >>> counts = pd.Series(20, index=ring)
    >>> counts["place 5"] = 160
    >>> neighbours = {place: (ring[i - 1], ring[(i + 1) % 12]) for i, place in enumerate(ring)}
    >>> found = find_hotspots(counts, pd.Series(1500, index=ring), neighbours, permutations=999)
    >>> found.flagged()["kind"].droplevel("measure").to_dict(), found.tests
    ({'place 5': 'peak'}, 24)
    """
    frame = counts.to_frame(counts.name or "records") if isinstance(counts, pd.Series) else counts
    places = base.index
    _check_neighbours(neighbours, places)
    least = int(np.ceil(len(places) / alpha))
    if permutations + 1 < least:
        raise InputError(
            f"{permutations} permutations are too few for {len(places)} places, so none could be found: "
            f"use at least {least:,}"
        )
    parts, spreads = [], {}
    for measure in frame:
        values, exposure = check_pair(frame[measure], base)
        part, spreads[str(measure)] = _test_places(values, exposure, neighbours, permutations=permutations, seed=seed)
        parts.append(part)
    table = pd.concat(parts, keys=[str(column) for column in frame], names=["measure", "place"])
    tests = _judge_together(table, alpha)
    return Hotspots(
        table=table,
        alpha=alpha,
        tests=tests,
        permutations=permutations,
        seed=seed,
        overdispersion=spreads,
        method=(
            f"Getis-Ord Gi* and local Moran (esda, {permutations:,} conditional permutations), and z-scores widened "
            f"for overdispersion; Benjamini-Hochberg at {alpha:g} over {tests:,} tests"
        ),
    )


def _judge_together(table: pd.DataFrame, alpha: float) -> int:
    """Add adjusted p-values and each place's class; return the number of tests."""
    tested = table["p_peak"].notna()
    p_values = table.loc[tested, ["p_cluster", "p_peak"]].to_numpy(float)
    adjusted = adjust_p_values(p_values.ravel(), "benjamini-hochberg")
    table.loc[tested, ["q_cluster", "q_peak"]] = adjusted.reshape(-1, 2)
    cluster, peak = table["q_cluster"].le(alpha), table["q_peak"].le(alpha)
    choices = ["too few", "peak in a cluster", "peak", "cluster"]
    table["kind"] = np.select([~tested, cluster & peak, peak, cluster], choices, default="none")
    return int(2 * tested.sum())


def _test_places(
    counts: pd.Series, base: pd.Series, neighbours: Neighbours, *, permutations: int, seed: int
) -> tuple[pd.DataFrame, float]:
    """Both tests for every place of one measure, and the overdispersion of its z-scores."""
    from scipy.stats import norm

    expected = base * counts.sum() / base.sum()
    blank = dict.fromkeys(("gi_star_z", "local_moran", "p_cluster", "z_peak", "p_peak", "q_cluster", "q_peak"), np.nan)
    table = pd.DataFrame({"count": counts, "expected": expected}).assign(
        ratio=counts / expected.where(expected > 0), shrunk_ratio=np.nan, **blank
    )
    if counts.sum() < len(counts):
        return table, float("nan")
    table["shrunk_ratio"] = shrink_rates(counts, base)["rate"] * base.sum() / counts.sum()
    spread = overdispersion(counts, expected)
    table["z_peak"] = spread.adjusted_z
    table["p_peak"] = norm.sf(spread.adjusted_z)
    gi_z, p_gi, moran, p_moran = _clusters(counts, base, neighbours, permutations, seed)
    table["gi_star_z"], table["local_moran"] = gi_z, moran
    table["p_cluster"] = np.where(table["shrunk_ratio"] > 1, np.maximum(p_gi, p_moran), 1.0)
    return table, spread.ratio


def _clusters(
    counts: pd.Series, base: pd.Series, neighbours: Neighbours, permutations: int, seed: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Gi* and local Moran with one-sided p-values of being high among high; both by esda.

    Given a place, Gi* and (where the place itself is high) local Moran both rise with the sum over its neighbours and
    depend on nothing else, so that the same permutations give both the same p-value: they are drawn once.
    """
    from esda.getisord import G_Local
    from esda.moran import Moran_Local
    from libpysal.weights import W

    weights = W({place: list(neighbours[place]) for place in base.index}, silence_warnings=True)
    shrunk = shrink_rates(counts, base)["rate"].to_numpy(float)
    heights = np.log(shrunk / shrunk.min()) + 1  # Gi* needs numbers above zero; where zero is makes no difference
    if np.ptp(heights) < 1e-9:  # places differ no more than by chance: nothing can be a cluster
        flat = np.ones(len(counts))
        return 0 * flat, flat, 0 * flat, flat
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", category=DeprecationWarning, module="esda")  # of p-values that we do not use
        gi = G_Local(heights, weights, transform="B", permutations=permutations, star=True, n_jobs=1, seed=seed)
        moran = Moran_Local(heights, weights, permutations=0)
    p_gi = _share_at_least(gi.Gs, gi.sim)
    p_moran = np.where(moran.q == 1, p_gi, 1.0)
    return gi.Zs, p_gi, moran.Is, p_moran


def _share_at_least(observed: np.ndarray, simulated: np.ndarray) -> np.ndarray:
    """One-sided permutation p-values, never zero; esda keeps one column per place."""
    at_least = (simulated >= observed[None, :] - 1e-12).sum(axis=0)
    p_values: np.ndarray = (at_least + 1) / (simulated.shape[0] + 1)
    return p_values


def _check_neighbours(neighbours: Neighbours, places: pd.Index) -> None:
    known = set(places)
    differ = sorted(known ^ set(neighbours), key=str)
    if differ:
        raise InputError(
            f"{len(differ)} places are in only one of the populations and the neighbours, such as {differ[0]}: "
            "use boundaries of the same year as the counts"
        )
    strangers = sorted({other for others in neighbours.values() for other in others} - known)
    if strangers:
        raise InputError(f"{strangers[0]} is a neighbour of another place but is not itself among the places")
