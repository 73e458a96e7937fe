"""Open data of a chapter: the latest figure with its likely range, region and country beside it, change and trend.

Counts of a year are compared with the year before, and their course over the years is tested, with the variance that
the years themselves show (at least that of chance). Rates have the publisher's interval and are compared with their
country's. What is called clear is so after Benjamini and Hochberg's correction over every comparison of its subject
area.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from hcsp_assess.sources.open_data.definitions import Measure, Supplier
from hcsp_assess.sources.open_data.frame import OpenData
from hcsp_assess.trends.multiplicity import CLEAR_LEVEL, adjust_p_values
from hcsp_assess.trends.rates import compare_counts, count_interval

#: Years from which their own variance is known, and from which a course over the years is tested.
YEARS_FOR_SPREAD, YEARS_FOR_TREND = 4, 5
FISHER_STEPS = 12  # of the fit of a steady course: it settles in five or six


@dataclass(frozen=True)
class OpenFigure:
    """One measure of an area from open data.

    Attributes
    ----------
    periods : pandas.DataFrame
        The area's own rows of the common form that have a value, up to the end of the edition, in order.
    region, country : pandas.Series or None
        The row of the same period of the region and of the country.
    low, high : float
        95% limits of the latest value: published, or those of a count of independent events; NaN where there are none.
    change : float
        Latest count less the one of the period before; NaN where there is none, or for a rate.
    p_change, p_trend, p_country : float
        Adjusted p-values: against the period before, of the slope over the periods, against the country; NaN where not
        tested.
    slope : float
        Change per period over all periods, per cent; NaN where not tested.
    """

    measure: Measure
    supplier: Supplier
    periods: pd.DataFrame
    region: pd.Series | None
    country: pd.Series | None
    low: float
    high: float
    change: float = math.nan
    slope: float = math.nan
    p_change: float = math.nan
    p_trend: float = math.nan
    p_country: float = math.nan

    @property
    def latest(self) -> pd.Series:
        """The newest row."""
        return self.periods.iloc[-1]

    @property
    def before(self) -> pd.Series | None:
        """The row of the period right before the newest, if it is held."""
        if len(self.periods) < 2 or self.periods.iloc[-2]["ends"] + 12 != self.latest["ends"]:
            return None
        return self.periods.iloc[-2]

    @property
    def clear_change(self) -> bool:
        """Whether the change on the period before is more than usual variation."""
        return self.p_change <= CLEAR_LEVEL

    @property
    def course(self) -> str:
        """Over the periods held: "rising", "falling", "no clear trend", or "" where not tested."""
        if math.isnan(self.p_trend):
            return ""
        return "no clear trend" if self.p_trend > CLEAR_LEVEL else "rising" if self.slope > 0 else "falling"

    @property
    def beside_country(self) -> str:
        """ "higher", "lower" or "similar" beside the country; "" where not compared."""
        if math.isnan(self.p_country) or self.country is None:
            return ""
        above = float(self.latest["value"]) > float(self.country["value"])
        return "similar" if self.p_country > CLEAR_LEVEL else "higher" if above else "lower"


def open_figures(
    held: Sequence[OpenData], suppliers: Mapping[str, Supplier], *, district: str, until: pd.Period
) -> tuple[OpenFigure, ...]:
    """Work out every measure of an area that open data hold.

    Parameters
    ----------
    held : sequence of OpenData
        Of every supplier.
    suppliers : mapping of str to Supplier
        By key.
    district : str
        Code of the area, or of the fire authority or county that `held` gives in its place (the first level that is
        there).
    until : pandas.Period
        Last month of the edition: periods that begin later are left out.

    Returns
    -------
    tuple of OpenFigure
        In the order of the definitions; measures without any value are left out.

    Notes
    -----
    A count is tested as quasi-Poisson: variance in proportion to the mean, by Pearson's chi-square about a steady
    course over at least four years (for a change, the years before the newest), the larger of its own and that of all
    measures of the edition, never under 1. Where no measure has four years nothing is tested. It misleads where
    counting changed, and where one event has many victims.
    """
    made = [
        figure
        for data in held
        for measure in suppliers[data.supplier].measures
        if (figure := _figure(data, suppliers[data.supplier], measure, district, until)) is not None
    ]
    return compare_together(made)


def _figure(data: OpenData, supplier: Supplier, measure: Measure, district: str, until: pd.Period) -> OpenFigure | None:
    levels = (("district", district), ("county", ""), ("fire authority", ""))
    found = [data.of(measure.key, level, code) for level, code in levels]
    own = next((rows for rows in found if len(rows)), found[0])
    own = own[own["value"].notna() & (own["starts"] <= until)].reset_index(drop=True)
    if own.empty:
        return None
    latest = own.iloc[-1]
    beside = {level: _same_period(data.of(measure.key, level), latest) for level in ("region", "country")}
    low, high = (float(latest[name]) if pd.notna(latest[name]) else math.nan for name in ("low", "high"))
    change = math.nan
    if measure.counts:
        if math.isnan(low) and pd.notna(latest["count"]):
            interval = count_interval(float(latest["count"]))
            low, high = interval.low, interval.high
        change = _change(own)
    return OpenFigure(measure, supplier, own, beside["region"], beside["country"], low, high, change)


def _same_period(rows: pd.DataFrame, latest: pd.Series) -> pd.Series | None:
    same = rows[(rows["starts"] == latest["starts"]) & (rows["ends"] == latest["ends"]) & rows["value"].notna()]
    return None if same.empty else same.iloc[0]


def _change(own: pd.DataFrame) -> float:
    if len(own) < 2 or own.iloc[-2]["ends"] + 12 != own.iloc[-1]["ends"]:
        return math.nan
    return float(own.iloc[-1]["value"] - own.iloc[-2]["value"])


def compare_together(figures: Sequence[OpenFigure]) -> tuple[OpenFigure, ...]:
    """Return the same figures with p-values, adjusted over all comparisons of a subject area (see `open_figures`)."""
    whole, earlier = ([_course(item, leave_out) for item in figures] for leave_out in (0, 1))
    common, common_earlier = _common(whole), _common(earlier)
    raw = [
        {
            "p_change": _p_change(item, _spread(before, common_earlier)),
            "p_trend": _p_slope(fit, _spread(fit, common)),
            "p_country": _p_country(item),
        }
        for item, fit, before in zip(figures, whole, earlier, strict=True)
    ]
    for family in dict.fromkeys(item.measure.family for item in figures):
        _adjust([values for item, values in zip(figures, raw, strict=True) if item.measure.family == family])
    return tuple(
        replace(
            item,
            slope=100 * math.expm1(fit.slope),
            p_change=found["p_change"],
            p_trend=found["p_trend"],
            p_country=found["p_country"],
        )
        for item, fit, found in zip(figures, whole, raw, strict=True)
    )


def _adjust(raw: Sequence[dict[str, float]]) -> None:
    """Put adjusted p-values in the place of those of one subject area, where there are any."""
    places = [(n, name) for n, values in enumerate(raw) for name, p in values.items() if not math.isnan(p)]
    if places:
        adjusted = adjust_p_values([raw[n][name] for n, name in places], "benjamini-hochberg")
        for (n, name), p in zip(places, adjusted, strict=True):
            raw[n][name] = float(p)


@dataclass(frozen=True)
class _Course:
    """A steady course fitted to counts: slope of the log and its error at dispersion 1, chi-square about it."""

    slope: float = math.nan
    error: float = math.nan
    chi: float = 0.0
    freedom: int = 0
    periods: int = 0


def _course(item: OpenFigure, leave_out: int) -> _Course:
    """Fit a steady course to the periods but the newest `leave_out`: a year that is judged must not widen its range."""
    own = item.periods[item.periods["count"].notna()]
    own = own.iloc[: len(own) - leave_out]
    counts = own["count"].to_numpy(dtype=float)
    if not item.measure.counts or len(own) < YEARS_FOR_SPREAD or counts.sum() == 0:
        return _Course()
    years = own["ends"].dt.year.to_numpy(dtype=float)
    design = np.column_stack([np.ones(len(years)), years - years.mean()])
    effect = np.array([math.log(counts.mean()), 0.0])
    for _ in range(FISHER_STEPS):
        means = np.exp(design @ effect)
        effect = effect + np.linalg.solve(design.T @ (design * means[:, None]), design.T @ (counts - means))
    means = np.exp(design @ effect)
    error = math.sqrt(np.linalg.inv(design.T @ (design * means[:, None]))[1, 1])
    chi = float(((counts - means) ** 2 / means).sum())
    return _Course(float(effect[1]), error, chi, len(own) - 2, len(own))


def _common(fits: Sequence[_Course]) -> float:
    """Dispersion of all measures together; NaN where no measure has years enough."""
    freedom = sum(fit.freedom for fit in fits)
    return sum(fit.chi for fit in fits) / freedom if freedom else math.nan


def _spread(fit: _Course, common: float) -> float:
    """The larger of a measure's own dispersion and that of all, at least 1; NaN where neither is known."""
    if math.isnan(common):
        return math.nan
    return max(1.0, common, fit.chi / fit.freedom if fit.freedom else 0.0)


