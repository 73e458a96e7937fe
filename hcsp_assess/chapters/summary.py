"""The summary: six key figures, then what a member asks, in the order of the plan, from the findings of the edition."""

from collections import Counter
from dataclasses import replace

import pandas as pd

from hcsp_assess.assessment.consultation import parse_consultation
from hcsp_assess.assessment.county_matters import check_matters, with_matters
from hcsp_assess.assessment.findings import Finding, Findings, FindingSource, LinkKind
from hcsp_assess.assessment.plan import parse_plan
from hcsp_assess.assessment.reasons import parse_reasons
from hcsp_assess.assessment.so_what import parse_so_what
from hcsp_assess.assessment.statute import (
    NothingToReport,
    letters_of,
    notice,
    parse_statements,
    statute_table,
    strategy_table,
)
from hcsp_assess.assessment.summary import LONGEST_SENTENCE, Answered, Summary, choose_findings, longest_sentence
from hcsp_assess.assessment.wording.absent import absent
from hcsp_assess.assessment.wording.consultation import describe_wanted_shortly
from hcsp_assess.assessment.wording.key_figures import say_span
from hcsp_assess.assessment.wording.summary import (
    Moving,
    describe_made_up,
    describe_months,
    describe_next,
    describe_no_reasons,
    describe_reading,
    describe_reason,
    describe_rule,
    describe_unknown,
    say_busiest,
    say_charged,
    say_common,
    say_compared,
    say_harm,
    say_moving,
    say_no_reason,
    say_official_level,
    say_official_moves,
    say_progress,
    say_steady,
    say_suggested,
    say_targets,
    shorten_intake,
)
from hcsp_assess.chapters.intake import finding_intake
from hcsp_assess.chapters.shared.county_matters import show_matters
from hcsp_assess.chapters.shared.folded import Folded, Titled
from hcsp_assess.chapters.shared.names import NOT_NAMED, SHORT
from hcsp_assess.chapters.shared.priority_lines import priority_lines, say_year
from hcsp_assess.chapters.shared.then_and_now import findings_far
from hcsp_assess.chapters.where.busiest import map_busiest
from hcsp_assess.edition.findings import EditionFindings
from hcsp_assess.edition.key_figures import key_figures, year_in_words
from hcsp_assess.edition.outcome_findings import find_outcomes
from hcsp_assess.edition.places import open_places
from hcsp_assess.edition.rural import finding_rural_share
from hcsp_assess.edition.then_and_now import compare_edition
from hcsp_assess.periods import Span
from hcsp_assess.report.key_panel import KeyPanel, NumberedKey
from hcsp_assess.report.tables import Table
from hcsp_assess.report.two_audiences import Shown
from hcsp_assess.sources.recorded_crime import TOTAL
from hcsp_assess.subject.crime_types import RECORDED_CRIME
from hcsp_assess.subject.own_governance import own_governance

#: Said in a sentence of their own, so that one measure has one sentence.
SAID_APART = (RECORDED_CRIME, "violence_with_injury")
NOT_ESTABLISHED = "not established"


def panel(known: EditionFindings) -> KeyPanel:
    """Show the six key figures, each with its small chart, change, comparison and how sure that is."""
    return KeyPanel(key_figures(known), mark_published=known.opened.simulated)


def summarise(known: EditionFindings) -> Summary:
    """Choose the findings of the summary by its rule (docs/reading-test.md)."""
    candidates = [
        *(Answered("priorities", item, 4 - number / 10) for number, item in enumerate(_priorities(known))),
        *(Answered("changed", item, 3.5 - number / 10) for number, item in enumerate(_changed(known))),
        *(Answered("changed", item, 2.4) for item in _why(known)),
        *(Answered("where", item, 3 - number / 10) for number, item in enumerate(_where(known))),
        Answered("compare", _compared(known), 3),
        Answered("residents", _residents(known), 3),
        *(Answered("targets", item, 3 - number / 10) for number, item in enumerate(_targets(known))),
        *(Answered("next", item, 2.9 - number / 10) for number, item in enumerate(_next(known))),
        *(Answered("missing", item, 2.7 - number / 10) for number, item in enumerate(_missing(known))),
    ]
    return choose_findings(candidates)


