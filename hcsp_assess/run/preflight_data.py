"""Check what an edition is made from before a run: its area, sources, returns and the files beside them."""

import zipfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any, Final

from hcsp_assess.edition.county import check_district, read_district
from hcsp_assess.edition.open_data import open_open_data, received
from hcsp_assess.edition.opened import NEVER_SIMULATED, holds_files, records_taken_out, where_from
from hcsp_assess.edition.similar import districts_named
from hcsp_assess.errors import InputError, Problem
from hcsp_assess.project import Project, definition_files
from hcsp_assess.run.preflight_texts import as_problem
from hcsp_assess.sources.action_log import find_action_logs, read_action_log
from hcsp_assess.sources.geography import geography, has_geography
from hcsp_assess.sources.harm_weights import FOLDER, find_harm_weights
from hcsp_assess.sources.open_data.definitions import suppliers
from hcsp_assess.sources.peers import read_named_peers, read_peers
from hcsp_assess.sources.police_uk.files import StreetFile, choose_files, read_simulated_mark
from hcsp_assess.sources.police_uk.finding import look_for_street_files
from hcsp_assess.sources.police_uk.reading import open_street
from hcsp_assess.sources.recorded_crime import home_office_files, partnerships
from hcsp_assess.sources.recorded_crime.held import held_official_crime
from hcsp_assess.sources.residents import RESIDENTS, read_residents
from hcsp_assess.sources.returns.combining import files_of_no_return, read_unchanged, received_dates, return_files
from hcsp_assess.sources.returns.definitions import return_definition
from hcsp_assess.sources.returns.personal import PersonalDataError
from hcsp_assess.sources.simulated import require_real
from hcsp_assess.subject.areas import Area
from hcsp_assess.subject.editions import RETURNS, STREET, Edition

#: Bytes of street files whose headings are looked at, and of open data that are read: more would take minutes.
MOST_BYTES: Final = 200_000_000
MOST_OPEN_DATA: Final = 20_000_000
#: What is read of a street file that is not packed.
SAMPLE: Final = 65_536


def try_it(where: str, check: Callable[[], Any], *, stops: bool = True) -> Iterator[Problem]:
    """Do what a run does with a file, and yield a problem where that fails."""
    try:
        check()
    except InputError as error:
        yield as_problem(error, where, stops=stops)
    except OSError as error:
        yield Problem(where, f"It cannot be read ({error.strerror or error}): check the file", stops)
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        missing = isinstance(error, KeyError)
        told = f"the field {error} is missing" if missing else str(error)
        yield Problem(where, f"It cannot be used: {told}. Correct the file", stops)


def problems_of_data(edition: Edition, here: Area, project: Project) -> Iterator[Problem]:
    """Find every problem in what an edition is made from."""
    yield from _simulated(project)
    if edition.has_source(STREET):
        yield from _street(edition, here, project)
    if edition.has_source(RETURNS):
        yield from _returns(edition, project)
    if edition.districts:
        yield from _districts(edition, project)
    yield from _area_files(edition, here, project)
    if not edition.simulated:
        yield from _official(edition, here, project)
        yield from _beside(edition, here, project)


def _simulated(project: Project) -> Iterator[Problem]:
    for folder in (*received(project), *(project.raw / name for name in NEVER_SIMULATED)):
        name = folder.relative_to(project.root).as_posix()
        yield from try_it(name, partial(require_real, (folder,)))


def _street(edition: Edition, here: Area, project: Project) -> Iterator[Problem]:
    """The street-level files: there, whole, one for each month and force, with their headings, and real or not."""
    source = edition.source(STREET)
    ok, told = where_from(source, project)
    if not ok:
        yield Problem(source.folder, f"Edition source {source.key} has {told}")
    if not holds_files(source, project) or records_taken_out(edition, here, project):
        return
    folder = project.root / source.folder
    try:
        found = look_for_street_files(folder)
    except InputError as error:
        yield as_problem(error, source.folder)
        return
    yield from (Problem(source.folder, told, stops=False) for told in found.passed_over)
    yield from try_it(source.folder, lambda: choose_files(found.files))
    try:
        mark = read_simulated_mark(folder, found.files)
    except InputError as error:
        yield as_problem(error, source.folder)
        mark = {"simulated": True}
    if source.simulated and not mark:
        yield Problem(
            source.folder,
            "The edition's definition calls these records simulated, and the files are not marked so: move them away, "
            "or choose another folder in the definition",
        )
    yield from _headings(found.files, source.folder)


def _headings(files: tuple[StreetFile, ...], folder: str) -> Iterator[Problem]:
    left = MOST_BYTES
    for file in files:
        if left <= 0:
            return
        packed = bool(file.member) or file.label.lower().endswith(".gz")
        try:
            content = file.read_bytes() if packed else _sample(file.path)
            left -= len(content)
            open_street(content, file.label)
        except (InputError, OSError):
            yield from _within(folder, try_it(file.label, partial(_open_whole, file)))


