"""The summary: ten questions that a member asks, answered on one page from the findings of the edition."""

from dataclasses import replace

import pandas as pd

from hcsp_assess.assessment.consultation import describe_wanted, parse_consultation
from hcsp_assess.assessment.findings import Finding, LinkKind
from hcsp_assess.assessment.narrative import parse_reasons
from hcsp_assess.assessment.plan import describe_progress, parse_plan
from hcsp_assess.assessment.statute import NothingToReport, letters_of, notice, parse_statements, statute_table
from hcsp_assess.assessment.summary import (
    Answered,
    Moving,
    Summary,
    choose_findings,
    reading_level,
    say_moving,
    say_steady,
)
from hcsp_assess.chapters.intake import finding_intake
from hcsp_assess.edition.findings import Gathered
from hcsp_assess.places.concentration import measure_concentration
from hcsp_assess.report.tables import Table

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
READING_METHOD = "Flesch-Kincaid grade plus five"


def summarise(gathered: Gathered) -> Summary:
    """Choose the findings of the summary by its rule (docs/reading-test.md)."""
    moving = _moving(gathered)
    crime, asb = gathered.levels
    candidates = [
        Answered("level", crime, 3),
        Answered("level", asb, 2),
        Answered("rising", _linked(gathered, say_moving(moving, "rising")), 3),
        Answered("falling", replace(_linked(gathered, say_moving(moving, "falling")), certainty=""), 3),
        Answered("falling", say_steady(moving), 2.3),
        *(Answered("why", item, 2 - number / 2) for number, item in enumerate(_why(gathered))),
        *(Answered("where", item, 2) for item in (_concentrated(gathered), _rural(gathered))),
        Answered("residents", replace(describe_wanted(parse_consultation(gathered.texts)), caveats=()), 3),
        Answered("targets", _targets(gathered), 3),
        Answered("plan", _progress(gathered), 3),
        *(Answered("next", item, 2.6 - number / 10) for number, item in enumerate(_next(gathered))),
        *(Answered("missing", item, 2.7) for item in _missing(gathered)),
    ]
    return choose_findings(candidates)


def finding_reading(summary: Summary) -> Finding:
    """Say how long the summary is and how easy to read."""
    level = reading_level(summary.text)
    evidence = {
        "words": summary.words,
        "age": round(level.age),
        "grade": level.grade,
        "left_out": len(summary.left_out),
    }
    rest = (
        f"{len(summary.left_out)} findings for which there was no room stand in the chapters."
        if summary.left_out
        else ""
    )
    sentence = f"This summary has {summary.words} words, with a reading age of about {round(level.age)}."
    return Finding("summary_reading", sentence, evidence, f"Measure: {READING_METHOD}. {rest}".strip())


def table_statute(gathered: Gathered) -> Table:
    """Show where the report answers each thing that the law asks for."""
    letters = letters_of(gathered.opened.edition.chapters)
    titles = {name: name.replace("_", " ").capitalize() for name in letters}
    frame = statute_table(letters, statements(gathered), titles=titles)
    return Table(frame, "What a strategic assessment must hold, and where it is", "statute-map", (notice(),))


def statements(gathered: Gathered) -> tuple[NothingToReport, ...]:
    """The edition's signed statements that there is nothing to report."""
    return parse_statements(gathered.texts)


def _moving(gathered: Gathered) -> list[Moving]:
    """The series that the summary names, one reading of each."""
    trends, series = gathered.verdicts.trends, gathered.verdicts.series
    return [
        Moving(
            series[key].label,
            gathered.by_key[key],
            trend.strength == "confirmed",
            trend.last_12_total,
            trend.previous_12_total,
        )
        for key, trend in trends.items()
        if key not in LEFT_OUT
    ]


def _linked(gathered: Gathered, finding: Finding) -> Finding:
    first = gathered.trends[0]
    links = {kind: "#verdicts-by-month" if kind == "chart" else place for kind, place in first.links.items()}
    return finding.traced(first.sources, links)


def _why(gathered: Gathered) -> list[Finding]:
    """Reviewed reasons, those for what is rising first; else that there are none."""
    findings = gathered.by_key
    scored = []
    for reason in parse_reasons(gathered.texts):
        about = [findings[key] for key in reason.about if key in findings]
        rising = any(item.direction == "rising" for item in about)
        said = f"“{reason.text}”" if reason.signed.origin == "quoted" else reason.text
        certainty = f"{reason.signed.words}. Support: {reason.support}."
        scored.append((not rising, Finding(f"reason_{reason.key}", f"{reason.title}: {said}", {}, certainty)))
    ordered = [item for _, item in sorted(scored, key=lambda pair: pair[0])]
    none = Finding("reasons_none", "Nobody has given a reviewed reason for any change in this edition.")
    return ordered or [none]


