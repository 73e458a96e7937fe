"""Does the rate of a kind of crime differ between two places over the same months?"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from hcsp_assess.errors import InputError
from hcsp_assess.places.ranking import LEAST_OF_TWO
from hcsp_assess.trends.rates import CountComparison, compare_counts, dispersion
from hcsp_assess.trends.regression import fit_seasonal_regression_frame
from hcsp_assess.trends.small_tables import facts_table

LONG = 24  # months from which season and trend are held apart from dispersion


@dataclass(frozen=True)
class TwoPlaces:
    """Two places compared over the months that both hold.

    Attributes
    ----------
    counts : tuple of int
        Records of the first and the second place.
    people : tuple of float
        Residents of each.
    months : int
        Months compared.
    rates : tuple of float
        Records a year per `per` residents.
    comparison : CountComparison or None
        Rate of the first over that of the second; None where there are too few records, with the reason in `refused`.
    refused : str
        Why the two rates are not compared; "" where they are.
    method : str
        How they were compared.
    """

    counts: tuple[int, int]
    people: tuple[float, float]
    months: int
    rates: tuple[float, float]
    comparison: CountComparison | None
    refused: str
    method: str = "two counts compared with residents as exposure, widened for how much the months of each place vary"

    @property
    def clear(self) -> bool:
        """Whether the 95% interval of the ratio of rates leaves out one."""
        return self.comparison is not None and not self.comparison.low <= 1 <= self.comparison.high

    def _repr_html_(self) -> str:
        facts = {"Records": f"{self.counts[0]:,} and {self.counts[1]:,}", "Months": self.months, "Method": self.method}
        return facts_table("Two places compared", facts)


def compare_places(
    first: pd.Series, second: pd.Series, people: tuple[float, float], *, per: float = 1000.0
) -> TwoPlaces:
    """Compare the rates of two places over the months that both hold.

    `trends.rates.compare_counts` with residents as exposure. The interval is widened by the dispersion of each monthly
    series about its season and trend (about its mean, where there are under 24 months), weighted by its share of the
    variance of the ratio.

    Parameters
    ----------
    first, second : pandas.Series
        Monthly counts on the same kind of PeriodIndex; NA = not held.
    people : tuple of float
        Residents of the first and the second place.
    per : float
        Multiplier of the rates.

    Returns
    -------
    TwoPlaces
        Not compared with fewer than 40 records in both together, or none in one of them.

    Raises
    ------
    InputError
        If no month is held for both places, or a place has no number of residents above zero.

    Notes
    -----
    Misleads where places record differently or have many visitors for their residents: it says who differs, never why.

    Examples
    --------
    >>> months = pd.period_range("2024-01", periods=24, freq="M")
    >>> found = compare_places(pd.Series(20, months), pd.Series(10, months), (5_000, 5_000))
    >>> found.counts, found.rates, round(found.comparison.rate_ratio, 6), found.clear
    ((480, 240), (48.0, 24.0), 2.0, True)
    """
    both = pd.DataFrame({"first": first, "second": second}).dropna()
    if both.empty:
        raise InputError("no month is held for both places: choose other months")
    if not all(np.isfinite(each) and each > 0 for each in people):
        raise InputError("a place has no number of residents above zero")
    counts = int(both["first"].sum()), int(both["second"].sum())
    years = len(both) / 12
    rates = tuple(per * count / (each * years) for count, each in zip(counts, people, strict=True))
    refused = _too_few(counts)
    comparison = None if refused else compare_counts(
        *counts, exposure=float(people[0]), exposure_before=float(people[1]), dispersion=_dispersion(both)
    )  # fmt: skip
    return TwoPlaces(counts, people, len(both), (rates[0], rates[1]), comparison, refused)


def _too_few(counts: tuple[int, int]) -> str:
    if min(counts) == 0:
        return "one of the two places has no record in these months"
    if sum(counts) < LEAST_OF_TWO:
        return f"the two places have {sum(counts)} records together, and a comparison needs {LEAST_OF_TWO}"
    return ""


def _dispersion(both: pd.DataFrame) -> float:
    """How many times more than chance the logarithm of the ratio varies, from what the months of each place do."""
    found = fit_seasonal_regression_frame(both).table["dispersion"] if len(both) >= LONG else pd.Series(dtype=float)
    chance = 1 / both.sum().astype(float)
    known = {name: float(value) for name, value in found.dropna().items()}
    of_each = pd.Series({name: max(1.0, known.get(name, 0.0) or _about_mean(both[name])) for name in both})
    return float((of_each * chance).sum() / chance.sum())


def _about_mean(counts: pd.Series) -> float:
    return dispersion(counts.astype(float).tolist()) if len(counts) > 1 else 1.0
