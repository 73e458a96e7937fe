"""Run an edition: execute its chapters in order and publish the report only if all succeed."""

import contextlib
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from hcsp_assess.assessment.county_matters import check_matters, parse_matters, with_matters
from hcsp_assess.assessment.statute import draft_letters, letters_of, parse_statements, require_statute
from hcsp_assess.edition.county import open_county, say_missing
from hcsp_assess.edition.file_faults import file_faults, worst_file
from hcsp_assess.edition.findings import edition_findings
from hcsp_assess.edition.for_county import for_county
from hcsp_assess.edition.opened import OpenEdition, Progress, files_not_read, months_not_used, prepare
from hcsp_assess.errors import InputError, Problem, UsageError, did_you_mean
from hcsp_assess.files import sha256_of
from hcsp_assess.project import Project
from hcsp_assess.report.chapter_html import Chapter
from hcsp_assess.report.html import shows_something
from hcsp_assess.run.fingerprint import chapter_inputs
from hcsp_assess.run.finished_chapters import load_stage, save_stage, stage_key
from hcsp_assess.run.notebooks import read_parameters, run_chapter
from hcsp_assess.run.one_state import InputState
from hcsp_assess.run.preflight import STATUTORY, require_ready
from hcsp_assess.run.publish import publish_report
from hcsp_assess.run.record import run_record
from hcsp_assess.run.side_by_side import run_side_by_side
from hcsp_assess.subject.editions import Edition


@dataclass(frozen=True)
class Listener:
    """Who is to hear how a run goes, beside its progress.

    Attributes
    ----------
    problem : callable
        Called with each `errors.Problem` that does not stop the run, before anything is cleaned.
    chapter : callable
        Called with a chapter's name and None when it begins, and again with the seconds that it took when it ends.
    """

    problem: Callable[[Problem], None] = lambda problem: None
    chapter: Callable[[str, float | None], None] = lambda name, seconds: None


@dataclass(frozen=True)
class RunResult:
    """What a run resulted in.

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
    outputs : tuple of Path
        Every file that was published.
    worst_file : (str, float)
        The street file of which most rows were set aside, and how many in a hundred.
    chapter_seconds : tuple of (str, float)
        How long each chapter took, those taken from an earlier run left out.
    """

    page: Path
    record: dict[str, Any]
    rows: dict[str, int]
    warnings: tuple[str, ...]
    seconds: float
    outputs: tuple[Path, ...] = ()
    worst_file: tuple[str, float] = ("", 0.0)
    chapter_seconds: tuple[tuple[str, float], ...] = ()

    def summary(self) -> str:
        """The run in a sentence."""
        told = ", ".join(f"{number:,} {name}" for name, number in self.rows.items())
        return f"Published {self.page} in {self.seconds:.0f} s: {len(self.record['chapters'])} chapters; rows {told}."


def check_run(chosen: Edition, project: Project, parameters: Mapping[str, Any]) -> dict[Path, dict[str, Any]]:
    """Return the edition's chapters in order with the parameters that each declares, before any work is done.

    Raises
    ------
    InputError, UsageError
        If a notebook is missing or declares no parameters, no chapter has a parameter, or a parameter names another
        edition.
    """
    _refuse_other_edition(chosen, parameters)
    declared = {notebook: read_parameters(notebook) for notebook in _notebooks(chosen, project)}
    _refuse_unknown(parameters, declared)
    return declared


def check_parameters(chosen: Edition, project: Project, parameters: Mapping[str, Any]) -> None:
    """Refuse parameters of a command that no chapter has, as `check_run`; a notebook that cannot be read is left out.

    Raises
    ------
    UsageError
        As `check_run`.
    """
    _refuse_other_edition(chosen, parameters)
    declared = {}
    for notebook in _notebooks(chosen, project):
        with contextlib.suppress(InputError):  # the run names it, with everything else that stops it
            declared[notebook] = read_parameters(notebook)
    if len(declared) == len(chosen.chapters):
        _refuse_unknown(parameters, declared)


