"""Where did crime change more than elsewhere? Small areas compared between two periods."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd

from hcsp_assess.errors import InputError
from hcsp_assess.places.rates import check_pair
from hcsp_assess.trends.multiplicity import CLEAR_LEVEL, adjust_p_values
from hcsp_assess.trends.rates import compare_counts
from hcsp_assess.trends.small_tables import facts_table

Change = Literal["rose more than elsewhere", "fell more than elsewhere", "no clear difference", "too few"]
LEAST = 10  # records in the two periods together, below which no change could show


@dataclass(frozen=True)
class Changes:
    """How each place changed compared with all places together.

    Attributes
    ----------
    table : pandas.DataFrame
        One row per place: `before`, `after`, `expected` (before, times the change of all), `ratio` (after over
        expected) with `low`, `high`, `p_value`, `q_value` and `change`.
    ratio_of_all : float
        Records of all places after over before.
    dispersion : float
        How many times changes vary more than chance; intervals and p-values are widened for it.
    """

    table: pd.DataFrame
    ratio_of_all: float
    dispersion: float
    alpha: float
    tests: int
    method: str

    def _repr_html_(self) -> str:
        facts: dict[str, object] = {"All places, after over before": self.ratio_of_all, "Dispersion": self.dispersion}
        facts |= {str(change): int(count) for change, count in self.table["change"].value_counts().items()}
        return facts_table("Change by place", facts | {"Method": self.method})


def compare_periods(before: pd.Series, after: pd.Series, *, alpha: float = CLEAR_LEVEL) -> Changes:
    """Find the places that changed more than all places together did between two periods.

    Each place's two counts are compared with the totals as exposures (`compare_counts`), so that a county-wide rise is
    no place's news; p-values and intervals are widened by the dispersion of all places, and Benjamini and Hochberg's
    control runs over every place that has enough records.

    Parameters
    ----------
    before, after : pandas.Series
        Records by place in two periods, for the same places.
    alpha : float
        Level of the false-discovery control.

    Raises
    ------
    InputError
        If places differ, a count is missing or negative, or a period has no records.

    Notes
    -----
    It misleads if the two periods are of different seasons or the way of recording changed in between, and a place
    picked because it was high before will tend to fall whatever is done.

    Examples
    --------
    All places doubled but one, which fell to a half:

    >>> before = pd.Series({"A": 100, "B": 100, "C": 100, "D": 100})
    >>> changes = compare_periods(before, pd.Series({"A": 200, "B": 200, "C": 200, "D": 50}))
    >>> changes.ratio_of_all, changes.table["expected"].to_dict()["D"]
    (1.625, 162.5)
    """
    after, _ = check_pair(after, pd.Series(1.0, index=before.index))
    before, _ = check_pair(before, pd.Series(1.0, index=before.index))
    totals = float(before.sum()), float(after.sum())
    if min(totals) == 0:
        raise InputError("one of the two periods has no records, so there is nothing to compare")
    enough = before + after >= LEAST
    spread = measure_dispersion(before, after)
    rows = [
        _compare(before[code], after[code], totals, spread) if enough[code] else (np.nan,) * 4 for code in before.index
    ]
    table = pd.DataFrame(rows, index=before.index, columns=["ratio", "low", "high", "p_value"])
    table.insert(0, "before", before)
    table.insert(1, "after", after)
    table.insert(2, "expected", before * totals[1] / totals[0])
    table["q_value"] = np.nan
    if enough.any():
        table.loc[enough, "q_value"] = adjust_p_values(table.loc[enough, "p_value"].to_numpy(), "benjamini-hochberg")
    found = table["q_value"].le(alpha)
    table["change"] = np.select(
        [~enough, found & table["after"].gt(table["expected"]), found],
        ["too few", "rose more than elsewhere", "fell more than elsewhere"],
        default="no clear difference",
    )
    tests = int(enough.sum())
    method = (
        f"two counts compared, variance times {spread:.3g}; Benjamini-Hochberg at {alpha:g} over {tests} places with "
        f"{LEAST} or more records"
    )
    return Changes(table, totals[1] / totals[0], spread, alpha, tests, method)


def measure_dispersion(before: pd.Series, after: pd.Series) -> float:
    """Return the overdispersion of places' changes, at least 1.

    Pearson's chi-square of the table of places by period over its degrees of freedom; only places with ten or more
    records in the two periods together count.

    Examples
    --------
    Two places of 40 records, 10 and 30 of them later: chi-square is 10 + 10 for one degree of freedom.

    >>> measure_dispersion(pd.Series({"A": 30, "B": 10}), pd.Series({"A": 10, "B": 30}))
    20.0
    >>> measure_dispersion(pd.Series({"A": 20, "B": 20}), pd.Series({"A": 20, "B": 20}))  # never below chance
    1.0
    """
    both = before + after
    enough = both >= LEAST
    both, after = both[enough], after[enough]
    if len(both) < 2:
        return 1.0
    share = float(after.sum() / both.sum())
    if not 0 < share < 1:
        return 1.0
    chi_square = float(((after - both * share) ** 2 / (both * share * (1 - share))).sum())
    return max(1.0, chi_square / (len(both) - 1))


def _compare(before: float, after: float, totals: tuple[float, float], spread: float) -> tuple[float, ...]:
    """Ratio, its interval and p-value; where one count is zero and chance is widened, both get one record more."""
    extra = int(spread > 1 and not (before and after))
    counts = int(after) + extra, int(before) + extra
    found = compare_counts(*counts, exposure=totals[1], exposure_before=totals[0], dispersion=spread)
    return found.rate_ratio, found.low, found.high, found.p_value
