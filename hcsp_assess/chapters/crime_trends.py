"""The verdicts of an edition: every series that the report looks at, assessed once and as one family."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from hcsp_assess.assessment.findings import Finding, Findings
from hcsp_assess.assessment.levels import find_levels
from hcsp_assess.assessment.wording.levels import describe_level
from hcsp_assess.assessment.wording.trends import describe_trend, say_certainty
from hcsp_assess.edition.counts import themes
from hcsp_assess.report.charts import Chart
from hcsp_assess.report.monthly_charts import chart_months, chart_small_multiples
from hcsp_assess.report.tables import Table
from hcsp_assess.report.trend_charts import chart_verdict
from hcsp_assess.run.build import Prepared
from hcsp_assess.simulation.archive import PlantedChange, planted_change, violence_with_injury
from hcsp_assess.subject.crime_types import ANTI_SOCIAL_BEHAVIOUR, RECORDED_CRIME, comparable_series
from hcsp_assess.subject.crime_types import series as comparable
from hcsp_assess.subject.recording_changes import RecordingChange, explain_shift, lockdowns, recording_changes
from hcsp_assess.trends import Intervention, Trend, assess_trends
from hcsp_assess.trends.level_shifts import LevelShift, find_level_shift
from hcsp_assess.trends.verdicts import CRIMES_NEEDED, MONTHS_NEEDED

VIOLENCE_WITH_INJURY = "violence_with_injury"


@dataclass(frozen=True)
class Series:
    """One series that the report looks at.

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
        """The changes that show as one step, which the model can hold apart; the others are only told."""
        return tuple(change for change in self.changes if change.expected_step)

    @property
    def unit(self) -> str:
        """What is counted."""
        return "incidents" if ANTI_SOCIAL_BEHAVIOUR.lower() in self.label.lower() else "offences"


@dataclass(frozen=True)
class Verdicts:
    """All series of an edition with their verdicts, adjusted for one another."""

    opened: Prepared
    series: Mapping[str, Series]
    trends: Mapping[str, Trend]

    def finding(self, key: str) -> Finding:
        """The sentence of one verdict, marked where its data are simulated."""
        series = self.series[key]
        return describe_trend(self.trends[key], series.label, series.unit).marked(simulated=self.opened.simulated)

    def subtitle(self, key: str) -> str:
        """Measure, place and period of one series."""
        series, months = self.series[key], pd.PeriodIndex(self.series[key].counts.index)
        return f"{series.unit.capitalize()} a month, {self.opened.area.name}, {months[0].year} to {months[-1].year}"


def assess_edition(opened: Prepared) -> Verdicts:
    """Assess every series that the report looks at as one family.

    The comparable series of crime types, the themes of rural and urban places, and violence with injury where a force
    extract gives it. Looking at many series finds something by chance; Benjamini and Hochberg's adjustment pays for all
    of them, whichever chapter shows which.
    """
    series = {item.key: item for item in _all_series(opened)}
    frame = pd.DataFrame({key: item.counts for key, item in series.items()})
    spans = lockdowns(frame.index[0], frame.index[-1])
    closed = [Intervention(span.months[0], span.months[-1], span.name) for span in spans]
    changes: dict[str, Sequence[Any]] = {key: item.steps for key, item in series.items()}
    return Verdicts(opened, series, assess_trends(frame, interventions=closed, recording_changes=changes))


def findings_of(verdicts: Verdicts, *keys: str) -> Findings:
    """Say the verdicts on some series, or on all of them.

    Series with too little data are said together where all are asked for, each with what can be told of it instead.
    """
    chosen = keys or tuple(verdicts.series)
    untested = [key for key in chosen if verdicts.trends[key].verdict == "too little data"]
    if keys or len(untested) < 2:
        return Findings(tuple(verdicts.finding(key) for key in chosen))
    told = [verdicts.finding(key) for key in chosen if key not in untested]
    return Findings((*told, _too_little(verdicts, len(untested)), *(say_level(verdicts, key) for key in untested)))


def say_level(verdicts: Verdicts, key: str) -> Finding:
    """Say what can be told of a series whatever its gaps: its level, against the same months of the year before."""
    series = verdicts.series[key]
    (level,) = find_levels(pd.DataFrame({series.label: series.counts}), verdicts.opened.edition.span)
    return describe_level(level, series.unit).marked(simulated=verdicts.opened.simulated)


