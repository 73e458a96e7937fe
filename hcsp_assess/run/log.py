"""The log of runs: when, on what data and with what result; read by `status`."""

import contextlib
import json
import logging
import os
import platform
import re
import time
import uuid
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal, get_args

from hcsp_assess import __version__
from hcsp_assess.errors import InputError
from hcsp_assess.files import sha256_of, write_whole
from hcsp_assess.project import Project, definition_titles
from hcsp_assess.run.lock import Holder, current_holder, lock_name

Outcome = Literal["running", "done", "nothing new", "failed", "interrupted"]
RUNS, LOG = "runs", "log.jsonl"
TEXTS = ("run", "edition", "outcome", "started", "ended", "fingerprint", "page", "error", "host")
logger = logging.getLogger(__name__)
MONTH_IN_NAME = re.compile(r" ?[0-9]{4}-[0-9]{2}")


@dataclass(frozen=True)
class Stage:
    """A part of a run: its name, and how many seconds it took."""

    name: str
    seconds: float


@dataclass(frozen=True)
class RunRecord:
    """One run, as its file in `data/processed/runs/` says.

    Attributes
    ----------
    run : str
        Its name: when it began, in UTC, the edition, and a few letters of chance.
    outcome : str
        "running"; "done"; "nothing new" (`--only-if-changed` found the inputs of the last good run); "failed";
        "interrupted" (stopped from outside; also a run that was killed, which cannot write so itself).
    started, ended : str
        In UTC; `ended` is "" while it runs, or where it was killed.
    seconds : float
        How long it took.
    fingerprint : str
        See `fingerprint.inputs_fingerprint`; "" where it was not taken.
    inputs : tuple of (str, str)
        Files that went in, from the project's root, with their checksums.
    page : str
        The published report, from the project's root; "" where none was published.
    outputs : tuple of (str, str)
        Every file that was published, from the project's root, with its checksum.
    error : str
        What went wrong, in the words that the user saw.
    warnings : tuple of str
        What a good run warned of; `--quiet` does not say it.
    software, host : str
        Version of this software, and the machine.
    chapters : tuple of (str, float)
        Seconds that each chapter took, from which the next run estimates the time left.
    """

    run: str
    edition: str
    outcome: Outcome
    started: str
    ended: str = ""
    seconds: float = 0.0
    fingerprint: str = ""
    inputs: tuple[tuple[str, str], ...] = ()
    stages: tuple[Stage, ...] = ()
    page: str = ""
    outputs: tuple[tuple[str, str], ...] = ()
    error: str = ""
    warnings: tuple[str, ...] = ()
    software: str = ""
    host: str = ""
    process: int = 0
    chapters: tuple[tuple[str, float], ...] = ()


@dataclass
class Recorder:
    """The record of a run while it runs; each change is on disk at once, so that a killed run is on record too."""

    project: Project
    record: RunRecord
    now: Callable[[], float] = time.monotonic
    began: float = field(init=False)
    _ending: Callable[[], None] | None = field(init=False, default=None)

    def __post_init__(self) -> None:
        self.began = self.now()
        self._write()

    def note(self, **fields: Any) -> None:
        """Set fields of the record, such as `fingerprint`, `inputs` and `page`."""
        self.record = replace(self.record, **fields)
        self._write()

    def watch(self, progress: Callable[[str, int, int], None] | None = None) -> Callable[[str, int, int], None]:
        """Return a progress callback that times the stages it hears of, and passes on what it hears.

        A stage lasts until another begins; months in its name ("cleaning 2024-01") are one stage.
        """
        heard = {"stage": "", "since": self.now()}

        def told(stage: str, done: int, total: int) -> None:
            name = MONTH_IN_NAME.sub("", stage)
            if name != heard["stage"]:
                self._end_stage(heard)
                heard.update(stage=name, since=self.now())
            if progress:
                progress(stage, done, total)

        self._ending = lambda: self._end_stage(heard)
        return told

    def _end_stage(self, heard: dict[str, Any]) -> None:
        if heard["stage"]:
            stage = Stage(heard["stage"], round(self.now() - heard["since"], 3))
            self.note(stages=(*self.record.stages, stage))
            heard["stage"] = ""

    def end(self, outcome: Outcome, error: str = "") -> None:
        """Close the record and write the line of the log."""
        if self._ending:
            self._ending()
        seconds = round(self.now() - self.began, 3)
        self.note(outcome=outcome, error=error, ended=_utc(), seconds=seconds)
        left_out = ("inputs", "outputs", "stages", "chapters")
        line = {name: value for name, value in asdict(self.record).items() if name not in left_out}
        with (self.project.processed / RUNS / LOG).open("a", encoding="utf-8", newline="\n") as log:
            log.write(json.dumps(line, ensure_ascii=False) + "\n")

    def _write(self) -> None:
        content = json.dumps(asdict(self.record), indent=1, ensure_ascii=False).encode("utf-8")
        write_whole(self.project.processed / RUNS / f"{self.record.run}.json", content)


