"""A line for each priority of the plan, in the summary: what its figure is, and how sure its change is.

No sentence has more than 25 words (`assessment.summary.LONGEST_SENTENCE`): `tests/test_summary.py` holds it.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from hcsp_assess.assessment.findings import Finding
from hcsp_assess.assessment.wording.words import PERCENT_FROM, listed, lower_first, say_percent, upper_first


@dataclass(frozen=True)
class Measured:
    """A figure of a priority: now and a year earlier, with the months in words.

    Attributes
    ----------
    sure : bool
        Whether the change is more than usual ups and downs.
    tested : bool
        Whether that could be tested.
    simulated : bool
        Whether it rests on simulated data.
    """

    now: float
    before: float
    months: str
    sure: bool = False
    tested: bool = True
    simulated: bool = False


def say_domestic_abuse(repeats: Measured | None, children: Measured | None) -> list[Finding]:
    """Say how many cases at MARAC were repeats, and how many children lived in those homes."""
    found = []
    if repeats is not None:
        sentence = (
            f"Domestic abuse: {repeats.now:.0f}% of cases at MARAC, where agencies protect victims at high risk, "
            f"were repeats in {repeats.months}; {repeats.before:.0f}% a year earlier."
        )
        evidence = {"percent": repeats.now, "percent_before": repeats.before}
        found.append(Finding("summary_domestic_abuse", sentence, evidence, simulated=repeats.simulated))
    if children is not None:
        start = "The homes discussed there" if repeats is not None else "Domestic abuse: homes discussed at MARAC"
        sentence = f"{start} had {children.now:,.0f} children in {children.months}, {_difference(children)}."
        evidence = {"children": children.now, "children_before": children.before, **_of(children)}
        found.append(Finding("summary_children", sentence, evidence, simulated=children.simulated))
    return found


def say_alcohol(injury: Measured | None, assaults: Measured | None, *, over_years: str) -> list[Finding]:
    """Say how much violence with injury there was, and how many people came to A&E after an assault involving alcohol.

    Parameters
    ----------
    over_years : str
        How violence with injury moved over the years that the records cover, as `say_over_years` puts it; "" for none.
    """
    found = []
    if injury is not None:
        parts = [
            f"Alcohol: {injury.now:,.0f} offences of violence with injury in {injury.months}, {_difference(injury)}.",
            *_too_small(injury, over_years),
        ]
        evidence = {"injury": injury.now, "injury_before": injury.before, **_of(injury)}
        found.append(Finding("summary_alcohol", " ".join(parts), evidence, simulated=injury.simulated))
    if assaults is not None:
        start = "A" if injury is not None else "Alcohol: a"
        sentence = (
            f"{start}ccident and emergency saw {assaults.now:,.0f} people after an assault involving alcohol, "
            f"against {assaults.before:,.0f} a year earlier."
        )
        evidence = {"assaults": assaults.now, "assaults_before": assaults.before}
        found.append(Finding("summary_assaults", sentence, evidence, simulated=assaults.simulated))
    return found


def say_over_years(trend: str, what: str, *, simulated: bool) -> str:
    """Say how something moved over the years of the records, to stand beside one year's change; "" for no trend."""
    if not trend:
        return ""
    records = "in the simulated records" if simulated else "in the police's records"
    return f"over five years, {records}, {what} has probably been {trend}"


def say_reoffending(cohort: Measured | None, *, prolific: bool) -> list[Finding]:
    """Say what share of the offenders managed together offended again.

    Parameters
    ----------
    prolific : bool
        Whether the plan's indicator of prolific offenders has a figure.
    """
    if cohort is None:
        return []
    same = round(cohort.now) == round(cohort.before)
    before = "as a year earlier" if same else f"{cohort.before:.0f}% a year earlier"
    parts = [
        f"Reoffending: in a typical quarter of {cohort.months}, {cohort.now:.0f}% of offenders managed jointly "
        f"offended again, {before}."
    ]
    parts += [] if prolific else ["There is still no figure for prolific offenders."]
    evidence = {"percent": cohort.now, "percent_before": cohort.before}
    return [Finding("summary_reoffending", " ".join(parts), evidence, simulated=cohort.simulated)]