def _p_change(item: OpenFigure, spread: float) -> float:
    before = item.before
    if not item.measure.counts or before is None or math.isnan(spread):
        return math.nan
    counts = [row["count"] for row in (item.latest, before)]
    if any(pd.isna(count) for count in counts) or sum(counts) == 0:
        return math.nan
    now, then = (int(count) for count in counts)
    if now and then:
        return float(compare_counts(now, then, dispersion=spread).p_value)
    return float(compare_counts(int(now / spread), int(then / spread)).p_value)


def _p_slope(fit: _Course, spread: float) -> float:
    from scipy.stats import t

    if fit.periods < YEARS_FOR_TREND or math.isnan(spread):
        return math.nan
    return float(2 * t.sf(abs(fit.slope) / (fit.error * math.sqrt(spread)), fit.freedom))


def _p_country(item: OpenFigure) -> float:
    """p-value of a rate against its country's, from the logs of its published limits."""
    from scipy.stats import norm

    if item.measure.counts or item.country is None:
        return math.nan
    values = np.array([item.low, item.high, item.latest["value"], item.country["value"]], dtype=float)
    if not (np.isfinite(values).all() and (values > 0).all() and values[1] > values[0]):
        return math.nan
    low, high, own, other = np.log(values)
    return float(2 * norm.sf(abs(own - other) / ((high - low) / (2 * norm.ppf(0.975)))))
