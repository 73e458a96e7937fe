"""Which crimes are linked by being close in space and time, directly or through others?"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from hcsp_assess.places.points import point_array

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray


def find_strings(
    eastings: ArrayLike, northings: ArrayLike, days: ArrayLike, *, metres: float, within_days: float
) -> NDArray[np.int64]:
    """Return the string each crime belongs to, numbered from 1: crimes linked by being near, if only through others.

    Parameters
    ----------
    eastings, northings, days : array of float
        True points in metres, and day numbers.
    metres, within_days : float
        Two crimes are linked when they are at most this far apart (straight line) and this many days.

    Examples
    --------
    The first three are linked through the second; the fourth is near in space and not in time:

    >>> find_strings([0, 50, 100, 0], [0, 0, 0, 0], [1, 5, 9, 60], metres=60, within_days=7).tolist()
    [1, 1, 1, 2]
    """
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components
    from scipy.spatial import cKDTree

    points, when = point_array(eastings, northings), np.asarray(days, dtype=float)
    pairs = cKDTree(points).query_pairs(metres, output_type="ndarray")
    pairs = pairs[np.abs(when[pairs[:, 0]] - when[pairs[:, 1]]) <= within_days]
    graph = coo_array((np.ones(len(pairs)), (pairs[:, 0], pairs[:, 1])), shape=(len(when), len(when)))
    labels: NDArray[np.int64] = connected_components(graph, directed=False)[1].astype(np.int64) + 1
    return labels
