"""The chapter on feeling safe: surveys, each question by itself; concerns by theme; what services recorded."""

from dataclasses import replace
from functools import partial

import pandas as pd
from matplotlib.figure import Figure

from hcsp_assess.assessment.findings import Findings
from hcsp_assess.assessment.surveys import SurveySeries, safety_series, survey_estimates
from hcsp_assess.assessment.wording.feeling_safe import describe_quoted, describe_survey, title_of_chart
from hcsp_assess.assessment.wording.performance import describe_performance
from hcsp_assess.chapters.shared.partner_series import Shown, disclose, likely_range, show_percents, used_notes
from hcsp_assess.disclosure import disclosure_rule
from hcsp_assess.edition.returns import EditionReturns, cross_counts
from hcsp_assess.report.charts import COLOURS, Chart, Heading, draw_chart
from hcsp_assess.report.tables import Table
from hcsp_assess.report.two_audiences import Disclosed

#: Measures that a strategy publishes: the indicator of the performance overview, and figures that its text quotes.
PUBLISHED = {"feel_safe_local_area": "feel_safe"}
QUOTED = {"feel_safe_by_day": "safe_by_day", "feel_safe_after_dark": "safe_after_dark"}


def findings_safety(returns: EditionReturns) -> Findings:
    """Say for each question how many feel safe, and whether that changed; no two questions are joined."""
    sources, simulated = returns.sources("survey_results"), returns.simulated
    found = []
    for number, item in enumerate(_series(returns)):
        performance = returns.published.get(PUBLISHED.get(item.measure, ""))
        quoted = returns.published_figures.get(QUOTED.get(item.measure, ""))
        if performance is not None and performance.latest is not None:
            found.append(replace(describe_performance(performance), key=f"{item.measure}_{number}"))
        elif quoted is not None:
            found.append(describe_quoted(item.measure, float(quoted["value"]), str(quoted["source"]), number))
        else:
            found.append(describe_survey(item, number).marked(simulated=simulated).traced(sources))
    return Findings(tuple(found))


def table_safety(returns: EditionReturns) -> Table | Findings:
    """Show every result of every question on feeling safe, with its likely range, in a closed panel."""
    combined = returns.combined("survey_results")
    rows = combined.rows[combined.rows["measure"].str.startswith("feel_safe")] if len(combined.rows) else combined.rows
    if rows.empty:
        return Findings(())
    estimates = survey_estimates(rows)
    least = disclosure_rule(combined.definition.disclosure).minimum_base
    percents = {name: show_percents(estimates[name], estimates["base"], least) for name in ("percent", "low", "high")}
    frame = pd.DataFrame(
        {
            "When": [month.strftime("%B %Y") for month in estimates["month"]],
            "Survey": estimates["survey"],
            "Question": estimates["wording"],
            "Who was asked": estimates["group"],
            "Per cent": percents["percent"],
            "Lower": percents["low"],
            "Upper": percents["high"],
            "Answered": estimates["base"],
        }
    )
    frame = likely_range(frame)
    keys = ("[c] too few people answered to publish", "[x] not available")
    notes = ("Answers to questions in different words cannot be compared.", *used_notes(frame, keys))
    title = "Every survey result on feeling safe"
    return Table(
        frame, f"{title}, {returns.area.name}", "feeling-safe-results", notes, combined.simulated, folded=title
    )


def chart_safety(returns: EditionReturns) -> Chart | Findings:
    """Chart a question that was asked more than once, with the likely range of each answer."""
    series = [item for item in _series(returns) if _can_be_drawn(returns, item)]
    if not series:
        return Findings(())
    item = series[0]
    frame = item.estimates.astype({"percent": float, "low": float, "high": float})
    data = pd.DataFrame(
        {
            "When": [month.strftime("%B %Y") for month in frame["month"]],
            "Per cent": frame["percent"].round(0),
            "Lower": frame["low"].round(0),
            "Upper": frame["high"].round(0),
            "Answered": frame["base"],
        }
    )
    rest = f"; {len(series) - 1} more in the table" if len(series) > 1 else ""
    return draw_chart(
        partial(_draw_safety, frame),
        Heading(
            key="feeling-safe-survey",
            title=title_of_chart(item),
            subtitle=f"“{item.wording}” {item.survey}. The bars show the likely range{rest}",
            source=item.survey,
            simulated=returns.simulated,
        ),
        alt=f"Line with bars for the likely range: {', '.join(f'{value:.0f}%' for value in frame['percent'])} from "
        f"{data['When'].iloc[0]} to {data['When'].iloc[-1]}.",
        data=data,
    )


def _can_be_drawn(returns: EditionReturns, item: SurveySeries) -> bool:
    """Whether a question was asked more than once, of a known number, and has no chart in the performance overview."""
    asked = len(item.estimates) > 1 and bool(item.estimates["base"].notna().all())
    return asked and PUBLISHED.get(item.measure, "") not in returns.published


def _draw_safety(frame: pd.DataFrame, figure: Figure, narrow: bool) -> None:
    axes, places = figure.add_subplot(), range(len(frame))
    below, above = frame["percent"] - frame["low"], frame["high"] - frame["percent"]
    axes.errorbar(
        places, frame["percent"], yerr=[below, above], fmt="o-", color=COLOURS["main"], capsize=4, markersize=6
    )
    axes.set_ylim(0, 100)
    axes.set_xticks(places, [month.strftime("%b\n%Y") for month in frame["month"]])
    axes.yaxis.set_major_formatter("{x:.0f}%")
    axes.set_xlim(-0.4, len(frame) - 0.6)


def table_concerns(returns: EditionReturns) -> Disclosed | Findings:
    """Show how often each concern was raised in the year, and by whom."""
    combined = returns.combined("community_concerns")
    span = returns.edition.span
    rows = returns.in_year(combined.rows)
    if rows.empty:
        return Findings(())
    counts, marks = cross_counts(rows, "theme", "source", "times_raised", absent="z")
    never = marks == "z"  # not raised by that kind of person: none, while a suppressed or missing count stays that
    counts, marks = counts.mask(never, 0), marks.mask(never, "")
    order = counts.sum(axis=1).sort_values(ascending=False, kind="stable").index
    return disclose(
        counts.loc[order],
        combined,
        Shown(
            key="community-concerns",
            caption=f"How often each concern was raised, and where, {span.spoken}, {returns.area.name}",
            label="Concern",
            notes=("How often a concern is raised does not show how common the problem is.",),
        ),
        marks=marks.loc[order],
    )


def _series(returns: EditionReturns) -> tuple[SurveySeries, ...]:
    """Questions on feeling safe, without results that are not known or rest on too few people to publish."""
    combined = returns.combined("survey_results")
    least = disclosure_rule(combined.definition.disclosure).minimum_base
    rows = combined.rows
    told = rows["percent"].notna() & ~(rows["base"] < least).fillna(value=False)
    return safety_series(rows[told]) if told.any() else ()
