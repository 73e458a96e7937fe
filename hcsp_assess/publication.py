"""From chapters that ran to what readers get: the page, what lies beside it, and the record of the run."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args

from hcsp_assess.disclosure import Audience
from hcsp_assess.partners import RETURNS, Partners
from hcsp_assess.project import Project

if TYPE_CHECKING:
    from hcsp_assess.pipeline import Prepared
    from hcsp_assess.report.handling import Handling
    from hcsp_assess.report.notebooks import Chapter

STREET = "police_uk"
AUDIENCES: tuple[Audience, ...] = get_args(Audience)
#: Folder in `reports/` of what is not for publication.
RESTRICTED = "restricted"
#: Kinds of street-level source of which small areas' counts may be published; a partner's own records may not.
OPEN_KINDS = ("street-level archive", "simulated archive")
#: Files published beside the page, with what a reader finds in them.
DOWNLOADS = {
    "tables.xlsx": "Every table of this report, as a spreadsheet",
    "findings.json": "Findings with their evidence, for other programs",
    "counts.csv.gz": "Counts by month, force, LSOA and crime type",
    "account.csv": "The account of every file: rows in, kept, duplicates, set aside",
    "disclosure_log.csv": "Every cell that the public edition suppresses, and the rule",
}


def run_record(prepared: Prepared, chapters: list[Chapter], notebooks: list[Path]) -> dict[str, Any]:
    """What was run on what: the provenance of the report, without the time of the run."""
    from hcsp_assess.report.provenance import sha256_of, software_record

    table, account = prepared.table, prepared.table.account
    files = account.assign(month=account["month"].astype(str))
    columns = ["file", "month", "snapshot", "rows_in", "kept", "duplicates", "quarantined", "sha256"]
    street = {
        "key": STREET,
        "name": prepared.source.name,
        "where": table.source["read_from"],
        "simulated": prepared.simulated,
        "licence": "simulated" if prepared.simulated else table.source.get("licence", ""),
        "attribution": "" if prepared.simulated else table.source.get("attribution", ""),
        "rows": prepared.rows,
        "files": files[columns].to_dict("records"),
    }
    others = [
        {"key": source.key, "name": source.name, "where": "figures that come with the package", "simulated": False,
         "licence": "", "attribution": "", "rows": {}, "files": []}
        for source in prepared.edition.sources
        if source.key not in (STREET, RETURNS)
    ]  # fmt: skip
    if prepared.partners is not None:
        others.append(_returns_record(prepared.partners))
    ran = [
        {"notebook": chapter.name, "sha256": sha256_of(notebook), "parameters": chapter.parameters}
        for chapter, notebook in zip(chapters, notebooks, strict=True)
    ]
    return {
        "edition": prepared.edition.key,
        "title": prepared.edition.title,
        "area": prepared.area.name,
        "period": prepared.edition.span.words,
        "simulated": prepared.edition.simulated,
        "software": software_record(),
        "sources": [street, *others],
        "chapters": ran,
    }


def _returns_record(partners: Partners) -> dict[str, Any]:
    """Which returns came: every file with its checksum and rows; of a refused one its name alone."""
    rows = {name: partners.shown_rows(name) for name in ("rows_in", "kept", "set_aside")}
    came = partners.register.assign(**rows)[partners.register["file"].notna()].astype(object)
    lines = came.where(came.notna(), "")[["file", "dataset", "status", *rows, "sha256"]]
    return {
        "key": RETURNS,
        "name": partners.source.name,
        "where": partners.source.folder,
        "simulated": partners.simulated,
        "licence": "simulated" if partners.simulated else "not open: sent by partners for this assessment",
        "attribution": "",
        "rows": partners.rows,
        "files": lines.to_dict("records"),
    }


@dataclass(frozen=True)
class Issue:
    """A report as one kind of reader gets it.

    Attributes
    ----------
    page : str
        The HTML page; it links to its downloads.
    downloads : dict of str to bytes
        Files that go beside it, by name.
    """

    page: str
    downloads: dict[str, bytes]


def publish_report(prepared: Prepared, chapters: list[Chapter], record: dict[str, Any], project: Project) -> Path:
    """Publish both editions, each by one rename, the restricted one first; return the page of the public one.

    The public one goes to ``reports/EDITION/``, the restricted one with the disclosure log to
    ``reports/restricted/EDITION/``, where no public page leads.

    Raises
    ------
    NotebookError
        If a page is not fit to publish; both editions are then as they were.
    """
    from hcsp_assess.report.publish import publish, write_index, write_whole

    public, restricted = make_issues(prepared, chapters, record, project)
    key = prepared.edition.key
    publish(project.reports / RESTRICTED / key, restricted.page.encode("utf-8"), restricted.downloads)
    target = project.reports / key
    path = publish(target, public.page.encode("utf-8"), public.downloads)
    write_whole(target / "findings.json", public.downloads["findings.json"])  # where the next edition looks for them
    write_index(project.reports)
    return path


def make_issues(
    prepared: Prepared, chapters: list[Chapter], record: dict[str, Any], project: Project
) -> tuple[Issue, Issue]:
    """Make the public and the restricted edition of one run; `NotebookError` where one is not fit to publish."""
    from hcsp_assess import __version__
    from hcsp_assess.assessment.reviewed import find_texts
    from hcsp_assess.chapters.gathered import document_of, gather
    from hcsp_assess.report.disclosed import keep_for, read_log
    from hcsp_assess.report.findings_json import dump_findings
    from hcsp_assess.report.handling import log_chapter, read_handling, table_log
    from hcsp_assess.report.workbook import write_csv

    log = read_log(*(chapter.html for chapter in chapters))
    versions = {
        audience: [replace(chapter, html=keep_for(chapter.html, audience)) for chapter in chapters]
        for audience in AUDIENCES
    }
    findings = {"findings.json": dump_findings(document_of(gather(prepared), __version__))}
    street = {name: (prepared.folder / name).read_bytes() for name in ("counts.csv.gz", "account.csv")}
    is_open = prepared.source.kind in OPEN_KINDS
    handling = read_handling(find_texts(prepared.edition.key, project.root))
    published = datetime.now(UTC).replace(microsecond=0)
    logged = {"disclosure_log.csv": write_csv(table_log(log))}
    public = _issue(prepared, versions["public"], record, published, findings | (street if is_open else {}))
    restricted = _issue(
        prepared,
        [*versions["restricted"], log_chapter(log)],
        record,
        published,
        findings | street | logged,
        handling,
    )
    return public, restricted


def _issue(
    prepared: Prepared,
    chapters: list[Chapter],
    record: dict[str, Any],
    published: datetime,
    files: dict[str, bytes],
    handling: Handling | None = None,
) -> Issue:
    """Join chapters into a page, with a spreadsheet of its tables, and refuse it where it is not fit to publish."""
    from hcsp_assess.report.notebooks import NotebookError
    from hcsp_assess.report.pages import find_problems
    from hcsp_assess.report.publish import run_folder
    from hcsp_assess.report.workbook import read_tables, write_workbook

    page = _page(prepared, chapters, record, published, [], handling)
    chosen = prepared.edition
    about = (f"{prepared.area.name}, {chosen.span.words}.", "Every table of the report, as printed there.")
    marked = (f"{handling.mark}. {handling.handling}",) if handling else ()
    book = write_workbook(read_tables(page), title=chosen.title, about=(*marked, *about))
    downloads = {"tables.xlsx": book} | files
    folder = run_folder(downloads)
    links = [(f"{folder}/{name}", DOWNLOADS[name], len(content)) for name, content in downloads.items()]
    page = _page(prepared, chapters, record, published, links, handling)
    if problems := find_problems(page):
        raise NotebookError(f"the report is not fit to publish: {'; '.join(problems[:5])}")
    return Issue(page, downloads)


def _page(
    prepared: Prepared,
    chapters: list[Chapter],
    record: dict[str, Any],
    published: datetime,
    downloads: list[tuple[str, str, int]],
    handling: Handling | None,
) -> str:
    from hcsp_assess import __version__
    from hcsp_assess.report.pages import assemble_report, make_section
    from hcsp_assess.report.provenance import provenance_html

    return assemble_report(
        [make_section(chapter) for chapter in chapters],
        record,
        edition=prepared.edition,
        area_name=f"{prepared.area.name} Community Safety Partnership",
        period=prepared.edition.span.words,
        about=prepared.edition.about,
        provenance=provenance_html(record),
        published=published.isoformat(),
        published_text=f"{published:%d %B %Y, %H:%M} UTC",
        downloads=[(link, text, f"{max(1, round(size / 1000)):,} kB") for link, text, size in downloads],
        version=__version__,
        index="" if handling else "../index.html",
        handling=handling,
    )
