"""What the chapter on the plan shows beside the work plan: last year's objectives, starting points, who sits where."""

from collections.abc import Mapping

import pandas as pd

from hcsp_assess.assessment.baselines import Baseline, parse_baselines
from hcsp_assess.assessment.findings import Findings
from hcsp_assess.assessment.markers import marker_share, published_share
from hcsp_assess.assessment.plan import Plan
from hcsp_assess.chapters.shared.same_records import EXTRACT, VIOLENCE
from hcsp_assess.disclosure import disclosure_rule, published_total
from hcsp_assess.edition.findings import EditionFindings
from hcsp_assess.edition.returns import EditionReturns
from hcsp_assess.errors import InputError
from hcsp_assess.periods import Quarter, parse_quarter
from hcsp_assess.report.tables import NO_DATA, Table

FEW = "too few to publish"
QUARTERS = 4  # a starting point is the sum of so many, so that the season is in it once


def table_objectives(plan: Plan) -> Table:
    """Show the objectives of last year's priorities beside those of this year's."""
    chosen = plan.priorities[plan.priorities["objective"].fillna("") != ""]
    by_year = {year: rows.set_index("priority") for year, rows in chosen.groupby("year")}
    before, now = by_year[plan.previous_year], by_year[plan.year]
    rows = []
    for key in dict.fromkeys([*now.index, *before.index]):
        row = now.loc[key] if key in now.index else before.loc[key]
        then = before["objective"].get(key, "not a priority")
        new = now["objective"].get(key, "no longer a priority")
        rows.append((row["name"], then, "as in the year before" if new == then else new))
    years = [f"Objective in {year.replace('-', '/')}" for year in (plan.previous_year, plan.year)]
    caption = f"Objectives of {plan.previous_year.replace('-', '/')} and of {plan.year.replace('-', '/')}"
    return Table(pd.DataFrame(rows, columns=["Priority", *years]), caption, "plan-objectives")


def table_boards(plan: Plan) -> Table:
    """Show who sits on the body that carries out the partnership's duties, and who sits on another board as well."""
    governance = plan.governance
    rows = [
        (str(governance["body"]), "; ".join(governance["members"])),
        ("Each responsible authority", "; ".join(governance["responsible_authorities"])),
    ]
    if other := governance.get("other_board"):
        rows.append((f"On this group and on the {other}", "; ".join(governance["both_boards"])))
    frame = pd.DataFrame(rows, columns=["Body", "Who sits on it"])
    return Table(frame, "Who carries out the partnership's duties", "plan-governance")


def table_baselines(known: EditionFindings, plan: Plan) -> Table | Findings:
    """Show the starting point of each measure of the work plan; nothing where none has been set."""
    mine = plan.work_plan[(plan.work_plan["year"] == plan.year) & (plan.work_plan["part"] == "measure")]
    baselines = parse_baselines(known.texts, mine["text"].to_list())
    if not baselines:
        return Findings(())
    names = plan.priorities[plan.priorities["year"] == plan.year].set_index("priority")["name"]
    priority = {row["text"]: str(names.get(row["priority"], row["priority"])) for _, row in mine.iterrows()}
    rows = [(item.measure, priority[item.measure], *_start(known, item), item.what) for item in baselines]
    frame = pd.DataFrame(rows, columns=["Measure", "Priority", "Starting point", "When", "What is counted"])
    year = plan.year.replace("-", "/")
    simulated = known.opened.has_returns and known.opened.returns.simulated
    has = sum(text[:1].isdigit() for text in frame["Starting point"])
    caption = f"Starting points of the measures for {year}: {has} of {len(frame)} have a figure"
    return Table(frame, caption, "plan-baselines", simulated=simulated)


def _start(known: EditionFindings, item: Baseline) -> tuple[str, str]:
    """The figure and when it is of."""
    if item.kind == "none":
        return "no figure yet", item.key
    if item.kind == "figure":
        return _figure(known, item.key)
    if item.kind == "indicator":
        return _indicator(known, item.key)
    if not known.opened.has_returns:
        return NO_DATA, ""
    returns = known.opened.returns
    if item.kind == "markers":
        return _both_markers(returns, *item.markers)
    return _series(returns, item) if item.kind == "series" else _return(returns, item)


