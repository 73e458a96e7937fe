"""Where exactly? Density of exact points; anonymised points are refused."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np
import pandas as pd

from hcsp_assess.errors import InputError
from hcsp_assess.sources.anonymised import MONTH_ONLY, SNAPPED
from hcsp_assess.trends.small_tables import facts_table

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

Precision = Literal["true", "snapped"]


def check_true_points(precision: Precision, purpose: str) -> None:
    """Refuse a method that needs exact points if they are anonymised.

    Parameters
    ----------
    precision : str
        What the source declares: "true" points (a force extract), or "snapped" to a list of anonymous points.
    purpose : str
        What was asked for, such as "kernel density".

    Raises
    ------
    InputError
        If points are snapped, with the reason.

    Examples
    --------
    >>> check_true_points("true", "kernel density")  # nothing is wrong
    >>> check_true_points("snapped", "kernel density")
    Traceback (most recent call last):
        ...
    hcsp_assess.errors.InputError: kernel density is refused on anonymised points: data.police.uk moves each record ...
    """
    if precision == "snapped":
        raise InputError(
            f"{purpose} is refused on anonymised points: {SNAPPED}. Use small areas (find_hotspots), or an extract "
            "from the force with exact points"
        )
    if precision != "true":
        raise InputError(f'points are "true" or "snapped", not {precision!r}: choose the one that the source declares')


def check_true_dates(dates: pd.Series, purpose: str) -> None:
    """Refuse a method that needs dates if records have only months.

    Raises
    ------
    InputError
        If the dates are months, or every one of at least 20 is the first of a month.

    Examples
    --------
    >>> check_true_dates(pd.Series(pd.PeriodIndex(["2025-01"], freq="M")), "day of the week")
    Traceback (most recent call last):
        ...
    hcsp_assess.errors.InputError: day of the week is refused: these records are dated by month only, ...
    """
    monthly = isinstance(dates.dtype, pd.PeriodDtype)
    stamps = dates.dt.to_timestamp() if monthly else pd.to_datetime(dates)
    if stamps.isna().any():
        raise InputError(f"{int(stamps.isna().sum())} dates are missing: set those records aside first, and count them")
    firsts = bool((stamps.dt.day == 1).all()) and len(stamps) >= 20
    if monthly or firsts:
        raise InputError(f"{purpose} is refused: {MONTH_ONLY}. Use an extract from the force with exact dates")


def point_array(eastings: ArrayLike, northings: ArrayLike) -> NDArray[np.float64]:
    """Return points as rows of easting and northing; raise InputError if there are no points or one is missing.

    Examples
    --------
    >>> point_array([351_000, 351_050], [240_000, 240_020]).tolist()
    [[351000.0, 240000.0], [351050.0, 240020.0]]
    """
    points = np.column_stack([np.asarray(eastings, dtype=float), np.asarray(northings, dtype=float)])
    if not len(points):
        raise InputError("there are no points")
    if not np.isfinite(points).all():
        raise InputError("some coordinates are missing: set those records aside first, and count them")
    return points


#: Most pairs of a record and a cell within the bandwidth: about a gigabyte of memory.
MOST_PAIRS = 30_000_000
WIDEST = 100_000.0  # metres


@dataclass(frozen=True)
class DensitySurface:
    """Density of points over a grid.

    Attributes
    ----------
    eastings, northings : numpy.ndarray
        Centres of the cells, in metres.
    per_km2 : numpy.ndarray
        Records per square kilometre; rows are northings.
    """

    eastings: NDArray[np.float64]
    northings: NDArray[np.float64]
    per_km2: NDArray[np.float64]
    bandwidth_m: float
    cell_m: float
    records: int
    method: str

    def _repr_html_(self) -> str:
        facts = {
            "Records": self.records,
            "Highest density per square kilometre": float(self.per_km2.max()),
            "Bandwidth in metres": self.bandwidth_m,
            "Cells": self.per_km2.size,
            "Method": self.method,
        }
        return facts_table("Density surface", facts)


def estimate_density(
    eastings: ArrayLike,
    northings: ArrayLike,
    *,
    precision: Precision,
    bandwidth_m: float = 300.0,
    cell_m: float = 100.0,
) -> DensitySurface:
    """Estimate the density of exact points with a quartic kernel.

    Parameters
    ----------
    eastings, northings : array of float
        British National Grid, in metres.
    precision : str
        "true" or "snapped", as the source declares; anything but "true" is refused.
    bandwidth_m, cell_m : float
        Radius of the kernel, and size of a cell.

    Raises
    ------
    InputError
        If the points are snapped, missing, or would need more than four million cells, or the bandwidth is so wide that
        nearly every record would count in nearly every cell.

    Notes
    -----
    Chainey, Tompson and Uhlig (2008), Security Journal 21, 4-28: density maps of true points find hotspots that hold
    later better than other maps; check with
    `hcsp_assess.places.textbook.prediction_scores`. The kernel is K(u) = 3 / pi (1 - u2)2 for u below 1.
    It misleads near the edge of the data, where part of the kernel has no records to find, and its bandwidth is a
    choice: show two.

    Examples
    --------
    The kernel of one record is 3 / pi / bandwidth2 high: 3.82 to the square kilometre for half a kilometre.

    >>> surface = estimate_density([1000.0], [2000.0], precision="true", bandwidth_m=500, cell_m=100)
    >>> round(float(surface.per_km2.max()), 2)
    3.82
    """
    check_true_points(precision, "kernel density")
    from scipy.spatial import cKDTree

    points = point_array(eastings, northings)
    if not (0 < bandwidth_m < np.inf and 0 < cell_m < np.inf):
        raise InputError("bandwidth and cell must be above zero metres, and not endless")
    if bandwidth_m > WIDEST:
        raise _too_wide(bandwidth_m, len(points))
    low, high = points.min(axis=0) - bandwidth_m, points.max(axis=0) + bandwidth_m
    cells = float(np.prod(np.ceil((high - low) / cell_m) + 1))
    if cells > 4_000_000:
        raise InputError(f"the grid would have {cells:,.0f} cells: use larger cells or a smaller area")
    axes = [np.arange(start, end + cell_m, cell_m, dtype=float) for start, end in zip(low, high, strict=True)]
    centres = np.column_stack([grid.ravel() for grid in np.meshgrid(*axes)])
    grid, records = cKDTree(centres), cKDTree(points)
    if grid.count_neighbors(records, bandwidth_m) > MOST_PAIRS:
        raise _too_wide(bandwidth_m, len(points))
    pairs = grid.sparse_distance_matrix(records, bandwidth_m, output_type="ndarray")
    kernel = 3 / np.pi * (1 - (pairs["v"] / bandwidth_m) ** 2) ** 2 / bandwidth_m**2 * 1e6
    summed = np.bincount(pairs["i"], weights=kernel, minlength=len(centres))
    density = np.asarray(summed, dtype=float).reshape(len(axes[1]), len(axes[0]))
    method = f"quartic kernel of {bandwidth_m:,.0f} m"
    return DensitySurface(axes[0], axes[1], density, bandwidth_m, cell_m, len(points), method)


def _too_wide(bandwidth_m: float, points: int) -> InputError:
    return InputError(
        f"a bandwidth of {bandwidth_m:,.0f} m is too wide for {points:,} points: each would count in most of the map. "
        "Use a smaller one, such as 300 m"
    )
