"""The areas of the overview: how the run of each ended, beside what its published report says."""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pandas as pd

from hcsp_assess.assessment.anomalies import Listed, ReportFacts
from hcsp_assess.assessment.wording.overview import say_reason
from hcsp_assess.assessment.wording.words import listed, say_day, upper_first
from hcsp_assess.edition.national import partnership_forces
from hcsp_assess.errors import InputError
from hcsp_assess.project import Project, definition_files, read_definition
from hcsp_assess.report.overview_page import Cell, Column, OverviewTable
from hcsp_assess.run.many_areas import AreaOutcome
from hcsp_assess.run.published_reports import PublishedReport, read_report

STATES = {"done": "Up to date", "nothing new": "Unchanged", "failed": "Failed"}
DAMAGED = "Damaged"
EARLIER = "Not in this run"
NO_FOLDER = "its name cannot be the name of a folder"
COLUMNS = (
    Column("Area"),
    Column("Police force"),
    Column("Report", "middle"),
    Column("Published"),
    Column("Headline", "wide"),
    Column("Checks", "middle"),
    Column("Missing", "middle"),
    Column("Seconds", "number"),
)


@dataclass(frozen=True)
class OverviewArea:
    """An area: which partnership it is, how its run ended, and what its report says.

    Attributes
    ----------
    state : str
        "Up to date", "Unchanged", "Failed", "Damaged" (the run ended well, and the report cannot be read whole) or "Not
        in this run" (an earlier run built it).
    reason : str
        Why it failed or what is damaged, in words; "" where all is well.
    """

    listed: Listed
    outcome: AreaOutcome
    report: PublishedReport
    state: str
    reason: str

    @property
    def standing(self) -> bool:
        """Whether its run failed and an earlier report is still published."""
        return self.state == "Failed" and self.report.there

    @property
    def facts(self) -> ReportFacts:
        """What is known about its report."""
        return ReportFacts(self.listed, self.report.look, self.report.percent_aside, self.report.letters)


def overview_areas(outcomes: Sequence[AreaOutcome], project: Project) -> tuple[OverviewArea, ...]:
    """Read the report of each area; those that failed first, then those that are damaged, then by name."""
    definitions, forces = _definitions(project.root), partnership_forces()
    found = [_area(outcome, project, definitions, forces) for outcome in outcomes]
    order = ["Failed", DAMAGED]

    def place(area: OverviewArea) -> tuple[int, bool, str, str]:
        rank = order.index(area.state) if area.state in order else len(order)
        return (rank, area.standing, area.listed.name.casefold(), area.listed.area)

    return tuple(sorted(found, key=place))


def _area(
    outcome: AreaOutcome, project: Project, definitions: Mapping[str, Mapping[str, Any]], forces: pd.Series
) -> OverviewArea:
    key, about = outcome.report.key, definitions.get(outcome.report.area, {})
    is_name = key not in ("", ".", "..") and not set(key) & set("/\\\0")
    report = read_report(project.reports / key) if is_name else PublishedReport(problems=(NO_FOLDER,))
    code = str(about.get("partnership_code", ""))
    force = str(about.get("force_name", "")) or str(forces.get(code, ""))
    named = Listed(outcome.report.area, str(about.get("name", "")) or report.area or outcome.report.area, code, force)
    if outcome.outcome == "failed":
        return OverviewArea(named, outcome, report, "Failed", _failed(outcome, report, str(project.root)))
    if report.problems:
        return OverviewArea(named, outcome, report, DAMAGED, f"{upper_first(listed(report.problems))}.")
    return OverviewArea(named, outcome, report, STATES[outcome.outcome] if outcome.tries else EARLIER, "")


def _failed(outcome: AreaOutcome, report: PublishedReport, root: str) -> str:
    said = say_reason(outcome.reason, root)
    if not report.there:
        return f"{said} No report is published."
    when = f"of {say_day(report.published.date())} " if report.published else ""
    damaged = f" Of that report, {listed(report.problems)}." if report.problems else ""
    return f"{said} The earlier report {when}is still published.{damaged}"


def _definitions(root: Path) -> dict[str, Mapping[str, Any]]:
    """Fields of each area's definition; {} for one that cannot be read: its report says what is known."""
    found: dict[str, Mapping[str, Any]] = {}
    for key, file in definition_files("areas", root).items():
        try:
            found[key] = tomllib.loads(read_definition(file, f"areas/{key}.toml"))
        except (InputError, tomllib.TOMLDecodeError):
            found[key] = {}
    return found