def _notebooks(chosen: Edition, project: Project) -> list[Path]:
    return [project.notebook(name) for name in chosen.chapters]


def _refuse_other_edition(chosen: Edition, parameters: Mapping[str, Any]) -> None:
    if (other := str(parameters.get("edition", chosen.key))) != chosen.key:
        raise UsageError(
            f"this run is of edition {chosen.key}, and its parameter edition says {other}: to build that edition, give "
            f"its name instead, as in hcsp-assess run {other}"
        )


def run_edition(
    chosen: Edition,
    project: Project,
    *,
    parameters: Mapping[str, Any] | None = None,
    progress: Progress | None = None,
    state: InputState | None = None,
    since_failure: bool = False,
    at_a_time: int | None = None,
    listener: Listener | None = None,
) -> RunResult:
    """Build and publish an edition: check, clean, count, execute the chapters, join them, and publish in one step.

    A run that fails leaves the last report as it was; a notebook that failed is kept in `data/processed/failed/`.

    Parameters
    ----------
    parameters : mapping, optional
        Values for parameters of the chapters; each goes to every chapter that declares it.
    progress : callable, optional
        As in `edition.opened.prepare`.
    state : InputState, optional
        What the run reads; with it finished chapters are kept for `since_failure`, and nothing is published if it has
        changed by then.
    since_failure : bool
        Take chapters that an earlier run finished on the same inputs from it.
    at_a_time : int, optional
        How many chapters run at once; see `run_side_by_side`.
    listener : Listener, optional
        Who is to hear of problems that do not stop the run, and of each chapter.

    Raises
    ------
    ProblemsError
        Everything that `preflight` finds that stops a run, before anything is cleaned.
    NotebookError
        If a chapter fails, or the page is not fit to publish.
    InputError, UsageError, OSError
        See `prepare`; a parameter that no chapter has.
    """
    began = time.monotonic()
    report_progress, hears = progress or _silent, listener or Listener()
    given = {"edition": chosen.key} | dict(parameters or {})
    known = require_ready(chosen, project)
    for problem in known:
        hears.problem(problem)
    declared = check_run(chosen, project, given)
    opened = prepare(chosen, project, progress=report_progress)
    edition_findings(opened)  # kept for the chapters, which would each work them out
    _refuse_early(opened)
    inputs = chapter_inputs(state.files) if state else ""
    timed = _Timed(hears)
    build = timed.watch(partial(_chapter, opened=opened, inputs=inputs, resume=since_failure))
    shown = {book: names for book, names in declared.items() if book.stem in opened.edition.chapters}
    own = {book: {name: value for name, value in given.items() if name in names} for book, names in shown.items()}
    chapters = run_side_by_side(
        build, own, project, progress=partial(report_progress, "Running chapters"), at_a_time=at_a_time
    )
    _require_statute(opened, chapters)
    record = run_record(opened, chapters, list(shown))
    page, *others = publish_report(opened, chapters, record, before=state.require_unchanged if state else None)
    rows, warnings, seconds = opened.rows, _warnings(opened, chapters), time.monotonic() - began
    warnings = (*map(str, _only_said_before(known, warnings)), *warnings)
    worst = worst_file(opened.table.account)
    return RunResult(page, record, rows, warnings, seconds, (page, *others), worst, tuple(timed.seconds.items()))


@dataclass
class _Timed:
    """Times chapters, and tells a listener of each."""

    listener: Listener
    seconds: dict[str, float] = field(default_factory=dict)

    def watch(self, build: Callable[..., Chapter]) -> Callable[[Path, Mapping[str, Any]], Chapter]:
        """Return what runs one notebook, timed."""

        def timed(notebook: Path, parameters: Mapping[str, Any]) -> Chapter:
            began = time.monotonic()
            self.listener.chapter(notebook.stem, None)
            chapter = build(notebook, parameters)
            took = time.monotonic() - began
            self.seconds[notebook.stem] = round(took, 1)
            self.listener.chapter(notebook.stem, took)
            return chapter

        return timed


