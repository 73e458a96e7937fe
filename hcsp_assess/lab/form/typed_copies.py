"""Copies of what is typed and not saved: a page that is closed, or a kernel that ends, loses nothing."""

import json
import threading
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from hcsp_assess.files import write_whole
from hcsp_assess.project import Project

#: Seconds between two copies while a person types.
PAUSE = 1.0


@dataclass(frozen=True)
class Typed:
    """What is typed of a text and not saved.

    Attributes
    ----------
    text : str
        The whole file as typed.
    base : str
        Checksum of the file that it was typed over; "" where there was none.
    """

    text: str
    base: str


class TypedCopies:
    """A file with all texts of an edition that are typed and not saved.

    Parameters
    ----------
    project : Project
        The copies are in `data/processed/form/`.
    """

    def __init__(self, project: Project) -> None:
        self._folder = project.processed / "form"
        self._path: Path | None = None
        self._waiting: tuple[Path, dict[str, Typed]] | None = None
        self._lock = threading.Lock()
        self._timer: threading.Timer | None = None

    def choose(self, edition: str) -> None:
        """Follow another edition; what waits to be copied is copied first."""
        self.flush()
        self._path = self._folder / f"{edition}.json" if edition else None

    def read(self) -> dict[str, Typed]:
        """Return what was typed and not saved, by the name of the text; nothing where there is no copy."""
        if self._path is None or not self._path.is_file():
            return {}
        try:
            found = json.loads(self._path.read_text(encoding="utf-8"))
            return {str(name): Typed(str(each["text"]), str(each["base"])) for name, each in found.items()}
        except (ValueError, TypeError, KeyError, AttributeError):
            return {}

    def keep(self, typed: Mapping[str, Typed]) -> None:
        """Copy what is typed, at most once a second."""
        if self._path is None:
            return
        with self._lock:
            self._waiting = (self._path, dict(typed))
            if self._timer is None:
                self._timer = threading.Timer(PAUSE, self.flush)
                self._timer.daemon = True
                self._timer.start()

    def flush(self) -> None:
        """Write what waits to be copied."""
        with self._lock:
            waiting, self._waiting = self._waiting, None
            timer, self._timer = self._timer, None
        if timer is not None:
            timer.cancel()
        if waiting is None:
            return
        path, typed = waiting
        if typed:
            write_whole(
                path,
                json.dumps({name: asdict(each) for name, each in typed.items()}, ensure_ascii=False).encode(
                    "utf-8", "replace"
                ),
            )
        else:
            path.unlink(missing_ok=True)
