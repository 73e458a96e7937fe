"""Copies of what is typed and not saved: a page that is closed, or a kernel that ends, loses nothing."""

import json
import threading
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from hcsp_assess.files import write_whole

#: Seconds between two copies while a person types.
PAUSE = 1.0


class TypedCopies:
    """A file for each edition or area with what is typed for it and not saved.

    Parameters
    ----------
    folder : Path
        Where the files are.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._path: Path | None = None
        self._waiting: tuple[Path, dict[str, Any]] | None = None
        self._lock = threading.Lock()
        self._timer: threading.Timer | None = None

    def choose(self, key: str) -> None:
        """Follow another edition or area; what waits to be copied is copied first."""
        self.flush()
        self._path = self._folder / f"{key}.json" if key else None

    def read(self) -> dict[str, Any]:
        """Return what was typed and not saved, as it was given to `keep`; nothing where there is no copy."""
        if self._path is None or not self._path.is_file():
            return {}
        try:
            found = json.loads(self._path.read_text(encoding="utf-8"))
        except ValueError:
            return {}
        return found if isinstance(found, dict) else {}

    def keep(self, typed: Mapping[str, Any]) -> None:
        """Copy what is typed, at most once a second; without anything typed the copy is removed at once."""
        if self._path is None:
            return
        with self._lock:
            self._waiting = (self._path, dict(typed))
            if self._timer is None and typed:
                self._timer = threading.Timer(PAUSE, self.flush)
                self._timer.daemon = True
                self._timer.start()
        if not typed:
            self.flush()

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
            write_whole(path, json.dumps(typed, ensure_ascii=False).encode("utf-8", "replace"))
        else:
            path.unlink(missing_ok=True)


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


def copied_texts(found: Mapping[str, Any]) -> dict[str, Typed]:
    """Return the texts in a copy by name; a copy that is not one of texts has none."""
    try:
        return {str(name): Typed(str(each["text"]), str(each["base"])) for name, each in found.items()}
    except (TypeError, KeyError):
        return {}


def texts_to_copy(typed: Mapping[str, Typed]) -> dict[str, Any]:
    """Return texts as `copied_texts` reads them."""
    return {name: asdict(each) for name, each in typed.items()}


def text_of(found: Mapping[str, Any], name: str) -> str:
    """Return a text of a copy; "" where it has none of this name.

    Examples
    --------
    >>> text_of({"name": "Fly-tipping", "figures": {}}, "name"), text_of({"name": "Fly-tipping"}, "target")
    ('Fly-tipping', '')
    """
    value = found.get(name)
    return value if isinstance(value, str) else ""


def texts_of(found: Mapping[str, Any], name: str) -> dict[str, str]:
    """Return texts by key from a copy; none where it has none of this name."""
    value = found.get(name)
    return {str(key): text for key, text in value.items() if isinstance(text, str)} if isinstance(value, dict) else {}
