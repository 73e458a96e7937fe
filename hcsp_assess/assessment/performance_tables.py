"""Tables of the performance overview: as printed, and what was worked out from it. Plain frames, one row a thing."""

from collections.abc import Iterable
from typing import Any

import pandas as pd

from hcsp_assess.assessment.performance import Performance
from hcsp_assess.periods import FinancialYear, Quarter
from hcsp_assess.sources.indicators import Indicator, Published, check_published

#: Heading of the indicators that are under no priority with a heading.
OTHERS = "Indicators under no priority"


def overview_table(indicators: tuple[Indicator, ...], published: Published) -> pd.DataFrame:
    """Lay the performance overview out as it was printed.

    Returns
    -------
    pandas.DataFrame
        In the order of the page, one row a heading and one an indicator; those under no priority come last. Columns:
        `Row` ("heading" or "indicator"), `Priority and Performance Indicator`, `2012/13 Target` (the year of the
        overview), `Data Source`, one for each quarter, `Note`. A cell is the text printed; "" where the quarter was
        printed without a figure, missing (NA) where it was not printed. `Note` has what is beneath the cells ("Data not
        yet available").

    Raises
    ------
    InputError
        If definitions and cells do not fit together.
    """
    check_published(indicators, published)
    year = published.overview_year
    quarters = sorted({cell.quarter for cell in published.cells})
    printed = {(cell.indicator, cell.quarter): cell.printed for cell in published.cells}
    rows: list[Any] = []
    headings = {priority["priority"]: priority["heading"] for priority in _headings(published, year)}
    if any(item.priority(year) not in headings for item in indicators):
        headings |= {item.priority(year): OTHERS for item in indicators if item.priority(year) not in headings}
    shown: set[str] = set()
    for priority, heading in headings.items():
        if heading not in shown or heading != OTHERS:
            rows.append(["heading", heading, "", "", *[""] * len(quarters), ""])
        shown.add(heading)
        for item in (item for item in indicators if item.priority(year) == priority):
            target = item.target(year)
            cells = [printed.get((item.key, quarter), pd.NA) for quarter in quarters]
            note = "; ".join(text for text in (item.gap, item.note) if text)
            rows.append(["indicator", item.printed, target.printed if target else "", item.source, *cells, note])
    target_heading = f"{year.start}/{(year.start + 1) % 100:02d} Target"
    columns = ["Row", "Priority and Performance Indicator", target_heading, "Data Source", *map(str, quarters), "Note"]
    return pd.DataFrame(rows, columns=columns, dtype=object)


def summary_table(performances: Iterable[Performance]) -> pd.DataFrame:
    """One row an indicator: latest figure, year to date, target, headroom, direction with its certainty, rating.

    Returns
    -------
    pandas.DataFrame
        `change` is in per cent for counts and in percentage points for percentages (`change_unit`); NaN where there is
        nothing to compare. `rating` comes with `symbol`, `colour` and `reason`: colour never stands alone.
    """
    return pd.DataFrame([_summary(item) for item in performances])


def sparkline_values(performance: Performance) -> pd.Series:
    """Return the quarters of one indicator, every one from first to last printed, missing where there is no figure."""
    values = {cell.quarter: cell.value for cell in performance.cells}
    index = _run(min(values), max(values)) if values else []
    labels = pd.Index([str(quarter) for quarter in index], name="quarter")
    return pd.Series([values.get(quarter) for quarter in index], index=labels, dtype="Float64")


def history_table(indicators: tuple[Indicator, ...], published: Published) -> pd.DataFrame:
    """Each indicator in each year, under the priority it was then under: history follows it when it moves.

    Returns
    -------
    pandas.DataFrame
        `indicator`, `name`, `year`, `priority` (key, "" for none), `moved` (another priority than the year before),
        `quarters` (with a figure), `outturn` (sum of four quarters of a count, fourth quarter of a percentage; missing
        where not known), `latest` (as printed) and `target` (as printed).
    """
    years = sorted({cell.quarter.year for cell in published.cells} | {y for i in indicators for y, _ in i.priorities})
    rows: list[Any] = []
    for item in indicators:
        for year in years:
            known = {
                cell.quarter: cell
                for cell in published.cells
                if cell.indicator == item.key and cell.quarter.year == year and cell.printed
            }
            target, before = item.target(year), item.priority(year.previous)
            rows.append(
                {
                    "indicator": item.key,
                    "name": item.name,
                    "year": str(year),
                    "priority": item.priority(year),
                    "moved": bool(before) and bool(item.priority(year)) and before != item.priority(year),
                    "quarters": len(known),
                    "outturn": _outturn(item, year, {quarter: cell.value for quarter, cell in known.items()}),
                    "latest": known[max(known)].printed if known else "",
                    "target": target.printed if target else "",
                }
            )
    return pd.DataFrame(rows).astype({"outturn": "Float64"})


def _headings(published: Published, year: FinancialYear) -> list[dict[str, str]]:
    table = published.priorities
    return table[(table["year"] == str(year)) & (table["heading"] != "")].to_dict("records")  # type: ignore[return-value]


def _summary(item: Performance) -> dict[str, object]:
    status, change = item.target, item.year_to_date
    percentage = item.indicator.unit == "percent"
    return {
        "indicator": item.indicator.key,
        "name": item.indicator.name,
        "priority": item.indicator.priority(item.year),
        "latest_quarter": str(item.latest.quarter) if item.latest else "",
        "latest": item.latest.printed if item.latest else "",
        "year_to_date": change.value if change else None,
        "year_to_date_before": change.value_before if change else None,
        "change": (change.difference if percentage else change.percent) if change else None,
        "change_unit": "percentage points" if percentage else "per cent",
        "direction": change.direction if change else "",
        "certainty": change.certainty if change else "cannot be tested",
        "target": status.target.printed if status else "",
        "headroom": status.headroom if status else None,
        "expected": status.expected if status else None,
        "rating": item.rated.rating,
        "symbol": item.rated.symbol,
        "colour": item.rated.colour,
        "reason": item.rated.reason,
        "warning": item.warning,
    }


def _outturn(item: Indicator, year: FinancialYear, values: dict[Quarter, float | None]) -> float | None:
    if item.unit == "count":
        known = [values[quarter] for quarter in year.quarters if quarter in values]
        return sum(value for value in known if value is not None) if len(known) == 4 else None
    return values.get(year.quarters[-1])


def _run(first: Quarter, last: Quarter) -> list[Quarter]:
    quarters = [first]
    while quarters[-1] < last:
        quarters.append(quarters[-1] + 1)
    return quarters
