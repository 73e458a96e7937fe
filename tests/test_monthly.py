"""What is asked of a series of months or quarters before any method sees it."""

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest

from hcsp_assess.errors import InputError
from hcsp_assess.trends import find_exceedances, find_level_shift, fit_seasonal_regression, forecast_year
from hcsp_assess.trends.monthly import check_monthly, check_monthly_frame, periods_per_year

YEAR_ENDS = ["Q", "Q-MAR", "Q-JUN", "Q-NOV"]


def _quarterly(freq: str, values: list[float | None]) -> pd.Series:
    return pd.Series(values, index=pd.period_range("2024Q1", periods=len(values), freq=freq), dtype="Float64")


@pytest.mark.parametrize("freq", YEAR_ENDS)
def test_quarters_of_any_year_end_pass_in_order_with_absent_ones_as_not_published(freq: str) -> None:
    shuffled = _quarterly(freq, [5, 0, 7, 9, None, 3]).iloc[[5, 0, 3, 2, 4]]
    checked = check_monthly(shuffled, quarters=True)
    np.testing.assert_array_equal(checked.to_numpy(), [5, np.nan, 7, 9, np.nan, 3])
    assert checked.index.equals(pd.period_range("2024Q1", periods=6, freq=freq))
    assert periods_per_year(pd.PeriodIndex(checked.index)) == 4
    quarters, rows = check_monthly_frame(shuffled.to_frame("theft"), quarters=True)
    assert quarters.equals(checked.index)
    np.testing.assert_array_equal(rows, checked.to_numpy()[None, :])


def test_months_are_the_same_whether_quarters_are_accepted_or_not() -> None:
    counts = pd.Series([4, 7], index=pd.PeriodIndex(["2025-03", "2025-01"], freq="M"), name="theft")
    pd.testing.assert_series_equal(check_monthly(counts), check_monthly(counts, quarters=True))
    assert periods_per_year(pd.PeriodIndex(counts.index)) == 12


def test_what_is_neither_month_nor_quarter_is_refused_with_what_is_accepted() -> None:
    years = pd.Series([1, 2], index=pd.period_range("2024", periods=2, freq="Y"))
    days = pd.Series([1, 2], index=pd.date_range("2024-01-01", periods=2))
    half_years = pd.Series([1, 2], index=pd.period_range("2024Q1", periods=2, freq="2Q"))
    for values in (years, days, half_years):
        with pytest.raises(InputError, match=r"^the index must be a PeriodIndex of months or quarters: make one"):
            check_monthly(values, quarters=True)
        with pytest.raises(InputError, match=r"^series 'a': the index must be a PeriodIndex of months or quarters"):
            check_monthly_frame(values.to_frame("a"), quarters=True)
    with pytest.raises(InputError, match=r"months or quarters"):
        periods_per_year(years.index)  # type: ignore[arg-type]


def test_errors_speak_of_quarters_where_the_series_has_quarters() -> None:
    counts = _quarterly("Q-MAR", [5, 6, 7])
    with pytest.raises(InputError, match=r"^the series has 3 published quarters and this method needs at least 8: "):
        check_monthly(counts, at_least=8, quarters=True)
    with pytest.raises(InputError, match=r"^the quarter 2024Q1 occurs more than once: "):
        check_monthly(counts.iloc[[0, 0, 1]], quarters=True)
    with pytest.raises(InputError, match=r"^the index must be a PeriodIndex of months: make one"):
        check_monthly(counts.set_axis(range(3)))
    with pytest.raises(InputError, match=r"^the count of 2024Q2 is negative"):
        check_monthly(_quarterly("Q", [5, -6]), quarters=True)


@pytest.mark.parametrize("method", [find_level_shift, forecast_year, fit_seasonal_regression, find_exceedances])
def test_a_method_for_months_says_what_to_use_for_quarters(method: Callable[[pd.Series], object]) -> None:
    with pytest.raises(
        InputError, match=r"^the series is quarterly, and this method is made for months: give monthly counts, or use "
    ):
        method(_quarterly("Q", [5] * 80))
