"""Series of an edition that have holes of years: the year assessed against each earlier spell, as one family."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from hcsp_assess.assessment.findings import Finding
from hcsp_assess.assessment.wording.then_and_now import describe_then_and_now
from hcsp_assess.edition.series import Series, Verdicts
from hcsp_assess.subject.crime_types import RECORDED_CRIME
from hcsp_assess.subject.recording_changes import RecordingChange
from hcsp_assess.trends.then_and_now import Spell, ThenAndNow, compare_spells_of

LONG_HOLE = 12  # months in a row that are not held: a trend across it would rest on years never seen
SAID_OTHERWISE: tuple[str, ...] = ("no longer recorded", "not assessed")  # the sentence on the trend says when
MOST_CHANGES = 2  # of recording that a sentence names; the table of known changes has them all


@dataclass(frozen=True)
class Comparisons:
    """What can be said of series without a trend: the year assessed against earlier spells.

    ``found`` holds the series that have at least one spell to compare, by key.
    """

    verdicts: Verdicts
    found: Mapping[str, ThenAndNow]

    def finding(self, key: str) -> Finding:
        """The sentence of one series: then and now, or that there is too little data even for this."""
        if key not in self.found:
            return self.verdicts.finding(key)
        series, found = self.verdicts.series[key], self.found[key]
        said = describe_then_and_now(found, series.label, series.unit, _named(found.spells[0]))
        return replace(said, key=key).marked(simulated=self.verdicts.opened.simulated)


def compare_edition(verdicts: Verdicts) -> Comparisons:
    """Compare every series that has holes, or too little data for a trend, with what is held of earlier years."""
    chosen = {key: item for key, item in verdicts.series.items() if without_trend(verdicts, key)}
    if not chosen:
        return Comparisons(verdicts, {})
    opened = verdicts.opened
    if RECORDED_CRIME not in verdicts.series:  # a choice of somebody's own, and not the edition's family
        return Comparisons(verdicts, _compare_own(chosen))
    return Comparisons(verdicts, opened.keep("then_and_now", lambda: _compare(chosen, opened.edition.span.months)))


def without_trend(verdicts: Verdicts, key: str) -> bool:
    """Whether a series has too little data for a trend, or a hole of a year or more; not if it began or ended."""
    verdict = verdicts.trends[key].verdict
    if verdict in SAID_OTHERWISE:
        return False
    return verdict == "too little data" or longest_hole(verdicts.series[key].counts) >= LONG_HOLE


def longest_hole(counts: pd.Series) -> int:
    """Return the most months in a row that are not held, between the first and the last that are.

    Examples
    --------
    >>> longest_hole(pd.Series([None, 3, None, None, 4, None, None, None], dtype="Int64"))
    2
    """
    held = np.flatnonzero(counts.notna())
    return int(np.diff(held).max() - 1) if len(held) > 1 else 0


def _compare(chosen: Mapping[str, Series], assessed: pd.PeriodIndex) -> Mapping[str, ThenAndNow]:
    frame = pd.DataFrame({key: item.counts for key, item in chosen.items()})
    within = pd.period_range(max(assessed[0], frame.index[0]), min(assessed[-1], frame.index[-1]), freq="M")
    changes: dict[str, Any] = {key: item.changes for key, item in chosen.items()}
    found = compare_spells_of(frame, assessed=within, recording_changes=changes)
    return {key: one for key, one in found.items() if one.spells}


def _compare_own(chosen: Mapping[str, Series]) -> Mapping[str, ThenAndNow]:
    """Compare the last 12 months of what somebody chose; of under two years there is nothing to compare."""
    months = pd.PeriodIndex(next(iter(chosen.values())).counts.index)
    return _compare(chosen, months[-12:]) if len(months) >= 24 else {}


def _named(spell: Spell) -> list[RecordingChange]:
    """The changes of recording that can have made a clear difference, those that go its way first."""
    way = {-1: "down", 1: "up"}.get(spell.direction)
    known = [change for change in spell.recording_changes if isinstance(change, RecordingChange)]
    changes = [change for change in known if change.crime_types != ("all",)]
    fitting = [change for change in changes if way and change.direction == way]
    either = [change for change in changes if way and change.direction == "either" and change.kind == "recording"]
    return sorted((fitting or either)[:MOST_CHANGES], key=lambda change: change.month)
