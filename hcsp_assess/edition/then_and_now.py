"""The year assessed against earlier months, for series with years missing."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import pandas as pd

from hcsp_assess.assessment.findings import Finding
from hcsp_assess.assessment.wording.then_and_now import describe_then_and_now
from hcsp_assess.edition.series import LONG_HOLE, Series, Verdicts, longest_hole
from hcsp_assess.subject.crime_types import RECORDED_CRIME
from hcsp_assess.subject.recording_changes import RecordingChange
from hcsp_assess.trends.then_and_now import Spell, ThenAndNow, compare_spells_of

SAID_OTHERWISE: tuple[str, ...] = ("no longer recorded", "not assessed")  # the sentence on the trend says when
MOST_CHANGES = 2  # of recording that a sentence names; the table of known changes has them all


@dataclass(frozen=True)
class Comparisons:
    """Comparisons for series without a trend: the year assessed against earlier months.

    ``found`` holds the series that have at least one spell to compare, by key.
    """

    verdicts: Verdicts
    found: Mapping[str, ThenAndNow]

    def finding(self, key: str) -> Finding:
        """The sentence of one series: then and now, or too little data even for that."""
        if key not in self.found:
            return self.verdicts.finding(key)
        series, found = self.verdicts.series[key], self.found[key]
        said = describe_then_and_now(found, series.label, series.unit, changes_named(found.spells[0]))
        return replace(said, key=key).marked(simulated=self.verdicts.opened.simulated)


def compare_edition(verdicts: Verdicts) -> Comparisons:
    """Compare every series with gaps, or too little data for a trend, with the earlier months held."""
    chosen = {key: item for key, item in verdicts.series.items() if without_trend(verdicts, key)}
    if not chosen:
        return Comparisons(verdicts, {})
    opened = verdicts.opened
    if RECORDED_CRIME not in verdicts.series:  # a choice of somebody's own, and not the edition's family
        return Comparisons(verdicts, _compare_own(chosen))
    return Comparisons(verdicts, opened.keep("then_and_now", lambda: _compare(chosen, opened.edition.span.months)))


def without_trend(verdicts: Verdicts, key: str) -> bool:
    """Whether a series has too little data for a trend, or a gap of a year or more; not if it began or ended."""
    verdict = verdicts.trends[key].verdict
    if verdict in SAID_OTHERWISE:
        return False
    return verdict == "too little data" or longest_hole(verdicts.series[key].counts) >= LONG_HOLE


def _compare(chosen: Mapping[str, Series], assessed: pd.PeriodIndex) -> Mapping[str, ThenAndNow]:
    frame = pd.DataFrame({key: item.counts for key, item in chosen.items()})
    within = pd.period_range(max(assessed[0], frame.index[0]), min(assessed[-1], frame.index[-1]), freq="M")
    changes: dict[str, Any] = {key: item.changes for key, item in chosen.items()}
    found = compare_spells_of(frame, assessed=within, recording_changes=changes)
    return {key: one for key, one in found.items() if one.spells}


def _compare_own(chosen: Mapping[str, Series]) -> Mapping[str, ThenAndNow]:
    """Compare the last 12 months of a chosen series; of under two years there is nothing to compare."""
    months = pd.PeriodIndex(next(iter(chosen.values())).counts.index)
    return _compare(chosen, months[-12:]) if len(months) >= 24 else {}


def changes_named(spell: Spell) -> list[RecordingChange]:
    """The changes of recording that can have made a clear difference, those that go its way first."""
    way = {-1: "down", 1: "up"}.get(spell.direction)
    known = [change for change in spell.recording_changes if isinstance(change, RecordingChange)]
    changes = [change for change in known if change.crime_types != ("all",)]
    fitting = [change for change in changes if way and change.direction == way]
    either = [change for change in changes if way and change.direction == "either" and change.kind == "recording"]
    return sorted((fitting or either)[:MOST_CHANGES], key=lambda change: change.month)