def _figure(known: EditionFindings, key: str) -> tuple[str, str]:
    if known.published is None or key not in set(known.published.figures["figure"]):
        raise InputError(f"baselines.toml has the figure {key!r}, which no published figure is called")
    row = known.published.figures.set_index("figure").loc[key]
    when = _month(str(row["period"] or ""))
    return f"{float(str(row['value'])):g}%", f"{when}, as published" if when else "as published"


def _indicator(known: EditionFindings, key: str) -> tuple[str, str]:
    found = next((each for each in known.performances if each.indicator.key == key), None)
    if found is None or found.latest is None:
        return NO_DATA, ""
    return found.latest.printed, f"{_quarters([found.latest.quarter])}, as published"


def _series(returns: EditionReturns, item: Baseline) -> tuple[str, str]:
    if item.key not in returns.series:
        raise InputError(f"baselines.toml has the series {item.key!r}, which definitions/partner_series.toml lacks")
    series = returns.series[item.key]
    last = series.counts.reindex([str(quarter) for quarter in returns.quarters]).tail(QUARTERS)
    return _count(last, series.rule), _held(last)


def _return(returns: EditionReturns, item: Baseline) -> tuple[str, str]:
    combined = returns.combined(item.key)
    rows = combined.rows
    for column, value in item.where.items():
        rows = rows[rows[column] == value]
    by_quarter = rows.groupby("quarter")[item.column]
    whole = by_quarter.sum().where(by_quarter.count() == by_quarter.size()).astype("Int64")  # a hidden part hides it
    wanted = [str(quarter) for quarter in returns.quarters if str(quarter) in whole.index]
    last = whole.reindex(wanted).tail(1 if item.latest else QUARTERS)
    groups = {str(name): [int(count) for count in counts.dropna()] for name, counts in by_quarter}
    return _count(last, combined.definition.disclosure, groups), _held(last)


def _both_markers(returns: EditionReturns, first: str, second: str) -> tuple[str, str]:
    combined = returns.combined(EXTRACT)
    rows = combined.rows
    if rows.empty:
        return NO_DATA, ""
    marked = rows[(rows["offence_group"] == VIOLENCE) & rows[first].astype("boolean").fillna(value=False)]
    rule = disclosure_rule(combined.definition.disclosure)
    result = published_share(marker_share(marked, second), rule)
    if result is None or result.share is None or not 0 < result.part < result.whole:
        return FEW, ""
    days = rows["date"]
    return f"{100 * result.share.value:.0f}%", f"{days.min():%B %Y} to {days.max():%B %Y}"


def _count(counts: pd.Series, rule: str, groups: Mapping[str, list[int]] | None = None) -> str:
    """The sum of the published quarters; a hidden quarter hides it. The total of groups gives none of them away."""
    if counts.empty:
        return NO_DATA
    used = disclosure_rule(rule)
    if counts.isna().any() or ((counts > 0) & (counts < used.minimum)).any():
        return FEW
    parts = groups or {}
    return f"{sum(published_total(parts.get(str(name), [int(count)]), used) for name, count in counts.items()):,}"


def _held(counts: pd.Series) -> str:
    return _quarters([parse_quarter(str(name)) for name in counts.index])


def _quarters(quarters: list[Quarter]) -> str:
    """Quarters as months in words."""
    if not quarters:
        return ""
    first, last = quarters[0].span.first, quarters[-1].span.last
    if first.year == last.year:
        return f"{first.strftime('%B')} to {last.strftime('%B %Y')}"
    return f"{first.strftime('%B %Y')} to {last.strftime('%B %Y')}"


def _month(period: str) -> str:
    """A month of a published figure in words: "2011-09" is September 2011; other periods stay as they are."""
    try:
        return pd.Period(period, "M").strftime("%B %Y") if len(period) == 7 and period[5:] <= "12" else period
    except ValueError:
        return period
