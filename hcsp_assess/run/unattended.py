"""Unattended runs: one at a time, recorded, and skipped when nothing has changed."""

from collections.abc import Callable, Mapping
from typing import Any

from hcsp_assess.edition.opened import Progress
from hcsp_assess.project import Project
from hcsp_assess.run.build import RunResult
from hcsp_assess.run.fingerprint import chapter_inputs, input_files, inputs_fingerprint
from hcsp_assess.run.lock import lock_name, run_lock
from hcsp_assess.run.log import nothing_new, recorded_run
from hcsp_assess.run.reports_folder import remove_leftovers
from hcsp_assess.subject.editions import Edition

Build = Callable[..., "RunResult"]


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
        `inputs` and `since_failure`.
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
    Exception
        Whatever `build` raises; the record says so.
    """
    key = edition.key
    with run_lock(project, f"edition {key}", name=lock_name(key)), recorded_run(project, key) as recorder:
        for folder in (project.processed, project.reports):
            remove_leftovers(folder)
        files = input_files(edition, project)
        fingerprint = inputs_fingerprint(edition, project, parameters, files)
        recorder.note(fingerprint=fingerprint, inputs=tuple(files))
        if only_if_changed and nothing_new(project, key, fingerprint):
            recorder.end("nothing new")
            return None
        result = build(
            edition,
            project,
            parameters=parameters,
            progress=recorder.watch(progress),
            inputs=chapter_inputs(files),
            since_failure=since_failure,
        )
        recorder.note(page=result.page.relative_to(project.root).as_posix(), warnings=result.warnings)
        return result
