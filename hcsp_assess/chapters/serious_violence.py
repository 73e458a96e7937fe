"""The chapter on serious violence: official counts by kind, similar areas, knives, women and girls, hate crime."""

from dataclasses import replace

import pandas as pd

from hcsp_assess.assessment.findings import Finding, Findings, LinkKind
from hcsp_assess.assessment.serious_violence import left_out, parse_serious_violence, women_and_girls
from hcsp_assess.assessment.wording.absent import absent
from hcsp_assess.assessment.wording.official import PERCENT_FROM, say_change, say_rate
from hcsp_assess.assessment.wording.serious_violence import (
    describe_definition,
    describe_hate_crime,
    describe_kinds_changed,
    describe_kinds_similar,
    describe_serious_violence,
    describe_women_and_girls,
    kinds_in_words,
    title_of_kinds,
)
from hcsp_assess.assessment.wording.words import upper_first
from hcsp_assess.chapters.shared.marked_offences import finding_marker
from hcsp_assess.chapters.shared.same_records import EXTRACT
from hcsp_assess.disclosure import disclosure_rule
from hcsp_assess.edition.findings import EditionFindings
from hcsp_assess.edition.official_findings import OFFICIAL_NAME, OfficialFindings, official_source
from hcsp_assess.edition.returns import EditionReturns
from hcsp_assess.periods import Quarter
from hcsp_assess.places.ranking import Change, Ranking
from hcsp_assess.report.charts import Chart, Heading
from hcsp_assess.report.comparison_charts import chart_differences
from hcsp_assess.report.tables import Table

CHAPTER = "serious_violence"
RETURNS = ("knife_crime", "assault_admissions", "hate_crime")
TABLE, CHART = "serious-violence-kinds", "serious-violence-chart"


def findings_level(known: EditionFindings) -> Findings | Finding:
    """Say how much serious violence was recorded, what clearly changed, and where similar areas are."""
    official = known.official
    if official is None:
        return absent("official_none")
    kinds = parse_serious_violence(known.texts).offences
    picture, labels = official.picture, official.labels
    counts = {labels[key]: int(picture.table["count"][key]) for key in kinds}
    level = describe_serious_violence(official.place, picture.year, counts, picture.total)
    changed = describe_kinds_changed(
        "serious_violence_change", picture.year, picture.year_before, _changes(official, kinds), labels
    )
    similar = describe_kinds_similar("serious_violence_similar", official.place, _rankings(official, kinds), labels)
    return Findings(tuple(_traced(item) for item in (level, changed, similar) if item is not None))


def finding_definition(known: EditionFindings) -> Finding:
    """Say what counts as serious violence here."""
    official = known.official
    if official is None:
        return absent("official_none")
    return describe_definition(parse_serious_violence(known.texts), official.labels)


def chart_kinds(known: EditionFindings) -> Chart | Finding | Findings:
    """Chart each kind as a difference from the middle of similar areas; nothing where none can be compared."""
    official = known.official
    if official is None:
        return Findings(())
    kinds = parse_serious_violence(known.texts).offences
    rankings = _rankings(official, (*kinds, *women_and_girls()))
    if not rankings:
        return Findings(())
    picture = official.picture
    title = title_of_kinds(official.place, rankings, official.labels)
    subtitle = (
        f"Recorded offences per 1,000 residents beside the middle of {len(picture.similar)} similar areas, "
        f"{picture.year}; line: likely range"
    )
    return chart_differences(
        rankings, official.labels, Heading(key=CHART, title=title, subtitle=subtitle, source=OFFICIAL_NAME)
    )


def table_kinds(known: EditionFindings) -> Table | Findings:
    """Show each kind of serious violence, then of violence against women and girls, as the comparison has them."""
    official = known.official
    if official is None:
        return Findings(())
    picture = official.picture
    kinds = parse_serious_violence(known.texts).offences
    rows = [_row(official, key) for key in (*kinds, *women_and_girls())]
    columns = ["Kind of offence", upper_first(picture.year.removeprefix("the "))]
    columns += [upper_first(picture.year_before.removeprefix("the ")), "Change"] if picture.before is not None else []
    columns += ["Rate per 1,000", "Middle of similar areas", "England and Wales"]
    frame = pd.DataFrame(rows)[["kind", "now", *(["before", "change"] if picture.before is not None else []),
                               "rate", "similar", "country"]]  # fmt: skip
    missed = [key for key in left_out() if key not in kinds]
    notes = (
        "A change is given in per cent from 50 offences; rates are per 1,000 residents.",
        *((f"Not counted: {kinds_in_words(missed, official.labels)}.",) if missed else ()),
    )
    caption = f"Serious violence, sexual offences, stalking and harassment, {official.place}, {picture.year}"
    return Table(frame.set_axis(columns, axis="columns"), caption, TABLE, notes)


