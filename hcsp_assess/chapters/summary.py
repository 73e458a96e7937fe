"""The summary: ten questions that a member asks, answered on one page from the findings of the edition."""

from dataclasses import replace

import pandas as pd

from hcsp_assess.assessment.consultation import parse_consultation
from hcsp_assess.assessment.findings import Finding, LinkKind
from hcsp_assess.assessment.plan import parse_plan
from hcsp_assess.assessment.reasons import parse_reasons
from hcsp_assess.assessment.statute import NothingToReport, letters_of, notice, parse_statements, statute_table
from hcsp_assess.assessment.summary import Answered, Summary, choose_findings
from hcsp_assess.assessment.wording.absent import absent
from hcsp_assess.assessment.wording.consultation import describe_wanted
from hcsp_assess.assessment.wording.plan import describe_progress
from hcsp_assess.assessment.wording.summary import (
    Moving,
    describe_concentrated,
    describe_instead_of_targets,
    describe_months,
    describe_next,
    describe_no_reasons,
    describe_reading,
    describe_reason,
    describe_rural,
    describe_targets,
    describe_unknown,
    describe_wards,
    say_moving,
    say_steady,
    shorten_intake,
)
from hcsp_assess.chapters.intake import finding_intake
from hcsp_assess.chapters.shared.then_and_now import findings_far
from hcsp_assess.edition.findings import EditionFindings
from hcsp_assess.edition.then_and_now import compare_edition
from hcsp_assess.places.concentration import measure_concentration
from hcsp_assess.report.tables import Table

NAMED_PLACES = 5
#: Other readings or parts of series that the summary names already; the chapters show them.
LEFT_OUT = (
    "rural_crime_without_market_towns",
    "rural_crime_with_market_towns",
    "urban_crime",
    "other_theft",
    "bicycle_theft",
    "theft_from_the_person",
    "public_order",
    "possession_of_weapons",
    "other_crime",
)


def summarise(known: EditionFindings) -> Summary:
    """Choose the findings of the summary by its rule (docs/reading-test.md)."""
    candidates = [
        *(Answered("level", item, 3 - number / 2) for number, item in enumerate(_levels(known))),
        *_moves(known),
        *(Answered("why", item, 2 - number / 2) for number, item in enumerate(_why(known))),
        *(Answered("where", item, 2) for item in _where(known)),
        Answered("residents", replace(describe_wanted(parse_consultation(known.texts)), caveats=()), 3),
        Answered("targets", _targets(known), 3),
        Answered("plan", _progress(known), 3),
        *(Answered("next", item, 2.6 - number / 10) for number, item in enumerate(_next(known))),
        *(Answered("missing", item, 2.7) for item in _missing(known)),
    ]
    return choose_findings(candidates)


def finding_reading(summary: Summary) -> Finding:
    """Say how long the summary is and how easy to read."""
    return describe_reading(summary)


def table_statute(known: EditionFindings) -> Table:
    """Show where the report answers each thing that the law asks for."""
    letters = letters_of(known.opened.edition.chapters)
    titles = {name: name.replace("_", " ").capitalize() for name in letters}
    frame = statute_table(letters, statements(known), titles=titles)
    return Table(frame, "What a strategic assessment must hold, and where it is", "statute-map", (notice(),))


def statements(known: EditionFindings) -> tuple[NothingToReport, ...]:
    """The edition's signed statements that there is nothing to report."""
    return parse_statements(known.texts)


def _levels(known: EditionFindings) -> list[Finding]:
    """How much was recorded: by the official count where one is held, and how many incidents beside it."""
    official = known.official
    if official is None:
        return list(known.levels)
    return [official.level, *known.levels[1:], *known.outcomes]


def _moves(known: EditionFindings) -> list[Answered]:
    """What is rising, falling and steady: by month where that can be assessed, else by the official years."""
    moving, far = _moving(known), _far(known)
    official = known.official
    if official is None or any(item.finding.direction != "cannot tell" for item in moving):
        return [
            Answered("rising", _linked(known, say_moving(moving, "rising")), 3),
            Answered("falling", replace(_linked(known, say_moving(moving, "falling")), certainty=""), 3),
            Answered("falling", say_steady(moving), 2.3),
            *far,
        ]
    rising, falling = official.moved("rising"), official.moved("falling")
    if rising is None or falling is None:
        return [*(Answered(word, absent("official_no_earlier"), 3) for word in ("rising", "falling")), *far]
    return [Answered("rising", rising, 3), Answered("falling", replace(falling, certainty=""), 3), *far]


def _far(known: EditionFindings) -> list[Answered]:
    """What is recorded clearly more, or less, than in the earliest months held, where there are no trends."""
    found = findings_far(known.verdicts, most=2).items
    certainty = ("Part of this may be how it is recorded.", "")
    short = [replace(item, certainty=sure, caveats=()) for item, sure in zip(found, certainty, strict=False)]
    return [
        Answered(word, item, weight)
        for (word, weight), item in zip((("falling", 2.65), ("rising", 2.45)), short, strict=False)
    ]


