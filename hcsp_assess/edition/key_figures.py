"""The key figures of an edition: each from official figures, the partnership's indicators, or police records."""

from collections.abc import Callable
from typing import Literal

import pandas as pd

from hcsp_assess.assessment.key_figures import (
    Candidate,
    Certainty,
    KeyFigure,
    candidates,
    choose_key_figures,
)
from hcsp_assess.assessment.levels import find_levels
from hcsp_assess.assessment.performance import Performance
from hcsp_assess.assessment.wording.key_figures import say_change, say_points, say_rates, say_span
from hcsp_assess.edition.findings import EditionFindings
from hcsp_assess.edition.outcome_findings import CHAPTER as OUTCOMES
from hcsp_assess.edition.outcome_findings import find_outcomes
from hcsp_assess.edition.then_and_now import compare_edition
from hcsp_assess.periods import FinancialYear, Quarter, Span
from hcsp_assess.sources.recorded_crime import held_official_crime, official_files
from hcsp_assess.subject.crime_types import RECORDED_CRIME

Direction = Literal["rise", "fall", ""]
#: Months of a calendar year that must be held for its bar in a small chart.
LEAST_MONTHS = 4
#: Quarters that a small chart draws at most.
MOST_QUARTERS = 8
CERTAINTY: dict[str, Certainty] = {
    "clear": "clear",
    "doubtful": "no clear change",
    "no clear change": "no clear change",
    "cannot be tested": "not tested",
}


def key_figures(known: EditionFindings) -> tuple[KeyFigure, ...]:
    """Return the figures that open the summary, by the rule in `definitions/key_figures.toml`."""
    found = {}
    for item in candidates():
        figure = _figure(known, item)
        if figure is not None:
            found[item.key] = figure
    return choose_key_figures(found, _by_priority(known))


def _by_priority(known: EditionFindings) -> list[list[str]]:
    """For each priority of the plan for the coming year, the figures that are its indicators."""
    if known.published is None:
        return []
    year = FinancialYear(known.published.overview_year.start + 1)
    table = known.published.priorities
    mine = table[(table["year"] == str(year)) & (table["kind"] == "priority")]
    return [
        [item.indicator.key for item in known.performances if item.indicator.priority(year) == priority]
        for priority in mine["priority"]
    ]


def _figure(known: EditionFindings, item: Candidate) -> KeyFigure | None:
    """The figure from the first source that the edition has; None where it has none."""
    for name, make in _SOURCES:
        if getattr(item, name):
            figure = make(known, item)
            if figure is not None:
                return figure
    return None


def _from_official(known: EditionFindings, item: Candidate) -> KeyFigure | None:
    """A count of official recorded crime beside similar areas."""
    official = known.official
    if official is None or item.official not in official.picture.table.index:
        return None
    picture = official.picture
    change, ranking = picture.changes.get(item.official), picture.rankings.get(item.official)
    count = picture.table["count"][item.official]
    if pd.isna(count):
        return None
    certainty: Certainty = "not tested" if change is None else "clear" if change.clear else "no clear change"
    return KeyFigure(
        item.key,
        item.name,
        f"{int(count):,}",
        f"crimes in {picture.year}",
        say_change(change.count, change.before, f"in {year_in_words(picture.before)}")
        if change is not None and picture.before is not None
        else "no earlier year to compare with",
        say_rates(ranking.rate, ranking.median) if ranking is not None else "",
        certainty,
        _way(change.percent if change is not None and change.clear else 0),
        _official_years(known, item.official),
        link=official.level.links.get("table", ""),
    )


def year_in_words(end: pd.Period) -> str:
    """A year by its last month, in words: "2023", or "the year to June 2025"."""
    return str(end.year) if end.month == 12 else f"the year to {end.strftime('%B %Y')}"


def _official_years(known: EditionFindings, group: str) -> tuple[tuple[str, float | None], ...]:
    """The official counts of one group by year, up to the edition's own."""
    opened = known.opened
    root, code = opened.project.root, opened.area.partnership_code

    def read() -> pd.DataFrame:
        table = held_official_crime(root).table
        return table[table["code"] == code]

    mine = opened.keep("official_years", read, *official_files(root))
    mine = mine[(mine["group"] == group) & (mine["year_end"] <= opened.edition.span.last)].sort_values("year_end")
    return tuple(
        (year_in_words(end), None if pd.isna(value) else float(value))
        for end, value in zip(mine["year_end"], mine["count"], strict=True)
    )


def _from_indicator(known: EditionFindings, item: Candidate) -> KeyFigure | None:
    """A figure that the partnership published, beside its target."""
    found = next((one for one in known.performances if one.indicator.key == item.indicator), None)
    if found is None or found.year_to_date is None or found.latest is None:
        return None
    change, percent = found.year_to_date, found.indicator.unit == "percent"
    months = say_span(Span(change.quarters[0].span.first, change.quarters[-1].span.last))
    certainty = CERTAINTY[change.certainty]
    points = tuple((say_span(cell.quarter.span), cell.value) for cell in found.cells)
    return KeyFigure(
        item.key,
        item.name,
        f"{change.value:.0f}%" if percent else f"{change.value:,.0f}",
        f"{_unit(found)}, {months}",
        (say_points if percent else say_change)(change.value, change.value_before, "a year earlier"),
        _target(found),
        certainty,
        _way(change.difference if certainty == "clear" else 0),
        points,
        percent,
        known.by_key[f"performance_{item.indicator}"].links.get("table", ""),
    )


def _unit(found: Performance) -> str:
    """What the number of an indicator is of, in few words."""
    words = {
        "recorded_crime": "crimes",
        "violence_with_injury": "offences",
        "killed_or_seriously_injured": "people",
        "marac_repeats": "of cases at the multi-agency risk assessment conference (MARAC)",
        "feel_safe": "of people asked",
    }
    return words.get(found.indicator.key, found.indicator.measure)


