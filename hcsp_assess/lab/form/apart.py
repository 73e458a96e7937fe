"""A run in a process of its own: the kernel stays free, and Stop ends the run as Ctrl-C does."""

import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import IO, Any

from hcsp_assess.project import Project

MODULE = "hcsp_assess.cli.reported_run"
INTERRUPTED = 130
#: What a kernel sets for itself, and a program started from it must not take over.
OF_THE_KERNEL = ("JPY_", "MPLBACKEND", "PYDEVD_")
WINDOWS = os.name == "nt"


@dataclass(frozen=True)
class Progress:
    """How far a run is: its stage, how much of it is done, and the chapter that began last."""

    stage: str
    done: int
    total: int
    chapter: str = ""


@dataclass(frozen=True)
class Ended:
    """How a run ended.

    Attributes
    ----------
    code : int
        Exit code of `hcsp-assess run`: 0 if the report was published.
    sentence : str
        What was published, or what went wrong and what to do.
    warnings : tuple of str
        What a good run warned of.
    """

    code: int
    sentence: str
    warnings: tuple[str, ...] = ()

    @property
    def stopped(self) -> bool:
        """Whether it was stopped by a person."""
        return self.code in (INTERRUPTED, -signal.SIGINT, -signal.SIGTERM)


class RunApart:
    """Run an edition in another process, and follow it from a thread.

    Parameters
    ----------
    edition : str
        Name of the edition.
    project : Project
        Where it is.
    progress, ended : callable
        Called from the thread, for each `Progress` and once with `Ended`.
    """

    def __init__(
        self, edition: str, project: Project, progress: Callable[[Progress], None], ended: Callable[[Ended], None]
    ) -> None:
        self._progress, self._ended = progress, ended
        self._errors: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115 - closed when the process has ended
        own = {name: value for name, value in os.environ.items() if not name.startswith(OF_THE_KERNEL)}
        # Stop reaches this run alone
        group: dict[str, Any] = {"creationflags": 0x200} if WINDOWS else {"start_new_session": True}
        self._process = subprocess.Popen(  # noqa: S603 - no shell, own arguments
            [sys.executable, "-m", MODULE, edition, str(project.root)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=self._errors,
            cwd=project.root,
            env=own,
            **group,
        )
        self.thread = threading.Thread(target=self._follow, daemon=True)
        self.thread.start()

    def stop(self) -> None:
        """Ask the run to stop, as Ctrl-C does: nothing is published, and the last report stays."""
        if self._process.poll() is None:
            self._process.send_signal(signal.CTRL_BREAK_EVENT if WINDOWS else signal.SIGINT)  # type: ignore[attr-defined,unused-ignore]

    def _follow(self) -> None:
        last: dict[str, Any] = {}
        known = Progress("Getting ready", 0, 1)
        for line in self._process.stdout or ():
            told = _read(line)
            if "stage" in told:
                known = replace(known, stage=str(told["stage"]), done=int(told["done"]), total=int(told["total"]))
                self._progress(known)
            elif "chapter" in told:
                known = replace(known, chapter=str(told["chapter"]))
                self._progress(known)
            elif "said" in told:
                last = told
        code = self._process.wait()
        self._errors.seek(0)
        complaint = self._errors.read().decode("utf-8", "replace")
        self._errors.close()
        sentence = str(last.get("said", "")) if code == 0 else _sentence(complaint, code)
        self._ended(Ended(code, sentence, tuple(map(str, last.get("warnings", ())))))


def _read(line: bytes) -> dict[str, Any]:
    try:
        told = json.loads(line)
    except ValueError:
        return {}  # what a library printed
    return told if isinstance(told, dict) else {}


def _sentence(complaint: str, code: int) -> str:
    """What the command said last of what went wrong, in one line."""
    said = " ".join(complaint.rpartition("hcsp-assess:")[2].split())
    return said or f"the run ended with code {code} and said nothing: run the edition again, or look at its record"
