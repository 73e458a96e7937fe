"""The chapter on performance: where each indicator stood, the overview as published, and points for a reviewer."""

from dataclasses import dataclass

import pandas as pd

from hcsp_assess.assessment.findings import Findings
from hcsp_assess.assessment.performance import Performance
from hcsp_assess.assessment.performance_tables import history_table, overview_table, sparkline_values, summary_table
from hcsp_assess.assessment.review_notes import find_review_notes
from hcsp_assess.assessment.wording.performance import (
    CERTAINTY_WORDS,
    describe_note,
    describe_performance,
    describe_rating_rule,
    title_of_quarters,
)
from hcsp_assess.chapters.shared.folded import Folded
from hcsp_assess.edition.opened import OpenEdition
from hcsp_assess.edition.published import published_performances, strategy_of
from hcsp_assess.errors import InputError
from hcsp_assess.periods import parse_quarter
from hcsp_assess.report.charts import Chart, Heading
from hcsp_assess.report.quarter_charts import chart_quarters as draw_quarters
from hcsp_assess.report.tables import NO_DATA, Table, escape
from hcsp_assess.sources.own_indicators import Strategy

NAME = "Priority and Performance Indicator"
OF_THE_STRATEGY = (
    "The indicators that the partnership chose, with real figures from its strategy for 2013-14. The domestic abuse "
    "conference is the multi-agency risk assessment conference (MARAC)."
)
OWN = "The indicators that the partnership chose, with its own figures for each quarter."
ROOM = "Room left: how many more the rest of the year can bring before the target is missed, or the points between."


def table_overview(opened: OpenEdition) -> Table:
    """Show the performance overview as it was published, cell for cell, in a closed panel."""
    strategy = _strategy(opened)
    published = strategy.published
    frame = overview_table(strategy.indicators, published).rename(columns=str)
    heading = frame[NAME].where(frame["Row"] == "heading").ffill()
    frame.insert(1, "Priority", heading)
    quarters = [name for name in map(str, frame.columns) if name.startswith("Q")]
    shown = frame[frame["Row"] == "indicator"].drop(columns="Row").rename(columns={NAME: "Performance indicator"})
    others = [name for name in map(str, shown.columns) if name != "Performance indicator"]
    shown = shown[["Performance indicator", *others]]
    shown[quarters] = shown[quarters].fillna("").replace("", NO_DATA)
    target = next(name for name in others if name.endswith("Target"))
    shown[target] = shown[target].replace("", "none stated")
    without = frame.groupby("Priority", sort=False)["Row"].apply(lambda rows: "indicator" not in set(rows))
    notes = [f"“{name}” is printed as a heading without an indicator." for name in without.index[without]]
    year, place = published.overview_year.short, opened.area.name
    key = ("Quarters are of financial years: Q1 is April to June.", *notes, *_later(opened, strategy))
    if strategy.own:
        folded = "Every quarter of each indicator"
        return Table(shown, f"Indicators by quarter to {year}, {place}", "performance-as-published", key, folded=folded)
    caption = f"Performance overview {year} as the partnership published it, {place}"
    return Table(shown, caption, "performance-as-published", key, folded="The table as published")


def table_summary(opened: OpenEdition) -> Table:
    """Show for each indicator the year so far against the same quarters a year earlier, its headroom and its rating."""
    frame = summary_table(_performances(opened))
    percent = frame["change_unit"] == "percentage points"
    shown = pd.DataFrame(
        {
            "Indicator": frame["name"],
            "Year so far": [_figure(v, p) for v, p in zip(frame["year_to_date"], percent, strict=True)],
            "A year earlier": [_figure(v, p) for v, p in zip(frame["year_to_date_before"], percent, strict=True)],
            "Change": [_change(v, p) for v, p in zip(frame["change"], percent, strict=True)],
            "How sure": frame["certainty"].map(CERTAINTY_WORDS),
            "Target": frame["target"].replace("", "none set"),
            "Room left": [_figure(v, p, " points") for v, p in zip(frame["headroom"], percent, strict=True)],
            "Rating": frame["symbol"] + " " + frame["rating"],
        }
    )
    rating = describe_rating_rule(own=_strategy(opened).own)
    return Table(shown, "Where each indicator stood, with its target and rating", "performance-summary", (ROOM, rating))


