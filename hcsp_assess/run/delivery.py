"""Put published reports where others can read them: a folder, or a store that fsspec knows, such as `s3://bucket/path`."""

import posixpath
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import fsspec

from hcsp_assess.errors import InputError, UsageError
from hcsp_assess.files import printable

PAGE: Final = "index.html"
PROBE: Final = ".hcsp-assess-can-be-written"
#: Folders of a report whose own folders are named after what they hold: what is there already is the same.
BY_CONTENT: Final = ("files", "pdf", "word", "briefing")


def deliver(folder: Path, url: str, name: str) -> str:
    """Copy a published report, each file whole and the page last, and remove what the page no longer leads to.

    Parameters
    ----------
    folder : Path
        The report, or another folder with an `index.html`.
    url : str
        The place for all reports: a folder, or an address that fsspec knows.
    name : str
        Name of the report's folder there, such as "2025@shropshire".

    Returns
    -------
    str
        The address of the page.

    Raises
    ------
    InputError
        If the place cannot be written; what was there of the report still works, since its page is replaced last.
    """
    with _errors(url):
        store, root = _open(url)
        target = posixpath.join(root, name)
        before = set(store.find(target)) if store.exists(target) else set()
        files = sorted((path for path in folder.rglob("*") if path.is_file()), key=lambda path: path == folder / PAGE)
        wanted = {posixpath.join(target, printable(path.relative_to(folder))): path for path in files}
        for place, path in wanted.items():
            known = place in before and path.relative_to(folder).parts[0] in BY_CONTENT
            if not (known and store.size(place) == path.stat().st_size):
                _put(store, place, path.read_bytes())
        for place in before - wanted.keys():
            store.rm_file(place)
    return posixpath.join(url.rstrip("/"), name, PAGE)


def deliver_file(path: Path, url: str, name: str) -> None:
    """Copy one file, whole; raises as `deliver`."""
    with _errors(url):
        store, root = _open(url)
        _put(store, posixpath.join(root, name), path.read_bytes())


def require_place(url: str) -> None:
    """Try whether reports can be put at an address, before any work is done.

    Raises
    ------
    UsageError
        If fsspec does not know such an address, a package for it is missing, or it cannot be written.
    """
    try:
        with _errors(url):
            store, root = _open(url)
            _put(store, posixpath.join(root, PROBE), b"")
            store.rm_file(posixpath.join(root, PROBE))
    except InputError as error:
        raise UsageError(f"--output: {error}") from error


def _open(url: str) -> tuple[Any, str]:
    """A store of its own, since a transaction must not be another thread's, and the path in it."""
    protocol, _ = fsspec.core.split_protocol(url)
    store = fsspec.filesystem(protocol or "file", skip_instance_cache=True)
    return store, str(store._strip_protocol(url))


def _put(store: Any, place: str, content: bytes) -> None:
    """Write a file whole: under another name and then renamed, or what takes the place of that in the store."""
    store.makedirs(posixpath.dirname(place), exist_ok=True)
    with store.transaction, store.open(place, "wb") as file:
        file.write(content)


@contextmanager
def _errors(url: str) -> Iterator[None]:
    try:
        yield
    except ImportError as error:
        raise InputError(f"reports cannot be put at {url}: {error}") from error
    except Exception as error:  # each store has errors of its own
        raise InputError(
            f"reports cannot be put at {url}: {error or type(error).__name__}. Check the address, and who may write "
            "there"
        ) from error
