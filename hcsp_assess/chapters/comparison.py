"""The chapter on official figures: recorded crime, similar areas, and which offences carry most of the harm."""

import pandas as pd

from hcsp_assess.assessment.findings import Finding, Findings
from hcsp_assess.assessment.wording.absent import absent
from hcsp_assess.assessment.wording.official import PERCENT_FROM, say_change, say_differences, say_rate
from hcsp_assess.assessment.wording.words import lower_first
from hcsp_assess.chapters.shared.folded import Folded
from hcsp_assess.edition.findings import EditionFindings
from hcsp_assess.edition.official_findings import OfficialFindings
from hcsp_assess.edition.series import headlines
from hcsp_assess.places.peers import make_funnel
from hcsp_assess.report.charts import Chart, Heading
from hcsp_assess.report.comparison_charts import chart_differences, chart_funnel, chart_harm, chart_years
from hcsp_assess.report.tables import Table
from hcsp_assess.sources.recorded_crime import TOTAL

#: Columns of the table of groups that need an earlier year.
CHANGES = ("Year before", "Change")
SOURCE = "Home Office and Office for National Statistics: police recorded crime, residents"


def findings_level(known: EditionFindings) -> Findings | Finding:
    """Say how much crime was recorded, how that changed, and whether similar areas changed alike."""
    official = known.official
    if official is None:
        return absent("official_none")
    found = (official.level, official.common, _two_counts(known, official))
    return Findings(tuple(item for item in found if item is not None))


def findings_moved(known: EditionFindings) -> Findings | Finding:
    """Say which kinds of offence clearly fell and rose."""
    official = known.official
    if official is None or not official.picture.changes:
        return absent("official_no_earlier")
    found = (official.moved("falling"), official.moved("rising"))
    return Findings(tuple(item for item in found if item is not None))


def findings_similar(known: EditionFindings) -> Findings | Finding:
    """Say the rate beside similar areas, and what differs."""
    official = known.official
    if official is None or official.rate is None or official.differences is None:
        return absent("official_none")
    return Findings((official.rate, official.differences))


def panel_similar(known: EditionFindings) -> Folded:
    """Who the similar areas are, in a closed panel."""
    official = known.official
    return Folded("Who the similar areas are", (official.similar,) if official is not None else ())


def table_groups(known: EditionFindings) -> Table | Finding:
    """Show each group of offences: number, change, rate, and the rates of similar areas and of the country."""
    return _table(known, "official-groups", kinds=False)


def table_kinds(known: EditionFindings) -> Table | Finding | Findings:
    """Show every kind of offence, with its rank among similar areas, in a closed panel."""
    return Findings(()) if known.official is None else _table(known, "official-kinds", kinds=True)


def _table(known: EditionFindings, key: str, *, kinds: bool) -> Table | Finding:
    official = known.official
    if official is None:
        return absent("official_none")
    picture = official.picture
    rows = []
    for group, row in picture.table.iterrows():
        ranking = picture.rankings.get(str(group))
        within = bool(row["parent"]) and group != TOTAL and row["parent"] != TOTAL
        if within and not kinds:
            continue
        line: dict[str, object] = {
            "Kind of offence": f"of these, {lower_first(row['label'])}" if within else row["label"],
            "Offences": row["count"],
            "Year before": row["count_before"],
            "Change": say_change(picture.changes.get(str(group)), differently=group in picture.counted_differently),
            "Rate per 1,000": say_rate(row["rate"]),
            "Middle of similar areas": say_rate(ranking.median) if ranking else "too few",
            "England and Wales": say_rate(row["country"]),
        }
        if kinds:
            line["Rank, from the highest"] = f"{ranking.rank} of {ranking.of}" if ranking else "too few"
        rows.append({name: value for name, value in line.items() if picture.before is not None or name not in CHANGES})
    frame = pd.DataFrame(rows).rename(
        columns={"Year before": f"{_short(picture.before)}", "Offences": _short(picture.year_end)}
    )
    caption = f"Recorded crime by {'kind' if kinds else 'group'} of offence, {official.place}, {picture.year}"
    note = (
        f"Rates are per 1,000 residents ({picture.population.words}). A change is given from {PERCENT_FROM} offences. "
        "Fraud is not included."
    )
    folded = f"Every kind of offence: {len(frame)} rows, with ranks" if kinds else ""
    return Table(frame, caption, key, (note,), folded=folded)