def findings_women_and_girls(known: EditionFindings) -> Findings | Finding:
    """Say how many sexual offences and how much stalking and harassment were recorded, and how that changed."""
    official = known.official
    if official is None:
        return absent("official_none")
    picture, labels, kinds = official.picture, official.labels, women_and_girls()
    counts = {labels[key]: int(picture.table["count"][key]) for key in kinds}
    parted = {labels[key]: month for key, month in picture.counted_differently.items() if key in kinds}
    level = describe_women_and_girls(official.place, picture.year, counts, parted, picture.year_before)
    changed = describe_kinds_changed(
        "violence_against_women_and_girls_change", picture.year, picture.year_before, _changes(official, kinds), labels
    )
    found = [_traced(item) for item in (level, changed) if item is not None]
    return Findings((*found, *_marked(known)))


def _marked(known: EditionFindings) -> tuple[Finding, ...]:
    """Which share of violence is linked to domestic abuse; nothing where no extract of offences is held."""
    opened = known.opened
    if not opened.has_returns or opened.returns.combined(EXTRACT).rows.empty:
        return ()
    marked = finding_marker(opened.returns, "domestic_abuse")
    return marked.items if isinstance(marked, Findings) else (marked,)


def findings_returns(known: EditionFindings) -> Findings:
    """Say what partners' returns add: knives, hospital admissions, hate crime; nothing where none was received."""
    opened = known.opened
    if not opened.has_returns:
        return Findings(())
    return Findings((*opened.returns.findings_of(CHAPTER), *findings_hate(opened.returns).items))


def findings_hate_besides(returns: EditionReturns) -> Findings:
    """Say how many hate crimes were recorded where the edition has no chapter on serious violence."""
    return Findings(()) if CHAPTER in returns.edition.chapters else findings_hate(returns)


def findings_hate(returns: EditionReturns) -> Findings:
    """Say how many hate crimes were recorded in the period assessed, by strand; nothing where no return is held."""
    combined = returns.combined("hate_crime")
    quarters = [str(quarter) for quarter in returns.quarters]
    rows = combined.rows[combined.rows["quarter"].isin(quarters)] if len(combined.rows) else combined.rows
    if rows.empty:
        return Findings(())
    by_strand = rows.groupby("strand")["offences"]
    known = by_strand.sum()[by_strand.count() == by_strand.size()]  # a strand of which a quarter is hidden has no sum
    strands = {str(name): int(count) for name, count in known.items()}
    hidden = [str(name) for name in by_strand.groups if name not in known.index]
    held = [quarter for quarter in returns.quarters if str(quarter) in set(rows["quarter"])]
    rule = disclosure_rule(combined.definition.disclosure)
    found = describe_hate_crime(strands, hidden, _months(held), rule)
    return Findings((found.marked(simulated=combined.simulated).traced(returns.sources("hate_crime")),))


def _changes(official: OfficialFindings, kinds: tuple[str, ...]) -> dict[str, Change]:
    """Changes of the kinds with enough offences, whose two years are counted alike."""
    found = {key: official.picture.changes[key] for key in kinds if key in official.picture.changes}
    return {key: change for key, change in found.items() if change.before >= PERCENT_FROM}


def _rankings(official: OfficialFindings, kinds: tuple[str, ...]) -> dict[str, Ranking]:
    return {key: official.picture.rankings[key] for key in kinds if key in official.picture.rankings}


def _row(official: OfficialFindings, key: str) -> dict[str, object]:
    row = official.picture.table.loc[key]
    picture = official.picture
    ranking = picture.rankings.get(key)
    return {
        "kind": row["label"],
        "now": row["count"],
        "before": row["count_before"],
        "change": say_change(picture.changes.get(key), differently=key in picture.counted_differently),
        "rate": say_rate(float(str(row["rate"]))),
        "similar": say_rate(ranking.median) if ranking else "too few",
        "country": say_rate(float(str(row["country"]))),
    }


def _months(quarters: list[Quarter]) -> str:
    """Quarters as months in words; a calendar year by its number."""
    first, last = quarters[0].span.first, quarters[-1].span.last
    if first.year == last.year and (first.month, last.month) == (1, 12):
        return str(first.year)
    if first.year == last.year:
        return f"{first.strftime('%B')} to {last.strftime('%B %Y')}"
    return f"{first.strftime('%B %Y')} to {last.strftime('%B %Y')}"


def _traced(finding: Finding) -> Finding:
    links: dict[LinkKind, str] = {"chart": f"#{CHART}", "table": f"#{TABLE}"}
    return replace(finding, simulated=False).traced((official_source(),), links)
