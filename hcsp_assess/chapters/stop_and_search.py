"""The chapter on stop and search: how often, why, with what result, and who; and what is known of earlier years."""

from dataclasses import dataclass

import pandas as pd

from hcsp_assess.assessment.findings import Finding, Findings, FindingSource
from hcsp_assess.assessment.stops import (
    GroupRate,
    Searches,
    people_searched,
    rates_of_groups,
    share,
    summarise_searches,
)
from hcsp_assess.assessment.wording.absent import absent
from hcsp_assess.assessment.wording.outcomes import say_percentage, say_period
from hcsp_assess.assessment.wording.stops import (
    LIMITS,
    describe_earlier,
    describe_found,
    describe_groups,
    describe_searches,
)
from hcsp_assess.disclosure import pass_gate
from hcsp_assess.edition.opened import OpenEdition
from hcsp_assess.edition.residents import residents_of, year_of
from hcsp_assess.edition.stops import FILES
from hcsp_assess.report.charts import Chart, Heading
from hcsp_assess.report.interval_charts import chart_intervals
from hcsp_assess.report.tables import Table
from hcsp_assess.sources.geography import geography
from hcsp_assess.sources.residents import read_residents
from hcsp_assess.subject.stops import earlier_facts, earlier_years, result_of
from hcsp_assess.trends.rates import Interval

RULE = "open"
SOURCE = "Stop and search, data.police.uk"
NOT_GIVEN = "Not given"


@dataclass(frozen=True)
class _Year:
    """Searches in the months of the year assessed that are held."""

    cells: pd.DataFrame
    months: pd.PeriodIndex
    searches: Searches
    groups: tuple[GroupRate, ...]
    no_location: int


def findings_of(opened: OpenEdition) -> Findings:
    """Say what is known: of the year assessed where files were received, else of earlier years."""
    year = _year(opened)
    if year is None:
        return Findings((_earlier(opened),))
    span, area = opened.edition.span, opened.area.name
    said = (
        describe_searches(year.searches, year.months, span, area, year.no_location),
        describe_found(year.searches),
        describe_groups(year.groups),
    )
    source = (FindingSource(SOURCE, FILES.cells),)
    return Findings(tuple(item.marked(simulated=opened.simulated).traced(source) for item in said))


def table_reasons(opened: OpenEdition) -> Table | Findings:
    """Show what officers were looking for, and how often the result was linked to it."""
    year = _year(opened)
    if year is None:
        return Findings(())
    people = people_searched(year.cells)
    reasons = people["object_of_search"].replace("", NOT_GIVEN)
    counts = people.groupby(reasons)["count"].sum().sort_values(ascending=False, kind="stable")
    gate = pass_gate(counts, rule=RULE, table="Searches by reason", add_down=False)
    lines = []
    for reason in counts.index:
        mine = people[reasons == reason]
        known = mine[mine["outcome_linked"] != ""]
        found = share(int(known.loc[known["outcome_linked"] == "true", "count"].sum()), int(known["count"].sum()))
        lines.append(
            {
                "What was looked for": str(reason),
                "Searches": gate.frame.loc[reason].iloc[0],
                "Share of searches": say_percentage(100 * int(counts[reason]) / year.searches.people),
                "Result linked to it": _percent(found),
                "Likely range": _limits(found),
            }
        )
    caption = f"What officers were looking for, {_when(opened, year)}, {opened.area.name}"
    notes = ("Searches of vehicles alone are not counted.",)
    return Table(pd.DataFrame(lines), caption, "stops-reasons", notes, opened.simulated)


def table_results(opened: OpenEdition) -> Table | Findings:
    """Show how searches ended."""
    year = _year(opened)
    if year is None:
        return Findings(())
    people = people_searched(year.cells)
    counts = people.groupby(people["outcome"].map(result_of))["count"].sum().sort_values(ascending=False, kind="stable")
    gate = pass_gate(counts, rule=RULE, table="Searches by result", add_down=False)
    frame = pd.DataFrame(
        {
            "Result": [str(name) for name in counts.index],
            "Searches": gate.frame.iloc[:, 0].to_list(),
            "Share of searches": [say_percentage(100 * int(count) / year.searches.people) for count in counts],
        }
    )
    caption = f"How searches ended, {_when(opened, year)}, {opened.area.name}"
    return Table(frame, caption, "stops-results", (), opened.simulated)


