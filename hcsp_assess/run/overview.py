"""One page over the reports of all areas: how each run ended, and what a national body should ask about."""

from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import pandas as pd

from hcsp_assess.assessment.anomalies import Anomaly, break_anomalies, change_anomalies, report_anomalies
from hcsp_assess.assessment.wording.overview import say_how_it_went
from hcsp_assess.edition.national import NationalPicture, national_picture
from hcsp_assess.errors import InputError, UsageError
from hcsp_assess.files import csv_bytes, write_whole
from hcsp_assess.periods import Span
from hcsp_assess.project import Project
from hcsp_assess.report.overview_page import OverviewPage, OverviewPart, overview_html
from hcsp_assess.run.area_list import AreaReport
from hcsp_assess.run.delivery import deliver, deliver_file
from hcsp_assess.run.formats import PUBLISHED_AS
from hcsp_assess.run.many_areas import AreaOutcome
from hcsp_assess.run.overview_areas import DAMAGED, EARLIER, OverviewArea, areas_frame, areas_table, overview_areas
from hcsp_assess.run.overview_questions import group_name, questions_part
from hcsp_assess.run.reports_folder import OVERVIEWS, write_index
from hcsp_assess.subject.editions import edition

AREAS, ANOMALIES, PAGE = "areas.csv", "anomalies.csv", "index.html"


def write_overview(project: Project, outcomes: Sequence[AreaOutcome]) -> Path:
    """Write one page over the reports of all areas, for each edition among the outcomes.

    ``reports/all/EDITION/`` gets `areas.csv`, `anomalies.csv` and, last, `index.html`; each is replaced in one step.
    Reports of the edition that an earlier run built are on the page too.
    Call it once, when every area is finished. It reads what is published (`run.json` and `findings.json` of each
    report) and official recorded crime, and nothing in `restricted-reports/`.

    Parameters
    ----------
    outcomes : sequence of AreaOutcome
        Of all areas, in any order. A report that is missing or damaged has its row, with what is wrong.

    Returns
    -------
    Path
        The page of the edition that is named first.

    Raises
    ------
    UsageError
        If there is no outcome, or the name of an edition cannot be the name of a folder.
    OSError
        If a file cannot be written; the last page is then as it was.
    """
    by_edition: dict[str, list[AreaOutcome]] = {}
    for outcome in outcomes:
        by_edition.setdefault(outcome.report.edition, []).append(outcome)
    if not by_edition:
        raise UsageError("there is no area to write an overview about: run at least one")
    for key in by_edition:
        if key in ("", ".", "..") or set(key) & set("/\\\0"):
            raise UsageError(f"the edition {key!r} cannot be the name of a folder: rename it")
    pages = [
        _write(project, key, [*found, *_of_earlier_runs(project, key, found)]) for key, found in by_edition.items()
    ]
    write_index(project.reports)
    return pages[0]


def _of_earlier_runs(project: Project, key: str, outcomes: Sequence[AreaOutcome]) -> list[AreaOutcome]:
    """The edition's reports for areas that are not among the outcomes: a run of a few areas hides no other."""
    here = {outcome.report.area for outcome in outcomes}
    pages = sorted(project.reports.glob("*@*/index.html"))
    names = [page.parent.name.partition("@") for page in pages]
    earlier = [area for name, _, area in names if name == key and area not in here]
    return [AreaOutcome(AreaReport(area, key), "nothing new", tries=0) for area in earlier]


def publish_overview(project: Project, outcomes: Sequence[AreaOutcome], output: str = "") -> str:
    """Write the page over all areas, and put it and the list of reports in another place too.

    Parameters
    ----------
    output : str
        A folder, or an address that fsspec knows; "" for none.

    Returns
    -------
    str
        Where the page of the edition is that is named first.

    Raises
    ------
    UsageError, InputError, OSError
        See `write_overview` and `delivery.deliver`.
    """
    page = write_overview(project, outcomes)
    if not output:
        return str(page)
    keys = dict.fromkeys(outcome.report.edition for outcome in outcomes)
    places = [deliver(project.reports / OVERVIEWS / key, output, f"{OVERVIEWS}/{key}") for key in keys]
    deliver_file(project.reports / PAGE, output, PAGE)
    return places[0]


def _write(project: Project, key: str, outcomes: Sequence[AreaOutcome]) -> Path:
    """Write the page over one edition, and its tables."""
    areas = overview_areas(outcomes, project)
    title, span, known = _edition(key, project)
    picture = national_picture(span, project) if known else None
    listed = [area.listed for area in areas]
    changes = change_anomalies(picture.changes, listed, group_name) if picture else ()
    breaks = break_anomalies(picture.breaks, listed, group_name) if picture else ()
    anomalies = (*changes, *breaks, *report_anomalies([area.facts for area in areas if area.report.there]))
    now = datetime.now(UTC).replace(microsecond=0)
    folder = project.reports / OVERVIEWS / key
    write_whole(folder / AREAS, csv_bytes(areas_frame(areas), inert=True))
    write_whole(folder / ANOMALIES, csv_bytes(_anomalies_frame(anomalies, picture), inert=True))
    write_whole(folder / PAGE, _page(title, areas, anomalies, picture, now).encode("utf-8", "replace"))
    return folder / PAGE


def _edition(key: str, project: Project) -> tuple[str, Span | None, bool]:
    """The edition's title, its twelve months, and whether official figures belong to it: not to made-up records."""
    try:
        chosen = edition(key, project.root)
    except (InputError, UsageError):
        return f"Edition {key}", None, True  # its definition is gone or cannot be read: the newest official year
    return chosen.title, chosen.span, not chosen.simulated


def _page(
    title: str,
    areas: Sequence[OverviewArea],
    anomalies: Sequence[Anomaly],
    picture: NationalPicture | None,
    now: datetime,
) -> str:
    states = Counter(area.state for area in areas)
    failed, damaged, earlier = states["Failed"], states[DAMAGED], states[EARLIER]
    up_to_date, standing = len(areas) - failed - damaged - earlier, sum(area.standing for area in areas)
    periods = Counter(area.report.period for area in areas if area.report.period)
    simulated = sum(area.report.simulated for area in areas)
    reports = OverviewPart("areas", "Reports by area", (areas_table(areas),), number=len(areas))
    page = OverviewPage(
        title=f"{title}: all areas",
        period=periods.most_common(1)[0][0] if periods else "",
        outcome=say_how_it_went(up_to_date, failed, damaged, standing, earlier),
        parts=(reports, questions_part(anomalies, areas, picture)),
        made=now,
        made_text=f"{now:{PUBLISHED_AS}}",
        about="Each area's name leads to its report.",
        simulated=f"{simulated:,} of {len(areas):,} reports are a demonstration: no evidence about real events."
        if simulated
        else "",
    )
    return overview_html(page)


def _anomalies_frame(anomalies: Sequence[Anomaly], picture: NationalPicture | None) -> pd.DataFrame:
    """The questions as a table for other programs, with the two years that were compared."""
    columns = list(Anomaly.__dataclass_fields__)
    table = pd.DataFrame([vars(item) for item in anomalies], columns=columns)
    compared = table["part"].isin(["force", "change"])
    years = (str(picture.before), str(picture.year_end)) if picture else ("", "")
    return table.assign(
        year_before=pd.Series(years[0], table.index).where(compared, ""),
        year_end=pd.Series(years[1], table.index).where(compared, ""),
    )