def matters_for_county(known: EditionFindings) -> Titled:
    """Show what the partnership brings to the county's strategy group, where no other chapter of the edition does."""
    return show_matters(known, "summary")


def how_made(summary: Summary) -> Folded:
    """Say in a closed panel by which rule the summary was made, how easy it is to read, and what had no room."""
    found = [describe_rule(), describe_reading(summary)]
    return Folded("How this summary was made", (*found, *((table_left_out(summary),) if summary.left_out else ())))


def table_statute(known: EditionFindings) -> Table:
    """Show where the report answers each thing that the law asks for in the edition's year and country."""
    chosen, country = known.opened.edition, known.opened.area.country
    matters = check_matters(known.texts, chosen.chapters, statements(known), country)
    letters = with_matters(letters_of(chosen.chapters, chosen.letters), matters)
    titles = {name: name.replace("_", " ").capitalize() for name in letters}
    left_out = letters_of(chosen.left_out)
    items = statute_table(letters, statements(known), titles=titles, left_out=left_out, country=country)
    strategies = strategy_table(chosen.chapters, chosen.span.last.end_time.date(), titles=titles)
    frame = pd.concat([items, strategies], ignore_index=True)
    caption = "What a strategic assessment must hold, and where it is"
    return Table(frame, caption, "statute-map", (notice(country),), folded="What the law asks for, and where it is")


def statements(known: EditionFindings) -> tuple[NothingToReport, ...]:
    """The edition's signed statements that there is nothing to report."""
    return parse_statements(known.texts)


def table_left_out(summary: Summary) -> Table | Finding:
    """Show the findings for which the page had no room."""
    if not summary.left_out:
        return absent("summary_all")
    frame = pd.DataFrame({"Finding": [item.sentence for item in summary.left_out]})
    return Table(frame, "Findings for which the summary had no room", "summary-left-out")


def _priorities(known: EditionFindings) -> list[Finding]:
    """What is known of each priority of the plan, then of the roads; and which offences do most harm."""
    official = known.official
    harm = []
    if official is not None:
        shares = official.harm
        said = say_harm(shares.top_crime, shares.top_harm, shares.top)
        harm = [said.traced(official.harmful.sources, official.harmful.links)]
    return [*harm, *priority_lines(known)] or [absent("priorities_none")]


def _changed(known: EditionFindings) -> list[Finding]:
    """How much was recorded, what rose and fell, and what stayed level."""
    official = known.official
    if official is not None:
        return [*_official_changes(known), *_far(known), *_charged(known)]
    year = [say_year(known)] if known.levels else []
    span = known.opened.edition.span
    moving = [item for item in _moving(known) if item.finding.key not in SAID_APART]
    names = {"now": span.name, "before": span.year_before.name}
    if not moving:
        return year or [absent("official_no_earlier")]
    return [
        *year,
        _linked(known, say_moving(moving, "rising", **names)),
        _linked(known, replace(say_moving(moving, "falling", **names), certainty="")),
        say_steady(moving),
    ]


def _official_changes(known: EditionFindings) -> list[Finding]:
    """The official count with its change, the same elsewhere, and the offences that clearly rose or fell."""
    official = known.official
    if official is None:
        return []
    picture, links = official.picture, official.level.links
    change = picture.changes.get(TOTAL)
    if change is None or picture.before is None:
        return [replace(official.level, certainty="")]
    year, before = year_in_words(picture.year_end), year_in_words(picture.before)
    found = [
        say_official_level(
            int(change.count), year, int(change.before), before,
            change.percent, sure=change.clear,
        )
    ]  # fmt: skip
    if official.common is not None:
        similar, country = (float(picture.common[name][TOTAL]) for name in ("similar", "country"))
        found.append(say_common(similar, country))
    groups = {key: picture.changes[key] for key in official.kinds if key in picture.changes}
    rising = official.moved("rising")
    looked_at = int(rising.evidence["groups"]) if rising is not None else len(groups)
    for word, way in (("rose", 1), ("fell", -1)):
        moved = [
            (official.labels[key], int(item.count), int(item.before))
            for key, item in groups.items()
            if item.clear and item.percent * way > 0
        ]
        found.append(say_official_moves(moved, word, before, looked_at))
    return [item.traced(official.level.sources, links) for item in found]