def areas_table(areas: Sequence[OverviewArea]) -> OverviewTable:
    """Return the table of areas for the page."""
    return OverviewTable(
        key="areas-table",
        caption="Each area's report: how its run ended, what it says first, its checks, and what is missing",
        columns=COLUMNS,
        rows=tuple(_row(area) for area in areas),
        notes=(
            "Headline: the first sentence of the report's summary, and the first on what has changed. Each report says "
            "how sure it is.",
        ),
        sortable=True,
    )


def link_to(outcome: AreaOutcome) -> str:
    """Return where an area's report is, from the page over all areas."""
    return f"../../{quote(outcome.report.key, safe='@')}/index.html"


def _row(area: OverviewArea) -> tuple[Cell, ...]:
    report, outcome = area.report, area.outcome
    marks = {"Failed": "failed", DAMAGED: "damaged", EARLIER: ""}
    tries = f"Tried {outcome.tries} times." if outcome.tries > 1 else ""
    simulated = ("Simulated data",) if report.simulated else ()
    headline = tuple(dict.fromkeys(text for text in (report.headline, report.change) if text))
    published = f"{report.published:%Y-%m-%dT%H:%M}" if report.published else ""
    return (
        Cell((area.listed.name, *simulated), link=link_to(outcome) if report.there else ""),
        Cell((area.listed.force or "not known",)),
        Cell((area.state, *(text for text in (area.reason, tries) if text)), mark=marks.get(area.state, "good")),
        Cell(
            (say_day(report.published.date()),) if report.published else ("not known" if report.there else "–",),
            order=published,
        ),
        Cell(headline or ("none published",)),
        Cell(_checks(area)),
        Cell(_missing(report.missing)),
        Cell((f"{outcome.seconds:,.0f}" if outcome.tries else "–",), order=f"{outcome.seconds:.1f}"),
    )


def _checks(area: OverviewArea) -> tuple[str, ...]:
    """Checks of the data, rows set aside, statements and warnings, a line each."""
    report = area.report
    lines = [] if report.checks is None else [_number(report.checks, "check")]
    if report.look:
        lines.append(f"{len(report.look)} to look at: {', '.join(report.look)}")
    if report.percent_aside is not None:
        lines.append(f"{report.percent_aside:.1f}% of {report.rows:,} rows set aside")
    if report.letters:
        lines.append(f"nothing to report: {', '.join(report.letters)}")
    if area.outcome.warnings:
        lines.append(_number(len(area.outcome.warnings), "warning"))
    if lines or not report.there:
        return tuple(lines) or ("–",)
    return ("no street-level data",) if report.recorded else ("not in its record",)


def _missing(missing: tuple[str, ...]) -> tuple[str, ...]:
    """The first two things that are missing, and how many more there are."""
    more = len(missing) - 2
    return (*missing[:2], *((f"and {more} more",) if more > 0 else ())) or ("–",)


def _number(number: int, thing: str) -> str:
    return f"{number:,} {thing}{'' if number == 1 else 's'}"


def areas_frame(areas: Sequence[OverviewArea]) -> pd.DataFrame:
    """Return the areas as a table for other programs: one row each, in the order of the page."""
    return pd.DataFrame([_fields(area) for area in areas])


def _fields(area: OverviewArea) -> dict[str, object]:
    report, outcome = area.report, area.outcome
    return {
        "area": outcome.report.area,
        "edition": outcome.report.edition,
        "name": area.listed.name,
        "partnership_code": area.listed.code,
        "force": area.listed.force,
        "status": area.state,
        "reason": area.reason,
        "published": f"{report.published:%Y-%m-%dT%H:%MZ}" if report.published else "",
        "page": f"{outcome.report.key}/index.html" if report.there else "",
        "simulated": report.simulated,
        "headline": report.headline,
        "change": report.change,
        "checks": report.checks,
        "checks_to_look_at": "; ".join(report.look),
        "nothing_to_report": " ".join(report.letters),
        "warnings": len(outcome.warnings),
        "rows_received": report.rows,
        "rows_set_aside": report.set_aside,
        "missing": "; ".join(report.missing),
        "tries": outcome.tries,
        "seconds": outcome.seconds,
    }
