"""How much was recorded in the period assessed, and how does that compare with the year before?"""

from dataclasses import dataclass
from typing import Any

import pandas as pd

from hcsp_assess.errors import InputError
from hcsp_assess.periods import Span
from hcsp_assess.trends.rates import CountComparison, compare_counts
from hcsp_assess.trends.regression import fit_seasonal_regression_frame


@dataclass(frozen=True)
class Level:
    """One series in the period assessed and in the same months a year earlier.

    Attributes
    ----------
    label : str
        What is counted.
    count : int
        Records in the months of the period that are held.
    months_published : int
        How many months of the period are held, of `months_in_period`.
    compared : tuple of pandas.Period
        Months held in both years, in the period assessed; the comparison is of these alone.
    span : Span
        The period assessed.
    comparison : CountComparison or None
        The two counts over those months; None where no month is held in both years, or both counts are zero.
    """

    label: str
    count: int
    months_published: int
    months_in_period: int
    compared: tuple[pd.Period, ...]
    span: Span
    comparison: CountComparison | None

    @property
    def months_compared(self) -> int:
        """How many months are held in both years."""
        return len(self.compared)


def find_levels(counts: pd.DataFrame, span: Span) -> tuple[Level, ...]:
    """Find the level of each series in a period and its change on the year before.

    Only months held in both years are compared, with the days in them as exposure; the interval is widened for the
    dispersion of the series (quasi-Poisson, see `hcsp_assess.trends.regression`).

    Parameters
    ----------
    counts : pandas.DataFrame
        Monthly counts, one column for each series, named as a reader should see it; NA = not held, or held in part.
    span : Span
        The period assessed.

    Returns
    -------
    tuple of Level
        In the order of the columns.

    Notes
    -----
    Two years are two points. The comparison describes what was recorded; whether a series is rising or falling is for
    `hcsp_assess.trends.assess_trend`, which looks at all its months.
    """
    dispersions = _dispersions(counts)
    return tuple(_level(str(name), counts[name], span, dispersions[name]) for name in counts)


def _level(label: str, series: pd.Series, span: Span, dispersion: float) -> Level:
    every = series.reindex(span.months.union(span.year_before.months))
    now, before = every.loc[span.months], every.loc[span.year_before.months]
    both = now.notna().to_numpy() & before.notna().to_numpy()
    total = int(now.sum())
    comparison = None
    if both.any() and now[both].sum() + before[both].sum() > 0:
        days = [int(pd.PeriodIndex(part.index[both]).days_in_month.to_numpy().sum()) for part in (now, before)]
        comparison = compare_counts(
            int(now[both].sum()),
            int(before[both].sum()),
            exposure=days[0],
            exposure_before=days[1],
            dispersion=dispersion,
        )
    months = tuple(pd.PeriodIndex(now.index)[both])
    return Level(label, total, int(now.notna().sum()), len(now), months, span, comparison)


def _dispersions(counts: pd.DataFrame) -> dict[Any, float]:
    """Dispersion of each series about its season and trend, at least 1; 1 where it is too short or sparse to say."""
    try:
        found = fit_seasonal_regression_frame(counts).table["dispersion"]
    except InputError:  # of one series, which must not cost the others theirs
        if len(counts.columns) < 2:
            return dict.fromkeys(counts, 1.0)
        return {name: _dispersions(counts[[name]])[name] for name in counts}
    return {name: max(1.0, float(dispersion)) for name, dispersion in found.items()}
