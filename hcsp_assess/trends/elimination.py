"""Gaussian elimination of many symmetric matrices at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]


def take_out(products: Floats, first: int, last: int) -> Floats:
    """Take the columns from ``first`` to before ``last`` out of those after them; return the log of the determinant.

    What is left after the block are the products of the other columns beside those taken out, as in least squares.
    ``products`` is columns x columns x anything, of which only the entries on and above the diagonal are used and
    changed; the matrix of the columns taken out must be positive definite.

    Examples
    --------
    >>> products = np.array([[4.0, 2.0], [2.0, 3.0]])[:, :, None]
    >>> log_determinant = take_out(products, 0, 1)
    >>> round(float(np.exp(log_determinant[0])), 6), float(products[1, 1, 0])
    (4.0, 2.0)
    """
    log_determinant = np.zeros(products.shape[2:])
    for pivot in range(first, last):
        row = products[pivot]
        log_determinant += np.log(row[pivot])
        for i in range(pivot + 1, len(products)):
            products[i, i:] -= row[i] / row[pivot] * row[i:]
    return log_determinant
