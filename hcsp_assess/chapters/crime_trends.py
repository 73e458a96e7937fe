"""The chapter on trends by crime type: each series with its trend, known changes of recording, sudden changes."""

import pandas as pd

from hcsp_assess.assessment.findings import Finding, Findings
from hcsp_assess.assessment.wording.absent import absent
from hcsp_assess.assessment.wording.then_and_now import say_headline
from hcsp_assess.assessment.wording.trends import (
    describe_no_shift,
    describe_too_little,
    say_certainty,
    say_change,
    say_title,
)
from hcsp_assess.chapters.shared.headings import heading_of
from hcsp_assess.chapters.shared.then_and_now import table_then_and_now
from hcsp_assess.edition.series import Series, Verdicts
from hcsp_assess.edition.then_and_now import compare_edition
from hcsp_assess.report.charts import Chart
from hcsp_assess.report.monthly_charts import chart_months, chart_small_multiples
from hcsp_assess.report.tables import Table
from hcsp_assess.report.trend_charts import chart_verdict
from hcsp_assess.subject.recording_changes import explain_shift
from hcsp_assess.trends import Trend
from hcsp_assess.trends.level_shifts import MONTHS_NEEDED as MONTHS_FOR_SHIFT
from hcsp_assess.trends.level_shifts import LevelShift, find_level_shift
from hcsp_assess.trends.results import NOT_TESTED


def findings_of(verdicts: Verdicts, *keys: str) -> Findings:
    """Say the verdicts on some series, or on all of them.

    Of series with holes of years the year assessed is compared with earlier spells. Those with too little data even for
    that are said together where all are asked for, each with what we can say of it instead.
    """
    chosen, compared = keys or tuple(verdicts.series), compare_edition(verdicts)
    untested = [
        key for key in chosen if verdicts.trends[key].verdict == "too little data" and key not in compared.found
    ]
    if keys or len(untested) < 2:
        return Findings(tuple(compared.finding(key) for key in chosen))
    told = [compared.finding(key) for key in chosen if key not in untested]
    too_little = describe_too_little(len(untested), verdicts.trends.values())
    levels = [verdicts.level(key) for key in untested]
    return Findings((*told, too_little.marked(simulated=verdicts.opened.simulated), *levels))


def table_verdicts(verdicts: Verdicts) -> Table | Findings:
    """Show every series with its verdict, its size and its range; none where all are compared with earlier spells."""
    compared = compare_edition(verdicts).found
    rows = [_line(verdicts.series[key], trend) for key, trend in verdicts.trends.items() if key not in compared]
    if not rows:
        return Findings(())
    frame = pd.DataFrame(rows).astype({"12 months before": "Int64"})
    tested = max(trend.series_tested for trend in verdicts.trends.values())
    name = verdicts.opened.area.name
    last = verdicts.opened.edition.span.last.strftime("%B %Y")
    caption = f"How {len(frame)} series of recorded crime have moved, {name}, to {last}"
    notes = (
        f"{tested} of the {len(frame)} series had enough months for a trend; looking at so many is allowed for.",
        "Confirmed: two different methods agree. Probable: the main method alone. Level: any trend is within 5% a "
        "year. No clear trend: a rise and a fall are both possible. Likely range: 95% interval.",
    )
    return Table(frame, caption, "verdicts", notes, verdicts.opened.simulated)


def table_moves(verdicts: Verdicts) -> Table | Findings:
    """Show how every series has moved; where none has a trend, the year assessed against earlier spells."""
    found = table_verdicts(verdicts)
    return found if isinstance(found, Table) else table_then_and_now(verdicts)


_TITLE_WORDS: dict[str, tuple[str, ...]] = {
    "rose": ("rising", "higher"),
    "fell": ("falling", "lower"),
    "were level": ("stable",),
    "had no clear trend": ("unclear",),
    "had too few months to say": NOT_TESTED,
}


def chart_verdicts(verdicts: Verdicts) -> Chart:
    """Chart every series by month with its verdict in its title."""
    said = {item.label: say_certainty(verdicts.trends[key]) for key, item in verdicts.series.items()}
    moving: list[str] = [trend.verdict for trend in verdicts.trends.values()]
    title = f"Of {len(moving)} series, " + ", ".join(
        f"{number} {words}"
        for words, kinds in _TITLE_WORDS.items()
        if (number := sum(moving.count(kind) for kind in kinds))
    )
    if len(compare_edition(verdicts).found) == len(moving):
        said, title = {}, "Each series month by month, as far as we hold it"
    months = pd.PeriodIndex(next(iter(verdicts.series.values())).counts.index)
    return chart_small_multiples(
        {item.label: item.counts for item in verdicts.series.values()},
        heading_of(
            verdicts.opened,
            "verdicts-by-month",
            title,
            f"A month, {verdicts.opened.area.name}, {months[0].year} to {months[-1].year}; grey: not held",
        ),
        words=said,
    )


def chart_of(verdicts: Verdicts, key: str) -> Chart:
    """Chart the verdict on one series; where there is too little data for one, its months."""
    trend, series = verdicts.trends[key], verdicts.series[key]
    name, title = f"verdict-{key.replace('_', '-')}", say_title(trend, series.label)
    found = compare_edition(verdicts).found.get(key)
    if found is not None:
        title = say_headline(found, series.label)
    heading = heading_of(verdicts.opened, name, title, verdicts.subtitle(key))
    if not trend.tested or found is not None:
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
    tested = [
        key for key, trend in verdicts.trends.items() if trend.tested and trend.months_published >= MONTHS_FOR_SHIFT
    ]
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
