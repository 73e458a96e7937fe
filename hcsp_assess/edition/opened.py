"""Open an edition: its area, cleaned and counted records, returns and texts."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any, TypeVar

import pandas as pd
from filelock import FileLock

from hcsp_assess.edition.chapter_sources import chapters_shown
from hcsp_assess.edition.counts import (
    By,
    CountTable,
    count_records,
    counts_checksum,
    monthly_counts,
    no_counts,
    read_counts,
    write_counts,
)
from hcsp_assess.edition.coverage import Coverage, find_coverage
from hcsp_assess.edition.kept import KEPT, files_key, kept
from hcsp_assess.edition.open_data import EditionOpenData, open_open_data, received
from hcsp_assess.edition.outcomes import FILES as OUTCOME_FILES
from hcsp_assess.edition.outcomes import OutcomeTable, count_outcomes, read_outcomes, write_outcomes
from hcsp_assess.edition.own_problems import require_own
from hcsp_assess.edition.published import strategy_of
from hcsp_assess.edition.returns import EditionReturns, keep_account, open_returns, simulate_returns
from hcsp_assess.edition.stops import FILES as STOP_FILES
from hcsp_assess.edition.stops import StopTable, count_stops, read_stops, write_stops
from hcsp_assess.edition.stored import is_stored, one_writer
from hcsp_assess.errors import InputError
from hcsp_assess.project import Project, find_project
from hcsp_assess.simulation.archive import simulate_archive
from hcsp_assess.sources.example_counts import counts_folder
from hcsp_assess.sources.geography import has_geography
from hcsp_assess.sources.police_uk import ArchiveAccount, clean_archive
from hcsp_assess.sources.police_uk.beside import clean_beside
from hcsp_assess.sources.police_uk.by_area import is_taken_out, take_out
from hcsp_assess.sources.police_uk.names import OUTCOMES, STOP_AND_SEARCH
from hcsp_assess.sources.recorded_crime import home_office_files, read_home_office
from hcsp_assess.sources.simulated import is_marked, require_real
from hcsp_assess.sources.texts import TextFolder, find_texts
from hcsp_assess.subject.areas import Area, area
from hcsp_assess.subject.crime_types import RECORDED_CRIME
from hcsp_assess.subject.editions import PERFORMANCE_CHAPTER, RETURNS, STREET, Edition, Source, edition, is_data

Progress = Callable[[str, int, int], None]
Result = TypeVar("Result")
#: Folders of `data/raw`, beside open data, whose content is never simulated.
NEVER_SIMULATED = ("recorded_crime", "residents", "peers", "actions", "harm")


@dataclass(frozen=True)
class OpenEdition:
    """An edition with its data cleaned and counted, ready for the chapters.

    Attributes
    ----------
    project : Project
        Where its data, texts and reports are: nothing below looks that up again.
    table : CountTable
        Counts of the area's records; `table.source["read_from"]` says where they were read.
    """

    edition: Edition
    area: Area
    project: Project
    table: CountTable
    _made: dict[str, Any] = field(default_factory=dict, init=False, repr=False, compare=False)
    _here: dict[str, Any] = field(default_factory=dict, init=False, repr=False, compare=False)

    @property
    def folder(self) -> Path:
        """Its folder in `data/processed/`."""
        return self.project.processed / self.edition.key

    @property
    def archive(self) -> Path:
        """The folder for its street-level files."""
        return self.project.root / self.source.folder

    @property
    def has_records(self) -> bool:
        """Whether it uses street-level records; an edition of official figures alone does not."""
        return self.edition.has_source(STREET)

    @property
    def has_places(self) -> bool:
        """Whether it has records by small area, and the residents and boundaries of these."""
        placed = self.has_records and bool(self.area.small_areas)
        return placed and has_geography(self.area.key, self.project.root)

    @property
    def source(self) -> Source:
        """The source of the street-level records."""
        return self.edition.source(STREET)

    @property
    def simulated(self) -> bool:
        """Whether the street-level records are simulated."""
        return self.table.simulated

    @cached_property
    def texts(self) -> TextFolder:
        """Its reviewed texts."""
        return find_texts(self.edition.key, self.project.root)

    @cached_property
    def outcomes(self) -> OutcomeTable | None:
        """What happened after its crimes were recorded, or None if that is not held."""
        return read_outcomes(self.folder)

    @cached_property
    def stops(self) -> StopTable | None:
        """Searches by the police in its area, or None if no file of stop and search was received."""
        return read_stops(self.folder)

    @property
    def has_returns(self) -> bool:
        """Whether it uses returns of partners."""
        return self.edition.has_source(RETURNS)

    @cached_property
    def returns(self) -> EditionReturns:
        """Partners' returns in `data/raw`; raises `InputError` if the edition has no source of returns."""
        folder = self.project.root / self.edition.source(RETURNS).folder
        return self.keep(RETURNS, self._read_returns, folder)

    def _read_returns(self) -> EditionReturns:
        returns = open_returns(self.edition, self.area, self.project)
        returns.read_all()
        return returns

    @cached_property
    def open_data(self) -> EditionOpenData:
        """Open data on partners' subjects in `data/raw`."""
        return self.keep("open data", self._read_open_data, *received(self.project))

    def _read_open_data(self) -> EditionOpenData:
        held = open_open_data(self.edition, self.area, self.project)
        _ = held.figures
        return held

    def keep(self, name: str, make: Callable[[], Result], *received: Path) -> Result:
        """Return a result based on this edition's counts and definitions, computed once and kept for every chapter.

        Parameters
        ----------
        name : str
            Its name; there is one of each.
        make : callable
            Makes it. Where it also rests on texts that people wrote, it must not be kept.
        *received : Path
            Files or folders as received that it rests on too.
        """
        if name not in self._made:
            rests_on = (*self._rests_on, files_key(*received))
            self._made[name] = kept(self.folder / KEPT, name, rests_on, make) if self.table.checksum else make()
        result: Result = self._made[name]
        return result

    def once(self, name: str, make: Callable[[], Result]) -> Result:
        """Return a result based on this open edition, made once by this process and kept nowhere else."""
        if name not in self._here:
            self._here[name] = make()
        result: Result = self._here[name]
        return result

    @cached_property
    def _rests_on(self) -> tuple[str, ...]:
        root = self.project.root
        own = [root / "areas" / f"{self.area.key}{ending}" for ending in (".toml", ".csv", "")]
        definitions = files_key(*own, root / "geography" / self.area.key, root / "returns")
        return str(root), repr(self.edition), self.table.checksum, definitions

    @property
    def rows(self) -> dict[str, int]:
        """Rows received, and what became of them: in = kept + duplicates + set aside."""
        account = self.table.account
        return {
            "in": int(account["rows_in"].sum()),
            "kept": int(account["kept"].sum()),
            "duplicates": int(account["duplicates"].sum()),
            "set aside": int(account["quarantined"].sum()),
        }

    @cached_property
    def coverage(self) -> Coverage:
        """Which force-months are held, and which of them this edition's counts use."""
        return self.keep("coverage", lambda: find_coverage(self.table, self.area, self.edition.span))

    @cached_property
    def counted(self) -> CountTable:
        """The table without incomplete months, and without forces that cannot be compared; see `Coverage`.

        Raises
        ------
        InputError
            If no month of the area's force is complete.
        """
        if self.coverage.counted.empty and len(self.table.months(self.area.force)):
            reasons = "; ".join(f"{row.month}: {row.reason}" for row in self.coverage.incomplete().head(3).itertuples())
            raise InputError(
                f"every month that we hold of {self.area.force} is incomplete ({reasons}): download its street files "
                "again"
            )
        return self.coverage.limit(self.table)

    @property
    def rows_beside(self) -> dict[str, dict[str, int]]:
        """Rows received of outcomes and of stop and search, and what became of them: in = kept + set aside."""
        tables: dict[str, OutcomeTable | StopTable | None] = {OUTCOMES: self.outcomes, STOP_AND_SEARCH: self.stops}
        found: dict[str, dict[str, int]] = {}
        for kind, table in tables.items():
            if table is None:
                continue
            files = table.account[table.account["kind"] == kind]
            if len(files):
                rows = {"rows in": "rows_in", "kept": "kept", "set aside": "quarantined"}
                found[kind] = {"files": len(files)} | {name: int(files[each].sum()) for name, each in rows.items()}
        return found

    def _count_months(self, by: By, measure: str) -> pd.DataFrame:
        return monthly_counts(self.counted, self.area, by=by, measure=measure)

    def counts(self, by: By, *, measure: str = RECORDED_CRIME) -> pd.DataFrame:
        """Monthly counts of the area up to the end of the edition's period; see `counts.monthly_counts`.

        Incomplete months are missing, and forces that cannot be compared are left out: see `Coverage`.
        """
        counts = self.keep(f"months {by} {measure}", lambda: self._count_months(by, measure))
        counts = counts[counts.index <= self.edition.span.last]
        if counts.empty:
            raise InputError(
                f"edition {self.edition.key} ends with {self.edition.span.last}, and no complete file of "
                f"{self.area.force} for a month until then was received"
            )
        return counts


