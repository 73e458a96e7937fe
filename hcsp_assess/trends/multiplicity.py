"""Adjust p-values when several questions or series are tested together."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Literal

import numpy as np

from hcsp_assess.errors import InputError

if TYPE_CHECKING:
    from numpy.typing import NDArray

#: At most this adjusted p-value, and a difference is called clear: one in twenty of those called so may be chance.
#: Benjamini-Hochberg over all places and measures of a map, or all partners' measures of a subject area.
CLEAR_LEVEL = 0.05
#: At most this, and a hotspot is listed with high certainty.
HIGH_CERTAINTY_LEVEL = 0.01
#: Of verdicts on several series looked at together, Benjamini-Hochberg: one in ten of those made may be chance.
VERDICTS_LEVEL = 0.10
#: Of one question that stands alone: one series (Holm over its three questions), one comparison, one level shift.
SINGLE_LEVEL = 0.05

Method = Literal["bonferroni", "holm", "benjamini-hochberg", "benjamini-yekutieli"]


def adjust_p_values(p_values: Sequence[float] | NDArray[np.float64], method: Method) -> NDArray[np.float64]:
    """Return adjusted p-values in the order given: one of at most a level is found at that level over the family.

    ``holm`` (Holm 1979, Scandinavian Journal of Statistics 6, 65-70) and ``bonferroni`` keep the chance of even one
    false finding; ``benjamini-hochberg`` (1995, JRSS B 57, 289-300) keeps the expected share of false findings among
    those made, for independent or positively dependent tests; ``benjamini-yekutieli`` (2001, Annals of Statistics 29,
    1165-1188) does so under any dependence. Same results as R's ``p.adjust``. All mislead when only the promising tests
    are handed in: give every test that was looked at.

    Parameters
    ----------
    p_values : sequence of float
        Each between 0 and 1.
    method : str
        One of the four names above.

    Raises
    ------
    InputError
        A p-value is missing or outside 0 to 1, or the method is not one of the four.

    Examples
    --------
    >>> adjust_p_values([0.01, 0.04, 0.03], "holm").round(4).tolist()
    [0.03, 0.06, 0.06]
    >>> adjust_p_values([0.01, 0.04, 0.03], "benjamini-hochberg").round(4).tolist()
    [0.03, 0.04, 0.04]
    """
    p = np.asarray(p_values, dtype=float)
    if not ((p >= 0) & (p <= 1)).all():
        raise InputError("every p-value must be between 0 and 1, and none may be missing")
    n = len(p)
    order = np.argsort(p, kind="stable")
    ranks = np.arange(1, n + 1)
    if method == "bonferroni":
        ordered = p[order] * n
    elif method == "holm":
        ordered = np.maximum.accumulate(p[order] * (n + 1 - ranks))
    elif method in ("benjamini-hochberg", "benjamini-yekutieli"):
        factor = n * (np.sum(1 / ranks) if method == "benjamini-yekutieli" else 1.0)
        ordered = np.minimum.accumulate((p[order] * factor / ranks)[::-1])[::-1]
    else:
        raise InputError(f"there is no adjustment {method!r}: choose one of {', '.join(Method.__args__)}")  # type: ignore[attr-defined]
    adjusted: NDArray[np.float64] = np.empty(n)
    adjusted[order] = np.minimum(1.0, ordered)
    return adjusted