def _where(known: EditionFindings) -> list[Finding]:
    """Where crime happens; an edition without street-level records cannot say."""
    if not known.opened.has_records:
        return [absent("where_none")]
    return [_wards(known), _concentrated(known), _rural(known)]


def _wards(known: EditionFindings) -> Finding:
    """Name the five wards with most recorded crime."""
    opened = known.opened
    span = opened.edition.span
    counts = opened.counts("lsoa").reindex(span.months).sum().astype(int)
    wards = pd.Series({small.code: small.ward_name for small in opened.area.small_areas})
    by_ward = counts.groupby(wards).sum().sort_values(ascending=False, kind="stable")
    return describe_wards(by_ward, NAMED_PLACES).marked(simulated=opened.simulated)


def _moving(known: EditionFindings) -> list[Moving]:
    """The series with a trend that the summary names, one reading of each."""
    trends, series, compared = known.verdicts.trends, known.verdicts.series, compare_edition(known.verdicts).found
    return [
        Moving(
            series[key].label,
            known.by_key[key],
            trend.strength == "confirmed",
            trend.last_12_total,
            trend.previous_12_total,
        )
        for key, trend in trends.items()
        if key not in LEFT_OUT and key not in compared
    ]


def _linked(known: EditionFindings, finding: Finding) -> Finding:
    if not known.trends:
        return finding
    first = known.trends[0]
    links = {kind: "#verdicts-by-month" if kind == "chart" else place for kind, place in first.links.items()}
    return finding.traced(first.sources, links)


def _why(known: EditionFindings) -> list[Finding]:
    """Reviewed reasons, those for what is rising first; else that there are none."""
    findings = known.by_key
    scored = []
    for reason in parse_reasons(known.texts):
        about = [findings[key] for key in reason.about if key in findings]
        rising = any(item.direction == "rising" for item in about)
        scored.append((not rising, describe_reason(reason)))
    ordered = [item for _, item in sorted(scored, key=lambda pair: pair[0])]
    shared = [known.official.common] if known.official is not None and known.official.common is not None else []
    return ordered or [*shared, describe_no_reasons()]


def _concentrated(known: EditionFindings) -> Finding:
    """Say how much of recorded crime falls in the busiest tenth of small areas."""
    opened = known.opened
    counts = opened.counts("lsoa")
    within = counts[(counts.index >= opened.edition.span.first)].sum()
    found = measure_concentration(within.astype(int), top=(10,))
    return describe_concentrated(found).marked(simulated=opened.simulated)


def _rural(known: EditionFindings) -> Finding:
    """Say how much of recorded crime is in rural areas."""
    span = known.opened.edition.span
    series = known.verdicts.series
    rural, crime = (int(series[key].counts.reindex(span.months).sum()) for key in ("rural_crime", "recorded_crime"))
    return describe_rural(rural, crime).marked(simulated=known.opened.simulated)


def _targets(known: EditionFindings) -> Finding:
    """Say how many indicators are on track, and which are not, or cannot be rated."""
    if not known.performances:
        compared = known.official.rate if known.official is not None else None
        return describe_instead_of_targets(compared) if compared is not None else absent("targets_none")
    first = known.indicators[0]
    return describe_targets(known.performances).traced(first.sources, first.links)


def _progress(known: EditionFindings) -> Finding:
    if known.published is None:
        return absent("plan_progress_none")
    plan = parse_plan(known.texts, known.published.priorities, known.published.work_plan)
    return describe_progress(plan, known.performances)


def _next(known: EditionFindings) -> list[Finding]:
    """What the edition recommends, each to somebody; reasons and signatures stand in the chapter on priorities."""
    if known.recommendations:
        return [describe_next(item) for item in known.recommendations]
    return [known.official.harmful] if known.official is not None else [absent("next_none")]


def _missing(known: EditionFindings) -> list[Finding]:
    """What the data lack: months of the year, series that cannot be judged, and whether they are real."""
    opened = known.opened
    if not opened.has_records:
        return [absent("no_records"), *_partners(known)]
    published = opened.coverage.counted
    months = sum(month in set(published) for month in opened.edition.span.months)
    history = (opened.edition.span.last - published[0]).n + 1
    held = int((published <= opened.edition.span.last).sum())
    coverage = describe_months(months, held, history, published[0].year, simulated=opened.simulated)
    tested = [item for item in known.findings if item.direction]
    unknown = sum(item.direction == "cannot tell" for item in tested)
    unsaid = [describe_unknown(unknown, len(tested))] if unknown else []
    return [coverage, *_partners(known), *unsaid]


def _partners(known: EditionFindings) -> list[Finding]:
    """How many of the returns expected from partners were received."""
    if not known.opened.has_returns:
        return []
    links: dict[LinkKind, str] = {"table": "#intake-register"} if "intake" in known.opened.edition.chapters else {}
    return [shorten_intake(finding_intake(known.opened.returns)).traced(links=links)]


def table_left_out(summary: Summary) -> Table | Finding:
    """Show the findings for which the page had no room."""
    if not summary.left_out:
        return absent("summary_all")
    frame = pd.DataFrame({"Finding": [item.sentence for item in summary.left_out]})
    return Table(frame, "Findings for which the summary had no room", "summary-left-out", folded="What was left out")
