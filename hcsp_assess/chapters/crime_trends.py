"""The chapter on trends by crime type: each series with its trend, known changes of recording, sudden changes."""

import pandas as pd

from hcsp_assess.assessment.findings import Finding, Findings
from hcsp_assess.assessment.wording.absent import absent
from hcsp_assess.assessment.wording.trends import describe_no_shift, describe_too_little, say_certainty
from hcsp_assess.chapters.shared.headings import heading_of
from hcsp_assess.edition.series import Series, Verdicts
from hcsp_assess.report.charts import Chart
from hcsp_assess.report.monthly_charts import chart_months, chart_small_multiples
from hcsp_assess.report.tables import Table
from hcsp_assess.report.trend_charts import chart_verdict
from hcsp_assess.subject.recording_changes import explain_shift
from hcsp_assess.trends import Trend
from hcsp_assess.trends.level_shifts import LevelShift, find_level_shift


def findings_of(verdicts: Verdicts, *keys: str) -> Findings:
    """Say the verdicts on some series, or on all of them.

    Series with too little data are said together where all are asked for, each with what we can say of it instead.
    """
    chosen = keys or tuple(verdicts.series)
    untested = [key for key in chosen if verdicts.trends[key].verdict == "too little data"]
    if keys or len(untested) < 2:
        return Findings(tuple(verdicts.finding(key) for key in chosen))
    told = [verdicts.finding(key) for key in chosen if key not in untested]
    too_little = describe_too_little(len(untested), verdicts.trends.values())
    levels = [verdicts.level(key) for key in untested]
    return Findings((*told, too_little.marked(simulated=verdicts.opened.simulated), *levels))


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
        heading_of(
            verdicts.opened,
            "verdicts-by-month",
            f"Of {len(moving)} series: {title}",
            f"A month, {verdicts.opened.area.name}, {months[0].year} to {months[-1].year}; grey: not held",
        ),
        words=said,
    )


def chart_of(verdicts: Verdicts, key: str) -> Chart:
    """Chart the verdict on one series; where there is too little data for one, its months."""
    trend, series = verdicts.trends[key], verdicts.series[key]
    name, title = f"verdict-{key.replace('_', '-')}", f"{series.label}: {say_certainty(trend)}"
    heading = heading_of(verdicts.opened, name, title, verdicts.subtitle(key))
    if trend.verdict == "too little data":
        return chart_months(series.counts, heading, unit=series.unit.capitalize())
    return chart_verdict(trend, heading, sentence=verdicts.finding(key).sentence)


def table_changes(verdicts: Verdicts, *keys: str) -> Table | Finding:
    """Show the known changes of recording inside the series, with their source and whether they are confirmed."""
    chosen = keys or tuple(verdicts.series)
    found = {change.name: change for key in chosen for change in verdicts.series[key].changes}
    if not found:
        return absent("no_known_change")
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
        return describe_no_shift(len(tested)).marked(simulated=simulated)
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