def _concentrated(gathered: Gathered) -> Finding:
    """Say how much of recorded crime falls in the busiest tenth of small areas."""
    opened = gathered.opened
    counts = opened.counts("lsoa")
    within = counts[(counts.index >= opened.edition.span.first)].sum()
    total = int(within.sum())
    top = measure_concentration(within.astype(int), top=(10,)).top.iloc[0]
    places, share, records = int(top["places"]), float(top["percent_of_records"]), int(top["records"])
    evidence = {"places": places, "of": len(within), "share": share, "records": records, "total": total}
    hold = f"hold {share:.0f}% of recorded crime ({records:,} of {total:,})"
    sentence = f"The {places} busiest of {len(within)} small areas {hold}."
    certainty = "Places with many visitors have more, whoever lives there."
    return Finding("where_concentrated", sentence, evidence, certainty, simulated=opened.simulated)


def _rural(gathered: Gathered) -> Finding:
    """Say how much of recorded crime is in rural areas."""
    span = gathered.opened.edition.span
    series = gathered.verdicts.series
    rural, crime = (int(series[key].counts.reindex(span.months).sum()) for key in ("rural_crime", "recorded_crime"))
    share = 100 * rural / crime if crime else 0.0
    evidence = {"rural": rural, "crime": crime, "share": share}
    sentence = f"Rural areas have {share:.0f}% of recorded crime ({rural:,} of {crime:,})."
    return Finding("where_rural", sentence, evidence, simulated=gathered.opened.simulated)


def _targets(gathered: Gathered) -> Finding:
    """Say how many indicators are on track, and which are not, or cannot be rated."""
    if not gathered.performances:
        return Finding("targets_none", "This edition has no targets: no indicators came with it.")
    rated = {word: [_lower(item.indicator.name) for item in gathered.performances if item.rated.rating == word]
             for word in ("on track", "at risk", "off track", "not rated")}  # fmt: skip
    parts = [
        f"{word.capitalize()}: {'; '.join(names)}." for word, names in rated.items() if names and word != "not rated"
    ]
    unrated = rated["not rated"]
    parts += [f"{len(unrated)} of {len(gathered.performances)} indicators could not be rated."] if unrated else []
    evidence = {word.replace(" ", "_"): len(names) for word, names in rated.items()} | {
        "indicators": len(gathered.performances)
    }
    certainty = "Not rated: no target, no figures, or it is not stated which way is better."
    first = gathered.indicators[0]
    return Finding("targets", " ".join(parts), evidence, certainty).traced(first.sources, first.links)


def _progress(gathered: Gathered) -> Finding:
    if gathered.published is None:
        return Finding("plan_progress_none", "No plan of the year before came with this edition.")
    plan = parse_plan(gathered.texts, gathered.published.priorities, gathered.published.work_plan)
    return describe_progress(plan, gathered.performances)


def _next(gathered: Gathered) -> list[Finding]:
    """What the edition recommends, each to somebody; reasons and signatures stand in the chapter on priorities."""
    found = [Finding(f"next_{item.key}", f"{item.to}: {_lower(item.text)}") for item in gathered.recommendations]
    return found or [Finding("next_none", "Nobody has made a recommendation in this edition.")]


def _missing(gathered: Gathered) -> list[Finding]:
    """What the data lack: months of the year, series that cannot be judged, and whether they are real."""
    opened = gathered.opened
    published = opened.table.months(opened.area.force)
    months = sum(month in set(published) for month in opened.edition.span.months)
    history = (opened.edition.span.last - published[0]).n + 1
    known = int((published <= opened.edition.span.last).sum())
    parts = ["The police records are made up for a demonstration."] if opened.simulated else []
    parts += [f"{months} of the 12 months of the year were published."]
    parts += (
        [f"Since {published[0].year}, {history - known} of {history} months are missing."] if known < history else []
    )
    evidence = {"published": months, "year": 12, "since": published[0].year, "history": history}
    evidence |= {"missing": history - known}
    coverage = Finding("missing_months", " ".join(parts), evidence, simulated=opened.simulated)
    tested = [item for item in gathered.findings if item.direction]
    unknown = sum(item.direction == "cannot tell" for item in tested)
    sentence = (
        f"For {unknown} of {len(tested)} series and indicators, nobody can tell from the figures whether they changed."
    )
    cannot = Finding("missing_cannot_tell", sentence, {"unknown": unknown, "looked_at": len(tested)})
    return [coverage, *_partners(gathered), cannot]


def _partners(gathered: Gathered) -> list[Finding]:
    """How many of the returns of partners came."""
    if gathered.partners is None:
        return []
    told = finding_intake(gathered.partners)
    number, whole, none = (told.evidence[name] for name in ("returns", "in_full", "nothing"))
    sentence = f"Partners sent {whole} of {number} returns in full, and nothing at all of {none}."
    if none == number:
        sentence = f"Partners sent none of their {number} returns."
    links: dict[LinkKind, str] = {"table": "#intake-register"} if "intake" in gathered.opened.edition.chapters else {}
    return [replace(told, key="missing_returns", sentence=sentence).traced(links=links)]


def table_left_out(summary: Summary) -> Table | Finding:
    """Show the findings for which the page had no room."""
    if not summary.left_out:
        return Finding("summary_all", "Every finding considered for the summary is in it.")
    frame = pd.DataFrame({"Finding": [item.sentence for item in summary.left_out]})
    return Table(frame, "Findings for which the summary had no room", "summary-left-out", folded="What was left out")


def _lower(text: str) -> str:
    return text[:1].lower() + text[1:]
