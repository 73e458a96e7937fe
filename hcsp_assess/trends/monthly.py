"""Check monthly and quarterly series for every method in this package."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from hcsp_assess.errors import InputError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

MONTHS_A_YEAR = 12
QUARTERS_A_YEAR = 4


def periods_per_year(index: pd.Index) -> int:
    """Return 12 for an index of months and 4 for one of quarters, of any year end.

    Raises
    ------
    InputError
        An index of anything else.

    Examples
    --------
    >>> periods_per_year(pd.PeriodIndex(["2025-01"], freq="M")), periods_per_year(pd.PeriodIndex(["2025Q1"], freq="Q"))
    (12, 4)
    """
    if _is_of_months(index):
        return MONTHS_A_YEAR
    if is_quarterly(index):
        return QUARTERS_A_YEAR
    raise InputError(_wrong_index(quarters=True))


def is_quarterly(index: Any) -> bool:
    """Return whether this is a ``PeriodIndex`` of quarters, of any year end.

    Examples
    --------
    >>> is_quarterly(pd.PeriodIndex(["2025Q1"], freq="Q-MAR")), is_quarterly(pd.PeriodIndex(["2025-01"], freq="M"))
    (True, False)
    """
    return isinstance(index, pd.PeriodIndex) and index.freqstr.startswith("Q")


def period_word(index: pd.Index) -> str:
    """Return "month" or "quarter", for an error or a sentence about an index that has passed ``check_monthly``.

    Examples
    --------
    >>> period_word(pd.PeriodIndex(["2025Q1"], freq="Q-MAR"))
    'quarter'
    """
    return "quarter" if periods_per_year(index) == QUARTERS_A_YEAR else "month"


def check_monthly(values: pd.Series, *, at_least: int = 1, whole: bool = True, quarters: bool = False) -> pd.Series:
    """Return a monthly series as floats on a complete run of months, or say what is wrong with it.

    Parameters
    ----------
    values : pd.Series
        One value a month on a ``PeriodIndex`` of frequency M. NA = not held. A month that is absent between the
        first and the last becomes NA: it was not published either, and is never a zero.
    at_least : int
        The number of published months that the method needs.
    whole : bool
        Whether the values must be counts: whole and not negative.
    quarters : bool
        Whether a ``PeriodIndex`` of quarters is accepted too, of any year end (``Q-DEC``, ``Q-MAR``): a quarter then
        counts as one of the periods needed.

    Returns
    -------
    pd.Series
        float64 with NaN for months not published, sorted, every month from the first to the last present. Quarters
        stay quarters: the index keeps its frequency.

    Raises
    ------
    InputError
        Not a Series, not monthly, a month twice, text or infinite values, negative or broken counts, too few months.

    Examples
    --------
    >>> counts = pd.Series([4, 7], index=pd.PeriodIndex(["2025-03", "2025-01"], freq="M"))
    >>> check_monthly(counts).tolist()  # February is not published, which is not zero
    [7.0, nan, 4.0]
    >>> quarters = pd.Series([4, 7], index=pd.PeriodIndex(["2025Q3", "2025Q1"], freq="Q"))
    >>> check_monthly(quarters, quarters=True).tolist()
    [7.0, nan, 4.0]
    """
    _check_index(values, quarters=quarters)
    numbers = _numbers(values)
    if whole:
        _check_whole(numbers)
    word = period_word(pd.PeriodIndex(numbers.index))
    if not len(numbers):
        raise InputError(f"the series has no {word}s, and this method needs at least {at_least}")
    if not (np.diff(pd.PeriodIndex(numbers.index).asi8) == 1).all():
        numbers = numbers.sort_index()
        complete = pd.period_range(numbers.index[0], numbers.index[-1], name=values.index.name)
        numbers = numbers.reindex(complete)
    published = int((~np.isnan(numbers.to_numpy())).sum())
    if published < at_least:
        raise InputError(
            f"the series has {published} published {word}s and this method needs at least {at_least}: "
            "use a longer history or a method for short series"
        )
    return numbers


def check_monthly_frame(
    values: pd.DataFrame, *, whole: bool = True, quarters: bool = False
) -> tuple[pd.PeriodIndex, Floats]:
    """Check a table of monthly series at once, as ``check_monthly`` does one: the months, and a row for each column.

    Parameters
    ----------
    values : pd.DataFrame
        A column for each series on one monthly ``PeriodIndex``; NA = not held.
    whole : bool
        Whether the values must be counts: whole and not negative.
    quarters : bool
        Whether a ``PeriodIndex`` of quarters is accepted too, as in ``check_monthly``.

    Returns
    -------
    months : pd.PeriodIndex
        Every month from the first to the last; of quarters, every quarter, in their own frequency.
    rows : array, series x months
        Floats with NaN where nothing was published.

    Raises
    ------
    InputError
        Not a DataFrame, a column name twice, or what ``check_monthly`` refuses, with the column named.

    Examples
    --------
    >>> months = pd.PeriodIndex(["2025-03", "2025-01"], freq="M")
    >>> check_monthly_frame(pd.DataFrame({"theft": [4, 7], "arson": [0, None]}, index=months))[1].tolist()
    [[7.0, nan, 4.0], [nan, nan, 0.0]]
    """
    if not isinstance(values, pd.DataFrame):
        raise InputError(f"expected a DataFrame with a column for each series, got {type(values).__name__}")
    if values.columns.has_duplicates:
        repeated = values.columns[values.columns.duplicated()][0]
        raise InputError(f"the series {repeated!r} occurs more than once: give each column its own name")
    rows = _rows(values)
    if rows is None or not _is_sound(values.index, rows, whole=whole, quarters=quarters):
        for name in values.columns:
            try:
                check_monthly(values[name], at_least=0, whole=whole, quarters=quarters)
            except InputError as error:
                raise InputError(f"series {name!r}: {error}") from error
        raise InputError("the table has no series or no months")
    index = pd.PeriodIndex(values.index)
    order = index.argsort()
    ordinals = index.asi8[order]
    complete = np.full((len(rows), ordinals[-1] - ordinals[0] + 1), np.nan)
    complete[:, ordinals - ordinals[0]] = rows[:, order]
    return pd.period_range(index[order[0]], index[order[-1]], name=index.name), complete


def _rows(values: pd.DataFrame) -> Floats | None:
    """A row for each column as floats, or None if a column holds what is no number."""
    try:
        if all(pd.api.types.is_numeric_dtype(kind) for kind in set(values.dtypes)):
            return np.ascontiguousarray(values.to_numpy(dtype=float, na_value=np.nan).T)
        columns = [_as_floats(column) for _, column in values.items()]
    except (TypeError, ValueError):
        return None
    return np.array(columns).reshape(len(columns), len(values))


def _as_floats(column: pd.Series) -> Floats:
    """Of text that is not numbers, pandas says what is wrong."""
    numbers = column if pd.api.types.is_numeric_dtype(column.dtype) else column.astype("Float64")
    return np.asarray(numbers.to_numpy(dtype=float, na_value=np.nan), dtype=float)


def _is_sound(index: pd.Index, rows: Floats, *, whole: bool, quarters: bool) -> bool:
    accepted = _is_of_months(index) or (quarters and is_quarterly(index))
    regular = accepted and not index.hasnans and index.is_unique
    known = rows[~np.isnan(rows)]
    counts = not whole or bool((known >= 0).all() and (known == known.round()).all())
    return bool(regular and rows.size and counts and not np.isinf(known).any())


def _is_of_months(index: Any) -> bool:
    return isinstance(index, pd.PeriodIndex) and index.freqstr == "M"


def _wrong_index(index: Any = None, *, quarters: bool) -> str:
    make = "pd.PeriodIndex(series.index, freq="
    if quarters:
        return (
            f'the index must be a PeriodIndex of months or quarters: make one with series.index = {make}"M"), or '
            'freq="Q" for quarters, after adding up daily records by month or quarter'
        )
    if is_quarterly(index):
        return (
            "the series is quarterly, and this method is made for months: give monthly counts, or use a method that "
            "takes quarters: decompose, xmr_chart, seasonal_kendall_frame"
        )
    return (
        f'the index must be a PeriodIndex of months: make one with series.index = {make}"M"), '
        "after adding up daily records by month"
    )


def _check_index(values: Any, *, quarters: bool) -> None:
    accepted = "a month or quarter" if quarters else "a month"
    if not isinstance(values, pd.Series):
        raise InputError(f"expected a pandas Series of one value {accepted}, got {type(values).__name__}")
    index = values.index
    if not (_is_of_months(index) or (quarters and is_quarterly(index))):
        raise InputError(_wrong_index(index, quarters=quarters))
    word = period_word(pd.PeriodIndex(index))
    if index.hasnans:
        raise InputError(f"the index has a missing {word}: give every value its {word}")
    if index.has_duplicates:
        raise InputError(
            f"the {word} {index[index.duplicated()][0]} occurs more than once: add up or remove the repeats"
        )


def _numbers(values: pd.Series) -> pd.Series:
    try:
        numbers = _as_floats(values)
    except (TypeError, ValueError) as error:
        raise InputError(f"the series must be numbers, with NA for months not held: {error}") from error
    if np.isinf(numbers).any():
        raise InputError(f"the value of {values.index[np.isinf(numbers)][0]} is infinite")
    return pd.Series(numbers, index=values.index, name=values.name)


def _check_whole(numbers: pd.Series) -> None:
    floats = numbers.to_numpy()
    if (floats < 0).any():
        at = int((floats < 0).argmax())
        raise InputError(f"the count of {numbers.index[at]} is negative ({floats[at]:g}): correct the source file")
    broken = ~np.isnan(floats) & (floats != floats.round())
    if broken.any():
        at = int(broken.argmax())
        raise InputError(
            f"the count of {numbers.index[at]} is not a whole number ({floats[at]:g}): "
            "give the counts themselves, not a rate"
        )