@contextlib.contextmanager
def recorded_run(project: Project, edition: str, *, now: Callable[[], float] = time.monotonic) -> Iterator[Recorder]:
    """Record the run that the block makes.

    The block may end the record itself (`end("nothing new")`); otherwise it is "done", or "failed" or "interrupted" by
    the error that leaves it.

    Parameters
    ----------
    now : callable, optional
        Seconds; for tests.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder, recorded_run(Project(Path(folder)), "2025") as recorder:
    ...     recorder.watch()("clean and count", 0, 1)
    >>> recorder.record.outcome
    'done'
    """
    name = f"{datetime.now(UTC):%Y%m%dT%H%M%S%fZ}-{edition}-{uuid.uuid4().hex[:6]}"
    first = RunRecord(name, edition, "running", _utc(), software=__version__, host=platform.node(), process=os.getpid())
    recorder = Recorder(project, first, now)
    try:
        yield recorder
    except (KeyboardInterrupt, SystemExit) as error:
        recorder.end("interrupted", str(error) or type(error).__name__)
        raise
    except BaseException as error:
        recorder.end("failed", f"{type(error).__name__}: {error}")
        raise
    if recorder.record.outcome == "running":
        recorder.end("done")


def latest_runs(project: Project, edition: str = "", *, limit: int = 20) -> list[RunRecord]:
    """Return the newest runs first.

    A record that still says "running" although the project's lock is free is of a run that was killed: it is
    returned as "interrupted". A record that cannot be read is passed over, and logged: it stops no run.

    Parameters
    ----------
    edition : str
        Only runs of this edition; "" for all.
    limit : int
        At most so many.
    """
    paths = sorted((project.processed / RUNS).glob(f"*Z-{edition or '*'}-??????.json"), reverse=True)[:limit]
    known = [record for path in paths if (record := _read_or_pass_over(path))]
    records = [record for record in known if not edition or record.edition == edition]
    return [_as_known(record, project) for record in records]


def last_good_run(project: Project, edition: str) -> RunRecord | None:
    """Return the newest run of an edition that published a report, or None."""
    runs = latest_runs(project, edition, limit=10_000)
    return next((record for record in runs if record.outcome == "done"), None)


def nothing_new(project: Project, edition: str, fingerprint: str) -> RunRecord | None:
    """Return the last good run if its inputs were the same and all that it published is in place; else None.

    A page that was cut short, or a download that is missing or was changed, means that there is work.
    """
    last = last_good_run(project, edition)
    if last is None or last.fingerprint != fingerprint or not fingerprint:
        return None
    outputs = dict(last.outputs)
    whole = last.page in outputs and all(_is_published(project.root / name, outputs[name]) for name in outputs)
    return last if whole else None


def _is_published(path: Path, sha256: str) -> bool:
    try:
        return sha256_of(path) == sha256
    except OSError:
        return False


@dataclass(frozen=True)
class EditionStatus:
    """The state of an edition.

    Attributes
    ----------
    published : bool
        Whether a report is in place.
    last_run, last_good_run : RunRecord or None
        Runs that found nothing new are passed over in `last_good_run`.
    """

    edition: str
    title: str
    published: bool
    last_run: RunRecord | None
    last_good_run: RunRecord | None

    @property
    def ok(self) -> bool:
        """Whether the last run, if there was one, ended."""
        return self.last_run is None or self.last_run.outcome in ("done", "nothing new", "running")


@dataclass(frozen=True)
class Status:
    """The state of a project: who is running in it now, and each edition."""

    running: Holder | None
    editions: tuple[EditionStatus, ...]


def status(project: Project) -> Status:
    """Say the state of a project, for `hcsp-assess status`."""
    found = []
    known = definition_titles("editions", project.root)
    built = [page.parent.name for page in project.reports.glob("*@*/index.html")]
    ran = [record.edition for record in latest_runs(project, limit=10_000) if "@" in record.edition]
    others = sorted(key for key in {*built, *ran} if key.partition("@")[0] in known and key not in known)
    for key, title in [*known.items(), *((key, known[key.partition("@")[0]]) for key in others)]:
        runs = latest_runs(project, key, limit=1)
        published = (project.reports / key / "index.html").is_file()
        last = runs[0] if runs else None
        found.append(EditionStatus(key, title, published, last, last_good_run(project, key)))
    return Status(current_holder(project), tuple(found))


def _read_or_pass_over(path: Path) -> RunRecord | None:
    try:
        return _read(path)
    except InputError as error:
        logger.warning("%s. It was passed over", error)
        return None


def _read(path: Path) -> RunRecord:
    try:
        fields = json.loads(path.read_text(encoding="utf-8"))
        fields["stages"] = tuple(Stage(stage["name"], stage["seconds"]) for stage in fields["stages"])
        fields["inputs"] = tuple((str(file), str(sha256)) for file, sha256 in fields["inputs"])
        fields["outputs"] = tuple((str(file), str(sha256)) for file, sha256 in fields.get("outputs", ()))
        fields["warnings"] = tuple(map(str, fields.get("warnings", ())))
        fields["chapters"] = tuple((str(name), float(seconds)) for name, seconds in fields.get("chapters", ()))
        record = RunRecord(**fields)
        if not all(isinstance(getattr(record, name), str) for name in TEXTS):
            raise TypeError("a text is missing")
    except (OSError, TypeError, KeyError, ValueError, AttributeError, RecursionError) as error:
        raise InputError(f"the record of a run {path} cannot be read ({error}): remove the file") from error
    if record.outcome not in get_args(Outcome):
        raise InputError(
            f"the record of a run {path} has the outcome {record.outcome!r}, which is not a known outcome: remove "
            "the file"
        )
    return record


def _as_known(record: RunRecord, project: Project) -> RunRecord:
    """The record; a run whose process has ended is shown as interrupted."""
    if record.outcome != "running":
        return record
    holder = current_holder(project, name=lock_name(record.edition))
    if holder is not None and (holder.process, holder.host) in ((record.process, record.host), (0, "")):
        return record
    return replace(record, outcome="interrupted", error="the run was killed, or the computer stopped")


def _utc() -> str:
    return datetime.now(UTC).replace(microsecond=0).isoformat()