def say_feeling_safe(safe: Measured | None) -> list[Finding]:
    """Say how many feel safe, and whether that change can be tested."""
    if safe is None:
        return []
    way = "up from" if safe.now > safe.before else "down from"
    parts = [
        f"Feeling safe: {safe.now:.0f}% of people asked felt safe in {safe.months}, "
        f"{way} {safe.before:.0f}% a year earlier."
    ]
    parts += [] if safe.tested else ["The strategy does not say how many were asked."]
    evidence = {"percent": safe.now, "percent_before": safe.before}
    return [Finding("summary_feeling_safe", " ".join(parts), evidence, simulated=safe.simulated)]


def say_roads(killed: Measured | None) -> list[Finding]:
    """Say how many were killed or seriously injured on the roads, and that few people swing from year to year."""
    if killed is None:
        return []
    word = "encouraging, but not yet proof" if killed.now < killed.before else "a warning, but not yet proof"
    parts = [
        f"Roads: {killed.now:.0f} people were killed or seriously injured in {killed.months}, {_difference(killed)}.",
        *([] if killed.sure else [f"Numbers this small swing from year to year: {word}."]),
    ]
    evidence = {"killed": killed.now, "killed_before": killed.before, **_of(killed)}
    return [Finding("summary_roads", " ".join(parts), evidence, simulated=killed.simulated)]


def _difference(item: Measured) -> str:
    """How many more or fewer than a year earlier."""
    difference = round(item.now - item.before)
    if not difference:
        return "the same as a year earlier"
    return f"{abs(difference):,} {'more' if difference > 0 else 'fewer'} than a year earlier"


def _of(item: Measured) -> dict[str, float]:
    return {"difference": abs(item.now - item.before)}


def _too_small(item: Measured, then: str) -> list[str]:
    if item.sure or not then:
        return [] if item.sure else ["One year's difference is too small to be sure of."]
    return [f"One year's difference is too small to be sure of; {then}."]


def say_headline(last_plan: float, first_year: float) -> Finding:
    """Say the strategy's own headline: by how much recorded crime changed over the last plan, and in its first year."""
    word = "fell" if last_plan < 0 else "rose"
    another = "another " if last_plan * first_year > 0 else "minus " if first_year < 0 else "plus "
    sentence = (
        f"The strategy reports that recorded crime {word} by {abs(last_plan):.0f}% over the last plan, "
        f"and by {another}{abs(first_year):.0f}% in this plan's first year."
    )
    return Finding("summary_headline", sentence, {"last_plan": abs(last_plan), "first_year": abs(first_year)})


def say_level(crime: Measured, *, over_years: str) -> Finding:
    """Say how much crime was recorded, and reconcile one year's change with the trend over years.

    Parameters
    ----------
    over_years : str
        As `say_over_years` puts it; "" for no trend.
    """
    percent = 100 * (crime.now / crime.before - 1) if crime.before else 0.0
    change = f"{abs(crime.now - crime.before):,.0f} {'more' if percent > 0 else 'fewer'}"
    if crime.before >= PERCENT_FROM:
        change += f" ({say_percent(percent)})"
    parts = [
        f"Police recorded {crime.now:,.0f} crimes in {crime.months}, {change} than a year earlier.",
        *_too_small(crime, over_years),
    ]
    evidence = {"count": crime.now, "count_before": crime.before, **_of(crime), "percent": percent}
    return Finding("summary_level", " ".join(parts), evidence, simulated=crime.simulated)


def say_not_measured(names: Sequence[str]) -> Finding:
    """Say that an edition has no figures on some subjects; the table of what it does not cover says who holds them."""
    named = listed([lower_first(name) for name in names])
    sentence = f"{upper_first(named)}: partners hold the figures, and this edition has none yet."
    return Finding("summary_not_measured", sentence)