def prepare(chosen: Edition, project: Project, *, progress: Progress | None = None) -> OpenEdition:
    """Clean and count an edition's street-level records into `data/processed/`, and read its returns.

    Parameters
    ----------
    progress : callable, optional
        Called with the stage, how much of it is done, and how much there is.

    Raises
    ------
    InputError
        If its files or its area's own definitions cannot be read, or the account does not balance.

    Notes
    -----
    One process at a time prepares an edition; another waits. A folder's own mark that its records are simulated wins
    over the edition's definition.
    """
    here = area(chosen.area, project.root)
    require_own(chosen, project)
    require_real((*received(project), *(project.raw / name for name in NEVER_SIMULATED)))
    with one_writer(project.processed / chosen.key):
        if chosen.has_source(STREET):
            _store_records(chosen, here, project, progress)
        else:
            write_counts(no_counts(here), project.processed / chosen.key)
        if not chosen.districts and (files := home_office_files(project.root)):
            read_home_office(files, here.partnership_code, processed=project.processed, progress=progress)
        if chosen.has_source(RETURNS):
            simulate_returns(chosen.source(RETURNS), project)
        opened = _open_stored(chosen, here, project)
        if opened.has_returns:
            keep_account(opened.returns, opened.folder / RETURNS)
    return opened