def _only_said_before(known: Sequence[Problem], warnings: Sequence[str]) -> list[Problem]:
    """Problems found before the run that no warning of the run repeats."""
    return [problem for problem in known if not any(problem.what in text for text in warnings)]


def _refuse_early(opened: OpenEdition) -> None:
    """Refuse matters for the county, and what a county's partnerships sent, before any chapter runs."""
    statements = parse_statements(opened.texts)
    check_matters(opened.texts, opened.edition.chapters, statements, opened.area.country)
    for_county(edition_findings(opened))
    if opened.edition.districts:
        open_county(opened)


def _chapter(
    notebook: Path, parameters: Mapping[str, Any], opened: OpenEdition, *, inputs: str, resume: bool
) -> Chapter:
    """Run a chapter, or reuse it from an earlier run on the same inputs."""
    kept_in = opened.folder / "chapters"
    key = stage_key({"inputs": inputs, "notebook": sha256_of(notebook), "parameters": dict(parameters)})
    if resume and inputs and (kept := load_stage(kept_in, notebook.stem, key)):
        return Chapter(**kept | {"warnings": tuple(kept["warnings"])})
    failed = opened.project.processed / "failed" / opened.edition.key
    chapter = run_chapter(notebook, parameters, work=opened.folder / "notebooks", evidence=failed)
    if inputs:
        save_stage(kept_in, notebook.stem, key, asdict(chapter))
    return chapter


def _warnings(opened: OpenEdition, chapters: list[Chapter]) -> tuple[str, ...]:
    """What chapters wrote to their error stream, returns that could not be used, and months that are not used."""
    warnings = [f"{chapter.name}: {text}" for chapter in chapters for text in chapter.warnings]
    if opened.has_returns:
        warnings += [f"returns: {text}" for text in opened.returns.problems()]
    warnings += [f"open data: {text}" for _, text in opened.open_data.problems]
    if opened.edition.districts:
        warnings += [f"county: {text}" for text in say_missing(open_county(opened))]
    warnings += file_faults(opened.table.account)
    warnings += files_not_read(opened)
    if lost := months_not_used(opened):
        source = opened.source
        warnings.append(
            f"{source.folder} has files, so the counts in {source.counts} are not used. {len(lost)} of their "
            f"months, {lost[0]} to {lost[-1]}, are in none of the files and are missing from this report. Download "
            "those months too, or move the files away"
        )
    return tuple(warnings)


def _refuse_unknown(given: Mapping[str, Any], declared: Mapping[Path, Mapping[str, Any]]) -> None:
    known = sorted({name for parameters in declared.values() for name in parameters})
    if not declared:
        raise InputError("the edition names no chapter: add some to its definition, as chapters = [{ notebook = ... }]")
    for name in given:
        if name not in known:
            hint = did_you_mean(name, known)
            raise UsageError(f"no chapter has a parameter {name!r}; choose one of {', '.join(known)}.{hint}")


def _require_statute(opened: OpenEdition, chapters: list[Chapter]) -> None:
    """Refuse a report that has nothing under a letter of the law's list, and no statement that there is nothing."""
    chosen, country = opened.edition, opened.area.country
    statements = parse_statements(opened.texts)
    if chosen.districts or not STATUTORY & set(chosen.chapters):
        return  # a county's page, or one of single chapters: not an assessment
    empty = [chapter.name for chapter in chapters if not shows_something(chapter.html)]
    letters = with_matters(letters_of(chosen.chapters, chosen.letters), parse_matters(opened.texts))
    require_statute(letters, statements, empty=empty, country=country, drafts=draft_letters(opened.texts))


def _silent(stage: str, done: int, total: int) -> None:
    """A progress callback that does nothing."""
