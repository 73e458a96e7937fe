"""The questions of the overview: tables for the page, with what was compared and how."""

from collections.abc import Sequence

from hcsp_assess.assessment.anomalies import Anomaly
from hcsp_assess.assessment.wording.overview import (
    say_compared,
    say_elsewhere,
    say_left_out,
    say_method,
    say_no_years,
    say_not_compared,
    say_percent_signed,
    say_quarters_looked_at,
    say_reason,
)
from hcsp_assess.edition.national import NationalPicture, partnership_forces
from hcsp_assess.report.overview_page import Cell, Column, OverviewPart, OverviewTable
from hcsp_assess.run.overview_areas import OverviewArea, link_to
from hcsp_assess.sources.recorded_crime import TOTAL, offence_groups

#: What the two figures of a line are, where they are not of two years.
BESIDE = {"break": ("Expected", "Here"), "report": ("Middle area", "Here")}
HEADINGS = {
    "force": (
        "Changes across a whole police force",
        "Recorded crime in both years, by force and kind of offence",
    ),
    "change": ("Changes in single areas", "Recorded crime in both years, by area and kind of offence"),
    "break": ("Breaks in the figures", "Figures of recorded crime that are missing or look wrong"),
    "report": ("The reports themselves", "What the reports say about their own data"),
}
NONE = {
    "force": "In these areas, no change across a whole force is unusual among forces.",
    "change": "In these areas, no change is unusual among all partnerships.",
    "break": "In these areas, we found no break in the figures.",
    "report": "We found no report with a check to look at, many rows set aside, or a statement of nothing to report.",
}


def group_name(group: str) -> str:
    """Return what readers call an offence group."""
    if group == TOTAL:
        return "All recorded crime except fraud"
    return {each.key: each.label for each in offence_groups()}.get(group, "All offence groups")


def questions_part(
    anomalies: Sequence[Anomaly], areas: Sequence[OverviewArea], picture: NationalPicture | None
) -> OverviewPart:
    """Return the part of the page with the questions: a table for each kind, and the method in a closed panel."""
    links = {area.listed.area: link_to(area.outcome) for area in areas if area.report.there}
    texts = ["Each line is a question, not a judgement. A figure can be unusual and right."]
    kinds = [kind for kind in HEADINGS if picture is not None or kind == "report"]
    if picture is None:
        texts.append(say_no_years())
    else:
        names = [area.listed.name for area in areas if area.listed.code not in partnership_forces().index]
        texts += [say_compared(picture.before, picture.year_end, len(picture.changes.table))]
        texts += [*say_left_out(picture.changes.left_out, picture.counted_differently), *say_not_compared(names)]
        texts += [f"A table of the project could not be used. {say_reason(problem)}" for problem in picture.problems]
    tables = tuple(
        _table(kind, [item for item in anomalies if item.part == kind], links, picture, len(areas)) for kind in kinds
    )
    method = say_method(picture.changes.level, picture.changes.spread["between"]) if picture is not None else ()
    return OverviewPart("questions", "Questions to ask", tables, tuple(texts), len(anomalies), method)


def _table(
    kind: str, items: Sequence[Anomaly], links: dict[str, str], picture: NationalPicture | None, number: int
) -> OverviewTable:
    heading, caption = HEADINGS[kind]
    changes = kind in ("force", "change")
    columns = (
        Column("Police force" if kind == "force" else "Area or force"),
        Column("Subject", "middle"),
        *(Column(name, "number") for name in BESIDE.get(kind, ("Before", "After"))),
        *((Column("Change", "middle"),) if changes else ()),
        Column("How unusual" if changes else "What is unusual", "wide"),
        Column("What to do first", "wide"),
    )
    texts = [] if items else [NONE[kind]]
    if kind == "break" and picture is not None:
        texts.append(say_quarters_looked_at(picture.quarters))
    if changes and picture is not None:
        every = picture.changes.forces if kind == "force" else picture.changes.table
        others = int(every["unusual"].sum()) - len({(item.where, item.subject) for item in items})
        texts += say_elsewhere(others, number)
    rows = tuple(_row(item, links, changes=changes) for item in items)
    return OverviewTable(f"{kind}-table", caption, columns, rows, heading=heading, texts=tuple(texts))


def _row(item: Anomaly, links: dict[str, str], *, changes: bool) -> tuple[Cell, ...]:
    also = (item.force,) if item.area and item.force else ()
    elsewhere = () if item.common is None else (f"typical elsewhere: {say_percent_signed(item.common)}",)
    return (
        Cell((item.where, *also), link=links.get(item.area, "")),
        Cell((item.subject,)),
        Cell((_figure(item.before, item.subject),)),
        Cell((_figure(item.after, item.subject),)),
        *((Cell((say_percent_signed(item.percent), *elsewhere)),) if changes else ()),
        Cell((item.unusual,)),
        Cell((item.first,)),
    )


def _figure(value: float | None, subject: str) -> str:
    if value is None:
        return "–"
    return f"{value:.1f}" if "per cent" in subject else f"{value:,.0f}".replace("-", "−")
