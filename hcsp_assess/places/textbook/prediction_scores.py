"""Did the places ranked highest have the most later crime? The prediction accuracy index."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from hcsp_assess.errors import InputError

if TYPE_CHECKING:
    from numpy.typing import NDArray


@dataclass(frozen=True)
class PredictionScores:
    """How well a ranking of places predicted later crime; one value per place, in the order of the ranking.

    `accuracy` is the prediction accuracy index (share of records over share of area), `efficiency` the same over that
    of the best ranking there could have been.
    """

    accuracy: NDArray[np.float64]
    efficiency: NDArray[np.float64]
    method: str


def score_predictions(observed: Sequence[float], predicted: Sequence[float], area: Sequence[float]) -> PredictionScores:
    """Score a ranking of places by what happened there later, cumulatively from the highest predicted.

    Parameters
    ----------
    observed, predicted, area : sequences of float
        Records that came after, what the ranking was made by, and size, of each place.

    Notes
    -----
    Index: Chainey, Tompson and Uhlig (2008). Efficiency: Hunt (2016). With few records both swing by chance.

    Examples
    --------
    >>> scores = score_predictions([9, 4, 1], [3, 2, 1], [1, 1, 1])  # ranked as they turned out
    >>> scores.accuracy.round(3).tolist(), scores.efficiency.tolist()  # 9 of 14 records in a third of the area
    ([1.929, 1.393, 1.0], [1.0, 1.0, 1.0])
    """
    seen, guess, size = (np.asarray(values, dtype=float) for values in (observed, predicted, area))
    if not seen.shape == guess.shape == size.shape or seen.ndim != 1:
        raise InputError("observed, predicted and area must be lists of the same length")
    if not (size > 0).all() or not (seen >= 0).all() or seen.sum() == 0:
        raise InputError("areas must be above zero, and records not negative and not all zero")

    def accuracy(order: NDArray[np.int64]) -> NDArray[np.float64]:
        share: NDArray[np.float64] = seen[order].cumsum() / seen.sum() / (size[order].cumsum() / size.sum())
        return share

    ranked, best = (accuracy(np.argsort(-key, kind="stable")) for key in (guess, seen / size))
    return PredictionScores(ranked, ranked / best, "prediction accuracy index and its share of the best possible")
