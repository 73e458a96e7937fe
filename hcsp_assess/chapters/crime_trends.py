"""The chapter on trends by crime type: each series with its trend, known changes of recording, sudden changes."""

from dataclasses import replace

import pandas as pd

from hcsp_assess.assessment.findings import Findings
from hcsp_assess.assessment.wording.then_and_now import say_headline
from hcsp_assess.assessment.wording.trend_groups import describe_moves, say_moves
from hcsp_assess.assessment.wording.trends import (
    describe_no_shift,
    describe_too_little,
    say_certainty,
    say_change,
    say_title,
)
from hcsp_assess.assessment.wording.words import listed, lower_first, upper_first
from hcsp_assess.chapters.shared.folded import Folded
from hcsp_assess.chapters.shared.headings import heading_of
from hcsp_assess.chapters.shared.then_and_now import (
    findings_far,
    findings_not_clear,
    table_then_and_now,
    title_not_clear,
)
from hcsp_assess.edition.series import Series, Verdicts
from hcsp_assess.edition.then_and_now import compare_edition
from hcsp_assess.report.charts import Chart
from hcsp_assess.report.monthly_charts import chart_months, chart_small_multiples
from hcsp_assess.report.tables import Table
from hcsp_assess.report.trend_charts import chart_verdict
from hcsp_assess.subject.recording_changes import explain_shift, own_changes
from hcsp_assess.trends import Trend
from hcsp_assess.trends.level_shifts import MONTHS_NEEDED as MONTHS_FOR_SHIFT
from hcsp_assess.trends.level_shifts import LevelShift, find_level_shift

#: Definitions of rural that only the chapter on rural crime compares.
OTHER_DEFINITIONS = ("rural_crime_without_market_towns", "rural_crime_with_market_towns")


def findings_of(verdicts: Verdicts, *keys: str) -> Findings:
    """Say how some series moved, or all of them, each in full.

    Of series with holes of years the year assessed is compared with earlier spells. Those with too little data even for
    that are said together where all are asked for, each with what we can say of it instead.
    """
    chosen, compared = keys or tuple(verdicts.series), compare_edition(verdicts)
    untested = [
        key for key in chosen if verdicts.trends[key].verdict == "too little data" and key not in compared.found
    ]
    if keys or len(untested) < 2:
        return Findings(tuple(compared.finding(key) for key in chosen))
    said = [compared.finding(key) for key in chosen if key not in untested]
    too_little = describe_too_little(len(untested), verdicts.trends.values())
    levels = [verdicts.level(key) for key in untested]
    return Findings((*said, too_little.marked(simulated=verdicts.opened.simulated), *levels))


def findings_moved(verdicts: Verdicts) -> Findings:
    """Say what rose and what fell, a sentence each, and which series did neither."""
    trends = _trends(verdicts)
    said = [item.marked(simulated=verdicts.opened.simulated) for item in describe_moves(trends)] if trends else []
    return Findings((*findings_far(verdicts).items, *findings_not_clear(verdicts).items, *said))


def panel_words(verdicts: Verdicts) -> Folded:
    """Every series in words, with how sure each is, in a closed panel."""
    compared = compare_edition(verdicts).found
    said = findings_of(verdicts).items
    return Folded(
        "Every series in words", tuple(replace(item, method="") if item.key in compared else item for item in said)
    )


def table_verdicts(verdicts: Verdicts) -> Table | Findings:
    """Show how each series moved, beside its last two years; none where all are compared with earlier spells."""
    lines = _lines(verdicts)
    if not lines:
        return Findings(())
    columns = ["Series", "How it moved", "Last 12 months", "12 months before"]
    frame = pd.DataFrame([line for key, line in lines.items() if key not in OTHER_DEFINITIONS])[columns]
    note = "Anti-social behaviour is counted in incidents, and is no part of total recorded crime."
    return Table(
        frame.astype({"12 months before": "Int64"}), _caption(verdicts), "verdicts", (note,), verdicts.opened.simulated
    )


