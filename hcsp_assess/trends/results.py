"""Results of the trend methods: small frozen dataclasses that name their method."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

import numpy as np
import pandas as pd

from hcsp_assess.trends.model import season_columns
from hcsp_assess.trends.plain_counts import YearTotal, year_totals
from hcsp_assess.trends.small_tables import rows_table

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

#: "higher" and "lower" are of the last 12 months beside the level before, where no direction can be said; "no longer
#: recorded" of a class without records for at least a year, "not assessed" of one without for some months.
Verdict = Literal[
    "rising",
    "falling",
    "higher",
    "lower",
    "stable",
    "unclear",
    "too little data",
    "no longer recorded",
    "not assessed",
]
#: Words under which nothing was estimated.
NOT_TESTED = ("too little data", "no longer recorded", "not assessed")
Strength = Literal["confirmed", "probable", ""]


@dataclass(frozen=True)
class Question:
    """One question's answer: change in per cent (``low`` to ``high``: 95% interval; ``low_90``, ``high_90``: 90%).

    ``p_value``: the chance of as much if the level had been the same throughout. For the last 36 months that covers
    both a turn at their beginning and a direction since, so it can be small where the interval of the direction holds
    zero (a fall that has ended); ``direction`` tells whether a direction may be claimed. A question that could not be
    asked has p-value 1, no estimate (NaN) and the interval from -100 to infinity.
    """

    percent: float
    low: float
    high: float
    low_90: float
    high_90: float
    p_value: float
    adjusted_p_value: float
    asked: str

    @property
    def was_asked(self) -> bool:
        """Whether there is an answer at all."""
        return not np.isnan(self.percent)

    def adjusted_to(self, p_value: float) -> Question:
        """The same answer with another adjusted p-value."""
        return Question(self.percent, self.low, self.high, self.low_90, self.high_90, self.p_value, p_value, self.asked)

    @property
    def percent_per_year(self) -> float:
        """The estimate, for the two questions about a slope."""
        return self.percent

    @property
    def direction(self) -> int:
        """1 or -1 where the whole 95% interval is on one side of no change, else 0."""
        return int(self.low > 0) - int(self.high < 0)


@dataclass(frozen=True)
class MonthSetAside:
    """A month that did not take part in the fit."""

    month: pd.Period
    count: int
    reason: str


@dataclass(frozen=True)
class Shift:
    """A known change of level that the series crosses, and its estimated size in per cent with its 95% interval."""

    name: str
    start: pd.Period
    end: pd.Period | None
    kind: Literal["recording change", "intervention"]
    percent: float
    low: float
    high: float


@dataclass(frozen=True)
class FittedLine:
    """What the model expects of each month from the first published to the last.

    ``observed`` counts, NaN where not published; ``used`` in the fit or not; ``expected`` with season; ``trend``
    without, for a month of average length, and its 95% band ``low`` to ``high`` under the likeliest noise.
    """

    months: pd.PeriodIndex
    observed: Floats
    used: NDArray[np.bool_]
    expected: Floats
    trend: Floats
    low: Floats
    high: Floats


@dataclass(frozen=True)
class SeriesFit:
    """Data for the fitted line, which is made only when needed.

    ``products`` of level, season, shifts, slope, turn, latest level and working response under the likeliest noise;
    None where nothing was fitted. ``season`` is 0 for January, ``offset`` log of days and people, ``shift_columns`` a
    row for each shift, ``change_columns`` slope, turn and latest level.
    """

    months: pd.PeriodIndex
    observed: Floats
    used: NDArray[np.bool_]
    season: NDArray[np.int64]
    offset: Floats
    shift_columns: Floats
    change_columns: Floats
    per_year: int
    products: Floats | None

    def line(self, follows: str = "long run") -> FittedLine:
        """The line that answers one question, from generalised least squares.

        Parameters
        ----------
        follows : {"long run", "last 36 months", "last 12 months"}
            A straight line, one broken 36 months before the end, or a level with another one for the last 12 months.
        """
        n = len(self.observed)
        if self.products is None:
            nothing = np.full(n, np.nan)
            return FittedLine(self.months, self.observed, self.used, nothing, nothing, nothing, nothing)
        changes = {"last 36 months": [0, 1], "last 12 months": [2]}.get(follows, [0])
        base = self.per_year + len(self.shift_columns)
        chosen = [*range(base), *(base + i for i in changes)]
        covariance = np.linalg.inv(self.products[np.ix_(chosen, chosen)])
        coefficients = covariance @ self.products[chosen, -1]
        contrasts = season_columns(self.season, self.per_year)
        season = contrasts @ coefficients[1 : self.per_year]
        design = np.column_stack(
            [np.ones(n), np.zeros_like(contrasts), self.shift_columns.T, self.change_columns[changes].T]
        )
        log_line = design @ coefficients
        margin = 1.96 * np.sqrt(((design @ covariance) * design).sum(axis=1))
        return FittedLine(
            months=self.months,
            observed=self.observed,
            used=self.used,
            expected=np.exp(log_line + season + self.offset),
            trend=np.exp(log_line),
            low=np.exp(log_line - margin),
            high=np.exp(log_line + margin),
        )


@dataclass(frozen=True)
class Trend:
    """The trend of one series, with everything that its sentence and its chart need.

    ``per_year`` is 12 for months and 4 for quarters, of which "months" then speaks below. ``follows`` is the question
    that decided the word. ``began`` is the first month recorded where the class began within the series, ``ended`` the
    last one where nothing has been recorded since.
    ``reason`` says why there is no clear trend though an interval lies wholly on one side of zero: "family" (too little
    for the number of series looked at together), "counts" (plain totals point the other way) or "turned" (the long run
    moved one way, the last year and the last 36 months the other).

    ``dispersion`` is Pearson's chi-square by degrees of freedom around the fit (1 = Poisson); ``autocorrelation`` the
    correlation of its residuals between neighbouring months; ``noise_sd`` and ``noise_correlation`` describe the latent
    noise that the answers are averaged over. ``series_tested`` is the number of series that the p-values are adjusted
    for. ``caveat`` is what must be said beside a changed level of the last 12 months. ``fitted`` has a row for each
    month: observed, used, expected (with season), trend, low, high (without season, 95% band).
    """

    verdict: Verdict
    strength: Strength
    long_run: Question
    last_36_months: Question
    last_12_months: Question
    first_month: pd.Period
    last_month: pd.Period
    months_published: int
    months_used: int
    months_set_aside: tuple[MonthSetAside, ...]
    total: int
    last_12_total: int
    last_12_published: int
    previous_12_total: int
    previous_12_published: int
    dispersion: float
    autocorrelation: float
    noise_sd: float
    noise_correlation: float
    kendall_p_value: float
    kendall_direction: int
    shifts: tuple[Shift, ...]
    series_tested: int
    level: float
    follows: Literal["long run", "last 36 months", "last 12 months", ""]
    reason: Literal["family", "counts", "turned", ""]
    per_year: int
    began: pd.Period | None
    ended: pd.Period | None
    caveat: str
    notes: tuple[str, ...]
    method: str
    fit: SeriesFit = field(compare=False, repr=False)

    @property
    def line(self) -> FittedLine:
        """What the model expects of each month: the line of the question that decided the word."""
        return self.fit.line(self.follows or "long run")

    @property
    def years(self) -> tuple[YearTotal, ...]:
        """Plain totals of whole years counted back from the last month."""
        return year_totals(self.fit.months, self.fit.observed, self.per_year)

    @property
    def tested(self) -> bool:
        """Whether any question was asked."""
        return self.verdict not in NOT_TESTED

    @property
    def questions(self) -> dict[str, Question]:
        """The three questions by name."""
        return {
            "long_run": self.long_run,
            "last_36_months": self.last_36_months,
            "last_12_months": self.last_12_months,
        }

    @property
    def deciding(self) -> Question:
        """The question that decided the word; without a word, the one about the longest time that was asked."""
        named = {"last 36 months": self.last_36_months, "last 12 months": self.last_12_months}
        chosen = named.get(self.follows, self.long_run)
        return chosen if chosen.was_asked else self.last_12_months

    @property
    def fitted(self) -> pd.DataFrame:
        """A row for each month: observed, used, expected, trend, low, high: see ``FittedLine``."""
        line = self.line
        columns = {name: getattr(line, name) for name in ("observed", "used", "expected", "trend", "low", "high")}
        return pd.DataFrame(columns, index=line.months)

    def _repr_html_(self) -> str:
        said = f"{self.verdict}{f' ({self.strength})' if self.strength else ''}"
        questions = (self.long_run, self.last_36_months, self.last_12_months)
        rows = [
            (q.asked, f"{q.percent:+.1f}%", f"{q.low:+.1f}% to {q.high:+.1f}%", f"{q.p_value:.3f}") for q in questions
        ]
        caption = (
            f"{said}: {self.first_month} to {self.last_month}, {self.total:,} crimes in {self.months_used} months used"
        )
        return rows_table(caption, ("Question", "Change", "95% interval", "p"), rows)
