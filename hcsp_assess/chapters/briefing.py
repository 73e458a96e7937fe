"""What a briefing of two pages shows: a year from the findings of the report, or a quarter between two assessments."""

import pandas as pd

from hcsp_assess.assessment.findings import Finding
from hcsp_assess.assessment.key_figures import Certainty, KeyFigure
from hcsp_assess.assessment.levels import Level
from hcsp_assess.assessment.summary import QUESTIONS
from hcsp_assess.assessment.wording.briefing import (
    HOW_SURE,
    OUTCOMES_LATER,
    PROVISIONAL,
    RECORDED,
    describe_months_held,
    describe_moves,
    describe_quarter,
    describe_quarter_wards,
    describe_unusual_months,
    say_changes,
    say_report,
    say_simulated,
    say_sources,
    title_quarter,
    title_year,
)
from hcsp_assess.assessment.wording.key_figures import say_change, say_span
from hcsp_assess.assessment.wording.words import PERCENT_FROM, say_signed
from hcsp_assess.chapters.summary import summarise
from hcsp_assess.chapters.where.busiest import map_busiest, table_busiest
from hcsp_assess.edition.findings import EditionFindings
from hcsp_assess.edition.key_figures import key_figures
from hcsp_assess.edition.opened import OpenEdition
from hcsp_assess.edition.published import quarters_of
from hcsp_assess.edition.quarter import TYPES, QuarterCounts, partner_figures, quarters_before
from hcsp_assess.edition.series import unit_of
from hcsp_assess.periods import Quarter, Span
from hcsp_assess.report.briefing_page import Briefing, Part
from hcsp_assess.report.key_panel import KeyPanel
from hcsp_assess.report.tables import Table
from hcsp_assess.sources.indicators import Cell
from hcsp_assess.subject.crime_types import HEADLINES, RECORDED_CRIME, series
from hcsp_assess.subject.editions import RETURNS
from hcsp_assess.trends.rates import CountComparison

TOTAL = series(RECORDED_CRIME).label
#: Places that are numbered on the map, wards and rows of partners' figures that are named.
PLACES, WARDS, PARTNERS = 5, 5, 8
#: Parts of the summary: its first finding leads, the map belongs to the second, the third says what is missing.
CHANGED, WHERE, MISSING = "changed", "where", "missing"
#: Types that have a card of their own in the briefing of a quarter.
CARDS = (*HEADLINES, "violence", "shoplifting", "burglary", "criminal_damage_and_arson")


def brief_year(known: EditionFindings) -> Briefing:
    """Put together the briefing of an edition's year: the sentences and figures of its summary, on two pages."""
    opened = known.opened
    chosen = summarise(known).chosen
    lead = next(iter(chosen.get(CHANGED, ())), None)
    parts = [Part("Six key figures", (KeyPanel(key_figures(known)),), wide=True)]
    for question, findings in chosen.items():
        items = tuple(item for item in findings if item is not lead)
        if question == WHERE and opened.has_places:
            shown = (map_busiest(opened, PLACES, small=True), table_busiest(opened, PLACES, hotspots=False))
            parts.append(Part(QUESTIONS[question], (*items, *shown), wide=True))
        elif items:
            last = question == MISSING
            more = (HOW_SURE,) if last else ()
            parts.append(Part(QUESTIONS[question], (*items, *more), key="how-sure" if last else ""))
    if MISSING not in chosen:
        parts.append(Part("How sure we are", (HOW_SURE,), key="how-sure"))
    return Briefing(
        "briefing",
        title_year(opened.edition.title, opened.area.name),
        _partnership(opened),
        opened.edition.span.words,
        (lead,) if lead is not None else (),
        tuple(parts),
        say_simulated(published=bool(known.performances)) if opened.edition.simulated else "",
        (say_report(opened.edition.title), RECORDED, say_sources(_sources(known))),
    )


def brief_quarter(known: EditionFindings, found: QuarterCounts) -> Briefing:
    """Put together the briefing of a quarter: police records against a year earlier, indicators, partners' figures."""
    opened, span = known.opened, found.span
    place = opened.area.name
    crime = found.levels[TOTAL]
    lead = _mark(found, describe_quarter(place, crime, span, clear=found.clear(crime.label), unit="crimes"))
    before = span.year_before
    compared = [found.levels[name] for name in _type_names(found) if found.levels[name].comparison is not None]
    changed = [
        _mark(found, describe_moves(found.moved(word), len(compared), before, word)) for word in ("rising", "falling")
    ]
    unusual = _mark(found, describe_unusual_months(found.unusual, len(found.levels) - 1))
    parts = [
        Part("Six key figures", (KeyPanel(_cards(found)),), wide=True),
        Part("What has changed", (*(changed if compared else ()), unusual, *say_changes(found.changes))),
        Part("Where", (_wards(found),)),
        Part("Crime by type", (_table_types(found),), wide=True),
    ]
    parts += _indicators(known, span) + _partners(opened, span)
    held = found.held
    part_held = len(held) < len(span.months)
    missing = [describe_months_held(Span(held[0], held[-1]), len(held), len(span.months))] if part_held else []
    parts.append(Part("How sure we are", (*missing, HOW_SURE, PROVISIONAL, OUTCOMES_LATER), key="how-sure"))
    return Briefing(
        f"briefing-{span.first.year}-q{span.first.quarter}",
        title_quarter(span),
        _partnership(opened),
        opened.edition.title,
        (lead,),
        tuple(parts),
        say_simulated(published=bool(known.performances)) if opened.edition.simulated else "",
        (RECORDED, say_sources(_sources(known))),
    )


def _partnership(opened: OpenEdition) -> str:
    return f"{opened.area.name} Community Safety Partnership"


