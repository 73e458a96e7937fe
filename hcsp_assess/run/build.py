"""From what was received to a published report: the stages of a run, in order, each whole or not at all."""

import os
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import pandas as pd
from filelock import FileLock

from hcsp_assess.edition.counts import By, CountTable, count_records, monthly_counts, read_counts, write_counts
from hcsp_assess.edition.returns import Partners, prepare_partners
from hcsp_assess.errors import InputError, UsageError
from hcsp_assess.project import VARIABLE, Project, find_project
from hcsp_assess.sources.police_uk import clean_archive
from hcsp_assess.subject.areas import Area, area
from hcsp_assess.subject.crime_types import RECORDED_CRIME
from hcsp_assess.subject.editions import Edition, Source, edition

Progress = Callable[[str, int, int], None]
STREET = "police_uk"
#: Files that may lie in a folder for archives without being one.
NOT_DATA = {"README.md", ".gitkeep"}
#: Chapters that make a report the assessment that the law asks for; with one of them every letter must be answered.
STATUTORY = {"summary", "priorities"}


@dataclass(frozen=True)
class Prepared:
    """An edition with its data cleaned and counted: what chapters work from.

    Attributes
    ----------
    table : CountTable
        Counts of the area's records; `table.source["read_from"]` says where they were read.
    folder : Path
        Where they are kept, in `data/processed/`.
    archive : Path
        Where the street-level files as received would be.
    partners : Partners or None
        Returns of partners as read in this run; None where the edition rests on none, or was opened in a notebook
        (`hcsp_assess.chapters.shared.partner_series.open_returns` reads them there).
    """

    edition: Edition
    area: Area
    table: CountTable
    folder: Path
    archive: Path
    partners: Partners | None = None

    @property
    def source(self) -> Source:
        """The source of the street-level records."""
        return self.edition.source(STREET)

    @property
    def simulated(self) -> bool:
        """Whether the street-level records are simulated."""
        return self.table.simulated

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

    def counts(self, by: By, *, measure: str = RECORDED_CRIME) -> pd.DataFrame:
        """Monthly counts of the area up to the end of the edition's period; see `counts.monthly_counts`."""
        counts = monthly_counts(self.table, self.area, by=by, measure=measure)
        counts = counts[counts.index <= self.edition.span.last]
        if counts.empty:
            raise InputError(
                f"edition {self.edition.key} ends with {self.edition.span.last}, and no file of {self.area.force} for "
                "a month until then was received"
            )
        return counts


@dataclass(frozen=True)
class RunResult:
    """What a run came to.

    Attributes
    ----------
    page : Path
        The published report.
    record : dict
        The run's record, as in the page.
    rows : dict of str to int
        Rows received, and what became of them.
    warnings : tuple of str
        What chapters wrote to their error stream.
    seconds : float
        How long the run took.
    """

    page: Path
    record: dict[str, Any]
    rows: dict[str, int]
    warnings: tuple[str, ...]
    seconds: float

    def summary(self) -> str:
        """The run in a sentence."""
        told = ", ".join(f"{number:,} {name}" for name, number in self.rows.items())
        return f"Published {self.page} in {self.seconds:.0f} s: {len(self.record['chapters'])} chapters; rows {told}."


def prepare(key: str, project: Project, *, progress: Progress | None = None) -> Prepared:
    """Clean and count an edition's street-level records into `data/processed/`.

    Parameters
    ----------
    key : str
        Name of the edition.
    progress : callable, optional
        Called with the stage, how much of it is done, and how much there is.

    Raises
    ------
    InputError, UsageError
        If there is no such edition, its files cannot be read, or the account does not balance.
    """
    chosen = edition(key, project.root)
    here = area(chosen.area, project.root)
    source = chosen.source(STREET)
    table, read_from = _count(source, here, project, progress)
    table = replace(table, source={**table.source, "read_from": read_from, "simulated": source.simulated})
    prepared = Prepared(chosen, here, table, project.processed / key, project.root / source.folder)
    rows = prepared.rows
    if rows["in"] != rows["kept"] + rows["duplicates"] + rows["set aside"]:
        raise InputError(f"the rows of edition {key} do not balance ({rows}): clean the archive again from scratch")
    write_counts(table, prepared.folder)
    return replace(prepared, partners=prepare_partners(chosen, project))


