"""The `reports/` folder: each report is replaced in one step, and a few earlier ones are kept."""

import contextlib
import hashlib
import json
import os
import shutil
import tempfile
import time
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote

from hcsp_assess.files import write_whole
from hcsp_assess.report.pages import assemble_index, read_published

#: What an edition says of itself, beside its page: what was run on what, and when it was published.
RECORD = "run.json"
#: What the list of editions says about each.
DETAILS = ("title", "area", "period", "published")
#: The folder of pages over all areas, one in a folder for each edition.
OVERVIEWS = "all"
#: How many earlier runs stay beside the published one, so that a page already open keeps its downloads.
KEPT_RUNS = 2
#: Beginning of the name of a folder that is not whole: being written, or being removed.
UNFINISHED = ".new-"
#: Seconds after which a file or folder that is not whole is taken for one that a killed run left.
LEFT_BEHIND_SECONDS = 3600


def publish(
    folder: Path, page: bytes, downloads: Mapping[str, bytes], beside: Mapping[str, bytes] | None = None
) -> Path:
    """Publish a report: first its downloads, under their own name, then the page, in one step.

    Parameters
    ----------
    folder : Path
        The edition's folder in `reports/`.
    page : bytes
        The report. It links to its downloads through ``run_folder(downloads)``.
    downloads : mapping of str to bytes
        Files that go with it, by name.
    beside : mapping of str to bytes, optional
        Files that differ each time, as those that hold the time, by path from `folder`. Each is in a folder that is
        named after what the file shows, so that no page leads to the file of another.

    Returns
    -------
    Path
        The published page, ``index.html`` in the folder.
    """
    target = folder / run_folder(downloads)
    if not target.exists():
        staging = Path(tempfile.mkdtemp(dir=_made(target.parent), prefix=UNFINISHED))
        try:
            for name, content in downloads.items():
                write_whole(staging / name, content)
            staging.chmod(0o755)
            staging.rename(target)
        except BaseException:
            shutil.rmtree(staging, ignore_errors=True)
            raise
    for name, content in (beside or {}).items():
        write_whole(folder / name, content)
    write_whole(folder / "index.html", page)
    for current in (target, *((folder / name).parent for name in beside or {})):
        _remove_old_runs(current)
    return folder / "index.html"


def run_folder(downloads: Mapping[str, bytes]) -> str:
    """Name of the folder that holds the downloads, from their content: the same content has the same name."""
    digest = hashlib.sha256()
    for name in sorted(downloads):
        digest.update(name.encode() + b"\0" + hashlib.sha256(downloads[name]).digest())
    return f"files/{digest.hexdigest()[:12]}"


def _made(folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def remove_leftovers(folder: Path) -> None:
    """Remove what killed runs left half-written in a folder and below, once it is an hour old."""
    before = time.time() - LEFT_BEHIND_SECONDS
    for place, folders, files in os.walk(folder):  # which passes over what another process removes meanwhile
        for name in (*folders, *files):
            if name.startswith(UNFINISHED) or (name.startswith(".") and name.endswith(".part")):
                path = Path(place, name)
                with contextlib.suppress(FileNotFoundError):
                    if path.stat().st_mtime < before:
                        _remove(path)


def _remove_old_runs(current: Path) -> None:
    """Keep the newest earlier runs; remove the rest, and what a killed run left behind.

    A folder loses its name before its files: one half removed, by a run that was killed then, must not pass for whole.
    """
    folders = [path for path in current.parent.iterdir() if path != current and path.is_dir()]
    for path in (*current.parent.glob(f"{UNFINISHED}*"), *current.parent.parent.rglob(".*.part")):
        _remove(path)
    runs = [path for path in folders if not path.name.startswith(UNFINISHED)]
    for path in sorted(runs, key=lambda path: path.stat().st_mtime, reverse=True)[KEPT_RUNS:]:
        with contextlib.suppress(PermissionError):  # on Windows, while somebody reads one of its files: the next time
            _remove(path.rename(path.with_name(f"{UNFINISHED}{path.name}")))


def forget_earlier(folder: Path, current: Collection[str]) -> None:
    """Remove what earlier runs left beside a page, except the folders named, by path from the page's folder.

    For a page that published what it should not have: an earlier run's downloads would otherwise stay for two runs.
    """
    kept = {folder / name for name in current}
    for run in (path for group in folder.iterdir() if group.is_dir() for path in group.iterdir()):
        if run.is_dir() and run not in kept:
            _remove(run)


def _remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)


def write_index(reports: Path) -> None:
    """Write the page that lists the published editions, from each edition's details, and pages over all areas."""
    pages = sorted(reports.glob("*/index.html"), reverse=True)
    found = [_published(page) | {"key": page.parent.name} for page in pages]
    overviews = sorted(page.parent.name for page in reports.glob(f"{OVERVIEWS}/*/index.html"))
    links = [(name, f"{OVERVIEWS}/{quote(name)}/index.html") for name in overviews]
    write_whole(reports / "index.html", assemble_index(found, links).encode("utf-8"))


def _published(page: Path) -> dict[str, Any]:
    """An edition's details, from the file beside its page, or from the page if the file is missing or incomplete.

    Of a report of which neither can be read, that it is there: one such report stops no other from being listed.
    """
    for read in (_beside, lambda page: read_published(page.read_text(encoding="utf-8"))):
        with contextlib.suppress(OSError, ValueError, AttributeError, RecursionError):
            record = read(page)
            if isinstance(record, dict) and all(isinstance(record.get(name), str) for name in DETAILS):
                return {"simulated": False} | record
    return {"title": page.parent.name, "simulated": False} | dict.fromkeys(DETAILS[1:], "not known")


def _beside(page: Path) -> Any:
    return json.loads((page.parent / RECORD).read_bytes())
