"""Monthly series of an edition, and their trends, tested together."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from hcsp_assess.assessment.findings import Finding
from hcsp_assess.assessment.levels import find_levels
from hcsp_assess.assessment.wording.coverage import say_incomplete, say_left_out
from hcsp_assess.assessment.wording.levels import beside_trend, describe_level
from hcsp_assess.assessment.wording.trends import describe_trend
from hcsp_assess.edition.counts import themes
from hcsp_assess.edition.no_location import note_on_no_location
from hcsp_assess.edition.opened import OpenEdition
from hcsp_assess.edition.reconciled import beside_published
from hcsp_assess.simulation.archive import VIOLENT_CRIMES, PlantedChange, planted_change, violence_with_injury
from hcsp_assess.subject.crime_types import ANTI_SOCIAL_BEHAVIOUR, HEADLINES, RECORDED_CRIME, comparable_series
from hcsp_assess.subject.crime_types import series as comparable
from hcsp_assess.subject.recording_changes import RecordingChange, lockdowns, own_changes, recording_changes
from hcsp_assess.trends import Intervention, Trend, assess_trends

VIOLENCE_WITH_INJURY = "violence_with_injury"
LONG_HOLE = 12  # months in a row that are not held: a trend across it would rest on years never seen


@dataclass(frozen=True)
class Series:
    """One series in the report.

    Attributes
    ----------
    key, label : str
        Name in code and name for readers.
    kind : str
        Key of the comparable series that it counts.
    counts : pandas.Series
        Monthly counts to the end of the period assessed.
    changes : tuple
        Known changes of recording that fall inside it.
    small_areas : bool
        Whether it depends on where records were placed.
    """

    key: str
    label: str
    kind: str
    counts: pd.Series
    changes: tuple[RecordingChange | PlantedChange, ...]
    small_areas: bool = False

    @property
    def steps(self) -> tuple[RecordingChange | PlantedChange, ...]:
        """Recording changes that the model can treat as one step; the others are only mentioned."""
        return tuple(change for change in self.changes if change.expected_step)

    @property
    def unit(self) -> str:
        """What is counted."""
        return unit_of(self.label)


@dataclass(frozen=True)
class Verdicts:
    """All series of an edition with their trends, tested together."""

    opened: OpenEdition
    series: Mapping[str, Series]
    trends: Mapping[str, Trend]

    def finding(self, key: str) -> Finding:
        """The sentence of one trend, marked if its data are simulated."""
        series, opened = self.series[key], self.opened
        said = describe_trend(self.trends[key], series.label, series.unit).marked(simulated=opened.simulated)
        if key in HEADLINES:  # its level says so
            return said
        return beside_published(replace(said, key=key), opened.edition, opened.area, series.counts)

    def subtitle(self, key: str) -> str:
        """Measure, place and period of one series."""
        series, months = self.series[key], pd.PeriodIndex(self.series[key].counts.index)
        return f"{series.unit.capitalize()} a month, {self.opened.area.name}, {months[0].year} to {months[-1].year}"

    def level(self, key: str) -> Finding:
        """The level of one series, compared with the same months of the year before."""
        series = self.series[key]
        (level,) = find_levels(pd.DataFrame({series.label: series.counts}), self.opened.edition.span)
        return describe_level(level, series.unit).marked(simulated=self.opened.simulated)


def assess_edition(opened: OpenEdition) -> Verdicts:
    """Find the trends of every series in the report, tested together.

    The comparable series of crime types, the themes of rural and urban places, and violence with injury where a force
    extract gives it. Looking at many series finds something by chance; Benjamini and Hochberg's adjustment pays for all
    of them, whichever chapter shows which.
    """
    if not opened.has_records:
        return Verdicts(opened, {}, {})
    marks = [opened.archive / VIOLENT_CRIMES] if opened.simulated else []
    return Verdicts(opened, *opened.keep("verdicts", lambda: _assess(opened), *marks))


def _assess(opened: OpenEdition) -> tuple[Mapping[str, Series], Mapping[str, Trend]]:
    series = {item.key: item for item in _all_series(opened)}
    frame = pd.DataFrame({key: item.counts for key, item in series.items()})
    changes: dict[str, Sequence[Any]] = {key: item.steps for key, item in series.items()}
    closed = closed_months(frame.index)
    return series, assess_trends(frame, interventions=closed, recording_changes=changes)


def longest_hole(counts: pd.Series) -> int:
    """Return the most months in a row that are not held, between the first and the last that are.

    Examples
    --------
    >>> longest_hole(pd.Series([None, 3, None, None, 4, None, None, None], dtype="Int64"))
    2
    """
    held = np.flatnonzero(counts.notna())
    return int(np.diff(held).max() - 1) if len(held) > 1 else 0


def closed_months(months: pd.Index) -> list[Intervention]:
    """The lockdowns within a series, which its trend leaves out."""
    spans = lockdowns(months[0], months[-1])
    return [Intervention(span.months[0], span.months[-1], span.name) for span in spans]


def headlines() -> tuple[str, str]:
    """Names for readers of the two headline series: total recorded crime, and anti-social behaviour beside it."""
    crime, incidents = HEADLINES
    return comparable(crime).label, comparable(incidents).label


def unit_of(label: str) -> str:
    """What a series counts: anti-social behaviour is incidents, everything else offences."""
    return "incidents" if ANTI_SOCIAL_BEHAVIOUR.lower() in label.lower() else "offences"


def counts_by_label(opened: OpenEdition) -> pd.DataFrame:
    """Monthly counts of each comparable series under the name readers know; series without any value are left out."""
    counts = opened.counts("series").rename(columns={entry.key: entry.label for entry in comparable_series()})
    return counts.loc[:, counts.notna().any()]


def each_once(counts: pd.DataFrame) -> pd.DataFrame:
    """Return counts without the sums of types that are there by themselves."""
    single = {item.parts[0] for item in comparable_series() if len(item.parts) == 1 and item.label in counts}
    sums = [
        item.label
        for item in comparable_series()
        if item.key not in HEADLINES and len(item.parts) > 1 and set(item.parts) & single
    ]
    return counts.drop(columns=sums, errors="ignore")


def headline_levels(opened: OpenEdition) -> list[Finding]:
    """Say how much crime and anti-social behaviour was recorded, and how that compares with the year before."""
    levels = find_levels(counts_by_label(opened)[list(headlines())], opened.edition.span)
    notes = coverage_notes(opened)
    unlocated = [note] if (note := note_on_no_location(opened)) else []
    verdicts = assess_edition(opened)
    found = []
    for key, level in zip(HEADLINES, levels, strict=True):
        more = unlocated if key == RECORDED_CRIME else []
        said = describe_level(level, unit_of(level.label), [*notes, *more])
        if key in verdicts.series and longest_hole(verdicts.series[key].counts) < LONG_HOLE:
            said = beside_trend(said, level, verdicts.trends[key])
        found.append(said.marked(simulated=opened.simulated))
    return found


def coverage_notes(opened: OpenEdition, *, history: bool = False) -> list[str]:
    """Say which months and forces a comparison of the year with the year before leaves out.

    Parameters
    ----------
    history : bool
        Of every month up to the end of the year assessed, not of the two years alone.
    """
    coverage, span = opened.coverage, opened.edition.span
    wanted = set(span.months) | set(span.months - 12)
    files = coverage.incomplete()
    files = files[(files["month"] <= span.last) & (files["month"].isin(wanted) | history)]
    notes = []
    if len(files):
        notes.append(say_incomplete(opened.area.force_name, list(files["month"]), files["share"].tolist()))
    both = bool(coverage.counted.isin(coverage.counted - 12).any())
    together: dict[tuple[pd.Period, ...], list[str]] = {}
    for item in coverage.left_out:
        together.setdefault(tuple(item.missing), []).append(item.name)
    return notes + [say_left_out(names, months, compared=both) for months, names in together.items()]


def _all_series(opened: OpenEdition) -> list[Series]:
    by_type, by_theme = opened.counts("series"), opened.counts("theme")
    found = [make_series(opened, item.key, item.label, by_type[item.key], item.key) for item in comparable_series()]
    places = [theme for theme in themes() if theme.place != "all"]
    found += [make_series(opened, t.key, t.label, by_theme[t.key], t.series, small_areas=True) for t in places]
    if _is_demonstration(opened):
        injuries = violence_with_injury(opened.archive).reindex(by_type.index)
        found.append(make_series(opened, VIOLENCE_WITH_INJURY, "Violence with injury", injuries, "violence"))
    return [item for item in found if item.counts.notna().any()]


def _is_demonstration(opened: OpenEdition) -> bool:
    """Whether the records are those that this software simulates; others may be marked as simulated too."""
    return opened.simulated and (opened.archive / VIOLENT_CRIMES).is_file()


def make_series(
    opened: OpenEdition, key: str, label: str, counts: pd.Series, kind: str, *, small_areas: bool = False
) -> Series:
    """Return a monthly series with its known recording changes.

    Parameters
    ----------
    key, label : str
        Its name in code and for readers.
    counts : pandas.Series
        Monthly counts; NA = not held in full.
    kind : str
        Key of the comparable series whose recording changes apply.
    small_areas : bool
        Whether it is of part of the area, which changes of geography can touch.
    """
    counts = counts.astype("Int64")
    if _is_demonstration(opened):
        planted = planted_change()
        touched = kind != RECORDED_CRIME and planted.crime_type in comparable(kind).parts
        return Series(key, label, kind, counts, (planted,) if touched else (), small_areas)
    here = opened.area
    known = recording_changes(
        kind, counts.index[0], counts.index[-1], force=here.force, small_areas=small_areas, own=own_changes(here)
    )
    wanted = {"recording", "geography"} if small_areas else {"recording"}
    return Series(key, label, kind, counts, tuple(change for change in known if change.kind in wanted), small_areas)