def table_sizes(verdicts: Verdicts) -> Table | Findings:
    """Show the size and likely range of every trend, in a closed panel."""
    lines = _lines(verdicts)
    if not lines:
        return Findings(())
    frame = pd.DataFrame(list(lines.values())).drop(columns=["Last 12 months", "12 months before"])
    tested = max(trend.series_tested for trend in verdicts.trends.values())
    note = f"Of {len(frame)} series, {tested} had enough months for a trend; we allow for having looked at so many."
    caption = f"{_caption(verdicts)}: size and likely range of each trend"
    folded = "How large each trend is, with its likely range"
    return Table(frame, caption, "verdicts-ranges", (note,), verdicts.opened.simulated, folded)


def table_moves(verdicts: Verdicts) -> Table | Findings:
    """Show how every series has moved; where none has a trend, the year assessed against earlier spells."""
    found = table_verdicts(verdicts)
    return found if isinstance(found, Table) else table_then_and_now(verdicts)


def chart_verdicts(verdicts: Verdicts) -> Chart:
    """Chart every series by month, with how it moved in its title."""
    said = {item.label: say_certainty(verdicts.trends[key]) for key, item in verdicts.series.items()}
    trends = _trends(verdicts)
    if not trends:
        said = {}
    months = pd.PeriodIndex(next(iter(verdicts.series.values())).counts.index)
    return chart_small_multiples(
        {item.label: item.counts for key, item in verdicts.series.items() if key not in OTHER_DEFINITIONS},
        heading_of(
            verdicts.opened,
            "verdicts-by-month",
            say_moves(trends) if trends else title_not_clear(verdicts),
            f"Records a month, {verdicts.opened.area.name}, {months[0].year} to {months[-1].year}; grey: not held",
        ),
        words=said,
    )


def charts_more(verdicts: Verdicts, *keys: str) -> Folded:
    """Chart the trends of some series in a closed panel; nothing where all are compared with earlier spells."""
    trends = _trends(verdicts)
    shown = [key for key in keys if verdicts.series[key].label in trends] if trends else []
    names = listed([lower_first(verdicts.series[key].label) for key in shown]) if shown else ""
    return Folded(f"Charts of {names}", tuple(chart_of(verdicts, key) for key in shown))


def chart_trend(verdicts: Verdicts, key: str) -> Chart | Findings:
    """Chart the trend of one series; nothing where it is compared with earlier spells, as another chapter shows."""
    return Findings(()) if key in compare_edition(verdicts).found else chart_of(verdicts, key)


def chart_of(verdicts: Verdicts, key: str) -> Chart:
    """Chart the verdict on one series; where there is too little data for one, its months."""
    trend, series = verdicts.trends[key], verdicts.series[key]
    name, title = f"verdict-{key.replace('_', '-')}", say_title(trend, series.label)
    found = compare_edition(verdicts).found.get(key)
    if found is not None:
        title = say_headline(found, series.label, series.unit)
    heading = heading_of(verdicts.opened, name, title, verdicts.subtitle(key))
    if not trend.tested or found is not None:
        return chart_months(series.counts, heading, unit=series.unit.capitalize())
    return chart_verdict(trend, heading, sentence=verdicts.finding(key).sentence)


def table_changes(verdicts: Verdicts, *keys: str) -> Table | Findings:
    """Show the known changes of recording inside the series, with their source and whether they are confirmed."""
    chosen = keys or tuple(verdicts.series)
    found = {change.name: change for key in chosen for change in verdicts.series[key].changes}
    if not found:
        return Findings(())
    rows = [
        {
            "From": change.month.strftime("%B %Y"),
            "What changed": upper_first(change.what.rstrip(".")),
            "Source": change.source,
            "Confirmed": f"in part; not {change.unconfirmed}" if change.unconfirmed else "yes",
        }
        for change in sorted(found.values(), key=lambda change: change.month)
    ]
    labels = [lower_first(verdicts.series[key].label).removeprefix("recorded ") for key in keys]
    about = ", ".join(labels) or "crime and anti-social behaviour"
    key = "-".join(("known-changes", *keys)).replace("_", "-")
    folded = f"Known changes in how {about} {'is' if len(keys) == 1 else 'are'} recorded: {len(rows)}"
    return Table(pd.DataFrame(rows), f"Known changes in how {about} is recorded", key, folded=folded)


