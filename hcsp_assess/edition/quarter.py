"""A quarter between two assessments: its police records against the same quarter a year earlier, and its indicators."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import pandas as pd

from hcsp_assess.assessment.levels import Level, find_levels
from hcsp_assess.disclosure import Gated
from hcsp_assess.edition.opened import OpenEdition
from hcsp_assess.edition.returns import gate_series
from hcsp_assess.edition.series import counts_by_label
from hcsp_assess.errors import InputError
from hcsp_assess.periods import Quarter, Span
from hcsp_assess.subject.crime_types import RECORDED_CRIME, comparable_series, series
from hcsp_assess.subject.recording_changes import RecordingChange, own_changes, recording_changes
from hcsp_assess.trends.exceedance import Exceedances, find_exceedances
from hcsp_assess.trends.multiplicity import CLEAR_LEVEL, adjust_p_values

MONTHS = 3
#: Earlier years in which the same quarter must be held, of the four before it, to say what is usual for the season.
LEAST_SEASONS = 3
#: Differences as rare by chance, over the types compared, are called clear.
LEVEL = CLEAR_LEVEL
#: Types that are shown: those that together make up total recorded crime, and the two headlines.
TYPES = (
    *("violence", "criminal_damage_and_arson", "shoplifting", "theft_remainder", "burglary", "vehicle_crime"),
    *("disorder_and_weapons", "drugs", "robbery", "other_crime"),
)


@dataclass(frozen=True)
class QuarterCounts:
    """What an edition's police records show for one quarter.

    Attributes
    ----------
    opened : OpenEdition
        The edition, its period moved so that it ends with the quarter.
    span : Span
        The three months.
    monthly : pandas.DataFrame
        Monthly counts by name of the series, up to the end of the quarter; NA = not held.
    levels : mapping of str to Level
        By name: the quarter against the same months a year earlier.
    adjusted : mapping of str to float
        p-value of each comparison, adjusted for the number of types compared (Benjamini and Hochberg).
    unusual : mapping of str to Exceedances
        By name, where enough earlier years are held to say what is usual for the season.
    changes : tuple of RecordingChange
        Known changes of recording between the quarter a year earlier and the end of this one.
    """

    opened: OpenEdition
    span: Span
    monthly: pd.DataFrame
    levels: Mapping[str, Level]
    adjusted: Mapping[str, float]
    unusual: Mapping[str, Exceedances]
    changes: tuple[RecordingChange, ...]

    @property
    def held(self) -> tuple[pd.Period, ...]:
        """Months of the quarter that are held in full."""
        crime = self.monthly[series(RECORDED_CRIME).label].reindex(self.span.months)
        return tuple(crime.dropna().index)

    def clear(self, name: str) -> bool:
        """Whether a difference is more than usual ups and downs, the number of types looked at allowed for."""
        return self.adjusted.get(name, 1.0) <= LEVEL

    def moved(self, word: str) -> list[Level]:
        """Types of crime that were clearly higher ("rising") or lower, largest difference first."""
        found = []
        for key in TYPES:
            level = self.levels.get(series(key).label)
            if level is None or level.comparison is None or not self.clear(level.label):
                continue
            if (level.comparison.count > level.comparison.count_before) == (word == "rising"):
                found.append(level)
        return sorted(found, key=_difference, reverse=True)


def open_quarter(opened: OpenEdition, span: Span) -> QuarterCounts:
    """Compare a quarter of an edition's police records with the same months a year earlier.

    Parameters
    ----------
    span : Span
        Three months; they may be later than the edition's own period, where they are held.

    Raises
    ------
    InputError
        If no month of the quarter is held; the message names the quarters of which one is.
    """
    if not opened.has_records:
        raise InputError(f"edition {opened.edition.key} has no police records by month: leave the quarter out")
    moved = replace(opened.edition, span=Span(span.last - 11, span.last))
    later = OpenEdition(moved, opened.area, opened.project, opened.table)
    held = later.coverage.counted
    if not set(span.months) & set(held):
        raise InputError(f"no month of {span.words} is held. Quarters held, whole or in part: {say_quarters(held)}")
    monthly = counts_by_label(later)
    names = [series(key).label for key in ("recorded_crime", "anti_social_behaviour", *TYPES)]
    monthly = monthly.reindex(columns=[name for name in names if name in monthly])
    levels = {level.label: level for level in find_levels(monthly, span)}
    return QuarterCounts(
        later, span, monthly, levels, _adjust(levels), _find_unusual(monthly, span), _changes(later, span)
    )


def say_quarters(months: pd.PeriodIndex) -> str:
    """Name calendar quarters by the months held of them, runs of them together.

    Examples
    --------
    >>> say_quarters(pd.period_range("2024-12", "2025-07", freq="M"))
    '2024 Q4 to 2025 Q3'
    """
    quarters = sorted({month.asfreq("Q") for month in months})
    runs: list[list[pd.Period]] = []
    for quarter in quarters:
        if runs and (quarter - runs[-1][-1]).n == 1:
            runs[-1].append(quarter)
        else:
            runs.append([quarter])
    said = [" to ".join(dict.fromkeys(f"{each.year} Q{each.quarter}" for each in (run[0], run[-1]))) for run in runs]
    return ", ".join(said)


def quarters_before(counts: pd.Series, span: Span, most: int = 8) -> tuple[tuple[str, float | None], ...]:
    """Totals of the quarter and of those before it, by their months in words; None where a month is not held."""
    found: list[tuple[str, float | None]] = []
    for number in range(most - 1, -1, -1):
        each = Span(span.first - MONTHS * number, span.last - MONTHS * number)
        months = counts.reindex(each.months)
        first, last = each.first.strftime("%b"), each.last.strftime("%b %Y")
        found.append((f"{first} to {last}", float(months.sum()) if months.notna().all() else None))
    return tuple(found)


def partner_figures(opened: OpenEdition, span: Span) -> pd.DataFrame:
    """Figures of partners' returns for a quarter of the financial year, as they may be published.

    Returns
    -------
    pandas.DataFrame
        Columns `title`, `now` and `before` (text as printed), `clear`: series of which either quarter was received,
        those that clearly changed over the year first.
    """
    columns = ["title", "now", "before", "clear"]
    if not opened.has_returns:
        return pd.DataFrame(columns=columns)
    quarter, rows = Quarter.of(span.first), []
    for key, item in opened.returns.series.items():
        names = [str(quarter), str(quarter.year_before)]
        if not set(names) <= set(item.counts.index) or item.counts[names].isna().all():
            continue
        change = opened.returns.changes.get(key)
        texts = _printed(gate_series(item, "public"), names, "%" if item.whole is not None else "")
        rows.append((item.definition.title, *texts, bool(change is not None and change.clear)))
    frame = pd.DataFrame(rows, columns=columns)
    return frame.sort_values("clear", ascending=False, kind="stable", ignore_index=True)


def _printed(gated: Gated, names: list[str], sign: str) -> list[str]:
    """Figures as they may be published, or why one is not shown."""
    why = {"[c]": "hidden to protect people", "[z]": "does not apply"}
    counts, symbols = gated.counts.iloc[:, 0], gated.symbols.iloc[:, 0]
    return [
        why.get(str(symbols[name]), "not received") if pd.isna(counts[name]) else f"{float(counts[name]):,.0f}{sign}"
        for name in names
    ]


def _adjust(levels: Mapping[str, Level]) -> dict[str, float]:
    compared = {name: level.comparison.p_value for name, level in levels.items() if level.comparison is not None}
    if not compared:
        return {}
    adjusted = adjust_p_values(list(compared.values()), "benjamini-hochberg")
    return dict(zip(compared, map(float, adjusted), strict=True))


def _find_unusual(monthly: pd.DataFrame, span: Span) -> dict[str, Exceedances]:
    found = {}
    for name in (name for name in monthly if name != series(RECORDED_CRIME).label):
        held = [monthly[name].reindex(span.months - 12 * year).notna().all() for year in range(1, 5)]
        if sum(held) < LEAST_SEASONS:
            continue
        try:
            found[str(name)] = find_exceedances(monthly[name].loc[: span.last], months=MONTHS)
        except InputError:  # too few months of earlier years
            continue
    return found


def _changes(opened: OpenEdition, span: Span) -> tuple[RecordingChange, ...]:
    if opened.simulated:
        return ()
    kinds, here = [item.key for item in comparable_series()], opened.area
    own = own_changes(here)
    found = {
        change
        for kind in kinds
        for change in recording_changes(kind, span.year_before.first, span.last, force=here.force, own=own)
        if change.kind == "recording"
    }
    return tuple(sorted(found, key=lambda change: change.month))


def _difference(level: Level) -> int:
    return abs(level.comparison.count - level.comparison.count_before) if level.comparison else 0