def chart_kinds(known: EditionFindings) -> Chart | Finding:
    """Chart each kind of offence as a difference from the middle of similar areas."""
    official = known.official
    if official is None or official.differences is None:
        return absent("official_none")
    picture = official.picture
    rankings = {group: picture.rankings[group] for group in official.kinds if group in picture.rankings}
    title = say_differences(rankings, official.labels)
    subtitle = (
        f"Recorded offences per 1,000 residents beside the middle of {len(picture.similar)} similar areas, "
        f"{picture.year}"
    )
    return chart_differences(rankings, official.labels, _heading("official-differences", title, subtitle))


def chart_rate(known: EditionFindings) -> Chart | Finding:
    """Chart the rates of the area and its similar areas as a funnel."""
    official = known.official
    if official is None or official.rate is None:
        return absent("official_none")
    ranking = official.picture.rankings[TOTAL]
    funnel = make_funnel(ranking.table["count"], ranking.table["people"].astype(float))
    where = {"higher": "above", "lower": "below", "similar": "close to"}[ranking.position]
    outside = funnel.table.loc[ranking.place, "position"] in ("high", "low")
    usual = "outside" if outside else "within"
    title = f"Crime in {official.place} is {where} the middle of its similar areas, and {usual} their usual range"
    subtitle = f"Total recorded crime per 1,000 residents, {official.picture.year}"
    return chart_funnel(funnel, ranking.place, _heading("official-funnel", title, subtitle))


def chart_rates_by_year(known: EditionFindings) -> Chart | Finding:
    """Chart ten years of the force and the country, with the years held of the area."""
    official = known.official
    if official is None:
        return absent("official_none")
    rates = official.picture.years
    own = rates[official.picture.name].dropna() if official.picture.name in rates else pd.Series(dtype=float)
    country = rates["England and Wales"].dropna()
    more = "more" if own.iloc[-1] > country.iloc[-1] else "fewer"
    title = (
        f"{official.place} has {more} crimes per 1,000 residents ({own.iloc[-1]:.1f}) than England and Wales "
        f"({country.iloc[-1]:.1f})"
    )
    subtitle = f"Total recorded crime per 1,000 residents by year, {rates.index[0].year} to {rates.index[-1].year}"
    renamed = rates.rename(columns={official.picture.name: official.place})
    return chart_years(renamed, official.place, _heading("official-years", title, subtitle))


def finding_harm(known: EditionFindings) -> Finding:
    """Say which offences carry half of the harm."""
    return known.official.harmful if known.official is not None else absent("official_none")


def chart_harm_shares(known: EditionFindings) -> Chart | Finding:
    """Chart the share of harm beside the share of crimes."""
    official = known.official
    if official is None:
        return absent("official_none")
    shares = official.harm
    title = f"{shares.top_crime:.0f}% of the crimes do {shares.top_harm:.0f}% of the harm"
    subtitle = (
        f"Share of recorded crimes and of their severity, {official.place}, {official.picture.year}; line: likely range"
    )
    return chart_harm(shares, _heading("official-harm", title, subtitle))


def _two_counts(known: EditionFindings, official: OfficialFindings) -> Finding | None:
    """The official count beside the street-level one; None for an edition without street-level records."""
    opened = known.opened
    if not opened.has_records:
        return None
    crime, _ = headlines()
    months = opened.counts("headline").reindex(opened.edition.span.months)[crime].dropna()
    span = opened.edition.span
    which = span.name if len(months) == len(span.months) else f"the {len(months)} months of {span.name} that we hold"
    return official.two_counts(int(months.sum()), which)


def _heading(key: str, title: str, subtitle: str) -> Heading:
    return Heading(key=key, title=title, subtitle=subtitle, source=SOURCE)


def _short(end: pd.Period | None) -> str:
    return f"Year to {end.strftime('%B %Y')}" if end is not None else "Year before"