def open_edition(key: str | int, project: Project | None = None) -> OpenEdition:
    """Open an edition, in a notebook or elsewhere, and prepare its data first if necessary.

    Parameters
    ----------
    key : str
        Name of the edition, such as "2025"; a number too, because papermill and jupyter-scheduler make one of a
        parameter that looks like one.
    project : Project, optional
        By default the one that the notebook is in.

    Raises
    ------
    InputError, UsageError
        If there is no such edition, or as `prepare`.
    """
    project = project or find_project()
    chosen = edition(str(key), project.root)
    if not is_stored(project.processed / chosen.key):
        return prepare(chosen, project)
    return _open_stored(chosen, area(chosen.area, project.root), project)


def _open_stored(chosen: Edition, here: Area, project: Project) -> OpenEdition:
    """Open what is stored of an edition, as its data are marked, without the chapters that it has nothing for."""
    table = _read_table(project.processed / chosen.key)
    if table.simulated and chosen.has_source(STREET):
        chosen = chosen.marked_simulated(STREET)
    opened = OpenEdition(chosen, here, project, table)
    if opened.has_returns and opened.returns.simulated:
        marked = replace(opened, edition=chosen.marked_simulated(RETURNS))
        marked._made.update(opened._made)
        opened = marked
    return _without_empty_chapters(opened)


