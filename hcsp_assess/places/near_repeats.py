"""Is a crime followed by others nearby? The Knox test of near repeats."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np
import pandas as pd

from hcsp_assess.errors import InputError
from hcsp_assess.places.points import Precision, check_true_dates, check_true_points, point_array
from hcsp_assess.trends.small_tables import rows_table

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

Distance = Literal["manhattan", "euclidean"]
MOST_PAIRS = 20_000_000


@dataclass(frozen=True)
class NearRepeats:
    """Pairs of crimes by how far apart they are in space and time.

    Attributes
    ----------
    observed, expected, ratio, p_value : pandas.DataFrame
        Rows are bands of distance in metres, columns bands of time in days, named "[from, to)". `expected` is the mean
        over permutations; `ratio` observed over expected; `p_value` one-sided: how often shuffled dates gave as many.
    """

    observed: pd.DataFrame
    expected: pd.DataFrame
    ratio: pd.DataFrame
    p_value: pd.DataFrame
    permutations: int
    seed: int
    method: str

    def _repr_html_(self) -> str:
        times = self.ratio.map("{:.2f}".format)
        said = self.observed.astype(str) + " (" + times + " times)"
        cells = said.reset_index().itertuples(index=False, name=None)
        return rows_table(f"Pairs of crimes. {self.method}", ["Metres apart", *self.observed.columns], cells)


# Nine arguments: where, when and how exactly that was recorded, and the choices that a paper on near repeats states.
def test_near_repeats(
    eastings: ArrayLike,
    northings: ArrayLike,
    dates: pd.Series,
    *,
    precision: Precision,
    distance_bands: Sequence[float] = (0, 1, 101, 201, 301),
    day_bands: Sequence[float] = (0, 8, 15, 22),
    distance: Distance = "manhattan",
    permutations: int = 999,
    seed: int = 20130401,
) -> NearRepeats:
    """Test whether crimes close in space are also close in time (Knox).

    Parameters
    ----------
    eastings, northings : array of float
        British National Grid, in metres.
    dates : pandas.Series
        Day of each crime.
    precision : str
        "true" or "snapped", as the source declares.
    distance_bands, day_bands : sequence of float
        Edges of the bands, rising; each band holds its lower edge and not its upper one, and a last band holds all the
        rest. The defaults: the same place (under 1 m), to 100, 200, 300 m; 0-7, 8-14, 15-21 days.
    distance : str
        "manhattan" (along streets) or "euclidean".
    permutations, seed : int
        Times the dates are shuffled.

    Raises
    ------
    InputError
        On snapped points, month-only or missing dates, fewer than two crimes, bands that do not rise from zero, or more
        close pairs than memory holds.

    Notes
    -----
    Knox (1964), Applied Statistics 13, 25-29; Townsley, Homel and Chaseling (2003); Johnson et al. (2007). Bands are
    labelled by what they hold: the Near Repeat Calculator's labels are one unit off (W. Steenbeek's comparison in the
    NearRepeat package). A low p-value says that near crimes cluster in time, not that the same people do it.

    Examples
    --------
    Two burglaries on one day 50 m apart, and one far off a month later:

    >>> days = pd.Series(pd.to_datetime(["2025-01-03", "2025-01-03", "2025-02-03"]))
    >>> found = test_near_repeats([0, 50, 9000], [0, 0, 0], days, precision="true", permutations=9)
    >>> found.observed.loc["[1, 101)"].to_dict()
    {'[0, 8)': 1, '[8, 15)': 0, '[15, 22)': 0, '[22, inf)': 0}
    """
    check_true_points(precision, "the near-repeat test")
    check_true_dates(dates, "the near-repeat test")
    points = point_array(eastings, northings)
    days = pd.to_datetime(dates).to_numpy().astype("datetime64[D]").astype(np.int64)
    if len(days) != len(points) or len(days) < 2:
        raise InputError("give one date for each point, and at least two crimes")
    rings, spans = _edges(distance_bands, "distance"), _edges(day_bands, "day")
    pairs = _Pairs(*_close_pairs(points, rings, distance), len(rings) - 1, spans, _gap_counts(days, spans))
    observed = pairs.tabulate(days)
    expected, at_least = _shuffle_dates(pairs, days, permutations, seed)
    ratio = np.divide(observed, expected, out=np.full(observed.shape, np.nan), where=expected > 0)

    def framed(values: NDArray[np.float64] | NDArray[np.int64]) -> pd.DataFrame:
        return pd.DataFrame(values, index=_names(rings), columns=_names(spans))

    return NearRepeats(
        observed=framed(observed),
        expected=framed(expected),
        ratio=framed(ratio),
        p_value=framed((at_least + 1) / (permutations + 1)),
        permutations=permutations,
        seed=seed,
        method=f"Knox test, {distance} distance, {permutations} shufflings of dates",
    )


test_near_repeats.__test__ = False  # type: ignore[attr-defined]  # pytest: a test of crimes, not of code


def _edges(bands: Sequence[float], name: str) -> NDArray[np.float64]:
    edges = np.asarray(bands, dtype=float)
    if len(edges) < 2 or edges[0] != 0 or not (np.diff(edges) > 0).all() or not np.isfinite(edges).all():
        raise InputError(f"{name} bands must rise from 0, such as (0, 100, 200), not {tuple(bands)}")
    return edges


@dataclass(frozen=True)
class _Pairs:
    """Pairs of crimes nearer than the last ring, with the ring of each; and all pairs, by span of time."""

    first: NDArray[np.int64]
    second: NDArray[np.int64]
    ring: NDArray[np.int64]
    rings: int
    spans: NDArray[np.float64]
    all_by_span: NDArray[np.int64]

    def tabulate(self, days: NDArray[np.int64]) -> NDArray[np.int64]:
        """Count pairs by ring and span of time; the last row holds those further apart."""
        gaps = np.abs(days[self.first] - days[self.second])
        span = np.searchsorted(self.spans, gaps, side="right") - 1
        width = len(self.spans)
        near = np.bincount(self.ring * width + span, minlength=self.rings * width).reshape(-1, width)
        return np.vstack([near, self.all_by_span - near.sum(axis=0)])


def _shuffle_dates(
    pairs: _Pairs, days: NDArray[np.int64], permutations: int, seed: int
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the mean table over shuffled dates, and how often each cell held at least as many pairs as observed."""
    observed = pairs.tabulate(days)
    generator = np.random.default_rng(seed)
    total, at_least = np.zeros(observed.shape), np.zeros(observed.shape)
    for _ in range(permutations):
        table = pairs.tabulate(days[generator.permutation(len(days))])
        total += table
        at_least += table >= observed
    return total / permutations, at_least