def _target(found: Performance) -> str:
    target = found.target
    if target is None or target.value is None:
        return "No target set"
    sign = "%" if found.indicator.unit == "percent" else ""
    rated = found.rated.rating
    year = str(found.year).replace("-", "/")
    return f"Target for {year}: {target.value:,.0f}{sign}" + (f", {rated}" if rated != "not rated" else "")


def _from_series(known: EditionFindings, item: Candidate) -> KeyFigure | None:
    """A count of police records: by quarter where the months are held, by year where there are holes."""
    series = known.verdicts.series.get(item.series)
    if series is None:
        return None
    span, trend = known.opened.edition.span, known.verdicts.trends[item.series]
    (level,) = find_levels(pd.DataFrame({series.label: series.counts}), span)
    if not level.months_published:
        return None
    holes = item.series in compare_edition(known.verdicts).found
    certainty: Certainty = "no clear change"
    way: Direction = ""
    if level.comparison is None:
        certainty, change = "not tested", "no earlier months to compare with"
    else:
        result = level.comparison
        when = f"in {span.year_before.name}"
        if level.months_compared < level.months_in_period:
            when = f"in the same {level.months_compared} months of {span.year_before.name}"
        change = say_change(result.count, result.count_before, when)
        if not result.low <= 1 <= result.high:
            certainty, way = "clear", _way(result.count - result.count_before)
    if not holes and trend.tested and trend.verdict in ("rising", "falling"):
        certainty = "confirmed" if trend.strength == "confirmed" else "probable"
        way = "rise" if trend.verdict == "rising" else "fall"
    simulated = known.opened.simulated
    return KeyFigure(
        item.key,
        item.name,
        f"{level.count:,}",
        f"{series.unit} in {span.name}" + (" (simulated)" if simulated else ""),
        change,
        _earlier(known, item.series) if holes else "",
        certainty,
        way,
        _by_year(series.counts) if holes else _by_quarter(series.counts),
        link=known.by_key[item.series].links.get("chart", "") if item.series in known.by_key else "",
        simulated=simulated,
        points_of="average month" if holes else "",
    )


def _earlier(known: EditionFindings, key: str) -> str:
    """The level of a series beside the earliest spell that it clearly differs from."""
    spells = [one for one in compare_edition(known.verdicts).found[key].spells if one.clear]
    if not spells:
        return ""
    one = spells[0]
    first = one.first.year if one.first.year == one.last.year else f"{one.first.year} to {one.last.year}"
    recording = "; how it is recorded has changed" if one.recording_changes else ""
    months = "" if one.assessed_months == 12 else f" in the same {one.assessed_months} months"
    return f"{one.assessed_per_month:.0f} a month{months}, against {one.per_month:.0f} in {first}{recording}"


def _from_outcome(known: EditionFindings, item: Candidate) -> KeyFigure | None:
    """A share of crimes by what happened after they were recorded."""
    if OUTCOMES not in known.opened.edition.chapters:
        return None
    found = find_outcomes(known.opened)
    if found is None:
        return None
    share = found.shares[RECORDED_CRIME][item.outcome]
    now, change = 100 * share.interval.value, found.changes.get(item.outcome)
    name = str(known.opened.edition.span.name)
    points: tuple[tuple[str, float | None], ...] = ((name, now),)
    said, certainty, way = "no earlier months to compare with", "not tested", ""
    if change is not None:
        spell = Span(found.spell[0], found.spell[-1])
        before = 100 * change.before.interval.value
        said = say_points(now, before, f"in {say_span(spell)}")
        certainty, way = ("clear", _way(change.difference)) if change.clear else ("no clear change", "")
        points = ((say_span(spell), before), *points)
    return KeyFigure(
        item.key,
        item.name,
        f"{now:.0f}%",
        f"of crimes recorded in {name}",
        said,
        "",
        certainty,  # type: ignore[arg-type]
        way,  # type: ignore[arg-type]
        points,
        True,
        known.outcomes[0].links.get("chart", "") if known.outcomes else "",
        known.opened.simulated,
    )


def _way(change: float) -> Direction:
    return "rise" if change > 0 else "fall" if change < 0 else ""


def _by_quarter(counts: pd.Series) -> tuple[tuple[str, float | None], ...]:
    """The last quarters that are held in full."""
    held = dict(zip(pd.PeriodIndex(counts.index), counts, strict=True))
    found: list[tuple[str, float | None]] = []
    for quarter in dict.fromkeys(Quarter.of(month) for month in held):
        values = [held.get(month, pd.NA) for month in quarter.months]
        whole = not any(pd.isna(value) for value in values)
        found.append((say_span(quarter.span), float(sum(values)) if whole else None))
    return tuple(found[-MOST_QUARTERS:])


def _by_year(counts: pd.Series) -> tuple[tuple[str, float | None], ...]:
    """The average month of each year from the first held; None for a year of which under `LEAST_MONTHS` are held."""
    held = counts.dropna()
    months = pd.PeriodIndex(held.index)
    years = range(months[0].year, months[-1].year + 1)
    found: list[tuple[str, float | None]] = []
    for year in years:
        mine = held[months.year == year]
        found.append((str(year), float(mine.mean()) if len(mine) >= LEAST_MONTHS else None))
    return tuple(found)


_SOURCES: tuple[tuple[str, Callable[[EditionFindings, Candidate], KeyFigure | None]], ...] = (
    ("official", _from_official),
    ("indicator", _from_indicator),
    ("series", _from_series),
    ("outcome", _from_outcome),
)
