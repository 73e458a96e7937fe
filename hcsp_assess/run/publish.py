"""Publish a run: the page, the files beside it, and the record of the run."""

import json
import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path, PurePosixPath
from typing import Any, get_args

import pandas as pd

from hcsp_assess import __version__
from hcsp_assess.assessment.wording.words import upper_first
from hcsp_assess.chapters.briefing import brief_year
from hcsp_assess.disclosure import Audience
from hcsp_assess.edition.findings import edition_findings
from hcsp_assess.edition.opened import OpenEdition
from hcsp_assess.edition.outcomes import FILES as OUTCOME_FILES
from hcsp_assess.edition.stops import FILES as STOP_FILES
from hcsp_assess.files import write_whole
from hcsp_assess.report.chapter_html import Chapter
from hcsp_assess.report.dictionary import dictionary_page
from hcsp_assess.report.draft_texts import draft_chapter
from hcsp_assess.report.findings_json import as_printed, document_of, dump_findings
from hcsp_assess.report.html import parse_html
from hcsp_assess.report.pages import assemble_report, find_problems
from hcsp_assess.report.provenance import provenance_html
from hcsp_assess.report.restricted_mark import Handling, log_chapter, read_handling, table_log
from hcsp_assess.report.sections import Section, make_section
from hcsp_assess.report.two_audiences import keep_for, read_log
from hcsp_assess.report.workbook import read_tables, write_csv, write_workbook
from hcsp_assess.run.formats import BRIEFING, FOLDERS, PDF, PUBLISHED_AS, WORD, beside, shown_in, write_briefing
from hcsp_assess.run.gate import find_inconsistencies, refusal
from hcsp_assess.run.keyed_digests import digest_key
from hcsp_assess.run.notebooks import NotebookError
from hcsp_assess.run.record import public_record, publishes_checksums
from hcsp_assess.run.reports_folder import RECORD, forget_earlier, publish, run_folder
from hcsp_assess.run.restricted_folder import restricted_folder

DICTIONARY = "dictionary.html"
#: The chapter whose findings the briefing of two pages is made of.
SUMMARY = "summary"
AUDIENCES: tuple[Audience, ...] = get_args(Audience)
#: Files published beside the page, with what a reader finds in them.
DOWNLOADS = {
    PDF: "This report as PDF, for print and for keeping",
    WORD: "This report as a Word document, to edit and circulate",
    "briefing.html": "Two-page briefing",
    "briefing.pdf": "Two-page briefing as PDF",
    "briefing.docx": "Two-page briefing as a Word document",
    "tables.xlsx": "Every table of this report, as a spreadsheet",
    "findings.json": "Findings with their evidence, for other programs",
    "counts.csv.gz": "Counts by month, force, small area and crime type",
    "account.csv": "The account of every file: rows in, kept, duplicates, set aside",
    "outcomes.csv.gz": "Outcomes of crimes by month of the crime, force, crime type and group of outcome",
    "outcomes_account.csv": "The account of every file behind the outcomes",
    "stops.csv.gz": "Searches by the police in the area, by month, force, reason, result and who was searched",
    "stops_account.csv": "The account of every file of stop and search",
    DICTIONARY: "The data dictionary: every file and column, with meaning and unit",
    "disclosure_log.csv": "Every cell hidden in the public edition, and the rule",
}

