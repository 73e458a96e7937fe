"""The folder of restricted editions, outside `reports/`: closed to other accounts, and kept out of git."""

import logging
import os
import shutil
from pathlib import Path
from typing import Final

from hcsp_assess.errors import InputError
from hcsp_assess.files import write_whole
from hcsp_assess.project import Project

#: Where earlier versions put restricted editions: inside the folder that is published.
FORMER: Final = "restricted"
_ONLY_MINE: Final = 0o700
_LOG = logging.getLogger(__name__)


def restricted_folder(project: Project) -> Path:
    """Return the folder of restricted editions, made if need be; only its owner can open it, and git ignores it.

    Raises
    ------
    InputError
        If it is a link into `reports/`, or `reports/` is a link into it: it would be published with the public pages.
    """
    folder = project.restricted
    if folder.resolve().is_relative_to(project.reports.resolve()) or project.reports.resolve().is_relative_to(
        folder.resolve()
    ):
        raise InputError(
            f"{folder} and {project.reports} are in one another: restricted editions would be published with the "
            "public ones. Put them in separate folders"
        )
    folder.mkdir(parents=True, exist_ok=True)
    if os.name == "posix" and folder.stat().st_mode & 0o777 != _ONLY_MINE:
        folder.chmod(_ONLY_MINE)
    ignored = folder / ".gitignore"
    if not ignored.exists():
        write_whole(ignored, b"# Restricted editions and the key of public checksums are never committed.\n*\n")
    return folder


def move_restricted(project: Project) -> tuple[Path, ...]:
    """Move restricted editions that an earlier version put in `reports/restricted/`; return where they are now.

    A restricted edition that is already in the new folder stays as it is: the one from the former place is then put
    beside it as ``EDITION (moved)``. An edition that is itself called "restricted" is left alone.
    """
    former = project.reports / FORMER
    if not former.is_dir() or (former / "index.html").exists():
        return ()
    found = sorted(path for path in former.iterdir() if path.is_dir() and not path.name.startswith("."))
    folder = restricted_folder(project) if found else project.restricted
    moved = tuple(_move(path, folder) for path in found)
    _remove_empty(former)
    if moved:
        _LOG.warning(
            "moved %d restricted editions from %s to %s, which is outside the folder that you publish",
            len(moved), former, folder,
        )  # fmt: skip
    return moved


def _move(path: Path, folder: Path) -> Path:
    names = [path.name, f"{path.name} (moved)", *(f"{path.name} (moved {number})" for number in range(2, 1000))]
    target = next(folder / name for name in names if not (folder / name).exists())
    return Path(shutil.move(path, target))


def _remove_empty(former: Path) -> None:
    """Remove the former folder, or the link to it, once it is empty."""
    if former.is_symlink():
        former.unlink()
    elif not any(former.iterdir()):
        former.rmdir()
