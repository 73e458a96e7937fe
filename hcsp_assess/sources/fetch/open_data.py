"""Download open data: road casualties, Fingertips, exclusions, fly-tipping, fires."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path, PurePosixPath
from typing import Final
from urllib.parse import urlsplit

from hcsp_assess.errors import InputError, UsageError
from hcsp_assess.project import Project
from hcsp_assess.sources.fetch.addresses import addresses
from hcsp_assess.sources.fetch.keeping import FetchedFile, keep_download, parts_folder, read_log
from hcsp_assess.sources.fetch.transfer import Clock, Connection, Progress, discard
from hcsp_assess.sources.open_data.definitions import suppliers
from hcsp_assess.sources.open_data.exclusions import COLUMNS
from hcsp_assess.sources.open_data.fingertips import HEADINGS
from hcsp_assess.sources.open_data.published import scan_published
from hcsp_assess.sources.returns.sheets import read_sheets
from hcsp_assess.sources.road_safety import CASUALTY_COLUMNS, COLLISION_COLUMNS, OPTIONAL

YEAR = re.compile(r"(19|20)\d\d|provisional-20\d\d")
#: Area types of Fingertips: counties and unitary authorities, districts and unitary authorities.
AREA_TYPES: Final = {"county": "502", "district": "501"}
#: The data set of exclusions by characteristic, and the names of the tables that gov.uk lists.
EXCLUSIONS: Final = "751e5c41-06b5-428e-907d-78182b05e015"
TABLES: Final = {
    "fly_tipping": re.compile(r"fly.?tipping.*(_LAs?_|LA_level|local.?authorit).*\.(ods|xlsx|csv)$", re.IGNORECASE),
    "fires": re.compile(r"fire0(102|401)\b.*\.(ods|xlsx)$", re.IGNORECASE),
}


def fetch_road_safety(
    project: Project, years: Sequence[str], *, progress: Progress | None = None, clock: Clock | None = None
) -> list[FetchedFile]:
    """Fetch the national collision and casualty files of years into `data/raw/open_data/road_safety`.

    A file that is there in the version that the server has is not fetched again; a download that broke off goes on
    where it stopped.

    Parameters
    ----------
    years : sequence of str
        Such as "2024", or "provisional-2025" for the first half of a year.
    progress : callable, optional
        Called with the stage, and megabytes done and to do.
    clock : Clock, optional
        For tests.

    Raises
    ------
    UsageError
        If a year is not one.
    FetchError
        If a file cannot be fetched or is not of the published layout; the message says what to do by hand. What was
        fetched before is kept.
    InputError
        If a good file with other content has the name: the Department revises its files.
    """
    strange = [year for year in years if not YEAR.fullmatch(year)]
    if strange or not years:
        raise UsageError(
            f"years {', '.join(strange) or 'are missing'}: give years such as 2023 2024 or provisional-2025"
        )
    address = addresses(project.root)["road_safety"]
    columns = {"collision": COLLISION_COLUMNS, "casualty": CASUALTY_COLUMNS}
    with Connection(address, clock=clock) as connection:
        return [
            _fetch_csv(
                project,
                connection,
                address.at(kind=kind, year=year),
                project.root / address.folder / f"dft-road-casualty-statistics-{kind}-{year}.csv",
                problem=_layout(columns[kind], OPTIONAL),
                progress=progress,
            )
            for year in years
            for kind in columns
        ]


def fetch_fingertips(
    project: Project,
    indicators: Sequence[int] = (),
    *,
    area_type: str = "county",
    progress: Progress | None = None,
    clock: Clock | None = None,
) -> list[FetchedFile]:
    """Fetch indicators of Fingertips into `data/raw/open_data/fingertips`, a file for each.

    Parameters
    ----------
    indicators : sequence of int
        Numbers; by default those of `definitions/open_data/fingertips.toml` that are verified.
    area_type : str
        "county" for counties and unitary authorities, "district" for districts and unitary authorities.
    progress, clock
        As in `fetch_road_safety`.

    Raises
    ------
    UsageError
        If there is no such kind of area.
    FetchError, InputError
        As `fetch_road_safety`.
    """
    if area_type not in AREA_TYPES:
        raise UsageError(f"there is no kind of area {area_type!r}: choose county or district")
    address = addresses(project.root)["fingertips"]
    numbers = list(indicators) or [item.id for item in suppliers()["fingertips"].measures if item.id]
    wanted = {own: (heading.casefold(),) for own, heading in HEADINGS.items()}
    with Connection(address, clock=clock) as connection:
        return [
            _fetch_csv(
                project,
                connection,
                address.at(indicator=str(number), area_type=AREA_TYPES[area_type]),
                project.root / address.folder / f"{number}_{area_type}.csv",
                problem=_layout(wanted),
                progress=progress,
            )
            for number in numbers
        ]


def fetch_exclusions(
    project: Project,
    dataset: str = EXCLUSIONS,
    *,
    progress: Progress | None = None,
    clock: Clock | None = None,
) -> FetchedFile:
    """Fetch suspensions and permanent exclusions into `data/raw/open_data/exclusions`.

    Parameters
    ----------
    dataset : str
        Identifier of the data set in the catalogue of Explore education statistics.
    progress, clock
        As in `fetch_road_safety`.

    Raises
    ------
    UsageError
        If the identifier is not one.
    FetchError, InputError
        As `fetch_road_safety`.
    """
    if not re.fullmatch(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", dataset):
        raise UsageError(f"{dataset!r} is not the identifier of a data set, such as {EXCLUSIONS}")
    address = addresses(project.root)["exclusions"]
    with Connection(address, clock=clock) as connection:
        return _fetch_csv(
            project,
            connection,
            address.at(dataset=dataset),
            project.root / address.folder / f"{dataset}.csv",
            problem=_layout(COLUMNS, frozenset({"region_code", "country"})),
            progress=progress,
        )


def fetch_tables(
    project: Project, supplier: str, *, progress: Progress | None = None, clock: Clock | None = None
) -> list[FetchedFile]:
    """Fetch the tables of fly-tipping or of fires that gov.uk lists, under the names that it gives them.

    Parameters
    ----------
    supplier : str
        "fly_tipping" or "fires".
    progress, clock
        As in `fetch_road_safety`.

    Raises
    ------
    UsageError
        If there is no such supplier.
    FetchError, InputError
        As `fetch_road_safety`; also where the list has no such table.
    """
    if supplier not in TABLES:
        raise UsageError(f"there are no tables of {supplier!r}: choose one of {', '.join(TABLES)}")
    address = addresses(project.root)[supplier]
    with Connection(address, clock=clock) as connection:
        answer = connection.parse(address.url, connection.get(address.url).text)
        details = answer.get("details") if isinstance(answer, dict) else None
        attachments = details.get("attachments") if isinstance(details, dict) else None
        listed = [str(each.get("url") or "") for each in attachments or [] if isinstance(each, dict)]
        urls = [url for url in listed if TABLES[supplier].search(PurePosixPath(urlsplit(url).path).name)]
        if not urls:
            raise connection.fail(address.url, f"lists {len(listed)} files and none that is wanted")
        return [
            _fetch_csv(
                project,
                connection,
                url,
                project.root / address.folder / PurePosixPath(urlsplit(url).path).name,
                problem=_workbook,
                progress=progress,
            )
            for url in urls
        ]


def _workbook(path: Path) -> str:
    """Say why a file is not a spreadsheet that can be read, or ""."""
    try:
        read_sheets(path, path.read_bytes())
    except InputError as error:
        return str(error)
    return ""


def _fetch_csv(
    project: Project,
    connection: Connection,
    url: str,
    target: Path,
    *,
    problem: Callable[[Path], str],
    progress: Progress | None,
) -> FetchedFile:
    """Fetch one file whole, unless it is there in this version; refuse what is not of its layout."""
    if target.is_file() and (there := _already(project, target, connection.look(url).headers)):
        return there
    downloaded = connection.download(
        url, parts_folder(project) / f"{target.name}.part", progress=progress, name=target.name
    )
    wrong = problem(downloaded.part)
    if wrong:
        discard(downloaded.part)
        raise connection.fail(url, f"gave something else ({wrong.replace('.csv.part', '.csv')})")
    return keep_download(project, downloaded, target, problem=problem)


def _already(project: Project, target: Path, headers: Mapping[str, str]) -> FetchedFile | None:
    """The record of a file that is already the server's version, or None."""
    file = target.relative_to(project.root).as_posix()
    line = next((line for line in reversed(read_log(project)) if line.file == file), None)
    same = line is not None and line.etag != "" and line.etag == headers.get("ETag")
    return replace(line, new=False) if line is not None and same and target.stat().st_size == line.bytes else None


def _layout(wanted: Mapping[str, Sequence[str]], optional: frozenset[str] = frozenset()) -> Callable[[Path], str]:
    """Return what says why a file is not a whole CSV with these columns, or ""."""

    def problem(path: Path) -> str:
        try:
            scan_published(path, wanted, "the publisher", optional=optional)
        except InputError as error:
            return str(error)
        return ""

    return problem
