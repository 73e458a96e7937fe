"""Download the Home Office tables of recorded crime by partnership, listed by the GOV.UK content API."""

import re
import zipfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any
from urllib.parse import urlsplit

from hcsp_assess.errors import UsageError
from hcsp_assess.project import Project
from hcsp_assess.sources.fetch.addresses import addresses
from hcsp_assess.sources.fetch.keeping import FetchedFile, already_there, keep_download, parts_folder, zip_problem
from hcsp_assess.sources.fetch.transfer import Clock, Connection, Progress, discard

TITLE = "community safety partnership"
SUFFIXES = (".ods", ".xlsx")
WINDOWS = ("newest", "all")


@dataclass(frozen=True)
class PublishedTable:
    """One table by partnership as gov.uk lists it.

    Attributes
    ----------
    title, url, name : str
        Its title, its address, and the name of the file.
    last_year : int
        The calendar year in which its last year ends, as title or name say; 0 where they do not.
    """

    title: str
    url: str
    name: str
    last_year: int


def fetch_recorded_crime(
    project: Project,
    windows: str = "newest",
    *,
    progress: Progress | None = None,
    clock: Clock | None = None,
) -> list[FetchedFile]:
    """Fetch Home Office tables of recorded crime by partnership into `data/raw/recorded_crime`.

    The tables keep the names that gov.uk gives them. A file that is there already with the same version is not fetched
    again; a download that broke off goes on where it stopped. Each new release of the newest table has a new name, so
    that older ones stay; of a quarter that several files hold, reading takes the newest.

    Parameters
    ----------
    windows : {"newest", "all"}
        The table that is still being extended, or all of them, since 2002-03.
    progress : callable, optional
        Called with the stage, and megabytes done and to do.
    clock : Clock, optional
        For tests.

    Raises
    ------
    UsageError
        If `windows` is neither.
    FetchError
        If the list or a table cannot be fetched, or is not a whole spreadsheet; the message says what to do by hand.
    InputError
        If the disk is too full, or a good file with other content has the name.
    """
    if windows not in WINDOWS:
        raise UsageError(f"there are no tables {windows!r}: choose newest or all")
    address = addresses(project.root)["recorded_crime"]
    with Connection(address, clock=clock) as connection:
        tables = _listed(connection, address.url)
        wanted = tables[-1:] if windows == "newest" else tables
        return [_fetch(connection, table, project, project.root / address.folder, progress) for table in wanted]


def _listed(connection: Connection, url: str) -> list[PublishedTable]:
    """Return the tables by partnership, the one that ends last at the end."""
    answer = connection.parse(url, connection.get(url).text)
    details = answer.get("details") if isinstance(answer, dict) else None
    attachments = details.get("attachments") if isinstance(details, dict) else None
    if not isinstance(attachments, list):
        raise connection.fail(url, "did not list any attachments")
    tables = sorted(_tables(attachments), key=lambda table: (table.last_year, table.name))
    if not tables:
        raise connection.fail(url, f"lists {len(attachments)} attachments and none by community safety partnership")
    return tables


def _tables(attachments: Iterable[Any]) -> Iterable[PublishedTable]:
    for each in attachments:
        if not isinstance(each, dict):
            continue
        title, url = str(each.get("title") or ""), str(each.get("url") or "")
        name = PurePosixPath(urlsplit(url).path).name
        of_partnerships = TITLE in title.casefold() or name.casefold().startswith("prc-csp")
        if of_partnerships and name.casefold().endswith(SUFFIXES):
            yield PublishedTable(title, url, name, _last_year(title, name))


def _last_year(title: str, name: str) -> int:
    """Return the last year that a title names, or a file name such as prc-csp-0203-to-0607-tabs or -mar16-mar20-."""
    years = [int(year) for year in re.findall(r"\b(20\d{2})\b", title)]
    if not years:
        span = re.sub(r"-\d{6}(?=\.\w+$)", "", name)
        years = [2000 + int(year) % 100 for year in re.findall(r"(?:[a-z]{3}|\d{2})((?:20)?\d{2})(?=-|\b)", span)]
    return max(years, default=0)


def _fetch(
    connection: Connection, table: PublishedTable, project: Project, folder: Path, progress: Progress | None
) -> FetchedFile:
    target = folder / table.name
    if target.is_file():
        seen = connection.look(table.url)
        if there := already_there(project, target, seen.headers, seen.url, street=False):
            return there
    part = parts_folder(project) / f"{table.name}.part"
    downloaded = connection.download(table.url, part, progress=progress, name=table.name)
    if problem := _problem(part):
        discard(part)
        raise connection.fail(table.url, problem)
    return keep_download(project, downloaded, target, note=table.title, problem=zip_problem)


def _problem(path: Path) -> str:
    """Say why a file is not a whole spreadsheet, or ""."""
    if problem := zip_problem(path):
        return problem
    with zipfile.ZipFile(path) as archive:
        held = {"content.xml", "xl/workbook.xml"} & set(archive.namelist())
    return "" if held else "is a zip file, not a spreadsheet"