def table_history(opened: OpenEdition) -> Table:
    """Show each indicator in each year: the priority it was under then, its figure, and its target."""
    indicators, published = _strategy(opened).indicators, _strategy(opened).published
    frame = history_table(indicators, published)
    percent = {item.name: item.unit == "percent" for item in indicators}
    titles = published.priorities.drop_duplicates("priority").set_index("priority")["name"].to_dict()
    moved = frame["moved"].map({True: " (moved)", False: ""})
    shown = pd.DataFrame(
        {
            "Indicator": frame["name"],
            "Year": frame["year"],
            "Priority then": frame["priority"].map(lambda key: titles.get(key, key) or "not stated") + moved,
            "Quarters with a figure": frame["quarters"],
            "Year's figure": [_figure(v, percent[n]) for v, n in zip(frame["outturn"], frame["name"], strict=True)],
            "Latest quarter": frame["latest"].replace("", NO_DATA),
            "Target": frame["target"].replace("", "none set"),
        }
    )
    notes = ("The year's figure: the sum of four quarters of a count, the fourth quarter of a percentage.",)
    folded = "Each indicator in each year"
    return Table(shown, "History of each indicator across years", "performance-history", notes, folded=folded)


@dataclass(frozen=True)
class Introduction:
    """What the chapter shows, in a paragraph."""

    text: str

    def _repr_html_(self) -> str:
        return f"<p>{escape(self.text)}</p>"


def say_introduction(opened: OpenEdition) -> Introduction:
    """Say whose indicators and figures these are."""
    return Introduction(OWN if _strategy(opened).own else OF_THE_STRATEGY)


def findings_indicators(opened: OpenEdition) -> Findings:
    """Say where each indicator is, those with a figure first."""
    ordered = sorted(_performances(opened), key=lambda item: item.latest is None)
    own = _strategy(opened).own
    return Findings(tuple(describe_performance(item, own=own) for item in ordered))


def chart_quarters(opened: OpenEdition) -> Chart | Findings:
    """Chart each indicator by quarter, a bar for each; nothing where none has a figure."""
    drawn = [item for item in _performances(opened) if item.latest]
    if not drawn:
        return Findings(())
    series = {item.indicator.name: _labelled(sparkline_values(item)) for item in drawn}
    percent = {item.indicator.name for item in drawn if item.indicator.unit == "percent"}
    return draw_quarters(
        series,
        Heading(
            key="performance-quarters",
            title=title_of_quarters(drawn),
            subtitle="Each bar is the three months that end with the month named",
            source=_strategy(opened).published.document.get("title", "the partnership's strategy"),
        ),
        percent=percent,
    )


@dataclass(frozen=True)
class ReviewPoints:
    """Points for a reviewer of the strategy, in a closed panel on method: they quote it and give test results."""

    notes: Findings
    what: str = "the strategy"

    def _repr_html_(self) -> str:
        points = len(self.notes.items)
        if not points:
            return ""
        title = f"{points} {'point' if points == 1 else 'points'} for a reviewer of {self.what}"
        shown = Folded(title, (self.notes,))._repr_html_()
        return shown.replace("<details>", '<details class="method">', 1)


def findings_review(opened: OpenEdition) -> ReviewPoints:
    """Show what in the strategy's own figures does not fit together, for a reviewer to look at."""
    strategy = _strategy(opened)
    notes = find_review_notes(strategy.indicators, strategy.published)
    what = "the indicators" if strategy.own else "the strategy"
    return ReviewPoints(Findings(tuple(describe_note(note) for note in notes)), what)


def _strategy(opened: OpenEdition) -> Strategy:
    strategy = strategy_of(opened.edition, opened.area)
    if strategy is None:
        raise InputError(
            f"edition {opened.edition.key} has no indicators: add some with hcsp-assess new indicator, or leave the "
            "chapter performance_overview out"
        )
    return strategy


def _performances(opened: OpenEdition) -> tuple[Performance, ...]:
    return published_performances(opened.edition, opened.area)


def _later(opened: OpenEdition, strategy: Strategy) -> tuple[str, ...]:
    """Which figures an assessment of the period leaves out, since they are of later quarters."""
    quarters = sorted({cell.quarter for cell in strategy.later})
    if not quarters:
        return ()
    return (f"Figures after {opened.edition.span.last.strftime('%B %Y')} are not part of this assessment.",)


def _labelled(values: pd.Series) -> pd.Series:
    """The quarters of a series by their months."""
    return values.set_axis(pd.Index([parse_quarter(str(name)).label for name in values.index], name="quarter"))


def _figure(value: float | None, percent: bool, unit: str = "%") -> str:
    if value is None or pd.isna(value):
        return NO_DATA
    return f"{value:g}{unit}".replace("-", "−") if percent else f"{value:,.0f}".replace("-", "−")


def _change(value: float | None, percent: bool) -> str:
    if value is None or pd.isna(value):
        return NO_DATA
    return f"{value:+.0f} points".replace("-", "−") if percent else f"{value:+.1f}%".replace("-", "−")
