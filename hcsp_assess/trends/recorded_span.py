"""When was an offence recorded at all? Runs of zeros that the series' level rules out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.stats import nbinom

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Flags = NDArray[np.bool_]
    Integers = NDArray[np.int64]

IMPOSSIBLE = 1e-4  # chance of so few, below which a run is not part of the course of a series
SHAPE = 4.0  # gamma shape of the level in a run: as if a year's level had a standard deviation of half its mean
YEARS_BESIDE = (1, 3)  # of the level beside a run; the lower of the two counts, since a series may have been falling
MOST_OF_LEVEL = 0.02  # that the stray crimes of a run may average
PERIODS_BESIDE = {12: 6, 4: 2}  # needed to know the level beside a run
SHORTEST_RUN = {12: 3, 4: 2}


@dataclass(frozen=True)
class RecordedSpan:
    """The part of a series in which its class was recorded.

    Attributes
    ----------
    first, end : int
        The first period with records, and the one after the last.
    began, ended : bool
        Whether the periods before (after) it are a run of zeros that the level of the series makes impossible.
    silent : array of bool
        Such runs inside it: nothing was recorded, or nothing was sent.
    """

    first: int
    end: int
    began: bool
    ended: bool
    silent: Flags


def recorded_span(counts: Floats, season: Integers, per_year: int = 12) -> RecordedSpan:
    """Find where a class of crime began, ended or stopped being reported.

    A run of at least three months (two quarters) with nothing but stray crimes is no part of a series' course where
    its own level, in the same months of the years beside the run, gives so few a chance below one in ten thousand, even
    if a year's level could easily have been half or twice as much. Strays are at most 2 a period at a level of 40 or
    more, 1 at a level of 10 or more (or a thousandth of the level), and on average 2% of the level.

    Misleads where a crime really disappeared at once, a shop that closed: that is an event, and no trend either.

    Parameters
    ----------
    counts : array
        One for each period, NaN where nothing was published.
    season : array of int
        Number of the period in its year.
    per_year : int
        12 for months, 4 for quarters.

    Examples
    --------
    >>> span = recorded_span(np.r_[np.zeros(20), np.full(30, 50.0)], np.arange(50) % 12)
    >>> span.began, span.first, span.ended
    (True, 20, False)
    """
    n, low = len(counts), _is_low(counts)
    whole = RecordedSpan(0, n, began=False, ended=False, silent=np.zeros(n, dtype=bool))
    if not low.any():
        return whole
    first, end, silent = 0, n, whole.silent.copy()
    usual = ~np.isnan(counts)
    for start, stop in sorted(_runs(low, counts), key=lambda run: run[0] - run[1]):
        long_enough = (~np.isnan(counts[start:stop])).sum() >= SHORTEST_RUN[per_year]
        if not long_enough or not _is_impossible(counts, season, usual, slice(start, stop), per_year):
            continue
        usual[start:stop] = False  # it says nothing of the level beside another run
        if start == 0:
            first = stop
        elif stop == n:
            end = start
        else:
            silent[start:stop] = True
    return RecordedSpan(first, end, began=first > 0, ended=end < n, silent=silent)


def _is_low(counts: Floats) -> Flags:
    """Periods with at most a stray crime for the level of the series; none where the level is too low to say."""
    typical = counts[counts > 2]
    if not len(typical):
        typical = counts[counts > 0]
    level = float(np.median(typical)) if len(typical) else 0.0
    stray = max(level / 1000, 2.0 if level >= 40 else 1.0 if level >= 10 else 0.0)
    return counts <= stray if level else np.zeros(len(counts), dtype=bool)


def _runs(low: Flags, counts: Floats) -> list[tuple[int, int]]:
    """First period and the one after the last of each run; a period that was not published does not end one."""
    held = np.flatnonzero(~np.isnan(counts))
    change = np.diff(np.r_[False, low[held], False].astype(int))
    starts, stops = np.flatnonzero(change == 1), np.flatnonzero(change == -1)
    last = len(counts) - 1
    found = []
    for start, stop in zip(starts, stops, strict=True):
        begins = 0 if start == 0 else int(held[start])
        found.append((begins, last + 1 if stop == len(held) else int(held[stop - 1]) + 1))
    return found


def _is_impossible(counts: Floats, season: Integers, usual: Flags, run: slice, per_year: int) -> bool:
    """Whether the level beside a run, of the periods of usual recording, gives so few too small a chance."""
    inside = np.arange(len(counts))[run][~np.isnan(counts[run])]
    seen = float(counts[inside].sum())
    expected = []
    for years in YEARS_BESIDE:
        reach = years * per_year
        beside = np.zeros(len(counts), dtype=bool)
        beside[max(run.start - reach, 0) : run.start] = True
        beside[run.stop : run.stop + reach] = True
        beside &= usual
        if beside.sum() < PERIODS_BESIDE[per_year]:
            continue
        expected.append(_expected(counts, season, beside, inside))
    if not expected or seen > MOST_OF_LEVEL * max(expected):
        return False
    return bool(nbinom.cdf(seen, SHAPE, SHAPE / (SHAPE + min(expected))) < IMPOSSIBLE)


def _expected(counts: Floats, season: Integers, beside: Flags, inside: Integers) -> float:
    """Crimes expected in the periods of a run: the mean of the same periods of the year beside it, else of all."""
    mean = float(counts[beside].mean())
    total = 0.0
    for period in inside:
        same = beside & (season == season[period])
        total += float(counts[same].mean()) if same.any() else mean
    return total
