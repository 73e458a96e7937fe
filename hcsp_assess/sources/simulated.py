"""Mark a folder's records as simulated, with a file that every reader checks."""

from collections.abc import Iterable
from pathlib import Path
from typing import Final

from hcsp_assess.errors import InputError

MARK: Final = "SIMULATED.toml"


#: The folder of a project above which no mark is looked for.
TOP: Final = "raw"


def is_simulated(folder: Path) -> bool:
    """Return whether a folder carries the mark, in capitals or not."""
    return folder.is_dir() and any(path.name.casefold() == MARK.casefold() for path in folder.iterdir())


def is_marked(path: Path) -> bool:
    """Return whether a file or folder is simulated: a folder that it is in, up to `data/raw`, carries the mark."""
    above = list(path.absolute().parents)
    names = [folder.name for folder in above]
    within = above[: names.index(TOP) + 1] if TOP in names else above[:1]
    return any(map(is_simulated, (path, *within)))


def require_real(folders: Iterable[Path]) -> None:
    """Raise `InputError` where a folder of data that are never simulated, or one in it, carries the mark."""
    for folder in folders:
        inside = [path for path in folder.rglob("*") if path.is_file()] if folder.is_dir() else []
        if inside and (is_marked(folder) or any(path.name.casefold() == MARK.casefold() for path in inside)):
            raise InputError(
                f"{folder} is marked as simulated by {MARK}, and only street-level records and partners' returns may "
                "be simulated: move the folder away"
            )