def _close_pairs(
    points: NDArray[np.float64], rings: NDArray[np.float64], distance: Distance
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """Pairs nearer than the last edge, and the ring each is in."""
    from scipy.spatial import cKDTree

    powers = {"manhattan": 1, "euclidean": 2}
    if distance not in powers:
        raise InputError(f"distance must be {' or '.join(powers)}, not {distance!r}")
    tree = cKDTree(points)
    found = (tree.count_neighbors(tree, rings[-1], p=powers[distance]) - len(points)) // 2
    if found > MOST_PAIRS:
        raise InputError(f"{found:,} pairs are within {rings[-1]:g} m: use a shorter period, a type or smaller bands")
    pairs = tree.query_pairs(rings[-1], p=powers[distance], output_type="ndarray")
    apart = np.abs(points[pairs[:, 0]] - points[pairs[:, 1]])
    reach = apart.sum(axis=1) if distance == "manhattan" else np.hypot(apart[:, 0], apart[:, 1])
    inside = reach < rings[-1]
    return pairs[inside, 0], pairs[inside, 1], np.searchsorted(rings, reach[inside], side="right") - 1


def _gap_counts(days: NDArray[np.int64], spans: NDArray[np.float64]) -> NDArray[np.int64]:
    """Number of all pairs in each band of time, without listing them: shuffling does not change it."""
    ordered = np.sort(days)
    nearer = []
    for edge in spans[1:]:
        later_within = np.searchsorted(ordered, ordered + edge, side="left") - np.arange(len(days)) - 1
        nearer.append(int(later_within.sum()))
    pairs = len(days) * (len(days) - 1) // 2
    return np.diff([0, *nearer, pairs])


def _names(edges: NDArray[np.float64]) -> list[str]:
    return [f"[{low:g}, {high:g})" for low, high in zip(edges, [*edges[1:], np.inf], strict=True)]
