"""A line for each priority of the plan, for the summary; and how much crime was recorded."""

from dataclasses import replace

from hcsp_assess.assessment.findings import Finding
from hcsp_assess.assessment.performance import Change, Performance
from hcsp_assess.assessment.wording.key_figures import say_span
from hcsp_assess.assessment.wording.priority_lines import (
    Measured,
    say_alcohol,
    say_domestic_abuse,
    say_feeling_safe,
    say_headline,
    say_level,
    say_not_measured,
    say_over_years,
    say_reoffending,
    say_roads,
)
from hcsp_assess.edition.findings import EditionFindings
from hcsp_assess.periods import Quarter, Span
from hcsp_assess.subject.crime_types import RECORDED_CRIME

#: Chapter of each line, in the order of the summary; the plan's own order comes first where there is a plan.
LINES = {
    "domestic_abuse": "Domestic abuse",
    "alcohol": "Alcohol",
    "offending": "Reoffending",
    "feeling_safe": "How safe people feel",
    "road_safety": "Road casualties",
}
#: Which line speaks of which priority of the plan.
OF_PRIORITY = {
    "domestic_abuse": "domestic_abuse",
    "alcohol_harm_reduction": "alcohol",
    "integrated_offender_management": "offending",
    "empowered_localities": "feeling_safe",
}
HEADLINE = ("crime_over_last_plan", "crime_first_year")


def priority_lines(known: EditionFindings) -> list[Finding]:
    """Say what is known of each priority, in the plan's order, then of the roads; what has no figure is named once."""
    found = {chapter: _lines(known, chapter) for chapter in _order(known)}
    said = [line for lines in found.values() for line in lines]
    silent = [LINES[chapter] for chapter, lines in found.items() if not lines]
    return [*said, *([say_not_measured(silent)] if silent else [])]


def say_year(known: EditionFindings) -> Finding:
    """Say how much crime was recorded, and reconcile the year's change with the trend over years."""
    indicator = _indicator(known, "recorded_crime")
    if indicator is None:
        return replace(known.levels[0], certainty="", caveats=())
    published = known.by_key["performance_recorded_crime"]
    year = say_level(_measured(indicator), over_years=_over_years(known, RECORDED_CRIME))
    year = year.traced(published.sources, published.links)
    headline = _headline(known)
    if headline is None:
        return year
    return replace(
        year,
        sentence=f"{headline.sentence} {year.sentence}",
        evidence={**headline.evidence, **year.evidence},
        key=year.key,
    )


def _headline(known: EditionFindings) -> Finding | None:
    """The strategy's own headline on recorded crime, from the figures of its text."""
    if known.published is None:
        return None
    figures = known.published.figures.set_index("figure")
    if not set(HEADLINE) <= set(figures.index):
        return None
    plan, first = (float(str(figures["value"][name])) for name in HEADLINE)
    return say_headline(plan, first)


def _order(known: EditionFindings) -> list[str]:
    """The lines in the order of the summary: those of the plan's priorities lead."""
    if known.published is None:
        return list(LINES)
    table = known.published.priorities
    coming = str(table["year"].max())
    mine = table[(table["year"] == coming) & (table["kind"] == "priority")]["priority"]
    named = [OF_PRIORITY[name] for name in mine if name in OF_PRIORITY]
    return sorted(LINES, key=lambda chapter: (chapter not in named, list(LINES).index(chapter)))


def _lines(known: EditionFindings, chapter: str) -> list[Finding]:
    if chapter == "domestic_abuse":
        said = say_domestic_abuse(_of_indicator(known, "marac_repeats"), _of_return(known, "marac_children"))
        return _traced(known, said, "performance_marac_repeats", "marac_children")
    if chapter == "alcohol":
        injury, assaults = _of_indicator(known, "violence_with_injury"), _of_return(known, "ae_assaults_alcohol")
        said = say_alcohol(injury, assaults, over_years=_over_years(known, "violence_with_injury"))
        return _traced(known, said, "performance_violence_with_injury", "ae_assaults_alcohol")
    if chapter == "offending":
        prolific = _of_indicator(known, "ppo_reoffending") is not None
        said = say_reoffending(_of_return(known, "iom_reoffenders"), prolific=prolific)
        return _traced(known, said, "", "iom_reoffenders")
    if chapter == "feeling_safe":
        return _traced(known, say_feeling_safe(_of_indicator(known, "feel_safe")), "performance_feel_safe")
    said = say_roads(_of_indicator(known, "killed_or_seriously_injured"))
    return _traced(known, said, "performance_killed_or_seriously_injured")


def _over_years(known: EditionFindings, key: str) -> str:
    """How a series of police records moved over its years, to stand beside one year's change."""
    trend = known.verdicts.trends.get(key)
    if trend is None or trend.verdict not in ("rising", "falling"):
        return ""
    return say_over_years(trend.verdict, "it", simulated=known.opened.simulated)


def _traced(known: EditionFindings, lines: list[Finding], published: str, returned: str = "") -> list[Finding]:
    """The lines with sources and links: those of the published indicator, or of the partner's return."""
    every = {item.key: item for item in known.everything}
    traced = []
    for line in lines:
        whole = every.get(returned if line.simulated or not published else published)
        traced.append(line if whole is None else line.traced(whole.sources, whole.links))
    return traced


def _indicator(known: EditionFindings, key: str) -> Performance | None:
    found = next((item for item in known.performances if item.indicator.key == key), None)
    return found if found is not None and found.year_to_date is not None else None


def _of_indicator(known: EditionFindings, key: str) -> Measured | None:
    found = _indicator(known, key)
    return _measured(found) if found is not None else None


def _measured(found: Performance) -> Measured:
    change: Change | None = found.year_to_date
    if change is None:
        raise ValueError(f"{found.indicator.key} has no year to date")
    tested = change.certainty != "cannot be tested"
    return Measured(
        change.value, change.value_before, _months(change.quarters), sure=change.certainty == "clear", tested=tested
    )


def _of_return(known: EditionFindings, key: str) -> Measured | None:
    """A figure of a partner's return, as it may be published."""
    opened = known.opened
    if not opened.has_returns or key not in opened.returns.changes:
        return None
    change = opened.returns.changes[key]
    finding = next((item for item in opened.returns.findings if item.key == key), None)
    if finding is None or not finding.evidence:
        return None
    names = ("now", "before") if "now" in finding.evidence else ("percent", "percent_before")
    if any(name not in finding.evidence for name in names):
        return None
    now, before = (float(finding.evidence[name]) for name in names)
    return Measured(now, before, _months(change.quarters), sure=change.clear, simulated=finding.simulated)


def _months(quarters: tuple[Quarter, ...]) -> str:
    return say_span(Span(quarters[0].span.first, quarters[-1].span.last))
