"""What every method of this package asks of a monthly series, checked in one place."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from hcsp_assess.errors import InputError


def check_monthly(values: pd.Series, *, at_least: int = 1, whole: bool = True) -> pd.Series:
    """Return a monthly series as floats on a complete run of months, or say what is wrong with it.

    Parameters
    ----------
    values : pd.Series
        One value a month on a ``PeriodIndex`` of frequency M. NA = not published. A month that is absent between the
        first and the last becomes NA: it was not published either, and is never a zero.
    at_least : int
        The number of published months that the method needs.
    whole : bool
        Whether the values must be counts: whole and not negative.

    Returns
    -------
    pd.Series
        float64 with NaN for months not published, sorted, every month from the first to the last present.

    Raises
    ------
    InputError
        Not a Series, not monthly, a month twice, text or infinite values, negative or broken counts, too few months.

    Examples
    --------
    >>> counts = pd.Series([4, 7], index=pd.PeriodIndex(["2025-03", "2025-01"], freq="M"))
    >>> check_monthly(counts).tolist()  # February is not published, which is not zero
    [7.0, nan, 4.0]
    """
    _check_index(values)
    numbers = _numbers(values)
    if whole:
        _check_whole(numbers)
    if not len(numbers):
        raise InputError(f"the series has no months, and this method needs at least {at_least}")
    numbers = numbers.sort_index()
    months = pd.period_range(numbers.index[0], numbers.index[-1], freq="M", name=values.index.name)
    numbers = numbers.reindex(months)
    published = int(numbers.notna().sum())
    if published < at_least:
        raise InputError(
            f"the series has {published} published months and this method needs at least {at_least}: "
            "use a longer history or a method for short series"
        )
    return numbers


def _check_index(values: Any) -> None:
    if not isinstance(values, pd.Series):
        raise InputError(f"expected a pandas Series of one value a month, got {type(values).__name__}")
    index = values.index
    if not isinstance(index, pd.PeriodIndex) or index.freqstr != "M":
        raise InputError(
            "the index must be a PeriodIndex of months: make one with "
            'series.index = pd.PeriodIndex(series.index, freq="M"), after adding up daily records by month'
        )
    if index.hasnans:
        raise InputError("the index has a missing month: give every value its month")
    if index.has_duplicates:
        raise InputError(
            f"the month {index[index.duplicated()][0]} occurs more than once: add up or remove the repeats"
        )


def _numbers(values: pd.Series) -> pd.Series:
    try:
        numbers = values.astype("Float64").to_numpy(dtype=float, na_value=np.nan)
    except (TypeError, ValueError) as error:
        raise InputError(f"the series must be numbers, with NA for months not published: {error}") from error
    if np.isinf(numbers).any():
        raise InputError(f"the value of {values.index[np.isinf(numbers)][0]} is infinite")
    return pd.Series(numbers, index=values.index, name=values.name)


def _check_whole(numbers: pd.Series) -> None:
    known = numbers.dropna()
    if (known < 0).any():
        month = known.index[known < 0][0]
        raise InputError(f"the count of {month} is negative ({known[month]:g}): correct the file it came from")
    broken = known != known.round()
    if broken.any():
        month = known.index[broken][0]
        raise InputError(
            f"the count of {month} is not a whole number ({known[month]:g}): give the counts themselves, not a rate"
        )