def _without_empty_chapters(opened: OpenEdition) -> OpenEdition:
    """The edition without the chapters that it has nothing for; what was read for it is kept."""
    chosen = opened.edition
    returns = opened.returns if opened.has_returns else None
    places = has_geography(opened.area.key, opened.project.root)
    shown = chapters_shown(chosen, returns, opened.open_data, opened.texts, places=places)
    if strategy_of(chosen, opened.area) is None:
        shown = tuple(name for name in shown if name != PERFORMANCE_CHAPTER) or shown
    if shown == chosen.chapters:
        return opened
    left_out = tuple(name for name in chosen.chapters if name not in shown)
    limited = replace(opened, edition=replace(chosen, chapters=shown, left_out=left_out))
    limited._made.update(opened._made)
    return limited


def _read_table(folder: Path) -> CountTable:
    return kept(folder / KEPT, "counts", [counts_checksum(folder)], lambda: read_counts(folder))


def months_not_used(opened: OpenEdition) -> list[pd.Period]:
    """Months in the edition's bundled counts but in none of the files received."""
    if not opened.has_records:
        return []
    source, force = opened.source, opened.area.force
    bundled = counts_folder(source.counts, opened.project.root)
    if not source.counts or not bundled.is_dir() or opened.table.source["read_from"] != source.folder:
        return []
    received = set(opened.table.months(force))
    return [month for month in read_counts(bundled).months(force) if month not in received]


def files_not_read(opened: OpenEdition) -> tuple[str, ...]:
    """Return a sentence for each file received that nearly is a monthly file and was not read: why, and what to do."""
    return tuple(str(opened.table.source.get("passed_over", "")).splitlines())


def where_from(source: Source, project: Project) -> tuple[bool, str]:
    """Return whether a source has data, and which data would be used."""
    folder = project.root / source.folder
    if _holds_files(folder):
        return True, f"files in {source.folder}"
    if source.simulated:
        return True, f"will be simulated into {source.folder}"
    if source.counts and counts_folder(source.counts, project.root).is_dir():
        return True, f"counts in {source.counts}; {source.folder} has no files"
    return False, f"nothing: put archives from data.police.uk (zip files or folders) in {source.folder}"


def _store_records(chosen: Edition, here: Area, project: Project, progress: Progress | None) -> None:
    """Clean and count an edition's street-level records, outcomes and searches, from one state of the files."""
    source = chosen.source(STREET)
    folder, cleaned = project.root / source.folder, _cleaned_folder(source, project)
    project.processed.mkdir(parents=True, exist_ok=True)
    if is_taken_out(folder, cleaned, here):  # by `clean_for_areas`: nothing in the folder of all areas is written
        _store_counts(chosen, here, project, (count_records(cleaned, here), source.folder))
        return
    with FileLock(cleaned.with_name(f"{cleaned.name}.lock")):  # several areas share what is cleaned
        _store_counts(chosen, here, project, _count(source, here, project, progress))


def records_taken_out(chosen: Edition, here: Area, project: Project) -> bool:
    """Whether an area's street-level records were taken out for it already, so that no file is read again."""
    source = chosen.source(STREET)
    return is_taken_out(project.root / source.folder, _cleaned_folder(source, project), here)


def holds_files(source: Source, project: Project) -> bool:
    """Whether anything was received in the folder of a source."""
    return _holds_files(project.root / source.folder)


