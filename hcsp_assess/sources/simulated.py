"""Mark a folder's records as simulated, with a file that every reader checks."""

from pathlib import Path
from typing import Final

MARK: Final = "SIMULATED.toml"


def is_simulated(folder: Path) -> bool:
    """Return whether a folder carries the mark."""
    return (folder / MARK).is_file()