def _far(known: EditionFindings) -> list[Finding]:
    """What is recorded clearly less, or more, than in the earliest months held, where there are no trends."""
    found = findings_far(known.verdicts, most=2).items
    return [replace(item, sentence=_shortened(item.sentence), certainty="", caveats=()) for item in found]


def _shortened(sentence: str) -> str:
    """What was found, with the changes of recording named if that takes a short sentence, else only said to be."""
    said, colon, changes = sentence.replace(" of these each month", " of these").partition(" Recording changed too:")
    if colon and longest_sentence(f"Recording changed too:{changes}")[0] > LONGEST_SENTENCE:
        return f"{said} Recording changed too."
    return f"{said}{colon}{changes}"


def _charged(known: EditionFindings) -> list[Finding]:
    """The share of crimes that led to a charge."""
    if not known.outcomes:
        return []
    found = find_outcomes(known.opened)
    if found is None:
        return []
    change = found.changes.get("charged")
    now = 100 * found.shares[RECORDED_CRIME]["charged"].interval.value
    before = 100 * change.before.interval.value if change is not None else None
    when = say_span(Span(found.spell[0], found.spell[-1])) if len(found.spell) else ""
    return [say_charged(now, before, when).traced(links=known.outcomes[0].links)]


def _moving(known: EditionFindings) -> list[Moving]:
    """The series with a trend that the summary names, one definition of each."""
    trends, series, compared = known.verdicts.trends, known.verdicts.series, compare_edition(known.verdicts).found
    return [
        Moving(
            SHORT.get(key, series[key].label),
            known.by_key[key],
            trend.strength == "confirmed",
            trend.last_12_total,
            trend.previous_12_total,
        )
        for key, trend in trends.items()
        if key not in (*NOT_NAMED, "other_theft") and key not in compared
    ]


def _linked(known: EditionFindings, finding: Finding) -> Finding:
    if not known.trends:
        return finding
    first = known.trends[0]
    links = {kind: "#verdicts-by-month" if kind == "chart" else place for kind, place in first.links.items()}
    return finding.traced(first.sources, links)


def _why(known: EditionFindings) -> list[Finding]:
    """Which rises have no established reason; else the reviewed reasons, or that there are none."""
    reasons, findings = parse_reasons(known.texts), known.by_key
    rising = [
        reason
        for reason in reasons
        if any(key in findings and findings[key].direction == "rising" for key in reason.about)
    ]
    unknown = [reason.title for reason in rising if reason.support == NOT_ESTABLISHED]
    if unknown:
        return [say_no_reason(unknown)]
    if not reasons:
        return [describe_no_reasons()]
    return [describe_reason(reason) for reason in rising]


def _where(known: EditionFindings) -> list[Finding]:
    """Where crime happens; an edition without street-level records cannot say."""
    opened = known.opened
    if not opened.has_places:
        placed = opened.has_records and opened.area.small_areas
        return [absent("where_no_boundaries") if placed else absent("where_none")]
    where = open_places(opened)
    crime, codes = where.crime, list(where.busiest())
    named = [(str(where.labels[code]), int(crime[code])) for code in codes]
    total = int(crime.sum())
    share = 100 * int(crime[codes].sum()) / total if total else 0.0
    shown = "where" in opened.edition.chapters
    links: dict[LinkKind, str] = {"chart": "#map-busiest", "table": "#places-busiest"} if shown else {}
    busiest = say_busiest(named, share, len(crime), total).traced(links=links)
    rural = finding_rural_share(known.verdicts)
    found = [busiest] if rural is None else [busiest, replace(rural, sentence=rural.message, caveats=(), certainty="")]
    return [item.marked(simulated=opened.simulated) for item in found]