def _store_counts(chosen: Edition, here: Area, project: Project, counted: tuple[CountTable, str]) -> None:
    source, folder = chosen.source(STREET), project.processed / chosen.key
    table, read_from = counted
    simulated = source.simulated or table.simulated
    table = replace(table, source={**table.source, "read_from": read_from, "simulated": simulated})
    rows = OpenEdition(chosen, here, project, table).rows
    if rows["in"] != rows["kept"] + rows["duplicates"] + rows["set aside"]:
        raise InputError(
            f"the rows of edition {chosen.key} do not balance ({rows}): delete its cleaned files and clean the "
            "archive again"
        )
    write_counts(table, folder)
    _keep_outcomes(source, here, project, folder)
    _keep_stops(source, here, project, folder, simulated=simulated)


def _cleaned_folder(source: Source, project: Project) -> Path:
    """Where the street-level files of a source are cleaned."""
    return project.processed / Path(source.folder).name


def clean_for_areas(
    chosen: Edition, areas: Sequence[Area], project: Project, *, progress: Progress | None = None
) -> None:
    """Clean the street-level files of an edition once for many areas, and take out the records of each.

    The runs of these areas then neither read the files nor clean them. Without files there is nothing to do.

    Raises
    ------
    InputError, OSError
        See `clean_archive` and `take_out`.
    """
    if not chosen.has_source(STREET) or not _holds_files(project.root / chosen.source(STREET).folder):
        return
    source = chosen.source(STREET)
    folder, cleaned = project.root / source.folder, _cleaned_folder(source, project)
    project.processed.mkdir(parents=True, exist_ok=True)
    with FileLock(cleaned.with_name(f"{cleaned.name}.lock")):
        _clean_folder(folder, cleaned, progress)
        take_out(folder, cleaned, areas, progress=progress)


def _clean_folder(folder: Path, cleaned: Path, progress: Progress | None) -> ArchiveAccount:
    """Clean street, outcomes, and stop and search files of a folder."""
    archive = clean_archive(folder, cleaned, progress=progress)
    for kind in (OUTCOMES, STOP_AND_SEARCH):
        clean_beside(folder, cleaned, kind)
    return archive


def _count(source: Source, here: Area, project: Project, progress: Progress | None) -> tuple[CountTable, str]:
    folder = project.root / source.folder
    ok, where = where_from(source, project)
    if not ok:
        raise InputError(f"edition source {source.key} has {where}")
    if source.counts and not _holds_files(folder):
        bundled = counts_folder(source.counts, project.root)
        table = read_counts(bundled)
        table = replace(table, source={**table.source, "simulated": table.simulated or is_marked(bundled)})
        return table, f"{source.counts} (counts that come with the project)"
    if source.simulated and not _holds_files(folder):
        simulate_archive(folder, progress=progress)
    cleaned = _cleaned_folder(source, project)
    archive = _clean_folder(folder, cleaned, progress)
    if source.simulated and not archive.simulated:
        raise InputError(
            f"edition source {source.key} is simulated, and the files in {source.folder} are not marked so: move them "
            "away, or choose another folder in the edition's definition"
        )
    return count_records(cleaned, here), source.folder


def _keep_outcomes(source: Source, here: Area, project: Project, folder: Path) -> None:
    """Write the outcomes of the area's crimes, from the files received or the edition's bundled counts."""
    if _holds_files(project.root / source.folder):
        table = count_outcomes(_cleaned_folder(source, project), here)
    else:
        bundled = read_outcomes(counts_folder(source.counts, project.root))
        if bundled is None:
            OUTCOME_FILES.take_out(folder)
            return
        table = bundled
    write_outcomes(table, folder)


def _keep_stops(source: Source, here: Area, project: Project, folder: Path, *, simulated: bool) -> None:
    """Write the searches in the area, from the files received."""
    cleaned = _cleaned_folder(source, project)
    table = count_stops(cleaned, here, project.root) if _holds_files(project.root / source.folder) else None
    if table is None:
        STOP_FILES.take_out(folder)
    else:
        write_stops(replace(table, source={**table.source, "simulated": simulated}), folder)


def _holds_files(folder: Path) -> bool:
    return folder.is_dir() and any(is_data(path.name) for path in folder.iterdir())
