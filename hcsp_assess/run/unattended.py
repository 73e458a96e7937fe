"""Unattended runs: one at a time, recorded, and skipped when nothing has changed."""

import logging
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

from filelock import FileLock

from hcsp_assess.edition.opened import Progress
from hcsp_assess.errors import InputError
from hcsp_assess.files import sha256_of
from hcsp_assess.project import Project
from hcsp_assess.run.build import RunResult
from hcsp_assess.run.fingerprint import inputs_fingerprint
from hcsp_assess.run.lock import lock_name, run_lock
from hcsp_assess.run.log import Recorder, nothing_new, recorded_run
from hcsp_assess.run.notebooks import NotebookError
from hcsp_assess.run.one_state import InputsChangedError, InputState
from hcsp_assess.run.reports_folder import remove_leftovers, write_index
from hcsp_assess.run.restricted_folder import move_restricted
from hcsp_assess.subject.editions import Edition
from hcsp_assess.subject.editions import edition as find_edition

logger = logging.getLogger(__name__)
Build = Callable[..., "RunResult"]
#: How many times a run begins, at most, where its inputs change while it is in progress.
BEGINNINGS: Final = 3


def run_unattended(
    edition: Edition,
    project: Project,
    build: Build,
    *,
    parameters: Mapping[str, Any] | None = None,
    progress: "Progress | None" = None,
    only_if_changed: bool = False,
    since_failure: bool = False,
) -> "RunResult | None":
    """Build an edition under the project's lock, and keep a record of it in `data/processed/runs/`.

    Parameters
    ----------
    build : callable
        What builds it, `run.build.run_edition`; called with the edition, the project, `parameters`, `progress`,
        `state` and `since_failure`.
    parameters : mapping, optional
        Values for parameters of the chapters.
    progress : callable, optional
        Called with the stage, how much of it is done, and how much there is.
    only_if_changed : bool
        Do nothing where the last good run had the same inputs, definition, parameters and software, and its report is
        still in place.
    since_failure : bool
        Take chapters that the failed run had finished on the same inputs from it.

    Returns
    -------
    RunResult or None
        None where there was nothing new.

    Raises
    ------
    AlreadyRunning
        If another run holds the lock. Nothing is recorded of the one that gave way.
    InputsChangedError
        If inputs changed while the run was in progress, each time that it began again.
    Exception
        Whatever `build` raises; the record says so.

    Notes
    -----
    A page never mixes two states of its inputs: where files changed while the run was in progress, it begins again on
    the new ones, and nothing is published of the old.
    """
    key = edition.key
    with run_lock(project, f"edition {key}", name=lock_name(key)), recorded_run(project, key) as recorder:
        for beginning in range(1, BEGINNINGS + 1):
            state = InputState.take(find_edition(key, project.root), project)
            fingerprint = inputs_fingerprint(state.edition, project, parameters, state.files)
            recorder.note(fingerprint=fingerprint, inputs=state.files)
            if only_if_changed and nothing_new(project, key, fingerprint):
                recorder.end("nothing new")
                return None
            options = {"parameters": parameters, "since_failure": since_failure}
            try:
                result = _build(build, state, recorder.watch(progress), options)
            except InputsChangedError as error:
                if beginning == BEGINNINGS:
                    raise
                logger.warning("%s changed while the run was in progress: it begins again on the new files", error.name)
            else:
                _note(recorder, result, project)
                return result
        raise AssertionError("a run ends in its last beginning")


def run_alone(edition: Edition, project: Project, build: Build, **options: Any) -> "RunResult | None":
    """Build one edition by `run_unattended`, tidy up before, and afterwards renew the page that lists all reports."""
    tidy_up(project)
    result = run_unattended(edition, project, build, **options)
    if result:
        write_index(project.reports)
    return result


def tidy_up(project: Project) -> None:
    """Remove what killed runs left half-written, and move restricted reports of earlier versions to their place."""
    project.processed.mkdir(parents=True, exist_ok=True)
    with FileLock(project.processed / "tidying.lock"):
        move_restricted(project)
    for folder in (project.processed, project.reports, project.restricted):
        remove_leftovers(folder)


def _build(build: Build, state: InputState, progress: Progress, options: Mapping[str, Any]) -> "RunResult":
    """Build on one state of the inputs; an error that follows from a change of them is `InputsChangedError`."""
    try:
        return build(state.edition, state.project, progress=progress, state=state, **options)
    except InputsChangedError:
        raise
    except (InputError, NotebookError) as error:
        if name := state.changed():
            raise InputsChangedError(name) from error
        raise


def _note(recorder: Recorder, result: "RunResult", project: Project) -> None:
    """Note what was published, with checksums."""

    def name(path: Path) -> str:
        return path.relative_to(project.root).as_posix()

    outputs = tuple((name(path), sha256_of(path)) for path in result.outputs)
    recorder.note(page=name(result.page), outputs=outputs, warnings=result.warnings, chapters=result.chapter_seconds)
