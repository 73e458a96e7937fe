"""Surveys of residents: percentages with bases and intervals; differently worded questions never share a series."""

import math
from dataclasses import dataclass
from typing import Any, Final

import pandas as pd

from hcsp_assess.errors import InputError
from hcsp_assess.trends.rates import wilson_interval

MEASURES: Final = {
    "feel_safe_local_area": "feel safe in their local area",
    "feel_safe_by_day": "feel safe in their local area during the day",
    "feel_safe_after_dark": "feel safe in their local area after dark",
    "crime_level_matters_most": "say the level of crime matters most in making somewhere a good place to live",
    "asb_a_problem": "say anti-social behaviour is a problem in their local area",
    "police_deal_with_issues": "say police and council deal with the issues that matter locally",
    "other": "gave the answer",
}
NO_BASE: Final = "no base: the percentage cannot be tested"
ESTIMATE_COLUMNS: Final = (
    *("month", "survey", "measure", "wording", "answer", "characteristic", "group"),
    *("percent", "base", "low", "high", "note"),
)


@dataclass(frozen=True)
class SurveySeries:
    """One question of one survey over time: same survey, same wording, same answer, same group.

    Attributes
    ----------
    estimates : pandas.DataFrame
        month, percent, base, low, high, note, in order of month.
    """

    measure: str
    survey: str
    wording: str
    answer: str
    group: str
    estimates: pd.DataFrame
    method: str = "Wilson score intervals from the base"


@dataclass(frozen=True)
class PercentageChange:
    """The difference of two percentages of the same question, in percentage points, with Newcombe's interval."""

    points: float
    low: float
    high: float
    confidence: float
    direction: str
    method: str = "difference of two proportions, Newcombe's (1998) method 10"


def survey_estimates(rows: pd.DataFrame, *, confidence: float = 0.95, design_effect: float = 1.0) -> pd.DataFrame:
    """Return every percentage with its interval.

    Parameters
    ----------
    rows : pandas.DataFrame
        Rows of the return `survey_results`.
    confidence : float
        Of the intervals.
    design_effect : float
        Variance over that of a simple random sample: the base is divided by it. Weighted and clustered surveys have 1.2
        to 2; leave 1 only where it is not known, and say so.

    Returns
    -------
    pandas.DataFrame
        month, survey, measure, wording, answer, characteristic, group, percent, base, low, high, note. `low` and `high`
        are per cent, and missing where there is no base: the note says so.

    Raises
    ------
    InputError
        A design effect that isn't positive.
    """
    if not design_effect > 0:
        raise InputError(f"the design effect must be positive, not {design_effect}")
    limits = [
        _limits(percent, base, confidence, design_effect)
        for percent, base in zip(rows["percent"], rows["base"], strict=True)
    ]
    found = rows.assign(
        low=pd.array([low for low, _ in limits], dtype="Float64"),
        high=pd.array([high for _, high in limits], dtype="Float64"),
        note=[NO_BASE if pd.isna(base) else "" for base in rows["base"]],
    )
    return found[list(ESTIMATE_COLUMNS)].sort_values(
        ["measure", "survey", "wording", "group", "month"], ignore_index=True
    )


def measure_series(
    rows: pd.DataFrame, measure: str, *, wording: str | None = None, group: str = "everyone", confidence: float = 0.95
) -> SurveySeries:
    """Return the series of one measure for one group.

    Parameters
    ----------
    rows, confidence
        As in `survey_estimates`.
    measure : str
        A key of `MEASURES`.
    wording : str, optional
        The question, word for word; needed where the measure was asked in more than one way.
    group : str
        As in the column `group`.

    Raises
    ------
    InputError
        If nothing was received of the measure, or it was asked in more than one way (survey, question or answer) and
        `wording` does not decide: two questions are never joined into one series.
    """
    if measure not in MEASURES:
        raise InputError(f"there is no measure {measure!r}: there are {', '.join(MEASURES)}")
    chosen = survey_estimates(rows, confidence=confidence)
    chosen = chosen[(chosen["measure"] == measure) & (chosen["group"].str.casefold() == group.casefold())]
    if wording is not None:
        chosen = chosen[chosen["wording"] == wording]
    if chosen.empty:
        raise InputError(f"no survey result of the measure {measure!r} was received for the group {group!r}")
    ways = _ways(chosen)
    if len(ways) > 1:
        said = "; ".join(f"{survey}: {question} ({answer})" for survey, question, answer in ways)
        raise InputError(f"the measure {measure!r} was asked in {len(ways)} ways, which are not one series: {said}")
    survey, question, answer = ways[0]
    estimates = chosen[["month", "percent", "base", "low", "high", "note"]].reset_index(drop=True)
    return SurveySeries(measure, survey, question, answer, group, estimates)


def safety_series(rows: pd.DataFrame, *, confidence: float = 0.95) -> tuple[SurveySeries, ...]:
    """Return every "feel safe" measure as a series of its own, one for each survey and wording, for everyone."""
    safe = rows[rows["measure"].str.startswith("feel_safe") & (rows["group"].str.casefold() == "everyone")]
    return tuple(
        measure_series(part, str(key[0]), confidence=confidence)
        for key, part in safe.assign(answer=safe["answer"].fillna("")).groupby(
            ["measure", "survey", "wording", "answer"], sort=True
        )
    )


def compare_percentages(earlier: pd.Series, later: pd.Series, *, confidence: float = 0.95) -> PercentageChange:
    """Compare two results of the same question.

    Source: Newcombe (1998), Statistics in Medicine 17, 873-890, method 10: from the Wilson limits of either percentage.

    Parameters
    ----------
    earlier, later : pandas.Series
        Two lines of `survey_estimates`: survey, wording, answer, group, percent, base.

    Raises
    ------
    InputError
        If the two are of different surveys, questions, answers or groups, or either has no base.
    """
    for field in ("survey", "wording", "answer", "group"):
        one, other = earlier[field], later[field]
        if not (one == other or (pd.isna(one) and pd.isna(other))):
            raise InputError(f"two results of a different {field} can't be compared: {one!r} and {other!r}")
    if pd.isna(earlier["base"]) or pd.isna(later["base"]):
        raise InputError("a percentage cannot be compared without the number of people who answered: ask for it")
    before, after = (
        wilson_interval(_part(row["percent"], row["base"]), float(row["base"]), confidence=confidence)
        for row in (earlier, later)
    )
    points = after.value - before.value
    low = points - math.hypot(after.value - after.low, before.high - before.value)
    high = points + math.hypot(after.high - after.value, before.value - before.low)
    direction = "up" if low > 0 else "down" if high < 0 else "no clear change"
    return PercentageChange(100 * points, 100 * low, 100 * high, confidence, direction)


def _ways(chosen: pd.DataFrame) -> list[tuple[str, str, str]]:
    ways = (
        chosen[["survey", "wording", "answer"]]
        .fillna("")
        .drop_duplicates()
        .sort_values(["survey", "wording", "answer"])
    )
    return [(str(survey), str(wording), str(answer)) for survey, wording, answer in ways.itertuples(index=False)]


def _part(percent: float, base: float) -> float:
    return float(percent) * float(base) / 100


def _limits(percent: Any, base: Any, confidence: float, design_effect: float) -> tuple[float | None, float | None]:
    if pd.isna(percent) or pd.isna(base) or not base:
        return None, None
    people = float(base) / design_effect
    interval = wilson_interval(_part(percent, people), people, confidence=confidence)
    return 100 * interval.low, 100 * interval.high
