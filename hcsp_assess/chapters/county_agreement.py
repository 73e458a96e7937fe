"""The chapter of a county: whose assessments are held, what partnerships have in common, their words and figures."""

import pandas as pd

from hcsp_assess.assessment.findings import Finding, Findings
from hcsp_assess.assessment.statute import county_notice
from hcsp_assess.assessment.wording.absent import absent
from hcsp_assess.assessment.wording.county import (
    describe_common,
    describe_differences,
    describe_held,
    describe_nothing_brought,
    describe_published_decision,
    describe_published_matter,
    describe_published_priorities,
    describe_sum,
    say_sum,
)
from hcsp_assess.assessment.wording.words import listed, lower_first, upper_first
from hcsp_assess.chapters.shared.folded import Titled
from hcsp_assess.edition.county import County, CountyFigures, DistrictEdition
from hcsp_assess.edition.official_findings import official_source
from hcsp_assess.report.tables import Table
from hcsp_assess.sources.recorded_crime import TOTAL, offence_groups

PER_1000 = "Rate per 1,000"


def finding_held(county: County) -> Finding:
    """Say whose assessments are held, which are missing, and which are of another period."""
    held = [item.name for item in county.held]
    missing = [item.name for item in county.districts if item.published is None]
    others = {item.name: item.findings["period"] for item in county.districts if item.of_another_period}
    return describe_held(county.name, held, missing, others)


def table_held(county: County) -> Table:
    """Show each partnership's assessment, its period and when it was published."""
    rows = [_held_row(item) for item in county.districts]
    frame = pd.DataFrame(rows, columns=["Partnership", "Assessment", "Period", "Published", "Held"])
    caption = f"Assessments of the partnerships in {county.name}, {county.period}"
    return Table(frame, caption, "county-held", (county_notice(),))


def finding_common(county: County) -> Finding:
    """Say which subjects two or more partnerships name."""
    return describe_common(county.common, len(county.held), len(county.districts))


def table_common(county: County) -> Table | Findings:
    """Show each subject that two or more partnerships name, and which bring it to the county; nothing where none is."""
    if not county.common:
        return Findings(())
    rows = [
        (
            upper_first(item.name),
            f"{len(item.named_by)} of {item.of}",
            listed(list(item.matter_of)) if item.matter_of else "none",
            listed(list(item.priority_of)) if item.priority_of else "none",
        )
        for item in county.common
    ]
    frame = pd.DataFrame(rows, columns=["Subject", "Named by", "As a matter for the county", "Among priorities"])
    notes = [f"Named by: how many of the {len(county.districts)} partnerships name it, either way."]
    if others := [item.name for item in county.held if item.of_another_period]:
        notes.append(f"Counted with them, though of another period: {listed(others)}.")
    return Table(frame, f"Subjects that partnerships of {county.name} have in common", "county-common", tuple(notes))


def words_of_districts(county: County) -> Titled:
    """Show each partnership's priorities, decisions and matters for the county, word for word, with who signed them."""
    return Titled("What each partnership says", tuple(Titled(item.name, _words(item), 3) for item in county.held))


def finding_recorded(county: County) -> Finding:
    """Say how much crime was recorded in the county, as the sum of its partnerships."""
    figures = county.figures
    if figures is None:
        return absent("official_none")
    held = {str(name): int(count) for name, count in figures.counts.T[TOTAL].dropna().items()}
    return describe_sum(county.name, figures.year, figures.total, held).traced((official_source(),))


def table_recorded(county: County, *, kinds: bool = False) -> Table | Findings:
    """Show the offences of each partnership and of the county.

    Parameters
    ----------
    kinds : bool
        Every kind of offence, in a closed panel, and not the groups alone.
    """
    figures = county.figures
    if figures is None:
        return Findings(())
    rows = []
    for group in offence_groups():
        within = bool(group.parent) and group.parent != TOTAL
        if group.key not in figures.counts.index or (within and not kinds):
            continue
        label = f"of these, {lower_first(group.label)}" if within else group.label
        rows.append([label, say_sum(figures.sums[group.key]), *figures.counts.loc[group.key]])
    whole = f"{county.name}, county" if county.name in figures.counts.columns else county.name
    frame = pd.DataFrame(rows, columns=["Kind of offence", whole, *figures.counts.columns])
    caption = f"Recorded crime by {'kind' if kinds else 'group'} of offence, {county.name}, {figures.year}"
    notes = (
        f"{whole}: the sum of the partnerships that the county names. Where one has no figure, it is the sum of "
        "the others, with their number. Fraud is not included.",
    )
    key, folded = ("county-kinds", f"Every kind of offence: {len(frame)} rows") if kinds else ("county-groups", "")
    return Table(frame, caption, key, notes, folded=folded)


def findings_differences(county: County) -> Findings:
    """Say which kinds of offence differ most between the partnerships, where that is clear."""
    figures = county.figures
    if figures is None:
        return Findings((absent("official_none"),))
    found = figures.differences
    said = describe_differences(found.clear, _labels(), found.tested, len(county.districts))
    return Findings(tuple(item.traced((official_source(),)) if item.evidence else item for item in said))


def table_differences(county: County) -> Table | Findings:
    """Show every clear difference in a closed panel; nothing where there is none."""
    figures = county.figures
    if figures is None or figures.differences.clear.empty:
        return Findings(())
    clear = figures.differences.clear
    rows = [
        (
            _labels()[row["kind"]],
            row["place"],
            round(row["rate"], 1),
            round(row["rest_rate"], 1),
            f"{row['ratio']:.2f} ({row['low']:.2f} to {row['high']:.2f})",
        )
        for _, row in clear.iterrows()
    ]
    columns = ["Kind of offence", "Partnership", PER_1000, "Rest of the county", "Times the rest"]
    caption = f"Clear differences between partnerships of {county.name}, {figures.year}"
    return Table(
        pd.DataFrame(rows, columns=columns), caption, "county-differences", _notes(figures),
        folded=f"Every clear difference: {len(clear)}",
    )  # fmt: skip


def _notes(figures: CountyFigures) -> tuple[str, ...]:
    return (
        f"Rates are per 1,000 residents (mid-{figures.people_year}). Times the rest: the rate of the partnership over "
        "that of the rest of the county, with its likely range.",
    )


def _held_row(item: DistrictEdition) -> tuple[str, ...]:
    if item.published is None:
        why = "not built yet" if item.district.edition else "not received"
        return item.name, "none", "none", "none", why
    held = "of another period" if item.of_another_period else "yes"
    told = f"{held}; simulated records" if item.simulated else held
    return item.name, item.findings["title"], item.findings["period"], item.when, told


def _words(item: DistrictEdition) -> tuple[Finding, ...]:
    document = item.findings
    priorities = describe_published_priorities(document)
    return (
        priorities or describe_nothing_brought("scored priorities"),
        *(describe_published_decision(entry, document) for entry in document["decisions"]),
        *(
            [describe_published_matter(entry, document) for entry in document["matters"]]
            or [describe_nothing_brought("matters for the county")]
        ),
    )


def _labels() -> dict[str, str]:
    return {group.key: group.label for group in offence_groups()}