def _compared(known: EditionFindings) -> Finding:
    """The rate beside similar areas and the country."""
    official = known.official
    if official is None or official.rate is None:
        return absent("summary_not_compared")
    ranking = official.picture.rankings[TOTAL]
    country = float(official.picture.table["country"][TOTAL])
    said = say_compared(official.place, ranking.rate, ranking.median, country, ranking.rank, ranking.of)
    return said.traced(official.rate.sources, official.rate.links)


def _residents(known: EditionFindings) -> Finding:
    """What residents want dealt with, from the surveys and meetings that were published."""
    said = parse_consultation(known.texts)
    names = dict.fromkeys(item.exercise.name for item in said)
    return describe_wanted_shortly(said).traced(tuple(FindingSource(name) for name in names))


def _targets(known: EditionFindings) -> list[Finding]:
    """How many indicators are on track, and how far last year's plan was carried out."""
    if not known.performances or known.published is None:
        return [absent("targets_none")]
    rated = {item.indicator.name: item.rated.rating for item in known.performances}
    on_track = [name for name, word in rated.items() if word == "on track"]
    missed = [name for name, word in rated.items() if word in ("at risk", "off track")]
    first = known.indicators[0]
    targets = say_targets(on_track, missed, len(on_track) + len(missed), len(rated))
    targets = targets.traced(first.sources, first.links)
    if not known.texts.read("plan.toml"):
        return [targets]
    own = own_governance(known.opened.area)
    plan = parse_plan(known.texts, known.published.priorities, known.published.work_plan, own)
    counts = dict(Counter(str(item.status) for item in plan.actions))
    progress = say_progress(counts, plan.previous_year.replace("-", "/"))
    links: dict[LinkKind, str] = {"table": "#plan-actions"} if "plan" in known.opened.edition.chapters else {}
    return [targets, progress.traced(first.sources, links)]


def _next(known: EditionFindings) -> list[Finding]:
    """What the edition recommends, each to somebody; reasons and signatures are in the chapter on priorities."""
    if known.recommendations:
        return [describe_next(item) for item in known.recommendations]
    suggested = [say_suggested(item.theme, item.action) for item in parse_so_what(known.texts).values()]
    return [absent("next_none"), *suggested]


def _missing(known: EditionFindings) -> list[Finding]:
    """What the data lack: months of the year, returns, measures that cannot be judged, and whether they are real."""
    opened = known.opened
    if not opened.has_records:
        return [absent("no_records"), *_partners(known)]
    made_up = [describe_made_up()] if opened.simulated else []
    counted = opened.coverage.counted
    months = sum(month in set(counted) for month in opened.edition.span.months)
    history = (opened.edition.span.last - counted[0]).n + 1
    held = int((counted <= opened.edition.span.last).sum())
    coverage = describe_months(opened.edition.span.name, months, held, history, counted[0].year)
    tested = [item for item in known.findings if item.direction]
    unknown = sum(item.direction == "cannot tell" for item in tested)
    unsaid = [describe_unknown(unknown, len(tested))] if unknown else []
    said = [coverage, *_partners(known), *unsaid]
    return [*made_up, *(item.marked(simulated=opened.simulated) for item in said)]


def _partners(known: EditionFindings) -> list[Finding]:
    """How many of the returns expected from partners were received."""
    if not known.opened.has_returns:
        return []
    return [replace(shorten_intake(finding_intake(known.opened.returns)), links={})]


def map_where(known: EditionFindings) -> Shown:
    """Show the busiest places on a small map, numbered, with a key of their everyday names."""
    opened = known.opened
    if not opened.has_places:
        return Findings(())
    chart = map_busiest(opened, small=True)
    where = open_places(opened)
    codes = list(where.busiest())
    names = [f"{where.labels[code]}: {int(where.crime[code]):,}" for code in codes]
    return NumberedKey(chart, "Numbers on the map, with crimes recorded", names)