#: What a reader calls a kind of file, by how its name ends.
KINDS = {
    "pdf": "PDF",
    "docx": "Word",
    "xlsx": "spreadsheet",
    "html": "web page",
    "csv": "CSV",
    "csv.gz": "CSV, compressed",
    "json": "JSON",
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
    beside : dict of str to bytes
        The page in other formats, and its briefing, by path from the page: in folders named after what they show.
    """

    page: str
    downloads: dict[str, bytes]
    beside: dict[str, bytes]


def publish_report(
    opened: OpenEdition,
    chapters: list[Chapter],
    record: dict[str, Any],
    *,
    before: Callable[[], None] | None = None,
) -> tuple[Path, ...]:
    """Publish both editions, each in one step, the restricted one first.

    The public one goes to ``reports/EDITION/``, the restricted one with the disclosure log to
    ``restricted-reports/EDITION/``, outside the folder that may be served.

    Parameters
    ----------
    before : callable, optional
        Called when both are made and nothing is published yet; what it raises stops the run.

    Returns
    -------
    tuple of Path
        The page of the public edition, and every other file that was published.

    Raises
    ------
    NotebookError
        If a page is not fit to publish; both editions are then as they were.
    """
    published = datetime.now(UTC).replace(microsecond=0)
    public, restricted = make_issues(opened, chapters, record, published)
    if before:
        before()
    key = opened.edition.key
    not_public = _put(restricted, restricted_folder(opened.project) / key)
    had_checksums = publishes_checksums(opened.project.reports / key / RECORD)
    path, *others = _put(public, opened.project.reports / key)
    if had_checksums:  # an earlier version published them: its downloads must not stay
        beside_page = {str(PurePosixPath(name).parent) for name in public.beside}
        forget_earlier(path.parent, {run_folder(public.downloads), *beside_page})
    shown = public_record(record, digest_key(opened.project))
    told = json.dumps(shown | {"published": f"{published:{PUBLISHED_AS}}"}, ensure_ascii=False)
    write_whole(path.with_name(RECORD), told.encode("utf-8", "replace"))
    write_whole(path.with_name("findings.json"), public.downloads["findings.json"])  # for the next edition
    return (path, *others, path.with_name(RECORD), path.with_name("findings.json"), *not_public)


def make_issues(
    opened: OpenEdition, chapters: list[Chapter], record: dict[str, Any], published: datetime
) -> tuple[Issue, Issue]:
    """Make the public and the restricted edition of one run; `NotebookError` where one is not fit to publish."""
    log = read_log(*(chapter.html for chapter in chapters))
    public, restricted = _sections(chapters)
    gated = opened.returns.findings if opened.has_returns else ()
    document = as_printed(document_of(edition_findings(opened), __version__), {item.key for item in gated})
    findings = {"findings.json": dump_findings(document)}
    counted = ("counts.csv.gz", "account.csv") if opened.has_records else ()
    street = {name: (opened.folder / name).read_bytes() for name in counted}
    street |= {path.name: path.read_bytes() for path in _beside_counts(opened) if path.is_file()}
    logged = {"disclosure_log.csv": write_csv(table_log(log))}
    is_open = opened.has_records and opened.source.is_open
    handling = read_handling(opened.texts)
    draw = partial(_page, opened, published=published)
    shown = public_record(record, digest_key(opened.project))
    return (
        _issue(
            opened, partial(draw, public, record=shown), findings | (street if is_open else {}), published, public=True
        ),
        _issue(
            opened,
            partial(draw, [*restricted, *_only_restricted(opened, log)], record=record, handling=handling),
            findings | street | logged,
            published,
            mark=handling.mark,
            cover=(f"{handling.mark}. {handling.handling}",),
        ),
    )


def _only_restricted(opened: OpenEdition, log: pd.DataFrame) -> list[Section]:
    """What the restricted edition has and the public one has not: drafts, and what is hidden."""
    drafts = draft_chapter(opened.texts)
    return [make_section(chapter) for chapter in (drafts, log_chapter(log)) if chapter is not None]


def _beside_counts(opened: OpenEdition) -> list[Path]:
    """What is kept beside the counts and shown by a chapter of the edition."""
    chapters = {"outcomes": OUTCOME_FILES, "stop_and_search": STOP_FILES}
    shown = [files for chapter, files in chapters.items() if chapter in opened.edition.chapters]
    return [opened.folder / name for files in shown for name in (files.cells, files.account)]


def _sections(chapters: Sequence[Chapter]) -> list[list[Section]]:
    """The chapters as each audience gets them; one that is the same for all is fitted into the report once."""
    made: dict[tuple[str, str], Section] = {}
    found: list[list[Section]] = []
    for audience in AUDIENCES:
        kept = [replace(chapter, html=keep_for(chapter.html, audience)) for chapter in chapters]
        for chapter in kept:
            if (chapter.name, chapter.html) not in made:
                made[chapter.name, chapter.html] = make_section(chapter)
        found.append([made[chapter.name, chapter.html] for chapter in kept])
    return found


def _issue(
    opened: OpenEdition,
    draw: Callable[..., str],
    files: dict[str, bytes],
    published: datetime,
    *,
    mark: str = "",
    cover: tuple[str, ...] = (),
    public: bool = False,
) -> Issue:
    """Join chapters into a page, with a spreadsheet of its tables, and refuse it where it is not fit to publish."""
    draft = draw()
    page = parse_html(draft)
    if problems := find_problems(page):
        raise NotebookError(f"the report is not fit to publish: {'; '.join(problems[:5])}")
    if problems := find_inconsistencies(edition_findings(opened), page):
        raise NotebookError(refusal(problems))
    chosen = opened.edition
    about = (*cover, f"{opened.area.name}, {chosen.span.words}.", "Every table of the report, as printed there.")
    tables = read_tables(page)
    downloads = {"tables.xlsx": write_workbook(tables, title=chosen.title, about=about)} | files
    named = (*(name for name in DOWNLOADS if name.startswith(("report.", BRIEFING))), *downloads, DICTIONARY)
    downloads[DICTIONARY] = dictionary_page(tables, named, title=chosen.title, marked=cover).encode("utf-8", "replace")
    folder = run_folder(downloads)
    links = [(f"{folder}/{name}", DOWNLOADS[name], len(content)) for name, content in downloads.items()]
    others = beside(draft, published, mark=mark, print_it=public)
    others |= _briefing(opened, draft, published) if public else {}
    links = [*((path, DOWNLOADS[Path(path).name], len(content)) for path, content in others.items()), *links]
    return Issue(draw(downloads=links), downloads, others)


def _briefing(opened: OpenEdition, page: str, published: datetime) -> dict[str, bytes]:
    """The briefing of two pages of a public report that has a summary, by path from the page."""
    if SUMMARY not in opened.edition.chapters:
        return {}
    made = write_briefing(brief_year(edition_findings(opened)), opened, published, report="../../index.html")
    return {f"{BRIEFING}/{shown_in(page)}/{name}": content for name, content in made.items()}


def _kind_and_size(link: str, size: int) -> str:
    """What is printed beside a download: its kind in plain words, and its size."""
    ending = Path(link).name.split(".", 1)[1]
    return f"{KINDS[ending]}, {max(1, round(size / 1000)):,} kB"


def _put(issue: Issue, folder: Path) -> tuple[Path, ...]:
    """Put an edition in place: downloads, other formats, and last the page; those of an earlier run do not stay.

    Returns the page and every file beside it.
    """
    path = publish(folder, issue.page.encode("utf-8", "replace"), issue.downloads, issue.beside or None)
    for name in (PDF, WORD):  # made by `hcsp-assess pdf` and `word` from the page before
        (folder / name).unlink(missing_ok=True)
    for name in FOLDERS:
        if not any(each.startswith(f"{name}/") for each in issue.beside):
            shutil.rmtree(folder / name, ignore_errors=True)
    downloads = [folder / run_folder(issue.downloads) / name for name in issue.downloads]
    return (path, *downloads, *(folder / name for name in issue.beside))


def _publisher(opened: OpenEdition) -> str:
    """Whose report it is: a partnership's, or that of who answers for a county, which is no partnership."""
    if opened.edition.districts:
        return upper_first(opened.area.contact_name)
    return f"{opened.area.name} Community Safety Partnership"


def _page(
    opened: OpenEdition,
    sections: Sequence[Section],
    *,
    record: dict[str, Any],
    published: datetime,
    downloads: Sequence[tuple[str, str, int]] = (),
    handling: Handling | None = None,
) -> str:

    return assemble_report(
        sections,
        record,
        edition=opened.edition,
        area_name=_publisher(opened),
        period=opened.edition.span.words,
        about=opened.edition.about,
        contact=opened.area.contact_name,
        provenance=provenance_html(record),
        published=published.isoformat(),
        published_text=f"{published:{PUBLISHED_AS}}",
        downloads=[(link, text, _kind_and_size(link, size)) for link, text, size in downloads],
        version=__version__,
        index="" if handling else "../index.html",
        handling=handling,
    )
