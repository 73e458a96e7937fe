"""The performance overview: quarters as published, year to date, rolling year, headroom, direction and rating.

From definitions of indicators and published cells (`sources.indicators`) to results; tables of them are in
`assessment.performance_tables`. docs/indicators.md states every rule.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from hcsp_assess.periods import FinancialYear, Quarter
from hcsp_assess.sources.indicators import Cell, Indicator, Published, Target, check_published
from hcsp_assess.trends.multiplicity import SINGLE_LEVEL
from hcsp_assess.trends.rates import compare_counts, dispersion

Direction = Literal["higher", "lower", "same"]
Certainty = Literal["clear", "doubtful", "no clear change", "cannot be tested"]
Rating = Literal["on track", "at risk", "off track", "not rated"]

POISSON_UP_TO = 1.5  # dispersion above which counts vary too much for a Poisson test
MARGIN_PERCENT = 2.0
SYMBOLS: dict[Rating, str] = {"on track": "✓", "at risk": "!", "off track": "✗", "not rated": "–"}
COLOURS: dict[Rating, str] = {"on track": "green", "at risk": "amber", "off track": "red", "not rated": "grey"}


@dataclass(frozen=True)
class Change:
    """Some quarters against the same quarters a year earlier.

    Attributes
    ----------
    quarters, quarters_before : tuple of Quarter
        What is compared.
    value, value_before : float
        Sums of counts; for percentages the latest quarter's figure.
    difference : float
        In numbers, or in percentage points.
    percent : float
        Change in per cent; NaN for percentages and where `value_before` is zero.
    direction : str
        "higher", "lower" or "same", as printed.
    certainty : str
        "clear"; "doubtful" (the E-test finds it, but counts vary more than that test assumes); "no clear change";
        "cannot be tested" (a percentage without a denominator).
    e_test_p_value, p_value, wheeler_z, dispersion : float
        Two-sided E-test; p-value with the dispersion allowed for; Wheeler's z; dispersion of all quarters. NaN where
        not tested.
    """

    quarters: tuple[Quarter, ...]
    quarters_before: tuple[Quarter, ...]
    value: float
    value_before: float
    difference: float
    percent: float
    direction: Direction
    certainty: Certainty
    e_test_p_value: float
    p_value: float
    wheeler_z: float
    dispersion: float
    method: str


@dataclass(frozen=True)
class TargetStatus:
    """How far an indicator is from its target.

    Attributes
    ----------
    value : float or None
        The target as a number: as stated, else as it follows from last year. None for a band, and where last year is
        not known.
    derived : float or None
        The number that follows from last year's outturn, for "maintain" and "change"; None where it cannot be had.
    to_date : float
        The year so far (counts), or the latest figure (percentages).
    headroom : float or None
        Target less `to_date`: of counts where lower is better, the most that the rest of the year may bring; where
        higher is better, what is still needed; of percentages, the distance in points. None for a band.
    quarters_left : tuple of Quarter
        Quarters of the year without a figure; empty for percentages.
    same_quarters_last_year : float or None
        What those quarters brought a year earlier.
    expected : float or None
        `to_date` plus that.
    """

    target: Target
    value: float | None
    derived: float | None
    to_date: float
    headroom: float | None
    quarters_left: tuple[Quarter, ...]
    same_quarters_last_year: float | None
    expected: float | None


@dataclass(frozen=True)
class Rated:
    """A rating with its reason, and marks that need no colour to be understood."""

    rating: Rating
    reason: str

    @property
    def symbol(self) -> str:
        """A sign for the rating."""
        return SYMBOLS[self.rating]

    @property
    def colour(self) -> str:
        """Red, amber, green, or grey for not rated; never shown without `symbol` and `rating`."""
        return COLOURS[self.rating]


@dataclass(frozen=True)
class Performance:
    """One indicator in one year.

    Attributes
    ----------
    cells : tuple of Cell
        Every published quarter of it, blank ones too, in order of time.
    latest : Cell or None
        The last quarter of the year with a figure.
    changes : tuple of Change
        Each quarter of the year against the same a year earlier, where both have a figure.
    year_to_date : Change or None
        The year so far against the same quarters a year earlier; None where a quarter is missing in either.
    rolling : tuple of (Quarter, float)
        Sums of four quarters in a row, by their last; counts only.
    dispersion : float
        Pearson's chi-square over degrees of freedom of all quarters; NaN for percentages and under four quarters.
    warning : str
        What a reader must know before trusting a test, or "".
    """

    indicator: Indicator
    year: FinancialYear
    cells: tuple[Cell, ...]
    latest: Cell | None
    changes: tuple[Change, ...]
    year_to_date: Change | None
    rolling: tuple[tuple[Quarter, float], ...]
    target: TargetStatus | None
    rated: Rated
    dispersion: float
    warning: str


def performance_overview(
    indicators: tuple[Indicator, ...], published: Published, *, margin_percent: float = MARGIN_PERCENT
) -> tuple[Performance, ...]:
    """Assess every indicator in the year that the published overview reports on.

    Parameters
    ----------
    margin_percent : float
        How far from a target is "at risk" rather than "off track", in per cent of the target.

    Raises
    ------
    InputError
        If definitions and cells do not fit together.
    """
    check_published(indicators, published)
    year = published.overview_year
    return tuple(assess_indicator(item, published.cells, year, margin_percent=margin_percent) for item in indicators)


def assess_indicator(
    indicator: Indicator, cells: Sequence[Cell], year: FinancialYear, *, margin_percent: float = MARGIN_PERCENT
) -> Performance:
    """Assess one indicator in one financial year.

    Counts are compared by the E-test (Krishnamoorthy and Thomson 2004) as if each were Poisson. Where all quarters
    together vary more than that (dispersion above 1.5), a change is clear only if it also holds with the dispersion
    allowed for. Dispersion among quarters contains season and trend, so this errs on the side of "doubtful". Quarters
    are taken as equally long. Percentages are tested only where both denominators are known.

    Parameters
    ----------
    cells : sequence of Cell
        Published quarters; those of other indicators are left aside.
    margin_percent : float
        See `performance_overview`.
    """
    own = tuple(sorted((cell for cell in cells if cell.indicator == indicator.key), key=lambda cell: cell.quarter))
    known = {cell.quarter: cell for cell in own if cell.printed}
    counted = [value for cell in known.values() if (value := cell.value) is not None and indicator.unit == "count"]
    spread = dispersion(counted) if len(counted) >= 4 and any(counted) else math.nan
    this_year = [quarter for quarter in year.quarters if quarter in known]
    pairs = [quarter for quarter in this_year if quarter.year_before in known]
    status = _target_status(indicator, known, year)
    return Performance(
        indicator=indicator,
        year=year,
        cells=own,
        latest=known[this_year[-1]] if this_year else None,
        changes=tuple(_change(known, (quarter,), spread) for quarter in pairs),
        year_to_date=_year_to_date(known, this_year, spread),
        rolling=_rolling(known) if indicator.unit == "count" else (),
        target=status,
        rated=_rate(indicator, status, bool(this_year), margin_percent),
        dispersion=spread,
        warning=_warning(indicator, known, spread),
    )


def _year_to_date(known: dict[Quarter, Cell], this_year: list[Quarter], spread: float) -> Change | None:
    """Compare the quarters so far, if they run on from the first and all have a figure a year earlier."""
    so_far = tuple(this_year)
    if not so_far or so_far != so_far[0].year.quarters[: len(so_far)]:
        return None
    if any(quarter.year_before not in known for quarter in so_far):
        return None
    if known[so_far[-1]].printed.endswith("%"):
        so_far = so_far[-1:]
    return _change(known, so_far, spread)


def _change(known: dict[Quarter, Cell], quarters: tuple[Quarter, ...], spread: float) -> Change:
    before = tuple(quarter.year_before for quarter in quarters)
    value, value_before = _sum(known, quarters), _sum(known, before)
    difference = round(value - value_before, 6)
    percentage = known[quarters[-1]].printed.endswith("%")
    e_test, adjusted, wheeler, certainty, method = (
        _test_percentages(known[quarters[-1]], known[before[-1]])
        if percentage
        else _test_counts(value, value_before, spread)
    )
    return Change(
        quarters=quarters,
        quarters_before=before,
        value=value,
        value_before=value_before,
        difference=difference,
        percent=100 * difference / value_before if value_before and not percentage else math.nan,
        direction="higher" if difference > 0 else "lower" if difference < 0 else "same",
        certainty=certainty,
        e_test_p_value=e_test,
        p_value=adjusted,
        wheeler_z=wheeler,
        dispersion=math.nan if percentage else spread,
        method=method,
    )


def _test_counts(value: float, before: float, spread: float) -> tuple[float, float, float, Certainty, str]:
    """E-test, and the test with dispersion allowed for where quarters vary more than Poisson."""
    overdispersed = spread > POISSON_UP_TO
    result = compare_counts(int(value), int(before), dispersion=spread if overdispersed and value and before else 1.0)
    certainty: Certainty = "no clear change"
    if result.e_test_p_value < SINGLE_LEVEL:
        holds = not overdispersed or (result.dispersion > 1 and result.p_value < SINGLE_LEVEL)
        certainty = "clear" if holds else "doubtful"
    method = "E-test" if not overdispersed else f"E-test; {result.method}"
    return result.e_test_p_value, result.p_value, result.wheeler_z, certainty, method


def _test_percentages(cell: Cell, before: Cell) -> tuple[float, float, float, Certainty, str]:
    """Score test of two proportions; none without both denominators."""
    if cell.denominator is None or before.denominator is None:
        return math.nan, math.nan, math.nan, "cannot be tested", "none: the denominators are not known"
    from statsmodels.stats.proportion import test_proportions_2indep

    parts = [round((item.value or 0) / 100 * (item.denominator or 0)) for item in (cell, before)]
    if parts[0] / cell.denominator == parts[1] / before.denominator:
        return math.nan, 1.0, math.nan, "no clear change", "two proportions, score test"
    test = test_proportions_2indep(
        parts[0], cell.denominator, parts[1], before.denominator, method="score", compare="diff", correction=False
    )
    p_value = float(test.pvalue)
    certainty: Certainty = "clear" if p_value < SINGLE_LEVEL else "no clear change"
    return math.nan, p_value, math.nan, certainty, "two proportions, score test"


def _rolling(known: dict[Quarter, Cell]) -> tuple[tuple[Quarter, float], ...]:
    windows = {quarter: tuple(quarter + step for step in (-3, -2, -1, 0)) for quarter in sorted(known)}
    return tuple((last, _sum(known, four)) for last, four in windows.items() if all(q in known for q in four))


def _target_status(indicator: Indicator, known: dict[Quarter, Cell], year: FinancialYear) -> TargetStatus | None:
    target = indicator.target(year)
    this_year = [quarter for quarter in year.quarters if quarter in known]
    if target is None or not this_year:
        return None
    derived = derive_target(indicator, target, known)
    value = target.value if target.value is not None else derived
    counts = indicator.unit == "count"
    to_date = _sum(known, this_year if counts else this_year[-1:])
    left = tuple(quarter for quarter in year.quarters if quarter not in known) if counts else ()
    known_before = all(quarter.year_before in known for quarter in left)
    rest = _sum(known, [quarter.year_before for quarter in left]) if known_before else None
    return TargetStatus(
        target=target,
        value=value,
        derived=derived,
        to_date=to_date,
        headroom=None if value is None else round(value - to_date, 6),
        quarters_left=left,
        same_quarters_last_year=rest,
        expected=None if rest is None else to_date + rest,
    )


def derive_target(indicator: Indicator, target: Target, known: dict[Quarter, Cell]) -> float | None:
    """Work out a target that is stated against last year.

    "Maintain" is last year's outturn; "change" is that with its percentage taken, rounded to the indicator's precision
    on the side that meets it: 1055 less 1% is 1044.45, so at most 1044. The outturn is the sum of four quarters
    (counts) or the fourth quarter's figure (percentages).

    Returns
    -------
    float or None
        None for other kinds of target, and where last year's outturn is not known.
    """
    if target.kind not in ("maintain", "change"):
        return None
    quarters = target.year.previous.quarters if indicator.unit == "count" else target.year.previous.quarters[-1:]
    if any(quarter not in known for quarter in quarters):
        return None
    outturn = _sum(known, quarters)
    if target.kind == "maintain" or target.percent is None:
        return outturn
    exact = round(outturn * (100 + target.percent) / 100 * 10**indicator.decimals, 9)
    meets = math.ceil(exact) if indicator.polarity == "higher" else math.floor(exact)
    return float(meets / 10**indicator.decimals)


def _rate(indicator: Indicator, status: TargetStatus | None, has_figures: bool, margin: float) -> Rated:
    if not has_figures:
        return Rated("not rated", f"no figures: {indicator.gap}" if indicator.gap else "no figures")
    if status is None:
        return Rated("not rated", "no target")
    if status.target.kind == "band":
        return _rate_band(status, margin)
    if indicator.polarity not in ("lower", "higher"):
        return Rated("not rated", "it is not stated which way is better")
    if status.value is None:
        return Rated("not rated", "last year's outturn, which the target is set against, is not known")
    sign = 1 if indicator.polarity == "lower" else -1
    if indicator.unit == "count" and sign == 1 and status.to_date > status.value * (1 + margin / 100):
        return Rated("off track", "the year so far is already above the target")
    if status.expected is None:
        return Rated("not rated", "last year's figures for the quarters to come are not known")
    excess = sign * (status.expected - status.value)
    figure = (
        "the latest figure" if indicator.unit == "percent" else "the year so far plus last year's remaining quarters"
    )
    if not status.quarters_left and indicator.unit == "count":
        figure = "the year"
    words = f"{figure}, {status.expected:,g}, against {status.value:,g}"
    if excess <= 0:
        return Rated("on track", words)
    return Rated("at risk" if excess <= abs(status.value) * margin / 100 else "off track", words)


def _rate_band(status: TargetStatus, margin: float) -> Rated:
    low, high = status.target.low or 0.0, status.target.high or 0.0
    latest = status.to_date if status.expected is None else status.expected
    words = f"{latest:,g} against a band of {low:,g} to {high:,g}"
    if low <= latest <= high:
        return Rated("on track", words)
    near = low * (1 - margin / 100) <= latest <= high * (1 + margin / 100)
    return Rated("at risk" if near else "off track", words)


def _warning(indicator: Indicator, known: dict[Quarter, Cell], spread: float) -> str:
    if indicator.unit == "percent" and known and any(cell.denominator is None for cell in known.values()):
        return "No denominators were published, so no change in this percentage can be tested."
    if spread > POISSON_UP_TO:
        return (
            f"Quarters vary {spread:.1f} times as much as chance alone would make them (season and trend included): "
            "tests that assume Poisson counts, such as the E-test, find changes too easily."
        )
    return ""


def _sum(known: dict[Quarter, Cell], quarters: Sequence[Quarter]) -> float:
    return float(sum(value for quarter in quarters if (value := known[quarter].value) is not None))