def table_shifts(verdicts: Verdicts) -> Table | Folded | Findings:
    """Look in each series for one sudden change of level, and look up what is known about its time.

    A jump that stays is not a trend. Where the time is that of a known change of recording, it is called a probable
    recording change; where nothing is known, that is said too. Nothing is shown where no series is long enough.
    """
    compared = compare_edition(verdicts).found
    tested = [
        key
        for key, trend in verdicts.trends.items()
        if trend.tested and trend.months_published >= MONTHS_FOR_SHIFT and key not in compared
    ]
    if not tested:
        return Findings(())
    found = {key: find_level_shift(verdicts.series[key].counts) for key in tested}
    rows = [_shift_line(verdicts, key, shift) for key, shift in found.items() if shift.found]
    simulated = verdicts.opened.simulated
    if not rows:
        said = describe_no_shift(len(tested)).marked(simulated=simulated)
        return Folded("Sudden jumps that stayed: none found", (said,))
    caption = f"Sudden jumps that stayed, found in {len(rows)} of {len(tested)} series"
    notes = (
        "A jump that stays often comes from how crime is recorded. It says that something changed, not what. Of series "
        "without a jump, about one in 20 shows one by chance.",
    )
    return Table(pd.DataFrame(rows), caption, "level-shifts", notes, simulated)


def _trends(verdicts: Verdicts) -> dict[str, Trend]:
    """The trends by name, without other definitions of rural; none where all are compared with earlier spells."""
    compared = compare_edition(verdicts).found
    return {
        verdicts.series[key].label: trend
        for key, trend in verdicts.trends.items()
        if key not in compared and key not in OTHER_DEFINITIONS
    }


def _caption(verdicts: Verdicts) -> str:
    opened = verdicts.opened
    return (
        f"How recorded crime and anti-social behaviour moved, {opened.area.name}, to {opened.edition.span.last:%B %Y}"
    )


def _lines(verdicts: Verdicts) -> dict[str, dict[str, object]]:
    compared = compare_edition(verdicts).found
    return {key: _line(verdicts.series[key], trend) for key, trend in verdicts.trends.items() if key not in compared}


def _shift_line(verdicts: Verdicts, key: str, shift: LevelShift) -> dict[str, object]:
    series = verdicts.series[key]
    return {
        "Series": series.label,
        "First month": shift.month.strftime("%B %Y"),
        "May be": f"{shift.month_low.strftime('%b %Y')} to {shift.month_high.strftime('%b %Y')}",
        "Change of level": f"{shift.percent:+.0f}% ({shift.low:+.0f}% to {shift.high:+.0f}%)".replace("-", "−"),
        "Looks like": shift.shape,
        "What we know of that time": _explained(verdicts, series, shift),
    }


def _explained(verdicts: Verdicts, series: Series, shift: LevelShift) -> str:
    if verdicts.opened.simulated:
        near = [change for change in series.changes if shift.month_low - 1 <= change.month <= shift.month_high + 1]
        return f"A probable recording change. {near[0].what}" if near else "no known change"
    here = verdicts.opened.area
    own = own_changes(here)
    known = explain_shift(shift, series.kind, force=here.force, small_areas=series.small_areas, own=own)
    return known.text if known else "no known change"


def _line(series: Series, trend: Trend) -> dict[str, object]:
    change, likely = say_change(trend)
    return {
        "Series": series.label,
        "How it moved": say_certainty(trend),
        "Change": change,
        "Likely range": likely,
        "Last 12 months": trend.last_12_total,
        "12 months before": trend.previous_12_total if trend.previous_12_published == trend.per_year else pd.NA,
        "Months used": trend.months_used,
    }
