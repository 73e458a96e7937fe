"""Arrange a series by year: a row for each year, a column for each month or quarter."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from hcsp_assess.errors import InputError
from hcsp_assess.trends.monthly import periods_per_year

APRIL = 4


@dataclass(frozen=True)
class YearGrid:
    """Counts by year and by month or quarter of the year.

    Attributes
    ----------
    counts : pd.DataFrame
        A row for each year ("2025"; "2024-25" where years do not begin in January), oldest first, and a column for
        each month ("January") or quarter ("January to March"). NaN where the series has no value.
    inside : pd.DataFrame
        Whether a cell is within the series' first and last month; outside it nothing can be missing.
    days : pd.DataFrame
        Days in each month or quarter.
    short_names : tuple of str
        The columns as they fit under an axis: "Jan", or "Jan–Mar".
    """

    counts: pd.DataFrame
    inside: pd.DataFrame
    days: pd.DataFrame
    short_names: tuple[str, ...]

    @property
    def per_year(self) -> int:
        """Columns: 12 months or 4 quarters."""
        return len(self.counts.columns)

    @property
    def part(self) -> str:
        """What a column is: "month" or "quarter"."""
        return part_of_year(self.per_year)

    @property
    def held(self) -> pd.Series:
        """The counts held, by year and month or quarter."""
        return pd.Series(self.counts.to_numpy().ravel(), index=self.cells).dropna()

    @property
    def cells(self) -> pd.MultiIndex:
        """Year and month or quarter of every cell, row by row."""
        return pd.MultiIndex.from_product([self.counts.index, self.counts.columns])

    @property
    def not_held(self) -> pd.DataFrame:
        """Whether a month or quarter within the series has no value."""
        return self.counts.isna() & self.inside

    @property
    def years_held(self) -> list[str]:
        """Years of which at least one month or quarter is held."""
        return [str(year) for year in self.counts.index[self.counts.notna().any(axis=1)]]

    @property
    def whole_years(self) -> pd.DataFrame:
        """The years of which every month or quarter is held."""
        return self.counts.dropna()


def part_of_year(number: int) -> str:
    """Return what one of so many parts of a year is called.

    Examples
    --------
    >>> part_of_year(12), part_of_year(4)
    ('month', 'quarter')
    """
    return "month" if number == 12 else "quarter"


def first_months(index: pd.Index) -> pd.PeriodIndex:
    """Return the first month of each month or quarter of an index.

    Examples
    --------
    The first quarter of a year that ends in March begins in April:

    >>> first_months(pd.PeriodIndex(["2025Q1"], freq="Q-MAR"))[0]
    Period('2024-04', 'M')
    """
    return pd.PeriodIndex(pd.PeriodIndex(index).asfreq("M", how="S"))


def year_begins(index: pd.Index) -> int:
    """Return the month in which years of a series begin: April where it ends in March or has financial quarters.

    Examples
    --------
    >>> year_begins(pd.period_range("2020-01", "2025-03", freq="M"))
    4
    >>> year_begins(pd.period_range("2020Q1", "2025Q3", freq="Q"))
    1
    """
    periods_per_year(index)
    periods = pd.PeriodIndex(index)
    starts, ends = first_months(periods), periods.asfreq("M", how="E")
    if periods.freqstr != "M" and starts[0].month % 3 != 1:
        return int(starts[0].month)  # quarters that neither kind of year can be made of
    return APRIL if periods.freqstr == "Q-MAR" or ends.max().month == APRIL - 1 else 1


def year_grid(counts: pd.Series, *, first_month: int | None = None) -> YearGrid:
    """Arrange a monthly or quarterly series by year.

    Parameters
    ----------
    counts : pd.Series
        One number a month or quarter on a PeriodIndex, NA = not held; months that are absent are not held either.
    first_month : int, optional
        Month in which a year begins, such as 4 for financial years; by default see `year_begins`.

    Raises
    ------
    InputError
        Not monthly or quarterly, no months, one of them twice, or quarters that a year of this kind would cut.

    Examples
    --------
    >>> months = pd.period_range("2023-12", "2024-02", freq="M")
    >>> grid = year_grid(pd.Series([5, 7, 9], index=months))
    >>> grid.counts[["January", "February", "December"]].loc["2024"].tolist()
    [7.0, 9.0, nan]
    >>> grid.years_held, int(grid.days.loc["2024", "February"])
    (['2023', '2024'], 29)
    """
    number = periods_per_year(counts.index)
    begins = year_begins(counts.index) if first_month is None else first_month
    index = pd.PeriodIndex(counts.index)
    if not len(index) or index.has_duplicates:
        raise InputError("the series has no months, or one of them twice: give each month or quarter one value")
    whole = pd.period_range(index.min(), index.max(), freq=index.freq)
    first, length = first_months(whole), 12 // number
    position = (first.month.to_numpy() - begins) % 12
    if (position % length).any():
        raise InputError(
            f"a year that begins in month {begins} would cut a quarter in two: begin it at the start of a quarter"
        )
    years = first.year.to_numpy() - (first.month.to_numpy() < begins)
    rows, columns = years - years.min(), position // length
    values = pd.Series(counts.to_numpy(dtype=float, na_value=np.nan), index=index).reindex(whole).to_numpy()
    labels, names, short = _year_names(years, begins), *_part_names(begins, length)

    def placed(numbers: Any, fill: Any) -> pd.DataFrame:
        cells = np.full((len(labels), number), fill)
        cells[rows, columns] = numbers
        return pd.DataFrame(cells, labels, names)

    days = (whole.end_time.normalize() - whole.start_time.normalize()).days + 1
    return YearGrid(placed(values, np.nan), placed(True, False), placed(days, 0), tuple(short))


def _year_names(years: Any, begins: int) -> list[str]:
    numbers = range(int(years.min()), int(years.max()) + 1)
    return [str(year) if begins == 1 else f"{year}-{(year + 1) % 100:02d}" for year in numbers]


def _part_names(begins: int, length: int) -> tuple[list[str], list[str]]:
    """Names of the months or quarters of a year, in full and short."""
    months = pd.period_range(f"2001-{begins:02d}", periods=12, freq="M")
    long, short = ([month.strftime(form) for month in months] for form in ("%B", "%b"))
    if length == 1:
        return long, short
    starts = range(0, 12, length)
    whole = [f"{long[at]} to {long[at + length - 1]}" for at in starts]
    return whole, [f"{short[at]}–{short[at + length - 1]}" for at in starts]


@dataclass(frozen=True)
class YearsCompared:
    """The latest year against an earlier one, over the months or quarters that both hold.

    Attributes
    ----------
    latest, earlier : str
        Names of the years.
    above, below : int
        Months or quarters in which the latest year is higher (lower), in count and also per day.
    shared, per_year : int
        Months or quarters held in both years, and in a whole year.
    total, earlier_total : int
        Counts of those held in both.
    """

    latest: str
    earlier: str
    above: int
    below: int
    shared: int
    per_year: int
    total: int
    earlier_total: int

    @property
    def part(self) -> str:
        """What is compared: "month" or "quarter"."""
        return part_of_year(self.per_year)


def compare_latest(grid: YearGrid) -> YearsCompared | None:
    """Compare the latest year held with the one before it, by plain counts.

    Where fewer than a quarter of the months are held in both, the year that shares most with the latest is taken. A
    leap year's February is higher (lower) only where it is so per day as well. None where no other year shares a month.

    Examples
    --------
    >>> months = pd.period_range("2023-01", periods=24, freq="M")
    >>> found = compare_latest(year_grid(pd.Series([10] * 12 + [12] * 9 + [8] * 3, index=months)))
    >>> found.latest, found.earlier, found.above, found.below, found.total, found.earlier_total
    ('2024', '2023', 9, 3, 132, 120)
    """
    held = grid.years_held
    if not held:
        return None
    shared = {year: len(grid.counts.loc[[held[-1], year]].dropna(axis=1).columns) for year in held[-2::-1]}
    enough = [year for year, months in shared.items() if months >= grid.per_year / 4]
    earlier = enough[0] if enough else max(shared, key=shared.__getitem__, default="")
    if not earlier or not shared[earlier]:
        return None
    pair = grid.counts.loc[[held[-1], earlier]].dropna(axis=1)
    daily = pair / grid.days.loc[pair.index, pair.columns]
    changes = [np.sign((table.iloc[0] - table.iloc[1]).to_numpy()) for table in (pair, daily)]
    above, below = (int(((changes[0] == way) & (changes[1] == way)).sum()) for way in (1, -1))
    total, before = (int(row) for row in pair.sum(axis=1).tolist())
    return YearsCompared(held[-1], earlier, above, below, shared[earlier], grid.per_year, total, before)