def table_groups(opened: OpenEdition) -> Table | Findings:
    """Show searches by ethnicity, age and sex, for each 1,000 residents and against the group compared with."""
    year = _year(opened)
    if year is None:
        return Findings(())
    lines = [
        {
            "Group": f"{item.characteristic}: {item.group}",
            "Searches": item.searches,
            "Residents": item.residents if item.residents is not None else pd.NA,
            "Per 1,000 residents a year": f"{item.rate.value:.1f}" if item.rate else "[x]",
            "Times the rate of the group compared": f"{item.ratio.rate_ratio:.1f}" if item.ratio else "[z]",
            "Likely range": f"{item.ratio.low:.1f} to {item.ratio.high:.1f}" if item.ratio else "[z]",
        }
        for item in year.groups
    ]
    frame = pd.DataFrame(lines).astype({"Residents": "Int64", "Searches": "Int64"})
    caption = f"Searches of people by group, {_when(opened, year)}, {opened.area.name}"
    notes = (
        "Groups are compared with people recorded as White, people over 34, and females. [x] not available; [z] not "
        "applicable.",
        LIMITS,
    )
    return Table(frame, caption, "stops-groups", notes, opened.simulated)


def chart_groups(opened: OpenEdition) -> Chart | Findings:
    """Chart how often groups were searched against the group that they are compared with, with intervals."""
    year = _year(opened)
    shown = [item for item in year.groups if item.ratio and item.searches and item.group != "Not known"] if year else []
    if year is None or not shown:
        return Findings(())
    rows = {
        f"{_short(item.characteristic)}: {item.group}": Interval(r.rate_ratio, r.low, r.high, r.confidence, r.method)
        for item in shown
        if (r := item.ratio)
    }
    more = sum(interval.low > 1 for interval in rows.values())
    subtitle = (
        f"Searches for each 1,000 residents, times the rate of the group compared (White; over 34; female); "
        f"{opened.area.name}, {_when(opened, year)}"
    )
    heading = Heading(
        key="stops-ratios",
        title=_title(more, len(rows)),
        subtitle=subtitle,
        source=SOURCE,
        simulated=opened.simulated,
    )
    return chart_intervals(rows, heading, line=1, unit="Times as often")


def _title(more: int, groups: int) -> str:
    if not more:
        return "No group was clearly searched more often than the group that it is compared with"
    were = "group was" if more == 1 else "groups were"
    return f"{more} {were} clearly searched more often than the group compared with, of {groups} groups"


def table_earlier(opened: OpenEdition) -> Table | Findings:
    """Show searches of earlier years in the area of people recorded as White and as Black."""
    years = earlier_years(opened.area.full_name)
    if not years:
        return Findings(())
    facts = earlier_facts()
    counts = pd.DataFrame(
        {"White": [year.white for year in years], "Black": [year.black for year in years]},
        index=[str(year.year) for year in years],
    ).astype("Int64")
    gate = pass_gate(counts, rule=RULE, table="Searches of earlier years", add_down=False, add_across=False)
    frame = gate.frame.reset_index(names="Year").rename(columns={name: f"Recorded as {name}" for name in counts})
    caption = f"{facts['title']}, {opened.area.name}"
    notes = (f"{facts['source']}. {facts['attribution']}.", *gate.notes)
    return Table(frame, caption, "stops-earlier", notes)


def _earlier(opened: OpenEdition) -> Finding:
    years = earlier_years(opened.area.full_name)
    if not any(year.white is not None for year in years):
        return absent("stops_none")
    facts = earlier_facts()
    said = describe_earlier(years, opened.area.name, facts["limits"])
    return said.traced((FindingSource(facts["source"], facts["file"]),), {"table": "#stops-earlier"})


def _year(opened: OpenEdition) -> _Year | None:
    table = opened.stops
    if table is None:
        return None
    span, force = opened.edition.span, opened.area.force
    months = table.months(force)
    months = months[(months >= span.first) & (months <= span.last)]
    if months.empty:
        return None
    cells = table.cells[table.cells["month"].isin(months)]
    root = opened.project.root
    people = float(residents_of(geography(opened.area.key, root), year_of(span)).people.sum())
    searches = summarise_searches(cells, people, len(months))
    account = table.account
    mine = account[account["month"].isin(months) & (account["force"] == force)]
    groups = rates_of_groups(cells, read_residents(root), len(months))
    return _Year(cells, months, searches, groups, int(mine["no_location"].sum()))


def _when(opened: OpenEdition, year: _Year) -> str:
    return say_period(year.months, opened.edition.span)


def _short(characteristic: str) -> str:
    return {
        "Ethnicity as the officer saw it": "Officer",
        "Ethnicity as the person said": "Self",
    }.get(characteristic, characteristic)


def _percent(found: Interval | None) -> str:
    return say_percentage(100 * found.value) if found else "[x]"


def _limits(found: Interval | None) -> str:
    return f"{100 * found.low:.1f}% to {100 * found.high:.1f}%" if found else "[x]"