def open_edition(key: str | int) -> Prepared:
    """Open an edition in a notebook; its data are prepared first where that has not been done.

    Parameters
    ----------
    key : str
        Name of the edition, such as "2025"; a number too, because papermill and jupyter-scheduler make one of a
        parameter that looks like one. The project is the one the notebook is in.

    Raises
    ------
    InputError, UsageError
        See `prepare`.
    """
    project = find_project()
    chosen = edition(str(key), project.root)
    folder = project.processed / chosen.key
    if not (folder / "SOURCE.toml").exists():
        return prepare(chosen.key, project)
    archive = project.root / chosen.source(STREET).folder
    return Prepared(chosen, area(chosen.area, project.root), read_counts(folder), folder, archive)


def check_run(key: str, project: Project, parameters: Mapping[str, Any]) -> dict[Path, dict[str, Any]]:
    """Return the edition's chapters in order with the parameters that each declares, before any work is done.

    Raises
    ------
    InputError, UsageError
        If there is no such edition, a notebook is missing or declares no parameters, or no chapter has a parameter.
    """
    from hcsp_assess.run.notebooks import read_parameters

    notebooks = [project.notebooks / f"{name}.ipynb" for name in edition(key, project.root).chapters]
    declared = {notebook: read_parameters(notebook) for notebook in notebooks}
    _refuse_unknown(parameters, declared)
    return declared


def run_edition(
    key: str,
    project: Project,
    *,
    parameters: Mapping[str, Any] | None = None,
    progress: Progress | None = None,
    inputs: str = "",
    since_failure: bool = False,
) -> RunResult:
    """Build and publish an edition: clean, count, execute the chapters, join them, publish by one rename.

    A run that fails leaves the last report as it was; a notebook that failed is kept in `data/processed/failed/`.

    Parameters
    ----------
    key : str
        Name of the edition.
    parameters : mapping, optional
        Values for parameters of the chapters; each goes to every chapter that declares it.
    progress : callable, optional
        As in `prepare`.
    inputs : str
        Checksum of all that chapters read, from `fingerprint.chapter_inputs`; with it finished chapters are kept for
        `since_failure`.
    since_failure : bool
        Take chapters that an earlier run finished on the same inputs from it.

    Raises
    ------
    NotebookError
        If a chapter fails, or the page is not fit to publish.
    InputError, UsageError, OSError
        See `prepare`; a parameter that no chapter has.
    """
    began = time.monotonic()
    from hcsp_assess.run.publish import publish_report, run_record

    told = progress or _silent
    given = {"edition": key} | dict(parameters or {})
    declared = check_run(key, project, given)
    notebooks = list(declared)
    prepared = prepare(key, project, progress=told)
    os.environ[VARIABLE] = str(project.root)  # the kernels' working folder need not be in the project
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # threads slow the small matrices of the trend models
    chapters = []
    for number, notebook in enumerate(notebooks):
        told("Running chapters", number, len(notebooks))
        own = {name: value for name, value in given.items() if name in declared[notebook]}
        chapters.append(_chapter(notebook, own, prepared, inputs=inputs, resume=since_failure))
    told("Running chapters", len(notebooks), len(notebooks))
    _require_statute(prepared, chapters, project)
    record = run_record(prepared, chapters, notebooks)
    page = publish_report(prepared, chapters, record, project)
    warnings = tuple(f"{chapter.name}: {text}" for chapter in chapters for text in chapter.warnings)
    if prepared.partners is not None:
        warnings += tuple(f"returns: {text}" for text in prepared.partners.problems())
    warnings += _months_lost(prepared, project)
    return RunResult(page, record, prepared.rows, warnings, time.monotonic() - began)


