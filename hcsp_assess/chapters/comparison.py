"""The chapter on official figures: recorded crime, similar areas, and which offences carry most of the harm."""

import pandas as pd

from hcsp_assess.assessment.findings import Finding, Findings
from hcsp_assess.assessment.wording.absent import absent
from hcsp_assess.edition.findings import EditionFindings
from hcsp_assess.edition.official_findings import OFFICIAL_NAME, OfficialFindings
from hcsp_assess.edition.series import headlines
from hcsp_assess.places.peers import make_funnel
from hcsp_assess.report.charts import Chart, Heading
from hcsp_assess.report.comparison_charts import chart_differences, chart_funnel, chart_harm, chart_years
from hcsp_assess.report.tables import Table
from hcsp_assess.sources.recorded_crime import TOTAL

#: Columns of the table of groups that need an earlier year.
CHANGES = ("Year before", "Change")
PEOPLE = "residents: Office for National Statistics"


def findings_level(known: EditionFindings) -> Findings | Finding:
    """Say how much crime was recorded, how that changed, and whether similar areas changed alike."""
    official = known.official
    if official is None:
        return absent("official_none")
    found = (official.level, official.common, _two_counts(known, official))
    return Findings(tuple(item for item in found if item is not None))


def findings_moved(known: EditionFindings) -> Findings | Finding:
    """Say which kinds of offence clearly rose and fell."""
    official = known.official
    if official is None or not official.picture.changes:
        return absent("official_no_earlier")
    found = (official.moved("rising"), official.moved("falling"))
    return Findings(tuple(item for item in found if item is not None))


def findings_similar(known: EditionFindings) -> Findings | Finding:
    """Say the rate beside similar areas, what differs, and who the similar areas are."""
    official = known.official
    if official is None or official.rate is None or official.differences is None:
        return absent("official_none")
    return Findings((official.rate, official.differences, official.similar))


def table_groups(known: EditionFindings) -> Table | Finding:
    """Show every kind of offence: number, change, rate, and the rates of similar areas and of the country."""
    official = known.official
    if official is None:
        return absent("official_none")
    picture = official.picture
    rows = []
    for group, row in picture.table.iterrows():
        ranking, change = picture.rankings.get(str(group)), picture.changes.get(str(group))
        line: dict[str, object] = {
            "Kind of offence": row["label"] if group == TOTAL or not row["parent"] else f"of these, {row['label']}",
            "Offences": row["count"],
            "Year before": row["count_before"],
            "Change": f"{change.percent:+.0f}%".replace("-", "−") if change and change.before >= 50 else "too few",
            "Rate per 1,000": _rate(row["rate"]),
            "Middle of similar areas": _rate(ranking.median) if ranking else "too few",
            "England and Wales": _rate(row["country"]),
            "Rank, from the highest": f"{ranking.rank} of {ranking.of}" if ranking else "too few",
        }
        rows.append({name: value for name, value in line.items() if picture.before is not None or name not in CHANGES})
    frame = pd.DataFrame(rows).rename(
        columns={"Year before": f"{_short(picture.before)}", "Offences": _short(picture.year_end)}
    )
    caption = f"Recorded crime by kind of offence, {official.place}, {picture.year}"
    note = (
        f"Rates are per 1,000 residents ({picture.population.words}). A change is given from 50 offences. Fraud is not "
        "included."
    )
    return Table(frame, caption, "official-groups", (note,))


def chart_kinds(known: EditionFindings) -> Chart | Finding:
    """Chart each kind of offence as a difference from the middle of similar areas."""
    official = known.official
    if official is None or official.differences is None:
        return absent("official_none")
    picture = official.picture
    rankings = {group: picture.rankings[group] for group in official.kinds if group in picture.rankings}
    higher = sum(item.position == "higher" for item in rankings.values())
    lower = sum(item.position == "lower" for item in rankings.values())
    title = (
        f"Of {len(rankings)} kinds of offence, {official.place} is clearly higher than similar areas on {higher} and "
        f"lower on {lower}"
    )
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
    title = f"{official.place} is {where} the middle of its similar areas, and {usual} their usual range"
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
    title = (
        f"{official.place}: {own.iloc[-1]:.0f} crimes per 1,000 residents; England and Wales: {country.iloc[-1]:.0f}"
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
    title = f"{shares.top_harm:.0f}% of the harm is in {shares.top_crime:.0f}% of the crimes"
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
    which = span.words if len(months) == len(span.months) else f"the {len(months)} months held of {span.words}"
    return official.two_counts(int(months.sum()), which)


def _heading(key: str, title: str, subtitle: str) -> Heading:
    return Heading(key=key, title=title, subtitle=subtitle, source=f"{OFFICIAL_NAME}; {PEOPLE}")


def _rate(value: float) -> str:
    """A rate with as many decimals as it needs: 50.9, 0.14, 0.01."""
    return f"{value:.1f}" if value >= 0.95 else f"{value:.2f}"


def _short(end: pd.Period | None) -> str:
    return f"Year to {end.strftime('%B %Y')}" if end is not None else "Year before"
