"""What chapters show of series with holes of years: the year assessed against earlier spells, as chart and table."""

from collections import Counter

import pandas as pd

from hcsp_assess.assessment.findings import Finding, Findings, LinkKind
from hcsp_assess.assessment.wording.then_and_now import (
    describe_far,
    describe_not_clear,
    say_change,
    say_clear,
    say_range,
    say_rate,
    say_since,
    say_spell,
    say_title,
)
from hcsp_assess.chapters.shared.headings import heading_of
from hcsp_assess.edition.series import Verdicts
from hcsp_assess.edition.then_and_now import Comparisons, changes_named, compare_edition
from hcsp_assess.report.charts import Chart
from hcsp_assess.report.spell_charts import chart_spells
from hcsp_assess.report.tables import Table
from hcsp_assess.subject.crime_types import RECORDED_CRIME, comparable_series
from hcsp_assess.trends.then_and_now import Spell

LINKS: dict[LinkKind, str] = {"chart": "#then-and-now-chart", "table": "#then-and-now"}


def findings_far(verdicts: Verdicts, *, most: int | None = None) -> Findings:
    """Name the crime types that are recorded clearly less, and more, than in the earliest months held."""
    spells = earliest(compare_edition(verdicts))
    return Findings(tuple(_far(verdicts, spells, word, most) for word in ("less", "more") if spells))


def findings_not_clear(verdicts: Verdicts) -> Findings:
    """Name the crime types that do not differ clearly from the earliest months held, in one sentence."""
    compared = compare_edition(verdicts)
    unclear = [name for name, spell in earliest(compared).items() if not spell.clear]
    if RECORDED_CRIME in compared.found and not compared.found[RECORDED_CRIME].spells[0].clear:
        unclear.insert(0, verdicts.series[RECORDED_CRIME].label)
    if not unclear:
        return Findings(())
    said = describe_not_clear(unclear, say_since(next(iter(earliest(compared).values()))))
    return Findings((said.marked(simulated=verdicts.opened.simulated),))


def title_not_clear(verdicts: Verdicts) -> str:
    """The title of a chart of every series by month: how many crime types differ clearly from the earliest months."""
    spells = earliest(compare_edition(verdicts))
    if not spells:
        return "We hold too few months to compare one year with another"
    clear, since = sum(spell.clear for spell in spells.values()), say_since(next(iter(spells.values())))
    if 2 * clear < len(spells):
        return f"{len(spells) - clear} of {len(spells)} types of crime show no clear difference from {since}"
    return f"{clear} of {len(spells)} types of crime differ clearly from {since}"


def _far(verdicts: Verdicts, spells: dict[str, Spell], word: str, most: int | None) -> Finding:
    way = -1 if word == "less" else 1
    clear = sorted(
        ((name, spell) for name, spell in spells.items() if spell.direction == way), key=lambda at: at[1].p_value
    )
    known = {change.key: change for _, spell in clear[:most] for change in changes_named(spell)}
    changes = sorted(known.values(), key=lambda change: change.month)
    said = describe_far(clear, word, say_since(next(iter(spells.values()))), most=most, changes=changes)
    links = LINKS if "crime_trends" in verdicts.opened.edition.chapters else {}
    return said.marked(simulated=verdicts.opened.simulated).traced(links=links)


def table_then_and_now(verdicts: Verdicts) -> Table | Findings:
    """Show every series with holes against each earlier spell; nothing where all series have a trend."""
    compared = compare_edition(verdicts)
    rows = [
        {
            "Series": verdicts.series[key].label,
            "Compared with": say_spell(spell),
            "A month then": say_rate(spell.per_month),
            "A month now": say_rate(spell.assessed_per_month),
            "Change": say_change(spell),
            "Likely range": say_range(spell),
            "How sure": say_clear(spell),
        }
        for key, found in compared.found.items()
        for spell in found.spells
    ]
    if not rows:
        return Findings(())
    name, span = verdicts.opened.area.name, verdicts.opened.edition.span
    notes = (
        "“Now” is the same calendar months of the year assessed. The likely range allows for how much months, and "
        "whole years, usually differ.",
        f"Of the differences called clear, about one in ten may be luck: we made {len(rows)} comparisons.",
        *_not_compared(compared),
    )
    return Table(
        pd.DataFrame(rows),
        f"Records a month in {name}, {span.words}, beside earlier months that we hold",
        "then-and-now",
        notes,
        verdicts.opened.simulated,
        folded=f"Every series beside all earlier months that we hold: {len(rows)} comparisons",
    )


def chart_then_and_now(verdicts: Verdicts) -> Chart | Findings:
    """Chart each crime type against the earliest spell held; nothing where all series have a trend."""
    spells = earliest(compare_edition(verdicts))
    if not spells:
        return Findings(())
    first = next(iter(spells.values()))
    subtitle = (
        f"Records a month in {verdicts.opened.area.name}, {verdicts.opened.edition.span.name}, as a multiple of "
        f"{say_spell(first)}"
    )
    return chart_spells(spells, heading_of(verdicts.opened, "then-and-now-chart", say_title(spells), subtitle))


def earliest(compared: Comparisons) -> dict[str, Spell]:
    """The earliest spell of each crime type of the whole area, by name; the same one for all, no sum of other types."""
    parts = {item.key: item.parts for item in comparable_series()}
    single = {part for key, found in parts.items() if key in compared.found and len(found) == 1 for part in found}
    series = compared.verdicts.series
    chosen = {
        series[key].label: found.spells[0]
        for key, found in compared.found.items()
        if key in parts and key != RECORDED_CRIME and not (len(parts[key]) > 1 and single & set(parts[key]))
    }
    if not chosen:
        return {}
    (common, _), *_ = Counter((spell.first, spell.last) for spell in chosen.values()).most_common(1)
    return {name: spell for name, spell in chosen.items() if (spell.first, spell.last) == common}


def _not_compared(compared: Comparisons) -> list[str]:
    """Spells that no series could be compared with, and why."""
    common: Counter[tuple[str, str]] = Counter(
        (_months(item.first, item.last), item.reason)
        for found in compared.found.values()
        for item in found.not_compared
    )
    return [
        f"{months} is not compared: {reason}." for (months, reason), n in common.items() if n == len(compared.found)
    ]


def _months(first: pd.Period, last: pd.Period) -> str:
    return first.strftime("%B %Y") if first == last else f"{first.strftime('%B %Y')} to {last.strftime('%B %Y')}"
