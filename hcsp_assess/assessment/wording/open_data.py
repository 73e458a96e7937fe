"""Sentences about open data: the latest figure, what it is compared with, and what that means."""

import math
from typing import Any

import pandas as pd

from hcsp_assess.assessment.area_in_figures import AreaFigure
from hcsp_assess.assessment.findings import Direction, Finding, FindingSource
from hcsp_assess.assessment.open_data import OpenFigure
from hcsp_assess.assessment.wording.words import listed
from hcsp_assess.sources.open_data.definitions import Measure

SMALL = 100  # counts below this are said to swing from year to year
SIMILAR = 20  # areas on the ONS's list of each
TRENDS = {"Increasing": "rising", "Decreasing": "falling", "No significant change": "no clear trend"}


def describe_figure(item: OpenFigure) -> Finding:
    """Say the latest figure of a measure, how it compares, and where it is from."""
    latest, key = item.latest, item.measure.key
    parts = [f"{item.measure.title}: {say_value(item, latest['value'])} in {latest['period']}{_beside(item)}."]
    parts += [text for text in (_change(item), _course(item)) if text]
    caveats = (item.measure.caveat,) if item.measure.caveat else ()
    numbers = {"value": float(latest["value"]), "low": item.low, "high": item.high, "change": item.change}
    for name, row in (("region", item.region), ("country", item.country)):
        numbers |= {name: float(row["value"])} if row is not None else {}
    evidence: dict[str, Any] = {name: value for name, value in numbers.items() if not math.isnan(value)}
    evidence |= {"first": str(latest["starts"]), "last": str(latest["ends"])}
    found = Finding(f"open_{key}", " ".join(parts), evidence, "", caveats, direction=_direction(item))
    return found.traced((FindingSource(item.supplier.label),))


def describe_not_readable(title: str) -> Finding:
    """Say that a supplier's files are held and cannot be used."""
    return Finding(f"open_unreadable_{title[:20].lower().replace(' ', '_')}", f"Open data could not be read: {title}.")


def say_value(item: OpenFigure, value: float) -> str:
    """A value with its unit: 1,234 people; 25.1 per 100,000; 18.0%."""
    unit = item.measure.unit
    text = f"{value:,.0f}" if item.measure.counts else f"{value:,.1f}"
    return f"{text}%" if unit == "%" else f"{text} {unit}" if not item.measure.counts else text


def show_figure(measure: Measure, value: float, place: str = "") -> str:
    """A figure of a table: 18.0%, 9,100, 22.5% (United Kingdom); "no data" where it is missing."""
    if math.isnan(value):
        return "no data"
    whole = measure.unit in ("businesses", "vehicles")
    text = f"{value:,.0f}" if whole else f"{value:,.1f}"
    text = f"{text}%" if measure.unit == "%" else text
    return f"{text} ({place})" if place else text


def how_many(line: AreaFigure) -> str:
    """How many similar areas have a figure, where not all of them do: "7 areas"."""
    return "" if line.similar_with_figure == SIMILAR else f"{line.similar_with_figure} areas"


def say_range(item: OpenFigure) -> str:
    """The likely range of the latest value; "" where there is none."""
    if math.isnan(item.low) or math.isnan(item.high):
        return ""
    digits = 0 if item.measure.counts else 1
    return f"{item.low:,.{digits}f} to {item.high:,.{digits}f}"


def say_course(item: OpenFigure) -> str:
    """The course over the periods held, in words of the report; what the publisher says of a rate."""
    if item.course:
        first = item.periods.iloc[0]["period"]
        return f"{item.course} since {first}" if item.course != "no clear trend" else item.course
    said = str(item.latest["trend"])
    found = next((words for start, words in TRENDS.items() if said.startswith(start)), "")
    return f"{found} (as published)" if found else "not tested"


def _beside(item: OpenFigure) -> str:
    """The likely range, and the region's and the country's figure, where they are on the same scale."""
    if item.measure.counts:
        return ""
    span = say_range(item)
    told = f" (likely between {span.replace(' to ', ' and ')})" if span else ""
    rows = [row for row in (item.region, item.country) if row is not None]
    others = listed([f"{float(row['value']):,.1f} in {_place(row)}" for row in rows]) if rows else ""
    return f"{told}; {others}" if others else told


def _place(row: pd.Series) -> str:
    name = str(row["area_name"]).removesuffix(" region")
    return (
        f"the {name}"
        if name in ("North East", "North West", "West Midlands", "East Midlands", "South East", "South West")
        else name
    )


def _change(item: OpenFigure) -> str:
    before = item.before
    if item.beside_country:
        name = "England" if item.country is None else _place(item.country)
        return {
            "higher": f"That is higher than in {name}.",
            "lower": f"That is lower than in {name}.",
            "similar": f"The difference from {name} is too small to be sure of.",
        }[item.beside_country]
    if before is None or math.isnan(item.change):
        return ""
    size, name = abs(item.change), before["period"]
    if size < 0.5:
        return f"That is the same as in {name}."
    told = f"That is {size:,.0f} {'more' if item.change > 0 else 'fewer'} than in {name}"
    if math.isnan(item.p_change):
        return f"{told}; too few years are held to say whether that is unusual."
    if item.clear_change:
        return f"{told}, more than the usual variation from year to year."
    if float(item.latest["value"]) < SMALL:
        return f"{told}. Numbers this small swing from year to year, so it may not last."
    return f"{told}, within the usual variation from year to year."


def _course(item: OpenFigure) -> str:
    if item.course in ("rising", "falling"):
        return f"Over the {len(item.periods)} years held, the number is {item.course}."
    return ""


def _direction(item: OpenFigure) -> Direction:
    if item.course in ("rising", "falling"):
        return "rising" if item.course == "rising" else "falling"
    if item.clear_change:
        return "rising" if item.change > 0 else "falling"
    return "no clear change" if not math.isnan(item.p_change) else ""