def _sources(known: EditionFindings) -> list[str]:
    official = [source.name for source in known.official.level.sources] if known.official is not None else []
    opened = known.opened
    none = opened.has_returns and not opened.returns.names_received
    return [*official, *(item.name for item in opened.edition.sources if not (none and item.key == RETURNS))]


def _mark(found: QuarterCounts, finding: Finding) -> Finding:
    return finding.marked(simulated=found.opened.simulated)


def _type_names(found: QuarterCounts) -> list[str]:
    return [name for name in (series(key).label for key in TYPES) if name in found.levels]


def _cards(found: QuarterCounts) -> list[KeyFigure]:
    return [_card(found, key, found.levels[series(key).label]) for key in CARDS if series(key).label in found.levels]


def _card(found: QuarterCounts, key: str, level: Level) -> KeyFigure:
    """A series in the quarter, with the quarters before it as bars."""
    span, before = found.span, found.span.year_before
    result, certainty, way = level.comparison, "not tested", ""
    change = f"the same months of {before.last.year} are not held"
    if result is not None:
        when = f"in the same months of {before.last.year}"
        if level.months_compared < level.months_in_period:
            when = f"in {before.last.year}, over the {level.months_compared} months held in both"
        change = say_change(result.count, result.count_before, when)
        certainty = "clear" if found.clear(level.label) else "no clear change"
        if certainty == "clear":
            way = "rise" if result.count > result.count_before else "fall"
    simulated = found.opened.simulated
    held = "" if level.months_published == level.months_in_period else f", {level.months_published} months held"
    return KeyFigure(
        key,
        level.label,
        f"{level.count:,}",
        f"{unit_of(level.label)}, {say_span(span)}{held}" + (" (simulated)" if simulated else ""),
        change,
        "",
        certainty,  # type: ignore[arg-type]
        way,  # type: ignore[arg-type]
        quarters_before(found.monthly[level.label], span),
        simulated=simulated,
    )


def _table_types(found: QuarterCounts) -> Table:
    """Every type of the quarter against the same months a year earlier, where those are held."""
    before, levels = found.span.year_before, [found.levels[name] for name in (TOTAL, *_type_names(found))]
    caption = f"Recorded crime by type, {found.opened.area.name}, {say_span(found.span)}"
    names = ["Type of crime", say_span(found.span), f"Same months of {before.last.year}", "Change", "How sure"]
    rows = [
        (level.label, result.count, result.count_before, _change(result), _sure(found, level))
        for level in levels
        if (result := level.comparison) is not None
    ]
    if not rows:
        rows = [(level.label, level.count) for level in levels]  # type: ignore[misc]
    frame = pd.DataFrame(rows, columns=names[: len(rows[0])])
    frame = frame.astype(dict.fromkeys(frame.columns[1:3], "Int64"))
    months = levels[0].months_compared
    part = f"Only the {months} months held in both years are compared." if 0 < months < 3 else ""
    return Table(frame, caption, "quarter-types", (part,) if part else (), found.opened.simulated)


def _change(result: CountComparison) -> str:
    """The change in per cent; of few, in numbers."""
    if result.count_before < PERCENT_FROM:
        return say_signed(result.count - result.count_before)
    return f"{say_signed(100 * (result.count / result.count_before - 1))}%"


def _sure(found: QuarterCounts, level: Level) -> str:
    if not found.clear(level.label):
        return "no clear change"
    result: Certainty = "clear"
    rose = level.comparison is not None and level.comparison.count > level.comparison.count_before
    return f"{result} {'rise' if rose else 'fall'}"


def _wards(found: QuarterCounts) -> Finding:
    """The wards with most recorded crime in the months of the quarter that are held."""
    counts = found.opened.counts("lsoa").reindex(found.span.months).sum().astype(int)
    wards = pd.Series({small.code: small.ward_name for small in found.opened.area.small_areas})
    by_ward = counts.groupby(wards).sum().sort_values(ascending=False, kind="stable")
    named = [(str(name), int(count)) for name, count in by_ward.head(WARDS).items()]
    return _mark(found, describe_quarter_wards(named, int(by_ward.sum()), len(by_ward)))


def _indicators(known: EditionFindings, span: Span) -> list[Part]:
    """The partnership's indicators as published for the quarter, where the edition has them."""
    quarter, rows = Quarter.of(span.first), []
    every = quarters_of(known.opened.edition, known.opened.area)
    for item in known.performances:
        cells = every.get(item.indicator.key, {})
        now, before = cells.get(quarter), cells.get(quarter.year_before)
        if now is not None and now.value is not None:
            earlier = _printed(before) if before is not None and before.value is not None else "not published"
            rows.append((item.indicator.name, _printed(now), earlier))
    if not rows:
        return []
    frame = pd.DataFrame(rows, columns=["Indicator", say_span(span), "A year earlier"])
    caption = f"The partnership's indicators as published, {say_span(span)}"
    return [Part("How we are doing against the plan", (Table(frame, caption, "quarter-indicators"),))]


def _printed(cell: Cell) -> str:
    """A published figure as the rest of the page prints numbers."""
    return cell.printed if cell.printed.endswith("%") else f"{cell.value:,.0f}"


def _partners(opened: OpenEdition, span: Span) -> list[Part]:
    """Figures that partners sent for the quarter, as they may be published."""
    table = partner_figures(opened, span)
    if table.empty:
        return []
    shown = table.head(PARTNERS)
    frame = shown[["title", "now", "before"]].set_axis(["Figure", say_span(span), "A year earlier"], axis=1)
    more = len(table) - len(shown)
    notes = (f"{more} more are in the report and its workbook.",) if more else ()
    caption = f"Figures from partners, {say_span(span)}"
    made = Table(frame, caption, "quarter-partners", notes, opened.returns.simulated)
    return [Part("What partners report", (made,))]
