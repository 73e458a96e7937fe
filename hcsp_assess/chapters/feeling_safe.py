"""The chapter on feeling safe: surveys, each question by itself; concerns by theme; what services recorded."""

import pandas as pd
from matplotlib.figure import Figure

from hcsp_assess.assessment.findings import Finding, Findings
from hcsp_assess.assessment.surveys import MEASURES, SurveySeries, safety_series, survey_estimates
from hcsp_assess.assessment.wording.absent import absent, nothing_received
from hcsp_assess.assessment.wording.feeling_safe import describe_survey
from hcsp_assess.chapters.shared.partner_series import Shown, disclose, show_percents
from hcsp_assess.disclosure import disclosure_rule
from hcsp_assess.edition.returns import EditionReturns, cross_counts
from hcsp_assess.report.charts import COLOURS, Chart, Heading, draw_chart
from hcsp_assess.report.tables import Table
from hcsp_assess.report.two_audiences import Disclosed

RETURNS = (
    *("survey_results", "community_concerns", "housing_asb", "police_incidents", "council_incidents"),
    "fire_incidents",
)


def findings_safety(returns: EditionReturns) -> Findings:
    """Say for each question how many feel safe, and whether that changed; no two questions are joined."""
    series = _series(returns)
    if not series:
        return Findings((absent("feeling_safe_no_survey"),))
    sources, simulated = returns.sources("survey_results"), returns.simulated
    found = (describe_survey(item, number) for number, item in enumerate(series))
    return Findings(tuple(item.marked(simulated=simulated).traced(sources) for item in found))


def table_safety(returns: EditionReturns) -> Table | Finding:
    """Show every result of every question on feeling safe, with its base and interval."""
    combined = returns.combined("survey_results")
    rows = combined.rows[combined.rows["measure"].str.startswith("feel_safe")] if len(combined.rows) else combined.rows
    if rows.empty:
        return nothing_received("safety_no_table", returns.day)
    estimates = survey_estimates(rows)
    least = disclosure_rule(combined.definition.disclosure).minimum_base
    percents = {name: show_percents(estimates[name], estimates["base"], least) for name in ("percent", "low", "high")}
    frame = pd.DataFrame(
        {
            "When": [month.strftime("%B %Y") for month in estimates["month"]],
            "Survey": estimates["survey"],
            "Question": estimates["wording"],
            "Who": estimates["group"],
            "Per cent": percents["percent"],
            "Lower": percents["low"],
            "Upper": percents["high"],
            "Answered": estimates["base"],
        }
    )
    notes = (
        "Lower and upper: 95% interval (Wilson). Questions in different words are not one series.",
        *(("[c] suppressed: too few people answered.",) if "[c]" in percents["percent"] else ()),
    )
    caption = f"How safe people feel, {returns.area.name}"
    return Table(frame, caption, "feeling-safe-results", notes, combined.simulated)


def chart_safety(returns: EditionReturns) -> Chart | Finding:
    """Chart the questions that were asked more than once, with intervals."""
    series = [item for item in _series(returns) if len(item.estimates) > 1 and item.estimates["base"].notna().all()]
    if not series:
        return absent("safety_no_chart")
    item = series[0]
    frame = item.estimates.astype({"percent": float, "low": float, "high": float})
    places = range(len(frame))

    def draw(figure: Figure, narrow: bool) -> None:
        axes = figure.add_subplot()
        below, above = frame["percent"] - frame["low"], frame["high"] - frame["percent"]
        axes.errorbar(
            places, frame["percent"], yerr=[below, above], fmt="o-", color=COLOURS["main"], capsize=4, markersize=6
        )
        axes.set_ylim(0, 100)
        labels = [month.strftime("%b\n%Y") for month in frame["month"]]
        axes.set_xticks(places, labels)
        axes.yaxis.set_major_formatter("{x:.0f}%")
        axes.set_xlim(-0.4, len(frame) - 0.6)

    first, last = frame.iloc[0], frame.iloc[-1]
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
        draw,
        Heading(
            key="feeling-safe-survey",
            title=f"{last['percent']:.0f}% {MEASURES[item.measure]}; {first['percent']:.0f}% in {data['When'].iloc[0]}",
            subtitle=f"“{item.wording}” {item.survey}, bars are 95% intervals{rest}",
            source=item.survey,
            simulated=returns.simulated,
        ),
        alt=f"Line with bars for the interval: {', '.join(f'{value:.0f}%' for value in frame['percent'])} from "
        f"{data['When'].iloc[0]} to {data['When'].iloc[-1]}.",
        data=data,
    )


def table_concerns(returns: EditionReturns) -> Disclosed | Finding:
    """Show how often each concern was raised in the year, and by whom."""
    combined = returns.combined("community_concerns")
    span = returns.edition.span
    rows = returns.in_year(combined.rows)
    if rows.empty:
        return nothing_received("concerns_no_table", returns.day)
    counts, marks = cross_counts(rows, "theme", "source", "times_raised", absent="z")
    never = marks == "z"  # nobody of that kind raised it: none, while a suppressed or missing count stays that
    counts, marks = counts.mask(never, 0), marks.mask(never, "")
    order = counts.sum(axis=1).sort_values(ascending=False, kind="stable").index
    return disclose(
        counts.loc[order],
        combined,
        Shown(
            key="community-concerns",
            caption=f"Concerns raised, times by theme and by who raised them, {span.words}, {returns.area.name}",
            label="Theme",
            notes=("A concern raised often is not a measure of how common the thing is.",),
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