def _too_little(verdicts: Verdicts, number: int) -> Finding:
    most, every = max(trend.months_published for trend in verdicts.trends.values()), len(verdicts.trends)
    sentence = (
        f"Too little data to say whether there is a trend in {number} of {every} series: at most {most} months "
        f"were published, and a verdict needs {MONTHS_NEEDED} with {CRIMES_NEEDED} offences. What can be told of each "
        "is its level:"
    )
    evidence = {"series": number, "all": every, "months": most, "needed": MONTHS_NEEDED, "crimes": CRIMES_NEEDED}
    return Finding("too_little_data", sentence, evidence).marked(simulated=verdicts.opened.simulated)


def table_verdicts(verdicts: Verdicts) -> Table:
    """Show every series with its verdict, its size and its range."""
    rows = [_line(verdicts.series[key], trend) for key, trend in verdicts.trends.items()]
    frame = pd.DataFrame(rows).astype({"12 months before": "Int64"})
    tested = max(trend.series_tested for trend in verdicts.trends.values())
    name = verdicts.opened.area.name
    caption = f"Verdicts on {len(frame)} series, {name}, to {verdicts.opened.edition.span.last.strftime('%B %Y')}"
    notes = (
        f"{tested} of the {len(frame)} series had enough data to be tested; the verdicts allow for that number.",
        "Confirmed: two different methods agree. Probable: the main method alone. Stable: any trend is within 5% a "
        "year. No clear trend: the data allow a rise and a fall. The range is a 95% interval.",
    )
    return Table(frame, caption, "verdicts", notes, verdicts.opened.simulated)


def chart_verdicts(verdicts: Verdicts) -> Chart:
    """Chart every series by month with its verdict in its title."""
    said = {item.label: say_certainty(verdicts.trends[key]) for key, item in verdicts.series.items()}
    moving = [trend.verdict for trend in verdicts.trends.values()]
    counts = {word: moving.count(word) for word in ("rising", "falling", "stable")}
    counts["without a clear trend"] = moving.count("unclear")
    counts["with too little data"] = moving.count("too little data")
    title = ", ".join(f"{number} {word}" for word, number in counts.items() if number)
    months = pd.PeriodIndex(next(iter(verdicts.series.values())).counts.index)
    return chart_small_multiples(
        {item.label: item.counts for item in verdicts.series.values()},
        key="verdicts-by-month",
        title=f"Of {len(moving)} series: {title}",
        subtitle=f"A month, {verdicts.opened.area.name}, {months[0].year} to {months[-1].year}; grey: not published",
        source=verdicts.opened.source.name,
        simulated=verdicts.opened.simulated,
        words=said,
    )


def chart_of(verdicts: Verdicts, key: str) -> Chart:
    """Chart the verdict on one series; where there is too little data for one, its months."""
    trend, series = verdicts.trends[key], verdicts.series[key]
    texts: dict[str, Any] = {
        "key": f"verdict-{key.replace('_', '-')}",
        "title": f"{series.label}: {say_certainty(trend)}",
        "subtitle": verdicts.subtitle(key),
        "source": verdicts.opened.source.name,
        "simulated": verdicts.opened.simulated,
    }
    if trend.verdict == "too little data":
        return chart_months(series.counts, unit=series.unit.capitalize(), **texts)
    return chart_verdict(trend, sentence=verdicts.finding(key).sentence, **texts)


def table_changes(verdicts: Verdicts, *keys: str) -> Table | Finding:
    """Show the known changes of recording inside the series, with their source and whether they are confirmed."""
    chosen = keys or tuple(verdicts.series)
    found = {change.name: change for key in chosen for change in verdicts.series[key].changes}
    if not found:
        return Finding("no_known_change", "No change of recording is known inside these series.")
    rows = [
        {
            "From": change.month.strftime("%B %Y"),
            "What changed": change.what,
            "Source": change.source,
            "Known": f"in part not confirmed: {change.unconfirmed}" if change.unconfirmed else "from the source named",
        }
        for change in sorted(found.values(), key=lambda change: change.month)
    ]
    inside = ", ".join(verdicts.series[key].label for key in keys) or f"the {len(chosen)} series assessed"
    key = "-".join(("known-changes", *keys)).replace("_", "-")
    folded = f"Known changes of recording: {len(rows)}" if keys else ""
    return Table(pd.DataFrame(rows), f"Known changes of recording inside {inside}", key, folded=folded)