def _chapter(notebook: Path, parameters: Mapping[str, Any], prepared: Prepared, *, inputs: str, resume: bool) -> Any:
    """Run a chapter, or take it from an earlier run that came so far on the same inputs."""
    from hcsp_assess.files import sha256_of
    from hcsp_assess.run.finished_chapters import load_stage, save_stage, stage_key
    from hcsp_assess.run.notebooks import Chapter, run_chapter

    kept_in = prepared.folder / "chapters"
    key = stage_key({"inputs": inputs, "notebook": sha256_of(notebook), "parameters": dict(parameters)})
    if resume and inputs and (kept := load_stage(kept_in, notebook.stem, key)):
        return Chapter(**kept | {"warnings": tuple(kept["warnings"])})
    failed = prepared.folder.parent / "failed" / prepared.edition.key
    chapter = run_chapter(notebook, parameters, prepared.folder / "notebooks", failed)
    if inputs:
        save_stage(kept_in, notebook.stem, key, asdict(chapter))
    return chapter


def where_from(source: Source, project: Project) -> tuple[bool, str]:
    """Say whether a source's data are there, and which of them would be read."""
    folder = project.root / source.folder
    if _holds_files(folder):
        return True, f"files in {source.folder}"
    if source.simulated:
        return True, f"will be simulated into {source.folder}"
    if source.counts and (project.root / source.counts).is_dir():
        return True, f"counts in {source.counts}; {source.folder} holds no files"
    return False, f"nothing: put archives from data.police.uk (zip files or folders) in {source.folder}"


def _count(source: Source, here: Area, project: Project, progress: Progress | None) -> tuple[CountTable, str]:
    folder = project.root / source.folder
    ok, where = where_from(source, project)
    if not ok:
        raise InputError(f"edition source {source.key} has {where}")
    if source.counts and not _holds_files(folder):
        return read_counts(project.root / source.counts), f"{source.counts} (counts that come with the project)"
    if source.simulated and not _holds_files(folder):
        from hcsp_assess.simulation.archive import simulate_archive

        simulate_archive(folder, progress=progress)
    cleaned = project.processed / folder.name
    project.processed.mkdir(parents=True, exist_ok=True)
    with FileLock(project.processed / f"{folder.name}.lock"):  # runs for several areas share what is cleaned
        clean_archive(folder, cleaned, progress=progress)
        return count_records(cleaned, here), source.folder


def _months_lost(prepared: Prepared, project: Project) -> tuple[str, ...]:
    """Say which months are lost because files were received: one is enough for the counts that come to give way."""
    source, force = prepared.source, prepared.area.force
    came_with = project.root / source.counts
    if not source.counts or not came_with.is_dir() or prepared.table.source["read_from"] != source.folder:
        return ()
    there = set(prepared.table.months(force))
    lost = [month for month in read_counts(came_with).months(force) if month not in there]
    if not lost:
        return ()
    return (
        f"{source.folder} holds files, so the counts in {source.counts} are not used: {len(lost)} of their months, "
        f"{lost[0]} to {lost[-1]}, are in no file and are missing from this report. Fetch those months too, or move "
        "the files away",
    )


def _holds_files(folder: Path) -> bool:
    return folder.is_dir() and any(path.name not in NOT_DATA for path in folder.iterdir())


def _refuse_unknown(given: Mapping[str, Any], declared: Mapping[Path, Mapping[str, Any]]) -> None:
    from difflib import get_close_matches

    known = sorted({name for parameters in declared.values() for name in parameters})
    for name in given:
        if name not in known:
            near = get_close_matches(name, known, n=1)
            hint = f" Did you mean {near[0]}?" if near else ""
            raise UsageError(f"no chapter has a parameter {name!r}; there are {', '.join(known)}.{hint}")


def _require_statute(prepared: Prepared, chapters: list[Any], project: Project) -> None:
    """Refuse a report that has nothing under a letter of the law's list, and no statement that there is nothing."""
    from hcsp_assess.assessment.statute import letters_of, parse_statements, require_statute, shows_something
    from hcsp_assess.sources.texts import find_texts

    chosen = prepared.edition
    if not STATUTORY & set(chosen.chapters):
        return  # a page of single chapters, not an assessment
    empty = [chapter.name for chapter in chapters if not shows_something(chapter.html)]
    statements = parse_statements(find_texts(chosen.key, project.root))
    require_statute(letters_of(chosen.chapters, chosen.letters), statements, empty=empty)


def _silent(stage: str, done: int, total: int) -> None:
    """Progress that nobody watches."""
