"""From chapters that ran to what readers get: the page, what lies beside it, and the record of the run."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hcsp_assess.partners import RETURNS, Partners
from hcsp_assess.project import Project

if TYPE_CHECKING:
    from hcsp_assess.pipeline import Prepared

STREET = "police_uk"
#: Rows of a return below this are not told on the page: a row may be a person.
FEW = 10
#: Files published beside the page, with what a reader finds in them.
DOWNLOADS = {
    "tables.xlsx": "Every table of this report, as a spreadsheet",
    "findings.json": "Findings with their evidence, for other programs",
    "counts.csv.gz": "Counts by month, force, LSOA and crime type",
    "account.csv": "The account of every file: rows in, kept, duplicates, set aside",
}


def run_record(prepared: Prepared, chapters: list[Any], notebooks: list[Path]) -> dict[str, Any]:
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
    came = partners.register[partners.register["file"].notna()].astype(object)
    lines = came.where(came.notna(), "")[["file", "dataset", "status", "rows_in", "kept", "set_aside", "sha256"]]
    for name in ("rows_in", "kept", "set_aside"):
        lines[name] = [f"under {FEW}" if rows != "" and 0 < int(rows) < FEW else rows for rows in lines[name]]
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


def publish_report(prepared: Prepared, chapters: list[Any], record: dict[str, Any], project: Project) -> Path:
    """Publish the page and what lies beside it by one rename; `NotebookError` where the page is not fit to publish."""
    from hcsp_assess.report.notebooks import NotebookError
    from hcsp_assess.report.pages import find_problems
    from hcsp_assess.report.publish import publish, run_folder, write_index, write_whole

    published = datetime.now(UTC).replace(microsecond=0)
    page = _page(prepared, chapters, record, published, [])
    downloads = _downloads(prepared, page)
    folder = run_folder(downloads)
    links = [(f"{folder}/{name}", DOWNLOADS[name], len(content)) for name, content in downloads.items()]
    page = _page(prepared, chapters, record, published, links)
    if problems := find_problems(page):
        raise NotebookError(f"the report is not fit to publish: {'; '.join(problems[:5])}")
    target = project.reports / prepared.edition.key
    path = publish(target, page.encode("utf-8"), downloads)
    write_whole(target / "findings.json", downloads["findings.json"])  # where the next edition looks for them
    write_index(project.reports)
    return path


def _page(
    prepared: Prepared,
    chapters: list[Any],
    record: dict[str, Any],
    published: datetime,
    downloads: list[tuple[str, str, int]],
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
        index="../index.html",
    )


def _downloads(prepared: Prepared, page: str) -> dict[str, bytes]:
    """Everything that goes beside the page: its tables, its findings, the counts and the account of every file."""
    from hcsp_assess import __version__
    from hcsp_assess.chapters.gathered import document_of, gather
    from hcsp_assess.report.findings_json import dump_findings
    from hcsp_assess.report.workbook import read_tables, write_workbook

    chosen = prepared.edition
    about = (f"{prepared.area.name}, {chosen.span.words}.", "Every table of the report, as printed there.")
    kept = {name: (prepared.folder / name).read_bytes() for name in ("counts.csv.gz", "account.csv")}
    return {
        "tables.xlsx": write_workbook(read_tables(page), title=chosen.title, about=about),
        "findings.json": dump_findings(document_of(gather(prepared), __version__)),
        **kept,
    }