def _within(folder: str, problems: Iterator[Problem]) -> Iterator[Problem]:
    """Problems of files that are named without their folder, with it."""
    yield from (replace(problem, where=f"{folder}/{problem.where}") for problem in problems)


def _open_whole(file: StreetFile) -> None:
    open_street(file.read_bytes(), file.label)


def _sample(path: Path) -> bytes:
    """The first whole lines of a file."""
    with path.open("rb") as file:
        content = file.read(SAMPLE)
    return content if len(content) < SAMPLE else content[: content.rfind(b"\n") + 1]


def _returns(edition: Edition, project: Project) -> Iterator[Problem]:
    """Definitions of the project's own, and every file received: what cannot be read, and personal data."""
    source = edition.source(RETURNS)
    folder, names = project.root / source.folder, sorted(definition_files("returns", project.root))
    yield from try_it(f"{source.folder}/received.csv", lambda: received_dates(folder))
    for name in names:
        problems = [*try_it(f"returns/{name}.toml", partial(return_definition, name, project.root))]
        yield from problems
        for path in [] if problems else return_files(folder / name):
            yield from _return_file(path, f"{source.folder}/{name}", name, project)
    for key in files_of_no_return(folder, names):
        told = "It was not read, as it is not in a folder named after a return: move it into one, such as marac/"
        yield Problem(f"{source.folder}/{key}", told, stops=False)


def _return_file(path: Path, folder: str, name: str, project: Project) -> Iterator[Problem]:
    """What keeps a partner's file from being used; the name of one that has personal data in its name is withheld."""
    try:
        read_unchanged(path, return_definition(name, project.root), project.root)
    except PersonalDataError as error:
        shown = path.name if path.name in str(error) else "(name of the file withheld)"
        yield Problem(f"{folder}/{shown}", str(error), stops=False)
    except (InputError, OSError) as error:
        yield Problem(f"{folder}/{path.name}", str(error), stops=False)


def _districts(edition: Edition, project: Project) -> Iterator[Problem]:
    where = f"editions/{edition.key}.toml"
    for district in edition.districts:
        yield from try_it(where, partial(check_district, district, where))
        label = f"reports/{district.edition}" if district.edition else district.folder
        problems = [*try_it(label, partial(read_district, district, edition, project))]
        yield from problems
        if not problems and read_district(district, edition, project) is None:
            how = (
                f"build it with hcsp-assess run {district.edition}"
                if district.edition
                else f"put its findings.json and run.json in {label}/"
            )
            yield Problem(label, f"The assessment of {district.name} is missing: {how}", stops=False)


def _area_files(edition: Edition, here: Area, project: Project) -> Iterator[Problem]:
    if here.small_areas and has_geography(here.key, project.root):
        yield from try_it(f"geography/{here.key}", lambda: geography(here.key, project.root))
    residents = bool({"equality", "stop_and_search"} & set(edition.chapters))
    yield from try_it(RESIDENTS, lambda: read_residents(project.root), stops=residents)


def _official(edition: Edition, here: Area, project: Project) -> Iterator[Problem]:
    """The tables of recorded crime, and whether the area's partnership is in them."""
    for path in home_office_files(project.root):
        name = path.relative_to(project.root).as_posix()
        if path.suffix.casefold() in (".xlsx", ".ods") and not zipfile.is_zipfile(path):
            yield Problem(name, "It is damaged or is no spreadsheet: download it again")
    if edition.districts:
        return
    members, peers = partnerships(), project.raw / "peers"
    known = here.partnership_code in set(members["partnership_code"])
    if not known and not edition.has_source(STREET):
        told = f"partnership_code is {here.partnership_code!r}, which is in no official table: use its ONS code"
        yield Problem(f"areas/{here.key}.toml", f"{told}, such as E22000326")
    yield from try_it(str(project.raw / "recorded_crime"), lambda: held_official_crime(project.root))

    def check_peers() -> None:
        if named := read_named_peers(peers, here.key):
            districts_named(named.peers, members, f"{here.key}.toml")
        if "where" in edition.chapters:
            read_peers(peers, here.key)

    yield from _within(str(peers), try_it(f"{here.key}.toml", check_peers))


def _beside(edition: Edition, here: Area, project: Project) -> Iterator[Problem]:
    """Actions, weights of harm and open data."""
    where = "where" in edition.chapters
    for path in find_action_logs(project.root):
        folder = path.parent.relative_to(project.root).as_posix()
        yield from _within(folder, try_it(path.name, partial(read_action_log, path), stops=where))
    yield from try_it(FOLDER, lambda: find_harm_weights(project.root), stops=where)
    folders = [folder for folder in received(project) if folder.is_dir()]
    size = sum(path.stat().st_size for folder in folders for path in folder.rglob("*") if path.is_file())
    if size <= MOST_OPEN_DATA:
        for key, told in open_open_data(edition, here, project).problems:
            yield Problem(suppliers()[key].title, told, stops=False)
