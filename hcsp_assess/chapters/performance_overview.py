"""The chapter on performance: the overview as published, what can be worked out from it, and what does not fit."""

from functools import cache

import pandas as pd

from hcsp_assess.assessment.findings import Findings
from hcsp_assess.assessment.performance import Performance, performance_overview
from hcsp_assess.assessment.performance_tables import history_table, overview_table, sparkline_values, summary_table
from hcsp_assess.assessment.review_notes import find_review_notes
from hcsp_assess.assessment.wording.performance import describe_note, describe_performance, describe_rating_rule
from hcsp_assess.edition.opened import OpenEdition
from hcsp_assess.report.charts import Chart, Heading
from hcsp_assess.report.quarter_charts import chart_quarters as draw_quarters
from hcsp_assess.report.tables import NO_DATA, Table
from hcsp_assess.sources.indicators import Indicator, Published, read_indicators, read_published

NAME = "Priority and Performance Indicator"


def table_overview(opened: OpenEdition) -> Table:
    """Show the performance overview as it was published, cell for cell; a cell without a figure says so."""
    indicators, published = _read()
    frame = overview_table(indicators, published).rename(columns=str)
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
    caption = (
        f"Performance overview {published.overview_year.short} as the partnership published it, {opened.area.name}"
    )
    return Table(
        shown, caption, "performance-as-published", ("Quarters are of financial years: Q1 is April to June.", *notes)
    )


def table_summary() -> Table:
    """Show for each indicator the year so far against the same quarters a year earlier, its headroom and its rating."""
    frame = summary_table(_performances())
    percent = frame["change_unit"] == "percentage points"
    shown = pd.DataFrame(
        {
            "Indicator": frame["name"],
            "Year so far": [_figure(v, p) for v, p in zip(frame["year_to_date"], percent, strict=True)],
            "A year earlier": [_figure(v, p) for v, p in zip(frame["year_to_date_before"], percent, strict=True)],
            "Change": [_change(v, p) for v, p in zip(frame["change"], percent, strict=True)],
            "How sure": frame["certainty"],
            "Target": frame["target"].replace("", "none stated"),
            "Headroom": [_figure(v, p) for v, p in zip(frame["headroom"], percent, strict=True)],
            "Rating": frame["symbol"] + " " + frame["rating"],
        }
    )
    notes = (
        "Headroom: how many more the rest of the year may bring before the target is missed; for a percentage, the "
        "distance in points.",
        f"Rating. {describe_rating_rule()}",
        *(f"{row.name}: {row.warning}" for _, row in frame.set_index("name", drop=False).iterrows() if row["warning"]),
    )
    return Table(shown, "Where each indicator stands: year so far, headroom and rating", "performance-summary", notes)


def table_history() -> Table:
    """Show each indicator in each year: the priority it was under then, its figure, and its target."""
    indicators, published = _read()
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
            "Target": frame["target"].replace("", "none stated"),
        }
    )
    notes = ("The year's figure: the sum of four quarters of a count, the fourth quarter of a percentage.",)
    folded = "Each indicator in each year"
    return Table(shown, "History of each indicator across years", "performance-history", notes, folded=folded)


def findings_indicators() -> Findings:
    """Say where each indicator is."""
    return Findings(tuple(describe_performance(item) for item in _performances()))


def chart_quarters() -> Chart:
    """Chart each indicator by quarter, a bar for each; a quarter without a figure is named."""
    series = {item.indicator.name: sparkline_values(item) for item in _performances() if item.latest}
    percent = {item.indicator.name for item in _performances() if item.indicator.unit == "percent"}

    first, last = next(iter(series.values())).index[[0, -1]]
    return draw_quarters(
        series,
        Heading(
            key="performance-quarters",
            title=f"{len(series)} indicators by quarter, as published",
            subtitle=f"Numbers, or per cent where the axis says so; {first} to {last}",
            source=_read()[1].document.get("title", "the partnership's strategy"),
        ),
        percent=percent,
    )


def findings_review() -> Findings:
    """Show what in the strategy's own figures does not fit together, for somebody to look at."""
    return Findings(tuple(describe_note(note) for note in find_review_notes(*_read())))


@cache
def _read() -> tuple[tuple[Indicator, ...], Published]:
    return read_indicators(), read_published()


@cache
def _performances() -> tuple[Performance, ...]:
    return performance_overview(*_read())


def _figure(value: float | None, percent: bool) -> str:
    if value is None or pd.isna(value):
        return NO_DATA
    return f"{value:g}%" if percent else f"{value:,.0f}"


def _change(value: float | None, percent: bool) -> str:
    if value is None or pd.isna(value):
        return "cannot be told"
    return f"{value:+.1f}{' points' if percent else '%'}".replace("-", "−")