def table_shifts(verdicts: Verdicts) -> Table | Finding:
    """Look in each series for one sudden change of level, and look up what is known about its time.

    A jump that stays is not a trend. Where the time is that of a known change of recording, it is called a probable
    recording change; where nothing is known, that is said too.
    """
    tested = [key for key, trend in verdicts.trends.items() if trend.verdict != "too little data"]
    found = {key: find_level_shift(verdicts.series[key].counts) for key in tested}
    rows = [_shift_line(verdicts, key, shift) for key, shift in found.items() if shift.found]
    simulated = verdicts.opened.simulated
    if not rows:
        told = f"No sudden change of level stands out in the {len(tested)} series that could be tested."
        return Finding("level_shifts", told, {"series": len(tested)}).marked(simulated=simulated)
    caption = f"Sudden changes of level found in {len(rows)} of {len(tested)} series"
    notes = (
        "Tested one series at a time at 5%: of series without a jump about one in 20 shows one, and more do where "
        "whole years differ. A jump says that something changed, not what.",
    )
    return Table(pd.DataFrame(rows), caption, "level-shifts", notes, simulated)


def _shift_line(verdicts: Verdicts, key: str, shift: LevelShift) -> dict[str, object]:
    series = verdicts.series[key]
    return {
        "Series": series.label,
        "First month": shift.month.strftime("%B %Y"),
        "May be": f"{shift.month_low.strftime('%b %Y')} to {shift.month_high.strftime('%b %Y')}",
        "Change of level": f"{shift.percent:+.0f}% ({shift.low:+.0f}% to {shift.high:+.0f}%)".replace("-", "−"),
        "Looks like": shift.shape,
        "Known at that time": _explained(verdicts, series, shift),
    }


def _explained(verdicts: Verdicts, series: Series, shift: LevelShift) -> str:
    if verdicts.opened.simulated:
        near = [change for change in series.changes if shift.month_low - 1 <= change.month <= shift.month_high + 1]
        return f"A probable recording change. {near[0].what}" if near else "nothing is known"
    force = verdicts.opened.area.force
    known = explain_shift(shift, series.kind, force=force, small_areas=series.small_areas)
    return known.text if known else "nothing is known"


def _all_series(opened: Prepared) -> list[Series]:
    by_type, by_theme = opened.counts("series"), opened.counts("theme")
    found = [make_series(opened, item.key, item.label, by_type[item.key], item.key) for item in comparable_series()]
    places = [theme for theme in themes() if theme.place != "all"]
    found += [make_series(opened, t.key, t.label, by_theme[t.key], t.series, small_areas=True) for t in places]
    if opened.simulated:
        injuries = violence_with_injury(opened.archive).reindex(by_type.index)
        found.append(make_series(opened, VIOLENCE_WITH_INJURY, "Violence with injury", injuries, "violence"))
    return [item for item in found if item.counts.notna().any()]


def make_series(
    opened: Prepared, key: str, label: str, counts: pd.Series, kind: str, *, small_areas: bool = False
) -> Series:
    """Return a monthly series with the recording changes that it is known to hold.

    Parameters
    ----------
    key, label : str
        Its name in code and for readers.
    counts : pandas.Series
        Monthly counts; NA = not published.
    kind : str
        Key of the comparable series whose recording changes apply.
    small_areas : bool
        Whether it is of part of the area, which changes of geography can touch.
    """
    counts = counts.astype("Int64")
    if opened.simulated:
        planted = planted_change()
        touched = kind != RECORDED_CRIME and planted.crime_type in comparable(kind).parts
        return Series(key, label, kind, counts, (planted,) if touched else (), small_areas)
    known = recording_changes(kind, counts.index[0], counts.index[-1], force=opened.area.force, small_areas=small_areas)
    wanted = {"recording", "geography"} if small_areas else {"recording"}
    return Series(key, label, kind, counts, tuple(change for change in known if change.kind in wanted), small_areas)


def _line(series: Series, trend: Trend) -> dict[str, object]:
    question = trend.last_36_months if trend.follows == "last 36 months" else trend.long_run
    told = trend.verdict != "too little data"
    return {
        "Series": series.label,
        "Verdict": say_certainty(trend),
        "Change a year": f"{question.percent:+.1f}%".replace("-", "−") if told else "cannot be told",
        "Range": f"{question.low:+.1f}% to {question.high:+.1f}%".replace("-", "−") if told else "cannot be told",
        "Last 12 months": trend.last_12_total,
        "12 months before": trend.previous_12_total if trend.previous_12_published == 12 else pd.NA,
        "Months used": trend.months_used,
    }
