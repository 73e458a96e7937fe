"""Download archives of data.police.uk: all forces, or one force for a range of months."""

import json
import re
from pathlib import PurePosixPath
from urllib.parse import urljoin, urlsplit

from bs4 import BeautifulSoup

from hcsp_assess.errors import UsageError
from hcsp_assess.project import Project
from hcsp_assess.sources.fetch.addresses import addresses
from hcsp_assess.sources.fetch.keeping import (
    MONTH,
    FetchedFile,
    already_there,
    keep_download,
    parts_folder,
    street_months,
    zip_problem,
)
from hcsp_assess.sources.fetch.transfer import Clock, Connection, Downloaded, Progress, discard

FULL_HISTORY = "2017-04"  # the last archive that begins in December 2010; later ones hold 36 months
POLL_SECONDS, POLLS = 10.0, 180


def fetch_archive(
    project: Project,
    snapshot: str = "latest",
    *,
    progress: Progress | None = None,
    clock: Clock | None = None,
    read_seconds: float = 60,
) -> FetchedFile:
    """Fetch an archive of street-level crime of all forces into `data/raw/police_uk`.

    The file keeps the name that the publisher gives the snapshot, `2026-07.zip`; by that name the cleaning knows how
    old it is. A file that is there already with the same version is not fetched again; a download that broke off goes
    on where it stopped.

    Parameters
    ----------
    snapshot : str
        "latest", a month such as "2024-03" for the archive published with the data of that month, or "full history" for
        that of April 2017, the last with all months since December 2010.
    progress : callable, optional
        Called with the stage, and megabytes done and to do.
    clock : Clock, optional
        For tests.
    read_seconds : float
        How long the server may say nothing before the request is made again.

    Raises
    ------
    UsageError
        If `snapshot` is neither.
    FetchError
        If the archive cannot be fetched, or is not a whole zip with street files; the message says what to do by hand.
    InputError
        If the disk is too full, or a good file with other content has the name.
    """
    name = FULL_HISTORY if snapshot == "full history" else snapshot
    if name != "latest" and not MONTH.fullmatch(name):
        raise UsageError(
            f'there is no archive {snapshot!r}: choose "latest", "full history" or a month such as 2024-03'
        )
    address = addresses(project.root)["police_archive"]
    with Connection(address, clock=clock, read_seconds=read_seconds) as connection:
        url = address.at(snapshot=name)
        seen = connection.look(url)
        file = name if name != "latest" else _snapshot_named(seen.url)
        target = project.root / address.folder / f"{file}.zip"
        if file and target.is_file() and (there := already_there(project, target, seen.headers, seen.url)):
            return there
        part = parts_folder(project) / f"{file or name}.zip.part"
        downloaded = connection.download(url, part, progress=progress, name=f"{file or name}.zip")
        _check(connection, url, downloaded)
        newest = file or street_months(part)[-1]
        return keep_download(project, downloaded, project.root / address.folder / f"{newest}.zip")


def fetch_custom(
    project: Project,
    force: str,
    first: str,
    last: str,
    *,
    progress: Progress | None = None,
    clock: Clock | None = None,
) -> FetchedFile:
    """Fetch the custom download of one force and a span of months into `data/raw/police_uk`.

    The site makes the file on request: a form is sent, the queue is asked every ten seconds until the file is ready,
    and the zip is downloaded. The file is named after the newest month that the site offers, which is its snapshot, as
    in `2026-07_custom_west-mercia_2023-08_2026-07.zip`.

    Parameters
    ----------
    force : str
        As the site's files name it, such as "west-mercia".
    first, last : str
        First and last month, such as "2024-01".
    progress : callable, optional
        Called with the stage, how much is done, and how much there is.
    clock : Clock, optional
        For tests.

    Raises
    ------
    UsageError
        If a month or the force is not one that the site offers.
    FetchError
        If the site does not answer as expected, with the steps by hand.

    Notes
    -----
    How the form works is not documented; it is known from public software that uses it (see `known_from` in
    `definitions/addresses.toml`). Only the one force's file is in it: crimes in the area that another force or the
    transport police recorded are not. The archive has them.
    """
    if not (MONTH.fullmatch(first) and MONTH.fullmatch(last) and first <= last):
        raise UsageError(f"months go from {first!r} to {last!r}: give two such as 2024-01 and 2024-12, in order")
    address = addresses(project.root)["police_custom"]
    with Connection(address, clock=clock) as connection:
        form, newest = _fill_in(connection, force, first, last)
        page = connection.post(address.url, form, headers={"Referer": address.url})
        if page is None:
            raise connection.fail(address.url, "gave no answer")
        url = _wait_in_queue(connection, urljoin(page.url, _queue_of(connection, page.text)), progress)
        name = f"{newest}_custom_{force}_{first}_{last}.zip"
        part = parts_folder(project) / f"{name}.part"
        downloaded = connection.download(url, part, progress=progress, name=name)
        _check(connection, url, downloaded)
        note = f"only crimes recorded by {force}, without crimes in its area recorded by other forces"
        return keep_download(project, downloaded, project.root / address.folder / name, note=note)


def _snapshot_named(url: str) -> str:
    stem = PurePosixPath(urlsplit(url).path).stem
    return stem if MONTH.fullmatch(stem) else ""


def _check(connection: Connection, url: str, downloaded: Downloaded) -> None:
    problem = zip_problem(downloaded.part, street=True)
    if problem:
        discard(downloaded.part)
        raise connection.fail(url, problem)


def _fill_in(connection: Connection, force: str, first: str, last: str) -> tuple[list[tuple[str, str]], str]:
    """The fields of the form, and the newest month that it offers."""
    url = connection.address.url
    page = BeautifulSoup(connection.get(url).text, "html.parser")
    months = [str(option.get("value")) for option in page.select('select[name="date_to"] option')]
    forces = [str(box.get("value")) for box in page.select('input[name="forces"]')]
    token = page.find("input", {"name": "csrfmiddlewaretoken"})
    if not months or not forces or token is None:
        raise connection.fail(url, "does not hold the form that this software knows")
    for month in (first, last):
        if month not in months:
            raise UsageError(
                f"the site offers {min(months)} to {max(months)}, not {month}: download older months from an archive"
            )
    if force not in forces:
        raise UsageError(f"the site has no force {force!r}; choose one of {', '.join(forces)}")
    fields = {
        "csrfmiddlewaretoken": str(token.get("value")),
        "date_from": first,
        "date_to": last,
        "forces": force,
        "include_crime": "on",
    }
    return list(fields.items()), max(months)


def _queue_of(connection: Connection, page: str) -> str:
    """Where to ask how far the file is; the page has it in a script, in one of two forms seen over the years."""
    match = re.search(r"fetch_download\(\s*[\"']([^\"']+)[\"']", page) or re.search(r'"url":\s*"([^"]+)"', page)
    if match is None:
        raise connection.fail(connection.address.url, "took the form but did not say where the file will be")
    return match[1]


def _wait_in_queue(connection: Connection, url: str, progress: Progress | None) -> str:
    """Ask until the file is ready; return its address."""
    for asked in range(POLLS):
        if progress:
            progress("Waiting for the site to make the file", asked, POLLS)
        answer = connection.get(url)
        try:
            state = json.loads(answer.text)
            status, ready = str(state["status"]), str(state.get("url") or "")
        except (json.JSONDecodeError, KeyError, TypeError, AttributeError) as error:
            raise connection.fail(url, "did not say how far the file is") from error
        if status == "ready" and ready:
            return urljoin(url, ready)
        if status == "error":
            raise connection.fail(url, "says that making the file failed")
        connection.clock.sleep(POLL_SECONDS)
    raise connection.fail(url, f"had not made the file after {POLLS * POLL_SECONDS / 60:.0f} minutes")
